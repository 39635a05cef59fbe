//! The tree, its settings, its staff and its customers, on both databases.
#![cfg(test)]

mod customers;
mod keys;
mod launch;
mod roles;
mod settings;
mod staff;
mod support;
mod tree;
