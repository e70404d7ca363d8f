//! Opening: the folder's lock, file modes, migrations, snapshots.

use std::os::unix::fs::PermissionsExt;

use radrum::{
    args,
    db::{Db, Error, Kind, Migration, Settings},
};

use crate::{on_both, support::TestDb};

const FIRST: Migration = Migration { version: 1, sql: "create table note (id bigint primary key, body bytea);" };
const SECOND: Migration = Migration { version: 2, sql: "alter table note add column at bigint;\ninsert into note (id) values (1);" };
const BROKEN: Migration =
    Migration { version: 2, sql: "create table half (id bigint primary key); create table half (id bigint primary key);" };
const TABLES: &[Migration] = &[FIRST];

fn told(outcome: Result<Db, Error>) -> String {
    match outcome {
        Err(Error::Setup(told)) => told,
        Err(e) => panic!("{e:?}"),
        Ok(_) => panic!("it opened"),
    }
}

async fn ones(db: &Db) -> i64 {
    db.read().await.expect("reads").one("select count(*) as n from note", args![]).await.expect("counts").get("n").expect("a number")
}

on_both!(migrations_are_applied_once_and_in_order, with TABLES, async |db: &TestDb| {
    db.close().await;
    for _ in 0..2 {
        let again = Db::open_with(&db.settings, &[FIRST, SECOND]).await.expect("migrates");
        assert_eq!(ones(&again).await, 1);
        again.close().await;
    }
});

on_both!(a_broken_migration_changes_nothing, with TABLES, async |db: &TestDb| {
    db.close().await;
    assert!(told(Db::open_with(&db.settings, &[FIRST, BROKEN]).await).contains("migration 2 failed"));
    let again = Db::open_with(&db.settings, &[FIRST, SECOND]).await.expect("still at the first");
    assert_eq!(ones(&again).await, 1);
    again.close().await;
});

on_both!(a_newer_or_changed_database_is_refused, with TABLES, async |db: &TestDb| {
    db.close().await;
    Db::open_with(&db.settings, &[FIRST, SECOND]).await.expect("migrates").close().await;
    assert!(told(Db::open_with(&db.settings, &[FIRST]).await).contains("newer than this program"));
    let changed = Migration { version: 1, sql: "create table note (id bigint primary key, body bytea, more bigint);" };
    assert!(told(Db::open_with(&db.settings, &[changed, SECOND]).await).contains("another text"));
    let other = Migration { version: 3, ..SECOND };
    assert!(told(Db::open_with(&db.settings, &[FIRST, other]).await).contains("do not belong together"));
    assert!(told(Db::open_beside_with(&db.settings, &[FIRST]).await).contains("newer than this program"));
    assert!(told(Db::open_beside_with(&db.settings, &[FIRST, SECOND, Migration { version: 3, ..SECOND }]).await).contains("lacks migration 3"));
    Db::open_with(&db.settings, &[FIRST, SECOND]).await.expect("and nothing was changed").close().await;
});

#[tokio::test(flavor = "multi_thread")]
async fn several_nodes_may_migrate_at_once() {
    let db = TestDb::fresh_with(Kind::Postgres, TABLES.to_vec()).await;
    let opening = (0..4).map(|_| Db::open_with(&db.settings, &[FIRST, SECOND]));
    for opened in futures_util::future::join_all(opening).await {
        let opened = opened.expect("migrates, or finds it done");
        assert_eq!(ones(&opened).await, 1);
        opened.close().await;
    }
    db.remove().await;
}

on_both!(the_programs_own_migrations_fit, async |db: &TestDb| {
    let rows = db.read().await.expect("reads").all("select version from schema_migration", args![]).await.expect("reads");
    assert_eq!(rows.len(), radrum::db::migrate::own().expect("well named").len());
});

