//! The steps of a thread beside its messages: take on, let go, pass on, close, read.

use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{
    feed, flow,
    load::{self, Seen, TargetState},
    settle::{Tries, Weighed, is_stale, unmoved, weigh},
    text::{self, Field},
};
use crate::{
    access::Side,
    args,
    audit::{self, Deed},
    clock::{Micros, rfc3339},
    db::{Conn, Ephemeral, Signal, Tx},
    http::error::{Code, Error},
    id::Id,
    rooms::{Call, Command, House, command, roles, streams, units},
};

#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct Which {
    pub thread: Id,
}

async fn note(tx: &mut Tx, seen: &Seen, action: &'static str, at: Micros) -> Result<(), Error> {
    let deed = Deed {
        authority: seen.roles.authority,
        person: Some(seen.roles.person),
        action,
        target: "thread",
        target_id: Some(seen.thread.id),
        at,
    };
    Ok(audit::note(tx, deed).await?)
}

/// `thread.claim`: takes on the question, or renews the lease of whoever has it.
pub async fn claim(house: &House, call: Call, req: Which) -> Result<Value, Error> {
    command(house, call, req, |tx, c| {
        Box::pin(async move {
            let (person, now) = (c.call.who.person, c.call.now);
            let mut seen = match load::seen_locked(tx, person, c.req.thread).await {
                Err(e) if e.code == Code::NotFound => return Err(too_late(tx, person, c.req.thread).await?),
                seen => seen?,
            };
            if seen.sight.side != Side::Answering {
                return Err(Error::new(Code::ThreadNotYours));
            }
            let unit = seen.sight.unit;
            let lease = now + flow::LEASE;
            let answer = json!({ "lease_until": rfc3339(lease) });
            match seen.thread.claimed_by {
                Some(holder) if holder == person => {
                    tx.run("update thread set lease_until = $2 where id = $1", args![seen.thread.id, lease]).await?;
                    return Ok(answer);
                }
                Some(_) if seen.thread.lease_until.is_some_and(|until| until > now) => return Err(Error::new(Code::ThreadTaken)),
                _ => {}
            }
            load::take_place(tx, &c.house.random, &mut seen).await?;
            let status = if seen.thread.status == "open" { "claimed" } else { seen.thread.status.as_str() };
            tx.run(
                "update thread set status = $2, claimed_unit_id = $3, claimed_by = $4, lease_until = $5, updated_at = $6 where id = $1",
                args![seen.thread.id, status, unit, person, lease, now],
            )
            .await?;
            for target in &mut seen.thread.targets {
                if target.state == TargetState::Active && target.unit != unit {
                    flow::take_from(tx, seen.thread.id, target.unit, TargetState::Waiting, now).await?;
                    target.state = TargetState::Waiting;
                }
            }
            flow::tell(tx, &seen.thread, (Side::Answering, unit), "thread.changed", None, Some("claimed"), now).await?;
            note(tx, &seen, "thread.claim", now).await?;
            Ok(answer)
        })
    })
    .await
}

/// The thread was this person's to take until another unit took it: that is what they are told. Anyone else is told nothing.
async fn too_late(tx: &mut Tx, person: Id, thread: Id) -> Result<Error, Error> {
    let waiting = tx
        .opt(
            "select 1 as one from thread_target t join unit_role r on r.unit_id = t.unit_id
             where t.thread_id = $1 and t.state = 'waiting' and r.person_id = $2 limit 1",
            args![thread, person],
        )
        .await?;
    Ok(if waiting.is_some() { Error::new(Code::ThreadTaken) } else { Error::not_found() })
}

