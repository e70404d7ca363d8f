//! One socket and what it says to bad input, ended sessions and the server's going.

use std::sync::atomic::Ordering;

use futures_util::SinkExt;
use radrum::{
    http::{Code, Error},
    id::Id,
    live::{Ephemeral, Signal},
};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{
    Bytes, Message,
    protocol::frame::{
        Frame,
        coding::{Data, OpCode},
    },
};

use crate::live_rooms::{ANNA, Client, STREAM, TestServer, UNIT, soon};

fn code(frame: &Value) -> &str {
    frame["error"]["code"].as_str().unwrap_or("none")
}

#[tokio::test]
async fn hello_comes_first_and_commands_are_answered_in_order() {
    let server = TestServer::start().await;
    let headers = [("cookie", "radrum_session=anna"), ("origin", &server.url(""))];
    let mut anna = server.connect(&headers).await.unwrap();
    let hello = anna.next().await;
    assert_eq!(
        (&hello["protocol"], &hello["ping_seconds"], &hello["max_frame_bytes"], &hello["person"]["name"]),
        (&json!("radrum.v1"), &json!(20), &json!(65536), &json!("Anna Ek"))
    );
    anna.op(1, "wait", json!({"ms": 50})).await;
    anna.op(2, "echo", json!({"x": "å"})).await;
    assert_eq!(anna.next().await, json!({"re": Id([1; 16]), "ok": {"waited": 50}}));
    assert_eq!(anna.next().await, json!({"re": Id([2; 16]), "ok": {"x": "å"}}));
}

