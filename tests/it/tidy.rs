//! The house rules that no compiler holds: who may use whom, how long a file may be, what may not stand in it, that the documents' links lead somewhere.

mod layers;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use regex::Regex;

const MOST_LINES: usize = 500;
/// Written by tools or other people, or data: not ours to keep in form.
const NOT_OURS: &[&str] = &[".git", "target", "data", "tests/corpus", "wordlists"];
const CODE: &[&str] = &["rs", "js", "mjs", "css", "html", "sql", "sh", "py", ""];
/// Those of the invariants that hold from the first version; the others come with the named case and the audit.
const INVARIANTS: &[&str] = &["01", "02", "03", "05", "06", "07", "09", "10"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file of ours under `dir` that is text, as (path from the root, content). A directory that does not exist has none.
fn files(dir: &str) -> Vec<(String, String)> {
    let (mut found, mut ahead) = (Vec::new(), vec![root().join(dir)]);
    while let Some(dir) = ahead.pop() {
        for entry in fs::read_dir(&dir).into_iter().flatten() {
            let path = entry.expect("a directory entry").path();
            let name = path.strip_prefix(root()).expect("below the root").to_string_lossy().replace('\\', "/");
            if name.ends_with("node_modules") || NOT_OURS.contains(&name.as_str()) {
                continue;
            }
            if path.is_dir() {
                ahead.push(path);
            } else if let Ok(text) = fs::read_to_string(&path) {
                found.push((name, text));
            }
        }
    }
    found.sort();
    found
}

fn extension(name: &str) -> &str {
    Path::new(name).extension().and_then(|e| e.to_str()).unwrap_or_default()
}

fn code() -> Vec<(String, String)> {
    ["src", "build", "tests", "benches", "fuzz", "migrations"]
        .into_iter()
        .flat_map(files)
        .filter(|(name, _)| CODE.contains(&extension(name)))
        .collect()
}

fn none(broken: Vec<String>, rule: &str) {
    assert!(broken.is_empty(), "{rule}:\n  {}", broken.join("\n  "));
}

#[test]
fn no_file_is_longer_than_a_reader_can_hold() {
    let long = code().into_iter().filter(|(_, text)| text.lines().count() >= MOST_LINES);
    none(long.map(|(name, text)| format!("{name}: {} lines", text.lines().count())).collect(), "files are under 500 lines");
}

/// Put together from halves, so that this file does not hold them.
fn forbidden_in_code() -> Vec<String> {
    [("to", "do!"), ("unimple", "mented!"), ("db", "g!("), ("allow(dead", "_code)"), ("#[ig", "nore")]
        .map(|(a, b)| format!("{a}{b}"))
        .to_vec()
}

fn forbidden_paths() -> Vec<String> {
    [("/wo", "rk/"), ("/ho", "me/"), ("/Us", "ers/"), ("/ro", "ot/"), ("../sha", "red")].map(|(a, b)| format!("{a}{b}")).to_vec()
}

fn hits(name: &str, text: &str, forbidden: &[String]) -> Vec<String> {
    let on = |(at, line): (usize, &str)| forbidden.iter().find(|f| line.contains(*f)).map(|f| format!("{name}:{}: {f}", at + 1));
    text.lines().enumerate().filter_map(on).collect()
}

#[test]
fn nothing_is_left_half_done() {
    let broken =
        code().iter().filter(|(name, _)| extension(name) == "rs").flat_map(|(name, text)| hits(name, text, &forbidden_in_code())).collect();
    none(broken, "no placeholders, no debug print, no excused dead code, no ignored test");
}

#[test]
fn no_file_knows_the_machine_it_was_written_on() {
    let broken = files("").iter().flat_map(|(name, text)| hits(name, text, &forbidden_paths())).collect();
    none(broken, "no paths of one machine");
}

#[test]
fn the_searches_above_find_what_is_planted() {
    for planted in forbidden_in_code() {
        assert_eq!(hits("x.rs", &format!("fn f() {{\n    {planted}\n}}"), &forbidden_in_code()), [format!("x.rs:2: {planted}")]);
    }
    for planted in forbidden_paths() {
        assert_eq!(hits("x.md", &format!("see {planted}file"), &forbidden_paths()).len(), 1);
    }
    assert!(code().iter().any(|(name, _)| name == "tests/it/tidy.rs") && code().iter().any(|(name, _)| name == "src/lib.rs"));
}

/// The anchor that a heading gets where the documents are shown.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().to_lowercase().chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_')).collect::<String>();
    kept.replace(' ', "-")
}

