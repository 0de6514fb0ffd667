//! Headers, bodies and footers, of the message and of cards.

use super::super::finding::Finding;
use super::super::model::{Category, Component, ComponentKind, HeaderKind};
use super::super::preview::markup;
use super::super::rule::Code;
use super::super::text::{emoji_count, has_emoji, joined};
use super::super::variables::{around, variables};
use super::{Lint, values};
use crate::json::Json;

/// Longest header and footer, in characters.
pub(crate) const LINE_CHARS_MAX: usize = 60;
/// Longest body, in characters.
pub(crate) const BODY_CHARS_MAX: usize = 1024;
/// Longest body beside a limited-time offer, in characters.
pub(crate) const OFFER_BODY_CHARS_MAX: usize = 600;
/// Longest body of a card or beside a single product, in characters.
pub(crate) const CARD_BODY_CHARS_MAX: usize = 160;
/// Most line breaks in a row.
const BREAKS_MAX: usize = 2;
/// Most spaces in a row.
pub(crate) const SPACES_MAX: usize = 4;
/// Most emoji before Meta's editor complains.
const EMOJI_MAX: usize = 10;
/// The same in a utility template.
const UTILITY_EMOJI_MAX: usize = 6;

/// Where a part stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In the message itself.
    Message,
    /// In a card of a carousel.
    Card,
}

pub(super) fn judge(lint: &mut Lint<'_>, component: &Component<'_>, place: Place) {
    match component.kind {
        ComponentKind::Header => header(lint, component),
        ComponentKind::Body if lint.view.category == Category::Authentication => auth_body(lint, component),
        ComponentKind::Body => body(lint, component, place),
        ComponentKind::Footer => footer(lint, component),
        _ => {}
    }
}

fn header(lint: &mut Lint<'_>, component: &Component<'_>) {
    if component.member("format").is_none() && !lint.view.is_listed {
        let mut finding = Finding::new(Code::TemplateShape, format!("{}/format", component.at), "")
            .saying("the header does not say what it shows");
        if component.text.is_some() {
            finding = finding.fixed_by(format!("{}/format", component.at), "TEXT");
        }
        lint.say(finding);
    }
    match component.header {
        HeaderKind::Text => {}
        HeaderKind::Unknown => {
            let word = component.member("format").and_then(Json::as_text).unwrap_or_default();
            return lint.complain(Code::ComponentUnknown, format!("{}/format", component.at), word);
        }
        HeaderKind::Location | HeaderKind::Product => return,
        HeaderKind::Image | HeaderKind::Video | HeaderKind::Gif | HeaderKind::Document => {
            return media(lint, component);
        }
    }
    let Some((path, text)) = needed_text(lint, component) else { return };
    lint.too_long(&|| path.clone(), text, LINE_CHARS_MAX);
    let found = values::judge(lint, component, text, &path);
    if found > 1 {
        lint.complain(Code::HeaderVariables, path.clone(), text);
    }
    let fixed = joined(&mut around(text, &variables(text).0), " ");
    let is_plain = !fixed.contains(['\n', '\r', '*']) && !has_emoji(&fixed) && !markup::has_markup(&fixed);
    if !is_plain {
        lint.complain(Code::HeaderPlain, path, text);
    }
}

fn media(lint: &mut Lint<'_>, component: &Component<'_>) {
    let mut path = format!("{}/example", component.at);
    if component.member("example").is_some() {
        path.push_str("/header_handle");
    }
    match component.media_example() {
        None | Some("") => {
            let what = "the header has no sample file";
            lint.say(Finding::new(Code::ExampleMissing, path, "").saying(what));
        }
        // What Meta lists is where the sample lies.
        Some(_) if lint.view.is_listed => {}
        Some(handle) => {
            let digits = handle.bytes().take_while(u8::is_ascii_digit).count();
            if digits == 0 || handle.as_bytes().get(digits) != Some(&b':') {
                let is_list = component.member("example").and_then(|example| example.get("header_handle"));
                if is_list.is_some_and(|handle| handle.as_list().is_some()) {
                    path.push_str("/0");
                }
                lint.complain(Code::ExampleNotHandle, path, handle);
            }
        }
    }
}

