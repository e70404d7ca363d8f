//! The scanner: finds what identifies a person in Swedish text, and masks it.
//!
//! Pure: no input or output, no clock, no randomness, no global but the compiled wordlists. Builds for wasm32.

use serde::Serialize;

/// What kind of identifying detail a finding is. The names are those of the annotation guide (`tests/corpus/GUIDE.md`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Category {
    Person,
    Pnr,
    Phone,
    Email,
    Handle,
    Address,
    Postcode,
    Account,
    Caseno,
    Plate,
    Property,
    Idno,
    Location,
    Org,
    Date,
    Age,
    Origin,
    Occupation,
    Rare,
}

impl Category {
    /// A number or an address with a form of its own: it can never be kept and never be claimed to be a false alarm.
    pub fn is_structured(self) -> bool {
        !self.is_indirect() && self != Category::Person
    }

    /// Narrows the circle of people rather than pointing one out.
    pub fn is_indirect(self) -> bool {
        use Category::*;
        matches!(self, Location | Org | Date | Age | Origin | Occupation | Rare)
    }
}

/// How strongly a finding stands against sending.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Suspected: the writer is asked once; never stripped, never refused.
    Note,
    /// Indirect: narrows the circle; stripped by default, may be kept while the risk allows.
    Warn,
    /// Direct: must go.
    Block,
}

/// Why a detail was found. `recognizer` names the rule; `reason` is a stable key that the page turns into plain Swedish.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Evidence {
    pub recognizer: &'static str,
    pub reason: &'static str,
    /// The neighbouring word that tipped the decision, if one did ("fru", "ring").
    pub context: Option<String>,
    /// 0 to 1.
    pub score: f32,
}

/// One detail to mask. `start` and `end` count Unicode code points in the author's own text.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    pub start: usize,
    pub end: usize,
    pub category: Category,
    pub level: Level,
    /// The mask that keeps what advice needs: "[person 1]", "[mindre ort]".
    pub replacement: String,
    /// Coarser masks the writer may pick instead, coarsest last.
    pub coarser: Vec<String>,
    pub evidence: Evidence,
}

/// The answer to one text.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Report {
    /// Exactly what `redacted` replaces, in order, not overlapping. `Block` and `Warn` only.
    pub findings: Vec<Finding>,
    /// Suspected only; not stripped.
    pub notes: Vec<Finding>,
    pub redacted: String,
}
