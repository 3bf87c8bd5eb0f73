//! Connections: what clients see of each other, and how they close each other's connections.

mod engine_with_clients;

use engine_with_clients::{EngineWithClients, TestClient};

fn pass_ms(engine: &EngineWithClients, millis: u64) {
    engine.now_ms.set(engine.now_ms.get() + millis);
}

/// One field of the only line in a reply.
fn field(reply: &str, name: &str) -> String {
    let found = reply.split([' ', '\n']).find_map(|field| field.strip_prefix(&format!("{name}=")));
    found.unwrap_or_else(|| panic!("no {name} in {reply}")).to_owned()
}

/// The ids in the reply of a `CLIENT LIST` with this filter.
fn ids(client: &mut TestClient<'_>, filter: &str) -> String {
    let reply = client.run(&format!("CLIENT LIST {filter}"));
    let ids: Vec<&str> =
        reply.lines().filter_map(|line| line.strip_prefix("id=")?.split(' ').next()).collect();
    assert!(reply.starts_with('$'), "{reply}");
    ids.join(" ")
}

#[test]
fn the_line_of_the_client_that_asks_is_true_while_it_runs() {
    let engine = EngineWithClients::new(&[]);
    let mut client = engine.client("127.0.0.1:1");
    client.run("PING");
    pass_ms(&engine, 90_000);
    let request = "client list";
    let reply = client.run(request);
    assert_eq!(field(&reply, "cmd"), "client|list");
    assert_eq!(field(&reply, "age"), "90");
    assert_eq!(field(&reply, "idle"), "0");
    assert_eq!(field(&reply, "qbuf"), (request.len() + 1).to_string());
    assert_eq!(field(&reply, "tot-cmds"), "1");
    assert_eq!(field(&reply, "tot-net-out"), "7");
    assert_eq!(field(&reply, "obl"), "0");
}

#[test]
fn replies_that_wait_in_a_pipeline_are_shown_and_those_sent_are_not() {
    let engine = EngineWithClients::new(&[]);
    let mut client = engine.client("127.0.0.1:1");
    let reply = client.run("PING\nPING\nCLIENT INFO");
    assert_eq!(field(&reply, "obl"), "14");
    let after = engine.client("127.0.0.1:2").run("CLIENT LIST ID 1");
    assert_eq!(field(&after, "obl"), "0");
    assert_eq!(field(&after, "rbp"), reply.len().to_string());
    assert_eq!(field(&after, "tot-net-out"), reply.len().to_string());
    assert_eq!(field(&after, "qbuf"), "0");
}

#[test]
fn the_fields_stand_in_the_order_of_the_peers() {
    let engine = EngineWithClients::new(&[]);
    let reply = engine.client("127.0.0.1:1").run("CLIENT INFO");
    let line = reply.lines().nth(1).unwrap_or_default();
    let names: Vec<&str> = line.split(' ').filter_map(|field| field.split('=').next()).collect();
    assert_eq!(
        names.join(" "),
        "id addr laddr fd name age idle flags capa db sub psub ssub multi watch qbuf qbuf-free argv-mem multi-mem rbs rbp obl oll omem \
         tot-mem events cmd user redir resp lib-name lib-ver io-thread tot-net-in tot-net-out tot-cmds"
    );
    assert!(reply.ends_with("\n\r\n"));
}

#[test]
fn before_its_first_command_and_after_what_is_none_a_client_has_no_command() {
    let engine = EngineWithClients::new(&[]);
    let mut quiet = engine.client("127.0.0.1:1");
    let mut asking = engine.client("127.0.0.1:2");
    assert_eq!(field(&asking.run("CLIENT LIST ID 1"), "cmd"), "NULL");
    quiet.run("GET a");
    assert_eq!(field(&asking.run("CLIENT LIST ID 1"), "cmd"), "get");
    quiet.run("NONSENSE");
    assert_eq!(field(&asking.run("CLIENT LIST ID 1"), "cmd"), "NULL");
}

