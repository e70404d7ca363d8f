//! For whoever runs the service: is it alive, is it ready, how does it fare. Figures only: no units, no names.

use std::sync::OnceLock;

use axum::{
    Json,
    extract::{Request, State},
    http::header,
    response::{IntoResponse, Response},
};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use serde_json::{Value, json};

use super::{Code, Error, Floor, Locale, guard};
use crate::config::Secret;

const SECONDS: &[f64] = &[0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0];

/// The process runs.
pub async fn alive() -> Json<Value> {
    Json(json!({"status": "ok"}))
}

/// The service can be sent requests: the database answers, and it is not going down.
pub async fn ready(State(floor): State<Floor>, request: Request) -> Response {
    let sockets = floor.sockets();
    if !sockets.stop.is_cancelled() && sockets.rooms.ready().await {
        return alive().await.into_response();
    }
    Error::new(Code::Unavailable).problem(Locale::of(request.headers()))
}

/// From this machine, or with the token; for everybody else there is no such page.
pub async fn metrics(State(floor): State<Floor>, request: Request) -> Response {
    let locale = Locale::of(request.headers());
    let (parts, _) = request.into_parts();
    let network = floor.network();
    let here = guard::client_address(&parts, network).is_some_and(|ip| ip.is_loopback());
    let token = parts.headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()).and_then(|v| v.strip_prefix("Bearer "));
    let known = token.zip(network.metrics_token.as_ref()).is_some_and(|(token, right)| same(token, right));
    match recorder().filter(|_| network.metrics && (here || known)) {
        Some(handle) => {
            handle.run_upkeep();
            ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], handle.render()).into_response()
        }
        None => Error::not_found().problem(locale),
    }
}

/// In a time that does not tell how much of it was right: digests are compared, and those tell nothing of the token.
fn same(given: &str, right: &Secret) -> bool {
    let digest = |text: &str| ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
    digest(given).as_ref() == digest(right.expose()).as_ref()
}

/// The process's one recorder. `None` when another part of the process has installed its own.
pub fn recorder() -> Option<&'static PrometheusHandle> {
    static HANDLE: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
    let install =
        || PrometheusBuilder::new().set_buckets_for_metric(Matcher::Suffix("_seconds".into()), SECONDS).ok()?.install_recorder().ok();
    HANDLE.get_or_init(install).as_ref()
}
