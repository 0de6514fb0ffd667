//! What there is to know about a plan before it goes: who has which problem, what it costs, when it will be through.

use std::collections::BTreeMap;

use consentry_core::campaign::CampaignId;
use consentry_core::campaign::problem::Code;
use consentry_core::time::UnixMs;
use consentry_core::wire::campaign::preflight::v1::Ready;
use consentry_core::wire::campaign::v1::{Pace, Value as Given};
use serde_json::{Value, json};

use super::calendar::moment;
use super::frozen::Frozen;
use super::judged::Found;
use super::record::{FrozenMessage, PlanRecord};
use super::{Campaigns, links, prices};
use crate::accounts::record::Number;
use crate::desk::DeskError;
use crate::store::TenantId;
use crate::wire::campaign::v1::{
    CostDocument, CountryPreflight, ForecastDocument, LimitDocument, MessagePreflight, PreflightDocument,
    ProblemDocument, SampleDocument,
};

/// What Meta allows a number by the level of its throughput, in messages a second.
const PER_S_HIGH: u32 = 1_000;
const PER_S: u32 = 80;
/// A number that is used in the WhatsApp Business app as well.
const PER_S_SHARED: u32 = 20;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
const MINUTE_MS: i64 = 60 * 1000;
/// Farthest end that is foretold, in days.
const FORETOLD_DAYS_MAX: i64 = 90;

/// Everything that is shown about a plan.
pub(super) fn outlook(
    room: &Campaigns,
    tenant: TenantId,
    id: &str,
    frozen: &Frozen,
    plan: &PlanRecord,
    found: &Found,
    ready: &Ready,
) -> Result<PreflightDocument, DeskError> {
    let now = room.desk.clock.now();
    let starts = UnixMs(frozen.starts_at.map_or(now.0, |at| at.0.max(now.0)));
    let mut countries: BTreeMap<[u8; 2], u64> = BTreeMap::new();
    for ((country, _), people) in &found.where_what {
        *countries.entry(*country).or_default() += people;
    }
    if let Some(quiet) = &frozen.quiet {
        let closed: Vec<String> = countries
            .keys()
            .filter(|country| quiet.is_never_over(**country, starts))
            .map(|country| format!("`{}`", named(country)))
            .collect();
        if !closed.is_empty() {
            return Err(DeskError::Conflict(format!(
                "it is always quiet in {}, whose time zones lie too far apart: shorten the quiet hours, or leave them out",
                closed.join(", ")
            )));
        }
    }
    let prices = prices::find(room, tenant)?;
    let mut cost = CostDocument::default();
    let mut by_country = Vec::new();
    for (country, people) in &countries {
        let mut of_country = None;
        for ((_, message), people) in found.where_what.range((*country, 0)..=(*country, u8::MAX)) {
            let category = &frozen.messages[usize::from(*message)].category;
            match prices.as_ref().and_then(|prices| prices.of(*country, category)) {
                Some(price) => *of_country.get_or_insert(0.0) += price * *people as f64,
                None => cost.unpriced += people,
            }
        }
        cost.total += of_country.unwrap_or_default();
        let quiet_until = frozen.quiet.as_ref().and_then(|quiet| quiet.quiet_until(*country, starts));
        by_country.push(CountryPreflight {
            country: named(country),
            people: *people,
            quiet_until: quiet_until.map(|at| at.to_string()),
            cost: of_country,
        });
    }
    by_country.sort_by_key(|country| std::cmp::Reverse(country.people));
    cost.currency = prices.as_ref().and_then(|prices| prices.currency.clone()).unwrap_or_default();
    let limit = limit(room, tenant, frozen, plan, now)?;
    let (forecast, finishes, left) = forecast(frozen, plan, &countries, &limit, starts);
    let mut messages = Vec::new();
    for (at, message) in frozen.messages.iter().enumerate() {
        let people = |(_, of): &(&([u8; 2], u8), &u64)| **of;
        let of_message = found.where_what.iter().filter(|((_, of), _)| usize::from(*of) == at);
        let sample = match found.samples.get(&u8::try_from(at).unwrap_or(u8::MAX)) {
            Some((profile, values)) => {
                let (campaign, of) =
                    (CampaignId::parse(id).unwrap_or_default(), (message, plan.links.as_deref()));
                let values = links::shown(room, tenant, campaign, at, of, (*profile, values.clone()))?;
                let request = json!({ "template": message.document, "values": values });
                let drawn = room.desk.engine.preview(request.to_string().as_bytes())?;
                let preview = serde_json::from_slice(&drawn).unwrap_or(Value::Null);
                Some(SampleDocument { profile: profile.to_string(), preview })
            }
            None => None,
        };
        messages.push(MessagePreflight {
            template: message.template.clone(),
            language: message.language.clone(),
            people: of_message.map(|of| people(&of)).sum(),
            sample,
        });
    }
    // Where it is not said when the campaign ends, it ends when it is through.
    let late = frozen.messages.iter().zip(&messages).filter(|(message, _)| {
        frozen.ends_at.is_none() && expires(message).is_some_and(|at| starts < at && at <= finishes)
    });
    let late: u64 = late.map(|(_, shown)| shown.people).sum();
    let of_time = [(Code::MediaExpires, late), (Code::NotInTime, left)];
    Ok(PreflightDocument {
        campaign: id.to_owned(),
        plan: plan.sha256.clone(),
        people: plan.people,
        sendable: plan.sendable,
        control: plan.control,
        problems: problems(found, ready, &messages, &by_country, &of_time),
        messages,
        by_country,
        cost: prices.is_some().then_some(cost),
        limit: Some(limit),
        forecast: Some(forecast),
    })
}

