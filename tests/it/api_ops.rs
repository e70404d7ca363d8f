//! The API beside the socket: every operation described, and the same answer by both ways.

use std::{collections::BTreeSet, sync::Arc};

use radrum::rooms::OPS;
use serde_json::{Value, json};

use crate::{product_on_both, support::service::Service};

async fn document(s: &Service) -> Value {
    reqwest::get(s.url("/api/v1/openapi.json")).await.unwrap().json().await.unwrap()
}

/// Every `$ref` in the document.
fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get("$ref").and_then(Value::as_str).map(str::to_owned));
            members.values().for_each(|v| references(v, found));
        }
        Value::Array(items) => items.iter().for_each(|v| references(v, found)),
        _ => {}
    }
}

product_on_both!(every_operation_is_described, |s: Arc<Service>| async move {
    let document = document(&s).await;
    for entry in OPS {
        let post = &document["paths"][format!("/api/v1/{}", entry.op.name)]["post"];
        let schema = &post["requestBody"]["content"]["application/json"]["schema"];
        assert_eq!(schema["type"], "object", "{}: {schema}", entry.op.name);
        assert!(post["summary"].as_str().is_some_and(|s| !s.is_empty()), "{}", entry.op.name);
        assert_eq!(post["parameters"].is_array(), entry.op.command, "{}", entry.op.name);
        assert!(post["responses"]["default"]["content"]["application/problem+json"].is_object(), "{}", entry.op.name);
    }
    let ask = &document["paths"]["/api/v1/thread.ask"]["post"]["requestBody"]["content"]["application/json"]["schema"];
    let required: BTreeSet<&str> = ask["required"].as_array().unwrap().iter().map(|r| r.as_str().unwrap()).collect();
    assert!(required.is_superset(&["unit", "situation", "question", "subject", "urgency"].into()) && !required.contains("claims"), "{ask}");
    assert!(ask["properties"]["claims"]["items"]["properties"]["field"].is_object(), "{ask}");
    let mut found = Vec::new();
    references(&document, &mut found);
    for reference in found {
        let pointer = reference.strip_prefix('#').expect("within the document");
        assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
});

product_on_both!(an_error_is_a_problem, |s: Arc<Service>| async move {
    let client = reqwest::Client::new();
    let cookie = s.cookie("anna").await;
    let send = async |op: &str, body: String, cookie: &str, key: Option<String>| {
        let mut request =
            client.post(s.url(&format!("/api/v1/{op}"))).header("origin", s.url("")).header("content-type", "application/json");
        if !cookie.is_empty() {
            request = request.header("cookie", cookie);
        }
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let answer = request.body(body).send().await.unwrap();
        let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
        (answer.status().as_u16(), kind, answer.json::<Value>().await.unwrap())
    };
    let id = || Some(s.id().to_string());
    let question = s.question(&["b"]);
    let mut phone = question.clone();
    phone["situation"] = "Ring 070-174 06 11.".into();
    let mut urgent = question.clone();
    urgent["urgency"] = "nu".into();
    for (op, body, cookie, key, status, code) in [
        ("thread.explode", json!({}).to_string(), &*cookie, None, 404, "op.unknown"),
        ("thread.ask", "{".into(), &cookie, id(), 400, "frame.malformed"),
        ("thread.ask", "[]".into(), &cookie, id(), 400, "frame.malformed"),
        ("thread.ask", question.to_string(), &cookie, None, 400, "frame.malformed"),
        ("thread.ask", question.to_string(), &cookie, Some("x".into()), 400, "frame.malformed"),
        ("thread.ask", question.to_string(), "", id(), 401, "auth.required"),
        ("thread.ask", question.to_string(), "radrum_session=x", id(), 401, "auth.required"),
        ("thread.ask", json!({}).to_string(), &cookie, id(), 422, "field.invalid"),
        ("thread.ask", urgent.to_string(), &cookie, id(), 422, "field.invalid"),
        ("thread.ask", phone.to_string(), &cookie, id(), 422, "scan.blocked"),
        ("thread.open", json!({ "thread": s.id() }).to_string(), &cookie, None, 404, "not_found"),
        ("thread.open", json!({ "thread": "Anna Lindqvist" }).to_string(), &cookie, None, 422, "field.invalid"),
        ("people.add", json!({ "login": "ny", "name": "N", "password": "x", "roles": [] }).to_string(), &cookie, id(), 403, "role.missing"),
    ] {
        let (got, kind, problem) = send(op, body, cookie, key).await;
        assert_eq!((got, kind.as_str(), &problem["code"]), (status, "application/problem+json", &json!(code)), "{op}: {problem}");
        assert_eq!(problem["status"], status);
        assert_eq!(problem["type"], format!("urn:radrum:error:{code}"));
        assert!(problem["title"].as_str().is_some_and(|t| !t.is_empty()));
        for said in ["Lindqvist", "070-174", "nu\""] {
            assert!(!problem.to_string().contains(said), "{problem}");
        }
    }
});

/// The members that differ from one call to the next.
fn still(mut value: Value) -> Value {
    match &mut value {
        Value::Object(members) => {
            for (name, member) in members.iter_mut() {
                let changes = ["updated_at", "at", "draft_key", "retry_after_ms"].contains(&name.as_str());
                *member = if changes { Value::Null } else { still(member.take()) };
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|v| *v = still(v.take())),
        _ => {}
    }
    value
}

product_on_both!(queries_answer_alike_by_both_ways, |s: Arc<Service>| async move {
    let (mut socket, cookie) = (s.socket("anna").await, s.cookie("anna").await);
    let thread = s.taken().await;
    s.reply("bo", &thread, "Det går bra att pröva ett motiverande samtal.").await;
    s.open("anna", &thread).await;
    for (op, body) in [
        ("me", json!({})),
        ("units.list", json!({})),
        ("inbox.list", json!({})),
        ("scan.check", json!({ "unit": s.unit("a"), "fields": { "text": "Hej, Anna Lindqvist 19850312-9811." } })),
        ("thread.open", json!({ "thread": thread })),
        ("thread.search", json!({ "text": "motiverande" })),
        ("thread.typing", json!({ "thread": thread, "on": true })),
        ("thread.open", json!({ "thread": s.id() })),
        ("scan.check", json!({ "fields": 1 })),
    ] {
        let by_socket = socket.call(op, body.clone()).await;
        let (status, mut by_api) = s.post(&cookie, op, None, &body).await;
        if status == 200 {
            assert_eq!(still(by_socket.unwrap()), still(by_api), "{op}");
        } else {
            let problem = by_api.as_object_mut().unwrap();
            assert!(problem.remove("status").is_some() && problem.remove("type").is_some());
            assert_eq!(still(by_socket.unwrap_err()), still(by_api), "{op}");
        }
    }
});

product_on_both!(a_command_by_both_ways_takes_effect_once, |s: Arc<Service>| async move {
    let (mut socket, cookie, id) = (s.socket("anna").await, s.cookie("anna").await, s.id());
    let question = s.question(&["b"]);
    let first = socket.call_as(id, "thread.ask", question.clone()).await.unwrap();
    let (status, again) = s.post(&cookie, "thread.ask", Some(id), &question).await;
    assert_eq!((status, again), (200, first));
    assert_eq!(s.heap("bo", "to_answer").await.len(), 1);
    let (status, other) = s.post(&cookie, "thread.claim", Some(id), &json!({ "thread": s.id() })).await;
    assert_eq!((status, &other["code"]), (409, &json!("command.reused")));
});
