//! `GET /api/v1/openapi.json`: made from the table of ops, so that it cannot fall behind. Written as JSON and not with derives: the schemas belong to the rooms.

use axum::{Json, extract::State};
use serde_json::{Map, Value, json};

use super::{Code, Floor, Locale, texts};
use crate::live::Op;

pub async fn document(State(floor): State<Floor>) -> Json<Value> {
    Json(describe(floor.sockets().rooms.ops()))
}

fn describe(ops: &[Op]) -> Value {
    let mut paths = Map::new();
    for op in ops {
        paths.insert(format!("/api/v1/{}", op.name), json!({"post": operation(op)}));
    }
    let plain = |summary: &str, id: &str| json!({"summary": summary, "operationId": id, "responses": responses()});
    let with_body = |summary: &str, id: &str, schema: Value| {
        let mut described = plain(summary, id);
        described["requestBody"] = json!({"required": true, "content": {"application/json": {"schema": schema}}});
        described
    };
    let text = json!({"type": "string"});
    let mut sign_in = with_body(
        "Sign in: sets the session cookie",
        "session.sign_in",
        object(&json!({"login": text, "password": text}), &["login", "password"]),
    );
    sign_in["security"] = json!([]);
    paths.insert(
        "/api/v1/session".into(),
        json!({
            "get": plain("Who is signed in", "session.show"),
            "post": sign_in,
            "delete": plain("Sign out; with `?everywhere=true` from every session", "session.sign_out"),
        }),
    );
    let unlock =
        with_body("Open a session that was locked for idleness", "session.unlock", object(&json!({"password": text}), &["password"]));
    paths.insert("/api/v1/session/unlock".into(), json!({"post": unlock}));
    let after = json!({"after": {"type": "object", "additionalProperties": {"type": "integer", "minimum": 0}}});
    paths.insert("/api/v1/resume".into(), json!({"post": with_body("What was missed, by stream", "resume", object(&after, &["after"]))}));
    json!({
        "openapi": "3.1.0",
        "info": {"title": "Rådrum", "version": env!("CARGO_PKG_VERSION"), "license": {"name": "EUPL-1.2", "identifier": "EUPL-1.2"}},
        "security": [{"cookie": []}, {"bearer": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "cookie": {"type": "apiKey", "in": "cookie", "name": "radrum_session"},
                "bearer": {"type": "http", "scheme": "bearer"},
            },
            "schemas": {"Problem": problem()},
        },
    })
}

fn operation(op: &Op) -> Value {
    let mut described = json!({
        "summary": op.summary,
        "operationId": op.name,
        "requestBody": {"required": op.command, "content": {"application/json": {"schema": (op.schema)()}}},
        "responses": responses(),
    });
    if op.command {
        described["parameters"] = json!([{
            "name": "Idempotency-Key", "in": "header", "required": true, "schema": {"type": "string", "format": "uuid"},
            "description": "The command's id: sent again with the same id it takes effect once and gives the same answer.",
        }]);
    }
    described
}

fn responses() -> Value {
    json!({
        "200": {"description": "As `ok` on the socket", "content": {"application/json": {"schema": {"type": "object"}}}},
        "default": {"description": "An error", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
    })
}

fn problem() -> Value {
    let codes: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    let titles: Map<String, Value> =
        Code::ALL.iter().map(|code| (code.as_str().to_owned(), texts::title(*code, Locale::En).into())).collect();
    let mut schema = object(
        &json!({
            "type": {"type": "string"}, "status": {"type": "integer"}, "title": {"type": "string"},
            "code": {"type": "string", "enum": codes},
            "field": {"type": "string"}, "findings": {"type": "array"}, "reasons": {"type": "array"}, "risk": {"type": "object"},
            "until": {"type": "string", "format": "date-time"}, "retry_after_ms": {"type": "integer"},
        }),
        &["type", "status", "title", "code"],
    );
    schema["x-titles"] = Value::Object(titles);
    schema
}

fn object(properties: &Value, required: &[&str]) -> Value {
    json!({"type": "object", "properties": properties, "required": required})
}