fn body(lint: &mut Lint<'_>, component: &Component<'_>, place: Place) {
    let Some((path, text)) = needed_text(lint, component) else { return };
    let max = match place {
        Place::Card => CARD_BODY_CHARS_MAX,
        _ if lint.is_offer => OFFER_BODY_CHARS_MAX,
        _ if lint.has_product_button => CARD_BODY_CHARS_MAX,
        Place::Message => BODY_CHARS_MAX,
    };
    lint.too_long(&|| path.clone(), text, max);
    values::judge_body(lint, component, text, &path);
    if has_run(text, b'\n', BREAKS_MAX) || has_run(text, b' ', SPACES_MAX) || text.contains('\t') {
        lint.complain(Code::BodySpacing, path.clone(), "");
    }
    let emoji_max = if lint.view.category == Category::Utility { UTILITY_EMOJI_MAX } else { EMOJI_MAX };
    let emoji = emoji_count(text);
    if emoji > emoji_max {
        let what = format!("the body has {emoji} emoji");
        lint.say(Finding::new(Code::BodyEmoji, path, "").saying(&what));
    }
}

fn auth_body(lint: &mut Lint<'_>, component: &Component<'_>) {
    if let Some(text) = component.text.filter(|_| !lint.is_written_by_meta()) {
        lint.complain(Code::AuthText, format!("{}/text", component.at), text);
    }
    let advice = component.member("add_security_recommendation");
    if advice.is_some_and(|advice| !matches!(advice, Json::Bool(_))) {
        let path = format!("{}/add_security_recommendation", component.at);
        let what = "add_security_recommendation is neither true nor false";
        lint.say(Finding::new(Code::TemplateShape, path, "").saying(what));
    }
}

fn footer(lint: &mut Lint<'_>, component: &Component<'_>) {
    if lint.view.category == Category::Authentication {
        if let Some(text) = component.text.filter(|_| !lint.is_written_by_meta()) {
            lint.complain(Code::AuthText, format!("{}/text", component.at), text);
        }
        if let Some(minutes) = component.member("code_expiration_minutes") {
            let in_range = minutes.as_whole().is_some_and(|minutes| (1..=90).contains(&minutes));
            if !in_range {
                let found = minutes.written().unwrap_or_default();
                lint.complain(Code::OtpExpiry, format!("{}/code_expiration_minutes", component.at), &found);
            }
        }
        return;
    }
    let Some((path, text)) = needed_text(lint, component) else { return };
    lint.too_long(&|| path.clone(), text, LINE_CHARS_MAX);
    let (found, stray) = variables(text);
    // Meta's page on catalogs says that their footers may have variables.
    let may_vary = lint.has_catalog_button;
    let varies = !found.is_empty() || stray.is_some();
    if (varies && !may_vary) || text.contains(['\n', '\r']) || has_emoji(text) {
        lint.complain(Code::FooterPlain, path, text);
    }
}

/// The text and where it stands; a finding where there is none.
fn needed_text<'d>(lint: &mut Lint<'_>, component: &Component<'d>) -> Option<(String, &'d str)> {
    let path = format!("{}/text", component.at);
    let text = component.text.filter(|text| !text.trim().is_empty());
    // A text of the wrong kind has been reported as that.
    if text.is_none() && component.member("text").is_none_or(|text| text.as_text().is_some()) {
        lint.complain(Code::TextMissing, path.clone(), "");
    }
    text.map(|text| (path, text))
}

/// Whether the character, one of ASCII, stands more than `max` times in a row.
pub(crate) fn has_run(text: &str, wanted: u8, max: usize) -> bool {
    let mut run = 0;
    text.bytes().any(|byte| {
        run = if byte == wanted { run + 1 } else { 0 };
        run > max
    })
}
