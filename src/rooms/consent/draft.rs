//! Writing a consent down before anybody has answered: the scope, the words that are read out, and whose yes is needed.

use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::record::{CATEGORIES, GiverWords, Words};
use crate::{
    args,
    clock::{DAY, Micros},
    db::Tx,
    http::error::{Code, Error},
    id::Id,
    rooms::{
        Call, Command, House,
        case_files::{self, Personnummer, Subject, line, text},
        command, units,
    },
};

const MOST_UNITS: usize = 8;
const MOST_GIVERS: usize = 12;
/// No consent is for ever.
const LONGEST: Micros = 366 * DAY;

#[derive(Deserialize, ToSchema)]
pub struct Draft {
    /// A case of the own unit.
    pub case: Id,
    pub purpose: String,
    /// Which facts: `contact`, `family`, `health`, `disability`, `addiction`, `violence`, `housing`, `economy`, `school`, `work`, `support`.
    pub categories: Vec<String>,
    /// The units that may be told.
    pub units: Vec<Id>,
    /// RFC 3339; from now on when it is left out.
    #[serde(default)]
    pub from: Option<String>,
    /// RFC 3339, at most a year later.
    pub until: String,
    /// What is read out before anybody answers; kept with the record.
    pub readback: String,
    /// For a minor: age, maturity and the child's own view.
    #[serde(default)]
    pub child_view: Option<String>,
    /// For a minor: whether telling would seriously harm the child. Then nobody can consent to it.
    #[serde(default)]
    pub child_harm: Option<bool>,
    /// Everybody whose yes is needed.
    pub givers: Vec<NewGiver>,
}

#[derive(Deserialize, ToSchema)]
pub struct NewGiver {
    /// The subject that they answer for.
    pub subject: Id,
    /// `individual`, `guardian` or `representative`.
    pub kind: String,
    /// Of a guardian or a representative.
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub personnummer: Option<String>,
    /// What a representative acts by.
    #[serde(default)]
    pub mandate: Option<String>,
}

/// `2026-11-22T10:00:00Z`.
pub fn time(name: &'static str, text: &str) -> Result<Micros, Error> {
    text.parse::<jiff::Timestamp>().map(|t| t.as_microsecond()).map_err(|_| Error::field(name))
}

impl Draft {
    fn check(&self) -> Result<(), Error> {
        text("purpose", &self.purpose)?;
        text("readback", &self.readback)?;
        if let Some(view) = &self.child_view {
            text("child_view", view)?;
        }
        let mut known = self.categories.clone();
        known.sort();
        known.dedup();
        if known.is_empty() || known.len() != self.categories.len() || known.iter().any(|c| !CATEGORIES.contains(&c.as_str())) {
            return Err(Error::field("categories"));
        }
        let mut units = self.units.clone();
        units.sort();
        units.dedup();
        if units.is_empty() || units.len() != self.units.len() || units.len() > MOST_UNITS {
            return Err(Error::field("units"));
        }
        if self.givers.is_empty() || self.givers.len() > MOST_GIVERS {
            return Err(Error::field("givers"));
        }
        time("until", &self.until)?;
        self.from.as_deref().map(|from| time("from", from)).transpose()?;
        Ok(())
    }

    /// From when, until when. A minor's ends when the child comes of age and decides alone.
    fn times(&self, subjects: &[Subject], moment: Micros) -> Result<(Micros, Micros), Error> {
        let from = self.from.as_deref().map(|from| time("from", from)).transpose()?.unwrap_or(moment).max(moment);
        let until = time("until", &self.until)?;
        let of_age =
            subjects.iter().filter(|s| s.guardians > 0).filter_map(|s| Personnummer::parse(&s.identity.personnummer)?.of_age_at()).min();
        if until <= from || until - from > LONGEST || of_age.is_some_and(|day| until > day) {
            return Err(Error::field("until"));
        }
        Ok((from, until))
    }

    /// A minor's case says what the child thinks, and that telling does not harm it.
    fn child(&self, subjects: &[Subject]) -> Result<bool, Error> {
        match (subjects.iter().any(|s| s.guardians > 0), &self.child_view, self.child_harm) {
            (true, None, _) => Err(Error::field("child_view")),
            (true, Some(_), None) => Err(Error::field("child_harm")),
            (true, Some(_), Some(harm)) => Ok(harm),
            (false, None, None) => Ok(false),
            (false, Some(_), _) => Err(Error::field("child_view")),
            (false, None, Some(_)) => Err(Error::field("child_harm")),
        }
    }
}

/// A giver as it is stored.
struct Asked {
    subject: Id,
    kind: String,
    lookup: Vec<u8>,
    words: GiverWords,
}

