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

use config::{Config, Origin, ParameterId};
use engine::{CommandError, Ctx};

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
    let changed = cx.engine.settings().set(&pairs, origin, cx.engine.host());
    changed.map_err(|error| CommandError::text(format!("ERR {error}")))?;
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
    // A copy: writing to disk takes long, and the parameters must stay readable meanwhile.
    let config = cx.engine.settings().read(Config::clone);
    host.rewrite_config(&config)
        .map_err(|reason| CommandError::text(format!("ERR Rewriting config file: {reason}")))?;
    cx.reply.ok();
    Ok(())
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
