//! Attributes of people that are known: set by a file, or one by one. A column says who is meant, the others are attributes.
//! It makes nobody and moves no consent: whoever is not known is told, and passed over.

use std::collections::BTreeMap;
use std::io::{self, BufRead as _, BufReader, Read};

use consentry_core::diagnostic::clip;
use consentry_core::limits::{ATTRIBUTES_MAX, COLUMNS_MAX, FIELD_BYTES_MAX};
use consentry_core::matching::{E164, Keys, NONE, NumberKeys, ProfileId, TextKeys};
use consentry_core::rows::Texts;

use crate::engine::{Engine, EngineError};
use crate::store::{AttributeChange, Store, StoreError, TenantId};
use crate::wire::v1::{AttributeTrouble, AttributesSetDocument};

/// Longest name of an attribute, in bytes.
pub const NAME_BYTES_MAX: usize = 200;
/// Rows whose people are looked up and changed in one go.
const TOGETHER: usize = 5_000;
/// Rows that are told when they cannot be used; the rest is counted.
const TROUBLES_MAX: usize = 50;
/// What may divide cells.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// Columns that say who is meant, the one that counts first.
const WHO: [&str; 5] = ["profile", "exid", "email", "msisdn", "wpNumber"];
/// A column of a consent file that is neither.
const PERMISSION: &str = "permission";

/// Why nothing more was set. What was set before stays, and setting it again changes nothing.
#[derive(Debug, thiserror::Error)]
pub enum AttributesError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The engine, which reads numbers.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The file cannot be read.
    #[error("the file cannot be read: {0}")]
    Read(#[from] io::Error),
    /// What was given is not right as it is.
    #[error("{0}")]
    Invalid(String),
}

impl From<csv::Error> for AttributesError {
    fn from(error: csv::Error) -> AttributesError {
        match error.into_kind() {
            csv::ErrorKind::Io(cause) => cause.into(),
            csv::ErrorKind::Utf8 { pos, .. } => {
                let line = pos.map_or(0, |pos| pos.line());
                AttributesError::Invalid(format!("line {line} is not UTF-8: save the file as UTF-8"))
            }
            other => AttributesError::Invalid(format!("the file is no table: {other:?}")),
        }
    }
}

/// Sets attributes of one person; an empty value takes one away.
pub fn set_one(
    store: &dyn Store,
    tenant: TenantId,
    profile: ProfileId,
    values: BTreeMap<String, Option<String>>,
) -> Result<u64, AttributesError> {
    may_set_one(store, tenant, profile, &values)?;
    Ok(store.set_attributes(tenant, &[AttributeChange { profile, values }])?)
}

/// Whether these attributes could be set; what is wrong with them otherwise.
pub fn may_set_one(
    store: &dyn Store,
    tenant: TenantId,
    profile: ProfileId,
    values: &BTreeMap<String, Option<String>>,
) -> Result<(), AttributesError> {
    values.keys().try_for_each(|name| check_name(name))?;
    if let Some((name, _)) =
        values.iter().find(|(_, value)| value.as_ref().is_some_and(|value| value.len() > FIELD_BYTES_MAX))
    {
        let text = format!("the value of `{name}` has more than {FIELD_BYTES_MAX} bytes");
        return Err(AttributesError::Invalid(text));
    }
    let change = AttributeChange { profile, values: values.clone() };
    match too_many(store, tenant, &[change])?.pop() {
        Some((_, count)) => Err(AttributesError::Invalid(format!("{profile} {}", too_many_text(count)))),
        None => Ok(()),
    }
}

/// Sets attributes by file: CSV in UTF-8 with a header. Empty cells change nothing.
pub fn set_by_file(
    store: &dyn Store,
    engine: &Engine,
    tenant: TenantId,
    file: impl Read,
) -> Result<AttributesSetDocument, AttributesError> {
    let mut file = BufReader::new(file);
    let head = file.fill_buf()?;
    let mark = if head.starts_with("\u{feff}".as_bytes()) { 3 } else { 0 };
    let first_line = head[mark..].split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |delimiter: &u8| first_line.iter().filter(|byte| *byte == delimiter).count();
    let delimiter = DELIMITERS.into_iter().rev().max_by_key(count).unwrap_or(b',');
    file.consume(mark);
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(file);
    let columns = Columns::read(reader.headers()?)?;
    let mut setting =
        Setting { store, engine, tenant, columns, rows: Vec::new(), done: AttributesSetDocument::default() };
    setting.done.attributes.clone_from(&setting.columns.names);
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record)? {
        setting.done.rows += 1;
        setting.take(&record);
        if setting.rows.len() == TOGETHER {
            setting.flush()?;
        }
    }
    setting.flush()?;
    Ok(setting.done)
}

/// What each column of a file is.
struct Columns {
    /// Which of [`WHO`], and where.
    who: usize,
    who_at: usize,
    /// Where the attributes are, and their names.
    places: Vec<usize>,
    names: Vec<String>,
}