#[tokio::test(flavor = "multi_thread")]
async fn a_sqlite_folder_has_one_process() {
    let db = TestDb::fresh_with(Kind::Sqlite, TABLES.to_vec()).await;
    assert!(told(Db::open_with(&db.settings, TABLES).await).contains("in use by another radrum process"));
    // A command that does one thing beside the server takes no lock.
    let beside = Db::open_beside_with(&db.settings, TABLES).await.expect("opens");
    beside.write((), |tx, ()| Box::pin(async move { tx.run("insert into note (id) values (5)", args![]).await })).await.expect("writes");
    beside.close().await;
    assert_eq!(ones(&db).await, 1);
    db.close().await;
    Db::open_with(&db.settings, TABLES).await.expect("is free").close().await;
    db.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_owner_can_read_a_sqlite_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("deep/data");
    let db = Db::open_with(&Settings::new(format!("sqlite:{}/radrum.db", data.display())), TABLES).await.expect("opens");
    db.write((), |tx, ()| Box::pin(async move { tx.run("insert into note (id) values (5)", args![]).await })).await.expect("writes");
    assert_eq!(std::fs::metadata(&data).expect("there").permissions().mode() & 0o777, 0o700);
    let mut seen = 0;
    for file in std::fs::read_dir(&data).expect("lists") {
        let file = file.expect("a file");
        assert_eq!(file.metadata().expect("there").permissions().mode() & 0o777, 0o600, "{}", file.path().display());
        seen += 1;
    }
    assert!(seen >= 4, "database, log, shared memory, lock: {seen}");
    db.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_is_set_up_as_promised() {
    let db = TestDb::fresh_with(Kind::Sqlite, TABLES.to_vec()).await;
    let pragmas = db
        .write((), |tx, ()| {
            Box::pin(async move {
                let mut out = Vec::new();
                for sql in
                    ["pragma synchronous", "pragma foreign_keys", "pragma secure_delete", "pragma temp_store", "pragma trusted_schema"]
                {
                    let row = tx.one(sql, args![]).await?;
                    out.push(row.get::<i64>(sql.trim_start_matches("pragma "))?);
                }
                let mode: String = tx.one("pragma journal_mode", args![]).await?.get("journal_mode")?;
                Ok::<_, Error>((out, mode))
            })
        })
        .await
        .expect("asks");
    assert_eq!(pragmas, (vec![2, 1, 1, 2, 0], "wal".to_owned()));
    db.remove().await;
}

on_both!(a_reader_sees_one_moment_and_writes_nothing, with TABLES, async |db: &TestDb| {
    let add = |n: i64| db.write(n, |tx, n| Box::pin(async move { tx.run("insert into note (id) values ($1)", args![*n]).await }));
    add(1).await.expect("writes");
    let mut reader = db.read().await.expect("reads");
    let mut count = async || -> i64 { reader.one("select count(*) as n from note", args![]).await.expect("counts").get("n").expect("a number") };
    assert_eq!(count().await, 1);
    add(2).await.expect("writes");
    assert_eq!(count().await, 1, "the same moment");
    assert_eq!(ones(db).await, 2, "a later one");
    let mut reader = db.read().await.expect("reads");
    assert!(reader.run("insert into note (id) values (9)", args![]).await.is_err());
    drop(reader);
    assert_eq!(ones(db).await, 2);
});

on_both!(readers_go_back_to_the_pool, with TABLES, async |db: &TestDb| {
    for round in 0..50 {
        let mut reader = db.read().await.expect("reads");
        if round % 3 == 0 {
            let _ = reader.one("select nonsense from nowhere", args![]).await;
        } else {
            reader.one("select count(*) as n from note", args![]).await.expect("counts");
        }
    }
    let all: Vec<_> = futures_util::future::join_all((0..db.settings.readers).map(|_| db.read())).await;
    assert!(all.iter().all(Result::is_ok));
    assert!(db.ping().await.is_err(), "none is left within a second");
    drop(all);
    db.ping().await.expect("answers");
});

#[tokio::test(flavor = "multi_thread")]
async fn addresses_that_lead_nowhere_are_told_without_their_secrets() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("other.db"), "this is no database, however long it is made to look like one").expect("writes");
    let folder = folder.path().display();
    for (url, word) in [
        ("mysql://anna:hemligt@localhost/x".to_owned(), "must be"),
        ("hemligt".to_owned(), "must be"),
        ("postgres://anna:hemligt@127.0.0.1:1/radrum".to_owned(), "127.0.0.1:1"),
        ("postgres://anna:hemligt@[".to_owned(), "cannot be read"),
        ("sqlite:/proc/nowhere/radrum.db".to_owned(), "cannot be made"),
        (format!("sqlite:{folder}/other.db"), "no SQLite database"),
    ] {
        let told = told(Db::open_with(&Settings::new(url), TABLES).await);
        assert!(told.contains(word) && !told.contains("hemligt"), "{told}");
    }
}
