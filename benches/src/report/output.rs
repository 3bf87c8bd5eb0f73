//! Where reports go: the terminal, and files if asked for.

use std::fs;
use std::io::Write;

use serde_json::Value;

use crate::failure::{Attempt, Result};
use crate::options::Options;

/// A finished report in its forms.
#[derive(Debug)]
pub(crate) struct Output {
    /// The default name of the files.
    pub(crate) mode: &'static str,
    /// For people.
    pub(crate) markdown: String,
    /// For programs: every figure of every round.
    pub(crate) json: Value,
    /// For a page.
    pub(crate) svg: Option<String>,
}

impl Output {
    /// Write all forms if a folder was named; print the markdown.
    pub(crate) fn deliver(&self, options: &Options) -> Result<()> {
        self.write(options)?;
        std::io::stdout().write_all(self.markdown.as_bytes()).attempt(|| "print the report".into())
    }

    fn write(&self, options: &Options) -> Result<()> {
        let Some(folder) = &options.out else { return Ok(()) };
        fs::create_dir_all(folder).attempt(|| format!("create {}", folder.display()))?;
        let name = options.name.as_deref().unwrap_or(self.mode);
        let json = format!("{:#}\n", self.json);
        let forms = [("md", Some(&self.markdown)), ("json", Some(&json)), ("svg", self.svg.as_ref())];
        for (extension, text) in forms {
            let Some(text) = text else { continue };
            let path = folder.join(format!("{name}.{extension}"));
            fs::write(&path, text).attempt(|| format!("write {}", path.display()))?;
            eprintln!("wrote {}", path.display());
        }
        Ok(())
    }
}
