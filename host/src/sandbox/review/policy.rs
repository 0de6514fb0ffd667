//! What becomes of a template in review: what its words are about, as far as a list of words can tell. Real review
//! is a model of Meta's; this one is small, and scenarios say what they want instead.

use super::super::template::Template;
use super::text::plain_values;
use super::variables::parse;

/// The end of a review.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opinion {
    Approved,
    /// Promotional, although it was said to be utility.
    Marketing,
    Rejected(&'static str),
}

/// Words that sell, in a few languages.
const PROMOTIONAL: [&str; 22] = [
    "discount",
    "% off",
    "sale",
    "promo",
    "special offer",
    "limited time",
    "coupon",
    "voucher",
    "free gift",
    "buy now",
    "shop now",
    "deal of",
    "indirim",
    "kampanya",
    "fırsat",
    "descuento",
    "oferta",
    "desconto",
    "promoção",
    "rabatt",
    "خصم",
    "عرض خاص",
];
/// Secrets that nobody may ask for.
const SECRETS: [&str; 10] = [
    "card number",
    "credit card details",
    "cvv",
    "your password",
    "national id number",
    "social security number",
    "kart numaranız",
    "şifrenizi",
    "número de tarjeta",
    "رقم البطاقة",
];
const THREATS: [&str; 5] = [
    "or we will sue",
    "legal action against you",
    "last warning or",
    "yasal işlem başlat",
    "you will regret",
];
/// Addresses that hide where they lead, or lead back into WhatsApp.
const HIDDEN: [&str; 7] =
    ["bit.ly/", "tinyurl.com/", "goo.gl/", "t.co/", "cutt.ly/", "wa.me/", "api.whatsapp.com/"];

pub(crate) fn opinion(template: &Template) -> Opinion {
    if template.category == "AUTHENTICATION" {
        return Opinion::Approved;
    }
    let (body, footer) = template.wording();
    let text = format!("{body}\n{footer}").to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if says(&THREATS) {
        return Opinion::Rejected("ABUSIVE_CONTENT");
    }
    if says(&SECRETS) {
        return Opinion::Rejected("SCAM");
    }
    let addresses = template.component("BUTTONS").and_then(|buttons| buttons["buttons"].as_array());
    let hidden = addresses.into_iter().flatten().filter_map(|button| button["url"].as_str());
    if hidden.into_iter().any(|url| HIDDEN.iter().any(|host| url.contains(host))) || badly_spaced(&body) {
        return Opinion::Rejected("INVALID_FORMAT");
    }
    if sample_is_its_variable(template, &body) {
        return Opinion::Rejected("INVALID_FORMAT");
    }
    if speaks_another_script(&template.language, &body) {
        return Opinion::Rejected("TAG_CONTENT_MISMATCH");
    }
    if template.category == "UTILITY" && says(&PROMOTIONAL) {
        return Opinion::Marketing;
    }
    Opinion::Approved
}

/// More than two new lines, more than four spaces, or a tab.
fn badly_spaced(body: &str) -> bool {
    body.contains("\n\n\n") || body.contains("     ") || body.contains('\t')
}

/// A sample that repeats the placeholder says nothing about what will stand there.
fn sample_is_its_variable(template: &Template, body: &str) -> bool {
    let samples =
        template.component("BODY").map(|component| plain_values(&component["example"]["body_text"][0]));
    let variables = parse(body).variables;
    samples
        .unwrap_or_default()
        .iter()
        .any(|(_, sample)| variables.iter().any(|variable| *sample == format!("{{{{{}}}}}", variable.name)))
}

/// Whether a text is written in letters that its language does not use.
fn speaks_another_script(language: &str, body: &str) -> bool {
    let letters: Vec<char> = body.chars().filter(|ch| ch.is_alphabetic()).collect();
    let arabic = letters.iter().filter(|ch| ('\u{600}'..='\u{6ff}').contains(*ch)).count();
    let cyrillic = letters.iter().filter(|ch| ('\u{400}'..='\u{4ff}').contains(*ch)).count();
    let latin = letters.iter().filter(|ch| ch.is_ascii_alphabetic()).count();
    let most = letters.len() / 2;
    match language.split('_').next().unwrap_or(language) {
        "ar" | "fa" | "ur" | "ps" | "prs" => latin > most || cyrillic > most,
        "ru" | "uk" | "bg" | "be" => latin > most || arabic > most,
        "en" | "de" | "fr" | "es" | "pt" | "tr" | "it" | "nl" => arabic > most || cyrillic > most,
        _ => false,
    }
}
