//! Reading what is known: find a person, tell a timeline, export everybody. Shared by command line and HTTP.

use std::collections::{BTreeSet, HashMap};
use std::io::Write;

use consentry_core::matching::{E164, ImportId, ProfileId, Source, fold_email};
use consentry_core::render::csv::excel_safe;

use crate::engine::{Engine, EngineError};
use crate::store::{Import, Latest, Lookup, Store, StoreError, StoredProfile, Subject, TenantId};
use crate::wire::v1::{EventDocument, ProfileDocument, Timeline};

/// Profiles read from the store at once.
const PAGE: usize = 1_000;
/// Most events in one answer.
const EVENTS_MAX: usize = 1_000;

/// Why nothing could be read.
#[derive(Debug, thiserror::Error)]
pub enum PeopleError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The sandbox, which reads numbers.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The question names neither a profile nor a number.
    #[error("`{0}` is neither a profile like `p12` nor a number with its country code like `+905301112233`")]
    Question(String),
    /// The export cannot be written.
    #[error("the export cannot be written: {0}")]
    Write(#[from] std::io::Error),
    /// The export cannot be written as CSV.
    #[error("the export cannot be written: {0}")]
    Csv(#[from] csv::Error),
}

/// What an export is written as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExportFormat {
    /// The columns of a consent file, so that an export can be imported again.
    #[default]
    Csv,
    /// A profile document a line.
    Jsonl,
    /// One document, `{"profiles": […]}`.
    Json,
}

/// How an export looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExportOptions {
    /// What it is written as.
    pub format: ExportFormat,
    /// Cells that no spreadsheet takes for a formula, and a byte-order mark so that letters survive.
    pub for_excel: bool,
    /// Attribute columns as well.
    pub attributes: bool,
}

