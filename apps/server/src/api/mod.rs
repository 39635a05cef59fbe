//! The table of operations: what actix serves and what the OpenAPI documents say come from one entry each.
//!
//! An entry names the method, the path, the handler, the operation id and a summary; everything else is read off the
//! handler's type. Its arguments implement [`Describe`] (body, parameters, credential and, with it, permission and
//! scope), its answer implements [`Reply`]. So a document cannot disagree with the code, and an argument nobody can
//! describe does not compile.

mod closed;
mod csv_pages;
mod describe;
mod document;
mod example;
mod reply;

use std::collections::BTreeMap;

use actix_web::{
    Error, FromRequest, Handler, HttpRequest, HttpResponse, Resource, Responder, Route, Scope, guard,
    http::Method,
    web::{self, ServiceConfig},
};

pub use csv_pages::{CsvFile, CsvPage, CsvPages, Reading};
pub use describe::{Describe, OperationDoc};
pub use document::{Audience, clashing_names, document};
pub use reply::{Created, File, NoContent, Reply, WithCookie, csv_answer};

use crate::problem::{Problem, Refusal};

/// One operation.
pub struct Operation {
    method: Method,
    path: String,
    id: &'static str,
    tag: &'static str,
    summary: &'static str,
    describe: fn(&mut OperationDoc),
    route: Box<dyn Fn() -> Route>,
}

/// The operations of one audience, in the order of the document.
pub struct Api {
    prefix: &'static str,
    tag: &'static str,
    operations: Vec<Operation>,
}

impl Api {
    /// An empty table whose paths begin with the prefix.
    pub fn new(prefix: &'static str) -> Self {
        Self { prefix, tag: "", operations: Vec::new() }
    }

    /// Groups the operations that follow.
    pub fn tag(&mut self, tag: &'static str) -> &mut Self {
        self.tag = tag;
        self
    }

    /// The operations so far.
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// Serves the table. A path that is known but not for the method is answered 405 with `Allow`.
    pub fn register(&self, config: &mut ServiceConfig) {
        let mut paths: Vec<&str> = self.operations.iter().map(|operation| operation.path.as_str()).collect();
        // Fixed segments before parameters, so that `/templates/export` is not taken for a template's id.
        paths.sort_by_key(|path| path.split('/').map(|segment| segment.starts_with('{')).collect::<Vec<bool>>());
        // The router tries one path after the other, most of them with a regular expression. So it is first told the
        // collection, which is a plain text, and then only tries what is below.
        let mut collections: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for path in paths {
            let below = collections.entry(collection_of(self.prefix, path)).or_default();
            if !below.contains(&path) {
                below.push(path);
            }
        }
        for (collection, paths) in collections {
            let serve = |scope: Scope, path| scope.service(self.resource(path, collection));
            config.service(paths.into_iter().fold(web::scope(collection), serve));
        }
    }

    /// Everything at one path, which is below the collection.
    fn resource(&self, path: &str, collection: &str) -> Resource {
        let here = || self.operations.iter().filter(move |operation| operation.path == path);
        let allow = allow_header(here().map(|operation| &operation.method));
        let rest = web::resource(path.strip_prefix(collection).unwrap_or(path));
        let resource = here().fold(rest, |resource, operation| resource.route((operation.route)()));
        refuse_other_methods(resource, allow)
    }

    fn add<H, Args>(&mut self, method: Method, path: &str, handler: H, words: (&'static str, &'static str)) -> &mut Self
    where
        H: Handler<Args>,
        Args: FromRequest + Describe + 'static,
        H::Output: Responder + Reply + 'static,
    {
        let route_method = method.clone();
        self.operations.push(Operation {
            method,
            path: format!("{}{path}", self.prefix),
            id: words.0,
            tag: self.tag,
            summary: words.1,
            describe: |doc| {
                <Args as Describe>::describe(doc);
                <H::Output as Reply>::describe(doc);
            },
            route: Box::new(move || {
                let handler = handler.clone();
                let answer = move |request, payload| answer(handler.clone(), request, payload);
                method_route(&route_method).to(answer)
            }),
        });
        self
    }
}

/// A method's door into the table: path, handler, operation id, summary.
macro_rules! doors {
    ($($(#[$doc:meta])* $name:ident = $method:ident;)+) => {
        impl Api {
            $(
                $(#[$doc])*
                pub fn $name<H, Args>(&mut self, path: &str, handler: H, id: &'static str, summary: &'static str) -> &mut Self
                where
                    H: Handler<Args>,
                    Args: FromRequest + Describe + 'static,
                    H::Output: Responder + Reply + 'static,
                {
                    self.add(Method::$method, path, handler, (id, summary))
                }
            )+
        }
    };
}

doors! {
    /// Adds an operation that reads.
    get = GET;
    /// Adds an operation that makes or acts.
    post = POST;
    /// Adds an operation that sets.
    put = PUT;
    /// Adds an operation that changes a part.
    patch = PATCH;
    /// Adds an operation that removes.
    delete = DELETE;
}

impl Operation {
    /// The method and the path with its parameters in braces.
    pub fn place(&self) -> (&Method, &str) {
        (&self.method, &self.path)
    }
}

/// Asks who is calling, then reads the rest of the request, then lets the handler answer.
async fn answer<H, Args>(handler: H, request: HttpRequest, payload: web::Payload) -> Result<HttpResponse, Error>
where
    H: Handler<Args>,
    Args: FromRequest + Describe,
    H::Output: Responder + 'static,
{
    Args::admit(&request).await?;
    let args = Args::from_request(&request, &mut payload.into_inner()).await.map_err(Into::into)?;
    Ok(handler.call(args).await.respond_to(&request).map_into_boxed_body())
}

/// The fixed part of a path that it shares with all others of its kind: the prefix and one segment.
fn collection_of<'p>(prefix: &str, path: &'p str) -> &'p str {
    let kind = path.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('/')).unwrap_or_default();
    let kind = kind.split('/').next().filter(|kind| !kind.starts_with('{')).unwrap_or_default();
    let length = prefix.len().saturating_add(kind.len()).saturating_add(usize::from(!kind.is_empty()));
    path.get(..length).unwrap_or(path)
}

fn method_route(method: &Method) -> Route {
    if method == Method::GET { reads() } else { web::method(method.clone()) }
}

/// Whatever answers GET answers HEAD too; the server leaves the body out.
pub fn reads() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}

fn allow_header<'a>(methods: impl Iterator<Item = &'a Method>) -> String {
    let mut names: Vec<&str> = methods.map(Method::as_str).collect();
    if names.contains(&"GET") {
        names.push("HEAD");
    }
    names.join(", ")
}

fn refuse_other_methods(resource: Resource, allow: String) -> Resource {
    resource.default_service(web::to(move || {
        let refusal = Refusal::MethodNotAllowed { allow: allow.clone() };
        std::future::ready(Err::<NoContent, Problem>(refusal.into()))
    }))
}

/// What answers a path that nothing is served at.
pub async fn unknown_path(_request: HttpRequest) -> Result<NoContent, Problem> {
    Err(Problem::not_found())
}
