//! Connections: passwords, the greeting, RESET and QUIT.

mod engine_with_clients;

use config::Origin;
use engine_with_clients::EngineWithClients;

const NOAUTH: &str = "-NOAUTH Authentication required.\r\n";
const WRONGPASS: &str = "-WRONGPASS invalid username-password pair or user is disabled.\r\n";
const HELLO_FIRST: &str = "-NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> \
                           option can be used to authenticate the client and select the RESP protocol version at the same time\r\n";

fn guarded() -> EngineWithClients {
    EngineWithClients::new(&[("requirepass", "secret")])
}

#[test]
fn a_stranger_may_only_log_in_greet_start_over_and_leave() {
    let engine = guarded();
    let mut stranger = engine.client("127.0.0.1:1");
    for request in ["PING", "GET a", "FLUSHALL", "CLIENT ID", "CLIENT LIST", "SELECT 0", "ECHO a"] {
        assert_eq!(stranger.run(request), NOAUTH, "{request}");
    }
    assert_eq!(stranger.run("HELLO 3"), HELLO_FIRST);
    assert_eq!(stranger.run("RESET"), "+RESET\r\n");
    assert_eq!(stranger.run("QUIT"), "+OK\r\n");
    assert!(stranger.is_closed());
}

#[test]
fn every_wrong_login_gets_the_same_answer() {
    let engine = guarded();
    let mut stranger = engine.client("127.0.0.1:1");
    for request in [
        "AUTH wrong",
        "AUTH \"\"",
        "AUTH secre",
        "AUTH secrets",
        "AUTH default wrong",
        "AUTH Default secret",
        "AUTH nobody secret",
        "HELLO 3 AUTH default wrong",
        "HELLO 3 AUTH nobody secret",
    ] {
        assert_eq!(stranger.run(request), WRONGPASS, "{request}");
        assert_eq!(stranger.run("PING"), NOAUTH, "{request}");
    }
}

#[test]
fn requests_pipelined_behind_a_login_are_served_at_once() {
    let engine = guarded();
    assert_eq!(engine.client("127.0.0.1:1").run("AUTH secret\nPING\nPING"), "+OK\r\n+PONG\r\n+PONG\r\n");
    let replies = engine.client("127.0.0.1:2").run("PING\nAUTH default secret\nECHO a");
    assert_eq!(replies, format!("{NOAUTH}+OK\r\n$1\r\na\r\n"));
}

#[test]
fn requests_behind_a_reset_at_the_end_of_a_full_batch_are_served_at_once() {
    let engine = guarded();
    let mut client = engine.client("127.0.0.1:1");
    client.run("AUTH secret");
    let requests = format!("{}RESET\nPING", "PING\n".repeat(63));
    assert_eq!(client.run(&requests), format!("{}+RESET\r\n{NOAUTH}", "+PONG\r\n".repeat(63)));
}

#[test]
fn a_failed_login_leaves_a_client_logged_in_with_its_name_and_protocol() {
    let engine = guarded();
    let mut client = engine.client("127.0.0.1:1");
    client.run("AUTH secret\nCLIENT SETNAME one");
    assert_eq!(client.run("HELLO 3 AUTH default wrong SETNAME two"), WRONGPASS);
    assert_eq!(client.run("GET missing"), "$-1\r\n");
    assert_eq!(client.run("CLIENT GETNAME"), "$3\r\none\r\n");
}

#[test]
fn auth_without_a_configured_password_warns() {
    let engine = EngineWithClients::new(&[]);
    let mut client = engine.client("127.0.0.1:1");
    assert_eq!(
        client.run("AUTH x"),
        "-ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?\r\n"
    );
    assert_eq!(client.run("AUTH default x"), "+OK\r\n");
    assert_eq!(client.run("AUTH nobody x"), WRONGPASS);
    assert_eq!(client.run("AUTH a b c"), "-ERR syntax error\r\n");
}

#[test]
fn a_client_that_was_not_logged_in_needs_no_login_once_the_password_is_taken_away() {
    let engine = guarded();
    let mut client = engine.client("127.0.0.1:1");
    let mut later = engine.client("127.0.0.1:2");
    later.run("AUTH secret");
    let set =
        |password: &[u8]| engine.engine.set_parameters(&[(b"requirepass", password)], Origin::Client).is_ok();
    assert!(set(b""));
    assert_eq!(
        client.run("PING\nHELLO 2 FOO\nSELECT 1"),
        "+PONG\r\n-ERR Syntax error in HELLO option 'FOO'\r\n+OK\r\n"
    );
    assert!(set(b"other"));
    assert_eq!(client.run("PING"), NOAUTH);
    assert_eq!(later.run("PING"), "+PONG\r\n");
}

