//! What every store promises, asked of every store there is, and what SQLite and PostgreSQL promise beyond that. The
//! memory store is the reference: random histories must leave all in the same state with the same evidence.
//!
//! Longer than 500 lines because the promises, the histories and the way rows are written down for them are one text
//! to read.

use std::sync::atomic::{AtomicU64, Ordering};

use consentry_core::consent::Permission;
use consentry_core::matching::{
    Hash, ImportId, Keys, Plan, ProfileId, Rule, Source, Speaker, Terms, own_opt_out, plan,
};
use consentry_core::phone::E164;
use consentry_core::rows::Rows;
use consentry_core::time::{Date, UnixMs};
use consentry_core::wire::v1;
use consentry_host::opt_outs;
use consentry_host::store::memory::MemoryStore;
use consentry_host::store::postgres::PostgresStore;
use consentry_host::store::sqlite::{FILE_NAME, SqliteStore};
use consentry_host::store::{
    Accepted, AttributeChange, Import, ImportState, Lookup, NewImport, Outcome, Step, Store, StoreError,
    StoredEvent, Subject, TenantId,
};
use consentry_host::undo::take_back;
use rusqlite::Connection;
use tempfile::TempDir;

use crate::database::{Schema, on_every_store};

on_every_store! {
    the_same_file_is_answered_with_the_earlier_import_until_something_else_was_imported
    an_import_that_failed_half_way_counts_and_may_be_tried_again
    what_an_import_did_before_it_failed_can_be_taken_back
    imports_are_numbered_and_listed_by_acceptance
    a_person_is_found_by_every_identifier
    a_batch_is_applied_once
    an_import_that_ended_takes_nothing_more
    a_batch_that_is_not_committed_leaves_nothing
    a_rehearsal_sees_its_own_batches_and_leaves_nothing
    the_timeline_of_a_number_goes_through_its_holders
    a_person_can_opt_out_between_two_batches
    an_opt_out_during_a_batch_is_not_overwritten
    a_profile_tells_the_time_of_its_last_event
    a_word_by_user_id_waits_for_its_number
    a_word_goes_with_the_person_to_another_number
    the_latest_word_of_number_and_user_id_counts
    tenants_do_not_see_each_other
    pages_of_profiles_join_without_gap
}

const T: TenantId = TenantId::DEFAULT;
const AYSE: u64 = 905301112233;
const BORIS: u64 = 905301112244;

fn the_same_file_is_answered_with_the_earlier_import_until_something_else_was_imported(store: &dyn Store) {
    let first = accept_new(store, T, &file("a"));
    assert_eq!(store.accept(T, &file("a")).unwrap(), Accepted::UnderWay(first.clone()));
    commit(store, T, &first, &rows(&[row(AYSE)]));
    end(store, T, first.id, ImportState::Committed);
    let first = store.import(T, first.id).unwrap().unwrap();
    let already = |new: &NewImport| store.accept(T, new).unwrap() == Accepted::Already(first.clone());
    assert!(already(&file("a")));
    assert!(already(&NewImport { received_at: UnixMs(99), file_name: "renamed.csv".into(), ..file("a") }));

    // What changed nothing does not count as imported since.
    let refused = accept_new(store, T, &file("refused"));
    end(store, T, refused.id, ImportState::Refused);
    let failed = accept_new(store, T, &file("failed"));
    end(store, T, failed.id, ImportState::Failed);
    assert!(already(&file("a")));

    // Other terms are another import, and after another import the latest must win again.
    let options = v1::Options { country: Some("TR".into()), ..v1::Options::default() };
    let other = accept_new(store, T, &NewImport { options, ..file("a") });
    end(store, T, other.id, ImportState::Committed);
    accept_new(store, T, &file("a"));
}

fn an_import_that_failed_half_way_counts_and_may_be_tried_again(store: &dyn Store) {
    import(store, T, "a", &rows(&[row(AYSE)]));
    let half = accept_new(store, T, &file("b"));
    commit(store, T, &half, &rows(&[Row { permission: 2, ..row(AYSE) }]));
    end(store, T, half.id, ImportState::Failed);
    let again = accept_new(store, T, &file("b"));
    assert_eq!((again.id, again.cursor), (ImportId(3), 0));
    end(store, T, again.id, ImportState::Failed);
    // The half that was applied is newer than the first file's word.
    accept_new(store, T, &file("a"));
}

fn what_an_import_did_before_it_failed_can_be_taken_back(store: &dyn Store) {
    import(store, T, "a", &rows(&[row(AYSE)]));
    let before = store.state_hash(T).unwrap();
    let half = accept_new(store, T, &file("b"));
    commit(store, T, &half, &rows(&[Row { permission: 2, ..row(AYSE) }, row(BORIS)]));
    let refused = take_back(store, T, half.id, "test:desk", UnixMs(3));
    assert!(matches!(refused, Err(StoreError::NotUndoable(_))), "it may go on: {refused:?}");
    end(store, T, half.id, ImportState::Failed);
    let half = store.import(T, half.id).unwrap().unwrap();
    let undone = take_back(store, T, half.id, "test:desk", UnixMs(3)).unwrap();
    let counts = undone.undo.as_ref().unwrap().counts;
    assert_eq!((counts.reversed, counts.removed), (1, 1));
    assert_eq!(
        (undone.state, undone.outcome, undone.cursor),
        (ImportState::Undone, half.outcome, half.cursor)
    );
    assert_eq!(store.state_hash(T).unwrap(), before);
    // One that failed before its first batch did nothing.
    let nothing = accept_new(store, T, &file("b"));
    end(store, T, nothing.id, ImportState::Failed);
    for import in [half.id, nothing.id] {
        let refused = take_back(store, T, import, "test:desk", UnixMs(4));
        assert!(matches!(refused, Err(StoreError::NotUndoable(_))), "{import}: {refused:?}");
    }
    store.verify(T).unwrap();
}

