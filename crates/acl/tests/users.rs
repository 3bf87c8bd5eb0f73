//! The users of a server: what changes them, who becomes one, and who is told.

use std::sync::Arc;

use kvd_acl::{
    AuthenticationFailed, ChannelDefault, DEFAULT, DeclarationError, DefaultUserStays, LIST_MAX, RuleError,
    SetUserError, User, Users,
};

fn line(users: &Users, name: &str) -> String {
    String::from_utf8(users.find(name.as_bytes()).expect("there").line()).expect("ASCII")
}

#[test]
fn there_is_a_default_user_who_may_do_everything() {
    let users = Users::default();
    assert_eq!(line(&users, "default"), "user default on nopass sanitize-payload ~* &* +@all");
    assert!(users.find(DEFAULT).expect("always there").is_unrestricted());
    assert!(users.authenticate(DEFAULT, b"whatever").is_ok());
}

#[test]
fn a_wrong_rule_changes_nothing() {
    let mut users = Users::default();
    users.set_user(b"u", &["on", "+get"]).expect("rules are fine");
    let (before, generation) = (line(&users, "u"), users.generation().now());
    let error = users.set_user(b"u", &["off", "+set", "+nosuch", "~a"]).expect_err("no such command");
    assert_eq!(error, SetUserError::Rule { rule: b"+nosuch"[..].into(), error: RuleError::UnknownCommand },);
    assert_eq!((line(&users, "u"), users.generation().now()), (before, generation));
    assert!(users.set_user(b"new", &["(+get"]).is_err());
    assert!(users.find(b"new").is_none());
}

#[test]
fn names_have_no_white_space() {
    let mut users = Users::default();
    for name in [&b"a b"[..], b"a\tb", b"a\x0bb", b"a\0", b"\n"] {
        assert_eq!(users.set_user(name, &["on"]).expect_err("not a name"), SetUserError::Name);
    }
    assert_eq!(SetUserError::Name.to_string(), "Usernames can't contain spaces or null characters");
    assert!(users.set_user(b"", &["on"]).is_ok());
    assert!(users.set_user(b"\xFF", &["on"]).is_ok());
}

#[test]
fn users_are_listed_by_the_bytes_of_their_names() {
    let mut users = Users::default();
    for name in [&b"u"[..], b"\xFF", b"U", b"", b"defaul"] {
        users.set_user(name, &["on"]).expect("rules are fine");
    }
    let names: Vec<_> = users.iter().map(|user| user.name()).collect();
    assert_eq!(names, [&b""[..], b"U", b"defaul", b"default", b"u", b"\xFF"]);
}

#[test]
fn errors_show_the_clients_bytes_up_to_a_nul_on_one_line() {
    let mut users = Users::default();
    let mut text = |rule: &[u8]| users.set_user(b"u", &[rule]).expect_err("wrong").text();
    assert_eq!(text(b"a\r\n\xFFb\0c"), b"Error in ACL SETUSER modifier 'a  \xFFb': Syntax error");
    assert_eq!(text(b"(a\nb"), b"Unmatched parenthesis in acl selector starting at '(a b'.");
}

#[test]
fn passwords_open_users_that_are_on() {
    let mut users = Users::default();
    users.set_user(b"u", &["on", ">first", ">second"]).expect("rules are fine");
    for password in ["first", "second"] {
        let user = users.authenticate(b"u", password.as_bytes()).expect("its password");
        assert_eq!(user.name(), b"u");
    }
    for (name, password) in [("u", "third"), ("u", ""), ("nobody", "first"), ("U", "first")] {
        let outcome = users.authenticate(name.as_bytes(), password.as_bytes());
        assert_eq!(outcome, Err(AuthenticationFailed), "{name} {password}");
    }
    users.set_user(b"u", &["off"]).expect("rules are fine");
    assert_eq!(users.authenticate(b"u", b"first"), Err(AuthenticationFailed));
    assert_eq!(
        AuthenticationFailed.to_string(),
        "WRONGPASS invalid username-password pair or user is disabled.",
    );
}

