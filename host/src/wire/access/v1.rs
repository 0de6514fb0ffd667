//! Version 1 of the documents about who may come in. No document but those that say so in their words holds a secret.

use serde::Serialize;

use crate::access::audit::Noted;
use crate::access::keys::Key;
use crate::access::people::{Arrived, Person, Welcome};
use crate::access::session::Session;
use crate::access::{Caller, RIGHTS, ROLES, Who};

/// Who asks.
#[derive(Serialize)]
pub struct SessionDocument {
    /// `open` where nobody signs in, else `signed_in` or `signed_out`.
    pub state: &'static str,
    /// Who; none for whoever sits at the machine.
    pub person: Option<CallerDocument>,
    /// What they may do.
    pub rights: Vec<&'static str>,
    /// Whether nobody can sign in yet: then the server has printed a link.
    pub is_new: bool,
    /// Host of the business's own sign-in, where it has one.
    pub provider: Option<String>,
}

/// Somebody who asks.
#[derive(Serialize)]
pub struct CallerDocument {
    /// Address, or the id of a key.
    pub email: String,
    /// Name.
    pub name: String,
}

impl SessionDocument {
    /// Of whoever asks.
    pub fn of(who: Option<&Who>, is_new: bool, provider: Option<&str>) -> SessionDocument {
        let person = who.and_then(|who| match &who.caller {
            Caller::Local => None,
            Caller::Person { email, name, .. } => {
                Some(CallerDocument { email: email.clone(), name: name.clone() })
            }
            Caller::Key { id } => Some(CallerDocument { email: id.clone(), name: id.clone() }),
        });
        let state = match who.map(|who| &who.caller) {
            None => "signed_out",
            Some(Caller::Local) => "open",
            Some(_) => "signed_in",
        };
        let rights = who.map(|who| who.rights.ids()).unwrap_or_default();
        SessionDocument { state, person, rights, is_new, provider: provider.map(str::to_owned) }
    }
}

/// Where a browser goes that signs in with the business's own provider.
#[derive(Serialize)]
pub struct LeavingDocument {
    /// An address of the provider.
    pub location: String,
}

/// What a link is for. Holds the authenticator's secret, for whoever holds the link.
#[derive(Serialize)]
pub struct WelcomeDocument {
    /// For whom; none where that is still to be said.
    pub email: Option<String>,
    /// Their name.
    pub name: Option<String>,
    /// The secret, as it is typed into an app.
    pub secret: String,
    /// Squares on each side of the picture.
    pub picture_size: u32,
    /// Its dark squares, as an SVG path.
    pub picture_path: String,
}

impl WelcomeDocument {
    /// Of what a link is for.
    pub fn of(welcome: Welcome) -> WelcomeDocument {
        let (picture_size, picture_path) =
            welcome.picture.map(|picture| (picture.size, picture.path)).unwrap_or_default();
        let secret = welcome.secret.reveal().to_owned();
        WelcomeDocument { email: welcome.email, name: welcome.name, secret, picture_size, picture_path }
    }
}

/// Recovery codes. They are shown once.
#[derive(Serialize)]
pub struct RecoveryDocument {
    /// Whose.
    pub email: String,
    /// The codes.
    pub recovery: Vec<String>,
}

impl RecoveryDocument {
    /// Of somebody who has come in.
    pub fn of(arrived: &Arrived) -> RecoveryDocument {
        let recovery = arrived.recovery.iter().map(|code| code.reveal().to_owned()).collect();
        RecoveryDocument { email: arrived.email.clone(), recovery }
    }
}

/// One's sessions.
#[derive(Serialize)]
pub struct SessionsDocument {
    /// The latest first.
    pub sessions: Vec<OneSessionDocument>,
}

/// A session.
#[derive(Serialize)]
pub struct OneSessionDocument {
    /// Names it; opens nothing.
    pub session: String,
    /// Since when.
    pub made_at: String,
    /// When it was used last, to a few minutes.
    pub seen_at: String,
    /// From which address.
    pub address: String,
    /// With which browser, as it calls itself.
    pub agent: String,
    /// Whether it is the one that asks.
    pub is_this: bool,
}

impl OneSessionDocument {
    /// Of a session.
    pub fn of(session: Session, this: &str) -> OneSessionDocument {
        OneSessionDocument {
            is_this: session.key == this,
            session: session.key,
            made_at: session.made_at.to_string(),
            seen_at: session.seen_at.to_string(),
            address: session.from.address,
            agent: session.from.agent,
        }
    }
}

/// Everybody, and what there is to give them.
#[derive(Serialize)]
pub struct PeopleDocument {
    /// By address.
    pub people: Vec<PersonDocument>,
    /// The roles there are.
    pub roles: Vec<RoleDocument>,
}

