//! The man page and the completions of shells, made from the command line.
//!
//! `KVD_BLESS=1 cargo test -p kvd` writes them anew.

#![expect(clippy::disallowed_methods, reason = "a switch comes from the environment")]

use std::path::Path;

use clap_complete::Shell;

use crate::command::{Parameters, command};

/// The longest line of help that a person should meet.
const COLUMNS: usize = 80;

#[test]
fn the_completions_know_every_parameter() {
    for (shell, file) in [(Shell::Bash, "kvd.bash"), (Shell::Zsh, "_kvd"), (Shell::Fish, "kvd.fish")] {
        let mut text = Vec::new();
        clap_complete::generate(shell, &mut command(Parameters::All), "kvd", &mut text);
        agrees(&format!("dist/completions/{file}"), &without_spaces_at_ends(&text));
    }
}

#[test]
fn the_man_page_lists_every_parameter() {
    let mut text = Vec::new();
    let page = clap_mangen::Man::new(command(Parameters::All)).manual("kvd").section("1");
    page.render(&mut text).expect("memory takes everything");
    agrees("dist/man/kvd.1", &without_spaces_at_ends(&text));
}

#[test]
fn the_command_line_is_sound() {
    command(Parameters::All).debug_assert();
    command(Parameters::Usual).debug_assert();
}

#[test]
fn help_fits_in_eighty_columns() {
    let help = command(Parameters::Usual).render_help().to_string();
    let wide: Vec<_> = help.lines().filter(|line| line.len() > COLUMNS).collect();
    assert!(wide.is_empty(), "{}", wide.join("\n"));
}

fn without_spaces_at_ends(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    text.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

fn agrees(name: &str, page: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(name);
    if std::env::var_os("KVD_BLESS").is_some() {
        let folder = path.parent().expect("a file has a folder");
        std::fs::create_dir_all(folder).expect("the folder can be made");
        std::fs::write(&path, page).expect("the file can be written");
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == page, "{name} is out of date: KVD_BLESS=1 cargo test -p kvd");
}
