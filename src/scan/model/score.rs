//! From features to scores, with a memory: what a group of features says is added up once and remembered by the group's key.

use super::labels::LABELS;
use super::sink::{Made, Sink};
use super::store::{Sums, Units, Weights, plus};
use crate::scan::lexicon::{Class, class};

/// How many groups are remembered; a new one takes the place of an old one.
const GROUPS: usize = 1 << 14;
/// How many whole tokens at most: a masked text is scanned again, and most of its tokens stand as before.
const TOKENS: usize = 1 << 15;

/// Of how many words the class.
const WORDS: usize = 1 << 12;

/// What was added up before. It changes no answer, only how soon it comes.
pub struct Memory {
    groups: Vec<Place>,
    tokens: Vec<Place>,
    classes: Vec<(u64, Class)>,
    made: Made,
    /// The features of the token at hand that belong to no group.
    ones: Vec<u32>,
}

/// A group's key and its sums: one line of the cache.
#[derive(Clone, Copy, Default)]
#[repr(align(64))]
struct Place {
    key: u64,
    sums: Units,
}

impl Default for Memory {
    fn default() -> Self {
        Memory {
            groups: vec![Place::default(); GROUPS],
            tokens: Vec::new(),
            classes: vec![(0, Class::Unknown); WORDS],
            made: Made::default(),
            ones: Vec::new(),
        }
    }
}

/// Adds the features of each token up as they are made.
pub struct Scorer<'a> {
    weights: &'a Weights,
    memory: &'a mut Memory,
    sums: Sums,
    /// The token at hand.
    key: u64,
    /// In how many places tokens are looked for: a short text uses few, which stay near the processor.
    mask: usize,
    /// What was added up for each token.
    pub units: Vec<Units>,
}

impl<'a> Scorer<'a> {
    pub fn new(weights: &'a Weights, memory: &'a mut Memory, tokens: usize) -> Scorer<'a> {
        let places = (tokens * 2).next_power_of_two().clamp(64, TOKENS);
        if memory.tokens.len() < places {
            memory.tokens.resize(places, Place::default());
        }
        Scorer { weights, memory, sums: [0; 32], key: 0, mask: places - 1, units: Vec::with_capacity(tokens) }
    }
}

impl Sink for Scorer<'_> {
    #[inline]
    fn one(&mut self, feature: u32) {
        self.memory.ones.push(feature);
    }

    #[inline]
    fn group(&mut self, key: u64, make: impl FnOnce(&mut Made)) {
        let Memory { groups, made, .. } = &mut *self.memory;
        // Nothing is remembered under nought.
        let key = key.max(1);
        let place = &mut groups[(key >> 40) as usize % GROUPS];
        if place.key != key {
            made.0.clear();
            make(made);
            let mut sums = [0; 32];
            self.weights.add(&made.0, &mut sums);
            place.key = key;
            place.sums.copy_from_slice(&sums[..LABELS]);
        }
        plus(&mut self.sums, &place.sums);
    }

    fn class(&mut self, word: &[u8], hash: u64) -> Class {
        let place = &mut self.memory.classes[(hash >> 40) as usize % WORDS];
        if place.0 != hash {
            *place = (hash, class(word));
        }
        place.1
    }

    #[inline]
    fn recall(&mut self, key: u64) -> bool {
        self.key = key.max(1);
        let place = &self.memory.tokens[(key >> 40) as usize & self.mask];
        let known = place.key == self.key;
        if known {
            plus(&mut self.sums, &place.sums);
        }
        known
    }

    fn remember(&mut self) {
        self.weights.add(&self.memory.ones, &mut self.sums);
        self.memory.ones.clear();
        let place = &mut self.memory.tokens[(self.key >> 40) as usize & self.mask];
        place.key = self.key;
        place.sums.copy_from_slice(&self.sums[..LABELS]);
    }

    fn end(&mut self) {
        self.units.push(std::array::from_fn(|l| self.sums[l]));
        self.sums = [0; 32];
    }
}

#[cfg(test)]
mod tests {
    use super::super::features::extract;
    use super::super::sink::Features;
    use super::*;
    use crate::scan::{MODEL, Scanner};

    /// A key that forgets something its features depend on shows here.
    #[test]
    fn what_is_remembered_is_what_would_be_added_up() {
        let weights = Weights::read(MODEL).unwrap_or_else(|e| panic!("{e}"));
        let (scanner, mut memory) = (Scanner::rules_only(), Memory::default());
        for line in include_str!("../../../tests/corpus/dev.jsonl").lines() {
            let text = serde_json::from_str::<serde_json::Value>(line).unwrap_or_else(|e| panic!("the corpus: {e}"))["text"].clone();
            let text = text.as_str().unwrap_or_default();
            for text in [text, &text.to_uppercase(), &text.to_lowercase()] {
                let (doc, found) = scanner.rules(text);
                let mut features = Features::default();
                extract(&doc, &found, &mut features);
                let mut scorer = Scorer::new(&weights, &mut memory, doc.tokens.len());
                extract(&doc, &found, &mut scorer);
                let mut start = 0;
                for (t, end) in features.ends.iter().enumerate() {
                    let mut sums = [0; 32];
                    weights.add(&features.all[start..*end as usize], &mut sums);
                    start = *end as usize;
                    assert_eq!(sums[..LABELS], scorer.units[t], "token {t} of {text:?}");
                }
            }
        }
    }
}
