//! Memory stays within `maxmemory`: keys are evicted before commands are run, and in the background.
//!
//! What is in use is counted exactly ([`keyspace::memory`]), but for what the service thread is about to free. Before a chunk of commands, if there is a limit and
//! it is exceeded, keys go until it isn't, for half a millisecond at most (`maxmemory-eviction-tenacity`); the workers' ticks go on from there. If nothing can
//! be evicted, commands that may need memory are refused.
//!
//! Nobody keeps all keys in the order of their use. A search looks at a few keys by chance (`maxmemory-samples`), of a bucket of a stripe and so at the
//! price of one or two cache lines and the keys' own, and enters them into a pool of the best that earlier searches have seen; the best of the pool
//! goes, unless it was used since. With `volatile-ttl` the few are the first to expire of as many stripes.

mod policy;
mod pool;
mod room;
mod search;

pub(crate) use policy::MemoryLimits;
pub(crate) use room::{Eviction, Room};
