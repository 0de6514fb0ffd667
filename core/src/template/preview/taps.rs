//! Buttons, as they are drawn and as they are sent.

use std::borrow::Cow;

use super::super::model::{Button, ButtonKind, Category, Component, ComponentKind};
use super::super::rule::Code;
use super::super::text::chars;
use super::super::variables::variables;
use super::drawn::{Buttons, DrawnButton};
use super::message::{Parameters, Writer};
use super::text::{Source, fill};
use super::values::{Last, Name, Section};
use super::watch::Watch;
use crate::json::Json;

/// Most buttons that are drawn below each other; more hide behind a list.
const SHOWN_MAX: usize = 3;
/// Buttons drawn above the one that opens the list.
const SHOWN_BESIDE_LIST: usize = 2;
/// Longest text that a quick reply sends back, in characters.
pub(crate) const PAYLOAD_CHARS_MAX: usize = 128;
/// Longest coupon code, in characters.
pub(crate) const COUPON_CHARS_MAX: usize = 20;

fn button_component<'t>(kind: &'static str, index: usize, parameters: Parameters<'t>) -> Option<Json<'t>> {
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

impl<'t, W: Watch> Writer<'_, 't, W> {
    pub(super) fn buttons(&mut self, part: &Component<'t>) -> (Vec<DrawnButton<'t>>, Vec<Json<'t>>) {
        let (mut drawn, mut sent) = (Vec::new(), Vec::new());
        for (index, button) in part.buttons.iter().enumerate() {
            let (one, component) = self.button(button, index);
            drawn.push(one);
            sent.extend(component);
        }
        (drawn, sent)
    }

    fn button(&mut self, button: &Button<'t>, index: usize) -> (DrawnButton<'t>, Option<Json<'t>>) {
        let name = Name { card: self.card, section: Section::Button, last: Last::Number(index) };
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
        let mut drawn = DrawnButton { kind, label, target: None, source: Source::Fixed };
        if kind == ButtonKind::Unknown {
            drawn.label = button.text.or(button.member("type")).unwrap_or("?");
            return (drawn, None);
        }
        if button.gives_code() {
            drawn.kind = ButtonKind::Otp;
            let body = self.view.part(ComponentKind::Body);
            let examples = body.map(Component::examples).unwrap_or_default();
            let said = self.findings.len();
            let (code, source) = self.one_time_code(examples.first());
            // The body has complained already, or is going to.
            if self.view.category == Category::Authentication && body.is_some() {
                self.findings.truncate(said);
            }
            drawn.source = source;
            let parameters =
                vec![Json::object([("type", Json::text("text")), ("text", Json::Text(code.clone()))])];
            drawn.target = Some(code);
            return (drawn, button_component("url", index, parameters));
        }
        let (sub_type, parameters) = match kind {
            ButtonKind::Url => ("url", self.url(button, name, &mut drawn)),
            ButtonKind::CopyCode => ("copy_code", self.coupon(button, name, &mut drawn)),
            ButtonKind::QuickReply => ("quick_reply", self.quick_reply(name)),
            ButtonKind::PhoneNumber => {
                let number = button.value.get("phone_number").and_then(Json::written);
                drawn.target = number;
                return (drawn, None);
            }
            ButtonKind::Flow => ("flow", self.action(name, "flow_token", false)),
            ButtonKind::Catalog => ("catalog", self.action(name, "thumbnail_product_retailer_id", false)),
            ButtonKind::Products => ("mpm", self.action(name, "", true)),
            ButtonKind::OrderDetails => ("order_details", self.action(name, "", true)),
            ButtonKind::VoiceCall => ("voice_call", self.passed(name)),
            _ => return (drawn, None),
        };
        (drawn, button_component(sub_type, index, parameters))
    }

    fn url(&mut self, button: &Button<'t>, name: Name<'t>, drawn: &mut DrawnButton<'t>) -> Parameters<'t> {
        let url = button.member("url").unwrap_or_default();
        let (found, _) = variables(url);
        let Some(variable) = found.iter().find(|variable| variable.can_be_filled()) else {
            drawn.target = Some(url.into());
            return Vec::new();
        };
        let word = variable.inner(url);
        let inside = self.name(Section::Plain, word);
        let names = [name, inside, Name { card: None, ..inside }];
        let is_number = word.bytes().all(|byte| byte.is_ascii_digit());
        let names = match (is_number, self.card) {
            (true, _) => &names[..1],
            (false, None) => &names[..2],
            (false, Some(_)) => &names,
        };
        // Some write the whole address as the example, others its end.
        let fixed = &url[..variable.at.start];
        let example = button.example().map(|example| example.strip_prefix(fixed).unwrap_or(example));
        let said = self.findings.len();
        let (value, source) = self.text_value(names, example);
        // What a text must not have is encoded here, and that is said below.
        let more = self.findings.split_off(said);
        self.findings.extend(more.into_iter().filter(|finding| finding.code != Code::ValueSpacing));
        let encoded = encoded(&value);
        if source == Source::Value && encoded.is_some() {
            self.say(Code::ValueEncoded, &name, &value);
        }
        let encoded = encoded.map_or(value, Cow::Owned);
        drawn.target = Some(fill(url, &found, |_| (&encoded, source)).text);
        drawn.source = source;
        vec![self.text_parameter(word, encoded)]
    }

    fn coupon(&mut self, button: &Button<'t>, name: Name<'t>, drawn: &mut DrawnButton<'t>) -> Parameters<'t> {
        let (code, source) = self.text_value(&[name], button.example());
        let is_code = code.bytes().all(|byte| byte.is_ascii_alphanumeric()) && code.len() <= COUPON_CHARS_MAX;
        if !is_code {
            self.say(Code::CodeInvalid, &name, &code);
        }
        drawn.target = Some(code.clone()).filter(|code| !code.is_empty());
        drawn.source = source;
        vec![Json::object([("type", Json::text("coupon_code")), ("coupon_code", Json::Text(code))])]
    }

    fn quick_reply(&mut self, name: Name<'t>) -> Parameters<'t> {
        let Some(payload) = self.values.text(&[name]) else { return Vec::new() };
        if chars(&payload) > PAYLOAD_CHARS_MAX {
            self.say(Code::PayloadTooLong, &name, &payload);
        }
        vec![Json::object([("type", Json::text("payload")), ("payload", Json::Text(payload))])]
    }

    /// What a button does when it is tapped: an object, or a text that stands for its most common member.
    fn action(&mut self, name: Name<'t>, common: &'static str, is_needed: bool) -> Parameters<'t> {
        let action = match self.values.find(&[name]) {
            Some(value @ Json::Object(_)) => value.lent(),
            Some(value) if !common.is_empty() => {
                Json::object([(common, Json::Text(value.written().unwrap_or_default()))])
            }
            Some(value) => {
                self.say(Code::ValueShape, &name, &value.written().unwrap_or_default());
                return Vec::new();
            }
            None => {
                if is_needed {
                    self.say(Code::ValueMissing, &name, "");
                }
                return Vec::new();
            }
        };
        vec![Json::object([("type", Json::text("action")), ("action", action)])]
    }

    /// Parameters given as they are sent.
    fn passed(&mut self, name: Name<'t>) -> Parameters<'t> {
        match self.values.find(&[name]) {
            Some(Json::List(list)) => list.iter().map(Json::lent).collect(),
            Some(value @ Json::Object(_)) => vec![value.lent()],
            Some(value) => {
                self.say(Code::ValueShape, &name, &value.written().unwrap_or_default());
                Vec::new()
            }
            None => Vec::new(),
        }
    }
}

/// More than three buttons hide behind a list, as phones draw it.
pub(super) fn fold(all: Vec<DrawnButton<'_>>) -> Buttons<'_> {
    let replies = all.iter().filter(|button| button.kind == ButtonKind::QuickReply).count();
    let on_desktop = all.len() <= SHOWN_MAX && (replies == 0 || replies == all.len());
    if all.len() <= SHOWN_MAX {
        return Buttons { shown: all, all: Vec::new(), on_desktop };
    }
    Buttons { shown: all[..SHOWN_BESIDE_LIST].to_vec(), all, on_desktop }
}

/// Percent-encodes what must not stand in an address; what is encoded already stays. Nothing where all of it may stand.
pub(crate) fn encoded(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let stands = |at: usize| match bytes[at] {
        b'%' => bytes.get(at + 1..at + 3).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit)),
        b'-' | b'.' | b'_' | b'~' | b'/' | b'?' | b'#' | b'&' | b'=' | b'+' | b':' | b'@' | b'!' | b'$'
        | b'\'' | b'(' | b')' | b'*' | b',' | b';' => true,
        other => other.is_ascii_alphanumeric(),
    };
    if (0..bytes.len()).all(stands) {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    for (at, byte) in bytes.iter().enumerate() {
        if stands(at) {
            out.push(char::from(*byte));
        } else {
            let hex = |digit: u8| char::from(b"0123456789ABCDEF"[usize::from(digit)]);
            out.extend(['%', hex(byte >> 4), hex(byte & 15)]);
        }
    }
    Some(out)
}
