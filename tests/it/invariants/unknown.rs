//! 5: unknown and forbidden answer alike, and no answer is a way to find out which unit asked.

use std::sync::Arc;

use radrum::{
    id::Id,
    rooms::units::{self, NewUnit},
};
use serde_json::{Value, json};

use crate::{product_on_both, support::service::Service};

/// Everything that takes an id, with this id in it.
fn requests(id: &Value) -> Vec<(&'static str, Value)> {
    vec![
        ("thread.open", json!({ "thread": id })),
        ("thread.claim", json!({ "thread": id })),
        ("thread.release", json!({ "thread": id })),
        ("thread.route", json!({ "thread": id, "units": [Id::NIL], "reason": "Fel enhet." })),
        ("thread.read", json!({ "thread": id, "n": 1 })),
        ("thread.typing", json!({ "thread": id, "on": true })),
        ("thread.close", json!({ "thread": id, "used": "yes", "otherwise": "waited" })),
        ("message.post", json!({ "thread": id, "kind": "reply", "text": "Hej" })),
        ("message.post", json!({ "thread": id, "kind": "advice", "advice": "Hej" })),
        ("scan.check", json!({ "thread": id, "fields": { "text": "Hej" } })),
        ("review.open", json!({ "held": id })),
        ("review.approve", json!({ "held": id })),
        ("review.return", json!({ "held": id, "reason": "Skriv om det." })),
        ("held.withdraw", json!({ "held": id })),
        ("resume", json!({ "after": { id.as_str().unwrap(): 0 } })),
        ("case.open", json!({ "link": id, "reason": "Kontroll." })),
        ("case.feed", json!({ "link": id })),
        ("case.post", json!({ "link": id, "text": "Hej", "categories": ["health"] })),
        ("case.answer", json!({ "link": id, "consent": id })),
        ("case.close", json!({ "link": id })),
        ("case.close", json!({ "case": id })),
        ("case.assign", json!({ "link": id, "login": "alva" })),
        ("case.assign", json!({ "case": id, "login": "alva" })),
        ("case.link", json!({ "thread": id, "case": id, "consent": id, "unit": id, "text": "Hej", "categories": ["health"] })),
        ("consent.list", json!({ "case": id })),
        ("consent.show", json!({ "consent": id, "reason": "Kontroll." })),
        ("consent.give", json!({ "consent": id, "giver": id, "form": "oral" })),
        ("consent.refuse", json!({ "consent": id, "giver": id })),
        ("consent.narrow", json!({ "consent": id, "categories": ["health"] })),
        ("consent.revoke", json!({ "consent": id })),
    ]
}

async fn invariant_05_unknown_and_forbidden_answer_alike(s: Arc<Service>) {
    let mut anna = s.socket("anna").await;
    let asked = anna.call("thread.ask", s.question(&["b"])).await.unwrap();
    let held = json!({ "thread": asked["thread"], "kind": "reply", "text": "Vi tror att Björk kan hjälpa till.",
        "claims": [{ "field": "text", "start": 12, "end": 17 }], "hold": true });
    let held = anna.call("message.post", held).await.unwrap()["held"].clone();
    let case = s.named().await;
    let mut compared = 0;
    for login in ["cilla", "dubbel", "chef.b", "alva", "bo", "admin", "styr", "diarium", "revisor"] {
        let mut socket = s.socket(login).await;
        let cookie = s.cookie(login).await;
        for real in [&asked["thread"], &held, &asked["stream"], &case.link, &case.case, &case.consent, &case.answer_consent] {
            let unknown = json!(s.id());
            for ((op, body), (_, other)) in requests(real).into_iter().zip(requests(&unknown)) {
                let forbidden = match (socket.call(op, body.clone()).await, op) {
                    (Ok(ok), "resume") if ok["gone"][0] == *real => json!({ "gone": 1 }),
                    // Those who may have it are no matter of this test.
                    (Ok(_), _) => continue,
                    (Err(error), _) if error["code"] != "not_found" => continue,
                    (Err(error), _) => error,
                };
                let missing = match socket.call(op, other.clone()).await {
                    Ok(ok) if ok["gone"][0] == unknown => json!({ "gone": 1 }),
                    Ok(ok) => panic!("{login} {op}: {ok}"),
                    Err(error) => error,
                };
                assert_eq!(forbidden, missing, "{login} {op} over the socket");
                let there = s.post(&cookie, op, Some(s.id()), &body).await;
                let absent = s.post(&cookie, op, Some(s.id()), &other).await;
                let text = |answer: &(u16, Value), id: &Value| (answer.0, answer.1.to_string().replace(id.as_str().unwrap(), "id"));
                assert_eq!(text(&there, real), text(&absent, &unknown), "{login} {op} over HTTP");
                compared += 1;
            }
        }
    }
    assert!(compared > 200, "{compared}");
    // Who is a stranger to the thread gets nothing but that answer.
    for (op, body) in requests(&asked["thread"]) {
        match s.run("cilla", op, body).await {
            Err(error) => assert!(["not_found", "op.unknown"].contains(&error.code.as_str()), "{op}: {error:?}"),
            Ok(ok) => panic!("{op}: {ok}"),
        }
    }
}
product_on_both!(invariant_05_unknown_and_forbidden_answer_alike, invariant_05_unknown_and_forbidden_answer_alike);

