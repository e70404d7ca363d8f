//! What time does to a thread: leases that run out, and when an answer is due.

use std::sync::Arc;

use radrum::{
    app::App,
    clock::{Clock, DAY, HOUR},
    db::Kind,
};
use serde_json::json;

use crate::support::service::{Service, guarded};

/// Monday 2 March 2026, 10:00 in Sweden.
const MONDAY: i64 = 1_772_442_000_000_000;

macro_rules! at_a_time_on_both {
    ($name:ident, $body:expr) => {
        mod $name {
            use super::*;

            async fn on(kind: Kind) {
                let service = Service::start_with(kind, Clock::manual(MONDAY)).await;
                guarded(service, |s| Box::pin(($body)(s))).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                on(Kind::Sqlite).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                on(Kind::Postgres).await;
            }
        }
    };
}

at_a_time_on_both!(a_lease_runs_out_while_an_answer_is_awaited, |s: Arc<Service>| async move {
    let app = App { house: s.house.clone() };
    let thread = s.asked(&["b", "c"]).await;
    let which = json!({ "thread": thread });
    s.ok("bo", "thread.claim", which.clone()).await;
    s.house.clock.advance(24 * HOUR - 1);
    app.sweep().await.unwrap();
    assert_eq!(s.code("bea", "thread.claim", which.clone()).await, "thread.taken");
    // Renewed by whoever has it.
    s.ok("bo", "thread.claim", which.clone()).await;
    s.house.clock.advance(2 * HOUR);
    app.sweep().await.unwrap();
    assert_eq!(s.code("bea", "thread.claim", which.clone()).await, "thread.taken");
    s.house.clock.advance(23 * HOUR);
    app.sweep().await.unwrap();
    let open = s.open("anna", &thread).await;
    assert_eq!((&open["thread"]["status"], &open["thread"]["claimed_by"]), (&json!("open"), &json!(null)));
    assert_eq!(s.code("bo", "message.post", json!({ "thread": thread, "kind": "reply", "text": "Hej." })).await, "thread.not_yours");
    s.ok("cilla", "thread.claim", which).await;
});

at_a_time_on_both!(a_lease_stays_while_the_asker_is_waited_for, |s: Arc<Service>| async move {
    let app = App { house: s.house.clone() };
    let thread = s.taken().await;
    let ask_back = json!({ "thread": thread, "kind": "ask_back", "text": "Hur länge har det pågått?" });
    s.ok("bo", "message.post", ask_back).await;
    s.house.clock.advance(3 * DAY);
    app.sweep().await.unwrap();
    let open = s.open("anna", &thread).await;
    assert_eq!((&open["thread"]["status"], &open["thread"]["turn"]), (&json!("claimed"), &json!("asking")));
    // The reply renews it, though a colleague may take over what has run out.
    s.reply("anna", &thread, "Sedan i våras.").await;
    assert_eq!(s.code("bea", "thread.claim", json!({ "thread": thread })).await, "thread.taken");
});

at_a_time_on_both!(due_in_working_days, |s: Arc<Service>| async move {
    let due = async |thread: &serde_json::Value| s.open("anna", thread).await["thread"]["due_at"].clone();
    let thread = s.taken().await;
    assert_eq!(due(&thread).await, "2026-03-05T16:00:00Z", "three working days, at closing time");
    let mut soon = s.question(&["b"]);
    soon["urgency"] = "soon".into();
    let soon = s.ok("anna", "thread.ask", soon).await["thread"].clone();
    assert_eq!(due(&soon).await, "2026-03-03T16:00:00Z");
    s.house.clock.advance(3 * DAY);
    // Thursday: what answers keeps the time of the side whose turn it was; the other side gets five days.
    assert_eq!(s.open("anna", &soon).await["thread"]["overdue"], true);
    s.ok("bo", "thread.claim", json!({ "thread": thread })).await;
    s.reply("bo", &thread, "Vi återkommer.").await;
    assert_eq!(due(&thread).await, "2026-03-12T16:00:00Z", "over a weekend");
    s.reply("bo", &thread, "En sak till.").await;
    assert_eq!(due(&thread).await, "2026-03-12T16:00:00Z", "not moved by one's own next message");
    s.ok("bo", "thread.route", json!({ "thread": thread, "units": [s.unit("c")], "reason": "Deras fråga." })).await;
    assert_eq!(due(&thread).await, "2026-03-10T16:00:00Z", "the new unit's own time from now");
});
