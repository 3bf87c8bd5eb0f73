//! kvd over TLS: who gets in, certificates renewed, clients that misbehave, and connections as good as plain ones.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]
#![expect(clippy::disallowed_methods, reason = "processes take their time")]

mod certificates;
mod clients;
mod connections;
mod reload;
mod server;

use std::io::{Read, Write};
use std::process::Command;

use certificates::Folder;
use kvd_tests::process;
use server::{Server, ask, connect, ping};
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{HandshakeKind, ProtocolVersion};

#[test]
fn clients_are_let_in_by_certificate_as_tls_auth_clients_says() {
    let (folder, ca) = Folder::new();
    let stranger = folder.authority("stranger");
    folder.issue(&stranger, "strange");
    let server = Server::start(&folder, &[]);
    for (mode, without, known, strange) in
        [("yes", false, true, false), ("optional", true, true, false), ("no", true, true, true)]
    {
        assert_eq!(server.config_set(&[("tls-auth-clients", mode)]), "+OK");
        for (shows, is_welcome) in [(None, without), (Some("client"), known), (Some("strange"), strange)] {
            for versions in [[&TLS12], [&TLS13]] {
                let mut client = server.connect(&folder.client_of_versions(&ca, shows, &versions));
                let answer = ping(&mut client);
                assert_eq!(
                    answer.is_ok_and(|line| line == "+PONG"),
                    is_welcome,
                    "{mode} {shows:?} {versions:?}"
                );
            }
        }
    }
}

#[test]
fn a_client_that_doesnt_know_the_servers_authority_refuses_it() {
    let (folder, ca) = Folder::new();
    let stranger = folder.authority("stranger");
    let server = Server::start(&folder, &["--tls-auth-clients", "no"]);
    let error = ping(&mut server.connect(&folder.client(&stranger, None))).unwrap_err();
    assert!(error.to_string().contains("UnknownIssuer"), "{error}");
    assert_eq!(ping(&mut server.connect(&folder.client(&ca, None))).unwrap(), "+PONG");
}

#[test]
fn authorities_come_from_a_folder_too() {
    let (folder, ca) = Folder::new();
    let other = folder.authority("other");
    folder.issue(&other, "client");
    let server = Server::start(&folder, &[]);
    let client = folder.client(&ca, Some("client"));
    assert!(ping(&mut server.connect(&client)).is_err());
    std::fs::create_dir(folder.path("authorities")).unwrap();
    std::fs::copy(folder.path("other.crt"), folder.path("authorities/1")).unwrap();
    folder.write("authorities/README", "nothing of worth");
    assert_eq!(server.config_set(&[("tls-ca-cert-dir", &folder.path("authorities"))]), "+OK");
    assert_eq!(ping(&mut server.connect(&client)).unwrap(), "+PONG");
}

#[test]
fn versions_are_those_of_tls_protocols() {
    let (folder, ca) = Folder::new();
    let server = Server::start(&folder, &["--tls-auth-clients", "no"]);
    let version_of = |versions: &[&'static _]| {
        let mut client = server.connect(&folder.client_of_versions(&ca, None, versions));
        ping(&mut client).ok().and_then(|_| client.conn.protocol_version())
    };
    assert_eq!(version_of(&[&TLS12, &TLS13]), Some(ProtocolVersion::TLSv1_3));
    assert_eq!(version_of(&[&TLS12]), Some(ProtocolVersion::TLSv1_2));
    assert_eq!(server.config_set(&[("tls-protocols", "TLSv1.3")]), "+OK");
    assert_eq!(version_of(&[&TLS12]), None);
    assert_eq!(server.config_set(&[("tls-protocols", "TLSv1.1 TLSv1.2")]), "+OK");
    assert_eq!(version_of(&[&TLS12, &TLS13]), Some(ProtocolVersion::TLSv1_2));
    assert!(server.process.log().contains("TLSv1 and TLSv1.1 are not spoken"), "{}", server.process.log());
}

#[test]
fn sessions_are_resumed_as_tls_session_caching_says() {
    let (folder, ca) = Folder::new();
    let server = Server::start(&folder, &[]);
    for (caching, second) in [("yes", HandshakeKind::Resumed), ("no", HandshakeKind::Full)] {
        assert_eq!(server.config_set(&[("tls-session-caching", caching)]), "+OK");
        for versions in [[&TLS12], [&TLS13]] {
            let config = folder.client_of_versions(&ca, Some("client"), &versions);
            for kind in [HandshakeKind::Full, second] {
                let mut client = server.connect(&config);
                assert_eq!(ping(&mut client).unwrap(), "+PONG");
                assert_eq!(client.conn.handshake_kind(), Some(kind), "caching {caching}, {versions:?}");
            }
        }
    }
}

