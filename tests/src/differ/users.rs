//! Users as ACL LIST and ACL GETUSER show them.

use crate::wire::Frame;

const PAYLOADS: &[u8] = b"sanitize-payload";
const DATABASES: &[u8] = b"databases";

/// Whether two replies differ in nothing but the rules that one of the peers doesn't have.
pub(crate) fn same_but_own_rules(kvd: &Frame, peer: &Frame) -> bool {
    plain(kvd) == plain(peer)
}

/// The reply without the rules that only one peer has.
fn plain(frame: &Frame) -> Frame {
    match frame {
        Frame::Bulk(text) => Frame::Bulk(without_payloads(text)),
        Frame::Set(flags) => Frame::Set(flags.iter().filter(|flag| !is(flag, PAYLOADS)).cloned().collect()),
        Frame::Map(fields) => {
            let fields = fields.iter().filter(|(name, _)| !is(name, DATABASES));
            Frame::Map(fields.map(|(name, value)| (name.clone(), plain(value))).collect())
        }
        Frame::Array(elements) => {
            let named = elements.iter().position(|element| is(element, DATABASES));
            let is_left = |index: usize| named.is_none_or(|named| index != named && index != named + 1);
            let left =
                elements.iter().enumerate().filter(|(index, _)| is_left(*index)).map(|(_, element)| element);
            Frame::Array(left.filter(|element| !is(element, PAYLOADS)).map(plain).collect())
        }
        other => other.clone(),
    }
}

fn is(frame: &Frame, name: &[u8]) -> bool {
    matches!(frame, Frame::Bulk(text) if text == name)
}

/// A line of ACL LIST without the word, and the blank before it.
fn without_payloads(line: &[u8]) -> Vec<u8> {
    let words: Vec<&[u8]> = line.split(|&byte| byte == b' ').filter(|word| *word != PAYLOADS).collect();
    words.join(&b' ')
}
