//! Sealing, the ring's file, rotation.

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::Path,
    time::Duration,
};

use radrum::{
    args,
    db::{self, Db, Migration},
    id::{Id, Random},
    vault::{Aad, DataKey, Error, FILE, Vault, rotate, rotate::Wrapped},
    wrapped_column,
};
use tempfile::TempDir;

use crate::{on_both, support::TestDb};

const ROW: Id = Id([9; 16]);
const AAD: Aad<'_> = Aad { table: "message", row: ROW, column: "sealed" };
const KEY_AAD: Aad<'_> = Aad { table: "thread", row: ROW, column: "wrapped_key" };

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

fn fresh(folder: &TempDir) -> Vault {
    Vault::create(folder.path(), &Random::default()).expect("creates")
}

fn loaded(folder: &TempDir) -> Vault {
    Vault::load(folder.path(), None).expect("reads").expect("is there")
}

fn setup(outcome: Result<Option<Vault>, Error>) -> String {
    match outcome {
        Err(Error::Setup(told)) => told,
        Err(e) => panic!("{e:?}"),
        Ok(_) => panic!("it was taken"),
    }
}

#[test]
fn every_flipped_bit_is_found() {
    let (random, vault) = (Random::default(), fresh(&folder()));
    let key = vault.new_key(&random);
    let sealed = key.seal(&random, AAD, "Hur gör ni när …?".as_bytes());
    assert_eq!(key.open(AAD, &sealed).expect("opens").as_slice(), "Hur gör ni när …?".as_bytes());
    let wrapped = vault.wrap(&key, &random, KEY_AAD);
    assert_eq!(wrapped.len(), 65);
    for bit in 0..sealed.len() * 8 {
        let mut changed = sealed.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(key.open(AAD, &changed).is_err(), "bit {bit}");
    }
    for bit in 0..wrapped.len() * 8 {
        let mut changed = wrapped.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(vault.unwrap(&changed, KEY_AAD).is_err(), "bit {bit}");
    }
    for cut in 0..sealed.len() {
        assert!(key.open(AAD, &sealed[..cut]).is_err());
    }
    for cut in 0..wrapped.len() {
        assert!(vault.unwrap(&wrapped[..cut], KEY_AAD).is_err());
    }
}

#[test]
fn it_opens_in_its_place_only() {
    let (random, vault) = (Random::default(), fresh(&folder()));
    let key = vault.new_key(&random);
    let sealed = key.seal(&random, AAD, b"");
    assert_eq!(sealed.len(), 29);
    assert!(key.open(AAD, &sealed).expect("opens").is_empty());
    let others = [
        Aad { table: "held", ..AAD },
        Aad { row: Id([8; 16]), ..AAD },
        Aad { column: "other", ..AAD },
        // The same letters, divided elsewhere.
        Aad { table: "messag", row: ROW, column: "esealed" },
    ];
    for other in others {
        assert!(matches!(key.open(other, &sealed), Err(Error::Sealed)));
    }
    let wrapped = vault.wrap(&key, &random, KEY_AAD);
    assert!(matches!(vault.unwrap(&wrapped, Aad { row: Id([8; 16]), ..KEY_AAD }), Err(Error::Sealed)), "a key moved to another thread");
}

#[test]
fn another_key_opens_nothing() {
    let (random, vault) = (Random::default(), fresh(&folder()));
    let (key, other) = (vault.new_key(&random), vault.new_key(&random));
    let sealed = key.seal(&random, AAD, b"text");
    assert_ne!(sealed, key.seal(&random, AAD, b"text"), "a fresh nonce each time");
    assert!(matches!(other.open(AAD, &sealed), Err(Error::Sealed)));
    // Another database's ring has a key number 1 as well.
    let elsewhere = fresh(&folder());
    assert!(matches!(elsewhere.unwrap(&vault.wrap(&key, &random, KEY_AAD), KEY_AAD), Err(Error::Sealed)));
}

