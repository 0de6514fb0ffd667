//! Version 1 of the documents about templates: one JSON text in, one JSON text out, the same bytes in every runtime.
//! Additions are free, changes are breaking.
//!
//! Answers are written straight from what was found and drawn: they are long, and somebody waits for them at every
//! keystroke. What members they have, the functions below say in their order; `wasm/js/template.ts` says it in types.

use crate::json::Writer;
use crate::template::preview::{
    Buttons, Drawn, DrawnBlock, DrawnButton, DrawnCard, DrawnHeader, DrawnSpan, Source, markup::Line,
    markup::Style,
};
use crate::template::{
    self, Context, Existing, Finding, HeaderKind, Json, Preview, Request, Unreadable, View,
};
use crate::wire::v1::RuleText;

/// Room that is made for what [`lint`] answers, in bytes: a few findings.
const LINT_BYTES: usize = 1024;
/// How much longer than the question a drawn answer is, where it has many variables.
const ANSWER_TIMES: usize = 4;
/// Names of styles, in their order.
const STYLES: [(Style, &str); 4] =
    [(Style::BOLD, "bold"), (Style::ITALIC, "italic"), (Style::STRIKE, "strike"), (Style::CODE, "code")];

/// Judges a template. Takes the template itself, or `{"template": …, "edit": bool, "existing": [{"name", "language",
/// "status", "body", "footer"}]}`; gives `{"diagnostics": […]}`, in the order of the document.
///
/// ```
/// let report = consentry_core::wire::template::v1::lint(br#"{"name":"Hello"}"#);
/// assert!(report.contains(r#""code":"name-invalid""#) && report.contains(r#""value":"hello""#));
/// ```
pub fn lint(document: &[u8]) -> String {
    let envelope = template::parse(document);
    let findings = envelope.as_ref().map_or_else(unreadable, found_in);
    let mut out = Writer::with_room(LINT_BYTES);
    lint_report(&mut out, &findings);
    out.finish()
}

/// Draws a template and builds the request that sends it. Takes `{"template": …, "values": {…}, "examples": bool, "to":
/// "+90…"}`; gives `{"preview": …, "payload": …, "diagnostics": […]}`, the last alone where the document cannot be read.
///
/// ```
/// let request = br#"{"template":{"name":"hi","language":"en","category":"UTILITY",
///     "components":[{"type":"BODY","text":"Hi {{1}}, all is *well*."}]},"values":{"1":"Sarah"}}"#;
/// let report = consentry_core::wire::template::v1::preview(request);
/// assert!(report.contains(r#"{"text":"Sarah","variable":"1","source":"value"}"#));
/// assert!(report.contains(r#"{"type":"text","text":"Sarah"}"#));
/// ```
pub fn preview(request: &[u8]) -> String {
    let mut out = Writer::with_room(ANSWER_TIMES * request.len());
    match template::parse(request) {
        Ok(mut envelope) => {
            let request = asked(&mut envelope);
            let view = View::of(envelope.get("template").unwrap_or(&Json::Null));
            preview_report(&mut out, &template::preview::of_view(&view, &request));
        }
        Err(why) => lint_report(&mut out, &unreadable(&why)),
    }
    out.finish()
}

/// Judges and draws a template that is read once, which is what a person waits for who writes one. Takes what [`lint`] and
/// [`preview`] take, and gives `{"lint": …, "preview": …}`: what each of them answers to it, to the byte.
///
/// ```
/// use consentry_core::wire::template::v1::{judge, lint, preview};
/// let request = br#"{"template":{"name":"Hi"},"examples":true}"#;
/// assert_eq!(judge(request), format!(r#"{{"lint":{},"preview":{}}}"#, lint(request), preview(request)));
/// ```
pub fn judge(request: &[u8]) -> String {
    let mut out = Writer::with_room(ANSWER_TIMES * request.len());
    let envelope = template::parse(request);
    out.object(|out| match envelope {
        Ok(mut envelope) => {
            // What has no template in it is linted as if it were one, and that is another document than the one drawn.
            let bare = envelope.get("template").is_none().then(|| found_in(&envelope));
            let request = asked(&mut envelope);
            let view = View::of(envelope.get("template").unwrap_or(&Json::Null));
            let findings = bare.unwrap_or_else(|| template::lint::of_view(&view, &context(&envelope)));
            lint_report(out.name("lint"), &findings);
            preview_report(out.name("preview"), &template::preview::of_view(&view, &request));
        }
        Err(why) => {
            lint_report(out.name("lint"), &unreadable(&why));
            lint_report(out.name("preview"), &unreadable(&why));
        }
    });
    out.finish()
}

