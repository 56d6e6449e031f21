//! The mutation study at length, as a table for the book: `cargo bench -p beamtwin`.

#![expect(clippy::unwrap_used, reason = "a benchmark may panic")]

#[path = "../tests/mutation/chance.rs"]
mod chance;
#[path = "../tests/mutation/mutant.rs"]
mod mutant;
#[path = "../tests/mutation/recorded.rs"]
mod recorded;
#[path = "../tests/mutation/script.rs"]
mod script;
#[path = "../tests/mutation/study.rs"]
mod study;

fn main() {
    // `cargo test --benches` asks for a short look.
    let short = std::env::args().any(|argument| argument == "--test");
    let (each, unchanged) = if short { (2, 10) } else { (500, 2000) };
    let study = study::study(each, unchanged);
    println!("{}", study.table());
    for failure in &study.failures {
        println!("{failure}");
    }
}
