//! Sending a message: reply, ask back, advise.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{
    flow,
    load::{self, Seen},
    settle::{Tries, is_stale, unmoved},
    show,
    text::{self, Claim, Field, Reason},
};
use crate::{
    access::Side,
    args,
    clock::Micros,
    db::Tx,
    http::error::{Code, Error},
    id::Id,
    rooms::{Call, House, answered, command},
};

#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct Post {
    pub thread: Id,
    /// `reply`, `ask_back` or `advice`.
    pub kind: String,
    /// Of a reply or a question back.
    #[serde(default)]
    pub text: Option<String>,
    /// Of an advice, as the three that follow.
    #[serde(default)]
    pub advice: Option<String>,
    #[serde(default)]
    pub paragraph: Option<String>,
    #[serde(default)]
    pub limits: Option<String>,
    #[serde(default)]
    pub needs_name: Option<bool>,
    /// An own earlier message that this one corrects.
    #[serde(default)]
    pub corrects: Option<Id>,
    #[serde(default)]
    pub claims: Vec<Claim>,
    #[serde(default)]
    pub hold: bool,
}

impl Post {
    /// The kind as the database knows it, and the free text that goes with it.
    fn checked(&self) -> Result<(&'static str, Vec<Field<'_>>), Error> {
        let stray = |name: &'static str, there: bool| if there { Err(Error::field(name)) } else { Ok(()) };
        let kind = match self.kind.as_str() {
            "reply" => "reply",
            "ask_back" => "ask_back",
            "advice" => "advice",
            _ => return Err(Error::field("kind")),
        };
        let mut fields = Vec::new();
        if kind == "advice" {
            stray("text", self.text.is_some())?;
            let advice = Field { name: "advice", text: self.advice.as_deref().unwrap_or_default() };
            text::required(advice)?;
            fields.push(advice);
            for (name, value) in [("paragraph", &self.paragraph), ("limits", &self.limits)] {
                if let Some(value) = value {
                    text::optional(Field { name, text: value })?;
                    fields.push(Field { name, text: value });
                }
            }
        } else {
            stray("advice", self.advice.is_some())?;
            stray("paragraph", self.paragraph.is_some())?;
            stray("limits", self.limits.is_some())?;
            stray("needs_name", self.needs_name.is_some())?;
            let body = Field { name: "text", text: self.text.as_deref().unwrap_or_default() };
            text::required(body)?;
            fields.push(body);
        }
        Ok((kind, fields))
    }

    /// What is sealed.
    fn body(&self) -> Value {
        if self.kind == "advice" {
            json!({ "advice": self.advice, "paragraph": self.paragraph, "limits": self.limits, "needs_name": self.needs_name.unwrap_or(false) })
        } else {
            json!({ "text": self.text })
        }
    }
}

struct Judged {
    post: Post,
    reasons: Vec<Reason>,
    /// How many messages the thread had when the risk was reckoned.
    seq: i64,
}

/// `message.post`: check, scan, reckon the risk over the whole thread, write.
pub async fn post(house: &House, call: Call, req: Post) -> Result<Value, Error> {
    let mut tries = Tries::default();
    loop {
        let judged = match judge(house, &call, &req).await? {
            Ok(judged) => judged,
            Err(answer) => return Ok(answer),
        };
        match command(house, call.clone(), judged, |tx, c| Box::pin(write(tx, c))).await {
            Err(e) if is_stale(&e) => tries.again(req.thread).await?,
            done => return done,
        }
    }
}

/// The judged message, or the answer given when it was here before.
async fn judge(house: &House, call: &Call, req: &Post) -> Result<Result<Judged, Value>, Error> {
    req.checked()?;
    let (seen, earlier) = {
        let mut conn = house.db.read().await?;
        if let Some(answer) = answered(&mut conn, call).await? {
            return Ok(Err(answer));
        }
        let seen = load::seen(&mut conn, call.who.person, req.thread).await?;
        may_write(&seen, &req.kind)?;
        let earlier = show::texts(&mut conn, house, &seen).await?;
        (seen, earlier)
    };
    let asking = seen.sight.side == Side::Asking;
    let (judge, text, municipality) = (house.clone(), req.clone(), seen.municipality().to_owned());
    let verdict = text::off_thread(move || {
        let (_, fields) = text.checked()?;
        text::judge(&judge, &municipality, &earlier, &fields, &text.claims, asking)
    })
    .await??;
    if !verdict.reasons.is_empty() && !req.hold {
        return Err(verdict.error());
    }
    Ok(Ok(Judged { post: req.clone(), reasons: verdict.reasons, seq: seen.thread.last_seq }))
}

