//! Passwords: argon2id (RFC 9106) with 19 MiB, 2 passes and 1 lane, the setting that OWASP's Password Storage Cheat Sheet gives first; off the async threads and few at a time.

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use crate::{
    http::error::{Code, Error},
    id::Random,
};

/// Each takes 19 MiB and some 20 ms of a core: more at a time would only make everybody wait.
static AT_A_TIME: Semaphore = Semaphore::const_new(2);

/// A hash of no password, for logins that do not exist: looking them up must take as long.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5LWF0LWFsbC4$0zUJbkQjcQmeTt4xVbVCHQhNFRjVCYWrHWVBrWvkHGk";

/// The PHC string to keep.
pub async fn hash(random: &Random, password: String) -> Result<String, Error> {
    let salt: [u8; 16] = random.bytes();
    slowly(password, move |password| {
        let hash: argon2::password_hash::phc::PasswordHash =
            Argon2::default().hash_password_with_salt(password, &salt).map_err(|_| Error::internal("password", "hash"))?;
        Ok(hash.to_string())
    })
    .await
}

/// Whether `password` is the one that `hash` was made of; `None` stands for a person who does not exist, and takes as long.
pub async fn verify(password: String, hash: Option<String>) -> Result<bool, Error> {
    slowly(password, move |password| {
        let known = hash.is_some();
        let kept = PasswordHash::new(hash.as_deref().unwrap_or(NOBODY)).map_err(|_| Error::internal("password", "kept hash"))?;
        Ok(Argon2::default().verify_password(password, &kept).is_ok() && known)
    })
    .await
}

async fn slowly<T: Send + 'static>(password: String, work: impl FnOnce(&[u8]) -> Result<T, Error> + Send + 'static) -> Result<T, Error> {
    let password = Zeroizing::new(password);
    let _turn = AT_A_TIME.acquire().await.map_err(|_| Error::new(Code::Unavailable))?;
    tokio::task::spawn_blocking(move || work(password.as_bytes())).await.map_err(|_| Error::internal("password", "task"))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_right_password_and_no_other() {
        let kept = hash(&Random::default(), "korrekt häst batteri".into()).await.unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(verify("korrekt häst batteri".into(), Some(kept.clone())).await.unwrap());
        assert!(!verify("korrekt hast batteri".into(), Some(kept)).await.unwrap());
        assert!(!verify("".into(), None).await.unwrap());
    }
}
