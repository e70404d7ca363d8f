//! Rotation: a new master key, every data key wrapped anew by it, the old master key destroyed. With it goes all that only it could open: the wrapped keys of
//! disposed threads that are still in dead rows, the write-ahead log and old backups.
//!
//! Three steps, each safe to stop after: 1. [`add`] a key to the file, 2. [`rewrap`], 3. [`finish`], which destroys the older keys. Until the third, both old and new open.
//! Starting over is always right; it adds yet another key, for what was disposed of since the broken attempt may be wrapped by that attempt's key.
//!
//! The server may be up on the same host: before it wraps, it looks whether the file has changed, and it reads the file anew when it meets a number that it
//! does not know. What it wrapped just before may still be on its way into the database; [`GRACE`] is longer than any write may take, and after it everything is
//! gone through once more. Other hosts must get the new file (or environment) before the second step: with several nodes, run the steps one by one.

use std::time::Duration;

use super::{Aad, Error, Vault, wrap, wrap_head, wrapped_by};
use crate::{
    args,
    db::{self, Db},
    id::{Id, Random},
};

/// A write is answered within half a minute (waiting and running), or is never carried out.
pub const GRACE: Duration = Duration::from_secs(60);

const BATCH: usize = 200;

/// A column that holds wrapped keys. Made by [`wrapped_column!`](crate::wrapped_column).
#[derive(Clone, Copy)]
pub struct Wrapped {
    pub table: &'static str,
    pub column: &'static str,
    pub select: &'static str,
    pub update: &'static str,
}

/// `wrapped_column!("thread", "wrapped_key", "id")`: the table, the column of wrapped keys, the column with the row's id, which is also the row of its
/// [`Aad`].
#[macro_export]
macro_rules! wrapped_column {
    ($table:literal, $column:literal, $id:literal) => {
        $crate::vault::rotate::Wrapped {
            table: $table,
            column: $column,
            // $2 is the head of what the newest key has wrapped: only the others are wanted.
            select: concat!(
                "select ",
                $id,
                " as id, ",
                $column,
                " as wrapped from ",
                $table,
                " where ",
                $id,
                " > $1 and ",
                $column,
                " is not null and substr(",
                $column,
                ", 1, 5) <> $2 order by ",
                $id,
                " limit 200"
            ),
            // Only if it still is what was read: a disposal in between stays a disposal.
            update: concat!("update ", $table, " set ", $column, " = $1 where ", $id, " = $2 and ", $column, " = $3"),
        }
    };
}

/// All three steps. How many keys were wrapped anew.
///
/// # Errors
/// [`Error::Setup`] when the keys come from the environment or another rotation runs; [`Error::Sealed`] or [`Error::UnknownKey`] when a wrapped key does not
/// open: then the older master keys stay.
pub async fn rotate(vault: &Vault, db: &Db, columns: &'static [Wrapped], random: &Random, grace: Duration) -> Result<u64, Error> {
    let _one_at_a_time = vault.0.lock()?;
    add_locked(vault, random)?;
    let count = rewrap(vault, db, columns, random).await?;
    tokio::time::sleep(grace).await;
    Ok(count + finish_locked(vault, db, columns, random).await?)
}

/// Step 1: a new master key in the file, on disk. Its number.
///
/// # Errors
/// [`Error::Setup`] when the file cannot be replaced or there is none.
pub fn add(vault: &Vault, random: &Random) -> Result<u32, Error> {
    // Two at once would each write a file without the other's key.
    let _one_at_a_time = vault.0.lock()?;
    add_locked(vault, random)
}

fn add_locked(vault: &Vault, random: &Random) -> Result<u32, Error> {
    let ring = vault.0.change(|ring| {
        let number = ring.newest().0 + 1;
        ring.keys.insert(number, zeroize::Zeroizing::new(random.bytes()));
    })?;
    Ok(ring.newest().0)
}

/// Step 2: wraps anew what older master keys wrapped. How many.
///
/// # Errors
/// When a key does not open, or the database is away.
pub async fn rewrap(vault: &Vault, db: &Db, columns: &'static [Wrapped], random: &Random) -> Result<u64, Error> {
    Ok(pass(vault, db, columns, random).await?.wrapped)
}

#[derive(Default)]
struct Pass {
    found: u64,
    wrapped: u64,
}

async fn pass(vault: &Vault, db: &Db, columns: &'static [Wrapped], random: &Random) -> Result<Pass, Error> {
    let mut pass = Pass::default();
    for column in columns {
        let mut after = Vec::new();
        loop {
            let batch = read_batch(vault, db, column, random, &after).await?;
            let Some(last) = batch.last() else { break };
            after = last.id.0.to_vec();
            let full = batch.len() == BATCH;
            pass.found += batch.len() as u64;
            pass.wrapped += db.write((column, batch), |tx, (column, batch)| Box::pin(store(tx, column, batch))).await?;
            if !full {
                break;
            }
        }
    }
    Ok(pass)
}

/// Step 3: wraps anew what still comes up, until nothing does; then the older keys leave the file, and what only they opened is gone. How many were wrapped.
/// To be called when [`GRACE`] has passed since every host had the new key.
///
/// # Errors
/// As [`rewrap`], and [`Error::Setup`] when the file cannot be replaced or the keys come from the environment; then the older keys stay.
pub async fn finish(vault: &Vault, db: &Db, columns: &'static [Wrapped], random: &Random) -> Result<u64, Error> {
    let _one_at_a_time = vault.0.lock()?;
    finish_locked(vault, db, columns, random).await
}

async fn finish_locked(vault: &Vault, db: &Db, columns: &'static [Wrapped], random: &Random) -> Result<u64, Error> {
    let newest = vault.newest();
    let mut count = 0;
    // Until nothing is found, not until nothing was changed: what changed under our hands is to be looked at again.
    loop {
        let pass = pass(vault, db, columns, random).await?;
        count += pass.wrapped;
        if pass.found == 0 {
            break;
        }
    }
    vault.0.change(|ring| ring.keys = ring.keys.split_off(&newest))?;
    Ok(count)
}

struct Rewrapped {
    id: Id,
    old: Vec<u8>,
    new: Vec<u8>,
}

async fn read_batch(vault: &Vault, db: &Db, column: &Wrapped, random: &Random, after: &[u8]) -> Result<Vec<Rewrapped>, Error> {
    let ring = vault.0.current();
    let head = wrap_head(ring.newest().0);
    let rows = db.read().await?.all(column.select, args![after, head]).await?;
    let mut batch = Vec::with_capacity(rows.len());
    for row in rows {
        let (id, old): (Id, Vec<u8>) = (row.get("id")?, row.get("wrapped")?);
        let aad = Aad { table: column.table, row: id, column: column.column };
        let key = vault.unwrap(&old, aad)?;
        let new = wrap(&ring, &key, random, aad);
        debug_assert_ne!(wrapped_by(&old)?, wrapped_by(&new)?);
        batch.push(Rewrapped { id, old, new });
    }
    Ok(batch)
}

async fn store(tx: &mut db::Tx, column: &Wrapped, batch: &[Rewrapped]) -> Result<u64, db::Error> {
    let mut count = 0;
    for row in batch {
        count += tx.run(column.update, args![&row.new, row.id, &row.old]).await?;
    }
    Ok(count)
}
