//! What stands around every route: a net for panics, the security headers, a bound on time, and the access log.

use std::{any::Any, time::Duration};

use axum::{
    Router,
    extract::{MatchedPath, Request, State},
    http::{HeaderName, HeaderValue, header},
    middleware::{self, Next},
    response::Response,
};
use tokio::time::Instant;
use tower_http::catch_panic::CatchPanicLayer;

use super::{Code, Error, Floor, Locale, api::OpName};

/// A request that takes longer is answered `unavailable`; what it began goes on, and the same id tells the answer.
const LONGEST: Duration = Duration::from_secs(30);

const CSP: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'; img-src 'self'; manifest-src 'self'; form-action 'none'; \
                   base-uri 'none'; frame-ancestors 'none'";

const ALWAYS: [(HeaderName, &str); 7] = [
    (header::CONTENT_SECURITY_POLICY, CSP),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), microphone=(), geolocation=(), display-capture=(), payment=(), usb=(), browsing-topics=(), interest-cohort=()",
    ),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

pub fn around(routes: Router, floor: &Floor) -> Router {
    routes
        .layer(middleware::from_fn(bound))
        .layer(CatchPanicLayer::custom(caught))
        .layer(middleware::from_fn_with_state(floor.clone(), headers))
        .layer(middleware::from_fn(log))
}

async fn bound(request: Request, next: Next) -> Response {
    let locale = Locale::of(request.headers());
    tokio::time::timeout(LONGEST, next.run(request)).await.unwrap_or_else(|_| Error::new(Code::Unavailable).problem(locale))
}

/// What the panic says is not looked at: it may hold what was being worked on.
fn caught(_: Box<dyn Any + Send>) -> Response {
    Error::internal("http", "a handler panicked").problem(Locale::default())
}

async fn headers(State(floor): State<Floor>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if floor.network().is_secure() {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=63072000"));
    }
    // Everything that does not say otherwise (the page's own files do) may hold what only this person may see.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// One line a request: method, route as it is written in the program, status, time. Never the path, the query, a header or an address.
async fn log(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;
    let route = route.as_ref().map_or("none", MatchedPath::as_str);
    let op = response.extensions().get::<OpName>().map(|op| op.0);
    let status = response.status().as_u16();
    let took = started.elapsed();
    tracing::info!(target: "radrum::http", method = %method, route, op, status, ms = took.as_millis() as u64, "request");
    metrics::counter!("radrum_http_requests_total", "route" => op.map_or_else(|| route.to_owned(), str::to_owned), "status" => status.to_string()).increment(1);
    metrics::histogram!("radrum_http_seconds").record(took.as_secs_f64());
    response
}
