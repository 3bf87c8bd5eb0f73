//! Users: what happens to sessions when users change, the aclfile, the log's clock, counters.

mod engine_with_clients;

use std::sync::{Arc, Mutex};

use catalog::id;
use config::Config;
use engine::{CommandUsage, Host, UsersError};
use engine_with_clients::EngineWithClients;

/// A process whose files are in memory.
#[derive(Clone, Default)]
struct Files {
    aclfile: Arc<Mutex<Option<Vec<u8>>>>,
    declared: Arc<Mutex<Option<Vec<String>>>>,
}

impl Files {
    fn with(text: &str) -> Self {
        let files = Self::default();
        *files.aclfile.lock().expect("no test holds it") = Some(text.as_bytes().to_vec());
        files
    }

    fn text(&self) -> String {
        let text = self.aclfile.lock().expect("no test holds it").clone();
        String::from_utf8(text.expect("there is a file")).expect("it is text")
    }

    fn engine(&self) -> EngineWithClients {
        EngineWithClients::within(Box::new(self.clone()), &[("aclfile", "users.acl")])
    }
}

impl Host for Files {
    fn config_file(&self) -> String {
        "kvd.conf".to_owned()
    }

    fn rewrite_config(&self, _config: &Config, users: Option<&[String]>) -> Result<(), String> {
        *self.declared.lock().expect("no test holds it") = users.map(<[String]>::to_vec);
        Ok(())
    }

    fn read_aclfile(&self) -> Result<Vec<u8>, String> {
        self.aclfile
            .lock()
            .expect("no test holds it")
            .clone()
            .ok_or_else(|| "No such file or directory".to_owned())
    }

    fn write_aclfile(&self, text: &[u8]) -> Result<(), String> {
        let mut file = self.aclfile.lock().expect("no test holds it");
        match &mut *file {
            Some(before) => *before = text.to_vec(),
            None => return Err("Permission denied".to_owned()),
        }
        Ok(())
    }
}

const DENIED_GET: &str = "-NOPERM User u has no permissions to run the 'get' command\r\n";

#[test]
fn every_change_of_rules_holds_for_the_next_request_of_everybody() {
    let engine = EngineWithClients::new(&[]);
    let mut owner = engine.client("127.0.0.1:1");
    owner.run("ACL SETUSER u on nopass ~*");
    let mut users: Vec<_> = (2..5).map(|port| engine.client(&format!("127.0.0.1:{port}"))).collect();
    users.iter_mut().for_each(|user| assert_eq!(user.run("AUTH u x"), "+OK\r\n"));
    for round in 0..50 {
        let (rule, reply) = if round % 2 == 0 { ("+get", "$-1\r\n") } else { ("-get", DENIED_GET) };
        assert_eq!(owner.run(&format!("ACL SETUSER u {rule}")), "+OK\r\n");
        users.iter_mut().for_each(|user| assert_eq!(user.run("GET a"), reply, "round {round}"));
    }
}

#[test]
fn the_requests_of_a_removed_user_that_are_underway_are_not_served() {
    let engine = EngineWithClients::new(&[]);
    let mut owner = engine.client("127.0.0.1:1");
    owner.run("ACL SETUSER u on nopass +@all ~*");
    let mut user = engine.client("127.0.0.1:2");
    user.run("AUTH u x");
    user.send(b"SET a 1\r\n");
    assert_eq!(owner.run("ACL DELUSER u\nACL SETUSER u on nopass +@all ~*"), ":1\r\n+OK\r\n");
    user.serve();
    assert!(user.is_closed());
    assert_eq!(owner.run("EXISTS a"), ":0\r\n");
}

#[test]
fn in_one_pipeline_a_login_counts_for_what_stands_behind_it() {
    let engine = EngineWithClients::new(&[]);
    engine.client("127.0.0.1:1").run("ACL SETUSER u on nopass +@all -get ~*");
    let replies = engine.client("127.0.0.1:2").run("GET a\nAUTH u x\nGET a\nSET a 1\nRESET\nGET a");
    assert_eq!(replies, format!("$-1\r\n+OK\r\n{DENIED_GET}+OK\r\n+RESET\r\n$1\r\n1\r\n"));
}

