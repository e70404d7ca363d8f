//! Signing in: sessions of the server's own, lock-out with back-off, the idle lock, tokens for integrations.

use serde_json::{Value, json};

use super::{Call, House, Nothing, command, password, people, people::NewPerson, roles, streams};
use crate::{
    args,
    audit::{self, Deed},
    clock::{DAY, HOUR, Micros, SECOND, rfc3339},
    db::{Conn, Row, Tx},
    http::error::{Code, Error},
    id::Id,
    live::{Credential, Who},
};

/// Wrong passwords that cost nothing but the time to type them.
const FREE_FAILURES: i64 = 4;
/// A session ends after this, however busy.
const LONGEST: Micros = 12 * HOUR;
/// How stale the time of last activity may get before it is written again.
const TOUCH_EVERY: Micros = 20 * SECOND;

/// What is kept of a token: enough to know it again, not to use it.
fn token_hash(token: &str) -> Vec<u8> {
    ring::digest::digest(&ring::digest::SHA256, token.as_bytes()).as_ref().to_vec()
}

/// An unguessable token of 256 bits, safe in a cookie.
fn new_token(house: &House) -> String {
    use base64::Engine;
    base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(house.random.bytes::<32>())
}

/// Gives the cookie's value and who it is. A wrong password, an unknown login and a disabled account look and take the same.
/// Errors: `signin.failed`; `signin.locked` with `until`, after five wrong ones 30 seconds, then twice as long each time, at most an hour.
pub async fn sign_in(house: &House, login: &str, password: String) -> Result<(String, Who), Error> {
    let login = NewPerson::normal_login(login);
    let key = house.vault.keyed_hash("login", login.as_bytes()).to_vec();
    let row = {
        let mut conn = house.db.read().await?;
        stop_if_locked(&mut conn, &key, house.clock.now()).await?;
        conn.opt("select id, locale, password_hash from person where login = $1 and disabled_at is null", args![&login]).await?
    };
    let hash = row.as_ref().map(|r| r.get("password_hash")).transpose()?;
    if !password::verify(password, hash).await? {
        return Err(failed(house, key).await?);
    }
    let Some(row) = row else { return Err(Error::new(Code::SigninFailed)) };
    let token = new_token(house);
    let now = house.clock.now();
    let who = Who {
        person: row.get("id")?,
        session: house.random.ordered_id(now),
        bearer: false,
        locale: people::locale(&row.get::<String>("locale")?),
    };
    house
        .db
        .write((who.clone(), token_hash(&token), key, now), |tx, (who, hash, key, now)| {
            Box::pin(async move {
                // Again, inside: guesses that ran beside this one may have locked the door.
                stop_if_locked(tx, key, *now).await?;
                tx.run("delete from signin_failure where login_hash = $1", args![key.as_slice()]).await?;
                tx.run(
                    "insert into session (id, token_hash, person_id, created_at, seen_at) values ($1, $2, $3, $4, $4)",
                    args![who.session, hash.as_slice(), who.person, *now],
                )
                .await?;
                let roles = roles::of(tx, who).await?;
                let deed = Deed {
                    authority: roles.authority,
                    person: Some(who.person),
                    action: "session.start",
                    target: "session",
                    target_id: Some(who.session),
                    at: *now,
                };
                Ok::<_, Error>(audit::note(tx, deed).await?)
            })
        })
        .await?;
    Ok((token, who))
}

async fn stop_if_locked(conn: &mut Conn, key: &[u8], now: Micros) -> Result<(), Error> {
    let row = conn.opt("select until_at from signin_failure where login_hash = $1", args![key]).await?;
    match row.map(|r| r.get::<i64>("until_at")).transpose()? {
        Some(until) if until > now => Err(Error::new(Code::SigninLocked).with("until", rfc3339(until + SECOND))),
        _ => Ok(()),
    }
}

/// Counts the failure and gives the error to answer with.
async fn failed(house: &House, key: Vec<u8>) -> Result<Error, Error> {
    let now = house.clock.now();
    house
        .db
        .write((key, now), |tx, (key, now)| {
            Box::pin(async move {
                // A failure is forgotten a day after the door it closed was opened again.
                tx.run("delete from signin_failure where login_hash = $1 and until_at < $2", args![key.as_slice(), *now - DAY]).await?;
                let row = tx
                    .one(
                        "insert into signin_failure (login_hash, failures, until_at) values ($1, 1, $2)
                         on conflict (login_hash) do update set failures = signin_failure.failures + 1 returning failures",
                        args![key.as_slice(), *now],
                    )
                    .await?;
                let failures: i64 = row.get("failures")?;
                if failures <= FREE_FAILURES {
                    return Ok::<_, Error>(Error::new(Code::SigninFailed));
                }
                let wait = ((30 * SECOND) << (failures - FREE_FAILURES - 1).min(7)).min(HOUR);
                tx.run("update signin_failure set until_at = $2 where login_hash = $1", args![key.as_slice(), *now + wait]).await?;
                Ok(Error::new(Code::SigninLocked).with("until", rfc3339(*now + wait + SECOND)))
            })
        })
        .await
}

