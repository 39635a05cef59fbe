//! What every law of the matrix needs: the brand, a row of each kind at each place, people, and the list of what was
//! found wrong, so that one run tells all of it.

use huike_access::Permission;
use serde_json::Value;

use super::{
    ask::{Ask, names},
    operation::{Operation, operations},
    people::People,
    rows::{Fresh, HIDDEN, Place, Rows, Table},
};
use crate::support::{Answer, Client, TestApp, brand::Brand};

/// The stage.
pub struct Stage<'a> {
    pub brand: &'a Brand,
    pub table: Table,
    pub people: People<'a>,
    /// Every operation for staff that asks for a permission.
    pub operations: Vec<(Operation, Permission)>,
    pub findings: Findings,
}

impl<'a> Stage<'a> {
    pub async fn set(app: &TestApp, brand: &'a Brand) -> Self {
        let all = operations(app, "admin").await.into_iter();
        let operations = all.filter_map(|operation| {
            let permission = operation.permission.parse().ok()?;
            Some((operation, permission))
        });
        let (operations, table) = (operations.collect(), Table::lay(app, brand).await);
        let hidden = table.sibling.ids(&table.own).into_iter().chain([HIDDEN.to_owned()]).collect();
        let findings = Findings { hidden, found: Vec::new() };
        Self { brand, table, people: People::of(brand), operations, findings }
    }

    /// The rows of a place, with those made anew that the call uses up.
    pub async fn rows(&self, operation: &Operation, place: Place) -> Rows {
        let rows = self.table.at(place);
        if place != Place::Own {
            return rows.clone();
        }
        let fresh = Fresh::at(self.brand, &self.brand.a, &self.brand.a.store, "at-a");
        rows.but(&fresh.rows(operation).await)
    }

    pub async fn call(&self, who: &Client, operation: &Operation, place: Place) -> Answer {
        let rows = self.rows(operation, place).await;
        Ask::about(operation, &rows).send(who).await
    }

    /// Whether the operation is about something that lies somewhere, and not a list of whatever one may see.
    pub fn is_placed(&self, operation: &Operation) -> bool {
        !self.placed_names(operation).is_empty()
    }

    /// The rows an operation speaks of that are different at each place.
    pub fn placed_names(&self, operation: &Operation) -> Vec<&'static str> {
        let named = names(operation, &self.table.own);
        let placed = self.table.own.placed(&self.table.sibling).into_iter();
        placed.filter(|name| named.contains(name)).collect()
    }
}

/// What was found wrong.
pub struct Findings {
    /// Names and ids of what lies at site B.
    hidden: Vec<String>,
    found: Vec<String>,
}

impl Findings {
    /// The caller was let in, and the row was found. What is then wrong with its state or the body is no matter.
    pub fn let_in(&mut self, answer: &Answer, what: &str) {
        let shut_out =
            matches!(answer.status, 400 | 401 | 404 | 405 | 415 | 500..) || code(answer) == "permission_denied";
        self.note(!shut_out, answer, what);
    }

    /// 403 for want of the permission.
    pub fn denied(&mut self, answer: &Answer, what: &str) {
        self.refused_as(answer, "permission_denied", what);
    }

    /// 403 with that code.
    pub fn refused_as(&mut self, answer: &Answer, word: &str, what: &str) {
        self.note(answer.status == 403 && code(answer) == word, answer, what);
    }

    /// As if it were not there.
    pub fn not_found(&mut self, answer: &Answer, what: &str) {
        self.note(answer.status == 404, answer, what);
        self.tells_nothing(answer, what);
    }

    /// Refused, in whichever way.
    pub fn refused(&mut self, answer: &Answer, what: &str) {
        self.note((400..500).contains(&answer.status), answer, what);
        self.tells_nothing(answer, what);
    }

    /// Neither a name nor an id of what lies at B.
    pub fn tells_nothing(&mut self, answer: &Answer, what: &str) {
        let text = answer.text();
        let told = self.hidden.iter().find(|hidden| text.contains(*hidden)).cloned();
        self.note(told.is_none(), answer, &format!("{what} tells {}", told.unwrap_or_default()));
    }

    pub fn note(&mut self, well: bool, answer: &Answer, what: &str) {
        if !well {
            let text: String = answer.text().chars().take(300).collect();
            self.found.push(format!("{what}: {} {text}", answer.status));
        }
    }

    #[track_caller]
    pub fn assert_none(&self) {
        assert!(self.found.is_empty(), "{} wrong:\n{}", self.found.len(), self.found.join("\n"));
    }
}

fn code(answer: &Answer) -> Value {
    answer.json()["code"].clone()
}
