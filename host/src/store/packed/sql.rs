//! What the packed store needs of a database: a little SQL that every one speaks, and blocks of bytes by number, which
//! each has its own fast way for. Nothing here knows what is in a row or a block.
//!
//! Statements name their values `?1`, `?2`, in the order of their first use. Integers are 64 bits, and so is everything
//! that counts.

use consentry_core::matching::Custody;

use crate::store::{Claim, StoreError, TenantId};

/// A value handed to a statement.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    Null,
    Int(i64),
    Text(&'a str),
    Bytes(&'a [u8]),
}

impl From<i64> for Value<'_> {
    fn from(value: i64) -> Self {
        Value::Int(value)
    }
}

impl From<u64> for Value<'_> {
    fn from(value: u64) -> Self {
        // Only values from 2^63 on turn negative, and no counter gets there and no number is one.
        Value::Int(value.cast_signed())
    }
}

impl From<TenantId> for Value<'_> {
    fn from(tenant: TenantId) -> Self {
        Value::Int(i64::from(tenant.0))
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(value: &'a str) -> Self {
        Value::Text(value)
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(value: &'a String) -> Self {
        Value::Text(value)
    }
}

impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(value: &'a [u8]) -> Self {
        Value::Bytes(value)
    }
}

impl<'a, const N: usize> From<&'a [u8; N]> for Value<'a> {
    fn from(value: &'a [u8; N]) -> Self {
        Value::Bytes(value)
    }
}

impl<'a> From<&'a Vec<u8>> for Value<'a> {
    fn from(value: &'a Vec<u8>) -> Self {
        Value::Bytes(value)
    }
}

impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Into::into)
    }
}

/// Values of a statement.
macro_rules! values {
    ($($value:expr),* $(,)?) => { &[$($crate::store::packed::sql::Value::from($value)),*] };
}
pub(in crate::store) use values;

/// A row of an answer.
pub trait Row {
    /// The integer at a place, if there is one.
    fn int(&self, at: usize) -> Result<Option<i64>, StoreError>;
    /// The text at a place, if there is one.
    fn text(&self, at: usize) -> Result<Option<&str>, StoreError>;
    /// The bytes at a place, if there are any.
    fn bytes(&self, at: usize) -> Result<Option<&[u8]>, StoreError>;
}

/// What is kept in numbered blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blocks {
    /// Blocks of runs.
    Run,
    /// Blocks of people.
    People,
    /// Blocks of what was set of people later.
    Attributes,
}

/// Calls for each row; ends early when it says false.
pub(in crate::store) type OnRow<'a> = &'a mut dyn FnMut(&dyn Row) -> Result<bool, StoreError>;
/// Calls for each block with its place among those asked for.
pub(in crate::store) type OnBlock<'a> = &'a mut dyn FnMut(usize, &[u8]) -> Result<(), StoreError>;
/// Calls for each number that is somebody's or was: its place among those asked for, profile, and whether it is held.
pub(in crate::store) type OnCustody<'a> = &'a mut dyn FnMut(usize, u64, bool);

/// A transaction, in which everything is as it was when it began.
pub trait Sql {
    /// Runs a statement; the number of rows it changed.
    fn execute(&self, sql: &'static str, values: &[Value<'_>]) -> Result<u64, StoreError>;

    /// Runs a question.
    fn query(&self, sql: &'static str, values: &[Value<'_>], each: OnRow<'_>) -> Result<(), StoreError>;

    /// Those of these blocks that are there; `ids` ascend.
    fn blocks(&self, of: Blocks, tenant: TenantId, ids: &[u64], each: OnBlock<'_>) -> Result<(), StoreError>;

    /// Adds blocks, or puts them in the place of those with the same number.
    fn put_blocks(&self, of: Blocks, tenant: TenantId, blocks: &[(u64, Vec<u8>)]) -> Result<(), StoreError>;

    /// Removes blocks by number, both ends included.
    fn remove_blocks(&self, of: Blocks, tenant: TenantId, first: u64, last: u64) -> Result<(), StoreError>;

    /// Who has these numbers, where the database keeps that in rows of its own and not in runs; false where it does not.
    fn custody(&self, _tenant: TenantId, _numbers: &[u64], _each: OnCustody<'_>) -> Result<bool, StoreError> {
        Ok(false)
    }

    /// Keeps who has numbers, where the database does that in rows of its own; false where it does not.
    fn put_custody(&self, _tenant: TenantId, _custody: &[Custody]) -> Result<bool, StoreError> {
        Ok(false)
    }
}

