//! INFO about how long commands take.

use std::fmt::Write;

use engine::{Ctx, Histogram};

use super::report::Report;

pub(super) fn latencystats(report: &mut Report, cx: &mut Ctx<'_>) {
    let percentiles = cx.engine.settings().read(|config| config.percentiles().to_vec());
    for command in catalog::COMMANDS {
        let histogram = cx.engine.stats().durations(command.id);
        if histogram.calls() > 0 {
            let name = format_args!("latency_percentiles_usec_{}", command.name);
            report.field(name, shown(&histogram, &percentiles));
        }
    }
}

fn shown(histogram: &Histogram, percentiles: &[f64]) -> String {
    let mut text = String::new();
    for percent in percentiles {
        let gap = if text.is_empty() { "" } else { "," };
        let micros = histogram.percentile(*percent) as f64 / 1000.0;
        write!(text, "{gap}p{percent}={micros:.3}").expect("a String takes all text");
    }
    text
}
