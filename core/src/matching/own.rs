//! A person's own word against messages, which comes one at a time and belongs to no import.

use crate::permission::Permission;
use crate::phone::E164;
use crate::time::UnixMs;

use super::changes::{Consent, Plan};
use super::event::Rule;
use super::keys::NONE;
use super::known::{Known, OwnOptOut};
use super::log::{Change, Origin, Writer};

/// Decides about a person's own opt-out: it is remembered for the number, and whoever holds the number is opted out.
/// `heard` says how it came, for example `api:desk`. `known` must hold what is known about
/// [`super::Keys::of_number`] of the number's identity.
pub fn own_opt_out(number: E164, known: &Known, at: UnixMs, heard: &str) -> Plan {
    let key = number.identity().digits();
    // The latest word counts, whatever the clock did in between.
    let latest = known.own_opt_outs.first().copied().flatten().map_or(at, |own| own.at.max(at));
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
        own_opt_outs: vec![(key, Some(OwnOptOut { at: latest }))],
        unheld_events: holder.is_none().then_some((key, seq)).into_iter().collect(),
        at,
        log,
        based_on: known.log_end.seq,
        log_end,
        next_profile: known.next_profile,
        ..Plan::default()
    }
}
