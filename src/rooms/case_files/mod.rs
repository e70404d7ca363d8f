//! Case files: the named cases of a unit. Who they are about is sealed, and found again only by the exact personal number, through a keyed hash.

mod file;
mod ops;
mod personnummer;

pub use file::{CaseFile, Identity, Place, Subject, moment, note, now, own, own_with_task, reason, seal, subjects, task, tell, unseal};
pub use ops::{Create, Find, create, find};
pub use personnummer::Personnummer;

use crate::{
    http::error::Error,
    rooms::threads::{Field, required},
};

/// Refuses a text that is empty or too long.
pub fn text(name: &'static str, text: &str) -> Result<(), Error> {
    required(Field { name, text })
}

/// A name or a reference: one short line.
pub fn line(name: &'static str, text: &str) -> Result<(), Error> {
    let fits = !text.trim().is_empty() && text.chars().count() <= 200 && !text.chars().any(char::is_control);
    if fits { Ok(()) } else { Err(Error::field(name)) }
}