/// What was found, errors first and the most frequent of them.
fn problems(
    found: &Found,
    ready: &Ready,
    messages: &[MessagePreflight],
    by_country: &[CountryPreflight],
    of_time: &[(Code, u64)],
) -> Vec<ProblemDocument> {
    let of = |code: Code, count: u64| {
        let rule = code.rule();
        ProblemDocument {
            code: rule.id.to_owned(),
            severity: rule.severity.as_str().to_owned(),
            count,
            meta_code: Some(i64::from(rule.meta)).filter(|code| *code != 0),
            title: rule.what.to_owned(),
            cure: rule.cure.to_owned(),
            examples: Vec::new(),
        }
    };
    let mut problems: Vec<ProblemDocument> = found
        .problems
        .iter()
        .map(|(code, (count, examples))| ProblemDocument { examples: examples.clone(), ..of(*code, *count) })
        .collect();
    // What is remarkable about a message for everybody who gets it.
    for (message, ready) in messages.iter().zip(&ready.messages) {
        for fault in &ready.faults {
            problems.push(ProblemDocument {
                code: fault.code.clone(),
                severity: fault.severity.clone(),
                count: message.people,
                meta_code: None,
                title: format!("{} in `{}`: {}", message.template, message.language, fault.path),
                cure: fault.message.clone(),
                examples: Vec::new(),
            });
        }
    }
    let quiet = by_country.iter().filter(|country| country.quiet_until.is_some());
    let quiet: u64 = quiet.map(|country| country.people).sum();
    let of_time = of_time.iter().copied().chain([(Code::Quiet, quiet)]);
    problems.extend(of_time.filter(|(_, count)| *count > 0).map(|(code, count)| of(code, count)));
    problems.sort_by_key(|problem| (problem.severity != "error", std::cmp::Reverse(problem.count)));
    problems
}

/// What Meta's limit for new people means: as many as it allows in 24 hours, less those who were reached already.
fn limit(
    room: &Campaigns,
    tenant: TenantId,
    frozen: &Frozen,
    plan: &PlanRecord,
    now: UnixMs,
) -> Result<LimitDocument, DeskError> {
    let reached_today = room.ledger.people_since(tenant, UnixMs(now.0 - DAY_MS))?;
    // It is the portfolio's, and told with each of its numbers.
    let people_per_day = frozen.numbers.iter().filter_map(people_per_day).max();
    let days = people_per_day.map_or(1, |per_day| {
        let left = plan.sendable.saturating_sub(per_day.saturating_sub(reached_today));
        1 + left.div_ceil(per_day)
    });
    Ok(LimitDocument { people_per_day, reached_today, days })
}

