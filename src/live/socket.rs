//! One socket's I/O: a reader that drives the session, and a writer task that empties the outlet. Everything that decides is in `session` and `positions`.

use std::{collections::BTreeMap, future::pending, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures_util::{
    FutureExt, SinkExt, StreamExt,
    future::BoxFuture,
    stream::{SplitSink, SplitStream},
};
use serde_json::Value;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite},
    time::{Instant, MissedTickBehavior, interval_at, timeout},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        self, Message,
        protocol::{CloseFrame, WebSocketConfig, frame::coding::CloseCode},
    },
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    Credential, Hub, MAX_FRAME_BYTES, PING_SECONDS, Rooms, Who, frame,
    frame::{Request, Work},
    outlet::{Out, Outlet},
    session::{Ending, Greeting, Heard, Next, Open, Running, Session},
};
use crate::{
    config::{Rates, Secret},
    error::{Code, Error},
    id::Id,
};

/// A session is checked at least this often, whatever signals say.
const CHECK_EVERY: Duration = Duration::from_secs(15);
/// A command trusts a check that is this fresh. A session that is ended closes its sockets at once by a signal; this is for the signal that got lost.
const TRUST_CHECK: Duration = Duration::from_secs(5);
/// Pings without any sign of life in between before the peer counts as dead.
const MISSED_PINGS: u32 = 2;
/// How long a command may go on when nobody waits for it any more.
const COMMAND_ENDS: Duration = Duration::from_secs(30);
/// How long the last words may take to go out.
const LAST_WORDS: Duration = Duration::from_secs(5);
/// How long, and how much, the peer may still send after the last words. Closing while it sends would reset the connection, and the close code would be lost.
const LINGER: Duration = Duration::from_secs(2);
const LINGER_BYTES: u64 = 32 << 20;

/// What every socket of a server shares.
#[derive(Clone)]
pub struct Sockets {
    pub rooms: Arc<dyn Rooms>,
    pub hub: Hub,
    pub rates: Rates,
    /// Cancelled when the server goes down: sockets answer what runs, then close with 1001.
    pub stop: CancellationToken,
    /// Knows the sockets that are open, for going down in good order.
    pub tracker: TaskTracker,
}

/// The credential that the socket came with, kept for checking that it still holds.
pub enum Shown {
    Cookie(Secret),
    Bearer(Secret),
}

impl Shown {
    pub fn credential(&self) -> Credential<'_> {
        match self {
            Shown::Cookie(text) => Credential::Cookie(text.expose()),
            Shown::Bearer(text) => Credential::Bearer(text.expose()),
        }
    }
}

/// benches/live.rs measures it: the library's 128 KiB read buffer is cleared at every read and kept by every idle socket.
pub fn config() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(4096)
        .write_buffer_size(16 << 10)
        .max_write_buffer_size(4 << 20)
        .max_message_size(Some(MAX_FRAME_BYTES))
        .max_frame_size(Some(MAX_FRAME_BYTES))
}

impl Sockets {
    /// Serves one socket until it ends.
    pub async fn serve<S>(self, socket: WebSocketStream<S>, who: Who, shown: Shown)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let who = Arc::new(who);
        let subscription = self.hub.subscribe(&who);
        let outlet = subscription.outlet.clone();
        let (sink, mut stream) = socket.split();
        let mut conversation = Conversation {
            shared: &self,
            who: who.clone(),
            shown: Arc::new(shown),
            outlet: &outlet,
            checked: Instant::now(),
            running: None,
        };

        let greeted = conversation.greet().await;
        let writer = tokio::spawn(write(sink, outlet.clone()));
        let ending = match greeted {
            Ok(session) => conversation.talk(session, &mut stream).await,
            Err(ending) => ending,
        };
        if let Some(running) = conversation.running.take() {
            // What has begun is not cut off half-way because the peer went: it ends, and the same id tells the answer.
            self.tracker.spawn(timeout(COMMAND_ENDS, running));
        }
        drop(subscription);
        outlet.finish(ending.event().map(Out::Text).into_iter().chain(ending.close().map(|(code, word)| Out::Close(code, word))));
        if ending != Ending::Silent {
            tracing::debug!(code = ending.close().map(|(code, _)| code), "socket ends");
        }
        linger(writer, stream, ending).await;
    }
}

