//! What reports have in common: the conditions that their figures were taken under.

use std::fs;

use serde_json::{Value, json};

use crate::options::Options;
use crate::server::Variant;

/// How to read the tables.
pub(super) const EXPLANATION: &str =
    "\nMedian of the rounds ± half their range (how many times as good as the best peer, round by round).";

/// Remarks as a list.
pub(super) fn listed(notes: &[String]) -> String {
    let lines: String = notes.iter().map(|note| format!("- {note}\n")).collect();
    if lines.is_empty() { lines } else { format!("\n{lines}") }
}

/// A sentence on what was measured where; `load` says how.
pub(super) fn conditions(options: &Options, load: &str) -> String {
    let machine = machine();
    let text = |name: &str| machine[name].to_string().trim_matches('"').to_owned();
    let sentence = format!(
        "Keys of 16 bytes, values of {} bytes; {load}; {} rounds; {}, {} cores, Linux {}, load average {}.\n",
        options.value_bytes,
        options.rounds,
        text("cpu"),
        text("cores"),
        text("kernel"),
        text("load_average"),
    );
    sentence + &variants(&options.variant)
}

/// What each variant is, and how they are compared.
fn variants(variants: &[Variant]) -> String {
    let one = |variant: &Variant| format!("- {}: {variant}\n", variant.name);
    match variants {
        [] => String::new(),
        [only] => format!("\nEverybody with {only}.\n"),
        [first, ..] => {
            let list: String = variants.iter().map(one).collect();
            format!(
                "\nVariants, compared with the best peer of the same variant and with `{}` of the same server:\n\n{list}",
                first.name
            )
        }
    }
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
        "variants": options.variant.iter().map(|variant| json!({ "name": variant.name, "parameters": variant.to_string() })).collect::<Vec<_>>(),
        "insert": options.insert, "expiry": options.expiry, "pipeline": options.pipeline, "limit": options.limit,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variants_are_told_apart_from_one_configuration_for_all() {
        let parsed = |texts: &[&str]| -> Vec<Variant> {
            texts.iter().map(|text| text.parse().expect("valid")).collect()
        };
        assert_eq!(variants(&[]), "");
        assert_eq!(variants(&parsed(&["log=appendonly yes"])), "\nEverybody with appendonly yes.\n");
        let text = variants(&parsed(&["no log=", "log=appendonly yes"]));
        assert!(text.contains("with `no log` of the same server"), "{text}");
        assert!(text.ends_with(":\n\n- no log: nothing\n- log: appendonly yes\n"), "{text}");
    }
}
