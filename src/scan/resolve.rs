//! From what the recognizers found to what is masked: the union of overlaps, one label each.

use super::Category;
use super::doc::{Doc, Found};

/// How strongly a label holds where findings overlap: structured ones by the table's order, then persons, then the rest.
fn weight(c: Category) -> u32 {
    use Category::*;
    match c {
        Email => 20,
        Handle => 19,
        Pnr => 18,
        Account => 17,
        Caseno => 16,
        Idno => 15,
        Phone => 14,
        Plate => 13,
        Property => 12,
        Address => 11,
        Postcode => 10,
        Org => 9,
        Rare => 8,
        Person => 7,
        Age => 6,
        Date => 5,
        Origin => 4,
        Occupation => 3,
        Location => 2,
    }
}

/// Does one of these findings, in order and not overlapping, overlap this one?
pub fn touched(found: &[Found], by: &Found) -> bool {
    let first = found.partition_point(|f| f.end <= by.start);
    found.get(first).is_some_and(|f| f.start < by.end)
}

/// Sorts, joins what overlaps and drops what is below the threshold. Where an organisation and a place overlap wholly, the longer gives the label.
pub fn resolve(doc: &Doc, mut found: Vec<Found>, threshold: f32) -> (Vec<Found>, Vec<Found>) {
    found.retain(|f| f.start < f.end && f.end <= doc.n.len());
    let (mut keep, mut notes): (Vec<Found>, Vec<Found>) = found.into_iter().partition(|f| f.score >= threshold);
    keep.sort_by(|a, b| a.start.cmp(&b.start).then(b.end.cmp(&a.end)));
    let mut out: Vec<Found> = Vec::with_capacity(keep.len());
    for f in keep {
        match out.last_mut() {
            Some(last) if f.start < last.end => {
                let end = last.end.max(f.end);
                let start = last.start;
                // A structured label wins over a longer one; else the longer stretch tells best what it is.
                let (a, b) = (last.end - last.start, f.end - f.start);
                let wins = if last.category.is_structured() || f.category.is_structured() {
                    weight(f.category) > weight(last.category) && (!last.category.is_structured() || b >= a)
                        || (f.category.is_structured() && !last.category.is_structured())
                } else {
                    b > a || b == a && weight(f.category) > weight(last.category)
                };
                if wins {
                    *last = f;
                }
                last.start = start;
                last.end = end;
            }
            _ => out.push(f),
        }
    }
    notes.retain(|n| !touched(&out, n));
    notes.sort_by_key(|n| n.start);
    notes.dedup_by(|b, a| b.start < a.end);
    (out, notes)
}
