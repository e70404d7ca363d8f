//! 4: a consent that ends closes the case at once, on every open socket and every node; and also when nobody was there to see it end.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use radrum::{args, db::Kind, rooms::House};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::{
    product_on_both,
    support::service::{Service, Socket, guarded, listen},
};

const WITHIN: Duration = Duration::from_secs(1);

/// Waits for the word that the case has closed; how long after `since` it came. Then nothing is told any more.
async fn closes(socket: &mut Socket, link: &Value, since: Instant) -> Duration {
    socket.wait("the end", |f| f["event"] == "case.changed" && f["change"] == "closed" && f["link"] == *link).await;
    let took = since.elapsed();
    for (op, body) in [
        ("case.open", json!({ "link": link, "reason": "Kontroll." })),
        ("case.feed", json!({ "link": link })),
        ("case.post", json!({ "link": link, "text": "Hej.", "categories": ["health"] })),
    ] {
        let refused = socket.call(op, body).await.expect_err(op);
        assert!(["case.closed", "not_found"].contains(&refused["code"].as_str().unwrap()), "{op}: {refused}");
        assert!(!refused.to_string().contains("Hedvig"));
    }
    took
}

async fn invariant_04_a_revoked_consent_closes_two_open_sockets(s: Arc<Service>) {
    let c = s.named().await;
    s.ok("bo", "case.assign", json!({ "link": c.link, "login": "bea" })).await;
    let (mut bo, mut bea, mut chef) = (s.socket("bo").await, s.socket("bea").await, s.socket("chef.b").await);
    for socket in [&mut bo, &mut bea, &mut chef] {
        assert!(socket.call("case.open", json!({ "link": c.link, "reason": "Kontroll." })).await.unwrap().to_string().contains("Hedvig"));
    }
    let since = Instant::now();
    s.ok("anna", "consent.revoke", json!({ "consent": c.consent })).await;
    let (a, b, m) = tokio::join!(closes(&mut bo, &c.link, since), closes(&mut bea, &c.link, since), closes(&mut chef, &c.link, since));
    println!("revoked: closed after {} ms, {} ms and {} ms", a.as_millis(), b.as_millis(), m.as_millis());
    assert!(a < WITHIN && b < WITHIN && m < WITHIN);
    // The unit's own record stays with it, without what the other wrote.
    assert_eq!(s.ok("anna", "case.open", json!({ "link": c.link })).await["open"], false);
}
product_on_both!(invariant_04_a_revoked_consent_closes_two_open_sockets, invariant_04_a_revoked_consent_closes_two_open_sockets);

/// A consent with a moment left to live.
async fn brief(s: &Service, milliseconds: i64) -> (Value, Value) {
    let thread = s.taken().await;
    let (case, subject) = s.case_of("anna", "a", "Hedvig Stråhlman").await;
    let (consent, giver) = s.drafted("anna", &case, &subject, &["b"], &["health"]).await;
    let until = s.moment().await + milliseconds * 1_000;
    s.must("update consent set until_at = $2 where id = $1", args![consent.as_str().unwrap().parse::<radrum::id::Id>().unwrap(), until])
        .await;
    s.ok("anna", "consent.give", json!({ "consent": consent, "giver": giver, "form": "oral" })).await;
    let body = json!({ "thread": thread, "case": case, "consent": consent, "unit": s.unit("b"), "text": "Hedvig mår sämre.", "categories": ["health"] });
    (s.ok("anna", "case.link", body).await["link"].clone(), consent)
}

async fn invariant_04_an_expired_consent_closes_by_itself(s: Arc<Service>) {
    let (mut bo, mut other) = (s.socket("bo").await, s.socket("bo").await);
    let begun = Instant::now();
    let (link, consent) = brief(&s, 2_500).await;
    for socket in [&mut bo, &mut other] {
        socket.call("case.open", json!({ "link": link })).await.unwrap();
    }
    let left =
        s.house.db.read().await.unwrap().one("select until_at - (select at from moment) as left from consent", args![]).await.unwrap();
    let ends = Instant::now() + Duration::from_micros(left.get::<i64>("left").unwrap().try_into().unwrap());
    let (a, b) = tokio::join!(closes(&mut bo, &link, ends), closes(&mut other, &link, ends));
    println!("expired: closed after {} ms and {} ms (of {} ms)", a.as_millis(), b.as_millis(), begun.elapsed().as_millis());
    assert!(Instant::now() > ends && a < WITHIN && b < WITHIN);
    let listed = s.ok("anna", "consent.show", json!({ "consent": consent })).await;
    assert_eq!(listed["state"], "expired");
    assert_eq!(s.count("select count(*) as n from audit where action = 'consent.expire'", args![]).await, 1);
}
product_on_both!(invariant_04_an_expired_consent_closes_by_itself, invariant_04_an_expired_consent_closes_by_itself);

