//! The gate's permits: how long each lets a request begin, by a count of time that the tests move, and what ends it before.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::Ordering;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use consentry_core::campaign::step::{Answer, BrakeTerms, Terms};
use consentry_core::campaign::{CampaignId, SendId};
use consentry_core::matching::E164;
use consentry_core::time::UnixMs;
use consentry_host::gate::{
    Addressee, GateError, LATE_MS, LastLook, Look, Marks, PERMIT_MS, Permit, Right, Ticks,
};
use consentry_host::gateway::{Credentials, Gateway, Settings, Target, Trouble};
use consentry_host::secret::Secret;
use consentry_host::sender::post::Run;
use consentry_host::sender::station::{Limits, Station, Wanted};
use consentry_host::store::inbox::MemoryInbox;
use consentry_host::store::ledger::{Ledger, MemoryLedger, NewSend, SendState};
use consentry_host::store::{Lookup, TenantId};
use serde_json::json;

use crate::campaign_sim::fused::Fused;
use crate::campaign_sim::world::Count;
use crate::far_end::FarEnd;
use crate::model::Declared;
use crate::product::{Kind, Product};

const T: TenantId = TenantId::DEFAULT;
const C: CampaignId = CampaignId(1);
const FIRST: u64 = 905_301_000_000;
const BASE_MS: i64 = 1_795_395_600_000;
const FOR_EVER: Right = Right { until: Duration::MAX, epoch: 0 };

/// People, all of whom said yes.
struct People {
    product: Product,
    all: Vec<Addressee>,
}

impl People {
    fn new(count: u64) -> People {
        let product = Product::new(Kind::Memory, 1_000);
        let mut file = "exid,wpNumber,permission\n".to_owned();
        (0..count).for_each(|at| file += &format!("e{at},+{},1\n", FIRST + at));
        product.import(&file, Declared::default());
        let store = product.importer.store.clone();
        let addressee = |at: u64| {
            let number = E164::from_digits(FIRST + at).unwrap();
            let person = number.identity().digits();
            let profile = store.find(T, &Lookup::Number(person)).unwrap().unwrap().profile.id.0;
            Addressee { id: SendId { campaign: C, place: at + 1 }, number: number.digits(), person, profile }
        };
        let all = (0..count).map(addressee).collect();
        People { product, all }
    }

    fn gate(&self) -> LastLook {
        LastLook::new(self.product.importer.store.clone(), Arc::new(MemoryInbox::new()))
    }

    /// What stands for the first of them.
    fn look(&self, gate: &LastLook, right: Right) -> Result<Permit, GateError> {
        let look = gate.look(T, &self.all[..1], right)?.remove(0);
        let Look::Open(permit) = look else { panic!("{look:?}") };
        Ok(permit)
    }
}

/// Says these times, one after the other, and then the last for ever.
struct Said(Mutex<VecDeque<u64>>);

impl Ticks for Said {
    fn now(&self) -> Duration {
        let mut left = self.0.lock().unwrap();
        let ms = if left.len() > 1 { left.pop_front() } else { left.front().copied() };
        Duration::from_millis(ms.unwrap())
    }
}

fn says(times: &[u64]) -> Arc<dyn Ticks> {
    Arc::new(Said(Mutex::new(times.iter().copied().collect())))
}

/// A permit for which no time goes by.
pub(crate) fn permit() -> Permit {
    static PEOPLE: LazyLock<People> = LazyLock::new(|| People::new(1));
    let gate = PEOPLE.gate().with_ticks(says(&[0]));
    PEOPLE.look(&gate, FOR_EVER).unwrap()
}

#[test]
fn between_the_first_question_and_the_first_byte_lies_no_more_than_one_number_says() {
    let people = People::new(1);
    // Began, answered, asked.
    let permit = |times: &[u64]| people.look(&people.gate().with_ticks(says(times)), FOR_EVER);
    let longest = PERMIT_MS - LATE_MS;
    assert!(permit(&[1_000, 1_000, 1_000 + LATE_MS - 1]).unwrap().stands());
    assert!(!permit(&[1_000, 1_000, 1_000 + LATE_MS]).unwrap().stands(), "the look was too long ago");
    assert!(permit(&[1_000, 1_000 + longest, 1_000 + PERMIT_MS - 1]).unwrap().stands());
    assert!(!permit(&[1_000, 1_000 + longest, 1_000 + PERMIT_MS]).unwrap().stands());
    let slow = permit(&[1_000, 1_000 + longest + 1]);
    let Err(GateError::Slow { took_ms, at_the_edge: false }) = slow else { panic!("{slow:?}") };
    assert_eq!(took_ms, longest + 1, "what took longer is not believed");
}

