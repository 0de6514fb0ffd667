//! What Meta would refuse, judged twice: by the product's lint and by the stand-in's own judgement, which was written
//! from the same facts and shares no line with it. Tens of thousands of templates on both sides of every limit; each
//! disagreement was settled by the facts, and where these are in doubt it is listed in [`doubt`], in one place.

use std::collections::BTreeMap;

use consentry_core::rule::Severity;
use consentry_core::template::{self, Code, Context, Finding, Scope, Template, lint};
use consentry_host::sandbox::review::{Objection, judge};
use serde_json::Value;

use crate::random::Random;
use crate::template_maker::changed;

const TEMPLATES: u64 = 40_000;
/// So often at least has every rule spoken.
const HEARD_MIN: u32 = 20;
/// Rules that need more than the template: the account, or a text that is no JSON.
const ABOUT_MORE: [Code; 4] =
    [Code::TemplateUnreadable, Code::NameTaken, Code::NameBeingDeleted, Code::BodyTaken];

/// Why the other judge may be silent about this finding. Where the facts say nothing, lint may know more than the
/// stand-in refuses.
fn doubt(finding: &Finding, document: &Value) -> Option<&'static str> {
    let at = |path: &str| document.pointer(path).unwrap_or(&Value::Null);
    let text = at(&finding.path).as_str().unwrap_or_default();
    let parent = finding.path.rsplit_once('/').map_or("", |(parent, _)| parent);
    let kind = at(parent)["type"].as_str().unwrap_or_default().to_ascii_uppercase();
    let button = at(&finding.path)["type"].as_str().unwrap_or_default().to_ascii_uppercase();
    let is_invisible = |ch: char| matches!(ch, '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}');
    let has_fixed_words = [
        "CATALOG",
        "MPM",
        "SPM",
        "COPY_CODE",
        "ORDER_DETAILS",
        "PAYMENT_REQUEST",
        "REQUEST_CONTACT_INFO",
        "APP",
        "OTP",
    ];
    match finding.code {
        Code::ComponentNotAllowed if document.to_string().contains("\"CAROUSEL\"") => {
            Some("a carousel beside a header, footer or buttons: no page shows one, none forbids it")
        }
        Code::ButtonCount if !["URL", "PHONE_NUMBER", "COPY_CODE"].contains(&button.as_str()) => {
            Some("pages show one catalog, call or product button each and do not say that it is the most")
        }
        Code::UrlInvalid => Some("what an address must look like stands nowhere; phones decide"),
        Code::PhoneInvalid if !text.trim().is_empty() && text.chars().count() <= 20 => {
            Some("what a number must look like stands nowhere but its length; phones decide")
        }
        Code::TextMissing | Code::TextTooLong if has_fixed_words.contains(&kind.as_str()) => {
            Some("labels that Meta words itself are judged by nobody we know of")
        }
        Code::VariableAtEdge | Code::VariablesAdjacent if text.contains(is_invisible) => {
            Some("nobody has reported what Meta does about characters that are not seen")
        }
        Code::VariableName if text.contains("{{") && finding.message.contains("32") => {
            Some("the 32 characters of a name are WhatsApp Manager's, not the API's")
        }
        _ => None,
    }
}

/// Why lint may be silent about this objection.
fn doubt_of_the_other(objection: &Objection, document: &Value) -> Option<&'static str> {
    let at = |path: &str| document.pointer(path).unwrap_or(&Value::Null);
    let whole = document.to_string();
    match objection {
        Objection { text, .. }
            if text.contains("must be one of the types")
                || text.contains("one of the formats")
                || text.contains("SURPRISE") =>
        {
            Some("Meta adds kinds: what is not known here is a warning, by decision")
        }
        Objection { path, text, .. }
            if text.starts_with("The header of a card is")
                || text == "A card has no such component."
                || text == "A card has no such button." =>
        {
            let kind = at(path)["type"].as_str().unwrap_or_default();
            let format = at(path)["format"].as_str().unwrap_or_default();
            let is_unknown = ["SURPRISE", "MOD"].contains(&kind) || format == "ODD";
            is_unknown.then_some("Meta adds kinds: what is not known here is a warning, by decision")
        }
        Objection { subcode: Some(2_388_073), path, .. }
            if whole.contains("\"CATALOG\"")
                && at(path).as_str().is_some_and(|text| !text.contains('\n')) =>
        {
            Some("the page on catalogs allows variables in their footers, all others do not")
        }
        Objection { subcode: Some(2_388_293), path, .. } => {
            let is_thai = |ch: char| matches!(ch, '\u{e00}'..='\u{eff}');
            at(path).as_str().is_some_and(|text| text.contains(is_thai)).then_some(
                "whether Thai is counted by the letters or by the language of the template is not known",
            )
        }
        Objection { text, path, .. } if text.contains("1 to 90 minutes") => {
            let footer = at(path);
            (footer["text"].is_null() && footer["code_expiration_minutes"].is_null())
                .then_some("some pages call the minutes of a footer optional")
        }
        _ => None,
    }
}

