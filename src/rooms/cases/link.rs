//! Tying a thread to a case, and letting go.

use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{
    room::{self, Written},
    sight,
};
use crate::{
    access::Side,
    args,
    clock::Micros,
    db::Tx,
    http::error::{Code, Error},
    id::Id,
    rooms::{
        Call, Command, House,
        case_files::{self, CaseFile, text},
        command, threads,
    },
};

#[derive(Deserialize, ToSchema)]
pub struct Link {
    /// A thread that the own unit asked.
    pub thread: Id,
    /// A case of the own unit.
    pub case: Id,
    pub consent: Id,
    /// The unit that has taken the question on.
    pub unit: Id,
    /// What the asking unit chooses to carry over from the thread.
    pub text: String,
    /// The categories of facts in it.
    pub categories: Vec<String>,
}

/// `case.link`: the database refuses it without a live consent that covers the case, the unit and the moment.
pub async fn link(house: &House, call: Call, req: Link) -> Result<Value, Error> {
    text("text", &req.text)?;
    room::check_categories(&req.categories)?;
    command(house, call, req, |tx, c| Box::pin(tie(tx, c))).await
}

async fn tie(tx: &mut Tx, c: &Command<Link>) -> Result<Value, Error> {
    let (house, person, req) = (&c.house, c.call.who.person, &c.req);
    let at = case_files::moment(tx).await?;
    let (roles, file) = case_files::own_with_task(tx, person, req.case).await?;
    let thread = threads::seen(tx, person, req.thread).await?;
    if thread.sight.side != Side::Asking || thread.sight.unit != file.unit || !thread.sight.takes_part {
        return Err(Error::field("thread"));
    }
    // Only the unit that answers: the others that were asked have no part in it.
    let Some(answering) = thread.thread.claimed_by.filter(|_| thread.thread.claimed_unit == Some(req.unit)) else {
        return Err(Error::field("unit"));
    };
    if !covers(tx, req).await? {
        return Err(Error::new(Code::ConsentMissing));
    }
    end_lapsed(tx, req, &file, at).await?;
    let id = house.random.id();
    tx.run(
        "insert into case_link (id, thread_id, case_file_id, consent_id, unit_id, state, created_by, created_at) values ($1, $2, $3, $4, $5, 'open', $6, $7)",
        args![id, req.thread, file.id, req.consent, req.unit, person, at],
    )
    .await?;
    tx.run(
        "insert into case_task (case_file_id, person_id, unit_id, given_by, at) values ($1, $2, $3, $4, $5) on conflict do nothing",
        args![file.id, answering, req.unit, person, at],
    )
    .await?;
    room::write(tx, house, &file, id, (person, Side::Asking), Written { text: &req.text, categories: &req.categories }, at).await?;
    case_files::note(tx, &roles, "case.link", "case_link", Some(id), c.call.now).await?;
    threads::mail(tx, answering, "handler", c.call.now).await?;
    case_files::tell(tx, id, "linked", c.call.now).await?;
    Ok(json!({ "link": id }))
}

/// Asked before the database is, for a clear word: what is refused there is a fault.
async fn covers(tx: &mut Tx, req: &Link) -> Result<bool, Error> {
    let cover = "select 1 as one from consent_cover where consent_id = $1 and case_file_id = $2 and unit_id = $3";
    Ok(tx.opt(cover, args![req.consent, req.case, req.unit]).await?.is_some())
}

/// There is one open link for a thread, a case and a unit. One whose consent has run out gives way to the new one; one that holds does not.
async fn end_lapsed(tx: &mut Tx, req: &Link, file: &CaseFile, at: Micros) -> Result<(), Error> {
    let row = tx
        .opt(
            "select k.id, v.id as live from case_link k left join case_link_live v on v.id = k.id
             where k.thread_id = $1 and k.case_file_id = $2 and k.unit_id = $3 and k.state = 'open'",
            args![req.thread, file.id, req.unit],
        )
        .await?;
    match row {
        None => Ok(()),
        Some(row) if row.get::<Option<Id>>("live")?.is_some() => Err(Error::field("thread")),
        Some(row) => end(tx, row.get("id")?, at).await,
    }
}

async fn end(tx: &mut Tx, link: Id, at: Micros) -> Result<(), Error> {
    tx.run("update case_link set state = 'closed', closed_at = $2 where id = $1 and state = 'open'", args![link, at]).await?;
    Ok(())
}

#[derive(Deserialize, ToSchema)]
pub struct Close {
    /// A link, by either side.
    #[serde(default)]
    pub link: Option<Id>,
    /// Or a whole case of the own unit, with all its links.
    #[serde(default)]
    pub case: Option<Id>,
}

/// `case.close`.
pub async fn close(house: &House, call: Call, req: Close) -> Result<Value, Error> {
    match (req.link, req.case) {
        (Some(link), None) => command(house, call, link, |tx, c| Box::pin(close_link(tx, c))).await,
        (None, Some(case)) => command(house, call, case, |tx, c| Box::pin(close_case(tx, c))).await,
        _ => Err(Error::field("link")),
    }
}

async fn close_link(tx: &mut Tx, c: &Command<Id>) -> Result<Value, Error> {
    let at = case_files::moment(tx).await?;
    let seen = sight::seen_with_task(tx, c.call.who.person, c.req).await?;
    end(tx, seen.tie.id, at).await?;
    case_files::note(tx, &seen.roles, "case.close", "case_link", Some(seen.tie.id), c.call.now).await?;
    case_files::tell(tx, seen.tie.id, "closed", c.call.now).await?;
    Ok(json!({}))
}

async fn close_case(tx: &mut Tx, c: &Command<Id>) -> Result<Value, Error> {
    let at = case_files::moment(tx).await?;
    let (roles, file) = case_files::own_with_task(tx, c.call.who.person, c.req).await?;
    if !file.open {
        return Err(Error::new(Code::CaseClosed));
    }
    let rows = tx.all("select id from case_link where case_file_id = $1 and state = 'open' order by id", args![file.id]).await?;
    // Its links close with it: the database sees to that.
    tx.run("update case_file set state = 'closed', closed_at = $2 where id = $1", args![file.id, at]).await?;
    case_files::note(tx, &roles, "case.close", "case_file", Some(file.id), c.call.now).await?;
    for row in rows {
        case_files::tell(tx, row.get("id")?, "closed", c.call.now).await?;
    }
    Ok(json!({}))
}
