//! 2: no thread is tied to a case without a live consent, and it is the database that says so: every statement here goes past the program.

use std::sync::Arc;

use radrum::{
    args,
    clock::{DAY, SECOND},
    id::Id,
};

use crate::{product_on_both, support::service::Service};

const OPEN: &str = "select count(*) as n from case_link where consent_id = $1 and state = 'open'";
const LIVE: &str = "select count(*) as n from case_link_live where consent_id = $1";

async fn invariant_02_a_link_without_cover_is_refused(s: Arc<Service>) {
    let g = s.ground().await;
    assert!(!s.link(&g, g.consent, "c").await, "a unit that the consent does not name");
    assert!(!s.link(&g, s.id(), "b").await, "a consent that is not there");
    let draft = s.bare_draft(g.case, ("a", "b"), s.moment().await + DAY).await;
    assert!(!s.link(&g, draft, "b").await, "a draft");
    let giver = s.bare_giver(draft, g.subject, "individual").await;
    assert!(s.says(giver, "refused").await && s.consent_to(draft, "refused").await);
    assert!(!s.link(&g, draft, "b").await, "a refusal");
    // Another case's consent.
    let other = s.ground().await;
    assert!(!s.link(&g, other.consent, "b").await, "another case's consent");
    // A thread of somebody else, and one that does not stand with the unit.
    let elsewhere = s.asked(&["c"]).await.as_str().unwrap().parse().unwrap();
    assert!(
        !s.link(&crate::support::consents::Ground { thread: elsewhere, ..g }, g.consent, "b").await,
        "a thread that b was not asked in"
    );
    // Ready made.
    for (state, answer) in [("closed", None), ("open", Some(g.consent))] {
        let closed_at = (state == "closed").then_some(1_i64);
        let made = s.sql(
            "insert into case_link (id, thread_id, case_file_id, consent_id, unit_id, answer_consent_id, state, closed_at, created_by, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1)",
            args![s.id(), g.thread, g.case, g.consent, s.unit("b"), answer, state, closed_at, s.people["anna"]],
        );
        assert!(!made.await, "{state}");
    }
    assert_eq!(s.count(OPEN, args![g.consent]).await, 0);
    assert!(s.link(&g, g.consent, "b").await, "with cover it is taken");
    assert_eq!((s.count(OPEN, args![g.consent]).await, s.count(LIVE, args![g.consent]).await), (1, 1));
    // An update cannot get what an insert could not.
    for (what, sql, id) in [
        ("another unit", "update case_link set unit_id = $2 where consent_id = $1", s.unit("c")),
        ("another case", "update case_link set case_file_id = $2 where consent_id = $1", other.case),
        ("another thread", "update case_link set thread_id = $2 where consent_id = $1", elsewhere),
        ("another case's consent", "update case_link set consent_id = $2 where consent_id = $1", other.consent),
        ("a draft", "update case_link set consent_id = $2 where consent_id = $1", draft),
        ("the sender's own consent as the answer", "update case_link set answer_consent_id = $2 where consent_id = $1", g.consent),
        ("an answer of another case", "update case_link set answer_consent_id = $2 where consent_id = $1", other.consent),
    ] {
        assert!(!s.sql(sql, args![g.consent, id]).await, "{what}");
    }
    assert!(!s.sql("delete from case_link where consent_id = $1", args![g.consent]).await, "its trace stays");
    // Closed is closed.
    s.must("update case_link set state = 'closed', closed_at = 2 where consent_id = $1", args![g.consent]).await;
    assert!(!s.sql("update case_link set state = 'open', closed_at = null where consent_id = $1", args![g.consent]).await);
}
product_on_both!(invariant_02_a_link_without_cover_is_refused, invariant_02_a_link_without_cover_is_refused);

