//! A disk in memory that can lose power.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use fastrand::Rng;

use crate::disk::{Disk, File, Found, Kind, Lock};
use crate::error::{DiskError, Operation};
use crate::inode::Inode;
use crate::names::{Names, Node};

/// A disk in memory that tells what is written from what is durable. Clones are the same disk; it begins with the directory `/`.
///
/// ```text
///   contents:  write ─▶ written ── sync_data ─▶ durable        names:  create, rename, remove ── sync_dir ─▶ durable
///                          └─ crash: kept, cut or lost                          └─ crash: happened or not
/// ```
///
/// It is stricter than most file systems: syncing a file doesn't make its name durable, and of two renames the later may be
/// kept and the earlier lost. A rename itself is never half done.
#[derive(Clone, Debug, Default)]
pub struct SimulatedDisk(Arc<Mutex<State>>);

/// In which order a disk makes writes to one file durable that nobody waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writes {
    /// Some first ones are there, the next perhaps in part, the rest not.
    InOrder,
    /// Each is there, or in part, or not: what is lost in between reads as zeros.
    AnyOrder,
}

#[derive(Clone, Debug, Default)]
struct State {
    names: Names,
    inodes: BTreeMap<u64, Inode>,
    next_inode: u64,
    /// The bytes that fit; `None` if there is no end to them.
    capacity: Option<u64>,
    /// Locks that somebody has; they take no file. Processes that are killed, and machines that crash, leave no locks.
    locked: BTreeSet<PathBuf>,
}

#[derive(Clone, Debug)]
struct SimulatedFile {
    disk: SimulatedDisk,
    path: PathBuf,
    inode: u64,
    writable: bool,
}

impl SimulatedDisk {
    /// A disk on which only so many bytes fit.
    pub fn with_capacity(bytes: u64) -> Self {
        let disk = Self::default();
        disk.state().capacity = Some(bytes);
        disk
    }

    /// What a machine could find after it lost power now. This disk is as it was.
    pub fn crash(&self, rng: &mut Rng, writes: Writes) -> Self {
        let mut state = self.state().clone();
        state.locked.clear();
        state.names = state.names.crash(rng);
        let crashed = state.inodes.into_iter().map(|(number, inode)| (number, inode.crash(rng, writes)));
        state.inodes = crashed.collect();
        Self(Arc::new(Mutex::new(state)))
    }

    /// What a process finds whose forerunner was killed now: everything that was written, durable or not. Files that were open do not
    /// write to it.
    pub fn kill(&self) -> Self {
        let mut state = self.state().clone();
        state.locked.clear();
        Self(Arc::new(Mutex::new(state)))
    }

