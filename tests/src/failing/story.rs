//! A random history: clients work, the disk fails now and then, the machine ends, and another one starts with what is on the disk.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use disk::{Disk, Fault, FaultyDisk, Operation, Outcome as Met, SimulatedDisk, Writes};
use fastrand::Rng;

use super::clock::FastClock;
use super::link::Link;
use super::machine::Machine;
use crate::crash::choice::{Choice, Reach};
use crate::crash::history::{History, Outcome, Sent};
use crate::crash::judge::{Promise, judge};
use crate::crash::load::outcome;
use crate::crash::observe::Seen;
use crate::crash::value::Data;
use crate::patience::comes_true;
use crate::wire::Frame;

const CLIENTS: usize = 3;
const VALUE_BYTES_MAX: usize = 400;
const ERRNO_NO_ENTRY: i32 = 2;

/// What happened in stories.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// Units that were acknowledged.
    pub acknowledged: usize,
    /// Units that were refused as the disk failed.
    pub refused: usize,
    /// Units of which nothing was heard before the end.
    pub unknown: usize,
    /// Acknowledged ones that were missing, where nobody promised anything.
    pub missing: usize,
    /// Stories in which everything recovered before the end.
    pub recovered: usize,
}

impl Counts {
    /// Adds another story's.
    pub fn add(&mut self, other: &Self) {
        self.acknowledged += other.acknowledged;
        self.refused += other.refused;
        self.unknown += other.unknown;
        self.missing += other.missing;
        self.recovered += other.recovered;
    }
}

struct Worker {
    link: Link,
    history: History,
    choice: Choice,
    /// Replies of the last unit that are still to come.
    awaited: usize,
}

struct Story {
    rng: Rng,
    disk: SimulatedDisk,
    faulty: FaultyDisk,
    workers: Vec<Worker>,
}

/// Tells the story of a seed. The error says which promise was broken.
pub fn tell(seed: u64) -> Result<Counts, String> {
    let mut rng = Rng::with_seed(seed);
    let is_always = rng.u32(0..4) > 0;
    let lines = if is_always { "appendfsync always" } else { "appendfsync everysec" };
    let disk = SimulatedDisk::default();
    prepare(&disk).map_err(|error| error.to_string())?;
    let faulty = match rng.bool() {
        true => FaultyDisk::losing_pages(&disk),
        false => FaultyDisk::new(Arc::new(disk.clone())),
    };
    let machine = Machine::start(Arc::new(faulty.clone()), lines)?;
    let workers = (0..CLIENTS).map(|client| Worker {
        link: machine.connect(),
        history: History::new(client, Data::new()),
        choice: Choice::new(client, rng.u64(..), VALUE_BYTES_MAX, Reach::Everywhere),
        awaited: 0,
    });
    let workers = workers.collect();
    let mut story = Story { rng, disk, faulty, workers };
    let mut counts = Counts::default();
    for _ in 0..story.rng.usize(30..150) {
        story.step(&machine)?;
    }
    if story.rng.u32(0..3) == 0 {
        story.faulty.clear();
        story.recover(&machine)?;
        counts.recovered += 1;
    }
    let (found, end) = story.end();
    let histories = story.histories(&mut counts);
    drop(machine);
    let found: Arc<dyn Disk> = Arc::new(found);
    let machine = Machine::start(found, lines).map_err(|reason| format!("after a {end}: {reason}"))?;
    let seen = Seen::by(&mut machine.connect(), FastClock::now_ms).map_err(|error| error.to_string())?;
    let now = Instant::now();
    let promise = if is_always { Promise::all(now) } else { Promise { before: None, ended: now } };
    let verdict =
        judge(&histories, 0, &seen, promise).map_err(|broken| format!("after a {end}: {broken}"))?;
    counts.missing = verdict.missing as usize;
    Ok(counts)
}

fn prepare(disk: &SimulatedDisk) -> Result<(), disk::DiskError> {
    disk.create_dir(Path::new("/data"))?;
    disk.sync_dir(Path::new("/"))
}

impl Story {
    fn step(&mut self, machine: &Machine) -> Result<(), String> {
        for worker in &mut self.workers {
            worker.hear()?;
        }
        match self.rng.u32(0..40) {
            0..3 => self.faulty.add(fault(&mut self.rng)),
            3 => self.faulty.clear(),
            4 => self.order(machine, "BGREWRITEAOF"),
            5 => self.order(machine, "BGSAVE"),
            6 => drop(machine.engine.tick(0, &FastClock)),
            7 => std::thread::yield_now(),
            8 => std::thread::sleep(std::time::Duration::from_millis(self.rng.u64(0..30))),
            _ => {
                let worker = self.rng.usize(0..self.workers.len());
                self.workers[worker].work();
            }
        }
        // Mostly the reply comes before the next step.
        for worker in self.workers.iter_mut().filter(|worker| worker.awaited > 0) {
            for _ in 0..self.rng.u32(0..200) {
                worker.hear()?;
                std::thread::yield_now();
            }
        }
        Ok(())
    }

