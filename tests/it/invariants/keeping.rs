//! 7: who comes back gets exactly what was missed, in order; nodes that share a database hear each other.

use std::{sync::Arc, time::Duration};

use radrum::{
    db::{Db, Kind},
    rooms::House,
};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::{
    product_on_both,
    support::service::{Service, Socket, guarded, listen},
};

const PAUSE: Duration = Duration::from_millis(400);

async fn reply(s: &Service, login: &str, thread: &Value, n: usize) {
    // A word of its own for each, to tell them apart.
    let word = ["ett", "två", "tre", "fyra", "fem", "sex", "sju", "åtta", "nio", "tio", "elva", "tolv"][n % 12];
    s.run(login, "message.post", json!({ "thread": thread, "kind": "reply", "text": format!("Vi tänker på {word} saker.") }))
        .await
        .unwrap();
}

fn texts(frames: &[Value]) -> Vec<(i64, String)> {
    let of = |f: &Value| Some((f["n"].as_i64()?, f["message"]["fields"]["text"].as_str()?.to_owned()));
    frames.iter().filter(|f| f["event"] == "message.posted").filter_map(of).collect()
}

/// Takes in what came, as a client does: what it has already it lays aside, and what comes before its turn too, for it will come again.
fn take(known: &mut Vec<(i64, String)>, frames: &[Value]) {
    for (n, text) in texts(frames) {
        if n == known.last().map_or(3, |(last, _)| last + 1) {
            known.push((n, text));
        }
    }
}

async fn invariant_07_who_comes_back_gets_exactly_what_was_missed(s: Arc<Service>) {
    let asked = s.run("anna", "thread.ask", s.question(&["b"])).await.unwrap();
    let (thread, stream) = (asked["thread"].clone(), asked["stream"].as_str().unwrap().to_owned());
    s.run("bo", "thread.claim", json!({ "thread": thread })).await.unwrap();
    // What one hears who was never away.
    let mut always = s.socket("alva").await;
    let cookie = s.cookie("anna").await;
    let mut anna = Socket::open(s.address, &cookie).await;
    let mut known = Vec::new();
    for round in 0..4 {
        reply(&s, "bo", &thread, round).await;
        take(&mut known, &anna.drain(PAUSE).await);
        anna.cut();
        for n in 0..3 {
            reply(&s, "bo", &thread, round + n + 1).await;
            // A connection that dies before anything has been resumed changes nothing.
            Socket::open(s.address, &cookie).await.cut();
        }
        // Back while more is being written.
        let after = known.last().map_or(2, |(n, _)| *n);
        anna = Socket::open(s.address, &cookie).await;
        let (done, ()) =
            tokio::join!(anna.call("resume", json!({ "after": { stream.clone(): after } })), reply(&s, "bo", &thread, round + 5));
        assert!(done.unwrap()["streams"][&stream].as_i64().unwrap() >= after + 3);
        take(&mut known, &anna.drain(PAUSE).await);
    }
    let whole = texts(&always.drain(PAUSE).await);
    assert_eq!(known, whole);
    assert_eq!(known.iter().map(|(n, _)| *n).collect::<Vec<_>>(), (3..3 + known.len() as i64).collect::<Vec<_>>());
    // Over HTTP the same.
    let (_, again) = s.post(&cookie, "resume", None, &json!({ "after": { stream.clone(): 2 } })).await;
    assert_eq!(texts(again["events"].as_array().unwrap()), whole);
    // What was never given out, and what cannot be told at once, is said plainly.
    for after in [9_999, 600] {
        let gone = anna.call("resume", json!({ "after": { stream.clone(): after } })).await.unwrap();
        assert_eq!(gone, json!({ "streams": {}, "gone": [stream] }));
    }
}
product_on_both!(invariant_07_who_comes_back_gets_exactly_what_was_missed, invariant_07_who_comes_back_gets_exactly_what_was_missed);

/// A second node over the same database.
async fn other_node(s: &Service) -> (std::net::SocketAddr, CancellationToken, tokio::task::JoinHandle<()>) {
    let db: Db = s.db.other_node().await;
    let house = House { db, ..s.house.clone() };
    let stop = CancellationToken::new();
    let (address, task) = listen(house, stop.clone()).await;
    (address, stop, task)
}

async fn invariant_07_two_nodes_hear_each_other(s: Arc<Service>) {
    let (address, stop, task) = other_node(&s).await;
    let mut anna = s.socket("anna").await;
    let mut bo = Socket::open(address, &s.cookie("bo").await).await;
    let asked = anna.call("thread.ask", s.question(&["b"])).await.unwrap();
    let thread = asked["thread"].clone();
    assert_eq!(bo.event("thread.asked").await["thread"]["id"], thread);
    bo.call("thread.claim", json!({ "thread": thread })).await.unwrap();
    assert_eq!(anna.event("thread.changed").await["change"], "claimed");
    bo.call("thread.typing", json!({ "thread": thread, "on": true })).await.unwrap();
    assert_eq!(anna.event("typing").await["unit"], "Vuxenenheten");
    // Both write at once, each at its own node; both hear all of it, in one order.
    let mut listening = [s.socket("alva").await, Socket::open(address, &s.cookie("alva").await).await];
    let (mut one, mut two) = (s.socket("anna").await, Socket::open(address, &s.cookie("anna").await).await);
    for (n, socket) in [&mut one, &mut two, &mut bo].into_iter().enumerate() {
        socket.call("thread.open", json!({ "thread": thread })).await.unwrap_or_else(|e| panic!("{n}: {e}"));
    }
    let write = async |socket: &mut Socket, id: Option<radrum::id::Id>| {
        for n in 0..6 {
            let word = ["ett", "två", "tre", "fyra", "fem", "sex"][n];
            let body = json!({ "thread": thread, "kind": "reply", "text": format!("Vi tänker på {word} saker.") });
            let id = id.filter(|_| n == 0).unwrap_or_else(|| s.id());
            while let Err(error) = socket.call_as(id, "message.post", body.clone()).await {
                assert_eq!(error["code"], "unavailable", "{error}");
            }
        }
    };
    // The first of each under the same id: one command, sent to two nodes.
    let same = Some(s.id());
    tokio::join!(write(&mut one, same), write(&mut two, same), write(&mut bo, None));
    let heard: Vec<_> = {
        let [a, b] = &mut listening;
        let (a, b) = tokio::join!(a.drain(Duration::from_secs(1)), b.drain(Duration::from_secs(1)));
        [texts(&a), texts(&b)].into()
    };
    assert_eq!(heard[0].len(), 17);
    assert_eq!(heard[0], heard[1]);
    assert!(heard[0].windows(2).all(|w| w[1].0 == w[0].0 + 1), "{heard:?}");
    // Signed out at one node, cut off at the other.
    s.run("bo", "session.end_all", json!({})).await.unwrap();
    assert_eq!(bo.closed().await, Some(4001));
    stop.cancel();
    task.await.unwrap();
}

mod invariant_07_two_nodes_hear_each_other {
    use super::*;

    // A SQLite folder is served by one process: there is no second node.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn postgres() {
        let service = Service::start(Kind::Postgres).await;
        guarded(service, |s| Box::pin(super::invariant_07_two_nodes_hear_each_other(s))).await;
    }
}
