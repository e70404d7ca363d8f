//! Where one socket stands in each stream: what makes it get every event once and in order, whatever the hub brings and when.

use std::collections::HashMap;

use crate::id::Id;

/// What to do with an event that arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    Forward,
    /// The client has it already, or a fetch that is under way will bring it.
    Drop,
    /// There is a hole before it: fetch what comes after this number.
    Fetch(i64),
}

#[derive(Clone, Copy, Debug)]
enum Place {
    /// The client has everything up to and with this number.
    At(i64),
    /// Everything after `after` is being fetched; `seen` is the highest number that arrived meanwhile.
    Fetching { after: i64, seen: i64 },
}

#[derive(Debug, Default)]
pub struct Positions(HashMap<Id, Place>);

impl Positions {
    /// An event has arrived from the hub. A stream that the socket has never heard of starts with it.
    pub fn arrive(&mut self, stream: Id, n: i64) -> Arrival {
        match self.0.get_mut(&stream) {
            None => {
                self.0.insert(stream, Place::At(n));
                Arrival::Forward
            }
            Some(Place::At(at)) if n <= *at => Arrival::Drop,
            Some(Place::At(at)) if n == *at + 1 => {
                *at = n;
                Arrival::Forward
            }
            Some(place @ Place::At(_)) => {
                let &mut Place::At(after) = place else { return Arrival::Drop };
                *place = Place::Fetching { after, seen: n };
                Arrival::Fetch(after)
            }
            Some(Place::Fetching { seen, .. }) => {
                *seen = n.max(*seen);
                Arrival::Drop
            }
        }
    }

    /// A fetch of everything after `after` begins, as the client asked.
    pub fn begin(&mut self, stream: Id, after: i64) {
        let seen = match self.0.get(&stream) {
            Some(Place::Fetching { seen, .. }) => *seen,
            _ => after,
        };
        self.0.insert(stream, Place::Fetching { after, seen });
    }

    /// Whether an event that a fetch brought is new to the client; it counts as delivered then.
    pub fn fetched(&mut self, stream: Id, n: i64) -> bool {
        match self.0.get_mut(&stream) {
            Some(Place::Fetching { after, .. }) if n > *after => {
                *after = n;
                true
            }
            Some(_) => false,
            None => true,
        }
    }

    /// The fetch is over. Gives the number to fetch from again, when more arrived meanwhile than it brought.
    pub fn end(&mut self, stream: Id, last: i64) -> Option<i64> {
        let Some(&Place::Fetching { after, seen }) = self.0.get(&stream) else { return None };
        let at = after.max(last);
        if seen > at {
            self.0.insert(stream, Place::Fetching { after: at, seen });
            return Some(at);
        }
        self.0.insert(stream, Place::At(at));
        None
    }

    /// The stream cannot be resumed: the client loads it anew and the socket starts over.
    pub fn gone(&mut self, stream: Id) {
        self.0.remove(&stream);
    }

    /// The fetch failed: the client stands where it stood, and the next event shows the hole again.
    pub fn abandon(&mut self, stream: Id) {
        if let Some(&Place::Fetching { after, .. }) = self.0.get(&stream) {
            self.0.insert(stream, Place::At(after));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: Id = Id([7; 16]);

    #[test]
    fn a_stream_starts_with_its_first_event_and_goes_on_by_one() {
        let mut p = Positions::default();
        assert_eq!(p.arrive(S, 5), Arrival::Forward);
        assert_eq!(p.arrive(S, 6), Arrival::Forward);
        assert_eq!(p.arrive(S, 6), Arrival::Drop);
        assert_eq!(p.arrive(S, 3), Arrival::Drop);
    }

    #[test]
    fn a_hole_is_fetched_and_what_arrives_meanwhile_is_not_lost() {
        let mut p = Positions::default();
        p.arrive(S, 1);
        assert_eq!(p.arrive(S, 4), Arrival::Fetch(1));
        assert_eq!(p.arrive(S, 5), Arrival::Drop);
        for n in 2..=4 {
            assert!(p.fetched(S, n));
        }
        assert_eq!(p.end(S, 4), Some(4), "5 arrived while 2 to 4 were fetched");
        assert!(!p.fetched(S, 4));
        assert!(p.fetched(S, 5));
        assert_eq!(p.end(S, 5), None);
        assert_eq!(p.arrive(S, 6), Arrival::Forward);
    }

    #[test]
    fn resume_asks_from_the_clients_number_also_when_the_socket_is_ahead() {
        let mut p = Positions::default();
        p.arrive(S, 9);
        p.begin(S, 7);
        assert!(p.fetched(S, 8));
        assert!(p.fetched(S, 9));
        assert_eq!(p.end(S, 9), None);
        assert_eq!(p.arrive(S, 9), Arrival::Drop);
    }

    #[test]
    fn gone_and_abandoned() {
        let mut p = Positions::default();
        p.begin(S, 3);
        p.abandon(S);
        assert_eq!(p.arrive(S, 5), Arrival::Fetch(3));
        p.gone(S);
        assert_eq!(p.end(S, 9), None);
        assert_eq!(p.arrive(S, 5), Arrival::Forward);
    }
}
