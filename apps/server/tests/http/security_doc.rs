//! Tests that docs/security.md names are in the tree, and are tests.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Macros that make tests of the functions in them, and take nothing else.
const MAKERS: [&str; 3] = ["both! {", "db_test! {", "each_home! {"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The name of the function that begins on this line.
fn function(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let name = line.strip_prefix("async fn ").or_else(|| line.strip_prefix("fn "))?;
    name.split(['(', '<']).next()
}

/// The names of the tests in a file: functions under an attribute that ends in `test`, and those in a maker of tests.
fn tests_of(text: &str) -> BTreeSet<&str> {
    let (mut is_made, mut is_marked) = (false, false);
    let mut found = BTreeSet::new();
    for line in text.lines() {
        let trimmed = line.trim_start();
        if let Some(name) = function(line) {
            let is_test = is_marked || (is_made && line.len() - trimmed.len() == 4);
            found.extend(Some(name).filter(|_| is_test));
        }
        let is_attribute = trimmed.starts_with("#[");
        is_marked = trimmed.ends_with("test]") && is_attribute
            || is_marked && (is_attribute || trimmed.starts_with("//") || trimmed.is_empty());
        is_made = (is_made || MAKERS.contains(&line)) && line != "}";
    }
    found
}

/// Every test of our crates.
fn tests_of_the_tree() -> BTreeSet<String> {
    let crates = ["apps", "crates"].map(|part| fs::read_dir(root().join(part)).unwrap());
    let mut folders: Vec<PathBuf> = Vec::new();
    for entry in crates.into_iter().flatten() {
        let path = entry.unwrap().path();
        folders.extend(["src", "tests"].map(|part| path.join(part)).into_iter().filter(|folder| folder.is_dir()));
    }
    let mut found = BTreeSet::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(path).unwrap();
                found.extend(tests_of(&text).into_iter().map(str::to_owned));
            }
        }
    }
    found
}

/// What the document names in backticks and has the form of a law: three words or more.
fn named() -> BTreeSet<String> {
    let text = fs::read_to_string(root().join("docs/security.md")).unwrap();
    let is_law = |word: &&str| {
        word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_') && word.matches('_').count() > 1
    };
    let lines = text.lines().flat_map(|line| line.split('`').skip(1).step_by(2));
    lines.filter(is_law).map(str::to_owned).collect()
}

#[test]
fn every_test_that_the_document_of_security_names_is_a_test_of_the_tree() {
    let (named, tests) = (named(), tests_of_the_tree());
    assert!(named.len() > 40, "{named:?}");
    let absent: Vec<_> = named.difference(&tests).collect();
    assert!(absent.is_empty(), "named in docs/security.md, and no test: {absent:#?}");
}

#[test]
fn a_function_that_is_no_test_does_not_pass_for_one() {
    let text = "#[cfg(test)]\nmod tests {\n    fn a_helper() {}\n\n    #[test]\n    fn a_law(x in 0..9) {\n        \
                fn an_inner_one() {}\n    }\n}\nboth! {\n    /// Why.\n    async fn another_law(app) {\n    }\n}\n\
                fn a_last_one() {}\n#[actix_web::test]\n#[should_panic]\nasync fn a_third_law() {\n";
    assert_eq!(tests_of(text), BTreeSet::from(["a_law", "another_law", "a_third_law"]));
}
