//! A directory of any files is opened, repaired and written to, or refused; and after that it is found as it was left.
//!
//! The input is a list of files: a byte that chooses the name, two for the length, the contents.

use std::path::Path;
use std::sync::Arc;

use aof::{
    AofError, Directory, Ending, FileKind, Found, Limits, Location, Log, Next, Opening, Options, SegmentFile,
    UnixMillis, repair, until,
};
use disk::{Disk, SimulatedDisk, write_all};
use journal::{Batch, Effects, Offset};

const NAMES: [&str; 12] = [
    "appendonlydir/appendonly.aof.manifest",
    "appendonlydir/appendonly.aof.1.base.rdb",
    "appendonlydir/appendonly.aof.1.base.aof",
    "appendonlydir/appendonly.aof.1.incr.aof",
    "appendonlydir/appendonly.aof.2.incr.aof",
    "appendonlydir/appendonly.aof.3.incr.aof",
    "appendonlydir/appendonly.aof",
    "appendonlydir/temp-appendonly.aof.manifest",
    "appendonlydir/temp-rewriteaof-bg-1.aof",
    "appendonlydir/temp-appendonly.aof.incr",
    "appendonlydir/notes",
    "appendonly.aof",
];
const FILES_MAX: usize = 20;

fn location() -> Location {
    Location::new(Path::new("/"), "appendonlydir", "appendonly.aof")
}

/// The disk that an input describes.
fn disk(mut input: &[u8]) -> SimulatedDisk {
    let disk = SimulatedDisk::default();
    disk.create_dir(Path::new("/appendonlydir")).expect("a new disk");
    for _ in 0..FILES_MAX {
        let [name, low, high, rest @ ..] = input else { break };
        let (contents, behind) =
            rest.split_at(usize::from(u16::from_le_bytes([*low, *high])).min(rest.len()));
        input = behind;
        let path = Path::new("/").join(NAMES[usize::from(*name) % NAMES.len()]);
        if let Ok(mut file) = disk.create_new(&path) {
            write_all(&mut *file, contents).expect("memory");
        }
    }
    disk
}

/// Reads the files as a server does, and gives the length of the last increment.
fn load(disk: &SimulatedDisk, opening: &Opening) -> Result<u64, AofError> {
    let mut length = 0;
    for step in &opening.plan {
        let mut file = SegmentFile::open(disk, &step.path, 0, Limits::DEFAULT)?;
        let ending = loop {
            if let Next::End(ending) = file.next_record()? {
                break ending;
            }
        };
        step.check(ending)?;
        if let Ending::Truncated(tail) = ending {
            let before = disk.length(&step.path)?;
            let done = repair(disk, &step.path, tail.good)?;
            assert_eq!(before, Some(done.good + done.bytes));
        }
        length = ending.good();
    }
    let is_increment = opening.plan.last().is_some_and(|step| step.kind == FileKind::Increment);
    Ok(if is_increment { length } else { 0 })
}

fn check(input: &[u8]) -> Result<(), AofError> {
    let disk = disk(input);
    let (directory, opening) = Directory::open(Arc::new(disk.clone()), location())?;
    // A second start finds what the first one left.
    let (again, reopening) = Directory::open(Arc::new(disk.clone()), location())?;
    assert_eq!((again.manifest(), &reopening.plan), (directory.manifest(), &opening.plan));
    assert!(reopening.removed.is_empty() && reopening.strangers == opening.strangers);
    if opening.found == Found::ManifestLost {
        return Ok(());
    }
    // A point in time is found, or it is said why not.
    let _ = until(&disk, &opening.plan, u64::from(input.len() as u32), Limits::DEFAULT);
    let loaded = load(&disk, &opening)?;
    let now = UnixMillis(0);
    let mut log = Log::open(directory, loaded, Options::DEFAULT, Offset(0), now)?;
    let mut effects = Effects::default();
    effects.push(&[b"DEL", b"a"]);
    log.append(&Batch::new(Offset(0), [(0, &effects)]), now).expect("memory doesn't fail");
    let size = log.size();
    drop(log);
    let (_, opening) = Directory::open(Arc::new(disk.clone()), location())?;
    assert_eq!(opening.plan.iter().map(|step| step.bytes).sum::<u64>(), size);
    load(&disk, &opening).expect("what was repaired and written to is whole");
    Ok(())
}

/// Checks one input.
pub fn aof_directory(input: &[u8]) {
    // What is refused is left to whoever reads the error.
    let _ = check(input);
}
