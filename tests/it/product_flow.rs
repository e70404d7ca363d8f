//! The main path over the socket: ask, claim, ask back, reply, advise, close; and what each side learns.

use std::sync::Arc;

use serde_json::json;

use crate::{product_on_both, support::service::Service};

product_on_both!(two_units_talk, |s: Arc<Service>| async move {
    let mut anna = s.socket("anna").await;
    let mut bo = s.socket("bo").await;
    let asked = anna.call("thread.ask", s.question(&["b"])).await.unwrap();
    let thread = asked["thread"].clone();
    let heard = bo.event("thread.asked").await;
    assert_eq!(heard["thread"]["id"], thread);
    bo.call("thread.claim", json!({ "thread": thread })).await.unwrap();
    assert_eq!(anna.event("thread.changed").await["change"], "claimed");
    bo.call("message.post", json!({ "thread": thread, "kind": "ask_back", "text": "Har föräldern någon kontakt med vården i dag?" }))
        .await
        .unwrap();
    let posted = anna.event("message.posted").await;
    assert_eq!(posted["thread"]["turn"], "asking");
    assert_eq!(posted["message"]["from"]["name"], json!(null));
    anna.call("message.post", json!({ "thread": thread, "kind": "reply", "text": "Ja, på vårdcentralen sedan i våras." })).await.unwrap();
    bo.event("message.posted").await;
    bo.event("message.posted").await;
    bo.call("message.post", json!({ "thread": thread, "kind": "advice", "advice": "Erbjud ett motiverande samtal.", "needs_name": false }))
        .await
        .unwrap();
    assert_eq!(anna.wait("advice", |f| f["message"]["kind"] == "advice").await["thread"]["status"], "answered");
    anna.call("thread.close", json!({ "thread": thread, "used": "yes", "otherwise": "not_asked" })).await.unwrap();
    assert_eq!(bo.wait("close", |f| f["change"] == "closed").await["thread"]["status"], "closed");
    let open = bo.call("thread.open", json!({ "thread": thread })).await.unwrap();
    let kinds: Vec<_> = open["messages"].as_array().unwrap().iter().map(|m| m["kind"].as_str().unwrap().to_owned()).collect();
    assert_eq!(kinds, ["question", "ask_back", "reply", "advice", "close"]);
    let inbox = bo.call("inbox.list", json!({})).await.unwrap();
    assert_eq!(inbox["closed"][0]["id"], thread);
});
