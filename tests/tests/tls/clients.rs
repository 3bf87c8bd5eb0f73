//! Real clients over TLS.

use std::path::{Path, PathBuf};
use std::process::Command;

use kvd_tests::process;

use super::certificates::Folder;
use super::server::Server;

/// Ends a client that waits for ever.
const SECONDS_MAX: &str = "120";

/// What `timeout` says of a program that isn't there.
const NOT_FOUND: i32 = 127;

/// The paths that a client needs: authority, certificate, key.
fn files(folder: &Folder) -> [String; 3] {
    ["ca.crt", "client.crt", "client.key"].map(|file| folder.path(file))
}

fn script(test: &str, interpreter: &Path, name: &str) {
    let (folder, _) = Folder::new();
    let server = Server::start(&folder, &[]);
    let mut command = timed(interpreter);
    command.arg(scripts().join(name)).arg(server.tls.port().to_string()).args(files(&folder));
    if let Some(said) = run(test, &mut command) {
        assert_eq!(said.lines().last(), Some("verdict: passed"));
    }
}

#[test]
fn redis_py_works_over_tls() {
    let python = process::python();
    let installed = Command::new(&python).args(["-c", "import redis"]).output();
    if !installed.is_ok_and(|output| output.status.success()) {
        return process::skipped("redis_py_works_over_tls", "the Python package redis is not installed");
    }
    script("redis_py_works_over_tls", &python, "redis_py.py");
}

#[test]
fn ioredis_works_over_tls() {
    if !scripts().join("node_modules/ioredis").exists() {
        let missing = "ioredis is not installed: npm install --prefix tests/clients";
        return process::skipped("ioredis_works_over_tls", missing);
    }
    script("ioredis_works_over_tls", Path::new("node"), "ioredis.mjs");
}

#[test]
fn redis_cli_and_benchmark_work_over_tls() {
    const TEST: &str = "redis_cli_and_benchmark_work_over_tls";
    let (folder, _) = Folder::new();
    let server = Server::start(&folder, &[]);
    let [ca, certificate, key] = files(&folder);
    let port = server.tls.port().to_string();
    let tool = |program: &str, words: &[&str]| {
        let mut command = timed(Path::new(program));
        command.args(["-p", &port, "--tls", "--cacert", &ca, "--cert", &certificate, "--key", &key]);
        run(TEST, command.args(words))
    };
    let Some(said) = tool("redis-cli", &["set", "k", "v"]) else { return };
    assert_eq!(said.trim_end(), "OK");
    assert_eq!(tool("redis-cli", &["get", "k"]).as_deref().map(str::trim_end), Some("v"));
    for depth in ["1", "100"] {
        let words = ["-t", "set,incr", "-P", depth, "-c", "10", "-n", "2000", "-q"];
        if let Some(said) = tool("redis-benchmark", &words) {
            assert!(said.contains("SET: ") && said.contains("INCR: "), "{said}");
        }
    }
    assert_eq!(
        tool("redis-cli", &["get", "counter:__rand_int__"]).as_deref().map(str::trim_end),
        Some("4000")
    );
}

fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("clients")
}

fn timed(program: &Path) -> Command {
    let mut command = Command::new("timeout");
    command.arg(SECONDS_MAX).arg(program);
    command
}

/// What a client printed; nothing if it isn't installed.
fn run(test: &str, command: &mut Command) -> Option<String> {
    let output = command.output().unwrap();
    if output.status.code() == Some(NOT_FOUND) {
        process::skipped(test, format!("{command:?} is not installed"));
        return None;
    }
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?} ended with {}\n{text}{complaint}", output.status);
    Some(text)
}
