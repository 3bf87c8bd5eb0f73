//! Somebody who asks for the same thing again and again.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::super::judge::Broken;
use super::super::site::{fault, info};
use crate::hostile::client::Client;
use crate::patience::comes_true;
use crate::wire::Frame;

const PAUSE: Duration = Duration::from_millis(1);

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wish {
    /// The command.
    pub(super) command: &'static str,
    /// What INFO says while it is done.
    pub(super) running: &'static str,
    /// What INFO says of the last one's end.
    pub(super) status: &'static str,
    /// Errors that say that another is under way.
    busy: &'static [&'static str],
}

/// A snapshot.
pub(super) const SAVE: Wish = Wish {
    command: "BGSAVE",
    running: "rdb_bgsave_in_progress",
    status: "rdb_last_bgsave_status",
    busy: &["ERR Background save already in progress"],
};
/// The log anew.
pub(super) const REWRITE: Wish = Wish {
    command: "BGREWRITEAOF",
    running: "aof_rewrite_in_progress",
    status: "aof_last_bgrewrite_status",
    busy: &["ERR Background append only file rewriting already in progress"],
};

/// Somebody who asks until the server is gone.
pub(super) struct Nuisance {
    is_over: Arc<AtomicBool>,
    count: Arc<AtomicU64>,
    thread: JoinHandle<Result<Done, Broken>>,
}

/// What was done.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Done {
    /// How often.
    pub(super) count: u64,
    /// When the last that was done to its end was asked for.
    pub(super) last_asked: Option<Instant>,
}

impl Nuisance {
    pub(super) fn start(address: SocketAddr, wish: Wish) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let count = Arc::new(AtomicU64::new(0));
        let (stopped, counted) = (Arc::clone(&is_over), Arc::clone(&count));
        let thread = std::thread::spawn(move || nag(address, wish, &stopped, &counted));
        Self { is_over, count, thread }
    }

    /// Waits until it was done once, or can't be done: [`end`](Self::end) says so.
    pub(super) fn await_one(&self) {
        comes_true(|| self.thread.is_finished() || self.count.load(Relaxed) > 0);
    }

    pub(super) fn end(self) -> Result<Done, Broken> {
        self.is_over.store(true, Relaxed);
        self.thread.join().map_err(|_| fault(io::Error::other("a thread panicked")))?
    }
}

fn nag(address: SocketAddr, wish: Wish, is_over: &AtomicBool, count: &AtomicU64) -> Result<Done, Broken> {
    let mut done = Done::default();
    let Ok(mut client) = Client::connect(address) else { return Ok(done) };
    while !is_over.load(Relaxed) {
        match ask_once(&mut client, wish) {
            Ok(Some(asked)) => {
                done = Done { count: done.count + 1, last_asked: Some(asked) };
                count.store(done.count, Relaxed);
            }
            Ok(None) => {}
            Err(error) if error.kind() == io::ErrorKind::Other => return Err(fault(error)),
            // The server is gone.
            Err(_) => break,
        }
        std::thread::sleep(PAUSE);
    }
    Ok(done)
}

/// Asks, and waits until it is done. `None`: it was not begun, as another is under way.
fn ask_once(client: &mut Client, wish: Wish) -> io::Result<Option<Instant>> {
    let asked = Instant::now();
    match client.ask(&[wish.command])? {
        Frame::Status(_) => {}
        Frame::Error(text) if wish.busy.iter().any(|busy| busy.as_bytes() == text) => return Ok(None),
        other => return Err(io::Error::other(format!("{} is answered {other:?}", wish.command))),
    }
    while info(client, wish.running)? != "0" {
        std::thread::sleep(PAUSE);
    }
    Ok((info(client, wish.status)? == "ok").then_some(asked))
}
