//! 6: nobody moderates their own message; who may not read content does not; nobody reads both sides.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::{product_on_both, support::service::Service};

/// A reply by which its writer says that "Björk" is no name.
fn claimed(thread: &Value) -> Value {
    json!({ "thread": thread, "kind": "reply", "text": "Vi tror att Björk kan hjälpa till.",
        "claims": [{ "field": "text", "start": 12, "end": 17 }], "hold": true })
}

async fn code(s: &Service, login: &str, op: &str, body: Value) -> &'static str {
    match s.run(login, op, body).await {
        Ok(_) => "ok",
        Err(error) => error.code.as_str(),
    }
}

/// What a person can do about a held text: every way in is tried.
async fn may_review(s: &Service, login: &str, held: &Value) -> bool {
    let seen = code(s, login, "review.open", json!({ "held": held })).await;
    let inbox = s.run(login, "inbox.list", json!({})).await.unwrap();
    let listed = inbox["to_review"].as_array().unwrap().iter().any(|row| row["held"] == *held);
    // Writers read what they wrote, and decide nothing.
    let own = inbox["held"].as_array().unwrap().iter().any(|row| row["held"] == *held);
    assert_eq!(seen == "ok", listed || own, "{login}: {seen}");
    if !listed {
        for op in ["review.approve", "review.return"] {
            assert_eq!(code(s, login, op, json!({ "held": held, "reason": "Skriv om det." })).await, "not_found", "{login} {op}");
        }
    }
    listed
}

async fn invariant_06_nobody_moderates_their_own_message(s: Arc<Service>) {
    s.give("chef.a", &[("handler", "a"), ("unit_manager", "a")]).await;
    let mut ask = s.question(&["b"]);
    ask["situation"] = "Vi tror att Björk kan hjälpa till.".into();
    ask["claims"] = json!([{ "field": "situation", "start": 12, "end": 17 }]);
    ask["hold"] = true.into();
    let held = s.run("chef.a", "thread.ask", ask).await.unwrap()["held"].clone();
    assert!(!may_review(&s, "chef.a", &held).await, "a manager who wrote it");
    assert!(!may_review(&s, "anna", &held).await, "a colleague who is no manager");
    assert!(!may_review(&s, "chef.b", &held).await, "another unit's manager");
    assert!(may_review(&s, "reserv.a", &held).await, "the named backup");
    // The database has the last word.
    let id: radrum::id::Id = held.as_str().unwrap().parse().unwrap();
    let by_hand = s.house.db.write((id, s.people["chef.a"]), |tx, (id, chef)| {
        Box::pin(async move {
            let sql = "update held set state = 'approved', decided_by = $2, decided_at = 1 where id = $1";
            tx.run(sql, radrum::args![*id, *chef]).await?;
            Ok::<_, radrum::http::Error>(())
        })
    });
    assert!(by_hand.await.is_err());
    let thread = s.run("reserv.a", "review.approve", json!({ "held": held })).await.unwrap()["thread"].clone();
    let open = s.run("chef.a", "thread.open", json!({ "thread": thread })).await.unwrap();
    assert_eq!(open["messages"][0]["from"]["name"], "Asta Holm", "sent as the writer's own");
    assert_eq!(code(&s, "reserv.a", "review.approve", json!({ "held": held })).await, "held.decided");
}
product_on_both!(invariant_06_nobody_moderates_their_own_message, invariant_06_nobody_moderates_their_own_message);

async fn invariant_06_a_manager_sees_the_own_units_side_only(s: Arc<Service>) {
    let thread = s.run("anna", "thread.ask", s.question(&["b"])).await.unwrap()["thread"].clone();
    s.run("bo", "thread.claim", json!({ "thread": thread })).await.unwrap();
    let theirs = s.run("bo", "message.post", claimed(&thread)).await.unwrap()["held"].clone();
    let ours = s.run("anna", "message.post", claimed(&thread)).await.unwrap()["held"].clone();
    for (login, sees) in [("chef.a", [true, false]), ("reserv.a", [true, false]), ("chef.b", [false, true]), ("dubbel", [false, false])] {
        assert_eq!([may_review(&s, login, &ours).await, may_review(&s, login, &theirs).await], sees, "{login}");
    }
    let open = s.run("chef.b", "thread.open", json!({ "thread": thread })).await.unwrap();
    assert_eq!((&open["thread"]["side"], &open["messages"][0]["from"]["name"]), (&json!("answering"), &Value::Null));
    let review = s.run("chef.b", "review.open", json!({ "held": theirs })).await.unwrap();
    assert_eq!(review["risk"], Value::Null, "the answering side's manager is not told the figure either");
    assert_eq!(
        s.run("chef.a", "review.open", json!({ "held": ours })).await.unwrap()["risk"]["acceptable"],
        true,
        "what is claimed to be no name costs nothing"
    );
}
product_on_both!(invariant_06_a_manager_sees_the_own_units_side_only, invariant_06_a_manager_sees_the_own_units_side_only);

