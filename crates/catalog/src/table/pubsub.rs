//! Publish and subscribe.

use crate::Group;
use crate::argument::{pattern, string};
use crate::command::command;
use crate::flags::in_command::{FAST, LOADING, NOSCRIPT, PUBSUB, STALE};
use crate::flags::on_key::NOT_KEY;
use crate::key_spec::{one, range};

commands! {
    Group::Pubsub, from super::vector_set::END;

    PSUBSCRIBE => command("psubscribe", -2, "2.0.0")
        .summary("Listens to the channels that match patterns")
        .complexity("O(N) for N patterns")
        .flags(PUBSUB | NOSCRIPT | LOADING | STALE)
        .arguments(&[pattern("pattern").multiple()]),

    PUBLISH => command("publish", 3, "2.0.0")
        .summary("Sends a message to the listeners of a channel")
        .complexity("O(N+M) for N listeners and M patterns of all clients")
        .flags(PUBSUB | LOADING | STALE | FAST)
        .arguments(&[string("channel"), string("message")]),

    PUBSUB => command("pubsub", -2, "2.8.0")
        .summary("Groups commands that look at channels and listeners"),

    PUBSUB_CHANNELS => command("pubsub|channels", -2, "2.8.0")
        .summary("Lists the channels that somebody listens to")
        .complexity("O(N) for N channels")
        .flags(PUBSUB | LOADING | STALE)
        .arguments(&[pattern("pattern").optional()]),

    PUBSUB_HELP => command("pubsub|help", 2, "6.2.0")
        .summary("Explains the subcommands of PUBSUB")
        .complexity("O(1)")
        .flags(LOADING | STALE),

    PUBSUB_NUMPAT => command("pubsub|numpat", 2, "2.8.0")
        .summary("Counts the patterns that somebody listens to")
        .complexity("O(1)")
        .flags(PUBSUB | LOADING | STALE),

    PUBSUB_NUMSUB => command("pubsub|numsub", -2, "2.8.0")
        .summary("Counts the listeners of channels")
        .complexity("O(N) for N channels asked for")
        .flags(PUBSUB | LOADING | STALE)
        .arguments(&[string("channel").optional().multiple()]),

    PUBSUB_SHARDCHANNELS => command("pubsub|shardchannels", -2, "7.0.0")
        .summary("Lists the shard channels that somebody listens to")
        .complexity("O(N) for N shard channels")
        .flags(PUBSUB | LOADING | STALE)
        .arguments(&[pattern("pattern").optional()]),

    PUBSUB_SHARDNUMSUB => command("pubsub|shardnumsub", -2, "7.0.0")
        .summary("Counts the listeners of shard channels")
        .complexity("O(N) for N shard channels asked for")
        .flags(PUBSUB | LOADING | STALE)
        .arguments(&[string("shardchannel").optional().multiple()]),

    PUNSUBSCRIBE => command("punsubscribe", -1, "2.0.0")
        .summary("Stops listening to the channels that match patterns")
        .complexity("O(N) for N patterns")
        .flags(PUBSUB | NOSCRIPT | LOADING | STALE)
        .arguments(&[pattern("pattern").optional().multiple()]),

    SPUBLISH => command("spublish", 3, "7.0.0")
        .summary("Sends a message to the listeners of a shard channel")
        .complexity("O(N) for N listeners")
        .flags(PUBSUB | LOADING | STALE | FAST)
        .keys(&[one(1, NOT_KEY)])
        .arguments(&[string("shardchannel"), string("message")]),

    SSUBSCRIBE => command("ssubscribe", -2, "7.0.0")
        .summary("Listens to shard channels")
        .complexity("O(N) for N shard channels")
        .flags(PUBSUB | NOSCRIPT | LOADING | STALE)
        .keys(&[range(1, -1, 1, NOT_KEY)])
        .arguments(&[string("shardchannel").multiple()]),

    SUBSCRIBE => command("subscribe", -2, "2.0.0")
        .summary("Listens to channels")
        .complexity("O(N) for N channels")
        .flags(PUBSUB | NOSCRIPT | LOADING | STALE)
        .arguments(&[string("channel").multiple()]),

    SUNSUBSCRIBE => command("sunsubscribe", -1, "7.0.0")
        .summary("Stops listening to shard channels")
        .complexity("O(N) for N shard channels")
        .flags(PUBSUB | NOSCRIPT | LOADING | STALE)
        .keys(&[range(1, -1, 1, NOT_KEY)])
        .arguments(&[string("shardchannel").optional().multiple()]),

    UNSUBSCRIBE => command("unsubscribe", -1, "2.0.0")
        .summary("Stops listening to channels")
        .complexity("O(N) for N channels")
        .flags(PUBSUB | NOSCRIPT | LOADING | STALE)
        .arguments(&[string("channel").optional().multiple()]),
}
