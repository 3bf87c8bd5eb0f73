//! Writing frames and requests.

use crate::double::format_double;
use crate::frame::Frame;

/// Appends a request: an array of bulk strings.
///
/// ```
/// let mut bytes = Vec::new();
/// kvd_resp::write_request(&mut bytes, &["GET", "a"]);
/// assert_eq!(bytes, b"*2\r\n$3\r\nGET\r\n$1\r\na\r\n");
/// ```
pub fn write_request<W: AsRef<[u8]>>(bytes: &mut Vec<u8>, words: &[W]) {
    write_count(bytes, b'*', words.len());
    for word in words {
        write_string(bytes, b'$', word.as_ref());
    }
}

impl Frame {
    /// Appends the frame as it travels. CR and LF in what travels as a line are written as blanks.
    pub fn write(&self, bytes: &mut Vec<u8>) {
        // What is still to be written, the next last.
        let mut waiting = vec![self];
        while let Some(frame) = waiting.pop() {
            frame.write_itself(bytes);
            match frame {
                Self::Array(elements) | Self::Set(elements) | Self::Push(elements) => {
                    waiting.extend(elements.iter().rev());
                }
                Self::Map(pairs) => push_pairs(&mut waiting, pairs),
                Self::Attribute(pairs, frame) => {
                    waiting.push(frame);
                    push_pairs(&mut waiting, pairs);
                }
                _ => {}
            }
        }
    }

    /// The frame without its elements.
    fn write_itself(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Simple(text) => write_line(bytes, b'+', text),
            Self::Error(text) => write_line(bytes, b'-', text),
            Self::Integer(number) => write_line(bytes, b':', itoa::Buffer::new().format(*number).as_bytes()),
            Self::Bulk(text) => write_string(bytes, b'$', text),
            Self::Array(elements) => write_count(bytes, b'*', elements.len()),
            Self::NullBulk => bytes.extend_from_slice(b"$-1\r\n"),
            Self::NullArray => bytes.extend_from_slice(b"*-1\r\n"),
            Self::Null => bytes.extend_from_slice(b"_\r\n"),
            Self::Boolean(value) => bytes.extend_from_slice(if *value { b"#t\r\n" } else { b"#f\r\n" }),
            Self::Double(value) => write_line(bytes, b',', format_double(*value).as_bytes()),
            Self::BigNumber(digits) => write_line(bytes, b'(', digits),
            Self::BulkError(text) => write_string(bytes, b'!', text),
            Self::Verbatim(format, text) => write_string(bytes, b'=', &[&format[..], b":", text].concat()),
            Self::Map(pairs) => write_count(bytes, b'%', pairs.len()),
            Self::Set(elements) => write_count(bytes, b'~', elements.len()),
            Self::Push(elements) => write_count(bytes, b'>', elements.len()),
            Self::Attribute(pairs, _) => write_count(bytes, b'|', pairs.len()),
        }
    }
}

fn push_pairs<'a>(waiting: &mut Vec<&'a Frame>, pairs: &'a [(Frame, Frame)]) {
    waiting.extend(pairs.iter().rev().flat_map(|(key, value)| [value, key]));
}

fn write_count(bytes: &mut Vec<u8>, sign: u8, count: usize) {
    write_line(bytes, sign, itoa::Buffer::new().format(count).as_bytes());
}

fn write_string(bytes: &mut Vec<u8>, sign: u8, text: &[u8]) {
    write_count(bytes, sign, text.len());
    bytes.extend_from_slice(text);
    bytes.extend_from_slice(b"\r\n");
}

fn write_line(bytes: &mut Vec<u8>, sign: u8, text: &[u8]) {
    bytes.push(sign);
    bytes.extend(text.iter().map(|byte| if matches!(byte, b'\r' | b'\n') { b' ' } else { *byte }));
    bytes.extend_from_slice(b"\r\n");
}
