//! The plain record types of EPICS base that devices show.
//!
//! Fields, their types, their order and who may write them are those of EPICS base 7.0.8 as captured from
//! a running database; links and the fields of simulation mode are kept but lead nowhere. `VAL` of an input
//! belongs to the device. Types whose name ends in the wrong width (`SHORTOUT`, `FLOATOUT`, `CHAROUT`) say
//! `longout` or `ao` in `RTYP`; they exist because other servers show such channels and clients expect them.

mod analog;
mod array;
mod bare;
mod binary;
mod calculation;
mod describe;
mod integer;
mod menus;
mod states;
mod text;

pub use analog::{AI, AO, FLOATIN, FLOATOUT};
pub use array::{
    AAI_CHAR, AAI_DOUBLE, AAI_ENUM, AAI_FLOAT, AAI_LONG, AAI_SHORT, AAI_STRING, AAO_CHAR,
    AAO_DOUBLE, AAO_ENUM, AAO_FLOAT, AAO_LONG, AAO_SHORT, AAO_STRING, SUBARRAY, WAVEFORM_CHAR,
    WAVEFORM_DOUBLE, WAVEFORM_ENUM, WAVEFORM_FLOAT, WAVEFORM_LONG, WAVEFORM_SHORT, WAVEFORM_STRING,
};
pub use bare::{ASYN, DFANOUT, FANOUT, SEQ, SSEQ};
pub use binary::{BI, BO, BUSY};
pub use calculation::{CALC, CALCOUT};
pub use integer::{CHARIN, CHAROUT, INT64IN, INT64OUT, LONGIN, LONGOUT, SHORTIN, SHORTOUT};
pub use states::{MBBI, MBBO};
pub use text::{STRINGIN, STRINGOUT};
