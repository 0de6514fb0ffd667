//! What a message looks like, as data.

use std::borrow::Cow;

use super::super::finding::Finding;
use super::super::model::{ButtonKind, HeaderKind};
use super::super::text::Direction;
use super::text::{DrawnBlock, Source};
use crate::json::Json;

/// What to draw a template with.
#[derive(Clone, Debug, Default)]
pub struct Request<'a> {
    /// Values by name; an object.
    pub values: Json<'a>,
    /// Whether the template's own examples stand in for values that are not given.
    pub with_examples: bool,
    /// Who it is sent to, in E.164 with `+`; left out of the payload where nobody is named.
    pub to: Option<Cow<'a, str>>,
}

/// A message as a person sees it, and as it is sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Preview<'t> {
    /// What is seen.
    pub drawn: Drawn<'t>,
    /// Body of the request to `/{phone_number_id}/messages`.
    pub payload: Json<'t>,
    /// What would go wrong when it is sent.
    pub findings: Vec<Finding>,
}

/// What a person sees, from top to bottom.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawn<'t> {
    /// Which way the language runs.
    pub direction: Direction,
    /// Above the text.
    pub header: Option<DrawnHeader<'t>>,
    /// The text.
    pub body: Vec<DrawnBlock<'t>>,
    /// Small print.
    pub footer: Option<DrawnBlock<'t>>,
    /// Heading of a limited-time offer, and its end in Unix milliseconds where one was given.
    pub offer: Option<(&'t str, Option<i64>)>,
    /// What can be tapped.
    pub buttons: Buttons<'t>,
    /// Cards side by side.
    pub cards: Vec<DrawnCard<'t>>,
    /// Words of parts that cannot be drawn, because they are not known here.
    pub unknown: Vec<&'t str>,
    /// True when body and footer are drawn in English, and Meta writes them in the language of the template.
    pub by_meta: bool,
}

/// What stands above the text.
#[derive(Clone, Debug, PartialEq)]
pub struct DrawnHeader<'t> {
    /// What it is.
    pub kind: HeaderKind,
    /// Its line, of a text.
    pub text: Option<DrawnBlock<'t>>,
    /// What was given for it: a link or an id, a place, a product; the example's handle where that is all there is.
    pub value: Json<'t>,
    /// Where that comes from.
    pub source: Source,
}

/// A card of a carousel.
#[derive(Clone, Debug, PartialEq)]
pub struct DrawnCard<'t> {
    /// Picture, video or product.
    pub header: Option<DrawnHeader<'t>>,
    /// Text.
    pub body: Vec<DrawnBlock<'t>>,
    /// Buttons.
    pub buttons: Vec<DrawnButton<'t>>,
}

/// Buttons as phones group them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Buttons<'t> {
    /// Drawn below the message.
    pub shown: Vec<DrawnButton<'t>>,
    /// All of them, in the list that opens behind "See all options"; empty where all are shown.
    pub all: Vec<DrawnButton<'t>>,
    /// Whether WhatsApp on a desktop shows the message: it does not with many buttons, with mixed ones, or with an offer.
    pub on_desktop: bool,
}

/// A button.
#[derive(Clone, Debug, PartialEq)]
pub struct DrawnButton<'t> {
    /// What it does.
    pub kind: ButtonKind,
    /// Its label.
    pub label: &'t str,
    /// Address, number or code behind it.
    pub target: Option<Cow<'t, str>>,
    /// Where the variable end of that comes from.
    pub source: Source,
}
