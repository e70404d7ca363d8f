//! How much of a name one word is, by the lists, by its form and by its neighbours.

use super::Mark;
use crate::scan::doc::{Case, Doc};
use crate::scan::pack::*;
use crate::scan::token::{Kind, Shape, Token};
use crate::scan::words::{self, compound, definite, next, ordinary_ending, previous, surname_like};

/// What the neighbours of a word say.
#[derive(Clone, Copy, Default)]
pub struct Around {
    /// "heter", "kallas"
    pub naming: bool,
    pub kin: bool,
    pub title: bool,
    pub greeting: bool,
    pub signature: bool,
    pub person_preposition: bool,
    pub place_preposition: bool,
    pub verb_after: bool,
    pub age_after: bool,
    pub word: Option<(usize, usize)>,
}

impl Around {
    pub fn strong(&self) -> bool {
        self.naming || self.kin || self.title || self.greeting || self.signature
    }
}

pub fn around(doc: &Doc, i: usize) -> Around {
    let mut a = Around::default();
    let t = &doc.tokens[i];
    if let Some(p) = previous(doc, i) {
        let w = doc.word(p);
        a.naming = p.info.has(NAMING);
        a.kin = p.info.has(KIN) && w != b"man";
        a.title = p.info.has(TITLE);
        a.greeting = p.info.has(GREETING);
        a.person_preposition = words::PERSON_PREPOSITIONS.contains(&w);
        a.place_preposition = words::PLACE_PREPOSITIONS.contains(&w);
        a.word = Some((p.start, p.end));
    } else if let Some(p) = i.checked_sub(1).map(|p| &doc.tokens[p]) {
        match p.kind {
            // "/Nina", "// Jossan"
            Kind::Punct(b'/') => a.signature = p.spaced || i < 2 || doc.tokens[i - 2].is(b'/') || doc.tokens[i - 2].kind == Kind::Newline,
            // "Mor: …", "Handläggare: …"
            Kind::Punct(b':') => {
                if let Some(l) = doc.tokens[..i - 1].last().filter(|l| l.is_word()) {
                    a.title = l.info.has(KIN | TITLE)
                        || doc.word(l).ends_with(b"namn")
                        || doc.word(l).starts_with(b"namn")
                        || matches!(
                            doc.word(l),
                            b"fr\xe5n" | b"till" | b"cc" | b"kopia" | b"h\xe4lsar" | b"kontakt" | b"from" | b"to" | b"avs" | b"av"
                        );
                    a.word = Some((l.start, l.end));
                }
            }
            // "Mvh\nAnna", "Hälsningar,\nAnna"
            Kind::Newline | Kind::Punct(b',') => {
                let before = doc.tokens[..i].iter().rev().find(|t| !matches!(t.kind, Kind::Newline | Kind::Punct(_)));
                let near = before.is_some_and(|b| t.start - b.end < 6);
                a.greeting = near && before.is_some_and(|b| b.info.has(GREETING));
                // The last line, of one to three words.
                let rest = &doc.tokens[i..];
                a.signature = p.kind == Kind::Newline
                    && rest.len() <= 4
                    && rest.iter().all(|t| t.is_word() || t.is(b'.') || t.is(b'-') || t.kind == Kind::Newline);
            }
            _ => {}
        }
    }
    if let Some(n) = next(doc, i) {
        a.verb_after = n.info.has(VERB);
    }
    let rest = &doc.tokens[i + 1..];
    a.age_after = matches!(rest, [b, n, ..] if (b.is(b'(') || b.is(b',')) && n.kind == Kind::Number && n.len() < 3);
    a
}

fn mark(score: f32, reason: &'static str, a: &Around) -> Option<Mark> {
    let context = if a.strong() || a.person_preposition { a.word } else { None };
    Some(Mark { score, reason, context })
}

