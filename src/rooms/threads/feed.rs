//! What the live floor asks for: the events of a stream, rendered once for everybody who may hear them at this moment.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::{Value, json};

use super::{
    load::{self, Place, TargetState, Thread},
    show,
};
use crate::{
    access::{self, Roles, Side, UnitRole},
    args,
    clock::Micros,
    db::{Conn, Ephemeral, Row},
    http::error::Error,
    id::Id,
    live::{Batch, Resumed, ResumedStream, Who},
    rooms::{House, roles},
};

/// The most events in one batch; whoever missed more asks again.
const MOST: i64 = 500;

/// Frames by their numbers.
type Numbered = Vec<(i64, Arc<str>)>;

struct Stream {
    id: Id,
    last: i64,
    of: Of,
}

enum Of {
    Person(Id),
    Thread(Id, Side, Id),
}

async fn stream(conn: &mut Conn, id: Id) -> Result<Option<Stream>, Error> {
    let Some(row) = conn.opt("select thread_id, side, unit_id, person_id, last_n from stream where id = $1", args![id]).await? else {
        return Ok(None);
    };
    let of = match (row.get::<Option<Id>>("person_id")?, row.get::<Option<Id>>("thread_id")?) {
        (Some(person), _) => Of::Person(person),
        (None, Some(thread)) => {
            let side = row.get::<Option<String>>("side")?.and_then(|s| Side::parse(&s)).ok_or_else(|| Error::internal("stream", "side"))?;
            Of::Thread(thread, side, row.get("unit_id")?)
        }
        (None, None) => return Err(Error::internal("stream", "of nothing")),
    };
    Ok(Some(Stream { id, last: row.get("last_n")?, of }))
}

async fn events_after(conn: &mut Conn, stream: Id, after: i64) -> Result<Vec<Row>, Error> {
    Ok(conn
        .all("select n, kind, ref_id, change from event where stream_id = $1 and n > $2 order by n limit $3", args![stream, after, MOST])
        .await?)
}

/// The people who may hear a side of a thread now: everybody of its unit whom the table lets read it from that side.
pub async fn readers(conn: &mut Conn, thread: &Thread, places: &[Place], side: Side, unit: Id) -> Result<Vec<Id>, Error> {
    let rows = conn
        .all(
            "select r.person_id, r.unit_id, r.role from unit_role r join person p on p.id = r.person_id and p.disabled_at is null
             where r.unit_id = $1 or r.unit_id in (select unit_id from thread_target where thread_id = $2) order by r.person_id",
            args![thread.asking_unit, thread.id],
        )
        .await?;
    let mut people: BTreeMap<Id, Vec<(Id, UnitRole)>> = BTreeMap::new();
    for row in rows {
        if let Some(role) = UnitRole::parse(&row.get::<String>("role")?) {
            people.entry(row.get("person_id")?).or_default().push((row.get("unit_id")?, role));
        }
    }
    let matter = thread.matter();
    let hears = |(person, units): (Id, Vec<(Id, UnitRole)>)| {
        let roles = Roles { person, authority: Id::NIL, units, wide: Vec::new() };
        let place = places.iter().find(|p| p.person == person);
        let sight = access::decide(&matter, &roles, place.map(|p| p.side), place.is_some_and(|p| p.spoke))?;
        (sight.side == side && sight.unit == unit).then_some(person)
    };
    Ok(people.into_iter().filter_map(hears).collect())
}

/// The members of a unit, without a look at any thread: for the last word to a unit that let a question go.
async fn members(conn: &mut Conn, unit: Id) -> Result<Vec<Id>, Error> {
    let rows = conn.all("select distinct person_id from unit_role where unit_id = $1", args![unit]).await?;
    rows.iter().map(|r| Ok(r.get("person_id")?)).collect()
}

