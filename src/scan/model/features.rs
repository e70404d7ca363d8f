//! What the sequence model sees of each token: the word, its form, its neighbours, what the lists know, what the rules found, and where it stands.
//!
//! A feature is a 32-bit number: a template and the values in it, mixed (`sink`). Training and scanning make the same numbers here.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use super::around::around;
use super::sink::{Plain, Sink, key, mix, wide_key};
use crate::scan::Category;
use crate::scan::doc::{Case, Doc, Found};
use crate::scan::lexicon::Class;
use crate::scan::pack::{self, *};
use crate::scan::text::{is_letter, is_upper};
use crate::scan::token::{Kind, Shape, Token};

/// The flags of the dictionary that the model is told of, one feature each.
const FLAGS: [u64; 21] = [
    KIN, TITLE, NAMING, GREETING, VERB, SAFE, ORG_HEAD, PLACE, FOREIGN, ORIGIN, OCCUPATION, ROLE, PARTICLE, NICKNAME, NUMBER, RARE, MONTH,
    COMPANY, COUNTRY, STEM, THING,
];

/// All of them, and which of them each bit is.
const ANY: u64 = {
    let (mut all, mut k) = (0, 0);
    while k < FLAGS.len() {
        all |= FLAGS[k];
        k += 1;
    }
    all
};
static NUMBERS: [u8; 64] = {
    let (mut numbers, mut k) = ([0; 64], 0);
    while k < FLAGS.len() {
        numbers[FLAGS[k].trailing_zeros() as usize] = k as u8;
        k += 1;
    }
    numbers
};

/// What one token is, computed once and seen by its neighbours too.
pub(super) struct Cell {
    pub(super) word: u64,
    /// The word without a genitive s.
    stem: u64,
    suffix: u64,
    shape: u64,
    class: Class,
    /// Buckets of bearers, the place, and the like in one number.
    lists: u64,
    pub(super) flags: u64,
    /// The strongest finding of the rules over the token: category, score in tenths, whether it begins here; 0 is none.
    pub(super) rule: u64,
    reason: u64,
    names: u64,
}

fn hash(word: &[u8]) -> u64 {
    pack::hash(7, word)
}

/// Bearers in coarse steps: none, few, some, many, very many.
fn step(bucket: u32) -> u64 {
    match bucket {
        0 => 0,
        1..=5 => 1,
        6..=8 => 2,
        9..=11 => 3,
        12..=14 => 4,
        _ => 5,
    }
}

fn cell(doc: &Doc, t: &Token, rule: &Rule, out: &mut impl Sink) -> Cell {
    let w = doc.word(t);
    let (word, shape) = match t.kind {
        Kind::Word => (hash(w), t.shape as u64),
        Kind::Number => {
            // The length tells most of a number; small ones and years a little more.
            let value = if w.len() <= 4 { w.iter().fold(0u64, |v, b| v * 10 + (b - b'0') as u64) } else { 0 };
            let kind = match (w.len(), value) {
                (1 | 2, v) => 1 + (v > 12) as u64 + (v > 31) as u64,
                (3, v) if v < 120 => 5,
                (4, 1900..=2035) => 6,
                (4, _) => 7,
                (n, _) => 8 + (n as u64).min(14),
            };
            (0x1000 + kind, 8 + kind)
        }
        Kind::Mask => (1, 5),
        Kind::Newline => (2, 6),
        Kind::Punct(b) => (0x100 + b as u64, 7),
    };
    let (info, base) = (t.info, t.base);
    let class = if t.is_word() { out.class(w, word) } else { Class::Common };
    let given = step(info.given().max(base.given()));
    let surname = step(info.surname().max(base.surname()));
    let place = (info.has(PLACE) as u64) | (base.has(PLACE) as u64) << 1;
    let stem = w.strip_suffix(b"s").filter(|s| s.len() > 2 && t.is_word()).map_or(word, hash);
    Cell {
        word,
        stem,
        suffix: hash(&w[w.len().saturating_sub(3)..]),
        shape,
        class,
        lists: given | surname << 4 | place << 8 | ((info.given() > 0 || info.surname() > 0) as u64) << 10,
        flags: if info.known() { info.0 } else { base.0 } & ANY,
        rule: rule.kind,
        reason: rule.reason,
        names: given.max(surname),
    }
}

