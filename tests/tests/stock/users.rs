//! kvd with users: those of its configuration, those of an aclfile, and commands under other names.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::service::Service;
use super::start::refusal;

#[test]
fn users_of_the_configuration_are_there_and_rewritten_into_it() {
    let service = Service::start(b"requirepass sec\nuser anna on >p ~* +@all\n", &[]);
    assert_eq!(service.ask("PING"), "-NOAUTH Authentication required.");
    let replies =
        service.ask_all("AUTH anna p\r\nACL SETUSER bob on (+get ~x)\r\nCONFIG REWRITE\r\nACL LIST");
    assert!(replies.starts_with("+OK\r\n+OK\r\n+OK\r\n"), "{replies}");
    let text = fs::read_to_string(service.path("stock.conf")).unwrap();
    assert!(text.contains("\nuser anna on sanitize-payload #"), "{text}");
    assert!(
        text.contains("\nuser bob on sanitize-payload resetchannels -@all (~x resetchannels -@all +get)\n"),
        "{text}"
    );

    let again = Service::start(text.as_bytes(), &[]);
    let list = again.ask_all("AUTH anna p\r\nACL LIST");
    assert_eq!(list, format!("+OK\r\n{}", replies.split_at("+OK\r\n".len() * 3).1));
}

#[test]
fn users_who_are_declared_elsewhere_are_not_declared_twice() {
    let folder = tempfile::tempdir().unwrap();
    let included = folder.path().join("users.conf");
    fs::write(&included, "user anna on >p ~* +@all\nuser bob on nopass\n").unwrap();
    let text = format!("include {}\nuser own on\n", included.display());
    let dora = ["--user", "dora", "on"];
    let service = Service::start(text.as_bytes(), &dora);
    let file = service.path("stock.conf");
    assert_eq!(service.ask_all("ACL SETUSER carl on\r\nCONFIG REWRITE"), "+OK\r\n+OK\r\n");
    let written = fs::read_to_string(&file).unwrap();
    assert!(written.contains("\nuser carl on ") && written.contains("\nuser own on "), "{written}");
    assert!(["anna", "bob", "dora"].iter().all(|name| !written.contains(name)), "{written}");
    let again = Service::start(written.as_bytes(), &dora);
    assert_eq!(again.ask_all("ACL LIST"), service.ask_all("ACL LIST"));

    // What can't be written is not left out in silence.
    for (change, name, place) in [
        ("ACL SETUSER anna off", "anna", included.to_str().unwrap()),
        ("ACL DELUSER bob", "bob", included.to_str().unwrap()),
        ("ACL SETUSER dora off", "dora", "the command line"),
        ("CONFIG SET acl-pubsub-default allchannels", "anna", included.to_str().unwrap()),
    ] {
        let again = Service::start(written.as_bytes(), &dora);
        let file = again.path("stock.conf");
        let reply = again.ask(&format!("CONFIG SET timeout 77\r\n{change}\r\nCONFIG REWRITE"));
        let refused = format!(
            "-ERR Rewriting config file: user '{name}' would not be the same after a restart, which takes it from {place}: declare it there as it is now, and start kvd anew"
        );
        assert!(reply.ends_with(&refused), "{reply}");
        assert_eq!(fs::read_to_string(file).unwrap(), written, "nothing was written");
    }
}

#[test]
fn a_configuration_that_could_not_be_loaded_is_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let included = folder.path().join("users.conf");
    fs::write(&included, "user anna on\n").unwrap();
    let line = format!("include {}\n", included.display());
    let in_file = (line.as_bytes(), &[][..]);
    let on_command_line = (&b""[..], &["--include", included.to_str().unwrap()][..]);
    for (text, arguments) in [in_file, on_command_line] {
        fs::write(&included, "user anna on\n").unwrap();
        let service = Service::start(text, arguments);
        assert_eq!(service.ask("ACL SETUSER carl on nopass"), "+OK");
        // Whoever keeps the users in a file of their own does there what the client did.
        fs::write(&included, "user anna on\nuser carl on nopass\n").unwrap();
        let reply = service.ask("CONFIG REWRITE");
        let expected = "-ERR Rewriting config file: kvd could not start with it: Reading the ";
        assert!(reply.starts_with(expected) && reply.contains("'carl': Duplicate user found"), "{reply}");
        assert_eq!(fs::read(service.path("stock.conf")).unwrap(), text, "nothing was written");

        fs::write(&included, "user anna on\n").unwrap();
        assert_eq!(service.ask("CONFIG REWRITE"), "+OK");
    }
}

