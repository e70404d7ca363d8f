//! Who may do what: every operation by every kind of person, in every situation, over socket and API. The table is printed as docs/permissions.md, and held against
//! `access::TABLE`.

use std::{collections::HashMap, fmt::Write as _, path::Path, sync::Arc, time::Duration};

use radrum::{
    access::{Reach, Reader, Thing, reach},
    rooms::OPS,
};
use serde_json::{Value, json};

use crate::{
    product_on_both,
    support::{
        consents::ADULT,
        service::{PASSWORD, Service, Socket},
        steps::NARROW,
    },
};

/// The columns: login, what the person is to a thread that unit a asks and unit b answers, and the row of `access::TABLE`.
const PEOPLE: [(&str, &str, Reader); 13] = [
    ("anna", "the asker", Reader::AskingHandler),
    ("alva", "her colleague", Reader::AskingHandler),
    ("chef.a", "asking manager", Reader::Manager),
    ("reserv.a", "named backup", Reader::Manager),
    ("bo", "who answers", Reader::ReceivingHandler),
    ("bea", "his colleague", Reader::ReceivingHandler),
    ("chef.b", "answering manager", Reader::Manager),
    ("dubbel", "handler there, manager elsewhere", Reader::ReceivingHandler),
    ("cilla", "another unit", Reader::ReceivingHandler),
    ("revisor", "auditor", Reader::Auditor),
    ("admin", "administrator", Reader::Admin),
    ("styr", "steering", Reader::Steering),
    ("diarium", "registrar", Reader::Registrar),
];

/// What the operation is done to.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum On {
    Nothing,
    /// A question that nobody has taken on.
    Open,
    /// The one who answers has taken it on.
    Taken,
    Closed,
    /// A text by the asker in such a thread.
    Held,
    /// A case of the asker's, and a consent that waits for its one giver.
    Draft,
    /// The consent is given, and names the unit that answers.
    Given,
    /// The thread is linked to the case, and whoever answers has put a consent of the own under it.
    Linked,
    /// The asker's consent has been taken back.
    Revoked,
}

impl On {
    fn words(self) -> &'static str {
        match self {
            On::Nothing => "",
            On::Open => "open",
            On::Taken => "taken on",
            On::Closed => "closed",
            On::Held => "held",
            On::Draft => "draft",
            On::Given => "given",
            On::Linked => "linked",
            On::Revoked => "revoked",
        }
    }

    async fn make(self, s: &Service) -> Value {
        match self {
            On::Nothing => Value::Null,
            On::Open => s.asked(&["b"]).await,
            On::Taken => s.taken().await,
            On::Closed => {
                let thread = s.taken().await;
                s.ok("anna", "thread.close", json!({ "thread": thread, "used": "yes", "otherwise": "waited" })).await;
                thread
            }
            On::Held => {
                let thread = s.taken().await;
                s.held("anna", &thread, NARROW).await
            }
            On::Draft => {
                let (case, subject) = s.case_of("anna", "a", "Hedvig Stråhlman").await;
                let (consent, giver) = s.drafted("anna", &case, &subject, &["b"], &["health", "support"]).await;
                json!({ "case": case, "consent": consent, "giver": giver, "until": s.in_days(9).await, "subject": subject })
            }
            On::Given => {
                let c = s.agreed().await;
                json!({ "case": c.case, "consent": c.consent, "thread": c.thread })
            }
            On::Linked | On::Revoked => {
                let c = s.named().await;
                if self == On::Revoked {
                    s.ok("anna", "consent.revoke", json!({ "consent": c.consent, "giver": c.giver })).await;
                }
                json!({ "case": c.case, "consent": c.consent, "link": c.link, "answer": c.answer_consent })
            }
        }
    }
}

