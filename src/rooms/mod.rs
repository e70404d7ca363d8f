//! The rooms: one folder a feature, each with its rules, its SQL and its operations. A room uses another only through its `mod.rs`, and only one that stands before it here.
//!
//! The way of an operation, over the socket and the API alike: [`run`] finds it in [`ops`], the room reads the request, scans what is free text, and writes in one transaction
//! through [`command`], which also sees to it that a command takes effect once.

// Keep this order: a room may use those above it. (A blank line keeps the formatter from sorting across it.)
pub mod password;
pub mod roles;
pub mod streams;
pub mod units;

pub mod people;
pub mod signin;
pub mod threads;

// Decides on what threads hands it.
pub mod moderation;

// The named case: the file, what was agreed, and what passes between two units.
pub mod case_files;
pub mod consent;

pub mod cases;

pub mod inbox;

use std::{collections::BTreeMap, sync::Arc};

use futures_util::future::BoxFuture;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    args,
    clock::{Clock, Micros},
    db::{Db, Tx},
    http::error::{Code, Error},
    id::{Id, Random},
    live::{Op, Who},
    scan::Scanner,
    vault::Vault,
};

/// What every room needs, made once at start.
#[derive(Clone)]
pub struct House {
    pub db: Db,
    pub vault: Vault,
    pub clock: Clock,
    pub random: Random,
    pub scanner: &'static Scanner,
    pub rules: Arc<Rules>,
}

/// What an administrator may set.
#[derive(Clone, Debug)]
pub struct Rules {
    /// A text is held when fewer people than this fit what stays visible.
    pub risk_limit: u64,
    /// A session that has been idle this long is locked.
    pub idle: Micros,
}

/// One call of one person.
#[derive(Clone, Debug)]
pub struct Call {
    pub who: Who,
    /// The client's own id of a command; queries have none.
    pub id: Option<Id>,
    pub op: &'static str,
    pub now: Micros,
}

type Run = for<'a> fn(&'a House, Call, Value) -> BoxFuture<'a, Result<Value, Error>>;

/// An operation and the room function behind it.
pub struct Entry {
    pub op: Op,
    run: Run,
}

/// Registers `$function`, whose last argument is the request `$request`, under `$name`.
macro_rules! entry {
    ($name:literal, $command:literal, $function:path, $request:ty, $summary:literal) => {
        Entry {
            op: Op { name: $name, command: $command, summary: $summary, schema: schema::<$request> },
            run: |house, call, body| Box::pin(async move { to_value($function(house, call, read::<$request>(body)?).await?) }),
        }
    };
}

