//! One client that asks and waits, and knows how much of the wait was its own fault.
//!
//! A single slow request in millions is what this is for, so it must not be the kernel taking *our* core away. The probe spins:
//! no call that it makes blocks, so it looks at the clock every few microseconds, and a gap between two looks is time in
//! which it did not run.

use super::connection::Connection;
use crate::clock::now_ns;
use crate::failure::Result;
use crate::keys::Keys;
use crate::template::{Batch, Workload};

/// A longer time between two looks at the clock was a pause. A system call that moves a batch takes a few µs.
const PAUSE_NS_MIN: u64 = 50_000;
/// Bytes read at once.
const READ_BYTES: usize = 64 * 1024;

/// A connection for one batch at a time.
#[derive(Debug)]
pub(crate) struct Probe<'w> {
    workload: &'w Workload,
    connection: Connection,
    keys: Keys,
    buffer: Vec<u8>,
}

/// How long a batch took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shot {
    /// From before the first byte was written until after the last reply was read.
    pub(crate) latency_ns: u64,
    /// How much of that the probe itself did not run.
    pub(crate) paused_ns: u64,
}

impl<'w> Probe<'w> {
    /// Connect; batches of `pipeline` requests over `keys`.
    pub(crate) fn connect(
        port: u16,
        workload: &'w Workload,
        pipeline: usize,
        value_bytes: usize,
        mut keys: Keys,
    ) -> Result<Self> {
        let requests = workload.templates.iter().cycle().take(pipeline);
        let batch = Batch::render(requests, value_bytes, &mut keys);
        let connection = Connection::open(port, vec![batch])?;
        Ok(Self { workload, connection, keys, buffer: vec![0; READ_BYTES] })
    }

    /// Send a batch and wait for its replies.
    pub(crate) fn shoot(&mut self) -> Result<Shot> {
        let start_ns = now_ns();
        let (mut last_ns, mut paused_ns) = (start_ns, 0);
        self.connection.send(start_ns, &mut self.keys)?;
        while !self.connection.is_idle() {
            self.connection.flush()?;
            self.connection.receive(&mut self.buffer, self.workload)?;
            let now = now_ns();
            if now - last_ns > PAUSE_NS_MIN {
                paused_ns += now - last_ns;
            }
            last_ns = now;
        }
        Ok(Shot { latency_ns: last_ns - start_ns, paused_ns })
    }

    /// Check that the replies were those expected.
    pub(crate) fn finish(self) -> Result<()> {
        self.connection.check_replies(self.workload)
    }
}
