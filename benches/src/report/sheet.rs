//! A report of rows: one figure each, beside one another for all contestants.

use std::fmt::Write;

use serde_json::{Value, json};

use super::Output;
use super::column::{Column, add_rows, compared, table};
use super::stats::{Better, Series};
use super::words::{EXPLANATION, conditions, listed, machine, settings};
use crate::failure::Result;
use crate::options::Options;

/// Rows in the order of their first figure.
#[derive(Debug)]
pub(crate) struct Sheet {
    mode: &'static str,
    columns: Vec<Column>,
    notes: Vec<String>,
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    name: String,
    better: Better,
    /// By contestant.
    series: Vec<Series>,
}

impl Sheet {
    /// An empty sheet with these columns, and notes for the end.
    pub(crate) fn new(mode: &'static str, columns: Vec<Column>, notes: Vec<String>) -> Self {
        Self { mode, columns, notes, rows: Vec::new() }
    }

    /// Add a round's figure to the row `name`, in which less is better.
    pub(crate) fn cost(&mut self, contestant: usize, name: &str, value: f64) {
        self.add(contestant, name, Better::Less, value);
    }

    /// Add a round's figure to the row `name`, in which more is better.
    pub(crate) fn gain(&mut self, contestant: usize, name: &str, value: f64) {
        self.add(contestant, name, Better::More, value);
    }

    /// Add a remark for the end; printed at once as well.
    pub(crate) fn note(&mut self, contestant: usize, text: &str) {
        let note = format!("{}: {text}", self.columns[contestant].label());
        eprintln!("{note}");
        self.notes.push(note);
    }

    /// Print and write the report; `load` says what was done.
    pub(crate) fn write(&self, options: &Options, load: &str) -> Result<()> {
        let markdown = self.markdown(options, load);
        Output { mode: self.mode, markdown, json: self.json(options), svg: None }.deliver(options)
    }

    fn add(&mut self, contestant: usize, name: &str, better: Better, value: f64) {
        let at = self.rows.iter().position(|row| row.name == name).unwrap_or_else(|| {
            let series = vec![Series::default(); self.columns.len()];
            self.rows.push(Row { name: name.to_owned(), better, series });
            self.rows.len() - 1
        });
        self.rows[at].series[contestant].push(value);
    }

    fn markdown(&self, options: &Options, load: &str) -> String {
        let mut table = table(&self.columns);
        for row in &self.rows {
            let fields = compared(&row.series, &self.columns, row.better);
            add_rows(&mut table, &row.name, &fields, &self.columns);
        }
        let mut text = conditions(options, load);
        let _ = write!(text, "\n{table}{EXPLANATION}\n{}", listed(&self.notes));
        text
    }

    fn json(&self, options: &Options) -> Value {
        let mut results = Vec::new();
        for row in &self.rows {
            for (contestant, series) in row.series.iter().enumerate() {
                let Column { server, peer, variant_name, .. } = &self.columns[contestant];
                results.push(json!({
                    "figure": row.name, "server": server, "variant": variant_name, "peer": peer, "rounds": series.values(),
                }));
            }
        }
        json!({ "machine": machine(), "settings": settings(options), "notes": self.notes, "results": results })
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[test]
    fn rows_stand_in_the_order_of_their_first_figure() {
        let options = Options::try_parse_from(["versus"]).expect("defaults");
        let columns = vec![Column::plain("kvd", false), Column::plain("peer", true)];
        let mut sheet = Sheet::new("memory", columns, Vec::new());
        sheet.cost(0, "bytes", 50.0);
        sheet.gain(1, "rate", 10.0);
        sheet.cost(1, "bytes", 100.0);
        sheet.gain(0, "rate", 30.0);
        let text = sheet.markdown(&options, "filled");
        let lines: Vec<&str> = text.lines().filter(|line| line.starts_with("| ")).collect();
        assert_eq!(lines[2], "| bytes | 50.0 ±0 % (2.00×) |  100 ±0 % (1.00×) |");
        assert_eq!(lines[3], "| rate  | 30.0 ±0 % (3.00×) | 10.0 ±0 % (1.00×) |");
        assert_eq!(sheet.json(&options)["results"][3]["rounds"][0], 10.0);
    }
}
