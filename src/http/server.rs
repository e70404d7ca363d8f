//! The server that listens: TLS, bounds on slow clients, and going down in good order.

use std::{io, net::SocketAddr, path::Path, sync::Arc, time::Duration};

use axum_server::{
    Handle,
    accept::NoDelayAcceptor,
    tls_rustls::{RustlsAcceptor, RustlsConfig},
};
use hyper_util::rt::TokioTimer;
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tokio_util::sync::CancellationToken;

use super::Floor;
use crate::config::Tls;

/// How long a client may take to send a request's head.
const HEAD: Duration = Duration::from_secs(10);
/// How long requests and sockets get to finish when the server goes down.
const DRAIN: Duration = Duration::from_secs(10);

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot listen on {0}: {1}. Is another Rådrum running there? Give another address as listen.")]
    Listen(SocketAddr, io::ErrorKind),
    #[error("{0} cannot be used for TLS: {1}")]
    Tls(String, &'static str),
    #[error("the server stopped: {0}")]
    Stopped(io::ErrorKind),
}

/// A server that listens and waits to be run.
pub struct Server {
    floor: Floor,
    listener: std::net::TcpListener,
    tls: Option<RustlsConfig>,
}

impl Server {
    /// Listens, and reads the certificate: what can go wrong goes wrong before anything is promised.
    pub fn bind(floor: Floor) -> Result<Server, Error> {
        let network = floor.network();
        let listener = std::net::TcpListener::bind(network.listen).map_err(|e| Error::Listen(network.listen, e.kind()))?;
        listener.set_nonblocking(true).map_err(|e| Error::Listen(network.listen, e.kind()))?;
        let tls = network.tls.as_ref().map(rustls_config).transpose()?;
        if network.metrics {
            super::health::recorder();
        }
        Ok(Server { floor, listener, tls })
    }

    /// Where it listens: with port 0 the system has chosen one.
    pub fn address(&self) -> SocketAddr {
        self.listener.local_addr().unwrap_or(self.floor.network().listen)
    }

    /// Serves until `stop`; then takes no more, lets what runs be answered, closes the sockets with 1001, and ends.
    pub async fn run(self, stop: CancellationToken) -> Result<(), Error> {
        let handle = Handle::new();
        let sockets = self.floor.sockets().clone();
        let service = self.floor.router().into_make_service_with_connect_info::<SocketAddr>();
        let going_down = {
            let (handle, sockets) = (handle.clone(), sockets.clone());
            async move {
                stop.cancelled().await;
                tracing::info!(sockets = sockets.hub.sockets(), "going down");
                sockets.stop.cancel();
                handle.graceful_shutdown(Some(DRAIN));
            }
        };
        let down = tokio::spawn(going_down);
        // Without delay: a small frame would else wait 40 ms for the acknowledgement of the one before it.
        let served = match self.tls {
            Some(tls) => {
                let acceptor = RustlsAcceptor::new(tls).acceptor(NoDelayAcceptor::new());
                let mut server =
                    axum_server::from_tcp(self.listener).map_err(|e| Error::Stopped(e.kind()))?.acceptor(acceptor).handle(handle);
                bounds(server.http_builder());
                server.serve(service).await
            }
            None => {
                let mut server = axum_server::from_tcp(self.listener)
                    .map_err(|e| Error::Stopped(e.kind()))?
                    .acceptor(NoDelayAcceptor::new())
                    .handle(handle);
                bounds(server.http_builder());
                server.serve(service).await
            }
        };
        down.abort();
        // Sockets are no longer the HTTP server's: they are waited for here, and commands that go on without a client.
        sockets.stop.cancel();
        sockets.tracker.close();
        if tokio::time::timeout(DRAIN, sockets.tracker.wait()).await.is_err() {
            tracing::warn!(left = sockets.tracker.len(), "not everything ended in time");
        }
        tracing::info!("down");
        served.map_err(|e| Error::Stopped(e.kind()))
    }
}

fn bounds(builder: &mut hyper_util::server::conn::auto::Builder<hyper_util::rt::TokioExecutor>) {
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD).max_buf_size(32 << 10);
}

/// rustls with ring and nothing else: a second provider in the process would make the choice ambiguous, and rustls panics then.
fn rustls_config(tls: &Tls) -> Result<RustlsConfig, Error> {
    let bad = |path: &Path, why| Error::Tls(path.display().to_string(), why);
    let chain = CertificateDer::pem_file_iter(&tls.cert)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|_| bad(&tls.cert, "it is not a PEM file with a certificate that can be read"))?;
    let key =
        PrivateKeyDer::from_pem_file(&tls.key).map_err(|_| bad(&tls.key, "it is not a PEM file with a private key that can be read"))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
        .map_err(|_| bad(&tls.cert, "the certificate and the key do not belong together, or are of a kind that is not supported"))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(RustlsConfig::from_config(Arc::new(config)))
}

/// Cancelled by SIGTERM or ctrl-c.
pub fn on_signal() -> CancellationToken {
    let token = CancellationToken::new();
    let stop = token.clone();
    tokio::spawn(async move {
        let terminated = async {
            match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
                Ok(mut signal) => {
                    signal.recv().await;
                }
                Err(_) => std::future::pending().await,
            }
        };
        tokio::select! {
            () = terminated => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        stop.cancel();
    });
    token
}
