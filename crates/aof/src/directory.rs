//! The log's directory: what is in it at start-up, and how its manifest changes.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use disk::{Disk, DiskError, Kind, Lock, Operation, replace};

use crate::error::AofError;
use crate::location::Location;
use crate::manifest::{FileKind, Listed, MANIFEST_BYTES_MAX, Manifest};
use crate::segment::Ending;

/// The log's directory. It belongs to one process; nobody else may change it meanwhile. Those who write the log have its lock, where
/// the file system knows of locks: an empty file that stays there.
///
/// Opening it only reads. [`Log::open`](crate::Log::open), after the log was loaded, makes it this process's own: it moves a log of a single
/// file into it and removes what an earlier process left.
#[derive(Debug)]
pub struct Directory {
    disk: Arc<dyn Disk>,
    location: Location,
    manifest: Manifest,
    /// Whether a crash would find this manifest. If not, it may find the one before.
    settled: bool,
    /// Whether the log is a single file that is still to be moved into the directory.
    is_single_file: bool,
    /// Temporary files of an earlier process that are still there.
    temporary: Vec<PathBuf>,
    /// Whether the base stays when another takes its place.
    spares_base: bool,
    /// Keeps others who would write here away.
    lock: Option<Box<dyn Lock>>,
    /// Why there is no lock, if it was asked for.
    unlocked: Option<DiskError>,
}

/// What was found when a directory was opened.
#[derive(Debug, PartialEq, Eq)]
pub struct Opening {
    /// What there is.
    pub found: Found,
    /// The files to load, in order.
    pub plan: Vec<Step>,
    /// What an earlier process left: temporary files and history. [`Log::open`](crate::Log::open) removes them.
    pub leftovers: Vec<PathBuf>,
    /// Files that the manifest doesn't name. They are left alone.
    pub strangers: Vec<PathBuf>,
}

/// What there is at start-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// No log.
    Nothing,
    /// A log.
    Log,
    /// A log of a single file, as servers before version 7 wrote it. [`Log::open`](crate::Log::open) moves it into the directory, where it is
    /// the base.
    Upgraded,
    /// No manifest, but among the strangers are files that hold something and are called as the log's own. To start empty here would hide
    /// that data were lost; a server should refuse.
    ManifestLost,
}

/// A file to load.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Where it is.
    pub path: PathBuf,
    /// A base or an increment.
    pub kind: FileKind,
    /// Its length.
    pub bytes: u64,
    /// Whether it is the only one that may end in the middle of a command: the last increment that holds anything, or a base without
    /// increments. Empty increments may follow: whoever crashes between adding one and writing to it leaves one. A base in front of
    /// increments was whole before they were named.
    pub last: bool,
}

/// What a directory holds, as listed once.
type Listing = BTreeMap<OsString, disk::Found>;

impl Directory {
    /// Reads the log's directory at start-up, and says what is to be loaded. Nothing is changed.
    pub fn open(disk: Arc<dyn Disk>, location: Location) -> Result<(Self, Opening), AofError> {
        Self::new(disk, location).read()
    }

    /// The same for who is going to write the log: it is read with the lock held, which stays until this value goes. Where there is no directory
    /// it is taken when that is made.
    ///
    /// # Errors
    /// [`AofError::InUse`] if somebody else has the lock. A file system without locks is none: [`unlocked`](Self::unlocked).
    pub fn open_to_write(disk: Arc<dyn Disk>, location: Location) -> Result<(Self, Opening), AofError> {
        let mut directory = Self::new(disk, location);
        directory.lock()?;
        directory.read()
    }

    fn new(disk: Arc<dyn Disk>, location: Location) -> Self {
        Self {
            disk,
            location,
            manifest: Manifest::default(),
            settled: false,
            is_single_file: false,
            temporary: Vec::new(),
            spares_base: false,
            lock: None,
            unlocked: None,
        }
    }

    fn read(mut self) -> Result<(Self, Opening), AofError> {
        let listing = self.list()?;
        let found = self.find(&listing)?;
        let plan = self.plan(&listing)?;
        let (leftovers, strangers) = self.others(&listing);
        Ok((self, Opening { found, plan, leftovers, strangers }))
    }

