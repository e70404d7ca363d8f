//! The review queue: held texts, and who decides on them. Nobody decides on their own.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::{
    Call, House, command, roles, streams,
    threads::{self, Ask, Claim, Field, Post},
    units,
};
use crate::{
    access::{self, Reach, Reader, Roles, Side, Thing},
    args,
    audit::{self, Deed},
    clock::{Micros, rfc3339},
    db::{Conn, Tx},
    http::error::{Code, Error},
    id::Id,
    scan::shown,
    vault::Aad,
};

#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct Which {
    pub held: Id,
}

struct Held {
    id: Id,
    unit: Id,
    author: Id,
    thread: Option<Id>,
    op: String,
    reasons: String,
    state: String,
    wrapped_key: Option<Vec<u8>>,
    sealed: Option<Vec<u8>>,
}

/// The text that was held, as the operation it was.
enum Payload {
    Ask(Ask),
    Post(Post),
}

impl Payload {
    fn fields(&self) -> Vec<(&'static str, &str)> {
        let all = match self {
            Payload::Ask(a) => {
                vec![("situation", Some(&a.situation)), ("question", Some(&a.question)), ("considered", a.considered.as_ref())]
            }
            Payload::Post(p) => vec![
                ("text", p.text.as_ref()),
                ("advice", p.advice.as_ref()),
                ("paragraph", p.paragraph.as_ref()),
                ("limits", p.limits.as_ref()),
            ],
        };
        all.into_iter().filter_map(|(name, text)| text.map(|t| (name, t.as_str()))).collect()
    }

    fn claims(&self) -> &[Claim] {
        match self {
            Payload::Ask(a) => &a.claims,
            Payload::Post(p) => &p.claims,
        }
    }
}

async fn find(conn: &mut Conn, id: Id) -> Result<Held, Error> {
    let row = conn.opt("select * from held where id = $1", args![id]).await?.ok_or_else(Error::not_found)?;
    Ok(Held {
        id,
        unit: row.get("unit_id")?,
        author: row.get("author_id")?,
        thread: row.get("thread_id")?,
        op: row.get("op")?,
        reasons: row.get("reasons")?,
        state: row.get("state")?,
        wrapped_key: row.get("wrapped_key")?,
        sealed: row.get("sealed")?,
    })
}

/// Opens what is sealed under the held text's own key: the text while it waits, the reason after it was returned.
fn unseal(house: &House, held: &Held) -> Result<Option<zeroize::Zeroizing<Vec<u8>>>, Error> {
    let (Some(wrapped), Some(sealed)) = (&held.wrapped_key, &held.sealed) else { return Ok(None) };
    let broken = |_| Error::internal("held", "sealed");
    let key = house.vault.unwrap(wrapped, Aad { table: "held", row: held.id, column: "wrapped_key" }).map_err(broken)?;
    key.open(Aad { table: "held", row: held.id, column: "sealed" }, sealed).map(Some).map_err(broken)
}

fn payload(house: &House, held: &Held) -> Result<Payload, Error> {
    let plain = unseal(house, held)?.ok_or_else(|| Error::new(Code::HeldDecided))?;
    let broken = |_| Error::internal("held", "payload");
    Ok(match held.op.as_str() {
        "thread.ask" => Payload::Ask(serde_json::from_slice(&plain).map_err(broken)?),
        _ => Payload::Post(serde_json::from_slice(&plain).map_err(broken)?),
    })
}

/// Whether this person may decide on the text: a manager (or named backup) of its unit, not its writer, and nobody who also stands on the other side.
async fn may_review(conn: &mut Conn, roles: &Roles, held: &Held, payload: Option<&Payload>) -> Result<bool, Error> {
    let manages = roles.manages(held.unit) && access::reach(Reader::Manager, Thing::HeldText) == Reach::Unit;
    if !manages || roles.person == held.author {
        return Ok(false);
    }
    if let Some(thread) = held.thread {
        return match threads::seen(conn, roles.person, thread).await {
            Ok(seen) => Ok(seen.sight.unit == held.unit && !on_both_sides(&seen)),
            Err(e) if e.code == Code::NotFound => Ok(false),
            Err(e) => Err(e),
        };
    }
    let Some(Payload::Ask(ask)) = payload else { return Ok(true) };
    let asked = match &ask.units {
        Some(named) => named.clone(),
        None => units::with_subject(conn, &ask.subject).await?,
    };
    Ok(!asked.iter().any(|u| *u != held.unit && roles.in_unit(*u)))
}

/// A manager of both sides moderates neither alone.
fn on_both_sides(seen: &threads::Seen) -> bool {
    let matter = seen.thread.matter();
    let answering = matter.answering.iter().any(|(unit, _)| seen.roles.in_unit(*unit));
    answering && seen.roles.in_unit(matter.asking_unit)
}

