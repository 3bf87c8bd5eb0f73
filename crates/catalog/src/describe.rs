//! The replies of COMMAND INFO, COMMAND DOCS and COMMAND LIST, told to a sink that knows the protocol.

use crate::key_spec::LegacyRange;
use crate::{Argument, BeginSearch, COMMANDS, Categories, Command, FindKeys, KeySpec, command};

/// Takes a reply, element by element.
///
/// An aggregate is followed by its elements, of a map in turn key and value. What a sink does with the kinds
/// that its protocol lacks is its own affair; RESP2 has arrays for maps and sets.
pub trait Sink {
    /// An array of so many elements follows.
    fn array(&mut self, length: usize);
    /// A map of so many pairs follows.
    fn map(&mut self, length: usize);
    /// A set of so many elements follows.
    fn set(&mut self, length: usize);
    /// A bulk string.
    fn bulk(&mut self, text: &str);
    /// A simple string.
    fn simple(&mut self, text: &str);
    /// An integer.
    fn integer(&mut self, number: i64);
}

/// Tells a command's element of COMMAND and COMMAND INFO, with its subcommands.
pub fn info(command: &Command, sink: &mut impl Sink) {
    let legacy = LegacyRange::of(command.key_specs);
    sink.array(10);
    sink.bulk(command.name);
    sink.integer(command.arity.into());
    simple_set(command.flags.names(), sink);
    for number in [legacy.first, legacy.last, legacy.step] {
        sink.integer(number.into());
    }
    sink.set(command.categories.names().count());
    for category in command.categories.names() {
        sink.simple(&["@", category].concat());
    }
    sink.set(command.tips.len());
    for tip in command.tips {
        sink.bulk(tip);
    }
    sink.set(command.key_specs.len());
    for spec in command.key_specs {
        key_spec(spec, sink);
    }
    sink.array(command.subcommands.len());
    for &id in command.subcommands {
        info(crate::command(id), sink);
    }
}

fn simple_set<'n>(names: impl Iterator<Item = &'n str> + Clone, sink: &mut impl Sink) {
    sink.set(names.clone().count());
    names.for_each(|name| sink.simple(name));
}

fn key_spec(spec: &KeySpec, sink: &mut impl Sink) {
    sink.map(3 + usize::from(spec.note.is_some()));
    if let Some(note) = spec.note {
        sink.bulk("notes");
        sink.bulk(note);
    }
    sink.bulk("flags");
    simple_set(spec.flags.names(), sink);
    sink.bulk("begin_search");
    match spec.begin {
        BeginSearch::Index(index) => step("index", &[("index", index.into())], sink),
        BeginSearch::Keyword { word, from } => {
            step_kind("keyword", 2, sink);
            sink.bulk("keyword");
            sink.bulk(word);
            sink.bulk("startfrom");
            sink.integer(from.into());
        }
        BeginSearch::Unknown => step("unknown", &[], sink),
    }
    sink.bulk("find_keys");
    match spec.find {
        FindKeys::Range { last, step: every, limit } => {
            step(
                "range",
                &[("lastkey", last.into()), ("keystep", every.into()), ("limit", limit.into())],
                sink,
            );
        }
        FindKeys::KeyNum { number_at, first, step: every } => {
            let fields =
                [("keynumidx", number_at.into()), ("firstkey", first.into()), ("keystep", every.into())];
            step("keynum", &fields, sink);
        }
        FindKeys::Unknown => step("unknown", &[], sink),
    }
}

/// One of the two steps of a key spec.
fn step(kind: &str, fields: &[(&str, i64)], sink: &mut impl Sink) {
    step_kind(kind, fields.len(), sink);
    for (name, number) in fields {
        sink.bulk(name);
        sink.integer(*number);
    }
}

fn step_kind(kind: &str, fields: usize, sink: &mut impl Sink) {
    sink.map(2);
    sink.bulk("type");
    sink.bulk(kind);
    sink.bulk("spec");
    sink.map(fields);
}

