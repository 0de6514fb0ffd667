//! Reading what is known: find a person, tell a timeline, export everybody. Shared by command line and HTTP.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use consentry_core::matching::{E164, ImportId, Keys, Permission, ProfileId, fold_email};
use consentry_core::render::csv::excel_safe;

use crate::engine::{Engine, EngineError};
use crate::standing;
use crate::store::{
    Import, Latest, Lookup, Store, StoreError, StoredEvent, StoredProfile, Subject, TenantId,
};
use crate::wire::v1::{EventDocument, ProfileDocument, Timeline};

/// Profiles read from the store at once.
const PAGE: usize = 1_000;
/// People looked at for one page of those who stand alike.
const LOOKED_AT_MAX: usize = 100_000;
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
    /// The question names neither a profile nor a number, nor anybody who is known by another identifier.
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

/// The one person that a text names: profile, customer's id, e-mail address, number or user id, in that order.
pub fn find(
    store: &dyn Store,
    engine: &Engine,
    tenant: TenantId,
    text: &str,
) -> Result<Option<StoredProfile>, PeopleError> {
    Ok(find_all(store, engine, tenant, text)?.into_iter().next())
}

/// Everybody whom a text names by one identifier or another, each once: the WhatsApp number of one may be the phone number of
/// another.
pub fn find_all(
    store: &dyn Store,
    engine: &Engine,
    tenant: TenantId,
    text: &str,
) -> Result<Vec<StoredProfile>, PeopleError> {
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
    lookups.extend(number_of_user(store, tenant, text)?.map(|number| Lookup::Number(number.digits())));
    let mut found: Vec<StoredProfile> = Vec::new();
    for lookup in &lookups {
        let one = store.find(tenant, lookup)?;
        found.extend(one.filter(|one| found.iter().all(|known| known.profile.id != one.profile.id)));
    }
    Ok(found)
}

/// A page of people who stand alike.
pub struct Page {
    /// The people.
    pub profiles: Vec<StoredProfile>,
    /// Whom the next page begins after; none on the last.
    pub next: Option<ProfileId>,
}

/// People after somebody, by profile; with `permission` those alone who said that, or nothing. Where few did, a page may hold
/// fewer than were asked for though others follow: nobody waits until everybody was looked at.
pub fn page(
    store: &dyn Store,
    tenant: TenantId,
    after: Option<ProfileId>,
    limit: usize,
    permission: Option<Option<Permission>>,
) -> Result<Page, PeopleError> {
    let Some(permission) = permission else {
        // One more than asked for tells whether there is a next page.
        let mut profiles = store.profiles(tenant, after, limit + 1)?;
        let more = profiles.len() > limit;
        profiles.truncate(limit);
        let next = profiles.last().filter(|_| more).map(|last| last.profile.id);
        return Ok(Page { profiles, next });
    };
    let (mut profiles, mut after, mut looked) = (Vec::new(), after, 0);
    while looked < LOOKED_AT_MAX {
        let read = store.profiles(tenant, after, PAGE)?;
        for stored in &read {
            if stored.profile.permission == permission {
                if profiles.len() == limit {
                    let next = profiles.last().map(|last: &StoredProfile| last.profile.id);
                    return Ok(Page { profiles, next });
                }
                profiles.push(stored.clone());
            }
        }
        looked += read.len();
        after = read.last().map(|last| last.profile.id).or(after);
        if read.len() < PAGE {
            return Ok(Page { profiles, next: None });
        }
    }
    Ok(Page { profiles, next: after })
}

/// What the log tells of somebody.
pub struct Told {
    /// What was asked about: a number in E.164, or a profile.
    pub shown: String,
    /// Who holds the number now, or the profile as it is now.
    pub holder: Option<StoredProfile>,
    /// What happened, oldest first.
    pub events: Vec<StoredEvent>,
    /// Whether there is more before.
    pub is_more: bool,
    /// The number that was asked about, or the one that the person has or had last.
    pub number: Option<E164>,
    /// What happened to that number, whoever held it.
    pub of_number: Vec<StoredEvent>,
}

