//! A kvd with a TLS port, and a client of it.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::Arc;

use kvd_tests::patience::{PATIENCE, comes_true};
use kvd_tests::process::{self, Process};
use kvd_tests::wire;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, ClientConnection, StreamOwned};

use super::certificates::Folder;

const ATTEMPTS: usize = 5;

pub(crate) type Client = StreamOwned<ClientConnection, TcpStream>;

/// A server with the certificates `server` and the authority `ca`.
pub(crate) struct Server {
    pub(crate) process: Process,
    pub(crate) tls: SocketAddr,
}

impl Server {
    pub(crate) fn start(folder: &Folder, arguments: &[&str]) -> Self {
        let kvd = process::kvd().unwrap_or_else(|missing| panic!("{missing}"));
        let files = [folder.path("server.crt"), folder.path("server.key"), folder.path("ca.crt")];
        let mut last = None;
        for _ in 0..ATTEMPTS {
            let port = process::free_port().unwrap();
            let number = port.to_string();
            let mut all = vec!["--tls-port", &number, "--loglevel", "verbose", "--tls-cert-file", &files[0]];
            all.extend(["--tls-key-file", &files[1], "--tls-ca-cert-file", &files[2]]);
            all.extend(arguments);
            match kvd.start_with(&all) {
                Ok(process) => return Self { process, tls: SocketAddr::from((Ipv4Addr::LOCALHOST, port)) },
                Err(error) => last = Some(error),
            }
        }
        panic!("{last:?}")
    }

    pub(crate) fn plain(&self) -> TcpStream {
        patient(TcpStream::connect(self.process.address).unwrap())
    }

    /// A connection to the TLS port that has said nothing.
    pub(crate) fn silent(&self) -> TcpStream {
        patient(TcpStream::connect(self.tls).unwrap())
    }

    pub(crate) fn connect(&self, config: &Arc<ClientConfig>) -> Client {
        connect(self.tls, config)
    }

    /// Sends CONFIG SET on the plain port and gives the reply's line.
    pub(crate) fn config_set(&self, pairs: &[(&str, &str)]) -> String {
        let mut words = vec!["CONFIG", "SET"];
        words.extend(pairs.iter().flat_map(|(name, value)| [*name, *value]));
        let mut client = self.plain();
        client.write_all(&wire::encode(&words)).unwrap();
        line(&mut client).unwrap()
    }

    pub(crate) fn wait_for_log(&self, text: &str) {
        let is_there = comes_true(|| self.process.log().contains(text));
        assert!(is_there, "no '{text}' in the log:\n{}", self.process.log());
    }
}

pub(crate) fn connect(address: SocketAddr, config: &Arc<ClientConfig>) -> Client {
    let name = ServerName::from(address.ip());
    let stream = patient(TcpStream::connect(address).unwrap());
    StreamOwned::new(ClientConnection::new(Arc::clone(config), name).unwrap(), stream)
}

fn patient(stream: TcpStream) -> TcpStream {
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// Whether a client is served; the error is why not.
pub(crate) fn ping(stream: &mut (impl Read + Write)) -> io::Result<String> {
    stream.write_all(&wire::encode(&["PING"]))?;
    line(stream)
}

pub(crate) fn ask(stream: &mut (impl Read + Write), words: &[&str], reply: &str) {
    stream.write_all(&wire::encode(words)).unwrap();
    let mut got = vec![0; reply.len()];
    stream.read_exact(&mut got).unwrap();
    assert_eq!(String::from_utf8_lossy(&got), reply);
}

pub(crate) fn line(stream: &mut impl Read) -> io::Result<String> {
    let mut line = Vec::new();
    while !line.ends_with(b"\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        line.extend(byte);
    }
    Ok(String::from_utf8_lossy(&line).trim_end().to_owned())
}
