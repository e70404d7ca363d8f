//! What whoever runs the service meets: health, metrics, logs, TLS, going down.

use std::time::Duration;

use radrum::{
    config::{Log, Network, Secret, Tls},
    http::logs,
};
use reqwest::{Client, header};
use serde_json::json;

use crate::live_rooms::{STREAM, TestServer};

async fn get(server: &TestServer, path: &str) -> (u16, String) {
    let response = Client::new().get(server.url(path)).send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

#[tokio::test]
async fn alive_and_ready() {
    let server = TestServer::start().await;
    assert_eq!(get(&server, "/healthz").await.0, 200);
    assert_eq!(get(&server, "/readyz").await.0, 200);
}

#[tokio::test]
async fn a_request_that_runs_is_answered_when_the_server_goes_down() {
    let server = TestServer::start().await;
    let waiting = Client::new()
        .post(server.url("/api/v1/wait"))
        .bearer_auth("token-of-anna")
        .header("idempotency-key", radrum::id::Id([1; 16]).to_string());
    let waiting = tokio::spawn(waiting.json(&json!({"ms": 400})).send());
    tokio::time::sleep(Duration::from_millis(150)).await;
    server.stop.cancel();
    assert_eq!(waiting.await.unwrap().unwrap().json::<serde_json::Value>().await.unwrap(), json!({"waited": 400}));
    server.running.await.unwrap();
}

#[tokio::test]
async fn metrics_are_for_this_machine_or_the_token_and_name_nobody() {
    let server = TestServer::start().await;
    let _anna = server.socket("anna").await;
    let (status, text) = get(&server, "/metrics").await;
    assert_eq!(status, 200);
    assert!(text.contains("radrum_http_requests_total"), "{text}");
    // Operations are labels, and two of them are called after units: other tests of this process may have run them.
    let nameless = text.to_lowercase().replace("units.list", "").replace("units.add", "");
    assert!(!nameless.contains("anna") && !nameless.contains("unit"), "{text}");

    // Behind a proxy nobody is on this machine.
    let network = Network {
        trusted_proxy: vec!["127.0.0.1".parse().unwrap()],
        public_url: radrum::config::PublicUrl::parse("https://radrum.example.se"),
        metrics_token: Some(Secret::new("en lång och hemlig token")),
        ..Network::local(0)
    };
    let proxied = TestServer::with(network).await;
    assert_eq!(get(&proxied, "/metrics").await.0, 404);
    let with = |token: &'static str| {
        Client::new().get(proxied.url("/metrics")).header("authorization", format!("Bearer {token}").into_bytes()).send()
    };
    assert_eq!(with("en-annan").await.unwrap().status(), 404);
    let off = TestServer::with(Network { metrics: false, ..Network::local(0) }).await;
    assert_eq!(get(&off, "/metrics").await.0, 404);
}

const CANARIES: [&str; 3] = ["19850312-9811", "Lindqvist", "kanariefågel"];
const CHILD: &str = "RADRUM_TEST_LOG_FORMAT";

/// Plants canaries through every way in of the transport, in a process of its own, and looks for them in everything that process writes.
#[test]
fn no_log_line_carries_what_came_in() {
    for format in ["text", "json"] {
        let child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "http_ops::child_that_logs", "--nocapture", "--test-threads=1"])
            .env(CHILD, format)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&[child.stdout, child.stderr].concat()).into_owned();
        assert!(child.status.success(), "{text}");
        for expected in ["radrum::http", "/api/v1/{op}", "an op panicked", "live_rooms.rs", "going down"] {
            assert!(text.contains(expected), "the log works and has {expected}:\n{text}");
        }
        for canary in CANARIES {
            for written in [canary.to_owned(), escaped(canary)] {
                assert!(!text.contains(&written), "{written} in:\n{text}");
            }
        }
        assert!(!text.contains("token-of-anna"), "{text}");
        // The control: what is logged on purpose is found.
        assert!(text.contains("planted-on-purpose"), "{text}");
    }
}

