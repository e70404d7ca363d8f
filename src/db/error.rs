//! What can go wrong at the database. Nothing here repeats a value: a parser's or a constraint's message may quote what was being stored.

use super::Kind;

/// `Display` says what kind of thing happened, never which SQL, which row or which value.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A row like it stands there already. The text names the constraint's place in the schema, in the same way for both databases:
    /// `table(column, column)`, or the index's own name when it is over an expression.
    #[error("already there")]
    Unique(String),
    /// A check, a not-null, or a trigger's refusal. Also text that holds a NUL, which PostgreSQL cannot store.
    #[error("refused by a rule of the database")]
    Check,
    #[error("refers to something that is not there, or is still referred to")]
    ForeignKey,
    #[error("not found")]
    Missing,
    /// Nothing was carried out, except where the reason is [`OUTCOME_UNKNOWN`]. Trying again later is right.
    #[error("the database is not available: {0}")]
    Unavailable(&'static str),
    /// For the administrator at start: what to do, with paths and hosts but no secrets.
    #[error("{0}")]
    Setup(String),
    #[error("internal database error ({0})")]
    Internal(&'static str),
}

/// The connection broke while the commit was under way: it may have been carried out. A command with the same client id finds out.
pub const OUTCOME_UNKNOWN: &str = "the outcome is not known";

/// What an error means for the transaction it happened in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Trouble {
    /// The statement was refused; everything back to the savepoint goes.
    Failed,
    /// Someone else's lock or commit stood in the way: the same work may well succeed a moment later.
    Again,
    /// The connection is gone or cannot be trusted.
    Lost,
}

/// Names the error for the caller and for the transaction. What is unexpected is logged here, once, by code: the message may quote values.
pub(super) fn explain(error: sqlx::Error, kind: Kind, sql: &'static str) -> (Error, Trouble) {
    match error {
        sqlx::Error::Database(e) => {
            let code = e.code().map(|c| c.into_owned()).unwrap_or_default();
            match kind {
                Kind::Sqlite => sqlite(code.parse().unwrap_or(1), e.message(), sql),
                Kind::Postgres => postgres(&code, &*e, sql),
            }
        }
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed => {
            tracing::warn!("the connection to the database was lost");
            (Error::Unavailable("the connection was lost"), Trouble::Lost)
        }
        sqlx::Error::PoolTimedOut => (Error::Unavailable("no connection became free"), Trouble::Lost),
        sqlx::Error::PoolClosed => (Error::Unavailable("closing"), Trouble::Lost),
        _ => {
            tracing::error!(sql, "the database library refused a statement");
            (Error::Internal("statement"), Trouble::Failed)
        }
    }
}

fn sqlite(code: i32, message: &str, sql: &'static str) -> (Error, Trouble) {
    match code {
        // unique, primary key, rowid
        2067 | 1555 | 2579 => (Error::Unique(sqlite_place(message)), Trouble::Failed),
        787 => (Error::ForeignKey, Trouble::Failed),
        // check, not null, raise() in a trigger, a strict table's type
        275 | 1299 | 1811 | 3091 => (Error::Check, Trouble::Failed),
        _ => match code & 0xff {
            5 | 6 => (Error::Unavailable("locked by another process"), Trouble::Again),
            13 => (Error::Unavailable("the disk is full"), Trouble::Failed),
            10 | 14 => {
                tracing::error!(code, "the database file could not be read or written");
                (Error::Unavailable("the disk failed"), Trouble::Failed)
            }
            _ => {
                tracing::error!(code, sql, "a statement failed");
                (Error::Internal("statement"), Trouble::Failed)
            }
        },
    }
}

/// "UNIQUE constraint failed: person.login" or "… failed: index 'name'": names of the schema only.
fn sqlite_place(message: &str) -> String {
    let place = message.rsplit_once("failed: ").map_or("", |(_, place)| place);
    if let Some(index) = place.strip_prefix("index ") {
        return index.trim_matches('\'').to_owned();
    }
    let mut table = "";
    let mut columns = Vec::new();
    for part in place.split(", ") {
        if let Some((t, column)) = part.split_once('.') {
            table = t;
            columns.push(column);
        }
    }
    format!("{table}({})", columns.join(", "))
}

fn postgres(code: &str, e: &dyn sqlx::error::DatabaseError, sql: &'static str) -> (Error, Trouble) {
    match code {
        "23505" | "23P01" => (Error::Unique(postgres_place(e)), Trouble::Failed),
        "23503" | "23001" => (Error::ForeignKey, Trouble::Failed),
        // check, not null, `raise exception` in a trigger, text that is no UTF-8 or holds a NUL
        "23514" | "23502" | "P0001" | "22021" => (Error::Check, Trouble::Failed),
        // serialization failure, deadlock, lock timeout
        "40001" | "40P01" | "55P03" => (Error::Unavailable("others were writing the same"), Trouble::Again),
        "57014" => (Error::Unavailable("took too long"), Trouble::Failed),
        _ if code.starts_with("53") => {
            tracing::error!(code, "the database server is out of something");
            (Error::Unavailable("the database server is out of resources"), Trouble::Failed)
        }
        // The server shuts down, or an operator ended the session (57P…); connection exceptions (08…); idle too long in a transaction.
        _ if code.starts_with("57P") || code.starts_with("08") || code.starts_with("25P03") => {
            tracing::warn!(code, "the database server ended the connection");
            (Error::Unavailable("the connection was lost"), Trouble::Lost)
        }
        _ => {
            tracing::error!(code, sql, "a statement failed");
            (Error::Internal("statement"), Trouble::Failed)
        }
    }
}

/// The columns come from the detail "Key (a, b)=(…)", of which everything from ")=(" on, the values, is left alone.
/// Only the punctuation is read: the word before it is in the server's language.
fn postgres_place(e: &dyn sqlx::error::DatabaseError) -> String {
    let table = e.table().unwrap_or_default();
    let columns = e
        .try_downcast_ref::<sqlx::postgres::PgDatabaseError>()
        .and_then(|e| e.detail())
        .and_then(|d| d.split_once('('))
        .and_then(|(_, rest)| rest.split_once(")=("))
        .map(|(columns, _)| columns);
    match columns {
        Some(columns) if !columns.contains('(') => format!("{table}({columns})"),
        _ => e.constraint().unwrap_or_default().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_place_without_values() {
        assert_eq!(sqlite_place("UNIQUE constraint failed: person.login"), "person(login)");
        assert_eq!(sqlite_place("UNIQUE constraint failed: unit.domain_id, unit.name"), "unit(domain_id, name)");
        assert_eq!(sqlite_place("UNIQUE constraint failed: index 'person_lower'"), "person_lower");
        assert_eq!(sqlite_place("something else"), "()");
    }

    #[test]
    fn every_sqlite_code_has_a_meaning() {
        for (code, want) in
            [(5, Trouble::Again), (517, Trouble::Again), (13, Trouble::Failed), (1034, Trouble::Failed), (8, Trouble::Failed)]
        {
            assert_eq!(sqlite(code, "", "").1, want, "{code}");
        }
    }
}
