//! 10: bad input gets a stable code and changes nothing.

use std::{fmt::Write as _, sync::Arc};

use radrum::db::Kind;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row, SqliteConnection};
use tokio_tungstenite::tungstenite::Message;

use crate::{
    product_on_both,
    support::service::{Service, Socket},
};

/// Every row of every table, as text, but for when a session was last seen.
pub async fn dump(s: &Service) -> String {
    let mut out = String::new();
    let url = &s.db.settings.url;
    match s.house.db.kind() {
        Kind::Sqlite => {
            let mut conn = SqliteConnection::connect(url).await.unwrap();
            let tables = sqlx::query("select name from sqlite_master where type = 'table' and name not like 'sqlite_%' order by name")
                .fetch_all(&mut conn)
                .await
                .unwrap();
            for table in tables.iter().map(|r| r.get::<String, _>(0)) {
                let columns = sqlx::query(AssertSqlSafe(format!("select name from pragma_table_info('{table}')")))
                    .fetch_all(&mut conn)
                    .await
                    .unwrap();
                let shown: Vec<String> =
                    columns.iter().map(|r| r.get::<String, _>(0)).filter(|c| c != "seen_at").map(|c| format!("quote(\"{c}\")")).collect();
                let sql = format!("select {} from \"{table}\" order by 1", shown.join(" || ' ' || "));
                let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut conn).await.unwrap();
                rows.iter().for_each(|r| writeln!(out, "{table} {}", r.get::<String, _>(0)).unwrap());
            }
        }
        Kind::Postgres => {
            let mut conn = PgConnection::connect(url).await.unwrap();
            let tables = "select table_name::text from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE' order by 1";
            let tables = sqlx::query(tables).fetch_all(&mut conn).await.unwrap();
            for table in tables.iter().map(|r| r.get::<String, _>(0)) {
                let sql = format!("select (to_jsonb(t) - 'seen_at')::text from \"{table}\" t order by 1");
                let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut conn).await.unwrap();
                rows.iter().for_each(|r| writeln!(out, "{table} {}", r.get::<String, _>(0)).unwrap());
            }
        }
    }
    out
}

struct Stage {
    thread: Value,
    closed: Value,
    message: Value,
    held: Value,
}

async fn stage(s: &Service) -> Stage {
    let ask = async || s.run("anna", "thread.ask", s.question(&["b"])).await.unwrap()["thread"].clone();
    let (thread, closed) = (ask().await, ask().await);
    s.run("anna", "thread.close", json!({ "thread": closed, "used": "no", "otherwise": "waited" })).await.unwrap();
    s.run("bo", "thread.claim", json!({ "thread": thread })).await.unwrap();
    let message =
        s.run("bo", "message.post", json!({ "thread": thread, "kind": "reply", "text": "Hej." })).await.unwrap()["message"].clone();
    let held = json!({ "thread": thread, "kind": "reply", "text": "Vi tror att Björk kan hjälpa till.",
        "claims": [{ "field": "text", "start": 12, "end": 17 }], "hold": true });
    let held = s.run("anna", "message.post", held).await.unwrap()["held"].clone();
    Stage { thread, closed, message, held }
}

