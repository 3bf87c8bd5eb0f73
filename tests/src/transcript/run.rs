//! Running transcripts against a target.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use super::{Action, Expect, Reading, Section, Step, Transcript};
use crate::server::{Protocol, Server};
use crate::target::{Link, Target};
use crate::wire::{self, Frame};

/// What came of a transcript.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Requests that were sent, both protocols counted.
    pub requests: usize,
    /// Sections that the server lacks something for.
    pub skips: Vec<Skip>,
    /// Replies that were not as expected.
    pub mismatches: Vec<Mismatch>,
}

/// A section that was left out because of its `needs`.
#[derive(Debug)]
pub struct Skip {
    /// The file.
    pub path: PathBuf,
    /// The section.
    pub title: String,
    /// The family that the server lacks.
    pub needs: String,
}

/// A reply that was not as expected.
#[derive(Debug)]
pub struct Mismatch {
    /// The file.
    pub path: PathBuf,
    /// The line of the request.
    pub line: usize,
    /// Who answered, and in which protocol.
    pub server: Server,
    /// See `server`.
    pub protocol: Protocol,
    /// The request as written.
    pub request: String,
    /// The expectation as written.
    pub expected: String,
    /// What came instead.
    pub got: String,
}

/// Which families of commands a server has, found out once per server.
#[derive(Debug, Default)]
pub struct Features(BTreeMap<String, bool>);

/// The families that `# needs:` knows, each with a request that only a server which has it answers without error.
const FAMILIES: [(&str, &[&str]); 10] = [
    ("pubsub", &["PUBLISH", "probe", "a"]),
    ("transaction", &["UNWATCH"]),
    ("script", &["EVAL", "return 1", "0"]),
    ("acl", &["ACL", "WHOAMI"]),
    ("dump", &["DUMP", "probe:none"]),
    ("client-pause", &["CLIENT", "UNPAUSE"]),
    ("maxmemory", &["CONFIG", "SET", "maxmemory", "100gb"]),
    ("persistence", &["CONFIG", "SET", "save", "3600 1"]),
    ("reload", &["DEBUG", "RELOAD"]),
    ("tracking", &["CLIENT", "TRACKING", "OFF"]),
];

const POLL: Duration = Duration::from_millis(2);
const POLLS_MAX: usize = 1_000;

/// Runs every section that is meant for the target's server.
pub fn run(transcript: &Transcript, target: &mut dyn Target, features: &mut Features) -> Outcome {
    let mut outcome = Outcome::default();
    let server = target.server();
    for section in &transcript.sections {
        let protocols = [Protocol::Resp2, Protocol::Resp3];
        for protocol in protocols.into_iter().filter(|protocol| section.holds_on(&server, *protocol)) {
            let mut run = Run { target, server, protocol, clients: BTreeMap::new(), blocked: 0, requests: 0 };
            match run.section(section, features) {
                Ok(None) => {}
                Ok(Some(needs)) => {
                    let skip = Skip { path: transcript.path.clone(), title: section.title.clone(), needs };
                    outcome.skips.retain(|other| other.title != skip.title);
                    outcome.skips.push(skip);
                }
                Err(faults) => {
                    let path = &transcript.path;
                    outcome
                        .mismatches
                        .extend(faults.into_iter().map(|fault| fault.at(path, server, protocol)));
                }
            }
            outcome.requests += run.requests;
            run.close();
        }
    }
    outcome
}

struct Run<'t> {
    target: &'t mut dyn Target,
    server: Server,
    protocol: Protocol,
    clients: BTreeMap<String, Client>,
    /// How many clients the server lets wait.
    blocked: usize,
    requests: usize,
}

struct Client {
    link: Link,
    protocol: Protocol,
    /// Received and not yet read.
    pending: Vec<u8>,
    /// The server lets it wait.
    blocked: bool,
}

/// What went wrong at a step.
struct Fault {
    line: usize,
    request: String,
    expected: String,
    got: String,
}

/// Why a frame could not be read; the rest of the section would only repeat it.
struct Lost(String);

