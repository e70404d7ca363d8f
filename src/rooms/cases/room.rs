//! What is written in a case. Everybody reads what the own side wrote; what the other side wrote only while its consent covers it, fact by fact.

use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::sight::{self, Seen};
use crate::{
    access::Side,
    args,
    clock::{Micros, rfc3339},
    db::Tx,
    http::error::{Code, Error},
    id::Id,
    rooms::{
        Call, Command, House,
        case_files::{self, CaseFile, seal, text, unseal},
        command, consent,
    },
};

/// What is told at once; the latest.
const MOST: i64 = 500;

/// A text and the categories of the facts in it.
pub struct Written<'a> {
    pub text: &'a str,
    pub categories: &'a [String],
}

pub fn check_categories(categories: &[String]) -> Result<(), Error> {
    let known = categories.iter().all(|c| consent::CATEGORIES.contains(&c.as_str()));
    let twice = categories.iter().enumerate().any(|(i, c)| categories[..i].contains(c));
    if known && !twice && !categories.is_empty() { Ok(()) } else { Err(Error::field("categories")) }
}

/// Adds a message, sealed under the case's key. The database refuses what the writer's consent does not cover.
pub async fn write(
    tx: &mut Tx,
    house: &House,
    file: &CaseFile,
    link: Id,
    author: (Id, Side),
    written: Written<'_>,
    at: Micros,
) -> Result<Id, Error> {
    let under = "select 1 as one from case_link_live k join consent_category c
                 on c.consent_id = case $2 when 'asking' then k.consent_id else k.answer_consent_id end where k.id = $1 and c.category = $3";
    for category in written.categories {
        if tx.opt(under, args![link, author.1.as_str(), category]).await?.is_none() {
            return Err(Error::new(Code::ConsentMissing));
        }
    }
    let id = house.random.id();
    let sealed = seal(house, &file.key(house)?, ("case_message", id, "sealed"), &written.text)?;
    let seq: i64 =
        tx.one("update case_link set last_seq = last_seq + 1 where id = $1 returning last_seq", args![link]).await?.get("last_seq")?;
    tx.run(
        "insert into case_message (id, link_id, seq, side, author_id, sealed, at) values ($1, $2, $3, $4, $5, $6, $7)",
        args![id, link, seq, author.1.as_str(), author.0, sealed, at],
    )
    .await?;
    for category in written.categories {
        tx.run("insert into case_message_category (message_id, category) values ($1, $2)", args![id, category]).await?;
    }
    Ok(id)
}

#[derive(Deserialize, ToSchema)]
pub struct Post {
    pub link: Id,
    pub text: String,
    /// The categories of facts in it: within the scope of the own unit's consent.
    pub categories: Vec<String>,
}

/// `case.post`.
pub async fn post(house: &House, call: Call, req: Post) -> Result<Value, Error> {
    text("text", &req.text)?;
    check_categories(&req.categories)?;
    command(house, call, req, |tx, c| Box::pin(send(tx, c))).await
}

async fn send(tx: &mut Tx, c: &Command<Post>) -> Result<Value, Error> {
    let (person, req) = (c.call.who.person, &c.req);
    let at = case_files::moment(tx).await?;
    let seen = sight::seen_with_task(tx, person, req.link).await?;
    let side = seen.sight.side;
    if side == Side::Answering && !seen.tie.answers {
        return Err(Error::new(Code::ConsentMissing));
    }
    let written = Written { text: &req.text, categories: &req.categories };
    let id = write(tx, &c.house, &seen.file, req.link, (person, side), written, at).await?;
    case_files::note(tx, &seen.roles, "case.post", "case_message", Some(id), c.call.now).await?;
    case_files::tell(tx, req.link, "posted", c.call.now).await?;
    Ok(json!({ "message": id }))
}

#[derive(Deserialize, ToSchema)]
pub struct Feed {
    pub link: Id,
}

/// `case.feed`: the latest messages, oldest first. A manager without the task opens the case first, with a reason.
pub async fn feed(house: &House, call: Call, req: Feed) -> Result<Value, Error> {
    house.db.write((house.clone(), call, req), |tx, (house, call, req)| Box::pin(read(tx, house, call, req))).await?
}

/// The inner result is the answer: a refusal leaves its trace too.
async fn read(tx: &mut Tx, house: &House, call: &Call, req: &Feed) -> Result<Result<Value, Error>, Error> {
    let at = case_files::moment(tx).await?;
    let seen = match sight::seen(tx, call.who.person, req.link).await {
        Ok(seen) => seen,
        Err(refused) => return super::open::refused(tx, call, req.link, refused).await.map(Err),
    };
    if !seen.sight.task {
        case_files::reason(tx, house, &seen.file, Some(req.link), seen.roles.person, None, at).await?;
    }
    let messages = messages(tx, house, &seen).await?;
    case_files::note(tx, &seen.roles, "case.feed", "case_link", Some(req.link), call.now).await?;
    Ok(Ok(json!({ "messages": messages })))
}

async fn messages(tx: &mut Tx, house: &House, seen: &Seen) -> Result<Vec<Value>, Error> {
    let rows = tx
        .all(
            "select m.id, m.side, m.sealed, m.at, p.name from case_message m join person p on p.id = m.author_id
             where m.link_id = $1 and (m.side = $2 or exists (
                 select 1 from case_link_live k where k.id = m.link_id
                   and exists (select 1 from case_message_category x where x.message_id = m.id)
                   and not exists (
                       select 1 from case_message_category x where x.message_id = m.id and not exists (
                           select 1 from consent_category c where c.category = x.category
                             and c.consent_id = case m.side when 'asking' then k.consent_id else k.answer_consent_id end))))
             order by m.seq desc limit $3",
            args![seen.tie.id, seen.sight.side.as_str(), MOST],
        )
        .await?;
    let key = seen.file.key(house)?;
    let mut out = Vec::new();
    for row in rows.iter().rev() {
        let (id, side): (Id, String) = (row.get("id")?, row.get("side")?);
        let text: String = unseal(&key, ("case_message", id, "sealed"), &row.get::<Vec<u8>>("sealed")?)?;
        let categories = tx.all("select category from case_message_category where message_id = $1 order by category", args![id]).await?;
        let categories = categories.iter().map(|r| r.get("category")).collect::<Result<Vec<String>, _>>()?;
        let from = Side::parse(&side).ok_or_else(|| Error::internal("case_message", "side"))?;
        out.push(json!({
            "message": id, "side": side, "from": { "unit_name": seen.unit_name(from), "name": row.get::<String>("name")? },
            "at": rfc3339(row.get("at")?), "text": text, "categories": categories,
        }));
    }
    Ok(out)
}
