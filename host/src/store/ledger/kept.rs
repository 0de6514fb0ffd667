//! The ledger in a database. What every database does alike is here; how many rows are written in one go is left to each
//! ([`Keeping`]).
//!
//! A transaction takes what it needs in one order: leases, messages, counts. Counts are kept in the transactions that
//! change messages, so that a page that is looked at all the time costs as much for a million messages as for ten.
//!
//! All these lines are together because they are the one [`Ledger`] of every database.

use std::collections::BTreeMap;

use consentry_core::campaign::step::cap::Left;
use consentry_core::campaign::{CampaignId, SendId};
use consentry_core::time::UnixMs;

use super::changes::{self, Answer, Part};
use super::row;
use super::way::{Sort, Tally, Way, beginning, span};
use super::{
    ErasedSends, Fact, Group, KeptSend, LEASE_LONGER_MS, LEASE_MS, LastSend, Lease, Ledger, Meant, NewSend,
    Recorded, SendFilter, SendState, Share, nobody,
};
use crate::store::inbox::line::Line;
use crate::store::packed::sql::{OnRow, Row, Sql, Writing, values};
use crate::store::{StoreError, TenantId};

/// Most that is committed together, in messages.
const TOGETHER_MAX: usize = 4000;

/// Messages of a campaign, with a hint for the database which index to take.
macro_rules! select {
    ($rest:expr) => {
        select!("", $rest)
    };
    ($hint:literal, $rest:expr) => {
        concat!(
            "SELECT ",
            $crate::store::ledger::row::planned_columns!(),
            ", ",
            $crate::store::ledger::row::way_columns!(),
            " FROM ledger_send ",
            $hint,
            " WHERE tenant_id = ?1 AND campaign = ?2 AND ",
            $rest
        )
    };
}
pub(super) use select;

/// Questions that are asked all the time, of a campaign of which a million messages may be done.
pub struct Questions {
    /// What was put off and is due.
    pub(super) due: &'static str,
    /// What was never put off.
    pub(super) fresh: &'static str,
    /// When the next one is due.
    pub(super) next: &'static str,
    /// Intents of earlier fences.
    pub(super) orphans: &'static str,
}

/// The questions, with hints for what waits and for what is under way.
macro_rules! questions {
    ($waiting:literal, $under_way:literal) => {
        $crate::store::ledger::kept::Questions {
            due: $crate::store::ledger::kept::select!(
                $waiting,
                "line = ?3 AND state = 0 AND due > 0 AND due <= ?4 ORDER BY due, place LIMIT ?5"
            ),
            fresh: $crate::store::ledger::kept::select!(
                $waiting,
                "line = ?3 AND state = 0 AND due = 0 AND place > ?4 ORDER BY place LIMIT ?5"
            ),
            next: concat!(
                "SELECT due FROM ledger_send ",
                $waiting,
                " WHERE tenant_id = ?1 AND campaign = ?2 AND line = ?3 AND state = 0 AND due > ?4 ORDER BY due LIMIT 1"
            ),
            orphans: concat!(
                "SELECT place FROM ledger_send ",
                $under_way,
                " WHERE tenant_id = ?1 AND campaign = ?2 AND line = ?3 AND state = 1 AND fence < ?4"
            ),
        }
    };
}
pub(super) use questions;

/// A database that a ledger can be in.
pub trait Place: Send + Sync {
    /// How it is asked for what waits and what is under way.
    const ASK: Questions;

    /// The time by which whoever shares it goes, for a caller whose clock says so. A caller that is alone on its machine is
    /// believed.
    fn now(&self, told: UnixMs) -> Result<UnixMs, StoreError> {
        Ok(told)
    }

    /// One unchanging view.
    fn read(&self) -> Result<Box<dyn Sql + '_>, StoreError>;

    /// Begins to write.
    fn write(&self) -> Result<Box<dyn Keeping + '_>, StoreError>;

    /// Overwrites what was removed, where it stays in the file.
    fn purge(&self) -> Result<(), StoreError> {
        Ok(())
    }

