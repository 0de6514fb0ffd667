//! Everybody of an audience judged by the engine, page by page: who gets what goes to the ledger while the next are judged, and
//! what was found is counted.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::io::Write;
use std::sync::mpsc::{Receiver, sync_channel};

use consentry_core::campaign::CampaignId;
use consentry_core::campaign::preflight::{Batch, Verdict, Verdicts};
use consentry_core::campaign::problem::{Code, Severity};
use consentry_core::diagnostic::clip;
use consentry_core::matching::{E164, Hash, Permission, Profile, ProfileId};
use consentry_core::render::csv::excel_safe;
use consentry_core::time::UnixMs;
use consentry_core::wire::campaign::preflight::v1::Ready;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::audience::{Asked, Member};
use super::frozen::{Frozen, values_of};
use super::plan::{Progress, Watch};
use super::{Campaigns, Kept, find};
use crate::desk::DeskError;
use crate::engine::Preflight;
use crate::store::ledger::{NewSend, SendFilter, SendState};
use crate::store::{StoreError, TenantId};
use crate::wire::campaign::v1::ProblemExample;

/// People of each problem who are shown.
const EXAMPLES_MAX: usize = 10;
/// Pages that may wait for the ledger.
const PAGES_AHEAD: usize = 4;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// What was found out about everybody.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) people: u64,
    pub(super) sendable: u64,
    pub(super) control: u64,
    /// Of what is frozen, and of every message that is planned.
    pub(super) hash: Hash,
    /// By code: how many, and the first of them.
    pub(super) problems: BTreeMap<Code, (u64, Vec<ProblemExample>)>,
    /// People who are to be written to, by country and message.
    pub(super) where_what: BTreeMap<([u8; 2], u8), u64>,
    /// Of each message somebody who gets it, and what stands for its variables.
    pub(super) samples: BTreeMap<u8, (ProfileId, Map<String, Value>)>,
}

/// Judges everybody, and writes who gets what to the ledger.
pub(super) fn judge_everybody(
    watch: &Watch<'_>,
    begun: &Kept,
    frozen: &Frozen,
    judge: &mut Preflight,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Found, DeskError> {
    let Watch { room, tenant, .. } = *watch;
    let of = room.desk.store.profile_count(tenant)?;
    let (mut found, mut hash, mut said) = (Found::default(), frozen.hash(), 0);
    progress(Progress { done: 0, of });
    std::thread::scope(|scope| {
        let (pages, waiting) = sync_channel::<Vec<NewSend>>(PAGES_AHEAD);
        let (ledger, campaign, attempt) = (&*room.ledger, begun.id(), begun.record.attempts);
        let write = move |sends: &[NewSend]| -> Result<(), StoreError> {
            ledger.plan(tenant, campaign, attempt, sends)
        };
        let writing = scope.spawn(move || write_all(&write, &waiting));
        let each = each_judged(room, tenant, frozen, judge, &mut |judged| {
            // Nobody else may be at it by now, before more is written. Also pages of which nobody belongs to the audience
            // come here: it may be some time until somebody does.
            let now = Progress { done: judged.seen, of: of.max(judged.seen) };
            watch.tell(now, &mut said)?;
            progress(now);
            let mut sends = Vec::with_capacity(judged.members.len());
            for at in 0..judged.members.len() {
                found.add(frozen, &judged, at, &mut hash, &mut sends);
            }
            // Where the ledger failed nobody takes them, and why is told below.
            Ok(pages.send(sends).is_ok())
        });
        drop(pages);
        let written = writing.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        each?;
        Ok::<_, DeskError>(written?)
    })?;
    found.hash = hash.finalize().into();
    progress(Progress { done: of, of });
    Ok(found)
}

/// Writes those who have a problem as CSV, or one of the problems alone; how many lines. Who they are is looked up as things
/// stand now; what they are judged by is what was frozen, at the time when it was. Whoever stands in the plan was not capped:
/// what they got since, of this campaign too, says nothing of that.
pub fn write_problems(
    room: &Campaigns,
    tenant: TenantId,
    id: &str,
    code: Option<&str>,
    for_excel: bool,
    out: &mut dyn Write,
) -> Result<u64, DeskError> {
    let kept = find(room, tenant, id)?;
    let record = &kept.record;
    let plan =
        record.plan.as_ref().ok_or_else(|| super::course::stands_in_the_way(record, "tell of problems"))?;
    let frozen = Frozen::of_plan(room, tenant, record, plan)?;
    let mut judge = frozen.judge(room, UnixMs(plan.frozen_at_ms))?;
    let written_to = match frozen.definition.cap {
        Some(_) => profiles(room, tenant, kept.id())?,
        None => HashSet::new(),
    };
    if for_excel {
        out.write_all("\u{feff}".as_bytes()).map_err(StoreError::File)?;
    }
    let ready = judge.ready().clone();
    let mut writer = csv::Writer::from_writer(out);
    let unwritten = |cause: csv::Error| DeskError::Store(StoreError::File(cause.into()));
    let columns = ["profile", "exid", "wpNumber", "problem", "severity", "value", "found"];
    writer.write_record(columns).map_err(unwritten)?;
    let mut lines = 0;
    each_judged(room, tenant, &frozen, &mut judge, &mut |judged| {
        for problem in &judged.verdicts.problems {
            let rule = problem.code.rule();
            let was_capped =
                || !written_to.contains(&judged.members[problem.at as usize].stored.profile.id.0);
            if code.is_some_and(|code| code != rule.id) || problem.code == Code::Capped && !was_capped() {
                continue;
            }
            let example = judged.example(&frozen, &ready, problem.at as usize, problem.place);
            let text = |text: Option<String>| text.unwrap_or_default();
            let cells = [
                example.profile,
                text(example.exid),
                example.number,
                rule.id.to_owned(),
                severity(rule.severity).to_owned(),
                text(example.path),
                text(example.found),
            ];
            write_cells(&mut writer, &cells, for_excel).map_err(unwritten)?;
            lines += 1;
        }
        Ok(true)
    })?;
    writer.flush().map_err(StoreError::File)?;
    Ok(lines)
}

/// Writes a line, of which no cell is a formula to a spreadsheet where that is asked for.
pub(super) fn write_cells<W: Write>(
    writer: &mut csv::Writer<W>,
    cells: &[String],
    for_excel: bool,
) -> Result<(), csv::Error> {
    if for_excel {
        writer.write_record(cells.iter().map(|cell| excel_safe(cell).into_owned()))
    } else {
        writer.write_record(cells)
    }
}

/// Ids of the people who stand in a plan.
fn profiles(room: &Campaigns, tenant: TenantId, id: CampaignId) -> Result<HashSet<u64>, DeskError> {
    const TOGETHER: usize = 10_000;
    let (mut found, mut after) = (HashSet::new(), 0);
    loop {
        let page = room.ledger.page(tenant, id, &SendFilter::default(), after, TOGETHER)?;
        let Some(last) = page.last() else { return Ok(found) };
        after = last.id.place;
        found.extend(page.iter().map(|send| send.planned.profile));
    }
}

/// `error` or `warning`.
pub(super) fn severity(of: Severity) -> &'static str {
    of.as_str()
}

