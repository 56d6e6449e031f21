//! The committed JSON Schema is that of the code.

use std::path::Path;

use beamtwin_beamline::schema;

#[test]
fn the_committed_schema_is_fresh() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schema/beamline.json");
    let fresh = format!("{}\n", serde_json::to_string_pretty(&schema()).unwrap());
    if std::env::var_os("BEAMTWIN_REWRITE").is_some() {
        std::fs::write(&path, &fresh).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == fresh,
        "docs/schema/beamline.json is stale: set BEAMTWIN_REWRITE=1 to write it anew"
    );
}
