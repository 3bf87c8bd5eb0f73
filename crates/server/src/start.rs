//! Starting and stopping the server as a whole.

use std::fmt::Debug;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::thread::JoinHandle;

use acl::Users;
use config::{Config, LoadError, Origin, id};
use engine::{Clock, Engine, Handlers, Options, RenameError, UsersError, declare_users};
use tokio::sync::mpsc::unbounded_channel;

use crate::acceptor::{self, Inbox, Inboxes};
use crate::allocator::Allocator;
use crate::clock::SystemClock;
use crate::http;
use crate::keeper::Keeper;
use crate::listen::{self, ListenError};
use crate::log::{self, Level, LogError};
use crate::notices::Exposure;
use crate::paths::{aclfile, enter_directory, path};
use crate::pidfile::PidFile;
use crate::process::{Process, Program, TooFewDescriptors, allow_descriptors, read_aclfile};
use crate::pulse::Pulse;
use crate::stop::Stop;
use crate::supervisor::Supervisor;
use crate::tls::{self, Reception, TlsError};
use crate::worker::{self, Worker};
use crate::{advice, garbage, notices, signals, timeouts};

/// What a server is started with.
#[derive(Debug)]
pub struct Setup {
    /// The configuration, read from file and command line.
    pub config: Config,
    /// The path of the configuration file, empty if there is none.
    pub config_file: String,
    /// What the configuration was read from.
    pub source: Box<dyn Source>,
    /// The program's memory allocator.
    pub allocator: Allocator,
}

