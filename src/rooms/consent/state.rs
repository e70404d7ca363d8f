//! The states of a consent as types: a step consumes the state it leaves, so that a step that is not allowed cannot be written.
//!
//! ```text
//! Draft → Given → Limited → Ended (revoked, expired)
//!   └───────┴────────┴────→ Ended (a draft: refused, expired)
//! ```

use super::record::Record;
use crate::{
    args,
    clock::Micros,
    db::Tx,
    http::error::{Code, Error},
    id::Id,
};

/// Written down, and not everybody has answered. Nothing may be told.
pub struct Draft;
/// Everybody said yes.
pub struct Given;
/// Given, and narrowed since.
pub struct Limited;
/// For good: `revoked`, `expired` or `refused`.
pub struct Ended(pub &'static str);

pub struct Consent<S> {
    pub record: Record,
    pub state: S,
}

pub trait State {
    fn name(&self) -> &'static str;
    fn ended(&self) -> bool {
        false
    }
}

impl State for Draft {
    fn name(&self) -> &'static str {
        "draft"
    }
}

impl State for Given {
    fn name(&self) -> &'static str {
        "given"
    }
}

impl State for Limited {
    fn name(&self) -> &'static str {
        "limited"
    }
}

impl State for Ended {
    fn name(&self) -> &'static str {
        self.0
    }

    fn ended(&self) -> bool {
        true
    }
}

/// The states in which something may be told.
pub trait InForce: State {}
impl InForce for Given {}
impl InForce for Limited {}

/// What is left of a scope. Nothing can be added to one.
#[derive(Clone, Default)]
pub struct Less {
    pub categories: Option<Vec<String>>,
    pub units: Option<Vec<Id>>,
    pub until: Option<Micros>,
}

/// What a narrowing takes away.
pub struct Narrowed<S> {
    pub consent: Consent<S>,
    pub categories: Vec<String>,
    pub units: Vec<Id>,
}

impl Less {
    /// Only less, never nothing, and never something else.
    fn of(&self, record: &mut Record, moment: Micros) -> Result<(Vec<String>, Vec<Id>), Error> {
        let (mut categories, mut units) = (Vec::new(), Vec::new());
        if let Some(kept) = &self.categories {
            if kept.is_empty() || kept.iter().any(|c| !record.categories.contains(c)) {
                return Err(Error::field("categories"));
            }
            categories = record.categories.extract_if(.., |c| !kept.contains(c)).collect();
        }
        if let Some(kept) = &self.units {
            if kept.is_empty() || kept.iter().any(|u| record.units.iter().all(|(unit, _)| unit != u)) {
                return Err(Error::field("units"));
            }
            units = record.units.extract_if(.., |(unit, _)| !kept.contains(unit)).map(|(unit, _)| unit).collect();
        }
        if let Some(until) = self.until {
            if until > record.until || until <= moment || until <= record.from {
                return Err(Error::field("until"));
            }
            record.until = until;
        }
        Ok((categories, units))
    }
}

/// What a draft comes to when one more has answered.
pub enum Answered {
    Waits(Consent<Draft>),
    Given(Consent<Given>),
}

impl Consent<Draft> {
    /// Given when nobody is left whose yes is missing.
    pub fn answered(self) -> Result<Answered, Error> {
        // Where telling would harm the child there is nothing to give.
        if self.record.child_harm {
            return Err(Error::new(Code::ConsentMissing));
        }
        if self.record.givers.iter().any(|g| g.state != "given") {
            return Ok(Answered::Waits(self));
        }
        Ok(Answered::Given(Consent { record: self.record, state: Given }))
    }

    pub fn refuse(self) -> Consent<Ended> {
        Consent { record: self.record, state: Ended("refused") }
    }

    /// What is agreed to is often less than what was asked for.
    pub fn narrow(mut self, less: &Less, moment: Micros) -> Result<Narrowed<Draft>, Error> {
        let (categories, units) = less.of(&mut self.record, moment)?;
        Ok(Narrowed { consent: self, categories, units })
    }

    pub fn lapse(self) -> Consent<Ended> {
        Consent { record: self.record, state: Ended("expired") }
    }
}

impl<S: InForce> Consent<S> {
    pub fn narrow(mut self, less: &Less, moment: Micros) -> Result<Narrowed<Limited>, Error> {
        let (categories, units) = less.of(&mut self.record, moment)?;
        Ok(Narrowed { consent: Consent { record: self.record, state: Limited }, categories, units })
    }

    pub fn revoke(self) -> Consent<Ended> {
        Consent { record: self.record, state: Ended("revoked") }
    }

    pub fn expire(self) -> Consent<Ended> {
        Consent { record: self.record, state: Ended("expired") }
    }
}

impl<S: State> Consent<S> {
    /// Writes the state and how long it holds. The database closes the links of a consent that ends.
    pub async fn store(&self, tx: &mut Tx, moment: Micros) -> Result<(), Error> {
        let ended = self.state.ended().then_some(moment);
        tx.run(
            "update consent set state = $2, until_at = $3, changed_at = $4, ended_at = $5 where id = $1",
            args![self.record.id, self.state.name(), self.record.until, moment, ended],
        )
        .await?;
        Ok(())
    }
}

impl<S: State> Narrowed<S> {
    pub async fn store(&self, tx: &mut Tx, moment: Micros) -> Result<(), Error> {
        let id = self.consent.record.id;
        for category in &self.categories {
            tx.run("delete from consent_category where consent_id = $1 and category = $2", args![id, category]).await?;
        }
        for unit in &self.units {
            tx.run("delete from consent_unit where consent_id = $1 and unit_id = $2", args![id, *unit]).await?;
        }
        self.consent.store(tx, moment).await
    }
}
