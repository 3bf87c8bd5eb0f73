//! A kvd with an HTTP port, and a client of it that reads no more than it must.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpStream};

use kvd_tests::patience::{PATIENCE, wait_until};
use kvd_tests::process::{self, Process};
use kvd_tests::wire;

const ATTEMPTS: usize = 5;

pub(crate) struct Server {
    pub(crate) process: Process,
    pub(crate) http: SocketAddr,
}

/// What the server said to a request.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// By name in lower case.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

/// A connection to the HTTP port.
pub(crate) struct Client(BufReader<TcpStream>);

impl Server {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let kvd = process::kvd().unwrap_or_else(|missing| panic!("{missing}"));
        let mut last = None;
        for _ in 0..ATTEMPTS {
            let port = process::free_port().unwrap();
            let number = port.to_string();
            let mut all = vec!["--http-port", &number, "--loglevel", "verbose"];
            all.extend(arguments);
            match kvd.start_with(&all) {
                Ok(process) => return Self { process, http: at(port) },
                Err(error) => last = Some(error),
            }
        }
        panic!("{last:?}")
    }

    /// A connection that has said nothing.
    pub(crate) fn connect(&self) -> Client {
        Client::connect(self.http).unwrap()
    }

    /// The answer to one GET.
    pub(crate) fn get(&self, path: &str) -> Answer {
        self.connect().ask("GET", path)
    }

    /// Waits until each worker comes round in time, which it may not at once on a busy machine.
    pub(crate) fn wait_until_healthy(&self) {
        wait_until(|| self.get("/healthz").status == 200, "kvd is healthy");
    }

    /// A client of the database.
    pub(crate) fn database(&self) -> BufReader<TcpStream> {
        BufReader::new(patient(TcpStream::connect(self.process.address).unwrap()))
    }

    /// The first line of the reply to a command.
    pub(crate) fn command(&self, words: &[&str]) -> String {
        command(&mut self.database(), words)
    }

    /// The fields of INFO.
    pub(crate) fn info(&self) -> BTreeMap<String, String> {
        let mut client = self.database();
        let length = command(&mut client, &["INFO", "everything"]);
        let mut text = vec![0; length.strip_prefix('$').unwrap().parse().unwrap()];
        client.read_exact(&mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        let fields = text.split("\r\n").filter_map(|line| line.split_once(':'));
        fields.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }
}

impl Client {
    pub(crate) fn connect(address: SocketAddr) -> io::Result<Self> {
        TcpStream::connect(address).map(|stream| Self(BufReader::new(patient(stream))))
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.get_mut().write_all(bytes)
    }

    /// Sends as much as the server takes without being read from.
    pub(crate) fn send_some(&mut self, bytes: &[u8]) {
        self.0.get_ref().set_nonblocking(true).unwrap();
        let _full = self.send(bytes);
        self.0.get_ref().set_nonblocking(false).unwrap();
    }

    /// Tells the server that nothing more will come.
    pub(crate) fn end_sending(&self) {
        // The server may have hung up already.
        let _ended = self.0.get_ref().shutdown(Shutdown::Write);
    }

    pub(crate) fn ask(&mut self, method: &str, path: &str) -> Answer {
        self.send(format!("{method} {path} HTTP/1.1\r\nHost: kvd\r\n\r\n").as_bytes()).unwrap();
        if method == "HEAD" { self.head().unwrap() } else { self.answer().unwrap() }
    }

    /// Reads an answer with its body.
    pub(crate) fn answer(&mut self) -> io::Result<Answer> {
        let mut answer = self.head()?;
        let length = answer.headers.get("content-length").map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; length];
        self.0.read_exact(&mut body)?;
        answer.body = String::from_utf8(body).unwrap();
        Ok(answer)
    }

    /// Reads an answer up to its body.
    fn head(&mut self) -> io::Result<Answer> {
        let status = self.line()?;
        let (version, status) = status.split_once(' ').unwrap_or_else(|| panic!("{status:?}"));
        assert!(version.starts_with("HTTP/1."), "{version}");
        let status = status.split(' ').next().unwrap().parse().unwrap();
        let mut headers = BTreeMap::new();
        loop {
            let line = self.line()?;
            let Some((name, value)) = line.split_once(':') else { break };
            headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        }
        Ok(Answer { status, headers, body: String::new() })
    }

    fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        if self.0.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(line.trim_end().to_owned())
    }

    /// Reads what comes until the server closes.
    pub(crate) fn rest(&mut self) -> String {
        let mut all = Vec::new();
        // A reset is an end, too.
        let _ended = self.0.read_to_end(&mut all);
        String::from_utf8_lossy(&all).into_owned()
    }

    /// Whether the server has closed it by now.
    pub(crate) fn is_closed(&mut self) -> bool {
        self.0.get_ref().set_nonblocking(true).unwrap();
        let read = self.0.get_mut().read(&mut [0; 100]);
        self.0.get_ref().set_nonblocking(false).unwrap();
        !matches!(read, Err(error) if error.kind() == io::ErrorKind::WouldBlock)
    }
}

pub(crate) fn command(client: &mut BufReader<TcpStream>, words: &[&str]) -> String {
    client.get_mut().write_all(&wire::encode(words)).unwrap();
    reply(client)
}

pub(crate) fn reply(client: &mut BufReader<TcpStream>) -> String {
    let mut line = String::new();
    client.read_line(&mut line).unwrap();
    line.trim_end().to_owned()
}

pub(crate) fn at(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

fn patient(stream: TcpStream) -> TcpStream {
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    stream
}
