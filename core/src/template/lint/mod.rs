//! What Meta would refuse, before it is asked. Looks at everything and never gives up: what cannot be judged is reported
//! and passed over.

mod buttons;
mod parts;
mod special;
mod values;
mod wording;

pub(crate) use buttons::URL_CHARS_MAX;
pub(crate) use parts::SPACES_MAX;
pub(super) use parts::{BODY_CHARS_MAX, LINE_CHARS_MAX, has_run};

use std::fmt;

use super::finding::Finding;
use super::languages;
use super::model::{ButtonKind, Category, ComponentKind, Format, HeaderKind, Template, View};
use super::rule::Code;
use super::text::chars;
use crate::json::Json;
use parts::Place;

/// Longest name, in characters.
const NAME_CHARS_MAX: usize = 512;
/// Thirty days, in seconds.
const MONTH_SECONDS: i64 = 2_592_000;
/// Half a day, in seconds.
const HALF_DAY_SECONDS: i64 = 43_200;

/// What is known besides the template.
#[derive(Clone, Debug, Default)]
pub struct Context<'a> {
    /// True when it is what an existing template is changed to: name and language then are not said again.
    pub is_edit: bool,
    /// Templates of the account.
    pub existing: Vec<Existing<'a>>,
}

/// A template that exists already.
#[derive(Clone, Debug, Default)]
pub struct Existing<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its language.
    pub language: &'a str,
    /// Meta's word for its state.
    pub status: &'a str,
    /// Text of its body.
    pub body: &'a str,
    /// Text of its footer, or empty.
    pub footer: &'a str,
}

/// Everything there is to say about a template, errors and warnings, in the order of the document.
pub fn lint(template: &Template<'_>, context: &Context<'_>) -> Vec<Finding> {
    of_view(&template.view(), context)
}

/// The same of a template that has been looked at already.
pub(crate) fn of_view(view: &View<'_>, context: &Context<'_>) -> Vec<Finding> {
    let has_button = |kind| view.buttons().any(|button| button.kind == kind);
    let mut lint = Lint {
        view,
        found: Vec::new(),
        named: None,
        numbered: None,
        is_offer: view.part(ComponentKind::Offer).is_some(),
        has_product_button: has_button(ButtonKind::Product),
        has_catalog_button: has_button(ButtonKind::Catalog),
    };
    let document = view.document();
    let Json::Object(_) = document else {
        lint.say(Finding::new(Code::TemplateShape, "", "").saying("a template is an object in braces"));
        return lint.found;
    };
    shapes(document, &mut lint);
    identity(&mut lint, context);
    delivery(&mut lint);
    structure(&mut lint);
    let view = lint.view;
    for component in &view.components {
        parts::judge(&mut lint, component, Place::Message);
        buttons::judge(&mut lint, component, Place::Message);
    }
    special::judge(&mut lint);
    formats(&mut lint);
    existing(&mut lint, context);
    wording::judge(&mut lint);
    lint.found
}

/// The findings so far, and what concerns the template as a whole.
pub(super) struct Lint<'v> {
    view: &'v View<'v>,
    found: Vec<Finding>,
    /// Where the first named variable stands.
    named: Option<String>,
    /// Where the first numbered variable stands.
    numbered: Option<String>,
    /// Whether there is a limited-time offer.
    is_offer: bool,
    /// Whether a button shows a single product.
    has_product_button: bool,
    /// Whether a button opens the catalog.
    has_catalog_button: bool,
}

impl Lint<'_> {
    #[cold]
    #[inline(never)]
    fn say(&mut self, finding: Finding) {
        self.found.push(finding);
    }

    fn complain(&mut self, code: Code, path: impl Into<String>, found: &str) {
        self.say(Finding::new(code, path, found));
    }

    fn too_long(&mut self, path: &dyn Fn() -> String, text: &str, max: usize) {
        let length = chars(text);
        if length > max {
            let what = format!("the text has {length} characters, and {max} are allowed");
            self.say(Finding::new(Code::TextTooLong, path(), text).saying(&what));
        }
    }

    /// Authentication templates as Meta lists them carry texts that Meta wrote.
    fn is_written_by_meta(&self) -> bool {
        self.view.category == Category::Authentication && self.view.is_listed
    }
}

/// Members of the wrong kind would be taken as if they were not there.
fn shapes(document: &Json<'_>, lint: &mut Lint<'_>) {
    for name in ["name", "language", "category", "parameter_format"] {
        if document.get(name).is_some_and(|value| value.as_text().is_none()) {
            lint.say(
                Finding::new(Code::TemplateShape, format!("/{name}"), "")
                    .saying(&format!("{name} is not a text")),
            );
        }
    }
    if let Some(ttl) = document.get("message_send_ttl_seconds").filter(|ttl| ttl.as_whole().is_none()) {
        let found = ttl.written().unwrap_or_default();
        let what = "the time is not a whole number of seconds";
        lint.say(Finding::new(Code::TemplateShape, "/message_send_ttl_seconds", &found).saying(what));
    }
    match document.get("components") {
        None => {}
        Some(Json::List(list)) => list.iter().enumerate().for_each(|(at, part)| {
            component_shape(part, format_args!("/components/{at}"), lint, Place::Message);
        }),
        Some(_) => {
            let what = "components is not a list";
            lint.say(Finding::new(Code::TemplateShape, "/components", "").saying(what));
        }
    }
}

