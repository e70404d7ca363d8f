//! The hub: one task that hears where there is more, has it rendered once, and hands it to the sockets of whoever may hear it.
//!
//! Per stream it keeps the last number it has delivered and has at most one rendering under way, so that a stream's events come in order; different streams
//! are rendered side by side. What a socket still misses, its own positions find out.

use std::{
    collections::HashMap,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::{FutureExt, StreamExt, future::BoxFuture, stream::FuturesUnordered};
use tokio::{
    sync::{broadcast, mpsc},
    time::{Instant, sleep},
};
use tokio_tungstenite::tungstenite::Utf8Bytes;
use tokio_util::sync::CancellationToken;

use super::{Batch, Rooms, Who, outlet::Outlet, presence::Presence};
use crate::{
    clock::{self, Clock, Micros},
    db::{Ephemeral, Signal},
    error::{Code, Error},
    id::Id,
};

/// How far back a catch-up looks: longer than any transaction, and longer than the pause between two catch-ups.
const LOOK_BACK: Micros = 2 * clock::MINUTE;
/// Catch up now and then even though nothing says that a signal was lost.
const CATCH_UP_EVERY: Duration = Duration::from_secs(30);
/// How many renderings may be under way at once.
const RENDER_AT_ONCE: usize = 16;
/// How long to wait before trying again when the database did not answer; doubled each time, up to 32-fold.
const TRY_AGAIN: Duration = Duration::from_millis(250);
/// What cannot be rendered although the database answers is passed over after so many tries; sockets see the hole.
const TRIES: u32 = 5;
/// Streams that have been still this long are forgotten when there are many.
const FORGET_AFTER: Duration = Duration::from_secs(600);
const FORGET_ABOVE: usize = 50_000;

/// The handle: cheap to clone, for sockets and for rooms.
#[derive(Clone)]
pub struct Hub(Arc<Shared>);

struct Shared {
    registry: Mutex<Registry>,
    presence: Mutex<Presence>,
    news: mpsc::UnboundedSender<News>,
    /// Taken by the task when it starts.
    inbox: Mutex<Option<mpsc::UnboundedReceiver<News>>>,
}

#[derive(Default)]
struct Registry {
    next: u64,
    sockets: HashMap<u64, Id>,
    by_person: HashMap<Id, Vec<(u64, Arc<Outlet>)>>,
}

enum News {
    Joined(Id),
    Left(Id),
}

/// A socket's place in the hub. Dropping it leaves the hub.
pub struct Subscription {
    pub outlet: Arc<Outlet>,
    number: u64,
    hub: Hub,
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.hub.leave(self.number);
    }
}

impl Default for Hub {
    fn default() -> Self {
        Hub::new()
    }
}

impl Hub {
    pub fn new() -> Hub {
        let (news, inbox) = mpsc::unbounded_channel();
        Hub(Arc::new(Shared { registry: Mutex::default(), presence: Mutex::default(), news, inbox: Mutex::new(Some(inbox)) }))
    }

    /// From here on the person's events reach the socket. Subscribe before anything is read for the client, so that nothing falls in between.
    pub fn subscribe(&self, who: &Who) -> Subscription {
        let outlet = Arc::new(Outlet::default());
        let (number, first) = {
            let mut registry = self.registry();
            registry.next += 1;
            let number = registry.next;
            registry.sockets.insert(number, who.person);
            let own = registry.by_person.entry(who.person).or_default();
            own.push((number, outlet.clone()));
            (number, own.len() == 1)
        };
        if first {
            // Only fails when the hub's task is gone, that is, at the end.
            let _ = self.0.news.send(News::Joined(who.person));
        }
        Subscription { outlet, number, hub: self.clone() }
    }

    /// Whether somebody of the unit is there, on any node.
    pub fn unit_present(&self, unit: Id) -> bool {
        self.presence().is_present(unit, Instant::now())
    }

    /// How many sockets are open on this node.
    pub fn sockets(&self) -> usize {
        self.registry().sockets.len()
    }

    /// Has the sockets of these persons checked now, without waiting for the next round: a session ended or a role was lost.
    pub fn recheck(&self, persons: &[Id]) {
        let registry = self.registry();
        for (person, own) in persons.iter().filter_map(|person| registry.by_person.get_key_value(person)) {
            own.iter().for_each(|(_, outlet)| outlet.ask_recheck());
            // The units may be others now.
            let _ = self.0.news.send(News::Joined(*person));
        }
    }

