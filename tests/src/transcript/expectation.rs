//! Expected replies, and reading them from the lines below a request.

use std::ops::RangeInclusive;

use super::words;

/// What to read from the connection after a request.
#[derive(Clone, Debug, PartialEq)]
pub enum Reading {
    /// A reply or push.
    Frame(Expect),
    /// Exactly these bytes.
    Bytes(Vec<u8>),
    /// The end of the stream.
    Closed,
    /// Nothing yet: the server lets the client wait. What it gets in the end is read later.
    Blocked,
}

/// An expected reply.
#[derive(Clone, Debug, PartialEq)]
pub enum Expect {
    /// A status line.
    Status(Text),
    /// An error line.
    Error(Text),
    /// A bulk string.
    Bulk(Text),
    /// A verbatim string; a bulk string in RESP2.
    Verbatim(Text),
    /// An integer in a range.
    Integer(RangeInclusive<i64>),
    /// A double with this very text; a bulk string in RESP2.
    Double(Vec<u8>),
    /// A double in a range.
    DoubleWithin(RangeInclusive<f64>),
    /// A boolean; 1 or 0 in RESP2.
    Boolean(bool),
    /// A big number; a bulk string in RESP2.
    BigNumber(Vec<u8>),
    /// Null; the null bulk string in RESP2.
    Nil,
    /// Null; the null array in RESP2.
    NilArray,
    /// An array, set or push.
    List(Aggregate, Order, Vec<Expect>),
    /// A map; a flat array in RESP2.
    Map(Order, Vec<(Expect, Expect)>),
    /// An array of this many elements.
    ArrayOf(usize),
    /// Any one frame.
    Anything,
}

/// Text to compare with.
#[derive(Clone, Debug, PartialEq)]
pub enum Text {
    /// These bytes.
    Exact(Vec<u8>),
    /// Bytes that this pattern matches.
    Glob(Vec<u8>),
}

/// The frames that hold a list of frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aggregate {
    /// `*`
    Array,
    /// `~`, an array in RESP2.
    Set,
    /// `>`, an array in RESP2.
    Push,
}

/// How elements are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// One by one.
    AsWritten,
    /// The same elements, anyhow.
    Any,
    /// All of these elements and perhaps more.
    Contains,
}

/// Reads every expectation in `lines`, which holds nothing else. An error comes with the index of its line.
pub(super) fn readings(lines: &[&str]) -> Result<Vec<Reading>, (usize, String)> {
    let mut reader = Reader { lines, at: 0 };
    let mut readings = Vec::new();
    while let Some(line) = lines.get(reader.at) {
        let reading = match *line {
            "(no reply)" if lines.len() == 1 => return Ok(readings),
            "(closed)" | "(blocked)" => {
                reader.at += 1;
                if *line == "(closed)" { Reading::Closed } else { Reading::Blocked }
            }
            line => match line.strip_prefix("(bytes) ") {
                Some(text) => {
                    let bytes = quoted(text).map_err(|reason| (reader.at, reason))?;
                    reader.at += 1;
                    Reading::Bytes(bytes)
                }
                None => {
                    let column = line.len() - line.trim_start().len();
                    Reading::Frame(reader.value(column).map_err(|reason| (reader.at, reason))?)
                }
            },
        };
        readings.push(reading);
    }
    Ok(readings)
}

struct Reader<'l> {
    lines: &'l [&'l str],
    at: usize,
}

/// `12) ` and its like: what an element of an aggregate starts with.
struct Marker {
    index: usize,
    kind: char,
    /// The column of the first digit and of the element. Padding as redis-cli does it keeps `end` the same for
    /// all elements, writing without padding keeps `start`.
    start: usize,
    end: usize,
}

