//! An engine, its saver and its logger.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread::JoinHandle;

use config::{Config, ParameterId, SetError, id};
use disk::Disk;
use engine::{Clock, Condition, Engine, Host, Options, Promise, Shutdown, Storage};
use persistence::{Desk, Exit, Logger, Saver, Store, Syncer};

use super::clock::FastClock;
use super::link::Link;
use crate::patience::wait_until;

const PROCESS_ID: u32 = 4711;

/// kvd without sockets.
pub struct Machine {
    /// The engine.
    pub engine: Arc<Engine>,
    store: Arc<Store>,
    saver: Option<JoinHandle<Exit>>,
    logger: Option<JoinHandle<()>>,
    desk: Arc<Desk>,
}

struct House(Arc<Store>);

impl Host for House {
    fn storage(&self) -> &dyn Storage {
        &*self.0
    }

    fn shut_down(&self, how: Shutdown, failed: Promise) {
        self.0.shut_down(how, Some(failed));
    }

    fn abort_shutdown(&self) -> bool {
        self.0.abort_shutdown()
    }

    fn apply(&self, changed: &[ParameterId], _config: &mut Config) -> Result<(), SetError> {
        if changed.contains(&id::APPENDONLY) {
            self.0.switch_log();
        }
        Ok(())
    }
}

impl Machine {
    /// Starts with the data of a disk's directory `/data`. The error is why they can't be loaded.
    ///
    /// # Panics
    /// If the configuration is refused.
    pub fn start(disk: Arc<dyn Disk>, lines: &str) -> Result<Self, String> {
        let mut config = Config::default();
        let lines = format!("dir /data\nsave \"\"\nappendonly yes\nenable-protected-configs yes\n{lines}\n");
        let loaded = config.load(lines.as_bytes(), "test", &mut |_| Ok(Vec::new()));
        loaded.unwrap_or_else(|error| panic!("a configuration in order: {error:?}"));
        let store = Arc::new(Store::new(Arc::new(FastClock)));
        let engine = Arc::new(Engine::new(Options {
            config,
            handlers: commands::handlers(),
            workers: 1,
            seed: [1; 32],
            now: FastClock.now(),
            host: Box::new(House(Arc::clone(&store))),
        }));
        engine.set_condition(Condition::Loading, true, "");
        let desk = Arc::<Desk>::default();
        let logger =
            Logger::new(Arc::clone(&engine), Arc::clone(&store), Arc::clone(&disk), Arc::clone(&desk));
        let saver = Saver::new(Arc::clone(&engine), Arc::clone(&store), disk, Arc::clone(&desk), PROCESS_ID);
        let is_loaded = Arc::new(AtomicBool::new(false));
        let noted = Arc::clone(&is_loaded);
        let logger = std::thread::spawn(move || logger.run());
        let syncer = Syncer::new(Arc::clone(&desk));
        // It ends with the log's thread.
        std::thread::spawn(move || syncer.run());
        let saver = std::thread::spawn(move || saver.run(|| noted.store(true, SeqCst)));
        wait_until(|| is_loaded.load(SeqCst) || saver.is_finished(), "the data are loaded");
        let mut machine = Self { engine, store, saver: Some(saver), logger: Some(logger), desk };
        if is_loaded.load(SeqCst) { Ok(machine) } else { Err(machine.end()) }
    }

    /// A connection.
    pub fn connect(&self) -> Link {
        Link::new(Arc::clone(&self.engine))
    }

    /// Whether it has stopped, as `SHUTDOWN` asks for.
    pub fn has_stopped(&self) -> bool {
        self.saver.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Ends it. Returns what was wrong, empty if nothing.
    pub fn ended(mut self) -> String {
        self.end()
    }

    /// Ends the threads, whatever the disk does. Returns what the saver says.
    fn end(&mut self) -> String {
        let Some(saver) = self.saver.take() else { return String::new() };
        self.store.shut_down(Shutdown { now: true, force: true, save: Some(false) }, None);
        let exit = saver.join();
        self.desk.stop();
        let has_ended = self.logger.take().is_some_and(|logger| logger.join().is_ok());
        match exit {
            Ok(Exit::NotLoaded(reason)) => reason,
            Ok(Exit::Stopped) if has_ended => String::new(),
            _ => "a thread panicked".to_owned(),
        }
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let reason = self.end();
        assert!(reason.is_empty() || std::thread::panicking(), "{reason}");
    }
}