fn imports_are_numbered_and_listed_by_acceptance(store: &dyn Store) {
    let new = NewImport {
        as_of: Date::parse("2026-02-28"),
        override_reason: Some("signed anew at the counter".into()),
        client_digest: Some("d".repeat(64)),
        options: v1::Options { attributes: vec!["city".into()], ..v1::Options::default() },
        ..file("first")
    };
    let first = accept_new(store, T, &new);
    let second = accept_new(store, T, &file("second"));
    let elsewhere = accept_new(store, TenantId(2), &file("first"));
    assert_eq!((first.id, second.id, elsewhere.id), (ImportId(1), ImportId(2), ImportId(1)));
    assert_eq!((&first.new, first.state), (&new, ImportState::Accepted));
    assert_eq!(store.unfinished().unwrap(), [(T, first.id), (T, second.id), (TenantId(2), elsewhere.id)]);

    let report = v1::Report { digest: "e".repeat(64), ..v1::Report::default() };
    let at = UnixMs(1_795_395_723_004);
    let outcome = Outcome { state: ImportState::Committed, report: Some(report), failure: None, at };
    store.finish(T, first.id, &outcome).unwrap();
    assert_eq!(store.unfinished().unwrap(), [(T, second.id), (TenantId(2), elsewhere.id)]);
    let listed = store.imports(T).unwrap();
    assert_eq!(listed.iter().map(|import| import.id).collect::<Vec<_>>(), [second.id, first.id]);
    assert_eq!(listed[1], Import { state: ImportState::Committed, outcome: Some(outcome), ..first });
}

fn a_person_is_found_by_every_identifier(store: &dyn Store) {
    let ayse =
        Row { exid: "7", email: "Ayse@Example.com", msisdn: 5491112345678, city: "İzmir", ..row(AYSE) };
    import(store, T, "a", &rows(&[ayse, row(BORIS)]));
    let by = |lookup: Lookup| store.find(T, &lookup).unwrap();
    let found = by(Lookup::Profile(ProfileId(1))).unwrap();
    for lookup in [
        Lookup::Exid("7".into()),
        Lookup::Email("ayse@example.com".into()),
        Lookup::Number(AYSE),
        // Identity folds the Argentine mobile 9 away; what is shown keeps it.
        Lookup::Msisdn(541112345678),
    ] {
        assert_eq!(by(lookup.clone()).as_ref(), Some(&found), "{lookup:?}");
    }
    assert_eq!(found.profile.email.as_deref(), Some("Ayse@Example.com"));
    assert_eq!(found.profile.msisdn.map(E164::digits), Some(5491112345678));
    assert_eq!(found.profile.attributes["city"], "İzmir");
    assert_eq!((found.profile.permission, found.changed_at), (Some(Permission::OptIn), UnixMs(1)));
    assert_eq!(by(Lookup::Number(BORIS)).unwrap().profile.id, ProfileId(2));
    assert_eq!(by(Lookup::Exid("8".into())), None);
    assert_eq!(by(Lookup::Msisdn(AYSE)), None, "a WhatsApp number is not a phone number");
}

fn a_batch_is_applied_once(store: &dyn Store) {
    let accepted = accept_new(store, T, &file("a"));
    let conflicting = [
        Row { exid: "7", ..row(AYSE) },
        Row { email: "b@example.com", ..row(BORIS) },
        Row { exid: "7", email: "b@example.com", ..row(AYSE) },
    ];
    let rows = rows(&conflicting);
    let first = commit(store, T, &accepted, &rows);
    let hash = store.state_hash(T).unwrap();

    let again = store.importing(T, accepted.id).unwrap().commit(&first, &Step { from_row: 0, to_row: 3 });
    assert!(matches!(again, Err(StoreError::CursorMoved { stands: 3, expected: 0, .. })), "{again:?}");
    let import = store.import(T, accepted.id).unwrap().unwrap();
    assert_eq!((import.state, import.cursor, import.counts), (ImportState::Applying, 3, first.counts));
    assert_eq!((import.findings.len(), &import.findings), (1, &first.findings));
    assert_eq!((store.state_hash(T).unwrap(), store.verify(T).unwrap()), (hash, 2));
}

fn an_import_that_ended_takes_nothing_more(store: &dyn Store) {
    let accepted = accept_new(store, T, &file("a"));
    let mut late = store.importing(T, accepted.id).unwrap();
    end(store, T, accepted.id, ImportState::Failed);
    let batch = late.commit(&Plan::default(), &Step { from_row: 0, to_row: 1 });
    drop(late);
    assert!(matches!(batch, Err(StoreError::Ended(_))), "{batch:?}");
    assert!(matches!(store.importing(T, accepted.id).err(), Some(StoreError::Ended(_))));
    assert!(matches!(
        store.finish(T, accepted.id, &outcome(ImportState::Committed)),
        Err(StoreError::Ended(_))
    ));
    assert!(matches!(store.importing(T, ImportId(9)).err(), Some(StoreError::NoImport(ImportId(9)))));
    assert_eq!(store.import(T, accepted.id).unwrap().unwrap().state, ImportState::Failed);
}

fn a_batch_that_is_not_committed_leaves_nothing(store: &dyn Store) {
    import(store, T, "a", &rows(&[row(AYSE)]));
    let (hash, accepted) = (store.state_hash(T).unwrap(), accept_new(store, T, &file("b")));
    let mut batches = store.importing(T, accepted.id).unwrap();
    batches.load(&keys(store, T, &rows(&[row(AYSE), row(BORIS)]))).unwrap();
    drop(batches);
    assert_eq!(store.state_hash(T).unwrap(), hash);
    assert_eq!(store.import(T, accepted.id).unwrap().unwrap(), accepted);
    opt_out(store, T, AYSE, UnixMs(5));
}

