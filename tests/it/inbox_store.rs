//! What every inbox promises, asked of every one there is: nothing is lost, nothing is there twice, everything is durable
//! when it is said to be, and whatever order it came in, messages end in the same state. The one in memory is the
//! reference: random histories must look alike in all.
//!
//! Longer than 500 lines because the promises, the way they are broken and the histories are one text to read.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};

use ::postgres::SimpleQueryMessage;
use consentry_core::delivery::{Conversation, Delivery, Pricing, Problem, Standing, Step, Told};
use consentry_core::time::UnixMs;
use consentry_host::store::inbox::{
    Cursor, FILE_NAME, Filter, IDS_KNOWN_MS, Inbox, InboxCounts, KEY_BYTES_MAX, KeptEvent, Lane, MemoryInbox,
    NewEvent, PostgresInbox, SqliteInbox,
};
use consentry_host::store::{StoreError, TenantId};
use rusqlite::Connection;
use tempfile::TempDir;

use crate::database::Schema;
use crate::program::Program;
use crate::random::Random;

const T: TenantId = TenantId::DEFAULT;
const OTHER: TenantId = TenantId(2);
const AYSE: u64 = 905_301_112_233;
const BORIS: u64 = 905_301_112_244;

macro_rules! on_every_inbox {
    ($($test:ident)*) => {
        mod memory {
            $(#[test] fn $test() { super::$test(&super::MemoryInbox::new()); })*
        }
        mod sqlite {
            $(#[test] fn $test() {
                let folder = super::TempDir::new().unwrap();
                super::$test(&super::SqliteInbox::open(folder.path()).unwrap());
            })*
        }
        mod postgres {
            $(#[test] fn $test() {
                if let Some(schema) = super::Schema::new() {
                    super::$test(&super::PostgresInbox::connect(&schema.url()).unwrap());
                }
            })*
        }
    };
}

on_every_inbox! {
    an_event_is_kept_once_however_often_it_comes
    places_go_up_and_never_come_back
    what_is_to_do_waits_until_it_is_done
    the_gate_sees_an_opt_out_until_it_is_acted_on
    history_pages_join_without_gap_in_both_directions
    history_is_narrowed_by_everything_that_is_asked
    a_cursor_goes_with_the_events_and_never_back
    deliveries_end_alike_in_any_order_and_with_any_copies
    a_copy_may_tell_more
    everything_that_was_told_is_kept
    what_is_forgotten_is_known_for_eight_days_more
    what_is_to_do_is_not_forgotten
    counts_tell_what_is_there
    tenants_do_not_see_each_other
    any_text_is_kept_and_found
    takes_at_once_keep_each_event_once
}

fn an_event_is_kept_once_however_often_it_comes(inbox: &dyn Inbox) {
    assert_eq!(inbox.take(T, &[], None).unwrap(), []);
    let seqs = take(inbox, &[event("a"), event("b"), event("a")]);
    assert!(seqs[0].is_some() && seqs[1].is_some() && seqs[2].is_none(), "{seqs:?}");
    let again = take(inbox, &[event("b"), event("c"), NewEvent { body: "another".into(), ..event("a") }]);
    assert!(again[0].is_none() && again[1].is_some() && again[2].is_none(), "{again:?}");
    let kept = oldest_first(inbox);
    assert_eq!(ids(&kept), ["a", "b", "c"]);
    assert_eq!(kept[0].body, event("a").body, "the first copy stays");
    assert_eq!(kept.iter().map(|event| Some(event.seq)).collect::<Vec<_>>(), [seqs[0], seqs[1], again[1]]);
}

fn places_go_up_and_never_come_back(inbox: &dyn Inbox) {
    let mut last = 0;
    for round in 0..5 {
        for seq in take(inbox, &[event(&format!("{round}/1")), event("same"), event(&format!("{round}/2"))]) {
            let Some(seq) = seq else { continue };
            assert!(seq > last);
            last = seq;
        }
        inbox.forget_before(T, UnixMs(i64::MAX), 100).unwrap();
    }
}

fn what_is_to_do_waits_until_it_is_done(inbox: &dyn Inbox) {
    let all: Vec<NewEvent> = (0..10)
        .map(|at| NewEvent {
            lane: Lane::ALL[at % 2],
            to_do: at % 3 != 0,
            kind: "sign_up".to_owned(),
            ..event(&at.to_string())
        })
        .collect();
    let seqs: Vec<u64> = take(inbox, &all).into_iter().flatten().collect();
    let waits = |lane| ids(&inbox.to_do(T, lane, 100).unwrap());
    assert_eq!(waits(Lane::Consent), ["2", "4", "8"]);
    assert_eq!(waits(Lane::Rest), ["1", "5", "7"]);
    assert_eq!(ids(&inbox.to_do(T, Lane::Rest, 2).unwrap()), ["1", "5"]);
    assert_eq!(inbox.to_do(T, Lane::Rest, 0).unwrap(), []);
    // Places where nothing is or waits are passed over.
    inbox.done(T, &[seqs[4], seqs[0], seqs[4], 0, 1 << 40, u64::MAX, seqs[1]]).unwrap();
    inbox.done(T, &[]).unwrap();
    assert_eq!(
        (waits(Lane::Consent), waits(Lane::Rest)),
        (vec!["2", "8"].into_iter().map(str::to_owned).collect(), vec!["5".to_owned(), "7".to_owned()])
    );
    assert!(take(inbox, &all).iter().all(Option::is_none), "a copy does not bring it back");
    assert_eq!(waits(Lane::Rest), ["5", "7"]);
    let done: Vec<bool> = oldest_first(inbox).iter().map(|event| event.done).collect();
    assert_eq!(done, [true, true, false, true, true, false, true, false, false, true]);
}

