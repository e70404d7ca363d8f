//! Fills an empty database with the demo, through the rooms: every text is scanned and every step judged like anybody's.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::texts::{self, Act, PEOPLE, Role, UNITS};
use crate::{
    args,
    clock::{Clock, HOUR, Micros},
    http::{Locale, error::Error},
    id::Id,
    live::Who,
    rooms::{
        House, password,
        people::{self, Hashed, NewPerson, NewRole},
        run,
        units::{self, NewUnit},
    },
};

/// What everybody in the demo signs in with.
pub const PASSWORD: &str = "visa mig rådrum";

/// How many work in a unit that is small, and in one that is not.
const STAFF: [i64; 2] = [3, 12];

/// Someone who can sign in, for the list that the demo prints.
pub struct Login {
    pub login: &'static str,
    pub name: &'static str,
    pub roles: Vec<String>,
}

/// Makes units and people and takes every thread through its steps, at the times they are said to have happened.
pub async fn fill(house: &House) -> Result<Vec<Login>, Error> {
    let now = house.clock.now();
    let units = make_units(house).await?;
    let people = make_people(house, &units).await?;
    for thread in texts::threads() {
        play(house, thread, &units, &people, now).await?;
    }
    Ok(PEOPLE.iter().map(|p| Login { login: p.login, name: p.name, roles: p.roles.iter().map(|r| describe(*r)).collect() }).collect())
}

fn describe(role: Role) -> String {
    let unit = |key: &str| UNITS.iter().find(|u| u.key == key).map_or(key, |u| u.name).to_owned();
    match role {
        Role::Handler(key) => format!("handläggare, {}", unit(key)),
        Role::UnitManager(key) => format!("enhetschef, {}", unit(key)),
        Role::Admin => "administratör".into(),
        Role::Auditor(_) => "granskare av loggen".into(),
        Role::Steering => "styrgrupp".into(),
        Role::Registrar(_) => "registrator".into(),
    }
}

fn authority_name(key: &str) -> String {
    texts::AUTHORITIES.iter().find(|a| a.key == key).map_or(key, |a| a.name).to_owned()
}

async fn make_units(house: &House) -> Result<HashMap<&'static str, Id>, Error> {
    house
        .db
        .write(house.clone(), |tx, house| {
            Box::pin(async move {
                let mut made = HashMap::new();
                for unit in UNITS {
                    let domain = texts::AUTHORITIES.iter().flat_map(|a| a.domains).find(|d| d.key == unit.domain);
                    let new = NewUnit {
                        authority: authority_name(unit.authority),
                        domain: domain.map_or(unit.domain, |d| d.name).to_owned(),
                        name: unit.name.to_owned(),
                        municipality: unit.municipality.to_owned(),
                        phone: unit.phone.to_owned(),
                        target_days: unit.target_days.into(),
                        staff: STAFF[usize::from(!unit.small)],
                        subjects: unit.subjects.iter().map(|s| s.to_string()).collect(),
                        backup_unit: None,
                    };
                    made.insert(unit.key, units::create(tx, house, &new).await?);
                }
                for unit in UNITS {
                    if let Some(backup) = unit.backup_unit.and_then(|key| made.get(key)) {
                        tx.run("update unit set backup_unit_id = $2 where id = $1", args![made[unit.key], *backup]).await?;
                    }
                }
                Ok::<_, Error>(made)
            })
        })
        .await
}