    /// What people were sent since then: the place of the person among those asked for, left_at, campaign, place and the
    /// columns of what changes.
    fn sends_to(
        &self,
        tenant: TenantId,
        people: &[u64],
        since: UnixMs,
        each: OnRow<'_>,
    ) -> Result<(), StoreError>;
}

/// Calls for each message that was found.
pub(in crate::store) type OnSend<'a> = &'a mut dyn FnMut(SendId, Sort, Way);

/// Writes many rows at once, in the way of the database.
pub trait Keeping: Writing {
    /// Adds messages of one campaign, by place, that are not there yet; says which were new.
    #[expect(private_interfaces, reason = "only databases in this room implement it")]
    fn add(
        &self,
        tenant: TenantId,
        campaign: CampaignId,
        sends: &[(&NewSend, Way)],
    ) -> Result<Vec<bool>, StoreError>;

    /// The time that leases go by, for a caller whose clock says so. A caller that is alone on its machine is believed.
    fn now(&self, told: UnixMs) -> Result<UnixMs, StoreError>;

    /// Nobody else gives out parts of a tenant's people until this ends.
    fn alone(&self, tenant: TenantId) -> Result<(), StoreError>;

    /// The fence of a line's lease, which nobody takes until this ends.
    fn fence(&self, tenant: TenantId, line: &str) -> Result<Option<u64>, StoreError>;

    /// Those of these messages that are there; `ids` ascend. Nobody else changes them until this ends.
    #[expect(private_interfaces, reason = "only databases in this room implement it")]
    fn load(&self, tenant: TenantId, ids: &[SendId], each: OnSend<'_>) -> Result<(), StoreError>;

    /// Puts what became of messages in the place of what had.
    #[expect(private_interfaces, reason = "only databases in this room implement it")]
    fn put(&self, tenant: TenantId, changed: &[(SendId, &Way)]) -> Result<(), StoreError>;

    /// Changes counts.
    #[expect(private_interfaces, reason = "only databases in this room implement it")]
    fn count(&self, tenant: TenantId, tally: &Tally) -> Result<(), StoreError>;

    /// For each person and time the last message that may have left before it and counts.
    fn about(&self, tenant: TenantId, said: &[(u64, UnixMs)]) -> Result<Vec<Option<SendId>>, StoreError>;

    /// Expires everything of a campaign that waits, and tells how many there were in each row of counts.
    fn expire(
        &self,
        tenant: TenantId,
        campaign: CampaignId,
        now: UnixMs,
        each: OnRow<'_>,
    ) -> Result<(), StoreError>;
}

/// A ledger in one database.
pub struct Kept<D> {
    place: D,
    line: Line<(TenantId, Part), Answer>,
    /// Leases go by what callers say that the time is.
    believes: bool,
}

impl<D> Kept<D> {
    pub(super) fn new(place: D) -> Kept<D> {
        Kept { place, line: Line::new(TOGETHER_MAX), believes: false }
    }

    /// The same ledger for a world in which time is a number: its leases go by what callers say that the time is, whatever
    /// clock the database has. Where hosts are real their clocks are apart, and this would let two of them have one number.
    #[must_use]
    pub fn by_callers_time(self) -> Kept<D> {
        Kept { believes: true, ..self }
    }

    pub(super) fn place(&self) -> &D {
        &self.place
    }
}

impl<D: Place> Kept<D> {
    /// All of these parts, but for those that are refused.
    fn commit(&self, parts: &[&(TenantId, Part)]) -> Result<Vec<Answer>, StoreError> {
        let writing = self.place.write()?;
        let mut answers: Vec<Option<Answer>> = parts.iter().map(|_| None).collect();
        // In the order of tenants: so no two hosts wait for each other.
        let mut tenants = BTreeMap::<TenantId, Vec<usize>>::new();
        for (at, (tenant, _)) in parts.iter().enumerate() {
            tenants.entry(*tenant).or_default().push(at);
        }
        for (tenant, of_tenant) in tenants {
            let wanted: Vec<&Part> = of_tenant.iter().map(|at| &parts[*at].1).collect();
            let answered = changes::apply(writing.as_ref(), tenant, &wanted)?;
            for (at, answer) in of_tenant.into_iter().zip(answered) {
                answers[at] = Some(answer);
            }
        }
        writing.commit()?;
        Ok(answers.into_iter().flatten().collect())
    }

