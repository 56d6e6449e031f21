//! What a mailbox promises.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use beamtwin_devices::Kind;
use beamtwin_devices::mailbox::{Mailbox, Settings};
use beamtwin_pv::{Array, Value, ValueKind};
use beamtwin_sim::{Bench, Reason, Surface};

fn bench(pvs: &str) -> Bench {
    let settings = toml::from_str(&format!("[pvs]\n{pvs}")).unwrap();
    Bench::boxed(|surface| Mailbox::build(settings, surface))
}

fn flaws(pvs: &str) -> Vec<(String, String)> {
    let settings: Settings = toml::from_str(&format!("[pvs]\n{pvs}")).unwrap();
    let mut surface = Surface::default();
    Mailbox::build(settings, &mut surface);
    let flaws = surface.flaws().iter();
    flaws
        .map(|flaw| (flaw.key.clone(), flaw.message.clone()))
        .collect()
}

fn error(pvs: &str) -> String {
    toml::from_str::<Settings>(&format!("[pvs]\n{pvs}"))
        .unwrap_err()
        .message()
        .to_owned()
}

#[test]
fn the_type_of_a_record_follows_from_its_first_value() {
    let bench = bench(
        r#"
        f = 1.5
        i = 7
        s = "hello"
        b = true
        a = [1, 2.5]
        w = [1, 2]
        t = ["one", "two"]
        "#,
    );
    for (name, record, value) in [
        ("f", "ao", Value::Double(1.5)),
        ("i", "longout", Value::Long(7)),
        ("s", "stringout", "hello".into()),
        ("b", "bo", Value::Enum(1)),
        ("a", "waveform", Array::Double([1.0, 2.5].into()).into()),
        ("w", "waveform", Array::Long([1, 2].into()).into()),
    ] {
        assert_eq!(bench.text(&format!("{name}.RTYP")), record, "{name}");
        assert_eq!(bench.value(name), value, "{name}");
    }
    assert_eq!(bench.value("t").count(), 2);
    assert_eq!(bench.text("b"), "Yes");
}

#[test]
fn what_is_written_is_kept() {
    let mut bench = bench("f = 1.5\ns = \"\"\nb = false");
    let put = bench.put_callback("f", 2.0);
    assert!(bench.finished(put));
    bench.put("s", "text");
    bench.put("b", "Yes");
    assert_eq!(bench.number("f"), 2.0);
    assert_eq!(bench.text("s"), "text");
    assert_eq!(bench.number("b"), 1.0);
}

#[test]
fn an_unchanged_value_is_not_posted() {
    let mut bench = bench("f = 1.5");
    bench.put("f", 1.5);
    assert_eq!(bench.posts("f"), []);
    bench.put("f", 1.6);
    assert_eq!(bench.posts("f").len(), 1);
}

#[test]
fn a_table_says_more() {
    let mut bench = bench(
        r#"
        blade = { type = "short" }
        mode = { choices = ["Out", "In", "Moving"], value = "In" }
        pos = { value = 1, type = "double", units = "mm", precision = 2, limits = [-10, 10], description = "a slit" }
        gate = { value = true, choices = ["Closed", "Open"] }
        "#,
    );
    assert_eq!(bench.value("blade"), Value::Short(0));
    assert_eq!(bench.text("mode"), "In");
    bench.put("mode", "Moving");
    assert_eq!(bench.value("mode"), Value::Enum(2));
    assert_eq!(bench.text("pos.EGU"), "mm");
    assert_eq!(bench.text("pos.DESC"), "a slit");
    assert_eq!(bench.text("gate"), "Open");
    assert_eq!(bench.text("gate.RTYP"), "bo");
    let pv = bench.world().find("pos").unwrap().pv;
    let metadata = bench.world().metadata(pv);
    assert_eq!(metadata.precision, 2);
    assert_eq!((metadata.control.low, metadata.control.high), (-10.0, 10.0));
}

#[test]
fn a_value_beyond_its_limits_is_clipped_as_an_output_clips() {
    let mut bench =
        bench("x = { value = 1.0, limits = [-10, 10] }\nn = { value = 1, limits = [0, 5] }");
    bench.put("x", 12.0);
    bench.put("n", -3);
    assert_eq!(bench.number("x"), 10.0);
    assert_eq!(bench.value("n"), Value::Long(0));
    bench.put("x.DRVH", 20.0);
    bench.put("x", 12.0);
    assert_eq!(bench.number("x"), 12.0);
    assert_eq!(bench.posts("x").len(), 2);
}

#[test]
fn an_array_holds_up_to_its_count_and_tells_how_many() {
    let mut bench = bench("a = { value = [1.0, 2.0], count = 4 }");
    assert_eq!(bench.number("a.NORD"), 2.0);
    assert_eq!(bench.number("a.NELM"), 4.0);
    bench.put("a", Array::Double([5.0, 6.0, 7.0].into()));
    assert_eq!(bench.number("a.NORD"), 3.0);
    bench.put("a", Array::Double([1.0; 9].into()));
    assert_eq!(bench.value("a").count(), 4);
    let pv = bench.world().find("a").unwrap().pv;
    assert_eq!(bench.world().count(pv), 4);
}