/// `thread.release`: whoever took it on, or the unit's manager, lets it go.
pub async fn release(house: &House, call: Call, req: Which) -> Result<Value, Error> {
    command(house, call, req, |tx, c| {
        Box::pin(async move {
            let seen = load::seen_locked(tx, c.call.who.person, c.req.thread).await?;
            let own = seen.thread.claimed_by == Some(seen.roles.person);
            let allowed = seen.sight.side == Side::Answering && seen.thread.claimed_by.is_some() && (own || seen.sight.manager);
            if !allowed {
                return Err(Error::new(Code::ThreadNotYours));
            }
            flow::let_go(tx, &c.house, &seen.thread, (Side::Answering, seen.sight.unit), "released", c.call.now).await?;
            note(tx, &seen, "thread.release", c.call.now).await?;
            Ok(json!({}))
        })
    })
    .await
}

/// Frees every question whose lease has run out while an answer was awaited. Gives how many.
pub async fn end_leases(house: &House) -> Result<usize, Error> {
    let now = house.clock.now();
    let rows = {
        let mut conn = house.db.read().await?;
        conn.all("select id from thread where lease_until < $1 and turn = 'answering'", args![now]).await?
    };
    for row in &rows {
        house
            .db
            .write((house.clone(), row.get::<Id>("id")?, now), |tx, (house, id, now)| {
                Box::pin(async move {
                    let Some(thread) = load::thread_locked(tx, *id).await? else { return Ok::<_, Error>(()) };
                    // It may have been renewed since.
                    let ran_out = thread.lease_until.is_some_and(|until| until < *now) && thread.turn == Some(Side::Answering);
                    if let (true, Some(unit)) = (ran_out, thread.claimed_unit) {
                        flow::let_go(tx, house, &thread, (Side::Answering, unit), "lease_expired", *now).await?;
                    }
                    Ok(())
                })
            })
            .await?;
    }
    Ok(rows.len())
}

#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct Route {
    pub thread: Id,
    pub units: Vec<Id>,
    /// Both sides read it.
    pub reason: String,
}

/// `thread.route`: the side that holds the question passes it to other units.
pub async fn route(house: &House, call: Call, req: Route) -> Result<Value, Error> {
    text::required(Field { name: "reason", text: &req.reason })?;
    let mut tries = Tries::default();
    loop {
        let weighed = weigh(house, &call, req.thread, req.clone(), "reason", req.reason.clone()).await?;
        match command(house, call.clone(), weighed, |tx, c| Box::pin(pass_on(tx, c))).await {
            Err(e) if is_stale(&e) => tries.again(req.thread).await?,
            done => return done,
        }
    }
}

