//! HyperLogLogs: looking inside.
//!
//! ```text
//! PFDEBUG GETREG | DECODE | ENCODING | TODENSE key
//! PFSELFTEST
//! ```

use std::fmt::Write;

use engine::{CommandError, Ctx, Effect};
use keyspace::Key;
use structures::hyperloglog::{self, Encoding, Run, Sketch, self_test};

use super::{CORRUPTED, NOT_ONE};

pub(super) fn pfdebug(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let subcommand = cx.args.word()?;
    let key = cx.args.key()?;
    if cx.view.string_mut(&key)?.is_none() {
        return Err(CommandError::fixed("ERR The specified key does not exist"));
    }
    with_sketch(cx, &key, |_| ())?;
    match subcommand.to_ascii_uppercase().as_slice() {
        b"GETREG" => registers(cx, &key),
        b"DECODE" => decode(cx, &key),
        b"ENCODING" => encoding(cx, &key),
        b"TODENSE" => {
            let was_sparse = make_dense(cx, &key)?;
            cx.reply.integer(i64::from(was_sparse));
            Ok(())
        }
        _ => Err(CommandError::quoting("ERR Unknown PFDEBUG subcommand '", subcommand, "'")),
    }
}

pub(super) fn pfselftest(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    self_test().map_err(|failure| CommandError::text(format!("TESTFAILED {failure}")))?;
    cx.reply.ok();
    Ok(())
}

fn registers(cx: &mut Ctx<'_>, key: &Key<'_>) -> Result<(), CommandError> {
    make_dense(cx, key)?;
    let registers = with_sketch(cx, key, |sketch| sketch.registers())?.map_err(|_| CORRUPTED)?;
    cx.reply.array(registers.values().len());
    for &value in registers.values() {
        cx.reply.integer(i64::from(value));
    }
    Ok(())
}

fn decode(cx: &mut Ctx<'_>, key: &Key<'_>) -> Result<(), CommandError> {
    let decoded = with_sketch(cx, key, |sketch| match sketch.encoding() {
        Encoding::Dense => Err(CommandError::fixed("ERR HLL encoding is not sparse")),
        Encoding::Sparse => Ok(text_of(sketch)),
    })??;
    cx.reply.bulk(decoded.as_bytes());
    Ok(())
}

fn text_of(sketch: Sketch<'_>) -> String {
    let mut text = String::new();
    for run in sketch.runs() {
        let before = if text.is_empty() { "" } else { " " };
        let written = match run {
            Run::Zeros(count) => write!(text, "{before}z:{count}"),
            Run::ManyZeros(count) => write!(text, "{before}Z:{count}"),
            Run::Values { value, count } => write!(text, "{before}v:{value},{count}"),
        };
        written.expect("a String takes all text");
    }
    text
}

fn encoding(cx: &mut Ctx<'_>, key: &Key<'_>) -> Result<(), CommandError> {
    let encoding = with_sketch(cx, key, |sketch| sketch.encoding())?;
    cx.reply.simple(match encoding {
        Encoding::Dense => "dense",
        Encoding::Sparse => "sparse",
    });
    Ok(())
}

/// Whether it was sparse.
fn make_dense(cx: &mut Ctx<'_>, key: &Key<'_>) -> Result<bool, CommandError> {
    if with_sketch(cx, key, |sketch| sketch.encoding())? == Encoding::Dense {
        return Ok(false);
    }
    if let Some(mut entry) = cx.view.string_mut(key)? {
        entry.edit(hyperloglog::make_dense).map_err(|_| CORRUPTED)?;
    }
    cx.view.record_quietly(Effect::AsCalled);
    Ok(true)
}

/// Looks at the HyperLogLog of a key that is there.
fn with_sketch<R>(
    cx: &mut Ctx<'_>,
    key: &Key<'_>,
    look: impl FnOnce(Sketch<'_>) -> R,
) -> Result<R, CommandError> {
    let entry = cx.view.string_mut(key)?.ok_or(NOT_ONE)?;
    let text = entry.value().text();
    Ok(look(Sketch::new(&text).ok_or(NOT_ONE)?))
}
