//! The options of SORT.

use engine::{CommandError, Ctx, Scope};
use keyspace::Key;
use resp::Request;

use super::pattern::Pattern;

const BY_DENIED: CommandError =
    CommandError::fixed("ERR BY option of SORT denied due to insufficient ACL permissions.");
const GET_DENIED: CommandError =
    CommandError::fixed("ERR GET option of SORT denied due to insufficient ACL permissions.");

/// What is to be sorted, how, and what becomes of it.
pub(super) struct SortArgs<'a> {
    pub(super) key: Key<'a>,
    /// What the elements are weighed by, if not by themselves.
    pub(super) by: Option<Pattern<'a>>,
    /// A pattern that names the same key for every element asked not to sort.
    pub(super) is_unsorted: bool,
    pub(super) is_descending: bool,
    pub(super) is_alphabetic: bool,
    pub(super) offset: i64,
    /// Below zero for all.
    pub(super) count: i64,
    /// What is returned for each element, if not the element.
    pub(super) gets: Vec<Pattern<'a>>,
    pub(super) store: Option<Key<'a>>,
}

impl<'a> SortArgs<'a> {
    pub(super) fn parse(cx: &mut Ctx<'a>, may_store: bool) -> Result<Self, CommandError> {
        let mut parsed = Self {
            key: cx.args.key()?,
            by: None,
            is_unsorted: false,
            is_descending: false,
            is_alphabetic: false,
            offset: 0,
            count: -1,
            gets: Vec::new(),
            store: None,
        };
        while !cx.args.is_empty() {
            parsed.read_option(cx, may_store)?;
        }
        Ok(parsed)
    }

    fn read_option(&mut self, cx: &mut Ctx<'a>, may_store: bool) -> Result<(), CommandError> {
        let may_read_all = cx.may_read_all_keys();
        let args = &mut cx.args;
        if args.option("ASC") {
            self.is_descending = false;
        } else if args.option("DESC") {
            self.is_descending = true;
        } else if args.option("ALPHA") {
            self.is_alphabetic = true;
        } else if args.option("LIMIT") {
            // Both words are there before either is read as a number.
            if args.remaining() < 2 {
                return Err(CommandError::Syntax);
            }
            (self.offset, self.count) = (args.integer()?, args.integer()?);
        } else if may_store && args.option("STORE") {
            self.store = Some(args.key()?);
        } else if args.option("BY") {
            let pattern = Pattern::new(args.word()?);
            if pattern.depends_on_element() && !may_read_all {
                return Err(BY_DENIED);
            }
            self.is_unsorted |= !pattern.depends_on_element();
            self.by = Some(pattern);
        } else if args.option("GET") {
            let pattern = Pattern::new(args.word()?);
            if !may_read_all {
                return Err(GET_DENIED);
            }
            self.gets.push(pattern);
        } else {
            return Err(CommandError::Syntax);
        }
        Ok(())
    }
}

/// Patterns that name keys by the elements lead to any key.
pub(super) fn scope(request: Request<'_>) -> Scope {
    if names_keys(request) { Scope::Whole } else { Scope::Keys }
}

/// Whether a request has patterns that name keys by the elements.
fn names_keys(request: Request<'_>) -> bool {
    let is_pattern = |index: usize| {
        let option = request.word(index - 1);
        let takes_pattern = option.eq_ignore_ascii_case(b"BY") || option.eq_ignore_ascii_case(b"GET");
        takes_pattern && request.word(index).contains(&b'*')
    };
    (2..request.len()).any(is_pattern)
}
