//! What Meta says of a message that it took. A [`Courier`](crate::gateway::Courier) sends it, and never twice by itself: Meta has
//! no way to tell a repetition, and the person would get both.

use serde_json::Value;

use super::{text, unexpected};
use crate::gateway::outcome::Trouble;

/// Meta took a message. Whether it arrives, webhooks tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Its id, which webhooks name it by.
    pub id: String,
    /// `accepted`, or held or paused for the template's quality; older answers do not say.
    pub status: Option<String>,
    /// The number as WhatsApp has it, which may be another spelling.
    pub wa_id: Option<String>,
    /// The person's id, where the message went by that.
    pub user_id: Option<String>,
}

impl Sent {
    /// Out of Meta's answer.
    pub(in crate::gateway) fn read(body: &Value) -> Result<Sent, Trouble> {
        let sent = body.pointer("/messages/0").unwrap_or(&Value::Null);
        let contact = body.pointer("/contacts/0").unwrap_or(&Value::Null);
        Ok(Sent {
            id: text(sent, "id").ok_or_else(|| unexpected("about a message", body))?,
            status: text(sent, "message_status"),
            wa_id: text(contact, "wa_id"),
            user_id: text(contact, "user_id"),
        })
    }

    /// Whether Meta holds it until the template's quality is known.
    pub fn is_held(&self) -> bool {
        self.status.as_deref().is_some_and(|status| status != "accepted")
    }
}
