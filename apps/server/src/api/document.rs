//! The OpenAPI documents, one for each audience, written from the table of operations.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::http::Method;
use serde_json::Value;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        Components, ContentBuilder, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, PathItem, Paths, Ref, RefOr,
        Required, ResponseBuilder, ResponsesBuilder,
        extensions::ExtensionsBuilder,
        path::{HttpMethod, OperationBuilder, Parameter, ParameterBuilder, ParameterIn},
        schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, SchemaType, Type},
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

use super::{Api, Operation, OperationDoc, closed, example};
use crate::problem::ProblemDocument;

/// For whom an API is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Audience {
    /// Staff.
    Admin,
    /// Customers.
    App,
    /// Integrations.
    Open,
}

impl Audience {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Admin, Self::App, Self::Open];

    /// The word in paths and file names.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::App => "app",
            Self::Open => "open",
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::Admin => "Huike 惠客: API for staff",
            Self::App => "Huike 惠客: API for customers",
            Self::Open => "Huike 惠客: API for integrations",
        }
    }
}

/// Why an operation is refused, by status. The codes are in `docs/errors.md`.
const REFUSALS: [(u16, &str); 12] = [
    (400, "The request cannot be read."),
    (401, "There is no credential, or none that is good."),
    (403, "The caller may see this, but not do it."),
    (404, "There is no such thing, or none that the caller may know of."),
    (408, "The body takes too long to come in."),
    (409, "The present state refuses it."),
    (413, "The body is too long."),
    (415, "The body is of another media type."),
    (422, "The request is understood and wrong."),
    (429, "Too many tries; `Retry-After` says when to come again."),
    (500, "A defect of ours."),
    (503, "Too busy; `Retry-After` says when to come again."),
];

/// The document of one audience.
pub fn document(audience: Audience, api: &Api) -> Value {
    let mut components = shared_components();
    let mut paths = Paths::new();
    for operation in api.operations() {
        let mut doc = OperationDoc::default();
        (operation.describe)(&mut doc);
        components.schemas.extend(std::mem::take(&mut doc.schemas));
        let item = PathItem::new(http_method(operation), describe(operation, doc));
        match paths.paths.get_mut(&operation.path) {
            Some(known) => known.merge_operations(item),
            None => drop(paths.paths.insert(operation.path.clone(), item)),
        }
    }
    let info = InfoBuilder::new()
        .title(audience.title())
        .version(env!("CARGO_PKG_VERSION"))
        .license(Some(LicenseBuilder::new().name("Apache-2.0").identifier(Some("Apache-2.0")).build()));
    let document: OpenApi = OpenApiBuilder::new().info(info.build()).paths(paths).components(Some(components)).build();
    let mut document = serde_json::to_value(document).unwrap_or_default();
    closed::close_requests(&mut document);
    add_examples(&mut document);
    document
}

/// Names under which the document would have to describe two types. It has room for one, so the other's operations would
/// be described wrongly; `#[schema(as = …)]` gives a type another name.
pub fn clashing_names(api: &Api) -> BTreeSet<String> {
    let mut known = shared_components().schemas;
    let mut clashing = BTreeSet::new();
    for operation in api.operations() {
        let mut doc = OperationDoc::default();
        (operation.describe)(&mut doc);
        for (name, schema) in doc.schemas {
            match known.get(&name) {
                Some(other) if *other != schema => drop(clashing.insert(name)),
                Some(_) => {}
                None => drop(known.insert(name, schema)),
            }
        }
    }
    clashing
}

