//! Writing the configuration and the users back into their files, so that a crash leaves the old file or the new one, never half of either.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use config::Config;

/// Permissions of a file that has gone since it was read: it may hold passwords.
const PERMISSIONS: u32 = 0o600;

/// Rewrites `file` with what has changed since it was read. One that has gone is made anew.
pub(crate) fn rewrite(file: &Path, config: &Config, users: Option<&[String]>) -> io::Result<()> {
    replace(file, |original| config.rewrite(original, users))
}

/// Replaces what stands in `file`, or makes it.
pub(crate) fn replace(file: &Path, text: impl FnOnce(&[u8]) -> Vec<u8>) -> io::Result<()> {
    // A link stays a link: what it leads to is replaced.
    let file = fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
    let (original, permissions) = match fs::read(&file) {
        Ok(original) => (original, fs::metadata(&file)?.permissions().mode()),
        Err(error) if error.kind() == ErrorKind::NotFound => (Vec::new(), PERMISSIONS),
        Err(error) => return Err(error),
    };
    // Readable but not writable means that nobody should replace it.
    if let Err(error) = OpenOptions::new().append(true).open(&file)
        && error.kind() != ErrorKind::NotFound
    {
        return Err(error);
    }
    let temporary = temporary_beside(&file);
    let replaced =
        write_durably(&temporary, &text(&original), permissions).and_then(|()| fs::rename(&temporary, &file));
    if replaced.is_err() {
        // What matters is the first error; a file left behind does no harm.
        let _removed = fs::remove_file(&temporary);
    }
    replaced?;
    sync_folder(&file)
}

fn temporary_beside(file: &Path) -> PathBuf {
    let mut name = OsString::from(file);
    name.push(format!(".{}.tmp", std::process::id()));
    PathBuf::from(name)
}

fn write_durably(path: &Path, text: &[u8], permissions: u32) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(permissions).open(path)?;
    file.write_all(text)?;
    file.sync_all()
}

/// A rename lasts once the folder is on disk.
fn sync_folder(file: &Path) -> io::Result<()> {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use config::Origin;

    #[test]
    fn what_was_set_is_in_the_file_and_nothing_lies_beside_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("kvd.conf");
        fs::write(&path, "# mine\ntimeout 5\n").expect("a file");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("permissions");
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
        assert!(replace(&path, |_| b"user a on\n".to_vec()).is_err());
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
    }

    #[test]
    fn a_file_that_has_gone_is_made_anew() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("kvd.conf");
        let mut config = Config::default();
        config.set(&[(b"timeout", b"7")], Origin::Client).expect("a fine value");
        rewrite(&path, &config, None).expect("it can be written");
        assert!(fs::read_to_string(&path).expect("it is there").contains("timeout 7\n"));
    }
}
