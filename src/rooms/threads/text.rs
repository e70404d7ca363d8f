//! Free text on its way in: every field is scanned here, in memory, before anything else is done with it.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::{
    http::error::{Code, Error},
    rooms::House,
    scan::{
        Finding, Level,
        shown::{self, Claimed, Ground},
    },
};

/// The longest free text, in code points.
pub const LONGEST: usize = 8_000;

/// Every free-text field there is.
pub const FREE: [&str; 9] = ["situation", "question", "considered", "text", "advice", "paragraph", "limits", "reason", "comment"];

/// A finding that the writer says is no name. Offsets count code points in the field.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, ToSchema)]
pub struct Claim {
    pub field: String,
    pub start: usize,
    pub end: usize,
}

impl Claim {
    fn of_scan(&self) -> Claimed<'_> {
        Claimed { field: &self.field, start: self.start, end: self.end }
    }
}

/// A named piece of free text.
#[derive(Clone, Copy, Debug)]
pub struct Field<'a> {
    pub name: &'static str,
    pub text: &'a str,
}

/// Why a text cannot go straight out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Reason {
    /// The writer says that a name found is none.
    Claim,
    /// Too few people fit what stays visible.
    Risk,
}

/// The verdict on a text that holds no direct identifier but those that are claimed to be none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Verdict {
    pub reasons: Vec<Reason>,
    /// For the asking side only.
    pub risk: Option<Value>,
}

/// Refuses a text that is empty where it must not be, or too long.
pub fn required(field: Field<'_>) -> Result<(), Error> {
    if field.text.trim().is_empty() { Err(Error::field(field.name)) } else { optional(field) }
}

pub fn optional(field: Field<'_>) -> Result<(), Error> {
    let too_long = field.text.len() > LONGEST && field.text.chars().count() > LONGEST;
    // A NUL is text to nobody, and one of the two databases cannot keep it.
    if too_long || field.text.contains('\0') { Err(Error::field(field.name)) } else { Ok(()) }
}

/// Runs what scans off the async threads: a long text takes milliseconds, and a whole thread more.
pub async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    // A panic's words could quote the text: they are not looked at.
    tokio::task::spawn_blocking(work).await.map_err(|_| Error::internal("scan", "panic"))
}

/// What the page and the refusals tell of a finding: where and what, never the words.
fn brief(field: &str, f: &Finding) -> Value {
    json!({ "field": field, "start": f.start, "end": f.end, "category": f.category, "level": f.level, "structured": f.category.is_structured() })
}

/// Scans every field. A direct identifier refuses the lot, unless it is a name and the writer claims that it is none.
/// Gives whether something was claimed that had been found.
///
/// Errors: `scan.blocked` with all findings of level block that are not claimed.
pub fn refuse_direct(house: &House, fields: &[Field<'_>], claims: &[Claim]) -> Result<bool, Error> {
    let mut blocked = Vec::new();
    let mut claimed = false;
    for field in fields {
        for f in house.scanner.scan(field.text).findings.iter().filter(|f| f.level == Level::Block) {
            if claims.iter().any(|c| c.of_scan().covers(f, field.name)) {
                claimed = true;
            } else {
                blocked.push(brief(field.name, f));
            }
        }
    }
    if blocked.is_empty() { Ok(claimed) } else { Err(Error::new(Code::ScanBlocked).with("findings", blocked)) }
}

/// As [`refuse_direct`], for one field that nobody may claim anything of, off the async threads.
pub async fn refuse_any(house: &House, name: &'static str, text: &str) -> Result<(), Error> {
    let (house, text) = (house.clone(), text.to_owned());
    off_thread(move || refuse_direct(&house, &[Field { name, text: &text }], &[])).await?.map(|_| ())
}

/// How many people fit what `earlier` and `fields` leave visible together, and whether that is enough.
pub fn risk(house: &House, municipality: &str, earlier: &[String], fields: &[(String, String)], claims: &[Claim]) -> (Value, bool) {
    let claims: Vec<Claimed<'_>> = claims.iter().map(Claim::of_scan).collect();
    shown::risk(house.scanner, Ground { municipality, earlier, limit: house.rules.risk_limit }, fields, &claims)
}

/// The whole judgement of a text that is to be sent.
/// `earlier` is what already stands in the thread; `asking` says whether the writer may see the figure.
pub fn judge(
    house: &House,
    municipality: &str,
    earlier: &[String],
    fields: &[Field<'_>],
    claims: &[Claim],
    asking: bool,
) -> Result<Verdict, Error> {
    // What a claim names would be kept with a held text: nothing but a field of ours.
    if claims.iter().any(|c| fields.iter().all(|f| f.name != c.field)) {
        return Err(Error::field("claims"));
    }
    let mut verdict = Verdict::default();
    if refuse_direct(house, fields, claims)? {
        verdict.reasons.push(Reason::Claim);
    }
    let owned: Vec<(String, String)> = fields.iter().map(|f| (f.name.to_owned(), f.text.to_owned())).collect();
    let (figure, acceptable) = risk(house, municipality, earlier, &owned, claims);
    if !acceptable {
        verdict.reasons.push(Reason::Risk);
    }
    verdict.risk = asking.then_some(figure);
    Ok(verdict)
}

impl Verdict {
    /// `scan.needs_review`, with the reasons, and the figure where the writer may see it.
    pub fn error(&self) -> Error {
        let error = Error::new(Code::ScanNeedsReview).with("reasons", &self.reasons);
        match &self.risk {
            Some(risk) => error.with("risk", risk),
            None => error,
        }
    }
}
