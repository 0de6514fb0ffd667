//! The browser's door: a push checker whose reports are plain JavaScript objects.

use consentry_core::consent::{self, Emit};
use consentry_core::wire::v1;
use serde::{Deserialize as _, Serialize};
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;

use crate::plain::Plain;

/// Judges one consent file, chunk by chunk.
#[wasm_bindgen]
pub struct Checker {
    checker: consent::Checker,
}

#[wasm_bindgen]
impl Checker {
    /// `options` is an options document; `emit.rejects` asks for the error file, `emit.verdicts` for every row's verdict. Throws `{code, option, message}`.
    #[wasm_bindgen(constructor)]
    pub fn new(options: JsValue, emit: &JsValue) -> Result<Checker, JsValue> {
        let options: v1::Options = if options.is_undefined() || options.is_null() {
            v1::Options::default()
        } else {
            v1::Options::deserialize(Plain(options)).map_err(|error| {
                thrown(&v1::Failure {
                    code: "options-unreadable".into(),
                    option: String::new(),
                    message: format!("the options cannot be read: {error}"),
                })
            })?
        };
        let options = options.build().map_err(|failure| thrown(&failure))?;
        let asked =
            |name: &str| js_sys::Reflect::get(emit, &name.into()).is_ok_and(|value| value.is_truthy());
        let mut checker =
            consent::Checker::new(options, Emit { rejects: asked("rejects"), ..Emit::default() });
        if asked("verdicts") {
            checker.keep_verdicts();
        }
        Ok(Checker { checker })
    }

    /// Takes the next bytes of the file.
    pub fn feed(&mut self, chunk: &[u8]) {
        self.checker.feed(chunk);
    }

    /// Row counts so far.
    pub fn progress(&self) -> Result<JsValue, JsValue> {
        plain(&v1::Counts::from(&self.checker.progress().counts))
    }

    /// The diagnostics kept so far, from the one at `from` on.
    pub fn diagnostics(&self, from: usize) -> Result<JsValue, JsValue> {
        let kept = self.checker.diagnostics().iter().skip(from).map(v1::Diagnostic::from);
        plain(&kept.collect::<Vec<_>>())
    }

    /// CSV of the rows rejected since the last call.
    #[wasm_bindgen(js_name = takeRejects)]
    pub fn take_rejects(&mut self) -> Vec<u8> {
        self.checker.take_rejects()
    }

    /// The verdicts since the last call, eight bytes a row; see `consentry_core::consent::Checker::take_verdicts`.
    #[wasm_bindgen(js_name = takeVerdicts)]
    pub fn take_verdicts(&mut self) -> Vec<u8> {
        self.checker.take_verdicts()
    }

    /// Ends the file and gives the report.
    pub fn finish(&mut self) -> Result<JsValue, JsValue> {
        plain(&v1::Report::from(&self.checker.finish()))
    }
}

/// Every rule: `{code, severity, what, why, cure}`.
#[wasm_bindgen]
pub fn rules() -> Result<JsValue, JsValue> {
    plain(&v1::rules())
}

/// `{version, number_metadata}` of this engine.
#[wasm_bindgen]
pub fn version() -> Result<JsValue, JsValue> {
    plain(&v1::Engine::this())
}

fn plain(value: &impl Serialize) -> Result<JsValue, JsValue> {
    // Maps become objects, not Map, so that a report is what JSON.parse would have given.
    Ok(value.serialize(&Serializer::new().serialize_maps_as_objects(true))?)
}

fn thrown(failure: &v1::Failure) -> JsValue {
    plain(failure).unwrap_or_else(|_| JsValue::from_str(&failure.message))
}
