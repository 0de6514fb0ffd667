//! Templates shown to the engine: what Meta would refuse, and what people would see.

use serde_json::Value;

use crate::desk::{Desk, DeskError};
use crate::engine::EngineError;
use crate::gateway::meta::text;
use crate::store::{Kind, TenantId};

use super::record::TemplateRecord;
use super::{TemplateId, documents, read, status_of};

/// Members of a template that Meta alone writes.
const BY_META: [&str; 10] = [
    "id",
    "status",
    "quality_score",
    "rejected_reason",
    "rejection_info",
    "disable_info",
    "previous_category",
    "correct_category",
    "sub_category",
    "library_template_id",
];

/// What the engine finds in a template that Meta would refuse.
pub(super) fn errors(
    desk: &Desk,
    tenant: TenantId,
    id: &TemplateId,
    template: &Value,
    is_edit: bool,
) -> Result<Vec<Value>, DeskError> {
    let (own, mut existing) = (in_short(template), Vec::new());
    for document in documents(desk, tenant, Kind::Template, &format!("{}/", id.account))? {
        let record: TemplateRecord = read(&document.body)?;
        let short = in_short(&record.template);
        // Of thousands only those matter that have the name or the words.
        let matters = short["name"] == id.name.as_str() || short["body"] == own["body"];
        if record.stale_since_ms.is_none() && matters {
            existing.push(short);
        }
    }
    let mut bare = template.clone();
    strip(&mut bare);
    let document = serde_json::json!({ "template": bare, "edit": is_edit, "existing": existing });
    let report = lint(desk, document.to_string().as_bytes())?;
    let report: Value = serde_json::from_slice(&report)
        .map_err(|error| EngineError::Unusable(format!("its findings cannot be read: {error}")))?;
    let found = report.get("diagnostics").and_then(Value::as_array).cloned().unwrap_or_default();
    Ok(found.into_iter().filter(|found| found["severity"] == "error").collect())
}

/// Takes out what only Meta writes: a draft that was made of Meta's own document is a new document all the same.
pub(crate) fn strip(template: &mut Value) {
    let Some(members) = template.as_object_mut() else { return };
    members.retain(|name, _| !BY_META.contains(&name.as_str()));
}

/// What the linter must know of another template.
fn in_short(template: &Value) -> Value {
    let parts = template.get("components").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let words = |kind: &str| {
        let is_kind = |part: &&Value| text(part, "type").is_some_and(|word| word.eq_ignore_ascii_case(kind));
        parts.iter().find(is_kind).and_then(|part| text(part, "text")).unwrap_or_default()
    };
    serde_json::json!({
        "name": template.get("name"),
        "language": template.get("language"),
        "status": status_of(template),
        "body": words("BODY"),
        "footer": words("FOOTER"),
    })
}

/// What is wrong with a template, as JSON.
pub fn lint(desk: &Desk, document: &[u8]) -> Result<Vec<u8>, DeskError> {
    Ok(desk.engine.lint(document)?)
}

/// A template as a person sees it and as it is sent, as JSON.
pub fn preview(desk: &Desk, request: &[u8]) -> Result<Vec<u8>, DeskError> {
    Ok(desk.engine.preview(request)?)
}
