//! Days that can be pinned: ISO, day/month, day and month name, weekday with a day, month with a year, feasts with a year, days in words.

use super::{Matcher, Rule};
use crate::scan::Category;
use crate::scan::doc::{Case, Doc, Found};
use crate::scan::token::Shape;

mod words;
pub use words::{FEASTS, SEASONS};

pub const RULE: Rule = Rule {
    name: "date",
    category: Category::Date,
    patterns: &[
        r"(?:(?:mån|tis|ons|tors?|fre|lör|lörd|sön)(?:dag(?:en|s)?|\.)? (?:den )?)?(?:19|20)[0-9]{2}[-/. ](?:1[0-2]|0?[1-9])[-/. ](?:0[1-9]|[12][0-9]|3[01]|[1-9])\b",
        r"(?:(?:mån|tis|ons|tors?|tor|fre|fred|lör|lörd|sön|sö|ti|må|lö|fr)(?:dag(?:en|s)?|\.)? (?:den )?)?(?:den )?(?:[0-9]{1,2} ?- ?)?(?:3[01]|[12][0-9]|0?[1-9]) ?/ ?(?:1[0-2]|0?[1-9])(?:[ -/.](?:20)?[0-9]{2}|)",
        r"(?:(?:(?:mån|tis|ons|tors?|fre|lör|lörd|sön)(?:dag(?:en|s)?|\.)?,? )?(?:den )?)(?:(?:[0-9]{1,2}, )*[0-9]{1,2} (?:och|o) )?(?:3[01]|[12][0-9]|0?[1-9])(?:[:.]?[ae])?\.?(?: ?[-] ?(?:3[01]|[12][0-9]|0?[1-9])(?::?[ae])?)? ?(?:januari|jan|februari|febr?|mars|april|apr|maj|juni|juli|jun|jul|augusti|aug|september|sept?|oktober|okt|november|nov|december|dec)\b\.?(?:,? (?:19|20)[0-9]{2}|,? ?['-]?[0-9]{2}\b)?",
        r"(?:januari|jan|februari|febr?|mars|april|apr|maj|juni|juli|augusti|aug|september|sept?|oktober|okt|november|nov|december|dec)\.? (?:år )?'?(?:(?:19|20)[0-9]{2}|[0-9]{2}\b)",
        r"(?:(?:mån|tis|ons|tors?|fre|lör|sön)(?:dag(?:en|s)?|\.)? )?den (?:3[01]|[12][0-9]|0?[1-9])(?:[:.]?[aes](?:[ae])?)?\b",
        r"(?:midsommarafton|nyårsnatten|fettisdagen|midsommardagen|midsommar|julafton|juldagen|annandagen|annandag jul|nyårsafton|nyårsdagen|trettondagen|trettondagsafton|påskafton|påskdagen|annandag påsk|långfredagen|skärtorsdagen|valborgsmässoafton|valborg|kristi himmelsfärdsdag|kristi himmelsfärd|pingstafton|pingstdagen|allhelgona|alla helgons dag|lucia|luciadagen|(?:första|andra|tredje|fjärde) advent|nationaldagen|(?:våren|hösten|sommaren|vintern|julen|påsken|pingsten|nyåret)|vt|ht)(?: -| ')? ?(?:19|20)[0-9]{2}",
        r"(?:3[01]|[12][0-9]|0?[1-9])\.(?:1[0-2]|0?[1-9])\.(?:(?:19|20)?[0-9]{2})?",
        r"(?:3[01]|[12][0-9]|0?[1-9])[-/.](?:1[0-2]|0?[1-9])[-/](?:(?:19|20)[0-9]{2}|[0-9]{2})|[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])",
        r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,? )?(?:(?:january|february|march|april|may|june|july|august|october|december) [0-9]{1,2}(?:st|nd|rd|th)?,? [0-9]{4}|[0-9]{1,2}(?:st|nd|rd|th)? (?:of )?(?:january|february|march|may|june|july|august|october|december),?(?: [0-9]{4})?)",
        r"(?:3[01]|[12][0-9]|0?[1-9])[-.](?:jan|feb|mar|apr|maj|jun|jul|aug|sep|okt|nov|dec)[-.](?:20)?[0-9]{2}",
        r"(?:19|20)[0-9]{2}-(?:0[1-9]|1[0-2])",
        r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])\b",
        r"(?:3[01]|[12][0-9]|0?[1-9]) ?/ ?(?:1[0-2]|0?[1-9])(?: ?[-/] ?(?:19|20)?[0-9]{2}| (?:19|20)[0-9]{2})|(?:19|20)[0-9]{2} ?[wv] ?[0-9]{1,2}(?:-[1-7])?|v(?:ecka|\.)? ?[0-9]{1,2},? (?:19|20)[0-9]{2}|[ivx]{1,4}[./](?:19|20)[0-9]{2}|(?:19|20)[0-9]{2}-[ivx]{1,4}-[0-9]{1,2}|1[34][0-9]{2}-(?:1[0-2]|0?[1-9])-(?:3[01]|[12][0-9]|0?[1-9])",
        r"(?:mån|tis|ons|tors?|fre|lör|lörd|sön)(?:dag(?:en|s)?|\.)? (?:3[01]|[12][0-9]|0?[1-9])[./](?:1[0-2]|0?[1-9])\.?",
        // Letters for digits ("2O25-O2-l4").
        r"(?:[1l]9|2[0o])[0-9ol]{2}[-/.][01ol][0-9ol][-/.][0-3ol][0-9ol]",
    ],
    find,
};

