//! Cards of a carousel, as they are drawn and as they are sent.

use super::super::lint::BODY_CHARS_MAX;
use super::super::model::{Component, ComponentKind};
use super::drawn::DrawnCard;
use super::message::{Writer, component};
use super::values::{Name, Section};
use super::watch::Watch;
use crate::json::Json;

/// Most cards of a carousel.
const CARDS_MAX: usize = 10;

impl<'t, W: Watch> Writer<'_, 't, W> {
    pub(super) fn carousel(&mut self, part: &Component<'t>) -> (Vec<DrawnCard<'t>>, Vec<Json<'t>>) {
        let (mut drawn, mut sent) = (Vec::new(), Vec::new());
        // Cards of products are defined twice and sent up to ten times.
        let is_more = |writer: &Self, place: usize| {
            let name = Name { card: Some(place), ..writer.name(Section::Header, "product") };
            place < CARDS_MAX && writer.values.find(&[name]).is_some()
        };
        let mut place = 0;
        let cards = part.cards.len().min(CARDS_MAX);
        while place < cards || (cards > 0 && is_more(self, place)) {
            let card = &part.cards[place.min(part.cards.len() - 1)];
            self.card = Some(place);
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
                        let (filled, parameters) =
                            self.filled(part.text.unwrap_or_default(), part, Section::Body);
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
        self.card = None;
        (drawn, sent)
    }
}