/// Reads what the log tells of whoever is named: by a number, or by anything else that somebody is found by.
pub fn told(
    store: &dyn Store,
    engine: &Engine,
    tenant: TenantId,
    of: &str,
    before: Option<u64>,
    events_max: usize,
) -> Result<Told, PeopleError> {
    let of = of.trim();
    let asked = match (ProfileId::parse(of), number(engine, of)?) {
        (Some(profile), _) => (Subject::Profile(profile), None),
        (None, Some(number)) => (Subject::Number(number.identity().digits()), Some(number)),
        (None, None) => match (find(store, engine, tenant, of)?, number_of_user(store, tenant, of)?) {
            (Some(found), _) => (Subject::Profile(found.profile.id), None),
            (None, Some(number)) => (Subject::Number(number.digits()), Some(number)),
            (None, None) => return Err(PeopleError::Question(consentry_core::diagnostic::clip(of))),
        },
    };
    let (subject, number) = asked;
    let (shown, lookup) = match (subject, number) {
        (Subject::Profile(profile), _) => (profile.to_string(), Lookup::Profile(profile)),
        (Subject::Number(identity), number) => {
            (number.map(|number| number.to_string()).unwrap_or_default(), Lookup::Number(identity))
        }
    };
    let Latest { events, is_more } = store.latest_events(tenant, subject, before, events_max)?;
    let holder = store.find(tenant, &lookup)?;
    let number = number.or_else(|| {
        let had =
            || events.iter().rev().find_map(|stored| stored.event.number.or(stored.event.number_before));
        holder.as_ref().and_then(|holder| holder.profile.number).or_else(had)
    });
    let of_number = match (subject, number) {
        (Subject::Profile(_), Some(number)) => {
            let subject = Subject::Number(number.identity().digits());
            store.latest_events(tenant, subject, None, events_max)?.events
        }
        (Subject::Profile(_), None) => Vec::new(),
        (Subject::Number(_), _) => events.clone(),
    };
    Ok(Told { shown, holder, events, is_more, number, of_number })
}

/// The records of the imports that events came from or took back.
pub fn imports_of(
    store: &dyn Store,
    tenant: TenantId,
    events: &[StoredEvent],
) -> Result<BTreeMap<ImportId, Import>, PeopleError> {
    let imports: BTreeSet<ImportId> =
        events.iter().filter_map(|stored| stored.event.source.import()).collect();
    let mut records = BTreeMap::new();
    for id in imports {
        records.extend(store.import(tenant, id)?.map(|import| (id, import)));
    }
    Ok(records)
}

/// Why a number or a profile stands where it stands: the latest events, or the latest before a place of the log.
pub fn explain(
    store: &dyn Store,
    engine: &Engine,
    tenant: TenantId,
    of: &str,
    before: Option<u64>,
) -> Result<Timeline, PeopleError> {
    let told = told(store, engine, tenant, of, before, EVENTS_MAX)?;
    let records = imports_of(store, tenant, &told.events)?;
    let identity = told.number.map(|number| number.identity().digits());
    let users = identity.map(|identity| store.users_of(tenant, identity)).transpose()?;
    let document = |stored: &StoredEvent| {
        EventDocument::of(stored, stored.event.source.import().and_then(|id| records.get(&id)))
    };
    Ok(Timeline {
        of: told.shown,
        current: told.holder.as_ref().map(ProfileDocument::of),
        // A part of the story says nothing of how it ended.
        standing: before.is_none().then(|| standing::standing(told.holder.as_ref(), &told.events)),
        number: told.number.map(|number| number.to_string()),
        custody: identity.map(|identity| standing::custody(identity, &told.of_number)).unwrap_or_default(),
        user_ids: users.unwrap_or_default(),
        earlier_before: told.events.first().filter(|_| told.is_more).map(|stored| stored.event.seq),
        events: told.events.iter().map(document).collect(),
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

/// The number that was seen with a business-scoped user id last.
fn number_of_user(store: &dyn Store, tenant: TenantId, user: &str) -> Result<Option<E164>, PeopleError> {
    let known = store.known(tenant, &Keys::of_user(user, None))?;
    Ok(known.user.number.and_then(E164::from_digits))
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
