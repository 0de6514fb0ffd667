//! People: invited by a link that works once, let in by what they choose then, given roles, sent away. The last one who may
//! say who may do what stays, whoever changes what at the same time.

use consentry_core::diagnostic::clip;
use consentry_core::time::UnixMs;

use crate::secret::Secret;
use crate::store::{Kind, Put, TenantId};

use super::record::{InvitationRecord, PersonRecord};
use super::session::From;
use super::{Access, AccessError, Picture, Right, Rights, Role, body, marked, password, token, totp};

/// How long a link works.
pub const LINK_MS_MAX: i64 = 24 * 3_600_000;
/// Longest e-mail address, in bytes, as mail servers have it.
const EMAIL_BYTES_MAX: usize = 254;
/// Longest name, in characters.
const NAME_CHARS_MAX: usize = 100;
/// Bytes that tell one authenticator's secret from another's.
const NAME_BYTES: usize = 12;

/// Somebody, as others see them.
#[derive(Clone, Debug)]
pub struct Person {
    /// E-mail address, folded.
    pub email: String,
    /// Name.
    pub name: String,
    /// Roles.
    pub roles: Vec<String>,
    /// `invited`, `active` or `disabled`.
    pub state: &'static str,
    /// When they were invited.
    pub made_at: UnixMs,
    /// By whom.
    pub made_by: String,
    /// When they signed in last.
    pub signed_in_at: Option<UnixMs>,
    /// Recovery codes left.
    pub recovery_left: usize,
}

/// What a link is for.
pub struct Welcome {
    /// Who it is for; none where that is still to be said.
    pub email: Option<String>,
    /// Their name, where it is known.
    pub name: Option<String>,
    /// The authenticator's secret, as it is typed.
    pub secret: Secret,
    /// The same, as an app reads it.
    pub picture: Option<Picture>,
}

/// What somebody chooses who follows a link.
pub struct Chosen {
    /// Their address; only the first one of all says it.
    pub email: Option<String>,
    /// Their name.
    pub name: Option<String>,
    /// Their password.
    pub password: Secret,
    /// A code of the app they have just told the secret.
    pub code: Secret,
}

/// Somebody has come in.
pub struct Arrived {
    /// Who.
    pub email: String,
    /// Their session.
    pub session: Secret,
    /// Codes for when the app is lost. Shown once.
    pub recovery: Vec<Secret>,
}

impl Access {
    /// Whether nobody is there who looks after the others, not even invited.
    pub fn is_new(&self, tenant: TenantId) -> Result<bool, AccessError> {
        let all = self.all::<PersonRecord>(tenant, Kind::Person)?;
        Ok(!all.iter().any(|(_, person, _)| looks_after_others(person)))
    }

    /// The token of the link that makes the first person.
    pub fn first_link(&self, tenant: TenantId) -> Result<Secret, AccessError> {
        self.link(tenant, None, &[])
    }

    /// Everybody, by address.
    pub fn people(&self, tenant: TenantId) -> Result<Vec<Person>, AccessError> {
        Ok(self.all(tenant, Kind::Person)?.into_iter().map(|(_, person, _)| shown(person)).collect())
    }

    /// One person, as others see them.
    pub fn person_shown(&self, tenant: TenantId, email: &str) -> Result<Person, AccessError> {
        let (person, _) = self.person(tenant, &folded(email))?.ok_or_else(|| missing(email))?;
        Ok(shown(person))
    }

    /// Invites somebody; the token of their link.
    pub fn invite(
        &self,
        tenant: TenantId,
        email: &str,
        name: &str,
        roles: &[String],
        by: &str,
    ) -> Result<(Person, Secret), AccessError> {
        let (email, name) = (checked_email(email)?, checked_name(name)?);
        let roles = checked_roles(roles)?;
        self.settled(|| {
            let mark = self.mark(tenant)?;
            if self.person(tenant, &email)?.is_some() {
                let text =
                    format!("`{}` is here already: change their roles, or send a new link", clip(&email));
                return Err(AccessError::Conflict(text));
            }
            let person = PersonRecord {
                email: email.clone(),
                name: name.clone(),
                roles: roles.clone(),
                is_disabled: false,
                password: None,
                totp: None,
                totp_step: 0,
                recovery: Vec::new(),
                provider: None,
                made_at_ms: self.clock.now().0,
                made_by: by.to_owned(),
                signed_in_at_ms: None,
            };
            let new = body(&person)?;
            let put = Put { kind: Kind::Person, key: &email, expected_version: None, body: Some(&new) };
            let token = self.link(tenant, Some(&email), &[marked(mark), put])?;
            Ok((shown(person), token))
        })
    }

