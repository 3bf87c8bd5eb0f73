//! Frames written as a transcript writes them, so that what a server sent can be compared by eye.

use super::words::quote;
use crate::wire::Frame;

impl Frame {
    /// The frame as lines of a transcript, without a newline at the end.
    pub fn notation(&self) -> String {
        let mut text = String::new();
        write(self, 0, &mut text);
        text
    }
}

fn write(frame: &Frame, indent: usize, out: &mut String) {
    match frame {
        Frame::Status(text) => out.push_str(&String::from_utf8_lossy(text)),
        Frame::Error(text) if !is_plain(text) => out.push_str(&format!("(error) {}", quote(text))),
        Frame::Error(text) => out.push_str(&format!("(error) {}", String::from_utf8_lossy(text))),
        Frame::Integer(number) => out.push_str(&format!("(integer) {number}")),
        Frame::Bulk(bytes) => out.push_str(&quote(bytes)),
        Frame::Verbatim(bytes) => out.push_str(&format!("(verbatim) {}", quote(bytes))),
        Frame::Double(text) => out.push_str(&format!("(double) {}", String::from_utf8_lossy(text))),
        Frame::BigNumber(text) => out.push_str(&format!("(big number) {}", String::from_utf8_lossy(text))),
        Frame::Boolean(value) => out.push_str(if *value { "(true)" } else { "(false)" }),
        Frame::Nil | Frame::NilBulk => out.push_str("(nil)"),
        Frame::NilArray => out.push_str("(nil array)"),
        Frame::Array(items) => list(items, ')', "(empty array)", indent, out),
        Frame::Set(items) => list(items, '~', "(empty set)", indent, out),
        Frame::Push(items) => list(items, '>', "(empty push)", indent, out),
        Frame::Map(pairs) => map(pairs, indent, out),
    }
}

/// Whether a line can hold the text as it is.
fn is_plain(text: &[u8]) -> bool {
    !text.ends_with(b" ") && text.iter().all(|byte| matches!(byte, b' '..=b'~'))
}

fn list(items: &[Frame], kind: char, empty: &str, indent: usize, out: &mut String) {
    if items.is_empty() {
        out.push_str(empty);
    }
    let width = items.len().to_string().len();
    for (index, item) in items.iter().enumerate() {
        new_item(index, indent, out);
        out.push_str(&format!("{:>width$}{kind} ", index + 1));
        write(item, indent + width + 2, out);
    }
}

fn map(pairs: &[(Frame, Frame)], indent: usize, out: &mut String) {
    if pairs.is_empty() {
        out.push_str("(empty map)");
    }
    let width = pairs.len().to_string().len();
    for (index, (key, value)) in pairs.iter().enumerate() {
        new_item(index, indent, out);
        out.push_str(&format!("{:>width$}# ", index + 1));
        let mut field = String::new();
        write(key, 0, &mut field);
        out.push_str(&format!("{field} => "));
        write(value, indent + width + 2 + field.len() + 4, out);
    }
}

fn new_item(index: usize, indent: usize, out: &mut String) {
    if index > 0 {
        out.push('\n');
        out.push_str(&" ".repeat(indent));
    }
}

#[cfg(test)]
mod tests {
    use super::super::Reading;
    use super::super::expectation::readings;
    use super::*;
    use crate::server::Protocol;

    #[test]
    fn what_is_written_is_expected_again() {
        let flags = Frame::Set(vec![Frame::Status(b"fast".to_vec()), Frame::Status(b"write".to_vec())]);
        let items: Vec<Frame> = (0..12).map(Frame::Integer).collect();
        let frame = Frame::Array(vec![
            Frame::Map(vec![
                (Frame::Bulk(b"flags \"\xff".to_vec()), flags),
                (Frame::Bulk(b"n".to_vec()), Frame::Array(items)),
            ]),
            Frame::Array(vec![]),
            Frame::Array(vec![Frame::Nil, Frame::Double(b"1.5".to_vec()), Frame::Boolean(false)]),
            Frame::Verbatim(b"a\nb".to_vec()),
            Frame::Error(b"ERR no \xff".to_vec()),
        ]);
        let text = frame.notation();
        let lines: Vec<&str> = text.lines().collect();
        match readings(&lines).unwrap().as_slice() {
            [Reading::Frame(expect)] => assert!(expect.matches(&frame, Protocol::Resp3), "{text}"),
            other => panic!("{other:?}\n{text}"),
        }
    }
}
