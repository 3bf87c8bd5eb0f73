//! One of the two servers: its process, if it is ours, and the connections to it.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use super::pools::Word;
use super::replies::Replies;
use super::special;
use super::syntax::Tokens;
use crate::process::{Process, Program};
use crate::server::{Protocol, Server};
use crate::wire::{self, Frame};

/// A server that is asked.
pub(crate) struct Contestant {
    /// What it is.
    pub(crate) server: Server,
    program: Option<Program>,
    process: Option<Process>,
    address: SocketAddr,
    /// The connection that is compared, and one that only looks.
    main: Option<TcpStream>,
    observer: Option<TcpStream>,
}

/// A server did not answer everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lost {
    /// How many replies came before.
    pub(crate) answered: usize,
    /// What happened instead.
    pub(crate) reason: String,
}

/// Which of its connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// The one whose replies are compared.
    Main,
    /// One that looks at the data.
    Observer,
}

/// Longer than the worst pause of a busy machine.
const PATIENCE: Duration = Duration::from_secs(10);
const READ_BYTES: usize = 256 * 1024;

impl Contestant {
    /// Starts a server.
    pub(crate) fn start(program: Program) -> io::Result<Self> {
        let process = program.start()?;
        Ok(Self {
            server: program.server,
            address: process.address,
            program: Some(program),
            process: Some(process),
            main: None,
            observer: None,
        })
    }

    /// One that runs already.
    pub(crate) fn at(server: Server, address: SocketAddr) -> Self {
        Self { server, address, program: None, process: None, main: None, observer: None }
    }

    /// What its log says, if it is ours.
    pub(crate) fn log(&self) -> String {
        self.process.as_ref().map(Process::log).unwrap_or_default()
    }

    /// Opens new connections, empties the server and gives it the parameters that a round starts with.
    ///
    /// A server of ours that ended is started again.
    pub(crate) fn start_over(&mut self, protocol: Protocol) -> io::Result<()> {
        (self.main, self.observer) = (None, None);
        if self.connect().is_err() {
            self.restart()?;
            self.connect()?;
        }
        let mut requests = vec![vec![b"FLUSHALL".to_vec()]];
        for (name, values) in special::PARAMETERS {
            let value = values.first().copied().unwrap_or_default();
            requests.push(["CONFIG", "SET", name, value].map(|word| word.as_bytes().to_vec()).to_vec());
        }
        self.ask(Line::Observer, &requests).map_err(io::Error::other)?;
        if protocol == Protocol::Resp3 {
            self.ask(Line::Main, &[vec![b"HELLO".to_vec(), b"3".to_vec()]]).map_err(io::Error::other)?;
        }
        Ok(())
    }

    fn connect(&mut self) -> io::Result<()> {
        for line in [&mut self.main, &mut self.observer] {
            let stream = TcpStream::connect(self.address)?;
            stream.set_nodelay(true)?;
            stream.set_read_timeout(Some(PATIENCE))?;
            stream.set_write_timeout(Some(PATIENCE))?;
            *line = Some(stream);
        }
        Ok(())
    }

    fn restart(&mut self) -> io::Result<()> {
        let program = self.program.as_ref().ok_or(io::ErrorKind::NotConnected)?;
        let process = program.start()?;
        self.address = process.address;
        self.process = Some(process);
        Ok(())
    }

    /// Sends requests without waiting for anything.
    pub(crate) fn send(&mut self, line: Line, bytes: &[u8]) -> Result<(), Lost> {
        let stream = self.stream(line)?;
        stream.write_all(bytes).map_err(|error| lost(0, &error))
    }

    /// Reads so many replies.
    pub(crate) fn receive(&mut self, line: Line, count: usize) -> Result<Replies, (Replies, Lost)> {
        let mut replies = Replies::default();
        let mut chunk = vec![0; READ_BYTES];
        while replies.count() < count {
            let read = match self.stream(line) {
                Ok(stream) => stream.read(&mut chunk),
                Err(lost) => return Err((replies, lost)),
            };
            match read {
                Ok(0) => {
                    let answered = replies.count();
                    return Err((replies, Lost { answered, reason: "closes the connection".to_owned() }));
                }
                Ok(length) => replies.feed(&chunk[..length]),
                Err(error) => {
                    let lost = lost(replies.count(), &error);
                    return Err((replies, lost));
                }
            }
        }
        Ok(replies)
    }

