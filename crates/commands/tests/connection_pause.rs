//! CLIENT PAUSE: what is held back, for how long, and in which order it is run afterwards.

#![expect(clippy::disallowed_methods, reason = "threads are given the time to come to a lock")]

mod engine_with_clients;

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use engine::{Clock, Engine, Flow, Moment, Peer};
use engine_with_clients::{EngineWithClients, TestClient};
use resp::{Output, RequestReader};

/// Whether these requests, one a line, get past a pause of a second; what is held back is run then.
fn is_held(under_test: &EngineWithClients, pause: &str, requests: &str) -> bool {
    let mut pauser = under_test.client("1.2.3.4:5");
    pauser.run(&format!("CLIENT PAUSE 1000 {pause}"));
    let mut client = under_test.client("1.2.3.4:6");
    client.send(format!("{requests}\n").as_bytes());
    let held = client.serve() == Flow::Wait;
    pass(under_test, 1000);
    assert_ne!(client.serve(), Flow::Wait, "{requests}");
    held
}

fn pass(under_test: &EngineWithClients, millis: u64) {
    under_test.now_ms.set(under_test.now_ms.get() + millis);
}

fn flags(client: &mut TestClient<'_>, id: u64) -> String {
    let line = client.run(&format!("CLIENT LIST ID {id}"));
    let flags = line.split(" flags=").nth(1).expect("a line");
    flags.split(' ').next().expect("a field").to_owned()
}

fn info(client: &mut TestClient<'_>, name: &str) -> String {
    let text = client.run("INFO clients");
    let found = text.split("\r\n").find_map(|line| line.strip_prefix(&format!("{name}:")));
    found.unwrap_or_else(|| panic!("INFO has a field {name}")).to_owned()
}

#[test]
fn what_may_change_something_is_held_back() {
    let under_test = EngineWithClients::new(&[]);
    for (request, is_write) in [
        ("SET a 1", true),
        ("GETEX a", true),
        ("PFCOUNT a", true),
        ("FLUSHALL", true),
        ("MULTI\nSET a 1", true),
        ("GET a", false),
        ("PING", false),
        ("MULTI\nGET a\nEXEC", false),
        ("CONFIG SET timeout 0", false),
    ] {
        assert_eq!(is_held(&under_test, "WRITE", request), is_write, "{request}");
        let mut nobody = under_test.client("1.2.3.4:7");
        nobody.run("DEL a\nCLIENT UNPAUSE");
    }
    for request in ["GET a", "PING", "CLIENT UNPAUSE", "MULTI"] {
        assert!(is_held(&under_test, "ALL", request), "{request}");
        assert!(is_held(&under_test, "", request), "{request}");
    }
    for request in ["NOSUCH", "GET"] {
        assert!(!is_held(&under_test, "ALL", request), "{request}");
        pass(&under_test, 1000);
    }
}

#[test]
fn an_exec_is_held_back_if_it_writes() {
    let under_test = EngineWithClients::new(&[]);
    let mut reader = under_test.client("1.2.3.4:5");
    let mut writer = under_test.client("1.2.3.4:6");
    reader.run("MULTI\nGET a");
    writer.run("MULTI\nSET a 1");
    under_test.client("1.2.3.4:7").run("CLIENT PAUSE 1000 WRITE");
    assert_eq!(reader.run("EXEC"), "*1\r\n$-1\r\n");
    assert_eq!(writer.run("EXEC"), "");
    pass(&under_test, 1000);
    assert_eq!(writer.run(""), "*1\r\n+OK\r\n");
}

#[test]
fn a_pipeline_goes_on_in_its_order() {
    let under_test = EngineWithClients::new(&[]);
    let mut client = under_test.client("1.2.3.4:5");
    assert_eq!(client.run("CLIENT PAUSE 1000 WRITE\nGET a\nSET a 1\nGET a"), "+OK\r\n$-1\r\n");
    client.send(b"PING\r\n");
    assert_eq!(client.serve(), Flow::Wait);
    pass(&under_test, 999);
    assert_eq!(client.serve(), Flow::Wait);
    pass(&under_test, 1);
    assert_eq!(client.run(""), "+OK\r\n$1\r\n1\r\n+PONG\r\n");
}

#[test]
fn unpause_lets_everybody_go_on() {
    let under_test = EngineWithClients::new(&[]);
    let mut pauser = under_test.client("1.2.3.4:5");
    pauser.run("CLIENT PAUSE 1000 WRITE");
    let mut client = under_test.client("1.2.3.4:6");
    assert_eq!(client.run("SET a 1"), "");
    assert_eq!(flags(&mut pauser, 2), "b");
    let shown = ["blocked_clients", "paused_reason", "paused_actions", "paused_timeout_milliseconds"];
    assert_eq!(shown.map(|name| info(&mut pauser, name)), ["1", "client_pause", "write", "1000"]);
    assert_eq!(pauser.run("CLIENT UNBLOCK 2\nCLIENT UNPAUSE"), ":0\r\n+OK\r\n");
    assert_eq!(client.run(""), "+OK\r\n");
    assert_eq!(flags(&mut pauser, 2), "N");
    assert_eq!(shown.map(|name| info(&mut pauser, name)), ["0", "none", "none", "0"]);
}

