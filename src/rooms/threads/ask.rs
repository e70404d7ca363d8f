//! Asking: from the request to the rows of a new thread.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{
    flow, load,
    text::{self, Claim, Field, Reason},
};
use crate::{
    access::Side,
    args,
    audit::{self, Deed},
    clock::{Micros, rfc3339},
    db::Tx,
    http::error::Error,
    id::Id,
    rooms::{Call, House, answered, command, roles, units},
    vault::Aad,
};

/// The most units one question is put to by name.
const MOST_UNITS: usize = 8;

#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct Ask {
    /// The own unit that asks.
    pub unit: Id,
    pub situation: String,
    pub question: String,
    #[serde(default)]
    pub considered: Option<String>,
    /// One of the subjects of `units.list`.
    pub subject: String,
    /// `normal` or `soon`.
    pub urgency: String,
    /// The units asked; null when the asker does not know.
    pub units: Option<Vec<Id>>,
    /// The other side sees that a unit asks, not which.
    #[serde(default)]
    pub hide_unit: bool,
    #[serde(default)]
    pub claims: Vec<Claim>,
    #[serde(default)]
    pub hold: bool,
}

impl Ask {
    fn fields(&self) -> Vec<Field<'_>> {
        let mut fields = vec![Field { name: "situation", text: &self.situation }, Field { name: "question", text: &self.question }];
        fields.extend(self.considered.as_deref().map(|text| Field { name: "considered", text }));
        fields
    }

    fn check(&self) -> Result<(), Error> {
        text::required(Field { name: "situation", text: &self.situation })?;
        text::required(Field { name: "question", text: &self.question })?;
        text::optional(Field { name: "considered", text: self.considered.as_deref().unwrap_or_default() })?;
        if !units::SUBJECTS.contains(&self.subject.as_str()) {
            return Err(Error::field("subject"));
        }
        if !["normal", "soon"].contains(&self.urgency.as_str()) {
            return Err(Error::field("urgency"));
        }
        match &self.units {
            Some(named) if named.is_empty() || named.len() > MOST_UNITS || named.contains(&self.unit) => Err(Error::field("units")),
            _ => Ok(()),
        }
    }
}

struct Judged {
    ask: Ask,
    reasons: Vec<Reason>,
}

/// `thread.ask`.
pub async fn ask(house: &House, call: Call, req: Ask) -> Result<Value, Error> {
    req.check()?;
    let municipality = {
        let mut conn = house.db.read().await?;
        if let Some(answer) = answered(&mut conn, &call).await? {
            return Ok(answer);
        }
        let roles = roles::of(&mut conn, &call.who).await?;
        if !roles.in_unit(req.unit) {
            return Err(Error::field("unit"));
        }
        units::find(&mut conn, req.unit).await?.ok_or_else(|| Error::field("unit"))?.municipality
    };
    let (judge, text) = (house.clone(), req.clone());
    let verdict = text::off_thread(move || text::judge(&judge, &municipality, &[], &text.fields(), &text.claims, true)).await??;
    if !verdict.reasons.is_empty() && !req.hold {
        return Err(verdict.error());
    }
    command(house, call, Judged { ask: req, reasons: verdict.reasons }, |tx, c| {
        Box::pin(async move {
            let (author, now) = (c.call.who.person, c.call.now);
            if c.req.reasons.is_empty() {
                deliver(tx, &c.house, author, &c.req.ask, now).await
            } else {
                // Looked at now too, so that what waits for review can be sent as it stands.
                targets(tx, &c.req.ask).await?;
                flow::hold(tx, &c.house, author, c.req.ask.unit, None, "thread.ask", &c.req.ask, &c.req.reasons, now).await
            }
        })
    })
    .await
}

/// The units the question is put to.
async fn targets(tx: &mut Tx, ask: &Ask) -> Result<Vec<units::Unit>, Error> {
    let (ids, field) = match &ask.units {
        Some(named) => (named.clone(), "units"),
        None => (units::with_subject(tx, &ask.subject).await?.into_iter().filter(|u| *u != ask.unit).collect(), "subject"),
    };
    let mut found: Vec<units::Unit> = Vec::new();
    for id in ids {
        let unit = units::find(tx, id).await?.ok_or_else(|| Error::field(field))?;
        if found.iter().all(|u| u.id != unit.id) {
            found.push(unit);
        }
    }
    if found.is_empty() { Err(Error::field(field)) } else { Ok(found) }
}

/// Makes the thread. What comes here has been scanned, or approved by a manager.
pub async fn deliver(tx: &mut Tx, house: &House, author: Id, ask: &Ask, now: Micros) -> Result<Value, Error> {
    let roles = roles::find(tx, author).await?.filter(|r| r.in_unit(ask.unit)).ok_or_else(|| Error::field("unit"))?;
    let targets = targets(tx, ask).await?;
    let id = house.random.id();
    let key = house.vault.new_key(&house.random);
    let wrapped = house.vault.wrap(&key, &house.random, Aad { table: "thread", row: id, column: "wrapped_key" });
    let days = targets.iter().map(|u| u.target_days).max().unwrap_or(3);
    let due_at = flow::due(&ask.urgency, days, Side::Answering, now);
    tx.run(
        "insert into thread (id, wrapped_key, asking_unit_id, asker_id, hide_unit, subject, urgency, status, turn, due_at, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, 'open', 'answering', $8, $9, $9)",
        args![id, wrapped, ask.unit, author, ask.hide_unit, &ask.subject, &ask.urgency, due_at, now],
    )
    .await?;
    let stream = house.random.id();
    tx.run(
        "insert into stream (id, thread_id, side, unit_id, moved_at) values ($1, $2, 'asking', $3, $4)",
        args![stream, id, ask.unit, now],
    )
    .await?;
    load::new_place(tx, &house.random, id, author, (Side::Asking, ask.unit), &[]).await?;
    let mut thread = load::thread(tx, id).await?.ok_or_else(|| Error::internal("thread", "just made"))?;
    let fields = json!({ "situation": ask.situation, "question": ask.question, "considered": ask.considered });
    flow::write_message(tx, house, &mut thread, &key, (author, Side::Asking), "question", &fields, None, now).await?;
    let n = flow::tell_one(tx, id, Side::Asking, ask.unit, "thread.asked", None, None, now).await?;
    flow::move_cursor(tx, id, author, n).await?;
    for unit in &targets {
        flow::put_with(tx, house, id, unit.id, now).await?;
    }
    let deed =
        Deed { authority: roles.authority, person: Some(author), action: "thread.ask", target: "thread", target_id: Some(id), at: now };
    audit::note(tx, deed).await?;
    Ok(json!({ "thread": id, "stream": stream, "n": n, "due_at": rfc3339(due_at) }))
}
