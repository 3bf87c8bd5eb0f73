//! The generator against a server that does as the test says.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use super::{Load, Pace, Plan, Probe};
use crate::clock::{SECOND_NS, now_ns, sleep_ns};
use crate::failure::Failure;
use crate::keys::{Distribution, Keys};
use crate::template::Workload;

const REQUEST: &[u8] = b"*1\r\n$4\r\nPING\r\n";

/// Answers each PING with `reply`, and holds the first one back for `stall_ns`.
fn answer(mut stream: TcpStream, reply: &[u8], stall_ns: u64) {
    let mut buffer = [0; 4096];
    let (mut received, mut answered) = (0, 0);
    loop {
        let length = stream.read(&mut buffer).unwrap_or(0);
        if length == 0 {
            return;
        }
        if received == 0 {
            sleep_ns(stall_ns);
        }
        received += length;
        let whole = received / REQUEST.len();
        // The generator hangs up when it has seen enough.
        let _ = stream.write_all(&reply.repeat(whole - answered));
        answered = whole;
    }
}

/// Run `client` against a server for `connections` that replies like that.
fn against<T>(connections: usize, reply: &[u8], stall_ns: u64, client: impl FnOnce(u16) -> T) -> T {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let port = listener.local_addr().expect("bound").port();
    thread::scope(|scope| {
        scope.spawn(move || {
            for stream in listener.incoming().take(connections) {
                scope.spawn(move || answer(stream.expect("a connection"), reply, stall_ns));
            }
        });
        client(port)
    })
}

fn plan(workload: &Workload, port: u16, connections: usize, pipeline: usize, pace: Pace) -> Plan<'_> {
    let (keys, distribution, value_bytes, seed) = (1, Distribution::Sequential, 0, 1);
    Plan { workload, port, connections, pipeline, keys, distribution, value_bytes, pace, seed }
}

fn ping() -> Workload {
    Workload::preset("ping", 0).expect("a preset")
}

#[test]
fn every_reply_of_every_batch_is_counted_once() {
    let workload = ping();
    let tally = against(3, b"+PONG\r\n", 0, |port| {
        let mut load = Load::connect(plan(&workload, port, 3, 7, Pace::Closed)).expect("connected");
        let tally = load.run_batches(20).expect("replies");
        load.finish().expect("the right replies");
        tally
    });
    assert_eq!((tally.replies, tally.latency.len()), (140, 140));
}

#[test]
fn an_error_reply_ends_the_run_with_its_text() {
    let workload = ping();
    let failure = against(1, b"-NOAUTH who are you\r\n", 0, |port| {
        let mut load = Load::connect(plan(&workload, port, 1, 1, Pace::Closed)).expect("connected");
        load.run_for(SECOND_NS).expect_err("an error reply")
    });
    assert!(matches!(failure, Failure::ErrorReply { text, .. } if text == "NOAUTH who are you"));
}

#[test]
fn replies_of_another_kind_are_noticed_at_the_end() {
    let workload = ping();
    let failure = against(1, b"$-1\r\n", 0, |port| {
        let mut load = Load::connect(plan(&workload, port, 1, 2, Pace::Closed)).expect("connected");
        load.run_batches(3).expect("replies");
        load.finish().expect_err("nulls are no PONG")
    });
    assert!(matches!(failure, Failure::WrongReplies { .. }), "{failure}");
}

#[test]
fn a_server_that_hangs_up_is_a_failure() {
    let workload = ping();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let port = listener.local_addr().expect("bound").port();
    let mut load = Load::connect(plan(&workload, port, 1, 1, Pace::Closed)).expect("connected");
    drop(listener.accept());
    let failure = load.run_for(SECOND_NS).expect_err("nobody is there");
    assert!(matches!(failure, Failure::Closed { .. } | Failure::Io { .. }), "{failure}");
}

/// One stall of 200 ms at 1000 requests a second delays some 200 requests, not only the one that was under way.
#[test]
fn an_open_loop_charges_a_stall_to_all_that_it_delayed() {
    let workload = ping();
    let stall_ns = SECOND_NS / 5;
    let pace = Pace::Open { requests_per_second: 1000.0 };
    let tally = against(1, b"+PONG\r\n", stall_ns, |port| {
        let mut load = Load::connect(plan(&workload, port, 1, 1, pace)).expect("connected");
        load.run_batches(300).expect("replies")
    });
    let delayed = tally.latency.count_between(stall_ns / 2, u64::MAX);
    assert!(delayed >= 90, "{delayed} requests took longer than half of the stall");
}

#[test]
fn a_probe_sees_the_stall_and_does_not_take_it_for_its_own() {
    let workload = ping();
    let stall_ns = SECOND_NS / 20;
    let (first, second) = against(1, b"+PONG\r\n", stall_ns, |port| {
        let keys = Keys::new(1, Distribution::Sequential, 1);
        let mut probe = Probe::connect(port, &workload, 1, 0, keys).expect("connected");
        let shots = (probe.shoot().expect("a reply"), probe.shoot().expect("a reply"));
        probe.finish().expect("the right replies");
        shots
    });
    assert!(first.latency_ns >= stall_ns);
    assert!(first.paused_ns <= first.latency_ns && second.paused_ns <= second.latency_ns);
}

#[test]
fn a_load_runs_beside_a_task_and_goes_on_after_a_rest() {
    let workload = ping();
    let asked = AtomicU64::new(0);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let port = listener.local_addr().expect("bound").port();
    thread::scope(|scope| {
        scope.spawn(|| {
            let (mut stream, _) = listener.accept().expect("a connection");
            let mut request = [0; REQUEST.len()];
            while stream.read_exact(&mut request).is_ok() {
                asked.fetch_add(1, Ordering::SeqCst);
                // The generator hangs up when it has seen enough.
                let _ = stream.write_all(b"+PONG\r\n");
            }
        });
        let mut load = Load::connect(plan(&workload, port, 1, 1, Pace::Closed)).expect("connected");
        for _ in 0..2 {
            let (enough, until_ns) = (asked.load(Ordering::SeqCst) + 3, now_ns() + 30 * SECOND_NS);
            let task = || {
                while asked.load(Ordering::SeqCst) < enough && now_ns() < until_ns {
                    thread::yield_now();
                }
                asked.load(Ordering::SeqCst)
            };
            let (_, seen) = load.run_during(task).expect("replies");
            assert!(seen >= enough, "the load did not run: {seen} of {enough}");
            load.rest().expect("replies");
        }
        load.finish().expect("the right replies");
    });
}
