//! On what machine, with which tools and when something was measured: a figure without that means nothing.

use std::fs;
use std::process::Command;

use crate::run::ask;
use crate::setup::Ready;

/// Lines of a Markdown list. `pinned` says who ran on which core.
pub(super) fn described(ready: &Ready, pinned: &str) -> String {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let said = |program: &str, args: &[&str]| ask(Command::new(program).args(args));
    let cpu_text = read("/proc/cpuinfo");
    let field = |name: &str| {
        let line = cpu_text.lines().find(|line| line.starts_with(name));
        line.and_then(|line| line.split_once(':')).map(|(_, text)| text.trim().to_owned())
    };
    // Counted here, because this process may be pinned to one of them.
    let cores = cpu_text.lines().filter(|line| line.starts_with("processor")).count();
    let flags = field("flags").unwrap_or_default();
    let simd = ["avx2", "avx512bw", "avx512vbmi2"].into_iter();
    let simd: Vec<&str> = simd.filter(|name| flags.split(' ').any(|flag| flag == *name)).collect();
    let memory_text = read("/proc/meminfo");
    let memory_kib = memory_text.lines().find_map(|line| line.strip_prefix("MemTotal:"));
    let memory_kib = memory_kib.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    let model = field("model name").unwrap_or_else(|| std::env::consts::ARCH.to_owned());
    let mut lines = vec![
        format!("{model}, family {} model {}", known(field("cpu family")), known(field("model"))),
        format!("{cores} cores, {} GiB, {}", memory_kib.unwrap_or(0).div_ceil(1 << 20), simd.join(" ")),
        format!("kernel {}", known(said("uname", &["-sr"]))),
        format!("{}; node {}", known(said("rustc", &["--version"])), known(said("node", &["--version"]))),
        known(said("python3", &["--version"])),
    ];
    // Java tells its version on the other stream unless asked this way.
    if let Some(java) = said("java", &["--version"]) {
        lines.push(java.lines().next().unwrap_or_default().to_owned());
    }
    if let Some(browser) = &ready.browser {
        lines.push(known(ask(Command::new(browser).arg("--version"))));
    }
    lines.push(format!("{pinned}, as of {}", known(said("date", &["-u", "+%F"]))));
    lines.iter().map(|line| format!("- {line}\n")).collect()
}

fn known(text: Option<String>) -> String {
    text.unwrap_or_else(|| "unknown".to_owned())
}
