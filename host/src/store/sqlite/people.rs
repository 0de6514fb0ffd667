//! People as they came, in blocks by id. What is in here never changes: what became of a consent later is in the runs.

use std::collections::BTreeMap;

use consentry_core::matching::{Created, Person};
use rusqlite::{Connection, params};

use super::column::integer;
use super::frame::BLOCK_BYTES_MAX;
use crate::store::{StoreError, TenantId};

/// Bits of an integer key below the tenant.
pub(super) const TENANT_SHIFT: u32 = 40;

const EXID: u8 = 1;
const EMAIL: u8 = 2;
const MSISDN: u8 = 4;
/// The phone number is the WhatsApp number.
const MSISDN_SAME: u8 = 8;
const PERMISSION_SHIFT: u8 = 4;
const ATTRIBUTES: u8 = 64;

/// Bytes of a block beside its people: time, count, length of names.
const HEADER_BYTES: usize = 8 + 4 + 4;

/// First key of a tenant's blocks.
pub(super) fn key(tenant: TenantId, id: u64) -> i64 {
    integer(u64::from(tenant.0) << TENANT_SHIFT | id)
}

/// Writes new people. `at` is when they came.
pub(super) fn write(
    connection: &Connection,
    tenant: TenantId,
    created: &Created,
    at: i64,
) -> Result<(), StoreError> {
    let mut insert = connection.prepare_cached("INSERT INTO people_block (id, data) VALUES (?, ?)")?;
    let names = serde_json::to_vec(&created.attribute_names).expect("texts are always JSON");
    let (mut ends, mut people, mut block) = (Vec::new(), Vec::new(), Vec::new());
    let mut first = 0;
    for place in 0..created.people.len() {
        let start = people.len();
        push(&mut people, created, place);
        let size = HEADER_BYTES + names.len() + 4 * (ends.len() + 1) + people.len();
        if size > BLOCK_BYTES_MAX && !ends.is_empty() {
            join(&mut block, at, &names, &ends, &people[..start]);
            insert.execute(params![key(tenant, created.people.get(first).id), block])?;
            people.drain(..start);
            ends.clear();
            first = place;
        }
        ends.push(people.len() as u32);
    }
    if !ends.is_empty() {
        join(&mut block, at, &names, &ends, &people);
        insert.execute(params![key(tenant, created.people.get(first).id), block])?;
    }
    Ok(())
}

fn join(block: &mut Vec<u8>, at: i64, names: &[u8], ends: &[u32], people: &[u8]) {
    block.clear();
    block.extend_from_slice(&at.to_le_bytes());
    block.extend_from_slice(&(ends.len() as u32).to_le_bytes());
    block.extend_from_slice(&(names.len() as u32).to_le_bytes());
    block.extend_from_slice(names);
    ends.iter().for_each(|end| block.extend_from_slice(&end.to_le_bytes()));
    block.extend_from_slice(people);
}

fn push(bytes: &mut Vec<u8>, created: &Created, place: usize) {
    let person = created.people.get(place);
    let values =
        || created.attributes.iter().enumerate().filter_map(|(name, of)| Some((name, of.some(place)?)));
    let flag = |bit: u8, set: bool| if set { bit } else { 0 };
    let same = person.msisdn == person.number;
    bytes.push(
        flag(EXID, !person.exid.is_empty())
            | flag(EMAIL, !person.email.is_empty())
            | flag(MSISDN, person.msisdn != 0)
            | flag(MSISDN_SAME, same)
            | person.permission << PERMISSION_SHIFT
            | flag(ATTRIBUTES, values().next().is_some()),
    );
    varint(bytes, person.number);
    varint(bytes, person.last_event);
    if person.msisdn != 0 && !same {
        varint(bytes, person.msisdn);
    }
    for text in [person.exid, person.email] {
        if !text.is_empty() {
            push_text(bytes, text);
        }
    }
    for (name, value) in values() {
        varint(bytes, name as u64 + 1);
        push_text(bytes, value);
    }
}

fn push_text(bytes: &mut Vec<u8>, text: &str) {
    varint(bytes, text.len() as u64);
    bytes.extend_from_slice(text.as_bytes());
}

fn varint(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

/// A person as they came.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record<'a> {
    pub(super) person: Person<'a>,
    pub(super) at: i64,
    names: &'a [u8],
    attributes: &'a [u8],
}

impl Record<'_> {
    /// Further columns, by name.
    pub(super) fn attributes(&self) -> Result<BTreeMap<String, String>, StoreError> {
        let mut attributes = BTreeMap::new();
        if self.attributes.is_empty() {
            return Ok(attributes);
        }
        let names: Vec<String> = serde_json::from_slice(self.names).map_err(|_| damaged())?;
        let mut bytes = self.attributes;
        while !bytes.is_empty() {
            let name = read_varint(&mut bytes)?.checked_sub(1).ok_or_else(damaged)?;
            let name = names.get(name as usize).ok_or_else(damaged)?;
            attributes.insert(name.clone(), read_text(&mut bytes)?.to_owned());
        }
        Ok(attributes)
    }
}

