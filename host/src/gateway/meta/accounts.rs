//! WhatsApp Business accounts and their numbers: what there is, how it is, and the two things that connecting changes:
//! webhooks are subscribed to, and a number is registered.

use serde_json::{Value, json};

use super::{text, unexpected};
use crate::gateway::graph::{Call, Graph};
use crate::gateway::outcome::Trouble;
use crate::secret::Secret;

const ACCOUNT_FIELDS: &str = "id,name,timezone_id,message_template_namespace,account_review_status,\
    business_verification_status,country";
const NUMBER_FIELDS: &str = "id,display_phone_number,verified_name,name_status,quality_rating,status,throughput,\
    code_verification_status,account_mode,platform_type,whatsapp_business_manager_messaging_limit,webhook_configuration";
/// What Meta is to tell of by itself. People's messages are not among them as long as nobody takes them in.
const WEBHOOK_FIELDS: &str = "messages,user_preferences,message_template_status_update,message_template_quality_update,\
    message_template_components_update,template_category_update,account_update,phone_number_quality_update";
const PAGE: &str = "100";

/// An account, in short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waba {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
}

impl Graph {
    /// One account.
    pub async fn waba(&self, waba: &str) -> Result<Waba, Trouble> {
        let body =
            self.call(Call::get(&[waba]).with("fields", ACCOUNT_FIELDS).counting_for(waba)).await?.body;
        read_waba(&body).ok_or_else(|| unexpected("an account", &body))
    }

    /// Accounts that a business owns.
    pub async fn owned_wabas(&self, business: &str) -> Result<Vec<Waba>, Trouble> {
        let call = Call::get(&[business, "owned_whatsapp_business_accounts"]).with("limit", PAGE);
        Ok(self.all_pages(&call).await?.iter().filter_map(read_waba).collect())
    }

    /// Businesses whose person or system user the token is.
    pub async fn businesses(&self) -> Result<Vec<String>, Trouble> {
        let found = self.all_pages(&Call::get(&["me", "businesses"]).with("limit", PAGE)).await?;
        Ok(found.iter().filter_map(|business| text(business, "id")).collect())
    }

    /// The numbers of an account, as Meta describes them.
    pub async fn phone_numbers(&self, waba: &str) -> Result<Vec<Value>, Trouble> {
        let call = Call::get(&[waba, "phone_numbers"]).with("fields", NUMBER_FIELDS).with("limit", PAGE);
        self.all_pages(&call.counting_for(waba)).await
    }

    /// Whether an account, a number or a template can send, and what is in the way: `health_status` as Meta has it.
    pub async fn health(&self, waba: &str, node: &str) -> Result<Value, Trouble> {
        let call = Call::get(&[node]).with("fields", "health_status").counting_for(waba);
        let body = self.call(call).await?.body;
        body.get("health_status").cloned().ok_or_else(|| unexpected("about the health of anything", &body))
    }

    /// The ids of the apps that get the account's webhooks.
    pub async fn subscribed_apps(&self, waba: &str) -> Result<Vec<String>, Trouble> {
        let call = Call::get(&[waba, "subscribed_apps"]).counting_for(waba);
        let apps = self.all_pages(&call).await?;
        let id = |app: &Value| text(app.get("whatsapp_business_api_data").unwrap_or(app), "id");
        Ok(apps.iter().filter_map(id).collect())
    }

    /// Has the account's webhooks sent to the token's app.
    pub async fn subscribe_app(&self, waba: &str) -> Result<(), Trouble> {
        self.done(Call::post(&[waba, "subscribed_apps"]).json(json!({})).counting_for(waba)).await
    }

    /// Has the app's webhooks sent to an address, which Meta asks at once for the verify token. Only the app itself may do
    /// that.
    pub async fn subscribe_webhooks(
        &self,
        app: &str,
        app_secret: &Secret,
        callback: &str,
        verify_token: &str,
    ) -> Result<(), Trouble> {
        let body = json!({
            "object": "whatsapp_business_account",
            "callback_url": callback,
            "verify_token": verify_token,
            "fields": WEBHOOK_FIELDS,
        });
        self.as_app(app, app_secret).done(Call::post(&[app, "subscriptions"]).json(body)).await
    }

    /// Registers a number, which sets its PIN of six digits. Ten times in three days are allowed.
    pub async fn register(&self, waba: &str, number: &str, pin: &str) -> Result<(), Trouble> {
        let body = json!({"messaging_product": "whatsapp", "pin": pin});
        self.done(Call::post(&[number, "register"]).json(body).counting_for(waba)).await
    }
}

fn read_waba(body: &Value) -> Option<Waba> {
    Some(Waba { id: text(body, "id")?, name: text(body, "name").unwrap_or_default() })
}
