//! Streams: deleting the oldest entries.
//!
//! ```text
//! XTRIM key (MAXLEN | MINID) [= | ~] threshold [LIMIT count] [KEEPREF | DELREF | ACKED]
//! ```

use engine::{CommandError, Ctx, Effect};
use keyspace::Object;
use structures::Stream;
use structures::stream::{References, Threshold, Trim};

use super::XTRIM;
use super::ids::IdText;
use super::parse_trim::TrimArgs;

/// What came of trimming a stream.
pub(super) struct Trimming {
    /// How many entries were deleted.
    pub(super) removed: u64,
    /// Whether it was up to the nodes of this stream how many.
    pub(super) is_approximate: bool,
    /// What would have deleted just these entries.
    exact: Threshold,
    references: References,
    /// Many entries, to be freed elsewhere.
    cut: Option<Box<Stream>>,
}

impl Trimming {
    pub(super) fn apply(stream: &mut Stream, trim: &Trim, references: References) -> Self {
        // Whole nodes are only deleted with their references left as they are: so do the peers.
        let is_possible = !trim.is_approximate || references == References::Keep;
        let trimmed = is_possible.then(|| stream.trim(trim, references));
        let (removed, cut) = trimmed.map_or((0, None), |trimmed| (trimmed.removed, trimmed.cut));
        let exact = match trim.threshold {
            Threshold::MaxLen(_) => Threshold::MaxLen(stream.log.len()),
            Threshold::MinId(_) => Threshold::MinId(stream.log.first_id()),
        };
        Self { removed, is_approximate: trim.is_approximate, exact, references, cut }
    }

    /// What has to be freed elsewhere; once.
    pub(super) fn take_cut(&mut self) -> Option<Object> {
        self.cut.take().map(Object::Stream)
    }

    /// The words that ask for just what was done.
    pub(super) fn exact(&self) -> Exact {
        let mut digits = itoa::Buffer::new();
        let (name, text): (&[u8], Vec<u8>) = match self.exact {
            Threshold::MaxLen(len) => (b"MAXLEN", digits.format(len).into()),
            Threshold::MinId(id) => (b"MINID", IdText::new(id).bytes().into()),
        };
        let references: Option<&[u8]> = match self.references {
            References::Keep => None,
            References::Delete => Some(b"DELREF"),
            References::Acknowledged => Some(b"ACKED"),
        };
        Exact { name, text, references }
    }
}

/// See [`Trimming::exact`].
pub(super) struct Exact {
    name: &'static [u8],
    text: Vec<u8>,
    references: Option<&'static [u8]>,
}

impl Exact {
    pub(super) fn words(&self) -> impl Iterator<Item = &[u8]> {
        [self.name, b"=", &self.text].into_iter().chain(self.references)
    }
}

pub(super) fn xtrim(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let mut trim_args = TrimArgs::default();
    while !cx.args.is_empty() {
        if !trim_args.read(&mut cx.args)? {
            return Err(CommandError::Syntax);
        }
    }
    let entries_max = cx.engine.settings().stream_node_entries_max();
    let trim = trim_args.finish_needed(entries_max)?;
    let Some(mut stream) = cx.view.get_mut::<Box<Stream>>(&key)? else {
        cx.reply.integer(0);
        return Ok(());
    };
    let mut trimming = Trimming::apply(&mut stream, &trim, trim_args.references());
    drop(stream);
    if let Some(cut) = trimming.take_cut() {
        cx.view.bury_object(cut);
    }
    if trimming.removed > 0 {
        if trim.is_approximate {
            let exact = trimming.exact();
            let mut words = vec![cx.args.request().word(0), key.bytes()];
            words.extend(exact.words());
            cx.view.record(&key, XTRIM, Effect::Instead(&words));
        } else {
            cx.view.record(&key, XTRIM, Effect::AsCalled);
        }
    }
    cx.reply.integer(trimming.removed as i64);
    Ok(())
}
