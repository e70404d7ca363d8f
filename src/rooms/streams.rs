//! Streams: where events are numbered. A stream is one side of one thread (of one asked unit), or one person's notices; its numbers are dense.

use crate::{args, clock::Micros, db::Tx, http::error::Error, id::Id};

/// Puts an event on a stream and gives its number. The row of the stream is locked by the update until the transaction ends, so numbers become visible in their order.
/// `reference` is the row the event is about, `change` a code.
pub async fn push(
    tx: &mut Tx,
    stream: Id,
    kind: &'static str,
    reference: Option<Id>,
    change: Option<&str>,
    now: Micros,
) -> Result<i64, Error> {
    let n = tx
        .one("update stream set last_n = last_n + 1, moved_at = $2 where id = $1 returning last_n", args![stream, now])
        .await?
        .get("last_n")?;
    tx.run(
        "insert into event (stream_id, n, kind, ref_id, change, at) values ($1, $2, $3, $4, $5, $6)",
        args![stream, n, kind, reference, change, now],
    )
    .await?;
    tx.touch(stream, n);
    Ok(n)
}

/// Puts an event on a person's own stream.
pub async fn notice(
    tx: &mut Tx,
    person: Id,
    kind: &'static str,
    reference: Option<Id>,
    change: Option<&str>,
    now: Micros,
) -> Result<(), Error> {
    let stream: Id = tx.one("select id from stream where person_id = $1", args![person]).await?.get("id")?;
    push(tx, stream, kind, reference, change, now).await?;
    Ok(())
}
