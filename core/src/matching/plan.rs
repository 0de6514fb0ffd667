//! The decision: rules 1 to 5 of matching, and the person's own opt-out above any file.

use std::collections::{BTreeMap, BTreeSet};

use crate::permission::Permission;
use crate::phone::E164;
use crate::rows::Rows;
use crate::rule::Code;
use crate::time::{Date, UnixMs};

use super::event::{Event, Hash, Rule, Source};
use super::known::{Identifier, Known, OwnOptOut, Profile, fold_email, identity};
use super::{ImportId, ProfileId};

/// How far the earliest clocks on Earth are ahead of UTC, in milliseconds.
const EASTERNMOST_OFFSET_MS: i64 = 14 * 3_600_000;

/// On which terms an import is applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Which import.
    pub import: ImportId,
    /// Hash of the import's record: what was imported, and on which terms.
    pub record: Hash,
    /// When it was received.
    pub at: UnixMs,
    /// The day its consents were collected, if declared.
    pub as_of: Option<Date>,
    /// Whether its opt-ins lift people's own opt-outs. Audited by whoever sets it.
    pub override_opt_outs: bool,
}

/// What became of the rows of a batch. The first four add up to the rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// New profiles.
    pub created: u64,
    /// Profiles whose number or permission changed.
    pub updated: u64,
    /// Rows that said what was known.
    pub unchanged: u64,
    /// Opt-ins that did not lift the person's own opt-out.
    pub kept_opt_out: u64,
    /// Rows whose number left another profile.
    pub numbers_moved: u64,
    /// Rows whose identifiers belong to different profiles.
    pub identifiers_conflict: u64,
    /// Rows matched by a weak identifier while a stronger one differs.
    pub identifiers_differ: u64,
}

impl Counts {
    /// Adds another batch.
    pub fn add(&mut self, other: &Counts) {
        self.created += other.created;
        self.updated += other.updated;
        self.unchanged += other.unchanged;
        self.kept_opt_out += other.kept_opt_out;
        self.numbers_moved += other.numbers_moved;
        self.identifiers_conflict += other.identifiers_conflict;
        self.identifiers_differ += other.identifiers_differ;
    }
}

/// Something to tell about a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// [`Code::IdentifiersConflict`] or [`Code::IdentifierDiffers`].
    pub code: Code,
    /// Data record, counted from 1.
    pub row: u64,
    /// Physical line, counted from 1.
    pub line: u64,
    /// The profile that was hit, then the others.
    pub profiles: Vec<ProfileId>,
}

/// The changes of one batch. To be committed as a whole or not at all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// State after the batch of every profile that was created or changed, by id.
    pub profiles: BTreeMap<ProfileId, Profile>,
    /// Profiles among them that are new.
    pub created: BTreeSet<ProfileId>,
    /// Holder of each number whose holder changed, by identity; none when nobody holds it any more.
    pub numbers: BTreeMap<u64, Option<ProfileId>>,
    /// Own opt-outs to remember, by identity of the number.
    pub own_opt_outs: BTreeMap<u64, OwnOptOut>,
    /// Identities of numbers whose own opt-out was lifted.
    pub lifted: BTreeSet<u64>,
    /// Evidence, in the order of the rows.
    pub events: Vec<Event>,
    /// What to tell.
    pub findings: Vec<Finding>,
    /// What became of the rows.
    pub counts: Counts,
    /// The id the next new profile gets.
    pub next_profile: u64,
}

/// Decides about a batch of rows. `attributes` are the names of the rows' attribute columns.
///
/// ```
/// use consentry_core::consent::{Checker, CheckOptions, Emit};
/// use consentry_core::matching::{ImportId, Known, Terms, plan};
/// use consentry_core::time::UnixMs;
///
/// let mut checker = Checker::new(CheckOptions::default(), Emit { rows: true, ..Emit::default() });
/// checker.feed(b"exid,wpNumber,permission\n7,+905301112233,1\n");
/// checker.finish();
/// let terms = Terms { import: ImportId(1), record: [0; 32], at: UnixMs(0), as_of: None, override_opt_outs: false };
/// let plan = plan(&checker.take_rows(), &[], Known { next_profile: 1, ..Known::default() }, &terms);
/// assert_eq!(plan.counts.created, 1);
/// ```
pub fn plan(rows: &Rows, attributes: &[String], known: Known, terms: &Terms) -> Plan {
    let next_profile = known.next_profile;
    let mut planning =
        Planning { rows, attributes, known, terms, plan: Plan { next_profile, ..Plan::default() } };
    for at in 0..rows.len() {
        planning.row(at);
    }
    planning.plan
}

