//! The text of INFO, as it grows.

use std::fmt::{Display, Write};

/// Sections of fields.
#[derive(Default)]
pub(super) struct Report {
    text: String,
}

impl Report {
    /// Begins a section.
    pub(super) fn begin(&mut self, title: &str) {
        let gap = if self.text.is_empty() { "" } else { "\r\n" };
        self.text.extend([gap, "# ", title, "\r\n"]);
    }

    /// Adds a field to the section.
    pub(super) fn field(&mut self, name: impl Display, value: impl Display) {
        write!(self.text, "{name}:{value}\r\n").expect("a String takes all text");
    }

    /// Adds a number of bytes, and the same for people.
    pub(super) fn bytes(&mut self, name: &str, bytes: u64) {
        self.field(name, bytes);
        self.field(format_args!("{name}_human"), human(bytes));
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }
}

/// Bytes with a unit: `1.50K`.
fn human(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["K", "M", "G", "T", "P", "E"];
    if bytes < 1024 {
        return format!("{bytes}B");
    }
    let (mut amount, mut unit) = (bytes as f64 / 1024.0, UNITS[0]);
    for larger in &UNITS[1..] {
        if amount < 1024.0 {
            break;
        }
        (amount, unit) = (amount / 1024.0, larger);
    }
    format!("{amount:.2}{unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_for_people_have_a_unit() {
        let shown: Vec<String> = [0, 1023, 1024, 694_136, 1 << 20, 25_276_510_208].map(human).into();
        assert_eq!(shown, ["0B", "1023B", "1.00K", "677.87K", "1.00M", "23.54G"]);
    }

    #[test]
    fn sections_are_a_blank_line_apart() {
        let mut report = Report::default();
        report.begin("One");
        report.field("a", 1);
        report.begin("Two");
        assert_eq!(report.text(), "# One\r\na:1\r\n\r\n# Two\r\n");
    }
}
