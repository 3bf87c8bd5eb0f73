//! HyperLogLogs.

use crate::Group;
use crate::argument::{key, string};
use crate::command::command;
use crate::flags::in_command::{ADMIN, DENYOOM, FAST, READONLY, WRITE};
use crate::flags::on_key::{ACCESS, INSERT, RO, RW};
use crate::key_spec::{one, range};

commands! {
    Group::Hyperloglog, from super::bitmap::END;

    PFADD => command("pfadd", -2, "2.8.9")
        .summary("Counts elements into a HyperLogLog")
        .complexity("O(1) for each element")
        .flags(WRITE | DENYOOM | FAST)
        .keys(&[one(1, RW | INSERT)])
        .arguments(&[key("key", 0), string("element").optional().multiple()]),

    PFCOUNT => command("pfcount", -2, "2.8.9")
        .summary("Estimates how many different elements HyperLogLogs have seen")
        .complexity("O(1) for one key with a large constant, O(N) for N keys")
        .flags(READONLY)
        .keys(&[
            range(1, -1, 1, RW | ACCESS).note("RW because the cached count inside the value may be renewed"),
        ])
        .arguments(&[key("key", 0).multiple()]),

    PFDEBUG => command("pfdebug", 3, "2.8.9")
        .summary("Shows the inside of a HyperLogLog")
        .complexity("O(N) for N registers")
        .flags(WRITE | DENYOOM | ADMIN)
        .keys(&[one(2, RW | ACCESS)])
        .system()
        .arguments(&[string("subcommand"), key("key", 0)]),

    PFMERGE => command("pfmerge", -2, "2.8.9")
        .summary("Joins HyperLogLogs into one")
        .complexity("O(N) for N keys, with a large constant")
        .flags(WRITE | DENYOOM)
        .keys(&[one(1, RW | ACCESS | INSERT), range(2, -1, 1, RO | ACCESS)])
        .arguments(&[key("destkey", 0), key("sourcekey", 1).optional().multiple()]),

    PFSELFTEST => command("pfselftest", 1, "2.8.9")
        .summary("Checks that HyperLogLogs estimate well")
        .complexity("O(N) for a number of rounds that depends on the server")
        .flags(ADMIN)
        .system(),
}
