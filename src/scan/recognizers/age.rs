//! Exact ages and birth years, in digits and words. Bands ("40-årsåldern"), legal limits ("över 18 år") and durations ("i tre år") are none.
//!
//! Read over tokens: a number, what counts it (år, månader …) if anything does, and who stands before it. What an exact age is: the annotation guide.

use super::{Matcher, Rule};
use crate::scan::Category;
use crate::scan::doc::{Case, Doc, Found};
use crate::scan::endings;
use crate::scan::numerals::{cardinal, prefix};
use crate::scan::pack::{KIN, MONTH, NAMING, OCCUPATION, ORIGIN, PLACE, TITLE, VERB};
use crate::scan::token::{Kind, Shape, Token};

mod words;
mod year;
use words::*;
use year::birth_year;

pub const RULE: Rule = Rule { name: "age", category: Category::Age, patterns: &[], find };

/// A number of a text: tokens `first..=last`.
#[derive(Clone, Copy)]
struct Num {
    first: usize,
    last: usize,
    value: u32,
    spelled: bool,
}

fn word_at(doc: &Doc, i: usize) -> &[u8] {
    doc.tokens.get(i).filter(|t| t.is_word()).map_or(b"", |t| doc.word(t))
}

fn before(doc: &Doc, i: usize) -> &[u8] {
    i.checked_sub(1).map_or(b"", |p| word_at(doc, p))
}

fn joined(doc: &Doc, i: usize) -> bool {
    doc.tokens.get(i).is_some_and(|t| !t.spaced)
}

/// The number that begins at token `i`, with its half ("5 1/2", "4,5", "sjutton och ett halvt"), unless it is part of something longer.
fn number_at(doc: &Doc, i: usize) -> Option<Num> {
    let t = doc.tokens.get(i)?;
    let glued = !t.spaced
        && i > 0
        && match doc.tokens[i - 1].kind {
            Kind::Punct(b'(' | b'"' | b'\'') | Kind::Newline | Kind::Mask => false,
            // "Anna,43" and "ålder:9" are written so; "3,43" and "1:9" are not.
            Kind::Punct(b',' | b':' | b'-') => {
                i < 2 || !doc.tokens[i - 2].is_word() || doc.tokens[i - 1].is(b'-') && !doc.tokens[i - 1].spaced
            }
            _ => true,
        };
    if glued {
        return None;
    }
    let mut n = match t.kind {
        Kind::Number if t.len() < 4 => {
            let value = doc.word(t).iter().fold(0, |v, b| v * 10 + (b - b'0') as u32);
            Num { first: i, last: i, value, spelled: false }
        }
        Kind::Word if t.may & endings::NUMERAL != 0 => {
            let mut n = Num { first: i, last: i, value: cardinal(doc.word(t))?, spelled: true };
            // "tretti-sex", "sextio fem"
            let hyphen = doc.tokens.get(i + 1).is_some_and(|h| h.is(b'-') && !h.spaced && joined(doc, i + 2));
            let at = if hyphen { i + 2 } else { i + 1 };
            if n.value >= 20
                && n.value.is_multiple_of(10)
                && n.value < 100
                && let Some(unit) = cardinal(word_at(doc, at)).filter(|u| *u < 10 && *u > 0)
            {
                (n.value, n.last) = (n.value + unit, at);
            }
            n
        }
        _ => return None,
    };
    match &doc.tokens[n.last + 1..] {
        [c, h, ..] if matches!(c.kind, Kind::Punct(b',' | b'.')) && !c.spaced && h.kind == Kind::Number && !h.spaced => {
            if doc.word(h) != b"5" {
                return None;
            }
            n.last += 2;
        }
        [c, h, ..] if matches!(c.kind, Kind::Punct(b'-' | b'/' | b':' | b'+')) && !c.spaced && h.kind == Kind::Number && !h.spaced => {
            return None;
        }
        [a, s, b, ..] if a.spaced && doc.word(a) == b"1" && s.is(b'/') && doc.word(b) == b"2" => n.last += 3,
        _ => {}
    }
    if matches!(before_after(doc, n.last), b"och" | b"o") {
        let article = matches!(word_at(doc, n.last + 2), b"ett" | b"en");
        let at = n.last + if article { 3 } else { 2 };
        if matches!(word_at(doc, at), b"halvt" | b"halv") {
            n.last = at;
        }
    }
    Some(n)
}

