//! Reading a body: bounded, strict JSON, and never repeated.

use std::time::Duration;

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, header},
};
use http_body_util::BodyExt;
use serde_json::{Map, Value};
use tokio::time::timeout;

use super::{Code, Error};
use crate::{json, live::MAX_FRAME_BYTES};

/// How long a body may take to come.
const SLOWEST: Duration = Duration::from_secs(15);
/// Of a body that is too large, so much is still read away: a client that is writing does not hear an answer when the connection is cut under it.
const READ_AWAY: usize = 32 << 20;
const READ_AWAY_FOR: Duration = Duration::from_secs(2);

/// The JSON object of a body. An empty body is an empty object: a query may have nothing to say.
pub async fn object(headers: &HeaderMap, body: Body) -> Result<Map<String, Value>, Error> {
    let bytes = timeout(SLOWEST, bytes(body)).await.map_err(|_| Error::new(Code::FrameMalformed))??;
    if bytes.is_empty() {
        return Ok(Map::new());
    }
    // A form of another site can send text/plain and the like without asking; not this type.
    let kind = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or("");
    if !kind.split(';').next().unwrap_or("").trim().eq_ignore_ascii_case("application/json") {
        return Err(Error::new(Code::FrameMalformed));
    }
    json::object(&bytes).map_err(|json::Malformed| Error::new(Code::FrameMalformed))
}

async fn bytes(mut body: Body) -> Result<Bytes, Error> {
    let mut all = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Error::new(Code::FrameMalformed))?.into_data() else { continue };
        if all.len() + data.len() > MAX_FRAME_BYTES {
            let _ = timeout(READ_AWAY_FOR, read_away(body)).await;
            return Err(Error::new(Code::FrameTooLarge));
        }
        all.extend_from_slice(&data);
    }
    Ok(all.into())
}

async fn read_away(mut body: Body) {
    let mut left = READ_AWAY;
    while let Some(Ok(frame)) = body.frame().await {
        let length = frame.data_ref().map_or(0, Bytes::len);
        if length >= left {
            return;
        }
        left -= length;
    }
}
