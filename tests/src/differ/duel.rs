//! Both servers asked the same, and the first difference found.

use std::io;
use std::time::Duration;

use catalog::Command;

use super::contestant::{Contestant, Line, Lost, decoded};
use super::generator::Step;
use super::intended::{Case, Uses};
use super::pools::Word;
use super::replies::Replies;
use super::restore;
use super::rules::{self, Rule};
use super::tally::Tally;
use super::walk;
use crate::server::Protocol;
use crate::wire::{self, Frame};

/// kvd and a peer.
pub(crate) struct Duel {
    /// kvd.
    pub(crate) kvd: Contestant,
    /// The peer.
    pub(crate) peer: Contestant,
    /// What both speak at the start of a round.
    pub(crate) protocol: Protocol,
    /// Which intended differences were met.
    pub(crate) uses: Uses,
    /// The requests that wait for EXEC.
    pub(crate) queued: Vec<Vec<Word>>,
}

/// What became of some steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flow {
    /// No difference that matters.
    Same,
    /// An intended difference after which the data may differ; the round is over.
    Parted,
}

/// Where the servers differ.
#[derive(Clone, Debug)]
pub(crate) struct Difference {
    /// The step, counted from the start of the list that was played.
    pub(crate) at: usize,
    /// What was asked: the step's request, or a question about the data after it.
    pub(crate) words: Vec<Word>,
    /// The database that the question is about.
    pub(crate) database: Option<usize>,
    /// What kvd said.
    pub(crate) kvd: String,
    /// What the peer said.
    pub(crate) peer: String,
    /// The same for differences of the same kind.
    pub(crate) signature: String,
}

/// A short life is at most 3 ms long; kvd looks for due keys every 25 ms.
pub(super) const REST: Duration = Duration::from_millis(60);
/// So many requests are sent before their replies are read.
const PIPELINE: usize = 200;

impl Duel {
    /// Both empty, with new connections.
    pub(crate) fn start_over(&mut self) -> io::Result<()> {
        self.queued.clear();
        self.kvd.start_over(self.protocol)?;
        self.peer.start_over(self.protocol)
    }

    /// Plays steps on from where both are.
    pub(crate) fn play(&mut self, steps: &[Step], tally: &mut Tally) -> Result<Flow, Box<Difference>> {
        let mut at = 0;
        while at < steps.len() {
            let rest = &steps[at..];
            let asks = rest.iter().take(PIPELINE).take_while(|step| goes_with_others(step)).count().max(1);
            let flow = match &rest[0] {
                Step::Ask(_) => self.batch(&rest[..asks], tally),
                Step::Restore(words) => restore::compare(self, words),
                Step::Walk(words, cursor_at) => walk::compare(self, words, *cursor_at),
                Step::Rest => {
                    std::thread::sleep(REST);
                    Ok(Flow::Same)
                }
            };
            match flow {
                Ok(Flow::Same) => at += asks,
                Ok(Flow::Parted) => return Ok(Flow::Parted),
                Err(mut difference) => {
                    difference.at += at;
                    return Err(difference);
                }
            }
        }
        Ok(Flow::Same)
    }

    fn batch(&mut self, steps: &[Step], tally: &mut Tally) -> Result<Flow, Box<Difference>> {
        let bytes: Vec<u8> = steps.iter().flat_map(|step| wire::encode(step.words())).collect();
        let count = steps.len();
        let sent = [self.kvd.send(Line::Main, &bytes), self.peer.send(Line::Main, &bytes)];
        let (kvd, kvd_lost) = received(&mut self.kvd, count);
        let (peer, peer_lost) = received(&mut self.peer, count);
        let answered = kvd.count().min(peer.count());
        for (index, step) in steps.iter().enumerate().take(answered) {
            let (kvd_bytes, peer_bytes) = (kvd.reply(index), peer.reply(index));
            let command = named(step.words());
            tally.count(command, peer_bytes.is_some_and(|bytes| bytes.first() == Some(&b'-')));
            if kvd_bytes != peer_bytes
                && self.judge(step.words(), command, index, &kvd, &peer)? == Flow::Parted
            {
                return Ok(Flow::Parted);
            }
            match (command.map(|command| command.name), peer_bytes) {
                (_, Some(b"+QUEUED\r\n")) => self.queued.push(step.words().to_vec()),
                (Some("multi"), Some(b"+OK\r\n")) | (Some("exec" | "discard" | "reset"), _) => {
                    self.queued.clear()
                }
                _ => {}
            }
        }
        let [kvd_sent, peer_sent] = sent.map(Result::err);
        match (kvd_lost.or(kvd_sent), peer_lost.or(peer_sent)) {
            (None, None) => Ok(Flow::Same),
            (Some(kvd), Some(peer)) if kvd.reason == peer.reason && kvd.answered == peer.answered => {
                Ok(Flow::Parted)
            }
            (kvd, peer) => {
                let at = answered.min(count.saturating_sub(1));
                Err(Box::new(lost(at, steps[at].words(), kvd.as_ref(), peer.as_ref())))
            }
        }
    }