fn before_after(doc: &Doc, last: usize) -> &[u8] {
    word_at(doc, last + 1)
}

/// What counts a number as an age.
#[derive(Clone, Copy, PartialEq)]
enum Unit {
    Years,
    /// Months, weeks, days: an age only of the very young.
    Short,
}

fn unit(word: &[u8]) -> Option<Unit> {
    match word {
        b"\xe5r" | b"bast" | b"somrar" | b"v\xe5rar" => Some(Unit::Years),
        b"m\xe5n" | b"m\xe5nad" | b"m\xe5nader" | b"veckor" | b"dagar" | b"dygn" => Some(Unit::Short),
        _ => None,
    }
}

fn find(doc: &Doc, m: &Matcher, out: &mut Vec<Found>) {
    let mut i = 0;
    while i < doc.tokens.len() {
        let t = &doc.tokens[i];
        let mut next = i + 1;
        if t.is_word() && t.len() > 3 && t.may & endings::NUMERAL != 0 {
            compound_word(doc, m, i, out);
        }
        if t.is_word() && (matches!(doc.n.lower[t.start], b'f') || doc.n.lower[t.start] == 0xe5 && t.len() > 5) {
            birth_year(doc, m, i, out);
        }
        if (t.kind == Kind::Number || t.may & endings::NUMERAL != 0 && t.len() < 30)
            && let Some(n) = number_at(doc, i)
        {
            next = counted(doc, m, n, out).max(n.last + 1);
        }
        i = next;
    }
}

fn push(doc: &Doc, m: &Matcher, first: usize, last: usize, score: f32, reason: &'static str, out: &mut Vec<Found>) {
    out.push(m.found(doc.tokens[first].start, doc.tokens[last].end, score, reason));
}

/// "sjuåring", "femtonårig", "åttamånadersbebis".
fn compound_word(doc: &Doc, m: &Matcher, i: usize, out: &mut Vec<Found>) {
    let w = doc.word(&doc.tokens[i]);
    let rest = w.strip_prefix(b"halvannat").or_else(|| w.strip_prefix(b"halv")).or_else(|| prefix(w).map(|(_, r)| r));
    let Some(rest) = rest.filter(|r| !r.is_empty()) else { return };
    let aged = rest.starts_with(b"\xe5ring") || rest.starts_with(b"\xe5rig") || rest.starts_with(b"\xe5rsgam");
    let young = [b"m\xe5naders".as_slice(), b"veckors", b"dagars"].iter().any(|u| rest.strip_prefix(*u).is_some_and(baby));
    if aged || young {
        push(doc, m, i, i, 0.9, "age-word", out);
    }
}

fn baby(w: &[u8]) -> bool {
    [b"bebis".as_slice(), b"baby", b"barn", b"gam", b"pojk", b"flick", b"dotter", b"son"].iter().any(|b| w.starts_with(b))
}