    /// Makes a new link for somebody who cannot come in any more. What they had works no longer, and they are signed out.
    pub fn reset(&self, tenant: TenantId, email: &str) -> Result<(Person, Secret), AccessError> {
        let email = folded(email);
        let made = self.settled(|| {
            let mark = self.mark(tenant)?;
            let (mut person, version) = self.person(tenant, &email)?.ok_or_else(|| missing(&email))?;
            person.password = None;
            person.provider = None;
            person.recovery.clear();
            let new = body(&person)?;
            let put =
                Put { kind: Kind::Person, key: &email, expected_version: Some(version), body: Some(&new) };
            // Older links go with what they were for.
            let old: Vec<_> = self.all::<InvitationRecord>(tenant, Kind::Invitation)?;
            let old = old.iter().filter(|(_, link, _)| link.email.as_deref() == Some(&email));
            let mut puts = vec![marked(mark), put];
            puts.extend(old.map(|(key, _, version)| used(key, *version)));
            let token = self.link(tenant, Some(&email), &puts)?;
            Ok((shown(person), token))
        })?;
        self.sign_out_everywhere(tenant, &email, None)?;
        Ok(made)
    }

    /// Changes what somebody may do, or whether they may come in at all.
    pub fn change_person(
        &self,
        tenant: TenantId,
        email: &str,
        roles: Option<&[String]>,
        is_disabled: Option<bool>,
    ) -> Result<Person, AccessError> {
        let (email, roles) = (folded(email), roles.map(checked_roles).transpose()?);
        let person = self.settled(|| {
            let mark = self.mark(tenant)?;
            let (mut person, version) = self.person(tenant, &email)?.ok_or_else(|| missing(&email))?;
            let was_admin = is_admin(&person);
            person.roles = roles.clone().unwrap_or(person.roles);
            person.is_disabled = is_disabled.unwrap_or(person.is_disabled);
            if was_admin && !is_admin(&person) {
                let all = self.all::<PersonRecord>(tenant, Kind::Person)?;
                if !all.iter().any(|(key, other, _)| *key != email && is_admin(other)) {
                    let text = format!(
                        "`{email}` is the last one who may say who may do what: make somebody else admin first"
                    );
                    return Err(AccessError::Conflict(text));
                }
            }
            let new = body(&person)?;
            let put = Put { kind: Kind::Person, key: &email, expected_version: Some(version), body: Some(&new) };
            self.store.put_documents(tenant, &[marked(mark), put])?;
            Ok(person)
        })?;
        if person.is_disabled {
            self.sign_out_everywhere(tenant, &email, None)?;
        }
        Ok(shown(person))
    }

    /// What a link is for. Looking does not use it up.
    pub fn welcome(&self, tenant: TenantId, link: &str, from: &From) -> Result<Welcome, AccessError> {
        let (_, invitation, _) = self.invitation(tenant, link, from)?;
        let secret = self.vault.open(tenant, &invitation.totp)?.ok_or(AccessError::Link)?;
        let person = match &invitation.email {
            Some(email) => Some(self.person(tenant, email)?.ok_or(AccessError::Link)?.0),
            None => None,
        };
        let address = totp::address(&secret, invitation.email.as_deref().unwrap_or("admin"));
        let picture = Picture::of(address.reveal());
        Ok(Welcome { email: invitation.email, name: person.map(|person| person.name), secret, picture })
    }

