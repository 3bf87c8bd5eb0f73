//! Markdown tables that can also be read as they are.

use std::fmt;

/// Rows of text under a head.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these columns.
    pub(crate) fn new(head: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { head: head.into_iter().map(Into::into).collect(), rows: Vec::new() }
    }

    /// Add a row; missing fields stay empty.
    pub(crate) fn row(&mut self, fields: impl IntoIterator<Item = impl Into<String>>) {
        self.rows.push(fields.into_iter().map(Into::into).collect());
    }

    fn width(&self, column: usize) -> usize {
        let fields = self.rows.iter().filter_map(|row| row.get(column));
        fields.chain(self.head.get(column)).map(|field| field.chars().count()).max().unwrap_or(0).max(3)
    }

    fn line(&self, f: &mut fmt::Formatter<'_>, fields: &[String]) -> fmt::Result {
        for column in 0..self.head.len() {
            let (field, width) = (fields.get(column).map_or("", String::as_str), self.width(column));
            match column {
                0 => write!(f, "| {field:<width$} ")?,
                _ => write!(f, "| {field:>width$} ")?,
            }
        }
        writeln!(f, "|")
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.line(f, &self.head)?;
        for column in 0..self.head.len() {
            let dashes = "-".repeat(self.width(column));
            match column {
                0 => write!(f, "| {dashes} ")?,
                _ => write!(f, "| {}: ", &dashes[1..])?,
            }
        }
        writeln!(f, "|")?;
        self.rows.iter().try_for_each(|row| self.line(f, row))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up() {
        let mut table = Table::new(["what", "µs"]);
        table.row(["get", "10.25"]);
        table.row(["a longer name"]);
        let expected = "\
| what          |    µs |
| ------------- | ----: |
| get           | 10.25 |
| a longer name |       |
";
        assert_eq!(table.to_string(), expected);
    }
}
