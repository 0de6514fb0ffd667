//! The ledger of several hosts: tables beside those of the store, in the same database and schema, with connections and locks
//! of their own. Many rows go in one statement, because the way to the database is what takes long; whatever two hosts may
//! change at once is locked in one order.

use std::collections::HashSet;

use consentry_core::campaign::{CampaignId, SendId};
use consentry_core::time::UnixMs;
use postgres::types::ToSql;

use super::kept::{Keeping, Kept, OnSend, Place, Questions, questions};
use super::row::{self, country_number, did, way_columns};
use super::way::{TOLD_EARLY_MS, Tally, Way};
use super::{COUNTS_FOR_MS, NewSend};
use crate::store::packed::sql::{Database, OnRow, Sql, values};
use crate::store::postgres::{Copying, Pool, Transaction, connected};
use crate::store::{StoreError, TenantId};

/// People asked for in one statement: the server holds them in memory meanwhile.
const PEOPLE_TOGETHER: usize = 32 * 1024;

/// A ledger that several hosts share.
pub type PostgresLedger = Kept<Pool>;

type Parameter<'a> = &'a (dyn ToSql + Sync);

impl Kept<Pool> {
    /// Connects to the database that `url` names, and brings it to the known schema.
    pub fn connect(url: &str) -> Result<PostgresLedger, StoreError> {
        Ok(Kept::new(connected(url)?))
    }
}

impl Place for Pool {
    const ASK: Questions = questions!("", "");

    /// Hosts have clocks of their own, the database has one for all.
    fn now(&self, _: UnixMs) -> Result<UnixMs, StoreError> {
        time(Database::read(self)?.as_ref())
    }

    fn read(&self) -> Result<Box<dyn Sql + '_>, StoreError> {
        Database::read(self)
    }

    fn write(&self) -> Result<Box<dyn Keeping + '_>, StoreError> {
        Ok(Box::new(self.begin_short()?))
    }

    fn sends_to(
        &self,
        tenant: TenantId,
        people: &[u64],
        since: UnixMs,
        each: OnRow<'_>,
    ) -> Result<(), StoreError> {
        // The limit is there for the planner, which must not turn a search by index into a join.
        const SENT: &str = concat!(
            "SELECT asked.at, left_at, campaign, place, ",
            way_columns!(),
            " FROM unnest(?2::bigint[]) WITH ORDINALITY AS asked (person, at)
            CROSS JOIN LATERAL (SELECT * FROM ledger_send AS kept WHERE kept.tenant_id = ?1 AND kept.person = asked.person
                AND kept.intended_at >= ?3 LIMIT ?4::bigint) AS found"
        );
        let transaction = self.begin_short()?;
        for (chunk, together) in people.chunks(PEOPLE_TOGETHER).enumerate() {
            let together: Vec<i64> = together.iter().map(|person| person.cast_signed()).collect();
            let first = (chunk * PEOPLE_TOGETHER) as i64 - 1;
            transaction.run(|session| {
                let statement = session.statement(SENT)?;
                let asked: [Parameter<'_>; 4] = [&i64::from(tenant.0), &together, &since.0, &i64::MAX];
                for found in session.client.query(&statement, &asked)? {
                    each(&Placed { row: &found, first })?;
                }
                Ok(())
            })?;
        }
        Ok(())
    }
}

/// What the database's clock says.
fn time(sql: &dyn Sql) -> Result<UnixMs, StoreError> {
    const NOW: &str = "SELECT CAST(floor(extract(epoch FROM clock_timestamp()) * 1000) AS bigint)";
    let now = sql.one(NOW, &[], |row| row.i64(0))?;
    now.map(UnixMs).ok_or_else(|| StoreError::Damaged("the database does not know the time".to_owned()))
}

