//! What the sequence model sees of each token: the word, its form, its neighbours, what the lists know, what the rules found, and where it stands.
//!
//! A feature is a 32-bit number: a template and the values in it, mixed. Training and scanning make the same numbers here.

use std::collections::HashMap;

use crate::scan::Category;
use crate::scan::doc::{Case, Doc, Found};
use crate::scan::lexicon::{Class, class};
use crate::scan::pack::{self, *};
use crate::scan::text::{is_letter, is_upper};
use crate::scan::token::{Kind, Shape, Token};

/// The features of all tokens of a text, one after the other.
#[derive(Clone, Debug, Default)]
pub struct Features {
    pub all: Vec<u32>,
    /// Where each token's features end.
    pub ends: Vec<u32>,
}

impl Features {
    pub fn of(&self, token: usize) -> &[u32] {
        let start = token.checked_sub(1).map_or(0, |p| self.ends[p] as usize);
        &self.all[start..self.ends[token] as usize]
    }

    pub fn tokens(&self) -> usize {
        self.ends.len()
    }
}

/// The flags of the dictionary that the model is told of, one feature each.
const FLAGS: [u64; 21] = [
    KIN, TITLE, NAMING, GREETING, VERB, SAFE, ORG_HEAD, PLACE, FOREIGN, ORIGIN, OCCUPATION, ROLE, PARTICLE, NICKNAME, NUMBER, RARE, MONTH,
    COMPANY, COUNTRY, STEM, THING,
];

/// What one token is, computed once and seen by its neighbours too.
struct Cell {
    word: u64,
    suffix: u64,
    shape: u64,
    class: Class,
    /// Buckets of bearers, the place, and the like in one number.
    lists: u64,
    flags: u64,
    /// The strongest finding of the rules over the token: category, score in tenths, whether it begins here; 0 is none.
    rule: u64,
    reason: u64,
    names: u64,
}

