//! Running the program.

use std::ffi::OsStr;
use std::io::Write;
use std::process::{Command, Stdio};

/// What became of a run.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

pub(crate) fn command() -> Command {
    Command::new(env!("CARGO_BIN_EXE_kvd-check"))
}

/// Runs it to its end, which must be one of its own making.
pub(crate) fn run<W: AsRef<OsStr>>(words: &[W]) -> Ran {
    run_with(words, b"")
}

/// The same with something on standard input.
pub(crate) fn run_with<W: AsRef<OsStr>>(words: &[W], input: &[u8]) -> Ran {
    let mut command = command();
    command.args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // It may end before it has read everything.
    let _ = child.stdin.take().unwrap().write_all(input);
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let ran =
        Ran { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) };
    assert!((0..=2).contains(&ran.code) && !ran.err.contains("panicked"), "{ran:?}");
    ran
}

impl Ran {
    /// Makes sure of the exit code.
    pub(crate) fn ended(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:?}");
        self
    }

    /// Makes sure that standard output says this.
    pub(crate) fn says(self, text: &str) -> Self {
        assert!(self.out.contains(text), "'{text}' is not in\n{}{}", self.out, self.err);
        self
    }

    /// Makes sure that standard error says this.
    pub(crate) fn warns(self, text: &str) -> Self {
        assert!(self.err.contains(text), "'{text}' is not in\n{}", self.err);
        self
    }
}
