//! How the calls of a command are spread over durations.

use catalog::Command;
use engine::{CommandError, Ctx, Histogram};

pub(in crate::server) fn histogram(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let names = cx.args;
    let asked_for: Vec<&Command> = if names.is_empty() {
        catalog::COMMANDS.iter().collect()
    } else {
        names.rest().flat_map(commands_of).collect()
    };
    let found: Vec<(&str, Histogram)> = asked_for
        .into_iter()
        .map(|command| (command.name, cx.engine.stats().durations(command.id)))
        .filter(|(_, histogram)| histogram.calls() > 0)
        .collect();
    cx.reply.map(found.len());
    for (name, histogram) in found {
        cx.reply.bulk(name.as_bytes());
        cx.reply.map(2);
        cx.reply.bulk(b"calls");
        cx.reply.integer(histogram.calls() as i64);
        cx.reply.bulk(b"histogram_usec");
        let buckets = histogram.powers_of_two();
        cx.reply.map(buckets.len());
        for bucket in buckets {
            cx.reply.integer(bucket.micros as i64);
            cx.reply.integer(bucket.calls as i64);
        }
    }
    Ok(())
}

/// The command of this name, with its subcommands if it has any.
fn commands_of(name: &[u8]) -> Vec<&'static Command> {
    let Some(command) =
        catalog::COMMANDS.iter().find(|command| name.eq_ignore_ascii_case(command.name.as_bytes()))
    else {
        return Vec::new();
    };
    let subcommands = command.subcommands.iter().map(|id| catalog::command(*id));
    std::iter::once(command).chain(subcommands).collect()
}
