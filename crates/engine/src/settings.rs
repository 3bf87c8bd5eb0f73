//! The configuration as the engine uses it: the whole of it behind a lock, what every batch asks for in atomics.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU8, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};

use config::{ClientClass, Config, Origin, OutputLimit, ParameterId, SetError, id};

use crate::access::AccessPolicy;
use crate::command_log::CommandLogs;
use crate::eviction::MemoryLimits;
use crate::host::Host;
use crate::notify::Notified;
use crate::remarkable::Thresholds;

/// The server's parameters.
pub struct Settings {
    config: Mutex<Config>,
    bulk_bytes_max: AtomicU64,
    query_bytes_max: AtomicU64,
    clients_bytes_max: AtomicU64,
    memory: MemoryLimits,
    is_lfu: AtomicBool,
    lfu_log_factor: AtomicU32,
    lfu_decay_minutes: AtomicU32,
    timeout_seconds: AtomicU32,
    active_expire: AtomicBool,
    saves: AtomicBool,
    stops_unsaved: AtomicBool,
    hll_sparse_bytes_max: AtomicU64,
    zset_max_listpack_entries: AtomicU64,
    zset_max_listpack_value: AtomicU64,
    set_max_intset_entries: AtomicU64,
    set_max_listpack_entries: AtomicU64,
    set_max_listpack_value: AtomicU64,
    list_max_listpack_size: AtomicI64,
    hash_fields_max: AtomicU64,
    hash_bytes_max: AtomicU64,
    stream_node_bytes_max: AtomicU64,
    stream_node_entries_max: AtomicU64,
    tracked_keys_max: AtomicU64,
    rdb_version: AtomicU8,
    compresses: AtomicBool,
    output: SharedLimit,
    listener_output: SharedLimit,
    notified: AtomicU32,
    thresholds: Thresholds,
    command_logs: CommandLogs,
    chunk_keys_max: usize,
}

impl Settings {
    pub(crate) fn new(config: Config, workers: usize) -> Self {
        let settings = Self {
            config: Mutex::new(config),
            bulk_bytes_max: AtomicU64::new(0),
            query_bytes_max: AtomicU64::new(0),
            clients_bytes_max: AtomicU64::new(0),
            memory: MemoryLimits::default(),
            is_lfu: AtomicBool::new(false),
            lfu_log_factor: AtomicU32::new(0),
            lfu_decay_minutes: AtomicU32::new(0),
            timeout_seconds: AtomicU32::new(0),
            active_expire: AtomicBool::new(true),
            saves: AtomicBool::new(false),
            stops_unsaved: AtomicBool::new(true),
            hll_sparse_bytes_max: AtomicU64::new(0),
            zset_max_listpack_entries: AtomicU64::new(0),
            zset_max_listpack_value: AtomicU64::new(0),
            set_max_intset_entries: AtomicU64::new(0),
            set_max_listpack_entries: AtomicU64::new(0),
            set_max_listpack_value: AtomicU64::new(0),
            list_max_listpack_size: AtomicI64::new(0),
            hash_fields_max: AtomicU64::new(0),
            hash_bytes_max: AtomicU64::new(0),
            stream_node_bytes_max: AtomicU64::new(0),
            stream_node_entries_max: AtomicU64::new(0),
            tracked_keys_max: AtomicU64::new(0),
            rdb_version: AtomicU8::new(ANY_VERSION),
            compresses: AtomicBool::new(true),
            output: SharedLimit::default(),
            listener_output: SharedLimit::default(),
            notified: AtomicU32::new(0),
            thresholds: Thresholds::default(),
            command_logs: CommandLogs::default(),
            chunk_keys_max: if workers == 1 { CHUNK_KEYS_ALONE } else { CHUNK_KEYS_SHARED },
        };
        settings.refresh(&settings.config());
        settings
    }

    /// Reads parameters.
    pub fn read<R>(&self, read: impl FnOnce(&Config) -> R) -> R {
        read(&self.config())
    }

