//! The threads of a person, all at once: a handful of queries however many there are.

use std::collections::HashMap;

use serde_json::Value;

use super::{
    load::{Place, Seen, Target, Thread},
    show::{self, Figures, First},
};
use crate::{
    access::{self, Roles, Side},
    args,
    clock::Micros,
    db::{Conn, Row},
    http::error::Error,
    id::Id,
    rooms::House,
};

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Of {
    Open,
    /// The last that were closed.
    Closed,
    /// All that the person took part in, newest first.
    All,
}

impl Of {
    /// The most that are looked at: newest first.
    fn most(self) -> i64 {
        if self == Of::Closed { 50 } else { 1000 }
    }

    fn queries(self) -> &'static Queries {
        match self {
            Of::Open => &OPEN,
            Of::Closed => &CLOSED,
            Of::All => &ALL,
        }
    }
}

/// What is read of the threads that one condition names. `$1` is the person, `$2` how many.
struct Queries {
    threads: &'static str,
    targets: &'static str,
    places: &'static str,
    streams: &'static str,
    questions: &'static str,
}

macro_rules! queries {
    ($ids:literal) => {
        Queries {
            threads: concat!(
                "select t.*, u.name as unit_name, u.municipality, d.authority_id
                 from thread t join unit u on u.id = t.asking_unit_id join secrecy_domain d on d.id = u.domain_id
                 where t.id in (", $ids, ") order by t.updated_at desc, t.id"
            ),
            targets: concat!(
                "select x.thread_id, x.unit_id, x.state, u.name, u.municipality, u.target_days, d.authority_id from thread_target x
                 join unit u on u.id = x.unit_id join secrecy_domain d on d.id = u.domain_id
                 where x.thread_id in (", $ids, ") order by u.name"
            ),
            places: concat!(
                "select x.thread_id, x.person_id, p.name, x.side, x.unit_id, x.alias_id, x.letter, x.colour, x.read_n, x.spoke
                 from thread_person x join person p on p.id = x.person_id
                 where x.thread_id in (", $ids, ")"
            ),
            streams: concat!(
                "select s.id, s.thread_id, s.side, s.unit_id, s.last_n,
                        (select count(*) from event e left join message m on m.id = e.ref_id
                         where e.stream_id = s.id and e.kind in ('message.posted', 'thread.asked') and (m.author_id is null or m.author_id <> $1)
                           and e.n > coalesce((select p.read_n from thread_person p where p.thread_id = s.thread_id and p.unit_id = s.unit_id and p.person_id = $1), 0)
                        ) as unread
                 from stream s where s.unit_id in (select unit_id from unit_role where person_id = $1)
                   and s.thread_id in (", $ids, ")"
            ),
            questions: concat!(
                "select m.id, m.thread_id, m.sealed, (select l.kind from message l where l.thread_id = m.thread_id order by l.seq desc limit 1) as last
                 from message m where m.seq = 1 and m.thread_id in (", $ids, ")"
            ),
        }
    };
}

static OPEN: Queries = queries!(
    "select t.id from thread t where t.status <> 'closed' and (
        t.asking_unit_id in (select unit_id from unit_role where person_id = $1)
        or exists (select 1 from thread_target x join unit_role r on r.unit_id = x.unit_id where x.thread_id = t.id and x.state = 'active' and r.person_id = $1))
     order by t.updated_at desc, t.id limit $2"
);

// Of the asking unit's, a handler keeps those with a part of their own: others must not use up the number. `access` decides in the end.
static CLOSED: Queries = queries!(
    "select t.id from thread t where t.status = 'closed' and (
        exists (select 1 from unit_role r where r.unit_id = t.asking_unit_id and r.person_id = $1 and (r.role <> 'handler' or t.asker_id = $1
            or exists (select 1 from thread_person p where p.thread_id = t.id and p.person_id = $1 and p.spoke = 1)))
        or exists (select 1 from thread_target x join unit_role r on r.unit_id = x.unit_id where x.thread_id = t.id and x.state = 'active' and r.person_id = $1))
     order by t.updated_at desc, t.id limit $2"
);

static ALL: Queries = queries!(
    "select t.id from thread t join thread_person p on p.thread_id = t.id where p.person_id = $1 order by t.updated_at desc, t.id limit $2"
);

/// The rows of a query by the thread that each belongs to.
async fn by_thread<T>(
    conn: &mut Conn,
    sql: &'static str,
    (roles, of): (&Roles, Of),
    read: impl Fn(&Row) -> Result<T, Error>,
) -> Result<HashMap<Id, Vec<T>>, Error> {
    let mut out: HashMap<Id, Vec<T>> = HashMap::new();
    for row in conn.all(sql, args![roles.person, of.most()]).await? {
        out.entry(row.get("thread_id")?).or_default().push(read(&row)?);
    }
    Ok(out)
}

/// The threads the person sees as a member of a unit, newest first.
pub async fn mine(conn: &mut Conn, roles: &Roles, of: Of) -> Result<Vec<Seen>, Error> {
    let sql = of.queries();
    let mut targets = by_thread(conn, sql.targets, (roles, of), Target::of).await?;
    let mut places = by_thread(conn, sql.places, (roles, of), Place::of).await?;
    let mut out = Vec::new();
    for row in conn.all(sql.threads, args![roles.person, of.most()]).await? {
        let mut thread = Thread::of(&row)?;
        thread.targets = targets.remove(&thread.id).unwrap_or_default();
        let places = places.remove(&thread.id).unwrap_or_default();
        let own = places.iter().find(|p| p.person == roles.person);
        let sight = access::decide(&thread.matter(), roles, own.map(|p| p.side), own.is_some_and(|p| p.spoke));
        if let Some(sight) = sight.filter(|s| s.takes_part) {
            out.push(Seen { thread, sight, roles: roles.clone(), places });
        }
    }
    Ok(out)
}

struct Stream {
    side: Option<Side>,
    unit: Id,
    id: Id,
    last: i64,
    unread: i64,
}

/// As [`mine`], each with its row for the inbox.
pub async fn rows(conn: &mut Conn, house: &House, roles: &Roles, of: Of, now: Micros) -> Result<Vec<(Seen, Value)>, Error> {
    let sql = of.queries();
    let streams = by_thread(conn, sql.streams, (roles, of), |row| {
        Ok(Stream {
            side: Side::parse(&row.get::<String>("side")?),
            unit: row.get("unit_id")?,
            id: row.get("id")?,
            last: row.get("last_n")?,
            unread: row.get("unread")?,
        })
    })
    .await?;
    let mut questions = by_thread(conn, sql.questions, (roles, of), First::of).await?;
    let mut out = Vec::new();
    for seen in mine(conn, roles, of).await? {
        let own = (Some(seen.sight.side), seen.sight.unit);
        let stream = streams.get(&seen.thread.id).into_iter().flatten().find(|s| (s.side, s.unit) == own);
        let stream = stream.ok_or_else(|| Error::internal("stream", "missing"))?;
        let first = questions.remove(&seen.thread.id).and_then(|mut of_thread| of_thread.pop());
        let row = show::row(house, &seen, &Figures { stream: (stream.id, stream.last), unread: stream.unread, first }, now)?;
        out.push((seen, row));
    }
    Ok(out)
}
