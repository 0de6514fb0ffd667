//! Reads core/metadata/plans.txt, which README.md beside it describes.
//!
//! It knows the form of the file and nothing of what the words mean to libphonenumber. The file is written by a
//! command, so whatever is not as described stops the build and names the line.

/// The file as a whole.
pub(crate) struct File<'a> {
    /// The release of libphonenumber whose metadata this is.
    pub(crate) version: &'a str,
    /// All plans by calling code, those of one code in the order in which libphonenumber tries them.
    pub(crate) plans: Vec<Metadata<'a>>,
}

/// The numbering plan of a region, or of a calling code that belongs to none.
#[derive(Default)]
pub(crate) struct Metadata<'a> {
    /// ISO 3166 alpha-2, or `001`.
    pub(crate) id: &'a str,
    /// The calling code.
    pub(crate) code: u16,
    /// Pattern of the digits dialled before a foreign number.
    pub(crate) idd: Option<&'a str>,
    /// Pattern of what parsing strips from a national number.
    pub(crate) prefix: Option<&'a str>,
    /// What is put in the place of the stripped prefix.
    pub(crate) transform: Option<&'a str>,
    /// Pattern of the digits that tell the region's numbers from those of its siblings.
    pub(crate) leading: Option<&'a str>,
    /// Possible lengths of a national number.
    pub(crate) lengths: Vec<u16>,
    /// Lengths that are possible only within an area.
    pub(crate) local: Vec<u16>,
    /// Pattern of every national number.
    pub(crate) general: &'a str,
    kinds: Vec<Kind<'a>>,
}

/// Numbers of one kind.
pub(crate) struct Kind<'a> {
    name: &'a str,
    /// Their possible lengths.
    pub(crate) lengths: Vec<u16>,
    /// Their pattern.
    pub(crate) pattern: &'a str,
}

impl Metadata<'_> {
    /// The kind of this name, if the plan has such numbers.
    pub(crate) fn kind(&self, name: &str) -> Option<&Kind<'_>> {
        self.kinds.iter().find(|kind| kind.name == name)
    }
}

/// Reads the file. `kinds` are the names of all kinds that a plan may have.
pub(crate) fn read<'a>(text: &'a str, kinds: &[&str]) -> File<'a> {
    let mut file = File { version: "", plans: Vec::new() };
    for (at, line) in text.lines().enumerate() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        take(line, kinds, &mut file).unwrap_or_else(|| {
            panic!(
                "core/metadata/plans.txt:{}: `{line}` is not a line of a plan; run `cargo xtask metadata`",
                at + 1
            )
        });
    }
    assert!(!file.version.is_empty(), "core/metadata/plans.txt names its version");
    for plan in &file.plans {
        let whole = !plan.general.is_empty() && !plan.lengths.is_empty();
        assert!(whole, "core/metadata/plans.txt: {} has lengths and a general pattern", plan.id);
    }
    let ordered = file.plans.is_sorted_by_key(|plan| plan.code);
    assert!(ordered && !file.plans.is_empty(), "core/metadata/plans.txt is in the order of calling codes");
    file
}

/// Takes one line; `None` if it cannot be understood or stands in the wrong place.
fn take<'a>(line: &'a str, kinds: &[&str], file: &mut File<'a>) -> Option<()> {
    let (word, rest) = line.split_once(' ')?;
    match word {
        "version" => {
            file.version = rest;
            return Some(());
        }
        "plan" => {
            let (id, code) = rest.split_once(' ')?;
            file.plans.push(Metadata { id, code: code.parse().ok()?, ..Metadata::default() });
            return Some(());
        }
        _ => {}
    }
    let plan = file.plans.last_mut()?;
    match word {
        "idd" => plan.idd = Some(rest),
        "prefix" => plan.prefix = Some(rest),
        "transform" => plan.transform = Some(rest),
        "leading" => plan.leading = Some(rest),
        "lengths" => plan.lengths = lengths(rest)?,
        "local" => plan.local = lengths(rest)?,
        "general" => plan.general = rest,
        name if kinds.contains(&name) => {
            let (possible, pattern) = rest.split_once(' ')?;
            plan.kinds.push(Kind { name, lengths: lengths(possible)?, pattern });
        }
        _ => return None,
    }
    Some(())
}

/// `7,10,12` as numbers.
fn lengths(list: &str) -> Option<Vec<u16>> {
    list.split(',').map(|length| length.parse().ok()).collect()
}
