//! What there is to ask for.

use std::sync::Arc;
use std::time::Duration;

use engine::{Clock, Engine};
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{ALLOW, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use hyper::{Method, Response, StatusCode, Uri};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::health::Health;
use crate::clock::SystemClock;

/// How long metrics may wait for data that a command holds. Prometheus gives up after ten seconds unless told otherwise.
const METRICS_MAX: Duration = Duration::from_secs(8);

/// How many may ask for metrics at the same time, those who wait for their turn included. Who waits keeps his place among the connections: with a
/// bound there are always places for probes.
const METRICS_ASKED_MAX: usize = 16;

/// Seconds after which to ask again.
const RETRY_AFTER_SECONDS: HeaderValue = HeaderValue::from_static("1");

const PLAIN: &str = "text/plain; charset=utf-8";
const METRICS: &str = "text/plain; version=0.0.4; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";

const INDEX: &str = "<!DOCTYPE html>\n<html lang=\"en\"><head><title>kvd</title></head><body><h1>kvd</h1><ul>\n\
    <li><a href=\"/metrics\">/metrics</a>: numbers for Prometheus</li>\n\
    <li><a href=\"/healthz\">/healthz</a>: does it work?</li>\n\
    <li><a href=\"/readyz\">/readyz</a>: does it serve clients?</li>\n\
    </ul></body></html>\n";

pub(super) type Page = Response<Full<Bytes>>;

/// What the pages are made from.
pub(super) struct Pages {
    engine: Arc<Engine>,
    health: Health,
    /// Metrics are made for one at a time.
    turn: Arc<Semaphore>,
    /// Room for those who ask for metrics.
    room: Semaphore,
}

impl Pages {
    pub(super) fn new(engine: &Arc<Engine>, health: Health) -> Self {
        let (turn, room) = (Arc::new(Semaphore::new(1)), Semaphore::new(METRICS_ASKED_MAX));
        Self { engine: Arc::clone(engine), health, turn, room }
    }

    pub(super) async fn answer(&self, method: &Method, uri: &Uri) -> Page {
        let path = uri.path();
        if !matches!(path, "/" | "/metrics" | "/healthz" | "/readyz") {
            return page(StatusCode::NOT_FOUND, PLAIN, "there is no such page; see /\n");
        }
        // hyper leaves the body out of what it answers to HEAD.
        if method != Method::GET && method != Method::HEAD {
            let mut refused = page(StatusCode::METHOD_NOT_ALLOWED, PLAIN, "only GET and HEAD are there\n");
            refused.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
            return refused;
        }
        match path {
            "/metrics" => self.metrics().await,
            "/healthz" => verdict(self.health.is_alive().await),
            "/readyz" => verdict(self.health.is_ready().await),
            _ => page(StatusCode::OK, HTML, INDEX),
        }
    }

    /// Made on a thread of its own: it may have to wait for a stripe.
    async fn metrics(&self) -> Page {
        let Ok(_place) = self.room.try_acquire() else {
            let mut refused =
                page(StatusCode::SERVICE_UNAVAILABLE, PLAIN, "many others wait for the metrics\n");
            refused.headers_mut().insert(RETRY_AFTER, RETRY_AFTER_SECONDS);
            return refused;
        };
        let (engine, turn) = (Arc::clone(&self.engine), Arc::clone(&self.turn));
        let made = timeout(METRICS_MAX, async {
            // Nobody closes the semaphore.
            let turn = turn.acquire_owned().await.ok()?;
            let make = move || {
                let _turn = turn;
                commands::metrics(&engine, SystemClock.now())
            };
            spawn_blocking(make).await.ok()
        });
        match made.await {
            Ok(Some(text)) => page(StatusCode::OK, METRICS, text),
            Ok(None) => page(StatusCode::INTERNAL_SERVER_ERROR, PLAIN, "the metrics could not be made\n"),
            Err(_) => page(StatusCode::SERVICE_UNAVAILABLE, PLAIN, "a command holds the data for long\n"),
        }
    }
}

fn verdict(verdict: Result<(), String>) -> Page {
    match verdict {
        Ok(()) => page(StatusCode::OK, PLAIN, "ok\n"),
        Err(reason) => page(StatusCode::SERVICE_UNAVAILABLE, PLAIN, reason + "\n"),
    }
}

fn page(status: StatusCode, content_type: &'static str, text: impl Into<Bytes>) -> Page {
    let mut page = Response::new(Full::new(text.into()));
    *page.status_mut() = status;
    page.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    page
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::task::Poll;

    use config::Config;
    use engine::{NoHost, Options};

    use super::*;
    use crate::pulse::Pulse;
    use crate::stop::Stop;
    use crate::supervisor::Supervisor;

    fn pages() -> Pages {
        let config = Config::default();
        let stop = Stop::new(Supervisor::of(&config));
        let engine = Arc::new(Engine::new(Options {
            config,
            handlers: commands::handlers(),
            workers: 1,
            seed: [7; 32],
            now: SystemClock.now(),
            host: Box::new(NoHost),
        }));
        Pages::new(&engine, Health { engine: Arc::clone(&engine), pulse: Pulse::new(1), stop })
    }

    #[tokio::test]
    async fn only_so_many_wait_for_metrics_and_the_next_is_told_at_once() {
        let pages = pages();
        let turn = Arc::clone(&pages.turn).acquire_owned().await.expect("nobody closes it");
        let mut waiting: Vec<_> = (0..METRICS_ASKED_MAX).map(|_| Box::pin(pages.metrics())).collect();
        for page in &mut waiting {
            assert!(poll_fn(|cx| Poll::Ready(page.as_mut().poll(cx).is_pending())).await);
        }
        let refused = pages.metrics().await;
        assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(refused.headers()[RETRY_AFTER], "1");
        drop(turn);
        for page in waiting {
            assert_eq!(page.await.status(), StatusCode::OK);
        }
        assert_eq!(pages.metrics().await.status(), StatusCode::OK, "there is room again");
    }
}