    fn now(&self, writing: &dyn Keeping, told: UnixMs) -> Result<UnixMs, StoreError> {
        if self.believes { Ok(told) } else { writing.now(told) }
    }

    fn change(&self, tenant: TenantId, part: Part, messages: usize) -> Result<(), StoreError> {
        match self.line.commit((tenant, part), messages, |parts| self.commit(parts))? {
            Answer::Done => Ok(()),
            Answer::Overtaken => Err(StoreError::Overtaken),
        }
    }
}

impl<D: Place> Ledger for Kept<D> {
    fn plan(
        &self,
        tenant: TenantId,
        campaign: CampaignId,
        attempt: u64,
        sends: &[NewSend],
    ) -> Result<(), StoreError> {
        // Locks it: who begins another attempt waits until this is committed, and forgets it then.
        const HOLD: &str = "UPDATE ledger_plan SET attempt = attempt
            WHERE tenant_id = ?1 AND campaign = ?2 AND attempt = ?3";
        const KNOWN: &str = "SELECT attempt FROM ledger_plan WHERE tenant_id = ?1 AND campaign = ?2";
        let mut by_place = BTreeMap::new();
        for send in sends {
            by_place.entry(send.place).or_insert((send, Way::new(send.state)));
        }
        let by_place: Vec<(&NewSend, Way)> = by_place.into_values().collect();
        let writing = self.place.write()?;
        if writing.execute(HOLD, values![tenant, campaign.0, attempt])? == 0 {
            let known = writing.as_sql().one(KNOWN, values![tenant, campaign.0], |row| row.u64(0))?;
            if attempt != 0 || known.is_some() {
                return Err(StoreError::Overtaken);
            }
        }
        let new = writing.add(tenant, campaign, &by_place)?;
        let mut tally = Tally::default();
        for ((send, way), _) in by_place.iter().zip(new).filter(|(_, new)| *new) {
            tally.add(campaign, Sort::of(send), way);
        }
        writing.count(tenant, &tally)?;
        writing.commit()
    }

    fn forget_plan(&self, tenant: TenantId, campaign: CampaignId, attempt: u64) -> Result<(), StoreError> {
        const BEGIN: &str = "INSERT INTO ledger_plan (tenant_id, campaign, attempt) VALUES (?1, ?2, ?3)
            ON CONFLICT (tenant_id, campaign) DO UPDATE SET attempt = excluded.attempt
            WHERE ledger_plan.attempt <= excluded.attempt RETURNING attempt";
        const SENDS: &str =
            "DELETE FROM ledger_send WHERE tenant_id = ?1 AND campaign = ?2 AND intended_at IS NULL";
        const LEFT: &str = "SELECT place FROM ledger_send WHERE tenant_id = ?1 AND campaign = ?2 LIMIT 1";
        const TOTALS: &str = "DELETE FROM ledger_total WHERE tenant_id = ?1 AND campaign = ?2";
        const TIMES: &str = "DELETE FROM ledger_time WHERE tenant_id = ?1 AND campaign = ?2";
        let writing = self.place.write()?;
        let begun = writing.as_sql().one(BEGIN, values![tenant, campaign.0, attempt], |_| Ok(()))?;
        if begun.is_none() {
            return Err(StoreError::Overtaken);
        }
        writing.execute(SENDS, values![tenant, campaign.0])?;
        if writing.as_sql().one(LEFT, values![tenant, campaign.0], |_| Ok(()))?.is_some() {
            return Err(StoreError::Overtaken);
        }
        writing.execute(TOTALS, values![tenant, campaign.0])?;
        writing.execute(TIMES, values![tenant, campaign.0])?;
        writing.commit()
    }

