//! The server: its parameters.
//!
//! ```text
//! CONFIG GET pattern [pattern ...]
//! CONFIG SET parameter value [parameter value ...]
//! CONFIG RESETSTAT
//! CONFIG REWRITE
//! CONFIG HELP
//! ```

use std::collections::BTreeMap;

use acl::{User, Users};
use config::{Config, Origin, ParameterId, id};
use engine::{CommandError, Ctx, users_declared_elsewhere};
use resp::quote;

use crate::help::reply_help;

pub(super) fn get(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let patterns: Vec<&[u8]> = cx.args.rest().collect();
    let found = cx.engine.settings().read(|config| find(config, &patterns));
    cx.reply.map(found.len());
    for (name, value) in found {
        cx.reply.bulk(&name);
        cx.reply.bulk(&value);
    }
    Ok(())
}

/// The parameters that any of the patterns finds, each once, by the name under which it was first found. A name without wildcards
/// is shown as it was asked for, and finds hidden parameters, too.
fn find(config: &Config, patterns: &[&[u8]]) -> Vec<(Vec<u8>, Vec<u8>)> {
    // By their names in small letters, beside the names to show.
    let mut found: BTreeMap<Vec<u8>, (Vec<u8>, ParameterId)> = BTreeMap::new();
    for pattern in patterns {
        if pattern.iter().any(|byte| b"*?[".contains(byte)) {
            let matching = |name: &str| glob::matches_ignoring_case(pattern, name.as_bytes());
            for (name, id) in config.names(matching) {
                found.entry(name.as_bytes().to_vec()).or_insert_with(|| (name.as_bytes().to_vec(), id));
            }
        } else if let Some(id) = ParameterId::named(pattern) {
            found.entry(pattern.to_ascii_lowercase()).or_insert_with(|| (pattern.to_vec(), id));
        }
    }
    found.into_values().map(|(name, id)| (name, config.show(id))).collect()
}

pub(super) fn set(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let words: Vec<&[u8]> = cx.args.rest().collect();
    let (pairs, rest) = words.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(CommandError::Syntax);
    }
    let pairs: Vec<(&[u8], &[u8])> = pairs.iter().map(|[name, value]| (*name, *value)).collect();
    let is_local = cx.session.client().peer.is_local;
    let origin = if is_local { Origin::LocalClient } else { Origin::Client };
    cx.engine.set_parameters(&pairs, origin).map_err(|error| CommandError::text(format!("ERR {error}")))?;
    cx.reply.ok();
    Ok(())
}

pub(super) fn resetstat(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    cx.engine.reset_stats();
    cx.reply.ok();
    Ok(())
}

pub(super) fn rewrite(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let host = cx.engine.host();
    if host.config_file().is_empty() {
        return Err(CommandError::fixed("ERR The server is running without a config file"));
    }
    let _files = cx.engine.lock_files();
    // A copy: writing to disk takes long, and the parameters must stay readable meanwhile.
    let config = cx.engine.settings().read(Config::clone);
    let rewritten =
        rules_of_users(cx, &config).and_then(|users| host.rewrite_config(&config, users.as_deref()));
    rewritten.map_err(|reason| CommandError::text(format!("ERR Rewriting config file: {reason}")))?;
    cx.reply.ok();
    Ok(())
}

/// The users as the configuration file declares them, unless they have a file of their own.
///
/// Those who are declared elsewhere stay there: twice declared they would keep the server from starting. One who isn't as that makes it can't be
/// written at all, and the error says so.
fn rules_of_users(cx: &Ctx<'_>, config: &Config) -> Result<Option<Vec<String>>, String> {
    if !config.text(id::ACLFILE).is_empty() {
        return Ok(None);
    }
    let elsewhere: BTreeMap<&[u8], &str> =
        config.directives().users_elsewhere.iter().map(|(name, place)| (&**name, &**place)).collect();
    let declared = users_declared_elsewhere(config).map_err(|error| error.to_string())?;
    cx.engine.read_users(|users| {
        let line_of = |users: &Users, name: &[u8]| users.find(name).map(|user| declaration(user));
        for (name, place) in &elsewhere {
            if line_of(users, name) != line_of(&declared, name) {
                let name = String::from_utf8_lossy(name);
                return Err(format!("user '{name}' would not be the same after a restart, which takes it from {place}: declare it there as it is now, and start kvd anew"));
            }
        }
        let own = users.iter().filter(|user| !elsewhere.contains_key(user.name()));
        Ok(Some(own.map(|user| declaration(user)).collect()))
    })
}

/// A user's name and rules as words of a configuration line.
fn declaration(user: &User) -> String {
    let rules = user.rules();
    let words = std::iter::once(user.name()).chain(rules.iter().map(Vec::as_slice));
    words.map(word_of_line).collect::<Vec<_>>().join(" ")
}

/// A word as it stands in a line: in quotes only if it would be read as something else. The rules of a selector are words of their own.
fn word_of_line(word: &[u8]) -> String {
    let plain: Vec<&[u8]> = word.split(|&byte| byte == b' ').collect();
    match String::from_utf8(word.to_vec()) {
        Ok(text) if resp::split_line(word).is_ok_and(|words| words == plain) => text,
        _ => quote(word),
    }
}

pub(super) fn help(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    reply_help(
        &mut cx.reply,
        "CONFIG",
        &[
            ("GET <pattern> [<pattern> ...]", &["List the parameters whose names match, with their values."]),
            (
                "SET <parameter> <value> [<parameter> <value> ...]",
                &["Change parameters: all of them or none."],
            ),
            ("RESETSTAT", &["Set the counters that INFO shows to zero."]),
            ("REWRITE", &["Write the parameters back into the configuration file."]),
        ],
    );
    Ok(())
}
