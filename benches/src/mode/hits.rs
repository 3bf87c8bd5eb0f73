//! How good a cache a server is: of reads that follow a law, how many find their key when memory is short and who misses one stores it.

use redis_protocol::resp2::types::OwnedFrame;

use super::field::Field;
use crate::failure::Result;
use crate::keys::Keys;
use crate::options::Options;
use crate::report::Sheet;
use crate::server::Asker;

/// Reads under way at once; what they miss is stored behind them.
const BATCH: usize = 50;

/// Reads for each key, before counting and while counting.
const READS_PER_KEY: u64 = 2;

/// Fill fresh servers beyond `bytes_max` by reading through them, once for each policy, and count what is found.
pub(super) fn run(options: &Options, bytes_max: u64) -> Result<()> {
    let field = Field::gather(options)?;
    let mut sheet = field.sheet("hits");
    for round in 0..options.rounds.max(1) {
        for policy in &options.policies {
            for index in field.order(round) {
                one(options, &field, index, (policy, bytes_max), round, &mut sheet)?;
            }
        }
    }
    let load = format!(
        "maxmemory {bytes_max} bytes, {} keys; a read that finds nothing is followed by a SET; {READS_PER_KEY} reads per key before counting",
        options.keys
    );
    sheet.write(options, &load)
}

fn one(
    options: &Options,
    field: &Field<'_>,
    index: usize,
    (policy, bytes_max): (&str, u64),
    round: usize,
    sheet: &mut Sheet,
) -> Result<()> {
    let server = field.start(index)?;
    let mut asker = server.asker()?;
    asker.ask(&["CONFIG", "SET", "maxmemory", &bytes_max.to_string(), "maxmemory-policy", policy])?;
    let value = "x".repeat(options.value_bytes);
    let mut keys = Keys::new(options.keys, options.distribution, options.seed + round as u64);
    let reads = options.keys * READS_PER_KEY;
    read_through(&mut asker, &mut keys, reads, &value)?;
    let before = server.run_time()?;
    let found = read_through(&mut asker, &mut keys, reads, &value)?;
    let took = server.run_time()? - before;
    sheet.gain(index, &format!("{policy}: found of 100 reads"), 100.0 * found as f64 / reads as f64);
    let held = asker.integer(&["DBSIZE"])?;
    sheet.gain(index, &format!("{policy}: keys held"), held as f64);
    sheet.cost(index, &format!("{policy}: CPU per read, µs"), took.cpu_ns as f64 / 1000.0 / reads as f64);
    Ok(())
}

/// Read `count` keys and store those that aren't there. Returns how many were.
fn read_through(asker: &mut Asker, keys: &mut Keys, count: u64, value: &str) -> Result<u64> {
    let mut found = 0;
    for _ in 0..count.div_ceil(BATCH as u64) {
        let names: Vec<String> = (0..BATCH).map(|_| format!("key:{:012}", keys.next())).collect();
        let reads: Vec<[&str; 2]> = names.iter().map(|name| ["GET", name]).collect();
        let replies = asker.ask_all(&reads)?;
        let is_missing = |reply: &OwnedFrame| matches!(reply, OwnedFrame::Null);
        let missing: Vec<[&str; 3]> = names
            .iter()
            .zip(&replies)
            .filter(|(_, reply)| is_missing(reply))
            .map(|(name, _)| ["SET", name, value])
            .collect();
        found += (BATCH - missing.len()) as u64;
        asker.ask_all(&missing)?;
    }
    Ok(found)
}
