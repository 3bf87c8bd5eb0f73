//! The manifest: which files make up the log, and in which order.
//!
//! ```text
//! file appendonly.aof.2.base.rdb seq 2 type b
//! file appendonly.aof.1.incr.aof seq 1 type h
//! file appendonly.aof.2.incr.aof seq 2 type i startoffset 19702
//! ```
//!
//! A line for each file, of keys and values. `b` is the base, of which there is one at most; `i` are the increments that follow it, in
//! the order in which they are loaded; `h` is history that waits to be deleted. Keys that aren't known are kept.
//!
//! The peers take what `atoll` makes of a sequence number (`1x`, `-1`), let a later key win over an earlier one, and load a file
//! twice that is named twice. Here these are errors: no server writes them.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use resp::{quote_to, split_line};

/// The longest line, its newline included.
pub const LINE_BYTES_MAX: usize = 1024;
/// The largest manifest that is read.
pub const MANIFEST_BYTES_MAX: usize = 16 * 1024 * 1024;
/// The most files that a manifest lists.
pub const LISTED_MAX: usize = 100_000;
/// The greatest sequence number: the peers' have a sign.
pub const SEQ_MAX: u64 = i64::MAX as u64;

/// Which files make up the log.
///
/// Invariant: what can be parsed. So no name occurs twice, sequence numbers lie between 1 and [`SEQ_MAX`], and those of increments rise.
/// [`format`](Self::format) checks it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    /// The snapshot that everything else goes on from.
    pub base: Option<Listed>,
    /// Files that nobody needs any more.
    pub history: Vec<Listed>,
    /// What happened since, in order.
    pub increments: Vec<Listed>,
}

/// A file of the manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its name in the log's directory.
    pub name: OsString,
    /// Its number, from 1.
    pub seq: u64,
    /// Keys and values that mean nothing to this crate.
    pub others: Vec<(Vec<u8>, Vec<u8>)>,
}

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// The snapshot.
    Base,
    /// No longer needed.
    History,
    /// Commands that follow.
    Increment,
}

/// Which line breaks which rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct ManifestError {
    /// Counted from 1.
    pub line: usize,
    /// The rule.
    pub reason: ManifestFault,
}

