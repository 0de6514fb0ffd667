//! Documents as people read them in a terminal.

use std::fmt::Write as _;

use consentry_core::wire::v1::{Diagnostic, Report};

use crate::wire::v1::{EventDocument, ImportDocument, SourceDocument, Timeline, Version};

/// Findings shown for each code before the rest is only counted.
const SHOWN_PER_CODE: usize = 5;

/// A verdict: a summary, then the first findings of each code.
pub(super) fn report(report: &Report) -> String {
    let counts = &report.counts;
    let name = report.file.name.as_deref().unwrap_or("standard input");
    let mut out = if report.refused {
        format!("{name} cannot be used\n")
    } else {
        format!(
            "{name}: {} rows, {} accepted ({} opt-in, {} opt-out), {} rejected, {} with warnings\n",
            counts.rows, counts.accepted, counts.opt_in, counts.opt_out, counts.rejected, counts.warned
        )
    };
    findings(&mut out, &report.codes, &report.diagnostics);
    let _ = writeln!(out, "\ndigest {}", report.digest);
    out
}

/// An import: what became of the rows, then the findings.
pub(super) fn import(document: &ImportDocument) -> String {
    let name = document.file.name.as_deref().unwrap_or("the file");
    let id = document.import.as_deref().unwrap_or("");
    let counts = &document.counts;
    let mut out = match document.state {
        "committed" => format!("{name} is imported as {id}\n"),
        "dry_run" => format!("{name} would be imported like this; nothing was written\n"),
        "already_imported" => format!(
            "{name} was already imported as {id} ({}), and nothing has been imported since\n",
            document.received_at
        ),
        "refused" => format!("{name} cannot be used; nothing was changed\n"),
        "failed" => {
            let cause = document.failure.as_deref().unwrap_or("unknown cause");
            let stays = counts.created + counts.updated + counts.unchanged + counts.kept_opt_out > 0;
            let cure = format!("what it did before stays; `consentry import --undo {id}` takes it back\n");
            format!("{id} failed: {cause}\n{}", if stays { &cure } else { "" })
        }
        "undone" => return undone(document),
        state => format!("{id} is {state}\n"),
    };
    if document.state != "refused" {
        let _ = writeln!(
            out,
            "{} rows: {} created, {} updated, {} unchanged, {} kept opted out, {} rejected; {} numbers moved",
            counts.rows,
            counts.created,
            counts.updated,
            counts.unchanged,
            counts.kept_opt_out,
            counts.rejected,
            counts.numbers_moved
        );
    }
    findings(&mut out, &document.codes, &document.diagnostics);
    out
}

/// An import that was taken back: what was reversed, what was kept and why.
fn undone(document: &ImportDocument) -> String {
    let (id, name) =
        (document.import.as_deref().unwrap_or(""), document.file.name.as_deref().unwrap_or("a file"));
    let Some(undo) = &document.undo else { return format!("{id} ({name}) was taken back\n") };
    let mut out = format!(
        "{id} ({name}) is taken back: {} profiles are as they were before, {} it had made are removed\n",
        undo.reversed, undo.removed
    );
    for (reason, count) in undo.kept.iter().filter(|(_, count)| **count > 0) {
        let why = match reason.as_str() {
            "later-import" => "a later import changed or confirmed them",
            "own-opt-out" => "the person has opted out since",
            "number-taken" => "the number they had before belongs to somebody who keeps it",
            other => other,
        };
        let _ = writeln!(out, "{count} stay as they are, because {why}:");
        let of_reason = undo.kept_profiles.iter().filter(|kept| kept.reason == *reason);
        for kept in of_reason.take(SHOWN_PER_CODE) {
            let _ = writeln!(out, "  {}", kept.profile);
        }
    }
    out
}

/// The history, a line each.
pub(super) fn imports(documents: &[ImportDocument]) -> String {
    if documents.is_empty() {
        return "nothing has been imported yet\n".to_owned();
    }
    documents.iter().fold(String::new(), |mut out, document| {
        let counts = &document.counts;
        let became = match &document.undo {
            Some(undo) => format!(
                "{} as before, {} removed, {} left as they are; taken back by {}",
                undo.reversed,
                undo.removed,
                undo.kept.values().sum::<u64>(),
                undo.by
            ),
            None => format!(
                "{} created, {} updated, {} unchanged, {} kept opted out, {} rejected",
                counts.created, counts.updated, counts.unchanged, counts.kept_opt_out, counts.rejected
            ),
        };
        let _ = writeln!(
            out,
            "{:>5}  {}  {:<9}  {became}  {}",
            document.import.as_deref().unwrap_or(""),
            document.received_at,
            document.state,
            document.file.name.as_deref().unwrap_or("")
        );
        out
    })
}