/// A document without its code, where brackets mean something else.
fn prose(text: &str) -> String {
    let mut inside = false;
    let kept = text.lines().filter(|line| {
        let fence = line.trim_start().starts_with("```");
        inside ^= fence;
        !fence && !inside
    });
    Regex::new("`[^`\n]*`").expect("a pattern").replace_all(&kept.collect::<Vec<_>>().join("\n"), "").into_owned()
}

fn dead_links(name: &str, text: &str) -> Vec<String> {
    let link = Regex::new(r"\[[^\]]*\]\(([^)\s]+)\)").expect("a pattern");
    let prose = prose(text);
    let targets = link.captures_iter(&prose).map(|c| c.get(1).map_or("", |m| m.as_str()).to_owned());
    let outside = Regex::new("^(https?|mailto):").expect("a pattern");
    targets.filter(|t| !outside.is_match(t) && !leads_somewhere(name, t)).map(|t| format!("{name}: {t}")).collect()
}

fn leads_somewhere(from: &str, target: &str) -> bool {
    let (path, heading) = target.split_once('#').unwrap_or((target, ""));
    let file = if path.is_empty() { root().join(from) } else { root().join(from).parent().map(|p| p.join(path)).unwrap_or_default() };
    if heading.is_empty() {
        return file.exists();
    }
    let Ok(text) = fs::read_to_string(file) else { return false };
    text.lines().filter(|l| l.starts_with('#')).any(|l| anchor(&l.trim_start_matches('#').replace('`', "")) == heading)
}

#[test]
fn links_in_the_documents_lead_somewhere() {
    let broken = files("").iter().filter(|(name, _)| extension(name) == "md").flat_map(|(name, text)| dead_links(name, text)).collect();
    none(broken, "links resolve");
}

#[test]
fn a_dead_link_is_found() {
    let text = "[a](docs/protocol.md) [b](docs/protocol.md#connecting) [c](https://example.org/x) `[d](no)`\n```\n[e](no)\n```";
    assert_eq!(dead_links("README.md", text), Vec::<String>::new());
    assert_eq!(dead_links("README.md", "[a](docs/none.md) [b](docs/protocol.md#none)").len(), 2);
    assert_eq!(anchor("The live protocol, `radrum.v1`".replace('`', "").as_str()), "the-live-protocol-radrumv1");
}

#[test]
fn every_invariant_has_a_test_of_its_own() {
    // Until the parts are put together there is nothing to test the invariants on.
    if !root().join("src/app").exists() && !root().join("src/app.rs").exists() {
        return;
    }
    let mut text = files("tests/it/invariants").into_iter().map(|(_, text)| text).collect::<String>();
    text += &fs::read_to_string(root().join("tests/it/invariants.rs")).unwrap_or_default();
    let named = Regex::new(r"fn invariant_(\d\d)_").expect("a pattern");
    let tested: BTreeSet<_> = named.captures_iter(&text).filter_map(|c| c.get(1)).map(|m| m.as_str()).collect();
    none(INVARIANTS.iter().filter(|i| !tested.contains(*i)).map(|i| format!("invariant_{i}_…")).collect(), "invariants without a test");
}

/// The modules that a Rust file stands for: `src/rooms/threads/store.rs` is `rooms`, `threads`, `store`.
fn module(name: &str) -> Vec<String> {
    let path = PathBuf::from(name.strip_prefix("src/").unwrap_or(name)).with_extension("");
    let mut parts: Vec<_> = path.iter().map(|p| p.to_string_lossy().into_owned()).collect();
    if parts.last().is_some_and(|last| last == "mod" || last == "lib") {
        parts.pop();
    }
    parts
}
