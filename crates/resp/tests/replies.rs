//! Replies of every type in both protocols, and how they leave.

use std::io::IoSlice;
use std::sync::Arc;

use bytes::Buf;
use kvd_resp::{Mark, Output, Protocol, ProtocolError, Reply};
use proptest::prelude::*;

fn written(protocol: Protocol, write: impl FnOnce(&mut Reply<'_>)) -> String {
    let mut output = Output::new();
    write(&mut Reply::new(&mut output, protocol));
    output.check_invariants();
    output.to_vec().escape_ascii().to_string()
}

/// Asserts what is written in RESP2 and in RESP3.
fn check(write: impl Fn(&mut Reply<'_>), resp2: &str, resp3: &str) {
    assert_eq!(written(Protocol::Resp2, &write), resp2);
    assert_eq!(written(Protocol::Resp3, &write), resp3);
}

fn check_both(write: impl Fn(&mut Reply<'_>), text: &str) {
    check(write, text, text);
}

/// What three servers answer to `DEBUG PROTOCOL <type>`, and what is the same in both protocols.
#[test]
fn types_are_written_as_servers_write_them() {
    check_both(|reply| reply.ok(), r"+OK\r\n");
    check_both(|reply| reply.simple("PONG"), r"+PONG\r\n");
    check_both(|reply| reply.bulk(b"Hello World"), r"$11\r\nHello World\r\n");
    check_both(|reply| reply.bulk(b""), r"$0\r\n\r\n");
    check_both(|reply| reply.bulk_int(-120), r"$4\r\n-120\r\n");
    check_both(|reply| reply.integer(12345), r":12345\r\n");
    check_both(|reply| reply.array(3), r"*3\r\n");
    check(|reply| reply.double(3.25), r"$4\r\n3.25\r\n", r",3.25\r\n");
    check(|reply| reply.null(), r"$-1\r\n", r"_\r\n");
    check(|reply| reply.null_array(), r"*-1\r\n", r"_\r\n");
    check(|reply| reply.set(3), r"*3\r\n", r"~3\r\n");
    check(|reply| reply.map(7), r"*14\r\n", r"%7\r\n");
    check(|reply| reply.push(2), r"*2\r\n", r">2\r\n");
    check(|reply| reply.boolean(true), r":1\r\n", r"#t\r\n");
    check(|reply| reply.boolean(false), r":0\r\n", r"#f\r\n");
    check(
        |reply| reply.verbatim(b"txt", "This is a verbatim\nstring"),
        r"$25\r\nThis is a verbatim\nstring\r\n",
        r"=29\r\ntxt:This is a verbatim\nstring\r\n",
    );
    let number = "1234567999999999999999999999999999999";
    check(
        |reply| reply.big_number(number),
        r"$37\r\n1234567999999999999999999999999999999\r\n",
        r"(1234567999999999999999999999999999999\r\n",
    );
}

#[test]
fn attributes_are_left_out_in_resp2() {
    let write = |reply: &mut Reply<'_>| {
        if reply.attribute(1) {
            reply.bulk(b"ttl");
            reply.integer(1);
        }
        reply.ok();
    };
    check(write, r"+OK\r\n", r"|1\r\n$3\r\nttl\r\n:1\r\n+OK\r\n");
}

#[test]
fn integers_of_every_length() {
    for exponent in 0..19 {
        for offset in -1..=1 {
            let number = 10i64.pow(exponent) + offset;
            check_both(|reply| reply.integer(number), &format!(r":{number}\r\n"));
            check_both(|reply| reply.integer(-number), &format!(r":{}\r\n", -number));
        }
    }
    check_both(|reply| reply.integer(i64::MIN), r":-9223372036854775808\r\n");
    check_both(|reply| reply.integer(i64::MAX), r":9223372036854775807\r\n");
}

#[test]
fn lines_stay_lines() {
    check_both(|reply| reply.error("ERR a\r\nb\n"), r"-ERR a  b\r\n");
    check_both(|reply| reply.error("ERR a\r\n\r\n"), r"-ERR a\r\n");
    check_both(|reply| reply.error(format_args!("ERR {}{}{}", "x\n", "", "\ny")), r"-ERR x  y\r\n");
    check_both(|reply| reply.error_bytes(b"ERR \xff\ra\n\n"), r"-ERR \xff a\r\n");
    check_both(|reply| reply.error_bytes(b"\n"), r"-\r\n");
    check_both(|reply| reply.simple("a\r\nb"), r"+a  b\r\n");
    let error = ProtocolError::ExpectedDollar { got: b'\n' };
    check_both(|reply| reply.protocol_error(&error), r"-ERR Protocol error: expected \'$\', got \' \'\r\n");
}

#[test]
fn what_is_displayed_is_counted() {
    check_both(|reply| reply.bulk_display(1.5), r"$3\r\n1.5\r\n");
    check_both(|reply| reply.bulk_display("0123456789\n"), r"$11\r\n0123456789\n\r\n");
    check_both(|reply| reply.bulk_display(""), r"$0\r\n\r\n");
}

#[test]
fn counts_may_come_last() {
    let write = |reply: &mut Reply<'_>| {
        let map = reply.map_later();
        reply.bulk(b"numbers");
        let numbers = reply.array_later();
        (0..12).for_each(|_| reply.integer(1));
        reply.close_array(numbers, 12);
        reply.bulk(b"none");
        let none = reply.set_later();
        reply.close_set(none, 0);
        reply.close_map(map, 2);
    };
    let numbers = r":1\r\n".repeat(12);
    check(
        write,
        &format!(r"*4\r\n$7\r\nnumbers\r\n*12\r\n{numbers}$4\r\nnone\r\n*0\r\n"),
        &format!(r"%2\r\n$7\r\nnumbers\r\n*12\r\n{numbers}$4\r\nnone\r\n~0\r\n"),
    );
}

#[test]
fn large_values_leave_without_a_copy() {
    let large = Arc::new(vec![b'x'; 20_000]);
    let small = Arc::new(b"small".to_vec());
    let mut output = Output::new();
    let mut reply = Reply::new(&mut output, Protocol::Resp2);
    let later = reply.array_later();
    reply.shared(&large);
    reply.shared(&small);
    reply.shared(&large);
    reply.close_array(later, 100);
    assert_eq!(Arc::strong_count(&large), 3);
    assert_eq!(Arc::strong_count(&small), 1);

    let mut slices = [IoSlice::new(&[]); 8];
    let count = output.chunks_vectored(&mut slices);
    let pieces: Vec<&[u8]> = slices[..count].iter().map(|slice| &slice[..]).collect();
    assert_eq!(
        pieces,
        [b"*100\r\n$20000\r\n", &large[..], b"\r\n$5\r\nsmall\r\n$20000\r\n", &large[..], b"\r\n"]
    );
    assert!(std::ptr::eq(pieces[1], &large[..]));

    output.advance(14 + 20_000);
    output.check_invariants();
    assert_eq!(Arc::strong_count(&large), 2);
    output.clear();
    assert_eq!(Arc::strong_count(&large), 1);
}

#[test]
fn a_reply_can_be_taken_back() {
    let large = Arc::new(vec![b'x'; 20_000]);
    let mut output = Output::new();
    let mut reply = Reply::new(&mut output, Protocol::Resp2);
    reply.shared(&large);
    let mark = reply.output().mark();
    reply.shared(&large);
    reply.integer(7);
    reply.output().rewind(mark);
    reply.ok();
    output.check_invariants();
    assert_eq!(Arc::strong_count(&large), 2);
    assert_eq!(output.len(), 8 + 20_000 + 2 + 5);
    assert!(output.to_vec().ends_with(b"x\r\n+OK\r\n"));
}

#[test]
fn what_was_sent_stays_sent() {
    let mut output = Output::new();
    let mark = output.mark();
    output.extend(b"abc");
    output.extend_shared(&Arc::new(b"def".to_vec()));
    output.advance(4);
    output.rewind(mark);
    output.check_invariants();
    assert_eq!(output.to_vec(), b"ef");
}

#[test]
fn room_of_a_burst_is_given_back() {
    let mut output = Output::new();
    output.extend(&vec![b'x'; 1_000_000]);
    output.advance(1_000_000);
    for _ in 0..600 {
        output.extend(b"+OK\r\n");
        output.advance(5);
    }
    assert!(output.capacity() <= 64 * 1024);
}

#[test]
fn a_receiver_that_never_catches_up_does_not_grow_the_buffer() {
    let mut output = Output::new();
    output.extend(&[b'x'; 1000]);
    for _ in 0..10_000 {
        output.extend(&[b'x'; 1000]);
        output.advance(1000);
        output.check_invariants();
    }
    assert_eq!(output.len(), 1000);
    assert!(output.capacity() < 1_000_000);
}

#[derive(Debug, Clone)]
enum Step {
    Copy(Vec<u8>),
    Share(usize),
    Advance(usize),
    Mark,
    Rewind,
    Clear,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => any::<Vec<u8>>().prop_map(Step::Copy),
        4 => (0usize..300).prop_map(Step::Share),
        4 => (0usize..400).prop_map(Step::Advance),
        2 => Just(Step::Mark),
        1 => Just(Step::Rewind),
        1 => Just(Step::Clear),
    ];
    prop::collection::vec(step, 0..60)
}

