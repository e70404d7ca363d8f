//! Diary, case, court-case and journal numbers. Forms: Offentlighets- och sekretesslagen 5:2 leaves them free, so cues and shapes of many
//! authorities are known here: nämnd + year + number, court letter + number-year (Domstolsverket), K-number of the police, AM- of the prosecutors.

use super::{Matcher, Rule, count_digits};
use crate::scan::Category;
use crate::scan::doc::{Doc, Found};

pub const RULE: Rule = Rule {
    name: "case-number",
    category: Category::Caseno,
    patterns: &[
        r"(?:[0-9]{4}[- ]?k[ -]?[0-9][0-9 ]{2,8}[-/ ][0-9]{2}|am[- ][0-9]{3,7}-[0-9]{2})",
        r"(?:b|t|ä|ö|f|p|k|m|n|u|ft|um|pmt|är|öä)[ -]?[0-9]{1,6}-[0-9]{2}",
        r"\b[a-zåäö]{2,5}(?:[ ./-][a-zåäö]{1,4})?[ ./:-]? ?(?:20)?[0-9]{2} ?[-/.:] ?[0-9]{2,6}(?:-[0-9]{1,3})?",
        r"(?:20)?[0-9]{2}[-/.][a-zåäö]{2,5}[-/.][0-9]{2,6}",
        r"[0-9]{1,2}\.[0-9]{1,2}(?:\.[0-9]{1,2})?-[0-9]{3,6}/(?:20)?[0-9]{2}(?:-[0-9]{1,3})?",
        r"(?:dnr|diarienr|diarienummer|diarie-nr|ärende|ärendet|ärendenr|ärendenummer|ärendenumret|diarienumret|målnumret|aktnumret|dossiernumret|målet|mål|målet|målnr|målnummer|grundmål|akt|akten|aktnr|aktnummer|aktbilaga|journalnr|journalnummer|journal|journalen|k-nr|k-nummer|knr|ref|referens|referensnummer|refnr|beteckning|handläggningsnummer|anmälan|polisanmälan|beslut|bekräftelse|bokning|dossiernr|dossiernummer|försäkringsnr|skadenr|skadenummer|kundnr|kundnummer|avvikelse|löpnr|löpnummer|remiss|remissnr|registreringsnr|ankomstnr|nummer|nr)[ .]{0,2}(?:nr|nummer|är|har)?[.:]? ?\(?((?:[a-zåäö]{1,5}[ ./-]?){0,3}[0-9][0-9a-zåäö]*(?: ?[./:-] ?[0-9a-zåäö]+| [0-9]{2,}){0,5})",
    ],
    find,
};

/// Collections of law and reports: what looks like a case number after these is public.
const LAW: &[&[u8]] = &[
    b"sosfs",
    b"sfs",
    b"prop",
    b"sou",
    b"ds",
    b"dir",
    b"hslf",
    b"fs",
    b"hslf-fs",
    b"nja",
    b"jo",
    b"hfd",
    b"r\xe5",
    b"mig",
    b"afs",
    b"rh",
    b"rk",
    b"ad",
    b"bet",
    b"skolfs",
    b"rskr",
    b"skr",
    b"kap",
    b"icd",
    b"dsm",
    b"sol",
    b"osl",
    b"lvu",
    b"lss",
    b"fb",
    b"version",
    b"v",
    b"vecka",
    b"art",
    b"artikel",
    b"uppl",
    b"sid",
    b"s",
    b"kl",
    b"ca",
    b"kvartal",
    b"ht",
    b"vt",
    b"termin",
    b"rutin",
    b"dos",
    b"bt",
    b"blodtryck",
    b"puls",
    b"den",
    b"till",
    b"och",
    b"f\xf6r",
    b"per",
    b"av",
    b"fr\xe5n",
    b"mellan",
    b"i",
    b"om",
    b"p\xe5",
    b"med",
    b"under",
    b"en",
    b"h\xf6gst",
    b"minst",
    b"tis",
    b"ons",
    b"tors",
    b"tor",
    b"fre",
    b"l\xf6r",
    b"s\xf6n",
    b"m\xe5n",
    b"\xe5k",
    b"jfr",
    b"kl",
    b"tid",
    b"skala",
    b"mmse",
    b"audit",
    b"januari",
    b"februari",
    b"mars",
    b"april",
    b"maj",
    b"juni",
    b"juli",
    b"augusti",
    b"september",
    b"oktober",
    b"november",
    b"december",
    b"jan",
    b"feb",
    b"apr",
    b"aug",
    b"sept",
    b"okt",
    b"nov",
    b"dec",
];

