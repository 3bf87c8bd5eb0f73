//! Whether a server kept what it promised.

use std::fmt;
use std::time::{Duration, Instant};

use super::history::{History, NoPrefix, Prefix, span};
use super::key::Key;
use super::observe::Seen;

/// What must be there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Promise {
    /// What was acknowledged before; `None`: nothing was promised.
    pub(crate) before: Option<Instant>,
    /// When the server ended.
    pub(crate) ended: Instant,
}

/// What is there.
#[derive(Clone, Debug)]
pub(crate) struct Verdict {
    /// Of each client's history.
    pub(crate) prefixes: Vec<Prefix>,
    /// Units that were compared.
    pub(crate) checked: u64,
    /// Units that were acknowledged.
    pub(crate) acknowledged: u64,
    /// Units that had to be there, or the judge would have said so.
    pub(crate) owed: u64,
    /// Acknowledged units that are missing, as they may be.
    pub(crate) missing: u64,
    /// How long before the end the first of them was acknowledged.
    pub(crate) span: Duration,
}

/// A promise that was broken.
#[derive(Clone, Debug)]
pub enum Broken {
    /// A client's keys are what no beginning of its history makes.
    NoPrefix {
        /// Which client.
        client: usize,
        /// What differs.
        differs: NoPrefix,
        /// How many units it sent.
        sent: usize,
    },
    /// Acknowledged units are gone.
    Missing {
        /// Which client.
        client: usize,
        /// How many units are there.
        found: usize,
        /// How many must be.
        owed: usize,
        /// How long before the end the first missing one was acknowledged.
        span: Duration,
    },
    /// A unit is there that was sent after another was acknowledged that isn't there.
    Order {
        /// Whose unit it is that is there.
        client: usize,
        /// Which one.
        unit: usize,
    },
    /// The shared counter isn't what the histories make.
    Shared {
        /// What was found.
        found: i64,
        /// The least that it can be.
        least: i64,
        /// The most.
        most: i64,
    },
    /// There are keys that nobody wrote.
    Strangers(Vec<String>),
    /// Something else.
    Other(String),
}

/// Compares what is there with what was sent and acknowledged.
pub(crate) fn judge(
    histories: &[History],
    shared_before: i64,
    seen: &Seen,
    promise: Promise,
) -> Result<Verdict, Broken> {
    let mut verdict = Verdict {
        prefixes: Vec::new(),
        checked: 0,
        acknowledged: 0,
        owed: 0,
        missing: 0,
        span: Duration::ZERO,
    };
    let (mut keys, mut shared) = (0, shared_before..=shared_before);
    for history in histories {
        let own = seen.of_client(history.client);
        keys += own.data.len();
        let prefix = history.prefix(&own).map_err(|differs| Broken::NoPrefix {
            client: history.client,
            differs,
            sent: history.sent.len(),
        })?;
        let owed = promise.before.map_or(0, |before| history.owed(before));
        let (least, most) = (history.shared(prefix.least.max(owed)), history.shared(prefix.most));
        shared = shared.start() + least..=shared.end() + most;
        verdict.owed += owed as u64;
        let lost = history.first_missing(prefix.most).map_or(Duration::ZERO, |at| span(at, promise.ended));
        if prefix.most < owed {
            return Err(Broken::Missing { client: history.client, found: prefix.most, owed, span: lost });
        }
        verdict.checked += history.sent.len() as u64;
        verdict.acknowledged += history.acknowledged() as u64;
        verdict.missing += history.missing(prefix.most) as u64;
        verdict.span = verdict.span.max(lost);
        verdict.prefixes.push(prefix);
    }
    if keys < seen.data.len() {
        return Err(Broken::Strangers(strangers(histories, seen)));
    }
    check_order(histories, &verdict.prefixes)?;
    // What is owed is there, though a unit that changes only the counter leaves no other trace.
    if !shared.contains(&seen.shared) {
        let (least, most) = shared.into_inner();
        return Err(Broken::Shared { found: seen.shared, least, most });
    }
    Ok(verdict)
}

fn strangers(histories: &[History], seen: &Seen) -> Vec<String> {
    let is_known = |key: &Key| {
        histories.iter().any(|history| key.name.starts_with(&format!("client-{}-", history.client)))
    };
    seen.data.keys().filter(|key| !is_known(key)).map(Key::to_string).collect()
}

