//! Redemption in a store (核销), its undo (撤销核销), and the sign-off of a store's day (日结).
//!
//! Everything that happens to a coupon begins by locking it, so of fifty clerks with one code the first redeems and the
//! others are told when and where. What a redemption moves besides (customer, limit counters, the store's day, the
//! template's budget) moves by guarded writes, in the one lock order.
//!
//! | step | who | permission |
//! |---|---|---|
//! | [`preview`], [`redeem_at_counter`] | clerk at their store, store manager, integration | `coupon.redeem` |
//! | [`undo`] | store manager of that store, integration | `coupon.unredeem` |
//! | [`request_late_undo`], [`approve_late_undo`], [`reject_late_undo`] | two people of finance | `coupon.unredeem_late` |
//! | [`sign_day`] | finance | `store_day.sign` |
//! | [`check_show`] | the customer who owns the coupon | |

mod case;
mod counter;
mod desk;
mod late_undo;
mod owner;
mod preview;
mod show;
mod store_day;
pub(crate) mod traces;
mod undo;

pub use counter::{Receipt, RedeemAsk, redeem_at_counter};
pub use late_undo::{LateUndoAsk, approve_late_undo, reject_late_undo, request_late_undo};
pub use owner::check_show;
pub use preview::{Preview, preview};
pub use show::{Counter, Shown};
pub use store_day::{SignedDay, sign_day};
pub use undo::{UndoAsk, Undone, undo};
