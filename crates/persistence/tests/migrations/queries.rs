//! What to ask each database's catalogue. Every query answers in lines of the same form on both; Diesel's own table,
//! the only one whose name begins with two underscores, is left out.

/// One query for each part of a schema.
pub(crate) struct Queries {
    pub(crate) columns: &'static str,
    pub(crate) primary_keys: &'static str,
    pub(crate) indexes: &'static str,
    pub(crate) foreign_keys: &'static str,
    /// `table: text` with any number of CHECK clauses in the text.
    pub(crate) checks: &'static str,
}

pub(crate) const SQLITE: Queries = Queries {
    columns: r#"
        SELECT t.name || '.' || c.name || ' ' || c.type || iif(c."notnull", '', ' null') AS line
        FROM sqlite_master t, pragma_table_info(t.name) c
        WHERE t.type = 'table' AND substr(t.name, 1, 2) <> '__'"#,
    primary_keys: r"
        SELECT t.name || '(' || group_concat(c.name, ', ' ORDER BY c.pk) || ')' AS line
        FROM sqlite_master t, pragma_table_info(t.name) c
        WHERE t.type = 'table' AND substr(t.name, 1, 2) <> '__' AND c.pk > 0
        GROUP BY t.name",
    indexes: r#"
        SELECT iif(i.origin = 'c', i.name, '') || ': ' || t.name || '('
            || (SELECT group_concat(name, ', ' ORDER BY seqno) FROM pragma_index_info(i.name)) || ')'
            || iif(i."unique", ' unique', '')
            || iif(i.partial, substr(s.sql, instr(s.sql, ' WHERE ')), '') AS line
        FROM sqlite_master t, pragma_index_list(t.name) i LEFT JOIN sqlite_master s ON s.name = i.name
        WHERE t.type = 'table' AND substr(t.name, 1, 2) <> '__' AND i.origin <> 'pk'"#,
    foreign_keys: r#"
        SELECT t.name || '(' || group_concat(f."from", ', ' ORDER BY f.seq) || ') -> '
            || f."table" || '(' || group_concat(f."to", ', ' ORDER BY f.seq) || ')' AS line
        FROM sqlite_master t, pragma_foreign_key_list(t.name) f
        WHERE t.type = 'table' AND substr(t.name, 1, 2) <> '__'
        GROUP BY t.name, f.id, f."table""#,
    checks: r"
        SELECT t.name || ': ' || t.sql AS line
        FROM sqlite_master t
        WHERE t.type = 'table' AND substr(t.name, 1, 2) <> '__'",
};

pub(crate) const POSTGRES: Queries = Queries {
    columns: r"
        SELECT t.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
            || coalesce(' COLLATE ' || c.collname, '') || CASE WHEN a.attnotnull THEN '' ELSE ' null' END AS line
        FROM pg_class t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
            LEFT JOIN pg_collation c ON c.oid = a.attcollation
        WHERE t.relkind = 'r' AND t.relnamespace = current_schema()::regnamespace AND left(t.relname, 2) <> '__'",
    primary_keys: r"
        SELECT t.relname || '(' || string_agg(a.attname, ', ' ORDER BY k.position) || ')' AS line
        FROM pg_class t JOIN pg_index i ON i.indrelid = t.oid AND i.indisprimary
            CROSS JOIN unnest(i.indkey::int2[]) WITH ORDINALITY k (number, position)
            JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.number
        WHERE t.relnamespace = current_schema()::regnamespace AND left(t.relname, 2) <> '__'
        GROUP BY t.relname",
    indexes: r"
        SELECT CASE WHEN u.oid IS NULL THEN i.indexrelid::regclass::text ELSE '' END || ': ' || t.relname || '('
            || (SELECT string_agg(a.attname, ', ' ORDER BY k.position)
                FROM unnest(i.indkey::int2[]) WITH ORDINALITY k (number, position)
                    JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.number) || ')'
            || CASE WHEN i.indisunique THEN ' unique' ELSE '' END
            || coalesce(' WHERE ' || pg_get_expr(i.indpred, i.indrelid), '') AS line
        FROM pg_class t JOIN pg_index i ON i.indrelid = t.oid AND NOT i.indisprimary
            LEFT JOIN pg_constraint u ON u.conindid = i.indexrelid AND u.contype = 'u'
        WHERE t.relnamespace = current_schema()::regnamespace AND left(t.relname, 2) <> '__'",
    foreign_keys: r"
        SELECT t.relname || '('
            || (SELECT string_agg(a.attname, ', ' ORDER BY k.position)
                FROM unnest(f.conkey) WITH ORDINALITY k (number, position)
                    JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = k.number) || ') -> ' || r.relname || '('
            || (SELECT string_agg(a.attname, ', ' ORDER BY k.position)
                FROM unnest(f.confkey) WITH ORDINALITY k (number, position)
                    JOIN pg_attribute a ON a.attrelid = f.confrelid AND a.attnum = k.number) || ')' AS line
        FROM pg_constraint f JOIN pg_class t ON t.oid = f.conrelid JOIN pg_class r ON r.oid = f.confrelid
        WHERE f.contype = 'f' AND t.relnamespace = current_schema()::regnamespace",
    checks: r"
        SELECT t.relname || ': ' || pg_get_constraintdef(c.oid) AS line
        FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
        WHERE c.contype = 'c' AND t.relnamespace = current_schema()::regnamespace AND left(t.relname, 2) <> '__'",
};