fn the_gate_sees_an_opt_out_until_it_is_acted_on(inbox: &dyn Inbox) {
    let waits = |number, user| inbox.opt_out_waits(T, number, user).unwrap();
    assert!(!waits(Some(AYSE), Some("TR.1")) && !waits(None, None));
    let opt_out = |id: &str, number, user: Option<&str>| NewEvent {
        kind: "opt_out".to_owned(),
        lane: Lane::Consent,
        to_do: true,
        number,
        user: user.map(str::to_owned),
        ..event(id)
    };
    let not_opt_outs = [
        NewEvent { kind: "resume".to_owned(), ..opt_out("r", Some(AYSE), Some("TR.1")) },
        NewEvent { to_do: false, ..opt_out("d", Some(AYSE), Some("TR.1")) },
    ];
    take(inbox, &not_opt_outs);
    assert!(!waits(Some(AYSE), Some("TR.1")));
    let seqs = take(
        inbox,
        &[opt_out("1", Some(AYSE), Some("TR.1")), opt_out("2", None, Some("TR.1")), opt_out("3", None, None)],
    );
    assert!(waits(Some(AYSE), None) && waits(None, Some("TR.1")) && waits(Some(BORIS), Some("TR.1")));
    assert!(waits(Some(AYSE), Some("TR.2")));
    assert!(
        !waits(Some(BORIS), Some("TR.2"))
            && !waits(Some(BORIS), None)
            && !waits(None, Some("tr.1"))
            && !waits(None, None)
    );
    assert!(!inbox.opt_out_waits(OTHER, Some(AYSE), Some("TR.1")).unwrap());
    inbox.done(T, &[seqs[0].unwrap()]).unwrap();
    assert!(!waits(Some(AYSE), None) && waits(None, Some("TR.1")), "the second one still waits");
    inbox.done(T, &[seqs[1].unwrap()]).unwrap();
    assert!(!waits(Some(AYSE), Some("TR.1")));
}

fn history_pages_join_without_gap_in_both_directions(inbox: &dyn Inbox) {
    let kinds = ["message", "status", "opt_out"];
    let all: Vec<NewEvent> = (0..30)
        .map(|at| NewEvent { kind: kinds[at * at % 3].to_owned(), ..event(&at.to_string()) })
        .collect();
    take(inbox, &all);
    let whole = oldest_first(inbox);
    assert_eq!(whole.len(), 30);
    for kinds in [vec![], vec!["status"], vec!["status", "message", "nothing"]] {
        let kinds: Vec<String> = kinds.into_iter().map(str::to_owned).collect();
        let wanted = |event: &&KeptEvent| kinds.is_empty() || kinds.contains(&event.kind);
        let up: Vec<KeptEvent> = whole.iter().filter(wanted).cloned().collect();
        let down: Vec<KeptEvent> = up.iter().rev().cloned().collect();
        for limit in [1, 2, 7, 30, 31] {
            let filter = Filter { kinds: kinds.clone(), ..Filter::default() };
            let (mut seen, mut place) = (Vec::new(), 0);
            loop {
                let page = inbox.history(T, &Filter { after: Some(place), ..filter.clone() }, limit).unwrap();
                let Some(last) = page.last() else { break };
                assert!(page.len() <= limit);
                place = last.seq;
                seen.extend(page);
            }
            assert_eq!(seen, up);
            let (mut seen, mut place) = (Vec::new(), None);
            loop {
                let page = inbox.history(T, &Filter { before: place, ..filter.clone() }, limit).unwrap();
                let Some(last) = page.last() else { break };
                place = Some(last.seq);
                seen.extend(page);
            }
            assert_eq!(seen, down);
        }
    }
    let between = Filter { after: Some(whole[3].seq), before: Some(whole[9].seq), ..Filter::default() };
    assert_eq!(inbox.history(T, &between, 100).unwrap(), whole[4..9]);
    assert_eq!(inbox.history(T, &between, 2).unwrap(), whole[4..6]);
    assert_eq!(inbox.history(T, &Filter::default(), 0).unwrap(), []);
    let past = Filter { after: Some(u64::MAX), before: Some(u64::MAX), ..Filter::default() };
    assert_eq!(inbox.history(T, &past, 10).unwrap(), []);
}

fn history_is_narrowed_by_everything_that_is_asked(inbox: &dyn Inbox) {
    let of = |id: &str, kind: &str, number, user: Option<&str>, message: Option<&str>| NewEvent {
        kind: kind.to_owned(),
        number,
        user: user.map(str::to_owned),
        message_id: message.map(str::to_owned),
        ..event(id)
    };
    let all = [
        of("1", "message", Some(AYSE), None, Some("w1")),
        of("2", "status", Some(AYSE), Some("TR.1"), Some("w2")),
        of("3", "status", None, Some("TR.1"), Some("w2")),
        of("4", "status", Some(BORIS), Some("TR.2"), Some("w3")),
        of("5", "template", None, None, None),
    ];
    take(inbox, &all);
    let found = |filter: Filter| ids(&inbox.history(T, &filter, 100).unwrap()).concat();
    let user = |user: &str| Some(user.to_owned());
    assert_eq!(found(Filter { number: Some(AYSE), ..Filter::default() }), "21");
    assert_eq!(found(Filter { user: user("TR.1"), ..Filter::default() }), "32");
    assert_eq!(found(Filter { number: Some(AYSE), user: user("TR.1"), ..Filter::default() }), "321");
    let statuses = vec!["status".to_owned()];
    assert_eq!(
        found(Filter {
            number: Some(AYSE),
            user: user("TR.1"),
            kinds: statuses.clone(),
            ..Filter::default()
        }),
        "32"
    );
    assert_eq!(found(Filter { message_id: user("w2"), ..Filter::default() }), "32");
    assert_eq!(found(Filter { message_id: user("w2"), number: Some(AYSE), ..Filter::default() }), "2");
    assert_eq!(found(Filter { message_id: user("w1"), kinds: statuses, ..Filter::default() }), "");
    assert_eq!(found(Filter { user: user("TR"), ..Filter::default() }), "");
    assert_eq!(found(Filter { kinds: vec!["template".into(), "message".into()], ..Filter::default() }), "51");
}

