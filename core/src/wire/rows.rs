//! [`Rows`] as bytes, for the border between the sandboxed engine and its host. Little-endian, one column after
//! the other. The reader trusts nothing: a broken engine must not be able to confuse its host.

use crate::limits::ATTRIBUTES_MAX;
use crate::rows::{Rows, Texts};

const MAGIC: &[u8; 4] = b"CRW1";

/// Why bytes are no rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed(
    /// What was being read.
    pub &'static str,
);

/// Appends the packed form.
pub fn encode(rows: &Rows, out: &mut Vec<u8>) {
    out.extend_from_slice(MAGIC);
    out.extend_from_slice(&(rows.len() as u32).to_le_bytes());
    out.extend_from_slice(&(rows.attributes.len() as u32).to_le_bytes());
    for column in [&rows.row, &rows.line, &rows.number, &rows.msisdn, &rows.codes] {
        put(out, column, u64::to_le_bytes);
    }
    out.extend_from_slice(&rows.permission);
    for texts in rows.texts() {
        let (bytes, ends) = texts.parts();
        out.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
        put(out, ends, u32::to_le_bytes);
        out.extend_from_slice(bytes.as_bytes());
    }
}

/// Appends a whole column at once, which is quicker than value by value.
fn put<T: Copy, const BYTES: usize>(out: &mut Vec<u8>, values: &[T], bytes: fn(T) -> [u8; BYTES]) {
    let before = out.len();
    out.resize(before + values.len() * BYTES, 0);
    for (place, value) in out[before..].as_chunks_mut().0.iter_mut().zip(values) {
        *place = bytes(*value);
    }
}

/// Reads the packed form back.
pub fn decode(bytes: &[u8]) -> Result<Rows, Malformed> {
    let mut input = Input { rest: bytes };
    if input.take(4, "magic")? != MAGIC {
        return Err(Malformed("magic"));
    }
    let rows = input.u32("row count")? as usize;
    let attributes = input.u32("attribute count")? as usize;
    if attributes > ATTRIBUTES_MAX {
        return Err(Malformed("attribute count"));
    }
    let mut out = Rows::with_attributes(attributes);
    for column in [&mut out.row, &mut out.line, &mut out.number, &mut out.msisdn, &mut out.codes] {
        let bytes = input.take(rows.checked_mul(8).ok_or(Malformed("row count"))?, "numbers")?;
        column.extend(bytes.as_chunks().0.iter().map(|chunk| u64::from_le_bytes(*chunk)));
    }
    out.permission.extend_from_slice(input.take(rows, "permission")?);
    if !out.permission.iter().all(|p| matches!(p, 1 | 2)) {
        return Err(Malformed("permission"));
    }
    if !out.row.is_sorted_by(|a, b| a < b) {
        return Err(Malformed("row numbers"));
    }
    out.exid = input.texts(rows)?;
    out.email = input.texts(rows)?;
    out.number_cell = input.texts(rows)?;
    out.permission_cell = input.texts(rows)?;
    for at in 0..attributes {
        out.attributes[at] = input.texts(rows)?;
    }
    if input.rest.is_empty() { Ok(out) } else { Err(Malformed("length")) }
}

struct Input<'a> {
    rest: &'a [u8],
}

impl<'a> Input<'a> {
    fn take(&mut self, bytes: usize, what: &'static str) -> Result<&'a [u8], Malformed> {
        let (head, rest) = self.rest.split_at_checked(bytes).ok_or(Malformed(what))?;
        self.rest = rest;
        Ok(head)
    }

    fn u32(&mut self, what: &'static str) -> Result<u32, Malformed> {
        let bytes = self.take(4, what)?;
        Ok(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }

    fn texts(&mut self, rows: usize) -> Result<Texts, Malformed> {
        let length = self.u32("text length")? as usize;
        let ends = self.take(rows.checked_mul(4).ok_or(Malformed("row count"))?, "text ends")?;
        let ends = ends.as_chunks().0.iter().map(|chunk| u32::from_le_bytes(*chunk)).collect();
        let text = std::str::from_utf8(self.take(length, "text")?).map_err(|_| Malformed("text"))?;
        Texts::from_parts(text.to_owned(), ends).ok_or(Malformed("text ends"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sample() -> Rows {
        let mut rows = Rows::with_attributes(1);
        for at in 1..=3_u64 {
            rows.row.push(at);
            rows.line.push(at + 1);
            rows.number.push(905301112230 + at);
            rows.msisdn.push(0);
            rows.permission.push(1 + (at % 2) as u8);
            rows.codes.push(at);
            for (texts, text) in rows.texts_mut_for_test().zip(["ğ", "", "+90", "1", "İzmir"]) {
                texts.push(text);
            }
        }
        rows
    }

    impl Rows {
        fn texts_mut_for_test(&mut self) -> impl Iterator<Item = &mut Texts> {
            [&mut self.exid, &mut self.email, &mut self.number_cell, &mut self.permission_cell]
                .into_iter()
                .chain(&mut self.attributes)
        }
    }

    #[test]
    fn rows_survive_the_border() {
        let mut bytes = Vec::new();
        encode(&sample(), &mut bytes);
        assert_eq!(decode(&bytes), Ok(sample()));
    }

    proptest! {
        #[test]
        fn damaged_bytes_never_panic(at in 0usize..400, value: u8, cut in 0usize..400) {
            let mut bytes = Vec::new();
            encode(&sample(), &mut bytes);
            let length = bytes.len();
            bytes[at % length] = value;
            let _ = decode(&bytes);
            let _ = decode(&bytes[..cut % length]);
        }
    }
}
