//! Training: AdaGrad with an L1 penalty over the log-likelihood, one text at a time, in an order that a fixed seed gives. The same input gives the
//! same bytes.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use super::features::extract;
use super::labels::{LABELS, NOTHING, follows, label};
use super::lattice::{Lattice, Row, Steps};
use super::sink::{FORM, Features, NEIGHBOURS, OWN_WORD, Plain, RULES};
use super::{ALL, allowed, store};
use crate::scan::{Category, Scanner};

/// A text with what is known of its tokens.
pub struct Example {
    features: Features,
    /// The labels that each token may have, as bits.
    gold: Vec<u32>,
    /// Which original it is a copy of: a feature counts when it stands in several originals.
    origin: u32,
    weight: f32,
}

/// A stretch of a text, in code points, and what it is. Without a category it is something unknown.
pub type Span = (usize, usize, Option<Category>);

/// What the marks of a text leave open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marks {
    /// Everything that identifies is marked.
    All,
    /// Only names, places and organisations are marked; what is not may still be a date, an age and so on.
    Names,
}

impl Example {
    pub fn new(scanner: &Scanner, text: &str, spans: &[Span], marks: Marks, origin: u32, weight: f32) -> Example {
        let (doc, found) = scanner.rules(text);
        let mut features = Features::default();
        extract(&doc, &found, &mut features);
        let free = match marks {
            Marks::All => 1 << NOTHING,
            Marks::Names => {
                use Category::*;
                [Date, Age, Origin, Occupation, Rare]
                    .into_iter()
                    .fold(1 << NOTHING, |bits, c| bits | 1 << label(c, true) | 1 << label(c, false))
            }
        };
        let mut gold: Vec<u32> = (0..doc.tokens.len()).map(|t| free & allowed(&doc, t)).collect();
        for (a, b, category) in spans {
            let Some((start, end)) = doc.n.position(*a, *b) else { continue };
            let first = doc.tokens.partition_point(|t| t.end <= start);
            for (t, bits) in gold.iter_mut().enumerate().skip(first) {
                if doc.tokens[t].start >= end {
                    break;
                }
                let person = 1 << label(Category::Person, true) | 1 << label(Category::Person, false);
                *bits = category.map_or(ALL & !person, |c| 1 << label(c, t == first));
            }
        }
        // An inside without its beginning (two marks in one token) becomes a beginning.
        for t in 0..gold.len() {
            if gold[t].count_ones() == 1 {
                let l = gold[t].trailing_zeros() as usize;
                let before = t.checked_sub(1).map(|p| gold[p]);
                let fits = match before {
                    None => follows(None, l),
                    Some(bits) => (0..LABELS).any(|p| bits >> p & 1 == 1 && follows(Some(p), l)),
                };
                if !fits {
                    gold[t] = 1 << (l - 1);
                }
            }
        }
        Example { features, gold, origin, weight }
    }

    pub fn origin(&self) -> u32 {
        self.origin
    }

    pub fn tokens(&self) -> usize {
        self.gold.len()
    }
}

/// How to train.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    pub rounds: usize,
    /// Over how many of the last rounds the weights are averaged.
    pub averaged: usize,
    pub rate: f32,
    /// The L1 penalty of the whole training set.
    pub penalty: f32,
    pub seed: u64,
    /// In how many originals a feature must stand.
    pub least: u32,
    /// How often the own word's, the rules' and the neighbours' features are left out of a token.
    pub without: [f32; 3],
}

impl Default for Settings {
    fn default() -> Self {
        Settings { rounds: 7, averaged: 4, rate: 0.15, penalty: 0.4, seed: 1, least: 2, without: [0.15, 0.1, 0.05] }
    }
}

/// A small generator of numbers that look random (xorshift*); the seed decides all of them.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn throw(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.throw() % n.max(1) as u64) as usize
    }

    pub fn chance(&mut self, p: f32) -> bool {
        (self.throw() & 0xff_ffff) as f32 / (0x100_0000 as f32) < p
    }
}

struct Trainer {
    settings: Settings,
    /// For each feature its number in the weights and what kind it is.
    ids: HashMap<u32, u32, BuildHasherDefault<Plain>>,
    weights: Vec<Row>,
    squares: Vec<Row>,
    steps: [Row; LABELS],
    step_squares: [Row; LABELS],
    /// At which step each feature's weights were shrunk last.
    shrunk: Vec<u32>,
    penalty: f32,
}

const SMALL: f32 = 0.3;

impl Trainer {
    fn new(examples: &[&Example], settings: Settings) -> Trainer {
        // Number of originals a feature was seen in (up to `least`), and the last of them.
        let mut seen: HashMap<u32, (u32, u32), BuildHasherDefault<Plain>> = HashMap::default();
        for e in examples {
            for f in &e.features.all {
                let row = seen.entry(*f).or_insert((0, u32::MAX));
                if row.1 != e.origin && row.0 < settings.least {
                    *row = (row.0 + 1, e.origin);
                }
            }
        }
        let mut kept: Vec<u32> = seen.into_iter().filter(|(_, (n, _))| *n >= settings.least).map(|(f, _)| f).collect();
        kept.sort_unstable();
        let n = kept.len();
        Trainer {
            settings,
            ids: kept.into_iter().enumerate().map(|(id, f)| (f, id as u32)).collect(),
            weights: vec![[0.0; LABELS]; n],
            squares: vec![[SMALL; LABELS]; n],
            steps: [[0.0; LABELS]; LABELS],
            step_squares: [[SMALL; LABELS]; LABELS],
            shrunk: vec![0; n],
            penalty: settings.penalty / examples.len().max(1) as f32,
        }
    }

