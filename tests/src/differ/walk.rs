//! A whole iteration with cursors: pages are each server's own, all of them together are not.

use std::collections::BTreeSet;

use super::contestant::{Contestant, Line};
use super::duel::{Difference, Duel, Flow, named};
use super::pools::Word;
use crate::wire::Frame;

/// No walk over a round's keys takes more pages.
const PAGES_MAX: usize = 20_000;

/// Follows a request's cursor to the end on both servers, and compares what was seen.
pub(super) fn compare(duel: &mut Duel, words: &[Word], cursor_at: usize) -> Result<Flow, Box<Difference>> {
    let kvd = seen(&mut duel.kvd, words, cursor_at);
    let peer = seen(&mut duel.peer, words, cursor_at);
    if matches!(&peer, Frame::Status(text) if text == b"QUEUED") {
        duel.queued.push(words.to_vec());
    }
    duel.compare(words, named(words), 0, &kvd, &peer)
}

/// The elements of all the pages as one page, or what came instead of a page.
fn seen(contestant: &mut Contestant, words: &[Word], cursor_at: usize) -> Frame {
    let mut request = words.to_vec();
    let mut items = BTreeSet::new();
    for _ in 0..PAGES_MAX {
        let reply = match contestant.ask(Line::Main, std::slice::from_ref(&request)) {
            Ok(mut replies) if replies.len() == 1 => replies.remove(0),
            Ok(_) => return Frame::Status(b"no reply".to_vec()),
            Err(lost) => return Frame::Status(lost.reason.into_bytes()),
        };
        let Frame::Array(page) = &reply else { return reply };
        let [Frame::Bulk(cursor), Frame::Array(elements)] = page.as_slice() else { return reply };
        for element in elements {
            match element {
                Frame::Bulk(bytes) => items.insert(bytes.clone()),
                _ => return reply,
            };
        }
        if cursor == b"0" {
            let items = items.into_iter().map(Frame::Bulk).collect();
            return Frame::Array(vec![Frame::Bulk(b"0".to_vec()), Frame::Array(items)]);
        }
        match request.get_mut(cursor_at) {
            Some(word) => word.clone_from(cursor),
            None => return reply,
        }
    }
    Frame::Status(format!("no end after {PAGES_MAX} pages").into_bytes())
}
