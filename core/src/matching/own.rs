//! A person's own word against messages, which comes one at a time and belongs to no import.
//!
//! It attaches to the number and to the business-scoped user id. Where only the user id is known, the word waits there
//! until a number turns out to be theirs; it is never dropped.

use crate::permission::Permission;
use crate::phone::E164;
use crate::time::UnixMs;

use super::changes::{Consent, Plan};
use super::event::Rule;
use super::keys::NONE;
use super::known::{Known, OwnOptOut, User};
use super::log::{Change, Origin, Writer};

/// Who speaks: a number, a business-scoped user id, or both.
#[derive(Clone, Copy, Debug)]
pub struct Speaker<'a> {
    /// The number the word came from; for a user id whose number is known, that number.
    pub number: Option<E164>,
    /// The user id the word came with.
    pub user: Option<&'a str>,
}

/// Decides about a person's own opt-out: it is remembered for number and user id, and whoever holds the number is opted
/// out. `heard` says how it came, for example `api:desk`. `known` must hold what is known about the keys
/// [`super::Keys::of_user`] or [`super::Keys::of_number`] of the speaker.
pub fn own_opt_out(speaker: Speaker<'_>, known: &Known, at: UnixMs, heard: &str) -> Plan {
    // The latest word counts, whatever the clock did in between.
    let standing = [known.own_opt_outs.first().copied().flatten(), known.user.opted_out];
    let latest = standing.into_iter().flatten().fold(at, |latest, own| latest.max(own.at));
    let own = OwnOptOut { at: latest };
    let user = speaker.user.map(|user| {
        let number = speaker.number.map(|number| number.identity().digits()).or(known.user.number);
        (user.to_owned(), User { number, opted_out: Some(own) })
    });
    Plan {
        user,
        ..speaker.number.map_or_else(|| unchanged(known), |number| opted_out(number, own, known, at, heard))
    }
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
fn unchanged(known: &Known) -> Plan {
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
