//! `INFO persistence`.

use engine::{Condition, Ctx, LoadingStatus, LogStatus, Moment, SnapshotStatus};

use super::report::Report;

pub(super) fn persistence(report: &mut Report, cx: &mut Ctx<'_>) {
    let status = cx.engine.storage_status();
    // Who reads 0 may count on being served.
    let is_loading = status.loading.is_some() || cx.engine.is_in_condition(Condition::Loading);
    report.field("loading", u8::from(is_loading));
    report.field("async_loading", 0);
    snapshot(report, &status.snapshot, cx);
    log(report, &status.log, cx.now);
    report.field("module_fork_in_progress", 0);
    report.field("module_fork_last_cow_size", 0);
    if status.log.is_on {
        log_files(report, &status.log);
    }
    if let Some(loading) = status.loading {
        progress(report, loading, cx.now);
    }
}

fn word(is_ok: bool) -> &'static str {
    if is_ok { "ok" } else { "err" }
}

fn seconds(since: Option<Moment>, now: Moment) -> i64 {
    since.map_or(-1, |since| (now.nanos_since(since) / 1_000_000_000) as i64)
}

fn last(seconds: Option<u64>) -> i64 {
    seconds.map_or(-1, |seconds| seconds as i64)
}

fn snapshot(report: &mut Report, status: &SnapshotStatus, cx: &Ctx<'_>) {
    let (done, total) = status.keys;
    report.field("current_cow_peak", status.extra_bytes_peak);
    report.field("current_cow_size", status.extra_bytes);
    report.field("current_cow_size_age", 0);
    report.field("current_fork_perc", format_args!("{:.2}", done as f64 * 100.0 / total.max(1) as f64));
    report.field("current_save_keys_processed", done);
    report.field("current_save_keys_total", total);
    report.field("rdb_changes_since_last_save", status.changes);
    report.field("rdb_bgsave_in_progress", u8::from(status.running_since.is_some()));
    report.field("rdb_last_save_time", status.last_at.max(cx.engine.started().unix_seconds() as i64));
    report.field("rdb_last_bgsave_status", word(status.is_last_ok));
    report.field("rdb_last_bgsave_time_sec", last(status.last_seconds));
    report.field("rdb_current_bgsave_time_sec", seconds(status.running_since, cx.now));
    report.field("rdb_saves", status.count);
    report.field("rdb_last_cow_size", status.last_extra_bytes);
    report.field("rdb_last_load_keys_expired", status.loaded_keys.1);
    report.field("rdb_last_load_keys_loaded", status.loaded_keys.0);
}

fn log(report: &mut Report, status: &LogStatus, now: Moment) {
    report.field("aof_enabled", u8::from(status.is_on));
    report.field("aof_rewrite_in_progress", u8::from(status.rewriting_since.is_some()));
    report.field("aof_rewrite_scheduled", u8::from(status.is_rewrite_scheduled));
    report.field("aof_last_rewrite_time_sec", last(status.last_rewrite_seconds));
    report.field("aof_current_rewrite_time_sec", seconds(status.rewriting_since, now));
    report.field("aof_last_bgrewrite_status", word(status.is_last_rewrite_ok));
    report.field("aof_rewrites", status.rewrites);
    report.field("aof_rewrites_consecutive_failures", status.rewrites_failed);
    report.field("aof_last_write_status", word(status.is_last_write_ok));
    report.field("aof_last_cow_size", status.last_extra_bytes);
}

fn log_files(report: &mut Report, status: &LogStatus) {
    report.field("aof_current_size", status.bytes);
    report.field("aof_base_size", status.base_bytes);
    report.field("aof_pending_rewrite", 0);
    report.field("aof_buffer_length", status.buffered_bytes);
    report.field("aof_pending_bio_fsync", u8::from(status.buffered_bytes + status.unsynced_bytes > 0));
    report.field("aof_delayed_fsync", status.delayed_fsyncs);
}

fn progress(report: &mut Report, loading: LoadingStatus, now: Moment) {
    let LoadingStatus { since, total_bytes, loaded_bytes } = loading;
    let elapsed = now.nanos_since(since) / 1_000_000_000;
    let left = total_bytes.saturating_sub(loaded_bytes);
    report.field("loading_start_time", since.unix_seconds());
    report.field("loading_total_bytes", total_bytes);
    report.field("loading_loaded_bytes", loaded_bytes);
    report.field(
        "loading_loaded_perc",
        format_args!("{:.2}", loaded_bytes as f64 * 100.0 / total_bytes.max(1) as f64),
    );
    report.field("loading_eta_seconds", (elapsed + 1).saturating_mul(left) / loaded_bytes.max(1));
}
