//! A manifest of any bytes is read or refused, and what is written of it says the same.

use aof::{Manifest, ManifestFault};

/// Checks one input.
pub fn aof_manifest(text: &[u8]) {
    let Ok(manifest) = Manifest::parse(text) else { return };
    match manifest.format() {
        Ok(written) => assert_eq!(Manifest::parse(&written), Ok(manifest)),
        // Quotes and escapes are longer than the bytes that they stand for.
        Err(error) => assert_eq!(error.reason, ManifestFault::LineTooLong),
    }
}
