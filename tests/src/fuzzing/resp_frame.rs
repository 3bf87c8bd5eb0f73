//! Frames of every kind, made from any bytes: written, then read at the other end, they are the same, whatever the pieces.
//!
//! The first byte chooses the pieces. Each further byte chooses the kind of the next frame; the bytes behind it are its contents.

use bytes::BytesMut;
use resp::codec::{ClientCodec, ServerCodec};
use resp::{Frame, ReplyLimits, RequestLimits};
use tokio_util::codec::{Decoder, Encoder};

/// Frames within frames; a reader takes more.
const DEPTH_MAX: usize = 32;
const ELEMENTS_MAX: u8 = 8;

/// Checks one input.
pub fn resp_frame(input: &[u8]) {
    let (&piece, bytes) = input.split_first().unwrap_or((&0, b""));
    let piece = usize::from(piece) + 1;
    let mut source = Source { bytes };
    let mut frames = Vec::new();
    while !source.bytes.is_empty() {
        frames.push(source.frame(0));
    }
    let words: Vec<&[u8]> = bytes.split(|&byte| byte == 0).collect();
    let (mut client, mut server) =
        (ClientCodec::new(ReplyLimits::DEFAULT), ServerCodec::new(RequestLimits::DEFAULT));
    let mut wire = BytesMut::new();
    client.encode(&words[..], &mut wire).expect("anything can be asked");
    assert_eq!(decoded(&mut server, &wire, piece), [words]);
    wire.clear();
    for frame in &frames {
        server.encode(frame.clone(), &mut wire).expect("anything can be answered");
    }
    assert_eq!(decoded(&mut client, &wire, piece), frames);
}

fn decoded<D: Decoder<Error = std::io::Error>>(decoder: &mut D, wire: &[u8], piece: usize) -> Vec<D::Item> {
    let mut items = Vec::new();
    let mut arrived = BytesMut::new();
    for piece in wire.chunks(piece) {
        arrived.extend_from_slice(piece);
        while let Some(item) = decoder.decode(&mut arrived).expect("what was encoded can be decoded") {
            items.push(item);
        }
    }
    items
}

struct Source<'b> {
    bytes: &'b [u8],
}

impl Source<'_> {
    fn byte(&mut self) -> u8 {
        let (&byte, rest) = self.bytes.split_first().unwrap_or((&0, b""));
        self.bytes = rest;
        byte
    }

    fn text(&mut self) -> Vec<u8> {
        let length = usize::from(self.byte()).min(self.bytes.len());
        let (text, rest) = self.bytes.split_at(length);
        self.bytes = rest;
        text.to_vec()
    }

    /// A text that travels as a line.
    fn line(&mut self) -> Vec<u8> {
        let mut text = self.text();
        text.retain(|byte| !matches!(byte, b'\r' | b'\n'));
        text
    }

    fn number(&mut self) -> u64 {
        u64::from_le_bytes(std::array::from_fn(|_| self.byte()))
    }

    fn frames(&mut self, depth: usize) -> Vec<Frame> {
        let count = if depth < DEPTH_MAX { self.byte() % ELEMENTS_MAX } else { 0 };
        (0..count).map(|_| self.frame(depth + 1)).collect()
    }

    fn pairs(&mut self, depth: usize) -> Vec<(Frame, Frame)> {
        let (keys, mut values) = (self.frames(depth), self.frames(depth));
        values.resize(keys.len(), Frame::Null);
        keys.into_iter().zip(values).collect()
    }

    fn frame(&mut self, depth: usize) -> Frame {
        match self.byte() % 17 {
            0 => Frame::Simple(self.line()),
            1 => Frame::Error(self.line()),
            2 => Frame::Integer(self.number() as i64),
            3 => Frame::Bulk(self.text()),
            4 => Frame::Array(self.frames(depth)),
            5 => Frame::NullBulk,
            6 => Frame::NullArray,
            7 => Frame::Null,
            8 => Frame::Boolean(self.byte() & 1 == 1),
            // NaN is not equal to itself; `resp_reply` has it.
            9 => Frame::Double(
                Some(f64::from_bits(self.number())).filter(|value| !value.is_nan()).unwrap_or(0.5),
            ),
            10 => Frame::BigNumber(self.number().to_string().into_bytes()),
            11 => Frame::BulkError(self.text()),
            12 => Frame::Verbatim([b't', b'x', b't'], self.text()),
            13 => Frame::Map(self.pairs(depth)),
            14 => Frame::Set(self.frames(depth)),
            15 => Frame::Push(self.frames(depth)),
            _ if depth < DEPTH_MAX => Frame::Attribute(self.pairs(depth), Box::new(self.frame(depth + 1))),
            _ => Frame::Null,
        }
    }
}
