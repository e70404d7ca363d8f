//! A thread as it stands in the database, and from which side a person sees it.

use crate::{
    access::{self, Matter, Roles, Side, Sight},
    args,
    clock::Micros,
    db::{Conn, Row, Tx},
    http::error::{Code, Error},
    id::{Id, Random},
    rooms::{House, roles},
    vault::{Aad, DataKey},
};

/// One row of `thread`, with the units it stands with.
#[derive(Clone, Debug)]
pub struct Thread {
    pub id: Id,
    pub wrapped_key: Vec<u8>,
    pub asking_unit: Id,
    pub asking_authority: Id,
    pub asking_unit_name: String,
    pub municipality: String,
    pub asker: Id,
    pub hide_unit: bool,
    pub subject: String,
    pub urgency: String,
    pub status: String,
    pub turn: Option<Side>,
    pub due_at: Micros,
    pub last_seq: i64,
    pub claimed_unit: Option<Id>,
    pub claimed_by: Option<Id>,
    pub lease_until: Option<Micros>,
    pub updated_at: Micros,
    pub targets: Vec<Target>,
}

/// A unit that the question stands with, or stood.
#[derive(Clone, Debug)]
pub struct Target {
    pub unit: Id,
    pub unit_name: String,
    pub authority: Id,
    pub municipality: String,
    pub target_days: i64,
    pub state: TargetState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetState {
    /// Sees the question.
    Active,
    /// Stepped aside for the unit that took it.
    Waiting,
    /// Let it go.
    Left,
}

impl Target {
    pub fn of(row: &Row) -> Result<Target, Error> {
        Ok(Target {
            unit: row.get("unit_id")?,
            unit_name: row.get("name")?,
            authority: row.get("authority_id")?,
            municipality: row.get("municipality")?,
            target_days: row.get("target_days")?,
            state: match row.get::<String>("state")?.as_str() {
                "active" => TargetState::Active,
                "waiting" => TargetState::Waiting,
                _ => TargetState::Left,
            },
        })
    }
}

/// A person's place in a thread: side first taken, for which unit, alias, cursor.
#[derive(Clone, Debug)]
pub struct Place {
    pub person: Id,
    pub name: String,
    pub side: Side,
    pub unit: Id,
    pub alias: Id,
    pub letter: String,
    pub colour: String,
    pub read_n: i64,
    pub spoke: bool,
}

impl Thread {
    pub fn closed(&self) -> bool {
        self.status == "closed"
    }

    pub fn active(&self) -> impl Iterator<Item = &Target> {
        self.targets.iter().filter(|t| t.state == TargetState::Active)
    }

    pub fn matter(&self) -> Matter {
        Matter {
            asking_unit: self.asking_unit,
            asking_authority: self.asking_authority,
            asker: self.asker,
            closed: self.closed(),
            answering: self.active().map(|t| (t.unit, t.authority)).collect(),
        }
    }

    pub fn key(&self, house: &House) -> Result<DataKey, Error> {
        let aad = Aad { table: "thread", row: self.id, column: "wrapped_key" };
        house.vault.unwrap(&self.wrapped_key, aad).map_err(|_| Error::internal("thread", "key"))
    }

    /// How many working days an answer may take.
    pub fn target_days(&self) -> i64 {
        self.active().map(|t| t.target_days).max().unwrap_or(3)
    }