/// Tests and scales whose results look like days ("AUDIT 9/12").
const SCALES: &[&[u8]] = &[
    b"audit",
    b"apgar",
    b"uncope",
    b"dudit",
    b"mmse",
    b"mmt",
    b"moca",
    b"vas",
    b"nrs",
    b"gaf",
    b"phq",
    b"gad",
    b"madrs",
    b"norton",
    b"mna",
    b"barthel",
    b"bt",
    b"blodtryck",
    b"po\xe4ng",
    b"skala",
    b"resultat",
    b"grupp",
    b"steg",
    b"prop",
    b"kap",
    b"aq",
    b"bdi",
    b"rcads",
    b"sdq",
    b"adl",
    b"katz",
    b"news",
    b"tug",
    b"minnestest",
    b"resultatet",
];

fn find(doc: &Doc, m: &Matcher, out: &mut Vec<Found>) {
    words::find(doc, m, out);
    for n in 0..RULE.patterns.len() {
        for (start, mut end) in m.ranges(n, doc) {
            while end > start + 1 && matches!(doc.n.lower[end - 1], b'.' | b' ') {
                end -= 1;
            }
            let joined = n == 7 && doc.n.lower.get(end).is_some_and(|b| matches!(b, b'-' | b'/' | b'+'))
                || n == 7 && start > 0 && matches!(doc.n.lower[start - 1], b'-' | b'/');
            if !doc.free(start, end) || joined {
                continue;
            }
            let text = doc.lower(start, end);
            let ok = match n {
                // "4/6" may be a score: after an abbreviation, or before a word that counts.
                1 => !score(doc, start, end),
                // "maj 24" may be "i maj tre barn": a two-digit year needs nothing to count after it.
                3 => {
                    text[text.len() - 3] != b' ' && text[text.len() - 3] != b'\''
                        || doc.word_after(end, b"").is_none_or(|t| t.info.ordinary() > 1)
                }
                // "den 3" alone is no date ("den 3 personer stora"): a marked ordinal or a weekday, or nothing that counts after it.
                4 => {
                    let rest = &doc.n.lower[end..];
                    let sum = matches!(rest, [b'.' | b' ', d, ..] if d.is_ascii_digit());
                    let monthly = doc.word_after(end, b"").is_some_and(|t| doc.word(t) == b"i" || doc.word(t) == b"varje");
                    !(sum || monthly && text.contains(&b':')) && text.iter().any(|b| matches!(b, b':'))
                        || !sum
                            && !text.contains(&b':')
                            && (!text.starts_with(b"den")
                                || doc.word_after(end, b"").is_none_or(|t| t.info.ordinary() > 2 || doc.word(t) == b"kl"))
                }
                6 => text.iter().filter(|b| **b == b'.').count() == 2 && text.len() > 5,
                // "den andra", "den tredje" are ordinary words: only with weekday or month, or from "fjortonde" on.
                // "14.05–14.20" is a time, "Apgar 9-10-10" a score.
                7 => {
                    let clock = text[2..].starts_with(b".") && text.contains(&b'-');
                    !clock
                        && (text.len() > 7
                            || text[text.len() - 2..] > b"15"[..]
                                && doc.word_before(start, b"").is_none_or(|t| !SCALES.contains(&doc.word(t))))
                }
                10 => doc.n.lower.get(end).is_none_or(|b| *b != b'-'),
                _ => true,
            };
            let law = doc.word_before(start, b".").is_some_and(|t| {
                matches!(
                    doc.word(t),
                    b"sosfs"
                        | b"sfs"
                        | b"prop"
                        | b"sou"
                        | b"jo"
                        | b"nja"
                        | b"hfd"
                        | b"bet"
                        | b"ds"
                        | b"dir"
                        | b"version"
                        | b"rutin"
                        | b"dnr"
                )
            });
            if ok && !law {
                out.push(m.found(start, end, 0.85, "date"));
            }
        }
    }
}

