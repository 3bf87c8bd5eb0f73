//! Looking up what is special about a command.

use catalog::{Argument, ArgumentKind, Command, Group};

use super::{
    bitmaps, connection, generic, geo, hashes, hyperloglogs, lists, server, sets, sorted_sets, streams,
    strings,
};
use crate::differ::pools::{Pools, Word};
use crate::differ::syntax::Tokens;

/// Draws an argument.
pub(crate) type Draw = fn(&mut Pools) -> Word;

/// Makes a whole request; the tokens are those that the server knows.
pub(crate) type Make = fn(&mut Pools, &Tokens) -> Vec<Word>;

/// Arguments by command and name, the families in a row.
const ARGUMENTS: [&[(&str, &str, Draw)]; 12] = [
    strings::ARGUMENTS,
    bitmaps::ARGUMENTS,
    hyperloglogs::ARGUMENTS,
    sorted_sets::ARGUMENTS,
    sets::ARGUMENTS,
    lists::ARGUMENTS,
    hashes::ARGUMENTS,
    streams::ARGUMENTS,
    geo::ARGUMENTS,
    generic::ARGUMENTS,
    connection::ARGUMENTS,
    server::ARGUMENTS,
];

/// Arguments of this name in any command.
const ANYWHERE: &[(&str, Draw)] = &[
    ("seconds", |pools| pools.relative_time(1_000)),
    ("milliseconds", |pools| pools.relative_time(1)),
    ("unix-time-seconds", |pools| pools.unix_time(1_000)),
    ("unix-time-milliseconds", |pools| pools.unix_time(1)),
    ("count", Pools::small),
    ("field", hashes::field),
    ("start", Pools::small),
    ("stop", Pools::small),
    ("end", Pools::small),
    // Long enough to block and short enough not to be noticed.
    ("timeout", |pools| pools.pick(&["0.001", "0.002", "0.001", "-1", "abc", "1e-3"]).as_bytes().to_vec()),
];

/// Whole requests by command, the families in a row.
const REQUESTS: [&[(&str, Make)]; 11] = [
    bitmaps::REQUESTS,
    connection::REQUESTS,
    generic::REQUESTS,
    geo::REQUESTS,
    hashes::REQUESTS,
    hyperloglogs::REQUESTS,
    lists::REQUESTS,
    server::REQUESTS,
    sets::REQUESTS,
    sorted_sets::REQUESTS,
    streams::REQUESTS,
];

/// Options that make a server choose by itself, or that would change more than the test may change.
const LEFT_OUT: &[(&str, &str)] =
    &[("xadd", "*"), ("client|kill", "SKIPME"), ("client|kill", "TYPE"), ("info", "EVERYTHING")];

/// Words that came when servers had long documented an argument as any string.
const RECENT: &[(&str, &str)] = &[
    ("bitop", "DIFF"),
    ("bitop", "DIFF1"),
    ("bitop", "ANDOR"),
    ("bitop", "ONE"),
    ("xadd", "KEEPREF"),
    ("xadd", "DELREF"),
    ("xadd", "ACKED"),
    ("xtrim", "KEEPREF"),
    ("xtrim", "DELREF"),
    ("xtrim", "ACKED"),
];

/// The argument, if more is known of it than its kind.
pub(crate) fn argument(command: &Command, argument: &Argument, pools: &mut Pools) -> Option<Word> {
    if argument.kind.is_container() || argument.kind == ArgumentKind::PureToken {
        return None;
    }
    let by_command = ARGUMENTS
        .iter()
        .flat_map(|family| family.iter())
        .find(|(name, of, _)| *name == command.name && *of == argument.name);
    let draw = by_command.map(|(_, _, draw)| draw).or_else(|| {
        let (_, draw) = ANYWHERE.iter().find(|(name, _)| *name == argument.name)?;
        Some(draw)
    });
    match draw {
        Some(draw) => Some(draw(pools)),
        None if argument.name == "offset" && command.group == Group::Bitmap => Some(pools.offset(24_000)),
        None => None,
    }
}

/// The maker of this command's requests, if its tree alone gives nonsense.
pub(crate) fn request(name: &str) -> Option<Make> {
    REQUESTS.iter().flat_map(|family| family.iter()).find(|(of, _)| *of == name).map(|(_, make)| *make)
}

/// Whether an option is never written.
pub(crate) fn is_left_out(command: &str, token: &str) -> bool {
    LEFT_OUT.iter().any(|(of, option)| *of == command && option.eq_ignore_ascii_case(token))
}

/// Whether an older server may lack a word without saying so.
pub(crate) fn is_recent(command: &str, token: &str) -> bool {
    RECENT.contains(&(command, token))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_is_about_a_command_and_an_argument_that_exist() {
        fn has(arguments: &[Argument], name: &str) -> bool {
            arguments.iter().any(|argument| argument.name == name || has(argument.arguments, name))
        }
        for (command, argument, _) in ARGUMENTS.iter().flat_map(|family| family.iter()) {
            let id = catalog::find(command.as_bytes()).unwrap_or_else(|| panic!("{command}"));
            assert!(has(catalog::command(id).arguments, argument), "{command} {argument}");
        }
        for (command, _) in REQUESTS.iter().flat_map(|family| family.iter()) {
            assert!(catalog::find(command.as_bytes()).is_some(), "{command}");
        }
    }
}