fn mix(template: u32, a: u64, b: u64) -> u32 {
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

fn cell(doc: &Doc, t: &Token, rule: &Rule) -> Cell {
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
    let class = if t.is_word() { class(w) } else { Class::Common };
    let given = step(info.given().max(base.given()));
    let surname = step(info.surname().max(base.surname()));
    let place = (info.has(PLACE) as u64) | (base.has(PLACE) as u64) << 1;
    Cell {
        word,
        suffix: hash(&w[w.len().saturating_sub(3)..]),
        shape,
        class,
        lists: given | surname << 4 | place << 8 | ((info.given() > 0 || info.surname() > 0) as u64) << 10,
        flags: if info.known() { info.0 } else { base.0 & !HEAD } >> 17 << 17,
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

/// What the line and the sentence around a token tell.
#[derive(Clone, Copy, Default)]
struct Around {
    /// The last word of kin or pronoun before it in the sentence: whom it is about.
    subject: u64,
    /// How many findings of the same category stand in its line.
    alike: u64,
    /// In how many lines its word stands before a colon at the beginning: somebody who speaks.
    speaks: u64,
}

const PRONOUNS: [&[u8]; 14] =
    [b"jag", b"vi", b"du", b"ni", b"han", b"hon", b"hen", b"de", b"dom", b"man", b"den", b"hans", b"hennes", b"min"];

fn around(doc: &Doc, cells: &[Cell]) -> Vec<Around> {
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

/// Makes the features of every token of a document, given what the rules found in it.
pub fn extract(doc: &Doc, found: &[Found]) -> Features {
    let n = doc.tokens.len();
    let rules = rules(doc, found);
    let cells: Vec<Cell> = doc.tokens.iter().zip(&rules).map(|(t, r)| cell(doc, t, &r[0])).collect();
    let places = places(doc);
    let (runs, heads, around) = (runs(doc), heads(doc, &cells), around(doc, &cells));
    let strong = |c: &Cell| c.rule & 0xff == 1 + Category::Person as u64 && c.rule >> 8 & 0xff >= 7;
    let (mut persons, mut kin, mut numbers) = (0usize, 0usize, 0usize);
    for c in &cells {
        persons += strong(c) as usize;
        kin += (c.flags & KIN != 0) as usize;
        numbers += (c.rule != 0 && c.rule & 0xff != 1 + Category::Person as u64) as usize;
    }
    let mut seen: HashMap<&[u8], Seen> = HashMap::new();
    for (t, c) in doc.tokens.iter().zip(&cells).filter(|(t, _)| t.is_word()) {
        let w = doc.word(t);
        let stem = w.strip_suffix(b"s").filter(|s| s.len() > 2).unwrap_or(w);
        let s = seen.entry(stem).or_default();
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
        phrase[p.first..=p.last].iter_mut().for_each(|s| *s |= p.info.0 >> 17 << 17);
    }
    let case = match doc.case {
        Case::Normal => 0,
        Case::Lower => 1,
        Case::Upper => 2,
    };
    let mut out = Features { all: Vec::with_capacity(n * 80), ends: Vec::with_capacity(n) };
    let edge = Cell { word: 3, suffix: 3, shape: 40, class: Class::Common, lists: 0, flags: 0, rule: 0, reason: 0, names: 0 };
    for (i, t) in doc.tokens.iter().enumerate() {
        let at = |d: isize| i.checked_add_signed(d).and_then(|j| cells.get(j)).unwrap_or(&edge);
        let (c, p1, p2, n1, n2) = (&cells[i], at(-1), at(-2), at(1), at(2));
        let mut f = |template: u32, a: u64, b: u64| out.all.push(mix(template, a, b));
        // Words.
        f(1, c.word, 0);
        f(2, p1.word, 0);
        f(3, n1.word, 0);
        f(4, p2.word, 0);
        f(5, n2.word, 0);
        f(6, p1.word, c.word);
        f(7, c.word, n1.word);
        f(8, p1.word, n1.word);
        f(9, p2.word, p1.word);
        f(10, n1.word, n2.word);
        f(11, at(-3).word, 0);
        f(12, at(3).word, 0);
        f(13, c.word, n2.word);
        f(14, p2.word, c.word);
        let w = doc.word(t);
        if t.is_word() {
            for k in 1..=5.min(w.len()) {
                f(20 + k as u32, hash(&w[w.len() - k..]), 0);
                if k > 1 {
                    f(30 + k as u32, hash(&w[..k]), 0);
                }
            }
            f(40, c.suffix, c.shape << 8 | c.class as u64);
        }
        f(41, p1.suffix, 0);
        f(42, n1.suffix, 0);
        // Form.
        let open = t.opens as u64 | case << 1;
        let form = c.shape << 8 | open;
        f(50, form, 0);
        f(51, form, c.class as u64);
        f(52, p1.shape << 8 | n1.shape, c.shape);
        f(53, form, (t.len().min(12)) as u64);
        f(54, t.spaced as u64 | (doc.tokens.get(i + 1).is_some_and(|x| x.spaced) as u64) << 1, c.shape);
        f(55, p2.shape << 8 | p1.shape, c.shape << 8 | n1.shape << 16 | n2.shape << 24);
        // Lists.
        let names = c.lists;
        f(60, names, form);
        f(61, names, c.class as u64 | form << 8);
        f(62, names & 0xf, c.class as u64 | c.shape << 8);
        f(63, names >> 4 & 0xf, c.class as u64 | c.shape << 8);
        f(64, p1.names << 4 | n1.names, c.names << 8 | c.shape << 16);
        f(65, p1.class as u64 | (n1.class as u64) << 8, c.class as u64 | c.shape << 8);
        for (k, flag) in FLAGS.iter().enumerate() {
            let k = k as u64;
            if c.flags & flag != 0 {
                f(70, k, form);
                f(77, k, names);
            }
            if phrase[i] & flag != 0 {
                f(71, k, c.shape);
            }
            if p1.flags & flag != 0 {
                f(72, k, c.shape);
                f(73, k, names | (c.class as u64) << 32);
            }
            if n1.flags & flag != 0 {
                f(74, k, c.shape);
            }
            if p2.flags & flag != 0 {
                f(75, k, c.shape);
            }
            if n2.flags & flag != 0 {
                f(76, k, c.shape);
            }
        }
        f(80, p1.word, c.shape << 8 | c.class as u64);
        f(81, n1.word, c.shape << 8 | c.class as u64);
        f(82, p1.word, names);
        f(83, n1.word, c.names << 8 | c.shape);
        f(84, p2.word, c.names << 8 | c.shape);
        // What the rules found.
        f(90, c.rule, 0);
        f(91, c.rule & 0xff, form << 8 | c.class as u64);
        f(92, c.reason, c.rule >> 16);
        f(93, c.reason, form);
        f(94, rules[i][1].kind & 0xff, c.rule & 0xff);
        f(95, p1.rule & 0xff, c.rule & 0xff);
        f(96, n1.rule & 0xff, c.rule & 0xff);
        f(97, p2.rule & 0xff, n2.rule & 0xff);
        f(98, (p1.rule & 0xff) << 8 | (n1.rule & 0xff), c.rule & 0xff | c.shape << 8);
        f(99, c.rule & 0xff, p1.word);
        f(100, c.rule & 0xff, n1.word);
        f(101, c.rule & 0xff, c.word);
        // The rest of the document.
        if t.is_word() {
            let stem = w.strip_suffix(b"s").filter(|s| s.len() > 2).unwrap_or(w);
            let s = seen.get(stem).copied().unwrap_or_default();
            let own = (t.capital() && !t.opens && t.shape != Shape::Upper) as u16;
            let others = (s.capital > own) as u64 | ((s.lower > (t.shape == Shape::Lower) as u16) as u64) << 1;
            let person = s.person > strong(c) as u16;
            f(110, others, form);
            f(111, person as u64 | others << 1, c.shape << 8 | c.class as u64);
        }
        f(112, safe[i] as u64, c.rule & 0xff);
        // Where it stands.
        let p = places[i];
        let left = p.len.saturating_sub(p.at + 1);
        f(120, p.at.min(3) as u64, (left.min(3) as u64) << 4 | c.shape << 8);
        f(121, p.last_line as u64 | ((p.len < 4) as u64) << 1 | ((p.len < 8) as u64) << 2, c.shape);
        f(122, p.quoted as u64 | (p.bracketed as u64) << 1, c.shape << 8 | c.class as u64);
        f(130, runs.exact[i], 0);
        f(131, runs.exact[i], p1.word);
        f(132, runs.coarse[i], c.rule & 0xff);
        f(133, heads[i].0, c.shape << 8 | c.class as u64);
        f(134, heads[i].1, c.shape << 8 | c.class as u64);
        f(135, heads[i].1, runs.coarse[i]);
        let a = around[i];
        f(140, a.subject, c.rule & 0xff);
        f(141, a.subject, (c.flags & (OCCUPATION | ROLE | NUMBER | ORIGIN | TITLE)) | c.class as u64);
        f(142, a.subject, p1.word);
        f(143, a.speaks, c.shape << 8 | c.class as u64);
        f(144, a.alike, c.rule & 0xff);
        // What kind of text it is: are there people in it at all?
        let others = (persons - strong(c) as usize).min(2) as u64 | (kin.min(2) as u64) << 2 | ((numbers > 2) as u64) << 4;
        f(136, others, c.shape << 8 | c.class as u64);
        f(137, others, c.rule & 0xff | form << 8);
        out.ends.push(out.all.len() as u32);
    }
    out
}
