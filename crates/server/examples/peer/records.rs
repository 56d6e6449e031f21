//! The same process variables for both servers: as an EPICS database, and as a beamline file.

use std::fmt::Write as _;

/// How many plain numbers a large beamline has.
pub(crate) const MANY: usize = 100_000;
/// Elements of the image, 16 bits each: 8 MiB.
pub(crate) const PIXELS: usize = 4 << 20;

/// What a server is to serve, in both languages.
pub(crate) struct Records {
    pub(crate) database: String,
    pub(crate) beamline: String,
    pub(crate) names: Vec<String>,
}

/// A hundred PVs of mixed types, and an image.
pub(crate) fn mixed() -> Records {
    let mut records = Records {
        database: String::new(),
        beamline: "[mailbox.all.pvs]\n".to_owned(),
        names: Vec::new(),
    };
    for number in 0..40 {
        records.add(&format!("double{number}"), "ao", "PREC, 3", "0.5");
    }
    for number in 0..20 {
        records.add(&format!("long{number}"), "longout", "", "7");
    }
    let states = "ZNAM, \"No\") field(ONAM, \"Yes\"";
    for number in 0..10 {
        records.add(&format!("flag{number}"), "bo", states, "false");
    }
    let states = "ZRST, \"Idle\") field(ONST, \"Busy\") field(TWST, \"Done\"";
    let choices = "{ choices = [\"Idle\", \"Busy\", \"Done\"] }";
    for number in 0..10 {
        records.add(&format!("state{number}"), "mbbo", states, choices);
    }
    for number in 0..10 {
        records.add(&format!("text{number}"), "stringout", "", "\"none\"");
    }
    let numbers = "{ value = [0.0], count = 10 }";
    for number in 0..10 {
        let fields = "FTVL, DOUBLE) field(NELM, 10";
        records.add(&format!("array{number}"), "waveform", fields, numbers);
    }
    let image = format!("{{ value = [0], type = \"short\", count = {PIXELS} }}");
    let fields = format!("FTVL, SHORT) field(NELM, {PIXELS}");
    records.add("image", "waveform", &fields, &image);
    records
}

/// Very many doubles.
pub(crate) fn many() -> Records {
    let mut records = Records {
        database: String::new(),
        beamline: "[mailbox.all.pvs]\n".to_owned(),
        names: Vec::new(),
    };
    for number in 0..MANY {
        records.add(&format!("number{number:05}"), "ao", "", "0.5");
    }
    records
}

impl Records {
    fn add(&mut self, name: &str, record: &str, fields: &str, value: &str) {
        let name = format!("BENCH:{name}");
        let fields = if fields.is_empty() {
            String::new()
        } else {
            format!(" field({fields})")
        };
        // Writing into a string does not fail.
        let _ = writeln!(self.database, "record({record}, \"{name}\") {{{fields} }}");
        let _ = writeln!(self.beamline, "\"{name}\" = {value}");
        self.names.push(name);
    }
}
