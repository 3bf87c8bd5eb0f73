//! Reading redis.conf or valkey.conf, and the command line, which has the same lines.

use std::collections::VecDeque;
use std::io;

use crate::config::{Config, Directives, Origin};
use crate::error::{LineError, LoadError};
use crate::nearest::nearest;
use crate::parameter::ParameterId;
use crate::words::is_space;

/// The most files that one configuration may include. Files that include each other end here.
pub const LOADED_FILES_MAX: usize = 256;
/// The most bytes that a configuration and what it includes may have.
pub const LOADED_BYTES_MAX: usize = 16 * 1024 * 1024;

/// The files that an `include` names: each one's own name and its bytes, in the order in which they are read.
pub type Included = Vec<(String, Vec<u8>)>;

/// Parameters that older servers had, and that the peers still read and ignore.
const OUTDATED: [&str; 4] =
    ["list-max-ziplist-entries", "list-max-ziplist-value", "lua-replicate-commands", "io-threads-do-reads"];

impl Config {
    /// Reads a file on top of what is there: all of it, or nothing if a line is wrong.
    ///
    /// `include` is called with what stands behind an `include`, a path that may be a glob pattern. A pattern without
    /// matches gives no file; a plain path to nothing is an error. What is included counts as standing in place of
    /// the line.
    pub fn load(
        &mut self,
        text: &[u8],
        file: &str,
        include: &mut dyn FnMut(&[u8]) -> io::Result<Included>,
    ) -> Result<(), LoadError> {
        let source = Source { is_first: !self.has_file, ..Source::new(Some(file.to_owned()), text.to_vec()) };
        self.read(source, Origin::File, include)?;
        self.has_file = true;
        Ok(())
    }

    /// Reads the lines that [`arguments_to_lines`](crate::arguments_to_lines) makes.
    pub fn load_arguments(
        &mut self,
        lines: &str,
        include: &mut dyn FnMut(&[u8]) -> io::Result<Included>,
    ) -> Result<(), LoadError> {
        self.read(Source::new(None, lines.as_bytes().to_vec()), Origin::CommandLine, include)
    }

    fn read(
        &mut self,
        first: Source,
        origin: Origin,
        include: &mut dyn FnMut(&[u8]) -> io::Result<Included>,
    ) -> Result<(), LoadError> {
        let mut next = self.clone();
        let mut budget = Budget { files: LOADED_FILES_MAX, bytes: LOADED_BYTES_MAX };
        let mut sources = VecDeque::from([first]);
        while let Some(source) = sources.front_mut() {
            let Some(line) = source.next_line() else {
                sources.pop_front();
                continue;
            };
            let outcome =
                budget.spend(0, line.len() + 1).and_then(|()| next.obey(&line, origin, source.elsewhere()));
            let included = outcome.and_then(|wanted| budget.include(wanted, include));
            match included {
                Ok(included) => included.into_iter().rev().for_each(|source| sources.push_front(source)),
                Err(why) => return Err(source.error(&line, why)),
            }
        }
        *self = next;
        Ok(())
    }

    /// Does what one line says, or gives back the path that it includes. `elsewhere` is where it stands, unless that is the first file.
    fn obey(
        &mut self,
        line: &[u8],
        origin: Origin,
        elsewhere: Option<&str>,
    ) -> Result<Option<Vec<u8>>, LineError> {
        let line = line.trim_ascii();
        if line.is_empty() || line.starts_with(b"#") {
            return Ok(None);
        }
        let words = resp::split_line(line).map_err(|_| LineError::Quotes)?;
        let Some((name, arguments)) = words.split_first() else { return Ok(None) };
        if let Some(id) = ParameterId::named(name) {
            self.put(id, &parameter_words(id, arguments), origin)?;
            return Ok(None);
        }
        match (name.to_ascii_lowercase().as_slice(), arguments) {
            (b"include", [path]) => Ok(Some(path.clone())),
            (name, arguments) => self.directives.obey(name, arguments, elsewhere).map(|()| None),
        }
    }
}