    /// Sets several parameters, all or none. The host is told, and may refuse.
    pub(crate) fn set(
        &self,
        pairs: &[(&[u8], &[u8])],
        origin: Origin,
        host: &dyn Host,
    ) -> Result<Vec<ParameterId>, SetError> {
        let mut config = self.config();
        let mut changed_config = config.clone();
        let changed = changed_config.set(pairs, origin)?;
        if let Err(refused) = host.apply(&changed, &mut changed_config) {
            // The host accepted these values once; should it refuse them now, there is nothing better to go back to.
            let _restored = host.apply(&changed, &mut config);
            return Err(refused);
        }
        *config = changed_config;
        self.refresh(&config);
        Ok(changed)
    }

    /// `proto-max-bulk-len`: the longest string in bytes.
    #[inline]
    pub fn bulk_bytes_max(&self) -> usize {
        self.bulk_bytes_max.load(Relaxed) as usize
    }

    /// `client-query-buffer-limit` in bytes.
    #[inline]
    pub fn query_bytes_max(&self) -> usize {
        self.query_bytes_max.load(Relaxed) as usize
    }

    /// `maxmemory-clients` in bytes; 0 for no limit.
    #[inline]
    pub fn clients_bytes_max(&self) -> u64 {
        self.clients_bytes_max.load(Relaxed)
    }

    /// `maxmemory` and what belongs to it.
    #[inline]
    pub(crate) fn memory_limits(&self) -> &MemoryLimits {
        &self.memory
    }

    /// `timeout`: seconds after which an idle client is dropped; 0 for never.
    #[inline]
    pub fn timeout_seconds(&self) -> u32 {
        self.timeout_seconds.load(Relaxed)
    }

    /// `save`: whether snapshots are written without anybody asking.
    #[inline]
    pub fn saves(&self) -> bool {
        self.saves.load(Relaxed)
    }

    /// `stop-writes-on-bgsave-error`, where there are `save` points: whether nothing may change while snapshots can't be written.
    #[inline]
    pub fn needs_snapshots(&self) -> bool {
        self.saves() && self.stops_unsaved.load(Relaxed)
    }

    /// `client-output-buffer-limit normal`: replies that may wait for a client.
    #[inline]
    pub fn output_limit(&self) -> OutputLimit {
        self.output.load()
    }

    /// `client-output-buffer-limit pubsub`: replies and messages that may wait for a client that listens.
    #[inline]
    pub(crate) fn listener_output_limit(&self) -> OutputLimit {
        self.listener_output.load()
    }

    /// `notify-keyspace-events`.
    #[inline]
    pub(crate) fn notified(&self) -> Notified {
        Notified::from_bits(self.notified.load(Relaxed))
    }

    /// `zset-max-listpack-entries`: the most members of a packed sorted set.
    #[inline]
    pub fn zset_max_listpack_entries(&self) -> usize {
        self.zset_max_listpack_entries.load(Relaxed) as usize
    }

    /// `zset-max-listpack-value`: the longest member of a packed sorted set, in bytes.
    #[inline]
    pub fn zset_max_listpack_value(&self) -> usize {
        self.zset_max_listpack_value.load(Relaxed) as usize
    }

    /// `set-max-intset-entries`: the most members of a set of integers.
    #[inline]
    pub fn set_max_intset_entries(&self) -> usize {
        self.set_max_intset_entries.load(Relaxed) as usize
    }

    /// `set-max-listpack-entries`: the most members of a packed set.
    #[inline]
    pub fn set_max_listpack_entries(&self) -> usize {
        self.set_max_listpack_entries.load(Relaxed) as usize
    }

    /// `set-max-listpack-value`: the longest member of a packed set, in bytes.
    #[inline]
    pub fn set_max_listpack_value(&self) -> usize {
        self.set_max_listpack_value.load(Relaxed) as usize
    }

    /// `list-max-listpack-size`: a number of elements, or below zero a class of bytes.
    #[inline]
    pub fn list_max_listpack_size(&self) -> i64 {
        self.list_max_listpack_size.load(Relaxed)
    }

