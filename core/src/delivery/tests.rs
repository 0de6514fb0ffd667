//! That order and copies do not matter, held against a reference that looks at everything at once.

use proptest::prelude::*;
use proptest::sample::select;

use super::*;

/// Few values for everything, so that things meet and differ.
fn any_told() -> impl Strategy<Value = Told> {
    const WORDS: [&str; 9] =
        ["accepted", "sent", "delivered", "read", "played", "failed", "deleted", "warning", ""];
    let text = || proptest::option::of(select(&["a", "b", ""][..]).prop_map(str::to_owned));
    let pricing = (text(), text(), text(), any::<Option<bool>>())
        .prop_map(|(category, kind, model, billable)| Pricing { category, kind, model, billable });
    let problem = (0_i64..3, "[xy]?", text()).prop_map(|(code, title, details)| Problem {
        code: 131_000 + code,
        title,
        details,
    });
    let conversation = ("[cd]?", text(), proptest::option::of(0_i64..3))
        .prop_map(|(id, origin, expires)| Conversation { id, origin, expires: expires.map(UnixMs) });
    let status = prop_oneof![
        8 => select(&WORDS[..]).prop_map(str::to_owned),
        1 => "[m-z]{1,2}",
        1 => Just("long ".repeat(DELIVERY_TEXT_BYTES_MAX)),
    ];
    (
        (status, -3_i64..10, proptest::collection::vec(problem, 0..3), proptest::option::of(pricing)),
        (text(), text(), text(), text(), proptest::option::of(conversation)),
    )
        .prop_map(|((status, at, problems, pricing), rest)| {
            let (callback_data, number, user, phone_number_id, conversation) = rest;
            let at = UnixMs(at);
            Told { status, at, problems, pricing, callback_data, number, user, phone_number_id, conversation }
        })
}

fn joined<'a>(all: impl IntoIterator<Item = &'a Told>) -> Delivery {
    let mut delivery = Delivery::default();
    all.into_iter().for_each(|told| delivery.join(told));
    delivery
}

/// Some of it told again, in another order.
fn told_and_told_again() -> impl Strategy<Value = (Vec<Told>, Vec<Told>)> {
    proptest::collection::vec(any_told(), 0..24).prop_flat_map(|all| {
        let len = all.len();
        let copies = proptest::collection::vec(0..len.max(1), 0..if len == 0 { 1 } else { 24 });
        copies.prop_flat_map(move |copies| {
            let again = copies.into_iter().filter_map(|at| all.get(at).cloned());
            let more: Vec<Told> = all.iter().cloned().chain(again).collect();
            (Just(all.clone()), Just(more).prop_shuffle())
        })
    })
}

proptest! {
    #[test]
    fn any_order_and_any_copies_end_alike((all, again) in told_and_told_again()) {
        prop_assert_eq!(joined(&all), joined(&again));
    }

    #[test]
    fn parts_merge_in_any_grouping(all in proptest::collection::vec(any_told(), 0..24), cut in 0..24_usize, second in 0..24_usize) {
        let (cut, second) = (cut.min(all.len()), second.min(all.len()));
        let (first, last) = (cut.min(second), cut.max(second));
        let (a, b, c) = (joined(&all[..first]), joined(&all[first..last]), joined(&all[last..]));
        let merge = |x: &Delivery, y: &Delivery| { let mut both = x.clone(); both.merge(y); both };
        prop_assert_eq!(merge(&merge(&a, &b), &c), merge(&a, &merge(&b, &c)));
        prop_assert_eq!(merge(&a, &b), merge(&b, &a));
        prop_assert_eq!(&merge(&a, &a), &a);
        prop_assert_eq!(merge(&merge(&a, &b), &c), joined(&all));
        prop_assert_eq!(Delivery::of(a.said().map(|(word, said)| (word.to_owned(), said.clone()))), a);
    }

    #[test]
    fn looking_at_everything_at_once_says_the_same(all in proptest::collection::vec(any_told(), 0..24)) {
        let delivery = joined(&all);
        let has = |word: &str| all.iter().any(|told| told.status == word);
        let expected = if has("played") { Standing::Reached(Step::Played) }
            else if has("read") { Standing::Reached(Step::Read) }
            else if has("delivered") { Standing::Reached(Step::Delivered) }
            else if has("failed") { Standing::Failed }
            else if has("sent") { Standing::Reached(Step::Sent) }
            else if has("accepted") { Standing::Reached(Step::Accepted) }
            else { Standing::Unknown };
        prop_assert_eq!(delivery.standing(), expected);
        let at = |words: &[&str]| all.iter().filter(|told| words.contains(&told.status.as_str())).map(|told| told.at).min();
        prop_assert_eq!(delivery.reached_at(Step::Delivered), at(&["delivered", "read", "played"]));
        prop_assert_eq!(delivery.reached_at(Step::Played), at(&["played"]));
        prop_assert_eq!(delivery.failed_at(), at(&["failed"]));
        prop_assert!(delivery.said().count() <= DELIVERY_STATUSES_MAX);
        for word in ["played", "read", "delivered", "sent", "accepted", "failed"] {
            let mut datas = all.iter().filter(|told| told.status == word).map(|told| told.callback_data.as_deref());
            if let Some(data) = datas.by_ref().max().flatten() {
                prop_assert_eq!(delivery.callback_data(), Some(data));
                break;
            }
        }
    }
}

