//! News of a template taken into its record: each group of fields has a clock of its own, because what Meta tells comes in any
//! order. It decides what is newer and what is in doubt; it reads no store and asks nobody.

use serde_json::{Value, json};

use super::record::{TemplateRecord, Told};
use super::{ASIDE, status_of};
use crate::gateway::meta::text;

/// What became of news of a template.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Applied {
    /// Its record says something else than before.
    pub(super) changed: bool,
    /// Only Meta's list can say what holds now.
    pub(super) in_doubt: bool,
}

/// Brings a record up to date where the news is newer than what is known; where it is not, or nobody can say, it is in doubt.
pub(super) fn apply(
    record: &mut TemplateRecord,
    value: &Value,
    at_s: Option<i64>,
    pulled_from_s: i64,
) -> Applied {
    // A template that was deleted and made again has the same name and another id.
    let of = text(value, "message_template_id");
    if of.is_some_and(|of| text(&record.template, "id").is_some_and(|own| own != of)) {
        return Applied { changed: false, in_doubt: true };
    }
    let (mut applied, mut told) = (Applied::default(), false);
    let since = record.told_at_s.max(pulled_from_s);
    for group in &GROUPS {
        if !group.told_by.iter().any(|name| text(value, name).is_some()) {
            continue;
        }
        told = true;
        let known_s = since.max(*(group.clock)(&mut record.told));
        let Some(at_s) = at_s.filter(|at_s| *at_s >= known_s) else {
            applied.in_doubt = true;
            continue;
        };
        let (template, aside) = (record.template.clone(), record.aside.clone());
        (group.set)(record, value);
        *(group.clock)(&mut record.told) = at_s;
        let changed = record.template != template || record.aside != aside;
        applied.changed |= changed;
        // Of two in the same second nobody knows which is the later one.
        applied.in_doubt |= changed && at_s == known_s;
    }
    // Out of the archive it is what it was before, which Meta does not tell.
    let unarchived = text(value, "event").is_some_and(|event| event.eq_ignore_ascii_case("UNARCHIVED"));
    applied.in_doubt |= unarchived || !told;
    applied
}

/// Takes into a record that is written after a submission what came of the same template while Meta was asked: it is newer
/// than Meta's answer.
pub(super) fn keep_news(record: &mut TemplateRecord, before: Option<&TemplateRecord>, now: &TemplateRecord) {
    if now.template.get("id") != record.template.get("id") {
        return;
    }
    record.told_at_s = record.told_at_s.max(now.told_at_s);
    for group in &GROUPS {
        let clock = |of: &TemplateRecord| *(group.clock)(&mut { of.told });
        let same = |before: &TemplateRecord| {
            let field = |name: &&str| before.template.get(*name) == now.template.get(*name);
            clock(before) == clock(now) && group.fields.iter().all(field)
        };
        *(group.clock)(&mut record.told) = clock(now);
        if before.is_some_and(same) {
            continue;
        }
        for name in group.fields {
            put(&mut record.template, name, now.template.get(*name));
        }
        if group.fields.contains(&"status") {
            record.aside.clone_from(&now.aside);
        }
    }
}

/// Fields that change together, and are told of together.
struct Group {
    /// Any of these in the news tells of the group.
    told_by: &'static [&'static str],
    /// Where they are in the document.
    fields: &'static [&'static str],
    clock: fn(&mut Told) -> &mut i64,
    set: fn(&mut TemplateRecord, &Value),
}

/// The samples in Meta's own documents have news of one kind under the name of another; so the values decide.
const GROUPS: [Group; 3] = [
    Group {
        told_by: &["event"],
        fields: &["status", "rejected_reason"],
        clock: |told| &mut told.status_s,
        set: set_status,
    },
    Group {
        told_by: &["new_quality_score"],
        fields: &["quality_score"],
        clock: |told| &mut told.quality_s,
        set: set_quality,
    },
    Group {
        told_by: &["new_category", "correct_category"],
        fields: &["category", "previous_category", "correct_category"],
        clock: |told| &mut told.category_s,
        set: set_category,
    },
];

fn set_status(record: &mut TemplateRecord, value: &Value) {
    let Some(event) = text(value, "event").map(|event| event.to_ascii_uppercase()) else { return };
    if event != status_of(&record.template) {
        record.aside.clear();
    }
    let document = &mut record.template;
    document["status"] = event.into();
    match text(value, "reason").filter(|reason| reason != "NONE") {
        Some(reason) => document["rejected_reason"] = reason.into(),
        None => put(document, "rejected_reason", None),
    }
    for name in ASIDE {
        if let Some(info) = value.get(name).filter(|info| info.is_object()) {
            record.aside.insert(name.to_owned(), info.clone());
        }
    }
}

fn set_quality(record: &mut TemplateRecord, value: &Value) {
    if let Some(score) = text(value, "new_quality_score") {
        record.template["quality_score"] = json!({"score": score});
    }
}

fn set_category(record: &mut TemplateRecord, value: &Value) {
    let document = &mut record.template;
    if let Some(category) = text(value, "new_category") {
        let previous = text(value, "previous_category").or_else(|| text(document, "category"));
        if let Some(previous) = previous.filter(|previous| *previous != category) {
            document["previous_category"] = previous.into();
        }
        document["category"] = category.into();
    }
    if let Some(category) = text(value, "correct_category") {
        document["correct_category"] = category.into();
    }
}

fn put(document: &mut Value, name: &str, value: Option<&Value>) {
    match (value, document.as_object_mut()) {
        (Some(value), _) => document[name] = value.clone(),
        (None, Some(fields)) => drop(fields.shift_remove(name)),
        (None, None) => {}
    }
}
