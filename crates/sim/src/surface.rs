//! What one device shows, and what it watches.

use std::marker::PhantomData;

use beamtwin_pv::{Alarm, Text, Value};

use crate::device::Timer;
use crate::record::{FieldIx, Meaning, RecordType, Role, Values, number_as, val};

/// A record's number within its device, in the order of declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalRecord(pub u32);

/// A declared input of a device, in the order of declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InputId(pub u16);

/// A declared share of a device, in the order of declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ShareId(pub u16);

/// A field of one of our records, with the Rust type of its value.
pub struct Slot<T> {
    pub(crate) record: LocalRecord,
    pub(crate) field: FieldIx,
    kind: PhantomData<fn() -> T>,
}

impl<T> Slot<T> {
    /// The field at a place of one of our records.
    #[must_use]
    pub const fn new(record: LocalRecord, field: FieldIx) -> Self {
        Self {
            record,
            field,
            kind: PhantomData,
        }
    }

    /// Which record.
    #[must_use]
    pub const fn record(self) -> LocalRecord {
        self.record
    }

    /// Which field.
    #[must_use]
    pub const fn field(self) -> FieldIx {
        self.field
    }
}

impl<T> Clone for Slot<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Slot<T> {}

impl<T> std::fmt::Debug for Slot<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Slot({}, {})", self.record.0, self.field.0)
    }
}

/// A Rust type that a field can hold.
pub trait Scalar: Sized {
    /// From a value of any numeric kind, or from text for a text.
    fn from_value(value: &Value) -> Self;
    /// As a value of its own kind.
    fn into_value(self) -> Value;
}

macro_rules! scalar {
    ($($type:ty => $variant:ident, $convert:expr);* $(;)?) => {$(
        impl Scalar for $type {
            fn from_value(value: &Value) -> Self {
                $convert(value.as_f64().unwrap_or_default())
            }

            fn into_value(self) -> Value {
                Value::$variant(self)
            }
        }
    )*};
}

// As C casts do.
scalar! {
    f32 => Float, |number| number as Self;
    f64 => Double, |number| number;
    i16 => Short, |number| number as Self;
    i32 => Long, |number| number as Self;
    u16 => Enum, |number| number as Self;
    u8 => Char, |number| number as Self;
}

impl Scalar for Text {
    fn from_value(value: &Value) -> Self {
        value.as_text().cloned().unwrap_or_default()
    }

    fn into_value(self) -> Value {
        Value::String(self)
    }
}

impl Scalar for Value {
    fn from_value(value: &Value) -> Self {
        value.clone()
    }

    fn into_value(self) -> Value {
        self
    }
}

/// A record as its device declares it.
#[derive(Clone, Debug)]
pub struct RecordSpec {
    pub(crate) name: String,
    pub(crate) kind: &'static RecordType,
    pub(crate) values: Values,
    pub(crate) role: Option<Role>,
    pub(crate) meaning: Option<Meaning>,
    pub(crate) tolerance: Option<f64>,
    pub(crate) mirror: Option<LocalRecord>,
    pub(crate) alarm: Alarm,
    pub(crate) aliases: Vec<String>,
}

/// A mistake in a device's settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// The setting, dotted where it is nested: `peak.along`.
    pub key: String,
    /// What is wrong with it, and what would be right.
    pub message: String,
}

/// A process variable to be watched.
#[derive(Clone, Debug)]
pub(crate) struct Watch {
    pub(crate) key: String,
    /// A device, such as `motor.x`.
    pub(crate) device: String,
}

/// What one device shows, filled in while it is built.
#[derive(Debug, Default)]
pub struct Surface {
    pub(crate) records: Vec<RecordSpec>,
    pub(crate) watches: Vec<Watch>,
    pub(crate) shares: Vec<String>,
    pub(crate) readback: Option<(LocalRecord, FieldIx)>,
    /// Those of its axes, by their names.
    pub(crate) readbacks: Vec<(&'static str, LocalRecord, FieldIx)>,
    pub(crate) flaws: Vec<Flaw>,
    pub(crate) fault: String,
    pub(crate) faults: Option<LocalRecord>,
    parts: u16,
}

/// A device within a device: where its records, inputs, shares and timers are among those of the whole.
///
/// A part numbers all of them from zero, as if it stood alone; see [`Surface::adopt`] and
/// [`Cx::part`](crate::Cx::part).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Part {
    first: u32,
    count: u32,
    first_input: u16,
    inputs: u16,
    first_share: u16,
    shares: u16,
    number: u16,
}

