//! What must hold for every text: no panic, findings in order and in bounds, nothing changed outside them, and a masked text that is clean.

use proptest::prelude::*;

use super::text::Normal;
use super::{Report, Scanner};

/// Checks the promises of a report, whatever the text.
fn holds(text: &str) -> Result<Report, TestCaseError> {
    let report = Scanner::shared().scan(text);
    let chars: Vec<char> = text.chars().collect();
    let mut at = 0;
    let mut rebuilt = String::new();
    for f in &report.findings {
        prop_assert!(at <= f.start && f.start < f.end && f.end <= chars.len(), "{f:?} after {at} in {text:?}");
        rebuilt.extend(&chars[at..f.start]);
        rebuilt.push_str(&f.replacement);
        at = f.end;
    }
    rebuilt.extend(&chars[at..]);
    prop_assert_eq!(&rebuilt, &report.redacted);
    let normal: String = Normal::new(text).lower.iter().map(|b| *b as char).collect();
    for f in report.findings.iter().chain(&report.notes) {
        let context = f.evidence.context.as_deref().unwrap_or_default();
        prop_assert!(normal.contains(context), "{context:?} is not in {text:?}");
    }
    for n in &report.notes {
        prop_assert!(n.start < n.end && n.end <= chars.len());
    }
    let again = Scanner::shared().scan(&report.redacted);
    prop_assert!(again.findings.is_empty(), "{text:?} -> {:?} still holds {:?}", report.redacted, again.findings);
    Ok(report)
}

/// Pieces that recognizers react to, to be strung together at random.
const PIECES: &[&str] = &[
    "Anna",
    "anna",
    "ANNA",
    "Svensson",
    "von",
    "Essen",
    "Björn",
    "björn",
    "My",
    "i",
    "på",
    "hos",
    "från",
    "Borås",
    "Å",
    "Ed",
    "kommun",
    "förskolan",
    "Rallarrosen",
    "IF",
    "skola",
    "och",
    "&",
    "/",
    "//",
    "Mvh",
    "Hej",
    "heter",
    "mamma",
    "doktor",
    "K",
    "A.K.",
    "850312-9811",
    "8503129811",
    "19850312",
    "070-174 06 63",
    "0701740663",
    "+46",
    "noll",
    "sju",
    "fyrtioett",
    "Storgatan",
    "14",
    "B",
    ",",
    ".",
    ":",
    ";",
    "-",
    "(",
    ")",
    "43",
    "år",
    "är",
    "(12)",
    "14/3",
    "mars",
    "2024",
    "den",
    "3:e",
    "SN",
    "2025/418",
    "dnr",
    "T 1187-24",
    "SoL",
    "11 kap.",
    "§",
    "UXW59U",
    "@anna_b",
    "a@b.example",
    "snabel-a",
    "punkt",
    "514 80",
    "Björknäs 1:42",
    "IBAN",
    "SE45 8000 0810 3408 4972 5731",
    "pass",
    "AA4471902",
    "somalisk",
    "från Irak",
    "brandman",
    "trillingar",
    "[person 1]",
    "[",
    "]",
    "[telefon]",
    "\n",
    "\t",
    "\u{200b}",
    "é",
    "\u{30a}",
    "ﬁ",
    "𝐀",
    "Анна",
    "محمد",
    "👍",
    "Müller",
    "ing-britt",
    "\"",
    "'s",
    "A n n a",
    "kör",
    "timmerbil",
    "enda",
    "i byn",
    "syndrom",
];

fn strung() -> impl Strategy<Value = String> {
    prop::collection::vec((0..PIECES.len(), prop::sample::select(vec![" ", " ", " ", "", "\n", "-"])), 0..24)
        .prop_map(|v| v.into_iter().map(|(i, sep)| format!("{}{sep}", PIECES[i])).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn holds_for_any_string(text in any::<String>()) {
        holds(&text)?;
    }

    #[test]
    fn holds_for_pieces(text in strung()) {
        holds(&text)?;
    }
}

#[test]
fn holds_for_the_corpora() {
    for file in [
        include_str!("../../tests/corpus/dev.jsonl"),
        include_str!("../../tests/corpus/train1.jsonl"),
        include_str!("../../tests/corpus/train6.jsonl"),
        include_str!("../../tests/corpus/train7.jsonl"),
        include_str!("../../tests/corpus/train9.jsonl"),
    ] {
        for line in file.lines() {
            let doc: serde_json::Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("the corpus: {e}"));
            let text = doc["text"].as_str().unwrap_or_default();
            for text in [text, &text.to_uppercase()] {
                if let Err(e) = holds(text) {
                    panic!("{}: {e}", doc["id"]);
                }
            }
        }
    }
}

#[test]
fn worst_cases_stay_linear_and_whole() {
    for piece in ["1", "A", "a", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "[", "1 ", "a-", "Anna ", "@", "0701740663", "ä", "i ", "ett "] {
        let text = piece.repeat(20_000 / piece.len());
        let report = Scanner::shared().scan(&text);
        assert!(report.findings.iter().all(|f| f.end <= text.chars().count()));
    }
}