impl Keeping for Transaction<'_> {
    fn add(
        &self,
        tenant: TenantId,
        campaign: CampaignId,
        sends: &[(&NewSend, Way)],
    ) -> Result<Vec<bool>, StoreError> {
        const KNOWN: &str = "SELECT place FROM ledger_send
            WHERE tenant_id = ?1 AND campaign = ?2 AND place >= ?3 AND place <= ?4";
        const COPY: &str = concat!(
            "COPY ledger_send (tenant_id, campaign, place, profile, number, person, country, import, line, message, packed,
                left_at, ",
            way_columns!(),
            ") FROM STDIN (FORMAT binary)"
        );
        let (Some((first, _)), Some((last, _))) = (sends.first(), sends.last()) else {
            return Ok(Vec::new());
        };
        let range = values![tenant, campaign.0, first.place, last.place];
        let known: HashSet<u64> =
            (self as &dyn Sql).all(KNOWN, range, |row| row.u64(0))?.into_iter().collect();
        let new: Vec<bool> = sends.iter().map(|(send, _)| !known.contains(&send.place)).collect();
        let mut rows = Copying::new();
        for ((send, way), _) in sends.iter().zip(&new).filter(|(_, new)| **new) {
            rows.row(29);
            rows.int(i64::from(tenant.0));
            for value in [campaign.0, send.place, send.profile, send.number, send.person] {
                rows.int(value.cast_signed());
            }
            rows.int(country_number(send.country));
            rows.int(send.import.cast_signed());
            rows.int(i64::from(send.line));
            rows.int(i64::from(send.message));
            rows.bytes(Some(&send.values));
            rows.maybe(ms(way.left_at()));
            for value in [way.state as i64, way.due.0, i64::from(way.attempts), way.code] {
                rows.int(value);
            }
            rows.bytes(way.wamid.as_ref().map(String::as_bytes));
            rows.maybe(ms(way.intended_at));
            rows.int(way.fence.cast_signed());
            rows.int(way.changed_at.0);
            rows.maybe(ms(way.accepted_at));
            rows.int(way.reached as i64);
            way.told_at.iter().for_each(|at| rows.maybe(ms(*at)));
            for at in [way.replied_at, way.opted_out_at, way.clicked_at] {
                rows.maybe(ms(at));
            }
        }
        self.run(|session| rows.send(session, COPY))?;
        Ok(new)
    }

    fn now(&self, _: UnixMs) -> Result<UnixMs, StoreError> {
        time(self)
    }

    /// A lock of its own: those who send wait for nobody who counts.
    fn alone(&self, tenant: TenantId) -> Result<(), StoreError> {
        const LOCK: &str = "SELECT count(pg_advisory_xact_lock(hashtextextended('parts of ledger_lease in ' || current_schema(), ?1)))";
        (self as &dyn Sql).one(LOCK, values![tenant], |_| Ok(()))?;
        Ok(())
    }

    /// Whoever wants to take the lease waits; others who send with it do not.
    fn fence(&self, tenant: TenantId, line: &str) -> Result<Option<u64>, StoreError> {
        const FENCE: &str = "SELECT fence FROM ledger_lease WHERE tenant_id = ?1 AND line = ?2 FOR SHARE";
        (self as &dyn Sql).one(FENCE, values![tenant, line], |row| row.u64(0))
    }

    fn load(&self, tenant: TenantId, ids: &[SendId], each: OnSend<'_>) -> Result<(), StoreError> {
        const LOAD: &str = concat!(
            "SELECT kept.campaign, kept.place, message, country, import, line, ",
            way_columns!(),
            " FROM unnest(?2::bigint[], ?3::bigint[]) AS asked (campaign, place) JOIN ledger_send AS kept
                ON kept.tenant_id = ?1 AND kept.campaign = asked.campaign AND kept.place = asked.place
            ORDER BY kept.campaign, kept.place FOR UPDATE OF kept"
        );
        let campaigns: Vec<i64> = ids.iter().map(|id| id.campaign.0.cast_signed()).collect();
        let places: Vec<i64> = ids.iter().map(|id| id.place.cast_signed()).collect();
        self.run(|session| {
            let statement = session.statement(LOAD)?;
            for found in session.client.query(&statement, &[&i64::from(tenant.0), &campaigns, &places])? {
                let found: &dyn row::Row = &found;
                let id = SendId { campaign: CampaignId(found.u64(0)?), place: found.u64(1)? };
                each(id, row::sort(found, 2)?, row::way(found, 6)?);
            }
            Ok(())
        })
    }

    fn put(&self, tenant: TenantId, changed: &[(SendId, &Way)]) -> Result<(), StoreError> {
        const PUT: &str = "UPDATE ledger_send AS kept SET state = became.state, due = became.due,
                attempts = became.attempts, code = became.code, wamid = became.wamid, intended_at = became.intended_at,
                fence = became.fence, changed_at = became.changed_at, accepted_at = became.accepted_at,
                reached = became.reached, sent_at = became.sent_at, delivered_at = became.delivered_at,
                read_at = became.read_at, failed_at = became.failed_at, replied_at = became.replied_at,
                opted_out_at = became.opted_out_at, clicked_at = became.clicked_at, left_at = became.left_at
            FROM unnest(?2::bigint[], ?3::bigint[], ?4::bigint[], ?5::bigint[], ?6::bigint[], ?7::bigint[], ?8::text[],
                ?9::bigint[], ?10::bigint[], ?11::bigint[], ?12::bigint[], ?13::bigint[], ?14::bigint[], ?15::bigint[],
                ?16::bigint[], ?17::bigint[], ?18::bigint[], ?19::bigint[], ?20::bigint[], ?21::bigint[])
                AS became (campaign, place, state, due, attempts, code, wamid, intended_at, fence, changed_at, accepted_at,
                    reached, sent_at, delivered_at, read_at, failed_at, replied_at, opted_out_at, clicked_at, left_at)
            WHERE kept.tenant_id = ?1 AND kept.campaign = became.campaign AND kept.place = became.place";
        let ints = |of: &dyn Fn(&SendId, &Way) -> i64| -> Vec<i64> {
            changed.iter().map(|(id, way)| of(id, way)).collect()
        };
        let times = |of: &dyn Fn(&Way) -> Option<UnixMs>| -> Vec<Option<i64>> {
            changed.iter().map(|(_, way)| ms(of(way))).collect()
        };
        let wamids: Vec<Option<&str>> = changed.iter().map(|(_, way)| way.wamid.as_deref()).collect();
        let values: [Parameter<'_>; 21] = [
            &i64::from(tenant.0),
            &ints(&|id, _| id.campaign.0.cast_signed()),
            &ints(&|id, _| id.place.cast_signed()),
            &ints(&|_, way| way.state as i64),
            &ints(&|_, way| way.due.0),
            &ints(&|_, way| i64::from(way.attempts)),
            &ints(&|_, way| way.code),
            &wamids,
            &times(&|way| way.intended_at),
            &ints(&|_, way| way.fence.cast_signed()),
            &ints(&|_, way| way.changed_at.0),
            &times(&|way| way.accepted_at),
            &ints(&|_, way| way.reached as i64),
            &times(&|way| way.told_at[0]),
            &times(&|way| way.told_at[1]),
            &times(&|way| way.told_at[2]),
            &times(&|way| way.told_at[3]),
            &times(&|way| way.replied_at),
            &times(&|way| way.opted_out_at),
            &times(&|way| way.clicked_at),
            &times(&Way::left_at),
        ];
        self.run(|session| {
            let statement = session.statement(PUT)?;
            session.client.execute(&statement, &values)?;
            Ok(())
        })
    }

    /// In the order of the tally, so that two hosts that count alike do not wait for each other.
    fn count(&self, tenant: TenantId, tally: &Tally) -> Result<(), StoreError> {
        const TOTAL: &str =
            "INSERT INTO ledger_total (tenant_id, campaign, message, country, import, line, state, reached, code, did,
                sends)
            SELECT ?1::bigint, * FROM unnest(?2::bigint[], ?3::bigint[], ?4::bigint[], ?5::bigint[], ?6::bigint[],
                ?7::bigint[], ?8::bigint[], ?9::bigint[], ?10::bigint[], ?11::bigint[])
            ON CONFLICT (tenant_id, campaign, message, country, import, line, state, reached, code, did)
                DO UPDATE SET sends = ledger_total.sends + excluded.sends";
        const TIME: &str =
            "INSERT INTO ledger_time (tenant_id, campaign, at, accepted, sent, delivered, read, failed, clicked)
            SELECT ?1::bigint, * FROM unnest(?2::bigint[], ?3::bigint[], ?4::bigint[], ?5::bigint[], ?6::bigint[],
                ?7::bigint[], ?8::bigint[], ?9::bigint[])
            ON CONFLICT (tenant_id, campaign, at) DO UPDATE SET accepted = ledger_time.accepted + excluded.accepted,
                sent = ledger_time.sent + excluded.sent, delivered = ledger_time.delivered + excluded.delivered,
                read = ledger_time.read + excluded.read, failed = ledger_time.failed + excluded.failed,
                clicked = ledger_time.clicked + excluded.clicked";
        let totals = tally.totals.iter().map(|((campaign, group), sends)| {
            [
                campaign.0.cast_signed(),
                i64::from(group.message),
                country_number(group.country),
                group.import.cast_signed(),
                i64::from(group.line),
                group.state as i64,
                group.reached as i64,
                group.code,
                did(group),
                *sends,
            ]
        });
        let times =
            tally.times.iter().map(|((campaign, at), [accepted, sent, delivered, read, failed, clicked])| {
                [campaign.0.cast_signed(), *at, *accepted, *sent, *delivered, *read, *failed, *clicked]
            });
        self.upsert(tenant, TOTAL, &columns(totals))?;
        self.upsert(tenant, TIME, &columns(times))
    }

    fn about(&self, tenant: TenantId, said: &[(u64, UnixMs)]) -> Result<Vec<Option<SendId>>, StoreError> {
        const ABOUT: &str = "SELECT asked.at, found.campaign, found.place
            FROM unnest(?2::bigint[], ?3::bigint[], ?4::bigint[]) WITH ORDINALITY AS asked (person, first, last, at)
            CROSS JOIN LATERAL (SELECT campaign, place FROM ledger_send AS kept
                WHERE kept.tenant_id = ?1 AND kept.person = asked.person AND kept.left_at IS NOT NULL
                    AND kept.left_at >= asked.first AND kept.left_at <= asked.last
                ORDER BY left_at DESC, campaign DESC, place DESC LIMIT 1) AS found";
        let mut about = vec![None; said.len()];
        if said.is_empty() {
            return Ok(about);
        }
        let people: Vec<i64> = said.iter().map(|(person, _)| person.cast_signed()).collect();
        let first: Vec<i64> = said.iter().map(|(_, at)| at.0.saturating_sub(COUNTS_FOR_MS)).collect();
        let last: Vec<i64> = said.iter().map(|(_, at)| at.0.saturating_add(TOLD_EARLY_MS)).collect();
        self.run(|session| {
            let statement = session.statement(ABOUT)?;
            let asked: [Parameter<'_>; 4] = [&i64::from(tenant.0), &people, &first, &last];
            for found in session.client.query(&statement, &asked)? {
                let found: &dyn row::Row = &found;
                // Places are counted from one there.
                let at = usize::try_from(found.i64(0)? - 1).ok();
                let id = SendId { campaign: CampaignId(found.u64(1)?), place: found.u64(2)? };
                if let Some(known) = at.and_then(|at| about.get_mut(at)) {
                    *known = Some(id);
                }
            }
            Ok(())
        })?;
        Ok(about)
    }

    fn expire(
        &self,
        tenant: TenantId,
        campaign: CampaignId,
        now: UnixMs,
        each: OnRow<'_>,
    ) -> Result<(), StoreError> {
        const EXPIRE: &str = "WITH unsent AS (SELECT place FROM ledger_send
                WHERE tenant_id = ?1 AND campaign = ?2 AND state = 0 ORDER BY place FOR UPDATE),
            expired AS (UPDATE ledger_send AS kept SET state = 8, due = 0, changed_at = ?3 FROM unsent
                WHERE kept.tenant_id = ?1 AND kept.campaign = ?2 AND kept.place = unsent.place
                RETURNING message, country, import, line, reached, code,
                    CASE WHEN replied_at IS NULL THEN 0 ELSE 1 END + CASE WHEN opted_out_at IS NULL THEN 0 ELSE 2 END
                        + CASE WHEN clicked_at IS NULL THEN 0 ELSE 4 END AS did)
            SELECT message, country, import, line, CAST(0 AS bigint), reached, code, CAST(did AS bigint), count(*)
            FROM expired GROUP BY message, country, import, line, reached, code, did";
        self.query(EXPIRE, values![tenant, campaign.0, now.0], each)
    }
}

