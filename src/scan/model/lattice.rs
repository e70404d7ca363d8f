//! Forward and backward over a linear chain: how probable each label of each token is, given all the others.

use super::ALL;
use super::labels::{LABELS, NOTHING, follows};

pub type Row = [f32; LABELS];

/// What a step from one label to the next weighs, as factors (0 where it cannot be).
pub struct Steps {
    pub from: [Row; LABELS],
    to: [Row; LABELS],
}

impl Steps {
    pub fn new(weights: &[Row; LABELS]) -> Steps {
        let (mut from, mut to) = ([[0.0; LABELS]; LABELS], [[0.0; LABELS]; LABELS]);
        for (i, row) in weights.iter().enumerate() {
            for (j, w) in row.iter().enumerate() {
                if follows(Some(i), j) {
                    from[i][j] = w.exp();
                    to[j][i] = w.exp();
                }
            }
        }
        Steps { from, to }
    }
}

/// Below this share of the best label of the token a label is left out of the sums.
const LEAST: f32 = 1e-10;

/// Working memory, kept between texts.
#[derive(Default)]
pub struct Lattice {
    pub alpha: Vec<Row>,
    pub beta: Vec<Row>,
    pub factors: Vec<Row>,
    pub marginals: Vec<Row>,
}

/// Makes the row sum to one; an empty one becomes the label for nothing.
fn normalise(row: &mut Row) {
    const { assert!(LABELS.is_multiple_of(4)) };
    // Four sums side by side: the processor need not wait for each addition.
    let mut parts = [0.0f32; 4];
    for four in row.chunks_exact(4) {
        parts.iter_mut().zip(four).for_each(|(p, x)| *p += x);
    }
    let sum = parts[0] + parts[1] + parts[2] + parts[3];
    if sum > 0.0 && sum.is_finite() {
        row.iter_mut().for_each(|x| *x /= sum);
    } else {
        *row = [0.0; LABELS];
        row[NOTHING] = 1.0;
    }
}

/// The labels that a text may begin with.
const FIRST: u32 = {
    let (mut bits, mut l) = (0, 0);
    while l < LABELS {
        if follows(None, l) {
            bits |= 1 << l;
        }
        l += 1;
    }
    bits
};

/// Scores as factors; the best is one.
fn factors(scores: &Row) -> Row {
    let mut most = [f32::MIN; 4];
    for four in scores.chunks_exact(4) {
        most.iter_mut().zip(four).for_each(|(m, s)| *m = if *s > *m { *s } else { *m });
    }
    let best = most.into_iter().fold(f32::MIN, f32::max);
    std::array::from_fn(|l| exp(scores[l] - best))
}

/// e to the power of something that is not above nought, to seven digits, in steps that the processor takes for several numbers at once.
#[inline]
fn exp(x: f32) -> f32 {
    const ROUND: f32 = 12_582_912.0;
    let x = if x > -87.0 { x } else { -87.0 };
    let n = x * std::f32::consts::LOG2_E + ROUND - ROUND;
    let r = x - n * 0.693_359_4 + n * 2.121_944_4e-4;
    let p = 1.987_569_1e-4;
    let p = p * r + 1.398_2e-3;
    let p = p * r + 8.333_452e-3;
    let p = p * r + 4.166_579_6e-2;
    let p = p * r + 1.666_666_5e-1;
    let p = p * r + 0.5;
    let p = p * r * r + r + 1.0;
    p * f32::from_bits(((n as i32 + 127) as u32) << 23)
}

