//! Buttons: how many, in which order, and whether each has what it needs.

use super::super::finding::Finding;
use super::super::model::{Button, ButtonKind, Category, Component, ComponentKind};
use super::super::names::Names;
use super::super::preview::markup;
use super::super::rule::Code;
use super::super::text::{chars, find, has_emoji};
use super::super::variables::{Name, Variable, variables};
use super::Lint;
use super::parts::Place;
use crate::json::Json;

/// Longest label, in characters.
const LABEL_CHARS_MAX: usize = 25;
/// Longest address, in characters.
pub(crate) const URL_CHARS_MAX: usize = 2000;
/// Longest phone number, in characters.
const PHONE_CHARS_MAX: usize = 20;
/// Longest code, in characters.
const CODE_CHARS_MAX: usize = 20;
/// Longest code where Meta's pages agree, in characters.
const CODE_CHARS_SAFE: usize = 15;
/// Most buttons of a message.
const BUTTONS_MAX: usize = 10;
/// Most buttons of a kind; kinds that are not named here may fill the message.
const KIND_MAX: [(ButtonKind, usize); 8] = [
    (ButtonKind::Url, 2),
    (ButtonKind::PhoneNumber, 1),
    (ButtonKind::CopyCode, 1),
    (ButtonKind::Catalog, 1),
    (ButtonKind::Products, 1),
    (ButtonKind::Product, 1),
    (ButtonKind::VoiceCall, 1),
    (ButtonKind::ContactInfo, 1),
];
/// Hosts that hide where a link leads.
const SHORTENERS: [&str; 16] = [
    "bit.ly",
    "tinyurl.com",
    "goo.gl",
    "t.co",
    "ow.ly",
    "is.gd",
    "buff.ly",
    "cutt.ly",
    "rebrand.ly",
    "rb.gy",
    "shorturl.at",
    "t.ly",
    "tiny.cc",
    "adf.ly",
    "bl.ink",
    "lnkd.in",
];
/// Hosts of WhatsApp itself.
const WHATSAPP: [&str; 3] = ["wa.me", "api.whatsapp.com", "chat.whatsapp.com"];

pub(super) fn judge(lint: &mut Lint<'_>, component: &Component<'_>, place: Place) {
    if component.kind != ComponentKind::Buttons {
        return;
    }
    let buttons = &component.buttons;
    let path = format!("{}/buttons", component.at);
    if buttons.is_empty() {
        let what = "there are no buttons in the list of buttons";
        lint.say(Finding::new(Code::ButtonField, path.clone(), "").saying(what));
    }
    if place == Place::Message {
        counts(lint, buttons, &path);
    }
    groups(lint, buttons, &path);
    let mut labels = Names::default();
    for button in buttons {
        one(lint, button);
        if let Some(label) = button.text.filter(|label| !labels.add(label, 0)) {
            lint.complain(Code::ButtonLabelsRepeat, format!("{}/text", button.at), label);
        }
    }
}

fn counts(lint: &mut Lint<'_>, buttons: &[Button<'_>], path: &str) {
    if buttons.len() > BUTTONS_MAX {
        let what = format!("there are {} buttons, and {BUTTONS_MAX} are allowed", buttons.len());
        lint.say(Finding::new(Code::ButtonCount, path, "").saying(&what));
    }
    for (kind, max) in KIND_MAX {
        let mut of_kind = buttons.iter().filter(|button| button.kind == kind);
        let count = of_kind.clone().count();
        if let Some(first_too_many) = of_kind.nth(max) {
            let what = format!("there are {count} buttons of type {}, and {max} allowed", kind.word());
            lint.say(Finding::new(Code::ButtonCount, first_too_many.at.clone(), "").saying(&what));
        }
    }
}

fn groups(lint: &mut Lint<'_>, buttons: &[Button<'_>], path: &str) {
    let mut runs = 0;
    let mut last = None;
    for button in buttons {
        let is_reply = button.kind == ButtonKind::QuickReply;
        runs += usize::from(last != Some(is_reply));
        last = Some(is_reply);
    }
    if runs > 2 {
        lint.complain(Code::ButtonGroups, path, "");
    }
}

