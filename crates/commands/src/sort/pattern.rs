//! Patterns that name a key, or a field of a hash, for each element.
//!
//! ```text
//! weight_*          the string under the key in which the element stands for the star
//! object_*->field   the field of the hash under that key
//! #                 the element itself
//! ```

use engine::{Engine, View};
use keyspace::{Entry, Object, UnixMillis};

/// A pattern.
pub(super) enum Pattern<'a> {
    /// The element.
    Element,
    /// A pattern without a star: names nothing.
    Nothing,
    /// A key, or a field of a hash.
    Key { before: &'a [u8], after: &'a [u8], field: Option<&'a [u8]> },
}

const ARROW: &[u8] = b"->";

impl<'a> Pattern<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        if text == b"#" {
            return Self::Element;
        }
        let Some(star) = text.iter().position(|&byte| byte == b'*') else { return Self::Nothing };
        let (before, after) = (&text[..star], &text[star + 1..]);
        let arrow = after.windows(ARROW.len()).position(|window| window == ARROW);
        match arrow.map(|arrow| (&after[..arrow], &after[arrow + ARROW.len()..])) {
            // An arrow to nothing belongs to the key's name.
            Some((after, field)) if !field.is_empty() => Self::Key { before, after, field: Some(field) },
            _ => Self::Key { before, after, field: None },
        }
    }

    /// Whether it names something else for each element.
    pub(super) fn depends_on_element(&self) -> bool {
        matches!(self, Self::Key { .. })
    }

    /// What it names for this element, if that is there and of the right type.
    pub(super) fn look_up(&self, view: &mut View<'_>, engine: &Engine, element: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Element => Some(element.to_vec()),
            Self::Nothing => None,
            Self::Key { before, after, field } => {
                let name = [before, element, after].concat();
                let now = view.now();
                let entry = view.read(&engine.keyspace().key(&name))?;
                match field {
                    None => entry.is_string().then(|| entry.value().to_vec()),
                    Some(field) => hash_value(&entry, field, now),
                }
            }
        }
    }
}

/// The value of a field, if the entry is a hash and has it.
fn hash_value(entry: &Entry, field: &[u8], now: UnixMillis) -> Option<Vec<u8>> {
    match entry.object().as_deref()? {
        Object::Hash(hash) => hash.find(field, now.0).map(|found| found.value.to_vec()),
        _ => None,
    }
}
