//! Backup and restore. A backup is a folder: the database in one file, and `manifest.json`, which says what it is and what it must hash to.
//!
//! SQLite is copied by `vacuum into`: a consistent, packed copy of one moment, with neither write-ahead log nor the remains of what was deleted.
//! PostgreSQL is copied by its own pg_dump. The master key is never in a backup: it is kept elsewhere, and destroying it is what disposes of what old backups hold.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{Read, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;

use super::{
    Db, Error, Kind, Migration, Settings,
    connect::{self, Source},
    migrate,
    postgres_tools::{dump, load},
    sqlite_path,
};
use crate::{
    args,
    clock::{Clock, rfc3339},
};

pub const MANIFEST: &str = "manifest.json";
const FORMAT: u32 = 1;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Of the backup's own layout.
    pub format: u32,
    /// RFC 3339, UTC.
    pub made_at: String,
    /// `sqlite` or `postgres`.
    pub database: String,
    /// The newest migration in it.
    pub schema_version: i64,
    /// The file beside the manifest.
    pub file: String,
    pub bytes: u64,
    /// Of the file, in hexadecimal.
    pub sha256: String,
}

/// Copies the database into the new folder `to`, while it is in use or not. On disk when this returns; nothing is left when it fails.
///
/// # Errors
/// [`Error::Setup`]: the folder is there already or cannot be written, pg_dump is missing or failed, the database is not there.
pub async fn backup(settings: &Settings, to: &Path, clock: &Clock) -> Result<Manifest, Error> {
    backup_with(settings, &migrate::own()?, to, clock).await
}

/// As [`backup`], with other migrations.
///
/// # Errors
/// As [`backup`].
pub async fn backup_with(settings: &Settings, migrations: &[Migration], to: &Path, clock: &Clock) -> Result<Manifest, Error> {
    if to.exists() {
        return Err(Error::Setup(format!("{} is there already: a backup is written into a new folder", to.display())));
    }
    // Its name says that it is not finished, until it is.
    let unfinished = to.with_added_extension("unfinished");
    let outcome = match make_folder(&unfinished) {
        Ok(()) => write_backup(settings, migrations, &unfinished, clock).await,
        Err(e) => return Err(e),
    };
    let outcome = outcome.and_then(|manifest| {
        fs::rename(&unfinished, to).map_err(|e| trouble(to, "put in its place", &e))?;
        connect::sync_folder(&parent(to))?;
        Ok(manifest)
    });
    if outcome.is_err() {
        let _ = fs::remove_dir_all(&unfinished);
    }
    outcome
}

async fn write_backup(settings: &Settings, migrations: &[Migration], folder: &Path, clock: &Clock) -> Result<Manifest, Error> {
    let made_at = rfc3339(clock.now());
    let db = Db::open_beside_with(settings, migrations).await?;
    let (kind, file) = match db.kind() {
        Kind::Sqlite => ("sqlite", folder.join("radrum.db")),
        Kind::Postgres => ("postgres", folder.join("radrum.pgdump")),
    };
    // Made here for its mode; both tools write into a file that is there and empty.
    new_file(&file)?;
    let copied = match db.kind() {
        Kind::Sqlite => vacuum_into(settings, &file).await,
        Kind::Postgres => dump(&settings.url, &file).await,
    };
    db.close().await;
    copied?;
    let (bytes, sha256) = hash(&file).await?;
    File::open(&file).and_then(|f| f.sync_all()).map_err(|e| trouble(&file, "synced", &e))?;
    let schema_version = migrations.last().map_or(0, |m| m.version);
    let file = file.file_name().and_then(|n| n.to_str()).unwrap_or_default().to_owned();
    let manifest = Manifest { format: FORMAT, made_at, database: kind.to_owned(), schema_version, file, bytes, sha256 };
    let path = folder.join(MANIFEST);
    let text = serde_json::to_vec_pretty(&manifest).map_err(|_| Error::Internal("manifest"))?;
    let mut out = new_file(&path)?;
    out.write_all(&text).and_then(|()| out.write_all(b"\n")).and_then(|()| out.sync_all()).map_err(|e| trouble(&path, "written", &e))?;
    connect::sync_folder(folder)?;
    Ok(manifest)
}

async fn vacuum_into(settings: &Settings, file: &Path) -> Result<(), Error> {
    let name = file.to_str().ok_or_else(|| Error::Setup("the backup's path must be UTF-8".into()))?;
    let mut conn = Source::parse(&settings.url)?.lane().await?;
    let copied = conn.run("vacuum into $1", args![name]).await;
    conn.close().await;
    copied.map(|_| ())
}

/// Reads a backup's manifest and checks the file against it.
///
/// # Errors
/// [`Error::Setup`] when it is no backup, one of a newer program, or not what was written.
pub async fn verify(from: &Path) -> Result<Manifest, Error> {
    let path = from.join(MANIFEST);
    let text = fs::read(&path).map_err(|e| trouble(&path, "read", &e))?;
    let manifest: Manifest =
        serde_json::from_slice(&text).map_err(|_| Error::Setup(format!("{} cannot be read as a manifest", path.display())))?;
    if manifest.format != FORMAT {
        return Err(Error::Setup(format!("the backup has format {}, and this program reads {FORMAT}", manifest.format)));
    }
    if Path::new(&manifest.file).file_name().and_then(|n| n.to_str()) != Some(&manifest.file) {
        return Err(Error::Setup("the manifest names a file outside the backup".into()));
    }
    let (bytes, sha256) = hash(&from.join(&manifest.file)).await?;
    if (bytes, &sha256) != (manifest.bytes, &manifest.sha256) {
        return Err(Error::Setup(format!(
            "{} is not what was written: its size or its SHA-256 differs from the manifest's",
            manifest.file
        )));
    }
    Ok(manifest)
}