/// Sends the last words and waits a little for the peer to hear them.
async fn linger<S>(
    mut writer: tokio::task::JoinHandle<SplitSink<WebSocketStream<S>, Message>>,
    mut stream: SplitStream<WebSocketStream<S>>,
    ending: Ending,
) where
    S: AsyncRead + AsyncWrite + Unpin,
{
    if ending == Ending::Silent {
        // The library still owes the peer's close frame its echo.
        let _ = timeout(LINGER, stream.next()).await;
        writer.abort();
        return;
    }
    let Ok(Ok(sink)) = timeout(LAST_WORDS, &mut writer).await else {
        writer.abort();
        return;
    };
    // After an error the library reads no further; what the peer still sends is read away underneath it.
    let Ok(socket) = sink.reunite(stream) else { return };
    let mut rest = socket.into_inner().take(LINGER_BYTES);
    let _ = timeout(LINGER, tokio::io::copy(&mut rest, &mut tokio::io::sink())).await;
}

/// The writer: takes everything that waits, feeds it, flushes once.
async fn write<S>(mut sink: SplitSink<WebSocketStream<S>, Message>, outlet: Arc<Outlet>) -> SplitSink<WebSocketStream<S>, Message>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut batch = Vec::new();
    loop {
        outlet.take(&mut batch).await;
        let count = batch.len() as u64;
        let mut last = false;
        for out in std::mem::take(&mut batch) {
            let message = match out {
                Out::Text(text) => Message::Text(text),
                Out::Ping => Message::Ping(tungstenite::Bytes::new()),
                Out::Close(code, word) => {
                    last = true;
                    Message::Close(Some(CloseFrame { code: CloseCode::from(code), reason: word.into() }))
                }
            };
            if sink.feed(message).await.is_err() {
                return sink;
            }
        }
        if sink.flush().await.is_err() || last {
            return sink;
        }
        metrics::counter!("radrum_frames_sent_total").increment(count);
    }
}

/// What a running command comes to.
struct Outcome {
    answer: Result<Value, Error>,
    /// The session turned out to be lost.
    lost: Option<Ending>,
    checked: bool,
}

enum Chore {
    /// The person with the roles of now.
    Checked(Result<Value, Error>),
    Fetched,
}

struct Conversation<'a> {
    shared: &'a Sockets,
    who: Arc<Who>,
    shown: Arc<Shown>,
    outlet: &'a Arc<Outlet>,
    checked: Instant,
    running: Option<BoxFuture<'static, Outcome>>,
}

enum Stage {
    Open(Session<Open>),
    Running(Session<Running>),
}

