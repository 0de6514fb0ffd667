//! The brake of a whole campaign: what all numbers and hosts did together, by the ledger that they share. Each number alone would
//! have to send many more before it stops.

use consentry_core::campaign::step::{BrakeTerms, Why};
use consentry_core::campaign::{CampaignId, SendId};
use consentry_core::time::UnixMs;
use consentry_host::campaigns::record::Stood;
use consentry_host::sender::watch::{Watch, Watched};
use consentry_host::store::TenantId;
use consentry_host::store::ledger::{
    Fact, Ledger, MemoryLedger, NewSend, Reached, Recorded, SendState, SqliteLedger,
};
use tempfile::TempDir;

const T: TenantId = TenantId::DEFAULT;
const C: CampaignId = CampaignId(7);
const LINES: u16 = 10;
const EACH: u64 = 100;
const TERMS: BrakeTerms =
    BrakeTerms { failed_percent: 25.0, opted_out_percent: 5.0, limited_percent: 30.0, after_messages: 200 };

fn watched(version: u64, has_resumed: bool) -> [Watched; 1] {
    [Watched { id: C, version, has_resumed, stood: None, terms: TERMS }]
}

/// Numbers that each send the same share; people of import 9 have no WhatsApp.
fn plan(ledger: &dyn Ledger) {
    let planned = |place: u64| NewSend {
        place,
        profile: place,
        number: 905_300_000_000 + place,
        person: 905_300_000_000 + place,
        country: *b"TR",
        import: if place.is_multiple_of(3) { 4 } else { 9 },
        line: (place % u64::from(LINES)) as u16,
        message: 1,
        state: SendState::Waiting,
        values: Vec::new(),
    };
    let sends: Vec<NewSend> = (1..=u64::from(LINES) * EACH).map(planned).collect();
    ledger.plan(T, C, 0, &sends).unwrap();
}

/// Every number sends so many of its next messages; the last of them.
fn send(ledger: &dyn Ledger, each: usize, now: i64) -> Vec<SendId> {
    let mut sent = Vec::new();
    for line in 0..LINES {
        let name = format!("line {line}");
        let lease = ledger.lease(T, &name, None, UnixMs(now)).unwrap().unwrap();
        let (found, _) = ledger.waiting(T, C, line, 0, UnixMs(now), each).unwrap();
        let ids: Vec<SendId> = found.iter().map(|send| send.id).collect();
        ledger.intend(T, &lease, &ids, UnixMs(now)).unwrap();
        let recorded = found.iter().map(|send| {
            let fails = send.planned.import == 9;
            Recorded {
                id: send.id,
                state: if fails { SendState::Failed } else { SendState::Accepted },
                due: UnixMs(0),
                attempts: u8::from(fails),
                code: if fails { 131_026 } else { 0 },
                wamid: None,
            }
        });
        ledger.record(T, &lease, &recorded.collect::<Vec<_>>(), UnixMs(now)).unwrap();
        ledger.release(T, &lease).unwrap();
        sent.extend(ids);
    }
    sent
}

#[test]
fn what_many_numbers_do_a_little_stops_a_campaign_as_if_one_had_done_it() {
    let folder = TempDir::new().unwrap();
    let ledgers: [Box<dyn Ledger>; 2] =
        [Box::new(MemoryLedger::new()), Box::new(SqliteLedger::open(folder.path()).unwrap())];
    for ledger in &ledgers {
        let ledger = ledger.as_ref();
        plan(ledger);
        // Two hosts look at the same.
        let mut hosts = [Watch::default(), Watch::default()];
        let look = |host: &mut Watch, version, has_resumed| {
            host.look(ledger, T, &watched(version, has_resumed)).unwrap()
        };
        assert_eq!(look(&mut hosts[0], 1, false), []);
        send(ledger, 19, 1_000);
        assert_eq!(look(&mut hosts[0], 1, false), [], "190 are too few to conclude from");
        send(ledger, 1, 20_000);
        let stops = hosts.each_mut().map(|host| look(host, 1, false));
        let [(C, Why::FailedRatio { percent, code: 131_026, message: 1, import: 9 })] = stops[0][..] else {
            panic!("{stops:?}");
        };
        assert!((60.0..75.0).contains(&percent), "{percent}");
        assert_eq!(stops[0], stops[1], "they say the same");

        // Somebody has looked, and let it go on: what was so then does not count, on whatever host.
        let mut new = Watch::default();
        for host in hosts.iter_mut().chain([&mut new]) {
            assert_eq!(look(host, 2, true), []);
        }
        send(ledger, 19, 40_000);
        for host in hosts.iter_mut().chain([&mut new]) {
            assert_eq!(look(host, 2, true), [], "190 again");
        }
        let sent = send(ledger, 1, 60_000);
        for host in hosts.iter_mut().chain([&mut new]) {
            assert_eq!(look(host, 2, true).len(), 1);
        }

        // What is heard later counts as well, whoever heard it.
        assert_eq!(look(&mut new, 3, true), []);
        let told = |id: &SendId| {
            let (reached, wamid) = (Reached::Failed, format!("wamid.{}", id.place));
            Fact::Told { id: *id, reached, at: UnixMs(70_000), code: 131_049, wamid }
        };
        send(ledger, 30, 80_000);
        let before = look(&mut new, 3, true);
        assert!(matches!(before[..], [(C, Why::FailedRatio { .. })]), "{before:?}");
        assert_eq!(ledger.hear(T, &sent.iter().map(told).collect::<Vec<_>>(), 1).unwrap().len(), sent.len());
        assert_eq!(look(&mut new, 4, true), []);
        assert_eq!(look(&mut new, 4, true), [], "nothing has come since");
        assert_eq!(new.look(ledger, T, &[]).unwrap(), [], "it runs no more");
    }
}

#[test]
fn whoever_comes_up_after_a_campaign_was_let_go_on_counts_what_came_since() {
    let ledger = MemoryLedger::new();
    plan(&ledger);
    send(&ledger, 20, 1_000);
    // As it is kept in the document when somebody lets it go on.
    let stood =
        ledger.totals(T, C).unwrap().into_iter().filter(|(group, _)| group.state != SendState::Waiting);
    let stood: Vec<Stood> = stood
        .map(|(group, messages)| Stood {
            message: group.message,
            import: group.import,
            answered: true,
            code: (group.state == SendState::Failed).then_some(group.code),
            opted_out: group.opted_out,
            messages,
        })
        .collect();
    let resumed = [Watched { id: C, version: 2, has_resumed: true, stood: Some(stood), terms: TERMS }];
    let new = || Watch::default().look(&ledger, T, &resumed).unwrap();
    assert_eq!(new(), [], "what was so then does not count");
    send(&ledger, 19, 20_000);
    assert_eq!(new(), [], "190 are too few to conclude from");
    send(&ledger, 1, 40_000);
    assert_eq!(
        new().len(),
        1,
        "each process that comes up now counts 200, also the first time that it looks"
    );
    let mut restarted = Watch::default();
    let forgets = watched(2, true);
    assert_eq!(
        restarted.look(&ledger, T, &forgets).unwrap(),
        [],
        "without it nothing would be known of them"
    );
}
