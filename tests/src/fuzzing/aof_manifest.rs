//! A manifest of any bytes is read or refused, and what is written of it says the same.

use aof::Manifest;

/// Checks one input.
pub fn aof_manifest(text: &[u8]) {
    let Ok(manifest) = Manifest::parse(text) else { return };
    let written = manifest.format().expect("what was read can be written");
    assert_eq!(Manifest::parse(&written), Ok(manifest));
}