struct Session {
    who: Who,
    seen: Micros,
    created: Micros,
    locked: bool,
}

/// The page says why: after twelve hours it is nobody's doing.
fn over(reason: &'static str) -> Error {
    Error::new(Code::AuthRequired).with("reason", reason)
}

async fn session(conn: &mut Conn, cookie: &str) -> Result<Session, Error> {
    let row: Row = conn
        .opt(
            "select s.id, s.person_id, s.seen_at, s.created_at, s.ended_at, s.locked, p.locale from session s join person p on p.id = s.person_id
             where s.token_hash = $1 and p.disabled_at is null",
            args![token_hash(cookie)],
        )
        .await?
        .ok_or_else(|| Error::new(Code::AuthRequired))?;
    let created: Micros = row.get("created_at")?;
    if let Some(ended) = row.get::<Option<Micros>>("ended_at")? {
        return Err(over(if ended - created > LONGEST { "expired" } else { "signed_out" }));
    }
    Ok(Session {
        who: Who {
            person: row.get("person_id")?,
            session: row.get("id")?,
            bearer: false,
            locale: people::locale(&row.get::<String>("locale")?),
        },
        seen: row.get("seen_at")?,
        created,
        locked: row.get("locked")?,
    })
}

/// Whose credential it is. With `touch` it counts as activity. A session that has been idle too long locks itself here.
/// Errors: `auth.required`, `session.locked`.
pub async fn who(house: &House, credential: Credential<'_>, touch: bool) -> Result<Who, Error> {
    let now = house.clock.now();
    let cookie = match credential {
        Credential::Cookie(cookie) => cookie,
        Credential::Bearer(token) => return bearer(house, token).await,
    };
    let found = session(&mut *house.db.read().await?, cookie).await?;
    if now - found.created > LONGEST {
        end(house, found.who.session, "expired").await?;
        return Err(over("expired"));
    }
    if found.locked {
        return Err(Error::new(Code::SessionLocked));
    }
    if now - found.seen > house.rules.idle {
        lock(house, found.who.session).await?;
        return Err(Error::new(Code::SessionLocked));
    }
    if touch && now - found.seen > TOUCH_EVERY {
        house
            .db
            .write((found.who.session, now), |tx, (id, now)| {
                Box::pin(async move {
                    tx.run("update session set seen_at = $2 where id = $1 and locked = 0", args![*id, *now]).await?;
                    Ok::<_, Error>(())
                })
            })
            .await?;
    }
    Ok(found.who)
}

async fn bearer(house: &House, token: &str) -> Result<Who, Error> {
    let mut conn = house.db.read().await?;
    let row = conn
        .opt(
            "select t.id, t.person_id, p.locale from bearer_token t join person p on p.id = t.person_id
             where t.token_hash = $1 and t.ended_at is null and p.disabled_at is null",
            args![token_hash(token)],
        )
        .await?
        .ok_or_else(|| Error::new(Code::AuthRequired))?;
    Ok(Who { person: row.get("person_id")?, session: row.get("id")?, bearer: true, locale: people::locale(&row.get::<String>("locale")?) })
}

async fn lock(house: &House, session: Id) -> Result<(), Error> {
    house.db.write((session, house.clock.now()), |tx, (id, now)| Box::pin(lock_in(tx, *id, *now))).await
}

async fn lock_in(tx: &mut Tx, session: Id, now: Micros) -> Result<(), Error> {
    let row = tx.opt("update session set locked = 1 where id = $1 and locked = 0 returning person_id", args![session]).await?;
    if let Some(row) = row {
        streams::notice(tx, row.get("person_id")?, "session.ended", Some(session), Some("locked"), now).await?;
    }
    Ok(())
}

