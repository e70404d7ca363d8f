//! Anybody does anything to cases and consents in any order: nobody ever reads an identity or a word of a case whom the live consents do not cover.
//!
//! Who is covered is worked out here once more, from the rows and not from `access`, the views or the program's queries.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use proptest::{
    prelude::*,
    test_runner::{Config, RngSeed, TestRunner},
};
use radrum::{
    args,
    clock::DAY,
    db::{Conn, Kind},
    id::Id,
};
use serde_json::{Value, json};

use crate::support::{consents::ADULT, service::Service};

/// Who, and the unit they make cases for.
const ACTORS: [(&str, &str); 10] = [
    ("anna", "a"),
    ("alva", "a"),
    ("chef.a", "a"),
    ("bo", "b"),
    ("bea", "b"),
    ("chef.b", "b"),
    ("cilla", "c"),
    ("dubbel", "b"),
    ("admin", "a"),
    ("revisor", "a"),
];
const UNITS: [&str; 3] = ["a", "b", "c"];
const FACTS: [&str; 3] = ["health", "support", "economy"];
/// As much as one look costs, there are not many.
const MOST_LINKS: usize = 4;

#[derive(Clone, Debug)]
enum Deed {
    Create,
    Draft { units: BTreeSet<usize>, facts: BTreeSet<usize> },
    Give,
    Refuse,
    Narrow { units: Option<BTreeSet<usize>>, facts: Option<BTreeSet<usize>>, days: Option<i64> },
    Revoke { with_giver: bool },
    Link { thread: usize, unit: usize, facts: BTreeSet<usize> },
    Answer,
    Post { facts: BTreeSet<usize> },
    Close { whole: bool },
    Assign { whole: bool, to: usize },
    Leave { who: usize },
    Days(i64),
}

#[derive(Clone, Debug)]
struct Step {
    actor: usize,
    case: usize,
    consent: usize,
    link: usize,
    /// What the deed is done to fits the person and the deed; else anything is done to anything.
    sensible: bool,
    deed: Deed,
}

fn deed() -> impl Strategy<Value = Deed> {
    let some = || proptest::collection::btree_set(0..3_usize, 1..3);
    prop_oneof![
        2 => Just(Deed::Create),
        6 => (some(), some()).prop_map(|(units, facts)| Deed::Draft { units, facts }),
        8 => Just(Deed::Give),
        1 => Just(Deed::Refuse),
        2 => (prop::option::of(some()), prop::option::of(some()), prop::option::of(1..20_i64)).prop_map(|(units, facts, days)| Deed::Narrow { units, facts, days }),
        1 => any::<bool>().prop_map(|with_giver| Deed::Revoke { with_giver }),
        8 => (0..3_usize, 0..3_usize, some()).prop_map(|(thread, unit, facts)| Deed::Link { thread, unit, facts }),
        6 => Just(Deed::Answer),
        8 => some().prop_map(|facts| Deed::Post { facts }),
        1 => prop::bool::weighted(0.2).prop_map(|whole| Deed::Close { whole }),
        3 => (any::<bool>(), 0..ACTORS.len()).prop_map(|(whole, to)| Deed::Assign { whole, to }),
        1 => (0..ACTORS.len()).prop_map(|who| Deed::Leave { who }),
        1 => (1..12_i64).prop_map(Deed::Days),
    ]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    // Those who work with cases do most of it, as they would.
    let actor = prop_oneof![3 => prop::sample::select(vec![0_usize, 3]), 2 => 0..ACTORS.len()];
    let step = (actor, 0..8_usize, 0..16_usize, 0..8_usize, prop::bool::weighted(0.8), deed())
        .prop_map(|(actor, case, consent, link, sensible, deed)| Step { actor, case, consent, link, sensible, deed });
    proptest::collection::vec(step, 30..60)
}

#[derive(Clone)]
struct Case {
    case: Value,
    subject: Value,
    unit: &'static str,
}

#[derive(Clone)]
struct Asked {
    consent: Value,
    giver: Value,
    case: Value,
    unit: &'static str,
    facts: Vec<&'static str>,
}

/// One life of a service.
struct Life {
    s: Service,
    threads: Vec<Value>,
    cases: Vec<Case>,
    consents: Vec<Asked>,
    links: Vec<Value>,
    succeeded: usize,
    /// Looks in which the other unit read a case, and in which somebody was refused.
    looks: (usize, usize),
}

