//! A thin `radrum scan --jsonl` that builds without the server, for work on the scanner: `cargo run --release --no-default-features --example scan < in > out`.
//! With a text as argument it explains what is found in it.

use std::io::{self, BufWriter};

use radrum::cli::scan::{Look, human, jsonl};

fn main() -> io::Result<()> {
    match std::env::args().nth(1) {
        Some(text) => human(&text, Look { colour: false, explain: true }, io::stdout()),
        None => jsonl(io::stdin().lock(), BufWriter::new(io::stdout().lock())).map(|_| ()),
    }
}
