//! Signing in with a password and a code, and staying signed in. A session is new at every sign-in, so that nobody can hand
//! one to somebody else beforehand; it ends after a while without use, after a while at all, and wherever the person says so.

use consentry_core::time::UnixMs;

use crate::secret::Secret;
use crate::store::{Kind, Put, StoreError, TenantId};

use super::oidc::Vouched;
use super::record::{PersonRecord, ProviderRecord, SessionRecord};
use super::{Access, AccessError, Caller, Rights, Who, body, password, token, totp};

/// A session that was not used for so long is over.
pub const IDLE_MS_MAX: i64 = 8 * 3_600_000;
/// And so is one that is as old as this.
pub const AGE_MS_MAX: i64 = 7 * 24 * 3_600_000;
/// How often it is written down that a session was used.
const SEEN_EVERY_MS: i64 = 5 * 60_000;
/// Longest word a browser may say about itself, in characters.
const AGENT_CHARS_MAX: usize = 200;

/// From where somebody asks.
#[derive(Clone, Debug, Default)]
pub struct From {
    /// Address.
    pub address: String,
    /// The browser, as it calls itself.
    pub agent: String,
}

/// A session as its owner sees it.
#[derive(Clone, Debug)]
pub struct Session {
    /// Under what it is kept; not the token.
    pub key: String,
    /// Since when.
    pub made_at: UnixMs,
    /// When it was used last, to a few minutes.
    pub seen_at: UnixMs,
    /// From where.
    pub from: From,
}

impl Access {
    /// Signs somebody in. Whatever is wrong, the answer is the same and takes as long.
    pub fn sign_in(
        &self,
        tenant: TenantId,
        email: &str,
        secret: &Secret,
        code: &Secret,
        from: &From,
    ) -> Result<Secret, AccessError> {
        let now = self.clock.now();
        let email = super::people::folded(email);
        self.attempts.begin(&email, &from.address, now).map_err(AccessError::TooMany)?;
        self.settled(|| {
            let known = self.person(tenant, &email)?;
            let kept = known.as_ref().and_then(|(person, _)| person.password.as_ref());
            let is_right = password::is_right(kept, secret)?;
            let Some((mut person, version)) = known.filter(|(person, _)| is_right && !person.is_disabled)
            else {
                return Err(AccessError::NotRight);
            };
            self.take_code(tenant, &mut person, code, now)?;
            let token = self.signed_in(tenant, person, version, from)?;
            self.attempts.was_right(&email, &from.address);
            // What is left of others is no reason not to come in.
            let _ = self.sweep(tenant, now);
            Ok(token)
        })
    }

    /// Counts an attempt to come in by the provider, before anything is asked there.
    pub fn knock(&self, handshake: &str, from: &From) -> Result<(), AccessError> {
        self.attempts.begin(handshake, &from.address, self.clock.now()).map_err(AccessError::TooMany)
    }

    /// Lets somebody in for whom the provider vouches, when they were invited. The first time it is kept whom it calls so:
    /// an address that has another owner there later lets nobody in.
    pub fn come_in(
        &self,
        tenant: TenantId,
        vouched: &Vouched,
        handshake: &str,
        from: &From,
    ) -> Result<Secret, AccessError> {
        let known = ProviderRecord { issuer: vouched.issuer.clone(), subject: vouched.subject.clone() };
        let token = self.settled(|| {
            let found = self.person(tenant, &vouched.email)?.filter(|(person, _)| !person.is_disabled);
            let Some((mut person, version)) = found else {
                return Err(AccessError::NotInvited(vouched.email.clone()));
            };
            if person.provider.as_ref().is_some_and(|provider| *provider != known) {
                let text = "another account of the provider has come in with this address before; whoever invites people \
                            can give it a new link, which forgets that";
                return Err(AccessError::Conflict(text.to_owned()));
            }
            person.provider = Some(known.clone());
            self.signed_in(tenant, person, version, from)
        })?;
        self.attempts.was_right(handshake, &from.address);
        let _ = self.sweep(tenant, self.clock.now());
        Ok(token)
    }

