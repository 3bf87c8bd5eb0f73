//! Writing the configuration and the users back into their files, so that a crash leaves the old file or the new one, never half of either.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use config::Config;

/// Permissions of a file that is new: it may hold passwords.
const PERMISSIONS: u32 = 0o600;

/// A configuration file with what has changed since it was read, still to be put in its place.
pub(crate) struct Rewritten {
    file: PathBuf,
    text: Vec<u8>,
}

impl Rewritten {
    /// Rewrites `file`. One that has gone is not made anew: its comments would be lost, and with them what it includes and which commands it
    /// renames.
    pub(crate) fn of(file: &Path, config: &Config, users: Option<&[String]>) -> io::Result<Self> {
        // A link stays a link: what it leads to is replaced.
        let file = fs::canonicalize(file)?;
        let original = fs::read(&file)?;
        Ok(Self { text: config.rewrite(&original, users), file })
    }

    pub(crate) fn text(&self) -> &[u8] {
        &self.text
    }

    pub(crate) fn put(&self) -> io::Result<()> {
        replace(&self.file, &self.text)
    }
}

/// Writes the whole of `file`, or makes it. A link that leads nowhere is an error: what it should lead to may be on a disk that isn't there now.
pub(crate) fn write(file: &Path, text: &[u8]) -> io::Result<()> {
    match fs::canonicalize(file) {
        Ok(file) => replace(&file, text),
        Err(error) if error.kind() == ErrorKind::NotFound && !file.is_symlink() => {
            put(file, text, Permissions::from_mode(PERMISSIONS))
        }
        Err(error) => Err(error),
    }
}

/// Replaces a file that is there.
fn replace(file: &Path, text: &[u8]) -> io::Result<()> {
    // Readable but not writable means that nobody should replace it.
    OpenOptions::new().append(true).open(file)?;
    put(file, text, fs::metadata(file)?.permissions())
}

/// Puts a file in place of what is there. Its text is on disk before its name is, and its name before this returns.
fn put(file: &Path, text: &[u8], permissions: Permissions) -> io::Result<()> {
    let folder = folder_of(file);
    // It has a name that nobody else has, not even a process of the same number that crashed, or lives in another container; and it goes if
    // anything fails.
    let name = file.file_name().unwrap_or_default();
    let mut temporary = tempfile::Builder::new().prefix(name).suffix(".tmp").tempfile_in(&folder)?;
    temporary.write_all(text)?;
    temporary.as_file().set_permissions(permissions)?;
    temporary.as_file().sync_all()?;
    temporary.persist(file)?;
    // A rename lasts once the folder is on disk.
    File::open(folder)?.sync_all()
}

fn folder_of(file: &Path) -> PathBuf {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use config::Origin;

    use super::*;

    fn rewrite(file: &Path, config: &Config, users: Option<&[String]>) -> io::Result<()> {
        Rewritten::of(file, config, users)?.put()
    }

    #[test]
    fn what_was_set_is_in_the_file_and_nothing_lies_beside_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("kvd.conf");
        fs::write(&path, "# mine\ntimeout 5\n").expect("a file");
        fs::set_permissions(&path, Permissions::from_mode(0o640)).expect("permissions");
        let mut config = Config::default();
        config.set(&[(b"timeout", b"7"), (b"maxclients", b"99")], Origin::Client).expect("fine values");

        rewrite(&path, &config, None).expect("it can be written");

        let text = fs::read_to_string(&path).expect("it is there");
        assert!(text.starts_with("# mine\ntimeout 7\n"), "{text}");
        assert!(text.contains("\nmaxclients 99\n"), "{text}");
        assert_eq!(fs::metadata(&path).expect("it is there").permissions().mode() & 0o777, 0o640);
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }

    #[test]
    fn users_stand_where_the_file_declares_them() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("kvd.conf");
        fs::write(&path, "user a on\ntimeout 5\n").expect("a file");
        let config = Config::default();
        let users = ["a off".to_owned(), "b on".to_owned()];
        rewrite(&path, &config, Some(&users)).expect("it can be written");
        let text = fs::read_to_string(&path).expect("it is there");
        assert!(text.starts_with("user a off\n"), "{text}");
        assert!(text.ends_with("\nuser b on\n"), "{text}");
    }

    #[test]
    fn a_file_that_nobody_may_write_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("no").join("users.acl");
        assert!(write(&path, b"user a on\n").is_err());
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
    }

    #[test]
    fn a_configuration_that_has_gone_is_an_error_and_an_aclfile_is_made_anew() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("kvd.conf");
        let error = rewrite(&path, &Config::default(), None).expect_err("it is not there");
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert!(!path.exists());

        write(&path, b"user a on\n").expect("it can be made");
        assert_eq!(fs::read(&path).expect("it is there"), b"user a on\n");
        assert_eq!(fs::metadata(&path).expect("it is there").permissions().mode() & 0o777, PERMISSIONS);
    }

    #[test]
    fn permissions_stay_as_they_are_and_links_stay_links() {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, link) = (folder.path().join("users.acl"), folder.path().join("link.acl"));
        fs::write(&path, "").expect("a file");
        // More than a umask usually leaves.
        fs::set_permissions(&path, Permissions::from_mode(0o666)).expect("permissions");
        symlink("users.acl", &link).expect("a link");
        write(&link, b"user a on\n").expect("it can be written");
        assert!(fs::symlink_metadata(&link).expect("it is there").is_symlink());
        assert_eq!(fs::read(&path).expect("it is there"), b"user a on\n");
        assert_eq!(fs::metadata(&path).expect("it is there").permissions().mode() & 0o777, 0o666);
    }

    #[test]
    fn a_link_that_leads_nowhere_stays_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let (gone, link) = (folder.path().join("volume").join("users.acl"), folder.path().join("users.acl"));
        symlink(&gone, &link).expect("a link");
        assert_eq!(write(&link, b"user a on\n").expect_err("it leads nowhere").kind(), ErrorKind::NotFound);
        assert_eq!(fs::read_link(&link).expect("it is a link still"), gone);
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }

    #[test]
    fn who_reads_while_several_write_sees_the_whole_of_one() {
        const WRITERS: usize = 4;
        const ROUNDS: usize = 20;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("users.acl");
        let text = |writer: usize| format!("{writer}").repeat(100_000);
        fs::write(&path, text(0)).expect("a file");
        std::thread::scope(|scope| {
            let written = |writer| {
                let (path, text) = (&path, text(writer));
                move || (0..ROUNDS).try_for_each(|_| write(path, text.as_bytes()))
            };
            let writers: Vec<_> = (0..WRITERS).map(|writer| scope.spawn(written(writer))).collect();
            while writers.iter().any(|writer| !writer.is_finished()) {
                let read = fs::read_to_string(&path).expect("it is always there");
                assert!((0..WRITERS).any(|writer| read == text(writer)), "{} bytes", read.len());
            }
            for writer in writers {
                writer.join().expect("no panic").expect("each can write");
            }
        });
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }
}
