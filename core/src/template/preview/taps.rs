//! Buttons, as they are drawn and as they are sent.

use std::borrow::Cow;

use super::super::document::Json;
use super::super::model::{Button, ButtonKind, Category, Component, ComponentKind};
use super::super::rule::Code;
use super::super::text::chars;
use super::super::variables::variables;
use super::drawn::{Buttons, DrawnButton};
use super::message::{Parameters, Writer};
use super::text::{Source, fill};
use super::values::owned;

/// Most buttons that are drawn below each other; more hide behind a list.
const SHOWN_MAX: usize = 3;
/// Buttons drawn above the one that opens the list.
const SHOWN_BESIDE_LIST: usize = 2;
/// Longest text that a quick reply sends back, in characters.
const PAYLOAD_CHARS_MAX: usize = 128;
/// Longest coupon code, in characters.
const COUPON_CHARS_MAX: usize = 20;

fn button_component(kind: &'static str, index: usize, parameters: Parameters) -> Option<Json<'static>> {
    let object = |parameters| {
        Json::object([
            ("type", Json::text("button")),
            ("sub_type", Json::text(kind)),
            ("index", Json::text(index.to_string())),
            ("parameters", Json::List(parameters)),
        ])
    };
    (!parameters.is_empty()).then(|| object(parameters))
}

impl Writer<'_> {
    pub(super) fn buttons(&mut self, part: &Component<'_>) -> (Vec<DrawnButton>, Vec<Json<'static>>) {
        let (mut drawn, mut sent) = (Vec::new(), Vec::new());
        for (index, button) in part.buttons.iter().enumerate() {
            let (one, component) = self.button(button, index);
            drawn.push(one);
            sent.extend(component);
        }
        (drawn, sent)
    }

    fn button(&mut self, button: &Button<'_>, index: usize) -> (DrawnButton, Option<Json<'static>>) {
        let names = self.names(&[&format!("button.{index}")]);
        let kind = button.kind;
        let label = button.text.unwrap_or(match kind {
            ButtonKind::CopyCode | ButtonKind::Otp => "Copy code",
            ButtonKind::ContactInfo => "Share contact info",
            ButtonKind::Catalog => "View catalog",
            ButtonKind::Products => "View items",
            ButtonKind::Product => "View",
            ButtonKind::OrderDetails => "Review and pay",
            ButtonKind::VoiceCall => "Call on WhatsApp",
            _ => "",
        });
        let mut drawn = DrawnButton { kind, label: label.to_owned(), target: None, source: Source::Fixed };
        if kind == ButtonKind::Unknown {
            drawn.label = button.text.or(button.member("type")).unwrap_or("?").to_owned();
            return (drawn, None);
        }
        if button.gives_code() {
            drawn.kind = ButtonKind::Otp;
            let body = self.view.part(ComponentKind::Body);
            let examples = body.map(Component::examples).unwrap_or_default();
            let said = self.findings.len();
            let (code, source) = self.one_time_code(examples.first().map(|(_, example)| *example));
            // The body has complained already, or is going to.
            if self.view.category == Category::Authentication && body.is_some() {
                self.findings.truncate(said);
            }
            drawn.source = source;
            let parameters =
                vec![Json::object([("type", Json::text("text")), ("text", Json::text(code.clone()))])];
            drawn.target = Some(code);
            return (drawn, button_component("url", index, parameters));
        }
        let (sub_type, parameters) = match kind {
            ButtonKind::Url => ("url", self.url(button, &names, &mut drawn)),
            ButtonKind::CopyCode => ("copy_code", self.coupon(button, &names, &mut drawn)),
            ButtonKind::QuickReply => ("quick_reply", self.quick_reply(&names)),
            ButtonKind::PhoneNumber => {
                let number = button.value.get("phone_number").and_then(Json::written);
                drawn.target = number.map(Cow::into_owned);
                return (drawn, None);
            }
            ButtonKind::Flow => ("flow", self.action(&names, "flow_token", false)),
            ButtonKind::Catalog => ("catalog", self.action(&names, "thumbnail_product_retailer_id", false)),
            ButtonKind::Products => ("mpm", self.action(&names, "", true)),
            ButtonKind::OrderDetails => ("order_details", self.action(&names, "", true)),
            ButtonKind::VoiceCall => ("voice_call", self.passed(&names)),
            _ => return (drawn, None),
        };
        (drawn, button_component(sub_type, index, parameters))
    }

    fn url(&mut self, button: &Button<'_>, names: &[String], drawn: &mut DrawnButton) -> Parameters {
        let url = button.member("url").unwrap_or_default();
        let (found, _) = variables(url);
        let Some(variable) = found.iter().find(|variable| variable.can_be_filled()) else {
            drawn.target = Some(url.to_owned());
            return Vec::new();
        };
        let name = variable.inner(url);
        let mut names = names.to_vec();
        if name.bytes().any(|byte| !byte.is_ascii_digit()) {
            names.push(format!("{}{name}", self.card));
            if !self.card.is_empty() {
                names.push(name.to_owned());
            }
        }
        // Some write the whole address as the example, others its end.
        let fixed = &url[..variable.at.start];
        let example = button.example().map(|example| example.strip_prefix(fixed).unwrap_or(example));
        let said = self.findings.len();
        let (value, source) = self.text_value(&names, example);
        // What a text must not have is encoded here, and that is said below.
        let more = self.findings.split_off(said);
        self.findings.extend(more.into_iter().filter(|finding| finding.code != Code::ValueSpacing));
        let encoded = encoded(&value);
        if encoded != value && source == Source::Value {
            self.say(Code::ValueEncoded, &names[0], &value);
        }
        let filled = fill(url, |_| (encoded.clone(), source));
        drawn.target = Some(filled.text);
        drawn.source = source;
        vec![self.text_parameter(name, &encoded)]
    }

    fn coupon(&mut self, button: &Button<'_>, names: &[String], drawn: &mut DrawnButton) -> Parameters {
        let (code, source) = self.text_value(names, button.example());
        let is_code = code.bytes().all(|byte| byte.is_ascii_alphanumeric()) && code.len() <= COUPON_CHARS_MAX;
        if !is_code {
            self.say(Code::CodeInvalid, &names[0], &code);
        }
        drawn.target = Some(code.clone()).filter(|code| !code.is_empty());
        drawn.source = source;
        vec![Json::object([("type", Json::text("coupon_code")), ("coupon_code", Json::text(code))])]
    }

    fn quick_reply(&mut self, names: &[String]) -> Parameters {
        let Some(payload) = self.values.text(names) else { return Vec::new() };
        if chars(&payload) > PAYLOAD_CHARS_MAX {
            self.say(Code::PayloadTooLong, &names[0], &payload);
        }
        vec![Json::object([("type", Json::text("payload")), ("payload", Json::text(payload.into_owned()))])]
    }

    /// What a button does when it is tapped: an object, or a text that stands for its most common member.
    fn action(&mut self, names: &[String], common: &'static str, is_needed: bool) -> Parameters {
        let action = match self.values.find(names) {
            Some(value @ Json::Object(_)) => owned(value),
            Some(value) if !common.is_empty() => {
                Json::object([(common, Json::text(value.written().unwrap_or_default().into_owned()))])
            }
            Some(value) => {
                self.say(Code::ValueShape, &names[0], &value.written().unwrap_or_default());
                return Vec::new();
            }
            None => {
                if is_needed {
                    self.say(Code::ValueMissing, &names[0], "");
                }
                return Vec::new();
            }
        };
        vec![Json::object([("type", Json::text("action")), ("action", action)])]
    }

    /// Parameters given as they are sent.
    fn passed(&mut self, names: &[String]) -> Parameters {
        match self.values.find(names) {
            Some(Json::List(list)) => list.iter().map(owned).collect(),
            Some(value @ Json::Object(_)) => vec![owned(value)],
            Some(value) => {
                self.say(Code::ValueShape, &names[0], &value.written().unwrap_or_default());
                Vec::new()
            }
            None => Vec::new(),
        }
    }
}

