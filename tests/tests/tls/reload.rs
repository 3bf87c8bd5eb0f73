//! CONFIG SET of TLS parameters.

use std::fs;

use super::certificates::Folder;
use super::server::{Client, Server, ask, ping};
use kvd_tests::process;

fn shown(client: &Client) -> Vec<u8> {
    client.conn.peer_certificates().unwrap()[0].to_vec()
}

#[test]
fn a_renewed_certificate_is_taken_and_connections_go_on() {
    let (folder, ca) = Folder::new();
    let server = Server::start(&folder, &["--tls-auth-clients", "no"]);
    let config = folder.client(&ca, None);
    let mut old = server.connect(&config);
    ask(&mut old, &["SET", "a", "1"], "+OK\r\n");
    folder.issue(&ca, "server");
    let (cert, key) = (folder.path("server.crt"), folder.path("server.key"));
    assert_eq!(server.config_set(&[("tls-cert-file", &cert), ("tls-key-file", &key)]), "+OK");
    let mut new = server.connect(&config);
    ask(&mut new, &["GET", "a"], "$1\r\n1\r\n");
    assert_eq!(shown(&new), folder.certificate("server").to_vec());
    assert_ne!(shown(&new), shown(&old));
    ask(&mut old, &["GET", "a"], "$1\r\n1\r\n");
}

#[test]
fn other_files_are_taken_together() {
    let (folder, ca) = Folder::new();
    folder.issue(&ca, "other");
    let server = Server::start(&folder, &["--tls-auth-clients", "no"]);
    let (cert, key) = (folder.path("other.crt"), folder.path("other.key"));
    let alone = server.config_set(&[("tls-cert-file", &cert)]);
    assert!(alone.contains("is not the key of the certificate in 'tls-cert-file'"), "{alone}");
    assert_eq!(server.config_set(&[("tls-cert-file", &cert), ("tls-key-file", &key)]), "+OK");
    let mut client = server.connect(&folder.client(&ca, None));
    ask(&mut client, &["CONFIG", "GET", "tls-port"], "*2\r\n$8\r\ntls-port\r\n");
    assert_eq!(shown(&client), folder.certificate("other").to_vec());
}

#[test]
fn a_bad_file_is_refused_with_all_that_was_set_beside_it() {
    let (folder, ca) = Folder::new();
    let server = Server::start(&folder, &["--tls-auth-clients", "no"]);
    let config = folder.client(&ca, None);
    let mut before = server.connect(&config);
    assert_eq!(ping(&mut before).unwrap(), "+PONG");
    // The files in force are other ones now, and nobody has asked for them.
    folder.issue(&ca, "server");
    let refusal = server.config_set(&[("timeout", "100"), ("tls-cert-file", &folder.path("nosuch.crt"))]);
    let wanted = "-ERR CONFIG SET failed (possibly related to argument 'tls-cert-file') - Unable to update TLS configuration: ";
    assert!(
        refusal.starts_with(wanted) && refusal.ends_with("nosuch.crt: No such file or directory"),
        "{refusal}"
    );
    ask(&mut before, &["CONFIG", "GET", "timeout"], "*2\r\n$7\r\ntimeout\r\n$1\r\n0\r\n");
    let mut after = server.connect(&config);
    assert_eq!(ping(&mut after).unwrap(), "+PONG");
    assert_eq!(shown(&after), shown(&before));
}

#[test]
fn a_parameter_refused_beside_it_leaves_tls_as_it_was() {
    let (folder, ca) = Folder::new();
    let server = Server::start(&folder, &["--tls-auth-clients", "no"]);
    let refusal = server.config_set(&[("tls-auth-clients", "yes"), ("port", "1")]);
    assert!(refusal.contains("'port'"), "{refusal}");
    assert_eq!(ping(&mut server.connect(&folder.client(&ca, None))).unwrap(), "+PONG");
}

#[test]
fn the_port_moves_and_closes() {
    let (folder, ca) = Folder::new();
    let mut server = Server::start(&folder, &["--tls-auth-clients", "no"]);
    let config = folder.client(&ca, None);
    let old = server.tls;
    let mut kept = server.connect(&config);
    assert_eq!(ping(&mut kept).unwrap(), "+PONG");
    server.tls.set_port(process::free_port().unwrap());
    assert_eq!(server.config_set(&[("tls-port", &server.tls.port().to_string())]), "+OK");
    assert_eq!(ping(&mut server.connect(&config)).unwrap(), "+PONG");
    assert!(std::net::TcpStream::connect(old).is_err());
    let taken = server.config_set(&[("tls-port", &server.process.address.port().to_string())]);
    assert!(taken.contains("argument 'tls-port') - Unable to listen on this port: "), "{taken}");
    assert_eq!(ping(&mut server.connect(&config)).unwrap(), "+PONG");
    // There and back again: a port that was closed is free at once.
    for port in [0, server.tls.port(), old.port(), server.tls.port()] {
        assert_eq!(server.config_set(&[("tls-port", &port.to_string())]), "+OK");
    }
    assert_eq!(ping(&mut server.connect(&config)).unwrap(), "+PONG");
    assert_eq!(ping(&mut kept).unwrap(), "+PONG");
}

#[test]
fn files_are_looked_at_when_there_is_a_port_for_them() {
    let (folder, ca) = Folder::new();
    let server = Server::start(&folder, &["--tls-auth-clients", "no"]);
    assert_eq!(server.config_set(&[("tls-port", "0")]), "+OK");
    assert_eq!(server.config_set(&[("tls-cert-file", "/nosuch")]), "+OK");
    let port = server.tls.port().to_string();
    let refusal = server.config_set(&[("tls-port", &port)]);
    assert!(refusal.contains("could not read 'tls-cert-file' /nosuch"), "{refusal}");
    fs::rename(folder.path("server.crt"), folder.path("moved.crt")).unwrap();
    assert_eq!(
        server.config_set(&[("tls-port", &port), ("tls-cert-file", &folder.path("moved.crt"))]),
        "+OK"
    );
    assert_eq!(ping(&mut server.connect(&folder.client(&ca, None))).unwrap(), "+PONG");
}
