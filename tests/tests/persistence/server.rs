//! A server whose files lie in a folder that outlives it.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use kvd_tests::hostile::client::Client;
use kvd_tests::patience::wait_until;
use kvd_tests::process::{self, Peer, Process, Program};
use kvd_tests::wire::{self, Frame};

/// The peers.
pub(crate) const PEERS: [Peer; 3] = [Peer::Redis7, Peer::Redis8, Peer::Valkey9];

/// kvd's program.
pub(crate) fn kvd() -> Program {
    process::kvd().unwrap_or_else(|missing| panic!("{missing}"))
}

/// A peer's program, if it is here.
pub(crate) fn find(peer: Peer) -> Option<Program> {
    peer.find().map_err(|missing| process::skipped("persistence", missing)).ok()
}

/// A running server and a connection to it.
pub(crate) struct Server {
    pub(crate) process: Process,
    client: Client,
}

impl Server {
    /// Starts a program with its files in this folder, and waits until it has loaded them.
    pub(crate) fn start(program: &Program, folder: &Path, more: &[&str]) -> Self {
        let mut server = Self::begin(program, folder, more);
        wait_until(|| server.field("loading") == "0", "the data are loaded");
        server
    }

    /// The same without waiting.
    pub(crate) fn begin(program: &Program, folder: &Path, more: &[&str]) -> Self {
        let mut arguments = vec!["--dir", folder.to_str().unwrap(), "--enable-protected-configs", "local"];
        arguments.extend(more);
        let process = program.start_with(&arguments).unwrap_or_else(|error| panic!("{error}"));
        let client = Client::connect(process.address).unwrap();
        Self { process, client }
    }

    /// Another connection.
    pub(crate) fn connect(&self) -> Client {
        Client::connect(self.process.address).unwrap()
    }

    pub(crate) fn ask_bytes(&mut self, words: &[&[u8]]) -> Frame {
        self.client.send(&wire::encode(words)).unwrap();
        self.client.frame().unwrap_or_else(|error| panic!("{words:?}: {error}\n{}", self.process.log()))
    }

    /// A request whose words stand between blanks.
    pub(crate) fn ask(&mut self, request: &str) -> Frame {
        let words: Vec<&[u8]> = request.split(' ').map(str::as_bytes).collect();
        self.ask_bytes(&words)
    }

    /// A request that must not fail.
    pub(crate) fn run(&mut self, request: &str) -> Frame {
        let reply = self.ask(request);
        assert!(!matches!(reply, Frame::Error(_)), "{request}: {reply:?}\n{}", self.process.log());
        reply
    }

    /// The text of a reply, an error's with a `-` before it.
    pub(crate) fn text(&mut self, request: &str) -> String {
        match self.ask(request) {
            Frame::Status(text) | Frame::Bulk(text) => String::from_utf8(text).unwrap(),
            Frame::Error(text) => format!("-{}", String::from_utf8(text).unwrap()),
            Frame::Integer(number) => number.to_string(),
            Frame::NilBulk => "(nil)".to_owned(),
            other => panic!("{request}: {other:?}"),
        }
    }

    /// A field of `INFO persistence`.
    pub(crate) fn field(&mut self, name: &str) -> String {
        let info = self.text("INFO persistence");
        let value = info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        value.unwrap_or_else(|| panic!("no field {name} in {info}")).trim().to_owned()
    }

    /// Waits until a field has a value.
    pub(crate) fn wait_for(&mut self, name: &str, value: &str) {
        wait_until(|| self.field(name) == value, &format!("{name}:{value}"));
    }

    /// Waits until the log is being written and rests.
    pub(crate) fn wait_for_log(&mut self) {
        self.wait_for("aof_enabled", "1");
        self.wait_for("aof_rewrite_scheduled", "0");
        self.wait_for("aof_rewrite_in_progress", "0");
        assert_eq!(self.field("aof_last_bgrewrite_status"), "ok", "{}", self.process.log());
    }

    /// Has the log written anew.
    pub(crate) fn rewrite(&mut self) {
        self.wait_for_log();
        self.run("BGREWRITEAOF");
        self.wait_for_log();
    }

    /// Stops it as a client does. Returns what it had logged.
    pub(crate) fn shut_down(mut self, how: &str) -> String {
        self.client
            .request(&[&["SHUTDOWN"], how.split(' ').collect::<Vec<_>>().as_slice()].concat())
            .unwrap();
        let status = self.process.wait().unwrap();
        assert!(status.success(), "{status}: {}", self.process.log());
        self.process.log()
    }

    /// Ends it as a crash of the process does.
    pub(crate) fn kill(mut self) {
        self.process.signal("KILL").unwrap();
        self.process.wait().unwrap();
    }
}

/// Runs kvd over files with which it doesn't start. Returns its exit code and what it said.
pub(crate) fn refusal(folder: &Path, more: &[&str]) -> (i32, String) {
    let port = process::free_port().unwrap().to_string();
    let mut command = Command::new(kvd().path);
    command.args(["--port", &port, "--bind", "127.0.0.1", "--save", "", "--dir"]).arg(folder).args(more);
    let Output { status, stdout, stderr } = command.stdin(Stdio::null()).output().unwrap();
    let said = [stdout, stderr].concat();
    (status.code().unwrap(), String::from_utf8(said).unwrap())
}
