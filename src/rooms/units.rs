//! Authorities, secrecy domains and units.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Call, House, Nothing, command, roles};
use crate::{
    args,
    audit::{self, Deed},
    db::{Conn, Tx},
    http::error::Error,
    id::Id,
};

/// The subject groups, as codes; the page has their words.
pub const SUBJECTS: [&str; 9] = ["children", "adults", "violence", "addiction", "disability", "elderly", "economy", "school", "psychiatry"];

/// Under this many colleagues a unit cannot be hidden behind its size, and the asker is told so.
const SMALL_STAFF: i64 = 5;

#[derive(Serialize)]
pub struct List {
    subjects: [&'static str; 9],
    /// Subjects that a single unit works with: whoever asks about one is easily guessed.
    rare_subjects: Vec<&'static str>,
    units: Vec<UnitRow>,
}

#[derive(Serialize)]
pub struct UnitRow {
    id: Id,
    name: String,
    authority: String,
    domain: String,
    municipality: String,
    subjects: Vec<String>,
    target_days: i64,
    phone: String,
    own: bool,
    small: bool,
}

pub async fn list(house: &House, call: Call, _: Nothing) -> Result<List, Error> {
    let mut conn = house.db.read().await?;
    let subjects = conn.all("select unit_id, subject from unit_subject", args![]).await?;
    let rows = conn
        .all(
            "select u.id, u.name, u.municipality, u.target_days, u.phone, u.staff, d.name as domain, a.name as authority,
                    exists (select 1 from unit_role r where r.unit_id = u.id and r.person_id = $1) as own
             from unit u join secrecy_domain d on d.id = u.domain_id join authority a on a.id = d.authority_id
             order by a.name, u.name",
            args![call.who.person],
        )
        .await?;
    let mut pairs = Vec::new();
    for row in &subjects {
        pairs.push((row.get::<Id>("unit_id")?, row.get::<String>("subject")?));
    }
    let mut units = Vec::new();
    for row in rows {
        let id: Id = row.get("id")?;
        units.push(UnitRow {
            id,
            name: row.get("name")?,
            authority: row.get("authority")?,
            domain: row.get("domain")?,
            municipality: row.get("municipality")?,
            subjects: SUBJECTS.iter().filter(|s| pairs.iter().any(|(u, p)| *u == id && p == **s)).map(|s| s.to_string()).collect(),
            target_days: row.get("target_days")?,
            phone: row.get("phone")?,
            own: row.get("own")?,
            small: row.get::<i64>("staff")? < SMALL_STAFF,
        });
    }
    let rare_subjects = SUBJECTS.into_iter().filter(|s| units.iter().filter(|u| u.subjects.iter().any(|x| x == s)).count() == 1).collect();
    Ok(List { subjects: SUBJECTS, rare_subjects, units })
}

/// A unit as other rooms need it.
#[derive(Clone, Debug)]
pub struct Unit {
    pub id: Id,
    pub name: String,
    pub authority: Id,
    pub municipality: String,
    pub target_days: i64,
}

const UNIT: &str = "select u.id, u.name, u.municipality, u.target_days, d.authority_id
    from unit u join secrecy_domain d on d.id = u.domain_id where u.id = $1";

pub async fn find(conn: &mut Conn, id: Id) -> Result<Option<Unit>, Error> {
    let Some(row) = conn.opt(UNIT, args![id]).await? else { return Ok(None) };
    Ok(Some(Unit {
        id,
        name: row.get("name")?,
        authority: row.get("authority_id")?,
        municipality: row.get("municipality")?,
        target_days: row.get("target_days")?,
    }))
}

/// The units that work with `subject`.
pub async fn with_subject(conn: &mut Conn, subject: &str) -> Result<Vec<Id>, Error> {
    let rows = conn.all("select unit_id from unit_subject where subject = $1 order by unit_id", args![subject]).await?;
    rows.iter().map(|r| Ok(r.get("unit_id")?)).collect()
}

/// A unit to make. Authority and domain are made when they are not there.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
pub struct NewUnit {
    pub authority: String,
    pub domain: String,
    pub name: String,
    /// The municipality's code, four digits.
    pub municipality: String,
    pub phone: String,
    #[serde(default = "three")]
    pub target_days: i64,
    /// How many work there.
    pub staff: i64,
    pub subjects: Vec<String>,
    /// The name of the unit in the same domain that steps in.
    #[serde(default)]
    pub backup_unit: Option<String>,
}

fn three() -> i64 {
    3
}

impl NewUnit {
    fn check(&self) -> Result<(), Error> {
        let name_ok = |s: &str| !s.trim().is_empty() && s.chars().count() <= 120;
        if !name_ok(&self.authority) {
            return Err(Error::field("authority"));
        }
        if !name_ok(&self.domain) {
            return Err(Error::field("domain"));
        }
        if !name_ok(&self.name) {
            return Err(Error::field("name"));
        }
        if self.municipality.len() != 4 || !self.municipality.bytes().all(|b| b.is_ascii_digit()) {
            return Err(Error::field("municipality"));
        }
        if self.phone.chars().count() > 40 {
            return Err(Error::field("phone"));
        }
        if !(1..=60).contains(&self.target_days) {
            return Err(Error::field("target_days"));
        }
        if self.staff < 1 {
            return Err(Error::field("staff"));
        }
        if self.subjects.is_empty() || !self.subjects.iter().all(|s| SUBJECTS.contains(&s.as_str())) {
            return Err(Error::field("subjects"));
        }
        Ok(())
    }
}

/// `units.add`: an administrator adds a unit to the own authority.
pub async fn add(house: &House, call: Call, req: NewUnit) -> Result<Value, Error> {
    req.check()?;
    command(house, call, req, |tx, c| {
        Box::pin(async move {
            let admin = roles::administrator(tx, &c.call.who).await?;
            let own = tx.one("select name from authority where id = $1", args![admin.authority]).await?.get::<String>("name")?;
            if own != c.req.authority {
                return Err(Error::field("authority"));
            }
            let unit = create(tx, &c.house, &c.req).await?;
            let deed = Deed {
                authority: admin.authority,
                person: Some(admin.person),
                action: "unit.add",
                target: "unit",
                target_id: Some(unit),
                at: c.call.now,
            };
            audit::note(tx, deed).await?;
            Ok(serde_json::json!({ "unit": unit }))
        })
    })
    .await
}

/// Makes the unit, and the authority and the domain if need be. For the command line and the demo; the operation asks for the administrator first.
pub async fn create(tx: &mut Tx, house: &House, new: &NewUnit) -> Result<Id, Error> {
    new.check()?;
    let now = house.clock.now();
    let authority = authority(tx, house, &new.authority).await?;
    let known = tx.opt("select id from secrecy_domain where authority_id = $1 and name = $2", args![authority, &new.domain]).await?;
    let domain = match known {
        Some(row) => row.get::<Id>("id")?,
        None => {
            let id = house.random.ordered_id(now);
            tx.run("insert into secrecy_domain (id, authority_id, name) values ($1, $2, $3)", args![id, authority, &new.domain]).await?;
            id
        }
    };
    let backup: Option<Id> = match &new.backup_unit {
        None => None,
        Some(name) => {
            let row = tx.opt("select id from unit where domain_id = $1 and name = $2", args![domain, name]).await?;
            Some(row.ok_or_else(|| Error::field("backup_unit"))?.get("id")?)
        }
    };
    // The unit's id is seen by other units: random.
    let id = house.random.id();
    let made = tx
        .run(
            "insert into unit (id, domain_id, name, municipality, phone, target_days, staff, backup_unit_id) values ($1, $2, $3, $4, $5, $6, $7, $8)
             on conflict (domain_id, name) do nothing",
            args![id, domain, &new.name, &new.municipality, &new.phone, new.target_days, new.staff, backup],
        )
        .await?;
    if made == 0 {
        return Err(Error::field("name"));
    }
    for subject in &new.subjects {
        tx.run("insert into unit_subject (unit_id, subject) values ($1, $2) on conflict do nothing", args![id, subject]).await?;
    }
    Ok(id)
}

/// The authority of that name, made when it is not there.
pub async fn authority(tx: &mut Tx, house: &House, name: &str) -> Result<Id, Error> {
    if let Some(row) = tx.opt("select id from authority where name = $1", args![name]).await? {
        return Ok(row.get("id")?);
    }
    let id = house.random.ordered_id(house.clock.now());
    tx.run("insert into authority (id, name) values ($1, $2)", args![id, name]).await?;
    Ok(id)
}
