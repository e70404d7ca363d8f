//! A connection inside a transaction: one SQL text (`$1`) for both databases.

use sqlx::{Connection, PgConnection, Postgres, Sqlite, SqliteConnection, Transaction};

use super::{
    Error, Kind, Row,
    error::{Trouble, explain},
    value::{Args, Value, from_postgres, from_sqlite},
};

/// A connection in a transaction. After a statement has failed it refuses the rest: PostgreSQL would, and SQLite must not differ.
pub struct Conn {
    link: Link,
    trouble: Option<Trouble>,
}

pub(super) enum Link {
    Sqlite(Box<SqliteConnection>),
    Postgres(Box<PgConnection>),
    SqliteReader(Transaction<'static, Sqlite>),
    PostgresReader(Transaction<'static, Postgres>),
}

enum Wire<'c> {
    Sqlite(&'c mut SqliteConnection),
    Postgres(&'c mut PgConnection),
}

/// Runs `$call` on the statement with its values bound, for whichever database it is.
macro_rules! on_wire {
    ($self:ident, $sql:ident, $args:ident, $sqlite:ident => $a:expr, $postgres:ident => $b:expr) => {
        match $self.wire() {
            Wire::Sqlite(conn) => {
                let mut query = sqlx::query::<Sqlite>($sql);
                for value in $args.0 {
                    query = match value {
                        Value::Int(v) => query.bind(v),
                        Value::Text(v) => query.bind(v),
                        Value::Bytes(v) => query.bind(v),
                    };
                }
                let $sqlite = (query, conn);
                $a
            }
            Wire::Postgres(conn) => {
                let mut query = sqlx::query::<Postgres>($sql);
                for value in $args.0 {
                    query = match value {
                        Value::Int(v) => query.bind(v),
                        Value::Text(v) => query.bind(v),
                        Value::Bytes(v) => query.bind(v),
                    };
                }
                let $postgres = (query, conn);
                $b
            }
        }
    };
}

impl Conn {
    pub(super) fn new(link: Link) -> Conn {
        Conn { link, trouble: None }
    }

    pub fn kind(&self) -> Kind {
        match self.link {
            Link::Sqlite(_) | Link::SqliteReader(_) => Kind::Sqlite,
            Link::Postgres(_) | Link::PostgresReader(_) => Kind::Postgres,
        }
    }

    /// All rows.
    ///
    /// # Errors
    /// As [`Error`] says. No statement is run after one that failed.
    pub async fn all(&mut self, sql: &'static str, args: Args) -> Result<Vec<Row>, Error> {
        self.check(&args)?;
        let rows = on_wire!(self, sql, args,
            q => q.0.fetch_all(q.1).await.map(|rows| from_sqlite(&rows)),
            q => q.0.fetch_all(q.1).await.map(|rows| from_postgres(&rows)));
        match rows {
            Ok(rows) => rows.inspect_err(|_| tracing::error!(sql, "a column of a type that both databases do not share")),
            Err(e) => Err(self.note(e, sql)),
        }
    }

    /// The first row, if any.
    ///
    /// # Errors
    /// As [`all`](Self::all).
    pub async fn opt(&mut self, sql: &'static str, args: Args) -> Result<Option<Row>, Error> {
        // All are fetched and the rest thrown away: a statement that is left half-way may or may not have done all its work.
        Ok(self.all(sql, args).await?.into_iter().next())
    }

    /// The first row.
    ///
    /// # Errors
    /// As [`all`](Self::all), and [`Error::Missing`] when there is none (the transaction can go on).
    pub async fn one(&mut self, sql: &'static str, args: Args) -> Result<Row, Error> {
        self.opt(sql, args).await?.ok_or(Error::Missing)
    }

    /// Runs a statement; how many rows it changed.
    ///
    /// # Errors
    /// As [`all`](Self::all).
    pub async fn run(&mut self, sql: &'static str, args: Args) -> Result<u64, Error> {
        self.check(&args)?;
        let done = on_wire!(self, sql, args,
            q => q.0.execute(q.1).await.map(|d| d.rows_affected()),
            q => q.0.execute(q.1).await.map(|d| d.rows_affected()));
        done.map_err(|e| self.note(e, sql))
    }

    /// Transaction control and migrations: one or more statements without values, not kept prepared on PostgreSQL.
    pub(super) async fn control(&mut self, sql: impl Into<Control>) -> Result<(), (Error, Trouble)> {
        let kind = self.kind();
        let done = match (self.wire(), sql.into()) {
            (Wire::Sqlite(c), Control::Fixed(sql)) => sqlx::query(sql).execute(c).await.map(|_| ()),
            (Wire::Postgres(c), Control::Fixed(sql)) => sqlx::raw_sql(sql).execute(c).await.map(|_| ()),
            (Wire::Sqlite(c), Control::Made(sql)) => sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(c).await.map(|_| ()),
            (Wire::Postgres(c), Control::Made(sql)) => sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(c).await.map(|_| ()),
        };
        done.map_err(|e| explain(e, kind, "transaction control"))
    }

    /// What has gone wrong since the last time this was asked.
    pub(super) fn take_trouble(&mut self) -> Option<Trouble> {
        self.trouble.take()
    }

    pub(super) async fn close(self) {
        let closed = match self.link {
            Link::Sqlite(c) => c.close().await,
            Link::Postgres(c) => c.close().await,
            // The pool owns these; dropping rolls back and returns them.
            Link::SqliteReader(_) | Link::PostgresReader(_) => Ok(()),
        };
        if closed.is_err() {
            tracing::warn!("a database connection did not close cleanly");
        }
    }

    fn check(&self, args: &Args) -> Result<(), Error> {
        if self.trouble.is_some() {
            return Err(Error::Internal("a statement after one that failed"));
        }
        if args.holds_nul() {
            return Err(Error::Check);
        }
        Ok(())
    }

    fn note(&mut self, error: sqlx::Error, sql: &'static str) -> Error {
        let (error, trouble) = explain(error, self.kind(), sql);
        self.trouble = Some(trouble);
        error
    }

    fn wire(&mut self) -> Wire<'_> {
        match &mut self.link {
            Link::Sqlite(c) => Wire::Sqlite(c),
            Link::Postgres(c) => Wire::Postgres(c),
            Link::SqliteReader(t) => Wire::Sqlite(t),
            Link::PostgresReader(t) => Wire::Postgres(t),
        }
    }
}

pub(super) enum Control {
    Fixed(&'static str),
    /// Made from the program's own texts and ids in base64, never from input.
    Made(String),
}

impl From<&'static str> for Control {
    fn from(sql: &'static str) -> Self {
        Control::Fixed(sql)
    }
}

impl From<String> for Control {
    fn from(sql: String) -> Self {
        Control::Made(sql)
    }
}
