//! Groups that are not there, in errors.

use engine::CommandError;

/// No such group of a stream that is there.
pub(super) fn no_group(group: &[u8], key: &[u8]) -> CommandError {
    let before = [b"NOGROUP No such consumer group '", shown(group), b"' for key name '"].concat();
    CommandError::Quoting([&*before, shown(key), b"'"].concat().into())
}

/// No such key, or no such group.
pub(super) fn no_key_or_group(key: &[u8], group: &[u8], after: &str) -> CommandError {
    let text: [&[u8]; 6] = [
        b"NOGROUP No such key '",
        shown(key),
        b"' or consumer group '",
        shown(group),
        b"'",
        after.as_bytes(),
    ];
    CommandError::Quoting(text.concat().into())
}

/// A client's word in an error: up to a NUL.
pub(super) fn shown(word: &[u8]) -> &[u8] {
    word.split(|&byte| byte == 0).next().unwrap_or_default()
}