/// A transaction that writes. What is not committed is rolled back when the value is dropped.
pub trait Writing: Sql {
    /// The same, to read and write with.
    fn as_sql(&self) -> &dyn Sql;

    /// Makes it all durable.
    fn commit(self: Box<Self>) -> Result<(), StoreError>;
}

/// A database.
pub trait Database: Send + Sync {
    /// One unchanging view, as long as the value lives.
    fn read(&self) -> Result<Box<dyn Sql + '_>, StoreError>;

    /// Begins to write for a tenant, alone: everybody else who wants to write for it waits.
    fn write(&self, tenant: TenantId) -> Result<Box<dyn Writing + '_>, StoreError>;

    /// Overwrites what was removed, where it stays in the file.
    fn purge(&self) -> Result<(), StoreError> {
        Ok(())
    }

    /// Whether other hosts may use the same database.
    fn is_shared(&self) -> bool {
        false
    }

    /// The right to work on a tenant's imports, held by one host at a time as long as the value lives; none while
    /// another host has it. It only saves work: what two hosts would do at once, commits keep apart.
    fn claim(&self, _tenant: TenantId) -> Result<Option<Claim<'_>>, StoreError> {
        Ok(Some(Box::new(())))
    }
}

/// What must be there.
pub(in crate::store) fn there<T>(value: Option<T>) -> Result<T, StoreError> {
    value.ok_or_else(|| StoreError::Damaged("a value that is always written is missing".to_owned()))
}

impl dyn Row + '_ {
    /// The integer at a place.
    pub(in crate::store) fn i64(&self, at: usize) -> Result<i64, StoreError> {
        there(self.int(at)?)
    }

    /// The unsigned integer at a place.
    pub(in crate::store) fn u64(&self, at: usize) -> Result<u64, StoreError> {
        let negative = |_| StoreError::Damaged("a number is negative where none can be".to_owned());
        u64::try_from(self.i64(at)?).map_err(negative)
    }

    /// The text at a place.
    pub(in crate::store) fn string(&self, at: usize) -> Result<String, StoreError> {
        Ok(there(self.text(at)?)?.to_owned())
    }

    /// The text at a place, if there is one.
    pub(in crate::store) fn maybe_string(&self, at: usize) -> Result<Option<String>, StoreError> {
        Ok(self.text(at)?.map(str::to_owned))
    }

    /// Exactly so many bytes.
    pub(in crate::store) fn array<const N: usize>(&self, at: usize) -> Result<[u8; N], StoreError> {
        let bytes = there(self.bytes(at)?)?;
        bytes.try_into().map_err(|_| StoreError::Damaged("a hash or a seed has another length".to_owned()))
    }
}

impl dyn Sql + '_ {
    /// The first row of an answer.
    pub(in crate::store) fn one<T>(
        &self,
        sql: &'static str,
        values: &[Value<'_>],
        read: impl Fn(&dyn Row) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        let mut found = None;
        self.query(sql, values, &mut |row| {
            found = Some(read(row)?);
            Ok(false)
        })?;
        Ok(found)
    }

    /// Every row of an answer.
    pub(in crate::store) fn all<T>(
        &self,
        sql: &'static str,
        values: &[Value<'_>],
        read: impl Fn(&dyn Row) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut found = Vec::new();
        self.query(sql, values, &mut |row| {
            found.push(read(row)?);
            Ok(true)
        })?;
        Ok(found)
    }
}
