//! Random histories on a disk that fails, loses power and is started again: what comes back is what was appended, from the first entry on,
//! each once and whole, and at least what was durable.
//!
//! Every failure names its seed: `KVD_AOF_SEED=17 cargo test -p kvd-aof --test model`.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]
#![expect(clippy::disallowed_methods, reason = "a seed to repeat comes from the environment")]

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use disk::{Disk, Fault, FaultyDisk, Operation, Outcome, SimulatedDisk, Writes};
use fastrand::Rng;
use journal::{Batch, Effects, Offset};
use kvd_aof::{
    AofError, BaseFormat, BaseWriter, Directory, Ending, FinishedBase, Found, Limits, Location, Log,
    LogError, Next, Options, Policy, Record, RewriteError, SegmentFile, UnixMillis, repair,
};

const RUNS: u64 = 4000;
const GENERATIONS: usize = 4;
const STEPS: usize = 40;
/// Where the journal begins. Not 0, by which a log says that nothing is durable yet.
const START: Offset = Offset(1000);

struct Entry {
    end: Offset,
    db: u32,
    effects: Effects,
}

/// What was appended, and what the disk said of it.
struct World {
    rng: Rng,
    simulated: SimulatedDisk,
    entries: Vec<Entry>,
    /// How many entries must come back after the machine lost power.
    durable: usize,
    /// How many must, because the process was killed and the machine went on.
    visible: usize,
    now: UnixMillis,
    writes: Writes,
    /// Whether files may have holes, so that the run ends with the next start.
    has_holes: bool,
    is_over: bool,
    seed: u64,
}

/// A process and its log.
struct Process {
    disk: FaultyDisk,
    log: Log,
    /// A base that is to be written, of so many entries.
    base: Option<(BaseWriter, usize)>,
    /// Bases of rewrites that were aborted, to which somebody still writes.
    late: Vec<(BaseWriter, usize)>,
    neighbour: Option<Neighbour>,
    /// Whether the machine halted while the log was exchanged for another.
    is_gone: bool,
}

/// Another server's log in the same directory, in the middle of a rewrite. Its own disk never fails.
struct Neighbour {
    log: Log,
    base: BaseWriter,
}

fn location() -> Location {
    Location::new(Path::new("/data"), "appendonlydir", "appendonly.aof")
}

fn seeds() -> impl Iterator<Item = u64> {
    let one = std::env::var("KVD_AOF_SEED").ok().and_then(|seed| seed.parse().ok());
    let runs = std::env::var("KVD_AOF_RUNS").ok().and_then(|runs| runs.parse().ok()).unwrap_or(RUNS);
    one.map_or(0..runs, |seed| seed..seed + 1)
}

#[test]
fn what_comes_back_is_what_was_appended_and_at_least_what_was_durable() {
    let mut seen = Seen::default();
    for seed in seeds() {
        let mut world = World::new(seed);
        for _ in 0..GENERATIONS {
            if world.is_over {
                break;
            }
            world.tell(|| "--- start".to_owned());
            let Some(mut process) = world.start(&mut seen) else { continue };
            for _ in 0..STEPS {
                if process.disk.is_halted() {
                    break;
                }
                world.step(&mut process, &mut seen);
                if !process.is_gone {
                    world.durable = world.durable.max(world.count(process.log.durable()));
                }
            }
            world.stop(process, &mut seen);
        }
    }
    if std::env::var_os("KVD_AOF_SEED").is_none() {
        seen.check();
    }
}

/// What the runs met, so that a test that meets nothing is noticed.
#[derive(Debug, Default)]
struct Seen {
    halted: usize,
    kills: usize,
    torn: usize,
    rewrites: usize,
    switched_on: usize,
    recovered_writes: usize,
    recovered_syncs: usize,
    lost: usize,
    entries_lost: usize,
    crashed_starts: usize,
    refused_starts: usize,
    late_bases: usize,
    failed_bases: usize,
    neighbours: usize,
    background_syncs: usize,
    failed_background_syncs: usize,
}

