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

/// What features say of each label, in units; as many places as the processor likes. A token has fewer than 250 features, so that no sum overflows.
pub type Sums = [i16; 32];
/// The sums of the labels that there are.
pub type Units = [i16; LABELS];

/// Adds a row to the sums.
#[inline]
pub fn plus<const N: usize>(sums: &mut Sums, row: &[i16; N]) {
    let mut new = *sums;
    for l in 0..N {
        new[l] += row[l];
    }
    *sums = new;
}

/// A trained model, ready to be asked.
pub struct Weights {
    /// Open addressing.
    slots: Vec<Slot>,
    /// A bit for each feature, by some of its bits: most features of a text are none of the model's, and this tells it without leaving the cache.
    known: Vec<u64>,
    /// The weights of the features that have more than a slot holds, for each label.
    long: Vec<Sums>,
    unit: f32,
    pub steps: Steps,
}

/// A feature with its weights in eight bytes; 0 where the slot is empty. From the top: 22 bits that tell the feature from all others that may stand here,
/// one bit whether the rest is the number of a row in `long`, and three times a label in five bits and its weight in eight.
type Slot = u64;

const HELD: usize = 3;
const TAG: u32 = 42;
const LONG: u64 = 1 << 39;
/// So many slots there are at least, and so near its own place a feature stands: then the tag is enough.
const SLOTS: usize = 1 << 16;
const NEAR: usize = 64;

/// The part of a feature that its place does not tell, and six bits that its place does.
#[inline]
fn tag(feature: u32) -> u64 {
    (feature as u64 >> 18) << 8 | (feature as u64 & 3) << 6 | feature as u64 >> 2 & 63
}

/// Words of the bit field (64 KiB).
const KNOWN: usize = 1 << 13;

impl Weights {
    /// Adds what these features say to the sums of the labels, in units. Most features are none of the model's: first those that may be are picked, without
    /// a branch for each, which the processor could not foresee; then all their slots are fetched at once.
    #[inline]
    pub fn add(&self, features: &[u32], sums: &mut Sums) {
        let mask = self.slots.len() - 1;
        let mut picked = [0u32; 32];
        let mut slots: [Slot; 32] = [0; 32];
        for some in features.chunks(picked.len()) {
            let mut n = 0;
            for f in some {
                let f = (*f).max(1);
                picked[n & 31] = f;
                n += (self.known[(f >> 8) as usize & (KNOWN - 1)] >> (f >> 2 & 63) & 1) as usize;
            }
            slots.iter_mut().zip(&picked[..n]).for_each(|(slot, f)| *slot = self.slots[(f >> 2) as usize & mask]);
            for (f, slot) in picked[..n].iter().zip(&slots) {
                let slot = if slot >> TAG == tag(*f) { *slot } else { self.farther(*f) };
                if slot & LONG != 0 {
                    plus(sums, &self.long[(slot & (LONG - 1)) as usize]);
                } else {
                    // What a slot does not need stands at labels that are none.
                    for k in 0..HELD {
                        let entry = slot >> (13 * k);
                        sums[(entry >> 8 & 31) as usize] += entry as i8 as i16;
                    }
                }
            }
        }
    }

    /// The slot of a feature that does not stand at its own place; an empty one where it stands nowhere.
    fn farther(&self, f: u32) -> Slot {
        let mask = self.slots.len() - 1;
        let slots = (0..NEAR).map(|n| self.slots[((f >> 2) as usize + n) & mask]);
        slots.take_while(|slot| *slot != 0).find(|slot| slot >> TAG == tag(f)).unwrap_or(0)
    }

    /// Sums as scores.
    pub fn scores(&self, sums: &Units) -> Row {
        std::array::from_fn(|l| sums[l] as f32 * self.unit)
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
        let mut heads = Vec::with_capacity(features);
        let (mut last, mut end) = (0u32, 0usize);
        for _ in 0..features {
            last = last.wrapping_add(r.varint()?);
            let start = end;
            end += r.take(1)?[0] as usize;
            heads.push((last.max(1), start, end));
        }
        if end != entries {
            return Err(Broken::Damaged);
        }
        let (labels, weights) = (r.take(entries)?, r.take(entries)?);
        if labels.iter().any(|l| *l as usize >= LABELS) {
            return Err(Broken::Damaged);
        }
        let mut known = vec![0u64; KNOWN];
        let mut long: Vec<Sums> = Vec::new();
        let mut packed: Vec<(u32, Slot)> = Vec::with_capacity(features);
        for (feature, start, end) in heads {
            let entries = || labels[start..end].iter().zip(&weights[start..end]);
            let mut slot = tag(feature) << TAG;
            if end - start > HELD {
                let mut row = [0; 32];
                entries().for_each(|(l, w)| row[*l as usize] = *w as i8 as i16);
                slot |= LONG | long.len() as u64;
                long.push(row);
            } else {
                let spare = [(29, 0), (30, 0), (31, 0)];
                let all = entries().map(|(l, w)| (*l, *w)).chain(spare).take(HELD);
                all.enumerate().for_each(|(k, (l, w))| slot |= ((l as u64) << 8 | w as u64) << (13 * k));
            }
            packed.push((feature, slot));
            known[(feature >> 8) as usize & (KNOWN - 1)] |= 1 << (feature >> 2 & 63);
        }
        let slots = (0..6).find_map(|n| place(&packed, SLOTS.max(features.next_power_of_two()) << n)).ok_or(Broken::Damaged)?;
        Ok(Weights { slots, known, long, unit, steps: Steps::new(&steps) })
    }
}

/// The slots in a table of this size, if each stands near its place.
fn place(packed: &[(u32, Slot)], size: usize) -> Option<Vec<Slot>> {
    let mut slots = vec![0; size];
    for (feature, slot) in packed {
        let at = (0..NEAR).map(|n| ((feature >> 2) as usize + n) & (size - 1)).find(|at| slots[*at] == 0)?;
        slots[at] = *slot;
    }
    Some(slots)
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
        let mut sums = [0; 32];
        model.add(&[8, 900, 900, 70_000, 12], &mut sums);
        let scores = model.scores(&std::array::from_fn(|l| sums[l]));
        assert!((scores[0] + 1.0).abs() < 0.02 && (scores[3] - 4.0).abs() < 0.04, "{scores:?}");
        for cut in 0..bytes.len() {
            assert!(Weights::read(&bytes[..cut]).is_err());
        }
        assert_eq!(Weights::read(b"RDM1\x01\0\0\0").err(), Some(Broken::Kind));
    }
}
