//! Conditions about people under names, for audiences to speak of.

use std::collections::HashMap;

use consentry_core::diagnostic::clip;
use consentry_core::wire::campaign::compile_segment;
use consentry_core::wire::campaign::v1::{Audience, Condition, Segment};

use super::Campaigns;
use crate::desk::{DeskError, ROUNDS_MAX};
use crate::store::{Kind, Put, StoreError, TenantId};

/// Longest name, in bytes.
const NAME_BYTES_MAX: usize = 200;
/// Documents read from the store at once.
const PAGE: usize = 500;

/// Every segment, by name.
pub fn all(room: &Campaigns, tenant: TenantId) -> Result<Vec<Segment>, DeskError> {
    let (mut found, mut after) = (Vec::new(), String::new());
    loop {
        let page = room.desk.store.documents(tenant, Kind::Segment, &after, PAGE)?;
        let Some(last) = page.last() else { return Ok(found) };
        after.clone_from(&last.key);
        for document in &page {
            found.push(read(&document.body)?);
        }
    }
}

/// One segment.
pub fn find(room: &Campaigns, tenant: TenantId, name: &str) -> Result<Segment, DeskError> {
    if name.is_empty() || name.len() > NAME_BYTES_MAX {
        return Err(missing(name));
    }
    let document = room.desk.store.document(tenant, Kind::Segment, name)?.ok_or_else(|| missing(name))?;
    Ok(read(&document.body)?)
}

/// Keeps a segment, over whatever had its name.
pub fn put(room: &Campaigns, tenant: TenantId, segment: &Segment) -> Result<(), DeskError> {
    let is_name = |name: &str| {
        (1..=NAME_BYTES_MAX).contains(&name.len())
            && name.trim() == name
            && !name.chars().any(|ch| ch.is_control() || ch == '/')
    };
    if !is_name(&segment.name) {
        return Err(DeskError::Invalid(format!(
            "a segment's name has 1 to {NAME_BYTES_MAX} bytes, no `/` and no white space at its ends"
        )));
    }
    let others = conditions(room, tenant)?;
    let of = |name: &str| others.get(name).cloned();
    compile_segment(&segment.name, &segment.condition, &of)
        .map_err(|unclear| DeskError::Invalid(unclear.to_string()))?;
    let body = serde_json::to_vec(segment)
        .map_err(|cause| StoreError::Damaged(format!("a segment cannot be written: {cause}")))?;
    change(room, tenant, &segment.name, Some(&body), &|| Ok(()))
}

/// Forgets a segment that no other segment and no campaign that is still to be planned speaks of.
pub fn delete(room: &Campaigns, tenant: TenantId, name: &str) -> Result<(), DeskError> {
    find(room, tenant, name)?;
    change(room, tenant, name, None, &|| {
        let speaks = |condition: &Condition| names(condition, name);
        if let Some(other) =
            all(room, tenant)?.iter().find(|other| other.name != name && speaks(&other.condition))
        {
            let other = clip(&other.name);
            let text = format!("the segment `{other}` speaks of it: change that one first");
            return Err(DeskError::Conflict(text));
        }
        for kept in super::all(room, tenant)? {
            let Audience { include, exclude } = &kept.record.definition.audience;
            let may_be_planned = kept.record.started_at_ms.is_none() && !kept.record.state.is_over();
            if may_be_planned && [include, exclude].into_iter().flatten().any(speaks) {
                let text = format!("the campaign `{}` speaks of it: change that one first", kept.record.id);
                return Err(DeskError::Conflict(text));
            }
        }
        Ok(())
    })
}

/// What each segment says, by name.
pub(super) fn conditions(
    room: &Campaigns,
    tenant: TenantId,
) -> Result<HashMap<String, Condition>, DeskError> {
    Ok(all(room, tenant)?.into_iter().map(|segment| (segment.name, segment.condition)).collect())
}

/// Writes a segment over the one that stands, as long as nothing speaks against it.
fn change(
    room: &Campaigns,
    tenant: TenantId,
    name: &str,
    body: Option<&[u8]>,
    may: &dyn Fn() -> Result<(), DeskError>,
) -> Result<(), DeskError> {
    for _ in 0..ROUNDS_MAX {
        let stands = room.desk.store.document(tenant, Kind::Segment, name)?;
        may()?;
        let expected_version = stands.map(|stands| stands.version);
        let put = Put { kind: Kind::Segment, key: name, expected_version, body };
        match room.desk.store.put_documents(tenant, &[put]) {
            Err(StoreError::Overtaken) => {}
            Err(StoreError::DocumentTooLarge(bytes)) => {
                return Err(DeskError::Invalid(format!(
                    "a segment of {bytes} bytes is too large: divide it"
                )));
            }
            Err(other) => return Err(other.into()),
            Ok(_) => return Ok(()),
        }
    }
    Err(DeskError::Overtaken)
}

/// Whether a condition speaks of a segment itself.
fn names(condition: &Condition, name: &str) -> bool {
    match condition {
        Condition::Segment(named) => named == name,
        Condition::All(of) | Condition::Any(of) => of.iter().any(|condition| names(condition, name)),
        Condition::Not(of) => names(of, name),
        _ => false,
    }
}

fn missing(name: &str) -> DeskError {
    DeskError::NotFound(format!("there is no segment `{}`", clip(name)))
}

fn read(body: &[u8]) -> Result<Segment, StoreError> {
    serde_json::from_slice(body)
        .map_err(|cause| StoreError::Damaged(format!("a segment cannot be read: {cause}")))
}