    /// Lets the penalty of the steps since the last time take effect.
    fn shrink(&mut self, id: usize, now: u32) {
        let since = now - self.shrunk[id];
        if since == 0 {
            return;
        }
        self.shrunk[id] = now;
        let by = self.penalty * since as f32 * self.settings.rate;
        for (w, s) in self.weights[id].iter_mut().zip(&self.squares[id]) {
            if *w != 0.0 {
                *w = w.signum() * (w.abs() - by / s.sqrt()).max(0.0);
            }
        }
    }

    fn learn(&mut self, e: &Example, ids: &[u32], dice: &mut Dice, now: u32, free: &mut Lattice, held: &mut Lattice) {
        let n = e.gold.len();
        let mut scores = vec![[0.0f32; LABELS]; n];
        let mut out = vec![0u8; n];
        let mut start = 0;
        for t in 0..n {
            let end = e.features.ends[t] as usize;
            for (kind, p) in [OWN_WORD, RULES, NEIGHBOURS].into_iter().zip(self.settings.without) {
                out[t] |= (dice.chance(p) as u8) << kind;
            }
            for (id, feature) in ids[start..end].iter().copied().zip(&e.features.all[start..end]) {
                if id == u32::MAX || out[t] >> (feature & 3) & 1 == 1 && feature & 3 != FORM {
                    continue;
                }
                if now - self.shrunk[id as usize] > 50 {
                    self.shrink(id as usize, now);
                }
                scores[t].iter_mut().zip(&self.weights[id as usize]).for_each(|(s, w)| *s += w);
            }
            start = end;
        }
        let steps = Steps::new(&self.steps);
        free.run(&scores, &steps, |_| ALL);
        held.run(&scores, &steps, |t| e.gold[t]);
        let mut start = 0;
        for (t, left_out) in out.iter().enumerate() {
            let end = e.features.ends[t] as usize;
            let mut gradient = [0.0f32; LABELS];
            let mut most = 0.0f32;
            for (g, (held, free)) in gradient.iter_mut().zip(held.marginals[t].iter().zip(&free.marginals[t])) {
                *g = e.weight * (held - free);
                most = most.max(g.abs());
            }
            if most > 1e-3 {
                for (id, feature) in ids[start..end].iter().copied().zip(&e.features.all[start..end]) {
                    if id == u32::MAX || left_out >> (feature & 3) & 1 == 1 && feature & 3 != FORM {
                        continue;
                    }
                    let (w, s) = (&mut self.weights[id as usize], &mut self.squares[id as usize]);
                    for l in 0..LABELS {
                        s[l] += gradient[l] * gradient[l];
                        w[l] += self.settings.rate * gradient[l] / s[l].sqrt();
                    }
                }
            }
            start = end;
        }
        let mut sums = [[0.0f32; LABELS]; LABELS];
        held.add_steps(&steps, e.weight, &mut sums);
        free.add_steps(&steps, -e.weight, &mut sums);
        let all = self.steps.iter_mut().flatten().zip(self.step_squares.iter_mut().flatten()).zip(sums.iter().flatten());
        for ((step, square), g) in all {
            *square += g * g;
            *step += self.settings.rate * g / square.sqrt();
        }
    }
}

/// Trains a model and gives it as bytes.
pub fn train(examples: &[&Example], settings: Settings) -> Vec<u8> {
    let mut trainer = Trainer::new(examples, settings);
    let ids: Vec<Vec<u32>> =
        examples.iter().map(|e| e.features.all.iter().map(|f| trainer.ids.get(f).copied().unwrap_or(u32::MAX)).collect()).collect();
    let mut dice = Dice::new(settings.seed);
    let mut order: Vec<usize> = (0..examples.len()).collect();
    let (mut free, mut held) = (Lattice::default(), Lattice::default());
    let mut now = 0;
    // The last rounds' weights are averaged: what only the last texts taught falls away.
    let mut sums = vec![[0.0f32; LABELS]; trainer.weights.len()];
    let mut steps = [[0.0f32; LABELS]; LABELS];
    let averaged = settings.averaged.clamp(1, settings.rounds.max(1));
    for round in 0..settings.rounds {
        for i in (1..order.len()).rev() {
            order.swap(i, dice.below(i + 1));
        }
        for at in &order {
            now += 1;
            trainer.learn(examples[*at], &ids[*at], &mut dice, now, &mut free, &mut held);
        }
        if round + averaged >= settings.rounds {
            let part = 1.0 / averaged as f32;
            for (id, sum) in sums.iter_mut().enumerate() {
                trainer.shrink(id, now);
                sum.iter_mut().zip(&trainer.weights[id]).for_each(|(s, w)| *s += part * w);
            }
            steps.iter_mut().flatten().zip(trainer.steps.iter().flatten()).for_each(|(s, w)| *s += part * w);
        }
    }
    let mut rows: Vec<(u32, Row)> = Vec::with_capacity(trainer.ids.len());
    let mut all: Vec<(u32, u32)> = trainer.ids.iter().map(|(f, id)| (*f, *id)).collect();
    all.sort_unstable();
    for (f, id) in all {
        rows.push((f, sums[id as usize]));
    }
    store::write(&mut rows, &steps)
}