/// More than three buttons hide behind a list, as phones draw it.
pub(super) fn fold(all: Vec<DrawnButton>) -> Buttons {
    let replies = all.iter().filter(|button| button.kind == ButtonKind::QuickReply).count();
    let on_desktop = all.len() <= SHOWN_MAX && (replies == 0 || replies == all.len());
    if all.len() <= SHOWN_MAX {
        return Buttons { shown: all, all: Vec::new(), on_desktop };
    }
    Buttons { shown: all[..SHOWN_BESIDE_LIST].to_vec(), all, on_desktop }
}

/// Percent-encodes what must not stand in an address; what is encoded already stays.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let bytes = text.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        let is_escape = || bytes.get(at + 1..at + 3).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit));
        let stands = match byte {
            b'%' => is_escape(),
            b'-' | b'.' | b'_' | b'~' | b'/' | b'?' | b'#' | b'&' | b'=' | b'+' | b':' | b'@' | b'!'
            | b'$' | b'\'' | b'(' | b')' | b'*' | b',' | b';' => true,
            other => other.is_ascii_alphanumeric(),
        };
        if stands {
            out.push(char::from(*byte));
        } else {
            let hex = |digit: u8| char::from(b"0123456789ABCDEF"[usize::from(digit)]);
            out.extend(['%', hex(byte >> 4), hex(byte & 15)]);
        }
    }
    out
}
