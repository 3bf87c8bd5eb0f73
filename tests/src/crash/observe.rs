//! What a server holds.

use std::io;
use std::net::SocketAddr;
use std::time::{SystemTime, UNIX_EPOCH};

use super::key::Key;
use super::op::SHARED;
use super::value::{Data, Field, Kept, Value};
use crate::hostile::client::Client;
use crate::wire::{self, Frame};

/// Databases that a server has.
const DATABASES: u8 = 16;
/// Keys asked for at once.
const KEYS_AT_ONCE: usize = 128;

/// What was seen, of one client's keys or of all.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// The data.
    pub(crate) data: Data,
    /// The counter that all clients share.
    pub(crate) shared: i64,
    /// When the look began, in milliseconds since the epoch.
    pub(crate) began_ms: u64,
    /// When it ended.
    pub(crate) ended_ms: u64,
}

/// Somebody who can ask a server.
pub(crate) trait Asks {
    /// Asks for several things at once.
    fn ask_each(&mut self, requests: &[Vec<&str>]) -> io::Result<Vec<Frame>>;
}

impl Asks for Client {
    fn ask_each(&mut self, requests: &[Vec<&str>]) -> io::Result<Vec<Frame>> {
        let bytes: Vec<u8> = requests.iter().flat_map(|words| wire::encode(words)).collect();
        self.send(&bytes)?;
        requests.iter().map(|_| self.frame()).collect()
    }
}

impl Seen {
    /// Looks at everything that a server holds.
    pub(crate) fn of(address: SocketAddr) -> io::Result<Self> {
        Self::by(&mut Client::connect(address)?, now_ms)
    }

    /// The same, with a clock that tells the server's time.
    pub(crate) fn by(client: &mut impl Asks, now_ms: impl Fn() -> u64) -> io::Result<Self> {
        let mut seen = Self { began_ms: now_ms(), ..Self::default() };
        for db in 0..DATABASES {
            look(client, db, &mut seen.data)?;
        }
        seen.ended_ms = now_ms();
        if let Some(Kept { value: Value::Text(count), .. }) = seen.data.remove(&Key::of(SHARED)) {
            let count = String::from_utf8_lossy(&count).parse();
            seen.shared = count.map_err(|_| strange("the shared counter"))?;
        }
        Ok(seen)
    }

    /// What of it is a client's.
    pub(crate) fn of_client(&self, client: usize) -> Self {
        let prefix = format!("client-{client}-");
        let from = Key::of(&prefix);
        let own = self.data.range(from..).take_while(|(key, _)| key.name.starts_with(&prefix));
        Self { data: own.map(|(key, kept)| (key.clone(), kept.clone())).collect(), ..*self }
    }
}

/// Milliseconds since the epoch.
pub(crate) fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_millis() as u64)
}

/// Looks at a database.
fn look(client: &mut impl Asks, db: u8, data: &mut Data) -> io::Result<()> {
    let found = client.ask_each(&[vec!["SELECT", &db.to_string()], vec!["KEYS", "*"]])?.pop();
    let Some(Frame::Array(names)) = found else { return Err(strange("KEYS")) };
    let names: Vec<String> = names.into_iter().map(text).collect::<io::Result<_>>()?;
    for names in names.chunks(KEYS_AT_ONCE) {
        let about = |word| names.iter().map(|name| vec![word, name.as_str()]).collect::<Vec<_>>();
        let kinds = client.ask_each(&about("TYPE"))?;
        let asked = names.iter().zip(&kinds).map(|(name, kind)| question(name, kind));
        let values = client.ask_each(&asked.collect::<Vec<_>>())?;
        let times = client.ask_each(&about("PEXPIRETIME"))?;
        for (((name, kind), value), time) in names.iter().zip(kinds).zip(values).zip(times) {
            let Some(mut kept) = kept(&kind, value, &time)? else { continue };
            if let Value::Hash(_) = &kept.value {
                look_at_times(client, name, &mut kept.value)?;
            }
            data.insert(Key { name: name.clone(), db }, kept);
        }
    }
    Ok(())
}

/// How to ask for the value of a key.
fn question<'k>(name: &'k str, kind: &Frame) -> Vec<&'k str> {
    let Frame::Status(kind) = kind else { return vec!["GET", name] };
    match kind.as_slice() {
        b"list" => vec!["LRANGE", name, "0", "-1"],
        b"hash" => vec!["HGETALL", name],
        b"set" => vec!["SMEMBERS", name],
        b"zset" => vec!["ZRANGE", name, "0", "-1", "WITHSCORES"],
        b"stream" => vec!["XRANGE", name, "-", "+"],
        _ => vec!["GET", name],
    }
}

