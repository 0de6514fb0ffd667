//! People as they came, in blocks of so many ids. What is in a record never changes: what became of a consent later is in
//! the runs.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use consentry_core::matching::{Created, Person};

use super::migrate::copy_blocks;
use super::sql::{Blocks, Sql, values};
use crate::store::{StoreError, TenantId};

/// Ids that share a block: as people mostly are, it fills a page of 16 KiB and seldom needs another.
pub(super) const BLOCK_IDS: u64 = 440;
/// Blocks read or written in one go.
const TOGETHER: usize = 128;

const EXID: u8 = 1;
const EMAIL: u8 = 2;
const MSISDN: u8 = 4;
/// The phone number is the WhatsApp number.
const MSISDN_SAME: u8 = 8;
const PERMISSION_SHIFT: u8 = 4;
const ATTRIBUTES: u8 = 64;

/// Writes new people, who follow upon those there are. `at` is when they came.
pub(super) fn write(sql: &dyn Sql, tenant: TenantId, created: &Created, at: i64) -> Result<(), StoreError> {
    let count = created.people.len() as u64;
    let (mut id, end) = (created.first, created.first + count);
    let names = serde_json::to_vec(&created.attribute_names).expect("texts are always JSON");
    let mut blocks: Vec<(u64, Vec<u8>)> = Vec::new();
    while id < end {
        let number = id / BLOCK_IDS;
        let mut block = Vec::new();
        if id % BLOCK_IDS != 0 {
            // The block that those before them did not fill.
            sql.blocks(Blocks::People, tenant, &[number], &mut |_, bytes| {
                block.extend_from_slice(bytes);
                Ok(())
            })?;
        }
        let until = end.min((number + 1) * BLOCK_IDS);
        part(
            &mut block,
            created,
            (id - created.first) as usize..(until - created.first) as usize,
            at,
            &names,
        );
        blocks.push((number, block));
        if blocks.len() == TOGETHER {
            sql.put_blocks(Blocks::People, tenant, &blocks)?;
            blocks.clear();
        }
        id = until;
    }
    sql.put_blocks(Blocks::People, tenant, &blocks)
}

/// Appends people who came together to a block: when, how many, the names of their attributes, where each ends, and they.
fn part(block: &mut Vec<u8>, created: &Created, places: Range<usize>, at: i64, names: &[u8]) {
    let (mut ends, mut people) = (Vec::with_capacity(places.len()), Vec::new());
    for place in places.clone() {
        push(&mut people, created, place);
        ends.push(people.len() as u32);
    }
    push_part(block, created.people.get(places.start).id, at, names, &ends, &people);
}

