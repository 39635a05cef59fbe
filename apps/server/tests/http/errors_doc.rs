//! Codes of refusals: what the code says, what has texts, and what docs/errors.md tells of are the same.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// Codes that only start-up or the log sees. Told in the last section of the document, without texts.
const NEVER_ANSWERED: [&str; 9] = [
    "code_guess_policy_invalid",
    "code_key_invalid",
    "holiday_file_invalid",
    "node_chain_broken",
    "use_times_invalid",
    "webhook_secret_malformed",
    "webhook_signature_wrong",
    "webhook_timestamp_far",
    "webhook_timestamp_malformed",
];

/// Codes of fields whose sentence says more than a text could, so they have none.
const FIELDS_WITHOUT_TEXT: [&str; 1] = ["invalid"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every Rust file in the sources of the workspace.
fn sources() -> Vec<String> {
    let mut found = Vec::new();
    let crates = fs::read_dir(root().join("crates")).unwrap().map(|entry| entry.unwrap().path());
    let mut folders: Vec<PathBuf> = crates.chain([root().join("apps/server")]).map(|it| it.join("src")).collect();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.extension().and_then(|extension| extension.to_str()) {
                None => folders.push(path),
                Some("rs") => found.push(fs::read_to_string(path).unwrap()),
                Some(_) => {}
            }
        }
    }
    found
}

/// The words in quotes that have the form of a code.
fn quoted(text: &str) -> impl Iterator<Item = String> {
    text.split('"').skip(1).step_by(2).filter(|word| is_code(word)).map(str::to_owned)
}

fn is_code(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
}

/// Every code that a refusal may have: what `code` gives and what `Refusal::words` lists, without the tests' own.
fn codes_of_the_code() -> BTreeSet<String> {
    let mut codes = BTreeSet::new();
    for text in sources() {
        let text = text.split("#[cfg(test)]\nmod tests").next().unwrap();
        for start in ["fn code(&self) -> &'static str {", "fn words(&self) -> (StatusCode, &'static str) {"] {
            for rest in text.split(start).skip(1) {
                codes.extend(quoted(rest.split("\n    }\n").next().unwrap()));
            }
        }
        for line in text.lines().filter(|line| line.contains("::new(StatusCode::") || line.contains("::new(status, \""))
        {
            codes.extend(quoted(line).take(1));
        }
    }
    codes
}

/// The codes that are sentences about one field.
fn codes_of_fields() -> BTreeSet<String> {
    let documents = ["crates/coupons/src/rules/problem.rs", "crates/pricing/src/offer/validate.rs"];
    let codes = documents.into_iter().flat_map(|path| {
        let faults = fs::read_to_string(root().join(path)).unwrap();
        let body = faults.split("fn code(self)").nth(1).unwrap().split("\n    }\n").next().unwrap();
        quoted(body).collect::<Vec<String>>()
    });
    codes.collect()
}

/// The texts of each code, by language: those of refusals, and those of fields.
type Texts = BTreeMap<String, BTreeSet<&'static str>>;

fn texts() -> (Texts, Texts) {
    let (mut refusals, mut fields) = (Texts::new(), Texts::new());
    for entry in fs::read_dir(root().join("apps/server/locales")).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        let mut key = "";
        for line in text.lines().filter(|line| !line.starts_with('#') && !line.starts_with("_version")) {
            if let Some(top) = line.strip_suffix(':').filter(|top| is_code(top)) {
                key = top;
            }
            let field = line.trim().split(':').next().unwrap();
            if key == "rejections" {
                continue; // Words of a quote, no refusals: `http/quotes` holds them to their codes.
            }
            let place = match key {
                "fields" if field == "fields" => continue,
                "fields" => fields.entry(field.to_owned()).or_default(),
                code => refusals.entry(code.to_owned()).or_default(),
            };
            place.extend(["en", "zh-CN"].into_iter().filter(|language| line.contains(&format!("{language}: \""))));
        }
    }
    (refusals, fields)
}

