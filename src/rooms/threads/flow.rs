//! What the steps of a thread have in common: telling its streams, letting go, holding a text back.

use serde_json::{Value, json};

use super::{
    load::{self, TargetState, Thread},
    text::Reason,
};
use crate::{
    access::Side,
    args,
    clock::{HOUR, MINUTE, Micros},
    db::Tx,
    http::error::Error,
    id::Id,
    rooms::{House, streams},
    vault::{Aad, DataKey},
    workdays,
};

/// How long a question that was taken on stays with the person who took it, since the last message.
pub const LEASE: Micros = 24 * HOUR;
/// Working days the asking side has before its turn counts as late.
const ASKING_DAYS: u32 = 5;
/// How long someone has to see a thing on the page before a mail is sent.
pub const MAIL_AFTER: Micros = 10 * MINUTE;

/// When the side whose turn it is should have answered.
pub fn due(thread_urgency: &str, target_days: i64, turn: Side, now: Micros) -> Micros {
    let days = match (turn, thread_urgency) {
        (Side::Asking, _) => ASKING_DAYS,
        (Side::Answering, "soon") => 1,
        (Side::Answering, _) => u32::try_from(target_days).unwrap_or(3),
    };
    workdays::due(now, days)
}

/// Puts one event on the stream of the asking side and of every unit the question stands with. Gives the number it got on the stream of `own`.
pub async fn tell(
    tx: &mut Tx,
    thread: &Thread,
    own: (Side, Id),
    kind: &'static str,
    reference: Option<Id>,
    change: Option<&str>,
    now: Micros,
) -> Result<i64, Error> {
    let mut mine = 0;
    // Always in the same order, so that two transactions do not wait for each other.
    let asking = std::iter::once((Side::Asking, thread.asking_unit));
    for (side, unit) in asking.chain(thread.active().map(|t| (Side::Answering, t.unit))) {
        let n = tell_one(tx, thread.id, side, unit, kind, reference, change, now).await?;
        if (side, unit) == own {
            mine = n;
        }
    }
    Ok(mine)
}

#[expect(clippy::too_many_arguments, reason = "the columns of one event")]
pub async fn tell_one(
    tx: &mut Tx,
    thread: Id,
    side: Side,
    unit: Id,
    kind: &'static str,
    reference: Option<Id>,
    change: Option<&str>,
    now: Micros,
) -> Result<i64, Error> {
    let (stream, _) = load::stream(tx, thread, side, unit).await?.ok_or_else(|| Error::internal("stream", "missing"))?;
    streams::push(tx, stream, kind, reference, change, now).await
}

/// Puts the question with a unit, or again with one that had stepped aside, and tells it.
pub async fn put_with(tx: &mut Tx, house: &House, thread: Id, unit: Id, now: Micros) -> Result<(), Error> {
    tx.run(
        "insert into thread_target (thread_id, unit_id, state) values ($1, $2, 'active')
         on conflict (thread_id, unit_id) do update set state = 'active'",
        args![thread, unit],
    )
    .await?;
    tx.run(
        "insert into stream (id, thread_id, side, unit_id, moved_at) values ($1, $2, 'answering', $3, $4) on conflict do nothing",
        args![house.random.id(), thread, unit, now],
    )
    .await?;
    tell_one(tx, thread, Side::Answering, unit, "thread.asked", None, None, now).await?;
    let rows = tx.all("select person_id from unit_role where unit_id = $1 and role = 'handler'", args![unit]).await?;
    for row in rows {
        mail(tx, row.get("person_id")?, "handler", now).await?;
    }
    Ok(())
}

/// Takes the question away from a unit; `thread.left` is the last it hears.
pub async fn take_from(tx: &mut Tx, thread: Id, unit: Id, state: TargetState, now: Micros) -> Result<(), Error> {
    let state = if state == TargetState::Waiting { "waiting" } else { "left" };
    tx.run("update thread_target set state = $3 where thread_id = $1 and unit_id = $2", args![thread, unit, state]).await?;
    tell_one(tx, thread, Side::Answering, unit, "thread.left", None, None, now).await?;
    Ok(())
}

/// Nobody has taken on the question any more. Units that stepped aside see it again, unless something has been answered: that was between the two.
pub async fn let_go(tx: &mut Tx, house: &House, thread: &Thread, own: (Side, Id), change: &'static str, now: Micros) -> Result<i64, Error> {
    let status = if thread.status == "claimed" { "open" } else { thread.status.as_str() };
    tx.run(
        "update thread set status = $2, claimed_unit_id = null, claimed_by = null, lease_until = null, updated_at = $3 where id = $1",
        args![thread.id, status, now],
    )
    .await?;
    let n = tell(tx, thread, own, "thread.changed", None, Some(change), now).await?;
    let spoke =
        tx.opt("select 1 as one from message where thread_id = $1 and side = 'answering' limit 1", args![thread.id]).await?.is_some();
    if !spoke {
        for target in thread.targets.iter().filter(|t| t.state == TargetState::Waiting) {
            put_with(tx, house, thread.id, target.unit, now).await?;
        }
    }
    Ok(n)
}