fn describe(operation: &Operation, mut doc: OperationDoc) -> utoipa::openapi::path::Operation {
    let mut responses = ResponsesBuilder::new();
    if let Some((status, response)) = doc.answer.take() {
        responses = responses.response(status.to_string(), response);
    }
    // Whatever changes something names things that may be gone, and finds them in some state. The public's are
    // sign-ins and questions.
    if operation.method != Method::GET && !doc.security.is_empty() {
        doc.refuses(&[404, 409]);
    }
    for status in doc.refusals.iter().chain(&[500, 503]) {
        let known = RefOr::Ref(Ref::from_response_name(format!("problem_{status}")));
        responses = responses.response(status.to_string(), known);
    }
    let parameters: Vec<Parameter> = path_parameters(&operation.path).chain(doc.parameters).collect();
    let mut extensions = ExtensionsBuilder::new();
    if let Some((permission, scope)) = doc.access {
        extensions = extensions.add("x-huike-permission", permission).add("x-huike-scope", scope.as_str());
    }
    OperationBuilder::new()
        .operation_id(Some(operation.id))
        .tag(operation.tag)
        .summary(Some(operation.summary))
        .parameters((!parameters.is_empty()).then_some(parameters))
        .request_body(doc.body)
        .responses(responses.build())
        .securities((!doc.security.is_empty()).then_some(doc.security))
        .extensions(Some(extensions.build()))
        .build()
}

/// `{template_id}` is a UUID, any other parameter a text.
fn path_parameters(path: &str) -> impl Iterator<Item = Parameter> {
    let names = path.split('{').skip(1).filter_map(|rest| rest.split(['}', ':']).next());
    names.map(|name| {
        let mut schema = ObjectBuilder::new().schema_type(SchemaType::new(Type::String));
        if name == "id" || name.ends_with("_id") {
            schema = schema.format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)));
        }
        ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Path)
            .required(Required::True)
            .schema(Some(Schema::Object(schema.build())))
            .build()
    })
}

fn http_method(operation: &Operation) -> HttpMethod {
    match operation.method.as_str() {
        "POST" => HttpMethod::Post,
        "PUT" => HttpMethod::Put,
        "PATCH" => HttpMethod::Patch,
        "DELETE" => HttpMethod::Delete,
        _ => HttpMethod::Get,
    }
}

fn shared_components() -> Components {
    let mut components = Components::new();
    let mut schemas = vec![(ProblemDocument::name().into_owned(), ProblemDocument::schema())];
    ProblemDocument::schemas(&mut schemas);
    components.schemas.extend(schemas);
    let problem = || RefOr::<Schema>::Ref(Ref::from_schema_name(ProblemDocument::name()));
    for (status, description) in REFUSALS {
        let content = ContentBuilder::new().schema(Some(problem())).build();
        let response = ResponseBuilder::new().description(description).content("application/problem+json", content);
        components.responses.insert(format!("problem_{status}"), RefOr::T(response.build()));
    }
    let bearer = |description: &str| {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(description));
        RefOr::T(SecurityScheme::Http(scheme.build()))
    };
    let cookie =
        ApiKeyValue::with_description("__Host-huike_session", "With `X-CSRF-Token` on whatever is not GET or HEAD.");
    let schemes = BTreeMap::from([
        ("staff".to_owned(), bearer("The token of `POST /admin/v1/session`, `hs_…`.")),
        ("staff_cookie".to_owned(), RefOr::T(SecurityScheme::ApiKey(ApiKey::Cookie(cookie)))),
        ("customer".to_owned(), bearer("The token of `POST /app/v1/sessions`, `hc_…`.")),
        ("integration".to_owned(), bearer("A key made by staff, `hk_live_…`.")),
    ]);
    components.security_schemes.extend(schemes);
    components
}

/// Gives every JSON body an example, in the request and in the answer.
fn add_examples(document: &mut Value) {
    let components = document.pointer("/components/schemas").cloned().unwrap_or_default();
    let operations = document.get_mut("paths").and_then(Value::as_object_mut).into_iter().flatten();
    let operations = operations.filter_map(|(_, item)| item.as_object_mut()).flatten();
    for (_, operation) in operations {
        if let Some(body) = operation.get_mut("requestBody") {
            add_example(body, &components);
        }
        let responses = operation.get_mut("responses").and_then(Value::as_object_mut).into_iter().flatten();
        responses.for_each(|(_, response)| add_example(response, &components));
    }
}

fn add_example(body: &mut Value, components: &Value) {
    let Some(content) = body.pointer_mut("/content/application~1json").and_then(Value::as_object_mut) else {
        return;
    };
    if let Some(schema) = content.get("schema") {
        let example = example::of(schema, components);
        content.insert("example".to_owned(), example);
    }
}