/// What the rules say of a token.
#[derive(Clone, Copy, Default)]
struct Rule {
    kind: u64,
    reason: u64,
    score: f32,
}

fn rules(doc: &Doc, found: &[Found]) -> Vec<[Rule; 2]> {
    let mut out = vec![[Rule::default(); 2]; doc.tokens.len()];
    for f in found {
        let first = doc.tokens.partition_point(|t| t.end <= f.start);
        let mut i = first;
        while i < out.len() && doc.tokens[i].start < f.end {
            let tenths = (f.score * 10.0) as u64;
            let kind = 1 + f.category as u64 + (tenths << 8) + (((i > first) as u64) << 16);
            let new = Rule { kind, reason: hash(f.reason.as_bytes()), score: f.score };
            let row = &mut out[i];
            if f.score > row[0].score {
                row[1] = row[0];
                row[0] = new;
            } else if f.score > row[1].score {
                row[1] = new;
            }
            i += 1;
        }
    }
    out
}

/// How the words of the document stand elsewhere in it.
#[derive(Clone, Copy, Default)]
struct Seen {
    /// With a capital inside a sentence.
    capital: u16,
    lower: u16,
    /// Found as a person by the rules.
    person: u16,
}

/// Where a token stands in its line and in the text.
#[derive(Clone, Copy, Default)]
struct Place {
    /// Tokens before it in the line.
    at: usize,
    len: usize,
    last_line: bool,
    quoted: bool,
    bracketed: bool,
}

fn places(doc: &Doc) -> Vec<Place> {
    let n = doc.tokens.len();
    let mut out = vec![Place::default(); n];
    let tail = doc.tokens.iter().rposition(|t| t.kind != Kind::Newline).map_or(0, |i| i + 1);
    let mut start = 0;
    while start < n {
        let end = (start..n).find(|i| doc.tokens[*i].kind == Kind::Newline).unwrap_or(n);
        let (mut quoted, mut bracketed) = (false, false);
        let quotes = doc.tokens[start..end].iter().filter(|t| t.is(b'"')).count();
        let mut seen = 0;
        for (i, place) in out.iter_mut().enumerate().take(end).skip(start) {
            if doc.tokens[i].is(b'"') {
                seen += 1;
                quoted = !quoted && seen < quotes;
            }
            match doc.tokens[i].kind {
                Kind::Punct(b'(') => bracketed = true,
                Kind::Punct(b')') => bracketed = false,
                _ => {}
            }
            *place = Place { at: i - start, len: end - start, last_line: end >= tail, quoted, bracketed };
        }
        start = end + 1;
    }
    out
}

/// The pattern of each token's run without spaces: "SN2025/418" is "A9999/999", and coarsely "A9/9".
struct Runs {
    exact: Vec<u64>,
    coarse: Vec<u64>,
}

fn runs(doc: &Doc) -> Runs {
    let n = doc.tokens.len();
    let mut out = Runs { exact: vec![0; n], coarse: vec![0; n] };
    let mut start = 0;
    while start < n {
        let mut end = start + 1;
        while end < n && !doc.tokens[end].spaced && doc.tokens[end].kind != Kind::Newline && doc.tokens[start].kind != Kind::Newline {
            end += 1;
        }
        let (from, to) = (doc.tokens[start].start, doc.tokens[end - 1].end);
        let (mut exact, mut coarse, mut last) = (Vec::with_capacity(to - from), Vec::new(), 0u8);
        for b in &doc.n.cased[from..to] {
            let kind = match *b {
                b'0'..=b'9' => b'9',
                b if is_upper(b) => b'A',
                b if is_letter(b) => b'a',
                b => b,
            };
            if exact.len() < 24 && (kind == b'9' || kind != last) {
                exact.push(kind);
            }
            if coarse.len() < 12 && kind != last {
                coarse.push(kind);
            }
            last = kind;
        }
        out.exact[start..end].fill(hash(&exact));
        out.coarse[start..end].fill(hash(&coarse));
        start = end;
    }
    out
}

