//! 9: mails, logs and metrics carry no content, no names, no titles, no units.

use std::sync::Arc;

use radrum::{
    app::App,
    clock::{Clock, DAY, MINUTE},
    db::Kind,
};
use serde_json::json;

use crate::{
    product_on_both,
    support::{
        program::{PASSWORD, Program},
        service::Service,
        smtp::Sink,
    },
};

/// A Tuesday at noon.
const TUESDAY: i64 = 20_500 * DAY + 12 * 60 * MINUTE;

async fn invariant_09_a_mail_says_that_something_waits_and_nothing_else(s: Arc<Service>) {
    let sink = Sink::start().await;
    let (mailer, app) = (sink.mailer(), App { house: s.house.clone() });
    let asked = s.run("anna", "thread.ask", s.question(&["b"])).await.unwrap();
    let thread = asked["thread"].clone();
    let held = json!({ "thread": thread, "kind": "reply", "text": "Vi tror att Björk kan hjälpa till.",
        "claims": [{ "field": "text", "start": 12, "end": 17 }], "hold": true });
    let held = s.run("anna", "message.post", held).await.unwrap()["held"].clone();
    s.run("bo", "thread.claim", json!({ "thread": thread })).await.unwrap();
    s.run("bo", "message.post", json!({ "thread": thread, "kind": "ask_back", "text": "Har föräldern kontakt med vården?" }))
        .await
        .unwrap();
    app.mail(&mailer).await.unwrap();
    assert_eq!(sink.mails(), 0, "there is time to see it on the page first");
    s.house.clock.advance(11 * MINUTE);
    // Somebody who has been here since has seen it.
    s.cookie("bea").await;
    app.mail(&mailer).await.unwrap();
    app.mail(&mailer).await.unwrap();
    let heard = sink.heard();
    // bo and a colleague for the question; anna for the answer; the two who may decide on what is held.
    assert_eq!(sink.mails(), 5, "{heard}");
    for said in ["Något väntar", "handläggare", "enhetschef", "https://radrum.example.se", "RCPT TO:<bo@example.se>", "auto-generated"] {
        assert!(heard.contains(said), "{said} in {heard}");
    }
    let mut never: Vec<String> =
        ["Björk", "förälder", "vården", "addiction", "Vuxenenheten", "Barn och unga", "Öppenpsykiatrin", "beroende"]
            .map(str::to_owned)
            .into();
    never.extend(["Anna", "Ek", "Dahl", "Asta", "Holm", "Falk"].map(|name| format!("{name} ")));
    never.extend(["Anna Ek", "Bo Dahl", "Asta Holm", "Arne Lund"].map(str::to_owned));
    for id in [&asked["stream"], &thread, &held] {
        never.push(id.as_str().unwrap().to_owned());
    }
    never.extend(s.people.values().chain(s.units.values()).map(|id| id.to_string()));
    for word in never {
        assert!(!heard.to_lowercase().contains(&word.to_lowercase()), "{word} in {heard}");
    }
}
product_on_both!(
    invariant_09_a_mail_says_that_something_waits_and_nothing_else,
    with Clock::manual(TUESDAY),
    invariant_09_a_mail_says_that_something_waits_and_nothing_else
);

