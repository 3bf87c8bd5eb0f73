//! What a series tells, in words.

use config::id;
use engine::{CommandError, Ctx, LatencyEvent, LatencySeries};

pub(in crate::server) fn doctor(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let (threshold, slower_than) = cx.engine.settings().read(|config| {
        let threshold = config.integer(id::LATENCY_MONITOR_THRESHOLD);
        (threshold, config.integer(id::COMMANDLOG_EXECUTION_SLOWER_THAN))
    });
    let all = cx.engine.latency().all();
    let text = if threshold == 0 && all.is_empty() {
        "Nothing is watched: latency-monitor-threshold is 0. CONFIG SET latency-monitor-threshold <milliseconds> begins it.\n"
            .to_owned()
    } else if all.is_empty() {
        format!("Nothing took {threshold} milliseconds or longer since the monitor was reset.\n")
    } else {
        diagnose(&all, threshold, slower_than)
    };
    cx.reply.verbatim(b"txt", text);
    Ok(())
}

fn diagnose(all: &[(LatencyEvent, LatencySeries)], threshold: i64, slower_than: i64) -> String {
    let mut text = "Some things took long:\n\n".to_owned();
    for (index, (event, series)) in all.iter().enumerate() {
        let Summary { average, deviation, period } = Summary::of(series);
        text.push_str(&format!(
            "{}. {}: {} latency spikes (average {average:.0}ms, mean deviation {deviation:.0}ms, period {period:.2} sec). Worst all time event {}ms.\n",
            index + 1,
            event.name(),
            series.samples.len(),
            series.millis_max,
        ));
    }
    text.push_str("\nThis may help:\n\n");
    let has = |wanted: LatencyEvent| all.iter().any(|(event, _)| *event == wanted);
    let has_commands = has(LatencyEvent::Command) || has(LatencyEvent::FastCommand);
    if has_commands && (slower_than < 0 || slower_than > threshold.saturating_mul(1000)) {
        let micros = threshold.saturating_mul(1000);
        text.push_str(&format!(
            "- The slow log would name the commands; it begins later than this monitor. CONFIG SET slowlog-log-slower-than {micros} changes that.\n"
        ));
    } else if has_commands {
        text.push_str("- SLOWLOG GET names the commands that took long.\n");
    }
    if has(LatencyEvent::FastCommand) {
        text.push_str(
            "- Commands that never take long by themselves did: the machine may be too busy, or memory swapped out.\n",
        );
    }
    if has(LatencyEvent::Command) {
        text.push_str("- Commands over large values take long: smaller values, or SCAN and its kin, take their turns.\n");
    }
    if has(LatencyEvent::ExpireCycle) {
        text.push_str("- Many keys were due at the same moment: a few random seconds more in their times to live spread them.\n");
    }
    if has(LatencyEvent::EvictionCycle) {
        text.push_str("- Keys are evicted while commands wait: a larger maxmemory, or a smaller maxmemory-eviction-tenacity, lets them wait less.\n");
    }
    text
}

/// A series in three numbers.
struct Summary {
    /// Milliseconds.
    average: f64,
    /// By how many milliseconds samples are off the average, on average.
    deviation: f64,
    /// Seconds from one to the next.
    period: f64,
}

impl Summary {
    fn of(series: &LatencySeries) -> Self {
        let count = series.samples.len().max(1) as f64;
        let millis = || series.samples.iter().map(|sample| sample.millis as f64);
        let average = millis().sum::<f64>() / count;
        let deviation = millis().map(|one| (one - average).abs()).sum::<f64>() / count;
        let seconds = match (series.samples.front(), series.samples.back()) {
            (Some(first), Some(last)) => last.at_seconds.saturating_sub(first.at_seconds) as f64,
            _ => 0.0,
        };
        Self { average, deviation, period: seconds / count }
    }
}