    fn page(
        &self,
        tenant: TenantId,
        campaign: CampaignId,
        filter: &SendFilter,
        after: u64,
        limit: usize,
    ) -> Result<Vec<KeptSend>, StoreError> {
        // What is asked for are bits: of states, of how far they came, and of no and yes.
        const PAGE: &str = select!(
            "place > ?3 AND ((CAST(?4 AS bigint) >> CAST(state AS integer)) & 1) = 1
             AND ((CAST(?5 AS bigint) >> CAST(reached AS integer)) & 1) = 1
             AND (CAST(?6 AS bigint) IS NULL OR code = CAST(?6 AS bigint))
             AND ((CASE WHEN replied_at IS NULL THEN 1 ELSE 2 END) & CAST(?7 AS bigint)) <> 0
             AND ((CASE WHEN opted_out_at IS NULL THEN 1 ELSE 2 END) & CAST(?8 AS bigint)) <> 0
             AND ((CASE WHEN clicked_at IS NULL THEN 1 ELSE 2 END) & CAST(?9 AS bigint)) <> 0
             ORDER BY place LIMIT ?10"
        );
        let SendFilter { states, reached, code, replied, opted_out, clicked } = filter;
        let bits = |numbers: &mut dyn Iterator<Item = i64>| {
            numbers.fold(None, |bits, number| Some(bits.unwrap_or(0) | 1 << number)).unwrap_or(i64::MAX)
        };
        let states = bits(&mut states.iter().map(|state| *state as i64));
        let reached = bits(&mut reached.iter().map(|reached| *reached as i64));
        let yes_no = |asked: &Option<bool>| asked.map_or(3_i64, |yes| if yes { 2 } else { 1 });
        let after = after.min(i64::MAX.cast_unsigned());
        let [replied, opted_out, clicked] = [replied, opted_out, clicked].map(yes_no);
        let asked = values![
            tenant,
            campaign.0,
            after,
            states,
            reached,
            *code,
            replied,
            opted_out,
            clicked,
            count(limit)
        ];
        self.place.read()?.all(PAGE, asked, kept)
    }

    fn totals(&self, tenant: TenantId, campaign: CampaignId) -> Result<Vec<(Group, u64)>, StoreError> {
        const TOTALS: &str = "SELECT message, country, import, line, state, reached, code, did, sends
            FROM ledger_total WHERE tenant_id = ?1 AND campaign = ?2 AND sends > 0";
        let sql = self.place.read()?;
        let mut totals = sql.all(TOTALS, values![tenant, campaign.0], |row| {
            let (group, sends) = row::total(row)?;
            Ok((group, sends.cast_unsigned()))
        })?;
        totals.sort_unstable();
        Ok(totals)
    }

    fn over_time(
        &self,
        tenant: TenantId,
        campaign: CampaignId,
        span_ms: i64,
    ) -> Result<Vec<(UnixMs, [u64; 6])>, StoreError> {
        const TIMES: &str = "SELECT at, accepted, sent, delivered, read, failed, clicked
            FROM ledger_time WHERE tenant_id = ?1 AND campaign = ?2 ORDER BY at";
        let (sql, mut spans) = (self.place.read()?, BTreeMap::<UnixMs, [u64; 6]>::new());
        sql.query(TIMES, values![tenant, campaign.0], &mut |row| {
            let at = UnixMs(beginning(UnixMs(row.i64(0)?), span(span_ms)));
            let counts = spans.entry(at).or_default();
            for (step, count) in counts.iter_mut().enumerate() {
                *count += row.u64(1 + step)?;
            }
            Ok(true)
        })?;
        spans.retain(|_, counts| *counts != [0; 6]);
        Ok(spans.into_iter().collect())
    }

    fn now(&self, told: UnixMs) -> Result<UnixMs, StoreError> {
        if self.believes { Ok(told) } else { self.place.now(told) }
    }

