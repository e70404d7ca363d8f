//! kill -9 at random moments under load: what was acknowledged is there exactly once, and nothing was shown that was not kept.
//!
//! Four rounds for each database; with `RADRUM_LONG=1` fifty. On PostgreSQL its first process is killed now and then too, under the service that goes on.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use radrum::{
    args,
    db::{Db, Kind, Settings},
    id::{Id, Random},
};
use serde_json::{Value, json};
use tokio::{task::JoinSet, time::sleep};

use crate::support::{program::Program, service::Socket};

/// Writers for each of the two of the asking side.
const WRITERS: usize = 3;
/// Commands that one writer has under way at a time.
const AHEAD: usize = 4;
/// A thread is judged as a whole at every message: a new one now and then.
const MESSAGES_A_THREAD: usize = 25;

#[derive(Clone)]
struct Command {
    writer: usize,
    op: &'static str,
    body: Value,
}

#[derive(Default)]
struct Ledger {
    /// Sent or about to be, without an answer.
    open: HashMap<Id, Command>,
    acknowledged: HashMap<Id, (Command, Value)>,
    /// What any socket was shown: stream, number, message or thread.
    shown: BTreeSet<(Id, i64, String)>,
    resent: usize,
}

struct Field {
    ledger: Mutex<Ledger>,
    random: Random,
    unit: Value,
    answering: Value,
    /// The thread that everybody writes in.
    shared: Mutex<Value>,
    /// No new commands: only what is open.
    closing: bool,
    made: AtomicU64,
}

impl Field {
    fn ledger(&self) -> std::sync::MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap()
    }

    fn dice(&self, sides: u64) -> u64 {
        u64::from_le_bytes(self.random.bytes()) % sides
    }

    /// The next command of a writer who has this thread.
    fn next(&self, writer: usize, thread: Option<&Value>) -> Command {
        let word =
            ["en", "ett par", "några", "många", "flera", "alla", "två", "tre"][self.made.fetch_add(1, Ordering::Relaxed) as usize % 8];
        let Some(thread) = thread else {
            let body = json!({ "unit": self.unit, "situation": format!("Vi har {word} frågor."), "question": "Vad kan ni erbjuda?",
                "subject": "addiction", "urgency": "normal", "units": [self.answering] });
            return Command { writer, op: "thread.ask", body };
        };
        let thread = if self.dice(6) == 0 { self.shared.lock().unwrap().clone() } else { thread.clone() };
        Command {
            writer,
            op: "message.post",
            body: json!({ "thread": thread, "kind": "reply", "text": format!("Vi tänker på {word} saker.") }),
        }
    }
}

/// Writes until the socket ends. Everything is in the ledger before it is sent.
async fn write(field: Arc<Field>, address: SocketAddr, token: String, writer: usize) {
    let Some(mut socket) = connect(address, &token).await else { return };
    let mut open: HashMap<Id, Command> =
        field.ledger().open.iter().filter(|(_, c)| c.writer == writer).map(|(id, c)| (*id, c.clone())).collect();
    field.ledger().resent += open.len();
    let mut ahead: Vec<Id> = open.keys().copied().collect();
    // Now and then something that has its answer already is sent again: the answer is the same.
    let again = field.ledger().acknowledged.iter().filter(|(_, (c, _))| c.writer == writer).map(|(id, (c, _))| (*id, c.clone())).next();
    ahead.extend(again.iter().map(|(id, _)| *id));
    open.extend(again);
    let (mut thread, mut in_thread): (Option<Value>, usize) = (None, 0);
    loop {
        while !field.closing && open.len() < AHEAD {
            // A new thread first; what is written in it waits for its id.
            if thread.is_none() && open.values().any(|c| c.op == "thread.ask") {
                break;
            }
            let (id, command) = (field.random.id(), field.next(writer, thread.as_ref()));
            in_thread += 1;
            if in_thread > MESSAGES_A_THREAD {
                (thread, in_thread) = (None, 0);
            }
            field.ledger().open.insert(id, command.clone());
            open.insert(id, command);
            ahead.push(id);
        }
        for id in ahead.drain(..) {
            let mut frame = open[&id].body.clone();
            frame["op"] = open[&id].op.into();
            frame["id"] = json!(id);
            if !socket.try_send(&frame).await {
                return;
            }
        }
        if open.is_empty() {
            return;
        }
        let Some(frame) = socket.next().await else { return };
        show(&field, &frame);
        let Some(id) = frame["re"].as_str().and_then(|re| re.parse::<Id>().ok()) else { continue };
        if frame.get("error").is_some() {
            assert_eq!(frame["error"]["code"], "unavailable", "{:?}: {frame}", open[&id].body);
            sleep(Duration::from_millis(30)).await;
            ahead.push(id);
            continue;
        }
        let command = open.remove(&id).expect("asked for");
        if command.op == "thread.ask" {
            thread = Some(frame["ok"]["thread"].clone());
        }
        let mut ledger = field.ledger();
        ledger.open.remove(&id);
        if let Some((_, before)) = ledger.acknowledged.insert(id, (command, frame["ok"].clone())) {
            assert_eq!(before, frame["ok"], "the same answer every time");
        }
    }
}

