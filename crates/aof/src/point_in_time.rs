//! Going back to a point in time, by the timestamps in the log.

use std::path::PathBuf;

use disk::Disk;

use crate::directory::{Directory, Step};
use crate::error::AofError;
use crate::location::BaseFormat;
use crate::manifest::Manifest;
use crate::repair::{Prepared, Repair, put_aside};
use crate::segment::{Limits, Next, Record, SegmentFile};

/// Where the log is to be cut so that it ends at a point in time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// The file in which it ends.
    pub path: PathBuf,
    /// Where.
    pub offset: u64,
    /// The files behind it.
    pub later: Vec<PathBuf>,
}

/// Where to cut the log so that it holds what was written up to the end of the second `timestamp`, and nothing later: in front of the
/// first timestamp that is greater, or of the transaction that it stands in. `None` if nothing is later.
///
/// What precedes the first timestamp could be of any time, the base too. So a point before the first is refused. A base that is a
/// snapshot file isn't read.
pub fn until(
    disk: &dyn Disk,
    plan: &[Step],
    timestamp: u64,
    limits: Limits,
) -> Result<Option<Cut>, AofError> {
    let mut first = None;
    for (index, step) in plan.iter().enumerate() {
        if format_of(disk, step)? == BaseFormat::Rdb {
            continue;
        }
        if let Some(offset) = first_later(disk, step, timestamp, limits, &mut first)? {
            let later = plan.iter().skip(index + 1).map(|step| step.path.clone()).collect();
            return Ok(Some(Cut { path: step.path.clone(), offset, later }));
        }
    }
    if first.is_none() { Err(AofError::NoTimestamps) } else { Ok(None) }
}

fn format_of(disk: &dyn Disk, step: &Step) -> Result<BaseFormat, AofError> {
    let mut front = [0; BaseFormat::MAGIC_BYTES];
    let count = disk.open_read(&step.path)?.read_at(0, &mut front)?;
    Ok(BaseFormat::of(front.get(..count).unwrap_or_default()))
}

/// The offset to cut at, if this file has a later timestamp. `first` is the first timestamp of all files.
fn first_later(
    disk: &dyn Disk,
    step: &Step,
    timestamp: u64,
    limits: Limits,
    first: &mut Option<u64>,
) -> Result<Option<u64>, AofError> {
    let mut file = SegmentFile::open(disk, &step.path, 0, limits)?;
    loop {
        let (found, start) = match file.next_record()? {
            Next::Record(Record::Annotation(line)) => (line.timestamp(), line.start),
            Next::Record(Record::Command(_)) => continue,
            Next::End(ending) => return step.check(ending).map(|()| None),
        };
        let Some(found) = found else { continue };
        let first = *first.get_or_insert(found);
        if first > timestamp {
            return Err(AofError::BeforeFirst { asked: timestamp, first });
        }
        if found > timestamp {
            return Ok(Some(file.transaction().unwrap_or(start)));
        }
    }
}

impl Directory {
    /// Makes the log end at a cut: what is behind it in the file is kept beside it, and the manifest no longer names the files that
    /// follow. These get names of the same form, `<name>.cut-at-0`: under their own a server would write its next increments over them. To be
    /// done before the log is opened for writing.
    ///
    /// Everything that needs room comes first, so a full disk leaves the log as it was. If it fails, or the machine does, between the
    /// manifest and the cut itself, the log ends with the file in which the point lies, and the same [`until`] and cut lead on; files that
    /// follow may have their own names then.
    pub fn cut(&mut self, cut: &Cut) -> Result<Repair, AofError> {
        let folder = self.location().folder().to_owned();
        let is_later = |name: &std::ffi::OsString| cut.later.contains(&folder.join(name));
        let mut manifest: Manifest = self.manifest().clone();
        manifest.increments.retain(|file| !is_later(&file.name));
        let prepared = Prepared::new(&**self.disk(), &cut.path, cut.offset)?;
        if manifest != *self.manifest()
            && let Err(error) = self.put(manifest.clone())
        {
            if manifest != *self.manifest() {
                prepared.give_up(&**self.disk());
            }
            return Err(error);
        }
        let moved = put_aside(&**self.disk(), &cut.later)?;
        Ok(Repair { moved, ..prepared.make()? })
    }
}
