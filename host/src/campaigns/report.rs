//! What became of a campaign: the report, out of the counts that the ledger keeps, and the people behind them. It asks no
//! message one by one for the report; how long that takes does not depend on how many there are.

use std::collections::BTreeMap;

use consentry_core::matching::ImportId;
use consentry_core::time::UnixMs;

use super::Campaigns;
use super::record::{FrozenMessage, PlanRecord};
use super::statistics::{Tried, clearly, rate};
use crate::desk::DeskError;
use crate::store::TenantId;
use crate::store::ledger::{Group, Reached, SPAN_MS, SendState};
use crate::wire::campaign::v1::{
    Comparison, CountryReport, Counts, FailureDocument, Funnel, ImportReport, MessageReport, Pending,
    ReportDocument, SpanReport, Stand,
};

pub use super::listing::{PeopleFormat, filter, people};

/// Points of a chart over time, at most.
const SPANS_MAX: i64 = 300;
/// How long the spans of a chart may be, in seconds; longer ones are whole days.
const SPANS_S: [i64; 9] = [10, 30, 60, 300, 900, 3_600, 10_800, 21_600, 86_400];
/// The report.
pub fn report(room: &Campaigns, tenant: TenantId, id: &str) -> Result<ReportDocument, DeskError> {
    let kept = super::find(room, tenant, id)?;
    let totals = super::shown::totals(room, tenant, &kept)?;
    let times = room.ledger.over_time(tenant, kept.id(), SPAN_MS)?;
    let nothing = PlanRecord::default();
    let mut report =
        of_counts(&kept.record.id, kept.record.plan.as_ref().unwrap_or(&nothing), &totals, &times);
    for import in &mut report.by_import {
        let id = import.import.as_deref().and_then(ImportId::parse);
        let known = id.map(|id| room.desk.store.import(tenant, id)).transpose()?.flatten();
        import.file = known.map(|import| import.new.file_name);
    }
    Ok(report)
}

/// The report of a campaign whose messages were counted so, without the names of files.
fn of_counts(
    id: &str,
    plan: &PlanRecord,
    totals: &[(Group, u64)],
    times: &[(UnixMs, [u64; 6])],
) -> ReportDocument {
    // Whoever lacks something is in the plan and has no message.
    let stand = Stand::of(totals);
    let stand = Stand { left_out: plan.people.saturating_sub(stand.people()), ..stand };
    let (mut all, mut sent, mut failures) = (Counts::default(), 0, BTreeMap::<i64, u64>::new());
    let mut by_country = BTreeMap::<[u8; 2], Counts>::new();
    let mut by_import = BTreeMap::<u64, Counts>::new();
    let mut by_message = vec![Counts::default(); plan.messages.len()];
    for (group, count) in totals.iter().filter(|(group, _)| group.state != SendState::Control) {
        add(&mut all, group, *count);
        add(by_country.entry(group.country).or_default(), group, *count);
        add(by_import.entry(group.import).or_default(), group, *count);
        if let Some(counts) = by_message.get_mut(usize::from(group.message)) {
            add(counts, group, *count);
        }
        sent += if was_sent(group) { *count } else { 0 };
        if has_failed(group) {
            *failures.entry(group.code).or_default() += count;
        }
    }
    let mut failures: Vec<FailureDocument> =
        failures.into_iter().map(|(code, count)| failure(code, count, all.planned)).collect();
    failures.sort_by_key(|failure| (std::cmp::Reverse(failure.count), failure.code));
    let (span_s, over_time) = over_time(times);
    let Counts { planned, accepted, delivered, read, replied, clicked, opted_out, .. } = all;
    ReportDocument {
        campaign: id.to_owned(),
        planned,
        control: stand.control,
        funnel: Funnel { planned, accepted, sent, delivered, read, replied, clicked },
        stand,
        pending: Pending {
            waiting: stand.waiting,
            under_way: stand.under_way,
            accepted: stand.accepted + stand.sent,
            unknown: stand.unknown,
        },
        failures,
        opted_out_after: opted_out,
        replied,
        clicked,
        by_country: largest_first(by_country, |counts| counts.planned)
            .into_iter()
            .map(|(country, counts)| CountryReport {
                country: String::from_utf8_lossy(&country).into_owned(),
                counts,
            })
            .collect(),
        by_import: largest_first(by_import, |counts| counts.planned)
            .into_iter()
            .map(|(import, counts)| ImportReport {
                import: (import > 0).then(|| ImportId(import).to_string()),
                file: None,
                counts,
            })
            .collect(),
        comparison: comparison(&plan.messages, &by_message),
        by_message: plan
            .messages
            .iter()
            .zip(by_message)
            .map(|(message, counts)| MessageReport {
                template: message.template.clone(),
                language: message.language.clone(),
                read_rate: rate(counts.read, counts.delivered),
                // A tap may be told before Meta tells that the message arrived.
                click_rate: rate(counts.clicked.min(counts.delivered), counts.delivered)
                    .filter(|_| clicked > 0),
                counts,
            })
            .collect(),
        over_time,
        span_s,
    }
}

