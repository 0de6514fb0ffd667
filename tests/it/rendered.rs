//! What is rendered from the tables of rules and of Meta's errors: `docs/rules.md` and `docs/errors.md` for people,
//! `wasm/js/codes.ts` for TypeScript. Nothing keeps a second list of codes, so a rule that changes changes these files with
//! it: `UPDATE_RENDERED=1` writes them.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use consentry_core::campaign::errors::{Action, ERRORS};
use consentry_core::campaign::problem;
use consentry_core::rule::{RULES, Rule, Scope};
use consentry_core::{template, webhook};
use consentry_host::access::{RIGHTS, ROLES};
use consentry_host::http::doors::{Needs, TABLE};

#[test]
fn the_rules_are_documented_as_they_are() {
    rendered("docs/rules.md", &markdown());
}

#[test]
fn typescript_knows_every_code() {
    rendered("wasm/js/codes.ts", &typescript());
}

#[test]
fn every_error_of_metas_is_documented_with_what_is_done() {
    rendered("docs/errors.md", &errors());
}

#[test]
fn every_door_is_documented_with_the_right_it_needs() {
    rendered("docs/access.md", &access());
}

fn rendered(path: &str, text: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    if env::var_os("UPDATE_RENDERED").is_some() {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, text).unwrap();
    }
    let found = fs::read_to_string(&file).unwrap_or_default();
    assert!(found == text, "{path} is not what the rules say; run the tests once with UPDATE_RENDERED=1");
}

fn markdown() -> String {
    let mut out = String::from(
        "# What a check and a lint can say\n\n\
         <!-- Rendered from the tables of rules in core/src by tests/it/rendered.rs. -->\n\n\
         Each finding carries one of these codes, its place in the file (`row` counts records, `line` counts\n\
         physical lines), what stood there, and what to do. An error rejects its row or refuses the file; a warning\n\
         rejects nothing. Codes are stable: they may be relied upon in scripts.\n",
    );
    let sections = [
        (
            Scope::File,
            "About the file",
            "An error here refuses the file as a whole; nothing of it is imported.",
        ),
        (Scope::Row, "About a row", "An error here rejects this row; the others are imported."),
        (
            Scope::Import,
            "About the people already known",
            "These arise in an import only, when rows meet profiles.",
        ),
    ];
    for (scope, title, text) in sections {
        write!(out, "\n## {title}\n\n{text}\n").unwrap();
        for rule in RULES.iter().filter(|rule| rule.scope == scope) {
            let Rule { id, severity, what, why, cure, .. } = rule;
            let what = capitalised(what);
            write!(out, "\n### `{id}`\n\n*{}.* {what}. {why}\n\n{cure}\n", severity.as_str()).unwrap();
        }
    }
    let about_templates = [
        (
            template::Scope::Template,
            "About a template",
            "An error here is what Meta documents or is known to refuse; `path` is a JSON pointer into the template.",
        ),
        (
            template::Scope::Send,
            "About what a template is sent with",
            "`path` names the value, or the part that it fills.",
        ),
    ];
    for (scope, title, text) in about_templates {
        write!(out, "\n## {title}\n\n{text}\n").unwrap();
        for rule in template::RULES.iter().filter(|rule| rule.scope == scope) {
            let template::Rule { id, severity, what, why, cure, meta, .. } = rule;
            let what = capitalised(what);
            let meta = match meta {
                0 => String::new(),
                code => format!(" Meta answers {code}."),
            };
            write!(out, "\n### `{id}`\n\n*{}.* {what}. {why}{meta}\n\n{cure}\n", severity.as_str()).unwrap();
        }
    }
    out += "\n## About webhooks\n\nNone of them is a reason to refuse one. `path` is a JSON pointer into the body.\n";
    for webhook::Rule { id, what, why, cure, .. } in webhook::RULES {
        write!(out, "\n### `{id}`\n\n*warning.* {}. {why}\n\n{cure}\n", capitalised(what)).unwrap();
    }
    out += "\n## About the people of a campaign\n\nBefore it begins, each person is looked at. An error keeps the message from the \
            person; a warning keeps nothing.\n";
    for problem::Rule { id, severity, what, why, cure, meta, .. } in problem::RULES {
        let meta = match meta {
            0 => String::new(),
            code => format!(" Meta answers {code}."),
        };
        let what = capitalised(what);
        write!(out, "\n### `{id}`\n\n*{}.* {what}. {why}{meta}\n\n{cure}\n", severity.as_str()).unwrap();
    }
    out
}

const ACTIONS: [Action; 13] = [
    Action::Retry,
    Action::Wait,
    Action::SlowDown,
    Action::DelayRecipient,
    Action::Later,
    Action::Skip,
    Action::Fix,
    Action::RecordOptOut,
    Action::StopTemplate,
    Action::StopNumber,
    Action::StopAccount,
    Action::StopToken,
    Action::Restart,
];

