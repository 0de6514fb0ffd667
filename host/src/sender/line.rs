//! A number's thread: it has the time, carries messages to Meta and brings answers back. Everything that is decided is decided in
//! its [`Station`], and in the machine below.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use consentry_core::campaign::SendId;
use consentry_core::campaign::step::Answer;
use consentry_core::time::UnixMs;
use hyper::body::Bytes;
use tokio::runtime::Handle;

use super::orders::Orders;
use super::post::{Departure, Word};
use super::station::Station;
use super::steady::Steady;
use crate::campaigns::Signal;
use crate::campaigns::links::Link;
use crate::clock::Clock;
use crate::gate::LastLook;
use crate::gateway::{Action, Delivered, Trouble};
use crate::store::TenantId;
use crate::store::ledger::{Ledger, Meant, unpack_values};

/// Shortest time between two turns: what comes in between is taken together.
const TURN: Duration = Duration::from_millis(3);
/// Longest time without a turn.
const IDLE: Duration = Duration::from_millis(500);
/// Words that are taken in one turn.
const NOTES_MAX: usize = 4_096;

/// What a line is told.
pub(super) enum Note {
    Orders(Arc<Orders>),
    Answered { id: SendId, answer: Answer, wamid: Option<String> },
    Withheld(SendId),
    Told(Meant),
    End,
}

/// What a line tells.
pub(super) struct Said {
    pub(super) number: String,
    pub(super) word: Result<Word, String>,
}

/// How a line stands, for whoever shows it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LineState {
    /// Messages a second it sends at most for now.
    pub per_s: f64,
    /// Until when nothing leaves, because Meta asked to wait or cannot be reached.
    pub waits_until: Option<UnixMs>,
    /// Nothing leaves until somebody has mended what is wrong.
    pub is_held: bool,
    /// Nothing leaves, because the edge worker cannot be asked who has opted out.
    pub is_blind: bool,
    /// Nothing leaves, because Meta answers nothing.
    pub is_silent: bool,
    /// The day's limit of people holds the rest back.
    pub is_day_limited: bool,
    /// Whether it is sent from this host.
    pub is_here: bool,
}

/// What all lines of a process share.
#[derive(Clone)]
pub(super) struct Common {
    pub(super) tenant: TenantId,
    pub(super) ledger: Arc<dyn Ledger>,
    pub(super) gate: Arc<LastLook>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) signal: Signal,
    pub(super) runtime: Handle,
}

/// A line from outside.
pub(super) struct Line {
    notes: Sender<Note>,
    state: Arc<Mutex<LineState>>,
    thread: std::thread::JoinHandle<()>,
}

impl Line {
    /// Starts the thread of a number.
    pub(super) fn start(common: &Common, number: &str, said: Sender<Said>) -> Line {
        let (notes, told) = channel();
        let state = Arc::new(Mutex::new(LineState::default()));
        let station = Station::new(common.tenant, common.ledger.clone(), common.gate.clone(), number);
        let mut thread = Thread {
            common: common.clone(),
            steady: Steady::new(common.clock.clone()),
            number: number.to_owned(),
            station,
            orders: None,
            notes: notes.clone(),
            said,
            state: state.clone(),
            is_held: false,
            trouble: None,
        };
        let thread = std::thread::spawn(move || thread.run(&told));
        Line { notes, state, thread }
    }

    /// Tells it something. One that has ended hears nothing.
    pub(super) fn tell(&self, note: Note) {
        let _ = self.notes.send(note);
    }

