//! What narrows the circle by its context: named schools, homes and workplaces, origins, occupations, rare circumstances.

use super::Category;
use super::dictionary::look_up;
use super::doc::{Case, Doc, Found};
use super::endings;
use super::names::given_like;
use super::pack::*;
use super::token::{Kind, Shape, Token};
use super::words::{self, compound, previous};

fn found(start: usize, end: usize, category: Category, score: f32, recognizer: &'static str, reason: &'static str) -> Found {
    Found { start, end, category, score, recognizer, reason, context: None }
}

pub const ORG_ENDINGS: &[&[u8]] = &[
    b"skolan",
    b"skola",
    b"skolans",
    b"skolas",
    b"gymnasiet",
    b"gymnasium",
    b"g\xe5rden",
    b"g\xe5rdens",
    b"hemmet",
    b"kliniken",
    b"kyrkan",
    b"anstalten",
    b"stallet",
    b"boendet",
    b"bost\xe4der",
    b"bruket",
    b"lasarettet",
    b"sjukhuset",
    b"sjukhus",
    b"lasarett",
    b"badet",
    b"centrum",
    b"centret",
    b"mottagningen",
    b"mosken",
    b"hallen",
    b"huset",
    b"bygg",
    b"bolaget",
    b"verken",
    b"klubben",
    b"banken",
    b"bostad",
    b"hus",
    b"hem",
    b"rosen",
    b"backen",
];

/// Endings of head nouns, indefinite.
pub const HEAD_ENDINGS: &[&[u8]] = &[
    b"enhet",
    b"klinik",
    b"f\xf6rening",
    b"s\xe4llskap",
    b"centrum",
    b"center",
    b"bruk",
    b"kyrka",
    b"f\xf6rsamling",
    b"skola",
    b"boende",
    b"klubb",
    b"mottagning",
    b"avdelning",
    b"teater",
    b"bibliotek",
    b"orkester",
    b"loppis",
    b"g\xe5rd",
    b"verksamhet",
    b"hem",
    b"k\xf6r",
    b"lekland",
    b"secondhand",
    b"kommunalf\xf6rbund",
    b"l\xe4nssjukhus",
    b"sjukhus",
    b"fabrik",
    b"hall",
    b"kolonilotter",
    b"scoutk\xe5r",
    b"bageri",
    b"verkstad",
];

/// A head noun by its ending ("rehabklinik", "biodlarförening"), indefinite: after a genitive.
fn head_ending(word: &[u8]) -> bool {
    HEAD_ENDINGS.iter().any(|e| word.len() >= e.len() && word.ends_with(e) && (word.len() > e.len() + 2 || e.len() > 4))
}

