//! Sessions that clients may resume (`tls-session-caching`, `tls-session-cache-size`, `tls-session-cache-timeout`).

use std::sync::Arc;

use config::{Config, id};
use engine::Clock;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::server::{NoServerSessionStorage, ServerSessionMemoryCache, StoresServerSessions};

use crate::clock::SystemClock;

/// The most sessions that are kept; the cache takes memory for all of them at once.
const SESSIONS_MAX: usize = 1 << 17;

/// Has a server keep sessions as the configuration says. What was kept for another `ServerConfig` isn't there: a client that resumes
/// would otherwise get past the authorities that hold now.
pub(super) fn keep(server: &mut ServerConfig, config: &Config) {
    if config.boolean(id::TLS_SESSION_CACHING) {
        let lifetime_ms = config.integer(id::TLS_SESSION_CACHE_TIMEOUT).unsigned_abs() * 1000;
        server.session_storage =
            Arc::new(Sessions { cache: ServerSessionMemoryCache::new(size(config)), lifetime_ms });
    } else {
        server.session_storage = Arc::new(NoServerSessionStorage {});
        server.send_tls13_tickets = 0;
    }
}

/// 0 is no bound to the peers, and the greatest one here.
fn size(config: &Config) -> usize {
    match config.integer(id::TLS_SESSION_CACHE_SIZE) {
        0 => SESSIONS_MAX,
        size => usize::try_from(size).map_or(SESSIONS_MAX, |size| size.min(SESSIONS_MAX)),
    }
}

/// rustls's cache, whose entries never grow too old, with the time of its making before each entry.
#[derive(Debug)]
struct Sessions {
    cache: Arc<ServerSessionMemoryCache>,
    lifetime_ms: u64,
}

impl Sessions {
    fn fresh(&self, stamped: Vec<u8>, now_ms: u64) -> Option<Vec<u8>> {
        let (made_ms, session) = stamped.split_first_chunk()?;
        let age_ms = now_ms.saturating_sub(u64::from_le_bytes(*made_ms));
        (age_ms <= self.lifetime_ms).then(|| session.to_vec())
    }
}

impl StoresServerSessions for Sessions {
    fn put(&self, key: Vec<u8>, session: Vec<u8>) -> bool {
        let mut stamped = now_ms().to_le_bytes().to_vec();
        stamped.extend(session);
        self.cache.put(key, stamped)
    }

    fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.fresh(self.cache.get(key)?, now_ms())
    }

    fn take(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.fresh(self.cache.take(key)?, now_ms())
    }

    fn can_cache(&self) -> bool {
        self.cache.can_cache()
    }
}

fn now_ms() -> u64 {
    SystemClock.now().unix_millis().0.unsigned_abs()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_forgotten_after_its_time() {
        let sessions = Sessions { cache: ServerSessionMemoryCache::new(10), lifetime_ms: 5000 };
        let mut stamped = 1_000_000_u64.to_le_bytes().to_vec();
        stamped.extend(b"session");
        assert_eq!(sessions.fresh(stamped.clone(), 1_005_000), Some(b"session".to_vec()));
        assert_eq!(sessions.fresh(stamped, 1_005_001), None);
    }

    #[test]
    fn what_was_put_is_found_until_it_is_taken() {
        let sessions = Sessions { cache: ServerSessionMemoryCache::new(10), lifetime_ms: 1_000_000 };
        assert!(sessions.put(b"key".to_vec(), b"session".to_vec()));
        assert_eq!(sessions.get(b"key"), Some(b"session".to_vec()));
        assert_eq!(sessions.take(b"key"), Some(b"session".to_vec()));
        assert_eq!(sessions.get(b"key"), None);
    }
}
