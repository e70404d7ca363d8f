//! The database: SQLite or PostgreSQL, with one SQL text for both.
//!
//! Writing goes through a queue to lanes that commit in groups (`lane`); reading has a pool of its own, each reader in a snapshot.
//! `?` is not used: `$1` works on both. Whole numbers, text, bytes and nothing are the types that both share (`value`).

pub mod backup;
mod conn;
mod connect;
mod error;
mod lane;
pub mod migrate;
mod postgres_tools;
mod queue;
mod signal;
mod value;

use std::{
    fs::File,
    ops::{Deref, DerefMut},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

pub use futures_util::future::BoxFuture;
use tokio::{
    sync::{RwLock, broadcast, oneshot},
    task::JoinHandle,
    time::timeout,
};

pub use self::{
    conn::Conn,
    connect::sqlite_path,
    error::{Error, OUTCOME_UNKNOWN},
    migrate::Migration,
    signal::{Ephemeral, Signal},
    value::{Args, Bind, Column, Row, Value},
};
use self::{
    conn::Link,
    connect::{Readers, Source},
    lane::Lane,
    queue::{Asked, Queue},
};
pub use crate::args;
use crate::id::{Id, Random};

/// How many writes may wait. More than this means that the disk does not keep up, and callers are better told than made to wait.
const QUEUE_LIMIT: usize = 4096;

/// How many signals a slow receiver may lag behind before it is told so.
const SIGNAL_LIMIT: usize = 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
}

/// No `Debug`: the address may hold a password.
#[derive(Clone)]
pub struct Settings {
    /// `sqlite:<path>` or `postgres://…`
    pub url: String,
    /// Connections for reading.
    pub readers: u32,
    /// Connections for writing; SQLite always has one.
    pub lanes: u32,
}

impl Settings {
    pub fn new(url: impl Into<String>) -> Settings {
        Settings { url: url.into(), readers: 8, lanes: 4 }
    }
}

/// What a write's body looks like: `|tx, args| Box::pin(async move { … })`.
pub type Body<A, T, E> = for<'t> fn(&'t mut Tx, &'t A) -> BoxFuture<'t, Result<T, E>>;

/// A handle to the database; clones share everything. When the last one is dropped, what stands in the queue is still carried out.
#[derive(Clone)]
pub struct Db(Arc<Inner>);

struct Inner {
    kind: Kind,
    readers: Readers,
    reader_count: u32,
    queue: Arc<Queue>,
    signals: broadcast::Sender<Signal>,
    node: signal::NodeTag,
    lanes: Mutex<Vec<JoinHandle<()>>>,
    listener: Option<JoinHandle<()>>,
    lock: Arc<Mutex<Option<File>>>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.queue.close();
        if let Some(listener) = &self.listener {
            listener.abort();
        }
    }
}

impl Db {
    /// Opens the database, made when absent on SQLite, and brings it to the newest version.
    ///
    /// # Errors
    /// [`Error::Setup`] with what the administrator has to do: the data folder is in use, PostgreSQL cannot be reached, the versions do not fit.
    pub async fn open(settings: &Settings) -> Result<Db, Error> {
        Db::open_with(settings, &migrate::own()?).await
    }