impl Run<'_> {
    /// Runs a section; gives the family that it lacks, if any.
    fn section(&mut self, section: &Section, features: &mut Features) -> Result<Option<String>, Vec<Fault>> {
        let whole = |got: String| {
            let (line, request) = (section.line, section.title.clone());
            vec![Fault { line, request, expected: "a section to start".to_owned(), got }]
        };
        for family in &section.needs {
            if !features.has(family, self).map_err(whole)? {
                return Ok(Some(family.clone()));
            }
        }
        self.clear().map_err(whole)?;
        if section.needs.iter().any(|family| family == "pubsub") {
            self.wait_until_nobody_listens().map_err(whole)?;
        }
        let mut faults = Vec::new();
        for step in &section.steps {
            if let Err(lost) = self.step(step, &mut faults) {
                let expected = format!("an answer; the rest of '{}' is left out", section.title);
                faults.push(Fault { line: step.line, request: step.source.clone(), expected, got: lost.0 });
                break;
            }
        }
        if faults.is_empty() {
            faults = self.unheard(section);
        }
        if faults.is_empty() { Ok(None) } else { Err(faults) }
    }

    /// The clients of the section before are gone, but the server may have yet to notice.
    fn wait_until_nobody_listens(&mut self) -> Result<(), String> {
        const NOBODY: [&str; 3] = ["pubsub_channels:0\r", "pubsub_patterns:0\r", "pubsubshard_channels:0\r"];
        for _ in 0..POLLS_MAX {
            match self.ask(&["INFO", "stats"])? {
                Frame::Bulk(text) => {
                    let text = String::from_utf8_lossy(&text);
                    if NOBODY.iter().all(|line| text.contains(line)) {
                        return Ok(());
                    }
                    self.target.advance(POLL);
                }
                other => return Err(format!("INFO stats answered {}", other.notation())),
            }
        }
        Err("somebody still listens".to_owned())
    }

    /// What came unasked, and nobody listened to it.
    fn unheard(&self, section: &Section) -> Vec<Fault> {
        let talkative = self.clients.iter().filter(|(_, client)| !client.pending.is_empty());
        let fault = |(name, client): (&String, &Client)| Fault {
            line: section.line,
            request: format!("{name}<"),
            expected: "nothing more".to_owned(),
            got: format!("{:?}", String::from_utf8_lossy(&client.pending)),
        };
        talkative.map(fault).collect()
    }

    fn clear(&mut self) -> Result<(), String> {
        match self.ask(&["FLUSHALL"])? {
            Frame::Status(ok) if ok == b"OK" => Ok(()),
            other => Err(format!("FLUSHALL answered {}", other.notation())),
        }
    }

    /// Asks over a connection of its own, which leaves no trace in the section.
    fn ask(&mut self, words: &[&str]) -> Result<Frame, String> {
        let mut client = self.connect().map_err(|error| error.to_string())?;
        let answer = self.exchange(&mut client, &wire::encode(words));
        self.target.close(client.link);
        answer.map_err(|lost| lost.0)
    }

    fn connect(&mut self) -> io::Result<Client> {
        let link = self.target.connect()?;
        Ok(Client { link, protocol: Protocol::Resp2, pending: Vec::new(), blocked: false })
    }

    fn exchange(&mut self, client: &mut Client, request: &[u8]) -> Result<Frame, Lost> {
        self.target.send(client.link, request).map_err(Lost::from)?;
        self.frame(client)
    }

    fn step(&mut self, step: &Step, faults: &mut Vec<Fault>) -> Result<(), Lost> {
        let mut client = match self.clients.remove(&step.client) {
            Some(client) => client,
            None => self.open()?,
        };
        let outcome = self.step_of(&mut client, step, faults);
        self.clients.insert(step.client.clone(), client);
        outcome
    }

    fn open(&mut self) -> Result<Client, Lost> {
        let mut client = self.connect().map_err(Lost::from)?;
        if self.protocol == Protocol::Resp3 {
            match self.exchange(&mut client, &wire::encode(&["HELLO", "3"]))? {
                Frame::Map(_) => client.protocol = Protocol::Resp3,
                other => return Err(Lost(format!("HELLO 3 answered {}", other.notation()))),
            }
        }
        Ok(client)
    }

    fn step_of(&mut self, client: &mut Client, step: &Step, faults: &mut Vec<Fault>) -> Result<(), Lost> {
        let expected = step.expected(&self.server, self.protocol);
        match &step.action {
            Action::Wait(time) => {
                self.target.advance(*time);
                return Ok(());
            }
            Action::Listen => {}
            Action::Send(_) if expected.is_none() => return Ok(()),
            Action::Send(bytes) => {
                self.requests += 1;
                self.target.send(client.link, bytes).map_err(Lost::from)?;
            }
        }
        let Some(expected) = expected else { return Ok(()) };
        let mut fault = |got: String| {
            let (request, expected) = (step.source.clone(), expected.source.clone());
            faults.push(Fault { line: step.line, request, expected, got });
        };
        for reading in &expected.readings {
            if let Err(got) = self.read(client, reading)? {
                fault(got);
            }
        }
        // What comes unasked may come together: the rest is for whoever listens next.
        if !client.pending.is_empty() && !matches!(step.action, Action::Listen) {
            fault(format!("more than that: {:?}", String::from_utf8_lossy(&client.pending)));
            client.pending.clear();
        }
        Ok(())
    }

    /// Reads what is expected, or gives what was there instead.
    fn read(&mut self, client: &mut Client, reading: &Reading) -> Result<Result<(), String>, Lost> {
        match reading {
            Reading::Frame(expect) => {
                let frame = self.frame(client)?;
                client.follow(&frame);
                self.blocked -= usize::from(std::mem::take(&mut client.blocked));
                Ok(frame_as_expected(expect, &frame, client.protocol))
            }
            Reading::Bytes(wanted) => {
                while client.pending.len() < wanted.len() {
                    self.receive(client)?;
                }
                let got: Vec<u8> = client.pending.drain(..wanted.len()).collect();
                let same = got == *wanted;
                Ok(if same { Ok(()) } else { Err(format!("bytes {:?}", String::from_utf8_lossy(&got))) })
            }
            Reading::Blocked => self.wait_until_blocked(client),
            Reading::Closed if !client.pending.is_empty() => {
                let rest = std::mem::take(&mut client.pending);
                Ok(Err(format!("more bytes: {:?}", String::from_utf8_lossy(&rest))))
            }
            Reading::Closed => match self.target.receive(client.link, &mut client.pending) {
                Ok(0) => Ok(Ok(())),
                Ok(_) => Ok(Err(format!("more bytes: {:?}", String::from_utf8_lossy(&client.pending)))),
                Err(error) => Ok(Err(format!("an open connection ({error})"))),
            },
        }
    }

    /// A request that blocks gives no sign of its arrival, so the server is asked how many clients wait.
    fn wait_until_blocked(&mut self, client: &mut Client) -> Result<Result<(), String>, Lost> {
        let wanted = format!("blocked_clients:{}\r\n", self.blocked + 1);
        for _ in 0..POLLS_MAX {
            match self.ask(&["INFO", "clients"]).map_err(Lost)? {
                Frame::Bulk(text) if String::from_utf8_lossy(&text).contains(&wanted) => {
                    self.blocked += 1;
                    client.blocked = true;
                    return Ok(Ok(()));
                }
                Frame::Bulk(_) => self.target.advance(POLL),
                other => return Ok(Err(other.notation())),
            }
        }
        Ok(Err(format!("INFO clients without {wanted:?}")))
    }

    fn frame(&mut self, client: &mut Client) -> Result<Frame, Lost> {
        loop {
            if let Some((frame, length)) =
                wire::decode(&client.pending).map_err(|fault| Lost(fault.to_string()))?
            {
                client.pending.drain(..length);
                return Ok(frame);
            }
            self.receive(client)?;
        }
    }

    fn receive(&mut self, client: &mut Client) -> Result<(), Lost> {
        match self.target.receive(client.link, &mut client.pending).map_err(Lost::from)? {
            0 => Err(Lost("the end of the connection".to_owned())),
            _ => Ok(()),
        }
    }

    fn close(self) {
        for client in self.clients.into_values() {
            self.target.close(client.link);
        }
    }
}

