//! What every ledger promises, asked of every one there is: a message is intended once, by who has the right to, and durable
//! before it is; whatever is told of it in whatever order, it ends alike; counts are what is there. The one in memory is the
//! reference: random histories must look alike in all.
//!
//! Longer than 500 lines because the promises, the way they are broken and the histories are one text to read.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use ::postgres::SimpleQueryMessage;
use consentry_core::campaign::step::cap::Left;
use consentry_core::campaign::step::{BrakeTerms, Candidate, Input, Line, Terms};
use consentry_core::campaign::{CampaignId, SendId};
use consentry_core::time::UnixMs;
use consentry_host::gate::Addressee;
use consentry_host::store::ledger::{
    COUNTS_FOR_MS, FILE_NAME, Fact, Group, KeptSend, LEASE_MS, LastSend, Lease, Ledger, Meant, MemoryLedger,
    NewSend, PostgresLedger, Reached, Recorded, SPAN_MS, SendFilter, SendState, Share, SqliteLedger,
    pack_values, unpack_values,
};
use consentry_host::store::{StoreError, TenantId};
use rusqlite::Connection;
use tempfile::TempDir;

use crate::database::Schema;
use crate::program::Program;
use crate::random::Random;

const T: TenantId = TenantId::DEFAULT;
const OTHER: TenantId = TenantId(2);
const C: CampaignId = CampaignId(7);
const LINE: &str = "106540352242922";
const DAY: i64 = 24 * 60 * 60 * 1000;

macro_rules! on_every_ledger {
    ($($test:ident)*) => {
        mod memory {
            $(#[test] fn $test() { super::$test(&super::MemoryLedger::new()); })*
        }
        mod sqlite {
            $(#[test] fn $test() {
                let folder = super::TempDir::new().unwrap();
                super::$test(&super::SqliteLedger::open(folder.path()).unwrap());
            })*
        }
        mod postgres {
            $(#[test] fn $test() {
                if let Some(schema) = super::Schema::new() {
                    super::$test(&super::PostgresLedger::connect(&schema.url()).unwrap().by_callers_time());
                }
            })*
        }
    };
}

on_every_ledger! {
    a_plan_is_kept_as_it_is_and_once
    a_plan_is_forgotten_only_while_nothing_was_intended
    whoever_was_overtaken_writes_no_plan_and_forgets_none
    whoever_has_a_lease_has_it_alone
    a_clock_that_was_set_back_makes_nobody_wait_for_a_lease
    parts_of_the_days_people_are_never_more_than_all
    the_days_people_are_used_up_whoever_wants_them
    lines_that_ask_at_once_reach_no_more_than_all
    intents_are_all_or_none
    a_lost_lease_intends_nothing_and_puts_nothing_back
    what_a_dead_process_left_is_unknown_and_waits_no_more
    what_was_put_off_goes_first_when_it_is_due
    facts_and_late_records_end_alike_in_any_order
    a_message_never_goes_back
    a_word_counts_for_the_last_message_before_it
    what_waits_expires_and_nothing_else
    pages_join_without_gap_and_say_what_is_asked
    people_are_counted_by_what_may_have_reached_them
    what_was_never_intended_is_told_of_in_vain
    tenants_do_not_see_each_other
    lines_at_once_intend_each_message_once
}

fn a_plan_is_kept_as_it_is_and_once(ledger: &dyn Ledger) {
    let odd = NewSend {
        person: u64::MAX,
        number: 905_301_112_233,
        country: *b"ZZ",
        import: 3,
        message: 255,
        line: u16::MAX,
        values: pack_values(["Ayşe", "", "\0 and ☎"]),
        ..planned(2)
    };
    let control = NewSend { state: SendState::Control, ..planned(3) };
    ledger.plan(T, C, 0, &[planned(1), odd.clone(), control.clone()]).unwrap();
    ledger.plan(T, C, 0, &[NewSend { profile: 99, ..planned(1) }, planned(4), planned(4)]).unwrap();
    ledger.plan(T, C, 0, &[]).unwrap();
    let kept = all(ledger, T, C);
    let plan: Vec<&NewSend> = kept.iter().map(|send| &send.planned).collect();
    assert_eq!(plan, [&planned(1), &odd, &control, &planned(4)], "the first copy stays");
    assert_eq!(unpack_values(&kept[1].planned.values).unwrap(), ["Ayşe", "", "\0 and ☎"]);
    assert_eq!(states(&kept), "WWCW");
    let fresh = &kept[0];
    assert!(fresh.due.0 == 0 && fresh.attempts == 0 && fresh.code == 0 && fresh.wamid.is_none());
    assert_eq!((fresh.reached, fresh.told_at, fresh.intended_at), (Reached::Nothing, [None; 4], None));
    assert_eq!(ledger.totals(T, C).unwrap().iter().map(|(_, sends)| sends).sum::<u64>(), 4);
    assert_eq!(all(ledger, T, CampaignId(8)), []);
}

fn a_plan_is_forgotten_only_while_nothing_was_intended(ledger: &dyn Ledger) {
    plan(ledger, 3);
    ledger.plan(T, CampaignId(8), 0, &[planned(1)]).unwrap();
    ledger.forget_plan(T, C, 0).unwrap();
    assert_eq!((all(ledger, T, C).len(), ledger.totals(T, C).unwrap().len()), (0, 0));
    assert_eq!(all(ledger, T, CampaignId(8)).len(), 1);
    plan(ledger, 3);
    let lease = taken(ledger, LINE, 0);
    ledger.intend(T, &lease, &[id(2)], UnixMs(1)).unwrap();
    // What was refused and waits again was intended all the same.
    record(ledger, &lease, 2, SendState::Waiting, 2);
    assert!(matches!(ledger.forget_plan(T, C, 0), Err(StoreError::Overtaken)));
    assert_eq!(all(ledger, T, C).len(), 3, "all or nothing");
    assert_eq!(counted(ledger), by_hand(ledger));
}

fn whoever_was_overtaken_writes_no_plan_and_forgets_none(ledger: &dyn Ledger) {
    let write = |attempt| ledger.plan(T, C, attempt, &[planned(attempt + 1)]);
    let is_late = |said: Result<(), StoreError>| matches!(said, Err(StoreError::Overtaken));
    assert!(is_late(write(1)), "nobody has begun that attempt");
    ledger.forget_plan(T, C, 1).unwrap();
    write(1).unwrap();
    assert!(is_late(write(0)) && is_late(write(2)));
    ledger.forget_plan(T, C, 3).unwrap();
    write(3).unwrap();
    assert!(is_late(write(1)) && is_late(ledger.plan(T, C, 1, &[])));
    assert!(is_late(ledger.forget_plan(T, C, 2)));
    assert_eq!(places(&all(ledger, T, C)), [4], "the later plan is whole");
    ledger.plan(OTHER, C, 0, &[planned(1)]).unwrap();
    ledger.plan(T, CampaignId(8), 0, &[planned(1)]).unwrap();
    ledger.forget_plan(T, C, 3).unwrap();
    assert_eq!(all(ledger, T, C), []);
}

fn whoever_has_a_lease_has_it_alone(ledger: &dyn Ledger) {
    let first = taken(ledger, LINE, 0);
    assert_eq!(first, Lease { line: LINE.into(), fence: 1, until: UnixMs(LEASE_MS) });
    let ask = |held: Option<&Lease>, now| ledger.lease(T, LINE, held, UnixMs(now)).unwrap();
    assert_eq!(ask(None, LEASE_MS - 1), None);
    assert_eq!(taken(ledger, "another line", 0).fence, 1);
    let renewed = ask(Some(&first), 5).unwrap();
    assert_eq!((renewed.fence, renewed.until), (1, UnixMs(5 + LEASE_MS)));
    // It lapsed, and nobody took it.
    let renewed = ask(Some(&renewed), 10 * LEASE_MS).unwrap();
    assert_eq!(renewed.fence, 1);
    let second = ask(None, 11 * LEASE_MS).unwrap();
    assert_eq!(second.fence, 2);
    assert_eq!(ask(Some(&renewed), 11 * LEASE_MS), None, "the first one has lost it");
    ledger.release(T, &renewed).unwrap();
    assert_eq!(ask(None, 11 * LEASE_MS), None, "who has lost it cannot give it back");
    ledger.release(T, &second).unwrap();
    assert_eq!(ask(None, 11 * LEASE_MS).unwrap().fence, 3);
    assert_eq!(ask(Some(&second), 11 * LEASE_MS), None);
}

fn a_clock_that_was_set_back_makes_nobody_wait_for_a_lease(ledger: &dyn Ledger) {
    const HOUR: i64 = 3_600_000;
    let first = taken(ledger, LINE, HOUR);
    let ask = |held: Option<&Lease>, now| ledger.lease(T, LINE, held, UnixMs(now)).unwrap();
    assert_eq!(ask(None, HOUR - 4_000), None, "clocks are a little apart");
    let second = ask(None, HOUR - 60_000).unwrap();
    assert_eq!((second.fence, second.until), (2, UnixMs(HOUR - 60_000 + LEASE_MS)));
    assert_eq!(ask(Some(&first), HOUR - 60_000), None);
    assert_eq!(ask(Some(&second), 5).unwrap().fence, 2);
}

