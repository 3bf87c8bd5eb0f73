//! How late keys go: K keys due at one instant T, beside others that are due days later.
//!
//! ```text
//!     fill N (days) ─ fill K (T) ─ … T ── events and DBSIZE, a PING now and then ──▶ all K gone, or the limit
//! ```
//!
//! The lag of a key is the time of its `expired` event minus T. DBSIZE is polled as well: it needs no notifications, and
//! says how much memory is still held. The PINGs tell what clients feel of a server that clears up.

use std::io::ErrorKind;
use std::io::Read;
use std::net::TcpStream;

use hdrhistogram::Histogram;

use super::field::Field;
use crate::clock::{SECOND_NS, now_ns, sleep_ns, unix_ns};
use crate::failure::{Attempt, Failure, Result};
use crate::keys::{Distribution, Keys};
use crate::load::{Probe, latency_histogram};
use crate::options::Options;
use crate::report::Sheet;
use crate::scan::Scanner;
use crate::server::{Asker, Server};
use crate::template::{Expect, Workload};

/// T lies so far after the start of the fill of K: a base, and a time for each key that no server needs at this depth.
const LEAD_NS: u64 = 2 * SECOND_NS;
const LEAD_PER_KEY_NS: u64 = 5_000;
/// Between two polls of DBSIZE, and two PINGs.
const POLL_NS: u64 = 10_000_000;
/// Between two looks for events.
const LOOK_NS: u64 = 50_000;
const MILLISECOND_NS: u64 = 1_000_000;

/// What came of one server.
#[derive(Debug)]
struct Course {
    due: u64,
    gone: u64,
    /// By events; empty if the server sends none.
    lag: Histogram<u64>,
    /// By DBSIZE.
    lag_polled: Histogram<u64>,
    ping: Histogram<u64>,
}

/// Let keys expire in each server, round by round, and report.
pub(super) fn run(options: &Options, due: u64) -> Result<()> {
    let field = Field::gather(options)?;
    let mut sheet = field.sheet("expiry");
    for round in 0..options.rounds.max(1) {
        for index in field.order(round) {
            let server = field.start(index)?;
            field.fill(&server, options.keys, true)?;
            report(&mut sheet, index, &expire(options, &field, &server, due)?);
        }
    }
    let load = format!(
        "{due} keys due at one instant beside {} that are not, {} s at most",
        options.keys, options.limit
    );
    sheet.write(options, &load)
}

fn expire(options: &Options, field: &Field<'_>, server: &Server, due: u64) -> Result<Course> {
    let mut events = Events::subscribe(server)?;
    let at_ms = (unix_ns() + LEAD_NS + due * LEAD_PER_KEY_NS).div_ceil(MILLISECOND_NS);
    let template = format!("SET due:{{num}} {{value}} PXAT {at_ms}").parse().map_err(Failure::Usage)?;
    let expect = Expect::Bytes(5);
    let workload = Workload { name: "due".into(), templates: vec![template], expect, fills: Vec::new() };
    field.fill_with(server, &workload, due)?;
    let due_ns = at_ms * MILLISECOND_NS;
    let left = due_ns.saturating_sub(unix_ns());
    if left == 0 {
        return Err(Failure::Usage(format!("the fill of {due} keys took longer than they had to live")));
    }
    sleep_ns(left);
    watch(options, server, &mut events, due, due_ns)
}

fn watch(
    options: &Options,
    server: &Server,
    events: &mut Option<Events>,
    due: u64,
    due_ns: u64,
) -> Result<Course> {
    let ping = Workload::preset("ping", 0).ok_or_else(|| Failure::Usage("no ping".into()))?;
    let keys = Keys::new(1, Distribution::Sequential, options.seed);
    let mut probe = Probe::connect(server.port(), &ping, 1, 0, keys)?;
    let mut asker = server.asker()?;
    let (lag, lag_polled, ping) = (latency_histogram(), latency_histogram(), latency_histogram());
    let mut course = Course { due, gone: 0, lag, lag_polled, ping };
    let (until_ns, mut poll_ns) = (due_ns + options.limit * SECOND_NS, 0);
    while unix_ns() < until_ns && !course.is_over(events.is_some()) {
        if let Some(events) = events {
            let arrived = events.look()?;
            course.lag.saturating_record_n(unix_ns().saturating_sub(due_ns), arrived);
        }
        if now_ns() > poll_ns {
            let shot = probe.shoot()?;
            course.ping.saturating_record(shot.latency_ns.saturating_sub(shot.paused_ns));
            course.poll(&mut asker, options.keys, due_ns)?;
            poll_ns = now_ns() + POLL_NS;
        }
        sleep_ns(LOOK_NS);
    }
    probe.finish()?;
    Ok(course)
}