#[test]
fn a_wrapped_key_survives_a_restart() {
    let (random, folder) = (Random::default(), folder());
    let (wrapped, sealed) = {
        let vault = fresh(&folder);
        let key = vault.new_key(&random);
        (vault.wrap(&key, &random, KEY_AAD), key.seal(&random, AAD, b"text"))
    };
    let key = loaded(&folder).unwrap(&wrapped, KEY_AAD).expect("unwraps");
    assert_eq!(key.open(AAD, &sealed).expect("opens").as_slice(), b"text");
}

#[test]
fn keyed_hashes_differ_by_purpose_and_ring_and_are_stable() {
    let dir = folder();
    let vault = fresh(&dir);
    let hash = vault.keyed_hash("signin", b"anna");
    assert_eq!(hash, loaded(&dir).keyed_hash("signin", b"anna"));
    assert_ne!(hash, vault.keyed_hash("lookup 1", b"anna"));
    assert_ne!(hash, vault.keyed_hash("signin", b"Anna"));
    assert_ne!(hash, fresh(&folder()).keyed_hash("signin", b"anna"));
    rotate::add(&vault, &Random::default()).expect("adds");
    assert_eq!(hash, vault.keyed_hash("signin", b"anna"), "a rotation leaves them alone");
}

#[test]
fn the_file_is_for_its_owner_only() {
    let folder = folder();
    assert!(Vault::load(folder.path(), None).expect("nothing is no error").is_none());
    drop(fresh(&folder));
    let path = folder.path().join(FILE);
    assert_eq!(fs::metadata(&path).expect("there").mode() & 0o7777, 0o600);
    assert_eq!(fs::read_dir(folder.path()).expect("lists").count(), 1, "nothing half-made is left");
    for mode in [0o640, 0o604, 0o660, 0o610] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("sets");
        let told = setup(Vault::load(folder.path(), None));
        assert!(told.contains("chmod 600") && told.contains(&path.display().to_string()), "{told}");
    }
    fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).expect("sets");
    assert!(Vault::load(folder.path(), None).is_ok());
    if rustix::process::geteuid().is_root() {
        std::os::unix::fs::chown(&path, Some(1), None).expect("gives away");
        assert!(setup(Vault::load(folder.path(), None)).contains("belongs to user 1"));
    }
}

#[test]
fn a_ring_is_never_overwritten() {
    let folder = folder();
    drop(fresh(&folder));
    let before = fs::read(folder.path().join(FILE)).expect("reads");
    match Vault::create(folder.path(), &Random::default()) {
        Err(Error::Setup(told)) => assert!(told.contains("already")),
        _ => panic!("it was made again"),
    }
    assert_eq!(fs::read(folder.path().join(FILE)).expect("reads"), before);
    assert_eq!(fs::read_dir(folder.path()).expect("lists").count(), 1);
}

#[test]
fn a_damaged_file_is_told_without_its_keys() {
    let folder = folder();
    drop(fresh(&folder));
    let path = folder.path().join(FILE);
    let good = fs::read_to_string(&path).expect("reads");
    let first = good.lines().next().expect("a line").to_owned();
    let secret = first.rsplit(' ').next().expect("a key");
    let damaged = [
        String::new(),
        good.replace("hash ", "hsh "),
        good.replace("key 1", "key one"),
        good.replace(secret, &secret[..20]),
        good.replace(secret, "å"),
        format!("{good}{first}\n"),
        good.lines().filter(|l| l.starts_with("key")).collect::<Vec<_>>().join("\n"),
        good.lines().filter(|l| l.starts_with("hash")).collect::<Vec<_>>().join("\n"),
        "\0".repeat(good.len()),
    ];
    for text in damaged {
        fs::write(&path, &text).expect("writes");
        let told = setup(Vault::load(folder.path(), None));
        assert!(!told.contains(&secret[..16]), "{told}");
    }
}

