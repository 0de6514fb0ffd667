//! Addresses in a message, as a phone sees them. Of those only one on this machine is ever opened: the sandbox asks no other
//! machine for anything, and whoever wants to see taps leads its links over a server beside it.

use serde_json::Value;

use super::template::Template;
use super::webhook::post::is_loopback;

/// The first address in a message that a person here could open: of a button, or a value that is one.
pub(crate) fn of(template: &Template, given: &Value) -> Option<String> {
    let given = given.as_array()?;
    let parameters = |component: &Value| {
        let parameters = component["parameters"].as_array().into_iter().flatten();
        let texts = parameters.filter_map(|parameter| parameter["text"].as_str());
        texts.map(str::to_owned).collect::<Vec<String>>()
    };
    let buttons = template.component("BUTTONS").and_then(|buttons| buttons["buttons"].as_array());
    let mut found = buttons.into_iter().flatten().enumerate().filter_map(|(at, button)| {
        let url = button["url"].as_str()?;
        let own = |component: &&Value| {
            let index = &component["index"];
            let index = index.as_u64().or_else(|| index.as_str()?.parse().ok());
            component["type"].as_str().is_some_and(|kind| kind.eq_ignore_ascii_case("button"))
                && index == Some(at as u64)
        };
        let end = given.iter().find(own).and_then(|component| parameters(component).into_iter().next());
        let before = url.split("{{").next().unwrap_or_default();
        Some(if before.len() < url.len() { format!("{before}{}", end?) } else { url.to_owned() })
    });
    let texts = || {
        let is_text = |component: &&Value| {
            let kind = component["type"].as_str().unwrap_or_default();
            kind.eq_ignore_ascii_case("body") || kind.eq_ignore_ascii_case("header")
        };
        given.iter().filter(is_text).flat_map(parameters).find(|text| is_loopback(text))
    };
    found.find(|url| is_loopback(url)).or_else(texts)
}
