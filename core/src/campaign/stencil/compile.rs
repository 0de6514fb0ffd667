//! How a stencil is made: the template is drawn once with a mark for each value that is different for each person, and
//! where the marks are found is where values go. So no second place knows how a request is built. A mark is fifteen digits,
//! because that is good for whatever takes a value: a text, a code, the id of a file, a time, the end of an address.

use std::collections::BTreeMap;

use crate::json::Writer;
use crate::template::preview::{FILLED_BYTES_MAX, Request, Watch, watched};
use crate::template::{self, ButtonKind, Category, Finding, Json, Preview, View};

use super::super::problem::{Code, Fault};
use super::link::{LINKS_MAX, is_address};
use super::{Given, Piece, Slot, Stencil, Text, VALUES_MAX, Wanted};

/// Digits that begin each mark of a template, and those that say which mark it is.
const BEGINNING_DIGITS: usize = 12;
const PLACE_DIGITS: usize = 3;
const MARK_DIGITS: usize = BEGINNING_DIGITS + PLACE_DIGITS;
/// Beginnings that are tried: each is good unless the template has it in it.
const BEGINNINGS: u64 = 64;
/// The mark of the number it is sent to.
const TO: usize = VALUES_MAX;
const _: () = assert!(VALUES_MAX < 10_usize.pow(PLACE_DIGITS as u32));

impl Stencil {
    /// Compiles a template, as the JSON document that it is, with what stands for its variables, by the names that
    /// [`preview`](crate::template::preview()) takes. Fails with everything that is wrong for everybody.
    ///
    /// Where links are counted, `links` stands before their tokens: `https://go.example.com/l/`. An address among the values is
    /// different for each person then, because its link is.
    pub fn compile(
        document: &[u8],
        values: &BTreeMap<String, Given>,
        links: Option<&str>,
    ) -> Result<Stencil, Vec<Fault>> {
        let unreadable = |why: &str| vec![Fault::new(Code::TemplateUnreadable, "", why)];
        let parsed = template::parse(document).map_err(|error| unreadable(&error.why))?;
        let view = View::of(&parsed);
        if view.name.is_empty() || view.language.is_empty() {
            return Err(unreadable("no name or no language"));
        }
        let marks = Marks::new(&parsed, values, links).ok_or_else(|| unreadable("digits"))?;
        let attributes: Vec<Wanted> = values.iter().filter_map(|value| wanted(value, marks.links)).collect();
        if attributes.len() > VALUES_MAX {
            return Err(unreadable(&format!("{} values, {VALUES_MAX} are allowed", attributes.len())));
        }
        let request =
            Request { values: marks.values(values), with_examples: false, to: Some(marks.mark(TO).into()) };
        let (preview, Texts(texts)) = watched(&view, &request, Texts::default());
        if texts.iter().any(|(_, text, _)| text.len() >= FILLED_BYTES_MAX) {
            return Err(unreadable("a text that is far too long"));
        }
        let marked = |(at, text, max): &(String, String, usize)| marks.text(at, text, *max);
        // How long a text with marks was means nothing.
        let long = texts.iter().filter(|text| marked(text).is_some() && text.1.chars().count() > text.2);
        let long = long.map(|(at, ..)| format!("{at}/text")).collect();
        let texts: Vec<Text> = texts.iter().filter_map(marked).collect();
        let mut faults = faults(&preview.findings, long, &marks.beginning);
        if faults.iter().any(|fault| fault.code.is_error()) {
            return Err(faults);
        }
        let mut found = Found {
            marks: &marks,
            preview: &preview,
            category: view.category,
            slots: Vec::new(),
            fixed_bytes: 0,
        };
        let components = preview.payload.get("template").and_then(|template| template.get("components"));
        found.components(components, None);
        let Found { slots, fixed_bytes, .. } = found;
        if links.is_some() {
            faults.extend(uncounted(&preview, &slots, &marks));
        }
        let media = values.values().filter_map(|given| match given {
            Given::Media { expires_at, .. } => *expires_at,
            _ => None,
        });
        let mut stencil = Stencil {
            wanted: Vec::new(),
            slots: Vec::new(),
            texts,
            pieces: Vec::new(),
            fixed: String::new(),
            fixed_bytes,
            category: view.category,
            ttl_s: view.ttl,
            expires_at: media.min(),
            links: links.map(str::to_owned),
            faults,
        };
        stencil.cut(&marks, &preview, &attributes, &slots).ok_or_else(|| unreadable("digits"))?;
        if links.is_some() && stencil.wanted.len() > LINKS_MAX {
            let why =
                format!("{} values, {LINKS_MAX} are allowed where links are counted", stencil.wanted.len());
            return Err(unreadable(&why));
        }
        Ok(stencil)
    }

