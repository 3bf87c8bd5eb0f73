//! What was counted, as tables or as one JSON document.

use std::cmp::Reverse;

use indicatif::HumanBytes;
use rdb::Dialect;
use serde_json::{Value, json};

use super::count::{Counts, EXPIRIES, Named, Prefixed, Sum};
use crate::command_line::StatsTask;
use crate::out::Out;
use crate::scan::{Following, Scan};
use crate::text::{Shown, Table, Time};
use crate::trouble::Failure;

/// What is reported.
pub(super) struct Report {
    file: String,
    dialect: Dialect,
    bytes: u64,
    saved_at_ms: Option<i64>,
    total: Sum,
    forms: Vec<((&'static str, &'static str), Sum)>,
    prefixes: Vec<Prefixed>,
    other: Sum,
    biggest: Vec<(u64, Named)>,
    longest: Vec<(u64, Named)>,
    expiries: Vec<(&'static str, u64)>,
    expiring_fields: u64,
    following: Following,
}

impl Report {
    pub(super) fn new(task: &StatsTask, scan: Scan<'_>, counts: Counts) -> Result<Self, Failure> {
        let (dialect, bytes) = (scan.dialect(), scan.offset());
        let following = scan.rest()?;
        let mut prefixes: Vec<Prefixed> = counts.prefixes.into_iter().collect();
        prefixes.sort_by_key(|(_, sum)| Reverse(sum.bytes));
        let mut other = counts.other;
        prefixes.drain(prefixes.len().min(task.top as usize)..).for_each(|(_, sum)| other.join(sum));
        let left = EXPIRIES.iter().zip(counts.expiries).map(|((_, name), count)| (*name, count));
        let expiries = [("never", counts.persistent), ("already", counts.expired)].into_iter().chain(left);
        Ok(Self {
            file: task.file.display().to_string(),
            dialect,
            bytes,
            saved_at_ms: counts.saved_at_ms,
            total: counts.total,
            forms: counts.forms.into_iter().collect(),
            prefixes,
            other,
            biggest: counts.biggest.into_sorted(),
            longest: counts.longest.into_sorted(),
            expiries: expiries.collect(),
            expiring_fields: counts.expiring_fields,
            following,
        })
    }

    /// As tables, for a person.
    pub(super) fn tell(&self, out: &mut Out) {
        let Self { file, dialect, bytes, total, .. } = self;
        let keys = total.keys;
        out.line(format_args!("{file}: {dialect}, {bytes} bytes ({}), {keys} keys", HumanBytes(*bytes)));
        let mut types = Table::new(2, &["type", "form", "keys", "bytes", "share", "elements"]);
        for ((value_type, form), sum) in &self.forms {
            types.row([value_type, form, &sum.keys, &sum.bytes, &self.share(*sum), &sum.elements]);
        }
        tell(out, "Types", &types);
        let mut prefixes = Table::new(1, &["prefix", "keys", "bytes", "share", "elements"]);
        for (prefix, sum) in &self.prefixes {
            let name = prefix.as_ref().map_or("(none)".to_owned(), |prefix| Shown(prefix).to_string());
            prefixes.row([&name, &sum.keys, &sum.bytes, &self.share(*sum), &sum.elements]);
        }
        if self.other.keys > 0 {
            let sum = self.other;
            prefixes.row([&"(other)", &sum.keys, &sum.bytes, &self.share(sum), &sum.elements]);
        }
        tell(out, "Prefixes that take most bytes", &prefixes);
        tell(out, "Biggest keys", &table(&self.biggest, "bytes"));
        tell(out, "Largest collections", &table(&self.longest, "elements"));
        let mut expiries = Table::new(1, &["keys expire", "keys"]);
        self.expiries.iter().for_each(|(name, count)| expiries.row([name, count]));
        let since = match self.saved_at_ms {
            Some(at_ms) => format!("Expiries, from when the file was saved ({})", Time(at_ms)),
            None => "Expiries, from now".to_owned(),
        };
        tell(out, &since, &expiries);
        if self.expiring_fields > 0 {
            out.line(format_args!("  {} fields of hashes expire too", self.expiring_fields));
        }
        self.following.tell(out);
    }

    /// As JSON, for a program. Keys that are no UTF-8 are escaped as in the tables, without the quotes; since another key may look like that, `_hex`
    /// tells their bytes.
    pub(super) fn json(&self) -> Value {
        let sum = |sum: &Sum| json!({"keys": sum.keys, "bytes": sum.bytes, "elements": sum.elements});
        let types = self.forms.iter().map(|((value_type, form), count)| {
            with(with(sum(count), "type", json!(value_type)), "form", json!(form))
        });
        let prefixes = self.prefixes.iter().map(|(prefix, count)| match prefix {
            Some(prefix) => named(sum(count), "prefix", prefix),
            None => with(sum(count), "prefix", Value::Null),
        });
        let keys = |list: &[(u64, Named)], unit: &str| -> Vec<Value> {
            let entry = |(size, key): &(u64, Named)| {
                let about = json!({"db": key.db, "type": key.value_type, unit: size});
                named(about, "key", &key.key)
            };
            list.iter().map(entry).collect()
        };
        let expiries = self.expiries.iter().map(|(name, count)| json!({"expires": name, "keys": count}));
        json!({
            "file": self.file,
            "version": self.dialect.to_string(),
            "bytes": self.bytes,
            "saved_at_ms": self.saved_at_ms,
            "total": sum(&self.total),
            "types": types.collect::<Vec<_>>(),
            "prefixes": prefixes.collect::<Vec<_>>(),
            "other_prefixes": sum(&self.other),
            "biggest_keys": keys(&self.biggest, "bytes"),
            "largest_collections": keys(&self.longest, "elements"),
            "expiries": expiries.collect::<Vec<_>>(),
            "expiring_fields": self.expiring_fields,
            "following_bytes": self.following.bytes,
        })
    }

    fn share(&self, sum: Sum) -> String {
        format!("{:.1}%", 100.0 * sum.bytes as f64 / self.total.bytes.max(1) as f64)
    }
}

fn table(list: &[(u64, Named)], unit: &str) -> Table {
    let mut table = Table::new(3, &["key", "db", "type", unit]);
    list.iter().for_each(|(size, named)| table.row([&Shown(&named.key), &named.db, &named.value_type, size]));
    table
}

fn tell(out: &mut Out, title: &str, table: &Table) {
    let mut lines = table.lines();
    // A table of a heading alone says nothing.
    if let (Some(heading), Some(first)) = (lines.next(), lines.next()) {
        out.line(format_args!("\n{title}"));
        out.line(heading);
        out.line(first);
        lines.for_each(|line| out.line(line));
    }
}

fn with(mut value: Value, name: &str, more: Value) -> Value {
    value[name] = more;
    value
}

/// A document with the name of a key.
fn named(value: Value, name: &str, bytes: &[u8]) -> Value {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return with(value, name, json!(text));
    }
    let hex = bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let value = with(value, name, json!(bytes.escape_ascii().to_string()));
    with(value, &format!("{name}_hex"), json!(hex))
}
