//! Threads that append and threads that read, which sleep when there is nothing: every reader sees every entry, once and in order, and no wake-up is
//! lost.
//!
//! Run as it is, with real threads; and, with `RUSTFLAGS="--cfg kvd_shuttle"`, under a scheduler that tries thousands of orders in
//! which the threads may meet, where a reader that nobody wakes is a deadlock, and fails.

#![cfg_attr(
    not(kvd_shuttle),
    expect(clippy::disallowed_methods, reason = "the test is about threads that meet")
)]

use std::sync::Arc;

use kvd_journal::{Effects, Journal, Reader};

#[cfg(kvd_shuttle)]
use shuttle::thread;
#[cfg(not(kvd_shuttle))]
use std::thread;

fn append(journal: &Journal, appender: u32, number: u64, bytes: usize) {
    let mut effects = Effects::default();
    effects.push(&[number.to_string().as_bytes(), &vec![b'x'; bytes]]);
    let end = journal.append(appender, &effects);
    assert!(journal.end() >= end);
}

/// Reads until so many entries have come from each appender.
fn read(mut reader: Reader, appenders: usize, entries: u64) {
    let mut seen = vec![0; appenders];
    while seen.iter().any(|count| *count < entries) {
        let Some(batch) = reader.next_batch().expect("everything is retained") else {
            if reader.doze() {
                thread::park();
            }
            continue;
        };
        for entry in batch.entries() {
            let count = &mut seen[entry.db as usize];
            let expected = format!("*2\r\n${}\r\n{count}\r\n", count.to_string().len());
            assert!(entry.wire.starts_with(expected.as_bytes()), "entry {count} of {}", entry.db);
            *count += 1;
        }
    }
    assert!(reader.next_batch().expect("everything is retained").is_none());
}

/// Starts readers and appenders, and waits for all of them.
fn meet(readers: usize, appenders: usize, entries: u64, bytes: fn(u64) -> usize) {
    let journal = Arc::new(Journal::new(64 << 20));
    let readers: Vec<_> = (0..readers)
        .map(|_| {
            let reader = journal.subscribe();
            thread::spawn(move || read(reader, appenders, entries))
        })
        .collect();
    let sleepers: Vec<_> = readers.iter().map(|reader| reader.thread().clone()).collect();
    journal.on_append(move || sleepers.iter().for_each(|sleeper| sleeper.unpark()));
    let appenders: Vec<_> = (0..appenders)
        .map(|appender| {
            let journal = Arc::clone(&journal);
            thread::spawn(move || {
                (0..entries).for_each(|number| append(&journal, appender as u32, number, bytes(number)));
            })
        })
        .collect();
    for thread in appenders.into_iter().chain(readers) {
        thread.join().expect("no promise was broken");
    }
    assert!(!journal.is_read());
}

#[cfg(not(kvd_shuttle))]
#[test]
fn readers_that_sleep_are_woken() {
    let bytes = |number| if number % 1000 == 999 { 100_000 } else { number as usize % 100 };
    meet(1, 1, 20_000, bytes);
    meet(2, 3, 20_000, bytes);
}

#[cfg(kvd_shuttle)]
#[test]
fn readers_that_sleep_are_woken_in_every_order_tried() {
    shuttle::check_random(|| meet(1, 2, 3, |_| 3), 5000);
    shuttle::check_random(|| meet(2, 1, 3, |number| number as usize * 10_000), 5000);
}
