//! Attributes that were set after people came. People's own blocks never change, so these lie beside them, in blocks of the
//! same ids: for each person what was set, with nothing in the place of what was taken away.

use std::collections::BTreeMap;

use super::known::{REMOVED, changes, counters};
use super::migrate::copy_blocks;
use super::people::BLOCK_IDS;
use super::runs::Runs;
use super::sql::{Blocks, Sql, values};
use crate::store::{AttributeChange, StoreError, TenantId};

/// Blocks read or written in one go.
const TOGETHER: usize = 128;

/// What was set of people, by id.
pub(super) type Overlay = BTreeMap<u64, BTreeMap<String, Option<String>>>;

/// How often attributes were set.
pub(super) fn writes(sql: &dyn Sql, tenant: TenantId) -> Result<u64, StoreError> {
    const READ: &str = "SELECT attribute_writes FROM tenant WHERE tenant_id = ?1";
    Ok(sql.one(READ, values![tenant], |row| row.u64(0))?.unwrap_or(0))
}

/// What was set of people from `first` to `last`.
pub(super) fn between(sql: &dyn Sql, tenant: TenantId, first: u64, last: u64) -> Result<Overlay, StoreError> {
    let mut overlay = Overlay::new();
    let numbers: Vec<u64> = (first / BLOCK_IDS..=last / BLOCK_IDS).collect();
    for numbers in numbers.chunks(TOGETHER) {
        sql.blocks(Blocks::Attributes, tenant, numbers, &mut |_, bytes| {
            overlay.append(&mut read(bytes)?);
            Ok(())
        })?;
    }
    Ok(overlay)
}

/// Lays over a person's attributes what was set.
pub(super) fn lay(over: &mut BTreeMap<String, String>, set: BTreeMap<String, Option<String>>) {
    for (name, value) in set {
        match value {
            Some(value) => over.insert(name, value),
            None => over.remove(&name),
        };
    }
}

/// Sets attributes of those who are there; how many they are. `set` ascends by profile.
pub(super) fn set(runs: &Runs<'_>, set: &[AttributeChange]) -> Result<u64, StoreError> {
    const COUNT: &str = "UPDATE tenant SET attribute_writes = attribute_writes + 1 WHERE tenant_id = ?1";
    let (end, _) = counters(&[*runs])?;
    let ids: Vec<u64> = set.iter().map(|change| change.profile.0).collect();
    let changed = changes(&[*runs], &ids)?;
    let is_there = |(change, became): &(&AttributeChange, _)| {
        let became: &Option<super::known::Changed> = became;
        (1..end).contains(&change.profile.0) && became.is_none_or(|became| became.permission != REMOVED)
    };
    let there: Vec<&AttributeChange> =
        set.iter().zip(changed).filter(is_there).map(|(change, _)| change).collect();
    let of_block = |change: &AttributeChange| change.profile.0 / BLOCK_IDS;
    let groups: Vec<&[&AttributeChange]> =
        there.chunk_by(|one, other| of_block(one) == of_block(other)).collect();
    for groups in groups.chunks(TOGETHER) {
        let numbers: Vec<u64> = groups.iter().map(|group| of_block(group[0])).collect();
        let mut overlays = vec![Overlay::new(); numbers.len()];
        runs.sql.blocks(Blocks::Attributes, runs.tenant, &numbers, &mut |place, bytes| {
            overlays[place] = read(bytes)?;
            Ok(())
        })?;
        let mut blocks = Vec::with_capacity(numbers.len());
        for ((group, mut overlay), number) in groups.iter().zip(overlays).zip(numbers) {
            for change in *group {
                let of_person = overlay.entry(change.profile.0).or_default();
                of_person.extend(change.values.iter().map(|(name, value)| (name.clone(), value.clone())));
            }
            blocks.push((number, serde_json::to_vec(&overlay).expect("texts are always JSON")));
        }
        runs.sql.put_blocks(Blocks::Attributes, runs.tenant, &blocks)?;
    }
    runs.sql.execute(COUNT, values![runs.tenant])?;
    Ok(there.len() as u64)
}

/// Forgets what was set of somebody.
pub(super) fn forget(sql: &dyn Sql, tenant: TenantId, id: u64) -> Result<(), StoreError> {
    let (number, mut without) = (id / BLOCK_IDS, None);
    sql.blocks(Blocks::Attributes, tenant, &[number], &mut |_, bytes| {
        let mut overlay = read(bytes)?;
        without = overlay.remove(&id).map(|_| serde_json::to_vec(&overlay).expect("texts are always JSON"));
        Ok(())
    })?;
    without.map_or(Ok(()), |bytes| sql.put_blocks(Blocks::Attributes, tenant, &[(number, bytes)]))
}

/// Copies all of it into another database.
pub(super) fn copy(from: &dyn Sql, to: &dyn Sql, tenant: TenantId) -> Result<(), StoreError> {
    const NEXT: &str = "SELECT next_profile FROM tenant WHERE tenant_id = ?1";
    let next = from.one(NEXT, values![tenant], |row| row.u64(0))?.unwrap_or(1);
    copy_blocks(from, to, Blocks::Attributes, tenant, 0..next.div_ceil(BLOCK_IDS))
}

fn read(bytes: &[u8]) -> Result<Overlay, StoreError> {
    let damaged = |_| StoreError::Damaged("a block of attributes is not as it was written".to_owned());
    serde_json::from_slice(bytes).map_err(damaged)
}
