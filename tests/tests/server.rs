//! kvd as a process: what it does with signals, sockets, limits, and clients that behave oddly.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]
#![expect(clippy::disallowed_methods, reason = "processes take their time")]

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::process::Command;
use std::time::{Duration, Instant};

use kvd_tests::process::{self, Process};
use kvd_tests::wire;

/// Longer than any answer takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

fn start(arguments: &[&str]) -> Process {
    process::kvd().unwrap_or_else(|missing| panic!("{missing}")).start_with(arguments).unwrap()
}

fn connect(kvd: &Process) -> TcpStream {
    let stream = TcpStream::connect(kvd.address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    stream
}

fn ask(stream: &mut (impl Read + Write), words: &[&str], reply: &str) {
    stream.write_all(&wire::encode(words)).unwrap();
    let mut got = vec![0; reply.len()];
    stream.read_exact(&mut got).unwrap();
    assert_eq!(String::from_utf8_lossy(&got), reply);
}

fn everything(stream: &mut impl Read) -> String {
    let mut all = Vec::new();
    match stream.read_to_end(&mut all) {
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
        Err(error) => panic!("{error}"),
    }
    String::from_utf8_lossy(&all).into_owned()
}

#[test]
fn sigterm_and_sigint_stop_the_server_in_good_order() {
    for signal in ["TERM", "INT"] {
        let mut kvd = start(&[]);
        let mut client = connect(&kvd);
        ask(&mut client, &["SET", "a", "1"], "+OK\r\n");
        kvd.signal(signal).unwrap();
        assert!(kvd.wait().unwrap().success());
        assert_eq!(everything(&mut client), "");
        let log = kvd.log();
        assert!(log.contains(&format!("received SIG{signal}: stopping")) && log.contains("stopped"), "{log}");
    }
}

#[test]
fn shutdown_by_a_client_stops_the_server() {
    let mut kvd = start(&[]);
    let mut client = connect(&kvd);
    client.write_all(&wire::encode(&["SHUTDOWN", "NOSAVE"])).unwrap();
    assert!(kvd.wait().unwrap().success());
    assert_eq!(everything(&mut client), "");
}

#[test]
fn a_unix_socket_serves_with_its_permissions_and_goes_with_the_server() {
    let mut kvd = start(&["--unixsocket", "kvd.sock", "--unixsocketperm", "700"]);
    let path = kvd.folder().join("kvd.sock");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
    let mut client = UnixStream::connect(&path).unwrap();
    client.set_read_timeout(Some(PATIENCE)).unwrap();
    ask(&mut client, &["PING"], "+PONG\r\n");
    kvd.signal("TERM").unwrap();
    assert!(kvd.wait().unwrap().success());
    assert!(!path.exists());
}

#[test]
fn a_unix_socket_goes_with_the_server_wherever_its_folder_is_then() {
    let mut kvd = start(&["--unixsocket", "kvd.sock", "--enable-protected-configs", "local"]);
    let path = kvd.folder().join("kvd.sock");
    let elsewhere = tempfile::tempdir().unwrap();
    std::fs::write(elsewhere.path().join("kvd.sock"), "somebody's").unwrap();
    ask(&mut connect(&kvd), &["CONFIG", "SET", "dir", elsewhere.path().to_str().unwrap()], "+OK\r\n");
    kvd.signal("TERM").unwrap();
    assert!(kvd.wait().unwrap().success());
    assert!(!path.exists());
    assert!(elsewhere.path().join("kvd.sock").exists());
}

#[test]
fn a_file_where_the_unix_socket_should_be_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kvd.sock");
    std::fs::write(&path, "somebody's").unwrap();
    let error = process::kvd().unwrap_or_else(|missing| panic!("{missing}"));
    let error = error.start_with(&["--unixsocket", path.to_str().unwrap()]).unwrap_err();
    assert!(error.to_string().contains("something else than a socket"), "{error}");
    assert_eq!(std::fs::read(&path).unwrap(), b"somebody's");
}

#[test]
fn one_client_too_many_is_told_so() {
    let kvd = start(&["--maxclients", "2"]);
    // The connection that found the server listening may still be counted.
    let _one = served(&kvd);
    let two = served(&kvd);
    assert_eq!(everything(&mut connect(&kvd)), "-ERR max number of clients reached\r\n");
    drop(two);
    served(&kvd);
}

/// A client that got one of the places; as others leave only when the server notices, it may have to ask again.
fn served(kvd: &Process) -> TcpStream {
    let start = Instant::now();
    loop {
        let mut client = connect(kvd);
        let mut first = [0; 7];
        if client.write_all(b"PING\r\n").is_ok()
            && client.read_exact(&mut first).is_ok()
            && first == *b"+PONG\r\n"
        {
            return client;
        }
        assert!(start.elapsed() < PATIENCE, "the place of a client that left is not free");
    }
}

