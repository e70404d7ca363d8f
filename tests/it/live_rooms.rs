//! Rooms in memory: a double for testing the transport, and only that. The product itself is tested on the real rooms.

use std::{
    collections::{BTreeMap, HashMap},
    net::{IpAddr, SocketAddr},
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::{FutureExt, SinkExt, StreamExt, future::BoxFuture};
use radrum::{
    cli::serve::{Live, prepare},
    clock::{Clock, Micros},
    config::{Network, Secret},
    http::{Code, Error, Locale},
    id::Id,
    live::{Batch, Credential, Ephemeral, Hub, Op, Resumed, ResumedStream, Rooms, Signal, Who},
};
use serde_json::{Value, json};
use tokio::{net::TcpStream, sync::broadcast, task::JoinHandle};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream,
    tungstenite::{Message, client::IntoClientRequest, http::HeaderValue},
};
use tokio_util::sync::CancellationToken;

pub const ANNA: Id = Id([1; 16]);
pub const BO: Id = Id([2; 16]);
pub const STREAM: Id = Id([7; 16]);
pub const UNIT: Id = Id([9; 16]);

static OPS: &[Op] = &[
    Op { name: "echo", command: false, summary: "Gives back", schema: || json!({"type": "object"}) },
    Op { name: "wait", command: true, summary: "Takes its time", schema: || json!({"type": "object"}) },
    Op { name: "boom", command: false, summary: "Panics", schema: || json!({"type": "object"}) },
    Op { name: "post", command: true, summary: "Writes an event", schema: || json!({"type": "object"}) },
];

#[derive(Default)]
pub struct State {
    pub streams: BTreeMap<Id, Vec<Arc<str>>>,
    pub readers: Vec<Id>,
    /// By cookie or token: who, and the error that the session gives now.
    pub sessions: HashMap<String, (Id, Option<Error>)>,
    pub roles: Vec<Value>,
    pub forbidden: Vec<Id>,
}

pub struct TestRooms {
    pub state: Mutex<State>,
    pub signals: broadcast::Sender<Signal>,
    pub rendered: AtomicUsize,
    pub finished: AtomicUsize,
}

impl TestRooms {
    pub fn new() -> Arc<TestRooms> {
        let sessions =
            [("anna", ANNA), ("bo", BO), ("token-of-anna", ANNA)].into_iter().map(|(k, id)| (k.to_owned(), (id, None))).collect();
        let roles = vec![json!({"role": "handler", "unit": UNIT})];
        let state = State { readers: vec![ANNA, BO], sessions, roles, ..State::default() };
        Arc::new(TestRooms {
            state: Mutex::new(state),
            signals: broadcast::channel(4096).0,
            rendered: AtomicUsize::new(0),
            finished: AtomicUsize::new(0),
        })
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// An event without a signal: as when the signal was lost.
    pub fn post_silently(&self, stream: Id, filler: &str) -> i64 {
        let mut state = self.state();
        let events = state.streams.entry(stream).or_default();
        let n = events.len() as i64 + 1;
        events.push(json!({"event": "message.posted", "stream": stream, "n": n, "filler": filler}).to_string().into());
        n
    }

    pub fn post(&self, stream: Id, filler: &str) -> i64 {
        let n = self.post_silently(stream, filler);
        let _ = self.signals.send(Signal::Streams([(stream, n)].into()));
        n
    }

    pub fn end_session(&self, name: &str, error: Error) {
        self.state().sessions.get_mut(name).unwrap().1 = Some(error);
    }
}

impl Rooms for TestRooms {
    fn who<'a>(&'a self, credential: Credential<'a>, _: bool) -> BoxFuture<'a, Result<Who, Error>> {
        let (key, bearer) = match credential {
            Credential::Cookie(value) => (value, false),
            Credential::Bearer(value) => (value, true),
        };
        let found = self.state().sessions.get(key).cloned();
        async move {
            match found {
                Some((person, None)) if bearer == key.starts_with("token") => {
                    Ok(Who { person, session: person, bearer, locale: Locale::Sv })
                }
                Some((_, Some(error))) => Err(error),
                _ => Err(Error::new(Code::AuthRequired)),
            }
        }
        .boxed()
    }

