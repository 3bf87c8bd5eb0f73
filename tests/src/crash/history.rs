//! What was sent and what was acknowledged, and which beginning of it a server still has.

use std::time::{Duration, Instant};

use super::key::Key;
use super::observe::Seen;
use super::unit::Unit;
use super::value::{Data, Kept};

/// A unit that was sent.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    /// What.
    pub(crate) unit: Unit,
    /// When.
    pub(crate) at: Instant,
    /// What came back.
    pub(crate) outcome: Outcome,
}

/// What came back of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Nothing: the server was gone before.
    Unknown,
    /// It was done.
    Acknowledged(Instant),
    /// It was not done, and the client was told why.
    Refused,
}

/// What one client did to its keys since they were known for certain.
#[derive(Clone, Debug)]
pub(crate) struct History {
    /// The client's number.
    pub(crate) client: usize,
    /// What its keys held before.
    pub(crate) before: Data,
    /// What it sent, in order.
    pub(crate) sent: Vec<Sent>,
}

/// Which beginning of a history a server has. Units that change nothing, or that others undo, leave it open where exactly it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Prefix {
    /// The fewest units that make what was seen.
    pub(crate) least: usize,
    /// The most.
    pub(crate) most: usize,
}

/// The server holds what no beginning of the history makes.
#[derive(Clone, Debug)]
pub struct NoPrefix {
    /// The fewest keys that differ from some beginning.
    pub keys: Vec<String>,
    /// How many units that beginning has.
    pub units: usize,
}

impl History {
    /// A history that begins.
    pub(crate) fn new(client: usize, before: Data) -> Self {
        Self { client, before, sent: Vec::new() }
    }

    /// How many units were acknowledged.
    pub(crate) fn acknowledged(&self) -> usize {
        self.sent.iter().filter(|sent| sent.acknowledged_at().is_some()).count()
    }

    /// The units that must be there if all is there that was acknowledged before a moment.
    pub(crate) fn owed(&self, before: Instant) -> usize {
        let is_owed = |sent: &Sent| sent.acknowledged_at().is_some_and(|at| at < before);
        self.sent.iter().rposition(is_owed).map_or(0, |index| index + 1)
    }

    /// The data that its first units make.
    pub(crate) fn data(&self, units: usize) -> Data {
        let mut data = self.before.clone();
        for sent in self.sent.iter().take(units).filter(|sent| sent.outcome != Outcome::Refused) {
            sent.unit.ops.iter().for_each(|op| op.apply(&mut data));
        }
        data
    }

    /// How much its first units add to the shared counter.
    pub(crate) fn shared(&self, units: usize) -> i64 {
        let done = self.sent.iter().take(units).filter(|sent| sent.outcome != Outcome::Refused);
        done.map(|sent| sent.unit.shared()).sum()
    }

    /// Which beginning of it was seen.
    pub(crate) fn prefix(&self, seen: &Seen) -> Result<Prefix, NoPrefix> {
        let mut walk = Walk::new(self, seen);
        let mut nearest = (walk.wrong.clone(), 0);
        let mut prefix = walk.wrong.is_empty().then_some(Prefix { least: 0, most: 0 });
        for (index, sent) in self.sent.iter().enumerate() {
            if sent.outcome != Outcome::Refused {
                walk.go(&sent.unit);
            }
            let units = index + 1;
            if walk.wrong.len() <= nearest.0.len() {
                nearest = (walk.wrong.clone(), units);
            }
            if walk.wrong.is_empty() {
                match &mut prefix {
                    Some(prefix) => prefix.most = units,
                    None => prefix = Some(Prefix { least: units, most: units }),
                }
            }
        }
        prefix.ok_or_else(|| NoPrefix {
            keys: nearest.0.iter().map(Key::to_string).collect(),
            units: nearest.1,
        })
    }

    /// The first acknowledged unit that isn't among the first `units`, and when it was acknowledged.
    pub(crate) fn first_missing(&self, units: usize) -> Option<Instant> {
        self.sent.iter().skip(units).find_map(Sent::acknowledged_at)
    }

    /// How many acknowledged units aren't among the first `units`.
    pub(crate) fn missing(&self, units: usize) -> usize {
        self.sent.iter().skip(units).filter(|sent| sent.acknowledged_at().is_some()).count()
    }
}

