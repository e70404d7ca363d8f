//! Numbers in words: "noll sju noll, ett sju fyra …", also mixed with digits and run together ("nollsjuttio 174 noll sex"). A run of them is a telephone
//! number, a personnummer or an account; which, the words before tell.

use super::{Matcher, Rule};
use crate::scan::Category;
use crate::scan::doc::{Doc, Found};
use crate::scan::endings;
use crate::scan::pack::PLACE;
use crate::scan::token::{Kind, Token};

pub const RULE: Rule = Rule { name: "number-in-words", category: Category::Phone, patterns: &[], find };

/// Number words and the digits they stand for, longer ones first where one begins another. A ten before a unit gives its first digit only.
const PARTS: &[(&[u8], &[u8])] = &[
    (b"nittonhundra", b"19"),
    (b"tjugohundra", b"20"),
    (b"tusen", b"000"),
    (b"hundra", b"00"),
    (b"tretton", b"13"),
    (b"fjorton", b"14"),
    (b"femton", b"15"),
    (b"sexton", b"16"),
    (b"sjutton", b"17"),
    (b"aderton", b"18"),
    (b"arton", b"18"),
    (b"nitton", b"19"),
    (b"elva", b"11"),
    (b"tolv", b"12"),
    (b"tjugo", b"2"),
    (b"trettio", b"3"),
    (b"fyrtio", b"4"),
    (b"femtio", b"5"),
    (b"sextio", b"6"),
    (b"sjuttio", b"7"),
    (b"\xe5ttio", b"8"),
    (b"nittio", b"9"),
    (b"tretti", b"3"),
    (b"fyrti", b"4"),
    (b"femti", b"5"),
    (b"sexti", b"6"),
    (b"sjutti", b"7"),
    (b"\xe5tti", b"8"),
    (b"nitti", b"9"),
    (b"nollan", b"0"),
    (b"nolla", b"0"),
    (b"noll", b"0"),
    (b"etta", b"1"),
    (b"ett", b"1"),
    (b"en", b"1"),
    (b"tv\xe5a", b"2"),
    (b"tv\xe5", b"2"),
    (b"trea", b"3"),
    (b"tre", b"3"),
    (b"fyra", b"4"),
    (b"femma", b"5"),
    (b"fem", b"5"),
    (b"sexa", b"6"),
    (b"sex", b"6"),
    (b"sjua", b"7"),
    (b"sju", b"7"),
    (b"\xe5tta", b"8"),
    (b"nia", b"9"),
    (b"nio", b"9"),
    (b"tio", b"10"),
    (b"zero", b"0"),
    (b"one", b"1"),
    (b"two", b"2"),
    (b"three", b"3"),
    (b"four", b"4"),
    (b"five", b"5"),
    (b"six", b"6"),
    (b"seven", b"7"),
    (b"eight", b"8"),
    (b"nine", b"9"),
];

/// Is this part a ten ("sjuttio", "sjutti", "tjugo")?
fn ten(part: &[u8]) -> bool {
    part.len() > 4 && (part.ends_with(b"tio") || part.ends_with(b"ti")) || part == b"tjugo"
}

/// The digits of a word made of number words; nothing when it is no such word. A ten at its end stands for two digits.
fn spelled(mut word: &[u8], digits: &mut Vec<u8>) -> bool {
    let before = digits.len();
    let mut open = false;
    while !word.is_empty() {
        let Some((part, value)) = PARTS.iter().find(|(p, _)| word.starts_with(p)) else {
            digits.truncate(before);
            return false;
        };
        // After a ten a unit goes on; "sjuttio-nitton" does not.
        if open && (value.len() > 1 || *value == b"0" || ten(part)) {
            digits.push(b'0');
        }
        digits.extend_from_slice(value);
        open = ten(part);
        word = &word[part.len()..];
    }
    if open {
        digits.push(b'0');
    }
    digits.len() > before
}

/// Can the token be a number word at all? Asked of every word of a text.
fn value(doc: &Doc, t: &Token, digits: &mut Vec<u8>) -> bool {
    t.may & endings::NUMERAL != 0 && spelled(doc.word(t), digits)
}

const GLUE: &[&[u8]] =
    &[b"streck", b"bindestreck", b"minus", b"plus", b"snedstreck", b"sen", b"sedan", b"nej", b"konto", b"kolon", b"och", b"d\xe4refter"];

