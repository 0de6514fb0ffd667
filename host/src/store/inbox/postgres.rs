//! The inbox of several hosts: tables beside those of the store, in the same database and schema, with connections and locks
//! of their own. Many rows go in one statement, because the way to the database is what takes long.

use postgres::types::ToSql;

use super::NewEvent;
use super::kept::{Keeping, Kept, Place, lane_number};
use crate::store::packed::sql::{Database, Sql};
use crate::store::postgres::{Pool, Transaction, connected};
use crate::store::{StoreError, TenantId};

/// An inbox that several hosts share.
pub type PostgresInbox = Kept<Pool>;

type Parameter<'a> = &'a (dyn ToSql + Sync);

impl Kept<Pool> {
    /// Connects to the database that `url` names, and brings it to the known schema.
    pub fn connect(url: &str) -> Result<PostgresInbox, StoreError> {
        Ok(Kept::new(connected(url)?))
    }
}

impl Place for Pool {
    fn read(&self) -> Result<Box<dyn Sql + '_>, StoreError> {
        Database::read(self)
    }

    fn write(&self) -> Result<Box<dyn Keeping + '_>, StoreError> {
        Ok(Box::new(self.begin_short()?))
    }
}

impl Keeping for Transaction<'_> {
    fn keep(&self, tenant: TenantId, first: u64, events: &[&NewEvent]) -> Result<Vec<bool>, StoreError> {
        const INSERT: &str = "INSERT INTO inbox_event (tenant_id, seq, id, lane, kind, waits, at, received, number, user_id,
                message_id, body)
            SELECT ?1::bigint, seq, id, lane, kind, waits, at, received, number, user_id, message_id, body
            FROM unnest(?2::bigint[], ?3::text[], ?4::bigint[], ?5::text[], ?6::bigint[], ?7::bigint[], ?8::bigint[],
                ?9::bigint[], ?10::text[], ?11::text[], ?12::text[])
                AS event (seq, id, lane, kind, waits, at, received, number, user_id, message_id, body)
            ON CONFLICT (tenant_id, id) DO NOTHING RETURNING seq";
        let seqs: Vec<i64> = (first..).take(events.len()).map(u64::cast_signed).collect();
        let ids: Vec<&str> = events.iter().map(|event| event.id.as_str()).collect();
        let lanes: Vec<i64> = events.iter().map(|event| lane_number(event.lane)).collect();
        let kinds: Vec<&str> = events.iter().map(|event| event.kind.as_str()).collect();
        let waits: Vec<i64> = events.iter().map(|event| i64::from(event.to_do)).collect();
        let ats: Vec<Option<i64>> = events.iter().map(|event| Some(event.at?.0)).collect();
        let received: Vec<i64> = events.iter().map(|event| event.received.0).collect();
        let numbers: Vec<Option<i64>> =
            events.iter().map(|event| Some(event.number?.cast_signed())).collect();
        let users: Vec<Option<&str>> = events.iter().map(|event| event.user.as_deref()).collect();
        let messages: Vec<Option<&str>> = events.iter().map(|event| event.message_id.as_deref()).collect();
        let bodies: Vec<&str> = events.iter().map(|event| event.body.as_str()).collect();
        let (tenant, mut new) = (i64::from(tenant.0), vec![false; events.len()]);
        let parameters: [Parameter<'_>; 12] = [
            &tenant, &seqs, &ids, &lanes, &kinds, &waits, &ats, &received, &numbers, &users, &messages,
            &bodies,
        ];
        self.run(|session| {
            let statement = session.statement(INSERT)?;
            for row in session.client.query(&statement, &parameters)? {
                let place = row.try_get::<_, i64>(0)?.cast_unsigned().wrapping_sub(first);
                let place = usize::try_from(place).ok().and_then(|place| new.get_mut(place));
                *place.ok_or_else(|| StoreError::Damaged("an event has another's place".to_owned()))? = true;
            }
            Ok(())
        })?;
        Ok(new)
    }

    fn deliveries(
        &self,
        tenant: TenantId,
        messages: &[&str],
        each: &mut dyn FnMut(usize, &str) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        const SELECT: &str = "SELECT asked.place, found.body
            FROM unnest(?2::text[]) WITH ORDINALITY AS asked (message_id, place)
            CROSS JOIN LATERAL (SELECT body FROM inbox_delivery AS kept
                WHERE kept.tenant_id = ?1 AND kept.message_id = asked.message_id LIMIT 1) AS found";
        self.run(|session| {
            let statement = session.statement(SELECT)?;
            for row in session.client.query(&statement, &[&i64::from(tenant.0), &messages])? {
                // Places are counted from one there.
                let place = usize::try_from(row.try_get::<_, i64>(0)? - 1).ok();
                let place = place.filter(|place| *place < messages.len());
                let strange = || StoreError::Damaged("a delivery that nobody asked for was found".to_owned());
                each(place.ok_or_else(strange)?, row.try_get(1)?)?;
            }
            Ok(())
        })
    }

    fn put_deliveries(&self, tenant: TenantId, deliveries: &[(&str, String)]) -> Result<(), StoreError> {
        const PUT: &str = "INSERT INTO inbox_delivery (tenant_id, message_id, body)
            SELECT ?1::bigint, message_id, body FROM unnest(?2::text[], ?3::text[]) AS delivery (message_id, body)
            ON CONFLICT (tenant_id, message_id) DO UPDATE SET body = excluded.body";
        let messages: Vec<&str> = deliveries.iter().map(|(message, _)| *message).collect();
        let bodies: Vec<&str> = deliveries.iter().map(|(_, body)| body.as_str()).collect();
        self.run(|session| {
            let statement = session.statement(PUT)?;
            session.client.execute(&statement, &[&i64::from(tenant.0), &messages, &bodies])?;
            Ok(())
        })
    }

    fn done(&self, tenant: TenantId, seqs: &[u64]) -> Result<(), StoreError> {
        // In one order, so that two hosts that do the same do not wait for each other.
        const DONE: &str = "UPDATE inbox_event SET waits = 0 WHERE tenant_id = ?1 AND seq IN (
            SELECT seq FROM inbox_event WHERE tenant_id = ?1 AND seq = ANY(?2::bigint[]) AND waits = 1
            ORDER BY seq FOR UPDATE)";
        let seqs: Vec<i64> = seqs.iter().map(|seq| seq.cast_signed()).collect();
        self.run(|session| {
            let statement = session.statement(DONE)?;
            session.client.execute(&statement, &[&i64::from(tenant.0), &seqs])?;
            Ok(())
        })
    }
}