impl Sent {
    /// When it was acknowledged, if it was.
    pub(crate) fn acknowledged_at(&self) -> Option<Instant> {
        match self.outcome {
            Outcome::Acknowledged(at) => Some(at),
            Outcome::Unknown | Outcome::Refused => None,
        }
    }
}

/// A walk along a history, with the keys that are now other than they were seen.
struct Walk<'a> {
    seen: &'a Seen,
    data: Data,
    wrong: Vec<Key>,
}

impl<'a> Walk<'a> {
    fn new(history: &History, seen: &'a Seen) -> Self {
        let data = history.before.clone();
        let all = data.keys().chain(seen.data.keys().filter(|key| !data.contains_key(*key)));
        let wrong = all.filter(|key| !seen.agrees(key, data.get(*key))).cloned().collect();
        Self { seen, data, wrong }
    }

    fn go(&mut self, unit: &Unit) {
        unit.ops.iter().for_each(|op| op.apply(&mut self.data));
        for key in unit.ops.iter().flat_map(|op| op.keys()) {
            let was_wrong = self.wrong.iter().position(|wrong| *wrong == key);
            match (self.seen.agrees(&key, self.data.get(&key)), was_wrong) {
                (true, Some(index)) => drop(self.wrong.swap_remove(index)),
                (false, None) => self.wrong.push(key),
                _ => {}
            }
        }
    }
}

impl Seen {
    /// Whether the key was seen as it should be. Nobody knows of one whose time was up while it was looked at; in the millisecond that it names
    /// it may still be there.
    fn agrees(&self, key: &Key, expected: Option<&Kept>) -> bool {
        let until = expected.and_then(|kept| kept.until_ms);
        match (until, self.data.get(key)) {
            (Some(until), None) if until <= self.ended_ms => true,
            (Some(until), Some(_)) if until < self.began_ms => false,
            (_, found) => found == expected,
        }
    }
}

/// How long it is from one moment to a later one.
pub(crate) fn span(from: Instant, to: Instant) -> Duration {
    to.saturating_duration_since(from)
}

#[cfg(test)]
mod tests {
    use super::super::op::Op;
    use super::super::value::Value;
    use super::*;

    fn history(outcomes: &[Outcome]) -> History {
        let mut history = History::new(0, Data::new());
        for (number, outcome) in outcomes.iter().enumerate() {
            let unit =
                Unit::one(Op::Set(Key::of(&format!("k{}", number % 2)), number.to_string().into_bytes()));
            history.sent.push(Sent { unit, at: Instant::now(), outcome: *outcome });
        }
        history
    }

    fn seen(data: Data) -> Seen {
        Seen { data, shared: 0, began_ms: 100, ended_ms: 200 }
    }

    #[test]
    fn a_prefix_is_found_and_what_is_none_is_told() {
        let acknowledged = Outcome::Acknowledged(Instant::now());
        let history =
            history(&[acknowledged, acknowledged, Outcome::Refused, acknowledged, Outcome::Unknown]);
        for units in [0, 1, 4, 5] {
            let prefix = history.prefix(&seen(history.data(units))).unwrap();
            assert_eq!(prefix, Prefix { least: units, most: units });
        }
        // A refused unit does nothing.
        let prefix = history.prefix(&seen(history.data(2))).unwrap();
        assert_eq!((prefix, history.missing(2)), (Prefix { least: 2, most: 3 }, 1));
        let mut data = history.data(5);
        data.remove(&Key::of("k0"));
        let none = history.prefix(&seen(data)).unwrap_err();
        assert_eq!((none.keys, none.units), (vec!["k0".to_owned()], 5));
    }

    #[test]
    fn what_expires_may_be_gone_when_its_time_is_up_and_not_before() {
        let mut history = History::new(0, Data::new());
        let kept = |until_ms| Kept { value: Value::Text(b"x".to_vec()), until_ms: Some(until_ms) };
        for (until, may_be_gone, may_be_there) in [(50, true, false), (150, true, true), (250, false, true)] {
            history.before = Data::from([(Key::of("k"), kept(until))]);
            assert_eq!(history.prefix(&seen(Data::new())).is_ok(), may_be_gone, "{until}");
            assert_eq!(history.prefix(&seen(history.before.clone())).is_ok(), may_be_there, "{until}");
        }
    }
}
