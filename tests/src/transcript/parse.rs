//! Reading a transcript: sections, directives, requests.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::expectation::{self, Reading};
use super::words;
use crate::server::{Condition, Protocol, Server};
use crate::wire;

/// A parsed file.
#[derive(Debug)]
pub struct Transcript {
    /// Where it came from, for messages.
    pub path: PathBuf,
    /// Its sections in order.
    pub sections: Vec<Section>,
}

/// Requests that belong together, run on an empty database with connections of their own.
#[derive(Debug)]
pub struct Section {
    /// What the section shows.
    pub title: String,
    /// The line of the title.
    pub line: usize,
    /// Servers to run on; all when absent.
    pub only: Option<Condition>,
    /// Families of commands that the server must have.
    pub needs: Vec<String>,
    /// Protocols to run in, one after the other.
    pub protocols: Vec<Protocol>,
    /// What happens.
    pub steps: Vec<Step>,
}

/// One action and what must be read after it.
#[derive(Debug)]
pub struct Step {
    /// The line of the request.
    pub line: usize,
    /// The request as written.
    pub source: String,
    /// The client's name; empty for the one without.
    pub client: String,
    /// What is done.
    pub action: Action,
    /// What may be expected; the first condition that holds wins, those with a label before the one without.
    pub alternatives: Vec<Alternative>,
}

/// What a step does.
#[derive(Debug)]
pub enum Action {
    /// Sends these bytes: a request, or raw.
    Send(Vec<u8>),
    /// Only reads.
    Listen,
    /// Lets time pass.
    Wait(Duration),
}

/// Expected replies and where they hold.
#[derive(Debug)]
pub struct Alternative {
    /// Where; everywhere when absent.
    pub condition: Option<Condition>,
    /// What is read, in order.
    pub readings: Vec<Reading>,
    /// The lines as written.
    pub source: String,
}

/// A line that is no transcript.
#[derive(Debug)]
pub struct ParseError {
    /// The file.
    pub path: PathBuf,
    /// The line, counted from 1.
    pub line: usize,
    /// Why.
    pub reason: String,
}

impl Transcript {
    /// Parses `text`; `path` is only kept for messages.
    pub fn parse(path: &Path, text: &str) -> Result<Self, ParseError> {
        let mut parser = Parser { lines: text.lines().collect(), at: 0, sections: Vec::new() };
        match parser.file() {
            Ok(()) => Ok(Self { path: path.to_owned(), sections: parser.sections }),
            Err(reason) => Err(ParseError { path: path.to_owned(), line: parser.at + 1, reason }),
        }
    }

    /// Every transcript below `folder`, in the order of their paths.
    pub fn load_all(folder: &Path) -> Result<Vec<Self>, ParseError> {
        let mut paths = Vec::new();
        let unreadable = |path: &Path, error: std::io::Error| ParseError {
            path: path.to_owned(),
            line: 0,
            reason: error.to_string(),
        };
        let mut folders = vec![folder.to_owned()];
        while let Some(folder) = folders.pop() {
            let entries = std::fs::read_dir(&folder).map_err(|error| unreadable(&folder, error))?;
            for entry in entries {
                let path = entry.map_err(|error| unreadable(&folder, error))?.path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|extension| extension == "txt") {
                    paths.push(path);
                }
            }
        }
        paths.sort();
        let load = |path: &PathBuf| {
            let text = std::fs::read_to_string(path).map_err(|error| unreadable(path, error))?;
            Self::parse(path.strip_prefix(folder).unwrap_or(path), &text)
        };
        paths.iter().map(load).collect()
    }
}

impl Section {
    /// Whether the section is meant for `server` in `protocol`.
    pub fn holds_on(&self, server: &Server, protocol: Protocol) -> bool {
        self.protocols.contains(&protocol)
            && self.only.as_ref().is_none_or(|only| only.holds(server, protocol))
    }
}

impl Step {
    /// What is expected from `server`; `None` when the step is not meant for it.
    pub fn expected(&self, server: &Server, protocol: Protocol) -> Option<&Alternative> {
        let labelled = self.alternatives.iter().find(|alternative| {
            alternative.condition.as_ref().is_some_and(|condition| condition.holds(server, protocol))
        });
        labelled.or_else(|| self.alternatives.iter().find(|alternative| alternative.condition.is_none()))
    }
}

