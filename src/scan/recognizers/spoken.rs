//! Numbers in words: "noll sju noll, ett sju fyra …", also mixed with digits and run together ("nollsjuttio 174 noll sex"). A run of them is a telephone
//! number, a personnummer or an account; which, the words before tell.

use super::{Matcher, Rule};
use crate::scan::Category;
use crate::scan::doc::{Doc, Found};
use crate::scan::token::{Kind, Token};

pub const RULE: Rule = Rule { name: "number-in-words", category: Category::Phone, patterns: &[], find };

/// Number words and how many digits they stand for, longer ones first where one begins another.
const PARTS: &[(&[u8], usize)] = &[
    (b"nittonhundra", 2),
    (b"tjugohundra", 2),
    (b"tusen", 3),
    (b"hundra", 2),
    (b"tretton", 2),
    (b"fjorton", 2),
    (b"femton", 2),
    (b"sexton", 2),
    (b"sjutton", 2),
    (b"arton", 2),
    (b"nitton", 2),
    (b"elva", 2),
    (b"tolv", 2),
    (b"tjugo", 1),
    (b"trettio", 1),
    (b"fyrtio", 1),
    (b"femtio", 1),
    (b"sextio", 1),
    (b"sjuttio", 1),
    (b"\xe5ttio", 1),
    (b"nittio", 1),
    (b"nolla", 1),
    (b"noll", 1),
    (b"etta", 1),
    (b"ett", 1),
    (b"en", 1),
    (b"tv\xe5a", 1),
    (b"tv\xe5", 1),
    (b"trea", 1),
    (b"tre", 1),
    (b"fyra", 1),
    (b"femma", 1),
    (b"fem", 1),
    (b"sexa", 1),
    (b"sex", 1),
    (b"sjua", 1),
    (b"sju", 1),
    (b"\xe5tta", 1),
    (b"nia", 1),
    (b"nio", 1),
    (b"tio", 2),
    (b"zero", 1),
    (b"one", 1),
    (b"two", 1),
    (b"three", 1),
    (b"four", 1),
    (b"five", 1),
    (b"six", 1),
    (b"seven", 1),
    (b"eight", 1),
    (b"nine", 1),
];

/// How many digits a word of number words stands for; nothing when it is no such word. "fyrtio" alone is two digits.
fn spelled(mut word: &[u8]) -> Option<usize> {
    let mut n = 0;
    while !word.is_empty() {
        let (part, digits) = PARTS.iter().find(|(p, _)| word.starts_with(p))?;
        word = &word[part.len()..];
        n += digits;
        if word.is_empty() && part.ends_with(b"tio") {
            n += 1;
        }
    }
    (n > 0).then_some(n)
}

fn value(doc: &Doc, t: &Token) -> Option<usize> {
    match t.kind {
        Kind::Word if t.len() > 1 => spelled(doc.word(t)),
        _ => None,
    }
}

fn find(doc: &Doc, m: &Matcher, out: &mut Vec<Found>) {
    let mut i = 0;
    while i < doc.tokens.len() {
        let number = |t: &Token| t.kind == Kind::Number && t.len() <= 6;
        let starts = value(doc, &doc.tokens[i]).is_some() || number(&doc.tokens[i]);
        if !starts {
            i += 1;
            continue;
        }
        let (mut last, mut words, mut digits, mut j) = (i, 0, 0, i);
        while j < doc.tokens.len() {
            let t = &doc.tokens[j];
            if let Some(n) = value(doc, t) {
                (last, words, digits) = (j, words + 1, digits + n);
            } else if number(t) {
                (last, digits) = (j, digits + t.len());
            } else if j - last > 2
                || !(matches!(t.kind, Kind::Punct(b',' | b'-' | b'/' | b'(' | b')' | b'+' | b'.'))
                    || (t.is_word() && doc.word(t) == b"streck"))
            {
                break;
            }
            j += 1;
        }
        let (start, end) = (doc.tokens[i].start, doc.tokens[last].end);
        let begins_with_word = value(doc, &doc.tokens[i]).is_some();
        i = last + 1;
        if words == 0 {
            continue;
        }
        let pnr = doc.cue_before(start, 4, &[b"personn*", b"pnr", b"f\xf6dd", b"f\xf6delse*", b"sista", b"siffror*", b"kontrollsiffr*"]);
        let account = doc.cue_before(start, 4, &[b"swish*", b"swisha*", b"konto*", b"bankgiro*", b"bg", b"giro*", b"clearing*"]);
        let cue = pnr.or(account);
        if digits < 6 && !(digits >= 4 && words >= 3 && cue.is_some()) || (words < 2 && digits < 8) || (!begins_with_word && digits < 7) {
            continue;
        }
        let mut f = m.found(start, end, 0.85, "number-in-words");
        f.category = if account.is_some() {
            Category::Account
        } else if pnr.is_some() {
            Category::Pnr
        } else {
            Category::Phone
        };
        f.context = cue;
        out.push(f);
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
                ("ring sjuttio ett sju fyra, noll sex trettio", "sjuttio ett sju fyra, noll sex trettio"),
                ("född fyrtioett-noll-fyra-tjugo", "fyrtioett-noll-fyra-tjugo"),
                ("Nås: 070 174 06 tjugonio.", "070 174 06 tjugonio"),
                ("till nollsjuttio 174 noll sex sextioett, det", "nollsjuttio 174 noll sex sextioett"),
                ("0701-74 06 elva", "0701-74 06 elva"),
            ],
            &["två eller tre gånger", "ett två tre", "en av fem", "femton, tjugo eller trettio", "tre barn, fyra hundar"],
        );
    }
}
