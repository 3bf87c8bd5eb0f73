//! kvd started as systemd starts a service: with a file, and somebody who waits until it is ready.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use kvd_tests::process;
use tempfile::TempDir;

/// Longer than anything takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a test sets otherwise than a file does: it owns no port and no folder of the system.
pub(crate) const OVERRIDES: [(&str, &str); 7] = [
    ("port", "0"),
    ("unixsocket", "kvd.sock"),
    ("unixsocketperm", "700"),
    ("logfile", "kvd.log"),
    ("pidfile", "kvd.pid"),
    ("daemonize", "no"),
    ("supervised", "systemd"),
];

/// A running kvd; it ends when this is dropped.
pub(crate) struct Service {
    child: Child,
    supervisor: UnixDatagram,
    /// Its working directory, with its file, its log and its socket.
    folder: TempDir,
}

impl Service {
    /// Starts kvd with a configuration file, the overrides and more arguments; returns when it says that it is ready.
    pub(crate) fn start(text: &[u8], arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("stock.conf"), text).unwrap();
        let supervisor = UnixDatagram::bind(folder.path().join("notify.sock")).unwrap();
        supervisor.set_read_timeout(Some(PATIENCE)).unwrap();
        let program = process::kvd().unwrap_or_else(|missing| panic!("{missing}"));
        let mut command = Command::new(program.path);
        command.arg(folder.path().join("stock.conf")).arg("--dir").arg(folder.path());
        for (name, value) in OVERRIDES {
            command.args([&format!("--{name}"), value]);
        }
        command.args(arguments).env("NOTIFY_SOCKET", folder.path().join("notify.sock"));
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
        let service = Self { child, supervisor, folder };
        let said = service.said();
        assert!(said.contains("READY=1"), "{said}: {}", service.log());
        service
    }

    /// What it told its supervisor next.
    pub(crate) fn said(&self) -> String {
        let mut bytes = [0; 4096];
        match self.supervisor.recv(&mut bytes) {
            Ok(len) => String::from_utf8_lossy(&bytes[..len]).into_owned(),
            Err(error) => panic!("it says nothing: {error}: {}", self.log()),
        }
    }

    /// Whether it has told its supervisor more.
    pub(crate) fn has_said_more(&self) -> bool {
        self.supervisor.set_nonblocking(true).unwrap();
        let has_come = self.supervisor.recv(&mut [0; 4096]).is_ok();
        self.supervisor.set_nonblocking(false).unwrap();
        has_come
    }

    /// A path in its working directory.
    pub(crate) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Its process's number.
    pub(crate) fn process_id(&self) -> u32 {
        self.child.id()
    }

    /// What it has logged so far.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.path("kvd.log")).unwrap_or_default()
    }

    /// The reply to one request, of one line.
    pub(crate) fn ask(&self, request: &str) -> String {
        let reply = self.ask_all(request);
        reply.trim_end().to_owned()
    }

    /// All that comes back for one request.
    pub(crate) fn ask_all(&self, request: &str) -> String {
        let mut client = UnixStream::connect(self.path("kvd.sock")).unwrap();
        client.set_read_timeout(Some(PATIENCE)).unwrap();
        client.write_all(format!("{request}\r\n").as_bytes()).unwrap();
        client.shutdown(std::net::Shutdown::Write).unwrap();
        let mut reply = String::new();
        client.read_to_string(&mut reply).unwrap();
        reply
    }

    /// Asks it to stop by a signal.
    pub(crate) fn terminate(&self) {
        let status = Command::new("kill").arg(self.process_id().to_string()).status().unwrap();
        assert!(status.success());
    }

    /// Waits until it has ended.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    /// Stops it in good order; returns its whole log.
    pub(crate) fn stop(mut self) -> String {
        self.terminate();
        assert!(self.wait().success());
        self.log()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
