//! Places: municipalities, localities, districts, regions and places abroad, by the lists and the preposition before; unknown capitalised words after "i".

use super::Category;
use super::doc::{Case, Doc, Found};
use super::pack::*;
use super::token::Shape;
use super::words::{self, PLACE_PREPOSITIONS, previous};

/// "kommun", "stad": what follows a place.
const AFTER: &[&[u8]] = &[
    b"kommun",
    b"kommuns",
    b"stad",
    b"l\xe4n",
    b"socken",
    b"tingsr\xe4tt",
    b"f\xf6rsamling",
    b"centrum",
    b"kommunhus",
    b"torg",
    b"simhall",
    b"by",
    b"sn",
];

pub fn find(doc: &Doc, out: &mut Vec<Found>) {
    let mut skip_to = 0;
    for i in 0..doc.tokens.len() {
        if i < skip_to {
            continue;
        }
        let t = &doc.tokens[i];
        if !t.is_word() {
            continue;
        }
        let phrase = doc.phrase_at(i).filter(|p| p.info.has(PLACE | FOREIGN));
        let (last, info, ordinary) = match phrase {
            Some(p) => (p.last, p.info, 0),
            None => {
                let exact = t.info.has(PLACE | FOREIGN);
                let info = if exact || !t.base.has(PLACE | FOREIGN) { t.info } else { t.base };
                (i, info, t.info.ordinary())
            }
        };
        let listed = info.has(PLACE | FOREIGN);
        let capital = t.capital() && !(doc.case == Case::Upper && t.shape == Shape::Upper);
        let before = previous(doc, i);
        let preposition = before.is_some_and(|p| PLACE_PREPOSITIONS.contains(&doc.word(p)));
        let inside = before.is_some_and(|p| matches!(doc.word(p), b"i" | b"fr\xe5n" | b"till" | b"utanf\xf6r" | b"n\xe4ra" | b"ifr\xe5n"));
        let after = doc.tokens.get(last + 1).is_some_and(|n| n.is_word() && AFTER.contains(&doc.word(n)));
        let label = i > 1
            && doc.tokens[i - 1].is(b':')
            && matches!(doc.word(&doc.tokens[i - 2]), b"ort" | b"hemort" | b"postort" | b"kommun" | b"bostadsort" | b"f\xf6delseort");
        if words::safe(t) && phrase.is_none() {
            continue;
        }
        let personal = info.given().max(t.info.given()) > 8 || t.info.surname() > 9;
        let (score, reason) = if listed {
            let small_word = ordinary > 0 && !capital;
            let alone = phrase.is_some() || info.size() == 1 || doc.case != Case::Normal;
            let lower = !capital && !small_word && (!personal && alone && info.surname() < 6 || preposition && (inside || !personal));
            if capital && !t.opens && ordinary < 2 && (!personal || preposition) || after || label {
                (0.95, "place-listed")
            } else if capital && preposition {
                (0.9, "place-after-word")
            } else if capital && t.opens && ordinary == 0 && !personal || lower {
                (0.8, "place-listed")
            } else {
                continue;
            }
        } else if capital && !t.opens && t.shape == Shape::Initial && inside && !t.info.known() && !t.base.known() {
            (0.7, "capital-after-place-word")
        } else {
            continue;
        };
        // "från Irak": where somebody comes from.
        let origin = info.has(COUNTRY) && before.is_some_and(|p| matches!(doc.word(p), b"fr\xe5n" | b"ifr\xe5n"));
        let mut end = doc.tokens[last].end;
        let mut j = last;
        // "Dala-Järna", "Benin City"
        while let [a, b, ..] = &doc.tokens[j + 1..] {
            if a.is(b'-') && !a.spaced && !b.spaced && b.is_word() && (b.capital() || !capital && b.info.has(PLACE)) {
                j += 2;
                end = b.end;
            } else {
                break;
            }
        }
        if !listed
            && doc.tokens.get(j + 1).is_some_and(|n| n.shape == Shape::Initial && n.is_word() && n.spaced && !n.opens && !words::safe(n))
        {
            j += 1;
            end = doc.tokens[j].end;
        }
        skip_to = j + 1;
        out.push(Found {
            start: t.start,
            end,
            category: if origin { Category::Origin } else { Category::Location },
            score,
            recognizer: "place",
            reason,
            context: before.filter(|_| preposition).map(|p| (p.start, p.end)),
        });
    }
}