    /// As [`open`](Self::open), with other migrations: for tests of the storage itself.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn open_with(settings: &Settings, migrations: &[Migration]) -> Result<Db, Error> {
        let source = Source::parse(&settings.url)?;
        let mut lock = None;
        if let Some(path) = sqlite_path(&settings.url) {
            let folder = connect::prepare_file(&path)?;
            lock = Some(connect::lock_folder(&folder)?);
        }
        let mut first = source.lane().await?;
        check_server(&mut first).await?;
        migrate::run(&mut first, migrations).await?;
        Ok(Db::start(settings, source, first, lock))
    }

    /// Beside a process that serves the same database: no lock on the folder, no migration. For commands that do one thing and end.
    ///
    /// # Errors
    /// [`Error::Setup`] when the database is not there or not at this program's version.
    pub async fn open_beside(settings: &Settings) -> Result<Db, Error> {
        Db::open_beside_with(settings, &migrate::own()?).await
    }

    /// As [`open_beside`](Self::open_beside), with other migrations.
    ///
    /// # Errors
    /// As [`open_beside`](Self::open_beside).
    pub async fn open_beside_with(settings: &Settings, migrations: &[Migration]) -> Result<Db, Error> {
        let source = Source::parse(&settings.url)?;
        let mut first = source.lane().await?;
        migrate::verify(&mut first, migrations).await?;
        Ok(Db::start(settings, source, first, None))
    }

    fn start(settings: &Settings, source: Source, first: Conn, lock: Option<File>) -> Db {
        let kind = first.kind();
        let queue = Arc::new(Queue::new(QUEUE_LIMIT));
        let (signals, _) = broadcast::channel(SIGNAL_LIMIT);
        let node = Random::default().bytes();
        let lock = Arc::new(Mutex::new(lock));
        let readers = source.readers(settings.readers);
        let count = if kind == Kind::Sqlite { 1 } else { settings.lanes.max(1) };
        let gate = Arc::new(RwLock::new(()));
        let mut conn = Some(first);
        let lanes = (0..count)
            .map(|_| {
                let (source, queue, signals, gate) = (source.clone(), queue.clone(), signals.clone(), gate.clone());
                let lane = Lane { source, queue, signals, node, gate, conn: conn.take() };
                let held = lock.clone();
                tokio::spawn(async move {
                    lane.run().await;
                    // Not before the last write is done.
                    drop(held);
                })
            })
            .collect();
        let listener = match &readers {
            Readers::Postgres(pool) => Some(tokio::spawn(signal::listen(pool.clone(), node, signals.clone()))),
            Readers::Sqlite(_) => None,
        };
        let reader_count = settings.readers;
        Db(Arc::new(Inner { kind, readers, reader_count, queue, signals, node, lanes: Mutex::new(lanes), listener, lock }))
    }

    /// Runs `body` in a transaction within the next group commit, and returns only when the commit is on disk.
    ///
    /// The body may run more than once (its group was rolled back, or others stood in the way), so it does nothing outside the transaction.
    /// A body that returns an error leaves nothing behind. After a failed statement the body cannot run another: it returns.
    /// When the caller's future is dropped the job may still be carried out.
    ///
    /// # Errors
    /// The body's own; [`Error::Unavailable`] when too much waits, the connection is lost or it takes too long; [`Error::Internal`] when it panics.
    pub async fn write<A, T, E>(&self, args: A, body: Body<A, T, E>) -> Result<T, E>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        self.0.queue.push(Box::new(Asked { args, body, result: None, reply, since: Instant::now() }))?;
        // The lane ended without an answer only if the runtime is going down.
        answer.await.unwrap_or_else(|_| Err(Error::Unavailable(OUTCOME_UNKNOWN).into()))
    }

    /// A connection that reads one moment's state, however long it is kept. It goes back when dropped.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when all are in use for five seconds, or the database is away.
    pub async fn read(&self) -> Result<Reader, Error> {
        let mut tries = self.0.reader_count + 2;
        loop {
            tries -= 1;
            // After a restart of PostgreSQL every idle connection in the pool is dead; each is found out by using it.
            match self.begin_reading().await {
                Err(sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::Database(_)) if tries > 0 => {}
                Err(e) => return Err(error::explain(e, self.0.kind, "begin").0),
                Ok(link) => return Ok(Reader(Conn::new(link))),
            }
        }
    }

    async fn begin_reading(&self) -> Result<Link, sqlx::Error> {
        match &self.0.readers {
            Readers::Sqlite(pool) => pool.begin_with("begin").await.map(Link::SqliteReader),
            Readers::Postgres(pool) => pool.begin_with("begin isolation level repeatable read, read only").await.map(Link::PostgresReader),
        }
    }

    /// What happens from now on. Lagging behind (`RecvError::Lagged`) means [`Signal::CatchUp`].
    pub fn signals(&self) -> broadcast::Receiver<Signal> {
        self.0.signals.subscribe()
    }

    /// Tells all nodes, this one first, outside any transaction: for what is stored nowhere.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the other nodes could not be told.
    pub async fn signal(&self, signal: &Signal) -> Result<(), Error> {
        signal::tell(&self.0.signals, signal.clone());
        self.signal_others(signal).await
    }

    /// As [`signal`](Self::signal), for what this node knows already.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the other nodes could not be told.
    pub async fn signal_others(&self, signal: &Signal) -> Result<(), Error> {
        let Readers::Postgres(pool) = &self.0.readers else { return Ok(()) };
        let payload = signal::encode(&self.0.node, signal);
        let sent = sqlx::query("select pg_notify($1, $2)").bind(signal::CHANNEL).bind(payload).execute(pool).await;
        sent.map(|_| ()).map_err(|e| error::explain(e, self.0.kind, "pg_notify").0)
    }

    /// Whether the database answers within a second.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when it does not.
    pub async fn ping(&self) -> Result<(), Error> {
        let asked = timeout(Duration::from_secs(1), async { self.read().await?.one("select 1 as one", args![]).await }).await;
        asked.unwrap_or(Err(Error::Unavailable("no answer within a second"))).map(|_| ())
    }

    /// Takes no more writes, carries out what waits, and lets go of the data folder.
    pub async fn close(&self) {
        self.0.queue.close();
        if let Some(listener) = &self.0.listener {
            listener.abort();
        }
        // Bounded: a reader that somebody keeps must not keep the process.
        let grace = Duration::from_secs(5);
        let readers = match &self.0.readers {
            Readers::Sqlite(pool) => timeout(grace, pool.close()).await,
            Readers::Postgres(pool) => timeout(grace, pool.close()).await,
        };
        if readers.is_err() {
            tracing::warn!("a reader was still in use when the database was closed");
        }
        let lanes = std::mem::take(&mut *self.0.lanes.lock().unwrap_or_else(PoisonError::into_inner));
        for lane in lanes {
            if timeout(queue::WAIT_LIMIT + queue::RUN_LIMIT, lane).await.is_err() {
                tracing::warn!("a writer did not end in time");
            }
        }
        self.0.lock.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    pub fn kind(&self) -> Kind {
        self.0.kind
    }
}

