//! Beamline files.

use beamtwin_beamline::load;
use beamtwin_pv::Epoch;

/// Any text is a beamline that can be built, or is told what is wrong with it, in the order of the file.
pub fn beamline(bytes: &[u8]) {
    let text = &*String::from_utf8_lossy(bytes);
    match load(text) {
        Ok(beamline) => {
            let world = beamline.world(1, Epoch::default());
            assert_eq!(world.devices().len(), beamline.devices().count());
        }
        Err(problems) => {
            assert!(!problems.0.is_empty(), "a refusal says why");
            let places: Vec<_> = problems
                .0
                .iter()
                .map(|problem| problem.place(text))
                .collect();
            assert!(places.is_sorted(), "problems come in the order of the file");
            let made_up = problems
                .0
                .iter()
                .find(|problem| problem.message.contains('~'));
            assert!(
                made_up.is_none() || text.contains('~'),
                "nothing made up is shown: {made_up:?}"
            );
            assert!(problems.render("x.toml", text).lines().count() >= problems.0.len());
        }
    }
}
