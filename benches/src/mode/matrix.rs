//! Throughput, CPU and latency for each cell: a workload at a pipeline depth.
//!
//! Every round starts all servers anew and fills them; they then stand idle side by side while one at a time is measured.
//! Within a round each cell is measured on all servers in turn, A B C D and the next time D C B A, so what changes on the
//! machine over seconds hits all of them, and a fresh process each round averages over the luck of its memory layout.

use super::field::Field;
use crate::clock::SECOND_NS;
use crate::failure::{Failure, Result};
use crate::load::{Load, Plan};
use crate::options::Options;
use crate::report::{Figures, Matrix, write_matrix};
use crate::server::Server;
use crate::template::Workload;

/// A generator busier than this, beside a server less busy than that, was what limited the rate.
const GENERATOR_BUSY_MIN: f64 = 0.97;
const SERVER_BUSY_MAX: f64 = 0.95;
/// An open loop that sent less than this share of what was asked for.
const RATE_KEPT_MIN: f64 = 0.99;

/// One thing to measure.
#[derive(Debug)]
struct Cell {
    workload: Workload,
    pipeline: usize,
}

/// Measure the matrix and report it.
pub(super) fn run(options: &Options) -> Result<()> {
    let cells = cells(options)?;
    let field = Field::gather(options)?;
    let names = cells.iter().map(|cell| (cell.workload.name.clone(), cell.pipeline)).collect();
    let mut matrix = Matrix::new(names, field.columns.clone(), field.notes.clone());
    for round in 0..options.rounds.max(1) {
        eprintln!("round {} of {}", round + 1, options.rounds.max(1));
        one_round(options, &field, &cells, round, &mut matrix)?;
    }
    write_matrix(options, &matrix)
}

fn cells(options: &Options) -> Result<Vec<Cell>> {
    let cell = |(name, pipeline): (&str, usize)| match options.workload(name) {
        Some(workload) => Ok(Cell { workload, pipeline }),
        None => Err(Failure::Usage(format!("no workload is called {name}"))),
    };
    let expanded = options
        .cells
        .iter()
        .flat_map(|(name, pipeline)| Workload::expand(name).into_iter().map(|name| (name, *pipeline)));
    expanded.map(cell).collect()
}

fn one_round(
    options: &Options,
    field: &Field<'_>,
    cells: &[Cell],
    round: usize,
    matrix: &mut Matrix,
) -> Result<()> {
    let mut servers = Vec::new();
    for index in 0..field.contestants.len() {
        let server = field.start(index)?;
        let empty = server.rss_bytes()?;
        field.fill(&server, options.keys, false)?;
        let grown = server.rss_bytes()?.saturating_sub(empty);
        matrix.add_memory(index, grown as f64 / options.keys as f64);
        field.fill_for(&server, cells.iter().map(|cell| &cell.workload))?;
        servers.push(server);
    }
    for (number, cell) in cells.iter().enumerate() {
        for index in field.order(round + number) {
            let figures = measure(options, cell, &servers[index], field.cores(index).len(), round)?;
            matrix.add(number, index, figures);
        }
    }
    Ok(())
}

fn measure(options: &Options, cell: &Cell, server: &Server, cores: usize, round: usize) -> Result<Figures> {
    let mut load = Load::connect(Plan {
        workload: &cell.workload,
        port: server.port(),
        connections: options.connections_for(cell.pipeline),
        pipeline: cell.pipeline,
        keys: options.keys,
        distribution: options.distribution,
        value_bytes: options.value_bytes,
        pace: options.pace(),
        seed: options.seed.wrapping_add(round as u64),
    })?;
    load.run_for(nanoseconds(options.warmup))?;
    let before = server.run_time()?;
    let tally = load.run_for(nanoseconds(options.seconds))?;
    let spent = server.run_time()? - before;
    load.finish()?;
    let core_ns = tally.elapsed_ns.max(1) as f64 * cores as f64;
    let (server_busy, server_waited) = (spent.cpu_ns as f64 / core_ns, spent.waiting_ns as f64 / core_ns);
    let generator_bound = match options.rate {
        // It spins, so its CPU says nothing; whether it kept the rate does.
        Some(rate) => tally.rate() < RATE_KEPT_MIN * rate as f64 && server_busy < SERVER_BUSY_MAX,
        None => tally.generator_busy() > GENERATOR_BUSY_MIN && server_busy < SERVER_BUSY_MAX,
    };
    let quantile_us = |quantile| tally.latency.value_at_quantile(quantile) as f64 / 1000.0;
    Ok(Figures {
        rate: tally.rate(),
        cpu_us: spent.cpu_ns as f64 / 1000.0 / tally.replies.max(1) as f64,
        p50_us: quantile_us(0.5),
        p99_us: quantile_us(0.99),
        p999_us: quantile_us(0.999),
        server_busy,
        generator_busy: tally.generator_busy(),
        server_waited,
        generator_bound,
    })
}

fn nanoseconds(seconds: f64) -> u64 {
    (seconds.max(0.0) * SECOND_NS as f64) as u64
}
