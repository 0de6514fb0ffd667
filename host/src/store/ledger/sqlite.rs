//! The ledger of an embedded installation: a SQLite file of its own beside the store's, so that who sends never waits for
//! who imports.

use std::path::Path;

use consentry_core::campaign::{CampaignId, SendId};
use consentry_core::time::UnixMs;
use rusqlite::params;

use super::kept::{Keeping, Kept, OnSend, Place, Questions, questions};
use super::row::{self, country_number, did, way_columns};
use super::way::{TOLD_EARLY_MS, Tally, Way};
use super::{COUNTS_FOR_MS, NewSend};
use crate::store::packed::sql::{Database, OnRow, Sql, values};
use crate::store::sqlite::{Connections, LEDGER, Writer};
use crate::store::{StoreError, TenantId};

/// Name of the database in the data folder.
pub const FILE_NAME: &str = "campaigns.db";

/// A ledger in one file, for one machine.
pub type SqliteLedger = Kept<Connections>;

impl Kept<Connections> {
    /// Opens the ledger of a data folder; makes folder and database if there are none.
    pub fn open(folder: &Path) -> Result<SqliteLedger, StoreError> {
        // Where the folder cannot be made, opening the file fails and names its path.
        let _ = std::fs::create_dir_all(folder);
        Ok(Kept::new(Connections::open(folder.join(FILE_NAME), &LEDGER)?))
    }

    /// Writes a copy of the database as it is now into a folder, while others go on reading and writing.
    pub fn back_up(&self, folder: &Path) -> Result<(), StoreError> {
        self.place().copy_to(&folder.join(FILE_NAME))
    }
}

// What is asked all the time names its index: SQLite takes all of a tenant or a campaign for as few rows as what waits of it,
// and the primary key for the nearer way to them.
impl Place for Connections {
    const ASK: Questions = questions!("INDEXED BY ledger_send_waiting", "INDEXED BY ledger_send_under_way");

    fn read(&self) -> Result<Box<dyn Sql + '_>, StoreError> {
        Database::read(self)
    }

    fn write(&self) -> Result<Box<dyn Keeping + '_>, StoreError> {
        Ok(Box::new(self.begin_writing()?))
    }

    fn purge(&self) -> Result<(), StoreError> {
        self.rewrite()
    }

    fn sends_to(
        &self,
        tenant: TenantId,
        people: &[u64],
        since: UnixMs,
        each: OnRow<'_>,
    ) -> Result<(), StoreError> {
        const SENT: &str = concat!(
            "SELECT ?4, left_at, campaign, place, ",
            way_columns!(),
            " FROM ledger_send INDEXED BY ledger_send_person
            WHERE tenant_id = ?1 AND person = ?2 AND intended_at >= ?3"
        );
        let sql = Database::read(self)?;
        for (at, person) in people.iter().enumerate() {
            sql.query(SENT, values![tenant, *person, since.0, at as u64], &mut *each)?;
        }
        Ok(())
    }
}

