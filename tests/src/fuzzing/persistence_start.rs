//! Any bytes as the files of a start: it loads all of them or none, says where what is wrong, and finds the same when it starts again.
//!
//! ```text
//!   byte 0      bit 0: the files are a log; bit 1: a torn end is cut (aof-load-truncated)
//!   without     the snapshot file
//!   a log       the length of the base, 4 bytes, little end first; the base, if it is any; the increment
//! ```

use std::path::Path;
use std::sync::Arc;
use std::thread;

use config::Config;
use disk::{Disk, SimulatedDisk, write_all};
use engine::{Condition, Engine, Flow, Host, Moment, Options, Peer, Shutdown, Storage};
use keyspace::memory;
use persistence::{Desk, Exit, Logger, Saver, Store};
use rdb::{Item, ReadOptions, Reader};
use resp::{Output, RequestReader};

use crate::wire;

const NOW_MS: u64 = 1_800_000_000_000;
const SNAPSHOT: &str = "/dump.rdb";
const MANIFEST: &str = "/appendonlydir/appendonly.aof.manifest";
const BASE: &str = "/appendonlydir/appendonly.aof.1.base.rdb";
const INCREMENT: &str = "/appendonlydir/appendonly.aof.1.incr.aof";
/// What the data of an input may take: packed bytes are repetitions, and an engine has tables.
const BYTES_MAX: usize = 64 << 20;
const BYTES_PER_BYTE_MAX: usize = 2_000;

/// Checks one input.
pub fn persistence_start(input: &[u8]) {
    let Some((&flags, files)) = input.split_first() else { return };
    let is_log = flags & 1 != 0;
    let disk = if is_log { log(files) } else { snapshot(files) };
    let lines = format!(
        "stripes 4\nsave \"\"\ndir /\nenable-debug-command yes\nappendonly {}\naof-load-truncated {}\n",
        if is_log { "yes" } else { "no" },
        if flags & 2 != 0 { "yes" } else { "no" }
    );
    let used_bytes = memory::used_bytes();
    let first = Start::run(&disk, &lines);
    let bytes_max = used_bytes + BYTES_MAX + BYTES_PER_BYTE_MAX * input.len();
    assert!(memory::used_bytes() <= bytes_max, "{} bytes were {used_bytes}", memory::used_bytes());
    match &first.outcome {
        Ok(digest) => {
            first.engine.keyspace().check_invariants();
            if !is_log {
                first.check_count(files);
            }
            let second = Start::run(&disk, &lines);
            assert_eq!(second.outcome.as_ref(), Ok(digest), "what was loaded is loaded again");
        }
        Err(reason) => {
            let names_file = ["/dump.rdb", ".base.rdb", ".incr.aof"].iter().any(|name| reason.contains(name));
            assert!(names_file && reason.contains("byte"), "{reason}");
            let second = Start::run(&disk, &lines);
            assert_eq!(second.outcome.as_ref(), Err(reason), "what was refused is refused again");
        }
    }
}

fn create(disk: &SimulatedDisk, path: &str, bytes: &[u8]) {
    let mut file = disk.create_new(Path::new(path)).expect("a new disk");
    write_all(&mut *file, bytes).expect("memory");
}

fn snapshot(file: &[u8]) -> SimulatedDisk {
    let disk = SimulatedDisk::default();
    create(&disk, SNAPSHOT, file);
    disk
}

fn log(files: &[u8]) -> SimulatedDisk {
    let disk = SimulatedDisk::default();
    disk.create_dir(Path::new("/appendonlydir")).expect("a new disk");
    let (length, files) = files.split_first_chunk().unwrap_or((&[0; 4], files));
    let length = usize::try_from(u32::from_le_bytes(*length)).unwrap_or(usize::MAX);
    let (base, increment) = files.split_at(length.min(files.len()));
    let mut manifest = String::new();
    if !base.is_empty() {
        create(&disk, BASE, base);
        manifest.push_str("file appendonly.aof.1.base.rdb seq 1 type b\n");
    }
    create(&disk, INCREMENT, increment);
    manifest.push_str("file appendonly.aof.1.incr.aof seq 1 type i\n");
    create(&disk, MANIFEST, manifest.as_bytes());
    disk
}

