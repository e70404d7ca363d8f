//! Word that there is more to read. A signal is a hint and carries ids only; the rows are the truth.
//! On SQLite it stays in the process; on PostgreSQL one NOTIFY per group commit tells the other nodes.

use std::{sync::Arc, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use sqlx::{
    PgPool,
    postgres::{PgListener, PgNotification},
};
use tokio::{
    sync::broadcast,
    time::{MissedTickBehavior, interval, sleep},
};

use crate::id::Id;

/// The receiver may lag behind (`RecvError::Lagged`): that is to be read as [`Signal::CatchUp`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Streams that got new rows, each with the lowest new number.
    Streams(Arc<[(Id, i64)]>),
    /// Something that is true for a moment and stored nowhere.
    Ephemeral { kind: Ephemeral, about: Id, on: bool },
    /// Something may have been missed: compare by position.
    CatchUp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ephemeral {
    /// About a thread.
    Typing,
    /// About a unit.
    Presence,
}

pub(super) const CHANNEL: &str = "radrum";

/// How often a node on PostgreSQL is told to compare by position though nothing seems wrong.
const NOW_AND_THEN: Duration = Duration::from_secs(5);

/// PostgreSQL takes payloads of less than 8,000 bytes.
const PAYLOAD_LIMIT: usize = 7_900;

/// What a node puts before its own notifications, so that it does not hear itself: it has told itself already.
pub(super) type NodeTag = [u8; 9];

/// Letters, digits, `+`, `/` and `:` only, so that it can stand inside a quoted SQL text.
pub(super) fn encode(node: &NodeTag, signal: &Signal) -> String {
    let mut out = STANDARD_NO_PAD.encode(node);
    let body = match signal {
        Signal::Streams(streams) => {
            let mut bytes = Vec::with_capacity(streams.len() * 24);
            for (id, n) in streams.iter() {
                bytes.extend_from_slice(&id.0);
                bytes.extend_from_slice(&n.to_be_bytes());
            }
            format!(":s:{}", STANDARD_NO_PAD.encode(bytes))
        }
        Signal::Ephemeral { kind, about, on } => {
            let kind = match kind {
                Ephemeral::Typing => 't',
                Ephemeral::Presence => 'p',
            };
            format!(":{kind}:{}{}", u8::from(*on), STANDARD_NO_PAD.encode(about.0))
        }
        Signal::CatchUp => ":c:".to_owned(),
    };
    out.push_str(if out.len() + body.len() > PAYLOAD_LIMIT { ":c:" } else { &body });
    out
}

/// `None` for the node's own. What cannot be read (a newer version's, someone else's) is a reason to catch up.
pub(super) fn decode(own: &NodeTag, payload: &str) -> Option<Signal> {
    let mut parts = payload.splitn(3, ':');
    let (node, kind, body) = (parts.next()?, parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    if node == STANDARD_NO_PAD.encode(own) {
        return None;
    }
    Some(read_body(kind, body).unwrap_or(Signal::CatchUp))
}

fn read_body(kind: &str, body: &str) -> Option<Signal> {
    match kind {
        "s" => {
            let bytes = STANDARD_NO_PAD.decode(body).ok()?;
            if bytes.is_empty() || bytes.len() % 24 != 0 {
                return None;
            }
            let streams = bytes.chunks_exact(24).map(|c| {
                let (id, n) = c.split_at(16);
                Some((Id::try_from(id).ok()?, i64::from_be_bytes(n.try_into().ok()?)))
            });
            Some(Signal::Streams(streams.collect::<Option<Vec<_>>>()?.into()))
        }
        "t" | "p" => {
            let kind = if kind == "t" { Ephemeral::Typing } else { Ephemeral::Presence };
            let (on, id) = body.split_at_checked(1)?;
            let about = Id::try_from(STANDARD_NO_PAD.decode(id).ok()?.as_slice()).ok()?;
            Some(Signal::Ephemeral { kind, about, on: on == "1" })
        }
        _ => None,
    }
}

/// Feeds the other nodes' signals in. After any error, after a reconnect and now and then anyway, [`Signal::CatchUp`]. Never returns.
pub(super) async fn listen(pool: PgPool, own: NodeTag, out: broadcast::Sender<Signal>) {
    let mut now_and_then = interval(NOW_AND_THEN);
    now_and_then.set_missed_tick_behavior(MissedTickBehavior::Delay);
    now_and_then.reset();
    let mut wait = Duration::from_millis(50);
    loop {
        if let Ok(mut listener) = connect(&pool).await {
            wait = Duration::from_millis(50);
            // Also the first time: rows may have come between the opening of the database and the listening.
            tell(&out, Signal::CatchUp);
            loop {
                tokio::select! {
                    heard = listener.try_recv() => match heard {
                        Ok(Some(note)) => hear(&own, &note, &out),
                        Ok(None) | Err(_) => break,
                    },
                    _ = now_and_then.tick() => tell(&out, Signal::CatchUp),
                }
            }
            tracing::warn!("the listener's connection to the database was lost");
        }
        tell(&out, Signal::CatchUp);
        sleep(wait).await;
        wait = (wait * 2).min(Duration::from_secs(2));
    }
}

async fn connect(pool: &PgPool) -> Result<PgListener, sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    // A lost connection is to be seen here, not mended out of sight.
    listener.eager_reconnect(false);
    listener.listen(CHANNEL).await?;
    Ok(listener)
}

fn hear(own: &NodeTag, note: &PgNotification, out: &broadcast::Sender<Signal>) {
    if let Some(signal) = decode(own, note.payload()) {
        tell(out, signal);
    }
}

/// Nobody listening is no error.
pub(super) fn tell(out: &broadcast::Sender<Signal>, signal: Signal) {
    let _ = out.send(signal);
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: NodeTag = [1; 9];
    const THERE: NodeTag = [2; 9];

    fn streams(count: u8) -> Signal {
        Signal::Streams((0..count).map(|i| (Id([i; 16]), i64::from(i) - 1)).collect())
    }

    #[test]
    fn there_and_back() {
        let ephemeral = |kind, on| Signal::Ephemeral { kind, about: Id([7; 16]), on };
        for signal in [streams(1), streams(240), ephemeral(Ephemeral::Typing, true), ephemeral(Ephemeral::Presence, false), Signal::CatchUp]
        {
            let payload = encode(&THERE, &signal);
            assert!(payload.len() < 8_000);
            assert!(payload.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/:".contains(&b)), "safe inside quotes");
            assert_eq!(decode(&HERE, &payload), Some(signal.clone()));
            assert_eq!(decode(&THERE, &payload), None, "a node does not hear itself");
        }
    }

    #[test]
    fn more_than_fits_or_can_be_read_means_catch_up() {
        assert_eq!(decode(&HERE, &encode(&THERE, &streams(255))), Some(Signal::CatchUp));
        for odd in ["", "x", "x:s:", "x:s:AAAA", "x:t:", "x:p:1AAAA", "x:t:åäö", "x:q:1"] {
            assert_eq!(decode(&HERE, odd), Some(Signal::CatchUp), "{odd}");
        }
    }
}
