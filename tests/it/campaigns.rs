//! Campaigns up to the moment in which they are let go: who belongs to an audience, what is frozen, what is found out, who may
//! do what when. Over the store in memory and the embedded one, with the engine that is shipped and the stand-in for Meta.
//!
//! Longer than 500 lines because all of it happens in one room, which is furnished once.

use std::path::Path;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use consentry_core::matching::{E164, ImportId, Keys, OptIn, Speaker, Terms, own_opt_in, own_opt_out, plan};
use consentry_core::rows::Rows;
use consentry_core::time::{Date, UnixMs};
use consentry_core::wire::campaign::v1::{Audience, Campaign, Condition, Segment};
use consentry_host::accounts::{self, Candidate};
use consentry_host::campaigns::record::{Paused, State};
use consentry_host::campaigns::{
    self, Campaigns, Progress, Tending, Trial, Tried, audience, prices, segments,
};
use consentry_host::clock::Clock;
use consentry_host::desk::{Desk, DeskError};
use consentry_host::engine::{Engine, PLUGIN};
use consentry_host::gateway::{Gateway, Settings, Target};
use consentry_host::sandbox::example::{APP_ID, APP_SECRET, NUMBER_ID, TOKEN, WABA_ID};
use consentry_host::secret::Secret;
use consentry_host::sender::{Barrier, Options, Sender};
use consentry_host::store::inbox::{Lane, MemoryInbox, NewEvent, OPT_OUT};
use consentry_host::store::ledger::{
    Fact, Ledger, MemoryLedger, Reached, Recorded, SendFilter, SendState, SqliteLedger, unpack_values,
};
use consentry_host::store::memory::MemoryStore;
use consentry_host::store::sqlite::SqliteStore;
use consentry_host::store::{
    Accepted, ImportState, Kind, NewImport, Outcome, Put, Step, Store, StoreError, TenantId,
};
use consentry_host::templates::{sync, webhook};
use consentry_host::undo::take_back;
use consentry_host::vault::{KeyPlace, Vault};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::connecting::Meta;
use crate::program::wait_until;

/// ExID, number, permission and attributes of somebody.
type PersonRow<'a> = (&'a str, u64, u8, &'a [(&'a str, &'a str)]);

const T: TenantId = TenantId::DEFAULT;
const START: i64 = 1_795_395_600_000;
const DAY_MS: i64 = 86_400_000;

/// A clock that goes when it is told to: by itself from when somebody sends, whose pace is measured by it.
struct Hands(AtomicI64, OnceLock<Instant>);

impl Clock for Hands {
    fn now(&self) -> UnixMs {
        let gone = self.1.get().map_or(0, |since| since.elapsed().as_millis() as i64);
        UnixMs(self.0.load(Ordering::Relaxed) + gone)
    }
}

/// A room with an account and its templates.
struct Place {
    room: Campaigns,
    clock: Arc<Hands>,
    _meta: Meta,
    _runtime: tokio::runtime::Runtime,
    _folder: TempDir,
}

impl Place {
    fn new(store: Arc<dyn Store>, ledger: Arc<dyn Ledger>, folder: TempDir) -> Place {
        let meta = Meta::new("");
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let clock = Arc::new(Hands(AtomicI64::new(START), OnceLock::new()));
        let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("engine");
        let target = Target::new(meta.url(), "v26.0").unwrap();
        let desk = Desk {
            store: store.clone(),
            engine: Arc::new(Engine::load(PLUGIN, Some(&cache)).unwrap()),
            vault: Vault::new(store, KeyPlace::File(folder.path().join("key"))),
            gateway: Gateway::new(Settings::default()),
            clock: clock.clone(),
            target: target.clone(),
            app: None,
            public_url: None,
            runtime: runtime.handle().clone(),
            signal: consentry_host::signal::Signal::default(),
        };
        let candidate = Candidate {
            target,
            token: Secret::new(TOKEN),
            app_id: Some(APP_ID.to_owned()),
            app_secret: Some(Secret::new(APP_SECRET)),
            waba_id: Some(WABA_ID.to_owned()),
            phone_number_id: Some(NUMBER_ID.to_owned()),
            pin: None,
        };
        assert_eq!(accounts::connect(&desk, T, &candidate).unwrap().id, "a1");
        sync::pull(&desk, T, "a1").unwrap();
        let room = Campaigns::new(desk, ledger, Arc::new(MemoryInbox::new()));
        Place { room, clock, _meta: meta, _runtime: runtime, _folder: folder }
    }

    fn in_memory() -> Place {
        let (store, ledger) = (Arc::new(MemoryStore::new()), Arc::new(MemoryLedger::new()));
        Place::new(store, ledger, TempDir::new().unwrap())
    }

    fn embedded() -> Place {
        let folder = TempDir::new().unwrap();
        let store = Arc::new(SqliteStore::open(folder.path()).unwrap());
        let ledger = Arc::new(SqliteLedger::open(folder.path()).unwrap());
        Place::new(store, ledger, folder)
    }

    fn store(&self) -> &dyn Store {
        &*self.room.desk.store
    }

    fn wait(&self, ms: i64) {
        self.clock.0.fetch_add(ms, Ordering::Relaxed);
    }

    /// Sends what runs, as a server does.
    fn sender(&self) -> Arc<Sender> {
        self.clock.1.get_or_init(Instant::now);
        let (room, now) = (Arc::new(self.room.clone()), self.room.desk.clock.now());
        let barrier = Barrier::new(room.desk.store.clone(), T, now, false, Box::new(|| true)).unwrap();
        let heard = std::sync::mpsc::channel().1;
        let options = Options { gate: room.gate.clone(), barrier, heard, log: Box::new(|_| ()) };
        Sender::start(room, T, options)
    }