impl Keeping for Writer<'_> {
    fn add(
        &self,
        tenant: TenantId,
        campaign: CampaignId,
        sends: &[(&NewSend, Way)],
    ) -> Result<Vec<bool>, StoreError> {
        const INSERT: &str = concat!(
            "INSERT INTO ledger_send (tenant_id, campaign, place, profile, number, person, country, import, line, message,
                packed, left_at, ",
            way_columns!(),
            ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (tenant_id, campaign, place) DO NOTHING"
        );
        let mut insert = self.prepare_cached(INSERT)?;
        let mut new = Vec::with_capacity(sends.len());
        for (send, way) in sends {
            let rows = insert.execute(params![
                tenant.0,
                campaign.0.cast_signed(),
                send.place.cast_signed(),
                send.profile.cast_signed(),
                send.number.cast_signed(),
                send.person.cast_signed(),
                country_number(send.country),
                send.import.cast_signed(),
                send.line,
                send.message,
                send.values,
                way.left_at().map(|at| at.0),
                way.state as i64,
                way.due.0,
                way.attempts,
                way.code,
                way.wamid,
                way.intended_at.map(|at| at.0),
                way.fence.cast_signed(),
                way.changed_at.0,
                way.accepted_at.map(|at| at.0),
                way.reached as i64,
                way.told_at[0].map(|at| at.0),
                way.told_at[1].map(|at| at.0),
                way.told_at[2].map(|at| at.0),
                way.told_at[3].map(|at| at.0),
                way.replied_at.map(|at| at.0),
                way.opted_out_at.map(|at| at.0),
                way.clicked_at.map(|at| at.0),
            ])?;
            new.push(rows == 1);
        }
        Ok(new)
    }

    /// Whoever shares the file shares the machine's clock.
    fn now(&self, told: UnixMs) -> Result<UnixMs, StoreError> {
        Ok(told)
    }

    /// There is one writer at a time.
    fn alone(&self, _: TenantId) -> Result<(), StoreError> {
        Ok(())
    }

    /// There is one writer at a time.
    fn fence(&self, tenant: TenantId, line: &str) -> Result<Option<u64>, StoreError> {
        const FENCE: &str = "SELECT fence FROM ledger_lease WHERE tenant_id = ?1 AND line = ?2";
        (self as &dyn Sql).one(FENCE, values![tenant, line], |row| row.u64(0))
    }

    fn load(&self, tenant: TenantId, ids: &[SendId], each: OnSend<'_>) -> Result<(), StoreError> {
        const LOAD: &str = concat!(
            "SELECT message, country, import, line, ",
            way_columns!(),
            " FROM ledger_send WHERE tenant_id = ? AND campaign = ? AND place = ?"
        );
        let mut load = self.prepare_cached(LOAD)?;
        for id in ids {
            let place = params![tenant.0, id.campaign.0.cast_signed(), id.place.cast_signed()];
            if let Some(found) = load.query(place)?.next()? {
                each(*id, row::sort(found, 0)?, row::way(found, 4)?);
            }
        }
        Ok(())
    }

    fn put(&self, tenant: TenantId, changed: &[(SendId, &Way)]) -> Result<(), StoreError> {
        const PUT: &str = "UPDATE ledger_send SET state = ?, due = ?, attempts = ?, code = ?, wamid = ?,
                intended_at = ?, fence = ?, changed_at = ?, accepted_at = ?, reached = ?, sent_at = ?, delivered_at = ?,
                read_at = ?, failed_at = ?, replied_at = ?, opted_out_at = ?, clicked_at = ?, left_at = ?
            WHERE tenant_id = ? AND campaign = ? AND place = ?";
        let mut put = self.prepare_cached(PUT)?;
        for (id, way) in changed {
            put.execute(params![
                way.state as i64,
                way.due.0,
                way.attempts,
                way.code,
                way.wamid,
                way.intended_at.map(|at| at.0),
                way.fence.cast_signed(),
                way.changed_at.0,
                way.accepted_at.map(|at| at.0),
                way.reached as i64,
                way.told_at[0].map(|at| at.0),
                way.told_at[1].map(|at| at.0),
                way.told_at[2].map(|at| at.0),
                way.told_at[3].map(|at| at.0),
                way.replied_at.map(|at| at.0),
                way.opted_out_at.map(|at| at.0),
                way.clicked_at.map(|at| at.0),
                way.left_at().map(|at| at.0),
                tenant.0,
                id.campaign.0.cast_signed(),
                id.place.cast_signed(),
            ])?;
        }
        Ok(())
    }

    fn count(&self, tenant: TenantId, tally: &Tally) -> Result<(), StoreError> {
        const TOTAL: &str =
            "INSERT INTO ledger_total (tenant_id, campaign, message, country, import, line, state, reached, code, did,
                sends) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (tenant_id, campaign, message, country, import, line, state, reached, code, did)
                DO UPDATE SET sends = sends + excluded.sends";
        const TIME: &str =
            "INSERT INTO ledger_time (tenant_id, campaign, at, accepted, sent, delivered, read, failed, clicked)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (tenant_id, campaign, at) DO UPDATE SET
                accepted = accepted + excluded.accepted, sent = sent + excluded.sent,
                delivered = delivered + excluded.delivered, read = read + excluded.read,
                failed = failed + excluded.failed, clicked = clicked + excluded.clicked";
        let mut total = self.prepare_cached(TOTAL)?;
        for ((campaign, group), sends) in &tally.totals {
            total.execute(params![
                tenant.0,
                campaign.0.cast_signed(),
                group.message,
                country_number(group.country),
                group.import.cast_signed(),
                group.line,
                group.state as i64,
                group.reached as i64,
                group.code,
                did(group),
                sends,
            ])?;
        }
        let mut time = self.prepare_cached(TIME)?;
        for ((campaign, at), [accepted, sent, delivered, read, failed, clicked]) in &tally.times {
            let campaign = campaign.0.cast_signed();
            time.execute(params![tenant.0, campaign, at, accepted, sent, delivered, read, failed, clicked])?;
        }
        Ok(())
    }

    fn about(&self, tenant: TenantId, said: &[(u64, UnixMs)]) -> Result<Vec<Option<SendId>>, StoreError> {
        const ABOUT: &str = "SELECT campaign, place FROM ledger_send INDEXED BY ledger_send_person
            WHERE tenant_id = ?1 AND person = ?2 AND left_at IS NOT NULL AND left_at >= ?3 AND left_at <= ?4
            ORDER BY left_at DESC, campaign DESC, place DESC LIMIT 1";
        let about = |(person, at): &(u64, UnixMs)| {
            let (from, to) = (at.0.saturating_sub(COUNTS_FOR_MS), at.0.saturating_add(TOLD_EARLY_MS));
            (self as &dyn Sql).one(ABOUT, values![tenant, *person, from, to], |row| {
                Ok(SendId { campaign: CampaignId(row.u64(0)?), place: row.u64(1)? })
            })
        };
        said.iter().map(about).collect()
    }

    /// Nobody else writes, so that what waits is what the counts say.
    fn expire(
        &self,
        tenant: TenantId,
        campaign: CampaignId,
        now: UnixMs,
        each: OnRow<'_>,
    ) -> Result<(), StoreError> {
        const WAITING: &str =
            "SELECT message, country, import, line, state, reached, code, did, sends FROM ledger_total
            WHERE tenant_id = ?1 AND campaign = ?2 AND state = 0 AND sends <> 0";
        const EXPIRE: &str = "UPDATE ledger_send SET state = 8, due = 0, changed_at = ?3
            WHERE tenant_id = ?1 AND campaign = ?2 AND state = 0";
        self.query(WAITING, values![tenant, campaign.0], each)?;
        self.execute(EXPIRE, values![tenant, campaign.0, now.0])?;
        Ok(())
    }
}