#[tokio::test]
async fn a_bad_frame_gets_a_clear_error_and_the_socket_goes_on() {
    let server = TestServer::start().await;
    let mut anna = server.socket("anna").await;
    let id = Id([5; 16]);
    for (frame, expected, re) in [
        ("hej 19850312-9811".to_owned(), "frame.malformed", Value::Null),
        ("[]".to_owned(), "frame.malformed", Value::Null),
        (r#"{"op":"echo"}"#.to_owned(), "frame.malformed", Value::Null),
        (json!({"id": id}).to_string(), "frame.malformed", json!(id)),
        (json!({"id": id, "op": "thread.explode"}).to_string(), "op.unknown", json!(id)),
        (format!(r#"{{"id":"{id}","op":"echo","op":"wait"}}"#), "frame.malformed", Value::Null),
        (format!(r#"{{"id":"{id}","op":"echo","x":{}}}"#, "[".repeat(50_000)), "frame.malformed", Value::Null),
        (json!({"id": id, "op": "resume", "after": 7}).to_string(), "field.invalid", json!(id)),
    ] {
        anna.send(frame).await;
        let answer = anna.next().await;
        assert_eq!((code(&answer), &answer["re"]), (expected, &re));
        assert!(answer["error"]["title"].as_str().unwrap().len() > 20);
        assert!(!answer.to_string().contains("1985"), "the input is not repeated");
    }
    anna.op(1, "boom", json!({})).await;
    assert_eq!(code(&anna.next().await), "internal", "a panic is the command's, not the socket's");
    anna.op(2, "echo", json!({})).await;
    assert!(anna.next().await["ok"].is_object());
}

#[tokio::test]
async fn what_is_no_text_or_too_much_closes_with_its_code() {
    let server = TestServer::start().await;
    let text = |payload: Vec<u8>| Message::Frame(Frame::message(Bytes::from(payload), OpCode::Data(Data::Text), true));
    for (message, expected) in [
        (Message::Binary(Bytes::from_static(b"x")), 1003),
        (text(vec![b'{', 0xff, b'}']), 1007),
        (Message::text("x".repeat(70_000)), 1009),
        (Message::text("x".repeat(10 << 20)), 1009),
        (Message::Frame(Frame::message(Bytes::new(), OpCode::Data(Data::Continue), true)), 1002),
    ] {
        let mut anna = server.socket("anna").await;
        anna.0.send(message).await.unwrap();
        assert_eq!(anna.closed().await, expected);
    }
    // Many small fragments make a frame that is too large just as well.
    let mut anna = server.socket("anna").await;
    anna.0.feed(Message::Frame(Frame::message(Bytes::from(vec![b'x'; 40_000]), OpCode::Data(Data::Text), false))).await.unwrap();
    anna.0.send(Message::Frame(Frame::message(Bytes::from(vec![b'x'; 40_000]), OpCode::Data(Data::Continue), true))).await.unwrap();
    assert_eq!(anna.closed().await, 1009);
    soon(|| server.hub.sockets() == 0).await;
}

#[tokio::test]
async fn too_many_commands_are_told_when_to_come_back_and_abuse_is_cut_off() {
    let server = TestServer::start().await;
    let mut anna = server.socket("anna").await;
    for n in 0..70 {
        anna.op(n, "echo", json!({})).await;
    }
    let mut limited = 0;
    for _ in 0..70 {
        let answer = anna.next().await;
        if code(&answer) == "rate.limited" {
            assert!(answer["error"]["retry_after_ms"].as_u64().unwrap() > 0);
            limited += 1;
        }
    }
    assert!((1..=10).contains(&limited), "{limited}");
    for _ in 0..400 {
        // The server may have closed already.
        let _ = anna.0.feed(Message::text("{}")).await;
    }
    let _ = anna.0.flush().await;
    assert_eq!(anna.closed().await, 4029);
}

#[tokio::test]
async fn who_may_connect() {
    let server = TestServer::start().await;
    let own = server.url("");
    let refused = |status: u16, code: &'static str| {
        move |r: Result<Client, (u16, Value)>| match r {
            Err((s, problem)) => {
                assert_eq!((s, problem["code"].as_str().unwrap(), problem["status"].as_u64()), (status, code, Some(status.into())))
            }
            Ok(_) => panic!("was let in"),
        }
    };
    refused(401, "auth.required")(server.connect(&[("origin", &own)]).await);
    refused(401, "auth.required")(server.connect(&[("origin", &own), ("cookie", "radrum_session=nobody")]).await);
    refused(403, "origin.refused")(server.connect(&[("origin", "https://evil.example"), ("cookie", "radrum_session=anna")]).await);
    refused(403, "origin.refused")(server.connect(&[("cookie", "radrum_session=anna")]).await);
    refused(401, "auth.required")(server.connect(&[("authorization", "Bearer nothing")]).await);
    refused(401, "auth.required")(
        server.connect(&[("authorization", "Bearer anna"), ("cookie", "radrum_session=anna"), ("origin", &own)]).await,
    );
    refused(400, "frame.malformed")(
        server.connect(&[("origin", &own), ("cookie", "radrum_session=anna"), ("sec-websocket-protocol", "radrum.v9")]).await,
    );
    server.rooms.end_session("bo", Error::new(Code::SessionLocked));
    refused(401, "session.locked")(server.connect(&[("origin", &own), ("cookie", "radrum_session=bo")]).await);
    let mut token = server.connect(&[("authorization", "Bearer token-of-anna")]).await.unwrap();
    assert_eq!(token.next().await["event"], "hello");
}

#[tokio::test]
async fn an_ended_session_hears_why_and_is_closed_at_once() {
    for (error, reason, expected) in [
        (Error::new(Code::AuthRequired).with("reason", "signed_out"), "signed_out", 4001),
        (Error::new(Code::AuthRequired).with("reason", "expired"), "expired", 4001),
        (Error::new(Code::SessionLocked), "locked", 4001),
        (Error::new(Code::RoleMissing), "role_lost", 4003),
    ] {
        let server = TestServer::start().await;
        let mut anna = server.socket("anna").await;
        server.rooms.end_session("anna", error);
        server.hub.recheck(&[ANNA]);
        assert_eq!(anna.next().await, json!({"event": "session.ended", "reason": reason}));
        assert_eq!(anna.closed().await, expected);
    }
}

#[tokio::test]
async fn a_lost_role_closes_and_a_database_that_is_away_does_not() {
    let server = TestServer::start().await;
    let mut anna = server.socket("anna").await;
    server.rooms.end_session("anna", Error::new(Code::Unavailable));
    server.hub.recheck(&[ANNA]);
    anna.op(1, "echo", json!({})).await;
    assert!(anna.next().await["ok"].is_object());
    server.rooms.state().sessions.get_mut("anna").unwrap().1 = None;
    server.rooms.state().roles.clear();
    server.hub.recheck(&[ANNA]);
    assert_eq!(anna.next().await["reason"], "role_lost");
    assert_eq!(anna.closed().await, 4003);
}

#[tokio::test]
async fn going_down_answers_what_runs_and_closes_with_1001() {
    let server = TestServer::start().await;
    let (mut anna, mut idle) = (server.socket("anna").await, server.socket("bo").await);
    anna.op(1, "wait", json!({"ms": 300})).await;
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    server.stop.cancel();
    assert_eq!(idle.closed().await, 1001);
    assert_eq!(anna.answer(1).await["ok"]["waited"], 300);
    assert_eq!(anna.closed().await, 1001);
    drop((anna, idle));
    server.running.await.unwrap();
    assert!(tokio::net::TcpStream::connect(server.address).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn a_command_that_has_begun_ends_although_the_client_went() {
    let server = TestServer::start().await;
    let mut anna = server.socket("anna").await;
    anna.op(1, "wait", json!({"ms": 200})).await;
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    drop(anna);
    soon(|| server.rooms.finished.load(Ordering::SeqCst) == 1).await;
}

#[tokio::test]
async fn typing_and_presence_have_no_number_and_a_reload_does_not_flicker() {
    let server = TestServer::start().await;
    let mut anna = server.socket("anna").await;
    let bo = server.socket("bo").await;
    assert_eq!(anna.next().await, json!({"event": "presence", "about": UNIT, "on": true}));
    assert!(server.hub.unit_present(UNIT));
    drop(bo);
    soon(|| server.hub.sockets() == 1).await;
    let _again = server.socket("bo").await;
    let _ = server.rooms.signals.send(Signal::Ephemeral { kind: Ephemeral::Typing, about: STREAM, on: true });
    assert_eq!(anna.next().await, json!({"event": "typing", "about": STREAM, "on": true}));
}

#[tokio::test]
async fn pings_are_answered_and_a_close_is_answered() {
    let server = TestServer::start().await;
    let mut anna = server.socket("anna").await;
    anna.0.send(Message::Ping(Bytes::from_static(b"x"))).await.unwrap();
    anna.0.send(Message::Close(None)).await.unwrap();
    // The client's library reports the pong and the echoed close before it ends.
    let mut seen = Vec::new();
    while let Some(Ok(message)) = futures_util::StreamExt::next(&mut anna.0).await {
        seen.push(message);
    }
    assert!(matches!(&seen[..], [Message::Pong(pong), Message::Close(_)] if &pong[..] == b"x"), "{seen:?}");
    soon(|| server.hub.sockets() == 0).await;
}