#[test]
fn users_are_loaded_from_the_aclfile_and_saved_into_it() {
    let files = Files::with("user anna on nopass ~* +@all\n\nuser bob off\n");
    let engine = files.engine();
    engine.engine.declare_users().expect("a file in order");
    let mut owner = engine.client("127.0.0.1:1");
    assert_eq!(owner.run("ACL USERS"), "*3\r\n$4\r\nanna\r\n$3\r\nbob\r\n$7\r\ndefault\r\n");
    let mut anna = engine.client("127.0.0.1:2");
    anna.run("AUTH anna x");
    owner.run("ACL SETUSER carl on nopass +ping");
    let mut carl = engine.client("127.0.0.1:3");
    assert_eq!(carl.run("AUTH carl x\nPING"), "+OK\r\n+PONG\r\n");

    assert_eq!(owner.run("ACL LOAD"), "+OK\r\n");
    carl.serve();
    assert!(carl.is_closed(), "carl is not in the file");
    assert_eq!(anna.run("PING"), "+PONG\r\n");

    assert_eq!(
        owner.run("ACL SETUSER anna -@all\nACL SETUSER bob >b (~x +get)\nACL SAVE"),
        "+OK\r\n+OK\r\n+OK\r\n"
    );
    assert_eq!(
        files.text(),
        "user anna on nopass sanitize-payload ~* resetchannels -@all\n\
         user bob off sanitize-payload #3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d resetchannels -@all (~x resetchannels -@all +get)\n\
         user default on nopass sanitize-payload ~* &* +@all\n"
    );
    assert_eq!(
        anna.run("ACL LOAD"),
        "-NOPERM User anna has no permissions to run the 'acl|load' command\r\n"
    );
}

#[test]
fn a_faulty_aclfile_changes_nothing_and_every_fault_is_told() {
    let files = Files::with("user anna on\nuser bob +nosuch\nfoo\n");
    let engine = files.engine();
    let faults = "users.acl:2: Error in applying operation '+nosuch': Unknown command or category name in ACL. \
                  users.acl:3 should start with user keyword followed by the username. \
                  WARNING: ACL errors detected, no change to the previously active ACL rules was performed";
    let error = engine.engine.declare_users().expect_err("it has faults");
    assert_eq!(error.to_string(), faults);
    let mut owner = engine.client("127.0.0.1:1");
    assert_eq!(owner.run("ACL LOAD"), format!("-ERR {faults}\r\n"));
    assert_eq!(owner.run("ACL USERS"), "*1\r\n$7\r\ndefault\r\n");

    let missing = Files::default().engine();
    let mut owner = missing.client("127.0.0.1:1");
    let unreadable = "Error loading ACLs, opening file 'users.acl': No such file or directory";
    assert_eq!(missing.engine.declare_users().expect_err("no file").to_string(), unreadable);
    assert_eq!(owner.run("ACL LOAD"), format!("-ERR {unreadable}\r\n"));
    let not_saved = "-ERR There was an error trying to save the ACLs. Please check the server logs for more information\r\n";
    assert_eq!(owner.run("ACL SAVE"), not_saved);
}

#[test]
fn a_rewritten_configuration_declares_the_users() {
    let files = Files::default();
    let engine = EngineWithClients::within(Box::new(files.clone()), &[]);
    let mut owner = engine.client("127.0.0.1:1");
    assert_eq!(
        owner.run("ACL SETUSER \"q\\\"\\xff\" on ~a\nACL SETUSER u (~x +get)\nCONFIG REWRITE"),
        "+OK\r\n+OK\r\n+OK\r\n"
    );
    let declared = files.declared.lock().expect("nobody else has it").clone().expect("it was written");
    assert_eq!(
        declared,
        [
            "default on nopass sanitize-payload ~* &* +@all",
            "\"q\\\"\\xff\" on sanitize-payload ~a resetchannels -@all",
            "u off sanitize-payload resetchannels -@all (~x resetchannels -@all +get)",
        ]
    );

    let mut config = Config::default();
    let lines: String = declared.iter().map(|user| format!("user {user}\n")).collect();
    config.load(lines.as_bytes(), "kvd.conf", &mut |_| Ok(Vec::new())).expect("they are read again");
    let mut users = acl::Users::default();
    engine::declare_users(&mut users, &config, || Err(String::new())).expect("and declare the same users");
    let before = owner.run("ACL LIST");
    let lines: Vec<String> =
        users.iter().map(|user| String::from_utf8_lossy(&user.line()).into_owned()).collect();
    assert!(lines.iter().all(|line| before.contains(line)), "{lines:?} {before}");
}

