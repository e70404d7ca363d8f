//! What those say whose yes is needed.

use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{
    record::{self, AnswerWords, Any, Giver},
    state::{Answered, Consent, Draft, State},
};
use crate::{
    access::Roles,
    args,
    clock::Micros,
    db::Tx,
    http::error::{Code, Error},
    id::Id,
    rooms::{
        Call, Command, House,
        case_files::{self, CaseFile, line, text},
        command,
    },
};

#[derive(Deserialize, ToSchema)]
pub struct Give {
    pub consent: Id,
    /// Whose yes it is.
    pub giver: Id,
    /// `oral` or `written`.
    pub form: String,
    /// Where the paper is; needed for a written one.
    #[serde(default)]
    pub evidence: Option<String>,
    /// Who heard it.
    #[serde(default)]
    pub witness: Option<String>,
}

impl Give {
    fn check(&self) -> Result<(), Error> {
        match (self.form.as_str(), &self.evidence) {
            ("written", None) => return Err(Error::field("evidence")),
            ("oral" | "written", _) => {}
            _ => return Err(Error::field("form")),
        }
        self.evidence.as_deref().map(|evidence| text("evidence", evidence)).transpose()?;
        self.witness.as_deref().map(|witness| line("witness", witness)).transpose()?;
        Ok(())
    }
}

/// A draft and the giver in it, for whoever works with the case.
async fn drafted(tx: &mut Tx, person: Id, id: Id, giver: Id, moment: Micros) -> Result<(Roles, CaseFile, Consent<Draft>, usize), Error> {
    let known = record::find(tx, id).await?.ok_or_else(Error::not_found)?;
    let (roles, file) = case_files::own_with_task(tx, person, known.record().case).await?;
    let Any::Draft(consent) = record::for_change(tx, id, moment).await? else { return Err(Error::new(Code::ConsentDecided)) };
    let at = consent.record.givers.iter().position(|g| g.id == giver).ok_or_else(|| Error::field("giver"))?;
    Ok((roles, file, consent, at))
}

/// `consent.give`: one giver's yes. With the last one the consent is given.
pub async fn give(house: &House, call: Call, req: Give) -> Result<Value, Error> {
    req.check()?;
    command(house, call, req, |tx, c| Box::pin(say_yes(tx, c))).await
}

async fn say_yes(tx: &mut Tx, c: &Command<Give>) -> Result<Value, Error> {
    let (house, person, req) = (&c.house, c.call.who.person, &c.req);
    let moment = case_files::moment(tx).await?;
    let (roles, file, mut consent, at) = drafted(tx, person, req.consent, req.giver, moment).await?;
    if !file.open {
        return Err(Error::new(Code::CaseClosed));
    }
    let giver = &mut consent.record.givers[at];
    if giver.state != "asked" {
        return Err(Error::new(Code::ConsentDecided));
    }
    let words = AnswerWords { evidence: req.evidence.clone(), witness: req.witness.clone() };
    let sealed = case_files::seal(house, &file.key(house)?, ("consent_giver", giver.id, "answer_sealed"), &words)?;
    tx.run(
        "update consent_giver set state = 'given', form = $2, answer_sealed = $3, answered_by = $4, answered_at = $5 where id = $1",
        args![giver.id, &req.form, sealed, person, moment],
    )
    .await?;
    giver.state = "given".into();
    let id = consent.record.id;
    let state = match consent.answered()? {
        Answered::Waits(draft) => draft.state.name(),
        Answered::Given(given) => {
            given.store(tx, moment).await?;
            given.state.name()
        }
    };
    case_files::note(tx, &roles, "consent.give", "consent", Some(id), c.call.now).await?;
    Ok(json!({ "consent": id, "state": state }))
}

#[derive(Deserialize, ToSchema)]
pub struct Refuse {
    pub consent: Id,
    /// Who says no.
    pub giver: Id,
}

/// `consent.refuse`: one no, and there is no consent. Nobody outside the case hears of it.
pub async fn refuse(house: &House, call: Call, req: Refuse) -> Result<Value, Error> {
    command(house, call, req, |tx, c| Box::pin(say_no(tx, c))).await
}

async fn say_no(tx: &mut Tx, c: &Command<Refuse>) -> Result<Value, Error> {
    let (person, req) = (c.call.who.person, &c.req);
    let moment = case_files::moment(tx).await?;
    let (roles, _, consent, at) = drafted(tx, person, req.consent, req.giver, moment).await?;
    answer_no(tx, &consent.record.givers[at], person, moment).await?;
    let id = consent.record.id;
    consent.refuse().store(tx, moment).await?;
    case_files::note(tx, &roles, "consent.refuse", "consent", Some(id), c.call.now).await?;
    Ok(json!({ "consent": id, "state": "refused" }))
}

/// Somebody who had said yes takes it back; somebody who had not says no.
async fn answer_no(tx: &mut Tx, giver: &Giver, person: Id, moment: Micros) -> Result<(), Error> {
    let state = if giver.state == "given" { "withdrawn" } else { "refused" };
    tx.run("update consent_giver set state = $2, answered_by = $3, answered_at = $4 where id = $1", args![giver.id, state, person, moment])
        .await?;
    Ok(())
}