/// Asks when the fields of a hash are over. Those that clients write last longer than any test.
fn look_at_times(client: &mut impl Asks, name: &str, value: &mut Value) -> io::Result<()> {
    let Value::Hash(hash) = value else { return Ok(()) };
    let names = hash.keys().map(|name| std::str::from_utf8(name).map_err(io::Error::other));
    let names = names.collect::<io::Result<Vec<&str>>>()?;
    let count = names.len().to_string();
    let question = [&["HPEXPIRETIME", name, "FIELDS", &count], &names[..]].concat();
    let Some(Frame::Array(times)) = client.ask_each(&[question])?.pop() else {
        return Err(strange("HPEXPIRETIME"));
    };
    for (field, time) in hash.values_mut().zip(times) {
        match time {
            Frame::Integer(time) => field.until_ms = u64::try_from(time).ok(),
            other => return Err(strange(&format!("HPEXPIRETIME: {other:?}"))),
        }
    }
    Ok(())
}

/// A key's value; `None` if its time was up meanwhile.
fn kept(kind: &Frame, value: Frame, time: &Frame) -> io::Result<Option<Kept>> {
    let until_ms = match time {
        Frame::Integer(-2) => return Ok(None),
        Frame::Integer(time) => u64::try_from(*time).ok(),
        _ => return Err(strange("PEXPIRETIME")),
    };
    let value = match (kind, value) {
        (_, Frame::NilBulk) => return Ok(None),
        (_, Frame::Bulk(bytes)) => Value::Text(bytes),
        (Frame::Status(kind), Frame::Array(elements)) => collection(kind, elements)?,
        (kind, value) => return Err(strange(&format!("{kind:?}: {value:?}"))),
    };
    Ok(Some(Kept { value, until_ms }))
}

fn collection(kind: &[u8], elements: Vec<Frame>) -> io::Result<Value> {
    if kind == b"stream" {
        return Ok(Value::Stream(elements.into_iter().map(entry).collect::<io::Result<_>>()?));
    }
    let elements = elements.into_iter().map(bytes).collect::<io::Result<Vec<_>>>()?;
    Ok(match kind {
        b"list" => Value::List(elements.into()),
        b"set" => Value::Set(elements.into_iter().collect()),
        b"zset" => {
            let scored = |(member, score): (_, Vec<u8>)| {
                let score = std::str::from_utf8(&score).ok().and_then(|score| score.parse().ok());
                score.map(|score| (member, score)).ok_or_else(|| strange("a score that is no whole number"))
            };
            Value::SortedSet(pairs(elements).map(scored).collect::<io::Result<_>>()?)
        }
        _ => Value::Hash(
            pairs(elements).map(|(name, value)| (name, Field { value, until_ms: None })).collect(),
        ),
    })
}

/// An entry of a stream as clients add them: `N-1`, with one field.
fn entry(frame: Frame) -> io::Result<(u64, Vec<u8>)> {
    let wrong = || strange("an entry of a stream");
    let Frame::Array(parts) = frame else { return Err(wrong()) };
    let Ok([Frame::Bulk(id), Frame::Array(pair)]) = <[Frame; 2]>::try_from(parts) else {
        return Err(wrong());
    };
    let Ok([Frame::Bulk(_), Frame::Bulk(value)]) = <[Frame; 2]>::try_from(pair) else {
        return Err(wrong());
    };
    let id = std::str::from_utf8(&id).ok().and_then(|id| id.strip_suffix("-1")?.parse().ok());
    id.map(|id| (id, value)).ok_or_else(wrong)
}

fn pairs(elements: Vec<Vec<u8>>) -> impl Iterator<Item = (Vec<u8>, Vec<u8>)> {
    let mut elements = elements.into_iter();
    std::iter::from_fn(move || Some((elements.next()?, elements.next()?)))
}

fn bytes(frame: Frame) -> io::Result<Vec<u8>> {
    match frame {
        Frame::Bulk(bytes) => Ok(bytes),
        other => Err(strange(&format!("{other:?}"))),
    }
}

fn text(frame: Frame) -> io::Result<String> {
    String::from_utf8(bytes(frame)?).map_err(io::Error::other)
}

fn strange(what: &str) -> io::Error {
    io::Error::other(format!("a strange reply: {what}"))
}