/// A rule that a manifest breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ManifestFault {
    /// Nothing in it.
    #[error("the manifest is empty")]
    Empty,
    /// The last line was cut.
    #[error("the line doesn't end with a newline")]
    NoNewline,
    /// More than [`LINE_BYTES_MAX`], as it is or as it would be written: quoted, some bytes take four.
    #[error("the line has more than {LINE_BYTES_MAX} bytes, or would have with its words in quotes")]
    LineTooLong,
    /// A blank line.
    #[error("the line is blank")]
    Blank,
    /// A byte of 0.
    #[error("the line has a byte of zero")]
    Zero,
    /// A quote that is never closed.
    #[error("a quote isn't closed")]
    UnbalancedQuotes,
    /// A key without its value.
    #[error("a key has no value")]
    OddWords,
    /// `file`, `seq` or `type` twice.
    #[error("{0} is given twice")]
    RepeatedKey(&'static str),
    /// `file`, `seq` or `type` is missing.
    #[error("{0} is missing")]
    MissingKey(&'static str),
    /// Empty, `.`, `..`, or with a `/`.
    #[error("the file's name isn't a name within the directory")]
    BadName,
    /// Not a number from 1 to [`SEQ_MAX`].
    #[error("the sequence number isn't a number from 1 to {SEQ_MAX}")]
    BadSeq,
    /// None of `b`, `h` and `i`.
    #[error("the type is none of b, h and i")]
    BadType,
    /// A second base.
    #[error("there is a second base")]
    SecondBase,
    /// Increments out of order.
    #[error("the sequence numbers of increments don't rise")]
    SeqNotRising,
    /// A file listed twice.
    #[error("the file is listed twice")]
    RepeatedName,
    /// History that no rewrite can have left: an increment that isn't older than those to load. Its letter may be damaged (`h` for `i`), and
    /// history is removed.
    #[error("the file is called history, but nothing newer is in its place")]
    HistoryInUse,
    /// More than [`LISTED_MAX`].
    #[error("more than {LISTED_MAX} files are listed")]
    TooMany,
}

impl Manifest {
    /// Reads a manifest.
    pub fn parse(text: &[u8]) -> Result<Self, ManifestError> {
        if text.is_empty() {
            return Err(ManifestError { line: 1, reason: ManifestFault::Empty });
        }
        let mut manifest = Self::default();
        let mut names = BTreeSet::new();
        for (index, line) in text.split_inclusive(|byte| *byte == b'\n').enumerate() {
            let mut read = || {
                let Some((kind, file)) = parse_line(line)? else { return Ok(()) };
                if !names.insert(file.name.clone()) {
                    return Err(ManifestFault::RepeatedName);
                }
                if names.len() > LISTED_MAX {
                    return Err(ManifestFault::TooMany);
                }
                manifest.add(kind, file)
            };
            read().map_err(|reason| ManifestError { line: index + 1, reason })?;
        }
        if let Some(name) = manifest.history_in_use() {
            let names_it =
                |line: &[u8]| matches!(parse_line(line), Ok(Some((_, file))) if file.name == *name);
            let index = text.split_inclusive(|byte| *byte == b'\n').position(names_it);
            let line = index.map_or(1, |index| index + 1);
            return Err(ManifestError { line, reason: ManifestFault::HistoryInUse });
        }
        Ok(manifest)
    }

    /// The name of an increment that is called history and can't be. A rewrite leaves a newer increment to load. If a peer did it while its log
    /// was off, there is none, but the base before is history, too.
    fn history_in_use(&self) -> Option<&OsString> {
        let increments = self.history.iter().filter(|file| is_increment(file));
        let has_old_base = self.history.iter().any(|file| !is_increment(file));
        let first = self.increments.first().map(|file| file.seq);
        let is_in_use = |file: &&Listed| first.map_or(!has_old_base, |first| file.seq >= first);
        increments.filter(is_in_use).map(|file| &file.name).next()
    }

    /// Writes it: base, history, increments. Fails if it couldn't be read again: a name or a foreign key makes a line too long, a number is
    /// out of range or order, a name occurs twice.
    pub fn format(&self) -> Result<Vec<u8>, ManifestError> {
        let mut text = Vec::new();
        self.files().for_each(|(kind, file)| file.write(kind, &mut text));
        if text.is_empty() {
            // An empty file is refused by every reader; a comment is not.
            text.extend_from_slice(b"# no files\n");
        }
        Self::parse(&text)?;
        Ok(text)
    }

    /// Whether it names nothing to load.
    pub fn is_empty(&self) -> bool {
        self.base.is_none() && self.increments.is_empty()
    }

    /// All files in the order in which they are written.
    pub fn files(&self) -> impl Iterator<Item = (FileKind, &Listed)> {
        let base = self.base.iter().map(|file| (FileKind::Base, file));
        let history = self.history.iter().map(|file| (FileKind::History, file));
        base.chain(history).chain(self.increments.iter().map(|file| (FileKind::Increment, file)))
    }

    /// The highest number of an increment, history included: the next one's is higher.
    pub(crate) fn last_increment(&self) -> u64 {
        let history = self.history.iter().filter(|file| is_increment(file));
        self.increments.iter().chain(history).map(|file| file.seq).max().unwrap_or(0)
    }

    pub(crate) fn names(&self) -> BTreeSet<&OsStr> {
        self.files().map(|(_, file)| file.name.as_os_str()).collect()
    }

    fn add(&mut self, kind: FileKind, file: Listed) -> Result<(), ManifestFault> {
        match kind {
            FileKind::Base if self.base.is_some() => return Err(ManifestFault::SecondBase),
            FileKind::Base => self.base = Some(file),
            FileKind::History => self.history.push(file),
            FileKind::Increment if self.increments.last().is_some_and(|last| last.seq >= file.seq) => {
                return Err(ManifestFault::SeqNotRising);
            }
            FileKind::Increment => self.increments.push(file),
        }
        Ok(())
    }
}

impl Listed {
    /// A file with nothing else to say of it.
    pub fn new(name: impl Into<OsString>, seq: u64) -> Self {
        Self { name: name.into(), seq, others: Vec::new() }
    }

    fn write(&self, kind: FileKind, text: &mut Vec<u8>) {
        text.extend_from_slice(b"file ");
        write_word(text, self.name.as_bytes());
        text.extend_from_slice(format!(" seq {} type {}", self.seq, kind.letter()).as_bytes());
        for word in self.others.iter().flat_map(|(key, value)| [key, value]) {
            text.push(b' ');
            write_word(text, word);
        }
        text.push(b'\n');
    }
}

/// Whether history is of an increment, which only its name tells.
fn is_increment(history: &Listed) -> bool {
    history.name.as_bytes().ends_with(b".incr.aof")
}

/// Appends a word so that [`split_line`] gives it back: as it is if it is plain.
fn write_word(text: &mut Vec<u8>, word: &[u8]) {
    let is_plain = |byte: &u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\'' | b'\\');
    if !word.is_empty() && word.iter().all(is_plain) {
        text.extend_from_slice(word);
    } else {
        quote_to(word, text);
    }
}

