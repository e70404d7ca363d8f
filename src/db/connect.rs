//! Where the database is and how a connection to it is set up.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

use sqlx::{
    ConnectOptions, Connection, PgConnection, PgPool, SqlitePool,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::time::timeout;

use super::{
    Error, args,
    conn::{Conn, Link},
};

const CONNECT_LIMIT: Duration = Duration::from_secs(3);
const STATEMENTS_KEPT: usize = 400;

/// What every session on PostgreSQL gets. A statement that hangs must not hold a lane, nor a lost node its locks.
const SESSION: &str = "
    set lock_timeout = '5s'; set statement_timeout = '15s'; set idle_in_transaction_session_timeout = '60s';
    select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'";

#[derive(Clone)]
pub(super) enum Source {
    Sqlite(Box<SqliteConnectOptions>),
    Postgres(Box<PgConnectOptions>),
}

pub(super) enum Readers {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

impl Source {
    /// # Errors
    /// [`Error::Setup`] when the address is of neither form. It is not repeated: it may hold a password.
    pub fn parse(url: &str) -> Result<Source, Error> {
        if let Some(path) = sqlite_path(url) {
            let options = SqliteConnectOptions::new()
                .filename(path)
                .create_if_missing(false)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .foreign_keys(true)
                .busy_timeout(Duration::from_secs(2))
                .statement_cache_capacity(STATEMENTS_KEPT)
                .pragma("secure_delete", "on")
                .pragma("trusted_schema", "off")
                // Sorting must not spill content into files under /tmp.
                .pragma("temp_store", "memory")
                .disable_statement_logging();
            return Ok(Source::Sqlite(Box::new(options)));
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            let options = PgConnectOptions::from_str(url).map_err(|_| Error::Setup("the PostgreSQL address cannot be read".into()))?;
            let options = options.application_name("radrum").statement_cache_capacity(STATEMENTS_KEPT).disable_statement_logging();
            return Ok(Source::Postgres(Box::new(options)));
        }
        Err(Error::Setup("the database address must be \"sqlite:<path>\" or \"postgres://…\"".into()))
    }

    /// A connection for writing.
    ///
    /// # Errors
    /// [`Error::Setup`] saying where it could not connect.
    pub async fn lane(&self) -> Result<Conn, Error> {
        match self {
            Source::Sqlite(options) => {
                let conn = options.connect().await.map_err(|e| sqlite_trouble(&e, options))?;
                Ok(Conn::new(Link::Sqlite(Box::new(conn))))
            }
            Source::Postgres(options) => {
                let connecting = async {
                    let mut conn = options.connect().await?;
                    session(&mut conn).await?;
                    Ok(conn)
                };
                match timeout(CONNECT_LIMIT, connecting).await {
                    Ok(Ok(conn)) => Ok(Conn::new(Link::Postgres(Box::new(conn)))),
                    Ok(Err(e)) => Err(postgres_trouble(&e, options)),
                    Err(_) => Err(Error::Setup(format!("PostgreSQL at {} does not answer", place(options)))),
                }
            }
        }
    }

    pub fn readers(&self, count: u32) -> Readers {
        match self {
            Source::Sqlite(options) => {
                let options = options.as_ref().clone().pragma("query_only", "on");
                let pool = SqlitePoolOptions::new()
                    .max_connections(count.max(1))
                    .acquire_timeout(Duration::from_secs(5))
                    .idle_timeout(None)
                    .max_lifetime(None)
                    .test_before_acquire(false);
                Readers::Sqlite(pool.connect_lazy_with(options))
            }
            Source::Postgres(options) => {
                // One more than the readers: the listener keeps one.
                let pool = PgPoolOptions::new()
                    .max_connections(count.max(1) + 1)
                    .acquire_timeout(CONNECT_LIMIT)
                    .test_before_acquire(false)
                    .after_connect(|conn, _| Box::pin(session(conn)));
                Readers::Postgres(pool.connect_lazy_with(options.as_ref().clone()))
            }
        }
    }
}

async fn session(conn: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(SESSION).execute(&mut *conn).await?;
    conn.ping().await
}

/// The path in `sqlite:<path>`.
pub fn sqlite_path(url: &str) -> Option<PathBuf> {
    let path = url.strip_prefix("sqlite:")?;
    let path = path.strip_prefix("//").unwrap_or(path);
    (!path.is_empty()).then(|| PathBuf::from(path))
}

/// The folder of a database file, readable by its owner only; made when absent, and the file too.
///
/// # Errors
/// [`Error::Setup`] with the path.
pub(super) fn prepare_file(path: &Path) -> Result<PathBuf, Error> {
    let folder = match path.parent() {
        Some(p) if p != Path::new("") => p.to_owned(),
        _ => PathBuf::from("."),
    };
    let trouble = |what: &str, e: std::io::Error| Error::Setup(format!("{what} {} cannot be made: {}", path.display(), e.kind()));
    fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder).map_err(|e| trouble("the folder of", e))?;
    // Made here for its mode; the write-ahead log and the shared memory inherit it.
    OpenOptions::new().create(true).append(true).mode(0o600).open(path).map_err(|e| trouble("the database", e))?;
    sync_folder(&folder)?;
    Ok(folder)
}

/// # Errors
/// [`Error::Setup`] when another process holds the folder.
pub(super) fn lock_folder(folder: &Path) -> Result<File, Error> {
    try_lock_folder(folder)?.ok_or_else(|| {
        Error::Setup(format!(
            "the data folder {} is in use by another radrum process: a SQLite database is served by one process at a time (for several, use PostgreSQL)",
            folder.display()
        ))
    })
}

/// `None` when another process holds it.
///
/// # Errors
/// [`Error::Setup`] when the folder cannot be written.
pub(super) fn try_lock_folder(folder: &Path) -> Result<Option<File>, Error> {
    let path = folder.join("radrum.lock");
    let trouble = |e: std::io::Error| Error::Setup(format!("{} cannot be opened: {}", path.display(), e.kind()));
    let file = OpenOptions::new().create(true).append(true).mode(0o600).open(&path).map_err(trouble)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(e)) => Err(trouble(e)),
    }
}