struct Parser<'t> {
    lines: Vec<&'t str>,
    at: usize,
    sections: Vec<Section>,
}

impl Parser<'_> {
    fn file(&mut self) -> Result<(), String> {
        while let Some(&line) = self.lines.get(self.at) {
            if let Some(title) = line.strip_prefix("== ") {
                self.sections.push(Section::new(title, self.at + 1));
            } else if let Some(comment) = line.strip_prefix('#') {
                self.comment(comment)?;
            } else if !line.trim().is_empty() {
                self.section()?;
                let step = self.step(line)?;
                self.section()?.steps.push(step);
                continue;
            }
            self.at += 1;
        }
        if self.sections.is_empty() { Err("a transcript needs a section".to_owned()) } else { Ok(()) }
    }

    fn section(&mut self) -> Result<&mut Section, String> {
        self.sections.last_mut().ok_or_else(|| "the first section starts with '== title'".to_owned())
    }

    /// A comment, or a directive when its first word is in small letters and ends in a colon.
    fn comment(&mut self, comment: &str) -> Result<(), String> {
        let Some((word, rest)) = comment.trim_start().split_once(':') else { return Ok(()) };
        if word.is_empty() || !word.chars().all(|c| c.is_ascii_lowercase()) {
            return Ok(());
        }
        let section = self.section()?;
        if !section.steps.is_empty() {
            return Err("directives stand before the first request of a section".to_owned());
        }
        match word {
            "only" => section.only = Some(Condition::parse(rest)?),
            "needs" => section.needs = rest.split_whitespace().map(str::to_owned).collect(),
            "resp" => section.protocols = rest.split_whitespace().map(protocol).collect::<Result<_, _>>()?,
            _ => {
                return Err(format!(
                    "unknown directive '{word}:'; a comment must not start with a word and a colon"
                ));
            }
        }
        Ok(())
    }

    fn step(&mut self, line: &str) -> Result<Step, String> {
        let (client, action) = action(line)?;
        let mut step = Step {
            line: self.at + 1,
            source: line.to_owned(),
            client: client.to_owned(),
            action,
            alternatives: Vec::new(),
        };
        self.at += 1;
        while self.lines.get(self.at).is_some_and(|line| is_expectation(line)) {
            step.alternatives.push(self.alternative()?);
        }
        if step.alternatives.is_empty() && !matches!(step.action, Action::Wait(_)) {
            self.at = step.line - 1;
            return Err("what is expected? '(no reply)' says nothing".to_owned());
        }
        Ok(step)
    }

    fn alternative(&mut self) -> Result<Alternative, String> {
        let start = self.at;
        let mut lines: Vec<&str> = Vec::new();
        let mut condition = None;
        while let Some(&line) = self.lines.get(self.at).filter(|line| is_expectation(line)) {
            match line.strip_prefix('[') {
                Some(_) if self.at > start => break,
                Some(label) => {
                    let (words, rest) = label.split_once(']').ok_or("'[' without ']'")?;
                    condition = Some(Condition::parse(words)?);
                    if !rest.trim().is_empty() {
                        lines.push(rest.trim_start());
                    }
                }
                None => lines.push(line),
            }
            self.at += 1;
        }
        let label_lines = self.at - start - lines.len();
        let readings = expectation::readings(&lines).map_err(|(index, reason)| {
            self.at = start + label_lines + index;
            reason
        })?;
        Ok(Alternative { condition, readings, source: lines.join("\n") })
    }
}

impl Section {
    fn new(title: &str, line: usize) -> Self {
        Self {
            title: title.trim().to_owned(),
            line,
            only: None,
            needs: Vec::new(),
            protocols: vec![Protocol::Resp2, Protocol::Resp3],
            steps: Vec::new(),
        }
    }
}

/// Whether a line below a request belongs to its expectations.
fn is_expectation(line: &str) -> bool {
    let other = line.trim().is_empty() || line.starts_with('#') || line.starts_with("== ");
    !other && !line.starts_with("... ") && Prompt::parse(line).is_none()
}

/// What stands before a request: `> `, `other> `, `raw> `, `other raw> `, or `other<` alone.
struct Prompt<'l> {
    client: &'l str,
    raw: bool,
    /// The request; `None` when the client only listens.
    request: Option<&'l str>,
}

