//! Whether what is there is what was promised, no less and no more.

use std::collections::BTreeMap;

use super::{
    effect::{Census, Effect, Leaves},
    entry::{Entry, Outcome},
};

/// Everything in which the journal and what is there disagree.
pub(super) fn differences(entries: &[Entry], census: &Census) -> Vec<String> {
    let mut owners: BTreeMap<Effect, Vec<&Entry>> = BTreeMap::new();
    for entry in entries {
        for thing in entry.things() {
            owners.entry(thing).or_default().push(entry);
        }
    }
    let mut found = lost_or_doubled(&owners, census);
    found.extend(unasked(&owners, entries, census));
    found.extend(overwritten(entries, census));
    found
}

/// Every acknowledged effect is there exactly once, and was acknowledged to one request.
fn lost_or_doubled(owners: &BTreeMap<Effect, Vec<&Entry>>, census: &Census) -> Vec<String> {
    let mut found = Vec::new();
    for (thing, entries) in owners {
        let asked = entries.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        if entries.len() > 1 {
            found.push(format!("{thing} was answered to several: {asked}"));
        }
        match census.count(thing) {
            1 => {}
            0 => found.push(format!("{thing} was acknowledged to {asked}, and is gone")),
            count => found.push(format!("{thing} is there {count} times; asked by {asked}")),
        }
    }
    found
}

/// Every effect has a request. One whose outcome is unknown to the end may have brought about what it names, once.
fn unasked(owners: &BTreeMap<Effect, Vec<&Entry>>, entries: &[Entry], census: &Census) -> Vec<String> {
    let mut possible: BTreeMap<&Effect, u32> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| entry.outcome == Outcome::Unknown) {
        if let Leaves::Named(thing) = &entry.leaves {
            *possible.entry(thing).or_default() += 1;
        }
    }
    let unowned = census.things().filter(|(thing, _)| !owners.contains_key(*thing));
    let too_many = unowned.filter(|(thing, count)| *count > possible.get(thing).copied().unwrap_or_default());
    too_many.map(|(thing, count)| format!("{thing} is there {count} times, and nobody was told of it")).collect()
}

/// A place holds the last value that was acknowledged for it, or one that was asked later and never answered.
fn overwritten(entries: &[Entry], census: &Census) -> Vec<String> {
    let mut possible: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for entry in entries {
        let Leaves::Value { place, value } = &entry.leaves else { continue };
        match entry.outcome {
            Outcome::Done(..) => _ = possible.insert(place, vec![value]),
            // Nothing acknowledged so far: what was there before anybody asked may still be.
            Outcome::Unknown => possible.entry(place).or_default().push(value),
            Outcome::NotDone | Outcome::Refused(_) => {}
        }
    }
    let acknowledged = |place: &str| {
        entries.iter().any(|entry| {
            matches!((&entry.leaves, &entry.outcome), (Leaves::Value { place: it, .. }, Outcome::Done(..)) if it == place)
        })
    };
    possible
        .into_iter()
        .filter(|(place, _)| acknowledged(place))
        .filter(|(place, values)| !census.value(place).is_some_and(|value| values.contains(&value)))
        .map(|(place, values)| format!("{place} holds {:?} and should hold one of {values:?}", census.value(place)))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn entry(number: usize, leaves: Leaves, outcome: Outcome) -> Entry {
        Entry { number, asked: "POST /x".to_owned(), key: None, leaves, outcome, request_ids: Vec::new() }
    }

    fn coupon(number: usize, id: &str) -> Entry {
        let read = |body: &Value| vec![Effect::new("coupon", body["id"].as_str().unwrap())];
        entry(number, Leaves::Answered(read), Outcome::Done(201, json!({ "id": id })))
    }

    fn census(things: &[&str]) -> Census {
        let mut census = Census::default();
        things.iter().for_each(|id| census.add(Effect::new("coupon", *id)));
        census
    }

    fn sets(number: usize, value: &str, outcome: Outcome) -> Entry {
        entry(number, Leaves::Value { place: "slogan".to_owned(), value: value.to_owned() }, outcome)
    }

    #[test]
    fn what_was_promised_and_is_there_once_agrees() {
        assert_eq!(differences(&[coupon(0, "a"), coupon(1, "b")], &census(&["a", "b"])), [""; 0]);
    }

    #[test]
    fn what_is_lost_doubled_shared_or_unasked_is_found() {
        for (entries, there, word) in [
            (vec![coupon(0, "a")], census(&[]), "is gone"),
            (vec![coupon(0, "a")], census(&["a", "a"]), "2 times"),
            (vec![coupon(0, "a"), coupon(1, "a")], census(&["a"]), "to several"),
            (vec![coupon(0, "a")], census(&["a", "b"]), "nobody was told"),
        ] {
            let found = differences(&entries, &there);
            assert!(found.len() == 1 && found[0].contains(word), "{word}: {found:?}");
        }
    }

    #[test]
    fn what_nobody_heard_of_may_be_there_once() {
        let unknown = entry(0, Leaves::Named(Effect::new("coupon", "a")), Outcome::Unknown);
        let refused = Entry { outcome: Outcome::Refused("no".to_owned()), ..unknown.clone() };
        assert_eq!(differences(std::slice::from_ref(&unknown), &census(&["a"])), [""; 0]);
        assert_eq!(differences(std::slice::from_ref(&unknown), &census(&[])), [""; 0]);
        assert_eq!(differences(&[unknown], &census(&["a", "a"])).len(), 1);
        assert_eq!(differences(&[refused], &census(&["a"])).len(), 1);
    }

    #[test]
    fn a_place_holds_the_last_value_that_was_promised_or_a_later_one() {
        let done = || Outcome::Done(200, Value::Null);
        let entries = [sets(0, "one", done()), sets(1, "two", done()), sets(2, "three", Outcome::Unknown)];
        for (value, differs) in [("one", true), ("two", false), ("three", false), ("other", true)] {
            let mut census = Census::default();
            census.set("slogan", value);
            assert_eq!(differences(&entries, &census).len(), usize::from(differs), "{value}");
        }
    }
}