fn a_rehearsal_sees_its_own_batches_and_leaves_nothing(store: &dyn Store) {
    import(store, T, "a", &rows(&[Row { exid: "7", ..row(AYSE) }]));
    let seen = |store: &dyn Store| {
        let profiles = store.profiles(T, None, 10).unwrap();
        (store.state_hash(T).unwrap(), store.verify(T).unwrap(), profiles, store.imports(T).unwrap())
    };
    let before = seen(store);
    let batches = [
        rows(&[Row { exid: "8", ..row(BORIS) }]),
        rows(&[Row { exid: "7", ..row(BORIS) }, Row { exid: "8", permission: 2, ..row(AYSE) }]),
    ];
    let mut trial = store.rehearsing(T).unwrap();
    let mut plans = Vec::new();
    for (rows, at) in batches.iter().zip(0..) {
        let keys = keys(store, T, rows);
        let known = trial.load(&keys).unwrap();
        let planned = plan(rows, &city(), &keys, known, &terms(ImportId(2), Hash::default()));
        trial.commit(&planned, &Step { from_row: at, to_row: at + 1 }).unwrap();
        plans.push(planned);
    }
    assert_eq!((plans[0].counts.created, plans[1].counts.updated, plans[1].counts.numbers_moved), (1, 2, 1));
    assert_eq!(seen(store), before, "nobody else sees a rehearsal");
    drop(trial);
    assert_eq!(seen(store), before, "nothing of a rehearsal stays");

    // The import that follows gives what the rehearsal said.
    let accepted = accept_new(store, T, &file("b"));
    let counts = batches.map(|rows| commit(store, T, &accepted, &rows).counts);
    assert_eq!(counts.as_slice(), plans.iter().map(|plan| plan.counts).collect::<Vec<_>>());
}

fn the_timeline_of_a_number_goes_through_its_holders(store: &dyn Store) {
    import(store, T, "a", &rows(&[Row { exid: "7", ..row(AYSE) }, Row { exid: "8", ..row(BORIS) }]));
    import(store, T, "b", &rows(&[Row { exid: "8", permission: 2, ..row(AYSE) }]));
    opt_out(store, T, AYSE, UnixMs(9));
    let rules = |subject: Subject| {
        let events = store.events(T, subject).unwrap();
        events.iter().map(|stored| (stored.event.seq, stored.event.rule.id())).collect::<Vec<_>>()
    };
    let [new, away, matched, own] = ["new-profile", "number-moved-away", "matched-exid", "own-opt-out"];
    assert_eq!(rules(Subject::Number(AYSE)), [(1, new), (3, away), (4, matched), (5, own)]);
    assert_eq!(rules(Subject::Number(BORIS)), [(2, new), (4, matched)], "the number that was left as well");
    assert_eq!(rules(Subject::Profile(ProfileId(1))), [(1, new), (3, away)]);
    assert_eq!(rules(Subject::Profile(ProfileId(2))), [(2, new), (4, matched), (5, own)]);
    let lost = &store.events(T, Subject::Profile(ProfileId(1))).unwrap()[1].event;
    assert_eq!(lost.rule, Rule::NumberMovedAway { to: ProfileId(2) });
    assert_eq!(store.verify(T).unwrap(), 5);
}

fn a_person_can_opt_out_between_two_batches(store: &dyn Store) {
    let accepted = accept_new(store, T, &file("a"));
    let mut batches = store.importing(T, accepted.id).unwrap();
    for at in 0..2 {
        let rows = rows(&[row(AYSE)]);
        let keys = keys(store, T, &rows);
        let known = batches.load(&keys).unwrap();
        let planned = plan(&rows, &city(), &keys, known, &terms(accepted.id, accepted.new.hash()));
        batches.commit(&planned, &Step { from_row: at, to_row: at + 1 }).unwrap();
        assert_eq!((planned.counts.created, planned.counts.kept_opt_out), (1 - at, at));
        opt_out(store, T, AYSE, UnixMs(5));
    }
}

fn an_opt_out_during_a_batch_is_not_overwritten(store: &dyn Store) {
    let accepted = accept_new(store, T, &file("a"));
    let mut batches = store.importing(T, accepted.id).unwrap();
    let rows = rows(&[row(AYSE)]);
    let keys = keys(store, T, &rows);
    let terms = terms(accepted.id, accepted.new.hash());
    let known = batches.load(&keys).unwrap();
    opt_out(store, T, AYSE, UnixMs(5));
    // Planned on what was known before the person spoke, committed after: refused, and nothing of it is there.
    let planned = plan(&rows, &city(), &keys, known, &terms);
    let step = Step { from_row: 0, to_row: 1 };
    assert!(matches!(batches.commit(&planned, &step), Err(StoreError::Overtaken)));
    assert_eq!((store.profile_count(T).unwrap(), store.verify(T).unwrap()), (0, 1));
    let planned = plan(&rows, &city(), &keys, batches.load(&keys).unwrap(), &terms);
    batches.commit(&planned, &step).unwrap();
    assert_eq!(planned.counts.kept_opt_out, 1);
    let ayse = store.find(T, &Lookup::Number(AYSE)).unwrap().unwrap();
    assert_eq!(ayse.profile.permission, Some(Permission::OptOut));
    assert_eq!(store.verify(T).unwrap(), 2);
}

fn a_profile_tells_the_time_of_its_last_event(store: &dyn Store) {
    import(store, T, "a", &rows(&[row(AYSE), row(BORIS)]));
    let changed_at =
        || store.profiles(T, None, 2).unwrap().iter().map(|stored| stored.changed_at.0).collect();
    let at_first: Vec<i64> = changed_at();
    opt_out(store, T, AYSE, UnixMs(5));
    let after_opt_out: Vec<i64> = changed_at();
    // Evidence alone: an opt-out is lifted from somebody who opts in anyway.
    opt_out(store, T, BORIS, UnixMs(6));
    let lifting =
        NewImport { override_reason: Some("asked again".into()), received_at: UnixMs(7), ..file("b") };
    let lifting = accept_new(store, T, &lifting);
    commit(store, T, &lifting, &rows(&[row(BORIS)]));
    assert_eq!([at_first, after_opt_out, changed_at()], [vec![1, 1], vec![5, 1], vec![5, 7]]);
}

