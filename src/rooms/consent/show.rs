//! Consents as those may read them who work with the case. To everybody else there are none, refused or not.

use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::record::{self, AnswerWords, Any, Giver, GiverWords, Words};
use crate::{
    args,
    clock::{Micros, rfc3339},
    db::Tx,
    http::error::Error,
    id::Id,
    rooms::{
        Call, House,
        case_files::{self, Subject, unseal},
    },
    vault::DataKey,
};

/// What can be told of a consent without opening what is sealed in it.
fn summary(consent: &Any, moment: Micros) -> Value {
    let r = consent.record();
    let giver = |g: &Giver| json!({ "giver": g.id, "subject": g.subject, "kind": g.kind, "state": g.state, "form": g.form });
    json!({
        "consent": r.id, "case": r.case, "state": consent.name(moment), "from": rfc3339(r.from), "until": rfc3339(r.until), "categories": r.categories,
        "units": r.units.iter().map(|(unit, name)| json!({ "unit": unit, "name": name })).collect::<Vec<_>>(),
        "givers": r.givers.iter().map(giver).collect::<Vec<_>>(), "recorded_at": rfc3339(r.recorded_at), "changed_at": rfc3339(r.changed_at),
    })
}

#[derive(Deserialize, ToSchema)]
pub struct List {
    /// A case of the own unit.
    pub case: Id,
}

/// `consent.list`.
pub async fn list(house: &House, call: Call, req: List) -> Result<Value, Error> {
    house.db.write((call, req), |tx, (call, req)| Box::pin(all(tx, call, req.case))).await
}

async fn all(tx: &mut Tx, call: &Call, case: Id) -> Result<Value, Error> {
    let moment = case_files::moment(tx).await?;
    let (roles, ..) = case_files::own(tx, call.who.person, case).await?;
    let mut out = Vec::new();
    for row in tx.all("select id from consent where case_file_id = $1 order by recorded_at, id", args![case]).await? {
        out.extend(record::find(tx, row.get("id")?).await?.map(|consent| summary(&consent, moment)));
    }
    case_files::note(tx, &roles, "consent.list", "case_file", Some(case), call.now).await?;
    Ok(json!({ "consents": out }))
}

#[derive(Deserialize, ToSchema)]
pub struct Show {
    pub consent: Id,
    /// Why: needed of a manager who does not work with the case.
    #[serde(default)]
    pub reason: Option<String>,
}

/// `consent.show`: the whole record.
pub async fn show(house: &House, call: Call, req: Show) -> Result<Value, Error> {
    house.db.write((house.clone(), call, req), |tx, (house, call, req)| Box::pin(whole(tx, house, call, req))).await
}

async fn whole(tx: &mut Tx, house: &House, call: &Call, req: &Show) -> Result<Value, Error> {
    let moment = case_files::moment(tx).await?;
    let consent = record::find(tx, req.consent).await?.ok_or_else(Error::not_found)?;
    let (roles, file, sight) = case_files::own(tx, call.who.person, consent.record().case).await?;
    if !sight.task {
        case_files::reason(tx, house, &file, None, roles.person, req.reason.as_deref(), moment).await?;
    }
    let key = file.key(house)?;
    let subjects = case_files::subjects(tx, &key, file.id).await?;
    let r = consent.record();
    let words: Words = unseal(&key, ("consent", r.id, "sealed"), &r.sealed)?;
    let mut out = summary(&consent, moment);
    out["purpose"] = words.purpose.into();
    out["readback"] = words.readback.into();
    out["child_view"] = words.child_view.into();
    out["child_harm"] = r.child_harm.into();
    out["givers"] = r.givers.iter().map(|g| giver(&key, &subjects, g)).collect::<Result<_, _>>()?;
    case_files::note(tx, &roles, "consent.show", "consent", Some(r.id), call.now).await?;
    Ok(out)
}

fn giver(key: &DataKey, subjects: &[Subject], g: &Giver) -> Result<Value, Error> {
    let words: GiverWords = unseal(key, ("consent_giver", g.id, "sealed"), &g.sealed)?;
    let answer: Option<AnswerWords> =
        g.answer_sealed.as_deref().map(|sealed| unseal(key, ("consent_giver", g.id, "answer_sealed"), sealed)).transpose()?;
    let subject = subjects.iter().find(|s| s.id == g.subject).map(|s| &s.identity);
    let own = subject.filter(|_| g.kind == "individual");
    Ok(json!({
        "giver": g.id, "subject": g.subject, "for": subject.map(|s| &s.name), "kind": g.kind, "state": g.state, "form": g.form,
        "name": words.name.or_else(|| own.map(|s| s.name.clone())), "personnummer": words.personnummer.or_else(|| own.map(|s| s.personnummer.clone())),
        "mandate": words.mandate, "evidence": answer.as_ref().and_then(|a| a.evidence.clone()), "witness": answer.and_then(|a| a.witness),
        "answered_at": g.answered_at.map(rfc3339),
    }))
}