async fn pass_on(tx: &mut Tx, c: &Command<Weighed<Route>>) -> Result<Value, Error> {
    let (person, now, req) = (c.call.who.person, c.call.now, &c.req.req);
    let mut seen = load::seen_locked(tx, person, req.thread).await?;
    if let Some(seq) = c.req.seq {
        unmoved(&seen, seq)?;
    }
    let holds = match seen.sight.side {
        // The asker's side may move it until somebody has taken it on.
        Side::Asking => seen.thread.claimed_by.is_none(),
        Side::Answering => seen.sight.manager || seen.thread.claimed_by.is_none_or(|holder| holder == person),
    };
    if !holds {
        return Err(Error::new(Code::ThreadNotYours));
    }
    let mut to = req.units.clone();
    to.sort_unstable();
    to.dedup();
    let leaving: Vec<Id> = match seen.sight.side {
        Side::Asking => seen.thread.active().map(|t| t.unit).collect(),
        Side::Answering => vec![seen.sight.unit],
    };
    // A refusal would tell the answering side which unit asked. So a question that is passed to a hidden asking unit goes back to it: to no unit but the asker's own.
    let hidden = seen.sight.side == Side::Answering && seen.thread.hide_unit;
    let elsewhere = |unit: &Id| (hidden || *unit != seen.thread.asking_unit) && !leaving.contains(unit);
    if to.is_empty() || to.len() > 8 || !to.iter().all(elsewhere) {
        return Err(Error::field("units"));
    }
    let mut days = 1;
    for unit in &to {
        let unit = units::find(tx, *unit).await?.ok_or_else(|| Error::field("units"))?;
        if unit.id != seen.thread.asking_unit {
            days = unit.target_days.max(days);
        }
    }
    to.retain(|unit| *unit != seen.thread.asking_unit);
    let body = json!({ "reason": req.reason });
    load::take_place(tx, &c.house.random, &mut seen).await?;
    let own = (seen.sight.side, seen.sight.unit);
    let key = seen.thread.key(&c.house)?;
    let id = flow::write_message(tx, &c.house, &mut seen.thread, &key, (person, own.0), "route", &body, None, now).await?;
    // Those who let it go are told last of all that they have; the rest read the reason.
    for unit in &leaving {
        flow::take_from(tx, seen.thread.id, *unit, TargetState::Left, now).await?;
    }
    for target in &mut seen.thread.targets {
        if leaving.contains(&target.unit) {
            target.state = TargetState::Left;
        }
    }
    let days = seen.thread.active().map(|t| t.target_days).fold(days, i64::max);
    let turn = if to.is_empty() && seen.thread.active().next().is_none() { Side::Asking } else { Side::Answering };
    let due_at = flow::due(&seen.thread.urgency, days, turn, now);
    tx.run(
        "update thread set status = 'open', turn = $2, due_at = $3, claimed_unit_id = null, claimed_by = null, lease_until = null
                 where id = $1",
        args![seen.thread.id, turn.as_str(), due_at],
    )
    .await?;
    flow::tell(tx, &seen.thread, own, "message.posted", Some(id), Some("routed"), now).await?;
    for unit in &to {
        flow::put_with(tx, &c.house, seen.thread.id, *unit, now).await?;
    }
    note(tx, &seen, "thread.route", now).await?;
    Ok(json!({}))
}

#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct Close {
    pub thread: Id,
    /// Was the advice used: `yes`, `partly`, `no`.
    pub used: String,
    /// What would have happened otherwise: `phoned`, `waited`, `guessed`, `not_asked`.
    pub otherwise: String,
    #[serde(default)]
    pub comment: Option<String>,
}

/// `thread.close`, by the asking side.
pub async fn close(house: &House, call: Call, req: Close) -> Result<Value, Error> {
    if !["yes", "partly", "no"].contains(&req.used.as_str()) {
        return Err(Error::field("used"));
    }
    if !["phoned", "waited", "guessed", "not_asked"].contains(&req.otherwise.as_str()) {
        return Err(Error::field("otherwise"));
    }
    let comment = req.comment.clone().unwrap_or_default();
    text::optional(Field { name: "comment", text: &comment })?;
    let mut tries = Tries::default();
    loop {
        let weighed = weigh(house, &call, req.thread, req.clone(), "comment", comment.clone()).await?;
        match command(house, call.clone(), weighed, |tx, c| Box::pin(end(tx, c))).await {
            Err(e) if is_stale(&e) => tries.again(req.thread).await?,
            done => return done,
        }
    }
}

