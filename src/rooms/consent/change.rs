//! A consent becomes less, or ends.

use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{
    draft::time,
    record::{self, Any},
    state::{Less, State},
};
use crate::{
    args,
    audit::{self, Deed},
    clock::Micros,
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
pub struct Narrow {
    pub consent: Id,
    /// The categories that are left; all of them when it is left out.
    #[serde(default)]
    pub categories: Option<Vec<String>>,
    /// The units that are left.
    #[serde(default)]
    pub units: Option<Vec<Id>>,
    /// An earlier end.
    #[serde(default)]
    pub until: Option<String>,
}

/// `consent.narrow`: fewer facts, fewer units, a shorter time. In force at once.
pub async fn narrow(house: &House, call: Call, req: Narrow) -> Result<Value, Error> {
    let until = req.until.as_deref().map(|until| time("until", until)).transpose()?;
    let less = Less { categories: req.categories, units: req.units, until };
    command(house, call, (req.consent, less), |tx, c| Box::pin(take_away(tx, c))).await
}

async fn take_away(tx: &mut Tx, c: &Command<(Id, Less)>) -> Result<Value, Error> {
    let (person, (id, less)) = (c.call.who.person, &c.req);
    let moment = case_files::moment(tx).await?;
    let known = record::find(tx, *id).await?.ok_or_else(Error::not_found)?;
    let (roles, _) = case_files::own_with_task(tx, person, known.record().case).await?;
    let links = record::links(tx, *id).await?;
    let state = match record::for_change(tx, *id, moment).await? {
        Any::Draft(draft) => store(tx, draft.narrow(less, moment)?, moment).await?,
        Any::Given(given) => store(tx, given.narrow(less, moment)?, moment).await?,
        Any::Limited(limited) => store(tx, limited.narrow(less, moment)?, moment).await?,
        Any::Ended(_) => return Err(Error::new(Code::ConsentDecided)),
    };
    case_files::note(tx, &roles, "consent.narrow", "consent", Some(*id), c.call.now).await?;
    tell(tx, &links, "narrowed", c.call.now).await?;
    Ok(json!({ "consent": id, "state": state }))
}

async fn store<S: State>(tx: &mut Tx, narrowed: super::state::Narrowed<S>, moment: Micros) -> Result<&'static str, Error> {
    narrowed.store(tx, moment).await?;
    Ok(narrowed.consent.state.name())
}

/// Tells those who work with the links what became of them.
async fn tell(tx: &mut Tx, links: &[Id], otherwise: &'static str, now: Micros) -> Result<(), Error> {
    for link in links {
        let open = tx.opt("select 1 as one from case_link where id = $1 and state = 'open'", args![*link]).await?.is_some();
        case_files::tell(tx, *link, if open { otherwise } else { "closed" }, now).await?;
    }
    Ok(())
}

#[derive(Deserialize, ToSchema)]
pub struct Revoke {
    pub consent: Id,
    /// Who takes it back, if it is known.
    #[serde(default)]
    pub giver: Option<Id>,
}

/// `consent.revoke`: in one step, by anybody who works with the case, or its unit's manager. The links close with it.
pub async fn revoke(house: &House, call: Call, req: Revoke) -> Result<Value, Error> {
    command(house, call, req, |tx, c| Box::pin(take_back(tx, c))).await
}

async fn take_back(tx: &mut Tx, c: &Command<Revoke>) -> Result<Value, Error> {
    let (person, req) = (c.call.who.person, &c.req);
    let moment = case_files::moment(tx).await?;
    let known = record::find(tx, req.consent).await?.ok_or_else(Error::not_found)?;
    let (roles, ..) = case_files::own(tx, person, known.record().case).await?;
    let links = record::links(tx, req.consent).await?;
    let ended = match record::for_change(tx, req.consent, moment).await? {
        Any::Given(given) => given.revoke(),
        Any::Limited(limited) => limited.revoke(),
        Any::Draft(_) | Any::Ended(_) => return Err(Error::new(Code::ConsentDecided)),
    };
    match req.giver {
        // The consent first: with its giver the database would end it by itself, and once is enough.
        None => ended.store(tx, moment).await?,
        Some(giver) => {
            if ended.record.givers.iter().all(|g| g.id != giver) {
                return Err(Error::field("giver"));
            }
            ended.store(tx, moment).await?;
            tx.run(
                "update consent_giver set state = 'withdrawn', answered_by = $2, answered_at = $3 where id = $1",
                args![giver, person, moment],
            )
            .await?;
        }
    }
    case_files::note(tx, &roles, "consent.revoke", "consent", Some(req.consent), c.call.now).await?;
    tell(tx, &links, "answer_ended", c.call.now).await?;
    Ok(json!({ "consent": req.consent, "state": "revoked" }))
}

const OVER: &str =
    "select id from consent where state in ('draft', 'given', 'limited') and until_at <= (select at from moment) order by id limit 200";

/// Writes down which consents have run out, and tells those whose cases closed by it. That they are closed does not wait for this: every look asks for the moment.
/// How many there were.
pub async fn expire(house: &House) -> Result<usize, Error> {
    if house.db.read().await?.all(OVER, args![]).await?.is_empty() {
        return Ok(0);
    }
    house.db.write(house.clock.now(), |tx, now| Box::pin(write_down(tx, *now))).await
}

async fn write_down(tx: &mut Tx, now: Micros) -> Result<usize, Error> {
    let moment = case_files::moment(tx).await?;
    let rows = tx.all(OVER, args![]).await?;
    for row in &rows {
        let id = row.get("id")?;
        let links = record::links(tx, id).await?;
        let Some(consent) = record::find(tx, id).await? else { continue };
        let case = consent.record().case;
        let ended = match consent {
            Any::Draft(draft) => draft.lapse(),
            Any::Given(given) => given.expire(),
            Any::Limited(limited) => limited.expire(),
            Any::Ended(_) => continue,
        };
        ended.store(tx, moment).await?;
        let Some(file) = CaseFile::find(tx, case).await? else { continue };
        let deed =
            Deed { authority: file.authority, person: None, action: "consent.expire", target: "consent", target_id: Some(id), at: now };
        audit::note(tx, deed).await?;
        tell(tx, &links, "answer_ended", now).await?;
    }
    Ok(rows.len())
}
