//! Name, language, category, format of variables and time to live.

use serde_json::Value;

use super::{Objections, word};

/// Characters of a name.
const NAME_CHARS_MAX: usize = 512;

/// The languages of November 2025, and two that clients know beside them.
const LANGUAGES: &str = "af ar ar_AE ar_EG ar_LB ar_MA ar_QA ar_SA az be_BY bg bn bn_IN ca cs da de de_AT de_CH el \
    en en_AE en_AU en_CA en_GB en_GH en_IE en_IN en_JM en_MY en_NZ en_QA en_SG en_UG en_US en_ZA es es_AR es_CL \
    es_CO es_CR es_DO es_EC es_ES es_HN es_MX es_PA es_PE es_UY es_VE et fa fi fil fr fr_BE fr_CA fr_CH fr_CI fr_MA \
    ga gu ha he hi hr hu id it ja ka kk kn ko ky_KG lo lt lv mk ml mr ms nb nl nl_BE pa pl prs_AF ps_AF pt_BR pt_PT \
    ro ru rw_RW si_LK sk sl sq sr sv sw ta te th tr uk ur uz vi zh_CN zh_HK zh_TW zu";

pub(crate) fn judge(document: &Value, found: &mut Objections) {
    match document["name"].as_str() {
        Some(name) if name.chars().count() > NAME_CHARS_MAX => {
            found.length("/name", name, NAME_CHARS_MAX);
        }
        Some(name) if !name.is_empty() && name.bytes().all(is_name_byte) => {}
        _ => found.parameter("/name", "A name consists of lower-case letters, digits and underscores."),
    }
    match document["language"].as_str() {
        Some(language) if LANGUAGES.split_whitespace().any(|known| known == language) => {}
        _ => found.parameter("/language", "Param language must be one of the supported languages."),
    }
    let category = word(&document["category"]);
    // Categories of earlier years survive as `previous_category` only.
    if !["MARKETING", "UTILITY", "AUTHENTICATION"].contains(&category.as_str()) {
        found.parameter("/category", "Param category must be one of {UTILITY, MARKETING, AUTHENTICATION}.");
    }
    let format = &document["parameter_format"];
    if !format.is_null() && !["POSITIONAL", "NAMED"].contains(&word(format).as_str()) {
        found.parameter("/parameter_format", "Param parameter_format must be one of {NAMED, POSITIONAL}.");
    }
    time_to_live(&document["message_send_ttl_seconds"], &category, found);
}

/// Seconds in which a message must arrive. The documentation has an example of 120 for a marketing template, which its
/// own table forbids; the table decides here.
fn time_to_live(value: &Value, category: &str, found: &mut Objections) {
    // The same example writes it as a text, and it is taken as one.
    let seconds = value.as_i64().or_else(|| value.as_str()?.trim().parse().ok());
    let allowed = match (category, seconds) {
        _ if value.is_null() => true,
        ("AUTHENTICATION", Some(seconds)) => seconds == -1 || (30..=900).contains(&seconds),
        ("UTILITY", Some(seconds)) => seconds == -1 || (30..=43_200).contains(&seconds),
        ("MARKETING", Some(seconds)) => (43_200..=2_592_000).contains(&seconds),
        (_, Some(_)) => true,
        (_, None) => false,
    };
    if !allowed {
        let text = "The time to live is not one that this category may have.";
        found.parameter("/message_send_ttl_seconds", text);
    }
}

fn is_name_byte(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_')
}
