//! A person's own word against messages, or for them again, which comes one at a time and belongs to no import.
//!
//! It attaches to the number and to the business-scoped user id. Where only the user id is known, the word waits there
//! until a number turns out to be theirs; it is never dropped.

use crate::permission::Permission;
use crate::phone::E164;
use crate::time::UnixMs;

use super::changes::{Consent, Created, Custody, Plan};
use super::event::{Event, Rule};
use super::keys::NONE;
use super::known::{Known, OwnOptOut, People, Person, User};
use super::log::{Change, Origin, Writer};

/// Who speaks: a number, a business-scoped user id, or both.
#[derive(Clone, Copy, Debug)]
pub struct Speaker<'a> {
    /// The number the word came from; for a user id whose number is known, that number.
    pub number: Option<E164>,
    /// The user id the word came with.
    pub user: Option<&'a str>,
    /// When it was said, where that is known; else when it was received.
    pub said_at: Option<UnixMs>,
}

/// A person's own word for messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OptIn {
    /// Takes back an own opt-out, and nothing else: what the person had agreed to before holds again.
    Resume {
        /// The permission beside the own opt-out that is taken back; none where that is not known, or where something else
        /// was decided since.
        was: Option<Permission>,
    },
    /// Asks to be written to.
    SignUp,
}

/// Decides about a person's own opt-out: it is remembered for number and user id, and whoever holds the number is opted
/// out. `heard` says how it came, for example `api:desk`. `known` must hold what is known about the keys
/// [`super::Keys::of_user`] or [`super::Keys::of_number`] of the speaker.
pub fn own_opt_out(speaker: Speaker<'_>, known: &Known, at: UnixMs, heard: &str) -> Plan {
    // The latest word counts, whatever the clock did in between.
    let said_at = speaker.said_at.unwrap_or(at);
    let own = OwnOptOut { at: standing(known).map_or(said_at, |own| said_at.max(own.at)) };
    let user = speaker.user.map(|user| {
        let number = speaker.number.map(|number| number.identity().digits()).or(known.user.number);
        (user.to_owned(), User { number, opted_out: Some(own) })
    });
    Plan {
        user,
        ..speaker
            .number
            .filter(|_| !stands(known, own))
            .map_or_else(|| unchanged(known), |number| opted_out(number, own, known, at, heard))
    }
}

/// Decides about a person's own word for messages, which counts where it is later than every word against them. `known` as
/// for [`own_opt_out`].
pub fn own_opt_in(speaker: Speaker<'_>, word: OptIn, known: &Known, at: UnixMs, heard: &str) -> Plan {
    let said_at = speaker.said_at.unwrap_or(at);
    let standing = standing(known);
    // Said in the same moment, nobody is written to.
    if standing.is_some_and(|own| own.at >= said_at) || standing.is_none() && word != OptIn::SignUp {
        return unchanged(known);
    }
    let user = speaker.user.map(|user| {
        let number = speaker.number.map(|number| number.identity().digits()).or(known.user.number);
        (user.to_owned(), User { number, opted_out: None })
    });
    let plan =
        speaker.number.map_or_else(|| unchanged(known), |number| opted_in(number, word, known, at, heard));
    Plan { user, ..plan }
}

/// The permission that an own opt-out took away, out of a profile's events in the order of the log: what
/// [`OptIn::Resume`] gives back. None where the own opt-out is not what stands there last.
pub fn taken_by_own_opt_out<'e>(events: impl DoubleEndedIterator<Item = &'e Event>) -> Option<Permission> {
    let mut taken = None;
    for event in events.rev() {
        match event.rule {
            Rule::OwnOptOut => taken = event.permission_before,
            // A file that could not lift it.
            Rule::KeptOptOut => {}
            _ => break,
        }
        if taken == Some(Permission::OptIn) {
            break;
        }
    }
    taken
}

/// The person's opt-out as it stands, by number or by user id.
fn standing(known: &Known) -> Option<OwnOptOut> {
    known.own_opt_outs.first().copied().flatten().max(known.user.opted_out)
}

/// Whether this very word, or a later one, is known of the number already: a word told again is no news.
fn stands(known: &Known, own: OwnOptOut) -> bool {
    let holder = known.numbers.first().filter(|place| **place != NONE);
    let opted_in =
        holder.is_some_and(|place| known.people.get(*place as usize).permission == Permission::OptIn as u8);
    !opted_in && known.own_opt_outs.first().copied().flatten().is_some_and(|standing| standing >= own)
}