fn a_cursor_goes_with_the_events_and_never_back(inbox: &dyn Inbox) {
    let cursor =
        |lane, inbox: &str, up_to| Cursor { source: "edge".into(), lane, inbox: inbox.into(), up_to };
    let find = |lane| inbox.cursor(T, "edge", lane).unwrap();
    assert_eq!(find(Lane::Consent), None);
    inbox.take(T, &[event("a")], Some(&cursor(Lane::Consent, "i1", 7))).unwrap();
    inbox.take(T, &[], Some(&cursor(Lane::Rest, "i1", 3))).unwrap();
    assert_eq!(find(Lane::Consent), Some(cursor(Lane::Consent, "i1", 7)));
    assert_eq!(find(Lane::Rest), Some(cursor(Lane::Rest, "i1", 3)));
    inbox.take(T, &[event("a")], Some(&cursor(Lane::Consent, "i1", 5))).unwrap();
    assert_eq!(find(Lane::Consent), Some(cursor(Lane::Consent, "i1", 7)));
    inbox.take(T, &[], Some(&cursor(Lane::Consent, "i1", 9))).unwrap();
    assert_eq!(find(Lane::Consent), Some(cursor(Lane::Consent, "i1", 9)));
    inbox.take(T, &[], Some(&cursor(Lane::Consent, "i2", 1))).unwrap();
    assert_eq!(find(Lane::Consent), Some(cursor(Lane::Consent, "i2", 1)), "another inbox begins anew");
    assert_eq!(inbox.cursor(T, "other", Lane::Consent).unwrap(), None);
    assert_eq!(inbox.cursor(OTHER, "edge", Lane::Consent).unwrap(), None);
}

fn deliveries_end_alike_in_any_order_and_with_any_copies(inbox: &dyn Inbox) {
    let mut random = Random::new(6);
    for round in 0..20 {
        let message = format!("wamid.{round}");
        let all: Vec<NewEvent> = ["sent", "delivered", "read", "failed", "strange"]
            .iter()
            .map(|word| status(&message, word, 10 * round + random.below(10) as i64))
            .collect();
        let mut expected = Delivery::default();
        all.iter().for_each(|event| expected.join(&event.told.as_ref().unwrap().1));
        let mut left: Vec<NewEvent> = all.iter().chain(&all[1..4]).cloned().collect();
        while !left.is_empty() {
            let together: Vec<NewEvent> = (0..=random.below(3))
                .filter_map(|_| {
                    let at = random.below(left.len().max(1) as u64) as usize;
                    (at < left.len()).then(|| left.swap_remove(at))
                })
                .collect();
            take(inbox, &together);
        }
        let delivery = inbox.delivery(T, &message).unwrap().unwrap();
        assert_eq!(delivery, expected);
        assert_eq!(delivery.standing(), Standing::Reached(Step::Read));
    }
    assert_eq!(inbox.delivery(T, "wamid.none").unwrap(), None);
    assert_eq!(inbox.delivery(OTHER, "wamid.1").unwrap(), None);
}

fn a_copy_may_tell_more(inbox: &dyn Inbox) {
    let failed = status("w", "failed", 5);
    let mut told = failed.told.clone().unwrap().1;
    told.at = UnixMs(4);
    told.problems
        .push(Problem { code: 131_050, title: "stopped".into(), details: Some("\0 and ☎".into()) });
    let copy = NewEvent { told: Some(("w".into(), told.clone())), ..failed.clone() };
    assert!(take(inbox, std::slice::from_ref(&failed))[0].is_some());
    assert!(take(inbox, std::slice::from_ref(&copy))[0].is_none());
    let delivery = inbox.delivery(T, "w").unwrap().unwrap();
    assert_eq!(delivery.failed_at(), Some(UnixMs(4)));
    assert_eq!(delivery.problems().cloned().collect::<Vec<_>>(), told.problems);
}

fn everything_that_was_told_is_kept(inbox: &dyn Inbox) {
    let text = |text: &str| Some(text.to_owned());
    let told = Told {
        status: "delivered".into(),
        at: UnixMs(-5),
        problems: vec![Problem { code: -1, title: "\u{1f44d} \"quoted\"".into(), details: None }],
        pricing: Some(Pricing {
            category: text("marketing"),
            kind: text("regular"),
            model: text("PMP"),
            billable: Some(false),
        }),
        callback_data: text(""),
        number: text("+905301112233"),
        user: text("TR.1"),
        phone_number_id: text("106540352242922"),
        conversation: Some(Conversation {
            id: "c".into(),
            origin: text("referral_conversion"),
            expires: Some(UnixMs(i64::MAX)),
        }),
    };
    let mut expected = Delivery::default();
    expected.join(&told);
    take(inbox, &[NewEvent { told: Some(("w".into(), told)), ..event("a") }]);
    assert_eq!(inbox.delivery(T, "w").unwrap().unwrap(), expected);
}

fn what_is_forgotten_is_known_for_eight_days_more(inbox: &dyn Inbox) {
    let at = |id: &str, received| NewEvent {
        received: UnixMs(received),
        number: Some(AYSE),
        user: Some("TR.1".into()),
        message_id: Some("w".into()),
        ..event(id)
    };
    // The oldest go first, in the order in which they were received.
    let sent = NewEvent { received: UnixMs(250), ..status("w", "sent", 1) };
    take(inbox, &[at("late", 300), at("a", 100), at("b", 200), sent]);
    assert_eq!(inbox.forget_before(T, UnixMs(300), 1).unwrap(), 1);
    assert_eq!(
        ids(&inbox.history(T, &Filter { number: Some(AYSE), ..Filter::default() }, 9).unwrap()),
        ["b", "late"]
    );
    assert_eq!(inbox.forget_before(T, UnixMs(300), 9).unwrap(), 2, "the status as well");
    assert_eq!(inbox.forget_before(T, UnixMs(300), 9).unwrap(), 0);
    for filter in [
        Filter::default(),
        Filter { number: Some(AYSE), ..Filter::default() },
        Filter { user: Some("TR.1".into()), ..Filter::default() },
        Filter { message_id: Some("w".into()), ..Filter::default() },
        Filter { kinds: vec!["message".into()], ..Filter::default() },
    ] {
        assert_eq!(ids(&inbox.history(T, &filter, 9).unwrap()), ["late"]);
    }
    assert!(take(inbox, &[at("a", 400), at("b", 400)]).iter().all(Option::is_none), "they are known");
    assert_eq!(inbox.forget_before(T, UnixMs(100 + IDS_KNOWN_MS), 9).unwrap(), 1);
    assert!(take(inbox, &[at("a", 400)])[0].is_none(), "to the last moment");
    assert_eq!(inbox.forget_before(T, UnixMs(101 + IDS_KNOWN_MS), 9).unwrap(), 0);
    assert!(take(inbox, &[at("a", 400)])[0].is_some());
    assert!(take(inbox, &[at("b", 400)])[0].is_none());
    assert!(inbox.delivery(T, "w").unwrap().is_some(), "what became of a message is not forgotten with it");
}

