//! What a server holds.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::time::{SystemTime, UNIX_EPOCH};

use super::unit::{Data, Kept, SHARED, Value};
use crate::hostile::client::Client;
use crate::wire::{self, Frame};

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
        let Some(Frame::Array(keys)) = client.ask_each(&[vec!["KEYS", "*"]])?.pop() else {
            return Err(strange("KEYS"));
        };
        let keys: Vec<String> = keys.into_iter().map(text).collect::<io::Result<_>>()?;
        for keys in keys.chunks(KEYS_AT_ONCE) {
            let about = |word| keys.iter().map(|key| vec![word, key.as_str()]).collect::<Vec<_>>();
            let kinds = client.ask_each(&about("TYPE"))?;
            let values = keys.iter().zip(&kinds).map(|(key, kind)| match kind {
                Frame::Status(kind) if kind == b"list" => vec!["LRANGE", key, "0", "-1"],
                Frame::Status(kind) if kind == b"hash" => vec!["HGETALL", key],
                _ => vec!["GET", key],
            });
            let values = client.ask_each(&values.collect::<Vec<_>>())?;
            let times = client.ask_each(&about("PEXPIRETIME"))?;
            for (((key, kind), value), time) in keys.iter().zip(kinds).zip(values).zip(times) {
                if let Some(kept) = kept(&kind, value, &time)? {
                    seen.data.insert(key.clone(), kept);
                }
            }
        }
        seen.ended_ms = now_ms();
        if let Some(Kept { value: Value::Text(count), .. }) = seen.data.remove(SHARED) {
            let count = String::from_utf8_lossy(&count).parse();
            seen.shared = count.map_err(|_| strange("the shared counter"))?;
        }
        Ok(seen)
    }

    /// What of it is a client's.
    pub(crate) fn of_client(&self, client: usize) -> Self {
        let prefix = format!("client-{client}-");
        let own = self.data.range(prefix.clone()..).take_while(|(key, _)| key.starts_with(&prefix));
        Self { data: own.map(|(key, kept)| (key.clone(), kept.clone())).collect(), ..*self }
    }
}

/// Milliseconds since the epoch.
pub(crate) fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_millis() as u64)
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
        (Frame::Status(kind), Frame::Array(elements)) => {
            let elements = elements.into_iter().map(bytes).collect::<io::Result<Vec<_>>>()?;
            match kind.as_slice() {
                b"list" => Value::List(elements.into()),
                _ => Value::Hash(pairs(elements)),
            }
        }
        (kind, value) => return Err(strange(&format!("{kind:?}: {value:?}"))),
    };
    Ok(Some(Kept { value, until_ms }))
}

fn pairs(elements: Vec<Vec<u8>>) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let mut elements = elements.into_iter();
    let mut hash = BTreeMap::new();
    while let (Some(field), Some(value)) = (elements.next(), elements.next()) {
        hash.insert(field, value);
    }
    hash
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
