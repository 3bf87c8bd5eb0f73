//! A difference made small, and written as a transcript that the peer fulfils.

use std::io;
use std::time::{Duration, Instant};

use super::contestant::Line;
use super::duel::{Difference, Duel, Flow, REST, named};
use super::generator::Step;
use super::guard;
use super::pools::Word;
use super::restore;
use super::rules::{self, Rule};
use super::shrink;
use super::tally::Tally;
use crate::server::Protocol;
use crate::transcript::request_line;
use crate::wire::Frame;

/// A difference that can be repeated.
#[derive(Debug)]
pub struct Finding {
    /// The same for differences of the same kind.
    pub signature: String,
    /// A transcript of one section; what kvd said instead stands in comments.
    pub transcript: String,
}

/// So many replays may be spent on one difference, and so much time: a server that hangs takes long.
const TRIES_MAX: usize = 600;
const TIME_MAX: Duration = Duration::from_secs(120);
/// A difference that doesn't come again in so many replays was one of time.
const CONFIRMATIONS: usize = 2;

impl Duel {
    /// Plays a round from its start and compares the data after it.
    pub(crate) fn replay(&mut self, steps: &[Step]) -> io::Result<Option<Box<Difference>>> {
        self.start_over()?;
        match self.play(steps, &mut Tally::default()) {
            Ok(Flow::Parted) => Ok(None),
            Ok(Flow::Same) => Ok(self.compare_state().err()),
            Err(difference) => Ok(Some(difference)),
        }
    }

    /// Shrinks a round that ended in `difference`; `None` if it doesn't end so again.
    pub(crate) fn examine(
        &mut self,
        steps: &[Step],
        difference: &Difference,
        now_ms: i64,
    ) -> io::Result<Option<Finding>> {
        let signature = difference.signature.clone();
        let mut failure = None;
        let start = Instant::now();
        let mut fails = |duel: &mut Self, steps: &[Step]| {
            if start.elapsed() > TIME_MAX && failure.is_some() {
                return false;
            }
            match duel.replay(steps) {
                Ok(Some(found)) if found.signature == signature => {
                    failure = Some(found);
                    true
                }
                _ => false,
            }
        };
        for _ in 0..CONFIRMATIONS {
            if !fails(self, steps) {
                return Ok(None);
            }
        }
        let mut tries = TRIES_MAX;
        let steps = shrink::shrink_list(steps, &mut tries, &mut |steps| fails(self, steps));
        let mut fails_safely = |steps: &[Step]| {
            steps.iter().all(|step| guard::is_safe(step.words(), now_ms) || step.words().is_empty())
                && fails(self, steps)
        };
        let steps = shrink::shrink_words(&steps, &mut tries, &mut fails_safely);
        let Some(difference) = failure else { return Ok(None) };
        let transcript = self.transcript(&steps, &difference)?;
        // What only shows in the data is told by the command that made it.
        let last = steps.last().map_or(&[][..], Step::words);
        let by = if difference.signature.starts_with("data: ") { short_name(last) } else { String::new() };
        Ok(Some(Finding { signature: format!("{}{by}", difference.signature), transcript }))
    }

    fn transcript(&mut self, steps: &[Step], difference: &Difference) -> io::Result<String> {
        self.start_over()?;
        let protocol = if self.protocol == Protocol::Resp3 { 3 } else { 2 };
        let mut text =
            format!("== differ: {}\n# resp: {protocol}\n", difference.signature.replace('\n', " "));
        for step in steps {
            if *step == Step::Rest {
                text.push_str(&format!("... {} ms\n", REST.as_millis()));
                continue;
            }
            let words = step.words();
            if let Step::Restore(_) = step {
                let answers = [&mut self.peer, &mut self.kvd].map(|server| restore::answer(server, words));
                let [peer, kvd] = answers.map(|frame| expectation(words, &frame));
                text.push_str("# with what DUMP of the key in the payload's place says\n");
                text.push_str(&exchange(words, &peer, &kvd));
                continue;
            }
            let peer = self.peer.ask(Line::Main, &[words.to_vec()]);
            let kvd = self.kvd.ask(Line::Main, &[words.to_vec()]);
            let shown = |reply: Result<Vec<Frame>, super::contestant::Lost>| match reply {
                Ok(frames) => frames.first().map(|frame| expectation(words, frame)).unwrap_or_default(),
                Err(lost) => lost.reason,
            };
            text.push_str(&exchange(words, &shown(peer), &shown(kvd)));
        }
        // What was asked about the data comes after the steps.
        if difference.signature.starts_with("data: ") {
            if let Some(database) = difference.database.filter(|database| *database > 0) {
                text.push_str(&format!("> SELECT {database}\nOK\n"));
            }
            text.push_str(&exchange(&difference.words, &difference.peer, &difference.kvd));
        }
        Ok(text)
    }
}

fn exchange(words: &[Word], peer: &str, kvd: &str) -> String {
    let mut text = format!("> {}\n{peer}\n", request_line(words));
    if kvd != peer {
        text.push_str(&format!("# kvd said {}\n", kvd.replace('\n', "\n#   ")));
    }
    text
}

/// The reply as a transcript expects it: loosely where it is another every time.
fn expectation(words: &[Word], frame: &Frame) -> String {
    match (rules::rule(named(words)), frame) {
        (_, Frame::Error(_)) => frame.notation(),
        (Rule::Near(_), Frame::Integer(number)) if *number > 0 => "<int>".to_owned(),
        (Rule::Kind | Rule::Fields(_) | Rule::Page, _) => "<any>".to_owned(),
        (Rule::Unordered, Frame::Array(items)) if items.len() > 1 => {
            format!("<unordered>\n{}", frame.notation())
        }
        _ => frame.notation(),
    }
}

fn short_name(words: &[Word]) -> String {
    format!(" after {}", named(words).map_or("no command", |command| command.name))
}
