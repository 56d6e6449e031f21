use beamtwin_pv::{Alarm, Array, Value};
use proptest::prelude::*;

use super::*;
use crate::dbr::{Dbr, Form};

const CHANGE: Occasion = Occasion::Event(Mask::VALUE.union(Mask::LOG));

fn filters(text: &str) -> Option<Filters> {
    Some(Modifiers::parse(text)?.filters)
}

fn sample(value: impl Into<Value>) -> Sample {
    Sample {
        value: value.into(),
        alarm: Alarm::NONE,
        stamp: Timestamp {
            seconds: 1_164_013_335,
            nanos: 641_373_200,
        },
    }
}

/// What a filter lets through of a channel of ten doubles.
fn part(text: &str) -> Vec<f64> {
    let mut filters = filters(text).unwrap();
    let (_, count) = filters.shape(ValueKind::Double, 10, false);
    let wave: Vec<f64> = (0..10).map(f64::from).collect();
    let sample = sample(Value::Array(Array::Double(wave.into())));
    let passed = filters.pass(Occasion::Read, &sample, false, Timestamp::UNDEFINED);
    let Value::Array(Array::Double(part)) = passed.unwrap().value else {
        panic!("doubles stay doubles");
    };
    assert_eq!(part.len(), count as usize, "{text}");
    part.to_vec()
}

#[test]
fn a_name_is_split_at_its_first_dot_and_where_its_field_ends() {
    for (name, parts) in [
        ("r", ("r", "")),
        ("r.VAL", ("r.VAL", "")),
        ("r.DESC$", ("r.DESC", "$")),
        ("r.", ("r.", "")),
        ("r.{\"arr\":{\"s\":2.5}}", ("r.", "{\"arr\":{\"s\":2.5}}")),
        ("a{b}.VAL[1:2]", ("a{b}.VAL", "[1:2]")),
        (
            "r{\"dbnd\":{\"abs\":1.5}}",
            ("r{\"dbnd\":{\"abs\":1.", "5}}"),
        ),
        ("r.1A", ("r.", "1A")),
    ] {
        assert_eq!(split(name), parts, "{name}");
    }
}

#[test]
fn a_part_of_an_array_counts_from_either_end() {
    for (text, expected) in [
        ("[2:5]", vec![2.0, 3.0, 4.0, 5.0]),
        ("[1:3:9]", vec![1.0, 4.0, 7.0]),
        ("[4]", vec![4.0]),
        ("[-2:]", vec![8.0, 9.0]),
        ("[:2]", vec![0.0, 1.0, 2.0]),
        ("[0x2:03]", vec![2.0, 3.0]),
        ("[-20:-20]", vec![0.0]),
        ("[3:2]", vec![]),
        ("[20:30]", vec![]),
        ("[2:-3:5]", vec![2.0, 3.0, 4.0, 5.0]),
        ("[1:8]{arr:{s:1,e:2}}", vec![2.0, 3.0]),
    ] {
        assert_eq!(part(text), expected, "{text}");
    }
}

#[test]
fn what_an_ioc_reads_as_json_is_read_and_nothing_else() {
    for text in [
        "",
        "{}",
        "{arr:{}}",
        "{\"arr\":{\"s\":1,},}",
        "{'arr':{s:+1, /* the end */ e:0x3}} // so",
        "{\"\\u0061rr\":{\"\\x73\":\"2 of them\"}}",
        "{arr:{s:1.9e0}}",
        "{arr:{s:true}}",
        "{arr:{s:{e:2}}}",
        "{dbnd:{m:'re',d:10}}",
        "{dbnd:{m:1,d:'1e1'}}",
        "{dbnd:{r:Infinity}}",
        "{ts:{num:'n'}}",
        "{dec:{n:2},dec:{n:3}}",
        "[2:5]{}",
    ] {
        assert!(filters(text).is_some(), "{text}");
    }
    for text in [
        "x",
        "$$",
        " ",
        "[]",
        "[:",
        "[1:2:3:4]",
        "[a]",
        "{",
        "{}x",
        "{arr}",
        "{arr:1}",
        "{arr:[]}",
        "{arr:null}",
        "{arr:{s:null}}",
        "{arr:{s:01}}",
        "{arr:{s:1e}}",
        "{arr:{s:99999999999}}",
        "{arr:{start:1}}",
        "{arr:{s:1}",
        "{arr:{s:1}}}",
        "{arr:{s:1 e:2}}",
        "{arr:{,}}",
        "{arr:{s:\"\\1\"}}",
        "{arr:{s:'x'}}",
        "{array:{}}",
        "{dbnd:{mode:'rel'}}",
        "{dbnd:{m:'relative'}}",
        "{dbnd:{m:2}}",
        "{dbnd:{d:''}}",
        "{dec:{}}",
        "{dec:{n:0}}",
        "{dec:{n:'2'}}",
        "{ts:{num:2}}",
        "{sync:{m:'while',s:'red'}}",
        "{utag:{T:1}}",
        "{arr:{} /* }",
        "{/}",
    ] {
        assert!(filters(text).is_none(), "{text}");
    }
}