    /// A person has proven who they are: that, and their new session.
    fn signed_in(
        &self,
        tenant: TenantId,
        mut person: PersonRecord,
        version: u64,
        from: &From,
    ) -> Result<Secret, AccessError> {
        let now = self.clock.now();
        person.signed_in_at_ms = Some(now.0);
        let token = token::fresh("")?;
        let key = token::key(token.reveal()).unwrap_or_default();
        let (session, new) = (body(&session(&person.email, from, now))?, body(&person)?);
        let person =
            Put { kind: Kind::Person, key: &person.email, expected_version: Some(version), body: Some(&new) };
        let session = Put { kind: Kind::Session, key: &key, expected_version: None, body: Some(&session) };
        self.store.put_documents(tenant, &[person, session])?;
        Ok(token)
    }

    /// Whose session this is, if it is one and goes on.
    pub fn who(&self, tenant: TenantId, shown: &str) -> Result<Option<Who>, AccessError> {
        let Some(key) = token::key(shown) else { return Ok(None) };
        let Some((mut session, version)) = self.read::<SessionRecord>(tenant, Kind::Session, &key)? else {
            return Ok(None);
        };
        let now = self.clock.now();
        if !is_open(&session, now) {
            return Ok(None);
        }
        let Some((person, _)) = self.person(tenant, &session.email)? else { return Ok(None) };
        if person.is_disabled {
            return Ok(None);
        }
        if now.0 - session.seen_at_ms >= SEEN_EVERY_MS {
            session.seen_at_ms = now.0;
            let body = body(&session)?;
            let put =
                Put { kind: Kind::Session, key: &key, expected_version: Some(version), body: Some(&body) };
            // Somebody else has written it down, or it has just ended.
            match self.store.put_documents(tenant, &[put]) {
                Ok(_) | Err(StoreError::Overtaken) => {}
                Err(other) => return Err(other.into()),
            }
        }
        let rights = Rights::of_roles(&person.roles);
        let caller = Caller::Person { email: person.email, name: person.name, session: key };
        Ok(Some(Who { tenant, caller, rights }))
    }

    /// What somebody who was let in may do by now; none when their session or their key has ended. It does not count as use, so
    /// that whoever only listens is signed out as if they did not.
    pub fn still(&self, who: &Who) -> Result<Option<Rights>, AccessError> {
        let now = self.clock.now();
        match &who.caller {
            Caller::Local => Ok(Some(who.rights)),
            Caller::Key { id } => {
                let keys = self.keys(who.tenant)?;
                let key = keys.into_iter().find(|key| key.id == *id && key.state == "active");
                Ok(key.map(|key| Rights::named(&key.scopes)))
            }
            Caller::Person { session: key, .. } => {
                let session = self.read::<SessionRecord>(who.tenant, Kind::Session, key)?;
                let Some((session, _)) = session.filter(|(session, _)| is_open(session, now)) else {
                    return Ok(None);
                };
                let person = self.person(who.tenant, &session.email)?;
                Ok(person
                    .filter(|(person, _)| !person.is_disabled)
                    .map(|(person, _)| Rights::of_roles(&person.roles)))
            }
        }
    }

    /// Ends a session by its key, when it is this person's.
    pub fn sign_out(&self, tenant: TenantId, email: &str, key: &str) -> Result<(), AccessError> {
        self.settled(|| {
            let Some((session, version)) = self.read::<SessionRecord>(tenant, Kind::Session, key)? else {
                return Ok(());
            };
            if session.email != email {
                return Err(AccessError::NotFound("there is no such session of yours".to_owned()));
            }
            self.store.put_documents(tenant, &[gone(key, version)])?;
            Ok(())
        })
    }

