//! The scanner's word before sending, for integrations: the page has the same engine in itself and asks nobody. Nothing is stored, and nothing but the answer leaves.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    load, show,
    text::{self, Field},
};
use crate::{
    access::Side,
    http::error::{Code, Error},
    id::Id,
    rooms::{Call, House, roles, units},
    scan::shown::{self, Question},
};

#[derive(Deserialize, ToSchema)]
pub struct Check {
    /// The own unit that asks: its municipality is the reference for the risk.
    #[serde(default)]
    pub unit: Option<Id>,
    /// The thread that is written in: what already stands there counts towards the risk.
    #[serde(default)]
    pub thread: Option<Id>,
    /// The texts, by the names of the fields they stand in.
    pub fields: BTreeMap<String, String>,
}

/// `scan.check`.
pub async fn check(house: &House, call: Call, req: Check) -> Result<Value, Error> {
    // The answer repeats the names, so they are ours: somebody's own could be what must not be repeated.
    if !req.fields.keys().all(|name| text::FREE.contains(&name.as_str())) {
        return Err(Error::field("fields"));
    }
    for text in req.fields.values() {
        text::optional(Field { name: "fields", text })?;
    }
    let (municipality, earlier) = {
        let mut conn = house.db.read().await?;
        let roles = roles::of(&mut conn, &call.who).await?;
        match (req.thread, req.unit) {
            (Some(thread), _) => {
                let seen = load::seen(&mut conn, roles.person, thread).await?;
                if !seen.sight.takes_part {
                    return Err(Error::new(Code::RoleMissing));
                }
                let earlier = show::texts(&mut conn, house, &seen).await?;
                // The answering side writes under the same limit, but is not told the figure.
                ((seen.sight.side == Side::Asking).then_some(seen.thread.municipality), earlier)
            }
            (None, Some(unit)) if roles.in_unit(unit) => (units::find(&mut conn, unit).await?.map(|u| u.municipality), Vec::new()),
            (None, None) => (None, Vec::new()),
            (None, Some(_)) => return Err(Error::field("unit")),
        }
    };
    let question = Question { fields: req.fields, municipality, earlier, limit: house.rules.risk_limit };
    let house = house.clone();
    text::off_thread(move || shown::answer(house.scanner, &question)).await
}
