//! How many bytes a visitor's browser downloads, and the budget for them in `wasm/size-budget.txt`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::run::{Outcome, Trouble, ask, file_trouble};
use crate::{stamp, tree};

/// Node.js has brotli in it; servers compress static files with the same quality.
const BROTLI: &str = "const {brotliCompressSync: b} = require('zlib'); \
                      console.log(b(require('fs').readFileSync(process.argv[1])).length)";

/// Prints the sizes of the two `.wasm` files.
pub(crate) fn print() -> Outcome {
    let plugin = tree::own().join("plugin.wasm");
    println!("  plugin.wasm           {:>9} bytes", bytes(&plugin)?);
    println!(
        "  consentry_bg.wasm     {:>9} bytes, {} with brotli (budget {})",
        bytes(&module())?,
        brotli()?,
        budget()?
    );
    Ok(())
}

/// Fails when the browser's module is over its budget.
pub(crate) fn within_budget() -> Outcome {
    let (now, most) = (brotli()?, budget()?);
    if now <= most {
        return Ok(());
    }
    Err(Trouble::new(
        format!("consentry_bg.wasm is {now} bytes with brotli, {} over the budget", now - most),
        "find what grew (`cargo bloat` and `twiggy` help); if it is worth its price to every visitor, raise the number in \
         wasm/size-budget.txt in the same commit and say why.",
    ))
}

fn module() -> PathBuf {
    tree::root().join("wasm/dist/engine/consentry_bg.wasm")
}

fn bytes(path: &Path) -> Outcome<u64> {
    Ok(fs::metadata(path).map_err(file_trouble(path))?.len())
}

/// The best compression takes seconds, so its result is kept for as long as the file is the same.
fn brotli() -> Outcome<u64> {
    let kept = tree::own().join("brotli.txt");
    stamp::unless_done("brotli", &[module()], std::slice::from_ref(&kept), || {
        let size = ask(Command::new("node").args(["-e", BROTLI]).arg(module()));
        let size = size
            .ok_or_else(|| Trouble::new("node could not compress the module", "check that `node` runs."))?;
        stamp::write(&kept, size.as_bytes())
    })?;
    number(&kept)
}

fn budget() -> Outcome<u64> {
    number(&tree::root().join("wasm/size-budget.txt"))
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
