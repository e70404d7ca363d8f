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
use decide::Verdict;
use features::extract;
use labels::{LABELS, NOTHING};
use lattice::{Lattice, Row};
use score::{Memory, Scorer};
use store::{Units, Weights};

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
/// A window is summed over in pieces of so many tokens, with so many around them: farther ones say nothing that counts.
const PIECE: usize = 2048;
const AROUND: usize = 64;
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

    /// What each token is. A token that is nothing for certain, and has such neighbours, cuts the chain: between two of them lies a window, and only windows
    /// are summed over; a very long one piece by piece, each with its surroundings.
    fn verdicts(&self, doc: &Doc, units: &[Units]) -> Vec<Verdict> {
        let n = units.len();
        let sure = |t: usize| {
            let row = self.weights.scores(&units[t]);
            let others = row.iter().skip(NOTHING + 1).fold(f32::MIN, |m, s| m.max(*s));
            doc.tokens[t].kind == Kind::Mask || row[NOTHING] - others > CERTAIN
        };
        let mut out = vec![Verdict::default(); n];
        let mut lattice = Lattice::default();
        let mut scores: Vec<Row> = Vec::new();
        let mut start = 0;
        while start < n {
            if sure(start) {
                start += 1;
                continue;
            }
            let end = (start + 1..n).find(|t| sure(*t)).unwrap_or(n);
            let first = start;
            while start < end {
                let stop = (start + PIECE).min(end);
                // The certain neighbours stand at both ends, as nothing.
                let from = if start == first { first.saturating_sub(1) } else { start - AROUND };
                let to = if stop == end { (end + 1).min(n) } else { (stop + AROUND).min(end) };
                scores.clear();
                scores.extend(units[from..to].iter().map(|u| self.weights.scores(u)));
                lattice.run(&scores, &self.weights.steps, |t| {
                    if from + t >= end || from + t < first { 1 << NOTHING } else { allowed(doc, from + t) }
                });
                let rows = &lattice.marginals[start - from..stop - from];
                out[start..stop].iter_mut().zip(rows).for_each(|(v, row)| *v = Verdict::of(row));
                start = stop;
            }
        }
        out
    }

    /// Looks at the document and at what the rules found, and changes the list as the probabilities say.
    pub fn judge(&self, doc: &Doc, found: &mut Vec<Found>) {
        let mut memory = self.spare.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default();
        let mut scorer = Scorer::new(&self.weights, &mut memory, doc.tokens.len());
        extract(doc, found, &mut scorer);
        let units = scorer.units;
        let mut spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner);
        if spare.len() < SPARE {
            spare.push(memory);
        }
        drop(spare);
        decide::decide(doc, &self.verdicts(doc, &units), self.knob, found);
    }
}
