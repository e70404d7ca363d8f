//! The master keys: in a file that only the service's user may read, or in the environment. One text form for both.
//!
//! ```text
//! key 1 <base64 of 32 bytes>
//! key 2 <base64 of 32 bytes>
//! hash <base64 of 32 bytes>
//! ```
//!
//! The newest key wraps, the others only open. In the environment `;` may stand for the end of a line.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use zeroize::Zeroizing;

use super::{Error, KEY_LEN, Secret};
use crate::id::Random;

pub const FILE: &str = "master.key";
pub const ENVIRONMENT: &str = "RADRUM_MASTER_KEY";

#[derive(Clone)]
pub(super) struct KeyRing {
    pub keys: BTreeMap<u32, Secret>,
    pub hash: Secret,
}

impl KeyRing {
    fn new(random: &Random) -> KeyRing {
        KeyRing { keys: BTreeMap::from([(1, Zeroizing::new(random.bytes()))]), hash: Zeroizing::new(random.bytes()) }
    }

    /// # Panics
    /// Never: a ring without keys is not made.
    pub fn newest(&self) -> (u32, &Secret) {
        let (number, key) = self.keys.last_key_value().expect("a ring has a key");
        (*number, key)
    }

    fn parse(text: &str, whence: &str) -> Result<KeyRing, Error> {
        let mut keys = BTreeMap::new();
        let mut hash = None;
        for (i, line) in text.split(['\n', ';']).enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let mut words = line.split_ascii_whitespace();
            let fresh = match (words.next(), words.next(), words.next(), words.next()) {
                (Some("key"), Some(number), Some(secret), None) => match (number.parse(), decode(secret)) {
                    (Ok(number), Some(secret)) => Some(keys.insert(number, secret).is_none()),
                    _ => None,
                },
                (Some("hash"), Some(secret), None, None) => decode(secret).map(|secret| hash.replace(secret).is_none()),
                _ => None,
            };
            if fresh != Some(true) {
                // The line is not repeated: it may well be a key with a slip in it.
                return Err(Error::Setup(format!("{whence}: line {} cannot be read, or repeats another", i + 1)));
            }
        }
        match (keys.is_empty(), hash) {
            (false, Some(hash)) => Ok(KeyRing { keys, hash }),
            _ => Err(Error::Setup(format!("{whence} must hold at least one line \"key <number> <base64>\" and one \"hash <base64>\""))),
        }
    }

    fn text(&self) -> Zeroizing<String> {
        // Room for all of it from the start: a string that grows leaves copies behind.
        let mut out = Zeroizing::new(String::with_capacity((self.keys.len() + 1) * 80));
        for (number, key) in &self.keys {
            let _ = writeln!(out, "key {number} {}", *encode(key));
        }
        let _ = writeln!(out, "hash {}", *encode(&self.hash));
        out
    }
}

fn encode(secret: &Secret) -> Zeroizing<String> {
    Zeroizing::new(STANDARD.encode(secret.as_slice()))
}

fn decode(text: &str) -> Option<Secret> {
    let bytes = Zeroizing::new(STANDARD.decode(text).ok()?);
    let mut secret = Zeroizing::new([0; KEY_LEN]);
    (bytes.len() == KEY_LEN).then(|| secret.copy_from_slice(&bytes))?;
    Some(secret)
}

/// Which writing of the file was read: a replaced file has another inode or another time.
type Stamp = (u64, i64, i64, u64);

/// A ring and where it came from.
pub(super) struct Home {
    /// `None`: from the environment, which does not change while the process runs.
    file: Option<PathBuf>,
    state: RwLock<(Arc<KeyRing>, Option<Stamp>)>,
}

impl Home {
    pub fn load(folder: &Path, environment: Option<&str>) -> Result<Option<Home>, Error> {
        if let Some(text) = environment {
            let ring = KeyRing::parse(text, ENVIRONMENT)?;
            return Ok(Some(Home { file: None, state: RwLock::new((Arc::new(ring), None)) }));
        }
        let path = folder.join(FILE);
        match read(&path) {
            Ok((ring, stamp)) => Ok(Some(Home { file: Some(path), state: RwLock::new((Arc::new(ring), Some(stamp))) })),
            Err(ReadError::Absent) => Ok(None),
            Err(ReadError::Other(e)) => Err(e),
        }
    }

