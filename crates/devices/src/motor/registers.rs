//! The fields that a motor works with, as Rust values.
//!
//! What clients see of them is in the world; this copy is what the motor decides by. It is ahead of the world
//! only while a call is handled: values change at once and are posted at its end, in the record's order.

use beamtwin_pv::Value;
use beamtwin_sim::record::place;
use beamtwin_sim::{FieldIx, Scalar};

use super::flags::{Phase, Status};
use crate::records::motor::{FIELDS, MOTOR};

/// A Rust type that stands for a field's value.
pub(super) trait Cell: Copy {
    fn load(value: &Value) -> Self;
    fn show(self) -> Value;
    fn bits(self) -> u64;
}

macro_rules! cells {
    ($($type:ty),*) => {$(
        impl Cell for $type {
            fn load(value: &Value) -> Self {
                Scalar::from_value(value)
            }

            fn show(self) -> Value {
                self.into_value()
            }

            fn bits(self) -> u64 {
                f64::from(self).to_bits()
            }
        }
    )*};
}

cells!(f32, f64, i16, i32, u16, u8);

impl Cell for bool {
    fn load(value: &Value) -> Self {
        i16::load(value) != 0
    }

    fn show(self) -> Value {
        Value::Short(self.into())
    }

    fn bits(self) -> u64 {
        self.into()
    }
}

impl Cell for Phase {
    fn load(value: &Value) -> Self {
        Self::from_bits_retain(Scalar::from_value(&Value::Double(i32::load(value).into())))
    }

    fn show(self) -> Value {
        Value::Long(Self::bits(&self).into())
    }

    fn bits(self) -> u64 {
        Self::bits(&self).into()
    }
}

impl Cell for Status {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a bit field"
    )]
    fn load(value: &Value) -> Self {
        Self::from_bits_retain(f64::load(value) as u32)
    }

    fn show(self) -> Value {
        Value::Double(Self::bits(&self).into())
    }

    fn bits(self) -> u64 {
        Self::bits(&self).into()
    }
}

macro_rules! places {
    ($($field:ident),*) => {
        $(pub(in crate::motor) const $field: FieldIx = place(FIELDS, stringify!($field));)*
    };
}

macro_rules! registers {
    ($($name:ident: $type:ty = $field:ident;)*) => {
        /// The places of the fields, by name.
        pub(super) mod at {
            use super::{FIELDS, FieldIx, place};
            $(pub(in crate::motor) const $field: FieldIx = place(FIELDS, stringify!($field));)*
            places!(EGU, SSET, SUSE, FOF, VOF, OUT, CNEN, PROC, SEVR, HIHI, LOLO, HIGH, LOW, HHSV, LLSV, HSV, LSV);
        }

        /// The values.
        #[derive(Clone, Debug)]
        pub(super) struct Registers {
            $(pub(super) $name: $type,)*
        }

        impl Registers {
            /// What the table of fields says.
            pub(super) fn initial() -> Self {
                Self { $($name: Cell::load(&MOTOR.field(at::$field).initial()),)* }
            }

            /// The value of a field, if it is one of these.
            pub(super) fn get(&self, field: FieldIx) -> Option<Value> {
                match field {
                    $(at::$field => Some(self.$name.show()),)*
                    _ => None,
                }
            }

            /// Takes a value that a client wrote; false if it is none of these fields.
            pub(super) fn set(&mut self, field: FieldIx, value: &Value) -> bool {
                match field {
                    $(at::$field => self.$name = Cell::load(value),)*
                    _ => return false,
                }
                true
            }

            /// The fields whose values differ from those of another copy.
            pub(super) fn differences(&self, other: &Self) -> Vec<FieldIx> {
                let mut fields = Vec::new();
                $(if Cell::bits(self.$name) != Cell::bits(other.$name) {
                    fields.push(at::$field);
                })*
                fields
            }
        }
    };
}

registers! {
    disa: i16 = DISA;
    disv: i16 = DISV;
    diss: u16 = DISS;
    udf: u8 = UDF;
    off: f64 = OFF;
    foff: u16 = FOFF;
    dir: u16 = DIR;
    set: u16 = SET;
    velo: f64 = VELO;
    vbas: f64 = VBAS;
    vmax: f64 = VMAX;
    s: f64 = S;
    sbas: f64 = SBAS;
    smax: f64 = SMAX;
    accl: f64 = ACCL;
    accs: f64 = ACCS;
    accu: u16 = ACCU;
    bdst: f64 = BDST;
    bvel: f64 = BVEL;
    sbak: f64 = SBAK;
    bacc: f64 = BACC;
    frac: f32 = FRAC;
    srev: i32 = SREV;
    urev: f64 = UREV;
    mres: f64 = MRES;
    eres: f64 = ERES;
    ueip: u16 = UEIP;
    urip: u16 = URIP;
    rhlm: f64 = RHLM;
    rllm: f64 = RLLM;
    hlm: f64 = HLM;
    llm: f64 = LLM;
    dhlm: f64 = DHLM;
    dllm: f64 = DLLM;
    hls: bool = HLS;
    lls: bool = LLS;
    rhls: bool = RHLS;
    rlls: bool = RLLS;
    hlsv: u16 = HLSV;
    rdbd: f64 = RDBD;
    spdb: f64 = SPDB;
    rcnt: i16 = RCNT;
    rtry: i16 = RTRY;
    miss: i16 = MISS;
    spmg: u16 = SPMG;
    lspg: u16 = LSPG;
    stop: bool = STOP;
    homf: bool = HOMF;
    homr: bool = HOMR;
    jogf: bool = JOGF;
    jogr: bool = JOGR;
    twf: bool = TWF;
    twr: bool = TWR;
    twv: f64 = TWV;
    val: f64 = VAL;
    lval: f64 = LVAL;
    dval: f64 = DVAL;
    ldvl: f64 = LDVL;
    rval: i32 = RVAL;
    lrvl: i32 = LRVL;
    rlv: f64 = RLV;
    lrlv: f64 = LRLV;
    rbv: f64 = RBV;
    drbv: f64 = DRBV;
    diff: f64 = DIFF;
    rdif: i32 = RDIF;
    cdir: bool = CDIR;
    rrbv: i32 = RRBV;
    rmp: i32 = RMP;
    rep: i32 = REP;
    dmov: bool = DMOV;
    movn: bool = MOVN;
    msta: Status = MSTA;
    lvio: bool = LVIO;
    tdir: bool = TDIR;
    athm: bool = ATHM;
    pp: bool = PP;
    mip: Phase = MIP;
    dly: f64 = DLY;
    omsl: u16 = OMSL;
    jvel: f64 = JVEL;
    jar: f64 = JAR;
    ntm: u16 = NTM;
    ntmf: i32 = NTMF;
    hvel: f64 = HVEL;
    stup: u16 = STUP;
    rmod: u16 = RMOD;
    adel: f64 = ADEL;
    mdel: f64 = MDEL;
    alst: f64 = ALST;
    mlst: f64 = MLST;
    sync: bool = SYNC;
    igset: bool = IGSET;
}
