//! Version 1 of the documents about campaigns: how one stands, what was found before it began, what became of it. More than
//! 500 lines, because whoever reads these documents finds them all in one place.

use consentry_core::campaign::errors;
use consentry_core::time::UnixMs;
use consentry_core::wire::campaign::v1::{Campaign, Segment};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::campaigns::audience::{AttributeSeen, Count};
use crate::campaigns::record::{CampaignRecord, Paused, State};
use crate::campaigns::{Kept, Tried};
use crate::store::ledger::{Group, Reached, SendState};

/// Campaigns, the newest first.
#[derive(Clone, Debug, Serialize)]
pub struct CampaignsDocument {
    /// Each without its definition.
    pub campaigns: Vec<CampaignDocument>,
}

/// A campaign.
#[derive(Clone, Debug, Default, Serialize)]
pub struct CampaignDocument {
    /// `c7`.
    pub campaign: String,
    /// Which change left it so; whoever changes the definition names it.
    pub version: u64,
    /// What people call it.
    pub name: String,
    /// `draft`, `freezing`, `frozen`, `awaiting_approval`, `scheduled`, `running`, `paused`, `finished` or `cancelled`.
    pub state: &'static str,
    /// As it was written; absent in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub definition: Option<Campaign>,
    /// What is frozen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<PlanDocument>,
    /// How far freezing is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub progress: Option<ProgressDocument>,
    /// RFC 3339.
    pub created_at: String,
    /// Who wrote it.
    pub created_by: String,
    /// When it was changed last, RFC 3339.
    pub changed_at: String,
    /// Whether somebody else than who froze it has to approve before it starts.
    pub needs_approval: bool,
    /// Why its plan could not be made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// Who approved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved: Option<ApprovedDocument>,
    /// When it is to begin, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub starts_at: Option<String>,
    /// When whoever was not written to is left out, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<String>,
    /// When it began, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<String>,
    /// When nothing was left to send, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<String>,
    /// Why it pauses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paused: Option<PausedDocument>,
    /// What it waits for while it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waits: Option<WaitsDocument>,
    /// How its messages stand; they add up to the plan's people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stand: Option<Stand>,
    /// Messages a second that it is sent with now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_s: Option<f64>,
    /// When nothing will be left to send at that pace, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finishes_at: Option<String>,
    /// What was done with it, the latest last; absent in lists.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<DidDocument>,
}

impl CampaignDocument {
    /// A campaign as it is kept, with how its messages stand. `file` names the file of an import.
    pub fn of(kept: &Kept, stand: Option<Stand>, file: &dyn Fn(&str) -> Option<String>) -> CampaignDocument {
        let record = &kept.record;
        let shown = |at: Option<i64>| at.map(|at| UnixMs(at).to_string());
        CampaignDocument {
            campaign: record.id.clone(),
            version: kept.version,
            name: record.definition.name.clone(),
            state: record.state.id(),
            definition: Some(record.definition.clone()),
            plan: record.plan.as_ref().map(|plan| PlanDocument {
                sha256: plan.sha256.clone(),
                people: plan.people,
                sendable: plan.sendable,
                control: plan.control,
                frozen_at: UnixMs(plan.frozen_at_ms).to_string(),
                frozen_by: plan.frozen_by.clone(),
            }),
            progress: record
                .freezing
                .as_ref()
                .filter(|_| record.state == State::Freezing)
                .map(|freezing| ProgressDocument { done: freezing.done, of: freezing.of }),
            created_at: UnixMs(record.created_at_ms).to_string(),
            created_by: record.created_by.clone(),
            changed_at: UnixMs(record.changed_at_ms).to_string(),
            approved: record.approved.as_ref().map(|approved| ApprovedDocument {
                by: approved.by.clone(),
                at: UnixMs(approved.at_ms).to_string(),
            }),
            starts_at: shown(record.starts_at_ms),
            ends_at: shown(record.ends_at_ms),
            started_at: shown(record.started_at_ms),
            finished_at: shown(record.finished_at_ms),
            paused: record.paused.as_ref().map(|paused| PausedDocument::of(record, paused, file)),
            stand,
            history: record
                .history
                .iter()
                .map(|deed| DidDocument {
                    at: UnixMs(deed.at_ms).to_string(),
                    by: deed.by.clone(),
                    did: deed.did.clone(),
                })
                .collect(),
            ..CampaignDocument::default()
        }
    }