async fn invariant_02_a_consent_changed_under_the_link_closes_it_or_does_not_change(s: Arc<Service>) {
    let g = s.ground().await;
    assert!(s.link(&g, g.consent, "b").await);
    let other = s.ground().await;
    for (what, sql, id) in [
        ("another case", "update consent set case_file_id = $2 where id = $1", other.case),
        ("another unit's", "update consent set unit_id = $2 where id = $1", s.unit("c")),
        ("other words", "update consent set sealed = $2 where id = $1", other.case),
        ("a unit more", "insert into consent_unit (consent_id, unit_id) values ($1, $2)", s.unit("c")),
        ("another unit in its place", "update consent_unit set unit_id = $2 where consent_id = $1", s.unit("c")),
        ("another giver", "update consent_giver set sealed = $2 where consent_id = $1", other.case),
        (
            "a giver more",
            "insert into consent_giver (id, consent_id, subject_id, kind, state, lookup, sealed) values ($2, $1, $2, 'guardian', 'asked', $2, $2)",
            g.subject,
        ),
    ] {
        assert!(!s.sql(sql, args![g.consent, id]).await, "{what}");
    }
    for sql in [
        "insert into consent_category (consent_id, category) values ($1, 'economy')",
        "update consent_category set category = 'economy' where consent_id = $1",
        "delete from consent_category where consent_id = $1",
        "delete from consent_unit where consent_id = $1",
        "delete from consent_giver where consent_id = $1",
        "delete from consent where id = $1",
        "update consent set until_at = until_at + 1 where id = $1",
        "update consent set from_at = from_at - 1 where id = $1",
        "update consent set state = 'draft' where id = $1",
        "update consent set state = 'refused', ended_at = 1 where id = $1",
        "update consent set state = 'expired', ended_at = 1 where id = $1",
        "update consent_giver set state = 'asked' where consent_id = $1",
    ] {
        assert!(!s.sql(sql, args![g.consent]).await, "{sql}");
    }
    assert!(
        !s.sql(
            "insert into case_subject (id, case_file_id, n, guardians, lookup, sealed) values ($1, $2, 9, 0, $1, $1)",
            args![s.id(), g.case]
        )
        .await
    );
    assert!(!s.sql("update case_subject set guardians = 0 where case_file_id = $1", args![g.case]).await);
    assert_eq!(s.count(LIVE, args![g.consent]).await, 1, "nothing of that did anything");
    // What ends a consent ends the link with it, in the same statement.
    assert!(s.consent_to(g.consent, "revoked").await);
    assert_eq!((s.count(OPEN, args![g.consent]).await, s.count(LIVE, args![g.consent]).await), (0, 0), "revoked");
    assert!(!s.consent_to(g.consent, "given").await && !s.consent_to(g.consent, "limited").await, "for good");
    assert!(!s.link(&g, g.consent, "b").await);
    assert!(s.link(&other, other.consent, "b").await);
    assert!(s.says(other.giver, "withdrawn").await);
    assert_eq!(s.count(OPEN, args![other.consent]).await, 0, "one who takes it back");
    let closed = s.ground().await;
    assert!(s.link(&closed, closed.consent, "b").await);
    s.must("update case_file set state = 'closed', closed_at = 1 where id = $1", args![closed.case]).await;
    assert_eq!(s.count(OPEN, args![closed.consent]).await, 0, "a case that is closed");
    assert!(!s.sql("update case_file set state = 'open', closed_at = null where id = $1", args![closed.case]).await);
}
product_on_both!(
    invariant_02_a_consent_changed_under_the_link_closes_it_or_does_not_change,
    invariant_02_a_consent_changed_under_the_link_closes_it_or_does_not_change
);

async fn invariant_02_a_narrowed_unit_loses_its_link(s: Arc<Service>) {
    let thread: Id = s.asked(&["b", "c"]).await.as_str().unwrap().parse().unwrap();
    let (case, subjects) = s.bare_case("a", "A", &[0]).await;
    let consent = s.bare_draft(case, ("a", "b"), s.moment().await + DAY).await;
    s.must("insert into consent_unit (consent_id, unit_id) values ($1, $2)", args![consent, s.unit("c")]).await;
    assert!(
        !s.sql("insert into consent_unit (consent_id, unit_id) values ($1, $2)", args![consent, s.unit("a")]).await,
        "not the own unit"
    );
    let giver = s.bare_giver(consent, subjects[0], "representative").await;
    assert!(!s.consent_to(consent, "given").await, "not before it has been given");
    assert!(s.says(giver, "given").await && s.consent_to(consent, "given").await);
    let g = crate::support::consents::Ground { thread, case, subject: subjects[0], consent, giver };
    assert!(s.link(&g, consent, "b").await && s.link(&g, consent, "c").await);
    s.must("delete from consent_unit where consent_id = $1 and unit_id = $2", args![consent, s.unit("c")]).await;
    assert_eq!(
        s.count(
            "select count(*) as n from case_link where consent_id = $1 and unit_id = $2 and state = 'open'",
            args![consent, s.unit("c")]
        )
        .await,
        0
    );
    assert_eq!(s.count(LIVE, args![consent]).await, 1, "the other unit's stays");
    assert!(!s.link(&g, consent, "c").await);
}
product_on_both!(invariant_02_a_narrowed_unit_loses_its_link, invariant_02_a_narrowed_unit_loses_its_link);