impl Client {
    /// Keeps track of the protocol: the reply to HELLO says in which one it is itself written.
    fn follow(&mut self, reply: &Frame) {
        let says = |field: &Frame, value: &Frame, version: i64| {
            *field == Frame::Bulk(b"proto".to_vec()) && *value == Frame::Integer(version)
        };
        match reply {
            Frame::Map(pairs) if pairs.iter().any(|(field, value)| says(field, value, 3)) => {
                self.protocol = Protocol::Resp3;
            }
            Frame::Array(flat) if flat.windows(2).any(|pair| says(&pair[0], &pair[1], 2)) => {
                self.protocol = Protocol::Resp2;
            }
            Frame::Status(status) if status == b"RESET" => self.protocol = Protocol::Resp2,
            _ => {}
        }
    }
}

fn frame_as_expected(expect: &Expect, frame: &Frame, protocol: Protocol) -> Result<(), String> {
    if expect.matches(frame, protocol) { Ok(()) } else { Err(frame.notation()) }
}

impl Features {
    fn has(&mut self, family: &str, run: &mut Run<'_>) -> Result<bool, String> {
        if let Some(known) = self.0.get(family) {
            return Ok(*known);
        }
        let probe = FAMILIES.iter().find(|(name, _)| *name == family);
        let (_, words) = probe.ok_or_else(|| format!("no family of commands is called '{family}'"))?;
        let has = !matches!(run.ask(words)?, Frame::Error(_));
        self.0.insert(family.to_owned(), has);
        Ok(has)
    }
}

impl Fault {
    fn at(self, path: &std::path::Path, server: Server, protocol: Protocol) -> Mismatch {
        let Self { line, request, expected, got } = self;
        Mismatch { path: path.to_owned(), line, server, protocol, request, expected, got }
    }
}

impl From<io::Error> for Lost {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::TimedOut => Self("silence".to_owned()),
            _ => Self(format!("a fault of the connection: {error}")),
        }
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let indented = |text: &str| text.replace('\n', "\n              ");
        let Self { path, line, server, protocol, request, expected, got } = self;
        writeln!(f, "{}:{line} ({server}, {protocol})", path.display())?;
        writeln!(f, "    request   {request}")?;
        writeln!(f, "    expected  {}", indented(expected))?;
        writeln!(f, "    got       {}", indented(got))
    }
}
