//! The runner itself: it finds what differs, and says where. The target here answers from a list.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::collections::VecDeque;
use std::io;
use std::time::Duration;

use kvd_tests::server::{Product, Server, Version};
use kvd_tests::target::{Link, Target};
use kvd_tests::transcript::{Features, Outcome, Transcript, run};
use kvd_tests::wire;

/// Answers each request of a section with the next reply of a list; then hangs up.
struct Puppet {
    replies: VecDeque<&'static str>,
    /// What each connection was sent and has not fetched.
    links: Vec<VecDeque<String>>,
    time: Duration,
}

impl Puppet {
    fn new(replies: &[&'static str]) -> Self {
        Self { replies: replies.iter().copied().collect(), links: Vec::new(), time: Duration::ZERO }
    }
}

impl Target for Puppet {
    fn server(&self) -> Server {
        Server { product: Product::Kvd, version: Version(0, 1) }
    }

    fn connect(&mut self) -> io::Result<Link> {
        self.links.push(VecDeque::new());
        Ok(Link(self.links.len() - 1))
    }

    fn send(&mut self, link: Link, bytes: &[u8]) -> io::Result<()> {
        let reply = match bytes {
            _ if bytes == wire::encode(&["FLUSHALL"]) => "+OK\r\n",
            _ if bytes == wire::encode(&["RPUSH", "probe:list", "a"]) => "-ERR unknown command\r\n",
            _ => self.replies.pop_front().unwrap_or_default(),
        };
        self.links[link.0].push_back(reply.to_owned());
        Ok(())
    }

    fn receive(&mut self, link: Link, into: &mut Vec<u8>) -> io::Result<usize> {
        let reply = self.links[link.0].pop_front().ok_or(io::ErrorKind::TimedOut)?;
        into.extend_from_slice(reply.as_bytes());
        Ok(reply.len())
    }

    fn close(&mut self, link: Link) {
        self.links[link.0].clear();
    }

    fn advance(&mut self, time: Duration) {
        self.time += time;
    }
}

fn outcome(steps: &str, replies: &[&'static str]) -> Outcome {
    let text = format!("== section\n# resp: 2\n{steps}");
    let transcript = Transcript::parse("t.txt".as_ref(), &text).unwrap();
    run(&transcript, &mut Puppet::new(replies), &mut Features::default())
}

/// The line and what was there instead, for each reply that differs.
fn differences(steps: &str, replies: &[&'static str]) -> Vec<(usize, String)> {
    let outcome = outcome(steps, replies);
    outcome.mismatches.into_iter().map(|mismatch| (mismatch.line, mismatch.got)).collect()
}

#[test]
fn expected_replies_pass() {
    assert_eq!(differences("> A\nOK\n> B\n(integer) 1\n> C\n(closed)\n", &["+OK\r\n", ":1\r\n"]), []);
}

#[test]
fn a_difference_names_its_line_and_what_was_there() {
    let steps = "> A\nOK\n> B\n(integer) 1\n> C\nOK\n";
    assert_eq!(differences(steps, &["+OK\r\n", ":2\r\n", "+OK\r\n"]), [(5, "(integer) 2".to_owned())]);
}

#[test]
fn a_message_shows_request_expectation_and_reply() {
    let message = outcome("> GET a\n\"b\"\n", &["*1\r\n$1\r\nc\r\n"]).mismatches[0].to_string();
    assert_eq!(
        message,
        "t.txt:3 (kvd 0.1, RESP2)\n    request   > GET a\n    expected  \"b\"\n    got       1) \"c\"\n"
    );
}

#[test]
fn what_comes_too_much_is_a_difference() {
    assert_eq!(
        differences("> A\nOK\n", &["+OK\r\n+OK\r\n"]),
        [(3, "more than that: \"+OK\\r\\n\"".to_owned())]
    );
}

#[test]
fn a_section_ends_where_the_server_is_lost() {
    let hung_up = differences("> A\nOK\n> B\nOK\n", &[]);
    assert_eq!(hung_up, [(3, "the end of the connection".to_owned())]);
    let nonsense = differences("> A\nOK\n> B\nOK\n", &["?\r\n"]);
    assert_eq!(nonsense.len(), 1);
    let silent = differences("> A\nOK\nOK\n", &["+OK\r\n"]);
    assert_eq!(silent, [(3, "silence".to_owned())]);
}

#[test]
fn a_server_that_goes_on_is_not_closed() {
    assert_eq!(differences("> A\nOK\n(closed)\n", &["+OK\r\n"]).len(), 1);
    assert_eq!(
        differences("> A\n(bytes) \"+OK\\r\\n\"\n", &["+NO\r\n"]),
        [(3, "bytes \"+NO\\r\\n\"".to_owned())]
    );
}

#[test]
fn a_section_is_skipped_where_a_family_is_missing() {
    let outcome = outcome("# needs: script\n> A\nOK\n", &["-ERR never sent\r\n"]);
    assert!(outcome.mismatches.is_empty());
    assert_eq!((outcome.requests, outcome.skips[0].needs.as_str()), (0, "script"));
}

#[test]
fn a_family_that_nobody_knows_is_a_fault() {
    assert_eq!(outcome("# needs: lists\n> A\nOK\n", &[]).mismatches.len(), 1);
}

#[test]
fn steps_for_other_servers_are_not_sent() {
    let outcome = outcome("> A\n[redis] OK\n> B\n[redis] OK\n[kvd] (integer) 1\n", &[":1\r\n"]);
    assert!(outcome.mismatches.is_empty());
    assert_eq!(outcome.requests, 1);
}
