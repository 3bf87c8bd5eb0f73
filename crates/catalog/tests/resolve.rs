//! From words to a command or an error, with error texts recorded from Redis 8.2 and Valkey 9.1, which agree.

use kvd_catalog::{COMMANDS, LookupError, command, find, id, lookup, resolve, subcommand};
use proptest::prelude::*;

fn text(words: &[&str]) -> String {
    resolve(words).expect_err("not a request").to_string()
}

#[test]
fn errors_are_worded_as_by_the_peers() {
    let (many_f, many_a) = ("f".repeat(200), "a".repeat(200));
    let (f, a) = (&many_f[..128], &many_a[..128]);
    let cases: &[(&[&str], String)] = &[
        (&["foo", "a", "b"], "unknown command 'foo', with args beginning with: 'a' 'b' ".into()),
        (&["foo"], "unknown command 'foo', with args beginning with: ".into()),
        (&[""], "unknown command '', with args beginning with: ".into()),
        (&["", "a"], "unknown command '', with args beginning with: 'a' ".into()),
        (&["get ", "a"], "unknown command 'get ', with args beginning with: 'a' ".into()),
        (&[&many_f, "a", "b"], format!("unknown command '{f}', with args beginning with: 'a' 'b' ")),
        (&["foo", &many_a, "b", "c"], format!("unknown command 'foo', with args beginning with: '{a}' ")),
        (
            &["foo", &many_a[..100], &many_f[..100], "c"],
            format!("unknown command 'foo', with args beginning with: '{}' '{}' ", &a[..100], &f[..25]),
        ),
        (
            &["foo", &many_a[..60], &many_f[..60], "c", "d"],
            format!("unknown command 'foo', with args beginning with: '{}' '{}' 'c' ", &a[..60], &f[..60]),
        ),
        (&["foo", "a\r\nb", "c\nd"], "unknown command 'foo', with args beginning with: 'a  b' 'c d' ".into()),
        (&["fo'o", "x'y"], "unknown command 'fo'o', with args beginning with: 'x'y' ".into()),
        (&["a\0b", "c\0d"], "unknown command 'a', with args beginning with: 'c' ".into()),
        (
            &["config|get", "maxmemory"],
            "unknown command 'config|get', with args beginning with: 'maxmemory' ".into(),
        ),
        (&["GeT"], "wrong number of arguments for 'get' command".into()),
        (&["get", "a", "b"], "wrong number of arguments for 'get' command".into()),
        (&["config"], "wrong number of arguments for 'config' command".into()),
        (&["xgroup"], "wrong number of arguments for 'xgroup' command".into()),
        (&["CoNfig", "GET"], "wrong number of arguments for 'config|get' command".into()),
        (&["config", "resetstat", "x"], "wrong number of arguments for 'config|resetstat' command".into()),
        (&["CoNfig", "foo"], "unknown subcommand 'foo'. Try CONFIG HELP.".into()),
        (&["command", "FOO"], "unknown subcommand 'FOO'. Try COMMAND HELP.".into()),
        (&["config", &many_f], format!("unknown subcommand '{f}'. Try CONFIG HELP.")),
        (&["config", "f\r\n'"], "unknown subcommand 'f  ''. Try CONFIG HELP.".into()),
        (&["config", "c\0d"], "unknown subcommand 'c'. Try CONFIG HELP.".into()),
        (&["config", ""], "unknown subcommand ''. Try CONFIG HELP.".into()),
    ];
    for (words, expected) in cases {
        assert_eq!(text(words), *expected, "{words:?}");
    }
}

#[test]
fn errors_keep_bytes_that_are_not_text() {
    let error = resolve(&[&b"\xFF\xFE"[..], b"\xFD"]).expect_err("no command");
    assert_eq!(error.text(), b"unknown command '\xFF\xFE', with args beginning with: '\xFD' ");
    assert_eq!(
        error.to_string(),
        "unknown command '\u{FFFD}\u{FFFD}', with args beginning with: '\u{FFFD}' "
    );
}

#[test]
fn no_words_are_no_command() {
    let none: [&str; 0] = [];
    assert!(matches!(resolve(&none), Err(LookupError::UnknownCommand { .. })));
}