fn push_part(block: &mut Vec<u8>, first: u64, at: i64, names: &[u8], ends: &[u32], people: &[u8]) {
    block.extend_from_slice(&first.to_le_bytes());
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

/// Names of attributes as they were read last: people who came together have the same.
#[derive(Default)]
pub(super) struct Names {
    written: Vec<u8>,
    read: Vec<String>,
}

impl Names {
    fn of(&mut self, written: &[u8]) -> Result<&[String], StoreError> {
        if self.written != written {
            self.read = serde_json::from_slice(written).map_err(|_| damaged())?;
            self.written = written.to_vec();
        }
        Ok(&self.read)
    }
}

impl Record<'_> {
    /// Further columns, by name.
    pub(super) fn attributes(&self, names: &mut Names) -> Result<BTreeMap<String, String>, StoreError> {
        let mut attributes = BTreeMap::new();
        if self.attributes.is_empty() {
            return Ok(attributes);
        }
        let names = names.of(self.names)?;
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
    sql: &dyn Sql,
    tenant: TenantId,
    ids: &[u64],
    each: &mut dyn FnMut(Record<'_>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut numbers: Vec<u64> = ids.iter().map(|id| id / BLOCK_IDS).collect();
    numbers.dedup();
    let mut next = 0;
    for numbers in numbers.chunks(TOGETHER) {
        sql.blocks(Blocks::People, tenant, numbers, &mut |place, block| {
            let end = (numbers[place] + 1) * BLOCK_IDS;
            let from = next + ids[next..].partition_point(|id| *id < numbers[place] * BLOCK_IDS);
            let until = from + ids[from..].partition_point(|id| *id < end);
            next = until;
            let mut wanted = ids[from..until].iter().copied().peekable();
            parts(block, &mut |part| {
                while let Some(id) = wanted.next_if(|id| *id < part.first + part.count as u64) {
                    if id >= part.first {
                        each(part.record((id - part.first) as usize)?)?;
                    }
                }
                Ok(())
            })
        })?;
    }
    Ok(())
}

/// Calls `each` with people from id `from` on and below `end`, by id, until it says false.
pub(super) fn each_from(
    sql: &dyn Sql,
    tenant: TenantId,
    from: u64,
    end: u64,
    each: &mut dyn FnMut(Record<'_>) -> Result<bool, StoreError>,
) -> Result<(), StoreError> {
    let mut number = from / BLOCK_IDS;
    let mut more = true;
    while more && number * BLOCK_IDS < end {
        let until = end.div_ceil(BLOCK_IDS).min(number + READ_AHEAD);
        let numbers: Vec<u64> = (number..until).collect();
        sql.blocks(Blocks::People, tenant, &numbers, &mut |_, block| {
            parts(block, &mut |part| {
                for place in from.saturating_sub(part.first).min(part.count as u64) as usize..part.count {
                    more = more && each(part.record(place)?)?;
                }
                Ok(())
            })
        })?;
        number = until;
    }
    Ok(())
}

/// Empties what came with somebody, and with `others` the numbers that are theirs now.
pub(super) fn forget(
    sql: &dyn Sql,
    tenant: TenantId,
    who: u64,
    others: &BTreeSet<u64>,
    is_theirs: &dyn Fn(u64) -> bool,
) -> Result<(), StoreError> {
    let ids = || others.iter().copied().chain([who]);
    let numbers: BTreeSet<u64> = ids().map(|id| id / BLOCK_IDS).collect();
    for number in numbers {
        let mut written = Vec::new();
        sql.blocks(Blocks::People, tenant, &[number], &mut |_, block| {
            parts(block, &mut |part| {
                let (mut ends, mut people) = (Vec::with_capacity(part.count), Vec::new());
                for place in 0..part.count {
                    let id = part.first + place as u64;
                    let record = part.record(place)?;
                    if id == who {
                        people.push(0);
                        varint(&mut people, 0);
                        varint(&mut people, record.person.last_event);
                    } else if others.contains(&id) && is_theirs(record.person.number) {
                        push_without_number(&mut people, &record);
                    } else {
                        people.extend_from_slice(part.bytes(place)?);
                    }
                    ends.push(people.len() as u32);
                }
                push_part(&mut written, part.first, part.at, part.names, &ends, &people);
                Ok(())
            })
        })?;
        if !written.is_empty() {
            sql.put_blocks(Blocks::People, tenant, &[(number, written)])?;
        }
    }
    Ok(())
}

/// Appends a person without the WhatsApp number that they came with and lost since; the phone number stays.
fn push_without_number(bytes: &mut Vec<u8>, record: &Record<'_>) {
    let person = record.person;
    let flag = |bit: u8, set: bool| if set { bit } else { 0 };
    bytes.push(
        flag(EXID, !person.exid.is_empty())
            | flag(EMAIL, !person.email.is_empty())
            | flag(MSISDN, person.msisdn != 0)
            | person.permission << PERMISSION_SHIFT
            | flag(ATTRIBUTES, !record.attributes.is_empty()),
    );
    varint(bytes, 0);
    varint(bytes, person.last_event);
    if person.msisdn != 0 {
        varint(bytes, person.msisdn);
    }
    for text in [person.exid, person.email] {
        if !text.is_empty() {
            push_text(bytes, text);
        }
    }
    bytes.extend_from_slice(record.attributes);
}

/// Copies everybody into another database.
pub(super) fn copy(from: &dyn Sql, to: &dyn Sql, tenant: TenantId) -> Result<(), StoreError> {
    const NEXT: &str = "SELECT next_profile FROM tenant WHERE tenant_id = ?1";
    let next = from.one(NEXT, values![tenant], |row| row.u64(0))?.unwrap_or(1);
    copy_blocks(from, to, Blocks::People, tenant, 0..next.div_ceil(BLOCK_IDS))
}

/// Blocks read in one go by those who may soon have enough.
const READ_AHEAD: u64 = 8;

/// People of a block who came together.
struct Part<'a> {
    first: u64,
    at: i64,
    count: usize,
    names: &'a [u8],
    ends: &'a [[u8; 4]],
    people: &'a [u8],
}

fn parts(
    mut bytes: &[u8],
    each: &mut dyn FnMut(&Part<'_>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    while !bytes.is_empty() {
        let first = u64::from_le_bytes(*take(&mut bytes)?);
        let at = i64::from_le_bytes(*take(&mut bytes)?);
        let count = u32::from_le_bytes(*take(&mut bytes)?) as usize;
        let names = u32::from_le_bytes(*take(&mut bytes)?) as usize;
        first.checked_add(count as u64).ok_or_else(damaged)?;
        let (names, rest) = bytes.split_at_checked(names).ok_or_else(damaged)?;
        let (ends, rest) = rest.split_at_checked(4 * count).ok_or_else(damaged)?;
        let ends = ends.as_chunks::<4>().0;
        let length = ends.last().map_or(0, |end| u32::from_le_bytes(*end) as usize);
        let (people, rest) = rest.split_at_checked(length).ok_or_else(damaged)?;
        each(&Part { first, at, count, names, ends, people })?;
        bytes = rest;
    }
    Ok(())
}

impl<'a> Part<'a> {
    fn bytes(&self, place: usize) -> Result<&'a [u8], StoreError> {
        let end = |place: usize| u32::from_le_bytes(self.ends[place]) as usize;
        let start = if place == 0 { 0 } else { end(place - 1) };
        self.people.get(start..end(place)).ok_or_else(damaged)
    }

    fn record(&self, place: usize) -> Result<Record<'a>, StoreError> {
        let mut bytes = self.bytes(place)?;
        let [flags] = *take(&mut bytes)?;
        let number = read_varint(&mut bytes)?;
        let last_event = read_varint(&mut bytes)?;
        let msisdn = match flags & (MSISDN | MSISDN_SAME) {
            MSISDN => read_varint(&mut bytes)?,
            both if both == MSISDN | MSISDN_SAME => number,
            _ => 0,
        };
        let exid = if flags & EXID != 0 { read_text(&mut bytes)? } else { "" };
        let email = if flags & EMAIL != 0 { read_text(&mut bytes)? } else { "" };
        let permission = flags >> PERMISSION_SHIFT & 3;
        let id = self.first + place as u64;
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

pub(super) fn damaged() -> StoreError {
    StoreError::Damaged("a block of people is not as it was written".to_owned())
}