    /// What a failed fsync may do: what was written to the file and isn't durable can be read, and will never be durable.
    pub fn lose_unsynced(&self, path: &Path) {
        let mut state = self.state();
        if let Some(Node::File(inode)) = state.names.node(path)
            && let Some(inode) = state.inodes.get_mut(&inode)
        {
            inode.lose_unsynced();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open(&self, path: &Path, writable: bool) -> Result<Box<dyn File>, DiskError> {
        match self.state().names.node(path) {
            Some(Node::File(inode)) => {
                Ok(Box::new(SimulatedFile { disk: self.clone(), path: path.to_owned(), inode, writable }))
            }
            Some(Node::Directory) => Err(failed(Operation::Open, path, io::ErrorKind::IsADirectory)),
            None => Err(failed(Operation::Open, path, io::ErrorKind::NotFound)),
        }
    }
}

/// Whether only a file that was opened to be written can do it.
fn is_writing(operation: Operation) -> bool {
    matches!(operation, Operation::Write | Operation::Truncate)
}

fn failed(operation: Operation, path: &Path, kind: io::ErrorKind) -> DiskError {
    DiskError::new(operation, path, kind.into())
}

impl State {
    fn is_directory(&self, path: &Path) -> bool {
        self.names.node(path) == Some(Node::Directory)
    }

    fn length(&self, inode: u64) -> u64 {
        self.inodes.get(&inode).map_or(0, |inode| inode.bytes.len() as u64)
    }

    fn free(&self) -> u64 {
        // A file may have several names.
        let files = || self.names.files().collect::<BTreeSet<u64>>();
        let used = || files().into_iter().map(|inode| self.length(inode)).sum();
        self.capacity.map_or(u64::MAX, |capacity| capacity.saturating_sub(used()))
    }
}

impl Disk for SimulatedDisk {
    fn create_new(&self, path: &Path) -> Result<Box<dyn File>, DiskError> {
        let mut state = self.state();
        if !state.names.parent_exists(path) {
            return Err(failed(Operation::Create, path, io::ErrorKind::NotFound));
        }
        if state.names.node(path).is_some() {
            return Err(failed(Operation::Create, path, io::ErrorKind::AlreadyExists));
        }
        let inode = state.next_inode;
        state.next_inode += 1;
        state.inodes.insert(inode, Inode::default());
        state.names.link(path, Node::File(inode));
        drop(state);
        self.open(path, true)
    }

    fn open_append(&self, path: &Path) -> Result<Box<dyn File>, DiskError> {
        self.open(path, true)
    }

    fn open_read(&self, path: &Path) -> Result<Box<dyn File>, DiskError> {
        self.open(path, false)
    }

    fn rename(&self, from: &Path, to: &Path) -> Result<(), DiskError> {
        let mut state = self.state();
        let Some(node @ Node::File(_)) = state.names.node(from) else {
            return Err(failed(Operation::Rename, from, io::ErrorKind::NotFound));
        };
        if !state.names.parent_exists(to) || state.is_directory(to) {
            return Err(failed(Operation::Rename, from, io::ErrorKind::NotFound));
        }
        state.names.rename(from, to, node);
        Ok(())
    }

    fn link(&self, from: &Path, to: &Path) -> Result<(), DiskError> {
        let mut state = self.state();
        let Some(node @ Node::File(_)) = state.names.node(from) else {
            return Err(failed(Operation::Link, from, io::ErrorKind::NotFound));
        };
        if !state.names.parent_exists(to) {
            return Err(failed(Operation::Link, from, io::ErrorKind::NotFound));
        }
        if state.names.node(to).is_some() {
            return Err(failed(Operation::Link, from, io::ErrorKind::AlreadyExists));
        }
        state.names.link(to, node);
        Ok(())
    }

    fn remove(&self, path: &Path) -> Result<(), DiskError> {
        let mut state = self.state();
        let Some(Node::File(_)) = state.names.node(path) else {
            return Err(failed(Operation::Remove, path, io::ErrorKind::NotFound));
        };
        state.names.unlink(path);
        Ok(())
    }

    fn list(&self, directory: &Path) -> Result<Vec<Found>, DiskError> {
        let state = self.state();
        if !state.is_directory(directory) {
            return Err(failed(Operation::List, directory, io::ErrorKind::NotFound));
        }
        let found = state.names.below(directory).map(|(path, node)| {
            let (kind, length) = match node {
                Node::Directory => (Kind::Directory, 0),
                Node::File(inode) => (Kind::File, state.length(inode)),
            };
            Found { name: path.file_name().unwrap_or_default().to_owned(), kind, length }
        });
        Ok(found.collect())
    }

    fn create_dir(&self, path: &Path) -> Result<(), DiskError> {
        let mut state = self.state();
        match state.names.node(path) {
            Some(Node::Directory) => return Ok(()),
            Some(Node::File(_)) => {
                return Err(failed(Operation::CreateDirectory, path, io::ErrorKind::AlreadyExists));
            }
            None if !state.names.parent_exists(path) => {
                return Err(failed(Operation::CreateDirectory, path, io::ErrorKind::NotFound));
            }
            None => state.names.link(path, Node::Directory),
        }
        Ok(())
    }

    fn sync_dir(&self, path: &Path) -> Result<(), DiskError> {
        let mut state = self.state();
        if !state.is_directory(path) {
            return Err(failed(Operation::SyncDirectory, path, io::ErrorKind::NotFound));
        }
        state.names.sync(path);
        Ok(())
    }

    fn kind(&self, path: &Path) -> Result<Option<Kind>, DiskError> {
        Ok(self.state().names.node(path).map(|node| match node {
            Node::Directory => Kind::Directory,
            Node::File(_) => Kind::File,
        }))
    }

    fn length(&self, path: &Path) -> Result<Option<u64>, DiskError> {
        let state = self.state();
        Ok(state.names.node(path).map(|node| match node {
            Node::Directory => 0,
            Node::File(inode) => state.length(inode),
        }))
    }

    fn free_space(&self, _directory: &Path) -> Result<u64, DiskError> {
        Ok(self.state().free())
    }

    fn lock(&self, path: &Path) -> Result<Option<Box<dyn Lock>>, DiskError> {
        let mut state = self.state();
        if !state.names.parent_exists(path) {
            return Err(failed(Operation::Lock, path, io::ErrorKind::NotFound));
        }
        if !state.locked.insert(path.to_owned()) {
            return Ok(None);
        }
        drop(state);
        Ok(Some(Box::new(SimulatedLock { disk: self.clone(), path: path.to_owned() })))
    }
}

#[derive(Debug)]
struct SimulatedLock {
    disk: SimulatedDisk,
    path: PathBuf,
}

impl Lock for SimulatedLock {}

impl Drop for SimulatedLock {
    fn drop(&mut self) {
        self.disk.state().locked.remove(&self.path);
    }
}

impl SimulatedFile {
    fn with_inode<T>(
        &self,
        operation: Operation,
        act: impl FnOnce(&mut Inode, u64) -> io::Result<T>,
    ) -> Result<T, DiskError> {
        let mut state = self.disk.state();
        let free = state.free();
        let result = match state.inodes.get_mut(&self.inode) {
            Some(_) if is_writing(operation) && !self.writable => Err(io::ErrorKind::PermissionDenied.into()),
            Some(inode) => act(inode, free),
            None => Err(io::ErrorKind::NotFound.into()),
        };
        result.map_err(|source| DiskError::new(operation, &self.path, source))
    }
}

impl File for SimulatedFile {
    fn path(&self) -> &Path {
        &self.path
    }

    fn write(&mut self, bytes: &[u8]) -> Result<usize, DiskError> {
        self.with_inode(Operation::Write, |inode, free| {
            let room = bytes.len().min(usize::try_from(free).unwrap_or(usize::MAX));
            if room == 0 && !bytes.is_empty() {
                return Err(io::ErrorKind::StorageFull.into());
            }
            inode.append(bytes.get(..room).unwrap_or_default());
            Ok(room)
        })
    }

    fn sync_data(&mut self) -> Result<(), DiskError> {
        self.with_inode(Operation::Sync, |inode, _| {
            inode.sync();
            Ok(())
        })
    }

    fn second(&self) -> Result<Box<dyn File>, DiskError> {
        Ok(Box::new(self.clone()))
    }

    fn truncate(&mut self, length: u64) -> Result<(), DiskError> {
        self.with_inode(Operation::Truncate, |inode, _| {
            let length = usize::try_from(length).map_err(|_| io::ErrorKind::FileTooLarge)?;
            inode.truncate(length);
            Ok(())
        })
    }

    fn length(&self) -> Result<u64, DiskError> {
        self.with_inode(Operation::Length, |inode, _| Ok(inode.bytes.len() as u64))
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, DiskError> {
        self.with_inode(Operation::Read, |inode, _| {
            let start = usize::try_from(offset).unwrap_or(usize::MAX);
            let rest = inode.bytes.get(start..).unwrap_or_default();
            let count = rest.len().min(buffer.len());
            if let (Some(to), Some(from)) = (buffer.get_mut(..count), rest.get(..count)) {
                to.copy_from_slice(from);
            }
            Ok(count)
        })
    }
}
