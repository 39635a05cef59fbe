//! Diesel on SQLite and PostgreSQL: connections, transactions, migrations, one module per aggregate.
