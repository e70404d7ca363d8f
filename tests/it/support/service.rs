//! The whole product in this process, listening on a port of its own, with two authorities, three units and the people to try everything with.

use std::{collections::HashMap, net::SocketAddr, sync::Arc, time::Duration};

use futures_util::{SinkExt, StreamExt};
use radrum::{
    cli::serve::serve,
    clock::{Clock, MINUTE},
    config::{Network, Rates},
    db::Kind,
    http::Locale,
    id::{Id, Random},
    live::Who,
    rooms::{
        House, Rules, password,
        people::{self, Hashed, NewPerson, NewRole},
        run, signin,
        units::{self, NewUnit},
    },
    scan::Scanner,
    vault::Vault,
};
use serde_json::{Value, json};
use tokio::{net::TcpStream, task::JoinHandle, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, client::IntoClientRequest},
};
use tokio_util::sync::CancellationToken;

use super::TestDb;

/// What everybody signs in with.
pub const PASSWORD: &str = "ett lösenord för prov";

type Roles = &'static [(&'static str, &'static str)];

/// Login, name, authority, roles with the unit's key.
const PEOPLE: &[(&str, &str, &str, Roles)] = &[
    ("anna", "Anna Ek", "A", &[("handler", "a")]),
    ("alva", "Alva Berg", "A", &[("handler", "a")]),
    ("chef.a", "Asta Holm", "A", &[("unit_manager", "a")]),
    ("reserv.a", "Arne Lund", "A", &[("backup_manager", "a")]),
    ("bo", "Bo Dahl", "B", &[("handler", "b")]),
    ("bea", "Bea Falk", "B", &[("handler", "b")]),
    ("chef.b", "Britt Sund", "B", &[("unit_manager", "b")]),
    ("cilla", "Cilla Norén", "B", &[("handler", "c")]),
    ("dubbel", "Dan Dubbel", "B", &[("handler", "b"), ("unit_manager", "c")]),
    ("admin", "Ada Admin", "A", &[("admin", "")]),
    ("revisor", "Rut Revisor", "A", &[("auditor", "")]),
    ("styr", "Stig Styr", "A", &[("steering", "")]),
    ("diarium", "Disa Diarium", "A", &[("registrar", "")]),
];

type Subjects = &'static [&'static str];

/// Key, authority, domain, name, staff, subjects.
const UNITS: &[(&str, &str, &str, &str, i64, Subjects)] = &[
    ("a", "A", "Socialtjänst", "Barn och unga Norr", 12, &["children", "violence"]),
    ("b", "B", "Vård", "Vuxenenheten", 12, &["adults", "addiction"]),
    ("c", "B", "Vård", "Öppenpsykiatrin", 3, &["psychiatry", "addiction"]),
];

