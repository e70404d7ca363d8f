//! How fast the scanner is, against two yardsticks in the same run: `cargo bench --no-default-features --bench scan`.
//!
//! Times are the thread's own on the processor where the system tells them (Linux), so that neighbours disturb less. The corpora of tests/corpus, repeated.

use std::collections::BTreeSet;
use std::fs;
use std::hint::black_box;
use std::time::Instant;

use aho_corasick::{AhoCorasick, MatchKind};
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
    row("yardstick: the sequence model's own library", "no model yet".into(), "");

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
            // Where a quarter takes a minute, the whole is not waited for.
            if *s > 60.0 {
                break;
            }
        }
        let speed = |n: usize| (size >> (2 - n)) as f64 / MB / seconds[n];
        let (against, growth) = (normal / speed(2), seconds[2] / seconds[0]);
        let over = !(short || against < 3.0 && growth < 6.0 && growth > 0.0);
        bad += over as usize;
        println!(
            "  {what:36} {:9.2} {:9.2} {:9.2}   {against:6.2}   {growth:6.2}{}",
            speed(0),
            speed(1),
            speed(2),
            if over { "   OVER" } else { "" }
        );
    }
    println!("{bad} worst cases over their limits");
}
