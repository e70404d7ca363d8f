//! `POST /api/v1/<op>`: the commands of the socket, one request each. Same names, rules and errors.

use std::collections::BTreeMap;

use axum::{
    Json,
    extract::{Path, Request, State},
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::{Code, Error, Floor, Locale, body, guard};
use crate::{
    id::Id,
    live::{Who, frame},
};

/// The op's own name, for the access log and the metrics; never what the client wrote.
#[derive(Clone, Copy)]
pub struct OpName(pub &'static str);

pub async fn run(State(floor): State<Floor>, Path(op): Path<String>, request: Request) -> Response {
    let mut locale = Locale::of(request.headers());
    let (parts, body) = request.into_parts();
    let known = floor.sockets().rooms.ops().iter().find(|known| known.name == op);
    let answer = async {
        let shown = guard::shown(&parts.headers, floor.network())?;
        guard::check_origin(&parts.headers, floor.network(), &shown)?;
        let who = floor.who(&parts.headers, &shown, true).await?;
        locale = who.locale;
        if op == "resume" {
            return resume(&floor, &who, &body::object(&parts.headers, body).await?).await;
        }
        let op = known.ok_or_else(|| Error::new(Code::OpUnknown))?;
        let body = Value::Object(body::object(&parts.headers, body).await?);
        let id = command_id(&parts.headers)?;
        if op.command && id.is_none() {
            return Err(Error::new(Code::FrameMalformed));
        }
        let rooms = floor.sockets().rooms.clone();
        // In a task of its own: a client that hangs up does not cut off half-way what has begun.
        let running = floor.sockets().tracker.spawn(async move { rooms.run(&who, op.name, id, body).await });
        running.await.unwrap_or_else(|_| Err(Error::internal("http::api", "an op panicked")))
    };
    let answer: Result<Value, Error> = answer.await;
    let mut response = answer.map_or_else(|error| error.problem(locale), |ok| Json(ok).into_response());
    if let Some(op) = known {
        response.extensions_mut().insert(OpName(op.name));
    }
    response
}

fn command_id(headers: &HeaderMap) -> Result<Option<Id>, Error> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    value.to_str().ok().and_then(|text| text.parse().ok()).map(Some).ok_or_else(|| Error::new(Code::FrameMalformed))
}

/// What the socket sends as frames before its answer stands in `events` here.
async fn resume(floor: &Floor, who: &Who, body: &serde_json::Map<String, Value>) -> Result<Value, Error> {
    let after = frame::resume_after(body.get("after"))?;
    let resumed = floor.sockets().rooms.resume(who, &after).await?;
    let frames = resumed.streams.iter().flat_map(|part| &part.frames);
    let events: Vec<Value> = frames.filter_map(|(_, text)| serde_json::from_str(text).ok()).collect();
    let streams: BTreeMap<Id, i64> = resumed.streams.iter().map(|part| (part.stream, part.last)).collect();
    let mut answer = frame::resumed(&streams, &resumed.gone);
    answer["events"] = json!(events);
    Ok(answer)
}
