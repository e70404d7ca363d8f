//! Street addresses, with or without number, flat, floor or c/o; boxes; and the colloquial kind ("gula huset bredvid Konsum").

use super::{Matcher, Rule};
use crate::scan::Category;
use crate::scan::doc::{Doc, Found};
use crate::scan::pack::SAFE;
use crate::scan::token::{Kind, Shape};

pub const RULE: Rule = Rule {
    name: "address",
    category: Category::Address,
    patterns: &[
        r"box [0-9]{1,5}",
        r"c/o [a-zåäö]+(?:[ -][a-zåäö]+)?",
        r"(?:lgh|lägenhet|lght)[ .]{0,2}(?:nr )?[0-9l][0-9lo]{0,4}",
        r"(?:den |det |i |ett |en )?(?:gula|röda|gröna|blå|vita|svarta|bruna|rosa|grå|gulmålade|rödmålade|lila|orange|sista|första|översta)\s(?:hus|huset|villan|stugan|kåken|radhuset|skolan|längan|trähuset|tegelhuset|porten|torpet|villa|stuga)\s(?:bakom|bredvid|vid|mittemot|mitt emot|ovanför|nedanför|intill|närmast|efter|före|innan|på|med)\s[a-zåäö]+(?: [a-zåäö]+){0,2}",
        // What may follow a street: number, letter, floor, flat.
        r"^(?:[ ]?(?:nr )?[0-9l][0-9ol]{0,3}(?:[ -]?[a-h]\b)?)?(?:,? ?(?:\(?(?:[0-9]|en|två|tre|fyra|fem|sex|sju|[iv]{1,3})[ :]{0,2}(?:tr|trappor|trapp|vån|våningen|van)\b(?: upp)?(?: till (?:vänster|höger))?\)?|(?:lgh|lägenhet|uppgång|port|plan|pl|vån|våning)[ .]{0,2}[0-9a-z]{1,4}\b|[0-9][ ]?v|c/o [a-zåäö]+|b?v\b|ö\.?g\b|nb\b))*",
    ],
    find,
};

/// Street endings that are enough by themselves on a capitalised word.
const STRONG: &[&[u8]] = &[
    b"gatan",
    b"gata",
    b"v\xe4gen",
    b"v\xe4g",
    b"gr\xe4nd",
    b"gr\xe4nden",
    b"stigen",
    b"stig",
    b"all\xe9n",
    b"allen",
    b"alle",
    b"esplanaden",
    b"kajen",
    b"str\xe5ket",
    b"slingan",
    b"brinken",
    b"torget",
    b"g",
    b"v",
];
/// Endings that a number must follow.
const WEAK: &[&[u8]] = &[
    b"backen",
    b"plan",
    b"leden",
    b"ringen",
    b"g\xe5ngen",
    b"liden",
    b"torg",
    b"h\xf6jden",
    b"hagen",
    b"svackan",
    b"kroken",
    b"sv\xe4ngen",
    b"promenaden",
    b"b\xe5gen",
    b"kullen",
    b"\xe4ngen",
    b"dalen",
    b"\xe5sen",
    b"brynet",
    b"terrassen",
    b"trappan",
    b"viken",
    b"strand",
    b"passagen",
    b"varvet",
    b"park",
    b"\xe4ng",
    b"lunden",
    b"udden",
    b"hamn",
];

