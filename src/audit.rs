//! The audit: who did what, when, to which row. Written in the transaction of the deed; no content, ever.

use crate::{
    args,
    clock::Micros,
    db::{Error, Tx},
    id::Id,
};

/// `action` is a word of ours ("thread.open"), `target` the table that `target_id` is a row of.
pub struct Deed<'a> {
    pub authority: Id,
    pub person: Option<Id>,
    pub action: &'static str,
    pub target: &'a str,
    pub target_id: Option<Id>,
    pub at: Micros,
}

pub async fn note(tx: &mut Tx, deed: Deed<'_>) -> Result<(), Error> {
    tx.run(
        "insert into audit (authority_id, person_id, action, target, target_id, at) values ($1, $2, $3, $4, $5, $6)",
        args![deed.authority, deed.person, deed.action, deed.target, deed.target_id, deed.at],
    )
    .await?;
    Ok(())
}