impl Reader<'_> {
    fn value(&mut self, column: usize) -> Result<Expect, String> {
        let line = self.lines.get(self.at).copied().ok_or("a reply is missing here")?;
        let text = line.get(column..).ok_or("this line is too short")?;
        for (word, order) in [("<unordered>", Order::Any), ("<contains>", Order::Contains)] {
            if let Some(rest) = text.strip_prefix(word) {
                let column = if rest.is_empty() {
                    self.at += 1;
                    self.indentation()
                } else {
                    column + word.len() + 1
                };
                return self.aggregate(column, order);
            }
        }
        if marker(line, column).is_some() {
            return self.aggregate(column, Order::AsWritten);
        }
        let expect = scalar(text)?;
        self.at += 1;
        Ok(expect)
    }

    fn indentation(&self) -> usize {
        self.lines.get(self.at).map_or(0, |line| line.len() - line.trim_start().len())
    }

    fn aggregate(&mut self, column: usize, order: Order) -> Result<Expect, String> {
        let line = self.lines.get(self.at).copied().unwrap_or_default();
        let first = marker(line, column).ok_or("an array, map or set must follow")?;
        let mut items = Vec::new();
        let mut pairs = Vec::new();
        let mut next = Some(Marker { ..first });
        while let Some(item) = next {
            let count = items.len() + pairs.len() + 1;
            if item.index != count || item.kind != first.kind {
                return Err(format!(
                    "element {count} of this aggregate must start with '{count}{}'",
                    first.kind
                ));
            }
            if item.kind == '#' {
                pairs.push(self.pair(item.end)?);
            } else {
                items.push(self.value(item.end)?);
            }
            next = self.sibling(&first);
        }
        Ok(match first.kind {
            '#' => Expect::Map(order, pairs),
            '~' => {
                Expect::List(Aggregate::Set, if order == Order::Contains { order } else { Order::Any }, items)
            }
            '>' => Expect::List(Aggregate::Push, order, items),
            _ => Expect::List(Aggregate::Array, order, items),
        })
    }

    fn sibling(&self, first: &Marker) -> Option<Marker> {
        let line = self.lines.get(self.at)?;
        let next = marker(line, self.indentation())?;
        let aligned = next.start == first.start || next.end == first.end;
        (aligned && next.index != 1).then_some(next)
    }

    fn pair(&mut self, column: usize) -> Result<(Expect, Expect), String> {
        let line = self.lines.get(self.at).copied().unwrap_or_default();
        let text = line.get(column..).unwrap_or_default();
        let key_length = if text.starts_with('"') {
            text.len() - words::next(text)?.1.len()
        } else {
            text.find(" => ").ok_or("a map needs ' => ' between field and value")?
        };
        let (key, rest) = text.split_at(key_length);
        if !rest.starts_with(" => ") {
            return Err("a map needs ' => ' between field and value".to_owned());
        }
        Ok((scalar(key)?, self.value(column + key_length + " => ".len())?))
    }
}

/// The marker in `line` whose digits or padding start at `column`.
fn marker(line: &str, column: usize) -> Option<Marker> {
    let text = line.get(column..)?;
    let start = column + (text.len() - text.trim_start().len());
    let text = text.trim_start();
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let index = text.get(..digits)?.parse().ok()?;
    let mut after = text.get(digits..)?.chars();
    let kind = after.next().filter(|kind| ")#~>".contains(*kind))?;
    (after.next() == Some(' ')).then_some(Marker { index, kind, start, end: start + digits + 2 })
}

fn scalar(text: &str) -> Result<Expect, String> {
    if text.starts_with('"') || text.starts_with('/') {
        return Ok(Expect::Bulk(bulk_text(text)?));
    }
    if let Some(inner) = text.strip_prefix('<') {
        return pattern(inner.strip_suffix('>').ok_or("a pattern ends in '>'")?);
    }
    if !text.starts_with('(') {
        return if text.is_empty() {
            Err("an empty reply".to_owned())
        } else {
            Ok(Expect::Status(line_text(text)?))
        };
    }
    let end = text.find(')').ok_or("'(' without ')'")?;
    let (kind, rest) = (&text[1..end], text[end + 1..].trim_start());
    Ok(match kind {
        "status" => Expect::Status(line_text(rest)?),
        "error" => Expect::Error(line_text(rest)?),
        "integer" => {
            let number = rest.parse().map_err(|_| format!("'{rest}' is no integer"))?;
            Expect::Integer(number..=number)
        }
        "double" => Expect::Double(rest.as_bytes().to_vec()),
        "big number" => Expect::BigNumber(rest.as_bytes().to_vec()),
        "verbatim" => Expect::Verbatim(bulk_text(rest)?),
        "nil" => Expect::Nil,
        "nil array" => Expect::NilArray,
        "true" => Expect::Boolean(true),
        "false" => Expect::Boolean(false),
        "empty array" => Expect::List(Aggregate::Array, Order::AsWritten, Vec::new()),
        "empty set" => Expect::List(Aggregate::Set, Order::AsWritten, Vec::new()),
        "empty map" => Expect::Map(Order::AsWritten, Vec::new()),
        _ => return Err(format!("unknown kind of reply '({kind})'")),
    })
}