    /// Ends every session of somebody, but for one.
    pub fn sign_out_everywhere(
        &self,
        tenant: TenantId,
        email: &str,
        but: Option<&str>,
    ) -> Result<(), AccessError> {
        for (key, session, version) in self.all::<SessionRecord>(tenant, Kind::Session)? {
            if session.email == email && Some(key.as_str()) != but {
                match self.store.put_documents(tenant, &[gone(&key, version)]) {
                    // It was only used meanwhile, or has ended.
                    Err(StoreError::Overtaken) => self.sign_out(tenant, email, &key)?,
                    other => other.map(drop)?,
                }
            }
        }
        Ok(())
    }

    /// Somebody's sessions that go on, the latest first.
    pub fn sessions(&self, tenant: TenantId, email: &str) -> Result<Vec<Session>, AccessError> {
        let now = self.clock.now();
        let all = self.all::<SessionRecord>(tenant, Kind::Session)?.into_iter();
        let own = all.filter(|(_, session, _)| session.email == email && is_open(session, now));
        let mut found: Vec<Session> = own
            .map(|(key, session, _)| Session {
                key,
                made_at: UnixMs(session.made_at_ms),
                seen_at: UnixMs(session.seen_at_ms),
                from: From { address: session.address, agent: session.agent },
            })
            .collect();
        found.sort_by_key(|session| std::cmp::Reverse(session.seen_at.0));
        Ok(found)
    }

    /// A person who has just proven who they are by a link comes in.
    pub(super) fn begin_session(
        &self,
        tenant: TenantId,
        email: &str,
        from: &From,
    ) -> Result<Secret, AccessError> {
        let token = token::fresh("")?;
        let key = token::key(token.reveal()).unwrap_or_default();
        let body = body(&session(email, from, self.clock.now()))?;
        let put = Put { kind: Kind::Session, key: &key, expected_version: None, body: Some(&body) };
        self.store.put_documents(tenant, &[put])?;
        Ok(token)
    }

    /// Takes a code of the app, or a recovery code, which both work once.
    fn take_code(
        &self,
        tenant: TenantId,
        person: &mut PersonRecord,
        code: &Secret,
        now: UnixMs,
    ) -> Result<(), AccessError> {
        let name = person.totp.as_deref().unwrap_or_default();
        let secret = self.vault.open(tenant, name)?.ok_or(AccessError::NotRight)?;
        if let Some(step) = totp::step_of(&secret, code.reveal(), now, person.totp_step) {
            person.totp_step = step;
            return Ok(());
        }
        let key = totp::recovery_key(&person.email, code.reveal());
        let before = person.recovery.len();
        person.recovery.retain(|kept| !password::same(kept.as_bytes(), key.as_bytes()));
        if person.recovery.len() == before { Err(AccessError::NotRight) } else { Ok(()) }
    }

    /// Removes sessions that are over.
    fn sweep(&self, tenant: TenantId, now: UnixMs) -> Result<(), AccessError> {
        for (key, session, version) in self.all::<SessionRecord>(tenant, Kind::Session)? {
            if !is_open(&session, now) {
                let _ = self.store.put_documents(tenant, &[gone(&key, version)]);
            }
        }
        Ok(())
    }
}

fn session(email: &str, from: &From, now: UnixMs) -> SessionRecord {
    SessionRecord {
        email: email.to_owned(),
        made_at_ms: now.0,
        seen_at_ms: now.0,
        address: from.address.clone(),
        agent: from.agent.chars().take(AGENT_CHARS_MAX).collect(),
    }
}

fn is_open(session: &SessionRecord, now: UnixMs) -> bool {
    now.0 - session.seen_at_ms < IDLE_MS_MAX && now.0 - session.made_at_ms < AGE_MS_MAX
}

fn gone(key: &str, version: u64) -> Put<'_> {
    Put { kind: Kind::Session, key, expected_version: Some(version), body: None }
}
