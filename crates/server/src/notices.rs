//! What a person should know when the server starts.

use config::{Config, ParameterId, id};

use crate::listen::Listeners;
use crate::paths::path;

/// Logs where the server listens, what it keeps, and what is unsafe in its configuration.
pub(crate) fn announce(config: &Config, listeners: &Listeners, threads: usize) {
    for (listeners, how) in [(&listeners.tcp, ""), (&listeners.tls, " for TLS")] {
        for address in listeners.iter().filter_map(|listener| listener.local_addr().ok()) {
            tracing::info!("listening on {address}{how}");
        }
    }
    if listeners.unix.is_some() {
        tracing::info!("listening on the Unix socket {}", path(config, id::UNIXSOCKET).display());
    }
    let plural = if threads == 1 { "" } else { "s" };
    tracing::info!(
        "{threads} worker thread{plural}, {} databases, {} stripes",
        config.integer(id::DATABASES),
        config.integer(id::STRIPES)
    );
    tracing::warn!(
        "persistence is not built yet: everything lives in memory only and is gone when kvd stops"
    );
    for warning in unsafe_settings(config, listeners) {
        tracing::warn!("{warning}");
    }
    for parameter in config.given_without_effect() {
        tracing::warn!("{}", without_effect(parameter));
    }
}

/// What to know of a parameter that does nothing.
pub(crate) fn without_effect(parameter: ParameterId) -> String {
    let name = parameter.row().name;
    match parameter {
        id::TLS_DH_PARAMS_FILE => {
            format!("'{name}' is not read: TLS keys are agreed on by elliptic curves only")
        }
        id::TLS_KEY_FILE_PASS | id::TLS_CLIENT_KEY_FILE_PASS => {
            format!("'{name}' is not used: keys of TLS are read from files that are not encrypted")
        }
        _ => format!("the parameter '{name}' is accepted but has no effect yet"),
    }
}

fn unsafe_settings(config: &Config, listeners: &Listeners) -> Vec<String> {
    let is_open = listeners
        .tcp
        .iter()
        .chain(&listeners.tls)
        .any(|listener| listener.local_addr().is_ok_and(|address| !address.ip().is_loopback()));
    let has_password = !config.text(id::REQUIREPASS).is_empty();
    let mut warnings = Vec::new();
    if is_open && !has_password {
        warnings.push(if config.boolean(id::PROTECTED_MODE) {
            "no password is set: clients from other machines will be refused (protected-mode); set 'requirepass' to let them in".to_owned()
        } else {
            "unsafe: no password is set and protected-mode is off: everybody who reaches this machine can read and change everything"
                .to_owned()
        });
    }
    let mode = config.integer(id::UNIXSOCKETPERM);
    if listeners.unix.is_some() && mode & 0o002 != 0 && !has_password {
        warnings.push(format!("unsafe: every user of this machine may use the Unix socket (unixsocketperm {mode:o}) without a password"));
    }
    warnings
}