#[test]
fn requests_resolve_to_their_subcommand() {
    assert_eq!(resolve(&["gEt", "k"]), Ok(id::GET));
    assert_eq!(resolve(&["CONFIG", "gEt", "*"]), Ok(id::CONFIG_GET));
    assert_eq!(resolve(&["command"]), Ok(id::COMMAND));
    assert_eq!(resolve(&["command", "count"]), Ok(id::COMMAND_COUNT));
    assert_eq!(resolve(&["cluster", "count-failure-reports", "x"]), Ok(id::CLUSTER_COUNT_FAILURE_REPORTS));
    assert_eq!(resolve(&["GEORADIUSBYMEMBER_RO", "k", "m", "1", "km"]), Ok(id::GEORADIUSBYMEMBER_RO));
}

#[test]
fn long_names_must_match_in_the_middle_too() {
    assert_eq!(lookup(b"georadiusbymember_ro"), Some(id::GEORADIUSBYMEMBER_RO));
    assert_eq!(lookup(b"georadiusXymember_ro"), None);
}

#[test]
fn signs_are_not_taken_for_each_other() {
    // '@' and '`', '[' and '{' differ by the bit that tells capital letters from small ones.
    assert_eq!(lookup(b"restore-asking"), Some(id::RESTORE_ASKING));
    assert_eq!(lookup(b"restore\x0Dasking"), None);
    assert_eq!(lookup(b"sort_ro"), Some(id::SORT_RO));
    assert_eq!(lookup(b"sort\x7Fro"), None);
    assert_eq!(lookup(b"sort\xDFro"), None);
    assert_eq!(lookup(b"get\0"), None);
}

/// The plain way to do the same.
fn lookup_by_comparing(name: &[u8]) -> Option<kvd_catalog::CommandId> {
    COMMANDS
        .iter()
        .find(|command| command.container.is_none() && command.name.as_bytes().eq_ignore_ascii_case(name))
        .map(|command| command.id)
}

/// Names of the table in mixed case, some with one byte changed, cut off or added.
fn nearly_a_name() -> impl Strategy<Value = Vec<u8>> {
    let name = (0..COMMANDS.len()).prop_map(|index| COMMANDS[index].name.as_bytes().to_vec());
    (name, any::<u64>(), 0..6u8, any::<u8>()).prop_map(|(mut name, bits, change, byte)| {
        for (index, letter) in name.iter_mut().enumerate() {
            if bits >> (index % 64) & 1 == 1 {
                letter.make_ascii_uppercase();
            }
        }
        let place = bits as usize % name.len();
        match change {
            0 => name[place] = byte,
            1 => name.truncate(place),
            2 => name.insert(place, byte),
            3 => name[place] ^= 0x20,
            _ => {}
        }
        name
    })
}

proptest! {
    #[test]
    fn lookup_finds_what_comparing_finds(name in nearly_a_name()) {
        prop_assert_eq!(lookup(&name), lookup_by_comparing(&name));
    }

    #[test]
    fn lookup_takes_any_bytes(name in prop::collection::vec(any::<u8>(), 0..40)) {
        prop_assert_eq!(lookup(&name), lookup_by_comparing(&name));
    }

    #[test]
    fn find_knows_full_names_only(name in nearly_a_name()) {
        let known = COMMANDS.iter().find(|command| command.name.as_bytes().eq_ignore_ascii_case(&name));
        prop_assert_eq!(find(&name), known.map(|command| command.id));
    }

    #[test]
    fn keys_are_words_of_the_request(
        index in 0..COMMANDS.len(),
        rest in prop::collection::vec(
            prop_oneof![
                Just("store"), Just("STREAMS"), Just("keys"), Just("get"), Just("1"), Just("2"), Just(""),
                Just("99999999999999999999"), Just("-1"), Just("overflow"), Just("auth2"), Just("x"),
            ],
            0..12,
        ),
    ) {
        let command = &COMMANDS[index];
        let mut words: Vec<&str> = command.name.split('|').collect();
        words.extend(rest);
        for found in [kvd_catalog::keys(command.id, &words), kvd_catalog::requested_keys(&words)] {
            prop_assert!(found.into_iter().flatten().all(|key| key.position > 0 && key.position < words.len()));
        }
    }
}

#[test]
fn subcommands_are_found_in_their_container_only() {
    assert_eq!(subcommand(id::CONFIG, b"GET"), Some(id::CONFIG_GET));
    assert_eq!(subcommand(id::CONFIG, b"kill"), None);
    assert_eq!(subcommand(id::GET, b"get"), None);
    for command in COMMANDS {
        let container = command.container.map(self::command);
        assert_eq!(
            command.container.and_then(|container| subcommand(container, command.short_name().as_bytes())),
            container.map(|_| command.id)
        );
    }
}
