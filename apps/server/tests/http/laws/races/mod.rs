//! Many at once: exactly as many succeed as may, and the books agree afterwards.

mod claims;
mod doors;
mod overload;
mod redemptions;
mod rush;
