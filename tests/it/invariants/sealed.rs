//! 3, as far as thread messages go: what lies in the rows is sealed, and opens nowhere else.

use std::sync::Arc;

use base64::Engine;
use radrum::{args, id::Id, vault::Aad};
use serde_json::json;

use crate::{
    product_on_both,
    support::{canary::Hunter, service::Service},
};

const SAID: [&str; 4] =
    ["En förälder dricker i perioder", "Har föräldern kontakt med vården", "Erbjud ett motiverande samtal", "Det hjälpte oss mycket"];

/// A thread with a message of every kind, and a held text.
async fn talk(s: &Service) -> Id {
    let thread = s.run("anna", "thread.ask", s.question(&["b"])).await.unwrap()["thread"].clone();
    s.run("bo", "thread.claim", json!({ "thread": thread })).await.unwrap();
    s.run("bo", "message.post", json!({ "thread": thread, "kind": "ask_back", "text": format!("{}?", SAID[1]) })).await.unwrap();
    let held = json!({ "thread": thread, "kind": "reply", "text": "Vi tror att Björk kan hjälpa till.",
        "claims": [{ "field": "text", "start": 12, "end": 17 }], "hold": true });
    s.run("anna", "message.post", held).await.unwrap();
    s.run("bo", "message.post", json!({ "thread": thread, "kind": "advice", "advice": format!("{}.", SAID[2]) })).await.unwrap();
    let close = json!({ "thread": thread, "used": "yes", "otherwise": "waited", "comment": format!("{}.", SAID[3]) });
    s.run("anna", "thread.close", close).await.unwrap();
    thread.as_str().unwrap().parse().unwrap()
}

async fn invariant_03_rows_hold_no_text(s: Arc<Service>) {
    let thread = talk(&s).await;
    let hunter = Hunter::new(&[&SAID[..], &["Björk kan hjälpa", "behandling"]].concat());
    let mut conn = s.house.db.read().await.unwrap();
    let rows = conn.all("select sealed from message where thread_id = $1", args![thread]).await.unwrap();
    assert_eq!(rows.len(), 4);
    for row in rows.iter().chain(&conn.all("select sealed from held", args![]).await.unwrap()) {
        let sealed: Vec<u8> = row.get("sealed").unwrap();
        assert!(sealed.len() > 29 && hunter.in_bytes(&sealed).is_none());
    }
    drop(conn);
    let dump = super::bad_input::dump(&s).await;
    assert_eq!(hunter.in_bytes(dump.as_bytes()), None);
    assert!(dump.contains("Barn och unga Norr"), "the dump shows what is clear");
    // Nor the master key, in no writing: it lies in a file of its own.
    let key_file = std::fs::read_dir(s.key_folder()).unwrap().map(|e| std::fs::read_to_string(e.unwrap().path()).unwrap()).next().unwrap();
    let packed: Vec<&str> = key_file.split_whitespace().filter(|word| word.len() > 40).collect();
    let bare = packed.iter().map(|word| base64::prelude::BASE64_STANDARD.decode(word).unwrap());
    let secrets: Vec<String> = bare.map(|bytes| bytes.iter().map(|b| format!("{b:02x}")).collect()).collect();
    let secrets: Vec<&str> = secrets.iter().map(String::as_str).chain(packed).collect();
    assert_eq!((secrets.len(), Hunter::new(&secrets).in_bytes(dump.as_bytes())), (4, None));
    // Opened with the thread's own key the words are there: it is the right column.
    let mut conn = s.house.db.read().await.unwrap();
    let row = conn
        .one(
            "select t.wrapped_key, m.id, m.sealed from thread t join message m on m.thread_id = t.id where t.id = $1 and m.seq = 1",
            args![thread],
        )
        .await
        .unwrap();
    let key =
        s.house.vault.unwrap(&row.get::<Vec<u8>>("wrapped_key").unwrap(), Aad { table: "thread", row: thread, column: "wrapped_key" });
    let aad = Aad { table: "message", row: row.get("id").unwrap(), column: "sealed" };
    let plain = key.unwrap().open(aad, &row.get::<Vec<u8>>("sealed").unwrap()).unwrap();
    assert!(String::from_utf8_lossy(&plain).contains(SAID[0]));
}
product_on_both!(invariant_03_rows_hold_no_text, invariant_03_rows_hold_no_text);

async fn change(s: &Service, sql: [&'static str; 2], ids: (Id, Id)) {
    let args = (sql, ids);
    s.house
        .db
        .write(args, |tx, (sql, ids)| {
            Box::pin(async move {
                for (sql, [a, b]) in sql.iter().zip([[ids.0, ids.1], [ids.1, ids.0]]) {
                    tx.run(sql, args![a, b]).await?;
                }
                Ok::<_, radrum::http::Error>(())
            })
        })
        .await
        .unwrap();
}

async fn invariant_03_rows_that_are_swapped_or_copied_do_not_open(s: Arc<Service>) {
    let (one, two) = (talk(&s).await, talk(&s).await);
    let open = async |thread: Id| s.run("anna", "thread.open", json!({ "thread": thread })).await.map_err(|e| e.code.as_str());
    let ids: Vec<Id> = {
        let mut conn = s.house.db.read().await.unwrap();
        let rows = conn.all("select id from message where thread_id = $1 order by seq", args![one]).await.unwrap();
        rows.iter().map(|r| r.get("id").unwrap()).collect()
    };
    open(one).await.unwrap();
    // The second message's body in the first one's row, and back again.
    const COPY: &str = "update message set sealed = (select sealed from message where id = $2) where id = $1";
    const KEEP: &str =
        "update held set sealed = (select sealed from message where id = $1), state = 'waiting', decided_at = null where $2 = $2";
    change(&s, [KEEP, COPY], (ids[0], ids[1])).await;
    assert_eq!(open(one).await.unwrap_err(), "internal", "another message's body");
    open(two).await.expect("the rest is whole");
    // Another thread's key.
    const KEY: &str = "update thread set wrapped_key = (select wrapped_key from thread where id = $2) where id = $1";
    change(&s, [KEY, "update thread set due_at = due_at where id = $1 and id <> $2"], (two, one)).await;
    assert_eq!(open(two).await.unwrap_err(), "internal", "another thread's key");
    // A message's body as a held text.
    let inbox = s.run("chef.a", "inbox.list", json!({})).await;
    assert_eq!(inbox.unwrap_err().code.as_str(), "internal", "a message's body as a held text");
}
product_on_both!(invariant_03_rows_that_are_swapped_or_copied_do_not_open, invariant_03_rows_that_are_swapped_or_copied_do_not_open);
