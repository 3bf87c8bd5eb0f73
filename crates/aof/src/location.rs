//! Where the log lies, and what its files are called.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Where the log lies: `dir`, `appenddirname` and `appendfilename` of the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    parent: PathBuf,
    folder: PathBuf,
    file_name: OsString,
}

/// What a base is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BaseFormat {
    /// A snapshot file.
    Rdb,
    /// Commands, as in an increment.
    Commands,
}

impl BaseFormat {
    /// How many bytes at a file's front tell its format.
    pub const MAGIC_BYTES: usize = 6;

    /// The format of the file that begins with these bytes.
    pub fn of(front: &[u8]) -> Self {
        if front.starts_with(b"REDIS") || front.starts_with(b"VALKEY") { Self::Rdb } else { Self::Commands }
    }

    fn extension(self) -> &'static str {
        match self {
            Self::Rdb => "rdb",
            Self::Commands => "aof",
        }
    }
}

impl Location {
    /// The log in `dir/appenddirname`, whose files are called `appendfilename` and something.
    pub fn new(dir: &Path, appenddirname: impl AsRef<OsStr>, appendfilename: impl Into<OsString>) -> Self {
        let folder = dir.join(appenddirname.as_ref());
        Self { parent: dir.to_owned(), folder, file_name: appendfilename.into() }
    }

    /// The log with this manifest; `None` if the path isn't one of a manifest in a directory that has a name.
    pub fn of_manifest(path: &Path) -> Option<Self> {
        let name = path.file_name()?.as_bytes();
        let file_name = name.strip_suffix(b".manifest").filter(|name| !name.is_empty())?;
        let folder = path.parent()?;
        Some(Self::new(folder.parent()?, folder.file_name()?, OsStr::from_bytes(file_name)))
    }

    /// The directory above the log's.
    pub fn parent(&self) -> &Path {
        &self.parent
    }

    /// The directory that holds the log.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The manifest.
    pub fn manifest(&self) -> PathBuf {
        self.folder.join(self.manifest_name())
    }

    pub(crate) fn file_name(&self) -> &OsStr {
        &self.file_name
    }

    pub(crate) fn manifest_name(&self) -> OsString {
        self.named("", ".manifest")
    }

    /// Whoever writes the log has its lock. Logs of other names may lie in the same directory.
    pub(crate) fn lock(&self) -> PathBuf {
        self.folder.join(self.lock_name())
    }

    pub(crate) fn lock_name(&self) -> OsString {
        self.named("", ".lock")
    }

    /// The log of a server before version 7, a single file.
    pub(crate) fn single_file(&self) -> PathBuf {
        self.parent.join(&self.file_name)
    }

    pub(crate) fn temporary_manifest(&self) -> PathBuf {
        self.folder.join(self.named("temp-", ".manifest"))
    }

    pub(crate) fn temporary_increment(&self) -> PathBuf {
        self.folder.join(self.named("temp-", ".incr"))
    }

    /// A base that is being written. The number keeps it apart from one that an aborted rewrite may still write to.
    pub(crate) fn temporary_base(&self, number: u64) -> PathBuf {
        self.folder.join(self.named("temp-", &format!(".{number}.rewrite")))
    }

    pub(crate) fn base_name(&self, seq: u64, format: BaseFormat) -> OsString {
        self.named("", &format!(".{seq}.base.{}", format.extension()))
    }

    pub(crate) fn increment_name(&self, seq: u64) -> OsString {
        self.named("", &format!(".{seq}.incr.aof"))
    }

    /// Whether this log's server leaves files of this name behind when it ends in the middle of something. Other logs may lie in the same
    /// directory: theirs are none of these.
    pub(crate) fn is_temporary(&self, name: &OsStr) -> bool {
        name == self.named("temp-", ".manifest")
            || name == self.named("temp-", ".incr")
            || after_number(name, &self.named("temp-", ".")) == Some(b".rewrite")
    }

    /// Whether a base or increment of this log could be called so.
    pub(crate) fn is_segment(&self, name: &OsStr) -> bool {
        let after = after_number(name, &self.named("", "."));
        name == self.file_name || matches!(after, Some(b".base.rdb" | b".base.aof" | b".incr.aof"))
    }

    fn named(&self, before: &str, after: &str) -> OsString {
        let mut name = OsString::from(before);
        name.push(&self.file_name);
        name.push(after);
        name
    }
}

/// What follows in a name on this and a number.
fn after_number<'a>(name: &'a OsStr, before: &OsStr) -> Option<&'a [u8]> {
    let rest = name.as_encoded_bytes().strip_prefix(before.as_encoded_bytes())?;
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if digits == 0 { None } else { rest.get(digits..) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_peers() {
        let location = Location::new(Path::new("/data"), "appendonlydir", "appendonly.aof");
        assert_eq!(location.manifest(), Path::new("/data/appendonlydir/appendonly.aof.manifest"));
        assert_eq!(location.base_name(2, BaseFormat::Rdb), "appendonly.aof.2.base.rdb");
        assert_eq!(location.increment_name(3), "appendonly.aof.3.incr.aof");
        for name in
            ["temp-appendonly.aof.manifest", "temp-appendonly.aof.incr", "temp-appendonly.aof.71.rewrite"]
        {
            assert!(location.is_temporary(name.as_ref()), "{name}");
        }
        for name in [
            "appendonly.aof",
            "appendonly.aof.12.base.rdb",
            "appendonly.aof.1.base.aof",
            "appendonly.aof.1.incr.aof",
        ] {
            assert!(location.is_segment(name.as_ref()) && !location.is_temporary(name.as_ref()), "{name}");
        }
        for name in [
            "appendonly.aof.1.incr.aof.cut-at-7",
            "temp-rewriteaof-bg-71.aof",
            "temp-appendonly.aof.1.2.rewrite",
            "temp-other.manifest",
            "temp-other.incr",
            "temp-other.1.rewrite",
            "temp-appendonly.aof..rewrite",
            "appendonly.aof..incr.aof",
            "other.1.incr.aof",
            "temp-x",
        ] {
            assert!(!location.is_segment(name.as_ref()) && !location.is_temporary(name.as_ref()), "{name}");
        }
    }

    #[test]
    fn a_manifest_tells_where_its_log_lies() {
        let location = Location::new(Path::new("/data"), "appendonlydir", "appendonly.aof");
        assert_eq!(Location::of_manifest(&location.manifest()), Some(location));
        assert_eq!(Location::of_manifest(Path::new("/appendonly.aof.manifest")), None);
        assert_eq!(Location::of_manifest(Path::new("/data/dir/.manifest")), None);
        assert_eq!(Location::of_manifest(Path::new("/data/dir/appendonly.aof")), None);
    }

    #[test]
    fn a_snapshot_is_known_by_its_first_bytes() {
        assert_eq!(BaseFormat::of(b"REDIS0011"), BaseFormat::Rdb);
        assert_eq!(BaseFormat::of(b"VALKEY080"), BaseFormat::Rdb);
        assert_eq!(BaseFormat::of(b"*2\r\n$6\r\n"), BaseFormat::Commands);
        assert_eq!(BaseFormat::of(b""), BaseFormat::Commands);
    }
}
