//! HTTP as a client meets it: sessions, ops, errors as problem JSON, headers, the page's own files.

use radrum::{
    config::{Network, PublicUrl},
    http::{Code, Error},
    id::Id,
};
use reqwest::{Client, Method, RequestBuilder, Response, header};
use serde_json::{Value, json};

use crate::live_rooms::{STREAM, TestServer};

fn request(server: &TestServer, method: Method, path: &str) -> RequestBuilder {
    Client::new().request(method, server.url(path))
}

/// As Anna's browser on the service's own page.
fn browser(server: &TestServer, method: Method, path: &str) -> RequestBuilder {
    request(server, method, path).header(header::COOKIE, "radrum_session=anna").header(header::ORIGIN, server.url(""))
}

fn post(server: &TestServer, path: &str) -> RequestBuilder {
    browser(server, Method::POST, path).header(header::CONTENT_TYPE, "application/json")
}

/// A problem that says what the table of codes says.
async fn problem(response: Response, status: u16, code: &str) -> Value {
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
    assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
    assert_eq!(response.status(), status);
    let body: Value = response.json().await.unwrap();
    assert_eq!((body["code"].as_str(), body["status"].as_u64()), (Some(code), Some(status.into())), "{body}");
    assert!(body["type"].as_str().unwrap().starts_with("urn:radrum:error:") && body["title"].as_str().unwrap().len() > 20);
    body
}

