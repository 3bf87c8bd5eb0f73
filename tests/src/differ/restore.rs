//! A value that leaves each server and comes in again: payloads are each server's own, what they make is not.

use super::contestant::{Contestant, Line};
use super::duel::{Difference, Duel, Flow, named};
use super::pools::Word;
use crate::wire::Frame;

/// Where the name of the key stands whose payload is meant.
const PAYLOAD_AT: usize = 3;

/// Asks each server for a key's payload and gives that back to it in the key's place in `words`, a RESTORE.
pub(super) fn compare(duel: &mut Duel, words: &[Word]) -> Result<Flow, Box<Difference>> {
    let kvd = answer(&mut duel.kvd, words);
    let peer = answer(&mut duel.peer, words);
    if matches!(&peer, Frame::Status(text) if text == b"QUEUED") {
        duel.queued.extend(words.get(PAYLOAD_AT).map(dump_of));
    }
    duel.compare(words, named(words), 0, &kvd, &peer)
}

/// What RESTORE says, or DUMP if that has no payload.
pub(super) fn answer(contestant: &mut Contestant, words: &[Word]) -> Frame {
    let Some(from) = words.get(PAYLOAD_AT) else { return Frame::Nil };
    match ask(contestant, dump_of(from)) {
        Frame::Bulk(payload) => {
            let mut request = words.to_vec();
            request[PAYLOAD_AT] = payload;
            ask(contestant, request)
        }
        other => other,
    }
}

fn dump_of(key: &Word) -> Vec<Word> {
    vec![b"DUMP".to_vec(), key.clone()]
}

fn ask(contestant: &mut Contestant, request: Vec<Word>) -> Frame {
    match contestant.ask(Line::Main, &[request]) {
        Ok(mut replies) if replies.len() == 1 => replies.remove(0),
        Ok(_) => Frame::Status(b"no reply".to_vec()),
        Err(lost) => Frame::Status(lost.reason.into_bytes()),
    }
}
