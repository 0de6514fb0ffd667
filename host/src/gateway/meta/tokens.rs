//! Tokens: what one is good for, and the exchange of a sign-up code for one.

use consentry_core::time::UnixMs;
use serde_json::Value;

use super::{text, unexpected};
use crate::gateway::graph::{Call, Graph};
use crate::gateway::outcome::Trouble;
use crate::secret::Secret;

/// What Meta says of a token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenFacts {
    /// Whether it can be used.
    pub is_valid: bool,
    /// The app it was made with.
    pub app_id: Option<String>,
    /// That app's name.
    pub application: Option<String>,
    /// Whose it is: `SYSTEM_USER`, `USER`, …
    pub kind: Option<String>,
    /// When it ends; none when it does not.
    pub expires_at: Option<UnixMs>,
    /// What it may do.
    pub scopes: Vec<String>,
    /// Accounts that one of its rights is limited to.
    pub accounts: Vec<String>,
}

impl Graph {
    /// What this token is good for. With the app's id and secret the app itself asks, which Meta always answers.
    pub async fn debug_token(&self, app: Option<(&str, &Secret)>) -> Result<TokenFacts, Trouble> {
        let asking = app.map_or_else(|| self.clone(), |(id, secret)| self.as_app(id, secret));
        let call = Call::get(&["debug_token"]).with("input_token", self.token().reveal());
        let body = asking.call(call).await?.body;
        let Some(data) = body.get("data").filter(|data| data.is_object()) else {
            return Err(unexpected("about a token", &body));
        };
        let texts = |value: Option<&Value>| -> Vec<String> {
            let items = value.and_then(Value::as_array).into_iter().flatten();
            items.filter_map(|item| Some(item.as_str()?.to_owned())).collect()
        };
        let granular = data.get("granular_scopes").and_then(Value::as_array);
        let of_management = granular.into_iter().flatten().filter(|scope| {
            scope.get("scope").and_then(Value::as_str) == Some("whatsapp_business_management")
        });
        Ok(TokenFacts {
            is_valid: data.get("is_valid").and_then(Value::as_bool).unwrap_or_default(),
            app_id: text(data, "app_id"),
            application: text(data, "application"),
            kind: text(data, "type"),
            // Zero stands for never.
            expires_at: data
                .get("expires_at")
                .and_then(Value::as_i64)
                .filter(|at| *at > 0)
                .map(|at| UnixMs(at.saturating_mul(1000))),
            scopes: texts(data.get("scopes")),
            accounts: of_management.flat_map(|scope| texts(scope.get("target_ids"))).collect(),
        })
    }

    /// Exchanges the code that a sign-up gave the page for the customer's token. A code lasts half a minute and is good once; where
    /// a dialog sent it to an address, that one has to be named.
    pub async fn exchange_code(
        &self,
        app_id: &str,
        app_secret: &Secret,
        code: &str,
        redirect_uri: Option<&str>,
    ) -> Result<Secret, Trouble> {
        let mut call = Call::get(&["oauth", "access_token"])
            .with("client_id", app_id)
            .with("client_secret", app_secret.reveal())
            .with("code", code);
        if let Some(address) = redirect_uri {
            call = call.with("redirect_uri", address);
        }
        let body = self.as_app(app_id, app_secret).call_unrepeated(call).await?.body;
        let token = body.get("access_token").and_then(Value::as_str).filter(|token| !token.is_empty());
        token.map(Secret::new).ok_or_else(|| unexpected("a token", &body))
    }
}