#[test]
fn tls_alone_is_enough_to_listen_on() {
    let (folder, ca) = Folder::new();
    let kvd = process::kvd().unwrap_or_else(|missing| panic!("{missing}"));
    let port = process::free_port().unwrap().to_string();
    let mut child = Command::new(kvd.path)
        .args(["--port", "0", "--tls-port", &port, "--bind", "127.0.0.1", "--tls-auth-clients", "no"])
        .args(["--tls-cert-file", &folder.path("server.crt"), "--tls-key-file", &folder.path("server.key")])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut log = child.stdout.take().unwrap();
    let mut seen = Vec::new();
    while !String::from_utf8_lossy(&seen).contains(" worker thread") {
        let mut some = [0; 1000];
        let count = log.read(&mut some).unwrap();
        assert!(count > 0, "it ended: {}", String::from_utf8_lossy(&seen));
        seen.extend_from_slice(&some[..count]);
    }
    let address = format!("127.0.0.1:{port}").parse().unwrap();
    let answer = ping(&mut connect(address, &folder.client(&ca, None)));
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(answer.unwrap(), "+PONG");
}

#[test]
fn what_is_wrong_with_a_file_is_said_and_nothing_starts() {
    let (folder, ca) = Folder::new();
    folder.issue(&ca, "other");
    folder.write("empty.crt", "no certificate\n");
    folder.write(
        "locked.key",
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
    );
    let fails = |cert: &str, key: &str, ca: &str, wanted: &str| {
        let kvd = process::kvd().unwrap_or_else(|missing| panic!("{missing}"));
        let mut command = Command::new(kvd.path);
        command.args(["--port", "0", "--tls-port", &process::free_port().unwrap().to_string()]);
        command.args(["--bind", "127.0.0.1"]);
        for (name, file) in [("--tls-cert-file", cert), ("--tls-key-file", key), ("--tls-ca-cert-file", ca)] {
            if !file.is_empty() {
                command.args([name, &folder.path(file)]);
            }
        }
        let output = command.output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && text.contains(wanted), "wanted {wanted}, got {text}");
    };
    fails("", "server.key", "ca.crt", "'tls-cert-file' is not set");
    fails("server.crt", "", "ca.crt", "'tls-key-file' is not set");
    fails("nosuch.crt", "server.key", "ca.crt", "nosuch.crt: No such file or directory");
    fails("empty.crt", "server.key", "ca.crt", "empty.crt holds no certificate");
    fails("server.crt", "server.crt", "ca.crt", "server.crt holds no private key");
    fails("server.crt", "locked.key", "ca.crt", "locked.key holds an encrypted key");
    folder.write("v1.crt", include_str!("v1.crt"));
    fails("v1.crt", "server.key", "ca.crt", "version 3 is needed");
    fails("server.crt", "other.key", "ca.crt", "other.key is not the key of the certificate in");
    fails("server.crt", "server.key", "", "neither 'tls-ca-cert-file' nor 'tls-ca-cert-dir' is set");
    fails("server.crt", "server.key", "empty.crt", "empty.crt holds no certificate");
}

#[test]
fn a_client_too_many_is_told_so_over_tls() {
    let (folder, ca) = Folder::new();
    let server = Server::start(&folder, &["--tls-auth-clients", "no"]);
    let config = folder.client(&ca, None);
    assert_eq!(server.config_set(&[("maxclients", "1")]), "+OK");
    // Whoever set it may still be counted.
    server.wait_until_served(&config, |kept| {
        let mut refused = server.connect(&config);
        let mut said = String::new();
        refused.read_to_string(&mut said).unwrap();
        assert_eq!(said, "-ERR max number of clients reached\r\n");
        ask(kept, &["PING"], "+PONG\r\n");
    });
}

#[test]
fn plain_commands_and_garbage_on_the_tls_port_harm_nobody() {
    let (folder, ca) = Folder::new();
    let server = Server::start(&folder, &["--tls-auth-clients", "no"]);
    for bytes in [b"*1\r\n$4\r\nPING\r\n".as_slice(), b"PING\r\n", &[0; 5000], &[0x16, 3, 1, 0xff, 0xff, 1]] {
        let mut client = server.silent();
        // The server may have hung up already.
        let _ended = client.write_all(bytes).and_then(|()| client.shutdown(std::net::Shutdown::Write));
        let mut said = Vec::new();
        // An alert and the end, or a reset.
        let _ended = client.read_to_end(&mut said);
        assert!(!said.starts_with(b"+"), "{said:?}");
    }
    server.wait_for_log("what the client sent is not TLS");
    assert_eq!(ping(&mut server.connect(&folder.client(&ca, None))).unwrap(), "+PONG");
}

#[test]
fn stalled_handshakes_keep_nobody_waiting_and_end() {
    const STALLED: usize = 200;
    let (folder, ca) = Folder::new();
    let server = Server::start(&folder, &["--tls-auth-clients", "no"]);
    let stalled: Vec<_> = (0..STALLED)
        .map(|number| {
            let mut client = server.silent();
            // Some say nothing, some begin a record of theirs.
            client.write_all(if number % 2 == 0 { &[] } else { &[0x16, 3, 1, 2, 0, 1] }).unwrap();
            client
        })
        .collect();
    let config = folder.client(&ca, None);
    for _ in 0..10 {
        assert_eq!(ping(&mut server.connect(&config)).unwrap(), "+PONG");
        assert_eq!(ping(&mut server.plain()).unwrap(), "+PONG");
    }
    for mut client in stalled {
        // Not one is left open.
        assert_eq!(client.read(&mut [0; 100]).unwrap_or(0), 0);
    }
    server.wait_for_log("the handshake was not done after");
}
