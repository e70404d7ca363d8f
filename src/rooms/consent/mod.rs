//! Consents: who agrees that which facts are told to which units, for what and until when. A consent is one scope and everybody whose yes is needed for it.
//!
//! [`state`] has the states as types. The database refuses what they do not allow (migrations/0003), and judges by its own moment whether a consent holds.

mod answer;
mod change;
mod draft;
mod record;
mod show;
mod state;

pub use answer::{Give, Refuse, give, refuse};
pub use change::{Narrow, Revoke, expire, narrow, revoke};
pub use draft::{Draft, NewGiver, draft};
pub use record::CATEGORIES;
pub use show::{List, Show, list, show};
