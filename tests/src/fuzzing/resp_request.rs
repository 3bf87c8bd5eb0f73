//! Any bytes are requests, an error, or not enough; the reader never contradicts itself, nor takes more than it was given.

use resp::{RequestLimits, RequestReader, write_request};

/// Checks one input.
pub fn resp_request(data: &[u8]) {
    for limits in [RequestLimits::DEFAULT, RequestLimits::UNAUTHENTICATED] {
        let mut reader = RequestReader::new();
        reader.feed(data);
        while let Ok(true) = reader.parse(&limits) {
            reader.check_invariants();
        }
        reader.check_invariants();
        let requests = (0..reader.len()).map(|index| reader.request(index));
        let wire_len: usize = requests
            .map(|request| {
                let words: usize = request.words().map(<[u8]>::len).sum();
                assert!(words <= request.wire_len());
                if let Some(wire) = request.wire() {
                    let mut written = Vec::new();
                    write_request(&mut written, &request.words().collect::<Vec<_>>());
                    assert_eq!(wire, written);
                    assert!(wire.len() <= request.wire_len());
                }
                request.wire_len()
            })
            .sum();
        assert!(wire_len <= data.len());
        reader.release();
        reader.check_invariants();
        reader.shrink();
        reader.check_invariants();
    }
}
