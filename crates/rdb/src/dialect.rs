//! Whose files: the magic at the start of each, and which values it can hold.

use std::fmt;

/// Bytes of the magic: `REDIS0012`, `VALKEY080`.
pub(crate) const MAGIC_BYTES: usize = 9;

/// The newest file of Redis that is read here, and the newest that is written.
pub(crate) const REDIS_NEWEST: u8 = 12;

/// The one version with the magic of Valkey.
pub(crate) const VALKEY: u8 = 80;

/// Whose files, and which version of them.
///
/// Versions 1 to 11 are the same in both families. From 12 on they part: 12 is Redis 7.4 to 8.2 alone, 80 is Valkey 9 alone, and the
/// type with number 22 is another one in each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// A version from 1 to 12.
    Redis(u8),
    /// Version 80.
    Valkey(u8),
}

/// What some data need of a dialect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// A field of a hash has an expiry of its own.
    pub field_ttl: bool,
    /// Consumers of streams have a time of their last activity that differs from when they were last seen.
    pub stream_consumers: bool,
    /// The reader is Valkey 9 and may be given what nobody else reads.
    pub valkey: bool,
}

impl Dialect {
    /// The dialect that the most servers read among those that lose nothing.
    ///
    /// Redis 7.0 and all later servers read version 10; Redis 7.2 and Valkey 7.2 and later ones version 11; Redis 7.4 and later version 12.
    pub fn lowest_for(needs: Needs) -> Self {
        match needs {
            Needs { field_ttl: true, valkey: true, .. } => Self::Valkey(VALKEY),
            Needs { field_ttl: true, .. } => Self::Redis(REDIS_NEWEST),
            Needs { stream_consumers: true, .. } => Self::Redis(11),
            _ => Self::Redis(10),
        }
    }

    /// The dialect of a version number alone, as at the end of a `DUMP` payload. `None` for versions that are not read.
    pub fn of_version(version: u16) -> Option<Self> {
        match u8::try_from(version).ok()? {
            version @ 1..=REDIS_NEWEST => Some(Self::Redis(version)),
            VALKEY => Some(Self::Valkey(VALKEY)),
            _ => None,
        }
    }

    /// The version number.
    pub fn version(self) -> u8 {
        match self {
            Self::Redis(version) | Self::Valkey(version) => version,
        }
    }

    /// Whether [`Writer`](crate::Writer) writes it: Redis 10, 11 and 12, and Valkey 80.
    pub fn is_written(self) -> bool {
        matches!(self, Self::Redis(10..=REDIS_NEWEST) | Self::Valkey(VALKEY))
    }

    /// Whether hashes may have fields that expire.
    pub fn has_field_ttl(self) -> bool {
        matches!(self, Self::Redis(12..) | Self::Valkey(_))
    }

    /// Whether files end with a checksum.
    pub(crate) fn has_checksum(self) -> bool {
        self.version() >= 5
    }

    /// Whose packed lists these files hold.
    pub(crate) fn packing(self) -> listpack::Dialect {
        match self {
            Self::Redis(_) => listpack::Dialect::Redis,
            Self::Valkey(_) => listpack::Dialect::Valkey,
        }
    }

    /// The first bytes of a file.
    pub(crate) fn magic(self) -> String {
        match self {
            Self::Redis(version) => format!("REDIS{version:04}"),
            Self::Valkey(version) => format!("VALKEY{version:03}"),
        }
    }

    /// Reads the first bytes of a file.
    pub(crate) fn of_magic(magic: &[u8; MAGIC_BYTES]) -> Result<Self, MagicFault> {
        let (is_redis, digits) = match (magic.strip_prefix(b"REDIS"), magic.strip_prefix(b"VALKEY")) {
            (Some(digits), _) => (true, digits),
            (None, Some(digits)) => (false, digits),
            (None, None) => return Err(MagicFault::Unknown),
        };
        if !digits.iter().all(u8::is_ascii_digit) {
            return Err(MagicFault::Unknown);
        }
        let version = digits.iter().fold(0, |version, digit| version * 10 + u16::from(digit - b'0'));
        match Self::of_version(version) {
            Some(dialect) if matches!(dialect, Self::Redis(_)) == is_redis => Ok(dialect),
            _ => Err(MagicFault::Version(version)),
        }
    }
}

/// What can be wrong with the first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MagicFault {
    /// No file of either.
    Unknown,
    /// A version that is not read.
    Version(u16),
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.magic())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn magics_are_read_and_written() {
        for magic in [b"REDIS0001", b"REDIS0010", b"REDIS0012", b"VALKEY080"] {
            assert_eq!(Dialect::of_magic(magic).unwrap().magic().as_bytes(), magic);
        }
        assert_eq!(Dialect::of_magic(b"REDIS0013"), Err(MagicFault::Version(13)));
        assert_eq!(Dialect::of_magic(b"REDIS0080"), Err(MagicFault::Version(80)));
        assert_eq!(Dialect::of_magic(b"REDIS0000"), Err(MagicFault::Version(0)));
        assert_eq!(Dialect::of_magic(b"REDIS9999"), Err(MagicFault::Version(9999)));
        assert_eq!(Dialect::of_magic(b"VALKEY011"), Err(MagicFault::Version(11)));
        assert_eq!(Dialect::of_magic(b"VALKEY081"), Err(MagicFault::Version(81)));
        assert_eq!(Dialect::of_magic(b"REDIS 012"), Err(MagicFault::Unknown));
        assert_eq!(Dialect::of_magic(b"*1\r\n$4\r\n "), Err(MagicFault::Unknown));
    }

    #[test]
    fn the_lowest_dialect_is_the_one_that_loses_nothing() {
        let lowest = |field_ttl, stream_consumers, valkey| {
            Dialect::lowest_for(Needs { field_ttl, stream_consumers, valkey })
        };
        assert_eq!(lowest(false, false, false), Dialect::Redis(10));
        assert_eq!(lowest(false, false, true), Dialect::Redis(10));
        assert_eq!(lowest(false, true, false), Dialect::Redis(11));
        assert_eq!(lowest(true, true, false), Dialect::Redis(12));
        assert_eq!(lowest(true, false, true), Dialect::Valkey(80));
    }
}
