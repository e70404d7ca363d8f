//! Vehicle registrations: three letters, two digits and a digit or letter (Transportstyrelsen; I, Q, V, Å, Ä, Ö are not given out).

use super::{Matcher, Rule};
use crate::scan::Category;
use crate::scan::doc::{Doc, Found};
use crate::scan::pack::SAFE;

pub const RULE: Rule = Rule {
    name: "plate",
    category: Category::Plate,
    patterns: &[r"[a-hj-pr-uw-z]{3}[ /-]?[0-9o]{2}[0-9a-hj-pr-uw-z]", r"[a-z]{1,2} ?[0-9]{3,5}"],
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
];

fn find(doc: &Doc, m: &Matcher, out: &mut Vec<Found>) {
    for (start, end) in m.ranges(0, doc) {
        if !doc.free(start, end) {
            continue;
        }
        let upper = doc.n.cased[start..start + 3].iter().all(u8::is_ascii_uppercase) && doc.case != crate::scan::doc::Case::Upper;
        let first = doc.tokens.get(doc.token_at(start));
        let word = first.is_some_and(|t| t.info.has(SAFE) || t.info.ordinary() > 0) && doc.n.lower[start + 3] == b' ';
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
        if doc.free(start, end) && doc.cue_before(start, 2, &[b"regnr", b"reg", b"registreringsnummer*", b"husbil*", b"skylt*"]).is_some() {
            out.push(m.found(start, end, 0.7, "plate-after-word"));
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
            &[("bil, UXW59U", "UXW59U"), ("med reg.nr HTB 18S", "HTB 18S"), ("plåt zjx 74x", "zjx 74x")],
            &["SOL 14 a", "max 150 kr", "LSS 123", "hon har 100 frågor"],
        );
    }
}
