//! Files that clients have kvd write while others do the same.

use std::fs;
use std::path::Path;
use std::thread;

use super::service::Service;

/// How many clients do each thing at once.
const CLIENTS: usize = 3;
/// How often each does it.
const ROUNDS: usize = 40;

#[test]
fn users_that_are_saved_and_loaded_at_once_stay_who_they_are() {
    const USERS: usize = 200;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("users.acl");
    let others: String = (0..USERS).map(|number| format!("user u{number} on >p ~a* +@all\n")).collect();
    fs::write(&file, format!("user admin on nopass ~* &* +@all\nuser default off\n{others}")).unwrap();
    let service = Service::start(format!("aclfile {}\n", file.display()).as_bytes(), &["--threads", "4"]);
    let ask = |command: &str| {
        let replies =
            service.ask_all(&format!("AUTH admin x\r\n{}", format!("{command}\r\n").repeat(ROUNDS)));
        assert_eq!(replies, "+OK\r\n".repeat(ROUNDS + 1), "{command}");
    };
    thread::scope(|scope| {
        let savers: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(|| ask("ACL SAVE"))).collect();
        scope.spawn(|| ask("ACL LOAD"));
        while savers.iter().any(|saver| !saver.is_finished()) {
            assert_eq!(service.ask("PING"), "-NOAUTH Authentication required.", "nobody is let in");
            assert_eq!(fs::read_to_string(&file).unwrap().lines().count(), USERS + 2);
        }
    });
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing lies beside it");
}

#[test]
fn configurations_that_are_rewritten_at_once_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let included = folder.path().join("included.conf");
    fs::write(&included, "# nothing\n").unwrap();
    let kept = format!("# mine\nrename-command FLUSHALL \"\"\ninclude {}\n", included.display());
    let service = Service::start(kept.as_bytes(), &["--threads", "4"]);
    let file = service.path("stock.conf");
    thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| {
                let replies = service.ask_all(&"CONFIG REWRITE\r\n".repeat(ROUNDS));
                assert_eq!(replies, "+OK\r\n".repeat(ROUNDS));
            });
        }
        for number in 1..=ROUNDS {
            let replies = service.ask_all(&format!("CONFIG SET timeout {number}\r\nCONFIG REWRITE"));
            assert_eq!(replies, "+OK\r\n+OK\r\n");
            let text = fs::read_to_string(&file).unwrap();
            assert!(text.starts_with(&kept), "{text}");
            assert!(text.contains(&format!("\ntimeout {number}\n")), "{number} was set before: {text}");
        }
    });
    assert_eq!(beside(&file), Vec::<String>::new());
}

/// What was left behind beside a file.
fn beside(file: &Path) -> Vec<String> {
    let names = fs::read_dir(file.parent().unwrap()).unwrap().map(|entry| entry.unwrap().file_name());
    names.map(|name| name.into_string().unwrap()).filter(|name| name.ends_with(".tmp")).collect()
}
