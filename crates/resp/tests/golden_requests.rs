//! What two servers answer to requests, well and badly formed, against what the reader makes of the same bytes.

#![expect(clippy::unwrap_used, reason = "the recorded file is well-formed")]

use kvd_resp::{Output, Protocol, ProtocolError, Reply, RequestLimits, RequestReader};

/// Undoes the escapes of the recorded file.
fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let used = match first {
            '\\' if rest[1..].starts_with('x') => {
                bytes.push(u8::from_str_radix(&rest[2..4], 16).unwrap());
                4
            }
            '\\' => {
                let escaped = rest.as_bytes()[1];
                bytes.push(match escaped {
                    b'r' => b'\r',
                    b'n' => b'\n',
                    b't' => b'\t',
                    other => other,
                });
                2
            }
            '{' => {
                let (repeat, _) = rest[1..].split_once('}').unwrap();
                let (character, count) = repeat.split_once('*').unwrap();
                bytes.extend(character.repeat(count.parse().unwrap()).bytes());
                repeat.len() + 2
            }
            other => {
                bytes.push(u8::try_from(other).unwrap());
                1
            }
        };
        rest = &rest[used..];
    }
    bytes
}

/// All requests that the bytes hold, and the error that ends them.
fn parse(bytes: &[u8], limits: &RequestLimits) -> (Vec<Vec<Vec<u8>>>, Option<ProtocolError>) {
    let mut reader = RequestReader::new();
    reader.feed(bytes);
    let error = loop {
        match reader.parse(limits) {
            Ok(true) => {}
            Ok(false) => break None,
            Err(error) => break Some(error),
        }
    };
    reader.check_invariants();
    let words = |index| reader.request(index).words().map(<[u8]>::to_vec).collect();
    ((0..reader.len()).map(words).collect(), error)
}

/// What a server answers that knows PING and ECHO, and fails in all other cases with a word that the recorded file has as well.
fn answer(bytes: &[u8], limits: &RequestLimits) -> Vec<u8> {
    let (requests, error) = parse(bytes, limits);
    let mut output = Output::new();
    let mut reply = Reply::new(&mut output, Protocol::Resp2);
    for words in requests {
        match &words[..] {
            [name] if name == b"PING" => reply.simple("PONG"),
            [name, text] if name == b"PING" || name == b"ECHO" => reply.bulk(text),
            [name, ..] if name == b"ECHO" => reply.error("ERR wrong number of arguments for 'echo' command"),
            [name, ..] => {
                let name = String::from_utf8_lossy(name);
                reply.error(format_args!("ERR unknown command '{name}', with args beginning with: "));
            }
            [] => panic!("a request has words"),
        }
    }
    if let Some(error) = error {
        reply.protocol_error(&error);
    }
    output.to_vec()
}

#[test]
fn requests_are_understood_as_servers_do() {
    let mut count = 0;
    for line in include_str!("golden/requests.txt").lines().filter(|line| !line.starts_with('#')) {
        let [_, authenticated, sent, answered] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("four fields: {line}");
        };
        let limits = RequestLimits { authenticated: authenticated == "in", ..RequestLimits::DEFAULT };
        let answer = answer(&unescape(sent), &limits);
        assert_eq!(
            answer.escape_ascii().to_string(),
            unescape(answered).escape_ascii().to_string(),
            "{sent}"
        );
        count += 1;
    }
    assert!(count > 100, "only {count} lines");
}
