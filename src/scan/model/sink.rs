//! Where features go: into lists, to be learnt from, or straight into scores.

use std::hash::Hasher;

use crate::scan::lexicon::{Class, class};

/// The features of all tokens of a text, one after the other.
#[derive(Clone, Debug, Default)]
pub struct Features {
    pub all: Vec<u32>,
    /// Where each token's features end.
    pub ends: Vec<u32>,
}

/// Takes the features of a text as they are made, token after token.
pub trait Sink {
    /// A feature of its own.
    fn one(&mut self, feature: u32);
    /// Features that nothing but the key decides: the same key makes the same features, so that what they say may be remembered.
    fn group(&mut self, key: u64, make: impl FnOnce(&mut Made));
    /// Has this sink been told all features that belong to this key before? Then it takes them from memory. The key holds everything they depend on.
    fn recall(&mut self, key: u64) -> bool;
    /// All features since the last `recall` belong to its key.
    fn remember(&mut self);
    /// The token is done.
    fn end(&mut self);
    /// What the lexicon says of a word, whose hash is known.
    fn class(&mut self, word: &[u8], _hash: u64) -> Class {
        class(word)
    }
}

/// The features of one group.
#[derive(Default)]
pub struct Made(pub Vec<u32>);

impl Made {
    pub fn add(&mut self, template: u32, a: u64, b: u64) {
        self.0.push(mix(template, a, b));
    }
}

impl Sink for Features {
    fn one(&mut self, feature: u32) {
        self.all.push(feature);
    }

    fn group(&mut self, _: u64, make: impl FnOnce(&mut Made)) {
        let mut made = Made(std::mem::take(&mut self.all));
        make(&mut made);
        self.all = made.0;
    }

    fn recall(&mut self, _: u64) -> bool {
        false
    }

    fn remember(&mut self) {}

    fn end(&mut self) {
        self.ends.push(self.all.len() as u32);
    }
}

/// The key of a group: everything that its features depend on.
#[inline]
pub fn key<const N: usize>(group: u64, parts: [u64; N]) -> u64 {
    let mut h = group.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    for p in parts {
        h = (h ^ p).wrapping_mul(0xd6e8_feb8_6659_fd93);
        h ^= h >> 32;
    }
    h
}

/// A template and its values as a feature.
#[inline]
pub fn mix(template: u32, a: u64, b: u64) -> u32 {
    let mut h = (template as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ a;
    h = (h ^ (h >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) ^ b;
    h = (h ^ (h >> 32)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (h >> 32) as u32 & !3 | group(template)
}

/// What kind of feature a template makes; the two lowest bits of its features. Training leaves out one kind now and then, so that the model leans on none.
fn group(template: u32) -> u32 {
    match template {
        1 | 6 | 7 | 13 | 14 | 24 | 25 | 34 | 35 | 101 => OWN_WORD,
        90..=100 => RULES,
        2..=5 | 8..=12 | 80..=84 | 131 | 133..=134 | 142 => NEIGHBOURS,
        _ => FORM,
    }
}

pub const FORM: u32 = 0;
pub const OWN_WORD: u32 = 1;
pub const RULES: u32 = 2;
pub const NEIGHBOURS: u32 = 3;

/// The key of everything that a token's features depend on: as `key`, for many parts. Each part is weighed by a number of its own.
#[inline]
pub fn wide_key<const N: usize>(parts: [u64; N]) -> u64 {
    let (mut h, mut by) = (0u64, 0x9e37_79b9_7f4a_7c15u64);
    for p in parts {
        h = h.wrapping_add((p ^ p >> 32).wrapping_mul(by));
        by = by.wrapping_mul(0xd6e8_feb8_6659_fd93);
    }
    (h ^ h >> 32).wrapping_mul(0xbf58_476d_1ce4_e5b9)
}

/// A hasher of what is mixed already.
#[derive(Default)]
pub struct Plain(u64);

impl Hasher for Plain {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|b| self.0 = self.0 << 8 | *b as u64);
    }

    fn write_u64(&mut self, n: u64) {
        self.0 = n;
    }

    fn write_u32(&mut self, n: u32) {
        self.0 = (n as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}