/// A number with or without its unit. Gives the token to go on from.
fn counted(doc: &Doc, m: &Matcher, n: Num, out: &mut Vec<Found>) -> usize {
    let mut at = n.last + 1;
    // "7-årig", "7 åring", "sju-åring"
    let hyphen = doc.tokens.get(at).is_some_and(|h| h.is(b'-') && !h.spaced);
    let after = word_at(doc, at + hyphen as usize);
    if n.value < 121 && (after.starts_with(b"\xe5ring") || after.starts_with(b"\xe5rig")) {
        push(doc, m, n.first, at + hyphen as usize, 0.9, "age-word", out);
        return at + 1 + hyphen as usize;
    }
    if hyphen && !doc.tokens[at].spaced && joined(doc, at + 1) {
        return at;
    }
    let w = word_at(doc, at);
    if matches!(w, b"m\xe5naders" | b"m\xe5n:s" | b"veckors" | b"dagars") && baby(word_at(doc, at + 1)) {
        push(doc, m, n.first, at + 1, 0.9, "age-word", out);
        return at + 2;
    }
    let Some(kind) = unit(w) else {
        bare(doc, m, n, out);
        return at;
    };
    // "18 år och två månader", "2 år 4 mån"
    let and = matches!(word_at(doc, at + 1), b"och" | b"o") as usize;
    let mut precise = false;
    if kind == Unit::Years
        && let Some(more) = number_at(doc, at + 1 + and)
        && unit(word_at(doc, more.last + 1)) == Some(Unit::Short)
    {
        at = more.last + 1;
        precise = true;
    }
    let old = matches!(word_at(doc, at + 1), b"gammal" | b"gamla" | b"gammalt" | b"ung" | b"unga" | b"fyllda");
    if old {
        at += 1;
    }
    // "4, 7 och 9 år": the whole list is judged by what stands before it.
    let mut first = n.first;
    while let Some(k) = first.checked_sub(2) {
        let and = matches!(word_at(doc, first - 1), b"och" | b"o" | b"samt" | b"respektive" | b"resp" | b"eller");
        let comma = doc.tokens[first - 1].is(b',') && first < n.first;
        match number_at(doc, k).filter(|p| (and || comma) && p.last + 2 == first) {
            Some(p) if p.value > 0 && p.value < 121 => first = p.first,
            _ => break,
        }
    }
    if n.value < 121 && (old || precise && before(doc, first) != b"i" || is_age(doc, first, at, kind)) {
        push(doc, m, first, at, 0.8, if first < n.first { "ages-listed" } else { "age-years" }, out);
        // "4 år resp. 18 månader"
        let mut j = at + 1;
        if matches!(word_at(doc, j), b"och" | b"o" | b"resp" | b"respektive" | b"samt") {
            j += 1 + doc.tokens.get(j + 1).is_some_and(|t| t.is(b'.')) as usize;
            if let Some(o) = number_at(doc, j)
                && unit(word_at(doc, o.last + 1)).is_some()
            {
                push(doc, m, o.first, o.last + 1, 0.8, "age-years", out);
                return o.last + 2;
            }
        }
    }
    at + 1
}