fn part(ledger: &dyn Ledger, lease: &Lease, most: u32, chosen: u32, wants: bool, now: i64) -> u32 {
    ledger.part(T, lease, Share { most, chosen, wants }, UnixMs(now - DAY), UnixMs(now)).unwrap()
}

fn parts_of_the_days_people_are_never_more_than_all(ledger: &dyn Ledger) {
    plan(ledger, 50);
    let (one, two) = (taken(ledger, LINE, DAY), taken(ledger, "another line", DAY));
    assert_eq!(part(ledger, &one, 20, 0, true, DAY), 10);
    assert_eq!(part(ledger, &two, 20, 0, true, DAY), 5, "half of what is left");
    let four: Vec<SendId> = (1..=4).map(id).collect();
    ledger.intend(T, &one, &four, UnixMs(DAY)).unwrap();
    assert_eq!(part(ledger, &one, 20, 0, true, DAY), 6, "20 less 4 who were reached less 5 of the other");
    assert_eq!(part(ledger, &one, 20, 9, true, DAY), 9, "who was chosen stays chosen");
    assert_eq!(part(ledger, &two, 20, 0, true, DAY), 4);
    assert_eq!(part(ledger, &two, 20, 0, false, DAY), 0, "it is given back");
    assert_eq!(part(ledger, &one, 20, 0, true, DAY), 8);
    assert_eq!(part(ledger, &one, 3, 0, true, DAY), 0, "fewer are allowed than were reached");
    // A part goes with its lease.
    assert_eq!(part(ledger, &one, 20, 0, true, DAY), 8);
    let renewed = ledger.lease(T, LINE, Some(&one), UnixMs(DAY + LEASE_MS - 1)).unwrap().unwrap();
    assert_eq!(part(ledger, &two, 20, 0, true, DAY + LEASE_MS - 1), 4);
    assert_eq!(part(ledger, &two, 20, 0, true, DAY + 2 * LEASE_MS), 16, "the lease of the other has lapsed");
    ledger.lease(T, LINE, Some(&renewed), UnixMs(DAY + 2 * LEASE_MS)).unwrap().unwrap();
    ledger.lease(T, "another line", Some(&two), UnixMs(DAY + 2 * LEASE_MS)).unwrap().unwrap();
    assert_eq!(part(ledger, &two, 20, 0, true, DAY + 2 * LEASE_MS), 8, "what has lapsed does not come again");
    let third = taken(ledger, LINE, DAY + 4 * LEASE_MS);
    let share = Share { most: 20, chosen: 0, wants: true };
    let late = ledger.part(T, &one, share, UnixMs(0), UnixMs(DAY + 4 * LEASE_MS));
    assert!(matches!(late, Err(StoreError::Overtaken)));
    let of_other = Lease { line: LINE.into(), fence: third.fence, until: UnixMs(0) };
    assert!(ledger.part(OTHER, &of_other, share, UnixMs(0), UnixMs(0)).is_err(), "another tenant's");
    assert_eq!(part(ledger, &third, 20, 0, true, DAY + 4 * LEASE_MS), 16);
    assert_eq!(part(ledger, &third, 20, 0, true, 2 * DAY + 1), 20, "a day later they are new again");
}

fn the_days_people_are_used_up_whoever_wants_them(ledger: &dyn Ledger) {
    const MOST: u32 = 97;
    let sends = (1..=300).map(|place| NewSend { line: (place % 3) as u16, ..planned(place) });
    ledger.plan(T, C, 0, &sends.collect::<Vec<_>>()).unwrap();
    let leases = [0, 1, 2].map(|line| taken(ledger, &format!("line {line}"), DAY));
    let mut reached = 0;
    // The second does a little of its part, the third nothing.
    for round in 0..60 {
        for (line, most) in [u32::MAX, 2, 0].into_iter().enumerate() {
            let may = part(ledger, &leases[line], MOST, 0, true, DAY + round).min(most);
            let (found, _) = ledger.waiting(T, C, line as u16, 0, UnixMs(DAY + round), may as usize).unwrap();
            let ids: Vec<SendId> = found.iter().map(|send| send.id).collect();
            ledger.intend(T, &leases[line], &ids, UnixMs(DAY + round)).unwrap();
            reached += ids.len() as u32;
        }
        assert!(reached <= MOST);
    }
    assert!((MOST - 2..=MOST).contains(&reached), "{reached} of {MOST}");
}

fn lines_that_ask_at_once_reach_no_more_than_all(ledger: &dyn Ledger) {
    const LINES: u16 = 4;
    const MOST: u32 = 200;
    let sends = (1..=600).map(|place| NewSend { line: (place % 4) as u16, ..planned(place) });
    ledger.plan(T, C, 0, &sends.collect::<Vec<_>>()).unwrap();
    let leases: Vec<Lease> = (0..LINES).map(|line| taken(ledger, &format!("line {line}"), DAY)).collect();
    let send = |line: u16| {
        let lease = &leases[usize::from(line)];
        let mut nothing = 0;
        while nothing < 20 {
            // Half of it is chosen before it asks again, and intended afterwards.
            let may = part(ledger, lease, MOST, 0, true, DAY);
            nothing = if may == 0 { nothing + 1 } else { 0 };
            let (found, _) = ledger.waiting(T, C, line, 0, UnixMs(DAY), may as usize).unwrap();
            let ids: Vec<SendId> = found.iter().map(|send| send.id).collect();
            if ids.is_empty() && may > 0 {
                part(ledger, lease, MOST, 0, false, DAY);
                break;
            }
            let (first, second) = ids.split_at(ids.len() / 2);
            ledger.intend(T, lease, first, UnixMs(DAY)).unwrap();
            let may = part(ledger, lease, MOST, second.len() as u32, true, DAY);
            assert!(may >= second.len() as u32);
            ledger.intend(T, lease, second, UnixMs(DAY)).unwrap();
        }
    };
    std::thread::scope(|scope| (0..LINES).for_each(|line| drop(scope.spawn(move || send(line)))));
    let reached = ledger.people_since(T, UnixMs(0)).unwrap();
    assert!(reached <= u64::from(MOST), "{reached} of {MOST}");
    // Some may have given up while another held the rest: one after the other they use up what is left.
    (0..LINES).for_each(send);
    let reached = ledger.people_since(T, UnixMs(0)).unwrap();
    assert!((u64::from(MOST) - 4..=u64::from(MOST)).contains(&reached), "{reached} of {MOST}");
}

fn intents_are_all_or_none(ledger: &dyn Ledger) {
    plan(ledger, 5);
    let lease = taken(ledger, LINE, 0);
    let intend = |sends: &[u64]| {
        let sends: Vec<SendId> = sends.iter().map(|place| id(*place)).collect();
        ledger.intend(T, &lease, &sends, UnixMs(9))
    };
    assert!(intend(&[]).is_ok());
    assert!(intend(&[1, 2]).is_ok());
    for refused in [&[3_u64, 2][..], &[3, 99], &[3, 3]] {
        assert!(matches!(intend(refused), Err(StoreError::Overtaken)), "{refused:?}");
        assert_eq!(states(&all(ledger, T, C)), "IIWWW");
    }
    let elsewhere = Lease { line: "no lease".into(), ..lease.clone() };
    assert!(matches!(ledger.intend(T, &elsewhere, &[id(3)], UnixMs(9)), Err(StoreError::Overtaken)));
    assert!(intend(&[5, 3]).is_ok());
    let kept = all(ledger, T, C);
    assert_eq!(states(&kept), "IIIWI");
    assert_eq!((kept[4].intended_at, kept[4].changed_at), (Some(UnixMs(9)), UnixMs(9)));
    assert_eq!(counted(ledger), by_hand(ledger));
}

fn a_lost_lease_intends_nothing_and_puts_nothing_back(ledger: &dyn Ledger) {
    plan(ledger, 9);
    let old = taken(ledger, LINE, 0);
    let ids: Vec<SendId> = (1..=6).map(id).collect();
    ledger.intend(T, &old, &ids, UnixMs(1)).unwrap();
    let new = taken(ledger, LINE, LEASE_MS);
    assert!(matches!(ledger.intend(T, &old, &[id(7)], UnixMs(LEASE_MS)), Err(StoreError::Overtaken)));
    assert!(matches!(ledger.orphaned(T, &old, C, 0, UnixMs(2)), Err(StoreError::Overtaken)));
    // What happened has happened, and nothing goes back to waiting.
    record(ledger, &old, 1, SendState::Accepted, 3);
    record(ledger, &old, 2, SendState::Waiting, 3);
    record(ledger, &old, 7, SendState::Waiting, 3);
    record(ledger, &old, 8, SendState::OptedOut, 3);
    assert_eq!(states(&all(ledger, T, C)), "AUIIIIWOW");
    assert_eq!(ledger.orphaned(T, &new, C, 0, UnixMs(4)).unwrap(), 4);
    // The one who made the request knows; nobody else does.
    record(ledger, &old, 3, SendState::Accepted, 5);
    record(ledger, &old, 4, SendState::Failed, 5);
    record(ledger, &old, 5, SendState::Waiting, 5);
    record(ledger, &new, 6, SendState::Accepted, 5);
    let kept = all(ledger, T, C);
    assert_eq!(states(&kept), "AUAFUUWOW");
    assert_eq!(kept[2].wamid.as_deref(), Some("wamid.3"));
    assert_eq!(kept[6].due.0, 0, "it was left alone");
    assert_eq!(counted(ledger), by_hand(ledger));
}

