//! When a snapshot is written without anybody asking for it.

use config::SavePoint;

/// Seconds between a snapshot that failed and the next attempt.
const RETRY_SECONDS: u64 = 5;

/// What has happened since the last snapshots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Since {
    /// Changes to the data since the last one that was written.
    pub(crate) changes: u64,
    /// Seconds since it was begun, or since the start.
    pub(crate) seconds: u64,
    /// Seconds since the last attempt, if that failed.
    pub(crate) failed_seconds: Option<u64>,
}

/// Whether a snapshot is due by one of these rules: more than so many seconds, and at least so many changes, since the last one.
pub(crate) fn is_due(points: &[SavePoint], since: Since) -> bool {
    if since.failed_seconds.is_some_and(|seconds| seconds <= RETRY_SECONDS) {
        return false;
    }
    points.iter().any(|point| {
        since.changes >= u64::from(point.changes.unsigned_abs())
            && since.seconds > point.seconds.unsigned_abs()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const POINTS: [SavePoint; 2] =
        [SavePoint { seconds: 3600, changes: 1 }, SavePoint { seconds: 60, changes: 10_000 }];

    #[test]
    fn changes_and_time_must_both_be_reached() {
        let due = |changes, seconds| is_due(&POINTS, Since { changes, seconds, failed_seconds: None });
        assert!(!due(1, 3600) && due(1, 3601) && !due(0, 9999));
        assert!(!due(9_999, 61) && due(10_000, 61) && !due(10_000, 60));
        assert!(!is_due(&[], Since { changes: 1, seconds: 1 << 40, failed_seconds: None }));
    }

    #[test]
    fn what_failed_is_tried_again_after_a_while() {
        let due = |failed| is_due(&POINTS, Since { changes: 1, seconds: 9999, failed_seconds: Some(failed) });
        assert!(!due(5) && due(6));
    }
}
