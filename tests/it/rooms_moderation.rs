//! The review queue: what is held, who decides, and what is left of the text.

use std::sync::Arc;

use radrum::{args, db::Row, id::Id};
use serde_json::{Value, json};

use crate::{
    product_on_both,
    support::{service::Service, steps::NARROW},
};

/// Finds a name that is none, at 30..39.
const MODEL: &str = "Familjen har fått stöd enligt Lindqvist.";

fn claim() -> Value {
    json!([{ "field": "situation", "start": 30, "end": 39 }])
}

fn claimed_question(s: &Service) -> Value {
    let mut question = s.question(&["b"]);
    question["situation"] = MODEL.into();
    question["claims"] = claim();
    question
}

/// State, wrapped key and text of a held row, as they stand in the database.
async fn stored(s: &Service, held: &Value) -> (String, Option<Vec<u8>>, Option<Vec<u8>>) {
    let id: Id = held.as_str().unwrap().parse().unwrap();
    let row: Row =
        s.house.db.read().await.unwrap().one("select state, wrapped_key, sealed from held where id = $1", args![id]).await.unwrap();
    (row.get("state").unwrap(), row.get("wrapped_key").unwrap(), row.get("sealed").unwrap())
}

product_on_both!(a_claimed_false_alarm_waits_and_reaches_the_other_side_live, |s: Arc<Service>| async move {
    let (mut anna, mut asta, mut bo) = (s.socket("anna").await, s.socket("chef.a").await, s.socket("bo").await);
    let mut question = claimed_question(&s);
    let refused = anna.call("thread.ask", question.clone()).await.unwrap_err();
    assert_eq!((&refused["code"], &refused["reasons"]), (&json!("scan.needs_review"), &json!(["claim"])));
    question["hold"] = true.into();
    let held = anna.call("thread.ask", question).await.unwrap()["held"].clone();
    assert_eq!(asta.event("review.changed").await["held"], held);
    let view = asta.call("review.open", json!({ "held": held })).await.unwrap();
    assert_eq!((&view["fields"]["situation"], &view["claims"]), (&json!(MODEL), &claim()));
    assert_eq!(view["risk"]["acceptable"], true, "the name that is none counts for nobody");
    let thread = asta.call("review.approve", json!({ "held": held })).await.unwrap()["thread"].clone();
    assert_eq!(bo.event("thread.asked").await["thread"]["id"], thread);
    assert_eq!(anna.wait("approved", |f| f["state"] == "approved").await["held"], held);
    let (state, key, text) = stored(&s, &held).await;
    assert_eq!((state.as_str(), key, text), ("approved", None, None));
    // What has been approved does not hold up what comes after it.
    bo.call("thread.claim", json!({ "thread": thread })).await.unwrap();
    let open = anna.call("thread.open", json!({ "thread": thread })).await.unwrap();
    assert_eq!(open["messages"][0]["from"]["name"], "Anna Ek", "sent as its writer's own");
    assert_eq!(open["risk"]["acceptable"], true);
    anna.call("message.post", json!({ "thread": thread, "kind": "reply", "text": "Det gäller en familj hos oss." })).await.unwrap();
});

product_on_both!(returned_is_destroyed_and_the_reason_comes_back, |s: Arc<Service>| async move {
    let mut question = claimed_question(&s);
    question["hold"] = true.into();
    let held = s.ok("anna", "thread.ask", question).await["held"].clone();
    let (_, key, text) = stored(&s, &held).await;
    let named = json!({ "held": held, "reason": "Fråga Karin Lindqvist om det." });
    assert_eq!(s.code("chef.a", "review.return", named).await, "scan.blocked");
    assert_eq!(s.code("chef.a", "review.return", json!({ "held": held, "reason": " " })).await, "field.invalid");
    s.ok("chef.a", "review.return", json!({ "held": held, "reason": "Beskriv modellen i stället." })).await;
    let (state, new_key, new_text) = stored(&s, &held).await;
    assert_eq!(state, "returned");
    assert!(new_key.is_some() && new_key != key && new_text != text, "text and key are replaced by the reason's");
    let row = &s.heap("anna", "held").await[0];
    assert_eq!((&row["state"], &row["reason"]), (&json!("returned"), &json!("Beskriv modellen i stället.")));
    for op in ["review.open", "review.approve"] {
        assert_eq!(s.code("chef.a", op, json!({ "held": held })).await, "held.decided", "{op}");
    }
    // Read and laid aside: the reason goes too.
    assert_eq!(s.code("anna", "held.withdraw", json!({ "held": held })).await, "ok");
    assert!(s.heap("anna", "held").await.is_empty());
    assert_eq!(stored(&s, &held).await, ("withdrawn".into(), None, None));
    assert_eq!(s.code("anna", "held.withdraw", json!({ "held": held })).await, "held.decided");
});

