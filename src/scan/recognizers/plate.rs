//! Vehicle registrations: three letters, two digits and a digit or letter (Transportstyrelsen; I, Q, V, Å, Ä, Ö are not given out).

use super::{Matcher, Rule};
use crate::scan::Category;
use crate::scan::doc::{Doc, Found};
use crate::scan::numerals;
use crate::scan::pack::SAFE;
use crate::scan::token::{Kind, Shape};

pub const RULE: Rule = Rule {
    name: "plate",
    category: Category::Plate,
    patterns: &[r"[a-hj-pr-uw-z][a-hj-pr-uw-z0][a-hj-pr-uw-z][ /-]?[0-9o?]{2}[0-9a-hj-pr-uw-z?]", r"[a-z]{1,2} ?[0-9]{3,5}"],
    find,
};

const CUES: &[&[u8]] = &[
    b"reg",
    b"regnr",
    b"regnummer",
    b"registreringsnummer*",
    b"bil*",
    b"bilen*",
    b"pl\xe5t*",
    b"skylt*",
    b"moped*",
    b"husbil*",
    b"sl\xe4p*",
    b"fordon*",
    b"sk\xe5pbil*",
    b"skoter*",
    b"volvo",
    b"saab",
    b"audi",
    b"bmw",
    b"skoda",
    b"toyota",
    b"kia",
    b"passat",
    b"golf",
    b"nr",
    b"mc",
    b"traktor*",
    b"a-traktor*",
    b"epa*",
    b"kombi*",
    b"buss*",
];

fn find(doc: &Doc, m: &Matcher, out: &mut Vec<Found>) {
    for (start, end) in m.ranges(0, doc) {
        if !doc.free(start, end) || doc.lower(start, end).iter().filter(|b| b.is_ascii_digit()).count() < 2 {
            continue;
        }
        let upper =
            doc.n.cased[start..start + 3].iter().all(|b| b.is_ascii_uppercase() || *b == b'0') && doc.case != crate::scan::doc::Case::Upper;
        let first = doc.tokens.get(doc.token_at(start));
        let word = first.is_some_and(|t| t.info.has(SAFE) || t.info.ordinary() > 0)
            && doc.n.lower[start + 3] == b' '
            && first.is_some_and(|t| t.len() == 3);
        match doc.cue_before(start, 5, CUES) {
            Some(cue) if !word || upper => out.push(m.found(start, end, 0.95, "plate-after-word").because(cue)),
            _ if upper && !word => out.push(m.found(start, end, 0.85, "plate-shape")),
            _ if !word && !doc.lower(start, end).contains(&b' ') && !first.is_some_and(|t| t.info.known()) => {
                out.push(m.found(start, end, 0.7, "plate-shape"))
            }
            _ => {}
        }
    }
    for (start, end) in m.ranges(1, doc) {
        let cue = [b"regnr".as_slice(), b"reg", b"registreringsnummer*", b"husbil*", b"skylt*"];
        let after = doc.tokens[doc.token_at(end)..].iter().take(3).any(|t| t.is_word() && doc.word(t).ends_with(b"skylt"));
        if doc.free(start, end) && (doc.cue_before(start, 2, &cue).is_some() || after) {
            out.push(m.found(start, end, 0.7, "plate-after-word"));
        }
    }
    for (i, t) in doc.tokens.iter().enumerate() {
        if !t.is_word() || !t.capital() || doc.case == crate::scan::doc::Case::Upper {
            continue;
        }
        if t.shape == Shape::Single {
            spelled(doc, m, i, out);
        } else if t.shape == Shape::Upper
            && t.len() < 8
            && doc.tokens.get(i + 1).is_some_and(|n| n.kind == Kind::Number && !n.spaced && n.len() < 6)
            && let Some(cue) = doc.cue_before(t.start, 3, &[b"skylt*", b"pl\xe5t*", b"regnr", b"registreringsnummer*", b"personlig*"])
        {
            // A personal plate: two to seven letters and digits (Transportstyrelsen).
            out.push(m.found(t.start, doc.tokens[i + 1].end, 0.75, "plate-after-word").because(cue));
        }
    }
}

/// "T-J-G noll noll W", "J M X 5 7 B": a letter or digit at a time, the digits also as words.
fn spelled(doc: &Doc, m: &Matcher, first: usize, out: &mut Vec<Found>) {
    let (mut letters, mut digits, mut last) = (0, 0, first);
    for (j, t) in doc.tokens.iter().enumerate().skip(first).take(12) {
        let word = if t.is_word() { doc.word(t) } else { b"" };
        if t.shape == Shape::Single && t.capital() && (digits == 0 || digits == 2 && letters == 3) {
            letters += 1;
        } else if t.kind == Kind::Number && letters == 3 && t.len() + digits < 4 {
            digits += t.len();
        } else if letters == 3 && digits < 3 && (word == b"noll" || numerals::cardinal(word).is_some_and(|v| v < 10)) {
            digits += 1;
        } else if t.is(b'-') || t.is(b'.') {
            continue;
        } else {
            break;
        }
        last = j;
    }
    let start = doc.tokens[first].start;
    if letters >= 3 && letters + digits == 6 && doc.cue_before(start, 5, CUES).is_some() {
        out.push(m.found(start, doc.tokens[last].end, 0.8, "plate-after-word"));
    }
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
                ("bil, UXW59U", "UXW59U"),
                ("med reg.nr HTB 18S", "HTB 18S"),
                ("plåt zjx 74x", "zjx 74x"),
                ("skylten GUS 71? och", "GUS 71?"),
                ("Regnumret M0K 97M med", "M0K 97M"),
                ("en Skoda J M X 5 7 B, står", "J M X 5 7 B"),
                ("skylten T-J-G noll noll W, och", "T-J-G noll noll W"),
                ("skylt på bilen, personlig: SNÄLL1. körs", "SNÄLL1"),
            ],
            &["SOL 14 a", "max 150 kr", "LSS 123", "hon har 100 frågor"],
        );
    }
}
