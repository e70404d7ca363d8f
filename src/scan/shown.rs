//! What a scan is shown as: the one way in which the service and the engine in the page tell a writer what was found and how many people fit.

use std::{borrow::Cow, collections::BTreeMap};

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Category, Finding, Level, Reference, Report, Scanner};

/// What a writer's page asks before anything is sent.
#[derive(Debug, Deserialize)]
pub struct Question {
    /// The texts, by the names of the fields they stand in.
    pub fields: BTreeMap<String, String>,
    /// Where the asking unit works. Without it no risk is told.
    #[serde(default)]
    pub municipality: Option<String>,
    /// What already stands in the thread.
    #[serde(default)]
    pub earlier: Vec<String>,
    /// Fewer people than this are too few.
    #[serde(default)]
    pub limit: u64,
}

/// Among whom a risk is reckoned, and beside what.
#[derive(Clone, Copy, Debug)]
pub struct Ground<'a> {
    pub municipality: &'a str,
    pub earlier: &'a [String],
    pub limit: u64,
}

/// A finding that its writer says is no name. Offsets count code points in the field.
#[derive(Clone, Copy, Debug)]
pub struct Claimed<'a> {
    pub field: &'a str,
    pub start: usize,
    pub end: usize,
}

impl Claimed<'_> {
    /// Nothing but a name can be claimed to be none.
    pub fn covers(&self, f: &Finding, field: &str) -> bool {
        f.category == Category::Person && self.field == field && (self.start, self.end) == (f.start, f.end)
    }
}

/// The answer to a page: what was found in each field, and the risk where it is asked for.
pub fn answer(scanner: &Scanner, question: &Question) -> Value {
    let reports: Vec<(&str, &str, Report)> =
        question.fields.iter().map(|(name, text)| (name.as_str(), text.as_str(), scanner.scan(text))).collect();
    let mut fields = Map::new();
    for (name, _, report) in &reports {
        let findings: Vec<Value> = report.findings.iter().map(finding).collect();
        let notes: Vec<Value> = report.notes.iter().map(finding).collect();
        fields.insert((*name).to_owned(), json!({ "findings": findings, "notes": notes, "redacted": report.redacted }));
    }
    let risk = question.municipality.as_deref().map(|municipality| {
        let own = reports.into_iter().map(|(name, text, report)| (name, Visible { text: text.into(), findings: report.findings }));
        reckon(scanner, Ground { municipality, earlier: &question.earlier, limit: question.limit }, own.collect()).0
    });
    json!({ "fields": fields, "risk": risk })
}

/// A finding with all that the writer's own page shows. Only ever an answer to whoever wrote the text.
pub fn finding(f: &Finding) -> Value {
    json!({
        "start": f.start, "end": f.end, "category": f.category, "level": f.level, "structured": f.category.is_structured(),
        "replacement": f.replacement, "coarser": f.coarser, "evidence": f.evidence,
    })
}

/// How many people fit what `ground.earlier` and `fields` leave visible together, and whether that is enough. A name counts for one person and no more, but not where it
/// has been said to be none: by a claim, for which the text is held anyway, or by the approval without which it would not stand in what was sent earlier.
pub fn risk(scanner: &Scanner, ground: Ground<'_>, fields: &[(String, String)], claims: &[Claimed<'_>]) -> (Value, bool) {
    let own = fields.iter().map(|(name, text)| {
        let is_none = |f: &Finding| claims.iter().any(|c| c.covers(f, name));
        (name.as_str(), Visible::of(scanner, text, is_none))
    });
    reckon(scanner, ground, own.collect())
}

/// A text as it counts, with what is found in it.
struct Visible<'a> {
    text: Cow<'a, str>,
    findings: Vec<Finding>,
}