/// Where a finding is. Lint says once for the whole template that its variables are of two kinds.
fn place(finding: &Finding) -> &str {
    if finding.code == Code::VariablesMixed { "" } else { &finding.path }
}

/// Whether two judges speak of the same place, the one perhaps of more of it.
fn is_same_place(one: &str, other: &str) -> bool {
    let within = |inner: &str, outer: &str| {
        inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let up = |path: &str| path.rsplit_once('/').map_or("", |(parent, _)| parent).to_owned();
    within(one, other) || within(other, one) || within(one, &up(other)) || within(other, &up(one))
}

#[test]
fn both_judges_refuse_the_same_templates() {
    let mut heard: BTreeMap<Code, u32> = BTreeMap::new();
    let (mut accepted, mut disagreements) = (0, BTreeMap::<String, (u32, String)>::new());
    for seed in 0..TEMPLATES {
        let document = changed(&mut Random::new(seed));
        let text = document.to_string();
        let template = Template::parse(text.as_bytes()).unwrap();
        let errors: Vec<Finding> = lint(&template, &Context::default())
            .into_iter()
            .filter(|finding| finding.code.is_error())
            .collect();
        let objections = judge(&document);
        errors.iter().for_each(|finding| *heard.entry(finding.code).or_default() += 1);
        accepted += u32::from(errors.is_empty() && objections.is_empty());
        let mut disagree = |what: String| {
            let known = disagreements.entry(what).or_insert_with(|| (0, format!("seed {seed}: {text}")));
            known.0 += 1;
        };
        for finding in errors.iter().filter(|finding| doubt(finding, &document).is_none()) {
            let same = |objection: &&Objection| is_same_place(&objection.path, place(finding));
            if !objections.iter().any(|objection| same(&objection)) {
                disagree(format!("only lint: {} {}", finding.code.id(), finding.message));
            }
            let wanted = Some(finding.code.rule().meta).filter(|meta| *meta != 0);
            let mut subcodes =
                objections.iter().filter(same).filter_map(|objection| objection.subcode).peekable();
            if wanted.is_some()
                && subcodes.peek().is_some()
                && !subcodes.any(|subcode| Some(subcode) == wanted)
            {
                disagree(format!("another sub-code: {}", finding.code.id()));
            }
        }
        for objection in
            objections.iter().filter(|objection| doubt_of_the_other(objection, &document).is_none())
        {
            let same = |finding: &&Finding| is_same_place(&objection.path, place(finding));
            if !errors.iter().any(|finding| same(&finding)) {
                disagree(format!(
                    "only the stand-in: {} {}",
                    objection.text,
                    objection.path.contains("cards")
                ));
            }
        }
    }
    let told: Vec<String> =
        disagreements.iter().map(|(what, (count, first))| format!("{count}× {what}\n  {first}")).collect();
    assert!(told.is_empty(), "{}", told.join("\n"));
    let silent: Vec<String> = template::RULES
        .iter()
        .filter(|rule| rule.scope == Scope::Template && rule.severity == Severity::Error)
        .filter(|rule| !ABOUT_MORE.contains(&rule.code))
        .filter(|rule| heard.get(&rule.code).copied().unwrap_or_default() < HEARD_MIN)
        .map(|rule| format!("{} {:?}", rule.id, heard.get(&rule.code)))
        .collect();
    assert!(silent.is_empty(), "hardly heard: {silent:?}");
    assert!(accepted > TEMPLATES as u32 / 8, "only {accepted} templates were good");
}
