//! The table against what the peers say of themselves, recorded in `golden/commands.json`: the values of
//! Redis 8.2, and under `valkey91` those that Valkey 9.1 has instead.

use std::collections::BTreeSet;

use kvd_catalog::{
    Argument, ArgumentFlags, BeginSearch, COMMANDS, COUNT, Categories, Command, FindKeys, Flags, Group,
    KeyFlags, KeySpec, Origin, command, find, id,
};
use serde_json::{Map, Value, json};

/// Whose syntax has more than the other's.
const ARGUMENTS_OF_VALKEY: [&str; 11] = [
    "bgsave",
    "bitcount",
    "client|kill",
    "client|list",
    "cluster|replicate",
    "cluster|setslot",
    "geosearch",
    "geosearchstore",
    "script|debug",
    "shutdown",
    "zscan",
];
const ARGUMENTS_OF_BOTH: [&str; 2] = ["hsetex", "set"];
const ARITY_OF_VALKEY: [&str; 2] = ["cluster|replicate", "script|debug"];

/// Commands of later versions, which no peer at hand can be asked about.
const LATER: [&str; 6] =
    ["hotkeys", "hotkeys|get", "hotkeys|help", "hotkeys|reset", "hotkeys|start", "hotkeys|stop"];
const KEYS_OF_VALKEY: [&str; 2] = ["georadius", "georadiusbymember"];

fn golden() -> Map<String, Value> {
    match serde_json::from_str(include_str!("golden/commands.json")).expect("golden file is JSON") {
        Value::Object(commands) => commands,
        other => panic!("golden file is {other}"),
    }
}

/// The peers' value of a field: Redis's, or Valkey's for the commands listed.
fn expected<'g>(golden: &'g Value, field: &str, from_valkey: &[&str], name: &str) -> &'g Value {
    if from_valkey.contains(&name) { &golden["valkey91"][field] } else { &golden[field] }
}

fn words(value: &Value) -> BTreeSet<&str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

fn for_each(mut check: impl FnMut(&'static Command, &Value)) {
    for (name, golden) in golden() {
        let id = find(name.as_bytes()).unwrap_or_else(|| panic!("no {name}"));
        check(command(id), &golden);
    }
}

#[test]
fn has_the_commands_of_both_peers_and_few_others() {
    let golden = golden();
    let ours: BTreeSet<&str> = COMMANDS.iter().map(|command| command.name).collect();
    let known = golden.keys().map(String::as_str).chain(LATER);
    assert_eq!(ours, known.collect());
    assert_eq!(COUNT, 413 + LATER.len());
}

#[test]
fn has_the_peers_arity_group_and_age() {
    for_each(|command, golden| {
        let name = command.name;
        assert_eq!(json!(command.arity), *expected(golden, "arity", &ARITY_OF_VALKEY, name), "{name}");
        assert_eq!(golden["group"], command.group.name(), "{name}");
        if command.group != Group::VectorSet {
            assert_eq!(golden["since"], command.since, "{name}");
        }
        let origin = match words(&golden["in"]).len() {
            2 => Origin::Shared,
            _ if golden["in"][0] == "redis82" => Origin::Redis,
            _ => Origin::Valkey,
        };
        assert_eq!(command.origin, origin, "{name}");
    });
}

#[test]
fn has_every_flag_that_either_peer_has() {
    for_each(|command, golden| {
        let both: BTreeSet<&str> = &words(&golden["flags"]) | &words(&golden["valkey91"]["flags"]);
        assert_eq!(command.flags.names().collect::<BTreeSet<_>>(), both, "{}", command.name);
    });
}

#[test]
fn has_the_peers_categories() {
    for_each(|command, golden| {
        let ours: BTreeSet<String> = command.categories.names().map(|name| format!("@{name}")).collect();
        let ours: BTreeSet<&str> = ours.iter().map(String::as_str).collect();
        assert_eq!(ours, words(&golden["acl_categories"]), "{}", command.name);
    });
}

#[test]
fn has_the_peers_tips_and_documentation_flags() {
    for_each(|command, golden| {
        let name = command.name;
        assert_eq!(json!(command.tips), golden["tips"], "{name}");
        let flags = words(&golden["doc_flags"]);
        assert_eq!(command.deprecated.is_some(), flags.contains("deprecated"), "{name}");
        assert_eq!(command.is_system, flags.contains("syscmd"), "{name}");
        if let Some(deprecation) = command.deprecated {
            assert_eq!(golden["deprecated_since"], deprecation.since, "{name}");
            for word in words(&golden["replaced_by"]) {
                assert!(deprecation.replaced_by.contains(word.trim_start_matches('!')), "{name}: {word}");
            }
        }
        assert_eq!(golden["module"].as_str(), command.module(), "{name}");
    });
}

#[test]
fn tells_of_each_change_that_the_peers_tell_of() {
    for_each(|command, golden| {
        let peers = &words(&golden["changed_in"]) | &words(&golden["valkey91"]["changed_in"]);
        let ours: BTreeSet<&str> = command.history.iter().map(|(version, _)| *version).collect();
        assert_eq!(ours, peers, "{}", command.name);
    });
}

#[test]
fn has_the_peers_key_specs() {
    for_each(|command, golden| {
        let ours: Vec<Value> = command.key_specs.iter().map(key_spec).collect();
        let peers = expected(golden, "key_specs", &KEYS_OF_VALKEY, command.name);
        assert_eq!(json!(ours), *peers, "{}", command.name);
    });
}

fn key_spec(spec: &KeySpec) -> Value {
    let begin = match spec.begin {
        BeginSearch::Index(index) => json!({"type": "index", "spec": {"index": index}}),
        BeginSearch::Keyword { word, from } => {
            json!({"type": "keyword", "spec": {"keyword": word, "startfrom": from}})
        }
        BeginSearch::Unknown => json!({"type": "unknown", "spec": {}}),
    };
    let find = match spec.find {
        FindKeys::Range { last, step, limit } => {
            json!({"type": "range", "spec": {"lastkey": last, "keystep": step, "limit": limit}})
        }
        FindKeys::KeyNum { number_at, first, step } => {
            json!({"type": "keynum", "spec": {"keynumidx": number_at, "firstkey": first, "keystep": step}})
        }
        FindKeys::Unknown => json!({"type": "unknown", "spec": {}}),
    };
    let flags: BTreeSet<&str> = spec.flags.names().collect();
    json!({"begin_search": begin, "find_keys": find, "flags": flags})
}

#[test]
fn has_the_peers_syntax() {
    for_each(|command, golden| {
        let name = command.name;
        if ARGUMENTS_OF_BOTH.contains(&name) {
            let ours = tokens(&json!(command.arguments.iter().map(argument).collect::<Vec<_>>()));
            let peers = &tokens(&golden["arguments"]) | &tokens(&golden["valkey91"]["arguments"]);
            assert_eq!(ours, peers, "{name}");
        } else if command.group != Group::VectorSet {
            let ours: Vec<Value> = command.arguments.iter().map(argument).collect();
            let peers = expected(golden, "arguments", &ARGUMENTS_OF_VALKEY, name);
            assert_eq!(json!(ours), *peers, "{name}");
        }
    });
}

fn argument(argument: &Argument) -> Value {
    let mut fields = Map::new();
    fields.insert("name".into(), json!(argument.name));
    fields.insert("type".into(), json!(argument.kind.name()));
    let mut add = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            fields.insert(name.into(), value);
        }
    };
    add("token", argument.token.map(Value::from));
    add("key_spec_index", argument.key_spec.map(Value::from));
    add("since", argument.since.map(Value::from));
    add("deprecated_since", argument.deprecated_since.map(Value::from));
    add("display_text", argument.display_text.map(Value::from));
    let flags: BTreeSet<&str> = argument.flags.names().collect();
    add("flags", (!flags.is_empty()).then(|| json!(flags)));
    let nested: Vec<Value> = argument.arguments.iter().map(self::argument).collect();
    add("arguments", (!nested.is_empty()).then(|| json!(nested)));
    Value::Object(fields)
}

