//! Personnummer and samordningsnummer, in any writing: with or without century, with any separator, partly masked, the last four alone, a birth date of
//! six or eight digits.
//!
//! Form: YYMMDD-NNNC, the day plus 60 in a samordningsnummer; check digit over the ten digits (Skatteverket, SKV 704 and SKV 707). A failed
//! check digit lowers the score but is still suspected: people mistype.

use super::{Matcher, Rule, count_digits, digits, luhn, of_a_thing};
use crate::scan::Category;
use crate::scan::doc::{Doc, Found};

pub const RULE: Rule = Rule {
    name: "personnummer",
    category: Category::Pnr,
    patterns: &[
        // Digits in groups, then four (or masked) after an optional separator; look-alikes and unreadable signs count as digits here.
        r"(?:(?:[1li][89]|2[0o])[ .]?)?[0-9olisgbx?*]{2}[ \n./|_-]{0,2}[0-9olix?*]{2}[ \n./|_-]{0,2}[0-9olisgbx?*]{2}[ \n]{0,2}[./|_+=:*-]{0,2}[ \n]{0,2}[0-9olisgbzxt?*.][ .]?[0-9olisgbzxf?*.][ .-]?[0-9olisgbzx?*.][ .]?[0-9olisgbzx?*.]",
        // The date alone, or with fewer than four after it.
        r"(?:1[89]|20)?[0-9]{6}(?:[-+][0-9]{1,3})?",
        // The last four with a dash of their own.
        r"(?:^|[ (:])(-[0-9]{4})\b",
        r"(?:sista|slutar på|kontrollsiffror|kontrollsiffrorna|slutsiffror|slutsiffrorna)(?: fyra| 4)?(?: siffror| siffrorna| siffrona)?(?: i (?:person|p)[a-z]*)?(?: är| e| som|:| på| med)? ?\(?(-?[0-9ol](?:[ .]?[0-9ol]){3})\b",
        r"[0-3][0-9][01][0-9]{3}[ +a-]?(?:[0-9]{3}[ ]?[0-9]{1,2}|[0-9]{3}[a-y])",
        // Digits in groups of any length.
        r"[0-9]{1,8}(?:[ \n./|_+=:*-]{1,3}[0-9]{1,8}){1,11}",
    ],
    find,
};

const CUES: &[&[u8]] = &[
    b"personn*",
    b"personnr*",
    b"pnr",
    b"p",
    b"persnr",
    b"pers",
    b"f\xf6dd",
    b"f",
    b"f\xf6delse*",
    b"samordning*",
    b"samordningsn*",
    b"nummer",
    b"numret",
    b"id",
    b"f\xf6delsedata",
];

