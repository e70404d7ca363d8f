//! How a thread looks from one side. Nothing here knows the person, but for [`open`]: what is shown of a thread is the same for everybody of a side.

use serde_json::{Value, json};

use super::{
    load::{self, Place, Seen, Thread},
    steps::Which,
    text,
};
use crate::{
    access::{Side, Sight},
    args,
    audit::{self, Deed},
    clock::{Micros, rfc3339, rfc3339_minute},
    db::{Conn, Row},
    http::error::Error,
    id::Id,
    rooms::{Call, House},
    vault::{Aad, DataKey},
};

/// The place of whoever wrote, as this unit of this side may know it.
fn from(places: &[Place], author: Id, side: Side, unit: Id) -> Value {
    match places.iter().find(|p| p.person == author) {
        None => Value::Null,
        Some(p) => json!({
            "side": p.side.as_str(), "alias": p.alias, "letter": p.letter, "colour": p.colour,
            "name": p.name_for(side, unit),
        }),
    }
}

/// A time, to the second for the own side and to the minute for the other: seconds could be matched with what is known elsewhere.
fn time(at: Micros, own: bool) -> String {
    if own { rfc3339(at) } else { rfc3339_minute(at) }
}

/// The sealed body of a message.
fn body(key: &DataKey, id: Id, sealed: &[u8]) -> Result<Value, Error> {
    let plain = key.open(Aad { table: "message", row: id, column: "sealed" }, sealed).map_err(|_| Error::internal("message", "sealed"))?;
    serde_json::from_slice(&plain).map_err(|_| Error::internal("message", "body"))
}

fn body_of(key: &DataKey, row: &Row) -> Result<Value, Error> {
    body(key, row.get("id")?, &row.get::<Vec<u8>>("sealed")?)
}

fn message(key: &DataKey, row: &Row, places: &[Place], (side, unit): (Side, Id)) -> Result<Value, Error> {
    let wrote = row.get::<String>("side")?;
    Ok(json!({
        "id": row.get::<Id>("id")?, "kind": row.get::<String>("kind")?, "at": time(row.get("at")?, wrote == side.as_str()),
        "from": from(places, row.get("author_id")?, side, unit), "fields": body_of(key, row)?, "corrects": row.get::<Option<Id>>("corrects_id")?,
    }))
}

const MESSAGES: &str = "select id, side, author_id, kind, corrects_id, sealed, at from message where thread_id = $1 order by seq";

/// One message, for an event.
pub async fn one_message(
    conn: &mut Conn,
    house: &House,
    thread: &Thread,
    places: &[Place],
    own: (Side, Id),
    id: Id,
) -> Result<Option<Value>, Error> {
    let row = conn
        .opt(
            "select id, side, author_id, kind, corrects_id, sealed, at from message where id = $1 and thread_id = $2",
            args![id, thread.id],
        )
        .await?;
    row.map(|row| message(&thread.key(house)?, &row, places, own)).transpose()
}

/// The words of a message's free-text fields.
fn words(body: &Value) -> impl Iterator<Item = String> + '_ {
    text::FREE.iter().filter_map(|f| body.get(f)).filter_map(Value::as_str).map(str::to_owned)
}

/// What stands in the thread already and counts towards the risk of a text by this person: all of it for the asking side, its own part for the answering one.
pub async fn texts(conn: &mut Conn, house: &House, seen: &Seen) -> Result<Vec<String>, Error> {
    let key = seen.thread.key(house)?;
    let mut out = Vec::new();
    for row in conn.all(MESSAGES, args![seen.thread.id]).await? {
        if seen.sight.side == Side::Asking || row.get::<String>("side")? == "answering" {
            out.extend(words(&body_of(&key, &row)?));
        }
    }
    Ok(out)
}

/// Every message of the thread as `(id, words)`, for the search.
pub async fn all_words(conn: &mut Conn, house: &House, thread: &Thread) -> Result<Vec<(Id, String)>, Error> {
    let key = thread.key(house)?;
    let rows = conn.all(MESSAGES, args![thread.id]).await?;
    rows.iter().map(|row| Ok((row.get("id")?, words(&body_of(&key, row)?).collect::<Vec<_>>().join("\n")))).collect()
}

