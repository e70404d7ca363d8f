//! A canary is a text that must be nowhere. It is looked for in every writing in which bytes could carry it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use aho_corasick::AhoCorasick;
use base64::{
    Engine,
    prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD},
};

/// Looks for all the canaries at once.
pub struct Hunter {
    machine: AhoCorasick,
    /// What each pattern stands for: the canary and the writing.
    meaning: Vec<(String, &'static str)>,
}

/// What a folder held.
#[derive(Debug, Default)]
pub struct Found {
    pub files: usize,
    pub bytes: u64,
    /// File, canary, writing.
    pub hits: Vec<(PathBuf, String, &'static str)>,
}

impl Found {
    /// # Panics
    /// When something was found, or when there was nothing to look through.
    pub fn nothing(&self, place: &str) {
        assert!(self.files > 0 && self.bytes > 0, "{place}: nothing to look through");
        assert!(self.hits.is_empty(), "{place}: {:?}", self.hits);
    }
}

impl Hunter {
    pub fn new(canaries: &[&str]) -> Hunter {
        let mut patterns: Vec<Vec<u8>> = Vec::new();
        let mut meaning = Vec::new();
        for canary in canaries {
            let mut cases = vec![canary.to_string(), canary.to_lowercase(), canary.to_uppercase()];
            cases.sort();
            cases.dedup();
            for text in cases {
                for (writing, bytes) in writings(&text) {
                    patterns.push(bytes);
                    meaning.push((canary.to_string(), writing));
                }
            }
        }
        Hunter { machine: AhoCorasick::new(&patterns).expect("builds"), meaning }
    }

    pub fn in_bytes(&self, bytes: &[u8]) -> Option<&(String, &'static str)> {
        self.machine.find(bytes).map(|hit| &self.meaning[hit.pattern().as_usize()])
    }

    /// Every file below the folder, whatever it is called.
    pub fn in_folder(&self, folder: &Path) -> Found {
        let mut found = Found::default();
        let mut ahead = vec![folder.to_owned()];
        while let Some(path) = ahead.pop() {
            let Ok(kind) = fs::symlink_metadata(&path).map(|m| m.file_type()) else { continue };
            if kind.is_dir() {
                ahead.extend(fs::read_dir(&path).expect("lists").map(|e| e.expect("an entry").path()));
            } else if kind.is_file() {
                // A server that runs removes files while we look.
                let Ok(bytes) = fs::read(&path) else { continue };
                found.files += 1;
                found.bytes += bytes.len() as u64;
                if let Some((canary, writing)) = self.in_bytes(&bytes) {
                    found.hits.push((path, canary.clone(), *writing));
                }
            }
        }
        found
    }
}

fn writings(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let utf16: Vec<u16> = text.encode_utf16().collect();
    let hex = |upper: bool| -> Vec<u8> {
        let one = |b: &u8| if upper { format!("{b:02X}") } else { format!("{b:02x}") };
        text.as_bytes().iter().map(one).collect::<String>().into_bytes()
    };
    let escaped: String = text.chars().map(|c| if c.is_ascii() { c.to_string() } else { format!("\\u{:04x}", u32::from(c)) }).collect();
    let percent: String =
        text.bytes().map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") }).collect();
    let mut all = vec![
        ("UTF-8", text.as_bytes().to_vec()),
        ("UTF-16, little end first", utf16.iter().flat_map(|u| u.to_le_bytes()).collect()),
        ("UTF-16, big end first", utf16.iter().flat_map(|u| u.to_be_bytes()).collect()),
        ("hex", hex(false)),
        ("HEX", hex(true)),
        ("JSON", escaped.into_bytes()),
        ("URL", percent.into_bytes()),
    ];
    // Wherever it stands in what is encoded: three ways to fall on the groups of three, the bytes shared with neighbours left out.
    for shift in 0..3 {
        let bytes = &text.as_bytes()[(3 - shift) % 3..];
        let whole = &bytes[..bytes.len() / 3 * 3];
        all.push(("base64", BASE64_STANDARD_NO_PAD.encode(whole).into_bytes()));
        all.push(("base64 for URLs", BASE64_URL_SAFE_NO_PAD.encode(whole).into_bytes()));
    }
    all
}

#[test]
fn a_canary_is_found_in_every_writing() {
    let hunter = Hunter::new(&["070-174 06 37", "Stråhlman"]);
    let folder = tempfile::tempdir().unwrap();
    let deep = folder.path().join("a/b");
    fs::create_dir_all(&deep).unwrap();
    let text = "xyz Ring 070-174 06 37 och fråga efter Stråhlman.";
    let utf16: Vec<u8> = "Stråhlman".encode_utf16().flat_map(u16::to_be_bytes).collect();
    for (n, bytes) in [
        text.as_bytes().to_vec(),
        utf16,
        text.bytes().map(|b| format!("{b:02x}")).collect::<String>().into_bytes(),
        "STRÅHLMAN".as_bytes().to_vec(),
        b"Str\\u00e5hlman".to_vec(),
        b"?q=Str%C3%A5hlman".to_vec(),
    ]
    .into_iter()
    .chain((0..3).map(|skip| BASE64_STANDARD_NO_PAD.encode(&text.as_bytes()[skip..]).into_bytes()))
    .enumerate()
    {
        fs::write(deep.join(n.to_string()), bytes).unwrap();
    }
    assert_eq!(hunter.in_folder(folder.path()).hits.len(), 9);
    fs::remove_dir_all(&deep).unwrap();
    fs::write(folder.path().join("none"), "070-174 06 38 Strahlman").unwrap();
    hunter.in_folder(folder.path()).nothing("a folder without");
}
