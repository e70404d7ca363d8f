//! Post codes: five digits, a space after the third (PostNord), where a place or an address stands beside them.

use super::{Matcher, Rule};
use crate::scan::Category;
use crate::scan::doc::{Doc, Found};
use crate::scan::pack::PLACE;

pub const RULE: Rule = Rule {
    name: "post-code",
    category: Category::Postcode,
    patterns: &[r"(?:se?[ -]{1,2})?[1-9](?:[0-9ol]{2}[ .,-]|[ ]?[0-9ol][ ]?[0-9ol][ ]{0,2})[0-9ol][ ]?[0-9ol]"],
    find,
};

fn find(doc: &Doc, m: &Matcher, out: &mut Vec<Found>) {
    for (start, end) in m.ranges(0, doc) {
        let joined = doc.n.lower.get(end).is_some_and(|b| matches!(b, b'-' | b':' | b'/'))
            || (start > 0 && matches!(doc.n.lower[start - 1], b'-' | b':' | b'/' | b'+'));
        if !doc.free(start, end) || joined || doc.lower(start, end).iter().filter(|b| b.is_ascii_digit()).count() < 3 {
            continue;
        }
        let cue = doc.cue_before(start, 3, &[b"postnr", b"postnummer*", b"postadress*", b"adress*", b"box"]);
        let place = doc.word_after(end, b",").is_some_and(|t| {
            (t.capital() && t.info.ordinary() == 0 && !t.opens)
                || t.info.has(PLACE) && t.info.ordinary() == 0
                || (t.info.has(PLACE) && t.capital())
        });
        let prefixed = doc.n.lower[start] == b's';
        // "… 12, 683 30": after a street's number.
        let after_street = doc.tokens[..doc.token_at(start)].iter().rev().take(7).any(|t| {
            t.is_word()
                && [b"gatan".as_slice(), b"v\xe4gen", b"gr\xe4nd", b"stigen", b"gata", b"v\xe4g", b"torget", b"all\xe9n", b"leden"]
                    .iter()
                    .any(|e| doc.word(t).ends_with(e))
        });
        let plain = doc.lower(start, end).iter().all(|b| b.is_ascii_digit() || *b == b' ')
            || doc.word_after(end, b"").is_some_and(|t| t.capital() && t.info.has(PLACE));
        let street = doc.word_before(start, b",").is_some_and(|t| t.len() == 1)
            || doc.tokens[..doc.token_at(start)].iter().rev().take(3).any(|t| t.kind == crate::scan::token::Kind::Number) && place;
        if cue.is_some() || prefixed || after_street || place && (plain || street) {
            out.push(m.found(start, end, if cue.is_some() { 0.95 } else { 0.85 }, "post-code"));
        }
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
                ("Box 44, 514 80 Tranemo", "514 80"),
                ("54130 Skövde", "54130"),
                ("371 37 karlskrona", "371 37"),
                ("Postnr: 752 20", "752 20"),
                ("i hamnen, 263.58 Höganäs", "263.58"),
                ("17, 68 532 Torsby", "68 532"),
                ("S-791 7 1 Falun", "S-791 7 1"),
                ("Box 1122, 10 4 2 5.", "10 4 2 5"),
            ],
            &["kostar 12 500 kr", "150 00 steg"],
        );
    }
}
