//! The HTTP floor: cookie, headers, limits, routes, embedded assets, and the server that listens. It knows no rooms: what they do comes in through
//! [`crate::live::Rooms`].

mod api;
pub mod assets;
mod body;
mod guard;
mod health;
pub mod logs;
mod openapi;
pub mod server;
mod session;
mod upgrade;
mod wrap;

use std::{net::IpAddr, sync::Arc};

use axum::{
    Router,
    http::HeaderMap,
    response::Response,
    routing::{any, get, post},
};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::{config::Network, id::Id, live::socket::Sockets};
pub use crate::{
    error::{self, Code, Error, texts},
    locale::Locale,
};

/// What every request shares.
#[derive(Clone)]
pub struct Floor(Arc<Shared>);

struct Shared {
    sockets: Sockets,
    network: Network,
    commands: DefaultKeyedRateLimiter<Id>,
    signins: DefaultKeyedRateLimiter<IpAddr>,
}

impl Floor {
    pub fn new(sockets: Sockets, network: Network) -> Floor {
        let commands = Quota::per_second(network.rates.commands_per_second).allow_burst(network.rates.burst);
        let signins = Quota::per_minute(network.signins_per_minute);
        Floor(Arc::new(Shared { sockets, network, commands: RateLimiter::keyed(commands), signins: RateLimiter::keyed(signins) }))
    }

    pub fn sockets(&self) -> &Sockets {
        &self.0.sockets
    }

    pub fn network(&self) -> &Network {
        &self.0.network
    }

    /// Every route, with everything around them.
    pub fn router(&self) -> Router {
        let routes = Router::new()
            .route("/", get(assets::index))
            .route("/assets/{*path}", get(assets::file))
            .route("/ws", any(upgrade::upgrade))
            .route("/api/v1/session", get(session::show).post(session::sign_in).delete(session::sign_out))
            .route("/api/v1/session/unlock", post(session::unlock))
            .route("/api/v1/openapi.json", get(openapi::document))
            .route("/api/v1/{op}", post(api::run))
            .route("/healthz", get(health::alive))
            .route("/readyz", get(health::ready))
            .route("/metrics", get(health::metrics))
            .fallback(unknown)
            .method_not_allowed_fallback(unknown)
            .with_state(self.clone());
        wrap::around(routes, self)
    }
}

async fn unknown(headers: HeaderMap) -> Response {
    Error::not_found().problem(Locale::of(&headers))
}