fn what_is_to_do_is_not_forgotten(inbox: &dyn Inbox) {
    let to_do = |id: &str| NewEvent { to_do: true, ..event(id) };
    let seqs = take(inbox, &[to_do("a"), event("b"), to_do("c")]);
    assert_eq!(inbox.forget_before(T, UnixMs(i64::MAX), 100).unwrap(), 1);
    assert_eq!(ids(&inbox.to_do(T, Lane::Rest, 9).unwrap()), ["a", "c"]);
    inbox.done(T, &[seqs[0].unwrap()]).unwrap();
    assert_eq!(inbox.forget_before(T, UnixMs(i64::MAX), 100).unwrap(), 1);
    assert_eq!(ids(&oldest_first(inbox)), ["c"]);
}

fn counts_tell_what_is_there(inbox: &dyn Inbox) {
    assert_eq!(inbox.counts(T).unwrap(), InboxCounts::default());
    let at =
        |id: &str, lane, received| NewEvent { to_do: true, lane, received: UnixMs(received), ..event(id) };
    let all =
        [at("a", Lane::Consent, 7), at("b", Lane::Rest, 9), at("c", Lane::Rest, 8), at("b", Lane::Rest, 99)];
    let seqs = take(inbox, &all);
    let expected = InboxCounts { consent_waits: 1, rest_waits: 2, events: 3, last_received: Some(UnixMs(9)) };
    assert_eq!(inbox.counts(T).unwrap(), expected);
    take(inbox, &all);
    assert_eq!(inbox.counts(T).unwrap(), expected);
    inbox.done(T, &[seqs[1].unwrap()]).unwrap();
    inbox.forget_before(T, UnixMs(i64::MAX), 100).unwrap();
    assert_eq!(inbox.counts(T).unwrap(), InboxCounts { rest_waits: 1, ..expected });
    assert_eq!(inbox.counts(OTHER).unwrap(), InboxCounts::default());
}

fn tenants_do_not_see_each_other(inbox: &dyn Inbox) {
    let opt_out = NewEvent { kind: "opt_out".into(), to_do: true, number: Some(AYSE), ..event("a") };
    let mine = inbox.take(T, std::slice::from_ref(&opt_out), None).unwrap();
    assert!(inbox.take(OTHER, &[event("a"), event("b")], None).unwrap().iter().all(Option::is_some));
    assert_eq!(ids(&oldest_first(inbox)), ["a"]);
    assert!(!inbox.opt_out_waits(OTHER, Some(AYSE), None).unwrap());
    inbox.done(OTHER, &[mine[0].unwrap()]).unwrap();
    inbox.forget_before(OTHER, UnixMs(i64::MAX), 100).unwrap();
    assert!(inbox.opt_out_waits(T, Some(AYSE), None).unwrap());
    assert_eq!(inbox.history(OTHER, &Filter::default(), 9).unwrap(), []);
}

fn any_text_is_kept_and_found(inbox: &dyn Inbox) {
    let long = "é".repeat(KEY_BYTES_MAX);
    let texts = [
        "",
        " ",
        "%",
        "a_b",
        "a\0b",
        "ab",
        "'; DROP TABLE inbox_event; --",
        "İ",
        "☎\u{1f44d}",
        &long,
        &format!("{long}!"),
    ];
    for text in texts {
        let kind = format!("kind {text}");
        let odd = NewEvent {
            id: text.to_owned(),
            kind: kind.clone(),
            user: Some(text.to_owned()),
            message_id: Some(text.to_owned()),
            told: Some((text.to_owned(), Told { status: text.to_owned(), ..Told::default() })),
            body: format!("{{\"text\":\"{text}\"}}"),
            ..event("")
        };
        assert!(take(inbox, std::slice::from_ref(&odd))[0].is_some(), "{text:?}");
        assert!(take(inbox, std::slice::from_ref(&odd))[0].is_none(), "{text:?}");
        for filter in [
            Filter { user: Some(text.to_owned()), ..Filter::default() },
            Filter { message_id: Some(text.to_owned()), ..Filter::default() },
            Filter { kinds: vec![kind], ..Filter::default() },
        ] {
            let found = inbox.history(T, &filter, 9).unwrap();
            assert_eq!(found.len(), 1, "{filter:?}");
            assert_eq!(found[0].body, odd.body.replace('\0', "\u{fffd}"));
            assert!(found[0].id.len() <= KEY_BYTES_MAX);
        }
        assert!(inbox.delivery(T, text).unwrap().is_some());
    }
    assert_eq!(inbox.counts(T).unwrap().events, texts.len() as u64);
}

fn takes_at_once_keep_each_event_once(inbox: &dyn Inbox) {
    const THREADS: usize = 8;
    const EACH: usize = 60;
    let start = Barrier::new(THREADS);
    let new: Vec<u64> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| {
                let start = &start;
                scope.spawn(move || {
                    start.wait();
                    let mut new = Vec::new();
                    for at in 0..EACH {
                        // Every event comes twice, from two threads, and each message is told of by all.
                        let id = format!("{}/{at}", thread / 2);
                        let event = NewEvent {
                            id,
                            ..status(&format!("w{at}"), &format!("s{}", thread / 2), at as i64)
                        };
                        new.extend(inbox.take(T, &[event], None).unwrap()[0]);
                    }
                    new
                })
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(new.len(), THREADS / 2 * EACH);
    let kept = oldest_first(inbox);
    assert_eq!(kept.iter().map(|event| event.seq).collect::<BTreeSet<_>>(), new.iter().copied().collect());
    assert_eq!(kept.iter().map(|event| &event.id).collect::<BTreeSet<_>>().len(), THREADS / 2 * EACH);
    for at in 0..EACH {
        let delivery = inbox.delivery(T, &format!("w{at}")).unwrap().unwrap();
        assert_eq!(delivery.said().count(), THREADS / 2, "no one's word was overwritten");
    }
}

#[test]
fn what_was_taken_is_there_after_the_process_is_gone() {
    let folder = TempDir::new().unwrap();
    let inbox = SqliteInbox::open(folder.path()).unwrap();
    let cursor = Cursor { source: "edge".into(), lane: Lane::Rest, inbox: "i".into(), up_to: 3 };
    inbox.take(T, &[status("w", "read", 5), NewEvent { to_do: true, ..event("a") }], Some(&cursor)).unwrap();
    // Nobody closes anything: what a killed process leaves is what lies in the folder now.
    let copy = TempDir::new().unwrap();
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
    }
    let again = SqliteInbox::open(copy.path()).unwrap();
    assert_eq!(oldest_first(&again), oldest_first(&inbox));
    assert_eq!(again.delivery(T, "w").unwrap().unwrap().standing(), Standing::Reached(Step::Read));
    assert_eq!(again.cursor(T, "edge", Lane::Rest).unwrap(), Some(cursor));
    assert_eq!(take(&again, &[event("a"), event("b")]).iter().flatten().count(), 1);
}

