//! The man pages and the completions of shells, made from the command line.
//!
//! `KVD_BLESS=1 cargo test -p kvd-check` writes them anew.

#![expect(clippy::disallowed_methods, reason = "a switch comes from the environment")]

use std::path::Path;

use clap::{Command, CommandFactory};
use clap_complete::Shell;

use crate::command_line::Arguments;

#[test]
fn the_command_line_is_sound() {
    Arguments::command().debug_assert();
}

#[test]
fn the_completions_know_every_option() {
    let names =
        [(Shell::Bash, "kvd-check.bash"), (Shell::Zsh, "_kvd-check"), (Shell::Fish, "kvd-check.fish")];
    for (shell, file) in names {
        let mut text = Vec::new();
        clap_complete::generate(shell, &mut Arguments::command(), "kvd-check", &mut text);
        agrees(&format!("dist/completions/{file}"), &without_spaces_at_ends(&text));
    }
}

#[test]
fn each_command_has_a_man_page() {
    let mut whole = Arguments::command().disable_help_subcommand(true);
    whole.build();
    agrees("dist/man/kvd-check.1", &page(whole.clone()));
    for command in whole.get_subcommands() {
        let name = format!("kvd-check-{}", command.get_name());
        agrees(&format!("dist/man/{name}.1"), &page(command.clone()));
    }
}

fn page(command: Command) -> String {
    let mut text = Vec::new();
    let page = clap_mangen::Man::new(command.version(env!("CARGO_PKG_VERSION")))
        .manual("kvd")
        .section("1")
        .source(concat!("kvd ", env!("CARGO_PKG_VERSION")));
    page.render(&mut text).expect("memory takes everything");
    without_spaces_at_ends(&text)
}

fn without_spaces_at_ends(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    text.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

fn agrees(name: &str, page: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(name);
    if std::env::var_os("KVD_BLESS").is_some() {
        std::fs::write(&path, page).expect("the file can be written");
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == page, "{name} is out of date: KVD_BLESS=1 cargo test -p kvd-check");
}