/// Who, what, and the code it must get.
fn wrong(s: &Service, at: &Stage) -> Vec<(&'static str, &'static str, Value, &'static str)> {
    let Stage { thread, closed, message, held } = at;
    let nil = "00000000-0000-4000-8000-00000000dead";
    let ask = |change: &[(&str, Value)]| {
        let mut body = s.question(&["b"]);
        change.iter().for_each(|(member, value)| body[*member] = value.clone());
        body
    };
    let post = |change: &[(&str, Value)]| {
        let mut body = json!({ "thread": thread, "kind": "reply", "text": "Hej." });
        change.iter().for_each(|(member, value)| body[*member] = value.clone());
        body
    };
    let long = "ö".repeat(8_001);
    vec![
        ("anna", "thread.ask", json!({}), "field.invalid"),
        ("anna", "thread.ask", ask(&[("situation", json!(""))]), "field.invalid"),
        ("anna", "thread.ask", ask(&[("situation", json!(" \n\t\u{a0}"))]), "field.invalid"),
        ("anna", "thread.ask", ask(&[("question", json!(7))]), "field.invalid"),
        ("anna", "thread.ask", ask(&[("question", json!(long))]), "field.invalid"),
        ("anna", "thread.ask", ask(&[("considered", json!(long))]), "field.invalid"),
        ("anna", "thread.ask", ask(&[("subject", json!("weather"))]), "field.invalid"),
        ("anna", "thread.ask", ask(&[("urgency", json!("now"))]), "field.invalid"),
        ("anna", "thread.ask", ask(&[("units", json!([]))]), "field.invalid"),
        ("anna", "thread.ask", ask(&[("units", json!([nil]))]), "field.invalid"),
        ("anna", "thread.ask", ask(&[("units", json!([s.units["b"], nil]))]), "field.invalid"),
        ("anna", "thread.ask", ask(&[("units", json!([s.units["a"]]))]), "field.invalid"),
        ("anna", "thread.ask", ask(&[("units", json!(vec![nil; 9]))]), "field.invalid"),
        ("anna", "thread.ask", ask(&[("units", Value::Null), ("subject", json!("school"))]), "field.invalid"),
        ("anna", "thread.ask", ask(&[("unit", json!(s.units["b"]))]), "field.invalid"),
        ("anna", "thread.ask", ask(&[("unit", json!("nej"))]), "field.invalid"),
        ("anna", "thread.ask", ask(&[("hide_unit", json!("ja"))]), "field.invalid"),
        ("anna", "thread.ask", ask(&[("claims", json!([{ "field": "situation", "start": -1, "end": 5 }]))]), "field.invalid"),
        ("anna", "thread.ask", ask(&[("claims", json!([{ "field": "elsewhere", "start": 0, "end": 5 }]))]), "field.invalid"),
        ("anna", "thread.ask", ask(&[("situation", json!("Ring 070-174 06 37."))]), "scan.blocked"),
        ("anna", "thread.ask", ask(&[("situation", json!("Vi tror att Björk kan hjälpa till."))]), "scan.blocked"),
        (
            "anna",
            "thread.ask",
            ask(&[
                ("situation", json!("Vi tror att Björk kan hjälpa till.")),
                ("claims", json!([{ "field": "situation", "start": 12, "end": 17 }])),
            ]),
            "scan.needs_review",
        ),
        (
            "anna",
            "thread.ask",
            ask(&[("situation", json!("Hon är 43 år, somalisk polis i Bjurholm och har trillingar."))]),
            "scan.needs_review",
        ),
        ("admin", "thread.ask", ask(&[]), "field.invalid"),
        ("anna", "message.post", post(&[("kind", json!("advice")), ("text", Value::Null), ("advice", json!("Nej."))]), "field.invalid"),
        ("anna", "message.post", post(&[("kind", json!("ask_back"))]), "field.invalid"),
        ("anna", "message.post", post(&[("kind", json!("shout"))]), "field.invalid"),
        ("anna", "message.post", post(&[("text", Value::Null)]), "field.invalid"),
        ("anna", "message.post", post(&[("text", json!(long))]), "field.invalid"),
        ("anna", "message.post", post(&[("advice", json!("Hej"))]), "field.invalid"),
        ("anna", "message.post", post(&[("corrects", message.clone())]), "field.invalid"),
        ("anna", "message.post", post(&[("corrects", json!(nil))]), "field.invalid"),
        ("anna", "message.post", post(&[("thread", json!(nil))]), "not_found"),
        ("anna", "message.post", post(&[("thread", closed.clone())]), "thread.closed"),
        ("anna", "message.post", post(&[("text", json!("Mejla kontakt@exempel.se."))]), "scan.blocked"),
        ("bo", "message.post", post(&[("kind", json!("advice")), ("text", Value::Null)]), "field.invalid"),
        ("bo", "message.post", post(&[("kind", json!("advice"))]), "field.invalid"),
        ("bea", "message.post", post(&[]), "thread.not_yours"),
        ("chef.b", "message.post", post(&[]), "thread.not_yours"),
        ("cilla", "message.post", post(&[]), "not_found"),
        ("revisor", "message.post", post(&[]), "role.missing"),
        ("bea", "thread.claim", json!({ "thread": thread }), "thread.taken"),
        ("anna", "thread.claim", json!({ "thread": thread }), "thread.not_yours"),
        ("bo", "thread.claim", json!({ "thread": closed }), "thread.closed"),
        ("bo", "thread.claim", json!({}), "field.invalid"),
        ("bea", "thread.release", json!({ "thread": thread }), "thread.not_yours"),
        ("anna", "thread.release", json!({ "thread": thread }), "thread.not_yours"),
        ("anna", "thread.route", json!({ "thread": thread, "units": [s.units["c"]], "reason": "Fel enhet." }), "thread.not_yours"),
        ("bea", "thread.route", json!({ "thread": thread, "units": [s.units["c"]], "reason": "Fel enhet." }), "thread.not_yours"),
        ("bo", "thread.route", json!({ "thread": thread, "units": [s.units["b"]], "reason": "Fel enhet." }), "field.invalid"),
        ("bo", "thread.route", json!({ "thread": thread, "units": [s.units["a"]], "reason": "Fel enhet." }), "field.invalid"),
        ("bo", "thread.route", json!({ "thread": thread, "units": [nil], "reason": "Fel enhet." }), "field.invalid"),
        ("bo", "thread.route", json!({ "thread": thread, "units": [s.units["c"], nil], "reason": "Fel enhet." }), "field.invalid"),
        ("bo", "thread.route", json!({ "thread": thread, "units": [s.units["c"]], "reason": "" }), "field.invalid"),
        ("bo", "thread.route", json!({ "thread": thread, "units": [s.units["c"]], "reason": "Ring 070-174 06 37." }), "scan.blocked"),
        ("anna", "thread.read", json!({ "thread": thread, "n": 99 }), "field.invalid"),
        ("anna", "thread.read", json!({ "thread": thread, "n": -1 }), "field.invalid"),
        ("anna", "thread.read", json!({ "thread": thread, "n": 1.5 }), "field.invalid"),
        ("cilla", "thread.read", json!({ "thread": thread, "n": 1 }), "not_found"),
        ("revisor", "thread.read", json!({ "thread": thread, "n": 1 }), "role.missing"),
        ("bo", "thread.close", json!({ "thread": thread, "used": "yes", "otherwise": "waited" }), "thread.not_yours"),
        ("anna", "thread.close", json!({ "thread": thread, "used": "maybe", "otherwise": "waited" }), "field.invalid"),
        ("anna", "thread.close", json!({ "thread": thread, "used": "yes", "otherwise": "slept" }), "field.invalid"),
        ("anna", "thread.close", json!({ "thread": thread, "used": "yes", "otherwise": "waited", "comment": long }), "field.invalid"),
        (
            "anna",
            "thread.close",
            json!({ "thread": thread, "used": "yes", "otherwise": "waited", "comment": "Ring 070-174 06 37." }),
            "scan.blocked",
        ),
        ("anna", "thread.close", json!({ "thread": closed, "used": "yes", "otherwise": "waited" }), "thread.closed"),
        ("anna", "thread.search", json!({ "text": "" }), "field.invalid"),
        ("anna", "thread.search", json!({ "text": "070-174 06 37" }), "scan.blocked"),
        ("anna", "thread.typing", json!({ "thread": thread, "on": true }), "thread.not_yours"),
        ("anna", "thread.open", json!({ "thread": nil }), "not_found"),
        ("anna", "scan.check", json!({ "fields": { "text": long } }), "field.invalid"),
        ("anna", "scan.check", json!({ "fields": "Hej" }), "field.invalid"),
        ("anna", "scan.check", json!({ "fields": { "title": "Hej" } }), "field.invalid"),
        ("anna", "scan.check", json!({ "fields": {}, "unit": s.units["b"] }), "field.invalid"),
        ("alva", "review.open", json!({ "held": held }), "not_found"),
        ("anna", "review.approve", json!({ "held": held }), "not_found"),
        ("chef.b", "review.approve", json!({ "held": held }), "not_found"),
        ("chef.a", "review.approve", json!({ "held": nil }), "not_found"),
        ("chef.a", "review.return", json!({ "held": held, "reason": "" }), "field.invalid"),
        ("chef.a", "review.return", json!({ "held": held, "reason": "Ring 070-174 06 37." }), "scan.blocked"),
        ("chef.a", "held.withdraw", json!({ "held": held }), "not_found"),
        (
            "anna",
            "people.add",
            json!({ "login": "ny.person", "name": "Ny", "password": "ett lösenord för prov", "roles": [] }),
            "role.missing",
        ),
        ("admin", "people.add", json!({ "login": "ny.person", "name": "Ny", "password": "kort", "roles": [] }), "field.invalid"),
        (
            "admin",
            "people.add",
            json!({ "login": "anna", "name": "Ny", "password": "ett lösenord för prov", "roles": [] }),
            "field.invalid",
        ),
        (
            "admin",
            "people.add",
            json!({ "login": "ny.person", "name": "Ny", "password": "ett lösenord för prov", "roles": [{ "role": "handler", "unit": s.units["b"] }] }),
            "field.invalid",
        ),
        (
            "admin",
            "people.add",
            json!({ "login": "ny.person", "name": "Ny", "password": "ett lösenord för prov", "roles": [{ "role": "kung" }] }),
            "field.invalid",
        ),
        ("admin", "people.roles", json!({ "login": "bo", "roles": [] }), "not_found"),
        ("admin", "people.roles", json!({ "login": "ingen", "roles": [] }), "not_found"),
        ("admin", "people.roles", json!({ "login": "anna", "roles": [{ "role": "handler" }] }), "field.invalid"),
        ("anna", "people.roles", json!({ "login": "anna", "roles": [{ "role": "admin" }] }), "role.missing"),
        ("anna", "units.add", unit(&[]), "role.missing"),
        ("admin", "units.add", unit(&[("authority", json!("B"))]), "field.invalid"),
        ("admin", "units.add", unit(&[("staff", json!(0))]), "field.invalid"),
        ("admin", "units.add", unit(&[("subjects", json!([]))]), "field.invalid"),
        ("admin", "units.add", unit(&[("backup_unit", json!("Ingen"))]), "field.invalid"),
        ("admin", "units.add", unit(&[("name", json!("Barn och unga Norr"))]), "field.invalid"),
        ("anna", "thread.explode", json!({}), "op.unknown"),
    ]
}

