//! Any bytes, compressed and as compressed bytes: the length is in the first two.

use rdb::lzf::{self, Table};

/// Checks one input.
pub fn rdb_lzf(data: &[u8]) {
    let [high, low, bytes @ ..] = data else { return };
    let len = usize::from(*high) << 8 | usize::from(*low);
    let mut unpacked = Vec::new();
    if lzf::decompress(bytes, len, &mut unpacked).is_ok() {
        assert_eq!(unpacked.len(), len);
    }
    assert!(unpacked.len() <= lzf::decompressed_len_max(bytes.len()) + 264);
    let (mut table, mut packed) = (Table::new(), Vec::new());
    for text in [bytes, &unpacked, bytes] {
        if lzf::compress(text, &mut packed, len, &mut table) {
            assert!(packed.len() <= len && packed.len() < text.len());
            let mut again = Vec::new();
            lzf::decompress(&packed, text.len(), &mut again).expect("what was compressed");
            assert!(again == text);
        }
    }
}