#[test]
fn a_long_text_is_an_array_of_characters() {
    let long = "x".repeat(300);
    let bench = bench(&format!(
        "t = \"{long}\"\nu = {{ value = \"abc\", type = \"char\" }}"
    ));
    assert_eq!(bench.value("t").kind(), ValueKind::Char);
    assert_eq!(bench.value("t").count(), 300);
    assert_eq!(bench.number("t.NELM"), 301.0);
    assert_eq!(bench.value("u"), Array::Char((*b"abc").into()).into());
    assert_eq!(bench.number("u.NELM"), 256.0);
}

#[test]
fn an_input_can_be_written_by_clients() {
    let mut bench = bench("r = { value = 1.5, input = true, limits = [0, 5] }");
    bench.put("r", 7.0);
    assert_eq!(bench.text("r.RTYP"), "ai");
    assert_eq!(bench.number("r"), 7.0);
}

#[test]
fn a_record_type_can_be_asked_for() {
    let mut bench = bench(
        r#"
        n = { value = 1099511627776, record = "int64in", units = "cts" }
        m = { value = 7, record = "int64out", limits = [0, 10] }
        a = { value = [1, 2], record = "aai", count = 4 }
        b = { value = ["x"], record = "aao", read_only = true }
        "#,
    );
    for (name, kind) in [
        ("n", "int64in"),
        ("m", "int64out"),
        ("a", "aai"),
        ("b", "aao"),
    ] {
        assert_eq!(bench.text(&format!("{name}.RTYP")), kind);
    }
    assert_eq!(bench.number("n"), 1_099_511_627_776.0);
    bench.put("m", 12.5);
    assert_eq!(bench.number("m"), 10.0);
    bench.put("m", 2.5);
    assert_eq!(bench.number("m"), 2.0);
    bench.put("a", Array::Double([5.5, 6.0, 7.0].into()));
    assert_eq!(bench.value("a"), Array::Long([5, 6, 7].into()).into());
    let put = bench.put("b", "y");
    assert_eq!(bench.refused(put), Some(Reason::NoWriteAccess));
}

#[test]
fn what_is_read_only_refuses_clients() {
    let mut bench =
        bench("r = { value = 5, read_only = true }\na = { value = [1], read_only = true }");
    assert_eq!(bench.text("r.RTYP"), "longin");
    for name in ["r", "a"] {
        let put = bench.put(name, 6);
        assert_eq!(bench.refused(put), Some(Reason::NoWriteAccess));
    }
    assert_eq!(bench.number("r"), 5.0);
}

#[test]
fn all_mistakes_are_named_each_with_what_would_be_right() {
    let found = flaws(
        r#"
        "a b" = 1
        "c.VAL" = 1
        d = { value = 40000, type = "short", units = "a very long unit" }
        e = { value = 1.5, type = "long" }
        f = { value = "x", choices = ["a", "b"] }
        g = {}
        h = { value = 1, units = "mm", precision = 2, limits = [5, 0] }
        i = { value = [1, 2, 3], count = 2 }
        j = []
        k = { value = "text", units = "mm" }
        l = 3000000000
        m = [1, "two"]
        n = { value = 1.5, record = "int64in" }
        o = { value = 1, record = "aao" }
        p = { value = 9007199254740994, record = "int64out" }
        "#,
    );
    let keys: Vec<&str> = found.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(
        keys,
        [
            "pvs.a b",
            "pvs.c.VAL",
            "pvs.d.value",
            "pvs.d.units",
            "pvs.e.value",
            "pvs.f.value",
            "pvs.g.value",
            "pvs.h.value",
            "pvs.h.precision",
            "pvs.h.limits",
            "pvs.i.count",
            "pvs.j",
            "pvs.k.units",
            "pvs.l",
            "pvs.m",
            "pvs.n.record",
            "pvs.o.record",
            "pvs.p.value",
        ]
    );
    assert_eq!(
        found[2].1,
        "40000 is out of range for a short, which goes from -32768 to 32767; a long would hold more"
    );
    assert_eq!(found[5].1, "the value is none of the choices `a`, `b`");
}

#[test]
fn an_empty_mailbox_is_a_mistake() {
    assert_eq!(flaws("")[0].0, "pvs");
}

#[test]
fn what_is_no_value_is_refused_with_an_example() {
    assert_eq!(
        error("x = { valu = 1 }"),
        "unknown field `valu`, expected one of `value`, `type`, `record`, `choices`, `units`, `precision`, \
         `limits`, `count`, `description`, `read_only`, `input`"
    );
    assert_eq!(
        error("x = 1979-05-27"),
        "a date is no value of a PV; write it in quotes, as a text"
    );
    assert!(error("x = { value = 1, type = \"int\" }").starts_with("unknown variant `int`"));
}

#[test]
fn what_was_written_survives_being_saved() {
    let mut bench = bench("f = 1.5\na = { value = [1.0], count = 3 }");
    bench.put("f", 9.0);
    bench.put("a", Array::Double([1.0, 2.0].into()));
    bench.world().snapshot("written", None).unwrap();
    bench.put("f", 1.0);
    bench.world().restore("written", None).unwrap();
    assert_eq!(bench.number("f"), 9.0);
    assert_eq!(bench.number("a.NORD"), 2.0);
}
