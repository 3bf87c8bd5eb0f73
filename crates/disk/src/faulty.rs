//! A disk that fails as planned.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::disk::{Disk, File, Found, Kind, Lock};
use crate::error::{DiskError, Operation};
use crate::simulated::SimulatedDisk;

/// A disk around another, on which some operations fail, write less than they were given, or take long. Clones share the plan, which
/// can be changed at any time.
#[derive(Clone, Debug)]
pub struct FaultyDisk {
    disk: Arc<dyn Disk>,
    /// Told when an fsync fails.
    simulated: Option<SimulatedDisk>,
    plan: Arc<Mutex<Plan>>,
}

/// Which operations meet with what.
#[derive(Clone, Debug)]
pub struct Fault {
    /// What must be tried.
    pub operation: Operation,
    /// Only on files whose path contains this.
    pub path_part: String,
    /// How many such operations go well before.
    pub after: u64,
    /// How many meet with it then.
    pub times: u64,
    /// What happens to them.
    pub outcome: Outcome,
}

/// What happens to an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It isn't done; the system says this (an `errno`).
    Error(i32),
    /// A write writes at most so many bytes.
    Short(usize),
    /// It is done after a wait.
    Slow(Duration),
}

type Wait = Arc<dyn Fn(Duration) + Send + Sync>;

#[derive(Default)]
struct Plan {
    faults: Vec<Fault>,
    /// How many more changing operations are done before the machine halts.
    halts_after: Option<u64>,
    changes: u64,
    wait: Option<Wait>,
}

#[derive(Debug)]
struct FaultyFile {
    file: Box<dyn File>,
    disk: FaultyDisk,
}

impl Outcome {
    /// The disk is full.
    pub const NO_SPACE: Self = Self::Error(rustix::io::Errno::NOSPC.raw_os_error());
    /// The device failed.
    pub const IO_ERROR: Self = Self::Error(rustix::io::Errno::IO.raw_os_error());
}

impl Fault {
    /// Every such operation, whatever the file, until the plan is cleared.
    pub fn always(operation: Operation, outcome: Outcome) -> Self {
        Self { operation, path_part: String::new(), after: 0, times: u64::MAX, outcome }
    }

    /// The next such operation, whatever the file.
    pub fn once(operation: Operation, outcome: Outcome) -> Self {
        Self { times: 1, ..Self::always(operation, outcome) }
    }

    /// The same on files only whose path contains this.
    pub fn on(self, path_part: &str) -> Self {
        Self { path_part: path_part.to_owned(), ..self }
    }

    /// The same after so many went well.
    pub fn after(self, operations: u64) -> Self {
        Self { after: operations, ..self }
    }

    /// Whether this operation meets with it; counts.
    fn strikes(&mut self, operation: Operation, path: &Path) -> bool {
        let meant = operation == self.operation && path.to_string_lossy().contains(&self.path_part);
        if !meant || self.times == 0 {
            return false;
        }
        if self.after > 0 {
            self.after -= 1;
            return false;
        }
        self.times -= 1;
        true
    }
}

impl FaultyDisk {
    /// A disk that does what the other does, until faults are added.
    pub fn new(disk: Arc<dyn Disk>) -> Self {
        Self { disk, simulated: None, plan: Arc::default() }
    }

    /// The same around a simulated disk, on which a failed fsync loses what was to be synced.
    pub fn losing_pages(disk: &SimulatedDisk) -> Self {
        Self { simulated: Some(disk.clone()), ..Self::new(Arc::new(disk.clone())) }
    }

    /// Adds a fault. Of several that an operation meets with, the first added holds.
    pub fn add(&self, fault: Fault) {
        self.plan().faults.push(fault);
    }

    /// Ends all faults.
    pub fn clear(&self) {
        self.plan().faults.clear();
    }

    /// Halts the machine after so many more operations that change something: from then on nothing is done and everything fails.
    pub fn halt_after(&self, changes: u64) {
        self.plan().halts_after = Some(changes);
    }

    /// Whether the machine has halted.
    pub fn is_halted(&self) -> bool {
        self.plan().halts_after == Some(0)
    }

    /// How many operations that change something were tried.
    pub fn changes(&self) -> u64 {
        self.plan().changes
    }

    /// How slow operations wait; without it they don't.
    pub fn wait_with(&self, wait: impl Fn(Duration) + Send + Sync + 'static) {
        self.plan().wait = Some(Arc::new(wait));
    }

    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the operation may go on, and how many bytes it may write.
    fn meet(&self, operation: Operation, path: &Path) -> Result<Option<usize>, DiskError> {
        let failed = |errno| Err(DiskError::new(operation, path, io::Error::from_raw_os_error(errno)));
        let (outcome, wait) = self.plan().outcome(operation, path);
        match outcome {
            Some(Outcome::Error(errno)) => failed(errno),
            Some(Outcome::Short(bytes)) => Ok(Some(bytes)),
            Some(Outcome::Slow(duration)) => {
                if let Some(wait) = wait {
                    wait(duration);
                }
                Ok(None)
            }
            None => Ok(None),
        }
    }

