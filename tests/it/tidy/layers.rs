//! Who may use whom. The order is ARCHITECTURE.md's: what stands later may use what stands earlier, never the other way.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;

use super::{extension, files, module, none};

/// From the bottom up. Those of one row may use each other as long as no circle comes of it.
const LAYERS: &[&[&str]] = &[
    &["scan"],
    &["config", "access", "clock", "id", "workdays", "law", "locale", "json", "mail"],
    &["db", "vault"],
    &["error", "http", "live", "audit"],
    &["rooms"],
    &["app"],
    &["cli", "wasm"],
];

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|row| row.contains(&module))
}

/// The code that is compiled into the product: no comments, no tests.
fn product(text: &str) -> String {
    let tests = Regex::new(r"#\[cfg\(test\)\]\s*(pub(\([a-z]+\))? )?mod \w+ \{").expect("a pattern");
    let code = tests.find(text).map_or(text, |found| &text[..found.start()]);
    code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// Every path into the crate, from `use` and from the code, written from the crate's root.
fn paths(of: &[String], text: &str) -> Vec<Vec<String>> {
    let start = Regex::new(r"\b(crate|super(?:\s*::\s*super)*)\s*::").expect("a pattern");
    let code = product(text);
    let mut found = Vec::new();
    for start in start.find_iter(&code) {
        let up = start.as_str().matches("super").count();
        let base = if up == 0 { &[] } else { &of[..of.len().saturating_sub(up)] };
        branch(&code[start.end()..], base, &mut found);
    }
    found
}

/// Reads `a::{b, c::d}` and gives what is left; each leaf becomes a path.
fn branch<'t>(text: &'t str, base: &[String], found: &mut Vec<Vec<String>>) -> &'t str {
    let mut path = base.to_vec();
    let mut rest = text.trim_start();
    loop {
        if let Some(mut inner) = rest.strip_prefix('{') {
            loop {
                inner = inner.trim_start().trim_start_matches(',').trim_start();
                if let Some(after) = inner.strip_prefix('}') {
                    return after;
                }
                let after = branch(inner, &path, found);
                // Not an import but a block that follows a path: nothing more to read here.
                if after.len() == inner.len() {
                    return after;
                }
                inner = after;
                if let Some(alias) = inner.trim_start().strip_prefix("as ") {
                    inner = alias.trim_start().trim_start_matches(|c: char| c.is_alphanumeric() || c == '_');
                }
            }
        }
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        if end == 0 {
            break;
        }
        path.push(rest[..end].to_owned());
        rest = &rest[end..];
        match rest.trim_start().strip_prefix("::") {
            Some(next) => rest = next.trim_start(),
            None => break,
        }
    }
    if path.len() > base.len() {
        found.push(path);
    }
    rest.strip_prefix('*').unwrap_or(rest)
}

/// The rooms in the order in which `src/rooms/mod.rs` names them.
fn rooms_in_order(text: &str) -> Vec<String> {
    let named = Regex::new(r"(?m)^(?:pub(?:\([a-z]+\))? )?mod ([a-z_]+);").expect("a pattern");
    named.captures_iter(text).filter_map(|c| c.get(1)).map(|m| m.as_str().to_owned()).collect()
}

/// All that is wrong in a crate of these files.
fn broken(crate_files: &[(String, String)]) -> Vec<String> {
    let modules: BTreeSet<Vec<String>> = crate_files.iter().map(|(name, _)| module(name)).collect();
    let tops: BTreeSet<&str> = modules.iter().filter_map(|m| m.first()).map(String::as_str).collect();
    let rooms = crate_files.iter().find(|(name, _)| name == "src/rooms/mod.rs").map(|(_, text)| rooms_in_order(text)).unwrap_or_default();
    let room = |name: &str| rooms.iter().position(|r| r == name);
    let (mut wrong, mut beside) = (Vec::new(), BTreeMap::<String, BTreeSet<String>>::new());

    for (name, text) in crate_files {
        let here = module(name);
        let Some(own) = here.first() else { continue };
        if own == "main" || here.iter().any(|m| m == "tests") {
            continue;
        }
        let Some(own_layer) = layer(own) else {
            wrong.push(format!("{name}: `{own}` has no place in the order"));
            continue;
        };
        for path in paths(&here, text) {
            let Some(used) = path.first().filter(|used| tops.contains(used.as_str())) else { continue };
            let shown = path.join("::");
            if own == "scan" && used != "scan" {
                wrong.push(format!("{name}: scan uses nothing of the crate, and not {shown}"));
            } else if own != used && layer(used).is_some_and(|used_layer| used_layer > own_layer) {
                wrong.push(format!("{name}: {own} may not use {shown}"));
            } else if own != used && layer(used) == Some(own_layer) {
                beside.entry(own.clone()).or_default().insert(used.clone());
            }
            if own == "rooms"
                && used == "rooms"
                && let (Some(from), Some(to)) = (here.get(1), path.get(1))
                && let (Some(from_at), Some(to_at)) = (room(from), room(to))
                && from != to
            {
                if to_at > from_at {
                    wrong.push(format!("{name}: {from} stands before {to} in rooms/mod.rs and may not use {shown}"));
                }
                if path.len() > 2 && modules.iter().any(|m| m.starts_with(&path[..3])) {
                    wrong.push(format!("{name}: {to} is used through its mod.rs only, not by {shown}"));
                }
            }
        }
    }
    for start in beside.keys() {
        let (mut seen, mut ahead) = (BTreeSet::new(), vec![start]);
        while let Some(at) = ahead.pop() {
            for next in beside.get(at).into_iter().flatten().filter(|next| seen.insert(*next)) {
                ahead.push(next);
            }
        }
        if seen.contains(start) {
            wrong.push(format!("{start} uses itself in a circle by way of its neighbours"));
        }
    }
    wrong
}