    /// The same for lists: without what was written and what was done.
    pub fn brief(self) -> CampaignDocument {
        CampaignDocument { definition: None, history: Vec::new(), ..self }
    }
}

/// What is frozen of a campaign.
#[derive(Clone, Debug, Default, Serialize)]
pub struct PlanDocument {
    /// SHA-256 over all of it.
    pub sha256: String,
    /// People in it, those who get nothing included.
    pub people: u64,
    /// Those a message goes to.
    pub sendable: u64,
    /// Those who get nothing, to compare with.
    pub control: u64,
    /// RFC 3339.
    pub frozen_at: String,
    /// Who had it frozen.
    pub frozen_by: String,
}

/// How far something is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ProgressDocument {
    /// So many.
    pub done: u64,
    /// Of so many; 0 where that is not known yet.
    pub of: u64,
}

/// Who approved, and when.
#[derive(Clone, Debug, Serialize)]
pub struct ApprovedDocument {
    /// Who.
    pub by: String,
    /// RFC 3339.
    pub at: String,
}

/// Why a campaign pauses.
#[derive(Clone, Debug, Default, Serialize)]
pub struct PausedDocument {
    /// `user`, `brake` or `meta`.
    pub by: String,
    /// `asked`, `failed-ratio`, `opted-out-ratio`, `limited-ratio`, `same-refusal`, `template`, `number`, `account` or `token`.
    pub why: String,
    /// The same for people.
    pub text: String,
    /// What helps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cure: Option<String>,
    /// Meta's code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<i64>,
    /// The template it was worst for, `sale_nov/en`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    /// The import whose people it was worst for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub import: Option<String>,
    /// The name of that import's file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// RFC 3339.
    pub at: String,
}

impl PausedDocument {
    fn of(record: &CampaignRecord, paused: &Paused, file: &dyn Fn(&str) -> Option<String>) -> PausedDocument {
        let message = paused.message.zip(record.plan.as_ref());
        let message = message.and_then(|(place, plan)| plan.messages.get(usize::from(place)));
        PausedDocument {
            by: paused.by.clone(),
            why: paused.why.clone(),
            text: paused.text.clone(),
            cure: paused.cure.clone(),
            code: paused.code,
            template: message.map(|message| format!("{}/{}", message.template, message.language)),
            file: paused.import.as_deref().and_then(file),
            import: paused.import.clone(),
            at: UnixMs(paused.at_ms).to_string(),
        }
    }
}

/// What a running campaign waits for.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct WaitsDocument {
    /// `schedule`, `quiet`, `limit`, `pace`, `token`, `silence`, `account`, `number`, `barrier`, `edge` or `lease`.
    #[serde(rename = "for")]
    pub what: &'static str,
    /// RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// The same for people.
    pub text: String,
}

/// Something that was done with a campaign.
#[derive(Clone, Debug, Serialize)]
pub struct DidDocument {
    /// RFC 3339.
    pub at: String,
    /// Who.
    pub by: String,
    /// What.
    pub did: String,
}

/// How the messages of a plan stand: each is counted once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Stand {
    /// To be sent.
    pub waiting: u64,
    /// On their way to Meta.
    pub under_way: u64,
    /// With Meta, which told nothing more.
    pub accepted: u64,
    /// On their way to the phone.
    pub sent: u64,
    /// On the phone.
    pub delivered: u64,
    /// Shown.
    pub read: u64,
    /// Refused, or not to be delivered.
    pub failed: u64,
    /// Nobody knows whether they were sent; they are not sent again.
    pub unknown: u64,
    /// Not sent: the person opted out.
    pub opted_out: u64,
    /// Not sent: the number is no longer the person's.
    pub gone: u64,
    /// Not sent: the time was over, or the campaign was cancelled.
    pub expired: u64,
    /// Not sent: the person had as many messages as the cap allows, by the time it was the message's turn.
    pub capped: u64,
    /// Not to be sent, to compare with.
    pub control: u64,
    /// Not to be sent: something is missing, as the preflight says.
    pub left_out: u64,
}

