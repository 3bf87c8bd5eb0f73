//! Which sections there are, and which of them a request asks for.

use engine::{CommandError, Ctx};

use super::report::Report;
use super::{keysizes, latency, machine, persistence, threads, usage};

struct Section {
    title: &'static str,
    /// Whether it is shown when no section is named.
    in_default: bool,
    write: fn(&mut Report, &mut Ctx<'_>),
}

/// All sections, in the order in which they are shown.
const SECTIONS: [Section; 15] = [
    usual("Server", machine::server),
    usual("Clients", usage::clients),
    usual("Memory", machine::memory),
    usual("Persistence", persistence::persistence),
    usual("Threads", threads::threads),
    usual("Stats", usage::stats),
    usual("Replication", usage::replication),
    usual("CPU", machine::cpu),
    usual("Modules", |_, _| ()),
    on_demand("Commandstats", usage::commandstats),
    usual("Errorstats", usage::errorstats),
    on_demand("Latencystats", latency::latencystats),
    usual("Cluster", usage::cluster),
    usual("Keyspace", usage::keyspace),
    usual("Keysizes", keysizes::keysizes),
];

const fn usual(title: &'static str, write: fn(&mut Report, &mut Ctx<'_>)) -> Section {
    Section { title, in_default: true, write }
}

const fn on_demand(title: &'static str, write: fn(&mut Report, &mut Ctx<'_>)) -> Section {
    Section { title, in_default: false, write }
}

impl Section {
    fn is_named(&self, word: &[u8]) -> bool {
        let is = |name: &str| word.eq_ignore_ascii_case(name.as_bytes());
        is(self.title) || is("all") || is("everything") || is("default") && self.in_default
    }
}

pub(in crate::server) fn info(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let words = cx.args;
    let is_wanted = |section: &Section| {
        if words.is_empty() { section.in_default } else { words.rest().any(|word| section.is_named(word)) }
    };
    let mut report = Report::default();
    for section in SECTIONS.iter().filter(|section| is_wanted(section)) {
        report.begin(section.title);
        (section.write)(&mut report, cx);
    }
    cx.reply.verbatim(b"txt", report.text());
    Ok(())
}