fn what_a_dead_process_left_is_unknown_and_waits_no_more(ledger: &dyn Ledger) {
    plan(ledger, 6);
    let dead = taken(ledger, LINE, 0);
    ledger.intend(T, &dead, &[id(1), id(2), id(3)], UnixMs(1)).unwrap();
    record(ledger, &dead, 1, SendState::Accepted, 2);
    let next = taken(ledger, LINE, LEASE_MS);
    ledger.intend(T, &next, &[id(4)], UnixMs(LEASE_MS)).unwrap();
    assert_eq!(ledger.orphaned(T, &next, C, 1, UnixMs(LEASE_MS)).unwrap(), 0, "of another line");
    assert_eq!(ledger.orphaned(T, &next, C, 0, UnixMs(LEASE_MS)).unwrap(), 2);
    assert_eq!(ledger.orphaned(T, &next, C, 0, UnixMs(LEASE_MS)).unwrap(), 0);
    assert_eq!(states(&all(ledger, T, C)), "AUUIWW", "its own intent stays");
    let (waiting, _) = ledger.waiting(T, C, 0, 0, UnixMs(DAY), 100).unwrap();
    assert_eq!(places(&waiting), [5, 6]);
    // A webhook proves that one of them was sent.
    told(ledger, 2, Reached::Sent, 7_000, 0);
    told(ledger, 3, Reached::Failed, 7_000, 131_026);
    assert_eq!(states(&all(ledger, T, C)), "AAFIWW");
    assert_eq!(counted(ledger), by_hand(ledger));
}

fn what_was_put_off_goes_first_when_it_is_due(ledger: &dyn Ledger) {
    plan(ledger, 8);
    let lease = taken(ledger, LINE, 0);
    ledger.plan(T, C, 0, &[NewSend { line: 1, ..planned(9) }]).unwrap();
    let put_off = |place: u64, due: i64| {
        ledger.intend(T, &lease, &[id(place)], UnixMs(10)).unwrap();
        let recorded = Recorded { due: UnixMs(due), ..recorded(place, SendState::Waiting) };
        ledger.record(T, &lease, &[recorded], UnixMs(20)).unwrap();
    };
    let waiting = |after, now, limit| {
        let (found, next) = ledger.waiting(T, C, 0, after, UnixMs(now), limit).unwrap();
        (places(&found), next.map(|at| at.0))
    };
    assert_eq!(waiting(0, 0, 3), (vec![1, 2, 3], None));
    put_off(1, 300);
    put_off(2, 200);
    put_off(3, 0);
    assert_eq!(waiting(0, 10, 100), (vec![4, 5, 6, 7, 8], Some(20)), "at once is when it was written down");
    assert_eq!(waiting(5, 200, 100), (vec![3, 2, 6, 7, 8], Some(300)), "whatever their places");
    assert_eq!(waiting(0, 300, 2), (vec![3, 2], None));
    assert_eq!(waiting(0, 300, 4), (vec![3, 2, 1, 4], None));
    assert_eq!(waiting(u64::MAX, 0, 100), (vec![], Some(20)));
    assert_eq!(waiting(0, 300, 0), (vec![], None));
    assert_eq!(places(&ledger.waiting(T, C, 1, 0, UnixMs(0), 9).unwrap().0), [9]);
    let (found, _) = ledger.waiting(T, C, 0, 0, UnixMs(300), 100).unwrap();
    assert_eq!((found[2].id, found[2].attempts, found[2].code), (id(1), 1, 130_429));
    ledger.intend(T, &lease, &[id(1), id(2), id(3)], UnixMs(400)).unwrap();
    assert_eq!(waiting(0, 500, 100), (vec![4, 5, 6, 7, 8], None));
}

fn facts_and_late_records_end_alike_in_any_order(ledger: &dyn Ledger) {
    let mut random = Random::new(16);
    let lease = taken(ledger, LINE, 0);
    for round in 0..12 {
        let campaign = CampaignId(100 + round);
        let id = SendId { campaign, place: 1 };
        let tell =
            |reached, at, code| Fact::Told { id, reached, at: UnixMs(at), code, wamid: "wamid.1".to_owned() };
        let person = 5_000 + round;
        let said = |at, is_opt_out| Fact::Said { person, at: UnixMs(at), is_opt_out };
        let mut facts = vec![
            tell(Reached::Sent, 3_000, 0),
            tell(Reached::Nothing, 2_000, 0),
            tell(Reached::Failed, 4_000, 131_049),
            tell(Reached::Failed, 4_000, 131_026),
            said(9_000, false),
            said(8_000, false),
            said(9_000, true),
            Fact::Clicked { id, at: UnixMs(7_000) },
            Fact::Clicked { id, at: UnixMs(6_000) },
        ];
        // Half of them arrive all the same.
        if round % 2 == 0 {
            facts.push(tell(Reached::Delivered, 5_000, 0));
            facts.push(tell(Reached::Read, 6_000, 0));
        }
        let late = Recorded { id, ..recorded(1, SendState::Accepted) };
        let mut seen = BTreeSet::new();
        for copy in 0..8 {
            // The same message in another campaign, each time in another order.
            let campaign = CampaignId(campaign.0 * 100 + copy);
            let id = SendId { campaign, place: 1 };
            ledger.plan(T, campaign, 0, &[NewSend { person: person * 100 + copy, ..planned(1) }]).unwrap();
            ledger.intend(T, &lease, &[id], UnixMs(1_000)).unwrap();
            let mut left: Vec<Option<Fact>> = facts.iter().chain(&facts[..3]).cloned().map(Some).collect();
            left.push(None);
            while !left.is_empty() {
                let together: Vec<Option<Fact>> = (0..=random.below(4))
                    .filter_map(|_| {
                        let at = random.below(left.len().max(1) as u64) as usize;
                        (at < left.len()).then(|| left.swap_remove(at))
                    })
                    .collect();
                let heard: Vec<Fact> = together
                    .iter()
                    .flatten()
                    .map(|fact| match fact.clone() {
                        Fact::Told { reached, at, code, wamid, .. } => {
                            Fact::Told { id, reached, at, code, wamid }
                        }
                        Fact::Clicked { at, .. } => Fact::Clicked { id, at },
                        Fact::Said { at, is_opt_out, .. } => {
                            Fact::Said { person: person * 100 + copy, at, is_opt_out }
                        }
                    })
                    .collect();
                ledger.hear(T, &heard, 0).unwrap();
                if together.iter().any(Option::is_none) {
                    let late = Recorded { id, ..late.clone() };
                    ledger.record(T, &lease, &[late], UnixMs(1_500)).unwrap();
                }
            }
            let send = all(ledger, T, campaign).remove(0);
            let planned = NewSend { person, ..send.planned };
            let id = SendId { campaign: C, place: 1 };
            seen.insert(format!("{:?}", KeptSend { id, planned, ..send }));
        }
        assert_eq!(seen.len(), 1, "round {round}: {seen:#?}");
        let send = seen.first().unwrap();
        let expected = if round % 2 == 0 { "reached: Read" } else { "reached: Failed" };
        assert!(send.contains(expected) && send.contains("code: 131026"), "{send}");
    }
}

