//! Campaigns: written, planned, approved, started, stopped. What is sent and when is the business of whoever sends, and goes by
//! what stands in a campaign's document. Shared by command line, HTTP and sender; all calls block.
//!
//! Every change compares before it sets, so that two people who press at the same time do not undo each other. What is
//! approved is what is sent: from [`freeze`] on nothing of a campaign changes, or its plan is forgotten.

pub mod audience;
pub mod calendar;
mod check;
pub mod clicks;
mod course;
mod documents;
mod frozen;
pub mod hear;
mod judged;
pub mod links;
mod listing;
mod of_person;
mod origin;
mod outlook;
mod plan;
pub mod prices;
pub mod record;
pub mod report;
pub mod segments;
mod shown;
mod statistics;
pub(crate) mod stood;
mod tending;
pub mod try_out;

use std::collections::BTreeMap;
use std::sync::Arc;

use consentry_core::campaign::{CampaignId, plan_mark};
use consentry_core::diagnostic::clip;
use consentry_core::wire::campaign::v1::Campaign;

use crate::desk::{Desk, DeskError};
use crate::gate::{LastLook, Marks};
pub use crate::signal::Signal;
use crate::store::inbox::Inbox;
use crate::store::ledger::Ledger;
use crate::store::{Kind, Store, StoreError, TenantId};

pub use course::{approve, begin, cancel, finish, halt, pause, resume, start, stop_all};
pub use judged::write_problems;
pub use of_person::of_person;
pub(crate) use outlook::{people_per_day, per_s};
pub use plan::{Progress, SILENCE_MAX, freeze, recover};
use record::{CampaignRecord, State};
pub use shown::{document, stand};
pub use tending::{Tending, why_not};
pub use try_out::{Trial, Tried, test};

/// Where campaigns are worked on.
#[derive(Clone)]
pub struct Campaigns {
    /// Store, engine, the way to Meta, clock.
    pub desk: Desk,
    /// Who is to get what, and what became of it.
    pub ledger: Arc<dyn Ledger>,
    /// What was heard of Meta.
    pub inbox: Arc<dyn Inbox>,
    /// Whether a second person has to look at a plan before it is sent.
    pub approvals: bool,
    /// The signal of the desk, raised whenever a campaign changes here as well, so that whoever sends looks at once.
    pub signal: Signal,
    /// Keys of links that are counted.
    pub links: links::Keys,
    /// The last look before a request.
    pub gate: Arc<LastLook>,
    memory: Arc<audience::Memory>,
}

impl Campaigns {
    /// The room of an installation. One is enough: what it has found out about people is kept until they change.
    pub fn new(desk: Desk, ledger: Arc<dyn Ledger>, inbox: Arc<dyn Inbox>) -> Campaigns {
        let (signal, memory) = (desk.signal.clone(), Arc::default());
        let links = links::Keys::default();
        let gate = LastLook::new(desk.store.clone(), inbox.clone());
        let gate = Arc::new(gate.with_marks(Marks { changed: signal.clone(), ..Marks::default() }));
        Campaigns { desk, ledger, inbox, approvals: false, signal, links, gate, memory }
    }

    /// The same with a gate that hears more: what this process takes in, and an edge worker.
    #[must_use]
    pub fn with_gate(self, gate: Arc<LastLook>) -> Campaigns {
        Campaigns { gate, ..self }
    }

    /// The same, where a second person has to look at a plan or need not.
    #[must_use]
    pub fn with_approvals(self, approvals: bool) -> Campaigns {
        Campaigns { approvals, ..self }
    }
}

/// A campaign and the version of its document.
#[derive(Clone, Debug)]
pub struct Kept {
    /// What is kept of it.
    pub record: CampaignRecord,
    /// Its version: whoever changes it names the one that was seen.
    pub version: u64,
}

impl Kept {
    /// Its number.
    pub fn id(&self) -> CampaignId {
        CampaignId::parse(&self.record.id).unwrap_or_default()
    }
}

/// Keeps a new campaign.
pub fn create(
    room: &Campaigns,
    tenant: TenantId,
    definition: &Campaign,
    by: &str,
) -> Result<Kept, DeskError> {
    check::check(room, tenant, definition)?;
    documents::add(room, tenant, &check::normal(definition), None, by, "made it")
}

