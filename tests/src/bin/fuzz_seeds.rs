//! `fuzz_seeds FOLDER` writes what transcripts give to fuzz targets into `FOLDER/<target>/`. Used by `fuzz/run`.

#![forbid(unsafe_code)]

use std::error::Error;
use std::fs;
use std::path::Path;

use kvd_tests::fuzzing::transcript_seeds;
use kvd_tests::process::repository;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("fuzz_seeds FOLDER")?;
    for seed in transcript_seeds(&repository().join("tests/transcripts"))? {
        let folder = Path::new(&folder).join(seed.target);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(seed.name), seed.bytes)?;
    }
    Ok(())
}
