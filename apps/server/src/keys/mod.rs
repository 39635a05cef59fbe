//! The keys of the house: made once, kept in the database wrapped by the master key, held in memory while serving.

mod digest;
mod master;
mod ring;
mod seal;

pub(crate) use master::beside;
pub use master::{MasterKey, MasterKeyError, MasterKeyPlace, locate, place_of_master_key};
pub use ring::{KeyError, KeyRing, check_opens};
