//! The state of one socket, without a socket: transitions consume the state they leave, so that what is not allowed cannot be written.
//!
//! `Greeting` → `Open` ⇄ `Running` → `Ended`. Commands run in order, one at a time; what comes meanwhile waits, and when too much waits the socket is not
//! read: that is what the peer's own sending then feels.

use std::{collections::VecDeque, num::NonZeroU32, sync::Arc, time::Duration};

use governor::{
    DefaultDirectRateLimiter, Quota, RateLimiter,
    clock::{Clock as _, DefaultClock},
};
use serde_json::Value;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::{
    Op, Who,
    frame::{self, Refused, Request},
};
use crate::{
    config::Rates,
    error::{Code, Error},
};

/// How many commands may wait behind the one that runs.
const MAY_WAIT: usize = 32;
/// Refusing politely has an end: so many refusals for each command of the burst, and the socket is closed.
const ABUSE_FACTOR: u32 = 4;

/// Why a socket ends, and what is said at that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The peer closed, or is gone: nothing more to say.
    Silent,
    GoingDown,
    Binary,
    TooLarge,
    BadUtf8,
    BadProtocol,
    /// `signed_out`, `locked` or `expired`.
    SessionEnded(&'static str),
    RoleLost,
    TooSlow,
    TooMany,
    Failed,
}

impl Ending {
    /// What the loss of a session looks like from the error that `Rooms::who` gives; `None` when the error says nothing of the session.
    pub fn of(error: &Error) -> Option<Ending> {
        match error.code {
            Code::SessionLocked => Some(Ending::SessionEnded("locked")),
            Code::AuthRequired if error.extra.get("reason").and_then(Value::as_str) == Some("expired") => {
                Some(Ending::SessionEnded("expired"))
            }
            Code::AuthRequired => Some(Ending::SessionEnded("signed_out")),
            Code::RoleMissing => Some(Ending::RoleLost),
            _ => None,
        }
    }

    /// The close code and a short word beside it.
    pub fn close(self) -> Option<(u16, &'static str)> {
        Some(match self {
            Ending::Silent => return None,
            Ending::GoingDown => (1001, "going down"),
            Ending::BadProtocol => (1002, "protocol error"),
            Ending::Binary => (1003, "text only"),
            Ending::BadUtf8 => (1007, "not UTF-8"),
            Ending::TooLarge => (1009, "too large"),
            Ending::Failed => (1011, "internal"),
            Ending::SessionEnded(_) => (4001, "session ended"),
            Ending::RoleLost => (4003, "role lost"),
            Ending::TooSlow => (4008, "too slow"),
            Ending::TooMany => (4029, "too many frames"),
        })
    }

    /// The last event before the close.
    pub fn event(self) -> Option<Utf8Bytes> {
        match self {
            Ending::SessionEnded(reason) => Some(frame::session_ended(reason)),
            Ending::RoleLost => Some(frame::session_ended("role_lost")),
            _ => None,
        }
    }
}

/// The socket is up, nothing has been said.
pub struct Greeting;
/// Nothing runs.
pub struct Open;
/// A command runs.
pub struct Running(crate::id::Id);

pub struct Session<S> {
    core: Core,
    state: S,
}

struct Core {
    who: Arc<Who>,
    ops: &'static [Op],
    roles: Value,
    commands: DefaultDirectRateLimiter,
    messages: DefaultDirectRateLimiter,
    waiting: VecDeque<Request>,
}

/// What a message leads to at once, whatever the session is doing.
#[derive(Debug, PartialEq)]
pub enum Heard {
    /// Nothing to say now.
    Quiet,
    Say(Utf8Bytes),
    End(Ending),
}

/// What an open session does next.
pub enum Next {
    Idle(Session<Open>),
    Run(Session<Running>, Request),
}

impl Session<Greeting> {
    pub fn new(who: Arc<Who>, ops: &'static [Op], rates: &Rates) -> Session<Greeting> {
        let quota = |per_second: NonZeroU32, burst: NonZeroU32| RateLimiter::direct(Quota::per_second(per_second).allow_burst(burst));
        let many = |n: NonZeroU32| n.saturating_mul(NonZeroU32::new(ABUSE_FACTOR).unwrap_or(NonZeroU32::MIN));
        let core = Core {
            who,
            ops,
            roles: Value::Null,
            commands: quota(rates.commands_per_second, rates.burst),
            messages: quota(many(rates.commands_per_second), many(rates.burst)),
            waiting: VecDeque::new(),
        };
        Session { core, state: Greeting }
    }

    pub fn hello(mut self, of_person: Value) -> (Session<Open>, Utf8Bytes) {
        self.core.roles = of_person.get("roles").cloned().unwrap_or_default();
        (Session { core: self.core, state: Open }, frame::hello(of_person))
    }
}

impl Session<Open> {
    /// Takes up what waits.
    pub fn next(mut self) -> Next {
        match self.core.waiting.pop_front() {
            None => Next::Idle(self),
            Some(request) => Next::Run(Session { state: Running(request.id), core: self.core }, request),
        }
    }
}

