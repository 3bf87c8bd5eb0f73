//! kvd beside what starts and watches it: its pidfile, systemd, log rotation, and the errors of a start that fails.

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Output, Stdio};

use kvd_tests::patience::wait_until;
use kvd_tests::process;

use super::service::Service;

/// Runs kvd with arguments and input until it ends.
fn run(arguments: &[&str], input: &str) -> Output {
    let program = process::kvd().unwrap_or_else(|missing| panic!("{missing}"));
    let mut command = Command::new(program.path);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // It may end without having read anything.
    let _closed = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

/// What kvd says about arguments with which it doesn't start.
pub(super) fn refusal(arguments: &[&str]) -> String {
    let output = run(arguments, "");
    assert!(!output.status.success());
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn systemd_hears_when_kvd_is_ready_and_when_it_stops() {
    let mut service = Service::start(b"", &[]);
    assert_eq!(service.ask("PING"), "+PONG");
    service.terminate();
    let said = service.said();
    assert!(said.contains("STOPPING=1") && said.contains("STATUS="), "{said}");
    assert!(service.wait().success());
}

#[test]
fn systemd_hears_nothing_of_a_stop_that_is_refused() {
    let mut service = Service::start(b"", &["--shutdown-on-sigterm", "save"]);
    fs::create_dir(service.path("dump.rdb")).unwrap();
    service.terminate();
    wait_until(|| service.log().contains("the server does not stop: "), "the stop is refused");
    assert_eq!((service.ask("PING"), service.has_said_more()), ("+PONG".to_owned(), false));
    fs::remove_dir(service.path("dump.rdb")).unwrap();
    service.terminate();
    assert!(service.said().contains("STOPPING=1"));
    assert!(service.wait().success());
}

#[test]
fn a_client_that_stops_kvd_is_told_to_systemd_too() {
    let mut service = Service::start(b"", &["--supervised", "auto"]);
    assert_eq!(service.ask_all("SHUTDOWN NOSAVE"), "");
    assert!(service.said().contains("STOPPING=1"));
    assert!(service.wait().success());
}

#[test]
fn the_pidfile_has_the_number_of_the_process_and_goes_with_it() {
    let mut service = Service::start(b"", &[]);
    let file = service.path("kvd.pid");
    assert_eq!(fs::read_to_string(&file).unwrap(), format!("{}\n", service.process_id()));
    service.terminate();
    assert!(service.wait().success());
    assert!(!file.exists());
}

#[test]
fn a_pidfile_that_cannot_be_written_is_a_warning() {
    let service = Service::start(b"", &["--pidfile", "nosuch/kvd.pid"]);
    assert_eq!(service.ask("PING"), "+PONG");
    assert!(service.stop().contains("could not write the pidfile"));
}

#[test]
fn a_log_file_that_was_moved_away_is_made_anew() {
    let service = Service::start(b"", &[]);
    fs::rename(service.path("kvd.log"), service.path("kvd.log.1")).unwrap();
    let moved = fs::read_to_string(service.path("kvd.log.1")).unwrap();
    assert!(moved.contains("starts"), "{moved}");
    let log = service.stop();
    assert!(log.contains("stopped") && !log.contains("starts"), "{log}");
    assert!(moved.contains("Ready to accept connections"), "what scripts wait for: {moved}");
}

#[test]
fn a_backlog_that_the_kernel_cuts_is_a_warning() {
    let service = Service::start(b"", &["--tcp-backlog", "2000000000"]);
    assert!(service.stop().contains("'sysctl net.core.somaxconn=2000000000'"));
}

#[test]
fn a_port_in_use_is_explained_and_the_first_server_keeps_its_pidfile() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let folder = tempfile::tempdir().unwrap();
    let pid_file = folder.path().join("kvd.pid");
    fs::write(&pid_file, "1\n").unwrap();
    let log = folder.path().join("kvd.log");
    let arguments = ["--bind", "127.0.0.1", "--port", &port, "--pidfile", pid_file.to_str().unwrap()];
    let logged = ["--logfile", log.to_str().unwrap()];
    let text = refusal(&[arguments.as_slice(), &logged].concat());
    assert!(text.contains(&format!("127.0.0.1:{port}")) && text.contains("Another server"), "{text}");
    assert_eq!(fs::read_to_string(&pid_file).unwrap(), "1\n");
    // Who only sees the log file sees it, too.
    assert!(fs::read_to_string(&log).unwrap().contains("Another server"));
}

#[test]
fn errors_of_a_start_say_what_to_do() {
    let cases: [(&[&str], &str); 8] = [
        (&["--dir", "/nosuch/folder"], "Make the folder first"),
        (&["--port", "0", "--logfile", "/nosuch/kvd.log"], "('logfile')"),
        (&["--bind", "192.0.2.1", "--port", "21599"], "This machine has no such address"),
        (&["--maxmemry", "1gb"], "did you mean '--maxmemory'?"),
        (&["port", "7000"], "Did you mean '--port'?"),
        (&["-p", "7000"], "parameters are given as --name value"),
        (&["nosuch.conf"], "could not read the configuration file nosuch.conf"),
        (&["--port", "0"], "nothing to listen on"),
    ];
    for (arguments, expected) in cases {
        let text = refusal(arguments);
        assert!(text.starts_with("kvd: ") && text.contains(expected), "{arguments:?}: {text}");
    }
}

#[test]
fn an_argument_that_is_no_text_is_refused() {
    let program = process::kvd().unwrap_or_else(|missing| panic!("{missing}"));
    let output = Command::new(program.path).arg(OsStr::from_bytes(b"--dir\xff")).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no UTF-8"));
}

#[test]
fn a_configuration_is_tested_without_starting() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("kvd.conf");
    fs::write(
        &file,
        "lazyfree-lazy-expire yes\nport 1\nuser bob on\nloadmodule x.so\nrename-command FLUSHALL \"\"\n",
    )
    .unwrap();
    let output = run(&["--test-config", file.to_str().unwrap(), "--timeout", "5"], "");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    for expected in ["'lazyfree-lazy-expire'", "'x.so'", "the configuration is good"] {
        assert!(text.contains(expected), "{text}");
    }
    assert_eq!(text.lines().count(), 3, "{text}");
    for (line, fault) in [
        ("port x", "at line 1"),
        ("user bob +nosuch", "Unknown command or category name in ACL"),
        ("rename-command nosuch x", "No such command in rename-command"),
        ("rename-command get SET", "Target command name already exists"),
        ("aclfile /nowhere/users.acl", "opening file '/nowhere/users.acl': No such file or directory"),
    ] {
        fs::write(&file, format!("{line}\n")).unwrap();
        let refused = refusal(&["-t", file.to_str().unwrap()]);
        assert!(refused.contains(fault), "{refused}");
    }
}