    /// Cuts the request at its marks. Nothing where the marks are not those that were found by walking over it.
    fn cut(
        &mut self,
        marks: &Marks<'_>,
        preview: &Preview<'_>,
        attributes: &[Wanted],
        slots: &[(usize, Place)],
    ) -> Option<()> {
        let mut writer = Writer::default();
        writer.json(&preview.payload);
        let whole = writer.finish();
        let mut numbers = BTreeMap::new();
        let mut slots = slots.iter();
        let mut pieces = whole.strip_suffix('}')?.split(marks.beginning.as_str());
        self.fixed(pieces.next()?);
        for piece in pieces {
            let (place, rest) = piece.split_at_checked(PLACE_DIGITS)?;
            let mark: usize = place.parse().ok()?;
            if mark == TO {
                self.pieces.push(Piece::To);
                self.fixed(rest);
                continue;
            }
            let (other, place) = slots.next()?;
            if *other != mark {
                return None;
            }
            let slot = *numbers.entry(mark).or_insert(self.wanted.len());
            if slot == self.wanted.len() {
                self.wanted.push(attributes.get(mark)?.clone());
                self.slots.push(Slot::default());
            }
            place.demand(&mut self.slots[slot], marks.links.is_some());
            let mut after = rest;
            let piece = match place {
                Place::Address(..) => Piece::Address(slot),
                Place::Link => Piece::Token(slot),
                Place::Text if marks.links.is_some() => Piece::Linked(slot),
                Place::Moment => Piece::Moment(slot),
                Place::Media => {
                    // Its name depends on what it is, and goes with it.
                    let Some(Piece::Fixed(start, end)) = self.pieces.pop() else { return None };
                    let before = self.fixed[start..end].strip_suffix("\"id\":\"")?.len();
                    self.pieces.push(Piece::Fixed(start, start + before));
                    after = rest.strip_prefix('"')?;
                    Piece::Media(slot)
                }
                _ => Piece::Value(slot),
            };
            self.pieces.push(piece);
            self.fixed(after);
        }
        for text in &mut self.texts {
            for (slot, _) in &mut text.values {
                *slot = *numbers.get(slot)?;
            }
        }
        slots.next().is_none().then_some(())
    }

    fn fixed(&mut self, text: &str) {
        let start = self.fixed.len();
        self.fixed.push_str(text);
        self.pieces.push(Piece::Fixed(start, self.fixed.len()));
    }
}

/// Texts with their values in place: where each stands, and how many characters it may have.
#[derive(Default)]
struct Texts(Vec<(String, String, usize)>);

impl Watch for Texts {
    fn see(&mut self, at: &str, text: &str, chars_max: usize) {
        self.0.push((at.to_owned(), text.to_owned(), chars_max));
    }
}

fn wanted((name, given): (&String, &Given), links: Option<&str>) -> Option<Wanted> {
    let (attribute, default) = match given {
        Given::Attribute { name, default } => (Some(name.clone()), default.clone()),
        Given::Text(address) if links.is_some() && is_address(address) => (None, Some(address.clone())),
        _ => return None,
    };
    Some(Wanted { name: name.clone(), attribute, default })
}

/// Buttons that lead elsewhere: where to is part of what Meta approved, so nothing of ours can stand there. Where nothing at
/// all is counted, that.
fn uncounted(preview: &Preview<'_>, slots: &[(usize, Place)], marks: &Marks<'_>) -> Vec<Fault> {
    let drawn = &preview.drawn;
    let own = if drawn.buttons.all.is_empty() { &drawn.buttons.shown } else { &drawn.buttons.all };
    let elsewhere = own.iter().chain(drawn.cards.iter().flat_map(|card| &card.buttons)).filter(|button| {
        button.kind == ButtonKind::Url && marks.led(button.target.as_deref().unwrap_or_default()).is_none()
    });
    let clean = |target: &str| match target.split_once(marks.beginning.as_str()) {
        Some((before, _)) => format!("{before}…"),
        None => target.to_owned(),
    };
    let mut faults: Vec<Fault> = elsewhere
        .map(|button| {
            let target = clean(button.target.as_deref().unwrap_or_default());
            Fault::new(Code::LinkUncounted, format!("{} {target}", button.label), &target)
        })
        .collect();
    if !slots.iter().any(|(_, place)| matches!(place, Place::Text | Place::Link)) && faults.is_empty() {
        faults.push(Fault::new(Code::LinkUncounted, "", ""));
    }
    faults
}

