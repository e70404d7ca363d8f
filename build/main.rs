//! Packs `wordlists/` into one table that the scanner reads in place (src/scan/pack.rs has the format), and for the server has the scanner built for the page.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::{env, fs};

#[path = "../src/scan/pack.rs"]
#[allow(unused)]
mod pack;
#[cfg(feature = "server")]
mod wasm;

/// Hand-written lists and the flag each gives its words.
const HAND: &[(&str, u64)] = &[
    ("kin", pack::KIN),
    ("titles", pack::TITLE),
    ("naming", pack::NAMING),
    ("greetings", pack::GREETING),
    ("verbs", pack::VERB),
    ("safe", pack::SAFE),
    ("orgheads", pack::ORG_HEAD),
    ("districts", pack::PLACE | 3 << pack::SIZE_SHIFT),
    ("foreign", pack::FOREIGN),
    ("origins", pack::ORIGIN),
    ("roles", pack::ROLE),
    ("particles", pack::PARTICLE),
    ("nicknames", pack::NICKNAME),
    ("numwords", pack::NUMBER),
    ("rare", pack::RARE),
    ("months", pack::MONTH),
    ("companies", pack::COMPANY),
    ("things", pack::THING),
];

/// A word in the scanner's normal form: one Latin-1 byte a letter. The lists are written in that form already, but for å ä ö.
fn normal(word: &str) -> Vec<u8> {
    word.chars()
        .filter_map(|c| match c {
            'é' | 'è' | 'ë' | 'ê' => Some(b'e'),
            'á' | 'à' | 'â' => Some(b'a'),
            'ü' => Some(b'u'),
            'ø' => Some(0xf6),
            c if (c as u32) < 256 => Some(c as u8),
            _ => None,
        })
        .collect()
}

