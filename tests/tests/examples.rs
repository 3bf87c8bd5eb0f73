//! The programs in `examples/` against kvd; the same against Redis proves that they show how it is done.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use kvd_tests::process::{self, Missing, Peer, Program, repository};

/// Ends a program that waits for ever.
const SECONDS_MAX: &str = "120";

#[test]
fn examples_work_with_kvd() {
    run_all("examples_work_with_kvd", process::kvd());
}

#[test]
fn examples_work_with_redis() {
    run_all("examples_work_with_redis", Peer::Redis8.find());
}

/// Each runs on a server of its own to its end, and says `done` there.
fn run_all(name: &str, program: Result<Program, Missing>) {
    let program = match program {
        Ok(program) => program,
        Err(missing) => return process::skipped(name, missing),
    };
    let examples = examples();
    assert!(!examples.is_empty());
    for example in examples {
        let Some(mut command) = interpreter(&example) else {
            process::skipped(name, format!("{} needs its client: .ci/run installs it", example.display()));
            continue;
        };
        let server = program.start().unwrap();
        let output = command.arg(&example).arg(server.address.port().to_string()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        let complaint = String::from_utf8_lossy(&output.stderr);
        let is_done = output.status.success() && said.lines().last() == Some("done");
        assert!(is_done, "{} ended with {}:\n{said}{complaint}", example.display(), output.status);
    }
}

fn examples() -> Vec<PathBuf> {
    let entries = repository().join("examples").read_dir().unwrap();
    let files = entries.map(|entry| entry.unwrap().path());
    files
        .filter(|path| path.extension().is_some_and(|extension| extension == "py" || extension == "js"))
        .collect()
}

/// What runs an example, with a limit to its time; `None` where the client that it uses is not installed.
fn interpreter(example: &Path) -> Option<Command> {
    let (program, asked) = if example.extension()? == "py" {
        (process::python(), ["-c", "import redis"])
    } else {
        (PathBuf::from("node"), ["-e", "require('ioredis'), require('redis')"])
    };
    let modules = repository().join("tests/clients/node_modules");
    let installed =
        Command::new(&program).args(asked).env("NODE_PATH", &modules).stderr(Stdio::null()).status();
    let mut command = Command::new("timeout");
    command.arg(SECONDS_MAX).arg(program).env("NODE_PATH", modules);
    installed.is_ok_and(|status| status.success()).then_some(command)
}
