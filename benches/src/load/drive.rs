//! The loop that keeps all connections busy.

use std::collections::VecDeque;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::panic::resume_unwind;
use std::thread;

use rustix::event::epoll;

use super::connection::Connection;
use super::pace::Pacer;
use super::{Pace, Tally};
use crate::clock::{SECOND_NS, now_ns, thread_cpu_ns, timespec};
use crate::failure::{Attempt, Failure, Result};
use crate::keys::{Distribution, Keys};
use crate::template::{Batch, Workload};

/// Bytes read at once.
const READ_BYTES: usize = 256 * 1024;
/// Events taken at once.
const EVENTS_MAX: usize = 256;
/// Longest wait for an event, so that the end of a run is noticed.
const WAIT_NS: u64 = 20_000_000;
/// How long a server may stay silent before the run is given up.
const SILENCE_NS_MAX: u64 = 60 * SECOND_NS;

/// What to send, where and how.
#[derive(Debug, Clone)]
pub(crate) struct Plan<'w> {
    /// The commands.
    pub(crate) workload: &'w Workload,
    /// A port of this machine.
    pub(crate) port: u16,
    /// How many connections.
    pub(crate) connections: usize,
    /// Requests of a batch.
    pub(crate) pipeline: usize,
    /// How many keys there are.
    pub(crate) keys: u64,
    /// How they are chosen.
    pub(crate) distribution: Distribution,
    /// Bytes of a `{value}`.
    pub(crate) value_bytes: usize,
    /// When batches leave.
    pub(crate) pace: Pace,
    /// Of the key sequence.
    pub(crate) seed: u64,
}

/// A generator, connected.
#[derive(Debug)]
pub(crate) struct Load<'w> {
    plan: Plan<'w>,
    epoll: OwnedFd,
    connections: Vec<Connection>,
    /// Those that wait for the pacer.
    idle: VecDeque<usize>,
    keys: Keys,
    pacer: Pacer,
    tally: Tally,
    last_reply_ns: u64,
    buffer: Vec<u8>,
}