/// Adds a message, sealed, and counts it. The caller tells the streams.
#[expect(clippy::too_many_arguments, reason = "the columns of one message")]
pub async fn write_message(
    tx: &mut Tx,
    house: &House,
    thread: &mut Thread,
    key: &DataKey,
    author: (Id, Side),
    kind: &'static str,
    fields: &Value,
    corrects: Option<Id>,
    now: Micros,
) -> Result<Id, Error> {
    let id = house.random.id();
    let sealed = key.seal(&house.random, Aad { table: "message", row: id, column: "sealed" }, fields.to_string().as_bytes());
    thread.last_seq += 1;
    tx.run("update thread set last_seq = $2, updated_at = $3 where id = $1", args![thread.id, thread.last_seq, now]).await?;
    tx.run(
        "insert into message (id, thread_id, seq, side, author_id, kind, corrects_id, sealed, at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        args![id, thread.id, thread.last_seq, author.1.as_str(), author.0, kind, corrects, sealed, now],
    )
    .await?;
    tx.run("update thread_person set spoke = 1 where thread_id = $1 and person_id = $2", args![thread.id, author.0]).await?;
    Ok(id)
}

/// The writer has seen what they wrote themselves, if they had seen all that others wrote before it.
pub async fn move_cursor(tx: &mut Tx, thread: Id, person: Id, n: i64) -> Result<(), Error> {
    tx.run(
        "update thread_person set read_n = $3 where thread_id = $1 and person_id = $2 and read_n < $3 and not exists (
            select 1 from stream s join event e on e.stream_id = s.id left join message m on m.id = e.ref_id
            where s.thread_id = $1 and s.side = thread_person.side and s.unit_id = thread_person.unit_id
              and e.n > thread_person.read_n and e.n < $3 and e.kind in ('message.posted', 'thread.asked') and (m.author_id is null or m.author_id <> $2))",
        args![thread, person, n],
    )
    .await?;
    Ok(())
}

/// Puts a text in the unit manager's queue, sealed under a key of its own, and tells those who may decide. Gives the answer to the command.
#[expect(clippy::too_many_arguments, reason = "the columns of one held text")]
pub async fn hold(
    tx: &mut Tx,
    house: &House,
    author: Id,
    unit: Id,
    thread: Option<Id>,
    op: &'static str,
    payload: &impl serde::Serialize,
    reasons: &[Reason],
    now: Micros,
) -> Result<Value, Error> {
    let id = house.random.id();
    let key = house.vault.new_key(&house.random);
    let wrapped = house.vault.wrap(&key, &house.random, Aad { table: "held", row: id, column: "wrapped_key" });
    let text = zeroize::Zeroizing::new(serde_json::to_vec(payload).map_err(|_| Error::internal("held", "payload"))?);
    let sealed = key.seal(&house.random, Aad { table: "held", row: id, column: "sealed" }, &text);
    let reasons: Vec<&str> = reasons.iter().map(|r| if *r == Reason::Claim { "claim" } else { "risk" }).collect();
    tx.run(
        "insert into held (id, unit_id, author_id, thread_id, op, reasons, state, wrapped_key, sealed, created_at)
         values ($1, $2, $3, $4, $5, $6, 'waiting', $7, $8, $9)",
        args![id, unit, author, thread, op, reasons.join(" "), wrapped, sealed, now],
    )
    .await?;
    streams::notice(tx, author, "held.changed", Some(id), Some("waiting"), now).await?;
    tell_reviewers(tx, id, unit, author, "waiting", now).await?;
    Ok(json!({ "held": id }))
}

/// Tells those who may decide on a held text of this unit that something happened to it: never its writer.
pub async fn tell_reviewers(tx: &mut Tx, held: Id, unit: Id, author: Id, state: &str, now: Micros) -> Result<(), Error> {
    let rows = tx
        .all(
            "select distinct person_id from unit_role where unit_id = $1 and role in ('unit_manager', 'backup_manager') and person_id <> $2 order by person_id",
            args![unit, author],
        )
        .await?;
    for row in rows {
        let person = row.get("person_id")?;
        streams::notice(tx, person, "review.changed", Some(held), Some(state), now).await?;
        if state == "waiting" {
            mail(tx, person, "unit_manager", now).await?;
        }
    }
    Ok(())
}

/// Something waits for this person in this role. The mail goes out later, and only if they have not been here since.
pub async fn mail(tx: &mut Tx, person: Id, role: &'static str, now: Micros) -> Result<(), Error> {
    tx.run(
        "insert into mail_due (person_id, role, due_at) select id, $2, $3 from person where id = $1 and email is not null on conflict do nothing",
        args![person, role, now + MAIL_AFTER],
    )
    .await?;
    Ok(())
}
