//! People: adding them, and setting what they are.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{Call, House, Nothing, command, password, roles, streams, units};
use crate::{
    access::{AuthorityRole, Roles, UnitRole},
    args,
    audit::{self, Deed},
    clock::{MINUTE, Micros},
    db::Tx,
    http::{Locale, error::Error},
    id::Id,
    live::Who,
};

#[derive(Serialize)]
pub struct Me {
    person: Person,
    authority: Authority,
    roles: Vec<RoleRow>,
    /// Seals drafts in the browser; lives and dies with the session. Base64, 32 bytes.
    draft_key: String,
    idle_minutes: i64,
    /// Fewer people than this are too few: the page reckons the risk itself.
    risk_limit: u64,
}

#[derive(Serialize)]
struct Person {
    id: Id,
    name: String,
    login: String,
    locale: String,
}

#[derive(Serialize)]
struct Authority {
    id: Id,
    name: String,
}

#[derive(Serialize)]
struct RoleRow {
    role: &'static str,
    unit: Option<Id>,
    unit_name: Option<String>,
}

pub async fn me(house: &House, call: Call, _: Nothing) -> Result<Me, Error> {
    about(house, &call.who).await
}

/// What `me`, the sign-in and the first frame say of the person.
pub async fn about(house: &House, who: &Who) -> Result<Me, Error> {
    use base64::Engine;
    let mut conn = house.db.read().await?;
    let roles = roles::of(&mut conn, who).await?;
    let row = conn
        .one(
            "select p.name, p.login, p.locale, a.name as authority from person p join authority a on a.id = p.authority_id where p.id = $1",
            args![who.person],
        )
        .await?;
    let mut rows = Vec::new();
    for (unit, role) in &roles.units {
        let unit_name = units::find(&mut conn, *unit).await?.map(|u| u.name);
        rows.push(RoleRow { role: role.as_str(), unit: Some(*unit), unit_name });
    }
    rows.extend(roles.wide.iter().map(|r| RoleRow { role: r.as_str(), unit: None, unit_name: None }));
    Ok(Me {
        person: Person { id: who.person, name: row.get("name")?, login: row.get("login")?, locale: row.get("locale")? },
        authority: Authority { id: roles.authority, name: row.get("authority")? },
        roles: rows,
        // Not stored: it follows from the session's id, and nobody gets it without the session.
        draft_key: base64::prelude::BASE64_STANDARD.encode(house.vault.keyed_hash("draft", who.session.bytes())),
        idle_minutes: house.rules.idle / MINUTE,
        risk_limit: house.rules.risk_limit,
    })
}

/// A role to give: `unit` is the unit's id for handler, unit_manager and backup_manager, and absent for the rest.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct NewRole {
    pub role: String,
    #[serde(default)]
    pub unit: Option<Id>,
}

#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct NewPerson {
    pub login: String,
    pub name: String,
    #[serde(default)]
    pub email: Option<String>,
    pub password: String,
    #[serde(default = "swedish")]
    pub locale: String,
    pub roles: Vec<NewRole>,
}

fn swedish() -> String {
    "sv".to_owned()
}

/// The shortest password that is taken. NIST SP 800-63B asks for fifteen where it stands alone.
pub const PASSWORD_MIN: usize = 15;

impl NewPerson {
    /// The form in which a login is kept and compared.
    pub fn normal_login(login: &str) -> String {
        login.trim().to_lowercase()
    }

    fn check(&self) -> Result<(), Error> {
        let login = Self::normal_login(&self.login);
        let login_ok = (3..=80).contains(&login.len()) && login.chars().all(|c| c.is_alphanumeric() || ".-_@".contains(c));
        if !login_ok {
            return Err(Error::field("login"));
        }
        if self.name.trim().is_empty() || self.name.chars().count() > 120 {
            return Err(Error::field("name"));
        }
        if self.password.chars().count() < PASSWORD_MIN || self.password.len() > 1024 {
            return Err(Error::field("password"));
        }
        if self.email.as_ref().is_some_and(|e| e.parse::<lettre::Address>().is_err()) {
            return Err(Error::field("email"));
        }
        if !["sv", "en"].contains(&self.locale.as_str()) {
            return Err(Error::field("locale"));
        }
        Ok(())
    }
}

/// A person whose password has been hashed, for that takes too long to do inside a transaction.
pub struct Hashed {
    pub person: NewPerson,
    pub hash: String,
}