#[test]
fn no_password_is_not_any_password() {
    let mut users = Users::default();
    users.set_user(b"u", &["on"]).expect("rules are fine");
    assert_eq!(users.authenticate(b"u", b""), Err(AuthenticationFailed));
    users.set_user(b"u", &["nopass"]).expect("rules are fine");
    assert!(users.authenticate(b"u", b"x").is_ok());
    users.set_user(b"u", &[">a"]).expect("rules are fine");
    assert_eq!(users.authenticate(b"u", b"x"), Err(AuthenticationFailed));
}

#[test]
fn sessions_see_by_the_generation_that_users_changed() {
    let mut users = Users::default();
    let generation = users.generation();
    let held: Arc<User> = users.find(DEFAULT).expect("always there").clone();
    let seen = generation.now();

    users.set_user(b"u", &["on"]).expect("rules are fine");
    assert_ne!(generation.now(), seen);
    assert!(Arc::ptr_eq(&held, users.find(DEFAULT).expect("always there")));

    let change = users.set_user(DEFAULT, &["-get"]).expect("rules are fine");
    assert!(change.before.is_some_and(|before| Arc::ptr_eq(&before, &held)));
    assert!(held.is_unrestricted() && !change.after.is_unrestricted());

    let seen = generation.now();
    assert_eq!(users.remove(&["nobody"]).expect("not the default user").len(), 0);
    assert_eq!(generation.now(), seen);
    assert_eq!(users.remove(&["u", "u", "nobody"]).expect("not the default user").len(), 1);
    assert_ne!(generation.now(), seen);
}

#[test]
fn the_default_user_stays_and_so_do_those_named_beside_it() {
    let mut users = Users::default();
    users.set_user(b"u", &["on"]).expect("rules are fine");
    assert_eq!(users.remove(&["u", "default"]), Err(DefaultUserStays));
    assert!(users.find(b"u").is_some());
}

#[test]
fn users_and_selectors_begin_with_the_channels_of_the_configuration() {
    let mut users = Users::new(ChannelDefault::All);
    users.set_user(b"u", &["resetchannels", "(+get)"]).expect("rules are fine");
    assert_eq!(line(&users, "u"), "user u off sanitize-payload resetchannels -@all (&* -@all +get)");
    users.set_user(b"u", &["reset"]).expect("rules are fine");
    assert_eq!(line(&users, "u"), "user u off sanitize-payload &* -@all");
    users.set_channel_default(ChannelDefault::None);
    assert_eq!(line(&users, "u"), "user u off sanitize-payload &* -@all");
    users.set_user(b"v", &["on"]).expect("rules are fine");
    assert_eq!(line(&users, "v"), "user v on sanitize-payload resetchannels -@all");
}

#[test]
fn whoever_may_do_everything_by_some_selector_is_unrestricted() {
    let mut users = Users::default();
    let mut is_unrestricted = |rules: &[&str]| {
        users.set_user(b"u", &[&["reset"], rules].concat()).expect("rules are fine").after.is_unrestricted()
    };
    assert!(is_unrestricted(&["+@all", "~*", "&*"]));
    assert!(is_unrestricted(&["+@all", "-get", "+get", "~*", "&*"]));
    assert!(is_unrestricted(&["(+@all ~* &*)"]));
    assert!(!is_unrestricted(&["+@all", "~*"]));
    assert!(!is_unrestricted(&["+@all", "&*"]));
    assert!(!is_unrestricted(&["+@all", "-get", "~*", "&*"]));
    assert!(!is_unrestricted(&["+@all", "~*", "&*", "db=0,1"]));
    assert!(!is_unrestricted(&["+@all", "(~* &*)"]));
    assert!(!is_unrestricted(&["+@all", "%R~*", "&*"]));
}

