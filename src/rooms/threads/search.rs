//! Search over the person's own threads: every body is opened in memory and looked through; nothing clear is kept.

use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{
    list, show,
    text::{self, Field},
};
use crate::{
    http::error::Error,
    rooms::{Call, House, roles},
};

/// The most hits an answer holds.
const MOST: usize = 50;
/// Code points around a hit.
const AROUND: usize = 60;

#[derive(Deserialize, ToSchema)]
pub struct Search {
    pub text: String,
}

/// `thread.search`. What is searched for is free text like any other: with an identifier in it, it is refused.
pub async fn search(house: &House, call: Call, req: Search) -> Result<Value, Error> {
    let field = Field { name: "text", text: &req.text };
    text::required(field)?;
    text::refuse_any(house, field.name, field.text).await?;
    let wanted = req.text.trim().to_lowercase();
    let mut conn = house.db.read().await?;
    let roles = roles::of(&mut conn, &call.who).await?;
    let mut hits = Vec::new();
    for seen in list::mine(&mut conn, &roles, list::Of::All).await? {
        for (message, words) in show::all_words(&mut conn, house, &seen.thread).await? {
            if let Some(excerpt) = excerpt(&words, &wanted) {
                hits.push(json!({ "thread": seen.thread.id, "message": message, "excerpt": excerpt }));
                if hits.len() == MOST {
                    return Ok(json!({ "hits": hits }));
                }
            }
        }
    }
    Ok(json!({ "hits": hits }))
}

/// The surroundings of the first place where `wanted` (in lower case) stands.
fn excerpt(text: &str, wanted: &str) -> Option<String> {
    // Folded letter by letter, so that places in the folded text are places in the text.
    let folded: String = text.chars().map(|c| c.to_lowercase().next().unwrap_or(c)).collect();
    let at = folded[..folded.find(wanted)?].chars().count();
    let from = at.saturating_sub(AROUND);
    let len = wanted.chars().count() + 2 * AROUND;
    Some(text.chars().skip(from).take(len).collect::<String>().trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::excerpt;

    #[test]
    fn finds_whatever_the_case() {
        assert_eq!(excerpt("Barnet Äter inte", "äter").as_deref(), Some("Barnet Äter inte"));
        assert_eq!(excerpt("Barnet äter inte", "dricker"), None);
        assert_eq!(excerpt(&"å".repeat(200), "å").map(|e| e.chars().count()), Some(121));
    }
}
