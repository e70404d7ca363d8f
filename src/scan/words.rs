//! Questions about single words that the lists do not answer by themselves: compounds, endings, name-like forms.

use super::dictionary::look_up;
use super::doc::Doc;
use super::pack::*;
use super::token::{Kind, Shape, Token};

/// Words that open a place ("i Borås").
pub const PLACE_PREPOSITIONS: &[&[u8]] = &[
    b"i",
    b"fr\xe5n",
    b"till",
    b"mot",
    b"utanf\xf6r",
    b"n\xe4ra",
    b"genom",
    b"kring",
    b"runt",
    b"norr",
    b"s\xf6der",
    b"vid",
    b"ort",
    b"hemort",
    b"bor",
    b"kommun",
    b"bostadsort",
    b"via",
    b"l\xe4mnade",
    b"ifr\xe5n",
    b"boende",
];

/// Words that open a person ("hos Anna").
pub const PERSON_PREPOSITIONS: &[&[u8]] = &[
    b"hos",
    b"med",
    b"av",
    b"\xe5t",
    b"f\xf6r",
    b"till",
    b"om",
    b"fr\xe5n",
    b"och",
    b"o",
    b"p\xe5",
    b"mot",
    b"att",
    b"n\xe4r",
    b"som",
    b"mellan",
    b"samt",
    b"eller",
    b"&",
    b"men",
    b"d\xe5",
    b"innan",
    b"efter",
    b"s\xe5",
    b"inte",
    b"utan",
    b"eftersom",
    b"tack",
    b"fr\xe5ga",
    b"ring",
    b"h\xe4lsa",
    b"skriv",
    b"mejla",
    b"sms",
];

const SURNAME_ENDINGS: &[&[u8]] = &[
    b"sson",
    b"str\xf6m",
    b"qvist",
    b"kvist",
    b"gren",
    b"lund",
    b"berg",
    b"blad",
    b"stedt",
    b"sted",
    b"mark",
    b"dahl",
    b"dal",
    b"strand",
    b"holm",
    b"vall",
    b"wall",
    b"man",
    b"lind",
    b"sten",
    b"borg",
    b"hagen",
    b"\xe9n",
    b"ius",
    b"ander",
    b"sj\xf6",
    b"bom",
    b"hed",
    b"sj\xf6",
    b"ic",
    b"ovic",
    b"ski",
    b"sky",
    b"ska",
    b"enko",
    b"yan",
    b"oglu",
    b"dottir",
    b"nen",
    b"ez",
    b"pour",
    b"zadeh",
    b"ova",
    b"eva",
    b"skog",
    b"lov",
    b"low",
    b"r\xf6m",
    b"ell",
    b"\xe9us",
];

/// A Swedish (or common foreign) surname by its ending.
pub fn surname_like(word: &[u8]) -> bool {
    let stem = word.strip_suffix(b"s").filter(|w| !w.ends_with(b"iu")).unwrap_or(word);
    word.len() > 6 && SURNAME_ENDINGS.iter().any(|e| word.ends_with(e) || stem.ends_with(e))
}

const INFLECTIONS: &[&[u8]] = &[b"erna", b"arna", b"orna", b"ens", b"ets", b"en", b"et", b"na", b"ar", b"er", b"or", b"n", b"t", b"s"];

/// Is the word put together of ordinary words ("hembesöksrapporten")?
pub fn compound(word: &[u8]) -> bool {
    if word.len() < 7 {
        return false;
    }
    let known = |w: &[u8]| {
        let i = look_up(w);
        i.ordinary() > 0 || i.has(OCCUPATION | KIN | TITLE | ORG_HEAD | NUMBER | SAFE) && i.given() < 8
    };
    let ordinary =
        |w: &[u8]| known(w) || w.len() > 5 && INFLECTIONS.iter().any(|e| w.strip_suffix(*e).is_some_and(|s| s.len() > 3 && known(s)));
    if ordinary(word) {
        return true;
    }
    (3..=word.len() - 3).any(|at| {
        let (left, right) = word.split_at(at);
        if right.len() < 3 || (right.len() < 4 && left.len() < 4) || !ordinary(right) {
            return false;
        }
        ordinary(left)
            || left.strip_suffix(b"s").is_some_and(|l| l.len() > 2 && ordinary(l))
            || left.len() > 3 && (ordinary(&[left, b"a"].concat()) || ordinary(&[left, b"e"].concat()))
    })
}

const ORDINARY_ENDINGS: &[&[u8]] = &[
    b"ning",
    b"ningen",
    b"ningar",
    b"ningarna",
    b"het",
    b"heten",
    b"heter",
    b"lig",
    b"ligt",
    b"liga",
    b"else",
    b"elsen",
    b"elser",
    b"tion",
    b"tionen",
    b"tioner",
    b"aren",
    b"arna",
    b"erna",
    b"orna",
    b"skap",
    b"isk",
    b"iska",
    b"iskt",
    b"are",
    b"ande",
    b"ende",
    b"ade",
    b"ades",
    b"erar",
    b"erade",
    b"erad",
    b"at",
    b"ats",
    b"as",
    b"et",
    b"ets",
    b"ens",
    b"ings",
    b"ing",
    b"ingen",
    b"ingar",
    b"m\xe5l",
    b"plan",
    b"planen",
    b"v\xe5rd",
    b"st\xf6d",
    b"st\xf6det",
    b"m\xf6te",
    b"m\xf6tet",
    b"tid",
    b"tiden",
    b"fri",
    b"full",
    b"l\xf6s",
    b"ism",
    b"itet",
    b"iteten",
    b"ment",
    b"ik",
    b"iken",
    b"logi",
    b"terapi",
    b"terapin",
    b"gruppen",
    b"grupp",
    b"bidrag",
    b"bidraget",
    b"listan",
    b"lista",
    b"samtal",
    b"samtalet",
    b"tanten",
    b"farbrorn",
    b"modellen",
    b"metoden",
    b"skala",
    b"skalan",
];

/// Does the ending say that this is no name, when no list knows the word?
pub fn ordinary_ending(word: &[u8]) -> bool {
    word.len() > 5 && ORDINARY_ENDINGS.iter().any(|e| word.ends_with(e))
}

/// A definite or plural noun by its ending ("hyresskulden")?
pub fn definite(word: &[u8]) -> bool {
    word.len() > 6 && [b"en".as_slice(), b"et", b"na", b"an", b"ar", b"er", b"or"].iter().any(|e| word.ends_with(e))
}

/// The word before token `i` on the same line, with nothing but space (and opening quotes or brackets) between.
pub fn previous(doc: &Doc, i: usize) -> Option<&Token> {
    doc.tokens[..i].iter().rev().find(|t| !matches!(t.kind, Kind::Punct(b'"' | b'\'' | b'(' | b'_' | b'*'))).filter(|t| t.is_word())
}

/// The word after token `i`, past closing quotes.
pub fn next(doc: &Doc, i: usize) -> Option<&Token> {
    doc.tokens[i + 1..].iter().find(|t| !matches!(t.kind, Kind::Punct(b'"' | b'\'' | b'_'))).filter(|t| t.is_word())
}

/// Never a person or place, unless it is also a common name with a capital of its own ("Maj", "Sara").
pub fn safe(t: &Token) -> bool {
    (t.info.has(SAFE) || (t.info.0 == 0 && t.base.has(SAFE))) && !(t.shape == Shape::Initial && t.info.given() >= 10)
}