fn a_word_by_user_id_waits_for_its_number(store: &dyn Store) {
    let permission = || store.find(T, &Lookup::Number(AYSE)).unwrap().unwrap().profile.permission;
    import(store, T, "a", &rows(&[row(AYSE)]));
    let speaker = Speaker { number: None, user: Some("TR.1A2B"), said_at: None };
    let before = store.state_hash(T).unwrap();
    assert_eq!(opt_outs::opt_out(store, T, speaker, UnixMs(5), "api:desk").unwrap(), None);
    assert_eq!(permission(), Some(Permission::OptIn), "nobody knows yet whose word it is");
    assert_ne!(store.state_hash(T).unwrap(), before, "but it is not forgotten");
    opt_outs::seen_together(store, T, "TR.1A2B", e164(AYSE), UnixMs(6), "webhook").unwrap();
    assert_eq!(permission(), Some(Permission::OptOut));
    let again = import(store, T, "b", &rows(&[row(AYSE)]));
    assert_eq!(again.counts.kept_opt_out, 1, "and it outranks files");
    let rules = store.events(T, Subject::Number(AYSE)).unwrap();
    assert_eq!(rules.last().unwrap().event.source, Source::Person { heard: "webhook".into() });
    // Once the number is known, the next word reaches it at once, and to be seen again changes nothing.
    let events = store.verify(T).unwrap();
    opt_outs::seen_together(store, T, "TR.1A2B", e164(AYSE), UnixMs(7), "webhook").unwrap();
    assert_eq!(store.verify(T).unwrap(), events);
    assert_eq!(opt_outs::opt_out(store, T, speaker, UnixMs(8), "api:desk").unwrap(), Some(e164(AYSE)));
    assert_eq!(store.verify(T).unwrap(), events + 1);
}

fn a_word_goes_with_the_person_to_another_number(store: &dyn Store) {
    import(store, T, "a", &rows(&[Row { exid: "7", ..row(AYSE) }, Row { exid: "8", ..row(BORIS) }]));
    opt_outs::seen_together(store, T, "TR.1A2B", e164(AYSE), UnixMs(3), "webhook").unwrap();
    opt_out(store, T, AYSE, UnixMs(5));
    // The same person writes from another number.
    opt_outs::seen_together(store, T, "TR.1A2B", e164(BORIS), UnixMs(6), "webhook").unwrap();
    let permission = |number| store.find(T, &Lookup::Number(number)).unwrap().unwrap().profile.permission;
    assert_eq!((permission(AYSE), permission(BORIS)), (Some(Permission::OptOut), Some(Permission::OptOut)));
    // What lifts the word of the number lifts it from the person: the next number is not opted out any more.
    let lifting =
        NewImport { override_reason: Some("asked again".into()), received_at: UnixMs(9), ..file("b") };
    let lifting = accept_new(store, T, &lifting);
    commit(store, T, &lifting, &rows(&[Row { exid: "8", ..row(BORIS) }]));
    assert_eq!(permission(BORIS), Some(Permission::OptIn));
    let third = 905301112255;
    opt_outs::seen_together(store, T, "TR.1A2B", e164(third), UnixMs(10), "webhook").unwrap();
    assert_eq!(store.known(T, &Keys::of_number(third)).unwrap().own_opt_outs, [None]);
    store.verify(T).unwrap();
}

fn the_latest_word_of_number_and_user_id_counts(store: &dyn Store) {
    const DAY_MS: i64 = 86_400_000;
    opt_out(store, T, AYSE, UnixMs(DAY_MS));
    let speaker = Speaker { number: None, user: Some("TR.1A2B"), said_at: None };
    opt_outs::opt_out(store, T, speaker, UnixMs(10 * DAY_MS), "webhook").unwrap();
    opt_outs::seen_together(store, T, "TR.1A2B", e164(AYSE), UnixMs(11 * DAY_MS), "webhook").unwrap();
    // Collected after the first word and before the last one.
    let new = NewImport { as_of: Date::parse("1970-01-06"), received_at: UnixMs(12 * DAY_MS), ..file("a") };
    let new = accept_new(store, T, &new);
    assert_eq!(commit(store, T, &new, &rows(&[row(AYSE)])).counts.kept_opt_out, 1);
    store.verify(T).unwrap();
}

fn tenants_do_not_see_each_other(store: &dyn Store) {
    let other = TenantId(2);
    import(store, T, "a", &rows(&[Row { exid: "7", ..row(AYSE) }]));
    opt_out(store, T, AYSE, UnixMs(5));
    assert_eq!(store.profile_count(other).unwrap(), 0);
    assert_eq!(store.find(other, &Lookup::Exid("7".into())).unwrap(), None);
    assert_eq!(store.events(other, Subject::Number(AYSE)).unwrap(), []);
    let (hash, timeline) = (store.state_hash(T).unwrap(), store.events(T, Subject::Number(AYSE)).unwrap());

    let theirs = import(store, other, "a", &rows(&[Row { exid: "7", permission: 2, ..row(AYSE) }]));
    assert_eq!(theirs.counts.created, 1, "their person is new, and our opt-out is not theirs");
    assert_eq!(store.find(other, &Lookup::Number(AYSE)).unwrap().unwrap().profile.id, ProfileId(1));
    assert_eq!(store.state_hash(T).unwrap(), hash);
    assert_eq!(store.events(T, Subject::Number(AYSE)).unwrap(), timeline);
    assert_eq!((store.verify(T).unwrap(), store.verify(other).unwrap()), (2, 1));
}

fn pages_of_profiles_join_without_gap(store: &dyn Store) {
    import(store, T, "a", &rows(&[0, 1, 2, 3, 4].map(|at| row(AYSE + at))));
    let mut ids = Vec::new();
    while let page @ [_, ..] = store.profiles(T, ids.last().copied(), 2).unwrap().as_slice() {
        ids.extend(page.iter().map(|stored| stored.profile.id));
    }
    assert_eq!(ids, [1, 2, 3, 4, 5].map(ProfileId));
    assert_eq!(store.profile_count(T).unwrap(), 5);
}

#[test]
fn random_histories_leave_every_store_in_the_state_of_the_reference() {
    // Commits mostly wait for the disk, so several groups of stores wait together.
    let next = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for _ in 0..HISTORIES_AT_ONCE {
            scope.spawn(|| {
                loop {
                    let first = next.fetch_add(HISTORIES_TOGETHER, Ordering::Relaxed);
                    if first >= histories(HISTORIES) {
                        break;
                    }
                    let folder = TempDir::new().unwrap();
                    let (reference, sqlite) = (MemoryStore::new(), SqliteStore::open(folder.path()).unwrap());
                    let schema = Schema::new();
                    let postgres = schema.as_ref().map(Schema::store);
                    let mut stores: Vec<&dyn Store> = vec![&reference, &sqlite];
                    stores.extend(postgres.as_ref().map(|store| store as &dyn Store));
                    // A tenant for each history: they share the tables, as tenants do.
                    for history in 0..HISTORIES_TOGETHER {
                        random_history(&stores, first + history, TenantId(1 + history as u32));
                    }
                }
            });
        }
    });
}