#[test]
fn one_that_cannot_be_kept_fails_alone_and_leaves_nothing() {
    const REFUSE: &str = "CREATE TRIGGER refuse BEFORE INSERT ON inbox_event WHEN new.kind = 'poison'
        BEGIN SELECT RAISE(ABORT, 'poison'); END";
    const REFUSE_THERE: &str = "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'poison'; END $$;
        CREATE TRIGGER refuse BEFORE INSERT ON inbox_event FOR EACH ROW WHEN (new.kind = 'poison')
        EXECUTE FUNCTION refuse()";
    let folder = TempDir::new().unwrap();
    let sqlite = SqliteInbox::open(folder.path()).unwrap();
    let raw = Connection::open(folder.path().join(FILE_NAME)).unwrap();
    raw.execute_batch(REFUSE).unwrap();
    // They come while somebody else holds the file, so that they stand in line together.
    raw.execute_batch("BEGIN IMMEDIATE").unwrap();
    poisoned(&sqlite, || raw.execute_batch("COMMIT").unwrap());
    if let Some(schema) = Schema::new() {
        let postgres = PostgresInbox::connect(&schema.url()).unwrap();
        let mut raw = schema.raw();
        raw.batch_execute(REFUSE_THERE).unwrap();
        take(&postgres, &[event("before")]);
        raw.batch_execute("BEGIN; SELECT 1 FROM inbox_tenant FOR UPDATE").unwrap();
        poisoned(&postgres, || raw.batch_execute("COMMIT").unwrap());
    }
}

/// Takes of many threads, one of which has what cannot be kept between two good ones.
fn poisoned(inbox: &dyn Inbox, mut let_go: impl FnMut()) {
    const THREADS: usize = 16;
    let cursor = Cursor { source: "edge".into(), lane: Lane::Rest, inbox: "i".into(), up_to: 7 };
    let start = Barrier::new(THREADS + 1);
    let refused = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| {
                let (start, cursor) = (&start, &cursor);
                scope.spawn(move || {
                    let good = [1, 2].map(|at| status(&format!("w{thread}"), &format!("s{at}"), 1));
                    let poison = NewEvent { kind: "poison".to_owned(), ..event("poison") };
                    start.wait();
                    if thread == THREADS / 2 {
                        return inbox
                            .take(T, &[good[0].clone(), poison, good[1].clone()], Some(cursor))
                            .is_err();
                    }
                    let seqs = inbox.take(T, &good, None).unwrap();
                    assert!(seqs.iter().all(Option::is_some), "{seqs:?}");
                    false
                })
            })
            .collect();
        start.wait();
        let_go();
        threads.into_iter().map(|thread| thread.join().unwrap()).filter(|refused| *refused).count()
    });
    assert_eq!(refused, 1);
    let kept = oldest_first(inbox).into_iter().filter(|event| event.kind == "status").count();
    assert_eq!(kept, 2 * (THREADS - 1));
    assert_eq!(inbox.delivery(T, &format!("w{}", THREADS / 2)).unwrap(), None);
    assert_eq!(inbox.cursor(T, "edge", Lane::Rest).unwrap(), None);
    assert!(take(inbox, &[event("after")])[0].is_some());
}

/// Set for the process that is killed: the folder of its inbox.
const KILLED_IN: &str = "CONSENTRY_TEST_KILLED_INBOX";

#[test]
fn what_a_killed_process_was_told_to_be_durable_is_there() {
    const ROUNDS: usize = 5;
    const ANSWERED_MIN: usize = 150;
    if let Ok(folder) = std::env::var(KILLED_IN) {
        take_until_killed(&SqliteInbox::open(Path::new(&folder)).unwrap());
    }
    let folder = TempDir::new().unwrap();
    let mut answered = 0;
    for round in 0..ROUNDS {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "inbox_store::what_a_killed_process_was_told_to_be_durable_is_there",
                "--nocapture",
            ])
            .env(KILLED_IN, folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let wanted = ANSWERED_MIN + 37 * round;
        let mut told: Vec<String> =
            lines.by_ref().filter(|line| line.starts_with("kept ")).take(wanted).collect();
        child.kill().unwrap();
        child.wait().unwrap();
        // The last line may be cut off, and then it was not told.
        told.extend(lines.filter(|line| line.starts_with("kept ") && line.ends_with('.')));
        answered += told.len();
        let inbox = SqliteInbox::open(folder.path()).unwrap();
        let kept: BTreeMap<String, u64> =
            oldest_first(&inbox).into_iter().map(|event| (event.id, event.seq)).collect();
        for line in &told {
            let (id, seq) =
                line.strip_prefix("kept ").unwrap().trim_end_matches('.').split_once(' ').unwrap();
            assert_eq!(kept.get(id).map(u64::to_string).as_deref(), Some(seq), "{line}");
        }
        // Two events of each take and what they tell: all of it or nothing.
        assert_eq!(inbox.counts(T).unwrap().events, kept.len() as u64);
        for id in kept.keys() {
            let (message, word) = id.split_once('/').unwrap();
            let other = if word == "sent" { "read" } else { "sent" };
            assert!(kept.contains_key(&format!("{message}/{other}")), "{id} is there alone");
            assert_eq!(inbox.delivery(T, message).unwrap().unwrap().said().count(), 2);
        }
    }
    assert!(answered >= ROUNDS * ANSWERED_MIN);
}

