//! Which characters are decimal digits, in every script.

/// Every run of decimal digits in Unicode (general category Nd) as its first zero and its length. Digits come
/// in tens from zero to nine, which Unicode guarantees.
pub(crate) fn table() -> String {
    let hir = regex_syntax::parse(r"\p{Nd}").expect("Nd is a general category");
    let regex_syntax::hir::HirKind::Class(regex_syntax::hir::Class::Unicode(class)) = hir.kind() else {
        panic!("Nd is a class of characters")
    };
    let runs: Vec<(u32, u32)> = class
        .ranges()
        .iter()
        .map(|range| (u32::from(range.start()), u32::from(range.end()) - u32::from(range.start()) + 1))
        .collect();
    assert!(runs.iter().all(|run| run.1 % 10 == 0), "decimal digits come in tens");
    format!("pub(super) static DIGIT_RUNS: [(u32, u32); {}] = {runs:?};\n", runs.len())
}
