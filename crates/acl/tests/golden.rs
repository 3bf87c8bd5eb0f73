//! The same rules, requests and files as were given to Redis 8.2 and Valkey 9.1; `golden/record.py` has recorded their
//! answers and says what its lines mean.

use std::fmt::Write as _;

use catalog::{CommandId, KeysError, Words};
use kvd_acl::{ChannelDefault, Databases, Permissions, User, Users, check};

#[derive(Copy, Clone, PartialEq, Eq)]
enum Peer {
    Redis,
    Valkey,
}

/// A line of a recording.
struct Line {
    number: usize,
    kind: char,
    words: Vec<Vec<u8>>,
}

fn lines(text: &str) -> impl Iterator<Item = Line> {
    text.lines().enumerate().map(|(index, line)| {
        let (kind, words) = line.split_at(1);
        Line {
            number: index + 1,
            kind: kind.chars().next().expect("a line has a kind"),
            words: resp::split_line(words.as_bytes()).expect("quoted by the script"),
        }
    })
}

/// What the server would answer now, beside what the peer answered.
struct Replay {
    peer: Peer,
    user: User,
    /// The answers that a line lets us expect.
    answers: Vec<(char, Vec<Vec<u8>>)>,
    differences: String,
    /// How many requests had no keys where they should have some.
    without_keys: usize,
}

impl Replay {
    fn run(peer: Peer, recording: &str) {
        let mut replay = Replay {
            peer,
            user: User::new(b"u", ChannelDefault::None),
            answers: Vec::new(),
            differences: String::new(),
            without_keys: 0,
        };
        let mut answered = 0;
        for line in lines(recording) {
            match line.kind {
                '>' => replay.set_user(&line.words),
                '?' => replay.dryrun(&line.words),
                '<' => replay.load(&line.words[0]),
                '+' => replay.permitted(&line),
                _ => {
                    answered += 1;
                    replay.compare(&line);
                }
            }
        }
        assert!(answered > 500 || recording.contains("\n+ "), "the recording is cut");
        assert!(replay.without_keys * 10 < answered.max(1), "few requests are that broken");
        assert!(replay.differences.is_empty(), "{}", replay.differences);
    }

    fn set_user(&mut self, rules: &[Vec<u8>]) {
        match User::new(b"u", ChannelDefault::None).with_rules(rules, ChannelDefault::None) {
            Err(error) => self.answers = vec![('!', vec![[b"ERR ", &error.text()[..]].concat()])],
            Ok(user) => {
                self.answers = vec![('*', self.fields(&user)), ('=', vec![self.line(&user)])];
                self.user = user;
            }
        }
    }

    /// As the peer would show it: Valkey says nothing of payloads.
    fn line(&self, user: &User) -> Vec<u8> {
        let line = user.line();
        match self.peer {
            Peer::Redis => line,
            Peer::Valkey => {
                let line = String::from_utf8(line).expect("the recordings are ASCII");
                line.replacen(" skip-sanitize-payload", "", 1)
                    .replacen(" sanitize-payload", "", 1)
                    .into_bytes()
            }
        }
    }

    fn fields(&self, user: &User) -> Vec<Vec<u8>> {
        let shows_payload = self.peer == Peer::Redis;
        let flags: Vec<_> = user.flags().filter(|flag| shows_payload || !flag.ends_with("payload")).collect();
        let digests: Vec<_> = user.digests().iter().map(ToString::to_string).collect();
        let mut fields = vec![flags.join(" ").into_bytes(), digests.join(" ").into_bytes()];
        for permissions in std::iter::once(user.root()).chain(user.selectors()) {
            fields.extend(self.fields_of(permissions));
        }
        fields
    }

    fn fields_of(&self, permissions: &Permissions) -> Vec<Vec<u8>> {
        let mut fields =
            vec![permissions.commands_text(), permissions.keys_text(), permissions.channels_text()];
        if self.peer == Peer::Valkey {
            fields.push(permissions.databases_text());
        }
        fields
    }

    fn dryrun(&mut self, words: &[Vec<u8>]) {
        let (database, request) = words.split_first().expect("a database");
        let selected = std::str::from_utf8(database).ok().and_then(|number| number.parse().ok());
        let databases = Databases { selected: selected.expect("a number"), count: 16 };
        self.answers = vec![match catalog::resolve(request) {
            // DRYRUN has texts of its own for these, which the command makes.
            Err(_) => ('!', vec![Vec::new()]),
            // Nobody runs a request whose keys can't be told, and which of them are checked all the same differs.
            Ok(_) if catalog::requested_keys(request) == Err(KeysError::InvalidArguments) => {
                self.without_keys += 1;
                ('=', vec![Vec::new()])
            }
            Ok(id) => ('=', vec![self.dryrun_answer(id, request, databases)]),
        }];
    }

