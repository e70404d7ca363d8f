//! Diary, case, court-case and journal numbers. Forms: Offentlighets- och sekretesslagen 5:2 leaves them free, so cues and shapes of many
//! authorities are known here: nämnd + year + number, court letter + number-year (Domstolsverket), K-number of the police, AM- of the prosecutors.

use super::{Matcher, Rule, count_digits, of_a_thing};
use crate::scan::Category;
use crate::scan::doc::{Doc, Found};
use crate::scan::pack::MONTH;
use crate::scan::text::is_upper;
use crate::scan::token::{Kind, Shape, Token};

pub const RULE: Rule = Rule {
    name: "case-number",
    category: Category::Caseno,
    patterns: &[
        r"(?:[0-9]{4}[- ]?k[ -]?[0-9][0-9 ]{2,8}[-/ ][0-9]{2}|am[- ][0-9]{3,7}-[0-9]{2})",
        r"(?:b|t|ä|ö|f|p|k|m|n|u|ft|um|pmt|är|öä|ä|c)[ -]?[0-9]{1,6}-[0-9]{2}(?:[0-9]{2})?",
        r"[0-9]{1,2}\.[0-9]{1,2}(?:\.[0-9]{1,2})?-[0-9]{3,6}/(?:20)?[0-9]{2}(?:-[0-9]{1,3})?",
        r"[a-zåäö]{1,4}[ -][0-9]{2}[- ][0-9]{3,6}-[0-9]{2}",
    ],
    find,
};

/// Words that a number of a matter follows; the second list needs a number that looks like more than a count.
const CUES: &[&[u8]] = &[
    b"dnr",
    b"diarienr*",
    b"diarienum*",
    b"\xe4rendenr*",
    b"\xe4rendenum*",
    b"m\xe5lnr*",
    b"m\xe5lnum*",
    b"m\xe5lnumret",
    b"aktnr*",
    b"aktnum*",
    b"journalnr*",
    b"journalnum*",
    b"jnr",
    b"k-nr",
    b"knr",
    b"refnr*",
    b"referensnum*",
    b"referensnr*",
    b"dossiern*",
    b"handl\xe4ggningsnum*",
    b"skadenr*",
    b"skadenum*",
    b"f\xf6rs\xe4kringsnr*",
    b"f\xf6rs\xe4kringsnum*",
    b"kundnr*",
    b"kundnum*",
    b"remissnr*",
    b"ankomstnr*",
    b"l\xf6pnum*",
    b"aktbilaga",
    b"anm\xe4lningsn*",
    b"bokningsn*",
    b"beslutsn*",
    b"kontraktsn*",
    b"fakturan*",
    b"ocr",
];
const WEAK_CUES: &[&[u8]] = &[
    b"\xe4rende*",
    b"m\xe5l",
    b"m\xe5let",
    b"grundm\xe5l",
    b"akt",
    b"akten",
    b"journal*",
    b"ref",
    b"referens*",
    b"beteckning*",
    b"anm\xe4lan*",
    b"polisanm\xe4lan*",
    b"beslut*",
    b"bekr\xe4ftelse*",
    b"bokning*",
    b"dom",
    b"domen",
    b"avvikelse*",
    b"remiss*",
    b"registrera*",
    b"nummer",
    b"numret",
    b"nr",
    b"diarie*",
    b"bouppteckning*",
    b"\xf6ppnat",
    b"dubblett",
    b"faktura*",
    b"hemutredning*",
    b"\xf6verklaga*",
    b"kod",
];
const COURTS: &[&[u8]] = &[
    b"m\xe5l",
    b"m\xe5let",
    b"m\xe5lnr",
    b"tingsr\xe4tt*",
    b"hovr\xe4tt*",
    b"f\xf6rvaltningsr\xe4tt*",
    b"kammarr\xe4tt*",
    b"domen",
    b"dom",
    b"kronofogd*",
    b"\xe4rende*",
    b"\xe5klagar*",
    b"f\xf6runders\xf6kning*",
];