/// The held text for somebody who may decide on it; to anyone else there is none.
async fn reviewable(conn: &mut Conn, house: &House, person: Id, id: Id) -> Result<(Roles, Held), Error> {
    let roles = roles::find(conn, person).await?.ok_or_else(Error::not_found)?;
    let held = find(conn, id).await?;
    let payload = if held.state == "waiting" { Some(payload(house, &held)?) } else { None };
    if may_review(conn, &roles, &held, payload.as_ref()).await? { Ok((roles, held)) } else { Err(Error::not_found()) }
}

/// As [`reviewable`], and the writer's own.
async fn readable(conn: &mut Conn, house: &House, person: Id, id: Id) -> Result<(Roles, Held), Error> {
    let held = find(conn, id).await?;
    if held.author != person {
        return reviewable(conn, house, person, id).await;
    }
    Ok((roles::find(conn, person).await?.ok_or_else(Error::not_found)?, held))
}

async fn note(tx: &mut Tx, roles: &Roles, action: &'static str, held: Id, at: Micros) -> Result<(), Error> {
    let deed = Deed { authority: roles.authority, person: Some(roles.person), action, target: "held", target_id: Some(held), at };
    Ok(audit::note(tx, deed).await?)
}

/// What a held text is judged by, read in the transaction that records the opening.
struct Opened {
    held: Held,
    payload: Payload,
    writer: String,
    unit_name: String,
    municipality: String,
    /// What stands in the thread already, for the asking side; the other is not told the figure.
    earlier: Option<Vec<String>>,
}

/// `review.open`: for those who decide, and for the writer, whose browser may not have the words any more.
pub async fn open(house: &House, call: Call, req: Which) -> Result<Value, Error> {
    let opened = house
        .db
        .write((house.clone(), call, req), |tx, (house, call, req)| {
            Box::pin(async move {
                let (roles, held) = readable(tx, house, call.who.person, req.held).await?;
                if held.state != "waiting" {
                    return Err(Error::new(Code::HeldDecided));
                }
                note(tx, &roles, "held.open", held.id, call.now).await?;
                gather(tx, house, &roles, held).await
            })
        })
        .await?;
    let house = house.clone();
    threads::off_thread(move || view(&house, &opened)).await
}

async fn gather(tx: &mut Tx, house: &House, roles: &Roles, held: Held) -> Result<Opened, Error> {
    let payload = payload(house, &held)?;
    let writer: String = tx.one("select name from person where id = $1", args![held.author]).await?.get("name")?;
    let unit = units::find(tx, held.unit).await?.ok_or_else(Error::not_found)?;
    let (municipality, earlier) = match held.thread {
        None => (unit.municipality.clone(), Some(Vec::new())),
        Some(thread) => {
            let seen = threads::seen(tx, roles.person, thread).await?;
            let earlier = threads::texts(tx, house, &seen).await?;
            let asking = seen.sight.side == Side::Asking;
            (seen.thread.municipality, asking.then_some(earlier))
        }
    };
    Ok(Opened { held, payload, writer, unit_name: unit.name, municipality, earlier })
}

fn view(house: &House, opened: &Opened) -> Value {
    let Opened { held, payload, .. } = opened;
    let mut fields = Map::new();
    let mut findings = Vec::new();
    for (name, text) in payload.fields() {
        fields.insert(name.to_owned(), text.into());
        for f in house.scanner.scan(text).findings {
            let mut finding = shown::finding(&f);
            finding["field"] = name.into();
            findings.push(finding);
        }
    }
    let texts: Vec<(String, String)> = payload.fields().into_iter().map(|(n, t)| (n.to_owned(), t.to_owned())).collect();
    let risk = opened.earlier.as_ref().map(|earlier| threads::risk(house, &opened.municipality, earlier, &texts, payload.claims()).0);
    json!({
        "held": held.id, "op": held.op, "thread": held.thread, "writer": { "name": opened.writer }, "unit_name": opened.unit_name,
        "fields": fields, "findings": findings, "claims": payload.claims(), "reasons": reasons(&held.reasons), "risk": risk,
    })
}

fn reasons(joined: &str) -> Vec<&str> {
    joined.split(' ').collect()
}

/// Decides, once: the row itself says whether somebody came first. The text and its key are gone when this is done.
async fn decide(tx: &mut Tx, held: &Held, by: Id, state: &'static str, keep: Option<(Vec<u8>, Vec<u8>)>, now: Micros) -> Result<(), Error> {
    let (wrapped, sealed) = keep.unzip();
    let changed = tx
        .run(
            "update held set state = $2, decided_by = $3, decided_at = $4, wrapped_key = $5, sealed = $6 where id = $1 and state = 'waiting'",
            args![held.id, state, by, now, wrapped, sealed],
        )
        .await?;
    if changed == 0 {
        return Err(Error::new(Code::HeldDecided));
    }
    streams::notice(tx, held.author, "held.changed", Some(held.id), Some(state), now).await?;
    threads::tell_reviewers(tx, held.id, held.unit, held.author, state, now).await
}

