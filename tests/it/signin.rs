//! Signing in, being locked out, the idle lock, and what closes a socket.

use std::{sync::Arc, time::Instant};

use radrum::{
    clock::{Clock, DAY, HOUR, MINUTE, SECOND},
    rooms::signin,
};
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};

use crate::{
    product_on_both,
    support::service::{PASSWORD, Service, Socket},
};

const NOON: i64 = 20_500 * DAY + 12 * HOUR;

async fn sign_in(s: &Service, login: &str, password: &str) -> (u16, Value) {
    let request = Client::new().post(s.url("/api/v1/session")).json(&json!({ "login": login, "password": password }));
    answer(request).await
}

async fn answer(request: RequestBuilder) -> (u16, Value) {
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

/// Status and code of a look at the own session.
async fn look(s: &Service, cookie: &str) -> (u16, Value) {
    let (status, body) = answer(Client::new().get(s.url("/api/v1/session")).header("cookie", cookie)).await;
    (status, body["code"].clone())
}

fn with_cookie(s: &Service, request: RequestBuilder, cookie: &str) -> RequestBuilder {
    request.header("cookie", cookie).header("origin", s.url(""))
}

async fn unlock(s: &Service, cookie: &str, password: &str) -> (u16, Value) {
    let request = with_cookie(s, Client::new().post(s.url("/api/v1/session/unlock")), cookie);
    let (status, body) = answer(request.json(&json!({ "password": password }))).await;
    (status, body["code"].clone())
}

/// The reason that the last event gives, and the close code.
async fn ended(socket: &mut Socket) -> (Value, Option<u16>) {
    let reason = socket.event("session.ended").await["reason"].clone();
    (reason, socket.closed().await)
}

async fn lock_out(s: Arc<Service>) {
    // Somebody who is there and somebody who is not: each step is answered alike.
    for step in 0..4 {
        for login in ["anna", "ingen.alls"] {
            let (status, body) = sign_in(&s, login, "fel lösenord till den").await;
            assert_eq!((status, &body["code"]), (401, &json!("signin.failed")), "{login} {step}");
        }
    }
    for seconds in [30, 60, 120, 240, 480, 960, 1920, 3600, 3600] {
        let mut said = Vec::new();
        for login in ["anna", "ingen.alls"] {
            let (status, body) = sign_in(&s, login, "fel lösenord till den").await;
            assert_eq!((status, &body["code"]), (429, &json!("signin.locked")), "{login} {seconds}");
            // Locked is locked, also for the right one; and trying does not make it longer.
            assert_eq!(sign_in(&s, login, PASSWORD).await, (status, body.clone()));
            said.push(body);
        }
        assert_eq!(said[0], said[1]);
        s.house.clock.advance((seconds - 1) * SECOND);
        assert_eq!(sign_in(&s, "anna", PASSWORD).await.0, 429, "not before {seconds} seconds");
        s.house.clock.advance(2 * SECOND);
    }
    assert_eq!(sign_in(&s, "anna", PASSWORD).await.0, 200);
    assert_eq!(sign_in(&s, " ANNA ", PASSWORD).await.0, 200, "capitals and spaces are forgiven");
    assert_eq!(sign_in(&s, "anna", "fel lösenord till den").await.1["code"], "signin.failed", "it starts anew");
    // Twenty guesses at once, the right one among them, get no further than those one by one.
    let guesses = (0..20).map(|n| {
        let s = s.clone();
        tokio::spawn(async move { sign_in(&s, "alva", &format!("gissning nummer {n} av många")).await.0 })
    });
    let all = futures_util::future::join_all(guesses).await;
    assert!(all.iter().filter(|r| *r.as_ref().unwrap() == 401).count() <= 4);
    assert_eq!(sign_in(&s, "alva", PASSWORD).await.0, 429);
}
product_on_both!(wrong_passwords_lock_out_longer_and_longer, with Clock::manual(NOON), lock_out);

async fn idle(s: Arc<Service>) {
    let cookie = s.cookie("anna").await;
    let mut socket = Socket::open(s.address, &cookie).await;
    for _ in 0..4 {
        s.house.clock.advance(10 * MINUTE);
        assert_eq!(s.post(&cookie, "units.list", None, &json!({})).await.0, 200, "who does something stays");
    }
    s.house.clock.advance(10 * MINUTE);
    assert_eq!(look(&s, &cookie).await.0, 200);
    s.house.clock.advance(6 * MINUTE);
    assert_eq!(look(&s, &cookie).await, (401, json!("session.locked")), "looking is not doing");
    assert_eq!(ended(&mut socket).await, (json!("locked"), Some(4001)));
    assert!(Socket::connect(s.address, &[("cookie", &cookie), ("origin", &s.url(""))]).await.is_none());
    assert_eq!(s.post(&cookie, "units.list", None, &json!({})).await.1["code"], "session.locked");
    for _ in 0..4 {
        assert_eq!(unlock(&s, &cookie, "fel lösenord till den").await, (401, json!("signin.failed")));
    }
    assert_eq!(unlock(&s, &cookie, "fel lösenord till den").await, (429, json!("signin.locked")));
    assert_eq!(unlock(&s, &cookie, PASSWORD).await, (429, json!("signin.locked")));
    s.house.clock.advance(32 * SECOND);
    assert_eq!(unlock(&s, &cookie, PASSWORD).await, (200, Value::Null));
    assert_eq!(look(&s, &cookie).await.0, 200);
    Socket::open(s.address, &cookie).await;
    assert_eq!(unlock(&s, "radrum_session=nej", PASSWORD).await, (401, json!("auth.required")));
}
product_on_both!(an_idle_session_locks_and_is_unlocked, with Clock::manual(NOON), idle);

async fn longest(s: Arc<Service>) {
    let cookie = s.cookie("anna").await;
    let mut socket = Socket::open(s.address, &cookie).await;
    for _ in 0..71 {
        s.house.clock.advance(10 * MINUTE);
        assert_eq!(s.post(&cookie, "me", None, &json!({})).await.0, 200);
    }
    s.house.clock.advance(11 * MINUTE);
    assert_eq!(look(&s, &cookie).await, (401, json!("auth.required")));
    assert_eq!(ended(&mut socket).await, (json!("expired"), Some(4001)));
    assert_eq!(unlock(&s, &cookie, PASSWORD).await, (401, json!("auth.required")), "what is over cannot be opened again");
}
product_on_both!(a_session_ends_after_twelve_hours_however_busy, with Clock::manual(NOON), longest);

async fn signing_out(s: Arc<Service>) {
    let (one, two) = (s.cookie("anna").await, s.cookie("anna").await);
    let (mut first, mut second, mut other) =
        (Socket::open(s.address, &one).await, Socket::open(s.address, &two).await, s.socket("alva").await);
    let token = signin::make_token(&s.house, "anna", "prov").await.unwrap().unwrap();
    let mut machine = Socket::connect(s.address, &[("authorization", &format!("Bearer {token}"))]).await.unwrap();
    let out = |cookie: &str, query: &str| with_cookie(&s, Client::new().delete(s.url(&format!("/api/v1/session{query}"))), cookie);
    assert_eq!(
        Client::new().delete(s.url("/api/v1/session")).header("cookie", &one).send().await.unwrap().status(),
        403,
        "not for another site"
    );
    assert_eq!(answer(out(&one, "")).await.0, 200);
    assert_eq!(ended(&mut first).await, (json!("signed_out"), Some(4001)));
    assert_eq!(look(&s, &one).await, (401, json!("auth.required")));
    assert!(second.call("me", json!({})).await.is_ok(), "this session only");
    let (three, mut third) = (s.cookie("anna").await, s.socket("anna").await);
    assert_eq!(answer(out(&two, "?everywhere=true")).await.0, 200);
    for socket in [&mut second, &mut third] {
        assert_eq!(ended(socket).await, (json!("signed_out"), Some(4001)));
    }
    for cookie in [&two, &three] {
        assert_eq!(look(&s, cookie).await, (401, json!("auth.required")));
    }
    assert!(other.call("me", json!({})).await.is_ok(), "nobody else");
    assert!(machine.call("me", json!({})).await.is_ok(), "tokens are the administrator's");
    assert_eq!(answer(out(&two, "")).await.0, 200, "an ended one is no error");
    // The same by the operation.
    let mut fourth = s.socket("anna").await;
    machine.call("session.end_all", json!({})).await.unwrap();
    assert_eq!(ended(&mut fourth).await, (json!("signed_out"), Some(4001)));
}
product_on_both!(signing_out_closes_the_sockets, signing_out);

async fn roles(s: Arc<Service>) {
    let (mut bo, mut bea, mut cilla) = (s.socket("bo").await, s.socket("bea").await, s.socket("cilla").await);
    s.give("bo", &[("handler", "c")]).await;
    assert_eq!(ended(&mut bo).await, (json!("role_lost"), Some(4003)));
    s.give("bea", &[("handler", "b"), ("handler", "c")]).await;
    assert!(bea.call("me", json!({})).await.is_ok(), "a role that came ends nothing");
    let mut bo = s.socket("bo").await;
    assert_eq!(bo.hello["roles"][0]["unit_name"], "Öppenpsykiatrin");
    // Over the operation too, by an administrator of the own authority.
    let mut admin = s.socket("admin").await;
    let mut alva = s.socket("alva").await;
    admin.call("people.roles", json!({ "login": "alva", "roles": [{ "role": "steering" }] })).await.unwrap();
    assert_eq!(ended(&mut alva).await, (json!("role_lost"), Some(4003)));
    // All roles gone: the account is closed.
    let cookie = s.cookie("cilla").await;
    let token = signin::make_token(&s.house, "cilla", "prov").await.unwrap().unwrap();
    let bearer = format!("Bearer {token}");
    let mut machine = Socket::connect(s.address, &[("authorization", &bearer)]).await.unwrap();
    s.give("cilla", &[]).await;
    for socket in [&mut cilla, &mut machine] {
        assert_eq!(ended(socket).await.1, Some(4001));
    }
    assert_eq!(look(&s, &cookie).await, (401, json!("auth.required")));
    assert_eq!(sign_in(&s, "cilla", PASSWORD).await.1["code"], "signin.failed");
    let by_token = Client::new().post(s.url("/api/v1/me")).header("authorization", &bearer).json(&json!({}));
    assert_eq!(answer(by_token).await.1["code"], "auth.required");
    assert!(signin::make_token(&s.house, "cilla", "prov").await.unwrap().is_none());
    // Opened again: what was ended stays ended.
    s.give("cilla", &[("handler", "c")]).await;
    assert_eq!(look(&s, &cookie).await, (401, json!("auth.required")));
    assert_eq!(sign_in(&s, "cilla", PASSWORD).await.0, 200);
    assert!(bo.call("me", json!({})).await.is_ok());
}
product_on_both!(a_lost_role_and_a_closed_account_close_the_sockets, roles);

async fn tokens(s: Arc<Service>) {
    let token = signin::make_token(&s.house, "bo", "prov").await.unwrap().unwrap();
    let bearer = format!("Bearer {token}");
    let send = |method: reqwest::Method, path: &str| Client::new().request(method, s.url(path)).header("authorization", &bearer);
    let (status, me) = answer(send(reqwest::Method::POST, "/api/v1/me").json(&json!({}))).await;
    assert_eq!((status, &me["person"]["name"]), (200, &json!("Bo Dahl")));
    let mut socket = Socket::connect(s.address, &[("authorization", &bearer)]).await.expect("without an origin");
    assert!(socket.call("inbox.list", json!({})).await.is_ok());
    // What is for sessions is not for tokens.
    for (method, path) in [(reqwest::Method::DELETE, "/api/v1/session"), (reqwest::Method::POST, "/api/v1/session/unlock")] {
        let (status, body) = answer(send(method, path).header("origin", s.url("")).json(&json!({ "password": PASSWORD }))).await;
        assert_eq!((status, &body["code"]), (401, &json!("auth.required")), "{path}");
    }
    // With both the token counts; a wrong token is not made good by a cookie, and a cookie's value is no token.
    let cookie = s.cookie("anna").await;
    let (_, both) = answer(send(reqwest::Method::POST, "/api/v1/me").header("cookie", &cookie).json(&json!({}))).await;
    assert_eq!(both["person"]["login"], "bo");
    let value = cookie.split_once('=').unwrap().1;
    for wrong in ["Bearer nej", "Basic nej", "Bearer", &format!("Bearer {value}")] {
        let request = with_cookie(&s, Client::new().post(s.url("/api/v1/me")), &cookie).header("authorization", wrong);
        assert_eq!(answer(request).await.1["code"], "auth.required", "{wrong}");
    }
    assert_eq!(look(&s, &format!("radrum_session={token}")).await, (401, json!("auth.required")), "a token is no cookie");
    // A cookie needs an own origin on the socket.
    for origin in ["https://example.org", "null", ""] {
        assert!(Socket::connect(s.address, &[("cookie", &cookie), ("origin", origin)]).await.is_none(), "{origin}");
    }
    assert!(Socket::connect(s.address, &[("cookie", &cookie)]).await.is_none(), "none at all");
}
product_on_both!(a_token_works_and_is_no_cookie, tokens);

async fn timing(s: Arc<Service>) {
    let known = ["anna", "alva", "chef.a", "bo", "bea", "chef.b", "cilla", "admin"];
    let mut took = [Vec::new(), Vec::new()];
    // Turn about, so that both meet the same noise.
    for round in 0..3 {
        for login in known {
            for (n, login) in [login.to_owned(), format!("x{round}.{login}")].into_iter().enumerate() {
                let started = Instant::now();
                assert_eq!(sign_in(&s, &login, "fel lösenord till den").await.1["code"], "signin.failed");
                took[n].push(started.elapsed());
            }
        }
    }
    let [there, absent] = took.map(|mut all| {
        all.sort();
        all[all.len() / 2].as_secs_f64()
    });
    assert!((0.6..1.67).contains(&(there / absent)), "there {there:.4} s, not there {absent:.4} s");
}
product_on_both!(an_unknown_login_takes_as_long_as_a_known_one, timing);