/// Calls `each` with every one of these people, by id; `ids` ascend. People that never were are left out.
pub(super) fn each_of(
    connection: &Connection,
    tenant: TenantId,
    ids: &[u64],
    each: &mut dyn FnMut(Record<'_>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut select = connection.prepare_cached(
        "SELECT id, data FROM people_block WHERE id <= ? AND id >= ? ORDER BY id DESC LIMIT 1",
    )?;
    let mut next = 0;
    while next < ids.len() {
        let mut rows = select.query([key(tenant, ids[next]), key(tenant, 0)])?;
        let Some(row) = rows.next()? else {
            // Before the first block there is nobody.
            next += 1;
            continue;
        };
        let first = row.get::<_, i64>(0)?.cast_unsigned() & ((1 << TENANT_SHIFT) - 1);
        let block = Block::read(row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?)?;
        let from = next;
        while let Some(id) = ids.get(next).copied().filter(|id| id - first < block.count as u64) {
            each(block.record(id, (id - first) as usize)?)?;
            next += 1;
        }
        if next == from {
            // Ids are given out without gaps: behind the last block there is nobody either.
            return Ok(());
        }
    }
    Ok(())
}

/// Calls `each` with people from id `from` on, by id, until it says false.
pub(super) fn each_from(
    connection: &Connection,
    tenant: TenantId,
    from: u64,
    each: &mut dyn FnMut(Record<'_>) -> Result<bool, StoreError>,
) -> Result<(), StoreError> {
    let before = "SELECT id FROM people_block WHERE id <= ? AND id >= ? ORDER BY id DESC LIMIT 1";
    let mut before = connection.prepare_cached(before)?;
    let mut found = before.query([key(tenant, from), key(tenant, 0)])?;
    let start = found.next()?.map_or(Ok(key(tenant, 0)), |row| row.get(0))?;
    let mut select = connection
        .prepare_cached("SELECT id, data FROM people_block WHERE id >= ? AND id < ? ORDER BY id")?;
    let mut rows = select.query([start, key(TenantId(tenant.0 + 1), 0)])?;
    while let Some(row) = rows.next()? {
        let first = row.get::<_, i64>(0)?.cast_unsigned() & ((1 << TENANT_SHIFT) - 1);
        let block = Block::read(row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?)?;
        for place in from.saturating_sub(first).min(block.count as u64) as usize..block.count {
            if !each(block.record(first + place as u64, place)?)? {
                return Ok(());
            }
        }
    }
    Ok(())
}

struct Block<'a> {
    at: i64,
    count: usize,
    names: &'a [u8],
    ends: &'a [[u8; 4]],
    people: &'a [u8],
}

impl<'a> Block<'a> {
    fn read(mut bytes: &'a [u8]) -> Result<Block<'a>, StoreError> {
        let at = i64::from_le_bytes(*take(&mut bytes)?);
        let count = u32::from_le_bytes(*take(&mut bytes)?) as usize;
        let names = u32::from_le_bytes(*take(&mut bytes)?) as usize;
        let (names, rest) = bytes.split_at_checked(names).ok_or_else(damaged)?;
        let (ends, people) = rest.split_at_checked(4 * count).ok_or_else(damaged)?;
        Ok(Block { at, count, names, ends: ends.as_chunks::<4>().0, people })
    }

    fn record(&self, id: u64, place: usize) -> Result<Record<'a>, StoreError> {
        let end = |place: usize| u32::from_le_bytes(self.ends[place]) as usize;
        let start = if place == 0 { 0 } else { end(place - 1) };
        let mut bytes = self.people.get(start..end(place)).ok_or_else(damaged)?;
        let [flags] = *take(&mut bytes)?;
        let number = read_varint(&mut bytes)?;
        let last_event = read_varint(&mut bytes)?;
        let msisdn = match flags & (MSISDN | MSISDN_SAME) {
            0 => 0,
            MSISDN => read_varint(&mut bytes)?,
            _ if flags & MSISDN == 0 => 0,
            _ => number,
        };
        let exid = if flags & EXID != 0 { read_text(&mut bytes)? } else { "" };
        let email = if flags & EMAIL != 0 { read_text(&mut bytes)? } else { "" };
        let permission = flags >> PERMISSION_SHIFT & 3;
        let person = Person { id, exid, email, msisdn, number, permission, last_event };
        Ok(Record { person, at: self.at, names: self.names, attributes: bytes })
    }
}

fn take<'a, const N: usize>(bytes: &mut &'a [u8]) -> Result<&'a [u8; N], StoreError> {
    let (taken, rest) = bytes.split_first_chunk::<N>().ok_or_else(damaged)?;
    *bytes = rest;
    Ok(taken)
}

fn read_varint(bytes: &mut &[u8]) -> Result<u64, StoreError> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let [byte] = *take(bytes)?;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(damaged())
}

fn read_text<'a>(bytes: &mut &'a [u8]) -> Result<&'a str, StoreError> {
    let length = usize::try_from(read_varint(bytes)?).map_err(|_| damaged())?;
    let (text, rest) = bytes.split_at_checked(length).ok_or_else(damaged)?;
    *bytes = rest;
    std::str::from_utf8(text).map_err(|_| damaged())
}

fn damaged() -> StoreError {
    StoreError::Damaged("a block of people is not as it was written".to_owned())
}
