//! docs/protocol.md, run: every example against the real service, in the order of the page, on both databases.

use std::{collections::HashMap, sync::Arc};

use radrum::{http::Code, id::Id, rooms::OPS};
use serde_json::{Map, Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::{
    product_on_both,
    support::service::{Service, Socket},
};

const PAGE: &str = include_str!("../../docs/protocol.md");

enum Step {
    Send(String, Value),
    Receive(String, Value),
    Leave(String),
    Post { name: String, op: String, body: Value },
    Answer { status: u16, body: Value },
}

/// The page's fenced blocks that say who does what, with the line each begins on.
fn steps() -> Vec<(usize, Step)> {
    let mut steps = Vec::new();
    let mut lines = PAGE.lines().enumerate();
    while let Some((at, line)) = lines.next() {
        let Some(info) = line.strip_prefix("```json ") else { continue };
        let text: Vec<&str> = lines.by_ref().map(|(_, l)| l).take_while(|l| *l != "```").collect();
        let body = || serde_json::from_str(&text.join("\n")).unwrap_or_else(|e| panic!("line {}: {e}", at + 1));
        let step = match info.split(' ').collect::<Vec<_>>()[..] {
            ["send", name] => Step::Send(name.into(), body()),
            ["receive", name] => Step::Receive(name.into(), body()),
            ["leave", name] => Step::Leave(name.into()),
            ["post", name, op] => Step::Post { name: name.into(), op: op.into(), body: body() },
            ["answer", status] => Step::Answer { status: status.parse().expect("a status"), body: body() },
            _ => panic!("line {}: what is `{info}`?", at + 1),
        };
        steps.push((at + 1, step));
    }
    steps
}

type Names = HashMap<String, Value>;

/// Puts in what the names stand for.
fn filled(value: &Value, names: &Names) -> Value {
    match value {
        Value::String(text) if text.starts_with('$') => names.get(text).unwrap_or_else(|| panic!("{text} has no value yet")).clone(),
        Value::Array(items) => items.iter().map(|v| filled(v, names)).collect(),
        Value::Object(members) => Value::Object(members.iter().map(|(k, v)| (key(k, names), filled(v, names))).collect()),
        other => other.clone(),
    }
}

fn key(text: &str, names: &Names) -> String {
    names.get(text).and_then(Value::as_str).unwrap_or(text).to_owned()
}

/// Whether `got` is what the example shows. Names without a value get one.
fn matches(shown: &Value, got: &Value, names: &mut Names) -> bool {
    match (shown, got) {
        (Value::String(text), _) if text == "…" => true,
        (Value::String(text), _) if text.starts_with('$') => match names.get(text) {
            Some(known) => known == got,
            None => {
                names.insert(text.clone(), got.clone());
                true
            }
        },
        (Value::Array(shown), Value::Array(got)) => shown.len() == got.len() && shown.iter().zip(got).all(|(s, g)| matches(s, g, names)),
        (Value::Object(shown), Value::Object(got)) => {
            shown.iter().all(|(k, s)| got.get(&key(k, names)).is_some_and(|g| matches(s, g, names)))
        }
        _ => shown == got,
    }
}

/// As [`matches`], and a frame that turns out to be another leaves no names behind.
fn takes(shown: &Value, got: &Value, names: &mut Names) -> bool {
    let mut tried = names.clone();
    let fits = matches(shown, got, &mut tried);
    if fits {
        *names = tried;
    }
    fits
}

struct Run {
    service: Arc<Service>,
    sockets: HashMap<String, Socket>,
    names: Names,
}

impl Run {
    async fn socket(&mut self, name: &str) -> &mut Socket {
        if !self.sockets.contains_key(name) {
            let mut socket = self.service.socket(name).await;
            let hello = socket.hello.clone();
            socket.seen.push(hello);
            self.sockets.insert(name.to_owned(), socket);
        }
        self.sockets.get_mut(name).expect("just opened")
    }

    async fn receive(&mut self, line: usize, name: &str, shown: &Value) {
        self.socket(name).await;
        let socket = self.sockets.get_mut(name).expect("open");
        if let Some(i) = socket.seen.iter().position(|frame| takes(shown, frame, &mut self.names)) {
            socket.seen.remove(i);
            return;
        }
        while let Some(frame) = socket.next().await {
            if takes(shown, &frame, &mut self.names) {
                return;
            }
            socket.seen.push(frame);
        }
        let had: Vec<String> = socket.seen.iter().map(Value::to_string).collect();
        panic!("docs/protocol.md, line {line}: {name} did not receive\n{shown}\nbut\n{}", had.join("\n"));
    }
}

product_on_both!(every_example_holds, |s: Arc<Service>| async move {
    // The one thing that no page can know: when it is read.
    let names = Names::from([("$in_a_month".to_owned(), json!(s.in_days(30).await))]);
    let mut run = Run { service: s.clone(), sockets: HashMap::new(), names };
    let mut answered: Option<(u16, Value)> = None;
    let steps = steps();
    // Everybody is there before anything happens, so that nobody misses what is for them.
    for (_, step) in &steps {
        if let Step::Send(name, _) | Step::Receive(name, _) = step
            && s.people.contains_key(name.as_str())
        {
            run.socket(name).await;
        }
    }
    for (line, step) in steps {
        match step {
            Step::Send(name, body) => {
                let frame = filled(&body, &run.names);
                run.socket(&name).await.send_raw(Message::text(frame.to_string())).await;
            }
            Step::Receive(name, shown) => run.receive(line, &name, &shown).await,
            Step::Leave(name) => run.sockets.remove(&name).expect("was there").cut(),
            Step::Post { name, op, body } => {
                let cookie = s.cookie(&name).await;
                answered = Some(s.post(&cookie, &op, Some(s.id()), &filled(&body, &run.names)).await);
            }
            Step::Answer { status, body } => {
                let (got, answer) = answered.take().expect("something was posted");
                assert_eq!(got, status, "docs/protocol.md, line {line}: {answer}");
                assert!(takes(&body, &answer, &mut run.names), "docs/protocol.md, line {line}: not\n{body}\nbut\n{answer}");
            }
        }
    }
});

#[test]
fn the_page_shows_every_operation_event_and_error() {
    let (mut ops, mut events, mut codes) = (Vec::new(), Vec::new(), Vec::new());
    for (_, step) in steps() {
        match step {
            Step::Send(_, body) => ops.extend(body["op"].as_str().map(str::to_owned)),
            Step::Post { op, .. } => ops.push(op),
            Step::Receive(_, body) => {
                events.extend(body["event"].as_str().map(str::to_owned));
                codes.extend(body["error"]["code"].as_str().map(str::to_owned));
            }
            Step::Answer { body, .. } => codes.extend(body["code"].as_str().map(str::to_owned)),
            Step::Leave(_) => {}
        }
    }
    let unshown: Vec<&str> = OPS.iter().map(|e| e.op.name).filter(|op| !ops.iter().any(|o| o == op)).collect();
    assert_eq!(unshown, [""; 0], "operations without an example");
    let every = [
        "hello",
        "thread.asked",
        "thread.changed",
        "thread.left",
        "message.posted",
        "thread.read",
        "held.changed",
        "review.changed",
        "session.changed",
        "session.ended",
        "typing",
        "presence",
        "case.changed",
    ];
    let unshown: Vec<&str> = every.into_iter().filter(|event| !events.iter().any(|e| e == event)).collect();
    assert_eq!(unshown, [""; 0], "events without an example");
    let strange: Vec<&String> = events.iter().filter(|event| !every.contains(&event.as_str())).collect();
    assert!(strange.is_empty(), "events that the list of the page does not have: {strange:?}");
    // Those that an example would be too long for, or that need something to break.
    let tested_elsewhere = [
        "frame.too_large",
        "auth.required",
        "session.locked",
        "signin.failed",
        "signin.locked",
        "rate.limited",
        "origin.refused",
        "unavailable",
        "internal",
    ];
    for code in Code::ALL {
        let code = code.as_str();
        assert!(codes.iter().any(|c| c == code) != tested_elsewhere.contains(&code), "{code}");
        assert!(PAGE.contains(&format!("`{code}`")), "{code} is in the page's table");
    }
}

#[test]
fn examples_are_compared_as_the_page_says() {
    let mut names = Names::new();
    assert!(takes(&json!({"a": "$x", "b": "…"}), &json!({"a": 7, "b": null, "c": 1}), &mut names));
    assert!(takes(&json!({"n": "$x"}), &json!({"n": 7}), &mut names));
    assert!(!takes(&json!({"n": "$x"}), &json!({"n": 8}), &mut names));
    assert!(!takes(&json!({"y": "$y", "a": [1]}), &json!({"y": 1, "a": [1, 2]}), &mut names));
    assert!(!names.contains_key("$y"), "what did not fit gives no names");
    assert!(!takes(&json!({"b": "…"}), &json!({}), &mut names), "a member shown must be there");
    let id = Id([1; 16]);
    names.insert("$s".into(), json!(id));
    assert!(takes(&json!({"$s": 1}), &Value::Object(Map::from_iter([(id.to_string(), json!(1))])), &mut names));
}