    /// Lets somebody in who follows a link. The link is used up.
    pub fn arrive(
        &self,
        tenant: TenantId,
        link: &str,
        chosen: &Chosen,
        from: &From,
    ) -> Result<Arrived, AccessError> {
        let now = self.clock.now();
        let (_, invitation, _) = self.invitation(tenant, link, from)?;
        let email = match (&invitation.email, &chosen.email) {
            (Some(email), _) => email.clone(),
            (None, Some(email)) => checked_email(email)?,
            (None, None) => {
                return Err(AccessError::Invalid("`email` is missing: your e-mail address".to_owned()));
            }
        };
        let name = chosen.name.as_deref().map(checked_name).transpose()?;
        password::check(&chosen.password, &email)?;
        let secret = self.vault.open(tenant, &invitation.totp)?.ok_or(AccessError::Link)?;
        let step = totp::step_of(&secret, chosen.code.reveal(), now, 0).ok_or_else(|| {
            AccessError::Invalid("the code is not right: type the one that the app shows now".to_owned())
        })?;
        let kept = password::keep(&chosen.password)?;
        let recovery = totp::recovery()?;
        let recovery_keys: Vec<String> =
            recovery.iter().map(|code| totp::recovery_key(&email, code.reveal())).collect();
        self.settled(|| {
            let mark = self.mark(tenant)?;
            let (key, invitation, link_version) = self.invitation(tenant, link, from)?;
            let known = self.person(tenant, &email)?;
            let (version, mut person) = match (known, &invitation.email) {
                (Some((person, version)), _) => (Some(version), person),
                (None, Some(_)) => return Err(AccessError::Link),
                (None, None) => (None, first_admin(&email, now)),
            };
            if invitation.email.is_none() && !self.is_new(tenant)? {
                return Err(AccessError::Link);
            }
            if invitation.email.is_none() {
                person.roles = vec![Role::Admin.id().to_owned()];
            }
            person.name = name.clone().unwrap_or(person.name);
            person.password = Some(kept.clone());
            person.totp = Some(invitation.totp);
            person.totp_step = step;
            person.recovery.clone_from(&recovery_keys);
            person.signed_in_at_ms = Some(now.0);
            let new = body(&person)?;
            let put = Put { kind: Kind::Person, key: &email, expected_version: version, body: Some(&new) };
            self.store.put_documents(tenant, &[marked(mark), used(&key, link_version), put])?;
            Ok(())
        })?;
        let session = self.begin_session(tenant, &email, from)?;
        Ok(Arrived { email, session, recovery })
    }

    /// Changes one's own password; all other sessions end.
    pub fn change_password(
        &self,
        tenant: TenantId,
        email: &str,
        session: &str,
        (old, new): (&Secret, &Secret),
        from: &From,
    ) -> Result<(), AccessError> {
        password::check(new, email)?;
        self.attempts.begin(email, &from.address, self.clock.now()).map_err(AccessError::TooMany)?;
        let kept = password::keep(new)?;
        self.settled(|| {
            let (mut person, version) = self.person(tenant, email)?.ok_or(AccessError::NotRight)?;
            if !password::is_right(person.password.as_ref(), old)? {
                return Err(AccessError::Invalid("the present password is not right".to_owned()));
            }
            person.password = Some(kept.clone());
            self.put_person(tenant, &person, version)
        })?;
        self.attempts.was_right(email, &from.address);
        self.sign_out_everywhere(tenant, email, Some(session))
    }

    /// New recovery codes in the place of those there were.
    pub fn renew_recovery(&self, tenant: TenantId, email: &str) -> Result<Vec<Secret>, AccessError> {
        let codes = totp::recovery()?;
        self.settled(|| {
            let (mut person, version) = self.person(tenant, email)?.ok_or_else(|| missing(email))?;
            person.recovery = codes.iter().map(|code| totp::recovery_key(email, code.reveal())).collect();
            self.put_person(tenant, &person, version)
        })?;
        Ok(codes)
    }

    pub(super) fn person(
        &self,
        tenant: TenantId,
        email: &str,
    ) -> Result<Option<(PersonRecord, u64)>, AccessError> {
        if email.is_empty() || email.len() > EMAIL_BYTES_MAX || email.contains('\0') {
            return Ok(None);
        }
        self.read(tenant, Kind::Person, email)
    }

    fn put_person(&self, tenant: TenantId, person: &PersonRecord, version: u64) -> Result<(), AccessError> {
        let new = body(person)?;
        let put =
            Put { kind: Kind::Person, key: &person.email, expected_version: Some(version), body: Some(&new) };
        self.store.put_documents(tenant, &[put])?;
        Ok(())
    }