/// Opens a session that was locked for idleness. Errors as for signing in.
pub async fn unlock(house: &House, cookie: &str, password: String) -> Result<Who, Error> {
    let found = session(&mut *house.db.read().await?, cookie).await?;
    let (login, hash) = {
        let mut conn = house.db.read().await?;
        let row = conn.one("select login, password_hash from person where id = $1", args![found.who.person]).await?;
        (row.get::<String>("login")?, row.get::<String>("password_hash")?)
    };
    let key = house.vault.keyed_hash("login", login.as_bytes()).to_vec();
    stop_if_locked(&mut *house.db.read().await?, &key, house.clock.now()).await?;
    if !password::verify(password, Some(hash)).await? {
        return Err(failed(house, key).await?);
    }
    house
        .db
        .write((found.who.session, key, house.clock.now()), |tx, (id, key, now)| {
            Box::pin(async move {
                stop_if_locked(tx, key, *now).await?;
                tx.run("delete from signin_failure where login_hash = $1", args![key.as_slice()]).await?;
                let open =
                    tx.run("update session set locked = 0, seen_at = $2 where id = $1 and ended_at is null", args![*id, *now]).await?;
                if open == 0 { Err(Error::new(Code::AuthRequired)) } else { Ok(()) }
            })
        })
        .await?;
    Ok(found.who)
}

/// Ends the session of this cookie, or all of its person's. One that nobody knows is no error: the answer must not tell.
pub async fn sign_out(house: &House, cookie: &str, everywhere: bool) -> Result<(), Error> {
    let found = session(&mut *house.db.read().await?, cookie).await;
    match found {
        Ok(found) if everywhere => {
            let args = (found.who.person, house.clock.now());
            house.db.write(args, |tx, (person, now)| Box::pin(end_every(tx, *person, *now))).await?;
            Ok(())
        }
        Ok(found) => end(house, found.who.session, "signed_out").await,
        Err(e) if e.code == Code::AuthRequired => Ok(()),
        Err(e) => Err(e),
    }
}

/// `session.lock`: the person leaves the desk. As idleness does it; the password opens it again.
pub async fn lock_own(house: &House, call: Call, _: Nothing) -> Result<Value, Error> {
    command(house, call, (), |tx, c| {
        Box::pin(async move {
            lock_in(tx, c.call.who.session, c.call.now).await?;
            Ok(json!({}))
        })
    })
    .await
}

async fn end(house: &House, session: Id, reason: &'static str) -> Result<(), Error> {
    house
        .db
        .write((session, reason, house.clock.now()), |tx, (id, reason, now)| {
            Box::pin(async move {
                let row = tx
                    .opt("update session set ended_at = $2 where id = $1 and ended_at is null returning person_id", args![*id, *now])
                    .await?;
                if let Some(row) = row {
                    streams::notice(tx, row.get("person_id")?, "session.ended", Some(*id), Some(reason), *now).await?;
                }
                Ok::<_, Error>(())
            })
        })
        .await
}

/// `session.end_all`: ends every session of the person, this one too. Tokens of integrations are the administrator's and stay.
pub async fn end_all(house: &House, call: Call, _: Nothing) -> Result<Value, Error> {
    command(house, call, (), |tx, c| Box::pin(async move { Ok(json!({ "ended": end_every(tx, c.call.who.person, c.call.now).await? })) }))
        .await
}

async fn end_every(tx: &mut Tx, person: Id, now: Micros) -> Result<u64, Error> {
    let ended = tx.run("update session set ended_at = $2 where person_id = $1 and ended_at is null", args![person, now]).await?;
    streams::notice(tx, person, "session.ended", None, Some("signed_out"), now).await?;
    Ok(ended)
}

/// Makes a token for an integration that acts as `login`; it is shown once. `None` for an unknown login.
pub async fn make_token(house: &House, login: &str, label: &str) -> Result<Option<String>, Error> {
    let token = new_token(house);
    let args = (house.clone(), NewPerson::normal_login(login), label.to_owned(), token_hash(&token));
    let made = house
        .db
        .write(args, |tx, (house, login, label, hash)| {
            Box::pin(async move {
                let now = house.clock.now();
                let Some(row) = tx.opt("select id from person where login = $1 and disabled_at is null", args![login]).await? else {
                    return Ok::<_, Error>(false);
                };
                tx.run(
                    "insert into bearer_token (id, token_hash, person_id, label, created_at) values ($1, $2, $3, $4, $5)",
                    args![house.random.ordered_id(now), hash.as_slice(), row.get::<Id>("id")?, label, now],
                )
                .await?;
                Ok(true)
            })
        })
        .await?;
    Ok(made.then_some(token))
}
