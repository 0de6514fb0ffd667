//! From the archive to the sheet: which part is the workbook, and which of its sheets comes first.

use std::io::{self, Read, Seek};

use crate::Trouble;
use crate::limits::SHEETS_MAX;

use super::no_workbook;
use super::package::Package;
use super::xml::{Item, Xml, attribute};

/// Where what is read lies in the archive.
pub(super) struct Book {
    /// The first visible sheet.
    pub(super) sheet: String,
    /// The texts its cells share, if there are any.
    pub(super) strings: Option<String>,
}

impl Book {
    pub(super) fn read<R: Read + Seek>(package: &Package<R>) -> io::Result<Book> {
        if !package.holds("_rels/.rels") {
            return Err(other_archive(package).into());
        }
        let roots = Relations::of(package, "")?;
        let Some(main) = roots.target_of_kind("officeDocument") else {
            return Err(Trouble::damaged("_rels/.rels", "nothing says which part is the workbook").into());
        };
        if main.to_ascii_lowercase().ends_with(".bin") {
            let cure = "Open it in Excel and save it as .xlsx.";
            return Err(no_workbook("a binary workbook (.xlsb), which is not read", cure).into());
        }
        let sheets = sheets(package, &main)?;
        let relations = Relations::of(package, &main)?;
        let visible = sheets.iter().filter(|sheet| sheet.visible);
        let Some(sheet) = visible.filter_map(|sheet| relations.sheet(&sheet.relation)).next() else {
            return Err(Trouble::new(
                "The workbook has no visible sheet with cells. Show the sheet with the list, save the workbook, and give \
                 it again.",
            )
            .into());
        };
        Ok(Book { sheet, strings: relations.target_of_kind("sharedStrings") })
    }
}

struct Sheet {
    relation: String,
    visible: bool,
}

/// The sheets in the order of their tabs.
fn sheets<R: Read + Seek>(package: &Package<R>, main: &str) -> io::Result<Vec<Sheet>> {
    let mut xml = Xml::of(package.index(main)?);
    let mut sheets = Vec::new();
    let mut is_workbook = false;
    loop {
        let depth = xml.depth();
        match xml.next()? {
            Item::Start(start) => match start.local_name().as_ref() {
                b"workbook" if depth == 0 => is_workbook = true,
                b"sheet" if is_workbook && depth == 2 => {
                    // `id` with a prefix; `sheetId` is something else, and so would be a plain `id`.
                    let mut attributes = start.attributes();
                    let relation = attributes.with_checks(false).flatten().find(|found| {
                        found.key.prefix().is_some() && found.key.local_name().as_ref() == b"id"
                    });
                    let relation = relation.map(|found| String::from_utf8_lossy(&found.value).into_owned());
                    let visible = attribute(&start, "state").is_none_or(|state| state == "visible");
                    if sheets.len() == SHEETS_MAX {
                        return Err(xml.damaged("it names too many sheets"));
                    }
                    sheets.push(Sheet { relation: relation.unwrap_or_default(), visible });
                }
                _ => {}
            },
            Item::Over if is_workbook => return Ok(sheets),
            Item::Over => {
                let cure = "Give the list as .xlsx or as “CSV UTF-8”.";
                return Err(no_workbook("an Office document, but no workbook", cure).into());
            }
            _ => {}
        }
    }
}

/// What one part says about others: id, kind and name of each.
struct Relations(Vec<Relation>);

struct Relation {
    id: String,
    kind: String,
    target: String,
}

impl Relations {
    /// The relations of a part, or of the archive as a whole for the empty name.
    fn of<R: Read + Seek>(package: &Package<R>, part: &str) -> io::Result<Relations> {
        let (folder, name) = part.rsplit_once('/').unwrap_or(("", part));
        let rels = path(folder, &format!("_rels/{name}.rels"));
        let mut relations = Vec::new();
        if !package.holds(&rels) {
            return Ok(Relations(relations));
        }
        let mut xml = Xml::of(package.index(&rels)?);
        loop {
            match xml.next()? {
                Item::Start(start) if start.local_name().as_ref() == b"Relationship" => {
                    let value = |name: &str| attribute(&start, name).unwrap_or_default().into_owned();
                    // What lies outside is never fetched.
                    if value("TargetMode") != "External" {
                        let target = path(folder, &value("Target"));
                        relations.push(Relation { id: value("Id"), kind: value("Type"), target });
                    }
                }
                Item::Over => return Ok(Relations(relations)),
                _ => {}
            }
        }
    }

    /// Kinds are addresses; strict and usual workbooks differ in all but their last step.
    fn target_of_kind(&self, kind: &str) -> Option<String> {
        let found = self.0.iter().find(|relation| relation.kind.rsplit('/').next() == Some(kind));
        found.map(|relation| relation.target.clone())
    }

    fn sheet(&self, id: &str) -> Option<String> {
        let found = self.0.iter().find(|relation| relation.id == id && relation.kind.ends_with("/worksheet"));
        found.map(|relation| relation.target.clone())
    }
}

/// The name of a part as seen from a folder.
fn path(folder: &str, target: &str) -> String {
    let target = target.replace('\\', "/");
    let whole = if target.starts_with('/') { target } else { format!("{folder}/{target}") };
    let mut steps: Vec<&str> = Vec::new();
    for step in whole.split('/') {
        match step {
            "" | "." => {}
            ".." => drop(steps.pop()),
            step => steps.push(step),
        }
    }
    steps.join("/")
}

/// What an archive is that is no Office document.
fn other_archive<R: Read + Seek>(package: &Package<R>) -> Trouble {
    if package.holds("mimetype") && package.holds("content.xml") {
        let cure = "Save it as .xlsx or as “CSV UTF-8”.";
        return no_workbook("an OpenDocument file (.ods), which is not read", cure);
    }
    no_workbook(
        "a zip archive, but no workbook",
        "Unpack it, and give the file with the list that is inside.",
    )
}

#[cfg(test)]
mod tests {
    use super::path;

    #[test]
    fn targets_are_seen_from_the_folder_of_their_part() {
        assert_eq!(path("xl", "worksheets/sheet1.xml"), "xl/worksheets/sheet1.xml");
        assert_eq!(path("xl", "/xl/worksheets/sheet1.xml"), "xl/worksheets/sheet1.xml");
        assert_eq!(path("xl", "../custom\\a.xml"), "custom/a.xml");
        assert_eq!(path("", "xl/workbook.xml"), "xl/workbook.xml");
        assert_eq!(path("", "_rels/.rels"), "_rels/.rels");
        assert_eq!(path("xl", "../../../a.xml"), "a.xml");
    }
}
