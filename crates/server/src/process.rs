//! The process as the engine sees it.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use config::{Config, ParameterId, SetError, id};
use engine::{Host, ProcessUsage, Promise, Shutdown, Storage};
use persistence::Store;

use crate::allocator::Allocator;
use crate::http;
use crate::log::Level;
use crate::notices::without_effect;
use crate::paths::enter_directory;
use crate::rewrite::{Rewritten, write};
use crate::start::Source;
use crate::stop::Stop;
use crate::tls;

/// What the program around the server has, beside the configuration itself.
pub(crate) struct Program {
    /// The path of the configuration file, empty if there is none.
    pub(crate) config_file: String,
    pub(crate) source: Box<dyn Source>,
    pub(crate) allocator: Allocator,
}

/// The process that the server runs in.
pub(crate) struct Process {
    stop: Stop,
    level: Level,
    program: Program,
    tls: tls::Control,
    http: http::Control,
    /// In full: a client may change the working directory.
    aclfile: PathBuf,
    store: Arc<Store>,
    /// Whether the last change of parameters was refused: the next call of `apply` takes it back.
    has_refused: AtomicBool,
}

impl Process {
    pub(crate) fn new(
        stop: Stop,
        level: Level,
        program: Program,
        tls: tls::Control,
        http: http::Control,
        aclfile: PathBuf,
        store: Arc<Store>,
    ) -> Self {
        let has_refused = AtomicBool::new(false);
        Self { stop, level, program, tls, http, aclfile, store, has_refused }
    }

    fn apply_plain(&self, parameter: ParameterId, config: &mut Config) -> Result<(), SetError> {
        match parameter {
            id::LOGLEVEL => self.level.set(config.choice(id::LOGLEVEL)),
            id::MAXCLIENTS => {
                allow_descriptors(config).map_err(|TooFewDescriptors { clients_possible }| {
                    let reason = format!(
                        "The operating system is not able to handle the specified number of clients, try with {clients_possible}"
                    );
                    SetError::apply(parameter, reason)
                })?;
            }
            id::DIR => {
                enter_directory(config).map_err(|error| SetError::apply(parameter, reason(&error)))?;
            }
            id::APPENDONLY => self.store.switch_log(),
            parameter => check_effect(parameter, config)?,
        }
        Ok(())
    }
}

impl Host for Process {
    fn process_id(&self) -> u32 {
        std::process::id()
    }

    fn usage(&self) -> ProcessUsage {
        let spent = ticks_of_process();
        ProcessUsage {
            resident_bytes: resident_bytes(),
            cpu_user: spent.0,
            cpu_system: spent.1,
            cpu_system_children: Duration::ZERO,
        }
    }

    fn system_memory_bytes(&self) -> u64 {
        let text = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
        let kilobytes = text
            .lines()
            .find_map(|line| line.strip_prefix("MemTotal:")?.trim().strip_suffix(" kB")?.parse().ok());
        kilobytes.map_or(0, |kilobytes: u64| kilobytes * 1024)
    }

    fn operating_system(&self) -> String {
        let name = rustix::system::uname();
        let part = |part: &std::ffi::CStr| part.to_string_lossy().into_owned();
        format!("{} {} {}", part(name.sysname()), part(name.release()), part(name.machine()))
    }

    fn executable(&self) -> String {
        std::env::current_exe().map(|path| path.display().to_string()).unwrap_or_default()
    }

    fn supervisor(&self) -> &'static str {
        self.stop.supervisor().name()
    }

    fn config_file(&self) -> String {
        self.program.config_file.clone()
    }

    fn sleep(&self, duration: Duration) {
        #[expect(clippy::disallowed_methods, reason = "DEBUG SLEEP is there to make a worker unresponsive")]
        std::thread::sleep(duration);
    }

    fn shut_down(&self, how: Shutdown, failed: Promise) {
        tracing::info!("asked by a client to stop");
        self.store.shut_down(how, Some(failed));
    }

    fn abort_shutdown(&self) -> bool {
        self.store.abort_shutdown()
    }

    fn storage(&self) -> &dyn Storage {
        &*self.store
    }

    fn apply(&self, changed: &[ParameterId], config: &mut Config) -> Result<(), SetError> {
        let takes_back = self.has_refused.swap(false, Relaxed);
        let mut applied = changed.iter().try_for_each(|parameter| self.apply_plain(*parameter, config));
        if applied.is_ok() {
            applied = self.http.apply(changed, config);
        }
        // TLS comes last and is all or nothing in itself: there is nothing of it to take back. Reading the former files anew might find
        // others in their place.
        if applied.is_ok() && !takes_back {
            applied = self.tls.apply(changed, config);
        }
        self.has_refused.store(applied.is_err() && !takes_back, Relaxed);
        applied
    }

    fn rewrite_config(&self, config: &Config, users: Option<&[String]>) -> Result<(), String> {
        let rewritten = Rewritten::of(Path::new(&self.program.config_file), config, users);
        let rewritten = rewritten.map_err(|error| reason(&error))?;
        self.program
            .source
            .try_text(rewritten.text())
            .map_err(|error| format!("kvd could not start with it: {error}"))?;
        rewritten.put().map_err(|error| reason(&error))
    }

    fn read_aclfile(&self) -> Result<Vec<u8>, String> {
        read_aclfile(&self.aclfile)
    }

    fn write_aclfile(&self, text: &[u8]) -> Result<(), String> {
        write(&self.aclfile, text).map_err(|error| reason(&error))
    }

    fn fill_with_secret(&self, bytes: &mut [u8]) -> bool {
        #[expect(clippy::disallowed_methods, reason = "a password that the engine could predict is none")]
        getrandom::fill(bytes).is_ok()
    }

    fn log(&self, text: &str) {
        tracing::warn!("{text}");
    }

    fn allocator(&self) -> &'static str {
        self.program.allocator.name
    }

    fn allocator_bytes(&self) -> u64 {
        (self.program.allocator.committed_bytes)() as u64
    }

    fn purge_memory(&self) {
        (self.program.allocator.purge)();
    }

    fn allocator_report(&self) -> String {
        (self.program.allocator.report)()
    }

    fn multiplexing_api(&self) -> &'static str {
        // What the runtime uses.
        if cfg!(any(target_os = "linux", target_os = "android")) { "epoll" } else { "kqueue" }
    }
}

