//! Who works with a case.

use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::sight;
use crate::{
    access::{self, CaseMatter, Side},
    args,
    db::Tx,
    http::error::{Code, Error},
    id::Id,
    rooms::{Call, Command, House, Nothing, case_files, command, roles},
};

#[derive(Deserialize, ToSchema)]
pub struct Assign {
    /// A case of the own unit.
    #[serde(default)]
    pub case: Option<Id>,
    /// Or a link, by either side.
    #[serde(default)]
    pub link: Option<Id>,
    /// A colleague of the own unit.
    pub login: String,
}

/// `case.assign`: by whoever has the task, and by the unit's manager.
pub async fn assign(house: &House, call: Call, req: Assign) -> Result<Value, Error> {
    command(house, call, req, |tx, c| Box::pin(give(tx, c))).await
}

async fn give(tx: &mut Tx, c: &Command<Assign>) -> Result<Value, Error> {
    let (person, req) = (c.call.who.person, &c.req);
    let at = case_files::moment(tx).await?;
    let (roles, file, unit) = match (req.case, req.link) {
        (Some(case), None) => {
            let (roles, file, sight) = case_files::own(tx, person, case).await?;
            (roles, file.id, sight.unit)
        }
        (None, Some(link)) => {
            let seen = sight::seen(tx, person, link).await?;
            (seen.roles, seen.file.id, seen.sight.unit)
        }
        _ => return Err(Error::field("link")),
    };
    let row = tx
        .opt(
            "select p.id from person p where p.login = $1 and p.disabled_at is null and exists (select 1 from unit_role r where r.person_id = p.id and r.unit_id = $2)",
            args![req.login.trim().to_lowercase(), unit],
        )
        .await?;
    let colleague: Id = row.ok_or_else(|| Error::field("login"))?.get("id")?;
    tx.run(
        "insert into case_task (case_file_id, person_id, unit_id, given_by, at) values ($1, $2, $3, $4, $5) on conflict do nothing",
        args![file, colleague, unit, person, at],
    )
    .await?;
    // Somebody who has it for the other side keeps that.
    if case_files::task(tx, file, colleague).await? != Some(unit) {
        return Err(Error::field("login"));
    }
    case_files::note(tx, &roles, "case.assign", "case_file", Some(file), c.call.now).await?;
    if let Some(link) = req.link {
        case_files::tell(tx, link, "assigned", c.call.now).await?;
    }
    Ok(json!({}))
}

/// `case.list`: what the person works with, without a word of whom it is about.
pub async fn list(house: &House, call: Call, _: Nothing) -> Result<Value, Error> {
    house.db.write(call, |tx, call| Box::pin(all(tx, call))).await
}

async fn all(tx: &mut Tx, call: &Call) -> Result<Value, Error> {
    case_files::moment(tx).await?;
    let roles = roles::of(tx, &call.who).await?;
    let rows = tx
        .all(
            "select t.case_file_id, t.unit_id, f.state, f.unit_id as own_unit_id, u.name from case_task t join case_file f on f.id = t.case_file_id
             join unit u on u.id = f.unit_id where t.person_id = $1 order by f.created_at, f.id",
            args![roles.person],
        )
        .await?;
    let (mut cases, mut links) = (Vec::new(), Vec::new());
    for row in rows {
        let (case, unit, own) = (row.get::<Id>("case_file_id")?, row.get::<Id>("unit_id")?, row.get::<Id>("own_unit_id")?);
        let matter = CaseMatter { own, receiving: None, live: false, task: Some(unit) };
        if access::decide_case(&matter, &roles).is_some() {
            cases.push(json!({ "case": case, "unit": own, "unit_name": row.get::<String>("name")?, "state": row.get::<String>("state")? }));
        }
        for row in tx.all("select id from case_link where case_file_id = $1 order by created_at, id", args![case]).await? {
            let seen = match sight::seen(tx, roles.person, row.get("id")?).await {
                Ok(seen) => seen,
                Err(e) if [Code::NotFound, Code::CaseClosed].contains(&e.code) => continue,
                Err(e) => return Err(e),
            };
            let asking = seen.sight.side == Side::Asking;
            links.push(json!({
                "link": seen.tie.id, "side": seen.sight.side.as_str(), "open": seen.tie.live, "asking": seen.tie.own_unit_name,
                "answering": seen.tie.unit_name, "case": asking.then_some(case), "thread": asking.then_some(seen.tie.thread),
            }));
        }
    }
    case_files::note(tx, &roles, "case.list", "case_file", None, call.now).await?;
    Ok(json!({ "cases": cases, "links": links }))
}
