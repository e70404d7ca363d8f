//! Threads: a unit asks, another answers. A message is sent in [`post`], a question in [`ask`].
//!
//! A thread holds no identity: every free text is scanned ([`text`]) before it is looked at in any other way. Whoever touches a thread comes through [`load`], which asks `access` from which side.

mod ask;
mod check;
mod feed;
mod flow;
mod list;
mod load;
mod post;
mod search;
mod settle;
mod show;
mod steps;
mod text;

pub use ask::{Ask, ask, deliver as deliver_ask};
pub use check::{Check, check};
pub use feed::{ephemeral, events, moved_since, resume, streams_of};
pub use flow::{MAIL_AFTER, mail, tell_reviewers};
pub use list::{Of, rows};
pub use load::{Seen, seen};
pub use post::{Post, deliver_approved, post};
pub use search::{Search, search};
pub use show::{open, texts};
pub use steps::{Close, ReadTo, Route, Typing, Which, claim, close, end_leases, read_to, release, route, typing};
pub use text::{Claim, Field, off_thread, refuse_any, required, risk};