fn find(doc: &Doc, m: &Matcher, out: &mut Vec<Found>) {
    for (start, end) in m.ranges(0, doc) {
        let text = doc.lower(start, end);
        if !doc.free(start, end) || count_digits(text) < 6 || letters_inside(doc, start, end) || of_a_thing(doc, start) {
            continue;
        }
        let masked = text.iter().any(|b| matches!(b, b'x' | b'*' | b'?' | b't' | b'f')) || text.ends_with(b".");
        if masked {
            let cue = doc.cue_before(start, 4, CUES);
            let hidden = text.len() > 4 && text[text.len() - 4..].iter().all(|b| matches!(b, b'x' | b'*' | b'?'));
            let clock = text.len() > 2 && text[2] == b'.' || text.ends_with(b".") && !text.ends_with(b"..");
            if hidden || (text.iter().any(|b| matches!(b, b'-' | b'+' | b'*')) || cue.is_some()) && !(clock && cue.is_none()) {
                out.push(m.found(start, end, 0.9, "pnr-partly"));
            }
            continue;
        }
        let d = digits(text);
        let Some(date) = date_start(&d) else { continue };
        let full = d.len() - date == 10;
        let checked = full && luhn(&d[date..]);
        let plausible = plausible_date(&d[date..date + 6]);
        let cue = doc.cue_before(start, 4, CUES);
        if !plausible && cue.is_none() || touches_number(doc, start, end) {
            continue;
        }
        // A mobile number reads as a samordningsnummer born in 2007: without check digit or cue it is the telephone rule's.
        if text.starts_with(b"07") && !checked && cue.is_none() {
            continue;
        }
        let (score, reason) = if checked {
            (1.0, "pnr-checked")
        } else if full {
            (0.85, "pnr-unchecked")
        } else {
            (0.9, "pnr-partly")
        };
        out.push(m.found(start, end, score, reason));
    }
    for (start, end) in m.ranges(1, doc) {
        let text = doc.lower(start, end);
        let date = text.iter().position(|b| matches!(b, b'-' | b'+')).unwrap_or(text.len());
        let d = digits(&text[..date]);
        if !doc.free(start, end) || !plausible_date(&d[d.len() - 6..]) || touches_number(doc, start, end) || of_a_thing(doc, start) {
            continue;
        }
        let money =
            doc.word_after(end, b" ").is_some_and(|t| matches!(doc.word(t), b"kr" | b"kronor" | b"sek" | b"euro" | b"st" | b"miljoner"));
        let cue = doc.cue_before(start, 3, CUES);
        if money || (d.len() == 8 && cue.is_none() && d[0] == 2) {
            continue;
        }
        let f = m.found(start, end, if cue.is_some() { 0.95 } else { 0.7 }, "pnr-date");
        out.push(match cue {
            Some(c) => f.because(c),
            None => f,
        });
    }
    // Numbers of the neighbours (norskt fødselsnummer, dansk cpr, finsk henkilötunnus): day first, only where the word says so.
    for (start, end) in m.ranges(4, doc) {
        let cue = doc.cue_before(start, 4, &[b"personn*", b"pnr", b"cpr*", b"f\xf8dselsn*", b"f\xf6dselsn*", b"d-nummer", b"henkil\xf6*"]);
        if let (true, Some(cue)) = (doc.free(start, end), cue) {
            out.push(m.found(start, end, 0.85, "pnr-unchecked").because(cue));
        }
    }
    for (start, end) in m.ranges(5, doc) {
        grouped(doc, m, start, end, out);
    }
    for n in [2, 3] {
        for (start, end) in m.groups(n, doc) {
            if n == 3
                || doc
                    .cue_before(start, 8, &[b"sista", b"pnr", b"personn*", b"nummer", b"numret", b"siffror*", b"inte", b"s\xf6ka", b"ska"])
                    .is_some()
            {
                out.push(m.found(start, end, 0.9, "pnr-last-four"));
            }
        }
    }
}

/// Groups of any length ("540 905 - 9945") that together are ten or twelve digits, a date and the right check digit.
fn grouped(doc: &Doc, m: &Matcher, start: usize, end: usize, out: &mut Vec<Found>) {
    let text = doc.lower(start, end);
    let begins = |i: usize| text[i].is_ascii_digit() && (i == 0 || !text[i - 1].is_ascii_digit());
    for from in (0..text.len()).filter(|i| begins(*i)) {
        let mut d: Vec<u8> = Vec::with_capacity(12);
        let mut to = from;
        while to < text.len() && d.len() < 13 {
            if text[to].is_ascii_digit() {
                d.push(text[to] - b'0');
            }
            to += 1;
            let whole = d.len() == 10 || d.len() == 12 && matches!(d[..2], [1, 8 | 9] | [2, 0]);
            let ends = text[to - 1].is_ascii_digit() && text.get(to).is_none_or(|b| !b.is_ascii_digit());
            let ten = &d[d.len().saturating_sub(10)..];
            if whole && ends && plausible_date(ten) && luhn(ten) && !of_a_thing(doc, start + from) && !text[from..].starts_with(b"07") {
                let alone = from == 0 && to == text.len();
                let cue = doc.cue_before(start + from, 4, CUES).is_some();
                out.push(m.found(start + from, start + to, if alone || cue { 0.9 } else { 0.7 }, "pnr-checked"));
            }
        }
    }
}

