//! Named cases between two units: the link, and the sealed room behind it. Each link is between the unit whose case it is and one other; no third unit hears of it.
//!
//! Whoever touches a link comes through [`sight`], which asks `access` and, for the moment, the database. What one unit writes the other reads only while the
//! writer's consent covers it: the asking unit's for what it tells, the answering unit's own for what that tells back.

mod answer;
mod link;
mod open;
mod room;
mod sight;
mod tasks;

pub use answer::{Answer, answer};
pub use link::{Close, Link, close, link};
pub use open::{Open, open};
pub use room::{Feed, Post, feed, post};
pub use tasks::{Assign, assign, list};