impl Conversation<'_> {
    /// Checks once more (the socket hears events from now on; what ended before that would not be heard of) and says hello.
    async fn greet(&mut self) -> Result<Session<Open>, Ending> {
        let ending = |error: Error| Ending::of(&error).unwrap_or(Ending::Failed);
        self.shared.rooms.who(self.shown.credential(), true).await.map_err(ending)?;
        let of_person = self.shared.rooms.hello(&self.who).await.map_err(ending)?;
        let session = Session::<Greeting>::new(self.who.clone(), self.shared.rooms.ops(), &self.shared.rates);
        let (session, hello) = session.hello(of_person);
        self.outlet.greet(Out::Text(hello));
        Ok(session)
    }

    async fn talk<S>(&mut self, session: Session<Open>, stream: &mut SplitStream<WebSocketStream<S>>) -> Ending
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let now = Instant::now();
        let mut ping = interval_at(now + Duration::from_secs(PING_SECONDS), Duration::from_secs(PING_SECONDS));
        let mut check = interval_at(now + CHECK_EVERY, CHECK_EVERY);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        check.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut silent_pings = 0;
        let mut chore: Option<BoxFuture<'static, Chore>> = None;
        let mut check_due = false;
        let mut stage = Stage::Open(session);
        loop {
            stage = match stage {
                Stage::Open(_) if self.shared.stop.is_cancelled() => return Ending::GoingDown,
                Stage::Open(session) => match session.next() {
                    Next::Idle(session) => Stage::Open(session),
                    Next::Run(session, request) => {
                        self.running = Some(self.run(request));
                        Stage::Running(session)
                    }
                },
                running => running,
            };
            if chore.is_none() {
                check_due |= self.outlet.must_recheck();
                chore = if std::mem::take(&mut check_due) { Some(self.check()) } else { self.fetch_holes() };
            }
            let listens = match &stage {
                Stage::Open(session) => session.listens(),
                Stage::Running(session) => session.listens(),
            };
            tokio::select! {
                outcome = maybe(self.running.as_mut()) => {
                    self.running = None;
                    let Stage::Running(session) = stage else { return Ending::Failed };
                    if outcome.checked {
                        self.checked = Instant::now();
                    }
                    let (session, said) = session.answer(&outcome.answer);
                    self.outlet.push(Out::Text(said)).await;
                    if let Some(ending) = outcome.lost {
                        return ending;
                    }
                    stage = Stage::Open(session);
                }
                done = maybe(chore.as_mut()) => {
                    chore = None;
                    let lost = match (&done, &stage) {
                        (Chore::Checked(Err(error)), _) => Ending::of(error),
                        (Chore::Checked(Ok(of_person)), Stage::Open(session)) => session.check_roles(of_person),
                        (Chore::Checked(Ok(of_person)), Stage::Running(session)) => session.check_roles(of_person),
                        (Chore::Fetched, _) => None,
                    };
                    if let Some(ending) = lost {
                        return ending;
                    }
                }
                () = self.outlet.attention() => {
                    if self.outlet.is_slow() {
                        return Ending::TooSlow;
                    }
                }
                message = stream.next(), if listens => {
                    silent_pings = 0;
                    let heard = match &mut stage {
                        Stage::Open(session) => hear(session, message),
                        Stage::Running(session) => hear(session, message),
                    };
                    match heard {
                        Heard::Quiet => {}
                        Heard::Say(said) => self.outlet.push(Out::Text(said)).await,
                        Heard::End(ending) => return ending,
                    }
                }
                _ = ping.tick() => {
                    if silent_pings >= MISSED_PINGS && listens {
                        return Ending::Silent;
                    }
                    silent_pings += 1;
                    self.outlet.ping();
                }
                _ = check.tick() => check_due = true,
                () = self.shared.stop.cancelled(), if matches!(stage, Stage::Open(_)) => return Ending::GoingDown,
            }
        }
    }

    fn run(&self, request: Request) -> BoxFuture<'static, Outcome> {
        let (rooms, who, shown, outlet) = (self.shared.rooms.clone(), self.who.clone(), self.shown.clone(), self.outlet.clone());
        let check = self.checked.elapsed() >= TRUST_CHECK;
        async move {
            if check && let Err(error) = rooms.who(shown.credential(), true).await {
                return Outcome { lost: Ending::of(&error), answer: Err(error), checked: false };
            }
            let answer = match request.work {
                // A panic is this command's, not the socket's: the others go on.
                Work::Run { op, body } => AssertUnwindSafe(rooms.run(&who, op, Some(request.id), body))
                    .catch_unwind()
                    .await
                    .unwrap_or_else(|_| Err(Error::internal("live::socket", "an op panicked"))),
                Work::Resume(after) => fetch(&*rooms, &who, &outlet, after).await.map(|(streams, gone)| frame::resumed(&streams, &gone)),
            };
            let lost = answer.as_ref().err().filter(|error| error.code != Code::RoleMissing).and_then(Ending::of);
            Outcome { answer, lost, checked: check }
        }
        .boxed()
    }

    /// Whether the session and its roles are still there. An error that says nothing of them (the database is away) ends nothing.
    fn check(&self) -> BoxFuture<'static, Chore> {
        let (rooms, who, shown) = (self.shared.rooms.clone(), self.who.clone(), self.shown.clone());
        async move {
            Chore::Checked(match rooms.who(shown.credential(), false).await {
                Err(error) => Err(error),
                Ok(_) => rooms.hello(&who).await,
            })
        }
        .boxed()
    }

    fn fetch_holes(&self) -> Option<BoxFuture<'static, Chore>> {
        let holes: BTreeMap<Id, i64> = self.outlet.take_holes().into_iter().collect();
        if holes.is_empty() {
            return None;
        }
        let (rooms, who, outlet) = (self.shared.rooms.clone(), self.who.clone(), self.outlet.clone());
        // A failure leaves the positions where they were: the next event shows the hole again, to us and to the client.
        Some(async move { fetch(&*rooms, &who, &outlet, holes).await.map_or(Chore::Fetched, |_| Chore::Fetched) }.boxed())
    }
}

