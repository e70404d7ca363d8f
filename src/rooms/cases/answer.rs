//! The other direction: the unit that is told writes nothing about the person before its own consent stands.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::sight;
use crate::{
    access::Side,
    args,
    db::Tx,
    http::error::{Code, Error},
    id::Id,
    rooms::{
        Call, Command, House,
        case_files::{self, CaseFile},
        command,
    },
};

#[derive(Deserialize, ToSchema)]
pub struct Answer {
    pub link: Id,
    /// A consent of a case of the own unit, about the same people, that names the asking unit.
    pub consent: Id,
}

/// `case.answer`.
pub async fn answer(house: &House, call: Call, req: Answer) -> Result<Value, Error> {
    command(house, call, req, |tx, c| Box::pin(put(tx, c))).await
}

async fn put(tx: &mut Tx, c: &Command<Answer>) -> Result<Value, Error> {
    let (person, req) = (c.call.who.person, &c.req);
    case_files::moment(tx).await?;
    let seen = sight::seen_with_task(tx, person, req.link).await?;
    if seen.sight.side != Side::Answering {
        return Err(Error::field("link"));
    }
    let row = tx.opt("select case_file_id from consent where id = $1 and unit_id = $2", args![req.consent, seen.tie.unit]).await?;
    let case = row.ok_or_else(|| Error::field("consent"))?.get("case_file_id")?;
    let (_, own) = case_files::own_with_task(tx, person, case).await.map_err(|_| Error::field("consent"))?;
    let cover = "select 1 as one from consent_cover where consent_id = $1 and own_unit_id = $2 and unit_id = $3";
    if tx.opt(cover, args![req.consent, seen.tie.unit, seen.file.unit]).await?.is_none()
        || !same_people(tx, &c.house, &seen.file, &own).await?
    {
        return Err(Error::new(Code::ConsentMissing));
    }
    tx.run("update case_link set answer_consent_id = $2 where id = $1", args![seen.tie.id, req.consent]).await?;
    case_files::note(tx, &seen.roles, "case.answer", "case_link", Some(seen.tie.id), c.call.now).await?;
    case_files::tell(tx, seen.tie.id, "answered", c.call.now).await?;
    Ok(json!({}))
}

/// Each unit has a file of its own. That both are about the same people can only be seen by opening them.
async fn same_people(tx: &mut Tx, house: &House, a: &CaseFile, b: &CaseFile) -> Result<bool, Error> {
    let mut people = Vec::new();
    for file in [a, b] {
        let subjects = case_files::subjects(tx, &file.key(house)?, file.id).await?;
        people.push(subjects.into_iter().map(|s| s.identity.personnummer).collect::<BTreeSet<_>>());
    }
    Ok(people[0] == people[1])
}