/// The sealed first message: the question.
pub struct First {
    pub id: Id,
    pub sealed: Vec<u8>,
    /// The kind of the thread's last message.
    pub last: String,
}

impl First {
    pub fn of(row: &Row) -> Result<First, Error> {
        Ok(First { id: row.get("id")?, sealed: row.get("sealed")?, last: row.get("last")? })
    }
}

pub async fn first(conn: &mut Conn, thread: Id) -> Result<Option<First>, Error> {
    let row = conn
        .opt(
            "select id, sealed, (select kind from message where thread_id = $1 order by seq desc limit 1) as last
             from message where thread_id = $1 and seq = 1",
            args![thread],
        )
        .await?;
    row.as_ref().map(First::of).transpose()
}

/// The thread as every member of the side sees it. `stream` is the side's stream and its last number.
pub fn summary(
    house: &House,
    thread: &Thread,
    places: &[Place],
    side: Side,
    stream: (Id, i64),
    first: Option<&First>,
    now: Micros,
) -> Result<Value, Error> {
    let asking = side == Side::Asking;
    let shown = asking || !thread.hide_unit;
    let answered_by = thread.claimed_unit.and_then(|u| thread.targets.iter().find(|t| t.unit == u));
    let question = match first {
        Some(first) => body(&thread.key(house)?, first.id, &first.sealed)?.get("question").cloned().unwrap_or_default(),
        None => Value::Null,
    };
    let mut out = json!({
        "id": thread.id, "side": side.as_str(), "stream": stream.0, "n": stream.1,
        "status": thread.status, "turn": thread.turn.map(Side::as_str), "subject": thread.subject, "urgency": thread.urgency,
        "asked_by": { "unit": shown.then_some(thread.asking_unit), "name": shown.then_some(&thread.asking_unit_name) },
        "answered_by": answered_by.map(|t| json!({ "unit": t.unit, "name": t.unit_name })),
        "question": question, "last": first.map(|f| &f.last),
        "due_at": rfc3339(thread.due_at), "overdue": thread.turn.is_some() && thread.due_at < now,
        "hide_unit": thread.hide_unit, "updated_at": rfc3339_minute(thread.updated_at),
    });
    if asking {
        out["asked"] = thread.active().map(|t| json!({ "unit": t.unit, "name": t.unit_name })).collect();
    } else {
        out["lease_until"] = thread.lease_until.map(rfc3339).into();
    }
    let holder = thread.claimed_by.and_then(|person| places.iter().find(|p| p.person == person));
    out["claimed_by"] = match holder {
        Some(p) => {
            json!({ "alias": p.alias, "letter": p.letter, "colour": p.colour, "name": thread.claimed_unit.and_then(|unit| p.name_for(side, unit)) })
        }
        None => Value::Null,
    };
    Ok(out)
}

/// What [`row`] needs beside the thread.
pub struct Figures {
    /// The stream of the person's side and its last number.
    pub stream: (Id, i64),
    pub unread: i64,
    pub first: Option<First>,
}

async fn figures(conn: &mut Conn, seen: &Seen) -> Result<Figures, Error> {
    let id = seen.thread.id;
    let stream = load::stream(conn, id, seen.sight.side, seen.sight.unit).await?.ok_or_else(|| Error::internal("stream", "missing"))?;
    let unread = super::steps::unread(conn, stream.0, seen.roles.person, seen.read_n()).await?;
    Ok(Figures { stream, unread, first: first(conn, id).await? })
}

/// The summary with what is the person's own: does it concern them, how much is unread.
pub fn row(house: &House, seen: &Seen, figures: &Figures, now: Micros) -> Result<Value, Error> {
    let (side, unit) = (seen.sight.side, seen.sight.unit);
    let mut out = summary(house, &seen.thread, &seen.places, side, figures.stream, figures.first.as_ref(), now)?;
    out["mine"] = (seen.place().is_some_and(|p| p.spoke) || seen.thread.claimed_by == Some(seen.roles.person)).into();
    out["unread"] = figures.unread.into();
    let unit_name = match side {
        Side::Asking => Some(&seen.thread.asking_unit_name),
        Side::Answering => seen.thread.targets.iter().find(|t| t.unit == unit).map(|t| &t.unit_name),
    };
    out["own_unit"] = json!({ "unit": unit, "name": unit_name });
    Ok(out)
}

