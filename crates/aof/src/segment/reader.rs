//! The grammar of the log, fed with bytes.
//!
//! ```text
//!   *2\r\n$3\r\nDEL\r\n$1\r\na\r\n      a command: an array of bulk strings, strictly
//!   #TS:1795000000\r\n                  an annotation, between commands
//! ```

use std::ops::Range;

use memchr::memmem;

use super::limits::{ANNOTATION_BYTES_MAX, DIGITS_MAX, Limits};
use super::record::{Annotation, Command, Ending, Fault, Malformed, Record, Tail, TailCause, Words};

/// Reads commands from a file's bytes, which come in pieces of any size; how they are cut makes no difference.
///
/// ```
/// use kvd_aof::{Ending, Limits, Record, SegmentReader};
///
/// let mut reader = SegmentReader::new(0, Limits::DEFAULT);
/// reader.feed(b"*1\r\n$5\r\nMULTI\r\n*2\r\n$3\r\nDEL\r\n$1\r\na\r");
/// let Some(Record::Command(multi)) = reader.next_record()? else { panic!() };
/// assert_eq!((multi.words.get(0), multi.end), (Some(&b"MULTI"[..]), 15));
/// assert!(reader.next_record()?.is_none());
/// assert_eq!(reader.ending().good(), 0, "a transaction counts when it is whole");
/// # Ok::<(), kvd_aof::Malformed>(())
/// ```
#[derive(Clone, Debug)]
pub struct SegmentReader {
    limits: Limits,
    buffer: Vec<u8>,
    /// Where `buffer` begins in the file.
    offset: u64,
    /// Where the record that is being read begins in `buffer`. Places below count from here.
    start: usize,
    /// How far the command was read; `None` before its first line.
    progress: Option<Progress>,
    /// The words of the command so far.
    words: Vec<Range<usize>>,
    /// The end of the record that was given last, to be dropped.
    given: usize,
    good: u64,
    transaction: Option<u64>,
    state: State,
}

/// Invariant: what lies before `at` was checked.
#[derive(Clone, Copy, Debug)]
struct Progress {
    at: usize,
    words_left: u64,
    /// The length of the word whose bytes come next.
    word_bytes: Option<usize>,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Reading,
    /// A zero byte stood where none may; zeros to the end would make it the file's torn end, anything else a fault.
    Zeros(Malformed),
    Failed(Malformed),
}

/// What was found, without its bytes.
#[derive(Debug)]
pub(crate) enum Step {
    Wanting,
    Command { end: usize, in_transaction: bool },
    Annotation { end: usize },
}

/// A fault at a place that counts from the record's start; `None` means that more bytes are needed.
type Partly<T> = Result<Option<T>, (usize, Fault)>;

impl SegmentReader {
    /// A reader of a file from this offset on: 0, or the end of the snapshot at its front.
    pub fn new(offset: u64, limits: Limits) -> Self {
        Self {
            limits,
            buffer: Vec::new(),
            offset,
            start: 0,
            progress: None,
            words: Vec::new(),
            given: 0,
            good: offset,
            transaction: None,
            state: State::Reading,
        }
    }