#[test]
fn lists_of_rules_are_bounded() {
    let mut users = Users::default();
    let mut rules: Vec<String> = (0..LIST_MAX).map(|number| format!("~{number}")).collect();
    assert!(users.set_user(b"u", &rules).is_ok());
    rules.push("~more".to_owned());
    let error = users.set_user(b"v", &rules).expect_err("too many");
    assert_eq!(error, SetUserError::Rule { rule: b"~more"[..].into(), error: RuleError::TooMany });
}

#[test]
fn a_loaded_file_replaces_everybody() {
    let mut users = Users::default();
    users.set_user(b"stays", &["on"]).expect("rules are fine");
    users.set_user(b"goes", &["on"]).expect("rules are fine");
    users.set_user(DEFAULT, &["off"]).expect("rules are fine");
    let generation = users.generation().now();
    let gone = users.load(b"user stays off\nuser comes on\n").expect("a fine file");
    assert_eq!(gone.iter().map(|user| user.name()).collect::<Vec<_>>(), [b"goes"]);
    assert_ne!(users.generation().now(), generation);
    assert_eq!(
        String::from_utf8(users.write()).expect("ASCII"),
        "user comes on sanitize-payload resetchannels -@all\n\
         user default on nopass sanitize-payload ~* &* +@all\n\
         user stays off sanitize-payload resetchannels -@all\n",
    );
}

#[test]
fn a_file_with_an_open_selector_is_refused() {
    let mut users = Users::default();
    let before = users.write();
    let error = users.load(b"user a on (+get\nuser b\n").expect_err("no parenthesis closes");
    assert_eq!(
        error.text("users.acl"),
        "users.acl:1: Unmatched parenthesis in acl selector starting at '(+get'. \
         WARNING: ACL errors detected, no change to the previously active ACL rules was performed",
    );
    assert_eq!(users.write(), before);
}

#[test]
fn the_faults_of_a_file_are_bounded() {
    let mut users = Users::default();
    let error = users.load(&b"no user\n".repeat(5000)).expect_err("no users");
    assert_eq!(error.faults().len(), kvd_acl::FAULTS_MAX);
    let error = users.load(&[&b"user u "[..], &b"+nosuch ".repeat(5000)].concat()).expect_err("no commands");
    assert_eq!(error.faults().len(), kvd_acl::FAULTS_MAX);
}

/// The texts are those with which Redis 8.2 refuses to start, but for the open selector.
#[test]
fn users_are_declared_by_the_configuration() {
    let mut users = Users::default();
    users.declare(&[vec!["a", "on", "(+get", "~a)"], vec!["default", ">x"]]).expect("fine declarations");
    assert_eq!(
        line(&users, "a"),
        "user a on sanitize-payload resetchannels -@all (~a resetchannels -@all +get)"
    );
    assert!(line(&users, "default").starts_with("user default off sanitize-payload #"));

    let before = users.write();
    let declarations = [
        vec!["a", "on"],
        vec!["a", "off"],
        vec!["b", "on", "foo"],
        vec!["c", "+foo"],
        vec!["d e"],
        vec![],
        vec!["f", "(+get"],
    ];
    let faults = users.declare(&declarations).expect_err("most of them are wrong");
    let texts: Vec<_> = faults.iter().map(|(index, fault)| (*index, fault.to_string())).collect();
    let expected = [
        (
            1,
            "Error in user declaration 'a': Duplicate user found. A user can only be defined once in config files",
        ),
        (2, "Error in user declaration 'b': Syntax error"),
        (3, "Error loading ACL rule '+foo' for the user named 'c': Unknown command or category name in ACL"),
        (4, "Spaces not allowed in ACL usernames"),
        (5, "wrong number of arguments"),
        (6, "Error in user declaration 'f': Unmatched parenthesis in acl selector starting at '(+get'."),
    ];
    assert_eq!(texts, expected.map(|(index, text)| (index, text.to_owned())));
    assert_eq!(faults[4].1, DeclarationError::NoName);
    assert_eq!(users.write(), before);
}
