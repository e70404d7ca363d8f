//! A thin `radrum train` that builds without the server: `cargo run --release --no-default-features --example train -- CORPUS NEWS OUT [FOLDS]`.
//! OUT "-" writes nothing; with FOLDS it measures.

use std::env;
use std::io;

use radrum::cli::train::{Work, run};

fn main() -> io::Result<()> {
    let args: Vec<String> = env::args().skip(1).collect();
    let number = |name: &str| env::var(name).ok().and_then(|v| v.parse::<f32>().ok());
    let mut work = Work {
        corpus: args.first().map(Into::into).unwrap_or_default(),
        lists: "wordlists".into(),
        news: args.get(1).filter(|n| *n != "-").map(Into::into),
        out: args.get(2).filter(|n| *n != "-").map(Into::into),
        folds: args.get(3).and_then(|n| n.parse().ok()),
        only: number("ONLY").map(|n| n as usize),
        share: number("SHARE").unwrap_or(1.0),
        knob: number("KNOB").unwrap_or(0.0),
        keep: env::var_os("KEEP").map(Into::into),
        misses: env::var_os("MISSES").is_some(),
        ..Work::default()
    };
    if let Some(n) = number("ROUNDS") {
        work.settings.rounds = n as usize;
    }
    if let Some(n) = number("AVERAGED") {
        work.settings.averaged = n as usize;
    }
    if let Some(n) = number("RATE") {
        work.settings.rate = n;
    }
    if let Some(n) = number("PENALTY") {
        work.settings.penalty = n;
    }
    if let Some(n) = number("LEAST") {
        work.settings.least = n as u32;
    }
    for (at, name) in ["OWN", "RULES", "NEIGHBOURS"].into_iter().enumerate() {
        if let Some(n) = number(name) {
            work.settings.without[at] = n;
        }
    }
    run(&work, io::stderr())
}
