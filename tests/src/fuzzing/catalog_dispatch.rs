//! Any words: what they name has keys among them, and a description whose lists have as many elements as they announce.
//!
//! A request is a line, cut into words at blanks.

use catalog::CommandId;
use catalog::describe::{self, Sink};

/// Lines of one input that are looked at; more would only take longer.
const LINES_MAX: usize = 64;

/// Checks one input.
pub fn catalog_dispatch(input: &[u8]) {
    for line in input.split(|&byte| byte == b'\n').take(LINES_MAX) {
        let words: Vec<&[u8]> = line.split(|&byte| byte == b' ').collect();
        match catalog::resolve(&words) {
            Ok(id) => dispatch(id, &words),
            Err(error) => {
                let text = error.text();
                assert!(!text.iter().any(|byte| matches!(byte, b'\r' | b'\n')));
                assert!(error.to_string().len() <= 4 * text.len());
            }
        }
    }
}

fn dispatch(id: CommandId, words: &[&[u8]]) {
    let command = catalog::command(id);
    assert!(command.takes(words.len()));
    assert_eq!(catalog::find(command.name.as_bytes()), Some(id));
    let keys = catalog::keys(id, words);
    let searches = [&keys, &catalog::slot_words(id, words), &catalog::requested_keys(words)];
    for key in searches.into_iter().flatten().flatten() {
        assert!((1..words.len()).contains(&key.position));
    }
    let mut visited = 0;
    let outcome = catalog::for_each_key(id, words, |position| {
        assert!((1..words.len()).contains(&position));
        visited += 1;
    });
    if let (Ok(()), Ok(keys)) = (outcome, &keys) {
        assert_eq!(visited, keys.len(), "{}", command.name);
    }
    let mut lengths = Lengths { missing: vec![2] };
    describe::info(command, &mut lengths);
    describe::docs(command, &mut lengths);
    assert!(lengths.missing.is_empty(), "{}", command.name);
}

/// Counts what is announced against what comes.
struct Lengths {
    /// Elements that the open lists lack, outermost first. Empty when all is there.
    missing: Vec<usize>,
}

impl Lengths {
    fn element(&mut self) {
        *self.missing.last_mut().expect("no more was announced") -= 1;
    }

    fn close(&mut self) {
        while self.missing.last() == Some(&0) {
            self.missing.pop();
        }
    }

    fn open(&mut self, length: usize) {
        self.element();
        self.missing.push(length);
        self.close();
    }

    fn leaf(&mut self) {
        self.element();
        self.close();
    }
}

impl Sink for Lengths {
    fn array(&mut self, length: usize) {
        self.open(length);
    }

    fn map(&mut self, length: usize) {
        self.open(2 * length);
    }

    fn set(&mut self, length: usize) {
        self.open(length);
    }

    fn bulk(&mut self, _text: &str) {
        self.leaf();
    }

    fn simple(&mut self, text: &str) {
        assert!(!text.contains(['\r', '\n']));
        self.leaf();
    }

    fn integer(&mut self, _number: i64) {
        self.leaf();
    }
}