/// Every token and name of a syntax, whatever it is nested in.
fn tokens(arguments: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut rest: Vec<&Value> = arguments.as_array().into_iter().flatten().collect();
    while let Some(argument) = rest.pop() {
        match argument["token"].as_str() {
            Some(token) => found.insert(token.to_owned()),
            None if argument["arguments"].is_null() => found.insert(argument["name"].to_string()),
            None => false,
        };
        rest.extend(argument["arguments"].as_array().into_iter().flatten());
    }
    found
}

#[test]
fn containers_and_subcommands_know_each_other() {
    for command in COMMANDS {
        assert_eq!(command.container.is_some(), command.name.contains('|'), "{}", command.name);
        for &sub in command.subcommands {
            assert_eq!(kvd_catalog::command(sub).container, Some(command.id), "{}", command.name);
        }
        if let Some(container) = command.container {
            assert!(kvd_catalog::command(container).subcommands.contains(&command.id), "{}", command.name);
        }
    }
    assert_eq!(command(id::CONFIG_GET).name, "config|get");
    assert_eq!(command(id::RESTORE_ASKING).name, "restore-asking");
    assert_eq!(command(id::CLUSTER_COUNT_FAILURE_REPORTS).name, "cluster|count-failure-reports");
}

#[test]
fn every_entry_is_at_its_id_and_explains_itself() {
    for (index, command) in COMMANDS.iter().enumerate() {
        assert_eq!(command.id.index(), index);
        assert_eq!(find(command.name.to_uppercase().as_bytes()), Some(command.id));
        let summary = command.summary;
        assert!(
            summary.len() > 8 && summary.is_ascii() && !summary.ends_with('.'),
            "{}: {summary}",
            command.name
        );
        assert!(summary.starts_with(|first: char| first.is_ascii_uppercase()), "{}: {summary}", command.name);
        let is_container = !command.subcommands.is_empty() && command.arity == -2;
        assert_eq!(command.complexity == "What the subcommand costs", is_container, "{}", command.name);
    }
}

#[test]
fn sets_name_their_members() {
    assert_eq!(Flags::by_name(b"DenyOOM"), Some(Flags::DENYOOM));
    assert_eq!(Categories::by_name(b"scripting"), Some(Categories::SCRIPTING));
    assert_eq!(Categories::by_name(b"@read"), None);
    assert_eq!(KeyFlags::by_name(b"ow"), Some(KeyFlags::OW));
    assert_eq!(ArgumentFlags::all().names().collect::<Vec<_>>(), ["optional", "multiple", "multiple_token"]);
    assert_eq!(Categories::all().names().count(), 21);
}
