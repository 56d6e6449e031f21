//! The records of a controller.

use beamtwin_sim::record::val;
use beamtwin_sim::{Meaning, RecordType, Role, Slot, Surface};

use super::settings::{Settings, Units};
use super::{Running, tidy};
use crate::records::Panel;
use crate::records::base::{AI, AO, BI, BO, LONGIN, MBBO};

const RANGES: [&str; 4] = ["Off", "Low", "Medium", "High"];
const MODES: [&str; 6] = [
    "Off",
    "Closed Loop PID",
    "Zone",
    "Open Loop",
    "Monitor Out",
    "Warmup Supply",
];
/// The fastest ramp, in degrees a minute.
const FASTEST: f64 = 100.0;
/// The greatest gain of each kind.
const GREATEST: f64 = 1000.0;

/// Declares one PV.
pub(super) fn declare(
    key: &'static str,
    name: String,
    settings: &Settings,
    now: &Running,
    zero: f64,
    panel: &mut Panel,
    surface: &mut Surface,
) {
    let units = match settings.units {
        Units::K => "K",
        Units::Celsius => "degC",
    };
    let rate = format!("{units}/min");
    let percent = (0.0, 100.0);
    let (kind, value): (&'static RecordType, f64) = match key {
        "reading" => (&AI, settings.start.0 + zero),
        "celsius" => (&AI, settings.start.0),
        "setpoint" => (&AO, now.target + zero),
        "ramped" => (&AI, now.ramped + zero),
        "ramp_rate" => (&AO, now.rate),
        "ramp_rate_readback" => (&AI, now.rate),
        "p" => (&AO, now.gains.p),
        "p_readback" => (&AI, now.gains.p),
        "i" => (&AO, now.gains.i),
        "i_readback" => (&AI, now.gains.i),
        "d" => (&AO, now.gains.d),
        "d_readback" => (&AI, now.gains.d),
        "manual" => (&AO, 0.0),
        "manual_readback" => (&AI, 0.0),
        "heater" => (&AI, tidy(now.heat.output)),
        "ramp_enable" => (&BO, f64::from(u8::from(now.ramps))),
        "settled" => (&BI, f64::from(u8::from(now.settled))),
        "ramping" => (&BI, 0.0),
        "range" => (&MBBO, now.range as f64),
        "mode" => (&MBBO, f64::from(now.mode)),
        _ => (&LONGIN, 0.0),
    };
    let (egu, limits, digits) = match key {
        "celsius" => ("degC", None, 3),
        "reading" | "ramped" => (units, None, 3),
        "setpoint" => {
            let limits = (settings.limits.0.0 + zero, settings.limits.1.0 + zero);
            (units, Some(limits), 3)
        }
        "ramp_rate" => (rate.as_str(), Some((0.0, FASTEST)), 2),
        "ramp_rate_readback" => (rate.as_str(), None, 2),
        "manual" => ("%", Some(percent), 2),
        "manual_readback" | "heater" => ("%", None, 2),
        "p" | "i" | "d" => ("", Some((0.0, GREATEST)), 1),
        _ => ("", None, 1),
    };
    let mut record = surface.record(name, kind).with("VAL", value);
    if kind.find("EGU").is_some() && kind.find("PREC").is_some() {
        record = record.with("EGU", egu).with("PREC", digits);
    }
    if let Some((low, high)) = limits {
        record = record.with("DRVL", low).with("DRVH", high);
        record = record.with("LOPR", low).with("HOPR", high);
    }
    let labels: &[&str] = match key {
        "range" => &RANGES,
        "mode" => &MODES,
        "ramp_enable" => &["Off", "On"],
        "ramping" => &["Done", "Ramping"],
        "settled" => &["No", "Yes"],
        _ => &[],
    };
    let fields: &[&str] = if kind.find("ZNAM").is_some() {
        &["ZNAM", "ONAM"]
    } else {
        &["ZRST", "ONST", "TWST", "THST", "FRST", "FVST"]
    };
    for (&field, &label) in fields.iter().zip(labels) {
        record = record.with(field, label);
    }
    let id = record.id();
    record = match key {
        "reading" | "celsius" => record.means(Meaning::Curve).tolerance(settings.band.0),
        "ramped" => record.means(Meaning::Curve),
        "ramping" | "settled" => record.means(Meaning::State),
        _ => record,
    };
    if kind.find("OMSL").is_some() {
        record.role(Role::Command);
    }
    if key == "reading" {
        surface.readback(Slot::<f64>::new(id, val(kind)));
    }
    panel.add(key, id, kind);
}