/// Counts of a group, each step with those of the next: who read it has it, and who has it was sent it.
fn add(counts: &mut Counts, group: &Group, count: u64) {
    let of = |does: bool| if does { count } else { 0 };
    let was_taken = matches!(group.state, SendState::Accepted | SendState::Held);
    counts.planned += count;
    counts.accepted += of(was_taken || group.reached > Reached::Nothing);
    counts.delivered += of(group.reached >= Reached::Delivered);
    counts.read += of(group.reached == Reached::Read);
    counts.failed += of(has_failed(group));
    counts.replied += of(group.replied);
    counts.clicked += of(group.clicked);
    counts.opted_out += of(group.opted_out);
}

fn was_sent(group: &Group) -> bool {
    matches!(group.reached, Reached::Sent | Reached::Delivered | Reached::Read)
}

/// As [`Stand`] has it.
fn has_failed(group: &Group) -> bool {
    group.reached < Reached::Delivered
        && (group.state == SendState::Failed || group.reached == Reached::Failed)
}

/// Why messages failed, in plain words.
fn failure(code: i64, count: u64, planned: u64) -> FailureDocument {
    let words = FailureDocument::of(code, count, planned);
    if code != 0 {
        return words;
    }
    FailureDocument {
        title: "it was refused without a code".to_owned(),
        cure: "See what the people it happened to have in common: their numbers, their country, their file."
            .to_owned(),
        ..words
    }
}

/// Which message did better, where that can be said: by taps where there are any, else by who read it.
fn comparison(messages: &[FrozenMessage], counts: &[Counts]) -> Option<Comparison> {
    let clicked = counts.iter().any(|counts| counts.clicked > 0);
    let (metric, did) = if clicked { ("clicked", "tapped") } else { ("read", "read") };
    let tried = counts.iter().map(|counts| Tried {
        successes: if clicked { counts.clicked.min(counts.delivered) } else { counts.read },
        of: counts.delivered,
    });
    let tried: Vec<Tried> = tried.collect();
    let (best, next, confidence) = clearly(&tried)?;
    let shown = |place: usize| {
        let Tried { successes, of } = tried[place];
        let name = messages.get(place).map(|message| format!("{}/{}", message.template, message.language));
        let percent = successes as f64 * 100.0 / of as f64;
        format!("{} was {did} by {percent:.1} of 100 who got it", name.unwrap_or_default())
    };
    // Rounded down: nobody is told of more than there is.
    let percent = (confidence * 1000.0).floor() / 10.0;
    let text =
        format!("{}, {}; that this is more than chance is {percent:.1} % sure", shown(best), shown(next));
    Some(Comparison { best, metric: metric.to_owned(), confidence, text })
}

/// A chart of no more points than can be looked at, without gaps; and the seconds from point to point.
fn over_time(times: &[(UnixMs, [u64; 6])]) -> (u64, Vec<SpanReport>) {
    let shortest = SPANS_S[0];
    let (Some((first, _)), Some((last, _))) = (times.first(), times.last()) else {
        return (shortest.cast_unsigned(), Vec::new());
    };
    let range_s = (last.0 - first.0) / 1000;
    let fits = |span: &i64| range_s / span < SPANS_MAX;
    let span_s =
        SPANS_S.into_iter().find(fits).unwrap_or_else(|| (range_s / SPANS_MAX / 86_400 + 1) * 86_400);
    let beginning = |at: UnixMs| at.0.div_euclid(span_s * 1000) * span_s * 1000;
    let mut spans = BTreeMap::<i64, [u64; 6]>::new();
    let mut at = beginning(*first);
    while at <= last.0 {
        spans.insert(at, [0; 6]);
        at += span_s * 1000;
    }
    for (at, counts) in times {
        let sum = spans.entry(beginning(*at)).or_default();
        sum.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
    }
    let span = |(at, [accepted, sent, delivered, read, failed, clicked]): (i64, [u64; 6])| SpanReport {
        at: UnixMs(at).to_string(),
        accepted,
        sent,
        delivered,
        read,
        failed,
        clicked,
    };
    (span_s.cast_unsigned(), spans.into_iter().map(span).collect())
}

