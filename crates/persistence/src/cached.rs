//! Keeping a statement prepared that Diesel would prepare anew each time.
//!
//! Diesel caches prepared statements by itself where it knows that the same type always writes the same text. Of upserts,
//! updates and raw SQL it does not know it, and what it does keep it finds again by writing the text once more. Where we
//! know, [`Cached`] says so, and finds the statement by a type of ours instead.
//!
//! Never wrap a text that varies, and never give one key to two statements: the second would be sent the text of the
//! first. On SQLite an upsert or an update must be loaded (`returning`), never executed: `execute` asks a reference to the
//! statement whether it may be kept, which walks the inner one and hears that it may not.

use std::marker::PhantomData;

use diesel::{
    QueryResult, RunQueryDsl,
    backend::Backend,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
};

/// A statement whose text is always the same, known by the type `K`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cached<K, Q> {
    query: Q,
    key: PhantomData<K>,
}

impl<K, Q> Cached<K, Q> {
    /// The statement under a key that nothing else has: a type made where it is written.
    pub(crate) fn new(_key: K, query: Q) -> Self {
        Self { query, key: PhantomData }
    }
}

impl<K: 'static, Q> QueryId for Cached<K, Q> {
    type QueryId = K;

    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<K, Q: Query> Query for Cached<K, Q> {
    type SqlType = Q::SqlType;
}

impl<K, Q, Conn> RunQueryDsl<Conn> for Cached<K, Q> {}

impl<K, Q, DB> QueryFragment<DB> for Cached<K, Q>
where
    DB: Backend,
    Q: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.query.walk_ast(pass)
    }

    fn is_safe_to_cache_prepared(&self, _backend: &DB) -> QueryResult<bool> {
        Ok(true)
    }
}

/// One column of many rows, as PostgreSQL's `unnest` takes it: a statement over arrays has one text for any number of
/// rows.
pub(crate) fn column<'r, R, T>(rows: &'r [R], value: impl Fn(&'r R) -> T) -> Vec<T> {
    rows.iter().map(value).collect()
}
