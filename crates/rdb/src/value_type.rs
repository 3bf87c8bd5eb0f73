//! The types of values: which byte says which, and what each is made of.

use crate::dialect::Dialect;

/// How a value is written.
///
/// Numbers alone don't tell: 22 is [`HashMetadataEarly`](Self::HashMetadataEarly) with Redis and [`HashExpiring`](Self::HashExpiring) with Valkey.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ValueType {
    /// 0: a string.
    String,
    /// 1: a list's elements.
    List,
    /// 2: a set's members.
    Set,
    /// 3: members with scores as text. Before Redis 4.0.
    SortedSetText,
    /// 4: fields and values.
    Hash,
    /// 5: members with scores of 64 bits.
    SortedSet,
    /// 7: what a module wrote.
    Module,
    /// 9: a hash as zipmap. Before Redis 2.6.
    HashZipmap,
    /// 10: a list as ziplist. Before Redis 3.2.
    ListZiplist,
    /// 11: a set of integers.
    SetIntset,
    /// 12: a sorted set as ziplist. Before Redis 7.0.
    SortedSetZiplist,
    /// 13: a hash as ziplist. Before Redis 7.0.
    HashZiplist,
    /// 14: a list of ziplists. Before Redis 7.0.
    ListQuicklist,
    /// 15: a stream. Before Redis 7.0.
    Stream1,
    /// 16: a hash as packed list.
    HashListpack,
    /// 17: a sorted set as packed list.
    SortedSetListpack,
    /// 18: a list of packed lists and large elements.
    ListQuicklist2,
    /// 19: a stream with the counters of Redis 7.0.
    Stream2,
    /// 20: a set as packed list.
    SetListpack,
    /// 21: a stream with the times of consumers' activity.
    Stream3,
    /// 22 of Redis: a hash with fields that expire, as candidates of Redis 7.4 wrote it.
    HashMetadataEarly,
    /// 23: the same as packed list.
    HashListpackEarly,
    /// 24: a hash with fields that expire.
    HashMetadata,
    /// 25: a hash with fields that expire, as packed list.
    HashListpackExpiring,
    /// 22 of Valkey: a hash with fields that expire.
    HashExpiring,
}

/// Part of what is repeated in a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// A string.
    Text,
    /// A length or number in the form of one.
    Length,
    /// Eight bytes.
    Eight,
    /// A number as text.
    NumberText,
}

/// All types but that of Valkey, by number.
const BY_NUMBER: [Option<ValueType>; 26] = {
    use ValueType::*;
    [
        Some(String),
        Some(List),
        Some(Set),
        Some(SortedSetText),
        Some(Hash),
        Some(SortedSet),
        None,
        Some(Module),
        None,
        Some(HashZipmap),
        Some(ListZiplist),
        Some(SetIntset),
        Some(SortedSetZiplist),
        Some(HashZiplist),
        Some(ListQuicklist),
        Some(Stream1),
        Some(HashListpack),
        Some(SortedSetListpack),
        Some(ListQuicklist2),
        Some(Stream2),
        Some(SetListpack),
        Some(Stream3),
        Some(HashMetadataEarly),
        Some(HashListpackEarly),
        Some(HashMetadata),
        Some(HashListpackExpiring),
    ]
};

/// The number of the first type that isn't the same in both families.
const FORKED: u8 = 22;

impl ValueType {
    /// The type that a byte says; `None` if the dialect has no such type.
    pub fn of_number(number: u8, dialect: Dialect) -> Option<Self> {
        match dialect {
            Dialect::Valkey(_) if number == FORKED => Some(Self::HashExpiring),
            Dialect::Valkey(_) if number > FORKED => None,
            _ => BY_NUMBER.get(usize::from(number)).copied().flatten(),
        }
    }

    /// The byte that says it.
    pub fn number(self) -> u8 {
        if self == Self::HashExpiring {
            return FORKED;
        }
        BY_NUMBER.iter().position(|found| *found == Some(self)).unwrap_or_default() as u8
    }

    /// Whether it is a type of hashes whose fields may expire.
    pub(crate) fn is_expiring(self) -> bool {
        use ValueType::*;
        matches!(
            self,
            HashMetadataEarly | HashListpackEarly | HashMetadata | HashListpackExpiring | HashExpiring
        )
    }

    /// Whether the value begins with the time of the earliest expiry.
    pub(crate) fn has_base(self) -> bool {
        matches!(self, Self::HashMetadata | Self::HashListpackExpiring)
    }

    /// Whether it is told how often the pieces are repeated. Otherwise they are there once.
    pub(crate) fn is_counted(self) -> bool {
        use ValueType::*;
        matches!(
            self,
            List | Set
                | SortedSetText
                | Hash
                | SortedSet
                | ListQuicklist
                | ListQuicklist2
                | HashMetadataEarly
                | HashMetadata
                | HashExpiring
        )
    }

    /// What is repeated. Nothing for streams and values of modules, which are not that simple.
    pub(crate) fn pieces(self) -> &'static [Piece] {
        use ValueType::*;
        match self {
            Stream1 | Stream2 | Stream3 | Module => &[],
            SortedSetText => &[Piece::Text, Piece::NumberText],
            SortedSet => &[Piece::Text, Piece::Eight],
            Hash => &[Piece::Text, Piece::Text],
            ListQuicklist2 => &[Piece::Length, Piece::Text],
            HashMetadataEarly | HashMetadata => &[Piece::Length, Piece::Text, Piece::Text],
            HashExpiring => &[Piece::Text, Piece::Text, Piece::Eight],
            _ => &[Piece::Text],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_they_are_written() {
        for dialect in [Dialect::Redis(12), Dialect::Valkey(80)] {
            let types =
                (0..=u8::MAX).filter_map(|number| Some((number, ValueType::of_number(number, dialect)?)));
            assert!(types.clone().all(|(number, found)| found.number() == number));
            assert_eq!(types.count(), if dialect == Dialect::Valkey(80) { 21 } else { 24 });
        }
        assert_eq!(ValueType::of_number(22, Dialect::Valkey(80)), Some(ValueType::HashExpiring));
        assert_eq!(ValueType::of_number(22, Dialect::Redis(12)), Some(ValueType::HashMetadataEarly));
    }
}
