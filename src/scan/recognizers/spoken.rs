//! Numbers in words: "noll sju noll, ett sju fyra …". A run of them is a telephone number, a personnummer or an account; which, the words before tell.

use super::{Matcher, Rule};
use crate::scan::Category;
use crate::scan::doc::{Doc, Found};
use crate::scan::pack::NUMBER;
use crate::scan::token::{Kind, Token};

pub const RULE: Rule = Rule { name: "number-in-words", category: Category::Phone, patterns: &[], find };

const TENS: &[&[u8]] = &[b"tjugo", b"trettio", b"fyrtio", b"femtio", b"sextio", b"sjuttio", b"\xe5ttio", b"nittio", b"nittonhundra", b"hundra"];

fn number_word(doc: &Doc, t: &Token) -> bool {
    if !t.is_word() {
        return false;
    }
    let w = doc.word(t);
    t.info.has(NUMBER) || TENS.iter().any(|p| w.strip_prefix(*p).is_some_and(|rest| crate::scan::dictionary::look_up(rest).has(NUMBER)))
}

fn find(doc: &Doc, m: &Matcher, out: &mut Vec<Found>) {
    let mut i = 0;
    while i < doc.tokens.len() {
        if !number_word(doc, &doc.tokens[i]) {
            i += 1;
            continue;
        }
        let (first, mut last, mut words, mut j) = (i, i, 1, i + 1);
        while j < doc.tokens.len() {
            let t = &doc.tokens[j];
            if number_word(doc, t) || (t.kind == Kind::Number && t.len() <= 4) {
                last = j;
                words += 1;
            } else if !(matches!(t.kind, Kind::Punct(b',' | b'-')) && j - last <= 1) {
                break;
            }
            j += 1;
        }
        i = last + 1;
        let (start, end) = (doc.tokens[first].start, doc.tokens[last].end);
        let pnr = doc.cue_before(start, 4, &[b"personn*", b"pnr", b"f\xf6dd", b"f\xf6delse*", b"sista", b"nummer", b"siffror*"]);
        let account = doc.cue_before(start, 4, &[b"swish*", b"swisha*", b"konto*", b"bankgiro*", b"bg", b"giro*", b"bankgironumret"]);
        if words < 4 && !(words >= 3 && pnr.is_some()) {
            continue;
        }
        let mut f = m.found(start, end, 0.85, "number-in-words");
        if let Some(c) = account {
            f.category = Category::Account;
            f = f.because(c);
        } else if let Some(c) = pnr {
            f.category = Category::Pnr;
            f = f.because(c);
        }
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
            &[("ring sjuttio ett sju fyra, noll sex trettio", "sjuttio ett sju fyra, noll sex trettio"), ("född fyrtioett-noll-fyra-tjugo", "fyrtioett-noll-fyra-tjugo")],
            &["två eller tre gånger", "ett två tre"],
        );
    }
}
