//! How fast the scanner is, against two yardsticks in the same run: `cargo bench --no-default-features --bench scan`.
//!
//! Times are the thread's own on the processor where the system tells them (Linux), so that neighbours disturb less. The corpora of tests/corpus, repeated.

use std::collections::BTreeSet;
use std::fs;
use std::hint::black_box;
use std::time::Instant;

use aho_corasick::{AhoCorasick, MatchKind};
use crfs::train::Trainer;
use crfs::{Attribute, Model};
use radrum::scan::Scanner;

const MB: f64 = 1_000_000.0;

fn root(path: &str) -> String {
    format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))
}

/// Seconds that this thread has been on a processor; the wall's clock where the system does not say.
fn now(start: Instant) -> f64 {
    fs::read_to_string("/proc/thread-self/schedstat")
        .ok()
        .and_then(|s| s.split(' ').next()?.parse::<f64>().ok())
        .map_or_else(|| start.elapsed().as_secs_f64(), |ns| ns / 1e9)
}

fn time<T>(work: impl FnOnce() -> T) -> f64 {
    let wall = Instant::now();
    let from = now(wall);
    black_box(work());
    (now(wall) - from).max(1e-9)
}

fn peak_mb() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let kib: f64 = status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?.split_whitespace().next()?.parse().ok()?;
    Some(kib * 1024.0 / MB)
}

fn texts() -> Vec<String> {
    let mut files: Vec<_> = fs::read_dir(root("tests/corpus"))
        .expect("the corpora")
        .map(|e| e.expect("an entry").path())
        .filter(|p| p.extension().is_some_and(|e| e == "jsonl"))
        .collect();
    files.sort();
    files
        .iter()
        .flat_map(|p| fs::read_to_string(p).expect("a corpus").lines().map(str::to_owned).collect::<Vec<_>>())
        .filter_map(|l| serde_json::from_str::<serde_json::Value>(&l).ok()?.get("text")?.as_str().map(str::to_owned))
        .collect()
}

/// How fast the library of conditional random fields that Rust has (crfs, a port of CRFsuite) labels the texts: a model of its own training, on what the
/// scanner finds, with far fewer features than the scanner's. Only its inference is timed; the features are made before. Gives MB/s and features a token.
fn library(scanner: &Scanner, texts: &[String], parts: usize) -> (f64, usize) {
    let texts = &texts[..texts.len() * parts / 20];
    let sequence = |text: &str| {
        let words: Vec<&str> = text.split_inclusive([' ', '\n']).collect();
        let word = |i: usize, d: isize| i.checked_add_signed(d).and_then(|i| words.get(i)).map_or("", |w| w.trim());
        let attributes = |i: usize| {
            let w = word(i, 0);
            let mut all: Vec<String> = (-3..=3).map(|d| format!("{d}{}", word(i, d))).collect();
            all.extend([(-1, 0), (0, 1), (-1, 1), (-2, -1), (1, 2)].map(|(a, b)| format!("{a}{b}{}|{}", word(i, a), word(i, b))));
            for (at, c) in w.char_indices().skip(1).take(5) {
                all.push(format!("<{}", &w[..at + c.len_utf8()]));
            }
            all.extend(w.char_indices().rev().take(5).map(|(at, _)| format!(">{}", &w[at..])));
            for d in [-1, 0, 1] {
                let form = |c: char| {
                    if c.is_numeric() {
                        '9'
                    } else if c.is_uppercase() {
                        'A'
                    } else if c.is_alphabetic() {
                        'a'
                    } else {
                        c
                    }
                };
                all.push(format!("{d}/{}", word(i, d).chars().map(form).collect::<String>()));
            }
            all.into_iter().map(|a| Attribute::new(a, 1.0)).collect::<Vec<_>>()
        };
        let report = scanner.scan(text);
        let mut at = 0;
        let labels: Vec<String> = words
            .iter()
            .map(|w| {
                let (start, end) = (at, at + w.chars().count());
                at = end;
                let over = report.findings.iter().find(|f| f.start < end && start < f.end);
                over.map_or("nothing".into(), |f| format!("{:?}{}", f.category, f.start >= start))
            })
            .collect();
        ((0..words.len()).map(attributes).collect::<Vec<_>>(), labels)
    };
    let all: Vec<_> = texts.iter().map(|t| sequence(t)).collect();
    let tokens: usize = all.iter().map(|(a, _)| a.len()).sum();
    let attributes: usize = all.iter().flat_map(|(a, _)| a).map(Vec::len).sum();
    let mut trainer = Trainer::averaged_perceptron().with_max_iterations(2).expect("a number of rounds");
    all.iter().for_each(|(attributes, labels)| trainer.append(attributes, labels).expect("a sequence"));
    let file = tempfile::NamedTempFile::new().expect("a file");
    trainer.train(file.path()).expect("a trained model");
    let bytes = fs::read(file.path()).expect("the model");
    let model = Model::new(&bytes).expect("a model");
    let tagger = model.tagger().expect("a tagger");
    let seconds = time(|| all.iter().map(|(a, _)| tagger.tag(a).expect("labels").len()).sum::<usize>());
    let size: usize = texts.iter().map(String::len).sum();
    (size as f64 / MB / seconds, attributes / tokens.max(1))
}

fn row(what: &str, value: String, wanted: &str) {
    println!("{what:52} {value:>14}   {wanted}");
}