/// Listens until the socket ends.
async fn listen(field: Arc<Field>, address: SocketAddr, token: String) {
    let Some(mut socket) = connect(address, &token).await else { return };
    while let Some(frame) = socket.next().await {
        show(&field, &frame);
    }
}

fn show(field: &Field, frame: &Value) {
    let (Some(stream), Some(n)) = (frame["stream"].as_str().and_then(|s| s.parse().ok()), frame["n"].as_i64()) else { return };
    let about = frame["message"]["id"].as_str().or(frame["thread"]["id"].as_str()).unwrap_or_default();
    field.ledger().shown.insert((stream, n, about.to_owned()));
}

async fn connect(address: SocketAddr, token: &str) -> Option<Socket> {
    Socket::connect(address, &[("authorization", &format!("Bearer {token}"))]).await
}

struct Figures {
    rounds: usize,
    servers_killed: usize,
    acknowledged: usize,
    resent: usize,
    shown: usize,
}

async fn kill_and_kill(kind: Kind) -> Figures {
    let rounds = if std::env::var("RADRUM_LONG").is_ok_and(|v| v == "1") { 50 } else { 4 };
    let mut program = Program::with_people(kind).await;
    let mut tokens = Vec::new();
    for login in ["anna", "asta", "bodil", "britt"] {
        tokens.push(program.token(login).await);
    }
    program.start().await;
    let mut anna = program.socket(&tokens[0]).await.expect("opens");
    let units = anna.call("units.list", json!({})).await.unwrap()["units"].clone();
    let named = |own: bool| units.as_array().unwrap().iter().find(|u| u["own"] == own).unwrap()["id"].clone();
    let mut field = Field {
        ledger: Mutex::default(),
        random: Random::default(),
        unit: named(true),
        answering: named(false),
        shared: Mutex::new(Value::Null),
        closing: false,
        made: AtomicU64::new(0),
    };
    let mut servers_killed = 0;
    for round in 0..rounds {
        if round > 0 {
            program.start().await;
        }
        // A fresh one for each round; through the ledger like any other command.
        let mut socket = program.socket(&tokens[0]).await.expect("opens");
        let (id, command) = (field.random.id(), field.next(usize::MAX, None));
        let asked = socket.call_as(id, command.op, command.body.clone()).await.unwrap();
        field.ledger().acknowledged.insert(id, (command, asked.clone()));
        *field.shared.lock().unwrap() = asked["thread"].clone();
        program.socket(&tokens[2]).await.unwrap().call("thread.claim", json!({ "thread": asked["thread"] })).await.unwrap();
        let shared = Arc::new(field);
        let mut tasks = begin(&shared, &program, &tokens);
        sleep(Duration::from_millis(100 + shared.dice(1_600))).await;
        if let Some(cluster) = program.cluster.as_ref().filter(|_| round % 3 == 1) {
            tokio::task::block_in_place(|| cluster.kill_and_restart());
            servers_killed += 1;
            sleep(Duration::from_millis(200 + shared.dice(600))).await;
        }
        program.kill().await;
        while let Some(done) = tasks.join_next().await {
            done.expect("a writer's own assertions hold");
        }
        field = Arc::try_unwrap(shared).ok().expect("all have ended");
    }
    // What is still open is sent once more, and then there is nothing open.
    program.start().await;
    field.closing = true;
    let shared = Arc::new(field);
    let mut tasks = JoinSet::new();
    for (n, token) in writers(&tokens) {
        tasks.spawn(write(shared.clone(), program.address, token, n));
    }
    while let Some(done) = tasks.join_next().await {
        done.expect("a writer's own assertions hold");
    }
    let field = Arc::try_unwrap(shared).ok().expect("all have ended");
    let ledger = field.ledger.into_inner().unwrap();
    assert!(ledger.open.is_empty(), "{} without an answer", ledger.open.len());
    read_back(&program, &tokens[0], &ledger).await;
    program.stop().await;
    compare(&program, &ledger).await;
    Figures { rounds, servers_killed, acknowledged: ledger.acknowledged.len(), resent: ledger.resent, shown: ledger.shown.len() }
}

fn writers(tokens: &[String]) -> Vec<(usize, String)> {
    (0..2 * WRITERS).map(|n| (n, tokens[n % 2].clone())).collect()
}

fn begin(field: &Arc<Field>, program: &Program, tokens: &[String]) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    for (n, token) in writers(tokens) {
        tasks.spawn(write(field.clone(), program.address, token, n));
    }
    for token in &tokens[1..] {
        tasks.spawn(listen(field.clone(), program.address, token.clone()));
    }
    tasks
}

