//! Laws of the lines, whatever the order in which asks arrive, batches begin, end and fail, and callers leave.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

/// An ask: its number in the order of arrival, what it must not share, and whether it breaks every batch it is in.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Asked {
    number: usize,
    marks: Vec<u64>,
    is_bad: bool,
    is_gone: bool,
}

impl Waits for Asked {
    fn marks(&self) -> &[u64] {
        &self.marks
    }

    fn is_gone(&self) -> bool {
        self.is_gone
    }
}

/// What happens next.
#[derive(Debug, Clone)]
enum Step {
    Join {
        row: u8,
        customer: u64,
        key: u64,
        is_bad: bool,
        is_gone: bool,
    },
    Begin,
    /// The batch that was begun so many ago takes its asks.
    Take(usize),
    /// The batch that took so many ago ends.
    End(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let flag = |weight: f64| proptest::bool::weighted(weight);
    let join = (0_u8..3, 0_u64..6, 100_u64..108, flag(0.1), flag(0.1))
        .prop_map(|(row, customer, key, is_bad, is_gone)| Step::Join { row, customer, key, is_bad, is_gone });
    let step = prop_oneof![
        6 => join,
        2 => Just(Step::Begin),
        2 => any::<usize>().prop_map(Step::Take),
        2 => any::<usize>().prop_map(Step::End),
    ];
    proptest::collection::vec(step, 1..200)
}

fn options() -> impl Strategy<Value = CoalescerOptions> {
    (1_usize..9, 1_usize..40, 1_usize..60, 1_usize..3, 1_usize..4).prop_map(
        |(batch_max, line_max, waiting_max, row_batches_max, batches_max)| CoalescerOptions {
            batch_max,
            line_max,
            waiting_max,
            row_batches_max,
            batches_max,
        },
    )
}

/// The lines, and what was seen of them.
struct Walk {
    lines: Lines<u8, Asked>,
    options: CoalescerOptions,
    begun: Vec<u8>,
    taken: Vec<(u8, Vec<Place<Asked>>)>,
    joined: usize,
    gone: usize,
    served: BTreeMap<u8, Vec<Asked>>,
}

/// One of those there are.
fn pick<T>(from: &mut Vec<T>, which: usize) -> Option<T> {
    (!from.is_empty()).then(|| from.remove(which % from.len()))
}

impl Walk {
    fn new(options: CoalescerOptions) -> Self {
        let lines = Lines::new(options);
        let (begun, taken, served) = (Vec::new(), Vec::new(), BTreeMap::new());
        Self { lines, options, begun, taken, joined: 0, gone: 0, served }
    }

    fn step(&mut self, step: &Step) {
        match *step {
            Step::Join { row, customer, key, is_bad, is_gone } => {
                let asked = Asked { number: self.joined, marks: vec![customer, key], is_bad, is_gone };
                let waited = self.lines.waiting();
                if self.lines.join(&row, asked).is_ok() {
                    self.joined += 1;
                    self.gone += usize::from(is_gone);
                    assert!(waited < self.options.waiting_max);
                }
            }
            Step::Begin => self.begun.extend(self.lines.begin()),
            Step::Take(which) => {
                if let Some(row) = pick(&mut self.begun, which) {
                    let batch = self.lines.take(&row);
                    self.assert_batch(&batch);
                    self.taken.push((row, batch));
                }
            }
            Step::End(which) => {
                if let Some((row, batch)) = pick(&mut self.taken, which) {
                    self.end(row, batch);
                }
            }
        }
        assert!(self.begun.len() + self.taken.len() <= self.options.batches_max);
        let of_row = |row| {
            let begun = self.begun.iter().filter(|it| **it == row).count();
            begun + self.taken.iter().filter(|(it, _)| *it == row).count()
        };
        assert!((0..3).all(|row| of_row(row) <= self.options.row_batches_max));
    }

    fn end(&mut self, row: u8, batch: Vec<Place<Asked>>) {
        if batch.len() > 1 && batch.iter().any(|place| place.ask.is_bad) {
            self.lines.put_back(&row, batch);
        } else {
            self.served.entry(row).or_default().extend(batch.into_iter().map(|place| place.ask));
        }
        self.lines.end(&row);
    }

    fn assert_batch(&self, batch: &[Place<Asked>]) {
        let batch: Vec<&Asked> = batch.iter().map(|place| &place.ask).collect();
        assert!(batch.len() <= self.options.batch_max);
        assert!(batch.is_sorted_by_key(|asked| asked.number), "in the order of arrival");
        assert!(batch.iter().all(|asked| !asked.is_gone));
        let marks: Vec<u64> = batch.iter().flat_map(|asked| asked.marks.clone()).collect();
        assert_eq!(marks.len(), marks.iter().collect::<BTreeSet<_>>().len(), "no two of a batch meet");
    }