    /// The hub's task. Ends with `stop` or when the senders of signals are gone.
    ///
    /// # Panics
    /// When it is started twice: two tasks would each deliver everything.
    pub async fn run(self, rooms: Arc<dyn Rooms>, clock: Clock, mut signals: broadcast::Receiver<Signal>, stop: CancellationToken) {
        let taken = self.0.inbox.lock().unwrap_or_else(PoisonError::into_inner).take();
        let mut inbox = taken.expect("the hub's task is started once");
        let mut task = Task { hub: self, rooms, clock, streams: HashMap::new(), jobs: FuturesUnordered::new(), waiting: Vec::new() };
        let mut catch_up = tokio::time::interval(CATCH_UP_EVERY);
        let mut tick = tokio::time::interval(Duration::from_secs(1));
        task.start_position();
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                signal = signals.recv() => match signal {
                    Ok(signal) => task.signal(signal),
                    Err(broadcast::error::RecvError::Lagged(_)) => task.catch_up(),
                    Err(broadcast::error::RecvError::Closed) => return,
                },
                Some(news) = inbox.recv() => task.news(news),
                Some(done) = task.jobs.next() => task.done(done),
                _ = catch_up.tick() => task.catch_up(),
                _ = tick.tick() => task.tick(),
            }
        }
    }

    fn registry(&self) -> MutexGuard<'_, Registry> {
        self.0.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn presence(&self) -> MutexGuard<'_, Presence> {
        self.0.presence.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn leave(&self, number: u64) {
        let mut registry = self.registry();
        let Some(person) = registry.sockets.remove(&number) else { return };
        if let Some(own) = registry.by_person.get_mut(&person) {
            own.retain(|(n, _)| *n != number);
            if own.is_empty() {
                registry.by_person.remove(&person);
                let _ = self.0.news.send(News::Left(person));
            }
        }
    }

    /// Hands a rendered batch to its readers' sockets.
    fn deliver(&self, stream: Option<Id>, batch: &Batch) {
        // One copy a frame; every socket shares it.
        let frames: Vec<(Option<i64>, Utf8Bytes)> = batch.frames.iter().map(|(n, text)| (*n, Utf8Bytes::from(&**text))).collect();
        let mut slow = Vec::new();
        {
            let registry = self.registry();
            for (number, outlet) in batch.readers.iter().filter_map(|reader| registry.by_person.get(reader)).flatten() {
                for (n, frame) in &frames {
                    match (stream, n) {
                        (Some(stream), Some(n)) => {
                            if !outlet.deliver(stream, *n, frame) {
                                slow.push(*number);
                                break;
                            }
                        }
                        _ => outlet.mention(frame),
                    }
                }
            }
        }
        if !slow.is_empty() {
            metrics::counter!("radrum_sockets_too_slow_total").increment(slow.len() as u64);
        }
        for number in slow {
            self.leave(number);
        }
        if !batch.recheck.is_empty() {
            self.recheck(&batch.recheck);
        }
    }
}

/// Where the hub stands in one stream.
struct Place {
    delivered: i64,
    wanted: i64,
    busy: bool,
    failed: u32,
    touched: Instant,
}

enum Done {
    Events { stream: Id, after: i64, wanted: i64, result: Result<Batch, Error> },
    Again(Id),
    Batches(Result<Vec<Batch>, Error>),
    Units(Id, Result<Vec<Id>, Error>),
    Moved { result: Result<Vec<(Id, i64)>, Error>, first: bool },
    Nothing,
}

struct Task {
    hub: Hub,
    rooms: Arc<dyn Rooms>,
    clock: Clock,
    streams: HashMap<Id, Place>,
    jobs: FuturesUnordered<BoxFuture<'static, Done>>,
    /// Streams that wait for a rendering to end, oldest last.
    waiting: Vec<Id>,
}

impl Task {
    fn signal(&mut self, signal: Signal) {
        match signal {
            Signal::Streams(moved) => {
                for &(stream, n) in moved.iter() {
                    // A stream that is new to the hub starts at the lowest number the signal names.
                    let lowest = moved.iter().filter(|(s, _)| *s == stream).map(|(_, n)| *n).min().unwrap_or(n);
                    self.want(stream, n, lowest - 1);
                }
            }
            Signal::Ephemeral { kind, about, on } => self.ephemeral(kind, about, on),
            Signal::CatchUp => self.catch_up(),
        }
    }

    fn want(&mut self, stream: Id, n: i64, start: i64) {
        let now = Instant::now();
        let place = self.streams.entry(stream).or_insert(Place { delivered: start, wanted: start, busy: false, failed: 0, touched: now });
        place.touched = now;
        place.wanted = place.wanted.max(n);
        self.render(stream);
    }

    fn render(&mut self, stream: Id) {
        let Some(place) = self.streams.get_mut(&stream) else { return };
        if place.busy || place.wanted <= place.delivered {
            return;
        }
        if self.jobs.len() >= RENDER_AT_ONCE {
            if !self.waiting.contains(&stream) {
                self.waiting.insert(0, stream);
            }
            return;
        }
        place.busy = true;
        let (rooms, after, wanted) = (self.rooms.clone(), place.delivered, place.wanted);
        let rendering = async move {
            // A panic while rendering must not end the hub, and with it every socket's news.
            let rendered = AssertUnwindSafe(rooms.events(stream, after)).catch_unwind().await;
            Done::Events {
                stream,
                after,
                wanted,
                result: rendered.unwrap_or_else(|_| Err(Error::internal("live::hub", "rendering panicked"))),
            }
        };
        self.jobs.push(rendering.boxed());
    }