fn score(doc: &Doc, start: usize, end: usize) -> bool {
    let counts = doc.word_after(end, b" ").is_some_and(|t| {
        matches!(
            doc.word(t),
            b"po\xe4ng"
                | b"p"
                | b"tablett"
                | b"tabletter"
                | b"tabl"
                | b"r\xe4tt"
                | b"r\xe4tta"
                | b"del"
                | b"delar"
                | b"timme"
                | b"liter"
                | b"dos"
                | b"mg"
                | b"portion"
                | b"tablett."
                | b"\xe5r"
                | b"hel"
                | b"heltid"
        )
    });
    // "3/4 tid" is a part, "19/3 Tid 11.05" a day.
    let part = end - start == 3
        && doc.lower(start, end)[0] < doc.lower(start, end)[2]
        && doc.word_after(end, b" ").is_some_and(|t| doc.word(t) == b"tid");
    let test = part
        || doc.word_before(start, b":=").is_some_and(|t| {
            SCALES.contains(&doc.word(t)) || t.shape == Shape::Upper && t.len() > 3 && doc.case != Case::Upper && t.info.0 == 0
        });
    counts || test || doc.n.lower.get(end) == Some(&b'%') || start > 0 && matches!(doc.n.lower[start - 1], b'/' | b',')
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
                ("den 14 mars kom", "den 14 mars"),
                ("mötet 14/3 blev", "14/3"),
                ("2024-03-14", "2024-03-14"),
                ("tisdagen den 3:e på", "tisdagen den 3:e"),
                ("midsommarafton 2023", "midsommarafton 2023"),
                ("i mars 2024 kom", "mars 2024"),
                ("torsdagen den fjortonde", "torsdagen den fjortonde"),
                ("mån 2 sept 24", "mån 2 sept 24"),
                ("den fjortonde mars nittonhundraåttioett.", "den fjortonde mars nittonhundraåttioett"),
                ("Huskvarna, tolfte tolfte tjugofyra", "tolfte tolfte tjugofyra"),
                ("betald till september -24, och", "september -24"),
                ("till den sista februari 2025.", "sista februari 2025"),
                ("nu på söndag, den 24:e. Sen", "söndag, den 24:e"),
                ("i söndags den åttonde. Den", "söndags den åttonde"),
                ("via Prator 14 okt 2024, kl", "14 okt 2024"),
                ("Datum: 22/1-25  Tid", "22/1-25"),
                ("född 2/7 1951, enligt", "2/7 1951"),
                ("i Växjö 14-06-2019, mål", "14-06-2019"),
                ("sedan vecka 38, 2024.", "vecka 38, 2024"),
                ("frigivning tredje advent sa", "tredje advent"),
                ("Thursday, March 6, 2025", "Thursday, March 6, 2025"),
            ],
            &[
                "i mars",
                "på måndag",
                "i förra veckan",
                "AUDIT 14/20",
                "den andra gången",
                "prop. 2012/13:10",
                "1/2 tablett",
                "kl 10.30",
                "i tredje hand",
                "den första kontakten",
                "den sjunde gången",
                "i maj tre barn",
            ],
        );
    }
}
