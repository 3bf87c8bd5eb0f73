//! Users: the groups of commands that rules name.
//!
//! ```text
//! ACL CAT [category]
//! ```

use acl::commands_in;
use catalog::{Categories, command};
use engine::{CommandError, Ctx};

use crate::help::{quoted_part, wrong_arguments};

pub(super) fn cat(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    if cx.args.remaining() > 1 {
        return Err(wrong_arguments(cx));
    }
    if cx.args.is_empty() {
        let names = Categories::all().names();
        cx.reply.array(names.clone().count());
        names.for_each(|name| cx.reply.bulk(name.as_bytes()));
        return Ok(());
    }
    let name = cx.args.word()?;
    let category = Categories::by_name(name)
        .ok_or_else(|| CommandError::quoting("ERR Unknown category '", quoted_part(name), "'"))?;
    // A command with subcommands is named by those.
    let names: Vec<&str> = commands_in(category)
        .map(command)
        .filter(|command| command.subcommands.is_empty())
        .map(|command| command.name)
        .collect();
    cx.reply.array(names.len());
    names.iter().for_each(|name| cx.reply.bulk(name.as_bytes()));
    Ok(())
}