    /// Sends requests and reads the replies.
    pub(crate) fn ask(&mut self, line: Line, requests: &[Vec<Word>]) -> Result<Vec<Frame>, Lost> {
        let bytes: Vec<u8> = requests.iter().flat_map(|words| wire::encode(words)).collect();
        self.send(line, &bytes)?;
        let replies = self.receive(line, requests.len()).map_err(|(_, lost)| lost)?;
        (0..requests.len()).map(|index| decoded(&replies, index)).collect()
    }

    /// The words that introduce options in each command, as the server documents them.
    pub(crate) fn tokens(&mut self) -> io::Result<Tokens> {
        self.start_over(Protocol::Resp2)?;
        let docs = self.ask(Line::Observer, &[vec![b"COMMAND".to_vec(), b"DOCS".to_vec()]]);
        let docs = docs.map_err(io::Error::other)?;
        let mut tokens = Tokens::new();
        if let Some(Frame::Array(flat)) = docs.first() {
            commands(flat, &mut tokens);
        }
        Ok(tokens)
    }

    fn stream(&mut self, line: Line) -> Result<&mut TcpStream, Lost> {
        let stream = match line {
            Line::Main => self.main.as_mut(),
            Line::Observer => self.observer.as_mut(),
        };
        stream.ok_or_else(|| Lost { answered: 0, reason: "is not connected".to_owned() })
    }
}

/// One reply as a frame.
pub(crate) fn decoded(replies: &Replies, index: usize) -> Result<Frame, Lost> {
    let bytes = replies.reply(index).unwrap_or_default();
    match wire::decode(bytes) {
        Ok(Some((frame, _))) => Ok(frame),
        Ok(None) => Err(Lost { answered: index, reason: "sends half a reply".to_owned() }),
        Err(fault) => Err(Lost { answered: index, reason: fault.to_string() }),
    }
}

fn lost(answered: usize, error: &io::Error) -> Lost {
    let reason = match error.kind() {
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => "stays silent".to_owned(),
        io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => "closes the connection".to_owned(),
        _ => error.to_string(),
    };
    Lost { answered, reason }
}

/// Reads `name, documentation, …` of COMMAND DOCS and of its subcommands.
fn commands(flat: &[Frame], tokens: &mut Tokens) {
    for pair in flat.chunks_exact(2) {
        if let (Frame::Bulk(name), Frame::Array(documentation)) = (&pair[0], &pair[1]) {
            let name = String::from_utf8_lossy(name).to_ascii_lowercase();
            let known = tokens.entry(name).or_default();
            for field in documentation.chunks_exact(2) {
                if field[0] == Frame::Bulk(b"arguments".to_vec()) {
                    arguments(&field[1], known);
                }
            }
            for field in documentation.chunks_exact(2) {
                if let (true, Frame::Array(inner)) =
                    (field[0] == Frame::Bulk(b"subcommands".to_vec()), &field[1])
                {
                    commands(inner, tokens);
                }
            }
        }
    }
}

/// Collects every `token` in a tree of arguments.
fn arguments(tree: &Frame, known: &mut std::collections::BTreeSet<String>) {
    let Frame::Array(items) = tree else { return };
    for (index, item) in items.iter().enumerate() {
        match (item, items.get(index + 1)) {
            (Frame::Bulk(field), Some(Frame::Bulk(token))) if field == b"token" && index % 2 == 0 => {
                known.insert(String::from_utf8_lossy(token).to_ascii_uppercase());
            }
            _ => arguments(item, known),
        }
    }
}

impl std::fmt::Display for Lost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for Lost {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_read_from_the_documentation() {
        let bulk = |text: &str| Frame::Bulk(text.as_bytes().to_vec());
        let nx = Frame::Array(vec![bulk("name"), bulk("nx"), bulk("token"), bulk("nx")]);
        let choice =
            Frame::Array(vec![bulk("name"), bulk("token"), bulk("arguments"), Frame::Array(vec![nx])]);
        let set =
            Frame::Array(vec![bulk("summary"), bulk("x"), bulk("arguments"), Frame::Array(vec![choice])]);
        let mut tokens = Tokens::new();
        commands(&[bulk("SET"), set], &mut tokens);
        assert_eq!(tokens["set"].iter().collect::<Vec<_>>(), ["NX"]);
    }
}
