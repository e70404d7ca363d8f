//! Any bytes as lines of JSON: one line out for each that is JSON with an id and a text, an error or nothing for the others, never a panic.
//! `cargo +nightly fuzz run jsonl --no-default-features --target-dir target/fuzz`

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut out = Vec::new();
    let done = radrum::cli::scan::jsonl(bytes, &mut out);
    let lines = std::str::from_utf8(&out).expect("UTF-8 goes out").lines().count();
    assert!(lines <= bytes.split(|b| *b == b'\n').count());
    drop(done);
});
