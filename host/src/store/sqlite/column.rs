//! Columns of SQLite as the types of the core, both ways. What was never written by this store is reported as
//! damage, not guessed at.

use consentry_core::matching::Hash;
use consentry_core::time::{Date, UnixMs};
use rusqlite::Row;

use crate::store::StoreError;

/// An unsigned integer as SQLite keeps it. Only values from 2^63 on turn negative, and no counter gets there and no
/// number is one: E.164 ends below.
pub(super) fn integer(value: u64) -> i64 {
    value.cast_signed()
}

/// An unsigned integer at a place of a row.
pub(super) fn read_u64(row: &Row<'_>, at: usize) -> Result<u64, StoreError> {
    Ok(row.get::<_, i64>(at)?.cast_unsigned())
}

/// An unsigned integer, if there is one.
pub(super) fn read_optional_u64(row: &Row<'_>, at: usize) -> Result<Option<u64>, StoreError> {
    Ok(row.get::<_, Option<i64>>(at)?.map(i64::cast_unsigned))
}

/// A time.
pub(super) fn read_time(row: &Row<'_>, at: usize) -> Result<UnixMs, StoreError> {
    Ok(UnixMs(row.get(at)?))
}

/// A day, if there is one.
pub(super) fn read_date(row: &Row<'_>, at: usize) -> Result<Option<Date>, StoreError> {
    let date = |text: String| Date::parse(&text).ok_or_else(|| damaged("date", &text));
    row.get::<_, Option<String>>(at)?.map(date).transpose()
}

/// A hash.
pub(super) fn read_hash(row: &Row<'_>, at: usize) -> Result<Hash, StoreError> {
    let bytes = row.get_ref(at)?.as_blob().map_err(rusqlite::Error::from)?;
    bytes.try_into().map_err(|_| damaged("hash", "a value of another length"))
}

/// Says that a column holds what this store never writes.
pub(super) fn damaged(what: &str, found: &str) -> StoreError {
    let found: String = found.chars().take(FOUND_CHARS_MAX).collect();
    StoreError::Damaged(format!("`{found}` is stored as a {what}"))
}

const FOUND_CHARS_MAX: usize = 40;