impl Seen {
    fn check(&self) {
        let all = [
            self.halted,
            self.kills,
            self.torn,
            self.rewrites,
            self.switched_on,
            self.recovered_writes,
            self.recovered_syncs,
            self.lost,
            self.entries_lost,
            self.crashed_starts,
            self.refused_starts,
            self.late_bases,
            self.failed_bases,
            self.neighbours,
            self.background_syncs,
            self.failed_background_syncs,
        ];
        assert!(all.iter().all(|count| *count >= 20), "some things hardly happened: {self:?}");
    }
}

impl World {
    fn new(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let simulated = SimulatedDisk::default();
        simulated.create_dir(Path::new("/data")).unwrap();
        simulated.sync_dir(Path::new("/")).unwrap();
        let writes = if rng.u8(..5) == 0 { Writes::AnyOrder } else { Writes::InOrder };
        let now = UnixMillis(1_000_000);
        Self {
            rng,
            simulated,
            entries: Vec::new(),
            durable: 0,
            visible: 0,
            now,
            writes,
            has_holes: false,
            is_over: false,
            seed,
        }
    }

    fn tell(&mut self, what: impl FnOnce() -> String) {
        if std::env::var_os("KVD_AOF_SEED").is_some() {
            eprintln!("{}", what());
        }
    }

    /// A process starts: opens, loads, repairs, and checks what came back. `None` if the machine halted meanwhile.
    fn start(&mut self, seen: &mut Seen) -> Option<Process> {
        let disk = FaultyDisk::losing_pages(&self.simulated);
        let halts_early = self.rng.u8(..4) == 0;
        disk.halt_after(if halts_early { self.rng.u64(..12) } else { self.rng.u64(..150) });
        let is_faulty = self.rng.u8(..4) == 0;
        if is_faulty {
            let fault = self.start_fault();
            disk.add(fault);
        }
        let mut result = self.try_start(&disk, seen);
        if let Err(error) = &result
            && is_faulty
            && !disk.is_halted()
        {
            self.tell(|| format!("refused to start: {error}"));
            seen.refused_starts += 1;
            disk.clear();
            result = self.try_start(&disk, seen);
        }
        match result {
            Ok(process) => Some(process),
            Err(error) if disk.is_halted() => {
                self.tell(|| format!("halted while starting: {error}"));
                seen.crashed_starts += 1;
                self.crash();
                None
            }
            Err(error) => {
                assert!(self.is_over, "seed {}: {error}", self.seed);
                None
            }
        }
    }

    /// What may fail at a start so that the next one finds all as it was. After an fsync that failed it couldn't know.
    fn start_fault(&mut self) -> Fault {
        let operations = [
            Operation::Open,
            Operation::Read,
            Operation::Kind,
            Operation::Length,
            Operation::List,
            Operation::Create,
            Operation::Write,
            Operation::Truncate,
            Operation::Rename,
            Operation::Remove,
            Operation::SyncDirectory,
        ];
        let operation = operations[self.rng.usize(..operations.len())];
        let fault = Fault::once(operation, Outcome::IO_ERROR).after(self.rng.u64(..6));
        self.tell(|| format!("at the start {fault:?}"));
        fault
    }

    fn try_start(&mut self, disk: &FaultyDisk, seen: &mut Seen) -> Result<Process, AofError> {
        let (directory, opening) = Directory::open(Arc::new(disk.clone()), location())?;
        assert!(opening.found != Found::ManifestLost, "seed {}: {opening:?}", self.seed);
        let mut read = Vec::new();
        let loaded = load(disk, &opening.plan, &mut read, seen);
        self.is_over = self.has_holes && !disk.is_halted();
        let count = self.check(&read);
        let last = loaded?;
        if !disk.is_halted() {
            assert!(
                count >= self.durable.max(self.visible),
                "seed {}: {count} of {}",
                self.seed,
                self.durable
            );
        }
        // Should this start fail, the next one reads the same.
        self.visible = count;
        self.entries.truncate(count);
        let at = self.end();
        let options = self.options();
        if self.rng.u8(..4) > 0 {
            let log = Log::open(directory, last, options, at, self.now)?;
            // What could be read is durable now.
            self.durable = self.count(log.durable());
            return Ok(self.process(disk, log, None, seen));
        }
        self.durable = self.durable.min(self.entries.len());
        let switched_on = Log::switch_on(directory, at, BaseFormat::Commands, options, self.now);
        match switched_on {
            Ok((log, base)) => Ok(self.process(disk, log, Some((base, self.entries.len())), seen)),
            Err((_, RewriteError::Aof(error))) => Err(error),
            Err((_, error)) => panic!("seed {}: {error}", self.seed),
        }
    }