fn read(dir: &Path, name: &str) -> String {
    let path = dir.join(name);
    fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn main() {
    println!("cargo:rerun-if-changed=wordlists");
    println!("cargo:rerun-if-changed=src/scan/pack.rs");
    println!("cargo:rerun-if-changed=build");
    pack_lists();
    #[cfg(feature = "server")]
    {
        // The page is embedded when the crate is compiled: new files of it must be noticed too.
        println!("cargo:rerun-if-changed=src/web");
        wasm::build();
    }
}

fn pack_lists() {
    let dir = Path::new(&env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("wordlists");

    let mut words: BTreeMap<Vec<u8>, u64> = BTreeMap::new();
    let mut heads: BTreeSet<Vec<u8>> = BTreeSet::new();
    let mut add = |word: &str, flag: u64| {
        // A hyphen inside a listed word is a space to the matcher: it compares tokens.
        let key = normal(&word.replace(['-', ':', '/'], " "));
        let key = key.split(|b| *b == b' ').filter(|p| !p.is_empty()).collect::<Vec<_>>().join(&b' ');
        if key.is_empty() {
            return;
        }
        assert!(key.len() <= pack::LONGEST, "a longer word than any before: {word}");
        if let Some(space) = key.iter().position(|b| *b == b' ') {
            heads.insert(key[..space].to_vec());
        }
        *words.entry(key).or_default() |= flag;
    };

    for line in read(&dir, "names.txt").lines() {
        let (name, buckets) = line.split_once(' ').expect("names.txt: name and buckets");
        let mut b = buckets.chars().map(|c| c.to_digit(36).expect("a bucket") as u64);
        let (f, m, s) = (b.next().unwrap_or(0), b.next().unwrap_or(0), b.next().unwrap_or(0));
        add(name, f << pack::WOMEN_SHIFT | m << pack::MEN_SHIFT | s << pack::SURNAME_SHIFT);
    }
    for line in read(&dir, "ordinary.txt").lines() {
        let (word, n) = line.split_once(' ').expect("ordinary.txt: word and class");
        add(word, n.parse::<u64>().expect("a class") << pack::ORDINARY_SHIFT);
    }
    for (file, flag) in [
        ("origins.txt", pack::ORIGIN),
        ("countries.txt", pack::FOREIGN | pack::COUNTRY),
        ("occupations.txt", pack::OCCUPATION),
        ("dictionary.txt", pack::STEM),
    ] {
        for word in read(&dir, file).lines() {
            add(word, flag);
        }
    }
    let mut places = Vec::new();
    for line in read(&dir, "places.txt").lines() {
        let mut f = line.split('\t');
        let (name, class, code) = (f.next().unwrap_or(""), f.next().unwrap_or("3"), f.next().unwrap_or("0000"));
        add(name, pack::PLACE | class.parse::<u64>().expect("a class") << pack::SIZE_SHIFT);
        places.push((normal(&name.replace('-', " ")), code.parse::<u16>().expect("a code")));
    }
    for (file, flag) in HAND {
        for line in read(&dir.join("hand"), &format!("{file}.txt")).lines().filter(|l| !l.starts_with('#')) {
            for word in line.split(',') {
                let word = word.trim().to_lowercase();
                // A district that is also a listed place keeps the listed size.
                let known = *flag & pack::PLACE != 0 && places.iter().any(|(n, _)| *n == normal(&word));
                add(&word, if known { pack::PLACE } else { *flag });
            }
        }
    }
    let municipalities: Vec<(u16, u32)> = read(&dir, "municipalities.txt")
        .lines()
        .map(|l| {
            let mut f = l.split(' ');
            (f.next().unwrap_or("").parse().expect("a code"), f.next().unwrap_or("").parse().expect("a population"))
        })
        .collect();
    for head in heads {
        *words.entry(head).or_default() |= pack::HEAD;
    }

    let bytes = (0..200).find_map(|seed| table(seed, &words, &places, &municipalities)).expect("a seed without collisions");
    fs::write(Path::new(&env::var("OUT_DIR").expect("cargo sets it")).join("dictionary.bin"), bytes).expect("OUT_DIR can be written");
}

/// The packed table for one seed, or nothing when two words could be taken for each other.
fn table(seed: u32, words: &BTreeMap<Vec<u8>, u64>, places: &[(Vec<u8>, u16)], municipalities: &[(u16, u32)]) -> Option<Vec<u8>> {
    let slots = (words.len() as f64 / 0.85) as u32;
    let mut table = vec![0u32; slots as usize];
    let mut infos: Vec<u64> = Vec::new();
    let mut row: HashMap<u64, u32> = HashMap::new();
    for (word, info) in words {
        let h = pack::hash(seed, word);
        let index = *row.entry(*info).or_insert_with(|| {
            infos.push(*info);
            infos.len() as u32 - 1
        });
        assert!(index < 1 << pack::INFO_BITS, "too many kinds of words for {} bits", pack::INFO_BITS);
        let mut at = pack::slot(h, slots) as usize;
        while table[at] != 0 {
            if table[at] >> pack::INFO_BITS == pack::fingerprint(h) >> pack::INFO_BITS {
                return None;
            }
            at = (at + 1) % slots as usize;
        }
        table[at] = pack::fingerprint(h) | index;
    }
    let mut rows: Vec<(u32, u16)> = places.iter().map(|(n, c)| ((pack::hash(seed, n) >> 32) as u32, *c)).collect();
    rows.sort_unstable();
    let mut out = Vec::new();
    for n in [seed, slots, infos.len() as u32, rows.len() as u32, municipalities.len() as u32] {
        out.extend(n.to_le_bytes());
    }
    infos.iter().for_each(|i| out.extend(i.to_le_bytes()));
    table.iter().for_each(|s| out.extend(s.to_le_bytes()));
    for (h, c) in rows {
        out.extend(h.to_le_bytes());
        out.extend(c.to_le_bytes());
    }
    for (c, p) in municipalities {
        out.extend(c.to_le_bytes());
        out.extend(p.to_le_bytes());
    }
    Some(out)
}
