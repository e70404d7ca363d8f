//! Other id numbers: passport, LMA card, national id cards, driving licence, residence-permit card, IMEI, a prisoner's or interpreter's number.

use super::{Matcher, Rule, count_digits, digits, of_a_thing};
use crate::scan::Category;
use crate::scan::doc::{Doc, Found};
use crate::scan::text::is_word;
use crate::scan::token::Kind;

pub const RULE: Rule = Rule {
    name: "id-number",
    category: Category::Idno,
    patterns: &[
        r"(?:[a-zåäö]{1,3}[ -]?)?[0-9][0-9ol]*(?:[ /.-]{1,3}(?:[a-z]{1,2}[ -])?[a-z]{0,2}[0-9][0-9ol]*[a-z]?)*(?:-[a-z])?",
        r"[a-z]{1,2}[0-9]{6,8}|[a-z]{2} [0-9][0-9ol]{2,3} ?[0-9ol]{2,4}",
        // HSA-id: the country, an organisation's number, a serial of its own (Inera, HSA).
        r"se[0-9]{10}-[a-z0-9]{3,8}",
    ],
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
    b"f\xe4rdtj\xe4nst*",
    b"sjukv\xe5rdskort*",
    b"resedokument*",
    b"fr\xe4mlingspass*",
    b"bankkort*",
    b"k\xf6rkortsn*",
    b"busskort*",
    b"armband*",
    b"tolkn*",
    b"dossiern*",
];

fn find(doc: &Doc, m: &Matcher, out: &mut Vec<Found>) {
    machine_readable(doc, m, out);
    for (mut start, end) in m.ranges(0, doc) {
        if doc.lower(start, end).starts_with(b"nr ") {
            start += 3;
        }
        let text = doc.lower(start, end);
        if !doc.free(start, end) || count_digits(text) < 4 {
            continue;
        }
        // The pattern's letters may be the cue itself ("LMA 51-09 8812").
        let head = doc.tokens.get(doc.token_at(start)).filter(|t| t.is_word() && t.start == start && is_cue(doc.word(t)));
        let (start, cue) = match head {
            Some(t) if doc.tokens[doc.token_at(t.end)].kind == Kind::Number => (doc.tokens[doc.token_at(t.end)].start, (t.start, t.end)),
            _ => match doc.cue_before(start, 3, CUES) {
                Some(cue) => (start, cue),
                None => continue,
            },
        };
        let text = doc.lower(start, end);
        if of_a_thing(doc, start) || doc.cue_before(start, 1, &[b"chip*"]).is_some() {
            continue;
        }
        let follows = doc.word_after(end, b"").is_some_and(|t| matches!(doc.word(t), b"kr" | b"kronor" | b"\xe5r" | b"procent"));
        let weak = matches!(doc.lower(cue.0, cue.1), b"kod" | b"kort" | b"kortet" | b"ut" | b"leg");
        let year = text.len() == 4 && matches!(&text[..2], b"19" | b"20");
        if follows || (weak && count_digits(text) < 6 && !(text.len() > 2 && text[1] == b'-')) || year || date_like(text) {
            continue;
        }
        out.push(m.found(start, end, 0.85, "id-after-word").because(cue));
    }
    for (start, end) in m.ranges(2, doc).filter(|(start, end)| doc.free(*start, *end)) {
        out.push(m.found(start, end, 0.95, "id-shape"));
    }
    for (start, end) in m.ranges(1, doc) {
        let letters = doc.lower(start, end).iter().take_while(|b| b.is_ascii_alphabetic()).count();
        let upper = doc.n.cased[start..start + letters].iter().all(u8::is_ascii_uppercase);
        let spaced = doc.n.lower[start + letters] == b' ';
        if doc.free(start, end) && upper && (!spaced || digits(&doc.lower(start, end)[letters..]).len() > 6) {
            out.push(m.found(start, end, 0.8, "id-shape"));
        }
    }
}

fn is_cue(word: &[u8]) -> bool {
    CUES.iter().any(|c| match c {
        [stem @ .., b'*'] => word.starts_with(stem),
        c => word == *c,
    })
}

/// The machine-readable lines of travel documents: fields apart by "<<" (ICAO Doc 9303).
fn machine_readable(doc: &Doc, m: &Matcher, out: &mut Vec<Found>) {
    let text = &doc.n.lower;
    let mut at = 0;
    while let Some(hit) = text[at..].windows(2).position(|w| w == b"<<") {
        let white = |b: &u8| matches!(b, b' ' | b'\n' | b'\t');
        let floor = at;
        let start = text[floor..at + hit].iter().rposition(white).map_or(floor, |i| floor + i + 1);
        let mut end = text[at + hit..].iter().position(white).map_or(text.len(), |i| at + hit + i);
        at = end.max(at + hit + 2).min(text.len());
        while end > start && !is_word(text[end - 1]) && text[end - 1] != b'<' {
            end -= 1;
        }
        if text[start..end].iter().filter(|b| is_word(**b)).count() > 5 {
            out.push(m.found(start, end, 0.9, "id-shape"));
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
                ("LMA 51-09 8812. Tegel", "51-09 8812"),
                ("(tolk-id 20417)", "20417"),
                ("Passnumret som du skrev, AA 19O3 28l, har", "AA 19O3 28l"),
                ("resedokument RD 7719284. får", "RD 7719284"),
                ("raden: P<SYRALKHOURY<<LAYLA<<<<0128831477. Född", "P<SYRALKHOURY<<LAYLA<<<<0128831477"),
                ("ID-kod: K-7719\nAnkomst", "K-7719"),
                ("HSA-id SE2120000999-1A2B i", "SE2120000999-1A2B"),
                ("IMEI 35 693803 566414 7", "35 693803 566414 7"),
            ],
            &["passade 2 gånger", "pass 6 av 12", "id 3", "ISO-kod: 12 36 03", "BUP 2024 och SIP"],
        );
    }
}
