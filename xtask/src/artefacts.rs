//! Builds what is shipped, each from what it is made of:
//! `plugin.wasm` and the npm package from core, the panel from the npm package, the binary from all of them.

use std::fs;
use std::path::{Path, PathBuf};

use crate::run::{Outcome, file_trouble, run, step};
use crate::setup::Ready;
use crate::wasm_target::TARGET;
use crate::{bindgen, size, stamp, tree};

const RUST_CURE: &str = "read the first error of the compiler above. When it is about a missing system library or linker, \
                         install a C compiler (Debian: `apt-get install build-essential`).";
const JS_CURE: &str =
    "read the first error above. When it is about a missing package, run `cargo xtask setup`.";

/// Everything that `consentry serve` needs.
pub(crate) fn build(ready: &Ready) -> Outcome {
    step("plugin.wasm", "1 to 3 minutes the first time", || plugin(ready))?;
    step("npm package", "1 minute the first time", || {
        browser_engine(ready)?;
        npm_package()
    })?;
    step("panel", "a few seconds when something changed", panel)?;
    step("target/release/consentry", "5 to 10 minutes the first time", || {
        let mut cargo = tree::cargo();
        run(cargo.args(["build", "--release", "--package", "consentry-host"]), RUST_CURE)
    })?;
    size::print()
}

/// The worker for Cloudflare: `edge-worker/dist/index.js` and `index_bg.wasm`.
pub(crate) fn edge_worker(ready: &Ready) -> Outcome {
    step("edge worker", "1 minute the first time", || {
        let wasm = compile_as(ready, "consentry-edge-worker", None, "wasm-small")?;
        let folder = tree::root().join("edge-worker");
        let (engine, dist) = (folder.join("dist/engine"), folder.join("dist"));
        let inputs = [wasm.clone(), folder.join("js"), tree::root().join("package-lock.json")];
        let outputs = [dist.join("index.js"), dist.join("index_bg.wasm")];
        stamp::unless_done("edge-worker", &inputs, &outputs, || {
            bindgen::for_the_edge(&wasm, &engine)?;
            let mut esbuild = tree::npm_program(&folder, "esbuild")?;
            esbuild.args([
                "js/entry.js",
                "--bundle",
                "--format=esm",
                "--target=es2022",
                "--log-level=warning",
            ]);
            esbuild.args(["--external:cloudflare:*", "--external:*.wasm", "--outfile=dist/index.js"]);
            run(&mut esbuild, JS_CURE)?;
            copy_changed(&engine.join("index_bg.wasm"), &outputs[1])
        })?;
        Ok(())
    })
}

fn plugin(ready: &Ready) -> Outcome {
    let wasm = compile(ready, "consentry-wasm", Some("plugin"))?;
    copy_changed(&wasm, &tree::own().join("plugin.wasm"))
}

fn browser_engine(ready: &Ready) -> Outcome {
    let wasm = compile(ready, "consentry-wasm", Some("browser"))?;
    for_the_web(&wasm, "consentry")?;
    let wasm = compile(ready, "consentry-wasm-unpack", None)?;
    for_the_web(&wasm, "unpack")?;
    let wasm = compile_as(ready, "consentry-wasm-template", None, "wasm-small")?;
    for_the_web(&wasm, "template")
}

/// A module that pages load, with its JavaScript, under this name.
fn for_the_web(wasm: &Path, name: &str) -> Outcome {
    let folder = tree::root().join("wasm/dist/engine");
    let outputs = [".js", ".d.ts", "_bg.wasm"].map(|ending| folder.join(format!("{name}{ending}")));
    stamp::unless_done(&format!("browser-{name}"), &[wasm.to_owned()], &outputs, || {
        bindgen::for_the_web(wasm, name, &folder)
    })?;
    Ok(())
}

fn npm_package() -> Outcome {
    let root = tree::root();
    let inputs = [
        "wasm/js",
        "wasm/tsconfig.json",
        "wasm/package.json",
        "wasm/dist/engine/consentry.d.ts",
        "wasm/dist/engine/unpack.d.ts",
        "wasm/dist/engine/template.d.ts",
        "package-lock.json",
    ];
    let outputs = ["wasm/dist/index.js", "wasm/dist/index.d.ts"];
    stamp::unless_done(
        "npm-package",
        &inputs.map(|path| root.join(path)),
        &outputs.map(|path| root.join(path)),
        || run(tree::npm_program(&root.join("wasm"), "tsc")?.args(["--project", "tsconfig.json"]), JS_CURE),
    )?;
    Ok(())
}

fn panel() -> Outcome {
    let root = tree::root();
    let inputs =
        ["wasm/panel", "wasm/dist", "wasm/package.json", "package-lock.json"].map(|path| root.join(path));
    let outputs = [root.join("wasm/panel/dist/index.html")];
    stamp::unless_done("panel", &inputs, &outputs, || {
        run(
            tree::npm_program(&root.join("wasm/panel"), "vite")?.args(["build", "--logLevel", "warn"]),
            JS_CURE,
        )
    })?;
    Ok(())
}

/// Compiles a package of the workspace to WebAssembly and says where the module is.
fn compile(ready: &Ready, package: &str, feature: Option<&str>) -> Outcome<PathBuf> {
    compile_as(ready, package, feature, "wasm")
}

fn compile_as(ready: &Ready, package: &str, feature: Option<&str>, profile: &str) -> Outcome<PathBuf> {
    let mut cargo = ready.wasm.cargo();
    cargo.args(["build", "--package", package, "--profile", profile, "--target", TARGET]);
    if let Some(feature) = feature {
        cargo.args(["--no-default-features", "--features", feature]);
    }
    run(&mut cargo, RUST_CURE)?;
    let file = format!("{}.wasm", package.replace('-', "_"));
    Ok(tree::target().join(TARGET).join(profile).join(file))
}

fn copy_changed(from: &Path, to: &Path) -> Outcome {
    let bytes = fs::read(from).map_err(file_trouble(from))?;
    stamp::write_changed(to, &bytes)?;
    Ok(())
}
