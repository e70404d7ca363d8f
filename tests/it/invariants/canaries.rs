//! 1: text in which a direct identifier is found is nowhere. Planted through every way in, with the real program; then every file is searched.

mod ways;

use std::{path::PathBuf, time::Duration};

use radrum::db::Kind;
use serde_json::{Value, json};
use sqlx::{Connection, Executor, PgConnection, SqliteConnection};
use tokio_tungstenite::tungstenite::Message;

use crate::support::{
    canary::Hunter,
    program::{PASSWORD, Program},
    service::Socket,
};

/// Invented, with a right checksum and a number that is never given out; a name; a number set aside for fiction.
const PLANTED: [&str; 3] = ["19650725-9833", "Hedvig Stråhlman", "0980-319278"];
/// What is searched for: parts and other writings too.
const SEARCHED: [&str; 8] =
    ["19650725-9833", "650725-9833", "6507259833", "Hedvig Stråhlman", "Stråhlman", "0980-319278", "0980319278", "980319278"];
/// Names that are claimed to be none: held, and sealed.
const HELD: [&str; 3] = ["Runhild Gyllenspets", "Torkel Månsing", "Sigrun Askersund"];

struct Planting {
    program: Program,
    anna: String,
    bo: String,
    asta: String,
    thread: Value,
    stream: Value,
    /// Everything that was answered to anybody.
    answers: Vec<String>,
}

impl Planting {
    async fn begin(kind: Kind) -> Planting {
        let mut program = Program::with_people(kind).await;
        let (anna, bo, asta) = (program.token("anna").await, program.token("bodil").await, program.token("asta").await);
        program.start().await;
        let mut socket = program.socket(&anna).await.expect("opens");
        let units = socket.call("units.list", json!({})).await.unwrap()["units"].clone();
        let named = |own: bool| units.as_array().unwrap().iter().find(|u| u["own"] == own).unwrap()["id"].clone();
        let ask = json!({ "unit": named(true), "situation": "En förälder dricker.", "question": "Vad kan ni erbjuda?", "subject": "addiction",
            "urgency": "normal", "units": [named(false)] });
        let asked = socket.call("thread.ask", ask).await.unwrap();
        let (thread, stream) = (asked["thread"].clone(), asked["stream"].clone());
        program.socket(&bo).await.unwrap().call("thread.claim", json!({ "thread": thread })).await.unwrap();
        Planting { program, anna, bo, asta, thread, stream, answers: Vec::new() }
    }

    /// Over the socket: whatever comes back until things are still.
    async fn over_socket(&mut self, token: &str, frames: Vec<Message>) {
        for frame in frames {
            let ends = !frame.is_text();
            let mut socket = self.program.socket(token).await.expect("opens");
            socket.send_raw(frame).await;
            // An answer to the frame, then an answer to a question that nothing is wrong with.
            if ends {
                assert!(socket.closed().await.is_some());
                continue;
            }
            let first = socket.next().await.expect("an answer");
            self.answers.push(first.to_string());
            let alive = socket.call("units.list", json!({})).await;
            assert!(alive.is_ok(), "{first}");
            self.answers.extend(socket.seen.iter().map(Value::to_string));
        }
    }

    async fn over_http(&mut self, requests: Vec<reqwest::RequestBuilder>) {
        for request in requests {
            let answer = request.send().await.expect("answers");
            let head = format!("{} {:?}", answer.status(), answer.headers());
            self.answers.push(head);
            self.answers.push(answer.text().await.expect("text"));
        }
    }

