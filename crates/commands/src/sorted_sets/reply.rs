//! Members and scores in replies.

use engine::Ctx;
use resp::{Protocol, Reply};
use structures::Element;

/// What is shown of each member.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    Members,
    /// In RESP3 a member and its score are an array of two; in RESP2 they stand in a row with the others.
    WithScores,
}

impl Shown {
    /// Passes the option that asks for scores, if it is next.
    pub(super) fn option(cx: &mut Ctx<'_>) -> Option<Self> {
        cx.args.option("WITHSCORES").then_some(Self::WithScores)
    }
}

pub(super) fn reply_member(reply: &mut Reply<'_>, member: Element<'_>) {
    match member {
        Element::Int(number) => reply.bulk_int(number),
        Element::Bytes(text) => reply.bulk(text),
    }
}

/// An array of members.
pub(super) fn reply_members<'m>(
    reply: &mut Reply<'_>,
    members: impl ExactSizeIterator<Item = (Element<'m>, f64)>,
    shown: Shown,
) {
    begin_members(reply, members.len(), shown);
    match shown {
        Shown::Members => members.for_each(|(member, _)| reply_member(reply, member)),
        Shown::WithScores => members.for_each(|(member, score)| reply_one(reply, member, score, shown)),
    }
}

/// The head of an array of so many members, each to be written by [`reply_one`].
pub(super) fn begin_members(reply: &mut Reply<'_>, len: usize, shown: Shown) {
    let is_flat = shown == Shown::WithScores && reply.protocol() == Protocol::Resp2;
    reply.array(if is_flat { 2 * len } else { len });
}

pub(super) fn reply_one(reply: &mut Reply<'_>, member: Element<'_>, score: f64, shown: Shown) {
    match shown {
        Shown::Members => reply_member(reply, member),
        Shown::WithScores => {
            if reply.protocol() == Protocol::Resp3 {
                reply.array(2);
            }
            reply_member(reply, member);
            reply.double(score);
        }
    }
}