    pub fn create(folder: &Path, random: &Random) -> Result<Home, Error> {
        let path = folder.join(FILE);
        let fresh = write_new_file(&path, &KeyRing::new(random)).and_then(|made| {
            // A link and not a rename: it fails if somebody else was first, where a rename would destroy their keys.
            let linked = fs::hard_link(&made, &path);
            fs::remove_file(&made)?;
            linked?;
            sync_folder(&path)
        });
        match fresh {
            Ok(()) => {}
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
                return Err(Error::Setup(format!("there is a {} already", path.display())));
            }
            Err(e) => return Err(trouble(&path, "written", &e)),
        }
        Home::load(folder, None)?.ok_or_else(|| Error::Setup(format!("{} is gone", path.display())))
    }

    /// The ring as last read.
    pub fn ring(&self) -> Arc<KeyRing> {
        self.state.read().unwrap_or_else(PoisonError::into_inner).0.clone()
    }

    /// The ring as it stands in the file now. Asking the file system costs a microsecond, and a new thread's key must not be wrapped by a master
    /// key that a rotation is about to destroy.
    pub fn current(&self) -> Arc<KeyRing> {
        if let Some(path) = &self.file {
            let known = self.state.read().unwrap_or_else(PoisonError::into_inner).1;
            let now = fs::metadata(path).ok().map(|m| stamp(&m));
            if now != known || now.is_none() {
                self.read_again(path);
            }
        }
        self.ring()
    }

    /// The ring, read anew if it has no key of that number.
    pub fn with_key(&self, number: u32) -> Result<Arc<KeyRing>, Error> {
        let ring = self.ring();
        if ring.keys.contains_key(&number) {
            return Ok(ring);
        }
        let ring = self.current();
        if ring.keys.contains_key(&number) { Ok(ring) } else { Err(Error::UnknownKey(number)) }
    }

    fn read_again(&self, path: &Path) {
        match read(path) {
            Ok((ring, stamp)) => *self.state.write().unwrap_or_else(PoisonError::into_inner) = (Arc::new(ring), Some(stamp)),
            // Going on with the keys at hand loses nothing; stopping would.
            Err(_) => tracing::error!("the master key file cannot be read any more; going on with the keys read before"),
        }
    }

    /// One rotation at a time. The lock is let go when the file is dropped.
    pub fn lock(&self) -> Result<File, Error> {
        let path = self.own_file()?.with_extension("lock");
        let file = OpenOptions::new().create(true).append(true).mode(0o600).open(&path).map_err(|e| trouble(&path, "opened", &e))?;
        file.try_lock().map_err(|_| Error::Setup("another rotation of the master key is under way".into()))?;
        Ok(file)
    }

    /// Changes the file: the new ring is on disk, or the old one is untouched.
    pub fn change(&self, change: impl FnOnce(&mut KeyRing)) -> Result<Arc<KeyRing>, Error> {
        let path = self.own_file()?;
        let (mut ring, _) = read(path).map_err(|e| e.into_error(path))?;
        change(&mut ring);
        replace(path, &ring).map_err(|e| trouble(path, "replaced", &e))?;
        self.read_again(path);
        Ok(self.ring())
    }

    fn own_file(&self) -> Result<&PathBuf, Error> {
        self.file.as_ref().ok_or_else(|| {
            Error::Setup(format!(
                "the master key comes from {ENVIRONMENT}, which only you can change: add a line \"key <next number> <base64 of 32 bytes>\" everywhere, restart, \
                 run the re-wrapping, then take the older lines away"
            ))
        })
    }
}

enum ReadError {
    Absent,
    Other(Error),
}

impl ReadError {
    fn into_error(self, path: &Path) -> Error {
        match self {
            ReadError::Absent => Error::Setup(format!("{} is gone", path.display())),
            ReadError::Other(e) => e,
        }
    }
}

fn read(path: &Path) -> Result<(KeyRing, Stamp), ReadError> {
    // A replaced file's old bytes are wiped, so a reader that opened it just before may find zeros; the path then leads to the new one.
    let mut attempt = read_once(path);
    for _ in 0..2 {
        if !matches!(&attempt, Err(ReadError::Other(_))) {
            break;
        }
        attempt = read_once(path);
    }
    attempt
}

fn read_once(path: &Path) -> Result<(KeyRing, Stamp), ReadError> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Err(ReadError::Absent),
        Err(e) => return Err(ReadError::Other(trouble(path, "opened", &e))),
    };
    let attempt = (|| {
        let about = file.metadata().map_err(|e| trouble(path, "read", &e))?;
        check(path, &about)?;
        let mut text = Zeroizing::new(String::with_capacity(about.len() as usize + 1));
        file.read_to_string(&mut text).map_err(|e| trouble(path, "read", &e))?;
        Ok((KeyRing::parse(&text, &path.display().to_string())?, stamp(&about)))
    })();
    attempt.map_err(ReadError::Other)
}

fn check(path: &Path, about: &fs::Metadata) -> Result<(), Error> {
    let me = rustix::process::geteuid().as_raw();
    if about.uid() != me {
        return Err(Error::Setup(format!(
            "{} belongs to user {}, and this process runs as user {me}: run as that user",
            path.display(),
            about.uid()
        )));
    }
    if about.mode() & 0o077 != 0 {
        return Err(Error::Setup(format!("{0} can be read by others (mode {1:03o}): chmod 600 {0}", path.display(), about.mode() & 0o777)));
    }
    Ok(())
}

fn stamp(about: &fs::Metadata) -> Stamp {
    (about.ino(), about.mtime(), about.mtime_nsec(), about.len())
}

/// The file that becomes the ring: written, synced, not yet in its place. What a broken attempt left there is overwritten.
fn write_new_file(path: &Path, ring: &KeyRing) -> io::Result<PathBuf> {
    let made = path.with_extension("key.new");
    match fs::remove_file(&made) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&made)?;
    file.write_all(ring.text().as_bytes())?;
    file.sync_all()?;
    Ok(made)
}

fn replace(path: &Path, ring: &KeyRing) -> io::Result<()> {
    let mut old = OpenOptions::new().write(true).open(path)?;
    let made = write_new_file(path, ring)?;
    fs::rename(&made, path)?;
    sync_folder(path)?;
    // The old file has no name any more; its blocks would still hold the keys. (On a copying file system or a worn flash cell they may anyway.)
    let length = old.metadata()?.len() as usize;
    old.seek(SeekFrom::Start(0))?;
    old.write_all(&vec![0; length])?;
    old.sync_all()
}

fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path.parent().unwrap_or(Path::new("."))).and_then(|f| f.sync_all())
}

fn trouble(path: &Path, what: &str, e: &io::Error) -> Error {
    Error::Setup(format!("{} cannot be {what}: {}", path.display(), e.kind()))
}
