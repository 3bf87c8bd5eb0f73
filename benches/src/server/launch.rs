//! A running server: started on its cores in a folder of its own, killed when dropped.

use std::fs::File;
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use super::{Asker, Contestant, Kind, RunTime, Threads, family_bytes, pin_to, rss_bytes};
use crate::clock::{SECOND_NS, now_ns, sleep_ns};
use crate::failure::{Attempt, Failure, Result};

/// How long a server may take to answer its first PING.
const READY_SECONDS_MAX: u64 = 10;
/// The same if it has data to load, and how long it may take to end.
const LOADED_SECONDS_MAX: u64 = 1200;
const STOPPED_SECONDS_MAX: u64 = 120;
/// Between two such PINGs.
const READY_POLL_NS: u64 = 1_000_000;
/// How much of a failed server's output is shown.
const OUTPUT_LINES_MAX: usize = 15;
/// How many ports are tried.
const PORTS_MAX: u16 = 100;

/// Who is started, and where.
#[derive(Debug, Clone)]
pub(crate) struct Launch {
    /// The program.
    pub(crate) contestant: Contestant,
    /// Parameters without which the measurement would be another: they come last, and so win.
    pub(crate) needed: Vec<String>,
    /// The cores of the server with all its threads and children.
    pub(crate) cores: Vec<usize>,
    /// The core of the calling thread, which is left pinned to it.
    pub(crate) home_core: usize,
    /// The first free port from here on is taken.
    pub(crate) port_first: u16,
    /// Where the server's own folder is made.
    pub(crate) folder_in: PathBuf,
}

/// A contestant that runs.
#[derive(Debug)]
pub(crate) struct Server {
    launch: Launch,
    child: Child,
    port: u16,
    /// Holds its output and whatever it writes; gone with it.
    folder: TempDir,
}

impl Server {
    /// Start a server in a folder of its own and wait until it answers.
    pub(crate) fn start(launch: Launch) -> Result<Self> {
        let port = free_port(launch.port_first)?;
        let folder = TempDir::new_in(&launch.folder_in)
            .attempt(|| format!("create a folder in {}", launch.folder_in.display()))?;
        let child = spawn(&launch, port, &folder)?;
        let mut server = Self { launch, child, port, folder };
        server.wait_until_ready(READY_SECONDS_MAX)?;
        Ok(server)
    }

    /// End it in good order, but without a snapshot, and start it again with what it has written. Returns the nanoseconds from its
    /// start until it answered PING.
    pub(crate) fn restart(&mut self) -> Result<u64> {
        self.stop()?;
        let start_ns = now_ns();
        self.child = spawn(&self.launch, self.port, &self.folder)?;
        self.wait_until_ready(LOADED_SECONDS_MAX)?;
        Ok(now_ns() - start_ns)
    }

    /// Where it listens.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// A connection for questions.
    pub(crate) fn asker(&self) -> Result<Asker> {
        Asker::open(self.port)
    }

    /// Name and version by its own account, such as `valkey 9.1.2`.
    pub(crate) fn label(&self) -> Result<String> {
        let contestant = &self.launch.contestant;
        let info = self.asker()?.info("server")?;
        let field = |name| info.field(name).map(str::to_owned);
        if let Kind::Kvd { .. } = contestant.kind {
            let version = field("kvd_version").map_or_else(String::new, |version| format!(" {version}"));
            return Ok(format!("{}{version}", contestant.name));
        }
        let valkey = field("valkey_version").map(|version| format!("valkey {version}"));
        let redis = || field("redis_version").map(|version| format!("redis {version}"));
        Ok(valkey.or_else(redis).unwrap_or_else(|| contestant.name.clone()))
    }

    /// CPU time of its threads so far.
    pub(crate) fn run_time(&self) -> Result<RunTime> {
        self.threads()?.run_time()
    }

    /// Its threads, for those who ask often.
    pub(crate) fn threads(&self) -> Result<Threads> {
        Threads::of(self.child.id())
    }

    /// Bytes of memory that it holds.
    pub(crate) fn rss_bytes(&self) -> Result<u64> {
        rss_bytes(self.child.id())
    }

    /// Bytes of memory that it and the processes that it forked hold together. Takes the time of a walk over all pages.
    pub(crate) fn family_bytes(&self) -> Result<u64> {
        family_bytes(self.child.id())
    }

    fn wait_until_ready(&mut self, seconds: u64) -> Result<()> {
        let until_ns = now_ns() + seconds * SECOND_NS;
        let mut asker = None;
        while now_ns() < until_ns && matches!(self.child.try_wait(), Ok(None)) {
            if answers(self.port, &mut asker) {
                return Ok(());
            }
            sleep_ns(READY_POLL_NS);
        }
        let name = self.launch.contestant.name.clone();
        Err(Failure::NotReady { name, seconds, output: self.output() })
    }

