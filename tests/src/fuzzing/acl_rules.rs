//! Rules and aclfiles of any bytes are obeyed or refused; whatever users they lead to are shown and read back as the same.

use acl::{ChannelDefault, Databases, User, Users, check};

/// Checks one input: as an aclfile, as rules with a line for each, and as a request with a line for each word.
pub fn acl_rules(input: &[u8]) {
    file(input);
    let lines: Vec<&[u8]> = input.split(|&byte| byte == b'\n').collect();
    let user = obeying(&lines);
    is_read_as_shown(&user);
    request(&user, &lines);
}

fn file(text: &[u8]) {
    let mut users = Users::default();
    let before = users.write();
    match users.load(text) {
        Err(error) => {
            assert!(!error.faults().is_empty() && error.faults().len() <= acl::FAULTS_MAX);
            error.text("fuzzed");
            assert!(users.write() == before, "a refused file changes nothing");
        }
        Ok(_) => {
            let mut again = Users::default();
            again.load(&users.write()).expect("what is written can be read");
            assert!(users.iter().eq(again.iter()), "what is written says the same");
        }
    }
}

/// The user that is left when rules that are refused are left out.
fn obeying(rules: &[&[u8]]) -> User {
    let mut user = User::new(b"u", ChannelDefault::None);
    if let Ok(whole) = user.with_rules(rules, ChannelDefault::None) {
        return whole;
    }
    for rule in rules {
        match user.with_rules(&[rule], ChannelDefault::None) {
            Ok(changed) => user = changed,
            Err(error) => assert!(!error.text().contains(&b'\n')),
        }
    }
    user
}

fn is_read_as_shown(user: &User) {
    let again = User::new(b"u", ChannelDefault::All).with_rules(&user.rules(), ChannelDefault::All);
    assert!(again.as_ref() == Ok(user), "what is shown makes the same user");
    let mut users = Users::default();
    users.load(&user.line()).expect("a line is a file");
    assert!(users.find(b"u").is_some_and(|loaded| **loaded == *user));
}

fn request(user: &User, words: &[&[u8]]) {
    let Ok(id) = catalog::resolve(words) else { return };
    let outcome = check(user, id, words, Databases { selected: 0, count: 16 });
    assert!(!user.is_unrestricted() || outcome.is_ok());
    if let Err(denied) = outcome {
        denied.dryrun_text(user, words);
        assert!(!denied.object(words).is_empty() || words.contains(&&b""[..]));
    }
}
