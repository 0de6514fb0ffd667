//! What is heard of campaigns, from webhooks as Meta sends them to the counts of a report: each message once, in whatever
//! order, by whichever host, and after a process ended in the middle.

use std::sync::Arc;

use consentry_core::campaign::{CampaignId, SendId};
use consentry_core::time::UnixMs;
use consentry_core::wire::webhook::v1::{Options, read};
use consentry_host::campaigns::hear::{Hearing, Marks};
use consentry_host::store::TenantId;
use consentry_host::store::inbox::{Inbox, Lane, MemoryInbox, NewEvent, SqliteInbox};
use consentry_host::store::ledger::{
    KeptSend, Ledger, Meant, MemoryLedger, NewSend, Reached, SendFilter, SendState, SqliteLedger, pack_values,
};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::program::wait_until;
use crate::random::Random;

const T: TenantId = TenantId::DEFAULT;
const C: CampaignId = CampaignId(7);
/// 2026-11-23, in seconds.
const BEGIN_S: i64 = 1_795_392_000;
const AYSE: u64 = 905_301_112_233;
/// Of the plan of [`C`].
const MARK: u32 = 0x000a_1b2c;

fn marks() -> Marks {
    Box::new(|id| Ok((id == C).then_some(MARK)))
}

fn status(place: u64, word: &str, at_s: i64, code: Option<i64>) -> Value {
    let id = SendId { campaign: C, place };
    let mut status = json!({
        "id": format!("wamid.{place}"), "status": word, "timestamp": at_s.to_string(),
        "recipient_id": (AYSE + place).to_string(), "biz_opaque_callback_data": id.callback_data(T.0, MARK, 1),
    });
    if let Some(code) = code {
        status["errors"] = json!([{"code": code, "title": "no"}]);
    }
    json!({"statuses": [status]})
}

fn message(place: u64, text: &str, at_s: i64) -> Value {
    let id = format!("wamid.in.{place}.{text}.{at_s}");
    let from = (AYSE + place).to_string();
    let text = json!({"body": text});
    json!({"messages": [{"from": from, "id": id, "timestamp": at_s.to_string(), "type": "text", "text": text}]})
}

/// Events of a webhook, as the inbox takes them.
fn events(value: &Value) -> Vec<NewEvent> {
    let body = json!({"object": "whatsapp_business_account", "entry":
        [{"id": "1", "changes": [{"field": "messages", "value": value}]}]})
    .to_string();
    let heard = read(&Options::default(), body.as_bytes());
    let event = |event: &consentry_core::wire::webhook::v1::Event<'_>| NewEvent {
        id: event.id.clone(),
        lane: if event.lane == "consent" { Lane::Consent } else { Lane::Rest },
        kind: event.kind.to_string(),
        to_do: false,
        at: event.at_ms.map(UnixMs),
        received: UnixMs(event.at_ms.unwrap()),
        number: event.number.as_ref().map(|number| number[1..].parse().unwrap()),
        user: None,
        message_id: event.message_id.as_deref().map(str::to_owned),
        told: None,
        body: serde_json::to_string(event).unwrap(),
    };
    heard.events.iter().map(event).collect()
}

/// A campaign of so many messages, all of them under way.
fn under_way(ledger: &dyn Ledger, messages: u64) {
    let planned = |place| NewSend {
        place,
        profile: place,
        number: AYSE + place,
        person: AYSE + place,
        country: *b"TR",
        import: 1,
        line: 0,
        message: 0,
        state: SendState::Waiting,
        values: pack_values([]),
    };
    ledger.plan(T, C, 0, &(1..=messages).map(planned).collect::<Vec<_>>()).unwrap();
    let lease = ledger.lease(T, "line", None, UnixMs(0)).unwrap().unwrap();
    let ids: Vec<SendId> = (1..=messages).map(|place| SendId { campaign: C, place }).collect();
    ledger.intend(T, &lease, &ids, UnixMs(BEGIN_S * 1000)).unwrap();
}

fn kept(ledger: &dyn Ledger) -> Vec<KeptSend> {
    ledger.page(T, C, &SendFilter::default(), 0, usize::MAX).unwrap()
}

fn stands(ledger: &dyn Ledger) -> Vec<(Reached, i64, bool, bool)> {
    let stands =
        |send: &KeptSend| (send.reached, send.code, send.replied_at.is_some(), send.opted_out_at.is_some());
    kept(ledger).iter().map(stands).collect()
}

