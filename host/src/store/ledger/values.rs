//! A message's values as one column keeps them.

use crate::store::StoreError;

/// Packs texts: each with its length before it, in four bytes, the lowest first.
pub fn pack_values<'a>(values: impl IntoIterator<Item = &'a str>) -> Vec<u8> {
    let mut packed = Vec::new();
    for value in values {
        packed.extend_from_slice(&u32::try_from(value.len()).unwrap_or(u32::MAX).to_le_bytes());
        packed.extend_from_slice(value.as_bytes());
    }
    packed
}

/// Reads what [`pack_values`] wrote.
pub fn unpack_values(packed: &[u8]) -> Result<Vec<&str>, StoreError> {
    let damaged = || StoreError::Damaged("the values of a message cannot be read".to_owned());
    let (mut rest, mut values) = (packed, Vec::new());
    while !rest.is_empty() {
        let (length, after) = rest.split_first_chunk::<4>().ok_or_else(damaged)?;
        let (value, after) =
            after.split_at_checked(u32::from_le_bytes(*length) as usize).ok_or_else(damaged)?;
        values.push(std::str::from_utf8(value).map_err(|_| damaged())?);
        rest = after;
    }
    Ok(values)
}