    /// Takes the next bytes of the file.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.drop_given();
        if self.start > 0 {
            self.buffer.drain(..self.start);
            self.offset += self.start as u64;
            self.start = 0;
        }
        self.buffer.extend_from_slice(bytes);
    }

    /// The next record, `None` if more bytes are needed. After an error it stays.
    pub fn next_record(&mut self) -> Result<Option<Record<'_>>, Malformed> {
        let step = self.advance()?;
        Ok(self.record(step))
    }

    /// How the file ends, if it ends behind what was fed; to be asked when there are no more records.
    pub fn ending(&self) -> Ending {
        let length = self.offset + self.buffer.len() as u64;
        let cause = match self.state {
            State::Zeros(_) => TailCause::Zeros,
            _ if self.buffer.len() > self.start + self.given => TailCause::Command,
            _ if self.transaction.is_some() => TailCause::Transaction,
            _ => return Ending::Clean { length },
        };
        Ending::Truncated(Tail { good: self.good, length, cause })
    }

    /// How the file ends, if nothing more comes.
    ///
    /// # Errors
    /// A word whose length reaches beyond the end over whole commands: a torn end doesn't look like that, but a damaged length does. A value that
    /// holds commands itself can, if it is torn just behind one of them.
    pub fn finish(&mut self) -> Result<Ending, Malformed> {
        let ending = self.ending();
        if let (Some(Progress { at, word_bytes: Some(bytes), .. }), State::Reading) =
            (self.progress, self.state)
            && let Some(commands_at) = self.commands_from(self.start + at)
        {
            let reason = Fault::LengthOverCommands { bytes: bytes as u64, commands_at };
            return Err(Malformed { offset: self.offset + (self.start + at) as u64, reason });
        }
        Ok(ending)
    }

    /// Looks for commands that follow each other from somewhere to the end, and gives the first one's place in the file. O(n).
    fn commands_from(&mut self, mut from: usize) -> Option<u64> {
        const BEFORE: &[u8] = b"\r\n*";
        let buffer = std::mem::take(&mut self.buffer);
        let mut probe = Self { buffer, ..Self::new(self.offset, self.limits) };
        let found = loop {
            let rest = probe.buffer.get(from..).unwrap_or_default();
            let Some(place) = memmem::find(rest, BEFORE) else { break None };
            let at = from + place + BEFORE.len() - 1;
            let buffer = std::mem::take(&mut probe.buffer);
            probe = Self { buffer, start: at, ..Self::new(self.offset, self.limits) };
            let mut commands = 0;
            while let Ok(Step::Command { .. } | Step::Annotation { .. }) = probe.advance() {
                commands += 1;
            }
            if commands > 0 && matches!((probe.state, probe.ending()), (State::Reading, Ending::Clean { .. }))
            {
                break Some(self.offset + at as u64);
            }
            // A command that isn't whole, or what isn't one, begins at `start`.
            from = at.max(probe.start);
        };
        self.buffer = probe.buffer;
        found
    }

    /// Where an open transaction begins, if there is one.
    pub(crate) fn transaction(&self) -> Option<u64> {
        self.transaction
    }

    pub(crate) fn advance(&mut self) -> Result<Step, Malformed> {
        self.drop_given();
        match self.state {
            State::Reading => {}
            State::Zeros(fault) => return self.pass_zeros(fault),
            State::Failed(fault) => return Err(fault),
        }
        let step = match self.parse() {
            Ok(None) => return Ok(Step::Wanting),
            Ok(Some(step)) => self.track(step),
            Err(fault) => Err(fault),
        };
        match step {
            Ok(step) => {
                if let Step::Command { end, .. } | Step::Annotation { end } = step {
                    self.given = end;
                }
                Ok(step)
            }
            Err((place, reason)) => self.fail(place, reason),
        }
    }

    pub(crate) fn record(&self, step: Step) -> Option<Record<'_>> {
        let start = self.offset + self.start as u64;
        let bytes = self.buffer.get(self.start..).unwrap_or_default();
        match step {
            Step::Wanting => None,
            Step::Command { end, in_transaction } => {
                let words = Words { bytes, places: &self.words };
                Some(Record::Command(Command { words, start, end: start + end as u64, in_transaction }))
            }
            Step::Annotation { end } => {
                let line = bytes.get(1..end).unwrap_or_default();
                let text = line.strip_suffix(b"\n").unwrap_or(line);
                let text = text.strip_suffix(b"\r").unwrap_or(text);
                Some(Record::Annotation(Annotation { text, start, end: start + end as u64 }))
            }
        }
    }

    fn drop_given(&mut self) {
        self.start += std::mem::take(&mut self.given);
    }

    fn byte(&self, place: usize) -> Option<u8> {
        self.buffer.get(self.start + place).copied()
    }

    fn parse(&mut self) -> Partly<Step> {
        let mut progress = match (self.progress, self.byte(0)) {
            (Some(progress), _) => progress,
            (None, None) => return Ok(None),
            (None, Some(b'#')) => return self.annotation(),
            (None, Some(b'*')) => match self.count()? {
                Some(progress) => progress,
                None => return Ok(None),
            },
            (None, Some(_)) => return Err((0, Fault::NoCommand)),
        };
        while progress.words_left > 0 {
            let moved = self.word(&mut progress);
            self.progress = Some(progress);
            if moved?.is_none() {
                return Ok(None);
            }
        }
        self.progress = None;
        Ok(Some(Step::Command { end: progress.at, in_transaction: self.transaction.is_some() }))
    }

    /// The first line of a command.
    fn count(&mut self) -> Partly<Progress> {
        let Some((words_left, at)) = self.number(1)? else { return Ok(None) };
        if words_left == 0 || words_left > self.limits.words_max as u64 {
            return Err((1, Fault::WordCount(words_left)));
        }
        self.words.clear();
        Ok(Some(Progress { at, words_left, word_bytes: None }))
    }

    /// One word, or its first line.
    fn word(&mut self, progress: &mut Progress) -> Partly<()> {
        let bytes = match progress.word_bytes {
            Some(bytes) => bytes,
            None => {
                match self.byte(progress.at) {
                    Some(b'$') => {}
                    Some(_) => return Err((progress.at, Fault::NoWord)),
                    None => return Ok(None),
                }
                let Some((length, at)) = self.number(progress.at + 1)? else { return Ok(None) };
                let bytes = usize::try_from(length).ok().filter(|bytes| *bytes <= self.limits.word_bytes_max);
                let bytes = bytes.ok_or((progress.at + 1, Fault::WordLength(length)))?;
                if (at as u64).saturating_add(length) > self.limits.command_bytes_max {
                    return Err((progress.at + 1, Fault::CommandLength(self.limits.command_bytes_max)));
                }
                progress.at = at;
                *progress.word_bytes.insert(bytes)
            }
        };
        let end = progress.at + bytes;
        if self.line_end(end)?.is_none() {
            return Ok(None);
        }
        self.words.push(progress.at..end);
        *progress = Progress { at: end + 2, words_left: progress.words_left - 1, word_bytes: None };
        Ok(Some(()))
    }

    /// Digits and a line's end; gives the number and the place behind.
    fn number(&self, start: usize) -> Partly<(u64, usize)> {
        let mut number = 0u64;
        let mut at = start;
        loop {
            match self.byte(at) {
                Some(digit @ b'0'..=b'9') if at - start < DIGITS_MAX => {
                    number = number * 10 + u64::from(digit - b'0');
                }
                Some(b'\r') if at > start => break,
                Some(_) => return Err((at, Fault::NoNumber)),
                None => return Ok(None),
            }
            at += 1;
        }
        Ok(self.line_end(at)?.map(|()| (number, at + 2)))
    }

    fn line_end(&self, place: usize) -> Partly<()> {
        for (place, expected) in [(place, b'\r'), (place + 1, b'\n')] {
            match self.byte(place) {
                Some(byte) if byte == expected => {}
                Some(_) => return Err((place, Fault::NoLineEnd)),
                None => return Ok(None),
            }
        }
        Ok(Some(()))
    }

    fn annotation(&self) -> Partly<Step> {
        let bytes = self.buffer.get(self.start..).unwrap_or_default();
        let line = bytes.get(..bytes.len().min(ANNOTATION_BYTES_MAX)).unwrap_or_default();
        // No line holds a zero byte, so one stands where the line was torn.
        match memchr::memchr2(b'\n', 0, line) {
            Some(zero) if line.get(zero) == Some(&0) => Err((zero, Fault::NoLineEnd)),
            Some(end) => Ok(Some(Step::Annotation { end: end + 1 })),
            None if line.len() == ANNOTATION_BYTES_MAX => Err((0, Fault::AnnotationLength)),
            None => Ok(None),
        }
    }

    /// Notices where transactions begin and end.
    fn track(&mut self, step: Step) -> Result<Step, (usize, Fault)> {
        let start = self.offset + self.start as u64;
        let (end, step) = match step {
            Step::Command { end, .. } => {
                let was_open = self.transaction.is_some();
                match self.only_word() {
                    Some(word) if word.eq_ignore_ascii_case(b"MULTI") => match self.transaction {
                        Some(_) => return Err((0, Fault::NestedMulti)),
                        None => self.transaction = Some(start),
                    },
                    Some(word) if word.eq_ignore_ascii_case(b"EXEC") => {
                        self.transaction.take().ok_or((0, Fault::ExecWithoutMulti))?;
                    }
                    _ => {}
                }
                let in_transaction = was_open || self.transaction.is_some();
                (end, Step::Command { end, in_transaction })
            }
            Step::Annotation { end } => (end, step),
            Step::Wanting => return Ok(step),
        };
        if self.transaction.is_none() {
            self.good = start + end as u64;
        }
        Ok(step)
    }

    /// The word of a command that has no other.
    fn only_word(&self) -> Option<&[u8]> {
        let [place] = self.words.as_slice() else { return None };
        self.buffer.get(self.start..)?.get(place.clone())
    }

    fn fail(&mut self, place: usize, reason: Fault) -> Result<Step, Malformed> {
        let fault = Malformed { offset: self.offset + (self.start + place) as u64, reason };
        if self.byte(place) == Some(0) {
            self.start += place;
            self.state = State::Zeros(fault);
            return self.pass_zeros(fault);
        }
        self.state = State::Failed(fault);
        Err(fault)
    }

    fn pass_zeros(&mut self, fault: Malformed) -> Result<Step, Malformed> {
        let rest = self.buffer.get(self.start..).unwrap_or_default();
        if rest.iter().any(|byte| *byte != 0) {
            self.state = State::Failed(fault);
            return Err(fault);
        }
        self.start = self.buffer.len();
        Ok(Step::Wanting)
    }
}

#[cfg(test)]
#[path = "reader_tests.rs"]
mod tests;