fn a_message_never_goes_back(ledger: &dyn Ledger) {
    plan(ledger, 2);
    let lease = taken(ledger, LINE, 0);
    ledger.intend(T, &lease, &[id(1), id(2)], UnixMs(1_000)).unwrap();
    let meant = told(ledger, 1, Reached::Failed, 5_000, 131_026);
    let expected = Meant { id: id(1), message: 0, import: 1, failed: 131_026, opted_out: false };
    assert_eq!(meant, [expected]);
    assert_eq!(told(ledger, 1, Reached::Failed, 5_000, 131_026), [], "a copy means nothing");
    assert_eq!(states(&all(ledger, T, C)), "FI");
    // The answer that was lost comes after it.
    record(ledger, &lease, 1, SendState::Unknown, 6);
    assert_eq!(states(&all(ledger, T, C)), "FI");
    // It arrived all the same, and what comes late changes only when it was told.
    assert_eq!(told(ledger, 1, Reached::Read, 9_000, 0), []);
    assert_eq!(told(ledger, 1, Reached::Failed, 9_500, 131_000), []);
    told(ledger, 1, Reached::Delivered, 8_000, 0);
    told(ledger, 1, Reached::Sent, 2_000, 0);
    let send = all(ledger, T, C).remove(0);
    assert_eq!((send.state, send.reached, send.code), (SendState::Accepted, Reached::Read, 131_026));
    assert_eq!(send.told_at, [2_000, 8_000, 9_000, 5_000].map(|at| Some(UnixMs(at))));
    assert_eq!(counted(ledger), by_hand(ledger));
    let times = ledger.over_time(T, C, SPAN_MS).unwrap();
    assert_eq!(times, [(UnixMs(0), [1, 1, 1, 1, 1, 0])]);
    // Nobody is moved to a ledger by what is told of a message that is not there.
    assert_eq!(told(ledger, 99, Reached::Read, 9_000, 0), []);
    assert_eq!(all(ledger, T, C).len(), 2);
}

fn a_word_counts_for_the_last_message_before_it(ledger: &dyn Ledger) {
    let person = 905_301_112_233;
    let send = |campaign: u64, place: u64| NewSend { person, ..NewSend { place, ..planned(campaign) } };
    let lease = taken(ledger, LINE, 0);
    let at = |campaign: u64| SendId { campaign: CampaignId(campaign), place: 1 };
    for (campaign, intended) in [(1, 10_000), (2, 20_000), (3, 30_000)] {
        ledger.plan(T, CampaignId(campaign), 0, &[send(campaign, 1)]).unwrap();
        ledger.intend(T, &lease, &[at(campaign)], UnixMs(intended)).unwrap();
    }
    // Refused for certain: nobody answers that.
    let refused = Recorded { id: at(3), ..recorded(1, SendState::Failed) };
    ledger.record(T, &lease, &[refused], UnixMs(30_001)).unwrap();
    let said =
        |at, is_opt_out| ledger.hear(T, &[Fact::Said { person, at: UnixMs(at), is_opt_out }], 0).unwrap();
    let who = || {
        (1..=3)
            .map(|campaign| {
                let send = all(ledger, T, CampaignId(campaign)).remove(0);
                (send.replied_at.map(|at| at.0), send.opted_out_at.map(|at| at.0))
            })
            .collect::<Vec<_>>()
    };
    said(9_000, false);
    assert_eq!(who(), [(None, None), (None, None), (None, None)]);
    // Meta rounds down to seconds.
    assert_eq!(said(19_001, false), []);
    assert_eq!(who(), [(None, None), (Some(19_001), None), (None, None)]);
    assert_eq!(said(19_000, false), []);
    assert_eq!(who(), [(Some(19_000), None), (Some(19_001), None), (None, None)]);
    let meant = said(31_000, true);
    assert_eq!(meant, [Meant { id: at(2), message: 0, import: 1, failed: 0, opted_out: true }]);
    assert_eq!(said(31_000, true), []);
    assert_eq!(who(), [(Some(19_000), None), (Some(19_001), Some(31_000)), (None, None)]);
    said(20_001 + COUNTS_FOR_MS, false);
    ledger.hear(T, &[Fact::Said { person: 1, at: UnixMs(31_000), is_opt_out: true }], 0).unwrap();
    assert_eq!(who(), [(Some(19_000), None), (Some(19_001), Some(31_000)), (None, None)]);
}

fn what_waits_expires_and_nothing_else(ledger: &dyn Ledger) {
    plan(ledger, 6);
    ledger.plan(T, C, 0, &[NewSend { state: SendState::Control, ..planned(7) }]).unwrap();
    ledger.plan(T, CampaignId(8), 0, &[planned(1)]).unwrap();
    let lease = taken(ledger, LINE, 0);
    ledger.intend(T, &lease, &[id(1), id(2)], UnixMs(1)).unwrap();
    record(ledger, &lease, 2, SendState::Waiting, 2);
    assert_eq!(ledger.expire(T, C, UnixMs(77)).unwrap(), 5);
    assert_eq!(ledger.expire(T, C, UnixMs(78)).unwrap(), 0);
    let kept = all(ledger, T, C);
    assert_eq!(states(&kept), "IEEEEEC");
    assert_eq!((kept[1].due.0, kept[1].changed_at), (0, UnixMs(77)));
    assert_eq!(counted(ledger), by_hand(ledger));
    assert_eq!(ledger.waiting(T, C, 0, 0, UnixMs(DAY), 9).unwrap(), (vec![], None));
    assert_eq!(states(&all(ledger, T, CampaignId(8))), "W");
    assert!(matches!(ledger.intend(T, &lease, &[id(3)], UnixMs(80)), Err(StoreError::Overtaken)));
}

fn pages_join_without_gap_and_say_what_is_asked(ledger: &dyn Ledger) {
    plan(ledger, 20);
    let lease = taken(ledger, LINE, 0);
    let ids: Vec<SendId> = (1..=10).map(id).collect();
    ledger.intend(T, &lease, &ids, UnixMs(1)).unwrap();
    for place in 1..=8 {
        told(ledger, place, [Reached::Read, Reached::Failed][place as usize % 2], 1_000, 131_026);
    }
    ledger.hear(T, &[Fact::Clicked { id: id(4), at: UnixMs(5) }], 0).unwrap();
    let whole = all(ledger, T, C);
    for limit in [1, 3, 20, 21] {
        let (mut seen, mut after) = (Vec::new(), 0);
        loop {
            let page = ledger.page(T, C, &SendFilter::default(), after, limit).unwrap();
            let Some(last) = page.last() else { break };
            after = last.id.place;
            seen.extend(page);
        }
        assert_eq!(seen, whole);
    }
    let found = |filter: SendFilter| places(&ledger.page(T, C, &filter, 2, 100).unwrap());
    let any = SendFilter::default();
    assert_eq!(found(SendFilter { states: vec![SendState::Failed], ..any.clone() }), [3, 5, 7]);
    assert_eq!(found(SendFilter { code: Some(131_026), ..any.clone() }), [3, 5, 7]);
    assert_eq!(found(SendFilter { reached: vec![Reached::Read], ..any.clone() }), [4, 6, 8]);
    assert_eq!(found(SendFilter { clicked: Some(true), ..any.clone() }), [4]);
    let not = SendFilter { clicked: Some(false), reached: vec![Reached::Read], ..any.clone() };
    assert_eq!(found(not), [6, 8]);
    assert_eq!(found(SendFilter { replied: Some(true), ..any.clone() }), Vec::<u64>::new());
    assert_eq!(ledger.page(T, C, &any, 0, 0).unwrap(), []);
    assert_eq!(ledger.page(T, C, &any, u64::MAX, 9).unwrap(), []);
}

fn people_are_counted_by_what_may_have_reached_them(ledger: &dyn Ledger) {
    let lease = taken(ledger, LINE, 0);
    let of = |person| NewSend { person, ..planned(1) };
    let at = |campaign| SendId { campaign: CampaignId(campaign), place: 1 };
    for (campaign, person, intended) in [(1, 50, 100), (2, 50, 200), (3, 60, 300), (4, 70, 400), (5, 80, 0)] {
        ledger.plan(T, CampaignId(campaign), 0, &[of(person)]).unwrap();
        if intended > 0 {
            ledger.intend(T, &lease, &[at(campaign)], UnixMs(intended)).unwrap();
        }
    }
    let known = |campaign, state| {
        let recorded = Recorded { id: at(campaign), ..recorded(1, state) };
        ledger.record(T, &lease, &[recorded], UnixMs(500)).unwrap();
    };
    known(1, SendState::Accepted);
    known(3, SendState::Failed);
    known(4, SendState::Waiting);
    assert_eq!([0, 150, 201].map(|since| ledger.people_since(T, UnixMs(since)).unwrap()), [1, 1, 0]);
    let last = |since| ledger.last_sends(T, &[60, 50, 70, 80, 90, 50], UnixMs(since)).unwrap();
    let send = |state, at| {
        let at = UnixMs(at);
        LastSend { state, reached: Reached::Nothing, replied: false, clicked: false, at }
    };
    let (fifty, sixty) = (send(SendState::Intended, 200), send(SendState::Failed, 300));
    let expected = [Some((sixty, 0)), Some((fifty, 2)), None, None, None, Some((fifty, 2))];
    assert_eq!(last(0), expected);
    assert_eq!(last(150)[1], Some((fifty, 1)));
    assert_eq!(last(301), [None; 6]);
    assert_eq!(ledger.last_sends(T, &[], UnixMs(0)).unwrap(), []);
    // To a cap an intent without an outcome may have left, and what was refused has not.
    let left = |since| -> Vec<Vec<(u64, i64, bool)>> {
        let all = ledger.left(T, &[60, 50, 90, 50], UnixMs(since)).unwrap();
        let shown = |left: &Left| (left.id.campaign.0, left.at.0, left.is_open);
        all.iter().map(|left| left.iter().map(shown).collect()).collect()
    };
    let of_fifty = vec![(1, 100, false), (2, 200, true)];
    assert_eq!(left(0), [vec![], of_fifty.clone(), vec![], of_fifty]);
    assert_eq!(left(101)[1], [(2, 200, true)]);
    assert!(ledger.left(T, &[], UnixMs(0)).unwrap().is_empty());
    // What was tried once and then never sent hides nothing that was.
    let never =
        [SendState::Expired, SendState::OptedOut, SendState::Gone, SendState::Capped].into_iter().zip(6..);
    for (state, campaign) in never {
        ledger.plan(T, CampaignId(campaign), 0, &[of(50)]).unwrap();
        ledger.intend(T, &lease, &[at(campaign)], UnixMs(600)).unwrap();
        known(campaign, SendState::Waiting);
        known(campaign, state);
    }
    assert_eq!(last(0), expected);
}