impl Course {
    fn is_over(&self, by_events: bool) -> bool {
        self.gone >= self.due && (!by_events || self.lag.len() >= self.due)
    }

    fn poll(&mut self, asker: &mut Asker, others: u64, due_ns: u64) -> Result<()> {
        let held = u64::try_from(asker.integer(&["DBSIZE"])?).unwrap_or(0);
        let gone = (others + self.due).saturating_sub(held);
        let newly = gone.saturating_sub(self.gone);
        self.lag_polled.saturating_record_n(unix_ns().saturating_sub(due_ns), newly);
        self.gone = self.gone.max(gone);
        Ok(())
    }
}

/// A connection that is told of each key that expires.
#[derive(Debug)]
struct Events {
    stream: TcpStream,
    scanner: Scanner,
    buffer: Vec<u8>,
}

impl Events {
    /// Turn notifications on and subscribe; `None` from a server that knows none.
    fn subscribe(server: &Server) -> Result<Option<Self>> {
        let mut asker = server.asker()?;
        let refused = |failure: &Failure| matches!(failure, Failure::ErrorReply { .. });
        match asker.ask(&["CONFIG", "SET", "notify-keyspace-events", "Ex"]) {
            Err(failure) if refused(&failure) => return Ok(None),
            other => other?,
        };
        // Events come faster than the default limit for subscribers lets pile up while others are polled.
        match asker.ask(&["CONFIG", "SET", "client-output-buffer-limit", "pubsub 0 0 0"]) {
            Err(failure) if refused(&failure) => {}
            other => drop(other?),
        }
        match asker.ask(&["SUBSCRIBE", "__keyevent@0__:expired"]) {
            Err(failure) if refused(&failure) => return Ok(None),
            other => drop(other?),
        }
        let stream = asker.into_stream();
        stream.set_nonblocking(true).attempt(|| "set up a socket".into())?;
        Ok(Some(Self { stream, scanner: Scanner::new(), buffer: vec![0; 256 * 1024] }))
    }

    /// How many arrived since the last look.
    fn look(&mut self) -> Result<u64> {
        let command = || "SUBSCRIBE".to_owned();
        match self.stream.read(&mut self.buffer) {
            Ok(0) => Err(Failure::Closed { command: command() }),
            Ok(length) => {
                let counted = self.scanner.feed(&self.buffer[..length]);
                counted.map_err(|fault| Failure::Protocol { command: command(), fault })
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => Ok(0),
            Err(error) => Err(error).attempt(|| "read events".into()),
        }
    }
}

fn report(sheet: &mut Sheet, index: usize, course: &Course) {
    let ms = |nanoseconds: u64| nanoseconds as f64 / MILLISECOND_NS as f64;
    sheet.gain(index, "gone, %", course.gone as f64 * 100.0 / course.due as f64);
    let lags = [
        (&course.lag, ["lag by event, median, ms", "lag by event, 99 %, ms", "lag by event, longest, ms"]),
        (
            &course.lag_polled,
            ["lag by DBSIZE, median, ms", "lag by DBSIZE, 99 %, ms", "lag by DBSIZE, longest, ms"],
        ),
    ];
    for (lag, [median, most, longest]) in lags {
        if !lag.is_empty() {
            sheet.cost(index, median, ms(lag.value_at_quantile(0.5)));
            sheet.cost(index, most, ms(lag.value_at_quantile(0.99)));
            sheet.cost(index, longest, ms(lag.max()));
        }
    }
    sheet.cost(index, "PING meanwhile, 99 %, ms", ms(course.ping.value_at_quantile(0.99)));
    sheet.cost(index, "PING meanwhile, longest, ms", ms(course.ping.max()));
    if course.gone < course.due {
        let text =
            format!("{} of {} were gone at the limit; lags are of those alone", course.gone, course.due);
        sheet.note(index, &text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_over_when_the_keys_are_gone_and_the_events_have_come() {
        let (lag, lag_polled, ping) = (latency_histogram(), latency_histogram(), latency_histogram());
        let mut course = Course { due: 2, gone: 2, lag, lag_polled, ping };
        assert!(course.is_over(false) && !course.is_over(true));
        course.lag.saturating_record_n(5, 2);
        assert!(course.is_over(true));
        course.gone = 1;
        assert!(!course.is_over(true));
    }
}