#[test]
fn users_are_declared_in_one_place() {
    let mut config = Config::default();
    config.load(b"aclfile a.acl\nuser b on\n", "kvd.conf", &mut |_| Ok(Vec::new())).expect("fine lines");
    let mut users = acl::Users::default();
    let outcome = engine::declare_users(&mut users, &config, || Ok(Vec::new()));
    assert!(matches!(outcome, Err(UsersError::Both)));
}

#[test]
fn what_is_refused_again_within_a_minute_is_one_entry_of_the_log() {
    let engine = EngineWithClients::new(&[("acllog-max-len", "2")]);
    let mut owner = engine.client("127.0.0.1:1");
    let mut user = engine.client("127.0.0.1:2");
    owner.run("ACL SETUSER u on nopass");
    user.run("AUTH u x\nGET a\nGET b");
    engine.now_ms.set(engine.now_ms.get() + 30_000);
    user.run("GET c");
    engine.now_ms.set(engine.now_ms.get() + 1_500);
    let log = owner.run("ACL LOG");
    assert!(log.starts_with("*1\r\n*20\r\n$5\r\ncount\r\n:3\r\n"), "{log}");
    assert!(log.contains("$11\r\nage-seconds\r\n$3\r\n1.5\r\n"), "{log}");
    engine.now_ms.set(engine.now_ms.get() + 60_000);
    user.run("GET a\nSET a b\nDEL a");
    assert_eq!(owner.run("ACL LOG").split("$5\r\ncount\r\n").count() - 1, 2);
    owner.run("CONFIG SET acllog-max-len 0");
    user.run("GET a");
    assert_eq!(owner.run("ACL LOG"), "*0\r\n");
}

#[test]
fn refused_commands_are_no_calls() {
    let engine = EngineWithClients::new(&[]);
    let mut owner = engine.client("127.0.0.1:1");
    let mut user = engine.client("127.0.0.1:2");
    owner.run("ACL SETUSER u on nopass +@all ~a");
    user.run("AUTH u x\nMULTI\nGET a\nSET a 1\nGET a");
    owner.run("ACL SETUSER u -get");
    user.run("EXEC\nGET a");
    owner.run("ACL SETUSER u +get");
    user.run("GET a\nGET b\nGET a");
    let usage = |command| {
        let CommandUsage { calls, rejected, failed, .. } = engine.engine.stats().usage(command);
        (calls, rejected, failed)
    };
    assert_eq!(usage(id::SET), (1, 0, 0));
    assert_eq!(usage(id::GET), (2, 2, 0));
    assert_eq!(engine.engine.stats().errors(), [("NOPERM".to_owned(), 4)]);
    user.run("SELECT 1\nAUTH nobody y");
    owner.run("ACL SETUSER u db=0\nCONFIG RESETSTAT");
    user.run("GET a");
    let info = owner.run("INFO stats");
    for count in ["auth:1", "cmd:3", "key:1", "channel:0", "db:1"] {
        assert!(info.contains(&format!("acl_access_denied_{count}\r\n")), "{count} {info}");
    }
}

#[test]
fn what_channels_new_users_may_use_is_a_parameter() {
    let engine = EngineWithClients::new(&[("acl-pubsub-default", "allchannels")]);
    let mut owner = engine.client("127.0.0.1:1");
    owner.run("ACL SETUSER a\nCONFIG SET acl-pubsub-default resetchannels\nACL SETUSER b");
    let users = owner.run("ACL LIST");
    assert!(users.contains("user a off sanitize-payload &* -@all\r\n"), "{users}");
    assert!(users.contains("user b off sanitize-payload resetchannels -@all\r\n"), "{users}");
}

#[test]
fn a_password_that_is_set_again_leaves_the_others() {
    let engine = EngineWithClients::new(&[("requirepass", "a")]);
    let mut client = engine.client("127.0.0.1:1");
    client.run("AUTH a\nACL SETUSER default >b\nCONFIG SET requirepass a");
    assert_eq!(engine.client("127.0.0.1:2").run("AUTH b"), "+OK\r\n");
    client.run("CONFIG SET requirepass c");
    assert!(engine.client("127.0.0.1:3").run("AUTH b").starts_with("-WRONGPASS"));
    assert_eq!(engine.client("127.0.0.1:4").run("AUTH c"), "+OK\r\n");
}

#[test]
fn without_a_source_of_secrets_there_is_no_new_password() {
    let engine = EngineWithClients::new(&[]);
    let reply = engine.client("127.0.0.1:1").run("ACL GENPASS");
    assert_eq!(reply, "-ERR there is no source of secrets here\r\n");
}
