//! The text form of a command with holes.
//!
//! ```text
//!     GET {key}                 a key of 16 bytes, `key:` and 12 digits, drawn from the distribution
//!     GETRANGE {key:0} 0 3      the same; within one request every {key:0} is the same key
//!     SET other:{num} {value}   the 12 digits alone, to make keys of another kind; --value-bytes random bytes
//!     INCRBY n {int}            six digits, 100000 to 999999
//! ```
//!
//! Arguments are separated by white space; there is no quoting.

use std::str::FromStr;

/// Digits of a key's number.
pub(crate) const NUM_WIDTH: usize = 12;
/// Digits of `{int}`.
pub(crate) const INT_WIDTH: usize = 6;

/// What a hole is filled with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hole {
    /// The number of a key; those with the same label are the same within one request.
    Num {
        /// The `0` of `{key:0}`.
        label: Option<u8>,
    },
    /// Random bytes.
    Value,
    /// A random integer.
    Int,
}

/// A part of an argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Sent as it stands.
    Text(String),
    /// Filled anew for every request.
    Hole(Hole),
}

/// One command: arguments made of pieces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template {
    /// The text that it was read from.
    pub(crate) source: String,
    /// The arguments, the command's name first.
    pub(crate) arguments: Vec<Vec<Piece>>,
}

impl FromStr for Template {
    type Err = String;

    fn from_str(source: &str) -> Result<Self, String> {
        let arguments = source.split_whitespace().map(argument).collect::<Result<Vec<_>, _>>()?;
        if arguments.is_empty() {
            return Err("a command is empty".into());
        }
        Ok(Self { source: source.into(), arguments })
    }
}

fn argument(mut text: &str) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    while let Some((before, rest)) = text.split_once('{') {
        let (name, after) = rest.split_once('}').ok_or_else(|| format!("`{{{rest}` lacks its `}}`"))?;
        let (prefix, hole) = hole(name)?;
        push_text(&mut pieces, &format!("{before}{prefix}"));
        pieces.push(Piece::Hole(hole));
        text = after;
    }
    push_text(&mut pieces, text);
    Ok(pieces)
}

fn push_text(pieces: &mut Vec<Piece>, text: &str) {
    if !text.is_empty() {
        pieces.push(Piece::Text(text.into()));
    }
}

/// A hole by its name, and the fixed text that stands before it.
fn hole(name: &str) -> Result<(&'static str, Hole), String> {
    let (name, label) = match name.split_once(':') {
        Some((name, label)) => {
            (name, Some(label.parse::<u8>().map_err(|_| format!("`{label}` is no label"))?))
        }
        None => (name, None),
    };
    match (name, label) {
        ("key", label) => Ok(("key:", Hole::Num { label })),
        ("num", label) => Ok(("", Hole::Num { label })),
        ("value", None) => Ok(("", Hole::Value)),
        ("int", None) => Ok(("", Hole::Int)),
        _ => Err(format!("`{{{name}}}` is none of {{key}}, {{key:0}}, {{num}}, {{value}}, {{int}}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_and_text_are_told_apart() {
        let template: Template = "HSET h:{num:1}x f {value}".parse().expect("valid");
        let text = |text: &str| Piece::Text(text.into());
        assert_eq!(
            template.arguments,
            [
                vec![text("HSET")],
                vec![text("h:"), Piece::Hole(Hole::Num { label: Some(1) }), text("x")],
                vec![text("f")],
                vec![Piece::Hole(Hole::Value)],
            ]
        );
    }

    #[test]
    fn what_is_no_template_is_refused() {
        for text in ["", "  ", "GET {key", "GET {kee}", "GET {key:x}", "GET {value:1}", "GET {key:256}"] {
            assert!(text.parse::<Template>().is_err(), "{text}");
        }
    }
}
