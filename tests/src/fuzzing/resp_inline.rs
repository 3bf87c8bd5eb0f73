//! Any line has words or open quotes; the words are never longer than the line, and quoting them gives them back.

use resp::split_line;

/// Checks one input.
pub fn resp_inline(data: &[u8]) {
    let Ok(words) = split_line(data) else { return };
    assert!(words.iter().map(Vec::len).sum::<usize>() <= data.len());
    let mut line = Vec::new();
    for word in &words {
        line.extend_from_slice(b" \"");
        line.extend(word.iter().flat_map(|byte| format!("\\x{byte:02x}").into_bytes()));
        line.push(b'"');
    }
    assert_eq!(split_line(&line).as_ref(), Ok(&words));
}
