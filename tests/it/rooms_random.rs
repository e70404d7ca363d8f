//! Anybody does anything in any order: nothing breaks, streams stay dense, and every frame is only for those it is for.
//!
//! What a frame's readers may be is worked out here once more, from the rows and not from `access`.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex},
};

use proptest::{
    prelude::*,
    test_runner::{Config, RngSeed, TestRunner},
};
use radrum::{
    app::App,
    args,
    clock::{Clock, HOUR, Micros},
    db::{Conn, Kind, Row},
    id::Id,
    live::Rooms,
};
use serde_json::{Value, json};

use crate::support::{service::Service, steps::NARROW};

const START: Micros = 1_772_442_000_000_000;
/// Who, and the unit they ask for.
const ACTORS: [(&str, &str); 11] = [
    ("anna", "a"),
    ("alva", "a"),
    ("chef.a", "a"),
    ("reserv.a", "a"),
    ("bo", "b"),
    ("bea", "b"),
    ("chef.b", "b"),
    ("cilla", "c"),
    ("dubbel", "b"),
    ("admin", "a"),
    ("revisor", "a"),
];
const UNITS: [&str; 3] = ["a", "b", "c"];

#[derive(Clone, Debug)]
enum Deed {
    Ask { units: Vec<usize>, hide: bool },
    Open,
    Claim,
    Release,
    Route { units: Vec<usize> },
    Post { kind: &'static str, narrow: bool },
    Close,
    Read { n: i64 },
    Typing,
    Review { op: &'static str, held: usize },
    Inbox,
    Hours(i64),
}

#[derive(Clone, Debug)]
struct Step {
    actor: usize,
    /// Which of the threads there are.
    thread: usize,
    deed: Deed,
    /// The same command once more.
    again: bool,
}

fn deed() -> impl Strategy<Value = Deed> {
    let units = || proptest::collection::vec(0..UNITS.len(), 1..3);
    prop_oneof![
        4 => (units(), any::<bool>()).prop_map(|(units, hide)| Deed::Ask { units, hide }),
        2 => Just(Deed::Open),
        5 => Just(Deed::Claim),
        2 => Just(Deed::Release),
        2 => units().prop_map(|units| Deed::Route { units }),
        8 => (prop_oneof![Just("reply"), Just("ask_back"), Just("advice")], prop::bool::weighted(0.2))
            .prop_map(|(kind, narrow)| Deed::Post { kind, narrow }),
        1 => Just(Deed::Close),
        2 => (0..9_i64).prop_map(|n| Deed::Read { n }),
        1 => Just(Deed::Typing),
        3 => (prop_oneof![Just("review.open"), Just("review.approve"), Just("review.return"), Just("held.withdraw")], 0..4_usize)
            .prop_map(|(op, held)| Deed::Review { op, held }),
        2 => Just(Deed::Inbox),
        1 => (1..30_i64).prop_map(Deed::Hours),
    ]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = (0..ACTORS.len(), 0..4_usize, deed(), prop::bool::weighted(0.1)).prop_map(|(actor, thread, deed, again)| Step {
        actor,
        thread,
        deed,
        again,
    });
    proptest::collection::vec(step, 60..100)
}

/// One life of a service.
struct Life {
    s: Service,
    app: App,
    threads: Vec<Value>,
    held: Vec<Value>,
    /// How far each stream has been looked at.
    seen: HashMap<Id, i64>,
    succeeded: usize,
}

impl Life {
    /// The operation and its request; nothing where there is nothing to do it to.
    fn request(&self, step: &Step) -> Option<(&'static str, Value)> {
        let thread = self.threads.get(step.thread % self.threads.len().max(1));
        let ids = |units: &[usize]| units.iter().map(|u| self.s.unit(UNITS[*u])).collect::<Vec<_>>();
        Some(match &step.deed {
            Deed::Ask { units, hide } => {
                let mut question = self.s.question(&[]);
                question["unit"] = json!(self.s.unit(ACTORS[step.actor].1));
                question["units"] = json!(ids(units));
                question["hide_unit"] = (*hide).into();
                ("thread.ask", question)
            }
            Deed::Open => ("thread.open", json!({ "thread": thread? })),
            Deed::Claim => ("thread.claim", json!({ "thread": thread? })),
            Deed::Release => ("thread.release", json!({ "thread": thread? })),
            Deed::Route { units } => ("thread.route", json!({ "thread": thread?, "units": ids(units), "reason": "Det är deras fråga." })),
            Deed::Post { kind, narrow } => {
                let field = if *kind == "advice" { "advice" } else { "text" };
                let text = if *narrow { NARROW } else { "Det går bra att pröva." };
                ("message.post", json!({ "thread": thread?, "kind": kind, field: text, "hold": true }))
            }
            Deed::Close => ("thread.close", json!({ "thread": thread?, "used": "partly", "otherwise": "waited" })),
            Deed::Read { n } => ("thread.read", json!({ "thread": thread?, "n": n })),
            Deed::Typing => ("thread.typing", json!({ "thread": thread?, "on": true })),
            Deed::Review { op, held } => {
                let held = self.held.get(held % self.held.len().max(1))?;
                (op, json!({ "held": held, "reason": "Skriv om." }))
            }
            Deed::Inbox => ("inbox.list", json!({})),
            Deed::Hours(_) => return None,
        })
    }

    async fn take(&mut self, step: &Step) {
        if let Deed::Hours(hours) = step.deed {
            self.s.house.clock.advance(hours * HOUR);
            self.app.sweep().await.unwrap();
        }
        let Some((op, body)) = self.request(step) else { return };
        let (who, id) = (self.s.who(ACTORS[step.actor].0), Some(self.s.id()));
        let first = radrum::rooms::run(&self.s.house, &who, op, id, body.clone()).await;
        if step.again && radrum::rooms::OPS.iter().any(|e| e.op.name == op && e.op.command) && first.is_ok() {
            let again = radrum::rooms::run(&self.s.house, &who, op, id, body).await;
            assert_eq!(first, again, "{op} twice");
        }
        match first {
            Ok(answer) => {
                self.succeeded += 1;
                self.held.extend(answer.get("held").filter(|h| h.is_string() && op != "review.open").cloned());
                if op == "thread.ask" {
                    self.threads.extend(answer.get("thread").cloned());
                }
            }
            Err(e) => assert!(!["internal", "unavailable", "op.unknown", "auth.required"].contains(&e.code.as_str()), "{op}: {e:?}"),
        }
    }

    /// What has happened since the last look: every new frame, and who would hear it.
    async fn look(&mut self) {
        let mut conn = self.s.house.db.read().await.unwrap();
        let streams = conn.all("select id, thread_id, side, unit_id, person_id, last_n from stream", args![]).await.unwrap();
        let names: Vec<(Id, String)> = rows(&mut conn, "select id, name from person", &[])
            .await
            .iter()
            .map(|r| (r.get("id").unwrap(), r.get("name").unwrap()))
            .collect();
        for stream in streams {
            let (id, last): (Id, i64) = (stream.get("id").unwrap(), stream.get("last_n").unwrap());
            let before = self.seen.insert(id, last).unwrap_or(0);
            if before == last {
                continue;
            }
            let batch = self.app.events(id, before).await.unwrap();
            let numbers: Vec<i64> = batch.frames.iter().map(|(n, _)| n.unwrap()).collect();
            assert_eq!(numbers, (before + 1..=last).collect::<Vec<_>>(), "dense");
            let readers: BTreeSet<Id> = batch.readers.iter().copied().collect();
            if let Some(person) = stream.get::<Option<Id>>("person_id").unwrap() {
                assert_eq!(readers, [person].into());
                continue;
            }
            let of = Of::read(&mut conn, &stream).await;
            for (_, frame) in &batch.frames {
                let parsed: Value = serde_json::from_str(frame).unwrap();
                if parsed["event"] == "thread.left" {
                    assert_eq!(parsed["thread"], json!({ "id": of.thread }), "no more than that it is gone");
                    assert!(readers.is_subset(&of.members(&mut conn).await));
                    continue;
                }
                assert_eq!(readers, of.entitled(&mut conn).await, "{frame}");
                for (person, name) in &names {
                    assert!(!frame.contains(&person.to_string()), "a user's id");
                    assert!(of.own(&mut conn, *person).await || !frame.contains(name), "{name} in {frame}");
                }
                if of.side == "answering" {
                    assert_eq!(parsed.get("risk"), None);
                    let asked_by = &parsed["thread"]["asked_by"];
                    assert_eq!(asked_by["name"].is_null(), of.hidden && asked_by["unit"].is_null(), "{frame}");
                }
            }
        }
        self.rules(&mut conn).await;
    }

    /// What must be true of every thread at every moment.
    async fn rules(&self, conn: &mut Conn) {
        for (broken, sql) in [
            ("closed has no turn", "select id from thread where (status = 'closed') <> (turn is null)"),
            ("claimed by somebody", "select id from thread where status = 'claimed' and claimed_by is null"),
            ("open by nobody", "select id from thread where status = 'open' and claimed_by is not null"),
            (
                "a lease for whoever has it",
                "select id from thread where status <> 'closed' and (claimed_by is null) <> (lease_until is null)",
            ),
            (
                "the unit that has it is the only one that sees it",
                "select t.id from thread t join thread_target x on x.thread_id = t.id and x.state = 'active'
                 where t.claimed_unit_id is not null and t.claimed_unit_id <> x.unit_id",
            ),
            (
                "a question that stands with nobody is the asker's to move",
                "select t.id from thread t where t.turn = 'answering'
                 and not exists (select 1 from thread_target x where x.thread_id = t.id and x.state = 'active')",
            ),
            (
                "one's own unit is not asked",
                "select t.id from thread t join thread_target x on x.thread_id = t.id where x.unit_id = t.asking_unit_id",
            ),
            (
                "messages are counted",
                "select t.id from thread t where t.last_seq <> (select count(*) from message m where m.thread_id = t.id)",
            ),
            ("events are counted", "select s.id from stream s where s.last_n <> (select count(*) from event e where e.stream_id = s.id)"),
            (
                "nobody writes on the side that is not theirs",
                "select m.id from message m join thread_person p on p.thread_id = m.thread_id and p.person_id = m.author_id where m.side <> p.side",
            ),
            (
                "who has spoken has a place",
                "select m.id from message m where not exists (select 1 from thread_person p
                 where p.thread_id = m.thread_id and p.person_id = m.author_id and p.spoke = 1)",
            ),
            ("held text is there while it waits", "select id from held where state = 'waiting' and sealed is null"),
            (
                "and gone when it does not",
                "select id from held where state in ('approved', 'withdrawn') and (sealed is not null or wrapped_key is not null)",
            ),
            ("nobody decides on their own", "select id from held where decided_by = author_id and state <> 'withdrawn'"),
        ] {
            assert!(rows(conn, sql, &[]).await.is_empty(), "{broken}");
        }
    }
}

async fn rows(conn: &mut Conn, sql: &'static str, ids: &[Id]) -> Vec<Row> {
    match ids {
        [] => conn.all(sql, args![]).await.unwrap(),
        [one] => conn.all(sql, args![*one]).await.unwrap(),
        [one, two, ..] => conn.all(sql, args![*one, *two]).await.unwrap(),
    }
}

/// A thread's stream.
struct Of {
    thread: Id,
    side: String,
    unit: Id,
    hidden: bool,
    closed: bool,
    asking_unit: Id,
    asker: Id,
}

impl Of {
    async fn read(conn: &mut Conn, stream: &Row) -> Of {
        let thread: Id = stream.get("thread_id").unwrap();
        let row = &rows(conn, "select hide_unit, status, asking_unit_id, asker_id from thread where id = $1", &[thread]).await[0];
        Of {
            thread,
            side: stream.get("side").unwrap(),
            unit: stream.get("unit_id").unwrap(),
            hidden: row.get("hide_unit").unwrap(),
            closed: row.get::<String>("status").unwrap() == "closed",
            asking_unit: row.get("asking_unit_id").unwrap(),
            asker: row.get("asker_id").unwrap(),
        }
    }

