//! Disks that fail: what clients are told, and what is there afterwards.

#![expect(
    clippy::disallowed_methods,
    reason = "stories wait for their machines' threads, so several are told at once"
)]

use kvd_tests::failing::{Counts, tell};

const THREADS: u64 = 16;
const STORIES: u64 = 20;

#[test]
fn nothing_acknowledged_is_lost_to_a_disk_that_fails() {
    let threads = (0..THREADS).map(|thread| {
        std::thread::spawn(move || {
            let stories = thread * STORIES..(thread + 1) * STORIES;
            stories.map(|seed| (seed, tell(seed))).collect::<Vec<_>>()
        })
    });
    let threads: Vec<_> = threads.collect();
    let (mut all, mut broken) = (Counts::default(), Vec::new());
    for thread in threads {
        for (seed, told) in thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)) {
            match told {
                Ok(counts) => all.add(&counts),
                Err(reason) => broken.push(format!("seed {seed}: {reason}")),
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    let each = [all.acknowledged, all.refused, all.unknown, all.missing, all.recovered];
    assert!(each.iter().all(|count| *count > 20), "{all:?}");
}