    fn done(&mut self, done: Done) {
        match done {
            Done::Events { stream, after, wanted, result: Ok(batch) } => {
                self.hub.deliver(Some(stream), &batch);
                if let Some(place) = self.streams.get_mut(&stream) {
                    place.busy = false;
                    place.failed = 0;
                    // What was not rendered although it was signalled nobody may hear, or a later signal brings it.
                    let brought = batch.frames.iter().filter_map(|(n, _)| *n).max().unwrap_or(after);
                    place.delivered = place.delivered.max(brought).max(wanted);
                    place.wanted = place.wanted.max(place.delivered);
                }
                self.render(stream);
            }
            Done::Events { stream, wanted, result: Err(error), .. } => {
                let Some(place) = self.streams.get_mut(&stream) else { return };
                place.failed += 1;
                if error.code != Code::Unavailable && place.failed >= TRIES {
                    (place.failed, place.delivered) = (0, wanted);
                }
                // Stays busy until then: one try at a time.
                let wait = TRY_AGAIN * 2u32.pow(place.failed.min(5));
                self.later(Done::Again(stream), wait);
            }
            Done::Again(stream) => {
                if let Some(place) = self.streams.get_mut(&stream) {
                    place.busy = false;
                }
                self.render(stream);
            }
            Done::Batches(Ok(batches)) => batches.iter().for_each(|batch| self.hub.deliver(None, batch)),
            Done::Units(person, Ok(units)) => {
                let changed = self.hub.presence().joined(person, units, Instant::now());
                if !self.hub.registry().by_person.contains_key(&person) {
                    // Gone while the units were read.
                    self.hub.presence().left(person, Instant::now());
                }
                self.tell_presence(changed);
            }
            Done::Moved { result: Ok(moved), first } => {
                for (stream, last) in moved {
                    // At the start there is nobody to hear it: only the position counts. Later a stream that the hub does not know brings its last event,
                    // and sockets that miss more see the hole.
                    self.want(stream, last, if first { last } else { last - 1 });
                }
            }
            // Typing and presence are not worth a second try; positions come with the next catch-up.
            Done::Batches(Err(_)) | Done::Units(_, Err(_)) | Done::Moved { result: Err(_), .. } | Done::Nothing => {}
        }
        while self.jobs.len() < RENDER_AT_ONCE {
            let Some(stream) = self.waiting.pop() else { break };
            self.render(stream);
        }
    }

    fn later(&mut self, done: Done, wait: Duration) {
        self.jobs.push(
            async move {
                sleep(wait).await;
                done
            }
            .boxed(),
        );
    }

    fn start_position(&mut self) {
        self.moved(true);
    }

    fn catch_up(&mut self) {
        self.moved(false);
    }

    fn moved(&mut self, first: bool) {
        let (rooms, at) = (self.rooms.clone(), self.clock.now() - LOOK_BACK);
        self.jobs.push(async move { Done::Moved { result: rooms.moved_since(at).await, first } }.boxed());
    }

    fn news(&mut self, news: News) {
        match news {
            News::Joined(person) => {
                let rooms = self.rooms.clone();
                self.jobs.push(async move { Done::Units(person, rooms.units_of(person).await) }.boxed());
            }
            // Told a little later, so that reloading a page does not flicker on the other side.
            News::Left(person) => self.hub.presence().left(person, Instant::now()),
        }
    }

    fn ephemeral(&mut self, kind: Ephemeral, id: Id, on: bool) {
        if kind == Ephemeral::Presence {
            let heard = self.hub.presence().heard(id, on, Instant::now());
            if heard.contradicts {
                self.announce(kind, id, true);
            }
            if !heard.changed {
                return;
            }
        }
        self.tell(kind, id, on);
    }

    fn tell(&mut self, kind: Ephemeral, id: Id, on: bool) {
        let rooms = self.rooms.clone();
        self.jobs.push(async move { Done::Batches(rooms.ephemeral(kind, id, on).await) }.boxed());
    }

    fn announce(&mut self, kind: Ephemeral, id: Id, on: bool) {
        let rooms = self.rooms.clone();
        self.jobs.push(
            async move {
                rooms.announce(kind, id, on).await;
                Done::Nothing
            }
            .boxed(),
        );
    }

    fn tell_presence(&mut self, changed: Vec<(Id, bool)>) {
        for (unit, on) in changed {
            self.tell(Ephemeral::Presence, unit, on);
            self.announce(Ephemeral::Presence, unit, on);
        }
    }

    fn tick(&mut self) {
        let now = Instant::now();
        let (changed, again) = {
            let mut presence = self.hub.presence();
            (presence.settle(now), presence.due(now))
        };
        self.tell_presence(changed);
        for unit in again {
            self.announce(Ephemeral::Presence, unit, true);
        }
        if self.streams.len() > FORGET_ABOVE {
            self.streams.retain(|_, place| place.busy || now.duration_since(place.touched) < FORGET_AFTER);
        }
        metrics::gauge!("radrum_sockets").set(self.hub.sockets() as f64);
    }
}