fn largest_first<K: Ord + Copy, V>(counts: BTreeMap<K, V>, size: impl Fn(&V) -> u64) -> Vec<(K, V)> {
    let mut counts: Vec<(K, V)> = counts.into_iter().collect();
    counts.sort_by_key(|(key, value)| (std::cmp::Reverse(size(value)), *key));
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEW: Group = Group {
        message: 0,
        country: *b"TR",
        import: 3,
        line: 0,
        state: SendState::Accepted,
        reached: Reached::Nothing,
        code: 0,
        replied: false,
        opted_out: false,
        clicked: false,
    };

    fn plan(people: u64) -> PlanRecord {
        let message = |template: &str| FrozenMessage {
            template: template.to_owned(),
            language: "tr".to_owned(),
            ..FrozenMessage::default()
        };
        PlanRecord { people, messages: vec![message("sale"), message("sale_b")], ..PlanRecord::default() }
    }

    #[test]
    fn every_count_is_what_is_counted_by_hand() {
        let second = Group { message: 1, country: *b"DE", import: 0, ..NEW };
        let totals = [
            (Group { state: SendState::Waiting, ..NEW }, 7),
            (Group { state: SendState::Intended, ..NEW }, 2),
            (NEW, 3),
            (Group { state: SendState::Held, ..NEW }, 1),
            (Group { reached: Reached::Sent, ..NEW }, 5),
            (Group { reached: Reached::Delivered, ..NEW }, 11),
            (Group { reached: Reached::Read, replied: true, ..NEW }, 13),
            (Group { reached: Reached::Read, code: 131_026, clicked: true, ..second.clone() }, 17),
            (Group { state: SendState::Failed, code: 131_008, ..NEW }, 1),
            (Group { state: SendState::Failed, code: 0, ..NEW }, 1),
            (
                Group { state: SendState::Failed, reached: Reached::Failed, code: 131_026, ..second.clone() },
                4,
            ),
            (Group { state: SendState::Unknown, opted_out: true, ..NEW }, 1),
            (Group { state: SendState::OptedOut, ..second }, 2),
            (Group { state: SendState::Control, ..NEW }, 20),
        ];
        let report = of_counts("c7", &plan(90), &totals, &[]);
        assert_eq!((report.planned, report.control), (68, 20));
        let funnel =
            Funnel { planned: 68, accepted: 54, sent: 46, delivered: 41, read: 30, replied: 13, clicked: 17 };
        assert_eq!(report.funnel, funnel);
        assert_eq!(report.pending, Pending { waiting: 7, under_way: 2, accepted: 9, unknown: 1 });
        assert_eq!((report.stand.people(), report.stand.left_out, report.stand.failed), (90, 2, 6));
        assert_eq!((report.opted_out_after, report.replied, report.clicked), (1, 13, 17));
        let failures = report.failures.iter().map(|failure| (failure.code, failure.count));
        assert_eq!(failures.collect::<Vec<_>>(), [(131_026, 4), (0, 1), (131_008, 1)]);
        assert!((report.failures[0].share - 4.0 / 68.0).abs() < 1e-12);
        assert_eq!(report.failures[0].title, "it cannot be delivered");
        assert_eq!(report.failures[1].title, "it was refused without a code");
        let countries = report.by_country.iter().map(|row| (row.country.as_str(), row.counts.planned));
        assert_eq!(countries.collect::<Vec<_>>(), [("TR", 45), ("DE", 23)]);
        let imports = report.by_import.iter().map(|row| (row.import.as_deref(), row.counts.failed));
        assert_eq!(imports.collect::<Vec<_>>(), [(Some("i3"), 2), (None, 4)]);
        let rates = report.by_message.iter().map(|row| row.read_rate.map(|rate| rate.value));
        assert_eq!(rates.collect::<Vec<_>>(), [Some(13.0 / 24.0), Some(1.0)]);
        assert_eq!(report.comparison, None, "too few");
    }

    #[test]
    fn the_better_message_is_named_when_it_is_better() {
        let read = |message, reached| Group { message, reached, ..NEW };
        let totals = [
            (read(0, Reached::Delivered), 600),
            (read(0, Reached::Read), 400),
            (read(1, Reached::Delivered), 550),
            (read(1, Reached::Read), 450),
        ];
        let comparison = of_counts("c7", &plan(2_000), &totals, &[]).comparison.unwrap();
        assert_eq!((comparison.best, comparison.metric.as_str()), (1, "read"));
        assert!((comparison.confidence - 0.9763).abs() < 5e-4);
        let text = "sale_b/tr was read by 45.0 of 100 who got it, sale/tr was read by 40.0 of 100 who got it; \
                    that this is more than chance is 97.6 % sure";
        assert_eq!(comparison.text, text);
    }

    #[test]
    fn charts_have_no_gaps_and_no_more_points_than_can_be_seen() {
        assert_eq!(over_time(&[]), (10, vec![]));
        let at = |s: i64, count| (UnixMs(1_700_000_000_000 + s * 1000), [count, 0, 0, 0, 0, 0]);
        let (span_s, points) = over_time(&[at(0, 1), at(20, 2)]);
        let accepted: Vec<u64> = points.iter().map(|point| point.accepted).collect();
        assert_eq!((span_s, accepted), (10, vec![1, 0, 2]));
        assert_eq!(points[0].at, "2023-11-14T22:13:20.000Z");
        for (range_s, expected) in [(2_990, 10), (3_000, 30), (86_400, 300), (40 * 86_400, 21_600)] {
            let (span_s, points) = over_time(&[at(0, 1), at(range_s, 1)]);
            assert_eq!(span_s, expected, "{range_s}");
            assert!(points.len() as i64 <= SPANS_MAX + 1);
            assert_eq!(points.iter().map(|point| point.accepted).sum::<u64>(), 2);
        }
        let (_, points) = over_time(&[(UnixMs(-9_000_000_000_000), [1; 6]), at(0, 1)]);
        assert!(points.len() as i64 <= SPANS_MAX + 1);
    }
}
