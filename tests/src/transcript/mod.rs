//! Transcripts: text files of requests and expected replies, close to what redis-cli shows.
//!
//! ```text
//! # A comment. `#`, a word in small letters and a colon is a directive instead: only, needs, resp.
//!
//! == EXPIRE refuses odd options            one section: an empty database and new connections
//! # only: redis>=7.4 valkey kvd            run the section only where this holds
//! # needs: script                          … and only where the server has scripts yet
//! # resp: 2                                in RESP2 alone; otherwise in RESP2, then again in RESP3
//! > SET greeting "hello\r\n"               a request of the client without a name
//! OK
//! > MGET greeting nosuch
//! 1) "hello\r\n"
//! 2) (nil)
//! other> CLIENT ID                         a request of the client `other`, connected at its first request
//! <int>
//! > BITCOUNT greeting 1
//! (integer) 17
//! [redis] (error) ERR syntax error         where this holds, this is expected instead
//! other raw> "PING\r\nQUIT\r\n"            bytes as they are; any number of replies may follow
//! PONG
//! OK
//! (closed)
//! ... 20 ms                                time passes
//! sub<                                     the next frames that `sub` gets without asking; more may follow
//! 1> "message"
//! 2> "news"
//! 3> "hello"
//! ```
//!
//! | reply | written as |
//! | --- | --- |
//! | status | `OK`: any line that is nothing else; `(status) /glob*/` |
//! | error | `(error) ERR syntax error`, `(error) /ERR unknown*/`, `(error) "quoted when it ends in a blank "` |
//! | integer | `(integer) 5`, `<int>`, `<int 95..100>` |
//! | bulk string | `"text"`, `"x"*100`, `/glob*/` (`*` and `?`, escaped `\*` `\?` `\n` `\r` `\\`) |
//! | verbatim string | `(verbatim) "text"`, `(verbatim) /glob*/` |
//! | double | `(double) 1.5`, `<double 0.9..1.1>` |
//! | boolean, big number | `(true)`, `(false)`, `(big number) 12345` |
//! | null | `(nil)`; `(nil array)` where RESP2 has a null array |
//! | array | `1) …` on each line, nested by indentation; `(empty array)`, `<array 5>` for any five |
//! | map | `1# "field" => …`, `(empty map)` |
//! | set, in any order | `1~ …`, `(empty set)` |
//! | push | `1> …` |
//! | anything | `<any>` |
//! | nothing | `(no reply)`; `(blocked)` when the server lets the client wait, whose reply is read later with `other<` |
//! | the end | `(closed)` when the server hangs up |
//! | bytes | `(bytes) "+OK\r\n"` |
//!
//! `<unordered>` before an array or map takes its elements in any order, `<contains>` allows more elements between
//! and around them. RESP3's types are written in both protocols: where RESP2 lacks one, its usual stand-in is
//! expected (a flat array for a map, an array for a set, a bulk string for a double).

mod expectation;
mod matching;
mod notation;
mod parse;
mod run;
mod suite;
mod words;

pub use expectation::{Aggregate, Expect, Order, Reading, Text};
pub use parse::{Action, Alternative, ParseError, Section, Step, Transcript};
pub use run::{Features, Mismatch, Outcome, Skip, run};
pub use suite::run_all;

/// A request as a line of a transcript, without the prompt.
pub use words::join as request_line;