impl NewGiver {
    fn asked(&self, house: &House, authority: Id, subjects: &[Subject]) -> Result<Asked, Error> {
        let wrong = || Error::field("givers");
        let subject = subjects.iter().find(|s| s.id == self.subject).ok_or_else(wrong)?;
        let asked = |lookup, words| Ok(Asked { subject: subject.id, kind: self.kind.clone(), lookup, words });
        if self.kind == "individual" {
            let bare = self.name.is_none() && self.personnummer.is_none() && self.mandate.is_none();
            let words = GiverWords { name: None, personnummer: None, mandate: None };
            return if bare { asked(subject.lookup.clone(), words) } else { Err(wrong()) };
        }
        let name = self.name.as_deref().ok_or_else(wrong)?;
        line("givers", name)?;
        let number = self.personnummer.as_deref().and_then(Personnummer::parse).ok_or_else(wrong)?;
        let lookup = number.lookup(&house.vault, authority).to_vec();
        // Nobody stands in for themself, and a guardian is of age.
        let minor_case = subject.guardians > 0;
        let fits = match self.kind.as_str() {
            "guardian" => minor_case && self.mandate.is_none(),
            "representative" => !minor_case && self.mandate.is_some(),
            _ => false,
        };
        if !fits || lookup == subject.lookup {
            return Err(wrong());
        }
        if let Some(mandate) = &self.mandate {
            text("givers", mandate)?;
        }
        asked(
            lookup,
            GiverWords { name: Some(name.to_owned()), personnummer: Some(number.digits().to_owned()), mandate: self.mandate.clone() },
        )
    }
}

/// Everybody must be there whose yes the law asks for, and nobody twice.
fn complete(asked: &[Asked], subjects: &[Subject]) -> bool {
    let twice = asked.iter().enumerate().any(|(i, a)| asked[..i].iter().any(|b| a.subject == b.subject && a.lookup == b.lookup));
    let covered = subjects.iter().all(|s| {
        let of = |kind: &str| asked.iter().filter(|a| a.subject == s.id && a.kind == kind).count();
        if s.guardians == 0 { of("individual") + of("representative") > 0 } else { of("guardian") as i64 >= s.guardians }
    });
    covered && !twice
}

/// `consent.draft`.
pub async fn draft(house: &House, call: Call, req: Draft) -> Result<Value, Error> {
    req.check()?;
    command(house, call, req, |tx, c| Box::pin(write(tx, c))).await
}

async fn write(tx: &mut Tx, c: &Command<Draft>) -> Result<Value, Error> {
    let (house, person, req) = (&c.house, c.call.who.person, &c.req);
    let moment = case_files::moment(tx).await?;
    let (roles, file) = case_files::own_with_task(tx, person, req.case).await?;
    if !file.open {
        return Err(Error::new(Code::CaseClosed));
    }
    let key = file.key(house)?;
    let subjects = case_files::subjects(tx, &key, file.id).await?;
    let (from, until) = req.times(&subjects, moment)?;
    let harm = req.child(&subjects)?;
    let asked: Vec<Asked> = req.givers.iter().map(|g| g.asked(house, roles.authority, &subjects)).collect::<Result<_, _>>()?;
    if !complete(&asked, &subjects) {
        return Err(Error::field("givers"));
    }
    let id = house.random.id();
    let words = Words { purpose: req.purpose.clone(), readback: req.readback.clone(), child_view: req.child_view.clone() };
    let sealed = case_files::seal(house, &key, ("consent", id, "sealed"), &words)?;
    tx.run(
        "insert into consent (id, case_file_id, unit_id, state, from_at, until_at, child_harm, sealed, recorded_by, recorded_at, changed_at)
         values ($1, $2, $3, 'draft', $4, $5, $6, $7, $8, $9, $9)",
        args![id, file.id, file.unit, from, until, harm, sealed, person, moment],
    )
    .await?;
    for category in &req.categories {
        tx.run("insert into consent_category (consent_id, category) values ($1, $2)", args![id, category]).await?;
    }
    for unit in &req.units {
        let unit = units::find(tx, *unit).await?.filter(|u| u.id != file.unit).ok_or_else(|| Error::field("units"))?;
        tx.run("insert into consent_unit (consent_id, unit_id) values ($1, $2)", args![id, unit.id]).await?;
    }
    let mut givers = Vec::new();
    for a in asked {
        let giver = house.random.id();
        let sealed = case_files::seal(house, &key, ("consent_giver", giver, "sealed"), &a.words)?;
        tx.run(
            "insert into consent_giver (id, consent_id, subject_id, kind, state, lookup, sealed) values ($1, $2, $3, $4, 'asked', $5, $6)",
            args![giver, id, a.subject, a.kind, a.lookup, sealed],
        )
        .await?;
        givers.push(giver);
    }
    case_files::note(tx, &roles, "consent.draft", "consent", Some(id), c.call.now).await?;
    Ok(json!({ "consent": id, "state": "draft", "givers": givers }))
}