/// The timers that each part has, and the whole device as well.
const TIMERS: u16 = 256;

impl Part {
    /// A record of the part as the whole device knows it.
    #[must_use]
    pub const fn outer(self, record: LocalRecord) -> LocalRecord {
        LocalRecord(self.first + record.0)
    }

    /// A record of the whole device as the part knows it, if it is one of its own.
    #[must_use]
    pub const fn inner(self, record: LocalRecord) -> Option<LocalRecord> {
        if record.0 >= self.first && record.0 - self.first < self.count {
            Some(LocalRecord(record.0 - self.first))
        } else {
            None
        }
    }

    /// An input of the whole device as the part knows it, if it is one of its own.
    #[must_use]
    pub const fn input(self, input: InputId) -> Option<InputId> {
        if input.0 >= self.first_input && input.0 - self.first_input < self.inputs {
            Some(InputId(input.0 - self.first_input))
        } else {
            None
        }
    }

    /// A share of the whole device as the part knows it, if it is one of its own.
    #[must_use]
    pub const fn share(self, share: ShareId) -> Option<ShareId> {
        if share.0 >= self.first_share && share.0 - self.first_share < self.shares {
            Some(ShareId(share.0 - self.first_share))
        } else {
            None
        }
    }

    /// A timer of the whole device as the part knows it, if it is one of its own.
    #[must_use]
    pub const fn timer(self, timer: Timer) -> Option<Timer> {
        if timer.0 / TIMERS == self.number {
            Some(Timer(timer.0 % TIMERS))
        } else {
            None
        }
    }

    pub(crate) const fn outer_input(self, input: InputId) -> InputId {
        InputId(self.first_input + input.0)
    }

    pub(crate) const fn outer_share(self, share: ShareId) -> ShareId {
        ShareId(self.first_share + share.0)
    }

    pub(crate) const fn outer_timer(self, timer: Timer) -> Timer {
        Timer(self.number * TIMERS + timer.0)
    }
}

impl Surface {
    /// Declares a record; the first one is the device's main record.
    pub fn record(
        &mut self,
        name: impl Into<String>,
        kind: &'static RecordType,
    ) -> RecordBuilder<'_> {
        let at = LocalRecord(
            u32::try_from(self.records.len()).expect("a device has fewer than 2^32 records"),
        );
        self.records.push(RecordSpec {
            name: name.into(),
            kind,
            values: Values::default(),
            role: None,
            meaning: None,
            tolerance: None,
            mirror: None,
            alarm: Alarm::NONE,
            aliases: Vec::new(),
        });
        RecordBuilder {
            at,
            spec: self.records.last_mut().expect("one was just pushed"),
        }
    }

    /// Takes over what a part of this device shows and watches, and its mistakes.
    pub fn adopt(&mut self, part: Self) -> Part {
        let first =
            u32::try_from(self.records.len()).expect("a device has fewer than 2^32 records");
        self.parts += 1;
        let place = Part {
            first,
            count: u32::try_from(part.records.len()).expect("fewer than 2^32 records"),
            first_input: u16::try_from(self.watches.len()).expect("few inputs"),
            inputs: u16::try_from(part.watches.len()).expect("few inputs"),
            first_share: u16::try_from(self.shares.len()).expect("few shares"),
            shares: u16::try_from(part.shares.len()).expect("few shares"),
            number: self.parts,
        };
        self.records
            .extend(part.records.into_iter().map(|mut record| {
                record.mirror = record.mirror.map(|twin| place.outer(twin));
                record
            }));
        self.watches.extend(part.watches);
        self.shares.extend(part.shares);
        for flaw in part.flaws {
            if !self.flaws.contains(&flaw) {
                self.flaws.push(flaw);
            }
        }
        place
    }

    /// Declares that [`Device::changed`](crate::Device::changed) be called when the readback of another
    /// device is committed; `key` is the setting that named it, for messages.
    pub fn watch(&mut self, key: impl Into<String>, device: impl Into<String>) -> InputId {
        let id = InputId(u16::try_from(self.watches.len()).expect("few inputs"));
        self.watches.push(Watch {
            key: key.into(),
            device: device.into(),
        });
        id
    }

    /// Declares that this device shares a thing with all who give the same name, and that only one of them can
    /// have it at a time; see [`Cx::claim`](crate::Cx::claim).
    pub fn share(&mut self, thing: impl Into<String>) -> ShareId {
        let id = ShareId(u16::try_from(self.shares.len()).expect("few shares"));
        self.shares.push(thing.into());
        id
    }

    /// Declares the field that others see who watch this device.
    pub fn readback<T>(&mut self, slot: Slot<T>) {
        self.readback = Some((slot.record, slot.field));
    }

    /// Declares the field that others see who watch one of several axes of this device: `slits.s1.x_gap`.
    pub fn readback_of<T>(&mut self, axis: &'static str, slot: Slot<T>) {
        self.readbacks.push((axis, slot.record, slot.field));
    }

    /// Lets something go wrong from the start, in the words of [`Device::faults`](crate::Device::faults).
    pub fn fault(&mut self, words: impl Into<String>) {
        self.fault = words.into();
    }

    /// Declares the record whose `VAL` takes such words at any time. It belongs to the world, not to the
    /// device, which hears of no put to it.
    pub const fn faults(&mut self, record: LocalRecord) {
        self.faults = Some(record);
    }

    /// Reports a mistake in a setting.
    pub fn flaw(&mut self, key: impl Into<String>, message: impl Into<String>) {
        self.flaws.push(Flaw {
            key: key.into(),
            message: message.into(),
        });
    }

    /// The mistakes reported so far.
    #[must_use]
    pub fn flaws(&self) -> &[Flaw] {
        &self.flaws
    }

    /// The names of the records declared so far, aliases included.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.records.iter().flat_map(|r| {
            std::iter::once(&r.name)
                .chain(&r.aliases)
                .map(String::as_str)
        })
    }

    /// The settings that named other devices, and the names they gave.
    pub fn references(&self) -> impl Iterator<Item = (&str, &str)> {
        self.watches
            .iter()
            .map(|watch| (watch.key.as_str(), watch.device.as_str()))
    }

    /// The axes of this device that others may watch, by their names.
    pub fn axes(&self) -> impl Iterator<Item = &'static str> {
        self.readbacks.iter().map(|&(axis, ..)| axis)
    }

    /// Whether others may watch this device.
    #[must_use]
    pub const fn has_readback(&self) -> bool {
        self.readback.is_some()
    }
}

