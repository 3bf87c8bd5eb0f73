//! A data directory, what is known of it, and the server that runs in it.

use std::fs;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use fastrand::Rng;
use tempfile::TempDir;

use super::choice::{Choice, Reach};
use super::history::History;
use super::judge::{Broken, Promise, Verdict, judge};
use super::load::{Load, Pace, Worked};
use super::observe::Seen;
use super::scenario::Plan;
use super::value::Data;
use crate::hostile::client::Client;
use crate::patience::comes_true;
use crate::process::{Process, Program};
use crate::wire::Frame;

/// Attempts to start kvd on a port that nobody takes meanwhile.
const STARTS_MAX: usize = 5;
/// What a server says that finds its port taken.
const PORT_TAKEN: &str = "Address already in use";
const SIGKILL: i32 = 9;
/// The most bytes of a value.
const VALUE_BYTES_MAX: usize = 20_000;

/// A data directory that outlives the servers that run in it.
pub(crate) struct Site {
    kvd: Program,
    folder: TempDir,
    clients: Vec<Known>,
    shared: i64,
    /// How often kvd was started here.
    pub(crate) starts: u64,
    /// What the last server said.
    log: String,
}

/// What is known of a client's keys, and who chooses what comes next.
struct Known {
    data: Data,
    choice: Choice,
}

/// How a start ended.
pub(crate) enum Start {
    /// The server serves.
    Up(Process),
    /// It doesn't, and said why.
    Refused(String),
}

impl Site {
    /// An empty directory, for some clients.
    pub(crate) fn new(kvd: &Program, folder: &Path, rng: &mut Rng, reach: Reach) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("kvd-crash-").tempdir_in(folder)?;
        let clients = (0..rng.usize(2..7)).map(|client| Known {
            data: Data::new(),
            choice: Choice::new(client, rng.u64(..), VALUE_BYTES_MAX, reach),
        });
        let clients = clients.collect();
        Ok(Self { kvd: kvd.clone(), folder, clients, shared: 0, starts: 0, log: String::new() })
    }

    /// Where the data are.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Whether the data are in a log or in a snapshot; in an empty directory chance decides.
    pub(crate) fn has_log(&self, rng: &mut Rng) -> bool {
        let has = |name| self.path().join(name).exists();
        has("appendonlydir") || !has("dump.rdb") && rng.u32(0..3) > 0
    }

    /// Leaves the directory for somebody to look at, with what the last server said.
    pub(crate) fn keep(self) -> io::Result<PathBuf> {
        fs::write(self.folder.path().join("server.log"), &self.log)?;
        Ok(self.folder.keep())
    }

    /// Starts kvd and waits until the data are loaded.
    pub(crate) fn start(&mut self, plan: &Plan) -> io::Result<Start> {
        for _ in 0..STARTS_MAX {
            let mut process = self.spawn(plan)?;
            let is_up = wait_until_up(&mut process)?;
            self.note_log(&process);
            if is_up {
                return Ok(Start::Up(process));
            }
            if !self.log.contains(PORT_TAKEN) {
                return Ok(Start::Refused(self.log.clone()));
            }
        }
        Err(io::Error::other("no port was free"))
    }

    /// The same where it must succeed.
    pub(crate) fn start_up(&mut self, plan: &Plan) -> Result<Process, Broken> {
        match self.start(plan).map_err(fault)? {
            Start::Up(process) => Ok(process),
            Start::Refused(log) => Err(Broken::Other(format!("kvd doesn't start: {}", last_line(&log)))),
        }
    }

    /// Starts kvd and waits for nothing.
    pub(crate) fn spawn(&mut self, plan: &Plan) -> io::Result<Process> {
        let folder = self.folder.path().to_str().ok_or_else(|| io::Error::other("a path that is no text"))?;
        let mut arguments = vec!["--dir", folder];
        arguments.extend(plan.arguments.iter().map(String::as_str));
        self.starts += 1;
        self.kvd.spawn(&arguments)
    }

    /// Remembers what a server says.
    pub(crate) fn note_log(&mut self, process: &Process) {
        self.log = process.log();
    }

    /// Has all clients work.
    pub(crate) fn load(&self, process: &Process, pace: Pace) -> Load {
        let clients = self.clients.iter().enumerate().map(|(client, known)| Worked {
            history: History::new(client, known.data.clone()),
            choice: known.choice.clone(),
            left_at: None,
        });
        Load::start(process.address, clients.collect(), pace)
    }

    /// Takes note of what clients did; the server has ended or is still there. What is in it must be looked at next.
    pub(crate) fn note_work(&mut self, worked: Vec<Worked>) -> Vec<History> {
        let mut histories = Vec::new();
        for (known, worked) in self.clients.iter_mut().zip(worked) {
            known.choice = worked.choice;
            histories.push(worked.history);
        }
        histories
    }

    /// Compares what a server holds with what it promised, and goes on from that.
    pub(crate) fn compare(
        &mut self,
        histories: &[History],
        process: &Process,
        promise: Promise,
    ) -> Result<Verdict, Broken> {
        let seen = Seen::of(process.address).map_err(fault)?;
        let verdict = judge(histories, self.shared, &seen, promise)?;
        for ((known, history), prefix) in self.clients.iter_mut().zip(histories).zip(&verdict.prefixes) {
            known.data = history.data(prefix.most);
        }
        self.shared = seen.shared;
        Ok(verdict)
    }

    /// Histories in which nothing has happened: what is there must be what was there.
    pub(crate) fn nothing_new(&self) -> Vec<History> {
        let known = self.clients.iter().enumerate();
        known.map(|(client, known)| History::new(client, known.data.clone())).collect()
    }

    /// The number of the log's base; 0 if there is none.
    pub(crate) fn base_number(&self) -> io::Result<u64> {
        let number = |path: PathBuf| {
            let name = path.file_name()?.to_str()?.strip_prefix("appendonly.aof.")?;
            name.strip_suffix(".base.rdb")?.parse::<u64>().ok()
        };
        Ok(self.log_files()?.into_iter().filter_map(number).max().unwrap_or(0))
    }

    /// Files of the log, by name.
    pub(crate) fn log_files(&self) -> io::Result<Vec<PathBuf>> {
        files(&self.path().join("appendonlydir"))
    }
}

