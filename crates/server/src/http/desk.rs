//! The thread that accepts HTTP connections and answers them.

use std::convert::Infallible;
use std::io::{self, ErrorKind};
use std::rc::Rc;
use std::sync::Arc;
use std::thread::JoinHandle;

use engine::Engine;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, LocalOptions, LocalRuntime};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::oneshot;

use super::guests::{Guest, Guests};
use super::health::Health;
use super::pages::Pages;
use crate::acceptor::{accept, wait_after};
use crate::pulse::Pulse;
use crate::stop::Stop;

/// The longest request line with its headers, in bytes.
const HEAD_BYTES_MAX: usize = 16 * 1024;
const HEADERS_MAX: usize = 64;

type Listeners = UnboundedReceiver<Vec<std::net::TcpListener>>;

/// What the thread is given.
pub(crate) struct Desk {
    /// Sockets to accept on, in the place of those before.
    listeners: Listeners,
}

/// The thread. It goes on while the server stops, so that it can tell of that.
pub(crate) struct Service {
    end: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl Desk {
    pub(super) fn new(listeners: Listeners) -> Self {
        Self { listeners }
    }

    /// Starts the thread.
    pub(crate) fn start(self, engine: &Arc<Engine>, pulse: Pulse, stop: &Stop) -> io::Result<Service> {
        let (end, ended) = oneshot::channel();
        let engine = Arc::clone(engine);
        let health = Health { engine: Arc::clone(&engine), pulse, stop: stop.clone() };
        let run = move || {
            let runtime = match runtime() {
                Ok(runtime) => runtime,
                Err(error) => return tracing::error!(%error, "the thread for HTTP could not start"),
            };
            let pages = Pages::new(&engine, health);
            let host = Rc::new(Host { engine, guests: Guests::default(), pages });
            runtime.block_on(async {
                tokio::select! {
                    _ = ended => {}
                    () = host.welcome(self.listeners) => {}
                }
            });
        };
        let thread = std::thread::Builder::new().name("kvd-http".to_owned()).spawn(run)?;
        Ok(Service { end, thread })
    }
}

impl Service {
    /// Ends the thread with all its connections.
    pub(crate) fn end(self) {
        drop(self.end);
        if self.thread.join().is_err() {
            tracing::error!("a thread ended with a panic");
        }
    }
}

/// A runtime with one thread more, for what may have to wait.
fn runtime() -> io::Result<LocalRuntime> {
    Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .max_blocking_threads(1)
        .thread_name("kvd-http-make")
        .build_local(LocalOptions::default())
}

/// What every connection needs.
struct Host {
    engine: Arc<Engine>,
    guests: Guests,
    pages: Pages,
}

impl Host {
    /// Accepts on the newest sockets. Connections that came through those before end.
    async fn welcome(self: &Rc<Self>, mut listeners: Listeners) {
        let mut doors: Vec<tokio::task::JoinHandle<()>> = Vec::new();
        while let Some(listeners) = listeners.recv().await {
            doors.drain(..).for_each(|door| door.abort());
            self.guests.dismiss();
            for listener in listeners {
                match TcpListener::from_std(listener) {
                    Ok(listener) => doors.push(tokio::task::spawn_local(Rc::clone(self).accept(listener))),
                    Err(error) => tracing::error!(%error, "could not accept HTTP connections"),
                }
            }
        }
    }

    /// Accepts on one socket until it is shut down.
    async fn accept(self: Rc<Self>, listener: TcpListener) {
        loop {
            match accept(&listener, &self.engine).await {
                Ok((stream, _)) => {
                    // Where there is no place at all the connection is closed.
                    if let Some(guest) = self.guests.enter() {
                        drop(tokio::task::spawn_local(Rc::clone(&self).serve(stream, guest)));
                    }
                }
                // What the kernel says of a socket that doesn't listen any more.
                Err(error) if error.kind() == ErrorKind::InvalidInput => return,
                Err(error) => wait_after(&error).await,
            }
        }
    }

    async fn serve(self: Rc<Self>, stream: TcpStream, guest: Rc<Guest>) {
        let (pages, guest_served) = (&self.pages, &guest);
        let answer = service_fn(|request: Request<Incoming>| {
            guest_served.asks();
            async move {
                let page = pages.answer(request.method(), request.uri()).await;
                guest_served.is_answered();
                Ok::<_, Infallible>(page)
            }
        });
        let connection = http1::Builder::new()
            .half_close(true)
            .header_read_timeout(None)
            .max_headers(HEADERS_MAX)
            .max_buf_size(HEAD_BYTES_MAX)
            .serve_connection(TokioIo::new(stream), answer);
        tokio::select! {
            biased;
            () = guest.is_dismissed() => {}
            ended = connection => if let Err(error) = ended {
                tracing::debug!(%error, "an HTTP connection broke");
            },
        }
        self.guests.left(&guest);
    }
}
