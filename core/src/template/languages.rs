//! The languages a template can be written in, as Meta lists them (4 November 2025).

/// Codes, sorted.
const LANGUAGES: &str = "af ar ar_AE ar_EG ar_LB ar_MA ar_QA az be_BY bg bn bn_IN ca cs da de de_AT de_CH el en en_AE \
    en_AU en_CA en_GB en_GH en_IE en_IN en_JM en_MY en_NZ en_QA en_SG en_UG en_US en_ZA es es_AR es_CL es_CO es_CR es_DO \
    es_EC es_ES es_HN es_MX es_PA es_PE es_UY et fa fi fil fr fr_BE fr_CA fr_CH fr_CI fr_MA ga gu ha he hi hr hu id it \
    ja ka kk kn ko ky_KG lo lt lv mk ml mr ms nb nl nl_BE pa pl prs_AF ps_AF pt_BR pt_PT ro ru rw_RW si_LK sk sl sq sr \
    sv sw ta te th tr uk ur uz vi zh_CN zh_HK zh_TW zu";

/// Codes that one client lists and Meta's own page does not.
const DOUBTFUL: &str = "ar_SA es_VE";

/// Every code, sorted.
pub(super) fn all() -> impl Iterator<Item = &'static str> {
    LANGUAGES.split(' ').filter(|code| !code.is_empty())
}

/// Whether Meta takes templates in this language.
pub fn is_known(code: &str) -> bool {
    all().any(|known| known == code)
}

/// Whether some say that Meta takes it, and Meta's own list does not.
pub(super) fn is_doubtful(code: &str) -> bool {
    DOUBTFUL.split(' ').any(|known| known == code)
}

/// The code that was meant by one in other letters or with another separator, such as `en-us`.
pub(super) fn meant_by(code: &str) -> Option<&'static str> {
    let same = |known: &str| {
        known.len() == code.len()
            && known.bytes().zip(code.bytes()).all(|(known, given)| match known {
                b'_' => matches!(given, b'-' | b'_' | b' '),
                _ => known.eq_ignore_ascii_case(&given),
            })
    };
    all().find(|known| same(known))
}

/// Whether the language is written from right to left.
pub fn is_right_to_left(code: &str) -> bool {
    matches!(code.split(['_', '-']).next(), Some("ar" | "fa" | "he" | "ur" | "ps" | "prs"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_as_many_as_meta_lists_in_order() {
        let codes: Vec<_> = all().collect();
        assert_eq!(codes.len(), 111);
        assert!(codes.is_sorted());
        assert_eq!(meant_by("EN-us"), Some("en_US"));
        assert_eq!(meant_by("xx"), None);
    }
}