#[test]
fn hello_answers_in_the_protocol_it_asks_for() {
    let engine = EngineWithClients::new(&[]);
    let mut client = engine.client("127.0.0.1:1");
    let facts = |proto: u8| {
        format!(
            "$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$5\r\n8.2.0\r\n$5\r\nproto\r\n:{proto}\r\n$2\r\nid\r\n:1\r\n\
             $4\r\nmode\r\n$10\r\nstandalone\r\n$4\r\nrole\r\n$6\r\nmaster\r\n$7\r\nmodules\r\n*0\r\n"
        )
    };
    assert_eq!(client.run("HELLO"), format!("*14\r\n{}", facts(2)));
    assert_eq!(client.run("HELLO 3 SETNAME app"), format!("%7\r\n{}", facts(3)));
    assert_eq!(client.run("GET missing\nCLIENT GETNAME"), "_\r\n$3\r\napp\r\n");
    assert_eq!(client.run("HELLO"), format!("%7\r\n{}", facts(3)));
    assert_eq!(client.run("HELLO 2"), format!("*14\r\n{}", facts(2)));
}

#[test]
fn hello_tells_the_availability_zone_if_there_is_one() {
    let engine = EngineWithClients::new(&[("availability-zone", "north-1")]);
    let reply = engine.client("127.0.0.1:1").run("HELLO 3");
    assert!(reply.starts_with("%8\r\n"), "{reply}");
    assert!(reply.ends_with("*0\r\n$17\r\navailability_zone\r\n$7\r\nnorth-1\r\n"), "{reply}");
}

#[test]
fn a_hello_with_a_fault_changes_nothing() {
    let engine = EngineWithClients::new(&[]);
    let mut client = engine.client("127.0.0.1:1");
    for (request, error) in [
        ("HELLO x", "-ERR Protocol version is not an integer or out of range\r\n"),
        ("HELLO 4", "-NOPROTO unsupported protocol version\r\n"),
        ("HELLO 3 AUTH default", "-ERR Syntax error in HELLO option 'AUTH'\r\n"),
        ("HELLO 3 SETNAME a FOO", "-ERR Syntax error in HELLO option 'FOO'\r\n"),
        (
            "HELLO 3 AUTH nobody x SETNAME \"a b\"",
            "-ERR Client names cannot contain spaces, newlines or special characters.\r\n",
        ),
    ] {
        assert_eq!(client.run(request), error, "{request}");
        assert_eq!(client.run("CLIENT GETNAME"), "$-1\r\n", "{request}");
    }
}

#[test]
fn reset_makes_the_session_a_new_one() {
    let engine = guarded();
    let mut client = engine.client("127.0.0.1:1");
    client.run("HELLO 3 AUTH default secret SETNAME app\nSELECT 3\nCLIENT NO-TOUCH ON\nCLIENT NO-EVICT ON\nCLIENT SETINFO LIB-NAME lib");
    assert_eq!(client.run("RESET\nPING"), format!("+RESET\r\n{NOAUTH}"));
    client.run("AUTH secret");
    assert_eq!(client.run("GET missing\nCLIENT GETNAME"), "$-1\r\n$-1\r\n");
    let info = client.run("CLIENT INFO");
    assert!(info.contains(" flags=N capa= db=0 ") && info.contains(" resp=2 lib-name=lib "), "{info}");
}

#[test]
fn nothing_is_served_behind_quit() {
    let engine = EngineWithClients::new(&[]);
    let mut client = engine.client("127.0.0.1:1");
    assert_eq!(client.run("PING\nQUIT\nPING"), "+PONG\r\n+OK\r\n");
    assert!(client.is_closed());
}

#[test]
fn logins_are_counted_among_the_errors_by_their_code() {
    let engine = guarded();
    let mut client = engine.client("127.0.0.1:1");
    client.run("AUTH wrong\nPING\nAUTH secret");
    let stats = engine.engine.stats();
    let usage = stats.usage(catalog::id::AUTH);
    assert_eq!((usage.calls, usage.failed, usage.rejected), (2, 1, 0));
    assert_eq!(stats.usage(catalog::id::PING).rejected, 1);
    assert_eq!(stats.errors(), [("NOAUTH".to_owned(), 1), ("WRONGPASS".to_owned(), 1)]);
}