    fn lease(
        &self,
        tenant: TenantId,
        line: &str,
        held: Option<&Lease>,
        now: UnixMs,
    ) -> Result<Option<Lease>, StoreError> {
        const TAKE: &str = "INSERT INTO ledger_lease (tenant_id, line, fence, until, people) VALUES (?1, ?2, 1, ?3, 0)
            ON CONFLICT (tenant_id, line) DO UPDATE SET until = excluded.until,
                fence = CASE WHEN ledger_lease.fence = ?4 THEN ledger_lease.fence ELSE ledger_lease.fence + 1 END,
                people = CASE WHEN ledger_lease.fence = ?4 AND ledger_lease.until > ?5 AND ledger_lease.until <= ?6
                    THEN ledger_lease.people ELSE 0 END
            WHERE ledger_lease.fence = ?4 OR ledger_lease.until <= ?5 OR ledger_lease.until > ?6 RETURNING fence";
        let writing = self.place.write()?;
        let now = self.now(writing.as_ref(), now)?;
        let until = UnixMs(now.0.saturating_add(LEASE_MS));
        // No lease has the fence 0.
        let held = held.map_or(0, |held| held.fence);
        let taken = values![tenant, line, until.0, held, now.0, until.0.saturating_add(LEASE_LONGER_MS)];
        let fence = writing.as_sql().one(TAKE, taken, |row| row.u64(0))?;
        writing.commit()?;
        Ok(fence.map(|fence| Lease { line: line.to_owned(), fence, until }))
    }

    fn release(&self, tenant: TenantId, lease: &Lease) -> Result<(), StoreError> {
        const RELEASE: &str =
            "UPDATE ledger_lease SET until = 0 WHERE tenant_id = ?1 AND line = ?2 AND fence = ?3";
        let writing = self.place.write()?;
        writing.execute(RELEASE, values![tenant, &lease.line, lease.fence])?;
        writing.commit()
    }

    fn orphaned(
        &self,
        tenant: TenantId,
        lease: &Lease,
        campaign: CampaignId,
        line: u16,
        now: UnixMs,
    ) -> Result<u64, StoreError> {
        let writing = self.place.write()?;
        if writing.fence(tenant, &lease.line)? != Some(lease.fence) {
            return Err(StoreError::Overtaken);
        }
        let of_line = values![tenant, campaign.0, i64::from(line), lease.fence];
        let ids = writing
            .as_sql()
            .all(D::ASK.orphans, of_line, |row| Ok(SendId { campaign, place: row.u64(0)? }))?;
        let orphans = changes::orphan(writing.as_ref(), tenant, ids, lease.fence, now)?;
        writing.commit()?;
        Ok(orphans)
    }

    fn waiting(
        &self,
        tenant: TenantId,
        campaign: CampaignId,
        line: u16,
        after: u64,
        now: UnixMs,
        limit: usize,
    ) -> Result<(Vec<KeptSend>, Option<UnixMs>), StoreError> {
        let (sql, line) = (self.place.read()?, i64::from(line));
        let due = values![tenant, campaign.0, line, now.0, count(limit)];
        let mut found: Vec<KeptSend> = sql.all(D::ASK.due, due, kept)?;
        if found.len() < limit {
            let after = after.min(i64::MAX.cast_unsigned());
            let fresh = values![tenant, campaign.0, line, after, count(limit - found.len())];
            found.extend(sql.all(D::ASK.fresh, fresh, kept)?);
        }
        let next = sql.one(D::ASK.next, values![tenant, campaign.0, line, now.0.max(0)], |row| {
            Ok(UnixMs(row.i64(0)?))
        })?;
        Ok((found, next))
    }

    fn intend(
        &self,
        tenant: TenantId,
        lease: &Lease,
        sends: &[SendId],
        now: UnixMs,
    ) -> Result<(), StoreError> {
        let part = Part::Intend { lease: lease.clone(), sends: sends.to_vec(), now };
        self.change(tenant, part, sends.len())
    }

    fn record(
        &self,
        tenant: TenantId,
        lease: &Lease,
        recorded: &[Recorded],
        now: UnixMs,
    ) -> Result<(), StoreError> {
        if recorded.is_empty() {
            return Ok(());
        }
        let part = Part::Record { lease: lease.clone(), recorded: recorded.to_vec(), now };
        self.change(tenant, part, recorded.len())
    }

