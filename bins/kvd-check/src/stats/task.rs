//! From the command line to the report.

use jiff::Timestamp;

use super::count::Counts;
use super::report;
use crate::command_line::StatsTask;
use crate::out::Out;
use crate::progress::Progress;
use crate::scan::Scan;
use crate::trouble::{Trouble, Verdict};

pub(crate) fn run(task: &StatsTask, progress: &Progress, out: &mut Out) -> Result<Verdict, Trouble> {
    let mut scan = Scan::open(&task.file, progress)?;
    let mut counts = Counts::new(task, Timestamp::now().as_millisecond());
    scan.run(&mut |placed| counts.see(placed))?;
    let report = report::Report::new(task, scan, counts)?;
    if task.json {
        out.line(report.json());
    } else {
        report.tell(out);
    }
    Ok(Verdict::Fine)
}