impl Columns {
    fn read(header: &csv::StringRecord) -> Result<Columns, AttributesError> {
        let invalid = |text: String| Err(AttributesError::Invalid(text));
        if header.len() > COLUMNS_MAX {
            return invalid(format!(
                "a file has at most {COLUMNS_MAX} columns, and this one has {}",
                header.len()
            ));
        }
        let at = |name: &str| header.iter().position(|cell| fold(cell) == fold(name));
        let Some((who, who_at)) = WHO.iter().enumerate().find_map(|(who, name)| Some((who, at(name)?)))
        else {
            return invalid(format!("no column says who is meant: name one `{}`", WHO.join("`, `")));
        };
        let mut columns = Columns { who, who_at, places: Vec::new(), names: Vec::new() };
        for (place, name) in header.iter().enumerate() {
            let name = name.trim();
            if name.is_empty() || is_reserved(name) {
                continue;
            }
            check_name(name)?;
            if columns.names.iter().any(|known| fold(known) == fold(name)) {
                return invalid(format!("two columns are called `{}`", clip(name)));
            }
            columns.places.push(place);
            columns.names.push(name.to_owned());
        }
        match columns.names.len() {
            0 => invalid("the file has no column that is an attribute".to_owned()),
            count if count > ATTRIBUTES_MAX => {
                invalid(format!("a file sets at most {ATTRIBUTES_MAX} attributes, and this one has {count}"))
            }
            _ => Ok(columns),
        }
    }
}

/// A row that says something of somebody.
struct Row {
    place: u64,
    who: String,
    values: BTreeMap<String, Option<String>>,
}

struct Setting<'a> {
    store: &'a dyn Store,
    engine: &'a Engine,
    tenant: TenantId,
    columns: Columns,
    rows: Vec<Row>,
    done: AttributesSetDocument,
}

impl Setting<'_> {
    fn take(&mut self, record: &csv::StringRecord) {
        let place = self.done.rows;
        let who = record.get(self.columns.who_at).unwrap_or_default().trim();
        if who.is_empty() {
            return self.done.trouble(place, "", format!("`{}` is empty", WHO[self.columns.who]));
        }
        let mut values = BTreeMap::new();
        for (at, name) in self.columns.places.iter().zip(&self.columns.names) {
            let cell = record.get(*at).unwrap_or_default().trim();
            if cell.len() > FIELD_BYTES_MAX {
                let text = format!("`{}` has more than {FIELD_BYTES_MAX} bytes", clip(name));
                return self.done.trouble(place, who, text);
            }
            if !cell.is_empty() {
                values.insert(name.clone(), Some(cell.to_owned()));
            }
        }
        self.rows.push(Row { place, who: who.to_owned(), values });
    }

    /// Looks up whom the rows mean, and sets what they say; of two rows about one person the later one counts.
    fn flush(&mut self) -> Result<(), AttributesError> {
        let rows = std::mem::take(&mut self.rows);
        let people = self.people(&rows)?;
        let mut changes: BTreeMap<u64, BTreeMap<String, Option<String>>> = BTreeMap::new();
        let mut of_person: BTreeMap<u64, (u64, String)> = BTreeMap::new();
        for (row, person) in rows.into_iter().zip(people) {
            match person {
                Some(id) => {
                    of_person.insert(id, (row.place, row.who));
                    changes.entry(id).or_default().extend(row.values);
                    self.done.matched += 1;
                }
                None => self.done.trouble(row.place, &row.who, "nobody is known by that".to_owned()),
            }
        }
        let mut changes: Vec<AttributeChange> = changes
            .into_iter()
            .filter(|(_, values)| !values.is_empty())
            .map(|(id, values)| AttributeChange { profile: ProfileId(id), values })
            .collect();
        for (profile, count) in too_many(self.store, self.tenant, &changes)? {
            changes.retain(|change| change.profile != profile);
            if let Some((place, who)) = of_person.get(&profile.0) {
                self.done.trouble(*place, who, format!("this person {}", too_many_text(count)));
            }
        }
        if !changes.is_empty() {
            self.done.profiles += self.store.set_attributes(self.tenant, &changes)?;
        }
        Ok(())
    }

    /// The profile that each row means.
    fn people(&self, rows: &[Row]) -> Result<Vec<Option<u64>>, AttributesError> {
        let mut keys = Keys::default();
        let texts = || {
            let mut texts = Texts::default();
            rows.iter().for_each(|row| texts.push(&row.who));
            texts
        };
        let seed = self.store.seed(self.tenant)?;
        let mut ids = Vec::new();
        match WHO[self.columns.who] {
            "profile" => {
                ids = rows.iter().map(|row| ProfileId::parse(&row.who).map(|id| id.0)).collect();
                keys.profiles = ids.iter().flatten().copied().collect();
                keys.profiles.sort_unstable();
                keys.profiles.dedup();
            }
            "exid" => keys.exids = TextKeys::exids(&texts(), &seed),
            "email" => keys.emails = TextKeys::emails(&texts(), &seed),
            "msisdn" => keys.msisdns = NumberKeys::of(&self.numbers(rows)?),
            _ => keys.numbers = NumberKeys::of(&self.numbers(rows)?),
        }
        let known = self.store.known(self.tenant, &keys)?;
        let (of_row, found) = match WHO[self.columns.who] {
            "profile" => {
                let there: std::collections::BTreeSet<u64> =
                    (0..known.people.len()).map(|at| known.people.get(at).id).collect();
                return Ok(ids.into_iter().map(|id| id.filter(|id| there.contains(id))).collect());
            }
            "exid" => (&keys.exids.of_row, &known.exids),
            "email" => (&keys.emails.of_row, &known.emails),
            "msisdn" => (&keys.msisdns.of_row, &known.msisdns),
            _ => (&keys.numbers.of_row, &known.numbers),
        };
        let person = |key: &u32| {
            let place = *found.get(*key as usize).filter(|_| *key != NONE)?;
            (place != NONE).then(|| known.people.get(place as usize).id)
        };
        Ok(of_row.iter().map(person).collect())
    }

    /// Digits of the number in each row; 0 where there is none.
    fn numbers(&self, rows: &[Row]) -> Result<Vec<u64>, AttributesError> {
        let number = |row: &Row| {
            let digits =
                row.who.strip_prefix('+').filter(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()));
            // As exports write it; anything else the engine reads.
            if let Some(number) = digits.and_then(|digits| E164::from_digits(digits.parse().ok()?)) {
                return Ok(number.digits());
            }
            Ok(self.engine.number(&row.who)?.digits.unwrap_or_default())
        };
        rows.iter().map(number).collect()
    }
}

