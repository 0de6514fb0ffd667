//! Whom campaigns are for, from a terminal: audiences, segments, and what messages cost.

use std::path::{Path, PathBuf};

use clap::Args;
use consentry_core::wire::campaign::v1::{Audience, Segment};

use crate::campaigns::{audience, prices, segments};
use crate::wire::campaign::v1::{CountDocument, SegmentsDocument};

use super::super::{Done, Failure, print};
use super::{Counter, T, read, read_text, text, write_out};

#[derive(Args)]
pub(super) struct AudienceArgs {
    /// The audience as JSON, with `include` and `exclude`; - for standard input. Everybody who opted in where it is left out.
    file: Option<PathBuf>,
    /// Write its people to this file as CSV, instead of counting them.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Make cells safe to open in a spreadsheet.
    #[arg(long, requires = "out")]
    for_excel: bool,
}

#[derive(Args)]
pub(super) struct SegmentsArgs {
    /// Keep a segment: JSON with `name` and `condition`; - for standard input.
    #[arg(long, value_name = "FILE")]
    put: Option<PathBuf>,
    /// Delete a segment.
    #[arg(long, value_name = "NAME", conflicts_with = "put")]
    delete: Option<String>,
}

impl Counter<'_> {
    pub(super) fn audience(&self, args: &AudienceArgs) -> Result<Done, Failure> {
        let of: Audience = match &args.file {
            Some(file) => read(file, "an audience")?,
            None => Audience::default(),
        };
        match &args.out {
            Some(out) => {
                write_out(Some(out), |out| audience::write_csv(self.room, T, &of, args.for_excel, out))
            }
            None => print(self.json, &CountDocument::of(audience::count(self.room, T, &of)?), text::count),
        }
    }

    pub(super) fn segments(&self, args: &SegmentsArgs) -> Result<Done, Failure> {
        if let Some(file) = &args.put {
            let segment: Segment = read(file, "a segment")?;
            segments::put(self.room, T, &segment)?;
        }
        if let Some(name) = &args.delete {
            segments::delete(self.room, T, name)?;
        }
        let document = SegmentsDocument { segments: segments::all(self.room, T)? };
        print(self.json, &document, text::segments)
    }

    pub(super) fn prices(&self, file: Option<&Path>) -> Result<Done, Failure> {
        if let Some(file) = file {
            prices::put(self.room, T, &read_text(file)?)?;
        }
        let table = prices::text(self.room, T)?;
        print(self.json, &serde_json::json!({ "prices": table }), |_| match table.as_str() {
            "" => "no prices are loaded; `consentry campaign prices FILE` loads a table\n".to_owned(),
            table => format!("{}\n", table.trim_end()),
        })
    }
}