/// Histories lived through; the environment may ask for more.
const HISTORIES: u64 = 500;
const HISTORIES_AT_ONCE: usize = 8;
const HISTORIES_TOGETHER: u64 = 50;

/// How many histories are asked for.
pub(crate) fn histories(usual: u64) -> u64 {
    std::env::var("CONSENTRY_HISTORIES").ok().and_then(|count| count.parse().ok()).unwrap_or(usual)
}

/// Imports of some batches with people's own words in between, and imports taken back, in stores that must answer alike.
fn random_history(stores: &[&dyn Store], seed: u64, tenant: TenantId) {
    let mut random = Random(1 + seed);
    for file_at in 0..2 + random.below(4) {
        let place = format!("history {seed}, file {file_at}");
        let same = || {
            let expected = everything(stores[0], tenant);
            stores[1..].iter().for_each(|store| assert_eq!(everything(*store, tenant), expected, "{place}"));
        };
        let new = NewImport {
            as_of: random.pick(&[None, Date::parse("1970-01-03")]),
            override_reason: random.pick(&[None, None, None, Some("asked again".to_owned())]),
            received_at: UnixMs(1000 * file_at as i64),
            ..file(&format!("{file_at}"))
        };
        let imports: Vec<Import> = stores.iter().map(|store| accept_new(*store, tenant, &new)).collect();
        for _ in 0..1 + random.below(3) {
            if random.below(3) == 0 {
                let (number, at) = (random.pick(&NUMBERS), UnixMs(random.below(4) as i64 * 86_400_000));
                stores.iter().for_each(|store| opt_out(*store, tenant, number, at));
            }
            if random.below(4) == 0 {
                let (user, number) = (random.pick(&["U1", "U2"]), e164(random.pick(&NUMBERS)));
                let (alone, together, at) =
                    (random.below(2) == 0, random.below(2) == 0, UnixMs(random.below(9) as i64));
                for store in stores {
                    let speaker =
                        Speaker { number: (!alone).then_some(number), user: Some(user), said_at: None };
                    if together {
                        opt_outs::seen_together(*store, tenant, user, number, at, "webhook").unwrap();
                    } else {
                        opt_outs::opt_out(*store, tenant, speaker, at, "webhook").unwrap();
                    }
                }
            }
            if random.below(3) == 0 {
                let set = random.attributes();
                all_alike(stores.iter().map(|store| store.set_attributes(tenant, &set).unwrap()), &place);
            }
            let rows = random.rows();
            let planned = stores.iter().map(|store| seedless(commit(*store, tenant, &imports[0], &rows)));
            all_alike(planned, &place);
            same();
        }
        let state = if random.below(8) == 0 { ImportState::Failed } else { ImportState::Committed };
        stores.iter().for_each(|store| end(*store, tenant, imports[0].id, state));
        if random.below(3) == 0 {
            let import = ImportId(1 + random.below(file_at + 1) as u64);
            let at = UnixMs(1000 * file_at as i64 + 500);
            all_alike(
                stores.iter().map(|store| take_back(*store, tenant, import, "test:desk", at).ok()),
                &place,
            );
            same();
        }
    }
}

fn all_alike<T: PartialEq + std::fmt::Debug>(answers: impl Iterator<Item = T>, place: &str) {
    let answers: Vec<T> = answers.collect();
    answers.windows(2).for_each(|pair| assert_eq!(pair[0], pair[1], "{place}"));
}

/// A plan without the hashes of texts, which are secret to each store.
fn seedless(mut plan: Plan) -> Plan {
    plan.created.exid_hash.clear();
    plan.created.email_hash.clear();
    plan
}

#[test]
fn sqlite_keeps_everything_when_it_is_opened_again() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("data");
    let store = SqliteStore::open(&path).unwrap();
    import(&store, T, "a", &rows(&[Row { exid: "7", city: "İzmir", ..row(AYSE) }, row(BORIS)]));
    opt_out(&store, T, BORIS, UnixMs(5));
    let half = accept_new(&store, T, &file("b"));
    commit(&store, T, &half, &rows(&[Row { exid: "9", ..row(905301112255) }]));
    let before = everything(&store, T);
    drop(store);
    let store = SqliteStore::open(&path).unwrap();
    assert_eq!(everything(&store, T), before);
    assert_eq!(store.unfinished().unwrap(), [(T, half.id)]);
    commit(&store, T, &store.import(T, half.id).unwrap().unwrap(), &rows(&[row(905301112266)]));
    assert_eq!((store.profile_count(T).unwrap(), store.verify(T).unwrap()), (4, 5));
}

#[test]
fn sqlite_refuses_a_database_of_a_newer_version() {
    let folder = TempDir::new().unwrap();
    drop(SqliteStore::open(folder.path()).unwrap());
    raw(&folder).pragma_update(None, "user_version", 99).unwrap();
    let refused = SqliteStore::open(folder.path()).err();
    assert!(matches!(refused, Some(StoreError::TooNew { found: 99, .. })), "{refused:?}");
}

#[test]
fn sqlite_refuses_a_database_from_before_the_first_release() {
    let folder = TempDir::new().unwrap();
    drop(SqliteStore::open(folder.path()).unwrap());
    raw(&folder).pragma_update(None, "user_version", 1).unwrap();
    let refused = SqliteStore::open(folder.path()).err();
    assert!(matches!(refused, Some(StoreError::TooOld)), "{refused:?}");
}

#[test]
fn sqlite_lets_nobody_change_the_log() {
    let (folder, store) = three_events();
    for change in ["UPDATE log_block SET hash = zeroblob(32)", "DELETE FROM log_block"] {
        let refused = raw(&folder).execute_batch(change).unwrap_err().to_string();
        assert!(refused.contains("append-only"), "{refused}");
    }
    assert_eq!(store.verify(T).unwrap(), 3);
}