async fn end(tx: &mut Tx, c: &Command<Weighed<Close>>) -> Result<Value, Error> {
    let (person, now, req) = (c.call.who.person, c.call.now, &c.req.req);
    let mut seen = load::seen_locked(tx, person, req.thread).await?;
    if let Some(seq) = c.req.seq {
        unmoved(&seen, seq)?;
    }
    if seen.sight.side != Side::Asking {
        return Err(Error::new(Code::ThreadNotYours));
    }
    load::take_place(tx, &c.house.random, &mut seen).await?;
    let own = (Side::Asking, seen.sight.unit);
    let could_read = feed::readers(tx, &seen.thread, &seen.places, own.0, own.1).await?;
    let key = seen.thread.key(&c.house)?;
    let body = json!({ "used": req.used, "otherwise": req.otherwise, "comment": req.comment });
    let id = flow::write_message(tx, &c.house, &mut seen.thread, &key, (person, Side::Asking), "close", &body, None, now).await?;
    tx.run(
        "update thread set status = 'closed', turn = null, closed_at = $2, lease_until = null, used = $3, otherwise = $4 where id = $1",
        args![seen.thread.id, now, &req.used, &req.otherwise],
    )
    .await?;
    let n = flow::tell(tx, &seen.thread, own, "thread.changed", Some(id), Some("closed"), now).await?;
    flow::move_cursor(tx, seen.thread.id, person, n).await?;
    // Colleagues who only read along see it no more, and so hear nothing on its stream.
    seen.thread.status = "closed".into();
    seen.places = load::places(tx, seen.thread.id).await?;
    let can_read = feed::readers(tx, &seen.thread, &seen.places, own.0, own.1).await?;
    for colleague in could_read.into_iter().filter(|p| !can_read.contains(p)) {
        streams::notice(tx, colleague, "thread.left", Some(seen.thread.id), None, now).await?;
    }
    note(tx, &seen, "thread.close", now).await?;
    Ok(json!({ "n": n }))
}

#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct ReadTo {
    pub thread: Id,
    /// A number of the person's own stream of the thread.
    pub n: i64,
}

/// `thread.read`: moves the own cursor forward, never back.
pub async fn read_to(house: &House, call: Call, req: ReadTo) -> Result<Value, Error> {
    command(house, call, req, |tx, c| {
        Box::pin(async move {
            let (person, now) = (c.call.who.person, c.call.now);
            let seen = load::seen_in_place(tx, &c.house.random, person, c.req.thread).await?;
            let Some(place) = seen.place() else { return Err(Error::new(Code::RoleMissing)) };
            let (stream, last) = load::stream(tx, seen.thread.id, seen.sight.side, seen.sight.unit).await?.ok_or_else(Error::not_found)?;
            if c.req.n < 0 || c.req.n > last {
                return Err(Error::field("n"));
            }
            let n = place.read_n.max(c.req.n);
            if n > place.read_n {
                tx.run("update thread_person set read_n = $3 where thread_id = $1 and person_id = $2", args![seen.thread.id, person, n])
                    .await?;
                streams::notice(tx, person, "thread.read", Some(seen.thread.id), Some(&n.to_string()), now).await?;
            }
            Ok(json!({ "n": n, "unread": unread(tx, stream, person, n).await? }))
        })
    })
    .await
}

/// How many events after `n` are something to read for this person: what others wrote.
pub async fn unread(conn: &mut Conn, stream: Id, person: Id, n: i64) -> Result<i64, Error> {
    let row = conn
        .one(
            "select count(*) as unread from event e left join message m on m.id = e.ref_id
             where e.stream_id = $1 and e.n > $2 and e.kind in ('message.posted', 'thread.asked') and (m.author_id is null or m.author_id <> $3)",
            args![stream, n, person],
        )
        .await?;
    Ok(row.get("unread")?)
}

#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct Typing {
    pub thread: Id,
    pub on: bool,
}

/// `thread.typing`: of the answering side only, and the asking side hears which unit, never who.
pub async fn typing(house: &House, call: Call, req: Typing) -> Result<Value, Error> {
    let seen = {
        let mut conn = house.db.read().await?;
        roles::of(&mut conn, &call.who).await?;
        load::seen(&mut conn, call.who.person, req.thread).await?
    };
    if !seen.sight.takes_part {
        return Err(Error::new(Code::RoleMissing));
    }
    if seen.sight.side != Side::Answering || seen.thread.claimed_by != Some(call.who.person) {
        return Err(Error::new(Code::ThreadNotYours));
    }
    // A hint that is lost is not worth an error.
    let _ = house.db.signal(&Signal::Ephemeral { kind: Ephemeral::Typing, about: req.thread, on: req.on }).await;
    Ok(json!({}))
}
