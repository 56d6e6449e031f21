//! The motor record: its fields, and how their values are described.
//!
//! Names, types, choices, writability and limits are those measured on record version 7.4
//! (`tests/motor`, and the field list that came with those captures). The first values make an idle
//! motor of 1 unit a second with 1000 steps a unit.

use beamtwin_pv::{Metadata, Range, Severity, Text, ValueKind};
use beamtwin_sim::record::common;
use beamtwin_sim::{Field, Meaning, RecordType, View};

const ACCU: &[&str] = &["Use ACCL", "Use ACCS"];
const DIR: &[&str] = &["Pos", "Neg"];
const FOFF: &[&str] = &["Variable", "Frozen"];
const NO_YES: &[&str] = &["NO", "YES"];
const OMSL: &[&str] = &["supervisory", "closed_loop"];
const RMOD: &[&str] = &["Default", "Arithmetic", "Geometric", "In-Position"];
const RSTM: &[&str] = &["Never", "Always", "NearZero", "Conditional"];
const SET: &[&str] = &["Use", "Set"];
const SPMG: &[&str] = &["Stop", "Pause", "Move", "Go"];
const STUP: &[&str] = &["OFF", "ON", "BUSY"];
const TORQ: &[&str] = &["Disable", "Enable"];
const UEIP: &[&str] = &["No", "Yes"];

