//! What a sheet says, as CSV.

use std::io::{Cursor, Read as _};

use consentry_unpack::Workbook;
use consentry_unpack::limits::PIECE_BYTES;

use crate::archive::{Archive, book, csv_of, relations, sheet, workbook};

fn csv(rows: &str) -> String {
    csv_of(&workbook(rows, "<si><t>zero</t></si><si><t>one</t></si>")).unwrap()
}

#[test]
fn every_kind_of_cell_is_read() {
    let cells = [
        ("<c r=\"A1\" t=\"s\"><v>1</v></c>", "one"),
        ("<c r=\"A1\"><v>905301112233</v></c>", "905301112233"),
        ("<c r=\"A1\" t=\"n\" s=\"3\"><v>9.05301112233E11</v></c>", "905301112233"),
        ("<c r=\"A1\" t=\"inlineStr\"><is><t>+90 530</t></is></c>", "+90 530"),
        (
            "<c r=\"A1\" t=\"inlineStr\"><is><r><t>ri</t></r><r><t xml:space=\"preserve\">ch </t></r></is></c>",
            "rich ",
        ),
        ("<c r=\"A1\" t=\"str\"><f>A2&amp;\"x\"</f><v>a&amp;b</v></c>", "a&b"),
        ("<c r=\"A1\" t=\"str\"><f>A2</f><v>&#x130;&#49;</v></c>", "İ1"),
        ("<c r=\"A1\" t=\"str\"><v><![CDATA[<1>]]></v></c>", "<1>"),
        ("<c r=\"A1\" t=\"b\"><v>1</v></c>", "TRUE"),
        ("<c r=\"A1\" t=\"b\"><v>0</v></c>", "FALSE"),
        ("<c r=\"A1\" t=\"e\"><v>#N/A</v></c>", "#N/A"),
        ("<c r=\"A1\" t=\"d\"><v>2026-11-23</v></c>", "2026-11-23"),
        ("<c r=\"A1\" t=\"str\"><v>a_x000D_\nb</v></c>", "\"a b\""),
        ("<c r=\"A1\" t=\"str\"><v>\"a\",b</v></c>", "\"\"\"a\"\",b\""),
    ];
    for (cell, text) in cells {
        assert_eq!(csv(&format!("<row r=\"1\">{cell}</row>")), format!("{text}\n"), "{cell}");
    }
    for nothing in
        ["<c r=\"A1\" s=\"4\"/>", "<c r=\"A1\" t=\"s\"/>", "<c r=\"A1\"><v></v></c>", "<extLst/>", ""]
    {
        assert_eq!(csv(&format!("<row r=\"1\">{nothing}</row>")), "\n", "{nothing}");
    }
}

#[test]
fn lines_are_the_rows_of_the_sheet() {
    let rows = "<row r=\"2\"><c r=\"A2\"><v>1</v></c></row><row r=\"3\" ht=\"9\"/><row r=\"6\"><c r=\"A6\"><v>2</v></c></row>";
    assert_eq!(csv(rows), "\n1\n\n\n\n2\n");
    let unnumbered =
        "<row><c><v>1</v></c><c><v>2</v></c></row><row/><row><c><v>3</v></c><c r=\"B3\"><v>4</v></c></row>";
    assert_eq!(csv(unnumbered), "1,2\n\n3,4\n");
    let far = format!("<row r=\"{0}\"><c r=\"A{0}\"><v>1</v></c></row>", PIECE_BYTES * 3);
    assert_eq!(csv(&far), "\n".repeat(PIECE_BYTES * 3 - 1) + "1\n");
    assert_eq!(csv(""), "");
}

#[test]
fn rows_are_as_wide_as_the_first_or_as_the_sheet_says() {
    let rows = "<row r=\"1\"><c r=\"A1\"><v>1</v></c><c r=\"C1\"><v>3</v></c></row><row r=\"2\"><c r=\"B2\"><v>2</v></c></row>\
                <row r=\"3\"><c r=\"E3\"><v>5</v></c></row><row r=\"4\"><c r=\"C4\"><v>3</v></c><c r=\"A4\"><v>1</v></c></row>";
    assert_eq!(csv(rows), "1,,3\n,2,\n,,,,5\n1,,3\n", "cells may come in any order");
    let mut archive = crate::archive::without_sheet();
    let announced = sheet(rows).replace("<sheetData>", "<dimension ref=\"A1:E4\"/><sheetData>");
    archive.add("xl/worksheets/sheet1.xml", announced);
    assert_eq!(csv_of(&archive.finish()).unwrap(), "1,,3,,\n,2,,,\n,,,,5\n1,,3,,\n");
    let mut archive = crate::archive::without_sheet();
    let boundless = sheet(rows).replace("<sheetData>", "<dimension ref=\"A1:XFD1048576\"/><sheetData>");
    archive.add("xl/worksheets/sheet1.xml", boundless);
    assert_eq!(csv_of(&archive.finish()).unwrap(), csv(rows), "a sheet that says too much is not believed");
}

