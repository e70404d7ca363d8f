//! Making a case file, and finding one.

use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{
    Personnummer,
    file::{Identity, moment, note, seal, task},
    line,
};
use crate::{
    access::{self, CaseMatter},
    args,
    clock::{Micros, rfc3339},
    db::Tx,
    http::error::Error,
    id::Id,
    rooms::{Call, Command, House, command, roles},
    vault::Aad,
};

/// The most people one case is about.
const MOST_SUBJECTS: usize = 4;
const MOST_GUARDIANS: i64 = 4;

#[derive(Deserialize, ToSchema)]
pub struct Create {
    /// The own unit.
    pub unit: Id,
    /// The number that the case has in the unit's own system.
    pub case_number: String,
    /// Everybody whom its facts are about: each of them has to agree before anything is told.
    pub subjects: Vec<NewSubject>,
}

#[derive(Deserialize, ToSchema)]
pub struct NewSubject {
    pub name: String,
    /// Twelve digits.
    pub personnummer: String,
    /// How many guardians decide for a minor; 0 for an adult.
    #[serde(default)]
    pub guardians: i64,
}

struct Checked {
    unit: Id,
    case_number: String,
    subjects: Vec<(String, Personnummer, i64)>,
}

impl Create {
    fn check(self) -> Result<Checked, Error> {
        line("case_number", &self.case_number)?;
        let wrong = || Error::field("subjects");
        if self.subjects.is_empty() || self.subjects.len() > MOST_SUBJECTS {
            return Err(wrong());
        }
        let mut subjects: Vec<(String, Personnummer, i64)> = Vec::new();
        for new in self.subjects {
            line("subjects", &new.name)?;
            let number = Personnummer::parse(&new.personnummer).ok_or_else(wrong)?;
            if !(0..=MOST_GUARDIANS).contains(&new.guardians) || subjects.iter().any(|(_, other, _)| *other == number) {
                return Err(wrong());
            }
            subjects.push((new.name.trim().to_owned(), number, new.guardians));
        }
        Ok(Checked { unit: self.unit, case_number: self.case_number, subjects })
    }
}

/// `case.create`: a case of the own unit. Whoever makes it has it as a task.
pub async fn create(house: &House, call: Call, req: Create) -> Result<Value, Error> {
    command(house, call, req.check()?, |tx, c| Box::pin(make(tx, c))).await
}

async fn make(tx: &mut Tx, c: &Command<Checked>) -> Result<Value, Error> {
    let (house, person, req) = (&c.house, c.call.who.person, &c.req);
    let roles = roles::of(tx, &c.call.who).await?;
    if !roles.in_unit(req.unit) {
        return Err(Error::field("unit"));
    }
    let at = moment(tx).await?;
    let id = house.random.id();
    let key = house.vault.new_key(&house.random);
    let wrapped = house.vault.wrap(&key, &house.random, Aad { table: "case_file", row: id, column: "wrapped_key" });
    let sealed = seal(house, &key, ("case_file", id, "sealed"), &req.case_number)?;
    tx.run(
        "insert into case_file (id, authority_id, unit_id, wrapped_key, sealed, state, created_by, created_at) values ($1, $2, $3, $4, $5, 'open', $6, $7)",
        args![id, roles.authority, req.unit, wrapped, sealed, person, at],
    )
    .await?;
    let mut subjects = Vec::new();
    for (n, (name, number, guardians)) in req.subjects.iter().enumerate() {
        // A minor has guardians and an adult has none: else the wrong people would be asked.
        let minor = number.of_age_at().is_some_and(|day| day > at);
        if minor != (*guardians > 0) {
            return Err(Error::field("subjects"));
        }
        let subject = house.random.id();
        let identity = Identity { name: name.clone(), personnummer: number.digits().to_owned() };
        let sealed = seal(house, &key, ("case_subject", subject, "sealed"), &identity)?;
        tx.run(
            "insert into case_subject (id, case_file_id, n, guardians, lookup, sealed) values ($1, $2, $3, $4, $5, $6)",
            args![subject, id, n as i64, *guardians, number.lookup(&house.vault, roles.authority), sealed],
        )
        .await?;
        subjects.push(subject);
    }
    tx.run(
        "insert into case_task (case_file_id, person_id, unit_id, given_by, at) values ($1, $2, $3, $2, $4)",
        args![id, person, req.unit, at],
    )
    .await?;
    note(tx, &roles, "case.create", "case_file", Some(id), c.call.now).await?;
    Ok(json!({ "case": id, "subjects": subjects }))
}

#[derive(Deserialize, ToSchema)]
pub struct Find {
    /// Twelve digits, exactly.
    pub personnummer: String,
}

/// `case.find`: the cases about one person that this person may open. Nothing found and nothing allowed look alike, and every try leaves its trace.
pub async fn find(house: &House, call: Call, req: Find) -> Result<Value, Error> {
    let number = Personnummer::parse(&req.personnummer).ok_or_else(|| Error::field("personnummer"))?;
    house.db.write((house.clone(), call, number), |tx, (house, call, number)| Box::pin(look_up(tx, house, call, number))).await
}

async fn look_up(tx: &mut Tx, house: &House, call: &Call, number: &Personnummer) -> Result<Value, Error> {
    moment(tx).await?;
    let roles = roles::of(tx, &call.who).await?;
    let rows = tx
        .all(
            "select f.id, f.unit_id, u.name, f.state, f.created_at from case_subject s join case_file f on f.id = s.case_file_id join unit u on u.id = f.unit_id
             where s.lookup = $1 order by f.created_at, f.id",
            args![number.lookup(&house.vault, roles.authority)],
        )
        .await?;
    let mut cases = Vec::new();
    for row in rows {
        let (id, unit) = (row.get::<Id>("id")?, row.get::<Id>("unit_id")?);
        let matter = CaseMatter { own: unit, receiving: None, live: false, task: task(tx, id, roles.person).await? };
        if access::decide_case(&matter, &roles).is_some() {
            note(tx, &roles, "case.find", "case_file", Some(id), call.now).await?;
            let at = rfc3339(row.get::<Micros>("created_at")?);
            cases.push(json!({ "case": id, "unit": unit, "unit_name": row.get::<String>("name")?, "state": row.get::<String>("state")?, "at": at }));
        }
    }
    if cases.is_empty() {
        note(tx, &roles, "case.find", "case_file", None, call.now).await?;
    }
    Ok(json!({ "cases": cases }))
}
