//! The message as it is drawn and as it is sent, built side by side from one walk over the template.

use std::borrow::Cow;

use super::super::document::Json;
use super::super::finding::Finding;
use super::super::languages::is_right_to_left;
use super::super::lint::{BODY_CHARS_MAX, LINE_CHARS_MAX, SPACES_MAX, has_run};
use super::super::model::{Category, Component, ComponentKind, HeaderKind, Template, View};
use super::super::names::{Names, sorted};
use super::super::rule::Code;
use super::super::text::{Direction, chars};
use super::super::variables::variables;
use super::drawn::{Drawn, DrawnCard, DrawnHeader, Preview, Request};
use super::taps::fold;
use super::text::{DrawnBlock, Filled, Source, fill};
use super::values::{Values, fallback, owned};

/// Longest body where it is the only part, in characters after its values are in place.
const LONE_BODY_CHARS_MAX: usize = 32_768;
/// Longest one-time code, in characters.
const OTP_CHARS_MAX: usize = 15;
/// Most bytes of values in one message: one value may stand in many places, and each of them is written out.
const VALUES_BYTES_MAX: usize = 1 << 20;
/// Most cards of a carousel.
const CARDS_MAX: usize = 10;

/// Draws a template with values and builds the request that sends it.
pub fn preview(template: &Template<'_>, request: &Request<'_>) -> Preview {
    let view = template.view();
    let mut writer = Writer {
        view: &view,
        values: Values::new(&request.values),
        with_examples: request.with_examples,
        findings: Vec::new(),
        card: String::new(),
        room_bytes: VALUES_BYTES_MAX,
    };
    let sendable = ["APPROVED", "FLAGGED", "REINSTATED"];
    if let Some(status) = view.status.filter(|status| !sendable.contains(status)) {
        writer.findings.push(Finding::new(Code::TemplateNotSendable, "/status", status));
    }
    let (drawn, components) = writer.message();
    for name in writer.values.unknown() {
        writer.findings.push(Finding::new(Code::ValueUnknown, name, name));
    }
    let payload = payload(&view, request, components);
    Preview { drawn, payload, findings: writer.findings }
}

fn payload(view: &View<'_>, request: &Request<'_>, components: Vec<Json<'static>>) -> Json<'static> {
    let mut message = vec![
        (Cow::Borrowed("messaging_product"), Json::text("whatsapp")),
        (Cow::Borrowed("recipient_type"), Json::text("individual")),
    ];
    if let Some(to) = &request.to {
        message.push(("to".into(), Json::text(to.clone().into_owned())));
    }
    let mut template = vec![
        (Cow::Borrowed("name"), Json::text(view.name.to_owned())),
        (Cow::Borrowed("language"), Json::object([("code", Json::text(view.language.to_owned()))])),
    ];
    if !components.is_empty() {
        template.push(("components".into(), Json::List(components)));
    }
    message.push(("type".into(), Json::text("template")));
    message.push(("template".into(), Json::Object(template)));
    Json::Object(message)
}

/// One walk over a template.
pub(super) struct Writer<'v> {
    pub(super) view: &'v View<'v>,
    pub(super) values: Values<'v>,
    with_examples: bool,
    pub(super) findings: Vec<Finding>,
    /// `card.0.` while a card is written.
    pub(super) card: String,
    /// How many more bytes of values have room.
    room_bytes: usize,
}

/// The parameters of one part of the request.
pub(super) type Parameters = Vec<Json<'static>>;