/// Several threads take, and say so line by line once it is durable.
fn take_until_killed(inbox: &dyn Inbox) {
    let before = inbox.counts(T).unwrap().events;
    std::thread::scope(|scope| {
        for thread in 0..8 {
            scope.spawn(move || {
                for at in 0_u64.. {
                    let message = format!("w{before}-{thread}-{at}");
                    let both = [status(&message, "sent", 1), status(&message, "read", 2)];
                    let seqs = take(inbox, &both);
                    let lines: String = both
                        .iter()
                        .zip(seqs)
                        .map(|(event, seq)| format!("kept {} {}.\n", event.id, seq.unwrap()))
                        .collect();
                    std::io::stdout().write_all(lines.as_bytes()).unwrap();
                }
            });
        }
    });
}

/// Whoever reads on after a place while others write misses nothing.
#[test]
fn reading_on_misses_nothing_while_hosts_take_at_once() {
    const HOSTS: usize = 3;
    const EACH: usize = 80;
    let folder = TempDir::new().unwrap();
    follow(
        &(0..HOSTS)
            .map(|_| Box::new(SqliteInbox::open(folder.path()).unwrap()) as Box<dyn Inbox>)
            .collect::<Vec<_>>(),
        EACH,
    );
    if let Some(schema) = Schema::new() {
        let host = || Box::new(PostgresInbox::connect(&schema.url()).unwrap()) as Box<dyn Inbox>;
        follow(&(0..HOSTS).map(|_| host()).collect::<Vec<_>>(), EACH);
    }
}

fn follow(hosts: &[Box<dyn Inbox>], each: usize) {
    let (mut place, mut seen) = (0, Vec::new());
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..2 * hosts.len())
            .map(|thread| {
                let host = &hosts[thread % hosts.len()];
                scope.spawn(move || {
                    for at in 0..each {
                        // Every other event is one that all of them have.
                        let id = if at % 2 == 0 { format!("all {at}") } else { format!("{thread} {at}") };
                        let event =
                            NewEvent { id, ..status("one message", &format!("s{thread}"), at as i64) };
                        host.take(T, &[event], None).unwrap();
                    }
                })
            })
            .collect();
        loop {
            let over = threads.iter().all(|thread| thread.is_finished());
            let page = hosts[0].history(T, &Filter { after: Some(place), ..Filter::default() }, 7).unwrap();
            place = page.last().map_or(place, |last| last.seq);
            let empty = page.is_empty();
            seen.extend(page);
            if over && empty {
                break;
            }
        }
    });
    assert_eq!(seen, oldest_first(hosts[0].as_ref()));
    assert_eq!(seen.len(), each / 2 + 2 * hosts.len() * each / 2);
    let delivery = hosts[0].delivery(T, "one message").unwrap().unwrap();
    assert_eq!(delivery.said().count(), 2 * hosts.len(), "nobody's word was overwritten");
}

#[test]
fn what_is_copied_says_what_the_original_says() {
    let folder = TempDir::new().unwrap();
    let inbox = SqliteInbox::open(folder.path()).unwrap();
    let mut random = Random::new(77);
    for _ in 0..200 {
        Act::random(&mut random, [T, OTHER]).on(&inbox);
    }
    let seen = |inbox: &dyn Inbox| [T, OTHER].map(|tenant| Act::Forget(tenant, UnixMs(0), 0).on(inbox));
    let goes_on = |inbox: &dyn Inbox| {
        let events: Vec<NewEvent> = (0..60).map(|at| event(&format!("id {at}"))).collect();
        take(inbox, &events)
    };
    let before = seen(&inbox);
    let copy = TempDir::new().unwrap();
    inbox.back_up(copy.path()).unwrap();
    let copy = SqliteInbox::open(copy.path()).unwrap();
    assert_eq!(seen(&copy), before);
    if let Some(schema) = Schema::new() {
        let moved = PostgresInbox::connect(&schema.url()).unwrap();
        inbox.copy_into(&moved).unwrap();
        assert_eq!(seen(&moved), before);
        assert!(matches!(inbox.copy_into(&moved), Err(StoreError::NotEmpty)));
        assert_eq!(goes_on(&moved), goes_on(&copy), "places and known ids go on where they were");
    }
}

#[test]
fn the_inbox_goes_where_the_data_goes() {
    let program = Program::new();
    program.write("people.csv", "wpNumber,permission\n+905301112233,1\n");
    program.run(&["import", "people.csv"]);
    let opt_out = NewEvent { kind: "opt_out".into(), to_do: true, number: Some(AYSE), ..event("stop") };
    let inbox = SqliteInbox::open(&program.data()).unwrap();
    take(&inbox, &[opt_out, status("w", "read", 5)]);
    let here = |inbox: &dyn Inbox| {
        assert!(inbox.opt_out_waits(T, Some(AYSE), None).unwrap());
        (oldest_first(inbox), inbox.delivery(T, "w").unwrap())
    };
    program.json(&["store", "backup", "copies/monday"]);
    take(&inbox, &[event("later")]);
    program.json(&["store", "restore", "copies/monday", "--data", "restored"]);
    let restored = SqliteInbox::open(&program.path("restored")).unwrap();
    assert_eq!(ids(&here(&restored).0), ["stop", "w/read"]);
    if let Some(schema) = Schema::new() {
        program.json(&["store", "migrate", "--to", &schema.url()]);
        assert_eq!(here(&PostgresInbox::connect(&schema.url()).unwrap()), here(&inbox));
    }
    // What was backed up before there was an inbox can be restored as well.
    std::fs::remove_file(program.path("copies/monday").join(FILE_NAME)).unwrap();
    program.json(&["store", "restore", "copies/monday", "--data", "again"]);
    assert_eq!(oldest_first(&SqliteInbox::open(&program.path("again")).unwrap()), []);
}