/// Decides about a person's own opt-out: it is remembered for the number, and whoever holds the number is opted out.
/// `heard` says how it came, for example `api:desk`. `known` must hold what is known about the number.
pub fn own_opt_out(number: E164, known: &Known, at: UnixMs, heard: &str) -> Plan {
    let key = number.identity().digits();
    let mut plan = Plan { next_profile: known.next_profile, ..Plan::default() };
    // The latest word counts, whatever the clock did in between.
    let latest = known.own_opt_outs.get(&key).map_or(at, |own| own.at.max(at));
    plan.own_opt_outs.insert(key, OwnOptOut { at: latest });
    let holder = known.by_number.get(&key).and_then(|holder| known.profiles.get(holder));
    plan.events.push(Event {
        profile: holder.map(|holder| holder.id),
        number_before: holder.and_then(|holder| holder.number),
        permission_before: holder.and_then(|holder| holder.permission),
        number: Some(holder.and_then(|holder| holder.number).unwrap_or(number)),
        permission: Some(Permission::OptOut),
        rule: Rule::OwnOptOut,
        source: Source::Person { heard: heard.to_owned() },
        at,
    });
    if let Some(holder) = holder {
        plan.profiles.insert(holder.id, Profile { permission: Some(Permission::OptOut), ..holder.clone() });
    }
    plan
}

struct Planning<'a> {
    rows: &'a Rows,
    attributes: &'a [String],
    /// Kept true row by row, so that a later row of the batch sees what an earlier one did.
    known: Known,
    terms: &'a Terms,
    plan: Plan,
}

