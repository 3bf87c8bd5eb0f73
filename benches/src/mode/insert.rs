//! The longest of many inserts: a table that grows all at once shows here and nowhere else.
//!
//! One client inserts keys in order, one batch at a time, into an empty server. Of every slow batch we subtract what
//! was not the server's doing: the time in which the probe did not run, and the time in which the server could have run
//! but another process had its core (from schedstat, read between batches). Both the raw and the net figure are reported; on
//! a quiet machine they are the same. On a noisy one look at the CPU that the server spent on a batch: a table that is moved
//! costs that, whoever else wants the core.

use hdrhistogram::Histogram;

use super::field::Field;
use crate::clock::{SECOND_NS, now_ns};
use crate::failure::Result;
use crate::keys::{Distribution, Keys};
use crate::load::{Probe, Shot, latency_histogram};
use crate::options::Options;
use crate::report::Sheet;
use crate::server::{RunTime, Server};
use crate::template::preload;

/// A batch slower than this is looked into.
const SLOW_NS: u64 = 200_000;
/// All batches of one server.
#[derive(Debug)]
struct Inserts {
    raw: Histogram<u64>,
    net: Histogram<u64>,
    /// CPU time of the server.
    cpu: Histogram<u64>,
    elapsed_ns: u64,
    longest: Longest,
}

/// The slowest batch, by its net latency.
#[derive(Debug, Clone, Copy, Default)]
struct Longest {
    net_ns: u64,
    raw_ns: u64,
    paused_ns: u64,
    server: RunTime,
    /// Keys before it.
    keys: u64,
}

/// Insert into each server, round by round, and report.
pub(super) fn run(options: &Options, inserts: u64) -> Result<()> {
    let field = Field::gather(options)?;
    let mut sheet = field.sheet("insert");
    for round in 0..options.rounds.max(1) {
        for index in field.order(round) {
            let server = field.start(index)?;
            let found = insert(options, &server, inserts)?;
            report(&mut sheet, index, &found, inserts);
        }
    }
    let load =
        format!("{inserts} inserts into an empty server by one client, {} at a time", options.pipeline);
    sheet.write(options, &load)
}

fn insert(options: &Options, server: &Server, inserts: u64) -> Result<Inserts> {
    let workload = preload(false);
    let keys = Keys::new(inserts, Distribution::Sequential, options.seed);
    let mut probe = Probe::connect(server.port(), &workload, options.pipeline, options.value_bytes, keys)?;
    let threads = server.threads()?;
    let mut found = Inserts::new();
    let start_ns = now_ns();
    let mut before = threads.run_time()?;
    for batch in 0..inserts.div_ceil(options.pipeline as u64) {
        let shot = probe.shoot()?;
        let after = threads.run_time()?;
        found.record(shot, after - before, batch * options.pipeline as u64);
        before = after;
    }
    found.elapsed_ns = now_ns() - start_ns;
    probe.finish()?;
    Ok(found)
}

impl Inserts {
    fn new() -> Self {
        let (raw, net, cpu) = (latency_histogram(), latency_histogram(), latency_histogram());
        Self { raw, net, cpu, elapsed_ns: 0, longest: Longest::default() }
    }

    fn record(&mut self, shot: Shot, server: RunTime, keys: u64) {
        let (raw_ns, waited_ns) = (shot.latency_ns, server.waiting_ns);
        let net_ns = if raw_ns > SLOW_NS { net(shot, waited_ns) } else { raw_ns };
        self.raw.saturating_record(raw_ns);
        self.net.saturating_record(net_ns);
        self.cpu.saturating_record(server.cpu_ns);
        if net_ns > self.longest.net_ns {
            self.longest = Longest { net_ns, raw_ns, paused_ns: shot.paused_ns, server, keys };
        }
    }
}

/// What of a slow batch was the server's own doing. The two disturbances may have overlapped; only the longer one is surely
/// no fault of the server, so only that is taken off.
fn net(shot: Shot, waited_ns: u64) -> u64 {
    shot.latency_ns.saturating_sub(shot.paused_ns.max(waited_ns))
}

fn report(sheet: &mut Sheet, index: usize, found: &Inserts, inserts: u64) {
    let quantile_us =
        |histogram: &Histogram<u64>, quantile| histogram.value_at_quantile(quantile) as f64 / 1000.0;
    let longest = found.longest;
    sheet.cost(index, "longest, net, µs", longest.net_ns as f64 / 1000.0);
    sheet.cost(index, "longest, raw, µs", found.raw.max() as f64 / 1000.0);
    sheet.cost(index, "most CPU, µs", found.cpu.max() as f64 / 1000.0);
    sheet.cost(index, "CPU, 99.99 %, µs", quantile_us(&found.cpu, 0.9999));
    sheet.cost(index, "99.99 %, net, µs", quantile_us(&found.net, 0.9999));
    sheet.cost(index, "99.9 %, net, µs", quantile_us(&found.net, 0.999));
    sheet.cost(index, "median, µs", quantile_us(&found.net, 0.5));
    sheet.gain(
        index,
        "inserts per second",
        inserts as f64 * SECOND_NS as f64 / found.elapsed_ns.max(1) as f64,
    );
    let us = |nanoseconds: u64| nanoseconds / 1000;
    let text = format!(
        "longest at {} keys: {} µs, raw {} µs (probe paused {} µs, server kept waiting {} µs, its CPU {} µs)",
        longest.keys,
        us(longest.net_ns),
        us(longest.raw_ns),
        us(longest.paused_ns),
        us(longest.server.waiting_ns),
        us(longest.server.cpu_ns)
    );
    sheet.note(index, &text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_surely_foreign_is_taken_off() {
        let shot = Shot { latency_ns: 1000, paused_ns: 300 };
        assert_eq!(net(shot, 0), 700);
        assert_eq!(net(shot, 400), 600);
        assert_eq!(net(shot, 5000), 0);
    }

    #[test]
    fn a_quick_batch_is_left_alone_and_the_longest_kept() {
        let mut found = Inserts::new();
        found.record(
            Shot { latency_ns: SLOW_NS, paused_ns: 0 },
            RunTime { cpu_ns: 9, waiting_ns: 100_000 },
            1,
        );
        assert_eq!(found.longest.net_ns, SLOW_NS);
        found.record(Shot { latency_ns: 3 * SLOW_NS, paused_ns: 0 }, RunTime::default(), 64);
        found.record(Shot { latency_ns: 9 * SLOW_NS, paused_ns: 8 * SLOW_NS }, RunTime::default(), 70);
        assert_eq!((found.longest.net_ns, found.longest.keys), (3 * SLOW_NS, 64));
        assert_eq!(found.cpu.max(), 9);
    }
}
