//! `radrum train`: makes the sequence model from gold messages and news text, and measures it on texts it was not trained on.

mod augment;
mod corpus;
mod score;

use std::io::{self, Error, ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::scan::Scanner;
use crate::scan::model::Model;
use crate::scan::model::train::{Dice, Example, Marks, Settings, train};
use augment::{Names, lowered, masked, raised, renamed, sliced};
use corpus::Gold;
use score::Score;

/// What to train from and what to do with it.
#[derive(Clone, Debug, Default)]
pub struct Work {
    /// A folder with train*.jsonl.
    pub corpus: PathBuf,
    /// A folder with names.txt and places.txt.
    pub lists: PathBuf,
    pub news: Option<PathBuf>,
    /// Where the model is written.
    pub out: Option<PathBuf>,
    /// Measure on so many parts, each trained without it.
    pub folds: Option<usize>,
    /// Only so many parts of those are measured.
    pub only: Option<usize>,
    /// The share of the messages that is used, for a learning curve.
    pub share: f32,
    /// The model's knob when it is measured.
    pub knob: f32,
    /// Keep the parts' models in this folder, and take them from there when they are there.
    pub keep: Option<PathBuf>,
    /// Print every miss and false alarm.
    pub misses: bool,
    pub settings: Settings,
}

const NEWS_WEIGHT: f32 = 0.5;

/// A message with its copies.
struct Lesson {
    file: usize,
    fold: usize,
    gold: Gold,
    examples: Vec<Example>,
}

/// The message and its copies, ready to learn from.
fn examples(scanner: &Scanner, gold: &Gold, names: &Names, origin: u32) -> Vec<Example> {
    let mut dice = Dice::new(1000 + origin as u64);
    let mut copies = vec![(gold.clone(), 1.0)];
    let other = renamed(gold, names, &mut dice);
    let third = renamed(gold, names, &mut dice);
    copies.push((lowered(if dice.chance(0.5) { &other } else { gold }), 0.5));
    copies.push((masked(&third, 0.5, &mut dice), 0.5));
    for whole in [gold, &other] {
        copies.extend(sliced(whole, &mut dice).map(|g| (g, 0.5)));
    }
    copies.push((other, 0.7));
    if dice.chance(0.15) {
        copies.push((raised(&third), 0.5));
    }
    copies
        .into_iter()
        // A text without marks teaches what is safe; there are few of them.
        .map(|(g, weight)| (g, if gold.spans.is_empty() { 1.5 * weight } else { weight }))
        .map(|(g, weight)| Example::new(scanner, &g.text.iter().collect::<String>(), &g.spans, Marks::All, origin, weight))
        .collect()
}

fn train_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)?
        .filter_map(|e| e.ok().map(|e| e.path()))
        .filter(|p| p.file_name().and_then(|n| n.to_str()).is_some_and(|n| n.starts_with("train") && n.ends_with(".jsonl")))
        .collect();
    files.sort_by_key(|p| (p.as_os_str().len(), p.clone()));
    match files.is_empty() {
        true => Err(Error::new(ErrorKind::NotFound, format!("{} holds no train*.jsonl", folder.display()))),
        false => Ok(files),
    }
}