#[test]
fn the_environment_goes_before_the_file() {
    let (random, dir) = (Random::default(), folder());
    let from_file = fresh(&dir);
    let other = folder();
    drop(fresh(&other));
    let text = fs::read_to_string(other.path().join(FILE)).expect("reads").trim().replace('\n', "; ");
    let vault = Vault::load(dir.path(), Some(&text)).expect("reads").expect("is there");
    let key = vault.new_key(&random);
    let wrapped = vault.wrap(&key, &random, KEY_AAD);
    assert!(loaded(&other).unwrap(&wrapped, KEY_AAD).is_ok());
    assert!(from_file.unwrap(&wrapped, KEY_AAD).is_err());
    match rotate::add(&vault, &random) {
        Err(Error::Setup(told)) => assert!(told.contains("RADRUM_MASTER_KEY")),
        _ => panic!("it cannot be changed"),
    }
}

// ---- Rotation ----

const TABLES: &[Migration] = &[Migration {
    version: 1,
    sql: "create table thread (id bytea primary key, wrapped_key bytea not null);
          create table held (held_id bytea primary key, own_key bytea);",
}];

static COLUMNS: [Wrapped; 2] = [wrapped_column!("thread", "wrapped_key", "id"), wrapped_column!("held", "own_key", "held_id")];

fn id(n: u16) -> Id {
    let mut bytes = [0; 16];
    bytes[..2].copy_from_slice(&n.to_be_bytes());
    Id(bytes)
}

async fn put(db: &Db, id: Id, wrapped: Vec<u8>) {
    db.write((id, wrapped), |tx, (id, wrapped)| {
        Box::pin(async move {
            tx.run("insert into thread (id, wrapped_key) values ($1, $2)", args![*id, wrapped]).await?;
            Ok::<_, db::Error>(())
        })
    })
    .await
    .expect("stores");
}

fn aad(id: Id) -> Aad<'static> {
    Aad { table: "thread", row: id, column: "wrapped_key" }
}

/// Threads with a key each, and what each key has sealed. 450 are more than two batches.
async fn fill(db: &Db, vault: &Vault, count: u16) -> Vec<(Id, Vec<u8>)> {
    let random = Random::default();
    let mut sealed = Vec::new();
    for n in 0..count {
        let key = vault.new_key(&random);
        sealed.push((id(n), key.seal(&random, AAD, &n.to_be_bytes())));
        let wrapped = vault.wrap(&key, &random, aad(id(n)));
        put(db, id(n), wrapped).await;
    }
    let (held, none) = (vault.new_key(&random), id(2));
    let wrapped = vault.wrap(&held, &random, Aad { table: "held", row: id(1), column: "own_key" });
    db.write((wrapped, none), |tx, (wrapped, none)| {
        Box::pin(
            async move { tx.run("insert into held (held_id, own_key) values ($1, $2), ($3, null)", args![id(1), wrapped, *none]).await },
        )
    })
    .await
    .map(|_: u64| ())
    .unwrap_or_else(|e: db::Error| panic!("{e:?}"));
    sealed
}

async fn wrapped(db: &Db) -> Vec<(Id, Vec<u8>)> {
    let rows = db.read().await.expect("reads").all("select id, wrapped_key from thread order by id", args![]).await.expect("reads");
    rows.iter().map(|r| (r.get("id").expect("an id"), r.get("wrapped_key").expect("bytes"))).collect()
}

async fn all_open(db: &Db, vault: &Vault, sealed: &[(Id, Vec<u8>)]) {
    let keys = wrapped(db).await;
    assert_eq!(keys.len(), sealed.len());
    for ((id, wrapped), (_, text)) in keys.iter().zip(sealed) {
        let key: DataKey = vault.unwrap(wrapped, aad(*id)).expect("unwraps");
        assert!(key.open(AAD, text).is_ok());
    }
    let held = db.read().await.expect("reads").one("select own_key from held where held_id = $1", args![id(1)]).await.expect("there");
    vault.unwrap(&held.get::<Vec<u8>>("own_key").expect("bytes"), Aad { table: "held", row: id(1), column: "own_key" }).expect("unwraps");
}

