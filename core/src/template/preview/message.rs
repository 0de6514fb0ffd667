//! The message as it is drawn and as it is sent, built side by side from one walk over the template.

use std::borrow::Cow;

use super::super::finding::Finding;
use super::super::languages::is_right_to_left;
use super::super::lint::{BODY_CHARS_MAX, LINE_CHARS_MAX, SPACES_MAX, has_run};
use super::super::model::{Category, Component, ComponentKind, HeaderKind, Template, View};
use super::super::names::{Names, sorted};
use super::super::rule::Code;
use super::super::text::{Direction, chars, joined};
use super::super::variables::variables;
use super::drawn::{Drawn, DrawnHeader, Preview, Request};
use super::taps::fold;
use super::text::{DrawnBlock, Filled, Source, fill};
use super::values::{Last, Name, Section, Values, fallback};
use super::watch::Watch;
use crate::json::Json;

/// Longest body where it is the only part, in characters after its values are in place.
const LONE_BODY_CHARS_MAX: usize = 32_768;
/// Longest one-time code, in characters.
pub(crate) const OTP_CHARS_MAX: usize = 15;
/// Most bytes of values in one message: one value may stand in many places, and each of them is written out.
pub(crate) const VALUES_BYTES_MAX: usize = 1 << 20;
/// What Meta writes where a code is sent, in English, without and with its advice.
const CODE_TEXT: &str = "*{{1}}* is your verification code.";
const CODE_TEXT_ADVISED: &str =
    "*{{1}}* is your verification code. For your security, do not share this code.";

/// Draws a template with values and builds the request that sends it.
pub fn preview<'t>(template: &'t Template<'_>, request: &'t Request<'_>) -> Preview<'t> {
    of_view(&template.view(), request)
}

/// The same of a template that has been looked at already.
pub(crate) fn of_view<'t>(view: &View<'t>, request: &'t Request<'_>) -> Preview<'t> {
    watched(view, request, ()).0
}

/// The same for somebody who watches it being written.
// Without it the one that pages download is laid out in another order, and half a kilobyte longer when it is packed.
#[inline(always)]
pub(crate) fn watched<'t, W: Watch>(view: &View<'t>, request: &'t Request<'_>, watch: W) -> (Preview<'t>, W) {
    let mut writer = Writer {
        view,
        values: Values::new(&request.values),
        with_examples: request.with_examples,
        findings: Vec::new(),
        card: None,
        room_bytes: VALUES_BYTES_MAX,
        watch,
    };
    let sendable = ["APPROVED", "FLAGGED", "REINSTATED"];
    if let Some(status) = view.status.filter(|status| !sendable.contains(status)) {
        writer.findings.push(Finding::new(Code::TemplateNotSendable, "/status", status));
    }
    let (drawn, components) = writer.message();
    for name in writer.values.unknown() {
        writer.findings.push(Finding::new(Code::ValueUnknown, name, name));
    }
    let payload = payload(view, request, components);
    (Preview { drawn, payload, findings: writer.findings }, writer.watch)
}

fn payload<'t>(view: &View<'t>, request: &'t Request<'_>, components: Vec<Json<'t>>) -> Json<'t> {
    let mut message = vec![
        (Cow::Borrowed("messaging_product"), Json::text("whatsapp")),
        (Cow::Borrowed("recipient_type"), Json::text("individual")),
    ];
    if let Some(to) = &request.to {
        message.push(("to".into(), Json::text(to.as_ref())));
    }
    let mut template = vec![
        (Cow::Borrowed("name"), Json::text(view.name)),
        (Cow::Borrowed("language"), Json::object([("code", Json::text(view.language))])),
    ];
    if !components.is_empty() {
        template.push(("components".into(), Json::List(components)));
    }
    message.push(("type".into(), Json::text("template")));
    message.push(("template".into(), Json::Object(template)));
    Json::Object(message)
}

/// One walk over a template.
pub(super) struct Writer<'v, 't, W> {
    pub(super) view: &'v View<'t>,
    pub(super) values: Values<'t>,
    with_examples: bool,
    pub(super) findings: Vec<Finding>,
    /// The place of the card that is written.
    pub(super) card: Option<usize>,
    /// How many more bytes of values have room.
    room_bytes: usize,
    watch: W,
}

