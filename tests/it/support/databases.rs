//! A fresh database for every test, on both kinds.
//!
//! PostgreSQL: one cluster per test process (`cluster`), or the server in `RADRUM_TEST_POSTGRES` (an address whose user may create databases). A migrated
//! template is copied for each test, on SQLite too.

use std::{
    ops::Deref,
    panic::{AssertUnwindSafe, resume_unwind},
    path::PathBuf,
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use futures_util::FutureExt;
use radrum::db::{Db, Kind, Migration, Settings, migrate};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tempfile::TempDir;
use tokio::sync::OnceCell;

use super::cluster::Cluster;

/// Makes two tests, `name::sqlite` and `name::postgres`, of one body: `on_both!(name, async |db: &TestDb| { … })`.
/// With `with <migrations>` after the name, on a database made by those instead of the program's own.
#[macro_export]
macro_rules! on_both {
    ($name:ident, $body:expr) => {
        $crate::on_both!(@ $name, radrum::db::migrate::own().expect("well named"), $body);
    };
    ($name:ident, with $migrations:expr, $body:expr) => {
        $crate::on_both!(@ $name, $migrations.to_vec(), $body);
    };
    (@ $name:ident, $migrations:expr, $body:expr) => {
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                $crate::support::on(radrum::db::Kind::Sqlite, $migrations, $body).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                $crate::support::on(radrum::db::Kind::Postgres, $migrations, $body).await;
            }
        }
    };
}

/// An opened database of a test's own. Derefs to [`Db`].
pub struct TestDb {
    pub db: Db,
    pub settings: Settings,
    migrations: Vec<Migration>,
    place: Place,
}

enum Place {
    Folder(TempDir),
    Database(String),
}

impl Deref for TestDb {
    type Target = Db;
    fn deref(&self) -> &Db {
        &self.db
    }
}

impl TestDb {
    /// A fresh one with the program's own tables. [`remove`](Self::remove) it at the end, or use [`on_both!`](crate::on_both).
    pub async fn fresh(kind: Kind) -> TestDb {
        TestDb::fresh_with(kind, migrate::own().expect("well named")).await
    }

    pub async fn fresh_with(kind: Kind, migrations: Vec<Migration>) -> TestDb {
        let own = migrations.len() == migrate::own().expect("well named").len()
            && migrations.iter().any(|m| m.sql.contains("create table authority"));
        let (url, place) = match kind {
            Kind::Sqlite => {
                let folder = tempfile::Builder::new().prefix("radrum-test-").tempdir().expect("a temporary folder");
                let file = folder.path().join("radrum.db");
                if own {
                    std::fs::write(&file, sqlite_template().await).expect("copies the template");
                }
                (format!("sqlite:{}", file.display()), Place::Folder(folder))
            }
            Kind::Postgres => {
                let template = if own { postgres_template().await } else { "template0" };
                let name = create_database(template).await;
                (server_url(&name), Place::Database(name))
            }
        };
        let settings = Settings { url, readers: 4, lanes: 4 };
        let db = Db::open_with(&settings, &migrations).await.expect("opens");
        TestDb { db, settings, migrations, place }
    }

    /// Another node's handle to the same database (PostgreSQL only: a SQLite folder has one process).
    pub async fn other_node(&self) -> Db {
        Db::open_with(&self.settings, &self.migrations).await.expect("opens")
    }

    /// Closed and opened again, as after a restart.
    pub async fn reopen(&mut self) {
        self.db.close().await;
        self.db = Db::open_with(&self.settings, &self.migrations).await.expect("opens");
    }

    /// The data folder; on PostgreSQL the server's own.
    pub fn folder(&self) -> PathBuf {
        match &self.place {
            Place::Folder(folder) => folder.path().to_owned(),
            Place::Database(_) => cluster().expect("RADRUM_TEST_POSTGRES names another machine's server").data(),
        }
    }

    pub async fn remove(self) {
        self.db.close().await;
        drop_place(self.place).await;
    }
}

async fn drop_place(place: Place) {
    if let Place::Database(name) = place {
        admin(&format!("drop database if exists {name} with (force)")).await;
    }
}

/// Runs a test's body on a fresh database of one kind, and removes the database also when the body panics.
pub async fn on(kind: Kind, migrations: Vec<Migration>, body: impl AsyncFnOnce(&TestDb)) {
    let db = TestDb::fresh_with(kind, migrations).await;
    let outcome = AssertUnwindSafe(body(&db)).catch_unwind().await;
    db.remove().await;
    if let Err(panic) = outcome {
        resume_unwind(panic);
    }
}

/// A fresh, empty PostgreSQL database: its address.
pub async fn empty_postgres() -> String {
    server_url(&create_database("template0").await)
}

fn given() -> Option<String> {
    std::env::var("RADRUM_TEST_POSTGRES").ok().filter(|url| !url.is_empty())
}

/// `None` when the server was given.
fn cluster() -> Option<&'static Cluster> {
    static CLUSTER: OnceLock<Option<Cluster>> = OnceLock::new();
    // In a static, and so never dropped: the end of the process ends it.
    CLUSTER.get_or_init(|| given().is_none().then(Cluster::fast)).as_ref()
}

fn server_url(database: &str) -> String {
    match (given(), cluster()) {
        (Some(url), _) => {
            let (before, query) = url.split_once('?').map_or((url.as_str(), None), |(b, q)| (b, Some(q)));
            let (server, _) = before.rsplit_once('/').expect("postgres://host/database");
            query.map_or(format!("{server}/{database}"), |q| format!("{server}/{database}?{q}"))
        }
        (None, Some(cluster)) => cluster.url(database),
        (None, None) => unreachable!("started when not given"),
    }
}

async fn admin(sql: &str) {
    let url = given().unwrap_or_else(|| server_url("postgres"));
    let mut conn = PgConnection::connect(&url).await.expect("connects to PostgreSQL");
    conn.execute(AssertSqlSafe(sql)).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
    conn.close().await.expect("closes");
}

async fn create_database(template: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let name = format!("radrum_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    admin(&format!("create database {name} template {template} encoding 'UTF8'")).await;
    name
}

async fn postgres_template() -> &'static str {
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();
    TEMPLATE
        .get_or_init(|| async {
            let name = create_database("template0").await;
            migrated(&server_url(&name)).await;
            name
        })
        .await
}

/// The migrated file's bytes; kept in memory, so that nothing is left behind.
async fn sqlite_template() -> &'static [u8] {
    static TEMPLATE: OnceCell<Vec<u8>> = OnceCell::const_new();
    TEMPLATE
        .get_or_init(|| async {
            let folder = tempfile::tempdir().expect("a temporary folder");
            let file = folder.path().join("radrum.db");
            migrated(&format!("sqlite:{}", file.display())).await;
            std::fs::read(&file).expect("reads")
        })
        .await
}

fn migrated(url: &str) -> impl Future<Output = ()> {
    let settings = Settings { url: url.to_owned(), readers: 1, lanes: 1 };
    async move {
        let db = Db::open(&settings).await.expect("migrates");
        db.close().await;
    }
}
