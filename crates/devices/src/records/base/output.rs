//! What is told of an analog or integer output.

use beamtwin_pv::{Metadata, Range, ValueKind};
use beamtwin_sim::record::common;
use beamtwin_sim::{Field, View};

/// As [`common::describe`], but what a client may write is between the drive limits even where both are 0.
pub(super) fn output(view: &View<'_>, field: &Field) -> Metadata {
    Metadata {
        control: match view.number("DRVL") {
            low if matches!(field.kind, ValueKind::String | ValueKind::Enum) || low.is_nan() => {
                Range::default()
            }
            low => Range::new(low, view.number("DRVH")),
        },
        ..common::describe(view, field)
    }
}
