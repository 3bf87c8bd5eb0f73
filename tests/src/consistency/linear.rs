//! Whether a history of one key is linearizable: whether there is an order of its events, each at a moment between its request and its reply, in
//! which every reply is right.
//!
//! The search is that of Wing and Gong ("Testing and verifying concurrent objects", 1993) with Lowe's memory of what was tried ("Testing for
//! linearizability", 2016): events are put in order one after the other, and taken back where no reply would be right; a set of events that led to
//! the same value before isn't tried again. Keys are independent of each other, so each has a history of its own.

use std::collections::HashSet;

use super::history::Event;

/// Looks for an order that explains the events, beginning without a value. `Err` holds the index of an event up to whose reply none does.
pub fn check(events: &[Event]) -> Result<(), usize> {
    let mut list = List::new(events);
    let mut tried: HashSet<(Box<[u64]>, Option<i64>)> = HashSet::new();
    let mut done = vec![0u64; events.len().div_ceil(64)];
    let mut stack: Vec<(usize, Option<i64>)> = Vec::new();
    let mut value = None;
    let mut at = list.first();
    let mut farthest = 0;
    while let Some(place) = at {
        let Place { event, is_request } = list.place(place);
        if is_request {
            at = list.next(place);
            let Some(new) = events[event].operation.apply(value) else { continue };
            set(&mut done, event, true);
            if tried.insert((done.clone().into(), new)) {
                stack.push((event, value));
                value = new;
                list.lift(event);
                at = list.first();
            } else {
                set(&mut done, event, false);
            }
            continue;
        }
        // The reply of an event that is in no order so far: the last choice was wrong. Without a reply it may never have happened.
        if events[event].answered_ns.is_none() {
            return Ok(());
        }
        farthest = farthest.max(event);
        let Some((last, before)) = stack.pop() else { return Err(farthest) };
        value = before;
        set(&mut done, last, false);
        list.unlift(last);
        at = list.next(list.request_of(last));
    }
    Ok(())
}

fn set(bits: &mut [u64], index: usize, on: bool) {
    let bit = 1 << (index % 64);
    if on { bits[index / 64] |= bit } else { bits[index / 64] &= !bit }
}

/// A request or a reply.
#[derive(Clone, Copy, Debug)]
struct Place {
    event: usize,
    is_request: bool,
}

/// Requests and replies in the order of time, from which events can be lifted and put back in the opposite order. Those without a reply have theirs
/// at the end.
struct List {
    places: Vec<Place>,
    /// Of each event: where its request and its reply are.
    of: Vec<(usize, usize)>,
    /// One more than there are places: the last is before the first.
    next: Vec<usize>,
    previous: Vec<usize>,
}

impl List {
    fn new(events: &[Event]) -> Self {
        let mut moments: Vec<(u64, bool, usize)> = Vec::new();
        for (index, event) in events.iter().enumerate() {
            // A reply at the moment of a request came before it: the stricter reading.
            moments.push((event.sent_ns, true, index));
            moments.push((event.answered_ns.unwrap_or(u64::MAX), false, index));
        }
        moments.sort_unstable();
        let places: Vec<Place> =
            moments.iter().map(|&(_, is_request, event)| Place { event, is_request }).collect();
        let mut of = vec![(0, 0); events.len()];
        for (index, place) in places.iter().enumerate() {
            let (request, reply) = &mut of[place.event];
            *(if place.is_request { request } else { reply }) = index;
        }
        let count = places.len();
        let next = (0..=count).map(|index| if index == count { 0 } else { index + 1 }).collect();
        let previous = (0..=count).map(|index| if index == 0 { count } else { index - 1 }).collect();
        Self { places, of, next, previous }
    }

    fn place(&self, index: usize) -> Place {
        self.places[index]
    }

    fn request_of(&self, event: usize) -> usize {
        self.of[event].0
    }

    fn first(&self) -> Option<usize> {
        self.next(self.places.len())
    }

    fn next(&self, index: usize) -> Option<usize> {
        Some(self.next[index]).filter(|next| *next < self.places.len())
    }

    fn lift(&mut self, event: usize) {
        let (request, reply) = self.of[event];
        for index in [request, reply] {
            let (previous, next) = (self.previous[index], self.next[index]);
            self.next[previous] = next;
            self.previous[next] = previous;
        }
    }

    /// Puts the event back that was lifted last.
    fn unlift(&mut self, event: usize) {
        let (request, reply) = self.of[event];
        for index in [reply, request] {
            let (previous, next) = (self.previous[index], self.next[index]);
            self.next[previous] = index;
            self.previous[next] = index;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::history::Operation::{self, Exchange, Increment, Read, Remove, Write};
    use super::*;

    fn history(events: &[(u64, u64, Operation)]) -> Vec<Event> {
        let event = |&(sent_ns, answered, operation)| Event {
            sent_ns,
            answered_ns: (answered > 0).then_some(answered),
            operation,
        };
        events.iter().map(event).collect()
    }

    #[test]
    fn one_after_the_other() {
        let right =
            [(1, 2, Read(None)), (3, 4, Write(5)), (5, 6, Increment(6)), (7, 8, Exchange(Some(6), 1))];
        assert_eq!(check(&history(&right)), Ok(()));
        let stale = [(1, 2, Write(1)), (3, 4, Write(2)), (5, 6, Read(Some(1)))];
        assert_eq!(check(&history(&stale)), Err(2));
    }

    #[test]
    fn at_the_same_time_any_order_will_do() {
        for seen in [None, Some(1), Some(2)] {
            assert_eq!(check(&history(&[(1, 9, Write(1)), (2, 8, Write(2)), (3, 7, Read(seen))])), Ok(()));
        }
        assert_eq!(check(&history(&[(1, 9, Write(1)), (2, 8, Write(2)), (3, 7, Read(Some(3)))])), Err(2));
    }

    #[test]
    fn readers_agree_on_the_order() {
        let writes = [(1, 20, Write(1)), (1, 20, Write(2))];
        let agree = [(2, 3, Read(Some(1))), (4, 5, Read(Some(2)))];
        assert_eq!(check(&history(&[&writes[..], &agree].concat())), Ok(()));
        let disagree = [(6, 7, Read(Some(1)))];
        assert!(check(&history(&[&writes[..], &agree, &disagree].concat())).is_err());
    }

    #[test]
    fn what_got_no_reply_may_have_happened_or_not() {
        let lost = (1, 0, Increment(1));
        assert_eq!(check(&history(&[lost, (2, 3, Read(None)), (4, 5, Read(Some(1)))])), Ok(()));
        assert_eq!(check(&history(&[lost, (2, 3, Read(None)), (4, 5, Read(None))])), Ok(()));
        assert!(check(&history(&[lost, (2, 3, Read(Some(1))), (4, 5, Read(None))])).is_err());
        assert_eq!(check(&history(&[lost, (2, 3, Read(Some(1))), (4, 5, Remove(true))])), Ok(()));
    }

    #[test]
    fn two_increments_are_not_one() {
        assert!(check(&history(&[(1, 9, Increment(1)), (2, 8, Increment(1))])).is_err());
        assert_eq!(check(&history(&[(1, 9, Increment(2)), (2, 8, Increment(1))])), Ok(()));
    }
}
