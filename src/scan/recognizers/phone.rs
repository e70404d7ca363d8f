//! Telephone numbers: Swedish area codes and mobiles (Post- och telestyrelsen, the Swedish numbering plan), international ones with + or 00, with O for 0.

use super::{Matcher, Rule, count_digits, digits, of_a_thing, trim_letters};
use crate::scan::Category;
use crate::scan::doc::{Doc, Found};

pub const RULE: Rule = Rule {
    name: "phone",
    category: Category::Phone,
    patterns: &[
        r"(?:\+|00)[ ]?[1-9][0-9]{0,2}[ ./-]{0,2}(?:\(0\))?[ ]?[0-9oi](?:[ ./-]{0,2}[0-9olis]){6,11}",
        r"\(?[0o][1-9lizo][0-9ol]{0,2}\)?(?:[ ]{0,2}[./ \n-][ \n]{0,2}|)[0-9oli?](?:[ ]?[./ -]?[ ]?[0-9olis?]){4,8}",
        // After a word that asks for a number.
        r"[0-9](?:[ -]?[0-9]){2,9}",
        // Spelled out digit by digit: "0 4 0 - 6280 447".
        r"[0o](?:[ -]{1,3}[0-9o]){2,}(?:[ -]{0,3}[0-9o]){4,8}",
    ],
    find,
};

const CUES: &[&[u8]] = &[
    b"tel",
    b"telefon*",
    b"tfn",
    b"mobil*",
    b"ring",
    b"ringa",
    b"sms",
    b"smsa",
    b"n\xe5s",
    b"n\xe5r",
    b"anknytning*",
    b"ankn",
    b"direktnummer",
    b"v\xe4xel*",
    b"jour",
    b"fax",
    b"numret",
    b"nummer",
    b"mobilnr",
    b"telnr",
    b"telefonnr",
];

fn find(doc: &Doc, m: &Matcher, out: &mut Vec<Found>) {
    for n in [0, 1, 3] {
        for (start, end) in m.ranges(n, doc) {
            let end = trim_letters(doc, start, end);
            let text = doc.lower(start, end);
            let d = digits(text);
            // A look-alike O only counts among enough digits, and a time span ("08.00-16.30") is none.
            if !doc.free(start, end) || count_digits(text) < 6 || !(8..=14).contains(&d.len()) || times(text) || of_a_thing(doc, start) {
                continue;
            }
            let short = n == 1 && d.len() == 8 && text.contains(&b'-') && text[0] == b'0' && !matches!(d[1], 8);
            if short && doc.cue_before(start, 6, CUES).is_none() {
                continue;
            }
            out.push(m.found(start, end, 0.95, "phone-number"));
        }
    }
    for (start, end) in m.ranges(2, doc) {
        let text = doc.lower(start, end);
        let d = count_digits(text);
        if !doc.free(start, end) || !(3..=10).contains(&d) || clock(doc, start, end) {
            continue;
        }
        let extension = doc.cue_before(start, 1, &[b"anknytning*", b"ankn", b"direktnummer", b"kortnummer"]);
        let cue = if d < 5 || d == 5 && text.contains(&b' ') { extension } else { doc.cue_before(start, 2, CUES) };
        if let Some(cue) = cue {
            out.push(m.found(start, end, 0.8, "phone-after-word").because(cue));
        }
    }
}

/// Is the number joined to something that makes it a time, a sum or a date?
fn clock(doc: &Doc, start: usize, end: usize) -> bool {
    let t = &doc.n.lower;
    let joined = |b: u8| matches!(b, b'.' | b':' | b'/' | b'-' | b',');
    start > 1 && joined(t[start - 1]) && t[start - 2].is_ascii_digit()
        || end + 1 < t.len() && joined(t[end]) && t[end + 1].is_ascii_digit()
        || doc.word_after(end, b"").is_some_and(|w| matches!(doc.word(w), b"kr" | b"kronor" | b"g\xe5nger" | b"ggr" | b"\xe5r"))
}

/// "08.00-16.30", "07.00, 10.30", "0700 0800 1200": times of day.
fn times(text: &[u8]) -> bool {
    if time_span(text) {
        return true;
    }
    let groups: Vec<&[u8]> = text.split(|b| !b.is_ascii_digit()).filter(|g| !g.is_empty()).collect();
    groups.len() > 2 && groups.iter().all(|g| g.len() == 4 && g[0] < b'3' && g[2] < b'6')
}

/// "08.00-16.30", "07.30 - 9"
fn time_span(text: &[u8]) -> bool {
    text.len() >= 5
        && text[2] == b'.'
        && text[3..5].iter().all(u8::is_ascii_digit)
        && (text.len() == 5 || !text[5].is_ascii_digit() && text[5] != b' ')
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
                ("ring 070-174 06 63", "070-174 06 63"),
                ("0701740663", "0701740663"),
                ("+46 (0)70 174 06 63", "+46 (0)70 174 06 63"),
                ("0046701740663", "0046701740663"),
                ("0980-319275", "0980-319275"),
                ("08-46500440", "08-46500440"),
                ("ringa 040-6280475 så gör vi", "040-6280475"),
                ("telefon 0 4 0 - 6280 447.", "0 4 0 - 6280 447"),
                ("svarar på anknytning 4171 eller", "4171"),
                ("o8-465oo483", "o8-465oo483"),
                ("tel 46 50 04", "46 50 04"),
            ],
            &[
                "öppet 08.00-16.30",
                "ring 112",
                "1177",
                "den 2024-03-14",
                "150 000 kr",
                "kap. 10 28 §",
                "artikelnummer 0701-7406",
                "0700 0800 1200 2000",
                "ring efter 10 30 personer",
            ],
        );
    }
}