/// What a configuration is read from, with the configuration file among it.
pub trait Source: Debug + Send + Sync {
    /// Whether the configuration could be read again, as at the next start, if its file held this text.
    fn try_text(&self, text: &[u8]) -> Result<(), LoadError>;
}

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// Its log could not be opened.
    #[error(transparent)]
    Log(#[from] LogError),
    /// One of its sockets could not be opened.
    #[error("{0}")]
    Listen(String),
    /// TLS can't be had as it is configured.
    #[error("TLS ('tls-port'): {0}")]
    Tls(String),
    /// HTTP can't be had.
    #[error("HTTP ('http-port'): {0}")]
    Http(String),
    /// Its users can't be made.
    #[error("{0}")]
    Users(#[from] UsersError),
    /// A command can't have another name.
    #[error("'rename-command {command}': {error}")]
    Rename {
        /// The command.
        command: String,
        /// Why.
        error: RenameError,
    },
    /// Its working directory could not be entered.
    #[error("could not enter the directory {dir} ('dir'): {error}{}", advice::on_path(error))]
    Directory {
        /// The directory.
        dir: String,
        /// Why.
        error: io::Error,
    },
    /// The data can't be loaded.
    #[error("{0}")]
    Load(String),
    /// The system refused something that every server needs.
    #[error("could not {what}: {error}")]
    System {
        /// What was refused.
        what: &'static str,
        /// Why.
        error: io::Error,
    },
}

impl From<ListenError> for ServerError {
    fn from(error: ListenError) -> Self {
        let advice = match &error {
            ListenError::Tcp { port, error, .. } => advice::on_port(error, *port),
            ListenError::Unix { error, .. } => advice::on_path(error).to_owned(),
            ListenError::Nothing => String::new(),
        };
        Self::Listen(format!("{error}{advice}"))
    }
}

impl From<TlsError> for ServerError {
    fn from(error: TlsError) -> Self {
        Self::Tls(error.to_string())
    }
}

fn system(what: &'static str) -> impl Fn(io::Error) -> ServerError {
    move |error| ServerError::System { what, error }
}

/// Runs a server until it is asked to stop: by a signal, or by a client's `SHUTDOWN`.
///
/// The error is for the caller to show. If the log is a file it stands there, too.
pub fn run(setup: Setup) -> Result<(), ServerError> {
    let level = log::start(&setup.config)?;
    let has_log_file = !setup.config.text(id::LOGFILE).is_empty();
    let outcome = run_logged(setup, level);
    if let Err(error) = &outcome
        && has_log_file
    {
        tracing::error!("{error}");
    }
    outcome
}

/// Finds out what else could be wrong with a configuration: its users, and commands with other names.
pub fn check(config: &Config) -> Result<(), ServerError> {
    handlers(config)?;
    declare_users(&mut Users::default(), config, || read_aclfile(&aclfile(config)))?;
    Ok(())
}

/// The commands under the names that the configuration gives them.
fn handlers(config: &Config) -> Result<Handlers, ServerError> {
    let mut handlers = commands::handlers();
    for (old, new) in &config.directives().renamed_commands {
        handlers.rename(old, new).map_err(|error| ServerError::Rename {
            command: String::from_utf8_lossy(old).into_owned(),
            error,
        })?;
    }
    Ok(handlers)
}

fn run_logged(setup: Setup, level: Level) -> Result<(), ServerError> {
    let Setup { mut config, config_file, source, allocator } = setup;
    let program = Program { config_file, source, allocator };
    let threads = threads(&config);
    tracing::info!("kvd {} starts, process {}", env!("CARGO_PKG_VERSION"), std::process::id());
    enter_directory(&mut config).map_err(|error| ServerError::Directory {
        dir: path(&config, id::DIR).display().to_string(),
        error,
    })?;
    fit_clients(&mut config);
    if config.boolean(id::DISABLE_THP) {
        disable_huge_pages();
    }
    let listeners = listen::open(&config)?;
    notices::announce(&config, &listeners, threads);
    let exposure = Exposure::of(&listeners);
    let socket_path = socket_path(&config).map_err(system("name the Unix socket"))?;
    let (tls, reception) = tls::open(&config, listeners.tls)?;
    let (http, desk) = http::open(&config, listeners.http)?;
    let stop = Stop::new(Supervisor::of(&config));
    let _pid_file = PidFile::write(&config);
    let keeper = Keeper::new();
    let store = Arc::clone(keeper.store());
    let host = Process::new(stop.clone(), level, program, tls, http, aclfile(&config), store);
    let handlers = handlers(&config)?;
    let mut seed = [0; 32];
    #[expect(clippy::disallowed_methods, reason = "this is where a server's seed comes from")]
    getrandom::fill(&mut seed).map_err(|error| system("get random numbers")(error.into()))?;
    let engine = Arc::new(Engine::new(Options {
        config,
        handlers,
        workers: threads,
        seed,
        now: SystemClock.now(),
        host: Box::new(host),
    }));
    engine.declare_users()?;
    engine.settings().read(|config| notices::warn(config, exposure, engine.guests_must_log_in()));
    garbage::start(&engine).map_err(system("start a thread"))?;
    let doors = Doors { tcp: listeners.tcp, unix: listeners.unix, reception, http: desk };
    let served = serve(&engine, doors, threads, &stop, keeper);
    if let Some(path) = socket_path {
        // Left behind it would only look like a server; if it is gone already, fine.
        let _removed = std::fs::remove_file(path);
    }
    served?;
    tracing::info!("stopped");
    Ok(())
}

/// Has no more clients let in than there are descriptors for: the one too many is told so, and kvd always has some for itself.
fn fit_clients(config: &mut Config) {
    let Err(TooFewDescriptors { clients_possible }) = allow_descriptors(config) else { return };
    tracing::warn!(
        "maxclients is {clients_possible} instead of {}: there are no descriptors for more ('ulimit -n', or LimitNOFILE in a systemd unit)",
        config.integer(id::MAXCLIENTS)
    );
    let value = clients_possible.max(1).to_string();
    // A lower number is one that the parameter takes.
    let _lowered = config.set(&[(b"maxclients", value.as_bytes())], Origin::CommandLine);
}

/// Keeps the kernel from giving the process memory in pages of 2 MiB. It zeroes such a page at the first touch, which is a pause of some hundred
/// microseconds in the middle of a command, and of milliseconds on virtual machines.
fn disable_huge_pages() {
    if let Err(error) = rustix::thread::disable_transparent_huge_pages(true) {
        tracing::debug!(%error, "transparent huge pages stay on");
    }
}

fn threads(config: &Config) -> usize {
    match config.integer(id::THREADS) {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        threads => threads as usize,
    }
}

/// The path of the Unix socket in full, if there is one: a client may change the working directory.
fn socket_path(config: &Config) -> io::Result<Option<PathBuf>> {
    let path = path(config, id::UNIXSOCKET);
    if path.as_os_str().is_empty() { Ok(None) } else { std::path::absolute(path).map(Some) }
}

/// Where clients come in.
struct Doors {
    tcp: Vec<std::net::TcpListener>,
    unix: Option<std::os::unix::net::UnixListener>,
    reception: Reception,
    http: http::Desk,
}

/// Runs all workers, the first of them on this thread; returns when they have stopped.
fn serve(
    engine: &Arc<Engine>,
    doors: Doors,
    threads: usize,
    stop: &Stop,
    keeper: Keeper,
) -> Result<(), ServerError> {
    let pulse = Pulse::new(threads);
    let mut inboxes = Vec::new();
    let mut workers = Vec::new();
    for index in 0..threads {
        let (sender, inbox) = unbounded_channel();
        inboxes.push(Inbox { sender, load: Arc::new(AtomicUsize::new(0)) });
        workers.push(Worker {
            index,
            engine: Arc::clone(engine),
            inbox,
            pulse: pulse.clone(),
            stop: stop.clone(),
        });
    }
    let inboxes = Inboxes::new(inboxes);
    let mut workers = workers.into_iter();
    let first = workers.next();
    let mut others: Vec<JoinHandle<()>> = workers.map(spawn).collect::<Result<_, _>>()?;
    let Doors { tcp, unix, reception, http } = doors;
    let http = http.start(engine, pulse, stop).map_err(system("start a thread"))?;
    let runtime = worker::runtime().map_err(system("start a runtime"))?;
    // From here on it stops in good order. Clients that come wait in the sockets' queues, for a moment even if data are being loaded.
    let signals = async { signals::start(engine, Arc::clone(keeper.store())) };
    runtime.block_on(signals).map_err(system("listen for signals"))?;
    let mut keeping = keeper.start(engine, stop).map_err(system("start a thread"))?;
    keeping.wait_for_data();
    others.extend(reception.start(engine, &inboxes, stop.clone()).map_err(system("start a thread"))?);
    let served = runtime.block_on(async {
        timeouts::start(engine);
        acceptor::start(tcp, unix, engine, &inboxes)?;
        if let Some(first) = first {
            first.run().await;
        }
        io::Result::Ok(())
    });
    stop.request();
    for other in others {
        if other.join().is_err() {
            tracing::error!("a thread ended with a panic");
        }
    }
    let kept = keeping.end();
    // It goes last, so that it can tell probes of the stop.
    http.end();
    served.map_err(system("serve"))?;
    kept.map_err(ServerError::Load)
}

fn spawn(worker: Worker) -> Result<JoinHandle<()>, ServerError> {
    let runtime = worker::runtime;
    let name = format!("kvd-worker-{}", worker.index);
    let run = move || match runtime() {
        Ok(runtime) => runtime.block_on(worker.run()),
        Err(error) => tracing::error!(%error, "a worker could not start"),
    };
    std::thread::Builder::new().name(name).spawn(run).map_err(system("start a thread"))
}