fn numbers(folder: &Path) -> Vec<u32> {
    let text = fs::read_to_string(folder.join(FILE)).expect("reads");
    text.lines().filter_map(|l| l.strip_prefix("key ")?.split(' ').next()?.parse().ok()).collect()
}

on_both!(rotation_wraps_all_anew_and_destroys_the_old_key, with TABLES, async |db: &TestDb| {
    let (random, folder) = (Random::default(), folder());
    let vault = fresh(&folder);
    let sealed = fill(db, &vault, 450).await;
    let stolen = fs::read_to_string(folder.path().join(FILE)).expect("reads");
    let before = wrapped(db).await;
    assert_eq!(rotate::rotate(&vault, db, &COLUMNS, &random, Duration::ZERO).await.expect("rotates"), 451);
    assert_eq!(numbers(folder.path()), [2]);
    all_open(db, &vault, &sealed).await;
    all_open(db, &loaded(&folder), &sealed).await;
    // What stood in a dead row opens no more with what is on disk, and the old key opens nothing that stands there now.
    for (id, old) in &before {
        assert!(matches!(loaded(&folder).unwrap(old, aad(*id)), Err(Error::UnknownKey(1))));
    }
    let thief = Vault::load(folder.path(), Some(&stolen)).expect("reads").expect("is there");
    for (id, new) in wrapped(db).await {
        assert!(thief.unwrap(&new, aad(id)).is_err());
    }
    assert_eq!(rotate::rotate(&vault, db, &COLUMNS, &random, Duration::ZERO).await.expect("again"), 451);
    assert_eq!(numbers(folder.path()), [3]);
    all_open(db, &vault, &sealed).await;
});

on_both!(rotation_may_stop_anywhere, with TABLES, async |db: &TestDb| {
    let (random, folder) = (Random::default(), folder());
    let sealed = fill(db, &fresh(&folder), 30).await;
    let check = || async { all_open(db, &loaded(&folder), &sealed).await };
    // Before the new file took the old one's place: half a file lies beside it.
    fs::write(folder.path().join("master.key.new"), "key 1 half of a").expect("writes");
    check().await;
    // After the key was added.
    rotate::add(&loaded(&folder), &random).expect("adds");
    assert_eq!(numbers(folder.path()), [1, 2]);
    check().await;
    // Half-way through the wrapping: some are wrapped by the new key, some by the old.
    let vault = loaded(&folder);
    for (row, old) in wrapped(db).await.into_iter().take(11) {
        let new = vault.wrap(&vault.unwrap(&old, aad(row)).expect("unwraps"), &random, aad(row));
        db.write((row, new), |tx, (row, new)| Box::pin(async move { tx.run("update thread set wrapped_key = $2 where id = $1", args![*row, new]).await }))
            .await
            .map(|_: u64| ())
            .unwrap_or_else(|e: db::Error| panic!("{e:?}"));
    }
    check().await;
    assert_eq!(rotate::rewrap(&loaded(&folder), db, &COLUMNS, &random).await.expect("goes on"), 20);
    check().await;
    // All wrapped, the old key still there.
    assert_eq!(rotate::rewrap(&loaded(&folder), db, &COLUMNS, &random).await.expect("nothing to do"), 0);
    assert_eq!(numbers(folder.path()), [1, 2]);
    // Starting over takes a key of its own and leaves only that.
    rotate::rotate(&loaded(&folder), db, &COLUMNS, &random, Duration::ZERO).await.expect("rotates");
    assert_eq!(numbers(folder.path()), [3]);
    check().await;
    assert!(!folder.path().join("master.key.new").exists());
});

