//! A case file as it stands in the database, what is sealed in it, who has it as a task, and who is told.

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    access::{self, CaseMatter, CaseSight, Roles},
    args,
    audit::{self, Deed},
    clock::{HOUR, Micros},
    db::{Conn, Tx},
    http::error::Error,
    id::Id,
    rooms::{House, roles, streams},
    vault::{Aad, DataKey},
};

/// The moment by which consents are judged: the later of the database's clock and the latest moment that was ever acted upon.
pub async fn now(conn: &mut Conn) -> Result<Micros, Error> {
    Ok(conn.one("select at from moment", args![]).await?.get("at")?)
}

/// As [`now`], and it is one that has been acted upon: no clock gets behind it. First in every transaction here, so that they all lock in one order.
pub async fn moment(tx: &mut Tx) -> Result<Micros, Error> {
    // Whoever waited for the row compares with what it has become, not with what it was when the waiting began.
    let mark = "update clock_mark set at = case when (select at from moment) > at then (select at from moment) else at end where one = 1 returning at";
    Ok(tx.one(mark, args![]).await?.get("at")?)
}

/// Where a sealed value stands: table, row, column.
pub type Place = (&'static str, Id, &'static str);

fn aad((table, row, column): Place) -> Aad<'static> {
    Aad { table, row, column }
}

pub fn seal(house: &House, key: &DataKey, place: Place, value: &impl Serialize) -> Result<Vec<u8>, Error> {
    let plain = zeroize::Zeroizing::new(serde_json::to_vec(value).map_err(|_| Error::internal(place.0, "json"))?);
    Ok(key.seal(&house.random, aad(place), &plain))
}

pub fn unseal<T: DeserializeOwned>(key: &DataKey, place: Place, sealed: &[u8]) -> Result<T, Error> {
    let plain = key.open(aad(place), sealed).map_err(|_| Error::internal(place.0, "sealed"))?;
    serde_json::from_slice(&plain).map_err(|_| Error::internal(place.0, "json"))
}

pub struct CaseFile {
    pub id: Id,
    pub unit: Id,
    pub authority: Id,
    pub open: bool,
    pub sealed: Vec<u8>,
    wrapped_key: Vec<u8>,
}

impl CaseFile {
    pub async fn find(conn: &mut Conn, id: Id) -> Result<Option<CaseFile>, Error> {
        let row = conn.opt("select id, unit_id, authority_id, state, sealed, wrapped_key from case_file where id = $1", args![id]).await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(CaseFile {
            id,
            unit: row.get("unit_id")?,
            authority: row.get("authority_id")?,
            open: row.get::<String>("state")? == "open",
            sealed: row.get("sealed")?,
            wrapped_key: row.get("wrapped_key")?,
        }))
    }

    pub fn key(&self, house: &House) -> Result<DataKey, Error> {
        house.vault.unwrap(&self.wrapped_key, aad(("case_file", self.id, "wrapped_key"))).map_err(|_| Error::internal("case_file", "key"))
    }

    /// The number that the case has in the unit's own system.
    pub fn case_number(&self, key: &DataKey) -> Result<String, Error> {
        unseal(key, ("case_file", self.id, "sealed"), &self.sealed)
    }
}

/// Who somebody is. No `Debug`.
#[derive(Clone, Serialize, Deserialize)]
pub struct Identity {
    pub name: String,
    pub personnummer: String,
}

/// Somebody whom the facts of a case are about.
pub struct Subject {
    pub id: Id,
    pub guardians: i64,
    pub lookup: Vec<u8>,
    pub identity: Identity,
}

pub async fn subjects(conn: &mut Conn, key: &DataKey, case: Id) -> Result<Vec<Subject>, Error> {
    let rows = conn.all("select id, guardians, lookup, sealed from case_subject where case_file_id = $1 order by n", args![case]).await?;
    rows.iter()
        .map(|row| {
            let id = row.get("id")?;
            let identity = unseal(key, ("case_subject", id, "sealed"), &row.get::<Vec<u8>>("sealed")?)?;
            Ok(Subject { id, guardians: row.get("guardians")?, lookup: row.get("lookup")?, identity })
        })
        .collect()
}

