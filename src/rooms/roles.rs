//! What a person is at this moment: read anew at every call, so that a role that is lost is lost at once.

use crate::{
    access::{AuthorityRole, Roles, UnitRole},
    args,
    db::Conn,
    http::error::{Code, Error},
    id::Id,
    live::Who,
};

/// All the person's roles; `None` for someone unknown or disabled.
pub async fn find(conn: &mut Conn, person: Id) -> Result<Option<Roles>, Error> {
    let Some(row) = conn.opt("select authority_id from person where id = $1 and disabled_at is null", args![person]).await? else {
        return Ok(None);
    };
    let mut roles = Roles { person, authority: row.get("authority_id")?, units: Vec::new(), wide: Vec::new() };
    for row in conn.all("select unit_id, role from unit_role where person_id = $1 order by role, unit_id", args![person]).await? {
        if let Some(role) = UnitRole::parse(&row.get::<String>("role")?) {
            roles.units.push((row.get("unit_id")?, role));
        }
    }
    for row in conn.all("select role from authority_role where person_id = $1 order by role", args![person]).await? {
        roles.wide.extend(AuthorityRole::parse(&row.get::<String>("role")?));
    }
    Ok(Some(roles))
}

/// As [`find`], for someone who has just been let in: anyone else is told as little as about what is not there.
pub async fn of(conn: &mut Conn, who: &Who) -> Result<Roles, Error> {
    find(conn, who.person).await?.ok_or_else(|| Error::new(Code::AuthRequired))
}

/// Lets administrators pass.
pub async fn administrator(conn: &mut Conn, who: &Who) -> Result<Roles, Error> {
    let roles = of(conn, who).await?;
    if roles.has(AuthorityRole::Admin) { Ok(roles) } else { Err(Error::new(Code::RoleMissing)) }
}
