//! 5: the other unit never learns who asked.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use regex::Regex;
use serde_json::{Value, json};

use crate::{
    product_on_both,
    support::service::{Service, Socket},
};

const PAUSE: Duration = Duration::from_millis(400);

/// Everything that reaches a side, as text.
#[derive(Default)]
struct Record(Vec<String>);

impl Record {
    fn keep(&mut self, what: &Value) {
        self.0.push(what.to_string());
    }

    /// Over the socket, answer or error alike.
    async fn call(&mut self, socket: &mut Socket, op: &str, body: Value) -> Value {
        let answer = match socket.call(op, body).await {
            Ok(ok) => ok,
            Err(error) => error,
        };
        self.keep(&answer);
        answer
    }

    /// Over HTTP: body and headers.
    async fn post(&mut self, s: &Service, cookie: &str, op: &str, body: &Value) {
        let request = reqwest::Client::new().post(s.url(&format!("/api/v1/{op}"))).header("cookie", cookie).header("origin", s.url(""));
        let answer = request.header("idempotency-key", s.id().to_string()).json(body).send().await.unwrap();
        self.0.push(format!("{:?}", answer.headers()));
        self.0.push(answer.text().await.unwrap());
    }
}

/// A whole thread between a hidden unit and another, with everything that both can do; what the answering side heard, and what it must not have.
async fn whole_thread(s: &Service) -> (Record, Vec<String>) {
    let mut told = Record::default();
    let (mut bo, mut bea, mut chef) = (s.socket("bo").await, s.socket("bea").await, s.socket("chef.b").await);
    let (mut anna, mut alva, mut manager) = (s.socket("anna").await, s.socket("alva").await, s.socket("chef.a").await);
    let cookie = s.cookie("bo").await;
    let mut ask = s.question(&["b"]);
    ask["hide_unit"] = true.into();
    let asked = anna.call("thread.ask", ask).await.unwrap();
    let thread = asked["thread"].clone();
    let which = json!({ "thread": thread });
    told.call(&mut bo, "inbox.list", json!({})).await;
    told.call(&mut bo, "thread.open", which.clone()).await;
    told.call(&mut bo, "thread.claim", which.clone()).await;
    told.call(&mut bo, "thread.typing", json!({ "thread": thread, "on": true })).await;
    told.call(&mut bo, "message.post", json!({ "thread": thread, "kind": "ask_back", "text": "Har föräldern kontakt med vården?" })).await;
    anna.call("thread.open", which.clone()).await.unwrap();
    anna.call("thread.read", json!({ "thread": thread, "n": 2 })).await.unwrap();
    anna.call("message.post", json!({ "thread": thread, "kind": "reply", "text": "Ja, sedan i våras." })).await.unwrap();
    alva.call("thread.open", which.clone()).await.unwrap();
    alva.call("message.post", json!({ "thread": thread, "kind": "reply", "text": "Och på öppenvården före det." })).await.unwrap();
    // Held, and sent a while later by the manager's word; another is held, and taken back.
    let claims = json!([{ "field": "text", "start": 12, "end": 17 }]);
    let claimed = |text: &str| json!({ "thread": thread, "kind": "reply", "text": text, "claims": claims, "hold": true });
    let held = anna.call("message.post", claimed("Vi tror att Björk kan hjälpa till.")).await.unwrap()["held"].clone();
    let second = anna.call("message.post", claimed("Vi tror att Björk kan ringa nu.")).await.unwrap()["held"].clone();
    for op in ["review.open", "review.approve", "review.return", "held.withdraw"] {
        let body = json!({ "held": held, "reason": "Skriv om det." });
        told.call(&mut chef, op, body.clone()).await;
        told.post(s, &cookie, op, &body).await;
    }
    manager.call("review.open", json!({ "held": held })).await.unwrap();
    manager.call("review.approve", json!({ "held": held })).await.unwrap();
    anna.call("held.withdraw", json!({ "held": second })).await.unwrap();
    let advice =
        json!({ "thread": thread, "kind": "advice", "advice": "Erbjud ett samtal.", "paragraph": "SoL 14:4", "needs_name": false });
    told.call(&mut bo, "message.post", advice).await;
    // What is not allowed, and what is wrong.
    told.call(&mut bo, "thread.close", json!({ "thread": thread, "used": "yes", "otherwise": "waited" })).await;
    told.call(&mut bo, "thread.route", json!({ "thread": thread, "units": [], "reason": "Fel enhet." })).await;
    told.call(&mut bea, "message.post", json!({ "thread": thread, "kind": "reply", "text": "Hej" })).await;
    told.call(&mut bea, "thread.claim", which.clone()).await;
    told.call(&mut bo, "message.post", json!({ "thread": thread, "kind": "reply", "text": "Ring 070-174 06 37." })).await;
    told.call(&mut bo, "scan.check", json!({ "thread": thread, "fields": { "text": "Hon är 43 år." } })).await;
    told.call(&mut bo, "thread.search", json!({ "text": "våras" })).await;
    told.call(&mut bo, "thread.search", json!({ "text": "björk" })).await;
    anna.call("thread.close", json!({ "thread": thread, "used": "partly", "otherwise": "guessed", "comment": "Bra." })).await.unwrap();
    for socket in [&mut bo, &mut bea, &mut chef] {
        told.call(socket, "thread.open", which.clone()).await;
        let inbox = told.call(socket, "inbox.list", json!({})).await;
        let streams = inbox["streams"].as_object().unwrap().keys().map(|k| (k.clone(), json!(0))).collect::<serde_json::Map<_, _>>();
        told.call(socket, "resume", json!({ "after": streams })).await;
        told.keep(&socket.hello.clone());
        for frame in socket.drain(PAUSE).await {
            told.keep(&frame);
        }
    }
    for (op, body) in [("thread.open", which.clone()), ("inbox.list", json!({})), ("thread.search", json!({ "text": "våras" }))] {
        told.post(s, &cookie, op, &body).await;
    }
    let mut never: Vec<String> =
        ["anna", "alva", "chef.a", "reserv.a"].into_iter().flat_map(|login| [login.to_owned(), s.people[login].to_string()]).collect();
    never.extend(["Ek", "Berg", "Holm", "Lund", "Asta", "Arne", "Barn och unga", "1980"].map(str::to_owned));
    never.push(s.units["a"].to_string());
    never.extend([&asked["stream"], &held, &second].map(|id| id.as_str().unwrap().to_owned()));
    (told, never)
}

