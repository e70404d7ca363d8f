//! `GET /ws`: from HTTP to a socket.
//!
//! By hand and not with axum's extractor (it is the same library underneath): after an error the connection itself is needed, to read away what the peer still
//! sends while it gets the close code. axum's type does not hand it out.

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use hyper_util::rt::TokioIo;
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{handshake::derive_accept_key, protocol::Role},
};

use super::{Code, Error, Floor, Locale, guard};
use crate::live::{PROTOCOL, socket};

pub async fn upgrade(State(floor): State<Floor>, request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    let locale = Locale::of(&parts.headers);
    let shown = match guard::shown(&parts.headers, floor.network()) {
        Ok(shown) => shown,
        Err(error) => return error.problem(locale),
    };
    let checked = async {
        guard::check_origin(&parts.headers, floor.network(), &shown)?;
        let accept = accept_key(&parts.method, &parts.headers).ok_or_else(|| Error::new(Code::FrameMalformed))?;
        let who = floor.who(&parts.headers, &shown, true).await?;
        // What hyper leaves for whoever takes the connection over; without it (HTTP/2) there is nothing to take over.
        let upgrading = parts.extensions.remove::<hyper::upgrade::OnUpgrade>().ok_or_else(|| Error::new(Code::FrameMalformed))?;
        Ok((accept, who, upgrading))
    };
    let (accept, who, upgrading) = match checked.await {
        Ok(checked) => checked,
        Err(error) => {
            let error: Error = error;
            return error.problem(locale);
        }
    };
    if floor.sockets().stop.is_cancelled() {
        return Error::new(Code::Unavailable).problem(locale);
    }
    let sockets = floor.sockets().clone();
    floor.sockets().tracker.spawn(async move {
        // The peer may be gone before the connection is handed over: nothing to serve then.
        let Ok(connection) = upgrading.await else { return };
        let stream = WebSocketStream::from_raw_socket(TokioIo::new(connection), Role::Server, Some(socket::config())).await;
        sockets.serve(stream, who, shown).await;
    });
    let headers = [
        (header::CONNECTION, HeaderValue::from_static("upgrade")),
        (header::UPGRADE, HeaderValue::from_static("websocket")),
        (header::SEC_WEBSOCKET_ACCEPT, accept),
        (header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(PROTOCOL)),
    ];
    (StatusCode::SWITCHING_PROTOCOLS, headers, Body::empty()).into_response()
}

/// The key of the answer, if this is a handshake (RFC 6455, section 4.2.1) that offers our protocol.
fn accept_key(method: &Method, headers: &HeaderMap) -> Option<HeaderValue> {
    let lists = |name: header::HeaderName, word: &str| {
        let values = headers.get_all(name).iter().filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(','));
        values.map(str::trim).any(|value| value.eq_ignore_ascii_case(word))
    };
    let right = method == Method::GET
        && lists(header::CONNECTION, "upgrade")
        && lists(header::UPGRADE, "websocket")
        && lists(header::SEC_WEBSOCKET_VERSION, "13")
        && lists(header::SEC_WEBSOCKET_PROTOCOL, PROTOCOL);
    let key = headers.get(header::SEC_WEBSOCKET_KEY).filter(|_| right)?;
    HeaderValue::from_str(&derive_accept_key(key.as_bytes())).ok()
}