#[test]
fn shared_texts_are_joined_and_not_pronounced() {
    let strings = "<si><t>plain</t></si><si><r><rPr><b/></rPr><t>ri</t></r><r><t>ch</t></r></si>\
                   <si><t>東京</t><rPh sb=\"0\" eb=\"2\"><t>トウキョウ</t></rPh><phoneticPr fontId=\"1\"/></si><si/>\
                   <si><t>_x005F_x000D_</t></si>";
    let cells: String = (0..5).map(|at| format!("<c t=\"s\"><v>{at}</v></c>")).collect();
    let text = csv_of(&workbook(&format!("<row>{cells}<c><v>1</v></c></row>"), strings)).unwrap();
    assert_eq!(text, "plain,rich,東京,,_x000D_,1\n");
}

#[test]
fn the_first_visible_sheet_is_found_wherever_it_lies() {
    let mut archive = Archive::default();
    archive.add("_rels/.rels", relations(&[("a", "officeDocument", "/Some/Book.xml")]));
    let sheets = "<sheet name=\"h\" sheetId=\"1\" state=\"veryHidden\" r:id=\"r1\"/><sheet name=\"c\" sheetId=\"2\" r:id=\"r2\"/>\
                  <sheet name=\"l\" sheetId=\"9\" state=\"visible\" r:id=\"r3\"/><sheet name=\"z\" sheetId=\"3\" r:id=\"r4\"/>";
    archive.add("some/book.xml", book(sheets));
    let relations = relations(&[
        ("r4", "worksheet", "sheets/z.xml"),
        ("r3", "worksheet", "../elsewhere\\list.xml"),
        ("r2", "chartsheet", "sheets/chart.xml"),
        ("r1", "worksheet", "sheets/hidden.xml"),
    ]);
    archive.add("some/_rels/book.xml.rels", relations);
    archive.add("sheets/hidden.xml", sheet("<row><c><v>1</v></c></row>"));
    let prefixed = "<x:worksheet xmlns:x=\"http://purl.oclc.org/ooxml/spreadsheetml/main\"><x:sheetData><x:row><x:c>\
                    <x:v>7</x:v></x:c></x:row></x:sheetData></x:worksheet>";
    archive.add("Elsewhere/List.xml", prefixed);
    assert_eq!(csv_of(&archive.finish()).unwrap(), "7\n");
}

#[test]
fn what_looks_like_a_mark_or_a_separator_line_stays_a_cell() {
    assert_eq!(
        csv("<row><c t=\"str\"><v>sep=;</v></c></row><row><c t=\"str\"><v>sep=;</v></c></row>"),
        "\"sep=;\"\nsep=;\n"
    );
    assert_eq!(csv("<row><c t=\"str\"><v>&#xFEFF;exid</v></c></row>"), "\"\u{feff}exid\"\n");
}

#[test]
fn any_piece_size_gives_the_same_text() {
    let rows: String = (1..=20_000)
        .map(|at| {
            format!(
                "<row r=\"{at}\"><c r=\"A{at}\" t=\"s\"><v>{}</v></c><c r=\"C{at}\"><v>{at}</v></c></row>",
                at % 2
            )
        })
        .collect();
    let bytes = workbook(&rows, "<si><t>zero</t></si><si><t>one</t></si>");
    let whole = csv_of(&bytes).unwrap();
    assert_eq!(whole.lines().count(), 20_000);
    for piece in [1, 7, 4096, 1 << 20] {
        let mut reader = Workbook::open(Cursor::new(&bytes)).unwrap();
        let (mut text, mut buffer) = (Vec::new(), vec![0; piece]);
        loop {
            let read = reader.read(&mut buffer).unwrap();
            if read == 0 {
                break;
            }
            text.extend_from_slice(&buffer[..read]);
        }
        assert!(text == whole.as_bytes(), "in pieces of {piece}");
    }
}
