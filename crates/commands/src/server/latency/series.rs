//! The series of samples as they are.

use engine::{CommandError, Ctx};

use crate::help::reply_help;

pub(in crate::server) fn latest(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let all = cx.engine.latency().all();
    cx.reply.array(all.len());
    for (event, series) in all {
        let last = series.samples.back();
        cx.reply.array(6);
        cx.reply.bulk(event.name().as_bytes());
        cx.reply.integer(last.map_or(0, |sample| sample.at_seconds as i64));
        cx.reply.integer(last.map_or(0, |sample| sample.millis as i64));
        for number in [series.millis_max, series.millis_sum, series.count] {
            cx.reply.integer(number as i64);
        }
    }
    Ok(())
}

pub(in crate::server) fn history(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let series = cx.engine.latency().find(cx.args.word()?).unwrap_or_default();
    cx.reply.array(series.samples.len());
    for sample in series.samples {
        cx.reply.array(2);
        cx.reply.integer(sample.at_seconds as i64);
        cx.reply.integer(sample.millis as i64);
    }
    Ok(())
}

pub(in crate::server) fn reset(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let events = cx.args;
    let is_meant = |name: &str| {
        events.is_empty() || events.rest().any(|event| event.eq_ignore_ascii_case(name.as_bytes()))
    };
    cx.reply.integer(cx.engine.latency().reset(is_meant) as i64);
    Ok(())
}

pub(in crate::server) fn help(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    reply_help(
        &mut cx.reply,
        "LATENCY",
        &[
            ("DOCTOR", &["Say what took longer than latency-monitor-threshold, and what can be done."]),
            ("GRAPH <event>", &["Draw the samples of an event."]),
            (
                "HISTOGRAM [<command> ...]",
                &["Show how many calls of these commands, or of all, took how long at most."],
            ),
            (
                "HISTORY <event>",
                &["Show the samples of an event: when it happened, and the milliseconds it took."],
            ),
            (
                "LATEST",
                &[
                    "Show for each event when it last happened, then milliseconds: the last, the longest, all; and how many.",
                ],
            ),
            ("RESET [<event> ...]", &["Forget the samples of these events, or of all."]),
        ],
    );
    Ok(())
}
