//! Clients that wait, and may not have what they wait for any more: they are being closed, or their user's rules have changed.

mod engine_with_clients;

use engine_with_clients::{EngineWithClients, TestClient};

/// What waits, what somebody else does then, and how one sees that nobody was served.
const WAITS: [(&str, &str, &str, &str); 5] = [
    ("BLPOP k 0", "RPUSH k x", "LLEN k", ":1\r\n"),
    ("BLMOVE k l LEFT LEFT 0", "RPUSH k x", "LLEN k", ":1\r\n"),
    ("BZPOPMIN k 0", "ZADD k 1 x", "ZCARD k", ":1\r\n"),
    ("XREAD BLOCK 0 STREAMS k $", "XADD k 1-1 f v", "XLEN k", "1\r\n:1\r\n"),
    (
        "XREADGROUP GROUP g c BLOCK 0 STREAMS s >",
        "XADD s 1-1 f v",
        "XPENDING s g",
        "*4\r\n:0\r\n$-1\r\n$-1\r\n*-1\r\n",
    ),
];

/// A client, and its id.
fn waiting<'e>(under_test: &'e EngineWithClients, user: &str, request: &str) -> (TestClient<'e>, String) {
    let mut client = under_test.client("1.2.3.4:5");
    let id = client.run("CLIENT ID").trim_matches([':', '\r', '\n']).to_owned();
    assert_eq!(client.run(&format!("AUTH {user} x")), "+OK\r\n");
    assert_eq!(client.run(request), "");
    (client, id)
}

/// An engine with a stream, its group, and two users who may do everything.
fn engine(admin: &mut TestClient<'_>) {
    admin.run("FLUSHALL\nXGROUP CREATE s g $ MKSTREAM\nACL LOG RESET");
    for user in ["ann", "bob"] {
        assert_eq!(admin.run(&format!("ACL SETUSER {user} reset on nopass +@all ~*")), "+OK\r\n");
    }
}

#[test]
fn a_killed_client_takes_nothing_from_the_moment_on_that_it_is_killed() {
    let under_test = EngineWithClients::new(&[]);
    let mut admin = under_test.client("1.2.3.4:1");
    for (wait, change, look, untouched) in WAITS {
        for kill in ["CLIENT KILL ID", "ACL DELUSER"] {
            engine(&mut admin);
            let (mut killed, id) = waiting(&under_test, "bob", wait);
            let whom = if kill == "ACL DELUSER" { "bob" } else { &id };
            let replies = admin.run(&format!("{kill} {whom}\n{change}\n{look}"));
            assert!(replies.starts_with(":1\r\n") && replies.ends_with(untouched), "{wait}: {replies}");
            assert_eq!(killed.run(""), "", "{wait}");
            assert!(killed.is_closed(), "{wait}");
        }
    }
}

#[test]
fn who_has_lost_the_right_to_what_he_waits_for_is_refused() {
    let under_test = EngineWithClients::new(&[]);
    let mut admin = under_test.client("1.2.3.4:1");
    for (nth, (wait, change, look, untouched)) in (1..).zip(WAITS) {
        engine(&mut admin);
        let (mut refused, _) = waiting(&under_test, "bob", wait);
        let (mut permitted, _) = waiting(&under_test, "ann", wait);
        admin.run("CONFIG RESETSTAT\nACL SETUSER bob -@all");
        admin.run(change);
        let name = wait.split(' ').next().unwrap_or_default().to_lowercase();
        let error = format!("-NOPERM User bob has no permissions to run the '{name}' command\r\n");
        assert_eq!(refused.run(""), error);
        assert_ne!(permitted.run(""), "", "{wait}");
        let log = admin.run("ACL LOG");
        assert!(log.contains(&format!("\r\n{name}\r\n")) && log.contains("\r\ntoplevel\r\n"), "{log}");
        let stats = admin.run("INFO commandstats\nINFO errorstats\nINFO stats");
        assert!(stats.contains("errorstat_NOPERM:count=1\r\n"), "{stats}");
        assert!(stats.contains(&format!("acl_access_denied_cmd:{nth}\r\n")), "{stats}");
        assert!(stats.contains("rejected_calls=1"), "{stats}");
        // Alone, it leaves everything as it is.
        engine(&mut admin);
        let (mut refused, _) = waiting(&under_test, "bob", wait);
        admin.run("ACL SETUSER bob resetkeys");
        let replies = admin.run(&format!("{change}\n{look}"));
        assert!(replies.ends_with(untouched), "{wait}: {replies}");
        assert_eq!(refused.run(""), "-NOPERM No permissions to access a key\r\n", "{wait}");
    }
}

#[test]
fn rules_that_change_for_others_leave_a_wait_alone() {
    let under_test = EngineWithClients::new(&[]);
    let mut admin = under_test.client("1.2.3.4:1");
    engine(&mut admin);
    let (mut client, _) = waiting(&under_test, "bob", "BLPOP k 0");
    admin.run("ACL SETUSER ann -@all\nACL SETUSER bob off resetkeys ~k\nCONFIG SET requirepass x");
    assert_eq!(admin.run("RPUSH k x"), ":1\r\n");
    assert_eq!(client.run(""), "*2\r\n$1\r\nk\r\n$1\r\nx\r\n");
}

#[test]
fn the_next_in_line_is_served_in_place_of_a_killed_client() {
    let under_test = EngineWithClients::new(&[]);
    let mut admin = under_test.client("1.2.3.4:1");
    engine(&mut admin);
    let (_killed, id) = waiting(&under_test, "bob", "BLPOP k 0");
    let (mut next, _) = waiting(&under_test, "bob", "BLPOP k 0");
    assert_eq!(admin.run(&format!("CLIENT KILL ID {id}\nRPUSH k x\nLLEN k")), ":1\r\n:1\r\n:0\r\n");
    assert_eq!(next.run(""), "*2\r\n$1\r\nk\r\n$1\r\nx\r\n");
}

#[test]
fn a_client_that_is_closed_for_its_size_takes_nothing() {
    let under_test = EngineWithClients::new(&[]);
    let mut admin = under_test.client("1.2.3.4:1");
    engine(&mut admin);
    let (mut large, _) = waiting(&under_test, "bob", "BLPOP k 0");
    large.send(&[b' '; 300_000]);
    // What it sends while it waits is noted by its connection.
    assert_eq!(large.run(""), "");
    assert_eq!(admin.run("CLIENT NO-EVICT on\nCONFIG SET maxmemory-clients 200000"), "+OK\r\n+OK\r\n");
    assert_eq!(admin.run(&format!("ECHO {}", "a".repeat(60_000))).len(), 60_010);
    assert_eq!(admin.run("RPUSH k x\nLLEN k"), ":1\r\n:1\r\n");
    assert_eq!(large.run(""), "");
    assert!(large.is_closed());
}

#[test]
fn what_a_wait_tells_its_own_client_as_it_begins_is_not_left_behind() {
    let under_test = EngineWithClients::new(&[]);
    let mut client = under_test.client("1.2.3.4:1");
    client.run("HELLO 3\nRPUSH l x\nPEXPIRE l 10\nCLIENT TRACKING ON BCAST");
    under_test.now_ms.set(under_test.now_ms.get() + 100);
    assert_eq!(client.run("BLPOP l 0"), ">2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\nl\r\n");
}
