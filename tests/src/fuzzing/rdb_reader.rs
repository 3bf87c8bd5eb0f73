//! Any bytes as a file: reading never panics, and what is read can be written for the newest dialects, read again, and then is written the same.

use rdb::{Dialect, Item, ReadOptions, Reader, WriteOptions, Writer};

/// Checks one input.
pub fn rdb_reader(data: &[u8]) {
    for dialect in [Dialect::Redis(12), Dialect::Valkey(80)] {
        let Some(once) = copy(data, dialect) else { continue };
        let twice = copy(&once, dialect).expect("what was written is read");
        let thrice = copy(&twice, dialect).expect("what was written is read");
        assert!(twice == thrice, "a copy of a copy is another");
    }
    raw(data);
}

/// The file written anew, if it is one.
fn copy(file: &[u8], dialect: Dialect) -> Option<Vec<u8>> {
    let options = ReadOptions { checksum: false, ..ReadOptions::default() };
    let mut reader = Reader::new(file, options).ok()?;
    let mut writer = Writer::new(Vec::new(), WriteOptions::new(dialect)).ok()?;
    while let Some(item) = reader.next_item().ok()? {
        writer.copy(item).ok()?;
    }
    writer.finish().ok()
}

/// Values whose bytes are found are passed over at the same lengths.
fn raw(file: &[u8]) {
    let options = ReadOptions { checksum: false, ..ReadOptions::default() };
    let (Ok(mut raws), Ok(mut skips)) = (Reader::new(file, options), Reader::new(file, options)) else {
        return;
    };
    loop {
        let (raw, skip) = (raws.next_item(), skips.next_item());
        assert_eq!(raw.is_ok(), skip.is_ok());
        let (Ok(Some(raw)), Ok(Some(_))) = (raw, skip) else { return };
        if let Item::Entry(mut entry) = raw
            && entry.raw_value(usize::MAX).is_err()
        {
            assert!(skips.next_item().is_err());
            return;
        }
    }
}
