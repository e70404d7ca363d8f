//! Days told in words, read over tokens: "den fjortonde mars", "tolfte tolfte tjugofyra", "sista september", "söndags den åttonde", "tredje advent",
//! "maj -22". Feasts that fall on one day a year: Lag (1989:253) om allmänna helgdagar and the almanac's days.

use super::super::Matcher;
use crate::scan::doc::{Doc, Found};
use crate::scan::endings;
use crate::scan::numerals::{cardinal, ordinal, prefix};
use crate::scan::pack::MONTH;
use crate::scan::token::{Kind, Token};

/// Feasts that pin a day also without a year; a part of the name suffices.
pub const FEASTS: &[&[u8]] = &[
    b"midsommarafton",
    b"midsommarnatten",
    b"midsommardagen",
    b"ny\xe5rsafton",
    b"ny\xe5rsdagen",
    b"ny\xe5rsnatten",
    b"trettondagsafton",
    b"trettondagen",
    b"trettondedagen",
    b"tjugondagen",
    b"l\xe5ngfredagen",
    b"sk\xe4rtorsdagen",
    b"p\xe5skafton",
    b"p\xe5skdagen",
    b"pingstafton",
    b"pingstdagen",
    b"nationaldagen",
    b"v\xe5ffeldagen",
    b"fettisdagen",
    b"juldagen",
    b"annandagen",
    b"valborgsm\xe4ssoafton",
    b"luciadagen",
    b"luciamorgonen",
    b"allhelgonadagen",
    b"kanelbullensdag",
    b"fastlagss\xf6ndagen",
];
/// Those that only a year pins.
pub const SEASONS: &[&[u8]] = &[
    b"julafton",
    b"lucia",
    b"valborg",
    b"midsommar",
    b"allhelgona",
    b"allhelgonahelgen",
    b"allhelgonadagen",
    b"fastlagss\xf6ndagen",
    b"ny\xe5r",
    b"ny\xe5rshelgen",
    b"p\xe5sk",
    b"p\xe5sken",
    b"jul",
    b"julen",
    b"pingst",
    b"sportlovet",
    b"h\xf6stlovet",
    b"jullovet",
    b"p\xe5sklovet",
    b"midsommarhelgen",
    b"p\xe5skhelgen",
    b"julhelgen",
    b"luciahelgen",
    b"pingsthelgen",
    b"valborgshelgen",
];

fn word(doc: &Doc, i: usize) -> &[u8] {
    doc.tokens.get(i).filter(|t| t.is_word()).map_or(b"", |t| doc.word(t))
}

fn months(t: Option<&Token>) -> bool {
    t.is_some_and(|t| t.is_word() && t.info.has(MONTH) && t.len() > 2)
}

pub fn weekday(w: &[u8]) -> bool {
    let days: [(&[u8], &[u8]); 7] = [
        (b"m\xe5n", b"dag"),
        (b"tis", b"dag"),
        (b"ons", b"dag"),
        (b"tors", b"dag"),
        (b"fre", b"dag"),
        (b"l\xf6r", b"dag"),
        (b"s\xf6n", b"dag"),
    ];
    days.iter().any(|(short, day)| {
        w.strip_prefix(*short).is_some_and(|r| r.is_empty() || r.starts_with(day) || matches!(r, b"d" | b"dan") && *short != b"m\xe5n")
    }) || matches!(w, b"tor" | b"fred" | b"l\xf6rd")
}

/// The day of a month at token `i` ("3", "3:e", "tredje", "30."), and the token after it.
fn day(doc: &Doc, i: usize) -> Option<(usize, bool)> {
    let t = doc.tokens.get(i)?;
    match t.kind {
        Kind::Number if t.len() < 3 => {
            let v = doc.word(t).iter().fold(0, |v, b| v * 10 + (b - b'0') as u32);
            if !(1..32).contains(&v) {
                return None;
            }
            let mark = |k: usize| matches!(word(doc, k), b"e" | b"a" | b"de" | b"dje" | b"nde" | b"te") && !doc.tokens[k].spaced;
            if doc.tokens.get(i + 1).is_some_and(|c| c.is(b':') && !c.spaced) {
                return mark(i + 2).then_some((i + 3, true));
            }
            Some(if mark(i + 1) { (i + 2, true) } else { (i + 1, false) })
        }
        Kind::Word if t.may & endings::NUMERAL != 0 => ordinal(doc.word(t)).map(|_| (i + 1, true)),
        _ => None,
    }
}

/// A year at token `i` ("2024", "-22", "'99", "tjugofyra", "nittonhundraåttioett"), and the token after it. Two digits need a dash or `short`.
fn year(doc: &Doc, i: usize, short: bool) -> Option<usize> {
    let t = doc.tokens.get(i)?;
    match t.kind {
        Kind::Number if t.len() == 4 && matches!(&doc.word(t)[..2], b"18" | b"19" | b"20") => Some(i + 1),
        Kind::Number if short && t.len() == 2 => Some(i + 1),
        Kind::Punct(b'-' | b'\'') => doc.tokens.get(i + 1).filter(|n| n.kind == Kind::Number && n.len() == 2 && !n.spaced).map(|_| i + 2),
        Kind::Word if t.len() > 5 => {
            let v = prefix(doc.word(t)).filter(|(_, r)| r.is_empty())?.0;
            ((1880..2100).contains(&v) || short && (20..100).contains(&v)).then_some(i + 1)
        }
        _ => None,
    }
}

