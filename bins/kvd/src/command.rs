//! The command line as clap knows it: for `--help`, the man page and the completions of shells.
//!
//! What is given is read elsewhere, as lines of a configuration file.

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, Command, ValueHint};
use config::{Kind, Parameter, ParameterId, Status, id};

/// Which parameters a command shows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Parameters {
    /// Those that most need.
    Usual,
    /// All but the hidden ones.
    All,
}

/// The parameters that most need, with the name of the value and what they do.
const USUAL: [(ParameterId, &str, &str); 15] = [
    (id::PORT, "PORT", "TCP port, 0 for none [default: 6379]"),
    (id::TLS_PORT, "PORT", "TLS port; needs tls-cert-file and tls-key-file"),
    (id::BIND, "ADDRESS", "addresses to listen on [default: all]"),
    (id::UNIXSOCKET, "PATH", "Unix socket to listen on"),
    (id::THREADS, "N", "worker threads [default: one per core]"),
    (id::REQUIREPASS, "PASSWORD", "password that clients must give"),
    (id::PROTECTED_MODE, "yes|no", "without password, serve this machine only"),
    (id::MAXCLIENTS, "N", "most clients at a time [default: 10000]"),
    (id::TIMEOUT, "SECONDS", "close clients that are idle for so long"),
    (id::DATABASES, "N", "number of databases [default: 16]"),
    (id::DIR, "FOLDER", "working directory"),
    (id::LOGLEVEL, "LEVEL", "debug, verbose, notice, warning or nothing"),
    (id::LOGFILE, "FILE", "log to a file, not to standard output"),
    (id::HTTP_PORT, "PORT", "HTTP port for /metrics, /healthz and /readyz"),
    (id::SUPERVISED, "WORD", "systemd or auto: tell it when kvd is ready"),
];

const EXAMPLES: &str = "\
Every parameter of redis.conf and valkey.conf is taken: the man page lists them.
A parameter on the command line goes before what the file says.

Examples:
  kvd                                  port 6379, clients of this machine only
  kvd /etc/kvd.conf --port 6380        a file, and something else than it says
  kvd --threads 4 --requirepass secret --bind '*'
  kvd --test-config /etc/kvd.conf      is it good?";

/// kvd's command.
pub(crate) fn command(parameters: Parameters) -> Command {
    Command::new("kvd")
        .version(env!("CARGO_PKG_VERSION"))
        .about("An in-memory data structure server that speaks the Redis protocol, on every core")
        .override_usage("kvd [--test-config] [CONFIG-FILE] [--<PARAMETER> <VALUE>...]...")
        .after_help(EXAMPLES)
        .disable_version_flag(true)
        .arg(
            Arg::new("config-file")
                .value_name("CONFIG-FILE")
                .value_hint(ValueHint::FilePath)
                .help("A redis.conf or valkey.conf; - for standard input"),
        )
        .arg(
            Arg::new("test-config")
                .short('t')
                .long("test-config")
                .action(ArgAction::SetTrue)
                .help("Check the configuration and end: 0 if it is good, else 1"),
        )
        .arg(
            Arg::new("version")
                .short('v')
                .short_alias('V')
                .long("version")
                .action(ArgAction::Version)
                .help("Print the version"),
        )
        .next_help_heading("Parameters")
        .args(USUAL.iter().map(|(id, value, help)| argument(id.row(), value, (*help).to_owned())))
        .next_help_heading("More parameters")
        .args(if parameters == Parameters::All { others() } else { Vec::new() })
}

fn others() -> Vec<Arg> {
    let is_usual = |id: &ParameterId| USUAL.iter().any(|(usual, ..)| usual == id);
    let others = ParameterId::all().filter(|id| !is_usual(id) && !id.row().flags.hidden);
    others.map(|id| argument(id.row(), value_name(id.row().kind), facts(id.row()))).collect()
}

fn argument(row: &'static Parameter, value: &'static str, help: String) -> Arg {
    let argument = Arg::new(row.name).long(row.name).value_name(value).help(help).value_hint(hint(row));
    match row.kind {
        Kind::Boolean => among(argument, &["yes", "no"]),
        Kind::Choice(choices) => among(argument, choices),
        Kind::Words(_) => argument.num_args(1..),
        _ => argument,
    }
}

fn among(argument: Arg, values: &'static [&'static str]) -> Arg {
    argument.value_parser(PossibleValuesParser::new(values)).hide_possible_values(true).ignore_case(true)
}

fn value_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Boolean => "yes|no",
        Kind::Integer { .. } | Kind::PowerOfTwo { .. } => "N",
        Kind::Octal { .. } => "OCTAL",
        Kind::Memory { .. } | Kind::MemoryOrUnlimited => "BYTES",
        Kind::MemoryOrPercent => "BYTES|PERCENT",
        Kind::Choice(_) => "WORD",
        Kind::Text(_) => "TEXT",
        Kind::Words(_) => "WORDS",
    }
}

/// What the table says about a parameter, in one line.
fn facts(row: &Parameter) -> String {
    let range = match row.kind {
        Kind::Integer { min, max } if max < i64::from(i32::MAX) => format!("{min} to {max}"),
        Kind::Choice(choices) => choices.join(", "),
        _ => String::new(),
    };
    let default = if row.default.is_empty() { String::new() } else { format!("[default: {}]", row.default) };
    let alias = row.alias.map_or(String::new(), |alias| format!("[also: {alias}]"));
    let effect = if row.status == Status::Active { "" } else { "(no effect yet)" };
    let facts = [range.as_str(), &default, &alias, effect];
    facts.into_iter().filter(|fact| !fact.is_empty()).collect::<Vec<_>>().join(" ")
}

fn hint(row: &Parameter) -> ValueHint {
    match row.name {
        "dir" | "tls-ca-cert-dir" => ValueHint::DirPath,
        "unixsocket" => ValueHint::AnyPath,
        // What begins with dbfile and appendfile is a bare name.
        name if matches!(row.kind, Kind::Text(config::TextRule::Any)) && name.ends_with("file") => {
            ValueHint::FilePath
        }
        _ => ValueHint::Other,
    }
}
