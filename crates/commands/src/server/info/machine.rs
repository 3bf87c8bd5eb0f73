//! INFO about the process: what it is, where it runs, what it uses.

use config::{ParameterId, id};
use engine::{Ctx, SWEEPS_PER_SECOND};

use super::absent;
use super::report::Report;
use crate::server::memory_facts::MemoryFacts;
use engine::REDIS_VERSION;

/// The peers' access clock has 24 bits.
const LRU_CLOCK_BITS: u32 = 24;

pub(super) fn server(report: &mut Report, cx: &mut Ctx<'_>) {
    let (engine, host) = (cx.engine, cx.engine.host());
    report.field("server_name", "kvd");
    report.field("kvd_version", env!("CARGO_PKG_VERSION"));
    report.field("redis_version", REDIS_VERSION);
    report.field("redis_mode", "standalone");
    report.field("server_mode", "standalone");
    report.field("availability_zone", text(cx, id::AVAILABILITY_ZONE));
    report.field("os", host.operating_system());
    report.field("arch_bits", usize::BITS);
    report.field("multiplexing_api", host.multiplexing_api());
    report.field("process_id", host.process_id());
    report.field("process_supervised", host.supervisor());
    report.field("run_id", engine.run_id());
    report.field("tcp_port", engine.settings().read(|config| config.integer(id::PORT)));
    report.field("server_time_usec", cx.now.unix_micros());
    let uptime = cx.now.nanos_since(engine.started()) / 1_000_000_000;
    report.field("uptime_in_seconds", uptime);
    report.field("uptime_in_days", uptime / (24 * 3600));
    report.field("hz", SWEEPS_PER_SECOND);
    report.field("configured_hz", engine.settings().read(|config| config.integer(id::HZ)));
    report.field("lru_clock", cx.now.unix_seconds() & ((1 << LRU_CLOCK_BITS) - 1));
    report.field("executable", host.executable());
    report.field("config_file", host.config_file());
    report.field("io_threads_active", u8::from(engine.workers() > 1));
    report.field("kvd_threads", engine.workers());
    report.field("kvd_stripes", engine.keyspace().stripes());
    for (index, listener) in listeners(cx).iter().enumerate() {
        report.field(format_args!("listener{index}"), listener);
    }
}

fn text(cx: &Ctx<'_>, parameter: ParameterId) -> String {
    cx.engine.settings().read(|config| String::from_utf8_lossy(config.text(parameter)).into_owned())
}

fn listeners(cx: &Ctx<'_>) -> Vec<String> {
    cx.engine.settings().read(|config| {
        let mut listeners = Vec::new();
        let port = config.integer(id::PORT);
        if port > 0 {
            let shown = |address: &Vec<u8>| format!("bind={},", String::from_utf8_lossy(address));
            let addresses: String = config.words(id::BIND).iter().map(shown).collect();
            listeners.push(format!("name=tcp,{addresses}port={port}"));
        }
        let socket = config.text(id::UNIXSOCKET);
        if !socket.is_empty() {
            listeners.push(format!("name=unix,bind={}", String::from_utf8_lossy(socket)));
        }
        listeners
    })
}

pub(super) fn memory(report: &mut Report, cx: &mut Ctx<'_>) {
    let facts = MemoryFacts::gather(cx);
    let host = cx.engine.host();
    report.bytes("used_memory", facts.used);
    report.bytes("used_memory_rss", facts.resident);
    report.bytes("used_memory_peak", facts.peak.bytes);
    report.field("used_memory_peak_time", facts.peak.at.unix_seconds());
    report.field("used_memory_peak_perc", format_args!("{:.2}%", facts.peak_percent()));
    report.field("used_memory_overhead", facts.overhead());
    report.field("used_memory_startup", facts.startup);
    report.field("used_memory_dataset", facts.dataset());
    report.field("used_memory_dataset_perc", format_args!("{:.2}%", facts.dataset_percent()));
    allocator(report, &facts);
    report.bytes("total_system_memory", host.system_memory_bytes());
    let (maximum, policy) = cx
        .engine
        .settings()
        .read(|config| (config.bytes(id::MAXMEMORY), config.choice(id::MAXMEMORY_POLICY)));
    report.bytes("maxmemory", maximum);
    report.field("maxmemory_policy", policy);
    report.field("mem_fragmentation_ratio", format_args!("{:.2}", facts.fragmentation()));
    report.field("mem_fragmentation_bytes", facts.fragmentation_bytes());
    report.field("mem_clients_normal", facts.clients);
    report.field("mem_allocator", host.allocator());
    let garbage = cx.engine.keyspace().garbage();
    report.field("lazyfree_pending_objects", garbage.len());
    report.field("lazyfreed_objects", garbage.collected());
    report.field("mem_aof_buffer", facts.log);
    absent::write(report, absent::MEMORY);
}

fn allocator(report: &mut Report, facts: &MemoryFacts) {
    report.field("allocator_allocated", facts.used);
    report.field("allocator_active", facts.committed);
    report.field("allocator_resident", facts.resident);
    let over = |more: u64, less: u64| more as i64 - less as i64;
    report.field("allocator_frag_ratio", ratio(facts.committed, facts.used));
    report.field("allocator_frag_bytes", over(facts.committed, facts.used));
    report.field("allocator_rss_ratio", ratio(facts.resident, facts.committed));
    report.field("allocator_rss_bytes", over(facts.resident, facts.committed));
}

fn ratio(part: u64, whole: u64) -> String {
    format!("{:.2}", if whole == 0 { 0.0 } else { part as f64 / whole as f64 })
}

pub(super) fn cpu(report: &mut Report, cx: &mut Ctx<'_>) {
    let usage = cx.engine.host().usage();
    let times = [
        ("used_cpu_sys", usage.cpu_system),
        ("used_cpu_user", usage.cpu_user),
        ("used_cpu_sys_children", usage.cpu_system_children),
    ];
    for (name, time) in times {
        report.field(name, format_args!("{:.6}", time.as_secs_f64()));
    }
    report.field("used_cpu_user_children", "0.000000");
}
