//! Laws of templates, quotas and channels, on both databases.
#![cfg(test)]

mod channels;
mod graph;
mod life;
mod offers;
mod quotas;
mod reads;
mod review;
mod spending;
mod support;
mod tracking;
mod trials;