#[test]
fn of_two_pauses_the_longer_and_the_stricter_counts() {
    let under_test = EngineWithClients::new(&[]);
    let mut client = under_test.client("1.2.3.4:5");
    client.run("CLIENT PAUSE 700 WRITE\nCLIENT PAUSE 100 ALL");
    assert_eq!(client.run("PING"), "");
    pass(&under_test, 699);
    assert_eq!(client.run(""), "");
    pass(&under_test, 1);
    assert_eq!(client.run(""), "+PONG\r\n");
}

#[test]
fn nothing_is_removed_unasked_meanwhile() {
    let under_test = EngineWithClients::new(&[]);
    let mut client = under_test.client("1.2.3.4:5");
    client.run("SET a 1 PX 10\nCLIENT PAUSE 1000 WRITE");
    pass(&under_test, 500);
    under_test.engine.tick(0, &under_test);
    assert_eq!(client.run("DBSIZE"), ":1\r\n");
    pass(&under_test, 500);
    under_test.engine.tick(0, &under_test);
    assert_eq!(client.run("DBSIZE"), ":0\r\n");
}

/// Looks at keys of every type, as `k` is none of most of them.
const READS: [&str; 29] = [
    "GET k",
    "MGET k k",
    "STRLEN k",
    "GETRANGE k 0 1",
    "SUBSTR k 0 1",
    "GETBIT k 0",
    "BITCOUNT k",
    "EXISTS k k",
    "TOUCH k",
    "TYPE k",
    "TTL k",
    "PEXPIRETIME k",
    "OBJECT ENCODING k",
    "OBJECT IDLETIME k",
    "DUMP k",
    "SORT_RO k",
    "LLEN k",
    "LRANGE k 0 -1",
    "HGETALL k",
    "HRANDFIELD k 3",
    "SMEMBERS k",
    "SINTERCARD 2 k k",
    "SDIFF k k",
    "ZRANGE k 0 -1",
    "ZUNION 2 k k",
    "GEOPOS k a",
    "XRANGE k - +",
    "XREAD STREAMS k 0",
    "WATCH k",
];

#[test]
fn what_is_due_meanwhile_reads_as_absent_and_stays_where_it_is() {
    let under_test = EngineWithClients::new(&[("notify-keyspace-events", "KEA")]);
    let mut client = under_test.client("1.2.3.4:5");
    let mut listener = under_test.client("1.2.3.4:6");
    let absent = READS.map(|request| client.run(request));
    client.run("UNWATCH");
    for create in
        ["SET k v", "RPUSH k v", "SADD k v", "ZADD k 1 v", "HSET k f v", "XADD k 1-1 f v", "GEOADD k 1 1 a"]
    {
        client.run(&format!("FLUSHALL\n{create}\nPEXPIRE k 10\nCLIENT PAUSE 1000 WRITE"));
        listener.run("PSUBSCRIBE *");
        pass(&under_test, 500);
        let found = READS.map(|request| client.run(request));
        assert_eq!(found, absent, "{create}");
        under_test.engine.tick(0, &under_test);
        assert_eq!(client.run("UNWATCH\nDBSIZE"), "+OK\r\n:1\r\n", "{create}");
        assert_eq!(listener.run(""), "", "{create}");
        pass(&under_test, 500);
        assert_eq!(client.run("GET k\nDBSIZE"), "$-1\r\n:0\r\n", "{create}");
        assert_eq!(listener.run("PUNSUBSCRIBE").matches("expired").count(), 2, "{create}");
    }
}

#[test]
fn fields_that_are_due_meanwhile_read_as_absent_and_stay_where_they_are() {
    let under_test = EngineWithClients::new(&[]);
    let mut client = under_test.client("1.2.3.4:5");
    client.run("HSET h a 1 b 2\nHPEXPIRE h 10 FIELDS 1 a\nHSET all a 1\nHPEXPIRE all 10 FIELDS 1 a");
    client.run("CLIENT PAUSE 1000 WRITE");
    pass(&under_test, 500);
    under_test.engine.tick(0, &under_test);
    assert_eq!(client.run("HGET h a\nHKEYS h\nHEXISTS h a"), "$-1\r\n*1\r\n$1\r\nb\r\n:0\r\n");
    assert_eq!(client.run("HGETALL all\nHRANDFIELD all -3\nEXISTS all"), "*0\r\n*0\r\n:0\r\n");
    assert_eq!(client.run("HLEN h\nDBSIZE"), ":2\r\n:2\r\n");
    pass(&under_test, 500);
    assert_eq!(client.run("HLEN h\nHGETALL all\nDBSIZE"), ":1\r\n*0\r\n:1\r\n");
}