fn escaped(canary: &str) -> String {
    canary.replace('å', "%C3%A5")
}

/// Does nothing unless the test above runs it.
#[tokio::test]
async fn child_that_logs() {
    let Ok(format) = std::env::var(CHILD) else { return };
    logs::start_on_stderr(&Log { json: format == "json", level: "debug" });
    let server = TestServer::start().await;
    let http = Client::new();
    for canary in CANARIES {
        let escaped = escaped(canary);
        let _ = http.get(server.url(&format!("/{escaped}?q={escaped}"))).header("x-any", escaped.as_str()).send().await;
        let _ = http.get(server.url(&format!("/assets/{escaped}"))).send().await;
        let _ = http.post(server.url("/api/v1/session")).json(&json!({"login": canary, "password": canary})).send().await;
        let _ = http
            .post(server.url("/api/v1/session"))
            .header(header::CONTENT_TYPE, "application/json")
            .body(format!("{{\"login\":{canary}"))
            .send()
            .await;
        for op in ["echo", "boom", &escaped] {
            let request = http.post(server.url(&format!("/api/v1/{op}"))).bearer_auth("token-of-anna");
            let _ = request.json(&json!({"text": canary})).send().await;
        }
        let _ = http.post(server.url("/api/v1/echo")).bearer_auth(&escaped).json(&json!({})).send().await;
        let _ = http.get(server.url("/api/v1/session")).header(header::COOKIE, format!("radrum_session={escaped}")).send().await;
        let mut anna = server.socket("anna").await;
        anna.send(canary).await;
        anna.send(format!("{{\"op\":\"{canary}\"}}")).await;
        anna.op(1, "echo", json!({"text": canary})).await;
        anna.op(2, "post", json!({"filler": canary})).await;
        anna.answer(2).await;
        server.rooms.post(STREAM, canary);
        while anna.next().await["filler"] != canary {}
        anna.op(3, "boom", json!({"text": canary})).await;
        assert_eq!(anna.answer(3).await["error"]["code"], "internal");
    }
    tracing::info!(target: "radrum", control = "planted-on-purpose");
    server.stop.cancel();
    server.running.await.unwrap();
}

#[tokio::test]
async fn tls_is_our_own_with_ring() {
    let folder = tempfile::tempdir().unwrap();
    let (cert, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    let made = std::process::Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=localhost",
        ])
        .args(["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"])
        .arg("-keyout")
        .arg(&key)
        .arg("-out")
        .arg(&cert)
        .output()
        .expect("openssl is installed");
    assert!(made.status.success());
    let tls = Some(Tls { cert: cert.clone(), key: key.clone() });
    let server = TestServer::with(Network { tls, ..Network::local(0) }).await;
    // The test's own client has no TLS; openssl's has.
    let spoken = tokio::process::Command::new("sh")
        .arg("-c")
        .arg(format!(
            "printf 'GET /healthz HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' | openssl s_client -quiet -verify_return_error -CAfile {} -connect {} 2>&1",
            cert.display(),
            server.address
        ))
        .output()
        .await
        .unwrap();
    let spoken = String::from_utf8_lossy(&spoken.stdout).into_owned();
    assert!(spoken.contains("HTTP/1.1 200 OK") && spoken.contains("strict-transport-security"), "{spoken}");

    let wrong = Network { tls: Some(Tls { cert: key, key: cert }), ..Network::local(0) };
    let refused = radrum::cli::serve::prepare(wrong, server_app()).err().expect("a key is no certificate").to_string();
    assert!(refused.contains(".pem cannot be used for TLS"), "{refused}");
}

fn server_app() -> radrum::cli::serve::Live {
    let rooms = crate::live_rooms::TestRooms::new();
    let signals = rooms.signals.subscribe();
    radrum::cli::serve::Live { rooms, hub: radrum::live::Hub::new(), clock: radrum::clock::Clock::System, signals }
}
