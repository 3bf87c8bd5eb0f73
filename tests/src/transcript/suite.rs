//! Every transcript of the project, one after the other.

use std::fmt::Write as _;
use std::io::{Write as _, stderr};
use std::path::Path;

use super::{Features, Outcome, Transcript, run};
use crate::target::Target;

/// Runs the transcripts whose path contains what the environment's `KVD_TRANSCRIPTS` says (all without it) and tells on standard error
/// what was left out.
///
/// # Errors
///
/// Every reply that was not as expected; a transcript that can't be read; a filter that leaves nothing.
pub fn run_all(name: &str, target: &mut dyn Target) -> Result<(), String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("transcripts");
    let filter = std::env::var("KVD_TRANSCRIPTS").unwrap_or_default();
    let mut features = Features::default();
    let mut whole = Outcome::default();
    for transcript in Transcript::load_all(&folder).map_err(|error| error.to_string())? {
        if !transcript.path.to_string_lossy().contains(&filter) {
            continue;
        }
        let outcome = run(&transcript, target, &mut features);
        whole.requests += outcome.requests;
        whole.skips.extend(outcome.skips);
        whole.mismatches.extend(outcome.mismatches);
    }
    for skip in &whole.skips {
        // Past the capture of test output, so that a skip is always seen.
        let _ = writeln!(
            stderr(),
            "SKIPPED: {name}: {} needs {}: {}",
            skip.path.display(),
            skip.needs,
            skip.title
        );
    }
    if !whole.mismatches.is_empty() {
        let mut report = format!("{} of {} requests failed\n", whole.mismatches.len(), whole.requests);
        whole.mismatches.iter().for_each(|mismatch| {
            let _ = write!(report, "\n{mismatch}");
        });
        return Err(report);
    }
    if whole.requests == 0 {
        return Err(format!("no transcript has '{filter}' in its path"));
    }
    let _ = writeln!(stderr(), "{name}: {} requests, {} sections skipped", whole.requests, whole.skips.len());
    Ok(())
}