/// What preview found, in the words of campaigns; but not that these texts are too long. Cards that are sent more often than
/// they are defined share their places, so each is passed over once.
fn faults(findings: &[Finding], mut long: Vec<String>, beginning: &str) -> Vec<Fault> {
    use template::Code as Said;
    let mut faults = Vec::new();
    for finding in findings {
        let code = match finding.code {
            Said::ValueTooLong if finding.path.starts_with('/') => {
                if let Some(known) = long.iter().position(|at| *at == finding.path) {
                    long.swap_remove(known);
                    continue;
                }
                Code::TextTooLong
            }
            Said::ValueTooLong => Code::ValueTooLong,
            Said::ValueMissing => Code::ValueMissing,
            Said::ValueSpacing => Code::ValueSpacing,
            Said::ValueUnknown => Code::ValueUnknown,
            Said::ValueEncoded => Code::UrlEncoded,
            Said::CodeInvalid => Code::CodeInvalid,
            Said::MediaInvalid => Code::MediaInvalid,
            Said::PayloadTooLong => Code::PayloadTooLong,
            Said::TemplateNotSendable => Code::TemplateNotSendable,
            _ => Code::ValueShape,
        };
        let found = if finding.found.contains(beginning) { "" } else { &finding.found };
        let found = found.to_owned();
        faults.push(Fault { code, path: finding.path.clone(), found, message: finding.message.clone() });
    }
    faults
}

/// What stands for values while a template is compiled.
struct Marks<'l> {
    beginning: String,
    links: Option<&'l str>,
}

impl<'l> Marks<'l> {
    /// Marks that are not in the template, and not in what is the same for everybody.
    fn new(
        document: &Json<'_>,
        values: &BTreeMap<String, Given>,
        links: Option<&'l str>,
    ) -> Option<Marks<'l>> {
        let mut writer = Writer::default();
        writer.json(document);
        let mut text = writer.finish();
        text.push_str(links.unwrap_or_default());
        for given in values.values() {
            text.push(' ');
            match given {
                Given::Attribute { .. } => {}
                Given::Text(same) | Given::Link(same) | Given::Media { id: same, .. } => text.push_str(same),
            }
        }
        let beginnings = (0..BEGINNINGS).map(|number| (730_519_482_617 + number * 1_000_003).to_string());
        beginnings.map(|beginning| Marks { beginning, links }).find(|marks| !text.contains(&marks.beginning))
    }

    fn mark(&self, place: usize) -> String {
        format!("{}{place:0PLACE_DIGITS$}", self.beginning)
    }

    /// The mark that an address ends in which leads to us.
    fn led(&self, target: &str) -> Option<usize> {
        target.strip_prefix(self.links?)?.strip_prefix(&self.beginning)?.parse().ok()
    }

    /// The mark that is all of a value.
    fn read(&self, value: &Json<'_>) -> Option<usize> {
        match value {
            Json::Text(text) => text.strip_prefix(&self.beginning)?.parse().ok(),
            Json::Natural(number) => number.to_string().strip_prefix(&self.beginning)?.parse().ok(),
            _ => None,
        }
    }

    /// The values to draw with. What is an object or a list is given as text.
    fn values(&self, values: &BTreeMap<String, Given>) -> Json<'static> {
        let mut place = 0..;
        let object = |name: &'static str, text: &String| Json::object([(name, Json::text(text.clone()))]);
        let members = values.iter().map(|(name, given)| {
            let value = match given {
                given if wanted((name, given), self.links).is_some() => {
                    Json::text(self.mark(place.next().unwrap_or_default()))
                }
                Given::Attribute { .. } => Json::Null,
                Given::Text(text) => structured(name, text).unwrap_or_else(|| Json::text(text.clone())),
                Given::Media { id, .. } => object("id", id),
                Given::Link(link) => object("link", link),
            };
            (name.clone().into(), value)
        });
        Json::Object(members.collect())
    }

    /// Which marks stand in a text; nothing where it has none.
    fn text(&self, at: &str, text: &str, chars_max: usize) -> Option<Text> {
        let mut pieces = text.split(self.beginning.as_str());
        let mut chars = pieces.next().unwrap_or_default().chars().count();
        let mut times = BTreeMap::new();
        for piece in pieces {
            *times.entry(piece.get(..PLACE_DIGITS)?.parse().ok()?).or_insert(0) += 1;
            chars += piece.chars().count() - PLACE_DIGITS;
        }
        let at = format!("{at}/text");
        (!times.is_empty()).then(|| Text { at, chars_max, chars, values: times.into_iter().collect() })
    }
}

/// The object or list that a text is, under a name that may take one.
fn structured(name: &str, text: &str) -> Option<Json<'static>> {
    let of_card = name.strip_prefix("card.").and_then(|rest| rest.split_once('.'));
    let own = of_card.map_or(name, |(_, own)| own);
    let takes =
        matches!(own, "header.location" | "header.product" | "header.media") || own.starts_with("button.");
    let read = || template::parse(text.as_bytes()).ok().map(Json::into_owned);
    read().filter(|value| takes && matches!(value, Json::Object(_) | Json::List(_)))
}

