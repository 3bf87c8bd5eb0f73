//! The bytes of a pipeline of requests, and how its holes are filled again.

use super::parse::{INT_WIDTH, NUM_WIDTH};
use super::{Hole, Piece, Template};
use crate::keys::Keys;

/// How many bytes of a value change from request to request; the rest is random but stays.
const VALUE_FRESH_BYTES: usize = 8;
/// The range of `{int}`: as many digits as its width.
const INT_MIN: u64 = 100_000;
const INT_MAX: u64 = 999_999;

/// Requests ready to be sent.
#[derive(Debug, Clone)]
pub(crate) struct Batch {
    bytes: Vec<u8>,
    refills: Vec<Refill>,
    requests: u64,
}

/// A place in the bytes and what comes there.
#[derive(Debug, Clone, Copy)]
struct Refill {
    at: usize,
    with: With,
}

#[derive(Debug, Clone, Copy)]
enum With {
    Num,
    /// The number already written at this place.
    NumAt(usize),
    Value {
        fresh: usize,
    },
    Int,
}

impl Batch {
    /// Render `requests`, with values of `value_bytes`. The holes are filled by [`Batch::refill`].
    pub(crate) fn render<'t>(
        requests: impl IntoIterator<Item = &'t Template>,
        value_bytes: usize,
        keys: &mut Keys,
    ) -> Self {
        let mut batch = Self { bytes: Vec::new(), refills: Vec::new(), requests: 0 };
        for template in requests {
            batch.push(template, value_bytes, keys);
        }
        batch
    }

    /// What to send.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How many requests, so how many replies.
    pub(crate) fn requests(&self) -> u64 {
        self.requests
    }

    /// Name the next keys, change the values.
    pub(crate) fn refill(&mut self, keys: &mut Keys) {
        for refill in &self.refills {
            let at = refill.at;
            match refill.with {
                With::Num => digits(&mut self.bytes[at..at + NUM_WIDTH], keys.next()),
                With::NumAt(from) => self.bytes.copy_within(from..from + NUM_WIDTH, at),
                With::Value { fresh } => {
                    let random = keys.number(0, u64::MAX).to_le_bytes();
                    self.bytes[at..at + fresh].copy_from_slice(&random[..fresh]);
                }
                With::Int => digits(&mut self.bytes[at..at + INT_WIDTH], keys.number(INT_MIN, INT_MAX)),
            }
        }
    }

    fn push(&mut self, template: &Template, value_bytes: usize, keys: &mut Keys) {
        let mut labels = [None; 256];
        self.header(b'*', template.arguments.len());
        for pieces in &template.arguments {
            self.header(b'$', pieces.iter().map(|piece| width(piece, value_bytes)).sum());
            for piece in pieces {
                self.piece(piece, value_bytes, keys, &mut labels);
            }
            self.bytes.extend_from_slice(b"\r\n");
        }
        self.requests += 1;
    }

    fn piece(
        &mut self,
        piece: &Piece,
        value_bytes: usize,
        keys: &mut Keys,
        labels: &mut [Option<usize>; 256],
    ) {
        let at = self.bytes.len();
        let with = match piece {
            Piece::Text(text) => return self.bytes.extend_from_slice(text.as_bytes()),
            Piece::Hole(Hole::Num { label: None }) => With::Num,
            Piece::Hole(Hole::Num { label: Some(label) }) => match labels[usize::from(*label)] {
                Some(first) => With::NumAt(first),
                None => {
                    labels[usize::from(*label)] = Some(at);
                    With::Num
                }
            },
            Piece::Hole(Hole::Value) => With::Value { fresh: value_bytes.min(VALUE_FRESH_BYTES) },
            Piece::Hole(Hole::Int) => With::Int,
        };
        self.bytes.extend((0..width(piece, value_bytes)).map(|_| keys.number(0, 255) as u8));
        self.refills.push(Refill { at, with });
    }

    fn header(&mut self, kind: u8, length: usize) {
        self.bytes.push(kind);
        self.bytes.extend_from_slice(length.to_string().as_bytes());
        self.bytes.extend_from_slice(b"\r\n");
    }
}

fn width(piece: &Piece, value_bytes: usize) -> usize {
    match piece {
        Piece::Text(text) => text.len(),
        Piece::Hole(Hole::Num { .. }) => NUM_WIDTH,
        Piece::Hole(Hole::Value) => value_bytes,
        Piece::Hole(Hole::Int) => INT_WIDTH,
    }
}

/// Write `number` in decimal, zeros in front, over all of `place`.
fn digits(place: &mut [u8], mut number: u64) {
    for digit in place.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Distribution;

    fn rendered(text: &str, times: usize) -> (Batch, Keys) {
        let template: Template = text.parse().expect("valid");
        let mut keys = Keys::new(1000, Distribution::Sequential, 1);
        let batch = Batch::render(std::iter::repeat_n(&template, times), 10, &mut keys);
        (batch, keys)
    }

    #[test]
    fn requests_are_resp() {
        let (mut batch, mut keys) = rendered("GET {key}", 2);
        batch.refill(&mut keys);
        let expected =
            "*2\r\n$3\r\nGET\r\n$16\r\nkey:000000000000\r\n*2\r\n$3\r\nGET\r\n$16\r\nkey:000000000001\r\n";
        assert_eq!(String::from_utf8_lossy(batch.bytes()), expected);
        assert_eq!(batch.requests(), 2);
    }

    #[test]
    fn a_label_names_one_key_within_a_request() {
        let (mut batch, mut keys) = rendered("MGET {key:0} {key:1} {key:0}", 2);
        batch.refill(&mut keys);
        let text = String::from_utf8_lossy(batch.bytes()).into_owned();
        let keys: Vec<&str> = text.split("\r\n").filter(|line| line.starts_with("key:")).collect();
        let expected = [0, 1, 0, 2, 3, 2].map(|number| format!("key:{number:012}"));
        assert_eq!(keys, expected);
    }

    #[test]
    fn values_and_integers_keep_their_width_and_change() {
        let (mut batch, mut keys) = rendered("SET k {value} EX {int}", 1);
        batch.refill(&mut keys);
        let first = batch.bytes().to_vec();
        batch.refill(&mut keys);
        assert_eq!(first.len(), batch.bytes().len());
        assert_ne!(first, batch.bytes());
        let int = String::from_utf8_lossy(&batch.bytes()[first.len() - 8..first.len() - 2]).into_owned();
        assert!((INT_MIN..=INT_MAX).contains(&int.parse::<u64>().expect("digits")));
    }
}