/// Collections of law and reports: what looks like a case number after these is public.
const LAW: &[&[u8]] = &[
    b"sosfs",
    b"sfs",
    b"prop",
    b"sou",
    b"ds",
    b"dir",
    b"hslf",
    b"fs",
    b"hslf-fs",
    b"eu",
    b"eg",
    b"direktiv",
    b"f\xf6rordning",
    b"f\xf6reskrift",
    b"nja",
    b"jo",
    b"hfd",
    b"r\xe5",
    b"mig",
    b"afs",
    b"rh",
    b"rk",
    b"ad",
    b"bet",
    b"skolfs",
    b"rskr",
    b"skr",
    b"kap",
    b"icd",
    b"dsm",
    b"sol",
    b"osl",
    b"lvu",
    b"lss",
    b"fb",
    b"version",
    b"v",
    b"vecka",
    b"art",
    b"artikel",
    b"uppl",
    b"sid",
    b"s",
    b"kl",
    b"ca",
    b"kvartal",
    b"ht",
    b"vt",
    b"termin",
    b"rutin",
    b"dos",
    b"bt",
    b"blodtryck",
    b"puls",
    b"den",
    b"till",
    b"och",
    b"f\xf6r",
    b"per",
    b"av",
    b"fr\xe5n",
    b"mellan",
    b"i",
    b"om",
    b"p\xe5",
    b"med",
    b"under",
    b"en",
    b"h\xf6gst",
    b"minst",
    b"tis",
    b"ons",
    b"tors",
    b"tor",
    b"fre",
    b"l\xf6r",
    b"s\xf6n",
    b"m\xe5n",
    b"\xe5k",
    b"jfr",
    b"kl",
    b"tid",
    b"skala",
    b"mmse",
    b"audit",
    b"januari",
    b"februari",
    b"mars",
    b"april",
    b"maj",
    b"juni",
    b"juli",
    b"augusti",
    b"september",
    b"oktober",
    b"november",
    b"december",
    b"jan",
    b"feb",
    b"apr",
    b"aug",
    b"sept",
    b"okt",
    b"nov",
    b"dec",
];

fn find(doc: &Doc, m: &Matcher, out: &mut Vec<Found>) {
    for (start, end) in m.ranges(0, doc) {
        if doc.free(start, end) {
            out.push(m.found(start, end, 0.95, "case-police"));
        }
    }
    for (mut start, end) in m.ranges(1, doc) {
        let upper = is_upper(doc.n.cased[start]);
        // "målet är 1877-24": the verb is no court's letter.
        if !upper && doc.lower(start, end).starts_with(b"\xe4r ") {
            start += 3;
        }
        let court = doc.cue_before(start, 6, COURTS).is_some();
        if doc.free(start, end) && (upper || court) && !range_like(doc, start, end) {
            out.push(m.found(start, end, 0.9, "case-court"));
        }
    }
    for n in [2, 3] {
        for (start, end) in m.ranges(n, doc) {
            if doc.free(start, end) && (n == 2 || is_upper(doc.n.cased[start])) {
                out.push(m.found(start, end, 0.9, "case-shape"));
            }
        }
    }
    let mut i = 0;
    while i < doc.tokens.len() {
        let first = i;
        i += 1;
        let glued = |t: &Token| matches!(t.kind, Kind::Word | Kind::Number | Kind::Punct(b'-' | b'/' | b'.' | b':'));
        if !matches!(doc.tokens[first].kind, Kind::Word | Kind::Number) {
            continue;
        }
        let mut number = doc.tokens[first].kind == Kind::Number;
        while i < doc.tokens.len() && !doc.tokens[i].spaced && glued(&doc.tokens[i]) {
            number |= doc.tokens[i].kind == Kind::Number;
            i += 1;
        }
        if number {
            let mut last = i - 1;
            while matches!(doc.tokens[last].kind, Kind::Punct(_)) {
                last -= 1;
            }
            code(doc, m, first, last, out);
        }
    }
}

