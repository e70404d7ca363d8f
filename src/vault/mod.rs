//! Sealing: AES-256-GCM by `ring`, a data key per thread (or case, or held text), each wrapped by the master key.
//!
//! The master key lives outside the database (`keyring`), so that destroying it destroys what was wrapped by it, dead rows included (`rotate`).
//! `ring` keeps its expanded keys on the stack for the time of a call and does not wipe them; what is kept longer is wiped when dropped.

mod keyring;
pub mod rotate;

use std::sync::Arc;

use ring::{
    aead::{AES_256_GCM, Aad as RingAad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hkdf, hmac,
};
use zeroize::Zeroizing;

pub use self::keyring::{ENVIRONMENT, FILE};
use self::keyring::{Home, KeyRing};
use crate::id::{Id, Random};

/// Nothing here says what was sealed, or why it did not open: wrong key, wrong place and changed bytes look alike.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot be opened")]
    Sealed,
    /// The master key that wrapped it is not in the ring: it was destroyed, or the ring is another database's.
    #[error("wrapped by master key {0}, which is not here")]
    UnknownKey(u32),
    /// For the administrator: what to do, with paths, without keys.
    #[error("{0}")]
    Setup(String),
    #[error(transparent)]
    Database(#[from] crate::db::Error),
}

const VERSION: u8 = 1;
const KEY_LEN: usize = 32;
const TAG_LEN: usize = 16;

/// Version, the master key's number: what stands before the nonce of a wrapped key.
const WRAP_HEAD: usize = 5;

type Secret = Zeroizing<[u8; KEY_LEN]>;

/// Where the sealed bytes stand. They open nowhere else, so a value that is moved to another row or column is found out.
#[derive(Clone, Copy)]
pub struct Aad<'a> {
    pub table: &'a str,
    pub row: Id,
    pub column: &'a str,
}

impl Aad<'_> {
    /// Lengths first, so that no two places have the same bytes.
    fn bytes(&self, head: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(head.len() + 24 + self.table.len() + self.column.len());
        for part in [head, self.table.as_bytes(), self.row.bytes(), self.column.as_bytes()] {
            out.extend_from_slice(&(part.len() as u32).to_be_bytes());
            out.extend_from_slice(part);
        }
        out
    }
}

/// Seals one thread's (or case's, or held text's) columns. Wiped when dropped. No `Debug`.
#[derive(Clone)]
pub struct DataKey(Secret);

impl DataKey {
    /// Version byte, nonce (12 random bytes), ciphertext and tag: 29 bytes more than `plain`.
    pub fn seal(&self, random: &Random, aad: Aad<'_>, plain: &[u8]) -> Vec<u8> {
        seal(&self.0, random, &[VERSION], aad, plain)
    }

    /// # Errors
    /// [`Error::Sealed`] for another key, another place, or a single changed bit.
    pub fn open(&self, aad: Aad<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        match sealed.split_first() {
            Some((&VERSION, _)) => open(&self.0, 1, aad, sealed),
            _ => Err(Error::Sealed),
        }
    }
}

fn cipher(key: &Secret) -> Result<LessSafeKey, Error> {
    UnboundKey::new(&AES_256_GCM, key.as_slice()).map(LessSafeKey::new).map_err(|_| Error::Sealed)
}

/// # Panics
/// Never: the key is of the right length, and `ring` refuses only texts of more than 64 GiB.
fn seal(key: &Secret, random: &Random, head: &[u8], aad: Aad<'_>, plain: &[u8]) -> Vec<u8> {
    // A random nonce is safe for some four thousand million texts under one key; a thread has hundreds.
    let nonce: [u8; NONCE_LEN] = random.bytes();
    let mut body = Zeroizing::new(Vec::with_capacity(plain.len() + TAG_LEN));
    body.extend_from_slice(plain);
    let tag = cipher(key).and_then(|cipher| {
        let aad = RingAad::from(aad.bytes(head));
        cipher.seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), aad, &mut body).map_err(|_| Error::Sealed)
    });
    let tag = tag.expect("AES-256-GCM seals any text that fits in memory");
    [head, &nonce, body.as_slice(), tag.as_ref()].concat()
}

