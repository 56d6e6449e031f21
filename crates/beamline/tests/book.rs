//! The examples of the book load.

use beamtwin_beamline::load;

/// Pages, and how many examples they have at least.
const PAGES: &[(&str, &str, usize)] = &[
    (
        "beamline-file.md",
        include_str!("../../../docs/src/beamline-file.md"),
        6,
    ),
    ("access.md", include_str!("../../../docs/src/access.md"), 2),
    ("rules.md", include_str!("../../../docs/src/rules.md"), 1),
    ("faults.md", include_str!("../../../docs/src/faults.md"), 1),
];

#[test]
fn every_example_of_the_pages_loads() {
    for (name, page, least) in PAGES {
        let examples: Vec<&str> = page
            .split("```toml\n")
            .skip(1)
            .map(|block| block.split("```").next().unwrap())
            .collect();
        for example in &examples {
            if let Err(problems) = load(example) {
                panic!("{example}\n{}", problems.render(name, example));
            }
        }
        assert!(examples.len() >= *least, "{name} has examples");
    }
}
