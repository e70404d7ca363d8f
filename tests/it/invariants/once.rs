//! 7: a command takes effect once, however often and on whatever way it is sent; streams are dense whoever writes.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{
    product_on_both,
    support::service::{Service, Socket},
};

async fn invariant_07_a_command_sent_again_takes_effect_once(s: Arc<Service>) {
    let mut anna = s.socket("anna").await;
    let cookie = s.cookie("anna").await;
    let asking = s.id();
    let asked = anna.call_as(asking, "thread.ask", s.question(&["b"])).await.unwrap();
    let thread = asked["thread"].clone();
    assert_eq!(anna.call_as(asking, "thread.ask", s.question(&["b"])).await.unwrap(), asked);
    assert_eq!(s.post(&cookie, "thread.ask", Some(asking), &s.question(&["b"])).await, (200, asked.clone()));
    let posting = s.id();
    let post = json!({ "thread": thread, "kind": "reply", "text": "Vi har en sak till." });
    let posted = s.post(&cookie, "message.post", Some(posting), &post).await.1;
    assert_eq!(anna.call_as(posting, "message.post", post.clone()).await.unwrap(), posted);
    // The first answer holds, also when what comes under the id is another thing, or would no longer be taken.
    let other = json!({ "thread": thread, "kind": "reply", "text": "Något helt annat." });
    assert_eq!(anna.call_as(posting, "message.post", other).await.unwrap(), posted);
    assert_eq!(
        anna.call_as(posting, "thread.close", json!({ "thread": thread, "used": "no", "otherwise": "waited" })).await.unwrap_err()["code"],
        "command.reused"
    );
    // An id is its person's own.
    let mut alva = s.socket("alva").await;
    let of_alva = alva.call_as(posting, "message.post", post.clone()).await.unwrap();
    assert_ne!(of_alva["message"], posted["message"]);
    let closing = s.id();
    let close = json!({ "thread": thread, "used": "no", "otherwise": "waited" });
    let closed = anna.call_as(closing, "thread.close", close.clone()).await.unwrap();
    assert_eq!(anna.call_as(closing, "thread.close", close).await.unwrap(), closed);
    assert_eq!(anna.call_as(posting, "message.post", post).await.unwrap(), posted, "also in a thread that is closed since");
    let open = anna.call("thread.open", json!({ "thread": thread })).await.unwrap();
    let kinds: Vec<_> = open["messages"].as_array().unwrap().iter().map(|m| m["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["question", "reply", "reply", "close"]);
}
product_on_both!(invariant_07_a_command_sent_again_takes_effect_once, invariant_07_a_command_sent_again_takes_effect_once);

/// The same command twenty times at once, over sockets and HTTP. The one answer.
async fn twenty(s: &Arc<Service>, op: &'static str, body: Value) -> Value {
    let id = s.id();
    let cookie = s.cookie("anna").await;
    let mut sockets = Vec::new();
    for _ in 0..10 {
        sockets.push(Socket::open(s.address, &cookie).await);
    }
    let over_sockets = sockets.iter_mut().map(|socket| socket.call_as(id, op, body.clone()));
    let over_http = (0..10).map(|_| s.post(&cookie, op, Some(id), &body));
    let (frames, answers) = tokio::join!(join_all(over_sockets), join_all(over_http));
    let mut all: Vec<Value> = frames.into_iter().map(|f| f.unwrap()).collect();
    all.extend(answers.into_iter().map(|(status, body)| {
        assert_eq!(status, 200, "{body}");
        body
    }));
    assert_eq!(all.len(), 20);
    assert!(all.iter().all(|a| *a == all[0]), "{all:?}");
    all.swap_remove(0)
}

async fn invariant_07_twenty_at_once_take_effect_once(s: Arc<Service>) {
    for round in 0..3 {
        let thread = twenty(&s, "thread.ask", s.question(&["b"])).await["thread"].clone();
        let inbox = s.run("bo", "inbox.list", json!({})).await.unwrap();
        assert_eq!(inbox["to_answer"].as_array().unwrap().len(), round + 1);
        twenty(&s, "message.post", json!({ "thread": thread, "kind": "reply", "text": "Vi har en sak till." })).await;
        let held = json!({ "thread": thread, "kind": "reply", "text": "Vi tror att Björk kan hjälpa till.",
            "claims": [{ "field": "text", "start": 12, "end": 17 }], "hold": true });
        twenty(&s, "message.post", held).await;
        let open = s.run("anna", "thread.open", json!({ "thread": thread })).await.unwrap();
        assert_eq!((open["messages"].as_array().unwrap().len(), open["held"].as_array().unwrap().len()), (2, 1));
        assert_eq!(open["thread"]["n"], 2);
    }
}
product_on_both!(invariant_07_twenty_at_once_take_effect_once, invariant_07_twenty_at_once_take_effect_once);

async fn invariant_07_streams_are_dense_whoever_writes(s: Arc<Service>) {
    const EACH: usize = 8;
    let mut threads = Vec::new();
    for _ in 0..2 {
        threads.push(s.run("anna", "thread.ask", s.question(&["b"])).await.unwrap()["thread"].clone());
    }
    for thread in &threads {
        s.run("bo", "thread.claim", json!({ "thread": thread })).await.unwrap();
    }
    let mut listening = [s.socket("anna").await, s.socket("alva").await, s.socket("bo").await, s.socket("bea").await];
    let write = async |login: &'static str, at: usize| {
        let mut socket = s.socket(login).await;
        let mut done = Vec::new();
        for n in 0..EACH {
            let (id, thread) = (s.id(), &threads[(at + n) % threads.len()]);
            let body = json!({ "thread": thread, "kind": "reply", "text": "Vi har en sak till att säga." });
            loop {
                match socket.call_as(id, "message.post", body.clone()).await {
                    Ok(ok) => break done.push(ok["message"].as_str().unwrap().to_owned()),
                    // "Try again; nothing has happened": with nothing more in it than that.
                    Err(error) => {
                        assert_eq!((error["code"].as_str(), error.as_object().unwrap().len()), (Some("unavailable"), 2), "{error}")
                    }
                }
            }
        }
        done
    };
    let writers = ["anna", "alva", "chef.a", "reserv.a", "anna", "alva", "bo", "bo"];
    let written = join_all(writers.into_iter().enumerate().map(|(at, login)| write(login, at))).await;
    let written: BTreeSet<String> = written.into_iter().flatten().collect();
    assert_eq!(written.len(), writers.len() * EACH);
    for socket in &mut listening {
        let frames = socket.drain(Duration::from_millis(700)).await;
        let posted: Vec<&Value> = frames.iter().filter(|f| f["event"] == "message.posted").collect();
        let heard: BTreeSet<String> = posted.iter().map(|f| f["message"]["id"].as_str().unwrap().to_owned()).collect();
        assert_eq!((heard == written, posted.len()), (true, written.len()), "each once");
        for stream in posted.iter().filter_map(|f| f["stream"].as_str()).collect::<BTreeSet<_>>() {
            let numbers: Vec<i64> = posted.iter().filter(|f| f["stream"] == stream).map(|f| f["n"].as_i64().unwrap()).collect();
            assert!(numbers.windows(2).all(|w| w[1] == w[0] + 1), "{numbers:?}");
        }
    }
}
product_on_both!(invariant_07_streams_are_dense_whoever_writes, invariant_07_streams_are_dense_whoever_writes);