/// Frames for the events of a thread's stream.
async fn render(conn: &mut Conn, house: &House, s: &Stream, thread: &Thread, places: &[Place], rows: &[Row]) -> Result<Numbered, Error> {
    let Of::Thread(_, side, unit) = s.of else { return Ok(Vec::new()) };
    let stands_with = side == Side::Asking || thread.active().any(|t| t.unit == unit);
    let summary = if stands_with {
        let first = show::first(conn, thread.id).await?;
        show::summary(house, thread, places, side, (s.id, s.last), first.as_ref(), house.clock.now())?
    } else {
        json!({ "id": thread.id })
    };
    let mut frames = Vec::new();
    for row in rows {
        let (n, mut kind, change) = (row.get::<i64>("n")?, row.get::<String>("kind")?, row.get::<Option<String>>("change")?);
        if !stands_with {
            // Whatever it was: it is not for this unit any more. The number is told, so that there is no gap.
            kind = "thread.left".into();
        }
        let mut frame = json!({ "event": kind, "stream": s.id, "n": n, "thread": summary });
        if stands_with {
            if let Some(change) = change {
                frame["change"] = change.into();
            }
            if let Some(id) = row.get::<Option<Id>>("ref_id")? {
                frame["message"] = show::one_message(conn, house, thread, places, (side, unit), id).await?.unwrap_or_default();
            }
        }
        frames.push((n, frame.to_string().into()));
    }
    Ok(frames)
}

/// Frames for a person's own notices. A session that ended is no frame of its own: the socket is checked and says so.
fn notices(s: &Stream, rows: &[Row]) -> Result<(Numbered, bool), Error> {
    let (mut frames, mut recheck) = (Vec::new(), false);
    for row in rows {
        let (n, kind) = (row.get::<i64>("n")?, row.get::<String>("kind")?);
        let (reference, change) = (row.get::<Option<Id>>("ref_id")?, row.get::<Option<String>>("change")?);
        let mut frame = json!({ "event": kind, "stream": s.id, "n": n });
        match kind.as_str() {
            "session.ended" => {
                recheck = true;
                // The number must be told to the windows that stay open; which session it was is nobody's business.
                frame["event"] = "session.changed".into();
            }
            "thread.left" => frame["thread"] = json!({ "id": reference }),
            // Which case, and what kind of thing: whoever may read more of it asks.
            "case.changed" => {
                frame["link"] = json!(reference);
                frame["change"] = change.into();
            }
            "thread.read" => {
                frame["thread"] = json!(reference);
                frame["read_n"] = change.and_then(|c| c.parse::<i64>().ok()).into();
            }
            _ => {
                frame["held"] = json!(reference);
                frame["state"] = change.into();
            }
        }
        frames.push((n, frame.to_string().into()));
    }
    Ok((frames, recheck))
}

/// The events of one stream after a number.
pub async fn events(house: &House, id: Id, after: i64) -> Result<Batch, Error> {
    let mut conn = house.db.read().await?;
    let Some(s) = stream(&mut conn, id).await? else { return Ok(Batch::default()) };
    let rows = events_after(&mut conn, id, after).await?;
    let numbered = |frames: Numbered| frames.into_iter().map(|(n, f)| (Some(n), f)).collect();
    match s.of {
        Of::Person(person) => {
            let (frames, recheck) = notices(&s, &rows)?;
            Ok(Batch { readers: vec![person], frames: numbered(frames), recheck: if recheck { vec![person] } else { Vec::new() } })
        }
        Of::Thread(thread, side, unit) => {
            let Some(thread) = load::thread(&mut conn, thread).await? else { return Ok(Batch::default()) };
            let places = load::places(&mut conn, thread.id).await?;
            let gone = thread.targets.iter().any(|t| t.unit == unit && t.state != TargetState::Active) && side == Side::Answering;
            let readers = if gone { members(&mut conn, unit).await? } else { readers(&mut conn, &thread, &places, side, unit).await? };
            Ok(Batch { readers, frames: numbered(render(&mut conn, house, &s, &thread, &places, &rows).await?), recheck: Vec::new() })
        }
    }
}

/// What a person missed of the streams they name. Streams that are not (or no longer) theirs, and those that do not exist, are gone alike.
pub async fn resume(house: &House, who: &Who, after: &BTreeMap<Id, i64>) -> Result<Resumed, Error> {
    let mut conn = house.db.read().await?;
    let mut out = Resumed::default();
    for (id, after) in after {
        match resume_one(&mut conn, house, who, *id, *after).await? {
            Some(resumed) => out.streams.push(resumed),
            None => out.gone.push(*id),
        }
    }
    Ok(out)
}

