//! What PostgreSQL and the way to it say no with, told apart by what helps: trying again now, later, or something else.

use std::error::Error as _;

use postgres::Error;
use postgres::error::SqlState;

use crate::store::StoreError;

impl From<Error> for StoreError {
    fn from(error: Error) -> StoreError {
        let text = text(&error);
        match error.code() {
            Some(code) if is_busy(code) => StoreError::Busy(text),
            Some(code) if is_gone(code) => StoreError::Lost(text),
            Some(_) => StoreError::Postgres(text),
            // Whatever did not come from the server came from the way to it, or ended there.
            None if error.is_closed() || error.source().is_some_and(|cause| cause.is::<std::io::Error>()) => {
                StoreError::Lost(text)
            }
            None => StoreError::Postgres(text),
        }
    }
}

/// Somebody else is in the way, or too many are there.
fn is_busy(code: &SqlState) -> bool {
    [
        SqlState::LOCK_NOT_AVAILABLE,
        SqlState::T_R_SERIALIZATION_FAILURE,
        SqlState::T_R_DEADLOCK_DETECTED,
        SqlState::TOO_MANY_CONNECTIONS,
    ]
    .contains(code)
}

/// The server ends, starts, or serves writers no more: another connection may reach one that does.
fn is_gone(code: &SqlState) -> bool {
    const CONNECTION: &str = "08";
    [
        SqlState::ADMIN_SHUTDOWN,
        SqlState::CRASH_SHUTDOWN,
        SqlState::CANNOT_CONNECT_NOW,
        SqlState::READ_ONLY_SQL_TRANSACTION,
        SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
    ]
    .contains(code)
        || code.code().starts_with(CONNECTION)
}

/// What happened and why, on one line; the driver's own text is only what happened.
fn text(error: &Error) -> String {
    let Some(said) = error.as_db_error() else {
        let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
        return format!("{error}{cause}");
    };
    let detail = said.detail().map(|detail| format!(" ({detail})")).unwrap_or_default();
    format!("{}{detail}", said.message())
}
