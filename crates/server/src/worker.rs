//! A worker: one thread with a runtime of its own, the connections that live on it, and its share of the background work.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use engine::{Clock, Engine, Peer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};
use tokio::runtime::{Builder, LocalOptions, LocalRuntime};
use tokio::sync::mpsc::UnboundedReceiver;

use crate::acceptor::{Accepted, AcceptedStream, Load};
use crate::clock::SystemClock;
use crate::connection;
use crate::pulse::Pulse;
use crate::stop::Stop;

/// How many events a worker takes from the kernel before it looks at timers and other threads' wakes again.
const EVENTS_PER_ROUND: u32 = 61;

/// What a worker is given.
pub(crate) struct Worker {
    pub(crate) index: usize,
    pub(crate) engine: Arc<Engine>,
    pub(crate) inbox: UnboundedReceiver<Accepted>,
    pub(crate) pulse: Pulse,
    pub(crate) stop: Stop,
}

/// A runtime for one worker's thread.
pub(crate) fn runtime() -> io::Result<LocalRuntime> {
    Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .event_interval(EVENTS_PER_ROUND)
        .build_local(LocalOptions::default())
}

impl Worker {
    /// Serves until the server stops.
    pub(crate) async fn run(mut self) {
        tokio::task::spawn_local(tick(Arc::clone(&self.engine), self.index, self.pulse.clone()));
        loop {
            tokio::select! {
                biased;
                () = self.stop.wait() => return,
                accepted = self.inbox.recv() => match accepted {
                    Some(accepted) => self.welcome(accepted),
                    None => return,
                },
            }
        }
    }

    /// Brings a connection into this thread's runtime.
    fn welcome(&self, accepted: Accepted) {
        let Accepted { peer, stream, load } = accepted;
        match stream {
            AcceptedStream::Tcp(stream) => self.serve(peer, TcpStream::from_std(stream), load),
            AcceptedStream::Unix(stream) => self.serve(peer, UnixStream::from_std(stream), load),
            #[cfg(feature = "tls")]
            AcceptedStream::Tls(established) => self.serve(peer, established.arrive(), load),
        }
    }

    /// Starts a connection's task.
    fn serve<S>(&self, peer: Peer, stream: io::Result<S>, load: Load)
    where
        S: AsyncRead + AsyncWrite + Unpin + 'static,
    {
        let stream = match stream {
            Ok(stream) => stream,
            Err(error) => {
                return tracing::warn!(peer = %peer.address, %error, "could not take over a connection");
            }
        };
        let (engine, index) = (Arc::clone(&self.engine), self.index);
        tokio::task::spawn_local(async move {
            connection::serve(engine, index, peer, stream).await;
            drop(load);
        });
    }
}

/// Background work on the data, in slices, for as long as the worker runs.
async fn tick(engine: Arc<Engine>, worker: usize, pulse: Pulse) {
    loop {
        pulse.beat(worker);
        let next = engine.tick(worker, &SystemClock).next;
        let wait = Duration::from_nanos(next.nanos_since(SystemClock.now()));
        if wait.is_zero() {
            tokio::task::yield_now().await;
        } else {
            tokio::time::sleep(wait).await;
        }
    }
}
