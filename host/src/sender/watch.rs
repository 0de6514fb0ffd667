//! Watches over campaigns as a whole. Each number brakes by what it hears itself; several numbers, or hosts, may each hear too
//! little for that. What stands in the ledger is everybody's, so whoever looks there sees the same, and stops at the same.
//!
//! What was so when somebody let a campaign go on does not count: it was looked at, and stands in the campaign's document, so that
//! whoever comes up in the middle counts what came after, like everybody else. Of a campaign that never paused everything counts.

use std::collections::BTreeMap;

use consentry_core::campaign::CampaignId;
use consentry_core::campaign::step::{Brake, BrakeTerms, Why};

use crate::campaigns::record::Stood;
use crate::campaigns::stood::stands;
use crate::store::ledger::Ledger;
use crate::store::{StoreError, TenantId};

/// A campaign that runs.
#[derive(Clone, Debug)]
pub struct Watched {
    /// Which.
    pub id: CampaignId,
    /// The version of its document: it is another one after each time it was let go on.
    pub version: u64,
    /// Whether it was ever paused and let go on.
    pub has_resumed: bool,
    /// How its messages stood then, as far as that is kept.
    pub stood: Option<Vec<Stood>>,
    /// When it is to stop.
    pub terms: BrakeTerms,
}

/// What was counted of the campaigns that run.
#[derive(Default)]
pub struct Watch {
    brakes: BTreeMap<CampaignId, (u64, Brake)>,
}

impl Watch {
    /// Looks at all that run; which are to stop, and why.
    pub fn look(
        &mut self,
        ledger: &dyn Ledger,
        tenant: TenantId,
        running: &[Watched],
    ) -> Result<Vec<(CampaignId, Why)>, StoreError> {
        self.brakes.retain(|id, _| running.iter().any(|watched| watched.id == *id));
        let mut stops = Vec::new();
        for Watched { id, version, has_resumed, stood, terms } in running {
            let totals = ledger.totals(tenant, *id)?;
            let stands = totals.iter().map(|(group, messages)| stands(group, *messages));
            let known = self.brakes.remove(id);
            let brake = match (known, stood) {
                (Some((same, brake)), _) if same == *version => brake,
                (_, Some(stood)) => Brake::from(stood.iter().map(Stood::stands)),
                (None, None) if !has_resumed => Brake::default(),
                _ => Brake::from(stands.clone()),
            };
            let (_, brake) = self.brakes.entry(*id).or_insert((*version, brake));
            stops.extend(brake.look(stands, terms).map(|why| (*id, why)));
        }
        Ok(stops)
    }
}