impl<'l> Prompt<'l> {
    fn parse(line: &'l str) -> Option<Self> {
        let (prompt, rest) = line.split_at(line.find(['>', '<'])?);
        let (client, raw) = match prompt.strip_suffix("raw") {
            Some(client) if client.is_empty() || client.ends_with(' ') => (client.trim_end(), true),
            _ => (prompt, false),
        };
        let request = if rest == "<" && !raw { None } else { Some(rest.strip_prefix("> ")?) };
        client.chars().all(|c| c.is_ascii_lowercase()).then_some(Self { client, raw, request })
    }
}

fn action(line: &str) -> Result<(&str, Action), String> {
    if let Some(time) = line.strip_prefix("... ") {
        let ms = time.strip_suffix(" ms").and_then(|ms| ms.parse().ok());
        return Ok(("", Action::Wait(Duration::from_millis(ms.ok_or("time is written '... 20 ms'")?))));
    }
    let Prompt { client, raw, request } =
        Prompt::parse(line).ok_or_else(|| format!("'{line}' is no request"))?;
    let Some(request) = request else { return Ok((client, Action::Listen)) };
    let words = words::split(request)?;
    match (raw, words.as_slice()) {
        (true, [bytes]) => Ok((client, Action::Send(bytes.clone()))),
        (true, _) => Err("raw bytes are one quoted word".to_owned()),
        (false, []) => Err("an empty request".to_owned()),
        (false, words) => Ok((client, Action::Send(wire::encode(words)))),
    }
}

fn protocol(word: &str) -> Result<Protocol, String> {
    match word {
        "2" => Ok(Protocol::Resp2),
        "3" => Ok(Protocol::Resp3),
        _ => Err(format!("there is no RESP{word}")),
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path.display(), self.line, self.reason)
    }
}

impl std::error::Error for ParseError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::{Product, Version};

    fn parse(text: &str) -> Result<Transcript, ParseError> {
        Transcript::parse("t.txt".as_ref(), text)
    }

    #[test]
    fn labelled_expectations_come_first_wherever_they_stand() {
        let transcript =
            parse("== t\n> GET a\n\"x\"\n[redis<8]\n1) \"y\"\n2) \"z\"\n[valkey] (nil)\n").unwrap();
        let step = &transcript.sections[0].steps[0];
        let expected = |product, version| {
            let server = Server { product, version };
            step.expected(&server, Protocol::Resp2).unwrap().source.clone()
        };
        assert_eq!(expected(Product::Redis, Version(7, 0)), "1) \"y\"\n2) \"z\"");
        assert_eq!(expected(Product::Redis, Version(8, 2)), "\"x\"");
        assert_eq!(expected(Product::Valkey, Version(9, 1)), "(nil)");
    }

    #[test]
    fn clients_raw_bytes_and_time_are_actions() {
        let text =
            "== t\na> PING\nPONG\nb raw> \"x\\r\\n\"\n(closed)\nraw> \"y\"\n(no reply)\n... 5 ms\nsub<\nOK\n";
        let transcript = parse(text).unwrap();
        let steps = &transcript.sections[0].steps;
        let clients: Vec<&str> = steps.iter().map(|step| step.client.as_str()).collect();
        assert_eq!(clients, ["a", "b", "", "", "sub"]);
        assert!(matches!(&steps[1].action, Action::Send(bytes) if bytes == b"x\r\n"));
        assert!(matches!(&steps[3].action, Action::Wait(time) if time.as_millis() == 5));
        assert!(matches!(&steps[4].action, Action::Listen));
    }

    #[test]
    fn faults_name_their_line() {
        for (line, text) in [
            (1, "> PING\nPONG\n"),
            (2, "== t\n# onyl: redis\n> PING\nPONG\n"),
            (3, "== t\n\n> PING\n"),
            (3, "== t\n> PING\n(statsu) x\n"),
            (4, "== t\n> PING\n[redis]\n(statsu) x\n"),
            (4, "== t\n> PING\nPONG\n# only: redis\n"),
            (2, "== t\n> GET \"a\nOK\n"),
            (4, "== t\n> PING\nPONG\n> GET \"a\n"),
            (2, "== t\n# resp: 4\n> PING\nPONG\n"),
        ] {
            assert_eq!(parse(text).unwrap_err().line, line, "{text}");
        }
    }
}
