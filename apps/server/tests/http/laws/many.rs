//! Many calls at once, and what became of them.

use std::{collections::BTreeMap, future::Future};

use actix_web::rt;

use crate::support::Answer;

/// Starts every call before it waits for the first answer; the answers in the order of the calls.
pub async fn at_once<C>(calls: impl IntoIterator<Item = C>) -> Vec<C::Output>
where
    C: Future + 'static,
    C::Output: 'static,
{
    let running: Vec<_> = calls.into_iter().map(rt::spawn).collect();
    let mut answers = Vec::with_capacity(running.len());
    for call in running {
        answers.push(call.await.unwrap());
    }
    answers
}

/// `201` for what went well, `409 coupon_sold_out` for a refusal.
pub fn word(answer: &Answer) -> String {
    match answer.json()["code"].as_str() {
        Some(code) if answer.status >= 400 => format!("{} {code}", answer.status),
        _ => answer.status.to_string(),
    }
}

/// How many of each there were.
pub fn tally<'a>(answers: impl IntoIterator<Item = &'a Answer>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for answer in answers {
        *counts.entry(word(answer)).or_default() += 1;
    }
    counts
}

/// Exactly these, and no others.
#[track_caller]
pub fn assert_tally(answers: &[Answer], expected: &[(&str, usize)]) {
    let expected: BTreeMap<String, usize> =
        expected.iter().filter(|(_, count)| *count > 0).map(|(word, count)| ((*word).to_owned(), *count)).collect();
    assert_eq!(tally(answers), expected);
}
