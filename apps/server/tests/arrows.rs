//! Which way arrows run between our crates (docs/architecture.md), read from `cargo metadata`.
#![cfg(test)]

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
};

use cargo_metadata::{DependencyKind, MetadataCommand};

/// Pure crates: rules without a database, HTTP or a runtime.
const DOMAIN: [&str; 3] = ["huike-access", "huike-coupons", "huike-sites"];

/// What a pure crate may never reach, not even through somebody else.
const IMPURE: [&str; 8] = ["diesel", "actix-web", "tokio", "r2d2", "reqwest", "rand", "getrandom", "libsqlite3-sys"];

fn allowed(name: &str) -> Vec<&'static str> {
    let mut below = match name {
        "huike-kernel" => return vec![],
        domain if DOMAIN.contains(&domain) => return vec!["huike-kernel"],
        "huike-persistence" => vec![],
        "huike-usecases" => vec!["huike-persistence"],
        "huike-server" => vec!["huike-persistence", "huike-usecases"],
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

#[test]
fn pure_crates_reach_no_database_no_http_and_no_runtime() {
    let metadata = metadata();
    let names: BTreeMap<_, _> = metadata.packages.iter().map(|p| (&p.id, p.name.to_string())).collect();
    let nodes: BTreeMap<_, _> = metadata.resolve.as_ref().unwrap().nodes.iter().map(|n| (&n.id, n)).collect();
    for package in metadata.workspace_packages() {
        if *package.name != *"huike-kernel" && !DOMAIN.contains(&package.name.as_str()) {
            continue;
        }
        let (mut seen, mut next) = (BTreeSet::new(), vec![&package.id]);
        while let Some(id) = next.pop() {
            if !seen.insert(id) {
                continue;
            }
            let normal = nodes[id].deps.iter().filter(|d| d.dep_kinds.iter().any(|k| k.kind == DependencyKind::Normal));
            next.extend(normal.map(|d| &d.pkg));
        }
        let reached: BTreeSet<_> = seen.iter().map(|id| names[*id].as_str()).collect();
        for impure in IMPURE {
            assert!(!reached.contains(impure), "{} reaches {impure}", package.name);
        }
    }
}
