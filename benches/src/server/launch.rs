//! A running server: started on its cores in a folder of its own, killed when dropped.

use std::fs::File;
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use super::{Asker, Contestant, Kind, RunTime, Threads, pin_to, rss_bytes};
use crate::clock::{SECOND_NS, now_ns, sleep_ns};
use crate::failure::{Attempt, Failure, Result};

/// How long a server may take to answer its first PING.
const READY_SECONDS_MAX: u64 = 10;
/// Between two such PINGs.
const READY_POLL_NS: u64 = 10_000_000;
/// How much of a failed server's output is shown.
const OUTPUT_LINES_MAX: usize = 15;
/// How many ports are tried.
const PORTS_MAX: u16 = 100;

/// A contestant that runs.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    port: u16,
    /// Holds its output and whatever it writes; gone with it.
    folder: TempDir,
}

impl Server {
    /// Start `contestant` on `cores`, listening on the first free port from `port_first`, and wait until it answers.
    ///
    /// The calling thread is left pinned to `home_core`.
    pub(crate) fn start(
        contestant: &Contestant,
        cores: &[usize],
        home_core: usize,
        port_first: u16,
    ) -> Result<Self> {
        let port = free_port(port_first)?;
        let folder = TempDir::new().attempt(|| "create a folder".into())?;
        let output = File::create(folder.path().join("output")).attempt(|| "create a file".into())?;
        let errors = output.try_clone().attempt(|| "share a file".into())?;
        let mut command = Command::new(&contestant.program);
        command.args(arguments(contestant.kind, port)).current_dir(folder.path());
        command.stdin(Stdio::null()).stdout(output).stderr(errors);
        // The child inherits the pinning of the thread that starts it, from its first instruction on.
        pin_to(cores)?;
        let child = command.spawn().attempt(|| format!("start {}", contestant.program.display()));
        pin_to(&[home_core])?;
        let mut server = Self { child: child?, port, folder };
        server.wait_until_ready(&contestant.name)?;
        Ok(server)
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
    pub(crate) fn label(&self, contestant: &Contestant) -> Result<String> {
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

    fn wait_until_ready(&mut self, name: &str) -> Result<()> {
        let until_ns = now_ns() + READY_SECONDS_MAX * SECOND_NS;
        while now_ns() < until_ns && matches!(self.child.try_wait(), Ok(None)) {
            if self.asker().and_then(|mut asker| asker.ask(&["PING"])).is_ok() {
                return Ok(());
            }
            sleep_ns(READY_POLL_NS);
        }
        Err(Failure::NotReady { name: name.into(), seconds: READY_SECONDS_MAX, output: self.output() })
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

fn arguments(kind: Kind, port: u16) -> Vec<String> {
    let port = port.to_string();
    let mut arguments = vec!["--port", &port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
    let threads;
    match kind {
        Kind::Kvd { threads: count } => {
            threads = count.to_string();
            arguments.extend(["--threads", &threads]);
        }
        Kind::Peer => arguments.extend(["--io-threads", "1", "--daemonize", "no"]),
    }
    arguments.into_iter().map(str::to_owned).collect()
}

fn free_port(first: u16) -> Result<u16> {
    (first..first.saturating_add(PORTS_MAX))
        .find(|&port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok())
        .ok_or_else(|| Failure::Usage(format!("no free port from {first} on")))
}