#[test]
fn standard_input_is_read_first_or_last_and_the_command_line_wins() {
    let service = Service::start(b"timeout 5\nhz 20\n", &[]);
    let show = |name: &str| service.ask_all(&format!("CONFIG GET {name}"));
    assert!(show("hz").contains("20"), "{}", show("hz"));
    let text = |output: Output| String::from_utf8(output.stdout).unwrap();
    for arguments in [["-t", "-", "--timeout", "7"], ["-t", "--timeout", "7", "-"]] {
        assert!(
            text(run(&arguments, "lazyfree-lazy-expire yes\n")).contains("'lazyfree-lazy-expire'"),
            "{arguments:?}"
        );
        assert!(!run(&arguments, "lazyfree-lazy-expire perhaps\n").status.success(), "{arguments:?}");
    }
    let file = service.path("stock.conf");
    let output = run(&["-t", file.to_str().unwrap(), "--timeout", "7", "-"], "lazyfree-lazy-expire yes\n");
    let text = text(output);
    assert!(text.contains("'lazyfree-lazy-expire'") && text.contains("'hz'"), "{text}");
}

#[test]
fn config_rewrite_keeps_comments_order_and_permissions_and_writes_the_command_line() {
    let text = "# mine\ntimeout 5\n\n# the rest\nmaxclients 50\nsave 900 1\nsave 60 5\n";
    let service = Service::start(text.as_bytes(), &["--tcp-keepalive", "77"]);
    let file = service.path("stock.conf");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    assert_eq!(service.ask("CONFIG SET timeout 9 maxclients 60"), "+OK");
    // One bad value, and nothing of it holds.
    assert!(service.ask("CONFIG SET timeout 11 maxclients none").starts_with("-ERR CONFIG SET failed"));
    // Nor does it if the system refuses a part.
    let refused = service.ask("CONFIG SET timeout 11 maxclients 4000000000");
    assert!(refused.contains("not able to handle the specified number of clients"), "{refused}");
    assert_eq!(service.ask("CONFIG REWRITE"), "+OK");
    let written = fs::read_to_string(&file).unwrap();
    assert!(
        written.starts_with("# mine\ntimeout 9\n\n# the rest\nmaxclients 60\nsave 900 1 60 5\n"),
        "{written}"
    );
    assert!(written.contains("\ntcp-keepalive 77\n"), "{written}");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
}
