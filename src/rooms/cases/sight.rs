//! A link as it stands at this moment, and from which side a person sees it.

use crate::{
    access::{self, CaseMatter, CaseSight, Roles, Side},
    args,
    db::Conn,
    http::error::{Code, Error},
    id::Id,
    rooms::{
        case_files::{self, CaseFile},
        roles,
    },
};

pub struct Tie {
    pub id: Id,
    pub thread: Id,
    pub unit: Id,
    pub unit_name: String,
    pub own_unit_name: String,
    pub consent: Id,
    /// The answering unit's own consent, whether or not it holds.
    pub answer: Option<Id>,
    /// Whether the asking unit's consent covers the other at this moment.
    pub live: bool,
    /// Whether the answering unit's does.
    pub answers: bool,
}

pub async fn tie(conn: &mut Conn, id: Id) -> Result<Option<(Tie, CaseFile)>, Error> {
    let row = conn
        .opt(
            "select k.thread_id, k.case_file_id, k.unit_id, u.name as unit_name, o.name as own_unit_name, k.consent_id, k.answer_consent_id,
                    v.id as live, v.answer_consent_id as answers
             from case_link k join case_file f on f.id = k.case_file_id join unit u on u.id = k.unit_id join unit o on o.id = f.unit_id
             left join case_link_live v on v.id = k.id where k.id = $1",
            args![id],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    let tie = Tie {
        id,
        thread: row.get("thread_id")?,
        unit: row.get("unit_id")?,
        unit_name: row.get("unit_name")?,
        own_unit_name: row.get("own_unit_name")?,
        consent: row.get("consent_id")?,
        answer: row.get("answer_consent_id")?,
        live: row.get::<Option<Id>>("live")?.is_some(),
        answers: row.get::<Option<Id>>("answers")?.is_some(),
    };
    let file = CaseFile::find(conn, row.get("case_file_id")?).await?.ok_or_else(|| Error::internal("case_link", "file"))?;
    Ok(Some((tie, file)))
}

/// A link and how the person sees it.
pub struct Seen {
    pub tie: Tie,
    pub file: CaseFile,
    pub sight: CaseSight,
    pub roles: Roles,
}

impl Seen {
    /// The consent under which this side writes.
    pub fn own_consent(&self) -> Option<Id> {
        match self.sight.side {
            Side::Asking => Some(self.tie.consent),
            Side::Answering => self.tie.answer,
        }
    }

    pub fn unit_name(&self, side: Side) -> &str {
        match side {
            Side::Asking => &self.tie.own_unit_name,
            Side::Answering => &self.tie.unit_name,
        }
    }
}

/// The link as this person may see it now. Those of the other unit who had it as a task hear that it is closed; to everybody else there is none.
pub async fn seen(conn: &mut Conn, person: Id, id: Id) -> Result<Seen, Error> {
    let roles = roles::find(conn, person).await?.ok_or_else(Error::not_found)?;
    let (tie, file) = tie(conn, id).await?.ok_or_else(Error::not_found)?;
    let task = case_files::task(conn, file.id, person).await?;
    let matter = CaseMatter { own: file.unit, receiving: Some(tie.unit), live: tie.live, task };
    match access::decide_case(&matter, &roles) {
        Some(sight) => Ok(Seen { tie, file, sight, roles }),
        None if access::decide_case(&CaseMatter { live: true, ..matter }, &roles).is_some_and(|s| s.task) => {
            Err(Error::new(Code::CaseClosed))
        }
        None => Err(Error::not_found()),
    }
}

/// As [`seen`], for writing.
pub async fn seen_with_task(conn: &mut Conn, person: Id, id: Id) -> Result<Seen, Error> {
    let seen = seen(conn, person, id).await?;
    if !seen.sight.task {
        return Err(Error::new(Code::RoleMissing));
    }
    if !seen.tie.live {
        return Err(Error::new(Code::CaseClosed));
    }
    Ok(seen)
}