/// Every rule about templates, in the order of their codes.
pub fn rules() -> Vec<RuleText> {
    let rule = |rule: &template::Rule| RuleText {
        code: rule.id,
        severity: rule.severity.as_str(),
        what: rule.what,
        why: rule.why,
        cure: rule.cure,
    };
    template::RULES.iter().map(rule).collect()
}

/// The same as JSON.
pub fn rules_text() -> String {
    let mut out = Writer::default();
    out.list(template::RULES, |out, rule| {
        out.object(|out| {
            out.member("code", rule.id);
            out.member("severity", rule.severity.as_str());
            out.member("what", rule.what);
            out.member("why", rule.why);
            out.member("cure", rule.cure);
        });
    });
    out.finish()
}

fn context<'e>(envelope: &'e Json<'_>) -> Context<'e> {
    let existing = envelope.get("existing").and_then(Json::as_list).unwrap_or_default();
    let one = |value: &'e Json<'_>| {
        let text = |name: &str| value.get(name).and_then(Json::as_text).unwrap_or_default();
        Existing {
            name: text("name"),
            language: text("language"),
            status: text("status"),
            body: text("body"),
            footer: text("footer"),
        }
    };
    let is_edit = envelope.get("edit") == Some(&Json::Bool(true));
    Context { is_edit, existing: existing.iter().map(one).collect() }
}

/// The values are taken away from the question, the rest stays.
fn asked<'e>(envelope: &mut Json<'e>) -> Request<'e> {
    let to = match envelope.take("to") {
        Some(Json::Text(to)) => Some(to),
        _ => None,
    };
    Request {
        values: envelope.take("values").unwrap_or_default(),
        with_examples: envelope.get("examples") == Some(&Json::Bool(true)),
        to,
    }
}

fn found_in(envelope: &Json<'_>) -> Vec<Finding> {
    match envelope.get("template") {
        Some(inner) => template::lint::of_view(&View::of(inner), &context(envelope)),
        None => template::lint::of_view(&View::of(envelope), &Context::default()),
    }
}

fn unreadable(unreadable: &Unreadable) -> Vec<Finding> {
    let Unreadable { line, column, why } = unreadable;
    let place = if *line == 0 { String::new() } else { format!("line {line}, column {column}: ") };
    let finding = Finding::new(template::Code::TemplateUnreadable, "", "");
    vec![finding.saying(&format!("the document cannot be read: {place}{why}"))]
}

fn lint_report(out: &mut Writer, findings: &[Finding]) {
    out.object(|out| out.name("diagnostics").list(findings, diagnostic));
}

fn preview_report(out: &mut Writer, preview: &Preview<'_>) {
    out.object(|out| {
        seen(out.name("preview"), &preview.drawn);
        out.name("payload").json(&preview.payload);
        out.name("diagnostics").list(&preview.findings, diagnostic);
    });
}

/// One finding; `path` is a JSON pointer into the template, of a preview also the name of a value, and `fix` a JSON Patch
/// (RFC 6902) of nothing but `add`, which sets a member whether or not it is there.
fn diagnostic(out: &mut Writer, finding: &Finding) {
    let rule = finding.code.rule();
    out.object(|out| {
        out.member("code", rule.id);
        out.member("severity", rule.severity.as_str());
        out.member("path", &finding.path);
        out.member("message", &finding.message);
        out.member_if_any("found", Some(finding.found.as_str()).filter(|found| !found.is_empty()));
        if rule.meta != 0 {
            let name = if rule.scope == template::Scope::Template { "meta_subcode" } else { "meta_code" };
            out.name(name).number(rule.meta);
        }
        if !finding.fix.is_empty() {
            out.name("fix").list(&finding.fix, |out, edit| {
                out.object(|out| {
                    out.member("op", "add");
                    out.member("path", &edit.path);
                    out.name("value").json(&edit.value);
                });
            });
        }
    });
}

