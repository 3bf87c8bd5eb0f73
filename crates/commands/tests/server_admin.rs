//! CONFIG, SHUTDOWN, COMMAND, LOLWUT: what concerns the server and no data.

mod engine_under_test;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use config::{Config, ParameterId, SetError, id};
use engine::{Host, Promise, Shutdown};
use engine_under_test::EngineUnderTest;

/// A process that notes what is asked of it. It refuses more than 100 clients.
#[derive(Clone, Default)]
struct Noting(Arc<Mutex<Vec<String>>>);

impl Noting {
    fn note(&self, text: String) {
        self.0.lock().expect("no test panics while it notes").push(text);
    }

    fn notes(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().expect("no test panics while it notes"))
    }
}

impl Host for Noting {
    fn config_file(&self) -> String {
        "/etc/kvd.conf".to_owned()
    }

    fn sleep(&self, duration: Duration) {
        self.note(format!("sleep {duration:?}"));
    }

    fn shut_down(&self, how: Shutdown, failed: Promise) {
        failed.abandon();
        self.note(format!("{how:?}"));
    }

    fn apply(&self, changed: &[ParameterId], config: &mut Config) -> Result<(), SetError> {
        if config.integer(id::MAXCLIENTS) > 100 {
            return Err(SetError::apply(id::MAXCLIENTS, "too many"));
        }
        let shown = changed
            .iter()
            .map(|id| format!("{}={}", id.row().name, String::from_utf8_lossy(&config.show(*id))));
        self.note(shown.collect::<Vec<_>>().join(" "));
        Ok(())
    }

    fn rewrite_config(&self, config: &Config, _users: Option<&[String]>) -> Result<(), String> {
        let timeout = config.integer(id::TIMEOUT);
        if timeout == 1 {
            return Err("disk full".to_owned());
        }
        self.note(format!("timeout {timeout}"));
        Ok(())
    }

    fn log(&self, text: &str) {
        self.note(text.to_owned());
    }

    fn allocator(&self) -> &'static str {
        "none"
    }
}

fn with_notes(lines: &str) -> (EngineUnderTest, Noting) {
    let host = Noting::default();
    (EngineUnderTest::with_host(lines, Box::new(host.clone())), host)
}

#[test]
fn config_get_shows_parameters_by_the_names_that_were_asked_for() {
    let mut t = EngineUnderTest::new();
    assert_eq!(t.run("CONFIG GET timeout timeout time?ut"), "*2\r\n$7\r\ntimeout\r\n$1\r\n0\r\n");
    assert_eq!(
        t.run("CONFIG GET hz nosuch LFU-DECAY*"),
        "*4\r\n$2\r\nhz\r\n$2\r\n10\r\n$14\r\nlfu-decay-time\r\n$1\r\n1\r\n"
    );
    assert_eq!(t.run("CONFIG GET TimeOut"), "*2\r\n$7\r\nTimeOut\r\n$1\r\n0\r\n");
    assert_eq!(t.run("CONFIG GET nosuch*"), "*0\r\n");
    t.use_resp3();
    assert_eq!(t.run("CONFIG GET hz"), "%1\r\n$2\r\nhz\r\n$2\r\n10\r\n");
}

#[test]
fn config_set_sets_all_or_nothing_and_tells_the_host() {
    let (mut t, host) = with_notes("maxclients 50");
    assert_eq!(t.run("CONFIG SET timeout 7 maxclients 60"), "+OK\r\n");
    assert_eq!(host.notes(), ["timeout=7 maxclients=60"]);
    let bad = "-ERR CONFIG SET failed (possibly related to argument 'maxclients') - argument couldn't be parsed into an integer\r\n";
    assert_eq!(t.run("CONFIG SET timeout 8 maxclients x"), bad);
    assert!(host.notes().is_empty());
    let refused = "-ERR CONFIG SET failed (possibly related to argument 'maxclients') - too many\r\n";
    assert_eq!(t.run("CONFIG SET timeout 8 maxclients 101"), refused);
    assert_eq!(host.notes(), ["timeout=7 maxclients=60"], "the host is told the values from before");
    assert_eq!(t.run("CONFIG GET timeout"), "*2\r\n$7\r\ntimeout\r\n$1\r\n7\r\n");
    assert_eq!(t.run("CONFIG SET timeout 7 maxclients"), "-ERR syntax error\r\n");
    let unknown = "-ERR Unknown option or number of arguments for CONFIG SET - 'nosuch'\r\n";
    assert_eq!(t.run("CONFIG SET timeout 9 nosuch 1"), unknown);
}