/// Named places of work, school, care and leisure.
pub fn organisations(doc: &Doc, out: &mut Vec<Found>) {
    for (i, t) in doc.tokens.iter().enumerate() {
        if !t.is_word() {
            continue;
        }
        if t.info.has(COMPANY) && !(t.shape == Shape::Lower && t.info.ordinary() > 1) {
            out.push(found(t.start, t.end, Category::Org, 0.85, "organisation", "company-listed"));
        }
        let head = t.info.has(ORG_HEAD) && (t.len() > 3 || t.shape == Shape::Upper)
            || t.may & endings::ORG_HEAD != 0 && t.shape == Shape::Lower && head_ending(doc.word(t));
        let capital = t.capital() && !(doc.case == Case::Upper && t.shape == Shape::Upper);
        let before = previous(doc, i);
        if head {
            // "förskolan Rallarrosen", "Vårdcentralen X", "HVB Svanhem", "Pizzeria Milano"
            let mut last = i;
            while let Some(n) = doc.tokens.get(last + 1) {
                let name = n.is_word()
                    && n.spaced
                    && n.capital()
                    && !n.opens
                    && n.shape != Shape::Single
                    && doc.case != Case::Upper
                    && !(words::safe(n) && last == i);
                let amp = last > i && (n.is(b'&') || n.is(b'-')) && doc.tokens.get(last + 2).is_some_and(|x| x.capital());
                if amp {
                    last += 2;
                } else if name {
                    last += 1;
                } else {
                    break;
                }
            }
            if last > i {
                let first = &doc.tokens[i + 1];
                // "skolan Anna": a person after the head is the name rules'.
                let person = given_like(first) && last == i + 1 && first.info.ordinary() == 0;
                if !person {
                    let start = if capital && !t.opens { t.start } else { first.start };
                    out.push(found(start, doc.tokens[last].end, Category::Org, 0.85, "organisation", "after-head-noun"));
                }
            }
            // "Sländans förskola", "Tensta gymnasium", "Skillingaryds IS"
            let mut first = i;
            while first > 0 {
                let p = &doc.tokens[first - 1];
                // An opening word is a name only when it is no ordinary one, or a place, or a genitive.
                let opener =
                    p.opens && (p.info.ordinary() > 1 || p.info.ordinary() > 0 && !p.info.has(PLACE) && !doc.word(p).ends_with(b"s"));
                let proper = !opener
                    && p.is_word()
                    && p.capital()
                    && p.shape != Shape::Single
                    && doc.tokens[first].spaced
                    && doc.case != Case::Upper
                    && !words::safe(p)
                    && !p.info.has(KIN | TITLE | GREETING);
                // "Rosenlunds palliativa enhet": one adjective between.
                if first == i
                    && p.is_word()
                    && p.shape == Shape::Lower
                    && p.len() > 4
                    && (doc.word(p).ends_with(b"a") || doc.word(p).ends_with(b"t"))
                    && p.info.ordinary() < 3
                    && first > 1
                {
                    let q = &doc.tokens[first - 2];
                    if q.is_word()
                        && q.shape == Shape::Initial
                        && !words::safe(q)
                        && doc.word(q).ends_with(b"s")
                        && q.info.ordinary() < 2
                        && q.info.given() < 9
                    {
                        first -= 2;
                        continue;
                    }
                }
                let joint = first < i && p.is(b'&') || p.is(b'-') && !p.spaced;
                if proper || joint && first > 1 && doc.tokens[first - 2].capital() {
                    first -= 1;
                } else {
                    break;
                }
            }
            while first < i && !doc.tokens[first].is_word() {
                first += 1;
            }
            if first < i && !(given_like(&doc.tokens[first]) && first + 1 == i && doc.tokens[first].base.given() > 8) {
                let generic = matches!(doc.word(t), b"hus" | b"enheten" | b"teamet" | b"boende" | b"hem" | b"g\xe5rd")
                    && !doc.word(&doc.tokens[i - 1]).ends_with(b"s")
                    && !doc.tokens[i - 1].info.has(PLACE);
                if !generic {
                    out.push(found(doc.tokens[first].start, t.end, Category::Org, 0.85, "organisation", "before-head-noun"));
                }
            } else if t.shape == Shape::Lower && doc.case != Case::Upper && t.len() > 4 {
                // "hökarängens servicehus", "hylte bruk": a place in lower case before.
                if let Some(p) = before.filter(|p| {
                    p.shape == Shape::Lower && (p.info.has(PLACE) || p.base.has(PLACE)) && p.info.ordinary() == 0 && p.len() > 3
                }) {
                    out.push(found(p.start, t.end, Category::Org, 0.75, "organisation", "before-head-noun"));
                }
            }
            continue;
        }
        // "Pilskolan", "Ribbagårdsskolan", "furulundsskolan"
        let w = doc.word(t);
        let at = before.is_some_and(|p| matches!(doc.word(p), b"p\xe5" | b"fr\xe5n" | b"till" | b"vid" | b"av" | b"via" | b"hos"));
        if t.len() > 6
            && !words::safe(t)
            && t.info.ordinary() == 0
            && t.may & endings::ORG != 0
            && ORG_ENDINGS.iter().any(|e| w.len() > e.len() + 2 && w.ends_with(e))
            && t.info.given() == 0
        {
            let generic = compound(w);
            let weak =
                [b"hus".as_slice(), b"hem", b"rosen", b"backen", b"hallen", b"huset", b"bygg", b"bostad"].iter().any(|e| w.ends_with(e));
            if capital && !t.opens || capital && !generic && !weak || !capital && !generic && !weak && (at || doc.case != Case::Normal) {
                out.push(found(t.start, t.end, Category::Org, 0.8, "organisation", "organisation-ending"));
                continue;
            }
        }
        // "på Krämaren", "på Rosa huset": a capitalised word after "på" that is no person.
        if capital
            && !t.opens
            && t.shape == Shape::Initial
            && !given_like(t)
            && !t.info.has(PLACE | SAFE | MONTH | FOREIGN | THING)
            && before.is_some_and(|p| doc.word(p) == b"p\xe5")
            && t.info.surname() < 9
        {
            let mut last = i;
            while doc
                .tokens
                .get(last + 1)
                .is_some_and(|n| n.is_word() && n.spaced && n.capital() && !n.opens && n.shape == Shape::Initial && !words::safe(n))
            {
                last += 1;
            }
            out.push(found(t.start, doc.tokens[last].end, Category::Org, 0.65, "organisation", "capital-after-pa"));
        }
    }
}

