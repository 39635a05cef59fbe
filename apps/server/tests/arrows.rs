//! Which way arrows run between our crates (docs/architecture.md), read from `cargo metadata`.
#![cfg(test)]

use std::{collections::BTreeSet, process::Command};

use cargo_metadata::{DependencyKind, MetadataCommand};

/// Pure crates: rules without a database, HTTP or a runtime.
const DOMAIN: [&str; 9] = [
    "huike-access",
    "huike-coupons",
    "huike-ledger",
    "huike-orders",
    "huike-payments",
    "huike-pricing",
    "huike-sites",
    "huike-trust",
    "huike-webhooks",
];

/// What a pure crate may never reach, not even through somebody else.
const IMPURE: [&str; 9] =
    ["diesel", "actix-web", "tokio", "hyper", "r2d2", "reqwest", "rand", "getrandom", "libsqlite3-sys"];

fn allowed(name: &str) -> Vec<&'static str> {
    let mut below = match name {
        "huike-kernel" | "huike-harness" => return vec![],
        domain if DOMAIN.contains(&domain) => return vec!["huike-kernel"],
        "huike-persistence" => vec![],
        "huike-usecases" => vec!["huike-persistence"],
        "huike-server" => vec!["huike-persistence", "huike-usecases"],
        "huike-bench" => vec!["huike-persistence", "huike-usecases", "huike-server"],
        other => panic!("{other} is new: say in docs/architecture.md and here where it stands"),
    };
    below.extend(DOMAIN);
    below.push("huike-kernel");
    below
}

/// For this platform only: the crates of others need not have been downloaded.
fn metadata() -> cargo_metadata::Metadata {
    let rustc = Command::new("rustc").arg("-vV").output().unwrap();
    let words = String::from_utf8(rustc.stdout).unwrap();
    let host = words.lines().find_map(|line| line.strip_prefix("host: ")).unwrap().to_owned();
    let options = ["--locked", "--offline", "--filter-platform", &host].map(str::to_owned);
    MetadataCommand::new().other_options(options).exec().unwrap()
}

#[test]
fn our_crates_depend_only_downwards() {
    let metadata = metadata();
    for package in metadata.workspace_packages() {
        let allowed = allowed(&package.name);
        let ours = package.dependencies.iter().filter(|d| d.name.starts_with("huike-") && d.name != *package.name);
        for dependency in ours.filter(|d| d.kind == DependencyKind::Normal) {
            assert!(
                allowed.contains(&dependency.name.as_str()),
                "{} must not depend on {}",
                package.name,
                dependency.name
            );
        }
    }
}

/// Asked crate by crate: in the graph of the whole workspace a library carries whatever features its neighbours want.
#[test]
fn pure_crates_reach_no_database_no_http_and_no_runtime() {
    for package in DOMAIN.iter().chain(["huike-kernel"].iter()) {
        let options = ["tree", "--locked", "--offline", "--edges", "normal", "--prefix", "none", "--package", package];
        let tree = Command::new(env!("CARGO")).args(options).output().unwrap();
        assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
        let lines = String::from_utf8(tree.stdout).unwrap();
        let reached: BTreeSet<_> = lines.lines().filter_map(|line| line.split_whitespace().next()).collect();
        assert!(reached.contains(package) && reached.contains("serde"), "this is no tree of {package}: {lines}");
        for impure in IMPURE {
            assert!(!reached.contains(impure), "{package} reaches {impure}");
        }
    }
}
