//! The name that somebody meant who wrote another.

use crate::table::PARAMETERS;

/// The words that begin a line and name no parameter.
const DIRECTIVES: [&str; 4] = ["include", "loadmodule", "rename-command", "user"];

/// Longer words are no slip of the pen, and the distance costs the product of both lengths.
const WORD_BYTES_MAX: usize = 64;

/// The name or alias of a parameter, or the directive, that differs from a word in the fewest letters, if at most one letter in three
/// differs. Small and capital letters are alike, and so are `_` and `-`.
pub(crate) fn nearest(word: &[u8]) -> Option<&'static str> {
    let word = std::str::from_utf8(word).ok().filter(|word| word.len() <= WORD_BYTES_MAX)?;
    let word = word.to_ascii_lowercase().replace('_', "-");
    let parameters = PARAMETERS.iter().filter(|row| !row.flags.hidden);
    let names = parameters.flat_map(|row| [Some(row.name), row.alias]).flatten().chain(DIRECTIVES);
    let distances = names.map(|name| (strsim::osa_distance(&word, name), name));
    let (distance, name) = distances.min_by_key(|(distance, _)| *distance)?;
    (distance * 3 <= name.len()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_is_understood() {
        assert_eq!(nearest(b"maxmemry"), Some("maxmemory"));
        assert_eq!(nearest(b"MaxMemory_Policy"), Some("maxmemory-policy"));
        assert_eq!(nearest(b"slave-of"), Some("slaveof"));
        assert_eq!(nearest(b"prot"), Some("port"));
        assert_eq!(nearest(b"inclde"), Some("include"));
    }

    #[test]
    fn what_is_like_no_name_has_none_near() {
        for word in ["foo", "", "x", "\u{e4}\u{f6}\u{fc}", "listen", "--"] {
            assert_eq!(nearest(word.as_bytes()), None, "{word}");
        }
        assert_eq!(nearest(&[b'p'; 10_000]), None);
        assert_eq!(nearest(b"po\xff"), None);
    }

    #[test]
    fn hidden_parameters_stay_hidden() {
        assert_eq!(nearest(b"key-load-dely"), None);
    }
}
