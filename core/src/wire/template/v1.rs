//! Version 1 of the documents about templates: one JSON text in, one JSON text out, the same bytes in every runtime.
//! Additions are free, changes are breaking.

use std::borrow::Cow;

use serde::Serialize;

use crate::template::preview::{
    Buttons, Drawn, DrawnBlock, DrawnButton, DrawnCard, DrawnHeader, DrawnSpan, Source, markup::Line,
    markup::Style,
};
use crate::template::{self, Context, Existing, Finding, HeaderKind, Json, Request, Template, Unreadable};
use crate::wire::v1::RuleText;

/// The answer of [`lint`].
#[derive(Debug, Serialize)]
pub struct LintReport {
    /// Findings, in the order of the document.
    pub diagnostics: Vec<Diagnostic>,
}

/// One finding.
#[derive(Debug, Serialize)]
pub struct Diagnostic {
    /// See the rules.
    pub code: &'static str,
    /// `error` or `warning`.
    pub severity: &'static str,
    /// JSON pointer into the template; of a preview, also the name of a value.
    pub path: String,
    /// One sentence or two for people.
    pub message: String,
    /// What stood there, clipped.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub found: String,
    /// Meta's sub-code for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meta_subcode: Option<u32>,
    /// Meta's code for it, of what is sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meta_code: Option<u32>,
    /// A safe repair, as a JSON Patch (RFC 6902).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fix: Vec<Operation>,
}

/// One step of a JSON Patch.
#[derive(Debug, Serialize)]
pub struct Operation {
    /// Always `add`, which sets a member whether or not it is there.
    pub op: &'static str,
    /// Where.
    pub path: String,
    /// What.
    pub value: Json<'static>,
}

/// The answer of [`preview`].
#[derive(Debug, Serialize)]
pub struct PreviewReport {
    /// What a person sees; absent when the document cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preview: Option<Seen>,
    /// Body of the request that sends it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payload: Option<Json<'static>>,
    /// What would go wrong when it is sent.
    pub diagnostics: Vec<Diagnostic>,
}

/// What a person sees, from top to bottom.
#[derive(Debug, Serialize)]
pub struct Seen {
    /// `ltr` or `rtl`: which way the language runs.
    pub direction: &'static str,
    /// Above the text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<Header>,
    /// Lines.
    pub body: Vec<Block>,
    /// Small print.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub footer: Option<Block>,
    /// A limited-time offer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offer: Option<Offer>,
    /// Below the message.
    pub buttons: Vec<Tap>,
    /// All buttons, in the list behind "See all options"; absent where all are shown.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub all_buttons: Vec<Tap>,
    /// Whether WhatsApp on a desktop shows the message.
    pub on_desktop: bool,
    /// Side by side.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cards: Vec<Card>,
    /// Words of parts that are not known here.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unknown: Vec<String>,
    /// True when Meta writes body and footer in the template's language, and English stands in.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub by_meta: bool,
}

/// A line.
#[derive(Debug, Serialize)]
pub struct Block {
    /// `text`, `bullet`, `number`, `quote` or `code`.
    pub kind: &'static str,
    /// Of a numbered line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<u32>,
    /// `ltr` or `rtl`; absent where there are no letters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub direction: Option<&'static str>,
    /// Stretches in one style.
    pub spans: Vec<Span>,
}

/// A stretch of a line.
#[derive(Debug, Serialize)]
pub struct Span {
    /// Its text.
    pub text: String,
    /// `bold`, `italic`, `strike`, `code`; several at once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub style: Vec<&'static str>,
    /// Name of the variable that it stands for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variable: Option<String>,
    /// `value`, `example` or `missing`, of a variable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<&'static str>,
}

/// What stands above the text.
#[derive(Debug, Serialize)]
pub struct Header {
    /// `text`, `image`, `video`, `gif`, `document`, `location`, `product` or `unknown`.
    pub kind: String,
    /// Of a text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<Block>,
    /// Link, id, place or product.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Json<'static>>,
    /// `value`, `example` or `missing`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<&'static str>,
}

/// A limited-time offer.
#[derive(Debug, Serialize)]
pub struct Offer {
    /// Its heading.
    pub text: String,
    /// Its end, in Unix milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_ms: Option<i64>,
}

/// A button.
#[derive(Debug, Serialize)]
pub struct Tap {
    /// As the template has it, in small letters.
    pub kind: String,
    /// Its label.
    pub label: String,
    /// Address, number or code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// `value`, `example` or `missing`, where a variable is in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<&'static str>,
}

/// A card of a carousel.
#[derive(Debug, Serialize)]
pub struct Card {
    /// Picture, video or product.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<Header>,
    /// Lines.
    pub body: Vec<Block>,
    /// Buttons.
    pub buttons: Vec<Tap>,
}

/// Judges a template. Takes the template itself, or `{"template": …, "edit": bool, "existing": [{"name", "language",
/// "status", "body", "footer"}]}`; gives a [`LintReport`] as JSON.
///
/// ```
/// let report = consentry_core::wire::template::v1::lint(br#"{"name":"Hello"}"#);
/// assert!(report.contains(r#""code":"name-invalid""#) && report.contains(r#""value":"hello""#));
/// ```
pub fn lint(document: &[u8]) -> String {
    let envelope = match template::parse(document) {
        Ok(envelope) => envelope,
        Err(unreadable) => {
            return json(&LintReport { diagnostics: vec![diagnostic(&unreadable_finding(&unreadable))] });
        }
    };
    let findings = match envelope.get("template") {
        Some(inner) => template::lint(&Template::new(inner.clone()), &context(&envelope)),
        None => template::lint(&Template::new(envelope), &Context::default()),
    };
    json(&LintReport { diagnostics: findings.iter().map(diagnostic).collect() })
}

