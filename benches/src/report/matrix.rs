//! The matrix of cells and contestants.

use std::fmt::Write;

use serde_json::{Value, json};

use super::column::{Column, add_rows, compared, table};
use super::stats::{Better, Series};
use super::words::{EXPLANATION, conditions, listed, machine, settings};
use super::{Output, Table, svg};
use crate::failure::Result;
use crate::options::Options;

/// What one measurement gave.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Figures {
    /// Requests per second of wall time.
    pub(crate) rate: f64,
    /// Microseconds of server CPU per request.
    pub(crate) cpu_us: f64,
    /// Latency quantiles in microseconds.
    pub(crate) p50_us: f64,
    /// The 99th percentile.
    pub(crate) p99_us: f64,
    /// The 99.9th percentile.
    pub(crate) p999_us: f64,
    /// Share of its cores' time that the server ran.
    pub(crate) server_busy: f64,
    /// Share of the time that the generator ran.
    pub(crate) generator_busy: f64,
    /// Share of its cores' time during which a thread of it could have run but others did, its own ones among them.
    pub(crate) server_waited: f64,
    /// The generator was the bottleneck: the rate says nothing about the server.
    pub(crate) generator_bound: bool,
}

/// A server kept from its core for more than this share of the time was not measured undisturbed, be it by other processes or by threads
/// of its own.
const WAITED_MAX: f64 = 0.05;

/// A figure that gets a table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Metric {
    title: &'static str,
    better: Better,
    pub(super) of: fn(&Figures) -> f64,
    /// Whether a slow generator spoils it.
    spoiled: bool,
}

/// All that are reported, the steadiest first.
pub(super) const METRICS: [Metric; 5] = [
    metric("Server CPU per request, µs", Better::Less, |figures| figures.cpu_us, false),
    metric("Requests per second", Better::More, |figures| figures.rate, true),
    metric("Latency, median, µs", Better::Less, |figures| figures.p50_us, true),
    metric("Latency, 99 %, µs", Better::Less, |figures| figures.p99_us, true),
    metric("Latency, 99.9 %, µs", Better::Less, |figures| figures.p999_us, true),
];

const fn metric(title: &'static str, better: Better, of: fn(&Figures) -> f64, spoiled: bool) -> Metric {
    Metric { title, better, of, spoiled }
}

/// Every figure of every round.
#[derive(Debug)]
pub(crate) struct Matrix {
    cells: Vec<(String, usize)>,
    columns: Vec<Column>,
    notes: Vec<String>,
    /// By cell, by contestant, by round.
    figures: Vec<Vec<Vec<Figures>>>,
    /// Bytes of resident memory per key, by contestant.
    memory: Vec<Series>,
}

impl Matrix {
    /// An empty matrix of named cells and these columns, and notes for the end.
    pub(crate) fn new(cells: Vec<(String, usize)>, columns: Vec<Column>, notes: Vec<String>) -> Self {
        let figures = vec![vec![Vec::new(); columns.len()]; cells.len()];
        let memory = vec![Series::default(); columns.len()];
        Self { cells, columns, notes, figures, memory }
    }

    /// Add a round's measurement.
    pub(crate) fn add(&mut self, cell: usize, contestant: usize, figures: Figures) {
        self.figures[cell][contestant].push(figures);
    }

    /// Add a round's bytes per key.
    pub(crate) fn add_memory(&mut self, contestant: usize, bytes_per_key: f64) {
        self.memory[contestant].push(bytes_per_key);
    }

    /// How cells are called.
    pub(super) fn cell_names(&self) -> Vec<String> {
        self.cells.iter().map(|(name, pipeline)| format!("{name} P{pipeline}")).collect()
    }

    /// How contestants are called.
    pub(super) fn labels(&self) -> Vec<String> {
        self.columns.iter().map(Column::label).collect()
    }

    /// One metric of one cell, by contestant.
    pub(super) fn series(&self, metric: Metric, cell: usize) -> Vec<Series> {
        let one = |rounds: &Vec<Figures>| {
            let mut series = Series::default();
            rounds.iter().for_each(|figures| series.push((metric.of)(figures)));
            series
        };
        self.figures[cell].iter().map(one).collect()
    }

