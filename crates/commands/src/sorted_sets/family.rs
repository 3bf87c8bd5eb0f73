//! The commands of the family.

use catalog::id;
use engine::{Handlers, Scope};

use super::add::{zadd, zincrby};
use super::{card, combine, pop, pop_first, random, range, rank, remove, scan, waiting};

pub(crate) fn add(handlers: &mut Handlers) {
    add_members(handlers);
    add_ranges(handlers);
    add_combinations(handlers);
}

/// What is about single members, and what takes some out.
fn add_members(handlers: &mut Handlers) {
    handlers
        .add(id::ZADD, Scope::Key, zadd)
        .add(id::ZINCRBY, Scope::Key, zincrby)
        .add(id::ZREM, Scope::Key, remove::zrem)
        .add(id::ZCARD, Scope::Key, card::zcard)
        .add(id::ZSCORE, Scope::Key, rank::zscore)
        .add(id::ZMSCORE, Scope::Key, rank::zmscore)
        .add(id::ZRANK, Scope::Key, rank::zrank)
        .add(id::ZREVRANK, Scope::Key, rank::zrevrank)
        .add(id::ZPOPMIN, Scope::Keys, pop::zpopmin)
        .add(id::ZPOPMAX, Scope::Keys, pop::zpopmax)
        .add(id::ZMPOP, Scope::Keys, pop_first::zmpop)
        .add(id::BZPOPMIN, Scope::Keys, waiting::bzpopmin)
        .add(id::BZPOPMAX, Scope::Keys, waiting::bzpopmax)
        .add(id::BZMPOP, Scope::Keys, waiting::bzmpop)
        .add(id::ZRANDMEMBER, Scope::Keys, random::zrandmember)
        .add(id::ZSCAN, Scope::Keys, scan::zscan);
}

fn add_ranges(handlers: &mut Handlers) {
    handlers
        .add(id::ZCOUNT, Scope::Key, card::zcount)
        .add(id::ZLEXCOUNT, Scope::Key, card::zlexcount)
        .add(id::ZRANGE, Scope::Keys, range::zrange)
        .add(id::ZREVRANGE, Scope::Keys, range::zrevrange)
        .add(id::ZRANGEBYSCORE, Scope::Keys, range::zrangebyscore)
        .add(id::ZREVRANGEBYSCORE, Scope::Keys, range::zrevrangebyscore)
        .add(id::ZRANGEBYLEX, Scope::Keys, range::zrangebylex)
        .add(id::ZREVRANGEBYLEX, Scope::Keys, range::zrevrangebylex)
        .add(id::ZRANGESTORE, Scope::Keys, range::zrangestore)
        .add(id::ZREMRANGEBYRANK, Scope::Keys, remove::zremrangebyrank)
        .add(id::ZREMRANGEBYSCORE, Scope::Keys, remove::zremrangebyscore)
        .add(id::ZREMRANGEBYLEX, Scope::Keys, remove::zremrangebylex);
}

fn add_combinations(handlers: &mut Handlers) {
    handlers
        .add(id::ZUNION, Scope::Keys, combine::zunion)
        .add(id::ZINTER, Scope::Keys, combine::zinter)
        .add(id::ZDIFF, Scope::Keys, combine::zdiff)
        .add(id::ZUNIONSTORE, Scope::Keys, combine::zunionstore)
        .add(id::ZINTERSTORE, Scope::Keys, combine::zinterstore)
        .add(id::ZDIFFSTORE, Scope::Keys, combine::zdiffstore)
        .add(id::ZINTERCARD, Scope::Keys, combine::zintercard);
}