    async fn members(&self, conn: &mut Conn) -> BTreeSet<Id> {
        let rows = rows(conn, "select person_id from unit_role where unit_id = $1", &[self.unit]).await;
        rows.iter().map(|r| r.get("person_id").unwrap()).collect()
    }

    /// Whether the person is of the unit whose stream it is, on its side.
    async fn own(&self, conn: &mut Conn, person: Id) -> bool {
        let place =
            rows(conn, "select side, unit_id from thread_person where thread_id = $1 and person_id = $2", &[self.thread, person]).await;
        match place.first() {
            Some(row) => row.get::<String>("side").unwrap() == self.side && row.get::<Id>("unit_id").unwrap() == self.unit,
            // Has no part in it: must not be named to anyone.
            None => false,
        }
    }

    /// The members of the unit who stand on this side, and of those of the asking unit, when it is closed, whoever took part and the managers.
    async fn entitled(&self, conn: &mut Conn) -> BTreeSet<Id> {
        let mut out = BTreeSet::new();
        for person in self.members(conn).await {
            let roles: Vec<(Id, String)> = rows(
                conn,
                "select r.unit_id, r.role from unit_role r where r.person_id = $1 and (r.unit_id = (select asking_unit_id from thread where id = $2)
                    or r.unit_id in (select unit_id from thread_target where thread_id = $2 and state = 'active')) order by r.unit_id",
                &[person, self.thread],
            )
            .await
            .iter()
            .map(|r| (r.get("unit_id").unwrap(), r.get("role").unwrap()))
            .collect();
            let place =
                rows(conn, "select side, spoke from thread_person where thread_id = $1 and person_id = $2", &[self.thread, person]).await;
            let taken: Option<String> = place.first().map(|r| r.get("side").unwrap());
            let spoke = place.first().is_some_and(|r| r.get::<bool>("spoke").unwrap());
            let works_in_asking = roles.iter().any(|(unit, role)| *unit == self.asking_unit && role != "backup_manager");
            let answers = roles.iter().any(|(unit, _)| *unit != self.asking_unit);
            let side = match taken.as_deref() {
                Some(side) => side,
                None if works_in_asking || !answers => "asking",
                None => "answering",
            };
            let here = roles.iter().any(|(unit, _)| *unit == self.unit);
            let manages = roles.iter().any(|(unit, role)| *unit == self.unit && role != "handler");
            let reads = self.side == "answering" || !self.closed || manages || spoke || self.asker == person;
            // Of two units that are asked, a member of both listens to one.
            let elsewhere =
                self.side == "answering" && roles.iter().filter(|(unit, _)| *unit != self.asking_unit).any(|(unit, _)| *unit != self.unit);
            if side == self.side && here && reads && (!elsewhere || self.first_of(conn, &roles).await) {
                out.insert(person);
            }
        }
        out
    }

