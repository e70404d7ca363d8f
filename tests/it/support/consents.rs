//! Cases and consents written straight into the tables, past every rule of the program: for trying what the database itself holds against.

use radrum::{
    args,
    clock::{DAY, Micros},
    db::{Args, Error},
    id::Id,
};

use super::service::Service;

/// A case of unit a with a live consent for unit b, and a thread that b has taken on.
pub struct Ground {
    pub thread: Id,
    pub case: Id,
    pub subject: Id,
    pub consent: Id,
    pub giver: Id,
}

impl Service {
    /// Runs one statement as anybody with the database's password could. Whether the database took it; any refusal but a rule's is a fault of the test.
    pub async fn sql(&self, sql: &'static str, args: Args) -> bool {
        let done = self
            .house
            .db
            .write((sql, args), |tx, (sql, args)| {
                Box::pin(async move {
                    tx.run(sql, args.clone()).await?;
                    Ok::<_, Error>(())
                })
            })
            .await;
        match done {
            Ok(()) => true,
            Err(Error::Check | Error::Unique(_)) => false,
            Err(e) => panic!("{sql}: {e:?}"),
        }
    }

    pub async fn must(&self, sql: &'static str, args: Args) {
        assert!(self.sql(sql, args).await, "the database takes {sql}");
    }

    pub async fn moment(&self) -> Micros {
        self.house.db.read().await.unwrap().one("select at from moment", args![]).await.unwrap().get("at").unwrap()
    }

    /// How many rows a query of `count(*) as n` tells of.
    pub async fn count(&self, sql: &'static str, args: Args) -> i64 {
        self.house.db.read().await.unwrap().one(sql, args).await.unwrap().get("n").unwrap()
    }

    /// A case of the unit about people of whom the n-th needs so many guardians.
    pub async fn bare_case(&self, unit: &str, authority: &str, guardians: &[i64]) -> (Id, Vec<Id>) {
        let (case, now) = (self.id(), self.moment().await);
        let person = self.people[if authority == "A" { "anna" } else { "bo" }];
        self.must(
            "insert into case_file (id, authority_id, unit_id, wrapped_key, sealed, state, created_by, created_at)
             select $1, p.authority_id, $2, $3, $3, 'open', p.id, $5 from person p where p.id = $4",
            args![case, self.units[unit], [1_u8; 4], person, now],
        )
        .await;
        let mut subjects = Vec::new();
        for (n, guardians) in guardians.iter().enumerate() {
            let id = self.id();
            self.must(
                "insert into case_subject (id, case_file_id, n, guardians, lookup, sealed) values ($1, $2, $3, $4, $1, $5)",
                args![id, case, n as i64, *guardians, [1_u8; 4]],
            )
            .await;
            subjects.push(id);
        }
        (case, subjects)
    }

    /// A draft with one category and one receiving unit.
    pub async fn bare_draft(&self, case: Id, (own, other): (&str, &str), until: Micros) -> Id {
        let (consent, now) = (self.id(), self.moment().await);
        let person = self.people[if own == "a" { "anna" } else { "bo" }];
        self.must(
            "insert into consent (id, case_file_id, unit_id, state, from_at, until_at, child_harm, sealed, recorded_by, recorded_at, changed_at)
             values ($1, $2, $3, 'draft', $4, $5, 0, $6, $7, $4, $4)",
            args![consent, case, self.units[own], now - 1, until, [1_u8; 4], person],
        )
        .await;
        self.must("insert into consent_category (consent_id, category) values ($1, 'health')", args![consent]).await;
        self.must("insert into consent_unit (consent_id, unit_id) values ($1, $2)", args![consent, self.units[other]]).await;
        consent
    }

    pub async fn bare_giver(&self, consent: Id, subject: Id, kind: &str) -> Id {
        let giver = self.id();
        self.must(
            "insert into consent_giver (id, consent_id, subject_id, kind, state, lookup, sealed) values ($1, $2, $3, $4, 'asked', $1, $5)",
            args![giver, consent, subject, kind, [1_u8; 4]],
        )
        .await;
        giver
    }

    pub async fn says(&self, giver: Id, state: &str) -> bool {
        self.sql(
            "update consent_giver set state = $2, form = 'oral', answer_sealed = coalesce(answer_sealed, sealed), answered_at = 1 where id = $1",
            args![giver, state],
        )
        .await
    }

    pub async fn consent_to(&self, consent: Id, state: &str) -> bool {
        let ended = ["revoked", "expired", "refused"].contains(&state).then_some(1_i64);
        self.sql("update consent set state = $2, ended_at = $3 where id = $1", args![consent, state, ended]).await
    }

    pub async fn link(&self, g: &Ground, consent: Id, unit: &str) -> bool {
        self.sql(
            "insert into case_link (id, thread_id, case_file_id, consent_id, unit_id, state, created_by, created_at) values ($1, $2, $3, $4, $5, 'open', $6, 1)",
            args![self.id(), g.thread, g.case, consent, self.units[unit], self.people["anna"]],
        )
        .await
    }

    pub async fn ground(&self) -> Ground {
        let thread: Id = self.taken().await.as_str().unwrap().parse().unwrap();
        let (case, subjects) = self.bare_case("a", "A", &[0]).await;
        let consent = self.bare_draft(case, ("a", "b"), self.moment().await + 30 * DAY).await;
        let giver = self.bare_giver(consent, subjects[0], "individual").await;
        assert!(self.says(giver, "given").await && self.consent_to(consent, "given").await);
        Ground { thread, case, subject: subjects[0], consent, giver }
    }
}