/// A question of a hidden unit, taken on by bo. Thread and the asking stream.
async fn hidden(s: &Service, unit: Id, asker: &str) -> Value {
    let mut ask = s.question(&["b"]);
    ask["unit"] = json!(unit);
    ask["hide_unit"] = true.into();
    let asked = s.run(asker, "thread.ask", ask).await.unwrap();
    s.run("bo", "thread.claim", json!({ "thread": asked["thread"] })).await.unwrap();
    asked["thread"].clone()
}

async fn invariant_05_passing_a_question_on_does_not_try_out_who_asked(s: Arc<Service>) {
    let mut answers = Vec::new();
    for to in [vec!["a"], vec!["c"], vec!["a", "c"]] {
        let thread = hidden(&s, s.units["a"], "anna").await;
        let mut bea = s.socket("bea").await;
        let units: Vec<Id> = to.iter().map(|key| s.units[key]).collect();
        let said = s.run("bo", "thread.route", json!({ "thread": thread, "units": units, "reason": "Fel enhet." })).await;
        let heard = bea.wait("thread.left", |f| f["event"] == "thread.left" && f["thread"]["id"] == thread).await;
        answers.push((said, heard["n"].clone(), s.run("bo", "thread.open", json!({ "thread": thread })).await.unwrap_err().code));
        // Those who asked have it back and can pass it on.
        let open = s.run("anna", "thread.open", json!({ "thread": thread })).await.unwrap();
        assert_eq!(open["thread"]["may"]["route"], true);
        if to == ["a"] {
            assert_eq!(open["thread"]["asked"], json!([]));
            s.run("anna", "thread.route", json!({ "thread": thread, "units": [s.units["c"]], "reason": "Vi prövar här." })).await.unwrap();
        }
        assert_eq!(s.run("cilla", "thread.open", json!({ "thread": thread })).await.unwrap()["thread"]["asked_by"]["unit"], Value::Null);
    }
    assert_eq!(answers[0], answers[1], "the unit that asked, and another");
    assert_eq!(answers[1], answers[2]);
}
product_on_both!(
    invariant_05_passing_a_question_on_does_not_try_out_who_asked,
    invariant_05_passing_a_question_on_does_not_try_out_who_asked
);

async fn invariant_05_what_the_answering_side_may_write_does_not_tell_the_size_of_a_hidden_place(s: Arc<Service>) {
    // A handler in a municipality of 2,400 people asks as one in a town of 160,000 does.
    let village = NewUnit {
        authority: "A".into(),
        domain: "Socialtjänst".into(),
        name: "Byn".into(),
        municipality: "2403".into(),
        phone: "0980-319204".into(),
        target_days: 3,
        staff: 12,
        subjects: vec!["children".into()],
        backup_unit: None,
    };
    let args = (s.house.clone(), village, s.people["alva"]);
    let village = s
        .house
        .db
        .write(args, |tx, (house, new, alva)| {
            Box::pin(async move {
                let unit = units::create(tx, house, new).await?;
                tx.run("insert into unit_role (person_id, unit_id, role) values ($1, $2, 'handler')", radrum::args![*alva, unit]).await?;
                Ok::<_, radrum::http::Error>(unit)
            })
        })
        .await
        .unwrap();
    let (town, village) = (hidden(&s, s.units["a"], "anna").await, hidden(&s, village, "alva").await);
    for text in ["Hur gör ni när familjen är somalisk?", "Är barnet 7 år?", "Bor de kvar i Västerås?", "Är hon 7 år och somalisk?"]
    {
        let mut said = Vec::new();
        for thread in [&town, &village] {
            let post = json!({ "thread": thread, "kind": "ask_back", "text": text });
            said.push(s.run("bo", "message.post", post).await.map(|ok| ok["n"].clone()));
        }
        assert_eq!(said[0], said[1], "{text}");
    }
}
product_on_both!(
    invariant_05_what_the_answering_side_may_write_does_not_tell_the_size_of_a_hidden_place,
    invariant_05_what_the_answering_side_may_write_does_not_tell_the_size_of_a_hidden_place
);