fn main() {
    // Cargo runs benches in its test run too; then one short pass is enough.
    let short = !std::env::args().any(|a| a == "--bench");
    let wall = Instant::now();
    let scanner = Scanner::new();
    black_box(scanner.scan("Ring Anna Lind på 070-174 06 63, hon är 43 år."));
    row("start-up with a first scan", format!("{:.1} ms", wall.elapsed().as_secs_f64() * 1000.0), "< 50 ms");

    let texts = texts();
    let bytes: usize = texts.iter().map(String::len).sum();
    let target = if short { bytes } else { 20_000_000 };
    let rounds = target.div_ceil(bytes);
    let before = peak_mb();
    let seconds = time(|| (0..rounds).map(|_| texts.iter().map(|t| scanner.scan(t).findings.len()).sum::<usize>()).sum::<usize>());
    let normal = (rounds * bytes) as f64 / MB / seconds;
    row(&format!("whole pipeline, {} MB, one core", rounds * bytes / 1_000_000), format!("{normal:.2} MB/s"), ">= 5, aim 25 MB/s");
    if let (Some(a), Some(b)) = (before, peak_mb()) {
        row("memory at most, with the corpora held", format!("{b:.0} MB (+{:.0})", b - a), "< 80 MB");
    }

    let all = texts.join("\n");
    let mut pieces: Vec<&str> = Vec::new();
    let mut at = 0;
    while at < all.len() {
        let end = all.ceil_char_boundary((at + 2048).min(all.len()));
        pieces.push(&all[at..end]);
        at = end;
    }
    // The system counts the time of a thread in ticks, too coarse here: the best of five by the wall's clock.
    let mut each: Vec<f64> = pieces
        .iter()
        .map(|p| {
            let once = |_| {
                let wall = Instant::now();
                black_box(scanner.scan(p));
                wall.elapsed().as_secs_f64()
            };
            (0..5).map(once).fold(f64::MAX, f64::min)
        })
        .collect();
    each.sort_by(f64::total_cmp);
    row("a message of 2 KB, median", format!("{:.3} ms", each[each.len() / 2] * 1000.0), "");
    row("a message of 2 KB, 99 of 100 below", format!("{:.3} ms", each[each.len() * 99 / 100] * 1000.0), "< 1 ms");

    let names: BTreeSet<String> = fs::read_to_string(root("wordlists/names.txt"))
        .expect("the names")
        .lines()
        .filter_map(|l| l.split_once(' ').map(|(n, _)| n.to_owned()))
        .collect();
    let yardstick = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&names).expect("an automaton");
    let lower = all.to_lowercase();
    let seconds = time(|| yardstick.find_iter(&lower).count());
    row(&format!("yardstick: bare aho-corasick, {} names", names.len()), format!("{:.2} MB/s", lower.len() as f64 / MB / seconds), "");
    let (speed, attributes) = library(&scanner, &texts, if short { 2 } else { 20 });
    row(&format!("yardstick: the crfs library, {attributes} attributes a token"), format!("{speed:.2} MB/s"), "");

    println!(
        "\nworst cases: MB/s for a quarter of a MB, a half, a whole; time per byte against the text above (< 3); time of the whole against the quarter (< 6)"
    );
    let size = if short { 20_000 } else { 1_000_000 };
    let name_list =
        names.iter().take(5_000).map(|n| format!("{}{} ", n[..1].to_uppercase(), &n[1..])).filter(|n| n.is_ascii()).collect::<String>();
    let mut bad = 0;
    for (what, piece) in [
        ("digits", "1234567890"),
        ("one digit", "0"),
        ("digits, a space each", "0 7 0 1 "),
        ("capitals", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
        ("one letter", "a"),
        ("one capital letter, a space each", "A "),
        ("nested brackets", "["),
        ("brackets, opened and closed", "[[]]"),
        ("@", "@"),
        ("a@", "a@"),
        ("a.", "a."),
        ("spaces", " "),
        ("line breaks", "\n"),
        ("names", name_list.as_str()),
        ("one name", "Anna "),
        ("number words", "ett två tre fyra sju nio "),
        ("numbers and commas", "12, 13, "),
        ("dashes", "1-"),
        ("underscores", "a_"),
        ("<<", "<<"),
        ("compound of no end", "barnavårdsmannaskap"),
        ("street after street", "Storgatan 14 B, 3 tr, "),
        ("combining marks", "a\u{308}\u{30a}"),
        ("Cyrillic in Latin", "Аnа"),
        ("cue after cue", "dnr ärende mål "),
        ("number after number", "0701740663 "),
        ("numbers a space each", "1 22 333 "),
        ("masks", "[person 1] "),
        ("many findings", "Ring Anna Lind på 070-174 06 63, hon är 43 år. "),
        ("name and colon, a line each", "Anna:\n"),
        ("quotes", "\"a"),
    ] {
        let mut seconds = [0.0; 3];
        for (n, s) in seconds.iter_mut().enumerate() {
            let text = piece.repeat((size >> (2 - n)) / piece.len());
            *s = time(|| scanner.scan(&text));
            // What is over within a few ticks is timed over many rounds.
            if *s < 0.05 {
                *s = time(|| (0..20).map(|_| scanner.scan(&text).findings.len()).sum::<usize>()) / 20.0;
            }
            // Where a quarter takes a minute, the whole is not waited for.
            if *s > 60.0 {
                break;
            }
        }
        let speed = |n: usize| (size >> (2 - n)) as f64 / MB / seconds[n];
        let (against, growth) = (normal / speed(2), seconds[2] / seconds[0]);
        let over = !short && (against >= 3.0 || growth >= 6.0 || growth <= 0.0);
        bad += over as usize;
        println!(
            "  {what:36} {:9.2} {:9.2} {:9.2}   {against:6.2}   {growth:6.2}{}",
            speed(0),
            speed(1),
            speed(2),
            if over { "   OVER" } else { "" }
        );
    }
    if let Some(most) = peak_mb() {
        row("memory at most, with the yardsticks and the worst cases", format!("{most:.0} MB"), "");
    }
    println!("{bad} worst cases over their limits");
}
