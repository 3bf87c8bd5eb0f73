//! What can be tested: something that takes bytes from connections and gives bytes back.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use crate::server::Server;

/// A server under test.
///
/// A server in this process answers at once: `send` runs the requests, and `receive` hands over what they
/// produced. One behind a socket may take its time, up to [`PATIENCE`].
pub trait Target {
    /// Which expectations hold here.
    fn server(&self) -> Server;

    /// Opens a connection.
    fn connect(&mut self) -> io::Result<Link>;

    /// Hands `bytes` to the server as they are.
    fn send(&mut self, link: Link, bytes: &[u8]) -> io::Result<()>;

    /// Appends what the server sent on this connection to `into`, waiting until there is something.
    ///
    /// `Ok(0)` says that the server closed the connection; an error of the kind `TimedOut` that it stayed silent.
    fn receive(&mut self, link: Link, into: &mut Vec<u8>) -> io::Result<usize>;

    /// Closes a connection.
    fn close(&mut self, link: Link);

    /// Lets time pass: a socket waits, an engine in this process moves its clock.
    fn advance(&mut self, time: Duration);
}

/// A connection of a [`Target`], numbered by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Link(pub usize);

/// How long a server may stay silent. Every request in a transcript answers within milliseconds; this only has
/// to be longer than the worst pause of a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(10);

const READ_BYTES: usize = 64 * 1024;

/// A server that listens on a TCP port.
#[derive(Debug)]
pub struct TcpTarget {
    server: Server,
    address: SocketAddr,
    links: Vec<Option<TcpStream>>,
}

impl TcpTarget {
    /// A target for the server at `address`. Nothing is opened yet.
    pub fn new(server: Server, address: SocketAddr) -> Self {
        Self { server, address, links: Vec::new() }
    }

    fn stream(&mut self, link: Link) -> io::Result<&mut TcpStream> {
        let stream = self.links.get_mut(link.0).and_then(Option::as_mut);
        stream.ok_or_else(|| io::Error::new(io::ErrorKind::NotConnected, "this connection was closed here"))
    }
}

impl Target for TcpTarget {
    fn server(&self) -> Server {
        self.server
    }

    fn connect(&mut self) -> io::Result<Link> {
        let stream = TcpStream::connect(self.address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        self.links.push(Some(stream));
        Ok(Link(self.links.len() - 1))
    }

    fn send(&mut self, link: Link, bytes: &[u8]) -> io::Result<()> {
        self.stream(link)?.write_all(bytes)
    }

    fn receive(&mut self, link: Link, into: &mut Vec<u8>) -> io::Result<usize> {
        let mut chunk = vec![0; READ_BYTES];
        let count = match self.stream(link)?.read(&mut chunk) {
            // Bytes that the server never read make the kernel reset the connection that it closes.
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => 0,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                return Err(io::ErrorKind::TimedOut.into());
            }
            other => other?,
        };
        into.extend_from_slice(chunk.get(..count).unwrap_or_default());
        Ok(count)
    }

    fn close(&mut self, link: Link) {
        if let Some(slot) = self.links.get_mut(link.0) {
            *slot = None;
        }
    }

    fn advance(&mut self, time: Duration) {
        std::thread::sleep(time);
    }
}
