//! What every inbox promises, asked of every one there is: nothing is lost, nothing is there twice, everything is durable
//! when it is said to be, and whatever order it came in, messages end in the same state. The one in memory is the
//! reference: random histories must look alike in all.

use std::collections::BTreeSet;
use std::sync::Barrier;

use consentry_core::delivery::{Delivery, Problem, Standing, Step, Told};
use consentry_core::time::UnixMs;
use consentry_host::store::TenantId;
use consentry_host::store::inbox::{
    Cursor, Filter, IDS_KNOWN_MS, Inbox, InboxCounts, KEY_BYTES_MAX, KeptEvent, Lane, MemoryInbox, NewEvent,
    SqliteInbox,
};
use tempfile::TempDir;

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
