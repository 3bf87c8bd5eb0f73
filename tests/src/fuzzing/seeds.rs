//! Transcripts as inputs of the targets that take requests, so that every command has its seed without a second copy.

use std::collections::BTreeMap;
use std::path::Path;

use crate::transcript::{Action, ParseError, Transcript};

/// An input to begin with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seed {
    /// The target that it is for.
    pub target: &'static str,
    /// Its name among the seeds of the target, made from the transcript's path.
    pub name: String,
    /// The input.
    pub bytes: Vec<u8>,
}

/// Ends a turn, and a pause in `engine_serve`.
const TURN: u8 = 0xff;
/// The turn of `engine_sessions` that takes 20 ms.
const PAUSE: u8 = 4 << 3;
/// Longer transcripts are cut: a fuzzer gets nowhere with long inputs.
const SEED_BYTES_MAX: usize = 8 * 1024;

/// The requests of every transcript below `folder`: what one client sends, and what several do in turns.
pub fn transcript_seeds(folder: &Path) -> Result<Vec<Seed>, ParseError> {
    let mut seeds = Vec::new();
    for transcript in Transcript::load_all(folder)? {
        let path = transcript.path.with_extension("");
        let path = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().replace('/', "-");
        let mut seed = |target, bytes| seeds.push(Seed { target, name: format!("transcript-{path}"), bytes });
        let requests = requests(&transcript);
        seed("engine_serve", requests.clone());
        seed("resp_request", requests);
        seed("engine_sessions", turns(&transcript));
    }
    Ok(seeds)
}

fn actions(transcript: &Transcript) -> impl Iterator<Item = (&str, &Action)> {
    let steps = transcript.sections.iter().flat_map(|section| &section.steps);
    steps.map(|step| (step.client.as_str(), &step.action))
}

fn requests(transcript: &Transcript) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (_, action) in actions(transcript) {
        match action {
            Action::Send(request) if bytes.len() + request.len() > SEED_BYTES_MAX => {}
            Action::Send(request) => bytes.extend_from_slice(request),
            Action::Wait(_) => bytes.push(TURN),
            Action::Listen => {}
        }
    }
    bytes
}

fn turns(transcript: &Transcript) -> Vec<u8> {
    let mut parties: BTreeMap<&str, u8> = BTreeMap::new();
    let mut bytes = vec![0];
    let mut present = 0;
    for (client, action) in actions(transcript) {
        let count = parties.len() as u8;
        let party = *parties.entry(client).or_insert(count % 4);
        match action {
            Action::Send(request) if bytes.len() + request.len() > SEED_BYTES_MAX => {}
            Action::Send(request) => {
                if party != present {
                    bytes.extend_from_slice(&[TURN, party]);
                    present = party;
                }
                bytes.extend_from_slice(request);
            }
            Action::Wait(_) => bytes.extend_from_slice(&[TURN, PAUSE | present]),
            Action::Listen => {}
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_take_turns() {
        let text = "== a\n> PING\nPONG\nother> PING\nPONG\n... 20 ms\nother> PING\nPONG\n";
        let transcript = Transcript::parse("a.txt".as_ref(), text).unwrap();
        let ping = "*1\r\n$4\r\nPING\r\n";
        assert_eq!(
            requests(&transcript),
            [ping.as_bytes(), ping.as_bytes(), b"\xff", ping.as_bytes()].concat()
        );
        let turns = turns(&transcript);
        let wanted =
            [b"\0", ping.as_bytes(), b"\xff\x01", ping.as_bytes(), b"\xff\x21", ping.as_bytes()].concat();
        assert_eq!(turns, wanted, "{:?}", String::from_utf8_lossy(&turns));
    }
}