/// Judges a stretch without white space that holds a number: year and serial in either order, with letters of a unit before, within or after it.
fn code(doc: &Doc, m: &Matcher, first: usize, last: usize, out: &mut Vec<Found>) {
    let tokens = &doc.tokens[first..=last];
    let (mut start, mut end) = (tokens[0].start, tokens[tokens.len() - 1].end);
    let text = doc.lower(start, end);
    if count_digits(text) < 1 || text.len() > 40 || !doc.free(start, end) || of_a_thing(doc, start) {
        return;
    }
    let numbers = || tokens.iter().filter(|t| t.kind == Kind::Number);
    let year = |t: &Token| {
        let w = doc.word(t);
        w.len() == 4 && w.starts_with(b"20") && w[2] < b'4' || w.len() == 2 && (b'1'..=b'3').contains(&w[0])
    };
    let letters = tokens.iter().any(Token::is_word);
    let joins = |b: u8| tokens.iter().any(|t| t.is(b));
    let dash = joins(b'-') || joins(b'/');
    let serial = |least: usize| {
        numbers()
            .any(|y| year(y) && numbers().any(|s| s.start != y.start && s.len() >= least && !(s.len() == 4 && year(s) && y.len() == 4)))
    };
    let first_word: &[u8] = if tokens[0].is_word() { doc.word(&tokens[0]) } else { b"" };
    // The letters of the unit stand before it, apart: "SN 2025/418", "VIN 24-0098", "Bou 4471/24".
    let unit = first.checked_sub(1).map(|p| &doc.tokens[p]).filter(|p| {
        let w = doc.word(p);
        let law = LAW.contains(&w)
            && (joins(b':') || numbers().next().is_some_and(|n| n.len() != 4 || year(n) || n.len() == 4 && doc.word(n).starts_with(b"19")));
        p.is_word()
            && tokens[0].kind == Kind::Number
            && tokens[0].spaced
            && !law
            && !p.info.has(MONTH)
            && (p.shape == Shape::Upper && p.len() < 6
                || p.shape == Shape::Mixed && p.len() < 6
                || p.shape == Shape::Single && p.capital()
                || p.shape == Shape::Initial && p.len() < 4 && p.info.ordinary() == 0 && !p.info.has(NUMBERISH))
    });
    // … or behind it: "2024-0813 FAM".
    let behind = doc
        .tokens
        .get(last + 1)
        .filter(|t| t.spaced && t.shape == Shape::Upper && (2..5).contains(&t.len()) && !letters && !LAW.contains(&doc.word(t)));
    let cue = doc.cue_before(start, 3, CUES);
    let weak = doc.cue_before(start, 3, WEAK_CUES);
    // Digits in groups go on: "8-22 41 883", "77 190 442", "24 / 0077".
    let mut run = last;
    if tokens[tokens.len() - 1].kind == Kind::Number {
        while doc.tokens.get(run + 1).is_some_and(|t| t.kind == Kind::Number && t.spaced && t.len() > 1 && run - last < 5) {
            run += 1;
        }
    }
    let run_end = doc.tokens[run].end;
    let digits = count_digits(doc.lower(start, run_end));
    let sum = doc.word_after(run_end, b" ").is_some_and(|t| COUNTED.contains(&doc.word(t)))
        || doc.tokens.get(run + 1).is_some_and(|t| t.is(b'%'));
    let plain = date_like(text) || clock(text) || sum;
    let upper = tokens.iter().any(|t| t.is_word() && t.shape != Shape::Lower);
    let law = LAW.contains(&first_word) && !(tokens.len() > 1 && tokens[1].is(b'-') && serial(2));
    let public = tokens.iter().any(|t| t.is_word() && matches!(doc.word(t), b"eu" | b"eg" | b"art"));
    let own = !public && letters && dash && upper && !law && !tokens.iter().any(|t| t.info.has(MONTH)) && serial(2) && digits > 3;
    let colon = joins(b':') && unit.is_some_and(|u| u.shape != Shape::Initial) && numbers().next().is_some_and(|n| n.len() == 4);
    let unit_before = unit.is_some() && (dash || colon) && serial(2) && !plain && digits > 3;
    let court = !letters
        && joins(b'-')
        && matches!(tokens, [s, _, y] if (3..7).contains(&s.len()) && y.len() == 2 && year(y))
        && (doc.cue_before(start, 8, COURTS).is_some() || weak.is_some());
    let bare = !letters
        && dash
        && !plain
        && matches!(tokens, [y, _, s, ..] if y.len() == 4 && year(y) && s.len() >= 3 && !(s.len() == 4 && year(s)));
    let numbered = cue.is_none() && digits > 4 && numbered(doc, start);
    let asked =
        (cue.is_some() || numbered) && digits > 2 && !sum && !LAW.contains(&first_word) && (run > last || !date_like(text)) && !clock(text);
    let hinted = weak.is_some()
        && !plain
        && !law
        && !joins(b':')
        && (digits > 4 && (dash || letters || digits > 5) && !decimal(text)
            || dash && letters && upper && digits > 3
            || dash && digits > 4
            || dash && cue_is(doc, weak, b"m\xe5l") && digits > 2);
    let unit_cue = weak.is_some() && unit.is_some_and(|u| u.shape != Shape::Initial) && digits > 2 && !plain && cue_strong(doc, weak);
    if !(own || unit_before || court || bare || asked || hinted || unit_cue) {
        return;
    }
    if let (true, Some(u)) = (unit_before || asked || unit_cue, unit) {
        start = u.start;
        if let [.., p, h] = &doc.tokens[..first - 1]
            && h.is(b'-')
            && !h.spaced
            && !u.spaced
            && p.is_word()
            && p.capital()
        {
            start = p.start;
        }
        // "SN/IFO 2024/12", "Dnr SOC IFO 2024-1"
        if let Some(p) = doc.tokens[..first - 1]
            .last()
            .filter(|p| p.is_word() && p.shape == Shape::Upper && p.len() < 6 && u.spaced && !LAW.contains(&doc.word(p)))
        {
            start = p.start;
        }
    }
    // "mål nr 1877-24"
    if start == tokens[0].start
        && let Some(nr) = doc.word_before(start, b".").filter(|t| doc.word(t) == b"nr")
        && doc.word_before(nr.start, b"").is_some_and(|t| matches!(doc.word(t), b"m\xe5l" | b"diarie"))
    {
        start = nr.start;
    }
    let serial_behind = bare || asked || own;
    if let (true, Some(t)) = (serial_behind, behind) {
        end = t.end;
    }
    if asked || hinted {
        end = end.max(run_end);
    }
    let f = m.found(start, end, if asked { 0.9 } else { 0.85 }, if asked || hinted { "case-after-word" } else { "case-shape" });
    out.push(match cue.or(weak).filter(|_| asked || hinted) {
        Some(c) => f.because(c),
        None => f,
    });
}