#[test]
fn sqlite_finds_out_who_changed_the_log_all_the_same() {
    for (change, found) in [
        (
            "UPDATE log_block SET data = CAST(data || x'00' AS BLOB)",
            "event 1 or one soon after it is not as it was written",
        ),
        ("UPDATE log_block SET hash = zeroblob(32) WHERE first_event = 2", "event 2 or one soon after"),
        ("UPDATE log_block SET events = 9", "another number of events"),
        ("DELETE FROM log_block WHERE first_event = 2", "event 2 is missing"),
        ("DELETE FROM log_block WHERE first_event = 3", "the log ends at event 2, and 3 were written"),
        (
            "UPDATE import SET file_sha256 = 'another' WHERE import_id = 1",
            "the record of i1 is not as it was written",
        ),
        (
            "UPDATE import SET override_reason = 'none' WHERE import_id = 1",
            "the record of i1 is not as it was written",
        ),
        (
            "UPDATE import SET record_hash = zeroblob(32) WHERE import_id = 1",
            "the record of i1 is not as it was written",
        ),
        ("UPDATE tenant SET event_seq = 2", "the log ends at event 3, and 2 were written"),
        ("DELETE FROM run WHERE space = 4", "p1 is not found by its number"),
        ("DELETE FROM run WHERE space = 5", "p1 does not stand at its last event"),
        ("DELETE FROM run_block", "a block of the index is missing"),
        // Opt-out becomes opt-in where the profile says what it is now, its events untouched.
        (
            "UPDATE run_block SET data = CAST(substr(data, 1, 21) || x'01' || substr(data, 23) AS BLOB)
             WHERE id = (SELECT (tenant_id << 52) | (run_id << 20) FROM run WHERE space = 5)",
            "p1 does not stand at its last event",
        ),
        ("DELETE FROM people_block", "the log tells of 2 profiles, 2 were counted and 0 are there"),
        ("UPDATE tenant SET profiles = 3", "the log tells of 2 profiles, 3 were counted and 2 are there"),
        ("UPDATE tenant SET next_profile = 2", "the log tells of 2 profiles, and 2 comes next"),
        ("UPDATE tenant SET event_seq = -1", "a number is negative where none can be"),
        (
            "UPDATE people_block SET data = CAST(x'ffffffffffffffff' || substr(data, 9) AS BLOB)",
            "a block of people is not as it was written",
        ),
        (
            "UPDATE people_block SET data = CAST(substr(data, 1, 30) AS BLOB)",
            "a block of people is not as it was written",
        ),
    ] {
        let (folder, store) = three_events();
        let unguarded = "DROP TRIGGER log_never_changes; DROP TRIGGER log_never_goes; DROP TRIGGER import_is_what_it_was;";
        raw(&folder).execute_batch(&format!("{unguarded} {change}")).unwrap();
        let damage = store.verify(T).unwrap_err().to_string();
        assert!(damage.contains(found), "{change}: {damage}");
    }
}

#[test]
fn postgres_keeps_everything_for_every_host() {
    let Some(schema) = Schema::new() else { return };
    let store = schema.store();
    import(&store, T, "a", &rows(&[Row { exid: "7", city: "İzmir", ..row(AYSE) }, row(BORIS)]));
    opt_out(&store, T, BORIS, UnixMs(5));
    let half = accept_new(&store, T, &file("b"));
    commit(&store, T, &half, &rows(&[Row { exid: "9", ..row(905301112255) }]));
    let other = schema.store();
    let before = everything(&store, T);
    assert_eq!(everything(&other, T), before);
    drop(store);
    let store = schema.store();
    assert_eq!(everything(&store, T), before);
    assert_eq!(store.unfinished().unwrap(), [(T, half.id)]);
    commit(&other, T, &store.import(T, half.id).unwrap().unwrap(), &rows(&[row(905301112266)]));
    assert_eq!((store.profile_count(T).unwrap(), store.verify(T).unwrap()), (4, 5));
    assert_eq!(everything(&other, T), everything(&store, T));
}

#[test]
fn postgres_lets_one_host_write_for_a_tenant_at_a_time() {
    const HOSTS: u64 = 4;
    const WORDS: u64 = 25;
    let Some(schema) = Schema::new() else { return };
    // They begin with nothing there: tables and the tenant's row are made by one of them.
    std::thread::scope(|scope| {
        for host in 0..HOSTS {
            let schema = &schema;
            scope.spawn(move || {
                let store = schema.store();
                (0..WORDS)
                    .for_each(|at| opt_out(&store, T, AYSE + at % 3, UnixMs((host * WORDS + at) as i64)));
            });
        }
    });
    let store = schema.store();
    assert!(store.verify(T).unwrap() >= 3);
    let seqs = store.events(T, Subject::Number(AYSE)).unwrap();
    assert!(seqs.is_sorted_by(|one, other| one.event.seq < other.event.seq));
}

#[test]
fn postgres_goes_on_when_its_connections_were_cut() {
    let Some(schema) = Schema::new() else { return };
    let store = schema.store();
    import(&store, T, "a", &rows(&[row(AYSE)]));
    let before = everything(&store, T);
    let cut = || {
        // Only those that this schema's stores have opened: the server is shared.
        let cut = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
            WHERE application_name = 'consentry' AND pid IN (SELECT pid FROM pg_locks WHERE relation = 'tenant'::regclass)";
        schema.raw().batch_execute(cut).unwrap();
    };
    // In the middle of a decision: it is not made, whoever asked is told, and the next one is as if nothing had been.
    let (keys, number) = (Keys::of_number(identity(AYSE)), E164::from_digits(AYSE).unwrap());
    let lost = store.decide(T, &keys, &mut |known| {
        cut();
        own_opt_out(Speaker { number: Some(number), user: None, said_at: None }, known, UnixMs(5), "api:desk")
    });
    assert!(matches!(lost, Err(StoreError::Lost(_))), "{lost:?}");
    assert_eq!(everything(&store, T), before);
    opt_out(&store, T, AYSE, UnixMs(5));
    assert_eq!(store.verify(T).unwrap(), 2);
}

