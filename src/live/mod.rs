//! The live floor: sockets, their sessions, and the hub that brings what happened to whoever may hear it.
//!
//! This floor knows no rooms. What it needs from them is the trait [`Rooms`], which `app` implements; tests of the transport implement it in memory.

pub mod frame;
pub mod hub;
pub mod outlet;
pub mod positions;
mod presence;
pub mod session;
pub mod socket;

use std::{collections::BTreeMap, net::IpAddr, sync::Arc};

use futures_util::future::BoxFuture;
use serde_json::Value;

pub use hub::Hub;

pub use crate::db::{Ephemeral, Signal};

use crate::{clock::Micros, config::Secret, error::Error, id::Id, locale::Locale};

/// The subprotocol of `GET /ws`.
pub const PROTOCOL: &str = "radrum.v1";
/// The largest frame, and the largest body over HTTP, in bytes.
pub const MAX_FRAME_BYTES: usize = 64 * 1024;
/// How many frames may wait for one socket before it counts as too slow.
pub const QUEUE_FRAMES: usize = 256;
/// Seconds between the server's pings.
pub const PING_SECONDS: u64 = 20;

/// Who is at the other end of a request or a socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who {
    pub person: Id,
    /// The row of the session, or of the token.
    pub session: Id,
    /// Came with a bearer token, not with a cookie.
    pub bearer: bool,
    pub locale: Locale,
}

/// What a client shows to say who it is. Has no `Debug`: it must not be printed.
#[derive(Clone, Copy)]
pub enum Credential<'a> {
    /// The value of the session cookie.
    Cookie(&'a str),
    Bearer(&'a str),
}

/// Frames for one audience, rendered once.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// The persons who may hear them, with the rights of this moment.
    pub readers: Vec<Id>,
    /// In order of their numbers; `None` for what has no number (typing, presence).
    pub frames: Vec<(Option<i64>, Arc<str>)>,
    /// Persons whose sockets must be checked anew: a session or a role was lost.
    pub recheck: Vec<Id>,
}

/// What a client missed.
#[derive(Clone, Debug, Default)]
pub struct Resumed {
    pub streams: Vec<ResumedStream>,
    /// Streams that cannot be resumed, unknown and forbidden alike.
    pub gone: Vec<Id>,
}

#[derive(Clone, Debug)]
pub struct ResumedStream {
    pub stream: Id,
    /// The stream's last number now.
    pub last: i64,
    /// Every event after the number that was asked for, in order.
    pub frames: Vec<(i64, Arc<str>)>,
}

/// One command or query of the protocol.
#[derive(Clone, Copy, Debug)]
pub struct Op {
    /// As in `thread.ask`.
    pub name: &'static str,
    /// Changes something, so that it needs an id and takes effect once. Else it is a query.
    pub command: bool,
    /// One line for OpenAPI.
    pub summary: &'static str,
    /// JSON Schema of the body, without `op` and `id`.
    pub schema: fn() -> Value,
}

/// What the floors of transport need of the rooms. Implemented by `app`; object safe, used as `Arc<dyn Rooms>`.
pub trait Rooms: Send + Sync + 'static {
    /// Whose credential this is. `touch` counts as activity and moves the idle lock; without it this is the check that a session is still good.
    /// Errors: `auth.required` (with `reason`: `signed_out` or `expired`), `session.locked`, `role.missing`
    /// when no role is left.
    fn who<'a>(&'a self, credential: Credential<'a>, touch: bool) -> BoxFuture<'a, Result<Who, Error>>;

    /// Gives the cookie's value and what `me` answers. Errors: `signin.failed`, `signin.locked`.
    fn sign_in<'a>(&'a self, login: String, password: Secret, peer: IpAddr) -> BoxFuture<'a, Result<(String, Value), Error>>;

    /// Ends the session of this cookie, also a locked one; `everywhere` ends all of the person's. A cookie that nobody knows is no error: the answer must not tell.
    fn sign_out<'a>(&'a self, cookie: &'a str, everywhere: bool) -> BoxFuture<'a, Result<(), Error>>;

    /// Opens a session that was locked for idleness; answers as `me`.
    fn unlock<'a>(&'a self, cookie: &'a str, password: Secret, peer: IpAddr) -> BoxFuture<'a, Result<Value, Error>>;

    /// The person with roles and settings.
    fn me<'a>(&'a self, who: &'a Who) -> BoxFuture<'a, Result<Value, Error>>;

    /// The members `person` and `roles` of the first frame.
    fn hello<'a>(&'a self, who: &'a Who) -> BoxFuture<'a, Result<Value, Error>>;

    /// Every op, in the order in which OpenAPI shows them. `resume` is the transport's own and not among them.
    fn ops(&self) -> &'static [Op];

    /// Runs one op. `id` is there for every command; `body` is an object without `op` and `id`.
    fn run<'a>(&'a self, who: &'a Who, op: &'a str, id: Option<Id>, body: Value) -> BoxFuture<'a, Result<Value, Error>>;

    /// The events of one stream after a number, rendered once, with the rights of this moment.
    fn events<'a>(&'a self, stream: Id, after: i64) -> BoxFuture<'a, Result<Batch, Error>>;

    /// What this person missed.
    fn resume<'a>(&'a self, who: &'a Who, after: &'a BTreeMap<Id, i64>) -> BoxFuture<'a, Result<Resumed, Error>>;

    /// Streams with an event since `at`, and their last numbers: for catching up when a signal may have been lost.
    fn moved_since<'a>(&'a self, at: Micros) -> BoxFuture<'a, Result<Vec<(Id, i64)>, Error>>;

    /// Who hears that someone types in a thread, or that a unit is there.
    fn ephemeral<'a>(&'a self, kind: Ephemeral, id: Id, on: bool) -> BoxFuture<'a, Result<Vec<Batch>, Error>>;

    /// Tells every node what has no number; hubs get it as [`Signal::Ephemeral`]. Hearing it back does no harm.
    fn announce<'a>(&'a self, kind: Ephemeral, id: Id, on: bool) -> BoxFuture<'a, ()>;

    /// The person's units, for presence.
    fn units_of<'a>(&'a self, person: Id) -> BoxFuture<'a, Result<Vec<Id>, Error>>;

    /// Whether the database answers: `/readyz`.
    fn ready<'a>(&'a self) -> BoxFuture<'a, bool>;
}
