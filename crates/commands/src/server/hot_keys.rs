//! The server: which keys cost the most.
//!
//! ```text
//! HOTKEYS START METRICS count [CPU] [NET] [CALLS] [COUNT k] [DURATION seconds] [SAMPLE ratio] [SLOTS count slot [slot ...]]
//! HOTKEYS STOP
//! HOTKEYS GET
//! HOTKEYS RESET
//! HOTKEYS HELP
//! ```
//!
//! Redis has it since 8.6; `CALLS` and `HELP` are kvd's own.

use std::time::Duration;

use engine::{Args, CommandError, Ctx, HotKeysReport, HotKeysRequest, Hottest, Metric};
use resp::Reply;

use crate::help::reply_help;

/// Keys shown for each metric where nobody says how many.
const SHOWN: usize = 10;

/// The most that are shown.
const SHOWN_MAX: i64 = 64;

/// The longest measurement that has an end: a year.
const DURATION_SECONDS_MAX: i64 = 366 * 86_400;

/// All that kvd has without a cluster.
const SLOTS: (i64, i64) = (0, 16_383);

const METRICS: [(&str, Metric); 3] = [("CPU", Metric::Cpu), ("NET", Metric::Net), ("CALLS", Metric::Calls)];

const NO_METRICS: CommandError = CommandError::fixed("ERR METRICS parameter is required");
const NOT_THAT_MANY_METRICS: CommandError =
    CommandError::fixed("ERR METRICS count must be the number of metrics that follow");
const BAD_COUNT: CommandError = CommandError::fixed("ERR COUNT must be between 1 and 64");
const BAD_DURATION: CommandError = CommandError::fixed("ERR DURATION must be between 0 and 31622400");
const BAD_SAMPLE: CommandError = CommandError::fixed("ERR SAMPLE ratio must be between 1 and 2147483647");
const NO_CLUSTER: CommandError =
    CommandError::fixed("ERR SLOTS parameter cannot be used in non-cluster mode");
const UNDER_WAY: CommandError = CommandError::fixed("ERR hotkeys tracking session already in progress");
const STOP_FIRST: CommandError =
    CommandError::fixed("ERR hotkeys tracking session in progress, stop tracking first");

pub(super) fn start(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let request = parse_request(&mut cx.args)?;
    if !cx.engine.start_hot_keys(request, cx.now, cx.session.random()) {
        return Err(UNDER_WAY);
    }
    cx.reply.ok();
    Ok(())
}

fn parse_request(args: &mut Args<'_>) -> Result<HotKeysRequest, CommandError> {
    if !args.option("METRICS") {
        return Err(NO_METRICS);
    }
    let metrics = parse_metrics(args)?;
    let mut request = HotKeysRequest { metrics, count: SHOWN, duration: None, sample_ratio: 1 };
    while !args.is_empty() {
        if args.option("COUNT") {
            request.count = parse_within(args, 1, SHOWN_MAX, BAD_COUNT)? as usize;
        } else if args.option("DURATION") {
            let seconds = parse_within(args, 0, DURATION_SECONDS_MAX, BAD_DURATION)?;
            request.duration = (seconds > 0).then(|| Duration::from_secs(seconds.unsigned_abs()));
        } else if args.option("SAMPLE") {
            request.sample_ratio = parse_within(args, 1, i64::from(i32::MAX), BAD_SAMPLE)? as u32;
        } else if args.option("SLOTS") {
            return Err(NO_CLUSTER);
        } else {
            return Err(CommandError::Syntax);
        }
    }
    Ok(request)
}

fn parse_metrics(args: &mut Args<'_>) -> Result<Vec<Metric>, CommandError> {
    let count = parse_within(args, 1, METRICS.len() as i64, NOT_THAT_MANY_METRICS)?;
    let mut metrics = Vec::new();
    for _ in 0..count {
        let found = METRICS.iter().find(|(name, _)| args.option(name));
        match found {
            Some((_, metric)) if !metrics.contains(metric) => metrics.push(*metric),
            _ => return Err(NOT_THAT_MANY_METRICS),
        }
    }
    Ok(metrics)
}