/// `review.approve`: sends the text as its writer's own.
pub async fn approve(house: &House, call: Call, req: Which) -> Result<Value, Error> {
    command(house, call, req, |tx, c| {
        Box::pin(async move {
            let now = c.call.now;
            let (roles, held) = reviewable(tx, &c.house, c.call.who.person, c.req.held).await?;
            if held.state != "waiting" {
                return Err(Error::new(Code::HeldDecided));
            }
            let payload = payload(&c.house, &held)?;
            decide(tx, &held, roles.person, "approved", None, now).await?;
            let thread = match &payload {
                Payload::Ask(ask) => threads::deliver_ask(tx, &c.house, held.author, ask, now).await?["thread"].clone(),
                Payload::Post(post) => {
                    threads::deliver_approved(tx, &c.house, held.author, post, now).await?;
                    json!(post.thread)
                }
            };
            note(tx, &roles, "held.approve", held.id, now).await?;
            Ok(json!({ "thread": thread }))
        })
    })
    .await
}

#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct SendBack {
    pub held: Id,
    /// The writer reads it.
    pub reason: String,
}

/// `review.return`: the text is destroyed, its writer's browser still has the words.
pub async fn send_back(house: &House, call: Call, req: SendBack) -> Result<Value, Error> {
    let reason = Field { name: "reason", text: &req.reason };
    threads::required(reason)?;
    threads::refuse_any(house, reason.name, reason.text).await?;
    command(house, call, req, |tx, c| {
        Box::pin(async move {
            let (house, now) = (&c.house, c.call.now);
            let (roles, held) = reviewable(tx, house, c.call.who.person, c.req.held).await?;
            let key = house.vault.new_key(&house.random);
            let wrapped = house.vault.wrap(&key, &house.random, Aad { table: "held", row: held.id, column: "wrapped_key" });
            let sealed = key.seal(&house.random, Aad { table: "held", row: held.id, column: "sealed" }, c.req.reason.as_bytes());
            decide(tx, &held, roles.person, "returned", Some((wrapped, sealed)), now).await?;
            note(tx, &roles, "held.return", held.id, now).await?;
            Ok(json!({}))
        })
    })
    .await
}

/// `held.withdraw`: the writer takes back what waits, or lays aside what was returned.
pub async fn withdraw(house: &House, call: Call, req: Which) -> Result<Value, Error> {
    command(house, call, req, |tx, c| {
        Box::pin(async move {
            let roles = roles::of(tx, &c.call.who).await?;
            let held = find(tx, c.req.held).await?;
            if held.author != roles.person {
                return Err(Error::not_found());
            }
            if held.state == "returned" {
                // Read and done with: the reason goes too, and the row leaves the inbox.
                tx.run(
                    "update held set state = 'withdrawn', wrapped_key = null, sealed = null where id = $1 and state = 'returned'",
                    args![held.id],
                )
                .await?;
                streams::notice(tx, roles.person, "held.changed", Some(held.id), Some("withdrawn"), c.call.now).await?;
            } else {
                decide(tx, &held, roles.person, "withdrawn", None, c.call.now).await?;
            }
            note(tx, &roles, "held.withdraw", held.id, c.call.now).await?;
            Ok(json!({}))
        })
    })
    .await
}

/// The rows of the inbox: what the person may decide on, and their own that wait or came back.
pub async fn heaps(conn: &mut Conn, house: &House, roles: &Roles) -> Result<(Vec<Value>, Vec<Value>), Error> {
    let mut to_review = Vec::new();
    let ids = conn
        .all(
            "select h.id from held h join unit_role r on r.unit_id = h.unit_id and r.person_id = $1 and r.role in ('unit_manager', 'backup_manager')
             where h.state = 'waiting' and h.author_id <> $1 order by h.created_at",
            args![roles.person],
        )
        .await?;
    for row in ids {
        let held = find(conn, row.get("id")?).await?;
        let payload = payload(house, &held)?;
        if may_review(conn, roles, &held, Some(&payload)).await? {
            to_review.push(heap_row(conn, &held).await?);
        }
    }
    let mut own = Vec::new();
    let ids = conn
        .all(
            "select id from held where author_id = $1 and state in ('waiting', 'returned') order by created_at desc limit 50",
            args![roles.person],
        )
        .await?;
    for row in ids {
        let held = find(conn, row.get("id")?).await?;
        let mut out = heap_row(conn, &held).await?;
        if held.state == "returned" {
            let reason = unseal(house, &held)?.map(|r| String::from_utf8_lossy(&r).into_owned());
            out["reason"] = reason.into();
        }
        own.push(out);
    }
    Ok((to_review, own))
}

async fn heap_row(conn: &mut Conn, held: &Held) -> Result<Value, Error> {
    let row = conn.one("select h.created_at, u.name from held h join unit u on u.id = h.unit_id where h.id = $1", args![held.id]).await?;
    Ok(json!({
        "held": held.id, "op": held.op, "thread": held.thread, "reasons": reasons(&held.reasons), "state": held.state,
        "at": rfc3339(row.get("created_at")?), "unit_name": row.get::<String>("name")?,
    }))
}