/// What is there must be the beginning of one order of everything that was done.
fn check_order(histories: &[History], prefixes: &[Prefix]) -> Result<(), Broken> {
    let missing =
        histories.iter().zip(prefixes).filter_map(|(history, prefix)| history.first_missing(prefix.most));
    let Some(missing) = missing.min() else { return Ok(()) };
    for (history, prefix) in histories.iter().zip(prefixes) {
        let last = prefix.least.checked_sub(1).and_then(|index| history.sent.get(index));
        if last.is_some_and(|last| last.at > missing) {
            return Err(Broken::Order { client: history.client, unit: prefix.least });
        }
    }
    Ok(())
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoPrefix { client, differs, sent } => write!(
                f,
                "client {client} sent {sent} units, and what is there is no beginning of them; nearest are the first {}, but for {}",
                differs.units,
                differs.keys.join(", ")
            ),
            Self::Missing { client, found, owed, span } => write!(
                f,
                "client {client} is owed {owed} units, and {found} are there; the first that isn't was acknowledged {} ms before the end",
                span.as_millis()
            ),
            Self::Order { client, unit } => {
                write!(
                    f,
                    "unit {unit} of client {client} is there, and one isn't that was acknowledged before it was sent"
                )
            }
            Self::Shared { found, least, most } => {
                write!(f, "the shared counter is {found}, and what is there makes {least} to {most}")
            }
            Self::Strangers(keys) => write!(f, "keys that nobody wrote: {}", keys.join(", ")),
            Self::Other(what) => f.write_str(what),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::history::{Outcome, Sent};
    use super::super::op::Op;
    use super::super::unit::Unit;
    use super::super::value::Data;
    use super::*;

    /// Two clients that take turns; each unit is acknowledged before the next is sent.
    fn histories() -> (Vec<History>, Instant) {
        let mut now = Instant::now();
        let mut histories = vec![History::new(0, Data::new()), History::new(1, Data::new())];
        for number in 0..10 {
            let client = number % 2;
            let set = Op::Set(Key::of(&format!("client-{client}-k")), number.to_string().into_bytes());
            let unit = Unit { ops: vec![set, Op::AddShared], is_block: true };
            let at = now + Duration::from_millis(10);
            now = at + Duration::from_millis(10);
            histories[client].sent.push(Sent { unit, at, outcome: Outcome::Acknowledged(now) });
        }
        (histories, now)
    }

    fn seen(histories: &[History], units: [usize; 2], shared: i64) -> Seen {
        let mut seen = Seen { shared, began_ms: 1, ended_ms: 2, ..Seen::default() };
        for (history, units) in histories.iter().zip(units) {
            seen.data.extend(history.data(units));
        }
        seen
    }

    #[test]
    fn each_promise_can_be_broken() {
        let (histories, ended) = histories();
        let judge = |units, shared, before| {
            judge(&histories, 0, &seen(&histories, units, shared), Promise { before, ended })
        };
        let all = Some(ended + Duration::from_secs(1));
        assert_eq!(judge([5, 5], 10, all).unwrap().missing, 0);
        assert!(matches!(judge([5, 4], 9, all), Err(Broken::Missing { client: 1, found: 4, owed: 5, .. })));
        let verdict = judge([5, 4], 9, Some(ended)).unwrap();
        assert_eq!((verdict.missing, verdict.span), (1, Duration::ZERO));
        let verdict = judge([3, 3], 6, None).unwrap();
        assert_eq!((verdict.missing, verdict.span), (4, Duration::from_millis(60)));
        assert!(matches!(judge([5, 3], 8, None), Err(Broken::Order { client: 0, .. })));
        assert!(matches!(judge([3, 3], 7, None), Err(Broken::Shared { found: 7, least: 6, most: 6 })));
        let mut strange = seen(&histories, [5, 5], 10);
        strange.data.extend(histories[0].data(1).into_values().map(|kept| (Key::of("other"), kept)));
        let promise = Promise { before: None, ended };
        assert!(
            matches!(super::judge(&histories, 0, &strange, promise), Err(Broken::Strangers(keys)) if keys == ["other"])
        );
    }

    #[test]
    fn the_shared_counter_is_owed_what_was_acknowledged_of_it() {
        let now = Instant::now();
        let mut history = History::new(0, Data::new());
        let set = Op::Set(Key::of("client-0-k"), b"v".to_vec());
        for op in [set].into_iter().chain((0..5).map(|_| Op::AddShared)) {
            history.sent.push(Sent { unit: Unit::one(op), at: now, outcome: Outcome::Acknowledged(now) });
        }
        let histories = [history];
        let judge = |shared, before| {
            judge(&histories, 0, &seen(&histories, [6, 6], shared), Promise { before, ended: now })
        };
        let all = Some(now + Duration::from_secs(1));
        assert_eq!(judge(5, all).unwrap().owed, 6);
        assert!(matches!(judge(0, all), Err(Broken::Shared { found: 0, least: 5, most: 5 })));
        assert!(matches!(judge(4, all), Err(Broken::Shared { .. })));
        assert!(judge(0, None).is_ok() && judge(6, None).is_err());
    }
}