    /// Whether the generator was the bottleneck in half of the rounds or more.
    fn generator_bound(&self, cell: usize, contestant: usize) -> bool {
        let rounds = &self.figures[cell][contestant];
        2 * rounds.iter().filter(|figures| figures.generator_bound).count() >= rounds.len().max(1)
    }

    /// What a reader must know before believing a rate or a latency.
    fn mark(&self, cell: usize, contestant: usize) -> &'static str {
        let rounds = &self.figures[cell][contestant];
        let disturbed = rounds.iter().filter(|figures| figures.server_waited > WAITED_MAX).count();
        match 2 * disturbed >= rounds.len().max(1) {
            _ if self.generator_bound(cell, contestant) => " !",
            true => " ~",
            false => "",
        }
    }

    fn table(&self, metric: Metric) -> Table {
        let mut table = table(&self.columns);
        for (cell, name) in self.cell_names().into_iter().enumerate() {
            let mut fields = compared(&self.series(metric, cell), &self.columns, metric.better);
            for (contestant, field) in fields.iter_mut().enumerate() {
                if metric.spoiled {
                    field.push_str(self.mark(cell, contestant));
                }
            }
            add_rows(&mut table, &name, &fields, &self.columns);
        }
        table
    }

    fn markdown(&self, options: &Options) -> String {
        let load =
            options.rate.map_or_else(|| "closed loop".into(), |rate| format!("open loop, {rate} requests/s"));
        let load = format!(
            "{} keys, {} drawn, {load}, {} s each",
            options.keys, options.distribution, options.seconds
        );
        let mut text = conditions(options, &load);
        for metric in METRICS {
            let _ = write!(text, "\n### {}\n\n{}", metric.title, self.table(metric));
        }
        let mut memory = table(&self.columns);
        let fields = compared(&self.memory, &self.columns, Better::Less);
        add_rows(&mut memory, "RSS per key", &fields, &self.columns);
        let _ = write!(text, "\n### Memory, bytes\n\n{memory}");
        text + EXPLANATION
            + " `!`: the generator was the bottleneck; `~`: the server waited for its core for more than 5 % of the \
               time; go by the CPU per request.\n"
            + &listed(&self.notes)
    }

    fn json(&self, options: &Options) -> Value {
        let mut results = Vec::new();
        for (cell, (workload, pipeline)) in self.cells.iter().enumerate() {
            for (contestant, Column { server, peer, variant_name, .. }) in self.columns.iter().enumerate() {
                let rounds: Vec<Value> = self.figures[cell][contestant].iter().map(figures_json).collect();
                let bound = self.generator_bound(cell, contestant);
                results.push(json!({
                    "workload": workload, "pipeline": pipeline, "server": server, "variant": variant_name, "peer": peer,
                    "generator_bound": bound, "rounds": rounds,
                }));
            }
        }
        let of = |(Column { server, variant_name, .. }, series): (&Column, &Series)| json!({ "server": server, "variant": variant_name, "rss_per_key": series.values() });
        let memory: Vec<Value> = self.columns.iter().zip(&self.memory).map(of).collect();
        json!({ "machine": machine(), "settings": settings(options), "notes": self.notes, "results": results, "memory": memory })
    }
}

/// Print and write the report.
pub(crate) fn write_matrix(options: &Options, matrix: &Matrix) -> Result<()> {
    let (markdown, json) = (matrix.markdown(options), matrix.json(options));
    Output { mode: "matrix", markdown, json, svg: Some(svg::draw(matrix)) }.deliver(options)
}

fn figures_json(figures: &Figures) -> Value {
    json!({
        "rate": figures.rate, "cpu_us": figures.cpu_us,
        "p50_us": figures.p50_us, "p99_us": figures.p99_us, "p999_us": figures.p999_us,
        "server_busy": figures.server_busy, "generator_busy": figures.generator_busy,
        "server_waited": figures.server_waited, "generator_bound": figures.generator_bound,
    })
}

#[cfg(test)]
#[path = "matrix_tests.rs"]
mod tests;