/// The gate is asked before every message: it must not look at more than it has to, nor must anything else.
#[test]
fn questions_go_through_the_index_that_is_for_them() {
    const QUESTIONS: [(&str, &str); 9] = [
        ("waits = 1 AND kind = 'opt_out' AND number = ?2", "inbox_opt_out_number"),
        ("waits = 1 AND kind = 'opt_out' AND user_id = ?2", "inbox_opt_out_user"),
        ("body IS NOT NULL AND waits = 1 AND lane = ?2 ORDER BY seq LIMIT ?3", "inbox_event_waits"),
        ("body IS NOT NULL AND seq > ?2 AND kind = ?3 ORDER BY seq LIMIT ?4", "inbox_event_kind"),
        ("body IS NOT NULL AND seq > ?2 AND number = ?3 ORDER BY seq LIMIT ?4", "inbox_event_number"),
        ("body IS NOT NULL AND seq < ?2 AND user_id = ?3 ORDER BY seq DESC LIMIT ?4", "inbox_event_user"),
        (
            "body IS NOT NULL AND seq < ?2 AND message_id = ?3 ORDER BY seq DESC LIMIT ?4",
            "inbox_event_message",
        ),
        (
            "body IS NOT NULL AND waits = 0 AND received < ?2 ORDER BY received, seq LIMIT ?3",
            "inbox_event_kept",
        ),
        ("body IS NULL AND received < ?2 ORDER BY received, seq LIMIT ?3", "inbox_event_forgotten"),
    ];
    let folder = TempDir::new().unwrap();
    take(&SqliteInbox::open(folder.path()).unwrap(), &[event("a")]);
    let raw = Connection::open(folder.path().join(FILE_NAME)).unwrap();
    let embedded = |question: &str| -> String {
        let mut statement = raw.prepare(&format!("EXPLAIN QUERY PLAN {question}")).unwrap();
        let nothing = rusqlite::params_from_iter(vec![None::<i64>; statement.parameter_count()]);
        let lines = statement.query_map(nothing, |row| row.get::<_, String>(3)).unwrap();
        lines.map(Result::unwrap).collect::<Vec<_>>().join("\n")
    };
    let schema = Schema::new();
    let mut shared = schema.as_ref().map(|schema| {
        take(&PostgresInbox::connect(&schema.url()).unwrap(), &[event("a")]);
        let mut raw = schema.raw();
        raw.batch_execute(
            "SET plan_cache_mode = force_generic_plan; SET enable_hashjoin = off; SET enable_mergejoin = off;
             SET enable_bitmapscan = off; SET enable_seqscan = off",
        )
        .unwrap();
        raw
    });
    for (question, index) in QUESTIONS {
        let question = format!("SELECT seq FROM inbox_event WHERE tenant_id = ?1 AND {question}");
        let plan = embedded(&question);
        assert!(plan.contains(&format!("{index} ")) && !plan.contains("TEMP B-TREE"), "{question}: {plan}");
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
            assert!(plan.contains(&format!("{index} ")) && !plan.contains("Sort"), "{question}: {plan}");
        }
    }
}

/// The same history, step by step, in all of them: what one answers all must.
#[test]
fn random_histories_look_alike_everywhere() {
    let schema = Schema::new();
    for seed in 0..6 {
        let folder = TempDir::new().unwrap();
        let reference = MemoryInbox::new();
        let mut others: Vec<Box<dyn Inbox>> = vec![Box::new(SqliteInbox::open(folder.path()).unwrap())];
        // Two hosts take turns on one database, which a tenant of its own for each history keeps apart.
        let hosts = schema.iter().flat_map(|schema| [schema.url(), schema.url()]);
        let hosts: Vec<_> = hosts.map(|url| PostgresInbox::connect(&url).unwrap()).collect();
        if !hosts.is_empty() {
            others.push(Box::new(Turns { hosts, turn: AtomicUsize::new(0) }));
        }
        let tenants = [TenantId(1 + 2 * seed), TenantId(2 + 2 * seed)];
        let mut random = Random::new(u64::from(seed) + 1);
        for step in 0..120 {
            let act = Act::random(&mut random, tenants);
            let expected = act.on(&reference);
            for other in &others {
                assert_eq!(act.on(other.as_ref()), expected, "seed {seed}, step {step}: {act:?}");
            }
        }
    }
}

/// Hosts that share a database, asked in turn.
struct Turns {
    hosts: Vec<PostgresInbox>,
    turn: AtomicUsize,
}

impl Turns {
    fn next(&self) -> &PostgresInbox {
        &self.hosts[self.turn.fetch_add(1, Ordering::Relaxed) % self.hosts.len()]
    }
}

impl Inbox for Turns {
    fn take(
        &self,
        tenant: TenantId,
        events: &[NewEvent],
        cursor: Option<&Cursor>,
    ) -> Result<Vec<Option<u64>>, StoreError> {
        self.next().take(tenant, events, cursor)
    }

    fn to_do(&self, tenant: TenantId, lane: Lane, limit: usize) -> Result<Vec<KeptEvent>, StoreError> {
        self.next().to_do(tenant, lane, limit)
    }

    fn done(&self, tenant: TenantId, seqs: &[u64]) -> Result<(), StoreError> {
        self.next().done(tenant, seqs)
    }

    fn opt_out_waits(
        &self,
        tenant: TenantId,
        number: Option<u64>,
        user: Option<&str>,
    ) -> Result<bool, StoreError> {
        self.next().opt_out_waits(tenant, number, user)
    }

    fn history(&self, tenant: TenantId, filter: &Filter, limit: usize) -> Result<Vec<KeptEvent>, StoreError> {
        self.next().history(tenant, filter, limit)
    }

    fn delivery(&self, tenant: TenantId, message_id: &str) -> Result<Option<Delivery>, StoreError> {
        self.next().delivery(tenant, message_id)
    }

    fn cursor(&self, tenant: TenantId, source: &str, lane: Lane) -> Result<Option<Cursor>, StoreError> {
        self.next().cursor(tenant, source, lane)
    }

    fn counts(&self, tenant: TenantId) -> Result<InboxCounts, StoreError> {
        self.next().counts(tenant)
    }

    fn forget_before(&self, tenant: TenantId, before: UnixMs, limit: usize) -> Result<usize, StoreError> {
        self.next().forget_before(tenant, before, limit)
    }

    fn erase(
        &self,
        tenant: TenantId,
        numbers: &[u64],
        users: &[String],
        messages: &[String],
    ) -> Result<u64, StoreError> {
        self.next().erase(tenant, numbers, users, messages)
    }
}

/// One thing to do or to ask, with everything it needs.
#[derive(Debug)]
enum Act {
    Take(TenantId, Vec<NewEvent>, Option<Cursor>),
    Done(TenantId, Vec<u64>),
    Forget(TenantId, UnixMs, usize),
    Ask(TenantId, Filter, usize),
    Gate(TenantId, Option<u64>, Option<String>),
}

