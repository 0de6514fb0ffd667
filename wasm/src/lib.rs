//! Carries the core to places that speak WebAssembly. Decides nothing: each door only moves bytes.
//!
//! * `browser`: a wasm-bindgen module, the engine inside the npm package `consentry`.
//! * `plugin`: a raw ABI with an empty import list, for wasmtime on the host.
#[cfg(feature = "browser")]
pub mod browser;
#[cfg(feature = "browser")]
mod plain;
#[cfg(feature = "plugin")]
mod plugin;
