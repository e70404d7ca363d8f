//! Migrations: one text for both databases, applied in order, each once.
//!
//! `bytea` becomes `blob` on SQLite. Lines between `-- only sqlite` or `-- only postgres` and `-- end` are for that database alone.
//! What has been applied is never edited: the checksum is of the whole text.

use include_dir::{Dir, include_dir};

use super::{Conn, Error, Kind, Row, conn::Control};
use crate::{args, clock::Clock};

static FOLDER: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/migrations");

/// Any number; the same on every node, so that they migrate one at a time.
const ADVISORY_LOCK: &str = "select pg_advisory_xact_lock(7231906481)";

#[derive(Clone, Copy, Debug)]
pub struct Migration {
    pub version: i64,
    pub sql: &'static str,
}

/// The program's own, in order: `migrations/<version>_<what>.sql`.
///
/// # Errors
/// [`Error::Internal`] when a file is wrongly named, or two have the same number.
pub fn own() -> Result<Vec<Migration>, Error> {
    let mut list = Vec::new();
    for file in FOLDER.files().filter(|f| f.path().extension().is_some_and(|e| e == "sql")) {
        let name = file.path().file_name().and_then(|n| n.to_str()).unwrap_or_default();
        let version = name.split_once('_').and_then(|(v, _)| v.parse().ok());
        let (Some(version), Some(sql)) = (version, file.contents_utf8()) else { return Err(Error::Internal("a migration's name")) };
        list.push(Migration { version, sql });
    }
    list.sort_by_key(|m| m.version);
    if list.windows(2).any(|w| w[0].version == w[1].version) {
        return Err(Error::Internal("two migrations with one number"));
    }
    Ok(list)
}

/// Brings the database to the newest version, all or nothing. `conn` is in no transaction.
///
/// # Errors
/// [`Error::Setup`] when the database is newer than the program, was made from other texts, or a migration fails.
pub(super) async fn run(conn: &mut Conn, list: &[Migration]) -> Result<(), Error> {
    let kind = conn.kind();
    let begin = match kind {
        Kind::Sqlite => "begin immediate",
        Kind::Postgres => "begin; set local lock_timeout = 0; set local statement_timeout = 0",
    };
    conn.control(begin).await.map_err(|(e, _)| e)?;
    let done = apply(conn, list).await;
    let end = if done.is_ok() { "commit" } else { "rollback" };
    let ended = conn.control(end).await;
    done?;
    ended.map_err(|(e, _)| e)
}

/// Whether the database stands exactly where the list ends. `conn` is in no transaction.
///
/// # Errors
/// [`Error::Setup`] when it does not, or there is nothing there.
pub(super) async fn verify(conn: &mut Conn, list: &[Migration]) -> Result<(), Error> {
    let applied = conn.all("select version, checksum from schema_migration order by version", args![]).await;
    conn.take_trouble();
    let applied = applied.map_err(|_| Error::Setup("the database has not been set up: start the server once".into()))?;
    check(&applied, list)?;
    match list.get(applied.len()) {
        None => Ok(()),
        Some(next) => Err(Error::Setup(format!("the database lacks migration {}: start the server of this version first", next.version))),
    }
}

async fn apply(conn: &mut Conn, list: &[Migration]) -> Result<(), Error> {
    let kind = conn.kind();
    if kind == Kind::Postgres {
        control(conn, ADVISORY_LOCK).await?;
    }
    let create = "create table if not exists schema_migration (version bigint primary key, checksum bytea not null, at bigint not null)";
    control(conn, text_for(kind, create)).await?;
    let applied = conn.all("select version, checksum from schema_migration order by version", args![]).await?;
    check(&applied, list)?;
    for migration in &list[applied.len()..] {
        if let Err(e) = control(conn, text_for(kind, migration.sql)).await {
            return Err(Error::Setup(format!("migration {} failed ({e}); nothing was changed", migration.version)));
        }
        conn.run(
            "insert into schema_migration (version, checksum, at) values ($1, $2, $3)",
            args![migration.version, checksum(migration.sql), Clock::System.now()],
        )
        .await?;
        tracing::info!(version = migration.version, "migrated the database");
    }
    Ok(())
}

async fn control(conn: &mut Conn, sql: impl Into<Control>) -> Result<(), Error> {
    conn.control(sql).await.map_err(|(e, _)| e)
}

/// What is applied must be the beginning of the list.
fn check(applied: &[Row], list: &[Migration]) -> Result<(), Error> {
    for (i, row) in applied.iter().enumerate() {
        let version: i64 = row.get("version")?;
        let Some(known) = list.get(i) else {
            return Err(Error::Setup(format!("the database is at version {version}, newer than this program: use a newer radrum")));
        };
        if known.version != version {
            return Err(Error::Setup(format!(
                "the database has migration {version} where this program has {}: they do not belong together",
                known.version
            )));
        }
        if row.get::<Vec<u8>>("checksum")? != checksum(known.sql) {
            return Err(Error::Setup(format!(
                "migration {version} was applied from another text than this program's: they do not belong together"
            )));
        }
    }
    Ok(())
}

fn checksum(sql: &str) -> Vec<u8> {
    ring::digest::digest(&ring::digest::SHA256, sql.as_bytes()).as_ref().to_vec()
}

/// The text as one database reads it.
fn text_for(kind: Kind, sql: &str) -> String {
    let mut out = String::with_capacity(sql.len());
    let mut only = None;
    for line in sql.lines() {
        match line.trim() {
            "-- only sqlite" => only = Some(Kind::Sqlite),
            "-- only postgres" => only = Some(Kind::Postgres),
            "-- end" => only = None,
            _ if only.is_none_or(|k| k == kind) => {
                out.push_str(line);
                out.push('\n');
            }
            _ => {}
        }
    }
    if kind == Kind::Sqlite { bytea_to_blob(&out) } else { out }
}

fn bytea_to_blob(sql: &str) -> String {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let mut out = String::with_capacity(sql.len());
    let mut rest = sql;
    while let Some(at) = rest.find("bytea") {
        let (before, after) = (&rest[..at], &rest[at + 5..]);
        let whole = !before.ends_with(word) && !after.starts_with(word);
        out.push_str(before);
        out.push_str(if whole { "blob" } else { "bytea" });
        rest = after;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_text_for_both() {
        let sql =
            "create table a (id bytea, bytea_size bigint);\n-- only sqlite\nS;\n-- end\n  -- only postgres\nP bytea;\n-- end\nlast bytea";
        assert_eq!(text_for(Kind::Sqlite, sql), "create table a (id blob, bytea_size bigint);\nS;\nlast blob\n");
        assert_eq!(text_for(Kind::Postgres, sql), "create table a (id bytea, bytea_size bigint);\nP bytea;\nlast bytea\n");
    }

    #[test]
    fn own_list_is_in_order() {
        let versions: Vec<i64> = own().expect("well named").iter().map(|m| m.version).collect();
        assert_eq!(versions, (1..=versions.len() as i64).collect::<Vec<_>>());
    }
}
