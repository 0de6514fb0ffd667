//! How many messages a person may have in so many days, looked at when the intent of another one is durable already. Campaigns
//! side by side, on whatever numbers and hosts, so meet each other: of two intents the later one finds the earlier, and where
//! both were written together each finds the other.
//!
//! An intent may yet come to nothing. What stands against it and is not certain makes a message wait, never fall away; and of
//! those that wait for each other the first by its id comes back first.

use crate::time::UnixMs;

use super::SendId;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// How much further back it is looked, in milliseconds: a message leaves a while after its intent, and clocks of hosts differ.
const LOOSE_MS: i64 = 60 * 1000;
/// After so long without an outcome an intent counts as sent, in milliseconds: no request takes so long, and nobody may be there
/// to say that its process died.
const CERTAIN_AFTER_MS: i64 = 10 * 60 * 1000;
/// Pause of the first of those that wait for each other, and how much later each of the others comes back, in milliseconds:
/// time enough to be answered.
const PAUSE_MS: i64 = 1_000;
const APART_MS: i64 = 2_000;
/// Longest pause, in milliseconds.
const PAUSE_MS_MAX: i64 = 60 * 1000;

/// So many messages in so many days, of whatever campaigns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cap {
    /// Messages.
    pub messages: u32,
    /// Days.
    pub days: u32,
}

/// A message to the same person that may have left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left {
    /// Which.
    pub id: SendId,
    /// When its intent was written.
    pub at: UnixMs,
    /// Its intent has no outcome yet.
    pub is_open: bool,
}

/// What a cap says of a message whose intent is durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Capped {
    /// It may go.
    No,
    /// The person had as many.
    Yes,
    /// The person had as many if all that is under way arrives: it is looked at again after so many milliseconds.
    Perhaps(i64),
}

impl Cap {
    /// Since when messages count.
    pub fn since(&self, now: UnixMs) -> UnixMs {
        UnixMs(now.0.saturating_sub(i64::from(self.days) * DAY_MS).saturating_sub(LOOSE_MS))
    }

    /// Whether a message may still go to a person to whom all these [left](Left) since then; it may be among them itself.
    pub fn verdict(&self, id: SendId, left: &[Left], now: UnixMs) -> Capped {
        let is_open = |left: &&Left| left.is_open && now.0.saturating_sub(left.at.0) < CERTAIN_AFTER_MS;
        let others = || left.iter().filter(|left| left.id != id);
        let all = others().count();
        let open = others().filter(is_open).count();
        let most = self.messages as usize;
        if all < most {
            Capped::No
        } else if all - open >= most {
            Capped::Yes
        } else {
            let before = others().filter(is_open).filter(|left| left.id < id).count();
            let apart = i64::try_from(before).unwrap_or(i64::MAX).saturating_mul(APART_MS);
            Capped::Perhaps(PAUSE_MS.saturating_add(apart).min(PAUSE_MS_MAX))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::campaign::CampaignId;

    const NOW: UnixMs = UnixMs(1_000 * DAY_MS);

    fn left(campaign: u64, ago_ms: i64, is_open: bool) -> Left {
        let id = SendId { campaign: CampaignId(campaign), place: 1 };
        Left { id, at: UnixMs(NOW.0 - ago_ms), is_open }
    }

    fn verdict(messages: u32, others: &[Left]) -> Capped {
        let own = left(5, 0, true);
        let all: Vec<Left> = others.iter().copied().chain([own]).collect();
        Cap { messages, days: 7 }.verdict(own.id, &all, NOW)
    }

    #[test]
    fn what_left_counts_and_what_is_under_way_is_waited_for() {
        assert_eq!(verdict(1, &[]), Capped::No, "its own intent does not stand against it");
        assert_eq!(verdict(1, &[left(1, 10, false)]), Capped::Yes);
        assert_eq!(verdict(2, &[left(1, 10, false)]), Capped::No);
        assert_eq!(verdict(2, &[left(1, 10, false), left(2, 10, true)]), Capped::Perhaps(3_000));
        assert_eq!(verdict(1, &[left(9, 10, true)]), Capped::Perhaps(1_000), "it comes first");
        assert_eq!(verdict(1, &[left(1, 10, true), left(2, 10, true)]), Capped::Perhaps(5_000));
        assert_eq!(verdict(1, &[left(9, CERTAIN_AFTER_MS, true)]), Capped::Yes, "nobody will tell");
        assert_eq!(verdict(1, &[left(9, -5_000, true)]), Capped::Perhaps(1_000), "of a clock that is ahead");
    }

    #[test]
    fn it_is_looked_back_a_little_further_than_its_days() {
        let since = Cap { messages: 1, days: 7 }.since(NOW);
        assert_eq!(NOW.0 - since.0, 7 * DAY_MS + LOOSE_MS);
        assert!(Cap { messages: 1, days: u32::MAX }.since(UnixMs(i64::MIN)) == UnixMs(i64::MIN));
    }
}
