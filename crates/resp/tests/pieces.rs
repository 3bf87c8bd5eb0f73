//! A request is the same whatever the pieces in which it arrives.

use bytes::BufMut;
use kvd_resp::{LARGE_BULK_BYTES, ProtocolError, RequestLimits, RequestQueue, RequestReader, write_request};
use proptest::prelude::*;

/// What is known of a request once it is parsed.
#[derive(Debug, PartialEq)]
struct Seen {
    words: Vec<Vec<u8>>,
    shared: Vec<bool>,
    wire_len: usize,
    wire: Option<Vec<u8>>,
}

#[derive(Default)]
struct Server {
    reader: RequestReader,
    seen: Vec<Seen>,
}

impl Server {
    /// Parses what there is; as a server does, in batches of a few.
    fn serve(&mut self, batch: usize) -> Result<(), ProtocolError> {
        loop {
            let mut more = Ok(true);
            while more == Ok(true) && self.reader.len() < batch {
                more = self.reader.parse(&RequestLimits::DEFAULT);
                self.reader.check_invariants();
            }
            for index in 0..self.reader.len() {
                let request = self.reader.request(index);
                self.seen.push(Seen {
                    words: request.words().map(<[u8]>::to_vec).collect(),
                    shared: (0..request.len()).map(|word| request.shared(word).is_some()).collect(),
                    wire_len: request.wire_len(),
                    wire: request.wire().map(<[u8]>::to_vec),
                });
            }
            self.reader.release();
            self.reader.check_invariants();
            if !more? {
                return Ok(());
            }
        }
    }
}

fn serve_pieces(pieces: &[&[u8]], batch: usize) -> (Vec<Seen>, Result<(), ProtocolError>) {
    let mut server = Server::default();
    let mut result = Ok(());
    for piece in pieces {
        server.reader.feed(piece);
        result = server.serve(batch);
    }
    (server.seen, result)
}

/// As a socket does: as much as there is room for.
fn serve_reads(mut bytes: &[u8]) -> Vec<Seen> {
    let mut server = Server::default();
    while !bytes.is_empty() {
        let mut room = server.reader.unfilled();
        let count = room.remaining_mut().min(bytes.len());
        assert!(count > 0, "there is always room");
        room.put_slice(&bytes[..count]);
        bytes = &bytes[count..];
        server.serve(usize::MAX).expect("the requests are well-formed");
    }
    server.seen
}

fn example() -> Vec<u8> {
    let mut bytes = b"\r\n*0\r\n".to_vec();
    write_request(&mut bytes, &["SET", "key", "value"]);
    bytes.extend(b" PING \"a b\"\r\n*-1\r\n\n");
    write_request(&mut bytes, &["", "\r\n", "$3\r\n"]);
    bytes.extend(b"*2\r\n$3\r\nGET\r\n$0000\r\n");
    bytes
}

#[test]
fn every_split_gives_the_same() {
    let bytes = example();
    let whole = serve_pieces(&[&bytes], 1);
    assert_eq!(whole.0.len(), 3);
    assert_eq!(whole.1, Err(ProtocolError::InvalidBulkLength));
    for first in 0..bytes.len() {
        for second in first..bytes.len() {
            let pieces = [&bytes[..first], &bytes[first..second], &bytes[second..]];
            assert_eq!(serve_pieces(&pieces, 2), whole, "split at {first} and {second}");
        }
    }
}

#[test]
fn wire_lengths_add_up() {
    let bytes = example();
    let (seen, _) = serve_pieces(&[&bytes], 10);
    let total: usize = seen.iter().map(|seen| seen.wire_len).sum();
    assert_eq!(&bytes[total..], b"*2\r\n$3\r\nGET\r\n$0000\r\n");
}

#[test]
fn long_words_get_buffers_of_their_own() {
    let sizes = [LARGE_BULK_BYTES - 1, LARGE_BULK_BYTES, 3, 1_000_000, 65_536, 2_500_000];
    let words: Vec<Vec<u8>> = sizes.iter().map(|size| vec![b'v'; *size]).collect();
    let mut bytes = Vec::new();
    write_request(&mut bytes, &words);
    write_request(&mut bytes, &["PING"]);
    let seen = serve_reads(&bytes);
    assert_eq!(seen[0].words, words);
    assert_eq!(seen[0].shared, [false, true, false, true, true, true]);
    assert_eq!(seen.iter().map(|seen| seen.wire_len).sum::<usize>(), bytes.len());
    assert_eq!(seen, serve_pieces(&[&bytes], 7).0);
    let pieces: Vec<&[u8]> = bytes.chunks(4999).collect();
    assert_eq!(seen, serve_pieces(&pieces, 7).0);
}

