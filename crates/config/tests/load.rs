//! Reading files and command lines, against what Valkey does with the same.

use std::io;

use kvd_config::{Config, LineError, LoadError, Origin, ParameterId, SavePoint, arguments_to_lines, id};

#[path = "golden/lines.rs"]
mod lines;

/// Lines with which we differ on purpose: kvd knows them, or the server and not this crate checks them.
const OWN: [&str; 7] = [
    "threads 4",
    "rename-command nosuch x",
    "rename-command a.b c",
    "sanitize-dump-payload bogus",
    "maxmemory 99999999999g",
    "proc-title-template \"{title}\"",
    "unixsocketperm \" 7\"",
];

fn load(text: &str) -> Result<Config, LoadError> {
    let mut config = Config::default();
    config.load(text.as_bytes(), "test.conf", &mut |_| Ok(Vec::new()))?;
    Ok(config)
}

fn load_arguments(arguments: &[&str]) -> Result<Config, LoadError> {
    let arguments: Vec<String> = arguments.iter().map(|&argument| argument.to_owned()).collect();
    let mut config = Config::default();
    config.load_arguments(&arguments_to_lines(&arguments).expect("what tests give is valid"), &mut |_| {
        Ok(Vec::new())
    })?;
    Ok(config)
}

fn shown(config: &Config, name: &str) -> String {
    String::from_utf8(config.show(ParameterId::named(name.as_bytes()).expect("what tests give is valid")))
        .expect("what tests give is valid")
}

#[test]
fn files_are_read_as_the_peers_read_them() {
    for (text, name, expected) in lines::FILES {
        // The backlog's bounds hold in files, too.
        let expected = if *name == "repl-backlog-size" { "16384" } else { expected };
        assert_eq!(shown(&load(text).expect("what tests give is valid"), name), expected, "{text}");
    }
}

#[test]
fn arguments_are_read_as_the_peers_read_them() {
    for (arguments, name, expected) in lines::ARGUMENTS {
        assert_eq!(
            shown(&load_arguments(arguments).expect("what tests give is valid"), name),
            *expected,
            "{arguments:?}"
        );
    }
    for (arguments, line, why) in lines::BAD_ARGUMENTS {
        let error = load_arguments(arguments).expect_err("what tests give is wrong");
        assert_eq!((error.text.as_str(), error.why.to_string().as_str()), (*line, *why), "{arguments:?}");
    }
}

#[test]
fn lines_are_obeyed_or_refused_as_the_peers_do() {
    let good = lines::GOOD.iter().map(|line| (*line, None));
    let bad = lines::BAD.iter().map(|(text, line, why)| (*text, Some((*line, (*why).to_owned()))));
    for (text, expected) in good.chain(bad) {
        let outcome = load(text).err().map(|error| (error.line, error.why.to_string()));
        assert_eq!(outcome == expected, !OWN.contains(&text), "{text}: {outcome:?}, expected {expected:?}");
    }
}

#[test]
fn an_error_names_file_line_and_reason_and_changes_nothing() {
    let mut config = Config::default();
    let error = config
        .load(b"timeout 5\n\n  port x  \n", "my.conf", &mut |_| Ok(Vec::new()))
        .expect_err("what tests give is wrong");
    assert_eq!(
        error.to_string(),
        "Reading the configuration file 'my.conf', at line 3\n>>> 'port x'\nargument couldn't be parsed into an integer"
    );
    assert_eq!(config, Config::default());
    assert_eq!(config.origin(id::TIMEOUT), None);
}

#[test]
fn an_unknown_name_is_answered_with_the_one_that_was_meant() {
    let text = |error: LoadError| error.to_string();
    assert_eq!(
        text(load("maxmemry 1gb\n").expect_err("there is none")),
        "Reading the configuration file 'test.conf', at line 1\n>>> 'maxmemry 1gb'\n\
         Bad directive or wrong number of arguments; did you mean 'maxmemory'?"
    );
    assert_eq!(
        text(load_arguments(&["--port", "7000", "--tiemout", "5"]).expect_err("there is none")),
        "Reading the command line\n>>> '--tiemout \"5\"'\n\
         Bad directive or wrong number of arguments; did you mean '--timeout'?"
    );
    // Where the name is right nobody is sent elsewhere.
    for line in ["user", "timeout 1 2", "something-else-altogether 1"] {
        assert_eq!(load(line).expect_err("it is wrong").near, None, "{line}");
    }
}

