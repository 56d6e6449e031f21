//! Elements of a large array, encoded as there is room for them.

use beamtwin_pv::{Array, Value};
use bytes::{BufMut, BytesMut};

use super::encode::elements;
use super::{Dbr, Form, element};

/// What is left of a payload: elements of an array, and zeros for those that it lacks, up to its end.
///
/// The array is shared with the value that it came from, so what waits takes no memory of its own.
#[derive(Clone, Debug)]
pub(crate) struct Elements {
    array: Array,
    at: usize,
    count: usize,
    /// Zeros behind them.
    pad: usize,
}

impl Elements {
    /// The elements of a payload of so many, `size` bytes with its head and its pad, if they are many and the
    /// array holds them as they are sent.
    pub(crate) fn of(dbr: Dbr, count: usize, size: usize, value: &Value) -> Option<Self> {
        match (dbr, value) {
            (Dbr::Value(_, kind), Value::Array(array)) if size > PIECE && array.kind() == kind => {
                Some(Self {
                    array: array.clone(),
                    at: 0,
                    count,
                    pad: size - dbr.size(count),
                })
            }
            _ => None,
        }
    }

    /// Bytes that are left.
    pub(crate) fn len(&self) -> usize {
        Dbr::Value(Form::Plain, self.array.kind()).size(self.count - self.at) + self.pad
    }

    /// Appends the next of them; whether there are more.
    pub(crate) fn encode(&mut self, out: &mut BytesMut) -> bool {
        let some = PIECE / element(self.array.kind());
        let end = self.count.min(self.at + some);
        elements(&self.array, self.at..end, out);
        self.at = end;
        if self.at == self.count {
            out.put_bytes(0, std::mem::take(&mut self.pad));
        }
        self.at < self.count
    }
}

/// Bytes that are encoded at a time: what the processor keeps at hand, and others can wait for. Smaller payloads are
/// encoded whole.
const PIECE: usize = 64 << 10;