    fn process(
        &mut self,
        disk: &FaultyDisk,
        log: Log,
        base: Option<(BaseWriter, usize)>,
        seen: &mut Seen,
    ) -> Process {
        self.visible = 0;
        // It makes the directory durable more often than the log alone would.
        let neighbour =
            (self.rng.u8(..8) == 0 && !disk.is_halted()).then(|| Neighbour::start(&self.simulated));
        seen.neighbours += usize::from(neighbour.is_some());
        Process { disk: disk.clone(), log, base, late: Vec::new(), neighbour, is_gone: false }
    }

    fn options(&mut self) -> Options {
        let policy = [Policy::Always, Policy::EverySec, Policy::No][self.rng.usize(..3)];
        let retained_bytes_max = if self.rng.u8(..4) == 0 { 600 } else { 1 << 20 };
        Options {
            policy,
            timestamps: self.rng.bool(),
            no_sync_on_rewrite: self.rng.bool(),
            retained_bytes_max,
        }
    }

    fn step(&mut self, process: &mut Process, seen: &mut Seen) {
        self.now.0 += self.rng.u64(..800);
        match self.rng.u8(..19) {
            0..=5 => self.append(process),
            6 | 7 => self.sync(process),
            8 => self.fault(process),
            9 => process.disk.clear(),
            10 | 11 => self.retry(process, seen),
            12 => self.begin_rewrite(process),
            13 | 14 => self.finish_rewrite(process, seen),
            15 => self.finish_late(process, seen),
            16 => self.sync_in_background(process, seen),
            _ if process.log.poll_sync(self.now) => self.sync(process),
            _ => {}
        }
    }

    /// Somebody else makes the log durable while it is written on, or the disk begins to fail.
    fn sync_in_background(&mut self, process: &mut Process, seen: &mut Seen) {
        let begun = process.log.begin_sync(self.now);
        self.tell(|| format!("begin sync: {begun:?}"));
        let Ok(Some(syncing)) = begun else { return };
        let written = process.log.written();
        assert!(process.log.is_syncing() && !process.log.poll_sync(UnixMillis(u64::MAX)));
        let meanwhile = |world: &mut Self, process: &mut Process| match world.rng.u8(..6) {
            0..=2 => world.append(process),
            3 => world.fault(process),
            _ => {}
        };
        meanwhile(self, process);
        assert!(process.log.is_syncing(), "nobody has run it");
        let is_dropped = self.rng.u8(..8) == 0;
        if is_dropped {
            drop(syncing)
        } else {
            syncing.run()
        }
        meanwhile(self, process);
        // Whatever needs to know waits for it.
        let outcome = match self.rng.u8(..4) {
            0 => process.log.sync(self.now).map(|()| true),
            _ => process.log.end_sync(),
        };
        let durable = self.count(process.log.durable());
        self.tell(|| format!("end sync: {outcome:?}, durable {durable}"));
        assert!(!process.log.is_syncing());
        match outcome {
            // An append may have heard of the failure before.
            Ok(_) if process.log.failing().is_none() => {
                let is_told = process.log.durable() != Offset(0) && !is_dropped;
                assert!(!is_told || process.log.durable() >= written);
                seen.background_syncs += 1;
            }
            _ => seen.failed_background_syncs += 1,
        }
    }

    fn append(&mut self, process: &mut Process) {
        let (before, start) = (self.entries.len(), self.end());
        for _ in 0..self.rng.usize(1..5) {
            let entry = self.entry();
            self.entries.push(entry);
        }
        let batch = Batch::new(start, self.entries[before..].iter().map(|entry| (entry.db, &entry.effects)));
        assert_eq!(batch.end(), self.end());
        let result = process.log.append(&batch, self.now);
        if let Err(LogError::Full(_) | LogError::Lost(_)) = result {
            self.entries.truncate(before);
        }
        let (to, shown) = (self.entries.len(), result.err().map(|error| error.to_string()));
        self.tell(|| format!("append {before}..{to}: {shown:?}"));
    }

