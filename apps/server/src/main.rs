//! The `huike` binary.
fn main() {}
