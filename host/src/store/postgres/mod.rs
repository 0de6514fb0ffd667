//! The store for many hosts: one PostgreSQL database, packed by [`super::packed`]. Here is only what PostgreSQL has to be
//! told: how connections are kept, how transactions lock, how statements are run, and where blocks and the holders of
//! numbers lie. No statement needs more of the database than Citus and YugabyteDB have as well.
//!
//! Everything blocks on a runtime of the connection's own, so no call may come from a thread that runs async code.

mod copying;
mod pool;
mod schema;
mod sql;
mod tls;
mod trouble;

use super::StoreError;
use super::packed::Packed;
use super::sqlite::temporary;

pub(in crate::store) use copying::Copying;
pub use pool::Pool;
pub(in crate::store) use pool::Transaction;

/// A store that several hosts share.
pub type PostgresStore = Packed<Pool>;

impl Packed<Pool> {
    /// Connects to the database that `url` names, and brings it to the known schema. Takes what libpq takes:
    /// `postgresql://user@host/database`, or `host=… dbname=…`.
    pub fn connect(url: &str) -> Result<PostgresStore, StoreError> {
        // A trial stays on the host that runs it.
        Ok(Packed::new(connected(url)?, temporary))
    }
}

/// Connections to the database that `url` names, which has the known schema then.
pub(in crate::store) fn connected(url: &str) -> Result<Pool, StoreError> {
    let pool = Pool::open(url)?;
    schema::migrate(&pool)?;
    Ok(pool)
}
