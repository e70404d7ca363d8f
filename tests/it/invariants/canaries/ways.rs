//! The ways in, each with a text in it that must not be kept.

use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

const ID: &str = "0b0e0000-0000-4000-8000-0000000000aa";

/// Operations and bodies with the canary in every member in turn, right and wrong types alike.
pub fn bodies(canary: &str, thread: &Value, stream: &Value, held: &Value, asking: bool) -> Vec<(String, Value)> {
    let text = format!("Vi undrar över en sak: det gäller {canary}, som vi har talat om.");
    let nil = "00000000-0000-4000-8000-000000000000";
    let mut all: Vec<(&str, Value)> = Vec::new();
    let mut each = |op: &'static str, whole: Value, members: &[&str]| {
        for member in members {
            for wrong in
                [json!(text), json!(canary), json!({ canary: canary }), json!([canary]), json!([{ "field": canary, "start": 0, "end": 4 }])]
            {
                let mut body = whole.clone();
                body[*member] = wrong;
                all.push((op, body));
            }
        }
        let mut unknown = whole;
        unknown[canary] = json!(canary);
        unknown["x"] = json!({ canary: [canary] });
        // With something wrong in it, so that it is refused whatever the rest is.
        unknown[members[0]] = json!({ canary: 1 });
        all.push((op, unknown));
    };
    let ask = json!({ "unit": nil, "situation": "En förälder dricker.", "question": "Vad kan ni erbjuda?", "considered": "Vi har talats vid.",
        "subject": "addiction", "urgency": "normal", "units": [nil] });
    each("thread.ask", ask, &["situation", "question", "considered", "unit", "subject", "urgency", "units", "claims", "hide_unit", "hold"]);
    let post = json!({ "thread": thread, "kind": "reply", "text": "Hej." });
    if asking {
        each("message.post", post, &["text", "thread", "kind", "corrects", "hold", "advice"]);
        let close = json!({ "thread": thread, "used": "yes", "otherwise": "waited", "comment": "Bra." });
        each("thread.close", close, &["comment", "used", "otherwise", "thread"]);
    } else {
        each("message.post", post, &["text", "corrects", "needs_name"]);
        let advice =
            json!({ "thread": thread, "kind": "advice", "advice": "Erbjud ett samtal.", "paragraph": "SoL 14:4", "limits": "Inga." });
        each("message.post", advice, &["advice", "paragraph", "limits", "needs_name", "text"]);
        each("thread.typing", json!({ "thread": thread, "on": true }), &["thread", "on"]);
    }
    each("thread.route", json!({ "thread": thread, "units": [], "reason": "Fel." }), &["reason", "units", "thread"]);
    each("thread.read", json!({ "thread": thread, "n": 1 }), &["n", "thread"]);
    each("thread.search", json!({ "text": "Hej" }), &["text"]);
    each("review.return", json!({ "held": held, "reason": "Fel." }), &["reason", "held"]);
    each("scan.check", json!({ "fields": {} }), &["fields", "unit", "thread"]);
    each(
        "people.add",
        json!({ "login": "x", "name": "X", "password": "x", "roles": [] }),
        &["login", "password", "email", "locale", "roles"],
    );
    each("units.add", json!({ "authority": "x" }), &["authority", "municipality", "staff"]);
    all.push(("scan.check", json!({ "fields": { "text": text } })));
    all.push(("scan.check", json!({ "fields": { "text": canary, canary: canary } })));
    for key in [canary.to_lowercase(), canary.to_lowercase().replace(' ', "_")] {
        all.push(("scan.check", json!({ "fields": { key: 5 } })));
    }
    // Claims that name what is no field: they would lie with the held text.
    let claim =
        json!({ "thread": thread, "kind": "reply", "text": "Hej.", "claims": [{ "field": canary, "start": 0, "end": 1 }], "hold": true });
    all.push(("message.post", claim));
    all.push(("resume", json!({ "after": { canary: 1 } })));
    all.push(("resume", json!({ "after": { stream.as_str().unwrap(): canary } })));
    all.push(("units.list", json!({ canary: canary })));
    let named = all.into_iter().map(|(op, body)| (op.to_owned(), body));
    named.chain([(canary.to_owned(), json!({})), (format!("thread.{canary}"), json!({ "text": text }))]).collect()
}

