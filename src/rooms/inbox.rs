//! The inbox: a person's heaps.

use serde_json::{Value, json};

use super::{
    Call, House, Nothing, moderation, roles,
    threads::{self, Of},
};
use crate::http::error::Error;

/// `inbox.list`.
pub async fn list(house: &House, call: Call, _: Nothing) -> Result<Value, Error> {
    let mut conn = house.db.read().await?;
    let roles = roles::of(&mut conn, &call.who).await?;
    let (mut to_answer, mut waiting, mut closed) = (Vec::new(), Vec::new(), Vec::new());
    for of in [Of::Open, Of::Closed] {
        for (seen, row) in threads::rows(&mut conn, house, &roles, of, call.now).await? {
            match seen.thread.turn {
                None => closed.push(row),
                Some(turn) if turn == seen.sight.side => to_answer.push(row),
                Some(_) => waiting.push(row),
            }
        }
    }
    let streams = threads::streams_of(&mut conn, roles.person, to_answer.iter().chain(&waiting).chain(&closed)).await?;
    // What is most urgent first.
    to_answer.sort_by(|a, b| a["due_at"].as_str().cmp(&b["due_at"].as_str()));
    waiting.sort_by(|a, b| a["due_at"].as_str().cmp(&b["due_at"].as_str()));
    let (to_review, held) = moderation::heaps(&mut conn, house, &roles).await?;
    Ok(json!({ "to_answer": to_answer, "waiting": waiting, "to_review": to_review, "held": held, "closed": closed, "streams": streams }))
}
