//! The list of commands as a page of the documentation.

use std::fmt::Write;

use crate::{COMMANDS, Command, CommandId, Group, Origin};

const HEAD: &str = "\
# Commands

kvd knows every command of Redis 8.2 and Valkey 9.1, and some later ones. A version without a name is one of Redis, before 7.3 also
of Valkey. This page is generated from the catalog: edit `crates/catalog/src/table/` instead.
";

/// The page `docs/commands.md`: each group's commands with their summary and age, and whether they work.
pub fn commands_markdown(is_built: impl Fn(CommandId) -> bool) -> String {
    let built = COMMANDS.iter().filter(|command| is_working(command, &is_built)).count();
    let mut page = HEAD.to_owned();
    push(&mut page, format_args!("\n{built} of {} commands and subcommands work.\n", COMMANDS.len()));
    for group in Group::ALL {
        push(
            &mut page,
            format_args!("\n## {}\n\n| command | | since | |\n| --- | --- | --- | --- |\n", group.title()),
        );
        for command in COMMANDS.iter().filter(|command| command.group == group) {
            let state = if is_working(command, &is_built) { "works" } else { "not yet" };
            row(&mut page, command, state);
        }
    }
    page
}

/// A container does nothing of its own; it works when any of its subcommands does.
fn is_working(command: &Command, is_built: &impl Fn(CommandId) -> bool) -> bool {
    is_built(command.id) || command.subcommands.iter().any(|&id| is_built(id))
}

fn row(page: &mut String, command: &Command, state: &str) {
    let name = command.name.to_ascii_uppercase().replace('|', " ");
    let server = match command.origin {
        Origin::Shared => "",
        Origin::Redis => "Redis ",
        Origin::Valkey => "Valkey ",
    };
    let note = match command.deprecated {
        Some(deprecation) => format!(". Better: {}", deprecation.replaced_by),
        None => String::new(),
    };
    let (summary, since) = (command.summary, command.since);
    push(page, format_args!("| `{name}` | {summary}{note} | {server}{since} | {state} |\n"));
}

fn push(page: &mut String, text: std::fmt::Arguments<'_>) {
    page.write_fmt(text).expect("a String takes everything");
}