/// Does the work; figures go to `log`.
pub fn run(work: &Work, mut log: impl Write) -> io::Result<()> {
    let scanner = Scanner::rules_only();
    let names =
        Names::read(&std::fs::read_to_string(work.lists.join("names.txt"))?, &std::fs::read_to_string(work.lists.join("places.txt"))?);
    let files = train_files(&work.corpus)?;
    let folds = work.folds.unwrap_or(5).max(2);
    let kept = |k: &PathBuf| (0..work.only.unwrap_or(folds)).all(|n| k.join(format!("part{}.bin", n + 1)).exists());
    let ready = work.out.is_none() && work.keep.as_ref().is_some_and(kept);
    let mut lessons: Vec<Lesson> = Vec::new();
    let mut dice = Dice::new(77);
    for (file, path) in files.iter().enumerate() {
        let all = corpus::messages(path)?;
        let count = all.len();
        for (i, gold) in all.into_iter().enumerate() {
            // Neighbours in a file belong together; a part is a stretch of each file.
            let used = dice.chance(work.share) && !ready;
            let origin = lessons.len() as u32;
            let examples = if used { examples(&scanner, &gold, &names, origin) } else { Vec::new() };
            lessons.push(Lesson { file, fold: i * folds / count, gold, examples });
        }
    }
    let mut news: Vec<Example> = Vec::new();
    if let Some(path) = work.news.as_ref().filter(|_| !ready) {
        for (i, gold) in corpus::news(path)?.into_iter().enumerate() {
            let gold = if i % 3 == 0 { lowered(&gold) } else { gold };
            let text: String = gold.text.iter().collect();
            news.push(Example::new(&scanner, &text, &gold.spans, Marks::Names, 1_000_000 + i as u32, NEWS_WEIGHT));
        }
    }
    let tokens: usize = lessons.iter().flat_map(|l| &l.examples).chain(&news).map(Example::tokens).sum();
    writeln!(log, "{} messages, {} news texts, {tokens} tokens with copies", lessons.len(), news.len())?;

    if work.folds.is_some() {
        let mut scores = vec![Score::default(); files.len()];
        for fold in 0..work.only.unwrap_or(folds).min(folds) {
            let kept = work.keep.as_ref().map(|k| k.join(format!("part{}.bin", fold + 1)));
            let bytes = match kept.as_ref().filter(|k| k.exists()) {
                Some(kept) => std::fs::read(kept)?,
                None => {
                    let examples: Vec<&Example> =
                        lessons.iter().filter(|l| l.fold != fold).flat_map(|l| &l.examples).chain(&news).collect();
                    train(&examples, work.settings)
                }
            };
            if let Some(kept) = kept {
                std::fs::write(kept, &bytes)?;
            }
            let model = Model::read(&bytes).map_err(Error::other)?.with_knob(work.knob);
            let judge = Scanner::rules_only().with_model(model);
            let mut sum = Score::default();
            for l in lessons.iter().filter(|l| l.fold == fold) {
                let mut one = Score::default();
                let wrong = one.add(&l.gold, &judge.scan(&l.gold.text.iter().collect::<String>()));
                for w in wrong.iter().filter(|_| work.misses) {
                    let (a, b) = (w.start.saturating_sub(40), (w.end + 30).min(l.gold.text.len()));
                    let words = |a: usize, b: usize| l.gold.text[a..b].iter().collect::<String>().replace('\n', " / ");
                    let kind = if w.missed { "MISSED" } else { "FALSE ALARM" };
                    writeln!(log, "{kind}\t{}\t{:?}\t{}\t...{}...", l.file + 1, w.category, words(w.start, w.end), words(a, b))?;
                }
                scores[l.file].join(&one);
                sum.join(&one);
            }
            writeln!(log, "part {}: {sum}  ({} bytes)", fold + 1, bytes.len())?;
        }
        let mut all = Score::default();
        for (score, path) in scores.iter().zip(&files) {
            writeln!(log, "{:8} {score}", path.file_stem().and_then(|n| n.to_str()).unwrap_or_default())?;
            all.join(score);
        }
        writeln!(log, "all      {all}")?;
        for (c, hit, n) in all.by_label() {
            writeln!(log, "  {:11} {:6.2}  {hit}/{n}", format!("{c:?}"), 100.0 * hit as f64 / n as f64)?;
        }
    }
    if let Some(out) = &work.out {
        let examples: Vec<&Example> = lessons.iter().flat_map(|l| &l.examples).chain(&news).collect();
        let bytes = train(&examples, work.settings);
        std::fs::write(out, &bytes)?;
        writeln!(log, "{}: {} bytes", out.display(), bytes.len())?;
    }
    Ok(())
}