#[test]
fn filters_choose_clients_by_what_they_are() {
    let engine = EngineWithClients::new(&[]);
    let mut old = engine.client("10.0.0.1:1");
    old.run(
        "CLIENT SETNAME one\nSELECT 3\nCLIENT NO-EVICT ON\nCLIENT NO-TOUCH ON\nCLIENT CAPA redirect later",
    );
    pass_ms(&engine, 100_000);
    let mut me = engine.client("[::1]:2");
    me.run("CLIENT SETINFO LIB-NAME lib\nCLIENT SETINFO LIB-VER 3");
    for (filter, expected) in [
        ("", "1 2"),
        ("SKIPME YES", "1"),
        ("ID 1 2 99", "1 2"),
        ("ID 1 ID 2", "1 2"),
        ("NOT-ID 1", "2"),
        ("TYPE NORMAL", "1 2"),
        ("TYPE REPLICA", ""),
        ("NOT-TYPE normal", ""),
        ("USER default", "1 2"),
        ("NOT-USER default", ""),
        ("ADDR 10.0.0.1:1", "1"),
        ("NOT-ADDR 10.0.0.1:1", "2"),
        ("IP ::1", "2"),
        ("NOT-IP ::1", "1"),
        ("LADDR 127.0.0.1:0", "1 2"),
        ("NAME one", "1"),
        ("NAME \"\"", ""),
        ("NOT-NAME \"\"", "1 2"),
        ("NOT-NAME one", "2"),
        ("NAME two NAME one", "1"),
        ("FLAGS eT", "1"),
        ("FLAGS eTU", ""),
        ("NOT-FLAGS eTU", "1 2"),
        ("FLAGS N", "2"),
        ("DB 3", "1"),
        ("NOT-DB 3", "2"),
        ("CAPA r", "1"),
        ("LIB-NAME lib LIB-VER 3", "2"),
        ("LIB-NAME lib DB 3", ""),
        ("MAXAGE 100", "1"),
        ("MAXAGE 101", ""),
        ("IDLE 100", "1"),
        ("IDLE 101", ""),
    ] {
        assert_eq!(ids(&mut me, filter), expected, "{filter}");
    }
}

#[test]
fn wrong_filters_close_nobody() {
    let engine = EngineWithClients::new(&[]);
    let mut other = engine.client("127.0.0.1:1");
    let mut me = engine.client("127.0.0.1:2");
    for (filter, error) in [
        ("ID 1 FOO", "ERR syntax error"),
        ("ID 1 FOO bar", "ERR syntax error"),
        ("ID 1 SKIPME maybe", "ERR syntax error"),
        ("ID 0", "ERR client-id should be greater than 0"),
        ("ID 1 TYPE what", "ERR Unknown client type 'what'"),
        ("ID 1 USER nobody", "ERR No such user 'nobody'"),
        ("ID 1 MAXAGE x", "ERR maxage is not an integer or out of range"),
        ("ID 1 IDLE 0", "ERR idle should be greater than 0"),
        ("ID 1 FLAGS Nz", "ERR Unknown flags found in the provided filter: Nz"),
        ("ID 1 NOT-CAPA z", "ERR Unknown capa found in the NOT-CAPA filter: z"),
        ("ID 1 DB 16", "ERR DB number should be between 0 and 15"),
        ("ID 1 NOT-DB x", "ERR NOT-DB is not an integer or out of range"),
        ("ID 1 NOT-IDLE 1", "ERR syntax error"),
    ] {
        assert_eq!(me.run(&format!("CLIENT KILL {filter}")), format!("-{error}\r\n"), "{filter}");
    }
    assert_eq!(other.run("PING"), "+PONG\r\n");
}

#[test]
fn a_killed_client_is_gone_at_once_and_runs_nothing_more() {
    let engine = EngineWithClients::new(&[]);
    let mut victim = engine.client("127.0.0.1:1");
    let mut killer = engine.client("127.0.0.1:2");
    assert_eq!(killer.run("CLIENT KILL 127.0.0.1:1"), "+OK\r\n");
    assert_eq!(ids(&mut killer, ""), "2");
    assert_eq!(killer.run("CLIENT KILL 127.0.0.1:1"), "-ERR No such client\r\n");
    assert_eq!(killer.run("CLIENT KILL ID 1"), ":0\r\n");
    assert_eq!(victim.run("SET a 1"), "");
    assert!(victim.is_closed());
    assert_eq!(killer.run("GET a"), "$-1\r\n");
}

#[test]
fn who_closes_its_own_connection_gets_the_reply_and_nothing_more() {
    let engine = EngineWithClients::new(&[]);
    let mut spared = engine.client("127.0.0.1:1");
    assert_eq!(spared.run("CLIENT KILL ID 1\nPING"), ":0\r\n+PONG\r\n");
    assert_eq!(spared.run("CLIENT KILL ID 1 SKIPME NO\nPING"), ":1\r\n");
    assert!(spared.is_closed());
    let mut other = engine.client("127.0.0.1:2");
    assert_eq!(other.run("CLIENT KILL 127.0.0.1:2\nPING"), "+OK\r\n");
    assert!(other.is_closed());
}