    /// Why others who write here aren't kept away, if they aren't.
    pub fn unlocked(&self) -> Option<&DiskError> {
        self.unlocked.as_ref()
    }

    fn lock(&mut self) -> Result<(), AofError> {
        if self.lock.is_some() {
            return Ok(());
        }
        self.unlocked = None;
        match self.disk.lock(&self.location.lock()) {
            Ok(Some(lock)) => self.lock = Some(lock),
            Ok(None) => return Err(AofError::InUse { path: self.location.folder().to_owned() }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => self.unlocked = Some(error),
        }
        Ok(())
    }

    /// The files that make up the log. A single file isn't among them before it was moved.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Where the log lies.
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// The disk that it lies on.
    pub fn disk(&self) -> &Arc<dyn Disk> {
        &self.disk
    }

    /// How many bytes may still be written there. The directory may be a mount point, or not be there yet.
    pub fn free_space(&self) -> Result<u64, AofError> {
        let is_there = self.disk.kind(self.location.folder())?.is_some();
        let directory = if is_there { self.location.folder() } else { self.location.parent() };
        Ok(self.disk.free_space(directory)?)
    }

    /// Has the base stay in the directory when another takes its place, as a file that the manifest doesn't name: for one that holds what the
    /// next can't. Whoever opens the directory again has to say so again.
    pub fn spare_base(&mut self) {
        self.spares_base = true;
    }

    /// Whether the base stays when another takes its place.
    pub fn spares_base(&self) -> bool {
        self.spares_base
    }

    /// Another base is in its place.
    pub(crate) fn base_replaced(&mut self) {
        self.spares_base = false;
    }

    /// Whether a crash would find this manifest.
    pub(crate) fn is_settled(&self) -> bool {
        self.settled
    }

    /// Puts a manifest in the place of the present one. After an error it counts as in place, or not, as a process that starts now would
    /// find it; in the first case a crash may still bring the old one back, so nothing that only the old one names may go.
    pub(crate) fn put(&mut self, manifest: Manifest) -> Result<(), AofError> {
        let path = self.location.manifest();
        let text = manifest.format().map_err(|fault| AofError::Manifest { path: path.clone(), fault })?;
        let result = replace(&*self.disk, &path, &self.location.temporary_manifest(), &text);
        match &result {
            Ok(()) => self.settled = true,
            Err(DiskError { operation: Operation::SyncDirectory, .. }) => self.settled = false,
            Err(_) => return Ok(result?),
        }
        let is_named = |base: &Listed| base.name == self.location.file_name();
        self.is_single_file &= manifest.increments.is_empty() && manifest.base.as_ref().is_none_or(is_named);
        self.manifest = manifest;
        Ok(result?)
    }

    /// Makes sure that a crash finds the present manifest. It is put there anew: asking again for an fsync that failed tells nothing.
    pub(crate) fn settle(&mut self) -> Result<(), AofError> {
        if self.settled { Ok(()) } else { self.put(self.manifest.clone()) }
    }

    /// Makes sure that the directory is there, and that a crash would find it as it is: a process that was killed may have left a manifest
    /// that isn't durable.
    pub(crate) fn ensure(&mut self) -> Result<(), AofError> {
        self.disk.create_dir(self.location.folder())?;
        self.lock()?;
        self.disk.sync_dir(self.location.parent())?;
        self.disk.sync_dir(self.location.folder())?;
        self.settled = true;
        Ok(())
    }

    /// Makes what was loaded the log of this process: in the directory, and durable. A process that was killed leaves what it wrote in the
    /// system's memory.
    pub(crate) fn take_over(&mut self) -> Result<(), AofError> {
        self.ensure()?;
        if self.is_single_file {
            self.move_single_file()?;
        }
        for file in self.manifest.base.iter().chain(&self.manifest.increments) {
            self.disk.open_read(&self.location.folder().join(&file.name))?.sync_data()?;
        }
        Ok(())
    }

    /// Whether a manifest is there.
    pub(crate) fn has_manifest(&self) -> Result<bool, AofError> {
        Ok(self.disk.length(&self.location.manifest())?.is_some())
    }

    /// Removes temporary files of an earlier process.
    pub(crate) fn remove_temporary(&mut self) -> Result<(), AofError> {
        while let Some(path) = self.temporary.last() {
            remove_if_there(&*self.disk, path)?;
            self.temporary.pop();
        }
        Ok(())
    }

    /// Removes files whose lines are history, then the lines.
    pub(crate) fn delete_history(&mut self) -> Result<Vec<PathBuf>, AofError> {
        let mut removed = Vec::new();
        if self.manifest.history.is_empty() || !self.settled {
            return Ok(removed);
        }
        for file in &self.manifest.history {
            let path = self.location.folder().join(&file.name);
            match self.disk.remove(&path) {
                Ok(()) => removed.push(path),
                // A directory is none of the log's.
                Err(error)
                    if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::IsADirectory) => {}
                Err(error) => return Err(error.into()),
            }
        }
        // Were a file to come back whose line is gone, it would lie there for ever.
        self.disk.sync_dir(self.location.folder())?;
        self.put(Manifest { history: Vec::new(), ..self.manifest.clone() })?;
        Ok(removed)
    }