/// As frames, and frames that are none.
pub fn frames(canary: &str, bodies: &[(String, Value)]) -> Vec<Message> {
    let mut all = Vec::new();
    for (op, body) in bodies {
        let mut frame = body.clone();
        frame["op"] = json!(op);
        frame["id"] = json!(ID);
        all.push(frame.to_string());
    }
    all.push(json!({ "op": "units.list", "id": canary }).to_string());
    all.push(json!({ "op": [canary], "id": ID }).to_string());
    all.push(json!({ "op": "units.list", "id": ID, "text": canary, "more": { "deep": [canary] } }).to_string());
    for broken in broken(canary) {
        all.push(String::from_utf8_lossy(&broken).into_owned());
    }
    let mut frames: Vec<Message> = all.into_iter().map(Message::text).collect();
    frames.push(Message::binary(canary.as_bytes().to_vec()));
    frames.push(Message::text(format!("{{\"op\":\"{}{canary}\"}}", "x".repeat(70_000))));
    // Too large is an end of the socket too: the last two are.
    let last = frames.pop().expect("just put there");
    frames.push(Message::Binary(last.into_data()));
    frames
}

/// What is no JSON, or none that is taken.
fn broken(canary: &str) -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = [
        canary.to_owned(),
        format!("\"{canary}\""),
        format!("{{\"op\":\"thread.ask\",\"id\":\"{ID}\",\"situation\":\"{canary}\""),
        format!("{{\"{canary}\":}}"),
        format!("{{\"op\":\"thread.search\",\"id\":\"{ID}\",\"text\":\"Hej\",\"text\":\"{canary}\"}}"),
        format!("{{\"op\":\"thread.search\",\"id\":\"{ID}\",\"text\":\"{canary}\\u0000\"}}"),
        format!("{{\"op\":\"thread.search\",\"id\":\"{ID}\",\"text\":\"{canary}\\ud800\"}}"),
        format!("{}{canary}", "[".repeat(300)),
    ]
    .map(String::into_bytes)
    .to_vec();
    all.push([b"{\"text\":\"\xff\xfe ", canary.as_bytes(), b"\"}"].concat());
    all
}

fn url_escaped(text: &str) -> String {
    text.bytes().map(|b| if b.is_ascii_alphanumeric() || b == b'-' { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

/// Over HTTP: the same bodies, and the canary in every other part of a request.
pub fn requests(canary: &str, bodies: &[(String, Value)], base: &str, token: &str) -> Vec<RequestBuilder> {
    let client = Client::new();
    let escaped = url_escaped(canary);
    let op = |op: &str| client.post(format!("{base}/api/v1/{op}")).bearer_auth(token);
    let mut all = Vec::new();
    for (name, body) in bodies {
        all.push(op(&url_escaped(name).replace("%2E", ".")).header("idempotency-key", ID).json(body));
    }
    for broken in broken(canary) {
        all.push(op("thread.search").header("content-type", "application/json").body(broken));
    }
    let header = |name: &'static str| op("units.list").header(name, canary.as_bytes().to_vec()).json(&json!({}));
    for name in [
        "idempotency-key",
        "user-agent",
        "referer",
        "origin",
        "cookie",
        "accept-language",
        "content-type",
        "x-forwarded-for",
        "x-request-id",
    ] {
        all.push(header(name));
    }
    let get = |path: String| client.get(format!("{base}{path}"));
    all.push(get(format!("/{escaped}")));
    all.push(get(format!("/assets/{escaped}")));
    all.push(get(format!("/?q={escaped}")));
    all.push(get(format!("/api/v1/{escaped}?q={escaped}")));
    all.push(get(format!("/ws?token={escaped}")));
    all.push(get("/api/v1/session".into()).header("cookie", format!("radrum_session={escaped}")));
    all.push(get("/api/v1/session".into()).header("authorization", [b"Bearer ", canary.as_bytes()].concat()));
    all.push(get("/metrics".into()).header("authorization", [b"Bearer ", canary.as_bytes()].concat()));
    all.push(get("/metrics".into()));
    all.push(client.request(reqwest::Method::from_bytes(b"HEDVIG").expect("a method"), format!("{base}/{escaped}")));
    all.push(client.delete(format!("{base}/api/v1/session?everywhere={escaped}")).header("cookie", format!("radrum_session={escaped}")));
    all
}

/// People type the wrong thing into the wrong field.
pub fn sign_ins(canary: &str, base: &str, password: &str) -> Vec<RequestBuilder> {
    let client = Client::new();
    let session = |body: Value| client.post(format!("{base}/api/v1/session")).json(&body);
    vec![
        session(json!({ "login": canary, "password": password })),
        session(json!({ "login": "anna", "password": canary })),
        session(json!({ "login": canary, "password": canary })),
        session(json!({ "login": [canary], "password": canary })),
        session(json!({ canary: canary })),
        client.post(format!("{base}/api/v1/session")).header("content-type", "application/json").body(format!("{{\"login\":\"{canary}")),
        client
            .post(format!("{base}/api/v1/session/unlock"))
            .header("cookie", format!("radrum_session={}", url_escaped(canary)))
            .json(&json!({ "password": canary })),
    ]
}
