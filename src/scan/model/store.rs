//! The model as bytes: which features count, and by how much, for which label.
//!
//! Little-endian: "RDM1", labels u32, features u32, entries u32, size of one unit f32; steps between labels f32 × labels²; then for each feature, in
//! ascending order, the distance from the one before as a varint and its number of entries u8; then the entries' labels u8; then their weights i8.

use super::labels::LABELS;
use super::lattice::{Row, Steps};

const MAGIC: &[u8; 4] = b"RDM1";

/// Why bytes are no model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    #[error("this is no model of this scanner")]
    Kind,
    #[error("the model is cut short or damaged")]
    Damaged,
}

/// A trained model, ready to be asked.
pub struct Weights {
    /// Open addressing: the feature (0 where empty) and where its entries begin.
    slots: Vec<(u32, u32)>,
    /// A bit for each feature, by some of its bits: most features of a text are none of the model's, and this tells it without leaving the cache.
    known: Vec<u64>,
    /// Label and weight; the last of a feature has the highest bit of the label set.
    entries: Vec<(u8, i8)>,
    unit: f32,
    pub steps: Steps,
}

const LAST: u8 = 0x80;
/// Words of the bit field (128 KiB).
const KNOWN: usize = 1 << 14;

impl Weights {
    /// Adds what these features say to a token's scores.
    pub fn add(&self, features: &[u32], scores: &mut Row) {
        let mask = self.slots.len() - 1;
        let mut sums = [0i32; 32];
        for f in features {
            let f = (*f).max(1);
            if self.known[(f >> 8) as usize & (KNOWN - 1)] >> (f >> 2 & 63) & 1 == 0 {
                continue;
            }
            let mut at = (f >> 2) as usize & mask;
            loop {
                let (key, start) = self.slots[at];
                if key == f {
                    for (label, weight) in &self.entries[start as usize..] {
                        sums[(label & 31) as usize] += *weight as i32;
                        if label & LAST != 0 {
                            break;
                        }
                    }
                    break;
                }
                if key == 0 {
                    break;
                }
                at = (at + 1) & mask;
            }
        }
        scores.iter_mut().zip(&sums).for_each(|(s, n)| *s += *n as f32 * self.unit);
    }

    pub fn read(bytes: &[u8]) -> Result<Weights, Broken> {
        let mut r = Reader(bytes);
        if r.take(4)? != MAGIC || r.number()? as usize != LABELS {
            return Err(Broken::Kind);
        }
        let (features, entries) = (r.number()? as usize, r.number()? as usize);
        if features > bytes.len() || entries > bytes.len() {
            return Err(Broken::Damaged);
        }
        let unit = f32::from_bits(r.number()?);
        let mut steps = [[0.0; LABELS]; LABELS];
        for row in &mut steps {
            for s in row {
                *s = f32::from_bits(r.number()?);
            }
        }
        let mut slots = vec![(0, 0); (features * 2).next_power_of_two().max(2)];
        let mask = slots.len() - 1;
        let mut known = vec![0u64; KNOWN];
        let (mut last, mut start, mut ends) = (0u32, 0u32, Vec::with_capacity(features));
        for _ in 0..features {
            last = last.wrapping_add(r.varint()?);
            let mut at = (last >> 2) as usize & mask;
            while slots[at].0 != 0 {
                at = (at + 1) & mask;
            }
            slots[at] = (last.max(1), start);
            known[(last.max(1) >> 8) as usize & (KNOWN - 1)] |= 1 << (last.max(1) >> 2 & 63);
            start += r.take(1)?[0] as u32;
            ends.push(start);
        }
        if start as usize != entries {
            return Err(Broken::Damaged);
        }
        let (labels, weights) = (r.take(entries)?, r.take(entries)?);
        if labels.iter().any(|l| *l as usize >= LABELS) {
            return Err(Broken::Damaged);
        }
        let mut entries: Vec<(u8, i8)> = labels.iter().zip(weights).map(|(l, w)| (*l, *w as i8)).collect();
        for end in ends {
            match (end as usize).checked_sub(1).and_then(|e| entries.get_mut(e)) {
                Some(last) => last.0 |= LAST,
                None => return Err(Broken::Damaged),
            }
        }
        Ok(Weights { slots, known, entries, unit, steps: Steps::new(&steps) })
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, n: usize) -> Result<&'a [u8], Broken> {
        let (head, rest) = self.0.split_at_checked(n).ok_or(Broken::Damaged)?;
        self.0 = rest;
        Ok(head)
    }

    fn number(&mut self) -> Result<u32, Broken> {
        let b = self.take(4)?;
        Ok(u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
    }

    fn varint(&mut self) -> Result<u32, Broken> {
        let (mut value, mut shift) = (0u32, 0);
        loop {
            let b = self.take(1)?[0];
            value |= ((b & 0x7f) as u32) << shift;
            if b < 0x80 {
                return Ok(value);
            }
            shift += 7;
            if shift > 28 {
                return Err(Broken::Damaged);
            }
        }
    }
}

/// Writes a model; `rows` are the features with their weights. What rounds to nothing is left out.
pub fn write(rows: &mut [(u32, Row)], steps: &[Row; LABELS]) -> Vec<u8> {
    rows.sort_unstable_by_key(|r| r.0);
    let most = rows.iter().flat_map(|r| r.1).fold(0.0f32, |m, w| m.max(w.abs()));
    let unit = (most / 127.0).max(1e-6);
    let (mut heads, mut labels, mut weights) = (Vec::new(), Vec::new(), Vec::new());
    let (mut features, mut last) = (0u32, 0u32);
    for (feature, row) in rows.iter() {
        let before = labels.len();
        for (l, w) in row.iter().enumerate() {
            let q = (w / unit).round() as i8;
            if q != 0 {
                labels.push(l as u8);
                weights.push(q as u8);
            }
        }
        if labels.len() > before {
            let mut delta = feature - last;
            while delta >= 0x80 {
                heads.push(delta as u8 | 0x80);
                delta >>= 7;
            }
            heads.push(delta as u8);
            heads.push((labels.len() - before) as u8);
            last = *feature;
            features += 1;
        }
    }
    let mut out = MAGIC.to_vec();
    for n in [LABELS as u32, features, labels.len() as u32, unit.to_bits()] {
        out.extend(n.to_le_bytes());
    }
    steps.iter().flatten().for_each(|s| out.extend(s.to_bits().to_le_bytes()));
    out.extend(heads);
    out.extend(labels);
    out.extend(weights);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_written_model_is_read_and_a_damaged_one_refused() {
        let mut rows = vec![(900u32, [0.0; LABELS]), (8, [0.0; LABELS]), (70_000, [0.0; LABELS])];
        rows[0].1[3] = 2.0;
        rows[1].1[0] = -1.0;
        let bytes = write(&mut rows, &[[0.5; LABELS]; LABELS]);
        let model = Weights::read(&bytes).unwrap_or_else(|e| panic!("{e}"));
        let mut scores = [0.0; LABELS];
        model.add(&[8, 900, 900, 70_000, 12], &mut scores);
        assert!((scores[0] + 1.0).abs() < 0.02 && (scores[3] - 4.0).abs() < 0.04, "{scores:?}");
        for cut in 0..bytes.len() {
            assert!(Weights::read(&bytes[..cut]).is_err());
        }
        assert_eq!(Weights::read(b"RDM1\x01\0\0\0").err(), Some(Broken::Kind));
    }
}
