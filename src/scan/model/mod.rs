//! The sequence model: a linear-chain conditional random field over the tokens, which also sees what the rules found. Its marginal probabilities decide
//! what is a finding; one knob trades misses against false alarms.

mod around;
mod decide;
pub mod features;
pub mod labels;
mod lattice;
mod score;
mod sink;
mod store;
pub mod train;

pub use store::Broken;

use std::sync::{Mutex, PoisonError};

use super::doc::{Doc, Found};
use super::token::Kind;
use features::extract;
use labels::{LABELS, NOTHING};
use lattice::{Lattice, Row};
use score::{Memory, Scorer};
use store::Weights;

/// A trained model. Pure: the same text gives the same answer.
pub struct Model {
    weights: Weights,
    knob: f32,
    /// Working memories that no scan uses now.
    spare: Mutex<Vec<Memory>>,
}

/// How many working memories are kept (each about a megabyte).
const SPARE: usize = 8;

/// By how much nothing must lead, in log odds, to be certain: no step between labels outweighs it.
const CERTAIN: f32 = 11.0;
const ALL: u32 = (1 << LABELS) - 1;

/// The labels that a token may have: our own masks are nothing.
fn allowed(doc: &Doc, token: usize) -> u32 {
    if doc.tokens[token].kind == Kind::Mask { 1 << NOTHING } else { ALL }
}

impl Model {
    /// Reads what `train::train` wrote.
    pub fn read(bytes: &[u8]) -> Result<Model, Broken> {
        Ok(Model { weights: Weights::read(bytes)?, knob: 0.0, spare: Mutex::default() })
    }

    /// The one knob: above zero fewer false alarms, below zero fewer misses (log odds added to every threshold).
    pub fn with_knob(self, knob: f32) -> Model {
        Model { knob, ..self }
    }

    /// The marginals of all tokens. A token that is nothing for certain, and has such neighbours, cuts the chain: between two of them lies a window, and
    /// only windows are summed over.
    fn marginals(&self, doc: &Doc, scores: &[Row]) -> Vec<Row> {
        let sure = |t: usize| {
            let others = scores[t].iter().enumerate().filter(|(l, _)| *l != NOTHING).fold(f32::MIN, |m, (_, s)| m.max(*s));
            doc.tokens[t].kind == Kind::Mask || scores[t][NOTHING] - others > CERTAIN
        };
        let mut nothing = [0.0; LABELS];
        nothing[NOTHING] = 1.0;
        let mut out = vec![nothing; scores.len()];
        let mut lattice = Lattice::default();
        let mut start = 0;
        while start < scores.len() {
            if sure(start) {
                start += 1;
                continue;
            }
            let end = (start..scores.len()).find(|t| sure(*t)).unwrap_or(scores.len());
            // The certain neighbours stand at both ends, as nothing.
            let (from, to) = (start.saturating_sub(1), (end + 1).min(scores.len()));
            lattice.run(&scores[from..to], &self.weights.steps, |t| {
                if from + t < start || from + t >= end { 1 << NOTHING } else { allowed(doc, from + t) }
            });
            out[start..end].copy_from_slice(&lattice.marginals[start - from..end - from]);
            start = end;
        }
        out
    }

    /// Looks at the document and at what the rules found, and changes the list as the probabilities say.
    pub fn judge(&self, doc: &Doc, found: &mut Vec<Found>) {
        let mut memory = self.spare.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default();
        let mut scorer = Scorer::new(&self.weights, &mut memory, doc.tokens.len());
        extract(doc, found, &mut scorer);
        let scores = scorer.scores;
        let mut spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner);
        if spare.len() < SPARE {
            spare.push(memory);
        }
        drop(spare);
        let marginals = self.marginals(doc, &scores);
        decide::decide(doc, &marginals, self.knob, found);
    }
}