impl AttributesSetDocument {
    fn trouble(&mut self, row: u64, found: &str, message: String) {
        self.rejected += 1;
        if self.troubles.len() < TROUBLES_MAX {
            self.troubles.push(AttributeTrouble { row, found: clip(found), message });
        }
    }
}

/// Those who would have more attributes than anybody may, and how many. Changes are in the order of ids.
fn too_many(
    store: &dyn Store,
    tenant: TenantId,
    changes: &[AttributeChange],
) -> Result<Vec<(ProfileId, usize)>, StoreError> {
    /// People read together, where they stand close enough.
    const PAGE: usize = 256;
    let (mut found, mut rest) = (Vec::new(), changes);
    while let Some(first) = rest.first() {
        let near =
            rest.iter().take(PAGE).take_while(|change| change.profile.0 - first.profile.0 < 2 * PAGE as u64);
        let to = near.last().map_or(first.profile.0, |last| last.profile.0);
        let after = first.profile.0.checked_sub(1).map(ProfileId);
        let page = store.profiles(tenant, after, (to - first.profile.0) as usize + 1)?;
        let count = rest.partition_point(|change| change.profile.0 <= to);
        for change in &rest[..count] {
            let Ok(at) = page.binary_search_by_key(&change.profile.0, |stored| stored.profile.id.0) else {
                continue;
            };
            let own = &page[at].profile.attributes;
            let kept = own.keys().filter(|name| !change.values.contains_key(*name)).count();
            let names = kept + change.values.values().flatten().count();
            // Whoever has more of before may still have some taken away or changed.
            if names > ATTRIBUTES_MAX.max(own.len()) {
                found.push((change.profile, names));
            }
        }
        rest = &rest[count..];
    }
    Ok(found)
}

fn too_many_text(count: usize) -> String {
    format!(
        "would have {count} attributes, and {ATTRIBUTES_MAX} can be kept: take some away first, or put several into one"
    )
}

/// Whether no attribute may be called so, because a column of that name says who somebody is or what they want.
fn is_reserved(name: &str) -> bool {
    WHO.iter().chain([&PERMISSION]).any(|reserved| fold(reserved) == fold(name))
}

fn check_name(name: &str) -> Result<(), AttributesError> {
    let why = match name {
        name if name.trim().is_empty() => "an attribute needs a name".to_owned(),
        name if name.len() > NAME_BYTES_MAX => {
            format!("`{}` is too long: a name has at most {NAME_BYTES_MAX} bytes", clip(name))
        }
        name if is_reserved(name) => {
            format!(
                "`{}` is no attribute: it says who somebody is or what they want, and files of people set it",
                clip(name)
            )
        }
        name if name.contains('\0') => "a name holds no zero byte".to_owned(),
        _ => return Ok(()),
    };
    Err(AttributesError::Invalid(why))
}

/// Headers match without case, spaces, `_` and `-`.
fn fold(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, ' ' | '_' | '-')).flat_map(char::to_lowercase).collect()
}