    fn sign_in<'a>(&'a self, login: String, password: Secret, _: IpAddr) -> BoxFuture<'a, Result<(String, Value), Error>> {
        async move {
            if password.expose() == "rätt" { Ok((login.clone(), json!({"login": login}))) } else { Err(Error::new(Code::SigninFailed)) }
        }
        .boxed()
    }

    fn sign_out<'a>(&'a self, cookie: &'a str, everywhere: bool) -> BoxFuture<'a, Result<(), Error>> {
        let reason = if everywhere { "expired" } else { "signed_out" };
        self.end_session(cookie, Error::new(Code::AuthRequired).with("reason", reason));
        async { Ok(()) }.boxed()
    }

    fn unlock<'a>(&'a self, cookie: &'a str, password: Secret, _: IpAddr) -> BoxFuture<'a, Result<Value, Error>> {
        async move {
            if password.expose() != "rätt" {
                return Err(Error::new(Code::SigninFailed));
            }
            self.state().sessions.get_mut(cookie).unwrap().1 = None;
            Ok(json!({}))
        }
        .boxed()
    }

    fn me<'a>(&'a self, who: &'a Who) -> BoxFuture<'a, Result<Value, Error>> {
        async move { Ok(json!({"id": who.person})) }.boxed()
    }

    fn hello<'a>(&'a self, who: &'a Who) -> BoxFuture<'a, Result<Value, Error>> {
        let roles = self.state().roles.clone();
        async move { Ok(json!({"person": {"id": who.person, "name": "Anna Ek"}, "roles": roles})) }.boxed()
    }

    fn ops(&self) -> &'static [Op] {
        OPS
    }

    fn run<'a>(&'a self, _: &'a Who, op: &'a str, _: Option<Id>, body: Value) -> BoxFuture<'a, Result<Value, Error>> {
        async move {
            match op {
                "echo" => Ok(body),
                "wait" => {
                    tokio::time::sleep(Duration::from_millis(body["ms"].as_u64().unwrap_or(0))).await;
                    self.finished.fetch_add(1, Ordering::SeqCst);
                    Ok(json!({"waited": body["ms"]}))
                }
                "post" => Ok(json!({"n": self.post(STREAM, body["filler"].as_str().unwrap_or(""))})),
                _ => panic!("what is said here must not reach a log: {body}"),
            }
        }
        .boxed()
    }

    fn events<'a>(&'a self, stream: Id, after: i64) -> BoxFuture<'a, Result<Batch, Error>> {
        self.rendered.fetch_add(1, Ordering::SeqCst);
        let state = self.state();
        let frames = missing(&state, stream, after).into_iter().map(|(n, text)| (Some(n), text)).collect();
        let batch = Batch { readers: state.readers.clone(), frames, recheck: Vec::new() };
        async move { Ok(batch) }.boxed()
    }

    fn resume<'a>(&'a self, _: &'a Who, after: &'a BTreeMap<Id, i64>) -> BoxFuture<'a, Result<Resumed, Error>> {
        let state = self.state();
        let (known, gone): (Vec<_>, Vec<_>) =
            after.iter().partition(|(s, _)| state.streams.contains_key(s) && !state.forbidden.contains(s));
        let part = |(stream, after): (&Id, &i64)| ResumedStream {
            stream: *stream,
            last: state.streams[stream].len() as i64,
            frames: missing(&state, *stream, *after),
        };
        let resumed =
            Resumed { streams: known.into_iter().map(part).collect(), gone: gone.into_iter().map(|(stream, _)| *stream).collect() };
        async move {
            // Gives events a chance to arrive in the middle.
            tokio::task::yield_now().await;
            Ok(resumed)
        }
        .boxed()
    }

    fn moved_since<'a>(&'a self, _: Micros) -> BoxFuture<'a, Result<Vec<(Id, i64)>, Error>> {
        let moved = self.state().streams.iter().map(|(stream, events)| (*stream, events.len() as i64)).collect();
        async move { Ok(moved) }.boxed()
    }

    fn ephemeral<'a>(&'a self, kind: Ephemeral, id: Id, on: bool) -> BoxFuture<'a, Result<Vec<Batch>, Error>> {
        let event = if kind == Ephemeral::Typing { "typing" } else { "presence" };
        let frame: Arc<str> = json!({"event": event, "about": id, "on": on}).to_string().into();
        async move { Ok(vec![Batch { readers: vec![ANNA], frames: vec![(None, frame)], recheck: Vec::new() }]) }.boxed()
    }

    fn announce<'a>(&'a self, kind: Ephemeral, about: Id, on: bool) -> BoxFuture<'a, ()> {
        let _ = self.signals.send(Signal::Ephemeral { kind, about, on });
        async {}.boxed()
    }

    fn units_of<'a>(&'a self, person: Id) -> BoxFuture<'a, Result<Vec<Id>, Error>> {
        async move { Ok(if person == BO { vec![UNIT] } else { vec![] }) }.boxed()
    }

    fn ready<'a>(&'a self) -> BoxFuture<'a, bool> {
        async { true }.boxed()
    }
}

