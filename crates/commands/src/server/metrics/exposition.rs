//! The text of all metrics, as it grows: version 0.0.4 of Prometheus' format.

use std::fmt::{Display, Write};

/// What samples of the same name are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Family {
    /// Letters, digits and underscores; ends with the unit, and `_total` if it is a counter.
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    /// One line for people.
    pub(super) help: &'static str,
}

/// How a number behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// It only grows, until it begins anew at zero.
    Counter,
    /// It goes up and down.
    Gauge,
    /// Counts by size: `_bucket` with the label `le`, `_sum` and `_count`.
    Histogram,
}

impl Family {
    pub(super) const fn counter(name: &'static str, help: &'static str) -> Self {
        Self { name, kind: Kind::Counter, help }
    }

    pub(super) const fn gauge(name: &'static str, help: &'static str) -> Self {
        Self { name, kind: Kind::Gauge, help }
    }

    pub(super) const fn histogram(name: &'static str, help: &'static str) -> Self {
        Self { name, kind: Kind::Histogram, help }
    }
}

/// Names of labels and their values.
pub(super) type Labels<'a> = &'a [(&'a str, &'a str)];

#[derive(Default)]
pub(super) struct Exposition {
    text: String,
}

impl Exposition {
    /// Begins a family; its samples follow. Each once.
    pub(super) fn begin(&mut self, family: Family) {
        let Family { name, kind, help } = family;
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        self.line(format_args!("# HELP {name} {help}"));
        self.line(format_args!("# TYPE {name} {kind}"));
    }

    /// Adds a sample of the family begun. `part` is what a histogram's samples have behind its name.
    pub(super) fn sample(&mut self, family: Family, part: &str, labels: Labels<'_>, value: impl Display) {
        self.text.extend([family.name, part]);
        for (index, (name, value)) in labels.iter().enumerate() {
            self.text.extend([if index == 0 { "{" } else { "," }, name, "=\""]);
            value.chars().for_each(|letter| self.escaped(letter));
            self.text.push('"');
        }
        let end = if labels.is_empty() { "" } else { "}" };
        self.line(format_args!("{end} {value}"));
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }

    fn line(&mut self, text: impl Display) {
        writeln!(self.text, "{text}").expect("a String takes all text");
    }

    fn escaped(&mut self, letter: char) {
        match letter {
            '\\' => self.text.push_str("\\\\"),
            '"' => self.text.push_str("\\\""),
            '\n' => self.text.push_str("\\n"),
            letter => self.text.push(letter),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_has_its_head_once_and_labels_are_escaped() {
        const THINGS: Family = Family::counter("things_total", "Things.");
        let mut exposition = Exposition::default();
        exposition.begin(THINGS);
        exposition.sample(THINGS, "", &[], 1);
        exposition.sample(THINGS, "", &[("a", "x\\y\"z\n"), ("b", "ü")], 0.5);
        assert_eq!(
            exposition.into_text(),
            "# HELP things_total Things.\n# TYPE things_total counter\nthings_total 1\n\
             things_total{a=\"x\\\\y\\\"z\\n\",b=\"ü\"} 0.5\n"
        );
    }
}