pub struct Service {
    pub house: House,
    pub address: SocketAddr,
    pub people: HashMap<&'static str, Id>,
    pub units: HashMap<&'static str, Id>,
    pub db: TestDb,
    folder: tempfile::TempDir,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Service {
    pub async fn start(kind: Kind) -> Service {
        Service::start_with(kind, Clock::System).await
    }

    pub async fn start_with(kind: Kind, clock: Clock) -> Service {
        let db = TestDb::fresh(kind).await;
        let folder = tempfile::Builder::new().prefix("radrum-keys-").tempdir().unwrap();
        let random = Random::default();
        let vault = Vault::create(folder.path(), &random).unwrap();
        let rules = Arc::new(Rules { risk_limit: 20, idle: 15 * MINUTE });
        let house = House { db: db.db.clone(), vault, clock, random, scanner: Scanner::shared(), rules };
        let units = make_units(&house).await;
        let people = make_people(&house, &units).await;
        let stop = CancellationToken::new();
        let (address, task) = listen(house.clone(), stop.clone()).await;
        Service { house, address, people, units, db, folder, stop, task }
    }

    /// Where the master key lies.
    pub fn key_folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Goes down in good order and removes the database.
    pub async fn end(self) {
        self.stop.cancel();
        let _ = timeout(Duration::from_secs(20), self.task).await;
        self.db.remove().await;
    }

    /// Who the person is to a room, without a session: for calling rooms directly.
    pub fn who(&self, login: &str) -> Who {
        Who { person: self.people[login], session: Id::NIL, bearer: false, locale: Locale::Sv }
    }

    /// Runs an operation without the transport.
    pub async fn run(&self, login: &str, op: &str, body: Value) -> Result<Value, radrum::http::Error> {
        run(&self.house, &self.who(login), op, Some(self.house.random.id()), body).await
    }

    /// The cookie of a fresh session, as `name=value`.
    pub async fn cookie(&self, login: &str) -> String {
        let (token, _) = signin::sign_in(&self.house, login, PASSWORD.into()).await.unwrap();
        format!("radrum_session={token}")
    }

    pub async fn socket(&self, login: &str) -> Socket {
        Socket::open(self.address, &self.cookie(login).await).await
    }

    /// Calls an operation over HTTP with this cookie. Status and body.
    pub async fn post(&self, cookie: &str, op: &str, id: Option<Id>, body: &Value) -> (u16, Value) {
        let mut request = reqwest::Client::new()
            .post(self.url(&format!("/api/v1/{op}")))
            .header("cookie", cookie)
            .header("origin", self.url(""))
            .json(body);
        if let Some(id) = id {
            request = request.header("idempotency-key", id.to_string());
        }
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        (status, answer.json().await.unwrap_or(Value::Null))
    }

    /// Sets all the roles of a person, as an administrator does.
    pub async fn give(&self, login: &str, roles: &[(&str, &str)]) {
        let unit = |key: &str| self.units.get(key).copied();
        let roles = roles.iter().map(|(role, key)| NewRole { role: role.to_string(), unit: unit(key) }).collect();
        let new = people::NewRoles { login: login.to_owned(), roles };
        let args = (self.house.clone(), self.people[login], new);
        self.house
            .db
            .write(args, |tx, (house, person, new)| {
                Box::pin(async move {
                    let roles = tx.one("select authority_id from person where id = $1", radrum::args![*person]).await?;
                    people::replace_roles(tx, roles.get("authority_id")?, new, house.clock.now()).await
                })
            })
            .await
            .unwrap();
    }

    pub fn id(&self) -> Id {
        self.house.random.id()
    }

    /// A question that nothing is wrong with, from unit a to the units named.
    pub fn question(&self, units: &[&str]) -> Value {
        json!({
            "unit": self.units["a"], "situation": "En förälder dricker i perioder och barnet tar stort ansvar hemma.",
            "question": "Vad kan ni erbjuda föräldern om hen inte vill ha behandling?", "subject": "addiction", "urgency": "normal",
            "units": units.iter().map(|u| self.units[u]).collect::<Vec<_>>(), "hide_unit": false,
        })
    }
}

/// Another node over the same database (PostgreSQL), with the same master key.
pub async fn listen(house: House, stop: CancellationToken) -> (SocketAddr, JoinHandle<()>) {
    let (tell, told) = tokio::sync::oneshot::channel();
    // Tests are in more of a hurry than people: they are not to be slowed down.
    let many = std::num::NonZeroU32::new(100_000).unwrap();
    let network = Network { rates: Rates { commands_per_second: many, burst: many }, signins_per_minute: many, ..Network::local(0) };
    let task = tokio::spawn(async move {
        serve(house, network, None, stop, |address| {
            let _ = tell.send(address);
            Ok(())
        })
        .await
        .unwrap();
    });
    (told.await.unwrap(), task)
}

async fn make_units(house: &House) -> HashMap<&'static str, Id> {
    house
        .db
        .write(house.clone(), |tx, house| {
            Box::pin(async move {
                let mut made = HashMap::new();
                for (key, authority, domain, name, staff, subjects) in UNITS {
                    let new = NewUnit {
                        authority: authority.to_string(),
                        domain: domain.to_string(),
                        name: name.to_string(),
                        municipality: "1980".into(),
                        phone: "0980-319204".into(),
                        target_days: 3,
                        staff: *staff,
                        subjects: subjects.iter().map(|s| s.to_string()).collect(),
                        backup_unit: None,
                    };
                    made.insert(*key, units::create(tx, house, &new).await?);
                }
                Ok::<_, radrum::http::Error>(made)
            })
        })
        .await
        .unwrap()
}

async fn make_people(house: &House, units: &HashMap<&'static str, Id>) -> HashMap<&'static str, Id> {
    let hash = password::hash(&house.random, PASSWORD.into()).await.unwrap();
    let mut made = HashMap::new();
    for (login, name, authority, roles) in PEOPLE {
        let person = NewPerson {
            login: login.to_string(),
            name: name.to_string(),
            email: Some(format!("{login}@example.se")),
            password: String::new(),
            locale: "sv".into(),
            roles: roles.iter().map(|(role, unit)| NewRole { role: role.to_string(), unit: units.get(unit).copied() }).collect(),
        };
        let args = (house.clone(), *authority, Hashed { person, hash: hash.clone() });
        let id = house
            .db
            .write(args, |tx, (house, authority, new)| {
                Box::pin(async move {
                    let authority = units::authority(tx, house, authority).await?;
                    people::create(tx, house, authority, new).await
                })
            })
            .await
            .unwrap();
        made.insert(*login, id);
    }
    made
}

/// How long a frame may take to come.
const PATIENCE: Duration = Duration::from_secs(10);

/// A client on the socket.
pub struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    pub hello: Value,
    /// Frames that came while another was waited for.
    pub seen: Vec<Value>,
}

impl Socket {
    pub async fn open(address: SocketAddr, cookie: &str) -> Socket {
        Socket::connect(address, &[("cookie", cookie), ("origin", &format!("http://{address}"))]).await.expect("the socket opens")
    }

