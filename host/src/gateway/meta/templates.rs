//! Message templates: list, one, create, edit, delete. Templates are Meta's documents and stay as they came.

use serde_json::{Value, json};

use super::{text, unexpected};
use crate::gateway::graph::{Call, Graph};
use crate::gateway::outcome::Trouble;

/// Templates on a page.
const PAGE: usize = 100;
/// All that can be asked of a template; Meta leaves most of it out otherwise.
const FIELDS: &str = "id,name,language,status,category,sub_category,previous_category,correct_category,parameter_format,\
    components,quality_score,rejected_reason,message_send_ttl_seconds,library_template_name,\
    cta_url_link_tracking_opted_out";

/// A template that Meta took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Created {
    /// Its id.
    pub id: String,
    /// Where it stands; in review, as a rule.
    pub status: String,
    /// Its category, which may be another one than was asked for.
    pub category: Option<String>,
}

impl Graph {
    /// Every template of an account.
    pub async fn templates(&self, waba: &str) -> Result<Vec<Value>, Trouble> {
        let call =
            Call::get(&[waba, "message_templates"]).with("fields", FIELDS).with("limit", PAGE.to_string());
        self.all_pages(&call.counting_for(waba)).await
    }

    /// One template.
    pub async fn template(&self, waba: &str, id: &str) -> Result<Value, Trouble> {
        Ok(self.call(Call::get(&[id]).with("fields", FIELDS).counting_for(waba)).await?.body)
    }

    /// Submits a new template for review.
    pub async fn create_template(&self, waba: &str, template: Value) -> Result<Created, Trouble> {
        let call = Call::post(&[waba, "message_templates"]).json(template).counting_for(waba);
        created(&self.call(call).await?.body)
    }

    /// Changes a template; its parts are replaced as a whole. Name and language never change, and Meta refuses them here.
    pub async fn edit_template(&self, waba: &str, id: &str, template: &Value) -> Result<(), Trouble> {
        let mut change = template.clone();
        if let Some(fields) = change.as_object_mut() {
            fields.retain(|name, _| !matches!(name.as_str(), "name" | "language" | "id" | "status"));
        }
        self.done(Call::post(&[id]).json(change).counting_for(waba)).await
    }

    /// Deletes a template in every language, or in the one whose id is named.
    pub async fn delete_template(&self, waba: &str, name: &str, id: Option<&str>) -> Result<(), Trouble> {
        let mut call = Call::delete(&[waba, "message_templates"]);
        if let Some(id) = id {
            call = call.with("hsm_id", id);
        }
        self.done(call.with("name", name).counting_for(waba)).await
    }

    /// Creates or updates an authentication template in several languages at once.
    pub async fn upsert_templates(&self, waba: &str, template: Value) -> Result<Vec<Created>, Trouble> {
        let call = Call::post(&[waba, "upsert_message_templates"]).json(template).counting_for(waba);
        let body = self.call(call).await?.body;
        let Some(data) = body.get("data").and_then(Value::as_array) else {
            return Err(unexpected("a list of templates", &body));
        };
        data.iter().map(created).collect()
    }

    /// Ends a pause that Meta put on a template.
    pub async fn unpause_template(&self, waba: &str, id: &str) -> Result<(), Trouble> {
        self.done(Call::post(&[id, "unpause"]).json(json!({})).counting_for(waba)).await
    }
}

fn created(body: &Value) -> Result<Created, Trouble> {
    let id = text(body, "id").ok_or_else(|| unexpected("a template", body))?;
    let status = text(body, "status").unwrap_or_else(|| "PENDING".to_owned());
    Ok(Created { id, status, category: text(body, "category") })
}