    fn sync(&mut self, process: &mut Process) {
        let result = process.log.sync(self.now);
        let durable = self.count(process.log.durable());
        self.tell(|| format!("sync: {result:?}, durable {durable}"));
        if result.is_ok() && !process.disk.is_halted() && process.log.durable() != Offset(0) {
            assert_eq!(process.log.durable(), process.log.written());
        }
    }

    fn retry(&mut self, process: &mut Process, seen: &mut Seen) {
        let Some(failing) = process.log.failing().cloned() else { return };
        let result = process.log.retry(self.now);
        self.tell(|| format!("retry: {result:?}"));
        match result {
            Ok(()) if failing.error.to_string().contains("fsync") => seen.recovered_syncs += 1,
            Ok(()) => seen.recovered_writes += 1,
            Err(LogError::Lost(_)) => self.begin_anew(process, seen),
            Err(_) => {}
        }
    }

    /// The log has a gap: a new base is taken, of everything that the data hold, and the log is switched on with it.
    fn begin_anew(&mut self, process: &mut Process, seen: &mut Seen) {
        process.disk.clear();
        process.late.extend(process.base.take());
        if process.disk.is_halted() {
            return;
        }
        seen.lost += 1;
        let (at, options) = (self.end(), process.log.options());
        // Only an open log can be taken apart: put another in its place meanwhile.
        let nowhere = SimulatedDisk::default();
        nowhere.create_dir(Path::new("/data")).unwrap();
        let (empty, _) = Directory::open(Arc::new(nowhere), location()).unwrap();
        let placeholder = Log::open(empty, 0, options, at, self.now).unwrap();
        let directory = std::mem::replace(&mut process.log, placeholder).into_directory();
        let durable = self.durable;
        match Log::switch_on(directory, at, BaseFormat::Commands, options, self.now) {
            Ok((log, base)) => (process.log, process.base) = (log, Some((base, self.entries.len()))),
            Err((_, error)) => {
                self.tell(|| format!("switch on: {error}"));
                process.is_gone = true;
                assert!(process.disk.is_halted(), "{error}");
            }
        }
        self.durable = durable;
    }

    fn fault(&mut self, process: &mut Process) {
        let operations = [
            Operation::Write,
            Operation::Write,
            Operation::Sync,
            Operation::Sync,
            Operation::Truncate,
            Operation::Rename,
            Operation::SyncDirectory,
            Operation::Create,
            Operation::Remove,
            Operation::Kind,
            Operation::Length,
            Operation::FreeSpace,
        ];
        let operation = operations[self.rng.usize(..operations.len())];
        let outcome = match self.rng.u8(..4) {
            0 if operation == Operation::Write => Outcome::Short(self.rng.usize(..30)),
            1 => Outcome::NO_SPACE,
            _ => Outcome::IO_ERROR,
        };
        let fault =
            Fault { times: self.rng.u64(1..4), ..Fault::always(operation, outcome).after(self.rng.u64(..3)) };
        self.tell(|| format!("{fault:?}"));
        process.disk.add(fault);
    }

    fn begin_rewrite(&mut self, process: &mut Process) {
        let at = process.log.written();
        match process.log.begin_rewrite(at, BaseFormat::Commands, 0, self.now) {
            Ok(base) => process.base = Some((base, self.count(at))),
            Err(error) => self.tell(|| format!("begin rewrite: {error}")),
        }
    }

