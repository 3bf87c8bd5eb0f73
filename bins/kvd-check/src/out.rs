//! Standard output, which may be closed before everything is said.

use std::fmt;
use std::io::{self, BufWriter, Stdout, Write};

use crate::trouble::Failure;

/// Where reports go.
///
/// When the reader goes (`| head`), the rest is not said, and the work goes on: its exit code is still the answer.
#[derive(Debug)]
pub(crate) struct Out {
    /// `None` if nobody listens.
    writer: Option<BufWriter<Stdout>>,
    failure: Option<io::Error>,
}

impl Out {
    pub(crate) fn new(is_quiet: bool) -> Self {
        Self { writer: (!is_quiet).then(|| BufWriter::new(io::stdout())), failure: None }
    }

    /// Whether somebody listens.
    pub(crate) fn is_heard(&self) -> bool {
        self.writer.is_some()
    }

    /// Says a line.
    pub(crate) fn line(&mut self, line: impl fmt::Display) {
        let result = self.writer.as_mut().map_or(Ok(()), |writer| writeln!(writer, "{line}"));
        self.note(result);
    }

    /// Says all that wasn't said yet, before something is asked or at the end.
    pub(crate) fn flush(&mut self) {
        let result = self.writer.as_mut().map_or(Ok(()), Write::flush);
        self.note(result);
    }

    /// Whether everything was said to whoever listened.
    pub(crate) fn finish(&mut self) -> Result<(), Failure> {
        self.flush();
        match self.failure.take() {
            Some(source) => Err(Failure::Output(source)),
            None => Ok(()),
        }
    }

    fn note(&mut self, result: io::Result<()>) {
        let Err(error) = result else { return };
        // What is buffered would be tried again at the end.
        if let Some(writer) = self.writer.take() {
            let _ = writer.into_parts();
        }
        if error.kind() != io::ErrorKind::BrokenPipe {
            self.failure.get_or_insert(error);
        }
    }
}