/// "Rullstolsnr H-229480", "dossnr 62-774903": any word that ends as a number's name does.
fn numbered(doc: &Doc, start: usize) -> bool {
    let named = |t: &Token| [b"nr".as_slice(), b"nummer", b"numret"].iter().any(|e| doc.word(t).ends_with(e) && t.len() > e.len() + 2);
    doc.word_before(start, b".:").is_some_and(named)
}

const NUMBERISH: u64 = crate::scan::pack::NUMBER | crate::scan::pack::PLACE;

fn cue_is(doc: &Doc, cue: Option<(usize, usize)>, stem: &[u8]) -> bool {
    cue.is_some_and(|c| doc.lower(c.0, c.1).starts_with(stem))
}

/// A matter's file rather than any number: "akt P 212".
fn cue_strong(doc: &Doc, cue: Option<(usize, usize)>) -> bool {
    cue_is(doc, cue, b"akt") || cue_is(doc, cue, b"\xe4rende") || cue_is(doc, cue, b"m\xe5l")
}

const COUNTED: &[&[u8]] = &[
    b"kr",
    b"kronor",
    b"\xe5r",
    b"procent",
    b"timmar",
    b"dagar",
    b"m\xe5nader",
    b"veckor",
    b"st",
    b"ml",
    b"mg",
    b"gram",
    b"steg",
    b"po\xe4ng",
    b"minuter",
    b"min",
    b"km",
    b"tusen",
    b"sek",
    b"euro",
    b"personer",
];

/// "4,5", "1.250": a number with decimals or thousands.
fn decimal(text: &[u8]) -> bool {
    text.iter().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b',')) && text.iter().any(|b| matches!(b, b'.' | b','))
}

/// "10.15", "08:30", "10.15-11.30", "kl.14"
fn clock(text: &[u8]) -> bool {
    let mut groups = text.split(|b| !b.is_ascii_digit());
    text.iter().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b':' | b'-'))
        && text.iter().any(|b| matches!(b, b'.' | b':'))
        && groups.all(|g| g.len() < 3)
}

/// "2024-03-14" after "beslut" is a date; "2024" a year; "850312-9811" a personnummer.
fn date_like(text: &[u8]) -> bool {
    let shape: Vec<u8> = text.iter().map(|b| if b.is_ascii_digit() { b'9' } else { *b }).collect();
    matches!(
        shape.as_slice(),
        b"9999-99-99"
            | b"9999"
            | b"99/9"
            | b"9/9"
            | b"9/99"
            | b"99/99"
            | b"999999"
            | b"999999-9999"
            | b"99999999-9999"
            | b"99-99-99"
            | b"9-9-99"
    ) && (shape.len() != 4 || matches!(&text[..2], b"19" | b"20"))
        || shape == b"99999999" && matches!(&text[..2], b"19" | b"20")
        || shape == b"9999-99" && matches!(&text[..2], b"19" | b"20") && text[5] < b'2'
        || shape == b"9999-9999" && matches!(&text[..2], b"19" | b"20") && matches!(&text[5..7], b"19" | b"20")
        || shape == b"9999/99" && matches!(&text[..2], b"19" | b"20") && text[5] < b'4' && text[6] == text[3] + 1
}

/// "F 12-16" and the like: an age or class span after a letter.
fn range_like(doc: &Doc, start: usize, end: usize) -> bool {
    let text = doc.lower(start, end);
    let number = text.iter().skip_while(|b| !b.is_ascii_digit()).take_while(|b| b.is_ascii_digit()).count();
    number < 2
}

#[cfg(test)]
mod tests;
