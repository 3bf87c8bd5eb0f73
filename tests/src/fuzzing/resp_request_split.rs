//! Requests are the same at whatever point their bytes are split, and whether they are fed or read into the reader's room.

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
    reader.check_invariants();
    for index in 0..reader.len() {
        let request = reader.request(index);
        requests.push((request.words().map(<[u8]>::to_vec).collect(), request.wire_len()));
    }
    reader.release();
    error
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

/// Checks one input.
pub fn resp_request_split(data: &[u8]) {
    let whole = split(data, data.len());
    for at in (0..data.len()).step_by(data.len() / SPLITS_MAX + 1) {
        assert_eq!(split(data, at), whole);
    }
}