/// Tells a command's map of COMMAND DOCS, with its subcommands. The name that goes before it is the caller's.
pub fn docs(command: &Command, sink: &mut impl Sink) {
    let fields = [
        ("summary", Some(command.summary)),
        ("since", Some(command.since)),
        ("group", Some(command.group.name())),
        ("complexity", Some(command.complexity)),
        ("module", command.module()),
    ];
    let texts = fields.iter().filter_map(|(name, text)| text.map(|text| (name, text)));
    let flags = doc_flags(command);
    let lists = [
        flags.is_empty(),
        command.history.is_empty(),
        command.arguments.is_empty(),
        command.subcommands.is_empty(),
    ];
    let deprecation = if command.deprecated.is_some() { 2 } else { 0 };
    sink.map(texts.clone().count() + deprecation + lists.iter().filter(|is_empty| !**is_empty).count());
    for (name, text) in texts {
        sink.bulk(name);
        sink.bulk(text);
    }
    if !flags.is_empty() {
        sink.bulk("doc_flags");
        simple_set(flags.iter().copied(), sink);
    }
    if let Some(deprecation) = command.deprecated {
        sink.bulk("deprecated_since");
        sink.bulk(deprecation.since);
        sink.bulk("replaced_by");
        sink.bulk(deprecation.replaced_by);
    }
    history(command, sink);
    if !command.arguments.is_empty() {
        sink.bulk("arguments");
        arguments(command.arguments, sink);
    }
    subcommand_docs(command, sink);
}

fn doc_flags(command: &Command) -> &'static [&'static str] {
    match (command.deprecated.is_some(), command.is_system) {
        (false, false) => &[],
        (true, false) => &["deprecated"],
        (false, true) => &["syscmd"],
        (true, true) => &["deprecated", "syscmd"],
    }
}

fn history(command: &Command, sink: &mut impl Sink) {
    if command.history.is_empty() {
        return;
    }
    sink.bulk("history");
    sink.set(command.history.len());
    for (version, change) in command.history {
        sink.array(2);
        sink.bulk(version);
        sink.bulk(change);
    }
}

fn subcommand_docs(container: &Command, sink: &mut impl Sink) {
    if container.subcommands.is_empty() {
        return;
    }
    sink.bulk("subcommands");
    sink.map(container.subcommands.len());
    for &id in container.subcommands {
        sink.bulk(command(id).name);
        docs(command(id), sink);
    }
}

// Recursion is bounded by the depth of the table.
fn arguments(arguments: &[Argument], sink: &mut impl Sink) {
    sink.array(arguments.len());
    for argument in arguments {
        let shown = argument.display_text.unwrap_or(argument.name);
        let before = [
            ("name", Some(argument.name)),
            ("type", Some(argument.kind.name())),
            ("display_text", (!argument.kind.is_container()).then_some(shown)),
        ];
        let after = [
            ("token", argument.token),
            ("since", argument.since),
            ("deprecated_since", argument.deprecated_since),
        ];
        let given = before.iter().chain(&after).filter(|(_, text)| text.is_some()).count();
        let lists = [argument.key_spec.is_some(), !argument.flags.is_empty(), !argument.arguments.is_empty()];
        sink.map(given + lists.iter().filter(|is_given| **is_given).count());
        texts(&before, sink);
        if let Some(spec) = argument.key_spec {
            sink.bulk("key_spec_index");
            sink.integer(spec.into());
        }
        texts(&after, sink);
        if !argument.flags.is_empty() {
            sink.bulk("flags");
            simple_set(argument.flags.names(), sink);
        }
        if !argument.arguments.is_empty() {
            sink.bulk("arguments");
            self::arguments(argument.arguments, sink);
        }
    }
}

fn texts(fields: &[(&str, Option<&str>)], sink: &mut impl Sink) {
    for (name, text) in fields {
        if let Some(text) = text {
            sink.bulk(name);
            sink.bulk(text);
        }
    }
}

/// The commands without their subcommands: what COMMAND describes and COMMAND COUNT counts.
pub fn top_level() -> impl Iterator<Item = &'static Command> + Clone {
    COMMANDS.iter().filter(|command| !command.is_subcommand())
}

/// COMMAND LIST FILTERBY ACLCAT: commands and subcommands of a category, none if there is no such category.
pub fn in_category(name: &[u8]) -> impl Iterator<Item = &'static Command> + Clone {
    let category = Categories::by_name(name).unwrap_or_default();
    COMMANDS.iter().filter(move |command| command.categories.intersects(category))
}

/// COMMAND LIST FILTERBY MODULE: the commands that a module has in Redis.
pub fn in_module(name: &[u8]) -> impl Iterator<Item = &'static Command> + Clone {
    COMMANDS.iter().filter(move |command| command.module().is_some_and(|module| module.as_bytes() == name))
}

/// COMMAND LIST FILTERBY PATTERN: the commands and subcommands with names that `matches` accepts.
pub fn matching(mut matches: impl FnMut(&str) -> bool) -> impl Iterator<Item = &'static Command> {
    COMMANDS.iter().filter(move |command| matches(command.name))
}