    fn finish_rewrite(&mut self, process: &mut Process, seen: &mut Seen) {
        let Some((base, count)) = process.base.take() else { return };
        let is_switching_on = process.log.durable() == Offset(0) && process.log.is_rewriting();
        let result = if !is_switching_on && self.rng.u8(..4) == 0 {
            process.late.push((base, count));
            process.log.abort_rewrite()
        } else {
            match self.write_base(base, count, seen) {
                Some(base) => process.log.commit_rewrite(base).map(drop),
                None if is_switching_on => Err(RewriteError::NotInProgress),
                None => process.log.abort_rewrite(),
            }
        };
        self.tell(|| format!("rewrite at {count}: {result:?}"));
        match result {
            Ok(()) if is_switching_on => seen.switched_on += 1,
            Ok(()) => seen.rewrites += 1,
            Err(_) if is_switching_on => self.begin_anew(process, seen),
            Err(_) => assert!(!process.log.is_rewriting()),
        }
    }

    /// Writes a base as somebody does who looks at the last error only.
    fn write_base(&mut self, mut base: BaseWriter, count: usize, seen: &mut Seen) -> Option<FinishedBase> {
        let mut has_failed = false;
        for entry in &self.entries[..count.min(self.entries.len())] {
            let select = format!("*2\r\n$6\r\nSELECT\r\n$1\r\n{}\r\n", entry.db);
            has_failed |= base.write_all(&[select.as_bytes(), entry.effects.wire()].concat()).is_err();
            if self.rng.u8(..8) == 0 {
                has_failed |= base.flush().is_err();
            }
        }
        seen.failed_bases += usize::from(has_failed);
        base.finish().ok()
    }

    /// A base of a rewrite that was aborted is finished, while another one goes on or not.
    fn finish_late(&mut self, process: &mut Process, seen: &mut Seen) {
        let Some((base, count)) = process.late.pop() else { return };
        let Some(base) = self.write_base(base, count, seen) else { return };
        let is_rewriting = process.log.is_rewriting();
        let result = process.log.commit_rewrite(base);
        self.tell(|| format!("late base of {count}: {result:?}"));
        assert!(matches!(result, Err(RewriteError::NotInProgress)), "seed {}: {result:?}", self.seed);
        assert_eq!(process.log.is_rewriting(), is_rewriting);
        seen.late_bases += usize::from(is_rewriting);
    }

    /// The process or the machine ends.
    fn stop(&mut self, mut process: Process, seen: &mut Seen) {
        if let Some(neighbour) = process.neighbour.take() {
            neighbour.stop(&self.simulated);
        }
        let halted = process.disk.is_halted();
        seen.halted += usize::from(halted);
        let is_switching_on = process.log.is_rewriting() && process.log.durable() == Offset(0);
        // Between an fsync that fails and the cut that follows, a process that starts anew would trust what it reads; nobody can tell it.
        if self.rng.u8(..3) == 0 && process.log.failing().is_none() && !is_switching_on && !process.is_gone {
            seen.kills += 1;
            self.visible = self.count(process.log.written());
            self.simulated = self.simulated.kill();
        } else {
            self.crash();
            let written = self.count(process.log.written());
            seen.entries_lost += usize::from(self.durable < written);
        }
        let durable = self.durable;
        self.tell(|| format!("end: halted {halted}, at least {durable} must come back"));
    }

    fn crash(&mut self) {
        self.visible = 0;
        self.has_holes |= self.writes == Writes::AnyOrder;
        self.simulated = self.simulated.crash(&mut self.rng, self.writes);
    }

    /// Checks that what was read are the first entries, each whole, and says how many. Of files with holes only what was durable is
    /// right for sure.
    fn check(&self, read: &[Read]) -> usize {
        let expected = self.entries.iter().enumerate().flat_map(|(index, entry)| parts(entry, index));
        let same = expected.zip(read).take_while(|(expected, read)| expected == *read).count();
        let mut count = 0;
        let mut effects = 0;
        while self.entries.get(count).is_some_and(|entry| effects + entry.effects.len() <= same) {
            effects += self.entries[count].effects.len();
            count += 1;
        }
        if !self.has_holes {
            let wrong = read.get(effects);
            assert!(effects == read.len(), "seed {}: after {count} entries comes {wrong:?}", self.seed);
        }
        count
    }