/// Everything ever written, how much of it is sent, and how long it was when the mark was taken.
#[derive(Default)]
struct Model {
    bytes: Vec<u8>,
    sent: usize,
    mark: Option<(Mark, usize)>,
}

fn step(step: Step, output: &mut Output, model: &mut Model) {
    match step {
        Step::Copy(bytes) => {
            output.extend(&bytes);
            model.bytes.extend(bytes);
        }
        Step::Share(len) => {
            let bytes: Vec<u8> = (0..len).map(|index| index as u8).collect();
            model.bytes.extend(&bytes);
            output.extend_shared(&Arc::new(bytes));
        }
        Step::Advance(count) => {
            let count = count.min(output.len());
            output.advance(count);
            model.sent += count;
        }
        Step::Mark => model.mark = Some((output.mark(), model.bytes.len())),
        Step::Rewind => {
            // Sending goes on between a mark and its rewind only where the reply was still wholly there.
            if let Some((mark, len)) = model.mark.take().filter(|(_, len)| *len >= model.sent) {
                output.rewind(mark);
                model.bytes.truncate(len);
            }
        }
        Step::Clear => {
            output.clear();
            model.sent = model.bytes.len();
            model.mark = None;
        }
    }
}

proptest! {
    #[test]
    fn output_is_a_queue_of_bytes(steps in steps()) {
        let mut output = Output::new();
        let mut model = Model::default();
        for next in steps {
            step(next, &mut output, &mut model);
            output.check_invariants();
            prop_assert_eq!(output.len(), model.bytes.len() - model.sent);
            prop_assert_eq!(&output.to_vec(), &model.bytes[model.sent..]);
            prop_assert_eq!(output.chunk().is_empty(), output.is_empty());
        }
    }
}