/// Draws a template and builds the request that sends it. Takes `{"template": …, "values": {…}, "examples": bool, "to":
/// "+90…"}`; gives a [`PreviewReport`] as JSON.
///
/// ```
/// let request = br#"{"template":{"name":"hi","language":"en","category":"UTILITY",
///     "components":[{"type":"BODY","text":"Hi {{1}}, all is *well*."}]},"values":{"1":"Sarah"}}"#;
/// let report = consentry_core::wire::template::v1::preview(request);
/// assert!(report.contains(r#"{"text":"Sarah","variable":"1","source":"value"}"#));
/// assert!(report.contains(r#"{"type":"text","text":"Sarah"}"#));
/// ```
pub fn preview(request: &[u8]) -> String {
    let envelope = match template::parse(request) {
        Ok(envelope) => envelope,
        Err(unreadable) => {
            let diagnostics = vec![diagnostic(&unreadable_finding(&unreadable))];
            return json(&PreviewReport { preview: None, payload: None, diagnostics });
        }
    };
    let inner = envelope.get("template").unwrap_or(&Json::Null).clone();
    let request = Request {
        values: envelope.get("values").cloned().unwrap_or_default(),
        with_examples: envelope.get("examples") == Some(&Json::Bool(true)),
        to: envelope.get("to").and_then(Json::as_text).map(Cow::Borrowed),
    };
    let preview = template::preview(&Template::new(inner), &request);
    json(&PreviewReport {
        preview: Some(seen(preview.drawn)),
        payload: Some(preview.payload),
        diagnostics: preview.findings.iter().map(diagnostic).collect(),
    })
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

fn json(document: &impl Serialize) -> String {
    serde_json::to_string(document).unwrap_or_default()
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

fn unreadable_finding(unreadable: &Unreadable) -> Finding {
    let Unreadable { line, column, why } = unreadable;
    let place = if *line == 0 { String::new() } else { format!("line {line}, column {column}: ") };
    Finding::new(template::Code::TemplateUnreadable, "", "")
        .saying(&format!("the document cannot be read: {place}{why}"))
}

fn diagnostic(finding: &Finding) -> Diagnostic {
    let rule = finding.code.rule();
    let of = |scope| Some(rule.meta).filter(|meta| *meta != 0 && rule.scope == scope);
    let operation =
        |edit: &template::Edit| Operation { op: "add", path: edit.path.clone(), value: edit.value.clone() };
    Diagnostic {
        code: rule.id,
        severity: rule.severity.as_str(),
        path: finding.path.clone(),
        message: finding.message.clone(),
        found: finding.found.clone(),
        meta_subcode: of(template::Scope::Template),
        meta_code: of(template::Scope::Send),
        fix: finding.fix.iter().map(operation).collect(),
    }
}

fn seen(drawn: Drawn) -> Seen {
    let Buttons { shown, all, on_desktop } = drawn.buttons;
    Seen {
        direction: drawn.direction.as_str(),
        header: drawn.header.map(header),
        body: drawn.body.into_iter().map(block).collect(),
        footer: drawn.footer.map(block),
        offer: drawn.offer.map(|(text, expires_ms)| Offer { text, expires_ms }),
        buttons: shown.into_iter().map(tap).collect(),
        all_buttons: all.into_iter().map(tap).collect(),
        on_desktop,
        cards: drawn.cards.into_iter().map(card).collect(),
        unknown: drawn.unknown,
        by_meta: drawn.by_meta,
    }
}

fn source(source: Source) -> Option<&'static str> {
    match source {
        Source::Fixed => None,
        Source::Value => Some("value"),
        Source::Example => Some("example"),
        Source::Missing => Some("missing"),
    }
}

fn block(drawn: DrawnBlock) -> Block {
    let (kind, number) = match drawn.line {
        Line::Text => ("text", None),
        Line::Bullet => ("bullet", None),
        Line::Numbered(number) => ("number", Some(number)),
        Line::Quote => ("quote", None),
        Line::Code => ("code", None),
    };
    let direction = drawn.direction.map(|direction| direction.as_str());
    Block { kind, number, direction, spans: drawn.spans.into_iter().map(span).collect() }
}

fn span(drawn: DrawnSpan) -> Span {
    let names =
        [(Style::BOLD, "bold"), (Style::ITALIC, "italic"), (Style::STRIKE, "strike"), (Style::CODE, "code")];
    let style =
        names.into_iter().filter(|(style, _)| drawn.style.has(*style)).map(|(_, name)| name).collect();
    Span { text: drawn.text, style, variable: drawn.variable, source: source(drawn.source) }
}

fn header(drawn: DrawnHeader) -> Header {
    let kind = if drawn.kind == HeaderKind::Unknown { "UNKNOWN" } else { drawn.kind.word() };
    Header {
        kind: kind.to_ascii_lowercase(),
        text: drawn.text.map(block),
        value: Some(drawn.value).filter(|value| *value != Json::Null),
        source: source(drawn.source),
    }
}

fn tap(drawn: DrawnButton) -> Tap {
    Tap {
        kind: drawn.kind.word().to_ascii_lowercase(),
        label: drawn.label,
        target: drawn.target,
        source: source(drawn.source),
    }
}

fn card(drawn: DrawnCard) -> Card {
    Card {
        header: drawn.header.map(header),
        body: drawn.body.into_iter().map(block).collect(),
        buttons: drawn.buttons.into_iter().map(tap).collect(),
    }
}