/// The words of what was acknowledged are there, under the id that was acknowledged.
async fn read_back(program: &Program, token: &str, ledger: &Ledger) {
    let mut socket = connect(program.address, token).await.expect("opens");
    let threads: BTreeSet<&str> = ledger.acknowledged.values().filter_map(|(c, _)| c.body["thread"].as_str()).collect();
    for thread in threads.into_iter().take(20) {
        let open = socket.call("thread.open", json!({ "thread": thread })).await.unwrap();
        let kept: HashMap<&str, &Value> =
            open["messages"].as_array().unwrap().iter().map(|m| (m["id"].as_str().unwrap(), &m["fields"]["text"])).collect();
        for (command, answer) in ledger.acknowledged.values().filter(|(c, _)| c.body["thread"] == thread) {
            assert_eq!(kept[answer["message"].as_str().unwrap()], &command.body["text"]);
        }
    }
}

/// The database against the ledger, row by row.
async fn compare(program: &Program, ledger: &Ledger) {
    let url = match &program.cluster {
        Some(cluster) => cluster.url("postgres"),
        None => format!("sqlite:{}", program.data().join("radrum.db").display()),
    };
    let db = Db::open(&Settings::new(url)).await.expect("opens");
    let mut conn = db.read().await.unwrap();
    let ids = |member: &str, op: &str| -> Vec<Id> {
        let of = ledger.acknowledged.values().filter(|(c, _)| c.op == op);
        of.map(|(_, answer)| answer[member].as_str().unwrap().parse().unwrap()).collect()
    };
    let messages = conn.all("select id, thread_id, seq, kind from message order by thread_id, seq", args![]).await.unwrap();
    let threads = conn.all("select id, last_seq from thread", args![]).await.unwrap();
    for (what, acknowledged, kept) in [
        (
            "messages",
            ids("message", "message.post"),
            messages.iter().filter(|m| m.get::<String>("kind").unwrap() == "reply").map(|m| m.get("id").unwrap()).collect::<Vec<Id>>(),
        ),
        ("threads", ids("thread", "thread.ask"), threads.iter().map(|t| t.get("id").unwrap()).collect()),
    ] {
        let (said, there): (BTreeSet<Id>, BTreeSet<Id>) = (acknowledged.iter().copied().collect(), kept.iter().copied().collect());
        assert_eq!(said.len(), acknowledged.len(), "{what}: two commands, one effect");
        let (lost, doubled) = (said.difference(&there).count(), there.difference(&said).count());
        assert_eq!((lost, doubled), (0, 0), "{what} lost, and there twice or unasked");
    }
    let mut seqs: BTreeMap<Id, Vec<i64>> = BTreeMap::new();
    for row in &messages {
        seqs.entry(row.get("thread_id").unwrap()).or_default().push(row.get("seq").unwrap());
    }
    for row in &threads {
        let whole: Vec<i64> = (1..=row.get::<i64>("last_seq").unwrap()).collect();
        assert_eq!(seqs[&row.get::<Id>("id").unwrap()], whole);
    }
    let mut events: BTreeMap<Id, Vec<i64>> = BTreeMap::new();
    let mut about: HashMap<(Id, i64), String> = HashMap::new();
    let rows = conn
        .all(
            "select e.stream_id, e.n, coalesce(e.ref_id, s.thread_id) as about from event e join stream s on s.id = e.stream_id order by e.stream_id, e.n",
            args![],
        )
        .await
        .unwrap();
    for row in &rows {
        let (stream, n) = (row.get("stream_id").unwrap(), row.get("n").unwrap());
        events.entry(stream).or_default().push(n);
        about.insert((stream, n), row.get::<Option<Id>>("about").unwrap().map(|id| id.to_string()).unwrap_or_default());
    }
    for row in conn.all("select id, last_n from stream", args![]).await.unwrap() {
        let whole: Vec<i64> = (1..=row.get::<i64>("last_n").unwrap()).collect();
        assert_eq!(events.get(&row.get("id").unwrap()).cloned().unwrap_or_default(), whole, "a dense stream");
    }
    assert!(!ledger.shown.is_empty());
    for (stream, n, shown) in &ledger.shown {
        assert_eq!(about.get(&(*stream, *n)), Some(shown), "shown, and not kept");
    }
    drop(conn);
    db.close().await;
}

async fn tell(kind: Kind) {
    let f = kill_and_kill(kind).await;
    assert!(f.acknowledged > f.rounds * 10 && f.resent > 0, "there was load: {} acknowledged, {} resent", f.acknowledged, f.resent);
    println!(
        "{kind:?}: {} rounds, the database server killed in {} of them, {} commands acknowledged, {} sent again, {} events shown; none lost, none doubled, none shown that was not kept",
        f.rounds, f.servers_killed, f.acknowledged, f.resent, f.shown
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_9_loses_and_doubles_nothing_sqlite() {
    tell(Kind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_9_loses_and_doubles_nothing_postgres() {
    tell(Kind::Postgres).await;
}
