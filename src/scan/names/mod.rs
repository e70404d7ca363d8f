//! Personal names: what the lists, the form of the word and its neighbours say together; growth from a known part outward; initials; and every found
//! name found again in the whole text.

use std::collections::HashMap;

mod grow;
mod judge;

use super::Category;
use super::doc::{Doc, Found};
use super::pack::*;
use super::token::{Kind, Shape, Token};
use super::words::{self, compound};
use grow::{grow, initials, speakers};
use judge::{around, judge};

/// Why a token is taken for (part of) a name.
#[derive(Clone, Copy)]
struct Mark {
    score: f32,
    reason: &'static str,
    context: Option<(usize, usize)>,
}

/// The finder of persons. `taken` marks tokens that another recognizer has for certain (addresses, organisations, places).
pub fn find(doc: &Doc, taken: &[bool], out: &mut Vec<Found>) {
    let mut marks: Vec<Option<Mark>> = vec![None; doc.tokens.len()];
    for i in 0..doc.tokens.len() {
        if !taken[i] {
            marks[i] = judge(doc, i);
        }
    }
    speakers(doc, &mut marks);
    grow(doc, taken, &mut marks);
    initials(doc, taken, &mut marks);
    again(doc, taken, &mut marks);
    grow(doc, taken, &mut marks);
    emit(doc, &marks, out);
}

/// Every word found as a name, found again: with or without genitive, also in lower case when it is no ordinary word.
fn again(doc: &Doc, taken: &[bool], marks: &mut [Option<Mark>]) {
    let mut known: HashMap<Vec<u8>, f32> = HashMap::new();
    for (i, m) in marks.iter().enumerate() {
        let Some(m) = m else { continue };
        let t = &doc.tokens[i];
        let w = doc.word(t);
        if w.len() < 2 || t.info.has(PARTICLE) || m.score < 0.65 {
            continue;
        }
        known.insert(w.to_vec(), m.score);
        if let Some(stem) = w.strip_suffix(b"s").filter(|s| s.len() > 2) {
            known.entry(stem.to_vec()).or_insert(m.score);
        }
    }
    for i in 0..doc.tokens.len() {
        let t = &doc.tokens[i];
        if marks[i].is_some() || taken[i] || !t.is_word() || t.len() < 2 || words::safe(t) {
            continue;
        }
        let w = doc.word(t);
        let hit = coordinated(doc, marks, i) && t.info.given() > 8 && (t.capital() || t.info.ordinary() < 2)
            || known.contains_key(w)
            || w.strip_suffix(b"s").is_some_and(|s| s.len() > 2 && known.contains_key(s));
        if !hit {
            continue;
        }
        let a = around(doc, i);
        let ok = if coordinated(doc, marks, i) {
            t.info.ordinary() < 3
        } else if t.capital() && !t.opens {
            true
        } else if t.capital() {
            t.info.ordinary() < 2 || a.verb_after || a.strong() || a.age_after
        } else {
            t.info.ordinary() == 0 && t.len() > 2 && !compound(w)
        };
        if ok {
            marks[i] = Some(Mark { score: 0.75, reason: "name-again", context: None });
        }
    }
}

/// "Tom och Kim": the other side of an "och" is a name already.
fn coordinated(doc: &Doc, marks: &[Option<Mark>], i: usize) -> bool {
    let and = |t: &Token| t.is(b'&') || t.is_word() && matches!(doc.word(t), b"och" | b"o" | b"\xe5" | b"eller" | b"samt" | b"plus");
    let after = doc.tokens.get(i + 1).is_some_and(and) && marks.get(i + 2).is_some_and(Option::is_some);
    let before = i > 1 && and(&doc.tokens[i - 1]) && marks[i - 2].is_some();
    after || before
}

/// Neighbouring marks become one finding, with the hyphens, stops and quotes inside.
fn emit(doc: &Doc, marks: &[Option<Mark>], out: &mut Vec<Found>) {
    let mut i = 0;
    while i < marks.len() {
        let Some(first) = marks[i] else {
            i += 1;
            continue;
        };
        let (start, mut last, mut best) = (i, i, first);
        while let Some(next) = (last + 1..marks.len()).take(3).find(|j| marks[*j].is_some()) {
            let joined =
                doc.tokens[last + 1..next].iter().all(|t| matches!(t.kind, Kind::Punct(b'-' | b'\'' | b'.' | b'_')) && (!t.spaced));
            if !joined || doc.tokens[last + 1..next].iter().any(|t| t.is(b'.')) && doc.tokens[last].len() > 1 {
                break;
            }
            last = next;
            if let Some(m) = marks[next].filter(|m| m.score > best.score && m.reason != "beside-a-name") {
                best = m;
            }
        }
        let mut end = doc.tokens[last].end;
        if doc.tokens[last].shape == Shape::Single && doc.tokens.get(last + 1).is_some_and(|t| t.is(b'.') && !t.spaced) {
            end += 1;
        }
        out.push(Found {
            start: doc.tokens[start].start,
            end,
            category: Category::Person,
            score: best.score,
            recognizer: "name",
            reason: best.reason,
            context: best.context,
        });
        i = last + 1;
    }
}

/// Is this token one that other modules may take for a given name?
pub fn given_like(t: &Token) -> bool {
    t.info.given().max(t.base.given()) > 8
}
