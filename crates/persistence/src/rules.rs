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
    /// Whether nothing may change before one succeeds that follows one that failed.
    pub(crate) stops_writes: bool,
}

/// Whether a snapshot is due by one of these rules: more than so many seconds, and at least so many changes, since the last one. While writes are
/// refused since the last one failed, nobody waits for a rule: without changes none would ever be due.
pub(crate) fn is_due(points: &[SavePoint], since: Since) -> bool {
    match since.failed_seconds {
        Some(seconds) if seconds <= RETRY_SECONDS => return false,
        Some(_) if since.stops_writes => return true,
        _ => {}
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
        let since = |changes, seconds| Since { changes, seconds, failed_seconds: None, stops_writes: true };
        let due = |changes, seconds| is_due(&POINTS, since(changes, seconds));
        assert!(!due(1, 3600) && due(1, 3601) && !due(0, 9999));
        assert!(!due(9_999, 61) && due(10_000, 61) && !due(10_000, 60));
        assert!(!is_due(&[], since(1, 1 << 40)));
    }

    #[test]
    fn what_failed_is_tried_again_after_a_while() {
        let due = |changes, failed, stops_writes| {
            let since = Since { changes, seconds: 9999, failed_seconds: Some(failed), stops_writes };
            is_due(&POINTS, since)
        };
        assert!(!due(1, 5, false) && due(1, 6, false));
        assert!(!due(0, 5, true) && due(0, 6, true), "nothing changes while writes are refused");
        assert!(!due(0, 6, false));
    }
}
