//! What a person can say about being messaged. Files, evidence and campaigns all speak of it, so it belongs to none
//! of them; what a cell has to look like to mean it is the business of `consent`.

/// What a person said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Permission {
    /// Yes: may be messaged.
    OptIn = 1,
    /// No: must not be messaged.
    OptOut = 2,
}

impl Permission {
    /// The word on the wire: `opt_in` or `opt_out`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Permission::OptIn => "opt_in",
            Permission::OptOut => "opt_out",
        }
    }

    /// The value in a consent file: `1` or `2`.
    pub const fn cell(self) -> &'static str {
        match self {
            Permission::OptIn => "1",
            Permission::OptOut => "2",
        }
    }

    /// From its number in packed columns.
    pub const fn from_u8(value: u8) -> Option<Permission> {
        match value {
            1 => Some(Permission::OptIn),
            2 => Some(Permission::OptOut),
            _ => None,
        }
    }
}
