//! Signing in and out, over plain HTTP: a cookie cannot be set on a socket.

use axum::{
    Json,
    extract::{RawQuery, Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value};

use super::{Code, Error, Floor, Locale, body, guard};
use crate::{config::Secret, live::socket::Shown};

/// Longer is no login and no password of anybody's, and hashing it would cost.
const LOGIN_MOST: usize = 200;
const PASSWORD_MOST: usize = 1024;

pub async fn show(State(floor): State<Floor>, headers: HeaderMap) -> Response {
    // Looking does not count as activity: a page that asks now and then must not keep itself unlocked.
    let answer = async {
        let shown = guard::shown(&headers, floor.network())?;
        let who = floor.who(&headers, &shown, false).await?;
        floor.sockets().rooms.me(&who).await
    };
    answer.await.map_or_else(|error| error.problem(Locale::of(&headers)), |me| Json(me).into_response())
}

pub async fn sign_in(State(floor): State<Floor>, request: Request) -> Response {
    let locale = Locale::of(request.headers());
    let (parts, body) = request.into_parts();
    let answer = async {
        guard::check_origin_if_any(&parts.headers, floor.network())?;
        let peer = guard::client_address(&parts, floor.network()).ok_or_else(|| Error::new(Code::OriginRefused))?;
        floor.check_signin_rate(peer)?;
        let mut object = body::object(&parts.headers, body).await?;
        let login = text(&mut object, "login", LOGIN_MOST)?;
        let password = Secret::new(text(&mut object, "password", PASSWORD_MOST)?);
        let (value, me) = floor.sockets().rooms.sign_in(login, password, peer).await?;
        let cookie = guard::set_cookie(floor.network(), &value)?;
        Ok(([(header::SET_COOKIE, cookie)], Json(me)).into_response())
    };
    answer.await.unwrap_or_else(|error: Error| error.problem(locale))
}

pub async fn unlock(State(floor): State<Floor>, request: Request) -> Response {
    let locale = Locale::of(request.headers());
    let (parts, body) = request.into_parts();
    let answer = async {
        let cookie = own_cookie(&floor, &parts.headers)?;
        let peer = guard::client_address(&parts, floor.network()).ok_or_else(|| Error::new(Code::OriginRefused))?;
        floor.check_signin_rate(peer)?;
        let mut object = body::object(&parts.headers, body).await?;
        let password = Secret::new(text(&mut object, "password", PASSWORD_MOST)?);
        floor.sockets().rooms.unlock(cookie.expose(), password, peer).await
    };
    answer.await.map_or_else(|error| error.problem(locale), |me| Json(me).into_response())
}

pub async fn sign_out(State(floor): State<Floor>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let everywhere = query.as_deref() == Some("everywhere=true");
    let answer = async {
        let cookie = own_cookie(&floor, &headers)?;
        floor.sockets().rooms.sign_out(cookie.expose(), everywhere).await
    };
    match answer.await {
        Ok(()) => (StatusCode::OK, [(header::SET_COOKIE, guard::clear_cookie(floor.network()))], Json(Map::new())).into_response(),
        Err(error) => error.problem(Locale::of(&headers)),
    }
}

fn own_cookie(floor: &Floor, headers: &HeaderMap) -> Result<Secret, Error> {
    let shown = guard::shown(headers, floor.network())?;
    guard::check_origin(headers, floor.network(), &shown)?;
    match shown {
        Shown::Cookie(value) => Ok(value),
        // A token has no session to unlock or to end here.
        Shown::Bearer(_) => Err(Error::new(Code::AuthRequired)),
    }
}

fn text(object: &mut Map<String, Value>, name: &'static str, most: usize) -> Result<String, Error> {
    match object.remove(name) {
        Some(Value::String(text)) if !text.is_empty() && text.len() <= most => Ok(text),
        _ => Err(Error::field(name)),
    }
}
