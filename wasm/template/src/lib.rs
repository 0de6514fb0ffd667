//! Carries lint and preview into pages. Decides nothing: JSON goes in, JSON comes out, the same bytes as everywhere else.
//!
//! It is a module apart from the engine that judges files, compiled to be small: nobody downloads it who only brings a
//! list, and a template is judged in less time than a frame all the same.

use consentry_core::wire::template::v1;
use wasm_bindgen::prelude::*;

/// What is wrong with a template.
#[wasm_bindgen]
pub fn lint(document: &str) -> String {
    v1::lint(document.as_bytes())
}

/// A template as a person sees it, and as it is sent.
#[wasm_bindgen]
pub fn preview(request: &str) -> String {
    v1::preview(request.as_bytes())
}

/// Both at once, of a template that is read once: `{lint, preview}`.
#[wasm_bindgen]
pub fn judge(request: &str) -> String {
    v1::judge(request.as_bytes())
}

/// Every rule about templates: `[{code, severity, what, why, cure}]`.
#[wasm_bindgen]
pub fn rules() -> String {
    v1::rules_text()
}