    pub(super) fn state(&self) -> LineState {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_ended(&self) -> bool {
        self.thread.is_finished()
    }
}

struct Thread {
    common: Common,
    steady: Steady,
    number: String,
    station: Station,
    orders: Option<Arc<Orders>>,
    notes: Sender<Note>,
    said: Sender<Said>,
    state: Arc<Mutex<LineState>>,
    is_held: bool,
    trouble: Option<String>,
}

impl Thread {
    fn run(&mut self, told: &Receiver<Note>) {
        let mut notes = Vec::new();
        let mut turned_at = Instant::now();
        loop {
            // Answers wait for the turn, so that all that follows from them happens at one time.
            let wake = self.station.next_wake(self.steady.now()).map(|at| self.steady.instant(at));
            let at_most = turned_at + IDLE;
            let mut until = wake.map_or(at_most, |wake| wake.min(at_most)).max(turned_at + TURN);
            while notes.len() < NOTES_MAX {
                match told.recv_timeout(until.saturating_duration_since(Instant::now())) {
                    Ok(note) => {
                        notes.push(note);
                        until = until.min(turned_at + TURN);
                    }
                    Err(RecvTimeoutError::Timeout) => break,
                    // It holds a sender of its own.
                    Err(RecvTimeoutError::Disconnected) => return,
                }
            }
            turned_at = Instant::now();
            self.mind_the_clock();
            self.turn(notes.drain(..));
            if self.station.is_ended() {
                return;
            }
        }
    }

    /// A clock that was set, or a machine that slept: everything is written down, and it is begun anew by the new time.
    fn mind_the_clock(&mut self) {
        if !self.is_held && self.steady.was_set() {
            self.is_held = true;
            self.station.hold(self.steady.now());
        }
        if self.is_held && self.station.post().is_none() {
            self.is_held = false;
            self.steady.begin_anew();
            self.station.clock_was_set();
        }
    }

    fn turn(&mut self, notes: impl Iterator<Item = Note>) {
        let now = self.steady.now();
        for note in notes {
            match note {
                Note::Orders(orders) => {
                    self.station.want(orders.wanted.clone(), self.steady.at(orders.looked_at));
                    self.orders = Some(orders);
                }
                Note::Answered { id, answer, wamid } => self.station.answered(id, answer, wamid, now),
                Note::Withheld(id) => self.station.withheld(id, now),
                Note::Told(meant) => self.station.told(&meant, now),
                Note::End => self.station.end(),
            }
        }
        let turn = self.station.turn(now);
        for departure in turn.departures {
            self.depart(departure);
        }
        for word in turn.words {
            self.say(Ok(word));
        }
        let trouble = turn.trouble.map(|trouble| trouble.to_string());
        if let Some(trouble) = trouble.filter(|trouble| self.trouble.as_ref() != Some(trouble)) {
            self.say(Err(trouble.clone()));
            self.trouble = Some(trouble);
        }
        self.show(now);
    }

    /// Lets a message go: written here, carried by a task of its own.
    fn depart(&self, departure: Departure) {
        let id = departure.send.id;
        let not_sent = |why: String| {
            let _ = self.notes.send(Note::Answered { id, answer: Answer::NotSent, wamid: None });
            self.say(Err(why));
        };
        let Some(orders) = &self.orders else { return not_sent(format!("{id:?} has no orders")) };
        let message = match self.written(&departure, orders) {
            Ok(message) => message,
            Err(why) => {
                return not_sent(format!("message {} of {} cannot be written: {why}", id.place, id.campaign));
            }
        };
        let courier = orders.courier.clone();
        let carrying = Carrying { id, notes: self.notes.clone(), note: None };
        self.common.runtime.spawn(async move {
            let mut carrying = carrying;
            let delivered = courier.send(&message, departure.permit).await;
            carrying.note = Some(if delivered.is_withheld {
                Note::Withheld(id)
            } else {
                let (answer, wamid) = answer(delivered);
                Note::Answered { id, answer, wamid }
            });
        });
    }