    /// A reply with a name that the writer claims is none. The id of the held text.
    async fn hold(&self, socket: &mut Socket, name: &str) -> Value {
        let text = format!("Vi undrar om {name} kan passa här.");
        let checked = socket.call("scan.check", json!({ "thread": self.thread, "fields": { "text": text } })).await.unwrap();
        let claims: Vec<Value> = checked["fields"]["text"]["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|f| json!({ "field": "text", "start": f["start"], "end": f["end"] }))
            .collect();
        assert!(!claims.is_empty(), "{name} is found");
        let post = json!({ "thread": self.thread, "kind": "reply", "text": text, "claims": claims, "hold": true });
        socket.call("message.post", post).await.unwrap()["held"].clone()
    }

    async fn plant(&mut self) {
        let (anna, bo, asta) = (self.anna.clone(), self.bo.clone(), self.asta.clone());
        let mut listening = self.program.socket(&bo).await.expect("opens");
        let mut writer = self.program.socket(&anna).await.expect("opens");
        let mut manager = self.program.socket(&asta).await.expect("opens");
        let waiting = self.hold(&mut writer, HELD[0]).await;
        for canary in PLANTED {
            for (token, asking) in [(&anna, true), (&bo, false)] {
                let bodies = ways::bodies(canary, &self.thread, &self.stream, &waiting, asking);
                let frames = ways::frames(canary, &bodies);
                self.over_socket(token, frames).await;
                let requests = ways::requests(canary, &bodies, &self.program.url(""), token);
                self.over_http(requests).await;
            }
            let sign_in = ways::sign_ins(canary, &self.program.url(""), PASSWORD);
            self.over_http(sign_in).await;
            // A manager's own words are text like any other.
            let reason = json!({ "held": waiting, "reason": format!("Det gäller {canary}.") });
            let refused = manager.call("review.return", reason).await.unwrap_err();
            assert_eq!(refused["code"], "scan.blocked");
            self.answers.push(refused.to_string());
        }
        // One of the held stays, one is sent back, one is approved: then it is no name, and the other side reads it.
        let returned = self.hold(&mut writer, HELD[1]).await;
        manager.call("review.open", json!({ "held": returned })).await.unwrap();
        manager.call("review.return", json!({ "held": returned, "reason": "Skriv om det." })).await.unwrap();
        let heard = listening.drain(Duration::from_millis(500)).await;
        assert!(!heard.iter().any(|f| f["event"] == "message.posted"), "nothing of it reached the other side");
        self.answers.extend(heard.iter().map(Value::to_string));
        let approved = self.hold(&mut writer, HELD[2]).await;
        manager.call("review.approve", json!({ "held": approved })).await.unwrap();
        let heard = listening.wait("the approved message", |f| f["event"] == "message.posted").await;
        assert!(heard["message"]["fields"]["text"].as_str().unwrap().contains(HELD[2]));
        let hits = writer.call("thread.search", json!({ "text": "kan passa här" })).await.unwrap();
        assert_eq!(hits["hits"].as_array().unwrap().len(), 1);
    }
}

/// Puts a text where the searches look, as a fault would.
async fn plant_on_purpose(program: &Program, text: &str) {
    let statements =
        ["create table scratch (words text)".to_owned(), format!("insert into scratch values ('{}')", text.replace('\'', "''"))];
    if let Some(cluster) = &program.cluster {
        let mut conn = PgConnection::connect(&cluster.url("postgres")).await.unwrap();
        for sql in statements {
            conn.execute(sqlx::AssertSqlSafe(sql)).await.unwrap();
        }
    } else {
        let mut conn = SqliteConnection::connect(&format!("sqlite:{}", program.data().join("radrum.db").display())).await.unwrap();
        for sql in statements {
            conn.execute(sqlx::AssertSqlSafe(sql)).await.unwrap();
        }
    }
}

async fn checkpoint(program: &Program) {
    if let Some(cluster) = &program.cluster {
        let mut conn = PgConnection::connect(&cluster.url("postgres")).await.unwrap();
        conn.execute("checkpoint").await.unwrap();
    }
}

/// Every folder in which something could lie: the program's, with its log, and PostgreSQL's, with its own log beside it.
fn folders(program: &Program) -> Vec<PathBuf> {
    let mut all = vec![program.folder.path().to_owned()];
    all.extend(program.cluster.as_ref().map(|c| c.folder.clone()));
    all
}

async fn nothing_identifying_is_anywhere(kind: Kind) {
    let mut planting = Planting::begin(kind).await;
    planting.plant().await;
    let hunter = Hunter::new(&SEARCHED);
    let refused = Hunter::new(&[&SEARCHED[..], &HELD[..2]].concat());
    assert!(planting.answers.len() > 300, "{}", planting.answers.len());
    for answer in &planting.answers {
        assert_eq!(refused.in_bytes(answer.as_bytes()), None, "{answer}");
    }
    let everything = Hunter::new(&[&SEARCHED[..], &HELD[..]].concat());
    let program = &mut planting.program;
    let search = |program: &Program, when: &str| folders(program).iter().for_each(|f| everything.in_folder(f).nothing(when));
    program.backup("backup").await;
    search(program, "while it runs, with a backup");
    checkpoint(program).await;
    search(program, "after a checkpoint");
    program.stop().await;
    search(program, "after it ended");
    let log = std::fs::read_to_string(program.log()).unwrap();
    for said in ["message.post", "thread.search", "/api/v1/session", "scan.check", "status=422", "status=401", "DEBUG"] {
        assert!(log.contains(said), "the log is the whole log: {said}");
    }
    // The same searches find what is there.
    for (n, text) in PLANTED.into_iter().chain(HELD).enumerate() {
        let planted = format!("{n} {text}");
        let file = program.log().with_file_name("log.planted");
        std::fs::write(&file, format!("{log}\n{planted}\n")).unwrap();
        assert_eq!(everything.in_folder(program.folder.path()).hits.len(), 1, "{text} in a log line");
        std::fs::remove_file(file).unwrap();
    }
    plant_on_purpose(program, PLANTED[1]).await;
    let backup = program.backup("backup.planted").await;
    assert!(!hunter.in_folder(&backup).hits.is_empty(), "in a backup");
    std::fs::remove_dir_all(backup).unwrap();
    let place = folders(program).pop().expect("one");
    assert!(!hunter.in_folder(&place).hits.is_empty(), "in a table, before a checkpoint");
    checkpoint(program).await;
    assert!(hunter.in_folder(&place).hits.iter().all(|(file, ..)| file.starts_with(&place)));
    let in_tables = hunter.in_folder(&place).hits.into_iter().filter(|(file, ..)| !file.to_string_lossy().contains("pg_wal"));
    assert!(in_tables.count() > 0, "in a table's own file");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invariant_01_what_was_refused_is_nowhere_sqlite() {
    nothing_identifying_is_anywhere(Kind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invariant_01_what_was_refused_is_nowhere_postgres() {
    nothing_identifying_is_anywhere(Kind::Postgres).await;
}