    fn entry(&mut self) -> Entry {
        let index = self.entries.len();
        let mut effects = Effects::default();
        for part in 0..self.rng.usize(1..4) {
            let value = "v".repeat(self.rng.usize(..40));
            effects.push(&[b"SET", format!("{index}:{part}").as_bytes(), value.as_bytes()]);
        }
        let end = Offset(self.end().0 + effects.wire().len() as u64);
        Entry { end, db: self.rng.u32(..3), effects }
    }

    fn end_of(&self, count: usize) -> Offset {
        count.checked_sub(1).map_or(START, |last| self.entries[last].end)
    }

    fn end(&self) -> Offset {
        self.end_of(self.entries.len())
    }

    /// How many entries end at or before an offset.
    fn count(&self, offset: Offset) -> usize {
        self.entries.partition_point(|entry| entry.end <= offset)
    }
}

impl Neighbour {
    const BASE: &[u8] = b"everything that the neighbour has";

    fn open(disk: &SimulatedDisk) -> (Directory, Vec<kvd_aof::Step>) {
        let location = Location::new(Path::new("/data"), "appendonlydir", "neighbour");
        let (directory, opening) = Directory::open(Arc::new(disk.clone()), location).unwrap();
        (directory, opening.plan)
    }

    fn start(disk: &SimulatedDisk) -> Self {
        let (directory, plan) = Self::open(disk);
        let length = plan.last().map_or(0, |step| step.bytes);
        let mut log = Log::open(directory, length, Options::DEFAULT, START, UnixMillis(0)).unwrap();
        let mut base = log.begin_rewrite(START, BaseFormat::Commands, 0, UnixMillis(0)).unwrap();
        base.write_all(Self::BASE).unwrap();
        base.flush().unwrap();
        Self { log, base }
    }

    fn stop(mut self, disk: &SimulatedDisk) {
        self.log.commit_rewrite(self.base.finish().unwrap()).unwrap();
        let (_, plan) = Self::open(disk);
        assert_eq!(disk::read(disk, &plan[0].path, 1000).unwrap(), Self::BASE);
    }
}

/// A database, a key and a value.
type Read = (u32, Vec<u8>, Vec<u8>);

fn parts(entry: &Entry, index: usize) -> Vec<Read> {
    let mut reader = kvd_aof::SegmentReader::new(0, Limits::DEFAULT);
    reader.feed(entry.effects.wire());
    let mut parts = Vec::new();
    while let Some(Record::Command(command)) = reader.next_record().unwrap() {
        parts.push((
            entry.db,
            command.words.get(1).unwrap().to_vec(),
            command.words.get(2).unwrap().to_vec(),
        ));
    }
    assert!(parts.first().unwrap().1.starts_with(format!("{index}:").as_bytes()));
    parts
}

/// Loads as a server does; gives the length of the last increment.
fn load(
    disk: &FaultyDisk,
    plan: &[kvd_aof::Step],
    read: &mut Vec<Read>,
    seen: &mut Seen,
) -> Result<u64, AofError> {
    let mut length = 0;
    for step in plan {
        let mut file = SegmentFile::open(disk, &step.path, 0, Limits::DEFAULT)?;
        let mut db = 0;
        let mut transaction = None;
        let ending = loop {
            let command = match file.next_record()? {
                Next::Record(Record::Command(command)) => command,
                Next::Record(Record::Annotation(line)) => {
                    assert!(line.timestamp().is_some() && transaction.is_none());
                    continue;
                }
                Next::End(ending) => break ending,
            };
            let word = |index| command.words.get(index).unwrap_or_default().to_vec();
            match word(0).as_slice() {
                b"SELECT" => db = String::from_utf8(word(1)).unwrap().parse().unwrap(),
                b"MULTI" => transaction = Some(Vec::new()),
                b"EXEC" => read.append(&mut transaction.take().unwrap()),
                _ => transaction.as_mut().unwrap_or(read).push((db, word(1), word(2))),
            }
        };
        step.check(ending)?;
        if let Ending::Truncated(tail) = ending {
            seen.torn += 1;
            repair(disk, &step.path, tail.good)?;
        }
        length = ending.good();
    }
    let is_increment = plan.last().is_some_and(|step| step.kind == kvd_aof::FileKind::Increment);
    Ok(if is_increment { length } else { 0 })
}
