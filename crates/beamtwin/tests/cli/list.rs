//! `beamtwin list`.

use crate::twin::Twin;
use crate::{Folder, beamtwin};

#[test]
fn every_record_is_listed() {
    let said = beamtwin(&["list", "beamlines/tutorial.toml", "--long"]);
    assert_eq!(said.code, 0);
    assert!(
        said.out.contains("TUT:x\tmotor\tdouble\tmm\tmotor.x\n"),
        "{}",
        said.out
    );
}

#[test]
fn names_that_were_asked_for_in_vain_become_a_table() {
    let folder = Folder::new();
    let trace = folder.write(
        "session.jsonl",
        "{\"trace\":\"1.0\",\"beamline\":\"T\",\"epoch\":\"2026-01-01T00:00:00Z\",\"seed\":1,\"program\":\"p\"}\n\
         {\"n\":1,\"t\":0.5,\"miss\":\"TUT:{Q}x\"}\n\
         {\"n\":2,\"t\":0.6,\"miss\":\"TUT:x\"}\n\
         {\"end\":{\"t\":1.0,\"records\":2,\"complete\":true}}\n",
    );
    let said = beamtwin(&["list", "beamlines/tutorial.toml", "--missing", &trace]);
    assert_eq!(said.out, "[mailbox.missing.pvs]\n\"TUT:{Q}x\" = 0.0\n");
    let file = folder.write("missing.toml", &said.out);
    let twin = Twin::start(&file, &[]);
    assert_eq!(twin.ctl(&["get", "TUT:{Q}x"]).out, "0.0\n");
}