/// Ends a server as a crash does. Returns when. It must have lived until then.
pub(crate) fn kill(process: &mut Process) -> Result<Instant, Broken> {
    let at = Instant::now();
    process.kill().map_err(fault)?;
    let status = process.status().map_err(fault)?;
    let log = process.log();
    if status.and_then(|status| status.signal()) == Some(SIGKILL) || log.contains(PORT_TAKEN) {
        return Ok(at);
    }
    let status = status.map_or_else(|| "somehow".to_owned(), |status| status.to_string());
    let last = last_line(&log);
    Err(Broken::Other(format!("kvd had ended before it was killed, with {status}; the last it said: {last}")))
}

/// Waits for a while, which is what a random moment is.
pub(crate) fn pause(rng: &mut Rng, millis: std::ops::Range<u64>) {
    std::thread::sleep(Duration::from_millis(rng.u64(millis)));
}

/// A file system or a server that doesn't do what the test needs.
pub(crate) fn fault(error: io::Error) -> Broken {
    Broken::Other(format!("the test itself failed: {error}"))
}

/// A number that INFO persistence tells.
pub(crate) fn info(client: &mut Client, name: &str) -> io::Result<String> {
    let Frame::Bulk(text) = client.ask(&["INFO", "persistence"])? else {
        return Err(io::Error::other("INFO has no text"));
    };
    let text = String::from_utf8_lossy(&text).into_owned();
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    value.map(str::to_owned).ok_or_else(|| io::Error::other(format!("INFO tells no {name}")))
}

/// Files of a directory, by name; none if there is no such directory.
pub(crate) fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let found = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        found => found?,
    };
    let mut files = found.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    files.retain(|path| path.is_file());
    files.sort();
    Ok(files)
}

/// The last thing that was said.
pub(crate) fn last_line(log: &str) -> &str {
    log.trim_end().lines().next_back().unwrap_or("nothing")
}

/// Whether it serves. It doesn't if it has ended instead.
fn wait_until_up(process: &mut Process) -> io::Result<bool> {
    let mut outcome = Ok(false);
    let is_settled = comes_true(|| {
        outcome = match process.status() {
            Ok(Some(_)) => Ok(false),
            Ok(None) if answers(process) => Ok(true),
            Ok(None) => return false,
            Err(error) => Err(error),
        };
        true
    });
    if is_settled { outcome } else { Err(io::Error::other("kvd neither serves nor ends")) }
}

/// Whether it is this process that answers, with its data loaded.
fn answers(process: &Process) -> bool {
    let Ok(mut client) = Client::connect(process.address) else { return false };
    let is_own = match client.ask(&["INFO", "server"]) {
        Ok(Frame::Bulk(text)) => {
            String::from_utf8_lossy(&text).contains(&format!("process_id:{}\r\n", process.id()))
        }
        _ => false,
    };
    is_own && matches!(client.ask(&["DBSIZE"]), Ok(Frame::Integer(_)))
}
