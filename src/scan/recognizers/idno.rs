//! Other id numbers: passport, LMA card, national id cards, driving licence, residence-permit card, IMEI, a prisoner's or interpreter's number.

use super::{Matcher, Rule, count_digits};
use crate::scan::Category;
use crate::scan::doc::{Doc, Found};

pub const RULE: Rule = Rule {
    name: "id-number",
    category: Category::Idno,
    patterns: &[r"\b(?:[a-zåäö]{1,3}[ -]?)?[0-9][0-9ol]*(?:[ -]{1,3}[a-z]{0,2}[0-9][0-9ol]*[a-z]?)*(?:-[a-z])?\b", r"[a-z]{1,2}[0-9]{6,8}"],
    find,
};

const CUES: &[&[u8]] = &[
    b"pass*",
    b"lma*",
    b"legitimation*",
    b"leg",
    b"id",
    b"id-kort*",
    b"idkort*",
    b"kort",
    b"kortet",
    b"k\xf6rkort*",
    b"ut",
    b"uppeh\xe5llstillst\xe5ndskort*",
    b"imei*",
    b"intagen*",
    b"s\xf6kandenummer*",
    b"beteckningsn*",
    b"anst\xe4llningsn*",
    b"anst\xe4lld",
    b"tj\xe4nstekort*",
    b"licens*",
    b"kod",
    b"identitet*",
    b"medborgarskap*",
];

fn find(doc: &Doc, m: &Matcher, out: &mut Vec<Found>) {
    for (mut start, end) in m.ranges(0, doc) {
        if doc.lower(start, end).starts_with(b"nr ") {
            start += 3;
        }
        let text = doc.lower(start, end);
        if !doc.free(start, end) || count_digits(text) < 4 {
            continue;
        }
        let Some(cue) = doc.cue_before(start, 3, CUES) else { continue };
        let follows = doc.word_after(end, b"").is_some_and(|t| matches!(doc.word(t), b"kr" | b"kronor" | b"\xe5r" | b"procent"));
        let weak = matches!(doc.lower(cue.0, cue.1), b"kod" | b"kort" | b"kortet" | b"ut" | b"leg");
        let year = text.len() == 4 && matches!(&text[..2], b"19" | b"20");
        if follows || (weak && count_digits(text) < 6) || year || date_like(text) {
            continue;
        }
        out.push(m.found(start, end, 0.85, "id-after-word").because(cue));
    }
    for (start, end) in m.ranges(1, doc) {
        if doc.free(start, end) && doc.n.cased[start].is_ascii_uppercase() {
            out.push(m.found(start, end, 0.8, "id-shape"));
        }
    }
}

fn date_like(text: &[u8]) -> bool {
    text.len() >= 10 && text[4] == b'-' && text[7] == b'-' || text.len() == 9 && text[4] == b'-'
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
                ("pass nr 35510927", "35510927"),
                ("Pass AT 0552917 ligger", "AT 0552917"),
                ("LMA-kort 51-774203", "51-774203"),
                ("hans pass (AA4471902)", "AA4471902"),
                ("passet P0417733 står", "P0417733"),
                ("IMEI 35 693803 566414 7", "35 693803 566414 7"),
            ],
            &["passade 2 gånger", "pass 6 av 12", "id 3"],
        );
    }
}
