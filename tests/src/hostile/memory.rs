//! What a server's process takes.

use std::io;

use super::client::Client;
use crate::wire::Frame;

/// A process, looked at from outside.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    process: u32,
}

impl Memory {
    /// The memory of a process by its id.
    pub fn of(process: u32) -> Self {
        Self { process }
    }

    /// Bytes resident now.
    pub fn resident(self) -> io::Result<u64> {
        self.field("VmRSS:")
    }

    /// The most bytes that were ever resident. The kernel keeps count, so no peak falls between two looks.
    pub fn peak(self) -> io::Result<u64> {
        self.field("VmHWM:")
    }

    fn field(self, name: &str) -> io::Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process))?;
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        kilobytes.map(|count| count * 1024).ok_or_else(|| io::Error::other(format!("no {name}")))
    }
}

/// A field of INFO; `None` when the server has none of this name.
pub fn info(client: &mut Client, section: &str, field: &str) -> io::Result<Option<String>> {
    let Frame::Bulk(text) = client.ask(&["INFO", section])? else {
        return Err(io::Error::other("INFO is no bulk string"));
    };
    let text = String::from_utf8_lossy(&text).into_owned();
    let line = text.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
    Ok(line.map(|value| value.trim().to_owned()))
}

/// A field of INFO that is a number.
pub fn info_number(client: &mut Client, section: &str, field: &str) -> io::Result<u64> {
    let value = info(client, section, field)?;
    let number = value.as_deref().and_then(|value| value.parse().ok());
    number.ok_or_else(|| io::Error::other(format!("INFO {section} says {field}:{value:?}")))
}