/// `sealed` begins with `head_len` bytes of head, which are bound in too.
fn open(key: &Secret, head_len: usize, aad: Aad<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
    let (head, rest) = sealed.split_at_checked(head_len).ok_or(Error::Sealed)?;
    let (nonce, body) = rest.split_at_checked(NONCE_LEN).ok_or(Error::Sealed)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| Error::Sealed)?;
    let mut plain = Zeroizing::new(body.to_vec());
    let length = cipher(key)?.open_in_place(nonce, RingAad::from(aad.bytes(head)), &mut plain).map_err(|_| Error::Sealed)?.len();
    plain.truncate(length);
    Ok(plain)
}

/// The master keys and what is done with them. Clones share.
#[derive(Clone)]
pub struct Vault(Arc<Home>);

impl Vault {
    /// The ring from the environment's text when there is one, else from the file in `folder`; `None` when there is neither.
    ///
    /// # Errors
    /// [`Error::Setup`] when the file is readable by others, owned by another user, or damaged.
    pub fn load(folder: &std::path::Path, environment: Option<&str>) -> Result<Option<Vault>, Error> {
        Ok(Home::load(folder, environment)?.map(|home| Vault(Arc::new(home))))
    }

    /// A new ring in a new file, on disk before this returns. To be called only when the database holds nothing that is sealed.
    ///
    /// # Errors
    /// [`Error::Setup`] when there is a file already, or it cannot be written.
    pub fn create(folder: &std::path::Path, random: &Random) -> Result<Vault, Error> {
        Ok(Vault(Arc::new(Home::create(folder, random)?)))
    }

    pub fn new_key(&self, random: &Random) -> DataKey {
        DataKey(Zeroizing::new(random.bytes()))
    }

    /// Wraps by the newest master key: version, that key's number (32 bits, big-endian), nonce, wrapped key, tag; 65 bytes.
    /// For [`rotate`], `aad` is the table, the row's id and the column that the wrapped key stands in.
    ///
    /// Store it at once: a rotation on the same host waits a minute for what was wrapped just before it.
    pub fn wrap(&self, key: &DataKey, random: &Random, aad: Aad<'_>) -> Vec<u8> {
        wrap(&self.0.current(), key, random, aad)
    }

    /// # Errors
    /// [`Error::UnknownKey`] when its master key is gone, also after the file was read anew; [`Error::Sealed`] when it does not open.
    pub fn unwrap(&self, wrapped: &[u8], aad: Aad<'_>) -> Result<DataKey, Error> {
        let number = wrapped_by(wrapped)?;
        let ring = self.0.with_key(number)?;
        let master = ring.keys.get(&number).ok_or(Error::UnknownKey(number))?;
        let plain = open(master, WRAP_HEAD, aad, wrapped)?;
        let mut key = Zeroizing::new([0; KEY_LEN]);
        if plain.len() != KEY_LEN {
            return Err(Error::Sealed);
        }
        key.copy_from_slice(&plain);
        Ok(DataKey(key))
    }

    /// HMAC-SHA256 under a key of its own for every purpose: to look a thing up without keeping it.
    /// The underlying key never changes, for the hashes could not be made again.
    pub fn keyed_hash(&self, purpose: &str, data: &[u8]) -> [u8; 32] {
        let ring = self.0.ring();
        let key = hkdf::Salt::new(hkdf::HKDF_SHA256, b"radrum keyed hash 1").extract(ring.hash.as_slice());
        let purpose = [purpose.as_bytes()];
        let key: hmac::Key = key.expand(&purpose, hmac::HMAC_SHA256).expect("32 bytes can be derived").into();
        let mut out = [0; 32];
        out.copy_from_slice(hmac::sign(&key, data).as_ref());
        out
    }

    /// The number of the master key that wraps now.
    pub fn newest(&self) -> u32 {
        self.0.current().newest().0
    }
}

fn wrap(ring: &KeyRing, key: &DataKey, random: &Random, aad: Aad<'_>) -> Vec<u8> {
    let (number, master) = ring.newest();
    seal(master, random, &wrap_head(number), aad, key.0.as_slice())
}

fn wrap_head(number: u32) -> [u8; WRAP_HEAD] {
    let n = number.to_be_bytes();
    [VERSION, n[0], n[1], n[2], n[3]]
}

fn wrapped_by(wrapped: &[u8]) -> Result<u32, Error> {
    match wrapped {
        [VERSION, a, b, c, d, ..] => Ok(u32::from_be_bytes([*a, *b, *c, *d])),
        _ => Err(Error::Sealed),
    }
}