    /// Whether this is the unit that a member of several answering ones is counted to: the first by name.
    async fn first_of(&self, conn: &mut Conn, roles: &[(Id, String)]) -> bool {
        let mut named: Vec<(String, Id)> = Vec::new();
        for row in rows(
            conn,
            "select u.id, u.name from unit u join thread_target x on x.unit_id = u.id where x.thread_id = $1 and x.state = 'active'",
            &[self.thread],
        )
        .await
        {
            let id: Id = row.get("id").unwrap();
            if roles.iter().any(|(unit, _)| *unit == id) {
                named.push((row.get("name").unwrap(), id));
            }
        }
        named.sort();
        named.first().is_some_and(|(_, id)| *id == self.unit)
    }
}

async fn live(kind: Kind, steps: &[Step]) -> usize {
    let s = Service::start_with(kind, Clock::manual(START)).await;
    let app = App { house: s.house.clone() };
    let mut life = Life { s, app, threads: Vec::new(), held: Vec::new(), seen: HashMap::new(), succeeded: 0 };
    for step in steps {
        life.take(step).await;
        life.look().await;
    }
    let succeeded = life.succeeded;
    life.s.end().await;
    succeeded
}

fn anything_goes(kind: Kind, cases: u32) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let succeeded = Arc::new(Mutex::new(0));
    // The same sequences every time; another seed with RADRUM_SEED.
    let seed = std::env::var("RADRUM_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(5);
    let config = Config { cases, max_shrink_iters: 60, failure_persistence: None, rng_seed: RngSeed::Fixed(seed), ..Config::default() };
    let outcome = TestRunner::new(config).run(&steps(), |steps| {
        let task = async { tokio::spawn(async move { live(kind, &steps).await }).await };
        match runtime.block_on(task) {
            Ok(n) => *succeeded.lock().unwrap() += n,
            Err(panic) => return Err(TestCaseError::fail(message(panic.into_panic()))),
        }
        Ok(())
    });
    if let Err(e) = outcome {
        panic!("{e}");
    }
    let succeeded = *succeeded.lock().unwrap();
    assert!(succeeded > 8 * cases as usize, "too little of it did anything: {succeeded}");
}

fn message(panic: Box<dyn std::any::Any + Send>) -> String {
    panic.downcast_ref::<String>().cloned().or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned())).unwrap_or_default()
}

#[test]
fn anything_goes_sqlite() {
    anything_goes(Kind::Sqlite, 10);
}

#[test]
fn anything_goes_postgres() {
    anything_goes(Kind::Postgres, 3);
}