    fn expire(&self, tenant: TenantId, campaign: CampaignId, now: UnixMs) -> Result<u64, StoreError> {
        let writing = self.place.write()?;
        let (mut tally, mut expired) = (Tally::default(), 0);
        writing.expire(tenant, campaign, now, &mut |row| {
            let (group, sends) = row::total(row)?;
            expired += sends.cast_unsigned();
            *tally.totals.entry((campaign, group.clone())).or_default() -= sends;
            let after = Group { state: SendState::Expired, ..group };
            *tally.totals.entry((campaign, after)).or_default() += sends;
            Ok(true)
        })?;
        writing.count(tenant, &tally.closed())?;
        writing.commit()?;
        Ok(expired)
    }

    fn hear(&self, tenant: TenantId, facts: &[Fact], up_to: u64) -> Result<Vec<Meant>, StoreError> {
        // First, so that those who hear for a tenant do so one after the other.
        const UP_TO: &str = "INSERT INTO ledger_heard (tenant_id, up_to) VALUES (?1, ?2)
            ON CONFLICT (tenant_id) DO UPDATE SET up_to =
                CASE WHEN ledger_heard.up_to < excluded.up_to THEN excluded.up_to ELSE ledger_heard.up_to END";
        let writing = self.place.write()?;
        writing.execute(UP_TO, values![tenant, up_to])?;
        let meant = changes::hear(writing.as_ref(), tenant, facts)?;
        writing.commit()?;
        Ok(meant)
    }

    fn heard_up_to(&self, tenant: TenantId) -> Result<u64, StoreError> {
        const UP_TO: &str = "SELECT up_to FROM ledger_heard WHERE tenant_id = ?1";
        Ok(self.place.read()?.one(UP_TO, values![tenant], |row| row.u64(0))?.unwrap_or(0))
    }

    fn last_sends(
        &self,
        tenant: TenantId,
        people: &[u64],
        since: UnixMs,
    ) -> Result<Vec<Option<(LastSend, u32)>>, StoreError> {
        let mut found: Vec<Option<(SendId, LastSend, u32)>> = vec![None; people.len()];
        self.place.sends_to(tenant, people, since, &mut |row| {
            let nobody = |_| StoreError::Damaged("a message to nobody who was asked for".to_owned());
            let person = usize::try_from(row.i64(0)?).map_err(nobody)?;
            let left = u32::from(row.int(1)?.is_some());
            let id = SendId { campaign: CampaignId(row.u64(2)?), place: row.u64(3)? };
            if let (Some(send), Some(known)) = (row::way(row, 4)?.last(), found.get_mut(person)) {
                let all = known.as_ref().map_or(0, |(_, _, all)| *all) + left;
                let is_later =
                    known.as_ref().is_none_or(|(known, before, _)| (before.at, *known) < (send.at, id));
                let (id, send) = match known {
                    Some((id, send, _)) if !is_later => (*id, *send),
                    _ => (id, send),
                };
                *known = Some((id, send, all));
            }
            Ok(true)
        })?;
        Ok(found.into_iter().map(|known| known.map(|(_, send, all)| (send, all))).collect())
    }

    fn left(&self, tenant: TenantId, people: &[u64], since: UnixMs) -> Result<Vec<Vec<Left>>, StoreError> {
        let mut found: Vec<Vec<Left>> = people.iter().map(|_| Vec::new()).collect();
        self.place.sends_to(tenant, people, since, &mut |row| {
            let id = SendId { campaign: CampaignId(row.u64(2)?), place: row.u64(3)? };
            let person = usize::try_from(row.i64(0)?).ok().and_then(|at| found.get_mut(at));
            if let (Some(person), Some(left)) = (person, row::way(row, 4)?.left(id)) {
                person.push(left);
            }
            Ok(true)
        })?;
        found.iter_mut().for_each(|left| left.sort_unstable_by_key(|left| left.id));
        Ok(found)
    }

    fn sends_of(&self, tenant: TenantId, person: u64, limit: usize) -> Result<Vec<KeptSend>, StoreError> {
        let mut found = Vec::new();
        self.place.sends_to(tenant, &[person], UnixMs(0), &mut |row| {
            let id = SendId { campaign: CampaignId(row.u64(2)?), place: row.u64(3)? };
            found.extend(row::way(row, 4)?.intended_at.map(|at| (at, id)));
            Ok(true)
        })?;
        found.sort_unstable_by(|a, b| b.cmp(a));
        found.truncate(limit);
        // One by one: a person has tens of messages, and each is found by its key.
        let one = |(_, id): (UnixMs, SendId)| {
            self.page(tenant, id.campaign, &SendFilter::default(), id.place.saturating_sub(1), 1)
        };
        let sends: Vec<Vec<KeptSend>> = found.into_iter().map(one).collect::<Result<_, _>>()?;
        Ok(sends.into_iter().flatten().collect())
    }