/// Every operation there is. The socket and `/api/v1` both read this table.
pub static OPS: &[Entry] = &[
    entry!("me", false, people::me, Nothing, "Who is signed in, and as what"),
    entry!("units.list", false, units::list, Nothing, "Units that can be asked, and the subjects"),
    entry!("scan.check", false, threads::check, threads::Check, "The scanner's word on texts that have not been sent"),
    entry!("inbox.list", false, inbox::list, Nothing, "The person's heaps"),
    entry!("thread.ask", true, threads::ask, threads::Ask, "Ask a question"),
    entry!("thread.open", false, threads::open, threads::Which, "A thread, as the person may see it"),
    entry!("thread.claim", true, threads::claim, threads::Which, "Take on a question"),
    entry!("thread.release", true, threads::release, threads::Which, "Let a question go"),
    entry!("thread.route", true, threads::route, threads::Route, "Pass a question to other units"),
    entry!("thread.read", true, threads::read_to, threads::ReadTo, "Move the own cursor"),
    entry!("thread.typing", false, threads::typing, threads::Typing, "Tell the asking side that somebody writes"),
    entry!("thread.close", true, threads::close, threads::Close, "Close a thread and say what came of it"),
    entry!("thread.search", false, threads::search, threads::Search, "Search the person's own threads"),
    entry!("message.post", true, threads::post, threads::Post, "Reply, ask back or advise"),
    entry!("review.open", false, moderation::open, moderation::Which, "A held text, for those who decide"),
    entry!("review.approve", true, moderation::approve, moderation::Which, "Send a held text as it stands"),
    entry!("review.return", true, moderation::send_back, moderation::SendBack, "Send a held text back to its writer"),
    entry!("held.withdraw", true, moderation::withdraw, moderation::Which, "Take back an own held text"),
    entry!("case.create", true, case_files::create, case_files::Create, "Make a named case of the own unit"),
    entry!("case.find", false, case_files::find, case_files::Find, "The own unit's cases about one person, by the exact personal number"),
    entry!("case.list", false, cases::list, Nothing, "The cases that the person has as a task"),
    entry!("case.assign", true, cases::assign, cases::Assign, "Give a colleague of the own unit the case as a task"),
    entry!("consent.draft", true, consent::draft, consent::Draft, "Write down what is asked for, and whose yes is needed"),
    entry!("consent.give", true, consent::give, consent::Give, "One giver's yes; with the last one the consent is given"),
    entry!("consent.refuse", true, consent::refuse, consent::Refuse, "One giver's no: there is no consent"),
    entry!("consent.narrow", true, consent::narrow, consent::Narrow, "Fewer facts, fewer units or a shorter time"),
    entry!("consent.revoke", true, consent::revoke, consent::Revoke, "Take a consent back: its cases close at once"),
    entry!("consent.list", false, consent::list, consent::List, "The consents of a case of the own unit"),
    entry!("consent.show", false, consent::show, consent::Show, "The whole record of a consent"),
    entry!("case.link", true, cases::link, cases::Link, "Tie a thread to a case, for one unit, under a live consent"),
    entry!("case.answer", true, cases::answer, cases::Answer, "Put the own consent under a link, so that the own unit may write there"),
    entry!("case.open", false, cases::open, cases::Open, "Who a case is about, and what may be told"),
    entry!("case.feed", false, cases::feed, cases::Feed, "What has been written in a case"),
    entry!("case.post", true, cases::post, cases::Post, "Write in a case, within the scope of the consent"),
    entry!("case.close", true, cases::close, cases::Close, "Close a link, or a whole case of the own unit"),
    entry!("session.lock", true, signin::lock_own, Nothing, "Lock this session until the password is given again"),
    entry!("session.end_all", true, signin::end_all, Nothing, "Sign out everywhere"),
    entry!("people.add", true, people::add, people::NewPerson, "Add a person (administrator)"),
    entry!("people.roles", true, people::set_roles, people::NewRoles, "Set a person's roles (administrator)"),
    entry!("units.add", true, units::add, units::NewUnit, "Add a unit (administrator)"),
];

pub async fn run(house: &House, who: &Who, op: &str, id: Option<Id>, body: Value) -> Result<Value, Error> {
    let entry = OPS.iter().find(|e| e.op.name == op).ok_or_else(|| Error::new(Code::OpUnknown))?;
    if entry.op.command && id.is_none() {
        return Err(Error::field("id"));
    }
    let call = Call { who: who.clone(), id: id.filter(|_| entry.op.command), op: entry.op.name, now: house.clock.now() };
    (entry.run)(house, call, body).await
}

/// A request without members.
#[derive(serde::Deserialize, utoipa::ToSchema)]
pub struct Nothing {}

/// JSON Schema of a request, whole: what it refers to stands in it.
fn schema<T: utoipa::ToSchema>() -> Value {
    let mut parts = Vec::new();
    T::schemas(&mut parts);
    let named = parts.into_iter().filter_map(|(name, part)| Some((name, serde_json::to_value(part).ok()?))).collect();
    let mut schema = serde_json::to_value(T::schema()).unwrap_or_default();
    put_in(&mut schema, &named);
    schema
}

/// Puts what is referred to in the place of the reference. None of ours refers to itself.
fn put_in(schema: &mut Value, named: &BTreeMap<String, Value>) {
    let referred =
        schema.get("$ref").and_then(Value::as_str).and_then(|r| r.strip_prefix("#/components/schemas/")).and_then(|n| named.get(n));
    if let Some(part) = referred {
        *schema = part.clone();
    }
    match schema {
        Value::Object(members) => members.values_mut().for_each(|v| put_in(v, named)),
        Value::Array(items) => items.iter_mut().for_each(|v| put_in(v, named)),
        _ => {}
    }
}