fn find(doc: &Doc, m: &Matcher, out: &mut Vec<Found>) {
    let mut digits = Vec::new();
    let mut i = 0;
    while i < doc.tokens.len() {
        let number = |t: &Token| t.kind == Kind::Number && t.len() <= 6;
        digits.clear();
        let begins_with_word = value(doc, &doc.tokens[i], &mut digits);
        if !begins_with_word && !number(&doc.tokens[i]) {
            i += 1;
            continue;
        }
        digits.clear();
        let (mut last, mut words, mut j) = (i, 0, i);
        while j < doc.tokens.len() {
            let t = &doc.tokens[j];
            if value(doc, t, &mut digits) {
                (last, words) = (j, words + 1);
            } else if number(t) {
                digits.extend_from_slice(doc.word(t));
                last = j;
            } else if j - last > 3
                || !(matches!(t.kind, Kind::Punct(b',' | b'-' | b'/' | b'(' | b')' | b'+' | b'.' | b':'))
                    || words > 0 && t.is_word() && GLUE.contains(&doc.word(t)))
                || clock(doc, t, j)
            {
                break;
            }
            j += 1;
        }
        let (start, end) = (doc.tokens[i].start, doc.tokens[last].end);
        let from = i;
        i = last + 1;
        if words == 0 {
            continue;
        }
        let n = digits.len();
        let and = doc.tokens[from..last].iter().any(|t| t.is_word() && doc.word(t) == b"och");
        let pnr = doc.cue_before(start, 4, &[b"personn*", b"pnr", b"f\xf6dd", b"f\xf6delse*", b"sista", b"siffror*", b"kontrollsiffr*"]);
        let account = doc.cue_before(start, 4, &[b"swish*", b"swisha*", b"konto*", b"bankgiro*", b"bg", b"giro*", b"clearing*"]);
        let post = doc.cue_before(start, 8, &[b"postn*", b"postadress*"]);
        let place = doc.tokens.get(last + 1).is_some_and(|t| t.is_word() && t.capital() && t.info.has(PLACE));
        let cue = pnr.or(account);
        if n == 5 && words > 1 && (post.is_some() || place) && digits[0] != b'0' {
            let mut f = m.found(start, end, 0.8, "number-in-words");
            (f.category, f.context) = (Category::Postcode, post);
            out.push(f);
            continue;
        }
        if n < 6 && !(n >= 4 && words >= 3 && cue.is_some()) || (words < 2 && n < 8) || (!begins_with_word && n < 7) || and && n < 8 {
            continue;
        }
        let mut f = m.found(start, end, 0.85, "number-in-words");
        f.category = if account.is_some() {
            Category::Account
        } else if pnr.is_some() || birth(&digits) {
            Category::Pnr
        } else {
            Category::Phone
        };
        f.context = cue;
        if let Some(area) = doc.word_before(start, b"").filter(|t| doc.word(t) == b"riktnummer") {
            f.start = area.start;
        }
        out.push(f);
    }
}

/// "07.00, 10.30, 14.00": the stop inside a time of day, between two and two digits. The run ends there.
fn clock(doc: &Doc, t: &Token, j: usize) -> bool {
    let two = |k: usize| doc.tokens.get(k).is_some_and(|n| n.kind == Kind::Number && n.len() == 2);
    t.is(b'.') && !t.spaced && j > 0 && two(j - 1) && two(j + 1) && doc.word(&doc.tokens[j + 1]) < b"60".as_slice()
}

/// Ten or twelve digits that begin with a date of birth.
fn birth(digits: &[u8]) -> bool {
    let d = match digits.len() {
        10 => digits,
        12 => &digits[2..],
        _ => return false,
    };
    let two = |i: usize| (d[i] - b'0') * 10 + d[i + 1] - b'0';
    (1..=12).contains(&two(2)) && ((1..=31).contains(&two(4)) || (61..=91).contains(&two(4))) && d[0] != b'0'
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
                ("sextiosex tolv sexton, streck, nittionio noll ett.", "sextiosex tolv sexton, streck, nittionio noll ett"),
                (
                    "riktnummer noll trettioett, sen trettionio noll noll sex nittiosex.",
                    "riktnummer noll trettioett, sen trettionio noll noll sex nittiosex",
                ),
                ("postnumret: fyrafemtvå trettio.", "fyrafemtvå trettio"),
                ("tre noll två, fyra fyra Halmstad", "tre noll två, fyra fyra"),
            ],
            &["två eller tre gånger", "ett två tre", "en av fem", "femton, tjugo eller trettio", "tre barn, fyra hundar"],
        );
    }
}
