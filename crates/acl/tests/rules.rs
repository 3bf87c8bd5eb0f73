//! What is shown of a user makes the same user again, whatever rules it came from.

use kvd_acl::{ChannelDefault, Databases, Denied, User, Users, check, commands_in, may_read_all_keys};
use proptest::prelude::*;

const HERE: Databases = Databases { selected: 0, count: 16 };

fn user(rules: &[&str]) -> User {
    User::new(b"u", ChannelDefault::None).with_rules(rules, ChannelDefault::None).expect("rules are fine")
}

fn shown(user: &User) -> String {
    String::from_utf8(user.line()).expect("ASCII")
}

fn outcome(user: &User, request: &[&str]) -> Result<(), Denied> {
    check(user, catalog::resolve(request).expect("a request"), request, HERE)
}

/// Words that are rules, often enough about the same things.
fn rule() -> impl Strategy<Value = Vec<u8>> {
    let bytes = proptest::collection::vec(
        prop_oneof![
            Just(b'a'),
            Just(b'*'),
            Just(b'"'),
            Just(b'\''),
            Just(b'\\'),
            Just(b')'),
            Just(b'('),
            33..=255u8
        ],
        0..6,
    );
    let prefixed = |prefix: &'static str| {
        bytes.clone().prop_map(move |rest| [prefix.as_bytes(), &rest].concat()).boxed()
    };
    let any_command = (0..catalog::COUNT).prop_map(|index| catalog::COMMANDS[index].name);
    let command = prop_oneof![
        proptest::sample::select(vec![
            "get",
            "set",
            "config",
            "config|get",
            "select",
            "@read",
            "@write",
            "@all"
        ]),
        any_command,
    ];
    let command = (proptest::sample::select(vec!["+", "-"]), command)
        .prop_map(|(sign, name)| format!("{sign}{name}").into_bytes());
    let plain = proptest::sample::select(vec![
        "on",
        "off",
        "nopass",
        "resetpass",
        ">a",
        ">b",
        "allkeys",
        "resetkeys",
        "allchannels",
        "resetchannels",
        "reset",
        "clearselectors",
        "skip-sanitize-payload",
        "sanitize-payload",
        "db=0",
        "db=3,1",
        "alldbs",
        "resetdbs",
        "~*",
        "&*",
        "%R~*",
        "%W~*",
        "%RW~*",
        "",
    ]);
    prop_oneof![
        4 => command,
        2 => plain.prop_map(|word| word.as_bytes().to_vec()),
        1 => prefixed("~"),
        1 => prefixed("%R~"),
        1 => prefixed("%w~"),
        1 => prefixed("&"),
        1 => prefixed("+get|"),
    ]
}

/// Rules and selectors of rules; a selector quotes its rules.
fn rules() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let quote = |rule: &Vec<u8>| {
        let escaped: String = rule.iter().map(|byte| format!("\\x{byte:02x}")).collect();
        format!("\"{escaped}\"")
    };
    let selector = proptest::collection::vec(rule(), 0..5).prop_map(move |rules| {
        let rules: Vec<_> = rules.iter().map(quote).collect();
        format!("({})", rules.join(" ")).into_bytes()
    });
    proptest::collection::vec(prop_oneof![5 => rule(), 1 => selector], 0..12)
}

/// The user that is left when every wrong rule is left out.
fn obeying(rules: &[Vec<u8>], channels: ChannelDefault) -> User {
    let mut user = User::new(b"u", channels);
    for rule in rules {
        user = user.with_rules(std::slice::from_ref(rule), channels).unwrap_or(user);
    }
    user
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Also in what its commands are, so the rules that were dropped had nothing left to say.
    #[test]
    fn what_is_shown_makes_the_same_user(rules in rules(), every_channel: bool) {
        let channels = if every_channel { ChannelDefault::All } else { ChannelDefault::None };
        let user = obeying(&rules, channels);
        let again = User::new(b"u", channels).with_rules(&user.rules(), channels);
        prop_assert_eq!(again.as_ref(), Ok(&user));

        let mut users = Users::new(channels);
        users.load(&user.line()).expect("a line is a file");
        prop_assert_eq!(&**users.find(b"u").expect("just loaded"), &user);
    }
}

#[test]
fn a_pattern_of_every_key_is_not_all_keys() {
    // The peers show `~* ~a`, which they refuse to read.
    let user = user(&["%RW~*", "~a"]);
    assert_eq!(shown(&user), "user u off sanitize-payload %RW~* ~a resetchannels -@all");
    assert!(!user.is_unrestricted());
}

