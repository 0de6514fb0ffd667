//! What has to be true when everything is through: what the ledger says is what happened, as far as anybody could know.

use std::collections::BTreeMap;

use consentry_host::store::ledger::{SendFilter, SendState};

use super::world::{T, Tally, World};

impl World {
    /// Compares every message with what became of it.
    pub(super) fn judge(&mut self) -> Tally {
        let tried = self.tried();
        for campaign in &self.campaigns {
            let kept = self.ledger.page(T, campaign.id, &SendFilter::default(), 0, usize::MAX >> 1).unwrap();
            assert_eq!(kept.len() as u64, campaign.size, "{}: of {}", self.place, campaign.id);
            let totals = self.ledger.totals(T, campaign.id).unwrap();
            let total: u64 = totals.iter().map(|(_, count)| count).sum();
            assert_eq!(total, campaign.size, "{}: outcomes of {}", self.place, campaign.id);
            for send in kept {
                let (truth, place) = (self.meta.truth(send.id), format!("{}: {send:?}", self.place));
                let is_in_doubt = self.in_doubt.contains(&send.id);
                match send.state {
                    SendState::Waiting | SendState::Intended => panic!("{place}: it has no outcome"),
                    SendState::Accepted | SendState::Held => assert_eq!(truth.sent, 1, "{place}"),
                    SendState::Failed => assert!(truth.sent == 0 || truth.told_failed, "{place}"),
                    SendState::Unknown => self.tally.unknown += 1,
                    SendState::Control => assert_eq!(truth.arrived, 0, "{place}"),
                    SendState::OptedOut | SendState::Gone | SendState::Expired => {
                        assert!(truth.sent == 0 && !is_in_doubt, "{place}: {truth:?}");
                    }
                    SendState::Capped => {
                        assert!(truth.sent == 0 && !is_in_doubt, "{place}: {truth:?}");
                        let most = campaign.cap.map_or(u32::MAX, |cap| cap.messages);
                        let had = tried.get(&send.planned.person).copied().unwrap_or(0);
                        assert!(had >= most, "{place}: the person had {had} of {most}");
                        self.tally.capped += 1;
                    }
                }
            }
        }
        self.meta.judge(&self.place);
        let meta = &self.meta;
        Tally {
            sends: meta.sends,
            requests: meta.requests,
            lost: meta.lost,
            statuses: meta.statuses,
            ..self.tally
        }
    }
}

impl World {
    /// How many messages may have gone to each person, or were refused by Meta.
    fn tried(&self) -> BTreeMap<u64, u32> {
        let mut tried = BTreeMap::new();
        for campaign in &self.campaigns {
            use SendState::{Accepted, Failed, Held, Unknown};
            let filter =
                SendFilter { states: vec![Accepted, Held, Failed, Unknown], ..SendFilter::default() };
            for send in self.ledger.page(T, campaign.id, &filter, 0, usize::MAX >> 1).unwrap() {
                *tried.entry(send.planned.person).or_default() += 1;
            }
        }
        tried
    }
}

impl Tally {
    pub(super) fn add(&mut self, other: &Tally) {
        let Tally {
            sends,
            requests,
            lost,
            statuses,
            opt_outs,
            kills,
            unknown,
            capped,
            events,
            late,
            pauses,
            imports,
            stalls,
            clocks,
            most_today,
        } = other;
        self.sends += sends;
        self.requests += requests;
        self.lost += lost;
        self.statuses += statuses;
        self.opt_outs += opt_outs;
        self.kills += kills;
        self.unknown += unknown;
        self.capped += capped;
        self.events += events;
        self.late += late;
        self.pauses += pauses;
        self.imports += imports;
        self.stalls += stalls;
        self.clocks += clocks;
        self.most_today = self.most_today.max(*most_today);
    }
}