/// What the person can do here now: the page offers no more.
fn may(thread: &Thread, sight: &Sight, person: Id, now: Micros) -> Value {
    let open = sight.takes_part && !thread.closed();
    let answering = sight.side == Side::Answering;
    let mine = thread.claimed_by == Some(person);
    let free = thread.claimed_by.is_none() || thread.lease_until.is_some_and(|until| until <= now);
    json!({
        "post": open && (!answering || mine),
        "claim": open && answering && !mine && free,
        "release": open && answering && thread.claimed_by.is_some() && (mine || sight.manager),
        "route": open && (thread.claimed_by.is_none() || answering && (mine || sight.manager)),
        "close": open && !answering,
    })
}

/// `thread.open`: everything the person may see of it. Opening leaves a trace, and takes the side.
pub async fn open(house: &House, call: Call, req: Which) -> Result<Value, Error> {
    let mut opened = house
        .db
        .write((house.clone(), call, req), |tx, (house, call, req)| {
            Box::pin(async move {
                let (person, now) = (call.who.person, call.now);
                let seen = load::seen_in_place(tx, &house.random, person, req.thread).await?;
                let deed = Deed {
                    authority: seen.roles.authority,
                    person: Some(person),
                    action: "thread.open",
                    target: "thread",
                    target_id: Some(seen.thread.id),
                    at: now,
                };
                audit::note(tx, deed).await?;
                view(tx, house, &seen, now).await
            })
        })
        .await?;
    // After the transaction: reckoning the risk scans the whole thread, and other writers would wait for it.
    if let Some((municipality, texts)) = opened.at_risk {
        let house = house.clone();
        opened.answer["risk"] = text::off_thread(move || text::risk(&house, &municipality, &texts, &[], &[]).0).await?;
    }
    Ok(opened.answer)
}

/// A thread as it is shown, and what its risk is to be reckoned from, for those who are told it.
struct Opened {
    answer: Value,
    at_risk: Option<(String, Vec<String>)>,
}

async fn view(conn: &mut Conn, house: &House, seen: &Seen, now: Micros) -> Result<Opened, Error> {
    let (thread, side) = (&seen.thread, seen.sight.side);
    let figures = figures(conn, seen).await?;
    let mut out = row(house, seen, &figures, now)?;
    out["you"] = seen.place().map(|p| json!({ "alias": p.alias, "letter": p.letter, "colour": p.colour })).into();
    out["may"] = may(thread, &seen.sight, seen.roles.person, now);
    let key = thread.key(house)?;
    let mut messages = Vec::new();
    let mut visible = Vec::new();
    for row in conn.all(MESSAGES, args![thread.id]).await? {
        let m = message(&key, &row, &seen.places, (side, seen.sight.unit))?;
        visible.extend(words(&m["fields"]));
        messages.push(m);
    }
    out["labels"] = labels(&visible).into();
    let mut held = Vec::new();
    let own = conn
        .all(
            "select id, op, reasons, state, created_at from held where thread_id = $1 and author_id = $2 and state = 'waiting' order by created_at",
            args![thread.id, seen.roles.person],
        )
        .await?;
    for row in own {
        held.push(json!({
            "held": row.get::<Id>("id")?, "op": row.get::<String>("op")?, "state": row.get::<String>("state")?, "at": rfc3339(row.get("created_at")?),
            "reasons": row.get::<String>("reasons")?.split(' ').collect::<Vec<_>>(),
        }));
    }
    let at_risk = (side == Side::Asking && !thread.closed()).then(|| (thread.municipality.clone(), visible));
    Ok(Opened { answer: json!({ "thread": out, "messages": messages, "held": held, "risk": null }), at_risk })
}

/// The masks that stand in the texts, each once: what a writer may pick from.
fn labels(texts: &[String]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for text in texts {
        let mut rest = text.as_str();
        while let Some(start) = rest.find('[') {
            let Some(len) = rest[start..].find(']') else { break };
            let label = &rest[start..=start + len];
            if label.chars().count() <= 60 && !label[1..].contains('[') && !found.iter().any(|f| f == label) {
                found.push(label.to_owned());
            }
            rest = &rest[start + len + 1..];
        }
    }
    found.sort();
    found
}
