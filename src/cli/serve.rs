//! `radrum serve`: puts rooms, hub and HTTP together and runs them until told to stop.

use std::{net::SocketAddr, sync::Arc};

use tokio::{sync::broadcast, task::JoinHandle};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    clock::Clock,
    config::Network,
    http::{Floor, server},
    live::{Hub, Rooms, Signal, socket::Sockets},
};

/// What the transport serves: made by `app`.
pub struct App {
    pub rooms: Arc<dyn Rooms>,
    /// The same hub that the rooms ask who is present.
    pub hub: Hub,
    pub clock: Clock,
    /// From the database, subscribed before anything is written.
    pub signals: broadcast::Receiver<Signal>,
}

/// Listening, not yet serving.
pub struct Ready {
    server: server::Server,
    hub: JoinHandle<()>,
    hub_stop: CancellationToken,
}

/// Listens and starts the hub. Call inside the runtime.
pub fn prepare(network: Network, app: App) -> Result<Ready, server::Error> {
    let stop = CancellationToken::new();
    let sockets =
        Sockets { rooms: app.rooms.clone(), hub: app.hub.clone(), rates: network.rates.clone(), stop, tracker: TaskTracker::new() };
    let server = server::Server::bind(Floor::new(sockets, network))?;
    let hub_stop = CancellationToken::new();
    let hub = tokio::spawn(app.hub.run(app.rooms, app.clock, app.signals, hub_stop.clone()));
    Ok(Ready { server, hub, hub_stop })
}

impl Ready {
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Serves until `stop`.
    pub async fn run(self, stop: CancellationToken) -> Result<(), server::Error> {
        let served = self.server.run(stop).await;
        // Last: until then sockets still hear what the last commands did.
        self.hub_stop.cancel();
        let _ = self.hub.await;
        served
    }
}

/// Serves until SIGTERM or ctrl-c.
pub async fn serve(network: Network, app: App) -> Result<(), server::Error> {
    let ready = prepare(network, app)?;
    tracing::info!(port = ready.address().port(), "listening");
    ready.run(server::on_signal()).await
}