fn one(lint: &mut Lint<'_>, button: &Button<'_>) {
    let needs_label = match button.kind {
        ButtonKind::Unknown => {
            let word = button.member("type").unwrap_or_default();
            return lint.complain(Code::ComponentUnknown, format!("{}/type", button.at), word);
        }
        ButtonKind::CopyCode => copy_code(lint, button),
        ButtonKind::Otp | ButtonKind::ContactInfo | ButtonKind::OrderDetails | ButtonKind::Payment => false,
        ButtonKind::Url => url(lint, button),
        ButtonKind::PhoneNumber => phone_number(lint, button),
        ButtonKind::Flow => flow(lint, button),
        _ => true,
    };
    label(lint, button, needs_label);
}

fn label(lint: &mut Lint<'_>, button: &Button<'_>, is_needed: bool) {
    let path = || format!("{}/text", button.at);
    let is_of_the_wrong_kind = button.value.get("text").is_some_and(|text| text.as_text().is_none());
    if is_of_the_wrong_kind {
        return lint.say(Finding::new(Code::TemplateShape, path(), "").saying("text is not a text"));
    }
    let Some(text) = button.text.filter(|text| !text.trim().is_empty()) else {
        if is_needed {
            lint.say(Finding::new(Code::TextMissing, path(), "").saying("the button has no label"));
        }
        return;
    };
    lint.too_long(&path, text, LABEL_CHARS_MAX);
    let (found, stray) = variables(text);
    let varies = !found.is_empty() || stray.is_some();
    if varies || text.contains('\n') || has_emoji(text) || markup::has_markup(text) {
        lint.complain(Code::ButtonLabelPlain, path(), text);
    }
}

/// Says whether a label is needed, as the others here.
fn copy_code(lint: &mut Lint<'_>, button: &Button<'_>) -> bool {
    let path = format!("{}/example", button.at);
    let Some(code) = button.example().filter(|code| !code.is_empty()) else {
        lint.say(
            Finding::new(Code::ExampleMissing, path, "").saying("the button has no example of its code"),
        );
        return false;
    };
    let (length, max) = (chars(code), if lint.is_offer { CODE_CHARS_SAFE } else { CODE_CHARS_MAX });
    if length > max {
        lint.complain(Code::CodeTooLong, path.clone(), code);
    } else if length > CODE_CHARS_SAFE {
        lint.complain(Code::CodeLong, path.clone(), code);
    }
    if !code.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        lint.complain(Code::CodeCharacters, path, code);
    }
    false
}

fn missing(lint: &mut Lint<'_>, button: &Button<'_>, member: &str) {
    let what = format!("the button has no {member}");
    lint.say(Finding::new(Code::ButtonField, format!("{}/{member}", button.at), "").saying(&what));
}