#[test]
fn a_transaction_may_pause_and_go_on() {
    let under_test = EngineWithClients::new(&[]);
    let mut client = under_test.client("1.2.3.4:5");
    client.run("SET a 1 PX 10");
    let block = "MULTI\nCLIENT PAUSE 1000 WRITE\nINCR a\nDBSIZE\nEXEC";
    assert!(client.run(block).ends_with("*3\r\n+OK\r\n:2\r\n:1\r\n"));
    assert_eq!(client.run("INCR a"), "");
    pass(&under_test, 1000);
    assert_eq!(client.run(""), ":1\r\n");
}

/// A clock that stands.
struct Stopped;

impl Clock for Stopped {
    fn now(&self) -> Moment {
        Moment::from_unix_millis(1_800_000_000_000)
    }
}

/// Serves requests of a client of its own. Returns the replies, and whether it waits.
fn serve(engine: &Engine, requests: &str) -> (String, bool) {
    let mut session = engine.open(0, &Peer::in_process(), Stopped.now(), Arc::new(())).expect("one may come");
    let (mut input, mut output) = (RequestReader::new(), Output::new());
    input.feed(format!("{requests}\n").as_bytes());
    let flow = engine.serve(&mut session, &mut input, &Stopped, &mut output);
    engine.close(session);
    (String::from_utf8_lossy(&output.to_vec()).into_owned(), flow == Flow::Wait)
}

/// Long enough for a thread to come to a lock; if it isn't, the test sees less.
const A_WHILE: Duration = Duration::from_millis(30);

#[test]
fn a_change_that_has_begun_is_done_before_the_reply() {
    for pause in ["CLIENT PAUSE 1000 WRITE", "MULTI\nCLIENT PAUSE 1000 WRITE\nEXEC"] {
        let EngineWithClients { engine, .. } = EngineWithClients::new(&[]);
        let locked = engine.keyspace().lock([engine.keyspace().key(b"a").hash()]);
        thread::scope(|scope| {
            let pauser = scope.spawn(|| serve(&engine, pause));
            while engine.paused(Stopped.now()).is_none() {
                thread::yield_now();
            }
            thread::sleep(A_WHILE);
            assert!(!pauser.is_finished(), "{pause}");
            drop(locked);
            assert!(pauser.join().expect("it doesn't panic").0.contains("+OK\r\n"), "{pause}");
        });
    }
}

#[test]
fn a_change_that_waited_for_its_locks_is_held_back_too() {
    let requests = ["INCR a", "GET b\nINCR a", "FLUSHALL", "MULTI\nINCR a\nEXEC", "DEL a\nDEL a"];
    for request in requests {
        let EngineWithClients { engine, .. } = EngineWithClients::new(&[]);
        serve(&engine, "SET a 1");
        let locked = engine.keyspace().lock([engine.keyspace().key(b"a").hash()]);
        thread::scope(|scope| {
            let writer = scope.spawn(|| serve(&engine, request));
            thread::sleep(A_WHILE);
            let pauser = scope.spawn(|| serve(&engine, "CLIENT PAUSE 1000 WRITE"));
            while engine.paused(Stopped.now()).is_none() {
                thread::yield_now();
            }
            drop(locked);
            assert_eq!(pauser.join().expect("it doesn't panic").0, "+OK\r\n");
            assert_eq!(serve(&engine, "GET a").0, "$1\r\n1\r\n", "{request}");
            assert!(writer.join().expect("it doesn't panic").1, "{request}");
            assert_eq!(serve(&engine, "GET a").0, "$1\r\n1\r\n", "{request}");
        });
    }
}

#[test]
fn a_wait_ends_in_its_time_and_a_killed_client_leaves() {
    let under_test = EngineWithClients::new(&[]);
    let mut waiting = under_test.client("1.2.3.4:5");
    assert_eq!(waiting.run("BLPOP a 0.5"), "");
    let mut pauser = under_test.client("1.2.3.4:6");
    let mut held = under_test.client("1.2.3.4:7");
    pauser.run("CLIENT PAUSE 1000 WRITE");
    assert_eq!(held.run("SET a 1"), "");
    pass(&under_test, 500);
    assert_eq!(waiting.run(""), "*-1\r\n");
    assert_eq!(pauser.run("CLIENT KILL ID 3"), ":1\r\n");
    assert_eq!(held.run(""), "");
    assert!(held.is_closed());
    assert_eq!(pauser.run("EXISTS a"), ":0\r\n");
}

#[test]
fn who_monitors_is_not_held_back() {
    let under_test = EngineWithClients::new(&[]);
    let mut monitor = under_test.client("1.2.3.4:7");
    monitor.run("MONITOR");
    under_test.client("1.2.3.4:5").run("CLIENT PAUSE 1000 ALL");
    monitor.send(b"PING\n");
    assert_ne!(monitor.serve(), Flow::Wait);
}
