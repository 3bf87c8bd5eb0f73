//! Carrying out a file of the log.

use std::path::Path;

use aof::{Command, Ending, Limits, Next, Record, SegmentFile};
use disk::Disk;
use engine::{Engine, Replay, ReplayError};

use crate::error::LoadError;
use crate::load::STOPPED;
use crate::store::SharedClock;

/// Requests are carried out when so many bytes of them were read.
const BATCH_BYTES: usize = 64 * 1024;

/// Requests that were read and not yet carried out.
#[derive(Default)]
struct Batch {
    requests: Vec<u8>,
    /// Where each begins in the file.
    starts: Vec<u64>,
}

impl Batch {
    fn push(&mut self, command: &Command<'_>) {
        let words: Vec<&[u8]> = command.words.iter().collect();
        resp::write_request(&mut self.requests, &words);
        self.starts.push(command.start);
    }

    fn carry_out(
        &mut self,
        engine: &Engine,
        replay: &mut Replay,
        clock: &SharedClock,
        path: &Path,
    ) -> Result<(), LoadError> {
        let outcome = engine.replay(replay, &self.requests, &**clock);
        let error = outcome.map_err(|ReplayError { index, reason }| LoadError::Command {
            path: path.to_owned(),
            offset: self.starts.get(index).copied().unwrap_or_default(),
            reason,
        });
        self.requests.clear();
        self.starts.clear();
        error
    }
}

/// Carries out the commands of a file, from this offset on. Returns how the file ends, and how many commands failed.
pub(crate) fn replay_file(
    engine: &Engine,
    disk: &dyn Disk,
    path: &Path,
    offset: u64,
    clock: &SharedClock,
    progress: &mut dyn FnMut(u64) -> bool,
) -> Result<(Ending, u64), LoadError> {
    let mut file = SegmentFile::open(disk, path, offset, Limits::DEFAULT)?;
    let mut replay = engine.begin_replay(clock.now());
    let mut batch = Batch::default();
    let ending = loop {
        match file.next_record()? {
            Next::Record(Record::Annotation(_)) => {}
            Next::Record(Record::Command(command)) => {
                batch.push(&command);
                if batch.requests.len() >= BATCH_BYTES {
                    if !progress(command.end) {
                        return Err(LoadError::Refused(STOPPED.to_owned()));
                    }
                    batch.carry_out(engine, &mut replay, clock, path)?;
                }
            }
            Next::End(ending) => break ending,
        }
    };
    batch.carry_out(engine, &mut replay, clock, path)?;
    let failed = replay.errors();
    engine.end_replay(replay);
    Ok((ending, failed))
}
