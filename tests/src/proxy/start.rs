//! The proxy itself: it accepts, and gives each connection its two plans.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Weak};
use std::thread::JoinHandle;

use super::plan::{Direction, Faults, Plan};
use super::relay::Relay;

/// A proxy in this process. Dropping it closes every connection and waits for its threads.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    is_stopping: Arc<AtomicBool>,
    acceptor: Option<JoinHandle<()>>,
}

/// What an acceptor keeps of a connection. Its sockets belong to the two directions alone: they close with the last of them.
struct Connection {
    relay: Weak<Relay>,
    directions: [JoinHandle<()>; 2],
}

impl Proxy {
    /// Listens on a port of its own and passes everything on to `server`.
    pub fn start(server: SocketAddr, faults: Faults, seed: u64) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let is_stopping = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&is_stopping);
        let accept = move || accept(&listener, server, faults, seed, &stop);
        let acceptor = Some(std::thread::Builder::new().spawn(accept)?);
        Ok(Self { address, is_stopping, acceptor })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.is_stopping.store(true, Relaxed);
        // A last connection wakes the acceptor. If that fails the listener is broken, and the acceptor has seen it.
        let _ = TcpStream::connect(self.address);
        if let Some(acceptor) = self.acceptor.take() {
            // A panic of the acceptor has been printed.
            let _ = acceptor.join();
        }
    }
}

fn accept(listener: &TcpListener, server: SocketAddr, faults: Faults, seed: u64, is_stopping: &AtomicBool) {
    let mut open: Vec<Connection> = Vec::new();
    for number in 0.. {
        let Ok((client, _)) = listener.accept() else { break };
        if is_stopping.load(Relaxed) {
            break;
        }
        open.retain(|connection| !connection.directions.iter().all(JoinHandle::is_finished));
        // Without a server, or threads, the client finds its connection closed.
        let plan = |direction| Plan::new(faults, seed, number, direction);
        if let Ok(connection) = relay(client, server, [plan(Direction::Request), plan(Direction::Reply)]) {
            open.push(connection);
        }
    }
    for relay in open.iter().filter_map(|connection| connection.relay.upgrade()) {
        relay.end();
    }
    for direction in open.into_iter().flat_map(|connection| connection.directions) {
        // Its panic has been printed.
        let _ = direction.join();
    }
}

fn relay(client: TcpStream, server: SocketAddr, plans: [Plan; 2]) -> io::Result<Connection> {
    let relay = Arc::new(Relay::new(client, TcpStream::connect(server)?)?);
    let [requests, replies] = plans;
    let start = |direction, plan| {
        let relay = Arc::clone(&relay);
        std::thread::Builder::new().spawn(move || relay.pass(direction, plan))
    };
    let requests = start(Direction::Request, requests)?;
    let replies = start(Direction::Reply, replies).inspect_err(|_| relay.end())?;
    Ok(Connection { relay: Arc::downgrade(&relay), directions: [requests, replies] })
}