    fn stop(&mut self) -> Result<()> {
        let words = ["SHUTDOWN", "NOSAVE"];
        if let Err(refused @ Failure::ErrorReply { .. }) = self.asker()?.ask(&words) {
            return Err(refused);
        }
        let until_ns = now_ns() + STOPPED_SECONDS_MAX * SECOND_NS;
        while matches!(self.child.try_wait(), Ok(None)) {
            if now_ns() > until_ns {
                let what = format!("still running after {STOPPED_SECONDS_MAX} s");
                return Err(Failure::WrongReplies { command: words.join(" "), what });
            }
            sleep_ns(READY_POLL_NS);
        }
        Ok(())
    }

    fn output(&self) -> String {
        let text = std::fs::read(self.folder.path().join("output")).unwrap_or_default();
        let text = String::from_utf8_lossy(&text).into_owned();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(OUTPUT_LINES_MAX)..].join("\n")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Either fails only when the process has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Start the program; it inherits the pinning of the thread that starts it, from its first instruction on.
fn spawn(launch: &Launch, port: u16, folder: &TempDir) -> Result<Child> {
    let path = folder.path().join("output");
    let output = File::options().create(true).append(true).open(path).attempt(|| "create a file".into())?;
    let errors = output.try_clone().attempt(|| "share a file".into())?;
    let program = &launch.contestant.program;
    let mut command = Command::new(program);
    command.args(arguments(launch, port)).current_dir(folder.path());
    command.stdin(Stdio::null()).stdout(output).stderr(errors);
    pin_to(&launch.cores)?;
    let child = command.spawn().attempt(|| format!("start {}", program.display()));
    pin_to(&[launch.home_core])?;
    child
}

/// Whether PING is answered without an error. A connection is kept while it is answered at all: a server that loads should
/// not be kept busy with new ones.
fn answers(port: u16, asker: &mut Option<Asker>) -> bool {
    if asker.is_none() {
        *asker = Asker::open(port).ok();
    }
    match asker.as_mut().map(|asker| asker.ask(&["PING"])) {
        Some(Ok(_)) => true,
        Some(Err(Failure::ErrorReply { .. })) => false,
        _ => {
            *asker = None;
            false
        }
    }
}

/// What is the same for all, then the variant's parameters, then those that are needed: the last one wins.
fn arguments(launch: &Launch, port: u16) -> Vec<String> {
    let port = port.to_string();
    let threads;
    let mut fixed = vec!["--port", &port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
    // A log is written anew only by those that were asked for it, not in the middle of another's turn.
    fixed.extend(["--auto-aof-rewrite-percentage", "0"]);
    match launch.contestant.kind {
        Kind::Kvd { threads: count } => {
            threads = count.to_string();
            fixed.extend(["--threads", &threads]);
        }
        Kind::Peer => fixed.extend(["--io-threads", "1", "--daemonize", "no"]),
    }
    let fixed = fixed.into_iter().map(str::to_owned);
    fixed.chain(launch.contestant.parameters.iter().chain(&launch.needed).cloned()).collect()
}

fn free_port(first: u16) -> Result<u16> {
    (first..first.saturating_add(PORTS_MAX))
        .find(|&port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok())
        .ok_or_else(|| Failure::Usage(format!("no free port from {first} on")))
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::thread;

    use super::*;

    #[test]
    fn the_variant_goes_before_what_is_the_same_for_all_and_what_is_needed_before_the_variant() {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let contestant = Contestant {
            name: "peer".into(),
            program: "/x".into(),
            kind: Kind::Peer,
            variant: 0,
            parameters: words("--appendonly yes --io-threads 2"),
        };
        let needed = words("--appendonly no");
        let (cores, folder_in) = (vec![0], PathBuf::new());
        let launch = Launch { contestant, needed, cores, home_core: 1, port_first: 1, folder_in };
        let line = arguments(&launch, 7).join(" ");
        assert!(
            line.starts_with("--port 7 ") && line.contains("--save  --appendonly no --auto-aof"),
            "{line}"
        );
        assert!(line.ends_with("--daemonize no --appendonly yes --io-threads 2 --appendonly no"), "{line}");
    }

    #[test]
    fn a_server_that_loads_is_asked_again_on_the_same_connection() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let port = listener.local_addr().expect("bound").port();
        let mut asker = None;
        thread::scope(|scope| {
            scope.spawn(|| {
                let (mut stream, _) = listener.accept().expect("a connection");
                for reply in ["-LOADING wait\r\n", "+PONG\r\n"] {
                    let _ = stream.read(&mut [0; 100]).expect("a request");
                    stream.write_all(reply.as_bytes()).expect("written");
                }
            });
            assert!(!answers(port, &mut asker));
            assert!(asker.is_some() && answers(port, &mut asker));
        });
        drop(listener);
        assert!(!answers(port, &mut asker) && asker.is_none(), "it has hung up");
    }
}