impl Act {
    fn random(random: &mut Random, tenants: [TenantId; 2]) -> Act {
        let tenant = tenants[random.below(2) as usize];
        let few = |random: &mut Random| random.below(5) as usize;
        let number = |random: &mut Random| [None, Some(AYSE), Some(BORIS)][random.below(3) as usize];
        let text = |random: &mut Random, of: &str| {
            Some(format!("{of}{}", random.below(4))).filter(|_| random.below(3) > 0)
        };
        match random.below(10) {
            0..5 => {
                let cursor = |random: &mut Random| Cursor {
                    source: "edge".into(),
                    lane: Lane::ALL[random.below(2) as usize],
                    inbox: ["i1", "i2"][(random.below(10) == 0) as usize].into(),
                    up_to: random.below(20),
                };
                let events = (0..few(random))
                    .map(|_| {
                        let number = number(random);
                        Act::event(random, number)
                    })
                    .collect();
                let cursor = (random.below(3) == 0).then(|| cursor(random));
                Act::Take(tenant, events, cursor)
            }
            5 | 6 => Act::Done(tenant, (0..few(random) * 2).map(|_| random.below(200)).collect()),
            7 => Act::Forget(tenant, UnixMs(random.below(3 * IDS_KNOWN_MS as u64) as i64), few(random) * 3),
            8 => {
                let kinds = ["message", "status", "opt_out", "none"];
                let kinds = (0..random.below(3)).map(|_| random.pick(&kinds).to_owned()).collect();
                let place = |random: &mut Random| Some(random.below(200)).filter(|_| random.below(2) == 0);
                let filter = Filter {
                    kinds,
                    number: number(random).filter(|_| random.below(3) == 0),
                    user: text(random, "TR.").filter(|_| random.below(3) == 0),
                    message_id: text(random, "w").filter(|_| random.below(3) == 0),
                    before: place(random),
                    after: place(random),
                };
                Act::Ask(tenant, filter, few(random) * few(random))
            }
            _ => Act::Gate(tenant, number(random), text(random, "TR.")),
        }
    }

    fn event(random: &mut Random, number: Option<u64>) -> NewEvent {
        let kind = random.pick(&["message", "status", "opt_out", "resume"]).to_owned();
        let message = format!("w{}", random.below(4));
        let word = random.pick(&["sent", "delivered", "read", "failed", "odd"]);
        let told = Told {
            status: word.to_owned(),
            at: UnixMs(random.below(50) as i64),
            callback_data: Some(format!("c{}", random.below(3))).filter(|_| random.below(2) == 0),
            ..Told::default()
        };
        let (has_user, user) = (random.below(2) == 0, format!("TR.{}", random.below(4)));
        NewEvent {
            lane: Lane::ALL[random.below(2) as usize],
            to_do: random.below(2) == 0,
            at: Some(UnixMs(random.below(9) as i64)).filter(|at| at.0 > 0),
            received: UnixMs(random.below(2 * IDS_KNOWN_MS as u64) as i64),
            number,
            user: Some(user).filter(|_| has_user),
            told: (kind == "status").then(|| (message.clone(), told)),
            message_id: Some(message).filter(|_| kind != "resume"),
            kind,
            ..event(&format!("id {}", random.below(60)))
        }
    }

    /// Everything that can be seen afterwards.
    fn on(&self, inbox: &dyn Inbox) -> String {
        let tenant = match self {
            Act::Take(tenant, ..)
            | Act::Done(tenant, ..)
            | Act::Forget(tenant, ..)
            | Act::Ask(tenant, ..)
            | Act::Gate(tenant, ..) => *tenant,
        };
        let answer = match self {
            Act::Take(_, events, cursor) => {
                format!("{:?}", inbox.take(tenant, events, cursor.as_ref()).unwrap())
            }
            Act::Done(_, seqs) => format!("{:?}", inbox.done(tenant, seqs).unwrap()),
            Act::Forget(_, before, limit) => {
                format!("{:?}", inbox.forget_before(tenant, *before, *limit).unwrap())
            }
            Act::Ask(_, filter, limit) => format!("{:?}", inbox.history(tenant, filter, *limit).unwrap()),
            Act::Gate(_, number, user) => {
                format!("{:?}", inbox.opt_out_waits(tenant, *number, user.as_deref()).unwrap())
            }
        };
        let events = inbox.history(tenant, &Filter { after: Some(0), ..Filter::default() }, 1000).unwrap();
        let to_do = Lane::ALL.map(|lane| inbox.to_do(tenant, lane, 1000).unwrap());
        let cursors = Lane::ALL.map(|lane| inbox.cursor(tenant, "edge", lane).unwrap());
        let deliveries = (0..4).map(|at| inbox.delivery(tenant, &format!("w{at}")).unwrap());
        let deliveries: Vec<_> = deliveries.collect();
        let counts = inbox.counts(tenant).unwrap();
        format!("{answer}\n{counts:?}\n{cursors:?}\n{deliveries:?}\n{to_do:?}\n{events:?}")
    }
}

/// Events of a tenant, the first one first.
fn oldest_first(inbox: &dyn Inbox) -> Vec<KeptEvent> {
    inbox.history(T, &Filter { after: Some(0), ..Filter::default() }, usize::MAX).unwrap()
}

fn ids(events: &[KeptEvent]) -> Vec<String> {
    events.iter().map(|event| event.id.clone()).collect()
}

fn take(inbox: &dyn Inbox, events: &[NewEvent]) -> Vec<Option<u64>> {
    let seqs = inbox.take(T, events, None).unwrap();
    assert_eq!(seqs.len(), events.len());
    seqs
}

fn event(id: &str) -> NewEvent {
    NewEvent {
        id: id.to_owned(),
        lane: Lane::Rest,
        kind: "message".to_owned(),
        to_do: false,
        at: Some(UnixMs(1)),
        received: UnixMs(2),
        number: None,
        user: None,
        message_id: None,
        told: None,
        body: format!("{{\"id\":\"{id}\"}}"),
    }
}

fn status(message: &str, word: &str, at: i64) -> NewEvent {
    let told = Told { status: word.to_owned(), at: UnixMs(at), ..Told::default() };
    NewEvent {
        kind: "status".to_owned(),
        message_id: Some(message.to_owned()),
        told: Some((message.to_owned(), told)),
        ..event(&format!("{message}/{word}"))
    }
}
