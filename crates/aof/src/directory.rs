//! The log's directory: what is in it at start-up, and how its manifest changes.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use disk::{Disk, DiskError, Kind, Operation, replace};

use crate::error::AofError;
use crate::location::Location;
use crate::manifest::{FileKind, Listed, MANIFEST_BYTES_MAX, Manifest};
use crate::segment::Ending;

/// The log's directory. It belongs to one process; nobody else may change it meanwhile.
#[derive(Debug)]
pub struct Directory {
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) location: Location,
    pub(crate) manifest: Manifest,
    /// Whether a crash would find this manifest. If not, it may find the one before.
    settled: bool,
}

/// What was found when a directory was opened.
#[derive(Debug, PartialEq, Eq)]
pub struct Opening {
    /// What there is.
    pub found: Found,
    /// The files to load, in order.
    pub plan: Vec<Step>,
    /// Leftovers of an earlier process, which were removed: temporary files and history.
    pub removed: Vec<PathBuf>,
    /// Files that the manifest doesn't name. They were left alone.
    pub strangers: Vec<PathBuf>,
}

/// What there is at start-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// No log.
    Nothing,
    /// A log.
    Log,
    /// A log of a single file, as servers before version 7 wrote it. It was moved into the directory and is the base now.
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
    /// Whether it is the last that holds anything, the only one that may end in the middle of a command. Empty files may follow: whoever
    /// crashes between adding a file and writing to it leaves one.
    pub last: bool,
}

/// What a directory holds, as listed once.
struct Listing {
    folder: PathBuf,
    files: Vec<disk::Found>,
}

impl Directory {
    /// Opens the log's directory at start-up: tidies it, moves a log of a single file into it, and says what is to be loaded.
    pub fn open(disk: Arc<dyn Disk>, location: Location) -> Result<(Self, Opening), AofError> {
        let mut directory = Self { disk, location, manifest: Manifest::default(), settled: true };
        let mut listing = directory.list()?;
        let found = directory.find(&mut listing)?;
        let mut removed = directory.remove_temporary(&mut listing)?;
        removed.extend(directory.remove_history(&mut listing)?);
        let plan = directory.plan(&listing)?;
        let strangers = directory.strangers(&listing);
        Ok((directory, Opening { found, plan, removed, strangers }))
    }

    /// The same for one who only looks: nothing is tidied, moved or made durable, so the process that the directory belongs to may go on.
    ///
    /// What is told is what [`open`](Self::open) would do. A log of a single file that would be moved is told where it is now.
    pub fn inspect(disk: Arc<dyn Disk>, location: Location) -> Result<(Self, Opening), AofError> {
        let mut directory = Self { disk, location, manifest: Manifest::default(), settled: true };
        let listing = directory.list()?;
        let found = directory.look(&listing)?;
        let removed = directory.leftovers(&listing);
        let plan = match found {
            Found::Upgraded => vec![directory.single_step()?],
            Found::Log => directory.plan(&listing)?,
            Found::Nothing | Found::ManifestLost => Vec::new(),
        };
        let strangers = directory.strangers(&listing);
        let strangers = strangers.into_iter().filter(|path| !removed.contains(path)).collect();
        Ok((directory, Opening { found, plan, removed, strangers }))
    }