/// `word` as a word of its own, whatever the case.
fn stands(word: &str, text: &str) -> bool {
    Regex::new(&format!(r"(?i)(^|[^\p{{L}}\d]){}($|[^\p{{L}}\d])", regex::escape(word))).unwrap().is_match(text)
}

async fn invariant_05_nothing_that_the_answering_side_gets_says_who_asked(s: Arc<Service>) {
    let (told, never) = whole_thread(&s).await;
    assert!(told.0.len() > 50, "it was told much: {}", told.0.len());
    for word in &never {
        for text in &told.0 {
            assert!(!stands(word, text), "{word} in {text}");
        }
    }
    // The search itself finds what is there.
    assert!(told.0.iter().any(|t| stands("Bo", t)) && told.0.iter().any(|t| stands("våras", t)));
    assert!(stands("Ek", r#"{"name":"Anna Ek"}"#) && !stands("Ek", "ekonomi"));
}
product_on_both!(
    invariant_05_nothing_that_the_answering_side_gets_says_who_asked,
    invariant_05_nothing_that_the_answering_side_gets_says_who_asked
);

/// Every object in what was told.
fn objects(value: &Value, each: &mut impl FnMut(&serde_json::Map<String, Value>)) {
    match value {
        Value::Object(map) => {
            each(map);
            map.values().for_each(|v| objects(v, each));
        }
        Value::Array(list) => list.iter().for_each(|v| objects(v, each)),
        _ => {}
    }
}

async fn invariant_05_times_ids_and_figures_tell_nothing_of_the_asking_side(s: Arc<Service>) {
    let (told, _) = whole_thread(&s).await;
    let own: BTreeSet<String> = ["bo", "bea", "chef.b"].map(|login| s.people[login].to_string()).into();
    let uuid = Regex::new("[0-9a-f]{8}-[0-9a-f]{4}-([0-9a-f])[0-9a-f]{3}-([0-9a-f])[0-9a-f]{3}-[0-9a-f]{12}").unwrap();
    let (mut ids, mut times) = (0, 0);
    for text in &told.0 {
        for id in uuid.captures_iter(text).filter(|id| !own.contains(&id[0])) {
            ids += 1;
            assert!(&id[1] == "4" && "89ab".contains(&id[2]), "not random: {} in {text}", &id[0]);
        }
        let Ok(value) = serde_json::from_str::<Value>(text) else { continue };
        objects(&value, &mut |map| {
            for figure in ["people", "population", "limit", "acceptable", "costliest"] {
                assert!(!map.contains_key(figure), "{figure} in {text}");
            }
            assert!(map.get("risk").is_none_or(Value::is_null), "{text}");
            let theirs = map.get("from").is_some_and(|f| f["side"] == "asking");
            if theirs {
                assert_eq!(map["from"]["name"], Value::Null);
                times += 1;
                assert!(map["at"].as_str().unwrap().ends_with(":00Z"), "{text}");
            }
            if let Some(at) = map.get("updated_at").and_then(Value::as_str) {
                assert!(at.ends_with(":00Z"), "{text}");
            }
            if let Some(due) = map.get("due_at").and_then(Value::as_str) {
                assert!(due.ends_with(":00:00Z"), "{text}");
            }
        });
    }
    assert!(ids > 100 && times > 10, "{ids} {times}");
}
product_on_both!(
    invariant_05_times_ids_and_figures_tell_nothing_of_the_asking_side,
    invariant_05_times_ids_and_figures_tell_nothing_of_the_asking_side
);

async fn invariant_05_typing_and_presence_of_the_asking_side_go_nowhere(s: Arc<Service>) {
    let (mut anna, mut bo) = (s.socket("anna").await, s.socket("bo").await);
    let thread = anna.call("thread.ask", s.question(&["b"])).await.unwrap()["thread"].clone();
    bo.call("thread.claim", json!({ "thread": thread })).await.unwrap();
    assert_eq!(anna.call("thread.typing", json!({ "thread": thread, "on": true })).await.unwrap_err()["code"], "thread.not_yours");
    let alva = s.socket("alva").await;
    alva.cut();
    bo.call("thread.typing", json!({ "thread": thread, "on": true })).await.unwrap();
    let typing = anna.event("typing").await;
    assert_eq!(typing, json!({ "event": "typing", "thread": thread, "on": true, "unit": "Vuxenenheten" }), "the unit, and nothing more");
    for frame in bo.drain(PAUSE).await {
        assert!(frame["event"] != "typing" && frame["event"] != "presence", "{frame}");
    }
}
product_on_both!(
    invariant_05_typing_and_presence_of_the_asking_side_go_nowhere,
    invariant_05_typing_and_presence_of_the_asking_side_go_nowhere
);

async fn invariant_05_numbers_are_dense_on_each_side_whatever_is_held(s: Arc<Service>) {
    let (mut anna, mut bo, mut manager) = (s.socket("anna").await, s.socket("bo").await, s.socket("chef.a").await);
    let asked = anna.call("thread.ask", s.question(&["b"])).await.unwrap();
    let thread = asked["thread"].clone();
    bo.call("thread.claim", json!({ "thread": thread })).await.unwrap();
    for round in 0..3 {
        let held = json!({ "thread": thread, "kind": "reply", "text": "Vi tror att Björk kan hjälpa till.",
            "claims": [{ "field": "text", "start": 12, "end": 17 }], "hold": true });
        let held = anna.call("message.post", held).await.unwrap()["held"].clone();
        bo.call("message.post", json!({ "thread": thread, "kind": "reply", "text": "Vi undrar en sak." })).await.unwrap();
        let (by, op) = [(&mut manager, "review.return"), (&mut anna, "held.withdraw")].into_iter().nth(round % 2).unwrap();
        by.call(op, json!({ "held": held, "reason": "Skriv om det." })).await.unwrap();
    }
    for (socket, side) in [(&mut anna, "asking"), (&mut bo, "answering")] {
        let row = socket.call("thread.open", json!({ "thread": thread })).await.unwrap();
        let (stream, last) = (row["thread"]["stream"].as_str().unwrap().to_owned(), row["thread"]["n"].as_i64().unwrap());
        // asked, claimed, three messages
        assert_eq!(last, 5, "{side}: what was held took no number");
        socket.drain(PAUSE).await;
        socket.call("resume", json!({ "after": { stream.clone(): 0 } })).await.unwrap();
        let numbers: Vec<i64> = socket.seen.iter().filter(|f| f["stream"] == stream.as_str()).map(|f| f["n"].as_i64().unwrap()).collect();
        assert_eq!(numbers, (1..=last).collect::<Vec<_>>(), "{side}");
    }
}
product_on_both!(
    invariant_05_numbers_are_dense_on_each_side_whatever_is_held,
    invariant_05_numbers_are_dense_on_each_side_whatever_is_held
);
