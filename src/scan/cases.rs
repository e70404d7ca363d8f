//! Texts and what they look like masked: one table for what recognizers do together.

use super::{Level, Scanner};

const MASKED: &[(&str, &str)] = &[
    // Names by list, cue, form and again.
    ("Hej Anna! Annas mamma ringde.", "Hej [person 1]! [person 1] mamma ringde."),
    ("Anna Svensson och Erik. Svensson bor kvar.", "[person 1] och [person 2]. [person 1] bor kvar."),
    ("Vi träffade fru Zarqandi i går.", "Vi träffade fru [person 1] i går."),
    ("han heter jocke o e arg", "han heter [person 1] o e arg"),
    ("Handläggare: Åsa-Britt Fägerstrand", "Handläggare: [person 1]"),
    ("Mvh\nK. Lind", "Mvh\n[person 1]"),
    ("Tom och Kim satt kvar.", "[person 1] och [person 2] satt kvar."),
    ("Jürgen von der Decken kom.", "[person 1] kom."),
    // Names that are words.
    ("Björn ringde. I skogen såg vi en björn.", "[person 1] ringde. I skogen såg vi en björn."),
    ("I maj ska almen fällas.", "I maj ska almen fällas."),
    // Structured identifiers and their neighbours.
    ("Född 850312, sista fyra 9811.", "Född [personnummer], sista fyra [personnummer]."),
    ("Ring 070-174 06 63 efter kl. 10.", "Ring [telefon] efter kl. 10."),
    ("Bor på Storgatan 14 B, 3 tr, 514 80 Tranemo.", "Bor på [adress], [postnummer] [ort]."),
    // Indirect.
    ("Pojken är 8 år och går på Pilskolan i Borås.", "Pojken är [7–9 år] och går på [skola] i [större ort]."),
    ("Hon är somalisk, pappan jobbar som brandman.", "Hon är [ursprung], pappan jobbar som [yrke]."),
    ("Mötet var den 14 mars 2024.", "Mötet var [datum i mars]."),
    // Safe.
    ("Enligt 11 kap. 1 § SoL och lex Sarah.", "Enligt 11 kap. 1 § SoL och lex Sarah."),
    ("Han har Parkinsons och får Madopar.", "Han har Parkinsons och får Madopar."),
    ("Försäkringskassan nekade. BUP tar vid i mars.", "Försäkringskassan nekade. BUP tar vid i mars."),
];

#[test]
fn masks_as_the_table_says() {
    let wrong: Vec<String> = MASKED
        .iter()
        .filter_map(|(text, wanted)| {
            let got = Scanner::shared().scan(text).redacted;
            (got != *wanted).then(|| format!("{text:?}\n  wanted {wanted:?}\n  got    {got:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn direct_blocks_and_indirect_warns() {
    let report = Scanner::shared().scan("Anna bor i Borås.");
    let levels: Vec<Level> = report.findings.iter().map(|f| f.level).collect();
    assert_eq!(levels, [Level::Block, Level::Warn]);
    assert!(report.findings.iter().all(|f| !f.evidence.reason.is_empty() && f.evidence.score > 0.5));
}

#[test]
fn offsets_count_code_points_of_the_authors_text() {
    let text = "👍 å\u{30a} A\u{200b}nna ringde";
    let report = Scanner::shared().scan(text);
    let found: Vec<String> = report.findings.iter().map(|f| text.chars().skip(f.start).take(f.end - f.start).collect()).collect();
    assert_eq!(found, ["A\u{200b}nna"]);
}

/// Every reason that the corpora bring out has its Swedish sentence in docs/scanner.md.
#[test]
fn every_reason_has_its_sentence() {
    let docs = include_str!("../../docs/scanner.md");
    for file in [
        include_str!("../../tests/corpus/train1.jsonl"),
        include_str!("../../tests/corpus/train6.jsonl"),
        include_str!("../../tests/corpus/train8.jsonl"),
    ] {
        for line in file.lines() {
            let doc: serde_json::Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("the corpus: {e}"));
            let report = Scanner::shared().scan(doc["text"].as_str().unwrap_or_default());
            for f in report.findings.iter().chain(&report.notes) {
                assert!(docs.contains(&format!("| {} |", f.evidence.reason)), "{} has no sentence in docs/scanner.md", f.evidence.reason);
            }
        }
    }
}

/// The masks make the text longer: what is found only in the masked text has its neighbouring word there too.
#[test]
fn a_word_beside_what_masking_laid_bare_is_carried_back() {
    let text = "har g r A.K:s syster J bor i ";
    let report = Scanner::shared().scan(text);
    assert!(!report.findings.is_empty());
    for context in report.findings.iter().filter_map(|f| f.evidence.context.as_deref()) {
        assert!(text.to_lowercase().contains(context), "{context}");
    }
}
