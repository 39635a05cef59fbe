//! Laws of the coalescer, with a door that the test stands at itself: no database, no threads of a store.

use std::{
    future::Future,
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
    time::Duration,
};

use super::*;

/// Adds up what it was asked. 13 is bad luck for everybody in the batch; 7 is refused; 666 panics.
struct Sum;

impl Work for Sum {
    type Row = &'static str;
    type Ask = u32;
    type Answer = u32;
    type Error = StoreError;
    const READS_ONLY: bool = false;

    fn marks(&self, ask: &u32) -> Vec<u64> {
        vec![mark(ask)]
    }

    fn run(&self, _db: &mut Db, _now: DateTime<Utc>, _row: &&'static str, _asks: &[&u32]) -> Answers<Self> {
        unreachable!("the tests run it without a database")
    }
}

fn sum(asks: &[&u32]) -> Answers<Sum> {
    assert!(!asks.contains(&&666));
    if asks.contains(&&13) {
        return Err(StoreError::corrupt("test", "bad luck"));
    }
    let refuse = |ask: &u32| if *ask == 7 { Err(StoreError::IdempotencyKeyReused) } else { Ok(ask + 1) };
    Ok(asks.iter().map(|ask| refuse(ask)).collect())
}

const WAIT_MAX: Duration = Duration::from_secs(2);

/// The door, with the tickets that were handed in.
#[derive(Clone, Default)]
struct Stand(Arc<Mutex<Vec<Ticket<Sum>>>>);

impl Door<Sum> for Stand {
    fn open(&self, ticket: Ticket<Sum>) {
        self.0.lock().unwrap().push(ticket);
    }

    fn wait_max(&self) -> Duration {
        WAIT_MAX
    }
}

impl Stand {
    fn next(&self) -> Option<Ticket<Sum>> {
        let mut tickets = self.0.lock().unwrap();
        (!tickets.is_empty()).then(|| tickets.remove(0))
    }

    /// Runs everything there is, and hands back the sizes of the batches.
    fn run_all(&self) -> Vec<usize> {
        let mut sizes = Vec::new();
        while let Some(mut ticket) = self.next() {
            let _outcome = ticket.run(|_, _, asks| {
                sizes.push(asks.len());
                sum(asks)
            });
            ticket.close(None);
        }
        sizes
    }
}

const OPTIONS: CoalescerOptions =
    CoalescerOptions { batch_max: 8, line_max: 20, waiting_max: 30, row_batches_max: 1, batches_max: 4 };

fn stand() -> (Coalescer<Sum>, Stand) {
    let stand = Stand::default();
    (Coalescer::over(Box::new(stand.clone()), Sum, OPTIONS), stand)
}

type Call = Pin<Box<dyn Future<Output = Result<u32, StoreError>>>>;

/// Submits and gets in line.
fn call(coalescer: &Coalescer<Sum>, row: &'static str, ask: u32) -> Call {
    let coalescer = coalescer.clone();
    let mut call: Call = Box::pin(async move { coalescer.submit(row, ask).await });
    assert!(poll(&mut call).is_pending());
    call
}

fn poll(call: &mut Call) -> Poll<Result<u32, StoreError>> {
    pin!(call).poll(&mut Context::from_waker(Waker::noop()))
}

fn answer(mut call: Call) -> Result<u32, StoreError> {
    match poll(&mut call) {
        Poll::Ready(answer) => answer,
        Poll::Pending => panic!("not answered"),
    }
}

#[tokio::test]
async fn whoever_waits_when_a_connection_comes_is_on_the_batch_and_each_gets_their_own_answer() {
    let (coalescer, stand) = stand();
    let calls: Vec<Call> = [1, 7, 3].map(|ask| call(&coalescer, "a", ask)).into();
    assert_eq!(stand.run_all(), [3]);
    let answers: Vec<_> = calls.into_iter().map(answer).collect();
    assert!(matches!(answers[..], [Ok(2), Err(StoreError::IdempotencyKeyReused), Ok(4)]), "{answers:?}");
}

#[tokio::test]
async fn a_bad_ask_harms_only_itself() {
    let (coalescer, stand) = stand();
    for (bad, refusal) in [(13, "corrupt"), (666, "panicked")] {
        let calls: Vec<Call> = [1, 2, bad, 3, 4].map(|ask| call(&coalescer, "a", ask)).into();
        assert_eq!(stand.run_all(), [5, 2, 2, 1, 1, 1]);
        let answers: Vec<_> = calls.into_iter().map(answer).collect();
        assert!(matches!(answers[..], [Ok(2), Ok(3), Err(_), Ok(4), Ok(5)]), "{answers:?}");
        assert!(answers[2].as_ref().unwrap_err().to_string().contains(refusal), "{answers:?}");
    }
}

#[tokio::test]
async fn who_left_before_the_batch_began_is_left_out() {
    let (coalescer, stand) = stand();
    let (stays, leaves) = (call(&coalescer, "a", 1), call(&coalescer, "a", 13));
    drop(leaves);
    assert_eq!(stand.run_all(), [1]);
    assert!(matches!(answer(stays), Ok(2)));
    assert_eq!(coalescer.waiting(), 0);
}

