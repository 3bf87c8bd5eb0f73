//! Any words for any command: finding keys never panics, and every key is a word of the request.
//!
//! The first two bytes choose the command, the rest is cut into words at line feeds.

/// Checks one input.
pub fn catalog_keys(input: &[u8]) {
    let Some((choice, rest)) = input.split_first_chunk::<2>() else { return };
    let command = &catalog::COMMANDS[usize::from(u16::from_le_bytes(*choice)) % catalog::COUNT];
    let words: Vec<&[u8]> = command
        .name
        .as_bytes()
        .split(|&byte| byte == b'|')
        .chain(rest.split(|&byte| byte == b'\n'))
        .collect();
    let searches = [
        catalog::keys(command.id, &words),
        catalog::slot_words(command.id, &words),
        catalog::requested_keys(&words),
    ];
    for key in searches.into_iter().flatten().flatten() {
        assert!(key.position < words.len());
    }
    let _ = catalog::for_each_key(command.id, &words, |position| assert!(position < words.len()));
    let raw: Vec<&[u8]> = rest.split(|&byte| byte == b'\n').collect();
    if let Err(error) = catalog::resolve(&raw) {
        assert!(!error.text().contains(&b'\r'));
    }
}