fn missing(state: &State, stream: Id, after: i64) -> Vec<(i64, Arc<str>)> {
    let events = state.streams.get(&stream).map(Vec::as_slice).unwrap_or_default();
    events.iter().enumerate().map(|(i, text)| (i as i64 + 1, text.clone())).filter(|(n, _)| *n > after).collect()
}

/// A server on loopback over the double.
pub struct TestServer {
    pub rooms: Arc<TestRooms>,
    pub hub: Hub,
    pub address: SocketAddr,
    pub stop: CancellationToken,
    pub running: JoinHandle<()>,
}

impl TestServer {
    pub async fn start() -> TestServer {
        TestServer::with(Network::local(0)).await
    }

    pub async fn with(network: Network) -> TestServer {
        let (rooms, hub, stop) = (TestRooms::new(), Hub::new(), CancellationToken::new());
        let app = Live { rooms: rooms.clone(), hub: hub.clone(), clock: Clock::System, signals: rooms.signals.subscribe() };
        let ready = prepare(network, app).unwrap();
        let address = ready.address();
        let running = tokio::spawn({
            let stop = stop.clone();
            async move { ready.run(stop).await.unwrap() }
        });
        TestServer { rooms, hub, address, stop, running }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// A socket of this person, after its hello.
    pub async fn socket(&self, cookie: &str) -> Client {
        let mut client = self.connect(&[("cookie", &format!("radrum_session={cookie}")), ("origin", &self.url(""))]).await.unwrap();
        assert_eq!(client.next().await["event"], "hello");
        client
    }

    /// A socket with these headers, or the status and body of the refusal.
    pub async fn connect(&self, headers: &[(&str, &str)]) -> Result<Client, (u16, Value)> {
        let mut request = format!("ws://{}/ws", self.address).into_client_request().unwrap();
        request.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static("radrum.v1"));
        for (name, value) in headers {
            request
                .headers_mut()
                .insert(tokio_tungstenite::tungstenite::http::HeaderName::try_from(*name).unwrap(), HeaderValue::from_str(value).unwrap());
        }
        match tokio_tungstenite::connect_async(request).await {
            Ok((socket, _)) => Ok(Client(socket)),
            Err(tokio_tungstenite::tungstenite::Error::Http(response)) => {
                let body = response.body().as_deref().unwrap_or_default();
                Err((response.status().as_u16(), serde_json::from_slice(body).unwrap_or_default()))
            }
            Err(error) => panic!("{error}"),
        }
    }
}

pub struct Client(pub WebSocketStream<MaybeTlsStream<TcpStream>>);

/// What a client gets: a frame, or the close code.
#[derive(Debug)]
pub enum Got {
    Frame(Value),
    Closed(u16),
}

impl Client {
    pub async fn send(&mut self, text: impl Into<String>) {
        self.0.send(Message::text(text.into())).await.unwrap();
    }

    pub async fn op(&mut self, n: u8, op: &str, mut body: Value) {
        body["id"] = json!(Id([n; 16]));
        body["op"] = json!(op);
        self.send(body.to_string()).await;
    }

    pub async fn got(&mut self) -> Got {
        loop {
            let message = tokio::time::timeout(Duration::from_secs(20), self.0.next()).await.expect("something within 20 seconds");
            match message {
                Some(Ok(Message::Text(text))) => return Got::Frame(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Close(Some(close)))) => return Got::Closed(close.code.into()),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    pub async fn next(&mut self) -> Value {
        match self.got().await {
            Got::Frame(frame) => frame,
            Got::Closed(code) => panic!("closed with {code}"),
        }
    }

    /// The answer to a command; frames before it are passed over.
    pub async fn answer(&mut self, n: u8) -> Value {
        loop {
            let frame = self.next().await;
            if frame["re"] == json!(Id([n; 16])) {
                return frame;
            }
        }
    }

    /// The close code; frames before it are passed over.
    pub async fn closed(&mut self) -> u16 {
        loop {
            if let Got::Closed(code) = self.got().await {
                return code;
            }
        }
    }
}

/// Waits for something that comes soon.
pub async fn soon(mut what: impl FnMut() -> bool) {
    for _ in 0..1000 {
        if what() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("did not come");
}