#[test]
fn included_files_stand_in_place_of_the_line() {
    let mut asked = Vec::new();
    let mut include = |path: &[u8]| {
        asked.push(String::from_utf8(path.to_vec()).expect("what tests give is valid"));
        let file = |name: &str, text: &str| (name.to_owned(), text.as_bytes().to_vec());
        Ok(match path {
            b"*.conf" => vec![file("a.conf", "timeout 2\nhz 20\ninclude c"), file("b.conf", "hz 30")],
            _ => vec![file("c", "maxclients 7")],
        })
    };
    let mut config = Config::default();
    config
        .load(b"timeout 1\ninclude *.conf\nhz 40\n", "main", &mut include)
        .expect("what tests give is valid");
    assert_eq!(asked, ["*.conf", "c"]);
    assert_eq!([id::TIMEOUT, id::HZ, id::MAXCLIENTS].map(|id| config.integer(id)), [2, 40, 7]);
}

#[test]
fn an_error_in_an_included_file_names_that_file() {
    let mut include = |_: &[u8]| Ok(vec![("inner.conf".to_owned(), b"\nfoo 1\n".to_vec())]);
    let error = Config::default()
        .load(b"include inner.conf", "outer.conf", &mut include)
        .expect_err("what tests give is wrong");
    assert_eq!((error.file.as_deref(), error.line, error.why), (Some("inner.conf"), 2, LineError::Directive));

    let mut missing = |_: &[u8]| Err(io::Error::from(io::ErrorKind::NotFound));
    let error = Config::default()
        .load(b"\ninclude nope", "outer.conf", &mut missing)
        .expect_err("what tests give is wrong");
    assert_eq!((error.file.as_deref(), error.line), (Some("outer.conf"), 2));
    assert_eq!(error.why.to_string(), "Fatal error, can't open config file 'nope': entity not found");
}

#[test]
fn files_that_include_each_other_come_to_an_end() {
    let mut same = |_: &[u8]| Ok(vec![("self".to_owned(), b"include self".to_vec())]);
    let error =
        Config::default().load(b"include self", "self", &mut same).expect_err("what tests give is wrong");
    assert_eq!(error.why, LineError::TooMuch);

    let big = vec![b'\n'; kvd_config::LOADED_BYTES_MAX + 1];
    let error =
        Config::default().load(&big, "big", &mut |_| Ok(Vec::new())).expect_err("what tests give is wrong");
    assert_eq!(error.why, LineError::TooMuch);
}

#[test]
fn the_command_line_comes_on_top_of_the_file() {
    let mut config = load("timeout 5\nsave 900 1\nhz 20\n").expect("what tests give is valid");
    config
        .load_arguments("\ntimeout \"6\"\nsave \"60\" \"5\"", &mut |_| Ok(Vec::new()))
        .expect("what tests give is valid");
    assert_eq!(config.integer(id::TIMEOUT), 6);
    assert_eq!(config.origin(id::TIMEOUT), Some(Origin::CommandLine));
    assert_eq!(config.origin(id::HZ), Some(Origin::File));
    assert_eq!(
        config.save_points(),
        [SavePoint { seconds: 900, changes: 1 }, SavePoint { seconds: 60, changes: 5 }]
    );
}

#[test]
fn a_client_replaces_the_save_points_of_the_file() {
    let mut config = load("save 900 1\n").expect("what tests give is valid");
    config.set(&[(b"save", b"60 5")], Origin::Client).expect("what tests give is valid");
    assert_eq!(config.save_points(), [SavePoint { seconds: 60, changes: 5 }]);
}

#[test]
fn directives_are_kept_in_their_order() {
    let config = load(concat!(
        "user bob on >x ~*\nuser \"al ice\" off\nrename-command FLUSHALL \"\"\nloadmodule /x.so a b\n",
        "json.max-depth 5\nio-threads-do-reads yes\n",
    ))
    .expect("what tests give is valid");
    let words = |words: &[&str]| words.iter().map(|word| word.as_bytes().to_vec()).collect::<Vec<_>>();
    let directives = config.directives();
    assert_eq!(directives.users, [words(&["bob", "on", ">x", "~*"]), words(&["al ice", "off"])]);
    assert_eq!(directives.renamed_commands, [(b"FLUSHALL".to_vec(), Vec::new())]);
    assert_eq!(directives.modules, [words(&["/x.so", "a", "b"])]);
    assert_eq!(directives.module_parameters, [words(&["json.max-depth", "5"])]);
    assert_eq!(directives.outdated, ["io-threads-do-reads"]);
}

#[test]
fn users_that_the_first_file_does_not_declare_itself_are_known_with_their_place() {
    let mut include = |path: &[u8]| match path {
        b"a" => Ok(vec![("a.conf".to_owned(), b"user anna on\ninclude b\n".to_vec())]),
        _ => Ok(vec![("b.conf".to_owned(), b"user bob on\n".to_vec())]),
    };
    let mut config = Config::default();
    config.load(b"user own on\ninclude a\nuser other on\n", "kvd.conf", &mut include).expect("it is valid");
    config.load(b"user carl on\n", "standard input", &mut include).expect("it is valid");
    config.load_arguments("user dora on", &mut include).expect("it is valid");
    let directives = config.directives();
    let places =
        [("anna", "a.conf"), ("bob", "b.conf"), ("carl", "standard input"), ("dora", "the command line")];
    assert_eq!(directives.users.len(), 6);
    assert_eq!(
        directives.users_elsewhere,
        places.map(|(name, place)| (name.as_bytes().to_vec(), place.to_owned()))
    );
}

