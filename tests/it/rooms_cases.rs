//! Consents and named cases, step by step, on both databases.

use std::sync::Arc;

use radrum::args;
use serde_json::{Value, json};

use crate::{
    product_on_both,
    support::{consents::ADULT, service::Service},
};

const MOTHER: &str = "19790114-2393";
const FATHER: &str = "19520630-2381";
const CHILD: &str = "20180905-2382";

product_on_both!(a_case_from_the_first_word_to_the_last, |s: Arc<Service>| async move {
    let c = s.agreed().await;
    let link = |categories: Value, unit: &str| json!({ "thread": c.thread, "case": c.case, "consent": c.consent, "unit": s.unit(unit), "text": "Hon mår sämre.", "categories": categories });
    assert_eq!(s.code("anna", "case.link", link(json!(["economy"]), "b")).await, "consent.missing", "outside what was agreed");
    assert_eq!(s.code("anna", "case.link", link(json!([]), "b")).await, "field.invalid");
    assert_eq!(s.code("anna", "case.link", link(json!(["health"]), "c")).await, "field.invalid", "a unit that has not taken it on");
    assert_eq!(s.count("select count(*) as n from case_link", args![]).await, 0);
    let made = s.ok("anna", "case.link", link(json!(["health"]), "b")).await["link"].clone();
    assert_eq!(s.code("anna", "case.link", link(json!(["health"]), "b")).await, "field.invalid", "once is enough");
    // The other unit: who it is about and what may be told; nothing of the sender's own papers.
    let open = s.ok("bo", "case.open", json!({ "link": made })).await;
    assert_eq!(open["subjects"], json!([{ "name": "Hedvig Stråhlman", "personnummer": "198503129812" }]));
    assert_eq!(open["told"]["categories"], json!(["health", "support"]));
    for hidden in ["case", "case_number", "thread"] {
        assert_eq!(open.get(hidden), None, "{hidden}");
    }
    assert_eq!((&open["consent"], &open["may"]["post"]), (&Value::Null, &json!(false)));
    let own = s.ok("anna", "case.open", json!({ "link": made })).await;
    assert_eq!((&own["case"], &own["thread"], &own["case_number"]), (&c.case, &c.thread, &json!("SN 2026:17")));
    // The thread knows nothing of it.
    let thread = s.open("bo", &c.thread).await.to_string();
    assert!(!thread.contains(made.as_str().unwrap()) && !thread.contains(c.case.as_str().unwrap()) && !thread.contains("Hedvig"));
    let feed = s.ok("bo", "case.feed", json!({ "link": made })).await;
    assert_eq!(feed["messages"][0]["from"], json!({ "unit_name": "Barn och unga Norr", "name": "Anna Ek" }), "here they have names");
    assert!(!feed.to_string().contains(&s.people["anna"].to_string()), "and never ids");
    // The other direction has a gate of its own.
    let post = |text: &str, categories: Value| json!({ "link": made, "text": text, "categories": categories });
    assert_eq!(s.code("bo", "case.post", post("Hon har kontakt här.", json!(["health"]))).await, "consent.missing");
    let (case, subject) = s.case_of("bo", "b", "Hedvig Stråhlman").await;
    let (back, _) = s.given("bo", &case, &subject, &["a"], &["health"]).await;
    assert_eq!(
        s.code("bo", "case.answer", json!({ "link": made, "consent": c.consent })).await,
        "field.invalid",
        "somebody else's consent"
    );
    s.ok("bo", "case.answer", json!({ "link": made, "consent": back })).await;
    s.ok("bo", "case.post", post("Hon har kontakt här.", json!(["health"]))).await;
    assert_eq!(s.code("bo", "case.post", post("Hon har skulder.", json!(["economy"]))).await, "consent.missing");
    assert_eq!(
        s.code("bo", "case.post", post("Hon får stöd.", json!(["support"]))).await,
        "consent.missing",
        "the sender's scope is not the answer's"
    );
    s.ok("anna", "case.post", post("Hon får stöd av oss.", json!(["support", "health"]))).await;
    let all = ["Hon mår sämre.", "Hon har kontakt här.", "Hon får stöd av oss."];
    assert_eq!((s.told("anna", &made).await, s.told("bo", &made).await), (all.map(String::from).to_vec(), all.map(String::from).to_vec()));
    // What is taken out of the scope is taken away, message by message.
    assert_eq!(s.ok("anna", "consent.narrow", json!({ "consent": c.consent, "categories": ["health"] })).await["state"], "limited");
    assert_eq!(s.told("bo", &made).await, all[..2]);
    assert_eq!(s.told("anna", &made).await.len(), 3, "the own words stay");
    assert_eq!(
        s.code("anna", "consent.narrow", json!({ "consent": c.consent, "categories": ["health", "support"] })).await,
        "field.invalid"
    );
    // The answer's consent ends: what was written under it is read no more, and the case stays open.
    s.ok("bo", "consent.revoke", json!({ "consent": back })).await;
    assert_eq!((s.told("anna", &made).await, s.told("bo", &made).await.len()), (vec![all[0].to_owned(), all[2].to_owned()], 2));
    assert_eq!(s.code("bo", "case.post", post("Hej.", json!(["health"]))).await, "consent.missing");
    s.ok("anna", "case.close", json!({ "link": made })).await;
    assert_eq!(s.code("bo", "case.open", json!({ "link": made })).await, "case.closed");
    assert_eq!(s.code("anna", "case.post", post("Hej.", json!(["health"]))).await, "case.closed");
    // Every step left its trace, and the refusal too.
    for action in [
        "case.create",
        "consent.draft",
        "consent.give",
        "case.link",
        "case.open",
        "case.feed",
        "case.answer",
        "case.post",
        "consent.narrow",
        "consent.revoke",
        "case.close",
        "case.refused",
    ] {
        assert!(s.count("select count(*) as n from audit where action = $1", args![action]).await > 0, "{action}");
    }
});

