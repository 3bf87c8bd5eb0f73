//! COMMAND LIST.

use catalog::{Command, describe};
use engine::{Args, CommandError, Ctx};

/// Which commands are listed.
enum Filter<'a> {
    All,
    Module(&'a [u8]),
    Category(&'a [u8]),
    Pattern(&'a [u8]),
}

impl<'a> Filter<'a> {
    fn parse(args: &mut Args<'a>) -> Result<Self, CommandError> {
        if args.is_empty() {
            return Ok(Self::All);
        }
        if !args.option("FILTERBY") {
            return Err(CommandError::Syntax);
        }
        let filter = if args.option("MODULE") {
            Self::Module(args.word()?)
        } else if args.option("ACLCAT") {
            Self::Category(args.word()?)
        } else if args.option("PATTERN") {
            Self::Pattern(args.word()?)
        } else {
            return Err(CommandError::Syntax);
        };
        args.end()?;
        Ok(filter)
    }

    fn find(&self) -> Vec<&'static Command> {
        match self {
            Self::All => catalog::COMMANDS.iter().collect(),
            Self::Module(name) => describe::in_module(&name.to_ascii_lowercase()).collect(),
            Self::Category(name) => describe::in_category(&name.to_ascii_lowercase()).collect(),
            Self::Pattern(pattern) => {
                describe::matching(|name| glob::matches_ignoring_case(pattern, name.as_bytes())).collect()
            }
        }
    }
}

pub(in crate::server) fn list(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let found = Filter::parse(&mut cx.args)?.find();
    cx.reply.array(found.len());
    found.iter().for_each(|command| cx.reply.bulk(command.name.as_bytes()));
    Ok(())
}