/// "43 år": of a person, not a time that something took?
fn is_age(doc: &Doc, first: usize, last: usize, kind: Unit) -> bool {
    let years = kind == Unit::Years;
    if matches!(word_at(doc, last), b"bast" | b"somrar" | b"v\xe5rar") {
        return true;
    }
    let after = word_at(doc, last + 1);
    // "två år yngre", "18 år eller äldre", "14 månader lång", "4 år i rad"
    if matches!(after, b"yngre" | b"\xe4ldre" | b"l\xe5ng" | b"l\xe5ngt" | b"l\xe5nga" | b"ungdomsv\xe5rd" | b"f\xe4ngelse")
        || matches!(after, b"eller" | b"och") && matches!(word_at(doc, last + 2), b"\xe4ldre" | b"yngre" | b"\xf6ver" | b"upp\xe5t")
    {
        return false;
    }
    let mut i = first;
    while i > 0 && ADVERBS.contains(&word_at(doc, i - 1)) {
        i -= 1;
    }
    let w = before(doc, i);
    if IS.contains(&w) {
        return match subject(doc, i - 1) {
            Subject::Thing => false,
            Subject::Person => true,
            Subject::Unknown => years,
        };
    }
    if DURATION_AFTER.contains(&after) {
        return false;
    }
    let closed = doc.tokens.get(last + 1).is_none_or(|t| {
        matches!(t.kind, Kind::Punct(_) | Kind::Newline)
            || matches!(doc.word(t), b"och" | b"som" | b"fr\xe5n" | b"med" | b"i" | b"bor" | b"har" | b"\xe4r")
    });
    let Some(b) = i.checked_sub(1).map(|p| &doc.tokens[p]) else { return after.is_empty() && years };
    match b.kind {
        Kind::Word => {
            if w == b"p\xe5" {
                return i >= 2 && person_word(doc, &doc.tokens[i - 2]) && (years || baby(before(doc, i - 1)));
            }
            if w == b"sina" {
                return years;
            }
            let kin = b.info.has(KIN) || baby(w);
            let name = named(b) && !b.info.has(PLACE) && (years || closed && b.info.given().max(b.base.given()) > 6);
            AGED.contains(&w) && (years || w == b"nu")
                || !DURATION_BEFORE.contains(&w) && (kin || name || years && (b.info.has(TITLE) || PEOPLE.contains(&w)))
        }
        Kind::Punct(b'(') => true,
        Kind::Punct(b',') => {
            let Some(p) = i.checked_sub(2).map(|p| &doc.tokens[p]) else { return false };
            let initial = p.is(b'.') && i >= 3 && doc.tokens[i - 3].shape == Shape::Single;
            let long = p.kind == Kind::Number && p.len() > 5;
            closed && (initial || long && years || p.is_word() && (person_word(doc, p) || years || doc.word(p) == b"nu"))
        }
        Kind::Punct(b':') => {
            i >= 2 && {
                let label = &doc.tokens[i - 2];
                doc.word(label).starts_with(b"\xe5lder") || label.info.has(KIN) || label.is_word() && label.len() == 1 && years
            }
        }
        Kind::Punct(b'-') => years && i >= 2 && named(&doc.tokens[i - 2]),
        Kind::Newline | Kind::Punct(b'.' | b'!' | b'?') => {
            years && (b.kind == Kind::Newline || after.is_empty() || matches!(after, b"och" | b"bor" | b"o" | b"p\xe5"))
        }
        Kind::Mask => years,
        _ => false,
    }
}

#[derive(PartialEq)]
enum Subject {
    Person,
    Thing,
    Unknown,
}

/// Who or what stands before the verb at token `verb`.
fn subject(doc: &Doc, verb: usize) -> Subject {
    let Some(t) = verb.checked_sub(1).map(|p| &doc.tokens[p]) else { return Subject::Unknown };
    let w = word_at(doc, verb - 1);
    if t.is_word()
        && (THINGS.iter().any(|e| w.ends_with(e)) || matches!(w, b"det" | b"oss" | b"er" | b"vi" | b"de" | b"dom" | b"m\xe5let" | b"detta"))
    {
        return Subject::Thing;
    }
    if t.kind == Kind::Mask || matches!(w, b"han" | b"hon" | b"hen" | b"jag" | b"du" | b"nu") || person(t) || baby(w) {
        return Subject::Person;
    }
    Subject::Unknown
}

/// Does the word look like a person's name or like a word for a person?
fn named(t: &Token) -> bool {
    t.is_word()
        && (t.capital() && !t.opens && t.len() > 1
            || t.capital() && (t.info.ordinary() == 0 || t.info.given() > 9)
            || t.info.given() > 6 && t.info.ordinary() == 0
            || t.info.has(KIN | NAMING))
}

fn person_word(doc: &Doc, t: &Token) -> bool {
    person(t) || t.is_word() && PEOPLE.contains(&doc.word(t))
}

fn person(t: &Token) -> bool {
    named(t)
        || t.kind == Kind::Mask
        || t.is_word() && t.info.has(KIN | ORIGIN)
        || t.is_word() && t.info.has(OCCUPATION) && t.info.ordinary() < 2
}