    /// Imports people: customer's id, number, permission, attributes.
    fn import(&self, as_of: Option<&str>, people: &[PersonRow<'_>]) -> ImportId {
        let mut names: Vec<String> =
            people.iter().flat_map(|(.., of)| of.iter().map(|(name, _)| (*name).to_owned())).collect();
        names.sort();
        names.dedup();
        let mut rows = Rows::with_attributes(names.len());
        for ((exid, number, permission, of), at) in people.iter().zip(1..) {
            rows.row.push(at);
            rows.line.push(at + 1);
            rows.number.push(*number);
            rows.msisdn.push(0);
            rows.permission.push(*permission);
            rows.codes.push(0);
            rows.exid.push(exid);
            rows.email.push("");
            rows.number_cell.push(&format!("+{number}"));
            rows.permission_cell.push(if *permission == 1 { "1" } else { "2" });
            for (column, name) in rows.attributes.iter_mut().zip(&names) {
                column.push(of.iter().find(|(of, _)| of == name).map_or("", |(_, value)| value));
            }
        }
        let new = NewImport {
            file_name: "people.csv".to_owned(),
            file_sha256: format!("{:?}{people:?}", self.room.desk.clock.now()),
            file_bytes: 1,
            options: Default::default(),
            as_of: as_of.map(|day| Date::parse(day).unwrap()),
            override_reason: None,
            engine_sha256: "engine".to_owned(),
            client_digest: None,
            received_at: self.room.desk.clock.now(),
        };
        let Accepted::New(import) = self.store().accept(T, &new).unwrap() else { panic!("it is known") };
        let keys = Keys::of(&rows, &self.store().seed(T).unwrap());
        let mut batches = self.store().importing(T, import.id).unwrap();
        let terms = Terms {
            import: import.id,
            record: import.new.hash(),
            at: new.received_at,
            as_of: new.as_of,
            override_opt_outs: false,
        };
        let planned = plan(&rows, &names, &keys, batches.load(&keys).unwrap(), &terms);
        batches.commit(&planned, &Step { from_row: 0, to_row: people.len() as u64 }).unwrap();
        let at = new.received_at;
        let outcome = Outcome { state: ImportState::Committed, report: None, failure: None, at };
        self.store().finish(T, import.id, &outcome).unwrap();
        import.id
    }

    fn says(&self, number: u64, opts_in: bool) {
        let keys = Keys::of_number(E164::from_digits(number).unwrap().identity().digits());
        let now = self.room.desk.clock.now();
        let speaker = Speaker { number: E164::from_digits(number), user: None, said_at: Some(now) };
        self.store()
            .decide(T, &keys, &mut |known| match opts_in {
                true => own_opt_in(speaker, OptIn::SignUp, known, now, "webhook:x"),
                false => own_opt_out(speaker, known, now, "webhook:x"),
            })
            .unwrap();
    }

    /// Customer's ids of an audience, or numbers of those who have none.
    fn who(&self, include: Value) -> Vec<String> {
        let audience = of(include);
        let mut out = Vec::new();
        let lines = audience::write_csv(&self.room, T, &audience, false, &mut out).unwrap();
        let count = audience::count(&self.room, T, &audience).unwrap();
        assert_eq!((count.people, count.by_country.iter().map(|(_, people)| people).sum()), (lines, lines));
        let mut reader = csv::Reader::from_reader(out.as_slice());
        let cell = |record: &csv::StringRecord| {
            let cells = [&record[1], &record[4]];
            cells.into_iter().find(|cell| !cell.is_empty()).unwrap().to_owned()
        };
        reader.records().map(|record| cell(&record.unwrap())).collect()
    }

    fn create(&self, change: impl FnOnce(&mut Value)) -> String {
        campaigns::create(&self.room, T, &sale(change), "ann").unwrap().record.id
    }

    fn freeze(&self, id: &str) -> campaigns::Kept {
        campaigns::freeze(&self.room, T, id, "ann", &|_| ()).unwrap()
    }

    /// Meta's id of the template of a sale.
    fn template_id(&self) -> Value {
        let stands = self.store().document(T, Kind::Template, "a1/spring_sale/en_US").unwrap().unwrap();
        serde_json::from_slice::<Value>(&stands.body).unwrap()["template"]["id"].clone()
    }

    fn state(&self, id: &str) -> State {
        campaigns::find(&self.room, T, id).unwrap().record.state
    }
}

fn of(include: Value) -> Audience {
    let include: Option<Condition> = serde_json::from_value(include).unwrap();
    Audience { include, exclude: None }
}

/// A campaign with a template that wants a first name, and a day that is the same for all.
fn sale(change: impl FnOnce(&mut Value)) -> Campaign {
    let mut campaign = json!({
        "name": "Sale", "account": "a1",
        "messages": [{"template": "spring_sale", "language": "en_US", "values": {
            "first_name": {"attribute": {"name": "first_name"}}, "last_day": {"text": "Sunday"},
        }}],
    });
    change(&mut campaign);
    serde_json::from_value(campaign).unwrap()
}

#[track_caller]
fn conflict<V>(said: Result<V, DeskError>, text: &str) {
    match said {
        Err(DeskError::Conflict(said) | DeskError::Invalid(said) | DeskError::NotFound(said)) => {
            assert!(said.contains(text), "{said}");
        }
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("nothing stood in the way"),
    }
}

const AYSE: u64 = 905_301_112_233;
const BORIS: u64 = 4_915_112_345_678;
const CAN: u64 = 905_301_112_244;
const DORA: u64 = 905_301_112_255;

#[test]
fn an_audience_is_who_opted_in_as_conditions_say() {
    for place in [Place::in_memory(), Place::embedded()] {
        an_audience(&place);
    }
}

fn an_audience(place: &Place) {
    let first = place.import(
        Some("2026-10-01"),
        &[
            ("ayse", AYSE, 1, &[("city", "İzmir"), ("tags", "vip, new"), ("points", "12")]),
            ("boris", BORIS, 1, &[("city", "Berlin")]),
            ("can", CAN, 1, &[("city", "IZMIR"), ("points", "9.5")]),
            ("dora", DORA, 2, &[("city", "izmir")]),
        ],
    );
    assert_eq!(place.who(json!({"all": []})), ["ayse", "boris", "can"]);
    assert_eq!(place.who(json!({"attribute": {"name": "city", "is": ["izmir"]}})), ["ayse", "can"]);
    assert_eq!(place.who(json!({"attribute": {"name": "points", "at_least": "10"}})), ["ayse"]);
    assert_eq!(place.who(json!({"tag": ["VIP"]})), ["ayse"]);
    assert_eq!(place.who(json!({"country": ["DE"]})), ["boris"]);
    let count = audience::count(&place.room, T, &Audience::default()).unwrap();
    assert_eq!((count.people, count.of), (3, 3));
    assert_eq!(count.by_country, [("TR".to_owned(), 2), ("DE".to_owned(), 1)]);
    let seen = audience::attributes(&place.room, T).unwrap();
    let cities = seen.iter().find(|seen| seen.name == "city").unwrap();
    assert_eq!(
        (cities.people, cities.examples.clone()),
        (3, vec!["İzmir".into(), "Berlin".into(), "IZMIR".into()])
    );

    // Own words: out, and in again. Who came by an own word came with no import.
    place.wait(1_000);
    place.says(AYSE, false);
    assert_eq!(place.who(json!({"all": []})), ["boris", "can"]);
    place.wait(1_000);
    place.says(AYSE, true);
    assert_eq!(place.who(json!({"import": [first.to_string()]})), ["boris", "can"]);
    assert_eq!(place.who(json!({"not": {"import": [first.to_string()]}})), ["ayse"]);
    // The consents of a file are as old as it says, an own word as its event.
    assert_eq!(place.who(json!({"consent_age": {"days_min": 30}})), ["boris", "can"]);
    assert_eq!(place.who(json!({"consent_age": {"days_max": 1}})), ["ayse"]);

    // A second import gives Can another number; taken back, the first one's consent stands again.
    place.wait(1_000);
    let second = place.import(None, &[("can", 905_301_112_277, 1, &[]), ("eva", 905_301_112_288, 1, &[])]);
    assert_eq!(place.who(json!({"import": [second.to_string()]})), ["can", "eva"]);
    assert_eq!(audience::attributes(&place.room, T).unwrap(), seen);
    place.wait(1_000);
    take_back(place.store(), T, second, "test", place.room.desk.clock.now()).unwrap();
    assert_eq!(place.who(json!({"import": [first.to_string(), second.to_string()]})), ["boris", "can"]);
    assert_eq!(place.who(json!({"import": [second.to_string()]})), Vec::<String>::new());
    assert_eq!(place.who(json!({"consent_age": {"days_min": 30}})), ["boris", "can"]);
}

#[test]
fn segments_are_conditions_under_names() {
    let place = Place::in_memory();
    place.import(None, &[("ayse", AYSE, 1, &[("city", "İzmir")]), ("boris", BORIS, 1, &[])]);
    let segment = |name: &str, condition: Value| Segment {
        name: name.to_owned(),
        condition: serde_json::from_value(condition).unwrap(),
    };
    let put = |name: &str, condition: Value| segments::put(&place.room, T, &segment(name, condition));
    put("aegean", json!({"attribute": {"name": "city", "is": ["izmir", "aydın"]}})).unwrap();
    put("rest", json!({"not": {"segment": "aegean"}})).unwrap();
    assert_eq!(place.who(json!({"segment": "aegean"})), ["ayse"]);
    assert_eq!(place.who(json!({"segment": "rest"})), ["boris"]);
    conflict(put("aegean", json!({"segment": "rest"})), "leads back to itself (aegean → rest → aegean)");
    conflict(put("a/b", json!({"all": []})), "a segment's name");
    conflict(put("x", json!({"country": ["UK"]})), "`condition.country.0`");
    conflict(segments::delete(&place.room, T, "aegean"), "the segment `rest` speaks of it");
    let id = place.create(|campaign| campaign["audience"] = json!({"include": {"segment": "rest"}}));
    conflict(segments::delete(&place.room, T, "rest"), "the campaign `c1` speaks of it");
    campaigns::delete(&place.room, T, &id, "ann").unwrap();
    segments::delete(&place.room, T, "rest").unwrap();
    segments::delete(&place.room, T, "aegean").unwrap();
    conflict(segments::find(&place.room, T, "aegean"), "there is no segment `aegean`");
    conflict(
        campaigns::create(
            &place.room,
            T,
            &sale(|of| of["audience"] = json!({"exclude": {"segment": "rest"}})),
            "ann",
        ),
        "`exclude.segment`: there is no segment `rest`",
    );
}

#[test]
fn what_is_frozen_stands_in_the_ledger_and_is_told_beforehand() {
    for place in [Place::in_memory(), Place::embedded()] {
        frozen(&place);
    }
}

fn frozen(place: &Place) {
    let import = place.import(
        None,
        &[
            ("ayse", AYSE, 1, &[("first_name", "Ayşe")]),
            ("boris", BORIS, 1, &[("first_name", "Boris")]),
            ("can", CAN, 1, &[("city", "İzmir")]),
            ("dora", DORA, 2, &[("first_name", "Dora")]),
            ("usa", 14_155_552_671, 1, &[("first_name", "Sam")]),
        ],
    );
    prices::put(&place.room, T, "currency=EUR\nTR,MARKETING,0.01\n*,UTILITY,0.5\n").unwrap();
    let id = place.create(|campaign| {
        campaign["quiet"] = json!({"from": "21:00", "until": "09:00"});
        campaign["schedule"] = json!({"starts_at": "2026-11-27T02:00[Europe/Istanbul]"});
    });
    let steps = AtomicU64::new(0);
    let kept = campaigns::freeze(&place.room, T, &id, "ann", &|Progress { done, of }| {
        assert!(done <= of);
        steps.fetch_add(1, Ordering::Relaxed);
    })
    .unwrap();
    assert!(steps.load(Ordering::Relaxed) >= 2);
    assert_eq!(kept.record.state, State::Frozen);
    let plan = kept.record.plan.clone().unwrap();
    assert_eq!((plan.people, plan.sendable, plan.control), (4, 2, 0));
    assert_eq!(plan.numbers, [NUMBER_ID]);
    assert_eq!(plan.messages[0].value_names, ["first_name"]);
    let planned = place.room.ledger.page(T, kept.id(), &SendFilter::default(), 0, 10).unwrap();
    let told: Vec<_> = planned
        .iter()
        .map(|send| {
            let of = &send.planned;
            (of.place, of.number, &of.country, of.import, unpack_values(&of.values).unwrap())
        })
        .collect();
    assert_eq!(told, [(1, AYSE, b"TR", import.0, vec!["Ayşe"]), (2, BORIS, b"DE", import.0, vec!["Boris"])]);

    let preflight = serde_json::to_value(kept.record.preflight.as_ref().unwrap()).unwrap();
    let problems: Vec<_> = preflight["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|of| (of["code"].as_str().unwrap(), of["count"].as_u64().unwrap()))
        .collect();
    assert_eq!(problems, [("value-missing", 1), ("country-closed", 1), ("quiet", 2)]);
    let example = &preflight["problems"][0]["examples"][0];
    assert_eq!((example["exid"].as_str(), example["path"].as_str()), (Some("can"), Some("first_name")));
    assert_eq!(preflight["messages"][0]["people"], 2);
    let body = preflight["messages"][0]["sample"]["preview"]["preview"]["body"].to_string();
    assert!(body.contains("Ayşe") && body.contains("Sunday"), "{body}");
    assert_eq!(preflight["cost"], json!({"currency": "EUR", "total": 0.01, "unpriced": 1}));
    let turkey = preflight["by_country"].as_array().unwrap().iter().find(|of| of["country"] == "TR").unwrap();
    assert_eq!(turkey["quiet_until"], "2026-11-27T06:00:00.000Z");
    assert_eq!(preflight["limit"], json!({"people_per_day": 2000, "reached_today": 0, "days": 1}));
    assert_eq!(preflight["forecast"]["starts_at"], "2026-11-26T23:00:00.000Z");

    // Who has a problem, one by one.
    let mut out = Vec::new();
    assert_eq!(
        campaigns::write_problems(&place.room, T, &id, Some("value-missing"), true, &mut out).unwrap(),
        1
    );
    let text = String::from_utf8(out).unwrap();
    assert!(
        text.lines().nth(1).unwrap().contains(",can,'+905301112244,value-missing,error,first_name,"),
        "{text}"
    );

    // The same again is the same plan; with anything changed it is another one.
    place.wait(5_000);
    assert_eq!(place.freeze(&id).record.plan.unwrap().sha256, plan.sha256);
    place.import(None, &[("fred", 905_301_112_299, 1, &[("first_name", "Fred")])]);
    let other = place.freeze(&id).record.plan.unwrap();
    assert_ne!((other.sha256.clone(), other.sendable), (plan.sha256, 2));
    let totals: u64 = place.room.ledger.totals(T, kept.id()).unwrap().iter().map(|(_, count)| count).sum();
    assert_eq!(totals, other.sendable);
}

#[test]
fn shares_control_and_cap_keep_to_what_was_written() {
    let place = Place::embedded();
    let names: Vec<String> = (0..3_000).map(|at| format!("x{at}")).collect();
    let people: Vec<PersonRow<'_>> = names
        .iter()
        .zip(905_301_000_000_u64..)
        .map(|(name, number)| (name.as_str(), number, 1, &[("first_name", "Z")] as &[_]))
        .collect();
    place.import(None, &people);
    let id = place.create(|campaign| {
        campaign["control_percent"] = 10.into();
        let message = campaign["messages"][0].clone();
        campaign["messages"] = json!([message, message]);
        campaign["messages"][0]["share_percent"] = 70.into();
        campaign["messages"][1]["share_percent"] = 30.into();
    });
    let kept = place.freeze(&id);
    let plan = kept.record.plan.clone().unwrap();
    assert_eq!((plan.people, plan.sendable + plan.control), (3_000, 3_000));
    assert!((250..350).contains(&plan.control), "{}", plan.control);
    let totals = place.room.ledger.totals(T, kept.id()).unwrap();
    let of = |message: u8| {
        totals.iter().filter(|(group, _)| group.message == message).map(|(_, count)| count).sum::<u64>()
    };
    assert!((2_000..2_200).contains(&of(0)) && of(0) + of(1) == 3_000, "{} {}", of(0), of(1));

    // Somebody is written to; another campaign with a cap leaves them out, and asks for the last message.
    let ledger = &*place.room.ledger;
    let now = place.room.desk.clock.now();
    let lease = ledger.lease(T, NUMBER_ID, None, now).unwrap().unwrap();
    let (waiting, _) = ledger.waiting(T, kept.id(), 0, 0, now, 3).unwrap();
    let ids: Vec<_> = waiting.iter().map(|send| send.id).collect();
    ledger.intend(T, &lease, &ids, now).unwrap();
    let recorded = |at: usize, state| Recorded {
        id: ids[at],
        state,
        due: UnixMs(0),
        attempts: 0,
        code: 0,
        wamid: Some(format!("w{at}")),
    };
    ledger
        .record(
            T,
            &lease,
            &[
                recorded(0, SendState::Accepted),
                recorded(1, SendState::Accepted),
                recorded(2, SendState::Unknown),
            ],
            now,
        )
        .unwrap();
    let read = Fact::Told { id: ids[0], reached: Reached::Read, at: now, code: 0, wamid: "w0".to_owned() };
    ledger.hear(T, &[read], 1).unwrap();
    let exid = |at: usize| {
        let (send, number) = (&waiting[at], 905_301_000_000);
        names[(send.planned.number - number) as usize].clone()
    };
    let last = |status: Value| place.who(json!({"last_message": {"status": status, "within_days": 7}}));
    assert_eq!(last(json!(["read"])), [exid(0)]);
    assert_eq!(last(json!(["accepted"])), [exid(1)]);
    assert_eq!(last(json!(["unknown"])), [exid(2)]);
    assert_eq!(last(json!(["none"])).len(), 2_997);
    let capped = place.create(|campaign| campaign["cap"] = json!({"messages": 1, "days": 7}));
    let capped = place.freeze(&capped).record;
    assert_eq!(capped.plan.unwrap().sendable, 2_997);
    assert_eq!(capped.preflight.unwrap().problems[0].code, "capped");
    place.wait(8 * DAY_MS);
    assert_eq!(last(json!(["none"])).len(), 3_000);
    assert_eq!(place.freeze("c2").record.plan.unwrap().sendable, 3_000);
}

#[test]
fn a_campaign_takes_its_course_and_says_what_stands_in_the_way() {
    let place = Place::in_memory();
    let Place { room, .. } = &place;
    place.import(None, &[("ayse", AYSE, 1, &[("first_name", "Ayşe")])]);
    let id = place.create(|_| ());
    conflict(
        campaigns::pause(room, T, &id, None, "ann"),
        "`c1` is a draft, so it cannot be paused: freeze it first",
    );
    conflict(campaigns::approve(room, T, &id, None, "bea"), "is a draft");
    let plan = place.freeze(&id).record.plan.unwrap();
    conflict(campaigns::start(room, T, &id, Some("another"), "ann", &|_| ()), "another plan of `c1` stands");
    // A change forgets the plan; who has seen the old one starts nothing.
    let seen = campaigns::find(room, T, &id).unwrap();
    let changed =
        campaigns::change(room, T, &id, &sale(|of| of["name"] = "Sale 2".into()), Some(seen.version), "ann")
            .unwrap();
    assert_eq!((changed.record.state, &changed.record.plan), (State::Draft, &None));
    assert_eq!(room.ledger.totals(T, changed.id()).unwrap(), []);
    assert!(matches!(
        campaigns::change(room, T, &id, &sale(|_| ()), Some(seen.version), "ann"),
        Err(DeskError::Overtaken)
    ));
    conflict(
        campaigns::start(room, T, &id, Some(&plan.sha256), "ann", &|_| ()),
        "was changed since the plan that you saw",
    );
    // A draft is frozen and started in one go.
    let epoch = room.signal.epoch();
    let started = campaigns::start(room, T, &id, None, "ann", &|_| ()).unwrap();
    assert_eq!(started.record.state, State::Running);
    assert_ne!(started.record.plan.unwrap().sha256, plan.sha256);
    assert_ne!(room.signal.epoch(), epoch);
    conflict(
        campaigns::change(room, T, &id, &sale(|_| ()), None, "ann"),
        "is running, so it cannot be changed: pause or cancel it",
    );
    conflict(campaigns::start(room, T, &id, None, "ann", &|_| ()), "is running");
    conflict(campaigns::delete(room, T, &id, "ann"), "was started, and what was sent stays on record");
    let paused = campaigns::pause(room, T, &id, Some("too loud"), "bea").unwrap();
    assert_eq!(paused.record.paused.unwrap().text, "bea paused it: too loud");
    assert_eq!(campaigns::resume(room, T, &id, "ann").unwrap().record.state, State::Running);
    // The brake.
    let why = Paused {
        by: "brake".into(),
        why: "failed-ratio".into(),
        text: "30 % failed".into(),
        ..Paused::default()
    };
    assert!(campaigns::halt(room, T, &id, &why).unwrap() && !campaigns::halt(room, T, &id, &why).unwrap());
    assert!(!campaigns::finish(room, T, &id).unwrap());
    campaigns::resume(room, T, &id, "ann").unwrap();
    // Everything stops at once.
    let later = place.create(|of| of["schedule"] = json!({"starts_at": "2026-12-01T10:00[Europe/Istanbul]"}));
    assert_eq!(
        campaigns::start(room, T, &later, None, "ann", &|_| ()).unwrap().record.state,
        State::Scheduled
    );
    assert!(!campaigns::begin(room, T, &later).unwrap());
    let mut stopped = campaigns::stop_all(room, T, "ann").unwrap();
    stopped.sort();
    assert_eq!(stopped, [id.clone(), later.clone()]);
    assert_eq!(campaigns::stop_all(room, T, "ann").unwrap(), Vec::<String>::new());
    assert_eq!(campaigns::resume(room, T, &later, "ann").unwrap().record.state, State::Scheduled);
    place.wait(10 * DAY_MS);
    assert!(campaigns::begin(room, T, &later).unwrap() && !campaigns::begin(room, T, &later).unwrap());
    assert!(campaigns::finish(room, T, &later).unwrap());
    conflict(campaigns::cancel(room, T, &later, "ann"), "is finished");
    // Given up: what waits never goes.
    let cancelled = campaigns::cancel(room, T, &id, "ann").unwrap();
    let totals = room.ledger.totals(T, cancelled.id()).unwrap();
    assert!(totals.iter().all(|(group, _)| group.state == SendState::Expired) && totals.len() == 1);
    let did: Vec<&str> = cancelled.record.history.iter().map(|deed| deed.did.as_str()).collect();
    assert_eq!(did.last(), Some(&"cancelled it"));
    assert!(did.contains(&"paused it: 30 % failed"), "{did:?}");
    // Ids do not come again, and copies are drafts.
    let copy = campaigns::copy(room, T, &id, "bea").unwrap().record;
    assert_eq!(
        (copy.id.as_str(), copy.state, copy.definition.name.as_str()),
        ("c3", State::Draft, "Sale 2 (copy)")
    );
    campaigns::delete(room, T, "c3", "bea").unwrap();
    conflict(campaigns::find(room, T, "c3"), "there is no campaign `c3`");
    assert_eq!(place.create(|_| ()), "c4");
    assert_eq!(
        campaigns::all(room, T).unwrap().iter().map(|kept| kept.record.id.clone()).collect::<Vec<_>>(),
        ["c4", "c2", "c1"]
    );
}

#[test]
fn where_approval_is_asked_for_two_people_look_at_the_same_plan() {
    let mut place = Place::in_memory();
    place.room = place.room.clone().with_approvals(true);
    let room = &place.room;
    place.import(None, &[("ayse", AYSE, 1, &[("first_name", "Ayşe")])]);
    let id = place.create(|_| ());
    conflict(campaigns::start(room, T, &id, None, "ann", &|_| ()), "waits for approval");
    assert_eq!(place.state(&id), State::AwaitingApproval);
    conflict(campaigns::approve(room, T, &id, None, "ann"), "another person has to approve it");
    conflict(campaigns::approve(room, T, &id, Some("other"), "bea"), "another plan");
    assert_eq!(campaigns::approve(room, T, &id, None, "bea").unwrap().record.state, State::Frozen);
    // Planned anew, it is another plan's approval.
    place.import(None, &[("boris", BORIS, 1, &[("first_name", "Boris")])]);
    place.freeze(&id);
    conflict(campaigns::start(room, T, &id, None, "ann", &|_| ()), "waits for approval");
    let sha256 = campaigns::find(room, T, &id).unwrap().record.plan.unwrap().sha256;
    campaigns::approve(room, T, &id, Some(&sha256), "bea").unwrap();
    assert_eq!(
        campaigns::start(room, T, &id, Some(&sha256), "ann", &|_| ()).unwrap().record.state,
        State::Running
    );
    // A plan that was made before approval was asked for waits for it as well.
    let before = room.clone().with_approvals(false);
    let other = place.create(|_| ());
    campaigns::freeze(&before, T, &other, "ann", &|_| ()).unwrap();
    assert_eq!(place.state(&other), State::Frozen);
    conflict(campaigns::start(room, T, &other, None, "ann", &|_| ()), "waits for approval");
}

#[test]
fn only_what_meta_has_approved_and_not_changed_is_sent() {
    let place = Place::in_memory();
    let room = &place.room;
    place.import(None, &[("ayse", AYSE, 1, &[("first_name", "Ayşe")])]);
    let freeze = |id: &str| campaigns::freeze(room, T, id, "ann", &|_| ());
    let rejected = place.create(|of| of["messages"] = json!([{"template": "win_back", "language": "en_US"}]));
    conflict(freeze(&rejected), "`win_back` in `en_US` cannot be sent: Meta rejected it");
    let kept = campaigns::find(room, T, &rejected).unwrap().record;
    assert_eq!(kept.state, State::Draft);
    assert!(kept.history.last().unwrap().did.starts_with("could not plan it: `win_back`"));
    conflict(freeze(&place.create(|of| of["messages"] = json!([]))), "has no message");
    conflict(freeze(&place.create(|of| of["numbers"] = json!(["1"]))), "has no number `1`");
    conflict(
        freeze(
            &place.create(|of| drop(of["messages"][0]["values"].as_object_mut().unwrap().remove("last_day"))),
        ),
        "last_day",
    );
    conflict(
        freeze(&place.create(|of| of["schedule"] = json!({"ends_at": "2026-01-01T00:00:00Z"}))),
        "is over",
    );
    let id = place.create(|_| ());
    freeze(&id).unwrap();
    let change = |change: &dyn Fn(&mut Value)| {
        let key = "a1/spring_sale/en_US";
        let stands = place.store().document(T, Kind::Template, key).unwrap().unwrap();
        let mut record: Value = serde_json::from_slice(&stands.body).unwrap();
        change(&mut record["template"]);
        let body = record.to_string();
        let put = Put {
            kind: Kind::Template,
            key,
            expected_version: Some(stands.version),
            body: Some(body.as_bytes()),
        };
        place.store().put_documents(T, &[put]).unwrap();
    };
    change(&|template| template["status"] = "PAUSED".into());
    conflict(campaigns::start(room, T, &id, None, "ann", &|_| ()), "Meta paused it for its quality");
    // What Meta alone writes is no change of what is sent, nor is the order of members.
    change(&|template| {
        template["status"] = "FLAGGED".into();
        template["quality_score"] = json!({"score": "RED"});
        let category = template.as_object_mut().unwrap().shift_remove("category").unwrap();
        template["category"] = category;
    });
    campaigns::start(room, T, &id, None, "ann", &|_| ()).unwrap();
    campaigns::pause(room, T, &id, None, "ann").unwrap();
    change(&|template| template["components"][0]["text"] = "Another header".into());
    conflict(campaigns::resume(room, T, &id, "ann"), "was changed at Meta's since the plan was made");
    // While it runs, and when its time comes.
    let mut tending = Tending::default();
    let runs = place.create(|_| ());
    campaigns::start(room, T, &runs, None, "ann", &|_| ()).unwrap();
    tending.look(room, T).unwrap();
    assert_eq!(tending.look_at_templates(room, T).unwrap(), Vec::<String>::new());
    let later = place.create(|of| of["schedule"] = json!({"starts_at": UnixMs(START + DAY_MS).to_string()}));
    campaigns::start(room, T, &later, None, "ann", &|_| ()).unwrap();
    change(&|template| template["status"] = "PAUSED".into());
    assert_eq!(tending.look_at_templates(room, T).unwrap(), std::slice::from_ref(&runs));
    place.wait(DAY_MS);
    assert!(!campaigns::begin(room, T, &later).unwrap());
    for id in [&runs, &later] {
        let record = campaigns::find(room, T, id).unwrap().record;
        let paused = record.paused.unwrap();
        assert_eq!((record.state, paused.why.as_str()), (State::Paused, "template"));
        assert!(paused.text.contains("Meta paused it for its quality"), "{}", paused.text);
    }
}

#[test]
fn what_may_run_is_known_and_one_that_cannot_be_read_stands_in_no_others_way() {
    for place in [Place::in_memory(), Place::embedded()] {
        let room = &place.room;
        place.import(None, &[("ayse", AYSE, 1, &[("first_name", "Ayşe")])]);
        let put = |kind: Kind, key: &str, body: Option<&[u8]>| {
            let expected_version = place.store().document(T, kind, key).unwrap().map(|of| of.version);
            place.store().put_documents(T, &[Put { kind, key, expected_version, body }]).unwrap();
        };
        let ids = |found: &campaigns::Found| {
            let mut ids: Vec<String> = found.kept.iter().map(|kept| kept.record.id.clone()).collect();
            ids.sort();
            ids
        };
        let may_run = || ids(&campaigns::may_run(room, T).unwrap());
        let start = |id: &str| drop(campaigns::start(room, T, id, None, "ann", &|_| ()).unwrap());
        let [one, two, three] = [0, 1, 2].map(|_| place.create(|_| ()));
        let later =
            place.create(|of| of["schedule"] = json!({"starts_at": UnixMs(START + DAY_MS).to_string()}));
        assert_eq!(may_run(), Vec::<String>::new());
        [&one, &two, &later].into_iter().for_each(|id| start(id));
        assert_eq!(may_run(), [one.clone(), two.clone(), later.clone()]);
        campaigns::pause(room, T, &one, None, "ann").unwrap();
        assert_eq!(may_run(), [two.clone(), later.clone()]);
        campaigns::resume(room, T, &one, "ann").unwrap();
        campaigns::cancel(room, T, &later, "ann").unwrap();
        assert_eq!(may_run(), [one.clone(), two.clone()]);
        // An earlier version of the program has started one, and ended another.
        put(Kind::Setting, "campaigns", Some(br#"{"last": 2, "may_run": ["c1", "c4"]}"#));
        campaigns::mend(room, T).unwrap();
        assert_eq!(may_run(), [one.clone(), two.clone()]);
        put(Kind::Setting, "campaigns", None);
        assert_eq!(may_run(), [one.clone(), two.clone()], "an earlier version has written all of them");
        put(Kind::Setting, "campaigns", Some(br#"{"last": 2, "may_run": []}"#));
        assert_eq!(place.create(|_| ()), "c5", "a number is given once");

        put(Kind::Campaign, &two, Some(b"{\"id\": 7}"));
        put(Kind::Campaign, &three, Some(b"no campaign"));
        campaigns::mend(room, T).unwrap();
        let found = campaigns::may_run(room, T).unwrap();
        assert_eq!((ids(&found), found.unreadable.len()), (vec![one.clone()], 0));
        assert_eq!(place.create(|_| ()), "c6");
        put(Kind::Setting, "campaigns", Some(br#"{"last": 6, "may_run": ["c1", "c2"]}"#));
        let found = campaigns::mend(room, T).unwrap();
        assert_eq!(found.unreadable.keys().collect::<Vec<_>>(), [&two, &three]);
        let found = campaigns::may_run(room, T).unwrap();
        assert_eq!(ids(&found), std::slice::from_ref(&one));
        assert!(found.unreadable[&two].contains("campaign c2 cannot be read"), "{:?}", found.unreadable);
        Tending::default().look(room, T).unwrap();
        assert_eq!(campaigns::stop_all(room, T, "ann").unwrap(), std::slice::from_ref(&one));
    }
}

#[test]
fn news_of_a_template_stop_what_is_sent_with_it_at_once() {
    let place = Place::in_memory();
    let people: Vec<(String, u64)> = (0..300).map(|at| (format!("e{at}"), AYSE + at)).collect();
    let people: Vec<PersonRow<'_>> = people
        .iter()
        .map(|(exid, number)| (exid.as_str(), *number, 1, [("first_name", "Ayşe")].as_slice()))
        .collect();
    place.import(None, &people);
    let id = place.create(|of| of["pace"] = json!({"messages_per_s": 1}));
    let (room, _sender) = (&place.room, place.sender());
    campaigns::start(room, T, &id, None, "ann", &|_| ()).unwrap();
    let number = campaigns::find(room, T, &id).unwrap();
    let has_left = || {
        let totals = room.ledger.totals(T, number.id()).unwrap();
        totals.iter().any(|(group, _)| group.state != SendState::Waiting)
    };
    wait_until("a message", has_left);
    let news = |event: &str, at_s: i64| {
        let value = json!({"event": event, "message_template_id": place.template_id(),
            "message_template_name": "spring_sale", "message_template_language": "en_US", "reason": "NONE"});
        let body = json!({"object": "whatsapp_business_account", "entry": [{"id": WABA_ID, "time": at_s,
            "changes": [{"field": "message_template_status_update", "value": value}]}]})
        .to_string();
        let options = consentry_core::wire::webhook::v1::Options::default();
        let read = consentry_core::wire::webhook::v1::read(&options, body.as_bytes());
        webhook::take(&room.desk, T, &read.events[0]).unwrap();
    };
    let epoch = room.signal.epoch();
    news("PAUSED", START / 1000 + 5);
    // Every request that has not left by now is held until the templates were looked at.
    assert!(room.signal.epoch() > epoch);
    wait_until("the pause", || place.state(&id) == State::Paused);
    let paused = campaigns::find(room, T, &id).unwrap().record.paused.unwrap();
    assert_eq!((paused.by.as_str(), paused.why.as_str()), ("meta", "template"));
}

#[test]
fn a_plan_that_a_process_left_is_made_anew() {
    for place in [Place::in_memory(), Place::embedded()] {
        let room = &place.room;
        let names: Vec<String> = (0..6_000).map(|at| format!("x{at}")).collect();
        let people: Vec<PersonRow<'_>> = names
            .iter()
            .zip(905_301_000_000_u64..)
            .map(|(name, number)| (name.as_str(), number, 1, &[("first_name", "Z")] as &[_]))
            .collect();
        place.import(None, &people);
        let id = place.create(|_| ());
        // Whoever plans it dies in the middle.
        let died = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            campaigns::freeze(room, T, &id, "ann", &|Progress { done, .. }| assert!(done < 4_000, "it dies"))
        }));
        assert!(died.is_err());
        assert_eq!(place.state(&id), State::Freezing);
        conflict(campaigns::freeze(room, T, &id, "bea", &|_| ()), "is being planned");
        conflict(campaigns::start(room, T, &id, None, "bea", &|_| ()), "is being planned");
        let mut tending = Tending::default();
        assert_eq!(tending.look(room, T).unwrap(), Vec::<String>::new());
        place.wait(campaigns::SILENCE_MAX.as_millis() as i64 + 1);
        assert_eq!(tending.look(room, T).unwrap(), std::slice::from_ref(&id));
        let kept = campaigns::find(room, T, &id).unwrap();
        assert_eq!(kept.record.state, State::Frozen);
        let plan = kept.record.plan.clone().unwrap();
        assert_eq!((plan.frozen_by.as_str(), plan.sendable), ("ann", 6_000));
        let last = room.ledger.page(T, kept.id(), &SendFilter::default(), 5_999, 10).unwrap();
        assert_eq!(last.iter().map(|send| send.id.place).collect::<Vec<_>>(), [6_000]);
        // The same people make the same plan, whoever dies on the way.
        assert_eq!(place.freeze(&id).record.plan.unwrap().sha256, plan.sha256);
        // Cancelled in the middle, it stays so.
        let said = campaigns::freeze(room, T, &id, "ann", &|Progress { done, .. }| {
            if done == 2_000 {
                campaigns::cancel(room, T, &id, "bea").unwrap();
                place.wait(5_000);
            }
        });
        conflict(said, "was cancelled or planned anew");
        assert_eq!(place.state(&id), State::Cancelled);
        assert_eq!(room.ledger.totals(T, kept.id()).unwrap(), [], "nothing of the plan comes after that");
    }
}

#[test]
fn whoever_plans_among_people_who_do_not_belong_is_heard_of() {
    let place = Place::in_memory();
    let names: Vec<String> = (0..4_100).map(|at| format!("x{at}")).collect();
    let people: Vec<PersonRow<'_>> = names
        .iter()
        .zip(905_301_000_000_u64..)
        .map(|(name, number)| (name.as_str(), number, 1, &[("first_name", "Z")] as &[_]))
        .collect();
    place.import(None, &people);
    let id = place.create(|of| of["audience"] = json!({"include": {"country": ["DE"]}}));
    let pages = AtomicU64::new(0);
    let kept = campaigns::freeze(&place.room, T, &id, "ann", &|_| {
        pages.fetch_add(1, Ordering::Relaxed);
    });
    assert_eq!(kept.unwrap().record.plan.unwrap().people, 0);
    assert_eq!(pages.into_inner(), 5, "the beginning, three pages, the end");
    // A clock that was wrong keeps nobody from going on.
    let id = place.create(|_| ());
    let died = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        campaigns::freeze(&place.room, T, &id, "ann", &|Progress { done, .. }| {
            assert!(done < 2_000, "it dies");
        })
    }));
    assert!(died.is_err());
    place.wait(-DAY_MS);
    assert_eq!(campaigns::recover(&place.room, T).unwrap(), [id]);
}

#[test]
fn a_plan_that_is_not_whole_is_not_started() {
    let place = Place::embedded();
    let room = &place.room;
    place.import(
        None,
        &[("ayse", AYSE, 1, &[("first_name", "Ayşe")]), ("can", CAN, 1, &[("first_name", "Can")])],
    );
    let id = place.create(|_| ());
    let kept = place.freeze(&id);
    // Somebody else's hand; the ledger's own refuses whoever was overtaken.
    room.ledger.forget_plan(T, kept.id(), kept.record.attempts).unwrap();
    conflict(campaigns::start(room, T, &id, None, "ann", &|_| ()), "0 messages stand in the plan");
    let kept = place.freeze(&id);
    let late = room.ledger.forget_plan(T, kept.id(), kept.record.attempts - 1);
    assert!(matches!(late, Err(StoreError::Overtaken)));
    assert_eq!(campaigns::start(room, T, &id, None, "ann", &|_| ()).unwrap().record.state, State::Running);
}

#[test]
fn what_was_started_can_be_stopped_however_long_it_is() {
    let place = Place::in_memory();
    let room = &place.room;
    place.import(None, &[("ayse", AYSE, 1, &[("first_name", "Ayşe")])]);
    let long = |chars: usize| {
        let numbers: Vec<String> = (0..chars / 1_000).map(|at| format!("{at:0>1000}")).collect();
        sale(|of| of["audience"] = json!({"exclude": {"attribute": {"name": "city", "is": numbers}}}))
    };
    conflict(campaigns::create(room, T, &long(1_000_000), "ann"), "its audience alone takes");
    let id = campaigns::create(room, T, &long(820_000), "ann").unwrap().record.id;
    conflict(campaigns::change(room, T, &id, &long(1_000_000), None, "ann"), "its audience alone takes");
    campaigns::start(room, T, &id, None, "ann", &|_| ()).unwrap();
    let text = "x".repeat(100_000);
    for _ in 0..60 {
        let paused = Paused { text: text.clone(), ..Paused::default() };
        assert!(campaigns::halt(room, T, &id, &paused).unwrap());
        campaigns::resume(room, T, &id, &text).unwrap();
    }
    assert_eq!(campaigns::stop_all(room, T, "ann").unwrap(), std::slice::from_ref(&id));
    let history = campaigns::find(room, T, &id).unwrap().record.history;
    assert!(history.len() == 100 && history.iter().all(|deed| deed.did.len() <= 500 && deed.by.len() <= 500));
}

#[test]
fn one_that_cannot_be_paused_keeps_no_other_from_it() {
    let place = Place::in_memory();
    let room = &place.room;
    place.import(None, &[("ayse", AYSE, 1, &[("first_name", "Ayşe")])]);
    let ids: Vec<String> = (0..3).map(|_| place.create(|_| ())).collect();
    for id in &ids {
        campaigns::start(room, T, id, None, "ann", &|_| ()).unwrap();
    }
    // The document of the second grows, by somebody else's hand, until no more is kept of it.
    let stands = room.desk.store.document(T, Kind::Campaign, "c2").unwrap().unwrap();
    let mut record: Value = serde_json::from_slice(&stands.body).unwrap();
    record["definition"]["name"] = "x".repeat(1_048_576 - stands.body.len()).into();
    let body = record.to_string();
    let (kind, expected_version) = (Kind::Campaign, Some(stands.version));
    let put = Put { kind, key: "c2", expected_version, body: Some(body.as_bytes()) };
    place.store().put_documents(T, &[put]).unwrap();
    let Err(DeskError::Conflict(said)) = campaigns::stop_all(room, T, "ann") else {
        panic!("the second cannot be written")
    };
    assert!(said.starts_with("not everything could be paused: `c2`: "), "{said}");
    assert!(said.contains("Paused were: c3, c1. Try again"), "{said}");
    let states: Vec<State> = ids.iter().map(|id| place.state(id)).collect();
    assert_eq!(states, [State::Paused, State::Running, State::Paused]);
}

#[test]
fn an_audience_is_safe_to_open_in_a_spreadsheet() {
    let place = Place::in_memory();
    place.import(None, &[("=can()", CAN, 1, &[("city", "+Van"), ("@who", "Can")])]);
    let written = |for_excel: bool| {
        let mut out = Vec::new();
        let people = audience::write_csv(&place.room, T, &of(json!({"all": []})), for_excel, &mut out);
        assert_eq!(people.unwrap(), 1);
        String::from_utf8(out).unwrap()
    };
    let (plain, excel) = (written(false), written(true));
    assert_eq!(
        plain,
        "profile,exid,email,msisdn,wpNumber,permission,@who,city\np1,=can(),,,+905301112244,1,Can,+Van\n"
    );
    assert_eq!(
        excel,
        "\u{feff}profile,exid,email,msisdn,wpNumber,permission,'@who,city\np1,'=can(),,,'+905301112244,1,Can,'+Van\n"
    );
}

#[test]
fn problems_are_told_of_what_was_frozen_also_when_it_is_over() {
    let place = Place::embedded();
    let room = &place.room;
    place.import(
        None,
        &[("ayse", AYSE, 1, &[("first_name", "Ayşe")]), ("=can()", CAN, 1, &[("city", "Van")])],
    );
    let id = place.create(|of| {
        of["cap"] = json!({"messages": 1, "days": 7});
        of["schedule"] = json!({"ends_at": UnixMs(START + DAY_MS).to_string()});
    });
    let kept = campaigns::start(room, T, &id, None, "ann", &|_| ()).unwrap();
    let now = room.desk.clock.now();
    let lease = room.ledger.lease(T, NUMBER_ID, None, now).unwrap().unwrap();
    let first = consentry_core::campaign::SendId { campaign: kept.id(), place: 1 };
    room.ledger.intend(T, &lease, &[first], now).unwrap();
    place.wait(2 * DAY_MS);
    let problems = |for_excel: bool| {
        let mut out = Vec::new();
        campaigns::write_problems(room, T, &id, None, for_excel, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    let (plain, excel) = (problems(false), problems(true));
    assert!(plain.lines().count() == 2 && plain.contains(",=can(),+905301112244,value-missing,"), "{plain}");
    assert!(excel.starts_with('\u{feff}') && excel.contains(",'=can(),'+905301112244,"), "{excel}");
}

#[test]
fn what_the_time_does_not_suffice_for_is_told_beforehand() {
    let place = Place::in_memory();
    let names: Vec<String> = (0..2_500).map(|at| format!("x{at}")).collect();
    let people: Vec<PersonRow<'_>> = names
        .iter()
        .zip(905_301_000_000_u64..)
        .map(|(name, number)| (name.as_str(), number, 1, &[("first_name", "Z")] as &[_]))
        .collect();
    place.import(None, &people);
    let ends = UnixMs(START + 2_000).to_string();
    let id = place.create(|of| of["schedule"] = json!({"ends_at": ends}));
    let preflight = serde_json::to_value(place.freeze(&id).record.preflight.unwrap()).unwrap();
    let per_s = preflight["forecast"]["per_s"].as_f64().unwrap() as u64;
    let late =
        preflight["problems"].as_array().unwrap().iter().find(|of| of["code"] == "not-in-time").unwrap();
    assert_eq!(late["count"], 2_500 - 2 * per_s);
    assert_eq!(preflight["forecast"]["finishes_at"], ends);
    // A file that Meta forgets before it is through, where it is not said when it ends.
    let key = "a1/spring_sale/en_US";
    let stands = place.store().document(T, Kind::Template, key).unwrap().unwrap();
    let mut record: Value = serde_json::from_slice(&stands.body).unwrap();
    record["template"]["components"][0] =
        json!({"type": "HEADER", "format": "IMAGE", "example": {"header_handle": ["4::aW"]}});
    let body = record.to_string();
    let (kind, expected_version) = (Kind::Template, Some(stands.version));
    let put = Put { kind, key, expected_version, body: Some(body.as_bytes()) };
    place.store().put_documents(T, &[put]).unwrap();
    let expires = |ms: i64, ends_at: Option<&str>| {
        let at = UnixMs(START + ms).to_string();
        let id = place.create(|of| {
            of["messages"][0]["values"]["header.media"] = json!({"media": {"id": "1", "expires_at": at}});
            if let Some(ends_at) = ends_at {
                of["schedule"] = json!({ "ends_at": ends_at });
            }
        });
        let preflight = serde_json::to_value(place.freeze(&id).record.preflight.unwrap()).unwrap();
        let problems = preflight["problems"].as_array().unwrap();
        let late = problems.iter().find(|of| of["code"] == "media-expires");
        late.map(|of| of["count"].as_u64().unwrap())
    };
    assert_eq!(expires(2_000, None), Some(2_500), "it takes longer");
    assert_eq!(expires(DAY_MS, None), Some(2_500), "Meta lets it reach 2000 people in a day");
    assert_eq!(expires(3 * DAY_MS, None), None, "it is through by then");
    assert_eq!(expires(DAY_MS, Some(&UnixMs(START + 2 * DAY_MS).to_string())), Some(2_500));
    // A file that Meta forgets, by whatever clock that is written.
    let of = sale(|of| {
        of["messages"][0]["values"]["header.media"] =
            json!({"media": {"id": "1", "expires_at": "2026-12-23T13:00:00+03:00"}});
    });
    let kept = campaigns::create(&place.room, T, &of, "ann").unwrap().record.definition;
    let kept = serde_json::to_value(&kept.messages[0].values["header.media"]).unwrap();
    assert_eq!(kept["media"]["expires_at"], "2026-12-23T10:00:00.000Z");
}

#[test]
fn what_is_put_back_after_the_end_is_left_out() {
    let place = Place::embedded();
    let room = &place.room;
    place.import(
        None,
        &[("ayse", AYSE, 1, &[("first_name", "Ayşe")]), ("can", CAN, 1, &[("first_name", "Can")])],
    );
    let id = place.create(|_| ());
    let kept = campaigns::start(room, T, &id, None, "ann", &|_| ()).unwrap();
    let now = room.desk.clock.now();
    let lease = room.ledger.lease(T, NUMBER_ID, None, now).unwrap().unwrap();
    let first = consentry_core::campaign::SendId { campaign: kept.id(), place: 1 };
    room.ledger.intend(T, &lease, &[first], now).unwrap();
    campaigns::cancel(room, T, &id, "ann").unwrap();
    let mut tending = Tending::default();
    tending.look(room, T).unwrap();
    let back =
        Recorded { id: first, state: SendState::Waiting, due: now, attempts: 1, code: 130_429, wamid: None };
    room.ledger.record(T, &lease, &[back], now).unwrap();
    let stand = |id: &str| {
        let stand = campaigns::stand(room, T, &campaigns::find(room, T, id).unwrap()).unwrap().unwrap();
        (stand.waiting, stand.expired)
    };
    assert_eq!(stand(&id), (0, 2));
    let report = campaigns::report::report(room, T, &id).unwrap();
    assert_eq!((report.pending.waiting, report.stand.expired), (0, 2));
    tending.look(room, T).unwrap();
    let waits = SendFilter { states: vec![SendState::Waiting], ..SendFilter::default() };
    assert_eq!(room.ledger.page(T, kept.id(), &waits, 0, 9).unwrap(), []);
}

#[test]
fn how_messages_stood_is_kept_when_a_campaign_is_let_go_on() {
    let place = Place::embedded();
    let room = &place.room;
    place.import(None, &[("ayse", AYSE, 1, &[("first_name", "Ayşe")])]);
    let id = place.create(|_| ());
    let kept = campaigns::start(room, T, &id, None, "ann", &|_| ()).unwrap();
    let now = room.desk.clock.now();
    let lease = room.ledger.lease(T, NUMBER_ID, None, now).unwrap().unwrap();
    let first = consentry_core::campaign::SendId { campaign: kept.id(), place: 1 };
    room.ledger.intend(T, &lease, &[first], now).unwrap();
    let failed = Recorded {
        id: first,
        state: SendState::Failed,
        due: UnixMs(0),
        attempts: 1,
        code: 131_026,
        wamid: None,
    };
    room.ledger.record(T, &lease, &[failed], now).unwrap();
    campaigns::pause(room, T, &id, None, "ann").unwrap();
    assert_eq!(campaigns::find(room, T, &id).unwrap().record.stood, None);
    campaigns::resume(room, T, &id, "ann").unwrap();
    let stood = campaigns::find(room, T, &id).unwrap().record.stood.unwrap();
    let [one] = stood[..] else { panic!("{stood:?}") };
    assert_eq!((one.answered, one.code, one.opted_out, one.messages), (true, Some(131_026), false, 1));
}

/// Tries the first message of a campaign.
fn tried(place: &Place, id: &str, to: &str) -> Result<Tried, DeskError> {
    let trial = Trial { campaign: id, message: 0, to, by: "ann" };
    campaigns::test(&place.room, T, &trial, &|_| Some("somebody mends it".to_owned()))
}

#[test]
fn a_message_is_tried_on_somebody_who_said_yes() {
    let place = Place::in_memory();
    place.import(
        None,
        &[
            ("ayse", AYSE, 1, &[("first_name", "Ayşe \"A\"")]),
            ("boris", BORIS, 2, &[("first_name", "Boris")]),
            ("can", CAN, 1, &[]),
            ("deniz", CAN + 1, 1, &[("first_name", "Deniz")]),
            ("efe", CAN + 2, 1, &[("first_name", "Efe")]),
            ("filiz", CAN + 3, 1, &[("first_name", "Filiz")]),
        ],
    );
    let place = Place { room: place.room.clone().with_approvals(true), ..place };
    let room = &place.room;
    let _sender = place.sender();
    // What keeps people out of the campaign keeps nobody from seeing its message.
    let id = place.create(|of| {
        of["control_percent"] = 50.into();
        of["audience"] = json!({"include": {"country": ["DE"]}});
        of["schedule"] = json!({"starts_at": "2099-01-01T10:00:00Z"});
    });
    let before = campaigns::find(room, T, &id).unwrap();
    let (spaced, digits) = (format!("+{} {}", (CAN + 2) / 100, (CAN + 2) % 100), (CAN + 3).to_string());
    let everybody = [("ayse", AYSE, 1), ("p4", CAN + 1, 4), (&spaced, CAN + 2, 5), (&digits, CAN + 3, 6)];
    for (to, number, profile) in everybody {
        let tried = tried(&place, &id, to).unwrap();
        assert_eq!((tried.to, tried.profile.0), (format!("+{number}"), profile), "{to}");
        // It is a message like any other: written down before it left, and its outcome after.
        let own = campaigns::find(room, T, &tried.as_campaign).unwrap();
        let sends = room.ledger.page(T, own.id(), &SendFilter::default(), 0, 9).unwrap();
        let [send] = &sends[..] else { panic!("{sends:?}") };
        assert_eq!((send.state, send.wamid.as_ref()), (SendState::Accepted, Some(&tried.wamid)));
        assert!(send.intended_at.is_some() && own.record.started_at_ms.is_some());
        wait_until("its end", || place.state(&tried.as_campaign) == State::Finished);
    }
    // They count for the person's caps and the number's day, and stand in no list.
    let since = UnixMs(START - 1);
    assert_eq!(room.ledger.last_sends(T, &[AYSE], since).unwrap()[0].unwrap().1, 1);
    assert_eq!(room.ledger.people_since(T, since).unwrap(), 4);
    let listed: Vec<String> =
        campaigns::all(room, T).unwrap().into_iter().map(|kept| kept.record.id).collect();
    assert_eq!(listed, std::slice::from_ref(&id));
    assert_eq!(campaigns::find(room, T, &id).unwrap().version, before.version, "nothing of it has changed");

    conflict(tried(&place, &id, "boris"), "p2 has not opted in");
    conflict(tried(&place, &id, "nobody"), "nobody is known as `nobody`");
    conflict(tried(&place, &id, "can"), "`first_name`: the person has no value for a variable");
    let trial = Trial { campaign: &id, message: 1, to: "ayse", by: "ann" };
    conflict(campaigns::test(room, T, &trial, &|_| None), "has 1 messages");
    // What was not begun leaves nothing that could be.
    assert!(campaigns::may_run(room, T).unwrap().kept.is_empty());
    // A word that nobody has acted on yet counts.
    let said = NewEvent {
        id: "e1".to_owned(),
        lane: Lane::Consent,
        kind: OPT_OUT.to_owned(),
        to_do: true,
        at: None,
        received: room.desk.clock.now(),
        number: Some(AYSE),
        user: None,
        message_id: None,
        told: None,
        body: "{}".to_owned(),
    };
    room.inbox.take(T, &[said], None).unwrap();
    conflict(tried(&place, &id, "ayse"), "has just opted out");
    assert_eq!(room.ledger.last_sends(T, &[AYSE], since).unwrap()[0].unwrap().1, 1, "nothing has left");
}

#[test]
fn what_is_tried_and_not_sent_in_time_never_is() {
    let place = Place::in_memory();
    let room = &place.room;
    place.import(None, &[("ayse", AYSE, 1, &[("first_name", "Ayşe")])]);
    let id = place.create(|_| ());
    // Somebody stops everything while it waits.
    let stopped = std::thread::scope(|scope| {
        let stopped = scope.spawn(|| tried(&place, &id, "ayse"));
        wait_until("the trial", || !campaigns::stop_all(room, T, "boris").unwrap().is_empty());
        stopped.join().unwrap()
    });
    conflict(stopped, "it was not sent: boris stopped everything");
    // Nobody sends at all.
    conflict(tried(&place, &id, "ayse"), "is not any more: somebody mends it");
    let _sender = place.sender();
    assert!(campaigns::may_run(room, T).unwrap().kept.is_empty());
    assert_eq!(room.ledger.last_sends(T, &[AYSE], UnixMs(0)).unwrap(), [None]);
}
