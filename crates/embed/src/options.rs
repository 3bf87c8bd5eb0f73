//! What a database is opened with.

use std::fmt;

use config::{Config, Origin, SetError};
use engine::Clock;

use crate::clock::SystemClock;
use crate::error::OpenError;
use crate::host;

/// Stripes of the keyspace unless told otherwise: enough for the threads of a program, and small when it is empty. A server has 1024.
const STRIPES: &str = "64";

/// Calls at once, for each core and at most, unless told otherwise. More than one for a core: a thread that the system interrupts in the
/// middle of a call is not to hold up the others.
const LANES_PER_CORE: usize = 2;
const LANES_MAX: usize = 32;

/// The most calls at once.
const WORKERS_MAX: usize = 1024;

/// What a [`Db`](crate::Db) is opened with. The default is right for most.
///
/// ```
/// use kvd_embed::{Db, Options};
///
/// let db = Db::open(Options::default().databases(1).parameter("maxmemory-policy", "allkeys-lfu"))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub struct Options {
    parameters: Vec<(String, Vec<u8>)>,
    pub(crate) workers: usize,
    seed: Option<[u8; 32]>,
    pub(crate) clock: Box<dyn Clock + Send + Sync>,
    /// The clock is the machine's.
    pub(crate) is_real_time: bool,
    pub(crate) is_manual: bool,
}

impl Default for Options {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            parameters: Vec::new(),
            workers: (cores * LANES_PER_CORE).min(LANES_MAX),
            seed: None,
            clock: Box::new(SystemClock),
            is_real_time: true,
            is_manual: false,
        }
    }
}

impl Options {
    /// Sets a parameter of redis.conf or valkey.conf. A value with several words is one text, as in `CONFIG SET`.
    ///
    /// Whether it exists and may have this value is checked by [`Db::open`](crate::Db::open). Parameters about sockets, files and replication are
    /// accepted and mean nothing; those by which a program would rely on something that it does not get (`appendonly`, `save`, `maxmemory`) are refused.
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<Vec<u8>>) -> Self {
        self.parameters.push((name.into(), value.into()));
        self
    }

    /// How many databases `SELECT` chooses from: the parameter `databases`, 16 by default.
    pub fn databases(self, count: u32) -> Self {
        self.parameter("databases", count.to_string())
    }

    /// Into how many parts, each behind its own lock, the keys are divided: the parameter `stripes`, a power of two, 64 by default.
    pub fn stripes(self, count: u32) -> Self {
        self.parameter("stripes", count.to_string())
    }

    /// How many calls can run at the same moment; further ones wait for their turn. At least 1 and at most 1024; by default twice the number of cores,
    /// at most 32. Each costs some 15 KiB, and its buffers once it is used.
    pub fn workers(mut self, count: usize) -> Self {
        self.workers = count.clamp(1, WORKERS_MAX);
        self
    }

    /// The source of everything random: the hash's secret, random keys. Without it the system is asked. With the same seed, a
    /// clock that stands still, and one thread, the same calls have the same replies.
    ///
    /// Only for tests: who knows the seed can choose keys that make look-ups slow.
    pub fn seed(mut self, seed: [u8; 32]) -> Self {
        self.seed = Some(seed);
        self
    }

    /// The clock that expiries go by: the machine's by default, a [`TestClock`](crate::TestClock) in tests. Its readings must never go back.
    pub fn clock(mut self, clock: impl Clock + Send + Sync + 'static) -> Self {
        self.clock = Box::new(clock);
        self.is_real_time = false;
        self
    }

    /// Starts no thread. Then keys that are due, and large values that were deleted, keep their memory until the program calls
    /// [`Db::tick`](crate::Db::tick). What is due is not seen any more either way.
    pub fn manual(mut self) -> Self {
        self.is_manual = true;
        self
    }

    /// The configuration: what is right without a disk, and over it what was asked for.
    pub(crate) fn config(&self) -> Result<Config, SetError> {
        let mut config = Config::default();
        let asked = |name: &str| self.parameters.iter().any(|(other, _)| other.eq_ignore_ascii_case(name));
        let mut pairs: Vec<(&[u8], &[u8])> = Vec::new();
        if !asked("save") {
            pairs.push((b"save", b""));
        }
        if !asked("stripes") {
            pairs.push((b"stripes", STRIPES.as_bytes()));
        }
        pairs.extend(self.parameters.iter().map(|(name, value)| (name.as_bytes(), value.as_slice())));
        let changed = config.set(&pairs, Origin::CommandLine)?;
        host::check(&changed, &config)?;
        Ok(config)
    }

    pub(crate) fn seed_or_random(&self) -> Result<[u8; 32], OpenError> {
        if let Some(seed) = self.seed {
            return Ok(seed);
        }
        let mut seed = [0; 32];
        #[expect(
            clippy::disallowed_methods,
            reason = "this is where an embedded database's seed comes from"
        )]
        getrandom::fill(&mut seed).map_err(|error| OpenError::Seed(error.into()))?;
        Ok(seed)
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Values may be passwords, and a seed is a secret.
        let names: Vec<&str> = self.parameters.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("Options")
            .field("parameters", &names)
            .field("workers", &self.workers)
            .field("is_manual", &self.is_manual)
            .finish_non_exhaustive()
    }
}