fn unit(change: &[(&str, Value)]) -> Value {
    let mut body = json!({ "authority": "A", "domain": "Socialtjänst", "name": "Ny enhet", "municipality": "1980", "phone": "0980-319204", "staff": 5, "subjects": ["school"] });
    change.iter().for_each(|(member, value)| body[*member] = value.clone());
    body
}

async fn invariant_10_bad_input_gets_a_stable_code_and_changes_nothing(s: Arc<Service>) {
    let at = stage(&s).await;
    let mut clients: std::collections::HashMap<&str, (Socket, String)> = Default::default();
    for login in s.people.keys() {
        clients.insert(login, (s.socket(login).await, s.cookie(login).await));
    }
    let before = dump(&s).await;
    for (n, (login, op, body, code)) in wrong(&s, &at).into_iter().enumerate() {
        let (socket, cookie) = clients.get_mut(login).unwrap();
        let what = format!("{n}: {login} {op} {body:.300}");
        let said = socket.call(op, body.clone()).await.expect_err(&what);
        assert_eq!(said["code"], code, "{what}: {said}");
        let (status, problem) = s.post(cookie, op, Some(s.id()), &body).await;
        assert_eq!((&problem["code"], &problem["status"]), (&json!(code), &json!(status)), "{what}: {problem}");
        for (member, value) in said.as_object().unwrap() {
            assert_eq!(problem[member], *value, "{what}: alike over both");
        }
        let known = ["code", "title", "field", "findings", "reasons", "risk", "until", "retry_after_ms"];
        assert!(said.as_object().unwrap().keys().all(|k| known.contains(&k.as_str())), "{what}: {said}");
    }
    let after = dump(&s).await;
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<std::collections::BTreeSet<_>>();
    assert_eq!(lines(&after).difference(&lines(&before)).collect::<Vec<_>>(), Vec::<&String>::new(), "new rows");
    assert!(after == before && before.lines().count() > 60);
}
product_on_both!(
    invariant_10_bad_input_gets_a_stable_code_and_changes_nothing,
    invariant_10_bad_input_gets_a_stable_code_and_changes_nothing
);

