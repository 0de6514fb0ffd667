//! What may be done, and which role may do it. One table each: documents, pages and tests are made from them.

use Right::{
    Access, Accounts, Approve, Audit, Campaigns, Erase, Export, Import, LiftOptOuts, Look, OptOut, Send,
    Stop, Templates,
};

/// Something that not everybody may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Right {
    /// See people, imports, templates, campaigns, what was heard.
    Look,
    /// Take lists of people away as a file.
    Export,
    /// Bring files in, take imports back, and set attributes by hand.
    Import,
    /// Keep a person's own opt-out that somebody heard.
    OptOut,
    /// Let a file outrank people's own opt-outs, with a reason.
    LiftOptOuts,
    /// Write templates, submit and delete them.
    Templates,
    /// Write campaigns and segments, plan and try them.
    Campaigns,
    /// Start campaigns and let them go on.
    Send,
    /// Pause and cancel campaigns.
    Stop,
    /// Approve a plan that somebody else made.
    Approve,
    /// Connect WhatsApp accounts, and set prices.
    Accounts,
    /// Say who may do what: people, roles, API keys.
    Access,
    /// Read the audit.
    Audit,
    /// Erase people for good.
    Erase,
}

/// Every right, its name in documents, and what it is in words.
pub const RIGHTS: [(Right, &str, &str); 14] = [
    (Look, "look", "see people, imports, templates, campaigns and what was heard"),
    (Export, "export", "take lists of people away as a file"),
    (Import, "import", "bring files in, take imports back, and set attributes by hand"),
    (OptOut, "opt-out", "keep a person's own opt-out that somebody heard"),
    (LiftOptOuts, "lift-opt-outs", "let a file outrank people's own opt-outs, with a reason"),
    (Templates, "templates", "write templates, submit and delete them"),
    (Campaigns, "campaigns", "write campaigns and segments, plan and try them"),
    (Send, "send", "start campaigns and let them go on"),
    (Stop, "stop", "pause and cancel campaigns"),
    (Approve, "approve", "approve a plan that somebody else made"),
    (Accounts, "accounts", "connect WhatsApp accounts, and set prices"),
    (Access, "access", "say who may do what: people, roles, API keys"),
    (Audit, "audit", "read the audit"),
    (Erase, "erase", "erase people for good"),
];

/// What an admin may do, whatever comes to the table.
const EVERY: [Right; RIGHTS.len()] = {
    let mut every = [Look; RIGHTS.len()];
    let mut at = 0;
    while at < every.len() {
        every[at] = RIGHTS[at].0;
        at += 1;
    }
    every
};

impl Right {
    /// As documents have it.
    pub fn id(self) -> &'static str {
        RIGHTS[self as usize].1
    }

    /// By its name.
    pub fn parse(name: &str) -> Option<Right> {
        RIGHTS.iter().find(|(_, id, _)| *id == name).map(|(right, _, _)| *right)
    }

    /// Whether a program may have it: who approves, and who says who may do what, is a person.
    pub fn is_for_keys(self) -> bool {
        !matches!(self, Approve | Access)
    }
}

/// What somebody is here for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Looks.
    Viewer,
    /// Brings files in.
    Importer,
    /// Writes to people.
    Campaigner,
    /// Looks at what others planned before it is sent.
    Approver,
    /// Everything.
    Admin,
    /// Sees everything, changes nothing.
    Auditor,
}

/// Every role, its name in documents, and what it may do.
pub const ROLES: [(Role, &str, &[Right]); 6] = [
    (Role::Viewer, "viewer", &[Look]),
    (Role::Importer, "importer", &[Look, Export, Import, OptOut]),
    (Role::Campaigner, "campaigner", &[Look, Export, OptOut, Templates, Campaigns, Send, Stop]),
    (Role::Approver, "approver", &[Look, LiftOptOuts, Stop, Approve]),
    (Role::Admin, "admin", &EVERY),
    (Role::Auditor, "auditor", &[Look, Export, Audit]),
];

impl Role {
    /// As documents have it.
    pub fn id(self) -> &'static str {
        ROLES[self as usize].1
    }

    /// By its name.
    pub fn parse(name: &str) -> Option<Role> {
        ROLES.iter().find(|(_, id, _)| *id == name).map(|(role, _, _)| *role)
    }
}

/// Some rights.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rights(u32);

impl Rights {
    /// All there are.
    pub fn all() -> Rights {
        RIGHTS.iter().map(|(right, _, _)| *right).collect()
    }

    /// Whether this one is among them.
    pub fn has(self, right: Right) -> bool {
        self.0 >> (right as u8) & 1 == 1
    }

    /// Whether all of the others are among them.
    pub fn cover(self, others: Rights) -> bool {
        self.0 & others.0 == others.0
    }

    /// Those of roles together.
    pub fn of_roles<'a>(names: impl IntoIterator<Item = &'a String>) -> Rights {
        let of = |name: &String| {
            ROLES.iter().find(|(_, id, _)| id == name).map_or(&[][..], |(_, _, rights)| rights)
        };
        names.into_iter().flat_map(of).copied().collect()
    }

    /// Those that have these names; unknown ones are none.
    pub fn named<'a>(names: impl IntoIterator<Item = &'a String>) -> Rights {
        names.into_iter().filter_map(|name| Right::parse(name)).collect()
    }

    /// Their names, in the order of the table.
    pub fn ids(self) -> Vec<&'static str> {
        RIGHTS.iter().filter(|(right, _, _)| self.has(*right)).map(|(_, id, _)| *id).collect()
    }
}

impl FromIterator<Right> for Rights {
    fn from_iter<I: IntoIterator<Item = Right>>(rights: I) -> Rights {
        Rights(rights.into_iter().fold(0, |all, right| all | 1 << (right as u8)))
    }
}