/// The real program, with a thread that goes through everything: its whole log at the finest level, and its metrics.
async fn quiet(kind: Kind) {
    let mut program = Program::with_people(kind).await;
    let mut tokens = Vec::new();
    for login in ["anna", "bodil", "asta", "britt"] {
        tokens.push(program.token(login).await);
    }
    program.start().await;
    let mut sockets = Vec::new();
    for token in &tokens {
        sockets.push(program.socket(token).await.expect("opens"));
    }
    let [anna, bo, asta, britt] = &mut sockets[..] else { panic!("four") };
    let mut ids: Vec<String> = Vec::new();
    let units = anna.call("units.list", json!({})).await.unwrap()["units"].clone();
    let named = |own: bool| units.as_array().unwrap().iter().find(|u| u["own"] == own).unwrap()["id"].clone();
    ids.extend([named(true), named(false)].map(|id| id.as_str().unwrap().to_owned()));
    let ask = json!({ "unit": named(true), "situation": "En förälder dricker sedan våren.", "question": "Vad kan ni erbjuda familjen?",
        "subject": "addiction", "urgency": "normal", "units": [named(false)] });
    let thread = anna.call("thread.ask", ask).await.unwrap()["thread"].clone();
    bo.event("thread.asked").await;
    bo.call("thread.claim", json!({ "thread": thread })).await.unwrap();
    bo.call("message.post", json!({ "thread": thread, "kind": "ask_back", "text": "Går hen till vårdcentralen?" })).await.unwrap();
    let held = json!({ "thread": thread, "kind": "reply", "text": "Vi tror att Björk kan hjälpa till.",
        "claims": [{ "field": "text", "start": 12, "end": 17 }], "hold": true });
    let held = anna.call("message.post", held).await.unwrap()["held"].clone();
    asta.call("review.open", json!({ "held": held })).await.unwrap();
    asta.call("review.return", json!({ "held": held, "reason": "Skriv trädet i stället." })).await.unwrap();
    britt.call("thread.open", json!({ "thread": thread })).await.unwrap();
    anna.call("thread.search", json!({ "text": "vårdcentralen" })).await.unwrap();
    anna.call("thread.search", json!({ "text": "Ring 070-174 06 37" })).await.unwrap_err();
    bo.call("thread.route", json!({ "thread": thread, "units": [], "reason": "Hör inte till oss." })).await.unwrap_err();
    let http = reqwest::Client::new();
    for (login, password) in [("anna", PASSWORD), ("anna", "fel lösenord här"), ("Hedvig Stråhlman", PASSWORD)] {
        http.post(program.url("/api/v1/session")).json(&json!({ "login": login, "password": password })).send().await.unwrap();
    }
    for path in ["/", "/?q=vårdcentralen", "/vårdcentralen", "/api/v1/session", "/healthz", "/readyz"] {
        http.get(program.url(path)).send().await.unwrap();
    }
    anna.call("thread.close", json!({ "thread": thread, "used": "yes", "otherwise": "phoned", "comment": "Det hjälpte familjen." }))
        .await
        .unwrap();
    let metrics = http.get(program.url("/metrics")).send().await.unwrap().text().await.unwrap();
    let http_call = |op: &str| http.post(program.url(&format!("/api/v1/{op}"))).bearer_auth(&tokens[0]).json(&json!({ "thread": thread }));
    http_call("thread.open").send().await.unwrap();
    http_call("thread.claim").send().await.unwrap();
    // With sockets open: their end is told at the finest level.
    program.stop().await;
    let log = std::fs::read_to_string(program.log()).unwrap();
    assert!(metrics.contains("radrum_http_requests_total") && metrics.contains("radrum_frames_sent_total"), "{metrics}");
    assert!(log.lines().count() > 10 && log.contains("thread.open") && log.contains("DEBUG") && log.contains("down"), "{log}");
    let mut never: Vec<String> = Program::names().into_iter().map(str::to_owned).collect();
    let content = [
        "förälder",
        "vårdcentralen",
        "v%C3%A5rd",
        "Björk",
        "trädet",
        "hjälpte familjen",
        "Hör inte till",
        "070-174",
        "Stråhlman",
        "fel lösenord",
        PASSWORD,
    ];
    never.extend(content.map(str::to_owned));
    never.extend(ids);
    never.extend(tokens);
    for word in &never {
        for (place, text) in [("log", &log), ("metrics", &metrics)] {
            let whole = regex::Regex::new(&format!(r"(?i)(^|[^\p{{L}}]){}($|[^\p{{L}}])", regex::escape(word))).unwrap();
            let line = text.lines().find(|line| whole.is_match(line));
            assert_eq!(line, None, "{word} in the {place}");
        }
    }
    let planted = format!("{log}\nx Ekengren y");
    let whole = regex::Regex::new(r"(?i)(^|[^\p{L}])Ekengren($|[^\p{L}])").unwrap();
    assert!(never.iter().any(|w| w == "Ekengren") && whole.is_match(&planted), "what is there is found");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invariant_09_log_and_metrics_name_nothing_sqlite() {
    quiet(Kind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invariant_09_log_and_metrics_name_nothing_postgres() {
    quiet(Kind::Postgres).await;
}
