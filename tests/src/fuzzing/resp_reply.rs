//! Any bytes are replies, an error, or not enough; the same wherever they are split; and what was read is written and read back.

use resp::{Frame, ReplyError, ReplyLimits, ReplyReader};

/// Splits longer inputs at some points only, to stay fast.
const SPLITS_MAX: usize = 100;

fn parse(pieces: [&[u8]; 2]) -> (Vec<Frame>, Option<ReplyError>) {
    let mut reader = ReplyReader::new();
    let mut frames = Vec::new();
    for piece in pieces {
        reader.feed(piece);
        loop {
            match reader.parse(&ReplyLimits::DEFAULT) {
                Ok(Some(frame)) => frames.push(frame),
                Ok(None) => break,
                Err(error) => return (frames, Some(error)),
            }
        }
    }
    (frames, None)
}

/// As bytes: NaN is not equal to itself.
fn write(frames: &[Frame]) -> Vec<u8> {
    let mut bytes = Vec::new();
    frames.iter().for_each(|frame| frame.write(&mut bytes));
    bytes
}

/// Checks one input.
pub fn resp_reply(data: &[u8]) {
    let (frames, error) = parse([data, b""]);
    let written = write(&frames);
    for at in (0..data.len()).step_by(data.len() / SPLITS_MAX + 1) {
        let (split, split_error) = parse([&data[..at], &data[at..]]);
        assert_eq!((write(&split), split_error), (written.clone(), error));
    }
    let (again, none) = parse([&written, b""]);
    assert_eq!(none, None);
    assert_eq!(again.len(), frames.len());
    assert_eq!(write(&again), written);
}