/// A transaction that writes, within a group.
pub struct Tx {
    conn: Conn,
    touched: Vec<(Id, i64)>,
}

impl Tx {
    /// All nodes are told, after the commit, that `stream` has a new row `n`.
    pub fn touch(&mut self, stream: Id, n: i64) {
        self.touched.push((stream, n));
    }
}

impl Deref for Tx {
    type Target = Conn;
    fn deref(&self) -> &Conn {
        &self.conn
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.conn
    }
}

/// A read-only snapshot.
pub struct Reader(Conn);

impl Deref for Reader {
    type Target = Conn;
    fn deref(&self) -> &Conn {
        &self.0
    }
}

impl DerefMut for Reader {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.0
    }
}

/// Held, it keeps every server from starting on a SQLite folder. Let go when dropped.
pub struct FolderLock {
    _file: File,
}

impl FolderLock {
    /// `None` when somebody serves the folder, and for PostgreSQL, where nobody can know.
    ///
    /// # Errors
    /// [`Error::Setup`] when there is no such folder.
    pub fn take_if_free(url: &str) -> Result<Option<FolderLock>, Error> {
        let Some(path) = sqlite_path(url) else { return Ok(None) };
        let folder = path.parent().filter(|p| *p != Path::new("")).unwrap_or(Path::new("."));
        Ok(connect::try_lock_folder(folder)?.map(|file| FolderLock { _file: file }))
    }
}

/// What the program counts on that a server may be set up without.
async fn check_server(conn: &mut Conn) -> Result<(), Error> {
    if conn.kind() == Kind::Sqlite {
        return Ok(());
    }
    let row = conn.one("select current_setting('server_encoding') as encoding, current_setting('fsync') as fsync", args![]).await?;
    if row.get::<String>("encoding")? != "UTF8" {
        return Err(Error::Setup("the PostgreSQL database must have the encoding UTF8: createdb -E UTF8 -T template0 …".into()));
    }
    if row.get::<String>("fsync")? != "on" {
        tracing::warn!("PostgreSQL runs with fsync off: what is acknowledged can be lost at a power cut");
    }
    Ok(())
}