/// A number alone: "(12)", "Anna, 43,", "är 43 och", "fyller nittio", "en kille på 19 som", "Ålder: 10".
fn bare(doc: &Doc, m: &Matcher, n: Num, out: &mut Vec<Found>) {
    if n.value > 110 || n.value == 0 || !n.spelled && doc.n.lower[doc.tokens[n.first].start] == b'0' {
        return;
    }
    let i = n.first;
    let Some(b) = i.checked_sub(1).map(|p| &doc.tokens[p]) else { return };
    let rest = &doc.tokens[n.last + 1..];
    let after = rest.first();
    let next = word_at(doc, n.last + 1);
    let spaced = |k: usize| rest.get(k).is_none_or(|t| t.spaced || t.kind == Kind::Newline);
    let stop = after.is_none_or(|t| match t.kind {
        Kind::Newline | Kind::Punct(b'!' | b'?' | b';' | b'"') => true,
        Kind::Punct(b')') => doc.tokens[i.saturating_sub(8)..i].iter().any(|t| t.is(b'(')),
        // "4. inte" is the mark of a list, not the end of a sentence.
        Kind::Punct(b'.') => spaced(1) && rest.get(1).is_none_or(|t| !t.is_word() || t.capital() || doc.case != Case::Normal),
        Kind::Punct(b',' | b':') => spaced(1),
        Kind::Punct(b'-') => t.spaced && spaced(1),
        _ => false,
    });
    let counts = after.is_some_and(|t| t.is_word() && (COUNTED.contains(&next) || t.info.has(MONTH)))
        || after.is_some_and(|t| matches!(t.kind, Kind::Punct(b'%' | b'/' | b'x')) || t.kind == Kind::Number && t.spaced && n.spelled);
    let small = after.is_some_and(|t| t.is_word() && (t.info.ordinary() > 2 || t.info.has(VERB) || GOES_ON.contains(&next)));
    let goes = stop || small && !counts;
    if counts {
        return;
    }
    let w = before(doc, i);
    let mut at = i;
    while at > 1 && ADVERBS.contains(&before(doc, at)) {
        at -= 1;
    }
    let verb = before(doc, at);
    let one = !n.spelled || n.value > 2;
    let limit = matches!(n.value, 12 | 13 | 15 | 16 | 18 | 19 | 20 | 21 | 25 | 65 | 66 | 67 | 70);
    let generic = |v: usize| {
        let s = before(doc, v);
        matches!(s, b"barnet" | b"ungdomen" | b"man" | b"den" | b"som" | b"eleven" | b"personen" | b"har" | b"\xe5ret" | b"m\xe5ste")
            || before(doc, v.saturating_sub(1)) == b"\xe5r"
            || before(doc, v.saturating_sub(1)) == b"det"
    };
    let fyllda = next == b"fyllda" || w == b"fyllda";
    let clock = || doc.cue_before(doc.tokens[i].start, 3, &[b"klockan", b"kl", b"grupp*", b"plats", b"rum*"]).is_some();
    let hit = if fyllda {
        true
    } else if matches!(w, b"inte" | b"snart" | b"j\xe4mnt") && at < i && doc.tokens[at - 1].is(b',') {
        stop && n.value > 2
    } else if matches!(verb, b"fyller" | b"fyllt" | b"fyllde" | b"fylla") {
        !(limit && generic(at - 1)) && (goes || after.is_some_and(|t| t.is_word()))
    } else if matches!(verb, b"\xe5lder" | b"\xe5ldern" | b"b\xe5da" | b"bara") && stop && one {
        verb != b"bara" || at >= 2 && person(&doc.tokens[at - 2])
    } else if IS.contains(&verb) && at > 0 {
        let s = subject(doc, at - 1);
        one && s != Subject::Thing && (goes || s == Subject::Person && after.is_some_and(|t| t.kind == Kind::Number)) && !clock()
    } else if w == b"p\xe5" {
        i >= 2 && n.value > 2 && doc.tokens[i - 2].is_word() && person_word(doc, &doc.tokens[i - 2]) && goes
    } else {
        beside(doc, n, b, stop, goes)
    };
    if !hit {
        return;
    }
    let first = if w == b"fyllda" { i - 1 } else { i };
    push(doc, m, first, n.last + (next == b"fyllda") as usize, 0.75, "age-bare", out);
    // "10 och 13", "söner, 19 och 22": the other of the pair.
    if matches!(next, b"och" | b"o" | b"resp" | b"respektive" | b"eller")
        && let Some(o) = number_at(doc, n.last + 2)
        && o.value < 111
        && !COUNTED.contains(&word_at(doc, o.last + 1))
        && unit(word_at(doc, o.last + 1)).is_none()
    {
        push(doc, m, o.first, o.last, 0.7, "age-bare", out);
    }
}

