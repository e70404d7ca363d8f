//! Telephone numbers: Swedish area codes and mobiles (Post- och telestyrelsen, the Swedish numbering plan), international ones with + or 00, with O for 0.

use super::{Matcher, Rule, count_digits, digits};
use crate::scan::Category;
use crate::scan::doc::{Doc, Found};

pub const RULE: Rule = Rule {
    name: "phone",
    category: Category::Phone,
    patterns: &[
        r"(?:\+|00)[ ]?[1-9][0-9]{0,2}[ ./-]{0,2}(?:\(0\))?[ ]?[0-9oi](?:[ ./-]{0,2}[0-9oli]){6,11}\b",
        r"\(?[0o][1-9][0-9ol]{0,2}\)?(?:[ ]{0,2}[./ \n-][ \n]{0,2}|)[0-9oli?](?:[ ]?[./ -]?[ ]?[0-9olis?]){4,8}\b",
        // After a word that asks for a number.
        r"[0-9]{2,4}(?:[ -]?[0-9]{2,3}){1,3}\b",
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
];

fn find(doc: &Doc, m: &Matcher, out: &mut Vec<Found>) {
    for n in [0, 1] {
        for (start, end) in m.ranges(n, doc) {
            let text = doc.lower(start, end);
            let d = digits(text);
            // A look-alike O only counts among enough digits, and a time span ("08.00-16.30") is none.
            if !doc.free(start, end) || count_digits(text) < 6 || !(8..=14).contains(&d.len()) || time_span(text) {
                continue;
            }
            out.push(m.found(start, end, 0.95, "phone-number"));
        }
    }
    for (start, end) in m.ranges(2, doc) {
        let d = count_digits(doc.lower(start, end));
        if !doc.free(start, end) || !(5..=9).contains(&d) || (d == 5 && doc.lower(start, end).contains(&b' ')) {
            continue;
        }
        if let Some(cue) = doc.cue_before(start, 2, CUES) {
            out.push(m.found(start, end, 0.8, "phone-after-word").because(cue));
        }
    }
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
                ("o8-465oo483", "o8-465oo483"),
                ("tel 46 50 04", "46 50 04"),
            ],
            &["öppet 08.00-16.30", "ring 112", "1177", "den 2024-03-14", "150 000 kr", "kap. 10 28 §"],
        );
    }
}