#[test]
fn protected_parameters_are_set_only_by_whom_the_configuration_trusts() {
    let refused =
        "-ERR CONFIG SET failed (possibly related to argument 'dir') - can't set protected config\r\n";
    let mut t = EngineUnderTest::new();
    assert_eq!(t.run("CONFIG SET dir /tmp"), refused);
    // The client of these tests is on this machine.
    let mut t = EngineUnderTest::with_config("enable-protected-configs local");
    assert_eq!(t.run("CONFIG SET dir /tmp"), "+OK\r\n");
}

#[test]
fn config_rewrite_is_the_hosts_work_and_needs_a_file() {
    let (mut t, host) = with_notes("maxclients 50\ntimeout 3");
    assert_eq!(t.run("CONFIG REWRITE"), "+OK\r\n");
    assert_eq!(host.notes(), ["timeout 3"]);
    t.run("CONFIG SET timeout 1");
    assert_eq!(t.run("CONFIG REWRITE"), "-ERR Rewriting config file: disk full\r\n");
    let mut t = EngineUnderTest::new();
    assert_eq!(t.run("CONFIG REWRITE"), "-ERR The server is running without a config file\r\n");
}

#[test]
fn shutdown_ends_the_connection_without_a_reply() {
    for (command, told) in [
        ("SHUTDOWN", "Shutdown { now: false, force: false, save: None }"),
        ("SHUTDOWN SAVE", "Shutdown { now: false, force: false, save: Some(true) }"),
        ("shutdown nosave", "Shutdown { now: false, force: false, save: Some(false) }"),
        ("SHUTDOWN NOW FORCE SAFE", "Shutdown { now: true, force: true, save: None }"),
    ] {
        let (mut t, host) = with_notes("maxclients 50");
        assert_eq!(t.run(command), "");
        assert_eq!(host.notes(), [told]);
    }
}

#[test]
fn shutdown_that_makes_no_sense_stops_nothing() {
    let (mut t, host) = with_notes("maxclients 50");
    for command in [
        "SHUTDOWN x",
        "SHUTDOWN SAVE NOSAVE",
        "SHUTDOWN ABORT NOW",
        "SHUTDOWN NOSAVE ABORT",
        "SHUTDOWN SAFE ABORT",
    ] {
        assert_eq!(t.run(command), "-ERR syntax error\r\n", "{command}");
    }
    assert_eq!(t.run("SHUTDOWN ABORT"), "-ERR No shutdown in progress.\r\n");
    assert!(host.notes().is_empty());
}

#[test]
fn debug_reaches_the_host() {
    let (mut t, host) = with_notes("maxclients 50\nenable-debug-command local");
    assert_eq!(t.run("DEBUG SLEEP 0.25"), "+OK\r\n");
    assert_eq!(t.run("DEBUG SLEEP -1"), "+OK\r\n");
    assert_eq!(t.run("DEBUG SLEEP nan"), "+OK\r\n");
    assert_eq!(t.run("DEBUG LOG hello"), "+OK\r\n");
    assert_eq!(host.notes(), ["sleep 250ms", "DEBUG LOG: hello"]);
}