    /// The files that make up the log.
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
        self.manifest = manifest;
        Ok(result?)
    }

    /// Makes sure that the directory is there, and will be after a crash.
    pub(crate) fn ensure(&self) -> Result<(), AofError> {
        self.disk.create_dir(self.location.folder())?;
        Ok(self.disk.sync_dir(self.location.parent())?)
    }

    /// Makes durable what was loaded: a process that was killed leaves what it wrote in the system's memory.
    pub(crate) fn sync_files(&self) -> Result<(), AofError> {
        for file in self.manifest.base.iter().chain(&self.manifest.increments) {
            self.disk.open_append(&self.location.folder().join(&file.name))?.sync_data()?;
        }
        Ok(())
    }

    /// Whether a manifest is there.
    pub(crate) fn has_manifest(&self) -> Result<bool, AofError> {
        Ok(self.disk.length(&self.location.manifest())?.is_some())
    }

    /// Removes files whose lines are history, then the lines.
    pub(crate) fn delete_history(&mut self) -> Result<Vec<PathBuf>, AofError> {
        let mut listing = self.list()?;
        self.remove_history(&mut listing)
    }

    fn list(&self) -> Result<Listing, AofError> {
        let folder = self.location.folder().to_owned();
        let parent = self.disk.list(self.location.parent())?;
        let is_there = parent.iter().any(|found| self.location.parent().join(&found.name) == folder);
        let files = if is_there { self.disk.list(&folder)? } else { Vec::new() };
        Ok(Listing { folder, files })
    }

    fn remove_temporary(&self, listing: &mut Listing) -> Result<Vec<PathBuf>, AofError> {
        let names = listing.files.iter().filter(|found| found.kind == Kind::File);
        let names =
            names.filter(|found| self.location.is_temporary(&found.name)).map(|found| found.name.clone());
        let names: Vec<OsString> = names.collect();
        names.iter().map(|name| listing.remove(&*self.disk, name)).collect::<Result<Vec<_>, _>>()
    }

    /// Reads the manifest, or makes one for a log of a single file.
    fn find(&mut self, listing: &mut Listing) -> Result<Found, AofError> {
        let found = self.look(listing)?;
        let has_manifest = listing.holds(&self.location.manifest_name());
        if has_manifest {
            // A process that was killed may have left a manifest that a crash would take back. What is done from now on relies on it.
            self.disk.sync_dir(self.location.folder())?;
        }
        if found == Found::Upgraded {
            if !has_manifest {
                self.ensure()?;
                let base = Some(Listed::new(self.location.file_name(), 1));
                self.put(Manifest { base, ..Manifest::default() })?;
            }
            self.move_single_file(listing)?;
        }
        Ok(found)
    }

    /// Reads the manifest, and says what is there or would be after an upgrade.
    fn look(&mut self, listing: &Listing) -> Result<Found, AofError> {
        if listing.holds(&self.location.manifest_name()) {
            self.read_manifest()?;
            let is_interrupted = self.is_interrupted_upgrade(listing);
            return Ok(if is_interrupted { Found::Upgraded } else { Found::Log });
        }
        let mut segments = listing.files.iter().filter(|found| self.location.is_segment(&found.name));
        if segments.any(|found| found.length > 0) {
            return Ok(Found::ManifestLost);
        }
        Ok(if self.has_single_file()? { Found::Upgraded } else { Found::Nothing })
    }

    /// What is removed at start-up.
    fn leftovers(&self, listing: &Listing) -> Vec<PathBuf> {
        let is_history = |name: &OsString| self.manifest.history.iter().any(|file| file.name == *name);
        let is_temporary =
            |found: &disk::Found| found.kind == Kind::File && self.location.is_temporary(&found.name);
        let leftovers = listing.files.iter().filter(|found| is_temporary(found) || is_history(&found.name));
        leftovers.map(|found| listing.folder.join(&found.name)).collect()
    }

    /// The log of a single file as all that is to be loaded.
    fn single_step(&self) -> Result<Step, AofError> {
        let path = self.location.single_file();
        let bytes = self.disk.length(&path)?.unwrap_or(0);
        Ok(Step { path, kind: FileKind::Base, bytes, last: true })
    }

    fn read_manifest(&mut self) -> Result<(), AofError> {
        let path = self.location.manifest();
        let text = disk::read(&*self.disk, &path, MANIFEST_BYTES_MAX)?;
        let manifest = Manifest::parse(&text).map_err(|fault| AofError::Manifest { path, fault })?;
        let is_reserved =
            |name: &OsString| *name == self.location.manifest_name() || self.location.is_temporary(name);
        if let Some((_, file)) = manifest.files().find(|(_, file)| is_reserved(&file.name)) {
            return Err(AofError::ReservedName { path: self.location.folder().join(&file.name) });
        }
        self.manifest = manifest;
        Ok(())
    }

    /// Whether a server ended after it had written the manifest of an upgrade and before it had moved the file.
    fn is_interrupted_upgrade(&self, listing: &Listing) -> bool {
        let is_single = |base: &Listed| base.name == self.location.file_name() && !listing.holds(&base.name);
        self.manifest.files().count() == 1
            && self.manifest.base.as_ref().is_some_and(is_single)
            && self.has_single_file().unwrap_or(false)
    }

    fn has_single_file(&self) -> Result<bool, AofError> {
        let name = self.location.file_name();
        let mut files = self.disk.list(self.location.parent())?.into_iter();
        Ok(files.any(|found| found.name == name && found.kind == Kind::File))
    }

    fn move_single_file(&self, listing: &mut Listing) -> Result<(), AofError> {
        let to = self.location.folder().join(self.location.file_name());
        self.disk.rename(&self.location.single_file(), &to)?;
        self.disk.sync_dir(self.location.folder())?;
        self.disk.sync_dir(self.location.parent())?;
        *listing = self.list()?;
        Ok(())
    }

    fn remove_history(&mut self, listing: &mut Listing) -> Result<Vec<PathBuf>, AofError> {
        if self.manifest.history.is_empty() || !self.settled {
            return Ok(Vec::new());
        }
        let there = self.manifest.history.iter().filter(|file| listing.holds(&file.name));
        let names: Vec<OsString> = there.map(|file| file.name.clone()).collect();
        let removed =
            names.iter().map(|name| listing.remove(&*self.disk, name)).collect::<Result<Vec<_>, _>>()?;
        // Were a file to come back whose line is gone, it would lie there for ever.
        self.disk.sync_dir(self.location.folder())?;
        self.put(Manifest { history: Vec::new(), ..self.manifest.clone() })?;
        Ok(removed)
    }

    fn plan(&self, listing: &Listing) -> Result<Vec<Step>, AofError> {
        let needed = self.manifest.files().filter(|(kind, _)| *kind != FileKind::History);
        let steps = needed.map(|(kind, file)| {
            let path = self.location.folder().join(&file.name);
            let found =
                listing.files.iter().find(|found| found.name == file.name && found.kind != Kind::Directory);
            let Some(found) = found else { return Err(AofError::Missing { path }) };
            // A link is followed: its own length is none.
            let bytes =
                if found.kind == Kind::File { found.length } else { self.disk.length(&path)?.unwrap_or(0) };
            Ok(Step { path, kind, bytes, last: false })
        });
        let mut plan: Vec<Step> = steps.collect::<Result<_, AofError>>()?;
        let last = plan.iter().rposition(|step| step.bytes > 0).unwrap_or(plan.len().saturating_sub(1));
        if let Some(step) = plan.get_mut(last) {
            step.last = true;
        }
        Ok(plan)
    }

    fn strangers(&self, listing: &Listing) -> Vec<PathBuf> {
        let known = |name: &OsString| {
            *name == self.location.manifest_name()
                || self.manifest.files().any(|(_, file)| file.name == *name)
        };
        let strangers = listing.files.iter().filter(|found| !known(&found.name));
        strangers.map(|found| listing.folder.join(&found.name)).collect()
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

impl Listing {
    fn holds(&self, name: &OsString) -> bool {
        self.files.iter().any(|found| found.name == *name)
    }

    fn remove(&mut self, disk: &dyn Disk, name: &OsString) -> Result<PathBuf, AofError> {
        let path = self.folder.join(name);
        disk.remove(&path)?;
        self.files.retain(|found| found.name != *name);
        Ok(path)
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nothing => "no log",
            Self::Log => "a log",
            Self::Upgraded => "a log of a single file, upgraded",
            Self::ManifestLost => "files of a log whose manifest is lost",
        })
    }
}