    fn people_since(&self, tenant: TenantId, since: UnixMs) -> Result<u64, StoreError> {
        Ok(self.place.read()?.one(PEOPLE, values![tenant, since.0], |row| row.u64(0))?.unwrap_or(0))
    }

    fn part(
        &self,
        tenant: TenantId,
        lease: &Lease,
        share: Share,
        since: UnixMs,
        now: UnixMs,
    ) -> Result<u32, StoreError> {
        const OTHERS: &str = "SELECT count(*), CAST(coalesce(sum(people), 0) AS bigint) FROM ledger_lease
            WHERE tenant_id = ?1 AND line <> ?2 AND until > ?3 AND until <= ?4";
        const PART: &str =
            "UPDATE ledger_lease SET people = ?4 WHERE tenant_id = ?1 AND line = ?2 AND fence = ?3";
        let writing = self.place.write()?;
        writing.alone(tenant)?;
        let now = self.now(writing.as_ref(), now)?;
        let at_most = now.0.saturating_add(LEASE_MS + LEASE_LONGER_MS);
        let held = values![tenant, &lease.line, now.0, at_most];
        let others = writing.as_sql().one(OTHERS, held, |row| Ok((row.u64(0)?, row.u64(1)?)))?;
        let (others, of_others) = others.unwrap_or_default();
        // Only now: whoever was reached meanwhile is in this count or in the part of another, or in both.
        let reached = writing.as_sql().one(PEOPLE, values![tenant, since.0], |row| row.u64(0))?;
        let part = share.part(reached.unwrap_or(0), others, of_others);
        let mine = values![tenant, &lease.line, lease.fence, i64::from(part)];
        if writing.execute(PART, mine)? == 0 {
            return Err(StoreError::Overtaken);
        }
        writing.commit()?;
        Ok(part)
    }

    fn erase(
        &self,
        tenant: TenantId,
        people: &[u64],
        profile: u64,
        now: UnixMs,
    ) -> Result<ErasedSends, StoreError> {
        const SENDS: &str =
            "SELECT campaign, place, wamid FROM ledger_send WHERE tenant_id = ?1 AND person = ?2";
        const FORGET: &str = "UPDATE ledger_send SET number = 0, person = ?1, packed = ?2, wamid = NULL
            WHERE tenant_id = ?3 AND person = ?4";
        let writing = self.place.write()?;
        let (mut erased, nothing) = (ErasedSends::default(), Vec::new());
        for person in people {
            let sends = writing.as_sql().all(SENDS, values![tenant, *person], |row| {
                let id = SendId { campaign: CampaignId(row.u64(0)?), place: row.u64(1)? };
                Ok((id, row.maybe_string(2)?))
            })?;
            changes::erase(writing.as_ref(), tenant, sends.iter().map(|(id, _)| *id).collect(), now)?;
            erased.sends += writing.execute(FORGET, values![nobody(profile), &nothing, tenant, *person])?;
            erased.messages.extend(sends.into_iter().filter_map(|(_, wamid)| wamid));
        }
        writing.commit()?;
        Ok(erased)
    }

    fn purge(&self) -> Result<(), StoreError> {
        self.place.purge()
    }
}

const PEOPLE: &str = "SELECT count(*) FROM (SELECT DISTINCT person FROM ledger_send
    WHERE tenant_id = ?1 AND left_at IS NOT NULL AND left_at >= ?2) AS people";

/// A message, of a row of [`select`].
fn kept(row: &dyn Row) -> Result<KeptSend, StoreError> {
    let (id, planned, way) = row::send(row)?;
    Ok(way.kept(id, planned))
}

/// As databases count.
fn count(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}