fn parse_within(
    args: &mut Args<'_>,
    least: i64,
    most: i64,
    error: CommandError,
) -> Result<i64, CommandError> {
    if args.is_empty() {
        return Err(CommandError::Syntax);
    }
    args.integer().ok().filter(|number| (least..=most).contains(number)).ok_or(error)
}

pub(super) fn stop(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    if cx.engine.stop_hot_keys(cx.now) {
        cx.reply.ok();
    } else {
        cx.reply.null();
    }
    Ok(())
}

pub(super) fn reset(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    if !cx.engine.reset_hot_keys(cx.now) {
        return Err(STOP_FIRST);
    }
    cx.reply.ok();
    Ok(())
}

pub(super) fn get(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    match cx.engine.hot_keys_report(cx.now) {
        Some(report) => reply_report(&mut cx.reply, &report),
        None => cx.reply.null(),
    }
    Ok(())
}

fn reply_report(reply: &mut Reply<'_>, report: &HotKeysReport) {
    let facts = [
        ("tracking-active", u64::from(report.is_active)),
        ("sample-ratio", u64::from(report.request.sample_ratio)),
        ("all-commands-all-slots-us", report.command_nanos / 1000),
        ("net-bytes-all-commands-all-slots", report.net_bytes),
        ("collection-start-time-unix-ms", report.started.unix_millis().0.unsigned_abs()),
        ("collection-duration-ms", report.nanos / 1_000_000),
        ("total-cpu-time-user-ms", report.cpu_user.as_millis() as u64),
        ("total-cpu-time-sys-ms", report.cpu_system.as_millis() as u64),
        ("total-net-bytes", report.net_bytes),
    ];
    // An array of one node's report, as clients of a cluster get many.
    reply.array(1);
    reply.map(facts.len() + 1 + report.hottest.len());
    let (before_slots, rest) = facts.split_at(2);
    reply_facts(reply, before_slots);
    reply.bulk(b"selected-slots");
    reply.array(1);
    reply.array(2);
    reply.integer(SLOTS.0);
    reply.integer(SLOTS.1);
    reply_facts(reply, rest);
    for hottest in &report.hottest {
        reply_keys(reply, hottest);
    }
}

fn reply_facts(reply: &mut Reply<'_>, facts: &[(&str, u64)]) {
    for (name, value) in facts {
        reply.bulk(name.as_bytes());
        reply.integer(i64::try_from(*value).unwrap_or(i64::MAX));
    }
}

/// Names and amounts in turn, the dearest first.
fn reply_keys(reply: &mut Reply<'_>, hottest: &Hottest) {
    let (name, unit) = match hottest.metric {
        Metric::Calls => ("by-calls", 1),
        Metric::Cpu => ("by-cpu-time-us", 1000),
        Metric::Net => ("by-net-bytes", 1),
    };
    reply.bulk(name.as_bytes());
    reply.array(2 * hottest.keys.len());
    for (key, amount) in &hottest.keys {
        reply.bulk(key);
        reply.integer(i64::try_from(amount / unit).unwrap_or(i64::MAX));
    }
}

pub(super) fn help(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    reply_help(
        &mut cx.reply,
        "HOTKEYS",
        &[
            ("GET", &["Show the keys that cost the most, by each metric."]),
            ("RESET", &["Forget what was found."]),
            (
                "START METRICS <count> [CPU] [NET] [CALLS] [COUNT <k>] [DURATION <seconds>] [SAMPLE <ratio>]",
                &[
                    "Measure by processor time, bytes received and sent, or commands, until stopped or",
                    "for so long. <k> keys are shown by each. One of <ratio> commands is looked at.",
                ],
            ),
            ("STOP", &["End the measurement. What it found stays."]),
        ],
    );
    Ok(())
}
