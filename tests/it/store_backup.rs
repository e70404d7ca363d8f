//! Backup and restore, on both databases.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use radrum::{
    args,
    clock::Clock,
    db::{
        Db, Error, Kind, Migration, Settings,
        backup::{MANIFEST, Manifest, backup_with, restore_with, verify},
    },
    id::Random,
    vault::{FILE, Vault},
};
use tempfile::TempDir;

use crate::{
    on_both,
    support::{TestDb, empty_postgres},
};

const TABLES: &[Migration] = &[Migration {
    version: 1,
    sql: "create table parent (id bigint primary key, body bytea); create table child (id bigint primary key, parent_id bigint not null references parent (id));",
}];

async fn fill(db: &Db, from: i64, count: i64) {
    let writes = (from..from + count).map(|n| {
        db.write(n, |tx, n| {
            Box::pin(async move {
                tx.run("insert into parent (id, body) values ($1, $2)", args![*n, [*n as u8; 300]]).await?;
                tx.run("insert into child (id, parent_id) values ($1, $1)", args![*n]).await
            })
        })
    });
    futures_util::future::try_join_all(writes).await.map(|_| ()).unwrap_or_else(|e: Error| panic!("{e:?}"));
}

async fn content(db: &Db) -> Vec<(i64, Vec<u8>)> {
    let rows = db
        .read()
        .await
        .expect("reads")
        .all("select p.id, p.body from parent p join child c on c.parent_id = p.id order by 1", args![])
        .await;
    rows.expect("reads").iter().map(|r| (r.get("id").expect("a number"), r.get("body").expect("bytes"))).collect()
}

fn told<T>(outcome: Result<T, Error>) -> String {
    match outcome {
        Err(Error::Setup(told)) => told,
        Err(e) => panic!("{e:?}"),
        Ok(_) => panic!("it was done"),
    }
}

async fn backed_up(db: &TestDb, folder: &TempDir) -> (PathBuf, Manifest) {
    let to = folder.path().join("copy");
    let manifest = backup_with(&db.settings, TABLES, &to, &Clock::manual(1_700_000_000_000_000)).await.expect("backs up");
    (to, manifest)
}

/// An empty place of the same kind.
async fn target(kind: Kind, folder: &TempDir) -> Settings {
    Settings::new(match kind {
        Kind::Sqlite => format!("sqlite:{}/target/radrum.db", folder.path().display()),
        Kind::Postgres => empty_postgres().await,
    })
}

on_both!(there_and_back, with TABLES, async |db: &TestDb| {
    let folder = tempfile::tempdir().expect("a folder");
    fill(db, 0, 500).await;
    let before = content(db).await;
    let (copy, manifest) = backed_up(db, &folder).await;
    fill(db, 500, 10).await;
    assert_eq!((manifest.format, manifest.schema_version, manifest.made_at.as_str()), (1, 1, "2023-11-14T22:13:20Z"));
    assert_eq!(verify(&copy).await.expect("is sound"), manifest);
    let target = target(db.kind(), &folder).await;
    assert_eq!(restore_with(&copy, &target, TABLES).await.expect("restores"), manifest);
    let restored = Db::open_with(&target, TABLES).await.expect("opens");
    assert_eq!(content(&restored).await, before, "the moment of the backup");
    fill(&restored, 900, 5).await;
    let orphan: Result<u64, Error> =
        restored.write((), |tx, ()| Box::pin(async move { tx.run("insert into child (id, parent_id) values (7777, 7777)", args![]).await })).await;
    assert!(matches!(orphan, Err(Error::ForeignKey)), "the constraints came along");
    // It is not empty any more.
    restored.close().await;
    assert!(told(restore_with(&copy, &target, TABLES).await).contains("already"));
});

on_both!(a_copy_made_under_load_is_of_one_moment, with TABLES, async |db: &TestDb| {
    let folder = tempfile::tempdir().expect("a folder");
    fill(db, 0, 2000).await;
    let writing = async {
        for round in 0..20 {
            fill(db, 10_000 + round * 50, 50).await;
        }
    };
    let ((copy, _), ()) = tokio::join!(backed_up(db, &folder), writing);
    let target = target(db.kind(), &folder).await;
    restore_with(&copy, &target, TABLES).await.expect("restores");
    let restored = Db::open_with(&target, TABLES).await.expect("opens");
    let mut reader = restored.read().await.expect("reads");
    let row = reader.one("select (select count(*) from parent) as parents, (select count(*) from child) as children", args![]).await.expect("counts");
    let (parents, children): (i64, i64) = (row.get("parents").expect("a number"), row.get("children").expect("a number"));
    assert!(parents >= 2000 && parents == children, "{parents} parents, {children} children");
    drop(reader);
    restored.close().await;
});

on_both!(only_the_owner_can_read_it, with TABLES, async |db: &TestDb| {
    let folder = tempfile::tempdir().expect("a folder");
    let (copy, _) = backed_up(db, &folder).await;
    assert_eq!(fs::metadata(&copy).expect("there").permissions().mode() & 0o777, 0o700);
    let mut names = Vec::new();
    for file in fs::read_dir(&copy).expect("lists") {
        let file = file.expect("a file");
        assert_eq!(file.metadata().expect("there").permissions().mode() & 0o777, 0o600);
        names.push(file.file_name());
    }
    assert_eq!(names.len(), 2, "the copy and the manifest: {names:?}");
    assert_eq!(fs::read_dir(folder.path()).expect("lists").count(), 1, "nothing unfinished");
});