impl Stand {
    /// Of counts that the ledger keeps.
    pub fn of<'a>(totals: impl IntoIterator<Item = &'a (Group, u64)>) -> Stand {
        let mut stand = Stand::default();
        for (group, count) in totals {
            *stand.place(group.state, group.reached) += count;
        }
        stand
    }

    fn place(&mut self, state: SendState, reached: Reached) -> &mut u64 {
        match (state, reached) {
            // What is on the phone was sent, whatever else was told of it.
            (_, Reached::Read) => &mut self.read,
            (_, Reached::Delivered) => &mut self.delivered,
            (SendState::Failed, _) | (_, Reached::Failed) => &mut self.failed,
            (_, Reached::Sent) => &mut self.sent,
            (SendState::Waiting, _) => &mut self.waiting,
            (SendState::Intended, _) => &mut self.under_way,
            (SendState::Accepted | SendState::Held, _) => &mut self.accepted,
            (SendState::Unknown, _) => &mut self.unknown,
            (SendState::OptedOut, _) => &mut self.opted_out,
            (SendState::Gone, _) => &mut self.gone,
            (SendState::Expired, _) => &mut self.expired,
            (SendState::Capped, _) => &mut self.capped,
            (SendState::Control, _) => &mut self.control,
        }
    }

    /// All of them.
    pub fn people(&self) -> u64 {
        let sent = self.accepted + self.sent + self.delivered + self.read;
        let withheld = self.opted_out + self.gone + self.expired + self.capped;
        let not_sent = self.failed + self.unknown + withheld;
        let not_to_be_sent = self.control + self.left_out;
        self.waiting + self.under_way + sent + not_sent + not_to_be_sent
    }

    /// Those of which nothing more is to be done here.
    pub fn done(&self) -> u64 {
        self.people() - self.waiting - self.under_way
    }
}

/// What was found before a campaign began. It is kept with the campaign as it is answered.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct PreflightDocument {
    /// `c7`.
    pub campaign: String,
    /// The plan it is about.
    pub plan: String,
    /// People of the audience.
    pub people: u64,
    /// Those a message goes to.
    pub sendable: u64,
    /// Those who get nothing, to compare with.
    pub control: u64,
    /// What was found, the worst first.
    pub problems: Vec<ProblemDocument>,
    /// The messages, in their order.
    pub messages: Vec<MessagePreflight>,
    /// Where the people are, the most first.
    pub by_country: Vec<CountryPreflight>,
    /// What it takes, where there are prices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<CostDocument>,
    /// What Meta allows in a day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<LimitDocument>,
    /// How it will go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forecast: Option<ForecastDocument>,
}

/// The same problem of so many people.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ProblemDocument {
    /// For example `value-missing`; see docs/rules.md.
    pub code: String,
    /// `error` where nothing is sent to them, else `warning`.
    pub severity: String,
    /// People.
    pub count: u64,
    /// What Meta would refuse with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meta_code: Option<i64>,
    /// What it is.
    pub title: String,
    /// What helps.
    pub cure: String,
    /// The first of them.
    pub examples: Vec<ProblemExample>,
}

/// Somebody with a problem.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ProblemExample {
    /// `p12`.
    pub profile: String,
    /// E.164.
    pub number: String,
    /// The customer's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exid: Option<String>,
    /// What stands there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
    /// The name of the value, `body.1`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

/// A message of a campaign before it begins.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct MessagePreflight {
    /// Name of the template.
    pub template: String,
    /// Its language.
    pub language: String,
    /// Those it goes to.
    pub people: u64,
    /// As one of them will see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample: Option<SampleDocument>,
}

/// A message as a person will see it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct SampleDocument {
    /// Who.
    pub profile: String,
    /// As `template preview` answers.
    pub preview: Value,
}

/// A country before a campaign begins.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct CountryPreflight {
    /// ISO code.
    pub country: String,
    /// People a message goes to.
    pub people: u64,
    /// Until when it is quiet there, where it is quiet when the campaign begins; RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet_until: Option<String>,
    /// What they cost, where there is a price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<f64>,
}

/// What a campaign takes.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct CostDocument {
    /// ISO code of the currency.
    pub currency: String,
    /// What all together cost.
    pub total: f64,
    /// Messages without a price.
    pub unpriced: u64,
}

/// What Meta allows in a day.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct LimitDocument {
    /// New people in 24 hours; absent where there is no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub people_per_day: Option<u64>,
    /// Those that were reached in the last 24 hours.
    pub reached_today: u64,
    /// Days that the campaign takes under it.
    pub days: u64,
}

/// How a campaign will go.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ForecastDocument {
    /// RFC 3339.
    pub starts_at: String,
    /// RFC 3339.
    pub finishes_at: String,
    /// Messages a second.
    pub per_s: f64,
}

