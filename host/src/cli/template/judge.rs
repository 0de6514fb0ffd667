//! `consentry template lint` and `preview`: what Meta would refuse in a template, and what a person will see.

use std::fmt::Write as _;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::Args;
use consentry_core::limits::TEMPLATE_BYTES_MAX;
use serde_json::{Map, Value};

use crate::native;

use super::super::{Done, Failure, print};

#[derive(Args)]
pub(super) struct LintArgs {
    /// A template as JSON, as it is created or as Meta lists it, or a page of Meta's list; - for standard input.
    file: PathBuf,
    /// It is what an existing template is changed to: name and language need not be said again.
    #[arg(long)]
    edit: bool,
}

#[derive(Args)]
pub(super) struct PreviewArgs {
    /// A template as JSON; - for standard input.
    file: PathBuf,
    /// A value by its name, for example 1=Sarah, first_name=Sarah, header.media=https://…, button.0=A-1042. May be given
    /// more than once.
    #[arg(long = "value", value_name = "NAME=VALUE")]
    values: Vec<String>,
    /// Let the template's own examples stand in for values that are not given.
    #[arg(long)]
    examples: bool,
    /// Who it is sent to, in E.164 with +; only named in the request that --json shows.
    #[arg(long, value_name = "NUMBER")]
    to: Option<String>,
}

pub(super) fn lint(args: &LintArgs, json: bool) -> Result<Done, Failure> {
    let bytes = read(&args.file)?;
    let page = serde_json::from_slice::<Value>(&bytes).ok();
    let listed = page.as_ref().and_then(|page| page.get("data")).and_then(Value::as_array);
    let report = match listed {
        None if !args.edit => document(&native::lint(&bytes))?,
        None => document(&native::lint(&enveloped(&bytes, &[("edit", Value::Bool(true))])))?,
        Some(listed) => {
            let mut all = Vec::new();
            for (at, template) in listed.iter().enumerate() {
                let mut one = document(&native::lint(template.to_string().as_bytes()))?;
                for found in diagnostics(&mut one) {
                    found["path"] = format!("/data/{at}{}", word(found, "path")).into();
                    all.push(found.take());
                }
            }
            serde_json::json!({ "diagnostics": all })
        }
    };
    let errors = errors(&report);
    print(json, &report, |report| {
        let name = args.file.display();
        let mut out = match (errors, warnings(report)) {
            (0, 0) => format!("{name}: nothing to complain about\n"),
            (errors, warnings) => format!("{name}: {errors} errors, {warnings} warnings\n"),
        };
        tell(&mut out, report);
        out
    })?;
    Ok(if errors > 0 { Done::SomeRejected } else { Done::All })
}

pub(super) fn preview(args: &PreviewArgs, json: bool) -> Result<Done, Failure> {
    let bytes = read(&args.file)?;
    let mut values = Map::new();
    for pair in &args.values {
        let Some((name, value)) = pair.split_once('=').filter(|(name, _)| !name.is_empty()) else {
            let text = format!("--value `{pair}` is no pair; write for example `--value 1=Sarah`");
            return Err(Failure::Refused(text));
        };
        // An object stands for a place, a product, or a sum of money; everything else is a text.
        let structured = value.starts_with('{').then(|| serde_json::from_str(value).ok()).flatten();
        values.insert(name.to_owned(), structured.unwrap_or_else(|| Value::String(value.to_owned())));
    }
    let mut members = vec![("values", Value::Object(values)), ("examples", Value::Bool(args.examples))];
    if let Some(to) = &args.to {
        members.push(("to", Value::String(to.clone())));
    }
    let answer = native::preview(&enveloped(&bytes, &members));
    let report = document(&answer)?;
    let Some(seen) = report.get("preview") else {
        // The place named in it is one of the request that was made of the file.
        let mut told = document(&native::lint(&bytes))?;
        let why =
            diagnostics(&mut told).first().map_or(String::new(), |found| word(found, "message").to_owned());
        return Err(Failure::Refused(format!("`{}`: {why}", args.file.display())));
    };
    if json {
        return print_text(&answer);
    }
    let mut out = drawn(seen);
    tell(&mut out, &report);
    print_text(&out)?;
    Ok(if errors(&report) > 0 { Done::SomeRejected } else { Done::All })
}

fn print_text(text: &str) -> Result<Done, Failure> {
    print(false, &(), |()| format!("{}\n", text.trim_end()))
}

