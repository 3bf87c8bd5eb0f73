//! A series as a picture of columns, one for each sample, from the least to the greatest:
//!
//! ```text
//! command - high 50 ms, low 30 ms (all time high 50 ms)
//! --------------------------------------------------------------------------------
//!  #
//! o|
//! ||
//! ||_
//!
//! 321
//! sss
//! ```
//!
//! Below each column stands, from top to bottom, how long ago that was.

use engine::{CommandError, Ctx, LatencySeries};

/// The most samples drawn.
const COLUMNS_MAX: usize = 80;
const ROWS: usize = 4;

/// The top of a column within its row, by thirds.
const TOPS: [char; 3] = ['_', 'o', '#'];

pub(in crate::server) fn graph(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let event = cx.args.word()?;
    let series = cx.engine.latency().find(event);
    let series =
        series.ok_or_else(|| CommandError::quoting("ERR No samples available for event '", event, "'"))?;
    let text = draw(&String::from_utf8_lossy(event), &series, cx.now.unix_seconds());
    cx.reply.verbatim(b"txt", text);
    Ok(())
}

fn draw(event: &str, series: &LatencySeries, now: u64) -> String {
    let skipped = series.samples.len().saturating_sub(COLUMNS_MAX);
    let samples = || series.samples.iter().skip(skipped);
    let high = samples().map(|sample| sample.millis).max().unwrap_or(0);
    let low = samples().map(|sample| sample.millis).min().unwrap_or(0);
    let heights: Vec<usize> = samples().map(|sample| height(sample.millis, low, high)).collect();
    let ages: Vec<String> = samples().map(|sample| age(now.saturating_sub(sample.at_seconds))).collect();
    let mut lines = vec![
        format!("{event} - high {high} ms, low {low} ms (all time high {} ms)", series.millis_max),
        "-".repeat(COLUMNS_MAX),
    ];
    lines.extend((0..ROWS).rev().map(|row| heights.iter().map(|height| cell(*height, row)).collect()));
    lines.push(" ".repeat(heights.len()));
    let longest = ages.iter().map(String::len).max().unwrap_or(0);
    let letter = |age: &String, row: usize| age.chars().nth(row).unwrap_or(' ');
    lines.extend((0..longest).map(|row| ages.iter().map(|age| letter(age, row)).collect()));
    lines.join("\n") + "\n"
}

/// In thirds of a row.
fn height(millis: u64, low: u64, high: u64) -> usize {
    let steps = (ROWS * TOPS.len()) as u64;
    let height = (millis - low) * steps / (high - low).max(1);
    height.min(steps - 1) as usize
}

/// What a column of this height shows in a row, counted from below.
fn cell(height: usize, row: usize) -> char {
    match (height / TOPS.len()).cmp(&row) {
        std::cmp::Ordering::Less => ' ',
        std::cmp::Ordering::Equal => TOPS[height % TOPS.len()],
        std::cmp::Ordering::Greater => '|',
    }
}

fn age(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{}m", seconds / 60),
        3600..86400 => format!("{}h", seconds / 3600),
        _ => format!("{}d", seconds / 86400),
    }
}

#[cfg(test)]
mod tests {
    use engine::LatencySample;

    use super::*;

    #[test]
    fn columns_reach_from_the_least_to_the_greatest_and_carry_their_age() {
        let samples = [(100, 40), (7100, 50), (7201, 30), (7290, 45)]
            .map(|(at_seconds, millis)| LatencySample { at_seconds, millis });
        let series = LatencySeries { samples: samples.into(), millis_max: 90, millis_sum: 255, count: 5 };
        let lines: Vec<String> = draw("command", &series, 7300).lines().map(str::to_owned).collect();
        assert_eq!(lines[0], "command - high 50 ms, low 30 ms (all time high 90 ms)");
        assert_eq!(lines[1].len(), 80);
        assert_eq!(lines[2..], [" # _", "_| |", "|| |", "||_|", "    ", "2311", "hmm0", "   s"]);
    }
}