fn sources() -> Vec<(String, String)> {
    files("src").into_iter().filter(|(name, _)| extension(name) == "rs").collect()
}

#[test]
fn modules_use_only_what_lies_below_them() {
    none(broken(&sources()), "the order of the house");
}

#[test]
fn the_scan_engine_has_no_way_out() {
    let outside = Regex::new(r"\bstd::(fs|net|env|io|process|thread|time)\b|\bstd::\{[^}]*\b(fs|net|env|io|process|thread|time)\b")
        .expect("a pattern");
    assert!(outside.is_match("use std::{collections::HashMap, fs};") && outside.is_match("std::time::Instant"));
    let scan = sources().into_iter().filter(|(name, _)| name.starts_with("src/scan"));
    let wrong = scan.filter_map(|(name, text)| outside.find(&product(&text)).map(|found| format!("{name}: {}", found.as_str())));
    none(wrong.collect(), "the scan engine is pure");
}

#[test]
fn the_program_is_only_a_door_to_its_commands() {
    let inside = Regex::new(r"\bradrum::([a-z_]+)").expect("a pattern");
    let main = sources().into_iter().find(|(name, _)| name == "src/main.rs").map(|(_, text)| text).unwrap_or_default();
    none(inside.captures_iter(&main).filter(|c| &c[1] != "cli").map(|c| c[0].to_owned()).collect(), "main.rs uses cli only");
}

fn crate_of(files: &[(&str, &str)]) -> Vec<String> {
    let named = |(name, text): &(&str, &str)| (format!("src/{name}"), (*text).to_owned());
    broken(&files.iter().map(named).collect::<Vec<_>>())
}

#[test]
fn paths_are_read_in_every_writing() {
    let here = ["rooms".to_owned(), "threads".to_owned(), "store".to_owned()];
    let text = "use crate::{clock::{Clock as C, Micros}, db::*,\n    id,};\nuse super::{super::people, Thread};\n// crate::no\nfn f() { crate::vault::seal(x); }\n\
                #[cfg(test)]\nmod tests { use crate::cli; }";
    let read: Vec<_> = paths(&here, text).into_iter().map(|p| p.join("::")).collect();
    for expected in ["clock::Clock", "clock::Micros", "db", "id", "rooms::threads::Thread", "vault::seal"] {
        assert!(read.iter().any(|r| r == expected), "{expected} in {read:?}");
    }
    assert!(!read.iter().any(|r| r.contains("no") || r.contains("cli")), "{read:?}");
    assert_eq!(paths(&here, "super::super::people::find()"), [["rooms", "people", "find"]]);
}

#[test]
fn breaches_are_found() {
    let rooms = ("rooms/mod.rs", "pub mod people;\npub mod threads;\n");
    let people = ("rooms/people/mod.rs", "mod store;");
    let store = ("rooms/people/store.rs", "");
    for (files, breaches) in [
        (vec![("db/mod.rs", "use crate::clock::Micros;"), ("clock.rs", "")], 0),
        (vec![("clock.rs", "use crate::db::Db;"), ("db/mod.rs", "")], 1),
        (vec![("scan/names.rs", "use crate::id::Id;"), ("id.rs", "")], 1),
        (vec![("scan/names.rs", "use crate::scan::text; use super::token;"), ("scan/mod.rs", "")], 0),
        (vec![("id.rs", "use crate::clock::Micros;"), ("clock.rs", "")], 0),
        (vec![("id.rs", "use crate::clock;"), ("clock.rs", "use crate::id;")], 2),
        (vec![("gadgets.rs", "")], 1),
        (vec![rooms, people, store, ("rooms/threads/mod.rs", "use crate::rooms::people::Person;")], 0),
        (vec![rooms, people, store, ("rooms/threads/mod.rs", "use crate::rooms::people::store::find;")], 1),
        (vec![rooms, people, ("rooms/threads/mod.rs", ""), ("rooms/people/routes.rs", "use crate::rooms::threads::Thread;")], 1),
        (vec![rooms, people, ("rooms/threads/mod.rs", ""), ("rooms/people/routes.rs", "use super::super::threads::Thread;")], 1),
        (
            vec![("clock.rs", "#[cfg(test)]\nmod tests;\nuse crate::db::Db;"), ("clock/tests.rs", "use crate::db::Db;"), ("db/mod.rs", "")],
            1,
        ),
        (vec![("live/hub.rs", "fn f() { crate::rooms::people::x() }"), rooms, people], 1),
    ] {
        assert_eq!(crate_of(&files).len(), breaches, "{files:?}: {:?}", crate_of(&files));
    }
}
