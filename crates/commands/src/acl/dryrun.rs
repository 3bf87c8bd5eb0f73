//! Users: what would happen.
//!
//! ```text
//! ACL DRYRUN username command [arg [arg ...]]
//! ```

use acl::{Databases, check};
use catalog::LookupError;
use engine::{CommandError, Ctx};

pub(super) fn dryrun(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let name = cx.args.word()?;
    let user = cx.engine.read_users(|users| users.find(name).cloned());
    let user = user.ok_or_else(|| CommandError::quoting("ERR User '", name, "' not found"))?;
    let words: Vec<&[u8]> = cx.args.rest().collect();
    let command = cx.engine.handlers().resolve(&words).map_err(|error| match error {
        error @ LookupError::WrongArity(_) => CommandError::Lookup(error),
        LookupError::UnknownCommand { .. } | LookupError::UnknownSubcommand { .. } => {
            CommandError::quoting("ERR Command '", words.first().copied().unwrap_or_default(), "' not found")
        }
    })?;
    let databases = Databases { selected: cx.session.db().0, count: cx.engine.keyspace().databases() };
    match check(&user, command, &words, databases) {
        Ok(()) => cx.reply.ok(),
        Err(denied) => cx.reply.bulk(&denied.dryrun_text(&user, &words)),
    }
    Ok(())
}