#[tokio::test]
async fn signing_in_sets_a_cookie_that_scripts_and_other_sites_do_not_get() {
    let server = TestServer::start().await;
    let sign_in = |body: Value| request(&server, Method::POST, "/api/v1/session").json(&body).send();
    let response = sign_in(json!({"login": "anna", "password": "rätt"})).await.unwrap();
    assert_eq!(response.headers()[header::SET_COOKIE], "radrum_session=anna; Path=/; HttpOnly; SameSite=Strict");
    assert_eq!(response.json::<Value>().await.unwrap(), json!({"login": "anna"}));
    let refused = problem(sign_in(json!({"login": "anna", "password": "fel-hemligt"})).await.unwrap(), 401, "signin.failed").await;
    assert!(!refused.to_string().contains("hemligt"));
    assert_eq!(problem(sign_in(json!({"login": "anna"})).await.unwrap(), 422, "field.invalid").await["field"], "password");
    problem(sign_in(json!({"login": "x".repeat(300), "password": "y"})).await.unwrap(), 422, "field.invalid").await;
    let from_elsewhere = request(&server, Method::POST, "/api/v1/session").header(header::ORIGIN, "https://evil.example");
    problem(from_elsewhere.json(&json!({"login": "anna", "password": "rätt"})).send().await.unwrap(), 403, "origin.refused").await;
    assert_eq!(browser(&server, Method::GET, "/api/v1/session").send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn over_https_the_cookie_is_bound_to_this_host() {
    let server = TestServer::with(Network { public_url: PublicUrl::parse("https://radrum.example.se"), ..Network::local(0) }).await;
    let sign_in = request(&server, Method::POST, "/api/v1/session").header(header::ORIGIN, "https://radrum.example.se");
    let response = sign_in.json(&json!({"login": "anna", "password": "rätt"})).send().await.unwrap();
    assert_eq!(response.headers()[header::SET_COOKIE], "__Host-radrum_session=anna; Path=/; HttpOnly; SameSite=Strict; Secure");
    assert_eq!(response.headers()[header::STRICT_TRANSPORT_SECURITY], "max-age=63072000");
    problem(browser(&server, Method::GET, "/api/v1/session").send().await.unwrap(), 401, "auth.required").await;
}

#[tokio::test]
async fn locking_unlocking_and_signing_out() {
    let server = TestServer::start().await;
    server.rooms.end_session("anna", Error::new(Code::SessionLocked));
    problem(browser(&server, Method::GET, "/api/v1/session").send().await.unwrap(), 401, "session.locked").await;
    problem(post(&server, "/api/v1/session/unlock").json(&json!({"password": "fel"})).send().await.unwrap(), 401, "signin.failed").await;
    assert_eq!(post(&server, "/api/v1/session/unlock").json(&json!({"password": "rätt"})).send().await.unwrap().status(), 200);
    problem(
        request(&server, Method::DELETE, "/api/v1/session").header(header::COOKIE, "radrum_session=anna").send().await.unwrap(),
        403,
        "origin.refused",
    )
    .await;
    let out = browser(&server, Method::DELETE, "/api/v1/session?everywhere=true").send().await.unwrap();
    assert!(out.headers()[header::SET_COOKIE].to_str().unwrap().ends_with("Max-Age=0"));
    problem(browser(&server, Method::GET, "/api/v1/session").send().await.unwrap(), 401, "auth.required").await;
}

#[tokio::test]
async fn too_many_sign_ins_from_one_address_are_slowed_down() {
    let server = TestServer::with(Network { signins_per_minute: 3.try_into().unwrap(), ..Network::local(0) }).await;
    for expected in [401, 401, 401, 429] {
        let response =
            request(&server, Method::POST, "/api/v1/session").json(&json!({"login": "a", "password": "b"})).send().await.unwrap();
        assert_eq!(response.status(), expected);
        if expected == 429 {
            assert!(response.headers().contains_key(header::RETRY_AFTER));
            assert!(problem(response, 429, "rate.limited").await["retry_after_ms"].as_u64().unwrap() > 1000);
        }
    }
}

#[tokio::test]
async fn ops_stand_under_their_names() {
    let server = TestServer::start().await;
    let echo = post(&server, "/api/v1/echo").json(&json!({"x": "å"})).send().await.unwrap();
    assert_eq!(echo.json::<Value>().await.unwrap(), json!({"x": "å"}));
    let bearer = request(&server, Method::POST, "/api/v1/echo").bearer_auth("token-of-anna").send().await.unwrap();
    assert_eq!(bearer.json::<Value>().await.unwrap(), json!({}));
    problem(post(&server, "/api/v1/post").json(&json!({})).send().await.unwrap(), 400, "frame.malformed").await;
    problem(post(&server, "/api/v1/post").header("idempotency-key", "1").json(&json!({})).send().await.unwrap(), 400, "frame.malformed")
        .await;
    let posted = post(&server, "/api/v1/post").header("idempotency-key", Id([1; 16]).to_string()).json(&json!({})).send().await.unwrap();
    assert_eq!(posted.json::<Value>().await.unwrap(), json!({"n": 1}));
    let resumed = post(&server, "/api/v1/resume")
        .json(&json!({"after": {STREAM.to_string(): 0}}))
        .send()
        .await
        .unwrap()
        .json::<Value>()
        .await
        .unwrap();
    assert_eq!((&resumed["streams"], &resumed["events"][0]["n"]), (&json!({STREAM.to_string(): 1}), &json!(1)));
}

#[tokio::test]
async fn bad_input_is_told_as_problem_json_and_never_repeated() {
    let server = TestServer::start().await;
    let canary = "19850312-9811";
    let send = |body: String| post(&server, "/api/v1/echo").body(body).send();
    for body in [
        canary.to_owned(),
        format!("[\"{canary}\"]"),
        format!("{{\"a\":\"{canary}\","),
        format!("{{\"{canary}\":1,\"{canary}\":2}}"),
        "[".repeat(60_000),
    ] {
        assert!(!problem(send(body).await.unwrap(), 400, "frame.malformed").await.to_string().contains(canary));
    }
    problem(post(&server, "/api/v1/echo").body(vec![b'"', 0xff, b'"']).send().await.unwrap(), 400, "frame.malformed").await;
    problem(send(format!("{{\"a\":\"{}\"}}", "x".repeat(70_000))).await.unwrap(), 413, "frame.too_large").await;
    problem(send("x".repeat(10 << 20)).await.unwrap(), 413, "frame.too_large").await;
    let plain = browser(&server, Method::POST, "/api/v1/echo").header(header::CONTENT_TYPE, "text/plain").body("{}");
    problem(plain.send().await.unwrap(), 400, "frame.malformed").await;
    let unknown = problem(post(&server, &format!("/api/v1/thread.{canary}")).send().await.unwrap(), 404, "op.unknown").await;
    assert!(!unknown.to_string().contains(canary));
    problem(post(&server, "/api/v1/boom").json(&json!({"x": canary})).send().await.unwrap(), 500, "internal").await;
    for (method, path) in
        [(Method::GET, "/nowhere"), (Method::GET, "/api/v1/a/b"), (Method::POST, "/"), (Method::GET, "/assets/../../Cargo.toml")]
    {
        assert_eq!(
            browser(&server, method, path).send().await.unwrap().headers()[header::CONTENT_TYPE],
            "application/problem+json",
            "{path}"
        );
    }
}

#[tokio::test]
async fn cookies_need_an_own_origin_and_tokens_do_not() {
    let server = TestServer::start().await;
    let with = |origin: Option<&str>| {
        let request = request(&server, Method::POST, "/api/v1/echo").header(header::COOKIE, "radrum_session=anna").json(&json!({}));
        origin.map_or_else(|| request.try_clone().unwrap(), |o| request.try_clone().unwrap().header(header::ORIGIN, o)).send()
    };
    for origin in [None, Some("null"), Some("https://evil.example"), Some("http://127.0.0.1")] {
        problem(with(origin).await.unwrap(), 403, "origin.refused").await;
    }
    assert_eq!(with(Some(&server.url(""))).await.unwrap().status(), 200);
    problem(request(&server, Method::POST, "/api/v1/echo").json(&json!({})).send().await.unwrap(), 401, "auth.required").await;
}

#[tokio::test]
async fn a_session_has_its_rate() {
    let server = TestServer::start().await;
    let mut limited = None;
    for _ in 0..80 {
        let response = post(&server, "/api/v1/echo").json(&json!({})).send().await.unwrap();
        if response.status() == 429 {
            limited = Some(response);
            break;
        }
    }
    problem(limited.expect("more than the burst is refused"), 429, "rate.limited").await;
}

#[tokio::test]
async fn titles_are_swedish_unless_english_is_asked_for() {
    let server = TestServer::start().await;
    let title = |language: &'static str| {
        let request = request(&server, Method::GET, "/api/v1/session").header(header::ACCEPT_LANGUAGE, language);
        async move { request.send().await.unwrap().json::<Value>().await.unwrap()["title"].as_str().unwrap().to_owned() }
    };
    assert!(title("sv-SE,sv;q=0.9").await.starts_with("Du är inte inloggad."));
    assert!(title("en-GB").await.starts_with("You are not signed in."));
}

#[tokio::test]
async fn every_answer_has_the_security_headers() {
    let server = TestServer::start().await;
    for path in ["/", "/nowhere", "/healthz", "/api/v1/session", "/api/v1/openapi.json"] {
        let response = request(&server, Method::GET, path).send().await.unwrap();
        let headers = response.headers();
        assert_eq!(
            headers[header::CONTENT_SECURITY_POLICY],
            "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'; img-src 'self'; manifest-src 'self'; form-action 'none'; base-uri \
             'none'; frame-ancestors 'none'",
            "{path}"
        );
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(headers[name], value, "{path}");
        }
        assert!(headers.contains_key("permissions-policy") && headers.contains_key(header::CACHE_CONTROL));
        assert!(!headers.contains_key(header::STRICT_TRANSPORT_SECURITY), "not without TLS");
        assert!(!headers.contains_key("server"));
    }
}