/// What was made or renamed in the folder stays so after a power cut.
pub(super) fn sync_folder(folder: &Path) -> Result<(), Error> {
    File::open(folder)
        .and_then(|f| f.sync_all())
        .map_err(|e| Error::Setup(format!("the folder {} cannot be synced: {}", folder.display(), e.kind())))
}

/// Whether every page of a database file is well formed. Opened for reading only and as it lies, so that nothing is written beside it.
///
/// # Errors
/// [`Error::Setup`] when it cannot be opened at all.
pub(super) async fn looks_sound(path: &Path) -> Result<bool, Error> {
    let options = SqliteConnectOptions::new().filename(path).read_only(true).immutable(true).disable_statement_logging();
    let conn = options.connect().await.map_err(|e| sqlite_trouble(&e, &options))?;
    let mut conn = Conn::new(Link::Sqlite(Box::new(conn)));
    let rows = conn.all("pragma integrity_check", args![]).await;
    conn.close().await;
    let told = rows?.first().map(|row| row.get::<String>("integrity_check")).transpose()?;
    Ok(told.as_deref() == Some("ok"))
}

fn sqlite_trouble(e: &sqlx::Error, options: &SqliteConnectOptions) -> Error {
    let why = match e {
        sqlx::Error::Database(e) if e.code().as_deref() == Some("26") => "it is no SQLite database",
        sqlx::Error::Database(e) if e.code().as_deref() == Some("5") => "another process has locked it",
        _ => "it is missing, unreadable or damaged",
    };
    Error::Setup(format!("the database {} cannot be opened: {why}", options.get_filename().display()))
}

fn postgres_trouble(e: &sqlx::Error, options: &PgConnectOptions) -> Error {
    let place = place(options);
    let user = options.get_username();
    Error::Setup(match e {
        sqlx::Error::Database(e) => match e.code().as_deref().unwrap_or_default() {
            "28P01" | "28000" => format!("PostgreSQL at {place} does not let the user {user} in"),
            "3D000" => format!("PostgreSQL at {place} has no such database: createdb -O {user} {}", options.get_database().unwrap_or(user)),
            "53300" => format!("PostgreSQL at {place} has no connection left (max_connections)"),
            code => format!("PostgreSQL at {place} refused the connection (code {code})"),
        },
        sqlx::Error::Io(e) => format!("PostgreSQL at {place} cannot be reached: {}", e.kind()),
        sqlx::Error::Tls(_) => format!("PostgreSQL at {place}: the TLS connection failed"),
        _ => format!("PostgreSQL at {place} cannot be reached"),
    })
}

fn place(options: &PgConnectOptions) -> String {
    match options.get_socket() {
        Some(folder) => folder.display().to_string(),
        None => format!("{}:{}", options.get_host(), options.get_port()),
    }
}