/// Do letters that are not masks stand in it in a way digits would not ("solo")?
fn letters_inside(doc: &Doc, start: usize, end: usize) -> bool {
    let text = doc.lower(start, end);
    let letters = text.iter().filter(|b| b.is_ascii_alphabetic() && !matches!(b, b'x')).count();
    letters > 0 && letters * 2 > count_digits(text)
}

/// Is the number part of a longer one ("8904-1,123 456 789-0")?
fn touches_number(doc: &Doc, start: usize, end: usize) -> bool {
    let t = &doc.n.lower;
    let joined = |b: u8| matches!(b, b'-' | b',' | b'.' | b'/' | b':' | b'_' | b'+');
    let before = start > 1 && joined(t[start - 1]) && t[start - 2].is_ascii_digit()
        || start > 1 && t[start - 1] == b' ' && t[start - 2].is_ascii_digit();
    let after = end + 1 < t.len() && (joined(t[end]) || t[end] == b' ') && t[end + 1].is_ascii_digit();
    before || after || (start > 0 && matches!(t[start - 1], b'+'))
}

/// Where the six digits of the date begin: after a century, if there is one.
fn date_start(d: &[u8]) -> Option<usize> {
    match d.len() {
        12 => Some(2),
        6..=10 if d.len() == 8 && matches!(d[..2], [1, 8 | 9] | [2, 0]) && plausible_date(&d[2..8]) => Some(2),
        6..=11 => Some(0),
        _ => None,
    }
}

/// Six digits that can be a birth date, also a samordningsnummer's (day plus 60) or one with month 00 or day 00 unknown.
fn plausible_date(d: &[u8]) -> bool {
    let (month, day) = (d[2] * 10 + d[3], d[4] * 10 + d[5]);
    (1..=12).contains(&month) && ((1..=31).contains(&day) || (61..=91).contains(&day))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::recognizers::testing::check;

    #[test]
    fn finds_and_allows() {
        check(
            &RULE,
            &[
                ("hans nummer 850312-9811 är", "850312-9811"),
                ("19850312-9811", "19850312-9811"),
                ("8503129811", "8503129811"),
                ("1985-03-12-9811", "1985-03-12-9811"),
                ("19 85 03 12 - 98 11", "19 85 03 12 - 98 11"),
                ("2007|12|21|9849", "2007|12|21|9849"),
                ("850312-XXXX", "850312-XXXX"),
                ("Född 850312, sista fyra 9811", "850312"),
                ("Född 850312, sista fyra 9811", "9811"),
                ("1936-11-86-9938", "1936-11-86-9938"),
                ("150909\n-9964", "150909\n-9964"),
                ("8 5 0 3 1 2-9811", "8 5 0 3 1 2-9811"),
                ("rad två: 2000-\n0519-9898", "2000-\n0519-9898"),
                ("380214–*9803", "380214–*9803"),
                ("Kerstin Oja 390118 XXXX", "390118 XXXX"),
                ("691119xxxx", "691119xxxx"),
                ("norskt personnummer 130675 40011. Norsk", "130675 40011"),
                ("personnummer som 21-0602-98-00 i", "21-0602-98-00"),
                ("läser 320414-98, resten", "320414-98"),
                ("Harry p.nr 540 905 \u{2013} 9945", "540 905 \u{2013} 9945"),
            ],
            &[
                "1 200 kr per månad",
                "Ref 305211",
                "SOSFS 2014:5",
                "kl 10.15-11.30",
                "2024-03-14",
                "150 000 kronor",
                "LOT 240118-9902",
                "kl 13.30–14.15.",
            ],
        );
    }
}
