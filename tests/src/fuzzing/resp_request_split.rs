//! Requests are the same at whatever point their bytes are split, whether they are fed or read into the reader's room, and whether they
//! are parsed at once or have to wait.

use bytes::BufMut;
use resp::{ProtocolError, RequestLimits, RequestReader};

/// Splits longer inputs at some points only, to stay fast.
const SPLITS_MAX: usize = 300;

type Requests = Vec<(Vec<Vec<u8>>, usize)>;

fn serve(reader: &mut RequestReader, requests: &mut Requests) -> Option<ProtocolError> {
    let error = loop {
        match reader.parse(&RequestLimits::DEFAULT) {
            Ok(true) => {}
            Ok(false) => break None,
            Err(error) => break Some(error),
        }
    };
    collect(reader, requests);
    error
}

fn collect(reader: &mut RequestReader, requests: &mut Requests) {
    reader.check_invariants();
    for index in 0..reader.len() {
        let request = reader.request(index);
        requests.push((request.words().map(<[u8]>::to_vec).collect(), request.wire_len()));
    }
    reader.release();
}

fn split(data: &[u8], at: usize) -> (Requests, Option<ProtocolError>) {
    let mut reader = RequestReader::new();
    let mut requests = Vec::new();
    let (first, mut rest) = data.split_at(at);
    reader.feed(first);
    let mut error = serve(&mut reader, &mut requests);
    while error.is_none() && !rest.is_empty() {
        let mut room = reader.unfilled();
        let count = room.remaining_mut().min(rest.len());
        assert!(count > 0);
        room.put_slice(&rest[..count]);
        rest = &rest[count..];
        error = serve(&mut reader, &mut requests);
    }
    (requests, error)
}

/// What comes while nobody parses waits, in pieces of so many bytes.
fn wait(data: &[u8], piece_bytes: usize) -> (Requests, Option<ProtocolError>) {
    let mut reader = RequestReader::with_pieces_of(piece_bytes);
    let mut requests = Vec::new();
    let mut rest = data;
    while !rest.is_empty() {
        let (first, behind) = rest.split_at(rest.len().min(2 * piece_bytes));
        reader.feed(first);
        let mut room = reader.unfilled();
        let count = room.remaining_mut().min(behind.len());
        room.put_slice(&behind[..count]);
        rest = &behind[count..];
        reader.check_invariants();
        // One request at a time is parsed: most of what came waits on.
        let parsed = reader.parse(&RequestLimits::DEFAULT);
        collect(&mut reader, &mut requests);
        if let Err(error) = parsed {
            return (requests, Some(error));
        }
    }
    let error = serve(&mut reader, &mut requests);
    assert!(reader.capacity() >= reader.buffered());
    (requests, error)
}

/// Checks one input.
pub fn resp_request_split(data: &[u8]) {
    let whole = split(data, data.len());
    for at in (0..data.len()).step_by(data.len() / SPLITS_MAX + 1) {
        assert_eq!(split(data, at), whole);
    }
    for piece_bytes in [1, 2, 7, 64] {
        assert_eq!(wait(data, piece_bytes), whole);
    }
}
