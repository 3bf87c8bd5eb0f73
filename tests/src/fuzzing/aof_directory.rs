//! A directory of any files is opened, repaired and written to, or refused. What is refused is left as it was, and what was written to is
//! found as it was left.
//!
//! The input is a list of files: a byte that chooses the name, two for the length, the contents.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use aof::{
    AofError, Directory, Ending, FileKind, Found, Limits, Location, Log, Next, Opening, Options, SegmentFile,
    UnixMillis, repair, until,
};
use disk::{Disk, Kind, SimulatedDisk, write_all};
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
    "appendonlydir/temp-appendonly.aof.1.rewrite",
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

/// Every file, with what it holds.
fn everything(disk: &SimulatedDisk) -> Vec<(PathBuf, Vec<u8>)> {
    let folders = ["/", "/appendonlydir"].map(Path::new);
    let files = folders.iter().flat_map(|folder| {
        let found = disk.list(folder).expect("it is there").into_iter();
        found.filter(|found| found.kind == Kind::File).map(|found| folder.join(found.name))
    });
    files.map(|path| (path.clone(), disk::read(disk, &path, usize::MAX).expect("memory"))).collect()
}

/// A file and where it is to be cut.
type Torn = (PathBuf, u64);

/// Reads the files as a server does; gives the length of the last increment, and what is torn.
fn load(disk: &SimulatedDisk, opening: &Opening) -> Result<(u64, Option<Torn>), AofError> {
    let (mut length, mut torn) = (0, None);
    for step in &opening.plan {
        let mut file = SegmentFile::open(disk, &step.path, 0, Limits::DEFAULT)?;
        let ending = loop {
            if let Next::End(ending) = file.next_record()? {
                break ending;
            }
        };
        step.check(ending)?;
        if let Ending::Truncated(tail) = ending {
            assert!(torn.is_none(), "only one file may be torn");
            torn = Some((step.path.clone(), tail.good));
        }
        length = ending.good();
    }
    let is_increment = opening.plan.last().is_some_and(|step| step.kind == FileKind::Increment);
    Ok((if is_increment { length } else { 0 }, torn))
}

fn open(disk: &SimulatedDisk) -> Result<(Directory, Opening), AofError> {
    Directory::open(Arc::new(disk.clone()), location())
}

/// A log that was opened and loaded.
struct Loaded {
    directory: Directory,
    opening: Opening,
    /// The length of the last increment.
    length: u64,
    torn: Option<Torn>,
}

/// `None` if it is refused: that is left to whoever reads the error.
fn read(disk: &SimulatedDisk) -> Option<Loaded> {
    let (directory, opening) = open(disk).ok()?;
    if opening.found == Found::ManifestLost {
        return None;
    }
    let (length, torn) = load(disk, &opening).ok()?;
    Some(Loaded { directory, opening, length, torn })
}

/// A point in time is found, and the log ends there when it was cut; or it is said why not.
fn cut(disk: &SimulatedDisk, opening: &Opening, second: u64) {
    let Ok(Some(cut)) = until(disk, &opening.plan, second, Limits::DEFAULT) else { return };
    let copy = disk.kill();
    let (mut directory, _) = open(&copy).expect("as before");
    directory.cut(&cut).expect("memory doesn't fail");
    let (_, opening) = open(&copy).expect("as before, and shorter");
    assert!(!matches!(until(&copy, &opening.plan, second, Limits::DEFAULT), Ok(Some(_))));
}

/// Checks one input.
pub fn aof_directory(input: &[u8]) {
    let disk = disk(input);
    let before = everything(&disk);
    let found = read(&disk);
    assert_eq!(everything(&disk), before, "what is read, or refused, stays as it was");
    let Some(Loaded { directory, opening, length, torn }) = found else { return };
    cut(&disk, &opening, u64::from(input.len() as u32));
    let mut expected = opening.strangers.clone();
    // An empty file may be in the place to which a single file is moved.
    expected
        .retain(|path| opening.found != Found::Upgraded || !path.ends_with("appendonlydir/appendonly.aof"));
    if let Some((path, good)) = torn {
        let before = disk.length(&path).expect("memory");
        let done = repair(&disk, &path, good).expect("memory doesn't fail");
        assert_eq!(before, Some(done.good + done.bytes));
        expected.extend(
            done.kept.filter(|kept| kept.parent() == path.parent() && kept.starts_with("/appendonlydir")),
        );
    }
    let now = UnixMillis(0);
    let opened = Log::open(directory, length, Options::DEFAULT, Offset(0), now);
    let mut log = opened.expect("what was loaded can be gone on with");
    let mut effects = Effects::default();
    effects.push(&[b"DEL", b"a"]);
    log.append(&Batch::new(Offset(0), [(0, &effects)]), now).expect("memory doesn't fail");
    let size = log.size();
    drop(log);
    let (_, opening) = open(&disk).expect("what was opened");
    assert_eq!(opening.plan.iter().map(|step| step.bytes).sum::<u64>(), size);
    assert_eq!(opening.leftovers, Vec::<PathBuf>::new());
    expected.sort_unstable();
    assert_eq!(opening.strangers, expected, "nobody else's files are touched");
    let (_, torn) = load(&disk, &opening).expect("what was repaired and written to is whole");
    assert_eq!(torn, None);
}
