//! What `XREAD` and `XREADGROUP` have in common.
//!
//! ```text
//! [GROUP group consumer] [COUNT count] [BLOCK milliseconds] [NOACK] STREAMS key [key ...] id [id ...]
//! ```

use engine::{Args, CommandError, Ctx, Moment, Scope};
use keyspace::Key;
use resp::Request;

/// A read of at most so many entries, of one stream, costs little.
const COUNT_LITTLE: i64 = 100;

/// A read that may wait, or may find much, runs alone.
pub(super) fn scope(request: Request<'_>) -> Scope {
    let is_option = |index: usize, name: &str| request.word(index).eq_ignore_ascii_case(name.as_bytes());
    // ... COUNT count STREAMS key id, or with NOACK between.
    let streams = request.len() - 3;
    let counts = if streams > 3 && is_option(streams - 1, "NOACK") { streams - 1 } else { streams };
    let is_little = counts >= 3
        && is_option(streams, "STREAMS")
        && is_option(counts - 2, "COUNT")
        && resp::parse_i64(request.word(counts - 1)).is_some_and(|count| (1..=COUNT_LITTLE).contains(&count))
        && !(1..counts - 2).any(|index| is_option(index, "BLOCK"));
    if is_little { Scope::Key } else { Scope::Keys }
}

pub(super) struct ReadArgs<'a> {
    /// The group and the consumer, for `XREADGROUP` alone.
    pub(super) reader: Option<(&'a [u8], &'a [u8])>,
    /// At most so many entries of each stream.
    pub(super) count: usize,
    pub(super) block: Option<Block>,
    pub(super) acknowledges: bool,
    /// At the first key.
    keys: Args<'a>,
    /// At the first number.
    ids: Args<'a>,
    pub(super) streams: usize,
}

/// How long a read may wait.
#[derive(Copy, Clone)]
pub(super) struct Block {
    /// `None`: for ever.
    pub(super) until: Option<Moment>,
}

impl<'a> ReadArgs<'a> {
    pub(super) fn parse(cx: &mut Ctx<'a>, is_group: bool) -> Result<Self, CommandError> {
        let now = cx.now;
        let args = &mut cx.args;
        let mut read = Self {
            reader: None,
            count: usize::MAX,
            block: None,
            acknowledges: false,
            keys: *args,
            ids: *args,
            streams: 0,
        };
        while read.streams == 0 {
            let left = args.remaining();
            if left > 1 && args.option("BLOCK") {
                read.block = Some(parse_block(args.word()?, now)?);
            } else if left > 1 && args.option("COUNT") {
                let count = usize::try_from(args.integer()?).unwrap_or(0);
                read.count = if count == 0 { usize::MAX } else { count };
            } else if left > 1 && args.option("STREAMS") {
                read.split(args, is_group)?;
            } else if left > 2 && args.option("GROUP") {
                needs_group(is_group, "GROUP")?;
                read.reader = Some((args.word()?, args.word()?));
            } else if args.option("NOACK") {
                needs_group(is_group, "NOACK")?;
                read.acknowledges = true;
            } else {
                return Err(CommandError::Syntax);
            }
        }
        if is_group && read.reader.is_none() {
            return Err(CommandError::fixed("ERR Missing GROUP option for XREADGROUP"));
        }
        Ok(read)
    }

    /// As many keys as numbers.
    fn split(&mut self, args: &Args<'a>, is_group: bool) -> Result<(), CommandError> {
        if !args.remaining().is_multiple_of(2) {
            return Err(CommandError::fixed(if is_group {
                "ERR Unbalanced 'xreadgroup' list of streams: for each stream key an ID or '>' must be specified."
            } else {
                "ERR Unbalanced 'xread' list of streams: for each stream key an ID, '+', or '$' must be specified."
            }));
        }
        self.streams = args.remaining() / 2;
        (self.keys, self.ids) = (*args, *args);
        (0..self.streams).try_for_each(|_| self.ids.word().map(drop))
    }

    /// The keys, each with its number as it stands.
    pub(super) fn pairs(&self) -> impl Iterator<Item = Result<(Key<'a>, &'a [u8]), CommandError>> + use<'a> {
        let (mut keys, mut ids) = (self.keys, self.ids);
        (0..self.streams).map(move |_| Ok((keys.key()?, ids.word()?)))
    }
}

fn needs_group(is_group: bool, option: &str) -> Result<(), CommandError> {
    if is_group {
        return Ok(());
    }
    Err(CommandError::text(format!(
        "ERR The {option} option is only supported by XREADGROUP. You called XREAD instead."
    )))
}

fn parse_block(word: &[u8], now: Moment) -> Result<Block, CommandError> {
    let fault = CommandError::fixed;
    let ms = resp::parse_i64(word).ok_or(fault("ERR timeout is not an integer or out of range"))?;
    let ms = u64::try_from(ms).map_err(|_| fault("ERR timeout is negative"))?;
    if i64::try_from(ms).ok().and_then(|ms| ms.checked_add(now.unix_millis().0)).is_none() {
        return Err(fault("ERR timeout is out of range"));
    }
    let nanos = ms.saturating_mul(1_000_000).saturating_add(now.unix_nanos());
    Ok(Block { until: (ms > 0).then(|| Moment::from_unix_nanos(nanos)) })
}
