//! Property designations: a tract and two numbers ("Björknäs 1:42"), or a block and one ("kv. Vargen 3") (Lantmäteriet, Fastighetsregistret).

use super::{Matcher, Rule};
use crate::scan::Category;
use crate::scan::doc::{Doc, Found};
use crate::scan::endings;
use crate::scan::numerals;
use crate::scan::pack::SAFE;
use crate::scan::token::{Kind, Shape};

pub const RULE: Rule = Rule {
    name: "property",
    category: Category::Property,
    patterns: &[r"(?:[0-9]{1,3}|s):[0-9]{1,4}", r"kv(?:arteret)?\.? [a-zåäö]+ [0-9]{1,3}"],
    find,
};

fn find(doc: &Doc, m: &Matcher, out: &mut Vec<Found>) {
    blocks(doc, m, out);
    for (start, end) in m.ranges(0, doc) {
        if !doc.free(start, end) {
            continue;
        }
        let cue = doc.cue_before(start, 4, &[b"fastighet*", b"g\xe5rden", b"lagfart*", b"tomten", b"stugan", b"huset", b"best\xe4mt"]);
        // The tract: one to three capitalised words right before, not an abbreviation of a law.
        let mut from = None;
        for t in doc.tokens[..doc.token_at(start)].iter().rev().take(3) {
            let estate =
                matches!(doc.word(t), b"s\xe4teri" | b"g\xe5rd" | b"by" | b"kyrkby" | b"pr\xe4stg\xe5rd" | b"kungsg\xe5rd" | b"bruk")
                    && from.is_none();
            let name = t.is_word()
                && (estate
                    || t.shape == Shape::Initial
                    || (t.shape == Shape::Upper && t.len() > 4)
                    || (cue.is_some() && t.info.ordinary() < 2 && from.is_none() && t.is_word()))
                && !t.info.has(SAFE);
            if !name || (from.is_some() && t.opens && t.info.ordinary() > 0) {
                break;
            }
            from = Some(t.start);
        }
        let law = doc.word_before(start, b"").is_some_and(|t| {
            matches!(
                doc.word(t),
                b"kap"
                    | b"sol"
                    | b"kl"
                    | b"klockan"
                    | b"rutin"
                    | b"punkt"
                    | b"handbok"
                    | b"kapitel"
                    | b"ps"
                    | b"blankett"
                    | b"bilaga"
                    | b"kort"
            )
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

/// "Vargen 3 ägs av", "fastigheten Vargen 3"; and in words: "Skogsby ett kolon tjugosju".
fn blocks(doc: &Doc, m: &Matcher, out: &mut Vec<Found>) {
    let number = |i: usize| {
        doc.tokens.get(i).is_some_and(|t| {
            t.may & endings::NUMERAL != 0
                && t.len() > 2
                && (numerals::cardinal(doc.word(t)).is_some() || matches!(doc.word(t), b"etta" | b"tv\xe5a" | b"trea"))
        })
    };
    for (i, t) in doc.tokens.iter().enumerate() {
        if t.shape != Shape::Initial || !t.is_word() || t.info.has(SAFE) {
            continue;
        }
        let rest = &doc.tokens[i + 1..];
        let owned = matches!(rest, [n, v, ..] if n.kind == Kind::Number && n.spaced && n.len() < 4 && v.is_word() && matches!(doc.word(v), b"\xe4gs" | b"\xe4gdes" | b"s\xe5ldes" | b"lagfart"));
        let asked = matches!(rest, [n, ..] if n.kind == Kind::Number && n.spaced && n.len() < 4)
            && doc.cue_before(t.start, 1, &[b"fastighet*", b"kvarteret", b"tomten", b"tomtr\xe4tten"]).is_some();
        if owned || asked {
            out.push(m.found(t.start, rest[0].end, 0.8, "property-block"));
        }
        let quote = rest.first().is_some_and(|q| q.is(b'"')) as usize;
        let k = i + 1 + quote;
        let colon = doc.tokens.get(k + 1).is_some_and(|c| c.is_word() && doc.word(c) == b"kolon") as usize;
        if number(k) && number(k + 1 + colon) && (quote + colon > 0 || doc.cue_before(t.start, 4, &[b"fastighet*"]).is_some()) {
            let first = if i > 0 && doc.tokens[i - 1].shape == Shape::Initial { i - 1 } else { i };
            out.push(m.found(doc.tokens[first].start, doc.tokens[k + 1 + colon].end, 0.8, "property-tract"));
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
                ("hälften av Kil Apertin s:4. Boupp", "Kil Apertin s:4"),
                ("Godset heter Ulfsax säteri 1:1 i", "Ulfsax säteri 1:1"),
                ("Vargen 3 ägs av", "Vargen 3"),
                ("huset Skogsby ett kolon tjugosju i", "Skogsby ett kolon tjugosju"),
            ],
            &["SOSFS 2014:5", "enl SoL 4:1", "klockan 10:30", "Rutin 9:3", "i rutin 9:3", "Blankett 7:3  Uppgift"],
        );
    }
}