#[tokio::test]
async fn one_too_many_is_turned_away_at_once() {
    let (coalescer, stand) = stand();
    let calls: Vec<Call> = (100..120).map(|ask| call(&coalescer, "a", ask)).collect();
    assert!(matches!(coalescer.submit("a", 1).await, Err(StoreError::Unavailable(_))));
    let elsewhere = call(&coalescer, "b", 1);
    assert_eq!(stand.run_all(), [8, 1, 8, 4], "the rows take turns");
    assert!(calls.into_iter().chain([elsewhere]).all(|call| answer(call).is_ok()));
}

#[tokio::test(start_paused = true)]
async fn who_is_not_served_in_time_leaves_knowing_that_nothing_was_written() {
    let (coalescer, stand) = stand();
    let began = tokio::time::Instant::now();
    assert!(matches!(coalescer.submit("a", 1).await, Err(StoreError::Unavailable(_))));
    assert_eq!(began.elapsed(), Duration::from_millis(1_500));
    assert!(stand.run_all().is_empty(), "there is nobody to run it for");
}

#[tokio::test(start_paused = true)]
async fn who_leaves_a_batch_that_has_begun_is_told_that_nobody_knows() {
    let (coalescer, stand) = stand();
    let waiting = tokio::spawn({
        let coalescer = coalescer.clone();
        async move { coalescer.submit("a", 1).await }
    });
    tokio::task::yield_now().await;
    let mut ticket = stand.next().unwrap();
    ticket.run(|_, _, asks| sum(asks)).unwrap();
    let began = tokio::time::Instant::now();
    assert!(matches!(waiting.await.unwrap(), Err(StoreError::OutcomeUnknown)));
    assert_eq!(began.elapsed(), WAIT_MAX);
    assert!(!ticket.is_wanted());
    ticket.close(None);
}

#[tokio::test]
async fn after_a_lost_commit_nobody_is_told_that_nothing_was_written() {
    let (coalescer, stand) = stand();
    let calls: Vec<Call> = [1, 2, 13].map(|ask| call(&coalescer, "a", ask)).into();
    let mut ticket = stand.next().unwrap();
    let _bad = ticket.run(|_, _, asks| sum(asks));
    ticket.lose_commit();
    ticket.close(None);
    drop(stand.next());
    let answers: Vec<_> = calls.into_iter().map(answer).collect();
    assert!(answers.iter().all(|answer| matches!(answer, Err(StoreError::OutcomeUnknown))), "{answers:?}");
}

#[tokio::test]
async fn a_batch_that_is_run_again_serves_the_same_asks() {
    let (coalescer, stand) = stand();
    let first = call(&coalescer, "a", 1);
    let mut ticket = stand.next().unwrap();
    ticket.run(|_, _, asks| sum(asks)).unwrap();
    let late = call(&coalescer, "a", 2);
    ticket
        .run(|_, _, asks| {
            assert_eq!(asks, [&1]);
            sum(asks)
        })
        .unwrap();
    ticket.close(None);
    assert!(matches!(answer(first), Ok(2)));
    assert_eq!(stand.run_all(), [1]);
    assert!(matches!(answer(late), Ok(3)));
}

#[tokio::test]
async fn where_the_transaction_fails_around_the_work_everybody_is_told_so() {
    let (coalescer, stand) = stand();
    let calls: Vec<Call> = [1, 2].map(|ask| call(&coalescer, "a", ask)).into();
    let mut ticket = stand.next().unwrap();
    ticket.run(|_, _, asks| sum(asks)).unwrap();
    ticket.close(Some(&StoreError::OutcomeUnknown));
    assert!(calls.into_iter().all(|call| matches!(answer(call), Err(StoreError::OutcomeUnknown))));
}

#[tokio::test]
async fn a_door_that_turns_batches_away_leaves_nobody_waiting() {
    struct Shut;
    impl Door<Sum> for Shut {
        fn open(&self, ticket: Ticket<Sum>) {
            ticket.close(Some(&StoreError::Unavailable("the queue is full")));
        }

        fn wait_max(&self) -> Duration {
            WAIT_MAX
        }
    }
    let coalescer = Coalescer::over(Box::new(Shut), Sum, OPTIONS);
    for row in ["a", "b", "a"] {
        assert!(matches!(coalescer.submit(row, 1).await, Err(StoreError::Unavailable("the queue is full"))));
    }
    assert_eq!(coalescer.waiting(), 0);
}

#[tokio::test]
async fn a_ticket_that_is_lost_is_answered_and_the_row_goes_on() {
    let (coalescer, stand) = stand();
    let lost = call(&coalescer, "a", 1);
    drop(stand.next());
    assert!(matches!(answer(lost), Err(StoreError::Unavailable(_))));
    let next = call(&coalescer, "a", 2);
    assert_eq!(stand.run_all(), [1]);
    assert!(matches!(answer(next), Ok(3)));
}