/// The file as a member of an object with others, byte for byte.
fn enveloped(template: &[u8], members: &[(&str, Value)]) -> Vec<u8> {
    let mut out = b"{\"template\":".to_vec();
    out.extend_from_slice(template.strip_prefix(b"\xef\xbb\xbf").unwrap_or(template));
    for (name, value) in members {
        out.extend_from_slice(format!(",\"{name}\":{value}").as_bytes());
    }
    out.push(b'}');
    out
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let unreadable =
        |cause: std::io::Error| Failure::Refused(format!("`{}` cannot be read: {cause}", path.display()));
    let mut bytes = Vec::new();
    let limit = TEMPLATE_BYTES_MAX as u64 + 1;
    if path == Path::new("-") {
        std::io::stdin().lock().take(limit).read_to_end(&mut bytes).map_err(unreadable)?;
    } else {
        let file = std::fs::File::open(path).map_err(unreadable)?;
        file.take(limit).read_to_end(&mut bytes).map_err(unreadable)?;
    }
    if bytes.len() > TEMPLATE_BYTES_MAX {
        let text = format!(
            "`{}` is longer than {TEMPLATE_BYTES_MAX} bytes: no template is that long",
            path.display()
        );
        return Err(Failure::Refused(text));
    }
    Ok(bytes)
}

fn document(json: &str) -> Result<Value, Failure> {
    serde_json::from_str(json).map_err(|error| Failure::Fault(error.to_string()))
}

fn diagnostics(report: &mut Value) -> &mut [Value] {
    report.get_mut("diagnostics").and_then(Value::as_array_mut).map_or(&mut [], Vec::as_mut_slice)
}

fn word<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn errors(report: &Value) -> usize {
    list(report, "diagnostics").iter().filter(|found| word(found, "severity") == "error").count()
}

fn warnings(report: &Value) -> usize {
    list(report, "diagnostics").len() - errors(report)
}

fn tell(out: &mut String, report: &Value) {
    for found in list(report, "diagnostics") {
        let (severity, code, path) = (word(found, "severity"), word(found, "code"), word(found, "path"));
        let meta = found.get("meta_subcode").map_or(String::new(), |code| format!(" (Meta: {code})"));
        let _ = write!(out, "\n{severity} {code} at {path}{meta}\n  {}\n", word(found, "message"));
        for step in list(found, "fix") {
            let _ = writeln!(
                out,
                "  fix: {} = {}",
                word(step, "path"),
                step.get("value").unwrap_or(&Value::Null)
            );
        }
    }
}

/// The message as a terminal can show it.
fn drawn(seen: &Value) -> String {
    let mut out = String::new();
    if let Some(header) = seen.get("header") {
        match header.get("text") {
            Some(text) => out.push_str(&line(text)),
            None => {
                let value = header.get("value").map_or(String::new(), |value| format!(" {value}"));
                let _ = write!(out, "[{}{value}]", word(header, "kind"));
            }
        }
        out.push_str("\n\n");
    }
    if let Some(offer) = seen.get("offer") {
        let _ = writeln!(out, "{}\n", word(offer, "text"));
    }
    let lines = |out: &mut String, blocks: &[Value]| {
        for block in blocks {
            let _ = writeln!(out, "{}", line(block));
        }
    };
    lines(&mut out, list(seen, "body"));
    if let Some(footer) = seen.get("footer") {
        let _ = writeln!(out, "\n{}", line(footer));
    }
    let all = if list(seen, "all_buttons").is_empty() { "buttons" } else { "all_buttons" };
    let buttons = |out: &mut String, buttons: &[Value]| {
        for button in buttons {
            let target =
                button.get("target").and_then(Value::as_str).map_or(String::new(), |to| format!(" → {to}"));
            let _ = writeln!(out, "[ {} ]{target}", word(button, "label"));
        }
    };
    if !list(seen, all).is_empty() {
        out.push('\n');
        buttons(&mut out, list(seen, all));
    }
    for (at, card) in list(seen, "cards").iter().enumerate() {
        let kind = card.get("header").map_or("", |header| word(header, "kind"));
        let _ = writeln!(out, "\ncard {}: [{kind}]", at + 1);
        lines(&mut out, list(card, "body"));
        buttons(&mut out, list(card, "buttons"));
    }
    out
}

fn line(block: &Value) -> String {
    let before = match word(block, "kind") {
        "bullet" => "• ".to_owned(),
        "number" => format!("{}. ", block.get("number").unwrap_or(&Value::Null)),
        "quote" => "│ ".to_owned(),
        _ => String::new(),
    };
    before + &list(block, "spans").iter().map(|span| word(span, "text")).collect::<String>()
}