impl Planning<'_> {
    fn row(&mut self, at: usize) {
        let rows = self.rows;
        let (Some(number), Some(permission)) =
            (E164::from_digits(rows.number[at]), Permission::from_u8(rows.permission[at]))
        else {
            return;
        };
        let key = number.identity().digits();
        let hits = self.hits(at, key);
        let own = self.known.own_opt_outs.get(&key).copied();
        let lifts = own.is_some_and(|own| self.lifts(own)) && permission == Permission::OptIn;
        let kept = own.is_some() && permission == Permission::OptIn && !lifts;
        let after = if kept { Permission::OptOut } else { permission };

        let (profile, before, changed, mut rule) = match hits.first() {
            Some((identifier, profile)) => {
                self.tell(at, *profile, *identifier, &hits);
                let known = &self.known.profiles[profile];
                let before = (known.number, known.permission);
                let changed = before != (Some(number), Some(after));
                (*profile, before, changed, Rule::Matched(*identifier))
            }
            None => {
                let profile = self.create(at);
                (profile, (None, None), true, Rule::NewProfile)
            }
        };
        let created = hits.is_empty();
        let moved = self.take_from_others(at, profile, key);
        if changed {
            self.give(profile, before.0, number, after);
        }
        if lifts {
            self.known.own_opt_outs.remove(&key);
            self.plan.lifted.insert(key);
            rule = Rule::LiftedOptOut;
        }
        if kept {
            rule = Rule::KeptOptOut;
        }
        if changed || lifts {
            self.event(at, profile, before, (Some(number), Some(after)), rule);
        }
        let counts = &mut self.plan.counts;
        counts.numbers_moved += u64::from(moved);
        *match () {
            () if kept => &mut counts.kept_opt_out,
            () if created => &mut counts.created,
            () if changed || lifts => &mut counts.updated,
            () => &mut counts.unchanged,
        } += 1;
    }

    /// Profiles the row's identifiers lead to, strongest identifier first.
    fn hits(&self, at: usize, number: u64) -> Vec<(Identifier, ProfileId)> {
        let known = &self.known;
        let exid = self.rows.exid.some(at).and_then(|exid| known.by_exid.get(exid));
        let email = self.rows.email.some(at).and_then(|email| known.by_email.get(&fold_email(email)));
        let msisdn = identity(self.rows.msisdn[at]).and_then(|msisdn| known.by_msisdn.get(&msisdn));
        let number = known.by_number.get(&number);
        [
            (Identifier::Exid, exid),
            (Identifier::Email, email),
            (Identifier::Msisdn, msisdn),
            (Identifier::Number, number),
        ]
        .into_iter()
        .filter_map(|(identifier, profile)| Some((identifier, *profile?)))
        .collect()
    }

    /// Reports identifiers that disagree: with each other, or with the profile that was hit.
    fn tell(&mut self, at: usize, hit: ProfileId, by: Identifier, hits: &[(Identifier, ProfileId)]) {
        let mut others: Vec<ProfileId> = Vec::new();
        for (_, profile) in hits {
            if *profile != hit && !others.contains(profile) {
                others.push(*profile);
            }
        }
        let (row, line) = (self.rows.row[at], self.rows.line[at]);
        let mut finding = |code: Code, profiles: Vec<ProfileId>| {
            self.plan.findings.push(Finding { code, row, line, profiles });
        };
        if !others.is_empty() {
            self.plan.counts.identifiers_conflict += 1;
            finding(Code::IdentifiersConflict, [vec![hit], others].concat());
        }
        let profile = &self.known.profiles[&hit];
        let held_msisdn = profile.msisdn.map(|msisdn| msisdn.identity().digits());
        let differs = [
            (Identifier::Exid, differ(self.rows.exid.some(at), profile.exid.as_deref())),
            (
                Identifier::Email,
                differ(self.rows.email.some(at).map(fold_email), profile.email.as_deref().map(fold_email)),
            ),
            (Identifier::Msisdn, differ(identity(self.rows.msisdn[at]), held_msisdn)),
        ];
        if differs.into_iter().any(|(identifier, differs)| identifier < by && differs) {
            self.plan.counts.identifiers_differ += 1;
            finding(Code::IdentifierDiffers, vec![hit]);
        }
    }

    fn lifts(&self, own: OwnOptOut) -> bool {
        // Nobody can have overridden a word that was spoken after the import was received.
        let overridden = self.terms.override_opt_outs && own.at <= self.terms.at;
        // A day is later than an instant only when it begins after it wherever the consents were collected: in doubt,
        // nobody is messaged.
        let last_day_of_it = Date::of(UnixMs(own.at.0.saturating_add(EASTERNMOST_OFFSET_MS)));
        overridden || self.terms.as_of.is_some_and(|as_of| as_of > last_day_of_it)
    }

    fn create(&mut self, at: usize) -> ProfileId {
        let id = ProfileId(self.plan.next_profile);
        self.plan.next_profile += 1;
        let text = |text: Option<&str>| text.map(str::to_owned);
        let attribute =
            |(name, texts): (&String, &crate::rows::Texts)| Some((name.clone(), texts.some(at)?.to_owned()));
        let profile = Profile {
            id,
            exid: text(self.rows.exid.some(at)),
            email: text(self.rows.email.some(at)),
            msisdn: E164::from_digits(self.rows.msisdn[at]),
            number: None,
            permission: None,
            attributes: self.attributes.iter().zip(&self.rows.attributes).filter_map(attribute).collect(),
        };
        if let Some(exid) = &profile.exid {
            self.known.by_exid.insert(exid.clone(), id);
        }
        if let Some(email) = &profile.email {
            self.known.by_email.insert(fold_email(email), id);
        }
        if let Some(msisdn) = profile.msisdn {
            self.known.by_msisdn.insert(msisdn.identity().digits(), id);
        }
        self.plan.created.insert(id);
        self.known.profiles.insert(id, profile);
        id
    }

    /// Rule 4: any other profile that held the number loses it, and its permission with it.
    fn take_from_others(&mut self, at: usize, profile: ProfileId, key: u64) -> bool {
        let Some(loser) = self.known.by_number.get(&key).copied().filter(|holder| *holder != profile) else {
            return false;
        };
        let Some(lost) = self.known.profiles.get_mut(&loser) else { return false };
        let before = (lost.number.take(), lost.permission.take());
        self.plan.profiles.insert(loser, lost.clone());
        self.event(at, loser, before, (None, None), Rule::NumberMovedAway { to: profile });
        true
    }

    /// Rule 2: the profile's number becomes the row's number, its permission the row's permission.
    fn give(&mut self, profile: ProfileId, before: Option<E164>, number: E164, permission: Permission) {
        let key = number.identity().digits();
        if let Some(left) = before.map(|number| number.identity().digits()).filter(|left| *left != key) {
            self.known.by_number.remove(&left);
            self.plan.numbers.insert(left, None);
        }
        if self.known.by_number.insert(key, profile) != Some(profile) {
            self.plan.numbers.insert(key, Some(profile));
        }
        if let Some(holder) = self.known.profiles.get_mut(&profile) {
            holder.number = Some(number);
            holder.permission = Some(permission);
            self.plan.profiles.insert(profile, holder.clone());
        }
    }

    fn event(&mut self, at: usize, profile: ProfileId, before: Consent, after: Consent, rule: Rule) {
        self.plan.events.push(Event {
            profile: Some(profile),
            number_before: before.0,
            permission_before: before.1,
            number: after.0,
            permission: after.1,
            rule,
            source: Source::File {
                import: self.terms.import,
                record: self.terms.record,
                row: self.rows.row[at],
                line: self.rows.line[at],
                number_cell: self.rows.number_cell.get(at).to_owned(),
                permission_cell: self.rows.permission_cell.get(at).to_owned(),
                as_of: self.terms.as_of,
            },
            at: self.terms.at,
        });
    }
}

