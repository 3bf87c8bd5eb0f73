//! Which port, and when.

use std::net::TcpListener;
use std::process::Command;

use kvd_tests::patience::wait_until;
use kvd_tests::process;

use super::client::{Client, Server, at};

fn is_open(port: u16) -> bool {
    Client::connect(at(port)).is_ok()
}

#[test]
fn it_is_off_unless_asked_for_and_can_be_moved_while_kvd_runs() {
    let kvd = process::kvd().unwrap_or_else(|missing| panic!("{missing}")).start().unwrap();
    let server = Server { http: kvd.address, process: kvd };
    let set = |port: u16| server.command(&["CONFIG", "SET", "http-port", &port.to_string()]);
    let (one, other) = (process::free_port().unwrap(), process::free_port().unwrap());
    assert!(!server.process.log().contains("for HTTP"));
    assert_eq!(set(one), "+OK");
    let mut kept = Client::connect(at(one)).unwrap();
    assert_eq!(kept.ask("GET", "/").status, 200);
    assert_eq!(set(other), "+OK");
    assert!(!is_open(one), "the port before is closed");
    assert_eq!(Client::connect(at(other)).unwrap().ask("GET", "/metrics").status, 200);
    wait_until(|| kept.is_closed(), "who came through the port before has to go");
    assert_eq!(set(0), "+OK");
    assert!(!is_open(other));
    assert_eq!(set(other), "+OK");
    assert_eq!(Client::connect(at(other)).unwrap().ask("GET", "/").status, 200);
}

#[test]
fn a_port_that_is_taken_is_an_error_and_the_one_before_stays() {
    let server = Server::start(&[]);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let reply = server.command(&["CONFIG", "SET", "http-port", &port]);
    assert!(reply.contains("Unable to listen on this port") && reply.contains("in use"), "{reply}");
    assert_eq!(server.get("/").status, 200);
    let kept = server.command(&["CONFIG", "SET", "http-port", "99999"]);
    assert!(kept.starts_with("-ERR"), "{kept}");

    let program = process::kvd().unwrap_or_else(|missing| panic!("{missing}")).path;
    let own = process::free_port().unwrap().to_string();
    let output = Command::new(program).args(["--port", &own, "--http-port", &port]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success());
    assert!(said.contains(&format!("127.0.0.1:{port}: Address already in use")), "{said}");
    assert!(said.contains("give kvd another 'http-port'"), "{said}");
}

#[test]
fn it_listens_where_http_bind_says_and_nowhere_else() {
    let server = Server::start(&["--http-bind", "127.0.0.2"]);
    let port = server.http.port();
    assert!(!is_open(port));
    let elsewhere = std::net::SocketAddr::from(([127, 0, 0, 2], port));
    assert_eq!(Client::connect(elsewhere).unwrap().ask("GET", "/").status, 200);
    // All addresses, of which one is in the way of itself.
    assert_eq!(server.command(&["CONFIG", "SET", "http-bind", "*"]), "+OK");
    assert_eq!(server.get("/").status, 200);
    let refused = server.command(&["CONFIG", "SET", "http-bind", "192.0.2.1"]);
    assert!(refused.contains("Cannot assign requested address"), "{refused}");
    assert_eq!(server.get("/").status, 200, "it is as before");
    assert_eq!(server.command(&["CONFIG", "SET", "http-bind", "127.0.0.1"]), "+OK");
    assert_eq!(server.get("/").status, 200);
    assert!(Client::connect(elsewhere).is_err());
}

#[test]
fn one_change_of_several_parameters_is_all_or_nothing() {
    let server = Server::start(&[]);
    let other = process::free_port().unwrap().to_string();
    let reply = server.command(&["CONFIG", "SET", "http-port", &other, "tls-port", "1"]);
    assert!(reply.starts_with("-ERR"), "without a certificate there is no TLS: {reply}");
    wait_until(|| Client::connect(server.http).is_ok(), "the port is as before");
    assert_eq!(server.get("/").status, 200);
    assert!(!is_open(other.parse().unwrap()));
}

#[test]
fn it_goes_with_the_server() {
    let mut server = Server::start(&[]);
    let mut kept = server.connect();
    assert_eq!(kept.ask("GET", "/").status, 200);
    server.process.signal("TERM").unwrap();
    assert!(server.process.wait().unwrap().success(), "a connection that is open doesn't keep it");
    assert!(kept.is_closed());
}
