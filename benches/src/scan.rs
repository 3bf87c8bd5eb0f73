//! Counts replies in a stream of bytes, without decoding them.
//!
//! The generator needs to know how many replies have arrived and whether any was an error or a null; nothing else of a
//! reply is looked at, and nothing is copied. All types of RESP2 and RESP3 that servers send are understood. The scanner stops
//! anywhere, so bytes may come in pieces of any size.
//!
//! There is no stack for nested replies: one number says how many elements are still owed to the reply at hand. A
//! scalar pays one, an aggregate of n pays one and owes n, an attribute of n pairs pays nothing and owes 2n.
//!
//! ```text
//!     *2 $3 foo *1 :7       owed: 1 → 2 → 1 → 1 → 0: one reply
//! ```

/// Longest string and largest aggregate that is taken for real; beyond it the stream is held to be out of step.
const LENGTH_MAX: u64 = 1 << 32;
/// How much of the first error's text is kept.
const ERROR_TEXT_MAX: usize = 200;

/// What arrived so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Whole replies, pushes not counted.
    pub(crate) replies: u64,
    /// Error replies, those inside of aggregates too.
    pub(crate) errors: u64,
    /// Null replies, those inside of aggregates too: the misses of a GET.
    pub(crate) nulls: u64,
    /// Out-of-band messages.
    pub(crate) pushes: u64,
}

/// The stream is not RESP, or the scanner lost its place in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Fault {
    /// A byte that starts no reply.
    #[error("byte 0x{0:02x} starts no reply")]
    Type(u8),
    /// A byte that belongs to no length.
    #[error("byte 0x{0:02x} in a length")]
    Length(u8),
    /// A length beyond any that a server sends.
    #[error("a length of more than {LENGTH_MAX}")]
    TooLong,
}

/// Where in a reply the next byte belongs.
#[derive(Debug, Clone, Copy)]
enum State {
    /// The byte that names the type.
    Type,
    /// The rest of a line whose content doesn't matter.
    Line,
    /// The rest of a line that is an error's text.
    ErrorLine,
    /// The digits behind the type byte `of`.
    Length { of: u8, value: u64, negative: bool },
    /// So many bytes of a string, its CRLF included.
    Body { left: u64 },
    /// The same of a RESP3 bulk error.
    ErrorBody { left: u64 },
}

/// The state between two pieces of a stream.
#[derive(Debug, Clone)]
pub(crate) struct Scanner {
    state: State,
    /// Elements that the reply at hand still lacks; 0 between replies.
    owed: u64,
    in_push: bool,
    counts: Counts,
    error_text: Vec<u8>,
}

impl Scanner {
    /// A scanner before the first byte.
    pub(crate) fn new() -> Self {
        Self {
            state: State::Type,
            owed: 0,
            in_push: false,
            counts: Counts::default(),
            error_text: Vec::new(),
        }
    }

    /// What arrived since the beginning.
    pub(crate) fn counts(&self) -> &Counts {
        &self.counts
    }

    /// The text of the first error, shortened, if one arrived.
    pub(crate) fn first_error(&self) -> Option<String> {
        (!self.error_text.is_empty())
            .then(|| String::from_utf8_lossy(self.error_text.trim_ascii_end()).into_owned())
    }

    /// Take the next piece; returns how many replies it completed.
    ///
    /// # Errors
    /// [`Fault`] when the bytes are no RESP. The scanner is of no use afterwards.
    pub(crate) fn feed(&mut self, mut bytes: &[u8]) -> Result<u64, Fault> {
        let before = self.counts.replies;
        while let Some((&first, rest)) = bytes.split_first() {
            bytes = match self.state {
                State::Type => {
                    self.begin(first)?;
                    rest
                }
                State::Line => self.line(bytes),
                State::ErrorLine => self.error_line(bytes),
                State::Length { of, value, negative } => {
                    self.length(first, of, value, negative)?;
                    rest
                }
                State::Body { left } => self.body(bytes, left, State::body),
                State::ErrorBody { left } => {
                    self.keep_error_text(&bytes[..clamp(left, bytes.len())]);
                    self.body(bytes, left, State::error_body)
                }
            };
        }
        Ok(self.counts.replies - before)
    }