/// A record being declared.
pub struct RecordBuilder<'a> {
    at: LocalRecord,
    spec: &'a mut RecordSpec,
}

impl RecordBuilder<'_> {
    /// Gives a field a first value other than its table's; numbers are converted to the field's kind.
    ///
    /// # Panics
    /// If the record type has no such field: a mistake in the device, not in a file.
    pub fn with(self, field: &str, value: impl Into<Value>) -> Self {
        let at = self.field(field);
        let value = value.into();
        let kind = self.spec.kind.field(at).kind;
        let value = match &value {
            Value::Array(_) => value,
            _ if value.kind() == kind => value,
            _ => value
                .as_f64()
                .map_or(value.clone(), |number| number_as(number, kind)),
        };
        self.spec.values.set(at, value);
        self
    }

    /// Gives `VAL` another role than its table's.
    pub fn role(self, role: Role) -> Self {
        self.spec.role = Some(role);
        self
    }

    /// Gives `VAL` a meaning in comparisons.
    pub fn means(self, meaning: Meaning) -> Self {
        self.spec.meaning = Some(meaning);
        self
    }

    /// How far two values may lie apart and still be called the same.
    pub fn tolerance(self, tolerance: f64) -> Self {
        self.spec.tolerance = Some(tolerance);
        self
    }

    /// Copies every commit of `VAL` to the `VAL` of another record: `Name` to `Name_RBV`.
    pub fn mirrored_by(self, readback: LocalRecord) -> Self {
        self.spec.mirror = Some(readback);
        self
    }

    /// Starts in this alarm.
    pub fn alarm(self, alarm: Alarm) -> Self {
        self.spec.alarm = alarm;
        self
    }

    /// Answers to another name as well.
    pub fn alias(self, name: impl Into<String>) -> Self {
        self.spec.aliases.push(name.into());
        self
    }

    /// The record's number within its device.
    #[must_use]
    pub const fn id(&self) -> LocalRecord {
        self.at
    }

    /// A field of the record.
    ///
    /// # Panics
    /// If the record type has no such field.
    #[must_use]
    pub fn slot<T>(&self, field: &str) -> Slot<T> {
        Slot::new(self.at, self.field(field))
    }

    /// The `VAL` of the record.
    #[must_use]
    pub fn val<T>(&self) -> Slot<T> {
        Slot::new(self.at, val(self.spec.kind))
    }

    fn field(&self, name: &str) -> FieldIx {
        let kind = self.spec.kind;
        kind.find(name)
            .unwrap_or_else(|| panic!("a {} record has no field {name}", kind.name))
    }
}
