//! Clients that change data as fast as they may, and note what they were told.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::thread::JoinHandle;
use std::time::Instant;

use super::choice::Choice;
use super::history::{History, Outcome, Sent};
use super::observe::now_ms;
use super::unit::Unit;
use crate::hostile::client::Client;
use crate::wire::Frame;

/// Clients at work.
#[derive(Debug)]
pub(crate) struct Load {
    is_over: Arc<AtomicBool>,
    counts: Arc<Counts>,
    clients: Vec<JoinHandle<io::Result<Worked>>>,
}

/// What a client did.
#[derive(Debug)]
pub(crate) struct Worked {
    /// The history.
    pub(crate) history: History,
    /// Who chose.
    pub(crate) choice: Choice,
}

/// How clients send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    /// Often several units at once.
    Pipelines,
    /// One unit after another.
    OneByOne,
}

#[derive(Debug, Default)]
struct Counts {
    acknowledged: AtomicU64,
    refused: AtomicU64,
}

impl Load {
    /// Has clients go on with their histories, each on a connection of its own.
    pub(crate) fn start(address: SocketAddr, clients: Vec<Worked>, pace: Pace) -> Self {
        let (is_over, counts) = (Arc::new(AtomicBool::new(false)), Arc::<Counts>::default());
        let clients = clients.into_iter().map(|worked| {
            let (is_over, counts) = (Arc::clone(&is_over), Arc::clone(&counts));
            std::thread::spawn(move || work(address, worked, pace, &is_over, &counts))
        });
        Self { clients: clients.collect(), is_over, counts }
    }

    /// How many units were acknowledged so far.
    pub(crate) fn acknowledged(&self) -> u64 {
        self.counts.acknowledged.load(Relaxed)
    }

    /// How many units were refused so far.
    pub(crate) fn refused(&self) -> u64 {
        self.counts.refused.load(Relaxed)
    }

    /// Waits for the clients. They end when the server is gone, or when they have heard of what they sent.
    pub(crate) fn end(self) -> io::Result<Vec<Worked>> {
        self.is_over.store(true, Relaxed);
        let join =
            |client: JoinHandle<_>| client.join().map_err(|_| io::Error::other("a client panicked"))?;
        self.clients.into_iter().map(join).collect()
    }
}

fn work(
    address: SocketAddr,
    mut worked: Worked,
    pace: Pace,
    is_over: &AtomicBool,
    counts: &Counts,
) -> io::Result<Worked> {
    let Ok(mut client) = Client::connect(address) else { return Ok(worked) };
    while !is_over.load(Relaxed) {
        let units = if pace == Pace::Pipelines { worked.choice.pipeline() } else { 1 };
        let first = worked.history.sent.len();
        let mut bytes = Vec::new();
        for _ in 0..units {
            let unit = worked.choice.unit(now_ms());
            unit.encode(&mut bytes);
            worked.history.sent.push(Sent { unit, at: Instant::now(), outcome: Outcome::Unknown });
        }
        if client.send(&bytes).is_err() {
            return Ok(worked);
        }
        for sent in worked.history.sent.iter_mut().skip(first) {
            match receive(&mut client, &sent.unit) {
                Ok(outcome) => {
                    sent.outcome = outcome;
                    counts.note(outcome);
                }
                Err(error) if error.kind() == io::ErrorKind::Other => return Err(error),
                Err(_) => return Ok(worked),
            }
        }
    }
    Ok(worked)
}

impl Counts {
    fn note(&self, outcome: Outcome) {
        match outcome {
            Outcome::Acknowledged(_) => self.acknowledged.fetch_add(1, Relaxed),
            Outcome::Refused => self.refused.fetch_add(1, Relaxed),
            Outcome::Unknown => 0,
        };
    }
}

/// Reads what a unit is told. The error's kind is `Other` if no such reply should have come.
fn receive(client: &mut Client, unit: &Unit) -> io::Result<Outcome> {
    let mut last = Frame::Nil;
    for _ in 0..unit.replies() {
        last = client.frame()?;
    }
    outcome(unit, &last)
}

/// What a unit's last reply says of it. The error's kind is `Other` if no such reply should have come.
pub(crate) fn outcome(unit: &Unit, last: &Frame) -> io::Result<Outcome> {
    let is_error = |frame: &Frame| matches!(frame, Frame::Error(_));
    let is_refusal = |text: &[u8]| text.starts_with(b"MISCONF") || text.starts_with(b"EXECABORT");
    match last {
        Frame::Error(text) if is_refusal(text) => Ok(Outcome::Refused),
        Frame::Array(replies) if unit.is_block && !replies.iter().any(is_error) => {
            Ok(Outcome::Acknowledged(Instant::now()))
        }
        Frame::Error(_) | Frame::Array(_) => Err(strange(unit, last)),
        _ if unit.is_block => Err(strange(unit, last)),
        _ => Ok(Outcome::Acknowledged(Instant::now())),
    }
}

fn strange(unit: &Unit, reply: &Frame) -> io::Error {
    io::Error::other(format!("a strange reply to {unit:?}: {reply:?}"))
}