/// Brings the client what comes after these numbers, in order, and no number twice.
async fn fetch(rooms: &dyn Rooms, who: &Who, outlet: &Outlet, mut after: BTreeMap<Id, i64>) -> Result<(BTreeMap<Id, i64>, Vec<Id>), Error> {
    outlet.positions(|p| after.iter().for_each(|(stream, n)| p.begin(*stream, *n)));
    let mut streams = BTreeMap::new();
    let mut gone = Vec::new();
    while !after.is_empty() {
        let resumed = match rooms.resume(who, &after).await {
            Ok(resumed) => resumed,
            Err(error) => {
                outlet.positions(|p| after.keys().for_each(|stream| p.abandon(*stream)));
                return Err(error);
            }
        };
        let mut again = BTreeMap::new();
        for part in resumed.streams {
            for (n, text) in part.frames {
                if outlet.positions(|p| p.fetched(part.stream, n)) {
                    outlet.push(Out::Text((&*text).into())).await;
                }
            }
            streams.insert(part.stream, part.last);
            match outlet.positions(|p| p.end(part.stream, part.last)) {
                Some(from) if after.get(&part.stream).is_some_and(|before| from > *before) => {
                    again.insert(part.stream, from);
                }
                // Nothing moved although more was heard of: no use in asking on and on. The next event shows the hole.
                Some(_) => outlet.positions(|p| p.abandon(part.stream)),
                None => {}
            }
        }
        outlet.positions(|p| resumed.gone.iter().for_each(|stream| p.gone(*stream)));
        streams.retain(|stream, _| !resumed.gone.contains(stream));
        gone.extend(resumed.gone);
        after = again;
    }
    Ok((streams, gone))
}

/// Waits for a future that may not be there.
async fn maybe<T>(future: Option<&mut BoxFuture<'static, T>>) -> T {
    match future {
        Some(future) => future.await,
        None => pending().await,
    }
}

fn hear<S>(session: &mut Session<S>, message: Option<Result<Message, tungstenite::Error>>) -> Heard {
    use tungstenite::error::{CapacityError, Error as Ts};
    match message {
        Some(Ok(Message::Text(text))) => session.text(&text),
        Some(Ok(Message::Ping(_) | Message::Pong(_))) => session.control(),
        Some(Ok(Message::Binary(_))) => Heard::End(Ending::Binary),
        Some(Ok(Message::Close(_) | Message::Frame(_))) | None => Heard::End(Ending::Silent),
        Some(Err(Ts::Capacity(CapacityError::MessageTooLong { .. }))) => Heard::End(Ending::TooLarge),
        Some(Err(Ts::Utf8(_))) => Heard::End(Ending::BadUtf8),
        Some(Err(Ts::Protocol(tungstenite::error::ProtocolError::ResetWithoutClosingHandshake))) => Heard::End(Ending::Silent),
        Some(Err(Ts::Protocol(_))) => Heard::End(Ending::BadProtocol),
        Some(Err(_)) => Heard::End(Ending::Silent),
    }
}
