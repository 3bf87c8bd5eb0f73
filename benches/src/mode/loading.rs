//! How long a start with data takes: from a snapshot, and from a log of changes.
//!
//! ```text
//!     snapshot:  start ─ fill ─ SAVE ─ SHUTDOWN NOSAVE ─┬─ start ─ -LOADING … +PONG ─┬─ count
//!     log:       start with a log ─ fill ─ SHUTDOWN ────┴───── what is measured ─────┘
//! ```
//!
//! The log is never written anew, so all data are in its increments: commands, as clients sent them.

use super::field::Field;
use crate::clock::SECOND_NS;
use crate::failure::Result;
use crate::options::Options;
use crate::report::Sheet;
use crate::template::Filling;

/// Where the data come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    Snapshot,
    Log,
}

impl Source {
    fn name(self) -> &'static str {
        match self {
            Self::Snapshot => "snapshot",
            Self::Log => "log",
        }
    }

    /// Without these there would be another source, or two.
    fn parameters(self) -> &'static [&'static str] {
        match self {
            Self::Snapshot => &["--appendonly", "no"],
            Self::Log => &["--appendonly", "yes", "--auto-aof-rewrite-percentage", "0"],
        }
    }
}

/// Start each server with each kind of value from each source, round by round, and report.
pub(super) fn run(options: &Options) -> Result<()> {
    let field = Field::gather(options)?;
    let mut sheet = field.sheet("loading");
    for round in 0..options.rounds.max(1) {
        for filling in &options.values {
            for source in [Source::Snapshot, Source::Log] {
                for index in field.order(round) {
                    one(options, &field, index, (filling, source), &mut sheet)?;
                }
            }
        }
    }
    sheet.write(
        options,
        &format!("{} keys or members, each written once, then loaded at a start", options.keys),
    )
}

fn one(
    options: &Options,
    field: &Field<'_>,
    index: usize,
    (filling, source): (&Filling, Source),
    sheet: &mut Sheet,
) -> Result<()> {
    let mut server = field.start_with(index, source.parameters())?;
    field.fill_and_count(&server, filling, options.keys)?;
    if source == Source::Snapshot {
        server.asker()?.ask(&["SAVE"])?;
    }
    let seconds = server.restart()? as f64 / SECOND_NS as f64;
    field.count(&server, filling.count, options.keys)?;
    let row = format!("{} from a {}", filling.name, source.name());
    sheet.cost(index, &format!("{row}, s"), seconds);
    sheet.gain(index, &format!("{row}, per second"), options.keys as f64 / seconds);
    Ok(())
}