/// What stands in an attribute of somebody, identities among them; empty where there is nothing.
pub(super) fn attribute<'p>(profile: &'p Profile, name: &str) -> Cow<'p, str> {
    let number = |number: Option<E164>| number.map(|number| number.to_string().into()).unwrap_or_default();
    let text = |text: &'p Option<String>| Cow::Borrowed(text.as_deref().unwrap_or_default());
    match name {
        "exid" => text(&profile.exid),
        "email" => text(&profile.email),
        "msisdn" => number(profile.msisdn),
        "wpNumber" => number(profile.number),
        name => Cow::Borrowed(profile.attributes.get(name).map_or("", String::as_str)),
    }
}

/// A page of people and the verdicts on them.
struct Judged<'j> {
    members: &'j [Member<'j>],
    verdicts: &'j Verdicts,
    ready: &'j Ready,
    /// People who were judged, these among them.
    seen: u64,
}

fn each_judged(
    room: &Campaigns,
    tenant: TenantId,
    frozen: &Frozen,
    judge: &mut Preflight,
    each: &mut dyn FnMut(Judged<'_>) -> Result<bool, DeskError>,
) -> Result<(), DeskError> {
    let mut asked = Asked::new(room, tenant, &frozen.definition.audience)?;
    (asked.with_import, asked.only) = (true, frozen.only);
    let ready = judge.ready().clone();
    let cap_ms = frozen.definition.cap.map(|cap| i64::from(cap.days) * DAY_MS);
    let mut seen = 0;
    asked.each(&mut |members| {
        let sends = match cap_ms {
            Some(ms) => sends(room, tenant, members, UnixMs(room.desk.clock.now().0.saturating_sub(ms)))?,
            None => vec![0; members.len()],
        };
        let mut batch = Batch::with_columns(ready.columns.len());
        for (member, sends) in members.iter().zip(sends) {
            batch.number.push(member.number.digits());
            batch.permission.push(member.stored.profile.permission.map_or(0, |said: Permission| said as u8));
            batch.sends.push(sends);
            for (column, name) in batch.columns.iter_mut().zip(&ready.columns) {
                column.push(&attribute(&member.stored.profile, name));
            }
        }
        let verdicts = judge.judge(&batch)?;
        seen += members.len() as u64;
        each(Judged { members, verdicts: &verdicts, ready: &ready, seen })
    })?;
    Ok(())
}

/// How many messages of campaigns each got since then.
fn sends(
    room: &Campaigns,
    tenant: TenantId,
    members: &[Member<'_>],
    since: UnixMs,
) -> Result<Vec<u32>, StoreError> {
    let people: Vec<u64> = members.iter().map(Member::person).collect();
    let last = room.ledger.last_sends(tenant, &people, since)?;
    Ok(last.into_iter().map(|last| last.map_or(0, |(_, count)| count)).collect())
}

/// Writes what comes to the ledger, until nothing comes any more.
fn write_all(
    write: &dyn Fn(&[NewSend]) -> Result<(), StoreError>,
    pages: &Receiver<Vec<NewSend>>,
) -> Result<(), StoreError> {
    let mut together: Vec<NewSend> = Vec::new();
    const TOGETHER: usize = 10_000;
    while let Ok(page) = pages.recv() {
        together.extend(page);
        if together.len() >= TOGETHER {
            write(&together)?;
            together.clear();
        }
    }
    if together.is_empty() { Ok(()) } else { write(&together) }
}

impl Found {
    /// Adds somebody of a page; whoever gets a message, or nothing to compare with, gets the next place in the plan.
    fn add(
        &mut self,
        frozen: &Frozen,
        judged: &Judged<'_>,
        at: usize,
        hash: &mut Sha256,
        sends: &mut Vec<NewSend>,
    ) {
        let (member, verdicts) = (&judged.members[at], judged.verdicts);
        self.people += 1;
        let first = verdicts.problems.partition_point(|problem| (problem.at as usize) < at);
        let of_person = verdicts.problems[first..].iter().take_while(|problem| problem.at as usize == at);
        let mut told: Vec<Code> = Vec::new();
        for problem in of_person {
            let (count, examples) = self.problems.entry(problem.code).or_default();
            // Somebody who has the same problem twice is one person who has it.
            if told.contains(&problem.code) {
                continue;
            }
            told.push(problem.code);
            *count += 1;
            if examples.len() < EXAMPLES_MAX {
                examples.push(judged.example(frozen, judged.ready, at, problem.place));
            }
        }
        let (message, country) = (verdicts.message[at], verdicts.country[at]);
        let state = match verdicts.verdict[at] {
            Verdict::Unsendable => return,
            Verdict::Control => {
                self.control += 1;
                SendState::Control
            }
            Verdict::Sendable => {
                self.sendable += 1;
                *self.where_what.entry((country, message)).or_default() += 1;
                self.samples.entry(message).or_insert_with(|| {
                    let profile = &member.stored.profile;
                    let of = |name: &str| attribute(profile, name).into_owned();
                    (profile.id, values_of(&frozen.messages[usize::from(message)], &of))
                });
                SendState::Waiting
            }
        };
        let send = NewSend {
            place: self.sendable + self.control,
            profile: member.stored.profile.id.0,
            number: member.number.digits(),
            person: member.person(),
            country,
            import: member.import,
            line: verdicts.line[at],
            message,
            state,
            values: verdicts.values_of(at).to_vec(),
        };
        for word in [send.place, send.profile, send.number, u64::from(send.line), send.values.len() as u64] {
            hash.update(word.to_le_bytes());
        }
        hash.update([send.message, send.state as u8]);
        hash.update(&send.values);
        sends.push(send);
    }
}

impl Judged<'_> {
    /// Somebody with a problem, to be shown.
    fn example(&self, frozen: &Frozen, ready: &Ready, at: usize, place: Option<u16>) -> ProblemExample {
        let profile = &self.members[at].stored.profile;
        let message = usize::from(self.verdicts.message[at]);
        let path = place.and_then(|place| ready.messages.get(message)?.places.get(usize::from(place)));
        // Of a text with several values none of them is the one.
        let found = path.and_then(|path| {
            let of = |name: &str| attribute(profile, name).into_owned();
            let values = values_of(frozen.messages.get(message)?, &of);
            values.get(path)?.as_str().map(clip)
        });
        ProblemExample {
            profile: profile.id.to_string(),
            number: profile.number.map(|number| number.to_string()).unwrap_or_default(),
            exid: profile.exid.clone(),
            found,
            path: path.cloned(),
        }
    }
}
