//! One connection with nothing between the test and the socket.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use socket2::{Domain, SockRef, Socket, Type};

use crate::patience::PATIENCE;
use crate::wire::{self, Frame};

/// How long a socket may take nothing before it counts as full.
const FULL_AFTER: Duration = Duration::from_secs(1);
const READ_BYTES: usize = 64 * 1024;

/// A client.
#[derive(Debug)]
pub struct Client {
    stream: TcpStream,
    /// Received, and not yet handed over as a frame.
    received: Vec<u8>,
}

/// How a connection ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The server closed it. A connection that was reset because the server had not read all of the request counts
    /// as well: which of the two it is depends on timing.
    Closed,
    /// It is still open.
    Open,
}

impl Client {
    /// A connection that waits for [`PATIENCE`].
    pub fn connect(address: SocketAddr) -> io::Result<Self> {
        Self::of(TcpStream::connect(address)?)
    }

    /// The same with room for only so many bytes in the kernel's receive buffer.
    pub fn connect_narrow(address: SocketAddr, receive_bytes: usize) -> io::Result<Self> {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
        socket.set_recv_buffer_size(receive_bytes)?;
        socket.connect(&address.into())?;
        Self::of(socket.into())
    }

    fn of(stream: TcpStream) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(Self { stream, received: Vec::new() })
    }

    /// How long replies may take from now on.
    pub fn set_patience(&mut self, patience: Duration) -> io::Result<()> {
        self.stream.set_read_timeout(Some(patience))
    }

    /// Where this end is.
    pub fn local_address(&self) -> io::Result<SocketAddr> {
        self.stream.local_addr()
    }

    /// Sends bytes as they are.
    pub fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)
    }

    /// Sends a request.
    pub fn request(&mut self, words: &[&str]) -> io::Result<()> {
        self.send(&wire::encode(words))
    }

    /// Sends `bytes` again and again until `bytes_max` are sent, the server closes the connection, or it takes nothing
    /// more for a second. Says how many bytes were taken.
    pub fn stuff(&mut self, bytes: &[u8], bytes_max: usize) -> io::Result<usize> {
        self.stream.set_write_timeout(Some(FULL_AFTER))?;
        let mut taken = 0;
        while taken < bytes_max {
            // Always goes on where the last write stopped, so that requests stay whole.
            let rest = bytes.get(taken % bytes.len()..).unwrap_or(bytes);
            match self.stream.write(rest) {
                Ok(count) => taken += count,
                Err(error) if is_timeout(&error) || is_gone(&error) => break,
                Err(error) => return Err(error),
            }
        }
        self.stream.set_write_timeout(Some(PATIENCE))?;
        Ok(taken)
    }

    /// Sends a request and reads its reply.
    pub fn ask(&mut self, words: &[&str]) -> io::Result<Frame> {
        self.request(words)?;
        self.frame()
    }

    /// Reads one reply.
    pub fn frame(&mut self) -> io::Result<Frame> {
        loop {
            if let Some((frame, length)) = wire::decode(&self.received).map_err(io::Error::other)? {
                self.received.drain(..length);
                return Ok(frame);
            }
            let mut chunk = vec![0; READ_BYTES];
            let count = self.stream.read(&mut chunk)?;
            if count == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            self.received.extend_from_slice(chunk.get(..count).unwrap_or_default());
        }
    }

    /// Reads exactly so many bytes.
    pub fn read_exact(&mut self, into: &mut [u8]) -> io::Result<()> {
        let ready = self.received.len().min(into.len());
        let (first, rest) = into.split_at_mut(ready);
        first.copy_from_slice(self.received.get(..ready).unwrap_or_default());
        self.received.drain(..ready);
        self.stream.read_exact(rest)
    }

    /// Everything that the server still sends, until it closes the connection.
    pub fn everything(&mut self) -> io::Result<Vec<u8>> {
        let mut all = std::mem::take(&mut self.received);
        match self.stream.read_to_end(&mut all) {
            Err(error) if !is_gone(&error) => Err(error),
            _ => Ok(all),
        }
    }

    /// Whether the server closes the connection within `wait`, whatever it sends before that.
    pub fn ending(&mut self, wait: Duration) -> io::Result<Ending> {
        let until = Instant::now() + wait;
        let mut chunk = vec![0; READ_BYTES];
        let ending = loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break Ending::Open;
            }
            self.stream.set_read_timeout(Some(left))?;
            match self.stream.read(&mut chunk) {
                Ok(0) => break Ending::Closed,
                Ok(_) => {}
                Err(error) if is_timeout(&error) => break Ending::Open,
                Err(error) if is_gone(&error) => break Ending::Closed,
                Err(error) => return Err(error),
            }
        };
        self.stream.set_read_timeout(Some(PATIENCE))?;
        Ok(ending)
    }

    /// Says that nothing more will be sent; replies can still be read.
    pub fn finish_sending(&mut self) -> io::Result<()> {
        self.stream.shutdown(Shutdown::Write)
    }

    /// Ends the connection with a reset instead of a farewell.
    pub fn reset(self) -> io::Result<()> {
        SockRef::from(&self.stream).set_linger(Some(Duration::ZERO))
    }

    /// Ends the connection in both directions, for every handle on it.
    pub fn hang_up(self) -> io::Result<()> {
        self.stream.shutdown(Shutdown::Both)
    }

    /// A second handle on the same connection, to send while this one reads.
    pub fn try_clone(&self) -> io::Result<TcpStream> {
        self.stream.try_clone()
    }
}

/// Whether an error says that the other side closed the connection.
pub fn is_gone(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe | ErrorKind::ConnectionAborted)
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}
