//! What the line and the sentence around a token tell of it.

use std::collections::HashMap;

use super::features::Cell;
use crate::scan::doc::Doc;
use crate::scan::pack::KIN;
use crate::scan::token::Kind;

/// What the line and the sentence around a token tell.
#[derive(Clone, Copy, Default)]
pub struct Around {
    /// The last word of kin or pronoun before it in the sentence: whom it is about.
    pub subject: u64,
    /// How many findings of the same category stand in its line.
    pub alike: u64,
    /// In how many lines its word stands before a colon at the beginning: somebody who speaks.
    pub speaks: u64,
}

const PRONOUNS: [&[u8]; 14] =
    [b"jag", b"vi", b"du", b"ni", b"han", b"hon", b"hen", b"de", b"dom", b"man", b"den", b"hans", b"hennes", b"min"];

/// One for each token.
pub(super) fn around(doc: &Doc, cells: &[Cell]) -> Vec<Around> {
    let n = doc.tokens.len();
    let mut out = vec![Around::default(); n];
    let mut speakers: HashMap<u64, u64> = HashMap::new();
    let (mut subject, mut start) = (0, 0);
    while start < n {
        let end = (start..n).find(|i| doc.tokens[*i].kind == Kind::Newline).unwrap_or(n);
        let mut counts = [0u64; 32];
        for i in start..end {
            let begins = cells[i].rule != 0 && cells[i].rule >> 16 == 0;
            counts[(cells[i].rule & 0x1f) as usize] += begins as u64;
        }
        for i in start..end {
            let t = &doc.tokens[i];
            if t.opens {
                subject = 0;
            }
            out[i].subject = subject;
            out[i].alike = if cells[i].rule == 0 { 0 } else { counts[(cells[i].rule & 0x1f) as usize].min(5) };
            if t.is_word() && (cells[i].flags & KIN != 0 || PRONOUNS.contains(&doc.word(t))) {
                subject = cells[i].word;
            }
            if t.is(b':') && i > start && i <= start + 2 {
                *speakers.entry(cells[start].word).or_default() += 1;
            }
        }
        subject = 0;
        start = end + 1;
    }
    for (a, c) in out.iter_mut().zip(cells) {
        a.speaks = speakers.get(&c.word).copied().unwrap_or(0).min(3);
    }
    out
}
