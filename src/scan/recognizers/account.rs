//! Bank accounts (clearing number and account), IBAN (ISO 13616), payment cards, bankgiro, plusgiro and Swish numbers.

use super::{Matcher, Rule, count_digits, of_a_thing};
use crate::scan::Category;
use crate::scan::doc::{Doc, Found};

pub const RULE: Rule = Rule {
    name: "account",
    category: Category::Account,
    patterns: &[
        r"[a-z]{2} ?[0-9]{2}(?: ?[a-z0-9]{4}){2,7}(?: ?[a-z0-9]{1,4})?",
        r"[1-9][0-9]{3}(?: ?- ?[0-9])?[ ,;]{1,3}[0-9](?:[ -]?[0-9]){5,12}",
        r"[3-6][0-9]{3}(?:[ -]{0,2}(?:[0-9x*]{4}|\.{2,4})){3}|(?:[*x]{4}|\.{3})(?:[ -]?[*x]{4}){0,2}[ -]?[0-9]{4}",
        r"[0-9]{3,4}-[0-9]{4}",
        r"[0-9](?:(?: ?- ?| )?[0-9]){4,15}",
        r"[1-9][0-9]{3}-[0-9]",
    ],
    find,
};

const GIRO: &[&[u8]] = &[b"bg", b"bankgiro*", b"pg", b"plusgiro*", b"postgiro*", b"giro*"];
const ACCOUNT: &[&[u8]] = &[
    b"konto*",
    b"bankkonto*",
    b"kto",
    b"sparkonto*",
    b"l\xf6nekonto*",
    b"clearing*",
    b"cl",
    b"kortnummer*",
    b"kortet",
    b"kort",
    b"swish*",
    b"swisha*",
    b"iban",
    b"bankgiro*",
    b"bg",
    b"pg",
    b"plusgiro*",
    b"insatt",
    b"utbetalning*",
];

fn find(doc: &Doc, m: &Matcher, out: &mut Vec<Found>) {
    for (start, end) in m.ranges(0, doc) {
        let text = doc.lower(start, end);
        let country = &doc.n.cased[start..start + 2];
        if doc.free(start, end)
            && count_digits(text) >= 10
            && (country.iter().all(u8::is_ascii_uppercase) || doc.cue_before(start, 3, &[b"iban", b"konto*"]).is_some())
        {
            out.push(m.found(start, end, 1.0, "iban"));
        }
    }
    for (start, end) in m.ranges(1, doc) {
        let text = doc.lower(start, end);
        let n = count_digits(text);
        let cue = doc.cue_before(start, 4, ACCOUNT);
        if doc.free(start, end)
            && (10..=16).contains(&n)
            && (cue.is_some() || text.contains(&b',') || text.contains(&b';') || (text[4] == b'-' && n >= 12))
        {
            out.push(m.found(start, end, 0.95, "account-number"));
        }
    }
    for (start, end) in m.ranges(2, doc) {
        if doc.free(start, end)
            && (doc.lower(start, end).iter().any(|b| matches!(b, b' ' | b'-' | b'x' | b'*')) && count_digits(doc.lower(start, end)) > 4
                || doc.cue_before(start, 6, ACCOUNT).is_some())
            && !of_a_thing(doc, start)
        {
            out.push(m.found(start, end, 0.9, "card-number"));
        }
    }
    for (start, end) in m.ranges(3, doc) {
        let text = doc.lower(start, end);
        if !doc.free(start, end) || text[0] == b'0' {
            continue;
        }
        if let Some(cue) = doc.cue_before(start, 4, GIRO) {
            out.push(m.found(start, end, 0.95, "giro").because(cue));
        } else if text.len() == 8 && !of_a_thing(doc, start) && !matches!(doc.n.lower.get(start.wrapping_sub(1)), Some(b'-' | b'/')) {
            out.push(m.found(start, end, 0.7, "giro-shape"));
        }
    }
    for n in [4, 5] {
        for (start, end) in m.ranges(n, doc) {
            // Thirteen digits and more are nobody's sum or measure.
            let long = count_digits(doc.lower(start, end)) > 12 && n == 4 && !doc.lower(start, end).contains(&b' ');
            if long && doc.free(start, end) && !of_a_thing(doc, start) {
                out.push(m.found(start, end, 0.7, "account-number"));
            }
            if let (true, Some(cue)) = (doc.free(start, end) && !of_a_thing(doc, start), doc.cue_before(start, 2, ACCOUNT)) {
                let money = doc.word_after(end, b"").is_some_and(|t| matches!(doc.word(t), b"kr" | b"kronor" | b"tusen" | b"sek"));
                if !money {
                    out.push(m.found(start, end, 0.85, "account-after-word").because(cue));
                }
            }
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
                ("IBAN SE45 8000 0810 3408 4972 5731", "SE45 8000 0810 3408 4972 5731"),
                ("till 8323-5,816 571 887-3", "8323-5,816 571 887-3"),
                ("konto 8953-2 670 575 200", "8953-2 670 575 200"),
                ("kort 4571 xxxx xxxx 2213", "4571 xxxx xxxx 2213"),
                ("kort som slutar på **** 8817.", "**** 8817"),
                ("ett kort (5226 ... ... 4091)", "5226 ... ... 4091"),
                ("går till 8585-6;277912222 3.", "8585-6;277912222 3"),
                ("bankgiro 4 58 - 99 8 1 och", "4 58 - 99 8 1"),
                ("bankgiro 870-8034", "870-8034"),
                ("via Swish 070-174 06 79", "070-174 06 79"),
            ],
            &["kostade 12 000 kr", "år 2023-2024 gick", "kl 1030-1130", "art.nr 120-3344", "konto 4571, ansvar 31220"],
        );
    }
}
