//! What must hold whatever anybody does, over HTTP and on both databases.

mod matrix;
mod review;