/// The unit for which the person has the case as a task.
pub async fn task(conn: &mut Conn, case: Id, person: Id) -> Result<Option<Id>, Error> {
    let row = conn.opt("select unit_id from case_task where case_file_id = $1 and person_id = $2", args![case, person]).await?;
    row.map(|r| Ok(r.get("unit_id")?)).transpose()
}

/// A case of the person's own unit, for whoever has it as a task, and for managers; to anyone else there is none.
pub async fn own(conn: &mut Conn, person: Id, id: Id) -> Result<(Roles, CaseFile, CaseSight), Error> {
    let roles = roles::find(conn, person).await?.ok_or_else(Error::not_found)?;
    let file = CaseFile::find(conn, id).await?.ok_or_else(Error::not_found)?;
    let matter = CaseMatter { own: file.unit, receiving: None, live: false, task: task(conn, id, person).await? };
    let sight = access::decide_case(&matter, &roles).ok_or_else(Error::not_found)?;
    Ok((roles, file, sight))
}

/// As [`own`], for writing: a manager who does not work with the case takes it as a task first.
pub async fn own_with_task(conn: &mut Conn, person: Id, id: Id) -> Result<(Roles, CaseFile), Error> {
    let (roles, file, sight) = own(conn, person, id).await?;
    if sight.task { Ok((roles, file)) } else { Err(Error::new(crate::http::error::Code::RoleMissing)) }
}

/// How long a manager's reason holds.
const REASON_HOLDS: Micros = HOUR;

/// Keeps the reason for which a manager reads, sealed. Without one a reason given within the hour must be there.
pub async fn reason(
    tx: &mut Tx,
    house: &House,
    file: &CaseFile,
    link: Option<Id>,
    person: Id,
    text: Option<&str>,
    now: Micros,
) -> Result<(), Error> {
    let Some(text) = text else {
        let row = tx
            .opt(
                "select 1 as one from case_reason where case_file_id = $1 and person_id = $2 and at > $3 and (link_id = $4 or link_id is null)",
                args![file.id, person, now - REASON_HOLDS, link],
            )
            .await?;
        return row.map(|_| ()).ok_or_else(|| Error::field("reason"));
    };
    super::text("reason", text)?;
    let id = house.random.id();
    let sealed = seal(house, &file.key(house)?, ("case_reason", id, "sealed"), &text)?;
    tx.run(
        "insert into case_reason (id, case_file_id, link_id, person_id, sealed, at) values ($1, $2, $3, $4, $5, $6)",
        args![id, file.id, link, person, sealed, now],
    )
    .await?;
    Ok(())
}

/// The audit row of a deed in these rooms.
pub async fn note(tx: &mut Tx, roles: &Roles, action: &'static str, target: &'static str, id: Option<Id>, at: Micros) -> Result<(), Error> {
    let deed = Deed { authority: roles.authority, person: Some(roles.person), action, target, target_id: id, at };
    Ok(audit::note(tx, deed).await?)
}

/// Tells everybody who works with a link, on both sides, and the managers who opened it, that something happened: which link and what kind of thing, nothing else.
pub async fn tell(tx: &mut Tx, link: Id, change: &'static str, now: Micros) -> Result<(), Error> {
    let rows = tx
        .all(
            "select t.person_id from case_task t join case_link k on k.case_file_id = t.case_file_id join case_file f on f.id = k.case_file_id
             where k.id = $1 and t.unit_id in (k.unit_id, f.unit_id)
               and exists (select 1 from unit_role r where r.person_id = t.person_id and r.unit_id = t.unit_id)
             union select r.person_id from case_reason r where r.link_id = $1 order by 1",
            args![link],
        )
        .await?;
    for row in rows {
        streams::notice(tx, row.get("person_id")?, "case.changed", Some(link), Some(change), now).await?;
    }
    Ok(())
}