impl Directives {
    fn obey(&mut self, name: &[u8], arguments: &[Vec<u8>], elsewhere: Option<&str>) -> Result<(), LineError> {
        match (name, arguments) {
            (b"rename-command", [old, new]) => self.renamed_commands.push((old.clone(), new.clone())),
            (b"loadmodule", [_, ..]) => self.modules.push(arguments.to_vec()),
            (b"sentinel", _) => return Err(LineError::Sentinel),
            (b"user", [user, ..]) => {
                if self.users.iter().any(|known| known.first() == Some(user)) {
                    return Err(LineError::DuplicateUser(String::from_utf8_lossy(user).into_owned()));
                }
                self.users.push(arguments.to_vec());
                self.users_elsewhere.extend(elsewhere.map(|place| (user.clone(), place.to_owned())));
            }
            (name, [_, more @ ..]) => match OUTDATED.iter().find(|outdated| outdated.as_bytes() == name) {
                Some(outdated) if more.is_empty() => self.outdated.push(outdated),
                _ if name.contains(&b'.') => {
                    self.module_parameters.push([&[name.to_vec()], arguments].concat());
                }
                _ => return Err(LineError::Directive),
            },
            (name, []) if name.contains(&b'.') => return Err(LineError::ModuleParameter),
            _ => return Err(LineError::Directive),
        }
        Ok(())
    }
}

/// The words of a value. A list may also stand as one quoted word with spaces in it.
fn parameter_words(id: ParameterId, arguments: &[Vec<u8>]) -> Vec<&[u8]> {
    match arguments {
        [one] if id.row().takes_words() && one.iter().copied().any(is_space) => {
            one.split(|&byte| is_space(byte)).filter(|word| !word.is_empty()).collect()
        }
        _ => arguments.iter().map(Vec::as_slice).collect(),
    }
}

/// A file being read.
struct Source {
    /// `None` is the command line.
    file: Option<String>,
    /// It is the file that [`Config::rewrite`] writes.
    is_first: bool,
    text: Vec<u8>,
    /// Where the next line starts; beyond the text after the last.
    offset: usize,
    /// Lines read so far.
    lines: usize,
}

impl Source {
    fn new(file: Option<String>, text: Vec<u8>) -> Source {
        Source { file, is_first: false, text, offset: 0, lines: 0 }
    }

    fn elsewhere(&self) -> Option<&str> {
        (!self.is_first).then(|| self.file.as_deref().unwrap_or("the command line"))
    }

    fn next_line(&mut self) -> Option<Vec<u8>> {
        let rest = self.text.get(self.offset..)?;
        let line = rest.split(|&byte| byte == b'\n').next()?.to_vec();
        self.offset += line.len() + 1;
        self.lines += 1;
        Some(line)
    }

    fn error(&self, line: &[u8], why: LineError) -> LoadError {
        let line = line.trim_ascii();
        let name = line.split(|&byte| is_space(byte)).next().unwrap_or_default();
        let is_unknown = why == LineError::Directive;
        let near = nearest(name).filter(|near| is_unknown && !near.as_bytes().eq_ignore_ascii_case(name));
        let text = String::from_utf8_lossy(line).into_owned();
        LoadError { file: self.file.clone(), line: self.lines, text, why, near }
    }
}

/// What a configuration may still have.
struct Budget {
    files: usize,
    bytes: usize,
}

impl Budget {
    fn spend(&mut self, files: usize, bytes: usize) -> Result<(), LineError> {
        self.files = self.files.checked_sub(files).ok_or(LineError::TooMuch)?;
        self.bytes = self.bytes.checked_sub(bytes).ok_or(LineError::TooMuch)?;
        Ok(())
    }

    fn include(
        &mut self,
        path: Option<Vec<u8>>,
        include: &mut dyn FnMut(&[u8]) -> io::Result<Included>,
    ) -> Result<Vec<Source>, LineError> {
        let Some(path) = path else { return Ok(Vec::new()) };
        let included = include(&path).map_err(|error| {
            LineError::Include(format!(
                "can't open config file '{}': {error}",
                String::from_utf8_lossy(&path)
            ))
        })?;
        self.spend(included.len(), 0)?;
        Ok(included.into_iter().map(|(file, text)| Source::new(Some(file), text)).collect())
    }
}