#[test]
fn what_webhooks_say_of_a_message_is_what_the_ledger_says() {
    let (ledger, inbox) = (Arc::new(MemoryLedger::new()), Arc::new(MemoryInbox::new()));
    under_way(&*ledger, 5);
    let hearing = Hearing::new(T, ledger.clone(), inbox.clone(), marks()).unwrap();
    let watching = hearing.watch();
    let webhooks = [
        status(1, "read", BEGIN_S + 5, None),
        status(1, "sent", BEGIN_S + 1, None),
        status(2, "failed", BEGIN_S + 2, Some(131_026)),
        status(3, "failed", BEGIN_S + 2, None),
        status(4, "warming_up", BEGIN_S + 2, None),
        message(1, "Merhaba", BEGIN_S + 9),
        message(4, "STOP", BEGIN_S + 10),
        json!({"statuses": [{"id": "wamid.of.others", "status": "read", "timestamp": BEGIN_S.to_string(),
            "recipient_id": "905301112233", "biz_opaque_callback_data": "something else"}]}),
        json!({"statuses": [{"id": "wamid.5", "status": "read", "timestamp": BEGIN_S.to_string(),
            "recipient_id": "905301112233", "biz_opaque_callback_data": "consentry:t2.000a1b2c.c7.5.1"}]}),
        // Of another installation: the same number of a campaign, and another plan.
        json!({"statuses": [{"id": "wamid.6", "status": "read", "timestamp": BEGIN_S.to_string(),
            "recipient_id": "905301112233", "biz_opaque_callback_data": "consentry:t1.000a1b2d.c7.5.1"}]}),
        json!({"statuses": [{"id": "wamid.7", "status": "read", "timestamp": BEGIN_S.to_string(),
            "recipient_id": "905301112233", "biz_opaque_callback_data": "consentry:t1.000a1b2c.c8.5.1"}]}),
    ];
    for webhook in &webhooks {
        inbox.take(T, &events(webhook), None).unwrap();
    }
    assert_eq!(hearing.catch_up().unwrap(), 12, "STOP is a message and a word");
    assert_eq!(hearing.catch_up().unwrap(), 0);
    let expected = [
        (Reached::Read, 0, true, false),
        (Reached::Failed, 131_026, false, false),
        (Reached::Failed, 131_000, false, false),
        (Reached::Nothing, 0, false, true),
        (Reached::Nothing, 0, false, false),
    ];
    assert_eq!(stands(&*ledger), expected);
    let states: Vec<SendState> = kept(&*ledger).iter().map(|send| send.state).collect();
    use SendState::{Accepted, Failed, Intended};
    assert_eq!(states, [Accepted, Failed, Failed, Accepted, Intended], "another tenant's is not ours");
    let meant = |place, failed, opted_out| Meant {
        id: SendId { campaign: C, place },
        message: 0,
        import: 1,
        failed,
        opted_out,
    };
    let told: Vec<Meant> = watching.try_iter().collect();
    assert_eq!(told, [meant(2, 131_026, false), meant(3, 131_000, false), meant(4, 0, true)]);
    assert_eq!(kept(&*ledger)[0].wamid.as_deref(), Some("wamid.1"));
}

/// Statuses in any order, twice as well, heard by two hosts and by processes that end: always the same counts.
#[test]
fn any_order_any_copies_and_any_host_end_alike() {
    const MESSAGES: u64 = 60;
    let mut seen = Vec::new();
    for seed in 0..4 {
        let mut random = Random::new(seed);
        let folder = TempDir::new().unwrap();
        let ledger: Arc<dyn Ledger> = Arc::new(SqliteLedger::open(folder.path()).unwrap());
        let inbox: Arc<dyn Inbox> = Arc::new(SqliteInbox::open(folder.path()).unwrap());
        under_way(&*ledger, MESSAGES);
        let mut webhooks = Vec::new();
        for place in 1..=MESSAGES {
            let at = BEGIN_S + place as i64;
            webhooks.push(status(place, "sent", at, None));
            match place % 4 {
                0 => webhooks.push(status(place, "failed", at + 1, Some(131_049))),
                1 => webhooks.push(message(place, "STOP", at + 2)),
                2 => webhooks.push(message(place, "evet", at + 2)),
                _ => webhooks.extend(["delivered", "read"].map(|word| status(place, word, at + 3, None))),
            }
        }
        let copies = webhooks.clone();
        webhooks.extend(copies.into_iter().filter(|_| random.below(3) == 0));
        let mut hosts = [0, 1].map(|_| Hearing::new(T, ledger.clone(), inbox.clone(), marks()).unwrap());
        while !webhooks.is_empty() {
            let webhook = webhooks.swap_remove(random.below(webhooks.len() as u64) as usize);
            inbox.take(T, &events(&webhook), None).unwrap();
            let host = random.below(2) as usize;
            match random.below(8) {
                0 => {
                    hosts[host].catch_up().unwrap();
                }
                // It ended, and another process begins where it was.
                1 => hosts[host] = Hearing::new(T, ledger.clone(), inbox.clone(), marks()).unwrap(),
                _ => {}
            }
        }
        for host in &hosts {
            host.catch_up().unwrap();
        }
        seen.push((stands(&*ledger), ledger.totals(T, C).unwrap()));
    }
    assert!(seen.iter().all(|other| *other == seen[0]));
    let stands = &seen[0].0;
    let failed = stands.iter().filter(|(reached, code, ..)| (*reached, *code) == (Reached::Failed, 131_049));
    let was_read = stands.iter().filter(|(reached, ..)| *reached == Reached::Read);
    let replied = stands.iter().filter(|(_, _, replied, _)| *replied);
    let opted_out = stands.iter().filter(|(_, _, _, opted_out)| *opted_out);
    assert_eq!([failed.count(), was_read.count(), replied.count(), opted_out.count()], [15; 4]);
}

#[test]
fn a_thread_hears_what_comes_and_ends_with_its_owner() {
    let (ledger, inbox) = (Arc::new(MemoryLedger::new()), Arc::new(MemoryInbox::new()));
    under_way(&*ledger, 2);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (came, coming) = tokio::sync::watch::channel(0);
    let hearing = Arc::new(Hearing::new(T, ledger.clone(), inbox.clone(), marks()).unwrap());
    hearing.start(coming, runtime.handle().clone(), |trouble| panic!("{trouble}"));
    for place in [1, 2] {
        let seqs = inbox.take(T, &events(&status(place, "delivered", BEGIN_S + 1, None)), None).unwrap();
        came.send_replace(seqs[0].unwrap());
        wait_until("a status is heard", || kept(&*ledger)[place as usize - 1].reached == Reached::Delivered);
    }
    drop(hearing);
    wait_until("the thread ends", || {
        came.send_modify(|place| *place += 1);
        came.receiver_count() == 0
    });
}
