//! The configuration as the engine uses it: the whole of it behind a lock, what every batch asks for in atomics.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};

use config::{ClientClass, Config, Origin, OutputLimit, ParameterId, SetError, id};

use crate::access::AccessPolicy;
use crate::host::Host;

/// The server's parameters.
pub struct Settings {
    config: Mutex<Config>,
    bulk_bytes_max: AtomicU64,
    query_bytes_max: AtomicU64,
    clients_bytes_max: AtomicU64,
    requires_password: AtomicBool,
    is_lfu: AtomicBool,
    lfu_log_factor: AtomicU32,
    lfu_decay_minutes: AtomicU32,
    timeout_seconds: AtomicU32,
    active_expire: AtomicBool,
    hll_sparse_bytes_max: AtomicU64,
    zset_max_listpack_entries: AtomicU64,
    zset_max_listpack_value: AtomicU64,
    output_hard: AtomicU64,
    output_soft: AtomicU64,
    output_soft_seconds: AtomicU64,
    chunk_keys_max: usize,
}

impl Settings {
    pub(crate) fn new(config: Config, workers: usize) -> Self {
        let settings = Self {
            config: Mutex::new(config),
            bulk_bytes_max: AtomicU64::new(0),
            query_bytes_max: AtomicU64::new(0),
            clients_bytes_max: AtomicU64::new(0),
            requires_password: AtomicBool::new(false),
            is_lfu: AtomicBool::new(false),
            lfu_log_factor: AtomicU32::new(0),
            lfu_decay_minutes: AtomicU32::new(0),
            timeout_seconds: AtomicU32::new(0),
            active_expire: AtomicBool::new(true),
            hll_sparse_bytes_max: AtomicU64::new(0),
            zset_max_listpack_entries: AtomicU64::new(0),
            zset_max_listpack_value: AtomicU64::new(0),
            output_hard: AtomicU64::new(0),
            output_soft: AtomicU64::new(0),
            output_soft_seconds: AtomicU64::new(0),
            chunk_keys_max: if workers == 1 { CHUNK_KEYS_ALONE } else { CHUNK_KEYS_SHARED },
        };
        settings.refresh(&settings.config());
        settings
    }

    /// Reads parameters.
    pub fn read<R>(&self, read: impl FnOnce(&Config) -> R) -> R {
        read(&self.config())
    }

    /// Sets several parameters, all or none (`CONFIG SET`). The host is told, and may refuse.
    pub fn set(
        &self,
        pairs: &[(&[u8], &[u8])],
        origin: Origin,
        host: &dyn Host,
    ) -> Result<Vec<ParameterId>, SetError> {
        let mut config = self.config();
        let mut changed_config = config.clone();
        let changed = changed_config.set(pairs, origin)?;
        if let Err(refused) = host.apply(&changed, &changed_config) {
            // The host accepted these values once; should it refuse them now, there is nothing better to go back to.
            let _restored = host.apply(&changed, &config);
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

    /// Whether new connections must authenticate.
    #[inline]
    pub fn requires_password(&self) -> bool {
        self.requires_password.load(Relaxed)
    }

    /// `timeout`: seconds after which an idle client is dropped; 0 for never.
    #[inline]
    pub fn timeout_seconds(&self) -> u32 {
        self.timeout_seconds.load(Relaxed)
    }

    /// `client-output-buffer-limit normal`: replies that may wait for a client.
    #[inline]
    pub fn output_limit(&self) -> OutputLimit {
        OutputLimit {
            hard: self.output_hard.load(Relaxed),
            soft: self.output_soft.load(Relaxed),
            soft_seconds: self.output_soft_seconds.load(Relaxed),
        }
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
        self.requires_password.store(!config.text(id::REQUIREPASS).is_empty(), Relaxed);
        self.is_lfu.store(config.choice(id::MAXMEMORY_POLICY).ends_with("lfu"), Relaxed);
        self.lfu_log_factor.store(narrow(config.integer(id::LFU_LOG_FACTOR)), Relaxed);
        self.lfu_decay_minutes.store(narrow(config.integer(id::LFU_DECAY_TIME)), Relaxed);
        self.hll_sparse_bytes_max.store(config.bytes(id::HLL_SPARSE_MAX_BYTES), Relaxed);
        let entries_max = config.integer(id::ZSET_MAX_LISTPACK_ENTRIES);
        self.zset_max_listpack_entries.store(u64::try_from(entries_max).unwrap_or(0), Relaxed);
        self.zset_max_listpack_value.store(config.bytes(id::ZSET_MAX_LISTPACK_VALUE), Relaxed);
        let output = config.output_limits().of(ClientClass::Normal);
        self.output_hard.store(output.hard, Relaxed);
        self.output_soft.store(output.soft, Relaxed);
        self.output_soft_seconds.store(output.soft_seconds, Relaxed);
        self.timeout_seconds.store(narrow(config.integer(id::TIMEOUT)), Relaxed);
    }
}

/// One worker has nobody to keep waiting: long chunks fetch more memory at once.
const CHUNK_KEYS_ALONE: usize = 64;

/// Of several workers, each holds its chunk's stripes while it runs: with 1024 stripes two workers of 16 keys meet in one chunk
/// out of five, with 64 keys nearly always.
const CHUNK_KEYS_SHARED: usize = 16;
