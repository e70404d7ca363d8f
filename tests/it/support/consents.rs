//! Cases and consents: written straight into the tables, past every rule of the program, for trying what the database itself holds against; and by the way of the operations.

use radrum::{
    args,
    clock::{DAY, Micros, rfc3339},
    db::{Args, Error},
    id::Id,
};
use serde_json::{Value, json};

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

    /// As [`sql`](Self::sql), so much later: the mark is moved in the same transaction, so that nobody sees the one without the other.
    pub async fn late(&self, by: Micros, sql: &'static str, args: Args) -> bool {
        self.late_try(by, sql, args).await.is_some()
    }

    /// How many rows a statement changes that is run so much later, and it stays so much later.
    pub async fn late_rows(&self, by: Micros, sql: &'static str, args: Args) -> u64 {
        self.late_try(by, sql, args).await.expect("the database takes it")
    }

    async fn late_try(&self, by: Micros, sql: &'static str, args: Args) -> Option<u64> {
        let done = self.house.db.write((by, sql, args), |tx, (by, sql, args)| {
            Box::pin(async move {
                tx.run("update clock_mark set at = (select at from moment) + $1", args![*by]).await?;
                tx.run(sql, args.clone()).await
            })
        });
        match done.await {
            Ok(rows) => Some(rows),
            Err(Error::Check) => None,
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

/// Invented, with right checksums.
pub const ADULT: &str = "19850312-9812";

/// A case that has been taken the whole way: linked to unit b, and with b's own consent under it.
pub struct Named {
    pub thread: Value,
    pub case: Value,
    pub subject: Value,
    pub consent: Value,
    pub giver: Value,
    pub link: Value,
    /// Unit b's own file and consent.
    pub answer_case: Value,
    pub answer_consent: Value,
}

impl Service {
    /// A time so many days from the moment, as clients write it.
    pub async fn in_days(&self, days: i64) -> String {
        rfc3339(self.moment().await + days * DAY)
    }

    /// A case of the person's unit about one adult: the case and the subject.
    pub async fn case_of(&self, login: &str, unit: &str, name: &str) -> (Value, Value) {
        let subjects = json!([{ "name": name, "personnummer": ADULT }]);
        let made =
            self.ok(login, "case.create", json!({ "unit": self.unit(unit), "case_number": "SN 2026:17", "subjects": subjects })).await;
        (made["case"].clone(), made["subjects"][0].clone())
    }

    pub async fn draft_request(&self, case: &Value, subject: &Value, units: &[&str], categories: &[&str]) -> Value {
        json!({
            "case": case, "purpose": "Gemensam planering av stödet.", "categories": categories, "units": units.iter().map(|u| self.unit(u)).collect::<Vec<_>>(),
            "until": self.in_days(30).await, "readback": "Du säger ja till att vi berättar för dem.", "givers": [{ "subject": subject, "kind": "individual" }],
        })
    }

    /// A draft: the consent and its giver.
    pub async fn drafted(&self, login: &str, case: &Value, subject: &Value, units: &[&str], categories: &[&str]) -> (Value, Value) {
        let made = self.ok(login, "consent.draft", self.draft_request(case, subject, units, categories).await).await;
        (made["consent"].clone(), made["givers"][0].clone())
    }

    /// A consent that is given.
    pub async fn given(&self, login: &str, case: &Value, subject: &Value, units: &[&str], categories: &[&str]) -> (Value, Value) {
        let (consent, giver) = self.drafted(login, case, subject, units, categories).await;
        let given =
            self.ok(login, "consent.give", json!({ "consent": consent, "giver": giver, "form": "oral", "witness": "Alva Berg" })).await;
        assert_eq!(given["state"], "given");
        (consent, giver)
    }

    /// Anna's case, with a given consent for health and support to unit b and a thread that Bo has taken on; not yet linked.
    pub async fn agreed(&self) -> Named {
        let thread = self.taken().await;
        let (case, subject) = self.case_of("anna", "a", "Hedvig Stråhlman").await;
        let (consent, giver) = self.given("anna", &case, &subject, &["b"], &["health", "support"]).await;
        Named { thread, case, subject, consent, giver, link: Value::Null, answer_case: Value::Null, answer_consent: Value::Null }
    }

    pub async fn linked(&self) -> Named {
        let mut named = self.agreed().await;
        let body = json!({ "thread": named.thread, "case": named.case, "consent": named.consent, "unit": self.unit("b"),
            "text": "Hon mår sämre och vill ha hjälp.", "categories": ["health"] });
        named.link = self.ok("anna", "case.link", body).await["link"].clone();
        named
    }

    pub async fn named(&self) -> Named {
        let mut named = self.linked().await;
        let (case, subject) = self.case_of("bo", "b", "Hedvig Stråhlman").await;
        let (consent, _) = self.given("bo", &case, &subject, &["a"], &["health"]).await;
        self.ok("bo", "case.answer", json!({ "link": named.link, "consent": consent })).await;
        (named.answer_case, named.answer_consent) = (case, consent);
        named
    }

    /// The texts of the case that this person reads.
    pub async fn told(&self, login: &str, link: &Value) -> Vec<String> {
        let feed = self.ok(login, "case.feed", json!({ "link": link })).await;
        feed["messages"].as_array().unwrap().iter().map(|m| m["text"].as_str().unwrap().to_owned()).collect()
    }
}
