//! What `HELP` of a command with subcommands replies.

use engine::{CommandError, Ctx};
use resp::Reply;

/// Replies with the lines of a help: each subcommand's syntax, and below it, indented, what it does.
pub(crate) fn reply_help(reply: &mut Reply<'_>, command: &str, subcommands: &[(&str, &[&str])]) {
    let own: (&str, &[&str]) = ("HELP", &["Show this text."]);
    let all = || subcommands.iter().chain(std::iter::once(&own));
    reply.array(1 + all().map(|(_, lines)| 1 + lines.len()).sum::<usize>());
    reply.simple(&format!("{command} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:"));
    for (syntax, lines) in all() {
        reply.simple(syntax);
        for line in *lines {
            reply.simple(&format!("    {line}"));
        }
    }
}

/// The fault of a subcommand that has words behind it which it doesn't know.
pub(crate) fn wrong_arguments(cx: &Ctx<'_>) -> CommandError {
    let request = cx.args.request();
    let container = String::from_utf8_lossy(request.word(0)).to_ascii_uppercase();
    let before = "ERR unknown subcommand or wrong number of arguments for '";
    let subcommand = request.get(1).unwrap_or_default();
    CommandError::quoting(before, quoted_part(subcommand), &format!("'. Try {container} HELP."))
}

/// As much of a word as some errors quote.
pub(crate) fn quoted_part(word: &[u8]) -> &[u8] {
    &word[..word.len().min(128)]
}