    /// How the access clock of keys is kept.
    #[inline]
    pub fn access_policy(&self) -> AccessPolicy {
        if !self.is_lfu.load(Relaxed) {
            return AccessPolicy::Lru;
        }
        AccessPolicy::Lfu {
            log_factor: self.lfu_log_factor.load(Relaxed),
            decay_minutes: self.lfu_decay_minutes.load(Relaxed),
        }
    }

    /// `hash-max-listpack-entries`: more fields than these make a hash large.
    #[inline]
    pub fn hash_fields_max(&self) -> usize {
        self.hash_fields_max.load(Relaxed) as usize
    }

    /// `hash-max-listpack-value`: a field or value of more bytes than these makes a hash large.
    #[inline]
    pub fn hash_bytes_max(&self) -> usize {
        self.hash_bytes_max.load(Relaxed) as usize
    }

    /// `hll-sparse-max-bytes`: a HyperLogLog of more bytes has dense registers.
    #[inline]
    pub fn hll_sparse_bytes_max(&self) -> usize {
        self.hll_sparse_bytes_max.load(Relaxed) as usize
    }

    /// Whether due keys are removed without being asked for (`DEBUG SET-ACTIVE-EXPIRE`).
    #[inline]
    pub fn active_expire(&self) -> bool {
        self.active_expire.load(Relaxed)
    }

    /// Switches the removal of due keys that nobody asks for.
    pub fn set_active_expire(&self, on: bool) {
        self.active_expire.store(on, Relaxed);
    }

    /// `stream-node-max-bytes`: bytes of a packed node of a stream; 0 for as many as possible.
    #[inline]
    pub fn stream_node_bytes_max(&self) -> usize {
        self.stream_node_bytes_max.load(Relaxed) as usize
    }

    /// `stream-node-max-entries`: entries of a packed node of a stream; 0 for as many as fit.
    #[inline]
    pub fn stream_node_entries_max(&self) -> u64 {
        self.stream_node_entries_max.load(Relaxed)
    }

    /// `tracking-table-max-keys`: keys that are remembered for clients that track; 0 for any number.
    pub(crate) fn tracked_keys_max(&self) -> usize {
        self.tracked_keys_max.load(Relaxed) as usize
    }

    /// `rdb-version`: in which version snapshot files and payloads of DUMP are written; `None` for the lowest that loses nothing.
    pub fn rdb_version(&self) -> Option<u8> {
        Some(self.rdb_version.load(Relaxed)).filter(|version| *version != ANY_VERSION)
    }

    /// `rdbcompression`: whether long strings in them are compressed.
    pub fn compresses(&self) -> bool {
        self.compresses.load(Relaxed)
    }

    /// From where on commands are remarkable.
    #[inline]
    pub(crate) fn thresholds(&self) -> &Thresholds {
        &self.thresholds
    }

    /// The logs of remarkable commands, which keep as many as the parameters say.
    pub(crate) fn command_logs(&self) -> &CommandLogs {
        &self.command_logs
    }

    /// How many keys neighbouring commands of a pipeline may have together to be run under one set of locks.
    #[inline]
    pub(crate) fn chunk_keys_max(&self) -> usize {
        self.chunk_keys_max
    }