fn component_shape(part: &Json<'_>, at: fmt::Arguments<'_>, lint: &mut Lint<'_>, place: Place) {
    let mut wrong = |path: String, what: &str| {
        lint.say(Finding::new(Code::TemplateShape, path, "").saying(what));
    };
    if !matches!(part, Json::Object(_)) {
        return wrong(at.to_string(), "a component is an object in braces");
    }
    for name in ["type", "format", "text"] {
        if part.get(name).is_some_and(|value| value.as_text().is_none()) {
            wrong(format!("{at}/{name}"), &format!("{name} is not a text"));
        }
    }
    for name in ["buttons", "cards"] {
        match part.get(name) {
            None => {}
            Some(Json::List(items)) => {
                for (place, item) in items.iter().enumerate() {
                    if !matches!(item, Json::Object(_)) {
                        wrong(format!("{at}/{name}/{place}"), "an item is an object in braces");
                    }
                }
            }
            Some(_) => wrong(format!("{at}/{name}"), &format!("{name} is not a list")),
        }
    }
    let cards = part.get("cards").and_then(Json::as_list).filter(|_| place == Place::Message);
    for (card, value) in cards.unwrap_or_default().iter().enumerate() {
        for (part, value) in
            value.get("components").and_then(Json::as_list).unwrap_or_default().iter().enumerate()
        {
            let at = format_args!("{at}/cards/{card}/components/{part}");
            component_shape(value, at, lint, Place::Card);
        }
    }
}

fn identity(lint: &mut Lint<'_>, context: &Context<'_>) {
    let view = lint.view;
    let is_said = |name: &str| view.member(name).is_some() || !context.is_edit;
    if is_said("name") {
        let allowed = |ch: char| ch.is_ascii_lowercase() || ch.is_ascii_digit() || ch == '_';
        if view.name.is_empty() || chars(view.name) > NAME_CHARS_MAX || !view.name.chars().all(allowed) {
            let mut finding = Finding::new(Code::NameInvalid, "/name", view.name);
            let plain = plain_name(view.name);
            if !plain.is_empty() {
                finding = finding.fixed_by("/name", plain);
            }
            lint.say(finding);
        }
    }
    match view.member("languages").and_then(Json::as_list) {
        // Authentication templates can be made in several languages at once.
        Some(list) => {
            for (at, code) in list.iter().enumerate() {
                language(lint, format!("/languages/{at}"), code.as_text().unwrap_or_default());
            }
        }
        None if is_said("language") => language(lint, "/language".to_owned(), view.language),
        None => {}
    }
    if is_said("category") && view.category == Category::Unknown {
        let found = view.member("category").and_then(Json::as_text).unwrap_or_default();
        lint.complain(Code::CategoryUnknown, "/category", found);
    }
    if view.format == Format::Unknown {
        let found = view.member("parameter_format").and_then(Json::as_text).unwrap_or_default();
        lint.complain(Code::FormatUnknown, "/parameter_format", found);
    }
}

/// What a name would be in the letters that Meta takes.
fn plain_name(name: &str) -> String {
    let mut plain = String::new();
    for ch in name.chars().take(NAME_CHARS_MAX) {
        match ch.to_ascii_lowercase() {
            ch if ch.is_ascii_lowercase() || ch.is_ascii_digit() => plain.push(ch),
            _ if plain.is_empty() || plain.ends_with('_') => {}
            _ => plain.push('_'),
        }
    }
    plain.truncate(plain.trim_end_matches('_').len());
    plain
}

fn language(lint: &mut Lint<'_>, path: String, code: &str) {
    if languages::is_known(code) {
        return;
    }
    if languages::is_doubtful(code) {
        return lint.complain(Code::LanguageDoubtful, path, code);
    }
    let mut finding = Finding::new(Code::LanguageUnknown, path.clone(), code);
    if let Some(meant) = languages::meant_by(code) {
        finding = finding.fixed_by(path, meant);
    }
    lint.say(finding);
}

fn delivery(lint: &mut Lint<'_>) {
    let Some(ttl) = lint.view.ttl else { return };
    let (range, month) = match lint.view.category {
        Category::Authentication => (30..=900, true),
        Category::Utility => (30..=HALF_DAY_SECONDS, true),
        Category::Marketing => (HALF_DAY_SECONDS..=MONTH_SECONDS, false),
        Category::Unknown => return,
    };
    let path = "/message_send_ttl_seconds";
    if range.contains(&ttl) || (month && ttl == -1) {
        if lint.view.category == Category::Marketing {
            lint.complain(Code::TtlMarketing, path, &ttl.to_string());
        }
        return;
    }
    // Listed authentication templates from before October 2024 wait for thirty days, and say so.
    if lint.view.is_listed && month && ttl == MONTH_SECONDS {
        return;
    }
    lint.complain(Code::TtlRange, path, &ttl.to_string());
}

