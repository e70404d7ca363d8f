//! Judging takes too long for a transaction, so it is done before one; inside it is seen whether others wrote in the thread in between, and then it is judged anew.

use tokio::sync::{Mutex, MutexGuard};

use super::{
    load::{self, Seen},
    show,
    text::{self, Field},
};
use crate::{
    access::Side,
    http::error::{Code, Error},
    id::Id,
    rooms::{AGAIN, Call, House, answered},
};

/// How often something is judged anew because others wrote in the thread meanwhile.
const TRIES: usize = 16;
/// Those who have to try again wait for each other, so that each has to only once or so. A few locks for all threads: sharing one costs time, nothing else.
static TURNS: [Mutex<()>; 64] = [const { Mutex::const_new(()) }; 64];

/// Counts the tries of one command.
#[derive(Default)]
pub struct Tries {
    so_far: usize,
    turn: Option<MutexGuard<'static, ()>>,
}

impl Tries {
    /// To be asked when a command came back with [`stale`]. Errors: `unavailable` when it has been tried often enough.
    pub async fn again(&mut self, thread: Id) -> Result<(), Error> {
        self.so_far += 1;
        if self.so_far >= TRIES {
            return Err(Error::new(Code::Unavailable));
        }
        if self.turn.is_none() {
            self.turn = Some(TURNS[usize::from(thread.bytes()[0]) % TURNS.len()].lock().await);
        }
        Ok(())
    }
}

/// Two texts at once must not each be judged as if the other were not there: `seq` is how many messages the thread had when the text was judged.
pub fn unmoved(seen: &Seen, seq: i64) -> Result<(), Error> {
    if seen.thread.last_seq == seq { Ok(()) } else { Err(Error::new(Code::Unavailable).with(AGAIN, "stale")) }
}

pub fn is_stale(error: &Error) -> bool {
    error.extra.get(AGAIN).is_some_and(|v| v == "stale")
}

/// A reason or a comment with what it was weighed against.
pub struct Weighed<R> {
    pub req: R,
    /// For [`unmoved`]; nothing to look at where the text tells nothing of anybody.
    pub seq: Option<i64>,
}

/// Weighs a reason or a comment, which cannot wait for review: where it holds an identifier or leaves too few people to choose from, it is refused.
pub async fn weigh<R>(house: &House, call: &Call, thread: Id, req: R, name: &'static str, words: String) -> Result<Weighed<R>, Error> {
    let (judge, text) = (house.clone(), words.clone());
    let tells = text::off_thread(move || {
        text::refuse_direct(&judge, &[Field { name, text: &text }], &[])?;
        Ok::<_, Error>(!judge.scanner.scan(&text).findings.is_empty())
    })
    .await??;
    if !tells {
        return Ok(Weighed { req, seq: None });
    }
    let (seen, earlier) = {
        let mut conn = house.db.read().await?;
        // A resend is not judged anew.
        if answered(&mut conn, call).await?.is_some() {
            return Ok(Weighed { req, seq: None });
        }
        let seen = load::seen(&mut conn, call.who.person, thread).await?;
        let earlier = show::texts(&mut conn, house, &seen).await?;
        (seen, earlier)
    };
    let (judge, municipality, asking) = (house.clone(), seen.municipality().to_owned(), seen.sight.side == Side::Asking);
    let verdict = text::off_thread(move || {
        let field = Field { name, text: &words };
        text::judge(&judge, &municipality, &earlier, &[field], &[], asking)
    })
    .await??;
    if !verdict.reasons.is_empty() {
        return Err(verdict.error());
    }
    Ok(Weighed { req, seq: Some(seen.thread.last_seq) })
}
