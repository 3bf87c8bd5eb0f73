//! The passes over both sides.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rdb::{Checker, Scratch};

use super::detail::{Raw, TOO_MUCH, first_difference};
use super::digest::{Digester, State};
use super::ledger::Ledger;
use super::side::{Loose, Seen, Side};
use crate::command_line::DiffTask;
use crate::out::Out;
use crate::progress::Progress;
use crate::scan::Stop;
use crate::text::{Shown, Time};
use crate::trouble::{Failure, Trouble, Verdict};

/// The longest value of which the place of a difference is told.
const RAW_BYTES_MAX: usize = 4 << 20;
/// All such values together.
const RAW_BYTES_TOTAL_MAX: usize = 64 << 20;

/// What is known of a key that differs.
enum Difference {
    OnlyInB,
    /// A has it too, with something else.
    Differs,
    /// And this is what A says.
    Known(Box<Known>),
}

struct Known {
    state: State,
    raw: Option<Raw>,
}

/// A comparison that is under way.
struct Comparison<'o> {
    digester: Digester,
    ledger: Ledger,
    differences: BTreeMap<u128, Difference>,
    checker: Checker,
    scratch: Scratch,
    /// Bytes of values that may still be kept.
    raw_bytes_left: usize,
    now_ms: Option<i64>,
    /// Keys that were left out since they have expired, on either side.
    expired: u64,
    keys_of_b: u64,
    told: u64,
    limit: u64,
    sums: Sums,
    out: &'o mut Out,
}

/// How many keys differ in which way.
#[derive(Default)]
struct Sums {
    only_in_a: u64,
    only_in_b: u64,
    types: u64,
    values: u64,
    expiries: u64,
    changed: u64,
}

pub(crate) fn run(task: &DiffTask, progress: &Progress, out: &mut Out) -> Result<Verdict, Trouble> {
    let (a, b) = (Side::parse(&task.a)?, Side::parse(&task.b)?);
    let mut key = [0; 16];
    fill(&mut key)?;
    let has_server = a.is_server() || b.is_server();
    let now_ms = has_server.then(|| Timestamp::now().as_millisecond());
    let mut comparison = Comparison {
        digester: Digester::new(key, now_ms),
        ledger: Ledger::default(),
        differences: BTreeMap::new(),
        checker: Checker::new(),
        scratch: Scratch::new(),
        raw_bytes_left: RAW_BYTES_TOTAL_MAX,
        now_ms,
        expired: 0,
        keys_of_b: 0,
        told: 0,
        limit: task.limit.unwrap_or(u64::MAX),
        sums: Sums::default(),
        out,
    };
    comparison.compare(&a, &b, progress)
}

/// Random bytes: a digest that others know could be made to collide.
#[expect(clippy::disallowed_methods, reason = "there is nobody above who could give a seed")]
fn fill(key: &mut [u8]) -> Result<(), Failure> {
    getrandom::fill(key)
        .map_err(|error| Failure::Refused(format!("the system gives no random bytes: {error}")))
}

