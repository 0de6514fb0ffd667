//! `consentry imports`, `export`, `explain`: reading what is known.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use clap::builder::BoolishValueParser;
use clap::{Args, ValueEnum};

use crate::data::{self, Place, open_for_reading};
use crate::people::{self, ExportFormat, ExportOptions};
use crate::store::TenantId;
use crate::wire::v1::{HistoryDocument, ImportDocument};

use super::{Done, Failure, print, text};

#[derive(Args)]
pub(super) struct ExportArgs {
    /// csv or jsonl.
    #[arg(long, default_value = "csv", env = "CONSENTRY_FORMAT")]
    format: Format,
    /// Attribute columns as well.
    #[arg(long, env = "CONSENTRY_ATTRIBUTES", value_parser = BoolishValueParser::new())]
    attributes: bool,
    /// Make cells safe to open in a spreadsheet.
    #[arg(long, env = "CONSENTRY_FOR_EXCEL", value_parser = BoolishValueParser::new())]
    for_excel: bool,
    /// Write to this file instead of stdout.
    #[arg(long, value_name = "FILE", env = "CONSENTRY_OUT")]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Csv,
    Jsonl,
}

#[derive(Args)]
pub(super) struct ExplainArgs {
    /// A number with its country code, or a profile like p12.
    #[arg(value_name = "NUMBER|PROFILE")]
    of: String,
    /// Only events before this place of the log: what an earlier answer names.
    #[arg(long, value_name = "SEQ")]
    before: Option<u64>,
}

pub(super) fn imports(place: &Place, json: bool) -> Result<Done, Failure> {
    let imports = open_for_reading(place)?.imports(TenantId::DEFAULT)?;
    let history = HistoryDocument { imports: imports.iter().map(ImportDocument::of).collect() };
    print(json, &history, |history| text::imports(&history.imports))
}

pub(super) fn export(args: &ExportArgs, place: &Place, json: bool) -> Result<Done, Failure> {
    let store = open_for_reading(place)?;
    let options = ExportOptions {
        format: match (json, args.format) {
            (true, _) => ExportFormat::Json,
            (false, Format::Csv) => ExportFormat::Csv,
            (false, Format::Jsonl) => ExportFormat::Jsonl,
        },
        for_excel: args.for_excel,
        attributes: args.attributes,
    };
    let mut out: Box<dyn Write> =
        match &args.out {
            None => Box::new(io::stdout().lock()),
            Some(path) => Box::new(File::create(path).map_err(|cause| {
                Failure::Refused(format!("`{}` cannot be written: {cause}", path.display()))
            })?),
        };
    let mut buffered = BufWriter::new(&mut out);
    let written = people::export(store.as_ref(), TenantId::DEFAULT, options, &mut buffered)
        .and_then(|count| Ok(buffered.flush().map(|()| count)?));
    match written {
        Ok(count) => {
            if args.out.is_some() {
                eprintln!("{count} profiles written");
            }
            Ok(Done::All)
        }
        // Whoever reads has had enough, for example `head`.
        Err(people::PeopleError::Write(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Done::All),
        Err(error) => Err(error.into()),
    }
}

pub(super) fn explain(args: &ExplainArgs, place: &Place, json: bool) -> Result<Done, Failure> {
    let store = open_for_reading(place)?;
    let timeline =
        people::explain(store.as_ref(), &data::engine()?, TenantId::DEFAULT, &args.of, args.before)?;
    print(json, &timeline, text::timeline)
}