fn pattern(text: &str) -> Result<Expect, String> {
    let (kind, range) = text.split_once(' ').unwrap_or((text, ""));
    let bounds = range.split_once("..");
    match (kind, bounds) {
        ("any", None) if range.is_empty() => Ok(Expect::Anything),
        ("int", None) if range.is_empty() => Ok(Expect::Integer(i64::MIN..=i64::MAX)),
        ("int", Some((low, high))) => Ok(Expect::Integer(number(low)?..=number(high)?)),
        ("double", Some((low, high))) => Ok(Expect::DoubleWithin(number(low)?..=number(high)?)),
        ("array", None) => Ok(Expect::ArrayOf(number(range)?)),
        _ => Err(format!("unknown pattern '<{text}>'")),
    }
}

fn number<N: std::str::FromStr>(text: &str) -> Result<N, String> {
    text.parse().map_err(|_| format!("'{text}' is no number"))
}

/// The text of a bulk string: quoted, or a glob between slashes.
fn bulk_text(text: &str) -> Result<Text, String> {
    if text.starts_with('/') { line_text(text) } else { Ok(Text::Exact(quoted(text)?)) }
}

/// The text of a status or error: as it stands, a glob between slashes, or quoted because it ends in a blank.
fn line_text(text: &str) -> Result<Text, String> {
    if text.starts_with('"') {
        return Ok(Text::Exact(quoted(text)?));
    }
    match text.strip_prefix('/') {
        Some(glob) => Ok(Text::Glob(glob.strip_suffix('/').ok_or("a glob ends in '/'")?.as_bytes().to_vec())),
        None => Ok(Text::Exact(text.as_bytes().to_vec())),
    }
}

fn quoted(text: &str) -> Result<Vec<u8>, String> {
    match words::next(text)? {
        (word, "") if text.starts_with('"') => Ok(word),
        (_, rest) => Err(format!("'{rest}' is not expected in a quoted text")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Expect {
        let lines: Vec<&str> = text.lines().collect();
        match readings(&lines).unwrap().as_slice() {
            [Reading::Frame(expect)] => expect.clone(),
            other => panic!("{other:?}"),
        }
    }

    fn bulk(text: &str) -> Expect {
        Expect::Bulk(Text::Exact(text.as_bytes().to_vec()))
    }

    fn array(items: Vec<Expect>) -> Expect {
        Expect::List(Aggregate::Array, Order::AsWritten, items)
    }

    #[test]
    fn arrays_nest_by_indentation() {
        let inner = array(vec![bulk("a"), array(vec![Expect::Integer(1..=1)])]);
        assert_eq!(one("1) 1) \"a\"\n   2) 1) (integer) 1\n2) (nil)"), array(vec![inner, Expect::Nil]));
    }

    #[test]
    fn two_digit_elements_may_be_padded_or_not() {
        let expected = array((1..=10).map(|n| Expect::Integer(n..=n)).collect());
        let plain: String = (1..=10).map(|n| format!("{n}) (integer) {n}\n")).collect();
        let padded: String = (1..=10).map(|n| format!("{n:>2}) (integer) {n}\n")).collect();
        assert_eq!(one(&plain), expected);
        assert_eq!(one(&padded), expected);
    }

    #[test]
    fn maps_hold_aggregates() {
        let flags =
            Expect::List(Aggregate::Set, Order::Any, vec![Expect::Status(Text::Exact(b"fast".to_vec()))]);
        let expected =
            Expect::Map(Order::Contains, vec![(bulk("flags"), flags), (bulk("a => b"), Expect::Anything)]);
        assert_eq!(one("<contains>\n1# \"flags\" => 1~ fast\n2# \"a => b\" => <any>"), expected);
    }

    #[test]
    fn several_replies_may_follow_each_other() {
        let lines = ["1) \"a\"", "1) \"b\"", "OK", "(bytes) \"+x\\r\\n\"", "(closed)"];
        assert_eq!(readings(&lines).unwrap().len(), 5);
    }

    #[test]
    fn faults_name_their_line() {
        for (at, lines) in [
            (0, &["(intger) 1"][..]),
            (1, &["1) OK", "3) OK"]),
            (0, &["<int 1-2>"]),
            (0, &["\"a"]),
            (0, &["1# \"a\" OK"]),
            (1, &["<unordered>", "OK"]),
        ] {
            assert_eq!(readings(lines).unwrap_err().0, at, "{lines:?}");
        }
    }
}
