//! Values made of several words: save points, output buffer limits, the primary.

use crate::error::ValueError;
use crate::number::{self, decimal};

/// Save when so much has changed in so much time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SavePoint {
    /// Seconds since the last save, from 1.
    pub seconds: i64,
    /// Changes since the last save.
    pub changes: i32,
}

/// A class of clients with limits of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ClientClass {
    /// Everybody else.
    Normal,
    /// Replicas; `slave` is the word that CONFIG GET shows.
    Replica,
    /// Clients with a subscription.
    Pubsub,
}

/// How much unsent output a client of a class may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutputLimit {
    /// Bytes beyond which the client is cut off at once; 0 is no limit.
    pub hard: u64,
    /// Bytes beyond which it is cut off after a while; 0 is no limit.
    pub soft: u64,
    /// The while.
    pub soft_seconds: u64,
}

/// The limits of every class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutputLimits([OutputLimit; 3]);

/// Where the primary listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Primary {
    /// A name or an address.
    pub host: Vec<u8>,
    /// The port, 0 included, as with the peers.
    pub port: u16,
}

impl ClientClass {
    /// The classes, in the order in which they are shown.
    pub const ALL: [ClientClass; 3] = [ClientClass::Normal, ClientClass::Replica, ClientClass::Pubsub];

    pub(crate) fn parse(word: &[u8]) -> Option<ClientClass> {
        match word.to_ascii_lowercase().as_slice() {
            b"normal" => Some(ClientClass::Normal),
            b"slave" | b"replica" => Some(ClientClass::Replica),
            b"pubsub" => Some(ClientClass::Pubsub),
            _ => None,
        }
    }

    /// The word in CONFIG GET, where replicas still go by their old name.
    fn shown(self) -> &'static str {
        match self {
            ClientClass::Normal => "normal",
            ClientClass::Replica => "slave",
            ClientClass::Pubsub => "pubsub",
        }
    }

    /// The word in files.
    pub(crate) fn written(self) -> &'static str {
        if self == ClientClass::Replica { "replica" } else { self.shown() }
    }
}

impl OutputLimits {
    pub(crate) const UNLIMITED: OutputLimits =
        OutputLimits([OutputLimit { hard: 0, soft: 0, soft_seconds: 0 }; 3]);

    /// The limit of a class.
    pub fn of(&self, class: ClientClass) -> OutputLimit {
        self.0[class as usize]
    }

    /// These limits with those changed that the words name, in groups of four.
    pub(crate) fn changed(mut self, words: &[&[u8]]) -> Result<OutputLimits, ValueError> {
        let (groups, []) = words.as_chunks::<4>() else { return Err(ValueError::OutputLimitCount) };
        for [class, hard, soft, seconds] in groups {
            let class = ClientClass::parse(class).ok_or(ValueError::OutputLimitClass)?;
            let bytes = |word| number::memory(word).ok_or(ValueError::OutputLimitNumber);
            let soft_seconds = decimal::<i64>(seconds).and_then(|seconds| u64::try_from(seconds).ok());
            self.0[class as usize] = OutputLimit {
                hard: bytes(hard)?,
                soft: bytes(soft)?,
                soft_seconds: soft_seconds.ok_or(ValueError::OutputLimitNumber)?,
            };
        }
        Ok(self)
    }

    pub(crate) fn show(&self) -> String {
        let one = |class: ClientClass| {
            let OutputLimit { hard, soft, soft_seconds } = self.of(class);
            format!("{} {hard} {soft} {soft_seconds}", class.shown())
        };
        ClientClass::ALL.map(one).join(" ")
    }
}

/// Pairs of seconds and changes; nothing, or one empty word, is no save point.
pub(crate) fn save_points(words: &[&[u8]]) -> Result<Vec<SavePoint>, ValueError> {
    if words == [b""] {
        return Ok(Vec::new());
    }
    let (pairs, []) = words.as_chunks::<2>() else { return Err(ValueError::SavePoints) };
    let parse = |[seconds, changes]: &[&[u8]; 2]| {
        let seconds = decimal::<i64>(seconds).filter(|&seconds| seconds >= 1)?;
        let changes = decimal::<i32>(changes).filter(|&changes| changes >= 0)?;
        Some(SavePoint { seconds, changes })
    };
    pairs.iter().map(|pair| parse(pair).ok_or(ValueError::SavePoints)).collect()
}

pub(crate) fn show_save_points(points: &[SavePoint]) -> String {
    let one = |point: &SavePoint| format!("{} {}", point.seconds, point.changes);
    points.iter().map(one).collect::<Vec<_>>().join(" ")
}

/// Host and port; `no one` is nobody.
pub(crate) fn primary(words: &[&[u8]]) -> Result<Option<Primary>, ValueError> {
    let [host, port] = words else { return Err(ValueError::WrongCount) };
    if host.eq_ignore_ascii_case(b"no") && port.eq_ignore_ascii_case(b"one") {
        return Ok(None);
    }
    let port = decimal::<u16>(port).ok_or(ValueError::PrimaryPort)?;
    Ok(Some(Primary { host: host.to_vec(), port }))
}

/// Percentiles, rounded to the six places that are shown, so that what is shown is what there is.
pub(crate) fn percentiles(words: &[&[u8]]) -> Result<Vec<f64>, ValueError> {
    if words == [b""] {
        return Ok(Vec::new());
    }
    words.iter().map(|word| percentile(word)).collect()
}

fn percentile(word: &[u8]) -> Result<f64, ValueError> {
    let number: f64 = decimal(word).ok_or(ValueError::Percentile)?;
    if number.is_nan() {
        return Err(ValueError::Percentile);
    }
    if !(0.0..=100.0).contains(&number) {
        return Err(ValueError::PercentileRange);
    }
    // Adding 0 makes -0 to 0.
    Ok((number * 1e6).round() / 1e6 + 0.0)
}

pub(crate) fn show_percentiles(percentiles: &[f64]) -> String {
    let one = |percentile: &f64| {
        let shown = format!("{percentile:.6}");
        shown.trim_end_matches('0').trim_end_matches('.').to_owned()
    };
    percentiles.iter().map(one).collect::<Vec<_>>().join(" ")
}
