//! All metrics, one family after the other.

use engine::{Engine, Moment};

use super::exposition::Exposition;
use super::facts::Facts;
use super::{labelled, numbers};

/// All metrics of an engine, in version 0.0.4 of Prometheus' text format.
///
/// It visits every stripe, one locked at a time, so it waits for commands that hold some for long: not to be called where that keeps others waiting.
pub fn metrics(engine: &Engine, now: Moment) -> String {
    let facts = Facts::gather(engine, now);
    let mut exposition = Exposition::default();
    labelled::instance(&mut exposition, &facts);
    numbers::write(&mut exposition, &facts);
    labelled::clients(&mut exposition, &facts);
    labelled::workers(&mut exposition, &facts);
    labelled::databases(&mut exposition, &facts);
    labelled::commands(&mut exposition, &facts);
    labelled::latencies(&mut exposition, &facts);
    labelled::errors(&mut exposition, &facts);
    labelled::logs(&mut exposition, &facts);
    exposition.into_text()
}
