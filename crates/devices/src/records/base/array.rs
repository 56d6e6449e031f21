//! Arrays.

use beamtwin_pv::{Severity, ValueKind};
use beamtwin_sim::{Field, RecordType};

use super::describe::waveform;
use super::menus::{NO_SCAN, OMSL, SCAN, SIMM, YES_NO};

const FTYPE: &[&str] = &[
    "STRING", "CHAR", "UCHAR", "SHORT", "USHORT", "LONG", "ULONG", "INT64", "UINT64", "FLOAT",
    "DOUBLE", "ENUM",
];
const POST_ARRAY: &[&str] = &["Always", "On Change"];

const fn waveform_of(kind: ValueKind, ftvl: f64) -> [Field; 21] {
    [
        Field::of("VAL", kind).array().setting(),
        Field::short("RARM").setting(),
        Field::short("PREC").setting(),
        Field::string("INP").setting(),
        Field::string("EGU").setting(),
        Field::double("HOPR").setting(),
        Field::double("LOPR").setting(),
        Field::ulong("NELM").constant().starts(1.0),
        Field::menu("FTVL", FTYPE).constant().starts(ftvl),
        Field::short("BUSY"),
        Field::ulong("NORD"),
        Field::string("SIOL").setting(),
        Field::string("SIML").setting(),
        Field::menu("SIMM", YES_NO).setting(),
        Field::menu("SIMS", Severity::LABELS).setting(),
        Field::menu("OLDSIMM", SIMM),
        Field::menu("SSCN", SCAN).setting().starts(NO_SCAN),
        Field::double("SDLY").setting().starts(-1.0),
        Field::menu("MPST", POST_ARRAY).setting(),
        Field::menu("APST", POST_ARRAY).setting(),
        Field::ulong("HASH").setting(),
    ]
}

const fn aai_of(kind: ValueKind, ftvl: f64) -> [Field; 19] {
    [
        Field::of("VAL", kind).array().setting(),
        Field::short("PREC").setting(),
        Field::string("INP").setting(),
        Field::string("EGU").setting(),
        Field::double("HOPR").setting(),
        Field::double("LOPR").setting(),
        Field::ulong("NELM").constant().starts(1.0),
        Field::menu("FTVL", FTYPE).constant().starts(ftvl),
        Field::ulong("NORD"),
        Field::string("SIML").setting(),
        Field::menu("SIMM", YES_NO).setting(),
        Field::menu("SIMS", Severity::LABELS).setting(),
        Field::string("SIOL").setting(),
        Field::menu("OLDSIMM", SIMM),
        Field::menu("SSCN", SCAN).setting().starts(NO_SCAN),
        Field::double("SDLY").setting().starts(-1.0),
        Field::menu("MPST", POST_ARRAY).setting(),
        Field::menu("APST", POST_ARRAY).setting(),
        Field::ulong("HASH").setting(),
    ]
}

const fn aao_of(kind: ValueKind, ftvl: f64) -> [Field; 21] {
    [
        Field::of("VAL", kind).array().setting(),
        Field::short("PREC").setting(),
        Field::string("OUT").setting(),
        Field::string("DOL").setting(),
        Field::menu("OMSL", OMSL).setting(),
        Field::string("EGU").setting(),
        Field::double("HOPR").setting(),
        Field::double("LOPR").setting(),
        Field::ulong("NELM").constant().starts(1.0),
        Field::menu("FTVL", FTYPE).constant().starts(ftvl),
        Field::ulong("NORD"),
        Field::string("SIML").setting(),
        Field::menu("SIMM", YES_NO).setting(),
        Field::menu("SIMS", Severity::LABELS).setting(),
        Field::string("SIOL").setting(),
        Field::menu("OLDSIMM", SIMM),
        Field::menu("SSCN", SCAN).setting().starts(NO_SCAN),
        Field::double("SDLY").setting().starts(-1.0),
        Field::menu("MPST", POST_ARRAY).setting(),
        Field::menu("APST", POST_ARRAY).setting(),
        Field::ulong("HASH").setting(),
    ]
}

macro_rules! arrays {
    ($($name:ident $fields:ident $record:literal $kind:ident $ftvl:literal $doc:literal),* $(,)?) => {$(
        #[doc = $doc]
        pub static $name: RecordType = {
            const FIELDS: &[Field] = &$fields(ValueKind::$kind, $ftvl);
            RecordType::new($record, FIELDS).described(waveform)
        };
    )*};
}

arrays! {
    WAVEFORM_CHAR waveform_of "waveform" Char 1.0 "An array of chars.",
    WAVEFORM_DOUBLE waveform_of "waveform" Double 10.0 "An array of doubles.",
    WAVEFORM_ENUM waveform_of "waveform" Enum 11.0 "An array of enums.",
    WAVEFORM_FLOAT waveform_of "waveform" Float 9.0 "An array of floats.",
    WAVEFORM_LONG waveform_of "waveform" Long 5.0 "An array of longs.",
    WAVEFORM_SHORT waveform_of "waveform" Short 3.0 "An array of shorts.",
    WAVEFORM_STRING waveform_of "waveform" String 0.0 "An array of strings.",
    AAI_CHAR aai_of "aai" Char 1.0 "An array input of chars.",
    AAI_DOUBLE aai_of "aai" Double 10.0 "An array input of doubles.",
    AAI_ENUM aai_of "aai" Enum 11.0 "An array input of enums.",
    AAI_FLOAT aai_of "aai" Float 9.0 "An array input of floats.",
    AAI_LONG aai_of "aai" Long 5.0 "An array input of longs.",
    AAI_SHORT aai_of "aai" Short 3.0 "An array input of shorts.",
    AAI_STRING aai_of "aai" String 0.0 "An array input of strings.",
    AAO_CHAR aao_of "aao" Char 1.0 "An array output of chars.",
    AAO_DOUBLE aao_of "aao" Double 10.0 "An array output of doubles.",
    AAO_ENUM aao_of "aao" Enum 11.0 "An array output of enums.",
    AAO_FLOAT aao_of "aao" Float 9.0 "An array output of floats.",
    AAO_LONG aao_of "aao" Long 5.0 "An array output of longs.",
    AAO_SHORT aao_of "aao" Short 3.0 "An array output of shorts.",
    AAO_STRING aao_of "aao" String 0.0 "An array output of strings.",
}

/// A part of an array.
pub static SUBARRAY: RecordType = RecordType::new(
    "subArray",
    &[
        Field::long("VAL").array(),
        Field::short("PREC").setting(),
        Field::menu("FTVL", FTYPE).constant(),
        Field::string("INP").setting(),
        Field::string("EGU").setting(),
        Field::double("HOPR").setting(),
        Field::double("LOPR").setting(),
        Field::ulong("MALM"),
        Field::ulong("NELM").setting().starts(1.0),
        Field::ulong("INDX").setting(),
        Field::short("BUSY"),
        Field::long("NORD"),
    ],
)
.described(waveform);
