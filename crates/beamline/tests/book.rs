//! The examples of the book load.

use beamtwin_beamline::load;

const PAGE: &str = include_str!("../../../docs/src/beamline-file.md");

#[test]
fn every_example_of_the_page_loads() {
    let mut count = 0;
    for block in PAGE.split("```toml\n").skip(1) {
        let example = block.split("```").next().unwrap();
        if let Err(problems) = load(example) {
            panic!(
                "{example}\n{}",
                problems.render("beamline-file.md", example)
            );
        }
        count += 1;
    }
    assert!(count > 5, "the page has examples");
}
