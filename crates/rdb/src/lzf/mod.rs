//! LZF, the compression of strings in files.
//!
//! ```text
//! 000lllll                     l + 1 bytes follow as they are
//! lllddddd dddddddd            l + 2 bytes again, from d + 1 bytes back
//! 111ddddd llllllll dddddddd   l + 9 bytes again, from d + 1 bytes back
//! ```
//!
//! Bytes are copied one after the other, so what is copied may overlap with what it makes: `a`, then ten bytes from one byte back, is
//! eleven times `a`.

mod decode;
mod encode;

pub use decode::{LzfFault, decompress, decompressed_len_max};
pub use encode::{Table, compress};

/// Bytes of the longest run that is kept as it is.
const LITERAL_BYTES_MAX: usize = 32;

/// How far back copies reach.
const DISTANCE_MAX: usize = 1 << 13;

/// Bytes of the longest copy.
const COPY_BYTES_MAX: usize = 264;

/// Bytes of the shortest copy.
const COPY_BYTES_MIN: usize = 3;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Texts that repeat themselves now and then.
    fn texts() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..40),
            (any::<u8>(), 0..600_usize).prop_map(|(byte, len)| vec![byte; len]),
            (0..4_usize, 1..90_usize).prop_map(|(period, times)| b"abcd"[..=period].repeat(times)),
            Just(b"{\"name\":\"value\",\"number\":17}".to_vec()),
        ];
        proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn what_is_compressed_is_read_here_and_by_others(text in texts()) {
            let mut table = Table::new();
            for text in [&text[..], &text[text.len() / 2..]] {
                let mut packed = Vec::new();
                if compress(text, &mut packed, usize::MAX, &mut table) {
                    let mut unpacked = Vec::new();
                    decompress(&packed, text.len(), &mut unpacked).unwrap();
                    prop_assert_eq!(&unpacked[..], text);
                    let mut theirs = vec![0; text.len()];
                    let len = lzf_rust::decompress(&packed, &mut theirs).unwrap();
                    prop_assert_eq!(&theirs[..len], text);
                }
            }
        }

        #[test]
        fn what_others_compress_is_read(text in texts()) {
            prop_assume!(!text.is_empty());
            let mut packed = vec![0; text.len() * 2 + 64];
            let len = lzf_rust::compress(&text, &mut packed).unwrap();
            let mut unpacked = Vec::new();
            decompress(&packed[..len], text.len(), &mut unpacked).unwrap();
            prop_assert_eq!(unpacked, text);
        }

        #[test]
        fn any_bytes_are_read_or_refused_as_by_others(
            packed in proptest::collection::vec(any::<u8>(), 1..80),
            len in 1..600_usize,
        ) {
            let mut unpacked = Vec::new();
            let mut theirs = vec![0; len];
            let read = decompress(&packed, len, &mut unpacked);
            match lzf_rust::decompress(&packed, &mut theirs) {
                Ok(their_len) if their_len == len => {
                    prop_assert_eq!(read, Ok(()));
                    prop_assert_eq!(unpacked, theirs);
                }
                _ => prop_assert!(read.is_err()),
            }
        }
    }
}