type Row = (&'static str, On, &'static str, fn(&Service, &Value) -> Value, [&'static str; 13]);

const OK: &str = "ok";
/// Unknown and forbidden alike.
const NF: &str = "not_found";
const NY: &str = "thread.not_yours";
const TT: &str = "thread.taken";
const TC: &str = "thread.closed";
const RM: &str = "role.missing";
const FI: &str = "field.invalid";
const CC: &str = "case.closed";

/// Operation, situation, which way if there are several, request, and the outcome for everybody.
#[rustfmt::skip]
const TABLE: &[Row] = &[
    ("me", On::Nothing, "", |_, _| json!({}),                               [OK, OK, OK, OK, OK, OK, OK, OK, OK, OK, OK, OK, OK]),
    ("units.list", On::Nothing, "", |_, _| json!({}),                       [OK, OK, OK, OK, OK, OK, OK, OK, OK, OK, OK, OK, OK]),
    ("inbox.list", On::Nothing, "", |_, _| json!({}),                       [OK, OK, OK, OK, OK, OK, OK, OK, OK, OK, OK, OK, OK]),
    ("thread.search", On::Nothing, "", |_, _| json!({ "text": "barnet" }),  [OK, OK, OK, OK, OK, OK, OK, OK, OK, OK, OK, OK, OK]),
    ("scan.check", On::Nothing, "for unit a", |s, _| json!({ "unit": s.unit("a"), "fields": { "text": "Hej." } }),
                                                                            [OK, OK, OK, OK, FI, FI, FI, FI, FI, FI, FI, FI, FI]),
    ("scan.check", On::Taken, "", |_, t| json!({ "thread": t, "fields": { "text": "Hej." } }),
                                                                            [OK, OK, OK, OK, OK, OK, OK, OK, NF, RM, NF, NF, NF]),
    ("thread.ask", On::Nothing, "for unit a", |s, _| s.question(&["b"]),    [OK, OK, OK, OK, FI, FI, FI, FI, FI, FI, FI, FI, FI]),
    ("thread.open", On::Open, "", |_, t| json!({ "thread": t }),            [OK, OK, OK, OK, OK, OK, OK, OK, NF, OK, NF, NF, NF]),
    ("thread.open", On::Closed, "", |_, t| json!({ "thread": t }),          [OK, NF, OK, OK, OK, OK, OK, OK, NF, OK, NF, NF, NF]),
    ("thread.claim", On::Open, "", |_, t| json!({ "thread": t }),           [NY, NY, NY, NY, OK, OK, OK, OK, NF, RM, NF, NF, NF]),
    ("thread.claim", On::Taken, "", |_, t| json!({ "thread": t }),          [NY, NY, NY, NY, OK, TT, TT, TT, NF, RM, NF, NF, NF]),
    ("thread.release", On::Taken, "", |_, t| json!({ "thread": t }),        [NY, NY, NY, NY, OK, NY, OK, NY, NF, RM, NF, NF, NF]),
    ("thread.route", On::Open, "", |s, t| json!({ "thread": t, "units": [s.unit("c")], "reason": "Fel enhet." }),
                                                                            [OK, OK, OK, OK, OK, OK, OK, OK, NF, RM, NF, NF, NF]),
    ("thread.route", On::Taken, "", |s, t| json!({ "thread": t, "units": [s.unit("c")], "reason": "Fel enhet." }),
                                                                            [NY, NY, NY, NY, OK, NY, OK, NY, NF, RM, NF, NF, NF]),
    ("thread.read", On::Open, "", |_, t| json!({ "thread": t, "n": 1 }),    [OK, OK, OK, OK, OK, OK, OK, OK, NF, RM, NF, NF, NF]),
    ("thread.typing", On::Taken, "", |_, t| json!({ "thread": t, "on": true }),
                                                                            [NY, NY, NY, NY, OK, NY, NY, NY, NF, RM, NF, NF, NF]),
    ("message.post", On::Taken, "reply", |_, t| json!({ "thread": t, "kind": "reply", "text": "Det går bra." }),
                                                                            [OK, OK, OK, OK, OK, NY, NY, NY, NF, RM, NF, NF, NF]),
    ("message.post", On::Taken, "advice", |_, t| json!({ "thread": t, "kind": "advice", "advice": "Ring först." }),
                                                                            [FI, FI, FI, FI, OK, NY, NY, NY, NF, RM, NF, NF, NF]),
    ("message.post", On::Closed, "reply", |_, t| json!({ "thread": t, "kind": "reply", "text": "Det går bra." }),
                                                                            [TC, NF, TC, TC, TC, TC, TC, TC, NF, RM, NF, NF, NF]),
    ("thread.close", On::Taken, "", |_, t| json!({ "thread": t, "used": "yes", "otherwise": "waited" }),
                                                                            [OK, OK, OK, OK, NY, NY, NY, NY, NF, RM, NF, NF, NF]),
    ("review.open", On::Held, "", |_, h| json!({ "held": h }),              [OK, NF, OK, OK, NF, NF, NF, NF, NF, NF, NF, NF, NF]),
    ("review.approve", On::Held, "", |_, h| json!({ "held": h }),           [NF, NF, OK, OK, NF, NF, NF, NF, NF, NF, NF, NF, NF]),
    ("review.return", On::Held, "", |_, h| json!({ "held": h, "reason": "Skriv om." }),
                                                                            [NF, NF, OK, OK, NF, NF, NF, NF, NF, NF, NF, NF, NF]),
    ("held.withdraw", On::Held, "", |_, h| json!({ "held": h }),            [OK, NF, NF, NF, NF, NF, NF, NF, NF, NF, NF, NF, NF]),
    ("people.add", On::Nothing, "", |s, _| json!({ "login": s.id().to_string(), "name": "Ny Person", "password": PASSWORD, "roles": [] }),
                                                                            [RM, RM, RM, RM, RM, RM, RM, RM, RM, RM, OK, RM, RM]),
    ("people.roles", On::Nothing, "", |s, _| json!({ "login": "alva", "roles": [{ "role": "handler", "unit": s.unit("a") }] }),
                                                                            [RM, RM, RM, RM, RM, RM, RM, RM, RM, RM, OK, RM, RM]),
    ("units.add", On::Nothing, "", |s, _| json!({ "authority": "A", "domain": "Skola", "name": s.id().to_string(), "municipality": "1980", "phone": "",
        "staff": 7, "subjects": ["school"] }),                              [RM, RM, RM, RM, RM, RM, RM, RM, RM, RM, OK, RM, RM]),
    ("case.create", On::Nothing, "for unit a", |s, _| json!({ "unit": s.unit("a"), "case_number": "1", "subjects": [{ "name": "N", "personnummer": ADULT }] }),
                                                                            [OK, OK, OK, OK, FI, FI, FI, FI, FI, FI, FI, FI, FI]),
    ("case.find", On::Nothing, "", |_, _| json!({ "personnummer": ADULT }), [OK, OK, OK, OK, OK, OK, OK, OK, OK, OK, OK, OK, OK]),
    ("case.list", On::Nothing, "", |_, _| json!({}),                        [OK, OK, OK, OK, OK, OK, OK, OK, OK, OK, OK, OK, OK]),
    ("consent.draft", On::Draft, "", |s, c| json!({ "case": c["case"], "purpose": "P", "categories": ["health"], "units": [s.unit("b")], "until": c["until"],
        "readback": "R", "givers": [{ "subject": c["subject"], "kind": "individual" }] }),
                                                                            [OK, NF, RM, RM, NF, NF, NF, NF, NF, NF, NF, NF, NF]),
    ("consent.give", On::Draft, "", |_, c| json!({ "consent": c["consent"], "giver": c["giver"], "form": "oral" }),
                                                                            [OK, NF, RM, RM, NF, NF, NF, NF, NF, NF, NF, NF, NF]),
    ("consent.refuse", On::Draft, "", |_, c| json!({ "consent": c["consent"], "giver": c["giver"] }),
                                                                            [OK, NF, RM, RM, NF, NF, NF, NF, NF, NF, NF, NF, NF]),
    ("consent.list", On::Linked, "", |_, c| json!({ "case": c["case"] }),   [OK, NF, OK, OK, NF, NF, NF, NF, NF, NF, NF, NF, NF]),
    ("consent.show", On::Linked, "", |_, c| json!({ "consent": c["consent"] }),
                                                                            [OK, NF, FI, FI, NF, NF, NF, NF, NF, NF, NF, NF, NF]),
    ("consent.show", On::Linked, "with a reason", |_, c| json!({ "consent": c["consent"], "reason": "Kontroll." }),
                                                                            [OK, NF, OK, OK, NF, NF, NF, NF, NF, NF, NF, NF, NF]),
    ("consent.narrow", On::Linked, "", |_, c| json!({ "consent": c["consent"], "categories": ["health"] }),
                                                                            [OK, NF, RM, RM, NF, NF, NF, NF, NF, NF, NF, NF, NF]),
    ("consent.revoke", On::Linked, "", |_, c| json!({ "consent": c["consent"] }),
                                                                            [OK, NF, OK, OK, NF, NF, NF, NF, NF, NF, NF, NF, NF]),
    ("case.link", On::Given, "", |s, c| json!({ "thread": c["thread"], "case": c["case"], "consent": c["consent"], "unit": s.unit("b"), "text": "T", "categories": ["health"] }),
                                                                            [OK, NF, RM, RM, NF, NF, NF, NF, NF, NF, NF, NF, NF]),
    ("case.answer", On::Linked, "", |_, c| json!({ "link": c["link"], "consent": c["answer"] }),
                                                                            [FI, NF, RM, RM, OK, NF, RM, NF, NF, NF, NF, NF, NF]),
    ("case.assign", On::Linked, "own colleague of unit a", |_, c| json!({ "link": c["link"], "login": "alva" }),
                                                                            [OK, NF, OK, OK, FI, NF, FI, NF, NF, NF, NF, NF, NF]),
    ("case.open", On::Linked, "", |_, c| json!({ "link": c["link"] }),      [OK, NF, FI, FI, OK, NF, FI, NF, NF, NF, NF, NF, NF]),
    ("case.open", On::Linked, "with a reason", |_, c| json!({ "link": c["link"], "reason": "Kontroll." }),
                                                                            [OK, NF, OK, OK, OK, NF, OK, NF, NF, NF, NF, NF, NF]),
    ("case.open", On::Revoked, "with a reason", |_, c| json!({ "link": c["link"], "reason": "Kontroll." }),
                                                                            [OK, NF, OK, OK, CC, NF, NF, NF, NF, NF, NF, NF, NF]),
    ("case.feed", On::Linked, "", |_, c| json!({ "link": c["link"] }),      [OK, NF, FI, FI, OK, NF, FI, NF, NF, NF, NF, NF, NF]),
    ("case.feed", On::Revoked, "", |_, c| json!({ "link": c["link"] }),     [OK, NF, FI, FI, CC, NF, NF, NF, NF, NF, NF, NF, NF]),
    ("case.post", On::Linked, "", |_, c| json!({ "link": c["link"], "text": "T", "categories": ["health"] }),
                                                                            [OK, NF, RM, RM, OK, NF, RM, NF, NF, NF, NF, NF, NF]),
    ("case.post", On::Revoked, "", |_, c| json!({ "link": c["link"], "text": "T", "categories": ["health"] }),
                                                                            [CC, NF, RM, RM, CC, NF, NF, NF, NF, NF, NF, NF, NF]),
    ("case.close", On::Linked, "", |_, c| json!({ "link": c["link"] }),     [OK, NF, RM, RM, OK, NF, RM, NF, NF, NF, NF, NF, NF]),
    // Last: nobody is signed in after it.
    ("session.lock", On::Nothing, "", |_, _| json!({}),                     [OK, OK, OK, OK, OK, OK, OK, OK, OK, OK, OK, OK, OK]),
    ("session.end_all", On::Nothing, "", |_, _| json!({}),                  [OK, OK, OK, OK, OK, OK, OK, OK, OK, OK, OK, OK, OK]),
];

/// A person with a socket, and a cookie for the API.
struct Person {
    socket: Socket,
    cookie: String,
}

impl Person {
    /// By the one way or the other; waits when it is told to.
    async fn code(&mut self, s: &Service, op: &str, body: &Value, api: bool) -> String {
        loop {
            let answer = if api {
                let (status, answer) = s.post(&self.cookie, op, Some(s.id()), body).await;
                if status == 200 { Ok(answer) } else { Err(answer) }
            } else {
                self.socket.call(op, body.clone()).await
            };
            match answer {
                Ok(_) => return OK.into(),
                Err(e) if e["code"] == "rate.limited" => {
                    tokio::time::sleep(Duration::from_millis(e["retry_after_ms"].as_u64().unwrap())).await
                }
                Err(e) => return e["code"].as_str().unwrap().to_owned(),
            }
        }
    }
}

product_on_both!(every_cell_holds_over_socket_and_api, |s: Arc<Service>| async move {
    let mut people = HashMap::new();
    for (login, _, _) in PEOPLE {
        people.insert(login, Person { socket: s.socket(login).await, cookie: s.cookie(login).await });
    }
    let mut wrong = Vec::new();
    for (op, on, way, request, expected) in TABLE {
        let command = OPS.iter().find(|e| e.op.name == *op).unwrap().op.command;
        for api in [false, true] {
            // Each ends what it came by: the one is tried over the API, the other over the socket, last of all.
            if (*op == "session.end_all" && api) || (*op == "session.lock" && !api) {
                continue;
            }
            let mut subject = on.make(&s).await;
            for ((login, _, _), expected) in PEOPLE.iter().zip(expected) {
                let person = people.get_mut(login).unwrap();
                let got = person.code(&s, op, &request(&s, &subject), api).await;
                if got != *expected {
                    wrong.push(format!(
                        "{op} {way} ({}) by {login}, {}: {got}, not {expected}",
                        on.words(),
                        if api { "API" } else { "socket" }
                    ));
                }
                // What succeeded has changed the situation.
                if command && got == OK {
                    subject = on.make(&s).await;
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
});

#[test]
fn the_table_has_every_operation() {
    for entry in OPS {
        assert!(TABLE.iter().any(|(op, ..)| *op == entry.op.name), "{}", entry.op.name);
    }
}

/// What `access::TABLE` says of reading and of held texts is what the operations do.
#[test]
fn the_table_is_what_access_says() {
    let outcome = |op: &str, on: On| TABLE.iter().find(|(o, n, ..)| *o == op && *n == on).map(|row| row.4).unwrap();
    let (open, closed, held) = (outcome("thread.open", On::Open), outcome("thread.open", On::Closed), outcome("review.open", On::Held));
    for (i, (login, _, reader)) in PEOPLE.into_iter().enumerate() {
        let of_the_thread = login != "cilla";
        let may = |yes: bool| if yes { OK } else { NF };
        let (reads_open, reads_closed) = match reach(reader, Thing::OwnSide) {
            Reach::OwnAndUnitsOpen => (true, login == "anna"),
            Reach::Unit => (of_the_thread, of_the_thread),
            Reach::Authority => (true, true),
            // By a recorded decision, and there is none.
            Reach::AuthorityByDecision | Reach::Nothing => (false, false),
            other => panic!("{other:?} of a thread"),
        };
        assert_eq!((open[i], closed[i]), (may(reads_open), may(reads_closed)), "{login}");
        // The held text is unit a's, by Anna.
        let reads = match reach(reader, Thing::HeldText) {
            Reach::Own => login == "anna",
            Reach::Unit => login.ends_with(".a"),
            _ => false,
        };
        assert_eq!(held[i], may(reads), "{login}");
        let decides = reads && reach(reader, Thing::HeldText) == Reach::Unit;
        assert_eq!(outcome("review.approve", On::Held)[i], may(decides), "{login}");
        // The case is Anna's, and Bo has it as a task. Managers say why.
        let (live, revoked) = match reach(reader, Thing::NamedCase) {
            Reach::WithLink => (login == "anna", login == "anna"),
            Reach::WhileConsent => (login == "bo", false),
            Reach::UnitWithReason => (true, login.ends_with(".a")),
            Reach::ThatItHappened | Reach::AuthorityByDecision | Reach::Nothing => (false, false),
            other => panic!("{other:?} of a case"),
        };
        let with_reason = |on: On| {
            TABLE.iter().find(|(o, n, way, ..)| *o == "case.open" && *n == on && *way == "with a reason").map(|row| row.4[i] == OK)
        };
        assert_eq!((with_reason(On::Linked), with_reason(On::Revoked)), (Some(live), Some(revoked)), "{login}");
    }
}

// Where the other side is shown, it is shown as an alias; held texts only to those whom the table lets see them.
product_on_both!(names_stay_on_the_own_side, |s: Arc<Service>| async move {
    let thread = s.taken().await;
    s.reply("bo", &thread, "Vi återkommer.").await;
    for (login, _, reader) in PEOPLE {
        let Ok(open) = s.run(login, "thread.open", json!({ "thread": thread })).await else { continue };
        assert_eq!(reach(reader, Thing::OtherSide), Reach::AsAlias, "{login}");
        let side = open["thread"]["side"].as_str().unwrap().to_owned();
        for message in open["messages"].as_array().unwrap() {
            let own = message["from"]["side"] == side.as_str();
            assert_eq!(message["from"]["name"].is_string(), own, "{login}: {message}");
        }
        let text = open.to_string();
        for (other, _, _) in PEOPLE {
            assert!(!text.contains(&s.people[other].to_string()), "{login} gets the id of {other}");
        }
    }
});

fn page() -> String {
    let mut page = String::from(
        "# Who may do what\n\nPrinted from the table in `tests/it/rooms_permissions.rs`, which is run cell by cell over the socket and the API, on both databases.\n\
         A thread is asked by one unit and answered by another; *held* is a text by the asker that waits for review. A named case is the asker's, and whoever answers has it as a task; managers open it with a reason. What is not for a person does not exist for them: `not_found`.\n\n\
         | |",
    );
    for (_, words, _) in PEOPLE {
        let _ = write!(page, " {words} |");
    }
    page += "\n|---|";
    page += &"---|".repeat(PEOPLE.len());
    page.push('\n');
    for (op, on, way, _, codes) in TABLE {
        let more: Vec<&str> = [on.words(), way].into_iter().filter(|w| !w.is_empty()).collect();
        let more = if more.is_empty() { String::new() } else { format!(" ({})", more.join(", ")) };
        let _ = write!(page, "| `{op}`{more} |");
        for code in codes {
            let _ = if *code == OK { write!(page, " yes |") } else { write!(page, " `{code}` |") };
        }
        page.push('\n');
    }
    page
}

/// `UPDATE=1` writes the page anew.
#[test]
fn the_page_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/permissions.md");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, page()).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap_or_default(), page(), "docs/permissions.md: run this test with UPDATE=1");
}
