//! Coupon codes at the shell's side of the house: where keys, chance and the addresses of askers are. What codes mean is
//! in `huike_coupons::codes`, what is done with them in the use cases.

mod asker;
mod guesses;
mod mint;

pub use asker::Asker;
pub use guesses::{Guess, GuessBook};
pub use mint::{CodeMint, NotSealed};