on_both!(a_running_server_follows_a_rotation, with TABLES, async |db: &TestDb| {
    let (random, folder) = (Random::default(), folder());
    let server = fresh(&folder);
    let mut sealed = fill(db, &server, 5).await;
    // Another process rotates. In the grace, the server stores a key that it wrapped just before.
    let late_key = server.new_key(&random);
    let late = server.wrap(&late_key, &random, aad(id(100)));
    sealed.push((id(100), late_key.seal(&random, AAD, b"late")));
    let rotator = loaded(&folder);
    let rotating = rotate::rotate(&rotator, db, &COLUMNS, &random, Duration::from_millis(700));
    let serving = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        put(db, id(100), late).await;
        assert_eq!(server.newest(), 2, "the server has seen the new file before it wraps again");
        let key = server.new_key(&random);
        put(db, id(101), server.wrap(&key, &random, aad(id(101)))).await;
        (id(101), key.seal(&random, AAD, b"later"))
    };
    let (rotated, later) = tokio::join!(rotating, serving);
    assert_eq!(rotated.expect("rotates"), 7, "the late one too");
    sealed.push(later);
    assert_eq!(numbers(folder.path()), [2]);
    all_open(db, &server, &sealed).await;
});

on_both!(a_key_that_does_not_open_keeps_the_old_master_key, with TABLES, async |db: &TestDb| {
    let (random, folder) = (Random::default(), folder());
    let vault = fresh(&folder);
    let sealed = fill(db, &vault, 3).await;
    put(db, id(99), vault.wrap(&vault.new_key(&random), &random, aad(id(98)))).await;
    assert!(matches!(rotate::rotate(&vault, db, &COLUMNS, &random, Duration::ZERO).await, Err(Error::Sealed)));
    assert_eq!(numbers(folder.path()), [1, 2]);
    db.write((), |tx, ()| Box::pin(async move { tx.run("delete from thread where id = $1", args![id(99)]).await }))
        .await
        .map(|_: u64| ())
        .unwrap_or_else(|e: db::Error| panic!("{e:?}"));
    all_open(db, &vault, &sealed).await;
});

on_both!(one_rotation_at_a_time, with TABLES, async |db: &TestDb| {
    let (random, folder) = (Random::default(), folder());
    let vault = fresh(&folder);
    fill(db, &vault, 1).await;
    let (one, other) = (loaded(&folder), loaded(&folder));
    let first = rotate::rotate(&one, db, &COLUMNS, &random, Duration::from_millis(300));
    let second = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        rotate::rotate(&other, db, &COLUMNS, &random, Duration::ZERO).await
    };
    let (first, second) = tokio::join!(first, second);
    first.expect("rotates");
    assert!(matches!(second, Err(Error::Setup(told)) if told.contains("another rotation")));
});

// A column that a rotation does not know of would be shut for good.
#[tokio::test(flavor = "multi_thread")]
async fn every_wrapped_key_of_the_programs_tables_is_known_to_the_rotation() {
    let db = TestDb::fresh(db::Kind::Sqlite).await;
    let sql = "select m.name as t, c.name as c from sqlite_master m, pragma_table_info(m.name) c where m.type = 'table' and c.name like '%wrapped%' order by 1, 2";
    let rows = db.read().await.expect("reads").all(sql, args![]).await.expect("lists");
    let there: Vec<(String, String)> = rows.iter().map(|r| (r.get("t").expect("text"), r.get("c").expect("text"))).collect();
    let mut known: Vec<_> = radrum::cli::key::WRAPPED.iter().map(|w| (w.table.to_owned(), w.column.to_owned())).collect();
    known.sort();
    assert_eq!(there, known);
    db.remove().await;
}

on_both!(the_rotations_own_list_fits_the_programs_tables, async |db: &TestDb| {
    let folder = folder();
    let vault = fresh(&folder);
    let done = rotate::rotate(&vault, db, radrum::cli::key::WRAPPED, &Random::default(), Duration::ZERO).await;
    assert_eq!(done.expect("the statements are sound"), 0);
});