#[test]
fn a_request_is_given_as_it_came_if_it_could_not_be_shorter() {
    let canonical = b"*2\r\n$3\r\nGET\r\n$10\r\n0123456789\r\n";
    let wire_of = |bytes: &[u8]| serve_pieces(&[b"\r\n*0\r\n", bytes], 1).0.remove(0).wire;
    assert_eq!(wire_of(canonical).as_deref(), Some(&canonical[..]));
    for other in [
        &b"*02\r\n$3\r\nGET\r\n$10\r\n0123456789\r\n"[..],
        b"*2\r\n$03\r\nGET\r\n$10\r\n0123456789\r\n",
        b"*2\r\n$3\r\nGET\r\n$010\r\n0123456789\r\n",
        b"GET 0123456789\r\n",
        b"*2$3\"GET\" $10\"abcdefghij\r\n",
        b"GET     \"\\x30123456789\"\r\n",
    ] {
        let (seen, _) = serve_pieces(&[other], 1);
        assert!(seen.iter().all(|seen| seen.wire.is_none()), "{}", other.escape_ascii());
    }
    let mut long = Vec::new();
    write_request(&mut long, &[b"SET", &b"key"[..], &[b'v'; LARGE_BULK_BYTES]]);
    assert_eq!(wire_of(&long), None);
}

/// Words that lie beside what looks like lines of counts and lengths: of other requests.
#[test]
fn what_only_looks_like_a_request_is_not_given_as_one() {
    for lines in [&b"?*2\r\n$3\r\nGET\r\n"[..], b"?*1\r\n$3\r\nGET\r\n"] {
        let (seen, _) = serve_pieces(&[lines], 9);
        assert!(seen.len() == 3 && seen.iter().all(|seen| seen.wire.is_none()), "{seen:?}");
    }
    let mut reader = RequestReader::new();
    for words in [&["*9\r\n$3\r\n", "x"][..], &["GET", "\r\n"], &["*1\r\n$9\r\n"], &["GET"], &["\r\n"]] {
        let mut bytes = Vec::new();
        write_request(&mut bytes, words);
        reader.feed(&bytes);
        reader.parse(&RequestLimits::DEFAULT).unwrap();
    }
    let mut queue = RequestQueue::default();
    (0..reader.len()).for_each(|index| queue.push(reader.request(index)));
    for index in 0..queue.len() {
        assert_eq!(queue.request(index).wire(), None, "{index}");
        assert!(reader.request(index).wire().is_some(), "{index}");
    }
}

#[test]
fn a_long_word_must_end_with_crlf() {
    let mut bytes = format!("*1\r\n${LARGE_BULK_BYTES}\r\n").into_bytes();
    bytes.resize(bytes.len() + LARGE_BULK_BYTES + 2, b'x');
    for size in [100, bytes.len()] {
        let pieces: Vec<&[u8]> = bytes.chunks(size).collect();
        assert_eq!(serve_pieces(&pieces, 1).1, Err(ProtocolError::InvalidCrlf));
    }
}

#[test]
fn huge_counts_reserve_nothing() {
    let mut reader = RequestReader::new();
    reader.feed(b"*2147483647\r\n$536870912\r\n");
    assert_eq!(reader.parse(&RequestLimits::DEFAULT), Ok(false));
    let room = reader.unfilled().remaining_mut();
    assert!(room <= 65_536 && reader.capacity() <= 70_000, "{room}, {}", reader.capacity());
}

#[test]
fn an_error_stays() {
    let mut reader = RequestReader::new();
    reader.feed(b"PING\r\n*1\r\nPING\r\n");
    assert_eq!(reader.parse(&RequestLimits::DEFAULT), Ok(true));
    for _ in 0..3 {
        assert_eq!(reader.parse(&RequestLimits::DEFAULT), Err(ProtocolError::ExpectedDollar { got: b'P' }));
        reader.feed(b"PING\r\n");
    }
    assert_eq!(reader.request(0).word(0), b"PING");
}

#[test]
fn limits_may_change_between_requests() {
    let mut reader = RequestReader::new();
    reader.feed(b"PING\r\n*11\r\n");
    assert_eq!(reader.parse(&RequestLimits::UNAUTHENTICATED), Ok(true));
    assert_eq!(reader.parse(&RequestLimits::DEFAULT), Ok(false));
    let mut reader = RequestReader::new();
    reader.feed(b"PING\r\n*11\r\n");
    assert_eq!(reader.parse(&RequestLimits::DEFAULT), Ok(true));
    let refused = reader.parse(&RequestLimits::UNAUTHENTICATED);
    assert_eq!(refused, Err(ProtocolError::UnauthenticatedMultibulkLength));
}

#[test]
fn room_of_a_burst_is_given_back() {
    let mut reader = RequestReader::new();
    let mut bytes = Vec::new();
    write_request(&mut bytes, &vec!["word"; 100_000]);
    reader.feed(&bytes);
    assert_eq!(reader.parse(&RequestLimits::DEFAULT), Ok(true));
    reader.release();
    assert!(reader.capacity() > 1_000_000);
    for _ in 0..600 {
        reader.feed(b"PING\r\n*1\r\n");
        assert_eq!(reader.parse(&RequestLimits::DEFAULT), Ok(true));
        assert_eq!(reader.parse(&RequestLimits::DEFAULT), Ok(false));
        reader.release();
        reader.feed(b"$1\r\na\r\n");
        assert_eq!(reader.parse(&RequestLimits::DEFAULT), Ok(true));
        reader.release();
    }
    assert!(reader.capacity() < 200_000, "{}", reader.capacity());
    reader.shrink();
    assert_eq!((reader.capacity(), reader.buffered()), (0, 0));
}

