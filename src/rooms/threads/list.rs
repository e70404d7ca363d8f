//! The threads of a person.

use super::load::{self, Seen};
use crate::{
    access::{self, Roles},
    args,
    db::Conn,
    http::error::Error,
    id::Id,
};

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Of {
    Open,
    /// The last that were closed.
    Closed,
    /// All that the person took part in, newest first.
    All,
}

/// The most that are looked at: newest first.
const MOST: i64 = 1000;

const OPEN: &str = "select t.id from thread t where t.status <> 'closed' and (
        t.asking_unit_id in (select unit_id from unit_role where person_id = $1)
        or exists (select 1 from thread_target x join unit_role r on r.unit_id = x.unit_id where x.thread_id = t.id and x.state = 'active' and r.person_id = $1))
    order by t.updated_at desc limit $2";

const CLOSED: &str = "select t.id from thread t where t.status = 'closed' and (
        t.asking_unit_id in (select unit_id from unit_role where person_id = $1)
        or exists (select 1 from thread_target x join unit_role r on r.unit_id = x.unit_id where x.thread_id = t.id and x.state = 'active' and r.person_id = $1))
    order by t.updated_at desc limit $2";

const ALL: &str =
    "select t.id from thread t join thread_person p on p.thread_id = t.id where p.person_id = $1 order by t.updated_at desc limit $2";

/// The threads the person sees, as a member of a unit, newest first.
pub async fn mine(conn: &mut Conn, roles: &Roles, of: Of) -> Result<Vec<Seen>, Error> {
    let (sql, limit) = match of {
        Of::Open => (OPEN, MOST),
        Of::Closed => (CLOSED, 50),
        Of::All => (ALL, MOST),
    };
    let mut out = Vec::new();
    for row in conn.all(sql, args![roles.person, limit]).await? {
        let Some(thread) = load::thread(conn, row.get::<Id>("id")?).await? else { continue };
        let places = load::places(conn, thread.id).await?;
        let own = places.iter().find(|p| p.person == roles.person);
        let sight = access::decide(&thread.matter(), roles, own.map(|p| p.side), own.is_some_and(|p| p.spoke));
        if let Some(sight) = sight.filter(|s| s.takes_part) {
            out.push(Seen { thread, sight, roles: roles.clone(), places });
        }
    }
    Ok(out)
}