impl Lattice {
    /// The marginals of a chain with these scores; `allowed` gives for each token the labels that may be, as bits.
    pub fn run(&mut self, scores: &[Row], steps: &Steps, allowed: impl Fn(usize) -> u32) {
        let n = scores.len();
        for rows in [&mut self.alpha, &mut self.beta, &mut self.factors, &mut self.marginals] {
            rows.clear();
            rows.resize(n, [0.0; LABELS]);
        }
        for (t, scores) in scores.iter().enumerate() {
            let bits = if t > 0 { allowed(t) } else { allowed(t) & FIRST };
            self.factors[t] = if bits == ALL {
                factors(scores)
            } else {
                let mut row = factors(&std::array::from_fn(|l| if bits >> l & 1 == 1 { scores[l] } else { f32::MIN }));
                row.iter_mut().enumerate().filter(|(l, _)| bits >> l & 1 == 0).for_each(|(_, x)| *x = 0.0);
                row
            };
            let mut row = [0.0; LABELS];
            if t == 0 {
                row = [1.0; LABELS];
            } else {
                let before = self.alpha[t - 1];
                for (i, a) in before.iter().enumerate().filter(|(_, a)| **a > LEAST) {
                    row.iter_mut().zip(&steps.from[i]).for_each(|(r, s)| *r += a * s);
                }
            }
            row.iter_mut().zip(&self.factors[t]).for_each(|(r, f)| *r *= f);
            normalise(&mut row);
            self.alpha[t] = row;
        }
        for t in (0..n).rev() {
            let mut row = [0.0; LABELS];
            if t + 1 == n {
                row = [1.0; LABELS];
            } else {
                let mut after = self.beta[t + 1];
                after.iter_mut().zip(&self.factors[t + 1]).for_each(|(b, f)| *b *= f);
                normalise(&mut after);
                for (j, v) in after.iter().enumerate().filter(|(_, v)| **v > LEAST) {
                    row.iter_mut().zip(&steps.to[j]).for_each(|(r, s)| *r += v * s);
                }
            }
            self.beta[t] = row;
            let mut marginal = self.alpha[t];
            marginal.iter_mut().zip(&row).for_each(|(m, b)| *m *= b);
            normalise(&mut marginal);
            self.marginals[t] = marginal;
        }
    }

    /// Adds what each step between labels is expected to be taken, times `by`.
    pub fn add_steps(&self, steps: &Steps, by: f32, sums: &mut [Row; LABELS]) {
        for t in 1..self.alpha.len() {
            let mut after = self.beta[t];
            after.iter_mut().zip(&self.factors[t]).for_each(|(b, f)| *b *= f);
            let mut total = 0.0;
            let mut parts = [[0.0; LABELS]; LABELS];
            for (i, a) in self.alpha[t - 1].iter().enumerate().filter(|(_, a)| **a > LEAST) {
                for j in 0..LABELS {
                    parts[i][j] = a * steps.from[i][j] * after[j];
                }
                total += parts[i].iter().sum::<f32>();
            }
            if total > 0.0 && total.is_finite() {
                for (i, part) in parts.iter().enumerate().filter(|(i, _)| self.alpha[t - 1][*i] > LEAST) {
                    sums[i].iter_mut().zip(part).for_each(|(s, p)| *s += by * p / total);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All paths counted one by one.
    fn by_hand(scores: &[Row], weights: &[Row; LABELS]) -> Vec<Row> {
        let mut sums = vec![[0.0; LABELS]; scores.len()];
        let mut paths: Vec<(Vec<usize>, f32)> = vec![(vec![], 0.0)];
        for row in scores {
            let mut next = Vec::new();
            for (path, w) in &paths {
                for l in (0..LABELS).filter(|l| row[*l] > -50.0 && follows(path.last().copied(), *l)) {
                    let step = path.last().map_or(0.0, |p| weights[*p][l]);
                    next.push(([path.as_slice(), &[l]].concat(), w + row[l] + step));
                }
            }
            paths = next;
        }
        for (path, w) in &paths {
            path.iter().enumerate().for_each(|(t, l)| sums[t][*l] += w.exp());
        }
        sums.iter_mut().for_each(normalise);
        sums
    }

    #[test]
    fn exp_has_seven_digits() {
        for n in 0..8_700 {
            let x = n as f32 * -0.01;
            assert!((exp(x) / x.exp() - 1.0).abs() < 5e-7, "{x}: {} {}", exp(x), x.exp());
        }
    }

    #[test]
    fn marginals_are_those_of_all_paths() {
        let mut weights = [[0.0; LABELS]; LABELS];
        weights
            .iter_mut()
            .enumerate()
            .for_each(|(i, r)| r.iter_mut().enumerate().for_each(|(j, w)| *w = ((i * 7 + j * 3) % 5) as f32 * 0.2));
        let mut scores = vec![[-60.0; LABELS]; 4];
        for (t, row) in scores.iter_mut().enumerate() {
            (0..4).for_each(|l| row[l] = ((t * 5 + l * 3) % 7) as f32 * 0.3);
        }
        let mut lattice = Lattice::default();
        lattice.run(&scores, &Steps::new(&weights), |_| 0b1111);
        for (got, wanted) in lattice.marginals.iter().zip(by_hand(&scores, &weights)) {
            assert!(got.iter().zip(wanted).all(|(a, b)| (a - b).abs() < 1e-4), "{got:?} {wanted:?}");
        }
    }
}
