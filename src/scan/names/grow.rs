//! From a word found outward: surnames, hyphenated parts, particles, initials; and the speakers of a pasted chat.

use super::Mark;
use super::judge::around;
use crate::scan::doc::{Case, Doc};
use crate::scan::pack::*;
use crate::scan::token::{Kind, Shape};
use crate::scan::words::{self, compound, previous};

/// Who speaks in a pasted chat: the word before the colon, where at least two lines begin like that.
pub fn speakers(doc: &Doc, marks: &mut [Option<Mark>]) {
    let lines: Vec<usize> = (0..doc.tokens.len())
        .filter(|i| {
            let t = &doc.tokens[*i];
            t.is_word()
                && doc.tokens.get(i + 1).is_some_and(|c| c.is(b':'))
                && (*i == 0 || doc.tokens[i - 1].kind == Kind::Newline)
                && t.info.given() > 8
                && !t.info.has(KIN | TITLE)
        })
        .collect();
    let twice = matches!(lines[..], [i, j] if doc.word(&doc.tokens[i]) == doc.word(&doc.tokens[j]));
    if twice || lines.len() > 2 {
        for i in lines {
            marks[i].get_or_insert(Mark { score: 0.8, reason: "speaker", context: None });
        }
    }
}

/// Grows each name over its neighbours: surnames, hyphenated parts, particles, a single letter.
pub fn grow(doc: &Doc, taken: &[bool], marks: &mut [Option<Mark>]) {
    let n = doc.tokens.len();
    let grown = |score: f32| Some(Mark { score, reason: "beside-a-name", context: None });
    // Rightwards.
    for i in 0..n {
        if marks[i].is_none() {
            continue;
        }
        let mut j = i + 1;
        let hyphen = j + 1 < n && (doc.tokens[j].is(b'-') || doc.tokens[j].is(b'\'')) && !doc.tokens[j].spaced && !doc.tokens[j + 1].spaced;
        if hyphen {
            j += 1;
        }
        if j >= n || taken[j] || marks[j].is_some() {
            continue;
        }
        let (t, w) = (&doc.tokens[j], doc.word(&doc.tokens[j]));
        if !t.is_word() || (!hyphen && !t.spaced) {
            continue;
        }
        if hyphen {
            let name_part = t.capital()
                || t.info.given().max(t.base.given()) > 3
                || t.info.surname().max(t.base.surname()) > 6 && t.info.ordinary() < 2;
            if name_part && !words::safe(t) {
                marks[j] = grown(0.9);
            }
            continue;
        }
        let capital = t.capital() && !(doc.case == Case::Upper && t.shape == Shape::Upper);
        if t.info.has(PARTICLE) && !capital || matches!(w, b"Al" | b"El") {
            // "von Essen", "al Masri": only when a name part follows.
            let mut k = if doc.tokens.get(j + 1).is_some_and(|x| x.is(b'-')) { j + 2 } else { j + 1 };
            if doc.tokens.get(k).is_some_and(|x| x.info.has(PARTICLE) && !x.capital()) && doc.tokens.get(k + 1).is_some_and(|x| x.capital())
            {
                k += 1;
            }
            if let Some(x) = doc.tokens.get(k).filter(|x| {
                x.is_word() && (x.capital() || x.info.surname() > 8 && x.info.ordinary() == 0) && !x.opens && t.info.ordinary() < 3
                    || x.is_word() && x.shape == Shape::Initial && matches!(w, b"de" | b"den" | b"la" | b"da")
            }) && !words::safe(x)
                && !taken[k]
                && !x.info.has(PLACE)
            {
                (j..k).filter(|m| doc.tokens[*m].is_word()).for_each(|m| marks[m] = grown(0.8));
                marks[k] = marks[k].or(grown(0.85));
            }
            continue;
        }
        if capital && (t.shape == Shape::Single || !words::safe(t)) && t.shape != Shape::Upper && !t.info.has(ORG_HEAD) {
            marks[j] = grown(if t.shape == Shape::Single { 0.8 } else { 0.9 });
        } else if !capital
            && t.len() > 2
            && t.info.ordinary() == 0
            && !t.info.has(PLACE | ORIGIN | OCCUPATION | SAFE)
            && t.info.surname().max(t.base.surname()) > 4
            && !compound(w)
        {
            marks[j] = grown(0.75);
        } else if !capital
            && doc.case != Case::Normal
            && t.info.surname() > 8
            && t.info.ordinary() < 2
            && !t.info.has(VERB | KIN | TITLE | NAMING)
        {
            marks[j] = grown(0.6);
        }
    }
    // Leftwards: "Ebba-", "A.", "Al-".
    for i in (1..n).rev() {
        if marks[i].is_none() {
            continue;
        }
        let p = &doc.tokens[i - 1];
        if (p.is(b'-') && !p.spaced && !doc.tokens[i].spaced || p.is(b'.') && !p.spaced) && i >= 2 {
            let q = &doc.tokens[i - 2];
            let part = q.is_word() && !taken[i - 2] && marks[i - 2].is_none();
            let initial = q.shape == Shape::Single && q.capital();
            if part && p.is(b'.') && initial
                || part
                    && p.is(b'-')
                    && !words::safe(q)
                    && (q.capital() && doc.tokens[i].capital() || q.info.given() > 5 || q.info.has(PARTICLE))
            {
                marks[i - 2] = grown(0.85);
            }
        } else if p.is_word()
            && doc.tokens[i].spaced
            && !taken[i - 1]
            && marks[i - 1].is_none()
            && p.capital()
            && doc.tokens[i].capital()
            && p.shape == Shape::Initial
            && !words::safe(p)
        {
            // A capitalised word before a surname, also where it opens the sentence, when a list knows it as a given name.
            if !p.opens && !p.info.has(TITLE | KIN | ORG_HEAD | PLACE | ORIGIN | GREETING) && p.info.ordinary() < 3
                || p.info.given() > 3 && p.info.ordinary() < 3 && !p.info.has(VERB)
            {
                marks[i - 1] = grown(0.8);
            }
        }
    }
}

