//! Words that reviewers stumble over. Few, in the languages most templates are written in; never more than a warning.

use super::super::model::{Category, ComponentKind};
use super::super::rule::Code;
use super::Lint;

/// Beginnings of words of advertising, in small letters.
const PROMOTIONAL: [&str; 34] = [
    "discount",
    "sale",
    "promo",
    "coupon",
    "voucher",
    "% off",
    "special offer",
    "limited time",
    "buy now",
    "free gift",
    "cashback",
    "indirim",
    "kampanya",
    "fırsat",
    "kupon",
    "hediye",
    "descuento",
    "oferta",
    "rebaja",
    "cupón",
    "desconto",
    "promoção",
    "cupom",
    "rabatt",
    "angebot",
    "gutschein",
    "remise",
    "soldes",
    "sconto",
    "diskon",
    "خصم",
    "عرض خاص",
    "छूट",
    "скидк",
];
/// Beginnings of what nobody should be asked for in a message, in small letters.
const SENSITIVE: [&str; 16] = [
    "card number",
    "cvv",
    "social security",
    "passport number",
    "your password",
    "your pin",
    "national id",
    "kart numara",
    "kimlik numara",
    "şifreniz",
    "número de tarjeta",
    "tu contraseña",
    "número do cartão",
    "sua senha",
    "kartennummer",
    "numéro de carte",
];

pub(super) fn judge(lint: &mut Lint<'_>) {
    let view = lint.view;
    if view.category == Category::Authentication {
        return;
    }
    for component in &view.components {
        let (Some(text), true) = (component.text, component.kind != ComponentKind::Unknown) else { continue };
        let folded = folded(text);
        let path = format!("{}/text", component.at);
        if view.category == Category::Utility
            && let Some(word) = PROMOTIONAL.iter().find(|word| has_word(&folded, word))
        {
            lint.complain(Code::UtilityPromotional, path.clone(), word);
        }
        if let Some(word) = SENSITIVE.iter().find(|word| has_word(&folded, word)) {
            lint.complain(Code::SensitiveAsked, path, word);
        }
    }
}

/// Small letters; a Turkish capital İ leaves no dot behind.
fn folded(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).filter(|ch| *ch != '\u{307}').collect()
}

/// Whether a word begins so.
fn has_word(text: &str, word: &str) -> bool {
    let starts_word = word.starts_with(char::is_alphanumeric);
    text.match_indices(word).any(|(at, _)| !starts_word || !text[..at].ends_with(char::is_alphanumeric))
}