    /// With headers of the caller's choice; `None` when the server will not have it.
    pub async fn connect(address: SocketAddr, headers: &[(&'static str, &str)]) -> Option<Socket> {
        let mut request = format!("ws://{address}/ws").into_client_request().unwrap();
        request.headers_mut().insert("sec-websocket-protocol", "radrum.v1".parse().unwrap());
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        let (stream, _) = connect_async(request).await.ok()?;
        let mut socket = Socket { stream, hello: Value::Null, seen: Vec::new() };
        socket.hello = socket.next().await?;
        Some(socket)
    }

    pub async fn send(&mut self, frame: &Value) {
        self.send_raw(Message::text(frame.to_string())).await;
    }

    pub async fn send_raw(&mut self, message: Message) {
        self.stream.send(message).await.expect("sends");
    }

    /// As [`send`](Self::send), to a server that may be gone: whether it went out.
    pub async fn try_send(&mut self, frame: &Value) -> bool {
        self.stream.send(Message::text(frame.to_string())).await.is_ok()
    }

    /// The next frame; `None` when the socket has closed or nothing came in time.
    pub async fn next(&mut self) -> Option<Value> {
        loop {
            match timeout(PATIENCE, self.stream.next()).await.ok()?? {
                Ok(Message::Text(text)) => return serde_json::from_str(&text).ok(),
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    /// The close code with which the server ends the socket.
    pub async fn closed(&mut self) -> Option<u16> {
        loop {
            match timeout(PATIENCE, self.stream.next()).await.ok()? {
                Some(Ok(Message::Close(frame))) => return frame.map(|f| f.code.into()),
                Some(Ok(_)) => {}
                _ => return None,
            }
        }
    }

    /// The first frame, come or still to come, that `wanted` is true of. Others are kept.
    pub async fn wait(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        if let Some(i) = self.seen.iter().position(&wanted) {
            return self.seen.remove(i);
        }
        loop {
            let frame = self.next().await.unwrap_or_else(|| panic!("waited for {what}; had {:?}", self.seen));
            if wanted(&frame) {
                return frame;
            }
            self.seen.push(frame);
        }
    }

    pub async fn event(&mut self, kind: &str) -> Value {
        self.wait(kind, |f| f["event"] == kind).await
    }

    /// Sends an operation and gives what stands under `ok`, or the error.
    pub async fn call(&mut self, op: &str, body: Value) -> Result<Value, Value> {
        let id = Random::default().id();
        self.call_as(id, op, body).await
    }

    pub async fn call_as(&mut self, id: Id, op: &str, mut body: Value) -> Result<Value, Value> {
        body["op"] = op.into();
        body["id"] = json!(id);
        self.send(&body).await;
        let mut answer = self.wait("an answer", |f| f["re"] == json!(id)).await;
        if answer.get("error").is_some() { Err(answer["error"].take()) } else { Ok(answer["ok"].take()) }
    }

    /// As [`next`](Self::next), for as long as frames come without a pause of this length.
    pub async fn drain(&mut self, pause: Duration) -> Vec<Value> {
        let mut all = std::mem::take(&mut self.seen);
        while let Ok(Some(frame)) = timeout(pause, self.next()).await {
            all.push(frame);
        }
        all
    }

    /// Closes without a word, as a lost connection does.
    pub fn cut(self) {
        drop(self);
    }
}

/// Runs a test with the product on both databases, as two tests. With `with <clock>` after the name, by that clock.
#[macro_export]
macro_rules! product_on_both {
    ($name:ident, $body:expr) => {
        $crate::product_on_both!($name, with radrum::clock::Clock::System, $body);
    };
    ($name:ident, with $clock:expr, $body:expr) => {
        mod $name {
            #[allow(unused_imports, reason = "bodies differ in what they use")]
            use super::*;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                run(radrum::db::Kind::Sqlite).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                run(radrum::db::Kind::Postgres).await;
            }

            async fn run(kind: radrum::db::Kind) {
                let service = $crate::support::service::Service::start_with(kind, $clock).await;
                let body: fn(std::sync::Arc<$crate::support::service::Service>) -> futures_util::future::BoxFuture<'static, ()> =
                    |s| Box::pin(($body)(s));
                $crate::support::service::guarded(service, body).await;
            }
        }
    };
}

/// Runs the body and takes the service down also when it panics.
pub async fn guarded(service: Service, body: fn(Arc<Service>) -> futures_util::future::BoxFuture<'static, ()>) {
    let service = Arc::new(service);
    let outcome = tokio::spawn(body(service.clone())).await;
    match Arc::try_unwrap(service) {
        Ok(service) => service.end().await,
        Err(shared) => shared.stop.cancel(),
    }
    if let Err(e) = outcome {
        std::panic::resume_unwind(e.into_panic());
    }
}