#[test]
fn a_permit_ends_with_what_allows_it_besides_and_with_whatever_moves_here() {
    let people = People::new(1);
    let marks = Marks::default();
    let gate = people.gate().with_marks(marks.clone()).with_ticks(says(&[1_000]));
    let right =
        |until_ms: u64| Right { until: Duration::from_millis(until_ms), epoch: marks.changed.epoch() };
    assert!(people.look(&gate, right(1_001)).unwrap().stands());
    assert!(!people.look(&gate, right(1_000)).unwrap().stands(), "the lease has lapsed");

    let permit = people.look(&gate, right(9_999)).unwrap();
    marks.spoken.fetch_add(1, Ordering::AcqRel);
    assert!(!permit.stands(), "somebody has said something");
    assert!(people.look(&gate, right(9_999)).unwrap().stands(), "and was heard");

    let (permit, of_before) = (people.look(&gate, right(9_999)).unwrap(), right(9_999));
    marks.changed.raise();
    assert!(!permit.stands(), "a campaign has changed");
    assert!(!people.look(&gate, of_before).unwrap().stands(), "what is sent was looked up before that");
    assert!(people.look(&gate, right(9_999)).unwrap().stands());
}

#[test]
fn a_message_whose_permit_has_ended_does_not_leave() {
    let people = People::new(1);
    let answer = json!({"messages": [{"id": "wamid.1"}]});
    let server = FarEnd::always(200, &answer);
    let credentials = Credentials { token: Secret::new("EAAtoken"), app_secret: None };
    let graph =
        Gateway::new(Settings::default()).graph(&Target::new(&server.url(), "v26.0").unwrap(), credentials);
    let courier = graph.courier("100").unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let send = |permit| runtime.block_on(courier.send(&"{}".into(), permit));
    let permit = |times: &[u64]| people.look(&people.gate().with_ticks(says(times)), FOR_EVER).unwrap();
    let withheld = send(permit(&[0, 0, LATE_MS]));
    assert!(withheld.is_withheld && matches!(withheld.outcome, Err(Trouble::NotSent(_))), "{withheld:?}");
    assert_eq!(server.seen().len(), 0);
    let sent = send(permit(&[0, 0, LATE_MS - 1]));
    assert_eq!((sent.is_withheld, sent.outcome.unwrap().id.as_str()), (false, "wamid.1"));
    assert_eq!(server.seen().len(), 1);
}

#[test]
fn whatever_is_written_in_the_turn_of_a_look_makes_its_permits_no_longer() {
    // Each call of the ledger takes so long that a few are more than a permit lasts.
    const CALL_MS: i64 = 20;
    let people = People::new(60);
    let count = Arc::new(Count::default());
    let gate = Arc::new(people.gate().with_ticks(count.clone()));
    let ledger: Arc<dyn Ledger> = Arc::new(MemoryLedger::new());
    ledger.plan(T, C, 0, &people.all.iter().map(planned).collect::<Vec<_>>()).unwrap();
    let slow = Fused::new(ledger.clone(), Arc::default());
    slow.take(&count, CALL_MS);
    let mut station = Station::new(T, slow, gate, "100");
    let (mut now, mut left, mut both) = (0, 0, 0);
    while left < people.all.len() {
        assert!(now < 120_000, "{left} have left");
        count.set(now);
        station.want(wanted(), UnixMs(BASE_MS + now));
        let turn = station.turn(UnixMs(BASE_MS + now));
        let after = i64::try_from(count.now().as_millis()).unwrap();
        both += usize::from(after > now && !turn.departures.is_empty());
        let text = format!("{turn:?}");
        let is_named = |of: &Addressee| text.contains(&of.number.to_string());
        assert!(!people.all.iter().any(is_named), "nobody is named in a log: {text}");
        for departure in &turn.departures {
            let stands_after = |ms: i64| {
                count.set(after + ms);
                departure.permit.stands()
            };
            // Nothing was waited for since the look, and nothing that came before it counts.
            assert!(stands_after(LATE_MS as i64 - 1), "at {now}, {} ms later", after - now);
            assert!(!stands_after(LATE_MS as i64), "at {now}, {} ms later", after - now);
        }
        count.set(after);
        for departure in turn.departures {
            left += 1;
            let (id, answer) = (departure.send.id, Answer::Accepted { is_held: false });
            station.answered(id, answer, Some(format!("wamid.{left}")), UnixMs(BASE_MS + after));
        }
        let wake = station.next_wake(UnixMs(BASE_MS + after)).map_or(after, |at| at.0 - BASE_MS);
        now = wake.clamp(after + 1, after + 250);
    }
    assert!(both > 2, "in {both} turns something was written and somebody left");
}

fn planned(of: &Addressee) -> NewSend {
    NewSend {
        place: of.id.place,
        profile: of.profile,
        number: of.number,
        person: of.person,
        country: *b"TR",
        import: 1,
        line: 0,
        message: 0,
        state: SendState::Waiting,
        values: Vec::new(),
    }
}

fn wanted() -> Wanted {
    let brake = BrakeTerms {
        failed_percent: 100.0,
        opted_out_percent: 100.0,
        limited_percent: 100.0,
        after_messages: 100_000,
    };
    let terms = Terms { per_s: None, packages: None, ends_at: None, brake };
    let run = Run { campaign: C, line: 0, terms, version: 1, quiet: None, cap: None };
    let limits = Limits { per_s: 20, people_per_day: None };
    Wanted { runs: BTreeMap::from([(C, run)]), limits, mended: 0, epoch: 0 }
}