product_on_both!(guardians_and_the_child, |s: Arc<Service>| async move {
    let create = |guardians: i64, number: &str| json!({ "unit": s.unit("a"), "case_number": "SN 1", "subjects": [{ "name": "Lo", "personnummer": number, "guardians": guardians }] });
    assert_eq!(s.code("anna", "case.create", create(0, CHILD)).await, "field.invalid", "a minor has guardians");
    assert_eq!(s.code("anna", "case.create", create(1, ADULT)).await, "field.invalid", "an adult has none");
    let made = s.ok("anna", "case.create", create(2, CHILD)).await;
    let (case, subject) = (&made["case"], &made["subjects"][0]);
    let guardian = |name: &str, number: &str| json!({ "subject": subject, "kind": "guardian", "name": name, "personnummer": number });
    let both = json!([guardian("Mia", MOTHER), guardian("Far", FATHER)]);
    let mut draft = s.draft_request(case, subject, &["b"], &["family"]).await;
    draft["givers"] = both.clone();
    assert_eq!(s.run("anna", "consent.draft", draft.clone()).await.unwrap_err().extra["field"], "child_view");
    draft["child_view"] = "Åtta år, vill själv.".into();
    assert_eq!(s.run("anna", "consent.draft", draft.clone()).await.unwrap_err().extra["field"], "child_harm");
    draft["child_harm"] = false.into();
    for (field, wrong) in [
        ("givers", json!([guardian("Mia", MOTHER)])),
        ("givers", json!([guardian("Mia", MOTHER), guardian("Mia", MOTHER)])),
        ("givers", json!([guardian("Mia", MOTHER), guardian("Lo", CHILD)])),
        ("givers", json!([guardian("Mia", MOTHER), { "subject": subject, "kind": "individual" }])),
        ("units", json!([s.unit("a")])),
        ("units", json!([])),
        ("categories", json!([])),
        ("categories", json!(["everything"])),
        ("until", json!(s.in_days(400).await)),
        ("until", json!(s.in_days(-1).await)),
        ("until", json!("i morgon")),
        ("readback", json!(" ")),
    ] {
        let mut body = draft.clone();
        body[field] = wrong;
        assert_eq!(s.run("anna", "consent.draft", body).await.unwrap_err().extra["field"], field);
    }
    let mut harmful = draft.clone();
    harmful["child_harm"] = true.into();
    let harmful = s.ok("anna", "consent.draft", harmful).await;
    let give = |made: &Value, n: usize| json!({ "consent": made["consent"], "giver": made["givers"][n], "form": "oral" });
    assert_eq!(s.code("anna", "consent.give", give(&harmful, 0)).await, "consent.missing", "nobody can consent to what harms the child");
    let made = s.ok("anna", "consent.draft", draft.clone()).await;
    assert_eq!(s.ok("anna", "consent.give", give(&made, 0)).await["state"], "draft", "one of two");
    assert_eq!(s.code("anna", "consent.give", give(&made, 0)).await, "consent.decided");
    assert_eq!(s.ok("anna", "consent.give", give(&made, 1)).await["state"], "given");
    // One of them takes it back: it is over.
    let back = json!({ "consent": made["consent"], "giver": made["givers"][1] });
    assert_eq!(s.ok("anna", "consent.revoke", back).await["state"], "revoked");
    assert_eq!(s.code("anna", "consent.give", give(&made, 1)).await, "consent.decided");
    // Somebody says yes, then no, before the other has answered.
    let made = s.ok("anna", "consent.draft", draft).await;
    s.ok("anna", "consent.give", give(&made, 0)).await;
    assert_eq!(s.ok("anna", "consent.refuse", json!({ "consent": made["consent"], "giver": made["givers"][0] })).await["state"], "refused");
    let shown = s.ok("anna", "consent.show", json!({ "consent": made["consent"] })).await;
    assert_eq!((&shown["state"], &shown["givers"].as_array().unwrap().len()), (&json!("refused"), &2));
    assert!(shown.to_string().contains("Åtta år, vill själv.") && shown.to_string().contains("Mia"));
    let listed = s.ok("anna", "consent.list", json!({ "case": case })).await;
    let states: Vec<&str> = listed["consents"].as_array().unwrap().iter().map(|c| c["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["draft", "revoked", "refused"]);
    assert!(!listed.to_string().contains("Mia"));
});

product_on_both!(nothing_found_and_nothing_allowed_look_alike, |s: Arc<Service>| async move {
    let c = s.linked().await;
    let find = |number: &str| json!({ "personnummer": number });
    let found = s.ok("anna", "case.find", find(ADULT)).await;
    assert_eq!(found["cases"][0]["case"], c.case);
    assert!(!found.to_string().contains("Hedvig"), "found, not opened");
    assert_eq!(s.ok("chef.a", "case.find", find("198503129812")).await, found);
    let none = json!({ "cases": [] });
    for login in ["alva", "bo", "chef.b", "cilla", "admin", "revisor", "styr", "diarium"] {
        assert_eq!(s.ok(login, "case.find", find(ADULT)).await, none, "{login}");
    }
    assert_eq!(s.ok("anna", "case.find", find(MOTHER)).await, none);
    assert_eq!(s.code("anna", "case.find", find("19850312-9813")).await, "field.invalid");
    assert_eq!(s.code("anna", "case.find", find("850312-9812")).await, "field.invalid", "a century is not guessed");
    let tries = s.count("select count(*) as n from audit where action = 'case.find'", args![]).await;
    assert_eq!(tries, 11, "every probe, also those that found nothing");
    // Opening what is not theirs, and what is not there.
    for login in ["alva", "bea", "cilla", "dubbel", "admin", "revisor", "styr", "diarium"] {
        for (op, real, other) in [
            ("case.open", json!({ "link": c.link, "reason": "Kontroll." }), json!({ "link": s.id(), "reason": "Kontroll." })),
            ("case.feed", json!({ "link": c.link }), json!({ "link": s.id() })),
            ("consent.show", json!({ "consent": c.consent, "reason": "Kontroll." }), json!({ "consent": s.id(), "reason": "Kontroll." })),
            ("consent.list", json!({ "case": c.case }), json!({ "case": s.id() })),
        ] {
            let (real, other) = (s.run(login, op, real).await.unwrap_err(), s.run(login, op, other).await.unwrap_err());
            assert_eq!((real.code.as_str(), &real), ("not_found", &other), "{op} by {login}");
        }
    }
    assert_eq!(s.count("select count(*) as n from audit where action = 'case.refused' and target_id is not null", args![]).await, 16);
    // A manager says why, and it is kept, sealed.
    assert_eq!(s.run("chef.b", "case.open", json!({ "link": c.link })).await.unwrap_err().extra["field"], "reason");
    assert_eq!(s.code("chef.b", "case.feed", json!({ "link": c.link })).await, "field.invalid");
    s.ok("chef.b", "case.open", json!({ "link": c.link, "reason": "Bo är sjuk i dag." })).await;
    assert_eq!(s.told("chef.b", &c.link).await.len(), 1);
    assert_eq!(s.code("chef.b", "case.post", json!({ "link": c.link, "text": "Hej.", "categories": ["health"] })).await, "role.missing");
    s.ok("chef.b", "case.assign", json!({ "link": c.link, "login": "bea" })).await;
    assert_eq!(s.told("bea", &c.link).await.len(), 1);
    assert_eq!(s.code("anna", "case.assign", json!({ "link": c.link, "login": "bo" })).await, "field.invalid", "not of the unit");
    assert_eq!(s.ok("bea", "case.list", json!({})).await["links"][0]["link"], c.link);
    // Who leaves the unit leaves the case.
    s.give("bea", &[("handler", "c")]).await;
    assert_eq!(s.code("bea", "case.open", json!({ "link": c.link })).await, "not_found");
    assert_eq!(s.ok("bea", "case.list", json!({})).await["links"], json!([]));
});

// The other unit's papers are about the same people, or they are no answer.
product_on_both!(an_answer_is_about_the_same_people, |s: Arc<Service>| async move {
    let c = s.linked().await;
    let subjects = json!([{ "name": "Någon annan", "personnummer": MOTHER }]);
    let made = s.ok("bo", "case.create", json!({ "unit": s.unit("b"), "case_number": "V 1", "subjects": subjects })).await;
    let (consent, _) = s.given("bo", &made["case"], &made["subjects"][0], &["a"], &["health"]).await;
    assert_eq!(s.code("bo", "case.answer", json!({ "link": c.link, "consent": consent })).await, "consent.missing");
    let (case, subject) = s.case_of("bo", "b", "Hedvig Stråhlman").await;
    let (elsewhere, _) = s.given("bo", &case, &subject, &["c"], &["health"]).await;
    assert_eq!(s.code("bo", "case.answer", json!({ "link": c.link, "consent": elsewhere })).await, "consent.missing", "to another unit");
    let (draft, _) = s.drafted("bo", &case, &subject, &["a"], &["health"]).await;
    assert_eq!(s.code("bo", "case.answer", json!({ "link": c.link, "consent": draft })).await, "consent.missing");
});

product_on_both!(a_command_takes_effect_once, |s: Arc<Service>| async move {
    let c = s.linked().await;
    let id = Some(s.id());
    let body = json!({ "link": c.link, "text": "En gång.", "categories": ["health"] });
    let once = radrum::rooms::run(&s.house, &s.who("anna"), "case.post", id, body.clone()).await.unwrap();
    assert_eq!(radrum::rooms::run(&s.house, &s.who("anna"), "case.post", id, body).await.unwrap(), once);
    assert_eq!(s.told("bo", &c.link).await.len(), 2);
});

/// docs/consent.md cites the paragraphs as the one table writes them.
#[test]
fn the_page_cites_the_law_from_its_table() {
    let page = include_str!("../../docs/consent.md");
    let mut cited = 0;
    for line in page.lines().filter(|l| l.starts_with("| `")) {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let paragraph = radrum::law::paragraph(cells[1].trim_matches('`')).unwrap_or_else(|| panic!("{line}"));
        assert_eq!(cells[2], paragraph.cite());
        assert!(paragraph.settled, "nothing rests on what is unclear: {line}");
        cited += 1;
    }
    assert!(cited > 8);
    let elsewhere = page.lines().filter(|l| !l.starts_with("| `") && l.contains('§'));
    assert_eq!(elsewhere.collect::<Vec<_>>(), [""; 0], "paragraphs stand in the table only");
}
