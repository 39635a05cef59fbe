//! The OpenAPI documents against the code and against the running server.

use std::{collections::BTreeSet, path::PathBuf};

use huike_access::{IntegrationScope, Permission, ScopeKind};
use huike_server::{api::Audience, routes};
use serde_json::Value;

use crate::both;

const METHODS: [&str; 5] = ["get", "put", "post", "patch", "delete"];

/// Every operation of every document: audience, method, path, operation.
fn operations() -> Vec<(Audience, String, String, Value)> {
    let mut found = Vec::new();
    for audience in Audience::ALL {
        let document = routes::document(audience);
        for (path, item) in document["paths"].as_object().unwrap() {
            for method in METHODS.iter().filter(|method| item.get(**method).is_some()) {
                found.push((audience, method.to_uppercase(), path.clone(), item[*method].clone()));
            }
        }
    }
    found
}

#[test]
fn every_operation_says_who_may_and_how_far_it_reaches() {
    let words = ["none", "signed_in", "customer", "any_key"];
    for (_, method, path, operation) in operations() {
        let permission = operation["x-huike-permission"].as_str().unwrap_or_default();
        let known = permission.parse::<Permission>().is_ok()
            || permission.parse::<IntegrationScope>().is_ok()
            || words.contains(&permission);
        assert!(known, "{method} {path} has the permission {permission:?}");
        let scope = operation["x-huike-scope"].as_str().unwrap_or_default();
        let scope = scope.parse::<ScopeKind>().unwrap_or_else(|_| panic!("{method} {path} has the scope {scope:?}"));
        assert_eq!(scope == ScopeKind::Public, operation.get("security").is_none(), "{method} {path}");
    }
}

#[test]
fn a_name_means_one_type() {
    for audience in Audience::ALL {
        let clashing = routes::clashing_names(audience);
        assert!(clashing.is_empty(), "{audience:?} describes two types under each of {clashing:?}");
    }
}

#[test]
fn nothing_is_described_as_a_text_and_an_object_at_once() {
    for audience in Audience::ALL {
        let document = routes::document(audience);
        let (mut places, mut torn) = (vec![(String::new(), &document["components"])], Vec::new());
        while let Some((here, value)) = places.pop() {
            let types: BTreeSet<&str> =
                value["allOf"].as_array().into_iter().flatten().filter_map(|part| part["type"].as_str()).collect();
            if types.len() > 1 {
                torn.push(here.clone());
            }
            let members = value.as_object().into_iter().flatten().map(|(name, value)| (name.clone(), value));
            let items = value.as_array().into_iter().flatten().enumerate().map(|(index, it)| (index.to_string(), it));
            places.extend(members.chain(items).map(|(name, value)| (format!("{here}/{name}"), value)));
        }
        assert!(torn.is_empty(), "{audience:?}: {torn:?}");
    }
}

#[test]
fn operation_ids_are_unique_and_every_body_has_an_example() {
    for audience in Audience::ALL {
        let mut ids = Vec::new();
        for (_, method, path, operation) in operations().into_iter().filter(|(of, ..)| *of == audience) {
            let place = format!("{method} {path}");
            ids.push(operation["operationId"].as_str().unwrap_or_else(|| panic!("{place}")).to_owned());
            assert!(operation["summary"].as_str().is_some_and(|summary| !summary.is_empty()), "{place}");
            assert!(operation["tags"][0].as_str().is_some_and(|tag| !tag.is_empty()), "{place}");
            let responses = operation["responses"].as_object().unwrap().values();
            for body in responses.chain(operation.get("requestBody")) {
                if let Some(content) = body.pointer("/content/application~1json") {
                    assert!(content.get("example").is_some_and(|example| !example.is_null()), "{place}");
                }
            }
        }
        let all = ids.len();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), all, "an operation id of {audience:?} is not unique");
    }
}

#[test]
fn every_reference_of_a_document_leads_somewhere() {
    for audience in Audience::ALL {
        let document = routes::document(audience);
        let text = document.to_string();
        for target in text.split("\"$ref\":\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(document.pointer(target).is_some(), "{audience:?} refers to {target}");
        }
    }
}

/// Set `HUIKE_UPDATE_OPENAPI=1` to write the documents anew.
#[test]
fn the_committed_documents_are_those_of_the_code() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi");
    for audience in Audience::ALL {
        let file = folder.join(format!("{}.json", audience.word()));
        let present = format!("{:#}\n", routes::document(audience));
        if std::env::var_os("HUIKE_UPDATE_OPENAPI").is_some() {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&file, &present).unwrap();
        }
        let committed = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(
            committed == present,
            "{} is behind the code: HUIKE_UPDATE_OPENAPI=1 cargo test -p huike-server",
            file.display()
        );
    }
}

both! {
    async fn a_stranger_gets_nowhere_but_to_public_operations(app) {
        let stranger = app.stranger().once("a-key");
        for (_, method, path, operation) in operations() {
            if operation["x-huike-scope"] == "public" {
                continue;
            }
            let path = filled(&path);
            stranger.raw(&method, &path, "application/json", "{}").await.problem(401, "unauthenticated");
            let wrong = stranger.with_token("hs_0000000000000000000000000000000000000000000");
            wrong.raw(&method, &path, "application/json", "{}").await.problem(401, "unauthenticated");
        }
    }
}

/// The path with an id for every parameter.
fn filled(path: &str) -> String {
    let parts =
        path.split('/').map(|part| if part.starts_with('{') { "01936f5e-7d2a-7c3e-9a41-5b6c7d8e9f00" } else { part });
    parts.collect::<Vec<&str>>().join("/")
}
