//! Properties of any configuration that can be: what is shown can be set, what is written can be read, and no input
//! is too odd to be answered.

use kvd_config::{Config, Kind, Origin, ParameterId, TextRule, WordsRule, id};
use proptest::prelude::*;
use resp::quote;

/// A value that the parameter takes, in one of the spellings that people use.
fn value_of(id: ParameterId) -> BoxedStrategy<Vec<u8>> {
    let text = |strategy: &str| {
        proptest::string::string_regex(strategy)
            .expect("what tests give is valid")
            .prop_map(String::into_bytes)
            .boxed()
    };
    let shown = |number: String| number.into_bytes();
    match id.row().kind {
        Kind::Boolean => text("[yY]es|no|NO"),
        Kind::Integer { min, max } => (min..=max).prop_map(move |number| shown(number.to_string())).boxed(),
        Kind::PowerOfTwo { .. } => {
            (0..=16u32).prop_map(move |bits| shown((1u64 << bits).to_string())).boxed()
        }
        Kind::Octal { max } => (0..=max).prop_map(move |number| shown(format!("{number:o}"))).boxed(),
        Kind::Memory { min, max } => prop_oneof![
            (min..=max).prop_map(move |number| shown(number.to_string())),
            (1024u64..=1 << 20, "[kmg]b").prop_map(move |(number, unit)| shown(format!("{number}{unit}"))),
        ]
        .boxed(),
        Kind::MemoryOrPercent => text("[0-9]{1,15}|[1-9]?[0-9]%|100%|[0-9]{1,5}gb"),
        Kind::MemoryOrUnlimited => text("-1|[0-9]{1,15}|[0-9]{1,5}gb"),
        Kind::Choice(choices) => proptest::sample::select(choices)
            .prop_map(|choice| choice.to_ascii_uppercase().into_bytes())
            .boxed(),
        Kind::Text(rule) => match rule {
            TextRule::Any => proptest::collection::vec(any::<u8>(), 0..20).boxed(),
            TextRule::NotEmpty => proptest::collection::vec(any::<u8>(), 1..20).boxed(),
            TextRule::FileName | TextRule::DirectoryName => text("[a-z. \"']{1,10}"),
            TextRule::Hostname => text("[a-zA-Z0-9.-]{0,10}"),
            TextRule::NodeName => text("[a-zA-Z0-9._:-]{0,10}"),
            TextRule::Ipv4 => text("|127\\.0\\.0\\.[1-9]"),
            TextRule::Ipv6 => text("|::[1-9]"),
            TextRule::TitleTemplate => text("[a-z ]{1,5}(\\{title\\}|\\{port\\}|\\{\\{)?"),
            TextRule::KeyspaceEvents => text("[Ag$lshzxetdnocKEm]{0,16}"),
        },
        Kind::Words(rule) => match rule {
            WordsRule::Addresses => text("([a-z0-9:.*\"'-]{1,9}( [a-z0-9:.*-]{1,9}){0,4})?"),
            WordsRule::SavePoints => text("([1-9][0-9]{0,5} [0-9]{1,6}( [1-9][0-9]{0,5} [0-9]{1,6}){0,4})?"),
            WordsRule::OutputLimits => {
                text("((normal|replica|slave|Pubsub) [0-9]{1,9}(kb|mb|g)? [0-9]{1,9} [0-9]{1,5})?")
            }
            WordsRule::Percentiles => text("([0-9]{1,2}(\\.[0-9]{1,9})?( [0-9]{1,2}(\\.[0-9]{1,9})?){0,3})?"),
            WordsRule::OomScores => text("-?[0-9]{1,3} -?1[0-9]{1,3} 2000"),
            WordsRule::ShutdownOptions => text("(default|save|now|FORCE|safe)( (now|force|failover)){0,2}"),
            WordsRule::Primary => text("no one|[a-z.]{1,9} [1-9][0-9]{0,3}"),
        },
    }
}

/// Some parameters, each with a value that it takes.
fn settings() -> impl Strategy<Value = Vec<(ParameterId, Vec<u8>)>> {
    let all: Vec<ParameterId> = ParameterId::all().collect();
    let some = proptest::sample::subsequence(all, 0..40).prop_shuffle();
    some.prop_flat_map(|ids| {
        ids.into_iter().map(|id| value_of(id).prop_map(move |value| (id, value))).collect::<Vec<_>>()
    })
}

/// Sets a parameter as a client, or as the file if a client may not.
fn set(config: &mut Config, id: ParameterId, value: &[u8]) {
    let pair = [(id.row().name.as_bytes(), value)];
    if config.set(&pair, Origin::Client).is_err() {
        config.set(&pair, Origin::File).expect("the strategies make values that the parameters take");
    }
}

/// What CONFIG SET must be given for a parameter to be what is shown.
fn settable(config: &Config, id: ParameterId) -> Vec<u8> {
    let shown = config.show(id);
    if id == id::REPLICAOF && shown.is_empty() { b"no one".to_vec() } else { shown }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_shown_can_be_set(settings in settings()) {
        let mut config = Config::default();
        for (id, value) in &settings {
            set(&mut config, *id, value);
        }
        let mut copy = Config::default();
        for id in ParameterId::all() {
            set(&mut copy, id, &settable(&config, id));
        }
        prop_assert_eq!(copy, config);
    }

    #[test]
    fn what_is_rewritten_can_be_read(before in settings(), after in settings()) {
        let mut config = Config::default();
        let mut original = Vec::new();
        for (id, value) in &before {
            original.extend(format!("{} {}\n# a comment\n\n", id.row().name, line_of(*id, value)).bytes());
        }
        config.load(&original, "before", &mut |_| Ok(Vec::new())).expect("what tests give is valid");
        for (id, value) in &after {
            set(&mut config, *id, value);
        }
        let text = config.rewrite(&original, None);
        let mut again = Config::default();
        again.load(&text, "after", &mut |_| Ok(Vec::new())).expect("what tests give is valid");
        prop_assert_eq!(&again, &config);
        prop_assert_eq!(again.rewrite(&text, None), text);
    }

    #[test]
    fn setting_is_all_or_nothing(settings in settings(), bad in 0usize..40) {
        let mut pairs: Vec<(&[u8], &[u8])> =
            settings.iter().map(|(id, value)| (id.row().name.as_bytes(), value.as_slice())).collect();
        pairs.insert(bad.min(pairs.len()), (b"maxmemory-policy", b"nonsense"));
        let mut config = Config::default();
        prop_assert!(config.set(&pairs, Origin::File).is_err());
        prop_assert_eq!(config, Config::default());
    }

    #[test]
    fn what_is_quoted_is_one_word(word in proptest::collection::vec(any::<u8>(), 0..40)) {
        prop_assert_eq!(resp::split_line(quote(&word).as_bytes()), Ok(vec![word]));
    }

    #[test]
    fn any_bytes_are_read_or_refused(text in proptest::collection::vec(any::<u8>(), 0..200)) {
        let mut config = Config::default();
        let _ = config.load(&text, "noise", &mut |_| Ok(Vec::new()));
        config.rewrite(&text, None);
    }
}

/// A value as a file has it: a list as words, text in quotes.
fn line_of(id: ParameterId, value: &[u8]) -> String {
    match id.row().kind {
        Kind::Words(_) if value.is_empty() && id != id::CLIENT_OUTPUT_BUFFER_LIMIT => quote(b""),
        Kind::Words(_) => {
            let words = value.split(|&byte| byte == b' ').filter(|word| !word.is_empty());
            words.map(quote).collect::<Vec<_>>().join(" ")
        }
        _ => quote(value),
    }
}