/// What became of a campaign.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ReportDocument {
    /// `c7`.
    pub campaign: String,
    /// Messages that were to be sent.
    pub planned: u64,
    /// Those who get nothing, to compare with.
    pub control: u64,
    /// How far the messages came: each step holds those of the next one.
    pub funnel: Funnel,
    /// How they stand: each is counted once.
    pub stand: Stand,
    /// Those of which more will be heard.
    pub pending: Pending,
    /// Why messages failed, the commonest first.
    pub failures: Vec<FailureDocument>,
    /// People who opted out after it.
    pub opted_out_after: u64,
    /// People who answered.
    pub replied: u64,
    /// People who tapped an address.
    pub clicked: u64,
    /// By country, the most first.
    pub by_country: Vec<CountryReport>,
    /// By the file that brought the consent, the most first.
    pub by_import: Vec<ImportReport>,
    /// By message, in their order.
    pub by_message: Vec<MessageReport>,
    /// Which message did better, where that can be said.
    pub comparison: Option<Comparison>,
    /// How much came when.
    pub over_time: Vec<SpanReport>,
    /// How long each of these spans is, in seconds.
    pub span_s: u64,
}

/// How far messages came; each step holds those of the next one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Funnel {
    /// To be sent.
    pub planned: u64,
    /// Taken by Meta.
    pub accepted: u64,
    /// Left for the phone.
    pub sent: u64,
    /// On the phone.
    pub delivered: u64,
    /// Shown.
    pub read: u64,
    /// Answered.
    pub replied: u64,
    /// Tapped.
    pub clicked: u64,
}

/// Messages of which more will be heard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Pending {
    /// To be sent.
    pub waiting: u64,
    /// On their way to Meta.
    pub under_way: u64,
    /// With Meta.
    pub accepted: u64,
    /// Nobody knows whether they were sent.
    pub unknown: u64,
}

/// Messages that failed for one reason.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct FailureDocument {
    /// Meta's code; 0 where it gave none.
    pub code: i64,
    /// What it is.
    pub title: String,
    /// What helps.
    pub cure: String,
    /// Messages.
    pub count: u64,
    /// Their share of those that were to be sent, 0 to 1.
    pub share: f64,
}

impl FailureDocument {
    /// The words for a code.
    pub fn of(code: i64, count: u64, planned: u64) -> FailureDocument {
        let rule = errors::rule(code, None);
        #[expect(clippy::cast_precision_loss, reason = "a share of people is not exact to the last of 2^52")]
        let share = if planned == 0 { 0.0 } else { count as f64 / planned as f64 };
        FailureDocument {
            code,
            title: rule.map_or("an error that this version does not know", |rule| rule.title).to_owned(),
            cure: rule.map_or_else(
                || "Look the code up in Meta's documentation.".to_owned(),
                |rule| rule.cure.to_owned(),
            ),
            count,
            share,
        }
    }
}

/// What became of messages to a country.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CountryReport {
    /// ISO code.
    pub country: String,
    /// What became of them.
    #[serde(flatten)]
    pub counts: Counts,
}

/// What became of messages to people whose consent a file brought.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ImportReport {
    /// `i3`; absent for people who opted in by themselves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub import: Option<String>,
    /// The name of its file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// What became of them.
    #[serde(flatten)]
    pub counts: Counts,
}

/// What became of one of the messages.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct MessageReport {
    /// Name of the template.
    pub template: String,
    /// Its language.
    pub language: String,
    /// What became of them.
    #[serde(flatten)]
    pub counts: Counts,
    /// Share of those delivered that were read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_rate: Option<Rate>,
    /// How many of those who got it tapped a link, where anybody did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub click_rate: Option<Rate>,
}

/// Counts of a part of a campaign; cumulative as in the funnel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// To be sent.
    pub planned: u64,
    /// Taken by Meta.
    pub accepted: u64,
    /// On the phone.
    pub delivered: u64,
    /// Shown.
    pub read: u64,
    /// Answered.
    pub replied: u64,
    /// Tapped.
    pub clicked: u64,
    /// Refused, or not to be delivered.
    pub failed: u64,
    /// Opted out after it.
    pub opted_out: u64,
}

/// A share with what it may be by chance: the interval holds the true one in 95 of 100 cases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Rate {
    /// 0 to 1.
    pub value: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// Which message did better.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Comparison {
    /// Its place among the messages.
    pub best: usize,
    /// By what: `read`, `clicked` or `replied`.
    pub metric: String,
    /// How sure that is, 0 to 1.
    pub confidence: f64,
    /// The same for people.
    pub text: String,
}