    fn written(&self, departure: &Departure, orders: &Orders) -> Result<Bytes, String> {
        let planned = &departure.send.planned;
        let stencils = orders.stencils.get(&departure.send.id.campaign);
        let stencil = stencils.and_then(|stencils| stencils.get(usize::from(planned.message)));
        let stencil = stencil.ok_or("its template is not at hand")?;
        let values = unpack_values(&planned.values).map_err(|error| error.to_string())?;
        let mut message = String::new();
        let mark = orders.marks.get(&departure.send.id.campaign).copied().unwrap_or_default();
        let callback_data = departure.send.id.callback_data(self.common.tenant.0, mark, departure.attempt);
        let mut tokens = BTreeMap::new();
        for (at, value) in values.iter().enumerate().filter(|_| stencil.links().is_some()) {
            if stencil.link(at, value).is_some() {
                let link = Link::Sent { send: departure.send.id, value: u8::try_from(at).unwrap_or(u8::MAX) };
                let token = orders.key.as_ref().and_then(|key| key.token(self.common.tenant, link));
                tokens.insert(at, token.ok_or("its link cannot be made")?);
            }
        }
        let token = |at: usize| tokens.get(&at).cloned().unwrap_or_default();
        stencil.payload(&values, &token, planned.number, &callback_data, &mut message);
        Ok(Bytes::from(message))
    }

    fn say(&self, word: Result<Word, String>) {
        let _ = self.said.send(Said { number: self.number.clone(), word });
    }

    fn show(&self, now: UnixMs) {
        let state = self.station.post().map_or_else(LineState::default, |post| {
            let line = post.line();
            LineState {
                per_s: line.per_s(),
                waits_until: Some(line.waits_until()).filter(|until| *until > now),
                is_held: line.is_held(),
                is_blind: post.is_blind(),
                is_silent: line.is_silent(),
                is_day_limited: line.is_day_limited(now),
                is_here: true,
            }
        });
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }
}

/// A message that a task carries. When the task ends its line hears of it, whatever it ended by: one that broke off may have
/// sent it, and would leave it under way for ever.
struct Carrying {
    id: SendId,
    notes: Sender<Note>,
    note: Option<Note>,
}

impl Drop for Carrying {
    fn drop(&mut self) {
        let unknown = Note::Answered { id: self.id, answer: Answer::Unknown, wamid: None };
        // A line that has ended hears nothing.
        let _ = self.notes.send(self.note.take().unwrap_or(unknown));
    }
}

/// What an answer of Meta's means to the machine.
fn answer(delivered: Delivered) -> (Answer, Option<String>) {
    match delivered.outcome {
        Ok(sent) => (Answer::Accepted { is_held: sent.is_held() }, Some(sent.id)),
        Err(Trouble::NotSent(_)) => (Answer::NotSent, None),
        Err(Trouble::Unknown(..)) => (Answer::Unknown, None),
        Err(Trouble::Refused(said)) => {
            let wait_ms = delivered.wait.and_then(|wait| i64::try_from(wait.as_millis()).ok());
            // Meta says with a code what it refuses. This is somebody on the way there, and says nothing about the person.
            let action = match said.action() {
                Action::Skip if said.code.is_none() => Action::Retry,
                action => action,
            };
            (Answer::Refused { code: said.code.unwrap_or(0), action, wait_ms }, None)
        }
    }
}

#[cfg(test)]
mod tests {
    use consentry_core::campaign::CampaignId;

    use super::*;

    #[test]
    fn a_task_that_breaks_off_leaves_its_message_unknown() {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
        let (notes, told) = channel();
        let id = SendId { campaign: CampaignId(7), place: 12 };
        let told_by = |end: fn(&mut Carrying)| {
            let mut carrying = Carrying { id, notes: notes.clone(), note: None };
            drop(runtime.block_on(runtime.spawn(async move { end(&mut carrying) })));
            told.try_recv().unwrap()
        };
        let broke = told_by(|_| panic!("the task breaks off"));
        assert!(matches!(broke, Note::Answered { id: of, answer: Answer::Unknown, wamid: None } if of == id));
        let withheld = told_by(|carrying| carrying.note = Some(Note::Withheld(carrying.id)));
        assert!(matches!(withheld, Note::Withheld(of) if of == id));
        assert!(told.try_recv().is_err(), "each is told of once");
    }
}
