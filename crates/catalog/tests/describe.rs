//! Descriptions against the peers' replies, recorded over RESP3 in `golden/descriptions.txt`.
//!
//! A line is `info name reply` or `docs name reply`. In a reply `*[…]` is an array, `~[…]` a set,
//! `%[key=value, …]` a map, `+x` a simple string; sentences, which kvd has in its own words, are `...`.

use kvd_catalog::describe::{self, Sink};
use kvd_catalog::{COMMANDS, command, find};

#[derive(Default)]
struct Text {
    text: String,
    /// Open aggregates: kind, elements so far, elements in all.
    open: Vec<(char, usize, usize)>,
    /// Whether the next element is a sentence.
    is_sentence_next: bool,
    /// How many aggregates are open around the elements of a history, if in one.
    history_depth: Option<usize>,
}

impl Text {
    fn begin(&mut self) {
        if let Some((kind, done, _)) = self.open.last_mut() {
            if *kind == '%' && *done % 2 == 1 {
                self.text.push('=');
            } else if *done > 0 {
                self.text.push_str(", ");
            }
            *done += 1;
        }
    }

    fn end(&mut self) {
        while let Some((_, done, all)) = self.open.last()
            && done == all
        {
            self.open.pop();
            self.text.push(']');
            if self.history_depth == Some(self.open.len()) {
                self.history_depth = None;
            }
        }
    }

    fn scalar(&mut self, text: &str) {
        self.begin();
        self.text.push_str(text);
        self.end();
    }

    fn aggregate(&mut self, kind: char, length: usize) {
        self.begin();
        self.text.push(kind);
        self.text.push('[');
        self.open.push((kind, 0, length));
        self.end();
    }
}

impl Sink for Text {
    fn array(&mut self, length: usize) {
        self.aggregate('*', length);
    }

    fn map(&mut self, length: usize) {
        self.aggregate('%', length * 2);
    }

    fn set(&mut self, length: usize) {
        self.aggregate('~', length);
    }

    fn bulk(&mut self, text: &str) {
        let is_key = self.open.last().is_some_and(|(kind, done, _)| *kind == '%' && done % 2 == 0);
        let in_history =
            self.history_depth.is_some() && self.open.last().is_some_and(|(_, done, _)| *done == 1);
        if std::mem::take(&mut self.is_sentence_next) || in_history {
            assert!(text.len() > 3, "{text}");
            return self.scalar("...");
        }
        if is_key && text == "history" {
            self.history_depth = Some(self.open.len());
        }
        self.is_sentence_next = is_key && ["summary", "complexity", "notes", "replaced_by"].contains(&text);
        self.scalar(text);
    }

    fn simple(&mut self, text: &str) {
        self.scalar(&format!("+{text}"));
    }

    fn integer(&mut self, number: i64) {
        self.scalar(&number.to_string());
    }
}

#[test]
fn descriptions_have_the_peers_shape() {
    for line in include_str!("golden/descriptions.txt").lines() {
        let mut parts = line.splitn(3, ' ');
        let (Some(kind), Some(name), Some(reply)) = (parts.next(), parts.next(), parts.next()) else {
            panic!("{line}");
        };
        let command = command(find(name.as_bytes()).expect("a command"));
        let mut ours = Text::default();
        match kind {
            "info" => describe::info(command, &mut ours),
            _ => describe::docs(command, &mut ours),
        }
        assert_eq!(ours.text, reply, "{kind} {name}");
        assert!(ours.open.is_empty());
    }
}

#[test]
fn every_description_has_the_elements_that_it_announces() {
    for command in COMMANDS {
        let (mut info, mut docs) = (Text::default(), Text::default());
        describe::info(command, &mut info);
        describe::docs(command, &mut docs);
        assert!(info.open.is_empty() && docs.open.is_empty(), "{}", command.name);
    }
}

#[test]
fn lists_are_filtered_as_by_the_peers() {
    let names = |commands: Vec<&kvd_catalog::Command>| {
        commands.iter().map(|command| command.name).collect::<Vec<_>>()
    };
    let scripting = names(describe::in_category(b"scripting").collect());
    assert!(
        scripting.contains(&"function|list") && scripting.contains(&"eval") && !scripting.contains(&"script")
    );
    assert_eq!(scripting.len(), 22);
    assert!(describe::in_category(b"nosuch").next().is_none());
    assert_eq!(describe::in_module(b"vectorset").count(), 12);
    let found = names(describe::matching(|name| name.starts_with("xgroup|c")).collect());
    assert_eq!(found, ["xgroup|create", "xgroup|createconsumer"]);
    assert!(describe::top_level().all(|command| !command.name.contains('|')));
    assert_eq!(
        describe::top_level().count(),
        COMMANDS.iter().filter(|command| command.container.is_none()).count()
    );
}

#[test]
fn the_page_has_a_row_for_each_command() {
    let get = find(b"config|get").expect("a command");
    let page = kvd_catalog::commands_markdown(|id| id == get);
    assert!(page.contains("\n2 of 419 commands and subcommands work.\n"));
    assert!(page.contains("\n| `CONFIG GET` | Reads parameters by patterns | 2.0.0 | works |\n"));
    assert!(page.contains("\n| `MSETEX` | ") && page.contains(" | Valkey 9.1.0 | not yet |\n"));
    assert_eq!(page.lines().filter(|line| line.starts_with("| `")).count(), COMMANDS.len());
}

#[test]
fn ranges_for_old_clients_are_the_peers() {
    let golden: serde_json::Value =
        serde_json::from_str(include_str!("golden/commands.json")).expect("golden file is JSON");
    for command in COMMANDS {
        // Later ones are unknown to the peers.
        let Some(golden) = golden.get(command.name) else { continue };
        let mut info = Text::default();
        describe::info(command, &mut info);
        let range = format!("], {}, {}, {}, ~[", golden["first_key"], golden["last_key"], golden["step"]);
        let (_, behind_flags) = info.text.split_once("~[").expect("flags are a set");
        let flags = behind_flags.find(']').expect("flags end");
        assert!(behind_flags[flags..].starts_with(&range), "{} {range}", info.text);
    }
}