product_on_both!(withdrawn_is_gone, |s: Arc<Service>| async move {
    let thread = s.taken().await;
    let held = s.held("anna", &thread, NARROW).await;
    assert_eq!(s.open("anna", &thread).await["held"][0]["held"], held);
    assert!(s.open("alva", &thread).await["held"].as_array().unwrap().is_empty(), "a colleague does not see it");
    for other in ["alva", "chef.a", "bo", "admin"] {
        assert_eq!(s.code(other, "held.withdraw", json!({ "held": held })).await, "not_found", "{other}");
    }
    s.ok("anna", "held.withdraw", json!({ "held": held })).await;
    let (state, key, text) = stored(&s, &held).await;
    assert_eq!((state.as_str(), key, text), ("withdrawn", None, None));
    assert_eq!(s.code("chef.a", "review.approve", json!({ "held": held })).await, "held.decided");
    assert!(s.heap("chef.a", "to_review").await.is_empty() && s.heap("anna", "held").await.is_empty());
    assert_eq!(s.kinds("bo", &thread).await, ["question"]);
});

product_on_both!(the_limit_is_crossed_by_the_second_message, |s: Arc<Service>| async move {
    let thread = s.taken().await;
    s.reply("anna", &thread, "Föräldern är 43 år.").await;
    let second = json!({ "thread": thread, "kind": "reply", "text": "Hen är somalisk." });
    let refused = s.run("anna", "message.post", second.clone()).await.unwrap_err();
    assert_eq!((refused.code.as_str(), &refused.extra["reasons"]), ("scan.needs_review", &json!(["risk"])));
    assert_eq!(refused.extra["risk"]["acceptable"], false);
    // In a thread of its own it is nothing.
    let other = s.taken().await;
    s.reply("anna", &other, "Hen är somalisk.").await;
    let check = s.ok("anna", "scan.check", json!({ "thread": thread, "fields": { "text": "Hen är somalisk." } })).await;
    assert_eq!(check["risk"]["acceptable"], false, "the page can know beforehand");
});

product_on_both!(two_messages_at_once_are_not_judged_apart, |s: Arc<Service>| async move {
    for _ in 0..4 {
        let thread = s.taken().await;
        let post = |text: &str| json!({ "thread": thread, "kind": "reply", "text": text });
        let (age, origin) = (post("Föräldern är 43 år."), post("Hen är somalisk."));
        let (one, two) = tokio::join!(s.code("anna", "message.post", age), s.code("alva", "message.post", origin));
        let mut codes = [one, two];
        codes.sort_unstable();
        assert_eq!(codes, ["ok", "scan.needs_review"]);
    }
});

product_on_both!(only_names_can_be_claimed, |s: Arc<Service>| async move {
    let thread = s.taken().await;
    let post = |text: &str, start: usize, end: usize| {
        let claims = json!([{ "field": "text", "start": start, "end": end }]);
        json!({ "thread": thread, "kind": "reply", "text": text, "claims": claims, "hold": true })
    };
    let refused = s.run("anna", "message.post", post("Ring 070-174 06 11.", 5, 18)).await.unwrap_err();
    assert_eq!(refused.code.as_str(), "scan.blocked");
    assert_eq!(refused.extra["findings"][0]["structured"], true);
    // A claim that is off by one is none.
    assert_eq!(s.code("anna", "message.post", post("Enligt Lindqvist.", 7, 15)).await, "scan.blocked");
    // Claiming that an age is no name does not take it out of the reckoning.
    let mut narrow = post(NARROW, 13, 18);
    narrow["hold"] = false.into();
    let refused = s.run("anna", "message.post", narrow).await.unwrap_err();
    assert_eq!((refused.code.as_str(), &refused.extra["reasons"]), ("scan.needs_review", &json!(["risk"])));
    assert_eq!(s.kinds("bo", &thread).await, ["question"]);
});

product_on_both!(two_managers_at_once_decide_once, |s: Arc<Service>| async move {
    for _ in 0..4 {
        let thread = s.taken().await;
        let held = s.held("anna", &thread, NARROW).await;
        let which = json!({ "held": held });
        let (one, two) =
            tokio::join!(s.code("chef.a", "review.approve", which.clone()), s.code("reserv.a", "review.approve", which.clone()));
        let mut codes = [one, two];
        codes.sort_unstable();
        assert_eq!(codes, ["held.decided", "ok"]);
        assert_eq!(s.kinds("bo", &thread).await, ["question", "reply"]);
    }
});