/// An aclfile of more bytes is none.
const ACLFILE_BYTES_MAX: u64 = 64 << 20;

/// Reads an aclfile. The error is the system's reason.
pub(crate) fn read_aclfile(path: &Path) -> Result<Vec<u8>, String> {
    let mut text = Vec::new();
    let read = File::open(path).and_then(|file| file.take(ACLFILE_BYTES_MAX + 1).read_to_end(&mut text));
    read.map_err(|error| reason(&error))?;
    if text.len() as u64 > ACLFILE_BYTES_MAX {
        return Err(format!("it has more than {ACLFILE_BYTES_MAX} bytes"));
    }
    Ok(text)
}

/// What kvd can't do yet it doesn't promise: parameters that a client relies on for its data are refused, others that have no effect yet are
/// noted in the log.
fn check_effect(parameter: ParameterId, config: &Config) -> Result<(), SetError> {
    let refused = match parameter {
        id::PORT | id::BIND => {
            Some("kvd opens its sockets at start only: change the configuration file and start it anew")
        }
        _ => None,
    };
    if let Some(reason) = refused {
        return Err(SetError::apply(parameter, reason));
    }
    if config.is_without_effect(parameter) {
        tracing::warn!("a client set a parameter: {}", without_effect(parameter));
    }
    Ok(())
}

/// The system's words for an error, without the number that Rust adds.
pub(crate) fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}

/// Descriptors that the server needs beside its clients', those of handshakes and of HTTP.
const DESCRIPTORS_RESERVED: u64 = 32;

/// The operating system gives no more descriptors.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooFewDescriptors {
    /// So many clients fit.
    pub(crate) clients_possible: u64,
}

/// Raises the limit of open descriptors so that `maxclients` fit.
pub(crate) fn allow_descriptors(config: &Config) -> Result<(), TooFewDescriptors> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let clients = config.integer(id::MAXCLIENTS).unsigned_abs();
    let handshakes = if config.integer(id::TLS_PORT) == 0 { 0 } else { tls::HANDSHAKES_MAX as u64 };
    let scrapes = if config.integer(id::HTTP_PORT) == 0 { 0 } else { http::CONNECTIONS_MAX as u64 };
    let reserved = DESCRIPTORS_RESERVED + handshakes + scrapes;
    let wanted = clients.saturating_add(reserved);
    let limit = getrlimit(Resource::Nofile);
    if limit.current.is_none_or(|current| current >= wanted) {
        return Ok(());
    }
    let maximum = limit.maximum.map(|maximum| maximum.max(wanted));
    if setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum }).is_ok() {
        return Ok(());
    }
    // As many as there are at most, then.
    let _raised = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
    let clients_possible = limit.maximum.map_or(clients, |maximum| maximum.saturating_sub(reserved));
    Err(TooFewDescriptors { clients_possible })
}

fn resident_bytes() -> u64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = text.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()).unwrap_or(0);
    pages * rustix::param::page_size() as u64
}

/// Time spent outside and inside the kernel by all threads.
fn ticks_of_process() -> (Duration, Duration) {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The second field is the program's name in parentheses and may hold anything, parentheses included.
    let rest = text.rsplit_once(')').map_or("", |(_, rest)| rest);
    let per_second = rustix::param::clock_ticks_per_second().max(1);
    let field = |index: usize| {
        let ticks =
            rest.split_whitespace().nth(index).and_then(|field| field.parse::<u64>().ok()).unwrap_or(0);
        Duration::from_micros(ticks * 1_000_000 / per_second)
    };
    // Fields 14 and 15 of proc(5), counted from field 3.
    (field(11), field(12))
}
