//! Which column is which: names, and the caller's mapping above them.

use super::options::CheckOptions;
use super::role::{Role, fold};

/// How the columns of a file were understood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Columns {
    /// Header cells as they stood.
    pub headers: Vec<String>,
    /// Column of each role, in the order of [`Role::ALL`].
    pub roles: [Option<usize>; 5],
    /// Column of each declared attribute.
    pub attributes: Vec<usize>,
}

/// Why a header cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum HeaderProblem {
    /// No cell is a known name: this is most likely data.
    NoHeader,
    /// A mandatory or declared column is not there.
    Missing { name: String, mapped_to: Option<String> },
    /// Two cells stand for one column.
    Twice { name: String, first: String, second: String },
    /// The mapping takes two columns from one cell.
    Shared { name: String, other: &'static str, header: String },
}

impl Columns {
    pub(super) fn at(&self, role: Role) -> Option<usize> {
        self.roles[role as usize]
    }

    pub(super) fn header(&self, at: usize) -> &str {
        self.headers.get(at).map_or("", String::as_str)
    }

    /// What each header cell was taken as.
    pub(super) fn meaning(&self, at: usize) -> Option<&'static str> {
        let role = Role::ALL.into_iter().find(|role| self.at(*role) == Some(at));
        role.map(Role::name).or_else(|| self.attributes.contains(&at).then_some("attribute"))
    }

    /// Header cells nobody uses; blank ones are not worth a word.
    pub(super) fn unknown(&self) -> Vec<&str> {
        let unused = |at: &usize| self.meaning(*at).is_none() && !fold(&self.headers[*at]).is_empty();
        (0..self.headers.len()).filter(unused).map(|at| self.headers[at].as_str()).collect()
    }

    /// Understands a header line. The caller's mapping wins over names and aliases.
    pub(super) fn resolve(headers: Vec<String>, options: &CheckOptions) -> (Columns, Vec<HeaderProblem>) {
        let mut columns = Columns { headers, ..Columns::default() };
        let mut problems = Vec::new();
        let mut taken = vec![false; columns.headers.len()];

        for (role, wanted) in &options.map {
            match columns.find(wanted) {
                Ok(at) if !taken[at] => {
                    columns.roles[*role as usize] = Some(at);
                    taken[at] = true;
                }
                Ok(at) => problems.push(HeaderProblem::Shared {
                    name: role.name().to_owned(),
                    other: columns.meaning(at).unwrap_or_default(),
                    header: columns.headers[at].clone(),
                }),
                Err(Some((first, second))) => {
                    problems.push(HeaderProblem::Twice { name: role.name().to_owned(), first, second });
                }
                Err(None) => problems.push(HeaderProblem::Missing {
                    name: role.name().to_owned(),
                    mapped_to: Some(wanted.clone()),
                }),
            }
        }
        let mapped = |role: Role| options.map.iter().any(|(known, _)| *known == role);
        for (at, taken) in taken.iter_mut().enumerate() {
            let Some(role) = Role::from_header(&columns.headers[at]) else { continue };
            if *taken || mapped(role) {
                continue;
            }
            match columns.roles[role as usize] {
                None => {
                    columns.roles[role as usize] = Some(at);
                    *taken = true;
                }
                Some(first) => problems.push(HeaderProblem::Twice {
                    name: role.name().to_owned(),
                    first: columns.headers[first].clone(),
                    second: columns.headers[at].clone(),
                }),
            }
        }
        if columns.roles.iter().all(Option::is_none) && options.map.is_empty() {
            return (columns, vec![HeaderProblem::NoHeader]);
        }
        for role in Role::ALL {
            if role.is_mandatory() && !mapped(role) && columns.at(role).is_none() {
                problems.push(HeaderProblem::Missing { name: role.name().to_owned(), mapped_to: None });
            }
        }
        for wanted in &options.attributes {
            match columns.find(wanted) {
                Ok(at) => columns.attributes.push(at),
                Err(Some((first, second))) => {
                    problems.push(HeaderProblem::Twice { name: wanted.clone(), first, second });
                }
                Err(None) => {
                    problems.push(HeaderProblem::Missing { name: wanted.clone(), mapped_to: None });
                }
            }
        }
        (columns, problems)
    }

    /// How many different roles a header line has, to choose between delimiters.
    pub(super) fn known_roles(headers: &[String], options: &CheckOptions) -> usize {
        let is = |role: Role, cell: &String| {
            Role::from_header(cell) == Some(role)
                || options.map.iter().any(|(known, wanted)| *known == role && fold(wanted) == fold(cell))
        };
        Role::ALL.into_iter().filter(|role| headers.iter().any(|cell| is(*role, cell))).count()
    }

    /// The one column with this header; `Err(Some(two))` when two have it.
    fn find(&self, wanted: &str) -> Result<usize, Option<(String, String)>> {
        let exact = |at: &usize| self.headers[*at].trim() == wanted.trim();
        let folded = |at: &usize| fold(&self.headers[*at]) == fold(wanted);
        let all = || 0..self.headers.len();
        let mut hits: Vec<usize> = all().filter(exact).collect();
        if hits.is_empty() {
            hits = all().filter(folded).collect();
        }
        match hits[..] {
            [at] => Ok(at),
            [first, second, ..] => Err(Some((self.headers[first].clone(), self.headers[second].clone()))),
            [] => Err(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roles(headers: &[&str], options: &CheckOptions) -> ([Option<usize>; 5], Vec<HeaderProblem>) {
        let (columns, problems) =
            Columns::resolve(headers.iter().map(|h| (*h).to_owned()).collect(), options);
        (columns.roles, problems)
    }

    #[test]
    fn headers_match_without_case_spaces_and_marks() {
        let plain = CheckOptions::default();
        let (found, problems) =
            roles(&["\u{feff}External_ID", "E-Posta", "Cep Telefonu", "WP Number", "İZİN"], &plain);
        assert_eq!(found, [Some(0), Some(1), Some(2), Some(3), Some(4)]);
        assert!(problems.is_empty());
    }

    #[test]
    fn the_callers_mapping_wins() {
        let options = CheckOptions::default().map("wpNumber", "Phone").unwrap();
        let (found, problems) = roles(&["wpNumber", "phone", "izin"], &options);
        assert_eq!(found, [None, None, None, Some(1), Some(2)]);
        assert!(problems.is_empty());
    }

    #[test]
    fn what_is_missing_or_twice_is_named() {
        let plain = CheckOptions::default();
        assert_eq!(roles(&["905301112233", "1"], &plain).1, [HeaderProblem::NoHeader]);
        assert!(
            matches!(&roles(&["whatsapp"], &plain).1[..], [HeaderProblem::Missing { name, .. }] if name == "permission")
        );
        let twice = roles(&["whatsapp", "WP number", "izin"], &plain).1;
        assert!(matches!(&twice[..], [HeaderProblem::Twice { second, .. }] if second == "WP number"));
        let mapped = CheckOptions::default().map("permission", "ok?").unwrap();
        assert!(matches!(
            &roles(&["whatsapp"], &mapped).1[..],
            [HeaderProblem::Missing { mapped_to: Some(_), .. }]
        ));
    }
}