/// "A.K.", "L-M", "/K", "fru K".
pub fn initials(doc: &Doc, taken: &[bool], marks: &mut [Option<Mark>]) {
    const NOT_AFTER: &[&[u8]] = &[
        b"plan",
        b"vitamin",
        b"avd",
        b"klass",
        b"grupp",
        b"alternativ",
        b"hepatit",
        b"port",
        b"upp",
        b"avdelning",
        b"typ",
        b"bilaga",
        b"punkt",
        b"del",
        b"niv\xe5",
        b"uppg\xe5ng",
        b"brygga",
        b"fall",
        b"sal",
        b"hus",
        b"steg",
        b"modul",
        b"skala",
        b"betyg",
        b"betyget",
    ];
    let n = doc.tokens.len();
    for i in 0..n {
        let t = &doc.tokens[i];
        if !t.is_word() || taken[i] || marks[i].is_some() || t.shape != Shape::Single && !(t.shape == Shape::Upper && t.len() == 2) {
            continue;
        }
        if doc.case == Case::Upper || previous(doc, i).is_some_and(|p| NOT_AFTER.contains(&doc.word(p))) {
            continue;
        }
        let a = around(doc, i);
        let m = Some(Mark { score: 0.7, reason: "initials", context: a.word.filter(|_| a.strong()) });
        if t.shape == Shape::Single {
            // "A.K.", "A-K", "A K"
            let pair = i + 2 < n
                && matches!(doc.tokens[i + 1].kind, Kind::Punct(b'.' | b'-'))
                && !doc.tokens[i + 1].spaced
                && doc.tokens[i + 2].shape == Shape::Single
                && doc.tokens[i + 2].capital()
                && !doc.tokens[i + 2].spaced;
            if pair && i.checked_sub(1).is_none_or(|p| doc.tokens[p].kind != Kind::Number || t.spaced) {
                marks[i] = m;
                marks[i + 2] = m;
                if i + 4 < n && doc.tokens[i + 3].is(b'.') && doc.tokens[i + 4].shape == Shape::Single && !doc.tokens[i + 4].spaced {
                    marks[i + 4] = m;
                }
                continue;
            }
            let number = i.checked_sub(1).is_some_and(|p| doc.tokens[p].kind == Kind::Number)
                || doc.tokens.get(i + 1).is_some_and(|x| x.kind == Kind::Number || x.is(b'-') && !x.spaced || x.is(b')') && i == 0);
            let preposition = previous(doc, i).is_some_and(|p| {
                matches!(doc.word(p), b"hos" | b"med" | b"av" | b"\xe5t" | b"och" | b"att" | b"till" | b"om" | b"fr\xe5n")
            });
            if !number
                && (a.strong()
                    || (a.verb_after && !matches!(doc.word(t), b"\xe5" | b"i" | b"\xf6"))
                    || preposition && !matches!(doc.word(t), b"i"))
            {
                marks[i] = m;
            }
        } else if !words::safe(t) && t.info.ordinary() == 0 && (a.strong() || (a.verb_after && t.info.0 & SAFE == 0)) {
            marks[i] = m;
        }
    }
}