    /// All but the units it stands with.
    pub fn of(row: &Row) -> Result<Thread, Error> {
        Ok(Thread {
            id: row.get("id")?,
            wrapped_key: row.get("wrapped_key")?,
            asking_unit: row.get("asking_unit_id")?,
            asking_authority: row.get("authority_id")?,
            asking_unit_name: row.get("unit_name")?,
            municipality: row.get("municipality")?,
            asker: row.get("asker_id")?,
            hide_unit: row.get("hide_unit")?,
            subject: row.get("subject")?,
            urgency: row.get("urgency")?,
            status: row.get("status")?,
            turn: row.get::<Option<String>>("turn")?.and_then(|t| Side::parse(&t)),
            due_at: row.get("due_at")?,
            last_seq: row.get("last_seq")?,
            claimed_unit: row.get("claimed_unit_id")?,
            claimed_by: row.get("claimed_by")?,
            lease_until: row.get("lease_until")?,
            updated_at: row.get("updated_at")?,
            targets: Vec::new(),
        })
    }
}

pub async fn thread(conn: &mut Conn, id: Id) -> Result<Option<Thread>, Error> {
    let row = conn
        .opt(
            "select t.*, u.name as unit_name, u.municipality, d.authority_id
             from thread t join unit u on u.id = t.asking_unit_id join secrecy_domain d on d.id = u.domain_id where t.id = $1",
            args![id],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    let mut thread = Thread::of(&row)?;
    let rows = conn
        .all(
            "select x.unit_id, x.state, u.name, u.municipality, u.target_days, d.authority_id from thread_target x
             join unit u on u.id = x.unit_id join secrecy_domain d on d.id = u.domain_id where x.thread_id = $1 order by u.name",
            args![id],
        )
        .await?;
    thread.targets = rows.iter().map(Target::of).collect::<Result<_, _>>()?;
    Ok(Some(thread))
}

/// As [`thread`], and nobody else changes it until the transaction ends.
pub async fn thread_locked(tx: &mut Tx, id: Id) -> Result<Option<Thread>, Error> {
    tx.run("update thread set last_seq = last_seq where id = $1", args![id]).await?;
    thread(tx, id).await
}

pub async fn places(conn: &mut Conn, thread: Id) -> Result<Vec<Place>, Error> {
    let rows = conn
        .all(
            "select x.person_id, p.name, x.side, x.unit_id, x.alias_id, x.letter, x.colour, x.read_n, x.spoke
             from thread_person x join person p on p.id = x.person_id where x.thread_id = $1",
            args![thread],
        )
        .await?;
    rows.iter().map(Place::of).collect()
}

impl Place {
    pub fn of(row: &Row) -> Result<Place, Error> {
        Ok(Place {
            person: row.get("person_id")?,
            name: row.get("name")?,
            side: Side::parse(&row.get::<String>("side")?).ok_or_else(|| Error::internal("thread_person", "side"))?,
            unit: row.get("unit_id")?,
            alias: row.get("alias_id")?,
            letter: row.get("letter")?,
            colour: row.get("colour")?,
            read_n: row.get("read_n")?,
            spoke: row.get("spoke")?,
        })
    }

    /// The name, for those of the same unit; everybody else knows the alias.
    pub fn name_for(&self, side: Side, unit: Id) -> Option<&str> {
        (self.side == side && self.unit == unit).then_some(self.name.as_str())
    }
}

/// A thread and how the person sees it.
pub struct Seen {
    pub thread: Thread,
    pub sight: Sight,
    pub roles: Roles,
    pub places: Vec<Place>,
}

impl Seen {
    pub fn place(&self) -> Option<&Place> {
        self.places.iter().find(|p| p.person == self.roles.person)
    }

    /// How far the person has read the stream they hear now.
    pub fn read_n(&self) -> i64 {
        self.place().filter(|p| p.unit == self.sight.unit).map_or(0, |p| p.read_n)
    }

    /// The municipality in which the risk of this person's text is reckoned: where the question comes from. Where that is hidden the answering side's own stands in:
    /// else texts could be tried out, and which of them are refused would tell how large a place the question comes from.
    pub fn municipality(&self) -> &str {
        let own = || self.thread.targets.iter().find(|t| t.unit == self.sight.unit).map(|t| t.municipality.as_str());
        match self.sight.side {
            Side::Answering if self.thread.hide_unit => own().unwrap_or(&self.thread.municipality),
            _ => &self.thread.municipality,
        }
    }
}

/// The thread as this person may see it; `not_found` when there is none or it is not for them.
pub async fn seen(conn: &mut Conn, person: Id, id: Id) -> Result<Seen, Error> {
    let thread = thread(conn, id).await?.ok_or_else(Error::not_found)?;
    sight(conn, person, thread).await
}

/// As [`seen`], for changing it.
pub async fn seen_locked(tx: &mut Tx, person: Id, id: Id) -> Result<Seen, Error> {
    let thread = thread_locked(tx, id).await?.ok_or_else(Error::not_found)?;
    let seen = sight(tx, person, thread).await?;
    if !seen.sight.takes_part {
        return Err(Error::new(Code::RoleMissing));
    }
    if seen.thread.closed() {
        return Err(Error::new(Code::ThreadClosed));
    }
    Ok(seen)
}

async fn sight(conn: &mut Conn, person: Id, thread: Thread) -> Result<Seen, Error> {
    let roles = roles::find(conn, person).await?.ok_or_else(Error::not_found)?;
    let places = places(conn, thread.id).await?;
    let own = places.iter().find(|p| p.person == person);
    let sight = access::decide(&thread.matter(), &roles, own.map(|p| p.side), own.is_some_and(|p| p.spoke)).ok_or_else(Error::not_found)?;
    Ok(Seen { thread, sight, roles, places })
}

const COLOURS: [&str; 8] = ["teal", "plum", "ochre", "slate", "moss", "rust", "indigo", "rose"];
/// No I and O: they look like figures.
const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ";

/// As [`seen`], with a place for whoever takes part. The first time needs the lock: two who come at once must not draw the same letter.
pub async fn seen_in_place(tx: &mut Tx, random: &Random, person: Id, id: Id) -> Result<Seen, Error> {
    let first = seen(tx, person, id).await?;
    if !first.sight.takes_part || first.place().is_some_and(|p| p.unit == first.sight.unit) {
        return Ok(first);
    }
    let thread = thread_locked(tx, id).await?.ok_or_else(Error::not_found)?;
    let mut seen = sight(tx, person, thread).await?;
    take_place(tx, random, &mut seen).await?;
    Ok(seen)
}

/// Gives the person a place on the side they see the thread from, unless they have one: from then on that is their side. For a thread that is locked. Letter and colour are drawn, so that they tell nothing of who came when.
pub async fn take_place(tx: &mut Tx, random: &Random, seen: &mut Seen) -> Result<Place, Error> {
    let (person, unit) = (seen.roles.person, seen.sight.unit);
    if let Some(place) = seen.places.iter_mut().find(|p| p.person == person) {
        // Somebody of several units that answer goes along when the question goes from one to the other; each has a stream of its own.
        if place.unit != unit {
            tx.run(
                "update thread_person set unit_id = $3, read_n = 0 where thread_id = $1 and person_id = $2",
                args![seen.thread.id, person, unit],
            )
            .await?;
            (place.unit, place.read_n) = (unit, 0);
        }
        return Ok(place.clone());
    }
    let place = new_place(tx, random, seen.thread.id, person, (seen.sight.side, seen.sight.unit), &seen.places).await?;
    seen.places.push(place.clone());
    Ok(place)
}

pub async fn new_place(tx: &mut Tx, random: &Random, thread: Id, person: Id, own: (Side, Id), taken: &[Place]) -> Result<Place, Error> {
    let (side, unit) = own;
    let name: String = tx.one("select name from person where id = $1", args![person]).await?.get("name")?;
    let [letter, colour] = random.bytes::<2>();
    // Free letters first; a thread with more people than letters goes on with two.
    let free: Vec<String> = LETTERS.iter().map(|l| (*l as char).to_string()).filter(|l| taken.iter().all(|p| p.letter != *l)).collect();
    let letter = match free.len() {
        0 => format!("{}{}", LETTERS[letter as usize % LETTERS.len()] as char, taken.len()),
        n => free[letter as usize % n].clone(),
    };
    let unused: Vec<&str> = COLOURS.into_iter().filter(|c| taken.iter().all(|p| p.colour != *c)).collect();
    let colours = if unused.is_empty() { &COLOURS[..] } else { &unused };
    let colour = colours[colour as usize % colours.len()].to_owned();
    let alias = random.id();
    tx.run(
        "insert into thread_person (thread_id, person_id, side, unit_id, alias_id, letter, colour) values ($1, $2, $3, $4, $5, $6, $7)",
        args![thread, person, side.as_str(), unit, alias, &letter, &colour],
    )
    .await?;
    Ok(Place { person, name, side, unit, alias, letter, colour, read_n: 0, spoke: false })
}

/// The stream of one side (of one unit) of the thread.
pub async fn stream(conn: &mut Conn, thread: Id, side: Side, unit: Id) -> Result<Option<(Id, i64)>, Error> {
    let row = conn
        .opt("select id, last_n from stream where thread_id = $1 and side = $2 and unit_id = $3", args![thread, side.as_str(), unit])
        .await?;
    row.map(|r| Ok((r.get("id")?, r.get("last_n")?))).transpose()
}
