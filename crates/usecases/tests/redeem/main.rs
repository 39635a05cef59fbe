//! Redemption, undo and sign-off, on both databases: exactly once and exact, whoever else does the same at that moment;
//! and quotes, which promise what a counter gives.
#![cfg(test)]

mod books;
mod brand;
mod budget;
mod cards;
mod codes;
mod days;
mod late;
mod limits;
mod once;
mod places;
mod quotes;
mod undo;
