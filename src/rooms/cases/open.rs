//! Opening a case: who it is about, and what may be told.

use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::sight::{self, Seen};
use crate::{
    access::Side,
    args,
    clock::{Micros, rfc3339},
    db::Tx,
    http::error::Error,
    id::Id,
    rooms::{Call, House, case_files, roles},
};

#[derive(Deserialize, ToSchema)]
pub struct Open {
    pub link: Id,
    /// Why: needed of a manager who does not work with the case.
    #[serde(default)]
    pub reason: Option<String>,
}

/// `case.open`: for those with the task; those of the other unit while a live consent covers it. Every try leaves its trace.
pub async fn open(house: &House, call: Call, req: Open) -> Result<Value, Error> {
    house.db.write((house.clone(), call, req), |tx, (house, call, req)| Box::pin(look(tx, house, call, req))).await?
}

/// Somebody was refused: that is noted, with the link if there is such a one.
pub async fn refused(tx: &mut Tx, call: &Call, link: Id, error: Error) -> Result<Error, Error> {
    if let Some(roles) = roles::find(tx, call.who.person).await? {
        let known = sight::tie(tx, link).await?.map(|_| link);
        case_files::note(tx, &roles, "case.refused", "case_link", known, call.now).await?;
    }
    Ok(error)
}

/// The inner result is the answer, and both kinds of it are kept in the audit.
async fn look(tx: &mut Tx, house: &House, call: &Call, req: &Open) -> Result<Result<Value, Error>, Error> {
    let at = case_files::moment(tx).await?;
    let seen = match sight::seen(tx, call.who.person, req.link).await {
        Ok(seen) => seen,
        Err(error) => return refused(tx, call, req.link, error).await.map(Err),
    };
    if !seen.sight.task {
        case_files::reason(tx, house, &seen.file, Some(req.link), seen.roles.person, req.reason.as_deref(), at).await?;
    }
    let view = view(tx, house, &seen, at).await?;
    case_files::note(tx, &seen.roles, "case.open", "case_link", Some(req.link), call.now).await?;
    Ok(Ok(view))
}

/// A consent's scope as it is at this moment; nothing where it does not hold.
async fn scope(tx: &mut Tx, consent: Option<Id>, holds: bool) -> Result<Value, Error> {
    let Some(consent) = consent.filter(|_| holds) else { return Ok(Value::Null) };
    let until: Micros = tx.one("select until_at from consent where id = $1", args![consent]).await?.get("until_at")?;
    let rows = tx.all("select category from consent_category where consent_id = $1 order by category", args![consent]).await?;
    let categories = rows.iter().map(|r| r.get("category")).collect::<Result<Vec<String>, _>>()?;
    Ok(json!({ "categories": categories, "until": rfc3339(until) }))
}

async fn view(tx: &mut Tx, house: &House, seen: &Seen, at: Micros) -> Result<Value, Error> {
    let (tie, side) = (&seen.tie, seen.sight.side);
    let key = seen.file.key(house)?;
    let subjects = case_files::subjects(tx, &key, seen.file.id).await?;
    let asking = side == Side::Asking;
    let mut out = json!({
        "link": tie.id, "side": side.as_str(), "open": tie.live, "at": rfc3339(at),
        "asking": { "unit": seen.file.unit, "name": tie.own_unit_name }, "answering": { "unit": tie.unit, "name": tie.unit_name },
        "subjects": subjects.iter().map(|s| json!({ "name": s.identity.name, "personnummer": s.identity.personnummer })).collect::<Vec<_>>(),
        "told": scope(tx, Some(tie.consent), tie.live).await?, "answered": scope(tx, tie.answer, tie.answers).await?,
        "may": { "post": seen.sight.task && tie.live && (asking || tie.answers), "answer": seen.sight.task && tie.live && !asking,
            "close": seen.sight.task && tie.live },
        // The own unit's consent. The other's is its own affair: what it covers is told, not what it says.
        "consent": seen.own_consent(),
    });
    if asking {
        // What ties it to the own unit's papers, and to the thread, stays on the own side.
        out["case"] = json!(seen.file.id);
        out["case_number"] = seen.file.case_number(&key)?.into();
        out["thread"] = json!(tie.thread);
    }
    Ok(out)
}
