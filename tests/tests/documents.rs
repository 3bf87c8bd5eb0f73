//! Documents that are made from the code agree with it.
//!
//! `KVD_BLESS=1 cargo test -p kvd-tests --test documents` writes them anew.

#![expect(clippy::disallowed_methods, reason = "a switch comes from the environment")]

use std::path::Path;

#[test]
fn the_list_of_commands_says_what_is_built() {
    let handlers = commands::handlers();
    let page = catalog::commands_markdown(|command| handlers.find(command).is_some());
    agrees("docs/commands.md", &page);
}

fn agrees(name: &str, page: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name);
    if std::env::var_os("KVD_BLESS").is_some() {
        std::fs::write(&path, page).expect("the document can be written");
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == page, "{name} is out of date: KVD_BLESS=1 cargo test -p kvd-tests --test documents");
}