#[test]
fn an_aclfile_is_loaded_saved_and_kept_private() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("users.acl");
    fs::write(&file, "user anna on nopass ~* +@all\n").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    let line = format!("aclfile {}\nrequirepass sec\n", file.display());
    let service = Service::start(line.as_bytes(), &[]);
    // As in the peers: the file says who the default user is, and this one says nothing of it.
    assert_eq!(service.ask("ACL USERS"), "*2\r\n$4\r\nanna\r\n$7\r\ndefault");
    assert!(service.log().contains("'requirepass' has no effect"), "{}", service.log());
    assert_eq!(service.ask("ACL GENPASS 4096").len(), "$1024\r\n".len() + 1024);
    assert_ne!(service.ask("ACL GENPASS"), service.ask("ACL GENPASS"));

    assert_eq!(service.ask_all("ACL SETUSER bob on\r\nACL SAVE"), "+OK\r\n+OK\r\n");
    let text = fs::read_to_string(&file).unwrap();
    assert_eq!(
        text,
        "user anna on nopass sanitize-payload ~* resetchannels +@all\n\
         user bob on sanitize-payload resetchannels -@all\n\
         user default on nopass sanitize-payload ~* &* +@all\n"
    );
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing lies beside it");

    fs::write(&file, "user anna on +nosuch\nuser default on nopass +@all\n").unwrap();
    let refused = service.ask("ACL LOAD");
    let fault = format!("{}:1: Error in applying operation '+nosuch': Unknown command", file.display());
    assert!(refused.starts_with("-ERR ") && refused.contains(&fault), "{refused}");
    assert_eq!(service.ask("ACL USERS"), "*3\r\n$4\r\nanna\r\n$3\r\nbob\r\n$7\r\ndefault");
    fs::write(&file, "user default on nopass ~* &* +@all\n").unwrap();
    assert_eq!(service.ask_all("ACL LOAD\r\nACL USERS"), "+OK\r\n*1\r\n$7\r\ndefault\r\n");

    fs::remove_dir_all(folder.path()).unwrap();
    let not_saved =
        "-ERR There was an error trying to save the ACLs. Please check the server logs for more information";
    assert_eq!(service.ask("ACL SAVE"), not_saved);
    assert!(service.log().contains("the aclfile could not be written"), "{}", service.log());
}

#[test]
fn kvd_does_not_start_with_users_that_are_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let (conf, file) = (folder.path().join("kvd.conf"), folder.path().join("users.acl"));
    fs::write(&file, "user anna on\nuser bob +@nosuch\nuser anna off\n").unwrap();
    let refuse = |text: &str| {
        fs::write(&conf, text).unwrap();
        refusal(&[
            conf.to_str().unwrap(),
            "--port",
            "0",
            "--unixsocket",
            folder.path().join("kvd.sock").to_str().unwrap(),
        ])
    };
    let aclfile = format!("aclfile {}\n", file.display());
    let refused = refuse(&aclfile);
    for fault in [":2: Error in applying operation '+@nosuch'", "Duplicate user 'anna' found on line 3"] {
        assert!(refused.contains(fault), "{refused}");
    }
    assert!(refuse(&format!("{aclfile}user carl on\n")).contains("in the configuration and in an aclfile"));
    assert!(refuse("user carl ~* ~a\n").contains("Error in user declaration 'carl': Adding a pattern"));
    assert!(refuse("aclfile /nowhere/users.acl\n").contains("opening file '/nowhere/users.acl'"));
    assert!(
        refuse("rename-command get set\n")
            .contains("'rename-command get': Target command name already exists")
    );
}

#[test]
fn renamed_commands_have_one_name() {
    let service = Service::start(b"rename-command config \"Cfg\"\nrename-command FLUSHALL \"\"\n", &[]);
    assert_eq!(
        service.ask("CONFIG GET timeout"),
        "-ERR unknown command 'CONFIG', with args beginning with: 'GET' 'timeout'"
    );
    assert_eq!(service.ask("cFG GET timeout"), "*2\r\n$7\r\ntimeout\r\n$1\r\n0");
    assert_eq!(service.ask("flushall"), "-ERR unknown command 'flushall', with args beginning with:");
    assert_eq!(service.ask("ACL DRYRUN default cfg get x"), "+OK");
    assert_eq!(
        service.ask("MULTI\r\nCFG GET timeout\r\nEXEC"),
        "+OK\r\n+QUEUED\r\n*1\r\n*2\r\n$7\r\ntimeout\r\n$1\r\n0"
    );
}
