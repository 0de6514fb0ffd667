//! Connections, and the transactions on them: a few are kept open between transactions, and one that broke is not used
//! again. Who writes for a tenant holds the tenant's row, and takes it before anything else: so writers wait in one line,
//! and none can wait for another that waits for it. Readers see one moment and wait for nobody.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use postgres::{Client, Config, NoTls, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::store::packed::make_tenant;
use crate::store::packed::sql::{Database, Sql, Writing, values};
use crate::store::{Claim, StoreError, TenantId};

use super::tls;

/// Connections kept open between transactions.
const IDLE_MAX: usize = 8;
/// How long to wait for a server that does not answer at all.
const CONNECT_WAIT: Duration = Duration::from_secs(10);
/// Silence on a connection after which the other side is asked whether it is still there.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(60);

/// The planner is kept to one plan: go through the keys, and find each by its index. It would rather read whole tables
/// when it guesses wrongly how many keys there are, and its guess is all it has.
macro_rules! begin {
    ($mode:literal, $settings:literal) => {
        concat!(
            "BEGIN ISOLATION LEVEL ",
            $mode,
            "; SET LOCAL jit = off; SET LOCAL plan_cache_mode = force_generic_plan;
            SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off;
            SET LOCAL enable_bitmapscan = off; SET LOCAL enable_seqscan = off;",
            $settings
        )
    };
}

/// One snapshot for everything that is read.
const BEGIN_READING: &str = begin!("REPEATABLE READ READ ONLY", "");
/// Half a minute for those who wrote before, and no more than a minute of silence from whoever holds a tenant: after that
/// it is presumed dead, and the next one in line goes on.
const BEGIN_WRITING: &str = begin!(
    "READ COMMITTED READ WRITE",
    "SET LOCAL lock_timeout = '30s'; SET LOCAL idle_in_transaction_session_timeout = '60s'"
);

/// Short transactions of those who are waited for: better that a webhook comes again than that it waits long.
const BEGIN_SHORT: &str = begin!(
    "READ COMMITTED READ WRITE",
    "SET LOCAL lock_timeout = '5s'; SET LOCAL idle_in_transaction_session_timeout = '10s'"
);

/// The connections to one database.
pub struct Pool {
    config: Config,
    tls: Option<MakeRustlsConnect>,
    idle: Mutex<Vec<Session>>,
}

impl Pool {
    /// Nothing is connected yet.
    pub(super) fn open(url: &str) -> Result<Pool, StoreError> {
        let (config, tls) = tls::of_url(url)?;
        Ok(Pool { config: completed(config), tls, idle: Mutex::default() })
    }

    /// A connection that is none of the pool's.
    pub(super) fn client(&self) -> Result<Client, StoreError> {
        Ok(match &self.tls {
            Some(tls) => self.config.connect(tls.clone())?,
            None => self.config.connect(NoTls)?,
        })
    }

    /// Begins to write what no tenant's row stands for.
    pub(in crate::store) fn begin_short(&self) -> Result<Transaction<'_>, StoreError> {
        self.begin(BEGIN_SHORT)
    }

    fn begin(&self, begin: &str) -> Result<Transaction<'_>, StoreError> {
        let begun = |session| Transaction { pool: self, session: RefCell::new(Some(session)) };
        while let Some(mut session) = self.rested() {
            match session.client.batch_execute(begin).map_err(StoreError::from) {
                Ok(()) => return Ok(begun(session)),
                // It broke while nobody used it, and so have others perhaps. Nothing was under way on it.
                Err(StoreError::Lost(_)) => {}
                Err(other) => return Err(other),
            }
        }
        let mut session = Session { client: self.client()?, statements: HashMap::new() };
        session.client.batch_execute(begin)?;
        Ok(begun(session))
    }

    fn rested(&self) -> Option<Session> {
        self.idle().pop()
    }

    fn rest(&self, session: Session) {
        let mut idle = self.idle();
        if idle.len() < IDLE_MAX {
            idle.push(session);
        }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Session>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        // Each connection has a runtime, which panics when it ends on a thread that runs async code.
        let idle = std::mem::take(&mut *self.idle());
        let _ = std::thread::spawn(move || drop(idle)).join();
    }
}

