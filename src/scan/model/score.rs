//! From features to scores, with a memory: what a group of features says is added up once and remembered by the group's key.

use super::lattice::Row;
use super::sink::{Made, Sink};
use super::store::{Sums, Weights};

/// How many groups are remembered; a new one takes the place of an old one.
const PLACES: usize = 1 << 14;

/// What was added up before. It changes no answer, only how soon it comes.
pub struct Memory {
    keys: Vec<u64>,
    rows: Vec<Sums>,
    made: Made,
}

impl Default for Memory {
    fn default() -> Self {
        Memory { keys: vec![0; PLACES], rows: vec![[0; 32]; PLACES], made: Made::default() }
    }
}

/// Adds the features of each token up as they are made.
pub struct Scorer<'a> {
    weights: &'a Weights,
    memory: &'a mut Memory,
    sums: Sums,
    pub scores: Vec<Row>,
}

impl<'a> Scorer<'a> {
    pub fn new(weights: &'a Weights, memory: &'a mut Memory, tokens: usize) -> Scorer<'a> {
        Scorer { weights, memory, sums: [0; 32], scores: Vec::with_capacity(tokens) }
    }
}

fn sum(weights: &Weights, made: &Made) -> Sums {
    let mut sums = [0; 32];
    made.0.iter().for_each(|f| weights.add(*f, &mut sums));
    sums
}

impl Sink for Scorer<'_> {
    #[inline]
    fn one(&mut self, feature: u32) {
        self.weights.add(feature, &mut self.sums);
    }

    #[inline]
    fn group(&mut self, key: u64, make: impl FnOnce(&mut Made)) {
        let Memory { keys, rows, made } = &mut *self.memory;
        // Nothing is remembered under nought.
        let key = key.max(1);
        let at = (key >> 40) as usize % PLACES;
        if keys[at] != key {
            made.0.clear();
            make(made);
            rows[at] = sum(self.weights, made);
            keys[at] = key;
        }
        self.sums.iter_mut().zip(&rows[at]).for_each(|(s, n)| *s += n);
    }

    fn end(&mut self) {
        self.scores.push(self.weights.scores(&self.sums));
        self.sums = [0; 32];
    }
}
