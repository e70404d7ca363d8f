//! A consent's rows, and what is sealed in them.

use serde::{Deserialize, Serialize};

use super::state::{Consent, Draft, Ended, Given, Limited};
use crate::{
    args,
    clock::Micros,
    db::{Conn, Tx},
    http::error::{Code, Error},
    id::Id,
};

/// The categories of facts, as codes; the page has their words.
pub const CATEGORIES: [&str; 11] =
    ["contact", "family", "health", "disability", "addiction", "violence", "housing", "economy", "school", "work", "support"];

/// What is sealed with a consent.
#[derive(Serialize, Deserialize)]
pub struct Words {
    pub purpose: String,
    /// What was read out before anybody answered.
    pub readback: String,
    /// For a minor: age, maturity and the child's own view.
    pub child_view: Option<String>,
}

/// What is sealed with a giver. The name and number of an individual are those of the subject.
#[derive(Serialize, Deserialize)]
pub struct GiverWords {
    pub name: Option<String>,
    pub personnummer: Option<String>,
    /// What a representative acts by.
    pub mandate: Option<String>,
}

/// What is sealed with a giver's answer.
#[derive(Serialize, Deserialize)]
pub struct AnswerWords {
    pub evidence: Option<String>,
    pub witness: Option<String>,
}

#[derive(Clone)]
pub struct Giver {
    pub id: Id,
    pub subject: Id,
    pub kind: String,
    pub state: String,
    pub form: Option<String>,
    pub sealed: Vec<u8>,
    pub answer_sealed: Option<Vec<u8>>,
    pub answered_at: Option<Micros>,
}

/// A consent without its state.
#[derive(Clone)]
pub struct Record {
    pub id: Id,
    pub case: Id,
    pub from: Micros,
    pub until: Micros,
    pub categories: Vec<String>,
    pub units: Vec<(Id, String)>,
    pub givers: Vec<Giver>,
    pub child_harm: bool,
    pub sealed: Vec<u8>,
    pub recorded_at: Micros,
    pub changed_at: Micros,
}

/// A consent in whichever state it is.
pub enum Any {
    Draft(Consent<Draft>),
    Given(Consent<Given>),
    Limited(Consent<Limited>),
    Ended(Consent<Ended>),
}

impl Any {
    pub fn record(&self) -> &Record {
        match self {
            Any::Draft(c) => &c.record,
            Any::Given(c) => &c.record,
            Any::Limited(c) => &c.record,
            Any::Ended(c) => &c.record,
        }
    }

    /// The state as it is at this moment: what has run out has expired, whether or not anybody has written so.
    pub fn name(&self, moment: Micros) -> &'static str {
        let stored = match self {
            Any::Draft(_) => "draft",
            Any::Given(_) => "given",
            Any::Limited(_) => "limited",
            Any::Ended(c) => return c.state.0,
        };
        if self.record().until <= moment { "expired" } else { stored }
    }
}

pub async fn find(conn: &mut Conn, id: Id) -> Result<Option<Any>, Error> {
    let Some(row) = conn.opt("select * from consent where id = $1", args![id]).await? else { return Ok(None) };
    let mut record = Record {
        id,
        case: row.get("case_file_id")?,
        from: row.get("from_at")?,
        until: row.get("until_at")?,
        categories: Vec::new(),
        units: Vec::new(),
        givers: Vec::new(),
        child_harm: row.get("child_harm")?,
        sealed: row.get("sealed")?,
        recorded_at: row.get("recorded_at")?,
        changed_at: row.get("changed_at")?,
    };
    for row in conn.all("select category from consent_category where consent_id = $1 order by category", args![id]).await? {
        record.categories.push(row.get("category")?);
    }
    let units =
        "select x.unit_id, u.name from consent_unit x join unit u on u.id = x.unit_id where x.consent_id = $1 order by u.name, u.id";
    for row in conn.all(units, args![id]).await? {
        record.units.push((row.get("unit_id")?, row.get("name")?));
    }
    for row in conn.all("select * from consent_giver where consent_id = $1 order by id", args![id]).await? {
        record.givers.push(Giver {
            id: row.get("id")?,
            subject: row.get("subject_id")?,
            kind: row.get("kind")?,
            state: row.get("state")?,
            form: row.get("form")?,
            sealed: row.get("sealed")?,
            answer_sealed: row.get("answer_sealed")?,
            answered_at: row.get("answered_at")?,
        });
    }
    Ok(Some(match row.get::<String>("state")?.as_str() {
        "draft" => Any::Draft(Consent { record, state: Draft }),
        "given" => Any::Given(Consent { record, state: Given }),
        "limited" => Any::Limited(Consent { record, state: Limited }),
        "revoked" => Any::Ended(Consent { record, state: Ended("revoked") }),
        "expired" => Any::Ended(Consent { record, state: Ended("expired") }),
        _ => Any::Ended(Consent { record, state: Ended("refused") }),
    }))
}

/// As [`find`], for changing it. What has run out is over, also before it has been written down.
pub async fn for_change(tx: &mut Tx, id: Id, moment: Micros) -> Result<Any, Error> {
    let consent = find(tx, id).await?.ok_or_else(Error::not_found)?;
    if consent.record().until <= moment { Err(Error::new(Code::ConsentDecided)) } else { Ok(consent) }
}

/// The links that stand on a consent, in either direction.
pub async fn links(conn: &mut Conn, consent: Id) -> Result<Vec<Id>, Error> {
    let rows = conn
        .all("select id from case_link where state = 'open' and (consent_id = $1 or answer_consent_id = $1) order by id", args![consent])
        .await?;
    rows.iter().map(|r| Ok(r.get("id")?)).collect()
}