/// Nationality, people, language, faith.
pub fn origins(doc: &Doc, out: &mut Vec<Found>) {
    for p in doc.phrases.iter().filter(|p| p.info.has(ORIGIN) && !p.info.has(SAFE)) {
        out.push(found(doc.tokens[p.first].start, doc.tokens[p.last].end, Category::Origin, 0.9, "origin", "origin-listed"));
    }
    for (i, t) in doc.tokens.iter().enumerate() {
        if !t.is_word() || t.len() < 3 || words::safe(t) || t.info.has(SAFE) {
            continue;
        }
        let w = doc.word(t);
        let listed = t.info.has(ORIGIN) || (t.base.has(ORIGIN) && t.info.0 == 0);
        let speaking = w.strip_suffix(b"talande").or(w.strip_suffix(b"spr\xe5kig")).or(w.strip_suffix(b"spr\xe5kiga")).is_some_and(|s| {
            s.len() > 2
                && (look_up(s).has(ORIGIN) || look_up(&[s, b"a"].concat()).has(ORIGIN) || look_up(&[s, b"ska"].concat()).has(ORIGIN))
        });
        if !(listed || speaking) || t.capital() && !t.opens && (t.info.given() > 6 || t.info.surname() > 7) {
            continue;
        }
        let cue = previous(doc, i).is_some_and(|p| {
            matches!(
                doc.word(p),
                b"talar"
                    | b"pratar"
                    | b"p\xe5"
                    | b"\xe4r"
                    | b"fr\xe5n"
                    | b"spr\xe5k"
                    | b"tolk"
                    | b"modersm\xe5l"
                    | b"en"
                    | b"ett"
                    | b"\xe4kta"
                    | b"f\xf6dd"
            )
        });
        if t.info.ordinary() < 2 && t.info.given() < 10 || cue && t.info.ordinary() < 3 {
            out.push(found(t.start, t.end, Category::Origin, 0.85, "origin", "origin-listed"));
        }
    }
}

const WORK_BEFORE: &[&[u8]] = &[
    b"som",
    b"\xe4r",
    b"var",
    b"varit",
    b"blev",
    b"blivit",
    b"bli",
    b"utbildad",
    b"pensionerad",
    b"yrke",
    b"arbete",
    b"en",
    b"e",
    b"\xe4",
    b"d",
    b"fd",
    b"tidigare",
    b"f\xf6re",
    b"gammal",
    b"egen",
    b"blivande",
    b"arbetsl\xf6s",
    b"yrken",
    b"syssels\xe4ttning",
    b"nyutbildad",
    b"legitimerad",
    b"f\xf6rre",
    b"aktiv",
];
const VEHICLES: &[&[u8]] = &[
    b"bil",
    b"buss",
    b"taxi",
    b"vagn",
    b"truck",
    b"plog",
    b"t\xe5g",
    b"b\xe5t",
    b"traktor",
    b"skoter",
    b"pist",
    b"kran",
    b"gr\xe4vmaskin",
    b"f\xe4rja",
];

