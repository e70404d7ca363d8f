//! The slot for a sequence model: a judge that sees the tokens and adds, raises or lowers what the rules found.

use super::doc::{Doc, Found};

/// A model over the tokens of a text. Pure: the same text gives the same answer.
pub trait Model: Send + Sync {
    /// Looks at the document and at what the rules found so far, and changes the list as its probabilities say.
    fn judge(&self, doc: &Doc, found: &mut Vec<Found>);
}
