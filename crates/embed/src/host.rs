//! The program around, as the engine sees it: it is left alone.

use std::time::Duration;

use config::{Config, ParameterId, SetError, id};
use engine::{Host, ProcessUsage, Promise, Shutdown};

/// A host that does nothing to the program that it is in.
pub(crate) struct Program;

impl Host for Program {
    fn process_id(&self) -> u32 {
        std::process::id()
    }

    /// What a program uses is its own affair; `INFO` shows zeros.
    fn usage(&self) -> ProcessUsage {
        ProcessUsage::default()
    }

    fn system_memory_bytes(&self) -> u64 {
        0
    }

    fn operating_system(&self) -> String {
        format!("{} {}", std::env::consts::OS, std::env::consts::ARCH)
    }

    fn executable(&self) -> String {
        String::new()
    }

    fn config_file(&self) -> String {
        String::new()
    }

    /// `DEBUG SLEEP` makes a server unresponsive, to test its clients. Here it would stop a thread of the program: it answers at once.
    fn sleep(&self, _duration: Duration) {}

    /// Only a client of [`Db::serve`](crate::Db::serve) can ask; its stream ends, as it would with a server.
    fn shut_down(&self, _how: Shutdown, failed: Promise) {
        failed.hang_up();
    }

    fn apply(&self, changed: &[ParameterId], config: &mut Config) -> Result<(), SetError> {
        check(changed, config)
    }

    fn rewrite_config(&self, _config: &Config, _users: Option<&[String]>) -> Result<(), String> {
        Err("a database inside a program has no configuration file".to_owned())
    }

    fn fill_with_secret(&self, bytes: &mut [u8]) -> bool {
        #[expect(clippy::disallowed_methods, reason = "a password that the engine could predict is none")]
        getrandom::fill(bytes).is_ok()
    }

    /// A library has no log.
    fn log(&self, _text: &str) {}

    fn allocator(&self) -> &'static str {
        "the program's"
    }
}

/// What kvd can't do inside a program it doesn't promise.
pub(crate) fn check(changed: &[ParameterId], config: &Config) -> Result<(), SetError> {
    for parameter in changed {
        let refused = match *parameter {
            id::APPENDONLY if config.boolean(id::APPENDONLY) => {
                Some("a database inside a program has no disk")
            }
            id::SAVE if !config.save_points().is_empty() => Some("a database inside a program has no disk"),
            // The engine judges by the memory that the server's allocator counts.
            id::MAXMEMORY if config.bytes(id::MAXMEMORY) > 0 => {
                Some("the memory of a program is not measured")
            }
            _ => None,
        };
        if let Some(reason) = refused {
            return Err(SetError::apply(*parameter, reason));
        }
    }
    Ok(())
}