async fn invariant_06_who_may_not_read_content_does_not(s: Arc<Service>) {
    let asked = s.run("anna", "thread.ask", s.question(&["b"])).await.unwrap();
    let thread = asked["thread"].clone();
    let held = s.run("anna", "message.post", claimed(&thread)).await.unwrap()["held"].clone();
    for login in ["admin", "styr", "diarium"] {
        let mut socket = s.socket(login).await;
        let cookie = s.cookie(login).await;
        for (op, body) in [
            ("thread.open", json!({ "thread": thread })),
            ("thread.claim", json!({ "thread": thread })),
            ("message.post", json!({ "thread": thread, "kind": "reply", "text": "Hej" })),
            ("scan.check", json!({ "thread": thread, "fields": { "text": "Hej" } })),
            ("review.open", json!({ "held": held })),
            ("review.approve", json!({ "held": held })),
            ("held.withdraw", json!({ "held": held })),
        ] {
            assert_eq!(socket.call(op, body.clone()).await.unwrap_err()["code"], "not_found", "{login} {op}");
            assert_eq!(s.post(&cookie, op, Some(s.id()), &body).await.0, 404, "{login} {op}");
        }
        let inbox = socket.call("inbox.list", json!({})).await.unwrap();
        for heap in ["to_answer", "waiting", "closed", "to_review", "held"] {
            assert_eq!(inbox[heap], json!([]), "{login} {heap}");
        }
        assert_eq!(socket.call("thread.search", json!({ "text": "förälder" })).await.unwrap()["hits"], json!([]));
        let gone = socket.call("resume", json!({ "after": { asked["stream"].as_str().unwrap(): 0 } })).await.unwrap();
        assert_eq!(gone["gone"], json!([asked["stream"]]), "{login}");
        assert!(socket.call("thread.ask", s.question(&["b"])).await.is_err(), "{login} belongs to no unit");
    }
    // The auditor reads the own authority's, and takes no part.
    let open = s.run("revisor", "thread.open", json!({ "thread": thread })).await.unwrap();
    assert_eq!(open["thread"]["may"], json!({ "post": false, "claim": false, "release": false, "route": false, "close": false }));
    assert_eq!(open["held"], json!([]));
    assert_eq!(code(&s, "revisor", "message.post", json!({ "thread": thread, "kind": "reply", "text": "Hej" })).await, "role.missing");
    assert_eq!(code(&s, "revisor", "review.open", json!({ "held": held })).await, "not_found");
}
product_on_both!(invariant_06_who_may_not_read_content_does_not, invariant_06_who_may_not_read_content_does_not);

/// From unit b to unit c: both have people of one authority, so that somebody can belong to both.
async fn within(s: &Service, writer: &str) -> Value {
    let mut ask = s.question(&["c"]);
    ask["unit"] = json!(s.units["b"]);
    s.run(writer, "thread.ask", ask).await.unwrap()["thread"].clone()
}

async fn side(s: &Service, login: &str, thread: &Value) -> Option<String> {
    let open = s.run(login, "thread.open", json!({ "thread": thread })).await.ok()?;
    open["thread"]["side"].as_str().map(str::to_owned)
}

async fn invariant_06_somebody_of_both_sides_keeps_the_side_first_taken(s: Arc<Service>) {
    let thread = within(&s, "bo").await;
    assert_eq!(side(&s, "cilla", &thread).await.as_deref(), Some("answering"));
    s.give("cilla", &[("handler", "b"), ("handler", "c"), ("unit_manager", "b")]).await;
    assert_eq!(side(&s, "cilla", &thread).await.as_deref(), Some("answering"), "taken before the other role came");
    let open = s.run("cilla", "thread.open", json!({ "thread": thread })).await.unwrap();
    assert_eq!(open["messages"][0]["from"]["name"], Value::Null);
    assert_eq!(
        (&open["risk"], code(&s, "cilla", "thread.close", json!({ "thread": thread, "used": "no", "otherwise": "waited" })).await),
        (&Value::Null, "thread.not_yours")
    );
    s.give("cilla", &[("handler", "b"), ("unit_manager", "b")]).await;
    assert_eq!(side(&s, "cilla", &thread).await, None, "not the other side when the own is lost");
    s.give("bea", &[("handler", "b"), ("handler", "c")]).await;
    assert_eq!(side(&s, "bea", &thread).await.as_deref(), Some("asking"));
    assert_eq!(
        code(&s, "bea", "thread.claim", json!({ "thread": thread })).await,
        "thread.not_yours",
        "nobody answers their own unit's question"
    );
    s.give("bea", &[("handler", "c")]).await;
    assert_eq!(side(&s, "bea", &thread).await, None);
}
product_on_both!(
    invariant_06_somebody_of_both_sides_keeps_the_side_first_taken,
    invariant_06_somebody_of_both_sides_keeps_the_side_first_taken
);

async fn invariant_06_a_manager_of_both_sides_moderates_neither(s: Arc<Service>) {
    s.give("chef.b", &[("unit_manager", "b"), ("unit_manager", "c")]).await;
    let mut ask = s.question(&["c"]);
    ask["unit"] = json!(s.units["b"]);
    ask["situation"] = "Vi tror att Björk kan hjälpa till.".into();
    ask["claims"] = json!([{ "field": "situation", "start": 12, "end": 17 }]);
    ask["hold"] = true.into();
    for units in [json!([s.units["c"]]), Value::Null] {
        ask["units"] = units;
        let held = s.run("bo", "thread.ask", ask.clone()).await.unwrap()["held"].clone();
        assert!(!may_review(&s, "chef.b", &held).await, "the question itself");
    }
    let thread = within(&s, "bo").await;
    s.run("cilla", "thread.claim", json!({ "thread": thread })).await.unwrap();
    let asking = s.run("bo", "message.post", claimed(&thread)).await.unwrap()["held"].clone();
    let answering = s.run("cilla", "message.post", claimed(&thread)).await.unwrap()["held"].clone();
    for login in ["chef.b", "dubbel"] {
        assert!(!may_review(&s, login, &asking).await && !may_review(&s, login, &answering).await, "{login}");
    }
    s.give("chef.b", &[("unit_manager", "b")]).await;
    assert!(may_review(&s, "chef.b", &asking).await, "of one side only: again");
}
product_on_both!(invariant_06_a_manager_of_both_sides_moderates_neither, invariant_06_a_manager_of_both_sides_moderates_neither);
