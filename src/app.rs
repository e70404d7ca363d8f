//! Where the floors meet: the rooms as the live floor wants them, and what goes on beside requests.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
    sync::LazyLock,
};

use futures_util::future::BoxFuture;
use serde_json::Value;

use crate::{
    args,
    clock::Micros,
    config::Secret,
    db::{Ephemeral, Signal},
    http::{Locale, error::Error},
    id::Id,
    live::{Batch, Credential, Op, Resumed, Rooms, Who},
    mail::{self, Mailer},
    rooms::{self, House, consent, people, roles, signin, threads},
};

/// The house with its door: what the transport calls.
#[derive(Clone)]
pub struct App {
    pub house: House,
}

static OPS: LazyLock<Vec<Op>> = LazyLock::new(|| rooms::OPS.iter().map(|entry| entry.op).collect());

impl App {
    async fn about(&self, who: &Who) -> Result<Value, Error> {
        serde_json::to_value(people::about(&self.house, who).await?).map_err(|_| Error::internal("me", "json"))
    }

    /// Frees questions whose lease has run out. Called every half minute or so.
    pub async fn sweep(&self) -> Result<(), Error> {
        threads::end_leases(&self.house).await?;
        Ok(())
    }

    /// Writes down which consents have run out, and tells those whose cases closed by it. Called several times a second.
    pub async fn expire(&self) -> Result<(), Error> {
        consent::expire(&self.house).await?;
        Ok(())
    }

    /// Sends the notices that are due, to those who have not been here since. A mail server that asks to wait is asked again later.
    pub async fn mail(&self, mailer: &Mailer) -> Result<(), Error> {
        for due in self.mail_due().await? {
            if mailer.notify(&due.email, due.role, due.locale).await == Err(mail::Error::Later) {
                let args = (due.person, due.role, self.house.clock.now());
                self.house
                    .db
                    .write(args, |tx, (person, role, now)| {
                        Box::pin(async move {
                            tx.run(
                                "insert into mail_due (person_id, role, due_at) values ($1, $2, $3) on conflict do nothing",
                                args![*person, role.as_str(), *now + threads::MAIL_AFTER],
                            )
                            .await?;
                            Ok::<_, Error>(())
                        })
                    })
                    .await?;
            }
        }
        Ok(())
    }

    /// Those whom something has waited for long enough. Each is given once.
    async fn mail_due(&self) -> Result<Vec<Due>, Error> {
        self.house
            .db
            .write(self.house.clock.now(), |tx, now| {
                Box::pin(async move {
                    let rows = tx
                        .all(
                            "select m.person_id, m.role, m.due_at, p.email, p.locale,
                                    (select max(s.seen_at) from session s where s.person_id = m.person_id) as seen_at
                             from mail_due m join person p on p.id = m.person_id where m.due_at <= $1 and p.disabled_at is null
                             order by m.due_at limit 100",
                            args![*now],
                        )
                        .await?;
                    let mut out = Vec::new();
                    for row in rows {
                        let (person, role) = (row.get::<Id>("person_id")?, row.get::<String>("role")?);
                        tx.run("delete from mail_due where person_id = $1 and role = $2", args![person, &role]).await?;
                        // Somebody who has been here since it came has seen it.
                        let came = row.get::<Micros>("due_at")? - threads::MAIL_AFTER;
                        let seen = row.get::<Option<Micros>>("seen_at")?.is_some_and(|seen| seen > came);
                        let role = mail::Role::parse(&role);
                        if let (false, Some(role), Some(email)) = (seen, role, row.get::<Option<String>>("email")?) {
                            out.push(Due { person, role, email, locale: people::locale(&row.get::<String>("locale")?) });
                        }
                    }
                    Ok::<_, Error>(out)
                })
            })
            .await
    }
}

/// A notice to send.
struct Due {
    person: Id,
    role: mail::Role,
    email: String,
    locale: Locale,
}

impl Rooms for App {
    fn who<'a>(&'a self, credential: Credential<'a>, touch: bool) -> BoxFuture<'a, Result<Who, Error>> {
        Box::pin(signin::who(&self.house, credential, touch))
    }

    fn sign_in<'a>(&'a self, login: String, password: Secret, _peer: IpAddr) -> BoxFuture<'a, Result<(String, Value), Error>> {
        Box::pin(async move {
            let (cookie, who) = signin::sign_in(&self.house, &login, password.expose().to_owned()).await?;
            Ok((cookie, self.about(&who).await?))
        })
    }

    fn sign_out<'a>(&'a self, cookie: &'a str, everywhere: bool) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(signin::sign_out(&self.house, cookie, everywhere))
    }

    fn unlock<'a>(&'a self, cookie: &'a str, password: Secret, _peer: IpAddr) -> BoxFuture<'a, Result<Value, Error>> {
        Box::pin(async move {
            let who = signin::unlock(&self.house, cookie, password.expose().to_owned()).await?;
            self.about(&who).await
        })
    }

    fn me<'a>(&'a self, who: &'a Who) -> BoxFuture<'a, Result<Value, Error>> {
        Box::pin(self.about(who))
    }

    fn hello<'a>(&'a self, who: &'a Who) -> BoxFuture<'a, Result<Value, Error>> {
        Box::pin(async move {
            let mut about = self.about(who).await?;
            // The key of drafts is for the page, which asks over HTTP; frames do not carry it.
            if let Some(members) = about.as_object_mut() {
                members.retain(|name, _| name == "person" || name == "roles");
            }
            Ok(about)
        })
    }

    fn ops(&self) -> &'static [Op] {
        &OPS
    }

    fn run<'a>(&'a self, who: &'a Who, op: &'a str, id: Option<Id>, body: Value) -> BoxFuture<'a, Result<Value, Error>> {
        Box::pin(rooms::run(&self.house, who, op, id, body))
    }

    fn events<'a>(&'a self, stream: Id, after: i64) -> BoxFuture<'a, Result<Batch, Error>> {
        Box::pin(threads::events(&self.house, stream, after))
    }

    fn resume<'a>(&'a self, who: &'a Who, after: &'a BTreeMap<Id, i64>) -> BoxFuture<'a, Result<Resumed, Error>> {
        Box::pin(threads::resume(&self.house, who, after))
    }

    fn moved_since<'a>(&'a self, at: Micros) -> BoxFuture<'a, Result<Vec<(Id, i64)>, Error>> {
        Box::pin(threads::moved_since(&self.house, at))
    }

    fn ephemeral<'a>(&'a self, kind: Ephemeral, id: Id, on: bool) -> BoxFuture<'a, Result<Vec<Batch>, Error>> {
        Box::pin(threads::ephemeral(&self.house, kind, id, on))
    }

    fn announce<'a>(&'a self, kind: Ephemeral, id: Id, on: bool) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            // A hint: one that is lost is not worth an error.
            let _ = self.house.db.signal_others(&Signal::Ephemeral { kind, about: id, on }).await;
        })
    }

    fn units_of<'a>(&'a self, person: Id) -> BoxFuture<'a, Result<Vec<Id>, Error>> {
        Box::pin(async move {
            let roles = roles::find(&mut *self.house.db.read().await?, person).await?;
            Ok(roles.map(|r| r.units.into_iter().map(|(unit, _)| unit).collect::<BTreeSet<_>>()).unwrap_or_default().into_iter().collect())
        })
    }

    fn ready<'a>(&'a self) -> BoxFuture<'a, bool> {
        Box::pin(async move { self.house.db.ping().await.is_ok() })
    }
}