    fn begin(&mut self, byte: u8) -> Result<(), Fault> {
        if self.owed == 0 {
            self.owed = 1;
            self.in_push = byte == b'>';
        }
        self.state = match byte {
            b'+' | b':' | b',' | b'#' | b'(' => State::Line,
            b'_' => {
                self.counts.nulls += 1;
                State::Line
            }
            b'-' => {
                self.counts.errors += 1;
                State::ErrorLine
            }
            b'$' | b'*' | b'%' | b'~' | b'>' | b'=' | b'!' | b'|' => {
                State::Length { of: byte, value: 0, negative: false }
            }
            other => return Err(Fault::Type(other)),
        };
        Ok(())
    }

    fn line<'b>(&mut self, bytes: &'b [u8]) -> &'b [u8] {
        // Lines are short (`+OK`, `:1`): a plain loop beats a vectorised search.
        match bytes.iter().position(|&byte| byte == b'\n') {
            Some(at) => {
                self.pay();
                &bytes[at + 1..]
            }
            None => &[],
        }
    }

    fn error_line<'b>(&mut self, bytes: &'b [u8]) -> &'b [u8] {
        let end = bytes.iter().position(|&byte| byte == b'\n').unwrap_or(bytes.len());
        self.keep_error_text(&bytes[..end]);
        self.line(bytes)
    }

    /// Keep the text of the first error only: everything while it is the one error seen.
    fn keep_error_text(&mut self, text: &[u8]) {
        if self.counts.errors == 1 && self.error_text.len() < ERROR_TEXT_MAX {
            let room = ERROR_TEXT_MAX - self.error_text.len();
            self.error_text.extend_from_slice(&text[..text.len().min(room)]);
        }
    }

    fn length(&mut self, byte: u8, of: u8, value: u64, negative: bool) -> Result<(), Fault> {
        match byte {
            b'0'..=b'9' => {
                let value = value * 10 + u64::from(byte - b'0');
                if value > LENGTH_MAX {
                    return Err(Fault::TooLong);
                }
                self.state = State::Length { of, value, negative };
            }
            b'-' => self.state = State::Length { of, value, negative: true },
            b'\r' => {}
            b'\n' if negative => {
                self.counts.nulls += 1;
                self.pay();
            }
            b'\n' => self.open(of, value)?,
            other => return Err(Fault::Length(other)),
        }
        Ok(())
    }

    /// A header is complete: what follows it?
    fn open(&mut self, of: u8, length: u64) -> Result<(), Fault> {
        match of {
            b'$' | b'=' => self.state = State::Body { left: length + 2 },
            b'!' => {
                self.counts.errors += 1;
                self.state = State::ErrorBody { left: length + 2 };
            }
            b'|' => {
                self.owe(length * 2)?;
                self.state = State::Type;
            }
            b'%' => {
                self.owe(length * 2)?;
                self.pay();
            }
            _ => {
                self.owe(length)?;
                self.pay();
            }
        }
        Ok(())
    }

    fn body<'b>(&mut self, bytes: &'b [u8], left: u64, rest: fn(u64) -> State) -> &'b [u8] {
        let taken = clamp(left, bytes.len());
        self.state = rest(left - taken as u64);
        if taken as u64 == left {
            self.pay();
        }
        &bytes[taken..]
    }

    fn owe(&mut self, elements: u64) -> Result<(), Fault> {
        self.owed =
            self.owed.checked_add(elements).filter(|&owed| owed <= 4 * LENGTH_MAX).ok_or(Fault::TooLong)?;
        Ok(())
    }

    /// One element is complete.
    fn pay(&mut self) {
        self.state = State::Type;
        self.owed -= 1;
        if self.owed == 0 {
            if self.in_push {
                self.counts.pushes += 1;
            } else {
                self.counts.replies += 1;
            }
        }
    }
}

impl State {
    fn body(left: u64) -> Self {
        Self::Body { left }
    }

    fn error_body(left: u64) -> Self {
        Self::ErrorBody { left }
    }
}

/// The part of `left` that `available` bytes can satisfy.
fn clamp(left: u64, available: usize) -> usize {
    usize::try_from(left).unwrap_or(usize::MAX).min(available)
}

#[cfg(test)]
#[path = "scan_tests.rs"]
mod tests;
