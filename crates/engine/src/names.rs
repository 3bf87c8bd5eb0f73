//! Commands under other names than their own: `rename-command`.

use std::collections::HashMap;

use catalog::{Command, CommandId, LookupError, Words};

/// The names that differ from the catalog's.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    /// By names in lower case. Without a command it is a name that no longer means anything.
    changed: HashMap<Box<[u8]>, Option<&'static Command>>,
}

/// By which names a request is read.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Naming {
    /// A client's: the names that the configuration gives.
    Client,
    /// A log's. It holds the commands' own names, whatever this server or the one that wrote it calls them. A name that no command has of its
    /// own is looked up as a client's: logs were once written with those.
    Log,
}

/// What is wrong with a renaming.
#[derive(Copy, Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RenameError {
    /// The old name.
    #[error("No such command in rename-command")]
    NoSuchCommand,
    /// The new name.
    #[error("Target command name already exists")]
    Taken,
}

impl Names {
    /// Gives a command another name, or none if that is empty.
    pub(crate) fn rename(&mut self, old: &[u8], new: &[u8]) -> Result<(), RenameError> {
        let command = self.find(old).ok_or(RenameError::NoSuchCommand)?;
        self.changed.insert(old.to_ascii_lowercase().into(), None);
        if new.is_empty() {
            return Ok(());
        }
        if self.find(new).is_some() {
            return Err(RenameError::Taken);
        }
        self.changed.insert(new.to_ascii_lowercase().into(), Some(command));
        Ok(())
    }

    fn find(&self, name: &[u8]) -> Option<&'static Command> {
        match self.changed.get(&*name.to_ascii_lowercase()) {
            Some(changed) => *changed,
            None => catalog::lookup(name).map(catalog::command),
        }
    }

    /// [`catalog::resolve`] by these names.
    #[inline]
    pub(crate) fn resolve<W: Words + ?Sized>(&self, words: &W) -> Result<CommandId, LookupError> {
        if self.changed.is_empty() { catalog::resolve(words) } else { self.resolve_changed(words) }
    }

    /// The same for a request of a log.
    #[inline]
    pub(crate) fn resolve_logged<W: Words + ?Sized>(&self, words: &W) -> Result<CommandId, LookupError> {
        match catalog::resolve(words) {
            Err(LookupError::UnknownCommand { .. }) => self.resolve(words),
            found => found,
        }
    }

    /// The own name of the command that is called by this one; `None` where that is its own.
    #[inline]
    pub(crate) fn own_name(&self, name: &[u8]) -> Option<&'static str> {
        if self.changed.is_empty() { None } else { self.own_name_of_changed(name) }
    }

    #[cold]
    fn own_name_of_changed(&self, name: &[u8]) -> Option<&'static str> {
        let changed = self.changed.get(&*name.to_ascii_lowercase()).copied().flatten();
        changed.map(|command| command.name)
    }

    #[cold]
    fn resolve_changed<W: Words + ?Sized>(&self, words: &W) -> Result<CommandId, LookupError> {
        let name = words.word(0).unwrap_or_default();
        match self.changed.get(&*name.to_ascii_lowercase()) {
            None => catalog::resolve(words),
            Some(Some(command)) => catalog::resolve(&Renamed { name: command.name, words }),
            Some(None) => Err(catalog::unknown_command(words)),
        }
    }
}

/// A request with the command's own name.
struct Renamed<'w, W: ?Sized> {
    name: &'static str,
    words: &'w W,
}

impl<W: Words + ?Sized> Words for Renamed<'_, W> {
    fn count(&self) -> usize {
        self.words.count()
    }

    fn word(&self, index: usize) -> Option<&[u8]> {
        if index == 0 { Some(self.name.as_bytes()) } else { self.words.word(index) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use catalog::id;

    fn renamed(pairs: &[(&str, &str)]) -> Result<Names, RenameError> {
        let mut names = Names::default();
        for (old, new) in pairs {
            names.rename(old.as_bytes(), new.as_bytes())?;
        }
        Ok(names)
    }

    #[test]
    fn a_renamed_command_is_found_by_its_new_name_alone() {
        let names = renamed(&[("Get", "Fetch"), ("CONFIG", "cfg")]).expect("both are there");
        assert_eq!(names.resolve(&["fetch", "a"]), Ok(id::GET));
        assert_eq!(names.resolve(&["CFG", "get", "x"]), Ok(id::CONFIG_GET));
        assert_eq!(names.resolve(&["set", "a", "b"]), Ok(id::SET));
        assert_eq!(names.resolve(&["FETCH"]), Err(LookupError::WrongArity(id::GET)));
        let gone = names.resolve(&["get", "a"]).expect_err("it has another name");
        assert_eq!(gone.text(), b"unknown command 'get', with args beginning with: 'a' ");
    }

    #[test]
    fn a_command_renamed_to_nothing_is_gone_and_leaves_its_name_to_others() {
        let names = renamed(&[("flushall", ""), ("flushdb", "FLUSHALL")]).expect("the name is free");
        assert_eq!(names.resolve(&["flushall"]), Ok(id::FLUSHDB));
        assert!(names.resolve(&["flushdb"]).is_err());
        let names = renamed(&[("get", "g"), ("g", "h")]).expect("it can be renamed again");
        assert!(names.resolve(&["g", "a"]).is_err());
        assert_eq!(names.resolve(&["h", "a"]), Ok(id::GET));
    }

    #[test]
    fn a_log_is_read_by_own_names_before_others() {
        let pairs = [("set", "put"), ("del", ""), ("flushall", ""), ("flushdb", "FLUSHALL")];
        let names = renamed(&pairs).expect("all are there");
        assert_eq!(names.resolve_logged(&["SET", "a", "b"]), Ok(id::SET));
        assert_eq!(names.resolve_logged(&["put", "a", "b"]), Ok(id::SET));
        assert_eq!(names.resolve_logged(&["DEL", "a"]), Ok(id::DEL));
        assert_eq!(names.resolve_logged(&["FLUSHALL"]), Ok(id::FLUSHALL));
        assert_eq!(names.resolve_logged(&["SET"]), Err(LookupError::WrongArity(id::SET)));
        assert!(names.resolve_logged(&["nosuch"]).is_err());
        assert_eq!(names.own_name(b"Put"), Some(catalog::command(id::SET).name));
        assert_eq!(names.own_name(b"flushall"), Some(catalog::command(id::FLUSHDB).name));
        assert_eq!(names.own_name(b"get"), None);
    }

    #[test]
    fn names_that_are_not_there_or_taken_are_refused() {
        assert_eq!(renamed(&[("nosuch", "x")]).err(), Some(RenameError::NoSuchCommand));
        assert_eq!(renamed(&[("config|get", "x")]).err(), Some(RenameError::NoSuchCommand));
        assert_eq!(renamed(&[("get", "set")]).err(), Some(RenameError::Taken));
        assert_eq!(renamed(&[("get", "a"), ("get", "b")]).err(), Some(RenameError::NoSuchCommand));
    }
}