/// A server without sockets that has started, or not.
struct Start {
    engine: Arc<Engine>,
    store: Arc<Store>,
    /// The digest of the data, or why there are none.
    outcome: Result<Vec<u8>, String>,
}

/// The process: its storage and nothing else.
struct Process(Arc<Store>);

impl Host for Process {
    fn storage(&self) -> &dyn Storage {
        &*self.0
    }
}

impl Start {
    fn run(disk: &SimulatedDisk, lines: &str) -> Self {
        let mut config = Config::default();
        config.load(lines.as_bytes(), "fuzz", &mut |_| Ok(Vec::new())).expect("a configuration in order");
        let now = Moment::from_unix_millis(NOW_MS);
        let store = Arc::new(Store::new(Arc::new(now)));
        let (handlers, host) = (commands::handlers(), Box::new(Process(Arc::clone(&store))));
        let engine =
            Arc::new(Engine::new(Options { config, handlers, workers: 1, seed: [1; 32], now, host }));
        engine.set_condition(Condition::Loading, true, "");
        let disk: Arc<dyn Disk> = Arc::new(disk.clone());
        let desk = Arc::<Desk>::default();
        let logger =
            Logger::new(Arc::clone(&engine), Arc::clone(&store), Arc::clone(&disk), Arc::clone(&desk));
        let saver = Saver::new(Arc::clone(&engine), Arc::clone(&store), disk, Arc::clone(&desk), 1);
        let mut digest = Vec::new();
        let exit = thread::scope(|scope| {
            scope.spawn(|| logger.run());
            let exit = saver.run(|| {
                digest = ask(&engine, now, &["DEBUG", "DIGEST"]);
                store.shut_down(Shutdown { save: Some(false), ..Shutdown::default() }, None);
            });
            desk.stop();
            exit
        });
        let outcome = match exit {
            Exit::Stopped => Ok(digest),
            Exit::NotLoaded(reason) => Err(reason),
        };
        Self { engine, store, outcome }
    }

    /// As many keys were loaded, or left out for a reason, as the file has.
    fn check_count(&self, file: &[u8]) {
        let mut reader = Reader::new(file, ReadOptions::default()).expect("it was loaded");
        let mut entries = 0;
        while let Some(item) = reader.next_item().expect("it was loaded") {
            entries += u64::from(matches!(item, Item::Entry(_)));
        }
        let (loaded, expired) = self.store.status(&self.engine).snapshot.loaded_keys;
        let now = Moment::from_unix_millis(NOW_MS);
        let there: u64 = (0..self.engine.keyspace().databases())
            .map(|database| {
                let sizes = ask_all(&self.engine, now, &[&["SELECT", &database.to_string()], &["DBSIZE"]]);
                let size = String::from_utf8_lossy(&sizes)
                    .lines()
                    .last()
                    .and_then(|line| line.strip_prefix(':')?.parse().ok());
                size.unwrap_or(0)
            })
            .sum();
        assert!(loaded + expired <= entries, "{loaded} and {expired} of {entries}");
        assert_eq!(there, loaded, "of {entries}");
    }
}

fn ask(engine: &Engine, now: Moment, words: &[&str]) -> Vec<u8> {
    ask_all(engine, now, &[words])
}

/// The replies to these requests of a new client.
fn ask_all(engine: &Engine, now: Moment, requests: &[&[&str]]) -> Vec<u8> {
    let mut session = engine.open(0, &Peer::in_process(), now, Arc::new(())).expect("there is room");
    let mut input = RequestReader::new();
    for words in requests {
        input.feed(&wire::encode(words));
    }
    let (mut output, mut replies) = (Output::new(), Vec::new());
    loop {
        let flow = engine.serve(&mut session, &mut input, &now, &mut output);
        replies.extend(output.to_vec());
        output.clear();
        if flow != Flow::Flush {
            engine.close(session);
            return replies;
        }
    }
}
