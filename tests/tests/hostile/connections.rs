//! Thousands of connections: idle, busy, or gone again at once.

use std::io::Write;

use kvd_tests::hostile::client::Client;
use kvd_tests::hostile::connections;
use kvd_tests::hostile::memory::info_number;

use crate::battle::{Battle, MIB};

#[test]
fn ten_thousand_idle_connections_take_little_and_slow_nobody_down() {
    const WANTED: usize = 10_000;
    const BUSY: usize = 100;
    const EACH_MAX: u64 = 24 << 10;
    let idle = WANTED.min(connections::room() - BUSY);
    let mut battle = Battle::begin(&["--maxclients", "11000"]);
    let streams = connections::idle(battle.address(), idle).unwrap();
    battle.until("all of them are accepted", |battle| {
        info_number(&mut battle.checker, "clients", "connected_clients").unwrap() >= idle as u64
    });
    let (used, resident) = (battle.used_more() / idle as u64, battle.resident_more() / idle as u64);
    if idle < WANTED {
        report(&format!("scaled down to {idle} connections: the limit of open files allows no more"));
    }
    report(&format!("{idle} idle connections: {used} bytes each, {resident} resident"));
    assert!(used < EACH_MAX && resident < EACH_MAX, "{used} bytes each, {resident} resident");
    let mut busy: Vec<Client> = (0..BUSY).map(|_| Client::connect(battle.address()).unwrap()).collect();
    for _ in 0..100 {
        connections::ask_all(&mut busy).unwrap();
    }
    connections::reset_all(streams).unwrap();
    drop(busy);
    battle.end();
}

#[test]
fn a_storm_of_connections_passes() {
    const COUNT: usize = 20_000;
    let mut battle = Battle::begin(&[]);
    let before = battle.stat("total_connections_received");
    connections::storm(battle.address(), COUNT).unwrap();
    // One that is reset before it is accepted may never be seen.
    battle.until("most of them were accepted", |battle| {
        battle.stat("total_connections_received") - before >= COUNT as u64 / 3 * 2
    });
    battle.assert_peak_below(32 * MIB);
    battle.end();
}

/// Past the capture of test output: the number is wanted where nothing fails.
fn report(text: &str) {
    // Nothing is lost when standard error is closed.
    let _ = writeln!(std::io::stderr(), "{text}");
}
