//! The data of both servers, key by key.

use std::collections::BTreeSet;

use super::contestant::{Contestant, Line, Lost};
use super::duel::{Difference, Duel, Flow, named};
use super::pools::Word;
use crate::server::Product;
use crate::wire::Frame;

const DATABASES: usize = 16;

/// What is asked about each key; `key` stands for it.
const QUESTIONS: [&[&str]; 4] = [
    &["TYPE", "key"],
    &["OBJECT", "ENCODING", "key"],
    &["DEBUG", "DIGEST-VALUE", "key"],
    &["PEXPIRETIME", "key"],
];

impl Duel {
    /// Compares the keys of every database: which there are, type, encoding, value and life.
    pub(crate) fn compare_state(&mut self) -> Result<Flow, Box<Difference>> {
        let kvd = keys(&mut self.kvd).map_err(|lost| missing(&lost, "kvd"))?;
        let peer = keys(&mut self.peer).map_err(|lost| missing(&lost, "the peer"))?;
        for (database, (kvd_keys, peer_keys)) in kvd.iter().zip(&peer).enumerate() {
            if let Some(key) = kvd_keys.symmetric_difference(peer_keys).next() {
                let count = |keys: &BTreeSet<Word>| format!("(integer) {}", u32::from(keys.contains(key)));
                return Err(Box::new(Difference {
                    at: 0,
                    words: vec![b"EXISTS".to_vec(), key.clone()],
                    database: Some(database),
                    kvd: count(kvd_keys),
                    peer: count(peer_keys),
                    signature: format!(
                        "data: a key that {} has",
                        if kvd_keys.contains(key) { "kvd" } else { "the peer" }
                    ),
                }));
            }
            self.compare_keys(database, kvd_keys)?;
        }
        Ok(Flow::Same)
    }

    fn compare_keys(&mut self, database: usize, keys: &BTreeSet<Word>) -> Result<(), Box<Difference>> {
        if keys.is_empty() {
            return Ok(());
        }
        let mut requests = vec![vec![b"SELECT".to_vec(), database.to_string().into_bytes()]];
        requests.extend(keys.iter().flat_map(|key| QUESTIONS.map(|question| about(question, key))));
        let kvd = self.kvd.ask(Line::Observer, &requests).map_err(|lost| missing(&lost, "kvd"))?;
        let peer = self.peer.ask(Line::Observer, &requests).map_err(|lost| missing(&lost, "the peer"))?;
        let mut kind = &Frame::Nil;
        for ((words, kvd), peer) in requests.iter().zip(&kvd).zip(&peer) {
            if words[0] == b"TYPE" {
                kind = kvd;
            } else if words[0] == b"DEBUG" && !self.has_equal_fingerprint(kind) {
                continue;
            }
            self.compare(words, named(words), 0, kvd, peer).map_err(|mut difference| {
                difference.database = Some(database);
                difference.signature = format!("data: {}", difference.signature);
                difference
            })?;
        }
        Ok(())
    }

    /// Valkey's fingerprints of hashes don't tell which fields expire.
    fn has_equal_fingerprint(&self, kind: &Frame) -> bool {
        self.peer.server.product != Product::Valkey || *kind != Frame::Status(b"hash".to_vec())
    }
}

fn about(question: &[&str], key: &Word) -> Vec<Word> {
    let word = |word: &&str| if *word == "key" { key.clone() } else { word.as_bytes().to_vec() };
    question.iter().map(word).collect()
}

fn keys(contestant: &mut Contestant) -> Result<Vec<BTreeSet<Word>>, Lost> {
    let mut requests = Vec::new();
    for database in 0..DATABASES {
        requests.push(vec![b"SELECT".to_vec(), database.to_string().into_bytes()]);
        requests.push(vec![b"KEYS".to_vec(), b"*".to_vec()]);
    }
    let replies = contestant.ask(Line::Observer, &requests)?;
    let bytes = |frame: &Frame| match frame {
        Frame::Bulk(key) => key.clone(),
        other => other.notation().into_bytes(),
    };
    let listed = replies.iter().skip(1).step_by(2).map(|reply| match reply {
        Frame::Array(keys) => keys.iter().map(bytes).collect(),
        other => BTreeSet::from([other.notation().into_bytes()]),
    });
    Ok(listed.collect())
}

fn missing(lost: &Lost, who: &str) -> Box<Difference> {
    Box::new(Difference {
        at: 0,
        words: vec![b"KEYS".to_vec(), b"*".to_vec()],
        database: None,
        kvd: format!("{who} {}", lost.reason),
        peer: format!("{who} {}", lost.reason),
        signature: format!("data: {who} {}", lost.reason),
    })
}
