//! Bytes per key or member: what the process grew by, and what the server itself counts.

use super::field::Field;
use crate::clock::{SECOND_NS, sleep_ns};
use crate::failure::{Failure, Result};
use crate::options::Options;
use crate::report::Sheet;
use crate::server::Server;
use crate::template::Filling;

/// Time for a server to finish what it does in the background after a fill, such as rehashing.
const SETTLE_NS: u64 = 2 * SECOND_NS;

/// Memory of a server at one time.
#[derive(Debug, Clone, Copy)]
struct Held {
    rss_bytes: u64,
    used_bytes: u64,
}

/// Fill fresh servers with each kind of value, and report what they hold.
pub(super) fn run(options: &Options) -> Result<()> {
    let field = Field::gather(options)?;
    let mut sheet = field.sheet("memory");
    for round in 0..options.rounds.max(1) {
        for filling in &options.values {
            for index in field.order(round) {
                one(options, &field, index, filling, &mut sheet)?;
            }
        }
    }
    sheet.write(options, &format!("{} keys or members, each written once", options.keys))
}

fn one(
    options: &Options,
    field: &Field<'_>,
    index: usize,
    filling: &Filling,
    sheet: &mut Sheet,
) -> Result<()> {
    let server = field.start(index)?;
    let empty = held(&server)?;
    field.fill_and_count(&server, filling, options.keys)?;
    sleep_ns(SETTLE_NS);
    let full = held(&server)?;
    let each = |full: u64, empty: u64| full.saturating_sub(empty) as f64 / options.keys as f64;
    sheet.cost(index, &format!("RSS {}", filling.each), each(full.rss_bytes, empty.rss_bytes));
    sheet.cost(index, &format!("used_memory {}", filling.each), each(full.used_bytes, empty.used_bytes));
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
