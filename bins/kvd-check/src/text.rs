//! How keys, times and tables are shown and read.

use std::fmt;

use jiff::Timestamp;
use rdb::{Element, TextBuffer};

/// Bytes of a text that are shown.
const SHOWN_BYTES_MAX: usize = 200;

/// A key or value in quotes, a long one cut.
pub(crate) struct Shown<'a>(pub(crate) &'a [u8]);

/// An element likewise.
pub(crate) struct ShownElement<'a>(pub(crate) Element<'a>);

/// A time in milliseconds since 1970.
pub(crate) struct Time(pub(crate) i64);

/// Rows under headings, each column as wide as its widest cell.
#[derive(Debug)]
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
    /// How many columns stand to the left; numbers stand to the right.
    left: usize,
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.get(..SHOWN_BYTES_MAX) {
            Some(front) if self.0.len() > SHOWN_BYTES_MAX => {
                write!(f, "{}… ({} bytes)", resp::quote(front), self.0.len())
            }
            _ => f.write_str(&resp::quote(self.0)),
        }
    }
}

impl fmt::Display for ShownElement<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Shown(self.0.text(&mut TextBuffer::new())).fmt(f)
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Timestamp::from_millisecond(self.0) {
            Ok(time) => write!(f, "{time}"),
            Err(_) => write!(f, "{} ms since 1970", self.0),
        }
    }
}

impl Table {
    /// A table whose first `left` columns are words.
    pub(crate) fn new(left: usize, headings: &[&str]) -> Self {
        Self { rows: vec![headings.iter().map(|heading| (*heading).to_owned()).collect()], left }
    }

    pub(crate) fn row<const N: usize>(&mut self, cells: [&dyn fmt::Display; N]) {
        self.rows.push(cells.iter().map(ToString::to_string).collect());
    }

    /// The lines of the table, the headings first.
    pub(crate) fn lines(&self) -> impl Iterator<Item = String> {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(move |row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        self.rows.iter().map(move |row| {
            let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, width))| {
                if column < self.left { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
            });
            format!("  {}", cells.collect::<Vec<_>>().join("  ")).trim_end().to_owned()
        })
    }
}

/// Reads a time of the command line: seconds since 1970, or RFC 3339. A part of a second counts as its second.
pub(crate) fn parse_time(text: &str) -> Result<u64, String> {
    if let Ok(seconds) = text.parse() {
        return Ok(seconds);
    }
    let time: Timestamp = text
        .parse()
        .map_err(|_| "neither seconds since 1970 nor RFC 3339, such as 2026-11-22T03:00:00Z".to_owned())?;
    u64::try_from(time.as_second()).map_err(|_| "a time before 1970".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_and_strange_bytes_escaped() {
        assert_eq!(Shown(b"a\n\xff").to_string(), r#""a\n\xff""#);
        let long = Shown(&[b'x'; 201]).to_string();
        assert!(long.ends_with("x\"… (201 bytes)") && long.len() < 220 + "…".len(), "{long}");
    }

    #[test]
    fn times_are_read_in_both_forms() {
        assert_eq!(parse_time("1795000000"), Ok(1_795_000_000));
        assert_eq!(parse_time("1970-01-01T01:00:00+01:00"), Ok(0));
        assert_eq!(parse_time("1970-01-01T00:00:07.9Z"), Ok(7));
        assert!(parse_time("yesterday").is_err());
        assert!(parse_time("1969-01-01T00:00:00Z").is_err());
        assert_eq!(Time(1000).to_string(), "1970-01-01T00:00:01Z");
        assert_eq!(Time(i64::MAX).to_string(), "9223372036854775807 ms since 1970");
    }

    #[test]
    fn tables_are_aligned() {
        let mut table = Table::new(1, &["type", "keys"]);
        table.row([&"string", &7]);
        table.row([&"hash", &1000]);
        assert_eq!(table.lines().collect::<Vec<_>>(), ["  type    keys", "  string     7", "  hash    1000"]);
    }
}