/// Reads a request. What is wrong is told by the name of the request's member and no deeper: both the parser's words and the names inside could repeat what somebody put in
/// the wrong place. At the top only names of ours can be wrong, for others are not looked at.
fn read<T: DeserializeOwned>(body: Value) -> Result<T, Error> {
    serde_path_to_error::deserialize(body).map_err(|e| {
        let path = e.path().to_string();
        let top = path.split(['.', '[']).next().unwrap_or_default();
        // A missing member has the path of its parent: the parser's own word `missing field` names a member of ours.
        let missing = e.inner().to_string();
        match missing.strip_prefix("missing field `").and_then(|rest| rest.split_once('`')) {
            Some((name, _)) if top.is_empty() => Error::field(name),
            _ if top.is_empty() => Error::new(Code::FieldInvalid),
            _ => Error::field(top),
        }
    })
}

fn to_value(answer: impl Serialize) -> Result<Value, Error> {
    serde_json::to_value(answer).map_err(|_| Error::new(Code::Internal))
}

/// What a command's body gets: the house, the call, and the request with what has been worked out before the transaction.
pub struct Command<R> {
    pub house: House,
    pub call: Call,
    pub req: R,
    apply: Apply<R>,
}

/// The part of a command that reads and writes the database. It may run again, if the transaction has to be tried anew.
pub type Apply<R> = for<'t> fn(&'t mut Tx, &'t Command<R>) -> BoxFuture<'t, Result<Value, Error>>;

/// The world moved on between judging and writing, or the same command came twice at the same moment: judge again.
pub(crate) const AGAIN: &str = "again";

/// How often a command is tried anew for that reason.
const TRIES: usize = 8;

/// Runs `apply` in one transaction, once for every client id: sent again, a command gives the answer it gave.
/// The answer is kept, so it holds ids and codes only, never content.
pub async fn command<R: Send + Sync + 'static>(house: &House, call: Call, req: R, apply: Apply<R>) -> Result<Value, Error> {
    let command = Arc::new(Command { house: house.clone(), call, req, apply });
    for _ in 0..TRIES {
        match house.db.write(command.clone(), |tx, c| Box::pin(once(tx, c))).await {
            Err(e) if e.extra.get(AGAIN).is_some_and(|v| v == "twice") => {}
            done => return done,
        }
    }
    Err(Error::new(Code::Unavailable))
}

async fn once<R: Send + Sync + 'static>(tx: &mut Tx, c: &Command<R>) -> Result<Value, Error> {
    if let Some(answer) = answered(tx, &c.call).await? {
        return Ok(answer);
    }
    let answer = (c.apply)(tx, c).await?;
    if let Some(id) = c.call.id {
        let kept = tx
            .run(
                "insert into command (person_id, id, op, answer, at) values ($1, $2, $3, $4, $5) on conflict do nothing",
                args![c.call.who.person, id, c.call.op, answer.to_string(), c.call.now],
            )
            .await?;
        // The same command got there first, on another connection: this one's work is undone, and its answer is given.
        if kept == 0 {
            return Err(Error::new(Code::Unavailable).with(AGAIN, "twice"));
        }
    }
    Ok(answer)
}

/// The answer a command gave earlier, if it has been here. Asked before scanning too: a resend must not be judged anew.
pub async fn answered(conn: &mut crate::db::Conn, call: &Call) -> Result<Option<Value>, Error> {
    let Some(id) = call.id else { return Ok(None) };
    let Some(row) = conn.opt("select op, answer from command where person_id = $1 and id = $2", args![call.who.person, id]).await? else {
        return Ok(None);
    };
    if row.get::<String>("op")? != call.op {
        return Err(Error::new(Code::CommandReused));
    }
    serde_json::from_str(&row.get::<String>("answer")?).map(Some).map_err(|_| Error::new(Code::Internal))
}