/// A number beside a person, in brackets, between commas or after a label.
fn beside(doc: &Doc, n: Num, b: &Token, stop: bool, goes: bool) -> bool {
    let i = n.first;
    let prior = i.checked_sub(2).map(|p| &doc.tokens[p]);
    let next = doc.tokens.get(n.last + 1);
    let pair = matches!(word_at(doc, n.last + 1), b"och" | b"o" | b"resp" | b"respektive") && number_at(doc, n.last + 2).is_some();
    match b.kind {
        Kind::Punct(b'(') => {
            let after = next.is_some_and(|t| t.is(b')') || t.is(b',') || t.is(b';')) || pair;
            let initial =
                prior.is_some_and(|p| p.is_word() && p.len() == 1 && p.capital() || p.is(b'.') && i >= 3 && doc.tokens[i - 3].len() == 1);
            after && b.spaced && (prior.is_some_and(|p| person_word(doc, p) || doc.word(p) == b"b\xe5da") || initial)
        }
        Kind::Punct(b',') => {
            let listed = prior.is_some_and(|p| p.kind == Kind::Number && p.len() < 4);
            let whose =
                doc.tokens[..i - 1].iter().rev().take(4).take_while(|t| !matches!(t.kind, Kind::Newline | Kind::Punct(b'.' | b';')));
            let near = prior.is_some_and(|p| person_word(doc, p) || doc.word(p).starts_with(b"\xe5lder"));
            let numbers = next.is_some_and(|t| t.is(b',')) && doc.tokens.get(n.last + 2).is_some_and(|t| t.kind == Kind::Number);
            (stop || pair)
                && !listed
                && (near
                    || !numbers
                        && n.value > 2
                        && whose.into_iter().any(|t| t.is_word() && (t.info.has(KIN | ORIGIN) || named(t) && t.info.given() > 4)))
        }
        Kind::Punct(b':') => {
            let Some(label) = prior.filter(|p| p.is_word()) else { return false };
            let line = i == 2 || i > 2 && doc.tokens[i - 3].kind == Kind::Newline;
            (stop || next.is_some_and(|t| t.spaced && t.is_word() && t.capital()))
                && (doc.word(label).starts_with(b"\xe5lder") || line && label.info.given() > 6 && label.info.ordinary() == 0)
        }
        Kind::Word => {
            let name = (b.capital() || b.info.ordinary() == 0)
                && b.info.given().max(b.base.given()) > 6
                && b.info.ordinary() < 2
                && !b.info.has(PLACE);
            let kin = (b.info.has(KIN) || PEOPLE.contains(&doc.word(b))) && !b.info.has(TITLE) && n.value > 12;
            !n.spelled && goes && (name && (n.value > 2 || stop || before(doc, n.last + 2) != b"") || kin)
        }
        Kind::Mask => !n.spelled && stop && n.value > 2,
        // "… fick aldrig lön. 44. Vräktes …": a number that is a sentence.
        Kind::Punct(b'.' | b'!' | b'?') => {
            !n.spelled && stop && n.value > 12 && n.value < 100 && prior.is_some_and(|p| p.is_word() && p.len() > 2)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests;
