//! The workloads that have a name.

use super::Template;
use super::data_types::{self, Fill};

/// What the replies of a workload must be, for the figures to mean anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expect {
    /// Anything but an error.
    Any,
    /// Replies of exactly so many bytes each: every GET hits a value of the right size, or every one misses.
    Bytes(u64),
}

/// Commands that a connection sends in turn.
#[derive(Debug, Clone)]
pub(crate) struct Workload {
    /// As it appears in the report.
    pub(crate) name: String,
    /// Sent in turn, each as often as it stands here.
    pub(crate) templates: Vec<Template>,
    /// Checked when the load has ended.
    pub(crate) expect: Expect,
    /// What is sent to each server beforehand.
    pub(crate) fills: Vec<Fill>,
}

impl Workload {
    /// A preset by its name; `value_bytes` decides what a hit looks like.
    pub(crate) fn preset(name: &str, value_bytes: usize) -> Option<Self> {
        let hit = bulk_bytes(value_bytes);
        let (expect, commands) = match name {
            "ping" => (Expect::Bytes(7), vec!["PING".to_owned()]),
            "get" => (Expect::Bytes(hit), vec!["GET {key}".into()]),
            "get-miss" => (Expect::Bytes(5), vec!["GET mis:{num}".into()]),
            "set" => (Expect::Bytes(5), vec!["SET {key} {value}".into()]),
            "incr" => (Expect::Any, vec!["INCR cnt:{num}".into()]),
            "mget10" => (Expect::Bytes(5 + 10 * hit), vec![format!("MGET{}", " {key}".repeat(10))]),
            "mset10" => (Expect::Bytes(5), vec![format!("MSET{}", " {key} {value}".repeat(10))]),
            "mixed" => {
                let mut commands = vec!["GET {key}".to_owned(); 9];
                commands.push("SET {key} {value}".into());
                (Expect::Any, commands)
            }
            "half" => (Expect::Any, vec!["SET {key} {value}".into(), "GET {key}".into()]),
            _ => return data_types::workload(name),
        };
        let templates = commands.iter().map(|text| text.parse().expect("presets are templates")).collect();
        Some(Self { name: name.into(), templates, expect, fills: Vec::new() })
    }

    /// The presets that a name stands for: `types` for all over the data types, others for themselves.
    pub(crate) fn expand(name: &str) -> Vec<&str> {
        if name == "types" { data_types::names().collect() } else { vec![name] }
    }

    /// A workload of one command given by the user.
    pub(crate) fn custom(name: &str, template: Template) -> Self {
        Self { name: name.into(), templates: vec![template], expect: Expect::Any, fills: Vec::new() }
    }

    /// The command, for messages.
    pub(crate) fn command(&self) -> &str {
        self.templates.last().map_or("", |template| &template.source)
    }
}

/// The workload that fills a server, with expiry times spread over the days to come if `expiring`.
pub(crate) fn preload(expiring: bool) -> Workload {
    let text = if expiring { "SET {key} {value} EX {int}" } else { "SET {key} {value}" };
    let template = text.parse().expect("a template");
    Workload {
        name: "preload".into(),
        templates: vec![template],
        expect: Expect::Bytes(5),
        fills: Vec::new(),
    }
}

/// Bytes of a bulk string on the wire.
fn bulk_bytes(length: usize) -> u64 {
    (length.to_string().len() + length + 5) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_exists_and_sends_what_it_says() {
        for name in ["ping", "get", "get-miss", "set", "incr", "mget10", "mset10", "mixed", "half"] {
            let workload = Workload::preset(name, 32).expect("a preset");
            let command = workload.command().split_whitespace().next().map(str::to_lowercase);
            assert!(
                ["mixed", "half"].contains(&name) || name.starts_with(&command.expect("a command")),
                "{name}"
            );
        }
        assert!(Workload::preset("flushall", 32).is_none());
    }

    #[test]
    fn a_hit_is_measured_as_on_the_wire() {
        assert_eq!(bulk_bytes(32), b"$32\r\n".len() as u64 + 34);
        let mget = Workload::preset("mget10", 3).expect("a preset");
        assert_eq!(mget.expect, Expect::Bytes("*10\r\n".len() as u64 + 10 * "$3\r\nabc\r\n".len() as u64));
    }
}