fn url(lint: &mut Lint<'_>, button: &Button<'_>) -> bool {
    let path = || format!("{}/url", button.at);
    let Some(url) = button.member("url").filter(|url| !url.is_empty()) else {
        missing(lint, button, "url");
        return true;
    };
    lint.too_long(&path, url, URL_CHARS_MAX);
    let (found, stray) = variables(url);
    let (mut misnamed, mut nonsense) = (None, stray.map(|at| &url[at..]));
    for variable in &found {
        let inner = variable.inner(url);
        match variable.name {
            Name::Number(_) => drop(lint.numbered.get_or_insert_with(path)),
            Name::Named(_) => drop(lint.named.get_or_insert_with(path)),
            Name::Misnamed(_) => misnamed = misnamed.or(Some(inner)),
            Name::Nonsense(_) => nonsense = nonsense.or(Some(inner)),
        }
    }
    for (code, inner) in [(Code::VariableName, misnamed), (Code::VariableMalformed, nonsense)] {
        if let Some(inner) = inner {
            lint.complain(code, path(), inner);
        }
    }
    if let [Variable { at, name: Name::Number(number) }] = found.as_slice()
        && *number != 1
    {
        let fixed = format!("{}{{{{1}}}}{}", &url[..at.start], &url[at.end..]);
        let what = "the variable of an address is the only one there, so its number is 1";
        lint.say(Finding::new(Code::VariableSequence, path(), url).saying(what).fixed_by(path(), fixed));
    }
    let is_last = found.last().is_none_or(|last| last.at.end == url.len());
    if found.len() > 1 || !is_last {
        lint.complain(Code::UrlVariable, path(), url);
    }
    let fixed_end = found.first().map_or(url.len(), |first| first.at.start);
    match host(&url[..fixed_end]) {
        None => lint.complain(Code::UrlInvalid, path(), url),
        Some(host) => {
            let host = host.trim_start_matches("www.");
            if !button.gives_code() && WHATSAPP.contains(&host) {
                lint.complain(Code::UrlWhatsapp, path(), url);
            }
            if SHORTENERS.contains(&host) {
                lint.complain(Code::UrlShortener, path(), url);
            }
            if let Some(rest) = url.strip_prefix("http://") {
                let secure = format!("https://{rest}");
                lint.say(Finding::new(Code::UrlNotHttps, path(), url).fixed_by(path(), secure));
            }
        }
    }
    let example = button.example().unwrap_or_default();
    let path = || format!("{}/example", button.at);
    if !found.is_empty() && example.trim().is_empty() {
        let what = "the variable of the address has no example";
        lint.say(Finding::new(Code::ExampleMissing, path(), "").saying(what));
    } else if !found.is_empty() && find(example, "{{").is_some() {
        lint.complain(Code::ExamplePlaceholder, path(), example);
    }
    true
}

/// The host of an address that a phone can open, in small letters as it stands.
fn host(url: &str) -> Option<&str> {
    let scheme = ["https://", "http://"]
        .into_iter()
        .find(|scheme| url.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)))?;
    let rest = &url[scheme.len()..];
    let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
    let host = authority.rsplit('@').next().unwrap_or_default().split(':').next().unwrap_or_default();
    let is_written_well = !url.contains(|ch: char| ch.is_whitespace() || ch.is_control());
    let has_parts = host.split('.').count() > 1 && host.split('.').all(|part| !part.is_empty());
    (is_written_well && has_parts).then_some(host)
}

fn phone_number(lint: &mut Lint<'_>, button: &Button<'_>) -> bool {
    let path = format!("{}/phone_number", button.at);
    let Some(number) = button.value.get("phone_number").and_then(Json::written) else {
        missing(lint, button, "phone_number");
        return true;
    };
    let plain: String = number.chars().filter(|ch| !matches!(ch, ' ' | '-' | '(' | ')' | '.')).collect();
    let digits = plain.strip_prefix('+').unwrap_or(&plain);
    let is_number =
        (5..=PHONE_CHARS_MAX).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number || chars(&number) > PHONE_CHARS_MAX {
        lint.complain(Code::PhoneInvalid, path, &number);
        return true;
    }
    if digits.as_bytes()[calling_code_digits(digits)] == b'0' {
        lint.complain(Code::PhoneLeadingZero, path, &number);
    }
    true
}

/// How many digits the calling code has (ITU-T E.164): the numbering plans, which know more, would be a larger download
/// than all of this module.
fn calling_code_digits(digits: &str) -> usize {
    const OF_TWO: &str = "20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 \
                          66 81 82 84 86 90 91 92 93 94 95 98";
    match digits.as_bytes()[0] {
        b'1' | b'7' => 1,
        _ if OF_TWO.split(' ').any(|code| digits.starts_with(code)) => 2,
        _ => 3,
    }
}