/// Messages a second that Meta allows a number.
pub(crate) fn per_s(number: &Number) -> u32 {
    match number.throughput.as_deref() {
        Some("HIGH") => PER_S_HIGH,
        Some("NOT_APPLICABLE") => PER_S_SHARED,
        _ => PER_S,
    }
}

/// When Meta forgets the first of a message's files.
fn expires(message: &FrozenMessage) -> Option<UnixMs> {
    let at = |value: &Given| match value {
        Given::Media { expires_at, .. } => moment(expires_at.as_deref()?).ok(),
        _ => None,
    };
    message.values.values().filter_map(at).min()
}

/// `TIER_1K` is a thousand; none for no limit, and where Meta did not tell.
pub(crate) fn people_per_day(number: &Number) -> Option<u64> {
    let tier = number.limit.as_deref()?.trim();
    let tier = tier.strip_prefix("TIER_").unwrap_or(tier);
    let (digits, times) = tier.strip_suffix('K').map_or((tier, 1), |digits| (digits, 1_000));
    digits.parse::<u64>().ok().filter(|people| *people > 0).map(|people| people * times)
}

/// When a plan will be through: minute by minute, at the pace of its numbers, within Meta's limit, and outside of the quiet
/// hours of the country that has the most people. With when that is, or when the campaign ends before, and how many are not
/// reached by then.
fn forecast(
    frozen: &Frozen,
    plan: &PlanRecord,
    countries: &BTreeMap<[u8; 2], u64>,
    limit: &LimitDocument,
    starts: UnixMs,
) -> (ForecastDocument, UnixMs, u64) {
    let numbers: f64 = frozen.numbers.iter().map(|number| f64::from(per_s(number))).sum();
    let (per_s, package) = match frozen.definition.pace {
        Some(Pace { messages_per_s: Some(per_s), .. }) => (numbers.min(f64::from(per_s)), None),
        Some(Pace { packages: Some(packages), .. }) => {
            (numbers, Some((f64::from(packages.messages), i64::from(packages.every_minutes))))
        }
        _ => (numbers, None),
    };
    let country = countries.iter().max_by_key(|(_, people)| **people).map(|(country, _)| *country);
    let quiet_until = |at: i64| {
        let (quiet, country) = (frozen.quiet.as_ref()?, country?);
        quiet.quiet_until(country, UnixMs(at))
    };
    let per_day = limit.people_per_day.map_or(f64::INFINITY, |people| people as f64);
    let mut left = plan.sendable as f64;
    let mut today = (per_day - limit.reached_today as f64).max(0.0);
    let (mut at, mut minute, mut of_package) = (starts.0, 0, 0.0);
    let mut day_ends = starts.0 + DAY_MS;
    let ends = frozen.ends_at.map_or(i64::MAX, |ends| ends.0);
    while left > 0.0 && at < ends && at < starts.0 + FORETOLD_DAYS_MAX * DAY_MS {
        if at >= day_ends {
            (today, day_ends) = (per_day, day_ends + DAY_MS);
            continue;
        }
        if let Some(until) = quiet_until(at) {
            at = until.0.min(day_ends.max(at + MINUTE_MS));
            continue;
        }
        if today < 1.0 {
            at = day_ends;
            continue;
        }
        let begins = package.is_some_and(|(_, every)| minute % every == 0);
        of_package =
            package.map_or(f64::INFINITY, |(messages, _)| if begins { messages } else { of_package });
        let minute_s = (ends.saturating_sub(at).min(MINUTE_MS)) as f64 / 1000.0;
        let sent = left.min(today).min(of_package).min(per_s * minute_s);
        left -= sent;
        today -= sent;
        of_package -= sent;
        at += if left > 0.0 { MINUTE_MS } else { (sent / per_s * 1000.0) as i64 };
        minute += 1;
    }
    let finishes = UnixMs(at.min(ends));
    let document =
        ForecastDocument { starts_at: starts.to_string(), finishes_at: finishes.to_string(), per_s };
    // Farther than is foretold somebody may still be reached.
    let left = if at >= ends { left.ceil() as u64 } else { 0 };
    (document, finishes, left)
}

fn named(country: &[u8; 2]) -> String {
    String::from_utf8_lossy(country).into_owned()
}