fn what_was_never_intended_is_told_of_in_vain(ledger: &dyn Ledger) {
    plan(ledger, 2);
    let lease = taken(ledger, LINE, 0);
    ledger.intend(T, &lease, &[id(2)], UnixMs(1)).unwrap();
    let tell = |place, reached| Fact::Told {
        id: id(place),
        reached,
        at: UnixMs(9),
        code: 131_026,
        wamid: "w".into(),
    };
    let facts = [tell(1, Reached::Failed), tell(1, Reached::Read), tell(2, Reached::Sent)];
    assert_eq!(ledger.hear(T, &facts, 3).unwrap(), []);
    assert_eq!(states(&all(ledger, T, C)), "WA");
    assert_eq!(ledger.people_since(T, UnixMs(0)).unwrap(), 1);
    assert_eq!(counted(ledger), by_hand(ledger));
}

fn tenants_do_not_see_each_other(ledger: &dyn Ledger) {
    plan(ledger, 3);
    let mine = taken(ledger, LINE, 0);
    let theirs = ledger.lease(OTHER, LINE, None, UnixMs(0)).unwrap().unwrap();
    assert!(matches!(ledger.intend(OTHER, &theirs, &[id(1)], UnixMs(1)), Err(StoreError::Overtaken)));
    ledger.intend(T, &mine, &[id(1)], UnixMs(1)).unwrap();
    let tell = Fact::Told { id: id(1), reached: Reached::Read, at: UnixMs(9), code: 0, wamid: "w".into() };
    let say = Fact::Said { person: 1_001, at: UnixMs(9), is_opt_out: true };
    assert_eq!(ledger.hear(OTHER, &[tell, say], 7).unwrap(), []);
    assert_eq!((ledger.heard_up_to(T).unwrap(), ledger.heard_up_to(OTHER).unwrap()), (0, 7));
    ledger.hear(OTHER, &[], 5).unwrap();
    assert_eq!(ledger.heard_up_to(OTHER).unwrap(), 7, "it never goes back");
    assert_eq!(ledger.expire(OTHER, C, UnixMs(9)).unwrap(), 0);
    ledger.forget_plan(OTHER, C, 0).unwrap();
    assert_eq!(states(&all(ledger, T, C)), "IWW");
    assert_eq!(ledger.people_since(OTHER, UnixMs(0)).unwrap(), 0);
    assert_eq!(ledger.last_sends(OTHER, &[1_001], UnixMs(0)).unwrap(), [None]);
    assert_eq!((ledger.totals(OTHER, C).unwrap(), all(ledger, OTHER, C)), (vec![], vec![]));
}

fn lines_at_once_intend_each_message_once(ledger: &dyn Ledger) {
    const LINES: u16 = 6;
    const EACH: u64 = 120;
    let sends =
        (1..=u64::from(LINES) * EACH).map(|place| NewSend { line: (place % 6) as u16, ..planned(place) });
    ledger.plan(T, C, 0, &sends.collect::<Vec<_>>()).unwrap();
    let sent: Vec<u64> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..LINES)
            .map(|line| {
                scope.spawn(move || {
                    let lease = ledger.lease(T, &format!("line {line}"), None, UnixMs(0)).unwrap().unwrap();
                    let (mut sent, mut after) = (Vec::new(), 0);
                    loop {
                        let (found, _) = ledger.waiting(T, C, line, after, UnixMs(1), 7).unwrap();
                        let Some(last) = found.last() else { break sent };
                        let last = last.id.place;
                        let ids: Vec<SendId> = found.iter().map(|send| send.id).collect();
                        match ledger.intend(T, &lease, &ids, UnixMs(1_000)) {
                            Ok(()) => after = last,
                            // One of them was heard of meanwhile, and waits no more.
                            Err(StoreError::Overtaken) => continue,
                            Err(other) => panic!("{other}"),
                        }
                        let accepted = places(&found);
                        let accepted = accepted.iter().map(|place| recorded(*place, SendState::Accepted));
                        ledger.record(T, &lease, &accepted.collect::<Vec<_>>(), UnixMs(2_000)).unwrap();
                        sent.extend(places(&found));
                    }
                })
            })
            .collect();
        // Somebody hears meanwhile.
        for place in 1..=u64::from(LINES) * EACH {
            told(ledger, place % 50 + 1, Reached::Delivered, 3_000, 0);
        }
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    // What was heard of before it was sent is not sent: a webhook is believed.
    let once: BTreeSet<u64> = sent.iter().copied().collect();
    assert_eq!(once.len(), sent.len());
    assert_eq!(counted(ledger), by_hand(ledger));
}

/// Set for the process that is killed: the folder of its ledger.
const KILLED_IN: &str = "CONSENTRY_TEST_KILLED_LEDGER";

#[test]
fn a_killed_process_leaves_every_intent_it_acted_on() {
    const ROUNDS: usize = 4;
    const TOLD_MIN: usize = 60;
    const EACH: u64 = 5;
    if let Ok(folder) = std::env::var(KILLED_IN) {
        send_until_killed(&SqliteLedger::open(Path::new(&folder)).unwrap(), EACH as usize);
    }
    let folder = TempDir::new().unwrap();
    let ledger = SqliteLedger::open(folder.path()).unwrap();
    plan(&ledger, 40_000);
    let mut requested = BTreeSet::new();
    for round in 0..ROUNDS {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "ledger_suite::a_killed_process_leaves_every_intent_it_acted_on",
                "--nocapture",
            ])
            .env(KILLED_IN, folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let wanted = TOLD_MIN + 11 * round;
        let mut lines_told: Vec<String> =
            lines.by_ref().filter(|line| line.starts_with("request ")).take(wanted).collect();
        child.kill().unwrap();
        child.wait().unwrap();
        lines_told.extend(lines.filter(|line| line.starts_with("request ") && line.ends_with('.')));
        for line in lines_told {
            let place: u64 = line["request ".len()..line.len() - 1].parse().unwrap();
            assert!(requested.insert(place), "message {place} was requested twice");
        }
        let kept = all(&ledger, T, C);
        for place in &requested {
            assert!(kept[*place as usize - 1].intended_at.is_some(), "no intent of {place}");
        }
        assert_eq!(counted(&ledger), by_hand(&ledger), "a commit is whole or it is not");
        let intended = kept.iter().filter(|send| send.intended_at.is_some()).count();
        assert_eq!(intended % EACH as usize, 0, "intents are all or none");
    }
    assert!(requested.len() >= ROUNDS * TOLD_MIN);
    let states = states(&all(&ledger, T, C));
    let of = |letter: char| states.chars().filter(|state| *state == letter).count();
    assert!(of('A') > 0 && of('U') <= ROUNDS * EACH as usize && of('I') <= EACH as usize);
}

/// Intends, says that it requests, and records, without end.
fn send_until_killed(ledger: &dyn Ledger, together: usize) {
    // The lease of the one that was killed is over; what it left nobody sends again.
    let mut now = 0;
    let lease = loop {
        if let Some(lease) = ledger.lease(T, LINE, None, UnixMs(now)).unwrap() {
            break lease;
        }
        now += LEASE_MS;
    };
    ledger.orphaned(T, &lease, C, 0, UnixMs(now)).unwrap();
    let mut after = 0;
    loop {
        let (found, _) = ledger.waiting(T, C, 0, after, UnixMs(now), together).unwrap();
        after = found.last().unwrap().id.place;
        let ids: Vec<SendId> = found.iter().map(|send| send.id).collect();
        ledger.intend(T, &lease, &ids, UnixMs(now)).unwrap();
        let lines: String = ids.iter().map(|id| format!("request {}.\n", id.place)).collect();
        std::io::stdout().write_all(lines.as_bytes()).unwrap();
        let recorded: Vec<Recorded> = ids.iter().map(|id| recorded(id.place, SendState::Accepted)).collect();
        ledger.record(T, &lease, &recorded, UnixMs(now)).unwrap();
    }
}