/// What a value is used for.
enum Place {
    Text,
    Otp,
    Coupon,
    /// The end of an address with so many characters, so many times.
    Address(usize, usize),
    /// The token behind an address of ours.
    Link,
    Media,
    Reply,
    Moment,
    Action,
}

impl Place {
    fn demand(&self, slot: &mut Slot, are_counted: bool) {
        slot.is_text |= matches!(self, Place::Text | Place::Otp | Place::Coupon);
        slot.times += usize::from(slot.is_text || matches!(self, Place::Address(..) | Place::Link));
        slot.may_be_link |= are_counted && matches!(self, Place::Text);
        match self {
            Place::Text | Place::Action => {}
            Place::Link => slot.is_link = true,
            Place::Otp => slot.is_otp = true,
            Place::Coupon => slot.is_coupon = true,
            Place::Address(chars, times) => slot.urls.push((*chars, *times)),
            Place::Media => slot.is_media = true,
            Place::Reply => slot.is_reply = true,
            Place::Moment => slot.is_moment = true,
        }
    }
}

/// What is found by walking over the request.
struct Found<'p> {
    marks: &'p Marks<'p>,
    preview: &'p Preview<'p>,
    category: Category,
    /// Marks in the order in which they are written.
    slots: Vec<(usize, Place)>,
    fixed_bytes: usize,
}

impl Found<'_> {
    fn components(&mut self, components: Option<&Json<'_>>, card: Option<usize>) {
        for component in list(components) {
            let kind = component.get("type").and_then(Json::as_text).unwrap_or_default();
            for (place, card) in list(component.get("cards")).iter().enumerate() {
                self.components(card.get("components"), Some(place));
            }
            for parameter in list(component.get("parameters")) {
                self.parameter(kind, component, parameter, card);
            }
        }
    }

    fn parameter(&mut self, kind: &str, component: &Json<'_>, parameter: &Json<'_>, card: Option<usize>) {
        let word = parameter.get("type").and_then(Json::as_text).unwrap_or_default();
        let value = parameter.get(word).unwrap_or(&Json::Null);
        let mark = self.marks.read(value);
        if let (None, Some(text)) = (mark, value.as_text()) {
            self.fixed_bytes += text.len();
        }
        let place = match (kind, word) {
            ("body", "text") if card.is_none() && self.category == Category::Authentication => Place::Otp,
            ("body" | "header", "text") => Place::Text,
            ("button", "coupon_code") => Place::Coupon,
            ("button", "payload") => Place::Reply,
            ("button", "text") => self.address(component, card, mark),
            // The mark is a member of it.
            ("header", _) => return self.inner(value, || Place::Media),
            ("limited_time_offer", _) => return self.inner(value, || Place::Moment),
            _ => return self.inner(value, || Place::Action),
        };
        self.slots.extend(mark.map(|mark| (mark, place)));
    }

    fn inner(&mut self, value: &Json<'_>, place: impl Fn() -> Place) {
        let Json::Object(members) = value else { return };
        let marks = members.iter().filter_map(|(_, value)| self.marks.read(value));
        self.slots.extend(marks.map(|mark| (mark, place())));
    }

    /// The address that a button opens, or the code that it gives.
    fn address(&self, component: &Json<'_>, card: Option<usize>, mark: Option<usize>) -> Place {
        let index =
            component.get("index").and_then(Json::as_whole).and_then(|index| usize::try_from(index).ok());
        let drawn = &self.preview.drawn;
        let buttons = match card {
            Some(card) => drawn.cards.get(card).map(|card| &card.buttons),
            None if drawn.buttons.all.is_empty() => Some(&drawn.buttons.shown),
            None => Some(&drawn.buttons.all),
        };
        let Some(button) = index.zip(buttons).and_then(|(index, buttons)| buttons.get(index)) else {
            return Place::Text;
        };
        if button.kind == ButtonKind::Otp {
            return Place::Otp;
        }
        let target = button.target.as_deref().unwrap_or_default();
        if self.marks.led(target).is_some() {
            return Place::Link;
        }
        let mark = mark.map(|mark| self.marks.mark(mark)).unwrap_or_default();
        let times = if mark.is_empty() { 0 } else { target.matches(mark.as_str()).count() };
        Place::Address(target.chars().count() - times * MARK_DIGITS, times)
    }
}

fn list<'j>(value: Option<&'j Json<'_>>) -> &'j [Json<'j>] {
    value.and_then(Json::as_list).unwrap_or_default()
}
