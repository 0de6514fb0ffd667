//! Message templates: what Meta would refuse, what people will see, and what is sent.
//!
//! [`lint()`] looks at a template as it is created (or as Meta lists it), [`preview()`] draws it with values and builds
//! the request that sends it. Neither can fail: any JSON gives findings, and what is not known is shown and reported.
//! Nothing here talks to Meta, knows an account, or keeps a template: the document that came is the template.
//!
//! ```
//! use consentry_core::template::{Context, Template, lint};
//! let template = Template::parse(br#"{"name":"hello","language":"en","category":"UTILITY",
//!     "components":[{"type":"BODY","text":"Your order has shipped to {{1}}"}]}"#).unwrap();
//! let findings = lint(&template, &Context::default());
//! assert!(findings.iter().any(|finding| finding.code.id() == "variable-at-edge"));
//! ```

mod finding;
mod languages;
pub mod lint;
mod model;
mod names;
pub mod preview;
mod rule;
mod text;
mod variables;

pub use crate::json::Json;
pub use finding::{Edit, Finding};
pub use languages::{is_known as is_language, is_right_to_left};
pub use lint::{Context, Existing, lint};
pub(crate) use lint::{SPACES_MAX, URL_CHARS_MAX};
pub(crate) use model::parse;
pub use model::{
    Button, ButtonKind, Card, Category, Component, ComponentKind, Format, HeaderKind, Template, Unreadable,
    View,
};
pub use preview::{Preview, Request, preview};
pub use rule::{Code, RULES, Rule, Scope};