fn find(doc: &Doc, m: &Matcher, out: &mut Vec<Found>) {
    let upper = doc.case == crate::scan::doc::Case::Upper;
    for (i, t) in doc.tokens.iter().enumerate() {
        if !t.is_word() || t.len() < 3 {
            continue;
        }
        let word = doc.word(t);
        let stem = word.strip_suffix(b"s").unwrap_or(word);
        let ends = |list: &[&[u8]]| list.iter().any(|s| s.len() > 1 && stem.len() > s.len() && stem.ends_with(s));
        let (strong, weak) = (ends(STRONG), ends(WEAK));
        // "Östra Parkgatan", "Danska vägen": the head alone, after a capitalised word.
        let alone = STRONG.iter().chain(WEAK).any(|s| s.len() > 1 && *s == word);
        let next_number = doc.tokens.get(i + 1).is_some_and(|n| n.kind == Kind::Number && n.spaced && n.len() < 4);
        let number_after = next_number && !measure(doc, i + 2);
        let mut first = i;
        // Words before that belong to the name: "Norra", "Övre", "Sankt Eriks".
        while first > 0 {
            let p = &doc.tokens[first - 1];
            let joins = p.capital()
                && p.is_word()
                && !p.info.has(SAFE)
                && !upper
                && doc.tokens[first].spaced
                && (doc.tokens[first].capital() || (first == i && alone));
            let compass = p.is_word()
                && matches!(
                    doc.word(p),
                    b"norra"
                        | b"s\xf6dra"
                        | b"\xf6stra"
                        | b"v\xe4stra"
                        | b"\xf6vre"
                        | b"nedre"
                        | b"lilla"
                        | b"stora"
                        | b"gamla"
                        | b"nya"
                        | b"sankt"
                        | b"inre"
                        | b"yttre"
                );
            if !(compass || joins && !(p.opens && p.info.ordinary() > 1 && !compass)) || i - first >= 2 {
                break;
            }
            first -= 1;
        }
        let capital = t.capital() && !upper;
        let known_word = t.info.ordinary() > 0 || t.info.has(SAFE);
        let hit = if alone {
            first < i && (capital || number_after || doc.tokens[first].capital())
        } else if strong {
            (capital && !(t.opens && known_word && !number_after)) || number_after || (!known_word && place_cue(doc, first))
        } else if weak {
            number_after && (capital || place_cue(doc, first)) && !known_word
        } else {
            false
        };
        // "Badhusg. 91", "Storg 14": the ending abbreviated; and any capitalised word with a house number and letter after "på".
        let short =
            !hit && number_after_stop(doc, i) && capital && !known_word && word.len() > 4 && (word.ends_with(b"g") || word.ends_with(b"v"));
        let house = !hit
            && !short
            && capital
            && t.shape == Shape::Initial
            && number_after
            && place_cue(doc, i)
            && t.info.0 & SAFE == 0
            && doc.tokens.get(i + 2).is_some_and(|l| l.is_word() && l.len() == 1 && l.shape == Shape::Single);
        if hit || short || house {
            let start = doc.tokens[first].start;
            let mut end = t.end;
            if short && doc.n.lower.get(end) == Some(&b'.') {
                end += 1;
            }
            if let Some(tail) = m.patterns[4].find(&doc.n.lower[end..]) {
                end += tail.end();
            }
            out.push(m.found(start, end, if strong { 0.95 } else { 0.8 }, "street"));
        }
    }
    for (n, reason) in [(0, "post-box"), (1, "care-of"), (2, "flat"), (3, "address-described")] {
        for (start, end) in m.ranges(n, doc) {
            if doc.free(start, end) {
                out.push(m.found(start, end, 0.8, reason));
            }
        }
    }
}

/// "på Storgatan", "bor Lillvägen", "adress: …"
fn place_cue(doc: &Doc, first: usize) -> bool {
    doc.cue_before(doc.tokens[first].start, 1, &[b"p\xe5", b"adress*", b"bor", b"till", b"fr\xe5n", b"mot", b"l\xe4ngs", b"vid", b"c"])
        .is_some()
}

/// Is the token a measure, so that the number before it is no house number?
fn measure(doc: &Doc, i: usize) -> bool {
    doc.tokens.get(i).is_some_and(|t| {
        t.is_word()
            && matches!(
                doc.word(t),
                b"kr" | b"kronor" | b"\xe5r" | b"m" | b"km" | b"min" | b"minuter" | b"st" | b"g\xe5nger" | b"barn" | b"dagar"
            )
    })
}

fn number_after_stop(doc: &Doc, i: usize) -> bool {
    let rest = &doc.tokens[i + 1..];
    match rest {
        [stop, n, ..] if stop.is(b'.') => n.kind == Kind::Number,
        [n, ..] => n.kind == Kind::Number && n.len() < 4,
        _ => false,
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
                ("på Storgatan 14 B, 3 tr i", "Storgatan 14 B, 3 tr"),
                ("bor på Lingonstigen 3, 393", "Lingonstigen 3"),
                ("bor på lillvägen 22", "lillvägen 22"),
                ("på Östra Parkgatan 5 B.", "Östra Parkgatan 5 B"),
                ("på Danska vägen 88.", "Danska vägen 88"),
                ("sprang mot Lantmannagatan", "Lantmannagatan"),
                ("Brev: Box 44", "Box 44"),
                ("i gula huset bredvid Konsum.", "i gula huset bredvid Konsum"),
            ],
            &["på gatan igår", "hela vägen hem", "vi valde fel väg", "ut på promenaden"],
        );
    }
}
