//! Why a campaign stopped, in words that name what was worst: the template and the file whose people it was.

use consentry_core::campaign::errors;
use consentry_core::campaign::step::{Scope, Why};
use consentry_core::matching::ImportId;

use crate::campaigns::record::{CampaignRecord, Paused};
use crate::store::{Store, TenantId};

/// What is written into the document of a campaign that stops.
pub(super) fn paused(
    store: &dyn Store,
    tenant: TenantId,
    record: &CampaignRecord,
    scope: Scope,
    why: Why,
) -> Paused {
    let template = |message: u8| {
        let messages = record.plan.as_ref().map(|plan| plan.messages.as_slice()).unwrap_or_default();
        let message = messages.get(usize::from(message));
        message.map_or_else(String::new, |of| format!(", most of `{}` in `{}`", of.template, of.language))
    };
    let file = |import: u64| {
        let found = store.import(tenant, ImportId(import)).ok().flatten();
        let name = found.map(|import| import.new.file_name).unwrap_or_default();
        if import == 0 { String::new() } else { format!(", most of the people of `{name}` (i{import})") }
    };
    let (why, text, code, of) = match why {
        Why::FailedRatio { percent, code, message, import } => (
            "failed-ratio",
            format!(
                "{percent:.1} % of its messages failed{}{}: {}",
                template(message),
                file(import),
                what(code)
            ),
            code,
            Some((message, import)),
        ),
        Why::OptedOutRatio { percent, message, import } => (
            "opted-out-ratio",
            format!("{percent:.1} % of its people opted out{}{}", template(message), file(import)),
            0,
            Some((message, import)),
        ),
        Why::LimitedRatio { percent, code, message, import } => (
            "limited-ratio",
            format!(
                "Meta kept back {percent:.1} % of its messages{}{}: {}",
                template(message),
                file(import),
                what(code)
            ),
            code,
            Some((message, import)),
        ),
        Why::SameRefusal { code, times } => (
            "same-refusal",
            format!("Meta refused {times} messages in a row for the same reason: {}", what(code)),
            code,
            None,
        ),
        Why::Refused { code } => {
            let (why, whose) = match scope {
                Scope::Template(..) => ("template", "its template"),
                Scope::Number => ("number", "its number"),
                Scope::Account => ("account", "its account"),
                Scope::Token => ("token", "its token"),
                Scope::Campaign(_) => ("same-refusal", "it"),
            };
            (why, format!("Meta takes nothing more with {whose}: {}", what(code)), code, None)
        }
    };
    let message = match scope {
        Scope::Template(_, message) => Some(message),
        _ => of.map(|(message, _)| message),
    };
    let import = of.and_then(|(_, import)| (import != 0).then(|| format!("i{import}")));
    let cure = errors::rule(code, None).filter(|_| code != 0).map(|rule| rule.cure.to_owned());
    let is_brake = of.is_some() || matches!(scope, Scope::Campaign(_));
    Paused {
        by: if is_brake { "brake" } else { "meta" }.to_owned(),
        why: why.to_owned(),
        text,
        cure: cure.or_else(|| {
            let text = "See who they are and what was sent to them, before you let it go on.";
            is_brake.then(|| text.to_owned())
        }),
        code: (code != 0).then_some(code),
        message,
        import,
        ..Paused::default()
    }
}

fn what(code: i64) -> String {
    let title = errors::rule(code, None).map_or("an error that is not known", |rule| rule.title);
    format!("{title} ({code})")
}