product_on_both!(nobody_decides_on_their_own, |s: Arc<Service>| async move {
    let thread = s.taken().await;
    let held = s.held("chef.a", &thread, NARROW).await;
    assert_eq!(s.code("chef.a", "review.approve", json!({ "held": held })).await, "not_found");
    assert_eq!(s.ok("chef.a", "review.open", json!({ "held": held })).await["fields"]["text"], NARROW, "the own words may be read again");
    assert_eq!(s.code("chef.a", "review.return", json!({ "held": held, "reason": "Nej." })).await, "not_found");
    assert!(s.heap("chef.a", "to_review").await.is_empty());
    for other in ["anna", "alva", "bo", "chef.b", "admin", "revisor", "styr", "diarium"] {
        assert_eq!(s.code(other, "review.approve", json!({ "held": held })).await, "not_found", "{other}");
    }
    assert_eq!(s.heap("reserv.a", "to_review").await[0]["held"], held);
    s.ok("reserv.a", "review.approve", json!({ "held": held })).await;
});

product_on_both!(a_manager_of_both_sides_moderates_neither, |s: Arc<Service>| async move {
    let thread = s.taken().await;
    let held = s.held("anna", &thread, NARROW).await;
    let mut question = claimed_question(&s);
    question["hold"] = true.into();
    let asked = s.ok("anna", "thread.ask", question).await["held"].clone();
    let args = (s.people["chef.a"], s.unit("b"));
    s.house
        .db
        .write(args, |tx, (person, unit)| {
            Box::pin(async move {
                tx.run("insert into unit_role (person_id, unit_id, role) values ($1, $2, 'handler')", args![*person, *unit]).await?;
                Ok::<_, radrum::http::Error>(())
            })
        })
        .await
        .unwrap();
    assert!(s.heap("chef.a", "to_review").await.is_empty());
    for held in [&held, &asked] {
        assert_eq!(s.code("chef.a", "review.approve", json!({ "held": held })).await, "not_found");
        s.ok("reserv.a", "review.approve", json!({ "held": held })).await;
    }
});

product_on_both!(the_answering_side_holds_too_and_learns_no_figure, |s: Arc<Service>| async move {
    let thread = s.taken().await;
    let post = json!({ "thread": thread, "kind": "reply", "text": NARROW });
    let refused = s.run("bo", "message.post", post).await.unwrap_err();
    assert_eq!((refused.code.as_str(), refused.extra.get("risk")), ("scan.needs_review", None));
    let held = s.held("bo", &thread, NARROW).await;
    assert_eq!(s.ok("chef.b", "review.open", json!({ "held": held })).await["risk"], json!(null));
    for other in ["chef.a", "reserv.a", "dubbel"] {
        assert_eq!(s.code(other, "review.open", json!({ "held": held })).await, "not_found", "{other}");
    }
    s.ok("chef.b", "review.approve", json!({ "held": held })).await;
    assert_eq!(s.kinds("anna", &thread).await, ["question", "reply"]);
});

product_on_both!(what_was_held_waits_when_the_thread_has_closed, |s: Arc<Service>| async move {
    let thread = s.taken().await;
    let held = s.held("anna", &thread, NARROW).await;
    s.ok("alva", "thread.close", json!({ "thread": thread, "used": "no", "otherwise": "guessed" })).await;
    assert_eq!(s.code("chef.a", "review.approve", json!({ "held": held })).await, "thread.closed");
    assert_eq!(stored(&s, &held).await.0, "waiting");
    assert_eq!(s.heap("chef.a", "to_review").await[0]["held"], held);
    s.ok("chef.a", "review.return", json!({ "held": held, "reason": "Tråden är stängd." })).await;
    assert_eq!(s.kinds("chef.a", &thread).await, ["question", "close"]);
});

product_on_both!(what_was_held_is_not_sent_for_one_who_let_go, |s: Arc<Service>| async move {
    let thread = s.taken().await;
    let held = s.held("bo", &thread, NARROW).await;
    s.ok("bo", "thread.release", json!({ "thread": thread })).await;
    assert_eq!(s.code("chef.b", "review.approve", json!({ "held": held })).await, "thread.not_yours");
    assert_eq!(stored(&s, &held).await.0, "waiting");
});
