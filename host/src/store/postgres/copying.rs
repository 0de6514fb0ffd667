//! New rows in PostgreSQL's binary format, which is how many of them get there fastest.

use std::io::Write as _;

use super::pool::Session;
use crate::store::StoreError;

/// How it begins: no flags, no extension.
const HEADER: &[u8; 19] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
const END: [u8; 2] = (-1_i16).to_be_bytes();
/// The length of a value that is none.
const NULL: i32 = -1;

/// Rows on their way.
pub(in crate::store) struct Copying(Vec<u8>);

impl Copying {
    /// None yet.
    pub(in crate::store) fn new() -> Copying {
        Copying(HEADER.to_vec())
    }

    /// Begins a row of so many values.
    pub(in crate::store) fn row(&mut self, values: i16) {
        self.0.extend_from_slice(&values.to_be_bytes());
    }

    /// An integer.
    pub(in crate::store) fn int(&mut self, value: i64) {
        self.bytes(Some(&value.to_be_bytes()));
    }

    /// An integer, if there is one.
    pub(in crate::store) fn maybe(&mut self, value: Option<i64>) {
        self.bytes(value.map(i64::to_be_bytes).as_ref().map(<[u8; 8]>::as_slice));
    }

    /// Bytes or a text, if there are any.
    pub(in crate::store) fn bytes(&mut self, value: Option<&[u8]>) {
        let length = value.map_or(NULL, |value| value.len() as i32);
        self.0.extend_from_slice(&length.to_be_bytes());
        self.0.extend_from_slice(value.unwrap_or_default());
    }

    /// Adds the rows, which must be new, with a statement that names the columns.
    pub(in crate::store) fn send(
        mut self,
        session: &mut Session,
        sql: &'static str,
    ) -> Result<(), StoreError> {
        self.0.extend_from_slice(&END);
        let statement = session.statement(sql)?;
        let mut copying = session.client.copy_in(&statement)?;
        copying.write_all(&self.0).map_err(|cause| StoreError::Lost(cause.to_string()))?;
        copying.finish()?;
        Ok(())
    }
}