#[test]
fn parameters_without_effect_are_named_if_they_were_given() {
    let mut config = load("timeout 5\nhz 20\nlazyfree-lazy-expire yes\n").expect("what tests give is valid");
    config.set(&[(b"activerehashing", b"no")], Origin::Client).expect("what tests give is valid");
    assert_eq!(config.given_without_effect().collect::<Vec<_>>(), [id::HZ, id::LAZYFREE_LAZY_EXPIRE]);
}

#[test]
fn who_asks_for_nothing_is_not_told_that_it_has_no_effect() {
    let config = load("cluster-enabled no\nreplicaof no one\ndaemonize no\n").expect("all are fine");
    assert_eq!(config.given_without_effect().count(), 0);
    let config = load("cluster-enabled yes\nreplicaof host 9\ndaemonize yes\n").expect("all are fine");
    assert_eq!(config.given_without_effect().count(), 3);
}

#[test]
fn kvds_own_parameters_have_bounds() {
    let config = load("threads 0\nstripes 4096\n").expect("what tests give is valid");
    assert_eq!((config.integer(id::THREADS), config.integer(id::STRIPES)), (0, 4096));
    let why = |text| load(text).expect_err("what tests give is wrong").why.to_string();
    assert_eq!(why("threads 1025"), "argument must be between 0 and 1024 inclusive");
    assert_eq!(why("stripes 1000"), "argument must be a power of two");
    assert_eq!(why("stripes 0"), "argument must be between 1 and 65536 inclusive");
}

#[test]
fn typed_values_are_what_the_text_says() {
    let config = load(concat!(
        "maxmemory 1gb\nmaxmemory-clients 10%\nunixsocketperm 770\nreplicaof db.example 6380\n",
        "client-output-buffer-limit replica 1mb 1kb 5\nbind 127.0.0.1 -::1\nappendfsync always\n",
        "latency-tracking-info-percentiles 50 99.9\nprotected-mode no\nrequirepass \"a b\"\n",
    ))
    .expect("what tests give is valid");
    assert_eq!(config.bytes(id::MAXMEMORY_CLIENTS), (1 << 30) / 10);
    assert_eq!(config.integer(id::UNIXSOCKETPERM), 0o770);
    let primary = config.primary().expect("what tests give is valid");
    assert_eq!((primary.host.as_slice(), primary.port), (b"db.example".as_slice(), 6380));
    let limit = config.output_limits().of(kvd_config::ClientClass::Replica);
    assert_eq!((limit.hard, limit.soft, limit.soft_seconds), (1 << 20, 1 << 10, 5));
    assert_eq!(config.words(id::BIND), [b"127.0.0.1".to_vec(), b"-::1".to_vec()]);
    assert_eq!(config.choice(id::APPENDFSYNC), "always");
    assert_eq!(config.percentiles(), [50.0, 99.9]);
    assert!(!config.boolean(id::PROTECTED_MODE));
    assert_eq!(config.text(id::REQUIREPASS), b"a b");
}

#[test]
fn spaces_around_addresses_do_not_matter() {
    let mut config = load("bind \" 127.0.0.1  \" \"\" -::1\n").expect("addresses are not tried here");
    assert_eq!(shown(&config, "bind"), "127.0.0.1 -::1");
    assert_eq!(config.set(&[(b"bind", b" 127.0.0.1   -::1 ")], Origin::Client), Ok(Vec::new()));
}

#[test]
fn a_parameter_set_away_and_back_by_its_names_has_not_changed() {
    let mut config = Config::default();
    let pairs: [(&[u8], &[u8]); 2] = [(b"hash-max-ziplist-value", b"1"), (b"hash-max-listpack-value", b"64")];
    assert_eq!(config.set(&pairs, Origin::Client), Ok(Vec::new()));
}

#[test]
fn protected_parameters_are_for_those_whom_the_server_trusts() {
    let set = |text: &str, origin| load(text).unwrap().set(&[(b"dbfilename", b"x.rdb")], origin).is_ok();
    assert!(!set("", Origin::Client) && !set("", Origin::LocalClient));
    let local = "enable-protected-configs local";
    assert!(!set(local, Origin::Client) && set(local, Origin::LocalClient));
    assert!(set("enable-protected-configs yes", Origin::Client));
}