async fn resume_one(conn: &mut Conn, house: &House, who: &Who, id: Id, after: i64) -> Result<Option<ResumedStream>, Error> {
    let Some(s) = stream(conn, id).await? else { return Ok(None) };
    // A number that was never given out, or more missed than can be told at once: the client loads anew.
    if after < 0 || after > s.last || s.last - after > MOST {
        return Ok(None);
    }
    let frames = match s.of {
        Of::Person(person) if person == who.person => notices(&s, &events_after(conn, id, after).await?)?.0,
        Of::Person(_) => return Ok(None),
        Of::Thread(thread, side, unit) => match load::seen(conn, who.person, thread).await {
            Ok(seen) if seen.sight.takes_part && (seen.sight.side, seen.sight.unit) == (side, unit) => {
                let rows = events_after(conn, id, after).await?;
                render(conn, house, &s, &seen.thread, &seen.places, &rows).await?
            }
            Ok(_) => return Ok(None),
            Err(e) if e.code == crate::http::error::Code::NotFound => {
                // The question left the unit while the client was away: that much it may hear, if it heard of it before.
                let left = load::thread(conn, thread)
                    .await?
                    .filter(|t| t.targets.iter().any(|x| x.unit == unit && x.state != TargetState::Active));
                let member = roles::find(conn, who.person).await?.is_some_and(|r| r.in_unit(unit));
                let Some(thread) = left.filter(|_| member && side == Side::Answering && after > 0) else { return Ok(None) };
                let rows = events_after(conn, id, after).await?;
                render(conn, house, &s, &thread, &[], &rows).await?
            }
            Err(e) => return Err(e),
        },
    };
    Ok(Some(ResumedStream { stream: id, last: s.last, frames }))
}

/// Streams with an event since `at`.
pub async fn moved_since(house: &House, at: Micros) -> Result<Vec<(Id, i64)>, Error> {
    let mut conn = house.db.read().await?;
    let rows = conn.all("select id, last_n from stream where moved_at >= $1", args![at]).await?;
    rows.iter().map(|r| Ok((r.get("id")?, r.get("last_n")?))).collect()
}

/// Who hears that somebody writes in a thread, or that a unit is there: the asking side, and never who it is.
pub async fn ephemeral(house: &House, kind: Ephemeral, id: Id, on: bool) -> Result<Vec<Batch>, Error> {
    let mut conn = house.db.read().await?;
    let ids = match kind {
        Ephemeral::Typing => vec![id],
        Ephemeral::Presence => {
            let rows = conn.all("select id from thread where claimed_unit_id = $1 and status <> 'closed'", args![id]).await?;
            rows.iter().map(|r| r.get("id")).collect::<Result<_, _>>()?
        }
    };
    let mut batches = Vec::new();
    for id in ids {
        let Some(thread) = load::thread(&mut conn, id).await? else { continue };
        let places = load::places(&mut conn, id).await?;
        let readers = readers(&mut conn, &thread, &places, Side::Asking, thread.asking_unit).await?;
        let frame: Value = match kind {
            Ephemeral::Typing => {
                let unit = thread.claimed_unit.and_then(|u| thread.targets.iter().find(|t| t.unit == u)).map(|t| t.unit_name.as_str());
                json!({ "event": "typing", "thread": id, "on": on, "unit": unit })
            }
            Ephemeral::Presence => json!({ "event": "presence", "thread": id, "present": on }),
        };
        batches.push(Batch { readers, frames: vec![(None, frame.to_string().into())], recheck: Vec::new() });
    }
    Ok(batches)
}

/// Every stream the person hears now, with its last number.
pub async fn streams_of(conn: &mut Conn, person: Id, rows: impl Iterator<Item = &Value>) -> Result<serde_json::Map<String, Value>, Error> {
    let mut out = serde_json::Map::new();
    for row in rows {
        if let (Some(stream), Some(n)) = (row["stream"].as_str(), row["n"].as_i64()) {
            out.insert(stream.to_owned(), n.into());
        }
    }
    let own = conn.one("select id, last_n from stream where person_id = $1", args![person]).await?;
    out.insert(own.get::<Id>("id")?.to_string(), own.get::<i64>("last_n")?.into());
    Ok(out)
}
