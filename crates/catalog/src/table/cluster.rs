//! The cluster.

use crate::argument::{block, integer, one_of, pattern, string, token};
use crate::command::command;
use crate::flags::in_command::{ADMIN, FAST, LOADING, NO_ASYNC_LOADING, NOSCRIPT, READONLY, STALE, WRITE};
use crate::flags::on_key::NOT_KEY;
use crate::key_spec::one;
use crate::{Categories, Group, Origin};

commands! {
    Group::Cluster, from super::server::END;

    ASKING => command("asking", 1, "3.0.0")
        .summary("Lets the next command into a slot that is being imported")
        .complexity("O(1)")
        .flags(FAST)
        .also(Categories::CONNECTION),

    CLUSTER => command("cluster", -2, "3.0.0")
        .summary("Groups commands about the cluster"),

    CLUSTER_ADDSLOTS => command("cluster|addslots", -3, "3.0.0")
        .summary("Gives slots to this node")
        .complexity("O(N) for N slots")
        .flags(ADMIN | STALE | NO_ASYNC_LOADING)
        .arguments(&[integer("slot").multiple()]),

    CLUSTER_ADDSLOTSRANGE => command("cluster|addslotsrange", -4, "7.0.0")
        .summary("Gives ranges of slots to this node")
        .complexity("O(N) for N slots")
        .flags(ADMIN | STALE | NO_ASYNC_LOADING)
        .arguments(&[block("range", &[integer("start-slot"), integer("end-slot")]).multiple()]),

    CLUSTER_BUMPEPOCH => command("cluster|bumpepoch", 2, "3.0.0")
        .summary("Raises the configuration epoch of this node")
        .complexity("O(1)")
        .flags(ADMIN | STALE | NO_ASYNC_LOADING)
        .tips(&["nondeterministic_output"]),

    CLUSTER_CANCELSLOTMIGRATIONS => command("cluster|cancelslotmigrations", 2, "9.0.0")
        .summary("Calls off the slot migrations that are under way")
        .complexity("O(N) for N migrations")
        .only_in(Origin::Valkey)
        .flags(ADMIN | STALE | NO_ASYNC_LOADING),

    CLUSTER_COUNT_FAILURE_REPORTS => command("cluster|count-failure-reports", 3, "3.0.0")
        .summary("Counts the nodes that report another as failing")
        .complexity("O(N) for N reports")
        .flags(ADMIN | STALE)
        .history(&[
            ("9.0.0", "A node that is known to have failed collects no more reports"),
        ])
        .tips(&["nondeterministic_output"])
        .arguments(&[string("node-id")]),

    CLUSTER_COUNTKEYSINSLOT => command("cluster|countkeysinslot", 3, "3.0.0")
        .summary("Counts the keys of a slot")
        .complexity("O(1)")
        .flags(STALE)
        .arguments(&[integer("slot")]),

    CLUSTER_DELSLOTS => command("cluster|delslots", -3, "3.0.0")
        .summary("Takes slots away from whom this node believes to have them")
        .complexity("O(N) for N slots")
        .flags(ADMIN | STALE | NO_ASYNC_LOADING)
        .arguments(&[integer("slot").multiple()]),

    CLUSTER_DELSLOTSRANGE => command("cluster|delslotsrange", -4, "7.0.0")
        .summary("Takes ranges of slots away from whom this node believes to have them")
        .complexity("O(N) for N slots")
        .flags(ADMIN | STALE | NO_ASYNC_LOADING)
        .arguments(&[block("range", &[integer("start-slot"), integer("end-slot")]).multiple()]),

    CLUSTER_FAILOVER => command("cluster|failover", -2, "3.0.0")
        .summary("Makes this replica the primary")
        .complexity("O(1)")
        .flags(ADMIN | STALE | NO_ASYNC_LOADING)
        .arguments(&[
            one_of("options", &[token("force", "FORCE"), token("takeover", "TAKEOVER")]).optional(),
        ]),

    CLUSTER_FLUSHSLOT => command("cluster|flushslot", -3, "9.0.0")
        .summary("Removes all keys of a slot")
        .complexity("O(N) for N keys of the slot")
        .only_in(Origin::Valkey)
        .flags(WRITE | ADMIN | NO_ASYNC_LOADING)
        .also(Categories::KEYSPACE)
        .arguments(&[
            integer("slot"),
            one_of("flush-type", &[token("async", "ASYNC"), token("sync", "SYNC")]).optional(),
        ]),

    CLUSTER_FLUSHSLOTS => command("cluster|flushslots", 2, "3.0.0")
        .summary("Takes all slots away from this node")
        .complexity("O(1)")
        .flags(ADMIN | STALE | NO_ASYNC_LOADING),

    CLUSTER_FORGET => command("cluster|forget", 3, "3.0.0")
        .summary("Removes a node from the node table")
        .complexity("O(1)")
        .flags(ADMIN | STALE | NO_ASYNC_LOADING)
        .arguments(&[string("node-id")]),

    CLUSTER_GETKEYSINSLOT => command("cluster|getkeysinslot", 4, "3.0.0")
        .summary("Lists keys of a slot")
        .complexity("O(N) for N keys asked for")
        .flags(STALE)
        .tips(&["nondeterministic_output"])
        .arguments(&[integer("slot"), integer("count")]),

    CLUSTER_GETSLOTMIGRATIONS => command("cluster|getslotmigrations", 2, "9.0.0")
        .summary("Describes slot migrations")
        .complexity("O(N) for N migrations")
        .only_in(Origin::Valkey)
        .flags(ADMIN | STALE | NO_ASYNC_LOADING),

    CLUSTER_HELP => command("cluster|help", 2, "5.0.0")
        .summary("Explains the subcommands of CLUSTER")
        .complexity("O(1)")
        .flags(LOADING | STALE),

    CLUSTER_INFO => command("cluster|info", 2, "3.0.0")
        .summary("Reports the state of the cluster as this node sees it")
        .complexity("O(1)")
        .flags(LOADING | STALE)
        .tips(&["nondeterministic_output"]),

    CLUSTER_KEYSLOT => command("cluster|keyslot", 3, "3.0.0")
        .summary("Tells the slot of a key")
        .complexity("O(N) for a key of N bytes")
        .flags(STALE)
        .arguments(&[string("key")]),

    CLUSTER_LINKS => command("cluster|links", 2, "7.0.0")
        .summary("Describes the links to and from the other nodes")
        .complexity("O(N) for N nodes")
        .flags(STALE)
        .tips(&["nondeterministic_output"]),

    CLUSTER_MEET => command("cluster|meet", -4, "3.0.0")
        .summary("Lets this node make the acquaintance of another")
        .complexity("O(1)")
        .flags(ADMIN | STALE | NO_ASYNC_LOADING)
        .history(&[("4.0.0", "Takes the port of the cluster bus")])
        .arguments(&[string("ip"), integer("port"), integer("cluster-bus-port").optional().since("4.0.0")]),

    CLUSTER_MIGRATESLOTS => command("cluster|migrateslots", -4, "9.0.0")
        .summary("Moves slots to another node")
        .complexity("O(N) for N slots, the data following in the background")
        .only_in(Origin::Valkey)
        .flags(ADMIN | STALE | NO_ASYNC_LOADING)
        .arguments(&[
            block("migration-group", &[
                token("slotsrange-token", "SLOTSRANGE"),
                block("range", &[integer("start-slot"), integer("end-slot")]).multiple(),
                token("node-token", "NODE"),
                string("node-id"),
            ]).multiple(),
        ]),

    CLUSTER_MYID => command("cluster|myid", 2, "3.0.0")
        .summary("Returns the id of this node")
        .complexity("O(1)")
        .flags(LOADING | STALE),

    CLUSTER_MYSHARDID => command("cluster|myshardid", 2, "7.2.0")
        .summary("Returns the id of this node's shard")
        .complexity("O(1)")
        .flags(LOADING | STALE)
        .tips(&["nondeterministic_output"]),

    CLUSTER_NODES => command("cluster|nodes", 2, "3.0.0")
        .summary("Lists the nodes of the cluster as in the node file")
        .complexity("O(N) for N nodes")
        .flags(LOADING | STALE)
        .tips(&["nondeterministic_output"]),

    CLUSTER_REPLICAS => command("cluster|replicas", 3, "5.0.0")
        .summary("Lists the replicas of a primary")
        .complexity("O(N) for N replicas")
        .flags(ADMIN | STALE)
        .tips(&["nondeterministic_output"])
        .arguments(&[string("node-id")]),

    CLUSTER_REPLICATE => command("cluster|replicate", -3, "3.0.0")
        .summary("Makes this node a replica of another, or of none")
        .complexity("O(1)")
        .flags(ADMIN | STALE | NO_ASYNC_LOADING)
        .history(&[("9.0.0", "`NO ONE` detaches a replica")])
        .arguments(&[
            one_of("args", &[
                string("node-id"),
                block("no-one", &[token("no", "NO"), token("one", "ONE")]).since("9.0.0"),
            ]),
        ]),

    CLUSTER_RESET => command("cluster|reset", -2, "3.0.0")
        .summary("Lets this node forget the cluster")
        .complexity("O(N) for N known nodes, plus removing the keys")
        .flags(ADMIN | NOSCRIPT | STALE)
        .arguments(&[one_of("reset-type", &[token("hard", "HARD"), token("soft", "SOFT")]).optional()]),

    CLUSTER_SAVECONFIG => command("cluster|saveconfig", 2, "3.0.0")
        .summary("Writes the node file")
        .complexity("O(1)")
        .flags(ADMIN | STALE | NO_ASYNC_LOADING),

    CLUSTER_SET_CONFIG_EPOCH => command("cluster|set-config-epoch", 3, "3.0.0")
        .summary("Sets the configuration epoch of a new node")
        .complexity("O(1)")
        .flags(ADMIN | STALE | NO_ASYNC_LOADING)
        .arguments(&[integer("config-epoch")]),

    CLUSTER_SETSLOT => command("cluster|setslot", -4, "3.0.0")
        .summary("Sets the state or the owner of a slot")
        .complexity("O(1)")
        .flags(ADMIN | STALE | NO_ASYNC_LOADING)
        .history(&[("8.0.0", "`TIMEOUT`")])
        .arguments(&[
            integer("slot"),
            one_of("subcommand", &[
                string("importing").token("IMPORTING").shown_as("node-id"),
                string("migrating").token("MIGRATING").shown_as("node-id"),
                string("node").token("NODE").shown_as("node-id"),
                token("stable", "STABLE"),
            ]),
            integer("timeout").token("TIMEOUT").optional().since("8.0.0"),
        ]),

    CLUSTER_SHARDS => command("cluster|shards", 2, "7.0.0")
        .summary("Describes the shards with their slots and nodes")
        .complexity("O(N) for N nodes")
        .flags(LOADING | STALE)
        .history(&[("9.1.0", "Shows the shard's id and the nodes' availability zones")])
        .tips(&["nondeterministic_output"]),

    CLUSTER_SLAVES => command("cluster|slaves", 3, "3.0.0")
        .summary("Lists the replicas of a primary")
        .complexity("O(N) for N replicas")
        .flags(ADMIN | STALE)
        .deprecated("5.0.0", "`CLUSTER REPLICAS`")
        .tips(&["nondeterministic_output"])
        .arguments(&[string("node-id")]),

    CLUSTER_SLOT_STATS => command("cluster|slot-stats", -4, "8.2.0")
        .summary("Returns the figures of slots")
        .complexity("O(N) for N slots, O(N*log(N)) if ordered")
        .flags(LOADING | STALE)
        .tips(&["nondeterministic_output", "request_policy:all_shards"])
        .arguments(&[
            one_of("filter", &[
                block("slotsrange", &[integer("start-slot"), integer("end-slot")]).token("SLOTSRANGE"),
                block("orderby", &[
                    string("metric"),
                    integer("limit").token("LIMIT").optional(),
                    one_of("order", &[token("asc", "ASC"), token("desc", "DESC")]).optional(),
                ]).token("ORDERBY"),
            ]),
        ]),

    CLUSTER_SLOTS => command("cluster|slots", 2, "3.0.0")
        .summary("Tells which nodes have which slots")
        .complexity("O(N) for N nodes")
        .flags(LOADING | STALE)
        .deprecated("7.0.0", "`CLUSTER SHARDS`")
        .history(&[
            ("4.0.0", "Shows node ids"),
            ("7.0.0", "Shows further addresses of the nodes"),
            ("9.1.0", "Shows availability zones beside the addresses"),
        ])
        .tips(&["nondeterministic_output"]),

    CLUSTER_SYNCSLOTS => command("cluster|syncslots", -3, "9.0.0")
        .summary("Carries the data of slots from node to node")
        .complexity("O(1)")
        .only_in(Origin::Valkey)
        .flags(ADMIN | STALE | NO_ASYNC_LOADING)
        .system(),

    CLUSTERSCAN => command("clusterscan", -2, "9.1.0")
        .summary("Walks through the keys of the whole cluster, a few in each call")
        .complexity("O(1) a call, O(N) for the whole walk")
        .only_in(Origin::Valkey)
        .flags(READONLY)
        .also(Categories::KEYSPACE)
        .keys(&[one(1, NOT_KEY)])
        .tips(&["nondeterministic_output", "request_policy:special", "response_policy:special"])
        .arguments(&[
            string("cursor"),
            pattern("match-pattern").token("MATCH").optional(),
            integer("count").token("COUNT").optional(),
            string("type").token("TYPE").optional(),
            integer("slot").token("SLOT").optional(),
        ]),

    READONLY => command("readonly", 1, "3.0.0")
        .summary("Lets this connection read from a replica of the cluster")
        .complexity("O(1)")
        .flags(LOADING | STALE | FAST)
        .also(Categories::CONNECTION),

    READWRITE => command("readwrite", 1, "3.0.0")
        .summary("Sends this connection's reads to the primary again")
        .complexity("O(1)")
        .flags(LOADING | STALE | FAST)
        .also(Categories::CONNECTION),
}
