//! What waits to be written: a bounded queue that every lane takes from.

use std::{
    collections::VecDeque,
    panic::AssertUnwindSafe,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use futures_util::{FutureExt, future::BoxFuture};
use tokio::{
    sync::{Notify, oneshot},
    time::timeout,
};

use super::{Body, Error, Tx, error::Trouble};

/// Longer than this a job does not wait for its turn; it is answered "unavailable" instead of being run late.
/// Key rotation counts on it: what was sealed before this long ago is stored by now, or never will be.
pub(super) const WAIT_LIMIT: Duration = Duration::from_secs(10);

/// Longer than this a job does not run.
pub(super) const RUN_LIMIT: Duration = Duration::from_secs(20);

/// How a job's run ended. What it returned stays inside until it is answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Step {
    Done,
    /// Its own changes go, the others' stay.
    Refused,
    /// Others stood in the way; run it once more.
    Again,
    /// The connection is gone; nothing of the transaction was kept.
    Lost,
    /// It ran too long: its answer stands, and the connection cannot be trusted.
    Hung,
}

pub(super) trait Job: Send {
    fn run<'t>(&'t mut self, tx: &'t mut Tx) -> BoxFuture<'t, Step>;
    fn refuse(&mut self, error: Error);
    fn answer(self: Box<Self>);
    /// The caller is gone: nobody would hear the answer.
    fn abandoned(&self) -> bool;
    fn waited(&self) -> Duration;
}

pub(super) struct Asked<A, T, E> {
    pub args: A,
    pub body: Body<A, T, E>,
    pub result: Option<Result<T, E>>,
    pub reply: oneshot::Sender<Result<T, E>>,
    pub since: Instant,
}

impl<A, T, E> Job for Asked<A, T, E>
where
    A: Send + Sync + 'static,
    T: Send + 'static,
    E: From<Error> + Send + 'static,
{
    fn run<'t>(&'t mut self, tx: &'t mut Tx) -> BoxFuture<'t, Step> {
        Box::pin(async move {
            let (body, args) = (self.body, &self.args);
            // The transaction is rolled back to before the job, so nothing that a panic left half done is seen.
            let ran = timeout(RUN_LIMIT, AssertUnwindSafe(async { body(&mut *tx, args).await }).catch_unwind()).await;
            let trouble = tx.take_trouble();
            let (result, step) = match (ran, trouble) {
                (Err(_), _) => (Err(Error::Unavailable("took too long").into()), Step::Hung),
                (_, Some(Trouble::Again)) => return Step::Again,
                (_, Some(Trouble::Lost)) => return Step::Lost,
                (Ok(Err(_panic)), _) => (Err(Error::Internal("panic").into()), Step::Refused),
                (Ok(Ok(Ok(_))), Some(Trouble::Failed)) => (Err(Error::Internal("went on after a statement failed").into()), Step::Refused),
                (Ok(Ok(Ok(value))), None) => (Ok(value), Step::Done),
                (Ok(Ok(Err(error))), _) => (Err(error), Step::Refused),
            };
            self.result = Some(result);
            step
        })
    }

    fn refuse(&mut self, error: Error) {
        self.result = Some(Err(error.into()));
    }

    fn answer(self: Box<Self>) {
        let result = self.result.unwrap_or_else(|| Err(Error::Internal("no answer").into()));
        // The caller may be gone; what was done is done.
        let _ = self.reply.send(result);
    }

    fn abandoned(&self) -> bool {
        self.reply.is_closed()
    }

    fn waited(&self) -> Duration {
        self.since.elapsed()
    }
}

pub(super) struct Queue {
    state: Mutex<State>,
    more: Notify,
    limit: usize,
}

struct State {
    jobs: VecDeque<Box<dyn Job>>,
    closed: bool,
}

impl Queue {
    pub fn new(limit: usize) -> Queue {
        Queue { state: Mutex::new(State { jobs: VecDeque::new(), closed: false }), more: Notify::new(), limit }
    }

    /// # Errors
    /// [`Error::Unavailable`] when it is full or closed.
    pub fn push(&self, job: Box<dyn Job>) -> Result<(), Error> {
        let mut state = self.state();
        if state.closed {
            return Err(Error::Unavailable("closing"));
        }
        if state.jobs.len() >= self.limit {
            return Err(Error::Unavailable("too much to write"));
        }
        state.jobs.push_back(job);
        drop(state);
        self.more.notify_one();
        Ok(())
    }

    /// The next job worth running, if there is one now.
    pub fn try_pop(&self) -> Option<Box<dyn Job>> {
        loop {
            let mut job = self.state().jobs.pop_front()?;
            if job.abandoned() {
                continue;
            }
            if job.waited() > WAIT_LIMIT {
                job.refuse(Error::Unavailable("waited too long"));
                job.answer();
                continue;
            }
            return Some(job);
        }
    }

    /// Waits for a job; `None` when the queue is closed and empty.
    pub async fn pop(&self) -> Option<Box<dyn Job>> {
        loop {
            let more = self.more.notified();
            if let Some(job) = self.try_pop() {
                return Some(job);
            }
            if self.state().closed {
                // One push wakes one lane; the closing has to reach them all.
                self.more.notify_one();
                return None;
            }
            more.await;
        }
    }

    /// No more is taken in; what stands here is still carried out.
    pub fn close(&self) {
        self.state().closed = true;
        self.more.notify_one();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing is left half done under the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
