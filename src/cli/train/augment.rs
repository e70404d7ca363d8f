//! Copies of gold messages that teach what single words must not: other names, lower case, capitals, and masks in place of what was found.

use super::corpus::Gold;
use crate::scan::Category;
use crate::scan::model::train::Dice;

/// The names to choose from, by how common they are, so that rare ones come as often as common ones.
pub struct Names {
    given: Vec<Vec<String>>,
    last: Vec<Vec<String>>,
    places: Vec<String>,
}

impl Names {
    /// From `names.txt` and `places.txt` (wordlists/README.md).
    pub fn read(names: &str, places: &str) -> Names {
        let (mut given, mut last) = (vec![Vec::new(); 36], vec![Vec::new(); 36]);
        for line in names.lines() {
            let Some((name, buckets)) = line.split_once(' ') else { continue };
            let b: Vec<usize> = buckets.chars().filter_map(|c| c.to_digit(36)).map(|d| d as usize).collect();
            if let [women, men, surname] = b[..] {
                given[women.max(men)].push(name.to_owned());
                last[surname].push(name.to_owned());
            }
        }
        let clean = |lists: Vec<Vec<String>>| lists.into_iter().skip(3).filter(|l| !l.is_empty()).collect();
        let places = places.lines().filter_map(|l| l.split('\t').next()).filter(|p| !p.contains(' ')).map(str::to_owned).collect();
        Names { given: clean(given), last: clean(last), places }
    }

    fn pick(&self, dice: &mut Dice, first: bool) -> &str {
        let lists = if first { &self.given } else { &self.last };
        if lists.is_empty() {
            return "kim";
        }
        let list = &lists[dice.below(lists.len())];
        &list[dice.below(list.len())]
    }
}

/// Copies a text piece by piece; `change` gives what a marked stretch becomes, or nothing to leave it. A stretch that becomes a mask is no longer marked.
fn rebuild(gold: &Gold, mut change: impl FnMut(&[char], Option<Category>) -> Option<(Vec<char>, bool)>) -> Gold {
    let mut out = Gold { text: Vec::with_capacity(gold.text.len()), spans: Vec::new() };
    let mut at = 0;
    for (a, b, c) in &gold.spans {
        if *a < at {
            continue;
        }
        out.text.extend(&gold.text[at..*a]);
        let start = out.text.len();
        match change(&gold.text[*a..*b], *c) {
            Some((new, marked)) => {
                out.text.extend(new);
                if marked {
                    out.spans.push((start, out.text.len(), *c));
                }
            }
            None => {
                out.text.extend(&gold.text[*a..*b]);
                out.spans.push((start, out.text.len(), *c));
            }
        }
        at = *b;
    }
    out.text.extend(&gold.text[at..]);
    out
}

/// A word in the case of another.
fn in_case_of(model: &[char], word: &str) -> Vec<char> {
    let upper = |c: char| c.to_uppercase().next().unwrap_or(c);
    let all = model.len() > 1 && model.iter().all(|c| !c.is_lowercase());
    let first = model.first().is_some_and(|c| c.is_uppercase());
    word.chars().enumerate().map(|(i, c)| if all || first && i == 0 { upper(c) } else { c }).collect()
}

/// One letter of a word dropped, doubled or swapped: a name that no list holds.
fn misspelled(word: &[char], dice: &mut Dice) -> Vec<char> {
    let mut w = word.to_vec();
    if w.len() > 3 {
        let at = 1 + dice.below(w.len() - 2);
        match dice.below(3) {
            0 => {
                w.remove(at);
            }
            1 => w.insert(at, w[at]),
            _ => w[at] = ['a', 'e', 'i', 'o', 'u', 'y', 'h', 'k'][dice.below(8)],
        }
    }
    w
}

/// Persons get other names, the same one everywhere in a text; some places other places.
pub fn renamed(gold: &Gold, names: &Names, dice: &mut Dice) -> Gold {
    let mut given: Vec<(Vec<char>, Vec<char>)> = Vec::new();
    rebuild(gold, |text, c| match c {
        Some(Category::Person) => {
            let mut out = Vec::new();
            let mut nth = 0;
            let mut i = 0;
            while i < text.len() {
                let end = (i..text.len()).find(|j| !text[*j].is_alphabetic()).unwrap_or(text.len());
                let word = &text[i..end];
                // Initials and particles stay.
                if word.len() < 3 || word.iter().all(|c| c.is_lowercase()) && nth > 0 && word.len() < 4 {
                    out.extend(word);
                } else {
                    let plain: Vec<char> = word.iter().flat_map(|c| c.to_lowercase()).collect();
                    let genitive = end == text.len()
                        && plain.len() > 4
                        && plain.ends_with(&['s'])
                        && !plain.ends_with(&['i', 'a', 's'])
                        && dice.chance(0.5);
                    let stem = if genitive { plain[..plain.len() - 1].to_vec() } else { plain };
                    let new = match given.iter().find(|(old, _)| *old == stem) {
                        Some((_, new)) => new.clone(),
                        None => {
                            let new: Vec<char> = names.pick(dice, nth == 0).chars().collect();
                            let new = if dice.chance(0.15) { misspelled(&new, dice) } else { new };
                            given.push((stem, new.clone()));
                            new
                        }
                    };
                    out.extend(in_case_of(word, &new.iter().collect::<String>()));
                    if genitive && new.last() != Some(&'s') {
                        out.push('s');
                    }
                }
                nth += 1;
                i = end;
                while i < text.len() && !text[i].is_alphabetic() {
                    out.push(text[i]);
                    i += 1;
                }
            }
            Some((out, true))
        }
        Some(Category::Location) if !names.places.is_empty() && text.iter().all(|c| c.is_alphabetic()) && dice.chance(0.5) => {
            let new = &names.places[dice.below(names.places.len())];
            Some((in_case_of(text, new), true))
        }
        _ => None,
    })
}