/// What a campaign does on an error. Whoever adds an action finds out here that people want to know.
fn happens(action: Action) -> &'static str {
    match action {
        Action::Retry => {
            "The message is tried again after growing pauses; refused six times it has failed. Ten such answers in a row are taken for an outage, in which no tries are used up."
        }
        Action::Wait => "The number pauses for as long as Meta says, or five minutes; the message goes then.",
        Action::SlowDown => {
            "The number sends more slowly, and faster again when nobody complains; the message goes a second later."
        }
        Action::DelayRecipient => {
            "The message to this person waits, each time four times as long; refused six times it has failed. The others go on."
        }
        Action::Later => "The message has failed: what would help takes hours, and it is not sent then.",
        Action::Skip => "The message has failed; the others go on.",
        Action::Fix => {
            "The message has failed. Twenty such refusals in a row pause the campaign: something has to be changed first."
        }
        Action::RecordOptOut => "The message has failed, and the person's own opt-out is recorded.",
        Action::StopTemplate => "Every campaign with the template pauses; the message waits.",
        Action::StopNumber => "The campaigns of the number pause until somebody looks; the message waits.",
        Action::StopAccount => "The campaigns of the account pause until somebody looks; the message waits.",
        Action::StopToken => {
            "Everything with the token waits for a new one, and tries it once a minute; the message waits."
        }
        Action::Restart => "As `retry`; a list is read again from its beginning.",
    }
}

fn errors() -> String {
    let mut out = String::from(
        "# What is done about Meta's errors\n\n\
         <!-- Rendered from core/src/campaign/errors.rs by tests/it/rendered.rs. -->\n\n\
         Codes decide, texts do not: Meta changes those. What a code that is not here\n\
         calls for, its HTTP status says: 429 `wait`, 401 `stop-token`, 408 and 500 on `retry`, anything else `skip`.\n\n\
         | what it calls for | what a campaign does |\n|---|---|\n",
    );
    for action in ACTIONS {
        writeln!(out, "| `{}` | {} |", action.id(), happens(action)).unwrap();
    }
    for action in ACTIONS {
        write!(out, "\n## `{}`\n\n| code | what it is | what helps |\n|---|---|---|\n", action.id()).unwrap();
        for rule in ERRORS.iter().filter(|rule| rule.action == action) {
            let code = match (rule.code_last, rule.subcode) {
                (_, Some(subcode)) => format!("{}, {subcode}", rule.code),
                (last, None) if last > rule.code => format!("{} to {last}", rule.code),
                (_, None) => rule.code.to_string(),
            };
            writeln!(out, "| {code} | {} | {} |", capitalised(rule.title), rule.cure).unwrap();
        }
    }
    out
}

fn typescript() -> String {
    let mut out = String::from(
        "// Every code a diagnostic can carry. Rendered from core/src/rule.rs by tests/it/rendered.rs.\n\n\
         /** Codes in the order of the rules. */\nexport const CODES = [\n",
    );
    for rule in RULES {
        writeln!(out, "  '{}',", rule.id).unwrap();
    }
    out += "] as const;\n\n/** A code a diagnostic can carry. */\nexport type Code = (typeof CODES)[number];\n\n";
    out += "/** Codes about templates, in the order of their rules. */\nexport const TEMPLATE_CODES = [\n";
    for rule in template::RULES {
        writeln!(out, "  '{}',", rule.id).unwrap();
    }
    out + "] as const;\n\n/** A code a diagnostic about a template can carry. */\n\
           export type TemplateCode = (typeof TEMPLATE_CODES)[number];\n"
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// Who may do what: what is written by hand, and the tables that requests are let in by.
fn access() -> String {
    let mut out = include_str!("../../docs/access.head.md").to_owned();
    out += "\n## Roles\n\n| right | what |";
    for (_, role, _) in ROLES {
        let _ = write!(out, " {role} |");
    }
    out += " a key |\n|---|---|";
    out += &"---|".repeat(ROLES.len() + 1);
    out.push('\n');
    for (right, id, what) in RIGHTS {
        let _ = write!(out, "| `{id}` | {what} |");
        for (_, _, rights) in ROLES {
            out += if rights.contains(&right) { " ✓ |" } else { " |" };
        }
        out += if right.is_for_keys() { " ✓ |\n" } else { " |\n" };
    }
    out += "\n## Doors\n\nEvery one, below `/api/v1`. What is noted in the audit has a verb.\n\n";
    out += "| | | needs | audit |\n|---|---|---|---|\n";
    for door in TABLE {
        let needs = match door.needs {
            Needs::Nothing => "nothing".to_owned(),
            Needs::Somebody => "somebody".to_owned(),
            Needs::Of(right) => format!("`{}`", right.id()),
        };
        let verb = if door.verb.is_empty() { String::new() } else { format!("`{}`", door.verb) };
        let _ = writeln!(out, "| {} | `{}` | {needs} | {verb} |", door.method, door.path);
    }
    out
}