impl Database for Pool {
    fn read(&self) -> Result<Box<dyn Sql + '_>, StoreError> {
        Ok(Box::new(self.begin(BEGIN_READING)?))
    }

    fn write(&self, tenant: TenantId) -> Result<Box<dyn Writing + '_>, StoreError> {
        let transaction = self.begin(BEGIN_WRITING)?;
        // Who is the first to write for a tenant makes the row there is to lock, or waits for the one who does.
        if !lock(&transaction, tenant)? {
            make_tenant(&transaction, tenant)?;
            if !lock(&transaction, tenant)? {
                return Err(StoreError::Damaged("the tenant's row vanished".to_owned()));
            }
        }
        Ok(Box::new(transaction))
    }

    fn is_shared(&self) -> bool {
        true
    }

    /// A lock of the session: it ends with the connection, so a host that dies gives it up without being asked. A host
    /// that only cannot be reached may keep working on what another has taken over; commits keep them apart.
    fn claim(&self, tenant: TenantId) -> Result<Option<Claim<'_>>, StoreError> {
        let mut client = self.client()?;
        let key = CLAIMS << 32 | i64::from(tenant.0);
        let held: bool = client.query_one("SELECT pg_try_advisory_lock($1)", &[&key])?.try_get(0)?;
        if held {
            return Ok(Some(Box::new(Held(Some(client)))));
        }
        end(client);
        Ok(None)
    }
}

/// First half of the numbers of our locks, so that they are nobody else's in the same database.
const CLAIMS: i64 = 0x436f_6e73;

/// A claim, which ends with its connection.
struct Held(Option<Client>);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.take().into_iter().for_each(end);
    }
}

/// Ends a connection. It has a runtime, which panics when it ends on a thread that runs async code.
fn end(client: Client) {
    let _ = std::thread::spawn(move || drop(client)).join();
}

/// Waits until nobody else writes for the tenant; false when there is no such tenant.
fn lock(sql: &dyn Sql, tenant: TenantId) -> Result<bool, StoreError> {
    const LOCK: &str = "SELECT tenant_id FROM tenant WHERE tenant_id = ?1 FOR UPDATE";
    Ok(sql.one(LOCK, values![tenant], |row| row.i64(0))?.is_some())
}

/// A connection and what it has prepared.
pub(in crate::store) struct Session {
    pub(in crate::store) client: Client,
    statements: HashMap<&'static str, Statement>,
}

impl Session {
    /// Prepares a statement, once for each connection.
    pub(in crate::store) fn statement(&mut self, sql: &'static str) -> Result<Statement, StoreError> {
        if let Some(known) = self.statements.get(sql) {
            return Ok(known.clone());
        }
        // Values are all that a question mark stands for in our statements.
        let statement = self.client.prepare(&sql.replace('?', "$"))?;
        self.statements.insert(sql, statement.clone());
        Ok(statement)
    }
}

/// A transaction. What is not committed is rolled back when it is dropped.
pub(in crate::store) struct Transaction<'a> {
    pool: &'a Pool,
    /// None once anything failed: a transaction that goes on without one of its statements is not the one that was meant.
    session: RefCell<Option<Session>>,
}

impl Transaction<'_> {
    /// Runs something on the connection, which is given up when it fails.
    pub(in crate::store) fn run<T>(
        &self,
        run: impl FnOnce(&mut Session) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut session = self.session.borrow_mut();
        let using = session.as_mut().ok_or_else(|| {
            StoreError::Postgres("the transaction ended with an earlier failure".to_owned())
        })?;
        let done = run(using);
        if done.is_err() {
            *session = None;
        }
        done
    }
}

impl Writing for Transaction<'_> {
    fn as_sql(&self) -> &dyn Sql {
        self
    }

    fn commit(self: Box<Self>) -> Result<(), StoreError> {
        self.run(|session| Ok(session.client.batch_execute("COMMIT")?))?;
        if let Some(session) = self.session.take() {
            self.pool.rest(session);
        }
        Ok(())
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        if let Some(mut session) = self.session.take()
            && session.client.batch_execute("ROLLBACK").is_ok()
        {
            self.pool.rest(session);
        }
    }
}

/// What nobody has said about the connection.
fn completed(mut config: Config) -> Config {
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT_WAIT);
    }
    if config.get_application_name().is_none() {
        config.application_name("consentry");
    }
    config.keepalives_idle(KEEPALIVE_IDLE);
    config
}