#[test]
fn postgres_refuses_a_database_of_a_newer_version() {
    let Some(schema) = Schema::new() else { return };
    drop(schema.store());
    schema.raw().batch_execute("INSERT INTO schema_version VALUES (99)").unwrap();
    let refused = PostgresStore::connect(&schema.url()).err();
    assert!(matches!(refused, Some(StoreError::TooNew { found: 99, .. })), "{refused:?}");
}

#[test]
fn postgres_says_what_is_wrong_with_an_address_and_not_its_password() {
    for (address, expected) in [
        ("postgresql://me:secret@host/base?sslmode=maybe", "sslmode"),
        ("postgresql://me:secret@host/base?sslmode=require&sslrootcert=/no/such.pem", "/no/such.pem"),
        ("postgresql://me:secret@host/base?sslrootcert=/no/such.pem", "sslmode=require"),
        ("postgresql://me:secret@host:port/base", "port"),
    ] {
        let Some(StoreError::Unusable(cause)) = PostgresStore::connect(address).err() else {
            panic!("{address} was not refused")
        };
        assert!(cause.contains(expected) && !cause.contains("secret"), "{address}: {cause}");
    }
}

#[test]
fn postgres_lets_nobody_change_the_log() {
    let Some(schema) = Schema::new() else { return };
    let store = schema.store();
    import(&store, T, "a", &rows(&[row(AYSE)]));
    for (change, refusal) in [
        ("UPDATE log_block SET events = 9", "append-only"),
        ("DELETE FROM log_block", "append-only"),
        ("TRUNCATE log_block", "append-only"),
        ("UPDATE import SET file_sha256 = 'another'", "is evidence"),
        ("DELETE FROM import", "is evidence"),
    ] {
        let refused = schema.raw().batch_execute(change).unwrap_err();
        let said = refused.as_db_error().unwrap().message().to_owned();
        assert!(said.contains(refusal), "{change}: {said}");
    }
    assert_eq!(store.verify(T).unwrap(), 1);
}

#[test]
fn postgres_finds_out_who_changed_the_log_all_the_same() {
    for (change, found) in [
        (
            "UPDATE log_block SET hash = decode(repeat('00', 32), 'hex') WHERE first_event = 2",
            "event 2 or one soon after",
        ),
        ("DELETE FROM log_block WHERE first_event = 3", "the log ends at event 2, and 3 were written"),
        (
            "UPDATE import SET file_sha256 = 'another' WHERE import_id = 1",
            "the record of i1 is not as it was written",
        ),
        ("UPDATE number_holder SET held = false", "p1 is not found by its number"),
        ("DELETE FROM run_block", "a block of the index is missing"),
        ("UPDATE people_block SET data = substr(data, 1, 30)", "a block of people is not as it was written"),
    ] {
        let Some(schema) = Schema::new() else { return };
        let store = schema.store();
        import(&store, T, "a", &rows(&[row(AYSE)]));
        import(&store, T, "b", &rows(&[row(BORIS)]));
        import(&store, T, "c", &rows(&[Row { permission: 2, ..row(AYSE) }]));
        let unguarded =
            "ALTER TABLE log_block DISABLE TRIGGER USER; ALTER TABLE import DISABLE TRIGGER USER;";
        schema.raw().batch_execute(&format!("{unguarded} {change}")).unwrap();
        let damage = store.verify(T).unwrap_err().to_string();
        assert!(damage.contains(found), "{change}: {damage}");
    }
}

fn three_events() -> (TempDir, SqliteStore) {
    let folder = TempDir::new().unwrap();
    let store = SqliteStore::open(folder.path()).unwrap();
    import(&store, T, "a", &rows(&[row(AYSE)]));
    import(&store, T, "b", &rows(&[row(BORIS)]));
    import(&store, T, "c", &rows(&[Row { permission: 2, ..row(AYSE) }]));
    (folder, store)
}

/// A connection past the store, as somebody with the file in hand has it.
fn raw(folder: &TempDir) -> Connection {
    Connection::open(folder.path().join(FILE_NAME)).unwrap()
}

/// A whole timeline, which its parts of any length make up.
fn timeline_in_parts(store: &dyn Store, tenant: TenantId, subject: Subject) -> Vec<StoredEvent> {
    let whole = store.events(tenant, subject).unwrap();
    for limit in [1, 2, 5] {
        let (mut before, mut parts) = (None, Vec::new());
        loop {
            let part = store.latest_events(tenant, subject, before, limit).unwrap();
            assert!(part.events.len() <= limit && (part.events.len() == limit || !part.is_more));
            before = part.events.first().map(|stored| stored.event.seq);
            parts.splice(..0, part.events);
            if !part.is_more {
                break;
            }
        }
        assert_eq!(parts, whole, "{subject:?} in parts of {limit}");
    }
    whole
}

/// Everything a store says about a tenant.
fn everything(store: &dyn Store, tenant: TenantId) -> impl PartialEq + std::fmt::Debug + use<> {
    let profiles = store.profiles(tenant, None, usize::MAX).unwrap();
    let by_profile: Vec<_> = profiles
        .iter()
        .map(|stored| timeline_in_parts(store, tenant, Subject::Profile(stored.profile.id)))
        .collect();
    let numbers = NUMBERS.map(|digits| timeline_in_parts(store, tenant, Subject::Number(identity(digits))));
    let holders = NUMBERS.map(|digits| store.find(tenant, &Lookup::Number(identity(digits))).unwrap());
    let log = store.verify(tenant).unwrap();
    (
        store.state_hash(tenant).unwrap(),
        log,
        profiles,
        by_profile,
        numbers,
        holders,
        store.imports(tenant).unwrap(),
    )
}

pub(crate) fn import(store: &dyn Store, tenant: TenantId, name: &str, rows: &Rows) -> Plan {
    let accepted = accept_new(store, tenant, &file(name));
    let plan = commit(store, tenant, &accepted, rows);
    end(store, tenant, accepted.id, ImportState::Committed);
    plan
}

fn accept_new(store: &dyn Store, tenant: TenantId, new: &NewImport) -> Import {
    match store.accept(tenant, new).unwrap() {
        Accepted::New(import) => import,
        other => panic!("expected a new import, not {other:?}"),
    }
}