    fn dryrun_answer(&self, id: CommandId, request: &[Vec<u8>], databases: Databases) -> Vec<u8> {
        match check(&self.user, id, request, databases) {
            Ok(()) => b"OK".to_vec(),
            Err(denied) => denied.dryrun_text(&self.user, request),
        }
    }

    fn load(&mut self, text: &[u8]) {
        let mut users = Users::default();
        self.answers = vec![match users.load(text) {
            Ok(_) => ('=', users.iter().map(|user| self.line(user)).collect()),
            Err(error) => ('!', vec![[b"ERR ", error.text("users.acl").as_bytes()].concat()]),
        }];
    }

    /// The peer doesn't know every command.
    fn permitted(&mut self, line: &Line) {
        for command in catalog::COMMANDS.iter().filter(|command| command.subcommands.is_empty()) {
            let is_known = match command.origin {
                catalog::Origin::Shared => true,
                // The recording is Redis 8.2's.
                catalog::Origin::Redis => self.peer == Peer::Redis && !command.since.starts_with("8.6"),
                catalog::Origin::Valkey => self.peer == Peer::Valkey,
            };
            let expected = line.words.iter().any(|name| name.eq_ignore_ascii_case(command.name.as_bytes()));
            let mut request: Vec<&str> = command.name.split('|').collect();
            request.resize(request.len().max(usize::from(command.arity.unsigned_abs())), "1");
            let databases = Databases { selected: 0, count: 16 };
            let found = check(&self.user, command.id, &request, databases);
            if is_known && found.is_ok() != expected {
                let (number, name) = (line.number, command.name);
                writeln!(self.differences, "{number}: {name}: {found:?}").expect("a string takes all");
            }
        }
    }

    fn compare(&mut self, line: &Line) {
        let found = self.answers.pop().expect("an answer");
        let is_same = found.0 == line.kind && (found.1 == [b""] || same_words(&found.1, &line.words));
        if !is_same {
            let show = |words: &[Vec<u8>]| String::from_utf8_lossy(&words.join(&b'\n')).into_owned();
            let (found, expected) = (show(&found.1), show(&line.words));
            writeln!(self.differences, "{}:\n  found    {found}\n  expected {expected}", line.number)
                .expect("a string takes all");
        }
    }
}

fn same_words(found: &[Vec<u8>], expected: &[Vec<u8>]) -> bool {
    // Redis shows the names of its module's commands, those of vector sets, in capitals.
    let names_module = |text: &[u8]| text.windows(10).any(|window| window == b"run the 'V");
    let same = |(found, expected): (&Vec<u8>, &Vec<u8>)| {
        found == expected || names_module(expected) && found.eq_ignore_ascii_case(expected)
    };
    found.len() == expected.len() && found.iter().zip(expected).all(same)
}

#[test]
fn rules_are_taken_and_shown_as_by_redis() {
    Replay::run(Peer::Redis, include_str!("golden/redis-rules.txt"));
}

#[test]
fn rules_are_taken_and_shown_as_by_valkey() {
    Replay::run(Peer::Valkey, include_str!("golden/valkey-rules.txt"));
}

#[test]
fn requests_are_checked_as_by_redis() {
    Replay::run(Peer::Redis, include_str!("golden/redis-requests.txt"));
}

#[test]
fn requests_are_checked_as_by_valkey() {
    Replay::run(Peer::Valkey, include_str!("golden/valkey-requests.txt"));
}

#[test]
fn categories_have_the_commands_that_they_have_in_redis() {
    Replay::run(Peer::Redis, include_str!("golden/redis-categories.txt"));
}

#[test]
fn categories_and_databases_permit_what_they_permit_in_valkey() {
    Replay::run(Peer::Valkey, include_str!("golden/valkey-categories.txt"));
}

#[test]
fn files_are_read_as_by_redis() {
    Replay::run(Peer::Redis, include_str!("golden/redis-files.txt"));
}

#[test]
fn files_are_read_as_by_valkey() {
    Replay::run(Peer::Valkey, include_str!("golden/valkey-files.txt"));
}

/// The words of a request are any of the kinds that callers have.
#[test]
fn words_may_be_slices() {
    let user = User::new(b"u", ChannelDefault::None)
        .with_rules(&["+get", "~a"], ChannelDefault::None)
        .expect("rules are fine");
    let request: [&[u8]; 2] = [b"get", b"a"];
    assert_eq!(request.count(), 2);
    assert_eq!(check(&user, catalog::id::GET, &request[..], Databases { selected: 0, count: 1 }), Ok(()));
}