/// A timeline: how it stands, then every event.
pub(super) fn timeline(timeline: &Timeline) -> String {
    let mut out = match &timeline.current {
        Some(profile) => format!(
            "{}: profile {}, number {}, {}\n",
            timeline.of,
            profile.profile,
            profile.wp_number.as_deref().unwrap_or("none"),
            profile.permission.map_or("no consent", words)
        ),
        None if timeline.events.is_empty() => return format!("nothing is known about {}\n", timeline.of),
        None => format!("{}: held by nobody now\n", timeline.of),
    };
    if let Some(before) = timeline.earlier_before {
        let _ = writeln!(out, "there are earlier events: see them with --before {before}");
    }
    for event in &timeline.events {
        let _ = writeln!(out, "{}", event_line(event));
    }
    out
}

/// The versions.
pub(super) fn version(version: &Version) -> String {
    let engine = &version.engine;
    format!(
        "consentry {}\nengine {} {}\nnumber metadata {}\n",
        version.version,
        engine.version,
        engine.sha256.as_deref().unwrap_or(""),
        engine.number_metadata
    )
}

fn event_line(event: &EventDocument) -> String {
    let holder = event.profile.as_deref().unwrap_or("nobody");
    let number = event.number.as_deref().or(event.previous_number.as_deref()).unwrap_or("none");
    let mut change = match (event.permission, event.previous_permission, &event.lost_to) {
        (_, _, Some(to)) => format!("{holder} lost {number} to {to}"),
        (Some(after), Some(before), None) if after != before => {
            format!("{holder} {number} {} (was {})", words(after), words(before))
        }
        (Some(after), _, None) => format!("{holder} {number} {}", words(after)),
        (None, _, None) if event.rule == "profile-undone" => format!("{holder} is removed"),
        (None, _, None) => format!("{holder} has no number"),
    };
    if let Some(from) = &event.taken_from {
        let _ = write!(change, ", had been {from}'s");
    }
    if let Some(said) = &event.lifted_opt_out_of {
        let _ = write!(change, ", lifts the person's own opt-out of {said}");
    }
    let source = match &event.source {
        SourceDocument::File { import, file, line, number_cell, permission_cell, as_of, .. } => {
            let as_of = as_of.as_ref().map(|day| format!(", collected {day}")).unwrap_or_default();
            format!("{file} line {line} (`{number_cell}`, `{permission_cell}`), import {import}{as_of}")
        }
        SourceDocument::Person { heard } => format!("the person, heard by {heard}"),
        SourceDocument::Erasure { by } => format!("erased by {by}"),
        SourceDocument::Undo { import, file, by } => format!("import {import} ({file}) taken back by {by}"),
    };
    format!("{:>6}  {}  {change}; rule {}; {source}", event.seq, event.at, event.rule)
}

fn words(permission: &str) -> &str {
    match permission {
        "opt_in" => "opted in",
        "opt_out" => "opted out",
        other => other,
    }
}

fn findings(out: &mut String, codes: &std::collections::BTreeMap<String, u64>, diagnostics: &[Diagnostic]) {
    for (code, count) in codes {
        let of_code: Vec<&Diagnostic> = diagnostics.iter().filter(|d| d.code == *code).collect();
        let severity = of_code.first().map_or("", |d| d.severity.as_str());
        let _ = writeln!(out, "\n{severity} {code} ({count})");
        for diagnostic in of_code.iter().take(SHOWN_PER_CODE) {
            let _ = writeln!(out, "  {}", finding(diagnostic));
        }
        if let Some(more) = count.checked_sub(SHOWN_PER_CODE as u64).filter(|more| *more > 0) {
            let _ = writeln!(out, "  and {more} more");
        }
    }
}

fn finding(diagnostic: &Diagnostic) -> String {
    let mut out = String::new();
    if let Some(line) = diagnostic.line {
        let _ = write!(out, "line {line}");
        if let Some(row) = diagnostic.row {
            let _ = write!(out, " (row {row})");
        }
        if let Some(column) = &diagnostic.column {
            let _ = write!(out, ", {column}");
        }
        out.push_str(": ");
    }
    if !diagnostic.found.is_empty() {
        let _ = write!(out, "`{}`: ", diagnostic.found);
    }
    out.push_str(&diagnostic.message);
    if let Some(fix) = &diagnostic.fix {
        let _ = write!(out, " Read as `{fix}`.");
    }
    out
}