/// Applies rows as the next batch of an import.
fn commit(store: &dyn Store, tenant: TenantId, import: &Import, rows: &Rows) -> Plan {
    let from_row = store.import(tenant, import.id).unwrap().unwrap().cursor;
    let mut batches = store.importing(tenant, import.id).unwrap();
    let keys = keys(store, tenant, rows);
    let known = batches.load(&keys).unwrap();
    let as_of = import.new.as_of;
    let override_opt_outs = import.new.override_reason.is_some();
    let terms = Terms {
        import: import.id,
        record: import.new.hash(),
        at: import.new.received_at,
        as_of,
        override_opt_outs,
    };
    let planned = plan(rows, &city(), &keys, known, &terms);
    batches.commit(&planned, &Step { from_row, to_row: from_row + rows.len() as u64 }).unwrap();
    planned
}

fn keys(store: &dyn Store, tenant: TenantId, rows: &Rows) -> Keys {
    Keys::of(rows, &store.seed(tenant).unwrap())
}

fn end(store: &dyn Store, tenant: TenantId, import: ImportId, state: ImportState) {
    store.finish(tenant, import, &outcome(state)).unwrap();
}

fn opt_out(store: &dyn Store, tenant: TenantId, number: u64, at: UnixMs) {
    let keys = Keys::of_number(identity(number));
    let number = E164::from_digits(number).unwrap();
    store
        .decide(tenant, &keys, &mut |known| {
            own_opt_out(Speaker { number: Some(number), user: None, said_at: None }, known, at, "api:desk")
        })
        .unwrap();
}

pub(crate) fn outcome(state: ImportState) -> Outcome {
    let failure = (state == ImportState::Failed).then(|| "the digests differ".to_owned());
    Outcome { state, report: None, failure, at: UnixMs(2) }
}

fn terms(import: ImportId, record: Hash) -> Terms {
    Terms { import, record, at: UnixMs(1), as_of: None, override_opt_outs: false }
}

pub(crate) fn file(name: &str) -> NewImport {
    NewImport {
        file_name: format!("{name}.csv"),
        file_sha256: name.to_owned(),
        file_bytes: 120,
        options: v1::Options::default(),
        as_of: None,
        override_reason: None,
        engine_sha256: "engine".to_owned(),
        client_digest: None,
        received_at: UnixMs(1),
    }
}

#[derive(Clone, Copy)]
pub(crate) struct Row {
    pub(crate) exid: &'static str,
    pub(crate) email: &'static str,
    pub(crate) msisdn: u64,
    pub(crate) number: u64,
    pub(crate) number_cell: &'static str,
    pub(crate) permission: u8,
    pub(crate) permission_cell: &'static str,
    pub(crate) city: &'static str,
}

/// A row that says no more than it must: opt-in for a number.
pub(crate) fn row(number: u64) -> Row {
    let (number_cell, permission_cell) = ("+", "");
    Row { exid: "", email: "", msisdn: 0, number, number_cell, permission: 1, permission_cell, city: "" }
}

/// Rows of a file. A number's cell is the number behind what [`Row::number_cell`] says, and a permission's
/// cell is the plain one unless another is given.
pub(crate) fn rows(all: &[Row]) -> Rows {
    let mut rows = Rows::with_attributes(1);
    for (row, at) in all.iter().zip(1..) {
        rows.row.push(at);
        rows.line.push(at + 1);
        rows.number.push(row.number);
        rows.msisdn.push(row.msisdn);
        rows.permission.push(row.permission);
        rows.codes.push(0);
        rows.exid.push(row.exid);
        rows.email.push(row.email);
        rows.number_cell.push(&format!("{}{}", row.number_cell, row.number));
        let plain = Permission::from_u8(row.permission).unwrap().cell();
        rows.permission_cell.push(if row.permission_cell.is_empty() { plain } else { row.permission_cell });
        rows.attributes[0].push(row.city);
    }
    rows
}

pub(crate) fn city() -> [String; 1] {
    ["city".to_owned()]
}

fn e164(digits: u64) -> E164 {
    E164::from_digits(digits).unwrap()
}

pub(crate) fn identity(digits: u64) -> u64 {
    e164(digits).identity().digits()
}

/// Few, so that they collide; two of them are one Argentine mobile.
pub(crate) const NUMBERS: [u64; 6] = [AYSE, BORIS, 905301112255, 14155552671, 5491112345678, 541112345678];

/// A small xorshift: the same histories on every machine.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, end: usize) -> usize {
        for shift in [13_i8, -7, 17] {
            self.0 ^= if shift > 0 { self.0 << shift } else { self.0 >> -shift };
        }
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % end
    }

    pub(crate) fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }

    /// Attributes set of people who are there, and of some who never were.
    fn attributes(&mut self) -> Vec<AttributeChange> {
        let values = |random: &mut Random| {
            let value = random.pick(&[None, Some(""), Some("Van"), Some("a\"b\n"), Some("ığüşöç")]);
            let name = random.pick(&["city", "tier", "Şehir"]);
            [(name.to_owned(), value.map(str::to_owned))].into()
        };
        let people: Vec<u64> = (1..9).filter(|_| self.below(3) == 0).collect();
        people
            .into_iter()
            .map(|id| AttributeChange { profile: ProfileId(id), values: values(self) })
            .collect()
    }

    pub(crate) fn rows(&mut self) -> Rows {
        let row = |random: &mut Random| Row {
            exid: random.pick(&["", "", "7", "8", "9", "7 "]),
            email: random.pick(&["", "", "a@example.com", "A@example.com", "b@example.com", "ü@b.com"]),
            msisdn: random.pick(&[0, 0, NUMBERS[0], NUMBERS[2], NUMBERS[4], NUMBERS[5]]),
            number: random.pick(&NUMBERS),
            number_cell: random.pick(&["+", "+", "", "00", "+0", "'+", "tel:+"]),
            permission: random.pick(&[1, 1, 2]),
            permission_cell: random.pick(&["", "", "0", "yes", "1", "2"]),
            city: random.pick(&["", "", "İzmir", "a\"b"]),
        };
        let count = 1 + self.below(6);
        rows(&(0..count).map(|_| row(self)).collect::<Vec<_>>())
    }
}