    /// Lets everything run to its end.
    fn finish(&mut self) {
        for _ in 0..10_000 {
            for step in [Step::Begin, Step::Take(0), Step::End(0)] {
                self.step(&step);
            }
            let is_over = self.lines.turns.is_empty() && self.begun.is_empty() && self.taken.is_empty();
            if is_over && self.lines.waiting() == 0 {
                return;
            }
        }
        panic!("somebody waits for ever");
    }
}

proptest! {
    #[test]
    fn everybody_who_stays_is_served_once(options in options(), steps in steps()) {
        let mut walk = Walk::new(options);
        steps.iter().for_each(|step| walk.step(step));
        walk.finish();
        let mut served: Vec<usize> = walk.served.values().flatten().map(|asked| asked.number).collect();
        served.sort_unstable();
        served.dedup();
        prop_assert_eq!(served.len(), walk.joined - walk.gone);
        prop_assert_eq!(served.len(), walk.served.values().map(Vec::len).sum::<usize>());
        prop_assert!(walk.lines.lines.is_empty() && walk.lines.turns.is_empty(), "nothing is left behind");
    }

    #[test]
    fn nobody_overtakes_whom_they_would_meet(options in options(), steps in steps()) {
        let mut walk = Walk::new(CoalescerOptions { row_batches_max: 1, ..options });
        steps.iter().for_each(|step| walk.step(step));
        walk.finish();
        for served in walk.served.values() {
            for (place, later) in served.iter().enumerate() {
                let meets = |it: &&Asked| it.marks.iter().any(|mark| later.marks.contains(mark));
                let met = served[..place].iter().filter(meets);
                prop_assert!(met.clone().all(|earlier| earlier.number < later.number), "{served:?}");
            }
        }
    }

    #[test]
    fn without_marks_and_failures_a_line_is_served_in_the_order_of_arrival(options in options(), steps in steps()) {
        let mut walk = Walk::new(CoalescerOptions { row_batches_max: 1, ..options });
        for step in steps {
            match step {
                Step::Join { row, is_gone, .. } => {
                    let number = walk.joined;
                    let asked = Asked { number, marks: vec![u64::try_from(number).unwrap()], is_bad: false, is_gone };
                    walk.joined += usize::from(walk.lines.join(&row, asked).is_ok());
                }
                step => walk.step(&step),
            }
        }
        walk.finish();
        prop_assert!(walk.served.values().all(|served| served.is_sorted_by_key(|asked| asked.number)));
    }
}

const WIDE: CoalescerOptions =
    CoalescerOptions { batch_max: 8, line_max: 100, waiting_max: 100, row_batches_max: 1, batches_max: 2 };

fn asked(number: usize) -> Asked {
    Asked { number, marks: Vec::new(), is_bad: false, is_gone: false }
}

fn numbers(batch: &[Place<Asked>]) -> Vec<usize> {
    batch.iter().map(|place| place.ask.number).collect()
}

#[test]
fn a_lone_ask_begins_at_once_and_whoever_comes_before_it_is_run_is_on_its_batch() {
    let mut lines = Lines::new(WIDE);
    lines.join(&1, asked(0)).unwrap();
    assert_eq!(lines.begin(), Some(1));
    lines.join(&1, asked(1)).unwrap();
    assert_eq!(lines.begin(), None, "one batch of a row at a time");
    assert_eq!(numbers(&lines.take(&1)), [0, 1]);
    lines.join(&1, asked(2)).unwrap();
    assert_eq!(lines.begin(), None);
    lines.end(&1);
    assert_eq!(lines.begin(), Some(1));
    assert_eq!(numbers(&lines.take(&1)), [2]);
}

#[test]
fn rows_take_turns_and_no_more_than_so_many_are_at_work() {
    let mut lines = Lines::new(WIDE);
    for number in 0..30 {
        lines.join(&1, asked(number)).unwrap();
    }
    for row in [2, 3] {
        lines.join(&row, asked(0)).unwrap();
    }
    assert_eq!((lines.begin(), lines.begin(), lines.begin()), (Some(1), Some(2), None));
    assert_eq!(lines.take(&1).len(), 8);
    lines.end(&1);
    assert_eq!(lines.begin(), Some(3), "the crowded row goes to the end");
    lines.end(&2);
    assert_eq!(lines.begin(), Some(1));
}

#[test]
fn a_line_has_an_end() {
    let mut lines = Lines::new(CoalescerOptions { line_max: 2, waiting_max: 3, ..WIDE });
    for (row, number, fits) in [(1, 0, true), (1, 1, true), (1, 2, false), (2, 3, true), (3, 4, false)] {
        assert_eq!(lines.join(&row, asked(number)).is_ok(), fits, "{number}");
    }
    assert_eq!(lines.begin(), Some(1));
    assert_eq!(numbers(&lines.take(&1)), [0, 1]);
    assert!(lines.join(&1, asked(5)).is_ok(), "who is being served does not wait");
}

#[test]
fn a_batch_that_fails_is_halved_until_the_bad_one_is_alone() {
    let mut lines = Lines::new(WIDE);
    for number in 0..8 {
        lines.join(&1, asked(number)).unwrap();
    }
    let mut sizes = Vec::new();
    while let Some(row) = lines.begin() {
        let batch = lines.take(&row);
        sizes.push(batch.len());
        if batch.len() > 1 && numbers(&batch).contains(&5) {
            lines.put_back(&row, batch);
        }
        lines.end(&row);
    }
    assert_eq!(sizes, [8, 4, 4, 2, 1, 1, 2]);
}

#[test]
fn modes_without_batches_run_as_many_at_once_as_there_are_asks() {
    let mut lines = Lines::new(CoalescerOptions { batch_max: 1, row_batches_max: 9, batches_max: 9, ..WIDE });
    for number in 0..3 {
        lines.join(&1, asked(number)).unwrap();
    }
    assert_eq!([(); 4].map(|()| lines.begin()), [Some(1), Some(1), Some(1), None]);
    assert_eq!([(); 3].map(|()| numbers(&lines.take(&1))), [[0], [1], [2]]);
}

#[test]
fn who_could_not_begin_is_sent_away_with_everybody_behind_them() {
    let mut lines = Lines::new(WIDE);
    for number in 0..3 {
        lines.join(&1, asked(number)).unwrap();
    }
    assert_eq!(lines.begin(), Some(1));
    assert_eq!(lines.clear(&1), [0, 1, 2].map(asked));
    lines.end(&1);
    assert_eq!((lines.begin(), lines.waiting()), (None, 0));
    assert!(lines.lines.is_empty());
}
