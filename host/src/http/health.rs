//! How everything stands, over HTTP: put together of what each room knows. Meta is not asked, so that looking costs nothing.

use axum::Json;
use axum::extract::State;
use consentry_core::time::UnixMs;
use serde_json::Value;

use crate::accounts::{self, record::Account};
use crate::campaigns::record::State as Stands;
use crate::campaigns::{self, people_per_day};
use crate::data::BACKED_UP;
use crate::gateway::Target;
use crate::health::{GOOD, Told, judge};
use crate::store::inbox::{Filter, Lane};
use crate::store::{Kind, TenantId};
use crate::wire::health::v1::{
    AccountDocument, CampaignDocument, HealthDocument, HeardDocument, ImportsDocument, InboxDocument,
    LaneDocument, NumberDocument, StoreDocument,
};

use super::App;
use super::events::edge;
use super::people::{Asked, params};
use super::planning;
use super::problem::{Problem, blocking};

const T: TenantId = TenantId::DEFAULT;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

pub(super) async fn health(State(app): State<App>, asked: Asked) -> Result<Json<HealthDocument>, Problem> {
    params(asked, &[])?;
    Ok(Json(blocking(move || look(&app)).await?))
}

pub(super) fn look(app: &App) -> Result<HealthDocument, Problem> {
    let now = app.desk.clock.now();
    let mut told = Told::default();
    let accounts = accounts::all(&app.desk, T)?;
    for account in &accounts {
        let own = |why: &String| (account.id.clone(), why.clone());
        told.troubles.extend(account.trouble.iter().map(own));
        let failed = account.sync.iter().filter(|sync| sync.failed);
        told.not_pulled.extend(failed.filter_map(|sync| sync.trouble.as_ref()).map(own));
    }
    let mut document = HealthDocument {
        state: GOOD,
        at: now.to_string(),
        findings: Vec::new(),
        inbox: inbox(app)?,
        accounts: accounts.iter().map(account).collect(),
        reached_today: app.campaigns.ledger.people_since(T, UnixMs(now.0 - DAY_MS))?,
        imports: imports(app)?,
        campaigns: under_way(app, &mut told)?,
        store: store(app)?,
    };
    judge(&mut document, now, &told);
    Ok(document)
}

fn inbox(app: &App) -> Result<InboxDocument, Problem> {
    let inbox = &app.intake.inbox;
    let counts = inbox.counts(T)?;
    let lane = |lane, waits| -> Result<LaneDocument, Problem> {
        let oldest = inbox.to_do(T, lane, 1)?;
        Ok(LaneDocument { waits, oldest_at: oldest.first().map(|event| event.received.to_string()) })
    };
    let last = inbox.history(T, &Filter::default(), 1)?.pop().map(|event| {
        let body: Value = serde_json::from_str(&event.body).unwrap_or_default();
        let text = |name: &str| body[name].as_str().map(str::to_owned);
        HeardDocument {
            at: event.received.to_string(),
            kind: event.kind,
            waba_id: text("waba_id"),
            phone_number_id: text("phone_number_id"),
        }
    });
    Ok(InboxDocument {
        consent: lane(Lane::Consent, counts.consent_waits)?,
        rest: lane(Lane::Rest, counts.rest_waits)?,
        last,
        edge: edge(app),
    })
}

fn account(of: &Account) -> AccountDocument {
    let moment = |at: i64| UnixMs(at).to_string();
    AccountDocument {
        account: of.id.clone(),
        name: of.name.clone(),
        waba_id: of.waba_id.clone(),
        sandbox: Target::new(&of.base, &of.version).is_ok_and(|target| target.is_sandbox()),
        can_send: of.health.as_ref().map(|health| health.can_send.clone()),
        subscribed: of.subscribed,
        token_ends_at: of.token_ends_at_ms.map(moment),
        looked_at: of.sync.as_ref().filter(|sync| !sync.failed).map(|sync| moment(sync.at_ms)),
        numbers: of
            .numbers
            .iter()
            .map(|number| NumberDocument {
                id: number.id.clone(),
                display: number.display.clone(),
                name: number.name.clone(),
                name_status: number.name_status.clone(),
                quality: number.quality.clone(),
                status: number.status.clone(),
                throughput: number.throughput.clone(),
                limit: number.limit.clone(),
                people_per_day: people_per_day(number),
            })
            .collect(),
    }
}

fn imports(app: &App) -> Result<ImportsDocument, Problem> {
    let store = &app.importer.store;
    let mut own = store.unfinished()?;
    own.retain(|(tenant, _)| *tenant == T);
    let first = own.first().map(|(_, id)| store.import(T, *id)).transpose()?.flatten();
    Ok(ImportsDocument {
        waits: own.len() as u64,
        oldest_at: first.map(|import| import.new.received_at.to_string()),
    })
}

/// Campaigns that are scheduled, run or are paused; why those were stopped that nobody paused goes into `told`.
fn under_way(app: &App, told: &mut Told) -> Result<Vec<CampaignDocument>, Problem> {
    let mut found = Vec::new();
    for kept in campaigns::all(&app.campaigns, T)? {
        let record = &kept.record;
        if !matches!(record.state, Stands::Scheduled | Stands::Running | Stands::Paused) {
            continue;
        }
        let paused =
            record.paused.as_ref().filter(|paused| record.state == Stands::Paused && paused.by != "user");
        told.stopped.extend(paused.map(|paused| (record.id.clone(), paused.text.clone())));
        let (per_s, waits) =
            if record.state == Stands::Running { planning::sending(app, &kept) } else { (None, None) };
        found.push(CampaignDocument {
            campaign: record.id.clone(),
            name: record.definition.name.clone(),
            state: record.state.id(),
            per_s,
            waits,
        });
    }
    Ok(found)
}

fn store(app: &App) -> Result<StoreDocument, Problem> {
    let store = &app.importer.store;
    let backup = store.document(T, Kind::Setting, BACKED_UP)?;
    let at =
        backup.and_then(|document| serde_json::from_slice::<Value>(&document.body).ok()?["at_ms"].as_i64());
    Ok(StoreDocument {
        kind: if app.place.is_shared { "database" } else { "folder" },
        people: store.profile_count(T)?,
        bytes: app.place.bytes(),
        free_bytes: app.place.free_bytes(),
        backed_up_at: at.map(|at| UnixMs(at).to_string()),
    })
}