#[test]
fn names_that_would_break_a_line_are_refused() {
    let engine = EngineWithClients::new(&[]);
    let mut client = engine.client("127.0.0.1:1");
    for name in ["a b", "a\\n", "a\\x00", "a\\x7f", "a\\xc3\\xa9"] {
        assert_eq!(
            client.run(&format!("CLIENT SETNAME \"{name}\"")),
            "-ERR Client names cannot contain spaces, newlines or special characters.\r\n"
        );
        assert_eq!(
            client.run(&format!("CLIENT SETINFO lib-ver \"{name}\"")),
            "-ERR lib-ver cannot contain spaces, newlines or special characters.\r\n"
        );
    }
    assert_eq!(client.run("CLIENT SETNAME !~\nCLIENT GETNAME"), "+OK\r\n$2\r\n!~\r\n");
    assert_eq!(client.run("CLIENT SETNAME \"\"\nCLIENT GETNAME"), "+OK\r\n$-1\r\n");
}

#[test]
fn replies_can_be_turned_off_and_skipped() {
    let engine = EngineWithClients::new(&[]);
    for (requests, replies) in [
        ("CLIENT REPLY OFF\nPING\nCLIENT REPLY FOO\nCLIENT REPLY ON\nPING", "+OK\r\n+PONG\r\n"),
        ("CLIENT REPLY SKIP\nPING\nECHO a", "$1\r\na\r\n"),
        ("CLIENT REPLY SKIP\nCLIENT REPLY SKIP\nPING\nECHO a", "$1\r\na\r\n"),
        ("CLIENT REPLY SKIP\nCLIENT REPLY ON\nPING", "+OK\r\n+PONG\r\n"),
        ("CLIENT REPLY SKIP\nNONSENSE\nPING", "+PONG\r\n"),
        ("CLIENT REPLY SKIP\nRESET\nPING", "+PONG\r\n"),
        ("CLIENT REPLY OFF\nRESET\nPING", "+RESET\r\n+PONG\r\n"),
        ("CLIENT REPLY OFF\nCLIENT REPLY SKIP\nPING\nCLIENT REPLY ON", "+OK\r\n"),
    ] {
        assert_eq!(engine.client("127.0.0.1:1").run(requests), replies, "{requests}");
    }
}

#[test]
fn an_error_quotes_a_word_in_full_as_the_peers_do() {
    let engine = EngineWithClients::new(&[]);
    let mut client = engine.client("127.0.0.1:1");
    let reply = client.run(&format!("CLIENT KILL ID 1 TYPE {}", "a".repeat(10_000)));
    assert_eq!(reply, format!("-ERR Unknown client type '{}'\r\n", "a".repeat(10_000)));
}

#[test]
fn nobody_waits_and_nothing_is_tracked() {
    let engine = EngineWithClients::new(&[]);
    let mut client = engine.client("127.0.0.1:1");
    for (request, reply) in [
        ("CLIENT UNBLOCK 1", ":0\r\n"),
        ("CLIENT UNBLOCK 1 ERROR", ":0\r\n"),
        ("CLIENT UNBLOCK x", "-ERR value is not an integer or out of range\r\n"),
        ("CLIENT UNBLOCK x y", "-ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR\r\n"),
        (
            "CLIENT UNBLOCK 1 ERROR x",
            "-ERR unknown subcommand or wrong number of arguments for 'UNBLOCK'. Try CLIENT HELP.\r\n",
        ),
        ("CLIENT GETREDIR", ":-1\r\n"),
        (
            "CLIENT TRACKINGINFO",
            "*6\r\n$5\r\nflags\r\n*1\r\n$3\r\noff\r\n$8\r\nredirect\r\n:-1\r\n$8\r\nprefixes\r\n*0\r\n",
        ),
    ] {
        assert_eq!(client.run(request), reply, "{request}");
    }
}

#[test]
fn no_more_clients_than_allowed_are_let_in() {
    let engine = EngineWithClients::new(&[("maxclients", "2")]);
    let first = engine.client("127.0.0.1:1");
    let _second = engine.client("127.0.0.1:2");
    let refused = engine.admit("127.0.0.1:3").err().map(|refused| refused.to_string());
    assert_eq!(refused.as_deref(), Some("ERR max number of clients reached"));
    drop(first);
    let mut third = engine.client("127.0.0.1:4");
    assert_eq!(third.run("CLIENT ID"), ":3\r\n");
}