#[test]
fn an_idle_client_is_sent_away_and_a_busy_one_is_not() {
    let kvd = start(&["--timeout", "1"]);
    let (mut idle, mut busy) = (connect(&kvd), connect(&kvd));
    let start = Instant::now();
    idle.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    loop {
        ask(&mut busy, &["PING"], "+PONG\r\n");
        match idle.read(&mut [0]) {
            Ok(0) => break,
            Ok(_) => panic!("nobody asked for anything"),
            Err(error) => {
                assert!(matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{error}")
            }
        }
        assert!(start.elapsed() < PATIENCE);
    }
    ask(&mut busy, &["PING"], "+PONG\r\n");
}

#[test]
fn a_pipeline_may_be_sent_whole_before_the_first_reply_is_read() {
    const REQUESTS: usize = 20_000;
    let kvd = start(&[]);
    let mut client = connect(&kvd);
    let value = "v".repeat(2000);
    ask(&mut client, &["SET", "a", &value], "+OK\r\n");
    // 40 MB of replies: more than all buffers of the sockets hold.
    client.write_all(&wire::encode(&["GET", "a"]).repeat(REQUESTS)).unwrap();
    let reply = format!("$2000\r\n{value}\r\n");
    let mut got = vec![0; reply.len()];
    for _ in 0..REQUESTS {
        client.read_exact(&mut got).unwrap();
        assert_eq!(got, reply.as_bytes());
    }
}

#[test]
fn a_client_that_lets_too_much_of_a_reply_wait_is_closed() {
    let kvd = start(&["--client-output-buffer-limit", "normal 1mb 0 0"]);
    let mut greedy = connect(&kvd);
    // Sockets on loopback hold some megabytes.
    ask(&mut greedy, &["SETRANGE", "a", "50000000", "v"], ":50000001\r\n");
    let request = wire::encode(&["GET", "a"]);
    let start = Instant::now();
    while greedy.write_all(&request).is_ok() {
        assert!(start.elapsed() < PATIENCE, "the client is still there");
    }
    ask(&mut connect(&kvd), &["PING"], "+PONG\r\n");
    assert!(kvd.log().contains("client-output-buffer-limit"), "{}", kvd.log());
}

#[test]
fn a_large_value_comes_and_goes_unharmed() {
    const LEN: usize = 20_000_000;
    let kvd = start(&[]);
    let mut client = connect(&kvd);
    let value: Vec<u8> = (0..LEN).map(|index| (index % 251) as u8).collect();
    client.write_all(format!("*3\r\n$3\r\nSET\r\n$3\r\nbig\r\n${LEN}\r\n").as_bytes()).unwrap();
    client.write_all(&value).unwrap();
    client.write_all(b"\r\n").unwrap();
    let mut ok = [0; 5];
    client.read_exact(&mut ok).unwrap();
    assert_eq!(&ok, b"+OK\r\n");
    client.write_all(&wire::encode(&["GET", "big"])).unwrap();
    let mut got = vec![0; format!("${LEN}\r\n").len() + LEN + 2];
    client.read_exact(&mut got).unwrap();
    assert!(got.ends_with(b"\r\n") && got[got.len() - LEN - 2..got.len() - 2] == value[..]);
}

#[test]
fn replies_are_sent_to_a_client_that_has_closed_its_own_side() {
    let kvd = start(&[]);
    let mut client = connect(&kvd);
    client.write_all(b"PING\r\nPING\r\n").unwrap();
    client.shutdown(std::net::Shutdown::Write).unwrap();
    assert_eq!(everything(&mut client), "+PONG\r\n+PONG\r\n");
}

#[test]
fn a_bad_configuration_is_named_and_nothing_starts() {
    let program = process::kvd().unwrap_or_else(|missing| panic!("{missing}"));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("kvd.conf");
    std::fs::write(&file, "port 7000\nmaxclients many\n").unwrap();
    let output = Command::new(&program.path).arg(&file).output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success());
    assert!(text.contains("kvd.conf', at line 2") && text.contains("maxclients many"), "{text}");
    let output = Command::new(&program.path).args(["--nosuch", "1"]).output().unwrap();
    assert!(!output.status.success());
}

#[test]
fn help_and_version_are_shown() {
    let program = process::kvd().unwrap_or_else(|missing| panic!("{missing}"));
    let show = |option: &str| {
        let output = Command::new(&program.path).arg(option).output().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(show("--help").contains("--port <PORT>"));
    assert_eq!(show("--version"), format!("kvd {}\n", env!("CARGO_PKG_VERSION")));
}
