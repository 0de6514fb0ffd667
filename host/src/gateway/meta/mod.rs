//! The calls, a file for each group. What Meta answers is handed on as it came where it is a document of Meta's, and read
//! into a few fields where we need no more.

pub mod accounts;
pub mod media;
pub mod messages;
pub mod templates;
pub mod tokens;

use serde_json::Value;

use super::graph::{Call, Graph};
use super::outcome::{Answered, Trouble};
use consentry_core::campaign::errors::Action;

/// Most pages of one list: what goes on after that goes in circles.
const PAGES_MAX: usize = 1000;
/// How often a list is begun anew when Meta no longer knows the place.
const RESTARTS_MAX: usize = 2;

impl Graph {
    /// All pages of a list, in one go.
    async fn all_pages(&self, call: &Call) -> Result<Vec<Value>, Trouble> {
        let (mut items, mut after, mut restarts) = (Vec::new(), None::<String>, 0);
        for _ in 0..PAGES_MAX {
            let mut page = call.clone();
            if let Some(after) = &after {
                page = page.with("after", after);
            }
            let body = match self.call(page).await {
                Ok(answered) => answered.body,
                Err(trouble) if trouble.action() == Action::Restart && restarts < RESTARTS_MAX => {
                    restarts += 1;
                    (items, after) = (Vec::new(), None);
                    continue;
                }
                Err(trouble) => return Err(trouble),
            };
            let Some(data) = body.get("data").and_then(Value::as_array) else {
                return Err(unexpected("a list", &body));
            };
            items.extend(data.iter().cloned());
            // The address of the next page is Meta's, with the token in it; its cursor is all that is taken from it.
            let more = body.pointer("/paging/next").is_some_and(|next| !next.is_null());
            let next = body.pointer("/paging/cursors/after").and_then(Value::as_str).map(str::to_owned);
            match next.filter(|_| more) {
                Some(next) if after.as_ref() != Some(&next) => after = Some(next),
                _ => return Ok(items),
            }
        }
        Err(Trouble::Unknown(format!("a list of Meta's has no end after {PAGES_MAX} pages"), None))
    }

    /// A request that Meta answers with `{"success": true}`.
    async fn done(&self, call: Call) -> Result<(), Trouble> {
        let Answered { body, .. } = self.call(call).await?;
        match body.get("success").and_then(Value::as_bool) {
            Some(false) => Err(Trouble::Unknown("Meta answered that it did not succeed".to_owned(), None)),
            _ => Ok(()),
        }
    }
}

/// Meta said yes with something else than it should have.
fn unexpected(what: &str, body: &Value) -> Trouble {
    let names: Vec<&str> =
        body.as_object().into_iter().flat_map(|body| body.keys().map(String::as_str)).collect();
    let names = consentry_core::diagnostic::clip(&names.join(", "));
    Trouble::Unknown(format!("Meta's answer is not {what}: it has `{names}`"), None)
}

/// A text or a number as text: Meta's ids are both.
pub(crate) fn text(of: &Value, name: &str) -> Option<String> {
    match of.get(name)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
