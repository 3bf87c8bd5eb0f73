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
    /// When the server was found to be gone.
    pub(crate) left_at: Option<Instant>,
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

    /// Waits for the clients. They end when the server is gone, or when they have heard of what they sent. Nobody may have been left alone before
    /// the server was ended.
    pub(crate) fn end(self, ended: Instant) -> io::Result<Vec<Worked>> {
        self.is_over.store(true, Relaxed);
        let join =
            |client: JoinHandle<_>| client.join().map_err(|_| io::Error::other("a client panicked"))?;
        let clients = self.clients.into_iter().map(join).collect::<io::Result<Vec<Worked>>>()?;
        match clients.iter().find(|worked| worked.left_at.is_some_and(|at| at < ended)) {
            Some(worked) => {
                let client = worked.history.client;
                Err(io::Error::other(format!("client {client} lost its connection while kvd was to serve")))
            }
            None => Ok(clients),
        }
    }
}

fn work(
    address: SocketAddr,
    mut worked: Worked,
    pace: Pace,
    is_over: &AtomicBool,
    counts: &Counts,
) -> io::Result<Worked> {
    let Ok(mut client) = Client::connect(address) else { return Ok(worked.left()) };
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
            return Ok(worked.left());
        }
        for sent in worked.history.sent.iter_mut().skip(first) {
            match receive(&mut client, &sent.unit) {
                Ok(outcome) => {
                    sent.outcome = outcome;
                    counts.note(outcome);
                }
                Err(error) if error.kind() == io::ErrorKind::Other => return Err(error),
                Err(_) => return Ok(worked.left()),
            }
        }
    }
    Ok(worked)
}

impl Worked {
    fn left(self) -> Self {
        Self { left_at: Some(Instant::now()), ..self }
    }
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
    let is_refusal = |text: &[u8]| text.starts_with(b"MISCONF") || text.starts_with(b"EXECABORT");
    // Nobody knows whether the key that is to be renamed is there.
    let is_fine = |text: &[u8]| unit.renames() && text == b"ERR no such key";
    let is_error = |frame: &Frame| matches!(frame, Frame::Error(text) if !is_fine(text));
    let is_good = match last {
        Frame::Error(text) if is_refusal(text) => return Ok(Outcome::Refused),
        Frame::Array(replies) => unit.is_told_array() && !replies.iter().any(is_error),
        other => !unit.is_block && !is_error(other),
    };
    match is_good {
        true => Ok(Outcome::Acknowledged(Instant::now())),
        false => Err(strange(unit, last)),
    }
}

fn strange(unit: &Unit, reply: &Frame) -> io::Error {
    io::Error::other(format!("a strange reply to {unit:?}: {reply:?}"))
}