impl FileKind {
    fn letter(self) -> char {
        match self {
            Self::Base => 'b',
            Self::History => 'h',
            Self::Increment => 'i',
        }
    }
}

/// `None` for a comment.
fn parse_line(line: &[u8]) -> Result<Option<(FileKind, Listed)>, ManifestFault> {
    if line.len() > LINE_BYTES_MAX {
        return Err(ManifestFault::LineTooLong);
    }
    if line.contains(&0) {
        return Err(ManifestFault::Zero);
    }
    if line.starts_with(b"#") {
        return Ok(None);
    }
    let line = line.strip_suffix(b"\n").ok_or(ManifestFault::NoNewline)?;
    let words = split_line(line).map_err(|_| ManifestFault::UnbalancedQuotes)?;
    if words.is_empty() {
        return Err(ManifestFault::Blank);
    }
    let mut line = Line::default();
    let mut words = words.into_iter();
    while let Some(key) = words.next() {
        line.take(key, words.next().ok_or(ManifestFault::OddWords)?)?;
    }
    let (kind, file) = line.finish()?;
    let mut written = Vec::new();
    file.write(kind, &mut written);
    // The next manifest holds this line, too.
    if written.len() > LINE_BYTES_MAX { Err(ManifestFault::LineTooLong) } else { Ok(Some((kind, file))) }
}

