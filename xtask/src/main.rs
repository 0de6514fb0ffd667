//! `cargo xtask`: one command to run Consentry from a fresh clone, one command to test all of it.
//!
//! Everything that knows a toolchain (targets, npm, bundlers, browsers, who installs what) is here and nowhere
//! else. It must not decide anything about the product: a rule that ends up here is in the wrong crate.
#![allow(clippy::print_stdout, reason = "telling people what happens is what this program does")]

mod artefacts;
mod bench;
mod bindgen;
mod fuzz;
mod metadata;
mod oracle;
mod postgres;
mod run;
mod serve;
mod setup;
mod size;
mod stamp;
mod test;
mod tree;
mod wasm_target;

use std::process::ExitCode;

use run::{Outcome, Trouble};

const USAGE: &str = "\
cargo xtask setup [--test]    install what is missing; nothing to do takes a moment
cargo xtask build [--edge]    plugin.wasm, npm package, panel, and the binary target/release/consentry
cargo xtask edge              only the worker for Cloudflare, in edge-worker/dist; docs/edge.md says what to do with it
cargo xtask serve [ARGS...]   setup, build, then `consentry serve --sandbox ARGS...` on 127.0.0.1:8787
cargo xtask test [--quick]    every test there is; --quick leaves out browser, edge, oracle and licence checks
cargo xtask postgres [--stop] starts the server that the tests of the PostgreSQL store use, for tests run by hand
cargo xtask bench check       how fast a file is judged, ours and everybody else's; ten minutes; benches/RESULTS.md
    [--quick] [--rows N] [--only NAME]    one short turn; another file size; ours and those with NAME in theirs
cargo xtask bench import      how fast a file changes what is kept, beside PostgreSQL; half an hour; benches/RESULTS.md
    [--quick] [--rows N] [--profiles N,N] [--empty N] [--only PART,PART] [--fresh]    a short turn; other sizes; parts
                              of empty, into, readers, kill, postgres; prepared stores made anew
cargo xtask bench template    how long the largest template takes to be judged and drawn; seconds; benches/RESULTS.md
cargo xtask bench preflight   how many people of a campaign are judged in a second; a minute; benches/RESULTS.md
cargo xtask bench inbox       how many webhooks are made durable in a second; a minute; benches/RESULTS.md
cargo xtask bench send        how fast campaigns are sent, and how evenly; minutes; benches/RESULTS.md
cargo xtask bench edge        how fast webhooks are taken in Cloudflare's runtime, and none lost; minutes; benches/RESULTS.md
cargo xtask fuzz [TARGET...] [--seconds N] [--address]  looks for what no test thought of; see tests/fuzz/README.md
cargo xtask oracle [ARGS...]  our numbers against libphonenumber's, millions of them; see tests/oracle/README.md
cargo xtask metadata RELEASE [FILE.xml]  newer numbering plans; see core/metadata/README.md

A first build takes 5 to 15 minutes, most of it the WebAssembly engine of the host; later ones take seconds.
What is installed: npm packages and tools under this folder; with rustup or apt-get, and only when missing, the
wasm32 target and (for tests) Chromium and PostgreSQL.
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&args) {
        Ok(code) => code,
        Err(trouble) => {
            trouble.print();
            ExitCode::FAILURE
        }
    }
}

fn dispatch(args: &[String]) -> Outcome<ExitCode> {
    let (verb, rest) = args.split_first().map_or(("help", &[][..]), |(verb, rest)| (verb.as_str(), rest));
    match verb {
        "setup" => {
            let test = flag(verb, rest, "--test")?;
            let ready = setup::setup(if test { setup::Purpose::Test } else { setup::Purpose::Run })?;
            println!("ready: {}", ready.wasm.describe());
            Ok(ExitCode::SUCCESS)
        }
        "build" => {
            let edge = flag(verb, rest, "--edge")?;
            let ready = setup::setup(setup::Purpose::Run)?;
            artefacts::build(&ready)?;
            if edge {
                artefacts::edge_worker(&ready)?;
            }
            Ok(ExitCode::SUCCESS)
        }
        "edge" => {
            if let [word, ..] = rest {
                return Err(usage(&format!("`edge` does not know `{word}`")));
            }
            artefacts::edge_worker(&setup::setup(setup::Purpose::Run)?)?;
            size::print_edge()?;
            Ok(ExitCode::SUCCESS)
        }
        "serve" => serve::serve(rest),
        "test" => test::test(flag(verb, rest, "--quick")?),
        "postgres" => {
            if flag(verb, rest, "--stop")? {
                postgres::stop()?;
                return Ok(ExitCode::SUCCESS);
            }
            let cure =
                "install PostgreSQL in any way you like, so that `initdb` is on the PATH, then try again.";
            let postgres =
                postgres::Source::find(true).map_err(|reason| Trouble::new(reason, cure))?.ready()?;
            println!("export {}={}", postgres::URL_VARIABLE, postgres.url());
            postgres.leave_running();
            Ok(ExitCode::SUCCESS)
        }
        "bench" => match rest.split_first() {
            Some((what, options)) if what == "check" => {
                let options = bench::BenchOptions::read(options)
                    .map_err(|word| usage(&format!("`bench check` does not know `{word}`")))?;
                bench::check(&options)?;
                Ok(ExitCode::SUCCESS)
            }
            Some((what, options)) if what == "import" => {
                let options = bench::import::ImportOptions::read(options)
                    .map_err(|word| usage(&format!("`bench import` does not know `{word}`")))?;
                bench::import::import(&options)?;
                Ok(ExitCode::SUCCESS)
            }
            Some((what, [])) if what == "template" => {
                bench::templates::template()?;
                Ok(ExitCode::SUCCESS)
            }
            Some((what, [])) if what == "preflight" => {
                bench::preflight::preflight()?;
                Ok(ExitCode::SUCCESS)
            }
            Some((what, [])) if what == "inbox" => {
                bench::inbox::inbox()?;
                Ok(ExitCode::SUCCESS)
            }
            Some((what, [])) if what == "send" => {
                bench::send::send()?;
                Ok(ExitCode::SUCCESS)
            }
            Some((what, [])) if what == "edge" => {
                bench::edge::edge()?;
                Ok(ExitCode::SUCCESS)
            }
            _ => Err(usage(
                "`bench` measures `check`, `import`, `template`, `preflight`, `inbox`, `send` and `edge`",
            )),
        },
        "fuzz" => {
            let options = fuzz::FuzzOptions::read(rest)
                .map_err(|word| usage(&format!("`fuzz` does not know `{word}`")))?;
            fuzz::fuzz(&options)?;
            Ok(ExitCode::SUCCESS)
        }
        "oracle" => {
            oracle::compare(&rest.iter().map(String::as_str).collect::<Vec<_>>())?;
            Ok(ExitCode::SUCCESS)
        }
        "metadata" => {
            metadata::refresh(rest)?;
            Ok(ExitCode::SUCCESS)
        }
        "help" | "--help" | "-h" => {
            print!("{USAGE}");
            Ok(ExitCode::SUCCESS)
        }
        other => Err(usage(&format!("there is no task `{other}`"))),
    }
}

/// True when `rest` is exactly `name`, false when it is empty.
fn flag(verb: &str, rest: &[String], name: &str) -> Outcome<bool> {
    match rest {
        [] => Ok(false),
        [one] if one == name => Ok(true),
        [first, ..] => Err(usage(&format!("`{verb}` does not know `{first}`"))),
    }
}

fn usage(cause: &str) -> Trouble {
    Trouble::new(cause, format!("these are the tasks:\n\n{USAGE}"))
}
