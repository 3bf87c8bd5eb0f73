//! DEBUG POPULATE: many keys at once.

use std::io::Write;

use engine::{Args, CommandError, Ctx};
use keyspace::{Expiry, NewValue};

/// The longest value that is made up.
const SIZE_MAX: i64 = 512 << 20;

struct PopulateArgs<'a> {
    count: i64,
    prefix: &'a [u8],
    /// Length of each value; 0 for as long as it is.
    size: usize,
}

impl<'a> PopulateArgs<'a> {
    fn parse(args: &mut Args<'a>) -> Result<Self, CommandError> {
        let count = positive(args, i64::MAX)?;
        let prefix = if args.is_empty() { b"key".as_slice() } else { args.word()? };
        let size = if args.is_empty() { 0 } else { positive(args, SIZE_MAX)? };
        Ok(Self { count, prefix, size: size as usize })
    }
}

fn positive(args: &mut Args<'_>, max: i64) -> Result<i64, CommandError> {
    let number = args.integer().map_err(|_| CommandError::NotPositive)?;
    if (0..=max).contains(&number) { Ok(number) } else { Err(CommandError::NotPositive) }
}

/// Keys that exist stay as they are. Nothing is recorded: this is for filling a server, not for changing what a log or replicas hold.
pub(super) fn populate(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let args = PopulateArgs::parse(&mut cx.args)?;
    let mut name = args.prefix.to_vec();
    name.push(b':');
    let mut value = b"value:".to_vec();
    let (name_start, value_start) = (name.len(), value.len());
    for number in 0..args.count {
        name.truncate(name_start);
        value.truncate(value_start);
        write!(name, "{number}").expect("a Vec takes all bytes");
        write!(value, "{number}").expect("a Vec takes all bytes");
        if args.size > 0 {
            value.resize(args.size, 0);
        }
        let key = cx.engine.keyspace().key(&name);
        if cx.view.peek(&key).is_none() {
            cx.view.set(&key, NewValue::Bytes(&value), Expiry::None);
        }
    }
    cx.reply.ok();
    Ok(())
}