#[test]
fn rules_in_selectors_are_quoted_where_they_would_be_misread() {
    let user = user(&[r#"("~a\x29" ~b\c '~it"s' +get|x))"#]);
    let expected = r#"user u off sanitize-payload resetchannels -@all ("~a\x29" ~b\c "~it\"s" resetchannels -@all "+get|x\x29")"#;
    assert_eq!(shown(&user), expected);
    assert_eq!(outcome(&user, &["get", "a)"]), Err(Denied::Command(catalog::id::GET)));
    assert_eq!(outcome(&user, &["get", "X)"]), Err(Denied::Key(1)));
}

#[test]
fn selectors_with_open_quotes_or_nul_are_refused() {
    let new = User::new(b"u", ChannelDefault::None);
    for rule in [&br#"(~"a)"#[..], b"(~'a)", b"(+get\0)", b"(+get\0 -get)"] {
        let error = new.with_rules(&[rule], ChannelDefault::None).expect_err("not a selector");
        assert!(error.to_string().ends_with(": Syntax error"), "{error}");
    }
}

#[test]
fn first_arguments_have_no_white_space() {
    let new = User::new(b"u", ChannelDefault::None);
    for rule in ["+get|a b", "+get|a\tb", "+get|a\0b"] {
        assert!(new.with_rules(&[rule], ChannelDefault::None).is_err(), "{rule:?}");
    }
    let any_bytes = new.with_rules(&[b"+get|\xFF'"], ChannelDefault::None).expect("a rule");
    let request: [&[u8]; 2] = [b"get", b"\xFF'"];
    assert_eq!(check(&any_bytes, catalog::id::GET, &request, HERE), Err(Denied::Key(1)));
}

#[test]
fn one_pattern_must_permit_all_that_a_command_does_with_a_key() {
    let user = user(&["+@all", "%R~a*", "%W~ab"]);
    assert_eq!(outcome(&user, &["get", "ab"]), Ok(()));
    assert_eq!(outcome(&user, &["set", "ab", "1"]), Ok(()));
    assert_eq!(outcome(&user, &["incr", "ab"]), Err(Denied::Key(1)));
    assert_eq!(outcome(&user, &["copy", "ac", "ab"]), Ok(()));
    assert_eq!(outcome(&user, &["copy", "ab", "ac"]), Err(Denied::Key(2)));
    assert_eq!(outcome(&user, &["exists", "ab", "ac"]), Ok(()));
    assert_eq!(outcome(&user, &["exists", "ab", "x"]), Err(Denied::Key(2)));
}

#[test]
fn one_selector_must_permit_the_whole_request() {
    let user = user(&["+mget", "~a", "(+get ~b)", "(+mget ~b)"]);
    assert_eq!(outcome(&user, &["mget", "a", "a"]), Ok(()));
    assert_eq!(outcome(&user, &["mget", "b", "b"]), Ok(()));
    assert_eq!(outcome(&user, &["mget", "a", "b"]), Err(Denied::Key(2)));
    assert_eq!(outcome(&user, &["get", "a"]), Err(Denied::Key(1)));
    assert_eq!(outcome(&user, &["del", "a"]), Err(Denied::Command(catalog::id::DEL)));
}

#[test]
fn merging_into_a_key_alone_writes_it() {
    // The peers find no key in this request and let it pass.
    assert_eq!(outcome(&user(&["+@all", "~a"]), &["pfmerge", "b"]), Err(Denied::Key(1)));
}

#[test]
fn patterns_of_channels_must_be_those_of_the_user() {
    let user = user(&["+@all", "&a*", "&[bc]"]);
    assert_eq!(outcome(&user, &["subscribe", "ax", "b"]), Ok(()));
    assert_eq!(outcome(&user, &["psubscribe", "a*", "[bc]"]), Ok(()));
    assert_eq!(outcome(&user, &["psubscribe", "a*", "ax*"]), Err(Denied::Channel(2)));
    assert_eq!(outcome(&user, &["publish", "d", "text"]), Err(Denied::Channel(1)));
    assert_eq!(outcome(&user, &["unsubscribe", "d"]), Ok(()));
    assert!(user.may_use_channel(b"ax") && !user.may_use_channel(b"d"));
    assert!(user.may_use_channel_pattern(b"a*") && !user.may_use_channel_pattern(b"ax"));
}

#[test]
fn denials_are_told_to_the_client_and_to_the_log() {
    let user = user(&["+@all", "-config|get", "~a", "&a", "db=0,1"]);
    let cases: [(&[&str], &str, &str, &str); 4] = [
        (
            &["CONFIG", "GET", "x"],
            "User u has no permissions to run the 'config|get' command",
            "User u has no permissions to run the 'config|get' command",
            "config|get",
        ),
        (
            &["get", "b"],
            "No permissions to access a key",
            "User u has no permissions to access the 'b' key",
            "b",
        ),
        (
            &["publish", "b", "x"],
            "No permissions to access a channel",
            "User u has no permissions to access the 'b' channel",
            "b",
        ),
        (
            &["select", "2"],
            "No permissions to access database",
            "User u has no permissions to access database 2",
            "2",
        ),
    ];
    for (request, text, dryrun, object) in cases {
        let denied = outcome(&user, request).expect_err("denied");
        assert_eq!(denied.text(&user), text.as_bytes());
        assert_eq!(denied.dryrun_text(&user, request), dryrun.as_bytes());
        assert_eq!(denied.object(request), object.as_bytes());
    }
}

/// As SORT with BY or GET fares with Redis 8.2 and Valkey 9.1.
#[test]
fn every_key_may_be_read_by_a_rule_that_says_so() {
    let may = |rules: &[&str]| may_read_all_keys(&user(rules), catalog::id::SORT, &["sort", "a"]);
    for rules in [
        &["+@all", "~a", "%R~*"][..],
        &["+@all", "~*"],
        &["~a", "(+sort ~*)"],
        &["(+sort %R~*)"],
        &["(+sort|a ~*)"],
    ] {
        assert!(may(rules), "{rules:?}");
    }
    for rules in [&["+@all", "~a", "(+get ~*)"][..], &["+@all", "~**"], &["+@all", "%W~*"], &["~*"]] {
        assert!(!may(rules), "{rules:?}");
    }
}

#[test]
fn categories_have_commands_and_subcommands() {
    let names = |category| commands_in(category).map(|id| catalog::command(id).name).collect::<Vec<_>>();
    assert_eq!(names(catalog::Categories::TRANSACTION), ["discard", "exec", "multi", "unwatch", "watch"]);
    let dangerous = names(catalog::Categories::DANGEROUS);
    assert!(dangerous.contains(&"config|set") && !dangerous.contains(&"get"));
}
