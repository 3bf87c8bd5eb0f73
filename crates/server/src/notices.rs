//! What a person should know when the server starts.

use config::{Config, ParameterId, id};

use crate::listen::Listeners;
use crate::paths::path;

/// Logs where the server listens, what it keeps, and what of its configuration has no effect.
pub(crate) fn announce(config: &Config, listeners: &Listeners, threads: usize) {
    for (listeners, how) in
        [(&listeners.tcp, ""), (&listeners.tls, " for TLS"), (&listeners.http, " for HTTP")]
    {
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
    tracing::info!("{}", what_is_kept(config));
    for remark in backlog_cut(config).into_iter().chain(remarks(config)) {
        tracing::warn!("{remark}");
    }
}

/// What is left of the data when the server stops.
fn what_is_kept(config: &Config) -> String {
    let dir = path(config, id::DIR).display();
    match (config.boolean(id::APPENDONLY), config.save_points().is_empty()) {
        (true, _) => format!(
            "every change is kept in the log {dir}/{} (appendfsync {})",
            path(config, id::APPENDDIRNAME).display(),
            config.choice(id::APPENDFSYNC)
        ),
        (false, false) => format!(
            "snapshots are kept in {dir}/{}; what is changed between two of them is gone if the machine fails ('appendonly yes' keeps every \
             change)",
            path(config, id::DBFILENAME).display()
        ),
        (false, true) => "nothing is kept: everything lives in memory and is gone when kvd stops".to_owned(),
    }
}

/// Who can reach the server.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Exposure {
    /// Other machines.
    is_to_network: bool,
    /// Programs of this machine, through a Unix socket.
    has_unix_socket: bool,
}

impl Exposure {
    pub(crate) fn of(listeners: &Listeners) -> Self {
        let is_open = |listener: &std::net::TcpListener| {
            listener.local_addr().is_ok_and(|address| !address.ip().is_loopback())
        };
        Self {
            is_to_network: listeners.tcp.iter().chain(&listeners.tls).any(is_open),
            has_unix_socket: listeners.unix.is_some(),
        }
    }
}

/// Logs what is unsafe in the configuration. `is_guarded`: nobody is let in who doesn't log in.
pub(crate) fn warn(config: &Config, exposure: Exposure, is_guarded: bool) {
    for warning in unsafe_settings(config, exposure, is_guarded) {
        tracing::warn!("{warning}");
    }
}

/// What the kernel makes of `tcp-backlog`, if it is less than was asked for.
fn backlog_cut(config: &Config) -> Option<String> {
    const FILE: &str = "/proc/sys/net/core/somaxconn";
    let most: i64 = std::fs::read_to_string(FILE).ok()?.trim().parse().ok()?;
    let wanted = config.integer(id::TCP_BACKLOG);
    (most < wanted).then(|| {
        format!("'tcp-backlog' is {wanted}, but the kernel lets only {most} connections wait: 'sysctl net.core.somaxconn={wanted}' allows them")
    })
}

/// What a configuration says that kvd doesn't do: a line for each parameter and directive, as it is logged at the start.
pub fn remarks(config: &Config) -> Vec<String> {
    let directives = config.directives();
    let mut remarks = Vec::new();
    let unheeded = directives.modules.iter().map(|words| ("loadmodule", words.first()));
    let unheeded = unheeded
        .chain(directives.module_parameters.iter().map(|words| ("parameter of a module", words.first())));
    for (what, word) in unheeded {
        let word = String::from_utf8_lossy(word.map_or(&[], Vec::as_slice));
        remarks.push(format!("the {what} '{word}' is ignored: kvd loads no modules"));
    }
    remarks.extend(
        directives.outdated.iter().map(|name| format!("the parameter '{name}' is outdated and ignored")),
    );
    remarks.extend(config.given_without_effect().map(without_effect));
    remarks
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
        id::DAEMONIZE => format!(
            "'{name} yes' is not obeyed: kvd stays in the foreground; a systemd service runs it in the background, or 'nohup kvd … &'"
        ),
        id::MAXMEMORY => format!("'{name}' is not obeyed yet: memory is not limited and nothing is evicted"),
        id::SYSLOG_ENABLED => {
            format!(
                "'{name} yes' is not obeyed: kvd logs to standard output or 'logfile'; systemd forwards it"
            )
        }
        _ => {
            let alias = parameter.row().alias.map_or(String::new(), |alias| format!(" (or '{alias}')"));
            format!("the parameter '{name}'{alias} is accepted but has no effect yet")
        }
    }
}

fn unsafe_settings(config: &Config, exposure: Exposure, is_guarded: bool) -> Vec<String> {
    let mut warnings = Vec::new();
    if is_guarded {
        return warnings;
    }
    if !config.text(id::REQUIREPASS).is_empty() {
        warnings.push(
            "unsafe: 'requirepass' has no effect, as the default user is declared elsewhere and needs no password: see 'aclfile' and the 'user' lines"
                .to_owned(),
        );
    }
    if exposure.is_to_network {
        warnings.push(if config.boolean(id::PROTECTED_MODE) {
            "no password is set: clients from other machines will be refused (protected-mode); set 'requirepass' to let them in".to_owned()
        } else {
            "unsafe: no password is set and protected-mode is off: everybody who reaches this machine can read and change everything"
                .to_owned()
        });
    }
    let mode = config.integer(id::UNIXSOCKETPERM);
    if exposure.has_unix_socket && mode & 0o002 != 0 {
        warnings.push(format!("unsafe: every user of this machine may use the Unix socket (unixsocketperm {mode:o}) without a password"));
    }
    warnings
}
