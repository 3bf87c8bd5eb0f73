//! Users: no command of the catalog runs for those who may not run it.

mod engine_with_clients;

use catalog::{COMMANDS, Command, CommandId, Flags, id};
use engine_with_clients::{EngineWithClients, TestClient};

/// A request of the right length for each command and subcommand. Most words are `1`, which is a key, a number, and a number of keys.
fn requests() -> Vec<(&'static Command, String)> {
    let stands_alone = |command: &&Command| command.subcommands.is_empty();
    COMMANDS.iter().filter(stands_alone).map(|command| (command, request(command))).collect()
}

fn request(command: &Command) -> String {
    let mut words: Vec<&str> = command.name.split('|').collect();
    while !command.takes(words.len()) {
        words.push("1");
    }
    assert_eq!(catalog::resolve(&words), Ok(command.id), "{words:?}");
    words.join(" ")
}

/// What must not change.
fn state(engine: &EngineWithClients, witness: &mut TestClient<'_>) -> (String, u64, usize) {
    let end = engine.engine.journal().end().0;
    (witness.run("DBSIZE\nDEBUG DIGEST\nACL LIST\nCONFIG GET *"), end, engine.engine.clients().len())
}

fn engine() -> EngineWithClients {
    let engine = EngineWithClients::new(&[("requirepass", "secret"), ("enable-debug-command", "yes")]);
    let mut owner = engine.client("127.0.0.1:1");
    owner.run("AUTH secret\nSET 1 v\nSELECT 1\nRPUSH 1 a b\nACL SETUSER nobody on nopass\nACL SETUSER batch on nopass +multi +exec");
    assert_eq!(owner.run("DBSIZE"), ":1\r\n");
    drop(owner);
    engine
}

fn needs_no_login(command: &Command) -> bool {
    command.flags.contains(Flags::NO_AUTH)
}

#[test]
fn four_commands_need_no_login() {
    let open: Vec<CommandId> =
        COMMANDS.iter().filter(|command| needs_no_login(command)).map(|command| command.id).collect();
    assert_eq!(open, [id::AUTH, id::HELLO, id::QUIT, id::RESET]);
}

#[test]
fn no_other_command_runs_for_a_stranger() {
    let engine = engine();
    let mut witness = engine.client("127.0.0.1:2");
    witness.run("AUTH secret");
    let mut stranger = engine.client("127.0.0.1:3");
    let before = state(&engine, &mut witness);
    let mut refused = 0;
    for (command, request) in requests().iter().filter(|(command, _)| !needs_no_login(command)) {
        let expected = match command.id {
            id::EXEC => "-EXECABORT Transaction discarded because of: NOAUTH Authentication required.\r\n",
            _ => "-NOAUTH Authentication required.\r\n",
        };
        assert_eq!(stranger.run(request), expected, "{request}");
        assert_eq!(state(&engine, &mut witness), before, "{request}");
        refused += 1;
    }
    assert!(refused > 350, "{refused} commands");
    assert!(!stranger.is_closed());
}

#[test]
fn no_other_command_runs_for_a_user_without_rights() {
    let engine = engine();
    let mut witness = engine.client("127.0.0.1:2");
    witness.run("AUTH secret");
    let mut user = engine.client("127.0.0.1:3");
    assert_eq!(user.run("AUTH nobody x"), "+OK\r\n");
    let before = state(&engine, &mut witness);
    for (command, request) in requests().iter().filter(|(command, _)| !needs_no_login(command)) {
        let why = format!("NOPERM User nobody has no permissions to run the '{}' command\r\n", command.name);
        let expected = match command.id {
            id::EXEC => format!("-EXECABORT Transaction discarded because of: {why}"),
            _ => format!("-{why}"),
        };
        assert_eq!(user.run(request), expected, "{request}");
        assert_eq!(state(&engine, &mut witness), before, "{request}");
    }
}

#[test]
fn no_other_command_is_queued_for_a_user_without_rights() {
    let engine = engine();
    let mut witness = engine.client("127.0.0.1:2");
    witness.run("AUTH secret");
    let mut user = engine.client("127.0.0.1:3");
    user.run("AUTH batch x");
    let before = state(&engine, &mut witness);
    let may_run = |command: &Command| matches!(command.id, id::MULTI | id::EXEC) || needs_no_login(command);
    for (command, request) in requests().iter().filter(|(command, _)| !may_run(command)) {
        assert_eq!(user.run("MULTI"), "+OK\r\n", "{request}");
        // Those of the transaction itself are never queued.
        let is_queued = !matches!(command.id, id::DISCARD | id::WATCH);
        let refused = if is_queued && command.flags.contains(Flags::NO_MULTI) {
            "-ERR Command not allowed inside a transaction\r\n".to_owned()
        } else {
            format!("-NOPERM User batch has no permissions to run the '{}' command\r\n", command.name)
        };
        assert_eq!(user.run(request), refused, "{request}");
        let aborted = "-EXECABORT Transaction discarded because of previous errors.\r\n";
        assert_eq!(user.run("EXEC"), aborted, "{request}");
        assert_eq!(state(&engine, &mut witness), before, "{request}");
    }
}