    fn wrap(&self, file: Box<dyn File>) -> Box<dyn File> {
        Box::new(FaultyFile { file, disk: self.clone() })
    }
}

impl Plan {
    fn outcome(&mut self, operation: Operation, path: &Path) -> (Option<Outcome>, Option<Wait>) {
        match &mut self.halts_after {
            Some(0) => return (Some(Outcome::IO_ERROR), None),
            Some(left) if operation.changes() => *left -= 1,
            _ => {}
        }
        self.changes += u64::from(operation.changes());
        let fault =
            self.faults.iter_mut().find_map(|fault| fault.strikes(operation, path).then_some(fault.outcome));
        (fault, self.wait.clone())
    }
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plan")
            .field("faults", &self.faults)
            .field("halts_after", &self.halts_after)
            .finish_non_exhaustive()
    }
}

impl Disk for FaultyDisk {
    fn create_new(&self, path: &Path) -> Result<Box<dyn File>, DiskError> {
        self.meet(Operation::Create, path)?;
        Ok(self.wrap(self.disk.create_new(path)?))
    }

    fn open_append(&self, path: &Path) -> Result<Box<dyn File>, DiskError> {
        self.meet(Operation::Open, path)?;
        Ok(self.wrap(self.disk.open_append(path)?))
    }

    fn open_read(&self, path: &Path) -> Result<Box<dyn File>, DiskError> {
        self.meet(Operation::Open, path)?;
        Ok(self.wrap(self.disk.open_read(path)?))
    }

    fn rename(&self, from: &Path, to: &Path) -> Result<(), DiskError> {
        self.meet(Operation::Rename, from)?;
        self.disk.rename(from, to)
    }

    fn link(&self, from: &Path, to: &Path) -> Result<(), DiskError> {
        self.meet(Operation::Link, from)?;
        self.disk.link(from, to)
    }

    fn remove(&self, path: &Path) -> Result<(), DiskError> {
        self.meet(Operation::Remove, path)?;
        self.disk.remove(path)
    }

    fn list(&self, directory: &Path) -> Result<Vec<Found>, DiskError> {
        self.meet(Operation::List, directory)?;
        self.disk.list(directory)
    }

    fn create_dir(&self, path: &Path) -> Result<(), DiskError> {
        self.meet(Operation::CreateDirectory, path)?;
        self.disk.create_dir(path)
    }

    fn sync_dir(&self, path: &Path) -> Result<(), DiskError> {
        self.meet(Operation::SyncDirectory, path)?;
        self.disk.sync_dir(path)
    }

    fn kind(&self, path: &Path) -> Result<Option<Kind>, DiskError> {
        self.meet(Operation::Kind, path)?;
        self.disk.kind(path)
    }

    fn length(&self, path: &Path) -> Result<Option<u64>, DiskError> {
        self.meet(Operation::Length, path)?;
        self.disk.length(path)
    }

    fn free_space(&self, directory: &Path) -> Result<u64, DiskError> {
        self.meet(Operation::FreeSpace, directory)?;
        self.disk.free_space(directory)
    }

    fn lock(&self, path: &Path) -> Result<Option<Box<dyn Lock>>, DiskError> {
        self.meet(Operation::Lock, path)?;
        self.disk.lock(path)
    }
}

impl FaultyFile {
    fn meet(&self, operation: Operation) -> Result<Option<usize>, DiskError> {
        self.disk.meet(operation, self.file.path())
    }
}

impl File for FaultyFile {
    fn path(&self) -> &Path {
        self.file.path()
    }

    fn write(&mut self, bytes: &[u8]) -> Result<usize, DiskError> {
        let most = self.meet(Operation::Write)?.unwrap_or(usize::MAX);
        self.file.write(bytes.get(..most).unwrap_or(bytes))
    }

    fn sync_data(&mut self) -> Result<(), DiskError> {
        if let Err(error) = self.meet(Operation::Sync) {
            let path: PathBuf = self.file.path().to_owned();
            if let Some(simulated) = self.disk.simulated.as_ref().filter(|_| !self.disk.is_halted()) {
                simulated.lose_unsynced(&path);
            }
            return Err(error);
        }
        self.file.sync_data()
    }

    fn second(&self) -> Result<Box<dyn File>, DiskError> {
        self.meet(Operation::Open)?;
        Ok(Box::new(Self { file: self.file.second()?, disk: self.disk.clone() }))
    }

    fn truncate(&mut self, length: u64) -> Result<(), DiskError> {
        self.meet(Operation::Truncate)?;
        self.file.truncate(length)
    }

    fn length(&self) -> Result<u64, DiskError> {
        self.meet(Operation::Length)?;
        self.file.length()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, DiskError> {
        self.meet(Operation::Read)?;
        self.file.read_at(offset, buffer)
    }
}