/// The one person that a text names: profile, customer's id, e-mail address or number, in that order.
pub fn find(
    store: &dyn Store,
    engine: &Engine,
    tenant: TenantId,
    text: &str,
) -> Result<Option<StoredProfile>, PeopleError> {
    let text = text.trim();
    let mut lookups = Vec::new();
    lookups.extend(ProfileId::parse(text).map(Lookup::Profile));
    lookups.push(Lookup::Exid(text.to_owned()));
    if text.contains('@') {
        lookups.push(Lookup::Email(fold_email(text).into_owned()));
    }
    if let Some(number) = number(engine, text)? {
        let identity = number.identity().digits();
        lookups.extend([Lookup::Number(identity), Lookup::Msisdn(identity)]);
    }
    for lookup in &lookups {
        if let Some(found) = store.find(tenant, lookup)? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// Why a number or a profile stands where it stands: the latest events, or the latest before a place of the log.
pub fn explain(
    store: &dyn Store,
    engine: &Engine,
    tenant: TenantId,
    of: &str,
    before: Option<u64>,
) -> Result<Timeline, PeopleError> {
    let of = of.trim();
    let (shown, subject, lookup) = match (ProfileId::parse(of), number(engine, of)?) {
        (Some(profile), _) => (profile.to_string(), Subject::Profile(profile), Lookup::Profile(profile)),
        (None, Some(number)) => {
            let identity = number.identity().digits();
            (number.to_string(), Subject::Number(identity), Lookup::Number(identity))
        }
        (None, None) => return Err(PeopleError::Question(consentry_core::diagnostic::clip(of))),
    };
    let Latest { events, is_more } = store.latest_events(tenant, subject, before, EVENTS_MAX)?;
    let imports: BTreeSet<ImportId> = events
        .iter()
        .filter_map(|stored| match stored.event.source {
            Source::File { import, .. } | Source::Undo { import, .. } => Some(import),
            Source::Person { .. } => None,
        })
        .collect();
    let mut records: HashMap<ImportId, Import> = HashMap::new();
    for id in imports {
        records.extend(store.import(tenant, id)?.map(|import| (id, import)));
    }
    let document = |stored: &crate::store::StoredEvent| {
        let import = match stored.event.source {
            Source::File { import, .. } | Source::Undo { import, .. } => records.get(&import),
            Source::Person { .. } => None,
        };
        EventDocument::of(stored, import)
    };
    Ok(Timeline {
        of: shown,
        current: store.find(tenant, &lookup)?.as_ref().map(ProfileDocument::of),
        earlier_before: events.first().filter(|_| is_more).map(|stored| stored.event.seq),
        events: events.iter().map(document).collect(),
    })
}

/// Writes every profile, by id. Rows are read page by page, so that memory does not grow with the store.
pub fn export(
    store: &dyn Store,
    tenant: TenantId,
    options: ExportOptions,
    out: &mut dyn Write,
) -> Result<u64, PeopleError> {
    match options.format {
        ExportFormat::Csv => export_csv(store, tenant, options, out),
        ExportFormat::Jsonl => each_document(store, tenant, out, "", "\n"),
        ExportFormat::Json => {
            out.write_all(b"{\"profiles\":[")?;
            let count = each_document(store, tenant, out, ",", "")?;
            out.write_all(b"]}\n")?;
            Ok(count)
        }
    }
}

/// Every profile as JSON: `between` two of them, and `after` each.
fn each_document(
    store: &dyn Store,
    tenant: TenantId,
    out: &mut dyn Write,
    between: &str,
    after: &str,
) -> Result<u64, PeopleError> {
    let mut first = true;
    each_page(store, tenant, &mut |page| {
        for stored in page {
            if !std::mem::take(&mut first) {
                out.write_all(between.as_bytes())?;
            }
            serde_json::to_writer(&mut *out, &ProfileDocument::of(stored)).map_err(std::io::Error::from)?;
            out.write_all(after.as_bytes())?;
        }
        Ok(())
    })
}

fn export_csv(
    store: &dyn Store,
    tenant: TenantId,
    options: ExportOptions,
    out: &mut dyn Write,
) -> Result<u64, PeopleError> {
    let mut names = BTreeSet::new();
    if options.attributes {
        each_page(store, tenant, &mut |page| {
            names.extend(page.iter().flat_map(|stored| stored.profile.attributes.keys().cloned()));
            Ok(())
        })?;
    }
    if options.for_excel {
        out.write_all("\u{feff}".as_bytes())?;
    }
    let mut writer = csv::Writer::from_writer(out);
    let columns = ["profile", "exid", "email", "msisdn", "wpNumber", "permission"];
    writer.write_record(columns.into_iter().chain(names.iter().map(String::as_str)))?;
    let count = each_page(store, tenant, &mut |page| {
        for stored in page {
            let person = ProfileDocument::of(stored);
            let permission = stored.profile.permission.map_or("", |permission| permission.cell());
            let text = |text: &Option<String>| text.clone().unwrap_or_default();
            let mut cells = vec![
                person.profile.clone(),
                text(&person.exid),
                text(&person.email),
                text(&person.msisdn),
                text(&person.wp_number),
                permission.to_owned(),
            ];
            cells.extend(names.iter().map(|name| person.attributes.get(name).cloned().unwrap_or_default()));
            if options.for_excel {
                writer.write_record(cells.iter().map(|cell| excel_safe(cell).into_owned()))?;
            } else {
                writer.write_record(&cells)?;
            }
        }
        Ok(())
    })?;
    writer.flush()?;
    Ok(count)
}

fn number(engine: &Engine, text: &str) -> Result<Option<E164>, EngineError> {
    Ok(engine.number(text)?.digits.and_then(E164::from_digits))
}

type OnPage<'a> = &'a mut dyn FnMut(&[StoredProfile]) -> Result<(), PeopleError>;

fn each_page(store: &dyn Store, tenant: TenantId, each: OnPage<'_>) -> Result<u64, PeopleError> {
    let (mut count, mut failed) = (0, None);
    store.each_profile(tenant, PAGE, &mut |page| {
        count += page.len() as u64;
        failed = each(page).err();
        failed.is_none()
    })?;
    failed.map_or(Ok(count), Err)
}