/// Which parts there are, and whether they go together.
fn structure(lint: &mut Lint<'_>) {
    let view = lint.view;
    let mut seen: Vec<ComponentKind> = Vec::new();
    for component in &view.components {
        if component.kind == ComponentKind::Unknown {
            let word = component.member("type").and_then(Json::as_text).unwrap_or_default();
            lint.complain(Code::ComponentUnknown, format!("{}/type", component.at), word);
        } else if seen.contains(&component.kind) {
            lint.complain(Code::ComponentRepeated, component.at.clone(), component.kind.word());
        }
        if !seen.contains(&component.kind) {
            seen.push(component.kind);
        }
    }
    let needs_body =
        !view.is_from_library && (view.member("components").is_some() || view.member("name").is_some());
    if needs_body && !seen.contains(&ComponentKind::Body) {
        lint.complain(Code::BodyMissing, "/components", "");
    }
    if view.category == Category::Unknown {
        return;
    }
    let is_marketing = view.category == Category::Marketing;
    // Before 2023 authentication templates were written freely, and those that Meta approved are still listed.
    let is_auth = view.category == Category::Authentication && !view.is_listed;
    let is_offer = seen.contains(&ComponentKind::Offer);
    let has_cards = seen.contains(&ComponentKind::Carousel);
    for component in &view.components {
        let refused = match component.kind {
            ComponentKind::Header => {
                is_auth
                    || has_cards
                    || (component.header == HeaderKind::Product && !is_marketing)
                    || (is_offer && !matches!(component.header, HeaderKind::Image | HeaderKind::Video))
            }
            ComponentKind::Footer => is_offer || has_cards,
            ComponentKind::Buttons => has_cards,
            ComponentKind::Offer | ComponentKind::Carousel => !is_marketing,
            ComponentKind::CallPermission => is_auth,
            ComponentKind::Body | ComponentKind::Unknown => false,
        };
        if refused {
            lint.complain(Code::ComponentNotAllowed, component.at.clone(), component.kind.word());
        }
        for button in &component.buttons {
            let refused = match button.kind {
                ButtonKind::CopyCode | ButtonKind::Products | ButtonKind::Product | ButtonKind::Catalog => {
                    !is_marketing
                }
                ButtonKind::Otp => !is_auth,
                // Authentication has a rule of its own for its button.
                _ => false,
            };
            if refused {
                lint.complain(Code::ComponentNotAllowed, button.at.clone(), button.kind.word());
            }
        }
    }
}

/// Numbered and named variables do not stand together, and the template says which of them it has.
fn formats(lint: &mut Lint<'_>) {
    let (named, numbered) = (lint.named.take(), lint.numbered.take());
    let finding = match (named, numbered, lint.view.format) {
        (Some(_), Some(numbered), _) => Finding::new(Code::VariablesMixed, numbered, ""),
        (Some(named), None, Format::Positional) => {
            let what = "the variables have names, and the parameter format is POSITIONAL";
            Finding::new(Code::VariablesMixed, named, "").saying(what).fixed_by("/parameter_format", "NAMED")
        }
        (None, Some(numbered), Format::Named) => {
            let what = "the variables are numbered, and the parameter format is NAMED";
            Finding::new(Code::VariablesMixed, numbered, "")
                .saying(what)
                .fixed_by("/parameter_format", "POSITIONAL")
        }
        _ => return,
    };
    lint.say(finding);
}

fn existing(lint: &mut Lint<'_>, context: &Context<'_>) {
    let view = lint.view;
    if view.is_listed {
        return;
    }
    let text = |kind| view.part(kind).and_then(|part| part.text).unwrap_or_default();
    let (body, footer) = (text(ComponentKind::Body), text(ComponentKind::Footer));
    for other in &context.existing {
        let is_same = other.name == view.name && other.language == view.language;
        let is_going = matches!(other.status, "PENDING_DELETION" | "DELETED");
        if is_same && !context.is_edit {
            let code = if is_going { Code::NameBeingDeleted } else { Code::NameTaken };
            lint.complain(code, "/name", view.name);
        }
        let is_auth = view.category == Category::Authentication;
        // Languages of one name may say the same.
        let may_share = is_auth || is_going || other.name == view.name;
        if !may_share && !body.is_empty() && other.body == body && other.footer == footer {
            let at = view.part(ComponentKind::Body).map(|part| part.at.clone()).unwrap_or_default();
            let what = format!("template {} ({}) has the same body and footer", other.name, other.language);
            lint.say(Finding::new(Code::BodyTaken, format!("{at}/text"), body).saying(&what));
        }
    }
}
