//! What `HELP` of a command with subcommands replies.

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