    fn config(&self) -> MutexGuard<'_, Config> {
        self.config.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn refresh(&self, config: &Config) {
        let narrow = |value: i64| u32::try_from(value).unwrap_or(u32::MAX);
        self.bulk_bytes_max.store(config.bytes(id::PROTO_MAX_BULK_LEN), Relaxed);
        self.query_bytes_max.store(config.bytes(id::CLIENT_QUERY_BUFFER_LIMIT), Relaxed);
        self.clients_bytes_max.store(config.bytes(id::MAXMEMORY_CLIENTS), Relaxed);
        self.memory.refresh(config);
        self.is_lfu.store(config.choice(id::MAXMEMORY_POLICY).ends_with("lfu"), Relaxed);
        self.lfu_log_factor.store(narrow(config.integer(id::LFU_LOG_FACTOR)), Relaxed);
        self.lfu_decay_minutes.store(narrow(config.integer(id::LFU_DECAY_TIME)), Relaxed);
        self.hll_sparse_bytes_max.store(config.bytes(id::HLL_SPARSE_MAX_BYTES), Relaxed);
        let entries_max = config.integer(id::ZSET_MAX_LISTPACK_ENTRIES);
        self.zset_max_listpack_entries.store(u64::try_from(entries_max).unwrap_or(0), Relaxed);
        self.zset_max_listpack_value.store(config.bytes(id::ZSET_MAX_LISTPACK_VALUE), Relaxed);
        let store_size = |size: &AtomicU64, id| size.store(config.integer(id).unsigned_abs(), Relaxed);
        store_size(&self.set_max_intset_entries, id::SET_MAX_INTSET_ENTRIES);
        store_size(&self.set_max_listpack_entries, id::SET_MAX_LISTPACK_ENTRIES);
        store_size(&self.set_max_listpack_value, id::SET_MAX_LISTPACK_VALUE);
        self.list_max_listpack_size.store(config.integer(id::LIST_MAX_LISTPACK_SIZE), Relaxed);
        let fields_max = config.integer(id::HASH_MAX_LISTPACK_ENTRIES);
        self.hash_fields_max.store(fields_max.unsigned_abs(), Relaxed);
        self.hash_bytes_max.store(config.bytes(id::HASH_MAX_LISTPACK_VALUE), Relaxed);
        self.output.store(config.output_limits().of(ClientClass::Normal));
        self.listener_output.store(config.output_limits().of(ClientClass::Pubsub));
        self.notified.store(Notified::new(config.text(id::NOTIFY_KEYSPACE_EVENTS)).bits(), Relaxed);
        self.stream_node_bytes_max.store(config.bytes(id::STREAM_NODE_MAX_BYTES), Relaxed);
        let entries_max = config.integer(id::STREAM_NODE_MAX_ENTRIES);
        self.stream_node_entries_max.store(u64::try_from(entries_max).unwrap_or(0), Relaxed);
        self.tracked_keys_max.store(config.integer(id::TRACKING_TABLE_MAX_KEYS) as u64, Relaxed);
        self.rdb_version.store(config.choice(id::RDB_VERSION).parse().unwrap_or(ANY_VERSION), Relaxed);
        self.compresses.store(config.boolean(id::RDBCOMPRESSION), Relaxed);
        self.timeout_seconds.store(narrow(config.integer(id::TIMEOUT)), Relaxed);
        self.saves.store(!config.save_points().is_empty(), Relaxed);
        self.stops_unsaved.store(config.boolean(id::STOP_WRITES_ON_BGSAVE_ERROR), Relaxed);
        self.thresholds.refresh(config);
        self.command_logs.refresh(config);
    }
}

/// `rdb-version auto`.
const ANY_VERSION: u8 = 0;

/// A limit that is changed now and then.
#[derive(Default)]
struct SharedLimit {
    hard: AtomicU64,
    soft: AtomicU64,
    soft_seconds: AtomicU64,
}

impl SharedLimit {
    fn load(&self) -> OutputLimit {
        OutputLimit {
            hard: self.hard.load(Relaxed),
            soft: self.soft.load(Relaxed),
            soft_seconds: self.soft_seconds.load(Relaxed),
        }
    }

    fn store(&self, limit: OutputLimit) {
        self.hard.store(limit.hard, Relaxed);
        self.soft.store(limit.soft, Relaxed);
        self.soft_seconds.store(limit.soft_seconds, Relaxed);
    }
}

/// One worker has nobody to keep waiting: long chunks fetch more memory at once.
const CHUNK_KEYS_ALONE: usize = 64;

/// Of several workers, each holds its chunk's stripes while it runs: with 1024 stripes two workers of 16 keys meet in one chunk
/// out of five, with 64 keys nearly always.
const CHUNK_KEYS_SHARED: usize = 16;
