//! The scanner's figures on the gold corpus, held above a floor that only rises (tests/corpus/floor.json), and the stream's flat memory.
//!
//! The score is tests/corpus/score.py's, written again: a gold span is caught when all its letters and digits lie inside findings.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use radrum::scan::{Category, Scanner};
use serde_json::Value;

const DIRECT: &[&str] =
    &["PERSON", "PNR", "PHONE", "EMAIL", "HANDLE", "ADDRESS", "POSTCODE", "ACCOUNT", "CASENO", "PLATE", "PROPERTY", "IDNO"];
const SMALL: &str = "från i på ur av med om till vid för och som är var blev den det de en ett ca cirka snart nästan drygt knappt talar pratar talande född föddes f fyllt fyller fyllde år åring årig åriga gammal gammalt gamla månader månad mån veckor vecka dagar ursprungligen kommer flytt flydde uppvuxen enbart bara klockan kl årige";

/// Share of direct, of indirect and of each label that was caught, and of findings that touch gold.
fn score(name: &str) -> BTreeMap<String, f64> {
    let path = format!("{}/tests/corpus/{name}.jsonl", env!("CARGO_MANIFEST_DIR"));
    let file = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
    let mut seen: BTreeMap<String, (u32, u32)> = BTreeMap::new();
    let (mut findings, mut alarms) = (0u32, 0u32);
    for line in file.lines() {
        let doc: Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("{path}: {e}"));
        let text: Vec<char> = doc["text"].as_str().unwrap_or_default().chars().collect();
        let report = Scanner::shared().scan(doc["text"].as_str().unwrap_or_default());
        let mut inside = vec![false; text.len()];
        let mut gold = vec![false; text.len()];
        report.findings.iter().for_each(|f| inside[f.start..f.end].fill(true));
        for span in doc["spans"].as_array().into_iter().flatten() {
            let (a, b) = (span[0].as_u64().unwrap_or(0) as usize, span[1].as_u64().unwrap_or(0) as usize);
            let label = span[2].as_str().unwrap_or_default();
            gold[a..b].fill(true);
            let caught = caught(&text, &inside, a, b, label);
            let group = if DIRECT.contains(&label) { "direct" } else { "indirect" };
            for key in [label, group] {
                let row = seen.entry(key.to_owned()).or_default();
                row.0 += caught as u32;
                row.1 += 1;
            }
        }
        for f in &report.findings {
            findings += 1;
            alarms += !gold[f.start..f.end].contains(&true) as u32;
        }
    }
    let mut out: BTreeMap<String, f64> = seen.into_iter().map(|(k, (hit, n))| (k, f64::from(hit) / f64::from(n))).collect();
    out.insert("precision".into(), f64::from(findings - alarms) / f64::from(findings.max(1)));
    out
}

fn caught(text: &[char], inside: &[bool], a: usize, b: usize, label: &str) -> bool {
    let mut left: Vec<usize> = (a..b).filter(|i| text[*i].is_alphanumeric() && !inside[*i]).collect();
    if !left.is_empty() && !DIRECT.contains(&label) && inside[a..b].contains(&true) {
        let mut i = a;
        while i < b {
            let end = (i..b).find(|j| !text[*j].is_alphanumeric() && text[*j] != '_').unwrap_or(b);
            let word: String = text[i..end].iter().collect::<String>().to_lowercase();
            if !word.is_empty() && SMALL.split(' ').any(|s| s == word) {
                left.retain(|j| !(i..end).contains(j));
            }
            i = end + 1;
        }
    }
    left.is_empty() || (left == [b - 1] && matches!(text[b - 1], 's' | 'S') && b - a > 2)
}

#[test]
fn the_figures_stay_above_the_floor() {
    let floors: Value = serde_json::from_str(include_str!("../corpus/floor.json")).expect("floor.json is JSON");
    for (file, wanted) in floors.as_object().expect("floor.json is an object") {
        let got = score(file);
        for (key, floor) in wanted.as_object().expect("each file has its floors") {
            let floor = floor.as_f64().expect("a floor is a number");
            assert!(got[key] >= floor, "{file} {key}: {:.4} is below the floor {floor}; all: {got:?}", got[key]);
        }
    }
}

#[test]
fn categories_are_named_as_in_the_guide() {
    assert_eq!(serde_json::to_value(Category::Pnr).ok(), Some(Value::from("PNR")));
    assert!(Category::Person.is_indirect() != Category::Location.is_indirect());
}

/// The most memory a process has held, in KiB (Linux only; elsewhere nothing is compared).
fn peak(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?.split_whitespace().next()?.parse().ok()
}

/// Feeds the program itself, whose memory no other test shares, and reads its answers as they come.
#[test]
fn a_hundred_thousand_lines_stream_in_order_with_flat_memory() {
    const LINES: usize = 100_000;
    let mut child = Command::new(env!("CARGO_BIN_EXE_radrum"))
        .args(["scan", "--jsonl"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut input = child.stdin.take().expect("its input is piped");
    let feeder = std::thread::spawn(move || {
        for id in 0..LINES {
            writeln!(input, "{{\"id\":{id},\"text\":\"Ring Anna Lind på 070-174 06 63, hon är 43 år.\"}}").expect("it reads on");
        }
    });
    let (mut early, mut late, mut lines) = (None, None, 0);
    for (id, line) in BufReader::new(child.stdout.take().expect("its output is piped")).lines().enumerate() {
        let line: Value = serde_json::from_str(&line.expect("UTF-8")).expect("JSON");
        assert_eq!(line["id"].as_u64(), Some(id as u64), "in order");
        match id {
            2_000 => early = peak(child.id()),
            97_000 => late = peak(child.id()),
            _ => {}
        }
        lines += 1;
    }
    feeder.join().expect("all was fed");
    assert!(child.wait().expect("it ends").success());
    assert_eq!(lines, LINES);
    if let (Some(early), Some(late)) = (early, late) {
        // The input is 8 MB and the output 25.
        assert!(late < early + 4_000, "{early} KiB grew to {late} KiB");
    }
}