    /// Moves the log of a single file. The manifest names it first: by that the next start sees if this one ends in between.
    fn move_single_file(&mut self) -> Result<(), AofError> {
        let name = self.location.file_name().to_owned();
        let (from, to) = (self.location.single_file(), self.location.folder().join(&name));
        if self.manifest.base.is_none() {
            let mut manifest = self.manifest.clone();
            manifest.history.retain(|file| file.name != name);
            manifest.base = Some(Listed::new(name, 1));
            self.put(manifest)?;
        }
        self.disk.rename(&from, &to)?;
        if self.disk.kind(&to)?.is_none() {
            self.disk.rename(&to, &from)?;
            return Err(AofError::RelativeLink { path: from });
        }
        self.disk.sync_dir(self.location.folder())?;
        self.disk.sync_dir(self.location.parent())?;
        self.is_single_file = false;
        Ok(())
    }
}

/// What is found at start-up.
impl Directory {
    /// The directory above isn't listed: it may hold anything, and change at any time.
    fn list(&self) -> Result<Listing, AofError> {
        if self.disk.kind(self.location.folder())?.is_none() {
            return Ok(Listing::new());
        }
        let files = self.disk.list(self.location.folder())?;
        Ok(files.into_iter().map(|found| (found.name.clone(), found)).collect())
    }

    /// Reads the manifest and looks for a log of a single file.
    fn find(&mut self, listing: &Listing) -> Result<Found, AofError> {
        let has_manifest = listing.contains_key(&self.location.manifest_name());
        if has_manifest {
            self.read_manifest()?;
        } else if self.holds_segments(listing)? {
            return Ok(Found::ManifestLost);
        }
        if self.may_be_single_file(listing)
            && self.disk.kind(&self.location.single_file())? == Some(Kind::File)
        {
            if self.holds_something(listing, self.location.file_name())? {
                let path = self.location.folder().join(self.location.file_name());
                return Err(AofError::NameTaken { path });
            }
            self.is_single_file = true;
            return Ok(Found::Upgraded);
        }
        Ok(if self.manifest.is_empty() { Found::Nothing } else { Found::Log })
    }

    fn read_manifest(&mut self) -> Result<(), AofError> {
        let path = self.location.manifest();
        let text = disk::read(&*self.disk, &path, MANIFEST_BYTES_MAX)?;
        let manifest = Manifest::parse(&text).map_err(|fault| AofError::Manifest { path, fault })?;
        let own_name = self.location.manifest_name();
        let lock_name = self.location.lock_name();
        let is_reserved =
            |name: &OsStr| name == own_name || name == lock_name || self.location.is_temporary(name);
        if let Some((_, file)) = manifest.files().find(|(_, file)| is_reserved(&file.name)) {
            return Err(AofError::ReservedName { path: self.location.folder().join(&file.name) });
        }
        self.manifest = manifest;
        Ok(())
    }