/// For each token the word that opens its line, and the word before the last colon before it in the line.
fn heads(doc: &Doc, cells: &[Cell]) -> Vec<(u64, u64)> {
    let (mut head, mut field, mut word) = (0, 0, 0);
    let mut out = Vec::with_capacity(cells.len());
    for (t, c) in doc.tokens.iter().zip(cells) {
        out.push((head, field));
        match t.kind {
            Kind::Newline => (head, field, word) = (0, 0, 0),
            Kind::Punct(b':') => field = word,
            Kind::Word => {
                word = c.word;
                if head == 0 {
                    head = c.word;
                }
            }
            _ => {}
        }
    }
    out
}

/// Makes the features of every token of a document, given what the rules found in it.
///
/// A feature that stands in a group may depend on nothing that the group's key does not hold.
pub fn extract(doc: &Doc, found: &[Found], out: &mut impl Sink) {
    let n = doc.tokens.len();
    let rules = rules(doc, found);
    let cells: Vec<Cell> = doc.tokens.iter().zip(&rules).map(|(t, r)| cell(doc, t, &r[0], out)).collect();
    let places = places(doc);
    let (runs, heads, around) = (runs(doc), heads(doc, &cells), around(doc, &cells));
    let strong = |c: &Cell| c.rule & 0xff == 1 + Category::Person as u64 && c.rule >> 8 & 0xff >= 7;
    let (mut persons, mut kin, mut numbers) = (0usize, 0usize, 0usize);
    for c in &cells {
        persons += strong(c) as usize;
        kin += (c.flags & KIN != 0) as usize;
        numbers += (c.rule != 0 && c.rule & 0xff != 1 + Category::Person as u64) as usize;
    }
    let mut seen: HashMap<u64, Seen, BuildHasherDefault<Plain>> = HashMap::default();
    for (t, c) in doc.tokens.iter().zip(&cells).filter(|(t, _)| t.is_word()) {
        let s = seen.entry(c.stem).or_default();
        if t.capital() && !t.opens && t.shape != Shape::Upper {
            s.capital = s.capital.saturating_add(1);
        } else if t.shape == Shape::Lower {
            s.lower = s.lower.saturating_add(1);
        }
        if strong(c) {
            s.person = s.person.saturating_add(1);
        }
    }
    let mut safe = vec![false; n];
    let mut phrase = vec![0u64; n];
    for p in &doc.phrases {
        safe[p.first..=p.last].iter_mut().for_each(|s| *s |= p.info.has(SAFE));
        phrase[p.first..=p.last].iter_mut().for_each(|s| *s |= p.info.0 & ANY);
    }
    let case = match doc.case {
        Case::Normal => 0,
        Case::Lower => 1,
        Case::Upper => 2,
    };
    let edge = Cell { word: 3, stem: 3, suffix: 3, shape: 40, class: Class::Common, lists: 0, flags: 0, rule: 0, reason: 0, names: 0 };
    for (i, t) in doc.tokens.iter().enumerate() {
        let at = |d: isize| i.checked_add_signed(d).and_then(|j| cells.get(j)).unwrap_or(&edge);
        let (c, p1, p2, p3, n1, n2, n3) = (&cells[i], at(-1), at(-2), at(-3), at(1), at(2), at(3));
        let w = doc.word(t);
        let (word, shape, names, rule) = (t.is_word(), c.shape, c.lists, c.rule & 0xff);
        let open = t.opens as u64 | case << 1;
        let form = shape << 8 | open;
        let kind = shape << 8 | c.class as u64;
        let len = t.len().min(12) as u64;
        let spaces = t.spaced as u64 | (doc.tokens.get(i + 1).is_some_and(|x| x.spaced) as u64) << 1;
        let (pr, nr, pr2, nr2) = (p1.rule & 0xff, n1.rule & 0xff, p2.rule & 0xff, n2.rule & 0xff);
        let second = rules[i][1].kind & 0xff;
        let beside = pr | nr << 8 | pr2 << 16 | nr2 << 24 | second << 32 | (safe[i] as u64) << 40;
        let p = places[i];
        let (from, left) = (p.at.min(3) as u64, p.len.saturating_sub(p.at + 1).min(3) as u64);
        let line = p.last_line as u64 | ((p.len < 4) as u64) << 1 | ((p.len < 8) as u64) << 2;
        let inside = p.quoted as u64 | (p.bracketed as u64) << 1;
        let (exact, coarse, (head, field)) = (runs.exact[i], runs.coarse[i], heads[i]);
        let a = around[i];
        let work = c.flags & (OCCUPATION | ROLE | NUMBER | ORIGIN | TITLE) | c.class as u64;
        let four = p1.shape | p2.shape << 8 | n1.shape << 16 | n2.shape << 24;
        let whole = wide_key([
            c.word,
            p1.word,
            p2.word,
            p3.word,
            n1.word,
            n2.word,
            n3.word,
            p1.suffix,
            n1.suffix,
            form << 32 | four,
            len | spaces << 8 | from << 16 | left << 20 | line << 24 | inside << 28,
            c.rule,
            c.reason,
            beside,
            phrase[i],
            exact,
            coarse,
            head,
            field,
            a.subject,
            a.alike | a.speaks << 8,
        ]);
        if !out.recall(whole) {
            // The word itself: its parts, its form, what the lists know.
            out.group(key(1, [c.word, form << 8 | len, rule]), |f| {
                f.add(1, c.word, 0);
                if word {
                    for k in 1..=5.min(w.len()) {
                        f.add(20 + k as u32, hash(&w[w.len() - k..]), 0);
                        if k > 1 {
                            f.add(30 + k as u32, hash(&w[..k]), 0);
                        }
                    }
                    f.add(40, c.suffix, kind);
                }
                f.add(50, form, 0);
                f.add(51, form, c.class as u64);
                f.add(53, form, len);
                f.add(60, names, form);
                f.add(61, names, c.class as u64 | form << 8);
                f.add(62, names & 0xf, kind);
                f.add(63, names >> 4 & 0xf, kind);
                flags(c.flags, |k| {
                    f.add(70, k, form);
                    f.add(77, k, names);
                });
                f.add(101, rule, c.word);
            });
            // The words beside it.
            out.group(key(2, [p1.word, p1.suffix, rule]), |f| {
                f.add(2, p1.word, 0);
                f.add(41, p1.suffix, 0);
                f.add(99, rule, p1.word);
            });
            out.group(key(3, [n1.word, n1.suffix, rule]), |f| {
                f.add(3, n1.word, 0);
                f.add(42, n1.suffix, 0);
                f.add(100, rule, n1.word);
            });
            out.group(key(4, [p1.flags, kind << 16 | names]), |f| {
                flags(p1.flags, |k| {
                    f.add(72, k, shape);
                    f.add(73, k, names | (c.class as u64) << 32);
                });
            });
            out.group(key(5, [n1.flags, p2.flags, n2.flags ^ shape]), |f| {
                flags(n1.flags, |k| f.add(74, k, shape));
                flags(p2.flags, |k| f.add(75, k, shape));
                flags(n2.flags, |k| f.add(76, k, shape));
            });
            out.one(mix(4, p2.word, 0));
            out.one(mix(5, n2.word, 0));
            out.one(mix(80, p1.word, kind));
            out.one(mix(81, n1.word, kind));
            out.one(mix(82, p1.word, names));
            out.one(mix(83, n1.word, c.names << 8 | shape));
            out.one(mix(84, p2.word, c.names << 8 | shape));
            out.one(mix(6, p1.word, c.word));
            out.one(mix(7, c.word, n1.word));
            out.one(mix(8, p1.word, n1.word));
            out.one(mix(9, p2.word, p1.word));
            out.one(mix(10, n1.word, n2.word));
            out.one(mix(11, p3.word, 0));
            out.one(mix(12, n3.word, 0));
            out.one(mix(13, c.word, n2.word));
            out.one(mix(14, p2.word, c.word));
            flags(phrase[i], |k| out.one(mix(71, k, shape)));
            // Forms beside it.
            out.group(key(6, [p1.shape << 8 | n1.shape | shape << 16 | spaces << 24]), |f| {
                f.add(52, p1.shape << 8 | n1.shape, shape);
                f.add(54, spaces, shape);
            });
            out.one(mix(55, p2.shape << 8 | p1.shape, shape << 8 | n1.shape << 16 | n2.shape << 24));
            out.one(mix(64, p1.names << 4 | n1.names, c.names << 8 | shape << 16));
            out.one(mix(65, p1.class as u64 | (n1.class as u64) << 8, kind));
            // What the rules found.
            out.group(key(7, [c.rule << 24 | kind << 3 | open, c.reason, beside]), |f| {
                f.add(90, c.rule, 0);
                f.add(91, rule, form << 8 | c.class as u64);
                f.add(92, c.reason, c.rule >> 16);
                f.add(93, c.reason, form);
                f.add(94, second, rule);
                f.add(95, pr, rule);
                f.add(96, nr, rule);
                f.add(97, pr2, nr2);
                f.add(98, pr << 8 | nr, rule | shape << 8);
                f.add(112, safe[i] as u64, rule);
            });
            // Where it stands.
            out.group(key(9, [from | left << 2 | line << 4 | inside << 7, kind]), |f| {
                f.add(120, from, left << 4 | shape << 8);
                f.add(121, line, shape);
                f.add(122, inside, kind);
            });
            out.group(key(10, [exact, coarse, rule]), |f| {
                f.add(130, exact, 0);
                f.add(132, coarse, rule);
            });
            out.one(mix(131, exact, p1.word));
            out.one(mix(133, head, kind));
            out.group(key(11, [field, coarse, kind]), |f| {
                f.add(134, field, kind);
                f.add(135, field, coarse);
            });
            // Whom the sentence is about, and what else stands in the line.
            out.group(key(12, [a.subject, work, rule]), |f| {
                f.add(140, a.subject, rule);
                f.add(141, a.subject, work);
            });
            out.one(mix(142, a.subject, p1.word));
            out.group(key(13, [a.speaks | a.alike << 4, kind, rule]), |f| {
                f.add(143, a.speaks, kind);
                f.add(144, a.alike, rule);
            });
            out.remember();
        }
        // The rest of the document, and what kind of text it is: are there people in it at all?
        let people = (persons - strong(c) as usize).min(2) as u64 | (kin.min(2) as u64) << 2 | ((numbers > 2) as u64) << 4;
        let (mut others, mut person) = (0, 0);
        if word {
            let s = seen.get(&c.stem).copied().unwrap_or_default();
            let own = (t.capital() && !t.opens && t.shape != Shape::Upper) as u16;
            others = (s.capital > own) as u64 | ((s.lower > (t.shape == Shape::Lower) as u16) as u64) << 1;
            person = (s.person > strong(c) as u16) as u64;
        }
        out.group(key(8, [people | others << 8 | person << 16 | (word as u64) << 17, form << 24 | (c.class as u64) << 16 | rule]), |f| {
            if word {
                f.add(110, others, form);
                f.add(111, person | others << 1, kind);
            }
            f.add(136, people, kind);
            f.add(137, people, rule | form << 8);
        });
        out.end();
    }
}

/// Calls for each flag that is set, with its number.
#[inline]
fn flags(set: u64, mut each: impl FnMut(u64)) {
    let mut left = set;
    while left != 0 {
        each(NUMBERS[left.trailing_zeros() as usize] as u64);
        left &= left - 1;
    }
}