/// The service is down when the consent runs out; and up again, it may not have noticed yet: the moment decides, not a job.
async fn invariant_04_it_ends_also_when_nobody_was_there(s: Arc<Service>) {
    let (link, consent) = brief(&s, 60_000).await;
    assert_eq!(s.told("bo", &link).await.len(), 1);
    // Past every job: it is a minute later, and nobody has written down that the consent has run out.
    let late = s.house.db.write(s.people["bo"], |tx, _| {
        Box::pin(async move {
            tx.run("update clock_mark set at = (select at from moment) + 61000000", args![]).await?;
            let state = tx.one("select state from consent", args![]).await?.get::<String>("state")?;
            let live = tx.one("select count(*) as n from case_link_live", args![]).await?.get::<i64>("n")?;
            let open = tx.one("select count(*) as n from case_link where state = 'open'", args![]).await?.get::<i64>("n")?;
            Ok::<_, radrum::db::Error>((state, live, open))
        })
    });
    assert_eq!(late.await.unwrap(), ("given".to_owned(), 0, 1), "closed, though nobody has written so");
    assert_eq!(s.code("bo", "case.open", json!({ "link": link })).await, "case.closed");
    assert_eq!(s.code("anna", "consent.revoke", json!({ "consent": consent })).await, "consent.decided");
    let shown = s.ok("anna", "consent.show", json!({ "consent": consent })).await;
    assert_eq!(shown["state"], "expired");
}
product_on_both!(invariant_04_it_ends_also_when_nobody_was_there, invariant_04_it_ends_also_when_nobody_was_there);

async fn invariant_04_a_narrowed_unit_is_closed_out_at_once(s: Arc<Service>) {
    let thread = s.taken().await;
    let (case, subject) = s.case_of("anna", "a", "Hedvig Stråhlman").await;
    let (consent, _) = s.given("anna", &case, &subject, &["b", "c"], &["health"]).await;
    let body = json!({ "thread": thread, "case": case, "consent": consent, "unit": s.unit("b"), "text": "Hedvig mår sämre.", "categories": ["health"] });
    let link = s.ok("anna", "case.link", body).await["link"].clone();
    let mut bo = s.socket("bo").await;
    bo.call("case.open", json!({ "link": link })).await.unwrap();
    let since = Instant::now();
    s.ok("anna", "consent.narrow", json!({ "consent": consent, "units": [s.unit("c")] })).await;
    let took = closes(&mut bo, &link, since).await;
    println!("narrowed: closed after {} ms", took.as_millis());
    assert!(took < WITHIN);
}
product_on_both!(invariant_04_a_narrowed_unit_is_closed_out_at_once, invariant_04_a_narrowed_unit_is_closed_out_at_once);

/// A refusal is nobody's business: no event, no list, no difference.
async fn invariant_04_a_refusal_is_invisible(s: Arc<Service>) {
    let c = s.linked().await;
    let (mut bo, mut alva) = (s.socket("bo").await, s.socket("alva").await);
    let before = bo.call("case.open", json!({ "link": c.link })).await.unwrap();
    let (second, giver) = s.drafted("anna", &c.case, &c.subject, &["b"], &["economy"]).await;
    s.ok("anna", "consent.refuse", json!({ "consent": second, "giver": giver })).await;
    let quiet = Duration::from_millis(400);
    assert_eq!((bo.drain(quiet).await, alva.drain(quiet).await), (Vec::<Value>::new(), Vec::new()));
    let mut after = bo.call("case.open", json!({ "link": c.link })).await.unwrap();
    after["at"] = before["at"].clone();
    assert_eq!(before, after);
    for login in ["bo", "bea", "alva", "chef.b", "admin", "revisor"] {
        let refused = s.run(login, "consent.show", json!({ "consent": second, "reason": "Kontroll." })).await.unwrap_err();
        assert_eq!(refused.code.as_str(), "not_found", "{login}");
    }
    assert_eq!(s.code("anna", "consent.give", json!({ "consent": second, "giver": giver, "form": "oral" })).await, "consent.decided");
}
product_on_both!(invariant_04_a_refusal_is_invisible, invariant_04_a_refusal_is_invisible);

async fn invariant_04_another_node_closes_too(s: Arc<Service>) {
    let stop = CancellationToken::new();
    let (address, task) = listen(House { db: s.db.other_node().await, ..s.house.clone() }, stop.clone()).await;
    let c = s.named().await;
    let mut here = s.socket("bo").await;
    let mut there = Socket::open(address, &s.cookie("bo").await).await;
    let mut anna = s.socket("anna").await;
    for socket in [&mut here, &mut there] {
        socket.call("case.open", json!({ "link": c.link })).await.unwrap();
    }
    let since = Instant::now();
    anna.call("consent.revoke", json!({ "consent": c.consent })).await.unwrap();
    let (a, b) = tokio::join!(closes(&mut here, &c.link, since), closes(&mut there, &c.link, since));
    println!("two nodes: closed after {} ms and {} ms", a.as_millis(), b.as_millis());
    assert!(a < WITHIN && b < WITHIN);
    stop.cancel();
    task.await.unwrap();
}

mod invariant_04_another_node_closes_too {
    use super::*;

    // A SQLite folder is served by one process: there is no second node.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn postgres() {
        let service = Service::start(Kind::Postgres).await;
        guarded(service, |s| Box::pin(super::invariant_04_another_node_closes_too(s))).await;
    }
}