/// Puts a backup into the database of `settings`, which must be of the same kind and empty. The master key is put back by hand, beforehand or afterwards.
///
/// # Errors
/// [`Error::Setup`] as [`verify`], or when the target holds anything, is of the other kind, or the backup is from a newer program; then nothing is changed.
pub async fn restore(from: &Path, settings: &Settings) -> Result<Manifest, Error> {
    restore_with(from, settings, &migrate::own()?).await
}

/// As [`restore`], with other migrations.
///
/// # Errors
/// As [`restore`].
pub async fn restore_with(from: &Path, settings: &Settings, migrations: &[Migration]) -> Result<Manifest, Error> {
    let manifest = verify(from).await?;
    if manifest.schema_version > migrations.last().map_or(0, |m| m.version) {
        return Err(Error::Setup("the backup is of a newer program: use a newer radrum".into()));
    }
    let file = from.join(&manifest.file);
    match (manifest.database.as_str(), sqlite_path(&settings.url)) {
        ("sqlite", Some(path)) => restore_sqlite(&file, &path).await?,
        ("postgres", None) => restore_postgres(&file, settings).await?,
        ("sqlite", None) => return Err(Error::Setup("the backup is of a SQLite database, and the target is PostgreSQL".into())),
        ("postgres", Some(_)) => return Err(Error::Setup("the backup is of a PostgreSQL database, and the target is SQLite".into())),
        _ => return Err(Error::Setup("the backup is of an unknown kind of database".into())),
    }
    Ok(manifest)
}

async fn restore_sqlite(file: &Path, path: &Path) -> Result<(), Error> {
    let folder = parent(path);
    DirBuilder::new().recursive(true).mode(0o700).create(&folder).map_err(|e| trouble(&folder, "made", &e))?;
    let _lock = connect::lock_folder(&folder)?;
    for taken in [path.to_owned(), beside(path, "-wal"), beside(path, "-journal")] {
        if taken.exists() {
            return Err(Error::Setup(format!("{} is there already: a backup is restored into an empty place", taken.display())));
        }
    }
    let unfinished = path.with_added_extension("unfinished");
    let outcome = copy_and_check(file, &unfinished).await.and_then(|()| {
        fs::rename(&unfinished, path).map_err(|e| trouble(path, "put in its place", &e))?;
        connect::sync_folder(&folder)
    });
    if outcome.is_err() {
        let _ = fs::remove_file(&unfinished);
    }
    outcome
}

async fn copy_and_check(file: &Path, to: &Path) -> Result<(), Error> {
    match fs::remove_file(to) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(trouble(to, "replaced", &e)),
        _ => {}
    }
    let (from, mut out) = (file.to_owned(), new_file(to)?);
    let copied = spawn_blocking(move || {
        let mut from = File::open(from)?;
        std::io::copy(&mut from, &mut out)?;
        out.sync_all()
    });
    copied.await.map_err(|_| Error::Internal("copy"))?.map_err(|e| trouble(to, "written", &e))?;
    // Not as a served database: no write-ahead log may come to lie beside the file.
    let sound = connect::looks_sound(to).await?;
    if sound { Ok(()) } else { Err(Error::Setup("the backup's database is damaged".into())) }
}

async fn restore_postgres(file: &Path, settings: &Settings) -> Result<(), Error> {
    let mut conn = Source::parse(&settings.url)?.lane().await?;
    let tables = conn
        .one(
            "select count(*) as n from pg_class c join pg_namespace s on s.oid = c.relnamespace \
             where s.nspname not in ('pg_catalog', 'information_schema') and s.nspname not like 'pg\\_%' and c.relkind in ('r', 'p', 'v', 'm', 'S', 'f')",
            args![],
        )
        .await;
    conn.close().await;
    if tables?.get::<i64>("n")? != 0 {
        return Err(Error::Setup("the target database holds tables already: a backup is restored into an empty one (createdb)".into()));
    }
    load(&settings.url, file).await
}

async fn hash(file: &Path) -> Result<(u64, String), Error> {
    let path = file.to_owned();
    let hashed = spawn_blocking(move || {
        let (mut file, mut bytes) = (File::open(path)?, 0);
        let mut digest = ring::digest::Context::new(&ring::digest::SHA256);
        let mut buffer = vec![0; 1 << 16];
        loop {
            match file.read(&mut buffer)? {
                0 => return Ok((bytes, digest.finish().as_ref().iter().map(|b| format!("{b:02x}")).collect())),
                n => {
                    digest.update(&buffer[..n]);
                    bytes += n as u64;
                }
            }
        }
    });
    hashed.await.map_err(|_| Error::Internal("hash"))?.map_err(|e: std::io::Error| trouble(file, "read", &e))
}

fn make_folder(path: &Path) -> Result<(), Error> {
    // What an earlier attempt left, when the machine stopped in the middle of it.
    let _ = fs::remove_dir_all(path);
    DirBuilder::new().mode(0o700).create(path).map_err(|e| trouble(path, "made", &e))
}

fn new_file(path: &Path) -> Result<File, Error> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(|e| trouble(path, "made", &e))
}

fn parent(path: &Path) -> PathBuf {
    match path.parent() {
        Some(p) if p != Path::new("") => p.to_owned(),
        _ => PathBuf::from("."),
    }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn trouble(path: &Path, what: &str, e: &std::io::Error) -> Error {
    Error::Setup(format!("{} cannot be {what}: {}", path.display(), e.kind()))
}