fn told(status: &str, at: i64) -> Told {
    Told { status: status.to_owned(), at: UnixMs(at), ..Told::default() }
}

#[test]
fn whoever_has_read_it_has_got_it() {
    let delivery = joined(&[told("read", 7), told("sent", 3)]);
    assert_eq!(delivery.standing(), Standing::Reached(Step::Read));
    assert_eq!(delivery.reached_at(Step::Delivered), Some(UnixMs(7)));
    assert_eq!(delivery.reached_at(Step::Sent), Some(UnixMs(3)));
    assert_eq!(delivery.reached_at(Step::Played), None);
}

#[test]
fn a_failure_ends_what_has_not_arrived() {
    assert_eq!(joined(&[told("failed", 5), told("sent", 6)]).standing(), Standing::Failed);
    let arrived = joined(&[told("failed", 5), told("delivered", 6)]);
    assert_eq!((arrived.standing().word(), arrived.failed_at()), ("delivered", Some(UnixMs(5))));
}

#[test]
fn a_word_nobody_knows_is_kept_and_changes_nothing() {
    let delivery = joined(&[told("sent", 1), told("teleported", 2)]);
    assert_eq!(delivery.standing().word(), "sent");
    assert_eq!(delivery.said().map(|(word, _)| word).collect::<Vec<_>>(), ["sent", "teleported"]);
    assert_eq!(joined(&[told("teleported", 2)]).standing().word(), "unknown");
}

#[test]
fn the_price_of_what_arrived_counts_before_the_price_of_what_was_sent() {
    let priced = |status, kind: &str| Told {
        pricing: Some(Pricing { kind: Some(kind.to_owned()), ..Pricing::default() }),
        ..told(status, 1)
    };
    let delivery = joined(&[priced("delivered", "free_entry_point"), priced("sent", "regular")]);
    assert_eq!(delivery.pricing().unwrap().kind.as_deref(), Some("free_entry_point"));
}

#[test]
fn too_many_words_and_problems_are_cut_alike_in_any_order() {
    let mut all: Vec<Told> = (0..100).map(|at| told(&format!("word {at:03}"), at)).collect();
    for (at, told) in all.iter_mut().enumerate() {
        "failed".clone_into(if at % 2 == 0 { &mut told.status } else { continue });
        let title = "t".repeat(2 * DELIVERY_TEXT_BYTES_MAX);
        told.problems.push(Problem { code: at as i64, title, details: None });
    }
    let there = joined(&all);
    let back = joined(all.iter().rev());
    assert_eq!(there, back);
    assert!(there.said().count() <= DELIVERY_STATUSES_MAX);
    assert_eq!(there.problems().count(), crate::limits::DELIVERY_PROBLEMS_MAX);
    assert_eq!(there.said().nth(1).unwrap().0, "word 001");
}