    fn order(&self, machine: &Machine, command: &str) {
        // Whether it is begun is its own affair.
        machine.connect().send(&crate::wire::encode(&[command]));
    }

    /// The disk is well again: everybody is told what became of his last unit, and served again.
    fn recover(&mut self, machine: &Machine) -> Result<(), String> {
        for worker in &mut self.workers {
            let mut outcome = Ok(());
            let is_answered = comes_true(|| {
                outcome = worker.hear();
                outcome.is_err() || worker.awaited == 0
            });
            outcome?;
            if !is_answered {
                return Err("a reply doesn't come although the disk is well".to_owned());
            }
        }
        let mut link = machine.connect();
        if !comes_true(|| matches!(link.ask(&["PING"]), Frame::Status(_))) {
            return Err(format!("PING says {:?} although the disk is well", link.ask(&["PING"])));
        }
        for worker in &mut self.workers {
            worker.work();
            let mut outcome = Ok(());
            comes_true(|| {
                outcome = worker.hear();
                outcome.is_err() || worker.awaited == 0
            });
            outcome?;
            match worker.history.sent.last().map(|sent| sent.outcome) {
                Some(Outcome::Acknowledged(_)) => {}
                other => return Err(format!("a unit is answered {other:?} although the disk is well")),
            }
        }
        match link.info("aof_last_write_status").as_str() {
            "ok" => Ok(()),
            other => Err(format!("aof_last_write_status is {other} although the disk is well")),
        }
    }

    /// The process is killed, or the machine loses power. Writes that nobody waited for are kept in order: one that is missing in the middle is
    /// damage that a log without checksums can't tell from any other, and kvd may refuse it.
    fn end(&mut self) -> (SimulatedDisk, &'static str) {
        let found = match self.rng.bool() {
            true => (self.disk.kill(), "kill"),
            false => (self.disk.crash(&mut self.rng, Writes::InOrder), "loss of power"),
        };
        self.faulty.clear();
        found
    }

    fn histories(self, counts: &mut Counts) -> Vec<History> {
        let histories: Vec<History> = self.workers.into_iter().map(|worker| worker.history).collect();
        for sent in histories.iter().flat_map(|history| &history.sent) {
            match sent.outcome {
                Outcome::Acknowledged(_) => counts.acknowledged += 1,
                Outcome::Refused => counts.refused += 1,
                Outcome::Unknown => counts.unknown += 1,
            }
        }
        histories
    }
}

impl Worker {
    /// Sends a unit, unless the reply to the last one is still to come.
    fn work(&mut self) {
        if self.awaited > 0 {
            return;
        }
        let unit = self.choice.unit(FastClock::now_ms());
        let mut bytes = Vec::new();
        unit.encode(&mut bytes);
        self.awaited = unit.replies();
        self.history.sent.push(Sent { unit, at: Instant::now(), outcome: Outcome::Unknown });
        self.link.send(&bytes);
    }

    /// Takes the replies that have come.
    fn hear(&mut self) -> Result<(), String> {
        while self.awaited > 0 {
            let Some(frame) = self.link.poll() else { return Ok(()) };
            self.awaited -= 1;
            if let Some(sent) = self.history.sent.last_mut().filter(|_| self.awaited == 0) {
                sent.outcome = outcome(&sent.unit, &frame).map_err(|error| error.to_string())?;
            }
        }
        Ok(())
    }
}

/// Something that goes wrong.
fn fault(rng: &mut Rng) -> Fault {
    use Operation::{Create, Length, Open, Remove, Rename, Sync, SyncDirectory, Truncate, Write};
    let gone = Met::Error(ERRNO_NO_ENTRY);
    let (operation, met) = match rng.u32(0..16) {
        0..3 => (Write, Met::NO_SPACE),
        3 => (Write, Met::IO_ERROR),
        4..6 => (Write, Met::Short(rng.usize(1..60))),
        6..9 => (Sync, Met::IO_ERROR),
        9 => (Create, *rng.choice(&[Met::NO_SPACE, gone]).unwrap_or(&gone)),
        10 => (Rename, Met::IO_ERROR),
        11 => (SyncDirectory, *rng.choice(&[Met::IO_ERROR, gone]).unwrap_or(&gone)),
        12 => (Truncate, Met::IO_ERROR),
        13 => (Open, Met::IO_ERROR),
        14 => (Remove, Met::IO_ERROR),
        _ => (Length, Met::IO_ERROR),
    };
    let part = rng.choice(["", "", "incr", "manifest", ".rewrite", "base", "temp-"]).unwrap_or("");
    let fault = Fault::always(operation, met).on(part).after(rng.u64(0..4));
    if rng.bool() { Fault { times: rng.u64(1..4), ..fault } } else { fault }
}
