//! A strict reader of Prometheus' text format, version 0.0.4. It takes less than the format allows: no timestamps, no blank lines, no comments but
//! HELP and TYPE, every sample behind the head of its family.

use std::collections::{BTreeMap, BTreeSet};

/// What was read.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    pub(crate) families: BTreeMap<String, Family>,
}

#[derive(Debug, Default)]
pub(crate) struct Family {
    pub(crate) kind: String,
    /// By name and labels, in the order of the labels.
    pub(crate) samples: Vec<Sample>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sample {
    pub(crate) name: String,
    pub(crate) labels: Vec<(String, String)>,
    pub(crate) value: f64,
}

impl Metrics {
    /// Reads a text that must be without fault.
    pub(crate) fn parse(text: &str) -> Self {
        assert!(text.ends_with('\n') && !text.contains('\r'), "lines end with a line feed");
        let mut metrics = Self::default();
        let mut lines = text.lines().peekable();
        while let Some(line) = lines.next() {
            let help = line.strip_prefix("# HELP ").unwrap_or_else(|| panic!("{line:?} is no HELP"));
            let (name, help) = help.split_once(' ').unwrap();
            assert!(is_name(name, true) && !help.is_empty(), "{line}");
            let kind = lines.next().and_then(|line| line.strip_prefix(&format!("# TYPE {name} "))).unwrap();
            assert!(["counter", "gauge", "histogram"].contains(&kind), "{kind}");
            let mut family = Family { kind: kind.to_owned(), samples: Vec::new() };
            while let Some(line) = lines.next_if(|line| !line.starts_with('#')) {
                let sample = Sample::parse(line);
                assert!(family.may_have(name, &sample.name), "{line} in {name}");
                family.samples.push(sample);
            }
            family.check(name);
            assert!(metrics.families.insert(name.to_owned(), family).is_none(), "{name} is there twice");
        }
        metrics
    }

    /// The value of a sample, by its name and what its labels must be.
    pub(crate) fn value(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let all = self.families.values().flat_map(|family| &family.samples);
        let is_meant = |sample: &&Sample| {
            sample.name == name
                && labels.len() == sample.labels.len()
                && labels.iter().zip(&sample.labels).all(|(wanted, label)| *wanted == (&label.0, &label.1))
        };
        all.clone().find(is_meant).unwrap_or_else(|| panic!("no {name} {labels:?}")).value
    }

    /// Whatever only grows: by name and labels.
    pub(crate) fn growing(&self) -> BTreeMap<String, f64> {
        let growing = self.families.values().filter(|family| family.kind != "gauge");
        growing
            .flat_map(|family| &family.samples)
            .map(|sample| (format!("{}{:?}", sample.name, sample.labels), sample.value))
            .collect()
    }
}

impl Family {
    fn may_have(&self, family: &str, name: &str) -> bool {
        match (self.kind.as_str(), name.strip_prefix(family)) {
            ("histogram", Some(part)) => ["_bucket", "_sum", "_count"].contains(&part),
            (_, part) => part == Some(""),
        }
    }

    fn check(&self, name: &str) {
        assert_eq!(name.ends_with("_total"), self.kind == "counter", "{name} is a {}", self.kind);
        let mut seen = BTreeSet::new();
        for sample in &self.samples {
            let names: BTreeSet<&str> = sample.labels.iter().map(|(name, _)| name.as_str()).collect();
            assert_eq!(names.len(), sample.labels.len(), "a label is there twice: {sample:?}");
            assert!(seen.insert(format!("{}{:?}", sample.name, sample.labels)), "{sample:?} is there twice");
            assert!(sample.value.is_finite(), "{sample:?}");
            assert!(self.kind == "gauge" || sample.value >= 0.0, "{sample:?}");
        }
        if self.kind == "histogram" {
            self.check_histogram();
        }
    }

