//! The JavaScript side of the three wasm-bindgen modules, written by the library that also writes the command-line
//! tool's output.

use std::fs;
use std::path::Path;

use wasm_bindgen_cli_support::Bindgen;

use crate::run::{Outcome, Trouble, file_trouble};
use crate::stamp;

/// For pages, web workers and Node.js: an ES module with `init()`, and its TypeScript declarations.
pub(crate) fn for_the_web(wasm: &Path, name: &str, folder: &Path) -> Outcome {
    let mut bindgen = bindgen(wasm, name);
    // `init()` without arguments finds the .wasm beside the module, as bundlers understand it.
    bindgen
        .web(true)
        .and_then(|bindgen| bindgen.typescript(true).omit_default_module_path(false).generate(folder))
        .map_err(trouble)
}

/// For Cloudflare: an ES module that imports its `.wasm` ready-compiled, and can start over after a trap.
pub(crate) fn for_the_edge(wasm: &Path, folder: &Path) -> Outcome {
    let mut bindgen = bindgen(wasm, "index");
    bindgen
        .module(true)
        .and_then(|bindgen| {
            bindgen.reset_state_function(true).force_enable_abort_handler(true).generate(folder)
        })
        .map_err(trouble)?;
    // Cloudflare's runtime gives a compiled module for a plain import of a .wasm file and does not know the
    // `import source` form, which means the same and is what wasm-bindgen writes.
    let glue = folder.join("index.js");
    let text = fs::read_to_string(&glue).map_err(file_trouble(&glue))?;
    stamp::write(&glue, text.replace("import source ", "import ").as_bytes())
}

fn bindgen(wasm: &Path, name: &str) -> Bindgen {
    let mut bindgen = Bindgen::new();
    bindgen.input_path(wasm).out_name(name).remove_name_section(true).remove_producers_section(true);
    bindgen
}

fn trouble(error: impl std::fmt::Display) -> Trouble {
    Trouble::new(
        format!("wasm-bindgen: {error:#}"),
        "this is most often two versions of wasm-bindgen: the one in Cargo.lock and `wasm-bindgen-cli-support` in \
         xtask/Cargo.toml must be the same.",
    )
}