/// Whether this person may write this kind of message here, now.
fn may_write(seen: &Seen, kind: &str) -> Result<(), Error> {
    if !seen.sight.takes_part {
        return Err(Error::new(Code::RoleMissing));
    }
    if seen.thread.closed() {
        return Err(Error::new(Code::ThreadClosed));
    }
    match seen.sight.side {
        Side::Asking if kind != "reply" => Err(Error::field("kind")),
        Side::Answering if seen.thread.claimed_by != Some(seen.roles.person) => Err(Error::new(Code::ThreadNotYours)),
        _ => Ok(()),
    }
}

async fn write(tx: &mut Tx, c: &crate::rooms::Command<Judged>) -> Result<Value, Error> {
    let (author, now, post) = (c.call.who.person, c.call.now, &c.req.post);
    let seen = load::seen_locked(tx, author, post.thread).await?;
    may_write(&seen, &post.kind)?;
    unmoved(&seen, c.req.seq)?;
    if c.req.reasons.is_empty() {
        return deliver(tx, &c.house, seen, post, now).await;
    }
    flow::hold(tx, &c.house, author, seen.sight.unit, Some(post.thread), "message.post", post, &c.req.reasons, now).await
}

/// Sends the approved text as its writer's own, if the writer may still write there.
pub async fn deliver_approved(tx: &mut Tx, house: &House, author: Id, post: &Post, now: Micros) -> Result<Value, Error> {
    let seen = load::seen_locked(tx, author, post.thread).await?;
    may_write(&seen, &post.kind)?;
    deliver(tx, house, seen, post, now).await
}

/// Writes the message, moves the turn, tells everybody.
async fn deliver(tx: &mut Tx, house: &House, mut seen: Seen, post: &Post, now: Micros) -> Result<Value, Error> {
    let (kind, _) = post.checked()?;
    let (author, side, unit) = (seen.roles.person, seen.sight.side, seen.sight.unit);
    load::take_place(tx, &house.random, &mut seen).await?;
    if let Some(corrected) = post.corrects {
        let own = tx
            .opt("select 1 as one from message where id = $1 and thread_id = $2 and author_id = $3", args![corrected, post.thread, author])
            .await?;
        own.ok_or_else(|| Error::field("corrects"))?;
    }
    let mut thread = seen.thread;
    let key = thread.key(house)?;
    let id = flow::write_message(tx, house, &mut thread, &key, (author, side), kind, &post.body(), post.corrects, now).await?;
    // A question that stands with nobody waits for the asker, who can pass it on.
    let turn = if thread.active().next().is_some() { side.other() } else { Side::Asking };
    let status = match (kind, thread.claimed_by) {
        ("advice", _) => "answered",
        (_, Some(_)) => "claimed",
        (_, None) => "open",
    };
    // The clock of the side whose turn it is goes on when the turn stays where it was.
    let due_at = if thread.turn == Some(turn) { thread.due_at } else { flow::due(&thread.urgency, thread.target_days(), turn, now) };
    let lease = thread.claimed_by.map(|_| now + flow::LEASE);
    tx.run(
        "update thread set status = $2, turn = $3, due_at = $4, lease_until = $5 where id = $1",
        args![thread.id, status, turn.as_str(), due_at, lease],
    )
    .await?;
    let n = flow::tell(tx, &thread, (side, unit), "message.posted", Some(id), None, now).await?;
    flow::move_cursor(tx, thread.id, author, n).await?;
    match (turn, thread.claimed_by) {
        (Side::Asking, _) => flow::mail(tx, thread.asker, "handler", now).await?,
        (Side::Answering, Some(person)) => flow::mail(tx, person, "handler", now).await?,
        (Side::Answering, None) => {}
    }
    Ok(json!({ "message": id, "n": n }))
}