    /// Compares two replies whose bytes differ.
    fn judge(
        &mut self,
        words: &[Word],
        command: Option<&'static Command>,
        at: usize,
        kvd: &Replies,
        peer: &Replies,
    ) -> Result<Flow, Box<Difference>> {
        match (decoded(kvd, at), decoded(peer, at)) {
            (Ok(kvd), Ok(peer)) => self.compare(words, command, at, &kvd, &peer),
            (kvd, peer) => Err(Box::new(lost(at, words, kvd.as_ref().err(), peer.as_ref().err()))),
        }
    }

    /// Compares two replies by the rule of the command and the table of intended differences.
    pub(super) fn compare(
        &mut self,
        words: &[Word],
        command: Option<&'static Command>,
        at: usize,
        kvd: &Frame,
        peer: &Frame,
    ) -> Result<Flow, Box<Difference>> {
        if let (Some("exec"), Frame::Array(kvd), Frame::Array(peer)) =
            (command.map(|command| command.name), kvd, peer)
            && kvd.len() == peer.len()
            && peer.len() == self.queued.len()
        {
            return self.compare_block(at, kvd, peer);
        }
        let rule = rules::rule_of(command, words);
        if rule.holds(kvd, peer) {
            return Ok(Flow::Same);
        }
        let name = command.map_or("", |command| command.name);
        let case = Case { server: self.peer.server, name, words, kvd, peer };
        if let Some(intended) = self.uses.explain(&case) {
            return Ok(if intended.parts { Flow::Parted } else { Flow::Same });
        }
        let signature = format!(
            "{}: {} | {}",
            shown_name(command, words),
            label(kvd, peer, words),
            label(peer, kvd, words)
        );
        let (kvd, peer) = (notation(rule, kvd), notation(rule, peer));
        Err(Box::new(Difference { at, words: words.to_vec(), database: None, kvd, peer, signature }))
    }
}

impl Duel {
    /// Compares the replies to a block's requests.
    fn compare_block(&mut self, at: usize, kvd: &[Frame], peer: &[Frame]) -> Result<Flow, Box<Difference>> {
        let queued = std::mem::take(&mut self.queued);
        for (words, (kvd, peer)) in queued.iter().zip(kvd.iter().zip(peer)) {
            if kvd != peer && self.compare(words, named(words), at, kvd, peer)? == Flow::Parted {
                return Ok(Flow::Parted);
            }
        }
        Ok(Flow::Same)
    }
}

/// Redis 8.2 swallows the reply to a failed login that comes in one pipeline behind other replies.
fn goes_with_others(step: &Step) -> bool {
    let is_login = |name: &Word| name.eq_ignore_ascii_case(b"AUTH") || name.eq_ignore_ascii_case(b"HELLO");
    matches!(step, Step::Ask(words) if !words.first().is_some_and(is_login))
}

/// Sorted where the order doesn't matter, so that the eye finds what differs.
fn notation(rule: Rule, frame: &Frame) -> String {
    match (rule, frame) {
        (Rule::Unordered, Frame::Array(_) | Frame::Set(_)) => rules::elements(frame, 1).join("\n"),
        _ => frame.notation(),
    }
}

fn received(contestant: &mut Contestant, count: usize) -> (Replies, Option<Lost>) {
    match contestant.receive(Line::Main, count) {
        Ok(replies) if replies.count() > count || replies.has_rest() => {
            let lost = Lost { answered: count, reason: "sends more than was asked".to_owned() };
            (replies, Some(lost))
        }
        Ok(replies) => (replies, None),
        Err((replies, lost)) => (replies, Some(lost)),
    }
}

/// The command that a request is for.
pub(super) fn named(words: &[Word]) -> Option<&'static Command> {
    catalog::resolve(words).ok().map(catalog::command)
}

fn shown_name(command: Option<&Command>, words: &[Word]) -> String {
    let first = || String::from_utf8_lossy(words.first().map_or(&b""[..], |word| word)).to_ascii_lowercase();
    command.map_or_else(first, |command| command.name.to_owned())
}

/// Shorter words may well be the server's own.
const QUOTED_BYTES_MIN: usize = 5;

/// What kind of reply it is; of an error enough to tell it from others, without the request's words.
fn label(frame: &Frame, other: &Frame, words: &[Word]) -> String {
    match frame {
        Frame::Error(text) => {
            let mut text = String::from_utf8_lossy(text).into_owned();
            for word in words.iter().filter(|word| word.len() >= QUOTED_BYTES_MIN) {
                text = text.replace(&*String::from_utf8_lossy(word), "*");
            }
            let outside_quotes: Vec<&str> = text.split('\'').step_by(2).collect();
            outside_quotes.join("'").chars().filter(|c| !c.is_ascii_digit()).take(60).collect()
        }
        _ if rules::kind(frame) == rules::kind(other) => format!("another {}", rules::kind(frame)),
        _ => rules::kind(frame).to_owned(),
    }
}

fn lost(at: usize, words: &[Word], kvd: Option<&Lost>, peer: Option<&Lost>) -> Difference {
    let what = |lost: Option<&Lost>| lost.map_or_else(|| "answers".to_owned(), |lost| lost.reason.clone());
    let (kvd, peer) = (what(kvd), what(peer));
    let signature = format!("{}: {kvd} | {peer}", shown_name(named(words), words));
    Difference { at, words: words.to_vec(), database: None, kvd, peer, signature }
}
