//! Many at once: exactly as many succeed as may, and the books agree afterwards.

mod claims;
mod redemptions;
mod rush;