#[test]
fn command_describes_what_the_catalog_knows() {
    let mut t = EngineUnderTest::new();
    let all = catalog::COMMANDS.iter().filter(|command| !command.is_subcommand()).count();
    assert_eq!(t.run("COMMAND COUNT"), format!(":{all}\r\n"));
    assert!(t.run("COMMAND").starts_with(&format!("*{all}\r\n*10\r\n$")));
    assert!(t.run("COMMAND INFO").starts_with(&format!("*{all}\r\n*10\r\n$")));
    assert!(t.run("COMMAND INFO Config|GET nosuch").starts_with("*2\r\n*10\r\n$10\r\nconfig|get\r\n:-3\r\n"));
    assert!(t.run("COMMAND INFO nosuch") == "*1\r\n$-1\r\n");
    assert_eq!(t.run("COMMAND DOCS nosuch"), "*0\r\n");
    assert!(t.run("COMMAND DOCS GET get").starts_with("*4\r\n$3\r\nget\r\n"));
    assert!(t.run("COMMAND LIST").starts_with(&format!("*{}\r\n", catalog::COUNT)));
}

#[test]
fn command_list_filters_in_any_case() {
    let mut t = EngineUnderTest::new();
    assert_eq!(t.run("COMMAND LIST filterby pattern SWAP*"), "*1\r\n$6\r\nswapdb\r\n");
    assert_eq!(t.run("COMMAND LIST FILTERBY ACLCAT nosuch"), "*0\r\n");
    assert_eq!(
        t.run("COMMAND LIST FILTERBY ACLCAT Scripting"),
        t.run("COMMAND LIST FILTERBY ACLCAT scripting")
    );
    assert!(t.run("COMMAND LIST FILTERBY MODULE vectorset").contains("vadd"));
    for command in ["x", "FILTERBY", "FILTERBY ACLCAT", "FILTERBY x y", "FILTERBY PATTERN a b"]
        .map(|it| format!("COMMAND LIST {it}"))
    {
        assert_eq!(t.run(&command), "-ERR syntax error\r\n", "{command}");
    }
}

#[test]
fn command_getkeys_finds_keys_and_their_use() {
    let mut t = EngineUnderTest::new();
    assert_eq!(t.run("COMMAND GETKEYS MSET a 1 b 2"), "*2\r\n$1\r\na\r\n$1\r\nb\r\n");
    let flags = "*1\r\n*2\r\n$1\r\na\r\n*3\r\n+RW\r\n+access\r\n+update\r\n";
    assert_eq!(t.run("COMMAND GETKEYSANDFLAGS SET a 1 GET"), flags);
    assert_eq!(t.run("COMMAND GETKEYS nosuch"), "-ERR Invalid command specified\r\n");
    assert_eq!(t.run("COMMAND GETKEYS PING"), "-ERR The command has no key arguments\r\n");
    assert_eq!(t.run("COMMAND GETKEYS GET"), "-ERR Invalid number of arguments specified for command\r\n");
}

#[test]
fn lolwut_draws_what_the_seed_says_in_the_size_that_is_asked_for() {
    let (mut t, mut twin) = (EngineUnderTest::new(), EngineUnderTest::new());
    let picture = t.run("LOLWUT VERSION 5 12 3");
    assert_eq!(picture, twin.run("LOLWUT VERSION 5 12 3"));
    let lines: Vec<&str> = picture.lines().skip(1).collect();
    assert_eq!(lines.iter().take(3).map(|line| line.chars().count()).collect::<Vec<_>>(), [12; 3]);
    assert!(picture.contains(concat!("kvd ver. ", env!("CARGO_PKG_VERSION"), "\n")));
    assert_ne!(t.run("LOLWUT"), t.run("LOLWUT"));
    assert_eq!(t.run("LOLWUT VERSION x"), "-ERR value is not an integer or out of range\r\n");
}

#[test]
fn help_lists_syntax_and_sense() {
    let mut t = EngineUnderTest::with_config("enable-debug-command yes");
    for command in ["CONFIG", "COMMAND", "MEMORY", "DEBUG"] {
        let reply = t.run(&format!("{command} HELP"));
        let lines: Vec<&str> = reply.split("\r\n").collect();
        let first = format!("+{command} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:");
        assert_eq!(lines[1], first);
        // The count in front and nothing behind the last line break.
        assert_eq!(lines[0], format!("*{}", lines.len() - 2));
    }
}
