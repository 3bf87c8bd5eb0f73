//! The probes.

use std::io::Write;

use kvd_tests::patience::wait_until;
use kvd_tests::wire;

use super::client::{Server, command, reply};

#[test]
fn a_worker_that_does_not_come_round_is_found_out_and_forgiven() {
    let server = Server::start(&[]);
    for path in ["/healthz", "/readyz"] {
        wait_until(|| server.get(path).body == "ok\n", "all workers come round");
        let mut database = server.database();
        database.get_mut().write_all(&wire::encode(&["DEBUG", "SLEEP", "6"])).unwrap();
        let mut said = String::new();
        let is_ill = || {
            let answer = server.get(path);
            said = answer.body;
            answer.status == 503
        };
        // The command has to arrive first.
        wait_until(is_ill, "a worker sleeps");
        assert!(said.contains("has not come round for"), "{said}");
        assert_eq!(reply(&mut database), "+OK");
        wait_until(|| server.get(path).status == 200, "it is awake again");
    }
}

#[test]
fn probes_answer_while_metrics_wait_for_data() {
    let server = Server::start(&[]);
    let mut database = server.database();
    database.get_mut().write_all(&wire::encode(&["DEBUG", "SLEEP", "3"])).unwrap();
    wait_until(|| server.get("/healthz").status == 503, "a worker sleeps, and holds all data");
    let mut scrape = server.connect();
    scrape.send(b"GET /metrics HTTP/1.1\r\nHost: kvd\r\n\r\n").unwrap();
    assert_eq!(server.get("/").status, 200);
    assert_eq!(server.get("/nosuch").status, 404);
    let answer = scrape.answer().unwrap();
    assert!(answer.status == 200 && answer.body.contains("kvd_connected_clients"), "{answer:?}");
    assert_eq!(reply(&mut database), "+OK");
}

#[test]
fn whose_clients_are_all_paused_is_not_ready_but_alive() {
    let server = Server::start(&[]);
    let mut database = server.database();
    assert_eq!(command(&mut database, &["CLIENT", "PAUSE", "100000", "WRITE"]), "+OK");
    wait_until(|| server.get("/readyz").status == 200, "reads are served");
    assert_eq!(command(&mut database, &["CLIENT", "UNPAUSE"]), "+OK");
    assert_eq!(command(&mut database, &["CLIENT", "PAUSE", "8000", "ALL"]), "+OK");
    let ready = server.get("/readyz");
    assert!(ready.status == 503 && ready.body.contains("CLIENT PAUSE"), "{ready:?}");
    server.wait_until_healthy();
    wait_until(|| server.get("/readyz").status == 200, "the pause is over");
}