/// The codes in the first column of the document's tables, from this heading up to that one.
fn documented(from: &str, to: &str) -> BTreeSet<String> {
    let text = fs::read_to_string(root().join("docs/errors.md")).unwrap();
    let part = text.split(from).nth(1).unwrap().split(to).next().unwrap();
    let rows = part.lines().filter(|line| line.starts_with("| `")).map(|line| line.split('|').nth(1).unwrap());
    rows.flat_map(|cell| cell.split('`').skip(1).step_by(2)).map(str::to_owned).collect()
}

fn set<'a>(words: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    words.into_iter().map(str::to_owned).collect()
}

fn missing(wanted: &BTreeSet<String>, present: &BTreeSet<String>) -> Vec<String> {
    wanted.difference(present).cloned().collect()
}

#[test]
fn every_code_of_the_code_has_texts_in_both_languages() {
    let (refusals, fields) = texts();
    let mut speechless: Vec<String> = Vec::new();
    for code in missing(&codes_of_the_code(), &set(NEVER_ANSWERED)) {
        let languages = refusals.get(&code).or_else(|| fields.get(&code));
        if languages.map(BTreeSet::len) != Some(2) {
            speechless.push(code);
        }
    }
    assert_eq!(speechless, Vec::<String>::new(), "without a text in en or zh-CN");
}

#[test]
fn every_text_is_in_both_languages() {
    let (refusals, fields) = texts();
    let half: Vec<_> = refusals.iter().chain(&fields).filter(|(_, languages)| languages.len() != 2).collect();
    assert!(half.is_empty(), "{half:?}");
}

/// One word per idea: two codes with one sentence would be one code with two names.
#[test]
fn no_two_codes_say_the_same() {
    let mut said: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for entry in fs::read_dir(root().join("apps/server/locales")).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        let mut code = String::new();
        for line in text.lines() {
            if let Some(top) = line.strip_suffix(':').filter(|top| is_code(top)) {
                top.clone_into(&mut code);
            }
            if let Some(sentence) = line.strip_prefix("    en: ").filter(|_| code != "fields") {
                said.entry(sentence.to_owned()).or_default().insert(code.clone());
            }
        }
    }
    assert!(said.len() > 100, "{}", said.len());
    let twice: Vec<_> = said.iter().filter(|(_, codes)| codes.len() > 1).collect();
    assert!(twice.is_empty(), "{twice:#?}");
}

#[test]
fn the_document_tells_of_the_codes_that_have_texts_and_of_no_others() {
    let (refusals, fields) = texts();
    let told = documented("## The request itself", "## Faults of fields");
    let spoken: BTreeSet<String> = refusals.keys().cloned().collect();
    assert_eq!(missing(&spoken, &told), Vec::<String>::new(), "not in docs/errors.md");
    assert_eq!(missing(&told, &spoken), Vec::<String>::new(), "in docs/errors.md, but without a text");

    let told = documented("## Faults of fields", "## Never answered");
    let spoken: BTreeSet<String> = fields.keys().cloned().chain(set(FIELDS_WITHOUT_TEXT)).collect();
    assert_eq!(missing(&spoken, &told), Vec::<String>::new(), "not among the faults of fields");
    assert_eq!(missing(&told, &spoken), Vec::<String>::new(), "a fault of fields without a text");
    let faults = missing(&codes_of_fields(), &set(["coupon_kind_unsupported"]));
    assert_eq!(
        missing(&faults.into_iter().collect(), &spoken),
        Vec::<String>::new(),
        "a fault of rules without a text"
    );
}

#[test]
fn the_document_tells_of_every_code_there_is() {
    let text = fs::read_to_string(root().join("docs/errors.md")).unwrap();
    let silent: Vec<String> =
        codes_of_the_code().into_iter().filter(|code| !text.contains(&format!("`{code}`"))).collect();
    assert_eq!(silent, Vec::<String>::new(), "not in docs/errors.md");
}
