//! The sequence model: a linear-chain conditional random field over the tokens, which also sees what the rules found. Its marginal probabilities decide
//! what is a finding; one knob trades misses against false alarms.

mod decide;
pub mod features;
pub mod labels;
mod lattice;
mod store;
pub mod train;

pub use store::Broken;

use super::doc::{Doc, Found};
use super::token::Kind;
use features::extract;
use labels::{LABELS, NOTHING};
use lattice::{Lattice, Row};
use store::Weights;

/// A trained model. Pure: the same text gives the same answer.
pub struct Model {
    weights: Weights,
}

const ALL: u32 = (1 << LABELS) - 1;

/// The labels that a token may have: our own masks are nothing.
fn allowed(doc: &Doc, token: usize) -> u32 {
    if doc.tokens[token].kind == Kind::Mask { 1 << NOTHING } else { ALL }
}

impl Model {
    /// Reads what `train::train` wrote.
    pub fn read(bytes: &[u8]) -> Result<Model, Broken> {
        Ok(Model { weights: Weights::read(bytes)? })
    }

    /// Looks at the document and at what the rules found, and changes the list as the probabilities say.
    pub fn judge(&self, doc: &Doc, found: &mut Vec<Found>) {
        let features = extract(doc, found);
        let mut scores: Vec<Row> = vec![[0.0; LABELS]; features.len()];
        scores.iter_mut().enumerate().for_each(|(t, row)| self.weights.add(features.of(t), row));
        let mut lattice = Lattice::default();
        lattice.run(&scores, &self.weights.steps, |t| allowed(doc, t));
        decide::decide(doc, &lattice.marginals, found);
    }
}
