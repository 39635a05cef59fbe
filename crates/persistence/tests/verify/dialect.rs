//! One SQL text for both databases, for rows that a test writes by hand.
//!
//! `id(7)` is an id as a column holds it, `text(7)` the same id as documents spell it, `late(11)` an id that was made
//! eleven seconds after every other, `blob(7)` some bytes, and `at(90)` a moment: 90 minutes after ten o'clock in Shanghai
//! on the day of the fixture.

use huike_persistence::Db;

/// 2026-06-02T02:00:00Z.
pub(crate) const TEN_O_CLOCK: i64 = 1_780_365_600;

/// The text as the database at hand reads it.
pub(crate) fn spell(db: &Db, text: &str) -> String {
    let mut spelled = text.to_owned();
    let marks =
        [("id(", id as fn(&Db, i64) -> String), ("text(", plain), ("late(", late), ("blob(", blob), ("at(", at)];
    for (mark, write) in marks {
        spelled = replace(db, &spelled, mark, write);
    }
    spelled
}

fn replace(db: &Db, text: &str, mark: &str, write: fn(&Db, i64) -> String) -> String {
    let mut parts = text.split(mark);
    let mut spelled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once(')').map(|(number, rest)| (number.parse(), rest)) {
            Some((Ok(number), rest)) => spelled.push_str(&format!("{}{rest}", write(db, number))),
            _ => spelled.push_str(&format!("{mark}{part}")),
        }
    }
    spelled
}

/// The id as documents spell it, without quotes.
pub(crate) fn uuid(number: i64) -> String {
    format!("00000000-0000-7000-8000-{number:012}")
}

fn plain(_db: &Db, number: i64) -> String {
    format!("'{}'", uuid(number))
}

fn id(db: &Db, number: i64) -> String {
    column(db, &uuid(number))
}

/// The first twelve digits of an id are milliseconds.
fn late(db: &Db, seconds: i64) -> String {
    let digits = format!("{:012x}", seconds * 1_000);
    let (high, low) = digits.split_at(8);
    column(db, &format!("{high}-{low}-7000-8000-000000000000"))
}

fn column(db: &Db, uuid: &str) -> String {
    match db {
        Db::Sqlite(_) => format!("X'{}'", uuid.replace('-', "")),
        Db::Postgres(_) => format!("'{uuid}'::uuid"),
    }
}

fn blob(db: &Db, number: i64) -> String {
    match db {
        Db::Sqlite(_) => format!("X'{number:08}'"),
        Db::Postgres(_) => format!("'\\x{number:08}'::bytea"),
    }
}

fn at(db: &Db, minutes: i64) -> String {
    let seconds = TEN_O_CLOCK + minutes * 60;
    match db {
        Db::Sqlite(_) => format!("{seconds}000000"),
        Db::Postgres(_) => format!("to_timestamp({seconds})"),
    }
}
