//! Elements on their way into replies.

use engine::Engine;
use listpack::Element;
use resp::Reply;
use structures::list::Limit;

/// How large a listpack of a list may be.
#[inline]
pub(crate) fn limit(engine: &Engine) -> Limit {
    Limit::of_setting(engine.settings().list_max_listpack_size())
}

/// Replies with an element.
#[inline]
pub(crate) fn reply_element(reply: &mut Reply<'_>, element: Element<'_>) {
    match element {
        Element::Int(number) => reply.bulk_int(number),
        Element::Bytes(text) => reply.bulk(text),
    }
}