impl<'a> Visible<'a> {
    /// Leaves out what `is_none` says is no name.
    fn of(scanner: &Scanner, text: &'a str, is_none: impl Fn(&Finding) -> bool) -> Visible<'a> {
        let findings = scanner.scan(text).findings;
        let gone: Vec<(usize, usize)> = findings.iter().filter(|f| is_none(f)).map(|f| (f.start, f.end)).collect();
        if gone.is_empty() {
            return Visible { text: text.into(), findings };
        }
        let text = without(text, &gone);
        Visible { findings: scanner.scan(&text).findings, text: text.into() }
    }
}

/// The text with these parts, in code points, blanked out: everything else keeps its place.
fn without(text: &str, parts: &[(usize, usize)]) -> String {
    let gone = |at: usize| parts.iter().any(|(start, end)| (*start..*end).contains(&at));
    text.chars().enumerate().map(|(at, c)| if gone(at) { ' ' } else { c }).collect()
}

fn reckon(scanner: &Scanner, ground: Ground<'_>, own: Vec<(&str, Visible<'_>)>) -> (Value, bool) {
    let (names, own): (Vec<&str>, Vec<Visible<'_>>) = own.into_iter().unzip();
    let sent = ground.earlier.iter().map(|text| Visible::of(scanner, text, |f| f.level == Level::Block));
    let all: Vec<Visible<'_>> = sent.chain(own).collect();
    let found: Vec<(&str, &[Finding])> = all.iter().map(|v| (v.text.as_ref(), v.findings.as_slice())).collect();
    let risk = Scanner::risk_of(&found, Reference { municipality: Some(ground.municipality) });
    let acceptable = risk.people >= ground.limit.min(risk.population);
    let costliest = risk.costliest.as_ref().map(|d| {
        let field = d.text.checked_sub(ground.earlier.len()).and_then(|i| names.get(i));
        json!({ "field": field, "start": d.start, "end": d.end, "category": d.category, "coarser": d.coarser })
    });
    (
        json!({ "people": risk.people, "population": risk.population, "limit": ground.limit, "acceptable": acceptable, "costliest": costliest }),
        acceptable,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(question: Value) -> Value {
        answer(Scanner::shared(), &serde_json::from_value(question).expect("a question"))
    }

    #[test]
    fn every_field_is_answered_and_the_risk_only_where_it_is_asked_for() {
        let said = ask(json!({ "fields": { "situation": "Ring Anna Lind.", "question": "Vad gör vi?" } }));
        assert_eq!(said["fields"]["situation"]["findings"][0]["category"], "PERSON");
        assert_eq!(said["fields"]["question"], json!({ "findings": [], "notes": [], "redacted": "Vad gör vi?" }));
        assert_eq!(said["risk"], Value::Null);
        let said = ask(json!({ "fields": { "text": "Hon är 43 år." }, "municipality": "0180", "limit": 20 }));
        assert_eq!((&said["risk"]["limit"], &said["risk"]["acceptable"]), (&json!(20), &json!(true)));
        assert_eq!(said["risk"]["costliest"]["field"], "text");
    }

    #[test]
    fn what_was_sent_earlier_counts_but_not_names_that_were_approved() {
        let ask = |earlier: &[&str]| {
            ask(json!({ "fields": { "text": "Hej." }, "municipality": "0180", "limit": 20, "earlier": earlier }))["risk"].clone()
        };
        let (alone, beside) = (ask(&[]), ask(&["Hon är 43 år."]));
        assert!(beside["people"].as_u64() < alone["people"].as_u64());
        assert_eq!(beside["costliest"]["field"], Value::Null, "it stands in what was sent");
        assert_eq!(ask(&["Vi ringde Anna Lind."]), alone);
    }

    #[test]
    fn a_claimed_name_is_nobody_and_any_other_is_one() {
        let text = "Vi ringde Anna Lind.";
        let fields = [("text".to_owned(), text.to_owned())];
        let ground = Ground { municipality: "0180", earlier: &[], limit: 20 };
        let found = Scanner::shared().scan(text).findings;
        let claim = Claimed { field: "text", start: found[0].start, end: found[0].end };
        assert!(!risk(Scanner::shared(), ground, &fields, &[]).1);
        assert!(risk(Scanner::shared(), ground, &fields, &[claim]).1);
        assert!(!risk(Scanner::shared(), ground, &fields, &[Claimed { field: "advice", ..claim }]).1);
    }
}