#[test]
fn a_dead_band_holds_back_what_moved_little() {
    let told = |text: &str| -> Vec<f64> {
        let mut filters = filters(text).unwrap();
        let values = [
            0.0, 0.5, 1.0, 1.2, 2.0, 2.1, 5.0, 4.0, 10.0, 10.5, 11.5, 12.0, 20.0,
        ];
        let passes = |value: &f64| {
            let passed = filters.pass(CHANGE, &sample(*value), false, Timestamp::UNDEFINED);
            passed.is_some()
        };
        values.into_iter().filter(passes).collect()
    };
    assert_eq!(told("{dbnd:{abs:1.5}}"), [0.0, 2.0, 5.0, 10.0, 12.0, 20.0]);
    assert_eq!(
        told("{dbnd:{rel:10}}"),
        [0.0, 0.5, 1.0, 1.2, 2.0, 5.0, 4.0, 10.0, 11.5, 20.0]
    );
    let mut states = filters("{dbnd:{abs:1}}").unwrap();
    let mut passes = |state: u16, as_array| {
        let passed = states.pass(CHANGE, &sample(state), as_array, Timestamp::UNDEFINED);
        passed.is_some()
    };
    assert!(passes(0, false) && !passes(1, false) && passes(2, false));
    assert!(passes(2, true), "that of an `mbbo` is none to measure");
    assert_eq!(told("{dec:{n:3}}"), [0.0, 1.2, 5.0, 10.5, 20.0]);
    assert_eq!(told("{utag:{V:1}}"), [0.0]);
    assert_eq!(told("{utag:{M:1,V:0}}").len(), 13);
}

#[test]
fn what_is_told_of_beside_the_value_passes_a_dead_band() {
    let mut filters = filters("{dbnd:{abs:10}}").unwrap();
    let mut passes = |mask: Mask, value: f64| {
        let occasion = Occasion::Event(mask);
        let passed = filters.pass(occasion, &sample(value), false, Timestamp::UNDEFINED);
        passed.is_some()
    };
    assert!(passes(Mask::VALUE, 0.0));
    assert!(!passes(Mask::VALUE, 1.0));
    assert!(passes(Mask::VALUE | Mask::ALARM, 1.0));
    assert!(passes(Mask::PROPERTY, 1.0));
}

#[test]
fn a_time_stamp_is_told_as_a_value() {
    let told = |text: &str| {
        let mut filters = filters(text).unwrap();
        let (kind, count) = filters.shape(ValueKind::Enum, 1, false);
        let passed = filters.pass(Occasion::Read, &sample(1_u16), false, Timestamp::UNDEFINED);
        let value = passed.unwrap().value;
        assert_eq!(value.count(), count as usize, "{text}");
        (kind, value)
    };
    let double = ValueKind::Double;
    assert_eq!(
        told("{ts:{num:'dbl'}}"),
        (double, Value::Double(1_164_013_335.641_373_2))
    );
    assert_eq!(
        told("{ts:{num:'sec'}}"),
        (double, Value::Long(1_164_013_335))
    );
    assert_eq!(
        told("{ts:{num:'nsec'}}"),
        (double, Value::Long(641_373_200))
    );
    assert_eq!(
        told("{ts:{num:'ts',epoch:'unix'}}"),
        (
            double,
            Value::Array(Array::Long([1_795_165_335, 641_373_200].into()))
        )
    );
    let text = ValueKind::String;
    assert_eq!(
        told("{ts:{str:'epics'}}"),
        (text, "2026-11-20 09:02:15.641373".into())
    );
    assert_eq!(
        told("{ts:{str:'iso',num:'dbl'}}"),
        (text, "2026-11-20T09:02:15.641373+0000".into())
    );
}

#[test]
fn the_present_stands_for_the_time_stamp() {
    let mut filters = filters("{ts:{}}").unwrap();
    assert!(filters.wants_date());
    let now = Timestamp {
        seconds: 5,
        nanos: 6,
    };
    let passed = filters.pass(CHANGE, &sample(1.5), false, now).unwrap();
    assert_eq!((passed.stamp, passed.value), (now, Value::Double(1.5)));
}

#[test]
fn an_array_that_is_stamped_is_as_long_as_it_can_be() {
    let mut filters = filters("{ts:{},arr:{s:1}}").unwrap();
    let (_, count) = filters.shape(ValueKind::Double, 4, false);
    assert_eq!(count, 3);
    let two = sample(Array::Double([1.0, 2.0].into()));
    let passed = filters.pass(CHANGE, &two, false, Timestamp::UNDEFINED);
    let filled = Array::Double([2.0, 0.0, 0.0].into());
    assert_eq!(passed.unwrap().value, Value::Array(filled));
}

#[test]
fn a_text_ends_with_its_terminator_and_its_field_with_zeros() {
    let chars = Dbr::Value(Form::Plain, ValueKind::Char);
    let doubles = Dbr::Value(Form::Plain, ValueKind::Double);
    for (dbr, wanted, expected) in [
        (chars, 0, &b"hello\0"[..]),
        (chars, 1, b"\0"),
        (chars, 4, b"hel\0"),
        (chars, 20, b"hello\0"),
        (doubles, 0, b"hello\0\0\0"),
        (doubles, 4, b"hell"),
    ] {
        let text = fit_text(b"hello\0", dbr, wanted, 8);
        assert_eq!(text, Array::Char(expected.into()), "{dbr:?} {wanted}");
    }
}

#[test]
fn all_elements_are_as_many_as_the_channel_has_of_its_own() {
    let mut both = Array::Long([1, 2].into());
    fit(&mut both, 2, 1);
    assert_eq!(both.len(), 2);
    fit(&mut both, 0, 1);
    assert_eq!(both, Array::Long([1].into()));
}

proptest! {
    #[test]
    fn nothing_written_behind_a_field_does_harm(
        text in "[${\\[]?[{\\[]?[a-z0-9 .:,{}\\[\\]'\"/*\\\\+-]{0,60}",
        values in prop::collection::vec(any::<f64>(), 0..12),
    ) {
        if let Some(mut filters) = filters(&text) {
            let (_, count) = filters.shape(ValueKind::Double, 12, false);
            let sample = sample(Value::Array(Array::Double(values.into())));
            if let Some(passed) = filters.pass(CHANGE, &sample, false, Timestamp::UNDEFINED) {
                prop_assert!(passed.value.count() <= count.max(12) as usize);
            }
        }
    }
}