/// One of those that fit, the newest most often; when none does, any.
fn pick<T: Clone>(of: &[T], n: usize, fits: impl Fn(&T) -> bool) -> Option<T> {
    let fitting: Vec<&T> = of.iter().filter(|t| fits(t)).collect();
    let from = if fitting.is_empty() { of.iter().collect() } else { fitting };
    (!from.is_empty()).then(|| from[from.len() - 1 - n.isqrt() % from.len()].clone())
}

impl Life {
    async fn begin(kind: Kind) -> Life {
        let s = Service::start(kind).await;
        let c = s.named().await;
        let thread = s.asked(&["c"]).await;
        s.ok("cilla", "thread.claim", json!({ "thread": thread })).await;
        let (threads, links) = (vec![c.thread, thread, s.taken().await], vec![c.link]);
        let cases = vec![
            Case { case: c.case.clone(), subject: c.subject, unit: "a" },
            Case { case: c.answer_case.clone(), subject: Value::Null, unit: "b" },
        ];
        let consents = vec![
            Asked { consent: c.consent, giver: c.giver, case: c.case, unit: "a", facts: vec!["health", "support"] },
            Asked { consent: c.answer_consent, giver: Value::Null, case: c.answer_case, unit: "b", facts: vec!["health"] },
        ];
        Life { s, threads, cases, consents, links, succeeded: 0, looks: (0, 0) }
    }

    fn units(&self, units: &BTreeSet<usize>) -> Vec<Id> {
        units.iter().map(|u| self.s.unit(UNITS[*u])).collect()
    }

    /// The case and the consent that a step is about.
    fn about(&self, step: &Step) -> Option<(Case, Asked)> {
        let own = ACTORS[step.actor].1;
        let case = pick(&self.cases, step.case, |c| !step.sensible || c.unit == own && c.subject.is_string())?;
        let consent = pick(&self.consents, step.consent, |c| !step.sensible || c.unit == own && c.giver.is_string())?;
        Some((case, consent))
    }

    async fn request(&self, step: &Step) -> Option<(&'static str, Value)> {
        let named = |facts: &BTreeSet<usize>| facts.iter().map(|f| FACTS[*f]).collect::<Vec<_>>();
        let (Case { case, subject, .. }, asked) = self.about(step)?;
        let (consent, giver) = (&asked.consent, &asked.giver);
        let link = pick(&self.links, step.link, |_| true)?;
        let own = ACTORS[step.actor].1;
        Some(match &step.deed {
            Deed::Create => {
                let subjects = json!([{ "name": "Hedvig Stråhlman", "personnummer": ADULT }]);
                ("case.create", json!({ "unit": self.s.unit(own), "case_number": "SN 4711", "subjects": subjects }))
            }
            Deed::Draft { units, facts } => {
                let mut body = self.s.draft_request(&case, &subject, &[], &named(facts)).await;
                let others: BTreeSet<usize> = (0..3).filter(|u| UNITS[*u] != own).collect();
                let fitting: BTreeSet<usize> = units.intersection(&others).copied().collect();
                let units = match (step.sensible, fitting.is_empty()) {
                    (false, _) => units.clone(),
                    (true, true) => others,
                    (true, false) => fitting,
                };
                body["units"] = json!(self.units(&units));
                body["until"] = json!(self.s.in_days(1 + 2 * facts.len() as i64 * units.len() as i64).await);
                ("consent.draft", body)
            }
            Deed::Give => ("consent.give", json!({ "consent": consent, "giver": giver, "form": "oral" })),
            Deed::Refuse => ("consent.refuse", json!({ "consent": consent, "giver": giver })),
            Deed::Narrow { units, facts, days } => {
                let mut body =
                    json!({ "consent": consent, "categories": facts.as_ref().map(named), "units": units.as_ref().map(|u| self.units(u)) });
                if let Some(days) = days {
                    body["until"] = json!(self.s.in_days(*days).await);
                }
                ("consent.narrow", body)
            }
            Deed::Revoke { with_giver } => ("consent.revoke", json!({ "consent": consent, "giver": with_giver.then_some(giver) })),
            Deed::Link { thread, unit, facts } => {
                let (unit, facts, case) = match step.sensible {
                    true => (if *thread == 1 { "c" } else { "b" }, asked.facts.clone(), &asked.case),
                    false => (UNITS[*unit], named(facts), &case),
                };
                let body = json!({ "thread": self.threads[*thread], "case": case, "consent": consent, "unit": self.s.unit(unit),
                    "text": "Gyllenspets mår sämre.", "categories": facts });
                ("case.link", body)
            }
            Deed::Answer => ("case.answer", json!({ "link": link, "consent": consent })),
            Deed::Post { facts } => ("case.post", json!({ "link": link, "text": "Gyllenspets igen.", "categories": named(facts) })),
            Deed::Close { whole: true } => ("case.close", json!({ "case": case })),
            Deed::Close { whole: false } => ("case.close", json!({ "link": link })),
            Deed::Assign { whole: true, to } => ("case.assign", json!({ "case": case, "login": ACTORS[*to].0 })),
            Deed::Assign { whole: false, to } => ("case.assign", json!({ "link": link, "login": ACTORS[*to].0 })),
            Deed::Leave { .. } | Deed::Days(_) => return None,
        })
    }

