//! What can be asked about channels and who listens to them.
//!
//! ```text
//! PUBSUB HELP
//! ```

use engine::{CommandError, Ctx};

use crate::help::reply_help;

const SUBCOMMANDS: &[(&str, &[&str])] = &[
    (
        "CHANNELS [<pattern>]",
        &["List the channels that somebody listens to, or those that match the pattern."],
    ),
    ("NUMPAT", &["Count the patterns that somebody listens to."]),
    (
        "NUMSUB [<channel> ...]",
        &["Count who listens to each channel, not counting those who listen by pattern."],
    ),
    (
        "SHARDCHANNELS [<pattern>]",
        &["List the sharded channels that somebody listens to, or those that match the pattern."],
    ),
    ("SHARDNUMSUB [<shardchannel> ...]", &["Count who listens to each sharded channel."]),
];

pub(super) fn help(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    reply_help(&mut cx.reply, "PUBSUB", SUBCOMMANDS);
    Ok(())
}