/// Two hosts fight for a line again and again: whoever has it sends, and whoever lost it cannot.
#[test]
fn hosts_that_fight_for_a_line_send_nothing_twice() {
    let folder = TempDir::new().unwrap();
    let hosts = [folder.path(), folder.path()]
        .map(|folder| Box::new(SqliteLedger::open(folder).unwrap()) as Box<dyn Ledger>);
    fight(&hosts);
    if let Some(schema) = Schema::new() {
        let hosts = [schema.url(), schema.url()]
            .map(|url| PostgresLedger::connect(&url).unwrap().by_callers_time())
            .map(|ledger| Box::new(ledger) as Box<dyn Ledger>);
        fight(&hosts);
    }
}

fn fight(hosts: &[Box<dyn Ledger>]) {
    const MESSAGES: u64 = 3_000;
    plan(hosts[0].as_ref(), MESSAGES);
    // Each host's clock runs fast, so that leases are lost all the time, in the middle of everything.
    let clock = AtomicUsize::new(0);
    let (clock, requested) = (&clock, &std::sync::Mutex::new(Vec::new()));
    let lost: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = hosts
            .iter()
            .enumerate()
            .map(|(which, host)| {
                scope.spawn(move || {
                    let mut random = Random::new(which as u64);
                    let (mut held, mut lost) = (None::<Lease>, 0);
                    let tick = |by: u64| UnixMs(clock.fetch_add(by as usize, Ordering::Relaxed) as i64);
                    loop {
                        let now = tick(random.below(LEASE_MS as u64));
                        let Some(lease) = host.lease(T, LINE, held.as_ref(), now).unwrap() else {
                            held = None;
                            continue;
                        };
                        if held.as_ref().is_none_or(|held| held.fence != lease.fence) {
                            match host.orphaned(T, &lease, C, 0, now) {
                                Ok(_) => {}
                                Err(StoreError::Overtaken) => continue,
                                Err(other) => panic!("{other}"),
                            }
                        }
                        held = Some(lease.clone());
                        let (found, _) = host.waiting(T, C, 0, 0, now, 10).unwrap();
                        if found.is_empty() {
                            break lost;
                        }
                        let ids: Vec<SendId> = found.iter().map(|send| send.id).collect();
                        match host.intend(T, &lease, &ids, now) {
                            Ok(()) => requested.lock().unwrap().extend(places(&found)),
                            Err(StoreError::Overtaken) => {
                                lost += 1;
                                continue;
                            }
                            Err(other) => panic!("{other}"),
                        }
                        let state = [SendState::Accepted, SendState::Unknown][random.below(2) as usize];
                        let outcome: Vec<Recorded> = ids.iter().map(|id| recorded(id.place, state)).collect();
                        host.record(T, &lease, &outcome, tick(5)).unwrap();
                    }
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    let requested = requested.lock().unwrap();
    assert_eq!(requested.len() as u64, MESSAGES, "{lost} intents were refused");
    assert_eq!(requested.iter().collect::<BTreeSet<_>>().len() as u64, MESSAGES, "nothing was sent twice");
    assert_eq!(counted(hosts[1].as_ref()), by_hand(hosts[1].as_ref()));
}

/// Two hosts whose clocks are an hour apart share a number by the time of their database: one has it, and the other has it soon
/// after that one is gone.
#[test]
fn hosts_whose_clocks_are_apart_share_a_line_by_the_clock_of_the_database() {
    const HOUR: i64 = 3_600_000;
    let Some(schema) = Schema::new() else { return };
    let [fast, slow] = [schema.url(), schema.url()].map(|url| PostgresLedger::connect(&url).unwrap());
    let (fast_now, slow_now) = (UnixMs(1_800_000_000_000 + HOUR), UnixMs(1_800_000_000_000));
    let first = fast.lease(T, LINE, None, fast_now).unwrap().unwrap();
    assert_eq!(slow.lease(T, LINE, None, slow_now).unwrap(), None);
    fast.release(T, &first).unwrap();
    let second = slow.lease(T, LINE, None, slow_now).unwrap().unwrap();
    assert_eq!(fast.lease(T, LINE, None, fast_now).unwrap(), None, "an hour later by its clock");
    assert_eq!(fast.lease(T, LINE, Some(&first), fast_now).unwrap(), None);
    assert!((second.until.0 - first.until.0).abs() < LEASE_MS, "{first:?} and {second:?}");
    assert_eq!(slow.lease(T, LINE, Some(&second), slow_now).unwrap().unwrap().fence, 2);
    // What another tenth of a minute would do.
    schema.raw().batch_execute(&format!("UPDATE ledger_lease SET until = until - {LEASE_MS}")).unwrap();
    assert_eq!(fast.lease(T, LINE, None, fast_now).unwrap().unwrap().fence, 3);
    assert_eq!(slow.lease(T, LINE, None, slow_now).unwrap(), None);
    // The clock of the database was set back an hour.
    schema.raw().batch_execute(&format!("UPDATE ledger_lease SET until = until + {HOUR}")).unwrap();
    assert_eq!(slow.lease(T, LINE, None, slow_now).unwrap().unwrap().fence, 4);
}

#[test]
fn nobody_is_named_in_what_is_written_for_a_log() {
    let named = [905_301_112_233_u64, 905_301_112_234, 77_001];
    let wamid = "wamid.HBgMOTA1MzAxMTEyMjMz".to_owned();
    let planned = NewSend {
        number: named[0],
        person: named[1],
        profile: named[2],
        values: pack_values(["Ayşe"]),
        ..planned(1)
    };
    let ledger = MemoryLedger::new();
    ledger.plan(T, C, 0, std::slice::from_ref(&planned)).unwrap();
    let kept = KeptSend { wamid: Some(wamid.clone()), ..all(&ledger, T, C).remove(0) };
    let candidate = Candidate {
        id: id(1),
        person: named[1],
        attempts: 0,
        message: 0,
        import: 1,
        reached_at: None,
        quiet_until: None,
    };
    let (mut line, mut effects) = (Line::new(80), Vec::new());
    let brake =
        BrakeTerms { failed_percent: 1.0, opted_out_percent: 1.0, limited_percent: 1.0, after_messages: 1 };
    let terms = Terms { per_s: None, packages: None, ends_at: None, brake };
    line.step(Input::Run(C, terms), UnixMs(0), &mut effects);
    let candidates = [candidate];
    let loaded = Input::Loaded { campaign: C, candidates: &candidates, is_all: true, next_due: None };
    line.step(loaded, UnixMs(0), &mut effects);
    let told = Fact::Told { id: id(1), reached: Reached::Read, at: UnixMs(1), code: 0, wamid: wamid.clone() };
    let texts = [
        format!("{planned:?}"),
        format!("{kept:?}"),
        format!("{:?}", Addressee { id: id(1), number: named[0], person: named[1], profile: named[2] }),
        format!("{:?}", Recorded { wamid: Some(wamid.clone()), ..recorded(1, SendState::Accepted) }),
        format!("{told:?}"),
        format!("{:?}", Fact::Said { person: named[1], at: UnixMs(1), is_opt_out: true }),
        format!("{loaded:?}"),
        format!("{line:?} {effects:?}"),
    ];
    let hidden: Vec<String> =
        named.iter().map(u64::to_string).chain([wamid, "Ayşe".into(), "65, 121, 197".into()]).collect();
    for text in &texts {
        assert!(hidden.iter().all(|hidden| !text.contains(hidden)), "{text}");
    }
    assert!(texts[1].contains("Waiting"), "how it stands is said: {}", texts[1]);
}

#[test]
fn what_is_copied_says_what_the_original_says() {
    let folder = TempDir::new().unwrap();
    let ledger = SqliteLedger::open(folder.path()).unwrap();
    let (mut random, mut fences) = (Random::new(5), BTreeMap::new());
    for step in 0..300 {
        Act::random(&mut random, [T, OTHER], step, &fences).on(&ledger, &mut fences);
    }
    let seen = |ledger: &dyn Ledger| [T, OTHER].map(|tenant| view(ledger, tenant, UnixMs(0)));
    let before = seen(&ledger);
    let copy = TempDir::new().unwrap();
    ledger.back_up(copy.path()).unwrap();
    assert_eq!(seen(&SqliteLedger::open(copy.path()).unwrap()), before);
    if let Some(schema) = Schema::new() {
        let moved = PostgresLedger::connect(&schema.url()).unwrap().by_callers_time();
        ledger.copy_into(&moved).unwrap();
        assert_eq!(seen(&moved), before);
        assert!(matches!(ledger.copy_into(&moved), Err(StoreError::NotEmpty)));
        let mut both = [fences.clone(), fences];
        for step in 300..400 {
            let act = Act::random(&mut random, [T, OTHER], step, &both[0]);
            assert_eq!(act.on(&ledger, &mut both[0]), act.on(&moved, &mut both[1]), "step {step}");
        }
    }
}

#[test]
fn the_ledger_goes_where_the_data_goes() {
    let program = Program::new();
    program.write("people.csv", "wpNumber,permission\n+905301112233,1\n");
    program.run(&["import", "people.csv"]);
    let ledger = SqliteLedger::open(&program.data()).unwrap();
    plan(&ledger, 3);
    let lease = taken(&ledger, LINE, 0);
    ledger.intend(T, &lease, &[id(1)], UnixMs(1)).unwrap();
    program.json(&["store", "backup", "copies/monday"]);
    ledger.intend(T, &lease, &[id(2)], UnixMs(2)).unwrap();
    program.json(&["store", "restore", "copies/monday", "--data", "restored"]);
    let restored = SqliteLedger::open(&program.path("restored")).unwrap();
    assert_eq!(states(&all(&restored, T, C)), "IWW");
    if let Some(schema) = Schema::new() {
        program.json(&["store", "migrate", "--to", &schema.url()]);
        let moved = PostgresLedger::connect(&schema.url()).unwrap().by_callers_time();
        assert_eq!(all(&moved, T, C), all(&ledger, T, C));
    }
    // What was backed up before there was a ledger can be restored as well.
    std::fs::remove_file(program.path("copies/monday").join(FILE_NAME)).unwrap();
    program.json(&["store", "restore", "copies/monday", "--data", "again"]);
    assert_eq!(all(&SqliteLedger::open(&program.path("again")).unwrap(), T, C), []);
}

/// What waits is asked for all the time, of campaigns of which a million are done.
#[test]
fn questions_go_through_the_index_that_is_for_them() {
    const QUESTIONS: [(&str, &str); 7] = [
        (
            "campaign = ?2 AND line = ?3 AND state = 0 AND due = 0 AND place > ?4 ORDER BY place LIMIT ?5",
            "ledger_send_waiting",
        ),
        (
            "campaign = ?2 AND line = ?3 AND state = 0 AND due > 0 AND due <= ?4 ORDER BY due, place LIMIT ?5",
            "ledger_send_waiting",
        ),
        (
            "campaign = ?2 AND line = ?3 AND state = 0 AND due > ?4 ORDER BY due LIMIT 1",
            "ledger_send_waiting",
        ),
        ("campaign = ?2 AND line = ?3 AND state = 1 AND fence < ?4", "ledger_send_under_way"),
        ("person = ?2 AND intended_at >= ?3", "ledger_send_person"),
        ("left_at IS NOT NULL AND left_at >= ?2", "ledger_send_left"),
        ("campaign = ?2 AND place > ?3 ORDER BY place", "PRIMARY KEY|ledger_send_pkey"),
    ];
    let folder = TempDir::new().unwrap();
    plan(&SqliteLedger::open(folder.path()).unwrap(), 3);
    let raw = Connection::open(folder.path().join(FILE_NAME)).unwrap();
    let embedded = |question: &str| -> String {
        let mut statement = raw.prepare(&format!("EXPLAIN QUERY PLAN {question}")).unwrap();
        let nothing = rusqlite::params_from_iter(vec![None::<i64>; statement.parameter_count()]);
        let lines = statement.query_map(nothing, |row| row.get::<_, String>(3)).unwrap();
        lines.map(Result::unwrap).collect::<Vec<_>>().join("\n")
    };
    let schema = Schema::new();
    let mut shared = schema.as_ref().map(|schema| {
        plan(&PostgresLedger::connect(&schema.url()).unwrap(), 3);
        let mut raw = schema.raw();
        raw.batch_execute(
            "SET plan_cache_mode = force_generic_plan; SET enable_hashjoin = off; SET enable_mergejoin = off;
             SET enable_bitmapscan = off; SET enable_seqscan = off",
        )
        .unwrap();
        raw
    });
    for (question, index) in QUESTIONS {
        let question = format!("SELECT profile, person FROM ledger_send WHERE tenant_id = ?1 AND {question}");
        let goes_through = |plan: &str| index.split('|').any(|index| plan.contains(&format!("{index} ")));
        // There the ledger names it as a rule, and here is seen that it can be used.
        let is_named = ["waiting", "under_way", "person"].iter().any(|name| index.ends_with(name));
        let named =
            if is_named { format!("ledger_send INDEXED BY {index}") } else { "ledger_send".to_owned() };
        let plan = embedded(&question.replace("FROM ledger_send", &format!("FROM {named}")));
        assert!(goes_through(&plan) && !plan.contains("TEMP B-TREE"), "{question}: {plan}");
        if let Some(raw) = &mut shared {
            let nothing = vec!["NULL"; question.matches('?').count()].join(", ");
            raw.batch_execute(&format!("DEALLOCATE ALL; PREPARE asked AS {}", question.replace('?', "$")))
                .unwrap();
            let lines = raw.simple_query(&format!("EXPLAIN EXECUTE asked ({nothing})")).unwrap();
            let lines = lines.iter().filter_map(|line| match line {
                SimpleQueryMessage::Row(row) => row.get(0),
                _ => None,
            });
            let plan = lines.collect::<Vec<_>>().join("\n");
            assert!(goes_through(&plan) && !plan.contains("Sort"), "{question}: {plan}");
        }
    }
}

/// The same history, step by step, in all of them: what one answers all must.
#[test]
fn random_histories_look_alike_everywhere() {
    let schema = Schema::new();
    for seed in 0..6 {
        let folder = TempDir::new().unwrap();
        let reference = MemoryLedger::new();
        // Two hosts take turns on one database, which a tenant of its own for each history keeps apart.
        let mut others: Vec<[Box<dyn Ledger>; 2]> = vec![
            [folder.path(), folder.path()]
                .map(|folder| Box::new(SqliteLedger::open(folder).unwrap()) as Box<dyn Ledger>),
        ];
        others.extend(schema.iter().map(|schema| {
            [schema.url(), schema.url()]
                .map(|url| PostgresLedger::connect(&url).unwrap().by_callers_time())
                .map(|ledger| Box::new(ledger) as Box<dyn Ledger>)
        }));
        let tenants = [TenantId(1 + 2 * seed), TenantId(2 + 2 * seed)];
        let (mut random, mut fences) = (Random::new(u64::from(seed) + 1), BTreeMap::new());
        for step in 0..160 {
            let act = Act::random(&mut random, tenants, step, &fences);
            let mut known = fences.clone();
            let expected = act.on(&reference, &mut known);
            for hosts in &others {
                let host = hosts[step as usize % 2].as_ref();
                assert_eq!(act.on(host, &mut fences.clone()), expected, "seed {seed}, step {step}: {act:?}");
            }
            fences = known;
        }
    }
}

/// One thing to do, with everything it needs.
#[derive(Debug)]
struct Act {
    tenant: TenantId,
    now: UnixMs,
    what: What,
}

#[derive(Debug)]
enum What {
    Plan(CampaignId, u64, Vec<NewSend>),
    Forget(CampaignId, u64),
    Lease(String, Option<u64>),
    Release(Lease),
    Part(Lease, Share),
    Orphaned(Lease, CampaignId, u16),
    Intend(Lease, Vec<SendId>),
    Record(Lease, Vec<Recorded>),
    Expire(CampaignId),
    Hear(Vec<Fact>, u64),
}

type Fences = BTreeMap<(TenantId, String), u64>;

impl Act {
    fn random(random: &mut Random, tenants: [TenantId; 2], step: i64, fences: &Fences) -> Act {
        let tenant = tenants[usize::from(random.below(5) == 0)];
        let now = UnixMs(step * 2_500 + random.below(2_000) as i64);
        let campaign = |random: &mut Random| CampaignId(1 + random.below(3));
        let line = |random: &mut Random| format!("l{}", random.below(2));
        let id = |random: &mut Random| SendId { campaign: campaign(random), place: 1 + random.below(25) };
        // As a rule of whoever has it now.
        let lease = |random: &mut Random| {
            let line = line(random);
            let fence = fences.get(&(tenant, line.clone())).copied().unwrap_or(1);
            let fence = if random.below(6) == 0 { fence.saturating_sub(1) } else { fence };
            Lease { line, fence, until: UnixMs(0) }
        };
        let what = match random.below(24) {
            0..3 => {
                let (campaign, first) = (campaign(random), 1 + random.below(15));
                let places = first..first + random.below(12);
                let sends = places.map(|place| Act::planned(random, place)).collect();
                What::Plan(campaign, random.below(8) / 7, sends)
            }
            3 => What::Forget(campaign(random), random.below(8) / 7),
            4..7 => {
                let line = line(random);
                let held = fences.get(&(tenant, line.clone())).copied();
                What::Lease(line, held.filter(|_| random.below(3) == 0))
            }
            7 if random.below(2) == 0 => What::Release(lease(random)),
            7 => {
                let (most, chosen, wants) = (random.below(9), random.below(4), random.below(4) > 0);
                What::Part(lease(random), Share { most: most as u32, chosen: chosen as u32, wants })
            }
            8 => What::Orphaned(lease(random), campaign(random), random.below(2) as u16),
            9..14 => {
                let ids = (0..random.below(3) + 1).map(|_| id(random)).collect();
                What::Intend(lease(random), ids)
            }
            14..18 => {
                let records = (0..random.below(12)).map(|_| Act::recorded(random, id, now)).collect();
                What::Record(lease(random), records)
            }
            18 if random.below(3) == 0 => What::Expire(campaign(random)),
            _ => {
                let facts = (0..random.below(12)).map(|_| Act::fact(random, id, now)).collect();
                What::Hear(facts, random.below(100))
            }
        };
        Act { tenant, now, what }
    }

    fn planned(random: &mut Random, place: u64) -> NewSend {
        let person = 1_001 + random.below(20);
        NewSend {
            profile: person,
            number: person,
            person,
            country: *[b"TR", b"DE"][random.below(2) as usize],
            import: random.below(3),
            line: random.below(2) as u16,
            message: random.below(2) as u8,
            state: [SendState::Waiting, SendState::Control][usize::from(random.below(8) == 0)],
            ..planned(place)
        }
    }

    fn recorded(random: &mut Random, id: impl Fn(&mut Random) -> SendId, now: UnixMs) -> Recorded {
        use SendState::{Accepted, Capped, Expired, Failed, Gone, Held, OptedOut, Unknown, Waiting};
        let all =
            [Accepted, Accepted, Capped, Held, Failed, Unknown, OptedOut, Gone, Expired, Waiting, Waiting];
        Recorded {
            id: id(random),
            state: all[random.below(11) as usize],
            due: UnixMs([0, now.0 + random.below(9_000) as i64][random.below(2) as usize]),
            attempts: random.below(3) as u8,
            code: [0, 131_000, 130_429][random.below(3) as usize],
            wamid: (random.below(2) == 0).then(|| format!("wamid.{}\0", random.below(9))),
        }
    }

    fn fact(random: &mut Random, id: impl Fn(&mut Random) -> SendId, now: UnixMs) -> Fact {
        use Reached::{Delivered, Failed, Nothing, Read, Sent};
        let at = UnixMs((now.0 - random.below(20_000) as i64).max(0) / 1000 * 1000);
        match random.below(5) {
            0 => Fact::Said { person: 1_001 + random.below(20), at, is_opt_out: random.below(2) == 0 },
            1 => Fact::Clicked { id: id(random), at },
            _ => Fact::Told {
                id: id(random),
                reached: [Nothing, Sent, Delivered, Read, Failed][random.below(5) as usize],
                at,
                code: [131_026, 131_049, 0][random.below(3) as usize],
                wamid: format!("wamid.{}", random.below(9)),
            },
        }
    }

    /// What it answers, and everything that can be seen afterwards.
    fn on(&self, ledger: &dyn Ledger, fences: &mut Fences) -> String {
        let Act { tenant, now, what } = self;
        let answer = match what {
            What::Plan(campaign, attempt, sends) => {
                format!("{:?}", ledger.plan(*tenant, *campaign, *attempt, sends))
            }
            What::Forget(campaign, attempt) => {
                format!("{:?}", ledger.forget_plan(*tenant, *campaign, *attempt))
            }
            What::Lease(line, held) => {
                let held = held.map(|fence| Lease { line: line.clone(), fence, until: UnixMs(0) });
                let lease = ledger.lease(*tenant, line, held.as_ref(), *now).unwrap();
                if let Some(lease) = &lease {
                    fences.insert((*tenant, line.clone()), lease.fence);
                }
                format!("{lease:?}")
            }
            What::Release(lease) => format!("{:?}", ledger.release(*tenant, lease)),
            What::Part(lease, share) => {
                let part = ledger.part(*tenant, lease, *share, UnixMs(now.0 - 30_000), *now);
                format!("{part:?}")
            }
            What::Orphaned(lease, campaign, line) => {
                format!("{:?}", ledger.orphaned(*tenant, lease, *campaign, *line, *now))
            }
            What::Intend(lease, sends) => format!("{:?}", ledger.intend(*tenant, lease, sends, *now)),
            What::Record(lease, recorded) => {
                format!("{:?}", ledger.record(*tenant, lease, recorded, *now))
            }
            What::Expire(campaign) => format!("{:?}", ledger.expire(*tenant, *campaign, *now)),
            What::Hear(facts, up_to) => format!("{:?}", ledger.hear(*tenant, facts, *up_to)),
        };
        format!("{answer}\n{}", view(ledger, *tenant, *now))
    }
}

/// Everything that can be seen of a tenant.
fn view(ledger: &dyn Ledger, tenant: TenantId, now: UnixMs) -> String {
    let mut view = String::new();
    for campaign in (1..=3).map(CampaignId) {
        let totals = ledger.totals(tenant, campaign).unwrap();
        let times = [SPAN_MS, 25_000].map(|span| ledger.over_time(tenant, campaign, span).unwrap());
        let waiting =
            [0, 1].map(|line| ledger.waiting(tenant, campaign, line, now.0 as u64 % 20, now, 7).unwrap());
        let waiting = waiting.map(|(found, next)| (found.iter().map(whole).collect::<Vec<_>>(), next));
        let all: Vec<String> = all(ledger, tenant, campaign).iter().map(whole).collect();
        view += &format!("{all:?}\n{totals:?}\n{times:?}\n{waiting:?}\n");
    }
    let people: Vec<u64> = (1_000..1_022).collect();
    let since = UnixMs(now.0 / 2);
    let last = ledger.last_sends(tenant, &people, since).unwrap();
    let heard = ledger.heard_up_to(tenant).unwrap();
    format!("{view}{last:?}\n{} {heard}", ledger.people_since(tenant, since).unwrap())
}

/// Everything of a message, what no log may have among it.
fn whole(send: &KeptSend) -> String {
    let NewSend { profile, number, person, values, .. } = &send.planned;
    format!("{send:?} {profile} {number} {person} {values:?} {:?}", send.wamid)
}

fn planned(place: u64) -> NewSend {
    NewSend {
        place,
        profile: place,
        number: 905_300_000_000 + place,
        person: 1_000 + place,
        country: *b"TR",
        import: 1,
        line: 0,
        message: 0,
        state: SendState::Waiting,
        values: pack_values(["Ayşe"]),
    }
}

fn plan(ledger: &dyn Ledger, messages: u64) {
    ledger.plan(T, C, 0, &(1..=messages).map(planned).collect::<Vec<_>>()).unwrap();
}

fn id(place: u64) -> SendId {
    SendId { campaign: C, place }
}

fn taken(ledger: &dyn Ledger, line: &str, now: i64) -> Lease {
    ledger.lease(T, line, None, UnixMs(now)).unwrap().unwrap()
}

fn recorded(place: u64, state: SendState) -> Recorded {
    let accepted = state == SendState::Accepted;
    Recorded {
        id: id(place),
        state,
        due: UnixMs(0),
        attempts: u8::from(!accepted),
        code: if accepted { 0 } else { 130_429 },
        wamid: accepted.then(|| format!("wamid.{place}")),
    }
}

fn record(ledger: &dyn Ledger, lease: &Lease, place: u64, state: SendState, now: i64) {
    ledger.record(T, lease, &[recorded(place, state)], UnixMs(now)).unwrap();
}

fn told(ledger: &dyn Ledger, place: u64, reached: Reached, at: i64, code: i64) -> Vec<Meant> {
    let wamid = format!("wamid.{place}");
    ledger.hear(T, &[Fact::Told { id: id(place), reached, at: UnixMs(at), code, wamid }], 0).unwrap()
}

fn all(ledger: &dyn Ledger, tenant: TenantId, campaign: CampaignId) -> Vec<KeptSend> {
    ledger.page(tenant, campaign, &SendFilter::default(), 0, usize::MAX).unwrap()
}

fn places(sends: &[KeptSend]) -> Vec<u64> {
    sends.iter().map(|send| send.id.place).collect()
}

/// A letter for each message.
fn states(sends: &[KeptSend]) -> String {
    let letter = |send: &KeptSend| b"WIAHFUOGEC"[send.state as usize] as char;
    sends.iter().map(letter).collect()
}

fn counted(ledger: &dyn Ledger) -> Vec<(Group, u64)> {
    ledger.totals(T, C).unwrap()
}

fn by_hand(ledger: &dyn Ledger) -> Vec<(Group, u64)> {
    let mut totals = BTreeMap::new();
    for send in all(ledger, T, C) {
        let NewSend { message, country, import, line, .. } = send.planned;
        let group = Group {
            message,
            country,
            import,
            line,
            state: send.state,
            reached: send.reached,
            code: send.code,
            replied: send.replied_at.is_some(),
            opted_out: send.opted_out_at.is_some(),
            clicked: send.clicked_at.is_some(),
        };
        *totals.entry(group).or_default() += 1;
    }
    totals.into_iter().collect()
}
