//! MULTI and its companions.

use crate::Group;
use crate::argument::key;
use crate::command::command;
use crate::flags::in_command::{
    ALLOW_BUSY, FAST, LOADING, NO_MULTI, NOSCRIPT, SKIP_COMMANDLOG, SKIP_SLOWLOG, STALE,
};
use crate::flags::on_key::RO;
use crate::key_spec::range;

commands! {
    Group::Transactions, from super::pubsub::END;

    DISCARD => command("discard", 1, "2.0.0")
        .summary("Forgets the queued commands of a transaction")
        .complexity("O(N) for N queued commands")
        .flags(NOSCRIPT | LOADING | STALE | FAST | ALLOW_BUSY),

    EXEC => command("exec", 1, "1.2.0")
        .summary("Runs the queued commands of a transaction")
        .complexity("What the queued commands cost")
        .flags(NOSCRIPT | LOADING | STALE | SKIP_SLOWLOG | SKIP_COMMANDLOG),

    MULTI => command("multi", 1, "1.2.0")
        .summary("Begins a transaction: what follows is queued")
        .complexity("O(1)")
        .flags(NOSCRIPT | LOADING | STALE | FAST | NO_MULTI | ALLOW_BUSY),

    UNWATCH => command("unwatch", 1, "2.2.0")
        .summary("Forgets the watched keys")
        .complexity("O(1)")
        .flags(NOSCRIPT | LOADING | STALE | FAST | ALLOW_BUSY),

    WATCH => command("watch", -2, "2.2.0")
        .summary("Lets the next transaction fail if somebody changes these keys")
        .complexity("O(1) for each key")
        .flags(NOSCRIPT | LOADING | STALE | FAST | NO_MULTI | ALLOW_BUSY)
        .keys(&[range(1, -1, 1, RO)])
        .arguments(&[key("key", 0).multiple()]),
}
