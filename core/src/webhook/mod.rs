//! What Meta tells by itself: the bytes of a webhook → events.
//!
//! [`signature::verify`] says whether the bytes are Meta's, before anybody looks into them; [`read()`] splits them into
//! events and hears in them what people say about being written to. Reading cannot fail: whatever is not known, or not in
//! the shape it should have, is an event of its own that keeps what came, because whoever refuses it is sent it for ever.
//! Nothing here keeps events, knows an account or a clock.
//!
//! ```
//! use consentry_core::webhook::{Kind, Options, read};
//! let body = r#"{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":
//!     {"messages":[{"from":"905301112233","id":"wamid.A","timestamp":"1776092000","type":"text","text":{"body":"DUR!"}}]}}]}]}"#;
//! let heard = read(body.as_bytes(), &Options::default());
//! let kinds: Vec<&str> = heard.events.iter().map(|event| event.kind.id()).collect();
//! assert_eq!(kinds, ["message", "opt_out"]);
//! ```

mod change;
mod event;
mod finding;
mod fold;
mod identity;
mod payload;
mod person;
pub mod signature;
mod words;

pub use event::{Event, Heard, Kind, Lane, Message, Moved, Pricing, Sign, Status, StatusError};
pub use finding::{Code, Finding, RULES, Rule};
pub use payload::read;
pub use person::Person;
pub use words::{Meaning, Options, Words, meaning};