/// How much of a name one token is by itself and by its neighbours.
pub fn judge(doc: &Doc, i: usize) -> Option<Mark> {
    let t = &doc.tokens[i];
    if !t.is_word() || t.len() < 2 || words::safe(t) {
        return None;
    }
    let word = doc.word(t);
    let mut given = t.info.given().max(t.base.given());
    if t.info.has(NICKNAME) || t.base.has(NICKNAME) {
        given = given.max(8);
    }
    let surname = t.info.surname().max(t.base.surname());
    let mut ordinary = t.info.ordinary();
    if ordinary == 0 && t.info.0 == 0 && t.base.given() < 8 {
        ordinary = t.base.ordinary();
    }
    // Seen once in lower case, borne by hundreds: the name is the likelier reading of a capital.
    if ordinary == 1 && given > 9 && t.capital() {
        ordinary = 0;
    }
    let listed = given > 0 || surname > 0;
    let a = around(doc, i);
    // Kin words, titles, verbs, months and the like are no names unless a list says loudly that they are.
    let function = t.info.has(KIN | TITLE | NAMING | GREETING | VERB | ORG_HEAD | MONTH | NUMBER | ORIGIN)
        && !(t.capital() && given > 9 && !t.info.has(VERB | TITLE | KIN))
        || t.info.has(OCCUPATION) && t.shape == Shape::Lower;
    // The name of a thing that hardly anybody bears.
    if t.info.has(THING) && given < 6 && surname < 6 && !a.strong() {
        return None;
    }
    let place = t.info.has(PLACE | FOREIGN) || t.base.has(PLACE | FOREIGN);
    let capital = t.capital() && !(doc.case == Case::Upper && t.shape == Shape::Upper);

    if capital && t.shape == Shape::Upper && (t.len() < 4 || !listed || ordinary > 0) && !a.strong() {
        return None;
    }
    if capital && !t.opens {
        if place && (a.place_preposition && given < 12 || !listed || (given < 9 && surname < 9 && !a.strong())) {
            return None;
        }
        if function && given < 8 && surname < 5 {
            return None;
        }
        if listed && ordinary == 0 {
            return mark(0.95, "name-listed", &a);
        }
        if listed && (ordinary < 3 || given > 8 || surname > 6 || a.strong()) {
            return mark(0.8, "name-also-word", &a);
        }
        if ordinary == 0 && !function {
            if word.len() > 9 && compound(word) && !a.strong() {
                return None;
            }
            if thing(doc, i) && !a.strong() {
                return None;
            }
            return if surname_like(word) { mark(0.85, "surname-form", &a) } else { mark(0.65, "capital-unknown", &a) };
        }
        return if a.naming || a.title { mark(0.7, "capital-after-cue", &a) } else { None };
    }
    if capital {
        if place && !a.strong() && given < 10 {
            return None;
        }
        let followed = next(doc, i).is_some_and(|n| {
            n.capital()
                && !n.opens
                && n.shape == Shape::Initial
                && !words::safe(n)
                && (n.info.surname() > 0 || n.base.surname() > 0 || !n.info.known())
                && doc.tokens[i + 1].is_word()
        });
        if ordinary == 0 && !function {
            if given > 5 || (listed && surname_like(word) && !compound(word)) {
                return mark(0.9, "name-listed", &a);
            }
            if compound(word) {
                return None;
            }
            if listed
                && (given > 2 || surname > 3 || a.verb_after || a.strong() || followed || a.age_after)
                && (!ordinary_ending(word) || a.verb_after || followed)
            {
                return mark(0.75, "name-rare", &a);
            }
            if surname_like(word) && (a.verb_after || followed || a.strong()) {
                return mark(0.7, "surname-form", &a);
            }
            let noun = definite(word) && !a.strong() && !followed;
            if !ordinary_ending(word) && !noun && (a.verb_after || a.strong() || a.age_after || (followed && word.len() > 2)) {
                return mark(0.6, "capital-unknown", &a);
            }
            return None;
        }
        if given > 11 && ordinary < 3 && !function && (a.verb_after || followed || a.strong() || a.age_after) {
            return mark(0.75, "name-also-word", &a);
        }
        if given > 14 && ordinary < 2 && !function {
            return mark(0.7, "name-also-word", &a);
        }
        if followed
            && (given > 3 || surname > 3)
            && ordinary < 3
            && doc.tokens.get(i + 1).is_some_and(|n| n.info.surname().max(n.base.surname()) > 5 || !n.info.known())
        {
            return mark(0.75, "name-also-word", &a);
        }
        if (a.greeting || a.signature || a.naming || (a.kin || a.title)) && listed && ordinary < 3 && !function {
            return mark(0.75, "name-after-cue", &a);
        }
        if (given > 9 || surname > 6) && ordinary < 3 && !function && a.verb_after && doc.case != Case::Upper {
            return mark(0.6, "name-also-word", &a);
        }
        return None;
    }
    // Lower case (or a text all in capitals).
    if function && given < 10 || t.shape == Shape::Mixed {
        return None;
    }
    if place && (a.place_preposition || given < 10) {
        return None;
    }
    let loose = doc.case != Case::Normal;
    if ordinary == 0 {
        if (given > 7 || (loose && given > 5)) && !compound(word) {
            return mark(0.8, "name-listed", &a);
        }
        if given > 3 && (a.strong() || (a.person_preposition || a.verb_after) && loose) && !compound(word) {
            return mark(0.7, "name-after-cue", &a);
        }
        if surname > 9 && surname_like(word) && !compound(word) {
            return mark(0.7, "surname-form", &a);
        }
        if surname > 6 && (a.title || a.naming || a.kin) && loose && !compound(word) {
            return mark(0.65, "name-after-cue", &a);
        }
        if a.naming && !t.info.known() && !compound(word) && !ordinary_ending(word) {
            return mark(0.6, "unknown-after-cue", &a);
        }
        if doc.case == Case::Upper && (given > 3 || surname > 6) && !compound(word) && !ordinary_ending(word) {
            return mark(0.65, "name-listed", &a);
        }
        return None;
    }
    if (a.naming || a.kin || a.greeting || a.signature) && given > 9 && ordinary < 3 {
        return mark(0.7, "name-after-cue", &a);
    }
    if a.naming && (surname > 4 || given > 4) && ordinary < 3 {
        return mark(0.65, "name-after-cue", &a);
    }
    if loose && given > 12 && ordinary < 2 {
        return mark(0.65, "name-also-word", &a);
    }
    None
}

/// Does what follows say that this is a drug, a scale or a method ("Neupro 4 mg", "Conners-skalan", "Bornholmsmodellen")?
fn thing(doc: &Doc, i: usize) -> bool {
    let rest = &doc.tokens[i + 1..];
    let measure = |t: &Token| {
        t.is_word()
            && matches!(
                doc.word(t),
                b"mg"
                    | b"ml"
                    | b"g"
                    | b"mikrogram"
                    | b"po\xe4ng"
                    | b"tabletter"
                    | b"depot"
                    | b"scale"
                    | b"index"
                    | b"skala"
                    | b"skalan"
                    | b"test"
                    | b"testet"
                    | b"plus"
                    | b"balansskala"
                    | b"x"
            )
    };
    match rest {
        [h, w, ..] if h.is(b'-') && !h.spaced && !w.spaced && w.is_word() && !w.capital() => true,
        [n, m, ..] if n.kind == Kind::Number => measure(m),
        [a, b, ..] if a.is_word() && a.capital() && b.is_word() => measure(a) || measure(b),
        [m, ..] => measure(m),
        [] => false,
    }
}