/// What a person sees, from top to bottom.
fn seen(out: &mut Writer, drawn: &Drawn<'_>) {
    let Buttons { shown, all, on_desktop } = &drawn.buttons;
    out.object(|out| {
        out.member("direction", drawn.direction.as_str());
        if let Some(above) = &drawn.header {
            header(out.name("header"), above);
        }
        out.name("body").list(&drawn.body, block);
        if let Some(footer) = &drawn.footer {
            block(out.name("footer"), footer);
        }
        if let Some((text, expires_ms)) = drawn.offer {
            out.name("offer").object(|out| {
                out.member("text", text);
                if let Some(expires_ms) = expires_ms {
                    out.name("expires_ms").number(expires_ms);
                }
            });
        }
        out.name("buttons").list(shown, tap);
        // Behind "See all options"; absent where all are shown.
        if !all.is_empty() {
            out.name("all_buttons").list(all, tap);
        }
        out.name("on_desktop").bool(*on_desktop);
        if !drawn.cards.is_empty() {
            out.name("cards").list(&drawn.cards, card);
        }
        if !drawn.unknown.is_empty() {
            out.name("unknown").list(&drawn.unknown, |out, word| out.text(word));
        }
        // Meta writes body and footer in the template's language, and English stands in.
        if drawn.by_meta {
            out.name("by_meta").bool(true);
        }
    });
}

/// A line; its direction is absent where there are no letters.
fn block(out: &mut Writer, drawn: &DrawnBlock<'_>) {
    let (kind, number) = match drawn.line {
        Line::Text => ("text", None),
        Line::Bullet => ("bullet", None),
        Line::Numbered(number) => ("number", Some(number)),
        Line::Quote => ("quote", None),
        Line::Code => ("code", None),
    };
    out.object(|out| {
        out.member("kind", kind);
        if let Some(number) = number {
            out.name("number").number(number);
        }
        out.member_if_any("direction", drawn.direction.map(|direction| direction.as_str()));
        out.name("spans").list(&drawn.spans, |out, one| span(out, one, &drawn.text));
    });
}

/// A stretch of a line, with the name of the variable that it stands for.
fn span(out: &mut Writer, drawn: &DrawnSpan<'_>, line: &str) {
    out.object(|out| {
        out.member("text", &line[drawn.at.clone()]);
        if drawn.style != Style::PLAIN {
            let styles = STYLES.iter().filter(|(style, _)| drawn.style.has(*style));
            out.name("style").list(styles, |out, (_, name)| out.text(name));
        }
        out.member_if_any("variable", drawn.variable);
        out.member_if_any("source", source(drawn.source));
    });
}

/// What stands above the text; `value` is a link, an id, a place or a product.
fn header(out: &mut Writer, drawn: &DrawnHeader<'_>) {
    let kind = if drawn.kind == HeaderKind::Unknown { "UNKNOWN" } else { drawn.kind.word() };
    out.object(|out| {
        out.member("kind", &kind.to_ascii_lowercase());
        if let Some(text) = &drawn.text {
            block(out.name("text"), text);
        }
        if !matches!(drawn.value, Json::Null) {
            out.name("value").json(&drawn.value);
        }
        out.member_if_any("source", source(drawn.source));
    });
}

/// A button; `target` is an address, a number or a code.
fn tap(out: &mut Writer, drawn: &DrawnButton<'_>) {
    out.object(|out| {
        out.member("kind", &drawn.kind.word().to_ascii_lowercase());
        out.member("label", drawn.label);
        out.member_if_any("target", drawn.target.as_deref());
        out.member_if_any("source", source(drawn.source));
    });
}

/// A card of a carousel.
fn card(out: &mut Writer, drawn: &DrawnCard<'_>) {
    out.object(|out| {
        if let Some(above) = &drawn.header {
            header(out.name("header"), above);
        }
        out.name("body").list(&drawn.body, block);
        out.name("buttons").list(&drawn.buttons, tap);
    });
}

fn source(source: Source) -> Option<&'static str> {
    match source {
        Source::Fixed => None,
        Source::Value => Some("value"),
        Source::Example => Some("example"),
        Source::Missing => Some("missing"),
    }
}