impl Transaction<'_> {
    /// Writes rows that come as columns.
    fn upsert(&self, tenant: TenantId, sql: &'static str, columns: &[Vec<i64>]) -> Result<(), StoreError> {
        if columns.is_empty() {
            return Ok(());
        }
        self.run(|session| {
            let statement = session.statement(sql)?;
            let tenant = i64::from(tenant.0);
            let mut values: Vec<Parameter<'_>> = vec![&tenant];
            values.extend(columns.iter().map(|column| column as Parameter<'_>));
            session.client.execute(&statement, &values)?;
            Ok(())
        })
    }
}

/// Rows as columns; no column where there is no row.
fn columns<const N: usize>(rows: impl Iterator<Item = [i64; N]>) -> Vec<Vec<i64>> {
    let mut columns = Vec::new();
    for row in rows {
        columns.resize_with(N, Vec::new);
        for (column, value) in columns.iter_mut().zip(row) {
            column.push(value);
        }
    }
    columns
}

fn ms(at: Option<UnixMs>) -> Option<i64> {
    at.map(|at| at.0)
}

/// A row whose first column counts from one, and from the chunk it was asked for in.
struct Placed<'a> {
    row: &'a postgres::Row,
    first: i64,
}

impl row::Row for Placed<'_> {
    fn int(&self, at: usize) -> Result<Option<i64>, StoreError> {
        let int = row::Row::int(self.row, at)?;
        Ok(if at == 0 { int.map(|int| int + self.first) } else { int })
    }

    fn text(&self, at: usize) -> Result<Option<&str>, StoreError> {
        self.row.text(at)
    }

    fn bytes(&self, at: usize) -> Result<Option<&[u8]>, StoreError> {
        self.row.bytes(at)
    }
}