/// Somebody's work, where it is not a role in the matter.
pub fn occupations(doc: &Doc, out: &mut Vec<Found>) {
    for (i, t) in doc.tokens.iter().enumerate() {
        if !t.is_word() || t.len() < 4 || words::safe(t) || t.capital() && !t.opens && doc.case == Case::Normal {
            continue;
        }
        let w = doc.word(t);
        let before = previous(doc, i);
        if matches!(w, b"k\xf6r" | b"k\xf6rde") {
            if let Some(n) = doc.tokens.get(i + 1).filter(|n| {
                n.is_word()
                    && n.len() > 3
                    && VEHICLES.iter().any(|v| doc.word(n).ends_with(v) && (doc.word(n).len() > v.len() || v.len() > 3))
            }) {
                out.push(found(t.start, n.end, Category::Occupation, 0.75, "occupation", "drives"));
            }
            continue;
        }
        let listed = t.info.has(OCCUPATION) || t.base.has(OCCUPATION) && t.info.ordinary() == 0;
        // A very common word is somebody's work only where the list says so.
        if !listed && t.info.ordinary() > 2 {
            continue;
        }
        let stem = !listed
            && [b"erna".as_slice(), b"arna", b"aren", b"are", b"ar", b"er", b"en", b"n", b"an", b"a"]
                .iter()
                .any(|e| w.strip_suffix(*e).is_some_and(|s| s.len() > 4 && (look_up(s).has(OCCUPATION) && !look_up(s).has(ROLE | KIN))));
        let tail = !listed
            && !stem
            && w.len() > 8
            && t.info.ordinary() == 0
            && (2..w.len() - 4).any(|at| look_up(&w[at..]).has(OCCUPATION) && look_up(&w[at..]).ordinary() < 3);
        if !(listed || stem || tail) {
            continue;
        }
        let definite = w.strip_suffix(b"n").or(w.strip_suffix(b"en")).is_some_and(|s| look_up(s).has(ROLE));
        let role = t.info.has(ROLE | TITLE | KIN) || t.base.has(ROLE | TITLE | KIN) || definite;
        let works = before.is_some_and(|p| matches!(doc.word(p), b"som" | b"yrke" | b"pensionerad" | b"utbildad"))
            && doc
                .cue_before(
                    t.start,
                    4,
                    &[b"jobb*", b"arbet*", b"pensionerad", b"utbildad", b"yrke", b"verksam", b"jobbade", b"anst\xe4lld"],
                )
                .is_some();
        let said = before.is_some_and(|p| WORK_BEFORE.contains(&doc.word(p)));
        let beside = i > 0 && matches!(doc.tokens[i - 1].kind, Kind::Punct(b',' | b'(' | b':' | b'.'));
        let kin = before.is_some_and(|p| p.info.has(KIN))
            || doc
                .cue_before(
                    t.start,
                    4,
                    &[
                        b"mamma*", b"pappa*", b"mor", b"far", b"modern", b"fadern", b"maken", b"sambon", b"hustrun", b"frun", b"son*",
                        b"dotter*", b"bror", b"brodern", b"mannen", b"man", b"maka*",
                    ],
                )
                .is_some();
        let named = t.info.given() > 9 || t.info.surname() > 12 || t.info.has(ORIGIN | VERB);
        let hit = if role {
            works && t.info.has(OCCUPATION) || listed && said && kin && t.info.has(OCCUPATION) && !t.info.has(KIN)
        } else if listed || stem {
            !named
                && (t.info.ordinary() == 0 && (said || beside || kin || works || t.info.has(OCCUPATION))
                    || t.info.ordinary() < 3 && (works || listed && (said || beside || kin) && (t.info.ordinary() < 2 || kin)))
        } else {
            tail && (said || beside || works || kin) && !named
        };
        if hit {
            let mut f = found(
                t.start,
                t.end,
                Category::Occupation,
                if works { 0.9 } else { 0.7 },
                "occupation",
                if works { "works-as" } else { "occupation-listed" },
            );
            f.context = before.filter(|_| said || works).map(|p| (p.start, p.end));
            out.push(f);
        }
    }
}