/// What was read of a line.
#[derive(Default)]
struct Line {
    name: Option<OsString>,
    seq: Option<u64>,
    kind: Option<FileKind>,
    others: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Line {
    fn take(&mut self, key: Vec<u8>, value: Vec<u8>) -> Result<(), ManifestFault> {
        match key.to_ascii_lowercase().as_slice() {
            b"file" => once(&mut self.name, parse_name(value)?, "file"),
            b"seq" => once(&mut self.seq, parse_seq(&value)?, "seq"),
            b"type" => once(&mut self.kind, parse_kind(&value)?, "type"),
            _ => {
                self.others.push((key, value));
                Ok(())
            }
        }
    }

    fn finish(self) -> Result<(FileKind, Listed), ManifestFault> {
        let name = self.name.ok_or(ManifestFault::MissingKey("file"))?;
        let seq = self.seq.ok_or(ManifestFault::MissingKey("seq"))?;
        let kind = self.kind.ok_or(ManifestFault::MissingKey("type"))?;
        Ok((kind, Listed { name, seq, others: self.others }))
    }
}

fn once<T>(place: &mut Option<T>, value: T, key: &'static str) -> Result<(), ManifestFault> {
    match place.replace(value) {
        Some(_) => Err(ManifestFault::RepeatedKey(key)),
        None => Ok(()),
    }
}

fn parse_name(name: Vec<u8>) -> Result<OsString, ManifestFault> {
    let bad =
        matches!(name.as_slice(), b"" | b"." | b"..") || name.iter().any(|byte| matches!(byte, b'/' | 0));
    if bad { Err(ManifestFault::BadName) } else { Ok(OsString::from_vec(name)) }
}

fn parse_seq(text: &[u8]) -> Result<u64, ManifestFault> {
    let digits = text.iter().all(u8::is_ascii_digit).then_some(text);
    let number = digits.and_then(|digits| std::str::from_utf8(digits).ok()?.parse::<i64>().ok());
    match number {
        Some(number) if number > 0 => Ok(number.unsigned_abs()),
        _ => Err(ManifestFault::BadSeq),
    }
}

fn parse_kind(text: &[u8]) -> Result<FileKind, ManifestFault> {
    match text {
        b"b" => Ok(FileKind::Base),
        b"h" => Ok(FileKind::History),
        b"i" => Ok(FileKind::Increment),
        _ => Err(ManifestFault::BadType),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fault(text: &[u8]) -> (usize, ManifestFault) {
        let error = Manifest::parse(text).unwrap_err();
        (error.line, error.reason)
    }

    #[test]
    fn what_peers_write_is_read_and_written_the_same() {
        for text in [
            "file appendonly.aof.2.base.rdb seq 2 type b\nfile appendonly.aof.2.incr.aof seq 2 type i\n",
            "file appendonly.aof seq 1 type b\nfile appendonly.aof.1.incr.aof seq 1 type i\n",
            "file a.1.incr.aof seq 1 type i startoffset 19702 endoffset 19803\n",
            "file a.3.base.aof seq 3 type b\nfile h seq 9 type h\nfile g seq 2 type h\nfile i seq 4 type i\nfile j seq 9 type i\n",
            "file \"a b\\x01\\\"\" seq 1 type b\n",
        ] {
            let manifest = Manifest::parse(text.as_bytes()).unwrap();
            assert_eq!(String::from_utf8(manifest.format().unwrap()).unwrap(), text);
        }
    }

    #[test]
    fn words_may_be_quoted_and_keys_stand_in_any_order_and_case() {
        let manifest = Manifest::parse(b"# x\n\tTYPE 'b'  Seq 01 file \"\\x61\"\r\n").unwrap();
        assert_eq!(manifest.base, Some(Listed::new("a", 1)));
        for comment in ["# only this\n", "# only this"] {
            assert_eq!(Manifest::parse(comment.as_bytes()).unwrap(), Manifest::default());
        }
    }

    #[test]
    fn each_rule_names_its_line() {
        let base = "file b seq 1 type b\n";
        let cases: [(&str, usize, ManifestFault); 20] = [
            ("", 1, ManifestFault::Empty),
            ("#\n\n", 2, ManifestFault::Blank),
            (" \n", 1, ManifestFault::Blank),
            ("file b seq 1 type b", 1, ManifestFault::NoNewline),
            ("file b seq 1 type b\0\n", 1, ManifestFault::Zero),
            ("file b seq 1 type\n", 1, ManifestFault::OddWords),
            (" # x\n", 1, ManifestFault::MissingKey("file")),
            ("file b seq 1 x b\n", 1, ManifestFault::MissingKey("type")),
            ("file b x 1 type b\n", 1, ManifestFault::MissingKey("seq")),
            ("file b file c seq 1 type b\n", 1, ManifestFault::RepeatedKey("file")),
            ("file \"b seq 1 type b\n", 1, ManifestFault::UnbalancedQuotes),
            ("file .. seq 1 type b\n", 1, ManifestFault::BadName),
            ("file x/b seq 1 type b\n", 1, ManifestFault::BadName),
            ("file \"\" seq 1 type b\n", 1, ManifestFault::BadName),
            ("file b seq 0 type b\n", 1, ManifestFault::BadSeq),
            ("file b seq 9223372036854775808 type b\n", 1, ManifestFault::BadSeq),
            ("file b seq -1 type b\n", 1, ManifestFault::BadSeq),
            ("file b seq 1 type B\n", 1, ManifestFault::BadType),
            ("file i seq 2 type i\nfile j seq 2 type i\n", 2, ManifestFault::SeqNotRising),
            ("file i seq 2 type i\nfile i seq 3 type h\n", 2, ManifestFault::RepeatedName),
        ];
        for (text, line, reason) in cases {
            assert_eq!(fault(text.as_bytes()), (line, reason), "{text}");
        }
        assert_eq!(fault(format!("{base}file c seq 2 type b\n").as_bytes()), (2, ManifestFault::SecondBase));
        let line = |bytes: usize| format!("file b seq 1 type b x {}\n", "y".repeat(bytes - 23));
        assert!(Manifest::parse(line(1024).as_bytes()).is_ok());
        assert_eq!(fault(line(1025).as_bytes()), (1, ManifestFault::LineTooLong));
        let long = Manifest { base: Some(Listed::new("\u{1}".repeat(300), 1)), ..Manifest::default() };
        assert_eq!(long.format().unwrap_err().reason, ManifestFault::LineTooLong);
        let unquoted = |bytes: usize| [b"file ", &vec![0xff; bytes][..], b" seq 1 type b\n"].concat();
        assert!(Manifest::parse(&unquoted(250)).unwrap().format().is_ok());
        assert_eq!(fault(&unquoted(251)), (1, ManifestFault::LineTooLong));
    }

    #[test]
    fn what_is_called_history_must_be_older_than_what_is_loaded() {
        let (base, old_base) = ("file x.2.base.rdb seq 2 type b\n", "file x.1.base.rdb seq 1 type h\n");
        let increment = |seq: u64, kind: char| format!("file x.{seq}.incr.aof seq {seq} type {kind}\n");
        for good in [
            format!("{base}{old_base}{}{}", increment(1, 'h'), increment(2, 'i')),
            // A peer's rewrite while its log is off.
            format!("{base}{old_base}{}{}", increment(1, 'h'), increment(2, 'h')),
            format!("{base}{old_base}{}", increment(3, 'i')),
        ] {
            assert!(Manifest::parse(good.as_bytes()).is_ok(), "{good}");
        }
        for (damaged, line) in [
            (format!("{base}{}", increment(2, 'h')), 2),
            (format!("{base}{}{}", increment(2, 'i'), increment(3, 'h')), 3),
            (format!("{base}{}{}", increment(2, 'h'), increment(2, 'i').replace(".2.", ".9.")), 2),
        ] {
            assert_eq!(fault(damaged.as_bytes()), (line, ManifestFault::HistoryInUse), "{damaged}");
        }
    }

    #[test]
    fn what_could_not_be_read_is_not_written() {
        let increments = |files: &[(&str, u64)]| Manifest {
            increments: files.iter().map(|(name, seq)| Listed::new(*name, *seq)).collect(),
            ..Manifest::default()
        };
        assert!(increments(&[("a", SEQ_MAX)]).format().is_ok());
        for (files, line, reason) in [
            (&[("a", 1), ("b", SEQ_MAX + 1)][..], 2, ManifestFault::BadSeq),
            (&[("a", 0)], 1, ManifestFault::BadSeq),
            (&[("a", 2), ("b", 2)], 2, ManifestFault::SeqNotRising),
            (&[("a", 1), ("a", 2)], 2, ManifestFault::RepeatedName),
            (&[("a/b", 1)], 1, ManifestFault::BadName),
        ] {
            assert_eq!(increments(files).format(), Err(ManifestError { line, reason }), "{files:?}");
        }
        let history = (0..LISTED_MAX).map(|number| Listed::new(number.to_string(), 1)).collect();
        let mut many = Manifest { history, ..Manifest::default() };
        assert!(many.format().is_ok());
        many.base = Some(Listed::new("b", 1));
        assert_eq!(many.format().unwrap_err().reason, ManifestFault::TooMany);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(names in proptest::collection::btree_set("[ -~\u{1}\n\u{e4}]{1,40}", 1..8), key in "[a-d]{1,3}", value: Vec<u8>) {
            let value: Vec<u8> = value.into_iter().take(40).collect();
            let mut manifest = Manifest::default();
            for (index, name) in names.iter().map(|name| name.replace('/', "|")).enumerate() {
                let file = Listed { others: vec![(key.clone().into_bytes(), value.clone())], ..Listed::new(name.trim_matches('.').to_owned() + "x" + &index.to_string(), index as u64 + 1) };
                match index % 3 {
                    0 if manifest.base.is_none() => manifest.base = Some(file),
                    1 => manifest.history.push(file),
                    _ => manifest.increments.push(file),
                }
            }
            prop_assert_eq!(Manifest::parse(&manifest.format().unwrap()), Ok(manifest));
        }

        #[test]
        fn any_bytes_are_read_or_refused(text: Vec<u8>) {
            if let Ok(manifest) = Manifest::parse(&text) && let Ok(text) = manifest.format() {
                prop_assert_eq!(Manifest::parse(&text), Ok(manifest));
            }
        }
    }
}