    async fn take(&mut self, step: &Step) {
        match step.deed {
            Deed::Days(days) => self.s.must("update clock_mark set at = (select at from moment) + $1", args![days * DAY]).await,
            // Out of the unit, and back another time.
            Deed::Leave { who } if ![0, 3].contains(&who) => {
                let (login, unit) = ACTORS[who];
                let role = match (unit, step.case % 2) {
                    ("a", 0) => ("auditor", ""),
                    ("a", _) => ("handler", "a"),
                    (_, 0) => ("handler", "b"),
                    _ => ("handler", "c"),
                };
                self.s.give(login, &[role]).await;
            }
            _ => {}
        }
        let Some((op, body)) = self.request(step).await else { return };
        if op == "case.link" && self.links.len() >= MOST_LINKS {
            return;
        }
        let case = body["case"].clone();
        match self.s.run(ACTORS[step.actor].0, op, body).await {
            Ok(answer) => {
                self.succeeded += 1;
                let unit = ACTORS[step.actor].1;
                match (op, &step.deed) {
                    ("case.create", _) => {
                        self.cases.push(Case { case: answer["case"].clone(), subject: answer["subjects"][0].clone(), unit });
                    }
                    ("consent.draft", Deed::Draft { facts, .. }) => self.consents.push(Asked {
                        consent: answer["consent"].clone(),
                        giver: answer["givers"][0].clone(),
                        case,
                        unit,
                        facts: facts.iter().map(|f| FACTS[*f]).collect(),
                    }),
                    ("case.link", _) => self.links.push(answer["link"].clone()),
                    _ => {}
                }
            }
            Err(e) => {
                assert!(
                    !["internal", "unavailable", "op.unknown", "auth.required"].contains(&e.code.as_str()),
                    "{op} by {}: {e:?}",
                    ACTORS[step.actor].0
                );
                nothing_told(&format!("{e:?}"), op);
            }
        }
    }

    /// Everybody tries to read every case; who may is worked out from the rows.
    async fn look(&mut self) {
        for link in self.links.clone() {
            let id: Id = link.as_str().unwrap().parse().unwrap();
            for (login, _) in ACTORS {
                let rows = Rows::read(&mut self.s.house.db.read().await.unwrap(), id, self.s.people[login]).await;
                let open = self.s.run(login, "case.open", json!({ "link": link, "reason": "Kontroll." })).await;
                let feed = self.s.run(login, "case.feed", json!({ "link": link })).await;
                let side = rows.side();
                match side {
                    Some("answering") => self.looks.0 += 1,
                    None => self.looks.1 += 1,
                    _ => {}
                }
                assert_eq!((open.is_ok(), feed.is_ok()), (side.is_some(), side.is_some()), "{login}: {side:?}, {rows:?}");
                let (Ok(open), Ok(feed), Some(side)) = (&open, &feed, side) else {
                    nothing_told(&format!("{open:?}{feed:?}"), login);
                    continue;
                };
                assert_eq!((open["side"].as_str(), open.get("case_number").is_some()), (Some(side), side == "asking"));
                let read: BTreeSet<&str> = feed["messages"].as_array().unwrap().iter().map(|m| m["message"].as_str().unwrap()).collect();
                let may: BTreeSet<String> = rows.messages.iter().filter(|m| rows.visible(m, side)).map(|m| m.id.to_string()).collect();
                assert_eq!(read, may.iter().map(String::as_str).collect(), "{login} from the {side} side: {rows:?}");
            }
        }
        // What the lists say holds no identity, whoever asks.
        for (login, _) in ACTORS {
            nothing_told(&format!("{:?}", self.s.run(login, "case.list", json!({})).await), login);
        }
    }
}

