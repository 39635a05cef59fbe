//! Brings the conditions of both databases to one spelling. PostgreSQL hands back what it understood, not what was
//! written: `IN` as `= ANY (ARRAY[…])`, `BETWEEN` as two comparisons, casts, and parentheses everywhere. Parentheses
//! are left out of the normal form, so it tells conditions apart by their words and not by their grouping.

/// The normal form of every CHECK clause in `table: text`, each as `table: condition`. A flag's `IN (0, 1)` is left
/// out: on PostgreSQL the type says it.
pub(crate) fn checks_in(line: &str) -> Vec<String> {
    let (table, text) = line.split_once(": ").unwrap();
    let clauses = text.split("CHECK (").skip(1).map(until_closed);
    let conditions = clauses.map(normalise).filter(|condition| !condition.ends_with("IN 0 , 1"));
    conditions.map(|condition| format!("{table}: {condition}")).collect()
}

/// The text up to the parenthesis that closes the one before it.
fn until_closed(text: &str) -> &str {
    let mut depth = 1;
    for (index, sign) in text.char_indices() {
        match sign {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return &text[..index];
        }
    }
    text
}

/// The normal form of one condition.
pub(crate) fn normalise(condition: &str) -> String {
    let words = without_between(words(condition)).join(" ");
    words.replace("= ANY ARRAY", "IN").replace("<> ALL ARRAY", "NOT IN").replace("unreviewed = 1", "unreviewed")
}

/// Words, numbers, quoted texts and operators; no parentheses, no casts.
fn words(condition: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut rest = condition.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '\'' => rest[1..].find('\'').unwrap() + 2,
            sign if sign.is_alphanumeric() => {
                rest.find(|sign: char| !sign.is_alphanumeric() && sign != '_').unwrap_or(rest.len())
            }
            '<' | '>' | '=' | ':' => rest.find(|sign| !"<>=:".contains(sign)).unwrap_or(rest.len()),
            _ => first.len_utf8(),
        };
        let (word, after) = rest.split_at(length);
        if words.last().is_some_and(|last| last == "::") {
            words.pop();
        } else if !"()[]".contains(word) {
            words.push(word.to_owned());
        }
        rest = after.trim_start();
    }
    words
}

/// `x BETWEEN a AND b` as `x >= a AND x <= b`.
fn without_between(mut words: Vec<String>) -> Vec<String> {
    while let Some(at) = words.iter().position(|word| word == "BETWEEN") {
        let subject = words[at - 1].clone();
        words[at] = ">=".to_owned();
        words.splice(at + 3..at + 3, [subject, "<=".to_owned()]);
    }
    words
}

#[test]
fn both_spellings_have_one_normal_form() {
    for (sqlite, postgres) in [
        ("kind IN ('a', 'b c')", "(kind = ANY (ARRAY['a'::text, 'b c'::text]))"),
        ("state NOT IN ('a') OR x IS NOT NULL", "((state <> ALL (ARRAY['a'::text])) OR (x IS NOT NULL))"),
        ("h BETWEEN 0 AND 23", "((h >= 0) AND (h <= 23))"),
        ("(kind = 'head') = (parent_id IS NULL)", "((kind = 'head'::text) = (parent_id IS NULL))"),
    ] {
        assert_eq!(normalise(sqlite), normalise(postgres));
    }
    assert_ne!(normalise("x > 0"), normalise("x >= 0"));
}
