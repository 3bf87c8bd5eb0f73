//! What the engine asks of the process it lives in.

use std::time::Duration;

use config::{Config, ParameterId, SetError};

use crate::storage::{NoStorage, Storage};
use crate::waiting::Promise;

/// How the server is to stop.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct Shutdown {
    /// Don't wait for anything (`SHUTDOWN NOW`).
    pub now: bool,
    /// Stop even if saving fails (`SHUTDOWN FORCE`).
    pub force: bool,
    /// Whether to save: as asked, or as the configuration says.
    pub save: Option<bool>,
}

/// What the process has used so far.
#[derive(Copy, Clone, Debug, Default, PartialEq)]
pub struct ProcessUsage {
    /// Resident memory in bytes.
    pub resident_bytes: u64,
    /// Processor time in the kernel.
    pub cpu_system: Duration,
    /// Processor time outside the kernel.
    pub cpu_user: Duration,
    /// The share in the kernel of finished child processes. kvd never forks: zero.
    pub cpu_system_children: Duration,
}

/// The process around the engine. Every method is called from a worker's thread; those that take long block that worker. What a host doesn't
/// define is as if there were none.
pub trait Host: Send + Sync {
    /// The process's number.
    fn process_id(&self) -> u32 {
        0
    }

    /// What the process has used.
    fn usage(&self) -> ProcessUsage {
        ProcessUsage::default()
    }

    /// Memory of the machine in bytes, 0 if not known.
    fn system_memory_bytes(&self) -> u64 {
        0
    }

    /// The operating system's name, version and architecture, as `uname` tells.
    fn operating_system(&self) -> String {
        String::new()
    }

    /// The path of the running program.
    fn executable(&self) -> String {
        String::new()
    }

    /// The path of the configuration file, empty if there is none.
    fn config_file(&self) -> String {
        String::new()
    }

    /// Who looks after the process and is told how it is: `systemd`, or `no`.
    fn supervisor(&self) -> &'static str {
        "no"
    }

    /// Stops this thread for a while (`DEBUG SLEEP`).
    fn sleep(&self, duration: Duration) {
        let _ = duration;
    }

    /// Begins an orderly stop; returns at once. The promise is kept with an error if the stop fails; otherwise the connection ends.
    fn shut_down(&self, how: Shutdown, failed: Promise) {
        let _ = (how, failed);
    }

    /// Calls off a stop that was begun. Returns whether there was one.
    fn abort_shutdown(&self) -> bool {
        false
    }

    /// Who keeps the data beyond the process.
    fn storage(&self) -> &dyn Storage {
        &NoStorage
    }

    /// Parameters were changed by a client. An error, which names the parameter, takes all of the change back and goes to the client; the
    /// host is then told the values from before. It may put another value in the place of one that means the same: a path in full.
    fn apply(&self, changed: &[ParameterId], config: &mut Config) -> Result<(), SetError> {
        let _ = (changed, config);
        Ok(())
    }

    /// Writes the configuration back into its file (`CONFIG REWRITE`), whole or not at all. The error's text goes to the client.
    /// `users` are the rules of the users there are, `None` if they don't stand in that file.
    fn rewrite_config(&self, config: &Config, users: Option<&[String]>) -> Result<(), String> {
        let _ = (config, users);
        Err("there is no file to write to".to_owned())
    }

    /// Reads the aclfile that is configured. The error is the system's reason.
    fn read_aclfile(&self) -> Result<Vec<u8>, String> {
        Err("there are no files".to_owned())
    }

    /// Writes the aclfile that is configured, whole or not at all.
    fn write_aclfile(&self, text: &[u8]) -> Result<(), String> {
        let _ = text;
        Err("there are no files".to_owned())
    }

    /// Fills `bytes` with what nobody can predict (`ACL GENPASS`). `false`: there is no such source.
    #[must_use]
    fn fill_with_secret(&self, bytes: &mut [u8]) -> bool {
        let _ = bytes;
        false
    }

    /// Writes a line into the server's log (`DEBUG LOG`).
    fn log(&self, text: &str) {
        let _ = text;
    }

    /// How the process learns what has come for it: `epoll`, `kqueue`.
    fn multiplexing_api(&self) -> &'static str {
        ""
    }

    /// The name of the memory allocator.
    fn allocator(&self) -> &'static str {
        ""
    }

    /// What the allocator holds of the system's memory, in use or kept for later; 0 if not known.
    fn allocator_bytes(&self) -> u64 {
        0
    }

    /// Has the allocator give back what it keeps for later (`MEMORY PURGE`).
    fn purge_memory(&self) {}

    /// The allocator's own account of itself (`MEMORY MALLOC-STATS`).
    fn allocator_report(&self) -> String {
        "There is nothing to tell about this allocator.\n".to_owned()
    }
}

/// A host that isn't there: for an engine in a test or inside another program that needs none of this.
#[derive(Debug, Default)]
pub struct NoHost;

impl Host for NoHost {}
