//! The engine of kvd: everything between "bytes arrived" and "bytes to send".
//!
//! It is not a server: it opens no socket or file, starts no thread, reads no clock and draws no randomness of its own. Whoever runs it
//! gives it bytes, the time and a seed, and gets bytes back; the same inputs from one thread give the same outputs.
//!
//! ```text
//!   bytes ─▶ RequestReader ─▶ Plan ─▶ chunks ─▶ Ctx { args, view, reply, session } ─▶ handler ─▶ Output ─▶ bytes
//!                              │         │                   │
//!                           catalog   keyspace.lock       record: journal, events
//! ```
//!
//! A batch of requests is parsed and planned (which command, which keys), then run chunk by chunk: neighbours that touch a few
//! keys each have all their stripes locked at once and their memory fetched ahead.
#![forbid(unsafe_code)]

mod access;
mod admission;
mod args;
mod block;
mod buffers;
mod chunk;
mod client;
mod clock;
mod command_log;
mod condition;
mod ctx;
pub mod description;
mod engine;
mod error;
mod event;
mod eviction;
mod gate_queue;
mod handlers;
mod host;
mod hot_keys;
mod latency;
mod listening;
mod logged;
mod lost_channels;
mod mailbox;
mod monitor;
mod names;
mod notify;
mod pause;
mod plan;
mod publication;
mod rates;
mod record;
mod refusal;
mod remarkable;
mod replay;
mod reply_gate;
mod secrets;
mod serve;
mod session;
mod settings;
mod snapshot_hold;
mod stats;
mod storage;
mod tick;
mod tracking;
mod users;
mod version;
mod view;
mod waiting;

pub use access::AccessPolicy;
pub use admission::{Peer, Refused};
pub use args::Args;
pub use client::{Client, Clients, ReplyMode, Text, Wake};
pub use clock::{Clock, Moment};
pub use command_log::{CommandLog, CommandLogs, LogEntry, LogKind};
pub use condition::Condition;
pub use config::OutputLimit;
pub use ctx::Ctx;
pub use engine::{Engine, Options};
pub use error::CommandError;
pub use event::{
    DEL, EVICTED, EXPIRED, Event, EventClass, EventSink, HEXPIRED, KEYMISS, NEW, OVERWRITTEN, TYPE_CHANGED,
};
pub use handlers::{Built, Handler, Handlers, Scope, ScopeOf};
pub use host::{Host, NoHost, ProcessUsage, Shutdown};
pub use hot_keys::{HotKeysReport, HotKeysRequest, Hottest, Metric};
pub use latency::{Histogram, HistogramBucket, LatencyEvent, LatencyMonitor, LatencySample, LatencySeries};
pub use mailbox::Message;
pub use monitor::ShownCommand;
pub use names::RenameError;
pub use pause::{HoldReason, Pause, PauseKind};
pub use publication::Publication;
pub use rates::Rates;
pub use record::Effect;
pub use replay::{Replay, ReplayError};
pub use reply_gate::NO_LOCAL_LOG;
pub use serve::{Flow, OUTPUT_BYTES_HIGH};
pub use session::Session;
pub use settings::Settings;
pub use stats::{CommandUsage, Counter, Counters, MemoryPeak, Stats};
pub use storage::{
    Begun, Cancelled, LoadingStatus, LogStatus, NoStorage, ReloadFrom, SaveWhen, SnapshotStatus, Storage,
    StorageStatus,
};
pub use tick::{SWEEPS_PER_SECOND, Tick};
pub use tracking::{Tracking, TrackingMode};
pub use users::{UsersError, declare_users, users_declared_elsewhere};
pub use version::REDIS_VERSION;
pub use view::View;
pub use waiting::{AwaitedKind, Promise, Serving, TimeoutReply, Waiting};