impl<'w> Load<'w> {
    /// Connect, send nothing yet.
    pub(crate) fn connect(plan: Plan<'w>) -> Result<Self> {
        let mut keys = Keys::new(plan.keys, plan.distribution, plan.seed);
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC).attempt(|| "create an epoll".into())?;
        let mut connections = Vec::with_capacity(plan.connections);
        for index in 0..plan.connections {
            let templates = &plan.workload.templates;
            let batches = beginnings(templates.len(), plan.pipeline, index).into_iter().map(|at| {
                let requests = templates.iter().cycle().skip(at).take(plan.pipeline);
                Batch::render(requests, plan.value_bytes, &mut keys)
            });
            let connection = Connection::open(plan.port, batches.collect())?;
            // Edge-triggered for both directions, so that interest never needs to be changed.
            let interest = epoll::EventFlags::IN | epoll::EventFlags::OUT | epoll::EventFlags::ET;
            epoll::add(&epoll, connection.stream(), epoll::EventData::new_u64(index as u64), interest)
                .attempt(|| "watch a socket".into())?;
            connections.push(connection);
        }
        let pacer = Pacer::new(plan.pace, plan.pipeline as u64, now_ns());
        let idle = (0..connections.len()).collect();
        let (tally, buffer) = (Tally::new(), vec![0; READ_BYTES]);
        Ok(Self { plan, epoll, connections, idle, keys, pacer, tally, last_reply_ns: now_ns(), buffer })
    }

    /// Go on for `duration_ns`; requests stay under way at the end, so that the next call continues without a gap.
    pub(crate) fn run_for(&mut self, duration_ns: u64) -> Result<Tally> {
        let until_ns = now_ns().saturating_add(duration_ns);
        self.run_while(|_, now| now < until_ns)
    }

    /// Send `batches` and wait for all replies.
    pub(crate) fn run_batches(&mut self, batches: u64) -> Result<Tally> {
        self.pacer.limit(batches);
        let all = self.connections.len();
        self.run_while(|load, now| load.idle.len() < all || load.pacer.clone().next(now).is_some())
    }

    /// Go on while `task` runs on a thread of its own, beside the generator on its core.
    pub(crate) fn run_during<T: Send>(&mut self, task: impl FnOnce() -> T + Send) -> Result<(Tally, T)> {
        thread::scope(|scope| {
            let task = scope.spawn(task);
            let tally = self.run_while(|_, _| !task.is_finished())?;
            Ok((tally, task.join().unwrap_or_else(|panic| resume_unwind(panic))))
        })
    }

    /// Wait for what is under way, so that whatever comes next is in nobody's latency. The load may go on afterwards.
    pub(crate) fn rest(&mut self) -> Result<()> {
        self.run_batches(0)?;
        self.pacer = Pacer::new(self.plan.pace, self.plan.pipeline as u64, now_ns());
        Ok(())
    }

    /// Wait for what is under way and check that the replies were those expected.
    pub(crate) fn finish(mut self) -> Result<()> {
        self.run_batches(0)?;
        self.connections.iter().try_for_each(|connection| connection.check_replies(self.plan.workload))
    }

    fn run_while(&mut self, go_on: impl Fn(&Self, u64) -> bool) -> Result<Tally> {
        self.tally = Tally::new();
        let (cpu_before, start_ns) = (thread_cpu_ns(), now_ns());
        self.last_reply_ns = start_ns;
        let mut now = start_ns;
        while go_on(self, now) {
            self.start_due(now)?;
            self.take_events(now)?;
            now = now_ns();
        }
        let mut tally = std::mem::replace(&mut self.tally, Tally::new());
        tally.elapsed_ns = now - start_ns;
        tally.generator_cpu_ns = thread_cpu_ns() - cpu_before;
        Ok(tally)
    }

    /// Give idle connections the batches that are due.
    fn start_due(&mut self, now: u64) -> Result<()> {
        while let Some(&index) = self.idle.front() {
            let Some(due_ns) = self.pacer.next(now) else { break };
            self.idle.pop_front();
            self.connections[index].send(due_ns, &mut self.keys)?;
        }
        Ok(())
    }

    fn take_events(&mut self, now: u64) -> Result<()> {
        // An open loop spins while a batch is still to come: waking up from a sleep would be late.
        let spins = self.pacer.watches_the_clock() && !self.idle.is_empty();
        let wait = timespec(if spins { 0 } else { WAIT_NS });
        let mut events = [MaybeUninit::<epoll::Event>::uninit(); EVENTS_MAX];
        let ready = match epoll::wait(&self.epoll, &mut events, Some(&wait)) {
            Ok((ready, _)) => ready,
            Err(rustix::io::Errno::INTR) => return Ok(()),
            Err(error) => return Err(error).attempt(|| "wait for replies".into()),
        };
        if ready.is_empty()
            && self.idle.len() < self.connections.len()
            && now > self.last_reply_ns + SILENCE_NS_MAX
        {
            let what = format!("no reply for {} s", SILENCE_NS_MAX / SECOND_NS);
            return Err(Failure::WrongReplies { command: self.plan.workload.command().into(), what });
        }
        for event in ready {
            self.serve(event.data.u64() as usize)?;
        }
        Ok(())
    }

    /// One connection can write or has replies.
    fn serve(&mut self, index: usize) -> Result<()> {
        let connection = &mut self.connections[index];
        if connection.is_idle() {
            return Ok(());
        }
        connection.flush()?;
        loop {
            let (completed, more) = connection.receive(&mut self.buffer, self.plan.workload)?;
            if completed > 0 {
                let now = now_ns();
                self.last_reply_ns = now;
                self.tally.record(now.saturating_sub(connection.due_ns()), completed);
            }
            if connection.is_idle() {
                return self.go_on_with(index);
            }
            if !more {
                return Ok(());
            }
        }
    }

    /// The connection's batch is complete: send the next one now, or wait for it.
    fn go_on_with(&mut self, index: usize) -> Result<()> {
        match self.pacer.next(self.last_reply_ns) {
            // Those that wait come first; there are none in a closed loop.
            Some(due_ns) if self.idle.is_empty() => self.connections[index].send(due_ns, &mut self.keys),
            Some(due_ns) => {
                self.idle.push_back(index);
                let first = self.idle.pop_front().expect("one was just added");
                self.connections[first].send(due_ns, &mut self.keys)
            }
            None => {
                self.idle.push_back(index);
                Ok(())
            }
        }
    }
}

/// At which of the `templates` each batch of a connection begins, until they repeat: where the one before has ended. So every
/// connection sends all commands of a workload in turn, and connections begin at different ones.
fn beginnings(templates: usize, pipeline: usize, connection: usize) -> Vec<usize> {
    let first = connection * pipeline % templates;
    let next = |at: &usize| Some((at + pipeline) % templates).filter(|&at| at != first);
    std::iter::successors(Some(first), next).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_connection_sends_all_commands_in_turn() {
        assert_eq!(beginnings(2, 1, 0), [0, 1]);
        assert_eq!(beginnings(2, 1, 3), [1, 0]);
        assert_eq!(beginnings(2, 16, 5), [0]);
        assert_eq!(beginnings(10, 16, 1), [6, 2, 8, 4, 0]);
        assert_eq!(beginnings(1, 100, 7), [0]);
    }
}
