//! Any bytes at all, and samples with a few bytes changed: what the fuzz targets run, on a stable compiler.
//!
//! `BEAMTWIN_FUZZ_SECONDS=600 cargo test -p beamtwin-trace --test whatever` runs for longer.

#[path = "../../../fuzz/src/files.rs"]
#[expect(unreachable_pub, reason = "it is of another crate as well")]
mod files;
#[path = "../../../fuzz/src/tries.rs"]
#[expect(unreachable_pub, reason = "it is of another crate as well")]
mod tries;

use tries::Target;

type Read = fn(&[u8]);
type Samples = &'static [&'static str];

/// The readers, each with samples of what it reads.
const READERS: &[(&str, Read, Samples)] = &[
    ("reader", files::reader, &[TRACE]),
    ("recording", files::recording, &[TRACE, EVENTS]),
    ("events", files::events, &[EVENTS]),
    ("camonitor", files::camonitor, &[CAMONITOR]),
    ("archiver_json", files::archiver_json, &[ARCHIVER_JSON]),
    ("archiver_csv", files::archiver_csv, &[ARCHIVER_CSV]),
    ("bluesky", files::bluesky, &[BLUESKY]),
];

const TRACE: &str = r#"{"trace":"1.0","beamline":"CMS","epoch":"2026-01-01T00:00:00Z","seed":7,"file":"sha256:00","program":"p"}
{"source":"cms.toml","text":"[beamline]\ntitle = \"CMS\"\n"}
{"pv":17,"name":"X.VAL","device":"motor.x","role":"request","type":"double","units":"mm","tolerance":0.001}
{"pv":19,"name":"cam1:Acquire","role":"request","type":"enum","labels":["Done","Acquire"]}
{"client":3,"open":0.0,"user":"me","host":"ws1","addr":"127.0.0.1:51234"}
{"n":1,"t":0.012,"put":17,"value":5.0,"by":3,"complete":true}
{"n":2,"t":0.012,"post":17,"value":-5.25e-3,"severity":"MINOR","status":"HIGH","stamp":0.01,"by":1}
{"n":3,"t":0.5,"put":19,"value":"Acquire","by":3}
{"n":4,"t":0.5,"post":19,"value":[1,{"float":"nan"},true]}
{"n":5,"t":0.5,"post":19,"value":{"shape":[2,3],"type":"double","sum":1.0,"min":0.0,"max":1.0,"hash":"fnv1a:00"}}
{"n":6,"t":0.6,"post":19,"value":{"bytes":"00ff"}}
{"n":7,"t":0.7,"refused":3,"reason":"shut"}
{"n":8,"t":2.512,"done":1}
{"n":9,"t":3.0,"marker":"sample mounted","by":3}
{"n":10,"t":3.0,"fault":"stalls","device":"motor.x"}
{"n":11,"t":3.0,"pace":"times 10"}
{"client":3,"close":4.5}
{"end":{"t":4.6,"records":11,"complete":true}}
"#;

const EVENTS: &str = r#"{"schema_version":"1","events":[{"channel":"x","timestamp":1767225600.5,"value":1.0},{"channel":"y","timestamp":0.0,"value":NaN,"meta":{"a":[1]}},{"channel":"x","timestamp":-3e2,"value":[1,"a",null,true]},{"channel":"z","timestamp":7,"value":-Infinity}]}"#;

const CAMONITOR: &str = "TUT:x 2026-01-01 12:00:01.250000 0.5\nTUT:gone *** Not connected (PV not found)\nTUT:new <undefined> 0 UDF INVALID\nTUT:title 2026-01-01 12:00:02.000000 a sample of gold HIHI MAJOR\nTUT:wave 2026-01-01 12:00:03.000000 3 1 2 3\n";

const ARCHIVER_JSON: &str = r#"[{"meta":{"name":"x","PREC":"3","EGU":"mm"},"data":[{"secs":1767225600,"val":1.5,"nanos":250000000,"severity":0,"status":0},{"secs":1767225601,"val":[1,2],"nanos":0,"severity":2,"status":3},{"secs":1767225602,"val":NaN,"nanos":1,"severity":3,"status":17}]}]"#;

const ARCHIVER_CSV: &str =
    "1767225600,1.5,0,0,250000000\n1767225601,2.5,2,3,0\n# a remark\n1767225602,on,0,0,5\n";

const BLUESKY: &str = r#"["start",{"uid":"a","time":1767225600.0,"plan_name":"scan"}]
["descriptor",{"uid":"d","run_start":"a","time":1767225600.1,"data_keys":{"x":{"source":"PV:TUT:x","dtype":"number","shape":[]}}}]
["event",{"descriptor":"d","seq_num":1,"time":1767225601.0,"data":{"x":1.5},"timestamps":{"x":1767225600.9}}]
["stop",{"run_start":"a","time":1767225602.0,"exit_status":"success"}]
"#;

/// What is put in here and there: what means something to one reader or another.
const PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    "\"",
    ",",
    ":",
    "\n",
    "\\u0000",
    "\\",
    "null",
    "NaN",
    "-",
    "1e400",
    "9223372036854775808",
    "-9223372036854775808",
    "18446744073709551616",
    "0.0000000001",
    "1e-400",
    "1e18",
    "\u{7f}",
    "é",
    "\"n\":0",
    "\"t\":-1e9",
    "{\"float\":\"inf\"}",
    " ",
    "0",
    "9999-99-99",
    "2026-02-30",
    "1767225600",
];

#[test]
fn nothing_makes_a_reader_panic_and_what_is_read_is_written_alike() {
    let target = |&(name, check, samples): &(_, _, Samples)| Target {
        name,
        check,
        samples: samples.iter().map(|it| it.as_bytes().to_vec()).collect(),
    };
    let mut targets: Vec<Target> = READERS.iter().map(target).collect();
    let pieces: Vec<&[u8]> = PIECES.iter().map(|it| it.as_bytes()).collect();
    println!("{} tries", tries::run(&mut targets, &pieces));
}