async fn invariant_10_what_is_no_frame_is_refused_and_the_socket_lives_on(s: Arc<Service>) {
    let at = stage(&s).await;
    let mut socket = s.socket("anna").await;
    let before = dump(&s).await;
    let id = "0b0e0000-0000-4000-8000-0000000000aa";
    let deep = format!("{}{}", "[".repeat(30_000), "]".repeat(30_000));
    for (text, re) in [
        (String::new(), Value::Null),
        ("hej".into(), Value::Null),
        ("[]".into(), Value::Null),
        ("{\"op\":\"units.list\"}".into(), Value::Null),
        (format!("{{\"id\":\"{id}\"}}"), json!(id)),
        (format!("{{\"id\":\"{id}\",\"op\":5}}"), json!(id)),
        (format!("{{\"id\":\"{id}\",\"id\":\"{id}\",\"op\":\"units.list\"}}"), Value::Null),
        (deep, Value::Null),
    ] {
        socket.send_raw(Message::text(text.clone())).await;
        let said = socket.next().await.unwrap();
        assert_eq!((&said["re"], &said["error"]["code"]), (&re, &json!("frame.malformed")), "{text:.80}");
    }
    assert!(socket.call("thread.open", json!({ "thread": at.thread })).await.is_ok());
    for (message, code) in
        [(Message::binary(vec![1, 2, 3]), 1003), (Message::text("x".repeat(70_000)), 1009), (Message::text("x".repeat(10 << 20)), 1009)]
    {
        let mut socket = s.socket("anna").await;
        socket.send_raw(message).await;
        assert_eq!(socket.closed().await, Some(code));
    }
    let cookie = s.cookie("anna").await;
    let request = || reqwest::Client::new().post(s.url("/api/v1/thread.search")).header("cookie", &cookie).header("origin", s.url(""));
    let json = || request().header("content-type", "application/json");
    for (request, code) in [
        (json().body("{"), "frame.malformed"),
        (json().body("[1]"), "frame.malformed"),
        (json().body(b"{\"text\":\"\xff\"}".to_vec()), "frame.malformed"),
        (json().body("{\"text\":\"a\",\"text\":\"b\"}"), "frame.malformed"),
        (json().body(vec![b'x'; 10 << 20]), "frame.too_large"),
        (request().body("{\"text\":\"a\"}"), "frame.malformed"),
        (json().header("idempotency-key", "7").body("{}"), "frame.malformed"),
        (
            reqwest::Client::new().post(s.url("/api/v1/me")).header("cookie", &cookie).header("origin", "https://example.org"),
            "origin.refused",
        ),
        (reqwest::Client::new().post(s.url("/api/v1/me")), "auth.required"),
        (
            reqwest::Client::new().post(s.url("/api/v1/me")).header("cookie", "radrum_session=nej").header("origin", s.url("")),
            "auth.required",
        ),
        (reqwest::Client::new().post(s.url("/api/v1/me")).bearer_auth("nej"), "auth.required"),
        (
            reqwest::Client::new()
                .post(s.url("/api/v1/message.post"))
                .header("cookie", &cookie)
                .header("origin", s.url(""))
                .json(&json!({ "thread": at.thread, "kind": "reply", "text": "Hej." })),
            "frame.malformed",
        ),
    ] {
        let answer = request.send().await.unwrap();
        assert_eq!(answer.headers()["content-type"], "application/problem+json", "{code}");
        assert_eq!(answer.json::<Value>().await.unwrap()["code"], code);
    }
    let strip = |dump: &str| {
        dump.lines()
            .filter(|l| !l.starts_with("session ") && !l.starts_with("audit ") && !l.starts_with("thread_person "))
            .collect::<Vec<_>>()
            .join("\n")
    };
    assert_eq!(strip(&before), strip(&dump(&s).await));
}
product_on_both!(
    invariant_10_what_is_no_frame_is_refused_and_the_socket_lives_on,
    invariant_10_what_is_no_frame_is_refused_and_the_socket_lives_on
);