type Consent = (Option<E164>, Option<Permission>);

/// Whether both sides have a value and the values are not the same.
fn differ<T: PartialEq>(brought: Option<T>, held: Option<T>) -> bool {
    matches!((brought, held), (Some(brought), Some(held)) if brought != held)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NUMBER: u64 = 905301112233;
    const HOUR_MS: i64 = 3_600_000;

    /// What an opt-in row makes of a word spoken at `said`.
    fn opted_in(said: i64, terms: &Terms) -> bool {
        let mut rows = Rows::with_attributes(0);
        rows.row.push(1);
        rows.line.push(2);
        rows.number.push(NUMBER);
        rows.msisdn.push(0);
        rows.permission.push(1);
        rows.codes.push(0);
        for texts in [&mut rows.exid, &mut rows.email, &mut rows.number_cell, &mut rows.permission_cell] {
            texts.push("");
        }
        let mut known = Known { next_profile: 1, ..Known::default() };
        known.own_opt_outs.insert(NUMBER, OwnOptOut { at: UnixMs(said) });
        let plan = plan(&rows, &[], known, terms);
        let after = plan.profiles[&ProfileId(1)].permission;
        assert_eq!(plan.counts.kept_opt_out == 0, after == Some(Permission::OptIn));
        after == Some(Permission::OptIn)
    }

    fn terms(at: i64, as_of: Option<&str>, override_opt_outs: bool) -> Terms {
        Terms {
            import: ImportId(1),
            record: [0; 32],
            at: UnixMs(at),
            as_of: as_of.and_then(Date::parse),
            override_opt_outs,
        }
    }

    #[test]
    fn nobody_overrides_a_word_not_spoken_yet() {
        assert!(opted_in(1_000, &terms(1_000, None, true)));
        assert!(!opted_in(1_001, &terms(1_000, None, true)));
    }

    #[test]
    fn a_collection_day_is_later_only_if_it_is_later_everywhere() {
        // 1970-01-02T10:30Z is the 3rd already where clocks are fourteen hours ahead.
        let said = 34 * HOUR_MS + HOUR_MS / 2;
        for (as_of, lifts) in [("1970-01-02", false), ("1970-01-03", false), ("1970-01-04", true)] {
            assert_eq!(opted_in(said, &terms(i64::MAX, Some(as_of), false)), lifts, "{as_of}");
        }
        // An hour before, it is the 2nd everywhere.
        assert!(opted_in(said - HOUR_MS, &terms(i64::MAX, Some("1970-01-03"), false)));
    }
}