/// Writes a campaign anew, over the one that has this version; over whatever stands where none is named. Its plan is
/// forgotten: what was frozen is no longer what is written.
pub fn change(
    room: &Campaigns,
    tenant: TenantId,
    id: &str,
    definition: &Campaign,
    version: Option<u64>,
    by: &str,
) -> Result<Kept, DeskError> {
    check::check(room, tenant, definition)?;
    let definition = check::normal(definition);
    let kept = documents::change_seen(room, tenant, id, version, by, |record, _| {
        match record.state {
            State::Draft | State::Frozen | State::AwaitingApproval => {}
            _ => return Err(course::stands_in_the_way(record, "be changed")),
        }
        if record.definition == definition && record.state == State::Draft {
            return Ok(None);
        }
        record.definition = definition.clone();
        documents::forget_plan(record);
        documents::leaves_room(record)?;
        Ok(Some("changed it".to_owned()))
    })?;
    // What is left of the plan if this fails is thrown away before the next one is made. Where somebody makes that already,
    // he has thrown it away.
    match room.ledger.forget_plan(tenant, kept.id(), kept.record.attempts) {
        Err(StoreError::Overtaken) => {}
        other => other?,
    }
    Ok(kept)
}

/// Makes a new draft that says the same.
pub fn copy(room: &Campaigns, tenant: TenantId, id: &str, by: &str) -> Result<Kept, DeskError> {
    let of = find(room, tenant, id)?.record;
    let definition = Campaign { name: copy_of(&of.definition.name), ..of.definition };
    documents::add(room, tenant, &definition, None, by, &format!("made it as a copy of {}", of.id))
}

/// Deletes a campaign of which nothing was sent.
pub fn delete(room: &Campaigns, tenant: TenantId, id: &str, by: &str) -> Result<(), DeskError> {
    let kept = documents::change(room, tenant, id, by, |record, _| {
        if record.started_at_ms.is_some() {
            return Err(DeskError::Conflict(format!(
                "`{}` was started, and what was sent stays on record: cancel it instead",
                record.id
            )));
        }
        if record.state == State::Freezing {
            return Err(course::stands_in_the_way(record, "be deleted"));
        }
        documents::forget_plan(record);
        record.definition = Campaign::default();
        record.deleted = true;
        Ok(Some("deleted it".to_owned()))
    })?;
    room.ledger.forget_plan(tenant, kept.id(), kept.record.attempts)?;
    Ok(())
}

/// Every campaign, the newest first; without those that tried a message of another.
pub fn all(room: &Campaigns, tenant: TenantId) -> Result<Vec<Kept>, DeskError> {
    let mut found = documents::all(&*room.desk.store, tenant)?;
    found.retain(|kept| !kept.record.deleted && kept.record.tries.is_none());
    Ok(found)
}

/// Campaigns, and those that cannot be read, with why. One of these stands in no other's way.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// What could be read.
    pub kept: Vec<Kept>,
    /// What could not.
    pub unreadable: BTreeMap<String, String>,
}

/// Campaigns that run or are scheduled. However many others there are, they are not looked at.
pub fn may_run(room: &Campaigns, tenant: TenantId) -> Result<Found, DeskError> {
    documents::may_run(room, tenant)
}

/// Every campaign that is not deleted, the newest first; and what [`may_run`] goes by is set right where somebody has changed
/// campaigns who does not know of it, like an earlier version of this program.
pub fn mend(room: &Campaigns, tenant: TenantId) -> Result<Found, DeskError> {
    let mut found = documents::mend(room, tenant)?;
    found.kept.retain(|kept| !kept.record.deleted);
    Ok(found)
}

/// One campaign.
pub fn find(room: &Campaigns, tenant: TenantId, id: &str) -> Result<Kept, DeskError> {
    documents::find(&*room.desk.store, tenant, id)
}

/// The version of a campaign's document without the document's being read any further; none where there is no such campaign.
pub fn version(room: &Campaigns, tenant: TenantId, id: CampaignId) -> Result<Option<u64>, DeskError> {
    let document = room.desk.store.document(tenant, Kind::Campaign, &id.to_string())?;
    Ok(document.map(|document| document.version))
}

/// The mark that messages of a campaign carry; none where nothing of it was ever sent.
pub fn mark(store: &dyn Store, tenant: TenantId, id: CampaignId) -> Result<Option<u32>, StoreError> {
    let record = match documents::find(store, tenant, &id.to_string()) {
        Ok(kept) => kept.record,
        Err(DeskError::Store(cause)) => return Err(cause),
        Err(_) => return Ok(None),
    };
    let plan = record.plan.filter(|_| record.started_at_ms.is_some());
    Ok(plan.map(|plan| plan_mark(&plan.sha256)))
}

/// The name of a copy.
fn copy_of(name: &str) -> String {
    const MARK: &str = " (copy)";
    let stem = name.strip_suffix(MARK).unwrap_or(name);
    let room = check::NAME_CHARS_MAX - MARK.chars().count();
    format!("{}{MARK}", stem.chars().take(room).collect::<String>())
}

fn missing(id: &str) -> DeskError {
    DeskError::NotFound(format!("there is no campaign `{}`", clip(id)))
}