impl Comparison<'_> {
    fn compare(&mut self, a: &Side, b: &Side, progress: &Progress) -> Result<Verdict, Trouble> {
        let behind_a = a.visit(progress, &mut |seen| self.note(seen))?;
        self.ledger.sort();
        let behind_b = b.visit(progress, &mut |seen| self.look_up(seen))?;
        let expired = std::mem::take(&mut self.expired);
        self.out.line(format_args!("A is {}: {} keys", a.name(), self.ledger.len()));
        behind_a.inspect(|following| following.tell(self.out));
        self.out.line(format_args!("B is {}: {} keys", b.name(), self.keys_of_b));
        behind_b.inspect(|following| following.tell(self.out));
        if expired > 0 {
            self.out.line(format_args!("not compared: {expired} keys that have expired"));
        }
        if self.differences.is_empty() && self.ledger.unmarked() == 0 {
            self.out.line("no difference");
            return Ok(Verdict::Fine);
        }
        if !self.out.is_heard() {
            return Ok(Verdict::Found);
        }
        let is_in_both = |difference: &Difference| matches!(difference, Difference::Differs);
        if self.ledger.unmarked() > 0 || self.differences.values().any(is_in_both) {
            a.visit(progress, &mut |seen| self.tell_of_a(seen))?;
        }
        if !self.differences.is_empty() {
            b.visit(progress, &mut |seen| self.tell_of_b(seen))?;
        }
        self.sums.changed += self.differences.len() as u64 + self.ledger.unmarked() as u64;
        self.sum_up();
        Ok(Verdict::Found)
    }

    /// The first look at A.
    fn note(&mut self, seen: Seen<'_>) -> Result<(), Stop> {
        let Some(seen) = self.living(seen) else { return Ok(()) };
        let key = self.digester.key(seen.db, seen.key);
        let state =
            seen.value.state(&self.digester, seen.expires_at_ms, (&mut self.checker, &mut self.scratch))?;
        self.ledger.push(key, self.digester.all(state));
        Ok(())
    }

    /// The first look at B.
    fn look_up(&mut self, seen: Seen<'_>) -> Result<(), Stop> {
        let Some(seen) = self.living(seen) else { return Ok(()) };
        let key = self.digester.key(seen.db, seen.key);
        let state =
            seen.value.state(&self.digester, seen.expires_at_ms, (&mut self.checker, &mut self.scratch))?;
        match self.ledger.find(key) {
            Some((place, of_a)) => {
                self.keys_of_b += u64::from(self.ledger.mark(place));
                if of_a != self.digester.all(state) {
                    self.differences.insert(key, Difference::Differs);
                }
            }
            None => {
                let is_new = self.differences.insert(key, Difference::OnlyInB).is_none();
                self.keys_of_b += u64::from(is_new);
            }
        }
        Ok(())
    }

    /// The second look at A.
    fn tell_of_a(&mut self, seen: Seen<'_>) -> Result<(), Stop> {
        let Some(mut seen) = self.living(seen) else { return Ok(()) };
        let key = self.digester.key(seen.db, seen.key);
        if let Some(Difference::Differs) = self.differences.get(&key) {
            let raw = seen.value.raw(RAW_BYTES_MAX.min(self.raw_bytes_left))?;
            let state = self.state(&raw, seen)?;
            self.raw_bytes_left -= raw.as_ref().map_or(0, |(_, bytes)| bytes.len());
            self.differences.insert(key, Difference::Known(Box::new(Known { state, raw })));
            return Ok(());
        }
        // A key that came since isn't in the ledger, and isn't told.
        let Some((place, _)) = self.ledger.find(key) else { return Ok(()) };
        if self.ledger.mark(place) {
            self.sums.only_in_a += 1;
            self.tell("only in A", seen.db, seen.key, "");
        }
        Ok(())
    }

    /// The second look at B.
    fn tell_of_b(&mut self, seen: Seen<'_>) -> Result<(), Stop> {
        let Some(mut seen) = self.living(seen) else { return Ok(()) };
        let key = self.digester.key(seen.db, seen.key);
        match self.differences.remove(&key) {
            Some(Difference::OnlyInB) => {
                self.sums.only_in_b += 1;
                self.tell("only in B", seen.db, seen.key, "");
            }
            Some(Difference::Known(known)) => {
                let raw = seen.value.raw(RAW_BYTES_MAX)?;
                let (db, name) = (seen.db, seen.key);
                let state = self.state(&raw, seen)?;
                self.tell_of_both(db, name, &known, state, raw.as_ref())?;
            }
            Some(Difference::Differs) => self.sums.changed += 1,
            None => {}
        }
        Ok(())
    }

    fn tell_of_both(
        &mut self,
        db: u64,
        key: &[u8],
        a: &Known,
        b: State,
        raw: Option<&Raw>,
    ) -> Result<(), Stop> {
        if a.state == b {
            self.sums.changed += 1;
            return Ok(());
        }
        if a.state.kind != b.kind {
            self.sums.types += 1;
            let words = format!(": {} in A, {} in B", a.state.kind.name(), b.kind.name());
            self.tell("type", db, key, &words);
            return Ok(());
        }
        if a.state.value != b.value {
            self.sums.values += 1;
            let place = match (&a.raw, raw) {
                (Some(a), Some(b)) => first_difference(&self.digester, a, b)?,
                _ => TOO_MUCH.to_owned(),
            };
            self.tell("value", db, key, &format!(": {} {place}", b.kind.name()));
        }
        if a.state.expires_at_ms != b.expires_at_ms {
            self.sums.expiries += 1;
            let shown = |at_ms: Option<i64>| {
                at_ms.map_or("never".to_owned(), |at_ms| format!("{} ({at_ms} ms)", Time(at_ms)))
            };
            let words = format!(": {} in A, {} in B", shown(a.state.expires_at_ms), shown(b.expires_at_ms));
            self.tell("expiry", db, key, &words);
        }
        Ok(())
    }

    /// What a key says, whose value's bytes may have been taken.
    fn state(&mut self, raw: &Option<Raw>, seen: Seen<'_>) -> Result<State, rdb::Error> {
        let value = match raw {
            Some((value_type, bytes)) => Loose::Raw(rdb::RawValue::new(*value_type, bytes, 0)),
            None => seen.value,
        };
        value.state(&self.digester, seen.expires_at_ms, (&mut self.checker, &mut self.scratch))
    }

    /// Leaves out what has expired.
    fn living<'r>(&mut self, seen: Seen<'r>) -> Option<Seen<'r>> {
        let is_over = |now_ms| seen.expires_at_ms.is_some_and(|at_ms| at_ms <= now_ms);
        if self.now_ms.is_some_and(is_over) {
            self.expired += 1;
            return None;
        }
        Some(seen)
    }

    fn tell(&mut self, what: &str, db: u64, key: &[u8], words: &str) {
        if self.told < self.limit {
            self.out.line(format_args!("{what}  db {db}  {}{words}", Shown(key)));
        }
        self.told += 1;
    }

    fn sum_up(&mut self) {
        let hidden = self.told.saturating_sub(self.limit);
        if hidden > 0 {
            self.out.line(format_args!("… and {hidden} more"));
        }
        let Sums { only_in_a, only_in_b, types, values, expiries, changed } = self.sums;
        self.out.line(format_args!(
            "{only_in_a} keys only in A, {only_in_b} only in B; {types} types, {values} values, {expiries} expiries differ"
        ));
        if changed > 0 {
            self.out
                .line(format_args!("{changed} keys differed at first, and changed while they were compared"));
        }
    }
}