    /// Whether a single file beside the directory would be the log. A manifest without files is none: a server leaves it that ends while it
    /// switches the log on. One that names this file alone, which isn't there, was left in the middle of an upgrade.
    fn may_be_single_file(&self, listing: &Listing) -> bool {
        let is_to_come =
            |base: &Listed| base.name == self.location.file_name() && !listing.contains_key(&base.name);
        self.manifest.increments.is_empty() && self.manifest.base.as_ref().is_none_or(is_to_come)
    }

    /// Whether files hold something that are called as the log's own.
    fn holds_segments(&self, listing: &Listing) -> Result<bool, AofError> {
        for name in listing.keys().filter(|name| self.location.is_segment(name)) {
            if self.holds_something(listing, name)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether there is a file of this name that holds something. A link that leads nowhere now may lead to something.
    fn holds_something(&self, listing: &Listing, name: &OsStr) -> Result<bool, AofError> {
        Ok(match listing.get(name) {
            None | Some(disk::Found { kind: Kind::Directory, .. }) => false,
            Some(disk::Found { kind: Kind::File, length, .. }) => *length > 0,
            Some(_) => self.disk.length(&self.location.folder().join(name))? != Some(0),
        })
    }

    fn plan(&self, listing: &Listing) -> Result<Vec<Step>, AofError> {
        if self.is_single_file {
            let path = self.location.single_file();
            let bytes = self.disk.length(&path)?.ok_or_else(|| AofError::Missing { path: path.clone() })?;
            return Ok(vec![Step { path, kind: FileKind::Base, bytes, last: true }]);
        }
        let needed = self.manifest.files().filter(|(kind, _)| *kind != FileKind::History);
        let steps = needed.map(|(kind, file)| {
            let path = self.location.folder().join(&file.name);
            let bytes = match listing.get(&file.name) {
                None | Some(disk::Found { kind: Kind::Directory, .. }) => None,
                Some(disk::Found { kind: Kind::File, length, .. }) => Some(*length),
                // A link is followed: its own length is none.
                Some(_) => self.disk.length(&path)?,
            };
            let bytes = bytes.ok_or_else(|| AofError::Missing { path: path.clone() })?;
            Ok(Step { path, kind, bytes, last: false })
        });
        let mut plan: Vec<Step> = steps.collect::<Result<_, AofError>>()?;
        let may_be_torn =
            |step: &Step| step.bytes > 0 && (step.kind == FileKind::Increment || plan.len() == 1);
        let last = plan.iter().rposition(may_be_torn).unwrap_or(plan.len().saturating_sub(1));
        if let Some(step) = plan.get_mut(last) {
            step.last = true;
        }
        Ok(plan)
    }

    /// What the log isn't loaded from: what an earlier process left, and strangers.
    fn others(&mut self, listing: &Listing) -> (Vec<PathBuf>, Vec<PathBuf>) {
        let known = self.manifest.names();
        let path = |name: &OsStr| self.location.folder().join(name);
        let (mut temporary, mut strangers) = (Vec::new(), Vec::new());
        for (name, found) in listing {
            if found.kind == Kind::File && self.location.is_temporary(name) {
                temporary.push(path(name));
            } else if *name != self.location.manifest_name()
                && *name != self.location.lock_name()
                && !known.contains(name.as_os_str())
            {
                strangers.push(path(name));
            }
        }
        let history = self.manifest.history.iter().filter(|file| listing.contains_key(&file.name));
        let leftovers = temporary.iter().cloned().chain(history.map(|file| path(&file.name))).collect();
        self.temporary = temporary;
        (leftovers, strangers)
    }
}

pub(crate) fn remove_if_there(disk: &dyn Disk, path: &Path) -> Result<(), DiskError> {
    match disk.remove(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

impl Step {
    /// Whether the file may end so: in the middle of a command only the last one.
    pub fn check(&self, ending: Ending) -> Result<(), AofError> {
        match ending {
            Ending::Truncated(tail) if !self.last => Err(AofError::Torn { path: self.path.clone(), tail }),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nothing => "no log",
            Self::Log => "a log",
            Self::Upgraded => "a log of a single file, to be upgraded",
            Self::ManifestLost => "files of a log whose manifest is lost",
        })
    }
}
