//! What reports have in common: a figure beside the best peer's, and the conditions it was taken under.

use std::fs;

use serde_json::{Value, json};

use super::stats::{Better, Series, best};
use crate::options::Options;

/// How to read the tables.
pub(super) const EXPLANATION: &str =
    "\nMedian of the rounds ± half their range (how many times as good as the best peer, round by round).";

/// Median, spread, and how many times as good as the best peer, for each contestant.
pub(super) fn compared(series: &[Series], peers: &[bool], better: Better) -> Vec<String> {
    let references: Vec<&Series> = series.iter().collect();
    let best = best(&references, (0..series.len()).filter(|&index| peers[index]), better);
    let field = |series: &Series| {
        if series.values().is_empty() {
            return "–".into();
        }
        let ratio = best.and_then(|best| series.times_as_good_as(references[best], better));
        let ratio = ratio.map_or_else(String::new, |ratio| format!(" ({ratio:.2}×)"));
        format!("{} ±{:.0} %{ratio}", number(series.median()), series.spread() * 100.0)
    };
    series.iter().map(field).collect()
}

/// Remarks as a list.
pub(super) fn listed(notes: &[String]) -> String {
    let lines: String = notes.iter().map(|note| format!("- {note}\n")).collect();
    if lines.is_empty() { lines } else { format!("\n{lines}") }
}

/// A sentence on what was measured where; `load` says how.
pub(super) fn conditions(options: &Options, load: &str) -> String {
    let machine = machine();
    let text = |name: &str| machine[name].to_string().trim_matches('"').to_owned();
    format!(
        "Keys of 16 bytes, values of {} bytes; {load}; {} rounds; {}, {} cores, Linux {}, load average {}.\n",
        options.value_bytes,
        options.rounds,
        text("cpu"),
        text("cores"),
        text("kernel"),
        text("load_average"),
    )
}

/// What the figures were taken on.
pub(super) fn machine() -> Value {
    let file = |path| fs::read_to_string(path).unwrap_or_default();
    let cpuinfo = file("/proc/cpuinfo");
    let model = cpuinfo.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    json!({
        "cpu": model.map_or("unknown", |(_, model)| model),
        "cores": cpuinfo.lines().filter(|line| line.starts_with("processor")).count(),
        "kernel": file("/proc/sys/kernel/osrelease").trim(),
        "load_average": file("/proc/loadavg").split_whitespace().next().unwrap_or("unknown"),
    })
}

/// What was asked for.
pub(super) fn settings(options: &Options) -> Value {
    json!({
        "keys": options.keys, "key_bytes": 16, "value_bytes": options.value_bytes,
        "distribution": options.distribution.to_string(), "seed": options.seed,
        "connections": options.connections, "rate": options.rate, "rounds": options.rounds,
        "seconds": options.seconds, "warmup": options.warmup,
        "server_core": options.server_core, "generator_core": options.generator_core,
        "insert": options.insert, "expiry": options.expiry, "pipeline": options.pipeline, "limit": options.limit,
    })
}

/// Three significant digits, and all digits of whole numbers.
fn number(value: f64) -> String {
    match value {
        value if value >= 100.0 => format!("{value:.0}"),
        value if value >= 10.0 => format!("{value:.1}"),
        value => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_three_digits() {
        assert_eq!([1234.5, 123.4, 12.34, 1.234].map(number), ["1234", "123", "12.3", "1.23"]);
    }

    #[test]
    fn without_peers_there_are_no_ratios() {
        let series = Series::of([3.0, 3.0]);
        assert_eq!(
            compared(&[series.clone(), Series::default()], &[false, true], Better::Less),
            ["3.00 ±0 %", "–"]
        );
        let series = [series, Series::of([6.0, 6.0])];
        assert_eq!(
            compared(&series, &[false, true], Better::Less),
            ["3.00 ±0 % (2.00×)", "6.00 ±0 % (1.00×)"]
        );
    }
}
