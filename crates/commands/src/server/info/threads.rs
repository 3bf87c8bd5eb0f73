//! INFO about the workers.

use engine::Ctx;

use super::report::Report;

pub(super) fn threads(report: &mut Report, cx: &mut Ctx<'_>) {
    let clients = cx.engine.clients().all();
    for worker in 0..cx.engine.workers() {
        let counters = cx.engine.stats().counters(worker);
        let served = clients.iter().filter(|client| client.worker == worker).count();
        let (reads, writes) = (counters.reads.value(), counters.writes.value());
        report.field(
            format_args!("io_thread_{worker}"),
            format_args!("clients={served},reads={reads},writes={writes}"),
        );
    }
}
