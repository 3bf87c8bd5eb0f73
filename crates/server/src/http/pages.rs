//! What there is to ask for.

use std::sync::Arc;
use std::time::Duration;

use engine::{Clock, Engine};
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{ALLOW, CONTENT_TYPE, HeaderValue};
use hyper::{Method, Response, StatusCode, Uri};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::health::Health;
use crate::clock::SystemClock;

/// How long metrics may wait for data that a command holds. Prometheus gives up after ten seconds unless told otherwise.
const METRICS_MAX: Duration = Duration::from_secs(8);

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
}

impl Pages {
    pub(super) fn new(engine: &Arc<Engine>, health: Health) -> Self {
        Self { engine: Arc::clone(engine), health, turn: Arc::new(Semaphore::new(1)) }
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
