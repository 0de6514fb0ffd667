//! How somebody stands, and who held a number when: read off the events of a timeline, and decided nowhere here. The page
//! of a person, `explain` and the evidence say the same because all ask here.

use consentry_core::matching::{E164, Permission, ProfileId, Rule, Source};

use crate::store::{StoredEvent, StoredProfile};
use crate::wire::person::v1::{HoldingDocument, StandingDocument};

/// How a profile stands, or a number that nobody holds. `events` are in order, and may begin in the middle of the story.
pub fn standing(holder: Option<&StoredProfile>, events: &[StoredEvent]) -> StandingDocument {
    let own = |stored: &&StoredEvent| stored.event.profile == holder.map(|holder| holder.profile.id);
    let own: Vec<&StoredEvent> = events.iter().filter(own).collect();
    let last = own.last().map(|stored| &stored.event);
    let (permission, number) = match holder {
        Some(holder) => (holder.profile.permission, holder.profile.number),
        None => (last.and_then(|event| event.permission), last.and_then(|event| event.number)),
    };
    let same =
        |stored: &&&StoredEvent| stored.event.permission == permission && stored.event.number == number;
    let run: Vec<&StoredEvent> = own.iter().rev().take_while(same).copied().collect();
    // What the person said themselves says more than the file before it that said the same. The run is told backwards.
    let is_own = |stored: &&&StoredEvent| {
        matches!(stored.event.source, Source::Person { .. }) && permission == Some(Permission::OptOut)
    };
    let decides = run.iter().find(is_own).or(run.last());
    StandingDocument {
        may_be_messaged: holder.is_some() && number.is_some() && permission == Some(Permission::OptIn),
        permission: permission.map(Permission::as_str),
        since: run.last().filter(|_| permission.is_some()).map(|stored| stored.event.at.to_string()),
        event: decides.filter(|_| permission.is_some()).map(|stored| stored.event.seq),
    }
}

/// Who held the number with this identity, the first holder first. `events` are those of the number, in order.
pub fn custody(identity: u64, events: &[StoredEvent]) -> Vec<HoldingDocument> {
    let is = |number: Option<E164>| number.is_some_and(|number| number.identity().digits() == identity);
    let mut held: Vec<HoldingDocument> = Vec::new();
    for stored in events {
        let event = &stored.event;
        let Some(of) = event.profile else { continue };
        let profile = of.to_string();
        let open = |held: &[HoldingDocument]| {
            held.iter().position(|one| one.profile == profile && one.until_event.is_none())
        };
        match (is(event.number_before), is(event.number)) {
            (false, true) if open(&held).is_none() => held.push(HoldingDocument {
                profile,
                from: Some(event.at.to_string()),
                from_event: Some(event.seq),
                until: None,
                until_event: None,
                moved_to: None,
            }),
            (true, false) => {
                let at = open(&held).unwrap_or_else(|| {
                    // Whoever lost it had it before the first event that was looked at.
                    held.push(HoldingDocument {
                        profile,
                        from: None,
                        from_event: None,
                        until: None,
                        until_event: None,
                        moved_to: None,
                    });
                    held.len() - 1
                });
                held[at].until = Some(event.at.to_string());
                held[at].until_event = Some(event.seq);
                held[at].moved_to = moved_to(event.rule).or_else(|| taker(event.seq, of, identity, events));
            }
            _ => {}
        }
    }
    held
}

/// Where the rule itself says who has the number now.
fn moved_to(rule: Rule) -> Option<String> {
    rule.other_profile().map(|profile| profile.to_string())
}

/// The profile that gained the number from the one that lost it. When an import is taken back, the gain may stand before the
/// loss.
fn taker(lost: u64, from: ProfileId, identity: u64, events: &[StoredEvent]) -> Option<String> {
    let gains = events.iter().map(|stored| &stored.event).filter(|event| event.gains(identity));
    let taken = gains.filter(|event| event.taken_from == Some(from));
    let gained = taken.min_by_key(|event| event.seq.abs_diff(lost))?;
    gained.profile.map(|profile| profile.to_string())
}
