//! Personal names: what the lists, the form of the word and its neighbours say together; growth from a known part outward; initials; and every found
//! name found again in the whole text.

use std::collections::HashMap;

use super::Category;
use super::doc::{Case, Doc, Found};
use super::pack::*;
use super::token::{Kind, Shape, Token};
use super::words::{self, compound, definite, next, ordinary_ending, previous, surname_like};

/// Why a token is taken for (part of) a name.
#[derive(Clone, Copy)]
struct Mark {
    score: f32,
    reason: &'static str,
    context: Option<(usize, usize)>,
}

/// What the neighbours of a word say.
#[derive(Clone, Copy, Default)]
struct Around {
    /// "heter", "kallas"
    naming: bool,
    kin: bool,
    title: bool,
    greeting: bool,
    signature: bool,
    person_preposition: bool,
    place_preposition: bool,
    verb_after: bool,
    age_after: bool,
    word: Option<(usize, usize)>,
}

impl Around {
    fn strong(&self) -> bool {
        self.naming || self.kin || self.title || self.greeting || self.signature
    }
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

fn around(doc: &Doc, i: usize) -> Around {
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
fn judge(doc: &Doc, i: usize) -> Option<Mark> {
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
            if !ordinary_ending(word)
                && !(definite(word) && !a.strong() && !followed)
                && (a.verb_after || a.strong() || a.age_after || (followed && word.len() > 2))
            {
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

/// Who speaks in a pasted chat: the word before the colon, where at least two lines begin like that.
fn speakers(doc: &Doc, marks: &mut [Option<Mark>]) {
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
    let twice = lines.iter().any(|i| lines.iter().any(|j| i != j && doc.word(&doc.tokens[*i]) == doc.word(&doc.tokens[*j])));
    if twice || lines.len() > 2 {
        for i in lines {
            marks[i].get_or_insert(Mark { score: 0.8, reason: "speaker", context: None });
        }
    }
}

/// Grows each name over its neighbours: surnames, hyphenated parts, particles, a single letter.
fn grow(doc: &Doc, taken: &[bool], marks: &mut [Option<Mark>]) {
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
            let k = if doc.tokens.get(j + 1).is_some_and(|x| x.is(b'-')) { j + 2 } else { j + 1 };
            if let Some(x) = doc.tokens.get(k).filter(|x| {
                x.is_word() && (x.capital() || x.info.surname() > 8 && x.info.ordinary() == 0) && !x.opens && t.info.ordinary() < 3
                    || x.is_word() && x.shape == Shape::Initial && matches!(w, b"de" | b"den" | b"la" | b"da")
            }) {
                if !words::safe(x) && !taken[k] && !x.info.has(PLACE) {
                    marks[j] = grown(0.8);
                    marks[k] = grown(0.85);
                }
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
fn initials(doc: &Doc, taken: &[bool], marks: &mut [Option<Mark>]) {
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
        loop {
            let Some(next) = (last + 1..marks.len()).take(3).find(|j| marks[*j].is_some()) else { break };
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