const MANY: &[&[u8]] = &[b"sju", b"\xe5tta", b"nio", b"tio", b"elva", b"tolv", b"tretton", b"fjorton", b"femton"];

/// What singles somebody out.
pub fn rare(doc: &Doc, out: &mut Vec<Found>) {
    for p in doc.phrases.iter().filter(|p| p.info.has(RARE)) {
        out.push(found(doc.tokens[p.first].start, doc.tokens[p.last].end, Category::Rare, 0.85, "rare", "rare-listed"));
    }
    for (i, t) in doc.tokens.iter().enumerate() {
        if !t.is_word() {
            continue;
        }
        let w = doc.word(t);
        if t.info.has(RARE) || t.base.has(RARE) {
            out.push(found(t.start, t.end, Category::Rare, 0.8, "rare", "rare-listed"));
        }
        let children = |n: &Token| matches!(doc.word(n), b"barn" | b"syskon" | b"s\xf6ner" | b"d\xf6ttrar" | b"barnbarn");
        if MANY.contains(&w) && doc.tokens.get(i + 1).is_some_and(|n| n.is_word() && children(n)) {
            out.push(found(t.start, doc.tokens[i + 1].end, Category::Rare, 0.7, "rare", "many-children"));
        }
        // "Kabuki syndrom", "Menkes sjukdom": an eponym that the safe list lacks.
        if matches!(w, b"syndrom" | b"sjukdom" | b"ataxi" | b"dystrofi" | b"epilepsi") && i > 0 {
            let p = &doc.tokens[i - 1];
            if p.capital() && p.shape == Shape::Initial && !words::safe(p) && !p.opens {
                let mut first = i - 1;
                while first >= 2 && doc.tokens[first - 1].is(b'-') && doc.tokens[first - 2].is_word() {
                    first -= 2;
                }
                out.push(found(doc.tokens[first].start, t.end, Category::Rare, 0.75, "rare", "eponym-disease"));
            }
        }
        // "den enda … i kommunen", "kommunens enda"
        if matches!(w, b"enda" | b"ende") {
            let end = doc.tokens[i..].iter().take(9).find(|x| {
                matches!(x.kind, Kind::Punct(b'.' | b',' | b'!' | b'?') | Kind::Newline)
                    || x.is_word() && matches!(doc.word(x), b"som" | b"och")
            });
            let narrow = doc.tokens[i..].iter().take(8).any(|x| {
                x.is_word()
                    && matches!(
                        doc.word(x),
                        b"kommunen"
                            | b"byn"
                            | b"l\xe4net"
                            | b"landet"
                            | b"sverige"
                            | b"skolan"
                            | b"v\xe4rlden"
                            | b"trakten"
                            | b"orten"
                            | b"stan"
                            | b"sta'n"
                            | b"\xf6n"
                    )
            });
            let start = if previous(doc, i)
                .is_some_and(|p| matches!(doc.word(p), b"kommunens" | b"byns" | b"l\xe4nets" | b"landets" | b"sveriges" | b"ortens"))
            {
                previous(doc, i).map(|p| p.start)
            } else {
                narrow.then_some(t.start)
            };
            if let Some(start) = start {
                let stop = end.map_or(doc.n.len(), |x| x.start);
                let stop = doc.tokens[..doc.tokens.partition_point(|x| x.end <= stop)].last().map_or(t.end, |x| x.end);
                out.push(found(start, stop.max(t.end), Category::Rare, 0.7, "rare", "the-only-one"));
            }
        }
    }
}
