//! How many bytes a visitor's browser downloads, and the budgets for them: `wasm/size-budget.txt` for the engine,
//! `wasm/unpack/size-budget.txt` and `wasm/template/size-budget.txt` for the modules that only packed files and templates need.
//! And how many Cloudflare keeps of the edge worker: `edge-worker/size-budget.txt`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::run::{Outcome, Trouble, ask, file_trouble};
use crate::{stamp, tree};

/// Node.js has brotli in it; servers compress static files with the same quality.
const BROTLI: &str = "const {brotliCompressSync: b} = require('zlib'); \
                      console.log(b(require('fs').readFileSync(process.argv[1])).length)";

/// Cloudflare counts what is left after gzip, of the module and its JavaScript together.
const GZIP: &str = "const {gzipSync: g} = require('zlib'); \
                    console.log(process.argv.slice(1).map((f) => g(require('fs').readFileSync(f), {level: 9}).length) \
                    .reduce((a, b) => a + b))";
const EDGE_BUDGET: &str = "edge-worker/size-budget.txt";

/// The modules that pages load, and where their budgets are.
const MODULES: [(&str, &str); 3] = [
    ("consentry", "wasm/size-budget.txt"),
    ("unpack", "wasm/unpack/size-budget.txt"),
    ("template", "wasm/template/size-budget.txt"),
];

/// Prints the sizes of the `.wasm` files.
pub(crate) fn print() -> Outcome {
    let plugin = tree::own().join("plugin.wasm");
    println!("  plugin.wasm           {:>9} bytes", bytes(&plugin)?);
    for (name, budget) in MODULES {
        let (raw, packed, most) = (bytes(&module(name))?, brotli(name)?, number(&tree::root().join(budget))?);
        println!("  {:<21} {raw:>9} bytes, {packed} with brotli (budget {most})", format!("{name}_bg.wasm"));
    }
    Ok(())
}

/// Fails when a module of the browser is over its budget.
pub(crate) fn within_budget() -> Outcome {
    for (name, budget) in MODULES {
        let (now, most) = (brotli(name)?, number(&tree::root().join(budget))?);
        if now > most {
            return Err(Trouble::new(
                format!("{name}_bg.wasm is {now} bytes with brotli, {} over the budget", now - most),
                format!(
                    "find what grew (`cargo bloat` and `twiggy` help); if it is worth its price to every visitor, raise \
                     the number in {budget} in the same commit and say why."
                ),
            ));
        }
    }
    Ok(())
}

/// Prints the size of the edge worker.
pub(crate) fn print_edge() -> Outcome {
    let (now, most) = (edge()?, number(&tree::root().join(EDGE_BUDGET))?);
    println!("  edge worker           {now:>9} bytes with gzip (budget {most})");
    Ok(())
}

/// Fails when the edge worker is over its budget.
pub(crate) fn edge_within_budget() -> Outcome {
    let (now, most) = (edge()?, number(&tree::root().join(EDGE_BUDGET))?);
    if now > most {
        return Err(Trouble::new(
            format!("the edge worker is {now} bytes with gzip, {} over the budget", now - most),
            format!(
                "find what grew; if it is worth it, raise the number in {EDGE_BUDGET} in the same commit and say why."
            ),
        ));
    }
    Ok(())
}

fn edge() -> Outcome<u64> {
    let dist = tree::root().join("edge-worker/dist");
    let files = [dist.join("index.js"), dist.join("index_bg.wasm")];
    ask(Command::new("node").args(["-e", GZIP]).args(&files))
        .and_then(|size| size.trim().parse().ok())
        .ok_or_else(|| {
            Trouble::new(
                "node could not compress the edge worker",
                "run `cargo xtask edge`, and check `node`.",
            )
        })
}

fn module(name: &str) -> PathBuf {
    tree::root().join(format!("wasm/dist/engine/{name}_bg.wasm"))
}

fn bytes(path: &Path) -> Outcome<u64> {
    Ok(fs::metadata(path).map_err(file_trouble(path))?.len())
}

/// The best compression takes seconds, so its result is kept for as long as the file is the same.
fn brotli(name: &str) -> Outcome<u64> {
    let kept = tree::own().join(format!("brotli-{name}.txt"));
    let module = module(name);
    stamp::unless_done(
        &format!("brotli-{name}"),
        std::slice::from_ref(&module),
        std::slice::from_ref(&kept),
        || {
            let size = ask(Command::new("node").args(["-e", BROTLI]).arg(&module));
            let size = size.ok_or_else(|| {
                Trouble::new("node could not compress the module", "check that `node` runs.")
            })?;
            stamp::write(&kept, size.as_bytes())
        },
    )?;
    number(&kept)
}

/// The first line of a file that is not a comment, as a number.
fn number(path: &Path) -> Outcome<u64> {
    let text = fs::read_to_string(path).map_err(file_trouble(path))?;
    let line = text.lines().find(|line| !line.starts_with('#')).unwrap_or_default();
    line.trim().parse().map_err(|_| {
        Trouble::new(
            format!("`{}` holds no number", path.display()),
            "write one number of bytes on a line of its own.",
        )
    })
}