    /// Each series has ascending bounds up to `+Inf`, counts that don't fall, and the same number at `+Inf` and in `_count`.
    fn check_histogram(&self) {
        let mut buckets: BTreeMap<String, Vec<(f64, f64)>> = BTreeMap::new();
        let mut counts = BTreeMap::new();
        let mut sums = BTreeSet::new();
        for sample in &self.samples {
            let mut labels = sample.labels.clone();
            let bound = labels.iter().position(|(name, _)| name == "le").map(|index| labels.remove(index).1);
            let key = format!("{labels:?}");
            if sample.name.ends_with("_bucket") {
                let bound = bound.unwrap().replace("+Inf", "inf").parse().unwrap();
                buckets.entry(key).or_default().push((bound, sample.value));
            } else if sample.name.ends_with("_count") {
                counts.insert(key, sample.value);
            } else {
                sums.insert(key);
            }
        }
        assert_eq!(buckets.keys().collect::<Vec<_>>(), counts.keys().collect::<Vec<_>>());
        assert_eq!(buckets.keys().collect::<Vec<_>>(), sums.iter().collect::<Vec<_>>());
        let bounds = |buckets: &[(f64, f64)]| buckets.iter().map(|(bound, _)| *bound).collect::<Vec<f64>>();
        let first = buckets.values().next().map(|buckets| bounds(buckets));
        for (series, buckets) in &buckets {
            assert!(
                buckets.is_sorted_by(|one, next| one.0 < next.0 && one.1 <= next.1),
                "{series}: {buckets:?}"
            );
            let last = *buckets.last().unwrap();
            assert_eq!(last, (f64::INFINITY, counts[series]), "{series}");
            assert_eq!(Some(bounds(buckets)), first, "all series have the same bounds");
        }
    }
}

impl Sample {
    fn parse(line: &str) -> Self {
        let end = line.find(['{', ' ']).unwrap_or_else(|| panic!("{line}"));
        let name = &line[..end];
        assert!(is_name(name, true), "{line}");
        let (labels, rest) = match line[end..].strip_prefix('{') {
            Some(rest) => labels(rest),
            None => (Vec::new(), &line[end..]),
        };
        let value = rest.strip_prefix(' ').unwrap_or_else(|| panic!("{line}"));
        assert!(!value.contains(' ') && !value.contains('e'), "{line}");
        Self { name: name.to_owned(), labels, value: value.parse().unwrap_or_else(|_| panic!("{line}")) }
    }
}

/// Labels behind the opening brace, and what is behind the closing one.
fn labels(mut rest: &str) -> (Vec<(String, String)>, &str) {
    let mut labels = Vec::new();
    loop {
        let (name, quoted) = rest.split_once("=\"").unwrap();
        assert!(is_name(name, false), "{name}");
        let mut value = String::new();
        let mut letters = quoted.char_indices();
        let end = loop {
            match letters.next().unwrap() {
                (index, '"') => break index + 1,
                (_, '\\') => value.push(match letters.next().unwrap().1 {
                    'n' => '\n',
                    letter @ ('\\' | '"') => letter,
                    other => panic!("\\{other} means nothing"),
                }),
                (_, letter) => value.push(letter),
            }
        };
        labels.push((name.to_owned(), value));
        rest = &quoted[end..];
        if let Some(rest) = rest.strip_prefix('}') {
            return (labels, rest);
        }
        rest = rest.strip_prefix(',').unwrap();
    }
}

fn is_name(name: &str, may_have_colon: bool) -> bool {
    let is_letter =
        |letter: char| letter.is_ascii_alphabetic() || letter == '_' || may_have_colon && letter == ':';
    name.starts_with(is_letter) && name.chars().all(|letter| is_letter(letter) || letter.is_ascii_digit())
}

#[test]
fn faults_are_found() {
    let head = "# HELP a_total A.\n# TYPE a_total counter\n";
    let good = format!("{head}a_total{{x=\"1\\\\\\\"\\n\"}} 1\n");
    assert_eq!(Metrics::parse(&good).value("a_total", &[("x", "1\\\"\n")]), 1.0);
    for bad in [
        "a_total 1\n".to_owned(),
        format!("{head}a_total 1"),
        format!("{head}a_total 1\na_total 1\n"),
        format!("{head}a_total 1\n{head}a_total{{x=\"\"}} 1\n"),
        format!("{head}b_total 1\n"),
        format!("{head}a_total -1\n"),
        format!("{head}a_total{{x=\"\\y\"}} 1\n"),
        format!("{head}a_total{{x=\"1\",x=\"2\"}} 1\n"),
        format!("{head}a_total{{9=\"1\"}} 1\n"),
        format!("{head}a_total 1 2\n"),
        "# HELP h H.\n# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_sum 1\nh_count 1\n".to_owned(),
        "# HELP h H.\n# TYPE h histogram\nh_bucket{le=\"1\"} 2\nh_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_count 1\n".to_owned(),
    ] {
        assert!(std::panic::catch_unwind(|| Metrics::parse(&bad)).is_err(), "{bad}");
    }
}