impl Session<Running> {
    pub fn answer(self, result: &Result<Value, Error>) -> (Session<Open>, Utf8Bytes) {
        let said = frame::answer(self.state.0, result, self.core.who.locale);
        (Session { core: self.core, state: Open }, said)
    }
}

impl<S> Session<S> {
    pub fn who(&self) -> &Arc<Who> {
        &self.core.who
    }

    /// Whether the socket should be read: not while too much waits.
    pub fn listens(&self) -> bool {
        self.core.waiting.len() < MAY_WAIT
    }

    /// A text frame has come.
    pub fn text(&mut self, text: &str) -> Heard {
        if self.core.messages.check().is_err() {
            return Heard::End(Ending::TooMany);
        }
        let refused = match (frame::parse(text, self.core.ops), self.core.commands.check()) {
            (Ok(request), Ok(())) => {
                self.core.waiting.push_back(request);
                return Heard::Quiet;
            }
            (Err(refused), Ok(())) => refused,
            (parsed, Err(not_until)) => {
                let wait = not_until.wait_time_from(DefaultClock::default().now());
                let re = parsed.map_or_else(|refused| refused.re, |request| Some(request.id));
                Refused { re, error: Error::rate_limited(wait.max(Duration::from_millis(1))) }
            }
        };
        Heard::Say(frame::refusal(&refused, self.core.who.locale))
    }

    /// A ping or pong has come: free, but not without end.
    pub fn control(&mut self) -> Heard {
        if self.core.messages.check().is_err() { Heard::End(Ending::TooMany) } else { Heard::Quiet }
    }

    /// What the rooms say of the person now. A role that was there at the greeting and is not any more ends the session: the client holds things that it may no
    /// longer see. A role that came is no reason to end.
    pub fn check_roles(&self, of_person: &Value) -> Option<Ending> {
        let key = |role: &Value| (role.get("role").cloned(), role.get("unit").cloned());
        let now: Vec<_> = of_person.get("roles").and_then(Value::as_array).into_iter().flatten().map(key).collect();
        let lost = self.core.roles.as_array().into_iter().flatten().any(|role| !now.contains(&key(role)));
        lost.then_some(Ending::RoleLost)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{id::Id, locale::Locale};

    static OPS: &[Op] = &[Op { name: "x", command: true, summary: "", schema: || json!({}) }];

    fn open() -> Session<Open> {
        let who = Who { person: Id([1; 16]), session: Id([2; 16]), bearer: false, locale: Locale::Sv };
        Session::new(Arc::new(who), OPS, &Rates::default()).hello(json!({"roles": [{"role": "handler", "unit": "u"}]})).0
    }

    fn command(n: u8) -> String {
        json!({"id": Id([n; 16]), "op": "x"}).to_string()
    }

    #[test]
    fn commands_run_one_at_a_time_and_in_order() {
        let mut session = open();
        assert_eq!(session.text(&command(1)), Heard::Quiet);
        assert_eq!(session.text(&command(2)), Heard::Quiet);
        let Next::Run(session, first) = session.next() else { panic!("runs") };
        assert_eq!(first.id, Id([1; 16]));
        let (session, said) = session.answer(&Ok(json!({})));
        assert!(said.contains(&Id([1; 16]).to_string()));
        let Next::Run(session, second) = session.next() else { panic!("runs") };
        assert_eq!(second.id, Id([2; 16]));
        assert!(matches!(session.answer(&Err(Error::not_found())).0.next(), Next::Idle(_)));
    }

    #[test]
    fn when_too_much_waits_the_socket_is_not_read() {
        let mut session = open();
        for n in 0..MAY_WAIT {
            assert!(session.listens());
            session.text(&command(n as u8));
        }
        assert!(!session.listens());
    }

    #[test]
    fn too_many_are_refused_with_a_time_and_gross_abuse_ends() {
        let mut session = open();
        let mut refused = 0;
        loop {
            match session.text(&command(1)) {
                Heard::Quiet => {}
                Heard::Say(said) => {
                    let said: Value = serde_json::from_str(&said).unwrap();
                    assert_eq!(said["error"]["code"], "rate.limited");
                    assert!(said["error"]["retry_after_ms"].as_u64().unwrap() >= 1);
                    assert_eq!(said["re"], Id([1; 16]).to_string());
                    refused += 1;
                }
                Heard::End(ending) => {
                    assert_eq!(ending.close().unwrap().0, 4029);
                    break;
                }
            }
        }
        assert!(refused > 100, "polite first: {refused}");
    }

    #[test]
    fn a_lost_role_ends_and_a_new_one_does_not() {
        let session = open();
        assert_eq!(session.check_roles(&json!({"roles": [{"role": "handler", "unit": "u"}, {"role": "unit_manager", "unit": "u"}]})), None);
        assert_eq!(session.check_roles(&json!({"roles": [{"role": "handler", "unit": "v"}]})), Some(Ending::RoleLost));
        assert_eq!(session.check_roles(&json!({})), Some(Ending::RoleLost));
    }
}
