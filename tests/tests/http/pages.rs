//! What there is to ask for, and how.

use kvd_tests::patience::wait_until;

use super::client::Server;

#[test]
fn each_page_is_there_and_nothing_else() {
    let server = Server::start(&[]);
    for path in ["/healthz", "/readyz"] {
        wait_until(|| server.get(path).body == "ok\n", path);
        assert_eq!(server.get(path).headers["content-type"], "text/plain; charset=utf-8");
    }
    for (path, status, content_type, part) in [
        ("/", 200, "text/html; charset=utf-8", "<a href=\"/metrics\">"),
        ("/metrics", 200, "text/plain; version=0.0.4; charset=utf-8", "\nkvd_connected_clients "),
        ("/metrics?name=x", 200, "text/plain; version=0.0.4; charset=utf-8", "\nkvd_connected_clients "),
        ("/metrics/", 404, "text/plain; charset=utf-8", "no such page"),
        ("/../metrics", 404, "text/plain; charset=utf-8", "no such page"),
        ("/favicon.ico", 404, "text/plain; charset=utf-8", "no such page"),
        ("*", 404, "text/plain; charset=utf-8", "no such page"),
    ] {
        let answer = server.get(path);
        assert_eq!(answer.status, status, "{path}");
        assert_eq!(answer.headers["content-type"], content_type, "{path}");
        assert!(answer.body.contains(part), "{path}: {}", answer.body);
    }
}

#[test]
fn head_is_get_without_the_body_and_other_methods_are_refused() {
    let server = Server::start(&[]);
    let mut client = server.connect();
    for path in ["/", "/metrics", "/nosuch"] {
        let got = client.ask("GET", path);
        let head = client.ask("HEAD", path);
        assert_eq!((head.status, &head.headers["content-type"]), (got.status, &got.headers["content-type"]));
        assert!(head.headers.contains_key("content-length"), "{head:?}");
    }
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "BREW"] {
        let answer = client.ask(method, "/metrics");
        assert_eq!((answer.status, answer.headers["allow"].as_str()), (405, "GET, HEAD"), "{method}");
    }
    assert_eq!(client.ask("POST", "/nosuch").status, 404);
    client.send(b"POST /metrics HTTP/1.1\r\nHost: kvd\r\nContent-Length: 5\r\n\r\nhello").unwrap();
    assert_eq!(client.answer().unwrap().status, 405);
}

#[test]
fn a_connection_serves_many_requests_and_ends_when_asked_to() {
    let server = Server::start(&[]);
    let mut client = server.connect();
    for _ in 0..50 {
        assert_eq!(client.ask("GET", "/").status, 200);
    }
    client.send(b"GET / HTTP/1.1\r\nHost: kvd\r\nConnection: close\r\n\r\n").unwrap();
    assert_eq!(client.answer().unwrap().status, 200);
    assert_eq!(client.rest(), "");
    let mut old = server.connect();
    old.send(b"GET / HTTP/1.0\r\n\r\n").unwrap();
    assert!(old.rest().ends_with("</html>\n"));
}

#[test]
fn requests_in_one_piece_are_answered_in_their_order() {
    let server = Server::start(&[]);
    let mut client = server.connect();
    let requests: String = ["/", "/nosuch", "/metrics", "/", "/"]
        .map(|path| format!("GET {path} HTTP/1.1\r\nHost: kvd\r\n\r\n"))
        .concat();
    client.send(requests.as_bytes()).unwrap();
    let answers: Vec<_> = (0..5).map(|_| client.answer().unwrap()).collect();
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [200, 404, 200, 200, 200]);
    assert!(answers[2].body.contains("kvd_uptime_in_seconds") && answers[3].body.contains("<h1>kvd</h1>"));
}

#[test]
fn who_closes_its_own_side_still_gets_its_answer() {
    let server = Server::start(&[]);
    let mut client = server.connect();
    client.send(b"GET /metrics HTTP/1.1\r\nHost: kvd\r\n\r\n").unwrap();
    client.end_sending();
    assert!(client.answer().unwrap().body.contains("kvd_uptime_in_seconds"));
    assert_eq!(client.rest(), "");
}

#[test]
fn neither_a_password_nor_a_limit_of_clients_keeps_metrics_away() {
    let server = Server::start(&["--requirepass", "secret", "--maxclients", "1"]);
    let mut only = server.database();
    assert_eq!(super::client::command(&mut only, &["AUTH", "secret"]), "+OK");
    let answer = server.get("/metrics");
    assert_eq!(answer.status, 200);
    assert!(answer.body.contains("\nkvd_connected_clients 1\n"), "who asks for metrics is no client");
}
