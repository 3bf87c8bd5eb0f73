//! Members in replies.

use resp::Reply;
use structures::Element;

#[inline]
pub(super) fn reply_member(reply: &mut Reply<'_>, member: Element<'_>) {
    match member {
        Element::Int(number) => reply.bulk_int(number),
        Element::Bytes(text) => reply.bulk(text),
    }
}