#[tokio::test]
async fn the_description_has_every_op_and_every_code() {
    let server = TestServer::start().await;
    let described: Value = request(&server, Method::GET, "/api/v1/openapi.json").send().await.unwrap().json().await.unwrap();
    for path in ["/api/v1/echo", "/api/v1/post", "/api/v1/resume", "/api/v1/session", "/api/v1/session/unlock"] {
        assert!(described["paths"][path].is_object(), "{path}");
    }
    assert_eq!(described["paths"]["/api/v1/post"]["post"]["parameters"][0]["name"], "Idempotency-Key");
    assert!(described["paths"]["/api/v1/echo"]["post"]["parameters"].is_null());
    assert_eq!(described["components"]["schemas"]["Problem"]["properties"]["code"]["enum"].as_array().unwrap().len(), Code::ALL.len());
}

#[tokio::test]
async fn the_pages_files_are_asked_for_anew_and_not_sent_anew() {
    let server = TestServer::start().await;
    let page = request(&server, Method::GET, "/").send().await.unwrap();
    assert_eq!((page.status().as_u16(), &page.headers()[header::CONTENT_TYPE]), (200, &"text/html; charset=utf-8".parse().unwrap()));
    assert_eq!(page.headers()[header::CACHE_CONTROL], "no-cache");
    let tag = page.headers()[header::ETAG].clone();
    let again = request(&server, Method::GET, "/").header(header::IF_NONE_MATCH, tag).send().await.unwrap();
    assert_eq!((again.status().as_u16(), again.content_length().unwrap_or(0)), (304, 0));
}

#[tokio::test]
async fn the_pages_scanner_comes_packed_and_small_and_is_not_sent_anew() {
    let server = TestServer::start().await;
    let engine = |coding: &'static str| request(&server, Method::GET, "/assets/scan.wasm").header(header::ACCEPT_ENCODING, coding);
    let packed = engine("gzip, deflate, br").send().await.unwrap();
    assert_eq!(packed.headers()[header::CONTENT_TYPE], "application/wasm");
    assert_eq!(packed.headers()[header::CONTENT_ENCODING], "gzip");
    let tag = packed.headers()[header::ETAG].clone();
    let size = packed.bytes().await.unwrap().len();
    assert!((100_000..3_000_000).contains(&size), "{size} bytes");
    let again = engine("gzip").header(header::IF_NONE_MATCH, tag).send().await.unwrap();
    assert_eq!((again.status().as_u16(), again.content_length().unwrap_or(0)), (304, 0));

    for refused in ["identity", "gzip;q=0, br", ""] {
        let plain = engine(refused).send().await.unwrap();
        assert!(!plain.headers().contains_key(header::CONTENT_ENCODING), "{refused}");
        assert!(plain.bytes().await.unwrap().starts_with(b"\0asm"), "{refused}");
    }
}
