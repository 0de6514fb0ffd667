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
        let path = || format!("{}/text", component.at);
        if view.category == Category::Utility
            && let Some(word) = first_word(&folded, &PROMOTIONAL)
        {
            lint.complain(Code::UtilityPromotional, path(), word);
        }
        if let Some(word) = first_word(&folded, &SENSITIVE) {
            lint.complain(Code::SensitiveAsked, path(), word);
        }
    }
}

/// Small letters; a Turkish capital İ leaves no dot behind.
fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.chars().flat_map(char::to_lowercase).filter(|ch| *ch != '\u{307}').collect()
}

/// The first of these, as they are listed, with which a word of the text begins.
fn first_word<'w>(text: &str, words: &[&'w str]) -> Option<&'w str> {
    let (mut found, mut begins) = (words.len(), true);
    let mut is_first = [false; 256];
    words.iter().for_each(|word| is_first[usize::from(word.as_bytes()[0])] = true);
    for (at, ch) in text.char_indices() {
        let is_letter = ch.is_alphanumeric();
        // What begins with a mark may stand anywhere.
        let rest = &text.as_bytes()[at..];
        if is_first[usize::from(rest[0])] && (begins || !is_letter) {
            let is_here = |word: &&str| rest.starts_with(word.as_bytes());
            found = words[..found].iter().position(is_here).unwrap_or(found);
        }
        begins = !is_letter;
    }
    words.get(found).copied()
}