    /// Makes a link, together with what it is for.
    fn link(&self, tenant: TenantId, email: Option<&str>, with: &[Put<'_>]) -> Result<Secret, AccessError> {
        let token = token::fresh("")?;
        let key = token::key(token.reveal()).unwrap_or_default();
        let totp = format!("totp/{}", token::hash("authenticator", &key).split_at(2 * NAME_BYTES).0);
        let expires_at_ms = self.clock.now().0 + LINK_MS_MAX;
        let sealed = self.vault.seal(tenant, &totp, &totp::fresh()?)?;
        let guard = self.vault.guard(tenant)?;
        let invitation = body(&InvitationRecord { email: email.map(str::to_owned), expires_at_ms, totp })?;
        let put = Put { kind: Kind::Invitation, key: &key, expected_version: None, body: Some(&invitation) };
        let all: Vec<Put<'_>> = with.iter().copied().chain([guard.put(), sealed.put(), put]).collect();
        self.store.put_documents(tenant, &all)?;
        Ok(token)
    }

    /// A link that works. Whoever tries what are none is told to wait like one who tries passwords.
    fn invitation(
        &self,
        tenant: TenantId,
        link: &str,
        from: &From,
    ) -> Result<(String, InvitationRecord, u64), AccessError> {
        let now = self.clock.now();
        let key = token::key(link).ok_or(AccessError::Link)?;
        let found = self.read::<InvitationRecord>(tenant, Kind::Invitation, &key)?;
        match found.filter(|(link, _)| now.0 < link.expires_at_ms) {
            Some((invitation, version)) => Ok((key, invitation, version)),
            None => {
                self.attempts.begin("a link", &from.address, now).map_err(AccessError::TooMany)?;
                Err(AccessError::Link)
            }
        }
    }
}

/// An address as it is compared.
pub fn folded(email: &str) -> String {
    email.trim().to_lowercase()
}

fn first_admin(email: &str, now: UnixMs) -> PersonRecord {
    PersonRecord {
        email: email.to_owned(),
        name: email.to_owned(),
        roles: Vec::new(),
        is_disabled: false,
        password: None,
        totp: None,
        totp_step: 0,
        recovery: Vec::new(),
        provider: None,
        made_at_ms: now.0,
        made_by: "first start".to_owned(),
        signed_in_at_ms: None,
    }
}

/// Whether they have a way to come in, beside a link.
fn has_arrived(person: &PersonRecord) -> bool {
    person.password.is_some() || person.provider.is_some()
}

/// Whether somebody may say who may do what, and can come in to say it.
fn is_admin(person: &PersonRecord) -> bool {
    has_arrived(person) && looks_after_others(person)
}

/// The same, even if they have not followed their link yet.
fn looks_after_others(person: &PersonRecord) -> bool {
    !person.is_disabled && Rights::of_roles(&person.roles).has(Right::Access)
}

fn shown(person: PersonRecord) -> Person {
    let state = match (person.is_disabled, has_arrived(&person)) {
        (true, _) => "disabled",
        (false, false) => "invited",
        (false, true) => "active",
    };
    Person {
        email: person.email,
        name: person.name,
        roles: person.roles,
        state,
        made_at: UnixMs(person.made_at_ms),
        made_by: person.made_by,
        signed_in_at: person.signed_in_at_ms.map(UnixMs),
        recovery_left: person.recovery.len(),
    }
}

fn checked_email(email: &str) -> Result<String, AccessError> {
    let email = folded(email);
    let parts = email.split_once('@');
    let is_one = parts.is_some_and(|(of, host)| !of.is_empty() && host.contains('.') && !host.contains('@'));
    let plain = email.chars().all(|char| !char.is_whitespace() && !char.is_control());
    if is_one && plain && email.len() <= EMAIL_BYTES_MAX {
        return Ok(email);
    }
    Err(AccessError::Invalid(format!("`{}` is no e-mail address", clip(&email))))
}

fn checked_name(name: &str) -> Result<String, AccessError> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > NAME_CHARS_MAX || name.chars().any(char::is_control) {
        return Err(AccessError::Invalid(format!("a name has 1 to {NAME_CHARS_MAX} characters")));
    }
    Ok(name.to_owned())
}

fn checked_roles(names: &[String]) -> Result<Vec<String>, AccessError> {
    let mut roles = Vec::new();
    for name in names {
        let known = || super::ROLES.map(|(_, id, _)| id).join("`, `");
        let role = Role::parse(name).ok_or_else(|| {
            AccessError::Invalid(format!("`{}` is no role; there are `{}`", clip(name), known()))
        })?;
        roles.push(role);
    }
    roles.sort_unstable();
    roles.dedup();
    if roles.is_empty() {
        return Err(AccessError::Invalid(
            "`roles` names none: somebody who may do nothing is disabled".to_owned(),
        ));
    }
    Ok(roles.into_iter().map(|role| role.id().to_owned()).collect())
}

fn used(key: &str, version: u64) -> Put<'_> {
    Put { kind: Kind::Invitation, key, expected_version: Some(version), body: None }
}

fn missing(email: &str) -> AccessError {
    AccessError::NotFound(format!("there is nobody called `{}`", clip(email)))
}