fn find(doc: &Doc, m: &Matcher, out: &mut Vec<Found>) {
    for (start, end) in m.ranges(0, doc) {
        if doc.free(start, end) {
            out.push(m.found(start, end, 0.95, "case-police"));
        }
    }
    for (start, end) in m.ranges(1, doc) {
        let upper = doc.n.cased[start].is_ascii_uppercase() || doc.n.cased[start] >= 0xc0 && doc.n.cased[start] < 0xe0;
        let court = doc
            .cue_before(
                start,
                6,
                &[
                    b"m\xe5l",
                    b"m\xe5let",
                    b"m\xe5lnr",
                    b"tingsr\xe4tt*",
                    b"hovr\xe4tt*",
                    b"f\xf6rvaltningsr\xe4tt*",
                    b"domen",
                    b"dom",
                    b"kronofogd*",
                    b"\xe4rende*",
                ],
            )
            .is_some();
        if doc.free(start, end) && (upper || court) && !range_like(doc, start, end) {
            out.push(m.found(start, end, 0.9, "case-court"));
        }
    }
    for (start, end) in m.ranges(4, doc) {
        if doc.free(start, end) {
            out.push(m.found(start, end, 0.9, "case-shape"));
        }
    }
    for n in [2, 3] {
        for (start, end) in m.ranges(n, doc) {
            let first = doc.lower(start, end).split(|b| !b.is_ascii_alphabetic() && *b < 0xc0).next().unwrap_or(b"");
            let upper = doc.n.cased[start..end].iter().any(u8::is_ascii_uppercase);
            let month = doc.tokens.get(doc.token_at(start)).is_some_and(|t| t.info.has(crate::scan::pack::MONTH));
            let label = doc.n.lower[start..end].windows(2).any(|w| w == b": ");
            if doc.free(start, end) && upper && !label && !LAW.contains(&first) && !month && count_digits(doc.lower(start, end)) >= 4 {
                out.push(m.found(start, end, 0.85, "case-shape"));
            }
        }
    }
    for (start, end) in m.groups(5, doc) {
        let text = doc.lower(start, end);
        let first = text.split(|b| !b.is_ascii_alphabetic() && *b < 0xc0).next().unwrap_or(b"");
        let money = doc.word_after(end, b" ").is_some_and(|t| {
            matches!(doc.word(t), b"kr" | b"kronor" | b"\xe5r" | b"procent" | b"timmar" | b"dagar" | b"m\xe5nader" | b"veckor" | b"st")
        });
        let enough = count_digits(text) >= 4 || (count_digits(text) >= 3 && text.iter().any(|b| matches!(b, b'/' | b'-')));
        if !doc.free(start, end) || !enough || LAW.contains(&first) || money || date_like(text) {
            continue;
        }
        out.push(m.found(start, end, 0.85, "case-after-word"));
    }
}

/// "2024-03-14" after "beslut" is a date; "2024" a year.
fn date_like(text: &[u8]) -> bool {
    let shape: Vec<u8> = text.iter().map(|b| if b.is_ascii_digit() { b'9' } else { *b }).collect();
    matches!(
        shape.as_slice(),
        b"9999-99-99" | b"9999" | b"99/9" | b"9/9" | b"9/99" | b"99/99" | b"999999" | b"999999-9999" | b"99999999-9999" | b"99999999"
    ) && (shape.len() != 4 || matches!(&text[..2], b"19" | b"20"))
}

/// "F 12-16" and the like: an age or class span after a letter.
fn range_like(doc: &Doc, start: usize, end: usize) -> bool {
    let text = doc.lower(start, end);
    let number = text.iter().skip_while(|b| !b.is_ascii_digit()).take_while(|b| b.is_ascii_digit()).count();
    number < 2
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
                ("dnr SN 2025/418.", "SN 2025/418"),
                ("tingsrätt, mål T 1187-24 vid", "T 1187-24"),
                ("anmälan 5000-K773014-24", "5000-K773014-24"),
                ("VON-2024-331", "VON-2024-331"),
                ("Ärende 2023/IFO-0712 avslutas", "2023/IFO-0712"),
                ("Målnumret är T 4471-24", "T 4471-24"),
                ("AM-48820-25", "AM-48820-25"),
            ],
            &["SOSFS 2014:5", "prop. 2012/13:10", "JO 2013/14 s. 321", "SoL 4:1", "beslut 2024-03-14", "avd 3", "ärende 2 av 3"],
        );
    }
}
