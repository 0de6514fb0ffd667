//! Campaigns as people read them in a terminal.

use std::fmt::Write as _;

use crate::wire::campaign::v1::{
    CampaignDocument, CampaignsDocument, CountDocument, PreflightDocument, ReportDocument, SegmentsDocument,
    Stand,
};

/// Countries, failures and files shown before the rest is left to `--json`.
const SHOWN: usize = 10;
/// People shown for each problem.
const EXAMPLES: usize = 3;

/// The campaigns, a line each.
pub(super) fn campaigns(all: &CampaignsDocument) -> String {
    if all.campaigns.is_empty() {
        return "no campaigns; `consentry campaign create FILE` keeps one\n".to_owned();
    }
    all.campaigns.iter().fold(String::new(), |mut out, campaign| {
        let progress = campaign.stand.map(|stand| format!("{} of {}", stand.done(), stand.people()));
        let _ = writeln!(
            out,
            "{:<5} {:<18} {:<22} {}",
            campaign.campaign,
            campaign.state,
            progress.unwrap_or_default(),
            campaign.name
        );
        out
    })
}

/// One campaign: how it stands and why.
pub(super) fn campaign(of: &CampaignDocument) -> String {
    let mut out = format!("{} {}: {}\n", of.campaign, of.name, of.state.replace('_', " "));
    if let Some(plan) = &of.plan {
        let control = if plan.control > 0 {
            format!(", {} get nothing, to compare with", plan.control)
        } else {
            String::new()
        };
        let _ = writeln!(
            out,
            "  plan {}: {} of {} people are written to{control}",
            &plan.sha256[..plan.sha256.len().min(12)],
            plan.sendable,
            plan.people
        );
    }
    if let Some(approved) = &of.approved {
        let _ = writeln!(out, "  approved by {} at {}", approved.by, approved.at);
    }
    if let Some(at) = of.starts_at.as_ref().filter(|_| of.state == "scheduled") {
        let _ = writeln!(out, "  begins {at}");
    }
    if let Some(paused) = &of.paused {
        let _ = writeln!(out, "  {}", paused.text);
        if let Some(cure) = &paused.cure {
            let _ = writeln!(out, "  {cure}");
        }
    }
    if let Some(stand) = &of.stand {
        out += &self::stand(stand);
    }
    out
}

/// How messages stand: what there is none of is left out.
fn stand(stand: &Stand) -> String {
    let counts = [
        ("waiting", stand.waiting),
        ("under way", stand.under_way),
        ("accepted", stand.accepted),
        ("sent", stand.sent),
        ("delivered", stand.delivered),
        ("read", stand.read),
        ("failed", stand.failed),
        ("unknown", stand.unknown),
        ("opted out", stand.opted_out),
        ("number gone", stand.gone),
        ("expired", stand.expired),
        ("capped", stand.capped),
        ("control", stand.control),
        ("left out", stand.left_out),
    ];
    let counts: Vec<String> = counts
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(name, count)| format!("{count} {name}"))
        .collect();
    if counts.is_empty() { String::new() } else { format!("  {}\n", counts.join(", ")) }
}

/// What was found out about a plan.
pub(super) fn preflight(of: &PreflightDocument) -> String {
    let mut out = format!(
        "{}: {} of {} people can be written to; {} get nothing, to compare with\n  plan {}\n",
        of.campaign, of.sendable, of.people, of.control, of.plan
    );
    for problem in &of.problems {
        let meta = problem.meta_code.map(|code| format!(", Meta would answer {code}")).unwrap_or_default();
        let _ = writeln!(
            out,
            "  {} {} {}: {}{meta}",
            problem.count, problem.severity, problem.code, problem.title
        );
        let _ = writeln!(out, "      {}", problem.cure);
        for example in problem.examples.iter().take(EXAMPLES) {
            let path = example.path.as_deref().unwrap_or_default();
            let found = example.found.as_ref().map(|found| format!("`{found}`")).unwrap_or_default();
            let _ = writeln!(out, "      {} {} {path} {found}", example.profile, example.number);
        }
    }
    for message in &of.messages {
        let _ = writeln!(out, "  {} {}: {} people", message.template, message.language, message.people);
    }
    for country in of.by_country.iter().take(SHOWN) {
        let quiet =
            country.quiet_until.as_ref().map(|until| format!(", quiet until {until}")).unwrap_or_default();
        let _ = writeln!(out, "  {}: {}{quiet}", country.country, country.people);
    }
    if let Some(cost) = &of.cost {
        let _ = writeln!(
            out,
            "  costs about {:.2} {}; {} have no price",
            cost.total, cost.currency, cost.unpriced
        );
    }
    if let Some((limit, per_day)) = of.limit.as_ref().and_then(|limit| Some((limit, limit.people_per_day?))) {
        let _ = writeln!(
            out,
            "  Meta lets it reach {per_day} new people in 24 hours, {} are reached already: it takes {} days",
            limit.reached_today, limit.days
        );
    }
    if let Some(forecast) = &of.forecast {
        let _ = writeln!(
            out,
            "  from {} to {}, {:.1} a second",
            forecast.starts_at, forecast.finishes_at, forecast.per_s
        );
    }
    out
}

/// What became of a campaign.
pub(super) fn report(of: &ReportDocument) -> String {
    let funnel = &of.funnel;
    let mut out = format!(
        "{}: {} planned, {} accepted, {} sent, {} delivered, {} read, {} answered, {} tapped\n",
        of.campaign,
        funnel.planned,
        funnel.accepted,
        funnel.sent,
        funnel.delivered,
        funnel.read,
        funnel.replied,
        funnel.clicked
    );
    out += &stand(&of.stand);
    let _ = writeln!(out, "  {} opted out after it", of.opted_out_after);
    for failure in of.failures.iter().take(SHOWN) {
        let _ = writeln!(out, "  {} failed with {}: {}", failure.count, failure.code, failure.title);
        let _ = writeln!(out, "      {}", failure.cure);
    }
    for message in &of.by_message {
        let rate = message.read_rate.map_or_else(String::new, |rate| {
            format!(
                ", {:.1} % read (between {:.1} and {:.1})",
                100.0 * rate.value,
                100.0 * rate.low,
                100.0 * rate.high
            )
        });
        let _ = writeln!(
            out,
            "  {} {}: {} delivered{rate}",
            message.template, message.language, message.counts.delivered
        );
    }
    if let Some(comparison) = &of.comparison {
        let _ = writeln!(out, "  {}", comparison.text);
    }
    for import in of.by_import.iter().take(SHOWN) {
        let name = import.file.as_deref().or(import.import.as_deref()).unwrap_or("their own word");
        let counts = &import.counts;
        let _ = writeln!(
            out,
            "  {name}: {} planned, {} delivered, {} failed, {} opted out",
            counts.planned, counts.delivered, counts.failed, counts.opted_out
        );
    }
    out
}

/// An audience.
pub(super) fn count(of: &CountDocument) -> String {
    let mut out = format!("{} of {} people who opted in\n", of.people, of.of);
    for country in of.by_country.iter().take(SHOWN) {
        let _ = writeln!(out, "  {}: {}", country.country, country.people);
    }
    out
}

/// The segments, a line each.
pub(super) fn segments(of: &SegmentsDocument) -> String {
    if of.segments.is_empty() {
        return "no segments; `consentry campaign segments --put FILE` keeps one\n".to_owned();
    }
    of.segments.iter().fold(String::new(), |mut out, segment| {
        let condition = serde_json::to_string(&segment.condition).unwrap_or_default();
        let _ = writeln!(out, "{}: {condition}", segment.name);
        out
    })
}