/// `people.add`: an administrator adds a colleague to the own authority.
pub async fn add(house: &House, call: Call, req: NewPerson) -> Result<Value, Error> {
    // Asked before the costly hash too, so that nobody else can have the service work for nothing.
    roles::administrator(&mut *house.db.read().await?, &call.who).await?;
    let req = prepare(house, req).await?;
    command(house, call, req, |tx, c| {
        Box::pin(async move {
            let admin = roles::administrator(tx, &c.call.who).await?;
            let person = create(tx, &c.house, admin.authority, &c.req).await?;
            note(tx, &admin, "person.add", person, c.call.now).await?;
            Ok(json!({ "person": person }))
        })
    })
    .await
}

pub async fn prepare(house: &House, person: NewPerson) -> Result<Hashed, Error> {
    person.check()?;
    let hash = password::hash(&house.random, person.password.clone()).await?;
    Ok(Hashed { person, hash })
}

async fn note(tx: &mut Tx, admin: &Roles, action: &'static str, person: Id, at: Micros) -> Result<(), Error> {
    let deed = Deed { authority: admin.authority, person: Some(admin.person), action, target: "person", target_id: Some(person), at };
    Ok(audit::note(tx, deed).await?)
}

/// Makes the person and the stream of the person's notices.
pub async fn create(tx: &mut Tx, house: &House, authority: Id, new: &Hashed) -> Result<Id, Error> {
    let now = house.clock.now();
    let id = house.random.ordered_id(now);
    let p = &new.person;
    let taken = tx
        .run(
            "insert into person (id, authority_id, login, name, email, password_hash, locale, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8)
             on conflict (login) do nothing",
            args![id, authority, NewPerson::normal_login(&p.login), p.name.trim(), p.email.as_deref(), &new.hash, &p.locale, now],
        )
        .await?
        == 0;
    if taken {
        return Err(Error::field("login"));
    }
    tx.run("insert into stream (id, person_id, moved_at) values ($1, $2, $3)", args![house.random.id(), id, now]).await?;
    give(tx, authority, id, &p.roles).await?;
    Ok(id)
}

async fn give(tx: &mut Tx, authority: Id, person: Id, roles: &[NewRole]) -> Result<(), Error> {
    for new in roles {
        match (UnitRole::parse(&new.role), AuthorityRole::parse(&new.role), new.unit) {
            (Some(role), _, Some(unit)) => {
                let unit = units::find(tx, unit).await?.filter(|u| u.authority == authority).ok_or_else(|| Error::field("roles"))?;
                tx.run(
                    "insert into unit_role (person_id, unit_id, role) values ($1, $2, $3) on conflict do nothing",
                    args![person, unit.id, role.as_str()],
                )
                .await?;
            }
            (None, Some(role), None) => {
                tx.run("insert into authority_role (person_id, role) values ($1, $2) on conflict do nothing", args![person, role.as_str()])
                    .await?;
            }
            _ => return Err(Error::field("roles")),
        }
    }
    Ok(())
}

#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct NewRoles {
    pub login: String,
    /// All the roles the person is to have from now on; none closes the account.
    pub roles: Vec<NewRole>,
}

/// `people.roles`: sets what a person is. Whoever loses a role loses the sockets that stood on it; whoever loses the last one is signed out.
pub async fn set_roles(house: &House, call: Call, req: NewRoles) -> Result<Value, Error> {
    command(house, call, req, |tx, c| {
        Box::pin(async move {
            let admin = roles::administrator(tx, &c.call.who).await?;
            let person = replace_roles(tx, admin.authority, &c.req, c.call.now).await?;
            note(tx, &admin, "person.roles", person, c.call.now).await?;
            Ok(json!({ "person": person }))
        })
    })
    .await
}

pub async fn replace_roles(tx: &mut Tx, authority: Id, new: &NewRoles, now: Micros) -> Result<Id, Error> {
    let login = NewPerson::normal_login(&new.login);
    let row = tx.opt("select id from person where login = $1 and authority_id = $2", args![login, authority]).await?;
    let person: Id = row.ok_or_else(Error::not_found)?.get("id")?;
    tx.run("delete from unit_role where person_id = $1", args![person]).await?;
    tx.run("delete from authority_role where person_id = $1", args![person]).await?;
    give(tx, authority, person, &new.roles).await?;
    if new.roles.is_empty() {
        tx.run("update person set disabled_at = $2 where id = $1 and disabled_at is null", args![person, now]).await?;
        tx.run("update session set ended_at = $2 where person_id = $1 and ended_at is null", args![person, now]).await?;
        tx.run("update bearer_token set ended_at = $2 where person_id = $1 and ended_at is null", args![person, now]).await?;
    } else {
        tx.run("update person set disabled_at = null where id = $1", args![person]).await?;
    }
    streams::notice(tx, person, "session.ended", None, Some("role_lost"), now).await?;
    Ok(person)
}

/// The person's language.
pub fn locale(text: &str) -> Locale {
    if text == "en" { Locale::En } else { Locale::Sv }
}
