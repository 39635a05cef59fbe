//! Splits a discount over the lines of a bill, to the fen: `cargo run -p huike-kernel --example split_a_bill`.

use huike_kernel::{Money, money};

fn main() {
    let lines = [("milk powder", 29_900), ("nappies", 8_950), ("wipes", 1_990)];
    let weights: Vec<i64> = lines.iter().map(|(_, fen)| *fen).collect();
    let parts = money::allocate(Money::from_fen(3_000), &weights).unwrap_or_default();
    for ((name, fen), part) in lines.iter().zip(parts) {
        println!("{name:12} {:>8}  off {part}", Money::from_fen(*fen).to_string());
    }
}