fn nothing_told(said: &str, what: &str) {
    for secret in ["Hedvig", "Stråhlman", "19850312", "Gyllenspets", "SN 4711"] {
        assert!(!said.contains(secret), "{what}: {said}");
    }
}

#[derive(Debug)]
struct Message {
    id: Id,
    side: String,
    facts: BTreeSet<String>,
}

#[derive(Debug)]
struct Agreed {
    /// Holds at this moment, for an open case, with everybody's yes.
    live: bool,
    unit: Id,
    units: BTreeSet<Id>,
    facts: BTreeSet<String>,
}

/// All that decides whether somebody reads a link, as it lies in the tables.
#[derive(Debug)]
struct Rows {
    open: bool,
    own: Id,
    other: Id,
    told: Agreed,
    answered: Option<Agreed>,
    task: Option<Id>,
    roles: BTreeMap<Id, BTreeSet<String>>,
    messages: Vec<Message>,
}

async fn agreed(conn: &mut Conn, id: Id, moment: i64) -> Agreed {
    let c = conn
        .one("select c.*, f.state as file from consent c join case_file f on f.id = c.case_file_id where c.id = $1", args![id])
        .await
        .unwrap();
    let givers = conn.all("select state from consent_giver where consent_id = $1", args![id]).await.unwrap();
    let units = conn.all("select unit_id from consent_unit where consent_id = $1", args![id]).await.unwrap();
    let facts = conn.all("select category from consent_category where consent_id = $1", args![id]).await.unwrap();
    let in_force = ["given", "limited"].contains(&c.get::<String>("state").unwrap().as_str());
    let all_yes = !givers.is_empty() && givers.iter().all(|g| g.get::<String>("state").unwrap() == "given");
    let now = c.get::<i64>("from_at").unwrap() <= moment && moment < c.get::<i64>("until_at").unwrap();
    Agreed {
        live: in_force && all_yes && now && c.get::<String>("file").unwrap() == "open",
        unit: c.get("unit_id").unwrap(),
        units: units.iter().map(|r| r.get("unit_id").unwrap()).collect(),
        facts: facts.iter().map(|r| r.get("category").unwrap()).collect(),
    }
}

impl Rows {
    async fn read(conn: &mut Conn, link: Id, person: Id) -> Rows {
        let moment: i64 = conn.one("select at from moment", args![]).await.unwrap().get("at").unwrap();
        let k = conn
            .one("select k.*, f.unit_id as own from case_link k join case_file f on f.id = k.case_file_id where k.id = $1", args![link])
            .await
            .unwrap();
        let case: Id = k.get("case_file_id").unwrap();
        let task = conn.opt("select unit_id from case_task where case_file_id = $1 and person_id = $2", args![case, person]).await.unwrap();
        let mut roles: BTreeMap<Id, BTreeSet<String>> = BTreeMap::new();
        for row in conn.all("select unit_id, role from unit_role where person_id = $1", args![person]).await.unwrap() {
            roles.entry(row.get("unit_id").unwrap()).or_default().insert(row.get("role").unwrap());
        }
        let mut messages = Vec::new();
        for row in conn.all("select id, side from case_message where link_id = $1", args![link]).await.unwrap() {
            let id: Id = row.get("id").unwrap();
            let facts = conn.all("select category from case_message_category where message_id = $1", args![id]).await.unwrap();
            messages.push(Message {
                id,
                side: row.get("side").unwrap(),
                facts: facts.iter().map(|r| r.get("category").unwrap()).collect(),
            });
        }
        let told = agreed(conn, k.get("consent_id").unwrap(), moment).await;
        let answered = match k.get::<Option<Id>>("answer_consent_id").unwrap() {
            Some(id) => Some(agreed(conn, id, moment).await),
            None => None,
        };
        Rows {
            open: k.get::<String>("state").unwrap() == "open",
            own: k.get("own").unwrap(),
            other: k.get("unit_id").unwrap(),
            told,
            answered,
            task: task.map(|r| r.get("unit_id").unwrap()),
            roles,
            messages,
        }
    }

