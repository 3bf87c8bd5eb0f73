//! Key extraction against recorded replies of COMMAND GETKEYSANDFLAGS of Redis 8.2 and Valkey 9.1.
//!
//! A line of `golden/keys.txt` is `request => reply`, or `request => r8 reply | vk reply` where they differ.

use kvd_catalog::{KeyFlags, KeyShape, find, for_each_key, keys, requested_keys, slot_words};

fn words(request: &str) -> Vec<String> {
    // No word of the file has a blank inside but the ones that stand in quotes.
    let mut words = Vec::new();
    for (index, part) in request.split('"').enumerate() {
        if index % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

fn reply(request: &str) -> String {
    let words = words(request);
    match requested_keys(&words) {
        Err(error) => format!("ERR {error}"),
        Ok(keys) if keys.is_empty() => "none".to_owned(),
        Ok(keys) => keys.iter().fold("keys".to_owned(), |text, key| {
            let word = Some(words[key.position].as_str()).filter(|word| !word.is_empty()).unwrap_or("\"\"");
            let flags: Vec<&str> = key.flags.names().collect();
            format!("{text} {word}:{}", flags.join(","))
        }),
    }
}

#[test]
fn keys_are_those_that_the_peers_find() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for line in include_str!("golden/keys.txt").lines() {
        let (request, peers) = line.split_once(" => ").expect("request => reply");
        let ours = reply(request);
        let expected = match peers.split_once(" | vk ") {
            None => peers,
            Some((redis, valkey)) => {
                let redis = redis.strip_prefix("r8 ").expect("two replies");
                if redis == "ERR Invalid command specified" || request.starts_with("georadius") {
                    valkey
                } else {
                    redis
                }
            }
        };
        if ours != expected {
            wrong.push(format!("{line}\n    ours: {ours}"));
        }
        count += 1;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count >= 150);
}

#[test]
fn the_quick_way_visits_the_same_positions() {
    for line in include_str!("golden/keys.txt").lines() {
        let (request, _) = line.split_once(" => ").expect("request => reply");
        let words = words(request);
        let Ok(id) = kvd_catalog::resolve(&words) else { continue };
        let mut visited = Vec::new();
        let outcome = for_each_key(id, &words, |position| visited.push(position));
        match keys(id, &words) {
            Ok(keys) => {
                assert_eq!(visited, keys.iter().map(|key| key.position).collect::<Vec<_>>(), "{request}");
            }
            Err(error) => assert_eq!(outcome, Err(error), "{request}"),
        }
    }
}

#[test]
fn shard_channels_are_routed_but_are_no_keys() {
    for (name, request) in [("spublish", &["spublish", "c", "m"][..]), ("ssubscribe", &["ssubscribe", "c"])] {
        let id = find(name.as_bytes()).expect("a command");
        assert_eq!(keys(id, request), Ok(Default::default()));
        let routed = slot_words(id, request).expect("a channel");
        assert_eq!((routed[0].position, routed[0].flags), (1, KeyFlags::NOT_KEY));
    }
}

#[test]
fn a_destination_alone_is_a_key_though_getkeys_refuses() {
    let request = ["pfmerge", "d"];
    let id = find(b"pfmerge").expect("a command");
    assert_eq!(keys(id, &request).map(|keys| keys.len()), Ok(1));
    assert!(requested_keys(&request).is_err());
}

fn positions(request: &str) -> Vec<usize> {
    let words = words(request);
    let id = kvd_catalog::resolve(&words).expect("a request");
    keys(id, &words).expect("keys").iter().map(|key| key.position).collect()
}

#[test]
fn a_destination_called_like_an_option_hides_no_key() {
    // COMMAND GETKEYS of the peers takes BY for an option here, and misses the key that SORT writes.
    assert_eq!(positions("sort a store by store c"), [1, 5]);
    assert_eq!(positions("sort a store store store c"), [1, 5]);
}

#[test]
fn a_group_called_streams_hides_no_key() {
    // The peers' key spec finds the group's name here, and misses the stream that XREADGROUP reads.
    assert_eq!(positions("xreadgroup count 1 group streams c streams a >"), [7]);
    assert_eq!(positions("xreadgroup noack group g streams streams a b > >"), [6, 7]);
}

#[test]
fn key_shapes_follow_from_the_specs() {
    let shape = |name: &str| kvd_catalog::command(find(name.as_bytes()).expect("a command")).keys;
    assert_eq!(shape("ping"), KeyShape::None);
    assert_eq!(shape("ssubscribe"), KeyShape::None);
    assert_eq!(shape("get"), KeyShape::First);
    assert_eq!(shape("set"), KeyShape::First);
    assert_eq!(shape("del"), KeyShape::Range { first: 1, last: -1, step: 1 });
    assert_eq!(shape("blpop"), KeyShape::Range { first: 1, last: -2, step: 1 });
    assert_eq!(shape("mset"), KeyShape::Range { first: 1, last: -1, step: 2 });
    assert_eq!(shape("rename"), KeyShape::Range { first: 1, last: 2, step: 1 });
    assert_eq!(shape("bitop"), KeyShape::Range { first: 2, last: -1, step: 1 });
    assert_eq!(shape("object|encoding"), KeyShape::Range { first: 2, last: 2, step: 1 });
    for name in ["sort", "xread", "zunionstore", "eval", "msetex", "migrate", "georadius"] {
        assert_eq!(shape(name), KeyShape::Special, "{name}");
    }
}
