//! What of one session's output has yet to pass the gate.
//!
//! ```text
//!  output   ─ sent ─┬─ may leave ─┬─ part, offset 70 ─┬─ part, offset 95 ─┬ ...
//!                   │             passed               end                 end
//! ```
//!
//! All output depends on what its session was last shown. If all of it waited for the latest offset, a client that sends without pause would
//! never be answered: when one fsync ends, its commands have moved on. So what waits is cut into parts, each with the offset that held when
//! it was added. A part takes more until an fsync ends, and no longer: what is in it was in the journal before the next fsync begins,
//! and leaves with that one. So nothing waits for more than two.

use journal::Offset;
use smallvec::SmallVec;

/// So many parts at most: then the last one takes whatever comes. There are more than two only if the log takes the journal piece by piece.
const PARTS_MAX: usize = 4;

/// The parts of an output that wait, oldest first. Positions count the output's bytes since its session began.
#[derive(Debug, Default)]
pub(crate) struct GateQueue {
    /// Everything before may leave, whatever happens.
    passed: u64,
    /// Ends and offsets ascend.
    parts: SmallVec<[Part; 2]>,
}

#[derive(Debug)]
struct Part {
    end: u64,
    /// It may leave when everything before this is durable.
    offset: Offset,
    /// What was durable when it was begun.
    begun_at: Offset,
}

impl GateQueue {
    /// The output reaches to `end` and depends on everything before `offset`, while what is before `durable` is durable. What was added before
    /// depends on what it did.
    pub(crate) fn add(&mut self, end: u64, offset: Offset, durable: Offset) {
        let known = self.parts.last().map_or(self.passed, |last| last.end);
        if end <= known {
            return;
        }
        let is_full = self.parts.len() == PARTS_MAX;
        match self.parts.last_mut() {
            Some(last) if is_full || last.begun_at == durable => {
                last.end = end;
                last.offset = offset;
            }
            _ => self.parts.push(Part { end, offset, begun_at: durable }),
        }
    }

    /// Lets the parts pass that may, after which it says up to where the output may leave.
    pub(crate) fn pass(&mut self, lets_pass: impl Fn(Offset) -> bool) -> u64 {
        let count = self.parts.iter().take_while(|part| lets_pass(part.offset)).count();
        if let Some(last) = self.parts.drain(..count).next_back() {
            self.passed = last.end;
        }
        self.passed
    }

    /// Everything before `end` has left, or may.
    pub(crate) fn note_passed(&mut self, end: u64) {
        self.passed = self.passed.max(end);
        self.parts.retain(|part| part.end > end);
    }

    /// What the first part waits for.
    pub(crate) fn awaited(&self) -> Option<Offset> {
        self.parts.first().map(|part| part.offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pass(queue: &mut GateQueue, durable: u64) -> u64 {
        queue.pass(|offset| offset.0 <= durable)
    }

    fn add(queue: &mut GateQueue, end: u64, offset: u64, durable: u64) {
        queue.add(end, Offset(offset), Offset(durable));
    }

    #[test]
    fn what_comes_later_keeps_nothing_back() {
        let mut queue = GateQueue::default();
        add(&mut queue, 10, 100, 50);
        add(&mut queue, 20, 110, 50);
        assert_eq!(pass(&mut queue, 105), 0, "both wait for the same fsync");
        // It has ended with the first.
        add(&mut queue, 30, 120, 105);
        assert_eq!(pass(&mut queue, 110), 20);
        assert_eq!(queue.awaited(), Some(Offset(120)));
        // The same output, and more has been done since.
        add(&mut queue, 30, 130, 110);
        assert_eq!(queue.awaited(), Some(Offset(120)));
        assert_eq!(pass(&mut queue, 120), 30);
        assert_eq!(queue.awaited(), None);
    }

    #[test]
    fn what_has_passed_does_not_wait_again() {
        let mut queue = GateQueue::default();
        add(&mut queue, 10, 100, 50);
        assert_eq!(pass(&mut queue, 100), 10);
        // The socket hasn't taken it yet; what is durable falls when a log is begun anew.
        add(&mut queue, 10, 200, 0);
        assert_eq!((pass(&mut queue, 0), queue.awaited()), (10, None));
    }

    #[test]
    fn parts_that_have_left_are_forgotten() {
        let mut queue = GateQueue::default();
        add(&mut queue, 10, 100, 50);
        queue.note_passed(15);
        assert_eq!(queue.awaited(), None);
        add(&mut queue, 20, 200, 50);
        assert_eq!((pass(&mut queue, 199), queue.awaited()), (15, Some(Offset(200))));
    }

    #[test]
    fn parts_are_few() {
        let mut queue = GateQueue::default();
        for at in 1..100 {
            add(&mut queue, at, 1000 + at, at);
        }
        assert_eq!(queue.parts.len(), PARTS_MAX);
        assert_eq!(pass(&mut queue, 1001), 1);
        assert_eq!(pass(&mut queue, 1098), 3, "the last one took the rest");
        assert_eq!(pass(&mut queue, 1099), 99);
    }

    /// A client whose commands are run without pause, and a log that takes what there is, over and over.
    #[test]
    fn nothing_waits_for_more_than_two_fsyncs() {
        let mut queue = GateQueue::default();
        // How many fsyncs had ended when each byte was added.
        let mut added = Vec::new();
        let (mut durable, mut taken) = (0, 0);
        for fsyncs in 0..50u64 {
            for _ in 0..10 {
                added.push(fsyncs);
                let end = added.len() as u64;
                add(&mut queue, end, end, durable);
            }
            durable = taken;
            taken = added.len() as u64;
            let passed = pass(&mut queue, durable);
            let waiting = added.get(passed as usize).map_or(fsyncs, |begun| *begun);
            assert!(fsyncs + 1 - waiting <= 2, "{passed} of {taken} after {fsyncs}");
        }
    }
}