/// The fields that are the motor record's own, in the order of its definition.
pub const FIELDS: &[Field] = &[
    Field::float("VERS").constant().starts(7.4),
    Field::double("OFF").command(),
    Field::menu("FOFF", FOFF).setting(),
    Field::short("FOF").command(),
    Field::short("VOF").command(),
    Field::menu("DIR", DIR).command(),
    Field::menu("SET", SET).setting(),
    Field::short("SSET").command(),
    Field::short("SUSE").command(),
    Field::double("VELO").command().starts(1.0),
    Field::double("VBAS").command().starts(0.1),
    Field::double("VMAX").command(),
    Field::double("S").command().starts(5.0),
    Field::double("SBAS").command().starts(0.5),
    Field::double("SMAX").command(),
    Field::double("ACCL").command().starts(0.2),
    Field::double("ACCS").command().starts(4.5),
    Field::menu("ACCU", ACCU).setting(),
    Field::double("BDST").command(),
    Field::double("BVEL").command().starts(1.0),
    Field::double("SBAK").command().starts(5.0),
    Field::double("BACC").command().starts(0.2),
    Field::float("FRAC").command().starts(1.0),
    Field::string("OUT").command(),
    Field::short("CARD").constant(),
    Field::string("RDBL").setting(),
    Field::string("DOL").setting(),
    Field::menu("OMSL", OMSL).setting(),
    Field::string("RLNK").setting(),
    Field::long("SREV").command().starts(200.0),
    Field::double("UREV").command().starts(0.2),
    Field::double("MRES").command().starts(0.001),
    Field::double("ERES").command().starts(0.001),
    Field::double("RRES").setting(),
    Field::menu("UEIP", UEIP).command(),
    Field::menu("URIP", UEIP).setting(),
    Field::short("PREC").setting().starts(4.0),
    Field::string("EGU").command().says("mm"),
    Field::double("RHLM"),
    Field::double("RLLM"),
    Field::double("HLM").command(),
    Field::double("LLM").command(),
    Field::double("DHLM").command(),
    Field::double("DLLM").command(),
    Field::double("HOPR").setting(),
    Field::double("LOPR").setting(),
    Field::short("HLS").means(Meaning::State),
    Field::short("LLS").means(Meaning::State),
    Field::short("RHLS").means(Meaning::State),
    Field::short("RLLS").means(Meaning::State),
    Field::double("HIHI").command(),
    Field::double("LOLO").command(),
    Field::double("HIGH").command(),
    Field::double("LOW").command(),
    Field::menu("HHSV", Severity::LABELS).command(),
    Field::menu("LLSV", Severity::LABELS).command(),
    Field::menu("HSV", Severity::LABELS).command(),
    Field::menu("LSV", Severity::LABELS).command(),
    Field::menu("HLSV", Severity::LABELS).command(),
    Field::double("RDBD").command().starts(0.001),
    Field::double("SPDB").setting(),
    Field::short("RCNT").means(Meaning::State),
    Field::short("RTRY").setting().starts(10.0),
    Field::short("MISS").means(Meaning::State),
    Field::menu("SPMG", SPMG)
        .command()
        .starts(3.0)
        .means(Meaning::Request),
    Field::menu("LSPG", SPMG).starts(3.0).means(Meaning::State),
    Field::short("STOP").command().means(Meaning::Request),
    Field::short("HOMF").command().means(Meaning::Request),
    Field::short("HOMR").command().means(Meaning::Request),
    Field::short("JOGF").command().means(Meaning::Request),
    Field::short("JOGR").command().means(Meaning::Request),
    Field::short("TWF").command().means(Meaning::Request),
    Field::short("TWR").command().means(Meaning::Request),
    Field::double("TWV").setting().starts(1.0),
    Field::double("VAL").command().means(Meaning::Request),
    Field::double("LVAL").means(Meaning::State),
    Field::double("DVAL").command().means(Meaning::Request),
    Field::double("LDVL").means(Meaning::State),
    Field::long("RVAL").command().means(Meaning::Request),
    Field::long("LRVL").means(Meaning::State),
    Field::double("RLV").command().means(Meaning::Request),
    Field::double("LRLV").means(Meaning::State),
    Field::double("RBV").means(Meaning::Curve),
    Field::double("DRBV").means(Meaning::State),
    Field::double("DIFF").means(Meaning::State),
    Field::long("RDIF").means(Meaning::State),
    Field::short("CDIR").means(Meaning::State),
    Field::long("RRBV").means(Meaning::State),
    Field::long("RMP").means(Meaning::State),
    Field::long("REP").means(Meaning::State),
    Field::long("RVEL"),
    Field::short("DMOV").starts(1.0).means(Meaning::State),
    Field::short("MOVN").means(Meaning::State),
    Field::double("MSTA").starts(2.0).means(Meaning::State),
    Field::short("LVIO").means(Meaning::State),
    Field::short("TDIR").means(Meaning::State),
    Field::short("ATHM").means(Meaning::State),
    Field::short("PP").means(Meaning::State),
    Field::long("MIP").means(Meaning::State),
    Field::double("MMAP"),
    Field::double("NMAP"),
    Field::double("DLY").setting(),
    Field::double("PCOF").setting(),
    Field::double("ICOF").setting(),
    Field::double("DCOF").setting(),
    Field::menu("CNEN", TORQ).command(),
    Field::string("INIT").setting(),
    Field::string("PREM").setting(),
    Field::string("POST").setting(),
    Field::string("STOO").setting(),
    Field::string("DINP").setting(),
    Field::string("RINP").setting(),
    Field::double("JVEL").command().starts(1.0),
    Field::double("JAR").command().starts(5.0),
    Field::menu("LOCK", NO_YES).setting(),
    Field::menu("NTM", NO_YES).setting().starts(1.0),
    Field::long("NTMF").command().starts(2.0),
    Field::double("HVEL").command().starts(0.1),
    Field::menu("STUP", STUP).command().means(Meaning::State),
    Field::menu("RMOD", RMOD).setting(),
    Field::double("ADEL").setting(),
    Field::double("MDEL").setting(),
    Field::double("ALST"),
    Field::double("MLST"),
    Field::short("SYNC").command(),
    Field::short("IGSET").setting(),
    Field::menu("RSTM", RSTM).setting().starts(2.0),
];

