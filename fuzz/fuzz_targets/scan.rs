//! Any text: no panic, findings in order and in bounds, nothing changed outside them, and a masked text that is clean.
//! `cargo +nightly fuzz run scan --no-default-features --target-dir target/fuzz`

#![no_main]

use libfuzzer_sys::fuzz_target;
use radrum::scan::{Reference, Scanner};

fuzz_target!(|text: &str| {
    let scanner = Scanner::shared();
    let report = scanner.scan(text);
    let chars: Vec<char> = text.chars().collect();
    let (mut at, mut rebuilt) = (0, String::new());
    for f in &report.findings {
        assert!(at <= f.start && f.start < f.end && f.end <= chars.len(), "{f:?}");
        rebuilt.extend(&chars[at..f.start]);
        rebuilt.push_str(&f.replacement);
        at = f.end;
    }
    rebuilt.extend(&chars[at..]);
    assert_eq!(rebuilt, report.redacted);
    assert!(report.notes.iter().all(|n| n.start < n.end && n.end <= chars.len()));
    let again = scanner.scan(&report.redacted);
    assert!(again.findings.is_empty(), "{:?} still holds {:?}", report.redacted, again.findings);
    let risk = scanner.risk(&[text], Reference::default());
    assert!(risk.people <= risk.population);
});