fn component(kind: &'static str, parameters: Parameters) -> Option<Json<'static>> {
    let object =
        |parameters| Json::object([("type", Json::text(kind)), ("parameters", Json::List(parameters))]);
    (!parameters.is_empty()).then(|| object(parameters))
}

impl<'v> Writer<'v> {
    fn message(&mut self) -> (Drawn, Vec<Json<'static>>) {
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
                    let text = part.text.map(str::to_owned).or(by_meta);
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
                    drawn.unknown.push(word.to_owned());
                }
            }
        }
        // Offers are for phones only.
        drawn.buttons.on_desktop &= drawn.offer.is_none();
        (drawn, sent)
    }

    pub(super) fn say(&mut self, code: Code, path: &str, found: &str) {
        self.findings.push(Finding::new(code, path, found));
    }

    /// `header.1` and the like, inside of a card with its name before it.
    pub(super) fn names(&self, names: &[&str]) -> Vec<String> {
        names.iter().map(|name| format!("{}{name}", self.card)).collect()
    }

    /// What stands for a variable: the value that was given, the example, or nothing.
    pub(super) fn text_value(&mut self, names: &[String], example: Option<&str>) -> (String, Source) {
        let example = example.filter(|example| self.with_examples && !example.trim().is_empty());
        let (value, source) = match (self.values.text(names), example) {
            (Some(value), _) => (value, Source::Value),
            (None, Some(example)) => (Cow::Borrowed(example), Source::Example),
            (None, None) => {
                self.say(Code::ValueMissing, &names[0], "");
                return (String::new(), Source::Missing);
            }
        };
        if !self.has_room(&names[0], value.len()) {
            return (String::new(), source);
        }
        self.spacing(&names[0], &value);
        (value.into_owned(), source)
    }

    fn spacing(&mut self, path: &str, value: &str) {
        if value.contains(['\n', '\r', '\t']) || has_run(value, ' ', SPACES_MAX) {
            self.say(Code::ValueSpacing, path, value);
        }
    }

    /// Takes room for a value; says that there is too much of it, if so.
    fn has_room(&mut self, path: &str, bytes: usize) -> bool {
        let left = self.room_bytes.checked_sub(bytes);
        if left.is_none() {
            let what = format!("the values of the message come to more than {VALUES_BYTES_MAX} bytes");
            self.findings.push(Finding::new(Code::ValueTooLong, path, "").saying(&what));
        }
        self.room_bytes = left.unwrap_or(self.room_bytes);
        left.is_some()
    }

    /// Fills a text; the parameters come in the order in which Meta counts them.
    fn filled(&mut self, text: &str, part: &Component<'_>, prefix: &str) -> (Filled, Parameters) {
        let examples = part.examples();
        let is_header = prefix == "header";
        let (mut given, mut known) = (Names::default(), Names::default());
        for (place, (name, _)) in examples.iter().enumerate() {
            given.add(name, place);
        }
        let mut shown: Vec<(String, Source)> = Vec::new();
        let (found, _) = variables(text);
        // Numbers by their size, names as they stand.
        let size = |name: &str| name.parse::<u32>().unwrap_or_default();
        let variables = found.iter().enumerate().filter(|(_, variable)| variable.can_be_filled());
        let places = sorted(variables.map(|(place, variable)| (size(variable.inner(text)), place)));
        let names = places.into_iter().map(|(_, place)| found[place].inner(text));
        let mut parameters = Vec::new();
        for name in names {
            if !known.add(name, shown.len()) {
                continue;
            }
            let whole = format!("{prefix}.{name}");
            let is_number = name.bytes().all(|byte| byte.is_ascii_digit());
            // A name means the same everywhere; a number counts in its own part.
            let may_be_short = !is_header || !is_number;
            let mut names = if may_be_short { self.names(&[&whole, name]) } else { self.names(&[&whole]) };
            if !is_number && !self.card.is_empty() {
                names.push(name.to_owned());
            }
            let typed = self.values.find(&names).filter(|value| value.get("type").is_some());
            if let Some(typed) = typed {
                let (text, parameter) = self.typed(typed, name, &names[0], is_header);
                shown.push((text, Source::Value));
                parameters.extend(parameter);
                continue;
            }
            let example = given.place(name).map(|place| examples[place].1);
            let (value, source) = self.text_value(&names, example);
            parameters.push(self.text_parameter(name, &value));
            shown.push((value, source));
        }
        let missing = || (String::new(), Source::Missing);
        let filled = fill(text, |name| known.place(name).map_or_else(missing, |place| shown[place].clone()));
        (filled, parameters)
    }

    /// A parameter given as it is sent: a text, a sum of money, a date. What it shows, and what is sent.
    fn typed(
        &mut self,
        typed: &Json<'_>,
        name: &str,
        path: &str,
        is_header: bool,
    ) -> (String, Option<Json<'static>>) {
        let shown = fallback(typed).filter(|(kind, shown)| {
            let belongs = *kind == "text" || (!is_header && matches!(*kind, "currency" | "date_time"));
            belongs && !shown.trim().is_empty()
        });
        let Some((_, shown)) = shown else {
            let what = "a parameter is a text, or in a body a currency or date_time with its fallback_value";
            self.findings.push(Finding::new(Code::ValueShape, path, "").saying(what));
            return (String::new(), None);
        };
        self.spacing(path, &shown);
        if !self.has_room(path, shown.len()) {
            return (String::new(), None);
        }
        let mut parameter = owned(typed);
        if let Json::Object(members) = &mut parameter
            && is_name(name)
            && typed.get("parameter_name").is_none()
        {
            members.push(("parameter_name".into(), Json::text(name.to_owned())));
        }
        (shown, Some(parameter))
    }

    pub(super) fn text_parameter(&self, name: &str, value: &str) -> Json<'static> {
        let mut members = vec![(Cow::Borrowed("type"), Json::text("text"))];
        // Older lists do not say that variables have names.
        if is_name(name) {
            members.push(("parameter_name".into(), Json::text(name.to_owned())));
        }
        members.push(("text".into(), Json::text(value.to_owned())));
        Json::Object(members)
    }

    fn header(&mut self, part: &Component<'_>) -> (DrawnHeader, Parameters) {
        let mut header =
            DrawnHeader { kind: part.header, text: None, value: Json::Null, source: Source::Fixed };
        let parameters = match part.header {
            HeaderKind::Text => {
                let (filled, parameters) = self.filled(part.text.unwrap_or_default(), part, "header");
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

    fn media(&mut self, header: &mut DrawnHeader, part: &Component<'_>) -> Parameters {
        let names = self.names(&["header.media"]);
        let word = match part.header {
            HeaderKind::Image => "image",
            HeaderKind::Document => "document",
            _ => "video",
        };
        let Some(value) = self.values.find(&names) else {
            let example = part.media_example().filter(|_| self.with_examples);
            header.value = example.map_or(Json::Null, |example| {
                // What Meta lists as the sample is an address; what was uploaded is a handle that cannot be shown.
                let kind = if example.starts_with("https://") { "link" } else { "handle" };
                Json::object([(kind, Json::text(example.to_owned()))])
            });
            header.source = if example.is_some() { Source::Example } else { Source::Missing };
            self.say(Code::ValueMissing, &names[0], "");
            return Vec::new();
        };
        let media = match value {
            Json::Object(_) => owned(value),
            other => {
                let text = other.written().unwrap_or_default().into_owned();
                let kind = if text.contains(':') { "link" } else { "id" };
                Json::object([(kind, Json::text(text))])
            }
        };
        let text = |name: &str| media.get(name).and_then(Json::written);
        let is_link = text("link").is_some_and(|link| link.starts_with("https://") && !link.contains(' '));
        let is_id =
            text("id").is_some_and(|id| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit()));
        if !is_link && !is_id {
            self.say(Code::MediaInvalid, &names[0], &value.written().unwrap_or_default());
        }
        header.source = Source::Value;
        header.value = media.clone();
        vec![Json::Object(vec![("type".into(), Json::text(word)), (word.into(), media)])]
    }

    /// A place or a product: an object with these members at least.
    fn structured(&mut self, header: &mut DrawnHeader, word: &'static str, needed: &[&str]) -> Parameters {
        let names = self.names(&[&format!("header.{word}")]);
        let Some(value) = self.values.find(&names) else {
            header.source = Source::Missing;
            self.say(Code::ValueMissing, &names[0], "");
            return Vec::new();
        };
        let has_all = needed.iter().all(|name| value.get(name).and_then(Json::written).is_some());
        if !has_all {
            let what = format!("a {word} needs {}", needed.join(" and "));
            self.findings.push(Finding::new(Code::ValueShape, names[0].clone(), "").saying(&what));
        }
        header.source = Source::Value;
        header.value = owned(value);
        vec![Json::Object(vec![("type".into(), Json::text(word)), (word.into(), owned(value))])]
    }

    fn body(&mut self, part: &Component<'_>) -> (Vec<DrawnBlock>, Parameters, bool) {
        if self.view.category == Category::Authentication {
            return self.auth_body(part);
        }
        let (filled, parameters) = self.filled(part.text.unwrap_or_default(), part, "body");
        let max = if self.view.components.len() == 1 { LONE_BODY_CHARS_MAX } else { BODY_CHARS_MAX };
        self.too_long(&filled, &part.at, max);
        (filled.drawn(), parameters, false)
    }

    /// Meta writes these texts itself; the English one stands in where the template does not have it.
    fn auth_body(&mut self, part: &Component<'_>) -> (Vec<DrawnBlock>, Parameters, bool) {
        let (code, source) = self.one_time_code(part.examples().first().map(|(_, example)| *example));
        let mut text = part.text.unwrap_or("*{{1}}* is your verification code.").to_owned();
        if part.text.is_none() && part.member("add_security_recommendation") == Some(&Json::Bool(true)) {
            text.push_str(" For your security, do not share this code.");
        }
        let filled = fill(&text, |_| (code.clone(), source));
        self.too_long(&filled, &part.at, BODY_CHARS_MAX);
        (filled.drawn(), vec![self.text_parameter("1", &code)], part.text.is_none())
    }

    /// The code of an authentication template, which is sent twice.
    pub(super) fn one_time_code(&mut self, example: Option<&str>) -> (String, Source) {
        let names = self.names(&["body.1", "1", "code", "button.0"]);
        // The panel draws a code before anybody has written an example.
        let (code, source) = self.text_value(&names, example.or(Some("123456")));
        if chars(&code) > OTP_CHARS_MAX {
            self.say(Code::CodeInvalid, &names[0], &code);
        }
        (code, source)
    }

    fn offer(&mut self, part: &Component<'_>) -> ((String, Option<i64>), Parameters) {
        let offer = part.member("limited_time_offer");
        let text = offer.and_then(|offer| offer.get("text")).and_then(Json::as_text).unwrap_or_default();
        let has_end = offer.and_then(|offer| offer.get("has_expiration")) == Some(&Json::Bool(true));
        if !has_end {
            return ((text.to_owned(), None), Vec::new());
        }
        let names = self.names(&["offer.expires_ms"]);
        let Some(value) = self.values.find(&names) else {
            self.say(Code::ValueMissing, &names[0], "");
            return ((text.to_owned(), None), Vec::new());
        };
        let end = value.as_whole().filter(|end| *end > 0);
        if end.is_none() {
            self.say(Code::ValueShape, &names[0], &value.written().unwrap_or_default());
        }
        let end_value = end.map_or(Json::Null, |end| Json::Natural(end.unsigned_abs()));
        let offer = Json::object([("expiration_time_ms", end_value)]);
        let parameter =
            Json::object([("type", Json::text("limited_time_offer")), ("limited_time_offer", offer)]);
        ((text.to_owned(), end), vec![parameter])
    }

    fn carousel(&mut self, part: &Component<'_>) -> (Vec<DrawnCard>, Vec<Json<'static>>) {
        let (mut drawn, mut sent) = (Vec::new(), Vec::new());
        // Cards of products are defined twice and sent up to ten times.
        let is_more = |writer: &Self, place: usize| {
            place < CARDS_MAX && writer.values.find(&[format!("card.{place}.header.product")]).is_some()
        };
        let mut place = 0;
        let cards = part.cards.len().min(CARDS_MAX);
        while place < cards || (cards > 0 && is_more(self, place)) {
            let card = &part.cards[place.min(part.cards.len() - 1)];
            self.card = format!("card.{place}.");
            let mut one = DrawnCard { header: None, body: Vec::new(), buttons: Vec::new() };
            let mut components = Vec::new();
            let is_first = |part: &&Component<'_>| {
                let first = card.components.iter().find(|other| other.kind == part.kind);
                first.is_some_and(|first| std::ptr::eq(first, *part))
            };
            for part in card.components.iter().filter(is_first) {
                match part.kind {
                    ComponentKind::Header => {
                        let (header, parameters) = self.header(part);
                        one.header = Some(header);
                        components.extend(component("header", parameters));
                    }
                    ComponentKind::Body => {
                        let (filled, parameters) = self.filled(part.text.unwrap_or_default(), part, "body");
                        one.body = filled.drawn();
                        self.too_long(&filled, &part.at, BODY_CHARS_MAX);
                        components.extend(component("body", parameters));
                    }
                    ComponentKind::Buttons => {
                        let (buttons, parameters) = self.buttons(part);
                        one.buttons = buttons;
                        components.extend(parameters);
                    }
                    _ => {}
                }
            }
            drawn.push(one);
            sent.push(Json::object([
                ("card_index", Json::Natural(place as u64)),
                ("components", Json::List(components)),
            ]));
            place += 1;
        }
        self.card.clear();
        (drawn, sent)
    }

    /// Marks count, though they are not seen.
    fn too_long(&mut self, filled: &Filled, at: &str, max: usize) {
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
