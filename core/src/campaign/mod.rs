//! To everybody who said yes, to nobody else, never twice: what a campaign decides. Who belongs to an audience, what each
//! person would get and why not, how fast a number may send, what follows from each answer of Meta's.
//!
//! Nothing here sends, stores or looks at a clock. Shells load people and bring answers; [`step`](step::Line::step) says what
//! to do next, and it is done only after it was written down.

pub mod audience;
pub mod errors;
pub mod preflight;
pub mod problem;
pub mod stencil;
pub mod step;

/// A campaign's number within its tenant; shown as `c7`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct CampaignId(pub u64);

impl std::fmt::Display for CampaignId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "c{}", self.0)
    }
}

impl CampaignId {
    /// Reads what [`std::fmt::Display`] writes.
    pub fn parse(text: &str) -> Option<CampaignId> {
        let digits = text.strip_prefix('c')?;
        let all_digits = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        all_digits.then(|| digits.parse().ok().map(CampaignId))?
    }
}

/// One message to one person of a campaign's frozen plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct SendId {
    /// The campaign.
    pub campaign: CampaignId,
    /// Its place in the plan, counted from 1.
    pub place: u64,
}

impl SendId {
    /// As Meta is given it to repeat in webhooks (`biz_opaque_callback_data`): `consentry:t1.0a1b2c3d.c7.12.1`, with the
    /// tenant and the mark of the plan before and the attempt behind it. Campaigns of another installation have the same
    /// numbers, and plans of their own.
    pub fn callback_data(self, tenant: u32, plan_mark: u32, attempt: u8) -> String {
        format!("consentry:t{tenant}.{plan_mark:08x}.{}.{}.{attempt}", self.campaign, self.place)
    }

    /// Reads what [`SendId::callback_data`] writes: tenant, mark of the plan, message, attempt.
    pub fn from_callback_data(text: &str) -> Option<(u32, u32, SendId, u8)> {
        let mut parts = text.strip_prefix("consentry:t")?.split('.');
        let tenant = parts.next()?.parse().ok()?;
        let mark = parts.next().filter(|mark| mark.len() == 8)?;
        let mark = u32::from_str_radix(mark, 16).ok()?;
        let campaign = CampaignId::parse(parts.next()?)?;
        let place = parts.next()?.parse().ok()?;
        let attempt = parts.next()?.parse().ok()?;
        parts.next().is_none().then_some((tenant, mark, SendId { campaign, place }, attempt))
    }
}

/// The mark of a plan: the first eight digits of its hash, which is in hex.
pub fn plan_mark(sha256: &str) -> u32 {
    sha256.get(..8).and_then(|digits| u32::from_str_radix(digits, 16).ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_meta_repeats_leads_back_to_the_message_and_nothing_else_does() {
        let id = SendId { campaign: CampaignId(7), place: 1_000_000 };
        let mark = plan_mark("000a1b2cffffffff");
        let text = id.callback_data(3, mark, 2);
        assert_eq!(text, "consentry:t3.000a1b2c.c7.1000000.2");
        assert_eq!(SendId::from_callback_data(&text), Some((3, mark, id, 2)));
        for other in [
            "",
            "consentry:",
            "consentry:t3.c7.1.2",
            "consentry:t3.000a1b2c.c7.1.2.3",
            "consentry:t3.a1b2c.c7.1.2",
            "x",
        ] {
            assert_eq!(SendId::from_callback_data(other), None, "{other}");
        }
    }
}