/// The parameters of one part of the request.
pub(super) type Parameters<'t> = Vec<Json<'t>>;

pub(super) fn component<'t>(kind: &'static str, parameters: Parameters<'t>) -> Option<Json<'t>> {
    let object =
        |parameters| Json::object([("type", Json::text(kind)), ("parameters", Json::List(parameters))]);
    (!parameters.is_empty()).then(|| object(parameters))
}

impl<'t, W: Watch> Writer<'_, 't, W> {
    fn message(&mut self) -> (Drawn<'t>, Vec<Json<'t>>) {
        let view = self.view;
        let language =
            if is_right_to_left(view.language) { Direction::RightToLeft } else { Direction::LeftToRight };
        let mut drawn = Drawn {
            direction: language,
            header: None,
            body: Vec::new(),
            footer: None,
            offer: None,
            buttons: fold(Vec::new()),
            cards: Vec::new(),
            unknown: Vec::new(),
            by_meta: false,
        };
        let mut sent = Vec::new();
        let is_first = |part: &&Component<'_>| {
            part.kind == ComponentKind::Unknown
                || view.part(part.kind).is_some_and(|first| std::ptr::eq(first, *part))
        };
        // A second part of a kind has been refused when it was linted.
        for part in view.components.iter().filter(is_first) {
            match part.kind {
                ComponentKind::Header => {
                    let (header, parameters) = self.header(part);
                    drawn.header = Some(header);
                    sent.extend(component("header", parameters));
                }
                ComponentKind::Body => {
                    let (body, parameters, by_meta) = self.body(part);
                    drawn.body = body;
                    drawn.by_meta |= by_meta;
                    sent.extend(component("body", parameters));
                }
                ComponentKind::Footer => {
                    let minutes = part.member("code_expiration_minutes").and_then(Json::as_whole);
                    let by_meta = minutes.map(|minutes| format!("This code expires in {minutes} minutes."));
                    drawn.by_meta |= by_meta.is_some() && part.text.is_none();
                    let text = part.text.map(Cow::Borrowed).or(by_meta.map(Cow::Owned));
                    drawn.footer = text.map(|text| Filled { text, places: Vec::new() }.plain());
                }
                ComponentKind::Buttons => {
                    let (buttons, components) = self.buttons(part);
                    drawn.buttons = fold(buttons);
                    sent.extend(components);
                }
                ComponentKind::Offer => {
                    let (offer, parameters) = self.offer(part);
                    drawn.offer = Some(offer);
                    sent.extend(component("limited_time_offer", parameters));
                }
                ComponentKind::Carousel => {
                    let (cards, components) = self.carousel(part);
                    drawn.cards = cards;
                    if !components.is_empty() {
                        let members = [("type", Json::text("carousel")), ("cards", Json::List(components))];
                        sent.push(Json::object(members));
                    }
                }
                ComponentKind::CallPermission => {}
                ComponentKind::Unknown => {
                    let word = part.member("type").and_then(Json::as_text).unwrap_or("?");
                    drawn.unknown.push(word);
                }
            }
        }
        // Offers are for phones only.
        drawn.buttons.on_desktop &= drawn.offer.is_none();
        (drawn, sent)
    }

    pub(super) fn say(&mut self, code: Code, path: &Name<'_>, found: &str) {
        self.findings.push(Finding::new(code, path.to_string(), found));
    }

    /// `header.1` and the like, inside of a card with its name before it.
    pub(super) fn name<'n>(&self, section: Section, word: &'n str) -> Name<'n> {
        Name { card: self.card, section, last: Last::Word(word) }
    }

    /// What stands for a variable: the value that was given, the example, or nothing.
    pub(super) fn text_value(
        &mut self,
        names: &[Name<'_>],
        example: Option<&'t str>,
    ) -> (Cow<'t, str>, Source) {
        let example = example.filter(|example| self.with_examples && !example.trim().is_empty());
        let (value, source) = match (self.values.text(names), example) {
            (Some(value), _) => (value, Source::Value),
            (None, Some(example)) => (Cow::Borrowed(example), Source::Example),
            (None, None) => {
                self.say(Code::ValueMissing, &names[0], "");
                return (Cow::Borrowed(""), Source::Missing);
            }
        };
        if !self.has_room(&names[0], value.len()) {
            return (Cow::Borrowed(""), source);
        }
        self.spacing(&names[0], &value);
        (value, source)
    }

    fn spacing(&mut self, path: &Name<'_>, value: &str) {
        let is_break = |byte: u8| matches!(byte, b'\n' | b'\r' | b'\t');
        if value.bytes().any(is_break) || has_run(value, b' ', SPACES_MAX) {
            self.say(Code::ValueSpacing, path, value);
        }
    }

    /// Takes room for a value; says that there is too much of it, if so.
    fn has_room(&mut self, path: &Name<'_>, bytes: usize) -> bool {
        let left = self.room_bytes.checked_sub(bytes);
        if left.is_none() {
            let what = format!("the values of the message come to more than {VALUES_BYTES_MAX} bytes");
            self.findings.push(Finding::new(Code::ValueTooLong, path.to_string(), "").saying(&what));
        }
        self.room_bytes = left.unwrap_or(self.room_bytes);
        left.is_some()
    }

    /// Fills a text; the parameters come in the order in which Meta counts them.
    pub(super) fn filled(
        &mut self,
        text: &'t str,
        part: &Component<'t>,
        section: Section,
    ) -> (Filled<'t>, Parameters<'t>) {
        let (found, _) = variables(text);
        if found.is_empty() {
            return (fill(text, &found, |_| ("", Source::Missing)), Vec::new());
        }
        let examples = part.examples();
        let is_header = section == Section::Header;
        let (mut given, mut known) = (Names::default(), Names::default());
        for (place, (name, _)) in examples.named.iter().enumerate() {
            given.add(name, place);
        }
        let mut shown: Vec<(Cow<'t, str>, Source)> = Vec::with_capacity(found.len());
        // Which of them stands for each variable.
        let mut shown_at = vec![0; found.len()];
        // Numbers by their size, names as they stand.
        let size = |name: &str| name.parse::<u32>().unwrap_or_default();
        let variables = found.iter().enumerate().filter(|(_, variable)| variable.can_be_filled());
        let places = sorted(variables.map(|(place, variable)| (size(variable.inner(text)), place)));
        let mut parameters = Vec::with_capacity(found.len());
        for (number, place) in places {
            let name = found[place].inner(text);
            shown_at[place] = shown.len();
            if !known.add(name, shown.len()) {
                shown_at[place] = known.place(name).unwrap_or_default();
                continue;
            }
            let is_number = !is_name(name);
            // A name means the same everywhere; a number counts in its own part.
            let may_be_short = !is_header || !is_number;
            let outside = Name { card: None, ..self.name(Section::Plain, name) };
            let names = [self.name(section, name), self.name(Section::Plain, name), outside];
            let names = match (may_be_short, is_number || self.card.is_none()) {
                (false, _) => &names[..1],
                (true, true) => &names[..2],
                (true, false) => &names,
            };
            let typed = self.values.find(names).filter(|value| value.get("type").is_some());
            if let Some(typed) = typed {
                let (text, parameter) = self.typed(typed, name, &names[0], is_header);
                shown.push((text.into(), Source::Value));
                parameters.extend(parameter);
                continue;
            }
            let numbered = || examples.numbered.get((number as usize).checked_sub(1)?)?.as_text();
            let example = match given.place(name) {
                Some(place) => Some(examples.named[place].1),
                None if is_number => numbered(),
                None => None,
            };
            let (value, source) = self.text_value(names, example);
            parameters.push(self.text_parameter(name, value.clone()));
            shown.push((value, source));
        }
        let filled = fill(text, &found, |place| {
            let (value, source) = &shown[shown_at[place]];
            (value, *source)
        });
        (filled, parameters)
    }

    /// A parameter given as it is sent: a text, a sum of money, a date. What it shows, and what is sent.
    fn typed(
        &mut self,
        typed: &'t Json<'t>,
        name: &'t str,
        path: &Name<'_>,
        is_header: bool,
    ) -> (&'t str, Option<Json<'t>>) {
        let shown = fallback(typed).filter(|(kind, shown)| {
            let belongs = *kind == "text" || (!is_header && matches!(*kind, "currency" | "date_time"));
            belongs && !shown.trim().is_empty()
        });
        let Some((_, shown)) = shown else {
            let what = "a parameter is a text, or in a body a currency or date_time with its fallback_value";
            self.findings.push(Finding::new(Code::ValueShape, path.to_string(), "").saying(what));
            return ("", None);
        };
        self.spacing(path, shown);
        if !self.has_room(path, shown.len()) {
            return ("", None);
        }
        let mut parameter = typed.lent();
        if let Json::Object(members) = &mut parameter
            && is_name(name)
            && typed.get("parameter_name").is_none()
        {
            members.push(("parameter_name".into(), Json::text(name)));
        }
        (shown, Some(parameter))
    }

    pub(super) fn text_parameter(&self, name: &'t str, value: Cow<'t, str>) -> Json<'t> {
        // Older lists do not say that variables have names.
        if is_name(name) {
            let name = ("parameter_name", Json::text(name));
            return Json::object([("type", Json::text("text")), name, ("text", Json::Text(value))]);
        }
        Json::object([("type", Json::text("text")), ("text", Json::Text(value))])
    }

    pub(super) fn header(&mut self, part: &Component<'t>) -> (DrawnHeader<'t>, Parameters<'t>) {
        let mut header =
            DrawnHeader { kind: part.header, text: None, value: Json::Null, source: Source::Fixed };
        let parameters = match part.header {
            HeaderKind::Text => {
                let (filled, parameters) = self.filled(part.text.unwrap_or_default(), part, Section::Header);
                self.too_long(&filled, &part.at, LINE_CHARS_MAX);
                header.text = Some(filled.plain());
                parameters
            }
            HeaderKind::Unknown => Vec::new(),
            HeaderKind::Location => self.structured(&mut header, "location", &["latitude", "longitude"]),
            HeaderKind::Product => {
                self.structured(&mut header, "product", &["product_retailer_id", "catalog_id"])
            }
            HeaderKind::Image | HeaderKind::Video | HeaderKind::Gif | HeaderKind::Document => {
                self.media(&mut header, part)
            }
        };
        (header, parameters)
    }

    fn media(&mut self, header: &mut DrawnHeader<'t>, part: &Component<'t>) -> Parameters<'t> {
        let name = self.name(Section::Header, "media");
        let word = match part.header {
            HeaderKind::Image => "image",
            HeaderKind::Document => "document",
            _ => "video",
        };
        let Some(value) = self.values.find(&[name]) else {
            let example = part.media_example().filter(|_| self.with_examples);
            header.value = example.map_or(Json::Null, |example| {
                // What Meta lists as the sample is an address; what was uploaded is a handle that cannot be shown.
                let kind = if example.starts_with("https://") { "link" } else { "handle" };
                Json::object([(kind, Json::text(example))])
            });
            header.source = if example.is_some() { Source::Example } else { Source::Missing };
            self.say(Code::ValueMissing, &name, "");
            return Vec::new();
        };
        let media = match value {
            Json::Object(_) => value.lent(),
            other => {
                let text = other.written().unwrap_or_default();
                let kind = if text.contains(':') { "link" } else { "id" };
                Json::object([(kind, Json::text(text))])
            }
        };
        let text = |name: &str| media.get(name).and_then(Json::written);
        let is_link = text("link").is_some_and(|link| link.starts_with("https://") && !link.contains(' '));
        let is_id =
            text("id").is_some_and(|id| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit()));
        if !is_link && !is_id {
            self.say(Code::MediaInvalid, &name, &value.written().unwrap_or_default());
        }
        header.source = Source::Value;
        header.value = media.clone();
        vec![Json::Object(vec![("type".into(), Json::text(word)), (word.into(), media)])]
    }

    /// A place or a product: an object with these members at least.
    fn structured(
        &mut self,
        header: &mut DrawnHeader<'t>,
        word: &'static str,
        needed: &[&str],
    ) -> Parameters<'t> {
        let name = self.name(Section::Header, word);
        let Some(value) = self.values.find(&[name]) else {
            header.source = Source::Missing;
            self.say(Code::ValueMissing, &name, "");
            return Vec::new();
        };
        let has_all = needed.iter().all(|name| value.get(name).and_then(Json::written).is_some());
        if !has_all {
            let what = format!("a {word} needs {}", joined(&mut needed.iter().copied(), " and "));
            self.findings.push(Finding::new(Code::ValueShape, name.to_string(), "").saying(&what));
        }
        header.source = Source::Value;
        header.value = value.lent();
        vec![Json::Object(vec![("type".into(), Json::text(word)), (word.into(), value.lent())])]
    }

    fn body(&mut self, part: &Component<'t>) -> (Vec<DrawnBlock<'t>>, Parameters<'t>, bool) {
        if self.view.category == Category::Authentication {
            return self.auth_body(part);
        }
        let (filled, parameters) = self.filled(part.text.unwrap_or_default(), part, Section::Body);
        let max = if self.view.components.len() == 1 { LONE_BODY_CHARS_MAX } else { BODY_CHARS_MAX };
        self.too_long(&filled, &part.at, max);
        (filled.drawn(), parameters, false)
    }

    /// Meta writes these texts itself; the English one stands in where the template does not have it.
    fn auth_body(&mut self, part: &Component<'t>) -> (Vec<DrawnBlock<'t>>, Parameters<'t>, bool) {
        let (code, source) = self.one_time_code(part.examples().first());
        let is_advised = part.member("add_security_recommendation") == Some(&Json::Bool(true));
        let text = part.text.unwrap_or(if is_advised { CODE_TEXT_ADVISED } else { CODE_TEXT });
        let filled = fill(text, &variables(text).0, |_| (&code, source));
        self.too_long(&filled, &part.at, BODY_CHARS_MAX);
        (filled.drawn(), vec![self.text_parameter("1", code)], part.text.is_none())
    }

    /// The code of an authentication template, which is sent twice.
    pub(super) fn one_time_code(&mut self, example: Option<&'t str>) -> (Cow<'t, str>, Source) {
        let names = [
            self.name(Section::Body, "1"),
            self.name(Section::Plain, "1"),
            self.name(Section::Plain, "code"),
            self.name(Section::Button, "0"),
        ];
        // The panel draws a code before anybody has written an example.
        let (code, source) = self.text_value(&names, example.or(Some("123456")));
        if chars(&code) > OTP_CHARS_MAX {
            self.say(Code::CodeInvalid, &names[0], &code);
        }
        (code, source)
    }

    fn offer(&mut self, part: &Component<'t>) -> ((&'t str, Option<i64>), Parameters<'t>) {
        let offer = part.member("limited_time_offer");
        let text = offer.and_then(|offer| offer.get("text")).and_then(Json::as_text).unwrap_or_default();
        let has_end = offer.and_then(|offer| offer.get("has_expiration")) == Some(&Json::Bool(true));
        if !has_end {
            return ((text, None), Vec::new());
        }
        let name = self.name(Section::Plain, "offer.expires_ms");
        let Some(value) = self.values.find(&[name]) else {
            self.say(Code::ValueMissing, &name, "");
            return ((text, None), Vec::new());
        };
        let end = value.as_whole().filter(|end| *end > 0);
        if end.is_none() {
            self.say(Code::ValueShape, &name, &value.written().unwrap_or_default());
        }
        let end_value = end.map_or(Json::Null, |end| Json::Natural(end.unsigned_abs()));
        let offer = Json::object([("expiration_time_ms", end_value)]);
        let parameter =
            Json::object([("type", Json::text("limited_time_offer")), ("limited_time_offer", offer)]);
        ((text, end), vec![parameter])
    }

    /// Marks count, though they are not seen.
    pub(super) fn too_long(&mut self, filled: &Filled<'_>, at: &str, max: usize) {
        self.watch.see(at, &filled.text, max);
        let length = chars(&filled.text);
        // What the template is too long for by itself has been said when it was linted.
        if length > max && filled.places.iter().any(|(_, source, _)| *source != Source::Missing) {
            let what = format!("with its values the text has {length} characters, and {max} are allowed");
            let path = format!("{at}/text");
            self.findings.push(Finding::new(Code::ValueTooLong, path, "").saying(&what));
        }
    }
}

/// Whether a variable is called by a name; others are counted.
fn is_name(variable: &str) -> bool {
    variable.bytes().any(|byte| !byte.is_ascii_digit())
}