pub fn find(doc: &Doc, m: &Matcher, out: &mut Vec<Found>) {
    let mut i = 0;
    while i < doc.tokens.len() {
        let t = &doc.tokens[i];
        // Most words are neither numbers nor months nor feasts.
        let telling = t.kind == Kind::Number
            || t.may & (endings::NUMERAL | endings::FEAST) != 0
            || t.info.has(MONTH)
            || t.is_word() && matches!(doc.word(t), b"sista" | b"annandag" | b"tjugondag");
        let next = if telling { at(doc, i) } else { None };
        match next {
            Some((first, next)) => {
                out.push(m.found(doc.tokens[first].start, doc.tokens[next - 1].end, 0.85, "date"));
                i = next.max(i + 1);
            }
            None => i += 1,
        }
    }
}

/// A date in words that has token `i` as its first telling word: from which token, and up to which.
fn at(doc: &Doc, i: usize) -> Option<(usize, usize)> {
    let t = &doc.tokens[i];
    let w = word(doc, i);
    let before = |k: usize| i.checked_sub(k).map_or(b"".as_slice(), |p| word(doc, p));
    // "maj -22", "januari åttioåtta", "april 1966, den tjugofjärde"
    if months(Some(t)) {
        let next = year(doc, i + 1, false).or_else(|| year(doc, i + 1, word(doc, i + 1).len() > 5))?;
        let more = doc.tokens.get(next).is_some_and(|c| c.is(b',')) && word(doc, next + 1) == b"den";
        let (end, _) = more.then(|| day(doc, next + 2)).flatten().unwrap_or((next, true));
        return Some((i, end));
    }
    if t.is_word() && t.len() > 3 {
        let may = t.may & endings::FEAST != 0;
        let feast = may && FEASTS.contains(&w);
        if feast || may && SEASONS.contains(&w) {
            let next = year(doc, i + 1, true);
            return next.map(|n| (i, n)).or_else(|| feast.then_some((i, i + 1)));
        }
        let pair = (w, word(doc, i + 1));
        let two = matches!(pair, (b"annandag", b"jul" | b"p\xe5sk" | b"pingst") | (b"tjugondag", b"knut"))
            || pair.1 == b"advent" && matches!(ordinal(w), Some(2..=4));
        if two || pair.1 == b"advent" && ordinal(w) == Some(1) {
            let next = year(doc, i + 2, false);
            return next.map(|n| (i, n)).or_else(|| two.then_some((i, i + 2)));
        }
        // "sista september", "sista dagen i april 2025", "andra tisdagen i februari"
        if w == b"sista" || ordinal(w).is_some() {
            let of = weekday(word(doc, i + 1)) || word(doc, i + 1) == b"dagen";
            let k = if of && word(doc, i + 2) == b"i" { i + 3 } else { i + 1 };
            if months(doc.tokens.get(k)) && (w == b"sista" || k > i + 1) {
                return Some((i, year(doc, k + 1, false).unwrap_or(k + 1)));
            }
        }
    }
    let (mut next, marked) = day(doc, i)?;
    let spelled = t.is_word();
    let mut first = i;
    let den = before(1) == b"den";
    if den {
        first -= 1;
    }
    // "söndag, den 24:e", "natten till den 20 maj", "söndags den åttonde", "tolfte tolfte"
    let comma = first > 1 && doc.tokens[first - 1].is(b',') && weekday(word(doc, first - 2));
    let week = comma || first > 0 && weekday(word(doc, first - 1));
    if comma {
        first -= 2;
    } else if week {
        first -= 1;
    }
    if den && first > 1 && word(doc, first - 1) == b"till" && word(doc, first - 2) == b"natten" {
        first -= 2;
    }
    let mut month = months(doc.tokens.get(next));
    if month {
        next += 1;
    } else if marked || den {
        // A month by its number: "fjortonde i tredje", "den 8 i tolfte", "tolfte tolfte tjugofyra".
        let of = word(doc, next) == b"i";
        let k = next + of as usize;
        if let Some(v) = ordinal(word(doc, k)).filter(|v| *v < 13) {
            let end = k + 1;
            if of || den && spelled || year(doc, end, true).is_some() && v < 13 {
                month = true;
                next = end;
            }
        }
    }
    if month {
        return (spelled || den || marked).then(|| (first, year(doc, next, spelled).unwrap_or(next)));
    }
    // "den elfte", "lördagsnatten den 15": a day without its month.
    let value = if spelled { ordinal(w).or(cardinal(w)).unwrap_or(0) } else { 0 };
    let after = doc.tokens.get(next);
    let stop = after.is_none_or(|t| {
        matches!(t.kind, Kind::Newline | Kind::Punct(b'.' | b',' | b'!' | b'?' | b')'))
            || matches!(word(doc, next), b"kl" | b"klockan" | b"men" | b"och")
    });
    let alone = spelled && (week && den || den && value > 10 && (stop || value > 12));
    (alone || den && week && (comma || !weekday(word(doc, first)) || stop)).then_some((first, next))
}