/// Bytes moved are bounded by bytes received, so the time is linear; here as a bound on how much is reserved with a backlog that never empties.
#[test]
fn a_backlog_that_never_empties_does_not_grow_the_buffer() {
    let mut reader = RequestReader::new();
    let mut request = Vec::new();
    write_request(&mut request, &["SET", "key", "value"]);
    reader.feed(&request[..10]);
    for _ in 0..100_000 {
        reader.feed(&request[10..]);
        reader.feed(&request[..10]);
        assert_eq!(reader.parse(&RequestLimits::DEFAULT), Ok(true));
        assert_eq!(reader.parse(&RequestLimits::DEFAULT), Ok(false));
        reader.release();
    }
    assert!(reader.capacity() < 20_000, "{}", reader.capacity());
}

/// A client sends 40 MB, by hand and through the room that a socket reads into, before anything of it is parsed.
#[test]
fn what_waits_takes_what_was_sent_and_comes_out_in_order() {
    const ROUNDS: usize = 20;
    let value = vec![b'v'; 2_000_000];
    let mut bytes = Vec::new();
    write_request(&mut bytes, &[b"SET", &b"key"[..], &value]);
    write_request(&mut bytes, &["GET", "key"]);
    let mut server = Server::default();
    for round in 0..ROUNDS {
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let mut room = server.reader.unfilled();
            let count = if round % 2 == 0 { room.remaining_mut().min(rest.len()) } else { 0 };
            room.put_slice(&rest[..count]);
            let fed = (rest.len() - count).min(30_000);
            server.reader.feed(&rest[count..count + fed]);
            rest = &rest[count + fed..];
        }
    }
    server.reader.check_invariants();
    assert_eq!(server.reader.buffered(), ROUNDS * bytes.len());
    assert!(server.reader.capacity() < ROUNDS * bytes.len() * 11 / 10, "{}", server.reader.capacity());
    server.serve(3).unwrap();
    assert_eq!(server.seen.len(), 2 * ROUNDS);
    for pair in server.seen.chunks(2) {
        assert_eq!(pair[0].words, [b"SET", &b"key"[..], &value]);
        assert_eq!(pair[1].words, [b"GET", &b"key"[..]]);
        assert_eq!(pair[0].wire_len + pair[1].wire_len, bytes.len());
    }
    assert_eq!(server.reader.buffered(), 0);
}

#[test]
fn what_waits_behind_an_error_is_dropped() {
    let mut reader = RequestReader::new();
    reader.feed(b"*1\r\nPING\r\n");
    reader.feed(&vec![b'x'; 1_000_000]);
    reader.feed(&vec![b'x'; 1_000_000]);
    assert_eq!(reader.parse(&RequestLimits::DEFAULT), Err(ProtocolError::ExpectedDollar { got: b'P' }));
    assert!(reader.buffered() < 1_100_000, "{}", reader.buffered());
}

proptest! {
    #[test]
    fn requests_come_out_as_they_went_in(
        requests in prop::collection::vec(prop::collection::vec(any::<Vec<u8>>(), 1..5), 0..5),
        sizes in prop::collection::vec(1usize..50, 1..20),
        batch in 1usize..5,
        piece in 1usize..40,
        patience in 1usize..5,
    ) {
        let mut bytes = Vec::new();
        for words in &requests {
            write_request(&mut bytes, words);
        }
        let mut server = Server { reader: RequestReader::with_pieces_of(piece), seen: Vec::new() };
        let mut rest = &bytes[..];
        for (round, size) in sizes.iter().cycle().enumerate() {
            let (piece, behind) = rest.split_at(rest.len().min(*size));
            server.reader.feed(piece);
            server.reader.check_invariants();
            if round % patience == 0 {
                server.serve(batch).unwrap();
            }
            rest = behind;
            if rest.is_empty() {
                break;
            }
        }
        server.serve(batch).unwrap();
        for seen in &server.seen {
            let mut written = Vec::new();
            write_request(&mut written, &seen.words);
            prop_assert_eq!(seen.wire.as_ref(), Some(&written));
        }
        let words: Vec<_> = server.seen.into_iter().map(|seen| seen.words).collect();
        prop_assert_eq!(words, requests);
        prop_assert_eq!(server.reader.buffered(), 0);
    }

    #[test]
    fn any_bytes_split_anywhere_give_the_same(
        bytes in prop::collection::vec(prop::sample::select(&b"*$1230-\r\n\r\n\r\n\"' ax\0"[..]), 0..60),
        at in 0usize..60,
    ) {
        let at = at.min(bytes.len());
        prop_assert_eq!(serve_pieces(&[&bytes], 3), serve_pieces(&[&bytes[..at], &bytes[at..]], 1));
    }
}
