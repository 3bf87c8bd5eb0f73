//! Bytes per key: what the process grew by, and what the server itself counts.

use super::field::Field;
use crate::clock::{SECOND_NS, sleep_ns};
use crate::failure::{Failure, Result};
use crate::options::Options;
use crate::report::Sheet;
use crate::server::Server;

/// Time for a server to finish what it does in the background after a fill, such as rehashing.
const SETTLE_NS: u64 = 2 * SECOND_NS;

/// Memory of a server at one time.
#[derive(Debug, Clone, Copy)]
struct Held {
    rss_bytes: u64,
    used_bytes: u64,
}

/// Fill fresh servers, with and without expiry times, and report what they hold.
pub(super) fn run(options: &Options) -> Result<()> {
    let field = Field::gather(options)?;
    let mut sheet = Sheet::new("memory", field.labels.clone(), field.peers(), field.notes.clone());
    for round in 0..options.rounds.max(1) {
        for index in field.order(round) {
            one(options, &field, index, &mut sheet)?;
        }
    }
    sheet.write(options, &format!("{} keys, each SET once", options.keys))
}

fn one(options: &Options, field: &Field<'_>, index: usize, sheet: &mut Sheet) -> Result<()> {
    let rows = [
        (false, "RSS per key", "used_memory per key"),
        (true, "RSS per key with expiry", "used_memory per key with expiry"),
    ];
    for (expiring, rss, used) in rows {
        let server = field.start(index)?;
        let empty = held(&server)?;
        field.fill(&server, options.keys, expiring)?;
        sleep_ns(SETTLE_NS);
        let full = held(&server)?;
        let per_key = |full: u64, empty: u64| full.saturating_sub(empty) as f64 / options.keys as f64;
        sheet.cost(index, rss, per_key(full.rss_bytes, empty.rss_bytes));
        sheet.cost(index, used, per_key(full.used_bytes, empty.used_bytes));
    }
    Ok(())
}

fn held(server: &Server) -> Result<Held> {
    let info = server.asker()?.info("memory")?;
    let used_bytes = info.number("used_memory").ok_or_else(|| Failure::WrongReplies {
        command: "INFO memory".into(),
        what: "there is no used_memory in it".into(),
    })?;
    Ok(Held { rss_bytes: server.rss_bytes()?, used_bytes })
}
