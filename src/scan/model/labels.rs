//! The labels of the sequence: nothing, or the beginning or the inside of a finding of one category.

use crate::scan::Category::{self, *};

/// Categories whose first token is told apart from the rest, so that neighbours stay apart.
const SPLIT: [Category; 8] = [Person, Location, Org, Date, Age, Origin, Occupation, Rare];
const WHOLE: [Category; 11] = [Pnr, Phone, Email, Handle, Address, Postcode, Account, Caseno, Plate, Property, Idno];

/// How many labels there are: one for nothing, two for each split category, one for each other.
pub const LABELS: usize = 1 + 2 * SPLIT.len() + WHOLE.len();
/// The label of what identifies nobody.
pub const NOTHING: usize = 0;

/// The label of a token of this category; `first` where the finding begins.
pub fn label(category: Category, first: bool) -> usize {
    match SPLIT.iter().position(|c| *c == category) {
        Some(at) => 1 + 2 * at + !first as usize,
        None => 1 + 2 * SPLIT.len() + WHOLE.iter().position(|c| *c == category).unwrap_or(0),
    }
}

/// The category that a label stands for.
pub fn category(label: usize) -> Option<Category> {
    match label {
        NOTHING => None,
        l if l <= 2 * SPLIT.len() => Some(SPLIT[(l - 1) / 2]),
        l => WHOLE.get(l - 1 - 2 * SPLIT.len()).copied(),
    }
}

/// May `next` stand right after `previous` (or at the start)? An inside follows only its own beginning or inside.
pub const fn follows(previous: Option<usize>, next: usize) -> bool {
    let inside = next != NOTHING && next <= 2 * SPLIT.len() && next.is_multiple_of(2);
    match previous {
        Some(p) => !inside || p == next || p + 1 == next,
        None => !inside,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_and_categories_answer_each_other() {
        for c in SPLIT.into_iter().chain(WHOLE) {
            assert_eq!((category(label(c, true)), category(label(c, false))), (Some(c), Some(c)));
            assert!(follows(Some(label(c, true)), label(c, false)));
            assert!(follows(None, label(c, true)));
        }
        assert!(!follows(None, label(Person, false)) && !follows(Some(label(Org, true)), label(Person, false)));
        assert_eq!(category(NOTHING), None);
        assert!((1..LABELS).all(|l| category(l).is_some()));
    }
}
