//! Statements (对账单): where an account stood, what moved, and where it stands.

use serde::{Deserialize, Serialize};

/// What an account has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balance {
    /// What was credited less what was debited (账面余额).
    pub posted: i64,
    /// What open holds speak for (冻结).
    pub held: i64,
}

impl Balance {
    /// What may be spent (可用余额).
    pub const fn available(self) -> i64 {
        self.posted.saturating_sub(self.held)
    }
}

/// What moved in a span of time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Turnover {
    /// What was there before.
    pub opening: i64,
    /// What left, as a count that is not negative.
    pub debits: i64,
    /// What arrived.
    pub credits: i64,
}

impl Turnover {
    /// What was there afterwards.
    pub const fn closing(self) -> i64 {
        self.opening.saturating_add(self.credits).saturating_sub(self.debits)
    }
}

/// One line of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line<E> {
    /// What moved.
    pub entry: E,
    /// What was there afterwards.
    pub balance: i64,
}

/// Writes behind each entry what was there afterwards, from what was there before the first.
pub fn run_on<E>(before: i64, entries: impl IntoIterator<Item = E>, signed: impl Fn(&E) -> i64) -> Vec<Line<E>> {
    let mut balance = before;
    let line = |entry: E| {
        balance = balance.saturating_add(signed(&entry));
        Line { entry, balance }
    };
    entries.into_iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_held_is_not_available() {
        assert_eq!(Balance { posted: 1_000, held: 300 }.available(), 700);
    }

    proptest! {
        #[test]
        fn a_statement_ends_where_its_last_line_ends_however_it_is_cut(
            opening in 0_i64..1_000_000, entries in prop::collection::vec(-1_000_i64..1_000, 1..60), page in 1_usize..20
        ) {
            let credits = entries.iter().filter(|it| **it > 0).sum();
            let debits = -entries.iter().filter(|it| **it < 0).sum::<i64>();
            let turnover = Turnover { opening, debits, credits };
            let mut before = opening;
            for part in entries.chunks(page) {
                let lines = run_on(before, part.iter().copied(), |it| *it);
                before = lines.last().unwrap().balance;
            }
            prop_assert_eq!(before, turnover.closing());
        }
    }
}