/// How much came in a span of time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SpanReport {
    /// When it begins, RFC 3339.
    pub at: String,
    /// Taken by Meta.
    pub accepted: u64,
    /// Left for the phone.
    pub sent: u64,
    /// Arrived on the phone.
    pub delivered: u64,
    /// Shown.
    pub read: u64,
    /// Refused, or not to be delivered.
    pub failed: u64,
    /// Tapped a link, for the first time.
    pub clicked: u64,
}

/// How many people an audience has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CountDocument {
    /// People in it.
    pub people: u64,
    /// Of so many profiles.
    pub of: u64,
    /// Where they are, the most first.
    pub by_country: Vec<CountryCount>,
}

/// People of a country.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CountryCount {
    /// ISO code.
    pub country: String,
    /// People.
    pub people: u64,
}

impl CountDocument {
    /// As it was counted.
    pub fn of(count: Count) -> CountDocument {
        let country = |(country, people)| CountryCount { country, people };
        CountDocument {
            people: count.people,
            of: count.of,
            by_country: count.by_country.into_iter().map(country).collect(),
        }
    }
}

/// What is known of people besides who they are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AttributesDocument {
    /// By name.
    pub attributes: Vec<AttributeDocument>,
}

/// An attribute of profiles.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AttributeDocument {
    /// Its name.
    pub name: String,
    /// Profiles that have one.
    pub people: u64,
    /// A few of its values.
    pub examples: Vec<String>,
}

impl AttributesDocument {
    /// As they were seen.
    pub fn of(seen: Vec<AttributeSeen>) -> AttributesDocument {
        let attribute =
            |AttributeSeen { name, people, examples }| AttributeDocument { name, people, examples };
        AttributesDocument { attributes: seen.into_iter().map(attribute).collect() }
    }
}

/// Saved segments, by name.
#[derive(Clone, Debug, Serialize)]
pub struct SegmentsDocument {
    /// The segments.
    pub segments: Vec<Segment>,
}

/// A message that somebody was sent to see it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct TestDocument {
    /// E.164.
    pub to: String,
    /// The person it was made for, `p12`.
    pub profile: String,
    /// Meta's id of the message.
    pub wamid: String,
    /// The campaign that it was, `c524288`: it has a report like any other, and stands in no list.
    pub as_campaign: String,
}

impl From<Tried> for TestDocument {
    fn from(tried: Tried) -> TestDocument {
        let Tried { to, profile, wamid, as_campaign } = tried;
        TestDocument { to, profile: profile.to_string(), wamid, as_campaign }
    }
}

/// Campaigns that were stopped at once.
#[derive(Clone, Debug, Default, Serialize)]
pub struct StoppedDocument {
    /// `c7`.
    pub paused: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_is_counted_once_and_what_arrived_was_sent() {
        const STATES: [SendState; 11] = [
            SendState::Waiting,
            SendState::Intended,
            SendState::Accepted,
            SendState::Held,
            SendState::Failed,
            SendState::Unknown,
            SendState::OptedOut,
            SendState::Gone,
            SendState::Expired,
            SendState::Control,
            SendState::Capped,
        ];
        const REACHED: [Reached; 5] =
            [Reached::Nothing, Reached::Sent, Reached::Failed, Reached::Delivered, Reached::Read];
        let group = |state, reached| Group {
            message: 0,
            country: *b"TR",
            import: 1,
            line: 0,
            state,
            reached,
            code: 0,
            replied: false,
            opted_out: false,
            clicked: false,
        };
        let totals: Vec<(Group, u64)> =
            STATES.iter().flat_map(|state| REACHED.map(|reached| (group(*state, reached), 1))).collect();
        let stand = Stand::of(&totals);
        assert_eq!(stand.people(), totals.len() as u64);
        assert_eq!((stand.read, stand.delivered, stand.accepted, stand.capped), (11, 11, 2, 1));
        let told_late = Stand::of(&[(group(SendState::Failed, Reached::Delivered), 3)]);
        assert_eq!((told_late.delivered, told_late.failed, told_late.done()), (3, 0, 3));
    }

    #[test]
    fn a_code_has_words_whether_it_is_known_or_not() {
        let known = FailureDocument::of(131_026, 12, 1200);
        assert!(!known.title.contains("131026") && (known.share - 0.01).abs() < 1e-9, "{known:?}");
        assert!(FailureDocument::of(999_999, 1, 0).title.contains("does not know"));
    }
}