async fn make_people(house: &House, units: &HashMap<&'static str, Id>) -> Result<HashMap<&'static str, Who>, Error> {
    let hash = password::hash(&house.random, PASSWORD.to_owned()).await?;
    let mut made = HashMap::new();
    for person in PEOPLE {
        let backups = UNITS.iter().filter(|u| u.backup_manager == person.login).map(|u| ("backup_manager", Some(u.key)));
        let own = person.roles.iter().map(|role| match role {
            Role::Handler(key) => ("handler", Some(*key)),
            Role::UnitManager(key) => ("unit_manager", Some(*key)),
            Role::Admin => ("admin", None),
            Role::Auditor(_) => ("auditor", None),
            Role::Steering => ("steering", None),
            Role::Registrar(_) => ("registrar", None),
        });
        let roles: Vec<NewRole> = own
            .chain(backups)
            .map(|(role, key)| NewRole { role: role.to_owned(), unit: key.and_then(|k| units.get(k).copied()) })
            .collect();
        let authority = person.roles.iter().find_map(|role| match role {
            Role::Handler(key) | Role::UnitManager(key) => UNITS.iter().find(|u| u.key == *key).map(|u| u.authority),
            Role::Auditor(key) | Role::Registrar(key) => Some(key),
            Role::Admin | Role::Steering => None,
        });
        let authority = authority_name(authority.unwrap_or(texts::AUTHORITIES[0].key));
        let new = NewPerson {
            login: person.login.to_owned(),
            name: person.name.to_owned(),
            email: None,
            password: String::new(),
            locale: "sv".to_owned(),
            roles,
        };
        let args = (house.clone(), authority, Hashed { person: new, hash: hash.clone() });
        let id = house
            .db
            .write(args, |tx, (house, authority, new)| {
                Box::pin(async move {
                    let authority = units::authority(tx, house, authority).await?;
                    people::create(tx, house, authority, new).await
                })
            })
            .await?;
        made.insert(person.login, Who { person: id, session: Id::NIL, bearer: false, locale: Locale::Sv });
    }
    Ok(made)
}

/// Takes one thread through its steps.
async fn play(
    house: &House,
    thread: &texts::Thread,
    units: &HashMap<&'static str, Id>,
    people: &HashMap<&'static str, Who>,
    now: Micros,
) -> Result<(), Error> {
    let at = |hours: u32| House { clock: Clock::manual(now - i64::from(hours) * HOUR), ..house.clone() };
    let ids = |keys: &[&'static str]| keys.iter().filter_map(|k| units.get(k)).map(Id::to_string).collect::<Vec<_>>();
    let step = async |hours: u32, login: &str, op: &str, body: Value| {
        let house = at(hours);
        run(&house, &people[login], op, Some(house.random.id()), body).await
    };
    let asked = step(
        thread.hours_ago,
        thread.asker,
        "thread.ask",
        json!({
            "unit": units[thread.unit], "situation": thread.situation, "question": thread.question, "considered": thread.considered,
            "subject": thread.subject, "urgency": thread.urgency, "units": thread.units.map(ids), "hide_unit": thread.hide_unit,
        }),
    )
    .await?;
    let id = asked["thread"].clone();
    for s in thread.steps {
        let (op, mut body) = match &s.act {
            Act::Claim => ("thread.claim", json!({})),
            Act::AskBack(text) => ("message.post", json!({ "kind": "ask_back", "text": text })),
            Act::Reply(text) => ("message.post", json!({ "kind": "reply", "text": text })),
            Act::Advice { advice, paragraph, limits, needs_name } => (
                "message.post",
                json!({ "kind": "advice", "advice": advice, "paragraph": paragraph, "limits": limits, "needs_name": needs_name }),
            ),
            Act::Route { units, reason } => ("thread.route", json!({ "units": ids(units), "reason": reason })),
            Act::Close { used, otherwise, comment } => {
                ("thread.close", json!({ "used": used, "otherwise": otherwise, "comment": comment }))
            }
        };
        body["thread"] = id.clone();
        // Whoever does something has read what stands there.
        let read = step(s.hours_ago, s.by, "thread.open", json!({ "thread": id })).await?;
        step(s.hours_ago, s.by, "thread.read", json!({ "thread": id, "n": read["thread"]["n"] })).await?;
        step(s.hours_ago, s.by, op, body)
            .await
            .inspect_err(|e| tracing::error!(op, by = s.by, code = e.code.as_str(), "a step of the demo failed"))?;
    }
    Ok(())
}