    fn covered(&self) -> bool {
        self.open && self.told.live && self.told.unit == self.own && self.told.units.contains(&self.other)
    }

    fn side(&self) -> Option<&'static str> {
        let works = |unit: &Id| self.roles.contains_key(unit);
        let manages = |unit: &Id| self.roles.get(unit).is_some_and(|r| r.iter().any(|r| r != "handler"));
        let asking = (self.task == Some(self.own) && works(&self.own)) || manages(&self.own);
        let answering = self.covered() && ((self.task == Some(self.other) && works(&self.other)) || manages(&self.other));
        match self.task {
            Some(unit) if unit == self.own => asking.then_some("asking"),
            Some(unit) if unit == self.other => answering.then_some("answering"),
            Some(_) => None,
            None if asking => Some("asking"),
            None => answering.then_some("answering"),
        }
    }

    fn visible(&self, m: &Message, side: &str) -> bool {
        let within = |a: &Agreed| !m.facts.is_empty() && m.facts.is_subset(&a.facts);
        m.side == side
            || self.covered()
                && match m.side.as_str() {
                    "asking" => within(&self.told),
                    _ => self.answered.as_ref().is_some_and(|a| a.live && a.unit == self.other && a.units.contains(&self.own) && within(a)),
                }
    }
}

async fn live(kind: Kind, steps: &[Step]) -> (usize, (usize, usize)) {
    let mut life = Life::begin(kind).await;
    for (n, step) in steps.iter().enumerate() {
        life.take(step).await;
        // What changes who may read is looked at at once, the rest now and then.
        if n % 4 == 3
            || matches!(step.deed, Deed::Narrow { .. } | Deed::Revoke { .. } | Deed::Days(_) | Deed::Close { .. } | Deed::Leave { .. })
        {
            life.look().await;
        }
    }
    life.look().await;
    let done = (life.succeeded, life.looks);
    life.s.end().await;
    done
}

fn nobody_reads_without_cover(kind: Kind, cases: u32) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let done = Arc::new(Mutex::new((0, (0, 0))));
    // The same sequences every time; another seed with RADRUM_SEED, more of them with RADRUM_CASES.
    let number = |name: &str| std::env::var(name).ok().and_then(|s| s.parse().ok());
    let (seed, cases) = (number("RADRUM_SEED").unwrap_or(7), number("RADRUM_CASES").map_or(cases, |n| n as u32));
    let config = Config { cases, max_shrink_iters: 40, failure_persistence: None, rng_seed: RngSeed::Fixed(seed), ..Config::default() };
    let outcome = TestRunner::new(config).run(&steps(), |steps| {
        let task = async { tokio::spawn(async move { live(kind, &steps).await }).await };
        match runtime.block_on(task) {
            Ok((succeeded, looks)) => {
                let mut done = done.lock().unwrap();
                *done = (done.0 + succeeded, (done.1.0 + looks.0, done.1.1 + looks.1));
            }
            Err(panic) => {
                let panic = panic.into_panic();
                let words = panic.downcast_ref::<String>().cloned().or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned()));
                return Err(TestCaseError::fail(words.unwrap_or_default()));
            }
        }
        Ok(())
    });
    if let Err(e) = outcome {
        panic!("{e}");
    }
    let (succeeded, (read, refused)) = *done.lock().unwrap();
    println!("{succeeded} deeds; the other unit read {read} times; refused {refused} times");
    assert!(
        succeeded > 5 * cases as usize && read > 5 * cases as usize && refused > 50 * cases as usize,
        "too little: {succeeded} {read} {refused}"
    );
}

#[test]
fn nobody_reads_without_cover_sqlite() {
    nobody_reads_without_cover(Kind::Sqlite, 8);
}

#[test]
fn nobody_reads_without_cover_postgres() {
    nobody_reads_without_cover(Kind::Postgres, 4);
}