async fn invariant_02_a_clock_set_back_opens_nothing(s: Arc<Service>) {
    let g = s.ground().await;
    assert!(s.link(&g, g.consent, "b").await);
    let brief = s.bare_draft(g.case, ("a", "b"), s.moment().await + DAY).await;
    let giver = s.bare_giver(brief, g.subject, "individual").await;
    assert!(s.says(giver, "given").await && s.consent_to(brief, "given").await);
    // It has been two months later here: the database's clock, asked after that, is one that was set back. What the consent still says does not matter then.
    let late = async |sql, args| s.late(60 * DAY, sql, args).await;
    let link = "insert into case_link (id, thread_id, case_file_id, consent_id, unit_id, state, created_by, created_at) values ($1, $2, $3, $4, $5, 'open', $6, 1)";
    for consent in [g.consent, brief] {
        assert!(!late(link, args![s.id(), g.thread, g.case, consent, s.unit("b"), s.people["anna"]]).await);
    }
    assert!(
        !late("update case_link set last_seq = last_seq + 1 where consent_id = $1", args![g.consent]).await,
        "nothing more is written in it"
    );
    assert!(!late("update case_link set consent_id = $2 where consent_id = $1", args![g.consent, brief]).await);
    let message = "insert into case_message (id, link_id, seq, side, author_id, sealed, at)
                   select $1, id, 1, 'asking', created_by, $1, 1 from case_link where consent_id = $2";
    assert!(!late(message, args![s.id(), g.consent]).await);
    assert!(s.sql(message, args![s.id(), g.consent]).await, "which is taken as long as it is not later");
    // Nobody has written down that the consent has run out, and nothing is told under it.
    let unseen = "update case_file set wrapped_key = wrapped_key where id = $1 and exists (select 1 from case_link where case_file_id = $1 and state = 'open')
                  and not exists (select 1 from case_link_live)";
    assert_eq!(s.late_rows(60 * DAY, unseen, args![g.case]).await, 1);
    assert!(s.moment().await > radrum::clock::Clock::System.now() + 59 * DAY, "and now it is later for good");
    assert_eq!(s.count(LIVE, args![g.consent]).await, 0);
    // Nor can the mark be taken back, or a second one be put beside it.
    for sql in [
        "update clock_mark set at = at - 1",
        "update clock_mark set at = 0",
        "delete from clock_mark",
        "insert into clock_mark (one, at) values (2, 0)",
        "update clock_mark set one = 2",
    ] {
        assert!(!s.sql(sql, args![]).await, "{sql}");
    }
    // The service has noticed by now, or does so soon.
    for _ in 0..40 {
        if s.count(OPEN, args![g.consent]).await == 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert_eq!(s.count(OPEN, args![g.consent]).await, 0);
    assert!(!s.consent_to(g.consent, "given").await);
    // Set forward it opens nothing either: what has not begun begins when it says, and no later consent was asked for.
    let later = s.bare_draft(g.case, ("a", "b"), s.moment().await + DAY).await;
    assert!(!s.link(&g, later, "b").await);
    assert!(!s.sql("update consent set from_at = from_at + $2, until_at = until_at + $2 where id = $1", args![later, SECOND]).await);
}
product_on_both!(invariant_02_a_clock_set_back_opens_nothing, invariant_02_a_clock_set_back_opens_nothing);

/// A fact about two people needs both; a minor needs each guardian.
async fn invariant_02_everybody_concerned_has_agreed(s: Arc<Service>) {
    let thread: Id = s.taken().await.as_str().unwrap().parse().unwrap();
    let until = s.moment().await + DAY;
    let (case, subjects) = s.bare_case("a", "A", &[0, 2]).await;
    let whole = async |givers: &[(usize, &str)], silent: Option<usize>| {
        let consent = s.bare_draft(case, ("a", "b"), until).await;
        for (n, (subject, kind)) in givers.iter().enumerate() {
            let giver = s.bare_giver(consent, subjects[*subject], kind).await;
            if silent != Some(n) {
                assert!(s.says(giver, "given").await);
            }
        }
        let given = s.consent_to(consent, "given").await;
        let g = crate::support::consents::Ground { thread, case, subject: subjects[0], consent, giver: consent };
        assert_eq!(s.link(&g, consent, "b").await, given);
        given
    };
    let all = [(0, "individual"), (1, "guardian"), (1, "guardian")];
    for missing in 0..3 {
        assert!(!whole(&all, Some(missing)).await, "without the word of {missing}");
        let fewer: Vec<_> = all.iter().enumerate().filter(|(n, _)| *n != missing).map(|(_, g)| *g).collect();
        assert!(!whole(&fewer, None).await, "without {missing}");
    }
    assert!(!whole(&[], None).await);
    assert!(!whole(&[(0, "guardian"), (1, "guardian"), (1, "guardian")], None).await, "an adult has no guardian");
    assert!(!whole(&[(0, "individual"), (1, "guardian"), (1, "individual")], None).await, "the child in a guardian's place");
    assert!(
        !whole(&[(0, "individual"), (1, "guardian"), (1, "guardian"), (1, "individual")], Some(3)).await,
        "a child who is asked and has not answered"
    );
    assert!(whole(&all, None).await);
    // Where telling would seriously harm the child nobody can give it.
    let consent = s.id();
    s.must(
        "insert into consent (id, case_file_id, unit_id, state, from_at, until_at, child_harm, sealed, recorded_by, recorded_at, changed_at)
         values ($1, $2, $3, 'draft', $4, $5, 1, $1, $6, $4, $4)",
        args![consent, case, s.unit("a"), until - 2 * DAY, until, s.people["anna"]],
    )
    .await;
    s.must("insert into consent_category (consent_id, category) values ($1, 'health')", args![consent]).await;
    s.must("insert into consent_unit (consent_id, unit_id) values ($1, $2)", args![consent, s.unit("b")]).await;
    for (subject, kind) in all {
        let giver = s.bare_giver(consent, subjects[subject], kind).await;
        assert!(s.says(giver, "given").await);
    }
    assert!(!s.consent_to(consent, "given").await);
    // And one is never born given, for ever, or for no unit.
    let born = "insert into consent (id, case_file_id, unit_id, state, from_at, until_at, child_harm, sealed, recorded_by, recorded_at, changed_at)
                values ($1, $2, $3, $4, 1, $5, 0, $1, $6, 1, 1)";
    for (state, until, unit) in [("given", 2, "a"), ("draft", 1, "a"), ("draft", 400 * DAY, "a"), ("draft", 2, "b")] {
        assert!(!s.sql(born, args![s.id(), case, s.unit(unit), state, until, s.people["anna"]]).await, "{state} {until} {unit}");
    }
}
product_on_both!(invariant_02_everybody_concerned_has_agreed, invariant_02_everybody_concerned_has_agreed);

/// On PostgreSQL several write at once: a link and the end of its consent cannot pass each other.
async fn invariant_02_a_link_does_not_slip_past_a_revocation(s: Arc<Service>) {
    for round in 0..12 {
        let g = s.ground().await;
        let (linked, revoked) = tokio::join!(s.link(&g, g.consent, "b"), s.consent_to(g.consent, "revoked"));
        assert!(revoked);
        assert_eq!(s.count(OPEN, args![g.consent]).await, 0, "round {round}: linked {linked}");
    }
}
product_on_both!(invariant_02_a_link_does_not_slip_past_a_revocation, invariant_02_a_link_does_not_slip_past_a_revocation);
