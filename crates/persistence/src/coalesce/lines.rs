//! Who waits for which row: a line of asks for each, and which of them may begin. Only data: no threads, no clock, no
//! database.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    mem::take,
};

/// Bounds of a coalescer.
#[derive(Debug, Clone, Copy)]
pub struct CoalescerOptions {
    /// Asks of one batch.
    pub batch_max: usize,
    /// Asks that may wait for one row; one more is turned away.
    pub line_max: usize,
    /// Asks that may wait in all.
    pub waiting_max: usize,
    /// Batches in flight for one row.
    pub row_batches_max: usize,
    /// Batches in flight in all. On PostgreSQL each holds a connection, and others need some too.
    pub batches_max: usize,
}

/// An ask as the lines see it.
pub(super) trait Waits {
    /// What it must not share with another ask of its batch.
    fn marks(&self) -> &[u64];
    /// Whether nobody waits for its answer any more.
    fn is_gone(&self) -> bool;
}

/// An ask with its place in the line.
pub(super) struct Place<W> {
    /// The ask.
    pub(super) ask: W,
    /// Counts the asks of the row as they came.
    number: u64,
    /// The size of the batch it may be in. Lowered when a batch failed that it was in.
    batch_max: usize,
}

/// Everybody who waits for one row, in the order they came.
struct Line<W> {
    places: VecDeque<Place<W>>,
    /// How many ever came.
    came: u64,
    /// Batches in flight.
    in_flight: usize,
    /// Batches that were begun and have not taken their asks yet.
    empty: usize,
    /// Whether it stands among those whose turn comes.
    is_queued: bool,
}

impl<W> Line<W> {
    fn new() -> Self {
        Self { places: VecDeque::new(), came: 0, in_flight: 0, empty: 0, is_queued: false }
    }

    /// Whether one more batch would find asks and may begin.
    fn wants_batch(&self, options: &CoalescerOptions) -> bool {
        let spoken_for = self.empty.saturating_mul(options.batch_max);
        self.in_flight < options.row_batches_max && self.places.len() > spoken_for
    }
}

/// The lines of all rows.
pub(super) struct Lines<R, W> {
    lines: BTreeMap<R, Line<W>>,
    /// Rows whose turn comes, in this order: each gets one batch and goes to the end.
    turns: VecDeque<R>,
    waiting: usize,
    in_flight: usize,
    options: CoalescerOptions,
}

impl<R: Ord + Clone, W: Waits> Lines<R, W> {
    pub(super) fn new(options: CoalescerOptions) -> Self {
        Self { lines: BTreeMap::new(), turns: VecDeque::new(), waiting: 0, in_flight: 0, options }
    }

    /// Puts the ask at the end of the row's line, or hands it back where there is no room.
    pub(super) fn join(&mut self, row: &R, ask: W) -> Result<(), W> {
        let length = self.lines.get(row).map_or(0, |line| line.places.len());
        if length >= self.options.line_max || self.waiting >= self.options.waiting_max {
            return Err(ask);
        }
        let line = self.lines.entry(row.clone()).or_insert_with(Line::new);
        line.places.push_back(Place { ask, number: line.came, batch_max: self.options.batch_max });
        line.came += 1;
        self.waiting += 1;
        self.queue(row);
        Ok(())
    }

    /// The row whose next batch is to begin now. The batch counts as in flight until [`Lines::end`].
    pub(super) fn begin(&mut self) -> Option<R> {
        if self.in_flight >= self.options.batches_max {
            return None;
        }
        let row = self.turns.pop_front()?;
        if let Some(line) = self.lines.get_mut(&row) {
            line.is_queued = false;
            line.in_flight += 1;
            line.empty += 1;
        }
        self.in_flight += 1;
        self.queue(&row);
        Some(row)
    }

    /// Takes the asks of a batch that was begun: the first of the line, as far as no two share a mark. Who shares one
    /// with somebody before them keeps their place and waits for the next batch; who is gone is left out.
    pub(super) fn take(&mut self, row: &R) -> Vec<Place<W>> {
        let Some(line) = self.lines.get_mut(row) else {
            return Vec::new();
        };
        line.empty = line.empty.saturating_sub(1);
        let before = line.places.len();
        let (mut taken, mut seen) = (Vec::new(), BTreeSet::new());
        let mut kept = VecDeque::new();
        let mut batch_max = self.options.batch_max;
        while let Some(place) = line.places.pop_front() {
            if place.ask.is_gone() {
                continue;
            }
            let limit = batch_max.min(place.batch_max);
            if taken.len() >= limit {
                line.places.push_front(place);
                break;
            }
            // All marks, also of those who stay: nobody may overtake them who would meet them.
            let met = place.ask.marks().iter().filter(|mark| !seen.insert(**mark)).count();
            if met > 0 {
                kept.push_back(place);
            } else {
                batch_max = limit;
                taken.push(place);
            }
        }
        kept.append(&mut line.places);
        line.places = kept;
        self.waiting -= before - line.places.len();
        taken
    }

    /// Puts the asks of a batch that failed back to where they stood, to be tried in batches of half the size, and in the
    /// end one by one: so the one that is bad harms only itself.
    pub(super) fn put_back(&mut self, row: &R, places: Vec<Place<W>>) {
        let half = (places.len() / 2).max(1);
        self.waiting += places.len();
        let line = self.lines.entry(row.clone()).or_insert_with(Line::new);
        line.places.extend(places.into_iter().map(|place| Place { batch_max: half, ..place }));
        // Nearly in order already: whoever was passed over may stand between them.
        line.places.make_contiguous().sort_by_key(|place| place.number);
    }

    /// Takes everybody out of the line of a batch that could not begin.
    pub(super) fn clear(&mut self, row: &R) -> Vec<W> {
        let Some(line) = self.lines.get_mut(row) else {
            return Vec::new();
        };
        line.empty = line.empty.saturating_sub(1);
        let places = take(&mut line.places);
        self.waiting -= places.len();
        places.into_iter().map(|place| place.ask).collect()
    }

    /// A batch of the row is over.
    pub(super) fn end(&mut self, row: &R) {
        self.in_flight = self.in_flight.saturating_sub(1);
        if let Some(line) = self.lines.get_mut(row) {
            line.in_flight = line.in_flight.saturating_sub(1);
            if line.in_flight == 0 && line.places.is_empty() && !line.is_queued {
                self.lines.remove(row);
            }
        }
        self.queue(row);
    }

    /// How many wait.
    pub(super) fn waiting(&self) -> usize {
        self.waiting
    }

    fn queue(&mut self, row: &R) {
        let Some(line) = self.lines.get_mut(row) else { return };
        if !line.is_queued && line.wants_batch(&self.options) {
            line.is_queued = true;
            self.turns.push_back(row.clone());
        }
    }
}

#[cfg(test)]
#[path = "lines_tests.rs"]
mod tests;
