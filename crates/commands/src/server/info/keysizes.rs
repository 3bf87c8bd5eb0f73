//! INFO about how long values are.

use std::fmt::Write;

use engine::Ctx;
use keyspace::{DbIndex, Kind, Magnitude};

use super::report::Report;

/// The types that are shown, in this order: as with the peers, streams aren't.
const SHOWN: [(Kind, &str); 5] = [
    (Kind::String, "strings_sizes"),
    (Kind::List, "lists_items"),
    (Kind::Set, "sets_items"),
    (Kind::SortedSet, "zsets_items"),
    (Kind::Hash, "hashes_items"),
];

/// The values of one type in one database, by their magnitudes.
#[derive(Copy, Clone)]
struct Histogram([u64; Magnitude::COUNT]);

pub(super) fn keysizes(report: &mut Report, cx: &mut Ctx<'_>) {
    for (index, database) in by_database(cx).iter().enumerate() {
        for ((_, name), Histogram(counts)) in SHOWN.iter().zip(database) {
            if counts.iter().any(|count| *count > 0) {
                report.field(format_args!("db{index}_distrib_{name}"), shown(counts));
            }
        }
    }
}

fn by_database(cx: &mut Ctx<'_>) -> Vec<[Histogram; SHOWN.len()]> {
    let empty = [Histogram([0; Magnitude::COUNT]); SHOWN.len()];
    let mut databases = Vec::new();
    for stripe in 0..cx.view.stripes() {
        cx.view.visit(stripe, |stripe| {
            for (DbIndex(index), table) in stripe.tables() {
                let index = index as usize;
                if databases.len() <= index {
                    databases.resize(index + 1, empty);
                }
                for (kind, magnitude, count) in table.sizes().iter() {
                    if let Some(place) = SHOWN.iter().position(|(shown, _)| *shown == kind) {
                        databases[index][place].0[magnitude.index()] += count;
                    }
                }
            }
        });
    }
    databases
}

/// Each magnitude that occurs, by the least length that has it: `0=1,2=3,1K=1`.
fn shown(counts: &[u64; Magnitude::COUNT]) -> String {
    let mut text = String::new();
    for (index, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
        let gap = if text.is_empty() { "" } else { "," };
        let least = Least(index);
        write!(text, "{gap}{least}={count}").expect("a String takes all text");
    }
    text
}

/// The least length of a magnitude: a power of two, in units of 1024.
struct Least(usize);

impl std::fmt::Display for Least {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        const UNITS: [&str; 7] = ["", "K", "M", "G", "T", "P", "E"];
        let Some(exponent) = self.0.checked_sub(1) else { return f.write_str("0") };
        write!(f, "{}{}", 1u64 << (exponent % 10), UNITS[exponent / 10])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_are_named_by_their_least_length() {
        let lengths = [0, 1, 3, 512, 1023, 1024, 2047, 1 << 19, 1 << 20, 1 << 30, usize::MAX];
        let names = lengths.map(|len| Least(Magnitude::of(len).index()).to_string());
        assert_eq!(names, ["0", "1", "2", "512", "512", "1K", "1K", "512K", "1M", "1G", "8E"]);
    }
}
