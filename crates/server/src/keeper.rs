//! The threads that keep the data: one writes snapshots and loads them, one writes the log.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use disk::OsDisk;
use engine::{Condition, Engine};
use persistence::{Desk, Exit, Logger, Saver, Store, Syncer};

use crate::clock::SystemClock;
use crate::stop::Stop;

/// What will keep the data.
pub(crate) struct Keeper {
    store: Arc<Store>,
}

/// The threads at work.
pub(crate) struct Keeping {
    saver: JoinHandle<Exit>,
    logger: JoinHandle<()>,
    syncer: JoinHandle<()>,
    desk: Arc<Desk>,
    is_loaded: Receiver<()>,
}

impl Keeper {
    pub(crate) fn new() -> Self {
        Self { store: Arc::new(Store::new(Arc::new(SystemClock))) }
    }

    pub(crate) fn store(&self) -> &Arc<Store> {
        &self.store
    }

    /// Starts the threads. The data are loaded while clients are told so.
    pub(crate) fn start(self, engine: &Arc<Engine>, stop: &Stop) -> io::Result<Keeping> {
        let store = self.store;
        let (disk, desk) = (Arc::new(OsDisk), Arc::<Desk>::default());
        engine.set_condition(Condition::Loading, true, "");
        let logger = Logger::new(Arc::clone(engine), Arc::clone(&store), disk.clone(), Arc::clone(&desk));
        let logger = Builder::new().name("kvd-log".to_owned()).spawn(move || logger.run())?;
        let syncer = Syncer::new(Arc::clone(&desk));
        let syncer = Builder::new().name("kvd-fsync".to_owned()).spawn(move || syncer.run())?;
        let process = std::process::id();
        let saver = Saver::new(Arc::clone(engine), Arc::clone(&store), disk, Arc::clone(&desk), process);
        let ends = StopAtEnd(stop.clone());
        let (loaded, is_loaded) = sync_channel(1);
        let saver = Builder::new().name("kvd-save".to_owned()).spawn(move || {
            let StopAtEnd(stop) = &ends;
            saver.run(|| {
                give_way();
                stop.supervisor().ready();
                // Nobody may wait any more.
                let _heard = loaded.send(());
            })
        })?;
        Ok(Keeping { saver, logger, syncer, desk, is_loaded })
    }
}

/// Without the thread that keeps the data there is no server: it stops, however the thread ends.
struct StopAtEnd(Stop);

impl Drop for StopAtEnd {
    fn drop(&mut self) {
        self.0.request();
    }
}

/// Clients that come while data are being loaded are let in after so long, and told so. Mostly it is done by then.
const WAIT_FOR_DATA: Duration = Duration::from_millis(500);

/// Has the calling thread give way to others. It is not starved: who waits for a stripe that it has locked isn't in its way.
fn give_way() {
    const NICENESS: i32 = 10;
    // On Linux this is of the one thread. If it is refused, snapshots are felt a little more.
    #[cfg(target_os = "linux")]
    let _refused = rustix::process::setpriority_process(None, NICENESS);
}

impl Keeping {
    /// Waits until the data are loaded, or can't be, or for a moment.
    pub(crate) fn wait_for_data(&mut self) {
        let _is_there = self.is_loaded.recv_timeout(WAIT_FOR_DATA);
    }

    /// Waits for the threads. The error is why the data couldn't be loaded, or aren't kept as they should be.
    pub(crate) fn end(self) -> Result<(), String> {
        let exit = self.saver.join();
        self.desk.stop();
        let logged = self.logger.join().and(self.syncer.join());
        match exit {
            Ok(Exit::Stopped) if logged.is_ok() => Ok(()),
            Ok(Exit::Stopped) => Err("the thread that writes the log ended with a panic".to_owned()),
            Ok(Exit::NotLoaded(reason)) => Err(reason),
            Err(_) => Err("the thread that keeps the data ended with a panic".to_owned()),
        }
    }
}