/// All letters made small.
pub fn lowered(gold: &Gold) -> Gold {
    cased(gold, |c| c.to_lowercase().next())
}

/// All letters made capitals.
pub fn raised(gold: &Gold) -> Gold {
    cased(gold, |c| c.to_uppercase().next())
}

fn cased(gold: &Gold, change: impl Fn(char) -> Option<char>) -> Gold {
    Gold { text: gold.text.iter().map(|c| change(*c).unwrap_or(*c)).collect(), spans: gold.spans.clone() }
}

fn mask(c: Category) -> &'static str {
    use Category::*;
    match c {
        Person => "[person 1]",
        Pnr => "[personnummer]",
        Phone => "[telefon]",
        Email => "[e-post]",
        Handle => "[användarnamn]",
        Address => "[adress]",
        Postcode => "[postnummer]",
        Account => "[kontonummer]",
        Caseno => "[ärendenummer]",
        Plate => "[regnummer]",
        Property => "[fastighet]",
        Idno => "[id-nummer]",
        Location => "[mindre ort]",
        Org => "[verksamhet]",
        Date => "[datum]",
        Age => "[ålder]",
        Origin => "[ursprung]",
        Occupation => "[yrke]",
        Rare => "[särskild omständighet]",
    }
}

/// A share of what is marked masked already.
pub fn masked(gold: &Gold, share: f32, dice: &mut Dice) -> Gold {
    rebuild(gold, |_, c| c.filter(|_| dice.chance(share)).map(|c| (mask(c).chars().collect(), false)))
}

/// One sentence of the text by itself: a field often holds no more, and a lone name has no company there. Nothing where the text has but one.
pub fn sliced(gold: &Gold, dice: &mut Dice) -> Option<Gold> {
    let text = &gold.text;
    let ends = |i: usize| {
        text[i] == '\n'
            || matches!(text[i], '.' | '!' | '?') && text.get(i + 1) == Some(&' ') && text.get(i + 2).is_some_and(|c| c.is_uppercase())
    };
    let mut sentences = Vec::new();
    let mut start = 0;
    for i in 0..text.len() {
        let inside = gold.spans.iter().any(|(a, b, _)| *a <= i && i + 1 < *b);
        if i + 1 == text.len() || ends(i) && !inside {
            let from = (start..=i).find(|k| !text[*k].is_whitespace()).unwrap_or(i);
            sentences.push((from, if text[i] == '\n' { i } else { i + 1 }));
            start = i + 1;
        }
    }
    sentences.retain(|(a, b)| text[*a..(*b).max(*a)].iter().filter(|c| **c == ' ').count() > 2);
    if sentences.len() < 2 {
        return None;
    }
    let (from, to) = sentences[dice.below(sentences.len())];
    let spans = gold.spans.iter().filter(|(a, b, _)| from <= *a && *b <= to).map(|(a, b, c)| (a - from, b - from, *c)).collect();
    Some(Gold { text: text[from..to].to_vec(), spans })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slice_is_one_sentence_with_its_marks() {
        let text: Vec<char> = "Vi har en fråga till er. Kan ni ringa Anna i dag? Det vore bra för oss.".chars().collect();
        let at = text.windows(4).position(|w| w.iter().collect::<String>() == "Anna").unwrap();
        let gold = Gold { text, spans: vec![(at, at + 4, Some(Category::Person))] };
        let all: Vec<Gold> = (0..20).filter_map(|seed| sliced(&gold, &mut Dice::new(seed))).collect();
        assert_eq!(all.len(), 20);
        for g in &all {
            let text: String = g.text.iter().collect();
            assert!(text.ends_with(['.', '?']) && !text.starts_with(' ') && text.matches(['.', '?']).count() == 1, "{text:?}");
            assert_eq!(g.spans.len(), text.contains("Anna") as usize);
            g.spans.iter().for_each(|(a, b, _)| assert_eq!(g.text[*a..*b].iter().collect::<String>(), "Anna"));
        }
        assert!(all.iter().any(|g| !g.spans.is_empty()) && all.iter().any(|g| g.spans.is_empty()));
    }
}
