//! Kinds of templates with rules of their own: codes, offers, carousels.

use super::super::finding::Finding;
use super::super::model::{ButtonKind, Card, Component, ComponentKind, HeaderKind};
use super::super::rule::Code;
use super::parts::Place;
use super::{Lint, buttons, parts};
use crate::json::Json;

/// Longest heading of an offer, in characters.
const OFFER_CHARS_MAX: usize = 16;
/// Most cards.
const CARDS_MAX: usize = 10;
/// Most buttons of a card.
const CARD_BUTTONS_MAX: usize = 2;

pub(super) fn judge(lint: &mut Lint<'_>) {
    buttons::otp(lint);
    let view = lint.view;
    for component in &view.components {
        match component.kind {
            ComponentKind::Offer => offer(lint, component),
            ComponentKind::Carousel => carousel(lint, component),
            _ => {}
        }
    }
}

fn offer(lint: &mut Lint<'_>, component: &Component<'_>) {
    let path = format!("{}/limited_time_offer", component.at);
    let Some(offer) = component.member("limited_time_offer") else {
        let what = "the offer says nothing of itself";
        return lint.say(Finding::new(Code::TextMissing, path, "").saying(what));
    };
    match offer.get("text").and_then(Json::as_text).filter(|text| !text.trim().is_empty()) {
        Some(text) => lint.too_long(&|| format!("{path}/text"), text, OFFER_CHARS_MAX),
        None => lint.complain(Code::TextMissing, format!("{path}/text"), ""),
    }
}

fn carousel(lint: &mut Lint<'_>, component: &Component<'_>) {
    let cards = &component.cards;
    if !(2..=CARDS_MAX).contains(&cards.len()) {
        let what = format!("the carousel has {} cards", cards.len());
        lint.say(Finding::new(Code::CarouselCards, format!("{}/cards", component.at), "").saying(&what));
    }
    let pattern = cards.first().map(build);
    for one in cards {
        card(lint, one);
        if Some(build(one)) != pattern {
            lint.complain(Code::CarouselDiffers, one.at.clone(), "");
        }
    }
}

fn part<'c, 'd>(card: &'c Card<'d>, kind: ComponentKind) -> Option<&'c Component<'d>> {
    card.components.iter().find(|component| component.kind == kind)
}

/// What all cards must have alike.
fn build(card: &Card<'_>) -> (Option<HeaderKind>, bool, Vec<ButtonKind>) {
    let header = part(card, ComponentKind::Header).map(|header| header.header);
    let buttons = part(card, ComponentKind::Buttons).map(|part| part.buttons.as_slice()).unwrap_or_default();
    let kinds = buttons.iter().map(|button| button.kind).collect();
    (header, part(card, ComponentKind::Body).is_some(), kinds)
}

fn card(lint: &mut Lint<'_>, card: &Card<'_>) {
    let mut lacks = |path: String, what: &str| {
        lint.say(Finding::new(Code::CarouselCard, path, "").saying(what));
    };
    match part(card, ComponentKind::Header) {
        None => lacks(format!("{}/components", card.at), "the card has no header"),
        Some(header) => {
            let may = [HeaderKind::Image, HeaderKind::Video, HeaderKind::Product, HeaderKind::Unknown];
            if !may.contains(&header.header) {
                lacks(
                    header.at.clone(),
                    "the header of the card is neither a picture nor a video nor a product",
                );
            }
        }
    }
    match part(card, ComponentKind::Buttons) {
        None => lacks(format!("{}/components", card.at), "the card has no button"),
        Some(part) if part.buttons.len() > CARD_BUTTONS_MAX => {
            lacks(format!("{}/buttons", part.at), "the card has more than two buttons");
        }
        Some(_) => {}
    }
    let header = part(card, ComponentKind::Header).map(|header| header.header);
    let is_product = header == Some(HeaderKind::Product);
    let mut seen: Vec<ComponentKind> = Vec::new();
    for component in &card.components {
        for button in &component.buttons {
            let may_stand = match button.kind {
                ButtonKind::Url | ButtonKind::Unknown => true,
                ButtonKind::Product => is_product,
                ButtonKind::QuickReply | ButtonKind::PhoneNumber => !is_product,
                _ => false,
            };
            if !may_stand {
                let what = match is_product {
                    true => "the card of a product has a button to it or to an address, and no other",
                    false => "a card has quick replies, addresses and phone numbers, and no other buttons",
                };
                lint.say(Finding::new(Code::CarouselCard, &*button.at, button.kind.word()).saying(what));
            }
        }
        if !seen.contains(&component.kind) {
            seen.push(component.kind);
        } else if component.kind != ComponentKind::Unknown {
            lint.complain(Code::ComponentRepeated, component.at.clone(), component.kind.word());
        }
        match component.kind {
            ComponentKind::Header | ComponentKind::Body | ComponentKind::Buttons => {}
            ComponentKind::Unknown => {
                let word = component.member("type").and_then(Json::as_text).unwrap_or_default();
                lint.complain(Code::ComponentUnknown, format!("{}/type", component.at), word);
            }
            _ => {
                lint.complain(Code::CarouselCard, component.at.clone(), component.kind.word());
                continue;
            }
        }
        parts::judge(lint, component, Place::Card);
        buttons::judge(lint, component, Place::Card);
    }
}