impl PeopleDocument {
    /// Of these people.
    pub fn of(people: Vec<Person>) -> PeopleDocument {
        let role = |(role, _, rights): &(crate::access::Role, &str, &[crate::access::Right])| RoleDocument {
            role: role.id(),
            rights: rights.iter().map(|right| right.id()).collect(),
        };
        PeopleDocument {
            people: people.into_iter().map(PersonDocument::of).collect(),
            roles: ROLES.iter().map(role).collect(),
        }
    }
}

/// A role.
#[derive(Serialize)]
pub struct RoleDocument {
    /// Its name.
    pub role: &'static str,
    /// What it may do.
    pub rights: Vec<&'static str>,
}

/// Somebody.
#[derive(Serialize)]
pub struct PersonDocument {
    /// E-mail address.
    pub email: String,
    /// Name.
    pub name: String,
    /// Roles.
    pub roles: Vec<String>,
    /// `invited`, `active` or `disabled`.
    pub state: &'static str,
    /// When they were invited.
    pub made_at: String,
    /// By whom.
    pub made_by: String,
    /// When they signed in last.
    pub signed_in_at: Option<String>,
    /// Recovery codes that are left.
    pub recovery_left: usize,
}

impl PersonDocument {
    /// Of somebody.
    pub fn of(person: Person) -> PersonDocument {
        PersonDocument {
            email: person.email,
            name: person.name,
            roles: person.roles,
            state: person.state,
            made_at: person.made_at.to_string(),
            made_by: person.made_by,
            signed_in_at: person.signed_in_at.map(|at| at.to_string()),
            recovery_left: person.recovery_left,
        }
    }
}

/// Somebody and their link. The link is shown once.
#[derive(Serialize)]
pub struct LinkDocument {
    /// Who.
    pub person: PersonDocument,
    /// Lets them in once, for a day.
    pub link: String,
}

/// Every key, and what there is to give them.
#[derive(Serialize)]
pub struct KeysDocument {
    /// The newest first.
    pub keys: Vec<KeyDocument>,
    /// Rights that a key may have.
    pub scopes: Vec<&'static str>,
}

impl KeysDocument {
    /// Of these keys.
    pub fn of(keys: Vec<Key>) -> KeysDocument {
        let scopes =
            RIGHTS.iter().filter(|(right, _, _)| right.is_for_keys()).map(|(_, id, _)| *id).collect();
        KeysDocument { keys: keys.into_iter().map(KeyDocument::of).collect(), scopes }
    }
}

/// A key, without what makes it work.
#[derive(Serialize)]
pub struct KeyDocument {
    /// Its id.
    pub key: String,
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<String>,
    /// `active`, `expired` or `revoked`.
    pub state: &'static str,
    /// When it was made.
    pub made_at: String,
    /// By whom.
    pub made_by: String,
    /// Until when it works.
    pub expires_at: Option<String>,
    /// When it was used last, to a few minutes.
    pub used_at: Option<String>,
}

impl KeyDocument {
    /// Of a key.
    pub fn of(key: Key) -> KeyDocument {
        KeyDocument {
            key: key.id,
            name: key.name,
            scopes: key.scopes,
            state: key.state,
            made_at: key.made_at.to_string(),
            made_by: key.made_by,
            expires_at: key.expires_at.map(|at| at.to_string()),
            used_at: key.used_at.map(|at| at.to_string()),
        }
    }
}

/// A new key. What makes it work is shown once.
#[derive(Serialize)]
pub struct NewKeyDocument {
    /// The key.
    pub key: KeyDocument,
    /// What a program sends: `authorization: Bearer …`.
    pub token: String,
}

/// A part of the audit.
#[derive(Serialize)]
pub struct AuditDocument {
    /// The latest first.
    pub notes: Vec<NoteDocument>,
    /// Whether there are earlier ones.
    pub more: bool,
}

/// A note.
#[derive(Serialize)]
pub struct NoteDocument {
    /// Its number.
    pub seq: u64,
    /// When.
    pub at: String,
    /// Who.
    pub who: String,
    /// What, like `campaign.start`.
    pub verb: String,
    /// To what.
    pub subject: String,
    /// From which address.
    pub from: String,
    /// `done`, `refused` or `failed`.
    pub result: String,
    /// More of that.
    pub detail: String,
    /// Covers it and all before it.
    pub hash: String,
}

impl NoteDocument {
    /// Of a note.
    pub fn of(noted: Noted) -> NoteDocument {
        let record = noted.record;
        NoteDocument {
            seq: noted.seq,
            at: consentry_core::time::UnixMs(record.at_ms).to_string(),
            who: record.who,
            verb: record.verb,
            subject: record.subject,
            from: record.from,
            result: record.result,
            detail: record.detail,
            hash: noted.hash,
        }
    }
}

/// Whether the audit is as it was written.
#[derive(Serialize)]
pub struct VerifiedDocument {
    /// Whether it is.
    pub intact: bool,
    /// How many notes there are.
    pub notes: u64,
    /// Hash of the last one: written down elsewhere, it proves all before it.
    pub hash: String,
    /// What is wrong, where something is.
    pub why: Option<String>,
}
