//! The ledger: accounts, what they have, what moved, and what is held. Which movements make sense `huike_ledger` says; here
//! guarded writes decide who is first.
//!
//! Rows are locked in this order: the transaction (by its new row, or the one that is reversed), holds by id, new accounts
//! by what makes them that account, balances by the account's id.

pub mod accounts;
pub mod adjustments;
pub mod balances;
pub mod holds;
pub mod statements;
pub mod transactions;
pub mod trial_balance;
