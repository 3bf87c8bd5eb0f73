//! Attacks by number: connections that do nothing, or come and go.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use socket2::SockRef;

use super::client::{Client, is_gone};

/// What else a test program and its threads hold open.
const SPARE_DESCRIPTORS: u64 = 500;

/// Raises the limit of open files of this process as far as it is allowed to, and says how many connections fit.
pub fn room() -> usize {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    let current = if setrlimit(Resource::Nofile, raised).is_ok() { limit.maximum } else { limit.current };
    usize::try_from(current.unwrap_or(u64::MAX).saturating_sub(SPARE_DESCRIPTORS)).unwrap_or(usize::MAX)
}

/// Connections that say nothing.
pub fn idle(address: SocketAddr, count: usize) -> io::Result<Vec<TcpStream>> {
    (0..count).map(|_| TcpStream::connect(address)).collect()
}

/// Clients that each ask once and wait for the reply, in turn.
pub fn ask_all(clients: &mut [Client]) -> io::Result<()> {
    for client in clients.iter_mut() {
        client.request(&["PING"])?;
    }
    for client in clients {
        client.frame()?;
    }
    Ok(())
}

/// Connections that come and leave at once: in good order, with a question on their lips, or by a reset.
pub fn storm(address: SocketAddr, count: usize) -> io::Result<()> {
    for number in 0..count {
        let mut client = Client::connect(address)?;
        match number % 3 {
            0 => drop(client),
            1 => client.request(&["PING"])?,
            _ => client.reset()?,
        }
    }
    Ok(())
}

/// Opens connections until one isn't served, at most `count`, and hands over those that are.
pub fn fill(address: SocketAddr, count: usize) -> io::Result<Vec<Client>> {
    let mut clients = Vec::new();
    for _ in 0..count {
        let mut client = Client::connect(address)?;
        // The server may close a connection that it refuses before or after this has asked, with or without a word.
        let mut pong = [0; 7];
        let asked = client.request(&["PING"]);
        match asked.and_then(|()| client.read_exact(&mut pong)) {
            Ok(()) if pong == *b"+PONG\r\n" => clients.push(client),
            Ok(()) => break,
            Err(error) if error.kind() == ErrorKind::UnexpectedEof || is_gone(&error) => break,
            Err(error) => return Err(error),
        }
    }
    Ok(clients)
}

/// Resets connections instead of closing them, so that none of them lingers in the kernel.
pub fn reset_all(streams: Vec<TcpStream>) -> io::Result<()> {
    for stream in streams {
        SockRef::from(&stream).set_linger(Some(Duration::ZERO))?;
    }
    Ok(())
}