/// A motor.
pub static MOTOR: RecordType = RecordType::new("motor", FIELDS)
    .described(describe)
    .properties(&[
        "DHLM", "DLLM", "EGU", "HIGH", "HIHI", "HLM", "LLM", "LOLO", "LOW", "MRES", "PREC", "VBAS",
        "VMAX",
    ])
    .spelled();

/// How a field's value is shown: positions between their soft limits, speeds a second, all else as wide
/// as its type.
fn describe(view: &View<'_>, field: &Field) -> Metadata {
    let mut metadata = Metadata {
        labels: common::labels(view, field),
        ..Metadata::default()
    };
    if matches!(field.kind, ValueKind::String | ValueKind::Enum) {
        return metadata;
    }
    metadata.units = units(field.name, view.text("EGU").as_str().unwrap_or_default());
    if matches!(field.kind, ValueKind::Double | ValueKind::Float) {
        metadata.precision = precision(view, field.name);
        metadata.alarm = Range::new(f64::NAN, f64::NAN);
        metadata.warning = metadata.alarm;
    }
    if matches!(field.name, "VAL" | "DVAL") {
        metadata.alarm = Range::new(view.number("LOLO"), view.number("HIHI"));
        metadata.warning = Range::new(view.number("LOW"), view.number("HIGH"));
    }
    metadata.display = span(view, field);
    metadata.control = metadata.display;
    metadata
}

/// The units of a field, at most seven characters of them, as the record has it.
fn units(field: &str, egu: &str) -> Text {
    let text = match field {
        "VELO" | "VMAX" | "BVEL" | "VBAS" | "JVEL" | "HVEL" => format!("{egu}/sec"),
        "JAR" => format!("{egu}/s/s"),
        "ACCL" | "BACC" => "sec".to_owned(),
        "S" | "SBAS" | "SBAK" => "rev/sec".to_owned(),
        "SREV" => "steps/rev".to_owned(),
        "UREV" => format!("{egu}/rev"),
        _ => egu.to_owned(),
    };
    text.chars().take(7).collect::<String>().into()
}

fn precision(view: &View<'_>, field: &str) -> i16 {
    #[expect(clippy::cast_possible_truncation, reason = "PREC is a short")]
    match field {
        "VERS" => 2,
        "MSTA" | "MMAP" | "NMAP" | "UTAG" => 0,
        _ => view.number("PREC") as i16,
    }
}

/// Between which values a field lies.
fn span(view: &View<'_>, field: &Field) -> Range {
    match field.name {
        "VAL" | "RBV" => Range::new(view.number("LLM"), view.number("HLM")),
        "DVAL" | "DRBV" => Range::new(view.number("DLLM"), view.number("DHLM")),
        "RVAL" | "RRBV" => {
            let mres = view.number("MRES");
            let (low, high) = (view.number("DLLM") / mres, view.number("DHLM") / mres);
            if mres >= 0.0 {
                Range::new(low, high)
            } else {
                Range::new(high, low)
            }
        }
        "VELO" => Range::new(view.number("VBAS"), view.number("VMAX")),
        "MIP" | "NTMF" => Range::new(0.0, f64::from(u16::MAX)),
        "MSTA" | "MMAP" | "NMAP" => Range::new(0.0, f64::from(u32::MAX)),
        "UTAG" => Range::new(0.0, 1.844_674_407_370_955_2e19),
        _ => match field.kind {
            ValueKind::Double => Range::new(-1e300, 1e300),
            ValueKind::Float => Range::new(-f64::from(1e30_f32), f64::from(1e30_f32)),
            ValueKind::Long => Range::new(f64::from(i32::MIN), f64::from(i32::MAX)),
            ValueKind::Short => Range::new(f64::from(i16::MIN), f64::from(i16::MAX)),
            ValueKind::Char => Range::new(0.0, f64::from(u8::MAX)),
            ValueKind::Enum | ValueKind::String => Range::default(),
        },
    }
}