fn flow(lint: &mut Lint<'_>, button: &Button<'_>) -> bool {
    let given =
        ["flow_id", "flow_name", "flow_json"].iter().filter(|name| button.value.get(name).is_some()).count();
    // Meta lists flows by their id only; older lists leave it out.
    if given != 1 && !(given == 0 && lint.view.is_listed) {
        lint.complain(Code::FlowReference, button.at.clone(), "");
    }
    if let Some(action) = button.value.get("flow_action") {
        let action = action.as_text().unwrap_or_default();
        let is_known = ["navigate", "data_exchange"].iter().any(|known| action.eq_ignore_ascii_case(known));
        if !is_known {
            let what = "flow_action is neither navigate nor data_exchange";
            lint.say(
                Finding::new(Code::ButtonField, format!("{}/flow_action", button.at), action).saying(what),
            );
        }
    }
    true
}

/// Authentication: one button, and it gives the code.
pub(super) fn otp(lint: &mut Lint<'_>) {
    let view = lint.view;
    if view.category != Category::Authentication || view.is_from_library || view.is_listed {
        return;
    }
    let mut count = 0;
    for button in view.buttons() {
        // The address by which Meta lists such a button is not how one is made.
        if button.kind == ButtonKind::Otp {
            count += 1;
            otp_fields(lint, button);
        } else {
            lint.complain(Code::OtpButton, button.at.clone(), button.kind.word());
        }
    }
    let has_list = view.part(ComponentKind::Buttons).is_some();
    if count > 1 || (count == 0 && !has_list && view.member("components").is_some()) {
        lint.complain(Code::OtpButton, "/components", "");
    }
}

fn otp_fields(lint: &mut Lint<'_>, button: &Button<'_>) {
    let word = button.member("otp_type").unwrap_or_default();
    let is = |known: &str| word.eq_ignore_ascii_case(known);
    if let Some(text) = button.member("autofill_text") {
        lint.too_long(&|| format!("{}/autofill_text", button.at), text, LABEL_CHARS_MAX);
    }
    if is("COPY_CODE") {
        return;
    }
    if !is("ONE_TAP") && !is("ZERO_TAP") {
        let what = "otp_type is none of COPY_CODE, ONE_TAP, ZERO_TAP";
        return lint
            .say(Finding::new(Code::ButtonField, format!("{}/otp_type", button.at), word).saying(what));
    }
    if is("ZERO_TAP") && button.value.get("zero_tap_terms_accepted") != Some(&Json::Bool(true)) {
        lint.complain(Code::OtpTerms, format!("{}/zero_tap_terms_accepted", button.at), "");
    }
    // One app stands in the button itself in the older form.
    let apps = button.value.get("supported_apps").and_then(Json::as_list);
    let path = format!("{}/supported_apps", button.at);
    match apps {
        Some(apps) if (1..=5).contains(&apps.len()) => {
            for (at, app) in apps.iter().enumerate() {
                otp_app(lint, app, &format!("{path}/{at}"));
            }
        }
        None if button.value.get("package_name").is_some() => otp_app(lint, button.value, &button.at),
        _ => lint.complain(Code::OtpApp, path, ""),
    }
}

fn otp_app(lint: &mut Lint<'_>, app: &Json<'_>, path: &str) {
    let text = |name: &str| app.get(name).and_then(Json::as_text).unwrap_or_default();
    let package = text("package_name");
    let is_part = |part: &str| {
        part.starts_with(|first: char| first.is_ascii_alphabetic())
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    if package.split('.').count() < 2 || !package.split('.').all(is_part) {
        return lint.complain(Code::OtpApp, format!("{path}/package_name"), package);
    }
    let hash = text("signature_hash");
    // Meta's own example has it percent-encoded.
    let mut plain = Vec::with_capacity(hash.len());
    let mut rest = hash.as_bytes();
    while let [first, others @ ..] = rest {
        let (byte, left) = match rest {
            [b'%', b'2', b'F' | b'f', left @ ..] => (b'/', left),
            [b'%', b'2', b'B' | b'b', left @ ..] => (b'+', left),
            [b'%', b'3', b'D', left @ ..] => (b'=', left),
            _ => (*first, others),
        };
        plain.push(byte);
        rest = left;
    }
    let is_hash = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    if plain.len() != 11 || !plain.into_iter().all(is_hash) {
        lint.complain(Code::OtpApp, format!("{path}/signature_hash"), hash);
    }
}