on_both!(a_changed_copy_is_refused, with TABLES, async |db: &TestDb| {
    let folder = tempfile::tempdir().expect("a folder");
    fill(db, 0, 50).await;
    let (copy, manifest) = backed_up(db, &folder).await;
    let file = copy.join(&manifest.file);
    let good = fs::read(&file).expect("reads");
    let target = target(db.kind(), &folder).await;
    let mut flipped = good.clone();
    flipped[good.len() / 2] ^= 1;
    for bad in [&flipped[..], &good[..good.len() - 1], b""] {
        fs::write(&file, bad).expect("writes");
        assert!(told(restore_with(&copy, &target, TABLES).await).contains("not what was written"));
    }
    fs::write(&file, &good).expect("writes");
    let changed = |change: &dyn Fn(&mut Manifest)| {
        let mut other = manifest.clone();
        change(&mut other);
        fs::write(copy.join(MANIFEST), serde_json::to_vec(&other).expect("a manifest")).expect("writes");
    };
    changed(&|m| m.format = 2);
    assert!(told(restore_with(&copy, &target, TABLES).await).contains("format 2"));
    changed(&|m| m.schema_version = 99);
    assert!(told(restore_with(&copy, &target, TABLES).await).contains("newer radrum"));
    changed(&|m| m.file = "../copy/radrum.db".into());
    assert!(told(restore_with(&copy, &target, TABLES).await).contains("outside"));
    fs::write(copy.join(MANIFEST), "{").expect("writes");
    assert!(told(restore_with(&copy, &target, TABLES).await).contains("manifest"));
    changed(&|_| ());
    restore_with(&copy, &target, TABLES).await.expect("untouched by all that");
});

on_both!(a_backup_overwrites_nothing_and_leaves_nothing_half_done, with TABLES, async |db: &TestDb| {
    let folder = tempfile::tempdir().expect("a folder");
    let (copy, _) = backed_up(db, &folder).await;
    assert!(told(backup_with(&db.settings, TABLES, &copy, &Clock::System).await).contains("new folder"));
    let newer = [TABLES[0], Migration { version: 2, sql: "create table more (id bigint primary key);" }];
    assert!(told(backup_with(&db.settings, &newer, &folder.path().join("other"), &Clock::System).await).contains("lacks migration 2"));
    assert!(told(backup_with(&db.settings, TABLES, Path::new("/proc/nowhere/copy"), &Clock::System).await).contains("cannot be made"));
    assert_eq!(fs::read_dir(folder.path()).expect("lists").count(), 1);
});

#[tokio::test(flavor = "multi_thread")]
async fn neither_kind_is_restored_into_the_other() {
    let folder = tempfile::tempdir().expect("a folder");
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let db = TestDb::fresh_with(kind, TABLES.to_vec()).await;
        let to = folder.path().join(format!("{kind:?}"));
        backup_with(&db.settings, TABLES, &to, &Clock::System).await.expect("backs up");
        let other = if kind == Kind::Sqlite { Kind::Postgres } else { Kind::Sqlite };
        assert!(told(restore_with(&to, &target(other, &folder).await, TABLES).await).contains("and the target is"));
        db.remove().await;
    }
}

// What was deleted is in the database file's free pages and the write-ahead log until they are used again; not in the copy. The master key is nowhere in it.
#[tokio::test(flavor = "multi_thread")]
async fn a_copy_holds_neither_the_master_key_nor_what_was_deleted() {
    let db = TestDb::fresh_with(Kind::Sqlite, TABLES.to_vec()).await;
    let folder = tempfile::tempdir().expect("a folder");
    drop(Vault::create(&db.folder(), &Random::default()).expect("creates"));
    let marks: [&[u8]; 2] = [b"kanarie-som-raderas", b"kanarie-som-finns-kvar"];
    for (n, mark) in (1_i64..).zip(marks) {
        db.write((n, mark.to_vec()), |tx, (n, mark)| {
            Box::pin(async move { tx.run("insert into parent (id, body) values ($1, $2)", args![*n, mark]).await })
        })
        .await
        .map(|_| ())
        .unwrap_or_else(|e: Error| panic!("{e:?}"));
    }
    let deleted = db.write((), |tx, ()| Box::pin(async move { tx.run("delete from parent where id = 1", args![]).await })).await;
    deleted.map(|_| ()).unwrap_or_else(|e: Error| panic!("{e:?}"));
    let (copy, manifest) = backed_up(&db, &folder).await;
    let bytes = fs::read(copy.join(&manifest.file)).expect("reads");
    let holds = |text: &[u8]| bytes.windows(text.len()).any(|w| w == text);
    assert!(!holds(marks[0]) && holds(marks[1]));
    let ring = fs::read_to_string(db.folder().join(FILE)).expect("reads");
    for line in ring.lines() {
        assert!(!holds(line.rsplit(' ').next().expect("a key").as_bytes()));
    }
    db.remove().await;
}
