//! Property designations: a tract and two numbers ("Björknäs 1:42"), or a block and one ("kv. Vargen 3") (Lantmäteriet, Fastighetsregistret).

use super::{Matcher, Rule};
use crate::scan::Category;
use crate::scan::doc::{Doc, Found};
use crate::scan::pack::SAFE;
use crate::scan::token::{Kind, Shape};

pub const RULE: Rule = Rule {
    name: "property",
    category: Category::Property,
    patterns: &[r"[0-9]{1,3}:[0-9]{1,4}", r"kv(?:arteret)?\.? [a-zåäö]+ [0-9]{1,3}"],
    find,
};

fn find(doc: &Doc, m: &Matcher, out: &mut Vec<Found>) {
    for (start, end) in m.ranges(0, doc) {
        if !doc.free(start, end) {
            continue;
        }
        let cue = doc.cue_before(start, 4, &[b"fastighet*", b"g\xe5rden", b"lagfart*", b"tomten", b"stugan", b"huset", b"best\xe4mt"]);
        // The tract: one to three capitalised words right before, not an abbreviation of a law.
        let mut from = None;
        for t in doc.tokens[..doc.token_at(start)].iter().rev().take(3) {
            let name = t.is_word()
                && (t.shape == Shape::Initial
                    || (t.shape == Shape::Upper && t.len() > 4)
                    || (cue.is_some() && t.info.ordinary() < 2 && from.is_none() && t.is_word()))
                && !t.info.has(SAFE);
            if !name || (from.is_some() && t.opens && t.info.ordinary() > 0) {
                break;
            }
            from = Some(t.start);
        }
        let law = doc.word_before(start, b"").is_some_and(|t| {
            matches!(doc.word(t), b"kap" | b"sol" | b"kl" | b"klockan" | b"rutin" | b"punkt" | b"handbok" | b"kapitel" | b"ps")
        });
        if let (Some(from), false) = (from, law) {
            out.push(m.found(from, end, 0.9, "property-tract"));
        }
    }
    for (start, end) in m.ranges(1, doc) {
        if doc.free(start, end) && !doc.tokens[..doc.token_at(start)].last().is_some_and(|t| matches!(t.kind, Kind::Number)) {
            out.push(m.found(start, end, 0.9, "property-block"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::recognizers::testing::check;

    #[test]
    fn finds_and_allows() {
        check(
            &RULE,
            &[
                ("på Björknäs 1:42 i", "Björknäs 1:42"),
                ("Huset, Fårö Ava 1:19, sist", "Fårö Ava 1:19"),
                ("äger Kv Vargen 3 i", "Kv Vargen 3"),
            ],
            &["SOSFS 2014:5", "enl SoL 4:1", "klockan 10:30", "Rutin 9:3", "i rutin 9:3"],
        );
    }
}
