//! Every attack of `tests/attacks/` against a model that obeys it: none comes through.

#[path = "../../tests/attacks/harness/mod.rs"]
mod harness;

use std::path::Path;

#[test]
fn no_attack_comes_through_whatever_carries_it_however_it_speaks_whatever_it_wants() {
    let outcome = harness::run(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/..")));
    assert_eq!(outcome.combinations, 8 * 5 * 6);
    assert!(
        outcome.obeyed > outcome.readings / 10,
        "the stand-ins see too little to be a test: {outcome:#?}"
    );
    assert_eq!(outcome.successes, 0, "{outcome:#?}");
}