/// Decides what follows when a user id is seen together with a number: an opt-out that stands for one of them stands for
/// both from now on. `known` must hold what is known about [`super::Keys::of_user`] of both.
pub fn user_of_number(user: &str, number: E164, known: &Known, at: UnixMs, heard: &str) -> Plan {
    let key = number.identity().digits();
    let of_number = known.own_opt_outs.first().copied().flatten();
    let opted_out = known.user.opted_out.max(of_number);
    let plan = match opted_out {
        // The number must have the latest word as well: what lifts an earlier one must not lift this.
        Some(own) if of_number != Some(own) => self::opted_out(number, own, known, at, heard),
        _ => unchanged(known),
    };
    Plan { user: Some((user.to_owned(), User { number: Some(key), opted_out })), ..plan }
}

/// Nothing happens to profiles and numbers.
pub fn unchanged(known: &Known) -> Plan {
    Plan {
        based_on: known.log_end.seq,
        log_end: known.log_end,
        next_profile: known.next_profile,
        ..Plan::default()
    }
}

fn opted_out(number: E164, own: OwnOptOut, known: &Known, at: UnixMs, heard: &str) -> Plan {
    let key = number.identity().digits();
    let holder = known.numbers.first().filter(|place| **place != NONE);
    let holder = holder.map(|place| known.people.get(*place as usize));
    let mut log = Writer::new(known.log_end, at, Origin::Person { heard });
    let number = holder.map_or(number.digits(), |holder| holder.number);
    let seq = log.event(&Change {
        profile: holder.map_or(0, |holder| holder.id),
        previous: holder.map_or(0, |holder| holder.last_event),
        number_before: holder.map_or(0, |holder| holder.number),
        permission_before: holder.map_or(0, |holder| holder.permission),
        number,
        permission: Permission::OptOut as u8,
        taken_from: 0,
        lifted: None,
        rule: Rule::OwnOptOut,
        row: 0,
        line: 0,
        number_cell: "",
        permission_cell: "",
    });
    let consents = holder.map(|holder| Consent {
        profile: holder.id,
        number,
        permission: Permission::OptOut as u8,
        last_event: seq,
        removed: false,
    });
    let (log, log_end) = log.finish();
    Plan {
        consents: consents.into_iter().collect(),
        own_opt_outs: vec![(key, Some(own))],
        unheld_events: holder.is_none().then_some((key, seq)).into_iter().collect(),
        at,
        log,
        log_end,
        ..unchanged(known)
    }
}

fn opted_in(number: E164, word: OptIn, known: &Known, at: UnixMs, heard: &str) -> Plan {
    let key = number.identity().digits();
    let holder = known.numbers.first().filter(|place| **place != NONE);
    let holder = holder.map(|place| known.people.get(*place as usize));
    let signs_up = word == OptIn::SignUp;
    let permission = match (word, holder) {
        (OptIn::SignUp | OptIn::Resume { was: Some(Permission::OptIn) }, _) => Permission::OptIn as u8,
        (OptIn::Resume { .. }, Some(holder)) => holder.permission,
        // Nobody has agreed to anything; only the word against it is gone.
        (OptIn::Resume { .. }, None) => Permission::OptOut as u8,
    };
    // Whoever signs up is somebody from now on.
    let created = holder.is_none() && signs_up;
    let (shown, last_holder) = (
        holder.map_or(number.digits(), |holder| holder.number),
        known.last_holders.first().copied().unwrap_or(0),
    );
    let profile = if created { known.next_profile } else { holder.map_or(0, |holder| holder.id) };
    let mut log = Writer::new(known.log_end, at, Origin::Person { heard });
    let seq = log.event(&Change {
        profile,
        previous: holder.map_or(0, |holder| holder.last_event),
        number_before: holder.map_or(0, |holder| holder.number),
        permission_before: holder.map_or(0, |holder| holder.permission),
        number: shown,
        permission,
        taken_from: if created { last_holder } else { 0 },
        lifted: None,
        rule: Rule::OwnOptIn,
        row: 0,
        line: 0,
        number_cell: "",
        permission_cell: "",
    });
    let consents = holder.map(|holder| Consent {
        profile: holder.id,
        number: shown,
        permission,
        last_event: seq,
        removed: false,
    });
    let (log, log_end) = log.finish();
    let mut plan = Plan {
        consents: consents.into_iter().collect(),
        own_opt_outs: vec![(key, None)],
        unheld_events: (profile == 0).then_some((key, seq)).into_iter().collect(),
        at,
        log,
        log_end,
        ..unchanged(known)
    };
    if created {
        let mut people = People::default();
        people.push(Person {
            id: profile,
            exid: "",
            email: "",
            msisdn: 0,
            number: shown,
            permission,
            last_event: seq,
        });
        plan.created =
            Created { first: profile, people, exid_hash: vec![0], email_hash: vec![0], ..Created::default() };
        plan.custody = vec![Custody { number: key, profile, held: true }];
        plan.next_profile = known.next_profile + 1;
    }
    plan
}
