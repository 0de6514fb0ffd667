//! What a column can mean, and by which names it goes.

/// What a column means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// The customer's own id for the person.
    Exid,
    /// E-mail address.
    Email,
    /// Phone number with country code.
    Msisdn,
    /// WhatsApp number with country code.
    WpNumber,
    /// 1 or 2, or what the vocabulary says.
    Permission,
}

impl Role {
    /// Every role, in the order of the published file.
    pub const ALL: [Role; 5] = [Role::Exid, Role::Email, Role::Msisdn, Role::WpNumber, Role::Permission];

    /// The canonical column name.
    pub const fn name(self) -> &'static str {
        match self {
            Role::Exid => "exid",
            Role::Email => "email",
            Role::Msisdn => "msisdn",
            Role::WpNumber => "wpNumber",
            Role::Permission => "permission",
        }
    }

    /// Whether a file without this column is refused.
    pub const fn is_mandatory(self) -> bool {
        matches!(self, Role::WpNumber | Role::Permission)
    }

    /// The role with this canonical name, without regard to case, spaces, `_` and `-`.
    pub fn from_name(name: &str) -> Option<Role> {
        let name = fold(name);
        Role::ALL.into_iter().find(|role| fold(role.name()) == name)
    }

    /// The role a header cell stands for: canonical name or alias.
    pub fn from_header(cell: &str) -> Option<Role> {
        let name = fold(cell);
        ALIASES.iter().find(|(_, aliases)| aliases.contains(&name.as_str())).map(|(role, _)| *role)
    }
}

/// Header names by role, already folded. The first of each is the canonical name.
const ALIASES: [(Role, &[&str]); 5] = [
    (
        Role::Exid,
        &[
            "exid",
            "externalid",
            "extid",
            "customerid",
            "customerno",
            "clientid",
            "memberid",
            "crmid",
            "musteriid",
            "musterino",
            "musterinumarasi",
            "uyeno",
            "uyeid",
        ],
    ),
    (Role::Email, &["email", "mail", "emailaddress", "eposta", "epostaadresi", "mailadresi"]),
    (
        Role::Msisdn,
        &[
            "msisdn",
            "phone",
            "phonenumber",
            "phoneno",
            "mobile",
            "mobilenumber",
            "mobilephone",
            "cellphone",
            "gsm",
            "gsmno",
            "telefon",
            "telefonno",
            "telefonnumarasi",
            "tel",
            "cep",
            "cepno",
            "ceptelefonu",
        ],
    ),
    (
        Role::WpNumber,
        &[
            "wpnumber",
            "wpno",
            "wp",
            "whatsapp",
            "whatsappnumber",
            "whatsappno",
            "whatsappphone",
            "whatsappphonenumber",
            "wanumber",
            "waphone",
            "waid",
            "whatsappnumarasi",
            "whatsapptelefonu",
        ],
    ),
    (
        Role::Permission,
        &[
            "permission",
            "consent",
            "optin",
            "optinstatus",
            "consentstatus",
            "whatsappconsent",
            "whatsapppermission",
            "whatsappoptin",
            "izin",
            "izindurumu",
            "onay",
            "onaydurumu",
            "whatsappizni",
        ],
    ),
];

/// A header cell without case, accents of Turkish letters, spaces, `_`, `-` and invisible marks.
pub(super) fn fold(cell: &str) -> String {
    let kept = |ch: char| match ch {
        '_' | '-' | '.' | '\u{ad}' | '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' => None,
        'ş' => Some('s'),
        'ğ' => Some('g'),
        'ü' => Some('u'),
        'ö' => Some('o'),
        'ç' => Some('c'),
        _ if ch.is_whitespace() || ch.is_control() => None,
        _ => Some(ch),
    };
    fold_case(cell).chars().filter_map(kept).collect()
}

/// Lower case, with the four Turkish i's as one letter.
pub(super) fn fold_case(text: &str) -> String {
    folded(text).collect()
}

/// The same letter by letter, for those who compare millions of texts.
pub(crate) fn folded(text: &str) -> impl Iterator<Item = char> + Clone {
    let lower = text.chars().flat_map(char::to_lowercase);
    lower.filter(|ch| *ch != '\u{307}').map(|ch| if ch == 'ı' { 'i' } else { ch })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aliases_are_folded_and_belong_to_one_role_each() {
        let mut seen = std::collections::HashSet::new();
        for (role, aliases) in ALIASES {
            assert_eq!(fold(role.name()), aliases[0]);
            for alias in aliases {
                assert_eq!(fold(alias), *alias);
                assert!(seen.insert(*alias), "{alias} twice");
            }
        }
    }
}
